from meloformer.midi.instruments import ChannelSettings, instruments, new_instrument
from meloformer.midi.read import read_file
from meloformer.score.part import DRUM_PROGRAM, Part
from tests.midi.hostile import END, container, control, off, on, program, track


def notes(channel: int, pitch: int = 60) -> list[tuple[int, bytes]]:
    """Eight quarters."""
    return [(0, on(pitch, 80, channel)), (96, off(pitch, channel))] * 8


def test_a_part_has_the_program_bank_volume_and_place_it_usually_has():
    bass = [control(0, 8), program(33), control(7, 90), control(10, 20)]
    drums = [program(32, 9), control(11, 64, 9)]
    data = container(
        track(*((0, one) for one in bass), *notes(0, 40), END),
        track(*((0, one) for one in drums), *notes(9, 38), END),
        track((0, program(73, 1)), *notes(1), END),
    )
    assert instruments(read_file(data)) == {
        Part(33, 1): ChannelSettings(33, bank=8, volume=90, pan=20),
        Part(DRUM_PROGRAM, 1): ChannelSettings(32, volume=50),
        Part(73, 1): ChannelSettings(73),
    }


def test_a_fade_after_the_last_note_is_not_how_a_part_sounds():
    fade = [(10, control(7, 100 - 9 * step)) for step in range(11)]
    data = container(track((0, control(7, 100)), *notes(0), *fade, END))
    (found,) = instruments(read_file(data)).values()
    assert found.volume == 100


def test_a_part_that_no_file_has_yet_plays_as_general_midi_says():
    assert new_instrument(Part(11, 2)) == ChannelSettings(11, bank=0, volume=100, pan=64)
    assert new_instrument(Part(DRUM_PROGRAM, 1)) == ChannelSettings(0)
