"""A worker that dies while it sends its answer: the caller must see that it is not whole, and soon."""

import http.client
import socket
import struct
import threading
import time

import pytest

from harness.installation import wait_until

HEAD = b"Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
STDOUT = 6  # a record of FastCGI
BOUND = 20  # seconds


def die_after(listener, body):
    """Takes one request and sends the beginning of an answer."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        content = HEAD + body
        connection.sendall(struct.pack(">BBHHBB", 1, STDOUT, 1, len(content), 0, 0) + content)


@pytest.mark.slow
def test_a_worker_dies_while_it_answers(private_installation):
    running = private_installation()
    running.stop_pool()
    running.socket.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(running.socket))
    running.socket.chmod(0o777)
    listener.listen(8)
    dying = threading.Thread(target=die_after, args=(listener, b'{"customers":['), daemon=True)
    dying.start()
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=BOUND)
    begun = time.monotonic()
    connection.request("GET", "/v1/customers")
    answer = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    assert time.monotonic() - begun < BOUND
    dying.join(10)
    wait_until(lambda: not dying.is_alive(), 10, "end of the worker")
    connection.close()
    listener.close()
