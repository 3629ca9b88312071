"""Reports that programs send: what is stored, what is merged, and what is too much."""

import threading
import urllib.parse

import pytest

from harness.families import unique
from harness.installation import LONG
from harness.waiting import wait_until
from test_activation import BASE, license_of, number, refused, shown, traces


def report(made, name="ExceptionReport", **members):
    return {"userKey": made["userKey"], "name": name, "machineId": "M-1", "clientId": "Paint",
            "clientName": "PC of Anna"} | members


def send(activation, body, **options):
    return activation.post(f"{BASE}/report", "SendReportRequest", body, **options)


def stored(client, made):
    query = urllib.parse.urlencode({"filter": f'userKey = "{made["userKey"]}"', "include": "properties", "sort": "id",
                                    "select": "id,uid,name,version,date,userKey,machineId,clientId,clientName,contentType,"
                                              "content,address,properties"})
    return client.get(f"/v1/reports?{query}").json()["reports"]


def properties(row):
    return {one["name"]: one["value"] for one in row["properties"]}


def test_exceptions(activation, client):
    made = license_of(client)
    body = report(made, version="1.2", contentType="text/plain", content="at line 3\n\u00e9", properties={"os": "Linux", "n": "1"})
    answer = send(activation, body)
    assert answer.status == 200 and set(answer.value) == {"success", "reportId"}, answer
    [row] = stored(client, made)
    assert row["id"] == number(answer.value["reportId"]) and row["date"]
    assert {name: row[name] for name in body if name != "properties"} == {
        name: value for name, value in body.items() if name != "properties"}
    assert (row["address"], properties(row)) == ("127.0.0.1", {"os": "Linux", "n": "1"})
    # Each is one of its own.
    second = send(activation, body)
    assert second.value["reportId"] != answer.value["reportId"] and len(stored(client, made)) == 2
    assert client.delete(f"/v1/reports/{row['id']}").status == 200


def test_license_reports_are_merged(activation, client):
    made, other = license_of(client), license_of(client)
    first = send(activation, report(made, "LicenseReport", version="1", content="x", properties={"a": "1", "b": "2"}))
    again = send(activation, report(made, "LicenseReport", version="2", properties={"b": "3", "c": "4"}))
    assert first.status == 200 and again.value == first.value, again
    [row] = stored(client, made)
    assert (row["version"], row["content"], properties(row)) == ("2", "x", {"a": "1", "b": "3", "c": "4"})
    # Of another client, machine, kind or license it is another one.
    for body in (report(made, "LicenseReport", clientId="Draw"), report(made, "LicenseReport", machineId="M-2"),
                 report(made, "LicenseReport", machineId=None), report(made, "LicenseReport", clientId=None),
                 report(made, "Custom"), report(other, "LicenseReport")):
        assert send(activation, body).value["reportId"] != first.value["reportId"]
    assert len(stored(client, made)) == 6
    assert send(activation, report(made, "LicenseReport", machineId=None)).status == 200
    assert len(stored(client, made)) == 6
    assert len(stored(client, other)) == 1


@pytest.mark.parametrize("members", [{"name": "LicenseReport"}, {"uid": "the one"}], ids=["merged", "uid"])
def test_reports_that_meet(private_installation, members):
    """However many calls of one client there are at once."""
    running = private_installation(workers=4)
    client = running.client(running.admin_key)
    made, answers = license_of(client), []

    def post():
        answers.append(running.client().post(f"{BASE}/report", report(made, **members)).json()["reportId"])

    threads = [threading.Thread(target=post) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert len(answers) == 24 and len(set(answers)) == len(stored(client, made)) == 1


def test_one_identifier_is_one_report(activation, client):
    made, other = license_of(client), license_of(client)
    body = report(made, uid=unique("uid"), content="first")
    first = send(activation, body)
    again = send(activation, body | {"content": "second"})
    assert again.value == first.value and [row["content"] for row in stored(client, made)] == ["first"]
    assert send(activation, body | {"userKey": other["userKey"]}).value != first.value


def test_any_license_may_report(activation, client):
    for members in ({"revoked": True}, {"suspended": True}, {"expireDate": "2020-01-01T00:00:00Z"}):
        assert send(activation, report(license_of(client, **members))).status == 200
    made = license_of(client, policy={"allowedNetworks": ["198.51.100.0/24"]})
    refused(activation, send(activation, report(made)), 403, 104, "NETWORK_REFUSED")
    refused(activation, send(activation, report({"userKey": unique("nobody")})), 404, 101, "NOT_FOUND")


def test_bodies_are_checked(activation, client):
    made = license_of(client)
    for members, member in (({"userKey": None}, "userKey"), ({"name": None}, "name"), ({"name": "x" * 256}, "name"),
                            ({"uid": "x" * 65}, "uid"), ({"contentType": "x" * 256}, "contentType"),
                            ({"properties": {"x" * 256: "1"}}, "properties"),
                            ({"properties": {"k": "x" * 16001}}, "properties.k"),
                            ({"properties": {f"p{number}": "1" for number in range(101)}}, "properties")):
        answer = send(activation, report(made) | members)
        assert answer.status == 400 and member in activation.faults(answer), (members, answer)
    assert stored(client, made) == []
    assert send(activation, report(made, properties={f"p{number}": "x" for number in range(100)})).status == 200


def test_what_is_too_large(activation, client):
    made = license_of(client)
    assert send(activation, report(made, content="x" * 262144)).status == 200
    answer = send(activation, report(made, content="x" * 262144, properties={"a": "b"}))
    assert answer.status == 413 and "limit_report" in answer.value["message"], answer
    activation.check(answer.value, {"success": False, "reason": "TOO_LARGE"})
    assert len(stored(client, made)) == 1


def test_merging_has_the_limit_too(private_installation):
    running = private_installation(workers=1, limit_report_properties=3)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client)

    def status(*names):
        return anybody.post(f"{BASE}/report", report(made, "LicenseReport", properties=dict.fromkeys(names, "1"))).status

    assert [status("a", "b"), status("c"), status("b", "c"), status("d"), status("a", "b", "c", "d")] == [
        200, 200, 200, 400, 400]
    assert properties(stored(client, made)[0]) == {"a": "1", "b": "1", "c": "1"}


