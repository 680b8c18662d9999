"""The server as an assistant meets it: a process that is talked to."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

import meloformer as mf
from meloformer.resources import EXAMPLES

mcp = pytest.importorskip("mcp")
JIG = str(EXAMPLES / "jig.mid")


def talk(conversation: Callable[[Any], Any]) -> Any:
    """What comes of a conversation with a server of its own."""

    async def whole() -> Any:
        words = ["-m", "meloformer", "mcp"]
        server = mcp.StdioServerParameters(command=sys.executable, args=words)
        async with mcp.Client(server) as client:
            return await conversation(client)

    with start_blocking_portal() as portal:
        return portal.call(whole)


def test_a_piece_is_described_continued_and_written_again(tmp_path: Path) -> None:
    longer, again = str(tmp_path / "longer.mid"), str(tmp_path / "again.mid")

    async def conversation(client: Any) -> list[Any]:
        tools = await client.list_tools()
        return [
            {tool.name for tool in tools.tools},
            await client.call_tool("describe", {"path": JIG}),
            await client.call_tool("continue", {"path": JIG, "out": longer, "bars": 2}),
            await client.call_tool("rewrite", {"path": longer, "out": again, "bars": "2-3"}),
        ]

    names, described, continued, rewritten = talk(conversation)
    assert names == {"describe", "continue", "rewrite", "render"}
    bars = mf.open(JIG).num_bars
    assert described.structured_content["bars"] == bars
    assert mf.open(longer).num_bars == bars + 2
    (new,) = continued.structured_content["result"]
    assert (new["path"], len(new["chords"])) == (longer, 2)
    assert not rewritten.is_error
    assert mf.open(again).num_bars == bars + 2


def test_what_goes_wrong_is_a_sentence_and_nothing_is_replaced(tmp_path: Path) -> None:
    taken = tmp_path / "taken.mid"
    taken.write_bytes(b"mine")
    (tmp_path / "link.mid").symlink_to(tmp_path / "nowhere")
    wishes = [
        ("describe", {"path": str(tmp_path / "none.mid")}),
        ("continue", {"path": JIG, "out": str(taken)}),
        ("continue", {"path": JIG, "out": JIG}),
        ("continue", {"path": JIG, "out": str(tmp_path / "a.mid"), "bars": 10_000}),
        ("continue", {"path": JIG, "out": str(tmp_path / "a.mid"), "versions": 10**9}),
        ("rewrite", {"path": JIG, "out": str(tmp_path / "a.mid"), "bars": "1", "versions": 0}),
        ("continue", {"path": JIG, "out": str(tmp_path / "link.mid")}),
        ("continue", {"path": JIG, "out": "/"}),
        ("continue", {"path": JIG, "out": ""}),
        ("describe", {"path": "/dev/zero"}),
        ("describe", {"path": "a\0b.mid"}),
        ("render", {"path": JIG, "out": str(tmp_path / "a.exe")}),
    ]

    async def conversation(client: Any) -> list[Any]:
        return [await client.call_tool(name, wish) for name, wish in wishes]

    for answer in talk(conversation):
        assert answer.is_error
        said = answer.content[0].text
        assert "Traceback" not in said
        assert said.rstrip().endswith((".", ")")) or "hint" in said, said
    assert taken.read_bytes() == b"mine"
    assert {path.name for path in tmp_path.iterdir()} == {"link.mid", "taken.mid"}
