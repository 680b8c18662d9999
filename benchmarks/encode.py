"""Tokens a second of `encode`, and files a second of `read_midi`, on one core.

    python -m benchmarks.encode FOLDER

The files are read first, then only encoding is timed, several rounds over, and the best round of
each document set counts. A document set is a folder right below FOLDER. Time is processor time:
other programs on the machine then count less, and the figure is that of a core.
"""

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.report import ROOT, report
from meloformer.errors import MidiError
from meloformer.score import Score, read_midi
from meloformer.tokens import encode

ROUNDS = 3


def document_sets(folder: Path) -> dict[str, list[bytes]]:
    """Find the MIDI files of each set; of files right in the folder, the set has its name."""
    sets: dict[str, list[bytes]] = defaultdict(list)
    for path in sorted(folder.rglob("*.mid")):
        inner = path.relative_to(folder).parts
        sets[inner[0] if len(inner) > 1 else folder.resolve().name].append(path.read_bytes())
    return sets


def read(files: list[bytes]) -> tuple[list[Score], float]:
    """Read all files that can be read, and return the scores and the seconds it took."""
    scores = []
    began = time.process_time()
    for data in files:
        try:
            scores.append(read_midi(data))
        except MidiError as error:
            print(error, file=sys.stderr)
    return scores, time.process_time() - began


def encode_all(scores: list[Score]) -> tuple[int, float]:
    """Count the tokens of all scores, and return them and the seconds of the best round."""
    seconds = []
    num_tokens = 0
    for _ in range(ROUNDS):
        began = time.process_time()
        num_tokens = sum(len(encode(score).ids) for score in scores)
        seconds.append(time.process_time() - began)
    return num_tokens, min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "assets" / "examples")
    folder = parser.parse_args().folder

    total_files = total_songs = total_tokens = 0
    total_reading = total_encoding = 0.0
    for name, files in document_sets(folder).items():
        scores, reading = read(files)
        num_tokens, encoding = encode_all(scores)
        report(f"encode/{name}", num_tokens / encoding, "tokens/s")
        report(f"encode/{name}/songs", len(scores) / encoding, "songs/s")
        report(f"read_midi/{name}", len(files) / reading, "files/s")
        total_files += len(files)
        total_songs += len(scores)
        total_tokens += num_tokens
        total_reading += reading
        total_encoding += encoding
    report("encode", total_tokens / total_encoding, "tokens/s")
    report("encode/songs", total_songs / total_encoding, "songs/s")
    report("read_midi", total_files / total_reading, "files/s")


if __name__ == "__main__":
    main()
