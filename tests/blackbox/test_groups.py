"""What administrators see of groups: those of applications with who of them is alive, delegate groups, and persons."""

import csv
import io
import json

import pytest

from harness.families import DISCOVERY, LICENSING, MEDIA, Api, unique
from harness.installation import Installation
from harness.sight import Viewers

GROUPS, DELEGATES, PERSONS = "/v1/discovery-groups", "/api/delegategroups", "/v1/delegate-persons"
NOBODY = "00000000-0000-4000-8000-000000000000"
MANY, IN_GROUP = 100000, 5000


@pytest.fixture(scope="module")
def running():
    with Installation(workers=1) as installation:
        yield installation


@pytest.fixture(scope="module")
def admin(running):
    return running.client(running.admin_key)


@pytest.fixture(scope="module")
def viewers(running):
    return Viewers(running)


def create(admin, name=None):
    answer = admin.post(GROUPS, {"group": {"name": name or unique("group")}})
    assert answer.status == 200, answer
    return answer.json()["groupId"]


def hello(running, group, code="till", **members):
    body = {"ClientCode": code, "ClientGroupId": group, "AppName": "Till", "AppVersion": "1.0", **members}
    return running.client().post("/api/ClientHello", body)


# --- groups of applications ---

def test_a_group_from_its_making_to_its_end(running, admin):
    name = unique("shop")
    group = create(admin, name)
    assert hello(running, group, "b").status == hello(running, group, "a", ClientPort=7).status == 200
    row = admin.get(f"{GROUPS}/{group}?select=name,clientCount,lastHello,createdAt").json()["group"]
    assert (row["id"], row["name"], row["clientCount"]) == (group, name, 2) and row["lastHello"] >= row["createdAt"]
    assert "lastHello" not in admin.get(f"{GROUPS}/{group}").json()["group"]
    clients = admin.get(f"{GROUPS}/{group}/clients?include=group").json()
    assert [one["clientCode"] for one in clients["clients"]] == ["a", "b"] and clients["totalClientsCount"] == 2
    one = clients["clients"][0]
    assert (one["appName"], one["appVersion"], one["port"], one["groupId"], one["group"]["name"]) == ("Till", "1.0", 7, group, name)
    assert 0 <= one["secondsSinceHello"] < 600 and "token" not in json.dumps(clients).lower()
    assert admin.get(f"{GROUPS}/{group}/clients/{one['id']}").json()["client"]["clientCode"] == "a"
    assert admin.put(GROUPS, {"group": {"id": group, "name": name + "2"}}).status == 200
    assert hello(running, group).json()["DTOClientGroups"] == [{"Id": group, "GroupName": name + "2"}]
    assert admin.delete(f"{GROUPS}/{group}").status == 200
    assert hello(running, group).status == 404
    for path in (f"{GROUPS}/{group}", f"{GROUPS}/{group}/clients", f"{GROUPS}/{group}/clients/{one['id']}"):
        assert admin.get(path).status == 404
    told = running.sql(f"SELECT action FROM audit_entry WHERE resource = 'client group' AND row_key = '{group}' ORDER BY id")
    assert told == [["insert"], ["update"], ["delete"]]


def test_who_is_alive(running, admin):
    group = create(admin)
    for code in ("late", "fresh"):
        assert hello(running, group, code).status == 200
    running.sql("UPDATE discovery_client SET updated_at = UTC_TIMESTAMP(6) - INTERVAL 1 DAY "
                f"WHERE client_code = 'late' AND group_id = '{group}'")
    rows = {one["clientCode"]: one["secondsSinceHello"] for one in admin.get(f"{GROUPS}/{group}/clients").json()["clients"]}
    assert 86400 <= rows["late"] < 90000 and rows["fresh"] < 3600
    for query, codes in (("filter=secondsSinceHello%20%3E%203600", ["late"]), ("sort=lastHello%20desc", ["fresh", "late"]),
                         ("filter=appVersion=%221.0%22&sort=clientCode%20desc&take=1", ["late"])):
        found = admin.get(f"{GROUPS}/{group}/clients?{query}").json()["clients"]
        assert [one["clientCode"] for one in found] == codes, query


