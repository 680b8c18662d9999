from pathlib import Path

import numpy as np
from hypothesis import given
from numpy.typing import NDArray

from meloformer.data.shards import open_shards
from meloformer.score.note_runs import Line, lines_of
from meloformer.tokens import Cursor, Kind, State, annotate, decode, vocabulary
from meloformer.tokens.lines import lines_of_stream
from meloformer.tokens.recent_notes import NUM_RECENT, Note
from tests.strategies import legal_ids

Ids = NDArray[np.uint16]


def by_content(lines: list[Line]) -> list[bytes]:
    return sorted(map(bytes, lines))


def first_pass(ids: Ids) -> Ids:
    ends = np.flatnonzero(np.isin(vocabulary().kind[ids], (Kind.FILL, Kind.EOS)))
    return ids[: ends[0]] if len(ends) else ids


def plain_notes_before(ids: Ids, at: int) -> list[Note]:
    """The notes of the part at a place of a stream that have been read, in the order of music."""
    vocab, read = vocabulary(), annotate(ids[:at])
    first = first_pass(ids[:at])
    lines = annotate(first).onset[first == vocab.id(Kind.SUM)].cumsum()
    starts = np.concatenate(([0], lines))[read.bar] + read.onset
    of_part = (vocab.kind[ids[:at]] == Kind.PITCH) & (read.part == read.part[-1])
    values = vocab.value[ids[:at][of_part]]
    notes = sorted(zip(starts[of_part].tolist(), values.tolist(), strict=True))
    return [note for note in notes if note[0] <= starts[-1]]


def test_a_document_has_the_lines_of_its_score(shards_folder: Path) -> None:
    shards = open_shards(shards_folder / "train")
    for document in range(shards.num_documents):
        ids = np.asarray(shards.document(document))
        assert by_content(lines_of_stream(ids)) == by_content(lines_of(decode(ids)))


@given(legal_ids())
def test_bars_left_open_have_the_notes_that_stay_in_them(ids: Ids) -> None:
    ids = first_pass(ids)
    assert by_content(lines_of_stream(ids)) == by_content(lines_of(decode(ids)))


@given(legal_ids(max_tokens=800))
def test_the_cursor_knows_the_last_notes_of_a_part_in_the_order_of_the_music(ids: Ids) -> None:
    cursor = Cursor()
    for at, token in enumerate(ids.tolist()):
        if cursor.state == State.ONSET:
            expected = plain_notes_before(ids, at)
            assert list(cursor.recent_notes) == expected[-NUM_RECENT:]
        cursor.advance(token)
        if cursor.state == State.PITCH:
            assert cursor.recent_notes[-1] == (cursor.start, cursor.pitch)


@given(legal_ids(max_tokens=100))
def test_a_copy_of_a_cursor_keeps_its_notes(ids: Ids) -> None:
    one = Cursor()
    for token in ids.tolist():
        before = one.copy()
        one.advance(token)
        other = before.copy()
        other.advance(token)
        assert one.recent_notes == other.recent_notes
