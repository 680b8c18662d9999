"""Instrument names."""

from meloformer.score.general_midi import (
    FAMILIES,
    PROGRAM_NAMES,
    instrument_choices,
    part_name,
)


def test_there_are_16_families_of_8_programs_with_names_of_their_own() -> None:
    assert [len(names) for _, names in FAMILIES] == [8] * 16
    assert len(set(PROGRAM_NAMES)) == 128


def test_well_known_programs_are_where_general_midi_puts_them() -> None:
    known = {
        0: "Grand piano",
        24: "Nylon guitar",
        32: "Double bass (plucked)",
        33: "Fingered bass",
        40: "Violin",
        56: "Trumpet",
        65: "Alto sax",
        73: "Flute",
        110: "Fiddle",
        127: "Gunshot",
    }
    assert {program: PROGRAM_NAMES[program] for program in known} == known


def test_parts_are_called_as_in_a_band() -> None:
    assert part_name(0, is_drum=False) == "Piano"
    assert part_name(0, is_drum=False, instance=2) == "Piano 2"
    assert part_name(33, is_drum=False) == "Fingered bass"
    assert part_name(16, is_drum=True) == "Drums"
    assert len({part_name(program, is_drum=False) for program in range(128)}) == 128


def test_every_instrument_is_offered_once_drums_first() -> None:
    groups = instrument_choices()
    assert [group.family for group in groups] == ["Drums", *(name for name, _ in FAMILIES)]
    choices = [choice for group in groups for choice in group.choices]
    assert choices[0].is_drum
    assert [choice.program for choice in choices[1:]] == list(range(128))
    assert all(choice.label == PROGRAM_NAMES[choice.program] for choice in choices[1:])
