import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meloformer.corpus.tunes import COMMON, TELLING_BARS, TITLED_BARS, tune_pairs
from tests.corpus.test_duplicates import corpora, in_rows


def pairs(pieces: list[list[int]], names: list[str], share: float = 0.5) -> set[tuple[int, int]]:
    _, bars, offsets = in_rows([(number, one) for number, one in enumerate(pieces)])
    found = tune_pairs(bars << np.uint64(50), offsets, names, share)
    return set(map(tuple, found.tolist()))


def plain_pairs(pieces: list[set[int]], share: float) -> set[tuple[int, int]]:
    found = set()
    for one in range(len(pieces)):
        for other in range(one + 1, len(pieces)):
            shared = len(pieces[one] & pieces[other])
            shorter = min(len(pieces[one]), len(pieces[other]))
            if shared >= TELLING_BARS and shared >= share * shorter - 1e-9:
                found.add((one, other))
    return found


@given(corpora(), st.sampled_from([0.5, 0.75, 1.0]))
def test_the_search_finds_what_comparing_all_pairs_finds(pieces, share: float) -> None:
    number = {bar: index for index, bar in enumerate(sorted({b for _, one in pieces for b in one}))}
    bars = [sorted({number[bar] for bar in one}) for _, one in pieces]
    names = [f"{index}.mid" for index in range(len(bars))]
    assert pairs(bars, names, share) == plain_pairs([set(one) for one in bars], share)


def test_a_movement_belongs_to_its_work() -> None:
    work = list(range(200))
    assert pairs([work, work[40:60]], ["work.mid", "movement.mid"]) == {(0, 1)}


def test_few_bars_want_a_title_as_well() -> None:
    one, other = list(range(8)), list(range(8 - TITLED_BARS, 16 - TITLED_BARS))
    assert pairs([one, other], ["a/dykes__nicaea.mid", "b/Holy_Holy_Holy__nicaea.mid"]) == {(0, 1)}
    assert pairs([one, other], ["a/dykes__nicaea.mid", "b/Joy_to_the_World__antioch.mid"]) == set()
    assert pairs([one, other], ["hymns/1.mid", "hymns/2.mid"]) == set()


def test_a_word_of_very_many_names_is_no_title() -> None:
    pieces = [list(range(8)), list(range(4, 12))] + [[100 + number] for number in range(COMMON)]
    names = [f"hymn {number}.mid" for number in range(len(pieces))]
    assert pairs(pieces, names) == set()
    assert pairs(pieces, [*names[:2], *(f"{n}.mid" for n in range(COMMON))]) == {(0, 1)}


def test_nothing_gives_nothing() -> None:
    assert pairs([], []) == set()
