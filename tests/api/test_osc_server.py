"""The OSC server as a DAW or a patch meets it: datagrams on loopback."""

import random
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

import meloformer as mf
from meloformer.api.osc_server import OscServer
from meloformer.api.osc_wire import MAX_BYTES, datagram_of, read_calls
from meloformer.errors import ConfigError
from meloformer.resources import EXAMPLES

pytest.importorskip("pythonosc")

WAIT_S = 120
JIG = EXAMPLES / "jig.mid"


class Patch:
    """A program that asks a server, and reads its answers one by one."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(WAIT_S)
        self.port = port

    def send(self, what, *values):
        self.socket.sendto(datagram_of(f"/meloformer/{what}", *values), ("127.0.0.1", self.port))

    def answer(self):
        (call,) = read_calls(self.socket.recv(65_536))
        return (call.address.removeprefix("/meloformer/"), *call.values)

    def ask(self, what, *values):
        self.send(what, *values)
        return self.answer()

    def until_done(self):
        answers = [self.answer()]
        while answers[-1][0] != "done":
            answers.append(self.answer())
        return answers


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "songs"
    folder.mkdir()
    shutil.copy(JIG, folder / "jig.mid")
    (tmp_path / "secret.mid").write_bytes(JIG.read_bytes())
    (folder / "link.mid").symlink_to(tmp_path / "secret.mid")
    return folder


@pytest.fixture
def patch(folder, untrained):
    from meloformer.api.osc_server import OscServer

    server = OscServer(folder, 0, model=untrained)
    thread = Thread(target=server.serve)
    thread.start()
    patch = Patch(server.port)
    yield patch
    server.close()
    thread.join()
    patch.socket.close()


def test_a_song_is_continued_and_bars_of_it_are_written_again(patch, folder):
    bars = mf.open(JIG).num_bars
    what, path, num_bars, tempo = patch.ask("open", "jig.mid")
    assert (what, path, num_bars) == ("opened", str(folder / "jig.mid"), bars)
    assert tempo > 0
    assert patch.ask("set", "chords", "Am", "F") == ("set", "chords", "Am F")
    assert patch.ask("set", "versions", 2.0) == ("set", "versions", 2)
    assert patch.ask("continue", 2) == ("begun",)
    answers = patch.until_done()
    assert sorted(one[1:4] for one in answers if one[0] == "bar") == [
        *((1, 1, 2), (1, 2, 2), (2, 1, 2), (2, 2, 2))
    ]
    written = [one[2] for one in answers if one[0] == "written"]
    assert written == [str(folder / f"jig-continued{end}.mid") for end in ("", "-2")]
    assert [mf.open(path).num_bars for path in written] == [bars + 2] * 2
    assert answers[-1] == ("done", "finished")

    assert patch.ask("reset") == ("reset",)
    assert patch.ask("set", "keep", "rhythm")[0] == "set"
    assert patch.ask("rewrite", 2, 3) == ("begun",)
    assert patch.until_done()[-1] == ("done", "finished")
    assert mf.open(folder / "jig-rewritten.mid").num_bars == bars
    assert patch.ask("status")[1] in ("writing", "resting")  # the thread may be just ending


def test_a_run_is_cancelled_and_writes_nothing(patch, folder):
    patch.ask("open", "jig.mid")
    before = set(folder.iterdir())
    assert patch.ask("continue", 64) == ("begun",)
    patch.send("continue", 1)
    patch.send("cancel")
    answers = patch.until_done()
    kinds = [one[0] for one in answers]
    assert "cancelling" in kinds
    assert ("error", "Bars are being written.", "Wait for them, or cancel them.") in answers
    assert answers[-1] == ("done", "cancelled")
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("what", "values", "said"),
    [
        ("open", ("../secret.mid",), "The file is not in the folder that was given."),
        ("open", ("link.mid",), "The file is not in the folder that was given."),
        ("open", ("/etc/passwd",), "The file is not in the folder that was given."),
        ("open", ("none.mid",), "There is no such file in the folder."),
        ("open", ("x" * 900,), "This is no name of a file."),
        ("open", (".",), "There is no such file in the folder."),
        ("open", (), "A text is missing."),
        ("open", (1,), "A text is missing."),
        ("open", ("x" * 2_000,), "A text has at most 1,000 characters."),
        ("continue", (2,), "There is no music to continue yet."),
        ("set", ("model", "/x"), "There is no such setting."),
        ("set", ("seed", 1.5), "A whole number is needed."),
        ("set", ("seed", float("nan")), "A whole number is needed."),
        ("*", (), "There is no such address."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(patch, what, values, said):
    assert patch.ask(what, *values)[:2] == ("error", said)


def test_settings_that_will_not_do_are_said_when_they_are_used(patch):
    patch.ask("open", "jig.mid")
    for name, value in (("scale", "Z flat"), ("versions", 99), ("parts", "kazoo")):
        patch.ask("reset")
        patch.ask("set", name, value)
        answers = [patch.ask("continue", 1), *patch.until_done()]
        assert [one[0] for one in answers] == ["begun", "error", "done"]
        assert "mistake" not in answers[1][1]
    patch.ask("reset")
    assert [patch.ask("continue", 65), *patch.until_done()][1][0] == "error"


def test_whatever_comes_the_server_goes_on(patch):
    chance = random.Random(0)
    whole = datagram_of("/meloformer/set", "chords", "Am", 1, 2.5)
    nested = b"#bundle\0" + bytes(8)
    for _ in range(300):
        nested = b"#bundle\0" + bytes(8) + len(nested).to_bytes(4, "big") + nested
    hostile = [
        b"",
        b"/",
        nested[:MAX_BYTES],
        bytes(MAX_BYTES + 100),
        b"/\0\0\0,b\0\0\xff\xff\xff\xff",
    ]
    for _ in range(300):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        hostile.append(bytes(changed[: chance.randint(1, len(changed))]))
    for one in hostile:
        patch.socket.sendto(one, ("127.0.0.1", patch.port))
        patch.send("status")  # one by one: a socket drops what nobody has read yet
        while (answer := patch.answer())[0] != "status":
            assert answer[0] in ("error", "set", "reset")
            assert "mistake" not in str(answer[1])
        assert answer == ("status", "resting", 0)


@pytest.mark.parametrize("reply_port", [-1, 65_536])
def test_answers_to_no_port_are_refused_before_one_is_sent(folder, reply_port):
    with pytest.raises(ConfigError, match="no port"):
        OscServer(folder, 0, reply_port=reply_port)


def test_a_port_that_cannot_be_had_is_a_sentence(folder):
    with pytest.raises(ConfigError, match=r"port 65536: there is no such port\."):
        OscServer(folder, 65_536)


def test_messages_of_a_bundle_are_for_now():
    from pythonosc.osc_bundle_builder import OscBundleBuilder
    from pythonosc.osc_message_builder import OscMessageBuilder

    bundle = OscBundleBuilder(2e9)  # seconds since 1970: in years
    for address in ("/one", "/two"):
        bundle.add_content(OscMessageBuilder(address).build())
    assert [call.address for call in read_calls(bundle.build().dgram)] == ["/one", "/two"]
    with pytest.raises(ConfigError, match="numbers and texts only"):
        read_calls(datagram_of("/one", True))


def test_the_verb_serves_a_folder_and_lets_nobody_else_in(folder: Path) -> None:
    words = [sys.executable, "-m", "meloformer", "osc", str(folder)]
    done = subprocess.run(
        [*words, "--host", "0.0.0.0"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "--open" in done.stderr
    server = subprocess.Popen([*words, "--port", "0"], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        said = server.stderr.readline()
        patch = Patch(int(said.split("port ")[1].split(";")[0]))
        assert patch.ask("status") == ("status", "resting", 0)
        patch.socket.close()
    finally:
        server.terminate()
        server.communicate(timeout=60)
