from dataclasses import replace
from pathlib import Path

import pytest

import meloformer as mf
from meloformer.api.compose import Parts
from meloformer.errors import ConfigError, OutputError
from meloformer.score import Tempo, read_midi, write_midi
from meloformer.score.note_runs import lines_of
from tests.api.conftest import EXAMPLES
from tests.engine.constraints.copying import known_of


def test_a_song_is_continued_by_bars(band: mf.Song, untrained: mf.Model, tmp_path: Path) -> None:
    told = []
    takes = mf.continue_(band, 2, candidates=2, seed=5, model=untrained, on_bar=told.append)
    assert [(bar.candidate, bar.bar) for bar in told] == [(0, 1), (1, 1), (0, 2), (1, 2)]
    assert [take.seed for take in takes] == [5, 6]
    take = takes[0]
    assert repr(take) == f"<Take 1 of 'band': 2 bars, {' '.join(take.chords)}>"
    assert take.song.num_bars == band.num_bars + 2
    assert take.song.name == "band-continued"
    assert take.save(tmp_path / "longer.mid").read_bytes() == take.song.to_bytes()
    alone = mf.open(take.save(tmp_path / "alone.mid", alone=True))
    assert 0 < alone.score.num_notes == take.song.score.num_notes - band.score.num_notes


def test_the_same_seed_makes_the_same_music(band: mf.Song, untrained: mf.Model) -> None:
    first, second, other = (
        mf.continue_(song, 1, seed=seed, model=untrained)[0].to_bytes()
        for song, seed in ((band, 3), (EXAMPLES / "band.mid", 3), (band, 4))
    )
    assert first == second != other


def test_a_take_can_be_continued(band: mf.Song, untrained: mf.Model) -> None:
    (take,) = mf.continue_(band, 1, model=untrained)
    (more,) = mf.continue_(take.song, 1, model=untrained)
    assert more.song.num_bars == band.num_bars + 2


def test_the_recipe_travels_in_the_file_and_can_be_left_out(
    band: mf.Song, untrained: mf.Model, tmp_path: Path
) -> None:
    words = {"parts": "all, violin=always", "chords": "Am F", "seed": 9, "adventure": 0.7}
    (take,) = mf.continue_(band, 2, from_bar=4, model=untrained, **words)
    recipe = mf.open(take.save(tmp_path / "longer.mid")).recipe
    assert recipe == take.recipe == take.song.recipe
    assert (recipe.first_bar, recipe.seed, recipe.sampling.adventure) == (5, 9, 0.7)
    assert mf.open(take.save(tmp_path / "bare.mid", recipe=False)).recipe is None
    assert mf.open(take.save(tmp_path / "alone.mid", alone=True)).recipe is None
    (again,) = mf.continue_(mf.open(tmp_path / "bare.mid"), 2, from_bar=4, model=untrained, **words)
    assert again.recipe.parent != recipe.parent
    (more,) = mf.continue_(take.song, 1, model=untrained)
    (bare,) = mf.continue_(mf.open(tmp_path / "bare.mid"), 1, model=untrained)
    assert more.recipe.parent == bare.recipe.parent


def test_new_bars_alone_are_in_the_tempo_and_metre_of_the_piece(untrained: mf.Model) -> None:
    score = read_midi((EXAMPLES / "jig.mid").read_bytes())
    quick = mf.open(write_midi(replace(score, tempos=(Tempo(0, 150.0),))))
    for take in (
        *mf.continue_(quick, 2, model=untrained),
        *mf.continue_(mf.continue_(quick, 1, model=untrained)[0].song, 2, model=untrained),
        *mf.rewrite(quick, "3-4", model=untrained),
    ):
        alone = mf.open(take.to_bytes(alone=True), follow_beats=False)
        assert [tempo.qpm for tempo in alone.score.tempos] == [150.0]
        first = alone.score.time_signatures[0]
        assert (first.numerator, first.denominator) == (6, 8)


