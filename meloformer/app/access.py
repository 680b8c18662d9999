"""Access to the app: its users, and whether they may start trainings, which take hours."""

import hashlib
from ipaddress import ip_address
from secrets import token_hex

_LEAST_SECRET, _MOST_SECRET = 32, 128
"""Characters of the name by which a browser remembers itself."""
_USER = "user:"
"""Before the names of those who have logged in."""


def may_train(host: str, *, has_login: bool) -> bool:
    """Return whether the app offers training: to this machine only, or to users that log in.

    Args:
        host: The address the app listens on.
        has_login: Whether visitors must log in.
    """
    return has_login or is_this_machine(host)


def is_this_machine(host: str) -> bool:
    """Return whether only this machine reaches an app that listens on an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def visitor_of(owner: str, cookie: str) -> str:
    """Return what the files of a visitor are counted by.

    Args:
        owner: Whose library they work in.
        cookie: What their browser is known by, which is all there is where nobody logs in.
    """
    return owner if owner.startswith(_USER) else f"cookie:{cookie}"


def owner_of(user: str | None, browser: object, *, is_shared: bool) -> str:
    """Return whose library a visitor works in.

    Args:
        user: The name they logged in with, if they must.
        browser: What their browser remembers itself by; it may be anything.
        is_shared: Whether all who come without a name share one library, as on one's own machine.

    Returns:
        Empty for the shared library. A browser's name for itself is as good as a password, so it is
        hashed, and one that is too short to be secret is not used.
    """
    if user:
        return f"{_USER}{user}"
    if is_shared:
        return ""
    if not isinstance(browser, str) or not _LEAST_SECRET <= len(browser) <= _MOST_SECRET:
        browser = token_hex(16)
    return f"browser:{hashlib.sha256(browser.encode()).hexdigest()}"
