"""Who may come in: every operation of the document, by everybody who may be there, held against the golden of access.

tests/golden/access.txt is made from the tables and read by whoever changes it. Here the document must say the same of
each operation, and then each is called: without a credential, with worthless and dead ones, with each role, and with
each permission of a key or token. The calls name rows that do not exist and bring no body, so that they change nothing.
"""

import datetime
import json
import re
import time

import pytest

from harness import access
from harness.access import BITS, KEYED, ROUTES
from harness.families import new_api_client, unique
from harness.installation import TOP, Installation
from harness.waiting import wait_until

PATHS = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
CLIENTS = "/api/v1/admin/clients"
FORM = "application/x-www-form-urlencoded"
OWNERS = re.compile(r"For a (?:customer's own rows|delegate's own groups) alone, also granted by the roles: ([\w, ]+)\.")
SENTENCE = re.compile(r"(?:it n|N)eeds (\w+) on (\w+), granted by the roles: ([\w, ]+)\.")
# What the document says of each kind of access; "nobody" stands for the empty alternative.
SECURITY = {
    "key": {"apiKey", "bearer", "oauth2", "session", "csrf"},
    "sight": {"apiKey", "bearer", "oauth2", "session", "csrf"},
    "public": set(),
    "group": {"nobody", "apiKey", "bearer", "oauth2"},
    "client": {"nobody", "client"},
    "key or client": {"apiKey", "bearer", "oauth2", "client"},
    "registration": {"registration"},
    "operator": set(),
    "user key": {"nobody", "userKey", "apiKey", "bearer", "oauth2"},
    "session": {"session", "csrf"},
    "account": {"apiKey", "bearer"},
}
# Written by hand, so that neither tables nor golden can open a door by themselves.
OPEN = {"GET /openapi.json", "GET /openapi-3.0.json",
        # Its body is the credential: test_sign_in.py.
        "POST /v1/session",
        "GET /.well-known/oauth-authorization-server"}
# Whoever may read something; the answers have what that is: test_search.py, test_statistics.py.
SIGHT = {"GET /v1/search", "POST /v1/search", "GET /v1/statistics"}
# A hosting account's own key, which opens nothing else: test_account_keys.py.
ACCOUNT = {"GET /api/test", "GET /api/domains", "GET /api/domains/{domainId}/consents", "POST /api/domains/{domainId}/consents",
           "GET /api/domains/{domainId}/consents/{ucid}", "DELETE /api/domains/{domainId}/consents/{ucid}"}
# By address: test_operator.py.
OPERATOR = {"GET /healthz", "GET /readyz", "GET /metrics"}
# The credential is in the body or a bearer token of another kind: 400 or 401, as RFC 6749, 7009 and 7591 say.
OWN = {"POST /Token", "POST /oauth2/token", "POST /oauth2/revoke", "POST /oauth2/introspect", "POST /oauth2/register",
       "GET /oauth2/register/{client_id}", "PUT /oauth2/register/{client_id}", "DELETE /oauth2/register/{client_id}"}
# The license's user key is the credential, unless client_auth demands a key.
USER_KEY = {"GET /v1/license/activations"} | {f"POST /v1/license/{action}" for action in (
    "activate", "deactivate", "request", "release", "validate", "heartbeat", "consume", "report", "checkout", "receipt")}
# The group's identifier, or a token that only its applications know, is the shared secret, unless discovery_auth demands a key.
GROUP = {"POST /api/ClientHello", "POST /api/ClientAddOrUpdateOrRemoveClients", "PUT /api/ClientHello/{token}",
         "DELETE /api/ClientHello/{token}"}
ROLES = ["Administrator", "Customer", "LicenseManager", "Sales", "Application", "HostingManager", "DelegateManager",
         "AccountManager", "Delegate"]

WORTHLESS = {
    "none": {},
    "empty key": {"x-api-key": ""},
    "wrong key": {"x-api-key": "api_" + "0" * 24},
    "long key": {"x-api-key": "x" * 3000},
    "wrong token": {"Authorization": "Bearer cat_" + "0" * 43},
    "no token": {"Authorization": "Bearer nonsense"},
    "empty bearer": {"Authorization": "Bearer"},
    "no bearer": {"Authorization": "Basic YTpi"},
    "client secret only": {"x-client-secret": "cst_" + "0" * 43},
}
BODIES = {
    "no body": (None, None),
    "empty object": ("{}", "application/json"),
    "no object": ("[", "application/json"),
    "empty form": ("", FORM),
    "form": ("client_id=x&client_secret=y&token=z", FORM),
}


