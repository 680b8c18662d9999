from pathlib import Path

import numpy as np
import pytest

import meloformer as mf
from meloformer.errors import ConfigError


def test_words_of_handles_hold_the_music_and_travel_in_the_file(
    band: mf.Song, untrained: mf.Model
) -> None:
    (take,) = mf.continue_(
        band,
        1,
        parts="all",
        scale="D dorian",
        range="bass=E1-G3",
        density=0.7,
        notes_at_once=2,
        velocity="40-90",
        rhythm_grid="eighths",
        model=untrained,
    )
    for track in take.candidate.score.tracks:
        start, pitch, velocity = track.notes[:, 0], track.notes[:, 2], track.notes[:, 3]
        assert not (start % 6).any()
        assert velocity.min() >= 40
        assert velocity.max() <= 90
        assert np.unique(start, return_counts=True)[1].max() <= 2
        assert track.is_drum or set((pitch % 12).tolist()) <= {2, 4, 5, 7, 9, 11, 0}
    recipe = mf.open(take.to_bytes()).recipe
    assert recipe is not None
    assert recipe.handles == take.request.handles
    assert recipe.handles.scale is not None
    assert recipe.handles.scale.name == "D dorian"


def test_a_locked_part_stays_note_for_note_and_a_rhythm_is_kept(
    band: mf.Song, untrained: mf.Model
) -> None:
    (take,) = mf.rewrite(band, "3-4", parts="bass, drums", lock="drums", model=untrained)
    before, after = (
        next(track for track in song.score.tracks if track.is_drum) for song in (band, take.song)
    )
    assert np.array_equal(before.notes, after.notes)
    (take,) = mf.rewrite(band, "3-4", parts="bass", keep="rhythm", model=untrained)
    assert take.recipe.handles.keep == "rhythm"
    with pytest.raises(ConfigError, match="All that would be written again is locked"):
        mf.rewrite(band, "3-4", parts="bass", lock="bass", model=untrained)


def test_single_notes_are_locked_by_bar_pitch_and_beat(
    band: mf.Song, untrained: mf.Model, tmp_path: Path
) -> None:
    (take,) = mf.rewrite(band, "3-4", lock="piano 3, bass 4@1, melody 4@4", model=untrained)
    before, after = (
        {track.name: {tuple(note) for note in track.notes.tolist()} for track in song.score.tracks}
        for song in (band, take.song)
    )
    lines = [480 * 4 * bar for bar in range(5)]
    assert band.score.ticks_per_quarter == 480

    def within(notes, begin, end):
        return {note for note in notes if begin <= note[0] < end}

    in_third = within(before["Piano"], lines[2], lines[3])
    assert within(after["Piano"], lines[2], lines[3]) == in_third
    assert within(before["Bass"], lines[3], lines[3] + 40) <= after["Bass"]
    assert before["Piano"] != after["Piano"]
    recipe = mf.open(take.save(tmp_path / "locked.mid")).recipe
    assert recipe is not None
    assert recipe.handles.notes == take.request.handles.notes != ()
