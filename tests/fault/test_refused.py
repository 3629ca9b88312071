"""Refused means not stored: every operation that writes is tried with the database cut off or failing at each of its
statements in turn, and what it is answered is held against what is stored."""

import random
import re
import uuid

import pytest

from harness.access import ROUTES
from harness.database_proxy import IDLE, DatabaseProxy, Fault, is_commit
from harness.installation import Installation
from harness.locks import connected
from harness.random_cases import cases, seed
from harness.writes import ALL, Refused, Setting, Stored, make_parents

FAULTS = [("before", 0), ("after", 0), ("error", 1213), ("error", 1205), ("error", 1317)]
# The answer to COMMIT is lost, or is an error, though it was done.
LOST = [("after", 0), ("done", 1180), ("done", 1317)]
MEDIA = "application/json", "application/xml"
# Stored twice they store the same: they are run again.
REPEATED = {"heartbeat_again_request", "heartbeat", "hello", "synchronise", "association",
            "first_consumption", "second_consumption", "sent_report", "merged_report"}


class Bench:
    def __init__(self):
        self.installation = Installation(workers=1, discovery_auth="none", oauth_registration="token", mail_quota=0)
        self.proxy = None
        self.measured = {}

    def start(self):
        running = self.installation
        target = running.state / "db" / "mariadb.sock"
        self.proxy = DatabaseProxy(running.state / "proxy.sock", target)
        running.options["database_socket"] = str(self.proxy.path)
        running.start()
        self.setting = Setting(running)
        make_parents(self.setting)
        self.connected = connected(running)
        self.stored = Stored(self.connected.__enter__())
        return self

    def finish(self):
        self.connected.__exit__(None, None, None)
        self.installation.finish()
        self.proxy.close()

    def attempt(self, prepare, fault=None, key=None, accept=None):
        """One run: what was answered (None: success), what it has changed, the commands, whether the fault came."""
        setting = self.setting
        call, check = prepare(setting)
        self.stored.changes()  # of the preparations
        setting.headers = {"Idempotency-Key": key} if key else {}
        setting.options = {"accept": accept} if accept else {}
        self.proxy.arm(fault)
        refused = value = None
        try:
            value = call()
        except Refused as reason:
            refused = reason.answer
        finally:
            seen, happened = self.proxy.disarm()
            setting.headers, setting.options = {}, {}
        changes = self.stored.changes()
        if refused is None and check is not None:
            check(value)
            self.stored.changes()
        return refused, changes, seen, happened, call

    def measure(self, prepare):
        """What one undisturbed run changes, and its commands."""
        if prepare not in self.measured:
            self.attempt(prepare)  # statements are prepared now
            refused, changes, seen, _, _ = self.attempt(prepare)
            assert refused is None and changes, (prepare.__name__, refused)
            self.measured[prepare] = changes, [text for text in seen if not IDLE.match(text)]
        return self.measured[prepare]


@pytest.fixture(scope="module")
def bench():
    made = Bench().start()
    yield made
    made.finish()


def is_unknown(answer):
    return answer.headers.get("outcome") == "unknown"


def check(bench, prepare, fault, what):
    expected, _ = bench.measure(prepare)
    refused, changes, seen, _, _ = bench.attempt(prepare, fault)
    where = f"{prepare.__name__}, {what}: {refused}, {refused and refused.log()}, {seen}"
    if refused is None:
        assert changes == expected, where
    elif is_unknown(refused):
        # Who is cut off does not know whether the server has had the COMMIT.
        assert fault.how in ("before", "after", "done") and any(map(is_commit, seen)), where
        assert changes in ({}, expected), where
    else:
        assert refused.status == 503 and "retry-after" in refused.headers, where
        assert changes == {}, where


def test_nothing_follows_the_commit(bench):
    """The answer is read before COMMIT, and nothing is stored without one: of each operation in turn."""
    for prepare in ALL:
        _, seen = bench.measure(prepare)
        texts = [text for text in seen if not text.startswith("PREPARE ")]
        assert is_commit(texts[-1]), f"{prepare.__name__}: {texts}"
        inside = False
        for text in texts:
            inside = (inside or text == "START TRANSACTION") and not is_commit(text)
            assert inside or is_commit(text) or text.startswith("SELECT"), f"{prepare.__name__}: {text}"


