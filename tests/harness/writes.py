"""Every operation that writes, of every family: what it needs is made anew each time, and what must hold after it
is looked at. For the tests that let writes fail in all ways."""

import base64
import crypt  # pylint: disable=deprecated-module
import re
import urllib.parse
import uuid

from .browser import signed_in as session_of
from .families import new_api_client, unique
from .licensing import COUNTER, PASSWORD, World, find, operations
from .machine import offline_call
from .totp import code_of

ADMIN = "/api/v1/admin"
CLIENTS, SESSIONS = f"{ADMIN}/clients", f"{ADMIN}/sessions"
PORTAL_USERS, PORTAL_ACCOUNTS = f"{ADMIN}/users", f"{ADMIN}/accounts"
CERTIFICATES = f"{ADMIN}/certificates"
INITIAL_TOKENS, REGISTRATIONS = f"{ADMIN}/registration-tokens", f"{ADMIN}/registrations"
ACCOUNTS, GROUPS, PERSONS = "/hosting/api/client", "/api/delegategroups", "/v1/delegate-persons"
FORM = "application/x-www-form-urlencoded"
NEW_PASSWORD = "another one for the tests"


class Refused(AssertionError):
    """A call that was not answered with success."""

    def __init__(self, answer):
        super().__init__(repr(answer))
        self.answer = answer


def scrub(row):
    row = re.sub(r"\$[0-9a-z]+\$[./$0-9A-Za-z]+", "HASH", row)
    row = re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+", "MOMENT", row)
    row = re.sub(r"-----BEGIN.*?-----END[A-Z ]+-----", "PEM", row, flags=re.DOTALL)
    row = re.sub(r"[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{64,}", "JWS", row)
    row = re.sub(r"(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{43}(?![0-9A-Za-z_-])", "x", row)  # a thumbprint or a key
    return re.sub(r"[0-9A-Za-z]+", "x", row)


