import csv
import io
import json
from collections import Counter
from contextlib import suppress
from pathlib import Path

import mido
import numpy as np
import pytest

from benchmarks import attention, block_share, train_step
from benchmarks.music import medley, num_parts, pieces
from benchmarks.prepare import measure
from benchmarks.synthetic.band import compose
from benchmarks.synthetic.corpus import CHANGED_SHARE, File, Kind, make
from benchmarks.synthetic.smf import to_bytes
from benchmarks.synthetic.song import DRUMS, Song, edited
from benchmarks.synthetic.write import write_corpus
from meloformer.errors import MidiError
from meloformer.score import read_midi
from meloformer.tokens import encode

SEED = 0
EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"


@pytest.fixture(scope="module")
def files() -> list[File]:
    return [make(SEED, index) for index in range(400)]


@pytest.fixture(scope="module")
def songs() -> list[Song]:
    return [compose(np.random.default_rng((SEED, index))) for index in range(300)]


def of_kind(files: list[File], kind: Kind) -> list[File]:
    return [file for file in files if file.kind == kind]


def original_of(file: File) -> File:
    return make(SEED, int(Path(file.original).stem))


def music(data: bytes, semitones: int = 0) -> Counter[tuple[int, int, int, bool]]:
    """Start, duration, pitch and whether it is a drum of every note, by any part."""
    return Counter(
        (start, duration, pitch if track.is_drum else pitch + semitones, track.is_drum)
        for track in read_midi(data).tracks
        for start, duration, pitch, _ in track.notes.tolist()
    )


def test_a_file_depends_on_the_seed_and_its_number_alone(files):
    assert make(SEED, 42) == files[42]
    assert make(SEED + 1, 42).data != files[42].data
    assert len({file.name for file in files}) == len(files)


def test_any_number_of_workers_writes_the_same_corpus(tmp_path, files):
    for workers in (1, 2):
        list(write_corpus(tmp_path / f"by {workers}", 150, SEED, workers))
    one, two = (sorted((tmp_path / f"by {workers}").rglob("*.*")) for workers in (1, 2))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert len(one) == 151
    for file in files[:150]:
        assert (tmp_path / "by 1" / file.name).read_bytes() == file.data


