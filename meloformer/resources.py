"""Where the files lie that come with MeloFormer, and where it keeps its own.

In a checkout, assets and SoundFonts lie beside the package, and all that is written stays in the
checkout. A wheel carries the assets inside the package and is installed where a user often may not
write, so what it keeps goes to a folder of the user.
"""

import os
from importlib import metadata
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "assets"
IMPORT_ROOT = _PACKAGE.parent
"""The folder to import `meloformer` from: the checkout, or site-packages."""
IS_CHECKOUT = not _BUNDLED.is_dir()
"""Whether the package is used from the repository, rather than installed from a wheel."""
ASSETS = IMPORT_ROOT / "assets" if IS_CHECKOUT else _BUNDLED
CHECKPOINTS = ASSETS / "checkpoints"
"""The shipped models."""
EXAMPLES = ASSETS / "examples"
"""Pieces to try, and the prompts of samples."""
HOME_VARIABLE = "MELOFORMER_HOME"


def home() -> Path:
    """Return the folder that the app writes to: uploads, caches, and SoundFonts if installed.

    It is what the environment variable `MELOFORMER_HOME` names; otherwise `.workspace` in a
    checkout and `~/.meloformer` elsewhere. It may be missing.
    """
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named).resolve()
    return IMPORT_ROOT / ".workspace" if IS_CHECKOUT else Path.home() / ".meloformer"


def soundfont_folder() -> Path:
    """Return the folder for SoundFonts of the user's own. It may be missing."""
    return IMPORT_ROOT / "soundfonts" if IS_CHECKOUT else home() / "soundfonts"


def run_folder() -> Path:
    """Return the folder for training runs: that of the checkout, or `runs` where one stands."""
    return IMPORT_ROOT / "runs" if IS_CHECKOUT else Path("runs").resolve()


def attribution() -> str:
    """Return whom the shipped model owes, and the notices and licences of its music.

    It is empty where the package was copied without them.
    """
    files = ("ATTRIBUTION.md", "docs/attribution/licences.md")
    if IS_CHECKOUT:
        texts = [IMPORT_ROOT / name for name in files]
        return "\n\n".join(one.read_text(encoding="utf-8") for one in texts if one.is_file())
    try:
        installed = metadata.distribution("meloformer")
    except metadata.PackageNotFoundError:
        return ""
    found = (installed.read_text(f"licenses/{name}") for name in files)
    return "\n\n".join(text for text in found if text)