def test_all_routes_that_write_are_here(bench):
    for prepare in ALL:
        bench.measure(prepare)
    called = set(bench.setting.calls)
    reading = {"/oauth2/introspect", "/v1/search", "/api/dynamicclients/preview", "/api/dynamicclients/preview/count"}
    for route in ROUTES:
        pattern = re.sub(r"{\w+}", "[^/]+", route.path)
        assert route.method in ("GET", "HEAD") or route.path in reading or any(
            method == route.method and re.fullmatch(pattern, path.split("?")[0]) for method, path in called), route


def test_refused_means_not_stored(bench):
    """Every operation, every statement, every fault; a random part of them by default."""
    picked = random.Random(seed())
    every = [(prepare, number + 1, how, error) for prepare in ALL
             for number in range(len(bench.measure(prepare)[1]) + 1) for how, error in FAULTS]
    for prepare, number, how, error in picked.sample(every, min(cases(200), len(every))):
        check(bench, prepare, Fault(number, how, error), f"{how} {error} at {number}")


def test_a_commit_without_an_answer(bench):
    """Each operation once: it is said that nobody knows, in words of its own, and never that it was not done."""
    for number, prepare in enumerate(ALL):
        how, error = LOST[number % len(LOST)]
        accept = MEDIA[number // len(LOST) % 2]
        expected, _ = bench.measure(prepare)
        refused, changes, seen, happened, _ = bench.attempt(prepare, Fault(1, how, error, is_commit), accept=accept)
        where = f"{prepare.__name__}: {refused} {seen}"
        assert happened and changes == expected, where
        if prepare.__name__ in REPEATED:
            assert refused is None, where
            continue
        assert refused is not None and refused.status == 503, where
        assert is_unknown(refused) and "retry-after" not in refused.headers, where
        assert "may or may not be stored" in refused.text, where


def test_a_commit_that_the_server_has_refused(bench):
    """Where the transaction is still open nothing is stored, and that is known."""
    for prepare in random.Random(seed()).sample(ALL, min(cases(8), len(ALL))):
        refused, changes, seen, happened, _ = bench.attempt(prepare, Fault(1, "error", 1317, is_commit))
        assert happened and refused.status == 503 and not is_unknown(refused), f"{prepare.__name__}: {refused} {seen}"
        assert changes == {}, prepare.__name__


KEYED = [prepare for prepare in ALL if prepare.__name__ in (
    "new_user", "new_client", "second_secret", "new_account", "new_domain", "new_group", "mail",
    "user_roles", "renewed_account_key") or prepare.__name__.startswith("POST /v1/")]


def test_a_key_finds_out(bench):
    """With an Idempotency-Key the server itself looks whether a lost COMMIT was done: stored once, and answered."""
    for number, prepare in enumerate(KEYED):
        expected, _ = bench.measure(prepare)
        how, error = (LOST + [("before", 0)])[number % 4]
        refused, changes, seen, happened, _ = bench.attempt(
            prepare, Fault(1, how, error, is_commit), key=str(uuid.uuid4()))
        where = f"{prepare.__name__}, {how} {error}: {refused} {seen}"
        assert happened and refused is None, where
        assert changes.pop("idempotency")[1] == 1, where
        changes.pop("secret_key", None)
        assert changes == expected, where


def test_a_repetition_with_its_key(bench):
    """Whatever fails: the repetition is answered, and all is stored once."""
    picked = random.Random(seed())
    for _ in range(cases(30)):
        prepare = picked.choice(KEYED)
        expected, seen = bench.measure(prepare)
        how, error = picked.choice(FAULTS + LOST)
        fault = Fault(picked.randint(1, len(seen) + 4), how, error)
        if how == "done":
            fault.number, fault.only = 1, is_commit
        key, what = str(uuid.uuid4()), f"{prepare.__name__}, {fault}"
        refused, changes, seen, _, call = bench.attempt(prepare, fault, key=key)
        if refused is not None:
            assert refused.status == 503 and "retry-after" in refused.headers, f"{what}: {refused}"
            assert is_unknown(refused) or changes == {}, f"{what}: {refused} {changes}"
            bench.setting.headers = {"Idempotency-Key": key}
            call()
            bench.setting.headers = {}
            for table, (rows, more) in bench.stored.changes().items():
                old = changes.get(table, ([], 0))
                changes[table] = (old[0] + rows if isinstance(rows, list) else rows, old[1] + more)
        assert changes.pop("idempotency")[1] == 1, what
        changes.pop("secret_key", None)
        assert changes == expected, f"{what}: {seen}"
