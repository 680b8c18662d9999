import logging

import gradio as gr
import pytest

from meloformer.errors import MidiError
from ui.guard import guard, sentence


def test_a_known_failure_is_shown_as_its_sentence_escaped():
    @guard
    def handler():
        raise MidiError("<b>.mid has no notes.", hint="Export & try again.")

    with pytest.raises(gr.Error) as caught:
        handler()
    assert caught.value.message == "&lt;b&gt;.mid has no notes.<br>Export &amp; try again."


def test_a_path_of_the_server_is_shown_as_its_last_name():
    assert sentence(MidiError("`/srv/runs/x.mid` is empty.", hint="See /srv/runs/y.")) == (
        "`x.mid` is empty.<br>See y."
    )


def test_a_bug_gets_a_number_that_the_log_knows(caplog):
    @guard
    def handler():
        raise ZeroDivisionError("secret path")

    with caplog.at_level(logging.ERROR), pytest.raises(gr.Error) as caught:
        handler()
    number = caught.value.message.split()[-1].rstrip(".")
    assert number in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caught.value.message


def test_streams_are_guarded_too():
    @guard
    def handler(count):
        yield from range(count)
        raise MidiError("late")

    stream = handler(2)
    assert [next(stream), next(stream)] == [0, 1]
    with pytest.raises(gr.Error, match="Late"):
        next(stream)


@pytest.mark.parametrize("brought", [None, "name", ["name"], 5])
def test_an_event_that_brings_nothing_with_names_can_be_read(brought):
    @guard
    def handler(event):
        return getattr(event, "name", "none")

    assert handler(gr.EventData(None, brought)) == "none"
    assert handler(gr.EventData(None, {"name": 1})) == 1
