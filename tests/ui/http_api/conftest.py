from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from httpx import Response
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from meloformer.app.jobs.store import JobStore
from ui.http_api.app import api_route
from ui.http_api.callers import ApiState
from ui.middleware.routes import PUBLIC_API, RouteMiddleware


@pytest.fixture
def jobs(tmp_path) -> JobStore:
    return JobStore(tmp_path / "jobs", max_bytes=1_000_000, least_free_bytes=0)


@pytest.fixture
def called(app_state, jobs) -> ApiState:
    return ApiState(app_state, jobs, tokens=None, is_shared=True)


class ApiClient(TestClient):
    """Asks the API: `models` for /api/v1/models."""

    def request(self, method: str, url: str, **kwargs: Any) -> Response:
        return super().request(method, url if url[0] == "/" else f"{PUBLIC_API}/{url}", **kwargs)


@pytest.fixture(scope="session")
def route() -> Mount:
    return api_route(None)  # each test has a state of its own


@pytest.fixture
def client(route, called) -> Iterator[ApiClient]:
    route.app.state.api, route.app.openapi_schema = called, None
    app = RouteMiddleware(Starlette(routes=[route]))
    with ApiClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def midi(tune) -> str:
    return b64encode(tune).decode()


@pytest.fixture
def ask(client) -> Callable[..., dict[str, Any]]:
    """Begin a job and return its answer, or what is refused."""

    def ask(path: str, **body: Any) -> dict[str, Any]:
        answer = client.post(path, json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()

    return ask


@pytest.fixture
def finish(client) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Wait until a job is over, and return what it says then."""

    def finish(job: dict[str, Any]) -> dict[str, Any]:
        # The stream of events ends with the job.
        assert client.get(job["events"]).status_code == 200
        return client.get(job["url"]).json()

    return finish
