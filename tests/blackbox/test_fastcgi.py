"""What comes straight over the FastCGI socket: no peer takes a worker along, or holds one."""

import contextlib
import socket
import time

import pytest

from harness.fastcgi import PARAMS, STDIN, begin, pair, record

BEGIN = begin()
END = record(PARAMS) + record(STDIN)
HEALTH = pair(b"REQUEST_METHOD", b"GET") + pair(b"REQUEST_URI", b"/healthz") + pair(b"REMOTE_ADDR", b"127.0.0.1")
REQUEST = BEGIN + record(PARAMS, HEALTH) + END
HUGE = b"\xff\xff\xff\xff"  # 2^31 - 1

# What is sent and what the connection then brings: an answer of that status, or its end.
ROWS = {
    "huge value": (BEGIN + record(PARAMS, b"\1" + HUGE + b"A") + END, None),
    "huge name": (BEGIN + record(PARAMS, HUGE + b"\1A") + END, None),
    "huge both": (BEGIN + record(PARAMS, HUGE + HUGE + b"A") + END, None),
    "gigabyte": (BEGIN + record(PARAMS, b"\1\xc0\0\0\0A") + END, None),
    "name beyond its record": (BEGIN + record(PARAMS, b"\x50\1A") + END, None),
    "cut length": (BEGIN + record(PARAMS, b"\1\xff\xff") + END, None),
    "no FastCGI": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", None),
    "body first": (BEGIN + record(STDIN, b"x") + END, None),
    "zero byte": (BEGIN + record(PARAMS, pair(b"REQUEST_URI", b"/healthz\0x")) + END, None),
    "nameless": (BEGIN + record(PARAMS, pair(b"", b"x") * 100 + HEALTH) + END, 200),
    "most parameters": (BEGIN + record(PARAMS, pair(b"A", b"") * 509 + HEALTH) + END, 200),
    "too many parameters": (BEGIN + record(PARAMS, pair(b"A", b"") * 513) + END, 431),
    "long name": (BEGIN + record(PARAMS, pair(b"A" * 257, b"")) + END, 431),
    "too many bytes": (BEGIN + record(PARAMS, pair(b"A", b"x" * 60000)) * 3 + END, 431),
    "something behind": (REQUEST + b"more", 200),
}


def connect(installation):
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(20)
    peer.connect(str(installation.socket))
    return peer


def talk(installation, data):
    """Sends, and reads to the end of the connection. Who is refused meets that while sending, and finds the answer."""
    with connect(installation) as peer:
        answer = b""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            peer.sendall(data)
        for _ in range(2):  # the kernel tells of the closed end once, before what came from there
            with contextlib.suppress(ConnectionResetError):
                while piece := peer.recv(65536):
                    answer += piece
        return answer


@pytest.mark.parametrize("case", ROWS)
def test_parameters(installation, anonymous, case):
    data, status = ROWS[case]
    workers = sorted(installation.workers())
    for _ in range(25):
        answer = talk(installation, data)
        assert (b"Status: %d " % status in answer) if status else answer == b"", answer
    assert sorted(installation.workers()) == workers
    assert anonymous.get("/healthz").status == 200
    if status != 200:
        tail = installation.log_file.read_text()[-20000:]
        assert tail.count("FastCGI connection refused") >= 25
        assert "AAAA" not in tail


def test_parts_hold_nobody(installation, anonymous):
    """Hundreds of connections that send a part of a request and stop: callers do not notice."""
    workers = sorted(installation.workers())
    parts = [BEGIN, BEGIN[:5], BEGIN + record(PARAMS, b"\1" + HUGE + b"A"),
             REQUEST[:-8], REQUEST[:-8] + record(STDIN, b"{" * 1000)]
    peers = []
    try:
        for number in range(300):
            peers.append(connect(installation))
            peers[-1].sendall(parts[number % len(parts)])
        slowest = 0
        for _ in range(50):
            start = time.monotonic()
            assert anonymous.get("/readyz").status == 200
            slowest = max(slowest, time.monotonic() - start)
        assert slowest < 2, slowest
        assert sorted(installation.workers()) == workers
    finally:
        for peer in peers:
            peer.close()
