import pytest

from meloformer.engine.instrumentation import name_of, parse_parts
from meloformer.engine.part_words import find_part
from meloformer.engine.piece import Piece
from meloformer.engine.request import PartRequest, Presence
from meloformer.errors import ConfigError
from meloformer.resources import EXAMPLES
from meloformer.score.part import Part


def read(name: str) -> Piece:
    return Piece.read(name, (EXAMPLES / f"{name}.mid").read_bytes())


BAND, CHOIR, PIANO, JAZZ = (read(name) for name in ("band", "choir", "piano", "jazz-lead"))
ALWAYS, FREE, SILENT = Presence.ALWAYS, Presence.FREE, Presence.SILENT


@pytest.mark.parametrize(
    ("piece", "words", "name"),
    [
        # A track or a part by its name
        (BAND, "bass BASS Bass", "Fingered bass"),
        (BAND, "strings STRINGS", "String section"),
        (BAND, "lead", "Overdriven guitar"),
        (BAND, "piano", "Piano"),
        (CHOIR, "bass", "Choir (aah) 4"),
        (PIANO, "piano", "Piano"),
        # A part whose instrument's name has the words
        (BAND, "overdriven", "Overdriven guitar"),
        (BAND, "percussion drums", "Drums"),
        (JAZZ, "bass", "Double bass"),
        (JAZZ, "sax", "Tenor sax"),
        # The official names, then ours, for new instruments
        (BAND, "violin", "Violin"),
        (BAND, "bassoon", "Bassoon"),
        (PIANO, "drums", "Drums"),
        (CHOIR, "piano", "Piano"),
        # The beginning of a word is enough where no whole word is meant
        (BAND, "vibra vib", "Vibraphone"),
    ],
)
def test_a_word_means_the_nearest_part(piece: Piece, words: str, name: str) -> None:
    assert {name_of(find_part(word, piece.track_names)) for word in words.split()} == {name}


@pytest.mark.parametrize(
    ("piece", "said", "part"),
    [
        (BAND, "Acoustic Grand Piano", Part(0)),
        (BAND, "Electric Bass (finger)", Part(33)),
        (BAND, "electric bass (pick)", Part(34)),
        (BAND, "String Ensemble 1", Part(48)),
        (BAND, "Lead guitar · Overdriven guitar", Part(29)),
        (BAND, "SynthStrings 1", Part(50)),
        (BAND, "Guitar harmonics", Part(31)),
        (BAND, "steel drums", Part(114)),
        (BAND, "Piano 2", Part(0, 2)),
        (BAND, "violin 3", Part(40, 3)),
        (PIANO, "left hand", Part(0, 2)),
        (PIANO, "Piano, left hand", Part(0, 2)),
        (CHOIR, "Choir (aah) 2", Part(52, 2)),
    ],
)
def test_names_of_several_words(piece: Piece, said: str, part: Part) -> None:
    assert find_part(said, piece.track_names) == part


@pytest.mark.parametrize(
    ("piece", "said", "listed"),
    [
        (BAND, "guitar", "`guitar` may be `Lead guitar` or `Clean guitar`."),
        (CHOIR, "choir", "`choir` may be `Soprano`, `Alto`, `Tenor` or `Bass`."),
        (BAND, "sax", "`Soprano sax`, `Alto sax`, `Tenor sax` or `Baritone sax`."),
        (CHOIR, "guitar", "`Nylon guitar`, `Steel guitar`, `Jazz guitar`"),
    ],
)
def test_what_several_match_is_listed(piece: Piece, said: str, listed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find_part(said, piece.track_names)
    assert listed in caught.value.problem


def test_parts_that_share_a_name_are_told_apart_by_their_instruments() -> None:
    own = {Part(24): ("Guitar",), Part(29): ("Guitar",)}
    with pytest.raises(ConfigError, match="`Nylon guitar` or `Overdriven guitar`"):
        find_part("guitar", own)
    assert find_part("nylon guitar", own) == Part(24)


def test_what_no_part_is_called_is_answered_with_the_parts_there_are() -> None:
    with pytest.raises(ConfigError, match="called `kazoo`") as caught:
        find_part("kazoo", PIANO.track_names)
    assert caught.value.hint == "The piece has `Piano, right hand` and `Piano, left hand`."


def test_the_name_of_a_track_may_have_commas() -> None:
    before = (PartRequest(Part(0), ALWAYS), PartRequest(Part(0, 2), FREE))
    for said in (
        "Violin, Piano, left hand=silent",
        ["violin", "piano, LEFT hand=Silent"],
    ):
        requests = parse_parts(said, before, PIANO.track_names)
        assert {one.part: one.presence for one in requests} == {
            Part(40): ALWAYS,
            Part(0, 2): SILENT,
        }


def test_each_track_of_the_drums_is_the_drums() -> None:
    own = {Part(128): ("Kick", "Snare, low")}
    assert find_part("kick", own) == find_part("snare", own) == Part(128)


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("flote", Part(73)),
        ("FLO\u0308TE", Part(73)),  # as macOS writes it
        ("Geige 1", Part(40)),
        ("geige 2", Part(40, 2)),
        ("Trompeten", Part(56)),
        ("baterias", Part(128)),
        ("Violoncelli", Part(42)),
        ("bassoon", Part(70)),
        ("Violine", Part(40, 3)),
        ("oboen", Part(68)),
    ],
)
def test_accents_endings_and_numbers_may_be_others_than_in_the_file(said: str, part: Part) -> None:
    own: dict[Part, tuple[str, ...]] = {
        Part(73): ("Flöte",),
        Part(40): ("Geige",),
        Part(40, 2): ("Geige",),
        Part(40, 3): ("Violin solo",),
        Part(56): ("Trompete",),
        Part(42): ("Violoncell",),
        Part(33): ("Bass",),
        Part(128): ("Batería",),
    }
    assert find_part(said, own) == part
