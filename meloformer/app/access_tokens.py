"""Tokens by which programs of users call the HTTP API: a line each in a file beside the users.

A token is 256 random bits, so it is kept as a plain SHA-256 of itself: there is nothing to guess.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex, token_urlsafe

from meloformer.errors import ConfigError
from meloformer.files import write_text

logger = logging.getLogger(__name__)

SUFFIX = ".tokens"
"""Of the file, after the name of that of the users."""
MAX_TOKENS = 32
"""Of one user."""
MAX_BYTES = 1 << 20
"""Of the file."""
_PREFIX = "mf"
_FIELDS = 4


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What is kept of a token."""

    user: str
    name: str
    """By which it is listed and taken away; a part of the token."""
    hashed: str
    made_on: str
    """The day, such as 2026-11-27."""


def tokens_beside(users: Path) -> Path:
    """Return the file of tokens that belongs to a file of users. It may be missing."""
    return users.with_name(users.name + SUFFIX)


def new_token(path: Path, user: str) -> str:
    """Make a token for a user, keep its hash, and return the token, which is nowhere else.

    Args:
        path: The file of tokens.
        user: Who may call by it.

    Raises:
        ConfigError: The user has `MAX_TOKENS` already, or the file cannot be read or written.
    """
    known = read_tokens(path)
    if sum(one.user == user for one in known) >= MAX_TOKENS:
        raise ConfigError(
            f"{user} has {MAX_TOKENS} tokens already.",
            hint=f"Take some away: meloformer user revoke {user} --token NAME",
        )
    name = token_hex(4)
    token = f"{_PREFIX}_{name}_{token_urlsafe(32)}"
    made_on = datetime.now(UTC).date().isoformat()
    _write(path, [*known, AccessToken(user, name, _hash(token), made_on)])
    return token


def remove_tokens(path: Path, user: str, name: str = "") -> int:
    """Take tokens of a user away, and return how many those were.

    Args:
        path: The file of tokens.
        user: Whose.
        name: Of one token; empty takes all.

    Raises:
        ConfigError: There is no such token, or the file cannot be read or written.
    """
    known = read_tokens(path)
    kept = [one for one in known if one.user != user or name not in ("", one.name)]
    if name and len(kept) == len(known):
        raise ConfigError(f"{user} has no token {name!r}.")
    if len(kept) < len(known):
        _write(path, kept)
    return len(known) - len(kept)


def read_tokens(path: Path) -> list[AccessToken]:
    """Read a file of tokens; one that is missing has none.

    Raises:
        ConfigError: It cannot be read.
    """
    if not path.exists():
        return []
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path} is too large for a file of tokens.")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The tokens in {path} cannot be read: {error}.") from error
    fields = [line.split(":") for line in lines if not line.startswith("#")]
    return [AccessToken(*one) for one in fields if len(one) == _FIELDS]


class TokenChecker:
    """Tells whose a token is; a token that was just made or taken away counts at once.

    Args:
        path: The file of tokens; it may be missing, and come later.
        is_user: Whether a name is still that of a user.
    """

    def __init__(self, path: Path, is_user: Callable[[str], bool]) -> None:
        self._path = path
        self._is_user = is_user
        self._seen: tuple[int, int, int] | None = None
        self._by_name: dict[str, AccessToken] = {}

    def user_of(self, token: str) -> str | None:
        """Return the user that a token belongs to; `None` if it is nobody's."""
        self._read_again()
        name = token.split("_")[1] if token.count("_") > 1 else ""
        known = self._by_name.get(name)
        # Nobody's takes as long, not that there were anything to learn from it.
        hashed = known.hashed if known else _hash("")
        is_right = hmac.compare_digest(_hash(token).encode(), hashed.encode())
        return known.user if known and is_right and self._is_user(known.user) else None

    def _read_again(self) -> None:
        """Read the file if it is another than the one that was read."""
        try:
            state = self._path.stat()
            seen = (state.st_mtime_ns, state.st_size, state.st_ino)
        except OSError:
            seen = None
        if seen == self._seen:
            return
        try:
            self._by_name = {one.name: one for one in read_tokens(self._path)}
        except ConfigError as error:
            logger.warning("No token counts: %s", error)
            self._by_name = {}
        self._seen = seen


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _write(path: Path, tokens: list[AccessToken]) -> None:
    lines = "".join(f"{one.user}:{one.name}:{one.hashed}:{one.made_on}\n" for one in tokens)
    try:
        write_text(path, lines)
        path.chmod(0o600)
    except OSError as error:
        raise ConfigError(f"The tokens cannot be written to {path}: {error}.") from error
