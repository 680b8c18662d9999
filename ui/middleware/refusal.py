"""A refusal: a status and one sentence."""

import logging

from starlette.responses import JSONResponse

logger = logging.getLogger(__name__)


def refusal(status: int, sentence: str, hint: str = "") -> JSONResponse:
    """Return a refusal as an HTTP answer.

    It is logged without what was asked for: addresses and names in it are the asker's choice.
    """
    logger.info("Refused a request with %d: %s", status, sentence)
    # As Gradio and as our API say it.
    said = {"detail": sentence, "problem": sentence, "hint": hint}
    return JSONResponse(said, status_code=status)
