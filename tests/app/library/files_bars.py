"""Files bars until it is killed, and says so after each.

    python -m tests.app.library.files_bars FOLDER

Prints the piece, then a line of JSON for each bar once it is filed: run, candidate, bar.
"""

import json
import sys
from itertools import count
from pathlib import Path

from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import add_piece
from meloformer.app.library.runs import Author, add_bar, begin_run, mark_dead_runs
from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest
from meloformer.midi.retime import GridChoice
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.score.part import Part

EXAMPLE = Path(__file__).parents[3] / "assets" / "examples" / "solo-melody.mid"
BARS, CANDIDATES = 8, 2
AUTHOR = Author(model="none", model_hash="0" * 64)


def some_bar(candidate: int, number: int) -> FinishedBar:
    """A bar with four notes that tell its number."""
    first = 48 * (number - 1)
    notes = [(first + 12 * beat, 12, 40 + number, 80) for beat in range(4)]
    score = Score(
        12,
        (Track("", 0, False, note_array(notes)),),
        (Tempo(0, 120.0),),
        (TimeSignature(0, 4, 4),),
        48,
    )
    so_far = Candidate(candidate, 7 + candidate, score, (Part(0),), ("Am",) * number, BARS)
    return FinishedBar(candidate, number, BARS, "Am", first, score, (Part(0),), so_far)


def main() -> None:
    library = PieceLibrary(Path(sys.argv[1]))
    mark_dead_runs(library)
    data = EXAMPLE.read_bytes()
    piece = Piece.read("melody", data)
    said = sys.stdout
    for _ in count():
        filed, revision = add_piece(library, "", data, piece, GridChoice.AUTO)
        run = begin_run(library, revision, ContinueRequest(num_candidates=CANDIDATES), AUTHOR)
        for number in range(1, BARS + 1):
            for candidate in range(CANDIDATES):
                add_bar(library, run, some_bar(candidate, number))
                said.write(json.dumps([filed, run, candidate, number]) + "\n")
                said.flush()


if __name__ == "__main__":
    main()