def test_a_license_is_throttled(private_installation):
    running = private_installation(workers=2, report_rate_limit=5)
    client, anybody = running.client(running.admin_key), running.client()
    made, other = license_of(client), license_of(client)
    answers = [anybody.post(f"{BASE}/report", report(made)) for _ in range(7)]
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0 and "reports per minute" in answers[-1].json()["message"]
    assert anybody.post(f"{BASE}/report", report(other)).status == 200
    assert len(stored(client, made)) == 5


def test_events_and_the_log(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    answer = client.post("/v1/webhooks", {"webhook": {"url": "https://example.org/", "events": ["report.*"]}})
    assert answer.status == 200, answer
    made = license_of(client)

    def told():
        return [name for name, in running.sql("SELECT type FROM webhook_delivery ORDER BY created_at")]

    wait_until(lambda: anybody.post(f"{BASE}/report", report(made)) and told(), "an event")
    running.sql("DELETE FROM webhook_delivery")
    for _ in range(2):
        assert anybody.post(f"{BASE}/report", report(made, "LicenseReport", content=unique("c"))).status == 200
    assert told() == ["report.created", "report.updated"]
    entry = client.get("/v1/audit?take=1").json()["auditEntries"][0]
    assert (entry["resource"], entry["action"], entry["actor"]) == (
        "report", "update", f"user of license {shown(client, made)['licenseId']}")


def test_traces(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client, trace=True)
    assert anybody.post(f"{BASE}/report", report(made)).status == 200
    wait_until(lambda: traces(client, made), "a trace")
    assert [(trace["action"], trace["meta"]) for trace in traces(client, made)] == [(9, None)]


@pytest.mark.parametrize("auth", ["key", "both"])
def test_client_auth(private_installation, auth):
    running = private_installation(workers=1, client_auth=auth)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client)
    assert anybody.post(f"{BASE}/report", report(made)).status == 401
    by_id = report(made, licenseId=shown(client, made)["licenseId"])
    del by_id["userKey"]
    assert client.post(f"{BASE}/report", by_id).status == (200 if auth == "key" else 400)
    assert client.post(f"{BASE}/report", report(made)).status == 200
    assert {row["userKey"] for row in stored(client, made)} == {made["userKey"]}


def test_options_of_answers_and_routes(private_installation):
    running = private_installation(workers=1, client_format="proto3", client_route_report="POST /v2/report")
    client, anybody = running.client(running.admin_key), running.client()
    assert anybody.post("/v2/report", report(license_of(client)), check=False).status == 200


def test_queries(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client)

    def cost(**members):
        answer = anybody.post(f"{BASE}/report", report(made, **members))
        assert answer.status == 200, answer
        return answer.queries

    cost()
    # The license is found; the report is stored; log and counter come with COMMIT.
    assert cost() == 3
    assert cost(properties={"a": "1", "b": "2"}) == 4
    # The license is claimed, and another report is looked for.
    assert cost(name="LicenseReport") == 5
    assert cost(name="LicenseReport", properties={"a": "1"}) == 9
    assert cost(uid="u") == 5
    assert cost(uid="u") == 3


def test_reports_and_traces_end(private_installation):
    running = private_installation(workers=1, report_retention="1h", trace_retention="1h")
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client, trace=True)
    for _ in range(2):
        assert anybody.post(f"{BASE}/report", report(made, properties={"a": "1"})).status == 200
    wait_until(lambda: len(traces(client, made)) == 2, "traces")
    running.sql("UPDATE report SET report_date = report_date - INTERVAL 2 HOUR LIMIT 1; "
                "UPDATE license_trace SET created_at = created_at - INTERVAL 2 HOUR LIMIT 1")
    running.cli("expire")
    assert (len(stored(client, made)), len(traces(client, made))) == (1, 1)
    assert running.sql("SELECT COUNT(*) FROM report_property") == [["1"]]
