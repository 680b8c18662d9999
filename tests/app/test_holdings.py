import pytest

from meloformer.app.access import visitor_of
from meloformer.app.holdings import Holdings, bytes_below
from meloformer.errors import OutputError


@pytest.fixture
def holdings(tmp_path):
    return Holdings(1_000)


def file(path, num_bytes):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(num_bytes))
    return path


def test_files_and_folders_count_for_whoever_they_belong_to(holdings, tmp_path):
    holdings.add("anna", file(tmp_path / "a.mid", 300))
    holdings.add("anna", tmp_path / "session")
    file(tmp_path / "session" / "x" / "a.wav", 500)
    holdings.add("carl", file(tmp_path / "c.mid", 10))
    assert (holdings.held("anna"), holdings.held("carl")) == (800, 10)
    holdings.require_room("anna", 100)
    with pytest.raises(OutputError, match="as much on this machine as one visitor may"):
        holdings.require_room("anna", 200)
    holdings.require_room("carl", 200)


def test_what_is_deleted_makes_room_at_once(holdings, tmp_path):
    big = file(tmp_path / "a.wav", 900)
    holdings.add("anna", big)
    with pytest.raises(OutputError):
        holdings.require_room("anna", 100)
    big.unlink()
    holdings.require_room("anna", 900)
    assert holdings.held("anna") == 0


def test_what_is_on_its_way_counts_until_it_has_come_or_failed(holdings):
    with holdings.coming("anna", 600):
        with pytest.raises(OutputError), holdings.coming("anna", 600):
            pass
        with holdings.coming("carl", 600), holdings.coming("anna", 300):
            pass
    holdings.require_room("anna", 900)


def test_what_has_come_in_vain_counts_until_it_is_cleared(holdings):
    holdings.leave_behind("anna", 600)
    holdings.leave_behind("anna", 300)
    with pytest.raises(OutputError):
        holdings.require_room("anna", 100)
    holdings.require_room("carl", 900)


def test_what_is_held_elsewhere_counts(holdings):
    holdings.watch(lambda visitor: 900 if visitor == "anna" else 0)
    with pytest.raises(OutputError):
        holdings.require_room("anna", 100)
    holdings.require_room("carl", 100)


def test_where_nobody_is_counted_anything_may_come(tmp_path):
    holdings = Holdings()
    holdings.add("anna", file(tmp_path / "a", 10))
    holdings.require_room("anna", 1 << 60)
    assert bytes_below(tmp_path) == 10
    assert bytes_below(tmp_path / "gone") == 0


def test_a_name_goes_before_a_cookie():
    assert visitor_of("user:anna", "x") == visitor_of("user:anna", "y")
    assert visitor_of("browser:1", "x") == visitor_of("", "x") != visitor_of("", "y")