class Setting:
    """What the operations are about, each time anew."""

    def __init__(self, installation):
        self.world = World(installation)
        self.installation = installation
        self.admin = installation.client(installation.admin_key)
        self.anonymous = installation.client()
        self.made = {}
        self.calls = []  # method and path of each, the newest last
        self.headers = {}  # sent with each call
        self.options = {}  # of the client, with each call

    def once(self, name, make):
        """What takes long to make and may be used several times."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def call(self, method, path, body=None, **options):
        options["headers"] = self.headers | options.get("headers", {})
        answer = self.admin.call(method, path, body, **options, **self.options)
        self.calls.append((method, path))
        if not 200 <= answer.status < 300:
            raise Refused(answer)
        return answer.json() if answer.body and not answer.is_xml else None

    def user(self):
        name = unique("replay")
        return name, self.call("POST", "/v1/users", {"user": {"userName": name, "roles": ["Sales"]},
                                                     "password": PASSWORD})["userId"]

    def api_client(self):
        owner = self.once("owner", self.user)[1]
        return self.call("POST", CLIENTS, new_api_client(owner))["ResponseData"]["Detail"]

    def account(self):
        name = unique("replay")
        return self.call("POST", ACCOUNTS, {"username": name, "password": PASSWORD, "domainMaxCount": -1,
                                            "emailAddress": f"{name}@example.org"})

    def log_in(self, name, password=PASSWORD, status=200):
        body = urllib.parse.urlencode({"grant_type": "password", "username": name, "password": password})
        if status == 200:
            return self.call("POST", "/oauth2/token", body, content_type=FORM, key="")
        answer = self.anonymous.post("/oauth2/token", body, content_type=FORM)
        assert answer.status == status, answer
        return answer.json()

    def token(self, client, secret):
        body = urllib.parse.urlencode({"grant_type": "client_credentials"})
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        answer = self.anonymous.post("/oauth2/token", body, content_type=FORM, headers={"Authorization": f"Basic {basic}"})
        assert answer.status == 200, answer

    def hash(self, account):
        return self.installation.sql(f"SELECT password_hash FROM hosting_client WHERE id = '{account}'")[0][0]


# Each prepares, and returns the call and what must hold after it.

def new_user(setting):
    name = unique("replay")
    body = {"user": {"userName": name, "roles": ["Sales"], "settings": [{"name": "a", "value": "b"}]}, "password": PASSWORD}
    return lambda: setting.call("POST", "/v1/users", body), lambda _: setting.log_in(name)


def changed_user(setting):
    name, user = setting.user()
    body = {"user": {"id": user, "roles": ["Sales"]}, "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    return lambda: setting.call("PUT", "/v1/users", body), lambda _: setting.log_in(name, NEW_PASSWORD)


def new_key(setting):
    secret = f"secret-{uuid.uuid4().hex}"
    body = {"apiKey": {"name": unique("replay"), "clientSecret": secret}}

    def check(value):
        check_key(setting, value["apiKey"], secret)
    return lambda: setting.call("POST", "/v1/api-keys", body), check


def changed_key(setting):
    secret = f"secret-{uuid.uuid4().hex}"
    made = setting.call("POST", "/v1/api-keys", {"apiKey": {"name": unique("replay")}})
    body = {"apiKey": {"id": made["apiKeyId"], "name": "renamed", "clientSecret": secret}}
    return lambda: setting.call("PUT", "/v1/api-keys", body), lambda _: check_key(setting, made["apiKey"], secret)


def rotated_key(setting):
    secret = f"secret-{uuid.uuid4().hex}"
    made = setting.call("POST", "/v1/api-keys", {"apiKey": {"name": unique("replay"), "clientSecret": secret}})
    path = f"/v1/api-keys/{made['apiKeyId']}/rotate"

    def check(value):
        check_key(setting, value["apiKey"], secret)
    return lambda: setting.call("POST", path, {"graceSeconds": 60}), check


def check_key(setting, key, secret):
    assert setting.anonymous.get("/v1/roles", key=key, headers={"x-client-secret": secret}).status == 200
    assert setting.anonymous.get("/v1/roles", key=key).status == 401


def new_client(setting, **members):
    body = new_api_client(setting.once("owner", setting.user)[1], **members)
    return lambda: setting.call("POST", CLIENTS, body)["ResponseData"]["Detail"], \
        lambda made: setting.token(made["ID"], made["Secret"])


def new_client_with_a_secret(setting):
    return new_client(setting, Secret=f"chosen-{uuid.uuid4().hex}")


def changed_client(setting):
    made, secret = setting.api_client(), f"chosen-{uuid.uuid4().hex}"
    body = {"Secret": secret, "Name": unique("s")[:18]}
    return lambda: setting.call("PUT", f"{CLIENTS}/{made['ID']}", body), lambda _: setting.token(made["ID"], secret)


def second_secret(setting):
    made = setting.api_client()

    def check(value):
        for secret in (made["Secret"], value["ResponseData"]["Detail"]["Secret"]):
            setting.token(made["ID"], secret)
    return lambda: setting.call("POST", f"{CLIENTS}/{made['ID']}/secrets", {"GraceSeconds": 600}), check


def portal_user(setting):
    made = setting.user()[1]
    return f"{PORTAL_USERS}/{made}"


def portal_account(setting):
    top = setting.call("GET", PORTAL_ACCOUNTS)["ResponseData"]["Detail"]["ID"]
    name = unique("portal")
    body = {"CompanyName": name, "Email": f"{name}@example.org", "Username": name, "Firstname": "A", "Lastname": "B",
            "Password": PASSWORD}
    return f"{PORTAL_ACCOUNTS}/{top}", body


def made_portal_account(setting):
    path, body = portal_account(setting)
    return setting.call("POST", path, body)["ResponseData"]["Detail"]["ID"]


def new_portal_account(setting):
    path, body = portal_account(setting)
    return lambda: setting.call("POST", path, body), None


def changed_portal_account(setting):
    path = f"{PORTAL_ACCOUNTS}/{made_portal_account(setting)}"
    return lambda: setting.call("PUT", path, {"Name": unique("renamed")}), None


def removed_portal_account(setting):
    path = f"{PORTAL_ACCOUNTS}/{made_portal_account(setting)}"
    return lambda: setting.call("DELETE", path, {"DeleteSubsChildAccounts": True}), None


def changed_portal_user(setting):
    path = portal_user(setting)
    return lambda: setting.call("PUT", path, {"TimeZone": "UTC", "Password": NEW_PASSWORD}), None


def toggled_portal_user(setting):
    path = portal_user(setting)
    return lambda: setting.call("PATCH", f"{path}/access"), None


def given_access(setting):
    path, account = portal_user(setting), made_portal_account(setting)
    return lambda: setting.call("POST", f"{path}/accounts", {"AccountID": account, "AccessLevel": 1}), None


def taken_access(setting):
    path, account = portal_user(setting), made_portal_account(setting)
    setting.call("POST", f"{path}/accounts", {"AccountID": account})
    return lambda: setting.call("DELETE", f"{path}/accounts/{account}"), None


def certificate(setting):
    return {"Name": unique("gateway"), "Sha256Thumbprint": uuid.uuid4().hex * 2, "UserID": setting.user()[1]}


def made_certificate(setting):
    return f"{CERTIFICATES}/" + setting.call("POST", CERTIFICATES, certificate(setting))["ResponseData"]["Detail"]["Sha256Thumbprint"]


def new_certificate(setting):
    body = certificate(setting)
    return lambda: setting.call("POST", CERTIFICATES, body), None


def changed_certificate(setting):
    path = made_certificate(setting)
    return lambda: setting.call("PUT", path, {"Enabled": False}), None


def removed_certificate(setting):
    path = made_certificate(setting)
    return lambda: setting.call("DELETE", path), None


PORTAL = [new_certificate, changed_certificate, removed_certificate, new_portal_account, changed_portal_account, removed_portal_account, changed_portal_user, toggled_portal_user,
          given_access, taken_access]


def new_account(setting):
    name = unique("replay")
    body = {"username": name, "password": PASSWORD, "emailAddress": f"{name}@example.org"}

    def check(value):
        assert crypt.crypt(PASSWORD, setting.hash(value["id"])) == setting.hash(value["id"])
        assert setting.call("GET", f"{ACCOUNTS}/by-apiKey/{value['apiKey']}")["id"] == value["id"]
    return lambda: setting.call("POST", ACCOUNTS, body), check


def changed_account(setting):
    made = setting.once("account", setting.account)

    def check(_):
        assert crypt.crypt(NEW_PASSWORD, setting.hash(made["id"])) == setting.hash(made["id"])
    return lambda: setting.call("PUT", f"{ACCOUNTS}/{made['id']}", {"password": NEW_PASSWORD}), check


def new_domain(setting):
    made = setting.once("account", setting.account)
    path = f"/{unique('a')}/path"
    body = {"name": f"Replay.Example.org{path}"}

    def check(value):
        assert (value["name"], value["path"]) == ("replay.example.org", path), value
    return lambda: setting.call("POST", f"{ACCOUNTS}/{made['id']}/domain", body), check


CONSENT = {"consent": True, "purposes": {"41ba25c": "Necessary"}}


def visited(setting):
    """An account that is open, with its own key, and where the provider and the owner find consents of its domain."""
    made = setting.account()
    setting.call("PUT", f"{ACCOUNTS}/{made['id']}", {"active": True})
    domain = setting.call("POST", f"{ACCOUNTS}/{made['id']}/domain", {"name": f"{unique('d')}.example.org"})["id"]
    return made["apiKey"], f"{ACCOUNTS}/{made['id']}/domain/{domain}/consents", f"/api/domains/{domain}/consents"


def stored_consent(own):
    def prepare(setting):
        key, path, owner = visited(setting)
        body, options = CONSENT | {"ucid": uuid.uuid4().hex * 2}, {"key": key} if own else {}

        def check(value):
            assert setting.call("GET", f"{path}/{value['ucid']}") == [value]
        return lambda: setting.call("POST", owner if own else path, body, **options), check
    prepare.__name__ = f"stored_consent_{own}"
    return prepare


def deleted_consents(own):
    def prepare(setting):
        key, path, owner = visited(setting)
        visitor, options = uuid.uuid4().hex * 2, {"key": key} if own else {}
        for _ in range(2):
            setting.call("POST", path, CONSENT | {"ucid": visitor})

        def check(_):
            assert setting.call("GET", path) == []
        return lambda: setting.call("DELETE", f"{owner if own else path}/{visitor}", **options), check
    prepare.__name__ = f"deleted_consents_{own}"
    return prepare


def changed_domain(setting):
    made = setting.once("account", setting.account)
    place = f"/{unique('a')}/path"
    domain = setting.call("POST", f"{ACCOUNTS}/{made['id']}/domain", {"name": f"one.example.org{place}"})
    path = f"{ACCOUNTS}/{made['id']}/domain/{domain['id']}"

    def check(value):
        assert (value["name"], value["path"]) == ("two.example.org", place), value
    return lambda: setting.call("PUT", path, {"name": f"two.example.org{place}"}), check


def user_roles(setting):
    _, user = setting.once("user_roles", setting.user)
    setting.installation.sql(f"DELETE FROM user_role WHERE user_id = '{user}'")
    return lambda: setting.call("POST", f"/v1/users/{user}/roles", {"roles": "Customer,LicenseManager"}), None


def settings(setting):
    body = {"settings": [{"group": "mail", "name": "licenseSubject", "value": unique("replay")}]}
    return lambda: setting.call("PUT", "/v1/settings", body), None


def hello(setting):
    group = setting.installation.create_group(unique("replay"))
    body = {"ClientCode": "c", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"}
    return lambda: setting.call("POST", "/api/ClientHello", body), None


def synchronise(setting):
    group = setting.installation.create_group(unique("replay"))
    body = [{"ClientCode": code, "ClientGroupsId": group, "AppName": "a", "AppVersion": "1"} for code in "abc"]
    return lambda: setting.call("POST", "/api/ClientAddOrUpdateOrRemoveClients", body), None


def new_group(setting):
    return lambda: setting.call("POST", GROUPS, {"name": unique("replay"), "canBookTrips": True}), None


def association(setting):
    group = setting.once("group", lambda: setting.call("POST", GROUPS, {"name": unique("replay")}))["id"]
    person = int(unique("1").split("-")[-1]) + 1000
    setting.installation.sql(f"INSERT INTO delegate_client (id) VALUES ({person})")
    return lambda: setting.call("POST", f"{GROUPS}/{group}/clients", {"clientId": person}), None


def group_of(setting):
    group = setting.once("group", lambda: setting.call("POST", GROUPS, {"name": unique("replay")}))["id"]
    return f"{GROUPS}/{group}"


def changed_group(setting):
    made = setting.call("POST", GROUPS, {"name": unique("replay")})
    return lambda: setting.call("PUT", f"{GROUPS}/{made['id']}", {"phone": unique("555")}), None


def new_delegate(setting):
    group = group_of(setting)
    return lambda: setting.call("POST", f"{group}/delegates", {"lastName": unique("replay")}), None


def a_delegate(setting):
    group = group_of(setting)
    return f"{group}/delegate/{setting.call('POST', f'{group}/delegates', {'lastName': unique('replay')})['id']}"


def changed_delegate(setting):
    path = a_delegate(setting)
    return lambda: setting.call("PUT", path, {"securitySettings": {"canBookTrips": True}}), None


def removed_delegate(setting):
    path = a_delegate(setting)
    return lambda: setting.call("DELETE", path), None


def fresh_group(setting):
    return f"{GROUPS}/{setting.call('POST', GROUPS, {'name': unique('replay')})['id']}"


def rules(location):
    return {"rules": [{"conditions": [{"ruleType": 3, "value": location}]}]}


def new_rules(setting):
    """Of a group, which gets a client by them."""
    group, location = fresh_group(setting), unique("location")
    a_person(setting, location=location)
    return lambda: setting.call("POST", f"{group}/clientrule", rules(location)), None


def removed_rules(setting):
    group, location = fresh_group(setting), unique("location")
    a_person(setting, location=location)
    setting.call("POST", f"{group}/clientrule", rules(location))
    return lambda: setting.call("DELETE", f"{group}/clientrule"), None


def person_number():
    return int(unique("1").split("-")[-1]) + 3_000_000


def a_person(setting, **members):
    number = person_number()
    setting.call("POST", PERSONS, {"person": {"clientId": number} | members})
    return number


def new_person(setting):
    location = unique("location")
    setting.call("POST", f"{fresh_group(setting)}/clientrule", rules(location))
    person = {"clientId": person_number(), "location": location}
    return lambda: setting.call("POST", PERSONS, {"person": person}), None


def changed_person(setting):
    number = a_person(setting)
    return lambda: setting.call("PUT", PERSONS, {"person": {"clientId": number, "firstName": unique("Ada")}}), None


def removed_person(setting):
    number = a_person(setting)
    return lambda: setting.call("DELETE", f"{PERSONS}/{number}"), None


def bulk_of_persons(setting):
    return lambda: setting.call("POST", f"{PERSONS}/bulk", [{"clientId": person_number()}]), None


DELEGATES = [changed_group, new_delegate, changed_delegate, removed_delegate, new_rules, removed_rules, new_person, changed_person,
             removed_person, bulk_of_persons]


def refresh(setting):
    name, _ = setting.once("login", setting.user)
    body = urllib.parse.urlencode({"grant_type": "refresh_token",
                                   "refresh_token": setting.log_in(name)["refresh_token"]})
    return lambda: setting.call("POST", "/oauth2/token", body, content_type=FORM, key=""), \
        lambda value: setting.call("GET", "/v1/customers", key="", headers={
            "Authorization": f"Bearer {value['access_token']}"})


def register(setting):
    token = setting.once("initial", lambda: setting.installation.cli(
        "token", "create", "--registration", "--user", setting.once("owner", setting.user)[0]).split()[0])
    return lambda: setting.call("POST", "/oauth2/register", {"client_name": "r"}, key="", headers={
        "Authorization": f"Bearer {token}"}), lambda made: setting.token(made["client_id"], made["client_secret"])


def removed_client(setting):
    made = setting.api_client()

    def check(_):
        assert setting.admin.get(f"{CLIENTS}/{made['ID']}").status == 404
    return lambda: setting.call("DELETE", f"{CLIENTS}/{made['ID']}"), check


def login(setting):
    name, _ = setting.once("login", setting.user)
    return lambda: setting.log_in(name), lambda value: setting.anonymous.get(
        "/v1/customers", headers={"Authorization": f"Bearer {value['access_token']}"}).status == 200


# --- what ends, and what is sent or recorded ---

def of_answer(value):
    return value["ResponseData"]["Detail"]


def removed_secret(setting):
    made = setting.api_client()
    setting.call("POST", f"{CLIENTS}/{made['ID']}/secrets", {"GraceSeconds": 600})
    return lambda: setting.call("DELETE", f"{CLIENTS}/{made['ID']}/secrets/1"), None


def ended_session(setting):
    name, user = setting.once("session", setting.user)
    setting.log_in(name)
    [[session]] = setting.installation.sql(
        f"SELECT id FROM oauth_session WHERE user_id = '{user}' ORDER BY created_at DESC LIMIT 1")
    return lambda: setting.call("DELETE", f"{SESSIONS}/{session}"), None


def signed_in(setting):
    name, _ = setting.once("login", setting.user)
    return lambda: setting.call("POST", "/v1/session", {"username": name, "password": PASSWORD}, key=""), None


def by_cookie(setting, method, path):
    """A call of somebody who has just signed in; the path may name the session."""
    name, _ = setting.user()
    browser = session_of(setting.installation, name, PASSWORD)
    [session] = browser.get("/v1/sessions").json()["sessions"]
    return lambda: setting.call(method, path.format(**session), key="", headers=browser.headers(method)), None


def signed_out(setting):
    return by_cookie(setting, "DELETE", "/v1/session")


def signed_out_everywhere(setting):
    return by_cookie(setting, "DELETE", "/v1/sessions")


def ended_own_session(setting):
    return by_cookie(setting, "DELETE", "/v1/sessions/{id}")


def person_in_a_browser(setting):
    name, _ = setting.user()
    return session_of(setting.installation, name, PASSWORD)


def changed_own_password(setting):
    browser = person_in_a_browser(setting)
    return lambda: setting.call("PUT", "/v1/session/password", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD},
                                key="", headers=browser.headers("PUT")), None


def begun_second_factor(setting):
    browser = person_in_a_browser(setting)
    return lambda: setting.call("POST", "/v1/session/totp", key="", headers=browser.headers("POST")), None


def confirmed_second_factor(setting):
    browser = person_in_a_browser(setting)
    secret = browser.post("/v1/session/totp").json()["secret"]
    return lambda: setting.call("PUT", "/v1/session/totp", {"code": code_of(secret)}, key="",
                                headers=browser.headers("PUT")), None


def removed_second_factor(setting):
    browser = person_in_a_browser(setting)
    browser.put("/v1/session/totp", {"code": code_of(browser.post("/v1/session/totp").json()["secret"])})
    return lambda: setting.call("DELETE", "/v1/session/totp", {"password": PASSWORD}, key="",
                                headers=browser.headers("DELETE")), None


def renewed_recovery_codes(setting):
    browser = person_in_a_browser(setting)
    browser.put("/v1/session/totp", {"code": code_of(browser.post("/v1/session/totp").json()["secret"])})
    return lambda: setting.call("POST", "/v1/session/totp/recovery-codes", {"password": PASSWORD}, key="",
                                headers=browser.headers("POST")), None


def initial_token(setting):
    body = {"UserID": setting.once("owner", setting.user)[1], "Name": unique("t")[:18]}
    return lambda: setting.call("POST", INITIAL_TOKENS, body), None


def removed_initial_token(setting):
    made = of_answer(initial_token(setting)[0]())
    return lambda: setting.call("DELETE", f"{INITIAL_TOKENS}/{made['ID']}"), None


def registered(setting):
    """A client that has registered itself: what it was answered, its path, and what manages it."""
    made = register(setting)[0]()
    return made, urllib.parse.urlsplit(made["registration_client_uri"]).path, {
        "Authorization": f"Bearer {made['registration_access_token']}"}


def changed_by_itself(setting):
    made, path, manager = registered(setting)
    body = {"client_id": made["client_id"], "client_name": unique("r")[:18]}
    return lambda: setting.call("PUT", path, body, key="", headers=manager), None


def removed_by_itself(setting):
    _, path, manager = registered(setting)
    return lambda: setting.call("DELETE", path, key="", headers=manager), None


def changed_registration(setting):
    path = f"{REGISTRATIONS}/{registered(setting)[0]['client_id']}"
    return lambda: setting.call("PUT", path, {"ExpiresAt": "2040-01-01T00:00:00Z"}), None


def removed_registration(setting):
    path = f"{REGISTRATIONS}/{registered(setting)[0]['client_id']}"
    return lambda: setting.call("DELETE", path), None


def removed_group(setting):
    group = new_group(setting)[0]()["id"]
    return lambda: setting.call("DELETE", f"{GROUPS}/{group}"), None


def removed_association(setting):
    call = association(setting)[0]
    call()
    method, path = setting.calls[-1]
    group = path.split("/")[-2]
    person = setting.installation.sql(f"SELECT MAX(client_id) FROM delegate_association WHERE group_id = {group}")[0][0]
    return lambda: setting.call("DELETE", f"{path}/{person}"), None


def removed_account(setting):
    made = setting.account()
    return lambda: setting.call("DELETE", f"{ACCOUNTS}/{made['id']}"), None


def renewed_account_key(setting):
    made = setting.once("account", setting.account)
    return lambda: setting.call("POST", f"{ACCOUNTS}/{made['id']}/apiKey"), \
        lambda value: setting.call("GET", f"{ACCOUNTS}/by-apiKey/{value['apiKey']}")


def removed_domain(setting):
    made = setting.once("account", setting.account)
    domain = setting.call("POST", f"{ACCOUNTS}/{made['id']}/domain", {"name": f"{unique('d')}.example.org"})
    return lambda: setting.call("DELETE", f"{ACCOUNTS}/{made['id']}/domain/{domain['id']}"), None


def removed_roles(setting):
    _, user = setting.once("user_roles", setting.user)
    setting.call("POST", f"/v1/users/{user}/roles", {"roles": "Customer,LicenseManager"})
    return lambda: setting.call("DELETE", f"/v1/users/{user}/roles", {"roles": "Customer"}), None


def removed_traces(setting):
    trace = setting.world.make("trace")
    return lambda: setting.call("DELETE", "/v1/license-traces", {"traceId": trace}), None


def removed_log_entries(setting):
    setting.call("POST", GROUPS, {"name": unique("replay")})
    [[entry]] = setting.installation.sql(
        "INSERT INTO log_entry (message, message_template, level, time_stamp, properties) VALUES "
        "('m', 'm', 'Debug', '2003-01-01', '{}'); SELECT LAST_INSERT_ID()")
    return lambda: setting.call("DELETE", f"/v1/log?id={entry}"), None


def mail(setting):
    body = {"to": [{"name": "Ada", "email": "ada@example.com"}], "subject": unique("mail"), "body": "Text"}
    return lambda: setting.call("POST", "/v1/email/send", body), None


def bulk(setting):
    """All or nothing, with the parts of a row."""
    rows = [{"licenseType": "bulk", "features": [{"name": "f"}]}, {"licenseType": "bulk", "meta": "x"}]
    return lambda: setting.call("POST", "/v1/licenses/bulk", rows), None


def bulk_of_some(setting):
    """One row of three is refused when it is stored, and leaves nothing; a deadlock is no refusal."""
    def rows():
        made = unique("bulk")
        return [{"userKey": f"{made}-1"}, {"userKey": f"{made}-1", "features": [{"name": "f"}]},
                {"userKey": f"{made}-2"}]
    return lambda: setting.call("POST", "/v1/licenses/bulk?mode=each", rows()), None


def license_mail(setting):
    def letter():
        made = setting.call("POST", "/v1/resources", {"resource": {
            "name": unique("mail"), "type": "email", "data": "Dear {{licensee.name}}"}})["resourceId"]
        license_id = setting.call("POST", "/v1/licenses", {"license": {
            "licenseeEmail": "a@example.org", "licenseeName": "Ada"}})["licenseId"]
        return {"licenseId": license_id, "resourceId": made}
    body = setting.once("letter", letter)
    return lambda: setting.call("POST", "/v1/email/license", body), None


def client_login(setting):
    made = setting.api_client()
    body = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": made["ID"],
                                   "client_secret": made["Secret"]})
    return lambda: setting.call("POST", "/Token", body, content_type=FORM, key=""), None


def revoked_token(setting):
    made = setting.log_in(setting.once("login", setting.user)[0])
    body = urllib.parse.urlencode({"token": made["refresh_token"]})
    return lambda: setting.call("POST", "/oauth2/revoke", body, content_type=FORM, key=""), None


def hook(setting):
    """A webhook that tells of nothing, so that other writes stay as they are."""
    return setting.call("POST", "/v1/webhooks", {"webhook": HOOK})["webhookId"]


HOOK = {"url": "https://example.org/hook", "events": ["report.deleted"], "enabled": False}


def new_webhook(setting):
    return lambda: setting.call("POST", "/v1/webhooks", {"webhook": HOOK}), None


def changed_webhook(setting):
    path = f"/v1/webhooks/{hook(setting)}"
    return lambda: setting.call("PUT", path, {"webhook": {"description": unique("hook")}}), None


def removed_webhook(setting):
    path = f"/v1/webhooks/{hook(setting)}"
    return lambda: setting.call("DELETE", path), None


def rotated_webhook(setting):
    path = f"/v1/webhooks/{hook(setting)}/rotate"
    return lambda: setting.call("POST", path), None


def enabled_hook(setting):
    """The same one for all: a deletion of a report has one delivery more from then on."""
    made = setting.once("hook", lambda: setting.call("POST", "/v1/webhooks", {"webhook": HOOK | {"enabled": True}}))
    return f"/v1/webhooks/{made['webhookId']}"


def tested_webhook(setting):
    path = f"{enabled_hook(setting)}/test"
    return lambda: setting.call("POST", path), None


def replayed_delivery(setting):
    path = enabled_hook(setting)
    delivery = setting.call("POST", f"{path}/test")["deliveryId"]
    setting.installation.sql(f"UPDATE queue_item SET state = 'dead', due_at = NULL, finished_at = NOW() "
                             f"WHERE content_id = '{delivery}'")
    return lambda: setting.call("POST", f"{path}/deliveries/{delivery}/replay"), None


def signing_key(setting):
    return setting.call("POST", "/v1/signing-keys", {"signingKey": {"name": unique("key")}})["signingKeyId"]


def new_signing_key(setting):
    return lambda: setting.call("POST", "/v1/signing-keys", {"signingKey": {"name": unique("key")}}), None


def changed_signing_key(setting):
    path = f"/v1/signing-keys/{signing_key(setting)}"
    return lambda: setting.call("PUT", path, {"signingKey": {"name": unique("key")}}), None


def removed_signing_key(setting):
    path = f"/v1/signing-keys/{signing_key(setting)}"
    return lambda: setting.call("DELETE", path), None


def rotated_signing_key(setting):
    path = f"/v1/signing-keys/{signing_key(setting)}/rotate"
    return lambda: setting.call("POST", path), None


def discovery_group(setting):
    return setting.call("POST", "/v1/discovery-groups", {"group": {"name": unique("group")}})["groupId"]


def new_discovery_group(setting):
    return lambda: setting.call("POST", "/v1/discovery-groups", {"group": {"name": unique("group")}}), None


def renamed_discovery_group(setting):
    group = discovery_group(setting)
    return lambda: setting.call("PUT", "/v1/discovery-groups", {"group": {"id": group, "name": unique("group")}}), None


def removed_discovery_group(setting):
    path = f"/v1/discovery-groups/{discovery_group(setting)}"
    return lambda: setting.call("DELETE", path), None


def application(setting):
    """Path of one, for administrators, and its token."""
    group = discovery_group(setting)
    body = {"ClientCode": "c", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"}
    [one] = setting.call("POST", "/api/ClientHello", body)["DTOClients"]
    return f"/v1/discovery-groups/{group}/clients/{one['Id']}", one["Token"]


def removed_application(setting):
    path, _ = application(setting)
    return lambda: setting.call("DELETE", path), None


def application_out_of_service(setting):
    path, _ = application(setting)
    return lambda: setting.call("PUT", path, {"client": {"outOfService": True}}), None


def heartbeat(setting):
    _, token = application(setting)
    return lambda: setting.call("PUT", f"/api/ClientHello/{token}", {"Status": "paper low"}), None


def left_application(setting):
    _, token = application(setting)
    return lambda: setting.call("DELETE", f"/api/ClientHello/{token}"), None


def program(setting, mode, *calls, **members):
    """A license, and what a program says of itself; `calls` were made already."""
    key = unique("PROGRAM")
    made = setting.call("POST", "/v1/licenses", {"license": {"licensingMode": mode, "userKey": key, **members}})
    body = {"userKey": key, "machineId": "M-1", "clientId": "replay"}
    for name in calls:
        setting.call("POST", f"/v1/license/{name}", body)
    return made["licenseId"], body


def calls_of(mode, name, *before):
    """What a program calls, each with a license of its own."""
    def prepare(setting):
        _, body = program(setting, mode, *before)
        return lambda: setting.call("POST", f"/v1/license/{name}", body), None
    prepare.__name__ = "_again_".join([name, *before])
    return prepare


def all_freed(setting):
    _, body = program(setting, 1, "activate", policy={"selfReleases": 9})
    setting.call("POST", "/v1/license/activate", body | {"machineId": "M-2"})
    return lambda: setting.call("POST", "/v1/license/deactivate", {"userKey": body["userKey"], "all": True}), None


def replaced_seat(setting):
    _, body = program(setting, 1, "activate", maxAllowedSites=1, policy={
        "seatReplacement": "oldest", "selfReleases": 9, "machineUniqueness": "product"})
    return lambda: setting.call("POST", "/v1/license/activate", body | {"machineId": "M-2"}), None


PROGRAMS = [calls_of(1, "activate"), calls_of(1, "activate", "activate"), calls_of(1, "deactivate", "activate"),
            calls_of(2, "request"), calls_of(2, "release", "request"), calls_of(2, "heartbeat", "request"),
            calls_of(0, "validate"), all_freed, replaced_seat]


def offline(name):
    """A machine that never calls: what somebody sends for it."""
    def prepare(setting):
        key = setting.once("key of files", lambda: signing_key(setting))
        check_out, receipt = offline_call(setting.installation, lambda *said: setting.call("POST", *said), key, unique("OFFLINE"))
        body = check_out() if name == "checkout" else receipt()
        return lambda: setting.call("POST", f"/v1/license/{name}", body), None
    prepare.__name__ = f"offline_{name}"
    return prepare


OFFLINE = [offline("checkout"), offline("receipt")]


def changed_as_a_whole(verb, body=None, **members):
    def prepare(setting):
        made, _ = program(setting, 1, "activate", expireDate="2099-01-01T00:00:00Z", **members)
        return lambda: setting.call("POST", f"/v1/licenses/{made}/{verb}", body), None
    prepare.__name__ = f"{verb}_license"
    return prepare


STATES = [changed_as_a_whole("renew", {"days": 30}), changed_as_a_whole("suspend"), changed_as_a_whole("revoke"),
          changed_as_a_whole("transfer", {"customerId": None, "releaseSeats": True})]


def reinstated_license(setting):
    made, _ = program(setting, 1, suspended=True)
    return lambda: setting.call("POST", f"/v1/licenses/{made}/reinstate"), None


def consumed(setting):
    """A license with a counter that was used, the path of its consumption, and the program's body."""
    made, body = program(setting, 0, counters=[COUNTER])
    body |= {"feature": "units", "amount": 2, "consumptionId": "first"}
    setting.call("POST", "/v1/license/consume", body)
    return f"/v1/licenses/{made}/consumption", body


