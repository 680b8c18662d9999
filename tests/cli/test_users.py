import io

import pytest

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
