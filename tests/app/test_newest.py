from threading import RLock, Thread

from meloformer.app.newest import Newest


def told(newest, what, order):
    with newest.told(what, order) as is_newest:
        return is_newest


def test_what_is_older_than_what_was_told_does_not_count():
    newest = Newest(RLock())
    assert [told(newest, "take", order) for order in (5, 4, 5, 6)] == [True, False, True, True]
    assert told(newest, "mixer", 1)


def test_what_comes_without_an_order_counts():
    newest = Newest(RLock())
    assert told(newest, "take", 5)
    assert told(newest, "take", None)
    assert told(newest, "take", "late")
    assert not told(newest, "take", 4)


def test_another_waits_until_what_was_told_has_taken_effect():
    newest, seen = Newest(RLock()), []

    def tell():
        with newest.told("take", 1) as is_newest:
            seen.append(is_newest)

    with newest.told("take", 2):
        other = Thread(target=tell)
        other.start()
        other.join(0.05)
        assert seen == []
    other.join()
    assert seen == [False]
