from collections.abc import Iterator
from types import SimpleNamespace

import gradio as gr
import pytest

from meloformer.resources import EXAMPLES
from ui import leaving
from ui.blocks import build
from ui.leaving import ClosedPages


@pytest.fixture
def blocks(one_event_loop) -> Iterator[gr.Blocks]:
    with gr.Blocks() as blocks:
        blocks.held = gr.State("")
        blocks.state_holder = SimpleNamespace(session_data={}, time_last_used={})
        yield blocks


def opened(blocks: gr.Blocks, name: str, holds: str) -> SimpleNamespace:
    blocks.state_holder.session_data[name] = SimpleNamespace(
        state_data={blocks.held._id: holds}, config_values={blocks.held._id: {}}
    )
    blocks.state_holder.time_last_used[name] = 0
    return SimpleNamespace(session_hash=name)


def test_what_a_closed_page_has_shown_is_left_at_once_and_its_copy_goes_soon(blocks, monkeypatch):
    left: list[str] = []
    closed = ClosedPages(blocks, blocks.held, left.append)
    first, second = opened(blocks, "first", "a"), opened(blocks, "second", "b")
    closed.close(first)
    assert left == ["a"]
    assert set(blocks.state_holder.session_data) == {"first", "second"}
    assert not blocks.state_holder.session_data["first"].config_values
    monkeypatch.setattr(leaving, "KEPT_S", -1.0)
    closed.close(second)
    assert left == ["a", "b"]
    assert blocks.state_holder.session_data == blocks.state_holder.time_last_used == {}


def test_a_page_that_was_never_shown_leaves_nothing(blocks):
    ClosedPages(blocks, blocks.held, pytest.fail).close(SimpleNamespace(session_hash="unknown"))


def test_the_app_hears_of_every_page_that_is_closed(app_state, tmp_path, one_event_loop):
    page = build(app_state, uploads=tmp_path, examples=EXAMPLES)
    handlers = [one for one in page.fns.values() if ("unload" in [t[1] for t in one.targets])]
    assert len(handlers) == 1
