"""What a delegate sees of its own groups, and does to them: nothing of other groups, nothing beyond its own rights, and
nothing else, whatever route of tests/golden/access.txt is tried."""

import datetime
import itertools
import json
import re

import pytest

from harness.access import KEYED, ROUTES, name, sample_path
from harness.families import DELEGATES, MEDIA, Api, unique
from harness.owners import GROUPS, OWN_GROUPS, Agency
from harness.sight import Viewers

RESTLESS = {"api_key", "api_client", "oauth_session"}  # a minute later they tell of their use
SHUT = [route for route in KEYED if route.access not in ("group", "user key") and "Delegate" not in route.own_roles | route.roles]
OWNED = [route for route in ROUTES if "Delegate" in route.own_roles]
BODIES = {"POST clients": {"clientId": 0, "lastName": "x"}, "POST delegates": {"lastName": "x"}, "PUT delegate": {"phone": "1"}}
CALLS = 6
persons = itertools.count(1_900_000)


@pytest.fixture(scope="module")
def viewers(installation):
    return Viewers(installation)


@pytest.fixture
def one_worker(private_installation):
    return private_installation(workers=1)


@pytest.fixture
def agencies(viewers):
    return Agency(viewers, persons), Agency(viewers, persons)


@pytest.fixture
def mine(agencies):
    return agencies[0]


@pytest.fixture
def theirs(agencies):
    return agencies[1]


@pytest.fixture
def boss(mine, media):
    return Api(mine.client(), DELEGATES, media)


@pytest.fixture
def clerk(mine, media):
    return Api(mine.client(mine.clerk_key), DELEGATES, media)


@pytest.fixture
def state(installation):
    """Asked for what is stored now, of all tables."""
    tables = {row[0] for row in installation.sql("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")} - RESTLESS
    return lambda: installation.sql(f"CHECKSUM TABLE {', '.join(sorted(tables))}")


def numbers(rows, member="clientId"):
    return {int(row[member]) for row in rows}


def put_client(api, agency, number, **members):
    return api.post(f"{agency.path}/clients", "DelegateGroupClient", {"clientId": number} | members)


def change(api, agency, delegate, **members):
    return api.put(f"{agency.path}/delegate/{delegate}", "Delegate", members)


def add(api, agency, **members):
    return api.post(f"{agency.path}/delegates", "Delegate", {"lastName": "Added"} | members)


# --- what is seen ---


def test_routes():
    """What the golden says is what this test says."""
    assert {name(route) for route in OWNED} == OWN_GROUPS


def test_lists(boss, clerk, mine, theirs):
    for api in (boss, clerk):
        assert numbers(api.get(GROUPS).value, "id") == {mine.group}
        assert api.get(f"{GROUPS}?searchTerm={theirs.mark}").value == []
        for query in ("", "?includeExpired=true", f"?searchTerm={mine.mark}"):
            assert numbers(api.get(f"{mine.path}/clients{query}").value) == {mine.current}
        assert int(api.get(f"{mine.path}/clients/count?includeExpired=true").value) == 1
        page, = api.get(f"{mine.path}/clientsgroup?includeExpired=true").value
        assert (int(page["clientCount"]), numbers(page["clients"])) == (1, {mine.current})
        assert numbers(api.get(f"{mine.path}/delegates").value, "id") == {mine.boss, mine.clerk}
        page, = api.get(f"{mine.path}/delegates/0").value
        assert (int(page["delegateCount"]), numbers(page["delegates"], "id")) == (2, {mine.boss, mine.clerk})
        group = api.get(f"{mine.path}?includeClientCount=true").value
        api.check(group, {"name": mine.mark, "numClients": 1, "numDelegates": 2})
        assert api.get(f"{mine.path}/delegate/{mine.clerk}").status == 200


@pytest.mark.parametrize("accept", ["text/csv", "application/x-ndjson"])
def test_rows_alone(mine, theirs, accept):
    for path in (GROUPS, f"{mine.path}/clients?includeExpired=true", f"{mine.path}/delegates"):
        answer = mine.client().get(path, accept=accept)
        assert answer.status == 200 and mine.mark in answer.text and theirs.mark not in answer.text, answer
        assert str(mine.expired) not in answer.text


