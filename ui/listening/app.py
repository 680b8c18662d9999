"""The requests of the listening page.

A browser is told A and B, and never which of them is the song's own before all pairs are judged.
"""

import json
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from meloformer.errors import DataError
from meloformer.evaluation.listening.pairs import ListeningTest, Origin, Pair
from meloformer.evaluation.listening.votes import LISTENER, Answer, Vote, VoteFile
from ui.components import MODULES, STATIC, modules_route, modules_version
from ui.languages import COOKIE, chosen_language
from ui.middleware.headers import HeaderMiddleware
from ui.middleware.hosts import HostMiddleware
from ui.middleware.refusal import refusal

HOST = "127.0.0.1"
MAX_VOTE_BYTES = 1_000
NOT_HERE = "There is no such pair for this listener."
NO_VOTE = "This is no vote that the page would send."
NOT_YET = "Which is which is told when all pairs are judged."


def listening_app(folder: Path, test: ListeningTest) -> Starlette:
    """Return the app of one listening test.

    Args:
        folder: Of the test; receives `votes.jsonl`.
        test: Its pairs.
    """
    desk = _Desk(folder, test)
    return Starlette(
        routes=[
            Route("/", _page),
            Route("/pairs", desk.pairs),
            Route("/sound/{pair}/{side}", desk.sound),
            Route("/votes", desk.vote, methods=["POST"]),
            Route("/result", desk.result),
            modules_route(),
        ],
        middleware=[
            Middleware(HeaderMiddleware),
            Middleware(HostMiddleware, host=HOST),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_VOTE_BYTES),
        ],
    )


async def _page(request: Request) -> HTMLResponse:
    asked = request.query_params.get("lang")
    language = chosen_language(
        asked, request.cookies.get(COOKIE), request.headers.get("accept-language")
    )
    page = (STATIC / "listening" / "index.html").read_text(encoding="utf-8")
    place = f"/{MODULES}/{modules_version()}"
    page = page.replace('lang="en"', f'lang="{language}"', 1).replace("{static}", place)
    return HTMLResponse(page, headers={"Cache-Control": "no-cache"})


class _Desk:
    """Hands out sounds and takes votes."""

    def __init__(self, folder: Path, test: ListeningTest) -> None:
        self._folder = folder
        self._test = test
        self._votes = VoteFile(folder)

    async def pairs(self, request: Request) -> Response:
        """Tell a listener the pairs in their order, and what they have said of each."""
        listener = request.query_params.get("listener", "")
        if not LISTENER.fullmatch(listener):
            return refusal(404, NOT_HERE)
        votes = await self._votes_of(listener)
        told = [
            {"name": pair.name, "seam_s": pair.seam_s, "vote": self._said(votes.get(pair.name))}
            for pair in self._test.in_order(listener)
        ]
        return JSONResponse({"pairs": told}, headers={"Cache-Control": "no-store"})

    async def sound(self, request: Request) -> Response:
        """Send A or B of a pair."""
        listener = request.query_params.get("listener", "")
        pair, side = self._pair(request.path_params["pair"]), request.path_params["side"]
        if pair is None or side not in ("a", "b") or not LISTENER.fullmatch(listener):
            return refusal(404, NOT_HERE)
        is_true = (side == "a") == self._test.is_true_first(listener, pair.name)
        file = self._folder / pair.file(Origin.TRUE if is_true else Origin.WRITTEN)
        # Neither the name of the file nor when it was made tells one from the other.
        content = await run_in_threadpool(file.read_bytes)
        return Response(content, media_type="audio/mpeg", headers={"Cache-Control": "no-store"})

    async def vote(self, request: Request) -> Response:
        """Keep a vote."""
        try:
            content = json.loads(await request.body())
            listener, pair = str(content["listener"]), self._pair(str(content["pair"]))
            sides = [str(content[name]) for name in ("liked", "real")]
        except (ValueError, KeyError, TypeError, RecursionError):
            return refusal(400, NO_VOTE)
        if pair is None or not LISTENER.fullmatch(listener) or not {*sides} <= {"a", "b", ""}:
            return refusal(400, NO_VOTE)
        liked, real = map(partial(self._answer, listener, pair), sides)
        try:
            await run_in_threadpool(self._votes.add, Vote(listener, pair.name, liked, real))
        except (DataError, OSError) as error:
            return refusal(507, str(error))
        return JSONResponse({"kept": True})

    async def result(self, request: Request) -> Response:
        """Tell a listener who has judged all pairs which was which."""
        listener = request.query_params.get("listener", "")
        votes = await self._votes_of(listener)
        if {pair.name for pair in self._test.pairs} - votes.keys():
            return refusal(403, NOT_YET)
        told = [
            {
                "name": pair.name,
                "set": pair.document_set,
                "true": "a" if self._test.is_true_first(listener, pair.name) else "b",
                "vote": self._said(votes[pair.name]),
            }
            for pair in self._test.in_order(listener)
        ]
        return JSONResponse({"pairs": told}, headers={"Cache-Control": "no-store"})

    def _pair(self, name: str) -> Pair | None:
        return next((pair for pair in self._test.pairs if pair.name == name), None)

    async def _votes_of(self, listener: str) -> dict[str, Vote]:
        votes = await run_in_threadpool(self._votes.read)
        return {vote.pair: vote for vote in votes if vote.listener == listener}

    def _answer(self, listener: str, pair: Pair, side: str) -> Answer:
        if not side:
            return Answer.NEITHER
        is_true = (side == "a") == self._test.is_true_first(listener, pair.name)
        return Answer.TRUE if is_true else Answer.WRITTEN

    def _said(self, vote: Vote | None) -> dict[str, str] | None:
        """Return the sides that a vote was for."""
        if vote is None:
            return None
        true = "a" if self._test.is_true_first(vote.listener, vote.pair) else "b"
        other = "b" if true == "a" else "a"
        side = {Answer.TRUE: true, Answer.WRITTEN: other, Answer.NEITHER: ""}
        return {"liked": side[vote.liked], "real": side[vote.real]}
