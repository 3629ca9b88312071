"""Connections to the pool that are kept between requests, by web servers or by others: idle ones hold no worker, none is
closed under a request, and none waits behind a slow request while workers are idle. Each holds for web servers as they
are shipped, too."""

import concurrent.futures
import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import signal
import threading

import pytest

from harness import fastcgi
from harness.families import unique
from harness.installation import LONG, Installation, alive, wait_until
from harness.locks import connected
from harness.webserver import SERVERS, Site, make_certificate

WORKERS = 4
CALLERS = 16
SLOW = 2            # at once: the other workers are idle
FAST_CALLS = 5      # of each caller beside the slow ones
MAX_REQUESTS = 20   # of a worker before it leaves
FAST_BOUND = 30     # seconds in which what waits for nobody is answered, however slow the machine
WAITING = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'Waiting for table metadata lock'"


@dataclasses.dataclass(frozen=True)
class Way:
    """How calls come to the pool."""
    name: str
    server: str = ""    # none: straight to the socket
    changes: tuple = ()
    posts: int = 2000
    keeps: bool = False  # connections to the pool


WAYS = [
    Way("fastcgi", keeps=True),
    Way("nginx", "nginx"),
    Way("nginx-keeps", "nginx", (
        ("site.conf", "max_fails=0;", f"max_fails=0;\n\tkeepalive {CALLERS};"),
        ("clientele-fastcgi.conf", "fastcgi_param CONNECTION ", "# ")), 5000, True),
    Way("apache", "apache"),
    # Apache takes the worker of ProxyPassMatch for all calls, and keeps no connection of one with a pattern.
    Way("apache-keeps", "apache", (
        ("clientele.conf", "\tProxyPassMatch", "\t#ProxyPassMatch"),
        ("clientele.conf", "timeout=60 retry=0", "timeout=60 retry=0 enablereuse=on")), keeps=True),
    Way("lighttpd", "lighttpd"),
]


@pytest.fixture(scope="module")
def running():
    # A timeout of more than FAST_BOUND: slow requests wait on.
    with Installation(workers=WORKERS, listen_mode="0666", database_read_timeout="55s") as made:
        yield made


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.name)
def opened(request, running, share):
    """The way, and a function that opens a connection on it."""
    way = request.param
    if not way.server:
        yield way, lambda: fastcgi.Connection(running.socket)
        return
    [server] = [server for server in SERVERS if server.name == way.server]
    folder = running.state / "certificates" / way.name
    folder.mkdir(parents=True)
    site = Site(running, server, "", *make_certificate(folder), share, way.name, way.changes)
    try:
        site.start()
        yield way, lambda: OverHttp(site)
    finally:
        site.stop()


class OverHttp:
    """A connection to a web server, as harness.fastcgi.Connection is one to the pool."""

    def __init__(self, site):
        self.connection = site.connect(LONG)

    def call(self, method, target, headers=None, body=b""):
        self.connection.request(method, target, body or None, headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def close(self):
        self.connection.close()


def pool_connections(running):
    """Connections to the pool, of whomever."""
    return sum(line.endswith(f" {running.socket}") and line.split()[5] in ("02", "03")  # 01 is the listener
               for line in pathlib.Path("/proc/net/unix").read_text().splitlines())


@contextlib.contextmanager
def callers(running, opening):
    """Connections that have been used, all at once: the workers hold still until a web server has as many to the pool."""
    made = [opening() for _ in range(CALLERS)]
    workers = running.workers()
    try:
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
            begun = [pool.submit(one.call, "GET", "/healthz") for one in made]
            try:
                wait_until(lambda: pool_connections(running) >= CALLERS, "connections to the pool")
            finally:
                for pid in workers:
                    os.kill(pid, signal.SIGCONT)
            assert [one.result()[0] for one in begun] == [200] * CALLERS
        yield made
    finally:
        for one in made:
            one.close()


def at_once(calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(call) for call in calls]]


def insert(running, one, company):
    body = json.dumps({"customer": {"company": company}}).encode()
    return one.call("POST", "/v1/customers", {"X-Api-Key": running.admin_key, "Content-Type": "application/json"}, body)


def test_idle_connections_hold_no_worker(running, opened):
    """Four times as many as there are workers, and as many callers who come new."""
    way, opening = opened
    with callers(running, opening) as idle:
        assert pool_connections(running) >= CALLERS or not way.keeps
        for _ in range(2):
            with callers(running, opening):
                pass
            for one in idle:
                assert one.call("GET", "/healthz")[0] == 200


def test_slow_requests_hold_nobody_up(running, opened):
    """Fast requests are answered while slow ones are not, on whichever connection they come."""
    _, opening = opened
    with callers(running, opening) as made, connected(running) as holder, \
            concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
        before = holder.run(WAITING)
        assert before == [["0"]]
        holder.run("LOCK TABLES customer WRITE")
        try:
            # One after the other: a request that has come in part stays where its beginning is.
            slow = []
            for one in made[:SLOW]:
                slow.append(pool.submit(insert, running, one, unique("slow")))
                wait_until(lambda: holder.run(WAITING) == [[str(len(slow))]], "slow requests")

            def call_often(one):
                return [one.call("GET", "/healthz")[0] for _ in range(FAST_CALLS)]

            fast = [pool.submit(call_often, one) for one in made[SLOW:]]
            answered, late = concurrent.futures.wait(fast, FAST_BOUND)
            assert not late, f"{len(late)} of {len(fast)} callers wait behind slow requests"
            assert [one.result() for one in answered] == [[200] * FAST_CALLS] * (CALLERS - SLOW)
            assert not any(one.done() for one in slow)
        finally:
            holder.run("UNLOCK TABLES")
        assert [one.result(LONG)[0] for one in slow] == [200] * SLOW


@contextlib.contextmanager
def workers_leaving(running):
    """Workers grow old soon, and the pool takes new ones again and again; at the end it has those of before."""
    configuration, end = running.state / "clientele.conf", threading.Event()

    def reload(lines):
        old = running.workers()
        configuration.write_text(lines)
        running.pool.send_signal(signal.SIGHUP)
        wait_until(lambda: not any(map(alive, old)), "end of the workers of before")

    def reload_often():
        while not end.wait(1):
            running.pool.send_signal(signal.SIGHUP)

    reload(f"max_requests = {MAX_REQUESTS}\n")
    thread = threading.Thread(target=reload_often)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join(LONG)
        reload("")


@pytest.mark.slow
def test_no_request_is_lost_or_doubled(running, opened):
    """Workers leave all the time, because they are old or because the pool is loaded anew."""
    way, opening = opened
    left = running.log_file.read_text().count('"worker left"')
    numbers, prefix = itertools.count(), unique("kept")

    def insert_often(one):
        failed = []
        while (number := next(numbers)) < way.posts:
            status, body = insert(running, one, f"{prefix}-{number}")
            if status != 200:
                failed.append((number, status, body))
        return failed

    with callers(running, opening) as made, workers_leaving(running):
        failed = sum(at_once([lambda one=one: insert_often(one) for one in made]), [])
    assert not failed, (len(failed), failed[:3])
    stored = running.sql(f"SELECT COUNT(*), COUNT(DISTINCT company) FROM customer WHERE company LIKE '{prefix}-%'")
    assert stored == [[str(way.posts)] * 2]
    assert running.log_file.read_text().count('"worker left"') - left > way.posts / MAX_REQUESTS / 2
