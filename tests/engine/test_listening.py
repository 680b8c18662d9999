from pathlib import Path

import numpy as np
import pytest

from meloformer import checkpoint
from meloformer.audio import find_soundfont
from meloformer.audio.files import read_wav
from meloformer.audio.library import load_library
from meloformer.checkpoint import Card
from meloformer.cli import main
from meloformer.engine.listening import joined_score
from meloformer.errors import AudioError
from meloformer.evaluation.listening.pairs import Origin, read_test
from meloformer.model import MeloFormer
from meloformer.resources import soundfont_folder
from meloformer.score.score import DURATION, START, Tempo
from tests.evaluation.small_music import BAR, score, track


@pytest.fixture
def sound(missing) -> None:
    """Only where FluidSynth is."""
    try:
        load_library()
        find_soundfont(soundfont_folder())
    except AudioError as error:
        missing(str(error))


def test_a_continuation_goes_on_in_the_tracks_and_the_tempo_of_its_prompt() -> None:
    prompt = score(track([(0, 60, 60)]), track([(0, 12, 48)], 33))
    new = score(track([(0, 12, 50), (36, 24, 52)], 33), track([(0, 6, 42)], drums=True))
    joined = joined_score(prompt, new)
    assert [(one.program, one.is_drum) for one in joined.tracks] == [
        (0, False), (33, False), (0, True)
    ]  # fmt: skip
    bass = joined.tracks[1].notes
    assert bass[:, START].tolist() == [0, BAR, BAR + 36]
    assert bass[-1, DURATION] == 12  # nothing rings on beyond the last bar
    assert joined.tracks[0].notes[0, DURATION] == 60  # but over the seam
    assert joined.end_tick == 2 * BAR
    assert joined.tempos == (Tempo(0, 120.0),)


def test_the_shell_makes_a_test_counts_its_votes_and_keeps_the_first(
    sound: None,
    model: MeloFormer,
    card: Card,
    shards_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkpoint.save(tmp_path / "model", model, card)
    folder = tmp_path / "test"
    make = ["listen", "make", str(folder), "--shards", str(shards_folder), "--bars", "1"]
    make += ["--model", str(tmp_path / "model"), "--pairs", "1"]
    main(make)
    test = read_test(folder)
    assert len(test.pairs) == 1
    sounds = [read_wav(folder / test.pairs[0].file(origin)) for origin in Origin]
    seam = int(test.pairs[0].seam_s * sounds[0].sample_rate)
    assert all(len(one.samples) > seam > 0 for one in sounds)
    assert not np.array_equal(*(one.samples[seam : seam + 4_000] for one in sounds))
    capsys.readouterr()
    main(["listen", "count", str(folder)])
    assert capsys.readouterr().out.splitlines()[0] == "model: no vote yet"
    with pytest.raises(SystemExit):
        main(make)
    assert "has a listening test already" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["listen", "make", str(tmp_path / "other")])
    assert "--shards" in capsys.readouterr().err
