"""The verbs of the command line for other programs.

`watch` and `osc` are for DAWs and patches, `mcp` is for assistants.
"""

import sys
from pathlib import Path
from threading import Event
from typing import Annotated

import tyro

import meloformer as mf
from meloformer.errors import ConfigError


def watch(
    folder: Annotated[Path, tyro.conf.Positional],
    /,
    bars: int = 8,
    parts: str = "all",
    chords: str = "",
    scale: str = "",
    seed: int = 1,
    adventure: float = 0.5,
    model: Path | None = None,
) -> None:
    """Continue every MIDI file that is exported into a folder, until Ctrl-C.

    NAME.mid comes back as NAME-continued.mid beside it; nothing is ever replaced.

    Args:
        folder: What the DAW exports to.
        bars: How many bars to add, 1 to 64.
        parts: Who plays, as in `continue`.
        chords: One a bar, such as "Am F C G".
        scale: What pitched notes keep to, such as "D dorian", or key.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        model: A folder with weights and their card.
    """
    from meloformer.api.watching import continued_path, exported_files

    loaded = mf.load(model)  # before the first export, which is then answered at once
    with exported_files(folder, Event()) as files:
        print(f"watching {folder}; Ctrl-C ends it", file=sys.stderr)
        for path in files:
            try:
                (take,) = mf.continue_(
                    path,
                    bars,
                    parts=parts,
                    chords=chords,
                    scale=scale,
                    seed=seed,
                    adventure=adventure,
                    model=loaded,
                )
                print(take.save(continued_path(path)), flush=True)
            except mf.MeloFormerError as error:  # of this file; the next may be better
                print(f"{path.name}: {error}", file=sys.stderr, flush=True)


def mcp() -> None:
    """Offer tools to an assistant that speaks the Model Context Protocol, over stdin and stdout.

    The tools are continue, rewrite, describe and render. They read and write your files.
    """
    from meloformer.api.mcp_server import mcp_server

    mcp_server().run("stdio")


def osc(
    folder: Annotated[Path, tyro.conf.Positional],
    /,
    port: int = 7861,
    reply_port: int = 0,
    host: str = "127.0.0.1",
    open: bool = False,
    model: Path | None = None,
) -> None:
    """Answer a DAW or a patch that speaks Open Sound Control (OSC), until Ctrl-C.

    It opens MIDI files in a folder, continues them or writes bars of them again, tells of each bar,
    and names the file it has written; docs/osc.md lists the messages. Nothing is ever replaced.

    Args:
        folder: What messages may name files in, and where results go.
        port: UDP port to listen on; 0 takes a free one.
        reply_port: Where answers go; 0 for the port that a message comes from.
        host: Address to listen on.
        open: Let other machines (--host) in: whoever reaches the port may use it.
        model: A folder with weights and their card.
    """
    from meloformer.api.osc_server import OscServer
    from meloformer.app.access import is_this_machine

    if not (open or is_this_machine(host)):
        raise ConfigError(
            f"Anybody who reaches {host} could read and write music in {folder}.",
            hint="Say that they may with --open.",
        )
    server = OscServer(folder, port, host=host, reply_port=reply_port, model=mf.load(model))
    print(f"OSC on {host}, port {server.port}; Ctrl-C ends it", file=sys.stderr, flush=True)
    server.serve()
