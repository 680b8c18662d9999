import pytest

import meloformer as mf
from meloformer.engine.ensembles import ENSEMBLES, parse_ensemble
from meloformer.errors import ConfigError
from meloformer.score.part import DRUM_PROGRAM, Part


def test_a_piece_comes_from_nothing(untrained: mf.Model, tmp_path) -> None:
    (take,) = mf.compose(
        4,
        parts="piano, bass, drums",
        key="Am",
        tempo="96, 3=120",
        metre="4/4, 4=3/4",
        model=untrained,
    )
    song = mf.open(take.save(tmp_path / "new.mid"))
    assert song.num_bars == take.song.num_bars == 4
    assert set(song.parts) == {"Piano", "Fingered bass", "Drums"}
    assert song.piece.grid.whole_metres.tolist() == [[4, 4]] * 3 + [[3, 4]]
    assert [round(tempo.qpm) for tempo in song.score.tempos] == [96, 120]
    assert song.recipe is not None
    assert song.recipe.from_nothing
    (again,) = mf.compose(
        4, parts="piano, bass, drums", key="Am", tempo="96, 3=120", metre="4/4, 4=3/4",
        model=untrained,
    )  # fmt: skip
    assert again.to_bytes() == take.to_bytes()
    (more,) = mf.continue_(take.song, 2, tempo="6=80", model=untrained)
    assert more.song.num_bars == 6
    assert round(more.song.score.tempos[-1].qpm) == 80


def test_an_ensemble_brings_its_key_metre_and_tempo_along(untrained: mf.Model) -> None:
    (take,) = mf.compose(1, parts="Waltz", model=untrained)
    assert take.original.tempo == pytest.approx(132, rel=1e-3)
    assert take.song.piece.last_metre == (3, 4)
    assert take.request.handles.scale is not None
    assert take.original.name == "Waltz in D major"
    (free,) = mf.compose(1, parts="Waltz", key="any", tempo=60, model=untrained)
    assert free.request.handles.scale is None
    assert free.original.tempo == pytest.approx(60)


def test_instruments_have_their_usual_names() -> None:
    assert parse_ensemble("piano, bass, drums") == (Part(0), Part(33), Part(DRUM_PROGRAM))
    assert parse_ensemble(["violin", "Violin", "viola"]) == (Part(40), Part(40, 2), Part(41))
    assert parse_ensemble("violin, violin 3") == (Part(40), Part(40, 3))
    assert parse_ensemble("String quartet") == ENSEMBLES[4].parts
    with pytest.raises(ConfigError, match="No part or instrument"):
        parse_ensemble("nonsense")
    with pytest.raises(ConfigError, match="at most 8"):
        parse_ensemble(["piano"] * 9)


def test_what_contradicts_itself_is_told(untrained: mf.Model) -> None:
    with pytest.raises(ConfigError, match="contradict"):
        mf.compose(1, key="C", chords="A7", model=untrained)
    with pytest.raises(ConfigError, match="no scale"):
        mf.compose(1, key="Q", model=untrained)
    with pytest.raises(ConfigError, match="not written"):
        mf.compose(2, tempo="100, 3=90", model=untrained)
