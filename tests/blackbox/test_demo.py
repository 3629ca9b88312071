"""The example data of quickstart: whole and consistent, loaded in a moment, and once."""

import json
import re

import pytest

from harness import demo as example
from harness.doc_tables import OPENAPI
from harness.installation import TOP, Installation, wait_until

SECONDS = 5  # as promised, for a computer that has nothing else to do; here others may run beside it


def rows(running):
    """How many of each table."""
    return {table: int(running.sql(f"SELECT COUNT(*) FROM `{table}`")[0][0]) for [table] in running.sql("SHOW TABLES")}


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("quickstart")


@pytest.fixture(scope="module")
def demo(every_installation_is_finished, state):
    with Installation() as running:
        running.seconds = example.load(running, state)
        yield running


def one(demo, statement):
    return int(demo.sql(statement)[0][0])


def test_it_is_loaded_in_a_moment(demo):
    """Few calls, and short ones."""
    lines = [json.loads(line) for line in demo.log_file.read_text(encoding="utf-8").splitlines()]
    calls = [line for line in lines if line["event"] == "request"]
    assert len(calls) < 450
    assert demo.seconds < 6 * SECONDS


def test_there_is_something_of_everything(demo):
    found = rows(demo)
    least = {"customer": 60, "contact": 90, "customer_order": 100, "order_product": 30, "product": 5, "product_release": 15,
             "assembly": 6, "license_template": 7, "license": 150, "license_token": 90, "license_trace": 3000, "report": 30,
             "report_property": 90, "license_consumption_entry": 20, "log_entry": 1000, "audit_entry": 500, "webhook": 3,
             "webhook_delivery": 60, "queue_item": 60, "api_client": 3, "api_key": 4, "user": 10, "delegate": 10, "delegate_group": 7,
             "delegate_client": 46, "delegate_association": 40, "hosting_client": 10, "hosting_domain": 20,
             "discovery_group": 4, "discovery_client": 30, "signing_key": 1, "seat_day": 365}
    assert {name: found[name] for name in least if found[name] < least[name]} == {}


def test_a_delegate_may_sign_in(demo):
    key = demo.create_key("hedda.harbour")
    group, = demo.client(key).get("/api/delegates/me").json()
    assert (group["groupName"], group["canManageClients"]) == ("Harbour day centre", True)
    path = f"/api/delegategroups/{group['delegateGroupId']}"
    assert demo.client(key).get(f"{path}/clients").json() and len(demo.client(key).get(f"{path}/delegates").json()) == 2


def test_loading_it_again_changes_nothing(demo, state):
    before = rows(demo)
    example.load(demo, state)
    after = rows(demo)
    # Sessions and counters of the service itself may move on.
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}


def test_every_state_is_there(demo):
    """Of licenses, seats, orders, deliveries and applications."""
    for condition in (
            "licensing_mode = 0", "licensing_mode = 1 AND max_allowed_sites = 1", "licensing_mode = 1 AND max_allowed_sites > 1",
            "licensing_mode = 2", "revoked", "suspended", "expire_date < UTC_TIMESTAMP()", "policy_offline_seconds > 0",
            "NOT revoked AND expire_date BETWEEN UTC_TIMESTAMP() AND UTC_TIMESTAMP() + INTERVAL 30 DAY",
            "id IN (SELECT license_id FROM license_token GROUP BY license_id HAVING COUNT(*) = max_allowed_sites AND COUNT(*) > 2)",
            "id IN (SELECT license_id FROM license_counter)", "traced", *(f"format = {number}" for number in range(5))):
        assert one(demo, f"SELECT COUNT(*) FROM license WHERE {condition}"), condition
    for table, condition in (
            ("license_token", "expire_date < UTC_TIMESTAMP()"), ("license_token", "expire_date > UTC_TIMESTAMP()"),
            ("license_token", "offline_until > UTC_TIMESTAMP()"), ("license_token", "last_heartbeat < UTC_TIMESTAMP() - INTERVAL 14 DAY"),
            ("discovery_client", "updated_at < UTC_TIMESTAMP() - INTERVAL 7 DAY"), ("user", "NOT enabled"),
            ("discovery_client", "updated_at > UTC_TIMESTAMP() - INTERVAL 1 HOUR"), ("hosting_client", "NOT active"),
            ("webhook", "NOT enabled"), ("webhook", "last_failure_at > last_success_at"), ("delegate_association", "expiry_date < UTC_TIMESTAMP()"),
            *(("queue_item", f"kind = 'webhook' AND state = '{state}'") for state in ("waiting", "done", "dead")),
            *(("log_entry", f"level = '{level}'") for level in ("Verbose", "Debug", "Information", "Warning", "Error", "Fatal")),
            *(("customer_order", f"status = '{status}'") for status in ("paid", "open", "cancelled", "refunded"))):
        assert one(demo, f"SELECT COUNT(*) FROM {table} WHERE {condition}"), (table, condition)
    assert one(demo, "SELECT COUNT(DISTINCT role_id) FROM user_role") == 8


