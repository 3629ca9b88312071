"""What grows old goes, in portions that a cluster takes, and whatever else goes wrong."""

import json

import pytest

from harness.installation import Installation

LIMIT = 1024 * 1024


@pytest.fixture(scope="module")
def running():
    made = Installation(workers=1, log_retention="24h", mail_retention="24h").start()
    made.stop_pool()
    made.sql("""CREATE TABLE chunk (what VARCHAR(20), begun DATETIME(6), bytes BIGINT);
        GRANT INSERT ON clientele.chunk TO 'clientele'@'localhost'""")
    yield made
    made.finish()


def watch(running, table, size):
    """Notes the statement (its moment) and the size of each row that goes."""
    running.sql(f"""CREATE OR REPLACE TRIGGER watch_{table} AFTER DELETE ON {table} FOR EACH ROW
        INSERT INTO chunk VALUES ('{table}', UTC_TIMESTAMP(6), {size})""")


def chunks(running, table):
    return [(int(rows), int(size)) for rows, size in running.sql(
        f"SELECT COUNT(*), SUM(bytes) FROM chunk WHERE what = '{table}' GROUP BY begun ORDER BY begun")]


def expire(running, *arguments):
    result = running.cli("expire", "--json", *arguments, check=False)
    return {row["what"]: row for row in json.loads(result.stdout)}, result


def test_portions(running):
    """Many small rows go together, large ones a few at a time, and one that is larger than a portion by itself."""
    watch(running, "log_entry", "LENGTH(OLD.properties)")
    watch(running, "mail_message", "LENGTH(OLD.body)")
    running.sql("DELETE FROM chunk")
    running.sql("""INSERT INTO log_entry (message, message_template, level, time_stamp, properties)
        SELECT 'm', 't', 'Information', NOW() - INTERVAL 9 DAY, CONCAT('"', REPEAT('x', IF(seq <= 5000, 10, 300000)), '"')
        FROM seq_1_to_5020;
        INSERT INTO row_count (table_name, shard, count) VALUES ('log_entry', 0, 5020)
            ON DUPLICATE KEY UPDATE count = count + 5020;
        INSERT INTO mail_message (id, recipients, subject, body, created_at)
        SELECT UUID(), '[]', 's', REPEAT('y', IF(seq = 3, 3000000, 10)), NOW() - INTERVAL 10 DAY + INTERVAL seq SECOND
        FROM seq_1_to_5""")
    rows, result = expire(running)
    assert result.returncode == 0, result.stderr
    assert rows["log entries"]["rows"] >= 5020 and rows["mail"]["rows"] == 5
    logged = chunks(running, "log_entry")
    assert all(size <= LIMIT or count == 1 for count, size in logged), logged
    assert max(count for count, _ in logged) == 2000 and min(count for count, _ in logged) <= 3
    mailed = chunks(running, "mail_message")
    assert sum(count for count, _ in mailed) == 5 and (1, 3000000) in mailed, mailed
    assert running.sql("SELECT COUNT(*) FROM log_entry WHERE time_stamp < NOW() - INTERVAL 1 DAY") == [["0"]]
    total, = running.sql("SELECT SUM(count) FROM row_count WHERE table_name = 'log_entry'")[0]
    assert int(total) == int(running.sql("SELECT COUNT(*) FROM log_entry")[0][0])


@pytest.mark.parametrize("table, what", [
    ("log_entry", "log entries"), ("mail_message", "mail"), ("oauth_session", "sessions"), ("oauth_token", "tokens"),
    ("idempotency", "idempotency keys"), ("revocation_mark", "revocation marks")])
def test_each_kind_by_itself(running, table, what):
    """One that cannot go does not keep the others; the report and the status say which it was."""
    user = running.admin_id
    running.sql(f"""INSERT INTO log_entry (message, message_template, level, time_stamp)
            VALUES ('m', 't', 'Information', NOW() - INTERVAL 9 DAY);
        INSERT INTO row_count (table_name, shard, count) VALUES ('log_entry', 0, 1)
            ON DUPLICATE KEY UPDATE count = count + 1;
        INSERT INTO mail_message (id, recipients, subject, body, created_at)
            VALUES (UUID(), '[]', 's', 'b', NOW() - INTERVAL 9 DAY);
        SET @kept = UUID();
        INSERT INTO oauth_session (id, user_id, grant_type, expires_at)
            VALUES (UUID(), '{user}', 'password', NOW() - INTERVAL 1 DAY), (@kept, '{user}', 'password', NOW() + INTERVAL 1 DAY);
        INSERT INTO oauth_token (token_hash, session_id, refresh, expires_at)
            VALUES (UNHEX(SHA2(@kept, 256)), @kept, FALSE, NOW() - INTERVAL 1 DAY);
        INSERT INTO idempotency (key_hash, request_hash, status, response, expires_at)
            VALUES (UNHEX(SHA2(@kept, 256)), UNHEX(SHA2('', 256)), 200, '', NOW() - INTERVAL 1 DAY);
        INSERT INTO revocation_mark (origin, number, kind, subject, made_at)
            VALUES (UUID_SHORT(), 1, 3, @kept, NOW() - INTERVAL 1 DAY), (UUID_SHORT(), 1, 3, @kept, UTC_TIMESTAMP(6));
        CREATE OR REPLACE TRIGGER fault_{table} BEFORE DELETE ON {table} FOR EACH ROW
            SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'""")
    try:
        rows, result = expire(running)
    finally:
        running.sql(f"DROP TRIGGER fault_{table}")
    assert result.returncode == 1
    assert "not this one" in rows[what]["error"] and rows[what]["rows"] == 0 and f"{what}: " in result.stderr
    for other, row in rows.items():
        if other != what:
            assert row["error"] is None and row["rows"] >= 1, (other, row)
    rows, result = expire(running)
    assert result.returncode == 0 and rows[what]["rows"] >= 1 and rows[what]["error"] is None
    assert running.sql("SELECT COUNT(*) > 0, MIN(made_at) > NOW() - INTERVAL 1 DAY FROM revocation_mark") == [["1", "1"]]
