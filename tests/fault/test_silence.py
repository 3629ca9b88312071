"""A database host that says nothing any more."""

import pathlib
import time

import pytest

from harness.database_proxy import DatabaseProxy, Fault
from harness.installation import Installation, wait_until

PATIENCE = 2  # seconds, of database_read_timeout
KEEPALIVE = "02"  # the timer of /proc/net/tcp


@pytest.fixture(scope="module")
def hosts():
    running = Installation(workers=1, database_read_timeout=f"{PATIENCE}s", database_silence_timeout="6s",
                           list_timeout="1s")
    proxies = [DatabaseProxy(None, running.state / "db" / "mariadb.sock") for _ in range(2)]
    running.options["database_hosts"] = ",".join(f"127.0.0.1:{proxy.port}" for proxy in proxies)
    running.start()
    yield running, proxies
    running.finish()
    for proxy in proxies:
        proxy.close()


@pytest.fixture(autouse=True)
def disarmed(hosts):
    """A test that fails leaves no fault to the others."""
    yield
    for proxy in hosts[1]:
        proxy.disarm()


def timers(port):
    """Of the connections to a port: which timer runs."""
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    return [line.split()[5][:2] for line in lines if line.split()[2].endswith(f":{port:04X}")]


def test_the_network_is_watched(hosts):
    """The kernel asks a host that says nothing whether it is there."""
    running, proxies = hosts
    assert running.client(running.admin_key).get("/v1/roles").status == 200
    wait_until(lambda: KEEPALIVE in timers(proxies[0].port) + timers(proxies[1].port), "a timer of keep-alive")


@pytest.mark.parametrize("path", ["/v1/roles", "/api/delegategroups/1"])
def test_a_read_is_asked_elsewhere(hosts, path):
    running, proxies = hosts
    client = running.client(running.admin_key)
    assert client.get(path).status == 200
    silent = 0
    for proxy in proxies:
        start = "SELECT t." if path.startswith("/api") else "SET STATEMENT"
        proxy.arm(Fault(1, "silent", only=lambda text, start=start: text.startswith(start)))
        begun = time.monotonic()
        answer = client.get(path)
        _, happened = proxy.disarm()
        assert answer.status == 200, answer
        assert not happened or time.monotonic() - begun >= PATIENCE - 0.5
        silent += happened
    assert silent >= 1


def test_a_change_is_made_elsewhere(hosts):
    """Before COMMIT nothing is stored, so that it is all done again; it has waited for long enough then."""
    running, proxies = hosts
    client = running.client(running.admin_key)
    for proxy in proxies:
        proxy.arm(Fault(1, "before", only=lambda text: text.startswith("INSERT INTO delegate_group")))
    answer = client.post("/api/delegategroups", {"name": "one"})
    assert answer.status in (200, 201), answer
    assert running.sql("SELECT COUNT(*) FROM delegate_group") == [["1"]]
