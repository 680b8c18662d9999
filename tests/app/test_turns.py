from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.app.turns import LONGEST_WAIT_EVERY, PAUSED_FOR_S, RunShare, TurnLostError, Turns


class Clock:
    """Time that only work takes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def wait_for(turns: Turns, waiting: int) -> None:
    while turns.num_waiting < waiting:
        Event().wait(0.001)


def order_of(wishes: list[tuple[RunShare, int]], *, turn_s: float = 1.0) -> list[int]:
    """Who has each turn where all ask at the same time for some turns, and always wait at once."""
    clock, order = Clock(), []
    turns = Turns(clock)

    def work(name: int, share: RunShare, count: int) -> None:
        for _ in range(count):
            with turns.take(share=share):
                order.append(name)
                clock.now += turn_s
                others = (index for index in range(len(wishes)) if index != name)
                wait_for(turns, sum(order.count(one) < wishes[one][1] for one in others))

    with turns.take():
        workers = []
        for name, (share, count) in enumerate(wishes):
            workers.append(Thread(target=work, args=(name, share, count)))
            workers[-1].start()
            wait_for(turns, name + 1)
    for worker in workers:
        worker.join()
    return order


@given(st.integers(1, 5), st.integers(1, 4))
def test_equal_runs_go_on_side_by_side(threads, rounds):
    order = order_of([(RunShare(), rounds) for _ in range(threads)])
    for begin in range(0, len(order), threads):
        assert len(set(order[begin : begin + threads])) == threads


def test_a_small_run_waits_for_no_long_one_and_the_long_one_comes_to_its_turns():
    order = order_of([(RunShare(had_s=1_000.0), 8), (RunShare(had_s=1_000.0), 8), (RunShare(), 6)])
    small = [place for place, name in enumerate(order) if name == 2]
    assert small[-1] < 6 + 1 + 1  # one turn of a long run on the way
    many = order_of([(RunShare(had_s=1_000.0), 4), (RunShare(), 4 * LONGEST_WAIT_EVERY)])
    assert many.index(0) < LONGEST_WAIT_EVERY


def test_runs_that_no_page_shows_let_all_others_go_before():
    assert order_of([(RunShare(is_shown=False), 2), (RunShare(had_s=9.0), 3)]) == [1, 1, 1, 0, 0]


def paused(had_s: float, other: RunShare, passed_s: float) -> list[str]:
    """What happens where a run pauses after some time, and another waits."""
    clock, said, end = Clock(), [], Event()
    turns, share = Turns(clock), RunShare(had_s=had_s)

    def work() -> None:
        with turns.take(share=other):
            said.append("other")

    with turns.take(share=share):
        waiting = Thread(target=work)
        waiting.start()
        wait_for(turns, 1)
        clock.now += passed_s
        turns.pause(share, end)
        said.append("paused")
    waiting.join()
    return said


def test_a_turn_is_broken_off_for_who_has_had_less():
    much = 10 * PAUSED_FOR_S
    assert paused(much, RunShare(), 0.0) == ["other", "paused"]
    assert paused(0.0, RunShare(), much) == ["other", "paused"]
    assert paused(0.0, RunShare(), PAUSED_FOR_S / 2) == ["paused", "other"]
    assert paused(much, RunShare(is_shown=False), 0.0) == ["paused", "other"]


def test_a_pause_with_nobody_waiting_is_none():
    turns, share = Turns(), RunShare()
    with turns.take(share=share):
        turns.pause(share, Event())


def test_who_need_not_wait_any_more_leaves_the_turn_to_others():
    turns, stop = Turns(), Event()
    answers = []

    def leave() -> None:
        try:
            with turns.take(stop):
                pass
        except TurnLostError:
            answers.append("lost")

    with turns.take():
        waiting = Thread(target=leave)
        waiting.start()
        wait_for(turns, 1)
        stop.set()
        waiting.join()
        assert answers == ["lost"]
    with turns.take():
        pass


def test_an_error_ends_a_turn():
    turns = Turns()
    with pytest.raises(ValueError, match="mistake"), turns.take():
        raise ValueError("mistake")
    with turns.take(Event()):
        pass
    assert turns.num_waiting == 0
