"""The fast way through the bytes of a file finds the messages that the plain way finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.midi.events import PAD, hops, leap, walk

NOTE = bytes([0, 0x90, 60, 64, 12, 60, 0])
RUNNING_PRESSURE = bytes([0, 0xD0, 5, 1, 6, 1, 7])
END = bytes([0, 0xFF, 0x2F, 0])

pieces = st.sampled_from(
    [NOTE, RUNNING_PRESSURE, bytes([0, 0xC1, 9]), bytes([0, 0xFF, 1, 2, 65, 66]), END, b"\x00\xf1"]
) | st.binary(max_size=6)
tracks = st.lists(pieces, max_size=30).map(b"".join)


def found(bodies: list[bytes]) -> tuple[tuple[list[int], list[int]], tuple[list[int], list[int]]]:
    """Starts and tracks of the messages, fast and plain."""
    data = np.frombuffer(b"".join(bodies) + bytes(PAD), dtype=np.uint8)
    ends = np.cumsum([len(body) for body in bodies])
    fast, plain = (way(*hops(data), ends) for way in (leap, walk))
    return tuple(map(np.ndarray.tolist, fast)), tuple(map(np.ndarray.tolist, plain))


@given(st.lists(tracks, min_size=1, max_size=4))
def test_leaping_finds_what_walking_finds(bodies):
    fast, plain = found(bodies)
    assert fast == plain


@pytest.mark.parametrize("count", range(1, 20))
def test_any_number_of_messages_is_found(count):
    fast, plain = found([NOTE * count + END, NOTE * 3])
    assert fast == plain
    assert fast[1] == [0] * (2 * count + 1) + [1] * 6


def test_a_short_message_that_ends_its_track_is_found():
    fast, plain = found([RUNNING_PRESSURE, RUNNING_PRESSURE])
    assert fast == plain == ([0, 3, 5, 7, 10, 12], [0, 0, 0, 1, 1, 1])
