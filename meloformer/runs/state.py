"""The state of a run: one small file, replaced whole, so that no reader sees half of it."""

import math
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from meloformer.errors import RunError
from meloformer.files import MAX_JSON_BYTES, read_json, write_json

STATE = "state.json"


class Status(StrEnum):
    """The status of a run."""

    QUEUED = "queued"
    """Waits for its device."""
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    """Has seen that it shall stop, and saves."""
    STOPPED = "stopped"
    """At rest by request, or not begun yet; can go on."""
    FINISHED = "finished"
    FAILED = "failed"
    """Stopped by itself; `reason` says why."""
    INTERRUPTED = "interrupted"
    """Its processes are gone without having said so; can go on."""


_OVER = frozenset({Status.STOPPED, Status.FINISHED, Status.FAILED, Status.INTERRUPTED})


@dataclass(frozen=True, kw_only=True)
class RunState:
    """The state of a run as it was last written."""

    status: Status
    step: int = 0
    steps: int = 0
    """How many there will be; 0 if the run goes by time."""
    fraction: float = 0.0
    """Share of the run that is done, 0 to 1."""
    tokens: int = 0
    seconds: float = 0.0
    """Training time so far, over all its sittings."""
    seconds_left: float | None = None
    seconds_per_step: float | None = None
    """As this machine has taken since the run was last started, measuring and saving included; None
    until that is known."""
    loss: float | None = None
    """Mean over the last logged steps, in nats a token."""
    bits_per_note: float | None = None
    """Of held-out music, when it was last looked at."""
    reason: str = ""
    """A sentence: why the run failed or was ended."""
    updated: str = ""
    """When this was written, UTC, ISO 8601."""

    @property
    def is_over(self) -> bool:
        """Whether the run has ended, for now or for good."""
        return self.status in _OVER


def write_state(folder: Path, state: RunState) -> RunState:
    """Replace the state of the run in `folder`.

    Returns:
        What was written: with the time, and None for numbers that are not finite.
    """
    written = replace(
        state,
        seconds_left=_finite(state.seconds_left),
        seconds_per_step=_finite(state.seconds_per_step),
        loss=_finite(state.loss),
        bits_per_note=_finite(state.bits_per_note),
        updated=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_json(folder / STATE, asdict(written))
    return written


def change_state(folder: Path, status: Status, reason: str = "") -> RunState:
    """Give the run another status and keep how far it is."""
    return write_state(folder, replace(read_state(folder), status=status, reason=reason))


def read_state(folder: Path) -> RunState:
    """Read what was last written; `Run.state` finds out whether it still holds.

    A state that is missing or damaged, as a full disk or a power cut can leave it, is an
    interrupted run at step 0: the trainer knows from its checkpoint where it was.
    """
    try:
        return _from_json(read_object(folder / STATE))
    except RunError as error:
        return RunState(status=Status.INTERRUPTED, reason=error.problem)


def read_object(path: Path) -> dict[str, object]:
    """Read a small JSON object.

    Raises:
        RunError: It is missing, too long, or no object.
    """
    where = f"{path.parent.name}/{path.name}"
    try:
        content = read_json(path)
    except OSError as error:
        raise RunError(f"{where} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise RunError(f"{where} is damaged: {error}") from error
    if not isinstance(content, dict):
        raise RunError(f"{where} is no JSON object of at most {MAX_JSON_BYTES:,} bytes")
    return content


_KINDS: dict[object, tuple[type, ...]] = {
    Status: (str,),
    str: (str,),
    int: (int,),
    float: (int, float),
    float | None: (int, float, type(None)),
}


def _from_json(content: dict[str, object]) -> RunState:
    values: dict[str, object] = {}
    for one in fields(RunState):
        value = content.get(one.name, None if one.name == "status" else one.default)
        if type(value) not in _KINDS[one.type]:
            raise RunError(f"the state of the run has a strange {one.name}: {value!r}")
        values[one.name] = value
    if values["status"] not in list(Status):
        raise RunError(f"the state of the run has a strange status: {values['status']!r}")
    return RunState(**{**values, "status": Status(str(values["status"]))})  # type: ignore[arg-type]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
