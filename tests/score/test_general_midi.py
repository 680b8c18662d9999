"""Instrument names."""

from meloformer.score.general_midi import (
    DRUM_KITS,
    DRUM_NOTE_NAMES,
    FAMILIES,
    PROGRAM_NAMES,
    drum_note_name,
    family_name,
    instrument_choices,
    kit_name,
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


def test_families_follow_the_program_number() -> None:
    assert family_name(26) == "Guitars"
    assert family_name(26, is_drum=True) == "Drums"


def test_every_instrument_is_offered_once_drums_first() -> None:
    groups = instrument_choices()
    assert [group.family for group in groups] == ["Drums", *(name for name, _ in FAMILIES)]
    choices = [choice for group in groups for choice in group.choices]
    assert choices[0].is_drum
    assert [choice.program for choice in choices[1:]] == list(range(128))
    assert all(choice.label == PROGRAM_NAMES[choice.program] for choice in choices[1:])


def test_drum_notes_are_where_general_midi_puts_them() -> None:
    known = {36: "Bass drum", 38: "Snare", 42: "Closed hi-hat", 49: "Crash cymbal"}
    known |= {
        51: "Ride cymbal",
        56: "Cowbell",
        64: "Low conga",
        81: "Open triangle",
        87: "Open surdo",
    }
    assert {pitch: drum_note_name(pitch) for pitch in known} == known
    assert drum_note_name(0) == "Drum 0"
    assert drum_note_name(127) == "Drum 127"
    assert len(set(DRUM_NOTE_NAMES)) == 61


def test_kits_without_a_name_sound_as_their_group() -> None:
    assert kit_name(0) == "Standard kit"
    assert kit_name(25) == DRUM_KITS[25]
    assert kit_name(41) == "Brush kit"
    assert kit_name(127) == "Standard kit"
