"""What a training has come to, and what becomes of trainings, models and music afterwards."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meloformer.runs.config import TrainConfig
from meloformer.runs.workspace import Run, RunState, Status, create_run, write_state
from meloformer.score import write_midi
from tests.app.training.training_runs import log_evaluations, log_steps, save
from tests.browser.axe import complaints
from tests.corpus.small_corpus import small_score

pytestmark = pytest.mark.browser

SLOW_MS = 180_000


@pytest.fixture
def workspace_of_ones_own(workspace: Path) -> Iterator[Path]:
    """The app's workspace, left as it was found: other tests begin without a training."""
    workspace.mkdir(parents=True, exist_ok=True)
    before = set(workspace.iterdir())
    yield workspace
    for folder in set(workspace.iterdir()) - before:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def jigs(workspace_of_ones_own: Path, checkpoint: Path) -> Run:
    """A fine-tuning that has ended, was measured before and after, and has two checkpoints."""
    config = TrainConfig(
        shards=workspace_of_ones_own / "shards",
        run=workspace_of_ones_own / "Jigs",
        base=checkpoint,
        minutes=10,
    )
    run = create_run("Jigs", config, workspace_of_ones_own)
    write_state(
        run.folder,
        RunState(status=Status.FINISHED, step=600, fraction=1, seconds=600, bits_per_note=3.76),
    )
    log_steps(run, 60)
    log_evaluations(run, {0: 4.09, 200: 3.9, 400: 3.76, 600: 3.78})
    save(run, checkpoint, 400, best=True)
    save(run, checkpoint, 600)
    return run


def training(page: Page) -> Page:
    page.get_by_role("tab", name="Training").click()
    expect(page.get_by_role("button", name="Choose files")).to_be_enabled()
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def tools(page: Page):
    return page.get_by_role("group", name="Name, export and end of this training")


def test_a_verdict_in_words_stands_above_curves_that_begin_before_training(visit, jigs):
    page = training(visit())
    expect(page.get_by_text("It knows your music 8 % better than before training")).to_be_visible()
    held = page.get_by_role("img", name=re.compile("Bits a note on music held back"))
    expect(held).to_contain_text("before training: 4.09")
    expect(held).to_contain_text("best: 3.76")
    log_evaluations(jigs, {800: 4.3})
    expect(page.get_by_text("By now it is worse than before training")).to_be_visible()
    assert complaints(page) == []


def test_an_axis_does_not_magnify_what_is_no_change(visit, jigs):
    (jigs.folder / "metrics.jsonl").unlink()
    log_evaluations(jigs, {0: 4.0, 200: 3.995, 400: 3.992})
    page = training(visit())
    expect(page.get_by_text("Hardly changed so far")).to_be_visible()
    heights = page.eval_on_selector_all(
        "[data-chart=held] .mt-point",
        "points => points.map((one) => Number(one.getAttribute('cy')))",
    )
    assert len(heights) == 3
    assert max(heights) - min(heights) < 10  # of more than a hundred


def test_a_training_is_renamed_deleted_and_brought_back(visit, jigs, workspace):
    page = training(visit())
    tools(page).get_by_role("button", name="Rename").click()
    name = tools(page).get_by_label("New name")
    expect(name).to_be_focused()
    name.fill("../elsewhere")
    name.press("Enter")
    expect(page.get_by_text("letters, digits, spaces, - and _ make a name")).to_be_visible()
    tools(page).get_by_role("button", name="Rename").click()
    name.fill("Reels")
    name.press("Enter")
    expect(page.get_by_role("heading", name="Reels")).to_be_visible()
    assert (workspace / "Reels" / "config.json").is_file()
    assert not (workspace / "Jigs").exists()

    tools(page).get_by_role("button", name="Delete").click()
    tools(page).get_by_role("button", name="Really delete?").click()
    expect(page.get_by_text("“Reels” is deleted.")).to_be_visible()
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert not (workspace / "Reels").exists()
    expect(page.get_by_text("make a name, such as")).to_be_hidden()  # Gradio's own, with its faults
    assert complaints(page) == []
    press(page, "Bring back “Reels”, a training")
    expect(page.get_by_role("heading", name="Reels")).to_be_visible()
    assert (workspace / "Reels" / "checkpoints" / "best.json").is_file()


def test_a_model_travels_as_a_file_and_is_chosen_in_compose(visit, jigs, workspace, tmp_path):
    page = training(visit())
    with page.expect_download() as download:
        tools(page).get_by_role("button", name="Export").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "Jigs.zip"
    with zipfile.ZipFile(path) as archive:
        assert {"card.json", "model.safetensors", "ATTRIBUTION.md"} <= set(archive.namelist())
    broken = tmp_path / "broken.zip"
    broken.write_bytes(path.read_bytes()[:5000])
    page.get_by_label("ZIP of a model to import").set_input_files(broken)
    expect(page.get_by_text("This file is not brought")).to_be_visible(timeout=SLOW_MS)
    page.get_by_label("ZIP of a model to import").set_input_files(path)
    expect(page.get_by_text("“Jigs” is imported and can be chosen in Compose.")).to_be_visible(
        timeout=SLOW_MS
    )
    expect(page.get_by_text("This file is not brought")).to_be_hidden()
    assert complaints(page) == []
    press(page, "Use Jigs in Compose")
    expect(page.get_by_label("Model", exact=True)).to_have_value("Jigs, imported")
    page.get_by_role("tab", name="Training").click()
    press(page, "Delete Jigs")
    press(page, "Really delete?")
    expect(page.get_by_role("heading", name="Imported models")).to_be_hidden()
    assert list((workspace / ".models").iterdir()) == []


def test_music_is_renamed_exported_deleted_and_too_little_for_a_new_model(
    visit, workspace_of_ones_own, tmp_path
):
    files = []
    for index in range(4):
        files.append(tmp_path / f"song {index}.mid")
        files[-1].write_bytes(write_midi(small_score(index, 12)))
    page = training(visit())
    page.get_by_label("MIDI files or a ZIP to train on").set_input_files(files)
    expect(page.get_by_text("files can be used")).to_be_visible(timeout=SLOW_MS)
    of_music = page.get_by_role("group", name="Name, export and end of this music")
    of_music.get_by_role("button", name="Rename").click()
    of_music.get_by_label("New name").fill("Old tunes")
    press(page, "Save name")
    expect(page.get_by_text("“Old tunes”: 4 of 4 files can be used")).to_be_visible()
    with page.expect_download() as download:
        of_music.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "Old tunes.zip"

    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    expect(page.get_by_text("That is a guess")).to_be_visible()
    page.get_by_label("From scratch").check()
    expect(page.get_by_text("Too little music for a new model")).to_be_visible()
    expect(page.get_by_role("button", name="Start all the same")).to_be_enabled()
    page.get_by_label("Fine-tune, light").check()
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()

    of_music.get_by_role("button", name="Delete").click()
    press(page, "Really delete?")
    expect(page.get_by_text("“Old tunes” is deleted.")).to_be_visible()
    expect(page.get_by_text("Bring some music first.")).to_be_visible()
    press(page, "Bring back “Old tunes”, music")
    expect(page.get_by_text("“Old tunes”: 4 of 4 files can be used")).to_be_visible()
    assert complaints(page) == []
