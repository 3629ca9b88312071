"""Counts of licenses and tokens where there are many: kept for a while, counted anew by one at a time."""

import concurrent.futures
import time

import pytest

from harness.families import unique
from harness.installation import wait_until
from harness.locks import WAITING, connected

COUNTS = ["activeTokens", "maxTokens", "activationTokens", "floatingTokens", "expiredTokens", "totalLicenses",
          "revokedLicenses", "tracedLicenses", "activationLicenses", "floatingLicenses", "fileLicenses"]
HEAVY = 10
TALLY = "license_tally WHERE id = 1"
# For what goes wrong where it is not to wait: less than a lock is waited for.
SOON = 2.0


@pytest.fixture
def running(private_installation):
    return private_installation(workers=4, list_heavy_rows=HEAVY)


def add(running, count, **members):
    for _ in range(count):
        body = {"license": {"licenseId": unique("l"), "userKey": unique("k"), **members}}
        assert running.client(running.admin_key).post("/v1/licenses", body).status == 200


def ask(running):
    answer = running.client(running.admin_key).get("/v1/info")
    assert answer.status == 200, answer
    return answer


def counts(running):
    return {name: ask(running).json()[name] for name in COUNTS}


def total(running):
    return ask(running).json()["totalLicenses"]


def grow_old(running, seconds):
    running.sql(f"UPDATE license_tally SET counted_at = UTC_TIMESTAMP(6) - INTERVAL {seconds} SECOND")


def test_few_are_exact(running):
    for number in range(1, HEAVY):
        add(running, 1)
        assert total(running) == number
    assert running.sql("SELECT counted_at FROM " + TALLY) == [["NULL"]]
    assert min(ask(running).queries for _ in range(20)) == 2


def test_many_are_kept(running):
    """The same numbers as by a look at the rows; what changes is seen when they have grown old."""
    add(running, 4, licensingMode=1, maxAllowedSites=3, trace=True)
    add(running, 3, licensingMode=2, maxAllowedSites=5)
    add(running, 2, licensingMode=2, maxAllowedSites=5, revoked=True)
    for mode, expires in ((1, "NULL"), (2, "UTC_TIMESTAMP(6) + INTERVAL 1 DAY"), (2, "UTC_TIMESTAMP(6) - INTERVAL 1 DAY")):
        running.sql(f"INSERT INTO license_token (token, license_id, expire_date) SELECT '{unique('token')}', MAX(id), {expires} "
                    f"FROM license WHERE licensing_mode = {mode} AND NOT revoked")
    few = counts(running)
    assert few["activeTokens"] == 2 and few["maxTokens"] == 27 and few["expiredTokens"] == 1
    add(running, 3, licensingMode=0)
    many = counts(running)
    assert many == few | {"totalLicenses": 12, "fileLicenses": 3}
    assert min(ask(running).queries for _ in range(20)) == 1
    add(running, 1)
    running.sql("UPDATE license_token SET expire_date = '2020-01-01'")
    grow_old(running, 20)
    assert counts(running) == many
    grow_old(running, 31)
    assert counts(running) == many | {"totalLicenses": 13, "fileLicenses": 4, "activeTokens": 0, "expiredTokens": 3,
                                      "activationTokens": 0, "floatingTokens": 0}
    # A clock that was set back.
    add(running, 1)
    grow_old(running, -3600)
    assert total(running) == 14


def test_one_counts_and_others_answer(running):
    """While somebody counts, others answer with what is not too old, and wait for him otherwise."""
    add(running, HEAVY)
    assert total(running) == HEAVY
    add(running, 1)
    with connected(running) as holder, concurrent.futures.ThreadPoolExecutor(3) as pool:
        grow_old(running, 45)
        holder.run(f"BEGIN; SELECT 1 FROM {TALLY} FOR UPDATE")
        begun = time.monotonic()
        assert total(running) == HEAVY
        assert time.monotonic() - begun < SOON
        holder.run("COMMIT")
        grow_old(running, 61)
        holder.run(f"BEGIN; SELECT 1 FROM {TALLY} FOR UPDATE")
        waiting = [pool.submit(total, running) for _ in range(2)]
        wait_until(lambda: holder.run(WAITING) == [["2"]], "requests that wait")
        # Writers of what is counted do not wait for who counts.
        add(running, 1)
        holder.run("COMMIT")
        assert [future.result() for future in waiting] == [HEAVY + 2] * 2


def test_cost_does_not_grow_with_the_table(private_installation):
    """A call reads the same few rows, whether there are a hundred thousand licenses or twice as many."""
    running = private_installation(workers=1)

    def reads():
        return sum(int(value) for _, value in running.sql("SHOW GLOBAL STATUS LIKE 'Handler_read%'"))

    found = []
    for first in (0, 110000):
        running.sql(f"""INSERT INTO license (license_id, user_key) SELECT CONCAT('l', seq + {first}), CONCAT('k', seq + {first})
            FROM seq_1_to_110000; UPDATE row_count SET count = count + 110000 WHERE table_name = 'license' AND shard = -1""")
        grow_old(running, 61)
        assert total(running) == first + 110000
        before = reads()
        answer = ask(running)
        found.append(reads() - before)
        assert answer.queries == 1 and answer.json()["totalLicenses"] == first + 110000
    assert max(found) < 1000 and found[1] < found[0] + 300, found