def test_it_has_a_year_behind_it(demo):
    """By day, on work days, and in the order of numbers; nothing is of tomorrow."""
    for table, moment in (("license_trace", "created_at"), ("log_entry", "time_stamp"), ("audit_entry", "made_at")):
        months = one(demo, f"SELECT COUNT(DISTINCT DATE_FORMAT({moment}, '%Y-%m')) FROM {table}")
        assert months >= 12, table
        assert one(demo, f"SELECT COUNT(*) FROM {table} WHERE {moment} > UTC_TIMESTAMP() + INTERVAL 1 MINUTE") == 0, table
    assert one(demo, "SELECT COUNT(*) FROM license_trace WHERE HOUR(created_at) BETWEEN 6 AND 18") > 0.95 * one(
        demo, "SELECT COUNT(*) FROM license_trace")
    for table, moment in (("license_trace", "created_at"), ("log_entry", "time_stamp")):
        behind = one(demo, f"SELECT COUNT(*) FROM (SELECT {moment} < LAG({moment}) OVER (ORDER BY id) AS late FROM {table}) t WHERE late")
        assert behind < 20, table
    assert one(demo, "SELECT COUNT(*) FROM license_trace WHERE meta IS NOT NULL") > 100
    assert one(demo, "SELECT COUNT(*) FROM license l JOIN customer c ON c.id = l.customer_id WHERE c.created_at > l.created_at") == 0


def assert_counted(demo):
    """What is kept of tables is what is in them; traces of calls come a moment after their answers."""
    def wrong():
        return [table for [table, count] in demo.sql("SELECT table_name, SUM(count) FROM row_count GROUP BY table_name")
                if one(demo, f"SELECT COUNT(*) FROM {table}") != int(count)]

    wait_until(lambda: wrong() == [], "the kept numbers")


def test_kept_numbers_are_right(demo):
    assert_counted(demo)
    client = demo.client(demo.admin_key)
    info = client.get("/v1/info").json()
    assert info["totalLicenses"] == one(demo, "SELECT COUNT(*) FROM license")
    assert info["activeTokens"] == one(demo, "SELECT COUNT(*) FROM license_token WHERE COALESCE(expire_date > UTC_TIMESTAMP(6), TRUE)")
    levels = client.get("/v1/log/levels?intervals=12").text
    assert sum(map(int, re.findall(r'"count":(\d+)', levels))) <= one(demo, "SELECT COUNT(*) FROM log_entry")
    # What was used is the sum of what the ledger says.
    assert demo.sql("SELECT c.id FROM license_consumption c WHERE c.used <> (SELECT SUM(e.amount) FROM license_consumption_entry e "
                    "WHERE e.license_id = c.license_id AND e.feature = c.feature AND e.action = 'consume')") == []


