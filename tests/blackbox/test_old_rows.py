"""What "clientele expire" takes away, and what it leaves, as callers see it."""

import json

import pytest

from harness.families import new_api_client, unique
from harness.installation import Installation

KEYS, CLIENTS, TOKENS = "/v1/api-keys", "/api/v1/admin/clients", "/api/v1/admin/registration-tokens"
AGO = {"long ago": "UTC_TIMESTAMP() - INTERVAL 3 DAY", "just now": "UTC_TIMESTAMP() - INTERVAL 1 DAY",
       "soon": "UTC_TIMESTAMP() + INTERVAL 1 DAY", "never": "NULL"}
RETENTIONS = {name: "48h" for name in ("credential_retention", "application_retention", "group_retention",
                                       "trace_retention", "report_retention", "seat_retention")}


@pytest.fixture(scope="module", name="running")
def a_pool():
    with Installation(workers=1, **RETENTIONS) as running:
        yield running


def expire(running, *arguments):
    """Rows of each kind."""
    return {row["what"]: row["rows"] for row in json.loads(running.cli("expire", "--json", *arguments))}


def expired(running, what, count):
    """Nothing else of any kind goes, and nothing at all by counting."""
    for arguments in (["--dry-run"], []):
        rows = expire(running, *arguments)
        assert rows.pop(what) == count and set(rows.values()) == {0}, (arguments, rows)


def end(running, table, column, rows):
    """Moves an end of each row; `rows` = {name: identifier}."""
    for when, identifier in rows.items():
        running.sql(f"UPDATE {table} SET {column} = {AGO[when]} WHERE id = '{identifier}'")


def keys(client, ids):
    return {row["id"] for row in client.get(f"{KEYS}?take=1000").json()["apiKeys"]} & set(ids)


def make_keys(client, names):
    return {name: client.post(KEYS, {"apiKey": {"name": unique("old")}}).json()["apiKeyId"] for name in names}


def test_keys_that_expired(running):
    client = running.client(running.admin_key)
    made = make_keys(client, AGO)
    end(running, "api_key", "expires_at", made)
    expired(running, "API keys", 1)
    assert keys(client, made.values()) == {made[when] for when in AGO if when != "long ago"}


def test_keys_that_were_revoked(running):
    """They count from when a run first found them revoked, and no more once they are valid again."""
    client = running.client(running.admin_key)
    made = make_keys(client, ("revoked", "restored"))
    for key in made.values():
        assert client.put(KEYS, {"apiKey": {"id": key, "revoked": True}}).status == 200
    expired(running, "API keys", 0)
    running.sql("UPDATE api_key SET revoked_at = revoked_at - INTERVAL 3 DAY WHERE revoked_at IS NOT NULL")
    assert client.put(KEYS, {"apiKey": {"id": made["restored"], "revoked": False}}).status == 200
    assert expire(running)["API keys"] == 1
    assert keys(client, made.values()) == {made["restored"]}
    assert running.sql("SELECT COUNT(*) FROM api_key WHERE revoked_at IS NOT NULL") == [["0"]]


def make_client(running):
    answer = running.client(running.admin_key).post(CLIENTS, new_api_client(running.admin_id))
    assert answer.status == 200, answer
    return answer.json()["ResponseData"]["Detail"]["ID"]


def test_clients_that_expired(running):
    made = {when: make_client(running) for when in AGO}
    end(running, "api_client", "expires_at", made)
    expired(running, "API clients", 1)
    client = running.client(running.admin_key)
    assert {when: client.get(f"{CLIENTS}/{made[when]}").status for when in AGO} == {
        "long ago": 404, "just now": 200, "soon": 200, "never": 200}


def test_secrets_that_expired(running):
    made = make_client(running)
    running.sql(f"INSERT INTO api_client_secret (client_id, number, secret_hash, expires_at) VALUES "
                f"('{made}', 5, 'x', {AGO['long ago']}), ('{made}', 6, 'x', {AGO['just now']}), "
                f"('{made}', 7, 'x', {AGO['soon']})")
    expired(running, "client secrets", 1)
    listed = running.client(running.admin_key).get(f"{CLIENTS}/{made}/secrets").json()["ResponseData"]["Detail"]
    assert [row["Number"] for row in listed] == [7, 6, 1]


def test_registration_tokens_that_ended(running):
    client = running.client(running.admin_key)
    made = {}
    for when in [*AGO, "used up long ago", "used up just now", "used long ago"]:
        answer = client.post(TOKENS, {"UserID": running.admin_id, "Name": when})
        assert answer.status == 200, answer
        made[when] = answer.json()["ResponseData"]["Detail"]["ID"]
    end(running, "oauth_registration_token", "expires_at", {when: made[when] for when in AGO})
    for when, left, used in (("used up long ago", 0, "long ago"), ("used up just now", 0, "just now"),
                             ("used long ago", 1, "long ago")):
        running.sql(f"UPDATE oauth_registration_token SET uses_left = {left}, last_used_at = {AGO[used]} "
                    f"WHERE id = {made[when]}")
    expired(running, "registration tokens", 2)
    left = {int(identifier) for identifier, in running.sql("SELECT id FROM oauth_registration_token")}
    assert left == {made[when] for when in made if when not in ("long ago", "used up long ago")}


