"""The SoundFont that the browser plays with: FluidSynth's, unless that is large.

Its address is made of its contents. Only the pages of the app know it, so a font of the musician's
own goes to nobody who may not see the page; and browsers may keep it, as it never changes.
"""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from meloformer.audio import find_soundfont
from meloformer.errors import AudioError
from meloformer.files import file_sha256
from meloformer.resources import soundfont_folder

MAX_BYTES = 40 << 20
"""Of what a browser loads before the first note."""
_KEPT = "private, max-age=31536000, immutable"


def browser_soundfont(folder: Path, max_bytes: int = MAX_BYTES) -> Path | None:
    """Return the SoundFont for the browser; `None` if there is none.

    Args:
        folder: The musician's own SoundFonts; may be missing or empty.
        max_bytes: If that of FluidSynth is larger, it is the small one of pretty_midi.
    """
    try:
        path = find_soundfont(folder)
        if path.stat().st_size > max_bytes:
            path = find_soundfont(folder / "none", system_folders=())
        return path if path.stat().st_size <= max_bytes else None
    except (AudioError, OSError):
        return None


@cache
def soundfont_address() -> str:
    """Return where the app serves the SoundFont, below its root; empty if there is none."""
    path = _soundfont()
    if path is None:
        return ""
    return f"soundfont/{file_sha256(path)[:40]}{path.suffix.lower()}"


def soundfont_routes() -> list[Route]:
    """Return the route of that one file; no route if there is none."""
    path, address = _soundfont(), soundfont_address()
    if path is None:
        return []

    async def font(request: Request) -> FileResponse:
        headers = {"Cache-Control": _KEPT}
        return FileResponse(path, media_type="application/octet-stream", headers=headers)

    return [Route(f"/{address}", font)]


@cache
def _soundfont() -> Path | None:
    return browser_soundfont(soundfont_folder())