# Of each kind of identifier in paths, one that has something below it.
IDENTIFIERS = {
    "userId": "SELECT user_id FROM user_role LIMIT 1", "licenseId": "SELECT license_id FROM license_consumption_entry LIMIT 1",
    "templateId": "SELECT template_id FROM license LIMIT 1", "customerId": "SELECT customer_id FROM license LIMIT 1",
    "productId": "SELECT product_id FROM product_release LIMIT 1", "orderId": "SELECT order_id FROM order_product LIMIT 1",
    "releaseId": "SELECT MIN(id) FROM product_release WHERE product_id = (SELECT product_id FROM product_release LIMIT 1)",
    "webhookId": "SELECT webhook_id FROM webhook_delivery LIMIT 1", "delegateGroupId": "SELECT group_id FROM delegate_association LIMIT 1",
    "clientId": "SELECT client_id FROM hosting_domain LIMIT 1", "signingKeyId": "SELECT id FROM signing_key LIMIT 1"}


def lists():
    """Addresses of lists that a key may read."""
    for path, item in OPENAPI["paths"].items():
        operation = item.get("get", {})
        takes_key = any("apiKey" in way for way in operation.get("security", []))
        # An account's own key is nobody's here.
        own = operation.get("x-access", {}).get("other") == "account"
        if operation.get("x-kind") == "list" and takes_key and not own and set(re.findall(r"\{(\w+)\}", path)) <= set(IDENTIFIERS):
            yield path, "?include=*" if "include" in {one.get("name") for one in operation["parameters"]} else ""


@pytest.mark.parametrize("media", ["json", "xml"])
def test_every_list_can_be_read(demo, media):
    """As the console reads them, with what belongs to each row."""
    client = demo.client(demo.admin_key)
    found = list(lists())
    assert len(found) > 35
    for path, query in found:
        for name, statement in IDENTIFIERS.items():
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", demo.sql(statement)[0][0])
        answer = client.get(path + query, accept=f"application/{media}")
        assert answer.status == 200, (path, answer)


def test_licenses_can_be_used(demo):
    """Those that programs have seats of, by their keys, and their documents."""
    client = demo.client(demo.admin_key)
    [[key, machine, name]] = demo.sql("SELECT l.user_key, t.machine_id, t.client_id FROM license l JOIN license_token t ON t.license_id = l.id "
                                      "WHERE l.licensing_mode = 1 AND l.expire_date > UTC_TIMESTAMP() + INTERVAL 1 DAY AND t.expire_date IS NULL LIMIT 1")
    answer = client.post("/v1/license/validate", {"userKey": key, "machineId": machine, "clientId": name})
    assert answer.status == 200, answer
    assert one(demo, "SELECT COUNT(*) FROM license WHERE license_key IS NULL OR signed_by_id IS NULL") == 0


def test_its_past_expires(demo):
    """As that of any other business: of the log, three months are kept."""
    demo.cli("expire")
    assert 100 < one(demo, "SELECT COUNT(*) FROM log_entry") < 900
    assert one(demo, "SELECT COUNT(*) FROM log_entry WHERE time_stamp < UTC_TIMESTAMP() - INTERVAL 91 DAY") == 0
    assert_counted(demo)
    for table, moment in (("log_entry", "time_stamp"), ("license_trace", "created_at")):
        until = demo.sql(f"SELECT counted_until FROM row_tally WHERE table_name = '{table}'")[0][0]
        counted = one(demo, f"SELECT COALESCE(SUM(entries), 0) FROM {table}_tally WHERE hours = 1")
        assert counted == one(demo, f"SELECT COUNT(*) FROM {table} WHERE {moment} < '{until}'") > 100, table


def test_nothing_leads_to_real_places():
    """Names of hosts are reserved ones, and addresses those of documentation and of private networks."""
    for path in (TOP / "demo").rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        for host in re.findall(r"(?:@|://)([a-z0-9-]+(?:\.[a-z0-9-]+)+)", text):
            assert re.search(r"(?:^|\.)(?:example|example\.(?:com|org|net))$", host), (path, host)
        for address in re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text):
            assert re.match(r"(?:10|127|192\.168|192\.0\.2|198\.51\.100|203\.0\.113|[1-5])\.", address), (path, address)