@pytest.fixture(scope="module")
def shut():
    """An installation where hello and programs that use licenses want a key, too: every route with an area is shut."""
    with Installation(discovery_auth="key", client_auth="key") as running:
        yield running


# --- what is written ---


def test_golden_has_the_operations_of_the_document():
    assert {access.name(route) for route in ROUTES} == {
        f"{method.upper()} {path}" for path, operations in PATHS.items() for method in operations}


def test_golden_opens_nothing_but_this():
    assert {access.name(route) for route in ROUTES if route.access == "public"} == OPEN
    assert {access.name(route) for route in ROUTES if route.access == "operator"} == OPERATOR
    assert {access.name(route) for route in ROUTES if route.access == "group"} == GROUP
    assert {access.name(route) for route in ROUTES if route.access == "user key"} == USER_KEY
    assert {access.name(route) for route in ROUTES if route.access == "sight"} == SIGHT
    assert {access.name(route) for route in ROUTES if route.access in ("client", "key or client", "registration")} == OWN
    assert {access.name(route) for route in ROUTES if route.access == "account"} == ACCOUNT
    assert {route.access for route in ROUTES} == set(SECURITY)


@pytest.mark.parametrize("route", ROUTES, ids=access.name)
def test_document_says_the_same(installation, route):
    operation = PATHS[route.path][route.method.lower()]
    said = {way for one in operation["security"] for way in one or ["nobody"]}
    parameter = {"apiKeyParameter"} if route.path.startswith("/hosting/") or route.access == "account" else set()
    needless = {"csrf"} if route.method == "GET" else set()  # it is for changes
    assert said == SECURITY[route.access] - needless | parameter
    found = SENTENCE.search(operation.get("description", ""))
    assert bool(found) == (route in KEYED)
    if found:
        assert (found[1], found[2], set(found[3].split(", "))) == (route.permission, route.area, route.roles)
    owners = OWNERS.search(operation.get("description", ""))
    assert set(owners[1].split(", ") if owners else ()) == route.own_roles


@pytest.fixture(scope="module")
def table(installation):
    return {role["name"]: role["permissions"] for role in json.loads(installation.cli("roles", "--json"))}


def test_roles_say_the_same(table):
    assert set(table) == set(ROLES)
    for route in KEYED:
        assert route.roles == {role for role in table if route.permission in table[role][route.area]}, route


# --- nobody, and worthless credentials ---


@pytest.mark.parametrize("route", KEYED, ids=access.name)
def test_a_key_is_needed(shut, route):
    caller = shut.client()
    # Here a form that names a client is a client's own credential, which is wrong: the same 401.
    for headers in WORTHLESS.values():
        for body, content_type in BODIES.values():
            answer = caller.call(route.method, access.sample_path(route.path), body, headers=headers,
                                 content_type=content_type)
            refused = [400, 401, 415] if route.access == "key or client" else [401]
            assert answer.status in refused, (headers, body, answer)
            assert answer.status != 401 or "www-authenticate" in answer.headers


@pytest.mark.parametrize("operation", sorted(OWN))
def test_nothing_is_done_for_worthless_credentials_of_their_own(anonymous, operation):
    method, path = operation.split()
    for headers in WORTHLESS.values():
        for body, content_type in BODIES.values():
            answer = anonymous.call(method, access.sample_path(path), body, headers=headers, content_type=content_type)
            # Nothing is left to end for an unknown token: that is a success in RFC 7009.
            done = [200] if path == "/oauth2/revoke" and "token=" in (body or "") else []
            assert answer.status in [400, 401, 404, 415, *done], (headers, body, answer)


