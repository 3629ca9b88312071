"""From each schema that programs had, with rows, to the one of today; and what programs of before do meanwhile."""

import hashlib
import json
import re
import shutil
import urllib.parse
import uuid

import pytest

from harness.installation import TOP, Installation, wait_until

PROGRAMS = sorted(int(path.stem) for path in (TOP / "tests/golden/programs").glob("*.sql"))
NEWEST = len(list((TOP / "sql").glob("*.sql")))
SECRET, LATER_SECRET, CHANGED = "secret of before", "secret of meanwhile", "changed"
HASHES = {
    SECRET: "$2y$05$abcdefghijklmnopqrstuu1KSsQJRRHJIipenOE6YX4DKxSuWDnN6",
    LATER_SECRET: "$2y$05$abcdefghijklmnopqrstuuk3RbLwp29JcrL4xzK7etDjIk45Wrr7S",
    CHANGED: "$2y$05$abcdefghijklmnopqrstuuZHDdPPl57vGSi2Jpi.TeOSHlzyP0rb6",
}
KEY = "api_" + "k" * 24


@pytest.fixture(scope="module")
def running():
    made = Installation(workers=1).start()
    made.role, = made.sql("SELECT role_id FROM user_role LIMIT 1")[0]
    yield made
    made.finish()


def begin(running, schema, folder):
    """An empty database with that schema, while today's pool waits for its own."""
    folder.mkdir()
    for path in sorted((TOP / "sql").glob("*.sql"))[:schema]:
        shutil.copy(path, folder)
    running.sql("DROP DATABASE clientele; CREATE DATABASE clientele CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
                database="")
    said = running.cli("migrate", "--dir", folder, check=False)
    assert f"The schema now has version {schema}" in said.stderr or schema == NEWEST, said.stderr


def number(name):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def write_first_rows(running, schema):
    """What a program of that schema has stored, in columns that it had."""
    user = number("user")
    key = hashlib.sha256(KEY.encode()).hexdigest()
    running.sql(f"""
        SET SESSION sql_mode = ''; -- what a row leaves out is not what this is about
        INSERT INTO user (id, user_name, email) VALUES ('{user}', 'anna', 'a@example.org');
        INSERT INTO user_role (user_id, role_id) VALUES ('{user}', '{running.role}');
        INSERT INTO api_key (name, key_hash, key_prefix, owner_id)
            VALUES ('old', X'{key}', 'api_kkkk', '{user}');
        INSERT INTO discovery_group (id, group_name) VALUES ('{number("group")}', 'g');
        INSERT INTO discovery_client (id, group_id, client_code, token, added_at, updated_at)
            VALUES ('{number("client")}', '{number("group")}', 'c', 't', NOW(), NOW());
        INSERT INTO hosting_client (id, username, first_name, last_name, email_address, password_hash)
            VALUES ('0000001', 'account', 'A', 'B', 'h@example.org', '{HASHES[SECRET]}');
        INSERT INTO hosting_domain (id, client_id, name, path) VALUES ('0000002', '0000001', 'one.example', '/a');
        INSERT INTO delegate_group (id, name) VALUES (1, 'delegates')""")
    write_client(running, schema, "before", SECRET)
    if schema >= 2:
        running.sql(f"""
            SET SESSION sql_mode = '';
            INSERT INTO product (id, name) VALUES (1, 'Engine');
            INSERT INTO customer (id, company) VALUES (1, 'Acme');
            INSERT INTO resource (id, name, type) VALUES (1, 'mail', 'email');
            INSERT INTO log_entry (message, level, time_stamp) VALUES ('old entry', 'Information', NOW());
            INSERT INTO row_count (table_name, shard, count) VALUES ('product', 0, 1), ('customer', 0, 1),
                ('resource', 0, 1), ('log_entry', 0, 1)""")


def write_mail(running, schema, *deliveries):
    """Mail as programs before schema 13 keep it: a recipient, a state, and when it is tried next."""
    if not 3 <= schema < 13:
        return
    for name, status, moment in deliveries:
        running.sql(f"""
            INSERT INTO mail_message (id, recipients, subject, body, created_at)
                VALUES ('{number(name)}', '[]', '{name}', 'text', NOW() - INTERVAL 1 HOUR);
            INSERT INTO mail_outbox (message_id, email, status, attempts, next_attempt_at, last_error, sent_at)
                VALUES ('{number(name)}', '{name}@example.org', '{status}', 2, UTC_TIMESTAMP(6) + INTERVAL {moment},
                        IF('{status}' = 'failed', 'refused', NULL), IF('{status}' = 'sent', NOW(), NULL))""")


