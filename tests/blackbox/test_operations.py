"""What operators see: health, metrics, logs, the shipped web server files, the command line."""

import http.client
import json
import os
import ssl
import subprocess
import threading

import pytest

from harness.installation import TOP, UUID, Installation, free_port, wait_until


def test_healthz_and_readyz(anonymous):
    for path in ("/healthz", "/readyz", "/HEALTHZ/"):
        assert anonymous.get(path).status == 200


def test_readyz_needs_the_schema(private_installation):
    running = private_installation()
    running.sql("DELETE FROM schema_version")
    wait_until(lambda: running.client().get("/readyz").status == 503, 10, "not ready")
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

    [line] = map(json.loads, wait_until(lines, 5, "a line in the web server's log"))
    assert (line["path"], line["status"]) == ("/hosting/api/client", answer.status)
    assert "very-secret" not in log.read_text(errors="replace")


def test_documentation_root(anonymous):
    answer = anonymous.get("/docs/")
    assert answer.status == 200, answer
    assert answer.content_type.startswith("text/html")
    missing = anonymous.get("/docs/nothing")
    assert missing.status == 404
    assert missing.json()["Message"]


@pytest.fixture(scope="module")
def pool_away():
    """An installation whose web server is alone."""
    running = Installation().start()
    running.stop_pool()
    yield running
    running.stop()


@pytest.mark.parametrize("path, message", [
    ("/api/ClientHello", lambda body: body["Message"]),
    ("/api/v1/admin/clients", lambda body: body["Error"]["ErrorReason"]),
    ("/api/delegategroups/1", lambda body: body["message"]),
    ("/hosting/api/client", lambda body: body["message"]),
    ("/v1/products", lambda body: body["message"] if body["success"] is False else None),
])
def test_pool_away(pool_away, path, message):
    answer = pool_away.client().get(path)
    assert answer.status == 503, answer
    assert int(answer.headers["retry-after"]) > 0
    assert message(answer.json())


