from pathlib import Path

import pytest
from starlette.testclient import TestClient

from meloformer.evaluation.listening.pairs import ListeningTest
from meloformer.evaluation.listening.votes import Answer, VoteFile
from tests.evaluation.listening.small_test import write_small_test
from ui.listening.app import MAX_VOTE_BYTES, listening_app

ME, OTHER = "1" * 32, "2" * 32


@pytest.fixture
def test(tmp_path: Path) -> ListeningTest:
    return write_small_test(tmp_path)


@pytest.fixture
def client(tmp_path: Path, test: ListeningTest) -> TestClient:
    return TestClient(listening_app(tmp_path, test), base_url="http://127.0.0.1")


def vote(pair: str, liked: str = "a", real: str = "b", listener: str = ME) -> dict[str, str]:
    return {"listener": listener, "pair": pair, "liked": liked, "real": real}


def test_nothing_says_which_is_which_before_all_pairs_are_judged(client, test):
    told = client.get(f"/pairs?listener={ME}").json()["pairs"]
    assert all(one.keys() == {"name", "seam_s", "vote"} for one in told)
    assert client.get(f"/result?listener={ME}").status_code == 403
    for pair in test.pairs:
        answer = client.get(f"/sound/{pair.name}/a?listener={ME}")
        assert answer.headers.keys().isdisjoint({"last-modified", "etag", "content-disposition"})
        client.post("/votes", json=vote(pair.name))
    result = client.get(f"/result?listener={ME}").json()["pairs"]
    true = {one["name"]: one["true"] for one in result}
    for pair in test.pairs:
        assert (true[pair.name] == "a") == test.is_true_first(ME, pair.name)


def test_a_and_b_are_the_true_and_the_written_sound(client, test, tmp_path):
    for listener in (ME, OTHER):
        for pair in test.pairs:
            a, b = (
                client.get(f"/sound/{pair.name}/{side}?listener={listener}").content
                for side in "ab"
            )
            true = (tmp_path / pair.true).read_bytes()
            assert (a == true) == test.is_true_first(listener, pair.name)
            assert {a, b} == {true, (tmp_path / pair.written).read_bytes()}


def test_a_vote_is_kept_as_what_it_was_for(client, test, tmp_path):
    name = test.pairs[0].name
    assert client.post("/votes", json=vote(name, liked="", real="b")).json() == {"kept": True}
    (kept,) = VoteFile(tmp_path).read()
    b_is = Answer.WRITTEN if test.is_true_first(ME, name) else Answer.TRUE
    assert (kept.liked, kept.real) == (Answer.NEITHER, b_is)
    told = client.get(f"/pairs?listener={ME}").json()["pairs"]
    assert next(one["vote"] for one in told if one["name"] == name) == {"liked": "", "real": "b"}


@pytest.mark.parametrize(
    "content",
    [
        {}, [], "a", vote("../x"), vote("00000000", liked="c"), vote("00000000", listener="x"),
        {**vote("00000000"), "real": None},
    ],
)  # fmt: skip
def test_what_is_no_vote_is_refused_and_not_kept(client, tmp_path, content):
    assert client.post("/votes", json=content).status_code == 400
    assert not VoteFile(tmp_path).path.exists()


def test_other_pages_and_long_bodies_are_refused(client, test):
    mine = vote(test.pairs[0].name)
    foreign = {"origin": "https://example.org"}
    assert client.post("/votes", json=mine, headers=foreign).status_code == 403
    assert client.get("/", headers={"host": "example.org"}).status_code == 421
    long = {**mine, "more": "x" * MAX_VOTE_BYTES}
    assert client.post("/votes", json=long).status_code == 413
    assert client.get(f"/sound/{test.pairs[0].name}/c?listener={ME}").status_code == 404
    assert client.get("/pairs?listener=x").status_code == 404


def test_the_page_is_in_the_visitors_language(client):
    assert '<html lang="en">' in client.get("/").text
    chinese = client.get("/", headers={"accept-language": "zh-CN"}).text
    assert '<html lang="zh-CN">' in chinese
    assert "{static}" not in chinese