def moved_mail(running):
    return running.sql("SELECT q.payload, m.subject, q.state, q.attempts, COALESCE(q.last_error, '') FROM queue_item q "
                       "JOIN mail_message m ON m.id = q.content_id WHERE q.kind = 'mail' ORDER BY m.subject")


def moved(name, state, error=""):
    return [f"{name}@example.org", name, state, "2", error]


def write_client(running, schema, name, secret):
    """An API client; since schema 5 its secrets are rows of their own."""
    identifier = number(name)
    running.sql(f"INSERT INTO api_client (id, name, user_id, secret_hash) VALUES ('{identifier}', '{name}', "
                f"'{number('user')}', '{HASHES[secret] if schema < 5 else ''}')")
    if schema >= 5:
        running.sql(f"INSERT INTO api_client_secret (client_id, number, secret_hash) VALUES ('{identifier}', 1, "
                    f"'{HASHES[secret]}')")


def logs_in(running, name, secret):
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": number(name),
                                   "client_secret": secret})
    answer = running.client().post("/Token", form.encode(), content_type="application/x-www-form-urlencoded",
                                   check=False)
    return answer.status == 200


def tables(running):
    return sorted(name for name, in running.sql(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'clientele' AND TABLE_NAME NOT LIKE "
        "'schema_%' AND TABLE_TYPE = 'BASE TABLE'"))


def counts(running, names):
    return {name: int(running.sql(f"SELECT COUNT(*) FROM `{name}`")[0][0]) for name in names}


@pytest.mark.parametrize("schema", PROGRAMS)
def test_rows_of_each_schema(running, tmp_path, schema):
    begin(running, schema, tmp_path / "sql")
    write_first_rows(running, schema)
    write_mail(running, schema, ("due", "queued", "-1 SECOND"), ("gone", "failed", "-1 SECOND"),
               ("held", "queued", "9 MINUTE"), ("sent", "sent", "-1 DAY"))
    before = counts(running, set(tables(running)) - {"mail_outbox"})
    running.cli("migrate", "--dir", TOP / "sql")
    after = counts(running, before)
    assert {name: after[name] for name in before if after[name] < before[name]} == {}
    wait_until(lambda: running.client().get("/readyz").status == 200, "readiness")
    client = running.client(KEY)
    for path, word in (("/v1/users", "anna"), ("/hosting/api/client", "account"),
                       ("/hosting/api/client/0000001/domain", "one.example"),
                       *((("/v1/products", "Engine"), ("/v1/customers", "Acme"), ("/v1/resources", "mail"),
                          ("/v1/log", "old entry")) if schema >= 2 else ())):
        answer = client.get(path, check=False)
        assert answer.status == 200 and word in answer.text, (path, answer)
    assert logs_in(running, "before", SECRET)
    if 3 <= schema < 13:
        # Somebody may be at work on the one whose lease has not ended.
        found = [moved("due", "waiting"), moved("gone", "dead", "refused"), moved("sent", "done")]
        assert moved_mail(running) == found
        assert running.sql("SELECT email FROM mail_outbox") == [["held@example.org"]]
    # Once more changes nothing.
    assert "applied" not in running.cli("migrate", "--dir", TOP / "sql")
    assert logs_in(running, "before", SECRET)


@pytest.mark.parametrize("schema", [schema for schema in PROGRAMS if schema < NEWEST])
def test_programs_of_before_go_on(running, tmp_path, schema):
    """Each statement of theirs is still understood, and what they write is found where it belongs now."""
    begin(running, schema, tmp_path / "sql")
    write_first_rows(running, schema)
    running.cli("migrate", "--dir", TOP / "sql")
    text = (TOP / f"tests/golden/programs/{schema:03}.sql").read_text()
    statements = [line.rstrip(";") for line in text.splitlines() if line and not line.startswith("--")]
    quoted = [statement.replace("\\", "\\\\").replace("'", "''") for statement in statements]
    running.sql("\n".join(f"PREPARE s FROM '{statement}';" for statement in quoted))
    write_client(running, schema, "meanwhile", LATER_SECRET)
    if schema < 5:
        # One that has changed the secret of an API client, too: the former one counts no more.
        running.sql(f"UPDATE api_client SET secret_hash = '{HASHES[CHANGED]}' WHERE id = '{number('before')}'")
    if 2 <= schema < 9:
        running.sql(f"UPDATE user SET birth_date = '1980-05-04' WHERE id = '{number('user')}'")
    write_mail(running, schema, ("held", "queued", "9 MINUTE"), ("meanwhile", "queued", "0 SECOND"))
    running.cli("expire")
    if 3 <= schema < 13:
        assert moved_mail(running) == [moved("meanwhile", "waiting")]
        running.sql("UPDATE mail_outbox SET next_attempt_at = UTC_TIMESTAMP(6)")
        running.cli("expire")
        assert moved_mail(running) == [moved("held", "waiting"), moved("meanwhile", "waiting")]
        assert running.sql("SELECT COUNT(*) FROM mail_outbox") == [["0"]]
    assert logs_in(running, "meanwhile", LATER_SECRET)
    assert logs_in(running, "before", CHANGED if schema < 5 else SECRET)
    assert not logs_in(running, "before", SECRET) or schema >= 5
    assert running.sql("SELECT COUNT(*) FROM api_client WHERE secret_hash <> ''") == [["0"]]
    if 2 <= schema < 9:
        assert running.sql("SELECT DATE(born_at) FROM user WHERE birth_date IS NOT NULL") == [["1980-05-04"]]
    if schema < 5:
        assert int(running.sql("SELECT MAX(compatible_from) FROM schema_version")[0][0]) == 5


