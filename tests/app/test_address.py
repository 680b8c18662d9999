import socket

import pytest

from meloformer.app.address import bracketed, free_port
from meloformer.errors import ConfigError


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_free_port_is_found(host):
    assert 0 < free_port(host) < 65_536
    assert free_port(host, port := free_port(host)) == port


def test_a_free_port_is_found_at_the_newer_addresses():
    if not socket.has_ipv6:
        pytest.skip("this machine has none")
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has none")
    assert 0 < free_port("::1") < 65_536


def test_a_port_that_is_in_use_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} of this machine can't be had"):
            free_port("127.0.0.1", port)


@pytest.mark.parametrize("port", [-1, 65_536, 10**12])
def test_a_number_that_is_no_port_is_a_sentence(port):
    with pytest.raises(ConfigError, match="no port"):
        free_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_an_address_that_is_not_this_machines_is_a_sentence(host):
    with pytest.raises(ConfigError, match=f"not at {host}"):
        free_port(host)


def test_a_newer_address_has_brackets_before_its_port():
    assert [bracketed(host) for host in ("::1", "127.0.0.1")] == ["[::1]", "127.0.0.1"]
