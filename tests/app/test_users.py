from concurrent.futures import ThreadPoolExecutor

import pytest

from meloformer.app.users import (
    Users,
    change_users,
    convert_users,
    read_users,
    require_users,
    write_users,
)
from meloformer.errors import ConfigError


def test_users_are_written_hashed_and_read_again(tmp_path):
    file = tmp_path / "users.txt"
    users = Users({})
    users.add("anna", "correct horse")
    users.add("bert", "two:three:four")
    write_users(file, users)
    assert "horse" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    again = read_users(file)
    assert again.allow("anna", "correct horse")
    assert again.allow("bert", "two:three:four")
    for name, password in (("anna", "correct"), ("anna", ""), ("carl", "correct horse"), ("", "")):
        assert not again.allow(name, password)


def test_the_same_password_is_never_the_same_twice():
    users = Users({})
    users.add("anna", "correct horse")
    users.add("bert", "correct horse")
    assert users.hashes["anna"] != users.hashes["bert"]


def test_plain_passwords_are_refused_with_the_command_that_hashes_them(tmp_path):
    file = tmp_path / "users.txt"
    file.write_text("# the band\nanna:one\n\ncarl : x y\n")
    with pytest.raises(ConfigError, match="everybody can read") as refused:
        read_users(file)
    assert "meloformer user convert" in refused.value.hint
    assert convert_users(file) == 2
    assert convert_users(file) == 0
    users = read_users(file)
    assert users.allow("anna", "one")
    assert users.allow("carl", "x y")


@pytest.mark.parametrize("text", [b"", b"# nobody\n", b"anna\n", b"\xff\xfe", b"a" * (2 << 20)])
def test_a_file_that_names_nobody_is_refused(tmp_path, text):
    file = tmp_path / "users"
    file.write_bytes(text)
    with pytest.raises(ConfigError, match="users"):
        read_users(file)


def test_a_missing_file_of_users_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_users(tmp_path / "users")


def test_a_damaged_hash_lets_nobody_in():
    assert not Users({"anna": "$argon2id$broken"}).allow("anna", "anything")


@pytest.mark.parametrize("name", ["", " anna", "an:na", "#anna", "an\nna", "a" * 65])
def test_names_that_cannot_be_read_again_are_refused(name):
    with pytest.raises(ConfigError, match="name of a user"):
        Users({}).add(name, "correct horse")


def test_short_passwords_and_unknown_names_are_sentences():
    with pytest.raises(ConfigError, match="at least 8"):
        Users({}).add("anna", "short")
    with pytest.raises(ConfigError, match="no user 'anna'"):
        Users({}).remove("anna")


@pytest.mark.parametrize("name", ["Anna", "ANNA", "\uff41nna"])
def test_a_name_that_looks_like_anothers_is_refused(name):
    users = Users({})
    users.add("anna", "correct horse")
    with pytest.raises(ConfigError, match="taken for the user 'anna'") as refused:
        users.add(name, "another horse")
    assert "new password" in refused.value.hint
    users.add("anna", "another horse")
    users.add("änna", "correct horse")
    assert users.allow("anna", "another horse")
    with pytest.raises(ConfigError, match="taken for the user 'änna'"):
        users.add("a\u0308nna", "correct horse")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("anna:one\nbert\n", "Line 2"),
        ("# band\n\n:one\n", "Line 3"),
        ("anna:\n", "Line 1"),
        ("anna:one\n anna : two\n", "names 'anna' twice"),
    ],
)
def test_a_line_by_which_nobody_could_log_in_is_told(tmp_path, text, said):
    file = tmp_path / "users.txt"
    file.write_text(text)
    for read in (read_users, convert_users):
        with pytest.raises(ConfigError, match=said):
            read(file)
    assert file.read_text() == text


def test_a_hash_that_was_cut_is_told(tmp_path):
    file = tmp_path / "users.txt"
    users = Users({})
    users.add("anna", "correct horse")
    file.write_text(f"anna:{users.hashes['anna'][:40]}\n")
    with pytest.raises(ConfigError, match="damaged password of 'anna'"):
        read_users(file)


def test_users_that_are_added_at_once_are_all_there(tmp_path):
    file = tmp_path / "users.txt"
    names = [f"user {number}" for number in range(6)]

    def add(name: str) -> None:
        change_users(file, lambda users: users.add(name, "correct horse"))

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(add, names))
    assert sorted(read_users(file).hashes) == names
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_of_users_in_a_folder_that_is_missing_is_a_sentence(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        change_users(tmp_path / "none" / "users.txt", lambda users: None)


def test_a_file_from_windows_is_read(tmp_path):
    file = tmp_path / "users.txt"
    file.write_bytes(b"\xef\xbb\xbfanna:correct horse\r\nbert:one\r\n")
    assert convert_users(file) == 2
    assert read_users(file).allow("anna", "correct horse")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4"])
def test_others_come_in_by_a_login_or_because_somebody_said_so(host):
    require_users("127.0.0.1", has_login=False, is_open=False)
    require_users(host, has_login=True, is_open=False)
    require_users(host, has_login=False, is_open=True)
    with pytest.raises(ConfigError, match="without logging in"):
        require_users(host, has_login=False, is_open=False)
