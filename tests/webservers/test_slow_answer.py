"""Answers that take long, but no longer than a request may, arrive: timeouts for callers do not bind the pool."""

import concurrent.futures
import time

import pytest

from harness.client import Client
from harness.stand_in import stand_in, whole

SECONDS = 25  # more than any timeout for callers
ANSWER = whole(b"Status: 200 OK\r\nContent-Type: text/plain\r\n\r\ndone")


@pytest.mark.slow
def test_slow_answer(installation, sites):
    def answer(connection):
        time.sleep(SECONDS)
        connection.sendall(ANSWER)

    def call(site):
        return Client(installation, "", site.connect, site.prefix).post("/v1/customers", {}, timeout=2 * SECONDS, check=False)

    try:
        with stand_in(installation, answer), concurrent.futures.ThreadPoolExecutor(len(sites)) as pool:
            for site, found in zip(sites.values(), pool.map(call, sites.values())):
                assert (found.status, found.text) == (200, "done"), (site.server.name, site.prefix, found)
    finally:
        installation.start_pool()
        installation.wait_ready()
