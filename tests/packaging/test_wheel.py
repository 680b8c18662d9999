"""What `pip install .` brings, used far from the repository."""

import json
import tarfile
from pathlib import Path
from urllib.request import urlopen

import pytest

from meloformer.score import bar_grid, read_midi
from tests.packaging.conftest import ROOT, Installation, build, names_in

pytestmark = pytest.mark.slow


def test_the_wheel_carries_the_model_the_examples_and_the_pages(wheel: Path) -> None:
    names = names_in(wheel)
    model = "meloformer/assets/checkpoints/meloformer-small"
    assert {f"{model}/card.json", f"{model}/model.safetensors", "meloformer/py.typed"} <= names
    examples = {f"meloformer/assets/examples/{p.name}" for p in ROOT.glob("assets/examples/*.mid")}
    assert len(examples) == 6
    static = {str(p.relative_to(ROOT)) for p in ROOT.glob("ui/static/**/*") if p.is_file()}
    assert examples | static <= names


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names_in(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"meloformer", "ui"}
    assert not [name for name in names_in(wheel) if "__pycache__" in name or name.endswith(".pyi")]
    assert wheel.stat().st_size < 24_000_000


def test_a_wheel_can_be_built_from_the_source_distribution(tmp_path: Path, wheel: Path) -> None:
    with tarfile.open(build(tmp_path, "-t", "sdist")) as archive:
        (top,) = {name.split("/")[0] for name in archive.getnames()}
        names = {name.removeprefix(f"{top}/") for name in archive.getnames()}
    needed = {name.replace("meloformer/assets", "assets") for name in names_in(wheel)}
    assert {name for name in needed if ".dist-info" not in name} <= names
    assert {"pyproject.toml", "README.md", "LICENSE", "ATTRIBUTION.md"} <= names
    assert not {name.split("/")[0] for name in names} & {".venv", "runs", ".workspace", "shared"}


def test_the_installed_package_is_used(installed: Installation) -> None:
    program = "import meloformer, ui; print(meloformer.__file__, ui.__file__, sep='\\n')"
    for place in installed.run("python", "-c", program).splitlines():
        assert Path(place).is_relative_to(installed.environment)


def test_the_help_text_is_shown(installed: Installation) -> None:
    said = installed.run("meloformer", "--help")
    assert all(verb in said for verb in ("app", "continue", "fine-tune"))


def test_a_piece_is_continued_by_the_shipped_model(installed: Installation, song: Path) -> None:
    installed.run("meloformer", "continue", song.name, "--bars", 2, "--out", "longer.mid")
    longer = read_midi((installed.folder / "longer.mid").read_bytes())
    assert bar_grid(longer).num_bars == bar_grid(read_midi(song.read_bytes())).num_bars + 2


def test_samples_of_a_run_find_their_prompts_and_soundfonts_a_folder(
    installed: Installation,
) -> None:
    program = (
        "from meloformer.audio.soundfonts import SOUNDFONT_FOLDER\n"
        "from pathlib import Path\n"
        "from meloformer.runs.samples import PROMPTS, sample_prompts\n"
        "print(len(sample_prompts(Path('nowhere'))) == len(PROMPTS), SOUNDFONT_FOLDER)"
    )
    found, folder = installed.run("python", "-c", program).split()
    assert found == "True"
    assert Path(folder) == installed.folder / "home" / ".meloformer" / "soundfonts"


def test_the_app_is_served(installed: Installation) -> None:
    app = installed.popen("meloformer", "app", "--port", 0)
    assert app.stdout is not None
    try:
        said = app.stdout.readline()
        assert "http://" in said, app.communicate(timeout=120)
        url = said.split()[-1]
        with urlopen(url, timeout=120) as page:
            assert "MeloFormer" in page.read().decode()
        with urlopen(f"{url}/config", timeout=120) as config:
            labels = [one["props"].get("value") for one in json.load(config)["components"]]
        assert "Melody" in labels  # the button of an example that was found
        assert "Jig in 6/8" in labels
    finally:
        app.terminate()
        app.communicate(timeout=120)
    home = installed.folder / "home" / ".meloformer"
    assert (home / "files").is_dir()
    assert not [path for path in installed.folder.iterdir() if path.name == "runs"]
