"""Tasks: requests made of one piece."""

from meloformer.engine.tasks.continuation import Continuation
from meloformer.engine.tasks.of_request import task_of
from meloformer.engine.tasks.rewriting import Rewriting
from meloformer.engine.tasks.task import ReplacedBars, Task

__all__ = ["Continuation", "ReplacedBars", "Rewriting", "Task", "task_of"]
