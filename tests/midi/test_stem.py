import pytest

from meloformer.midi.read import read_file
from meloformer.midi.stem import stem_of
from meloformer.resources import EXAMPLES


@pytest.fixture(scope="module")
def band():
    return read_file((EXAMPLES / "band.mid").read_bytes())


def test_the_stems_of_a_file_have_all_its_notes_and_each_its_own(band):
    for part, track in zip(band.part_of_track, band.score.tracks, strict=True):
        stem = read_file(stem_of(band, part))
        assert stem.parts == (part,)
        assert stem.score.tracks[0].notes.tolist() == track.notes.tolist()


def test_a_stem_has_the_tempo_and_the_metre_of_the_whole(band):
    for part in band.parts:
        stem = read_file(stem_of(band, part))
        assert stem.score.tempos == band.score.tempos
        assert stem.score.time_signatures == band.score.time_signatures


def test_tracks_of_others_are_left_out(band):
    stem = read_file(stem_of(band, band.parts[0]))
    assert len(stem.container.tracks) < len(band.container.tracks)


def test_the_only_part_of_a_file_is_its_own_stem():
    file = read_file((EXAMPLES / "solo-melody.mid").read_bytes())
    stem = read_file(stem_of(file, file.parts[0]))
    assert stem.score == file.score
