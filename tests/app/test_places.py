from threading import Event, Thread

from meloformer.app.compose.place_words import place_words
from meloformer.app.places import Place, Places, Waiting


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def wait_for(places: Places, waiting: int) -> None:
    while places.num_waiting != waiting:
        Event().wait(0.001)


def hold(place: Place, order: list[Place], end: Event) -> Thread:
    def work() -> None:
        with place:
            order.append(place)
            end.wait(20)

    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_who_comes_first_has_the_next_place_and_knows_how_long_it_takes():
    clock, order, end = Clock(), [], Event()
    places = Places(2, clock)
    first, second, third, fourth = (Place(places, bars, Event()) for bars in (4, 64, 8, 8))
    with first, second:
        threads = []
        for waiting, place in enumerate((third, fourth)):
            threads.append(hold(place, order, end))
            wait_for(places, waiting + 1)
        assert third.waiting == Waiting(0, None)
        clock.now = 2.0
        first.count_bar()
        assert (places.bar_s, first.bars_done) == (2.0, 1)
        # A bar of the second, which has none yet; then three of the first and of the second.
        assert third.waiting == Waiting(0, 14.0)
        # Then four of the third, until it is where the second is, and four more of both.
        assert fourth.waiting == Waiting(1, 14.0 + 24.0)
        assert first.waiting is None
    end.set()
    for thread in threads:
        thread.join()
    assert order[0] is third
    assert (places.num_taken, places.num_waiting) == (0, 0)


def test_who_need_not_wait_any_more_leaves_the_queue_at_once():
    places, stop = Places(1), Event()
    waits = Place(places, 4, stop)
    with Place(places, 4, Event()):
        thread = hold(waits, [], stop)
        wait_for(places, 1)
        stop.set()
        thread.join()
        assert (places.num_waiting, places.num_taken) == (0, 1)
    with Place(places, 4, Event()):
        assert places.num_taken == 1


def test_a_place_in_the_queue_is_a_sentence():
    assert place_words(Waiting(3, 21.0)) == "3 before you, about 20 s"
    assert place_words(Waiting(0, 2.0)) == "You are next, in about 5 s"
    assert place_words(Waiting(1, 130.0)) == "1 before you, about 2 min"
    assert place_words(Waiting(0, 240.0)) == "You are next, in about 4 min"
    assert place_words(Waiting(2, None)) == "2 before you"
    assert place_words(Waiting(0, None)) == "You are next"
