"""Consumption under load: never more than allowed is used, and what was acknowledged is in the ledger once."""

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
from harness.families import unique
from harness.installation import LONG, alive, wait_until
from harness.load import Threads

ALLOWANCE, KILLS, SECONDS = 3000, 12, 8
# What a program that has no answer yet asks again after.
AGAIN = {408, 429, 500, 502, 503, 504, None}

pytestmark = pytest.mark.slow


def new_license(client, allowance=ALLOWANCE):
    answer = client.post("/v1/licenses", {"license": {"userKey": unique("METER"), "counters": [
        {"feature": "units", "kind": "prepaid", "allowance": allowance, "overage": "1.25x"}]}})
    assert answer.status == 200, answer
    return answer.json()


class Programs(Threads):
    """Programs that use some units, ask again until they are told what became of it, and sometimes once more."""

    def __init__(self, ports, made, count):
        self.ports, self.made = itertools.cycle(ports), made
        self.acknowledged, self.refused, self.wrong, self.broken = {}, 0, [], 0
        self._lock = threading.Lock()
        super().__init__(count)

    def post(self, body):
        with self._lock:
            port = next(self.ports)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
        try:
            connection.request("POST", "/v1/license/consume", json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None, None
        finally:
            connection.close()

    def use(self, body):
        while True:
            status, answer = self.post(body)
            if status not in AGAIN:
                return status, answer
            with self._lock:
                self.broken += 1
            time.sleep(0.02)

    def _run(self):
        chance = random.Random()
        while not self._end.is_set():
            body = {"userKey": self.made["userKey"], "feature": "units", "amount": chance.randint(1, 9),
                    "consumptionId": unique("use")}
            status, answer = self.use(body)
            repeated = self.use(body) if status == 200 and chance.random() < 0.2 else (status, answer)
            with self._lock:
                if status == 200:
                    self.acknowledged[body["consumptionId"]] = body["amount"]
                elif status == 409 and answer["reason"] == "BALANCE_TOO_LOW":
                    self.refused += 1
                if status not in (200, 409) or repeated != (status, answer):
                    self.wrong.append((body, status, answer, repeated))
            if status == 409:
                self._end.wait(0.2)


def check(programs, query, made, most):
    """The ledger has all that was acknowledged, once, and is what was counted."""
    where = f"WHERE license_id = {made['licenseId']}"
    assert programs.wrong == []
    entries = query(f"SELECT consumption_id, amount, used, balance FROM license_consumption_entry {where} ORDER BY used")
    found = {one[0]: int(one[1]) for one in entries}
    assert len(found) == len(entries)
    assert programs.acknowledged.items() <= found.items()
    # Each entry goes on where the one before has ended: none is lost between them.
    running = 0
    for _, amount, used, balance in entries:
        running += int(amount)
        assert (int(used), int(balance)) == (running, ALLOWANCE - running)
    [[used]] = query(f"SELECT used FROM license_consumption {where}")
    assert int(used) == sum(found.values()) <= most
    return int(used)


def test_workers_killed_while_programs_use(private_installation):
    running = private_installation(workers=4, database_durable=True)
    made = new_license(running.client(running.admin_key))
    with Programs([running.port], made, 24) as programs:
        for _ in range(KILLS):
            time.sleep(0.2)
            os.kill(random.choice(wait_until(running.workers, "a worker")), signal.SIGKILL)
        wait_until(lambda: len([pid for pid in running.workers() if alive(pid)]) == 4, "four workers")
        wait_until(lambda: programs.refused > 0, "the end of the balance")
    print(len(programs.acknowledged), programs.refused, programs.broken)
    assert programs.broken > 0
    # Single units go on until there is none.
    client, left = running.client(), 0
    while client.post("/v1/license/consume", {"userKey": made["userKey"], "feature": "units", "amount": 1,
                                              "consumptionId": unique("last")}).status == 200:
        left += 1
    assert check(programs, running.sql, made, ALLOWANCE * 5 // 4) == ALLOWANCE * 5 // 4 and left < 9


def test_the_first_uses_meet(private_installation):
    """There is nothing stored yet that they could wait for."""
    running = private_installation(workers=6)
    made = new_license(running.client(running.admin_key), 10)
    programs = Programs([running.port], made, 1)
    answers = []

    def use():
        answers.append(programs.use({"userKey": made["userKey"], "feature": "units", "amount": 1,
                                     "consumptionId": unique("first")})[0])

    threads = [threading.Thread(target=use) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert sorted(answers) == [200] * 12 + [409] * 28
    assert running.sql(f"SELECT used FROM license_consumption WHERE license_id = {made['licenseId']}") == [["12"]]


def test_one_identifier_is_one_use(private_installation):
    """However many of its calls meet."""
    running = private_installation(workers=6)
    made = new_license(running.client(running.admin_key), 10)
    programs = Programs([running.port], made, 1)
    body = {"userKey": made["userKey"], "feature": "units", "amount": 7, "consumptionId": "the one"}
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(programs.use(body))) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert len(answers) == 40 and all(answer == answers[0] for answer in answers) and answers[0][0] == 200
    assert running.sql(f"SELECT used FROM license_consumption WHERE license_id = {made['licenseId']}") == [["7"]]


def test_three_nodes_one_of_which_dies(cluster):
    """Changes at all nodes of a cluster compare with each other."""
    with pools_at(cluster, [1, 2], [2, 1], [3, 2]) as pools:
        made = new_license(pools[1].client(pools[1].admin_key))
        begun = time.monotonic()
        with Programs([pool.port for pool in pools], made, 12) as programs:
            time.sleep(SECONDS / 2)
            cluster.node(3).kill()
            wait_until(lambda: programs.refused > 0 or time.monotonic() - begun > 4 * SECONDS, "the end of the balance")
        print(len(programs.acknowledged), programs.refused, programs.broken)
        wait_until(lambda: pools[1].client().get("/readyz").status == 200, "readiness")
        assert programs.acknowledged
        check(programs, pools[1].sql, made, ALLOWANCE * 5 // 4)
