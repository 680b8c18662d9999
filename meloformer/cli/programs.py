"""The verbs of the command line for other programs: `watch` for a DAW, `mcp` for an assistant."""

import sys
from pathlib import Path
from threading import Event
from typing import Annotated

import tyro

import meloformer as mf


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
