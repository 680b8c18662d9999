"""A stream of messages for the roll arrives as it was sent, though Gradio sends differences."""

import copy

from gradio.utils import diff
from gradio_client.utils import apply_diff

from ui.compose.widgets import Roll


def bars(*notes):
    return {"kind": "bars", "bars": [{"take": 0, "notes": list(one)} for one in notes]}


SENT = [bars([1, 2, 3, 4], [5, 6, 7, 8, 9], [10]), bars([1], [5, 6]), bars([9]), bars([9, 8], [7])]


def test_messages_that_grow_shorter_arrive_whole(one_event_loop):
    roll = Roll()
    values = [roll.postprocess(message) for message in SENT]
    seen = copy.deepcopy(values[0])
    for index in range(1, len(SENT)):
        seen = apply_diff(seen, diff(values[index - 1], values[index]))
        assert list(seen.values()) == [SENT[index]]