def first_consumption(setting):
    _, body = program(setting, 0, counters=[COUNTER])
    return lambda: setting.call("POST", "/v1/license/consume", body | {
        "feature": "units", "amount": 3, "consumptionId": "first"}), None


def second_consumption(setting):
    _, body = consumed(setting)
    return lambda: setting.call("POST", "/v1/license/consume", body | {"consumptionId": "second"}), None


def topped_up(setting):
    path, _ = consumed(setting)
    return lambda: setting.call("POST", f"{path}/top-up", {"feature": "units", "amount": 5}), None


def reversed_consumption(setting):
    path, _ = consumed(setting)
    entry = setting.admin.get(f"{path}/ledger").json()["consumptionEntries"][0]["id"]
    return lambda: setting.call("POST", f"{path}/ledger/{entry}/reverse"), None


def sent_report(setting):
    _, body = program(setting, 0)
    return lambda: setting.call("POST", "/v1/license/report", body | {
        "name": "ExceptionReport", "uid": "first", "content": "x", "properties": {"a": "1"}}), None


def merged_report(setting):
    _, body = program(setting, 0)
    body |= {"name": "LicenseReport", "properties": {"a": "1", "b": "1"}}
    setting.call("POST", "/v1/license/report", body)
    return lambda: setting.call("POST", "/v1/license/report", body | {"version": "2", "properties": {"b": "2"}}), None


