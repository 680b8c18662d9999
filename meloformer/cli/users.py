"""The verb of the command line for who may log in to the app: `user`."""

import getpass
import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro


def user(
    action: Annotated[
        Literal["add", "remove", "list", "convert", "token", "tokens", "revoke"],
        tyro.conf.Positional,
    ],
    name: Annotated[str, tyro.conf.Positional] = "",
    users: Path = Path("users.txt"),
    token: str = "",
) -> None:
    """Say who may log in to the app, and whose programs may call its HTTP API.

    The password is asked for, or read from standard input where that is no terminal. An app that is
    running reads the file of users when it is started again, and that of tokens at once.

    Args:
        action: Add a user or give one a new password, remove one, list them, or hash the passwords
            of a file that are still in plain text. `token` makes a token for the HTTP API, which is
            shown this once; `tokens` lists them, `revoke` takes them away.
        name: Of the user.
        users: The file. Passwords in it are hashed; so are tokens, in a file beside it.
        token: The name of one token to revoke; all of the user without it.
    """
    from meloformer.app.access_tokens import new_token, read_tokens, remove_tokens, tokens_beside
    from meloformer.app.users import Users, change_users, convert_users, read_users
    from meloformer.errors import ConfigError

    if action == "convert":
        print(f"passwords hashed in {users}: {convert_users(users)}")
        return
    known = Users({}) if action == "add" and not users.exists() else read_users(users)
    tokens = tokens_beside(users)
    if action == "list":
        print("\n".join(sorted(known.hashes)))
        return
    if action == "tokens":
        for one in read_tokens(tokens):
            if name in ("", one.user):
                print(f"{one.user} {one.name} made on {one.made_on}")
        return
    if not name:
        raise ConfigError("Whom? Write the name of the user.")
    if action == "token":
        known.require(name)
        print(new_token(tokens, name))
        return
    if action == "revoke":
        print(f"tokens of {name} taken away: {remove_tokens(tokens, name, token)}")
        return
    if action == "remove":
        left = change_users(users, lambda those: those.remove(name))
        remove_tokens(tokens, name)
    else:
        password = _password()
        left = change_users(users, lambda those: those.add(name, password))
    print(f"{users} has {len(left.hashes)} users")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(1_000).rstrip("\r\n")
    return getpass.getpass("Password: ")
