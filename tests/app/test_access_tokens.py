import pytest

from meloformer.app.access_tokens import (
    MAX_BYTES,
    MAX_TOKENS,
    TokenChecker,
    new_token,
    read_tokens,
    remove_tokens,
    tokens_beside,
)
from meloformer.errors import ConfigError


@pytest.fixture
def file(tmp_path):
    return tokens_beside(tmp_path / "users.txt")


def test_a_token_is_kept_as_a_hash_for_its_owners_eyes(file):
    token = new_token(file, "anna")
    assert token not in file.read_text()
    assert token.split("_", 2)[2] not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert TokenChecker(file, lambda name: True).user_of(token) == "anna"


def test_tokens_are_taken_away_by_name_or_all(file):
    tokens = [new_token(file, user) for user in ("anna", "anna", "anna", "bert")]
    assert len(set(tokens)) == 4
    assert remove_tokens(file, "anna", read_tokens(file)[0].name) == 1
    assert remove_tokens(file, "anna") == 2
    assert remove_tokens(file, "anna") == 0
    assert [one.user for one in read_tokens(file)] == ["bert"]


def test_a_token_that_is_not_there_cannot_be_taken_away(file):
    new_token(file, "anna")
    name = read_tokens(file)[0].name
    for user, token in (("anna", "x"), ("bert", name)):
        with pytest.raises(ConfigError, match="no token"):
            remove_tokens(file, user, token)


def test_nobody_has_any_number_of_tokens(file):
    for _ in range(MAX_TOKENS):
        new_token(file, "anna")
    with pytest.raises(ConfigError, match="already"):
        new_token(file, "anna")
    new_token(file, "bert")


def test_a_file_that_cannot_be_read_lets_nobody_in(file):
    token = new_token(file, "anna")
    checker = TokenChecker(file, lambda name: True)
    assert checker.user_of(token) == "anna"
    whole = file.read_bytes()
    for content in (b"\xff" + whole, whole + b"#" * MAX_BYTES, b"anna:x\n"):
        file.write_bytes(content)
        assert checker.user_of(token) is None
    file.write_bytes(whole)
    assert checker.user_of(token) == "anna"
    file.unlink()
    assert checker.user_of(token) is None


@pytest.mark.parametrize("token", ["", "_", "__", "mf__", "mf_é_é", "\ud800_\ud800_", "_" * 10_000])
def test_what_is_no_token_is_nobodys(file, token):
    new_token(file, "anna")
    assert TokenChecker(file, lambda name: True).user_of(token) is None