CONSUMPTION = [first_consumption, second_consumption, topped_up, reversed_consumption]

OURS = [new_signing_key, changed_signing_key, removed_signing_key, rotated_signing_key, new_discovery_group, renamed_discovery_group,
        removed_discovery_group, removed_application, application_out_of_service, heartbeat, left_application, new_webhook, changed_webhook, removed_webhook, rotated_webhook, tested_webhook, replayed_delivery, new_user, changed_user, new_key, changed_key, rotated_key, new_client, new_client_with_a_secret, changed_client,
        removed_client, register, refresh, new_group, association, synchronise,
        second_secret, new_account, changed_account, new_domain, changed_domain,
        *map(stored_consent, (False, True)), *map(deleted_consents, (False, True)), user_roles, settings, hello, login,
        removed_secret, ended_session, signed_in, signed_out, signed_out_everywhere, ended_own_session,
        changed_own_password, begun_second_factor, confirmed_second_factor, removed_second_factor, renewed_recovery_codes, initial_token, removed_initial_token, changed_by_itself, removed_by_itself,
        changed_registration, removed_registration, removed_group, removed_association, removed_account,
        renewed_account_key, removed_domain, removed_roles, removed_traces, removed_log_entries, mail, bulk, bulk_of_some,
        license_mail,
        *PORTAL, *DELEGATES, client_login, revoked_token, reinstated_license, *PROGRAMS, *OFFLINE, *STATES, *CONSUMPTION, sent_report, merged_report]
