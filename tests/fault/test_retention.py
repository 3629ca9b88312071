"""What grows old goes, in portions that a cluster takes, and whatever else goes wrong."""

import json

import pytest

from harness.installation import Installation

LIMIT = 1024 * 1024
RETENTIONS = ("log_retention", "audit_retention", "mail_retention", "credential_retention", "application_retention",
              "group_retention", "trace_retention", "report_retention", "webhook_retention",
              "seat_retention", "consumption_retention", "consent_retention")


@pytest.fixture(scope="module")
def running():
    made = Installation(workers=1, **dict.fromkeys(RETENTIONS, "24h")).start()
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


def count_of(table):
    """Counts one row that is written by hand."""
    return (f"INSERT INTO row_count (table_name, shard, count) VALUES ('{table}', 0, 1) "
            "ON DUPLICATE KEY UPDATE count = count + 1")


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


# {kind: (table, rows of nine days ago)}; @user is a user, @group an application group that stays.
KINDS = {
    "log entries": ("log_entry", "INSERT INTO log_entry (message, message_template, level, time_stamp) "
                    "VALUES ('m', 't', 'Information', @old); " + count_of("log_entry")),
    "audit entries": ("audit_entry", "INSERT INTO audit_entry (made_at, actor_kind, actor_name, action, resource) "
                      "VALUES (@old, 'process', 'test', 'insert', 'test')"),
    "mail": ("mail_message", "INSERT INTO mail_message (id, recipients, subject, body, created_at) "
             "VALUES (UUID(), '[]', 's', 'b', @old)"),
    "queue, mail sent": ("queue_item", "INSERT INTO queue_item (kind, state, finished_at, due_at) VALUES "
                         "('mail', 'done', @old, NULL), ('mail', 'done', NOW(), NULL), ('mail', 'waiting', NULL, @old)"),
    "queue, mail failed": ("queue_item", "INSERT INTO queue_item (kind, state, finished_at) VALUES ('mail', 'dead', @old)"),
    "queue, webhook delivered": ("queue_item", "INSERT INTO queue_item (kind, state, finished_at, due_at) VALUES "
                                 "('webhook', 'done', @old, NULL), ('webhook', 'done', NOW(), NULL)"),
    "queue, webhook failed": ("queue_item", "INSERT INTO queue_item (kind, state, finished_at) "
                              "VALUES ('webhook', 'dead', @old)"),
    "webhook deliveries": ("webhook_delivery", "INSERT INTO webhook (url, events, areas, enabled) VALUES "
                           "('https://example.org/', '[]', '[]', FALSE); INSERT INTO webhook_delivery "
                           "(id, webhook_id, type, payload, created_at) VALUES (UUID(), LAST_INSERT_ID(), 't', '{}', @old)"),
    "sessions": ("oauth_session", "INSERT INTO oauth_session (id, user_id, grant_type, expires_at) VALUES "
                 "(UUID(), @user, 'password', @old), (@kept, @user, 'password', NOW() + INTERVAL 1 DAY)"),
    "tokens": ("oauth_token", "INSERT INTO oauth_token (token_hash, session_id, refresh, expires_at) "
               "VALUES (UNHEX(SHA2(@kept, 256)), @kept, FALSE, @old)"),
    "sign-in links": ("sign_in_link", "INSERT INTO sign_in_link (id, token_hash, user_id, expires_at) "
                      "VALUES (UUID(), UNHEX(SHA2(@kept, 256)), @user, @old)"),
    "idempotency keys": ("idempotency", "INSERT INTO idempotency (key_hash, request_hash, status, response, expires_at) "
                         "VALUES (UNHEX(SHA2(@kept, 256)), UNHEX(SHA2('', 256)), 200, '', @old)"),
    "API keys": ("api_key", "INSERT INTO api_key (name, key_hash, key_prefix, owner_id, expires_at) "
                 "VALUES ('k', UNHEX(SHA2(@kept, 256)), 'api_', @user, @old)"),
    "API clients": ("api_client", "INSERT INTO api_client (id, name, user_id, expires_at) "
                    "VALUES (UUID(), LEFT(REVERSE(@kept), 18), @user, @old)"),
    "client secrets": ("api_client_secret", "INSERT INTO api_client (id, name, user_id) "
                       "VALUES (@kept, LEFT(@kept, 18), @user); INSERT INTO api_client_secret "
                       "(client_id, number, secret_hash, expires_at) VALUES (@kept, 1, '', @old), (@kept, 2, '', NULL)"),
    "client certificates": ("client_certificate", "INSERT INTO client_certificate (id, name, user_id, sha256, token_hash, expires_at) "
                            "VALUES (UUID(), 'c', @user, @kept, UNHEX(SHA2(@kept, 256)), @old)"),
    "registration tokens": ("oauth_registration_token", "INSERT INTO oauth_registration_token "
                            "(token_hash, user_id, expires_at) VALUES (UNHEX(SHA2(@kept, 256)), @user, @old)"),
    "applications": ("discovery_client", "INSERT INTO discovery_client (id, group_id, client_code, token, added_at, "
                     "updated_at) VALUES (UUID(), @group, @kept, 't', @old, @old)"),
    "discovery groups": ("discovery_group", "INSERT INTO discovery_group (id, group_name, created_at, synchronised_at) "
                         "VALUES (UUID(), @kept, @old, @old)"),
    "delegate groups": ("delegate_group", "INSERT INTO delegate_group (name, deleted_at) VALUES ('g', @old)"),
    "consents": ("hosting_consent", "INSERT INTO hosting_client (id, username, password_hash, api_key_hash, email_address) VALUES "
                 "(LEFT(SHA2(@kept, 256), 7), @kept, '', UNHEX(SHA2(@kept, 256)), 'a@example.org'); "
                 "INSERT INTO hosting_domain (id, client_id, name) SELECT id, id, 'a.example.org' FROM hosting_client "
                 "WHERE username = @kept; INSERT INTO hosting_consent (client_id, domain_id, given_at, consent, ucid) "
                 "SELECT id, id, 1, TRUE, SHA2(@kept, 256) FROM hosting_client WHERE username = @kept"),
    "license traces": ("license_trace", "INSERT INTO license_trace (license_id, created_at) VALUES (@license, @old); "
                       + count_of("license_trace")),
    "seats": ("license_token", "INSERT INTO license_token (token, license_id, expire_date) VALUES (LEFT(@kept, 30), @license, "
              "@old); " + count_of("license_token")),
    "consumption entries": ("license_consumption_entry", "INSERT INTO license_consumption_entry (license_id, feature, action, "
                            "amount, used, created_at) VALUES (@license, 'f', 'consume', 1, 1, @old)"),
    "reports": ("report", "INSERT INTO report (name, report_date) VALUES ('r', @old); INSERT INTO report_property "
                "(report_id, name) VALUES (LAST_INSERT_ID(), 'p'); " + count_of("report")),
    "revocation marks": ("revocation_mark", "INSERT INTO revocation_mark (origin, number, kind, subject, made_at) VALUES "
                         "(UUID_SHORT(), 1, 3, @kept, @old), (UUID_SHORT(), 1, 3, @kept, UTC_TIMESTAMP(6))"),
}


