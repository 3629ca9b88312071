"""Seats under load: never more are in use than the license has, and none is lost when programs crash."""

import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import threading
import time

import pytest

from harness.cluster import pools_at
from harness.database_proxy import DatabaseProxy, Fault, is_commit
from harness.families import unique
from harness.installation import LONG, wait_until
from harness.load import Threads, together
from harness.locks import WAITING, connected

SEATS, LEASE = 50, 10
SECONDS, CLUSTER_SECONDS = 30, 20
PAUSE = 2.5  # seconds between the deaths of two workers
FLOATING = 2

pytestmark = pytest.mark.slow


def new_license(client):
    answer = client.post("/v1/licenses", {"license": {
        "licensingMode": FLOATING, "userKey": unique("SEATS"), "maxAllowedSites": SEATS,
        "policy": {"leaseSeconds": LEASE, "revivalSeconds": 0}}})
    assert answer.status == 200, answer
    return answer.json()


def live(query, made):
    return int(query("SELECT COUNT(*) FROM license_token WHERE (expire_date IS NULL OR expire_date > UTC_TIMESTAMP(6)) "
                     f"AND license_id = {made['licenseId']}")[0][0])


class Programs(Threads):
    """Programs that take a seat, use it for a moment, and free it or crash; each call counts by its reason."""

    def __init__(self, ports, made, count):
        self.ports, self.made = itertools.cycle(ports), made
        self.reasons, self.broken = {}, 0
        self._lock, self._serial = threading.Lock(), itertools.count()
        super().__init__(count)

    def post(self, name, machine):
        with self._lock:
            port = next(self.ports)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
        try:
            connection.request("POST", f"/v1/license/{name}", json.dumps(
                {"userKey": self.made["userKey"], "machineId": machine, "clientId": "load"}),
                {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = json.loads(answer.read())
            reason = body.get("reason", "VALID") if answer.status != 200 else "VALID"
        except (OSError, http.client.HTTPException, ValueError):
            with self._lock:
                self.broken += 1
            return None
        finally:
            connection.close()
        with self._lock:
            self.reasons[name, reason] = self.reasons.get((name, reason), 0) + 1
        return reason

    def _run(self):
        chance = random.Random()
        while not self._end.is_set():
            machine = f"M-{next(self._serial)}"
            if self.post("request", machine) != "VALID":
                self._end.wait(chance.uniform(0, 0.2))
                continue
            self._end.wait(chance.uniform(0, 0.5))
            if chance.random() < 0.5:
                self.post("heartbeat", machine)
            if chance.random() < 0.7:
                self.post("release", machine)


def run(programs, query, made, seconds, disturb=lambda passed: None):
    """Most seats that were in use at any moment that was looked at."""
    most, begun = 0, time.monotonic()
    with programs:
        while (passed := time.monotonic() - begun) < seconds:
            most = max(most, live(query, made))
            disturb(passed)
            time.sleep(0.05)
    return max(most, live(query, made))


def check_all_free(client, query, made):
    """Once the leases of crashed programs are over, every seat can be taken again, and no more."""
    time.sleep(LEASE + 1)
    assert live(query, made) == 0
    body = {"userKey": made["userKey"], "clientId": "load"}
    statuses = [client.post("/v1/license/request", body | {"machineId": f"later-{machine}"}).status
                for machine in range(SEATS + 1)]
    assert statuses == [200] * SEATS + [409]
    assert live(query, made) == SEATS
    counted, = query("SELECT SUM(count) FROM row_count WHERE table_name = 'license_token'")[0]
    assert [[counted]] == query("SELECT COUNT(*) FROM license_token")


def test_more_programs_than_seats(private_installation):
    """Programs crash, and so do workers, wherever they are; what they hold then is free when its lease ends."""
    running = private_installation(workers=6)
    made = new_license(running.client(running.admin_key))
    programs = Programs([running.port], made, 200)
    killed = []

    def disturb(passed):
        if passed > PAUSE * (len(killed) + 1):
            killed.append(random.choice(wait_until(running.workers, "a worker")))
            with contextlib.suppress(ProcessLookupError):  # it was replaced just then
                os.kill(killed[-1], signal.SIGKILL)

    assert run(programs, running.sql, made, SECONDS, disturb) <= SEATS
    print(programs.reasons, programs.broken)
    assert len(killed) >= SECONDS / PAUSE - 2
    assert programs.reasons["request", "VALID"] > SEATS and programs.reasons["request", "SEAT_LIMIT_REACHED"] > 0
    assert {reason for _, reason in programs.reasons} <= {"VALID", "SEAT_LIMIT_REACHED", "UNAVAILABLE",
                                                         "NOT_ACTIVATED", "LEASE_EXPIRED", "OUTCOME_UNKNOWN"}
    assert programs.broken == 0
    check_all_free(running.client(), running.sql, made)


@pytest.mark.parametrize("name", ["heartbeat", "request"])
def test_who_comes_late_takes_no_seat_of_another(private_installation, name):
    """A seat that ends while its program's call waits may be another's by then."""
    running = private_installation(workers=4)
    made = new_license(running.client(running.admin_key))
    programs = Programs([running.port], made, 0)
    running.sql(f"UPDATE license SET max_allowed_sites = 1 WHERE id = {made['licenseId']}")
    assert programs.post("request", "first") == "VALID"
    assert programs.post("request", "second") == "SEAT_LIMIT_REACHED"
    said = {}

    def call(name, machine):
        said[machine] = programs.post(name, machine)

    with connected(running) as holder:
        holder.run("SET @@autocommit = 0; UPDATE license_token SET expire_date = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND; "
                   "COMMIT; SELECT id FROM license_token FOR UPDATE")
        late = threading.Thread(target=call, args=(name, "first"))
        late.start()
        time.sleep(1.5)
        second = threading.Thread(target=call, args=("request", "second"))
        second.start()
        second.join(1)
        holder.run("COMMIT; SELECT 1")
        for thread in (late, second):
            thread.join(LONG)
    assert sorted(said.values())[-1] == "VALID" and list(said.values()).count("VALID") == 1, said
    assert live(running.sql, made) == 1


@contextlib.contextmanager
def behind_proxy(running):
    """The pool's way to the database, where commands can be held."""
    proxy = DatabaseProxy(running.state / "proxy.sock", running.database_socket)
    try:
        running.stop_pool()
        running.options["database_socket"] = str(proxy.path)
        running.start_pool()
        running.wait_ready()
        yield proxy
        running.stop_pool()
    finally:
        proxy.close()


def commit_of_a_seat():
    """The first COMMIT behind a change of a seat."""
    changed = []

    def fits(text):
        if text.startswith("UPDATE license_token"):
            changed.append(text)
        return bool(changed) and is_commit(text)

    return Fault(1, "late", only=fits)


def meanwhile(running, proxy, first, second):
    """What both calls say, the first of which is stored only once the lease of its seat has ended and the second call
    has come to rest."""
    reasons = {}

    def begin(call):
        thread = threading.Thread(target=lambda: reasons.update({call: call()}))
        thread.start()
        return thread

    running.sql("UPDATE license_token SET lease_seconds = 10 * lease_seconds, "
                "expire_date = UTC_TIMESTAMP(6) + INTERVAL 8 SECOND")
    fault = commit_of_a_seat()
    proxy.arm(fault)
    threads = [begin(first)]
    try:
        wait_until(lambda: fault.held.is_set() or reasons, "COMMIT of the first")
        assert not reasons, reasons
        wait_until(lambda: running.sql("SELECT expire_date <= UTC_TIMESTAMP(6) FROM license_token") == [["1"]],
                   "end of the lease")
        threads.append(begin(second))
        wait_until(lambda: reasons or int(running.sql(WAITING)[0][0]) > 0, "the second call's rest")
    finally:
        fault.let_go.set()
        for thread in threads:
            thread.join(LONG)
    return reasons[first], reasons[second]


@pytest.mark.parametrize("name", ["heartbeat", "request"])
def test_who_is_stored_late_loses_no_seat(private_installation, name):
    """Kept in time, it is nobody else's, however late COMMIT comes."""
    running = private_installation(workers=4)
    with behind_proxy(running) as proxy:
        made = new_license(running.client(running.admin_key))
        programs = Programs([running.port], made, 0)
        running.sql(f"UPDATE license SET max_allowed_sites = 1 WHERE id = {made['licenseId']}")
        assert [programs.post(word, "first") for word in ("request", "heartbeat")] == ["VALID", "VALID"]
        said = meanwhile(running, proxy, lambda: programs.post(name, "first"),
                         lambda: programs.post("request", "second"))
        assert said == ("VALID", "SEAT_LIMIT_REACHED")
        assert live(running.sql, made) == 1
        # One that has ended in earnest is anybody's.
        running.sql("UPDATE license_token SET expire_date = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
        assert programs.post("request", "second") == "VALID"
        assert programs.post("request", "first") == "SEAT_LIMIT_REACHED"
        assert programs.post("heartbeat", "first") == "LEASE_EXPIRED"


@pytest.mark.parametrize("name", ["heartbeat", "activate"])
def test_who_is_stored_late_loses_no_machine(private_installation, name):
    """The same of a machine that may have a seat of one license only."""
    running = private_installation(workers=4)
    with behind_proxy(running) as proxy:
        first, second = (Programs([running.port], made, 0) for made in licenses_of_one_machine(
            running.client(running.admin_key), 2, leaseSeconds=LEASE))
        assert [first.post(word, "the one") for word in ("activate", "heartbeat")] == ["VALID", "VALID"]
        said = meanwhile(running, proxy, lambda: first.post(name, "the one"),
                         lambda: second.post("activate", "the one"))
        assert said == ("VALID", "MACHINE_IN_USE")
        running.sql("UPDATE license_token SET expire_date = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
        assert second.post("activate", "the one") == "VALID"
        assert first.post("activate", "the one") == "MACHINE_IN_USE"


def test_one_machine_has_one_seat(private_installation):
    """However many of its calls meet."""
    running = private_installation(workers=6)
    made = new_license(running.client(running.admin_key))
    programs = Programs([running.port], made, 1)
    threads = [threading.Thread(target=programs.post, args=("request", "the one")) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert live(running.sql, made) == 1
    assert programs.reasons == {("request", "VALID"): 40}


def licenses_of_one_machine(client, count, **policy):
    """Licenses of which a machine may have one only."""
    answers = [client.post("/v1/licenses", {"license": {
        "licensingMode": 1, "userKey": unique("ALONE"), "policy": {"machineUniqueness": "all", **policy}}})
               for _ in range(count)]
    assert {answer.status for answer in answers} == {200}, answers
    return [answer.json() for answer in answers]


def check_one_license_for_a_machine(ports, query, licenses, machines):
    """All licenses at the same moment, each at another port: one gets the machine, and the others say why not."""
    programs = [Programs([port], made, 0) for port, made in zip(itertools.cycle(ports), licenses)]
    for machine in range(machines):
        name = f"alone-{machine}"
        reasons = together(*(lambda one=one: one.post("activate", name) for one in programs))
        assert sorted(reasons) == ["MACHINE_IN_USE"] * (len(licenses) - 1) + ["VALID"], (machine, reasons)
        assert query(f"SELECT COUNT(*) FROM license_token WHERE machine_id = '{name}'") == [["1"]]


def test_one_license_for_a_machine(private_installation):
    running = private_installation(workers=6)
    licenses = licenses_of_one_machine(running.client(running.admin_key), 5)
    check_one_license_for_a_machine([running.port], running.sql, licenses, 40)


def test_no_more_is_freed_than_the_policy_allows(private_installation):
    """However many users of the key free seats at the same moment."""
    running = private_installation(workers=6)
    client = running.client(running.admin_key)
    answer = client.post("/v1/licenses", {"license": {
        "licensingMode": 1, "userKey": unique("FREED"), "policy": {"selfReleases": 5}}})
    assert answer.status == 200, answer
    programs = Programs([running.port], answer.json(), 0)
    names = [f"freed-{machine}" for machine in range(20)]
    assert {programs.post("activate", name) for name in names} == {"VALID"}
    reasons = together(*(lambda name=name: programs.post("deactivate", name) for name in names))
    assert sorted(reasons) == ["SELF_RELEASES_USED_UP"] * 15 + ["VALID"] * 5
    assert live(running.sql, answer.json()) == 15


def test_three_nodes_one_of_which_dies(cluster):
    """Claims at all nodes of a cluster compare with each other, and what a dead node had is known to the others."""
    with pools_at(cluster, [1, 2], [2, 1], [3, 2]) as pools:
        made = new_license(pools[1].client(pools[1].admin_key))
        alone = licenses_of_one_machine(pools[1].client(pools[1].admin_key), 3)
        check_one_license_for_a_machine([pool.port for pool in pools], pools[1].sql, alone, 20)
        programs = Programs([pool.port for pool in pools], made, 60)
        killed = []

        def disturb(passed):
            if passed > CLUSTER_SECONDS / 2 and not killed:
                killed.append(3)
                cluster.node(3).kill()

        most = run(programs, pools[1].sql, made, CLUSTER_SECONDS, disturb)
        print(programs.reasons, most)
        assert killed and most <= SEATS and programs.reasons["request", "VALID"] > SEATS
        wait_until(lambda: pools[1].client().get("/readyz").status == 200, "readiness")
        check_all_free(pools[1].client(), pools[1].sql, made)
