"""Files to take away: the piece as MIDI, the new bars alone, the audio, the picture.

MIDI files are small and written at once, the WAV is there when the audio is; what takes seconds
(MP3, the picture, audio mixed as it is heard on the page, sheet music, stems) is made when it is
asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meloformer.app.compose.archives import ENDINGS, EVERYTHING, WAV_STEMS, make_archive
from meloformer.app.compose.picture import picture
from meloformer.app.session import Session
from meloformer.app.state import AppState
from meloformer.app.take import SessionTake, Sound
from meloformer.audio import COMPRESSED_SUFFIX, Synth
from meloformer.audio.files import WAV_SUFFIX, wav_bytes
from meloformer.engine.export import continuation_alone
from meloformer.engine.piece import Piece
from meloformer.engine.recipe_event import without_recipe
from meloformer.errors import AudioError, MeloFormerError
from meloformer.midi.file import MidiFile
from meloformer.phrases import phrase


@dataclass(frozen=True, slots=True)
class Downloads:
    """Files of the selected take or piece; `None` for one that does not exist, or not yet."""

    whole: Path | None = None
    new: Path | None = None
    wav: Path | None = None
    compressed: Path | None = None
    picture: Path | None = None
    musicxml: Path | None = None
    stems_midi: Path | None = None
    stems_wav: Path | None = None
    everything: Path | None = None


LABELS = {
    "whole": phrase("Whole piece (MIDI)"),
    "new": phrase("New bars (MIDI)"),
    "wav": phrase("WAV"),
    "compressed": phrase("MP3"),
    "picture": phrase("Picture"),
    "musicxml": phrase("MusicXML"),
    "stems_midi": phrase("Stems (MIDI)"),
    "stems_wav": phrase("Stems (WAV)"),
    "everything": phrase("Everything (ZIP)"),
}
"""The fields of `Downloads`, and what each is called on the page."""
AUDIO = {"wav": WAV_SUFFIX, "compressed": COMPRESSED_SUFFIX}
"""Audio can be mixed as it is heard on the page."""
MADE = ("wav", "compressed", "picture", *ENDINGS)
"""What is made when it is asked for; the WAV only as it is heard."""


@dataclass(frozen=True, slots=True)
class _Selected:
    """What the links are of: the selected take, or the piece while there is none."""

    piece: Piece
    take: SessionTake | None
    name: str
    data: bytes
    sound: Sound | None
    files: dict[str, Path]

    @property
    def file(self) -> MidiFile:
        return (self.take or self.piece).file

    @property
    def shown(self) -> Piece:
        return self.piece if self.take is None else Piece(self.name, self.file)


def _selected(session: Session) -> _Selected | None:
    piece = session.piece
    take = session.takes[session.selected] if session.selected < len(session.takes) else None
    if piece is None or (take is not None and not take.data):
        return None
    if take is None and piece.file.is_blank:
        return None
    if take is None:
        return _Selected(piece, None, piece.name, piece.data, session.piece_sound, session.files)
    name = session.take_name(session.selected)
    return _Selected(piece, take, name, take.data, take.sound, take.files)


def shown_piece(session: Session) -> Piece | None:
    """Return what is looked at: the piece with the selected take in it, if there is one."""
    what = _selected(session)
    return what.shown if what else None


def links_message(session: Session | None) -> dict[str, Any]:
    """Return a message for the row of links; those that lead nowhere yet are greyed out.

    Args:
        session: Whose files are offered; `None` offers nothing.
    """
    files = downloads(session) if session else Downloads()
    can_make = files.whole is not None
    mixed = bool(session and files.wav and not session.mixer.is_flat)
    rows = []
    for kind, label in LABELS.items():
        path: Path | None = getattr(files, kind)
        is_sound = kind in AUDIO or kind == WAV_STEMS
        is_made = can_make and kind in MADE and not (is_sound and files.wav is None)
        rows.append(
            {
                "label": label,
                "name": path.name if path else "",
                "file": path,
                "kind": kind if is_made else "",
                "audio": kind in AUDIO,
            }
        )
    return {"links": rows, "mixed": mixed}


def downloads(session: Session) -> Downloads:
    """Write the MIDI files of the selected take, or of the piece while there is none.

    Args:
        session: The visitor's music.

    Returns:
        Those, and what has been made of the rest.
    """
    what = _selected(session)
    if what is None:
        return Downloads()
    piece, take = what.piece, what.take

    def new_bars() -> bytes:
        if take is None or session.request is None:
            return b""
        return continuation_alone(piece, session.request, take.candidate)

    kind, whole = "whole", what.data
    if not session.has_recipes:
        kind, whole = "bare", without_recipe(what.data)
    return Downloads(
        whole=_file(session, what, kind, ".mid", lambda: whole),
        new=None if take is None else _file(session, what, "new", "-new-bars.mid", new_bars),
        wav=what.sound.wav if what.sound else None,
        compressed=what.files.get("compressed"),
        picture=what.files.get("picture"),
        **{kind: what.files.get(kind) for kind in ENDINGS},
    )


def make_file(app_state: AppState, session: Session, kind: str, *, as_heard: bool) -> Path:
    """Make a file of the selected take or piece that is made only when it is asked for.

    Args:
        app_state: Makes the audio.
        session: The visitor's music.
        kind: One of `MADE`.
        as_heard: Whether audio is mixed as `session.mixer` says. Of a kind the last such file
            stays.

    Raises:
        MeloFormerError: There is no such kind, no piece, nothing to play it with, or the visitor
            holds too much already.
    """
    what = _selected(session)
    if what is None or kind not in MADE:
        raise MeloFormerError("There is nothing to download yet.")
    if kind not in what.files and not (kind == "wav" and what.sound):
        session.holdings.require_room(session.holder, _about_bytes(what, kind))
    if kind == "picture":
        return _file(session, what, kind, ".png", lambda: picture(session, what.piece, what.take))
    if kind in ENDINGS:
        return _archive(app_state, session, what, kind)
    sound = app_state.sound_of(session, None if what.take is None else session.selected)
    if sound is None:
        raise _no_sound(app_state)
    if as_heard and not session.mixer.is_flat:
        return _as_heard(app_state, session, what, kind, sound)
    if kind == "wav":
        return sound.wav
    if kind not in what.files:
        path = session.new_file(f"{what.name}{AUDIO[kind]}")
        app_state.renderer.compress(sound, path)
        what.files[kind] = path
    return what.files[kind]


def _about_bytes(what: _Selected, kind: str) -> int:
    """Return about how much a file that is made will take; 0 where it is little."""
    sounds = {"wav": 1, WAV_STEMS: len(what.file.parts), EVERYTHING: len(what.file.parts) + 1}
    return sounds.get(kind, 0) * wav_bytes(what.file.last_note_s, Synth.sample_rate)


def _archive(app_state: AppState, session: Session, what: _Selected, kind: str) -> Path:
    if kind not in what.files:
        sound = None
        if kind in (WAV_STEMS, EVERYTHING):
            sound = app_state.sound_of(session, None if what.take is None else session.selected)
        if sound is None and kind == WAV_STEMS:
            raise _no_sound(app_state)
        path = make_archive(app_state.renderer, session, what.shown, kind, sound)
        what.files[kind] = path
    return what.files[kind]


def _no_sound(app_state: AppState) -> AudioError:
    said, _, hint = app_state.sound_problem.partition("\n\nhint: ")
    return AudioError(said or "There is nothing to play it with.", hint=hint)


def _as_heard(
    app_state: AppState, session: Session, what: _Selected, kind: str, sound: Sound
) -> Path:
    path = session.new_file(f"{what.name}-as-heard{AUDIO[kind]}")
    app_state.renderer.mix(what.file, session.mixer, sound, path)
    earlier = what.files.get(f"{kind} as heard")
    what.files[f"{kind} as heard"] = path
    if earlier is not None:
        earlier.unlink(missing_ok=True)
    return path


def _file(
    session: Session, what: _Selected, kind: str, suffix: str, content: Callable[[], bytes]
) -> Path:
    if kind not in what.files:
        what.files[kind] = session.write_file(f"{what.name}{suffix}", content())
    return what.files[kind]
