"""`python -m meloformer` is `meloformer`."""

from meloformer.cli import main

main()
