"""Logging in: passwords are compared in threads, and whoever guesses has to wait."""

import logging
import time
from collections.abc import Callable

import anyio
from cachetools import TTLCache

from meloformer.app.users import Users

logger = logging.getLogger(__name__)

MAX_FAILURES = 10
"""Wrong passwords of one name after which it has to wait."""
LOCKED_S = 300.0
FAILURE_S = 1.0
"""How long a wrong password takes at least."""
MAX_COMPARED = 2
"""Passwords that are compared at once; each takes 19 MB and a core for a moment."""


class Login:
    """Tells Gradio who may log in.

    The answer to a wrong password, to a name that nobody has and to one that is locked is the same,
    and takes as long.

    Args:
        users: Who there is.
        clock: Seconds that only grow.
    """

    def __init__(self, users: Users, clock: Callable[[], float] = time.monotonic) -> None:
        self._users = users
        # Of users alone, so that names that nobody has can't push them out.
        self._failures: TTLCache[str, int] = TTLCache(
            max(1, len(users.hashes)), LOCKED_S, timer=clock
        )
        self._compared = anyio.CapacityLimiter(MAX_COMPARED)

    async def allow(self, name: str, password: str) -> bool:
        """Return whether a visitor may come in."""
        # Counted before it is compared: others may be guessing the same name meanwhile.
        failures = self._failures.get(name, 0) + 1
        if name in self._users.hashes:
            self._failures[name] = failures
        is_right = await anyio.to_thread.run_sync(
            self._users.allow, name, password, limiter=self._compared
        )
        if is_right and failures <= MAX_FAILURES:
            self._failures.pop(name, None)
            return True
        if name in self._users.hashes and failures == MAX_FAILURES:
            logger.warning("A user's name was locked for %d s: too many passwords.", LOCKED_S)
        await anyio.sleep(FAILURE_S)
        return False
