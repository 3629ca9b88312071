"""What is revoked is refused from the next request on, whatever load there is; on other nodes within a second."""

import contextlib
import http.client
import time
import urllib.parse

import pytest

from harness.cluster import Cluster, ClusterInstallation
from harness.families import new_api_client, unique
from harness.installation import Installation, NotInstalled, wait_until
from harness.load import Threads

pytestmark = pytest.mark.slow

CLIENTS = "/api/v1/admin/clients"
FORM = "application/x-www-form-urlencoded"
PASSWORD = "nobody-guesses-this-4711"
CALLERS = 6
NODE_SECONDS = 1.0


class Callers(Threads):
    """Threads that keep calling with one credential and note when each call began and what came of it."""

    def __init__(self, installation, token):
        self.installation, self.token = installation, token
        self.calls = []  # (begin, status)
        super().__init__(CALLERS)

    def _run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=30)
        while not self._end.is_set():
            begin = time.monotonic()
            connection.request("GET", "/v1/customers?take=1", headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            answer.read()
            self.calls.append((begin, answer.status))
        connection.close()


class Subject:
    """A user with a key, a client with a secret, and an access token: what can be revoked."""

    def __init__(self, installation):
        self.installation = installation
        self.admin = installation.client(installation.admin_key)
        self.name = unique("revoked")
        made = self.admin.post("/v1/users", {"user": {"userName": self.name, "roles": ["Sales"]}, "password": PASSWORD})
        self.user = made.json()["userId"]
        made = self.admin.post("/v1/api-keys", {"apiKey": {"name": self.name, "ownerId": self.user, "permissions": 15}})
        self.key, self.key_id = made.json()["apiKey"], made.json()["apiKeyId"]
        made = self.admin.post(CLIENTS, new_api_client(self.user, Name=self.name[-18:])).json()
        self.client = made["ResponseData"]["Detail"]["ID"]
        self.secret = made["ResponseData"]["Detail"]["Secret"]
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": self.client,
                                       "client_secret": self.secret})
        self.token = installation.client().post("/oauth2/token", form, content_type=FORM).json()["access_token"]

    def put(self, path, body):
        answer = self.admin.put(path, body)
        assert answer.status == 200, answer

    def revoke_token(self):
        form = urllib.parse.urlencode({"token": self.token, "client_id": self.client, "client_secret": self.secret})
        assert self.installation.client().post("/oauth2/revoke", form, content_type=FORM).status == 200

    def remove_secret(self):
        assert self.admin.post(f"{CLIENTS}/{self.client}/secrets").status == 200
        assert self.admin.delete(f"{CLIENTS}/{self.client}/secrets/1").status == 200


# What is done, with which credential the callers call, and what they get afterwards.
ENDS = {
    "key": (lambda s: s.put("/v1/api-keys", {"apiKey": {"id": s.key_id, "revoked": True}}), "key", 401),
    "key by command": (lambda s: s.installation.cli("key", "revoke", s.key_id), "key", 401),
    "token": (Subject.revoke_token, "token", 401),
    "secret": (Subject.remove_secret, "token", 401),
    "client by command": (lambda s: s.installation.cli("client", "disable", s.client), "token", 401),
    "user": (lambda s: s.put("/v1/users", {"user": {"id": s.user, "enabled": False}}), "token", 401),
    "role": (lambda s: s.put("/v1/users", {"user": {"id": s.user, "roles": []}}), "key", 403),
}


@pytest.fixture(scope="module")
def busy():
    with Installation(workers=4) as running:
        yield running


@pytest.mark.parametrize("end", sorted(ENDS))
def test_at_once_under_load(busy, end):
    act, kind, status = ENDS[end]
    subject = Subject(busy)
    with Callers(busy, getattr(subject, kind)) as callers:
        wait_until(lambda: len(callers.calls) > 500, 30, "calls")
        act(subject)
        revoked = time.monotonic()
        wait_until(lambda: callers.calls[-1][0] > revoked + 0.5, 30, "calls afterwards")
    before = [code for begin, code in callers.calls if begin < revoked]
    after = [code for begin, code in callers.calls if begin > revoked]
    print(f"{end}: {len(before)} calls before, {len(after)} after")
    assert before.count(200) > 400 and len(after) > 100
    assert set(after) == {status}


@pytest.fixture(scope="module")
def nodes():
    try:
        cluster = Cluster().start()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with contextlib.ExitStack() as stack:
        stack.callback(cluster.stop)
        first = stack.enter_context(ClusterInstallation(cluster, [1], workers=4))
        yield [first, stack.enter_context(ClusterInstallation(cluster, [2], first, workers=4))]


@pytest.mark.parametrize("end", sorted(ENDS))
def test_on_another_node_within_a_second(nodes, end):
    act, kind, status = ENDS[end]
    subject = Subject(nodes[0])
    with Callers(nodes[1], getattr(subject, kind)) as callers:
        wait_until(lambda: len(callers.calls) > 300, 30, "calls")
        act(subject)
        revoked = time.monotonic()
        wait_until(lambda: callers.calls[-1][0] > revoked + 1.5, 30, "calls afterwards")
    last = max((begin - revoked for begin, code in callers.calls if code == 200), default=-1)
    after = {code for begin, code in callers.calls if begin > revoked + NODE_SECONDS}
    print(f"{end}: accepted on the other node until {last:.2f} s after it was revoked")
    assert after == {status}
