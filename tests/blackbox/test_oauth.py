"""OAuth 2: the token endpoint with its faults, introspection, revocation, metadata, registration."""

import base64
import json
import time
import urllib.parse
import uuid

import pytest

from harness.families import CREDENTIALS, Api, new_api_client, unique
from harness.identity import identity_hash
from harness.installation import wait_until
from harness.locks import connected, in_turn

MOST = 4  # sessions of one user through one client, where registration is open
TOKEN, INTROSPECT, REVOKE = "/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"
REGISTER = "/oauth2/register"
CLIENTS = "/api/v1/admin/clients"
SESSIONS = "/api/v1/admin/sessions"
PASSWORD = "a-passphrase-nobody-has-4711"
FORM = "application/x-www-form-urlencoded"


class World:
    """An installation with a user of two roles, a client of that user, and another client."""

    def __init__(self, installation):
        self.installation = installation
        self.admin = installation.client(installation.admin_key)
        self.anonymous = installation.client()
        self.user_name = unique("oauth")
        answer = self.admin.post("/v1/users", {
            "user": {"userName": self.user_name, "roles": ["LicenseManager", "Sales"]}, "password": PASSWORD})
        assert answer.status == 200, answer
        self.user = answer.json()["userId"]
        self.id, self.secret = self.make_client()
        self.other, self.other_secret = self.make_client()

    def make_client(self, **members):
        answer = self.admin.post(CLIENTS, new_api_client(self.user, **members))
        assert answer.status == 200, answer
        made = answer.json()["ResponseData"]["Detail"]
        return made["ID"], made["Secret"]

    def form(self, path, headers=None, basic=None, **members):
        body = urllib.parse.urlencode({name: value for name, value in members.items() if value is not None})
        headers = dict(headers or {})
        if basic:
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
        return self.anonymous.post(path, body, content_type=FORM, headers=headers)

    def client_form(self, path, **members):
        return self.form(path, client_id=self.id, client_secret=self.secret, **members)

    def tokens(self, **members):
        """A pair for the user through the client."""
        answer = self.client_form(TOKEN, **({"grant_type": "password", "username": self.user_name,
                                             "password": PASSWORD} | members))
        assert answer.status == 200, answer
        return answer.json()

    def call(self, token, method="GET", path="/v1/customers?take=1", body=None):
        return self.anonymous.call(method, path, body, headers={"Authorization": f"Bearer {token}"})

    def active(self, token):
        answer = self.client_form(INTROSPECT, token=token)
        assert answer.status == 200, answer
        return answer.json()["active"]


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


def check_success(answer, refreshes=True):
    assert answer.status == 200, answer
    assert answer.headers["cache-control"] == "no-store" and answer.headers["pragma"] == "no-cache"
    assert answer.content_type == "application/json; charset=utf-8"
    value = answer.json()
    assert value["token_type"] == "Bearer" and value["expires_in"] == 8 * 3600
    assert value["access_token"].startswith("cat_")
    if refreshes:
        assert value["refresh_token"].startswith("crt_")
    else:
        assert "refresh_token" not in value
    return value


def check_error(answer, status, word):
    assert answer.status == status, answer
    assert answer.json()["error"] == word and answer.json()["error_description"], answer
    assert answer.headers["cache-control"] == "no-store"
    if word == "invalid_client":
        assert answer.headers["www-authenticate"].startswith("Basic realm=")


# --- success ---


@pytest.mark.parametrize("path", ["/Token", "/token", TOKEN])
@pytest.mark.parametrize("way", ["body", "basic"])
def test_client_credentials(world, path, way):
    if way == "body":
        answer = world.form(path, grant_type="client_credentials", client_id=world.id, client_secret=world.secret)
    else:
        answer = world.form(path, grant_type="client_credentials", basic=(world.id, world.secret))
    value = check_success(answer, refreshes=False)
    assert value["scope"].split() == ["LicenseManager", "Sales", "read", "update", "delete", "create"]
    assert world.call(value["access_token"]).status == 200
    assert world.call(value["access_token"], path=CLIENTS).status == 403


def test_password_with_and_without_a_client(world):
    for client in ({}, {"client_id": world.id, "client_secret": world.secret}):
        value = check_success(world.form(
            TOKEN, grant_type="password", username=world.user_name.upper(), password=PASSWORD, **client))
        assert world.call(value["access_token"]).status == 200
        assert check_success(world.form(TOKEN, grant_type="refresh_token",
                                        refresh_token=value["refresh_token"], **client))
    [[moment]] = world.installation.sql(f"SELECT last_log_in FROM user WHERE id = '{world.user}'")
    assert moment != "NULL"


def test_old_hashes_are_made_anew_at_a_login(world):
    name = unique("old")
    answer = world.admin.post("/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD})
    assert answer.status == 200
    import crypt  # pylint: disable=deprecated-module,import-outside-toplevel
    salt = crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16).replace("$2b$", "$2y$")
    for former in (crypt.crypt(PASSWORD, salt), identity_hash(PASSWORD)):
        world.installation.sql(f"UPDATE user SET password_hash = '{former}' WHERE user_name = '{name}'")
        check_error(world.form(TOKEN, grant_type="password", username=name, password="wrong one"), 400, "invalid_grant")
        check_success(world.form(TOKEN, grant_type="password", username=name, password=PASSWORD))
        [[stored]] = world.installation.sql(f"SELECT password_hash FROM user WHERE user_name = '{name}'")
        assert stored.startswith("$y$")
        check_success(world.form(TOKEN, grant_type="password", username=name, password=PASSWORD))


