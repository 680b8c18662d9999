import os

from meloformer.engine.desk import Desks, clear_old_folders
from meloformer.engine.piece import Piece
from meloformer.score import write_midi
from tests.score.free_recording import played_freely
from ui.facts import facts


def test_the_longest_unused_desk_is_cleared_with_its_files(tmp_path):
    desks = Desks(tmp_path, max_desks=2)
    first, second = desks.open(), desks.open()
    file = second.new_file("a.mid")
    file.write_bytes(b"x")
    desks.find(first.name)
    desks.open()
    assert desks.find(first.name) is first
    assert desks.find(second.name) is None
    assert second.stop.is_set()
    assert not file.exists()


def test_a_desk_stays_until_the_last_page_leaves(tmp_path):
    desks = Desks(tmp_path)
    desk = desks.open()
    desk.visitors += 1
    desks.leave(desk.name)
    assert desks.find(desk.name) is desk
    desks.leave(desk.name)
    assert desks.find(desk.name) is None
    desks.leave("")


def test_file_names_cannot_be_guessed(tmp_path):
    desk = Desks(tmp_path).open()
    one, other = desk.new_file("tune.mid"), desk.new_file("tune.mid")
    assert one != other
    assert one.name == "tune.mid"
    assert len(one.parent.name) == len(desk.name) == 32


def test_only_the_last_few_prompts_are_held(studio, tune):
    studio.desks._max_prompts = 1
    desks = [studio.desks.open() for _ in range(2)]
    for desk in desks:
        desk.place(Piece.read("tune", tune))
        studio.prepare(desk)
    assert [desk.prompt is None for desk in desks] == [True, False]


def test_what_earlier_runs_left_is_deleted_after_a_day(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    clear_old_folders(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    clear_old_folders(tmp_path / "missing")


def test_rests_at_the_end_count_as_bars(tune):
    assert Piece.read("tune", tune, end_tick=1440 * 6).grid.num_bars == 6


def test_a_piece_played_without_a_click_is_put_on_its_beats() -> None:
    data = write_midi(played_freely())
    piece = Piece.read("free", data)
    assert piece.beats_followed
    assert piece.data != data
    assert len(piece.score.tempos) > 1
    assert "played without a click, beats followed" in facts(piece)
