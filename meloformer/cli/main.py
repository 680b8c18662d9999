"""The command line: a verb is a function that parses its arguments, calls the API and prints.

Rooms are imported inside their verb, so that `meloformer --help` answers at once.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper

import tyro

from meloformer.cli.app import app
from meloformer.cli.copy_guard import copy_guard
from meloformer.cli.corpus import convert, prepare
from meloformer.cli.describe import describe
from meloformer.cli.evaluation import evaluate
from meloformer.cli.listening import listen
from meloformer.cli.models import models
from meloformer.cli.music import continue_, render, tokens
from meloformer.cli.opening import compose
from meloformer.cli.programs import mcp, osc, watch
from meloformer.cli.score import score, stems
from meloformer.cli.training import fine_tune, runs, train
from meloformer.cli.users import user
from meloformer.cli.workers import workers
from meloformer.errors import MeloFormerError
from meloformer.outputs import disk_problem


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a failure the user can act on is one sentence and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files may be any bytes
    verbs: dict[str, Callable[..., None]] = {
        "app": app,
        "compose": compose,
        "continue": continue_,
        "describe": describe,
        "render": render,
        "score": score,
        "stems": stems,
        "tokens": tokens,
        "prepare": prepare,
        "convert": convert,
        "fine-tune": fine_tune,
        "train": train,
        "runs": runs,
        "evaluate": evaluate,
        "listen": listen,
        "copy-guard": copy_guard,
        "models": models,
        "user": user,
        "workers": workers,
        "watch": watch,
        "mcp": mcp,
        "osc": osc,
    }
    try:
        tyro.extras.subcommand_cli_from_dict(
            verbs, prog="meloformer", description="Continue your music.", args=arguments
        )
        sys.stdout.flush()
    except MeloFormerError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # whoever read along, such as `head`, has read enough
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # what is left is not tried again
        sys.exit(141)
    except OSError as error:
        problem = disk_problem(error)
        if problem is None:
            raise
        print(problem.problem, error.filename or "", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("Stopped before it was done.", file=sys.stderr)
        sys.exit(130)
