"""Memory of the workers: what a large request took is given back."""

import sys

import pytest

from harness.families import unique
from harness.installation import SANITIZED, TOP, wait_until

sys.path.insert(0, str(TOP / "tests/bench"))

import load  # noqa: E402
import seed  # noqa: E402

WORKERS = 2
LICENSES = 1000
MORE = 6  # MiB that a worker may have beyond its start
ROUNDS = 6 * WORKERS  # so many requests of a kind reach each worker


@pytest.fixture(scope="module")
def running():
    if SANITIZED:
        pytest.skip("sanitizers keep memory of their own")
    made = seed.start(LICENSES, workers=WORKERS)
    yield made
    made.finish()


def list_all(client, number):
    return client.get("/v1/licenses?take=1000&include=*&total=none")


def store_many(client, number):
    return client.post("/v1/customers/bulk", [{"firstName": f"Row {number}.{row}"} for row in range(1000)])


def send_large(client, number):
    """One value that is nearly as long as a body may be."""
    body = {"customer": {"firstName": "Ada", "notes": "x" * 60000, "lastName": unique("large")}, "more": "y" * 900000}
    return client.post("/v1/customers", body)


@pytest.mark.parametrize("act, statuses", [(list_all, {200}), (store_many, {201}), (send_large, {200, 400})])
def test_memory_is_given_back(running, act, statuses):
    client = running.client(running.admin_key)
    for _ in range(ROUNDS):
        assert client.get("/v1/licenses?take=1&total=none").status == 200
    before = {pid: load.unique_mib(pid) for pid in running.workers()}
    for number in range(ROUNDS):
        answer = act(client, number)
        assert answer.status in statuses, answer

    def beyond():
        return {pid: load.unique_mib(pid) - before[pid] for pid in running.workers()}

    try:
        wait_until(lambda: max(beyond().values()) < MORE, f"less than {MORE} MiB more", seconds=30)
    except AssertionError as fault:
        raise AssertionError(f"{fault}: {beyond()}") from None
