from tests.app.conftest import actions, app_state, card, examples, model, session, tune

__all__ = ["actions", "app_state", "card", "examples", "model", "session", "tune"]
