"""A version rendered from its piece's sound is what a whole render of it is."""

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from meloformer.audio import write_wav
from meloformer.audio.files import read_wav
from meloformer.audio.loudness import PEAK_LIMIT, limit_peaks, loudness_gain
from meloformer.audio.partial_render import CROSS_FADE_MS, render_difference
from meloformer.audio.stretch_file import write_with_stretch
from meloformer.audio.waveform import Waveform
from meloformer.midi.join import join
from meloformer.midi.read import read_file
from meloformer.midi.replace import replace_notes
from meloformer.midi.write import write_midi
from meloformer.score.score import PITCH, START, note_array
from tests.midi.played_files import control, note, played, program

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
RATE = 44_100
PLAIN_DB = -50
BAND_DB = -30


def bars_of(file, first, last, semitones=0):
    """Copy bars of a file as new music, its pitched parts moved."""
    begin, end = file.grid.starts[[first, last]].tolist()
    tracks = []
    for track in file.score.tracks:
        own = track.notes[(track.notes[:, START] >= begin) & (track.notes[:, START] < end)].copy()
        own[:, START] -= begin
        own[:, PITCH] += 0 if track.is_drum else semitones
        tracks.append(replace(track, notes=note_array(own)))
    return replace(
        file.score.with_tracks(tuple(tracks)),
        tempos=file.score.tempos[:1],
        time_signatures=file.score.time_signatures[:1],
        end_tick=end - begin,
    )


def continued(file, bars=4, seam_bar=None):
    seam = file.grid.starts[-1 if seam_bar is None else seam_bar]
    new = bars_of(file, 0, bars, semitones=2)
    tracks = list(range(len(new.tracks)))
    return read_file(join(file, new, seam_tick=int(seam), track_of=tracks))


def rewritten(file, first, last):
    new = bars_of(file, first - 2, last - 2, semitones=-1)
    tracks = list(range(len(new.tracks)))
    return read_file(
        replace_notes(file, new, first_bar=first, last_bar=last, again=tracks, track_of=tracks)
    )


def rms_db(samples):
    return 10 * np.log10(np.square(samples, dtype=np.float64).mean() + 1e-20)


@pytest.fixture
def versions(synth, tmp_path):
    """Render a version both ways: in one go, and from the sound of its piece."""

    def both(old, new):
        sound = synth.play(old)
        gain = loudness_gain(sound)
        base, made = tmp_path / "base.wav", tmp_path / "made.wav"
        write_wav(base, Waveform(sound.samples * np.float32(gain), RATE))
        stretch = render_difference(synth, old, new, len(sound.samples))
        duration_s = write_with_stretch(made, base, stretch, gain)
        whole = synth.play(new)
        whole = limit_peaks(Waveform(whole.samples * np.float32(gain), RATE))
        again = read_wav(made)
        assert duration_s == pytest.approx(again.duration_s)
        return whole.samples, again.samples, stretch

    return both