def hello(running, group, code):
    answer = running.client(running.admin_key).post(
        "/api/ClientHello", {"ClientGroupId": group, "ClientCode": code, "AppName": code, "AppVersion": "1"})
    assert answer.status == 200, answer
    return answer.text


def test_applications_that_are_silent(running):
    """A group goes when it has been without any for as long; one that is new stays."""
    group, empty, new = (json.loads(running.cli("group", "create", unique("g"), "--json"))["id"] for _ in range(3))
    for code in ("silent", "heard"):
        hello(running, group, code)
    assert "silent" in hello(running, group, "heard")
    running.cli("associate", "silent", "heard", "--both", "--group", group)
    past = AGO["long ago"]
    running.sql(f"UPDATE discovery_client SET updated_at = {past} WHERE client_code = 'silent'; UPDATE discovery_group "
                f"SET created_at = {past}, synchronised_at = {past} WHERE id IN ('{group}', '{empty}')")
    assert expire(running, "--dry-run")["applications"] == 1
    rows = expire(running)
    assert (rows["applications"], rows["discovery groups"]) == (1, 1)
    assert running.sql("SELECT COUNT(*) FROM discovery_association") == [["0"]]
    left = {row["id"] for row in json.loads(running.cli("group", "list", "--json"))}
    assert {group, new} <= left and empty not in left
    shown = hello(running, group, "heard")
    assert "heard" in shown and "silent" not in shown
    running.sql("DELETE FROM discovery_client")
    assert expire(running)["discovery groups"] == 1


def test_traces_and_reports_that_are_old(running):
    client = running.client(running.admin_key)
    answer = client.post("/v1/customers", {"customer": {"company": "Acme"}})
    assert answer.status == 200, answer
    running.sql("INSERT INTO license (license_id, user_key) VALUES ('old rows', 'old rows')")
    for when in ("long ago", "just now"):
        running.sql(f"""INSERT INTO license_trace (license_id, client_name, created_at)
                SELECT id, '{when}', {AGO[when]} FROM license;
            INSERT INTO report (name, report_date) VALUES ('{when}', {AGO[when]});
            INSERT INTO report_property (name, report_id) VALUES ('{when}', LAST_INSERT_ID());
            INSERT INTO row_count (table_name, shard, count) VALUES ('license_trace', 0, 1), ('report', 0, 1)
                ON DUPLICATE KEY UPDATE count = count + 1""")
    rows = expire(running)
    assert (rows["license traces"], rows["reports"]) == (1, 1)
    traces = client.get("/v1/license-traces").json()
    assert [row["clientName"] for row in traces["licenseTraces"]] == ["just now"]
    assert traces["totalLicenseTracesCount"] == 1
    reports = client.get("/v1/reports?include=properties").json()
    assert [(row["name"], [one["name"] for one in row["properties"]]) for row in reports["reports"]] == [
        ("just now", ["just now"])]
    assert running.sql("SELECT COUNT(*) FROM report_property") == [["1"]]


@pytest.mark.parametrize("revival,left", [(None, 3), (0, 3), (60, 3), (30 * 86400, 4)])
def test_seats_whose_lease_has_ended(running, revival, left):
    """Those that a heartbeat may still take again, as their policy says, stay; and so do those without an end."""
    client = running.client(running.admin_key)
    made = client.post("/v1/licenses", {"license": {
        "licensingMode": 2, "userKey": unique("S"), "policy": {"revivalSeconds": revival}}}).json()
    for when in AGO:
        answer = client.post("/v1/license/request", {"userKey": made["userKey"], "machineId": when})
        assert answer.status == 200, answer
        running.sql(f"UPDATE license_token SET expire_date = {AGO[when]} WHERE machine_id = '{when}' "
                    f"AND license_id = {made['licenseId']}")
    expired(running, "seats", len(AGO) - left)
    seats = client.get(f"/v1/licenses/{made['licenseId']}/tokens").json()
    assert seats["totalLicenseTokensCount"] == left, seats
    assert {seat["machineId"] for seat in seats["licenseTokens"]} == set(AGO) - ({"long ago"} if left == 3 else set())
    total = client.get("/v1/license-tokens?countOnly=true").json()["licenseTokensCount"]
    assert [[str(total)]] == running.sql("SELECT COUNT(*) FROM license_token")
    assert client.delete(f"/v1/licenses/{made['licenseId']}").status == 200


def test_groups_that_were_deleted(running):
    for when in AGO:
        running.sql(f"INSERT INTO delegate_group (name, deleted_at) VALUES ('{when}', {AGO[when]})")
    expired(running, "delegate groups", 1)
    assert sorted(name for name, in running.sql("SELECT name FROM delegate_group")) == ["just now", "never", "soon"]


def test_what_is_kept_by_default(private_installation):
    running = private_installation(workers=1)
    kinds = {row["what"]: row["before"] for row in json.loads(running.cli("expire", "--json"))}
    assert {what for what, before in kinds.items() if before is None} == {
        "applications", "discovery groups", "license traces", "consumption entries", "reports"}
