import pytest

import meloformer as mf
from meloformer.engine.piece import Piece
from meloformer.errors import MidiError
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array, write_midi


def piece(*, notes: int = 4, bars: int = 1, qpm: float = 120.0, tracks: int = 1) -> Piece:
    """Return a piece of short notes at its beginning, and of one at its end."""
    rows = [(index // 128, 1, index % 128, 64) for index in range(notes - 1)]
    rows.append((480 * 4 * bars - 480, 480, 60, 64))
    score = Score(
        ticks_per_quarter=480,
        tracks=[
            Track(f"part {index}", index % 128, False, note_array(rows)) for index in range(tracks)
        ],
        tempos=[Tempo(0, qpm)],
        time_signatures=[TimeSignature(0, 4, 4)],
        end_tick=480 * 4 * bars,
    )
    return Piece.read("long", write_midi(score))


def test_a_usual_piece_has_room():
    piece(notes=2000, bars=500, tracks=16).require_room()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"notes": 160_000}, "160,000 notes, and up to 150,000"),
        ({"bars": 9_950, "qpm": 1000.0}, "9,950 bars"),
        ({"tracks": 230}, "tracks"),
        ({"bars": 200, "qpm": 8.0}, "6,000 seconds"),
    ],
)
def test_what_could_not_be_kept_is_not_continued(settings, words):
    long = piece(**settings)
    with pytest.raises(MidiError, match=words):
        long.require_room()


def test_it_is_said_before_anything_is_written(model, card):
    song = mf.open(piece(bars=200, qpm=8.0).data)
    with pytest.raises(MidiError, match="too long to go on with"):
        mf.continue_(song, bars=1)
