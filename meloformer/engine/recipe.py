"""Recipes: how new bars of a file were asked for, as a line of JSON that travels in the file.

Anybody may have written a file, so the text of a recipe is capped before it is parsed, and what is
not exactly as it is written here is refused. docs/midi.md describes the format.

Loads without torch.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

from meloformer.engine.changes import (
    MetreChange,
    TempoChange,
    check_changes,
    metres_from_json,
    metres_to_json,
    tempos_from_json,
    tempos_to_json,
)
from meloformer.engine.handles.as_json import handles_from_json, handles_to_json
from meloformer.engine.handles.handles import NO_HANDLES, Handles
from meloformer.engine.request import (
    MAX_BARS,
    MAX_REWRITE_BARS,
    MAX_SEED,
    PartRequest,
    Presence,
    SamplingConfig,
)
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES, Part

VERSION: Final = 1
MAX_TEXT_BYTES: Final = 32_768
"""All 1032 parts over 64 chords take two thirds of it."""
MAX_MODEL_CHARACTERS: Final = 100

_HASH = re.compile("[0-9a-f]{64}")
_LAST_BAR: Final = 100_000
_KEYS: Final[dict[str, type]] = {
    "version": int,
    "task": str,
    "first_bar": int,
    "bars": int,
    "finished": int,
    "at_end": bool,
    "parts": list,
    "chords": list,
    "sampling": dict,
    "seed": int,
    "copy_guard": bool,
    "model": str,
    "model_hash": str,
    "parent": str,
}
_MORE_KEYS: Final[dict[str, type]] = {"handles": dict, "tempos": list, "metres": list}
"""What is left out where nothing is asked for."""
_FILTERS: Final = ("temperature", "top_k", "top_p", "min_p")
_OWN_FILTERS: Final = ("chords", "onsets")
"""What may be drawn with filters of its own."""


class RecipeTask(StrEnum):
    """What was asked for."""

    CONTINUE = "continue"
    REWRITE = "rewrite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the new bars of a file were asked for. Bars are numbered as musicians do."""

    task: RecipeTask
    first_bar: int
    """The first new bar; a pickup is bar 0."""
    num_bars: int
    """Bars asked for."""
    num_finished: int
    """Bars that were written: fewer where it was stopped."""
    at_end: bool
    """Whether the whole piece was continued, and not cut at a bar chosen by hand."""
    parts: tuple[PartRequest, ...]
    """As in the request."""
    chords: tuple[int, ...]
    """As in the request."""
    sampling: SamplingConfig
    seed: int
    """Of these bars alone: the first version drawn with it is the same music."""
    copy_guard: bool
    model: str
    """The name on its card."""
    model_hash: str
    """SHA-256 of its weights."""
    parent: str
    """SHA-256 of the file that was continued or changed, a recipe in it left out."""
    handles: Handles = NO_HANDLES
    """As in the request."""
    tempos: tuple[TempoChange, ...] = ()
    """As in the request: their bars count from the first new one."""
    metres: tuple[MetreChange, ...] = ()
    """As in the request."""

    def __post_init__(self) -> None:
        most = MAX_BARS if self.task is RecipeTask.CONTINUE else MAX_REWRITE_BARS
        _require(0 <= self.first_bar <= _LAST_BAR, "The first bar")
        _require(1 <= self.num_bars <= most, "The number of bars")
        _require(1 <= self.num_finished <= self.num_bars, "The number of finished bars")
        _require(not self.at_end or self.task is RecipeTask.CONTINUE, "The end")
        _require(len({one.part for one in self.parts}) == len(self.parts), "The parts")
        _require(len(self.chords) <= self.num_bars, "The chords")
        is_rewriting = self.task is RecipeTask.REWRITE
        kept = self.handles.keep or self.handles.locks or self.handles.notes
        _require(is_rewriting or not kept, "What is kept")
        _require(not (is_rewriting and (self.tempos or self.metres)), "A tempo or metre")
        check_changes(self.tempos, self.num_bars)
        check_changes(self.metres, self.num_bars)
        _require(0 <= self.seed <= MAX_SEED, "The seed")
        _require(self.model.isprintable(), "The name of the model")
        _require(len(self.model) <= MAX_MODEL_CHARACTERS, "The name of the model")
        for found in (self.model_hash, self.parent):
            _require(_HASH.fullmatch(found) is not None, "A hash")

    @property
    def last_bar(self) -> int:
        """The last new bar."""
        return self.first_bar + self.num_finished - 1

    @property
    def from_nothing(self) -> bool:
        """Whether nothing was there before: a continuation keeps at least a bar."""
        return self.task is RecipeTask.CONTINUE and self.at_end and self.first_bar == 1

    def to_json(self) -> dict[str, object]:
        """Return the recipe as it is written into a file."""
        return {
            "version": VERSION,
            "task": self.task.value,
            "first_bar": self.first_bar,
            "bars": self.num_bars,
            "finished": self.num_finished,
            "at_end": self.at_end,
            "parts": [
                [one.part.program, one.part.instance, one.presence.value] for one in self.parts
            ],
            "chords": [CHORD_NAMES[chord] for chord in self.chords],
            "sampling": _sampling_to_json(self.sampling),
            "seed": self.seed,
            "copy_guard": self.copy_guard,
            "model": self.model,
            "model_hash": self.model_hash,
            "parent": self.parent,
            **({"handles": handles_to_json(self.handles)} if self.handles else {}),
            **({"tempos": tempos_to_json(self.tempos)} if self.tempos else {}),
            **({"metres": metres_to_json(self.metres)} if self.metres else {}),
        }

    def to_text(self) -> str:
        """Return the recipe as one line of JSON, in ASCII."""
        return json.dumps(self.to_json(), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: bytes) -> "Recipe":
        """Read a recipe that may have come from anywhere.

        Raises:
            ConfigError: It is of another version, or anything about it is not as `to_text` has it.
        """
        _require(len(text) <= MAX_TEXT_BYTES, "The length")
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError("The recipe is no JSON.") from error
        version = content.get("version") if isinstance(content, dict) else None
        if type(version) is int and version != VERSION:
            raise ConfigError(
                phrase(
                    "The recipe is of version {its}, and this MeloFormer reads version {version}.",
                    its=str(version)[:20],
                    version=VERSION,
                )
            )
        _require(isinstance(content, dict), "The form")
        more = {key: kind for key, kind in _MORE_KEYS.items() if key in content}
        values = _exactly(content, _KEYS | more)
        task, chords = values["task"], cast("list[object]", values["chords"])
        _require(task in set(RecipeTask), "The task")
        _require(all(type(one) is str and one in CHORD_NAMES for one in chords), "The chords")
        return cls(
            task=RecipeTask(cast(str, task)),
            parts=tuple(_part_from_json(one) for one in cast("list[object]", values["parts"])),
            chords=tuple(CHORD_NAMES.index(str(one)) for one in chords),
            sampling=_sampling_from_json(cast("dict[str, object]", values["sampling"])),
            num_bars=cast(int, values["bars"]),
            num_finished=cast(int, values["finished"]),
            first_bar=cast(int, values["first_bar"]),
            at_end=cast(bool, values["at_end"]),
            seed=cast(int, values["seed"]),
            copy_guard=cast(bool, values["copy_guard"]),
            model=cast(str, values["model"]),
            model_hash=cast(str, values["model_hash"]),
            parent=cast(str, values["parent"]),
            handles=handles_from_json(values.get("handles", {})),
            tempos=tempos_from_json(values["tempos"]) if "tempos" in values else (),
            metres=metres_from_json(values["metres"]) if "metres" in values else (),
        )


