"""The app: `python app.py` serves it on 127.0.0.1:7860, for this machine only.

The same as `meloformer app`, without installing anything.
"""

import sys

from meloformer.cli import main

if __name__ == "__main__":
    main(["app", *sys.argv[1:]])