# Of the reference, whose bodies have every member.
REFERENCE = [operation for operation in operations() if operation.method != "GET" and operation.regular]


def of_reference(operation):
    def prepare(setting):
        world = setting.world
        captures, body = {}, None
        if operation.kind == "orderProduct":
            captures = {"orderId": world.make("order"), "productId": world.make("product")}
            body = world.body(find("POST", operation.path))
            if operation.method != "POST":
                setting.call("POST", world.path(operation, **captures), body)
        elif operation.method == "DELETE":
            captures = {operation.captures[-1]: world.make(operation.kind)}
        elif operation.method == "PUT":
            body = world.body(operation, world.make(operation.kind))
        else:
            body = world.body(operation)
        path = world.path(operation, **captures)
        return lambda: setting.call(operation.method, path, None if operation.method == "DELETE" else body), None
    prepare.__name__ = operation.name
    return prepare


def of_bulk(path):
    """The row of a single one, as the only one of a bulk."""
    def prepare(setting):
        operation = find("POST", path)
        [row] = [value for value in setting.world.body(operation).values() if isinstance(value, dict)]
        place = f"{setting.world.path(operation)}/bulk"
        return lambda: setting.call("POST", place, [row]), None
    prepare.__name__ = f"POST {path}/bulk"
    return prepare


