"""What we say of the shipped weights and their music is what their card says."""

import csv
import re
from pathlib import Path

import pytest

from meloformer.checkpoint import DataSource, read_card
from meloformer.corpus.files import read_sources
from meloformer.registry import default_checkpoint
from meloformer.training.card import NO_GAPS

ROOT = Path(__file__).parents[1]
CARD = read_card(default_checkpoint())
PAGE = (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8")
ATTRIBUTION = (ROOT / "ATTRIBUTION.md").read_text(encoding="utf-8")
NOTICES = (ROOT / "docs" / "attribution" / "licences.md").read_text(encoding="utf-8")


def row_of(source: DataSource, page: str) -> list[str]:
    """The cells of the one table row that begins with the name of the set."""
    (row,) = re.findall(rf"^\| {re.escape(source.name)} \|.*", page, re.MULTILINE)
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.parametrize("source", CARD.data, ids=lambda source: source.name)
def test_every_source_is_named_with_its_licence(source: DataSource) -> None:
    known = read_sources()[source.name]
    assert (source.licence, source.source, source.synthetic) == (
        known.licence,
        known.source,
        known.synthetic,
    )
    assert source.licence in row_of(source, ATTRIBUTION)
    of_page = row_of(source, PAGE)
    assert source.licence in of_page
    assert f"{100 * source.share:.0f} %" in of_page
    for page in (ATTRIBUTION, PAGE):
        assert bool(source.synthetic) == ("synthetic" in " ".join(row_of(source, page)))


def test_the_shares_are_of_all_the_music() -> None:
    assert sum(source.share for source in CARD.data) == pytest.approx(1, abs=1e-3)


def test_the_page_has_the_figures_of_the_card() -> None:
    bits = CARD.metrics["bits_per_note"]
    assert isinstance(bits, dict)
    assert f"{CARD.steps:,} steps, {CARD.tokens_seen / 1e6:.1f} million tokens" in PAGE
    assert f"**{bits['bits_per_note']:.2f}** bits per note" in PAGE
    assert f"{CARD.context_tokens:,} tokens of context" in PAGE
    assert f"**{bits['bits_per_note']:.2f}**" in PAGE.split("## How good it is")[1]


def test_the_page_says_what_the_model_can_t_do() -> None:
    assert CARD.limits
    assert all(limit in PAGE for limit in CARD.limits)
    assert (NO_GAPS in PAGE) == (NO_GAPS in CARD.limits)


def test_licences_that_ask_for_a_notice_have_one() -> None:
    for source in CARD.data:
        if "public domain" not in source.licence:
            assert source.name in NOTICES
            assert source.licence in NOTICES


@pytest.mark.parametrize("name", read_sources())
def test_every_source_of_the_corpus_is_attributed(name: str) -> None:
    source = read_sources()[name]
    (row,) = re.findall(rf"^\| {name} \|.*", ATTRIBUTION, re.MULTILINE)
    assert f"| {source.licence} |" in row
    for address in re.findall(r"https?://[^\s,]+", source.source):
        assert address in row
    if "public domain" not in source.licence:
        (heading,) = re.findall(rf"^## .*(?<![\w-]){name}(?![\w-]).*", NOTICES, re.MULTILINE)
        assert source.licence in heading


def test_mutopia_is_public_domain_or_asks_for_credit_alone() -> None:
    with (ROOT / "docs" / "attribution" / "mutopia.tsv").open(encoding="utf-8") as lines:
        pieces = list(csv.DictReader(lines, delimiter="\t"))
    for piece in pieces:
        licence = piece["licence"]
        assert licence == "Public Domain" or licence.startswith("Creative Commons Attribution ")
        assert piece["maintainer"] or licence == "Public Domain"
