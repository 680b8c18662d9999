from tests.engine.conftest import card, model, score

__all__ = ["card", "model", "score"]
