"""The example pieces: made by their script, and sound as music."""

import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path

import mido
import numpy as np
import pytest

from meloformer.score.chord_recognition import recognise
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.general_midi import part_name

FOLDER = Path(__file__).parents[2] / "assets" / "examples"
NAMES = ("solo-melody", "piano", "choir", "jazz-lead", "band", "jig")
Note = tuple[int, int, int]


def load(name: str) -> mido.MidiFile:
    return mido.MidiFile(FOLDER / f"{name}.mid")


def track_notes(track: mido.MidiTrack) -> list[Note]:
    """(start, duration, pitch) of each note."""
    notes, open_notes, now = [], {}, 0
    for message in track:
        now += message.time
        if message.type == "note_on":
            assert message.note not in open_notes, "a note is struck again while it sounds"
            open_notes[message.note] = now
        elif message.type == "note_off":
            begin = open_notes.pop(message.note)
            notes.append((begin, now - begin, message.note))
    assert not open_notes
    return notes


def metre(file: mido.MidiFile) -> mido.MetaMessage:
    return next(m for m in file.tracks[0] if m.type == "time_signature")


def bars(file: mido.MidiFile) -> np.ndarray:
    bar = 4 * file.ticks_per_beat * metre(file).numerator // metre(file).denominator
    return np.arange(0, sum(message.time for message in file.tracks[0]) + 1, bar)


def chords(name: str) -> list[str]:
    file = load(name)
    pitched = [t for t in file.tracks[1:] if t[1].channel != 9]
    notes = np.array([note for track in pitched for note in track_notes(track)])
    return [CHORD_NAMES[chord] for chord in recognise(*notes.T, bars(file))]


def test_the_script_writes_the_same_bytes_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, FOLDER / "compose.py", tmp_path], check=True)
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(NAMES)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", NAMES)
def test_every_note_is_on_the_grid_and_inside_the_piece(name: str) -> None:
    file = load(name)
    grid = file.ticks_per_beat // 12
    end = bars(file)[-1]
    for track in file.tracks[1:]:
        notes = np.array(track_notes(track))
        assert (notes[:, :2] % grid == 0).all()
        assert (notes[:, 1] > 0).all()
        assert (notes[:, 0] + notes[:, 1]).max() <= end
        assert sum(message.time for message in track) == end


@pytest.mark.parametrize("name", NAMES)
def test_every_track_is_named_and_shaped_in_loudness(name: str) -> None:
    for track in load(name).tracks[1:]:
        assert track.name
        velocities = [m.velocity for m in track if m.type == "note_on"]
        assert len(set(velocities)) > 5
        assert max(velocities) <= 127


def test_the_pieces_are_for_the_forces_they_name() -> None:
    def forces(name: str) -> list[str]:
        tracks = [track[1] for track in load(name).tracks[1:]]
        return [part_name(change.program, change.channel == 9) for change in tracks]

    assert forces("solo-melody") == ["Flute"]
    assert forces("piano") == ["Piano", "Piano"]
    assert forces("choir") == ["Choir (aah)"] * 4
    assert forces("jazz-lead") == ["Tenor sax", "Piano", "Double bass", "Drums"]
    assert len(forces("band")) >= 5
    assert "Fiddle" in forces("jig")
    assert (metre(load("jig")).numerator, metre(load("jig")).denominator) == (6, 8)


def test_recognition_hears_the_changes_that_were_written() -> None:
    assert " ".join(chords("band")) == "Em C G D Em C G D Am Em C D"
    assert " ".join(chords("jig")) == "G G Am D7 G G C G G G D7 D7"
    assert " ".join(chords("piano")) == "D A Bm F#m G D Em7 A7 D F#7 Gmaj7 A7sus4"
    blues = chords("jazz-lead")
    assert blues[4:6] == ["Bb7", "Bdim7"]
    assert blues[7:9] == ["Am7b5", "Gm7"]


def test_the_choir_keeps_the_rules_of_four_part_writing() -> None:
    voices = [track_notes(track) for track in load("choir").tracks[1:]]
    moments = sorted({begin for voice in voices for begin, _, _ in voice})

    def sounding(voice: list[Note], tick: int) -> int:
        return next(p for begin, length, p in voice if begin <= tick < begin + length)

    harmony = [[sounding(voice, tick) for voice in voices] for tick in moments]
    for pitches in harmony:
        soprano, alto, tenor, bass = pitches
        assert soprano >= alto >= tenor >= bass
        assert max(soprano - alto, alto - tenor) <= 12
    for before, after in pairwise(harmony):
        for high, low in combinations(range(4), 2):
            moved = before[high] != after[high] and before[low] != after[low]
            interval = (before[high] - before[low]) % 12
            same = interval == (after[high] - after[low]) % 12
            assert not (moved and same and interval in (0, 7)), (before, after)
