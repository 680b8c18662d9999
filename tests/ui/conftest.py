from tests.app.conftest import actions, app_state, examples, model, session, tune

__all__ = ["actions", "app_state", "examples", "model", "session", "tune"]
