"""Who of a group is there: leases and states, versions of a group, what has changed since, and who leaves."""

import json
import threading

import pytest

from harness.families import DISCOVERY, Api, unique
from harness.installation import Installation

HELLO, SYNCHRONISE, GROUPS = "/api/ClientHello", "/api/ClientAddOrUpdateOrRemoveClients", "/v1/discovery-groups"
LEASE = 90
REFERENCE = {"DTOClients", "DTOClientGroups", "DTOClientAssociations"}
OF_CLIENT = {"Id", "ClientCode", "Token", "AddClientTime", "UpdClientTime", "AppName", "AppVersion", "ClientGroupsId",
             "DTOClientGroup", "ClientIpAddress", "ClientPort"}


@pytest.fixture(scope="module")
def running():
    with Installation(workers=2) as installation:
        yield installation


@pytest.fixture(scope="module")
def admin(running):
    return running.client(running.admin_key)


@pytest.fixture(params=["json", "xml"])
def api(running, request):
    return Api(running.client(), DISCOVERY, request.param)


@pytest.fixture
def group(admin):
    return make_group(admin)


def make_group(admin, lease=LEASE):
    answer = admin.post(GROUPS, {"group": {"name": unique("group"), "leaseSeconds": lease}})
    assert answer.status == 200, answer
    return answer.json()["groupId"]


def body(group, code, **members):
    return {"ClientCode": code, "ClientGroupId": group, "AppName": "Till", "AppVersion": "1.0", **members}


def hello(api, group, code="a", query="", known=None, **members):
    headers = {"If-None-Match": known} if known else None
    answer = api.post(HELLO + query, "DTOHello", body(group, code, **members), headers=headers)
    assert answer.status in (200, 304), answer
    return answer


def tag(answer):
    return answer.headers["etag"]


def version(answer):
    return int(tag(answer).removeprefix('W/"').rstrip('"'))


def codes(answer, member="DTOClients"):
    return sorted(one["ClientCode"] for one in answer.value[member])


def by_code(answer, code):
    [found] = [one for one in answer.value["DTOClients"] if one["ClientCode"] == code]
    return found


def age(running, group, seconds, code="%"):
    """Puts the latest hello back; somebody is to look at the group again."""
    running.sql(f"UPDATE discovery_client SET updated_at = UTC_TIMESTAMP(6) - INTERVAL {seconds} SECOND "
                f"WHERE group_id = '{group}' AND client_code LIKE '{code}'")
    running.sql(f"UPDATE discovery_group SET lapses_at = NULL WHERE id = '{group}'")


def read_only(running, group):
    [[value]] = running.sql(f"SELECT version FROM discovery_group WHERE id = '{group}'")
    return int(value)


# --- what old callers see ---

