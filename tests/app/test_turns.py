from threading import Event, Thread

from hypothesis import given
from hypothesis import strategies as st

from meloformer.app.turns import Turns


def wait_for(turns: Turns, waiting: int) -> None:
    while turns.num_waiting < waiting:
        Event().wait(0.001)


@given(st.integers(1, 5), st.integers(1, 4))
def test_everybody_gets_a_turn_before_anybody_gets_two(threads, rounds):
    turns, order = Turns(), []

    def work(name: int) -> None:
        for _ in range(rounds):
            with turns.take() as has_turn:
                assert has_turn
                order.append(name)
                # Others that were before this one in their rounds come before its next.
                wait_for(turns, min(threads - 1, threads * rounds - len(order), alive()))

    def alive() -> int:
        return sum(order.count(name) < rounds for name in range(threads) if name != order[-1])

    with turns.take():
        workers = [Thread(target=work, args=(name,)) for name in range(threads)]
        for worker in workers:
            worker.start()
        wait_for(turns, threads)
    for worker in workers:
        worker.join()
    for begin in range(0, len(order), threads):
        assert len(set(order[begin : begin + threads])) == threads


def test_who_need_not_wait_any_more_leaves_the_turn_to_others():
    turns, stop = Turns(), Event()
    answers = []

    def leave() -> None:
        with turns.take(stop) as has_turn:
            answers.append(has_turn)

    with turns.take():
        waiting = Thread(target=leave)
        waiting.start()
        wait_for(turns, 1)
        stop.set()
        waiting.join()
        assert answers == [False]
    with turns.take() as has_turn:
        assert has_turn


def test_an_error_ends_a_turn():
    turns = Turns()
    try:
        with turns.take():
            raise ValueError
    except ValueError:
        pass
    with turns.take(Event()) as has_turn:
        assert has_turn
    assert turns.num_waiting == 0
