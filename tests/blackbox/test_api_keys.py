"""API keys: networks, rates, expiry, permissions, secrets, and when they were used."""

import datetime
import ipaddress

import pytest

from harness.browser import SESSION, Browser
from harness.families import LICENSING, Api, unique
from harness.licensing import World
from harness.waiting import wait_until

PATH = "/v1/api-keys"


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


def make(api, **members):
    answer = api.post(PATH, "InsertApiKeyRequest", {"apiKey": {"name": unique("key"), **members}})
    assert answer.status == 200, answer
    return answer.value["apiKeyId"], answer.value["apiKey"]


def change(api, key, **members):
    return api.put(PATH, "UpdateApiKeyRequest", {"apiKey": {"id": key, **members}})


def row(api, key):
    [found] = api.get(f"{PATH}?filter=id={key}").value["apiKeys"]
    return found


def status(installation, secret, method="GET", path="/v1/customers?take=1", **options):
    return installation.client().call(method, path, key=secret, **options).status


def test_members(licensing):
    """They come back as they were sent; without them a key is free."""
    key, _ = make(licensing)
    licensing.check(row(licensing, key), {"allowedNetworks": [], "rateLimit": None, "lastUsed": None})
    networks = ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7", "0.0.0.0/0", "::/0", "::ffff:192.0.2.0/120"]
    assert change(licensing, key, allowedNetworks=networks, rateLimit=600).status == 200
    licensing.check(row(licensing, key), {"allowedNetworks": networks, "rateLimit": 600})
    assert change(licensing, key, description="something else").status == 200
    licensing.check(row(licensing, key), {"allowedNetworks": networks, "rateLimit": 600})
    assert change(licensing, key, allowedNetworks=[], rateLimit=None,
                  lastUsed="2030-01-01T00:00:00Z").status == 200
    licensing.check(row(licensing, key), {"allowedNetworks": [], "rateLimit": None, "lastUsed": None})


@pytest.mark.parametrize("members, path", [
    ({"allowedNetworks": ["192.0.2.0/33"]}, "allowedNetworks[0]"),
    ({"allowedNetworks": ["192.0.2.1/24"]}, "allowedNetworks[0]"),
    ({"allowedNetworks": ["192.0.2.0/24", "example.org"]}, "allowedNetworks[1]"),
    ({"allowedNetworks": ["192.0.2.0/24", "::/129", "::1"]}, "allowedNetworks[1]"),
    ({"allowedNetworks": [""]}, "allowedNetworks[0]"),
    ({"allowedNetworks": ['192.0.2.0/24","10.0.0.0/8']}, "allowedNetworks[0]"),
    ({"allowedNetworks": ["192.0.2.0/-1"]}, "allowedNetworks[0]"),
    ({"allowedNetworks": ["192.0.2"]}, "allowedNetworks[0]"),
    ({"allowedNetworks": [str(ipaddress.ip_address(number)) for number in range(1, 34)]}, "allowedNetworks"),
    ({"allowedNetworks": "192.0.2.0/24"}, "allowedNetworks"),
    ({"rateLimit": 0}, "rateLimit"),
    ({"rateLimit": 1000001}, "rateLimit"),
    ({"rateLimit": "fast"}, "rateLimit"),
    ({"permissions": 16}, "permissions"),
    ({"permissions": -1}, "permissions"),
    ({"expireDate": "tomorrow"}, "expireDate"),
])
def test_rules(licensing, members, path):
    """Each fault is told with its place, in a new key and in a change."""
    key, _ = make(licensing)
    before = row(licensing, key)
    for answer in (licensing.post(PATH, "InsertApiKeyRequest", {"apiKey": {"name": unique("key"), **members}}),
                   change(licensing, key, **members)):
        assert answer.status == 400, answer
        assert f"apiKey.{path}" in licensing.faults(answer), answer
    assert row(licensing, key) == before


def test_every_network_is_named(licensing):
    answer = licensing.post(PATH, "InsertApiKeyRequest", {
        "apiKey": {"name": "k", "allowedNetworks": ["a", "10.0.0.0/8", "b", "c"], "rateLimit": 0}})
    assert answer.status == 400, answer
    assert set(licensing.faults(answer)) == {"apiKey.allowedNetworks[0]", "apiKey.allowedNetworks[2]",
                                             "apiKey.allowedNetworks[3]", "apiKey.rateLimit"}


def test_networks_count(installation, licensing):
    """A change counts at once, in every worker."""
    key, secret = make(licensing, allowedNetworks=["127.0.0.0/8", "::1"])
    for _ in range(8):
        assert status(installation, secret) == 200
    assert change(licensing, key, allowedNetworks=["192.0.2.0/24"]).status == 200
    for _ in range(8):
        assert status(installation, secret) == 403
    assert change(licensing, key, allowedNetworks=[]).status == 200
    assert status(installation, secret) == 200


