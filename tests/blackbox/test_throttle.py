"""Failed credentials shut the door, for all workers at once."""

import os
import signal
import time

import pytest

from harness.families import unique
from harness.installation import wait_until

PATHS = {"credentials": "/api/v1/admin/clients", "delegates": "/api/delegategroups/1",
         "hosting": "/hosting/api/client", "licensing": "/v1/customers"}
WINDOW = 4


@pytest.fixture(scope="module")
def guarded(request):
    from harness.installation import Installation
    running = Installation(throttle_failures=3, throttle_window=f"{WINDOW}s", workers=4).start()
    yield running
    leaks = running.stop_and_search()
    running.stop()
    assert not leaks, leaks


def wrong():
    return "api_" + (unique("wrong").replace("-", "") + "0" * 24)[:24]


@pytest.fixture
def shut(guarded):
    """A caller whose address is refused."""
    time.sleep(WINDOW + 1)
    caller = guarded.client(guarded.admin_key)
    for _ in range(3):
        assert caller.get(PATHS["licensing"], key=wrong()).status == 401
    return caller


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_too_many_failures_are_refused_in_every_family(guarded, shut, accept):
    for path in PATHS.values():
        answer = shut.get(path, accept=accept)
        assert answer.status == 429, answer
        assert 1 <= int(answer.headers["retry-after"]) <= WINDOW
        assert "too many" in answer.text.lower()
    assert shut.get("/openapi.json").status == 200
    time.sleep(WINDOW + 1)
    assert shut.get(PATHS["licensing"]).status == 200


def test_missing_credentials_do_not_count(guarded):
    time.sleep(WINDOW + 1)
    caller = guarded.client()
    for _ in range(8):
        assert caller.get(PATHS["hosting"]).status == 401
    assert caller.get(PATHS["hosting"], key=guarded.admin_key).status == 200


def test_counters_survive_workers_and_restarts(guarded, shut):
    assert shut.get(PATHS["hosting"]).status == 429
    for worker in guarded.workers():
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: shut.get("/readyz").status == 200, 10, "new workers")
    assert shut.get(PATHS["hosting"]).status == 429
    guarded.stop_pool()
    guarded.start_pool()
    wait_until(lambda: shut.get("/readyz").status == 200, 10, "the pool")
    assert shut.get(PATHS["hosting"]).status == 429
