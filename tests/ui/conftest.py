import asyncio

import pytest

from tests.app.conftest import actions, app_state, card, examples, model, session, tune

__all__ = ["actions", "app_state", "card", "examples", "model", "session", "tune"]


@pytest.fixture
def one_event_loop(monkeypatch):
    """Gradio makes event loops for its locks and never closes them; here it gets one of ours."""
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()