METHODS = {1: ("GET", "/v1/customers?take=1", None, 200),
           2: ("PUT", "/v1/customers", {"customer": {"id": 999999999}}, 404),
           4: ("DELETE", "/v1/customers/999999999", None, 404), 8: ("POST", "/v1/customers", {"customer": {}}, 200)}


@pytest.mark.parametrize("permissions", range(16))
def test_permissions_of_each_method(installation, client, permissions):
    made = client.post(PATH, {"apiKey": {"name": unique("key"), "permissions": permissions}}).json()["apiKey"]
    for bit, (method, path, body, status) in METHODS.items():
        answer = installation.client().call(method, path, body, key=made)
        assert answer.status == (status if permissions & bit else 403), (permissions, method, answer)


def test_expiry_and_revocation(installation, licensing):
    key, secret = make(licensing, expireDate="2020-01-01T00:00:00Z")
    assert status(installation, secret) == 401
    assert change(licensing, key, expireDate=None).status == 200
    assert status(installation, secret) == 200
    assert change(licensing, key, revoked=True).status == 200
    assert status(installation, secret) == 401
    assert change(licensing, key, revoked=False).status == 200
    assert status(installation, secret) == 200


def test_client_secret(installation, licensing):
    """It must come along, and a wrong one is as none."""
    key, secret = make(licensing, clientSecret="a second secret")
    assert status(installation, secret) == 401
    assert status(installation, secret, headers={"x-client-secret": "another secret"}) == 401
    assert status(installation, secret, headers={"x-client-secret": "a second secret"}) == 200
    [[stored]] = installation.sql(f"SELECT client_secret_hash FROM api_key WHERE id = {key}")
    assert stored.startswith("$y$")
    assert change(licensing, key, clientSecret=None).status == 200
    assert status(installation, secret) == 200


def test_last_use(installation, client):
    """Within a second or two, and counted; neither the revocation counter nor a query of the request's."""
    answer = client.post(PATH, {"apiKey": {"name": unique("key")}}).json()
    key, secret = answer["apiKeyId"], answer["apiKey"]
    [[before]] = installation.sql("SELECT counter FROM revocation")
    assert status(installation, secret) == 200
    [[used]] = wait_until(lambda: installation.sql(
        f"SELECT last_used_at FROM api_key WHERE id = {key} AND last_used_at IS NOT NULL"), "the use")
    shown = client.get(f"{PATH}?filter=id={key}").json()["apiKeys"][0]
    assert shown["lastUsed"][:19] == used.replace(" ", "T")[:19] and shown["useCount"] == 1
    assert min(installation.client().get("/v1/products?total=none", key=secret).queries for _ in range(20)) <= 1
    assert installation.sql("SELECT counter FROM revocation") == [[before]]


# --- rotation ---

BOUNDS = {"permissions": 3, "rateLimit": 500, "description": "at the door", "allowedNetworks": ["127.0.0.0/8"]}


def rotate(api, key, query="", **body):
    return api.post(f"{PATH}/{key}/rotate{query}", "RotateApiKeyRequest", body or None)


