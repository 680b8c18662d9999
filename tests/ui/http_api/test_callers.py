import pytest

from meloformer.app.access_tokens import TokenChecker, new_token, remove_tokens
from ui.http_api.callers import ApiState


@pytest.fixture
def file(tmp_path):
    return tmp_path / "users.txt.tokens"


@pytest.fixture
def users() -> set[str]:
    return {"anna", "bert"}


@pytest.fixture
def called(app_state, jobs, file, users) -> ApiState:
    """Where visitors log in."""
    tokens = TokenChecker(file, users.__contains__)
    return ApiState(app_state, jobs, tokens=tokens, is_shared=False)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", path) for path in ("continue", "rewrite", "compose", "render", "describe")),
        *(("GET", "models"), ("GET", "jobs/x"), ("DELETE", "jobs/x"), ("POST", "jobs/x/cancel")),
        *(("GET", "jobs/x/events"), ("GET", "jobs/x/files/version-1.mid")),
    ],
)
def test_every_call_asks_for_a_token(client, file, method, path):
    token = new_token(file, "anna")
    wrong = [{}, bearer(""), bearer("x"), bearer(token[:-1]), bearer(f"{token}x"), bearer("mf_é_x")]
    for headers in (*wrong, {"Authorization": f"Basic {token}"}):
        headers = {name: value.encode() for name, value in headers.items()}
        answer = client.request(
            method, path, headers=headers, json={} if method == "POST" else None
        )
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "token" in answer.json()["problem"]


def test_a_job_is_its_users_alone(client, file):
    anna, bert = bearer(new_token(file, "anna")), bearer(new_token(file, "bert"))
    job = client.post("compose", json={"bars": 1}, headers=anna).json()
    assert client.get(job["events"], headers=anna).status_code == 200
    (made,) = client.get(job["url"], headers=anna).json()["files"]
    assert client.get(made["url"], headers=anna).status_code == 200
    for path in (job["url"], job["events"], made["url"]):
        assert client.get(path, headers=bert).status_code == 404
    assert client.delete(job["url"], headers=bert).status_code == 404
    assert client.post(f"{job['url']}/cancel", headers=bert).status_code == 404


def test_a_token_counts_until_it_or_its_user_is_taken_away(client, file, users):
    def status(token):
        return client.get("models", headers=bearer(token)).status_code

    assert status("mf_0_x") == 401  # where there is no file yet
    first, second = new_token(file, "anna"), new_token(file, "anna")
    assert (status(first), status(second)) == (200, 200)
    remove_tokens(file, "anna", first.split("_")[1])
    assert (status(first), status(second)) == (401, 200)
    users.remove("anna")
    assert status(second) == 401


def test_what_is_described_is_the_same_for_all(client):
    assert client.get("openapi.json").status_code == 200
    assert client.get("docs").status_code == 200


def test_where_nobody_logs_in_callers_are_told_apart_by_their_address(app_state, jobs):
    here = ApiState(app_state, jobs, tokens=None, is_shared=True)
    assert here.owner("127.0.0.1", "") == here.owner("127.0.0.2", "") == ""
    open_to_all = ApiState(app_state, jobs, tokens=None, is_shared=False)
    assert open_to_all.owner("10.0.0.1", "") != open_to_all.owner("10.0.0.2", "")