def test_clients_of_rules(boss, clerk, mine, theirs):
    place = unique("place")
    number = mine.person(next(persons), location=place)
    for agency in (mine, theirs):
        agency.done(agency.admin.post(f"{agency.path}/clientrule", {"rules": [{"conditions": [{"ruleType": 3, "value": place}]}]}))
    for api in (boss, clerk):
        assert numbers(api.get(f"{mine.path}/dynamicclients").value) == {number}
        assert numbers(api.get(f"{mine.path}/clients").value) == {number, mine.current}
    assert boss.delete(f"{mine.path}/clients/{number}").status == 409


def test_me(boss, clerk, mine, theirs, delegates):
    row, = boss.get("/api/delegates/me").value
    boss.check(row, {
        "delegateId": mine.boss, "delegateGroupId": mine.group, "groupName": mine.mark, "lastName": mine.mark,
        "canManageClients": True, "canManageDelegates": True, "canManageLocations": False,
        "securitySettings": {"canBookTrips": True, "canCancelTrips": False},
        "requiredClientInformation": {"lastName": True, "birthDate": False}})
    assert change(delegates, mine, mine.clerk, securitySettings={"canCancelTrips": True}).status == 200
    row, = clerk.get("/api/delegates/me").value
    clerk.check(row, {"canManageClients": False, "securitySettings": {"canBookTrips": False, "canCancelTrips": True}})
    # Of two groups, both; who sees all groups is a delegate of none.
    mine.done(mine.admin.post(f"{theirs.path}/delegates", {"userId": mine.boss_user}))
    assert numbers(boss.get("/api/delegates/me").value, "delegateGroupId") == {mine.group, theirs.group}
    assert numbers(boss.get(GROUPS).value, "id") == {mine.group, theirs.group}
    assert delegates.get("/api/delegates/me").value == []


# --- nothing of others, and nothing else ---


def tried(route, group, client, delegate):
    """The route's path with those rows, and a body that would do."""
    path = re.sub(r"{(\w+)}", lambda found: str({"clientId": client, "delegateId": delegate, "offset": 0}.get(found[1], group)), route.path)
    body = BODIES.get(f"{route.method} {re.split('/', re.sub(r'/[^/]*}$', '', route.path))[-1]}")
    return path, body and body | ({"clientId": client} if "clientId" in body else {})


@pytest.mark.parametrize("route", [route for route in OWNED if "{" in route.path], ids=name)
@pytest.mark.parametrize("accept", MEDIA.values())
def test_others_are_not_there(agencies, state, route, accept):
    """Rows of another group, below it and below one's own, and a client whose time is over are answered as none."""
    mine, theirs = agencies
    client = mine.client()
    cases = [((theirs.group, theirs.current, theirs.boss), (999999999, theirs.current, theirs.boss))]
    if "{clientId}" in route.path or "{delegateId}" in route.path:
        cases.append(((mine.group, theirs.current, theirs.boss), (mine.group, 999999999, 999999999)))
    if "{clientId}" in route.path:
        cases.append(((mine.group, mine.expired, 0), (mine.group, 999999999, 0)))
    before = state()
    for rows, nothing in cases:
        answers = []
        for numbers_ in (rows, nothing):
            path, body = tried(route, *numbers_)
            # A worker to whom the key is new looks it up.
            calls = [client.call(route.method, path, body and json.dumps(body), accept=accept,
                                 content_type=body and MEDIA["json"]) for _ in range(CALLS)]
            assert len({(call.status, call.body) for call in calls}) == 1, calls
            answers.append(min(calls, key=lambda call: call.queries))
        one, other = answers
        assert (one.status, one.body, one.queries) == (other.status, other.body, other.queries), answers
        assert theirs.mark not in one.text and one.status in (200, 404), one
        if one.status == 200:
            assert one.text in ("[]", "null", "0") or not re.search(r'[1-9]\d\d|"id"', re.sub(r"http\S+", "", one.text)), one
    assert state() == before


def test_nothing_else(agencies, media, state):
    before = state()
    client = agencies[0].client()
    for agency in agencies:
        for route in SHUT:
            path = re.sub(r"{(delegateGroupId|id)}", str(agency.group), route.path) if GROUPS in route.path else route.path
            answer = client.call(route.method, sample_path(path).partition("?")[0], accept=MEDIA[media])
            assert answer.status == 403, (name(route), answer)
    assert state() == before


