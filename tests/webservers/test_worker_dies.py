"""What callers are told of a request whose worker dies: it may have been carried out, unless it only reads."""

import concurrent.futures
import json
import os
import signal
import time
import urllib.parse

import pytest

from harness.client import Client
from harness.families import new_api_client, unique
from harness.installation import TOP, wait_until
from harness.locks import connected
from test_webservers import HELLO, SHAPES, hello

# None that workers write between requests, as the last use of an API client: one that waits for that takes no call.
LOCKED = ("discovery_client", "delegate_group", "hosting_client", "product", "customer", "oauth_session")
WAITING = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'Waiting for table metadata lock'"
CONNECTED = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'clientele'"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def program(installation):
    """An API client that gets tokens."""
    answer = installation.client(installation.admin_key).post("/api/v1/admin/clients", new_api_client(installation.admin_id))
    assert answer.status == 200, answer
    return answer.json()["ResponseData"]["Detail"]


@pytest.fixture
def calls(installation, site, program, group):
    """A call that writes for each shape and each method that does, and some that read."""
    client = Client(installation, installation.admin_key, site.connect, site.prefix)
    token = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": program["ID"],
                                    "client_secret": program["Secret"]})
    return [
        ("discovery", lambda: client.post(HELLO, hello(group), key="", check=False)),
        # None that locks the caller's key: other workers, which count its uses, would wait for that.
        ("credentials", lambda: client.delete(f"/api/v1/admin/sessions/{program['ID']}", check=False)),
        ("delegates", lambda: client.post("/api/delegategroups", {"name": unique("group")}, check=False)),
        ("hosting", lambda: client.put("/hosting/api/client/0000000", {"company": "x"}, check=False)),
        ("licensing", lambda: client.post("/v1/customers", {"customer": {"company": "x"}}, check=False)),
        ("oauth", lambda: client.post("/oauth2/token", token, content_type=FORM, key="", check=False)),
    ], [
        ("licensing", lambda: client.get("/v1/products", check=False)),
        ("hosting", lambda: client.head("/hosting/api/client", check=False)),
    ]


def workers_that_are(state, installation):
    return json.loads(installation.cli("status", "--json", check=False).stdout)["pool"]["workers"][state]


def lock_tables(installation, holder, count):
    """Locks the tables while so many workers have nothing to do: one that is still preparing its statements would wait
    for the tables as well, and take no call."""
    def locked():
        if workers_that_are("idle", installation) != count or holder.run(CONNECTED) != [[str(count)]]:
            return False
        holder.run("LOCK TABLES " + ", ".join(f"{table} WRITE" for table in LOCKED))
        time.sleep(0.2)
        if holder.run(WAITING) == [["0"]]:
            return True
        holder.run("UNLOCK TABLES")
        return False

    wait_until(locked, "a worker for each call, and the end of what waited before")


def killed(installation, calls):
    """The answers of the calls, all of whose workers were killed while they waited for the database."""
    with connected(installation) as holder, concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        lock_tables(installation, holder, len(calls))
        begun = [pool.submit(call) for _, call in calls]
        wait_until(lambda: any(one.done() for one in begun) or holder.run(WAITING) == [[str(len(calls))]] and
                   workers_that_are("busy", installation) == len(calls), "requests that wait for the database")
        early = [one.result() for one in begun if one.done()]
        assert not early, early
        for pid in installation.workers():
            os.kill(pid, signal.SIGKILL)
        return [one.result(20) for one in begun]


def test_outcome_is_unknown(installation, site, calls):
    writes, reads = calls
    answers = killed(installation, writes + reads)
    installation.wait_ready()
    for (shape, _), answer in zip(writes, answers):
        assert answer.status in site.server.statuses_of_death, answer
        assert answer.text == site.error_body(f"{shape}-write", 504), answer
        assert answer.headers["outcome"] == "unknown" and "retry-after" not in answer.headers, answer.headers
        assert answer.content_type.startswith("application/json") and answer.headers["x-content-type-options"] == "nosniff"
    for (shape, _), answer in zip(reads, answers[len(writes):]):
        assert answer.status in site.server.statuses_of_death, answer
        assert answer.text in ("", site.error_body(shape, answer.status)), answer
        assert "outcome" not in answer.headers, answer.headers
    # The log has the method that was sent, not that with which an error page is fetched.
    for method in ("POST", "PUT", "DELETE", "GET", "HEAD"):
        site.log_entries(lambda entry: int(entry["status"]) in site.server.statuses_of_death and entry["method"] == method)


@pytest.mark.parametrize("shape", SHAPES)
def test_body_is_that_of_the_application(share, shape):
    """Whoever looks for its words finds them in the web server's answers."""
    described = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["components"]["responses"]
    examples = described[f"{shape}.503"]["content"]["application/json"]["examples"]
    for status in (500, 502, 504):
        body = (share / "errors" / f"{shape}-write-{status}.html").read_text()
        assert examples["OUTCOME_UNKNOWN"]["value"].items() <= json.loads(body).items()
