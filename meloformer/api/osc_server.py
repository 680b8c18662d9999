"""A server for DAWs and patches that speak Open Sound Control (OSC), over UDP.

A musician's own program opens a file in one folder, asks for bars, hears of each when it is
written, and gets the path of the result. docs/osc.md lists the messages.
"""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

import meloformer as mf
from meloformer.api.osc_folder import OscFolder
from meloformer.api.osc_session import OscSession
from meloformer.api.osc_wire import MAX_BYTES, OscValue, datagram_of, read_calls
from meloformer.errors import ConfigError, MeloFormerError
from meloformer.logs import new_request_id

logger = logging.getLogger(__name__)

MAX_PORT = 65_535
ROOT: Final = "/meloformer/"
"""Below which all addresses are, of questions and of answers."""
_LOOKED_EVERY_S = 0.25
Place = tuple[str, int]
"""The address and port of a program."""


class OscServer:
    """Answers messages until it is closed.

    Args:
        folder: Where the files are.
        port: 0 takes a free one.
        host: The address it listens on. Whoever reaches it may use it.
        reply_port: Where answers go, on the machine that asks; 0 for the port that it asks from.
        model: What writes.

    Raises:
        ConfigError: The package python-osc is not installed, there is no such folder or port to
            answer to, or the port is taken.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        host: str = "127.0.0.1",
        reply_port: int = 0,
        model: mf.Model | None = None,
    ) -> None:
        try:
            import pythonosc  # noqa: F401
        except ImportError as error:
            raise ConfigError(
                "The package python-osc is not installed.", hint="pip install 'meloformer[osc]'"
            ) from error
        if not 0 <= reply_port <= MAX_PORT:
            raise ConfigError(f"There is no port {reply_port}.", hint=f"Ports go up to {MAX_PORT}.")
        self._session = session = OscSession(OscFolder(folder), model)
        self._reply_port = reply_port
        self._closed = Event()
        self._answers: dict[str, Callable[[Place, tuple[OscValue, ...]], None]] = {
            "open": lambda place, values: session.open(self._to(place), values),
            "set": lambda place, values: session.set(self._to(place), values),
            "reset": lambda place, values: session.reset(self._to(place), values),
            "status": lambda place, values: session.status(self._to(place), values),
            "cancel": lambda place, values: session.cancel(self._to(place), values),
            "continue": lambda place, values: session.continue_(
                self._to(place), partial(self._tell_error, place), values
            ),
            "rewrite": lambda place, values: session.rewrite(
                self._to(place), partial(self._tell_error, place), values
            ),
        }
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            reason = error.strerror if isinstance(error, OSError) else "there is no such port"
            raise ConfigError(
                f"Nothing can listen on {host}, port {port}: {reason}.",
                hint="Choose another --port.",
            ) from error
        self._socket.settimeout(_LOOKED_EVERY_S)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    def serve(self) -> None:
        """Answer until `close`; what is going on then is cancelled."""
        try:
            while not self._closed.is_set():
                try:
                    datagram, sender = self._socket.recvfrom(MAX_BYTES + 1)
                except OSError:  # nothing has come, or a program that was answered is gone
                    continue
                self._answer(datagram, (sender[0], self._reply_port or sender[1]))
        finally:
            self._session.close()
            self._socket.close()

    def close(self) -> None:
        """End `serve`, from any thread."""
        self._closed.set()

    def _answer(self, datagram: bytes, place: Place) -> None:
        try:
            for call in read_calls(datagram):
                answer = self._answers.get(call.address.removeprefix(ROOT))
                if answer is None:
                    raise ConfigError("There is no such address.", hint="docs/osc.md lists them.")
                answer(place, call.values)
        except Exception as error:  # noqa: BLE001  # one message must not end the server
            self._tell_error(place, error)

    def _to(self, place: Place) -> Callable[..., None]:
        return partial(self._tell, place)

    def _tell(self, place: Place, what: str, *values: OscValue) -> None:
        with suppress(OSError):  # nobody is there, or the answer is too long for the network
            self._socket.sendto(datagram_of(ROOT + what, *values), place)

    def _tell_error(self, place: Place, error: Exception) -> None:
        if isinstance(error, MeloFormerError):
            self._tell(place, "error", error.problem, error.hint)
            return
        number = new_request_id()
        logger.error("A mistake of ours, told as %s.", number, exc_info=error)
        self._tell(place, "error", f"Our mistake: the log has it under {number}.", "")