def test_searches_and_numbers_are_of_nothing(mine):
    """What whoever may read something may ask for has nothing of groups."""
    for path in (f"/v1/search?q={mine.mark}", "/v1/statistics"):
        answer = mine.client().get(path)
        assert answer.status == 200 and mine.mark not in answer.text.replace(f"q={mine.mark}", ""), answer


def test_without_the_role(viewers, mine):
    """A user whom a delegate names is nobody, and a role that no delegate names sees nothing."""
    for roles, status in (([], 403), (["Customer"], 403), (["Sales"], 403), (["Delegate"], 200)):
        key = viewers.key(*roles) if roles else None
        if key is None:
            user = mine.done(viewers.admin.post("/v1/users", {"user": {"userName": unique("nobody"), "roles": []}}))["userId"]
            key = mine.done(viewers.admin.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": user}}))["apiKey"]
            mine.done(viewers.admin.post(f"{mine.path}/delegates", {"userId": user}))
        answer = viewers.installation.client(key).get(GROUPS)
        assert answer.status == status and (status != 200 or answer.json() == []), answer


def test_permissions_of_keys(viewers, mine):
    """A key that only reads changes nothing."""
    key = mine.done(viewers.admin.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": mine.boss_user, "permissions": 1}}))["apiKey"]
    client = viewers.installation.client(key)
    assert client.get(f"{mine.path}/clients").status == 200
    assert client.delete(f"{mine.path}/clients/{mine.current}").status == 403
    assert client.post(f"{mine.path}/delegates", {"lastName": "x"}).status == 403
    assert client.put(f"{mine.path}/delegate/{mine.clerk}", {"phone": "1"}).status == 403


# --- sight ends at once ---


@pytest.mark.parametrize("end", ["delegate", "userId", "group", "user", "role", "expiry"])
def test_sight_ends(installation, mine, end):
    """Whoever is no delegate any more sees nothing with the next call, in every worker."""
    client, admin = mine.client(), mine.admin
    paths = [mine.path, f"{mine.path}?includeDeleted=true", f"{mine.path}/clients", f"{mine.path}/delegates", "/api/delegates/me"]
    before = [client.get(path).text for path in paths]
    assert all(mine.mark in text for text in before)
    one = f"{mine.path}/delegate/{mine.boss}"
    if end == "delegate":
        assert admin.delete(one).status == 204
    elif end == "userId":
        assert admin.put(one, {"userId": None}).status == 200
    elif end == "group":
        assert admin.delete(mine.path).status == 204
    elif end == "user":
        assert admin.put("/v1/users", {"user": {"id": mine.boss_user, "enabled": False}}).status == 200
    elif end == "role":
        assert admin.put("/v1/users", {"user": {"id": mine.boss_user, "roles": []}}).status == 200
    else:
        mine.associate(mine.current, startDate="2020-01-01", expiryDate="2021-01-01")
        paths = [f"{mine.path}/clients"]
    for path in paths * 4:
        answer = client.get(path)
        assert mine.mark not in answer.text, answer
        assert answer.status == {"user": 401, "role": 403}.get(end, answer.status), answer
        assert answer.status in (200, 401, 403, 404), answer


# --- clients ---


def test_managed_clients(boss, mine):
    number = mine.person(next(persons))
    answer = put_client(boss, mine, number, lastName=f" {mine.mark.upper()} ", expiryDate="2041-01-01T00:00:00Z")
    assert answer.status == 200, answer
    boss.check(answer.value, {"clientId": number, "lastName": mine.mark, "dynamicallyAdded": False})
    # Whom the group has already, it knows: another date needs nothing more.
    answer = put_client(boss, mine, number, expiryDate="2042-01-01T00:00:00Z")
    assert answer.status == 200 and answer.value["expiryDate"].startswith("2042"), answer
    entry = mine.admin.get("/v1/audit?take=1").json()["auditEntries"][0]
    assert (entry["resource"], entry["action"]) == ("client of the delegate group", "update"), entry
    assert boss.delete(f"{mine.path}/clients/{number}").status == 204
    assert numbers(boss.get(f"{mine.path}/clients").value) == {mine.current}
    assert boss.delete(f"{mine.path}/clients/{number}").status == 404
    # Whose time is over is added once more, with what is known of it.
    assert boss.delete(f"{mine.path}/clients/{mine.expired}").status == 404
    assert put_client(boss, mine, mine.expired, expiryDate=None).status == 400
    answer = put_client(boss, mine, mine.expired, expiryDate=None, lastName=mine.mark)
    assert answer.status == 200 and answer.value["expiryDate"] is None, answer
    assert numbers(boss.get(f"{mine.path}/clients").value) == {mine.current, mine.expired}


def test_start_is_not_moved_back(boss, mine):
    """What was before it is not for the delegates to see: whoever manages all groups may say otherwise."""
    number = mine.person(next(persons))
    now = datetime.datetime.now(datetime.timezone.utc)
    before, today, later = ((now + datetime.timedelta(days=days)).isoformat() for days in (-3, -0.5, 3))
    assert set(boss.faults(put_client(boss, mine, number, lastName=mine.mark, startDate=before))) == {"delegateGroupClient.startDate"}
    assert put_client(boss, mine, number, lastName=mine.mark, startDate=today).status == 200
    for start, status in ((before, 400), (later, 200), (today, 200)):
        answer = put_client(boss, mine, number, startDate=start)
        assert answer.status == status, answer
    mine.associate(number, startDate=before)
    assert put_client(boss, mine, number, startDate=before).status == 200


def test_clients_are_not_managed_by_others(clerk, mine, state):
    before = state()
    number = mine.current
    for answer in (put_client(clerk, mine, number, expiryDate="2041-01-01T00:00:00Z"),
                   put_client(clerk, mine, 999999999, lastName="x"), clerk.delete(f"{mine.path}/clients/{number}")):
        assert answer.status == 403, answer
    assert state() == before
    assert clerk.delete(f"{mine.path}/clients/{mine.expired}").status == 404


REQUIRED = ("clientCode", "firstName", "lastName", "birthDate", "phoneNumber")


def known(agency, number):
    return {"clientCode": f"{agency.mark}-{number}", "firstName": "ADA", "lastName": agency.mark, "birthDate": "1990-02-03",
            "phoneNumber": f"4940/555 {number}"}


@pytest.mark.parametrize("members", [(), *((one,) for one in REQUIRED), REQUIRED])
def test_required_information(viewers, media, members):
    agency = Agency(viewers, persons, requiredClientInformation={one: one in members for one in REQUIRED})
    api = Api(agency.client(), DELEGATES, media)
    number, nobody = agency.person(next(persons)), next(persons)
    right = known(agency, number)
    # What is missing is told by the group's rule alone, whether or not there is such a client.
    for missing in members:
        for client in (number, nobody):
            for absent in ({}, {missing: " "} if missing != "birthDate" else {}, {missing: None}):
                answer = put_client(api, agency, client, **{one: right[one] for one in members if one != missing} | absent)
                assert answer.status == 400 and set(api.faults(answer)) == {f"delegateGroupClient.{missing}"}, answer
    # What is wrong is answered as a client that is not there.
    wrong = [put_client(api, agency, nobody, **right)]
    for one in members[:2]:
        false = "1991-02-03" if one == "birthDate" else right[one] + "9"
        wrong.append(put_client(api, agency, number, **right | {one: false}))
    for answer in wrong:
        assert answer.status == 400 and set(api.faults(answer)) == {"delegateGroupClient.clientId"}, answer
    assert len({(answer.body, answer.queries) for answer in wrong[1:]} | {(wrong[-1].body, wrong[-1].queries)}) == 1
    assert wrong[0].body == wrong[-1].body
    assert put_client(api, agency, number, **right).status == 200


@pytest.mark.parametrize("member", REQUIRED)
def test_what_is_not_known_of_a_client_adds_nobody(viewers, media, member):
    agency = Agency(viewers, persons, requiredClientInformation={one: one == member for one in REQUIRED})
    api = Api(agency.client(), DELEGATES, media)
    number = agency.person(next(persons), **{member: None})
    answer = put_client(api, agency, number, **known(agency, number))
    assert answer.status == 400 and set(api.faults(answer)) == {"delegateGroupClient.clientId"}, answer


def test_forms(mine):
    number = mine.person(next(persons))
    for last, status in (("wrong", 400), (mine.mark, 200)):
        answer = mine.client().post(f"{mine.path}/clients", f"clientId={number}&lastName={last}",
                                    content_type="application/x-www-form-urlencoded")
        assert answer.status == status, answer


def test_guesses_are_counted(private_installation):
    """As wrong passwords are, for each delegate; the right answer makes up for nothing, and passwords are not concerned."""
    running = private_installation(throttle_failures=3)
    agency = Agency(Viewers(running), persons)
    api = Api(agency.client(), DELEGATES, "json")
    one, other = agency.person(next(persons)), agency.person(next(persons))
    assert [put_client(api, agency, other, lastName=f"x{number}").status for number in range(2)] == [400, 400]
    assert put_client(api, agency, one, lastName=agency.mark).status == 200
    assert put_client(api, agency, other, lastName="x3").status == 400
    refused = put_client(api, agency, other, lastName=agency.mark)
    assert refused.status == 429 and refused.headers["retry-after"], refused
    # All else goes on, and another delegate's guesses are its own.
    assert put_client(api, agency, one, expiryDate=None).status == 200 and api.get(GROUPS).status == 200
    _, key, _ = agency.delegate(canManageClients=True)
    assert put_client(Api(agency.client(key), DELEGATES, "json"), agency, other, lastName=agency.mark).status == 200
    rows = json.loads(running.cli("throttle", "list", "--json"))
    assert "delegate" in json.dumps(rows) and agency.boss_user in json.dumps(rows)
    running.cli("throttle", "clear", f"delegate:{agency.boss_user}")
    third = agency.person(next(persons))
    assert put_client(api, agency, third, lastName=agency.mark).status == 200


# --- delegates ---


def test_managed_delegates(boss, mine):
    made = add(boss, mine, firstName="Grace", canManageClients=True, canManageDelegates=True, email="g@example.org")
    assert made.status == 200, made
    boss.check(made.value, {"delegateGroupId": mine.group, "userId": None, "canManageClients": True, "inheritGroupSecurity": True})
    one = int(made.value["id"])
    answer = change(boss, mine, one, role="Dispatcher", canManageDelegates=False, securitySettings={"canBookTrips": True})
    assert answer.status == 200, answer
    boss.check(answer.value, {"canManageDelegates": False, "inheritGroupSecurity": False, "securitySettings": {"canBookTrips": True}})
    stale = boss.put(f"{mine.path}/delegate/{one}", "Delegate", {"role": "x"}, headers={"If-Match": made.headers["etag"]})
    assert stale.status == 412, stale
    assert boss.delete(f"{mine.path}/delegate/{one}").status == 204
    assert boss.get(f"{mine.path}/delegate/{one}").status == 404


def test_no_more_than_own(boss, mine, delegates, state):
    """Neither flags nor settings that the delegate has not itself, by whatever way."""
    other = int(add(delegates, mine, securitySettings={"canCancelTrips": True}).value["id"])
    assert change(delegates, mine, other, inheritGroupSecurity=True).status == 200
    before = state()
    for members, fault in [
            ({"canManageLocations": True}, "canManageLocations"),
            ({"securitySettings": {"canEditProfile": True}}, "securitySettings.canEditProfile"),
            ({"securitySettings": {"canBookTrips": True, "canCancelTrips": True}}, "securitySettings.canCancelTrips")]:
        for answer in (add(boss, mine, **members), change(boss, mine, mine.clerk, **members)):
            assert answer.status == 403 and set(boss.faults(answer)) == {f"delegate.{fault}"}, answer
    # Settings that were put by come back where the inheritance ends.
    answer = change(boss, mine, other, inheritGroupSecurity=False)
    assert answer.status == 403 and set(boss.faults(answer)) == {"delegate.securitySettings.canCancelTrips"}, answer
    for answer in (add(boss, mine, userId=mine.boss_user), change(boss, mine, mine.clerk, userId=mine.boss_user)):
        assert answer.status == 403 and set(boss.faults(answer)) == {"delegate.userId"}, answer
    assert state() == before
    # The group's settings are more than those of a delegate with its own.
    assert change(delegates, mine, mine.boss, securitySettings={"canViewProfile": True}).status == 200
    answer = add(boss, mine)
    assert answer.status == 403 and set(boss.faults(answer)) == {"delegate.securitySettings.canBookTrips"}, answer
    assert add(boss, mine, securitySettings={"canViewProfile": True}).status == 200
    assert change(boss, mine, mine.clerk, inheritGroupSecurity=True).status == 403
    assert change(boss, mine, mine.clerk, phone="1").status == 200


def test_oneself(boss, clerk, mine, state):
    for api, number in ((boss, mine.boss), (clerk, mine.clerk)):
        answer = change(api, mine, number, phone="+49 1", email="me@example.org")
        assert answer.status == 200 and answer.value["phone"] == "+49 1", answer
        before = state()
        for members in ({"canManageDelegates": True}, {"canManageClients": False}, {"securitySettings": {"canBookTrips": True}},
                        {"inheritGroupSecurity": False}, {"userId": None}, {"securitySettings": None}):
            assert change(api, mine, number, **members).status == 403, members
        assert api.delete(f"{mine.path}/delegate/{number}").status == 403
        assert state() == before


def test_delegates_are_not_managed_by_others(clerk, mine, state):
    before = state()
    for answer in (add(clerk, mine), change(clerk, mine, mine.boss, phone="1"), clerk.delete(f"{mine.path}/delegate/{mine.boss}")):
        assert answer.status == 403, answer
    assert state() == before


def test_rights_are_those_of_the_group(boss, mine, theirs):
    """Who manages one group does not so in another, where it is a delegate too."""
    mine.done(mine.admin.post(f"{theirs.path}/delegates", {"userId": mine.boss_user}))
    assert boss.get(f"{theirs.path}/clients").status == 200
    assert put_client(boss, theirs, theirs.current, expiryDate=None).status == 403
    assert boss.delete(f"{theirs.path}/clients/{theirs.current}").status == 403
    assert add(boss, theirs).status == 403 and change(boss, theirs, theirs.clerk, phone="1").status == 403
    assert boss.delete(f"{theirs.path}/delegate/{theirs.clerk}").status == 403
    assert add(boss, mine).status == 200


def test_groups_are_not_changed(boss, mine, state):
    before = state()
    for answer in (boss.put(mine.path, "DelegateGroup", {"name": "x"}), boss.delete(mine.path), boss.post(GROUPS, "DelegateGroup", {"name": "x"}),
                   boss.get(f"{mine.path}/clientrule")):
        assert answer.status == 403, answer
    assert state() == before


# --- other credentials ---


def test_tokens(installation, viewers, mine):
    made = viewers.admin.post("/api/v1/admin/clients", {"Name": unique("p")[:18], "Secret": "its own secret", "UserID": mine.boss_user})
    identifier = made.json()["ResponseData"]["Detail"]["ID"]
    token = installation.client().post(
        "/Token", f"grant_type=client_credentials&client_id={identifier}&client_secret=its+own+secret",
        content_type="application/x-www-form-urlencoded").json()["access_token"]
    answer = installation.client().get(GROUPS, headers={"Authorization": f"Bearer {token}"})
    assert numbers(answer.json(), "id") == {mine.group}, answer


# --- what it costs ---


def test_costs(one_worker):
    """A delegate's lists take the queries that they take an administrator, and read no more than its groups."""
    agency = Agency(Viewers(one_worker), persons)
    paths = [GROUPS, agency.path, f"{agency.path}/clients", f"{agency.path}/clients/count", f"{agency.path}/clientsgroup",
             f"{agency.path}/delegates", f"{agency.path}/delegates/0", f"{agency.path}/delegate/{agency.clerk}"]
    costs = []
    for caller in (agency.admin, agency.client()):
        caller.get(GROUPS)
        costs.append([caller.get(path).queries for path in paths])
    assert costs[0] == costs[1]
    plan = one_worker.sql("EXPLAIN SELECT t.id FROM delegate_group t WHERE t.deleted_at IS NULL AND t.id IN "
                          f"(SELECT o.group_id FROM delegate o WHERE o.user_id = '{agency.boss_user}')")
    assert any("delegate_user" in row for row in plan) and all("ALL" not in row[3:4] for row in plan), plan