BULKS = ["/v1/customers", "/v1/contacts", "/v1/products", "/v1/orders", "/v1/licenses/{licenseId}/tokens"]
ALL = OURS + [of_reference(operation) for operation in REFERENCE] + [of_bulk(path) for path in BULKS]


def make_parents(setting):
    """Rows that the reference's paths name, so that no operation has to make them first."""
    for operation in REFERENCE:
        for capture in operation.captures if operation.method != "DELETE" else []:
            setting.world.get(operation.capture_kind(capture))


# --- what is stored ---

# Workers write the use of a credential when they find time, which no test can foresee.
USE = ("(COLUMN_NAME LIKE '%used_at' OR COLUMN_NAME LIKE '%use_count') AND TABLE_NAME <> 'oauth_token' "
       "AND TABLE_SCHEMA = DATABASE()")
COUNTERS = {"revocation", "row_count", "machine_claim"}


def tables(connection):
    return [row[0] for row in connection.run(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
        "AND ENGINE = 'InnoDB' AND TABLE_NAME <> 'schema_version'")]


class Stored:
    """The rows of all tables, through one connection, without what is written in idle moments."""

    def __init__(self, connection):
        self.connection = connection
        connection.run("SET group_concat_max_len = 100000")
        self.columns = dict(connection.run(
            "SELECT TABLE_NAME, GROUP_CONCAT(CONCAT('`', COLUMN_NAME, '`') ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS "
            f"WHERE TABLE_SCHEMA = DATABASE() AND NOT ({USE}) GROUP BY TABLE_NAME"))
        self.tables = tables(connection)
        self.sums = self.checksums()
        self.rows = {table: self.read(table) for table in self.tables}

    def checksums(self):
        """One statement instead of one for each table; what has another sum is read."""
        rows = self.connection.run("CHECKSUM TABLE " + ", ".join(self.tables))
        return {name.partition(".")[2]: value for name, value in rows}

    def read(self, table):
        return ["\t".join(row) for row in self.connection.run(f"SELECT {self.columns[table]} FROM {table}")]

    def note(self, table, left_out=()):
        """Rows of a table that are there now and were not before, and how many more or less there are; None where
        nothing has changed. What is drawn at random, and times, are masked."""
        now, before = self.read(table), self.rows[table]
        self.rows[table] = now
        if now == before or table in left_out:
            return None
        old = set(before)
        rows = [scrub(row) for row in now if row not in old]
        if table in ("log_entry", "audit_entry"):
            rows = len(rows)  # what it tells of a change depends on the state before
        else:
            rows.sort()
        return rows, len(now) - len(before)

    def changes(self):
        former, self.sums = self.sums, self.checksums()
        noted = {table: self.note(table, COUNTERS) for table in self.tables if self.sums[table] != former[table]}
        return {table: change for table, change in noted.items() if change is not None}
