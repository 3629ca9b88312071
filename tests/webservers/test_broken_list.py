"""The database or the worker dies while a long list is sent: no web server makes a whole answer of its beginning."""

import contextlib
import http.client
import os
import signal
import ssl

import pytest

from harness.client import Answer, Client
from harness.families import new_api_client, unique
from harness.installation import LONG, wait_until

ROWS = 500_000
WORKERS = 8  # of the pool
BROKEN = (http.client.IncompleteRead, ConnectionError, ssl.SSLError)


@pytest.fixture(scope="module")
def secrets(installation):
    """Path of an API client's secrets, of which there are many."""
    made = installation.client(installation.admin_key).post("/api/v1/admin/clients", new_api_client(installation.admin_id))
    client = made.json()["ResponseData"]["Detail"]["ID"]
    installation.sql(f"INSERT INTO api_client_secret (client_id, number, secret_hash) "
                     f"SELECT '{client}', 1000 + seq, '' FROM seq_1_to_{ROWS}")
    yield f"/api/v1/admin/clients/{client}/secrets"
    installation.sql("DELETE FROM api_client_secret WHERE number > 1000")


@contextlib.contextmanager
def begun_list(installation, site, path):
    """A list of which the beginning has come, and the request's id."""
    request_id = unique("broken")
    connection = site.connect(LONG)
    try:
        connection.request("GET", site.prefix + path, headers={
            "x-api-key": installation.admin_key, "Accept": "application/json", "X-Request-Id": request_id})
        answer = connection.getresponse()
        assert answer.status == 200 and len(answer.read(1000)) == 1000, answer.status
        yield answer, request_id
    finally:
        connection.close()


def list_again(installation, site, path):
    """Once the pool has found its database, or its workers, again."""
    client = Client(installation, installation.admin_key, site.connect, site.prefix)
    for _ in range(2 * WORKERS):
        wait_until(lambda: client.get(path + "?count=1000").status == 200, "a worker that serves")


@pytest.mark.slow
def test_the_database_dies(installation, site, secrets):
    with begun_list(installation, site, secrets) as (answer, request_id):
        installation.kill_database()
        try:
            with pytest.raises(BROKEN):
                answer.read()
        finally:
            installation.start_database()
    line = Answer(installation, request_id, None, None, None).log()
    assert line["status"] == 503 and line["sent"] == "no" and line["bytes"] > 1 << 17, line
    list_again(installation, site, secrets)


@pytest.mark.slow
def test_the_worker_dies(installation, site, secrets):
    with begun_list(installation, site, secrets) as (answer, request_id):
        for pid in installation.workers():
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(BROKEN):
            answer.read()
    list_again(installation, site, secrets)