def until(answer):
    """Seconds until the former key ends."""
    end = datetime.datetime.fromisoformat(answer.value["formerKeyUntil"].replace("Z", "+00:00"))
    return (end - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def test_rotation(installation, licensing):
    """The same key under another text: owner, bounds, end and secret are kept, and both count for a while."""
    owner = installation.create_user(unique("owner"), "Sales")
    key, former = make(licensing, ownerId=owner, expireDate="2031-01-01T00:00:00Z",
                       clientSecret="a secret of its own", **BOUNDS)
    before = row(licensing, key)
    answer = rotate(licensing, key, graceSeconds=600)
    assert answer.status == 200 and 590 < until(answer) <= 600, answer
    number, present = answer.value["apiKeyId"], answer.value["apiKey"]
    assert number != key and present != former
    after = row(licensing, number)
    kept = ("name", "ownerId", "expireDate", "revoked", "clientSecret", *BOUNDS)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert present not in str(after) and row(licensing, key)["expireDate"] == answer.value["formerKeyUntil"]
    for secret in (former, present):
        assert status(installation, secret) == 401
        assert status(installation, secret, headers={"x-client-secret": "a secret of its own"}) == 200


def test_grace(installation, licensing):
    """As long as the option says, or the caller; never longer than the key would have counted."""
    key, former = make(licensing)
    assert 86390 < until(rotate(licensing, key)) <= 86400
    assert status(installation, former) == 200
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=300)
    key, _ = make(licensing, expireDate=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    answer = rotate(licensing, key, graceSeconds=86400)
    assert until(answer) <= 300
    assert row(licensing, answer.value["apiKeyId"])["expireDate"] == row(licensing, key)["expireDate"]
    key, former = make(licensing)
    answer = rotate(licensing, key, graceSeconds=0)
    assert until(answer) <= 0
    for _ in range(8):
        assert status(installation, former) == 401 and status(installation, answer.value["apiKey"]) == 200
    for grace in (-1, 31536001, "long"):
        refused = rotate(licensing, answer.value["apiKeyId"], graceSeconds=grace)
        assert refused.status == 400 and "graceSeconds" in licensing.faults(refused), refused


def test_a_session_of_a_key_ends_with_it(installation, licensing):
    key, former = make(licensing)
    browser = Browser(installation)
    assert browser.sign_in(apiKey=former).status == 200
    assert rotate(licensing, key, graceSeconds=60).status == 200
    assert browser.get(SESSION).status == 200
    key, former = make(licensing)
    assert browser.sign_in(apiKey=former).status == 200
    assert rotate(licensing, key, graceSeconds=0).status == 200
    assert browser.get(SESSION).status == 401


def test_what_has_ended_is_not_rotated(installation, licensing):
    revoked, _ = make(licensing, revoked=True)
    expired, _ = make(licensing, expireDate="2020-01-01T00:00:00Z")
    [[count]] = installation.sql("SELECT COUNT(*) FROM api_key")
    for key in (revoked, expired):
        refused = rotate(licensing, key)
        assert refused.status == 409 and int(refused.value["code"]) == 9, refused
    assert rotate(licensing, 99999999).status == 404
    assert rotate(licensing, "seven").status == 400
    assert installation.sql("SELECT COUNT(*) FROM api_key") == [[count]]


def test_a_rotation_grants_nothing(installation, licensing):
    """Nobody gets a key that may do more than the own one, and the wider one goes on."""
    admin = installation.admin_id
    wide, former = make(licensing, ownerId=admin)
    makers = {"permissions": {"permissions": 11}, "allowedNetworks": {"allowedNetworks": ["127.0.0.0/8"]},
              "expireDate": {"expireDate": "2031-01-01T00:00:00Z"}, "rateLimit": {"rateLimit": 5000}}
    for member, bound in makers.items():
        _, maker = make(licensing, ownerId=admin, **bound)
        narrow, _ = make(licensing, ownerId=admin, **bound)
        api = Api(installation.client(maker), LICENSING, licensing.media)
        refused = rotate(api, wide, graceSeconds=0)
        assert refused.status == 403 and set(licensing.faults(refused)) == {member}, refused
        assert rotate(api, narrow, graceSeconds=0).status == 200
    assert status(installation, former) == 200
    for permissions in (1, 2, 4, 7):
        _, maker = make(licensing, ownerId=admin, permissions=permissions)
        api = Api(installation.client(maker), LICENSING, licensing.media)
        assert rotate(api, wide).status == 403


def test_a_rotation_is_tried_and_repeated(installation, licensing):
    key, former = make(licensing)
    before = row(licensing, key)
    tried = rotate(licensing, key, "?dryRun=true", graceSeconds=0)
    assert tried.status == 200 and status(installation, tried.value["apiKey"]) == 401
    assert row(licensing, key)["expireDate"] == before["expireDate"] and status(installation, former) == 200
    once = {"Idempotency-Key": unique("rotation")}
    first, second = (licensing.post(f"{PATH}/{key}/rotate", "RotateApiKeyRequest", {"graceSeconds": 60}, headers=once)
                     for _ in range(2))
    assert first.status == 200 and first.value == second.value, second
    assert len(installation.sql(f"SELECT id FROM api_key WHERE name = '{before['name']}'")) == 2


def test_a_rotation_is_told(installation, client, licensing):
    """The audit log has both keys under one request, without their texts."""
    key, _ = make(licensing)
    answer = rotate(licensing, key, graceSeconds=60)
    number, request = answer.value["apiKeyId"], answer.headers["x-request-id"]
    entries = client.get(f'/v1/audit?filter=requestId="{request}"').json()["auditEntries"]
    assert {(one["action"], one["resource"], one["key"]) for one in entries} == {
        ("insert", "API key", str(number)), ("update", "API key", str(key))}
    assert answer.value["apiKey"] not in str(entries)


@pytest.mark.parametrize("role", ["LicenseManager", "Sales", "Customer", "Application", "HostingManager",
                                  "DelegateManager"])
def test_only_administrators_make_keys(world, role):
    """Nobody gets a key for somebody with more rights: who may make keys may do everything anyway."""
    user = world.make("user", roles=[role])
    key = world.client.post(PATH, {"apiKey": {"name": "k", "ownerId": user}}).json()["apiKey"]
    client = world.installation.client()
    admin = world.installation.admin_id
    assert client.post(PATH, {"apiKey": {"name": "k", "ownerId": admin}}, key=key).status == 403
    assert client.put(PATH, {"apiKey": {"id": 1, "ownerId": user}}, key=key).status == 403
    assert client.post(f"/v1/users/{user}/roles", {"roles": "Administrator"}, key=key).status == 403
    assert client.put("/v1/users", {"user": {"id": user, "roles": ["Administrator"]}}, key=key).status == 403


def test_unknown_owner(licensing):
    answer = licensing.post(PATH, "InsertApiKeyRequest", {
        "apiKey": {"name": "k", "ownerId": "00000000-0000-4000-8000-000000000000"}})
    assert answer.status == 400, answer
