import pytest

from ui.middleware.headers import strict


def parts(cookie: str) -> set[str]:
    return set(cookie.split("; "))


def test_a_login_is_sent_by_this_site_alone_and_ends():
    loose = "access-token-x=secret; HttpOnly; Path=/; SameSite=none; Secure"
    kept = {"access-token-x=secret", "HttpOnly", "Path=/", "SameSite=Strict", "Max-Age=43200"}
    assert parts(strict(loose, is_secure=False)) == kept
    assert parts(strict(loose, is_secure=True)) == {*kept, "Secure"}


@pytest.mark.parametrize("end", ["Max-Age=0", "expires=Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_logout_stays_one(end):
    cookie = strict(f"access-token-x=; {end}; Path=/; SameSite=lax", is_secure=False)
    assert parts(cookie) == {"access-token-x=", end, "Path=/", "SameSite=Strict"}
