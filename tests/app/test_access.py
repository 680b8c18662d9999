import pytest

from meloformer.app.access import may_train, owner_of


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.5", "::1", "localhost"])
def test_this_machine_may_train(host):
    assert may_train(host, has_login=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "studio.local", ""])
def test_others_may_only_train_when_they_have_said_who_they_are(host):
    assert not may_train(host, has_login=False)
    assert may_train(host, has_login=True)


def test_each_user_has_a_library_and_this_machine_has_one_for_all():
    secret = "a" * 32
    assert owner_of(None, secret, is_shared=True) == owner_of(None, None, is_shared=True) == ""
    assert owner_of("me", secret, is_shared=True) == "user:me"
    mine = owner_of(None, secret, is_shared=False)
    assert mine == owner_of(None, secret, is_shared=False)
    assert mine != owner_of(None, "b" * 32, is_shared=False)
    assert secret not in mine
    for wrong in (None, "", "short", "x" * 200, 7):
        assert owner_of(None, wrong, is_shared=False) != owner_of(None, wrong, is_shared=False)
