from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from meloformer.data.shards import Shards, open_shards
from meloformer.evaluation.bits_per_note import summarise
from meloformer.evaluation.ngram import NGram
from meloformer.evaluation.windows import Window, cut_windows
from meloformer.tokens import vocabulary


@pytest.fixture(scope="module")
def train(shards_folder: Path) -> Shards:
    return open_shards(shards_folder / "train")


@pytest.fixture(scope="module")
def ngram(train: Shards) -> NGram:
    return NGram(np.asarray(train.ids))


def plain_costs(shards: Shards, window: Window, length: int) -> list[float]:
    """The same model, written with dictionaries."""
    counts: Counter[tuple[int, ...]] = Counter()
    for document in range(shards.num_documents):
        ids = [int(one) for one in shards.document(document)]
        for n in range(1, length + 1):
            counts.update(tuple(ids[i : i + n]) for i in range(len(ids) - n + 1))
    followers: dict[tuple[int, ...], Counter[int]] = {}
    for gram, count in counts.items():
        followers.setdefault(gram[:-1], Counter())[gram[-1]] = count
    discounts = {}
    for n in range(1, length + 1):
        values = [count for gram, count in counts.items() if len(gram) == n]
        once, twice = values.count(1), values.count(2)
        discounts[n] = once / (once + 2 * twice) if once else 0.5

    def probability(context: tuple[int, ...], token: int) -> float:
        shorter = probability(context[1:], token) if context else 1 / vocabulary().size
        found = followers.get(context)
        if found is None:
            return shorter
        discount = discounts[len(context) + 1]
        seen = max(found[token] - discount, 0.0)
        return (seen + discount * len(found) * shorter) / found.total()

    ids = [int(one) for one in window.ids]
    return [
        -np.log2(probability(tuple(ids[max(place - length + 1, 0) : place]), ids[place]))
        for place in range(1, len(ids))
    ]


@pytest.mark.parametrize("length", [3, 5])
def test_costs_equal_those_of_a_plain_implementation(
    train: Shards, shards_folder: Path, length: int
) -> None:
    windows = cut_windows(open_shards(shards_folder / "held_out"), 200)[:4]
    for window, cost in zip(
        windows, NGram(np.asarray(train.ids), length).costs(windows), strict=True
    ):
        np.testing.assert_allclose(cost, plain_costs(train, window, length), rtol=1e-9)


def test_one_count_serves_shorter_models_too(
    train: Shards, ngram: NGram, shards_folder: Path
) -> None:
    windows = cut_windows(open_shards(shards_folder / "held_out"), 200)
    short = np.concatenate(NGram(np.asarray(train.ids), 5).costs(windows, 3))
    np.testing.assert_array_equal(short, np.concatenate(ngram.costs(windows)))
    assert short.sum() != np.concatenate(NGram(np.asarray(train.ids), 5).costs(windows)).sum()


def test_the_longest_ngrams_fit_their_numbers() -> None:
    assert vocabulary().size ** 6 < 2**63


def test_probabilities_of_all_tokens_add_up_to_one(ngram: NGram, train: Shards) -> None:
    context = train.document(0)[:9]
    windows = [
        Window(np.append(context, token).astype(np.uint16), 0, "band")
        for token in range(vocabulary().size)
        if token != context[0]
    ]
    total = sum(2.0 ** -cost[-1] for cost in ngram.costs(windows))
    assert total == pytest.approx(1.0, abs=1e-3)


def test_known_music_is_cheaper_than_unknown(
    ngram: NGram, train: Shards, shards_folder: Path
) -> None:
    known = cut_windows(train, 200)
    unknown = cut_windows(open_shards(shards_folder / "held_out"), 200)
    bits = [summarise(one, ngram.costs(one)).bits_per_note for one in (known, unknown)]
    assert bits[0] < bits[1]
