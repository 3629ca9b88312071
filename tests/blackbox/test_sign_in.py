"""People who sign in with a browser: the session and its cookie, what must come with it, and what ends it."""

import concurrent.futures
import re
import urllib.parse

import pytest

from harness.browser import SESSION, SESSIONS, Browser, signed_in
from harness.families import LICENSING, Api, unique
from harness.installation import Installation, wait_until
from harness.person import link_of
from harness.totp import code_of, wrong_code

PASSWORD = "correct horse battery 9"
KEYS = "/v1/api-keys"
CUSTOMERS = "/v1/customers"
AREAS = ["accounts", "activation", "audit", "credentials", "customers", "delegates", "discovery", "freeMail", "hosting", "licenses",
         "log", "mail", "orders", "own", "ownGroups", "products", "resources", "signingKeys", "webhooks"]
WHOLE = ["read", "update", "delete", "create"]


class Person:
    """A user with a password, made by the API."""

    def __init__(self, installation, *roles, **members):
        self.installation, self.name = installation, unique("person")
        self.admin = installation.client(installation.admin_key)
        made = self.admin.post("/v1/users", {"password": PASSWORD, "user": {
            "userName": self.name, "roles": list(roles), **members}})
        assert made.status == 200, made
        self.id = made.json()["userId"]

    def signed_in(self):
        return signed_in(self.installation, self.name, PASSWORD)

    def change(self, **members):
        answer = self.admin.put("/v1/users", {"user": {"id": self.id} | members})
        assert answer.status == 200, answer


@pytest.fixture
def person(installation):
    return Person(installation, "Administrator")


def through(browser, media):
    return Api(browser, LICENSING, media)


# --- signing in ---


def test_sign_in(installation, person, media):
    browser = Browser(installation)
    api = through(browser, media)
    made = api.post(SESSION, "OpenSessionRequest", {"username": person.name.upper(), "password": PASSWORD})
    assert made.status == 200, made
    session = made.value["session"]
    api.check(made.value, {"success": True, "code": 0, "message": None, "session": {
        "user": {"id": person.id, "userName": person.name, "email": None, "firstName": None, "lastName": None,
                 "customerId": None},
        "roles": ["Administrator"], "permissions": {area: WHOLE for area in AREAS} | {area: lambda verbs: not verbs for area in ("own", "ownGroups")},
        "csrfToken": lambda token: re.fullmatch("[0-9a-f]{64}", token), "idleSeconds": 1800, "expires": ...}})
    assert set(session["permissions"]) == set(AREAS)
    assert browser.name == "clientele-session" and re.fullmatch("ccs_[A-Za-z0-9_-]{43}", browser.token)
    assert browser.attributes == "Path=/; HttpOnly; SameSite=Strict"
    assert made.headers["cache-control"] == "no-store"
    shown = api.get(SESSION)
    assert shown.status == 200 and shown.value == made.value, shown
    [[stored]] = installation.sql("SELECT COUNT(*) FROM oauth_token WHERE token_hash = "
                                  f"UNHEX(SHA2('{browser.token}', 256))")
    assert stored == "1"


def test_own_rows_are_those_of_a_customer(installation):
    """Who is of no customer has none."""
    person = Person(installation, "Customer")
    signed_in = person.signed_in()
    assert not any(signed_in.get(SESSION).json()["session"]["permissions"].values())
    assert signed_in.get("/v1/licenses").status == 403
    customer = person.admin.post(CUSTOMERS, {"customer": {"company": person.name}}).json()["customerId"]
    assert person.admin.put("/v1/users", {"user": {"id": person.id, "customerId": customer}}).status == 200
    granted = signed_in.get(SESSION).json()["session"]["permissions"]
    assert {area: verbs for area, verbs in granted.items() if verbs} == {"own": ["read", "update", "delete"]}
    assert signed_in.get("/v1/licenses").status == 200


