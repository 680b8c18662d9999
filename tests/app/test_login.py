import anyio
import pytest
from anyio.from_thread import start_blocking_portal

from meloformer.app import login
from meloformer.app.login import LOCKED_S, MAX_FAILURES, Login
from meloformer.app.users import Users


@pytest.fixture
def users(monkeypatch) -> Users:
    monkeypatch.setattr(login, "FAILURE_S", 0.0)
    users = Users({})
    users.add("anna", "correct horse")
    return users


def test_who_guesses_is_locked_out_and_told_nothing(users):
    now = [0.0]
    door = Login(users, lambda: now[0])

    async def guess() -> None:
        assert await door.allow("anna", "correct horse")
        for number in range(MAX_FAILURES):
            assert not await door.allow("anna", str(number))
        assert not await door.allow("anna", "correct horse")
        now[0] += LOCKED_S + 1
        assert await door.allow("anna", "correct horse")

    with start_blocking_portal() as portal:  # a loop of its own, in a thread
        portal.call(guess)


def test_guesses_at_the_same_time_are_counted_each(users):
    door = Login(users)

    async def guess() -> None:
        async with anyio.create_task_group() as together:
            for number in range(MAX_FAILURES):
                together.start_soon(door.allow, "anna", str(number))
        assert not await door.allow("anna", "correct horse")

    with start_blocking_portal() as portal:  # a loop of its own, in a thread
        portal.call(guess)


def test_names_that_nobody_has_do_not_unlock_one(users):
    door = Login(users)

    async def guess() -> None:
        for number in range(MAX_FAILURES):
            assert not await door.allow("anna", str(number))
        for number in range(3):
            assert not await door.allow(f"nobody {number}", "x")
        assert not await door.allow("anna", "correct horse")

    with start_blocking_portal() as portal:  # a loop of its own, in a thread
        portal.call(guess)


def test_a_right_password_forgives_and_one_name_does_not_lock_another(users):
    users.add("bert", "battery staple")
    door = Login(users)

    async def guess() -> None:
        for _ in range(3):
            for number in range(MAX_FAILURES - 1):
                assert not await door.allow("anna", str(number))
            assert await door.allow("anna", "correct horse")
        for number in range(MAX_FAILURES):
            assert not await door.allow("nobody", str(number))
        assert await door.allow("bert", "battery staple")

    with start_blocking_portal() as portal:  # a loop of its own, in a thread
        portal.call(guess)