def test_a_hello_is_no_conflict(running, admin):
    """Who renames a group does not compete with its applications."""
    group = create(admin)
    tag = admin.get(f"{GROUPS}/{group}").headers["etag"]
    assert hello(running, group).status == 200
    assert admin.put(GROUPS, {"group": {"id": group, "name": unique("new")}}, headers={"If-Match": tag}).status == 200
    assert admin.put(GROUPS, {"group": {"id": group, "name": unique("new")}}, headers={"If-Match": tag}).status == 412


def applications(admin, group):
    return {one["clientCode"]: one["id"] for one in admin.get(f"{GROUPS}/{group}/clients").json()["clients"]}


def test_one_application_is_removed(running, admin, media):
    """With its associations and an event, whatever it says meanwhile; it is back with its next hello."""
    api = Api(admin, LICENSING, media)
    hook = {"url": "https://example.org/hook", "events": ["discovery_client.deleted"]}
    hook = admin.post("/v1/webhooks", {"webhook": hook}).json()["webhookId"]
    group, other = create(admin), create(admin)
    for code in ("a", "b", "c"):
        assert hello(running, group, code).status == 200
    before = applications(admin, group)
    running.cli("associate", "b", "a", f"--group={group}")
    path = f"{GROUPS}/{group}/clients/{before['a']}"
    tag = admin.get(path).headers["etag"]
    assert hello(running, group, "a").status == 200
    assert api.delete(f"{GROUPS}/{other}/clients/{before['a']}").status == 404
    assert admin.delete(path, headers={"If-Match": '"x"'}).status == 412
    assert applications(admin, group) == before
    answer = admin.delete(path, headers={"If-Match": tag})
    assert answer.status == 200, answer
    assert admin.delete(path).status == 404 and api.delete(f"{GROUPS}/{group}/clients/{NOBODY}").status == 404
    assert api.delete(f"{GROUPS}/{group}/clients/{before['c']}").status == 200
    assert set(applications(admin, group)) == {"b"}
    answer = hello(running, group, "b").json()
    assert [one["ClientCode"] for one in answer["DTOClients"]] == ["b"] and answer["DTOClientAssociations"] == []
    told = running.sql(f"SELECT action, area FROM audit_entry WHERE row_key = '{before['a']}' "
                       "AND resource = 'application' ORDER BY id")
    assert told == [["insert", "discovery"], ["delete", "credentials"]]
    events = [json.loads(row[0]) for row in running.sql(f"SELECT payload FROM webhook_delivery WHERE webhook_id = {hook}")]
    assert {(one["type"], one["data"]["ClientCode"], one["data"]["Id"]) for one in events} == {
        ("discovery_client.deleted", code, before[code]) for code in ("a", "c")}
    assert all(one["actor"]["userId"] for one in events)
    assert hello(running, group, "a").status == 200
    assert applications(admin, group)["a"] != before["a"]
    assert admin.delete(f"/v1/webhooks/{hook}").status == 200


@pytest.mark.parametrize("body, status, member", [
    ({"name": " "}, 400, "group.name"), ({}, 400, "group.name"), ({"name": "x" * 256}, 400, "group.name"),
    ({"name": "taken"}, 409, "group.name"), ({"name": "x", "secret": 1}, 400, "group.secret")])
def test_groups_that_are_refused(admin, body, status, member):
    if body.get("name") == "taken" and not admin.get(f"{GROUPS}?filter=name=%22taken%22").json()["groups"]:
        create(admin, "taken")
    answer = admin.post(GROUPS, {"group": body})
    assert answer.status == status and member in answer.json()["errors"], answer