def test_own_groups_are_those_of_a_delegate(installation):
    """Who is no delegate, or of a deleted group, has none."""
    person = Person(installation, "Delegate")
    signed_in = person.signed_in()

    def granted():
        permissions = signed_in.get(SESSION).json()["session"]["permissions"]
        return {area: verbs for area, verbs in permissions.items() if verbs}

    assert granted() == {} and signed_in.get("/api/delegategroups").json() == []
    group = person.admin.post("/api/delegategroups", {"name": person.name}).json()["id"]
    assert person.admin.post(f"/api/delegategroups/{group}/delegates", {"userId": person.id}).status == 200
    assert granted() == {"ownGroups": WHOLE}
    assert [one["id"] for one in signed_in.get("/api/delegategroups").json()] == [group]
    assert person.admin.delete(f"/api/delegategroups/{group}").status == 204
    assert granted() == {} and signed_in.get("/api/delegategroups").json() == []


def test_permissions_are_those_of_the_roles(installation):
    sales = Person(installation, "Sales").signed_in().get(SESSION).json()["session"]
    assert sales["roles"] == ["Sales"]
    assert {area: granted for area, granted in sales["permissions"].items() if granted} == {
        "customers": WHOLE, "orders": WHOLE, "licenses": ["read", "update", "create"], "products": ["read"],
        "resources": ["read"], "log": ["read"], "mail": ["read", "create"], "signingKeys": ["read"]}


def test_what_the_session_may_do(installation):
    browser = Person(installation, "Sales").signed_in()
    made = browser.post(CUSTOMERS, {"customer": {"company": "By cookie"}})
    assert made.status == 200, made
    assert browser.get("/v1/users").status == 403
    assert browser.get("/api/v1/admin/clients").status == 403


def test_cookie_serves_all_families(person):
    browser = person.signed_in()
    for path in ("/api/v1/admin/clients", "/hosting/api/client", "/v1/licenses"):
        assert browser.get(path).status == 200, path
    assert browser.get("/api/delegategroups/999999999/clients").status == 404


@pytest.mark.parametrize("shown, faults", [
    ({}, {"username": "Either username and password, link or apiKey is required."}),
    ({"username": "somebody"}, {"password": "The password field is required."}),
    ({"password": PASSWORD}, {"username": "Either username and password, link or apiKey is required."}),
    ({"username": "somebody", "apiKey": "api_x"}, {"username": "Either username and password, link or apiKey is required."}),
    ({"userName": "somebody", "passwort": "x"}, {"passwort": "did you mean "}),
])
def test_faults(installation, media, shown, faults):
    api = through(Browser(installation), media)
    answer = api.post(SESSION, "OpenSessionRequest", shown)
    assert answer.status == 400, answer
    found = api.faults(answer)
    for path, text in faults.items():
        assert text in found[path]


def test_wrong(installation, person, media):
    """Which of both is wrong is not told, nor whether there is such a user."""
    disabled = Person(installation, "Sales", enabled=False)
    browser = Browser(installation)
    for name, password in ((person.name, "something else 12"), (unique("nobody"), PASSWORD), (disabled.name, PASSWORD)):
        answer = through(browser, media).post(SESSION, "OpenSessionRequest", {"username": name, "password": password})
        assert answer.status == 401, answer
        assert answer.value["message"] == "The user name or the password is wrong."
        assert int(answer.value["code"]) == 4
        assert "set-cookie" not in answer.headers
    assert browser.token is None


def test_without_a_password(installation):
    name = unique("keyless")
    installation.create_user(name, "Sales")
    assert Browser(installation).sign_in(username=name, password=PASSWORD).status == 401


def test_throttled(private_installation, media):
    running = private_installation(throttle_failures=3)
    person = Person(running, "Sales")
    api = through(Browser(running), media)
    for _ in range(3):
        answer = api.post(SESSION, "OpenSessionRequest", {"username": person.name, "password": "wrong horse battery"})
    refused = api.post(SESSION, "OpenSessionRequest", {"username": person.name, "password": PASSWORD})
    assert (answer.status, refused.status) == (401, 429), (answer, refused)
    assert int(refused.headers["retry-after"]) > 0


# --- what must come with the cookie ---

FOREIGN = ["https://evil.example", "null", "http://127.0.0.1:1", "", "http://127.0.0.1.evil.example"]


