"""Database hosts that fall silent: who waits, who tries them, who says so, and who goes back to them."""

import collections
import contextlib
import json
import re
import threading
import time

import pytest

from harness.database_proxy import DatabaseProxy
from harness.installation import LONG, Installation, wait_until

PATIENCE = 2  # seconds, of database_read_timeout
FIRST = 3 * PATIENCE + 4  # seconds that the first callers of a silent host may wait, with all that machines do
AT_ONCE = 1  # second: of an answer that waits for nothing
ROLES = "/v1/roles"


@contextlib.contextmanager
def hosts(count, silent=None, **options):
    """An installation with so many hosts, and their proxies; `silent` (as of silence()) from the pool's start on."""
    running = Installation(database_read_timeout=f"{PATIENCE}s", database_connect_timeout="1s", list_timeout="1s",
                           **options)
    proxies = [DatabaseProxy(None, running.state / "db" / "mariadb.sock") for _ in range(count)]
    running.options["database_hosts"] = ",".join(f"127.0.0.1:{proxy.port}" for proxy in proxies)
    try:
        running.start()
        if silent is not None:
            running.stop_pool()
            for proxy in proxies:
                proxy.silence(**silent)
            running.start_pool()
        yield running, proxies
    finally:
        for proxy in proxies:
            proxy.wake()
        running.finish()
        for proxy in proxies:
            proxy.close()


def timed(call):
    begun = time.monotonic()
    result = call()
    return result, time.monotonic() - begun


def status(running):
    return json.loads(running.cli("status", "--json", check=False).stdout)


def states(running):
    return [host["state"] for host in status(running)["pool"]["databaseHosts"]]


def connections(running):
    return [host["connections"] for host in status(running)["pool"]["databaseHosts"]]


def metric(running, name):
    text = running.client().get("/metrics", check=False).body.decode()
    return [float(value) for value in re.findall(rf"^{name}{{host=.*}} (.*)$", text, re.MULTILINE)]


class Callers:
    """Ask for rows and for the health, each again and again, in threads; the slowest and the statuses of each."""

    def __init__(self, running, threads=6):
        self.running, self.ending = running, False
        self.slowest, self.seen = collections.Counter(), collections.defaultdict(collections.Counter)
        self.threads = [threading.Thread(target=self.run, args=[path])
                        for path in [ROLES] * threads + ["/healthz"]]

    def run(self, path):
        client = self.running.client(self.running.admin_key)
        while not self.ending:
            answer, seconds = timed(lambda: client.get(path))
            self.slowest[path] = max(self.slowest[path], seconds)
            self.seen[path][answer.status] += 1
            time.sleep(0.02)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *reason):
        self.ending = True
        for thread in self.threads:
            thread.join(LONG)


def check_refusals_at_once(running, seconds=3):
    """All hosts are known to be silent: nobody waits for them any more."""
    with Callers(running) as callers:
        time.sleep(seconds)
    print(dict(callers.slowest), {path: dict(seen) for path, seen in callers.seen.items()})
    assert set(callers.seen["/healthz"]) == {200} and set(callers.seen[ROLES]) == {503}
    assert max(callers.slowest.values()) < AT_ONCE
    refusal = running.client(running.admin_key).get(ROLES)
    assert "retry-after" in refusal.headers


def check_shown(running):
    """By status, top and metrics: hosts that do not answer, and workers that do not wait for them."""
    seen, seconds = timed(lambda: status(running))
    assert seconds < AT_ONCE, seconds
    assert [host["state"] for host in seen["pool"]["databaseHosts"]] == ["bad", "bad"]
    assert [host["reason"] for host in seen["pool"]["databaseHosts"]] == ["no answer", "no answer"]
    assert seen["pool"]["workers"]["connecting"] == 0 and seen["pool"]["queue"]["waiting"] == 0
    assert not seen["healthy"] and not seen["database"]["usable"]
    for command in (["status"], ["top", "--count", "1"]):
        text = running.cli(*command, check=False).stdout
        assert len(re.findall(r"127\.0\.0\.1:\d+ bad for \d+ s: no answer", text)) == 2, text
    assert metric(running, "clientele_database_host_up") == [0, 0]
    assert min(metric(running, "clientele_database_host_failures_total")) >= 1
    assert metric(running, "clientele_database_host_connections") == [0, 0]


@pytest.mark.parametrize("drop", [False, True], ids=["mute", "dropped"])
@pytest.mark.parametrize("workers", [1, 4])
def test_all_hosts_fall_silent(workers, drop):
    with hosts(2, workers=workers) as (running, proxies):
        client = running.client(running.admin_key)
        assert client.get(ROLES).status == 200
        for proxy in proxies:
            proxy.silence(drop)
        begun = time.monotonic()
        with Callers(running):
            wait_until(lambda: states(running) == ["bad", "bad"], "verdict on both hosts", FIRST)
        assert time.monotonic() - begun < FIRST
        # Whoever was in a statement meanwhile.
        wait_until(lambda: timed(lambda: client.get(ROLES))[1] < AT_ONCE / 4, "refusals at once", FIRST)
        check_refusals_at_once(running)
        check_shown(running)

        for proxy in proxies:
            proxy.wake()
        _, seconds = timed(lambda: wait_until(lambda: client.get(ROLES).status == 200, "service"))
        print(f"served again after {seconds:.2f} s")
        assert seconds < 3
        wait_until(lambda: states(running) == ["good", "good"], "both hosts good")

        for proxy in proxies:
            proxy.silence(drop)
        wait_until(lambda: client.get(ROLES).status == 503 and states(running) == ["bad", "bad"], "silence", FIRST)
        _, seconds = timed(running.stop_pool)
        assert seconds < 2
        running.start_pool()


