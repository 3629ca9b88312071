"""Heavy requests that hang: half of the workers are left to all others."""

import concurrent.futures
import os
import re
import signal
import urllib.parse

import pytest

from harness.families import unique
from harness.installation import LONG, Installation, wait_until

WORKERS = 4
HEAVY = "/v1/customers?take=1&total=none&filter=" + urllib.parse.quote('notes.Contains("absent")')
BULK_ROWS = 101  # as src/op/bulk.c has it
WORD = "TOO_MANY_HEAVY_REQUESTS"


@pytest.fixture(scope="module")
def running():
    with Installation(workers=WORKERS, list_timeout="60s", database_read_timeout="60s") as made:
        made.keys = []
        for _ in range(WORKERS):
            name = unique("heavy")
            made.create_user(name, "Administrator")
            made.keys.append(made.create_key(name))
        yield made


def get(running, path, key):
    return running.client().call("GET", path, None, key=key, timeout=LONG)


def bulk(running, rows, key):
    """Customers, so that the lock of their table holds it up, too."""
    return running.client().call("POST", "/v1/customers/bulk", [{"firstName": f"Row {number}"} for number in range(rows)],
                                 key=key, timeout=LONG)


def refusals(running):
    text = running.client().get("/metrics").text
    return int(re.search(r'^clientele_refusals_total\{reason="heavy"\} (\d+)$', text, re.M)[1])


class Locked:
    """A table that nobody can read or write."""

    def __init__(self, running):
        self.running = running
        self.pool = concurrent.futures.ThreadPoolExecutor(1 + WORKERS)

    def __enter__(self):
        self.held = self.pool.submit(self.running.sql, "LOCK TABLES customer WRITE; DO SLEEP(600)")
        wait_until(lambda: self.session() is not None, "the lock")
        return self

    def session(self):
        rows = self.running.sql("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP%'")
        return rows[0][0] if rows else None

    def begin(self, act):
        """Begins a request that the lock holds up."""
        before = self.waiting()
        future = self.pool.submit(act)
        wait_until(lambda: self.waiting() > before or future.done(), "a request that waits for the lock")
        return future

    def waiting(self):
        [[count]] = self.running.sql("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE '%table metadata lock'")
        return int(count)

    def release(self):
        session = self.session()
        if session is not None:
            self.running.sql(f"KILL {session}")

    def __exit__(self, *reason):
        self.release()
        self.pool.shutdown()


def is_refused(answer):
    return (answer.status == 503 and "Too many long lists and bulk inserts are in progress" in answer.text
            and answer.headers["retry-after"] == "1" and answer.log()["error"] == WORD)


def test_half_of_the_workers(running):
    one, two, three, four = running.keys
    before = refusals(running)
    with Locked(running) as locked:
        held = hold_all(locked, running, (one, two))
        refused = get(running, HEAVY, three)
        assert is_refused(refused), refused
        # The number of rows tells whether the list is heavy, and the key may have to be looked up.
        assert refused.log()["heavy"] == "yes" and refused.queries <= 2, refused.log()
        refused = bulk(running, BULK_ROWS, four)
        assert is_refused(refused), refused
        # What is not heavy finds a worker, again and again.
        for _ in range(50):
            answer = get(running, "/v1/users?take=1&total=none", three)
            assert answer.status == 200 and "heavy" not in answer.log(), answer
        assert not any(request.done() for request in held)
        assert refusals(running) == before + 2
        locked.release()
        for request in held:
            answer = request.result()
            assert answer.status == 200, answer
            assert running.log_lines(answer.request_id)[0]["heavy"] == "yes"
    assert get(running, HEAVY, three).status == 200
    assert bulk(running, BULK_ROWS, four).status == 201
    assert "heavy" not in bulk(running, BULK_ROWS - 1, four).log()


def hold_all(locked, running, keys):
    """As many heavy requests as may be."""
    held = [locked.begin(lambda key=key: get(running, HEAVY, key)) for key in keys]
    assert not any(request.done() for request in held)
    return held


def test_workers_that_die_give_their_places_back(running):
    one, two, three, four = running.keys
    with Locked(running) as locked:
        held = hold_all(locked, running, (one, two))
        assert is_refused(get(running, HEAVY, three))
        for pid in running.workers():
            os.kill(pid, signal.SIGKILL)
        statuses = [request.result().status for request in held]
        assert min(statuses) >= 500, statuses
    wait_until(lambda: len(running.workers()) == WORKERS, "new workers")
    running.wait_ready()
    wait_until(lambda: get(running, "/v1/customers?take=1", four).status == 200, "a worker that is ready")
    with Locked(running) as locked:
        held = hold_all(locked, running, (three, four))
        assert is_refused(get(running, HEAVY, one))
        locked.release()
        assert [request.result().status for request in held] == [200, 200]
