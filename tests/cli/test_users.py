import io

import pytest

from meloformer.app.access_tokens import TokenChecker, tokens_beside
from meloformer.app.users import read_users
from meloformer.cli import main


def test_users_are_added_listed_and_removed(tmp_path, monkeypatch, capsys):
    file = tmp_path / "users.txt"
    for name, password in (("bert", "battery staple"), ("anna", "correct horse")):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        main(["user", "add", name, "--users", str(file)])
    assert read_users(file).allow("anna", "correct horse")
    capsys.readouterr()
    main(["user", "list", "--users", str(file)])
    assert capsys.readouterr().out == "anna\nbert\n"
    main(["user", "remove", "bert", "--users", str(file)])
    assert not read_users(file).allow("bert", "battery staple")


def test_tokens_are_made_listed_and_taken_away_with_their_user(tmp_path, monkeypatch, capsys):
    file = tmp_path / "users.txt"
    for name in ("anna", "bert"):
        monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
        main(["user", "add", name, "--users", str(file)])
    tokens = []
    for name in ("anna", "anna", "bert"):
        capsys.readouterr()
        main(["user", "token", name, "--users", str(file)])
        tokens.append(capsys.readouterr().out.strip())

    def users_of_tokens():
        checker = TokenChecker(tokens_beside(file), read_users(file).hashes.__contains__)
        return [checker.user_of(token) for token in tokens]

    assert users_of_tokens() == ["anna", "anna", "bert"]
    main(["user", "tokens", "anna", "--users", str(file)])
    name = tokens[0].split("_")[1]
    assert f"anna {name} made on 20" in capsys.readouterr().out
    main(["user", "revoke", "anna", "--token", name, "--users", str(file)])
    assert users_of_tokens() == [None, "anna", "bert"]
    main(["user", "remove", "bert", "--users", str(file)])
    assert users_of_tokens() == [None, "anna", None]
    with pytest.raises(SystemExit):
        main(["user", "token", "carl", "--users", str(file)])
    assert "no user 'carl'" in capsys.readouterr().err


def test_plain_passwords_are_hashed(tmp_path, capsys):
    file = tmp_path / "users.txt"
    file.write_text("anna:one\n")
    main(["user", "convert", "--users", str(file)])
    assert "hashed in" in capsys.readouterr().out
    assert read_users(file).allow("anna", "one")


def test_an_app_that_anybody_could_reach_is_not_started(capsys):
    with pytest.raises(SystemExit):
        main(["app", "--host", "0.0.0.0"])
    said = capsys.readouterr().err
    assert "--users" in said
    assert "--open" in said
