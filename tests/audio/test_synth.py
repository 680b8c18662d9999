import dataclasses
import gc
import io
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import mido
import numpy as np
import pytest

from meloformer.audio import Synth, find_soundfont
from meloformer.audio.library import load_library
from meloformer.audio.loudness import PEAK_LIMIT, TARGET_LUFS, loudness_lufs
from meloformer.audio.synth import _SETTINGS, _LoadedPrograms
from meloformer.errors import AudioError, MidiError
from meloformer.midi.read import read_file
from meloformer.score import write_midi


def strongest_frequency_hz(waveform):
    mono = waveform.samples.sum(axis=1)
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), n=2**20))
    return spectrum.argmax() * waveform.sample_rate / 2**20


def midi_bytes(*messages):
    """One track, 480 ticks to the quarter, 120 quarters a minute."""
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks.append(mido.MidiTrack(messages))
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()


def a4(*before, program=73):
    """A half note A4 of a flute, behind other messages."""
    return midi_bytes(
        mido.Message("program_change", program=program),
        *before,
        mido.Message("note_on", note=69, velocity=100),
        mido.Message("note_off", note=69, time=960),
    )


def test_a_rendered_a4_sounds_at_440_hz(synth, one_note):
    assert strongest_frequency_hz(synth.render(one_note())) == pytest.approx(440, rel=0.01)


def test_an_octave_higher_sounds_twice_as_high(synth, one_note):
    assert strongest_frequency_hz(synth.render(one_note(pitch=81))) == pytest.approx(880, rel=0.01)


def test_sound_is_stereo_floats_within_one(synth, one_note):
    waveform = synth.render(one_note())
    assert waveform.samples.dtype == np.float32
    assert waveform.samples.shape[1:] == (2,)
    assert waveform.sample_rate == 44_100
    assert 0.1 < np.abs(waveform.samples).max() <= PEAK_LIMIT + 1e-6


def test_the_length_is_that_of_the_score_and_a_short_tail(synth, one_note):
    score = one_note()
    tail_s = synth.render(score).duration_s - score.duration_s
    assert 0 < tail_s < 3.5


def test_rests_at_the_end_are_kept(synth, one_note):
    assert synth.render(one_note(end_tick=9600)).duration_s == pytest.approx(10, abs=0.01)


def test_a_note_sounds_when_it_is_written(synth, one_note):
    waveform = synth.render(one_note(start=960, end_tick=1920))
    audible = np.abs(waveform.samples).max(axis=1) > 0.01
    assert audible.argmax() / 44_100 == pytest.approx(1.0, abs=0.05)


def test_a_score_of_rests_is_silence_of_its_length(synth, one_note):
    waveform = synth.render(one_note(duration=0, end_tick=1920))
    assert waveform.duration_s == pytest.approx(2.0, abs=0.01)
    assert np.abs(waveform.samples).max() < 1e-3


def test_every_render_comes_out_equally_loud(synth, one_note):
    soft, loud = (synth.render(one_note(velocity=v, end_tick=1920)) for v in (30, 120))
    assert loudness_lufs(soft) == pytest.approx(loudness_lufs(loud), abs=0.1)
    assert loudness_lufs(soft) == pytest.approx(TARGET_LUFS, abs=0.1)


def test_the_same_music_gives_the_same_samples(synth, one_note):
    first, second = (synth.render(one_note()).samples for _ in range(2))
    assert np.array_equal(first, second)


def test_threads_may_render_at_once(synth, one_note):
    pitches = [60, 67, 72]
    alone = [synth.render(one_note(pitch=pitch)).samples for pitch in pitches]
    with ThreadPoolExecutor(3) as pool:
        together = list(
            pool.map(lambda pitch: synth.render(one_note(pitch=pitch)).samples, pitches)
        )
    assert all(map(np.array_equal, alone, together))


def test_midi_bytes_sound_like_the_score_they_hold(synth, one_note):
    score = one_note()
    assert np.array_equal(synth.render(score).samples, synth.render(write_midi(score)).samples)


def test_a_file_that_was_read_sounds_like_its_bytes_whatever_rests_follow_it(synth, one_note):
    data = write_midi(one_note())
    plain = synth.render(data).samples
    for end_tick in (0, 9600):
        file = read_file(data, end_tick=end_tick)
        assert np.array_equal(synth.render(file).samples, plain)


