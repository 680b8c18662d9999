"""The command line: `meloformer VERB`."""

from meloformer.cli.main import main

__all__ = ["main"]
