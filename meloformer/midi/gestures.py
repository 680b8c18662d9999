"""Gestures: bends and aftertouch, which belong to notes and give way with them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_state import BEND as BEND_PARAMETER
from meloformer.midi.channel_state import PRESSURE, State, value_in
from meloformer.midi.events import BEND
from meloformer.midi.part_messages import ENDS, Additions, Placed
from meloformer.midi.stage import Stage
from meloformer.midi.state_messages import settle
from meloformer.midi.usual_state import onsets_of, usual_state

_GESTURES: Final = (0xA0, 0xD0, BEND)
_PARAMETERS: Final = (BEND_PARAMETER, PRESSURE)


def rest_gestures(stage: Stage, gone: NDArray[np.bool_], additions: Additions) -> NDArray[np.bool_]:
    """Take bends and aftertouch out of channels whose notes give way.

    They stay as long as a note sounds that began before, and in channels in which other notes
    begin. What was in force comes back after the bars.

    Args:
        stage: The bars written again.
        gone: Which notes of the file give way. (N,)
        additions: Takes what brings the channels to rest and back.

    Returns:
        Which messages of the file are taken out. (E,)
    """
    events, table = stage.file.events, stage.file.notes
    channels = table.channel
    is_gesture = np.isin(events.kind, _GESTURES) & (events.tick < stage.last_tick)
    removed = np.zeros(len(events.tick), dtype=bool)
    for channel in sorted(set(channels[gone].tolist())):
        stays = stage.stays & (channels == channel)
        if np.any(table.start[stays] >= stage.first_tick):
            continue
        rest_tick = max([stage.first_tick, *table.end[stays].tolist()])
        if rest_tick >= stage.last_tick:
            continue
        removed |= is_gesture & (events.tick >= rest_tick) & (events.channel == channel)
        voices = np.unique(table.voice[gone & (channels == channel)]).tolist()
        onsets = onsets_of(table, voices, stage.first_tick)
        usual = usual_state(stage.file.history, channel, onsets, stage.first_tick)
        rest = _only_gestures(usual)
        before = _only_gestures(stage.state(channel, rest_tick))
        after = _only_gestures(stage.state(channel, stage.last_tick))
        track = min(table.voices[voice].track for voice in voices)
        for tick, have, want in ((rest_tick, before, rest), (stage.last_tick, rest, after)):
            for message in settle(channel, have, want, stage.file.history.message):
                additions[track].append(Placed(tick, ENDS, message, channel))
    return removed


def _only_gestures(state: State) -> State:
    return {parameter: value_in(state, parameter) for parameter in _PARAMETERS}