# Where two kinds share a table, the rows that are of one.
CONDITIONS = {f"queue, {kind} {word}": f"OLD.kind = '{kind}' AND OLD.state = '{state}'" for kind, word, state in (
    ("mail", "sent", "done"), ("mail", "failed", "dead"), ("webhook", "delivered", "done"), ("webhook", "failed", "dead"))}


def write_old_rows(running):
    running.sql(f"""SET @old = UTC_TIMESTAMP() - INTERVAL 9 DAY, @kept = UUID(), @user = '{running.admin_id}', @group = UUID();
        INSERT INTO discovery_group (id, group_name) VALUES (@group, @group);
        INSERT INTO license (license_id, user_key) VALUES (@kept, @kept);
        SET @license = LAST_INSERT_ID();""" + ";".join(statement for _, statement in KINDS.values()))


def audited(running):
    """What the audit log says of rows that went: {kind: how many}."""
    return {what: int(rows) for what, rows in running.sql(
        "SELECT resource, SUM(row_count) FROM audit_entry WHERE row_count IS NOT NULL GROUP BY 1")}


def counted(running, table):
    """Its rows, and what the row counter says."""
    total, = running.sql(f"SELECT SUM(count) FROM row_count WHERE table_name = '{table}'")[0]
    return int(running.sql(f"SELECT COUNT(*) FROM {table}")[0][0]), int(total)


@pytest.mark.parametrize("what", KINDS)
def test_each_kind_by_itself(running, what):
    """One that cannot go does not keep the others; the report and the status say which it was."""
    table, _ = KINDS[what]
    running.sql("DELETE FROM audit_entry; DELETE FROM log_entry; DELETE FROM row_count WHERE table_name = 'log_entry'; "
                "INSERT INTO row_count (table_name, shard, count) VALUES ('log_entry', -1, 0)")
    write_old_rows(running)
    running.sql(f"""DELIMITER //
        CREATE OR REPLACE TRIGGER fault_{table} BEFORE DELETE ON {table} FOR EACH ROW
            IF {CONDITIONS.get(what, 'TRUE')} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'; END IF//""")
    try:
        rows, result = expire(running)
    finally:
        running.sql(f"DROP TRIGGER fault_{table}")
    assert result.returncode == 1 and set(rows) == set(KINDS)
    assert "not this one" in rows[what]["error"] and rows[what]["rows"] == 0 and f"{what}: " in result.stderr
    for other, row in rows.items():
        if other != what:
            assert row["error"] is None and row["rows"] >= 1, (other, row)
    assert audited(running) == {other: row["rows"] for other, row in rows.items() if other != what}
    rows, result = expire(running)
    assert result.returncode == 0 and rows[what]["rows"] >= 1 and rows[what]["error"] is None
    assert running.sql("SELECT COUNT(*) > 1, COALESCE(MIN(finished_at), NOW()) > NOW() - INTERVAL 1 DAY FROM "
                       "queue_item") == [["1", "1"]]
    assert running.sql("SELECT COUNT(*) > 0, MIN(made_at) > NOW() - INTERVAL 1 DAY FROM revocation_mark") == [["1", "1"]]
    for name in ("log_entry", "license_trace", "report"):
        assert len(set(counted(running, name))) == 1, name
    assert running.sql("SELECT COUNT(*) FROM report_property") == [["0"]]
