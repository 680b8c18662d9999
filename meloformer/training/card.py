"""What a checkpoint of a run says of itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from meloformer.checkpoint import Card, DataSource
from meloformer.data.shards import Shards
from meloformer.model.config import ModelConfig
from meloformer.tokens.vocabulary import vocabulary
from meloformer.training.config import TrainConfig


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
    """The card of the weights after so many steps and tokens.

    Args:
        config: Of the run.
        model: What it trains.
        data: From `data_sources`.
        steps: Of the run.
        tokens: That the run has seen.
        metrics: What was measured.
        base: What it started from.
    """
    return Card(
        name=config.name,
        model=model,
        vocabulary=vocabulary().fingerprint,
        context_tokens=config.context_tokens,
        steps=steps,
        tokens_seen=tokens,
        infill=config.fill > 0 or (base is not None and base.infill),
        data=data,
        metrics=metrics,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def data_sources(
    shards: Shards, config: TrainConfig, base: Card | None, tokens: int
) -> tuple[DataSource, ...]:
    """What a model is made of, with the share of each document set in the training tokens.

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
        )
        for one, weight in zip(shards.sets, weights, strict=True)
    )
    inherited = base.data if base else ()
    kept = (replace(one, share=(1 - new) * one.share) for one in inherited)
    return _joined((*fresh, *kept))


def _joined(sources: Iterable[DataSource]) -> tuple[DataSource, ...]:
    """One entry for each source, where a model has read some of it twice."""
    shares: dict[DataSource, float] = {}
    for one in sources:
        key = replace(one, share=0.0)
        shares[key] = shares.get(key, 0.0) + one.share
    return tuple(replace(one, share=round(share, 4)) for one, share in shares.items())
