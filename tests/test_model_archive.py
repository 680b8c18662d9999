"""Models that travel as ZIPs; what is brought is not trusted."""

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from meloformer import checkpoint
from meloformer.checkpoint import Card, DataSource
from meloformer.errors import CheckpointError, MeloFormerError, RunError
from meloformer.model import MeloFormer, ModelConfig
from meloformer.model_archive import attribution_of, read_archive, write_archive
from meloformer.registry import imported_models
from meloformer.tokens import vocabulary
from tests.engine.constraints.copying import known_of, tune

CONFIG = ModelConfig(
    vocab_size=vocabulary().size, num_layers=1, dim=32, num_heads=2, num_kv_heads=1, ffn_dim=64
)
CARD = Card(
    name="jigs",
    model=CONFIG,
    vocabulary=vocabulary().fingerprint,
    context_tokens=256,
    steps=3,
    tokens_seen=1000,
    data=(DataSource(name="band", licence="CC0", source="us | them", share=1.0),),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    checkpoint.save(tmp_path / "one", MeloFormer(CONFIG), CARD)
    return tmp_path / "one"


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Path:
    write_archive(folder, "Jigs", tmp_path / "jigs.zip")
    return tmp_path / "jigs.zip"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


Change = Callable[[dict[str, bytes]], None]


def rewritten(path: Path, change: Change, *, sums: bool = True) -> Path:
    """The ZIP with other members, and a list of contents that fits them if `sums`."""
    with zipfile.ZipFile(path) as before:
        members = {name: before.read(name) for name in before.namelist()}
    change(members)
    if sums:
        contents = json.loads(members["archive.json"])
        others = (name for name in members if name != "archive.json")
        contents["sha256"] = {one: hashlib.sha256(members[one]).hexdigest() for one in others}
        members["archive.json"] = json.dumps(contents).encode()
    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        for name, content in members.items():
            after.writestr(name, content)
    return changed


def with_contents(**changes: object) -> Change:
    def change(members: dict[str, bytes]) -> None:
        members["archive.json"] = json.dumps(json.loads(members["archive.json"]) | changes).encode()

    return change


def nothing_came(runs: Path) -> bool:
    left = list((runs / ".models").iterdir()) if (runs / ".models").is_dir() else []
    return imported_models(runs) == () and left == []


def test_a_model_comes_back_as_it_was_with_its_guard_and_its_thanks(
    folder: Path, runs: Path, tmp_path: Path
) -> None:
    checkpoint.add_known_runs(folder, known_of([tune(range(60, 80))]))
    write_archive(folder, "Jigs", tmp_path / "jigs.zip")
    entry = read_archive(tmp_path / "jigs.zip", runs)
    assert entry.name == "imported/Jigs"
    assert entry == imported_models(runs)[0]
    ours, card = checkpoint.load(folder)
    theirs, same = checkpoint.load(entry.path)
    assert card == same
    pairs = zip(ours.parameters(), theirs.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    known = checkpoint.load_known_runs(entry.path)
    assert known is not None
    assert known.num_notes == 20
    thanks = (entry.path / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert "| band | CC0 | us / them | 100.0% |" in thanks
    # It goes on from there as it came.
    write_archive(entry.path, "Again", tmp_path / "again.zip")
    with zipfile.ZipFile(tmp_path / "again.zip") as again:
        assert again.read("ATTRIBUTION.md").decode() == thanks


def test_the_notices_of_the_shipped_music_travel_along() -> None:
    assert "BSD" in attribution_of(CARD)
    assert "What follows is the attribution" in attribution_of(CARD)


def test_a_name_that_is_taken_gets_a_number(archive: Path, runs: Path) -> None:
    names = [read_archive(archive, runs).name for _ in range(2)]
    assert names == ["imported/Jigs", "imported/Jigs 2"]
    assert read_archive(archive, runs, "Reels").name == "imported/Reels"


@pytest.mark.parametrize("name", ["", "../Jigs", "a/b", ".Jigs", "con", 7, None, "x" * 100])
def test_a_name_that_will_not_do_is_refused(archive: Path, runs: Path, name: object) -> None:
    changed = rewritten(archive, with_contents(name=name))
    with pytest.raises(MeloFormerError):
        read_archive(changed, runs)
    assert nothing_came(runs)


def test_a_name_that_will_not_do_is_not_exported(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError):
        write_archive(folder, "../x", tmp_path / "x.zip")
    with pytest.raises(CheckpointError):
        write_archive(tmp_path / "nowhere", "x", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def test_another_vocabulary_is_refused(archive: Path, runs: Path) -> None:
    with pytest.raises(CheckpointError, match="another version"):
        read_archive(rewritten(archive, with_contents(vocabulary="0123")), runs)

    def other_card(members: dict[str, bytes]) -> None:
        card = json.loads(members["card.json"]) | {"vocabulary": "0123"}
        members["card.json"] = json.dumps(card).encode()

    with pytest.raises(CheckpointError, match="another vocabulary"):
        read_archive(rewritten(archive, other_card), runs)
    assert nothing_came(runs)


@pytest.mark.parametrize("member", ["card.json", "model.safetensors", "ATTRIBUTION.md"])
def test_what_was_changed_on_the_way_is_refused(archive: Path, runs: Path, member: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[member] = members[member][:-1] + bytes([members[member][-1] ^ 1])

    with pytest.raises(CheckpointError, match="changed on the way"):
        read_archive(rewritten(archive, change, sums=False), runs)
    assert nothing_came(runs)


@pytest.mark.parametrize("member", ["card.json", "model.safetensors", "archive.json"])
def test_what_lacks_a_part_is_refused(archive: Path, runs: Path, member: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        del members[member]

    with pytest.raises(CheckpointError, match="lacks"):
        read_archive(rewritten(archive, change, sums=False), runs)


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/passwd", "training_state.pt", "model.pkl", "sub/card.json"]
)
def test_nothing_but_a_model_is_unpacked(archive: Path, runs: Path, name: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[name] = b"x"

    with pytest.raises(CheckpointError, match="not part of a model"):
        read_archive(rewritten(archive, change), runs)
    assert nothing_came(runs)


def test_a_member_that_is_there_twice_is_refused(archive: Path, runs: Path) -> None:
    with zipfile.ZipFile(archive, "a") as zipped, pytest.warns(UserWarning, match="Duplicate"):
        zipped.writestr("card.json", b"{}")
    with pytest.raises(CheckpointError):
        read_archive(archive, runs)
    assert nothing_came(runs)


def test_weights_that_do_not_fit_the_card_are_refused(archive: Path, runs: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        card = json.loads(members["card.json"])
        card["model"]["num_layers"] = 2
        members["card.json"] = json.dumps(card).encode()

    with pytest.raises(CheckpointError, match="do not fit"):
        read_archive(rewritten(archive, change), runs)
    assert nothing_came(runs)


def test_weights_that_are_no_safetensors_are_refused(archive: Path, runs: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["model.safetensors"] = b"\x80\x04cos\nsystem\n."  # a pickle

    with pytest.raises(CheckpointError, match="damaged"):
        read_archive(rewritten(archive, change), runs)
    assert nothing_came(runs)


def test_a_bomb_is_refused_before_it_is_unpacked(archive: Path, runs: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["ATTRIBUTION.md"] = bytes(5 << 20)

    with pytest.raises(CheckpointError, match="larger than any"):
        read_archive(rewritten(archive, change), runs)
    assert nothing_came(runs)


def test_a_member_that_is_longer_than_the_list_says_is_refused(archive: Path, runs: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["ATTRIBUTION.md"] = bytes(1000)

    changed = rewritten(archive, change)
    data = bytearray(changed.read_bytes())
    with zipfile.ZipFile(changed) as zipped:
        info = zipped.getinfo("ATTRIBUTION.md")
    entry = data.rindex(b"ATTRIBUTION.md") - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    struct.pack_into("<L", data, entry + 24, 10)
    assert info.file_size == 1000
    changed.write_bytes(data)
    with pytest.raises(CheckpointError):
        read_archive(changed, runs)
    assert nothing_came(runs)


def test_a_list_of_many_members_is_not_read(archive: Path, runs: Path) -> None:
    many = archive.with_name("many.zip")
    with zipfile.ZipFile(many, "w") as zipped:
        for index in range(100):
            zipped.writestr(str(index), b"")
    with pytest.raises(CheckpointError, match="more members"):
        read_archive(many, runs)


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"x" * 1000])
def test_what_is_no_zip_is_refused(tmp_path: Path, runs: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(CheckpointError, match="not brought"):
        read_archive(tmp_path / "x.zip", runs)
    with pytest.raises(CheckpointError):
        read_archive(tmp_path / "nowhere.zip", runs)


@pytest.mark.parametrize("end", range(0, 4000, 97))
def test_a_zip_that_is_cut_short_is_refused(archive: Path, runs: Path, end: int) -> None:
    data = archive.read_bytes()
    archive.write_bytes(data[: len(data) - 1 - end])
    with pytest.raises(CheckpointError):
        read_archive(archive, runs)
    assert nothing_came(runs)


@pytest.mark.parametrize("contents", [b"", b"[]", b"{", b"[" * 5000, b'{"kind": "x"}', b"\xff"])
def test_a_damaged_list_of_contents_is_refused(archive: Path, runs: Path, contents: bytes) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["archive.json"] = contents

    with pytest.raises(CheckpointError):
        read_archive(rewritten(archive, change, sums=False), runs)
    assert nothing_came(runs)


def test_the_card_is_not_changed_by_the_name(folder: Path, runs: Path, tmp_path: Path) -> None:
    write_archive(folder, "Other name", tmp_path / "x.zip")
    assert read_archive(tmp_path / "x.zip", runs).card == replace(CARD)