def test_the_truth_about_each_file_is_written_down(tmp_path, files):
    list(write_corpus(tmp_path, 20, SEED))
    with (tmp_path / "truth.tsv").open(newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    told = [(row["file"], row["kind"], row["original"], int(row["notes"])) for row in rows]
    assert told == [(f.name, f.kind, f.original, f.num_notes) for f in files[:20]]


def test_mido_reads_the_notes_that_were_made(songs):
    assert {song.runs_status for song in songs[:20]} == {True, False}
    for song in songs[:20]:
        midi = mido.MidiFile(file=io.BytesIO(to_bytes(song, "Title")))
        assert (midi.type, midi.ticks_per_beat) == (1, song.ticks_per_quarter)
        assert len(midi.tracks) == 1 + len(song.programs)
        assert sorted(mido_notes(midi)) == sorted(map(tuple, song.notes.T.tolist()))


def mido_notes(midi):
    for part, track in enumerate(midi.tracks[1:]):
        sounding = {}
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity > 0:
                assert message.note not in sounding
                sounding[message.note] = tick, message.velocity
            elif message.type in ("note_on", "note_off"):
                start, velocity = sounding.pop(message.note)
                yield part, start, tick, message.note, velocity
        assert not sounding


def test_a_file_says_metres_tempos_programs_and_drums(songs):
    for song in songs[:20]:
        score = read_midi(to_bytes(song, "Title"))
        metres = tuple((m.tick, m.numerator, m.denominator) for m in score.time_signatures)
        assert metres == song.metres
        assert [tempo.tick for tempo in score.tempos] == [tick for tick, _ in song.tempos]
        assert [t.qpm for t in score.tempos] == pytest.approx([qpm for _, qpm in song.tempos], 1e-3)
        sounding = song.programs[np.unique(song.notes[0])].tolist()
        assert [DRUMS if t.is_drum else t.program for t in score.tracks] == sounding


def test_every_file_but_the_malformed_encodes(files):
    for file in files[:100]:
        if file.kind != Kind.MALFORMED:
            assert encode(read_midi(file.data)).num_bars <= file.num_bars + 1


def test_songs_are_as_long_and_as_full_as_those_of_bands(songs):
    assert 2000 <= np.median([song.num_notes for song in songs]) <= 3000
    bars = [song.num_bars for song in songs]
    assert 70 <= np.median(bars) <= 90
    assert min(bars) >= 16
    assert max(bars) <= 400
    parts = [len(song.programs) for song in songs]
    assert np.median(parts) == 6
    assert min(parts) >= 1
    assert max(parts) == 12
    assert 0.7 <= np.mean([DRUMS in song.programs for song in songs]) <= 0.9
    assert 0.75 <= np.mean([song.metres[0][1:] == (4, 4) for song in songs]) <= 0.95
    assert all(60 <= qpm <= 180 for song in songs for _, qpm in song.tempos)


def test_bars_repeat_but_not_all_of_them(songs):
    distinct = []
    for song in songs[:40]:
        bar = np.searchsorted(song.bar_starts, song.notes[1], side="right")
        onset = song.notes[1] - song.bar_starts[bar - 1]
        cells: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for where, what in zip(
            zip(song.notes[0].tolist(), bar.tolist(), strict=True),
            zip(onset.tolist(), song.notes[3].tolist(), strict=True),
            strict=True,
        ):
            cells.setdefault(where, []).append(what)
        kinds = {(part, *sorted(notes)) for (part, _), notes in cells.items()}
        distinct.append(len(kinds) / len(cells))
    assert 0.25 <= np.median(distinct) <= 0.65


def test_a_third_of_the_songs_is_off_the_grid(songs):
    off = [np.mean(song.notes[1] * 12 % song.ticks_per_quarter != 0) > 0.5 for song in songs]
    assert 0.25 <= np.mean(off) <= 0.42


def test_kinds_have_their_shares(files):
    kinds = Counter(file.kind for file in files)
    assert 0.06 <= kinds[Kind.DUPLICATE] / len(files) <= 0.14
    assert 0.01 <= kinds[Kind.NEAR_DUPLICATE] / len(files) <= 0.06
    for rare in (Kind.MALFORMED, Kind.TOO_SHORT, Kind.ONE_NOTE):
        assert 0 < kinds[rare] / len(files) <= 0.03


def test_a_duplicate_is_the_music_of_its_original_told_in_another_way(files):
    duplicates = of_kind(files, Kind.DUPLICATE)
    pairs = [(file, original_of(file)) for file in duplicates]
    for file, original in pairs:
        assert original.kind == Kind.SONG
        transposed = (music(file.data, semitones) for semitones in range(-6, 7))
        assert music(original.data) in transposed
    assert any(file.data == original.data for file, original in pairs)
    scores = [(read_midi(file.data), read_midi(original.data)) for file, original in pairs]
    assert any(one.tempos != other.tempos for one, other in scores)
    orders = [[[track.program for track in score.tracks] for score in pair] for pair in scores]
    assert any(one != other for one, other in orders)
    assert all(sorted(one) == sorted(other) for one, other in orders)


def test_a_near_duplicate_lacks_some_notes_of_its_original(files):
    for file in of_kind(files, Kind.NEAR_DUPLICATE):
        original = original_of(file)
        whole = music(original.data)
        assert any(music(file.data, semitones) <= whole for semitones in range(-6, 7))
        assert 0.85 * original.num_notes < file.num_notes < original.num_notes


def test_an_edit_changes_no_more_bars_than_it_says(songs):
    for song in songs[:20]:
        other = edited(song, CHANGED_SHARE, np.random.default_rng(SEED))
        # A third of the songs are played a little before or behind the bar lines.
        slack = song.ticks_per_quarter // 24
        bars, other_bars = (
            np.bincount(np.searchsorted(song.bar_starts, notes[1] + slack, side="right"))
            for notes in (song.notes, other.notes)
        )
        changed = np.count_nonzero(bars[: len(other_bars)] != other_bars)
        assert changed <= max(1, round(CHANGED_SHARE * song.num_bars))


def test_files_to_refuse_are_there_too(files):
    for file in of_kind(files, Kind.TOO_SHORT):
        assert 1 <= file.num_bars <= 3
    for file in of_kind(files, Kind.ONE_NOTE):
        assert len({pitch for _, _, pitch, _ in music(file.data)}) == 1
    malformed = of_kind(files, Kind.MALFORMED)
    assert malformed
    for file in malformed:
        with suppress(MidiError):
            assert read_midi(file.data).num_notes <= file.num_notes


def test_the_benchmark_of_prepare_measures_a_real_run(tmp_path):
    list(write_corpus(tmp_path, 20, SEED))
    run = measure(tmp_path, workers=1)
    assert run.files == 20
    assert 0 < run.pieces < 20
    assert run.wall_s > 0
    assert run.cpu_s > 0
    assert run.peak_mb > 20  # counts what it was forked from, which may be large here
    assert 2 <= run.disk_bytes / run.tokens < 2.1


def test_a_medley_is_one_long_piece():
    ids = medley(pieces([EXAMPLES]), 3000)
    assert len(ids) == 3000
    assert np.count_nonzero(ids == ids[0]) == 1
    with pytest.raises(SystemExit, match="there are only"):
        medley(pieces([EXAMPLES]), 10**6)


def test_pieces_of_one_part_are_left_out_of_shards_too(shards_folder):
    found = list(pieces([shards_folder]))
    assert found
    assert all(num_parts(ids) == 3 for ids in found)


def test_shares_of_blocks_are_what_the_mask_says_and_the_chosen_layout_has_the_least(capsys):
    music = [medley(pieces([EXAMPLES]), 4096)]
    block_share.measure(music, 4096, "target_ll", 128, checks=True)
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    shares = {line["name"].rsplit("/", 1)[1]: line["value"] for line in lines}
    assert shares.pop("pieces") == 1
    assert min(shares, key=shares.get) == "chosen"


@pytest.mark.parametrize("benchmark", [attention, train_step])
def test_without_a_gpu_the_benchmarks_of_gpus_say_so(benchmark, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["benchmark", str(EXAMPLES)])
    with pytest.raises(SystemExit, match="needs a CUDA device"):
        benchmark.main()


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", [attention, train_step])
def test_the_plain_path_shows_that_the_benchmarks_of_gpus_work(benchmark, monkeypatch, capsys):
    setting = ["--device", "cpu", "--sizes", "tiny", "--lengths", "128", "--repeats", "1"]
    monkeypatch.setattr("benchmarks.stopwatch.WARM_UP", 0)
    monkeypatch.setattr("sys.argv", ["benchmark", str(EXAMPLES), *setting])
    benchmark.main()
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    rates = {line["name"]: line["value"] for line in lines if line["name"].endswith("/rate")}
    assert {name.split("/")[-2] for name in rates} >= {"ours", "natural", "causal"}
    assert min(rates.values()) > 0