PARTS = {"license_assembly": "assemblies", "license_field": "fields", "license_feature": "features",
         "license_restriction": "restrictions"}
NARROW = [4, 11]
LAST = 2147483647


@pytest.mark.parametrize("schema", NARROW)
def test_parts_have_one_owner(running, tmp_path, schema):
    begin(running, schema, tmp_path / "sql")
    write_first_rows(running, schema)
    running.sql("INSERT INTO license (id, license_id, user_key) VALUES (1, 'L', 'U'); "
                "INSERT INTO license_template (id, name) VALUES (1, 'T')")
    for table in PARTS:
        running.sql(f"INSERT INTO {table} (name, license_id, template_id) VALUES ('of the license', 1, NULL), "
                    "('of the template', NULL, 1), ('of both', 1, 1), ('of none', NULL, NULL)")
    running.cli("migrate", "--dir", TOP / "sql")
    wait_until(lambda: running.client().get("/readyz").status == 200, "readiness")
    client = running.client(KEY)
    include = "?include=" + ",".join(PARTS.values())
    for path, member, names in ((f"/v1/licenses{include}", "licenses", ["of the license", "of both"]),
                                (f"/v1/license-templates{include}", "licenseTemplates", ["of the template"])):
        [row] = client.get(path).json()[member]
        assert {list_name: [part["name"] for part in row[list_name]] for list_name in PARTS.values()} == dict.fromkeys(
            PARTS.values(), names), path
    for table in PARTS:
        assert running.sql(f"SELECT COUNT(*) FROM {table}") == [["3"]]
        for license_id, template_id in ((1, 1), ("NULL", "NULL")):
            with pytest.raises(AssertionError, match=f"{table}.template_id"):
                running.sql(f"INSERT INTO {table} (name, license_id, template_id) VALUES ('bad', {license_id}, {template_id})")
            with pytest.raises(AssertionError, match=f"{table}.template_id"):
                running.sql(f"UPDATE {table} SET license_id = {license_id}, template_id = {template_id}")


def test_lists_are_json(running, tmp_path):
    begin(running, NEWEST, tmp_path / "sql")
    write_first_rows(running, NEWEST)
    for table, column in (("api_client", "metadata"), ("api_key", "allowed_networks")):
        running.sql(f"UPDATE {table} SET {column} = '[]'")
        with pytest.raises(AssertionError, match=f"{table}.{column}"):
            running.sql(f"UPDATE {table} SET {column} = '[192.0.2.1]'")


def narrow_columns(running):
    found = json.loads(running.cli("doctor", "--json", check=False).stdout)
    return [finding["finding"].split()[0] for finding in found if "ends at 2,147,483,647" in finding["finding"]]


def write_last_numbers(running, schema):
    write_first_rows(running, schema)
    running.sql(f"""INSERT INTO license (id, license_id, user_key) VALUES (1, 'L', 'U');
        INSERT INTO license_trace (id, license_id, client_name) VALUES ({LAST}, 1, 'last');
        INSERT INTO report (id, name) VALUES ({LAST}, 'last');
        INSERT INTO report_property (id, report_id, name) VALUES ({LAST}, {LAST}, 'last');
        UPDATE hosting_domain SET call_count = {LAST};
        INSERT IGNORE INTO hosting_domain (id, client_id, name, path, call_count)
            VALUES ('0000003', '0000001', 'two.example', '/', 2)""")


