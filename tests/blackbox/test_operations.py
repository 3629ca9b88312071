"""What operators see: health, metrics, logs, the shipped web server files, the command line."""

import json
import threading

import pytest

from harness.installation import TOP, UUID, wait_until


def test_healthz_and_readyz(anonymous):
    for path in ("/healthz", "/readyz", "/HEALTHZ/"):
        assert anonymous.get(path).status == 200


def test_readyz_needs_the_schema(private_installation):
    running = private_installation()
    running.sql("DELETE FROM schema_version")
    wait_until(lambda: running.client().get("/readyz").status == 503, "not ready")
    assert running.client().get("/healthz").status == 200


def test_metrics(anonymous, client):
    client.get("/api/v1/admin/clients")
    answer = anonymous.get("/metrics")
    assert answer.status == 200, answer
    assert answer.content_type.startswith("text/plain")
    names = set()
    for line in answer.text.splitlines():
        if line.startswith("#") or not line:
            continue
        name, _, value = line.rpartition(" ")
        float(value)
        names.add(name.partition("{")[0])
    for word in ("requests", "duration", "workers", "restarts", "database_errors"):
        assert any(word in name for name in names), (word, names)


def test_log_line(client):
    line = client.get("/api/v1/admin/clients?secret=1").log()
    assert line["status"] == 200
    assert line["method"] == "GET"
    assert line["queries"] >= 1
    assert line["microseconds"] > 0
    assert "secret" not in json.dumps(line)


def test_web_log_has_no_query(installation, client):
    answer = client.get("/hosting/api/client?apiKey=very-secret")
    log = installation.state / "log/nginx-access.log"

    def lines():
        return [line for line in log.read_text(errors="replace").split("\n") if answer.request_id in line]

    [line] = map(json.loads, wait_until(lines, "a line in the web server's log"))
    assert (line["path"], line["status"]) == ("/hosting/api/client", answer.status)
    assert "very-secret" not in log.read_text(errors="replace")


def test_documentation_root(anonymous):
    answer = anonymous.get("/docs/")
    assert answer.status == 200, answer
    assert answer.content_type.startswith("text/html")
    missing = anonymous.get("/docs/nothing")
    assert missing.status == 404
    assert missing.json()["Message"]


# --- command line ---

def test_migrating_again_changes_nothing(installation):
    before = installation.sql("SELECT * FROM schema_version")
    installation.cli("migrate", "--dir", TOP / "sql")
    assert installation.sql("SELECT * FROM schema_version") == before


def test_listings(installation):
    assert UUID.search(installation.cli("user", "list"))
    listing = installation.cli("key", "list")
    assert installation.admin_key not in listing
    assert installation.admin_key[:8] in listing


@pytest.mark.parametrize("arguments", [
    ["nonsense"], ["user"], ["user", "create"], ["key", "create", "x", "--user", "nobody-at-all"],
    ["key", "revoke", "999999"], ["user", "create", "admin", "--role", "Administrator"],
    ["user", "create", "fresh", "--role", "Emperor"], ["person", "import", "/nonexistent.csv"]])
def test_faults_of_the_command_line(installation, arguments):
    result = installation.cli(*arguments, check=False)
    assert result.returncode != 0
    assert result.stderr.strip()


UNUSABLE = {
    "a column is missing": (
        "ALTER TABLE hosting_client RENAME COLUMN company TO away",
        "ALTER TABLE hosting_client RENAME COLUMN away TO company"),
    "a column that no route shows is missing": (
        "ALTER TABLE mail_message RENAME COLUMN subject TO away",
        "ALTER TABLE mail_message RENAME COLUMN away TO subject"),
    "the socket's owner is somebody else": (
        "CREATE OR REPLACE USER pool@localhost IDENTIFIED VIA unix_socket",
        "CREATE OR REPLACE USER pool@localhost; GRANT ALL ON clientele.* TO pool@localhost"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_database_that_does_not_fit(private_installation, case):
    """Callers are told at once, and the workers stay to see it mended."""
    running = private_installation(workers=2)
    breaks, mends = UNUSABLE[case]
    running.stop_pool()
    running.sql("CREATE USER pool@localhost; GRANT ALL ON clientele.* TO pool@localhost")
    running.options |= {"database_user": "pool", "database_password": ""}
    running.sql(breaks)
    running.start_pool()
    caller = running.client(running.admin_key)
    wait_until(lambda: running.client().get("/healthz").status == 200, "an answer")
    wait_until(lambda: running.log_file.read_text().count('"database not usable"') == 2, "a line of each")
    workers = running.workers()
    for _ in workers * 2:
        refused = caller.get("/hosting/api/client")
        assert (refused.status, "retry-after" in refused.headers) == (503, True)
    running.sql(mends)
    wait_until(lambda: caller.get("/hosting/api/client").status == 200, "an answer from the database")
    assert running.workers() == workers


def test_a_schema_that_is_too_old(private_installation):
    """Nobody is served by tables that do not fit; the pool goes on by itself once they do."""
    running = private_installation()
    running.stop_pool()
    running.sql("RENAME TABLE schema_version TO schema_version_away")
    running.start_pool()
    wait_until(lambda: running.client().get("/healthz").status == 200, "an answer")
    assert running.client().get("/readyz").status == 503
    refused = running.client(running.admin_key).get("/hosting/api/client")
    assert (refused.status, "retry-after" in refused.headers) == (503, True)
    running.sql("RENAME TABLE schema_version_away TO schema_version")
    assert running.client(running.admin_key).get("/hosting/api/client").status == 200


def test_slow_requests(private_installation):
    """Where the time of a slow request went: statements by their shape, without any value."""
    running = private_installation(slow_request_milliseconds="300", workers=1)
    caller = running.client(running.admin_key)
    assert caller.get("/hosting/api/client").status == 200
    lock = threading.Thread(target=running.sql, args=("LOCK TABLES hosting_client WRITE; SELECT SLEEP(1.5)",))
    lock.start()
    wait_until(lambda: running.sql("SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'"), "lock")
    slow = caller.post("/hosting/api/client", {"username": "secretive", "passwordHash": "$2y$10$" + "a" * 53,
                                               "emailAddress": "a@example.org"})
    lock.join()
    assert slow.status == 201, slow

    def lines(event):
        return [line for line in map(json.loads, running.log_file.read_text().splitlines()) if line["event"] == event]

    statements = wait_until(lambda: lines("slow statement"), "the lines, which are written after the answer")
    [line] = lines("slow request")
    assert (line["id"], line["route"], line["level"]) == (slow.request_id, "/hosting/api/client", "warning")
    assert 300_000 <= line["database_microseconds"] <= line["microseconds"]
    assert 1 <= len(statements) <= 3 and {statement["id"] for statement in statements} == {slow.request_id}
    assert statements[0]["sql"].startswith("INSERT INTO hosting_client") and statements[0]["runs"] == 1
    assert statements[0]["microseconds"] >= 300_000
    assert "secretive" not in running.log_file.read_text()
