"""What a checkpoint of a run says of itself."""

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
) -> Card:
    """The card of the weights after so many steps and tokens."""
    return Card(
        name=config.name,
        model=model,
        vocabulary=vocabulary().fingerprint,
        context_tokens=config.context_tokens,
        steps=steps,
        tokens_seen=tokens,
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
    inherited = base.data if base else ()
    own = tuple(
        DataSource(
            name=one.name,
            licence=one.licence,
            source=one.source,
            share=round(new * weight / sum(weights), 4),
        )
        for one, weight in zip(shards.sets, weights, strict=True)
    )
    return own + tuple(replace(one, share=round((1 - new) * one.share, 4)) for one in inherited)
