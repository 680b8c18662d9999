"""Access to the app: its users, and whether they may start trainings, which take hours."""

from ipaddress import ip_address
from pathlib import Path

from meloformer.errors import ConfigError


def may_train(host: str, *, has_login: bool) -> bool:
    """Return whether the app offers training: to this machine only, or to users that log in.

    Args:
        host: The address the app listens on.
        has_login: Whether visitors must log in.
    """
    if has_login or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_users(path: Path) -> list[tuple[str, str]]:
    """Read names and passwords from lines `NAME:PASSWORD`, without lines that begin with #.

    Raises:
        ConfigError: The file cannot be read, or names no user.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The users in {path} cannot be read: {error}.") from error
    pairs = [line.strip().partition(":") for line in lines if not line.startswith("#")]
    users = [(name, password) for name, colon, password in pairs if name and colon and password]
    if not users:
        raise ConfigError(f"{path} names no users.", hint="Write a line NAME:PASSWORD for each.")
    return users