def assert_equal(whole, made, stretch, tolerance_db):
    """Compare all but the cross-fades, in stretches of half a second."""
    assert abs(len(whole) - len(made)) <= RATE // 10
    length = min(len(whole), len(made)) - RATE // 10  # where a piece ends it is faded
    error = whole[:length] - made[:length]
    fades = [stretch.first]
    if stretch.resumes:
        fades.append(stretch.first + len(stretch.waveform.samples) - stretch.fade_out)
    for first in fades:
        error[first : first + CROSS_FADE_MS * RATE // 1000] = 0
    assert rms_db(error) - rms_db(whole[:length]) < tolerance_db


@pytest.fixture
def band():
    return read_file((EXAMPLES / "band.mid").read_bytes())


@pytest.mark.parametrize("seam_bar", [None, 6])
def test_a_continued_band_sounds_as_if_rendered_whole(versions, band, seam_bar):
    whole, made, stretch = versions(band, continued(band, seam_bar=seam_bar))
    assert not stretch.resumes
    assert_equal(whole, made, stretch, BAND_DB)


def test_a_rewrite_in_the_middle_sounds_as_if_rendered_whole(versions, band):
    whole, made, stretch = versions(band, rewritten(band, 3, 5))
    assert stretch.resumes
    assert len(stretch.waveform.samples) < 0.7 * len(whole)
    assert_equal(whole, made, stretch, BAND_DB)


def test_what_a_pedal_holds_rings_into_the_new_bars(versions):
    piano = [program(0, 0), control(0, 64, 127)]
    chords = [
        one for ms in range(0, 9000, 1500) for p in (48, 60, 67) for one in note(ms, ms + 200, p)
    ]
    old = [*piano, *chords]
    whole, made, stretch = versions(played(old), played([*old, *note(11_000, 12_000, 72)]))
    assert_equal(whole, made, stretch, PLAIN_DB)
    lifted = [*old, control(9500, 64, 0), *note(11_000, 12_000, 72)]
    whole, made, stretch = versions(played(old), played(lifted))
    assert_equal(whole, made, stretch, PLAIN_DB)


def test_channels_are_as_they_were_set_long_before(versions):
    state = [program(0, 48), control(0, 7, 60), control(0, 10, 10), control(100, 11, 90)]
    bend_range = [control(0, 101, 0), control(0, 100, 0), control(0, 6, 12), control(0, 38, 0)]
    bend = [(200, mido.Message("pitchwheel", pitch=4096))]
    drums = [one for ms in range(0, 30_000, 500) for one in note(ms, ms + 100, 38, 9)]
    old = [*state, *bend_range, *bend, *note(0, 3000), *drums]
    new = [*old, *note(28_000, 31_000, 62)]
    whole, made, stretch = versions(played(old), played(new))
    assert stretch.first > 25 * RATE
    assert_equal(whole, made, stretch, PLAIN_DB)


def test_a_change_of_tempo_before_and_after_the_join_is_heard(versions):
    notes = [one for ms in range(0, 20_000, 250) for one in note(ms, ms + 200, 60 + ms % 7)]
    tempos = [(0, 120), (5000, 90), (12_000, 160)]
    later = [one for ms in range(20_000, 24_000, 250) for one in note(ms, ms + 200, 67)]
    old = played([program(0, 11), *notes], tempos=tempos)
    new = played([program(0, 11), *notes, *later], tempos=[*tempos, (22_000, 70)])
    whole, made, stretch = versions(old, new)
    assert_equal(whole, made, stretch, PLAIN_DB)


def test_chorus_and_reverb_go_on_where_they_were(versions):
    strings = [program(0, 48), control(0, 91, 127), control(0, 93, 127)]
    notes = [one for ms in range(0, 40_000, 1000) for one in note(ms, ms + 900, 60 + ms % 11)]
    whole, made, stretch = versions(
        played([*strings, *notes]), played([*strings, *notes, *note(40_000, 42_000)])
    )
    assert_equal(whole, made, stretch, PLAIN_DB)


def test_a_version_that_differs_from_its_first_note_on_is_rendered_whole(versions, band):
    whole, made, stretch = versions(
        band, read_file(write_midi(band.score.with_tracks(band.score.tracks[:2])))
    )
    assert (stretch.first, stretch.fade_in) == (0, 0)
    assert_equal(whole, made, stretch, PLAIN_DB)


def test_what_is_before_the_join_is_the_sound_of_the_piece_sample_for_sample(
    versions, band, tmp_path
):
    _, _, stretch = versions(band, continued(band))
    old, new = (
        soundfile.read(tmp_path / f"{name}.wav", dtype="int16")[0] for name in ("base", "made")
    )
    assert np.array_equal(old[: stretch.first], new[: stretch.first])


def test_after_a_rewrite_the_sound_of_the_piece_goes_on_sample_for_sample(versions, band, tmp_path):
    _, _, stretch = versions(band, rewritten(band, 3, 5))
    old, new = (
        soundfile.read(tmp_path / f"{name}.wav", dtype="int16")[0] for name in ("base", "made")
    )
    end = stretch.first + len(stretch.waveform.samples)
    assert len(old) == len(new)
    assert np.array_equal(old[end:], new[end:])


def test_the_same_music_needs_no_rendering(synth, band):
    assert render_difference(synth, band, band, 1_000_000) is None


def test_louder_bars_keep_the_gain_of_the_piece_and_their_peaks_below_the_limit(versions):
    soft = [
        program(0, 56),
        *[one for ms in range(0, 8000, 500) for one in note(ms, ms + 400, 60, velocity=40)],
    ]
    loud = [one for p in range(48, 84, 3) for one in note(8000, 9000, p, velocity=127)]
    whole, made, stretch = versions(played(soft), played([*soft, *loud]))
    assert np.abs(made).max() <= PEAK_LIMIT + 1e-3
    assert_equal(whole, made, stretch, PLAIN_DB)
