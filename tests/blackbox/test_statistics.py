"""What the start page of the console is made of: each number beside what the rows say, who sees which, what it costs."""

import datetime
import json
import random

import pytest

from harness.families import unique
from harness.installation import Installation
from harness.plans import explain, statements
from harness.sight import Viewers
from harness.waiting import wait_until

PATH = "/v1/statistics"
PARTS = {"licenses", "seats", "activity", "reports", "webhooks", "mail", "pool"}
NEW = "INSERT INTO row_count (table_name, shard, count) VALUES ('{0}', -1, {1}) ON DUPLICATE KEY UPDATE count = count + {1}"


@pytest.fixture(scope="module")
def running():
    with Installation(workers=2) as made:
        yield made


@pytest.fixture
def admin(running):
    return running.client(running.admin_key)


def ask(client, **parameters):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    answer = client.get(PATH + ("?" + query if query else ""))
    assert answer.status == 200, answer
    return answer.json()


# --- licenses ---


@pytest.fixture(scope="module")
def licenses(running):
    """Licenses of two products and of none, of several types, modes, states and ends."""
    client = running.client(running.admin_key)
    now = datetime.datetime.now(datetime.timezone.utc)

    def insert(path, member, key, **members):
        answer = client.post(path, {member: members})
        assert answer.status == 200, answer
        return answer.json()[key]

    products = [insert("/v1/products", "product", "productId", name=name) for name in ("Paint", "Draw")]
    templates = [insert("/v1/license-templates", "licenseTemplate", "templateId", name=unique("t"), productId=product)
                 for product in (products[0], products[0], products[1])]

    def add(count, **members):
        if "days" in members:
            members["expireDate"] = (now + datetime.timedelta(days=members.pop("days"))).isoformat()
        return [insert("/v1/licenses", "license", "licenseId", **members) for _ in range(count)]

    add(2, templateId=templates[0], licenseType="Trial", licensingMode=1, maxAllowedSites=3, days=5)
    add(1, templateId=templates[1], licenseType="Trial", licensingMode=2, maxAllowedSites=10, days=20)
    add(3, templateId=templates[2], licenseType="Full", licensingMode=2, days=60)
    add(1, licenseType="full", licensingMode=0, days=-1)
    add(1, licensingMode=2, maxAllowedSites=7, revoked=True, days=5)
    add(1, licensingMode=2, maxAllowedSites=4, suspended=True, days=5)
    add(1, licensingMode=1)
    return products


def counted(rows, name):
    return {row[name]: row["licenses"] for row in rows}


def test_licenses(admin, licenses):
    part = ask(admin)["licenses"]
    assert part["total"] == 10
    assert [(row["productId"], row["name"], row["licenses"]) for row in part["products"]] == [
        (None, None, 4), (licenses[0], "Paint", 3), (licenses[1], "Draw", 3)]
    assert {name if name is None else name.lower(): count for name, count in counted(
        part["types"], "licenseType").items()} == {"full": 4, "trial": 3, None: 3}
    assert counted(part["modes"], "licensingMode") == {0: 1, 1: 3, 2: 6}
    assert counted(part["states"], "state") == {"active": 8, "revoked": 1, "suspended": 1}
    assert part["expired"] == 1
    assert [part[f"expiringWithin{days}Days"] for days in (7, 30, 90)] == [2, 3, 6]
    assert (part["activationSeatsAllowed"], part["activationUnlimited"]) == (6, 1)
    assert (part["floatingSeatsAllowed"], part["floatingUnlimited"]) == (14, 3)


def test_many_products_and_types(private_installation):
    """The largest of them."""
    running = private_installation(workers=1)
    running.sql("""INSERT INTO product (id, name) SELECT seq, CONCAT('P', seq) FROM seq_1_to_30;
        INSERT INTO license_template (id, name, product_id) SELECT seq, CONCAT('T', seq), seq FROM seq_1_to_30;
        INSERT INTO license (license_id, user_key, template_id, license_type) SELECT CONCAT(t.id, '-', seq),
            CONCAT(t.id, '-', seq), t.id, CONCAT('type ', t.id) FROM license_template t JOIN seq_1_to_30 ON seq <= t.id""")
    part = ask(running.client(running.admin_key))["licenses"]
    assert [row["name"] for row in part["products"]] == [f"P{number}" for number in range(30, 10, -1)]
    assert [row["licenseType"] for row in part["types"]] == [f"type {number}" for number in range(30, 10, -1)]
    assert part["total"] == sum(range(31))