@pytest.mark.parametrize("method, path, body", [
    ("POST", CUSTOMERS, {"customer": {"company": "Forged"}}), ("PUT", KEYS, {"apiKey": {"id": 1, "revoked": True}}),
    ("DELETE", "/v1/log", None), ("DELETE", SESSION, None), ("DELETE", SESSIONS, None),
    ("POST", "/hosting/api/client", {"username": "forged", "password": "x", "emailAddress": "a@example.org"}),
])
def test_forged(installation, person, method, path, body):
    """A change needs the token and the origin, and is not carried out without both."""
    browser = person.signed_in()
    other = person.signed_in()
    lacks = [{"X-CSRF-Token": None}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": other.csrf},
             {"X-CSRF-Token": browser.csrf[:-1]}, {"X-CSRF-Token": browser.token}, {"Origin": None},
             {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
             *({"Origin": origin} for origin in FOREIGN)]
    for headers in lacks:
        answer = browser.call(method, path, body, headers=headers)
        assert answer.status == 403, (headers, answer)
    assert browser.get(SESSION).status == 200
    assert installation.sql("SELECT COUNT(*) FROM customer WHERE company = 'Forged'") == [["0"]]


def test_shape_of_a_forged_change(person, media):
    browser = person.signed_in()
    browser.csrf = None
    answer = through(browser, media).post(CUSTOMERS, "InsertCustomerRequest", {"customer": {"company": "Forged"}})
    assert answer.status == 403
    assert answer.value["message"] == "The X-CSRF-Token header is missing, or is not that of the session."


def test_reading_needs_the_cookie_alone(installation, person):
    """Whatever is sent beside it: other sites cannot read the answer, and do not have the cookie sent."""
    browser = person.signed_in()
    browser.csrf = None
    assert browser.get(CUSTOMERS, headers={"Sec-Fetch-Site": "none"}).status == 200
    assert browser.call("HEAD", CUSTOMERS, check=False).status == 200


def test_signing_a_stranger_in(installation, person):
    """Another site cannot have its visitor signed in; a program without an origin can sign in."""
    for headers in ({"Origin": "https://evil.example"}, {"Origin": None, "Sec-Fetch-Site": "cross-site"}):
        answer = Browser(installation).post(SESSION, {"username": person.name, "password": PASSWORD}, headers=headers)
        assert answer.status == 403 and "set-cookie" not in answer.headers, answer
    answer = Browser(installation).post(SESSION, {"username": person.name, "password": PASSWORD},
                                        headers={"Origin": None, "Sec-Fetch-Site": None})
    assert answer.status == 200, answer


def test_tls_and_prefix(private_installation):
    """With the public address: its host is the origin, and the cookie's name and path follow it."""
    for url, name, attributes in (
            ("https://registry.example", "__Host-clientele-session", "Path=/; HttpOnly; SameSite=Strict; Secure"),
            ("https://registry.example/tools", "__Secure-clientele-session",
             "Path=/tools; HttpOnly; SameSite=Strict; Secure"),
            ("http://registry.example/tools", "clientele-session", "Path=/tools; HttpOnly; SameSite=Strict")):
        running = private_installation(public_url=url)
        browser = Browser(running, origin=re.match("https?://[^/]*", url)[0])
        person = Person(running, "Administrator")
        assert browser.sign_in(username=person.name, password=PASSWORD).status == 200
        assert (browser.name, browser.attributes) == (name, attributes)
        assert browser.get(SESSION).status == 200
        assert browser.post(CUSTOMERS, {"customer": {"company": "x"}}).status == 200
        browser.origin = f"http://127.0.0.1:{running.port}"
        assert browser.post(CUSTOMERS, {"customer": {"company": "x"}}).status == 403
        browser.name = "clientele-session" if name != "clientele-session" else "__Host-clientele-session"
        assert browser.get(SESSION).status == 401


# --- the cookie is a credential of its own kind ---


def test_only_as_a_cookie(installation, person, anonymous):
    browser = person.signed_in()
    for _ in range(4):
        assert browser.get(SESSION).status == 200  # the workers know it
        for headers in ({"x-api-key": browser.token}, {"Authorization": f"Bearer {browser.token}"}):
            assert anonymous.get(CUSTOMERS, headers=headers).status == 401
    assert anonymous.get(f"/hosting/api/client?apiKey={browser.token}").status == 401


def test_nothing_else_as_a_cookie(installation, person, anonymous):
    token = anonymous.post("/oauth2/token", f"grant_type=password&username={person.name}&password=" +
                           PASSWORD.replace(" ", "+"), content_type="application/x-www-form-urlencoded").json()
    for text in (installation.admin_key, token["access_token"], token["refresh_token"], "ccs_" + "0" * 43, "x", "",
                 "ccs_" + "é" * 43, "x" * 3000):
        answer = anonymous.get(CUSTOMERS, headers={"Cookie": f"clientele-session={text}"})
        assert answer.status == 401, answer


def test_a_key_counts_before_the_cookie(installation, person, anonymous):
    browser = person.signed_in()
    user = unique("sales")
    installation.create_user(user, "Sales")
    key = installation.create_key(user)
    assert browser.get("/v1/users").status == 200
    assert browser.get("/v1/users", key=key).status == 403
    assert browser.get("/v1/users", key="api_" + "0" * 24).status == 401
    # No page can have a key sent, so nothing else is needed with it.
    assert browser.post(CUSTOMERS, {"customer": {"company": "x"}}, key=key,
                        headers={"X-CSRF-Token": None, "Origin": "https://evil.example"}).status == 200


def test_session_operations_want_the_cookie(installation, client, media):
    """Whoever has a key has no session."""
    for method, path in (("GET", SESSION), ("DELETE", SESSION), ("GET", SESSIONS), ("DELETE", SESSIONS)):
        answer = Api(client, LICENSING, media).call(method, path)
        assert answer.status == 403, answer
        assert "by their cookie alone" in answer.value["message"]
        assert Api(Browser(installation), LICENSING, media).call(method, path).status == 401


def test_operations_of_programs_do_not_see_it(installation, group):
    """Activation, discovery and OAuth take no cookie: for them it is as if nothing had come."""
    with Installation(discovery_auth="key", client_auth="key") as running:
        browser = Person(running, "Administrator").signed_in()
        for path in ("/api/ClientHello", "/v1/license/activate", "/v1/license/validate"):
            assert browser.post(path, {}).status == 401, path
        answer = browser.post("/oauth2/introspect", "token=x", content_type="application/x-www-form-urlencoded")
        assert answer.status == 401, answer


def test_introspection_knows_no_cookie(installation, person, client):
    browser = person.signed_in()
    answer = client.post("/oauth2/introspect", f"token={browser.token}",
                         content_type="application/x-www-form-urlencoded")
    assert answer.json() == {"active": False}
    client.post("/oauth2/revoke", f"token={browser.token}", content_type="application/x-www-form-urlencoded")
    assert browser.get(SESSION).status == 200


def test_fixation(installation, person):
    """A cookie that somebody has planted is not the one of who signs in then, and gains nothing."""
    thief = Person(installation, "Customer").signed_in()
    victim = Browser(installation)
    victim.name, victim.token, victim.csrf = thief.name, thief.token, thief.csrf
    assert victim.sign_in(username=person.name, password=PASSWORD).status == 200
    assert victim.token != thief.token and victim.csrf != thief.csrf
    assert thief.get(SESSION).json()["session"]["roles"] == ["Customer"]
    planted = Browser(installation)
    planted.name, planted.token = "clientele-session", "ccs_" + "A" * 43
    assert planted.sign_in(username=person.name, password=PASSWORD).status == 200
    assert planted.token != "ccs_" + "A" * 43


# --- with an API key ---


def test_api_key(installation, media):
    user = unique("keeper")
    installation.create_user(user, "Administrator")
    key = installation.create_key(user, "read", name=user)
    browser = Browser(installation)
    made = through(browser, media).post(SESSION, "OpenSessionRequest", {"apiKey": key})
    assert made.status == 200, made
    assert made.value["session"]["permissions"]["licenses"] == ["read"]
    browser.csrf = made.value["session"]["csrfToken"]
    assert browser.get(CUSTOMERS).status == 200
    assert browser.post(CUSTOMERS, {"customer": {"company": "x"}}).status == 403
    [[number]] = installation.sql(f"SELECT id FROM api_key WHERE name = '{user}'")
    installation.cli("key", "revoke", number)
    assert browser.get(CUSTOMERS).status == 401


def test_bounds_of_the_key(installation, client):
    """Its networks, its secret, its end and its deletion bind the session, too."""
    def make(**members):
        return client.post(KEYS, {"apiKey": {"name": unique("bound"), "ownerId": installation.admin_id} | members}).json()

    elsewhere = make(allowedNetworks=["192.0.2.0/24"])
    assert Browser(installation).sign_in(apiKey=elsewhere["apiKey"]).status == 403
    guarded = make(clientSecret="a secret of its own")
    assert Browser(installation).sign_in(apiKey=guarded["apiKey"]).status == 401
    opened = Browser(installation)
    assert opened.post(SESSION, {"apiKey": guarded["apiKey"]},
                       headers={"x-client-secret": "a secret of its own"}).status == 200
    assert opened.get(SESSION).status == 200
    assert client.put(KEYS, {"apiKey": {"id": guarded["apiKeyId"], "allowedNetworks": ["192.0.2.0/24"]}}).status == 200
    assert opened.get(SESSION).status == 403
    deleted, expired = make(), make()
    first, second = Browser(installation), Browser(installation)
    assert first.sign_in(apiKey=deleted["apiKey"]).status == second.sign_in(apiKey=expired["apiKey"]).status == 200
    assert client.delete(f"{KEYS}/{deleted['apiKeyId']}").status == 200
    assert first.get(SESSION).status == 401
    assert client.put(KEYS, {"apiKey": {"id": expired["apiKeyId"], "expireDate": "2020-01-01T00:00:00Z"}}).status == 200
    assert second.get(SESSION).status == 401


@pytest.mark.parametrize("text", ["api_" + "0" * 24, "cat_" + "0" * 43, "ccs_" + "0" * 43, "x"])
def test_no_key(installation, media, text):
    answer = through(Browser(installation), media).post(SESSION, "OpenSessionRequest", {"apiKey": text})
    assert answer.status == 401, answer


# --- what ends it ---


def test_sign_out(installation, person, media):
    browser, other = person.signed_in(), person.signed_in()
    answer = through(browser, media).delete(SESSION)
    assert answer.status == 200, answer
    assert browser.token == "" and "Max-Age=0" in browser.attributes
    assert other.get(SESSION).status == 200
    browser.token = other.token[:-1] + ("A" if other.token[-1] != "A" else "B")
    assert browser.get(SESSION).status == 401


def test_ended_at_once_in_all_workers(person):
    browser = person.signed_in()
    for _ in range(8):
        assert browser.get(SESSION).status == 200
    token = browser.token
    assert browser.delete(SESSION).status == 200
    browser.token = token
    for _ in range(8):
        assert browser.get(SESSION).status == 401


def test_own_sessions(installation, person, media, anonymous):
    browser, other = person.signed_in(), person.signed_in()
    Person(installation, "Sales").signed_in()
    anonymous.post("/oauth2/token", f"grant_type=password&username={person.name}&password=" +
                   PASSWORD.replace(" ", "+"), content_type="application/x-www-form-urlencoded")
    api = through(browser, media)
    listed = api.get(f"{SESSIONS}?sort=createdAt")
    assert listed.status == 200, listed
    api.check(listed.value, {"totalSessionsCount": 3, "sessions": [
        {"kind": "console", "current": True, "address": "127.0.0.1", "userAgent": "Mozilla/5.0 (test)",
         "createdAt": ..., "expires": ..., "clientName": None, "id": ...},
        {"kind": "console", "current": False}, {"kind": "password", "current": False, "userAgent": None}]})
    assert "userId" not in listed.value["sessions"][0]
    ended = api.delete(f"{SESSIONS}/{listed.value['sessions'][1]['id']}")
    assert ended.status == 200, ended
    assert (browser.get(SESSION).status, other.get(SESSION).status) == (200, 401)
    assert api.delete(f"{SESSIONS}/{listed.value['sessions'][1]['id']}").status == 404


def test_own_sessions_as_rows(person):
    browser = person.signed_in()
    head, row = browser.get(SESSIONS, accept="text/csv").text.splitlines()
    assert head.startswith("id,kind,") and ",console," in row and row.endswith(",true")
    assert '"current":true' in browser.get(SESSIONS, accept="application/x-ndjson").text
    for name in ("id", "kind", "createdAt", "lastUsed", "address"):
        assert browser.get(f"{SESSIONS}?sort={name}&filter={name}=null").status in (200, 400)
    assert browser.get(f"{SESSIONS}?filter=userId='{person.id}'").status == 400
    assert browser.get(f"{SESSIONS}?sort=current").status == 400


def test_sessions_of_others(installation, person, media):
    stranger = Person(installation, "Administrator").signed_in()
    browser = person.signed_in()
    [session] = browser.get(SESSIONS).json()["sessions"]
    answer = through(stranger, media).delete(f"{SESSIONS}/{session['id']}")
    assert answer.status == 404, answer
    assert browser.get(SESSION).status == 200
    assert through(stranger, media).delete(f"{SESSIONS}/7").status == 400
    assert session["id"] not in stranger.get(f"{SESSIONS}?take=1000").text


def test_ending_the_current_one_by_its_number(person):
    browser = person.signed_in()
    [session] = browser.get(SESSIONS).json()["sessions"]
    assert browser.delete(f"{SESSIONS}/{session['id']}").status == 200
    assert browser.token == ""


def test_sign_out_everywhere(installation, person, media, anonymous):
    token = anonymous.post("/oauth2/token", f"grant_type=password&username={person.name}&password=" +
                           PASSWORD.replace(" ", "+"),
                           content_type="application/x-www-form-urlencoded").json()["access_token"]
    browser, other, stranger = person.signed_in(), person.signed_in(), Person(installation, "Sales").signed_in()
    kept = browser.token
    answer = through(browser, media).delete(SESSIONS)
    assert answer.status == 200, answer
    assert browser.token == ""
    browser.token = kept
    assert [one.get(SESSION).status for one in (browser, other, stranger)] == [401, 401, 200]
    assert anonymous.get(CUSTOMERS, headers={"Authorization": f"Bearer {token}"}).status == 401


def test_disabled_user(person):
    browser = person.signed_in()
    person.change(enabled=False)
    assert browser.get(SESSION).status == 401


def test_deleted_user(person):
    browser = person.signed_in()
    assert person.admin.delete(f"/v1/users/{person.id}").status == 200
    assert browser.get(SESSION).status == 401


def test_password_change(person):
    browser = person.signed_in()
    answer = person.admin.put("/v1/users", {"user": {"id": person.id}, "newPassword": "another horse 1234"})
    assert answer.status == 200, answer
    assert browser.get(SESSION).status == 401


def test_role_taken_away(person):
    browser = person.signed_in()
    assert browser.get("/v1/users").status == 200
    person.change(roles=["Sales"])
    assert browser.get("/v1/users").status == 403
    assert browser.get(SESSION).json()["session"]["roles"] == ["Sales"]


def test_ended_by_an_administrator(installation, person, client):
    browser = person.signed_in()
    [session] = browser.get(SESSIONS).json()["sessions"]
    listed = client.get("/api/v1/admin/sessions?count=1000").json()["ResponseData"]["Detail"]
    [seen] = [one for one in listed if one["ID"] == session["id"]]
    assert (seen["GrantType"], seen["UserName"], seen["UserAgent"]) == ("console", person.name, "Mozilla/5.0 (test)")
    assert client.delete(f"/api/v1/admin/sessions/{session['id']}").status == 200
    assert browser.get(SESSION).status == 401


@pytest.fixture(scope="module")
def forgetful():
    """Workers that leave after each request, so that none of them remembers a session."""
    with Installation(max_requests=1) as running:
        yield running


def test_idle(forgetful):
    person = Person(forgetful, "Sales")
    browser, used = person.signed_in(), person.signed_in()
    forgetful.sql("UPDATE oauth_session SET created_at = created_at - INTERVAL 31 MINUTE, last_used_at = NULL")
    assert browser.get(SESSION).status == 401
    forgetful.sql("UPDATE oauth_session SET last_used_at = UTC_TIMESTAMP(6) - INTERVAL 29 MINUTE")
    assert used.get(SESSION).status == 200
    assert len(used.get(SESSIONS).json()["sessions"]) == 2
    wait_until(lambda: forgetful.sql("SELECT SUM(use_count) FROM oauth_session") == [["2"]], "both uses, written after the answers")
    forgetful.sql("UPDATE oauth_session SET last_used_at = last_used_at - INTERVAL 31 MINUTE")
    assert forgetful.client(forgetful.admin_key).get("/api/v1/admin/sessions").json()["ResponseData"]["Detail"] == []


def test_absolute_end(forgetful):
    browser = Person(forgetful, "Sales").signed_in()
    forgetful.sql("UPDATE oauth_token t JOIN oauth_session s ON s.id = t.session_id SET t.expires_at = "
                  "UTC_TIMESTAMP(6), s.expires_at = UTC_TIMESTAMP(6) WHERE s.grant_type = 'console'")
    assert browser.get(SESSION).status == 401
    forgetful.cli("expire")
    assert forgetful.sql("SELECT COUNT(*) FROM oauth_session") == [["0"]]


def test_options(private_installation):
    running = private_installation(session_idle_timeout="5m", session_lifetime="10m")
    session = Person(running, "Sales").signed_in().get(SESSION).json()["session"]
    assert session["idleSeconds"] == 300
    [[left]] = running.sql("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), expires_at) FROM oauth_session")
    assert 590 <= int(left) <= 600


def test_sessions_are_bounded(private_installation):
    running = private_installation(oauth_sessions=3)
    person = Person(running, "Sales")
    first = person.signed_in()
    others = [person.signed_in() for _ in range(3)]
    assert first.get(SESSION).status == 401
    assert [one.get(SESSION).status for one in others] == [200] * 3


def test_use_is_written_once_in_a_while(private_installation):
    running = private_installation(workers=1)
    browser = Person(running, "Sales").signed_in()
    browser.get(SESSION)
    for _ in range(20):
        answer = browser.get(SESSION)
        assert answer.status == 200 and answer.queries == 1, answer.log()
    wait_until(lambda: running.sql("SELECT last_used_at IS NOT NULL FROM oauth_session WHERE grant_type = 'console'") == [["1"]],
               "the use")


def test_costs_no_more_than_a_key(private_installation):
    running = private_installation(workers=1)
    admin = running.client(running.admin_key)
    browser = Person(running, "Administrator").signed_in()
    made = admin.post(CUSTOMERS, {"customer": {"company": "x"}}).json()["customerId"]
    change = {"customer": {"id": made, "company": "y"}}
    for method, path, body in (("GET", f"{CUSTOMERS}?total=none", None), ("GET", "/v1/licenses", None),
                               ("PUT", CUSTOMERS, change)):
        warm = [(caller.call(method, path, body), caller.call(method, path, body))[1] for caller in (admin, browser)]
        assert [one.status for one in warm] == [200, 200]
        assert warm[1].queries <= warm[0].queries, [one.log() for one in warm]


def test_at_the_same_time(installation, person):
    """Whatever happens at once, each gets a session of its own."""
    key = installation.create_key("admin")

    def open_one(_):
        browser = Browser(installation)
        assert browser.sign_in(apiKey=key).status == 200
        return browser

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        browsers = list(pool.map(open_one, range(8)))
    assert len({browser.token for browser in browsers}) == 8
    assert {browser.get(SESSION).status for browser in browsers} == {200}


def test_audit(installation, person, client):
    browser = person.signed_in()
    [session] = browser.get(SESSIONS).json()["sessions"]
    browser.delete(SESSION)
    entries = client.get(f"/v1/audit?sort=id&filter=key='{session['id']}'").json()["auditEntries"]
    assert [(one["action"], one["resource"], one["actor"]) for one in entries] == [
        ("insert", "session", person.name), ("delete", "session", person.name)]
    assert "ccs_" not in str(entries) and browser.csrf not in str(entries)


# --- seen from outside ---


def counted(installation):
    """Sign-ins by what was shown and what became of them."""
    text = installation.client().get("/metrics").text
    return {(way, result): int(count) for way, result, count in
            re.findall(r'^clientele_sign_ins_total\{way="(\w+)",result="(\w+)"\} (\d+)$', text, re.M)}


def refusals(installation):
    """What the audit log has of those that were refused: whose, and how."""
    return [(None if key == "NULL" else key, detail) for key, detail in installation.sql(
        "SELECT row_key, detail FROM audit_entry WHERE detail LIKE '%signInRefused%' ORDER BY id")]


def test_counted(private_installation):
    running = private_installation(throttle_failures=4)
    person = Person(running, "Sales")
    other = Person(running, "Sales")
    enrolled = signed_in(running, other.name, PASSWORD)
    secret = enrolled.post(f"{SESSION}/totp").json()["secret"]
    assert enrolled.put(f"{SESSION}/totp", {"code": code_of(secret)}).status == 200
    before = counted(running)
    assert len(before) == 15 and before["password", "opened"] == 1
    key = running.create_key(person.name)
    link = link_of(running, person.name)
    shown = [({"username": person.name, "password": PASSWORD}, "password", "opened"),
             ({"apiKey": key}, "api_key", "opened"), ({"apiKey": key[::-1]}, "api_key", "wrong"),
             ({"link": link}, "link", "opened"), ({"link": link}, "link", "wrong"),
             ({"username": other.name, "password": PASSWORD}, "password", "code"),
             ({"username": other.name, "password": PASSWORD, "code": wrong_code(secret)}, "password", "code"),
             ({"username": "nobody", "password": "wrong horse 123"}, "password", "wrong"),
             *[({"username": person.name, "password": "wrong horse 123"}, "password", "wrong")] * 4,
             *[({"username": person.name, "password": "wrong horse 123"}, "password", "throttled")] * 3]
    for body, way, result in shown:
        Browser(running).sign_in(**body)
        before[way, result] += 1
        assert counted(running) == before, (body, way, result)
    # What cannot be a sign-in is none.
    assert Browser(running).sign_in(username=person.name).status == 400
    assert counted(running) == before
    assert person.name not in running.client().get("/metrics").text


def test_refusals_are_audited(private_installation):
    """With the user where there is such a one; what was typed is kept nowhere, and no query tells who exists."""
    running = private_installation(throttle_failures=0)
    person = Person(running, "Sales")
    Browser(running).sign_in(username=person.name, password="wrong horse 123")
    known = Browser(running).sign_in(username=person.name, password="wrong horse 123")
    unknown = Browser(running).sign_in(username="my typed password", password="wrong horse 123")
    assert known.status == unknown.status == 401 and known.queries == unknown.queries
    link = Browser(running).sign_in(link="csl_" + "0" * 43)
    key = Browser(running).sign_in(apiKey="api_" + "0" * 43)
    assert link.status == key.status == 401
    mine, nobody = (person.id, '{"signInRefused":"password"}'), (None, '{"signInRefused":"password"}')
    by_link, by_key = (None, '{"signInRefused":"link"}'), (None, '{"signInRefused":"apiKey"}')
    assert refusals(running) == [mine, mine, nobody, by_link, by_key]
    condition = urllib.parse.quote(f"resource='user' and key='{person.id}'")
    [entry, *_] = person.admin.get(f"/v1/audit?filter={condition}").json()["auditEntries"]
    assert entry["address"] == "127.0.0.1" and entry["requestId"] == known.headers["x-request-id"]
    assert "typed" not in str(running.sql("SELECT * FROM audit_entry")) + str(running.sql("SELECT * FROM log_entry"))


def test_refusals_fill_nothing(private_installation):
    """However many there are, throttled or not, a few in a minute are written down; all are counted."""
    running = private_installation(throttle_failures=0)
    for number in range(40):
        assert Browser(running).sign_in(username=f"nobody-{number}", password="wrong horse 123").status == 401
    assert 6 <= len(refusals(running)) <= 12
    assert counted(running)["password", "wrong"] == 40
