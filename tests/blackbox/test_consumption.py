"""Counters of licenses: what programs use up, what vendors add and undo, and the ledger of it."""

import datetime
import re

import pytest

from harness.families import unique
from harness.waiting import wait_until
from test_activation import BASE, license_of, number, refused, shown, traces

UTC = datetime.timezone.utc


def counter(feature="exports", kind="prepaid", allowance=10, **members):
    return {"feature": feature, "kind": kind, "allowance": allowance} | members


def metered(client, *counters, **members):
    """A license with counters."""
    return license_of(client, 0, counters=list(counters) or [counter()], **members)


def use(made, amount=1, feature="exports", **members):
    return {"userKey": made["userKey"], "feature": feature, "amount": amount, "consumptionId": unique("use"),
            "machineId": "M-1", "clientId": "Paint", "clientName": "PC of Anna"} | members


def consume(activation, body, **options):
    return activation.post(f"{BASE}/consume", "ConsumeLicenseRequest", body, **options)


def consumption(client, made, query=""):
    return client.get(f"/v1/licenses/{made['licenseId']}/consumption{query}")


def standing(client, made, feature="exports"):
    [found] = [one for one in consumption(client, made).json()["counters"] if one["feature"] == feature]
    return found["used"], found["balance"]


def ledger(client, made, query="?sort=id"):
    return client.get(f"/v1/licenses/{made['licenseId']}/consumption/ledger{query}").json()["consumptionEntries"]


def top_up(client, made, amount, feature="exports", **members):
    return client.post(f"/v1/licenses/{made['licenseId']}/consumption/top-up",
                       {"feature": feature, "amount": amount} | members)


def reverse(client, made, entry, **members):
    return client.post(f"/v1/licenses/{made['licenseId']}/consumption/ledger/{entry}/reverse", members)


# --- using ---

def test_prepaid(activation, client):
    made = metered(client)
    body = use(made, 4)
    answer = consume(activation, body)
    assert answer.status == 200, answer
    activation.check(answer.value, {"success": True, "feature": "exports", "amount": 4, "balance": 6, "used": 4,
                                    "consumptionId": body["consumptionId"], "resetAt": None})
    assert number(consume(activation, use(made, 6)).value["balance"]) == 0
    refused(activation, consume(activation, use(made)), 409, 143, "BALANCE_TOO_LOW")
    assert standing(client, made) == (10, 0)


def test_metered(activation, client):
    made = metered(client, counter(kind="metered", period="month"), counter("free", "metered", None))
    answer = consume(activation, use(made, 10))
    assert answer.status == 200 and number(answer.value["balance"]) == 0, answer
    now = datetime.datetime.now(UTC)
    end = datetime.datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
    assert number(answer.value["resetAt"]["seconds"]) == int(end.timestamp())
    refused(activation, consume(activation, use(made)), 409, 143, "BALANCE_TOO_LOW")
    answer = consume(activation, use(made, 10 ** 12, "free"))
    activation.check(answer.value, {"used": 10 ** 12, "balance": None, "resetAt": None})


@pytest.mark.parametrize("period,start", [("day", "UTC_DATE()"), ("month", "DATE_FORMAT(UTC_DATE(), '%Y-%m-01')"),
                                          ("year", "DATE_FORMAT(UTC_DATE(), '%Y-01-01')"), ("none", None)])
def test_a_period_begins_anew(activation, client, installation, period, start):
    made = metered(client, counter(kind="metered", period=period))
    assert consume(activation, use(made, 10)).status == 200
    begun = installation.sql(f"SELECT period_start, period_start <=> {start or 'NULL'} FROM license_consumption "
                             f"WHERE license_id = {made['licenseId']}")
    assert begun[0][1] == "1", begun
    installation.sql("UPDATE license_consumption SET period_start = period_start - INTERVAL 1 "
                     f"{'DAY' if start is None else period} WHERE license_id = {made['licenseId']}")
    # Lists know it before anybody has used anything in the new one.
    assert standing(client, made) == ((10, 0) if start is None else (0, 10))
    assert consume(activation, use(made, 3)).status == (409 if start is None else 200)
    assert standing(client, made) == ((10, 0) if start is None else (3, 7))


