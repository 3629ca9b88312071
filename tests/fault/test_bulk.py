"""A bulk is stored as a whole or not at all, whatever happens in its middle."""

import signal
import threading

import pytest

from harness.families import unique
from harness.installation import wait_until
from harness.locks import WAITING, connected

ROWS = 1000


def counts(running, marker):
    [[licenses, features, logged, audited]] = running.sql(
        f"SELECT (SELECT COUNT(*) FROM license WHERE license_type = '{marker}'), "
        f"(SELECT COUNT(*) FROM license_feature WHERE name = '{marker}'), "
        f"(SELECT COUNT(*) FROM log_entry WHERE properties LIKE '%{marker}%'), "
        f"(SELECT COUNT(*) FROM audit_entry WHERE after_row LIKE '%{marker}%')")
    return [int(one) for one in (licenses, features, logged, audited)]


class Bulk(threading.Thread):
    """A bulk that waits in its middle while another connection holds the key of one of its rows."""

    def __init__(self, running, marker, mode="all", refused=None, **options):
        super().__init__()
        self.path = f"/v1/licenses/bulk?mode={mode}"
        self.client = running.client(running.admin_key)
        self.rows = [{"licenseType": marker, "features": [{"name": marker}]} for _ in range(ROWS)]
        self.rows[ROWS // 2]["userKey"] = marker
        if refused:
            self.rows[1] = refused
        self.options = options
        self.answer = None

    def run(self):
        self.answer = self.client.post(self.path, self.rows, **self.options)


@pytest.fixture
def running(private_installation):
    return private_installation(workers=2, database_durable=True)


def begin(running, holder, marker, **options):
    """A bulk whose first half is stored and not committed."""
    holder.run(f"START TRANSACTION; INSERT INTO license (license_id, user_key) VALUES ('{marker}', '{marker}'); SELECT 1")
    bulk = Bulk(running, marker, **options)
    bulk.start()
    wait_until(lambda: waiting(running), "a bulk that waits")
    return bulk


def waiting(running):
    """The connection whose row waits for another one's."""
    [[waits]] = running.sql(WAITING)
    rows = running.sql("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT INTO license (%'")
    return rows[0][0] if rows and int(waits) > 0 else None


def check_counter(running):
    [[total]] = running.sql("SELECT SUM(count) FROM row_count WHERE table_name = 'license'")
    [[there]] = running.sql("SELECT COUNT(*) FROM license")
    assert total == there


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_database_away_in_the_middle(running, how):
    marker = unique("away")
    with connected(running) as holder:
        bulk = begin(running, holder, marker)
        running.kill_database(how)
        bulk.join()
    running.start_database()
    running.wait_ready()
    assert bulk.answer.status == 503 and "outcome" not in bulk.answer.headers, bulk.answer
    assert counts(running, marker) == [0] * 4
    check_counter(running)


def test_connection_lost_in_the_middle(running):
    """All of it runs again on another connection."""
    marker = unique("lost")
    with connected(running) as holder:
        bulk = begin(running, holder, marker)
        first = waiting(running)
        running.sql(f"KILL CONNECTION {first}")
        wait_until(lambda: waiting(running) not in (None, first), "another connection that waits")
        holder.run("ROLLBACK; SELECT 1")
        bulk.join()
    assert bulk.answer.status == 201, bulk.answer
    assert counts(running, marker) == [ROWS] * 4
    check_counter(running)


def test_each_by_itself_and_a_connection_lost(running):
    """What one row is refused for is none of the others' business; a lost connection is everybody's."""
    marker = unique("each")
    with connected(running) as holder:
        bulk = begin(running, holder, marker, mode="each", refused={"licenseType": marker, "customerId": 999999999})
        first = waiting(running)
        running.sql(f"KILL CONNECTION {first}")
        wait_until(lambda: waiting(running) not in (None, first), "another connection that waits")
        holder.run("COMMIT; SELECT 1")
        bulk.join()
    assert bulk.answer.status == 207, bulk.answer
    statuses = [result["status"] for result in bulk.answer.json()["results"]]
    assert (statuses[1], statuses[ROWS // 2]) == (400, 409) and statuses.count(201) == ROWS - 2
    [[stored]] = running.sql(f"SELECT COUNT(*) FROM license WHERE license_type = '{marker}'")
    assert int(stored) == ROWS - 2


def test_repeated_after_the_database_was_away(running):
    """With an Idempotency-Key the same request is sent until it is answered: stored once."""
    marker, headers = unique("again"), {"Idempotency-Key": unique("bulk")}
    with connected(running) as holder:
        bulk = begin(running, holder, marker, headers=headers)
        running.kill_database(signal.SIGKILL)
        bulk.join()
    assert bulk.answer.status == 503, bulk.answer
    running.start_database()
    running.wait_ready()
    again = Bulk(running, marker, headers=headers)
    again.run()
    assert again.answer.status == 201, again.answer
    repeated = Bulk(running, marker, headers=headers)
    repeated.run()
    assert repeated.answer.headers["idempotency-replayed"] == "true"
    assert counts(running, marker) == [ROWS] * 4
