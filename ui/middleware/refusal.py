"""A refusal: a status and one sentence."""

import logging

from starlette.responses import JSONResponse

logger = logging.getLogger(__name__)


def refusal(status: int, sentence: str) -> JSONResponse:
    """Return a refusal as an HTTP answer.

    It is logged without what was asked for: addresses and names in it are the asker's choice.
    """
    logger.info("Refused a request with %d: %s", status, sentence)
    said = {"detail": sentence, "problem": sentence, "hint": ""}  # as Gradio and as our API say it
    return JSONResponse(said, status_code=status)