@pytest.mark.parametrize("overage,most", [(None, 8), ("none", 8), ("1.25x", 10), ("1.5x", 12), ("2x", 16)])
@pytest.mark.parametrize("kind", ["prepaid", "metered"])
def test_overage(activation, client, kind, overage, most):
    made = metered(client, counter(kind=kind, allowance=8, overage=overage))
    refused(activation, consume(activation, use(made, most + 1)), 409, 143, "BALANCE_TOO_LOW")
    answer = consume(activation, use(made, most))
    assert answer.status == 200 and number(answer.value["balance"]) == 8 - most, answer
    refused(activation, consume(activation, use(made, 1)), 409, 143, "BALANCE_TOO_LOW")


def test_any_overage(activation, client):
    made = metered(client, counter(overage="always"))
    for _ in range(3):
        answer = consume(activation, use(made, 10 ** 12))
        assert answer.status == 200, answer
    assert standing(client, made) == (3 * 10 ** 12, 10 - 3 * 10 ** 12)


def test_the_same_again(activation, client):
    made = metered(client, counter(), counter("imports"))
    body = use(made, 7)
    first = consume(activation, body)
    assert first.status == 200, first
    assert consume(activation, use(made, 2)).status == 200
    # What is left would not do any more, and nothing more is used.
    again = consume(activation, body)
    assert (again.status, again.value) == (200, first.value)
    refused(activation, consume(activation, body | {"amount": 1}), 409, 142, "CONSUMPTION_ID_REUSED")
    refused(activation, consume(activation, body | {"feature": "imports"}), 409, 142, "CONSUMPTION_ID_REUSED")
    assert standing(client, made) == (9, 1) and standing(client, made, "imports") == (0, 10)
    assert [entry["amount"] for entry in ledger(client, made)] == [7, 2]
    # Of another license it is another one.
    assert consume(activation, body | {"userKey": metered(client)["userKey"]}).status == 200


def test_refusals(activation, client):
    refused(activation, consume(activation, use(metered(client), feature="Exports")), 404, 141, "COUNTER_NOT_FOUND")
    for members, status, code, reason in (
            ({"revoked": True}, 403, 102, "REVOKED"), ({"suspended": True}, 403, 103, "SUSPENDED"),
            ({"expireDate": "2020-01-01T00:00:00Z"}, 403, 107, "EXPIRED"),
            ({"policy": {"allowedNetworks": ["198.51.100.0/24"]}}, 403, 104, "NETWORK_REFUSED")):
        made = metered(client, **members)
        refused(activation, consume(activation, use(made)), status, code, reason)
        assert standing(client, made) == (0, 10) and ledger(client, made) == []
    made = metered(client, product={"id": "P01"})
    refused(activation, consume(activation, use(made, productId="P02")), 403, 108, "PRODUCT_MISMATCH")
    refused(activation, consume(activation, use({"userKey": unique("nobody")})), 404, 101, "NOT_FOUND")


def test_bodies_are_checked(activation, client):
    made = metered(client)
    for members, member in (({"userKey": None}, "userKey"), ({"feature": ""}, "feature"), ({"amount": None}, "amount"),
                            ({"amount": 0}, "amount"), ({"amount": -1}, "amount"), ({"amount": 10 ** 12 + 1}, "amount"),
                            ({"amount": 1.5}, "amount"), ({"consumptionId": None}, "consumptionId"),
                            ({"consumptionId": "x" * 65}, "consumptionId"), ({"feature": "x" * 65}, "feature")):
        answer = consume(activation, use(made) | members)
        assert answer.status == 400 and member in activation.faults(answer), (members, answer)
    assert ledger(client, made) == []


# --- what vendors say ---