def test_pitch_bends_of_a_file_are_heard(synth):
    bent = a4(mido.Message("pitchwheel", pitch=8191))  # two semitones up
    assert strongest_frequency_hz(synth.render(bent)) == pytest.approx(440 * 2 ** (1 / 6), rel=0.01)


def test_the_pan_of_a_file_is_heard(synth):
    left = synth.render(a4(mido.Message("control_change", control=10, value=0))).samples
    power = (left.astype(np.float64) ** 2).mean(axis=0)
    assert power[0] > 10 * power[1]


def test_tempo_changes_of_a_file_are_heard(synth):
    slow = synth.render(a4(mido.MetaMessage("set_tempo", tempo=1_000_000))).duration_s
    assert slow - synth.render(a4()).duration_s == pytest.approx(1.0, abs=0.1)


def test_what_is_no_midi_file_is_refused_before_it_is_played(synth):
    with pytest.raises(MidiError):
        synth.render(b"\xff\xd8\xff\xe0 a picture")


def test_a_piece_of_hours_is_refused_with_its_length(synth, one_note):
    with pytest.raises(AudioError, match="60 minutes"):
        synth.render(one_note(end_tick=480 * 2 * 3600))


def test_a_broken_soundfont_is_named(synth, tmp_path):
    path = tmp_path / "broken.sf2"
    path.write_bytes(b"RIFF\0\0\0\0sfbk")
    with pytest.raises(AudioError, match=r"broken\.sf2"):
        Synth(path)


def test_samples_loaded_as_they_play_sound_as_if_all_had_been_loaded(synth, one_note, monkeypatch):
    scores = [one_note(), one_note(program=40)]
    now = [synth.render(score).samples for score in scores]
    monkeypatch.setitem(_SETTINGS, b"synth.dynamic-sample-loading", 0)
    before = [synth.render(score).samples for score in scores]
    assert all(map(np.array_equal, now, before))


def spied_programs(synth):
    selected = []

    def select(*words):
        selected.append(words[-2:])
        return load_library().select_program(*words)

    spied = dataclasses.replace(load_library(), select_program=select)
    return _LoadedPrograms(spied, synth.soundfont), selected


def test_a_program_is_loaded_once(synth, one_note):
    programs, selected = spied_programs(synth)
    assert selected == []
    for score in (one_note(program=0), one_note(), one_note()):
        programs.load(score)
    assert selected == [(0, 0), (128, 0), (0, 73)]


def test_programs_that_nobody_has_played_for_long_are_loaded_again(synth, one_note):
    programs, selected = spied_programs(synth)
    programs.load(one_note())
    programs.unload(unused_s=1000.0)
    programs.load(one_note())
    assert selected == [(0, 0), (128, 0), (0, 73)]
    programs.unload(unused_s=0.0)
    programs.load(one_note())
    assert selected == 2 * [(0, 0), (128, 0), (0, 73)]


def test_what_was_unloaded_sounds_the_same_again(synth, one_note):
    score = one_note(program=40)
    before = synth.render(score).samples
    synth.unload()
    assert np.array_equal(synth.render(score).samples, before)


def test_a_synth_that_nobody_holds_is_freed(synth):
    other = Synth(synth.soundfont)
    gone = weakref.ref(other)
    del other
    gc.collect()
    assert gone() is None


def test_a_missing_library_is_a_sentence_with_the_command_that_installs_it(synth):
    program = f"""
import ctypes.util
ctypes.util.find_library = lambda name: None
from meloformer.audio import Synth
from meloformer.errors import AudioError
try:
    Synth({str(synth.soundfont)!r})
except AudioError as error:
    print(error)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "FluidSynth library is missing" in result.stdout
    assert "install" in result.stdout.split("hint:")[1]
    assert result.stderr == ""


def test_the_chosen_soundfont_of_this_machine_plays(missing, tmp_path, one_note):
    try:
        synth = Synth(find_soundfont(tmp_path))
    except AudioError as error:
        missing(str(error))
    assert strongest_frequency_hz(synth.render(one_note())) == pytest.approx(440, rel=0.01)
