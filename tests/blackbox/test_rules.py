"""Rules that hold for all families: limits by option, times, merges, forms, refusals in the family's shape."""

import json

import pytest

from harness.families import CREDENTIALS, DELEGATES, HOSTING, Api, unique
from test_delegates import associate, group_path, make_person  # noqa: F401

CLIENTS, ACCOUNTS, GROUPS = "/api/v1/admin/clients", "/hosting/api/client", "/api/delegategroups"
FORM = "application/x-www-form-urlencoded"


def account(**members):
    name = unique("rule")
    return {"username": name, "password": "secret", "emailAddress": f"{name}@example.org"} | members


# --- limits ---

@pytest.fixture(scope="module")
def small():
    """An installation whose limits are low."""
    from harness.installation import Installation
    with Installation(limit_body="2k", limit_query="256", limit_parameters="10", limit_body_depth="4",
                      limit_body_values="100", limit_list_rows="2") as running:
        yield running.client(running.admin_key)


@pytest.mark.parametrize("body, status", [
    (b" " * 2047 + b"1", 400), (b" " * 2049, 413),
    (b'{"features":{"a":{"b":1}}}', 400), (b'{"features":{"a":{"b":{"c":{}}}}}', 400),
    (b"[" + b"1," * 120 + b"1]", 400)])
def test_limits_of_bodies(small, body, status):
    answer = small.post(ACCOUNTS, body, content_type="application/json")
    assert answer.status == status, answer


@pytest.mark.parametrize("query, status", [
    ("x=" + "a" * 254, 200), ("x=" + "a" * 255, 414), ("&".join(f"a{n}" for n in range(10)), 200),
    ("&".join(f"a{n}" for n in range(11)), 400)])
def test_limits_of_queries(small, query, status):
    assert small.get(f"{CLIENTS}?{query}").status == status


def test_limit_of_form_parameters(small):
    body = "&".join(f"a{n}=1" for n in range(11))
    answer = small.post(CLIENTS, body, content_type=FORM)
    assert answer.status == 400, answer
    assert "10" in answer.text


def test_limit_of_rows(small):
    for _ in range(3):
        assert small.post(ACCOUNTS, account()).status == 201
    assert len(small.get(ACCOUNTS).json()) == 3
    refused = small.get(f"{ACCOUNTS}?count=3")
    assert refused.status == 400 and "from 1 to 2" in refused.json()["errors"]["count"][0], refused
    assert len(small.get(f"{ACCOUNTS}?count=2").json()) == 2
    assert len(small.get(f"{ACCOUNTS}?offset=2").json()) == 1


def test_limit_of_rows_of_a_group(small):
    installation = small.installation
    group = small.post(GROUPS, {"name": "small"}).json()["id"]
    for number in (1, 2, 3):
        installation.sql(f"INSERT INTO delegate_client (id) VALUES ({number})")
        assert small.post(f"{GROUPS}/{group}/clients", {"clientId": number}).status == 200
    assert len(small.get(f"{GROUPS}/{group}/clients").json()) == 2
    assert len(small.get(f"{GROUPS}/{group}/clients?count=1").json()) == 1


# --- times ---

@pytest.mark.parametrize("sent, expected", [
    ("2026-01-05T08:00:00Z", "2026-01-05T08:00:00+00:00"),
    ("2026-01-05T08:00:00+02:00", "2026-01-05T06:00:00+00:00"),
    ("2026-01-05T08:00:00-07:00", "2026-01-05T15:00:00+00:00"),
    ("2026-01-05T08:00:00", "2026-01-05T08:00:00+00:00"),
    ("2026-01-05", "2026-01-05T00:00:00+00:00"),
    ("2026-01-05T08:00:00.5Z", "2026-01-05T08:00:00.5+00:00"),
    ("2026-01-05T08:00:00.1234567Z", "2026-01-05T08:00:00.123456+00:00"),
    ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59+00:00"),
])
def test_times_in(installation, delegates, group_path, sent, expected):  # noqa: F811
    answer = associate(delegates, group_path, make_person(installation), startDate=sent)
    delegates.check(answer.value, {"startDate": expected})


@pytest.mark.parametrize("sent", ["2026-01-05T24:00:00Z", "2023-02-29", "2026-13-01", "2026-01-05T08:00:00.1234567890Z",
                                  "20260105", "2026-01-05T08:61:00Z", "tomorrow"])
