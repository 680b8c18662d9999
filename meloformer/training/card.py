"""The card of a run's checkpoints."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from meloformer.checkpoint import GUARDED, UNGUARDED, Card, DataSource
from meloformer.data.shards import Shards
from meloformer.model.config import ModelConfig
from meloformer.runs.config import TrainConfig
from meloformer.tokens.vocabulary import vocabulary

NO_GAPS = "It was not trained on gaps: it continues, and does not fill in."


def card_of(
    config: TrainConfig,
    model: ModelConfig,
    data: tuple[DataSource, ...],
    *,
    steps: int,
    tokens: int,
    metrics: dict[str, object],
    base: Card | None,
) -> Card:
    """Make the card of the weights after so many steps and tokens of a run.

    It tells of their whole life: what the base has seen before is added.

    Args:
        config: Of the run.
        model: What it trains.
        data: From `data_sources`.
        steps: Of the run.
        tokens: That the run has seen.
        metrics: What was measured.
        base: What it started from.
    """
    infill = config.fill > 0 or (base is not None and base.infill)
    context_tokens = longest_context(config, base)
    return Card(
        name=config.name,
        model=model,
        vocabulary=vocabulary().fingerprint,
        context_tokens=context_tokens,
        steps=steps + (base.steps if base else 0),
        tokens_seen=tokens + (base.tokens_seen if base else 0),
        infill=infill,
        data=data,
        metrics=metrics,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        limits=limits(context_tokens, infill=infill) + _guard_of(base),
    )


def longest_context(config: TrainConfig, base: Card | None) -> int:
    """Return the length of the longest rows that a model has learned from, in tokens.

    Positions are musical, so that shorter rows teach nothing wrong about longer ones: a model that
    is fine-tuned on them still reads as much as its base.

    Args:
        config: Of the run.
        base: What it started from.
    """
    return max(config.context_tokens, base.context_tokens if base else 0)


def limits(context_tokens: int, *, infill: bool) -> tuple[str, ...]:
    """Return what follows from the length of the rows, and from whether some had gaps."""
    past = (
        f"It was trained on rows of {context_tokens:,} tokens and reads no more of a piece at once."
    )
    return (past,) if infill else (past, NO_GAPS)


def _guard_of(base: Card | None) -> tuple[str, ...]:
    """Return what holds of the base's index of training music, which stays as it is."""
    known = tuple(one for one in base.limits if one.startswith(GUARDED)) if base else ()
    return (*known, UNGUARDED) if known else ()


def data_sources(
    shards: Shards, config: TrainConfig, base: Card | None, tokens: int
) -> tuple[DataSource, ...]:
    """List the document sets a model is made of, with their shares of the training tokens.

    A fine-tuned model is made of its base's music too, and its owner may owe thanks for that.

    Args:
        shards: What the run is trained on.
        config: Of the run.
        base: What it started from.
        tokens: How many the run has seen.
    """
    total = sum(one.tokens for one in shards.sets)
    weights = [config.shares.get(one.name, one.tokens / total) for one in shards.sets]
    before = base.tokens_seen if base else 0
    new = tokens / max(before + tokens, 1) if base else 1.0
    fresh = (
        DataSource(
            name=one.name,
            licence=one.licence,
            source=one.source,
            share=new * weight / sum(weights),
            synthetic=one.synthetic,
        )
        for one, weight in zip(shards.sets, weights, strict=True)
    )
    inherited = base.data if base else ()
    kept = (replace(one, share=(1 - new) * one.share) for one in inherited)
    return _joined((*fresh, *kept))


def _joined(sources: Iterable[DataSource]) -> tuple[DataSource, ...]:
    """Merge the entries of a source that a model has read twice."""
    joined: dict[tuple[str, str, str], DataSource] = {}
    for one in sources:
        key = (one.name, one.licence, one.source)
        before = joined.get(key, replace(one, share=0.0))
        # Older shards and cards do not say what is synthetic.
        synthetic = before.synthetic or one.synthetic
        joined[key] = replace(one, share=before.share + one.share, synthetic=synthetic)
    return tuple(replace(one, share=round(one.share, 4)) for one in joined.values())
