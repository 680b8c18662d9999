"""Calls made up from the description of the API itself: right ones, wrong ones, absurd ones."""

import pytest
import schemathesis
import schemathesis.wfc.escalation  # else the first call does, beside threads
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from meloformer.app.jobs import store

CHECKS = (
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_schema_conformance, negative_data_rejection),
)
SETTINGS = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def described(client, midi, monkeypatch):
    """The API as it describes itself, but for MIDI files, of which there is one here."""
    monkeypatch.setattr(store, "MAX_ACTIVE", 1_000)
    monkeypatch.setattr(store, "MAX_ACTIVE_OF_ALL", 1_000)
    raw = client.get("openapi.json").json()
    for body in raw["components"]["schemas"].values():
        if "midi" in body.get("properties", {}):
            body["properties"]["midi"] = {"type": "string", "enum": [midi]}
    return schemathesis.openapi.from_dict(raw)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_asked_is_answered_as_described(described, client, mode, jobs):
    seen = set()

    def check(case):
        answer = case.call_and_validate(app=client.app, checks=CHECKS)
        seen.add(answer.status_code)
        if answer.status_code >= 400:
            assert answer.json()["problem"]
        if answer.status_code == 202:
            jobs.find("", answer.json()["id"]).stop.set()

    if mode.is_negative:
        described = described.exclude(path="/models")  # which takes nothing
    for operation in described.get_all_operations():
        cases = operation.ok().as_strategy(generation_mode=mode)
        SETTINGS(given(case=cases)(check))()
    assert seen >= ({200, 202, 404, 422} if mode.is_positive else {404, 422})
