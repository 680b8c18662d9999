"""The instrument of each part: what a synthesizer is set to before it plays the part's notes."""

from dataclasses import dataclass

from meloformer.midi.channel_state import EXPRESSION, PAN, VOLUME, program_of, value_in
from meloformer.midi.file import MidiFile
from meloformer.midi.usual_state import onsets_of, spread_channel, usual_program, usual_state
from meloformer.score.part import Part

_BANK_SHIFT = 14
"""Of a bank in a packed sound, see `channel_state.sound`."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What plays a part, as it usually sounds."""

    program: int
    """0 to 127; of drums, the kit."""
    bank: int = 0
    """As controller 0 chooses it, 0 to 127."""
    volume: int = 100
    """Controllers 7 and 11 together, 0 to 127."""
    pan: int = 64
    """Controller 10: 0 is left, 127 right."""


def instruments(file: MidiFile) -> dict[Part, ChannelSettings]:
    """Find the instrument of each part of a file."""
    if not len(file.notes.start):
        return {part: new_instrument(part) for part in file.parts}
    return {part: _instrument(file, part) for part in file.parts}


def new_instrument(part: Part) -> ChannelSettings:
    """Return the instrument of a part that no file has yet."""
    return ChannelSettings(0 if part.is_drum else part.program)


def _instrument(file: MidiFile, part: Part) -> ChannelSettings:
    table, end = file.notes, int(file.notes.end.max())
    voices = [index for index, own in enumerate(file.part_of_track) if own == part]
    first = table.voices[voices[0]]
    channel = spread_channel(table, voices, first.channel)
    onsets = onsets_of(table, voices, end, channel)
    usual = usual_state(file.history, channel, onsets, end)
    sound = usual_program(file.history, channel, first.program, onsets, part.is_drum)
    volume = value_in(usual, VOLUME) * value_in(usual, EXPRESSION) / 127
    return ChannelSettings(
        program_of(sound), sound >> _BANK_SHIFT, round(volume), value_in(usual, PAN)
    )
