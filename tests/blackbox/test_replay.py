"""A transaction that a deadlock ends is run again: what is stored in the end must be what one run stores. Writes
of each operation are made to fail once, by triggers."""

import pytest

from harness.installation import Installation
from harness.licensing import find
from harness.locks import connected
from harness.writes import ALL, COUNTERS, REFERENCE, USE, Setting, Stored, make_parents, tables

NEVER = 1_000_000


class Database:
    """Makes the n-th row that is written from now on fail with a deadlock, and tells what has been written."""

    def __init__(self, connection):
        self.connection = connection
        self.connection.run(
            "CREATE TABLE replay_left (n INT, hits INT) ENGINE = MyISAM; INSERT INTO replay_left VALUES (0, 0);"
            "CREATE TABLE replay_touched (name VARCHAR(64) PRIMARY KEY) ENGINE = MyISAM")
        self.connection.run("""DELIMITER //
CREATE PROCEDURE replay_fault(written VARCHAR(64), counts BOOLEAN) MODIFIES SQL DATA BEGIN
    INSERT IGNORE INTO replay_touched VALUES (written);
    UPDATE replay_left SET n = n - 1 WHERE n > 0 AND counts;
    IF ROW_COUNT() = 1 AND (SELECT n FROM replay_left) = 0 THEN
        UPDATE replay_left SET hits = hits + 1;
        SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'a deadlock of the test';
    END IF;
END //
DELIMITER ;
SELECT 1""")
        noted = dict(self.connection.run(
            "SELECT TABLE_NAME, GROUP_CONCAT(CONCAT('NEW.', COLUMN_NAME, ' <=> OLD.', COLUMN_NAME) SEPARATOR ' AND ') "
            f"FROM information_schema.COLUMNS WHERE {USE} GROUP BY TABLE_NAME"))
        # A counter is inserted or, where the worker's part of it is there, updated by the same statement.
        noted["row_count"] = "FALSE"
        for table in tables(connection):
            for verb in ("INSERT", "UPDATE", "DELETE"):
                condition = noted.get(table, "TRUE") if verb == "UPDATE" else "TRUE"
                self.connection.run(f"CREATE TRIGGER replay_{table}_{verb} BEFORE {verb} ON {table} FOR EACH ROW "
                                    f"CALL replay_fault('{table}', {condition})")
        self.stored = Stored(connection)

    def fail(self, number):
        self.connection.run(f"UPDATE replay_left SET n = {number}, hits = 0; TRUNCATE replay_touched")

    def state(self):
        """Whether a write has failed, and how many more would have had to be written for the next to fail."""
        [[hits, left]] = self.connection.run("SELECT hits, n FROM replay_left")
        return hits == "1", int(left)

    def changes(self):
        """Rows that are there now and were not before, without what is drawn at random or counted."""
        touched = self.connection.run("UPDATE replay_left SET n = 0; SELECT name FROM replay_touched")
        noted = {table: self.stored.note(table, COUNTERS) for [table] in touched}
        # Not how many there are: rows that go with another one touch no trigger.
        return {table: change[0] for table, change in noted.items() if change is not None and change[0]}


@pytest.fixture(scope="module")
def setting():
    running = Installation(discovery_auth="none", oauth_registration="token").start()
    made = Setting(running)
    make_parents(made)
    with connected(running) as connection:
        made.database = Database(connection)
        yield made
    running.finish()


def run_once(setting, prepare, number):
    """Changes of one run whose write of that number fails, and how many writes there were."""
    call, check = prepare(setting)
    setting.database.changes()  # of the preparations
    setting.database.fail(number)
    value = call()
    failed, writes = setting.database.state()
    changes = setting.database.changes()
    if check is not None:
        check(value)
    assert number == NEVER or failed, f"write {number} did not fail"
    return changes, NEVER - writes


@pytest.mark.parametrize("prepare", ALL, ids=lambda prepare: prepare.__name__)
def test_writes_that_fail_once(setting, prepare):
    """The first, one in the middle, and the last, when all rules have been at work."""
    expected, writes = run_once(setting, prepare, NEVER)
    assert writes > 0
    for number in sorted({1, (writes + 1) // 2, writes}):
        changes, _ = run_once(setting, prepare, number)
        assert changes == expected, f"write {number} of {writes}"


def test_all_operations_are_here():
    assert len(REFERENCE) == len({operation.name for operation in REFERENCE}) > 25
    assert find("POST", "/v1/licenses") in REFERENCE