def test_identifiers_cannot_be_guessed(admin):
    """They let applications in: no part of them tells the time, and nobody chooses them."""
    made = {create(admin)[:13] for _ in range(8)}
    assert len(made) == 8 and {one[14:15] for one in [create(admin)]} == {"4"}
    answer = admin.post(GROUPS, {"group": {"id": NOBODY, "name": unique("own")}})
    assert answer.status in (200, 400) and admin.get(f"{GROUPS}/{NOBODY}").status == 404


def test_administrators_alone(running, admin, viewers):
    """An identifier lets in whoever knows it."""
    group = create(admin)
    for role in ("Application", "LicenseManager", "Sales", "HostingManager", "DelegateManager", "Customer"):
        client = viewers.client(role)
        for method, path, body in (("GET", GROUPS, None), ("GET", f"{GROUPS}/{group}", None), ("DELETE", f"{GROUPS}/{group}", None),
                                   ("GET", f"{GROUPS}/{group}/clients", None), ("POST", GROUPS, {"group": {"name": "x"}}),
                                   ("PUT", GROUPS, {"group": {"id": group, "name": "x"}})):
            answer = client.call(method, path, body)
            assert answer.status == 403 and group not in answer.text, (role, method, path, answer)


def test_formats(running, admin):
    group = create(admin)
    assert hello(running, group, "x;1").status == 200
    assert next(csv.DictReader(io.StringIO(admin.get(f"{GROUPS}/{group}/clients", accept="text/csv").text)))["clientCode"] == "x;1"
    lines = admin.get(GROUPS, accept="application/x-ndjson").text.splitlines()
    assert group in {json.loads(line)["id"] for line in lines}
    xml = admin.get(f"{GROUPS}/{group}", accept=MEDIA["xml"]).xml()
    assert xml.tag.endswith("}GetDiscoveryGroupResponse") and [one.tag.rpartition("}")[2] for one in xml] == [
        "Code", "Group", "Message", "Success"]


# --- delegate groups ---

def names(answer):
    assert answer.status == 200, answer
    return [row["name"] for row in answer.json()]


def test_delegate_groups_by_name(running, admin):
    mark = unique("dg").replace("-", "x")
    made = {name: admin.post(DELEGATES, {"name": f"{mark} {name}"}).json()["id"] for name in ("beta", "alpha", "gamma", "100%")}
    running.sql("INSERT IGNORE INTO delegate_client (id, code) VALUES (4711, 'p')")
    assert admin.post(f"{DELEGATES}/{made['beta']}/clients", {"clientId": 4711}).status == 200
    assert names(admin.get(f"{DELEGATES}?searchTerm={mark}")) == [f"{mark} {name}" for name in ("100%", "alpha", "beta", "gamma")]
    assert {row["name"]: row["numClients"] for row in admin.get(f"{DELEGATES}?searchTerm={mark}").json()}[f"{mark} beta"] == 1
    assert names(admin.get(f"{DELEGATES}?searchTerm={mark}&offset=1&count=2")) == [f"{mark} alpha", f"{mark} beta"]
    assert names(admin.get(f"{DELEGATES}?searchTerm=AMM%20{mark}")) == [f"{mark} gamma"]
    assert names(admin.get(f"{DELEGATES}?searchTerm={mark}%20%25")) == [f"{mark} 100%"]
    assert admin.delete(f"{DELEGATES}/{made['alpha']}").status == 204
    assert f"{mark} alpha" not in names(admin.get(f"{DELEGATES}?searchTerm={mark}"))
    rows = list(csv.DictReader(io.StringIO(admin.get(f"{DELEGATES}?searchTerm={mark}", accept="text/csv").text)))
    assert [row["name"] for row in rows] == [f"{mark} {name}" for name in ("100%", "beta", "gamma")]
    xml = admin.get(f"{DELEGATES}?searchTerm={mark}", accept=MEDIA["xml"]).xml()
    assert xml.tag.endswith("}ArrayOfDelegateGroup") and len(xml) == 3


@pytest.mark.parametrize("query", ["count=0", "count=1001", "offset=-1", "searchTerm=" + "+".join("abcdefghi"), "searchTerm=" + "x" * 256])
def test_pages_of_delegate_groups_that_are_refused(admin, query):
    assert admin.get(f"{DELEGATES}?{query}").status == 400


