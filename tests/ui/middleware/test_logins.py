import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from ui.middleware.logins import NO_LOGIN, LoginMiddleware

GRADIO = "/gradio_api/"


def user_of(request: Request) -> str | None:
    return request.cookies.get("user")


@pytest.fixture
def ask():
    return TestClient(LoginMiddleware(PlainTextResponse("answered"), user_of)).request


@pytest.mark.parametrize(
    "name",
    [
        *("cancel", "reset", "heartbeat/x", "queue/join", "queue/data", "upload"),
        *("upload_progress", "file=/x", "custom_component/1/client/component/index.js"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_has_not_logged_in_gets_nothing_of_gradio(ask, method, name):
    answer = ask(method, GRADIO + name)
    assert (answer.status_code, answer.json()["detail"]) == (401, NO_LOGIN)
    assert ask(method, GRADIO + name, headers={"Cookie": "user=anna"}).text == "answered"


@pytest.mark.parametrize(
    "path", ["/", "/login", f"{GRADIO}login_check", f"{GRADIO}startup-events", "/api/v1/models"]
)
def test_the_page_of_the_login_is_there_and_the_public_api_asks_itself(ask, path):
    assert ask("GET", path).text == "answered"
