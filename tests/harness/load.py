"""Writers that keep calling while something is done to the program, and remember what was acknowledged."""

import http.client
import threading
import time

from .families import unique
from .installation import LONG, wait_until

RETRY_SECONDS = 0.02


class Threads:
    """Threads that run `_run` until the block that they are used in ends."""

    def __init__(self, count):
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *reason):
        self._end.set()
        for thread in self._threads:
            thread.join(LONG)

    def _run(self):
        raise NotImplementedError


def together(*functions):
    """Runs all at once, each in a thread; returns their results."""
    results, faults = [None] * len(functions), []
    start = threading.Barrier(len(functions))

    def run(number):
        try:
            start.wait(LONG)
            results[number] = functions[number]()
        except Exception as fault:  # pylint: disable=broad-except
            faults.append(fault)

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    if faults:
        raise faults[0]
    return results


class Writers(Threads):
    """
    Each writer makes hosting accounts, hellos and customers: one family after the other. What was answered with
    success goes into `acknowledged`, everything else into `refused`.
    """

    def __init__(self, installation, group, count=8):
        self.client = installation.client(installation.admin_key)
        self.group = group
        self.acknowledged = {"hosting": [], "discovery": [], "licensing": []}
        self.refused = []   # (family, answer)
        self.broken = []    # exceptions: the web server itself did not answer
        self._lock = threading.Lock()
        super().__init__(count)

    def _requests(self, name):
        yield ("hosting", "/hosting/api/client",
               {"username": name, "passwordHash": "$2y$10$" + "a" * 53, "emailAddress": "load@example.org"})
        yield ("discovery", "/api/ClientHello",
               {"ClientCode": name, "ClientGroupId": self.group, "AppName": "load", "AppVersion": "1"})
        yield "licensing", "/v1/customers", {"customer": {"code": name, "company": "load"}}

    def _run(self):
        while not self._end.is_set():
            name = unique("load")
            for family, path, body in self._requests(name):
                self._one(family, path, body, name)

    def _one(self, family, path, body, name):
        try:
            answer = self.client.post(path, body, timeout=LONG)
        except (OSError, http.client.HTTPException) as fault:
            with self._lock:
                self.broken.append(fault)
            return
        with self._lock:
            if answer.status in (200, 201):
                self.acknowledged[family].append(name)
            else:
                self.refused.append((family, answer))
        if answer.status not in (200, 201):
            time.sleep(RETRY_SECONDS)

    @property
    def total(self):
        return sum(map(len, self.acknowledged.values()))

    def wait_more(self, count, what):
        """Waits until more than so many further requests were answered with success."""
        before = self.total
        wait_until(lambda: self.total > before + count, what)


TABLES = {"hosting": ("hosting_client", "username"), "discovery": ("discovery_client", "client_code"),
          "licensing": ("customer", "code")}


def lost(installation, writers):
    """Acknowledged rows that are not in the database."""
    missing = []
    for family, (table, column) in TABLES.items():
        stored = {row[0] for row in installation.sql(f"SELECT {column} FROM {table}")}
        missing += [(family, name) for name in writers.acknowledged[family] if name not in stored]
    return missing


def check_refusals(writers):
    """Every refusal is a 503 in the shape of its family, with Retry-After, or says that the outcome is unknown. An
    account that was stored although its answer got lost is met again by nobody, since no writer repeats a name."""
    for family, answer in writers.refused:
        assert answer.status == 503, (family, answer)
        assert answer.headers.get("outcome") == "unknown" or int(answer.headers["retry-after"]) > 0, (family, answer)
        body = answer.json()
        message = {"hosting": lambda: body["message"], "discovery": lambda: body["Message"],
                   "licensing": lambda: body["message"]}[family]()
        assert message, (family, answer)
    assert not writers.broken, writers.broken[:3]
