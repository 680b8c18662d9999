"""The one place that tells requests apart."""

from meloformer.engine.request import ContinueRequest, Request, RewriteRequest
from meloformer.engine.tasks.continuation import Continuation
from meloformer.engine.tasks.rewriting import Rewriting
from meloformer.engine.tasks.task import Task
from meloformer.tokens import Encoding


def task_of(encoding: Encoding, request: Request) -> Task:
    """Make a request a task.

    Args:
        encoding: The piece it is made of.
        request: A `ContinueRequest` or a `RewriteRequest`.
    """
    match request:
        case ContinueRequest():
            return Continuation(encoding, request)
        case RewriteRequest():
            return Rewriting(encoding, request)
    raise TypeError(f"There is no task for a {type(request).__name__}.")