def test_sessions_are_stored_in_the_order_of_their_making(world):
    """Their identifiers are GUIDs that begin with the time, so that new rows stand together in the primary key."""
    tokens = [world.tokens()["access_token"] for _ in range(3)]
    hashes = ", ".join(f"UNHEX(SHA2('{token}', 256))" for token in tokens)
    stored = world.installation.sql("SELECT s.id FROM oauth_session s JOIN oauth_token t ON t.session_id = s.id "
                                    f"WHERE t.token_hash IN ({hashes}) ORDER BY FIELD(t.token_hash, {hashes})")
    made = [identifier for identifier, in stored]
    listed = world.admin.get(f"{SESSIONS}?count=1000").text
    assert len(made) == 3 and all(identifier in listed for identifier in made)
    assert all(uuid.UUID(identifier).version == 7 for identifier in made)
    ordered = ", ".join(f"'{identifier}'" for identifier in made)
    assert world.installation.sql(f"SELECT id FROM oauth_session WHERE id IN ({ordered}) ORDER BY id") == stored


def test_the_use_of_a_secret_is_noted(world):
    identifier, secret = world.make_client()
    check_success(world.form(TOKEN, grant_type="client_credentials", client_id=identifier, client_secret=secret), False)
    wait_until(lambda: world.installation.sql(
        "SELECT s.last_used_at IS NOT NULL AND c.last_used_at IS NOT NULL FROM api_client_secret s "
        f"JOIN api_client c ON c.id = s.client_id WHERE c.id = '{identifier}'") == [["1"]], "note of the use")


# --- every grant, every fault ---

FAULTS = [
    # what is changed of a right request, status, word
    ("any", {"grant_type": None}, 400, "invalid_request"),
    ("any", {"grant_type": ""}, 400, "invalid_request"),
    ("any", {"grant_type": "implicit"}, 400, "unsupported_grant_type"),
    ("any", {"client_secret": "wrong"}, 401, "invalid_client"),
    ("any", {"client_id": "nobody"}, 401, "invalid_client"),
    ("any", {"client_id": "00000000-0000-4000-8000-000000000000"}, 401, "invalid_client"),
    ("any", {"client_id": None}, 400, "invalid_request"),
    ("any", {"scope": "Nonsense"}, 400, "invalid_scope"),
    ("any", {"scope": "Administrator"}, 400, "invalid_scope"),
    ("any", {"scope": "x" * 1001}, 400, "invalid_scope"),
    ("client_credentials", {"client_secret": None}, 401, "invalid_client"),
    ("client_credentials", {"client_id": None, "client_secret": None}, 401, "invalid_client"),
    ("password", {"username": None}, 400, "invalid_request"),
    ("password", {"password": ""}, 400, "invalid_request"),
    ("password", {"password": "not the password"}, 400, "invalid_grant"),
    ("password", {"username": "nobody at all"}, 400, "invalid_grant"),
    ("refresh_token", {"refresh_token": None}, 400, "invalid_request"),
    ("refresh_token", {"refresh_token": "crt_" + "A" * 43}, 400, "invalid_grant"),
    ("refresh_token", {"refresh_token": "nothing"}, 400, "invalid_grant"),
    ("refresh_token", {"client_id": None, "client_secret": None}, 400, "invalid_grant"),
]
GRANTS = ["client_credentials", "password", "refresh_token"]


def right_request(world, grant):
    request = {"grant_type": grant, "client_id": world.id, "client_secret": world.secret}
    if grant == "password":
        request |= {"username": world.user_name, "password": PASSWORD}
    if grant == "refresh_token":
        request["refresh_token"] = world.tokens()["refresh_token"]
    return request


@pytest.mark.parametrize("grant,change,status,word", [
    (grant, change, status, word) for kind, change, status, word in FAULTS
    for grant in GRANTS if kind in ("any", grant)])
def test_faults(world, grant, change, status, word):
    check_error(world.form(TOKEN, **(right_request(world, grant) | change)), status, word)


@pytest.mark.parametrize("grant", GRANTS)
def test_right_requests_of_the_table_are_right(world, grant):
    check_success(world.form(TOKEN, **right_request(world, grant)), refreshes=grant != "client_credentials")


@pytest.mark.parametrize("grant", GRANTS)
def test_repeated_parameters_and_two_ways(world, grant):
    request = right_request(world, grant)
    body = urllib.parse.urlencode(request)
    for name in request:
        answer = world.anonymous.post(TOKEN, f"{body}&{name}=again", content_type=FORM)
        check_error(answer, 400, "invalid_request")
    check_error(world.form(TOKEN, basic=(world.id, world.secret), **request), 400, "invalid_request")


def test_other_bodies_are_refused(world):
    request = right_request(world, "client_credentials")
    check_error(world.anonymous.post(TOKEN, request), 400, "invalid_request")
    check_error(world.anonymous.post(TOKEN), 400, "invalid_request")
    check_error(world.anonymous.post(TOKEN, "x", content_type="text/plain"), 415, "invalid_request")
    answer = world.anonymous.get(TOKEN)
    check_error(answer, 405, "invalid_request")
    assert answer.headers["allow"] == "POST, OPTIONS"
    check_error(world.anonymous.get("/oauth2/nothing"), 404, "invalid_request")


@pytest.mark.parametrize("header", [
    "Basic", "Basic ", "Basic !!!", "Basic " + base64.b64encode(b"no colon").decode(),
    "Basic " + base64.b64encode(b"\0:\0").decode(), "Basic " + "A" * 5000, "basic eDp5"])
