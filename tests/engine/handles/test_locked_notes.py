import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.engine.candidate import Candidate
from meloformer.engine.handles import Handles, Keep, LockedNote, NotesAtOnce
from meloformer.engine.handles.as_json import handles_from_json, handles_to_json
from meloformer.engine.handles.said import handle_words
from meloformer.engine.request import ContinueRequest, PartRequest, Presence, RewriteRequest
from meloformer.engine.tasks import Rewriting
from meloformer.errors import ConfigError
from meloformer.midi.read import read_file
from meloformer.midi.write import write_midi
from meloformer.resources import EXAMPLES
from meloformer.score import Part, Score, Tempo, TimeSignature, Track, note_array
from meloformer.score.grid import DURATION_TICKS
from meloformer.tokens import encode
from meloformer.tokens.note_lines import part_lines
from tests.engine.handles.music import LEFT, ORGAN, held
from tests.engine.handles.test_laws import PARTS, SEEDS, again, few, original, rows, written

NOTES = tuple(
    LockedNote(part, number, *place)
    for number, bar in enumerate(original(PARTS))
    for part, line in bar.items()
    for place in zip(line.onset.tolist(), line.pitch.tolist(), strict=True)
)
HELD = tuple(
    LockedNote(ORGAN, number, *place)
    for number, bar in enumerate(part_lines(encode(held()).ids, 2, 4))
    for place in zip(bar[ORGAN].onset.tolist(), bar[ORGAN].pitch.tolist(), strict=True)
)
COMMON_TIME = ((Tempo(0, 100.0),), (TimeSignature(0, 4, 4),))


@few
@given(st.sets(st.sampled_from(NOTES), min_size=1), st.sampled_from([None, 2, 5]), SEEDS)
def test_locked_notes_of_any_parts_stay_note_by_note(infilling_card, notes, most, seed):
    parts = {one.part for one in notes}
    at_once = (NotesAtOnce(LEFT, most),) if most and LEFT in parts else ()
    handles = Handles(notes=tuple(sorted(notes)), at_once=at_once)
    try:
        bars, _ = written(again(handles, PARTS), seed, infilling_card)
    except ConfigError as error:
        if "contradict each other" not in str(error):
            raise
        return
    before = original(PARTS)
    for one in notes:
        old, new = rows(before[one.bar][one.part]), rows(bars[one.bar][one.part])
        (kept,) = [row for row in old if row[:2] == (one.onset, one.pitch)]
        assert kept in new


@few
@given(st.sampled_from(PARTS), st.integers(0, 1), st.sets(st.sampled_from(NOTES)), SEEDS)
def test_a_bar_of_a_part_that_is_locked_gets_no_other_notes(
    infilling_card, part, number, others, seed
):
    before = original(PARTS)
    locked = {one for one in NOTES if (one.part, one.bar) == (part, number)} | others
    if not locked:
        return
    handles = Handles(notes=tuple(sorted(locked)))
    bars, _ = written(again(handles, PARTS), seed, infilling_card)
    if part in before[number]:
        assert rows(bars[number][part]) == rows(before[number][part])


@few
@given(st.sets(st.sampled_from(HELD), min_size=1), SEEDS)
def test_no_other_note_ends_a_locked_one(infilling_card, notes, seed):
    request = RewriteRequest(
        first_bar=2,
        last_bar=4,
        parts=(PartRequest(ORGAN, Presence.FREE),),
        handles=Handles(notes=tuple(sorted(notes))),
    )
    bars, _ = written(request, seed, infilling_card, held())
    spans = [
        (48 * number + onset, 48 * number + onset + ticks, pitch, (number, onset, pitch))
        for number, bar in enumerate(bars)
        if ORGAN in bar
        for onset, pitch, ticks in zip(
            bar[ORGAN].onset.tolist(),
            bar[ORGAN].pitch.tolist(),
            DURATION_TICKS[bar[ORGAN].duration_step].tolist(),
            strict=True,
        )
    ]
    locked = {(one.bar, one.onset, one.pitch) for one in notes}
    for start, end, pitch, place in spans:
        if place in locked:
            others = [span for span in spans if span[2] == pitch and span[3] not in locked]
            assert all(one[1] <= start or one[0] >= end for one in others)