@pytest.mark.parametrize("headers", WORTHLESS.values(), ids=WORTHLESS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_nobody_is_given_a_secret(installation, client, anonymous, headers, body):
    """The operation that once made a working secret for whoever asked."""
    made = client.post(CLIENTS, {"Name": unique("s"), "UserID": installation.admin_id, "Secret": "open sesame, please"})
    identifier = made.json()["ResponseData"]["Detail"]["ID"]
    answer = anonymous.post(f"{CLIENTS}/{identifier}/secrets", body[0], content_type=body[1], headers=headers)
    assert answer.status == 401, answer
    assert "cst_" not in answer.text
    assert installation.sql(f"SELECT COUNT(*) FROM api_client_secret WHERE client_id = '{identifier}'") == [["1"]]


# --- dead credentials ---


class Makers:
    """Makes users, keys, API clients and tokens by the API, as an administrator does."""

    def __init__(self, installation):
        self.installation = installation
        self.admin = installation.client(installation.admin_key)

    def done(self, answer):
        assert answer.status in (200, 204), answer
        return answer.json() if answer.body else None

    def user(self, *roles, **members):
        return self.done(self.admin.post("/v1/users", {
            "user": {"userName": unique("user"), "roles": list(roles)} | members}))["userId"]

    def key(self, user, **members):
        made = self.done(self.admin.post("/v1/api-keys", {"apiKey": {"name": "made", "ownerId": user} | members}))
        return made["apiKeyId"], {"x-api-key": made["apiKey"]}

    def client(self, user, **members):
        made = self.done(self.admin.post(CLIENTS, new_api_client(user, **members)))
        return made["ResponseData"]["Detail"]["ID"], made["ResponseData"]["Detail"]["Secret"]

    def token(self, client, secret, scope=None):
        form = f"grant_type=client_credentials&client_id={client}&client_secret={secret}" + \
            (f"&scope={scope.replace(' ', '+')}" if scope else "")
        made = self.done(self.installation.client().post("/oauth2/token", form, content_type=FORM))
        return made, {"Authorization": f"Bearer {made['access_token']}"}


def die_revoked_key(make, user):
    number, key = make.key(user)
    yield key
    make.done(make.admin.put("/v1/api-keys", {"apiKey": {"id": number, "revoked": True}}))


def die_deleted_key(make, user):
    number, key = make.key(user)
    yield key
    make.done(make.admin.delete(f"/v1/api-keys/{number}"))


def die_expired_key(make, user):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    _, key = make.key(user, expireDate=moment.isoformat())
    yield key
    time.sleep(max(0.0, (moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) + 0.01)


def die_key_of_a_disabled_user(make, _):
    user = make.user("Administrator")
    _, key = make.key(user)
    yield key
    make.done(make.admin.put("/v1/users", {"user": {"id": user, "enabled": False}}))


def die_key_of_a_deleted_user(make, _):
    user = make.user("Administrator")
    _, key = make.key(user)
    yield key
    make.done(make.admin.delete(f"/v1/users/{user}"))


def die_key_with_a_new_secret(make, user):
    number, key = make.key(user)
    yield key
    make.done(make.admin.put("/v1/api-keys", {"apiKey": {"id": number, "clientSecret": "a secret from now on"}}))


def die_revoked_token(make, user):
    client, secret = make.client(user)
    made, token = make.token(client, secret)
    yield token
    make.done(make.installation.client().post(
        "/oauth2/revoke", f"client_id={client}&client_secret={secret}&token={made['access_token']}", content_type=FORM))


def die_token_of_an_ended_session(make, user):
    client, secret = make.client(user)
    _, token = make.token(client, secret)
    yield token
    for session in make.done(make.admin.get("/api/v1/admin/sessions?count=1000"))["ResponseData"]["Detail"]:
        if session["ClientID"] == client:
            make.done(make.admin.delete(f"/api/v1/admin/sessions/{session['ID']}"))


def die_expired_token(make, user):
    client, secret = make.client(user)
    _, token = make.token(client, secret)
    yield token
    make.installation.sql("UPDATE oauth_token t JOIN oauth_session s ON s.id = t.session_id "
                          f"SET t.expires_at = '2020-01-01' WHERE s.client_id = '{client}'; "
                          "UPDATE revocation SET counter = counter + 1")
    anybody = make.installation.client()
    wait_until(lambda: all(anybody.get("/v1/roles", headers=token).status == 401 for _ in range(8)),
               "all workers' look at the counter")


def die_token_of_a_disabled_client(make, user):
    client, secret = make.client(user)
    _, token = make.token(client, secret)
    yield token
    make.done(make.admin.put(f"{CLIENTS}/{client}", {"Enabled": False}))


def die_token_of_a_deleted_client(make, user):
    client, secret = make.client(user)
    _, token = make.token(client, secret)
    yield token
    make.done(make.admin.delete(f"{CLIENTS}/{client}"))


def die_token_of_a_disabled_user(make, _):
    user = make.user("Administrator")
    client, secret = make.client(user)
    _, token = make.token(client, secret)
    yield token
    make.done(make.admin.put("/v1/users", {"user": {"id": user, "enabled": False}}))


DEATHS = [value for name, value in globals().items() if name.startswith("die_")]


@pytest.fixture(scope="module")
def make(shut):
    return Makers(shut)


@pytest.fixture(scope="module")
def boss(make):
    return make.user("Administrator")


@pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.__name__[4:])
def test_dead_credentials(shut, make, boss, death):
    """Each has worked before, so that workers remember it, and is of an administrator, who may do everything."""
    caller, steps = access.Caller(shut), death(make, boss)
    headers = next(steps)
    lists = access.Route("GET", "/v1/roles", *[None] * 5)
    for _ in range(8):
        assert caller.status(lists, headers) not in (401, 403)
    assert next(steps, None) is None
    assert {access.name(route): status for route in KEYED if (status := caller.status(route, headers)) != 401} == {}


def test_credentials_of_another_kind(shut, make, boss):
    """What is a secret elsewhere is none here."""
    client, secret = make.client(boss)
    headers = [{"Authorization": f"Bearer {secret}"}, {"x-api-key": secret}, {"x-api-key": client},
               {"Authorization": f"Bearer {client}"}]
    caller = access.Caller(shut)
    for one in headers:
        assert {access.name(route): status for route in KEYED if (status := caller.status(route, one)) != 401} == {}


def test_key_of_another_network(shut, make, boss):
    caller = access.Caller(shut)
    _, key = make.key(boss, allowedNetworks=["192.0.2.0/24"])
    assert {access.name(route): status for route in KEYED if (status := caller.status(route, key)) != 403} == {}


# --- roles and permissions ---


def misfits(shut, headers, may):
    """Operations whose answer is not that of one who `may(route)`, or may not."""
    caller, wrong = access.Caller(shut), []
    for route in KEYED:
        status = caller.status(route, headers)
        fits = status not in (401, 403) and status < 500 if may(route) else status == 403
        if not fits:
            wrong.append((access.name(route), status))
    return wrong


def may_call(route):
    """A user who is of no customer has no own rows; whoever is no delegate has own groups: none."""
    return route.roles | route.own_roles - {"Customer"}


@pytest.mark.parametrize("role", [None, *ROLES])
def test_keys(shut, make, role):
    user = make.user(*[role] if role else [])
    for permissions in range(16):
        _, key = make.key(user, permissions=permissions)
        assert misfits(shut, key, lambda route, bits=permissions:
                       role in may_call(route) and bits & BITS[route.permission]) == [], permissions


@pytest.mark.parametrize("role", ROLES)
def test_tokens(shut, make, role):
    """A scope bounds a token to the permission that it names."""
    client, secret = make.client(make.user(role))
    for permission in [None, *BITS]:
        _, token = make.token(client, secret, permission and f"{role} {permission}")
        assert misfits(shut, token, lambda route, only=permission:
                       role in may_call(route) and only in (None, route.permission)) == [], permission


def test_scope_of_another_role(shut, make):
    """Of two roles, the token has the one that its scope names."""
    client, secret = make.client(make.user("Administrator", "Sales"))
    _, token = make.token(client, secret, "Sales read update delete create")
    assert misfits(shut, token, lambda route: "Sales" in route.roles) == []


def test_customers_see_their_own(shut, make):
    customer = make.done(make.admin.post("/v1/customers", {"customer": {"company": "own"}}))["customerId"]
    user = make.user("Customer", customerId=customer)
    for permissions in range(16):
        _, key = make.key(user, permissions=permissions)
        assert misfits(shut, key, lambda route, bits=permissions:
                       "Customer" in route.own_roles | route.roles and bits & BITS[route.permission]) == [], permissions


def test_groups_ask_for_no_key_by_default(anonymous):
    for operation in sorted(GROUP):
        method, path = operation.split()
        answer = anonymous.call(method, path, "{}", content_type="application/json")
        assert answer.status == (404 if "{token}" in path else 400), answer