def test_odd_basic_headers(world, header):
    answer = world.form(TOKEN, grant_type="client_credentials", headers={"Authorization": header})
    check_error(answer, 401, "invalid_client")


def test_basic_is_form_encoded(world):
    identifier, secret = world.make_client(Secret="a+b c:d%é-of-enough")
    basic = (urllib.parse.quote(identifier), urllib.parse.quote_plus(secret))
    check_success(world.form(TOKEN, grant_type="client_credentials", basic=basic), False)


# --- refreshing ---


GRACE = 10


def pass_grace(world, value, seconds=GRACE):
    """Makes the refresh token of an answer spent so much longer ago."""
    world.installation.sql(f"UPDATE oauth_token SET used_at = used_at - INTERVAL {seconds} SECOND "
                           f"WHERE token_hash = UNHEX(SHA2('{value['refresh_token']}', 256))")


def refreshed(world, value):
    return world.client_form(TOKEN, grant_type="refresh_token", refresh_token=value["refresh_token"])


def test_a_refresh_whose_answer_got_lost(world):
    first = world.tokens()
    lost = check_success(refreshed(world, first))
    second = check_success(refreshed(world, first))
    for value in (first, lost, second):
        assert world.call(value["access_token"]).status == 200
    pass_grace(world, first, GRACE - 5)
    third = check_success(refreshed(world, second))
    # One heir has been used: whoever comes with the first token now, or later with the other heir, is a second one.
    pass_grace(world, lost)
    check_error(refreshed(world, lost), 400, "invalid_grant")
    assert world.call(third["access_token"]).status == 401
    check_error(refreshed(world, third), 400, "invalid_grant")


@pytest.mark.parametrize("thief", ["after the grace", "after a use of the next", "too often"])
def test_a_stolen_refresh_token_ends_the_session(world, thief):
    first = world.tokens()
    second = check_success(refreshed(world, first))
    if thief == "after the grace":
        pass_grace(world, first)
    elif thief == "too often":
        for _ in range(3):
            check_success(refreshed(world, first))
    else:
        second = check_success(refreshed(world, second))
    check_error(refreshed(world, first), 400, "invalid_grant")
    assert world.call(second["access_token"]).status == 401
    check_error(refreshed(world, second), 400, "invalid_grant")


def test_refresh_tokens_rotate_and_a_second_use_ends_the_session(world):
    first = world.tokens()
    second = check_success(world.client_form(
        TOKEN, grant_type="refresh_token", refresh_token=first["refresh_token"]))
    assert len({first["access_token"], second["access_token"], first["refresh_token"], second["refresh_token"]}) == 4
    assert world.call(first["access_token"]).status == 200 and world.call(second["access_token"]).status == 200
    pass_grace(world, first)
    check_error(world.client_form(TOKEN, grant_type="refresh_token", refresh_token=first["refresh_token"]),
                400, "invalid_grant")
    for token in (first["access_token"], second["access_token"]):
        assert world.call(token).status == 401
    check_error(world.client_form(TOKEN, grant_type="refresh_token", refresh_token=second["refresh_token"]),
                400, "invalid_grant")


def test_a_token_is_nothing_in_the_hands_of_another_client(world):
    token = world.tokens()["refresh_token"]
    check_error(world.form(TOKEN, grant_type="refresh_token", refresh_token=token,
                           client_id=world.other, client_secret=world.other_secret), 400, "invalid_grant")
    check_success(world.client_form(TOKEN, grant_type="refresh_token", refresh_token=token))


# --- scope ---


@pytest.mark.parametrize("scope,granted,read,write", [
    ("Sales", "Sales read update delete create", 200, 200),
    ("sales read", "Sales read", 200, 403),
    ("read", "LicenseManager Sales read", 200, 403),
    ("LicenseManager", "LicenseManager read update delete create", 403, 403),
    ("  Sales   create ", "Sales create", 403, 200),
])
def test_scopes_narrow(world, scope, granted, read, write):
    value = world.tokens(scope=scope)
    assert value["scope"] == granted
    assert world.call(value["access_token"]).status == read
    answer = world.call(value["access_token"], "POST", "/v1/customers", {"customer": {"company": unique("c")}})
    assert answer.status == write, answer


def test_a_refresh_may_narrow_and_never_widen(world):
    value = world.tokens(scope="Sales read")
    narrow = check_success(world.client_form(
        TOKEN, grant_type="refresh_token", refresh_token=value["refresh_token"], scope="read"))
    assert narrow["scope"] == "Sales read"
    for wider in ("Sales create", "LicenseManager"):
        check_error(world.client_form(TOKEN, grant_type="refresh_token", scope=wider,
                                      refresh_token=narrow["refresh_token"]), 400, "invalid_scope")
    # A refused scope has not spent the token.
    check_success(world.client_form(TOKEN, grant_type="refresh_token", refresh_token=narrow["refresh_token"]))


def test_the_clients_scope_is_an_upper_bound(world):
    identifier, secret = world.make_client(Scope="Sales read")
    credentials = {"grant_type": "client_credentials", "client_id": identifier, "client_secret": secret}
    value = check_success(world.form(TOKEN, **credentials), False)
    assert value["scope"] == "Sales read"
    check_error(world.form(TOKEN, scope="create", **credentials), 400, "invalid_scope")
    answer = world.call(value["access_token"], "POST", "/v1/customers", {"customer": {"company": "x"}})
    assert answer.status == 403