@pytest.mark.parametrize("schema", NARROW)
def test_numbers_go_on(running, tmp_path, schema):
    """Where a table is small, what comes after the last number of 32 bits is stored, and found."""
    begin(running, schema, tmp_path / "sql")
    write_last_numbers(running, schema)
    running.cli("migrate", "--dir", TOP / "sql")
    wait_until(lambda: running.client().get("/readyz").status == 200, "readiness")
    client = running.client(KEY)
    running.sql(f"""INSERT INTO license_trace (license_id, client_name) VALUES (1, 'next');
        INSERT INTO report (name) VALUES ('next');
        INSERT INTO report_property (report_id, name) VALUES ({LAST + 1}, 'next')""")
    running.cli("hosting", "calls", "0000002", "5")
    for number, name in ((LAST, "last"), (LAST + 1, "next")):
        [report] = client.get(f"/v1/reports?filter=id%20%3D%20{number}&include=properties").json()["reports"]
        assert (report["id"], report["name"]) == (number, name)
        assert [(one["id"], one["reportId"], one["name"]) for one in report["properties"]] == [(number, number, name)]
        [trace] = client.get(f"/v1/license-traces?filter=id%20%3D%20{number}").json()["licenseTraces"]
        assert (trace["id"], trace["clientName"]) == (number, name)
    account = client.get("/hosting/api/client/0000001").json()
    assert account["widgetDisplayCount"] == LAST + 5 + 2 and account["domainCount"] == 2
    assert client.call("DELETE", "/v1/license-traces", {"traceId": LAST + 1}).status == 200
    assert client.delete(f"/v1/reports/{LAST + 1}").status == 200
    assert running.sql("SELECT name FROM report_property") == [["last"]] == running.sql("SELECT client_name FROM license_trace")
    assert narrow_columns(running) == []
    assert running.sql("SELECT ROW_FORMAT, CREATE_OPTIONS FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'clientele' "
                       "AND TABLE_NAME = 'hosting_domain'") == [["Dynamic", "row_format=DYNAMIC"]]


def test_large_tables_stay_as_they_are(running, tmp_path):
    """Nobody waits for a copy of them; the doctor names them, and the statements of the manual widen them."""
    begin(running, 11, tmp_path / "sql")
    write_last_numbers(running, 11)
    running.sql("""INSERT INTO license_trace (id, license_id) SELECT seq, 1 FROM seq_1_to_10000;
        INSERT INTO report_property (id, report_id, name) SELECT seq, 2147483647, 'p' FROM seq_1_to_10000;
        INSERT INTO hosting_domain (id, client_id, name) SELECT LPAD(seq, 7, 'a'), '0000001', CONCAT(seq, '.example')
            FROM seq_1_to_10000""")
    running.cli("migrate", "--dir", TOP / "sql")
    wait_until(lambda: running.client().get("/readyz").status == 200, "readiness")
    assert narrow_columns(running) == ["hosting_domain.call_count", "license_trace.id", "report.id", "report_property.id",
                                       "report_property.report_id"]
    client = running.client(KEY)
    running.cli("hosting", "calls", "0000002", "5")
    assert client.get("/hosting/api/client/0000001").json()["widgetDisplayCount"] == LAST + 2
    manual = (TOP / "docs/operations.md").read_text().split("## Migrations")[1].split("\n## ")[0]
    for statements in re.findall("```sql\n(.*?)```", manual, re.DOTALL):
        running.sql(statements)
    assert narrow_columns(running) == []
    running.cli("hosting", "calls", "0000002", "5")
    assert client.get("/hosting/api/client/0000001").json()["widgetDisplayCount"] == LAST + 7
    assert client.delete(f"/v1/reports/{LAST}").status == 200
    assert running.sql("SELECT COUNT(*) FROM report_property") == [["0"]]


@pytest.mark.parametrize("version, reason", [("10.6.18-MariaDB", "the server has version 10.6.18-MariaDB"),
                                             ("8.0.36", "the server is not MariaDB")])
def test_servers_that_are_not_for_us(private_installation, monkeypatch, version, reason):
    """Whoever connects says so first: the pool, and the commands that make, change and examine the database."""
    running = private_installation(workers=1)
    running.kill_database()
    monkeypatch.setenv("CLIENTELE_TEST_OPTIONS", f"--version={version}")
    running.start_database()
    assert running.client(running.admin_key).get("/v1/users").status == 503
    wait_until(lambda: reason in running.log_file.read_text(), "the log")
    for command in (["setup-db", "--dir", TOP / "sql"], ["migrate", "--dir", TOP / "sql"], ["doctor"], ["user", "list"]):
        result = running.cli(*command, check=False)
        assert result.returncode == 1 and reason in result.stdout + result.stderr, (command, result)
        assert "MariaDB 10.10 or newer" in result.stdout + result.stderr, (command, result)
    told = [line for line in running.log_file.read_text().splitlines() if '"database host does not serve"' in line]
    assert len([line for line in told if reason in line and '"reason":"unsupported version"' in line]) == 1, told