def test_tls_site(installation, tmp_path):
    """The shipped site file, with its names, ports and certificate replaced and nothing else."""
    running = installation
    certificate, key = tmp_path / "c.pem", tmp_path / "c.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out",
                    str(certificate)], check=True, capture_output=True)
    secure, plain = free_port(), free_port()
    folder = running.state / "nginx-tls"
    site = (TOP / "nginx/clientele-site.conf").read_text()
    for old, new in (("listen [::]:443 ssl http2;", ""), ("listen [::]:80;", ""),
                     ("listen 443", f"listen 127.0.0.1:{secure}"), ("listen 80", f"listen 127.0.0.1:{plain}"),
                     ("clientele.example.org", "localhost"), ("/etc/ssl/certs/clientele.pem", certificate),
                     ("/etc/ssl/private/clientele.key", key), ("/usr/share/clientele", TOP),
                     ("unix:/run/clientele/clientele.sock", f"unix:{running.socket}"),
                     ("/var/log/nginx", running.state / "log")):
        assert old in site, old
        site = site.replace(old, str(new))
    user = "user root; " if os.geteuid() == 0 else ""
    folder.mkdir()
    (folder / "clientele").symlink_to(TOP / "nginx")
    (folder / "site.conf").write_text(site)
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in
                        ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} "
        f"http {{ {temporary} include site.conf; }}")
    web = subprocess.Popen(["nginx", "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"],
                           env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    try:
        wait_until(lambda: (folder / "pid").exists() and (folder / "pid").read_text(), 10, "nginx with TLS")
        context = ssl.create_default_context(cafile=str(certificate))
        connection = http.client.HTTPSConnection("localhost", secure, context=context, timeout=10)
        connection.request("GET", "/api/v1/admin/clients", headers={"x-api-key": running.admin_key})
        response = connection.getresponse()
        assert response.status == 200, response.read()
        assert "max-age=" in response.getheader("Strict-Transport-Security")
        assert response.getheader("X-Request-Id")
        connection.close()
        connection = http.client.HTTPSConnection("localhost", secure, context=context, timeout=10)
        connection.request("GET", "/docs/")
        response = connection.getresponse()
        assert response.status == 200
        assert "max-age=" in response.getheader("Strict-Transport-Security")
        connection.close()
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        old.load_verify_locations(str(certificate))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            http.client.HTTPSConnection("localhost", secure, context=old, timeout=10).connect()
        connection = http.client.HTTPConnection("localhost", plain, timeout=10)
        connection.request("GET", "/api/v1/admin/clients")
        assert connection.getresponse().status == 403
    finally:
        web.terminate()
        web.wait(20)


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
    "the socket's owner is somebody else": (
        "CREATE OR REPLACE USER pool@localhost IDENTIFIED VIA unix_socket",
        "CREATE OR REPLACE USER pool@localhost; GRANT ALL ON clientele.* TO pool@localhost"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_database_that_does_not_fit(private_installation, case):
    """Callers are told at once, and the workers stay to see it mended."""
    running = private_installation()
    breaks, mends = UNUSABLE[case]
    running.stop_pool()
    running.sql("CREATE USER pool@localhost; GRANT ALL ON clientele.* TO pool@localhost")
    running.options["database_user"] = "pool"
    running.sql(breaks)
    running.start_pool()
    caller = running.client(running.admin_key)
    wait_until(lambda: running.client().get("/healthz").status == 200, 10, "an answer")
    workers = running.workers()
    wait_until(lambda: running.log_file.read_text().count('"database not usable"') == len(workers), 10, "a line of each")
    for _ in workers * 2:
        refused = caller.get("/hosting/api/client")
        assert (refused.status, "retry-after" in refused.headers) == (503, True)
    running.sql(mends)
    wait_until(lambda: caller.get("/hosting/api/client").status == 200, 10, "an answer from the database")
    assert running.workers() == workers


def test_a_schema_that_is_too_old(private_installation):
    """Nobody is served by tables that do not fit; the pool goes on by itself once they do."""
    running = private_installation()
    running.stop_pool()
    running.sql("RENAME TABLE schema_version TO schema_version_away")
    running.start_pool()
    wait_until(lambda: running.client().get("/healthz").status == 200, 10, "an answer")
    assert running.client().get("/readyz").status == 503
    refused = running.client(running.admin_key).get("/hosting/api/client")
    assert (refused.status, "retry-after" in refused.headers) == (503, True)
    running.sql("RENAME TABLE schema_version_away TO schema_version")
    assert running.client(running.admin_key).get("/hosting/api/client").status == 200


def test_slow_requests(private_installation):
    """Where the time of a slow request went: statements by their shape, without any value."""
    running = private_installation(slow_request_milliseconds="300")
    caller = running.client(running.admin_key)
    assert caller.get("/hosting/api/client").status == 200
    lock = threading.Thread(target=running.sql, args=("LOCK TABLES hosting_client WRITE; SELECT SLEEP(1.5)",))
    lock.start()
    wait_until(lambda: running.sql("SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'"), 5, "lock")
    slow = caller.post("/hosting/api/client", {"username": "secretive", "passwordHash": "$2y$10$" + "a" * 53,
                                               "emailAddress": "a@example.org"})
    lock.join()
    assert slow.status == 201, slow

    def lines(event):
        return [line for line in map(json.loads, running.log_file.read_text().splitlines()) if line["event"] == event]

    [line] = wait_until(lambda: lines("slow request"), 5, "its line")
    assert (line["id"], line["route"], line["level"]) == (slow.request_id, "/hosting/api/client", "warning")
    assert 300_000 <= line["database_microseconds"] <= line["microseconds"]
    statements = lines("slow statement")
    assert 1 <= len(statements) <= 3 and {statement["id"] for statement in statements} == {slow.request_id}
    assert statements[0]["sql"].startswith("INSERT INTO hosting_client") and statements[0]["runs"] == 1
    assert statements[0]["microseconds"] >= 300_000
    assert "secretive" not in running.log_file.read_text()