def _part_from_json(content: object) -> PartRequest:
    _require(isinstance(content, list) and len(content) == 3, "A part")
    program, instance, presence = cast("list[object]", content)
    _require(type(program) is int and 0 <= program <= DRUM_PROGRAM, "A part")
    most = 1 if program == DRUM_PROGRAM else MAX_INSTANCES
    _require(type(instance) is int and 1 <= instance <= most, "A part")
    _require(type(presence) is str and presence in set(Presence), "A part")
    part = Part(cast(int, program), cast(int, instance))
    return PartRequest(part, Presence(cast(str, presence)))


def _sampling_to_json(sampling: SamplingConfig) -> dict[str, object]:
    if sampling.adventure is not None:
        return {"adventure": sampling.adventure}
    own = {name: getattr(sampling, name) for name in _OWN_FILTERS}
    filters = {name: getattr(sampling, name) for name in _FILTERS}
    return filters | {name: _sampling_to_json(one) for name, one in own.items() if one is not None}


def _sampling_from_json(content: dict[str, object], *, is_own: bool = False) -> SamplingConfig:
    if not is_own and content.keys() == {"adventure"}:
        return SamplingConfig.from_adventure(_number(content["adventure"]))
    allowed = {*_FILTERS, *(() if is_own else _OWN_FILTERS)}
    _require(content.keys() >= set(_FILTERS) and content.keys() <= allowed, "The sampling")
    _require(type(content["top_k"]) is int, "The sampling")
    own: dict[str, SamplingConfig] = {}
    for name in _OWN_FILTERS:
        if name in content:
            _require(isinstance(content[name], dict), "The sampling")
            filters = cast("dict[str, object]", content[name])
            own[name] = _sampling_from_json(filters, is_own=True)
    return SamplingConfig(
        temperature=_number(content["temperature"]),
        top_k=cast(int, content["top_k"]),
        top_p=_number(content["top_p"]),
        min_p=_number(content["min_p"]),
        chords=own.get("chords"),
        onsets=own.get("onsets"),
    )


def _number(value: object) -> float:
    _require(type(value) in (int, float), "The sampling")
    return float(cast(float, value))


def _exactly(content: object, kinds: dict[str, type]) -> dict[str, object]:
    """Check that a JSON object has these keys, no others, and values of these types."""
    _require(isinstance(content, dict), "The form")
    values = cast("dict[str, object]", content)
    _require(values.keys() == kinds.keys(), "A key")
    for key, kind in kinds.items():
        _require(type(values[key]) is kind, f"The value `{key}`")
    return values


def _require(is_right: bool, what: str) -> None:
    if not is_right:
        raise ConfigError(
            phrase(
                "{what} of the recipe can't be right.",
                what=what,
            )
        )
