"""Each role, each route of the interface, each permission of a key: allowed or refused as the tables say.

Three sources that know nothing of each other must agree: the table that `clientele roles --json` prints, what the
OpenAPI document says of each operation, and AREAS below, written by hand from the documentation. Then every pair of
a key and an operation is called. A call names rows that do not exist and brings no body, so that it changes nothing.
"""

import http.client
import json
import re

import pytest

from harness.families import unique
from harness.installation import TOP

BITS = {"read": 1, "update": 2, "delete": 4, "create": 8}
METHODS = {"GET": "read", "PUT": "update", "DELETE": "delete", "POST": "create"}

# Where a path begins, what it is about; the first that fits counts.
AREAS = [
    (r"/(api/v1/admin/|oauth2/introspect)", "credentials"),
    (r"/api/delegategroups", "delegates"),
    (r"/hosting/api/", "hosting"),
    (r"/api/Client", "discovery"),
    (r"/v1/(api-keys|users|roles|settings)", "credentials"),
    (r"/v1/(customers|orders|products)/{\w+}/licenses", "licenses"),
    (r"/v1/products/{\w+}/releases/{\w+}/license-templates", "licenses"),
    (r"/v1/(customers|products)/{\w+}/orders", "orders"),
    (r"/v1/orders", "orders"),
    (r"/v1/(customers|contacts)", "customers"),
    (r"/v1/(products|releases|assemblies|reports)", "products"),
    (r"/v1/resources", "resources"),
    (r"/v1/log", "log"),
    (r"/v1/(license|info|email|tokens)", "licenses"),
]
# Operations that are not what their method says.
OTHERWISE = {("POST", "/hosting/api/client/{clientId}/apiKey"): "update", ("POST", "/oauth2/introspect"): "read"}
# Where the client's own secret is the credential, which no role is about.
CLIENTS_OWN = {("POST", "/Token"), ("POST", "/oauth2/token"), ("POST", "/oauth2/revoke")}
SENTENCE = re.compile(r"(?:it n|N)eeds (\w+) on (\w+), which have: ([\w, ]+)\.")


def load_routes():
    """Method, path, permission, area and roles of every operation that needs a credential."""
    paths = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            found = SENTENCE.search(operation.get("description", ""))
            if found:
                yield method.upper(), path, found[1], found[2], set(found[3].split(", "))


ROUTES = list(load_routes())


@pytest.fixture(scope="module")
def table(installation):
    return {role["name"]: role["permissions"] for role in json.loads(installation.cli("roles", "--json"))}


@pytest.fixture(scope="module")
def keys(installation, table):
    """A key per role (None: a user without any) and sum of permissions."""
    client, made = installation.client(installation.admin_key), {}
    for role in [None, *table]:
        answer = client.post("/v1/users", {"user": {"userName": unique("role"), "roles": [role] if role else []}})
        assert answer.status == 200, answer
        for permissions in range(16):
            key = client.post("/v1/api-keys", {"apiKey": {
                "name": "matrix", "ownerId": answer.json()["userId"], "permissions": permissions}})
            assert key.status == 200, key
            made[role, permissions] = key.json()["apiKey"]
    return made


def own_area(path):
    return next((area for pattern, area in AREAS if re.match(pattern, path)), None)


def test_document_is_whole():
    """No operation comes without a credential unless the document says so, and every area is met."""
    paths = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
    public = {(method.upper(), path) for path, operations in paths.items()
              for method, operation in operations.items() if operation["security"] == []}
    everything = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert everything - public - CLIENTS_OWN == {route[:2] for route in ROUTES}
    assert len(ROUTES) > 110
    assert {area for *_, area, _ in ROUTES} >= {"credentials", "delegates", "hosting", "discovery", "licenses",
                                                "products", "resources", "customers", "orders", "log"}


@pytest.mark.parametrize("method, path, permission, area, roles", ROUTES,
                         ids=[f"{route[0]} {route[1]}" for route in ROUTES])
def test_sources_agree(table, method, path, permission, area, roles):
    assert area == own_area(path)
    assert permission == OTHERWISE.get((method, path), METHODS[method])
    assert roles == {role for role in table if permission in table[role][area]}


class Caller:
    """One connection, kept open: thousands of calls."""

    def __init__(self, installation):
        self.connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=30)

    def status(self, method, path, key):
        self.connection.request(method, path, headers={"x-api-key": key, "Accept": "application/json"})
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


def sample_path(path):
    """Rows that are not there, by names of the right form."""
    def fill(found):
        return "00000000-0000-4000-8000-000000000000" if re.search(r"(?i)^id$|user|role|group|client", found[1]) \
            and not path.startswith("/hosting") and not path.startswith("/api/delegate") else "999999999"

    # What licensing deletes and sends without naming rows: an unknown parameter stops it after the permissions.
    return re.sub(r"{(\w+)}", fill, path) + ("?nonsense=1" if path.startswith("/v1/") else "")


@pytest.mark.parametrize("role", [None, "Administrator", "Customer", "LicenseManager", "Sales", "Application",
                                  "HostingManager", "DelegateManager"])
def test_matrix(installation, table, keys, role):
    """Discovery asks for no key by default, so that it lets everybody in."""
    assert role is None or role in table
    caller, wrong = Caller(installation), []
    for method, path, permission, area, _ in ROUTES:
        if area == "discovery":
            continue
        for permissions in range(16):
            allowed = role is not None and permission in table[role][area] and bool(permissions & BITS[permission])
            status = caller.status(method, sample_path(path), keys[role, permissions])
            fits = status not in (401, 403) and status < 500 if allowed else status == 403
            if not fits:
                wrong.append((method, path, permissions, status))
    assert not wrong, wrong[:20]


def test_every_role_is_tried(table):
    tried = {"Administrator", "Customer", "LicenseManager", "Sales", "Application", "HostingManager",
             "DelegateManager"}
    assert tried == set(table)
