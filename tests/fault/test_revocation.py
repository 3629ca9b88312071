"""What is revoked is refused from the next request on, whatever load there is; on other nodes within a second."""

import http.client
import time

import pytest

from harness.cluster import ClusterInstallation, running_cluster
from harness.installation import LONG, Installation, wait_until
from harness.load import Threads
from harness.revocations import ENDS, NODE_SECONDS, Subject

pytestmark = pytest.mark.slow

CALLERS = 6
# One of each kind; fault/test_marks.py has them all.
UNDER_LOAD = ["client by command", "key", "key by command", "role", "secret", "token", "user"]


class Callers(Threads):
    """Threads that keep calling with one credential and note when each call began and what came of it."""

    def __init__(self, installation, token):
        self.installation, self.token = installation, token
        self.calls = []  # (begin, status)
        super().__init__(CALLERS)

    def _run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=LONG)
        while not self._end.is_set():
            begin = time.monotonic()
            connection.request("GET", "/v1/customers?take=1", headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            answer.read()
            self.calls.append((begin, answer.status))
        connection.close()


@pytest.fixture(scope="module")
def busy():
    with Installation(workers=4) as running:
        yield running


@pytest.mark.parametrize("end", UNDER_LOAD)
def test_at_once_under_load(busy, end):
    act, kind, status = ENDS[end]
    subject = Subject(busy)
    with Callers(busy, getattr(subject, kind)) as callers:
        wait_until(lambda: len(callers.calls) > 500, "calls")
        act(subject)
        revoked = time.monotonic()
        wait_until(lambda: sum(begin > revoked for begin, _ in callers.calls) > 100, "calls afterwards")
        wait_until(lambda: callers.calls[-1][0] > revoked + 0.5, "half a second of them")
    before = [code for begin, code in callers.calls if begin < revoked]
    after = [code for begin, code in callers.calls if begin > revoked]
    print(f"{end}: {len(before)} calls before, {len(after)} after")
    assert before.count(200) > 400
    assert set(after) == {status}


@pytest.fixture(scope="module")
def nodes():
    with running_cluster() as cluster, ClusterInstallation(cluster, [1], workers=4) as first, \
            ClusterInstallation(cluster, [2], first, workers=4) as second:
        yield [first, second]


@pytest.mark.parametrize("end", UNDER_LOAD)
def test_on_another_node_within_a_second(nodes, end):
    act, kind, status = ENDS[end]
    subject = Subject(nodes[0])
    with Callers(nodes[1], getattr(subject, kind)) as callers:
        wait_until(lambda: len(callers.calls) > 300, "calls")
        act(subject)
        revoked = time.monotonic()
        wait_until(lambda: callers.calls[-1][0] > revoked + 1.5, "calls afterwards")
    last = max((begin - revoked for begin, code in callers.calls if code == 200), default=-1)
    after = {code for begin, code in callers.calls if begin > revoked + NODE_SECONDS}
    print(f"{end}: accepted on the other node until {last:.2f} s after it was revoked")
    assert after == {status}
