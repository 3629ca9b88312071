"""One address that sends half of its requests, or reads half of its answers: honest callers from others do not notice."""

import contextlib
import socket
import statistics
import time

import pytest

from harness.client import Client

HOG, VICTIM = "127.0.0.2", "127.0.0.3"
COUNTED_HOG = "127.0.0.4"  # none of whose connections are of another test
SHARE = 200  # of nginx, for one address
CONNECTIONS = 100
CALLS = 30
SLOWEST = 2.0
GIVEN_UP_AFTER = {"headers": 25, "bodies": 15}  # seconds

HEADERS = b"GET /v1/users HTTP/1.1\r\nHost: localhost\r\nX-Hog: "
BODIES = (b"POST /api/ClientHello HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          b"Content-Length: 100000\r\n\r\n{")
ANSWERS = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n"


def half(site, sent, connections, stack, hog=HOG):
    """Connections of the hog that have sent so much, and read nothing."""
    made = []
    for _ in range(connections):
        connection = site.connect(10, hog)
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stack.callback(connection.close)
        connection.sock.sendall(sent)
        made.append(connection.sock)
    return made


@pytest.fixture(scope="module", autouse=True)
def halves(sites):
    """One of each kind for each server, from the beginning on: the other tests run while they wait to be given up."""
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        yield started, [(name, mode, half(sites[name, ""], sent, 1, stack)[0]) for name in ("nginx", "apache", "lighttpd")
                        for mode, sent in (("headers", HEADERS), ("bodies", BODIES))]


@pytest.mark.parametrize("prefix", ["root"], indirect=True)
@pytest.mark.parametrize("mode, sent", [("headers", HEADERS), ("bodies", BODIES), ("answers", ANSWERS)])
def test_hog(installation, site, mode, sent):
    workers = sorted(installation.workers())
    victim = Client(installation, installation.admin_key, lambda timeout: site.connect(timeout, VICTIM), site.prefix)
    with contextlib.ExitStack() as stack:
        half(site, sent, CONNECTIONS, stack)
        seconds = []
        for _ in range(CALLS):
            start = time.monotonic()
            assert victim.get("/v1/users").status == 200
            seconds.append(time.monotonic() - start)
        print(f"{site.server.name}, half {mode}: {CALLS} calls, none failed, median {statistics.median(seconds):.3f} s, "
              f"slowest {max(seconds):.3f} s")
        assert max(seconds) < SLOWEST
    assert sorted(installation.workers()) == workers


def told(one):
    """Whether the caller of a connection was told 503, as far as is known now."""
    one.settimeout(0.01)
    with contextlib.suppress(TimeoutError):
        return b" 503 " in one.recv(200)
    return False


def test_one_address_has_a_share(sites, installation):
    """nginx counts by address: the hog is told so, and others are not."""
    site = sites["nginx", ""]
    victim = Client(installation, installation.admin_key, lambda timeout: site.connect(timeout, VICTIM))
    with contextlib.ExitStack() as stack:
        made = half(site, BODIES, SHARE + 30, stack, COUNTED_HOG)
        assert victim.get("/v1/users").status == 200
        refused, deadline = set(), time.monotonic() + GIVEN_UP_AFTER["bodies"] / 2
        while len(refused) < 30 and time.monotonic() < deadline:
            refused |= {one for one in made if one not in refused and told(one)}  # in whatever order nginx took them
        assert len(refused) == 30


def test_halves_are_given_up(halves):
    started, made = halves
    for name, mode, one in made:
        one.settimeout(max(0.1, started + GIVEN_UP_AFTER[mode] - time.monotonic()))
        try:
            while one.recv(4096):
                pass
        except TimeoutError:
            pytest.fail(f"{name} still waits for {mode} after {GIVEN_UP_AFTER[mode]} s")
        except OSError:
            pass  # reset