def test_no_role_is_no_scope(world):
    """Words of permissions alone mean all roles that there are; where there is none they must not mean all."""
    name = unique("norole")
    answer = world.admin.post("/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD})
    user = answer.json()["userId"]
    identifier, secret = world.make_client(UserID=user, Scope="Sales read")
    client = {"client_id": identifier, "client_secret": secret}
    login = {"grant_type": "password", "username": name, "password": PASSWORD} | client
    value = check_success(world.form(TOKEN, **login))
    for roles in ([], ["LicenseManager"]):  # the second one is none that the client may bring
        world.admin.change("/v1/users", {"user": {"id": user, "roles": roles}})
        for scope in (None, "read"):
            check_error(world.form(TOKEN, scope=scope, **login), 400, "invalid_scope")
            check_error(world.form(TOKEN, grant_type="client_credentials", scope=scope, **client), 400, "invalid_scope")
            check_error(world.form(TOKEN, grant_type="refresh_token", refresh_token=value["refresh_token"], scope=scope,
                                   **client), 400, "invalid_scope")
        told = world.form(INTROSPECT, token=value["access_token"], **client).json()
        assert told["active"] is True and told["scope"] == ""
        assert world.call(value["access_token"]).status == 403
    # What is left of "create" within "read" is nothing, not all.
    world.admin.change("/v1/users", {"user": {"id": user, "roles": ["Sales"]}})
    world.admin.change(f"{CLIENTS}/{identifier}", {"Scope": "Sales"})
    value = check_success(world.form(TOKEN, scope="create", **login))
    world.admin.change(f"{CLIENTS}/{identifier}", {"Scope": "Sales read"})
    assert world.form(INTROSPECT, token=value["access_token"], **client).json()["scope"] == ""
    assert world.call(value["access_token"]).status == 403


def test_a_client_may_be_given_nothing(world):
    identifier, secret = world.make_client(Scope="none")
    client = {"client_id": identifier, "client_secret": secret}
    for scope in (None, "read", "none", "Sales"):
        check_error(world.form(TOKEN, grant_type="client_credentials", scope=scope, **client), 400, "invalid_scope")
    check_error(world.client_form(TOKEN, grant_type="client_credentials", scope="none"), 400, "invalid_scope")


@pytest.mark.parametrize("scope", ["", "   "])
def test_a_clients_scope_is_no_empty_list(world, scope):
    for answer in (world.admin.post(CLIENTS, new_api_client(world.user, Scope=scope)),
                   world.admin.put(f"{CLIENTS}/{world.id}", {"Scope": scope})):
        assert answer.status == 400 and "Scope" in answer.text, answer
    result = world.installation.cli("client", "create", unique("oa")[:18], "--user", world.user_name, "--scope", scope,
                                    check=False)
    assert result.returncode != 0 and "--scope must be names of roles" in result.stderr


def test_refresh_tokens_of_client_credentials_are_none(world):
    """Earlier versions gave some."""
    value = check_success(world.form(TOKEN, **right_request(world, "client_credentials")), refreshes=False)
    token = "crt_" + ("old" + unique("x").replace("-", "") + "y" * 43)[:43]
    world.installation.sql(
        "INSERT INTO oauth_token (token_hash, session_id, refresh, expires_at) SELECT "
        f"UNHEX(SHA2('{token}', 256)), session_id, TRUE, '9999-12-31' FROM oauth_token "
        f"WHERE token_hash = UNHEX(SHA2('{value['access_token']}', 256))")
    check_error(world.client_form(TOKEN, grant_type="refresh_token", refresh_token=token), 400, "invalid_grant")
    assert world.call(value["access_token"]).status == 200


# --- at once ---


ENDS = {
    "client disabled": lambda world, made: world.admin.change(f"{CLIENTS}/{made['client']}", {"Enabled": False}),
    "client removed": lambda world, made: world.admin.remove(f"{CLIENTS}/{made['client']}"),
    "secret removed": lambda world, made: (
        world.admin.post(f"{CLIENTS}/{made['client']}/secrets"),
        world.admin.remove(f"{CLIENTS}/{made['client']}/secrets/1")),
    "session removed": lambda world, made: world.admin.remove(f"/api/v1/admin/sessions/{made['session']}"),
    "user disabled": lambda world, made: world.admin.change("/v1/users", {"user": {"id": made["user"], "enabled": False}}),
    "password changed": lambda world, made: world.admin.change(
        "/v1/users", {"user": {"id": made["user"]}, "newPassword": PASSWORD + "!"}),
    "user by command line": lambda world, made: world.installation.cli("user", "disable", made["name"]),
    "roles taken": lambda world, made: world.admin.change("/v1/users", {"user": {"id": made["user"], "roles": []}}),
    "token revoked": lambda world, made: world.form(
        REVOKE, token=made["token"], client_id=made["client"], client_secret=made["secret"]),
}


@pytest.mark.parametrize("end", sorted(ENDS))
def test_the_very_next_request_is_refused(world, end):
    name = unique("ends")
    answer = world.admin.post("/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD})
    user = answer.json()["userId"]
    answer = world.admin.post(CLIENTS, new_api_client(user))
    made = answer.json()["ResponseData"]["Detail"]
    value = check_success(world.form(TOKEN, grant_type="client_credentials", client_id=made["ID"],
                                     client_secret=made["Secret"]), False)
    [[session]] = world.installation.sql(f"SELECT id FROM oauth_session WHERE user_id = '{user}'")
    for _ in range(6):  # every worker knows the token
        assert world.call(value["access_token"]).status == 200
    ENDS[end](world, {"client": made["ID"], "secret": made["Secret"], "session": session, "user": user,
                      "name": name, "token": value["access_token"]})
    for _ in range(6):
        assert world.call(value["access_token"]).status == (403 if end == "roles taken" else 401)


# --- introspection and revocation ---


def test_introspection(world):
    value = world.tokens(scope="Sales")
    answer = world.client_form(INTROSPECT, token=value["access_token"], token_type_hint="refresh_token")
    told = answer.json()
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    assert told["active"] is True and told["client_id"] == world.id and told["sub"] == world.user
    assert told["username"] == world.user_name and told["scope"] == "Sales read update delete create"
    assert told["token_type"] == "Bearer" and abs(told["exp"] - told["iat"] - 8 * 3600) <= 1
    assert abs(told["iat"] - time.time()) < 60 and told["iss"].startswith("http://127.0.0.1")
    refresh = world.client_form(INTROSPECT, token=value["refresh_token"]).json()
    assert refresh["active"] is True and "token_type" not in refresh
    other = world.form(INTROSPECT, token=value["access_token"], client_id=world.other,
                       client_secret=world.other_secret)
    assert other.status == 200 and other.json() == {"active": False}
    for token in ("nothing", "cat_" + "B" * 43, world.installation.admin_key):
        assert world.client_form(INTROSPECT, token=token).json() == {"active": False}
    # Who may read credentials sees all; others are refused.
    body = urllib.parse.urlencode({"token": value["access_token"]})
    assert world.admin.post(INTROSPECT, body, content_type=FORM).json()["active"] is True
    refused = world.anonymous.post(INTROSPECT, body, content_type=FORM,
                                   headers={"Authorization": f"Bearer {value['access_token']}"})
    check_error(refused, 403, "insufficient_scope")
    check_error(world.form(INTROSPECT, token="x"), 401, "invalid_client")
    check_error(world.client_form(INTROSPECT), 400, "invalid_request")


def test_revocation(world):
    value = world.tokens()
    assert world.call(value["access_token"]).status == 200
    check_error(world.form(REVOKE, token=value["access_token"], client_id=world.other,
                           client_secret=world.other_secret), 400, "unauthorized_client")
    check_error(world.form(REVOKE, token=value["access_token"]), 401, "invalid_client")
    assert world.active(value["access_token"])
    assert world.client_form(REVOKE, token=value["access_token"]).status == 200
    assert world.call(value["access_token"]).status == 401 and not world.active(value["access_token"])
    again = check_success(world.client_form(
        TOKEN, grant_type="refresh_token", refresh_token=value["refresh_token"]))
    assert world.client_form(REVOKE, token=again["refresh_token"]).status == 200
    assert world.call(again["access_token"]).status == 401
    check_error(world.client_form(TOKEN, grant_type="refresh_token", refresh_token=again["refresh_token"]),
                400, "invalid_grant")
    for token in ("unknown", again["refresh_token"]):
        assert world.client_form(REVOKE, token=token).status == 200
    check_error(world.client_form(REVOKE), 400, "invalid_request")


def test_metadata(world):
    answer = world.anonymous.get("/.well-known/oauth-authorization-server")
    base = f"http://127.0.0.1:{world.installation.port}"
    told = answer.json()
    assert answer.status == 200 and told["issuer"] == base and told["token_endpoint"] == base + TOKEN
    assert told["introspection_endpoint"] == base + INTROSPECT and told["revocation_endpoint"] == base + REVOKE
    assert set(told["grant_types_supported"]) == set(GRANTS) and told["response_types_supported"] == []
    assert {"Administrator", "read", "create"} <= set(told["scopes_supported"])
    assert "registration_endpoint" not in told


# --- registration ---


def test_registration_is_off_by_default(world):
    for method, path in (("POST", REGISTER), ("GET", f"{REGISTER}/{world.id}"), ("DELETE", f"{REGISTER}/{world.id}")):
        answer = world.anonymous.call(method, path, {} if method == "POST" else None,
                                      headers={"Authorization": "Bearer crg_" + "A" * 43})
        check_error(answer, 404, "invalid_request")


@pytest.fixture(scope="module")
def open_world():
    from harness.installation import Installation  # pylint: disable=import-outside-toplevel
    running = Installation(oauth_registration="token", oauth_sessions=MOST).start()
    yield World(running)
    running.finish()


def initial_token(world, uses="NULL", expires="NULL"):
    token = "cri_" + (unique("initial").replace("-", "") + "x" * 43)[:43]
    world.installation.sql("INSERT INTO oauth_registration_token (token_hash, user_id, uses_left, expires_at) VALUES "
                           f"(UNHEX(SHA2('{token}', 256)), '{world.user}', {uses}, {expires})")
    return {"Authorization": f"Bearer {token}"}


def test_registration_lifecycle(open_world):
    world = open_world
    body = {"client_name": "A program with a long name", "scope": "Sales read", "contacts": ["a@example.org"],
            "grant_types": ["client_credentials"], "redirect_uris": ["https://example.org/ignored"]}
    answer = world.anonymous.post(REGISTER, body, headers=initial_token(world, 1))
    assert answer.status == 201, answer
    made = answer.json()
    assert made["client_secret"].startswith("cst_") and made["client_secret_expires_at"] == 0
    assert made["client_name"] == body["client_name"] and made["grant_types"] == ["client_credentials"]
    assert made["token_endpoint_auth_method"] == "client_secret_basic"
    value = check_success(world.form(TOKEN, grant_type="client_credentials",
                                     basic=(made["client_id"], made["client_secret"])), False)
    assert value["scope"] == "Sales read"
    login = {"grant_type": "password", "username": world.user_name, "password": PASSWORD,
             "client_id": made["client_id"], "client_secret": made["client_secret"]}
    check_error(world.form(TOKEN, **login), 400, "unauthorized_client")
    path = urllib.parse.urlsplit(made["registration_client_uri"]).path
    manager = {"Authorization": f"Bearer {made['registration_access_token']}"}
    read = world.anonymous.get(path, headers=manager).json()
    assert read["client_id"] == made["client_id"] and "client_secret" not in read
    changed = world.anonymous.put(path, {"client_id": made["client_id"], "client_name": "B"}, headers=manager)
    assert changed.status == 200 and changed.json()["client_name"] == "B" and changed.json()["scope"] == "Sales read"
    # Whoever may not refresh is given no token for it.
    for grants, refreshes in ((["password"], False), (["password", "refresh_token"], True)):
        body = {"client_id": made["client_id"], "client_name": "B", "grant_types": grants}
        assert world.anonymous.put(path, body, headers=manager).status == 200
        check_success(world.form(TOKEN, **login), refreshes)
    check_error(world.anonymous.put(path, {"client_name": "B"}, headers=manager), 400, "invalid_client_metadata")
    check_error(world.anonymous.get(f"{REGISTER}/{world.id}", headers=manager), 401, "invalid_token")
    assert world.call(value["access_token"]).status == 200
    assert world.anonymous.delete(path, headers=manager).status == 204
    assert world.call(value["access_token"]).status == 401
    check_error(world.anonymous.get(path, headers=manager), 401, "invalid_token")
    assert world.anonymous.get("/.well-known/oauth-authorization-server").json()["registration_endpoint"]


REGISTRATION_CHANGES = {
    "initial token removed": ("token", lambda world, made: world.installation.sql(
        f"DELETE FROM oauth_registration_token WHERE id = {made['initial']}"), 401, "invalid_token"),
    "initial token used": ("token", lambda world, made: world.installation.sql(
        f"UPDATE oauth_registration_token SET uses_left = 0 WHERE id = {made['initial']}"), 401, "invalid_token"),
    "client disabled": ("client", lambda world, made: world.admin.change(
        f"{CLIENTS}/{made['client_id']}", {"Enabled": False}), 401, "invalid_token"),
    "client removed": ("client", lambda world, made: world.admin.remove(
        f"{CLIENTS}/{made['client_id']}"), 401, "invalid_token"),
    "client narrowed": ("client", lambda world, made: world.admin.change(
        f"{CLIENTS}/{made['client_id']}", {"Scope": "Sales read"}), 200, None),
}


@pytest.mark.parametrize("change", REGISTRATION_CHANGES)
def test_registration_looks_again(open_world, change):
    """What has changed before a registration is stored or changed counts, however it was when it was looked at."""
    world = open_world
    row, run, status, word = REGISTRATION_CHANGES[change]
    header = initial_token(world, 9)
    made = world.anonymous.post(REGISTER, {"scope": "Sales"}, headers=header).json()
    [[made["initial"]]] = world.installation.sql("SELECT id FROM oauth_registration_token WHERE token_hash = UNHEX(SHA2("
                                                 f"'{header['Authorization'].split()[1]}', 256))")
    path = urllib.parse.urlsplit(made["registration_client_uri"]).path
    manager = {"Authorization": f"Bearer {made['registration_access_token']}"}
    rows, step = {
        "token": (f"oauth_registration_token WHERE id = {made['initial']}",
                  lambda: world.anonymous.post(REGISTER, {"scope": "Sales"}, headers=header)),
        "client": (f"api_client WHERE id = '{made['client_id']}'",
                   lambda: world.anonymous.put(path, {"client_id": made["client_id"], "scope": "Sales"}, headers=manager)),
    }[row]
    clients = world.installation.sql("SELECT id, scope, enabled FROM api_client ORDER BY id")
    with connected(world.installation) as holder:
        _, answer = in_turn(holder, rows, lambda: run(world, made), step)
    if word is None:
        assert answer.status == status and answer.json()["scope"] == "Sales read", answer
    else:
        check_error(answer, status, word)
    now = world.installation.sql("SELECT id, scope, enabled FROM api_client ORDER BY id")
    assert [one for one in now if one[0] != made["client_id"]] == [one for one in clients if one[0] != made["client_id"]]
    assert change != "client narrowed" or [made["client_id"], "Sales read", "1"] in now


def test_registration_faults(open_world):
    world = open_world
    once = initial_token(world, 1)
    assert world.anonymous.post(REGISTER, {}, headers=once).status == 201
    check_error(world.anonymous.post(REGISTER, {}, headers=once), 401, "invalid_token")
    expired = initial_token(world, expires="UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
    check_error(world.anonymous.post(REGISTER, {}, headers=expired), 401, "invalid_token")
    check_error(world.anonymous.post(REGISTER, {}), 401, "invalid_token")
    many = initial_token(world)
    for body in ({"scope": "Administrator"}, {"scope": "Nonsense"}, {"grant_types": ["implicit"]},
                 {"token_endpoint_auth_method": "none"}, {"client_name": "x" * 256}, {"contacts": "a"}, []):
        check_error(world.anonymous.post(REGISTER, body, headers=many), 400, "invalid_client_metadata")


@pytest.mark.parametrize("grant", ["client_credentials", "password", "password without a client"])
def test_sessions_have_a_limit(open_world, grant):
    """Of one user through one client; another client's, and those without one, count for themselves."""
    world = open_world
    identifier, secret = world.make_client()
    client = {} if "without" in grant else {"client_id": identifier, "client_secret": secret}
    where = f"client_id = '{identifier}'" if client else f"client_id IS NULL AND user_id = '{world.user}'"
    others = [check_success(world.form(TOKEN, grant_type="client_credentials", client_id=world.id,
                                       client_secret=world.secret), False)]
    request = {"grant_type": grant.split()[0], "username": world.user_name, "password": PASSWORD} | client
    # Unlike a password's, a client's session ends with its access token: the first ones end first.
    made = [check_success(world.form(TOKEN, **request), grant != "client_credentials") for _ in range(MOST + 2)]
    assert world.installation.sql(f"SELECT COUNT(*) FROM oauth_session WHERE {where}") == [[str(MOST)]]
    kept = [world.installation.sql("SELECT COUNT(*) FROM oauth_token WHERE token_hash = "
                                   f"UNHEX(SHA2('{value['access_token']}', 256))") == [["1"]] for value in made]
    assert kept == [False] * 2 + [True] * MOST
    assert world.call(made[-1]["access_token"]).status == world.call(others[0]["access_token"]).status == 200
    # A lowered limit is reached step by step, whatever has come together.
    world.installation.sql(
        "INSERT INTO oauth_session (id, user_id, client_id, grant_type, expires_at) SELECT UUID(), user_id, client_id, "
        f"grant_type, expires_at - INTERVAL 1 SECOND FROM oauth_session, seq_1_to_30 WHERE {where}")
    check_success(world.form(TOKEN, **request), grant != "client_credentials")
    assert int(world.installation.sql(f"SELECT COUNT(*) FROM oauth_session WHERE {where}")[0][0]) < 31
    check_success(world.form(TOKEN, **request), grant != "client_credentials")
    assert world.installation.sql(f"SELECT COUNT(*) FROM oauth_session WHERE {where}") == [[str(MOST)]]


TOKENS, REGISTRATIONS = "/api/v1/admin/registration-tokens", "/api/v1/admin/registrations"


def token_api(world, media, key=None):
    return Api(world.installation.client(key or world.installation.admin_key), CREDENTIALS, media)


def make_token(world, media="json", key=None, **members):
    answer = token_api(world, media, key).post(TOKENS, "RegistrationTokenRequest", {"UserID": world.user} | members)
    assert answer.status == 200, answer
    return answer.value["ResponseData"]["Detail"]


def register(world, token, **metadata):
    return world.anonymous.post(REGISTER, metadata, headers={"Authorization": f"Bearer {token}"})


def registered(world, **members):
    """A new client: its answer, its path, and the header that manages it."""
    answer = register(world, make_token(world, **members)["Token"], client_name="one")
    assert answer.status == 201, answer
    made = answer.json()
    return made, urllib.parse.urlsplit(made["registration_client_uri"]).path, {
        "Authorization": f"Bearer {made['registration_access_token']}"}


def test_tokens_for_registration_are_made_listed_and_revoked(open_world, media):
    world, api = open_world, token_api(open_world, media)
    made = make_token(world, media, Name="for one", UsesLeft=2, Scope="Sales read", ExpiresAt="2040-01-01T00:00:00Z")
    assert made["Token"].startswith("cri_")
    for answer in (api.get(f"{TOKENS}/{made['ID']}"), api.get(f"{TOKENS}?count=1000")):
        assert answer.status == 200 and "cri_" not in answer.text, answer
    assert register(world, made["Token"]).status == 201
    api.check(api.get(f"{TOKENS}/{made['ID']}").value["ResponseData"]["Detail"], {"Name": "for one", "UsesLeft": 1, "UseCount": 1, "Scope": "Sales read", "LastUsedAt": ...})
    listed = json.loads(world.installation.cli("token", "show", made["ID"], "--registration", "--json"))
    assert listed["usesLeft"] == 1 and listed["useCount"] == 1 and listed["name"] == "for one"
    assert api.delete(f"{TOKENS}/{made['ID']}").status == 200
    assert api.get(f"{TOKENS}/{made['ID']}").status == 404
    check_error(register(world, made["Token"]), 401, "invalid_token")
    other = make_token(world, media)
    world.installation.cli("token", "revoke", other["ID"], "--registration")
    check_error(register(world, other["Token"]), 401, "invalid_token")


@pytest.mark.parametrize("scope, asked, got", [
    ("Sales read", None, "Sales read"), ("Sales read", "Sales", "Sales read"), ("Sales read", "read", "Sales read"),
    ("Sales", "read", "Sales read"), ("read update", "Sales read", "Sales read"), ("Sales read", "Sales update", None),
    ("Sales read", "LicenseManager read", None), ("read", "read create", None), (None, "read", "read"),
    (None, None, None)])
def test_registered_clients_stay_within_the_token(open_world, scope, asked, got):
    world = open_world
    token = make_token(world, **({"Scope": scope} if scope else {}))["Token"]
    answer = register(world, token, **({"scope": asked} if asked else {}))
    if got is None and asked:
        check_error(answer, 400, "invalid_client_metadata")
        return
    assert answer.status == 201 and answer.json().get("scope") == got, answer
    [[stored]] = world.installation.sql(f"SELECT COALESCE(scope, '') FROM api_client WHERE id = '{answer.json()['client_id']}'")
    assert stored == (got or "")


def test_tokens_and_their_clients_stay_within_the_maker(open_world, media):
    world = open_world
    soon = "2031-01-01T00:00:00Z"

    def maker(**members):
        return world.admin.post("/v1/api-keys", {"apiKey": {"name": unique("k")} | members}).json()["apiKey"]

    creator, ending, bound = maker(permissions=8), maker(expireDate=soon), maker(allowedNetworks=["127.0.0.0/8"])
    made = make_token(world, media, creator)
    assert made["Scope"] == "LicenseManager Sales create"
    client = register(world, made["Token"]).json()
    assert client["scope"] == "LicenseManager Sales create"
    made = make_token(world, media, ending)
    assert made["ExpiresAt"][:19] == made["ClientsExpireAt"][:19] == soon[:19]
    client = register(world, made["Token"]).json()
    assert world.installation.sql(f"SELECT expires_at, registration_expires_at FROM api_client WHERE id = "
                                  f"'{client['client_id']}'") == [["2031-01-01 00:00:00.000000"] * 2]
    for key, members, words in ((creator, {"Scope": "read"}, "Scope"), (bound, {}, "127.0.0.0/8"),
                                (ending, {"ExpiresAt": "2032-01-01"}, "The ExpiresAt field"),
                                (ending, {"ClientsExpireAt": "2032-01-01"}, "The ClientsExpireAt field")):
        answer = token_api(world, media, key).post(TOKENS, "RegistrationTokenRequest", {"UserID": world.user} | members)
        assert answer.status == 403 and words in answer.value["Error"]["ErrorReason"], answer


def test_a_registration_never_widens(open_world):
    """What an administrator has narrowed stays so, whatever the client says of itself."""
    world = open_world
    made, path, manager = registered(world)
    assert world.admin.put(f"{CLIENTS}/{made['client_id']}", {"Scope": "Sales read"}).status == 200
    assert world.anonymous.get(path, headers=manager).json()["scope"] == "Sales read"
    for scope, status in (("LicenseManager", 400), ("Sales read update", 400), (None, 200), ("Sales", 200), ("read", 200)):
        body = {"client_id": made["client_id"]} | ({"scope": scope} if scope else {})
        answer = world.anonymous.put(path, body, headers=manager)
        assert answer.status == status, answer
        assert world.installation.sql(f"SELECT scope FROM api_client WHERE id = '{made['client_id']}'") == [["Sales read"]]
        if status == 200:
            assert answer.json()["scope"] == "Sales read"


@pytest.mark.parametrize("end", ["disabled", "expired", "owner", "revoked", "revoked by cli", "ended"])
def test_a_client_that_does_not_count_cannot_manage_itself(open_world, end):
    world = open_world
    owner = world.admin.post("/v1/users", {"user": {"userName": unique("owner"), "roles": ["Sales"]}}).json()["userId"]
    made, path, manager = registered(world, UserID=owner)
    one = f"{CLIENTS}/{made['client_id']}"
    registration = f"{REGISTRATIONS}/{made['client_id']}"
    assert world.anonymous.get(path, headers=manager).status == 200
    if end == "disabled":
        answer = world.admin.put(one, {"Enabled": False})
    elif end == "expired":
        answer = world.admin.put(one, {"ExpiresAt": "2020-01-01T00:00:00Z"})
    elif end == "owner":
        answer = world.admin.put("/v1/users", {"user": {"id": owner, "enabled": False}})
    elif end == "revoked":
        answer = world.admin.delete(registration)
    elif end == "ended":
        answer = world.admin.put(registration, {"ExpiresAt": "2020-01-01T00:00:00Z"})
    else:
        world.installation.cli("client", "revoke", made["client_id"], "--registration")
        answer = world.admin.get(one)
    assert answer.status == 200, answer
    assert world.admin.get(registration).status == (404 if "revoked" in end else 200)
    for method, body in (("GET", None), ("PUT", {"client_id": made["client_id"]}), ("DELETE", None)):
        check_error(world.anonymous.call(method, path, body, headers=manager), 401, "invalid_token")
    assert world.admin.get(one).status == 200


def test_uses_of_a_registration_are_counted(open_world):
    world = open_world
    made, path, manager = registered(world)
    assert world.anonymous.get(path, headers=manager).status == 200
    wait_until(lambda: world.admin.get(f"{REGISTRATIONS}/{made['client_id']}").json()["ResponseData"]["Detail"]["UseCount"],
               "count of uses")
    [row] = [row for row in json.loads(world.installation.cli("client", "list", "--json")) if row["id"] == made["client_id"]]
    assert row["registered"] and row["registrationUseCount"] == 1 and row["registrationUsedAt"]


# --- queries ---


def test_a_known_token_costs_no_query_and_an_unknown_one_costs_one(private_installation):
    world = World(private_installation(workers=1))
    token = world.tokens()["access_token"]
    cold = world.call(token, path="/v1/roles").queries
    assert world.call(token, path="/v1/roles").queries == cold - 1


def test_the_web_servers_own_errors_have_this_familys_shape(world):
    for path in (TOKEN, "/Token"):
        answer = world.anonymous.post(path, "x" * (3 << 20), content_type=FORM, check=False)
        assert answer.status == 413 and answer.json()["error"] == "invalid_request"
        assert answer.json()["error_description"]
