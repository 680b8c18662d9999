"""Where files lie in a checkout; tests/packaging asks the same of an installed wheel."""

from pathlib import Path

import pytest

from meloformer import resources

ROOT = Path(__file__).parents[1]


def test_a_checkout_keeps_its_files_beside_the_package() -> None:
    assert resources.IS_CHECKOUT
    assert ROOT == resources.IMPORT_ROOT
    assert (resources.CHECKPOINTS / "meloformer-small" / "card.json").is_file()
    assert (resources.EXAMPLES / "band.mid").is_file()
    assert resources.soundfont_folder() == ROOT / "soundfonts"
    assert resources.run_folder() == ROOT / "runs"


def test_what_the_app_writes_goes_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MELOFORMER_HOME", raising=False)
    assert resources.home() == ROOT / ".workspace"
    monkeypatch.setenv("MELOFORMER_HOME", str(tmp_path))
    assert resources.home() == tmp_path
