import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from meloformer.corpus.pieces import PIECE_FIELDS
from meloformer.corpus.report import CorpusSummary, write_report
from meloformer.data.shards import DocumentSet
from meloformer.score.key import KEY_NAMES
from meloformer.tokens.vocabulary import METRES

_UNCLOSED = {"meta"}


def pieces_of(count, *, key=None, seed=0):
    """Pieces with lengths of all sizes; keys at random where none is given."""
    rng = np.random.default_rng(seed)
    pieces = np.zeros(count, dtype=PIECE_FIELDS)
    pieces["bars"] = np.exp(rng.normal(4, 1, count)) + 4
    pieces["quarters"] = 4 * pieces["bars"]
    pieces["seconds"] = pieces["quarters"] / 2
    pieces["notes"] = 12 * pieces["bars"]
    pieces["tokens"] = 4 * pieces["notes"] + 6 * pieces["bars"]
    pieces["parts"] = rng.integers(1, 9, count)
    pieces["metre"] = rng.choice([METRES.index(metre) for metre in ((4, 4), (3, 4))], count)
    pieces["key"] = rng.integers(-1, 24, count) if key is None else key
    return pieces


def programs_of(**counts):
    programs = np.zeros(129, dtype=np.int64)
    for name, count in counts.items():
        programs[128 if name == "drums" else int(name[1:])] = count
    return programs


