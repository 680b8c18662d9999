import pytest

from meloformer.app.access import may_train, owner_of, read_users
from meloformer.errors import ConfigError


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.5", "::1", "localhost"])
def test_this_machine_may_train(host):
    assert may_train(host, has_login=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "studio.local", ""])
def test_others_may_only_train_when_they_have_said_who_they_are(host):
    assert not may_train(host, has_login=False)
    assert may_train(host, has_login=True)


def test_users_are_read_and_passwords_may_hold_colons(tmp_path):
    file = tmp_path / "users"
    file.write_text("# the band\nanna:one\n\nbert:two:three\nnobody:\n:nothing\n")
    assert read_users(file) == [("anna", "one"), ("bert", "two:three")]


@pytest.mark.parametrize("text", ["", "# nobody\n", "anna\n", b"\xff\xfe"])
def test_a_file_that_names_nobody_is_refused(tmp_path, text):
    file = tmp_path / "users"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError, match="users"):
        read_users(file)


def test_a_missing_file_of_users_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_users(tmp_path / "users")


def test_each_user_has_a_library_and_this_machine_has_one_for_all():
    secret = "a" * 32
    assert owner_of(None, secret, is_shared=True) == owner_of(None, None, is_shared=True) == ""
    assert owner_of("me", secret, is_shared=True) == "user:me"
    mine = owner_of(None, secret, is_shared=False)
    assert mine == owner_of(None, secret, is_shared=False)
    assert mine != owner_of(None, "b" * 32, is_shared=False)
    assert secret not in mine
    for wrong in (None, "", "short", "x" * 200, 7):
        assert owner_of(None, wrong, is_shared=False) != owner_of(None, wrong, is_shared=False)
