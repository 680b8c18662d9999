"""Whatever is uploaded: a score or a sentence."""

import random
import resource
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meloformer.errors import MidiError
from meloformer.score import Score, read_midi
from meloformer.score.score import DURATION, PITCH, START, VELOCITY
from tests.midi.hostile import (
    NOTE,
    READABLE,
    REFUSED,
    WHOLE,
    container,
    meta,
    off,
    on,
    program,
    track,
)

EXAMPLES = sorted(Path("assets/examples").glob("*.mid"))


@pytest.mark.parametrize(("data", "num_notes"), READABLE.values(), ids=READABLE.keys())
def test_odd_files_are_read(data, num_notes):
    score = read_midi(data)
    assert score.num_notes == num_notes
    assert is_sound(score)


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_hopeless_files_are_refused_with_a_sentence_and_a_hint(data, words):
    began = time.process_time()
    with pytest.raises(MidiError, match=words) as refusal:
        read_midi(data)
    assert refusal.value.problem.endswith(".")
    assert refusal.value.hint.endswith(".")
    assert time.process_time() - began < 10


@pytest.mark.parametrize("cut", range(len(WHOLE)))
def test_a_file_cut_anywhere_is_a_score_or_a_sentence(cut):
    assert is_score_or_sentence(WHOLE[:cut])


@given(st.binary(max_size=400))
@example(b"MThd")
def test_any_bytes_are_a_score_or_a_sentence(data):
    assert is_score_or_sentence(data)
    assert is_score_or_sentence(container(b"MTrk" + len(data).to_bytes(4, "big") + data))
    assert is_score_or_sentence(WHOLE[:14] + data)


@settings(max_examples=300)
@given(st.data())
def test_any_damage_to_a_file_leaves_a_score_or_a_sentence(data):
    whole = bytearray(data.draw(st.sampled_from([WHOLE, *(p.read_bytes() for p in EXAMPLES)])))
    start = data.draw(st.sampled_from([0, 0, 20, len(whole) // 2]))
    rng = random.Random(data.draw(st.integers(0, 1 << 32)))
    for _ in range(data.draw(st.integers(1, 30))):
        at = rng.randrange(start, len(whole))
        whole[at] = rng.choice([0, 0x7F, 0x80, 0x90, 0xF0, 0xF7, 0xFF, rng.randrange(256)])
    if data.draw(st.booleans()):
        del whole[rng.randrange(len(whole)) :]
    assert is_score_or_sentence(bytes(whole))


def is_score_or_sentence(data: bytes) -> bool:
    try:
        return is_sound(read_midi(data))
    except MidiError:
        return True


def is_sound(score: Score) -> bool:
    """Whether all that `Score` promises is true."""
    rows = np.concatenate([part.notes for part in score.tracks])
    ticks = [[change.tick for change in c] for c in (score.tempos, score.time_signatures)]
    return bool(
        score.ticks_per_quarter > 0
        and score.end_tick >= (rows[:, START] + rows[:, DURATION]).max()
        and (rows[:, DURATION] >= 1).all()
        and (rows[:, START] >= 0).all()
        and ((rows[:, PITCH] >= 0) & (rows[:, PITCH] <= 127)).all()
        and ((rows[:, VELOCITY] >= 1) & (rows[:, VELOCITY] <= 127)).all()
        and all(0 <= part.program <= 127 and len(part.notes) for part in score.tracks)
        and all(own[0] == 0 and own == sorted(set(own)) for own in ticks)
        and all(4 <= tempo.qpm <= 1000 for tempo in score.tempos)
        and score.duration_s <= 7200
    )


@pytest.mark.parametrize(
    "body",
    [
        track((0, on(60)), *[(0, b"\x3c\x00")] * 1_600_000),
        track(*[(0, program(3))] * 1_600_000, *NOTE),
        track(*[(0, meta(1, b""))] * 1_200_000, *NOTE),
        b"MTrk\x00\x4c\x00\x00" + b"\xff" * 4_980_000,
        b"MTrk\x00\x4c\x00\x00" + b"\x80" * 4_980_000,
        b"MTrk\x00\x00\x00\x00" * 620_000,
        track(
            *[(1, on(pitch)) for pitch in range(128) for _ in range(1500)],
            *[(1, off(pitch)) for pitch in reversed(range(128)) for _ in range(1500)],
        ),
    ],
    ids=["note-offs", "programs", "texts", "ones", "deltas", "empty tracks", "crossed notes"],
)
def test_the_worst_of_the_longest_files_take_seconds_and_megabytes(body):
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.process_time()
    assert is_score_or_sentence(container(body))
    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb < 1000