def test_without_asking_the_answer_is_the_references(api, group):
    answer = hello(api, group, Status="fine", Note="all of it")
    assert set(answer.value) == REFERENCE
    assert set(answer.value["DTOClients"][0]) == OF_CLIENT
    assert answer.headers["hello-interval"] == str(LEASE // 3)


def test_without_a_lease_nobody_lapses(running, admin, api):
    group = make_group(admin, 0)
    answer = hello(api, group, query="?details=true")
    assert "hello-interval" not in answer.headers and answer.value["HelloInterval"] is None
    age(running, group, 10 ** 6)
    answer = hello(api, group, "b", query="?details=true")
    assert by_code(answer, "a")["State"] == "UP" and by_code(answer, "a")["ExpiresAt"] is None


# --- leases ---

def test_states(running, api, group):
    for code in "abcd":
        hello(api, group, code)
    age(running, group, 59, "b")
    age(running, group, 61, "c")
    age(running, group, 91, "d")
    answer = hello(api, group, "a", query="?details=true")
    states = {one["ClientCode"]: one["State"] for one in answer.value["DTOClients"]}
    assert states == {"a": "UP", "b": "UP", "c": "LATE", "d": "GONE"}
    assert int(answer.value["HelloInterval"]) == 30 and str(answer.value["Complete"]).lower() == "true"
    assert answer.value["DTOClientsRemoved"] in ([], "", {})
    one = by_code(answer, "a")
    assert one["ExpiresAt"][:16] > one["UpdClientTime"][:16]
    assert set(answer.value) == REFERENCE | {"Version", "Complete", "HelloInterval", "DTOClientsRemoved"}
    assert set(one) == OF_CLIENT | {"State", "ExpiresAt", "Status", "Note", "OutOfService"}


def test_a_lapse_is_noticed_once_and_a_return_too(running, api, group):
    hello(api, group, "a")
    first = hello(api, group, "b")
    age(running, group, LEASE + 1, "b")
    noticed = hello(api, group, "a", query=f"?since={version(first)}")
    assert codes(noticed) == ["b"] and by_code(noticed, "b")["State"] == "GONE" and version(noticed) > version(first)
    running.sql(f"UPDATE discovery_group SET lapses_at = NULL WHERE id = '{group}'")
    again = hello(api, group, "a", query=f"?since={version(noticed)}")
    assert codes(again) == [] and version(again) == version(noticed)
    back = hello(api, group, "b", query=f"?since={version(noticed)}")
    assert codes(back) == ["b"] and by_code(back, "b")["State"] == "UP" and version(back) > version(noticed)


def test_who_looks_is_told_when_to_look_again(running, api, group):
    """A look at the whole group happens when somebody may have lapsed, not at every hello."""
    hello(api, group, "a")
    [[due]] = running.sql(f"SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), lapses_at) FROM discovery_group WHERE id = '{group}'")
    assert LEASE - 5 <= int(due) <= LEASE
    assert hello(api, group, "a").queries < hello(api, group, "b").queries


def test_a_silent_group_is_looked_at_by_expire(running, admin, api, group):
    first = hello(api, group, "a")
    age(running, group, LEASE + 1)
    running.cli("expire")
    assert read_only(running, group) > version(first)
    assert running.sql(f"SELECT gone_at IS NULL FROM discovery_client WHERE group_id = '{group}'") == [["0"]]
    [one] = admin.get(f"{GROUPS}/{group}/clients?filter=state=\"GONE\"").json()["clients"]
    assert one["clientCode"] == "a" and one["expiresAt"]


def test_lease_of_new_groups_by_option(private_installation):
    running = private_installation(discovery_lease="2m")
    admin = running.client(running.admin_key)
    made = admin.post(GROUPS, {"group": {"name": "by option"}}).json()["groupId"]
    assert admin.get(f"{GROUPS}/{made}").json()["group"]["leaseSeconds"] == 120
    group = running.cli("group", "create", "by flag", "--lease", "45").strip().splitlines()[0]
    assert admin.get(f"{GROUPS}/{group}").json()["group"]["leaseSeconds"] == 45
    assert admin.post(GROUPS, {"group": {"name": "too long", "leaseSeconds": 2592001}}).status == 400
    assert admin.post(GROUPS, {"group": {"name": "negative", "leaseSeconds": -1}}).status == 400


def test_another_lease_is_looked_at_at_once(running, admin, api, group):
    hello(api, group, "a")
    age(running, group, 45, "a")
    first = hello(api, group, "b")
    assert admin.put(GROUPS, {"group": {"id": group, "leaseSeconds": 30}}).status == 200
    answer = hello(api, group, "b", query=f"?since={version(first)}")
    assert codes(answer) == ["a"] and by_code(answer, "a")["State"] == "GONE" and answer.headers["hello-interval"] == "10"


# --- versions ---

def test_the_version_rises_with_what_is_seen(running, admin, api, group):
    first = hello(api, group, "a")
    assert version(hello(api, group, "a")) == version(first)
    seen = [version(first)]

    def rises(answer):
        seen.append(version(answer) if answer is not None else read_only(running, group))
        assert seen[-1] > seen[-2]

    rises(hello(api, group, "a", AppVersion="2.0"))
    rises(hello(api, group, "a", AppVersion="2.0", ClientPort=7))
    rises(hello(api, group, "a", AppVersion="2.0", ClientPort=7, ClientIpAddress="192.0.2.9"))
    rises(hello(api, group, "a", AppVersion="2.0", ClientPort=7, ClientIpAddress="192.0.2.9", Status="ill"))
    same = hello(api, group, "a", AppVersion="2.0", ClientPort=7, ClientIpAddress="192.0.2.9")
    assert version(same) == seen[-1]
    rises(hello(api, group, "b"))
    one, other = (by_code(hello(api, group, "b"), code)["Id"] for code in "ab")
    running.cli("associate", one, other)
    rises(None)
    running.cli("associate", "--remove", one, other)
    rises(None)
    name = unique("renamed")
    assert admin.put(GROUPS, {"group": {"id": group, "name": name}}).status == 200
    rises(None)
    assert admin.put(GROUPS, {"group": {"id": group, "name": name}}).status == 200
    assert read_only(running, group) == seen[-1]
    assert admin.put(f"{GROUPS}/{group}/clients/{one}", {"client": {"outOfService": False}}).status == 200
    assert read_only(running, group) == seen[-1]


def test_who_has_the_version_gets_no_body(running, api, group):
    first = hello(api, group, "a")
    [[before]] = running.sql(f"SELECT updated_at FROM discovery_client WHERE group_id = '{group}'")
    for form in (tag(first), tag(first).removeprefix("W/"), f'"other", {tag(first)}'):
        answer = hello(api, group, "a", known=form)
        assert answer.status == 304 and answer.body == b"" and tag(answer) == tag(first)
        assert answer.headers["hello-interval"] == "30"
    [[after]] = running.sql(f"SELECT updated_at FROM discovery_client WHERE group_id = '{group}'")
    assert after > before
    assert hello(api, group, "a", known=tag(first), AppVersion="2").status == 200
    assert hello(api, group, "a", known='W/"1"').status == 200
    assert hello(api, group, "b", known=tag(first)).status == 200


def test_what_has_changed_and_who_has_left(running, api, group):
    for code in "abc":
        last = hello(api, group, code)
    assert codes(hello(api, group, "a", query=f"?since={version(last)}")) == []
    token = by_code(last, "b")["Token"]
    assert api.delete(f"{HELLO}/{token}").status == 204
    hello(api, group, "c", AppVersion="2.0")
    hello(api, group, "d")
    answer = hello(api, group, "a", query=f"?since={version(last)}")
    assert codes(answer) == ["c", "d"] and codes(answer, "DTOClientsRemoved") == ["b"]
    assert str(answer.value["Complete"]).lower() == "false" and int(answer.value["Version"]) == version(answer)
    assert answer.value["DTOClientsRemoved"][0]["Id"] == by_code(last, "b")["Id"]
    assert set(answer.value["DTOClientsRemoved"][0]) == {"Id", "ClientCode"}
    assert codes(hello(api, group, "a", query=f"?since={version(answer)}"), "DTOClientsRemoved") == []


@pytest.mark.parametrize("since", ["0", "1", "99999999999999999"])
def test_where_changes_are_not_known_all_is_shown(api, group, since):
    hello(api, group, "a")
    answer = hello(api, group, "b", query=f"?since={since}")
    complete = str(answer.value["Complete"]).lower() == "true"
    assert codes(answer) == ["a", "b"] and complete == (since != "1")


@pytest.mark.parametrize("query", ["?since=x", "?since=-1", "?since=1.5", "?details=perhaps"])
def test_parameters_are_checked(api, group, query):
    answer = api.post(HELLO + query, "DTOHello", body(group, "a"))
    assert answer.status == 400 and query[1:query.index("=")] in answer.text, answer


def test_departures_are_forgotten_after_a_day(running, api, group):
    first = hello(api, group, "a")
    leaving = hello(api, group, "b")
    assert api.delete(f"{HELLO}/{by_code(leaving, 'b')['Token']}").status == 204
    for table in ("discovery_departure", "discovery_client"):
        running.sql(f"UPDATE {table} SET version = version - 90000000000 WHERE group_id = '{group}'")
    leaving = hello(api, group, "c")
    assert api.delete(f"{HELLO}/{by_code(leaving, 'c')['Token']}").status == 204
    left = running.sql(f"SELECT client_code FROM discovery_departure WHERE group_id = '{group}'")
    assert left == [["c"]]
    old = hello(api, group, "a", query=f"?since={version(first) - 90000000000 - 1}")
    assert str(old.value["Complete"]).lower() == "true"
    new = hello(api, group, "a", query=f"?since={version(first)}")
    assert str(new.value["Complete"]).lower() == "false" and codes(new, "DTOClientsRemoved") == ["c"]


def test_expired_applications_are_no_riddle(private_installation):
    """Those that retention deletes are not told one by one: whoever asks for changes gets the whole once."""
    running = private_installation(application_retention="24h")
    api, group = Api(running.client(), DISCOVERY, "json"), running.create_group("old ones")
    hello(api, group, "a")
    first = hello(api, group, "b")
    age(running, group, 90000, "b")
    running.cli("expire")
    answer = hello(api, group, "a", query=f"?since={version(first)}")
    assert codes(answer) == ["a"] and answer.value["Complete"] is True
    answer = hello(api, group, "a", query=f"?since={version(answer)}")
    assert codes(answer) == [] and answer.value["Complete"] is False


def test_a_synchronisation_changes_what_it_changes(running, api, group):
    first = hello(api, group, "a")
    items = [{"ClientCode": code, "ClientGroupsId": group, "AppName": "Till", "AppVersion": "1.0"} for code in "abc"]
    assert api.post(SYNCHRONISE, "DTOClient", items).status == 200
    answer = hello(api, group, "a", query=f"?since={version(first)}")
    assert codes(answer) == ["b", "c"]
    assert api.post(SYNCHRONISE, "DTOClient", items).status == 200
    assert read_only(running, group) == version(answer)
    items[1]["AppVersion"] = "2.0"
    assert api.post(SYNCHRONISE, "DTOClient", items[:2]).status == 200
    answer = hello(api, group, "a", query=f"?since={version(answer)}")
    assert codes(answer) == ["b"] and codes(answer, "DTOClientsRemoved") == ["c"]


def test_a_synchronisation_is_word_of_its_clients(running, api, group):
    hello(api, group, "a")
    hello(api, group, "b")
    age(running, group, LEASE + 1, "b")
    first = hello(api, group, "a")
    items = [{"ClientCode": code, "ClientGroupsId": group} for code in "ab"]
    assert api.post(SYNCHRONISE, "DTOClient", items).status == 200
    answer = hello(api, group, "a", query=f"?since={version(first)}")
    assert by_code(answer, "b")["State"] == "UP"


# --- tokens ---

def test_a_heartbeat_is_a_hello(running, api, group):
    first = hello(api, group, "a", ClientPort=6)
    hello(api, group, "b")
    token = by_code(first, "a")["Token"]
    answer = api.put(f"{HELLO}/{token}")
    assert answer.status == 200 and codes(answer) == ["a", "b"] and by_code(answer, "a")["ClientPort"] in (6, "6")
    assert api.put(f"{HELLO}/{token}", headers={"If-None-Match": tag(answer)}).status == 304
    told = api.put(f"{HELLO}/{token}?since={version(answer)}", "DTOHeartbeat", {"Status": "paper low", "Note": "Roll 2."})
    assert told.status == 200 and version(told) > version(answer), told
    assert by_code(told, "a")["Status"] == "paper low" and by_code(told, "a")["Note"] == "Roll 2."
    again = api.put(f"{HELLO}/{token}?since={version(told)}")
    assert codes(again) == [] and version(again) == version(told)
    long = api.put(f"{HELLO}/{token}", "DTOHeartbeat", {"Status": "x" * 65})
    assert long.status == 400 and "64" in long.text


def test_unknown_tokens(running, api, group):
    answer = hello(api, group, "a")
    token = by_code(answer, "a")["Token"]
    for wrong in ("x" * 32, token[:-1], token + "x", "short", "x" * 300):
        for call in (api.put, api.delete):
            refused = call(f"{HELLO}/{wrong}")
            assert refused.status == 404 and "hello" in refused.text and wrong not in refused.text, refused
    assert api.delete(f"{HELLO}/{token}").status == 204
    assert api.put(f"{HELLO}/{token}").status == api.delete(f"{HELLO}/{token}").status == 404
    assert codes(hello(api, group, "b")) == ["b"]


def test_tokens_that_could_be_guessed_open_nothing(running, api, admin, group):
    """A synchronisation may set tokens: short ones, and those of two clients, name nobody."""
    other = make_group(admin)
    for one in (group, other):
        items = [{"ClientCode": "short", "ClientGroupsId": one, "Token": "1234567"},
                 {"ClientCode": "twice", "ClientGroupsId": one, "Token": "t" * 40}]
        assert api.post(SYNCHRONISE, "DTOClient", items).status == 200
    for token in ("1234567", "t" * 40):
        assert api.put(f"{HELLO}/{token}").status == api.delete(f"{HELLO}/{token}").status == 404


def test_no_log_has_a_token(running, api, group):
    token = by_code(hello(api, group, "a"), "a")["Token"]
    for method in ("PUT", "DELETE", "PATCH"):
        api.call(method, f"{HELLO}/{token}")
    logs = running.log_file.read_text() + running.nginx_log.read_text() if hasattr(running, "nginx_log") \
        else running.log_file.read_text()
    assert token not in logs


def test_keys_where_they_are_required(private_installation):
    running = private_installation(discovery_auth="key")
    admin, group = running.client(running.admin_key), running.create_group("keys")
    token = admin.post(HELLO, body(group, "a")).json()["DTOClients"][0]["Token"]
    for method in ("PUT", "DELETE"):
        assert running.client().call(method, f"{HELLO}/{token}").status == 401
    assert admin.put(f"{HELLO}/{token}").status == 200 and admin.delete(f"{HELLO}/{token}").status == 204


# --- administrators, and those who are told ---

def test_out_of_service(running, admin, api, group):
    first = hello(api, group, "a")
    last = by_code(first, "a")
    path = f"{GROUPS}/{group}/clients/{last['Id']}"
    before = admin.get(path).json()["client"]
    assert before["outOfService"] is False and before["state"] == "UP"
    assert admin.put(path, {"client": {"outOfService": True, "clientCode": "stays"}}).status == 200
    after = admin.get(path).json()["client"]
    assert (after["outOfService"], after["clientCode"], after["lastHello"]) == (True, "a", before["lastHello"])
    answer = hello(api, group, "b", query=f"?since={version(first)}")
    assert str(by_code(answer, "a")["OutOfService"]).lower() == "true"
    assert str(by_code(hello(api, group, "a", query="?details=true"), "a")["OutOfService"]).lower() == "true"
    other = make_group(admin)
    assert admin.put(f"{GROUPS}/{other}/clients/{last['Id']}", {"client": {"outOfService": False}}).status == 404


def test_who_is_deleted_is_told_of(running, admin, api, group):
    first = hello(api, group, "a")
    hello(api, group, "b")
    assert admin.delete(f"{GROUPS}/{group}/clients/{by_code(first, 'a')['Id']}").status == 200
    answer = hello(api, group, "b", query=f"?since={version(first)}")
    assert codes(answer, "DTOClientsRemoved") == ["a"]


def test_events(running, admin, group):
    hook = admin.post("/v1/webhooks", {"webhook": {"url": "https://hooks.example.org/x",
                                                   "events": ["discovery_client.*"]}})
    assert hook.status == 200, hook
    hook, api = hook.json()["webhookId"], Api(running.client(), DISCOVERY, "json")
    last = by_code(hello(api, group, "a"), "a")
    hello(api, group, "a", AppVersion="2.0")
    age(running, group, LEASE + 1)
    for _ in range(3):
        hello(api, group, "b")
    hello(api, group, "a", AppVersion="2.0")
    path = f"{GROUPS}/{group}/clients/{last['Id']}"
    for out in (True, True, False):
        assert admin.put(path, {"client": {"outOfService": out}}).status == 200
    assert api.delete(f"{HELLO}/{last['Token']}").status == 204
    told = [json.loads(row[0]) for row in running.sql(
        f"SELECT payload FROM webhook_delivery WHERE webhook_id = {hook} ORDER BY created_at, id")]
    of_a = [one["type"].partition(".")[2] for one in told if one["data"]["ClientCode"] == "a"]
    assert sorted(of_a) == sorted(["created", "gone", "returned", "out_of_service", "in_service", "deleted"])
    gone = next(one for one in told if one["type"].endswith(".gone"))
    assert gone["data"]["State"] == "GONE" and last["Token"] not in json.dumps(gone)


# --- what it costs, and many at once ---

def fill(running, group, count):
    running.sql(
        "INSERT INTO discovery_client (id, group_id, client_code, token, app_name, app_version, ip_address, added_at, "
        f"updated_at) SELECT UUID(), '{group}', CONCAT('c', seq), MD5(RAND()), 'Till', '1.0', '192.0.2.1', "
        f"UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_{count}")


def test_a_hello_costs_what_has_changed(running, admin, api):
    """Of a group of 5,000 as of one of 5: queries and bytes, once the caller sends a version."""
    costs = []
    for count in (5, 4998):
        group = make_group(admin, 3600)
        fill(running, group, count)
        whole = hello(api, group, "me")
        same = min((hello(api, group, "me", known=tag(whole)) for _ in range(3)), key=lambda one: one.queries)
        hello(api, group, "c1", AppVersion="2.0", ClientIpAddress="192.0.2.1")
        some = min((hello(api, group, "me", query=f"?since={version(whole)}") for _ in range(3)), key=lambda one: one.queries)
        assert codes(some) == ["c1"]
        costs.append((same.queries, some.queries, len(some.body)))
        assert len(whole.value["DTOClients"]) == count + 1
    few, many = costs
    assert few[0] == many[0] == 2 and few[1] == many[1] and abs(few[2] - many[2]) < 20, costs


def test_many_at_once(running, admin):
    """Changes, hellos, departures at once: versions only grow, and changes lead to what the whole group is."""
    group, errors, seen = make_group(admin), [], []

    def work(number):
        api, last = Api(running.client(), DISCOVERY, "json"), 0
        for turn in range(12):
            answer = hello(api, group, f"w{number}", AppVersion=str(turn // 2))
            if version(answer) < last:
                errors.append((number, turn, last, version(answer)))
            last = version(answer)
            if turn % 4 == 3:
                token = by_code(answer, f"w{number}")["Token"]
                assert api.delete(f"{HELLO}/{token}").status == 204

    def follow():
        api = Api(running.client(), DISCOVERY, "json")
        known, last = {}, 0
        while workers_alive():
            last = apply(hello(api, group, "follower", query=f"?since={last}"), known)
            seen.append(len(known))
        apply(hello(api, group, "follower", query=f"?since={last}"), known)
        whole = {one["Id"]: one["AppVersion"] for one in hello(api, group, "follower").value["DTOClients"]}
        if known != whole:
            errors.append((known, whole))

    def apply(answer, known):
        if answer.value["Complete"]:
            known.clear()
        for one in answer.value["DTOClientsRemoved"]:
            known.pop(one["Id"], None)
        for one in answer.value["DTOClients"]:
            known[one["Id"]] = one["AppVersion"]
        return answer.value["Version"]

    workers = [threading.Thread(target=work, args=[number]) for number in range(6)]
    follower = threading.Thread(target=follow)

    def workers_alive():
        return any(one.is_alive() for one in workers)

    for one in [*workers, follower]:
        one.start()
    for one in [*workers, follower]:
        one.join()
    assert errors == [] and len(seen) > 3