def test_templates_give_counters(activation, client):
    template = client.post("/v1/license-templates", {"licenseTemplate": {
        "name": unique("t"), "counters": [counter(allowance=3), counter("imports", "metered", 5, period="day")]}})
    assert template.status == 200, template
    made = license_of(client, 0, templateId=template.json()["templateId"])
    found = consumption(client, made).json()
    assert [(one["feature"], one["kind"], one["allowance"], one["period"], one["balance"]) for one in found["counters"]] == [
        ("exports", "prepaid", 3, None, 3), ("imports", "metered", 5, "day", 5)]
    assert found["totalCountersCount"] == 2
    own = license_of(client, 0, templateId=template.json()["templateId"], counters=[counter(allowance=1)])
    assert [one["allowance"] for one in consumption(client, own).json()["counters"]] == [1]


def test_what_was_used_stays(activation, client):
    """The list of counters says what may be used, whenever it is written."""
    made = metered(client)
    assert consume(activation, use(made, 4)).status == 200

    def put(*counters):
        answer = client.put("/v1/licenses", {"license": {"id": made["licenseId"], "counters": list(counters)}})
        assert answer.status == 200, answer

    put(counter(allowance=20))
    assert standing(client, made) == (4, 16)
    put()
    refused(activation, consume(activation, use(made)), 404, 141, "COUNTER_NOT_FOUND")
    put(counter(allowance=3))
    assert standing(client, made) == (4, -1)
    refused(activation, consume(activation, use(made)), 409, 143, "BALANCE_TOO_LOW")


def test_counters_are_checked(client):
    def faults(*counters):
        answer = client.post("/v1/licenses", {"license": {"counters": list(counters)}})
        return answer.status, set(answer.json()["errors"])

    assert faults({}) == (400, {"license.counters[0].feature", "license.counters[0].kind"})
    assert faults(counter(allowance=-1, period="week", overage="3x", lowBalance=10 ** 15 + 1)) == (
        400, {f"license.counters[0].{member}" for member in ("allowance", "period", "overage", "lowBalance")})
    assert faults(counter("a"), counter(period="day")) == (400, {"license.counters[1].period"})
    assert faults(counter(), counter()) == (409, {"license.counters[1].feature"})


def test_top_up(activation, client):
    made = metered(client, counter(), counter("imports", "metered"))
    answer = top_up(client, made, 5, note="Order O-1")
    assert answer.status == 200, answer
    body = answer.json()
    assert (body["used"], body["balance"], body["feature"]) == (0, 15, "exports")
    assert consume(activation, use(made, 12)).status == 200
    assert standing(client, made) == (12, 3)
    assert top_up(client, made, 1, "imports").status == 409
    assert top_up(client, made, 1, "nothing").status == top_up(client, {"licenseId": 999999}, 1).status == 404
    assert top_up(client, made, 0).status == top_up(client, made, 1, note="x" * 1001).status == 400
    first, second = ledger(client, made)
    assert (first["id"], first["action"], first["amount"], first["balance"], first["note"]) == (
        body["entryId"], "topUp", 5, 15, "Order O-1")
    assert (second["action"], second["amount"], second["used"], second["balance"]) == ("consume", 12, 12, 3)
    audit = client.get("/v1/audit?take=1&filter=resource=%22license%22%20and%20detail!=null").json()["auditEntries"][0]
    assert (audit["action"], audit["key"]) == ("update", str(made["licenseId"]))
    assert '"action":"topUp"' in audit["detail"] and '"amount":5' in audit["detail"], audit


def test_top_ups_have_an_end(client):
    made = metered(client)
    for _ in range(1000):
        if top_up(client, made, 10 ** 12).status != 200:
            break
    answer = top_up(client, made, 10 ** 12)
    assert answer.status == 409 and standing(client, made) == (0, 10 + 10 ** 15), answer