def test_times_that_are_none(installation, delegates, group_path, sent):  # noqa: F811
    answer = associate(delegates, group_path, make_person(installation), startDate=sent)
    assert answer.status == 400, answer


def test_times_in_a_zone(private_installation):
    """Without an offset a time is one of the configured zone; answers carry that zone's offset."""
    running = private_installation(time_zone="Europe/Rome")
    api = Api(running.client(running.admin_key), DELEGATES, "json")
    running.sql("INSERT INTO delegate_client (id, first_name) VALUES (1, 'Ada')")
    path = f"{GROUPS}/{api.post(GROUPS, 'DelegateGroup', {'name': 'zone'}).value['id']}"
    for sent, expected in (("2026-07-01T08:00:00", "2026-07-01T08:00:00+02:00"),
                           ("2026-01-01T08:00:00Z", "2026-01-01T09:00:00+01:00")):
        assert associate(api, path, 1, startDate=sent).value["startDate"] == expected


def test_expiry_before_a_stored_begin(installation, delegates, group_path):  # noqa: F811
    number = make_person(installation)
    associate(delegates, group_path, number, startDate="2026-01-05T00:00:00Z")
    answer = associate(delegates, group_path, number, expiryDate="2026-01-04T00:00:00Z")
    assert answer.status == 400, answer
    assert "DelegateGroupClient.expiryDate".lower() in " ".join(delegates.faults(answer)).lower()


# --- merges ---

@pytest.mark.parametrize("members", [{"Name": None}, {"UserID": None}, {"UserID": ""}, {"Name": ""}])
def test_required_members_cannot_be_cleared(installation, credentials, members):
    made = credentials.post(CLIENTS, "ClientRequest", {
        "Name": unique("merge"), "Secret": "its own secret",
        "UserID": installation.admin_id}).value["ResponseData"]["Detail"]
    before = installation.sql(f"SELECT * FROM api_client WHERE id = '{made['ID']}'")
    answer = credentials.put(f"{CLIENTS}/{made['ID']}", "ClientRequest", members)
    assert answer.status == 400, answer
    assert next(iter(members)) in answer.value["Error"]["ErrorReason"]
    assert installation.sql(f"SELECT * FROM api_client WHERE id = '{made['ID']}'") == before


def test_an_empty_change_changes_nothing(hosting):
    made = hosting.post(ACCOUNTS, "Client", account(company="C")).value
    answer = hosting.put(f"{ACCOUNTS}/{made['id']}", "Client", {"unknown": 1, "id": "0000000"})
    assert answer.status == 200, answer
    hosting.check(answer.value, {"id": made["id"], "company": "C"})


# --- forms ---

def test_form_with_parts(client):
    name = unique("form")
    answer = client.post(ACCOUNTS, f"username={name}&password=p&emailAddress={name}%40example.org&domainMaxCount=-1"
                         "&features[canUseIAB]=false&features.canUseIframes=false&active=TRUE", content_type=FORM)
    assert answer.status == 201, answer
    value = answer.json()
    assert (value["active"], value["domainMaxCount"]) == (True, -1)
    assert (value["features"]["canUseIAB"], value["features"]["canUseIframes"]) == (False, False)
    assert value["features"]["canUseScripts"] is True
    answer = client.post(f"{ACCOUNTS}/{value['id']}/domain", "name=form.example.org&iframeMarkers[]=a&iframeMarkers[]=b"
                         "&tcfVendorBlacklist=3&tcfVendorBlacklist=4", content_type=FORM)
    assert answer.status == 201, answer
    assert (answer.json()["iframeMarkers"], answer.json()["tcfVendorBlacklist"]) == (["a", "b"], [3, 4])


def test_form_for_a_group(client):
    answer = client.post(GROUPS, "name=By+form&serviceTypeIds[0]=4&serviceTypeIds[1]=5&groupType=Facility"
                         "&securitySettings[canBookTrips]=true", content_type=FORM)
    assert answer.status == 200, answer
    value = answer.json()
    assert (value["name"], value["serviceTypeIds"], value["groupType"]) == ("By form", [4, 5], 1)
    assert value["securitySettings"]["canBookTrips"] is True


# --- hosting: keys, hashes, names ---

