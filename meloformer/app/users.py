"""The users of an app that others reach: names and hashed passwords, a line each in a file.

Passwords are hashed by Argon2id (RFC 9106) with the memory and passes that OWASP names as a
minimum, so that a guess costs whoever has the file as much as it costs the app.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from unicodedata import normalize

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from meloformer.app.access import is_this_machine
from meloformer.errors import ConfigError
from meloformer.files import write_text
from meloformer.lock import locked

LEAST_CHARACTERS = 8
"""Of a password."""
MAX_CHARACTERS = 64
"""Of a name."""
MAX_BYTES = 1 << 20
"""Of the file."""
_LOCKED_S = 10.0
"""How long another change of the file may take."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobody() -> str:
    """Return what is compared where there is no such user, which then takes as long."""
    return _HASHER.hash("nobody")


class Users:
    """Who may log in.

    Args:
        hashes: By name.
    """

    def __init__(self, hashes: dict[str, str]) -> None:
        self.hashes = hashes

    def allow(self, name: str, password: str) -> bool:
        """Return whether a password is that of a user; no such user takes as long."""
        hashed = self.hashes.get(name)
        try:
            return _HASHER.verify(hashed or _nobody(), password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def add(self, name: str, password: str) -> None:
        """Add a user, or give one a new password.

        Raises:
            ConfigError: The name cannot stand in the file or looks like that of another user, or
                the password is too short.
        """
        if (
            not name
            or len(name) > MAX_CHARACTERS
            or name != name.strip()
            or ":" in name
            or not name.isprintable()
            or name[0] == "#"
        ):
            raise ConfigError(
                f"{name!r} cannot be the name of a user.",
                hint="A name has no colon, begins with no #, ends with no space and has at most "
                f"{MAX_CHARACTERS} characters.",
            )
        alike = [one for one in self.hashes if one != name and _look(one) == _look(name)]
        if alike:
            raise ConfigError(
                f"{name!r} would be taken for the user {alike[0]!r}.",
                hint=f"Write {alike[0]!r} to give them a new password, or choose another name.",
            )
        if len(password) < LEAST_CHARACTERS:
            raise ConfigError(f"A password has at least {LEAST_CHARACTERS} characters.")
        self.hashes[name] = _HASHER.hash(password)

    def remove(self, name: str) -> None:
        """Remove a user.

        Raises:
            ConfigError: There is no such user.
        """
        self.require(name)
        del self.hashes[name]

    def require(self, name: str) -> None:
        """Check that there is such a user.

        Raises:
            ConfigError: There is not.
        """
        if name not in self.hashes:
            raise ConfigError(f"There is no user {name!r}.")


def require_users(host: str, *, has_login: bool, is_open: bool) -> None:
    """Refuse an app that other machines reach without a login, unless that is what was asked for.

    Args:
        host: The address the app listens on.
        has_login: Whether visitors must log in.
        is_open: Whether whoever starts it has said that anybody may come.

    Raises:
        ConfigError: Other machines would reach it.
    """
    if not (is_this_machine(host) or has_login or is_open):
        raise ConfigError(
            f"Anybody who reaches {host} could use this app without logging in.",
            hint="Say who may with --users FILE, or that anybody may with --open.",
        )


def read_users(path: Path) -> Users:
    """Read a file of users.

    Raises:
        ConfigError: It cannot be read, names no user or one twice, or has passwords that are not
            hashed or whose hash is damaged.
    """
    pairs = _lines(path)
    plain = [name for name, hashed in pairs if not hashed.startswith("$argon2")]
    if plain:
        raise ConfigError(
            f"{path} has passwords that everybody can read.",
            hint=f"Hash them: meloformer user convert --users {path}",
        )
    if not pairs:
        raise ConfigError(
            f"{path} names no users.",
            hint=f"Add one: meloformer user add NAME --users {path}",
        )
    for name, hashed in pairs:
        if not _is_hash(hashed):
            raise ConfigError(
                f"{path} has a damaged password of {name!r}, who could not log in.",
                hint=f"Take their line out and add them: meloformer user add NAME --users {path}",
            )
    return Users(dict(pairs))


def convert_users(path: Path) -> int:
    """Hash the passwords of a file that are not, in place, and return how many those were.

    Raises:
        ConfigError: The file cannot be read or written.
    """
    pairs = _lines(path)
    plain = [name for name, hashed in pairs if not hashed.startswith("$argon2")]
    write_users(
        path,
        Users({name: _HASHER.hash(word) if name in plain else word for name, word in pairs}),
    )
    return len(plain)


def change_users(path: Path, change: Callable[[Users], None]) -> Users:
    """Change a file of users, or begin one, while nobody else does.

    Args:
        path: The file.
        change: Changes those whom it names.

    Raises:
        ConfigError: The file cannot be read or written, or the change cannot be made.
    """
    busy = ConfigError(f"{path} is being changed by another command.", hint="Try again.")
    lock = path.with_name(f"{path.name}.lock")
    try:
        with locked(lock, lambda: busy, timeout_s=_LOCKED_S, keep_file=False):
            users = read_users(path) if path.exists() else Users({})
            change(users)
            write_users(path, users)
    except OSError as error:
        raise _unwritten(path, error) from error
    return users


def write_users(path: Path, users: Users) -> None:
    """Write a file of users, for its owner's eyes only, whole or not at all.

    Raises:
        ConfigError: It cannot be written.
    """
    lines = "".join(f"{name}:{hashed}\n" for name, hashed in sorted(users.hashes.items()))
    try:
        write_text(path, lines)
        path.chmod(0o600)
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"The users cannot be written to {path}: {error.strerror}.")


def _lines(path: Path) -> list[tuple[str, str]]:
    """Return names and what follows their colon.

    Raises:
        ConfigError: The file cannot be read, a line of it names nobody, or two the same.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path} is too large for a file of users.")
        lines = path.read_text(encoding="utf-8-sig").splitlines()  # as Windows begins files
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The users in {path} cannot be read: {error}.") from error
    pairs: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, word = (part.strip() for part in line.partition(":"))
        if not name or not word:
            raise ConfigError(
                f"Line {number} of {path} has no name and password with a colon between.",
                hint="Take it out, or put a # before it.",
            )
        if name in pairs:
            raise ConfigError(f"{path} names {name!r} twice.", hint="Take one of the lines out.")
        pairs[name] = word
    return list(pairs.items())


def _is_hash(text: str) -> bool:
    try:
        extract_parameters(text)
    except InvalidHashError:
        return False
    return True


def _look(name: str) -> str:
    """Return what a name has in common with all that are read as the same."""
    return normalize("NFKC", normalize("NFKC", name).casefold())
