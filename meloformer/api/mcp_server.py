"""The tools of MeloFormer for assistants that speak the Model Context Protocol, over stdio.

Whoever starts the server reads and writes their own files with it, by path, as in a shell.
"""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from typing_extensions import TypedDict

import meloformer as mf
from meloformer.engine.request import MAX_CANDIDATES
from meloformer.errors import ConfigError, MeloFormerError
from meloformer.outputs import check_outputs

if TYPE_CHECKING:
    from mcp.server import MCPServer

P = ParamSpec("P")
R = TypeVar("R")

INSTRUCTIONS = (
    "Continue MIDI files by whole bars, write bars of them again, describe them, and render them as"
    " audio. Files are named by their path on this machine. Bars count from 1, as musicians do."
)


class Description(TypedDict):
    """What a MIDI file holds."""

    name: str
    bars: int
    tempo: float
    parts: list[str]
    chords: list[str]


class Written(TypedDict):
    """A file with new bars in it."""

    path: str
    chords: list[str]
    """Of the new bars."""
    seed: int


class Rendered(TypedDict):
    """A file of audio."""

    path: str
    seconds: float


def mcp_server() -> "MCPServer":
    """Return the server, with its tools.

    Raises:
        ConfigError: The package `mcp` is not installed.
    """
    try:
        from mcp.server import MCPServer
    except ImportError as error:
        raise ConfigError(
            "The package mcp is not installed.", hint="pip install 'meloformer[mcp]'"
        ) from error
    server = MCPServer("meloformer", instructions=INSTRUCTIONS, version=mf.__version__)
    for tool in (describe, continue_, rewrite, render):
        server.tool(name=tool.__name__.rstrip("_"))(_with_sentences(tool))
    return server


def describe(path: str) -> Description:
    """Say what a MIDI file holds: bars, tempo, parts, and the chord of each bar."""
    song = mf.open(path)
    return Description(
        name=song.name,
        bars=song.num_bars,
        tempo=round(song.tempo, 2),
        parts=list(song.parts),
        chords=list(song.chords),
    )


def continue_(
    path: str,
    out: str,
    bars: int = 8,
    versions: int = 1,
    parts: str = "all",
    chords: str = "",
    scale: str = "",
    seed: int = 1,
    adventure: float = 0.5,
) -> list[Written]:
    """Continue a MIDI file, and write the whole piece with the new bars to another.

    Args:
        path: The file.
        out: Where the result goes, ending in .mid; with several versions a number is added.
        bars: How many to add, 1 to 64.
        versions: How many different continuations, 1 to 4.
        parts: Who plays: "all", or names of parts or instruments with commas.
        chords: One a bar, such as "Am F C G"; free without them.
        scale: What pitched notes keep to: "D dorian", or "key" for that of the piece.
        seed: The same seed makes the same music.
        adventure: From 0 to 1.
    """
    places = _places(path, out, versions)
    takes = mf.continue_(
        path,
        bars,
        parts=parts,
        chords=chords,
        candidates=versions,
        seed=seed,
        adventure=adventure,
        scale=scale,
    )
    return _save(takes, places)


def rewrite(
    path: str,
    out: str,
    bars: str,
    versions: int = 1,
    parts: str = "all",
    chords: str = "",
    keep: str = "",
    lock: str = "",
    seed: int = 1,
) -> list[Written]:
    """Write some bars of a MIDI file again, in view of what is around them.

    Args:
        path: The file.
        out: Where the result goes, ending in .mid; with several versions a number is added.
        bars: Which, such as "9-12"; at most 16.
        versions: How many, 1 to 4.
        parts: Who is written again; the others stay as they are.
        chords: One a bar; free without them.
        keep: "rhythm" for new notes in the same rhythm, "notes" for the other way round.
        lock: "melody", "bass" or names of parts, which stay; or some of their notes: "bass 9-10",
            "piano 9:E4 G4", "piano 9:E4@3" (bar, note, beat).
        seed: The same seed makes the same music.
    """
    places = _places(path, out, versions)
    takes = mf.rewrite(
        path,
        bars,
        parts=parts,
        chords=chords,
        candidates=versions,
        seed=seed,
        keep=keep,
        lock=lock,
    )
    return _save(takes, places)


def render(path: str, out: str) -> Rendered:
    """Render a MIDI file as audio by FluidSynth: WAV or MP3, as the name of `out` ends."""
    (place,) = _places(path, out, 1)
    return Rendered(path=str(place), seconds=round(mf.open(path).render(place).duration_s, 2))


def _places(path: str, out: str, versions: int) -> list[Path]:
    """Return where results go, none of which may be the file itself, or be there already.

    Raises:
        ConfigError: A file is there already, as an assistant replaces none; or the number of
            versions is out of range.
    """
    if not 1 <= versions <= MAX_CANDIDATES:
        raise ConfigError(f"Ask for 1 to {MAX_CANDIDATES} versions.")
    place = Path(out).expanduser()
    if not place.name:
        raise ConfigError(f"{out!r} names no file.", hint="Choose a name ending in .mid.")
    names = [place.with_stem(f"{place.stem}-{number}") for number in range(1, versions + 1)]
    places = names if versions > 1 else [place]
    check_outputs(places, [Path(path)])
    if there := [one for one in places if os.path.lexists(one)]:
        raise ConfigError(f"{there[0]} is there already.", hint="Choose another name.")
    return places


def _save(takes: list[mf.Take], places: list[Path]) -> list[Written]:
    return [
        Written(path=str(take.save(place)), chords=list(take.chords), seed=take.seed)
        for take, place in zip(takes, places, strict=True)
    ]


def _with_sentences(tool: Callable[P, R]) -> Callable[P, R]:
    """Wrap a tool so that what goes wrong is told as a sentence."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return tool(*args, **kwargs)
        except MeloFormerError as error:
            raise ToolError(str(error)) from error

    return told
