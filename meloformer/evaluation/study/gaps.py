"""Places in held-out songs where bars can be written again with real bars on both sides of them.

A gap has bars before it and as many or fewer after it. What is written into it stands beside what
the song has there; how alike real music is to itself, the bars after the gap say.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.songs import drawn_songs
from meloformer.score.part import Part
from meloformer.score.score import START, Score, Track, note_array
from meloformer.tokens import Encoding, Kind, annotate, bar_ends, crop, decode, encode, vocabulary

Found = TypeVar("Found")

PLACES_TRIED = 6
"""In one song, before it is left out."""
PLAYS_ALL_THE_TIME = 0.75
"""The share of bars in which a part begins a note."""


@dataclass(frozen=True, slots=True, eq=False)
class PartPassage:
    """Bars of music whose tracks are known by their parts; tick 0 is where they begin."""

    score: Score
    parts: tuple[Part, ...]
    """The part of each track, each once."""
    chords: tuple[int, ...]
    """The chord of each bar."""

    def of(self, parts: Sequence[Part]) -> Score:
        """Return the music of some parts; those that do not play have no track."""
        return self._where(lambda part: part in parts)

    def without(self, parts: Sequence[Part]) -> Score:
        """Return the music of all other parts."""
        return self._where(lambda part: part not in parts)

    def _where(self, is_chosen: Callable[[Part], bool]) -> Score:
        tracks = zip(self.score.tracks, self.parts, strict=True)
        return self.score.with_tracks(tuple(track for track, part in tracks if is_chosen(part)))


@dataclass(frozen=True, slots=True, eq=False)
class SongGap:
    """Some bars of a song, and which of them are to be written again."""

    document: int
    document_set: str
    encoding: Encoding
    """The bars before, in, and after the gap, as a piece of their own."""
    first_bar: int
    """The first of the gap, from 0."""
    last_bar: int
    """The bar after its last."""

    @property
    def before(self) -> PartPassage:
        """The bars before the gap."""
        return self.bars(0, self.first_bar)

    @property
    def truth(self) -> PartPassage:
        """What the song has in the gap."""
        return self.bars(self.first_bar, self.last_bar)

    @property
    def following(self) -> PartPassage:
        """As many bars after the gap as it has, or all there are."""
        length = self.last_bar - self.first_bar
        return self.bars(self.last_bar, min(self.last_bar + length, self.encoding.num_bars))

    def bars(self, first_bar: int, last_bar: int) -> PartPassage:
        """Cut out bars; what is held over from before is not among them."""
        ids, vocab = crop(self.encoding.ids, first_bar, last_bar), vocabulary()
        kind = vocab.kind[ids]
        numbers = np.unique(annotate(ids).part[kind == Kind.ONSET])
        parts = sorted(map(Part.from_number, numbers.tolist()), key=lambda part: part.rank)
        chords = vocab.value[ids[kind == Kind.CHORD]]
        return PartPassage(decode(ids), tuple(parts), tuple(chords.tolist()))

    def filled(self, written: PartPassage, again: Sequence[Part]) -> PartPassage:
        """Return all bars with other notes in the gap.

        Args:
            written: What the gap is filled with.
            again: The parts whose own notes give way there.
        """
        whole = self.bars(0, self.encoding.num_bars)
        begin = self.bars(0, self.first_bar).score.end_tick
        end = begin + self.truth.score.end_tick
        rows: dict[Part, list[NDArray[np.int32]]] = {}
        for track, part in zip(whole.score.tracks, whole.parts, strict=True):
            start = track.notes[:, START]
            gives_way = (start >= begin) & (start < end) & (part in again)
            rows[part] = [track.notes[~gives_way]]
        for track, part in zip(written.score.tracks, written.parts, strict=True):
            moved = track.notes.copy()
            moved[:, START] += begin
            rows.setdefault(part, []).append(moved)
        parts = sorted(rows, key=lambda part: part.rank)
        tracks = tuple(
            Track(
                "",
                0 if part.is_drum else part.program,
                part.is_drum,
                note_array(np.concatenate(one)),
            )
            for part, one in ((part, rows[part]) for part in parts)
        )
        before, after = whole.chords[: self.first_bar], whole.chords[self.last_bar :]
        return PartPassage(
            whole.score.with_tracks(tracks), tuple(parts), (*before, *written.chords, *after)
        )


def choose_gaps(
    shards: Shards,
    count: int,
    *,
    bars: tuple[int, int, int] = (8, 8, 8),
    draw: int = 0,
    sets: Sequence[str] = (),
    accept: Callable[[SongGap], Found | None],
) -> tuple[Found, ...]:
    """Draw songs that have such a place, and a place in each. No song is drawn twice.

    Args:
        shards: Held-out songs.
        count: How many; fewer if there are not so many songs.
        bars: Before the gap, in it, and after it.
        draw: 0 takes the first `count` songs, 1 the next, and so on.
        sets: Only songs of these document sets; of all if empty.
        accept: Returns what is to be done there, or `None` if the place will not do.

    Raises:
        DataError: No song has such a place, earlier draws took them all, or a set is not known.
    """
    rng = np.random.default_rng(0)
    found: list[Found] = []
    for document, document_set in drawn_songs(shards, rng, sets):
        if len(found) == count * (draw + 1):
            break
        ids = np.asarray(shards.document(document))
        for encoding in _windows(ids, sum(bars), rng):
            gap = SongGap(document, document_set, encoding, bars[0], bars[0] + bars[1])
            accepted = accept(gap)
            if accepted is not None:
                found.append(accepted)
                break
    if not found[count * draw :]:
        raise DataError(
            f"No held-out song is left that has {sum(bars)} bars with what is to be written.",
            hint="Hold out more music, or ask for an earlier draw.",
        )
    return tuple(found[count * draw :])


def plays_all_the_time(passage: PartPassage, part: Part) -> bool:
    """Return whether a part begins a note in three bars of four or more."""
    played = np.unique(bars_of(passage.of([part])).bar)
    return len(played) >= PLAYS_ALL_THE_TIME * len(passage.chords)


def _windows(
    ids: NDArray[np.uint16], num_bars: int, rng: np.random.Generator
) -> Iterator[Encoding]:
    """Yield windows of a song in a drawn order, each as a piece of its own."""
    places = np.arange(len(bar_ends(ids)) - num_bars + 1)
    for first in rng.permutation(places)[:PLACES_TRIED].tolist():
        encoding = encode(decode(crop(ids, first, first + num_bars)))
        if encoding.num_bars == num_bars == len(bar_ends(encoding.ids)):
            yield encoding