def test_reversal(activation, client, installation):
    made = metered(client)
    assert consume(activation, use(made, 9)).status == 200
    added = top_up(client, made, 5).json()["entryId"]
    consumed = ledger(client, made)[0]["id"]
    answer = reverse(client, made, consumed, note="A fault of ours")
    assert answer.status == 200 and answer.json()["balance"] == 15, answer
    entry = ledger(client, made)[-1]
    assert (entry["action"], entry["amount"], entry["reversedId"], entry["note"], entry["balance"]) == (
        "reverse", 9, consumed, "A fault of ours", 15)
    again = reverse(client, made, consumed)
    assert again.status == 409 and standing(client, made) == (0, 15), again
    assert reverse(client, made, entry["id"]).status == 409
    assert reverse(client, made, 10 ** 9).status == reverse(client, metered(client), consumed).status == 404
    # What was added and used cannot be taken away.
    assert consume(activation, use(made, 11)).status == 200
    assert reverse(client, made, added).status == 409
    last = ledger(client, made)[-1]["id"]
    assert reverse(client, made, last).status == reverse(client, made, added).status == 200
    assert standing(client, made) == (0, 10)


def test_reversal_of_a_former_period(activation, client, installation):
    """It is in the ledger, and nothing of this period is given back."""
    made = metered(client, counter(kind="metered", period="day"))
    assert consume(activation, use(made, 9)).status == 200
    for table in ("license_consumption", "license_consumption_entry"):
        installation.sql(f"UPDATE {table} SET period_start = period_start - INTERVAL 1 DAY "
                         f"WHERE license_id = {made['licenseId']}")
    assert consume(activation, use(made, 4)).status == 200
    assert reverse(client, made, ledger(client, made)[0]["id"]).status == 200
    assert standing(client, made) == (4, 6)


def test_the_ledger_is_a_list(activation, client):
    made = metered(client, counter(allowance=100), counter("imports", allowance=100))
    for amount in range(1, 8):
        assert consume(activation, use(made, amount, "imports" if amount % 2 else "exports")).status == 200
    found = ledger(client, made, '?filter=feature="imports"%20and%20amount>1&sort=amount%20desc&take=2')
    assert [entry["amount"] for entry in found] == [7, 5]
    first = client.get(f"/v1/licenses/{made['licenseId']}/consumption/ledger?take=3").json()
    assert [entry["amount"] for entry in first["consumptionEntries"]] == [7, 6, 5]
    assert first["totalConsumptionEntriesCount"] == 7
    rest = ledger(client, made, f"?take=9&after={first['nextCursor']}")
    assert [entry["amount"] for entry in rest] == [4, 3, 2, 1]
    assert {(entry["machineId"], entry["clientId"], entry["clientName"], entry["address"]) for entry in rest} == {
        ("M-1", "Paint", "PC of Anna", "127.0.0.1")}
    assert consumption(client, made, '?filter=used>12&select=feature,used').json()["counters"] == [
        {"id": consumption(client, made, '?filter=used>12').json()["counters"][0]["id"], "feature": "imports", "used": 16}]
    assert client.get("/v1/licenses/999999/consumption").status == 404
    assert client.get("/v1/licenses/999999/consumption/ledger").status == 404
    assert client.delete(f"/v1/licenses/{made['licenseId']}").status == 200


def test_the_ledger_of_all_licenses(activation, client):
    """What is billed: the use of a customer's licenses in a month."""
    customer = client.post("/v1/customers", {"customer": {"company": unique("ACME")}}).json()["customerId"]
    ours = [metered(client, customerId=customer) for _ in range(2)]
    for made, amount in zip([*ours, metered(client)], (2, 3, 4)):
        assert consume(activation, use(made, amount)).status == 200
    query = f"filter=license.customerId={customer}%20and%20createdAt>%222020-01-01%22&include=license"
    found = client.get(f"/v1/consumption-ledger?{query}").json()
    assert [(entry["amount"], entry["license"]["userKey"]) for entry in found["consumptionEntries"]] == [
        (3, ours[1]["userKey"]), (2, ours[0]["userKey"])]
    assert found["totalConsumptionEntriesCount"] == 2


# --- who is told ---

def events(running, name):
    return int(running.sql(f"SELECT COUNT(*) FROM webhook_delivery WHERE type = 'license.consumption_{name}'")[0][0])


