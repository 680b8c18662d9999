"""Functions compiled by Numba, where NumPy and PyTorch would start too many small operations.

What is compiled is kept on the disk, beside the source or, where that may not be written, in the
user's cache folder. Only modules that are imported when a token is decoded may import this one's
users: Numba takes half a second to import, and where it is missing the plain path serves.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])

_REORDERING = {"reassoc", "contract", "arcp", "nsz"}
"""Liberties that let sums be vectorised. Infinities and what is no number keep their meaning."""


@cache
def can_compile() -> bool:
    """Return whether Numba is installed, without importing it."""
    return find_spec("numba") is not None


def compiled(function: F) -> F:
    """Compile a function of arrays and numbers, at its first call, for others to call.

    It becomes part of each that calls it. Otherwise what was compiled just now would call a version
    of its own, what is kept another, and sums would be reordered in two ways.
    """
    import numba

    return cast(F, numba.njit(nogil=True, fastmath=_REORDERING, forceinline=True)(function))


def compiled_and_kept(function: F) -> F:
    """Compile a function that Python calls, to run without the GIL, and keep it on the disk.

    What is kept is used as long as the function's own file and the values that it closes over are
    the same. So a function that calls those of other files must close over `fingerprint` of them.
    """
    import numba

    return cast(F, numba.njit(nogil=True, cache=True)(function))


def fingerprint(*modules: ModuleType) -> int:
    """Return a number that changes with the source of any of some modules."""
    sources = sha256()
    for module in modules:
        sources.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(sources.digest()[:7])