@pytest.mark.parametrize("drop", [False, True], ids=["mute", "dropped"])
def test_start_with_silent_hosts(drop):
    """Callers of the first second wait for a verdict, and no longer."""
    with hosts(2, silent={"drop": drop}, workers=1) as (running, proxies):
        client = running.client(running.admin_key)
        for path, expected in ((ROLES, 503), ("/healthz", 200), (ROLES, 503)):
            answer, seconds = timed(lambda path=path: client.get(path))
            assert answer.status == expected and seconds < 1 + AT_ONCE, (path, answer, seconds)
        wait_until(lambda: states(running) == ["bad", "bad"], "verdict on both hosts")
        check_refusals_at_once(running, 2)
        for proxy in proxies:
            proxy.wake()
        running.wait_ready()


def test_one_process_tries_a_silent_host():
    """However many workers there are, and callers."""
    seconds = 4
    with hosts(2, workers=4) as (running, proxies):
        client = running.client(running.admin_key)
        for proxy in proxies:
            proxy.silence()
        wait_until(lambda: client.get(ROLES).status == 503 and states(running) == ["bad", "bad"], "verdict", FIRST)
        before = [proxy.attempts for proxy in proxies]
        check_refusals_at_once(running, seconds)
        made = [proxy.attempts - number for proxy, number in zip(proxies, before)]
        # Each waits for database_connect_timeout.
        assert all(1 <= number <= seconds + 2 for number in made), made


def test_one_of_two_hosts_falls_silent():
    with hosts(2, workers=4) as (running, proxies):
        client = running.client(running.admin_key)
        wait_until(lambda: connections(running) == [2, 2], "connections to both")
        proxies[0].silence()
        with Callers(running) as first:
            wait_until(lambda: states(running) == ["bad", "good"], "verdict", FIRST)
            wait_until(lambda: connections(running) == [0, 4], "connections to the other", FIRST)
        assert set(first.seen[ROLES]) == {200}, first.seen
        with Callers(running) as later:
            time.sleep(3)
        assert set(later.seen[ROLES]) == {200}, later.seen
        assert later.slowest[ROLES] < AT_ONCE, later.slowest
        assert re.search(r"bad for \d+ s: no answer", running.cli("status", check=False).stdout)


def test_connections_go_back():
    """Under load too, without a refusal."""
    with hosts(2, workers=4) as (running, proxies):
        wait_until(lambda: connections(running) == [2, 2], "connections to both")
        proxies[0].silence()
        client = running.client(running.admin_key)
        wait_until(lambda: client.get(ROLES).status and connections(running) == [0, 4],
                   "connections to the other", FIRST + 10)
        proxies[0].wake()
        with Callers(running) as callers:
            wait_until(lambda: states(running) == ["good", "good"], "both hosts good")
            assert connections(running) == [0, 4]
            wait_until(lambda: connections(running) == [2, 2], "connections back")
        assert set(callers.seen[ROLES]) == {200}, callers.seen


def revoke(running, key):
    """The error stream of a key's end on the command line, and how long it took."""
    result, seconds = timed(lambda: running.cli("key", "revoke", key, check=False))
    assert result.returncode == 0, result.stderr
    return result.stderr, seconds


def test_commands_begin_with_a_good_host():
    """The pool has found out; without one, each command does, for a second, and says so."""
    with hosts(3, workers=3) as (running, proxies):
        for number in range(8):
            running.create_key("admin", name=f"spare {number}")
        spare = [key["id"] for key in json.loads(running.cli("key", "list", "--json")) if "spare" in key["name"]]
        proxies[0].silence()
        client = running.client(running.admin_key)
        wait_until(lambda: client.get(ROLES).status and states(running).count("bad") == 1, "verdict", FIRST + 10)
        for _ in range(3):
            said, seconds = revoke(running, spare.pop())
            assert seconds < 1 and "waiting" not in said, (seconds, said)

        running.stop_pool()
        longest = max(revoke(running, spare.pop())[1] for _ in range(4))
        print(f"without a pool {longest:.2f} s")
        assert longest < 3
        running.options["database_connect_timeout"] = "3s"
        for proxy in proxies[1:]:
            proxy.silence()
        result, seconds = timed(lambda: running.cli("key", "list", check=False))
        assert result.returncode != 0 and seconds < 3 * 3 + 1
        told = re.findall(r"^waiting for database host 127\.0\.0\.1:(\d+) \.\.\.$", result.stderr, re.MULTILINE)
        assert sorted(told) == sorted(str(proxy.port) for proxy in proxies), result.stderr
        for proxy in proxies:
            proxy.wake()
        running.start_pool()
