from pathlib import Path

import pytest

import meloformer as mf
from meloformer.errors import MidiError
from meloformer.score import write_midi
from tests.api.conftest import EXAMPLES
from tests.midi.free_recording import played_freely


def test_a_song_tells_name_bars_parts_and_tempo(band: mf.Song) -> None:
    assert repr(band) == f"<Song 'band': 12 bars, {band.tempo:.0f} BPM, {', '.join(band.parts)}>"
    assert "Drums" in band.parts
    assert len(band.chords) == band.num_bars == 12


def test_a_song_is_saved_as_it_was_read(band: mf.Song, tmp_path: Path) -> None:
    path = band.save(tmp_path / "copy.mid")
    assert path.read_bytes() == (EXAMPLES / "band.mid").read_bytes()


def test_a_song_is_opened_from_bytes(band: mf.Song) -> None:
    again = mf.open(band.to_bytes(), name="again")
    assert (again.name, again.score) == ("again", band.score)


def test_beats_of_a_free_recording_are_followed_unless_not_wanted() -> None:
    data = write_midi(played_freely())
    assert mf.open(data).beats_followed
    left = mf.open(data, follow_beats=False)
    assert not left.beats_followed
    assert left.to_bytes() == data


def test_what_is_no_midi_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "large.mid").write_bytes(bytes(5_000_001))
    with pytest.raises(MidiError, match=r"large.mid has more than 5 MB."):
        mf.open(tmp_path / "large.mid")
    with pytest.raises(MidiError, match="can't be read"):
        mf.open(tmp_path / "missing.mid")


def test_tokens_become_the_song_they_were_made_of(band: mf.Song) -> None:
    ids = mf.encode(band)
    song = mf.decode(ids, name="grid")
    assert mf.encode(song).tolist() == ids.tolist()
    assert mf.decode(mf.to_text(ids)).score == song.score
    assert song.name == "grid"


@pytest.mark.parametrize("place", ["/dev/zero", "song\0.mid", "."])
def test_what_is_no_file_is_a_sentence(place):
    with pytest.raises(MidiError, match=r"more than 5 MB|can't be read"):
        mf.open(place)
