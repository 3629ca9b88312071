"""A worker that dies while it sends its answer: the caller must see that it is not whole, and soon."""

import http.client
import time

import pytest

from harness.fastcgi import STDOUT, record
from harness.stand_in import stand_in

HEAD = b"Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
BOUND = 20  # seconds


@pytest.mark.slow
def test_a_worker_dies_while_it_answers(private_installation):
    running = private_installation()
    with stand_in(running, lambda connection: connection.sendall(record(STDOUT, HEAD + b'{"customers":['))):
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=BOUND)
        begun = time.monotonic()
        connection.request("GET", "/v1/customers")
        answer = connection.getresponse()
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        assert time.monotonic() - begun < BOUND
        connection.close()
