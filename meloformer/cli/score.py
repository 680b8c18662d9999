"""The verbs `score` and `stems`: a piece as sheet music, and as a file for each of its parts."""

from pathlib import Path
from typing import Annotated

import tyro

import meloformer as mf
from meloformer.midi.retime import GridChoice

Input = Annotated[Path, tyro.conf.Positional]


def score(midi: Input, /, out: Path, grid: GridChoice = GridChoice.AUTO) -> None:
    """Write a MIDI file as sheet music: MusicXML, which notation programs open.

    Parts are on staves in the order of a score, the chords that are recognised above them, drums on
    a percussion staff. Notes are moved to sixteenths or triplets; swing is written in eighths.

    Args:
        midi: The piece; up to 1,000 bars and 10,000 notes.
        out: The score; .musicxml or .xml.
        grid: Whose bars count: those as-written in the file, or those you played (follow); auto
            follows where the notes plainly keep to other beats than the file's.
    """
    from meloformer.api.sheets import check_score

    check_score(out, [midi])
    mf.open(midi, grid=grid).save_score(out)


def stems(midi: Input, /, out: Path, wav: bool = False) -> None:
    """Write a ZIP archive with a file for each part of a MIDI file.

    MIDI stems have the tempo and the bars of the whole. WAV stems begin and end with it, and are as
    loud as in it: added up, they are the whole.

    Args:
        midi: The piece.
        out: The archive; .zip.
        wav: Play each part through FluidSynth, instead of writing MIDI.
    """
    from meloformer.api.sheets import check_stems

    check_stems(out, [midi], wav=wav)
    mf.open(midi, follow_beats=False).save_stems(out, wav=wav)
