"""The verb of the command line for who may log in to the app: `user`."""

import getpass
import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro


def user(
    action: Annotated[Literal["add", "remove", "list", "convert"], tyro.conf.Positional],
    name: Annotated[str, tyro.conf.Positional] = "",
    users: Path = Path("users.txt"),
) -> None:
    """Say who may log in to the app.

    The password is asked for, or read from standard input where that is no terminal. An app that is
    running reads the file when it is started again.

    Args:
        action: Add a user or give one a new password, remove one, list them, or hash the passwords
            of a file that are still in plain text.
        name: Of the user.
        users: The file. Passwords in it are hashed.
    """
    from meloformer.app.users import Users, convert_users, read_users, write_users
    from meloformer.errors import ConfigError

    if action == "convert":
        print(f"passwords hashed in {users}: {convert_users(users)}")
        return
    known = Users({}) if action == "add" and not users.exists() else read_users(users)
    if action == "list":
        print("\n".join(sorted(known.hashes)))
        return
    if not name:
        raise ConfigError("Whom? Write the name of the user.")
    if action == "remove":
        known.remove(name)
    else:
        known.add(name, _password())
    write_users(users, known)
    print(f"{users} has {len(known.hashes)} users")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(1_000).rstrip("\r\n")
    return getpass.getpass("Password: ")
