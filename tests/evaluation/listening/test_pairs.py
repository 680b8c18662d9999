import json
from pathlib import Path

import pytest

from meloformer.errors import DataError
from meloformer.evaluation.listening.pairs import PAIRS, Origin, read_test
from tests.evaluation.listening.small_test import write_small_test


def test_a_test_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = write_small_test(tmp_path)
    assert read_test(tmp_path) == written
    assert written.pairs[0].file(Origin.TRUE) == written.pairs[0].true


def test_listeners_have_orders_and_sides_of_their_own_and_always_the_same(tmp_path: Path) -> None:
    test = write_small_test(tmp_path)
    listeners = [f"{number:032x}" for number in range(40)]
    orders = {tuple(pair.name for pair in test.in_order(one)) for one in listeners}
    first = [test.is_true_first(one, test.pairs[0].name) for one in listeners]
    assert len(orders) > 3
    assert 8 < sum(first) < 32
    assert test.in_order(listeners[0]) == test.in_order(listeners[0])


def test_a_folder_that_is_no_test_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no listening test"):
        read_test(tmp_path)
    (tmp_path / PAIRS).write_text('{"pairs": 3}')
    with pytest.raises(DataError, match="damaged"):
        read_test(tmp_path)


def test_a_pair_names_no_file_elsewhere(tmp_path: Path) -> None:
    write_small_test(tmp_path / "test")
    (tmp_path / "secret.mp3").write_bytes(b"secret")
    content = json.loads((tmp_path / "test" / PAIRS).read_text())
    content["pairs"][0]["true"] = "../secret.mp3"
    (tmp_path / "test" / PAIRS).write_text(json.dumps(content))
    with pytest.raises(DataError, match="missing"):
        read_test(tmp_path / "test")