def test_large_numbers_are_kept(private_installation):
    running = private_installation(workers=1, list_heavy_rows=10)
    client = running.client(running.admin_key)

    def add(count):
        for _ in range(count):
            assert client.post("/v1/licenses", {"license": {"licenseType": "Trial"}}).status == 200

    add(12)
    part = ask(client)["licenses"]
    add(3)
    assert ask(client)["licenses"] == part and part["total"] == 12
    running.sql("UPDATE license_tally SET counted_at = counted_at - INTERVAL 6 MINUTE WHERE id = 2")
    assert ask(client)["licenses"]["total"] == 15
    assert running.sql("SELECT kind, word, licenses FROM license_figure ORDER BY kind, word") == [
        ["active", "later", "15"], ["mode", "0", "15"], ["product", "0", "15"], ["type", "Trial", "15"]]


# --- seats ---


def test_seats(private_installation):
    running = private_installation(workers=1)
    client = running.client(running.admin_key)
    for mode, count in ((1, 2), (2, 3)):
        made = client.post("/v1/licenses", {"license": {"licensingMode": mode}}).json()["licenseId"]
        for _ in range(count):
            assert client.post(f"/v1/licenses/{made}/tokens", {"licenseToken": {}}).status == 200
    running.sql("INSERT INTO seat_day VALUES (UTC_DATE() - INTERVAL 3 DAY, 9, 4, 5), (UTC_DATE() - INTERVAL 40 DAY, 1, 1, 0)")
    part = ask(client)["seats"]
    assert (part["taken"], part["activationSeats"], part["floatingSeats"]) == (5, 2, 3)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert [(row["date"], row["seats"], row["activationSeats"], row["floatingSeats"]) for row in part["days"]] == [
        (str(today - datetime.timedelta(days=3)), 9, 4, 5), (str(today), 5, 2, 3)]
    assert len(ask(client, days=90)["seats"]["days"]) == 3
    # A day keeps its most.
    running.sql("DELETE FROM license_token")
    assert [ask(client)["seats"][name] for name in ("taken", "activationSeats")] == [0, 0]
    assert ask(client)["seats"]["days"][-1]["seats"] == 5
    running.sql("DELETE FROM seat_day")
    running.cli("expire")
    assert running.sql("SELECT day = UTC_DATE(), seats FROM seat_day") == [["1", "0"]]


# --- activity ---


def program(made, machine):
    return {"userKey": made["userKey"], "machineId": machine, "clientId": "Paint", "clientName": "PC of Anna"}


