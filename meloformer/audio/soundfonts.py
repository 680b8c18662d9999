"""The SoundFont that plays the music.

The first that exists of

1. the largest `.sf2` or `.sf3` in `SOUNDFONT_FOLDER`,
2. the best General MIDI font that the system has, by the names in `RANKING`,
3. the small one inside the pretty_midi package, so that there is always one.
"""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from meloformer.errors import AudioError
from meloformer.phrases import phrase
from meloformer.resources import soundfont_folder

SOUNDFONT_FOLDER = soundfont_folder()
"""What a musician puts there is meant: `soundfonts/` of a checkout, or of the user's folder."""

SYSTEM_FOLDERS = tuple(
    Path(prefix) / folder
    for prefix in ("/usr/share", "/usr/local/share", "/opt/homebrew/share")
    for folder in ("sounds/sf3", "sounds/sf2", "soundfonts")
)

RANKING = (
    "musescore_general",
    "mscore",
    "generaluser",
    "fluidr3_gm",
    "fluidr3",
    "sgm",
    "arachno",
    "default-gm",
    "timgm6mb",
)
"""Beginnings of the file names of General MIDI fonts, best first. Others are not considered: a font
of one piano would play the drums, too."""


def find_soundfont(folder: Path, system_folders: Sequence[Path] = SYSTEM_FOLDERS) -> Path:
    """Find the SoundFont to play with.

    Args:
        folder: The musician's own SoundFonts; may be missing or empty.
        system_folders: Where the system keeps its SoundFonts.

    Raises:
        AudioError: There is none, not even that of pretty_midi.
    """
    own = max(_soundfonts(folder), key=_size, default=None)
    if own is not None:
        return own
    system = [path for each in system_folders for path in _soundfonts(each) if _rank(path) >= 0]
    if system:
        return min(system, key=lambda path: (_rank(path), -_size(path)))
    bundled = _bundled_soundfont()
    if bundled is not None:
        return bundled
    raise AudioError(
        "No SoundFont was found, so there is nothing to play the notes with.",
        hint=phrase(
            "Put a General MIDI .sf2 or .sf3 file into `{folder}`.",
            folder=folder,
        ),
    )


def _soundfonts(folder: Path) -> Iterator[Path]:
    """List the SoundFonts of a folder by name, without half-finished downloads."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in {".sf2", ".sf3"} and _is_soundfont(path):
            yield path


def _is_soundfont(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return head[:4] == b"RIFF" and head[8:] == b"sfbk"


def _size(path: Path) -> int:
    return path.stat().st_size


def _rank(path: Path) -> int:
    """Return the position in `RANKING`, or -1."""
    name = path.name.lower()
    return next((rank for rank, start in enumerate(RANKING) if name.startswith(start)), -1)


def _bundled_soundfont() -> Path | None:
    # Located without importing: pretty_midi takes half a second to import.
    spec = find_spec("pretty_midi")
    for place in spec.submodule_search_locations or [] if spec else []:
        font = next(_soundfonts(Path(place)), None)
        if font is not None:
            return font
    return None
