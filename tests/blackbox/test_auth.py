"""Who may do what."""

import pytest

from harness.families import CREDENTIALS, DELEGATES, HOSTING as HOSTING_FAMILY, Api, unique
from harness.waiting import wait_until

ADMIN = "/api/v1/admin/clients"
HOSTING = "/hosting/api/client"
GROUPS = "/api/delegategroups/1/clients"


@pytest.mark.parametrize("family, path", [(CREDENTIALS, ADMIN), (HOSTING_FAMILY, HOSTING), (DELEGATES, GROUPS)])
def test_shape_of_401(anonymous, media, family, path):
    api = Api(anonymous, family, media)
    answer = api.get(path, key="wrong")
    assert answer.status == 401, answer
    if family is CREDENTIALS:
        assert answer.value["Error"]["ErrorCode"]
        assert answer.value.get("ResponseData") is None
    else:
        assert answer.value["message"]


def test_ways_to_send_a_key(installation, anonymous):
    key = installation.admin_key
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert anonymous.get(ADMIN, headers={"Authorization": f"{scheme} {key}"}).status == 200
    assert anonymous.get(ADMIN, headers={"X-API-KEY": key}).status == 200
    assert anonymous.get(f"{HOSTING}?apiKey={key}").status == 200
    assert anonymous.get(f"{HOSTING}?APIKEY={key}").status == 200


@pytest.mark.parametrize("path", [ADMIN, GROUPS])
def test_key_parameter_is_for_hosting_only(installation, anonymous, path):
    assert anonymous.get(f"{path}?apiKey={installation.admin_key}").status == 401


# Role, path, status of GET.
ROLES = [
    ("Administrator", ADMIN, 200), ("Administrator", HOSTING, 200),
    ("HostingManager", HOSTING, 200), ("HostingManager", ADMIN, 403), ("HostingManager", GROUPS, 403),
    ("DelegateManager", HOSTING, 403), ("DelegateManager", ADMIN, 403),
    ("LicenseManager", ADMIN, 403), ("Sales", ADMIN, 403), ("Sales", HOSTING, 403),
    ("Customer", ADMIN, 403), ("Application", HOSTING, 403),
]


@pytest.mark.parametrize("role, path, status", ROLES)
def test_roles(installation, anonymous, role, path, status):
    user = unique("user").replace("-", "")
    installation.create_user(user, role)
    answer = anonymous.get(path, key=installation.create_key(user))
    assert answer.status == status, answer


def test_several_roles_add_up(installation, anonymous):
    user = unique("both").replace("-", "")
    installation.create_user(user, "HostingManager", "DelegateManager")
    key = installation.create_key(user)
    assert anonymous.get(HOSTING, key=key).status == 200
    created = anonymous.post("/api/delegategroups", {"name": "Both"}, key=key)
    assert created.status == 200, created


# Permission bits of the key, method, allowed.
BITS = [("read", "GET", True), ("read", "POST", False), ("create", "GET", False), ("create", "POST", True),
        ("read", "PUT", False), ("read,update", "PUT", True), ("read,update", "DELETE", False),
        ("delete", "DELETE", True)]


@pytest.mark.parametrize("bits, method, allowed", BITS)
def test_permission_bits(installation, anonymous, bits, method, allowed):
    key = installation.create_key("admin", bits)
    unknown = "/hosting/api/client/0000000"
    path = HOSTING if method in ("GET", "POST") else unknown
    body = {} if method in ("POST", "PUT") else None
    answer = anonymous.call(method, path, body, key=key)
    assert (answer.status != 403) == allowed, answer
    assert answer.status != 401, answer


def test_revocation_is_at_once(installation, anonymous):
    name = unique("revoked")
    key = installation.create_key("admin", name=name)
    for _ in range(10):  # every worker has seen it
        assert anonymous.get(ADMIN, key=key).status == 200
    revoke(installation, name)
    for _ in range(10):
        assert anonymous.get(ADMIN, key=key).status == 401


def revoke(installation, name):
    [[number]] = installation.sql(f"SELECT id FROM api_key WHERE name = '{name}'")
    installation.cli("key", "revoke", number)


def test_revocation_in_the_database_is_followed(installation, anonymous):
    """As another node would do it: the counter row tells."""
    name = unique("elsewhere")
    key = installation.create_key("admin", name=name)
    assert anonymous.get(ADMIN, key=key).status == 200
    installation.sql(f"UPDATE api_key SET revoked = TRUE WHERE name = '{name}'; "
                     "UPDATE revocation SET counter = counter + 1")
    wait_until(lambda: all(anonymous.get(ADMIN, key=key).status == 401 for _ in range(10)),
               "all workers' look at the counter")


def test_expired_key(installation, anonymous):
    name = unique("expired")
    key = installation.create_key("admin", name=name)
    installation.sql(f"UPDATE api_key SET expires_at = '2020-01-01' WHERE name = '{name}'")
    assert anonymous.get(ADMIN, key=key).status == 401


def test_keys_are_stored_as_hashes(installation):
    stored = " ".join(" ".join(row) for row in installation.sql("SELECT name, HEX(key_hash), key_prefix FROM api_key"))
    assert installation.admin_key not in stored


def test_a_new_role_counts_at_once(installation, anonymous):
    user = unique("promoted").replace("-", "")
    installation.create_user(user, "Sales")
    key = installation.create_key(user)
    for _ in range(5):
        assert anonymous.get(HOSTING, key=key).status == 403
    installation.cli("user", "role", user, "add", "HostingManager")
    for _ in range(5):
        assert anonymous.get(HOSTING, key=key).status == 200
    installation.cli("user", "role", user, "remove", "HostingManager")
    for _ in range(5):
        assert anonymous.get(HOSTING, key=key).status == 403


def test_a_disabled_user_counts_at_once(installation, anonymous):
    user = unique("disabled").replace("-", "")
    installation.create_user(user, "HostingManager")
    key = installation.create_key(user)
    for command, status in (("disable", 401), ("enable", 200)):
        for _ in range(5):
            anonymous.get(HOSTING, key=key)
        installation.cli("user", command, user)
        for _ in range(5):
            assert anonymous.get(HOSTING, key=key).status == status


def test_discovery_needs_no_key(anonymous, group):
    answer = anonymous.post("/api/ClientHello", {"ClientCode": "c", "ClientGroupId": group, "AppName": "a",
                                                 "AppVersion": "1"})
    assert answer.status == 200, answer


def test_discovery_can_demand_a_key(private_installation):
    running = private_installation(discovery_auth="key")
    hello = {"ClientCode": "c", "ClientGroupId": running.create_group("g"), "AppName": "a", "AppVersion": "1"}
    assert running.client().post("/api/ClientHello", hello).status == 401
    assert running.client(running.admin_key).post("/api/ClientHello", hello).status == 200
    running.create_user("app", "Application")
    assert running.client(running.create_key("app")).post("/api/ClientHello", hello).status == 200