def test_renewed_key(hosting):
    made = hosting.post(ACCOUNTS, "Client", account()).value
    answer = hosting.post(f"{ACCOUNTS}/{made['id']}/apiKey")
    assert answer.status == 200, answer
    assert answer.value["apiKey"] not in (None, "", made["apiKey"])
    assert hosting.get(f"{ACCOUNTS}/by-apiKey/{made['apiKey']}").status == 404
    assert hosting.get(f"{ACCOUNTS}/by-apiKey/{answer.value['apiKey']}").value["id"] == made["id"]
    assert not hosting.get(f"{ACCOUNTS}/{made['id']}").value.get("apiKey")
    assert hosting.post(f"{ACCOUNTS}/0000000/apiKey").status == 404


def test_passwords_and_hashes_are_never_answered(hosting):
    bcrypt = "$2y$10$" + "a" * 53
    request = account(passwordHash=bcrypt)
    del request["password"]
    created = hosting.post(ACCOUNTS, "Client", request)
    path = f"{ACCOUNTS}/{created.value['id']}"
    for answer in (created, hosting.get(path), hosting.get(ACCOUNTS),
                   hosting.put(path, "Client", {"password": "another"}),
                   hosting.get(f"{ACCOUNTS}/by-username/{request['username']}")):
        assert "passwordHash" not in answer.text and "password>" not in answer.text, answer
        assert '"password"' not in answer.text and bcrypt not in answer.text and "another" not in answer.text


def test_change_to_a_taken_name(hosting):
    one, other = (hosting.post(ACCOUNTS, "Client", account(domainMaxCount=-1)).value for _ in range(2))
    answer = hosting.put(f"{ACCOUNTS}/{other['id']}", "Client", {"username": one["username"]})
    assert answer.status == 409, answer
    assert "username" in hosting.faults(answer), answer
    domains = f"{ACCOUNTS}/{one['id']}/domain"
    assert hosting.post(domains, "Domain", {"name": "one.example.org"}).status == 201
    second = hosting.post(domains, "Domain", {"name": "two.example.org"}).value
    answer = hosting.put(f"{domains}/{second['id']}", "Domain", {"name": "one.example.org"})
    assert answer.status == 409, answer
    assert "name" in hosting.faults(answer), answer


# --- refusals ---

@pytest.mark.parametrize("family, path, allowed", [
    (CREDENTIALS, CLIENTS, "HostingManager"), (DELEGATES, f"{GROUPS}/1", "HostingManager"),
    (HOSTING, ACCOUNTS, "DelegateManager")])
def test_shape_of_403(installation, anonymous, media, family, path, allowed):
    user = unique("refused").replace("-", "")
    installation.create_user(user, allowed)
    answer = Api(anonymous, family, media).get(path, key=installation.create_key(user))
    assert answer.status == 403, answer
    assert "www-authenticate" not in answer.headers
    if family is CREDENTIALS:
        assert answer.value["Error"]["ErrorCode"] == "FORBIDDEN"
    else:
        assert answer.value["message"]


@pytest.mark.parametrize("status, word, call", [
    (401, "UNAUTHORIZED", lambda api: api.get(CLIENTS, key="wrong")),
    (404, "NOT_FOUND", lambda api: api.get(f"{CLIENTS}/72aeec30-b3bf-4664-82e7-048ab4c54520")),
    (404, "NO_SUCH_PATH", lambda api: api.get("/api/v1/admin/nothing")),
    (405, "METHOD_NOT_ALLOWED", lambda api: api.delete(CLIENTS)),
    (400, "MALFORMED", lambda api: api.post(CLIENTS, value=b"<", content_type="application/xml")),
    (413, "TOO_LARGE", lambda api: api.post(CLIENTS, value=b" " * (1 << 20) + b" ", content_type="application/json")),
    (414, "URI_TOO_LONG", lambda api: api.get(f"{CLIENTS}?{'x' * 8193}")),
    (415, "UNSUPPORTED_MEDIA_TYPE", lambda api: api.post(CLIENTS, value=b"x", content_type="text/plain")),
])
def test_words_of_errors(credentials, status, word, call):
    answer = call(credentials)
    assert answer.status == status, answer
    assert answer.value["Error"]["ErrorCode"] == word
    assert answer.value["Error"]["ErrorReason"]


def test_refused_requests_store_nothing(installation, hosting):
    [before] = installation.sql("SELECT COUNT(*) FROM hosting_client")
    hosting.post(ACCOUNTS, "Client", account(domainMaxCount=-7))
    hosting.client.post(ACCOUNTS, json.dumps(account())[:-1], content_type="application/json")
    assert [before] == installation.sql("SELECT COUNT(*) FROM hosting_client")
