"""Where the app listens: an address and a port that it can have."""

import errno
import os
import socket

from meloformer.errors import ConfigError

MAX_PORT = 65_535


def free_port(host: str, port: int = 0) -> int:
    """Return a port that can be listened on.

    Args:
        host: The address, or a name of this machine.
        port: The one that is wanted; 0 takes a free one.

    Raises:
        ConfigError: Another program has it, or this machine is not at that address.
    """
    if not 0 <= port <= MAX_PORT:
        raise ConfigError(
            f"There is no port {port}.", hint=f"Ports go up to {MAX_PORT}; 0 takes a free one."
        )
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name != "nt":  # where it would let two programs share a port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            return int(probe.getsockname()[1])
    except OSError as error:
        raise _problem(host, port, error) from error


def bracketed(host: str) -> str:
    """Return a host as it stands before the port in an address."""
    return f"[{host}]" if ":" in host else host


def _problem(host: str, port: int, error: OSError) -> ConfigError:
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return ConfigError(
            f"Port {port} of this machine can't be had: another program may have it.",
            hint="Choose another with --port; 0 takes a free one.",
        )
    return ConfigError(
        f"This machine is not at {host}.",
        hint="--host 127.0.0.1 listens to this machine alone, --host 0.0.0.0 to others, too.",
    )
