"""The curves of a run, as the page draws them.

Axes: N logged steps, P points that are drawn, E evaluations, K numbers of each.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meloformer.phrases import phrase

Floats = NDArray[np.float64]

MAX_POINTS = 240
"""Of a curve on the page; more would not be told apart."""
MAX_ROWS = 30
"""Of the table beside the curves."""
_SMOOTHED = 24
"""The smooth curve averages over about this part of the run."""
_STEP = ("step", "seconds", "loss", "rate", "tokens_per_s")
EVALUATION = ("step", "seconds", "bits_per_note")
"""The numbers of an evaluation that are drawn."""


def curves_message(
    steps: Iterable[Mapping[str, object]],
    evaluations: Iterable[Mapping[str, object]],
    end_s: float,
    waiting: Mapping[str, str],
) -> dict[str, Any]:
    """Return the curves as the page draws them.

    Args:
        steps: Lines of `metrics.jsonl` on steps, as `Run.metrics` gives them.
        evaluations: And on evaluations.
        end_s: Where the axis of time ends at least, in seconds of training.
        waiting: What stands in place of each curve while it has no points.
    """
    logged = table_of(steps, _STEP)  # (N, 5)
    held = table_of(evaluations, EVALUATION)  # (E, 3)
    drawn = thin(np.column_stack([logged, smooth(logged[:, 2])]))  # (P, 6)
    last_s = max([end_s, *logged[-1:, 1], *held[-1:, 1]])
    return {
        "end": round(float(last_s), 1),
        "steps": drawn[:, 0].astype(int).tolist(),
        "seconds": _rounded(drawn[:, 1], 1),
        "loss": _rounded(drawn[:, 2], 4),
        "rate": _rounded(100 * drawn[:, 3], 2),
        "speed": _rounded(drawn[:, 4], 1),
        "smooth": _rounded(drawn[:, 5], 4),
        "held": {
            "steps": held[:, 0].astype(int).tolist(),
            "seconds": _rounded(held[:, 1], 1),
            "bits": _rounded(held[:, 2], 4),
            "before": float(held[0, 2]) if len(held) and held[0, 0] == 0 else None,
        },
        "words": _words(logged, held),
        "waiting": dict(waiting),
        "columns": [
            phrase("Step"),
            phrase("Minutes"),
            phrase("Loss"),
            phrase("Bits a note"),
            phrase("Tokens a second"),
        ],
        "rows": _rows(logged, held),
    }


def table_of(lines: Iterable[Mapping[str, object]], names: Sequence[str]) -> Floats:
    """Return the numbers of some lines, without incomplete lines and without repetitions.

    Returns:
        By step, strictly growing. (N, K).
    """
    rows: list[list[float]] = []
    for line in lines:
        values = [line.get(name) for name in names]
        if not all(type(value) in (int, float) for value in values):
            continue
        row = [float(value) for value in values]  # type: ignore[arg-type]  # they are numbers
        if not np.isfinite(row).all():
            continue
        # A run that was killed goes on from its last save, and repeats what came after.
        while rows and rows[-1][0] >= row[0]:
            rows.pop()
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(-1, len(names))


def smooth(values: Floats) -> Floats:
    """Return a centred moving average, over less at both ends. (N,) to (N,)."""
    half = len(values) // (2 * _SMOOTHED)
    if not half:
        return values
    window = np.ones(2 * half + 1)
    counts = np.convolve(np.ones(len(values)), window, "same")
    return np.convolve(values, window, "same") / counts


def thin(rows: Floats) -> Floats:
    """Return the means of neighbours: at most `MAX_POINTS` rows, the last as it is.

    Args:
        rows: Time goes down. (N, K).

    Returns:
        (P, K).
    """
    if len(rows) <= MAX_POINTS:
        return rows
    edges = np.linspace(0, len(rows) - 1, MAX_POINTS, dtype=int)  # the last row is on its own
    means = np.add.reduceat(rows[:-1], edges[:-1]) / np.diff(edges)[:, None]
    return np.concatenate([means, rows[-1:]])


def _words(logged: Floats, held: Floats) -> dict[str, str]:
    """Return the curves in words, for screen readers."""
    return {
        "loss": _course(phrase("Loss in nats a token"), logged, 2, "{:.2f}"),
        "held": _course(phrase("Bits a note on music held back"), held, 2, "{:.2f}"),
        "rate": _course(phrase("Learning rate as a share of its peak"), logged, 3, "{:.0%}"),
        "speed": _course(phrase("Tokens a second"), logged, 4, "{:,.0f}"),
    }


def _course(name: str, rows: Floats, column: int, form: str) -> str:
    if not len(rows):
        return phrase("{name}: nothing measured yet.", name=name)
    values = rows[:, column]
    first, last, low = (form.format(value) for value in (values[0], values[-1], values.min()))
    minutes = rows[-1, 1] / 60
    return phrase(
        "{name}: {first} at first, {last} after {minutes:.1f} minutes; lowest {low}.",
        name=name,
        first=first,
        last=last,
        minutes=minutes,
        low=low,
    )


def _rows(logged: Floats, held: Floats) -> list[list[str]]:
    """Return step, minutes, loss, bits a note and tokens a second, evenly over the run."""
    count = min(len(logged), MAX_ROWS)
    chosen = logged[np.linspace(0, len(logged) - 1, count, dtype=int)]
    steps = sorted({*chosen[:, 0], *held[-MAX_ROWS:, 0]})
    by_step = {row[0]: row for row in logged}
    bits = {row[0]: row for row in held}
    rows = []
    for step in steps:
        row, evaluation = by_step.get(step), bits.get(step)
        seconds = row[1] if row is not None else bits[step][1]
        rows.append(
            [
                f"{step:,.0f}",
                f"{seconds / 60:.1f}",
                "" if row is None else f"{row[2]:.3f}",
                "" if evaluation is None else f"{evaluation[2]:.3f}",
                "" if row is None else f"{row[4]:,.0f}",
            ]
        )
    return rows


def _rounded(values: Floats, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
