import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ui.health import health_routes


@pytest.fixture
def ask(app_state):
    def get(path, client="127.0.0.1", **headers):
        app = Starlette(routes=health_routes(app_state.metrics))
        with TestClient(app, "http://localhost:7860", client=(client, 50_000)) as asker:
            return asker.get(path, headers=headers)

    return get


def test_whoever_runs_the_app_reads_its_numbers(ask):
    assert "meloformer_runs_total" in ask("/metrics").text
    assert ask("/metrics", client="::1", Host="[::1]:7860").status_code == 200
    assert ask("/metrics", client="10.0.0.7").status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "10.0.0.7"},
        {"Forwarded": "for=10.0.0.7"},
        {"X-Real-IP": "10.0.0.7"},
        {"Via": "1.1 proxy"},
        {"Host": "music.school.example"},
    ],
)
def test_a_proxy_on_this_machine_does_not_pass_the_numbers_on(ask, header):
    assert ask("/metrics", **header).status_code == 404
    assert ask("/healthz", **header).json()["status"] == "ok"
