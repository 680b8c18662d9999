import pytest

from meloformer.errors import ConfigError, MidiError
from meloformer.midi.blank import MARK, blank_scale, write_blank
from meloformer.midi.read import read_file
from meloformer.midi.text_events import without_texts
from meloformer.score.part import DRUM_PROGRAM, Part
from meloformer.score.scales import Scale, parse_scale
from meloformer.score.score import Tempo, TimeSignature
from meloformer.tokens import encode

PARTS = (Part(0), Part(40), Part(40, 2), Part(DRUM_PROGRAM))


def test_a_blank_file_has_parts_tempo_metre_and_key_but_no_bar() -> None:
    file = read_file(write_blank(PARTS, 96, (3, 4), parse_scale("D dorian")))
    assert file.is_blank
    assert file.parts == PARTS
    assert [track.name for track in file.score.tracks] == ["Piano", "Violin", "Violin 2", "Drums"]
    assert (file.grid.num_bars, file.grid.num_whole_bars, file.grid.first_number) == (0, 0, 1)
    assert file.score.time_signatures == (TimeSignature(0, 3, 4),)
    assert file.score.tempos == (Tempo(0, 96.0),)
    assert blank_scale(file) == Scale(2, "dorian")
    assert b"\xff\x59\x02\x00\x00" in file.data  # the signature of C major


def test_the_tokens_of_a_blank_file_are_none_but_begin_somewhere() -> None:
    file = read_file(write_blank(PARTS, 96, (6, 8)))
    encoding = encode(file.score, grid=file.grid, parts=file.part_of_track)
    assert encoding.num_bars == 0
    assert len(encoding.ids) == 2
    assert encoding.first_head is not None
    assert len(encoding.first_head.metres) == 1
    assert blank_scale(file) is None


def test_another_file_without_notes_is_refused_as_ever() -> None:
    with pytest.raises(MidiError, match="no notes"):
        read_file(without_texts(write_blank(PARTS, 96, (4, 4)), MARK))


def test_a_scale_that_nobody_knows_is_left_open() -> None:
    data = write_blank(PARTS, 96, (4, 4), parse_scale("Am"))
    assert blank_scale(read_file(data.replace(b"A minor", b"A other"))) is None


def test_nobody_and_more_parts_than_channels_are_refused() -> None:
    with pytest.raises(ConfigError, match="Nobody"):
        write_blank((), 96, (4, 4))
    with pytest.raises(ConfigError, match="At most 15"):
        write_blank([Part(program) for program in range(16)], 96, (4, 4))
