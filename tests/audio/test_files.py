import numpy as np
import pytest
import soundfile

from meloformer.audio import Waveform, write_compressed, write_wav
from meloformer.errors import AudioError


def test_wav_holds_the_samples_to_sixteen_bits(tmp_path, sine):
    waveform = sine(amplitude=0.5)
    write_wav(tmp_path / "out.wav", waveform)
    samples, rate = soundfile.read(tmp_path / "out.wav")
    assert rate == 44_100
    assert np.abs(samples - waveform.samples).max() < 2**-15


def test_mp3_is_stereo_of_the_same_length_and_a_fraction_of_the_size(tmp_path, sine):
    waveform = sine(duration_s=5.0, amplitude=0.5)
    write_compressed(tmp_path / "out.mp3", waveform)
    info = soundfile.info(tmp_path / "out.mp3")
    assert (info.format, info.channels, info.samplerate) == ("MP3", 2, 44_100)
    assert info.duration == pytest.approx(5.0, abs=0.1)
    assert (tmp_path / "out.mp3").stat().st_size < waveform.samples.nbytes / 10


@pytest.mark.parametrize(("write", "name"), [(write_wav, "a.wav"), (write_compressed, "a.mp3")])
def test_sound_without_samples_is_a_file_all_the_same(tmp_path, write, name):
    write(tmp_path / name, Waveform(np.zeros((0, 2), dtype=np.float32), 44_100))
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize(("write", "name"), [(write_wav, "a.wav"), (write_compressed, "a.mp3")])
def test_nothing_but_the_file_is_left_in_the_folder(tmp_path, sine, write, name):
    write(tmp_path / name, sine(duration_s=0.1))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("write", "name"), [(write_wav, "a.wav"), (write_compressed, "a.mp3")])
def test_a_folder_that_is_missing_is_a_sentence(tmp_path, sine, write, name):
    with pytest.raises(AudioError, match=name):
        write(tmp_path / "missing" / name, sine(duration_s=0.1))


def test_a_failed_write_leaves_the_old_file_whole(tmp_path, sine, monkeypatch):
    path = tmp_path / "out.wav"
    path.write_bytes(b"old")

    def fill_the_disk(file, *args, **kwargs):
        file.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(soundfile, "write", fill_the_disk)
    with pytest.raises(AudioError, match="No space left"):
        write_wav(path, sine(duration_s=0.1))
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["out.wav"]


def test_compressed_sound_has_its_own_ending(tmp_path, sine):
    with pytest.raises(AudioError, match=r"\.mp3"):
        write_compressed(tmp_path / "out.wav", sine(duration_s=0.1))


@pytest.mark.browser
@pytest.mark.parametrize(("write", "name"), [(write_wav, "a.wav"), (write_compressed, "a.mp3")])
def test_a_browser_plays_the_file(tmp_path, sine, browser, write, name):
    write(tmp_path / name, sine(duration_s=2.0, amplitude=0.5))
    page_path = tmp_path / "page.html"
    page_path.write_text(f'<audio src="{name}" preload="auto"></audio>')
    page = browser.new_page()
    page.goto(page_path.as_uri())
    page.wait_for_function("document.querySelector('audio').readyState === 4", timeout=10_000)
    duration_s = page.evaluate("document.querySelector('audio').duration")
    page.close()
    assert duration_s == pytest.approx(2.0, abs=0.1)