def document_set(name, documents, tokens):
    return DocumentSet(name, "CC0", "the band", documents, tokens, tokens // 4)


SUMMARY = CorpusSummary(
    inputs=("music", "more.zip"),
    files=130,
    train=(document_set("bands", 60, 90_000), document_set("tunes", 36, 30_000)),
    held_out=(document_set("bands", 4, 6_000),),
    refusals={"too short": 7, "duplicate": 23},
    examples={"too short": ("music/a.mid",), "duplicate": ("music/b.mid", "music/c.mid")},
    pieces=pieces_of(100),
    programs=programs_of(p0=80, p33=61, drums=40),
    split_by="group",
)


class _Page(HTMLParser):
    """A page as the browser reads it: tags, attributes, text. Fails where tags do not match."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.attributes = []
        self.words = []
        self._open = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in _UNCLOSED:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if "style" not in self._open:
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))

    def count(self, tag):
        return self.tags.count(tag)


@pytest.fixture
def report(tmp_path):
    """Writes the report of a summary that differs from `SUMMARY`, and reads it."""

    def write(**changes):
        write_report(tmp_path / "report.html", replace(SUMMARY, **changes))
        return _Page((tmp_path / "report.html").read_text(encoding="utf-8"))

    return write


def test_the_headline_figures_are_those_of_the_summary(report) -> None:
    text = report().text
    assert "Of 130 MIDI files, 100 became pieces to learn from." in text
    for words in (
        "30 refused",
        "77 % of the files",
        "Tokens 126,000 4.8 % held out",
        "Notes 31,500",
    ):
        assert words in text
    hours = SUMMARY.pieces["seconds"].sum() / 3600
    assert f"Music {hours:.3g} hours" in text
    assert "On disk 253 kB" in text


def test_every_reason_is_told_with_files_that_show_it(report) -> None:
    text = report().text
    assert text.index("duplicate 23 18 % music/b.mid music/c.mid") < text.index("too short 7 5.4 %")


def test_sets_are_told_with_licence_source_and_share(report) -> None:
    text = report().text
    assert "bands the band CC0 64 4 96,000 76 %" in text
    assert "tunes the band CC0 36 0 30,000 24 %" in text
    assert "All 100 4 126,000 100 %" in text


def test_pieces_cut_in_two_are_counted_once(report) -> None:
    page = report(held_out=(document_set("bands", 60, 6_000),), split_by="bars")
    assert "bands the band CC0 60 60 96,000" in page.text
    assert "the last bars of the pieces are held out" in page.text
    assert "100 accepted, 77 %" in page.text


def test_the_page_asks_for_nothing_from_anywhere(report, tmp_path: Path) -> None:
    page = report()
    assert not {"script", "link", "img", "iframe", "a"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert not re.search(r"url\(|@import", (tmp_path / "report.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "name", ["<script>alert('a')</script>\" & $style", "{{ 7*7 }} {% raw %} {# #}", "' onload='a"]
)
def test_names_are_text_and_never_code(report, name) -> None:
    page = report(
        inputs=(name,),
        examples={name: (name,)},
        refusals={name: 1},
        train=(DocumentSet(name, name, name, 100, 4000, 1000),),
    )
    assert "script" not in page.tags
    assert "onload" not in {name for name, _ in page.attributes}
    assert page.text.count(name) == 6


def test_a_name_that_is_not_unicode_does_not_stop_the_page(report) -> None:
    assert "music/?.mid" in report(examples={"duplicate": ("music/\udcff.mid",)}).text


def test_the_same_summary_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_report(tmp_path / name, SUMMARY)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_pictures_take_their_colours_from_the_page(report, tmp_path: Path) -> None:
    report()
    pictures = re.findall(
        r"<svg.*?</svg>", (tmp_path / "report.html").read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(pictures) == 7
    for picture in pictures:
        ElementTree.fromstring(picture)
        assert not re.search("#[0-9a-f]{3}|font-family|<style", picture)


def test_every_picture_says_its_units_and_what_it_shows(report) -> None:
    labels = [value for name, value in report().attributes if name == "aria-label"]
    assert [label.partition(":")[0] for label in labels] == [
        *("bars", "minutes", "tokens", "parts", "key signature", "pieces", "pieces")
    ]
    assert labels[-1] == "pieces: Piano 80, Fingered bass 61, Drums 40"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        *(("C major", "C"), ("A minor", "Am"), ("F# major", "F♯"), ("Eb minor", "E♭m")),
        *(("Db major", "D♭"), ("Bb minor", "B♭m"), ("G# minor", "G♯m"), ("D major", "D")),
    ],
)
def test_a_key_is_counted_under_its_name(report, key, name) -> None:
    page = report(pieces=pieces_of(3, key=KEY_NAMES.index(key)))
    label = next(value for _, value in page.attributes if value and value.startswith("key sig"))
    assert re.findall(r"([A-G][♯♭]?m?) 3\b", label) == [name]
    assert label.count(" 0") == 23


def test_one_piece_alone_has_its_pictures(report) -> None:
    page = report(
        files=1,
        train=(document_set("tunes", 1, 800),),
        held_out=(),
        refusals={},
        examples={},
        pieces=pieces_of(1, key=0),
        programs=programs_of(p0=1),
    )
    assert "Of 1 MIDI file, 1 became a piece to learn from." in page.text
    assert "Nothing is held out" in page.text
    assert page.count("svg") == 7
    assert page.count("table") == 1


def test_drums_alone_have_no_key_and_no_empty_picture(report) -> None:
    page = report(pieces=pieces_of(5, key=-1), programs=programs_of(drums=5))
    assert "No piece has a key: only drums play." in page.text
    assert page.count("svg") == 6


def test_a_corpus_of_refusals_has_no_pictures(report) -> None:
    page = report(
        train=(), held_out=(), pieces=pieces_of(0), programs=programs_of(), refusals={"silent": 130}
    )
    assert page.count("svg") == 0
    assert "silent 130 100 %" in page.text


def test_the_page_stays_small_however_large_the_corpus(report, tmp_path: Path) -> None:
    long_name = "a folder of somebody's " * 100
    page = report(
        files=600_000,
        inputs=tuple(f"{long_name}{index}" for index in range(5000)),
        train=tuple(document_set(f"{long_name}{index}", 45, 900_000) for index in range(5000)),
        examples={"duplicate": (long_name,) * 5000},
        pieces=pieces_of(50_000),
        programs=np.arange(129),
    )
    assert "4,961 smaller sets" in page.text
    assert (tmp_path / "report.html").stat().st_size < 400_000