def test_what_programs_do(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made = client.post("/v1/licenses", {"license": {"licensingMode": 1, "maxAllowedSites": 2, "trace": True}}).json()

    def call(name, machine, status):
        answer = anybody.post(f"/v1/license/{name}", program(made, machine))
        assert answer.status == status, answer

    for machine, status in (("M-1", 200), ("M-2", 200), ("M-3", 409)):
        call("activate", machine, status)
    call("validate", "M-1", 200)
    call("validate", "M-9", 409)
    call("deactivate", "M-1", 200)
    call("request", "M-1", 403)
    wait_until(lambda: running.sql("SELECT COUNT(*) FROM license_trace") == [["7"]], "the traces")
    part = ask(client)["activity"]
    today = part["days"][-1]
    assert (today["activations"], today["releases"], today["validations"], today["refusals"]) == (2, 1, 1, 3)
    assert {(row["code"], row["reason"], row["refusals"]) for row in part["refusals"]} == {
        (136, "SEAT_LIMIT_REACHED", 1), (131, "NOT_ACTIVATED", 1), (105, "MODE_MISMATCH", 1)}
    assert all(row["date"] == today["date"] for row in part["refusals"])
    latest = part["recentRefusals"]
    assert [(row["action"], row["reason"]) for row in latest] == [
        (3, "MODE_MISMATCH"), (5, "NOT_ACTIVATED"), (1, "SEAT_LIMIT_REACHED")]
    assert latest[2]["license"] == made["licenseId"] and latest[2]["licenseId"] == made["licenseKeyId"]
    assert (latest[2]["machineId"], latest[2]["clientName"], latest[2]["clientIp"]) == ("M-3", "PC of Anna", "127.0.0.1")
    assert sum(day["activations"] for day in part["days"]) == 2 and len(part["days"]) == 30


REASONS = ["'{\"code\":136,\"reason\":\"SEAT_LIMIT_REACHED\"}'", "'{\"code\":107,\"reason\":\"EXPIRED\"}'", "NULL", "''",
           "'code 136'", "'{\"freed\":[1,2]}'", "'{\"code\":1361,\"reason\":\"X\"}'", "'[\"code\":136,\"reason\":\"'"]
ACTIONS = {1: "activations", 3: "activations", 2: "releases", 4: "releases", 5: "validations"}


def expected(running, start, offset):
    """Numbers by day and by day and reason, as the traces themselves say."""
    days, refusals = {}, {}
    for day, action, meta, count in running.sql(f"""SELECT DATE(created_at + INTERVAL {offset} MINUTE), action,
            IFNULL(HEX(meta), ''), COUNT(*) FROM license_trace WHERE created_at >= '{start}' GROUP BY 1, 2, 3"""):
        text, code = bytes.fromhex(meta).decode(), 0
        try:
            code = json.loads(text).get("code", 0)
        except (ValueError, AttributeError):
            pass
        code = code if code in (136, 107) else 0
        name = "refusals" if code else ACTIONS.get(int(action))
        if name:
            days.setdefault(day, {}).setdefault(name, 0)
            days[day][name] += int(count)
        if code:
            refusals[day, code] = refusals.get((day, code), 0) + int(count)
    return days, refusals


def check_activity(running, client, days, offset):
    answer = ask(client, days=days, offset=offset)
    start = answer["from"].replace("T", " ").rstrip("Z")
    by_day, refusals = expected(running, start, offset)
    part = answer["activity"]
    assert len(part["days"]) == days
    for row in part["days"]:
        assert {name: row[name] for name in row if name != "date" and row[name]} == by_day.pop(row["date"], {}), row
    assert by_day == {}
    assert {(row["date"], row["code"]): row["refusals"] for row in part["refusals"]} == refusals
    assert len(part["refusals"]) == len(refusals)


@pytest.fixture
def traced(private_installation):
    """A hundred days of traces."""
    running = private_installation(workers=2)
    draw = random.Random(5)
    running.sql("INSERT INTO license (id, license_id, user_key) VALUES (1, 'one', 'one'), (2, 'two', 'two')")
    rows = ", ".join(f"(UTC_TIMESTAMP(6) - INTERVAL {draw.randrange(8640000)} SECOND, {draw.randrange(7)}, "
                     f"{draw.choice(REASONS)}, {draw.choice((1, 2))})" for _ in range(3000))
    running.sql(f"INSERT INTO license_trace (created_at, action, meta, license_id) VALUES {rows};" + NEW.format(
        "license_trace", 3000) + ";" + NEW.format("license", 2))
    return running


@pytest.mark.parametrize("offset", [0, 60, -420, 840])
def test_days_are_those_of_the_caller(traced, offset):
    client = traced.client(traced.admin_key)
    for days in (7, 30, 90, 365):
        check_activity(traced, client, days, offset)


def test_deletions_are_taken_off(traced):
    client = traced.client(traced.admin_key)
    check_activity(traced, client, 90, 0)
    assert int(traced.sql("SELECT SUM(entries) FROM license_trace_tally WHERE hours = 1")[0][0]) > 2900
    assert client.call("DELETE", "/v1/license-traces", {"filter": "action = 1"}).status == 200
    check_activity(traced, client, 90, 0)
    assert client.delete("/v1/licenses/2").status == 200  # its traces go with it
    check_activity(traced, client, 90, 120)
    kept = traced.sql("SELECT hours, SUM(entries) FROM license_trace_tally GROUP BY hours")
    assert len({row[1] for row in kept}) == 1
    # What older programs delete, the nightly run finds.
    traced.sql("DELETE FROM license_trace WHERE id MOD 3 = 0; UPDATE row_count SET count = (SELECT COUNT(*) FROM "
               "license_trace) - (SELECT c FROM (SELECT SUM(count) AS c FROM row_count WHERE table_name = 'license_trace' "
               "AND shard <> -1) s) WHERE table_name = 'license_trace' AND shard = -1")
    traced.cli("expire")
    check_activity(traced, client, 90, 0)


def test_zones_of_half_an_hour(traced):
    """An hour of UTC counts for the day in which it begins there."""
    answer = ask(traced.client(traced.admin_key), days=30, offset=330)
    assert answer["from"].endswith("T18:30:00Z") and answer["offset"] == 330
    total = int(traced.sql("SELECT COUNT(*) FROM license_trace WHERE meta LIKE '{\"code\":1__,%' AND created_at >= "
                           f"'{answer['from'].rstrip('Z')}'")[0][0])
    assert abs(sum(row["refusals"] for row in answer["activity"]["refusals"]) - total) <= 2


# --- service ---


def test_webhooks_and_mail(private_installation):
    running = private_installation(workers=1)
    client = running.client(running.admin_key)
    hooks = [client.post("/v1/webhooks", {"webhook": {"url": f"https://{name}.example.org/", "events": ["*"], "enabled":
                                                      name != "off"}}).json()["webhookId"] for name in ("good", "bad", "off")]
    running.sql(f"""UPDATE webhook SET last_success_at = UTC_TIMESTAMP(6), last_failure_at = UTC_TIMESTAMP(6) - INTERVAL 1 DAY
            WHERE id = {hooks[0]};
        UPDATE webhook SET last_success_at = '2026-01-02 03:04:05', last_failure_at = UTC_TIMESTAMP(6), last_error = '502'
            WHERE id = {hooks[1]};
        DELETE FROM queue_item;
        INSERT INTO queue_item (kind, target, state, due_at, created_at) SELECT 'webhook', {hooks[1]}, 'waiting',
            UTC_TIMESTAMP(6) + INTERVAL 1 DAY, '2026-02-03 04:05:06' + INTERVAL seq DAY FROM seq_1_to_3;
        INSERT INTO queue_item (kind, target, state, finished_at) VALUES ('webhook', {hooks[1]}, 'dead', UTC_TIMESTAMP(6)),
            ('mail', '', 'dead', UTC_TIMESTAMP(6));
        INSERT INTO queue_item (kind, state, due_at) SELECT 'mail', 'waiting', UTC_TIMESTAMP(6) + INTERVAL 1 DAY FROM
            seq_1_to_4""")
    answer = ask(client)
    assert {name: answer["webhooks"][name] for name in ("enabled", "disabled")} == {"enabled": 2, "disabled": 1}
    [failing] = answer["webhooks"]["failing"]
    assert (failing["webhookId"], failing["waiting"], failing["failed"], failing["lastError"], failing["enabled"]) == (
        hooks[1], 3, 1, "502", True)
    assert (failing["lastSuccess"], failing["oldestWaiting"]) == ("2026-01-02T03:04:05Z", "2026-02-04T04:05:06Z")
    assert answer["mail"] == {"queued": 4, "failed": 1}


def test_reports(private_installation):
    running = private_installation(workers=1)
    running.sql("""INSERT INTO report (name, report_date, version) SELECT CONCAT('R', seq), UTC_TIMESTAMP(6) - INTERVAL
        (seq - 1) DIV 2 DAY, '1.0' FROM seq_1_to_20""")
    part = ask(running.client(running.admin_key))["reports"]
    assert [row["reports"] for row in part["days"]] == [2] * 7
    assert part["days"][-1]["date"] == str(datetime.datetime.now(datetime.timezone.utc).date())
    assert {row["name"] for row in part["recent"]} == {"R1", "R2", "R3", "R4"} | {part["recent"][4]["name"]}


def test_pool(admin):
    part = ask(admin)["pool"]
    assert (part["workers"], part["workersWanted"]) == (2, 2) and 1 <= part["busy"] <= 2
    assert part["started"][:2] == "20" and part["failures"] == part["databaseErrors"] == 0
    before = part["requests"]
    assert ask(admin)["pool"]["requests"] > before


# --- who sees what ---

SEEN = {
    "Administrator": PARTS,
    "LicenseManager": {"licenses", "seats", "activity", "reports", "webhooks"},
    "Sales": {"licenses", "seats", "activity", "reports"},
    "HostingManager": set(),
    "DelegateManager": set(),
    "Application": set(),
    "Customer": set(),
}


@pytest.mark.parametrize("role", SEEN)
def test_roles_see_what_they_may_read(running, role):
    answer = ask(Viewers(running).client(role))
    assert set(answer) & PARTS == SEEN[role]
    assert set(answer) - PARTS == {"success", "code", "message", "days", "offset", "from"}


def test_customers_see_nothing_of_others(running, admin, licenses):
    customer = admin.post("/v1/customers", {"customer": {"company": "Own"}}).json()["customerId"]
    assert set(ask(Viewers(running).client("Customer", customerId=customer))) & PARTS == set()


def test_who_may_read_nothing_is_refused(running):
    viewers = Viewers(running)
    assert viewers.client("Administrator", permissions=14).get(PATH).status == 403
    assert viewers.client("Administrator", permissions=1).get(PATH).status == 200


# --- wire ---


def test_formats(licensing):
    answer = licensing.get(PATH + "?days=7")
    assert answer.status == 200, answer
    assert set(answer.value) >= PARTS | {"from"}


@pytest.mark.parametrize("query", ["days=8", "days=", "days=x", "offset=841", "offset=-841", "offset=x", "zone=UTC"])
def test_bad_parameters(admin, query):
    answer = admin.get(f"{PATH}?{query}")
    assert answer.status == 400 and list(answer.json()["errors"]) == [query.split("=")[0]], answer


# --- what it costs ---


def test_queries(private_installation):
    """The same whatever there is: nothing is asked for each day, product or webhook."""
    running = private_installation(workers=1)
    client = running.client(running.admin_key)
    seen = {}
    for days in (7, 365, 7, 365):
        answer = client.get(f"{PATH}?days={days}")
        assert answer.status == 200, answer
        seen[days] = answer.queries
    assert seen == {7: 13, 365: 13}


def test_no_large_table_is_read(private_installation):
    running = private_installation(workers=1, list_heavy_rows=100)
    count = 5000
    running.sql(f"""
        INSERT INTO license (license_id, user_key, license_type, licensing_mode, expire_date) SELECT CONCAT('l', seq),
            CONCAT('k', seq), ELT(1 + seq MOD 3, 'a', 'b', 'c'), seq MOD 3, UTC_TIMESTAMP(6) + INTERVAL seq HOUR
            FROM seq_1_to_{count};
        INSERT INTO license_token (token, license_id, expire_date) SELECT CONCAT('t', seq), (SELECT MIN(id) FROM license),
            UTC_TIMESTAMP(6) + INTERVAL seq HOUR FROM seq_1_to_{count};
        INSERT INTO license_trace (created_at, action, license_id) SELECT UTC_TIMESTAMP(6) - INTERVAL seq * 10 MINUTE, 1,
            (SELECT MIN(id) FROM license) FROM seq_1_to_{count};
        INSERT INTO report (name, report_date) SELECT 'r', UTC_TIMESTAMP(6) - INTERVAL seq HOUR FROM seq_1_to_{count};
        INSERT INTO queue_item (kind, target, state, due_at) SELECT 'mail', '', 'waiting', UTC_TIMESTAMP(6) + INTERVAL 1 DAY
            FROM seq_1_to_{count};
        ANALYZE TABLE license, license_token, license_trace, report, queue_item;"""
                + ";".join(NEW.format(table, count) for table in ("license", "license_token", "license_trace")))
    client = running.client(running.admin_key)
    with statements(running) as sent:
        first = ask(client)
        ask(client)
    assert first["licenses"]["total"] == first["seats"]["taken"] == count
    groups = [statement for statement in sent if "FROM license GROUP BY" in statement and "'product'" in statement]
    assert len(groups) == 1, "counted once, then kept"
    used = {row[5] for row in explain(running, groups[0]) if row[2] == "license"}
    assert used == {"license_template", "license_type", "license_mode", "license_term"}
    assert all("Using index" in row[9] for row in explain(running, groups[0]) if row[2] == "license")
    looked = 0
    for statement in sent:
        if not statement.startswith(("SELECT", "SET STATEMENT")) or "FROM license GROUP BY" in statement or (
                "FROM license_token t JOIN license" in statement):
            continue
        for row in explain(running, statement):
            if row[2] in ("t", "report", "queue_item", "license_trace"):
                looked += 1
                # The first so many along an index.
                limited = row[3] == "index" and row[5] in ("license_trace_created_at", "report_date")
                assert row[3] in ("range", "ref", "const") or limited, (statement, row)
    assert looked >= 5
