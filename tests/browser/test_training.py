"""A musician trains on music of their own, walks away, and comes back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meloformer.runs.workspace import Status, open_run
from meloformer.score import write_midi
from tests.browser.axe import complaints
from tests.corpus.small_corpus import small_score

pytestmark = pytest.mark.browser

SLOW_MS = 180_000


@pytest.fixture(scope="module")
def songs(tmp_path_factory) -> list[Path]:
    """Six pieces, one of them twice, and a photograph."""
    folder = tmp_path_factory.mktemp("songs")
    for index in range(6):
        (folder / f"song {index}.mid").write_bytes(write_midi(small_score(index, 12)))
    (folder / "again.mid").write_bytes((folder / "song 3.mid").read_bytes())
    (folder / "cat.mid").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2000))
    return sorted(folder.iterdir())


def training(page: Page) -> Page:
    page.get_by_role("tab", name="Training").click()
    expect(page.get_by_role("button", name="Choose files")).to_be_enabled()
    return page


def bring(page: Page, files: list[Path]) -> None:
    page.get_by_label("MIDI files or a ZIP to train on").set_input_files(files)
    expect(page.get_by_text("files can be used")).to_be_visible(timeout=SLOW_MS)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def expect_status(page: Page, words: str) -> None:
    status = page.get_by_role("status").filter(has_text=re.compile(f"^{words}$"))
    expect(status).to_be_visible(timeout=SLOW_MS)


def set_number(page: Page, label: str, value: float) -> None:
    number = page.get_by_label(label, exact=True)
    number.fill(str(value))
    number.press("Tab")


def start_small(page: Page, name: str) -> None:
    """A minute of training with rows so short that a step takes no time."""
    page.get_by_label("Fine-tune, full").check()
    page.get_by_label("Name (optional)").fill(name)
    page.get_by_role("button", name="Details").click()
    for label, value in (("Minutes", 1), ("Context (tokens)", 128), ("Rows at once", 2)):
        set_number(page, label, value)
    expect(page.get_by_text("your music about")).to_be_visible()
    press(page, "Start training")


def test_a_training_goes_on_without_the_page_and_is_stopped_resumed_and_used(
    visit, songs, workspace
):
    page = training(visit())
    expect(page.get_by_text("None yet.")).to_be_visible()
    bring(page, songs)
    expect(page.get_by_text("6 of 8 files can be used")).to_be_visible()
    page.get_by_text("not readable as MIDI").click()
    expect(page.get_by_text("cat.mid: This is a JPEG picture")).to_be_visible()
    expect(page.get_by_text("the same music as another file")).to_be_visible()
    start_small(page, "Six songs")
    expect_status(page, "Training")
    page.context.close()

    run = open_run("Six songs", workspace)
    assert run.state().status == Status.RUNNING
    page = training(visit())  # another device: nothing is known there
    expect_status(page, "Training")
    expect(page.get_by_role("progressbar")).to_have_attribute(
        "aria-valuetext", re.compile(r"[1-9]\d* %"), timeout=SLOW_MS
    )
    expect(page.get_by_role("img", name=re.compile("Loss in nats.* after"))).to_be_visible()
    press(page, "Stop and save")
    expect_status(page, "Stopped")
    assert complaints(page) == []
    step = run.state().step
    assert run.last() is not None

    press(page, "Resume")
    expect_status(page, "Training")
    expect(page.get_by_role("button", name="Save now")).to_be_visible()
    press(page, "Stop and save")
    expect_status(page, "Stopped")
    assert run.state().step > step

    press(page, "Use this model in Compose")
    expect(page.get_by_label("Model", exact=True)).to_have_value("Six songs, trained here")
    roll = page.get_by_role("group", name="Piano roll and player")
    press(page, "Melody")
    expect(roll).not_to_have_attribute("data-notes", "0")
    page.get_by_label("number input for Bars to add").fill("2")
    page.get_by_label("number input for Bars to add").press("Tab")
    press(page, "Continue")
    expect(roll.get_by_role("status")).to_contain_text("bars written", timeout=SLOW_MS)
    page.get_by_label("Model", exact=True).click()
    page.get_by_role("option", name="untrained").click()
    expect(roll.get_by_role("status")).to_contain_text("From now on: untrained")


def test_a_folder_is_dropped_and_settings_that_cannot_be_are_said_before_the_start(visit, songs):
    page = training(visit())
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.evaluate(
        """async ([root, files]) => {
            const carried = new DataTransfer();
            for (const [name, bytes] of files) {
                carried.items.add(new File([new Uint8Array(bytes)], name));
            }
            const event = new DragEvent("drop", { dataTransfer: carried, bubbles: true });
            document.querySelector(root).dispatchEvent(event);
        }""",
        [
            "[data-mm=root]",
            [[file.name, list(file.read_bytes())] for file in songs[2:5]] + [["read.me", [1]]],
        ],
    )
    expect(page.get_by_text("Left out: 1 file without MIDI.")).to_be_visible()
    expect(page.get_by_text("3 of 3 files can be used")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    page.get_by_label("Name (optional)").fill("../elsewhere")
    expect(page.get_by_text("letters, digits, spaces, - and _ make a name")).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