def test_who_lists_delegate_groups(viewers):
    for role, status in (("DelegateManager", 200), ("Sales", 403), ("HostingManager", 403), ("Application", 403)):
        for path in (DELEGATES, PERSONS):
            assert viewers.client(role).get(path).status == status, role


# --- persons ---

def test_persons(running, admin):
    mark = unique("p").replace("-", "x")
    running.sql("INSERT INTO delegate_client (id, code, first_name, last_name, user_defined_fields) VALUES "
                f"(9001, '{mark}', 'Ada', '{mark}', '{{\"room\":\"7\"}}'), (9002, NULL, 'Bob', '{mark}', '{{}}')")
    found = admin.get(f"{PERSONS}?filter=lastName=%22{mark}%22").json()
    assert [(one["clientId"], one["firstName"]) for one in found["persons"]] == [(9001, "Ada"), (9002, "Bob")]
    assert found["persons"][0]["userDefinedFields"] == {"room": "7"}
    item = admin.get(f"{PERSONS}/9001?select=clientCode")
    assert item.json()["person"] == {"clientId": 9001, "clientCode": mark} and item.headers["etag"]
    assert admin.get(f"{PERSONS}/999999999").status == 404


# --- large tables ---

@pytest.fixture(scope="module")
def crowded(running, admin):
    group = create(admin)
    running.sql(f"""INSERT INTO discovery_group (id, group_name) SELECT UUID(), CONCAT('n', seq) FROM seq_1_to_{MANY};
        INSERT INTO discovery_client (id, group_id, client_code, token, added_at, updated_at)
        SELECT UUID(), '{group}', CONCAT('c', seq), 't', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_{IN_GROUP};
        INSERT INTO delegate_group (name) SELECT CONCAT('n', seq) FROM seq_1_to_{MANY};
        INSERT INTO delegate_client (id, last_name, first_name, code)
        SELECT 100000 + seq, CONCAT('l', seq), 'f', CONCAT('k', seq) FROM seq_1_to_{MANY};
        ANALYZE TABLE discovery_group, discovery_client, delegate_group, delegate_client""")
    return group


@pytest.mark.parametrize("path, most", [
    (GROUPS + "?take=20&total=none&select=name", 100), (GROUPS + "?take=20&total=none&filter=name%20%3E%20%22n%22", 100), (GROUPS + "?take=20&total=none&filter=name=%22n4711%22", 10),
    (GROUPS + "/{group}/clients?take=20&total=none", 100),
    (GROUPS + "/{group}/clients?take=20&total=none&filter=clientCode=%22c4711%22", 10),
    (DELEGATES + "?count=20", 100), (PERSONS + "?take=20&total=none", 100),
    (PERSONS + "?take=20&total=none&filter=lastName.StartsWith(%22l4711%22)", 20),
    (PERSONS + "?take=20&total=none&filter=clientCode=%22k4711%22", 10), (PERSONS + "/104711", 10)])
def test_rows_that_are_read(running, admin, crowded, path, most):
    """A page is as fast in a large table as in a small one; numbers of applications are counted of its groups alone."""
    def count():
        return sum(int(value) for name, value in running.sql("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
                   if name.split("_")[-1] in ("first", "key", "last", "next", "prev", "rnd"))

    path = path.replace("{group}", crowded)
    assert admin.get(path).status == 200  # statements are prepared, the key is known
    before = count()
    assert admin.get(path).status == 200
    assert count() - before < most + 40


def test_hellos_as_before(running, crowded):
    """What applications see of their group has its two members, in XML, too."""
    group = running.create_group(unique("as-before"))
    answer = Api(running.client(), DISCOVERY, "xml").post("/api/ClientHello", "DTOHello", {
        "ClientCode": "x", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"})
    assert answer.status == 200 and set(answer.value["DTOClientGroups"][0]) == {"Id", "GroupName"}
