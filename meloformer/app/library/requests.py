"""Requests as JSON, and back."""

import json
from dataclasses import asdict
from typing import Any

from meloformer.engine.changes import (
    metres_from_json,
    metres_to_json,
    tempos_from_json,
    tempos_to_json,
)
from meloformer.engine.handles.as_json import handles_from_json, handles_to_json
from meloformer.engine.request import (
    ContinueRequest,
    PartRequest,
    Presence,
    Request,
    RewriteRequest,
    SamplingConfig,
)
from meloformer.errors import LibraryError, MeloFormerError
from meloformer.score.part import Part

_KINDS: dict[str, type[ContinueRequest] | type[RewriteRequest]] = {
    "continue": ContinueRequest,
    "rewrite": RewriteRequest,
}


def request_to_json(request: Request) -> str:
    """Write all of a request but constraints of a program's own, which the app has none of."""
    content: dict[str, Any] = {
        "parts": [[one.part.number, one.presence.value] for one in request.parts],
        "chords": list(request.chords),
        "num_candidates": request.num_candidates,
        "seed": request.seed,
        "sampling": asdict(request.sampling),
        "copy_guard": request.copy_guard,
        "handles": handles_to_json(request.handles),
    }
    if isinstance(request, RewriteRequest):
        places = {"first_bar": request.first_bar, "last_bar": request.last_bar}
        return json.dumps({"kind": "rewrite", **content, **places})
    assert isinstance(request, ContinueRequest)
    own = {
        "num_bars": request.num_bars,
        "from_bar": request.from_bar,
        "tempos": tempos_to_json(request.tempos),
        "metres": metres_to_json(request.metres),
    }
    return json.dumps({"kind": "continue", **content, **own})


def request_from_json(text: str) -> ContinueRequest | RewriteRequest:
    """Read a request.

    Raises:
        LibraryError: It is none, or one of another version.
    """
    try:
        content: dict[str, Any] = json.loads(text)
        kind = _KINDS[content.pop("kind")]
        parts = tuple(
            PartRequest(Part.from_number(number), Presence(presence))
            for number, presence in content.pop("parts")
        )
        handles = handles_from_json(content.pop("handles", {}))
        for name, read in (("tempos", tempos_from_json), ("metres", metres_from_json)):
            if found := content.pop(name, None):
                content[name] = read(found)
        chords, sampling = tuple(content.pop("chords")), _sampling(content.pop("sampling"))
        return kind(parts=parts, chords=chords, sampling=sampling, handles=handles, **content)
    except (AttributeError, KeyError, TypeError, ValueError, MeloFormerError) as error:
        raise LibraryError("What a version was asked for is not understood any more.") from error


def _sampling(content: dict[str, Any]) -> SamplingConfig:
    inner = {
        name: _sampling(content[name]) if content[name] is not None else None
        for name in ("chords", "onsets")
    }
    return SamplingConfig(**{**content, **inner})
