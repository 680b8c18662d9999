"""Write the example pieces: `python assets/examples/compose.py [FOLDER]`.

Without a folder they are written beside this script. The same bytes come out every time.
"""

import sys
from pathlib import Path

import band
import choir
import jazz_lead
import jig
import piano
import solo_melody
from notation import write

PIECES = (solo_melody, piano, choir, jazz_lead, band, jig)

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for module in PIECES:
        write(module.compose(), folder)