def test_events_come_once(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    answer = client.post("/v1/webhooks", {"webhook": {
        "url": "https://example.org/", "events": ["license.consumption_low", "license.consumption_exhausted"]}})
    assert answer.status == 200, answer
    made = metered(client, counter(lowBalance=3))

    def told(amount, status=200):
        answer = anybody.post(f"{BASE}/consume", use(made, amount))
        assert answer.status == status, answer
        return events(running, "low"), events(running, "exhausted")

    wait_until(lambda: told(1) and anybody.post(f"{BASE}/validate", {"userKey": made["userKey"], "machineId": "m"}).status,
               "an answer")
    assert told(5) == (0, 0)
    assert told(1) == told(1) == (1, 0)
    assert told(9, 409) == told(9, 409) == (1, 1)
    assert told(2) == (1, 1)
    assert top_up(client, made, 10).status == 200
    assert told(7) == (2, 1)
    assert told(3) == told(1, 409) == (2, 2)
    [[payload]] = running.sql("SELECT payload FROM webhook_delivery WHERE type = 'license.consumption_low' "
                              "ORDER BY created_at LIMIT 1")
    assert re.search(r'"feature":"exports".*"balance":3', payload), payload


def test_traces(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made = metered(client, trace=True)
    for amount in (8, 3):
        anybody.post(f"{BASE}/consume", use(made, amount))
    wait_until(lambda: len(traces(client, made)) == 2, "traces")
    assert [(trace["action"], trace["meta"]) for trace in traces(client, made)] == [
        (8, None), (8, '{"code":143,"reason":"BALANCE_TOO_LOW"}')]


# --- who may call, how, and what it costs ---

@pytest.mark.parametrize("auth", ["key", "both"])
def test_client_auth(private_installation, auth):
    running = private_installation(workers=1, client_auth=auth)
    client, anybody = running.client(running.admin_key), running.client()
    made = metered(client)
    assert anybody.post(f"{BASE}/consume", use(made)).status == 401
    by_id = use(made, licenseId=shown(client, made)["licenseId"])
    del by_id["userKey"]
    assert client.post(f"{BASE}/consume", by_id).status == (200 if auth == "key" else 400)
    assert client.post(f"{BASE}/consume", use(made)).status == 200


def test_the_key_may_be_in_the_header(activation, client):
    made = metered(client)
    body = use(made)
    del body["userKey"]
    assert consume(activation, body, headers={"X-User-Key": made["userKey"]}).status == 200


def test_options_of_answers_and_routes(private_installation):
    running = private_installation(workers=1, client_format="proto3", dialect_activation="omit-zeros",
                                   client_route_consume="PUT /v2/use")
    client, anybody = running.client(running.admin_key), running.client()
    made = metered(client, counter(kind="metered", period="year"))
    answer = anybody.put("/v2/use", use(made, 10), check=False)
    assert answer.status == 200, answer
    value = answer.json()
    year = datetime.datetime.now(UTC).year
    assert value["resetAt"] == f"{year + 1}-01-01T00:00:00Z"
    assert "balance" not in value and value["used"] == 10


def test_queries(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made = metered(client, counter(allowance=1000))

    def cost(body, status=200):
        answer = anybody.post(f"{BASE}/consume", body)
        assert answer.status == status, answer
        return answer.queries

    cost(use(made))
    body = use(made)
    # License and seat are found, the counter is; it is written, and the entry is.
    assert cost(body) == 4
    # The entry is there already, and is read.
    assert cost(body) == 5
    assert cost(use(made, 5000), 409) == 3
    assert cost(use(made, feature="none"), 404) == 2


def test_entries_end(private_installation):
    running = private_installation(workers=1, consumption_retention="1h")
    client, anybody = running.client(running.admin_key), running.client()
    made = metered(client)
    for _ in range(2):
        assert anybody.post(f"{BASE}/consume", use(made)).status == 200
    running.sql("UPDATE license_consumption_entry SET created_at = created_at - INTERVAL 2 HOUR LIMIT 1")
    running.cli("expire")
    assert len(ledger(client, made)) == 1
    # What was used is as it was.
    assert standing(client, made) == (2, 8)
