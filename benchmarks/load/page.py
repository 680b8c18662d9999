"""One visitor's page without a browser: it asks the app over HTTP for what the page asks for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
from gradio_client.utils import apply_diff  # type: ignore[import-untyped]

API = "/gradio_api"
Row = list[Any]
"""A value for each component that a handler changes."""


class PageError(Exception):
    """The app has refused a request, or one of its handlers has failed."""


class Page:
    """A page that is open: it keeps what its components hold, as a browser would."""

    def __init__(self, client: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self._client = client
        self._hash = uuid4().hex[:12]
        self._handlers = {one["api_name"]: one for one in config["dependencies"]}
        components = config["components"]
        self._values = {one["id"]: one.get("props", {}).get("value") for one in components}
        self._ids = {
            name: one["id"]
            for one in components
            for name in (one["props"].get("elem_id"), one["props"].get("label"))
            if name
        }
        self._beats: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> "AsyncIterator[Page]":
        """Open a page as a new visitor, and close it as a browser does: its streams end."""
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, timeout=600, limits=limits) as client:
            await client.get("/")  # which gives the cookie
            page = cls(client, (await client.get("/config")).json())
            page._beats = asyncio.create_task(page._beat())
            try:
                shown = {"session": "", "browser": uuid4().hex}
                await page.ask("attach", event=shown)
                yield page
            finally:
                page._beats.cancel()

    async def _beat(self) -> None:
        """Hold the stream by which the app knows that the page is open."""
        async with self._client.stream("GET", f"{API}/heartbeat/{self._hash}") as stream:
            async for _ in stream.aiter_lines():
                pass

    def put(self, name: str, value: object) -> None:
        """Fill in a component by its id on the page or its label."""
        self._values[self._ids[name]] = value

    def value(self, name: str) -> Any:
        """Return what a component holds."""
        return self._values[self._ids[name]]

    async def upload(self, name: str, data: bytes) -> None:
        """Drop a file on the page."""
        sent = await self._client.post(f"{API}/upload", files={"files": (name, data)})
        (path,) = self._checked(sent).json()
        file = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        self.put("upload", file)
        await self.ask("upload")

    async def download(self, kind: str) -> bytes:
        """Return one of the files that are offered."""
        links = {link["kind"] or link["label"]: link for link in self.value("take-away")["links"]}
        file = links[kind]["file"]
        return self._checked(await self._client.get(f"{API}/file={file['path']}")).content

    async def ask(self, handler: str, *, event: object = None) -> None:
        """Call a handler, and wait for its end."""
        async for _ in self.follow(handler, event=event):
            pass

    async def follow(self, handler: str, *, event: object = None) -> AsyncIterator[Any]:
        """Call a handler; yield what the roll is told each time something changes."""
        known = self._handlers[handler]
        body = {
            "data": [self._values[one] for one in known["inputs"]],
            "event_data": event,
            "fn_index": known["id"],
            "trigger_id": known["targets"][0][0],
            "session_hash": self._hash,
        }
        joined = self._checked(await self._client.post(f"{API}/queue/join", json=body))
        number = joined.json()["event_id"]
        async for row in self._rows(number):
            for component, value in zip(known["outputs"], row, strict=False):
                self._take_over(component, value)
            yield self.value("roll")

    async def _rows(self, number: str) -> AsyncIterator[Row]:
        last: Row = []
        address = f"{API}/queue/data?session_hash={self._hash}"
        async with self._client.stream("GET", address) as stream:
            async for line in stream.aiter_lines():
                said = json.loads(line[6:]) if line.startswith("data: ") else {}
                if said.get("event_id") != number:
                    continue
                if said["msg"] == "process_generating":
                    row = said["output"].get("data", [])
                    for index, change in enumerate(row):
                        if index < len(last):
                            last[index] = _changed(last[index], change)
                        else:
                            last.append(change)
                    yield last
                elif said["msg"] == "process_completed":
                    output = said["output"]
                    if not said["success"]:
                        raise PageError(str(output.get("error") or output))
                    if not last:  # of a stream the last row has been told
                        yield output.get("data", [])
                    return

    def _take_over(self, component: int, value: Any) -> None:
        if not isinstance(value, dict) or value.get("__type__") != "update":
            self._values[component] = value
        elif "value" in value:
            self._values[component] = value["value"]

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            raise PageError(f"{answer.request.url.path}: {answer.status_code} {answer.text[:200]}")
        return answer


def _changed(value: Any, change: Any) -> Any:
    """Return a value after a change as Gradio tells it.

    Gradio counts wrong where several lists in a list become shorter; the whole picture at the end
    of a run has what is right.
    """
    try:
        return apply_diff(value, change)
    except (IndexError, KeyError, TypeError):
        return value