def test_a_locked_note_that_is_not_there_and_one_of_a_kept_rhythm_are_refused(infilling_card):
    wrong = dataclasses.replace(NOTES[0], pitch=1)
    with pytest.raises(ConfigError, match="locked note is not in the bars"):
        written(again(Handles(notes=(wrong,)), PARTS), 1, infilling_card)
    late = dataclasses.replace(NOTES[0], bar=7)
    with pytest.raises(ConfigError, match="locked note is not in the bars"):
        written(again(Handles(notes=(late,)), PARTS), 1, infilling_card)
    with pytest.raises(ConfigError, match="Keeping the rhythm"):
        Handles(notes=NOTES[:1], keep=Keep.RHYTHM)
    with pytest.raises(ConfigError, match="a continuation has none"):
        ContinueRequest(handles=Handles(notes=NOTES[:1]))


def test_locked_notes_travel_as_json_and_in_words():
    handles = Handles(notes=tuple(sorted(NOTES)))
    content = json.loads(json.dumps(handles_to_json(handles)))
    assert set(handles_from_json(content).notes) == set(NOTES)
    assert "of Piano" in handle_words(handles)["locked notes"]
    for wrong in ([[0, 1, [0, 0]]], [[0, 1, [0, 0, 128]]], [[0, 1, ["0", 0, 60]]], [[0, 1, 7]]):
        with pytest.raises(ConfigError, match="can't be right"):
            handles_from_json({"locked_notes": wrong})


def test_in_the_file_a_locked_note_stays_as_it_was_played():
    late = [(480 * 4 * bar + 7, 301, 60, 77) for bar in range(4)]  # a little behind the beat
    others = [(480 * (4 * bar + 2), 240, 64, 90) for bar in range(4)]
    tracks = (
        Track("Lead", 0, False, note_array(late + others)),
        Track("Bass", 33, False, note_array([(480 * 4 * bar, 480, 36, 90) for bar in range(4)])),
    )
    file = read_file(write_midi(Score(480, tracks, *COMMON_TIME, 4 * 4 * 480)))
    encoding = encode(file.score, grid=file.grid, parts=file.part_of_track)
    lock = LockedNote(LEFT, 0, 0, 60)
    request = RewriteRequest(
        first_bar=1,
        last_bar=3,
        parts=(PartRequest(Part(0)),),
        handles=Handles(notes=(lock,)),
    )
    new = note_array([(0, 12, 60, 78), (24, 12, 67, 78), (48, 12, 62, 78)])
    score = Score(12, (Track("Lead", 0, False, new),), *COMMON_TIME, 96)
    candidate = Candidate(0, 1, score, (Part(0),), ("C", "C"), 2)
    joined = read_file(Rewriting(encoding, request).joined(file, candidate))
    lead = joined.score.tracks[0].notes.tolist()
    assert [tuple(row) for row in lead if row[2] == 60] == [late[0], late[1], late[3]]
    assert [row[2] for row in lead if 1920 <= row[0] < 3 * 1920] == [60, 67, 62]


def test_what_is_locked_in_an_example_is_byte_for_byte_what_it_was():
    file = read_file((EXAMPLES / "band.mid").read_bytes())
    encoding = encode(file.score, grid=file.grid, parts=file.part_of_track)
    part = file.parts[0]
    (line,) = (bar[part] for bar in part_lines(encoding.ids, 1, 2))
    locks = tuple(
        LockedNote(part, 0, *place)
        for place in zip(line.onset.tolist(), line.pitch.tolist(), strict=True)
    )
    request = RewriteRequest(
        first_bar=1, last_bar=2, parts=(PartRequest(part),), handles=Handles(notes=locks)
    )
    empty = Score(12, (), *COMMON_TIME, 48)
    candidate = Candidate(0, 1, empty, (), ("C",), 1)
    joined = read_file(Rewriting(encoding, request).joined(file, candidate))
    assert np.array_equal(joined.notes.start, file.notes.start)
    assert np.array_equal(joined.notes.velocity, file.notes.velocity)