def test_bars_are_written_again(band: mf.Song, untrained: mf.Model) -> None:
    (take,) = mf.rewrite(band, "3-4", parts=["drums"], model=untrained)
    assert take.num_bars == 2
    assert take.song.num_bars == band.num_bars
    for old, new in zip(band.score.tracks, take.song.score.tracks, strict=True):
        assert (old == new) != old.is_drum
    (one,) = mf.rewrite(band, 3, parts="drums", model=untrained)
    assert one.num_bars == 1


def test_a_model_is_kept_from_copying_unless_it_is_asked_not_to(
    band: mf.Song, untrained: mf.Model
) -> None:
    (free,) = mf.continue_(band, 16, parts="piano=always", model=untrained)
    guarded = replace(untrained, known_runs=known_of(lines_of(free.candidate.score)))
    assert "no copy guard" in repr(untrained)
    assert "no copy guard" not in repr(guarded)
    (kept,) = mf.continue_(band, 16, parts="piano=always", model=guarded)
    (off,) = mf.continue_(band, 16, parts="piano=always", model=guarded, copy_guard=False)
    kept_bytes, free_bytes, off_bytes = (take.to_bytes(recipe=False) for take in (kept, free, off))
    assert kept_bytes != free_bytes == off_bytes
    (ours,), (theirs,) = (
        mf.rewrite(band, "3-9", model=model, copy_guard=False) for model in (untrained, guarded)
    )
    assert ours.to_bytes() == theirs.to_bytes()


@pytest.mark.parametrize(
    "parts",
    ["drums=silent, violin", ["drums=silent", "violin"], {"drums": "silent", "violin": "always"}],
)
def test_parts_and_chords_are_said_as_text_or_by_name(
    band: mf.Song, untrained: mf.Model, parts: Parts
) -> None:
    for chords in ("Am F", ["Am", "F"]):
        (take,) = mf.continue_(band, 2, parts=parts, chords=chords, model=untrained)
        assert take.chords == ("Am", "F")
        assert {part.program for part in take.candidate.parts} == {40}


def test_words_and_chords_mean_what_they_mean_in_a_shell(
    band: mf.Song, untrained: mf.Model, caplog: pytest.LogCaptureFixture
) -> None:
    (take,) = mf.rewrite(band, 9, parts=["BASS"], chords=["C7b9#11"], model=untrained)
    assert {part.program for part in take.candidate.parts} == {33}
    assert take.chords == ("C7",)
    assert caplog.messages == ["C7b9#11 is played as C7."]
    with pytest.raises(ConfigError, match="`Lead guitar` or `Clean guitar`"):
        mf.continue_(band, parts={"guitar": "free"}, model=untrained)
    with pytest.raises(ConfigError, match="5-3 are turned round"):
        mf.rewrite(band, "5-3", model=untrained)


def test_a_file_that_cannot_be_written_is_a_sentence(band: mf.Song, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="There is no folder"):
        band.save(tmp_path / "no" / "x.mid")
    with pytest.raises(OutputError, match="There is no folder"):
        band.render(tmp_path / "no" / "x.wav")
    with pytest.raises(OutputError, match="is a folder"):
        band.save(tmp_path)


def test_what_cannot_be_done_is_a_sentence(band: mf.Song, untrained: mf.Model) -> None:
    with pytest.raises(ConfigError, match="The number of bars must be between 1 and 64, not 0"):
        mf.continue_(band, 0, model=untrained)
    with pytest.raises(ConfigError, match="The piece has bars 1 to 12, but no bars 13 to 14"):
        mf.rewrite(band, "13-14", model=untrained)
    with pytest.raises(ConfigError, match="No part or instrument is called `kazoo`"):
        mf.continue_(band, parts="kazoo", model=untrained)


def test_a_model_is_given_by_its_folder(band: mf.Song, tmp_path: Path) -> None:
    from meloformer import checkpoint

    shipped = mf.load()
    assert shipped is mf.load()
    checkpoint.save(tmp_path / "copy", shipped.network, shipped.card)
    (ours,), (theirs,) = (
        mf.continue_(band, 1, model=model) for model in (tmp_path / "copy", shipped)
    )
    assert ours.to_bytes() == theirs.to_bytes()
    assert repr(shipped).startswith("<Model 'meloformer-small': 8.0 M weights, ")
    assert mf.models()[0].name == shipped.name
