"""The audit log: each change of each operation leaves an entry, with who has made it and under which request."""

import collections
import json
import os
import pwd
import re
import socket
import subprocess
import urllib.parse

import pytest

from harness import babel, moving
from harness.browser import signed_in
from harness.commands import commands
from harness.families import unique
from harness.installation import Installation
from harness.totp import code_of
from harness.writes import ACCOUNTS, ALL, CLIENTS, FORM, GROUPS, PASSWORD, Setting, make_parents

MASK = "********"

# Operations of the document that leave no entry, each with the reason.
SILENT = {
    "POST /oauth2/introspect": "it reads",
    "POST /v1/search": "it reads",
    "POST /api/dynamicclients/preview": "it reads",
    "POST /api/dynamicclients/preview/count": "it reads",
}
# Writes that leave no entry, each with the reason.
UNAUDITED = {
    "tested_webhook": "a delivery that tells of nothing",
    "PUT /v1/orders/{orderId}/products/{productId}": "it stores what is stored already",
    "refresh": "the next tokens of a session are no change of it",
    "activate_again_activate": "what programs say again and again",
    "heartbeat_again_request": "what programs say again and again",
    "heartbeat": "what applications say again and again",
    "first_consumption": "it is in the ledger",
    "second_consumption": "it is in the ledger",
}


@pytest.fixture(scope="module")
def setting():
    with Installation(discovery_auth="none", oauth_registration="token") as running:
        made = Setting(running)
        make_parents(made)
        yield made


def entries(setting, **members):
    """Entries that have these members, the oldest first; what is JSON text is read."""
    condition = " and ".join(f"{name} = '{value}'" for name, value in members.items())
    answer = setting.admin.get("/v1/audit?take=1000&sort=id&filter=" + urllib.parse.quote(condition))
    assert answer.status == 200, answer
    found = answer.json()["auditEntries"]
    for entry in found:
        for name in ("before", "after", "detail"):
            entry[name] = entry[name] and json.loads(entry[name])
    return found


def entries_of(setting, call):
    """What a call leaves, and its answer."""
    answer = call()
    return entries(setting, requestId=setting.installation.last_answered), answer


Write = collections.namedtuple("Write", "operation entries")


@pytest.fixture(scope="module")
def writes(setting):
    """Each write, carried out once: {name: Write}."""
    made = {}
    for prepare in ALL:
        found, _ = entries_of(setting, prepare(setting)[0])
        method, path = setting.calls[-1]
        made[prepare.__name__] = Write(setting.installation.document.find(method, path)["operationId"], found)
    return made


@pytest.mark.parametrize("name", [prepare.__name__ for prepare in ALL])
def test_each_write(setting, writes, name):
    found = writes[name].entries
    if name in UNAUDITED:
        assert not found
        return
    assert found
    for entry in found:
        assert entry["address"] == "127.0.0.1" and entry["actor"] and entry["resource"], entry
        if entry["keyId"]:
            assert (entry["actorKind"], entry["actor"], entry["userId"]) == ("user", "admin", setting.installation.admin_id)
        told = {"insert": entry["after"] and entry["before"] is None,
                "update": entry["before"] is not None and entry["after"] is not None,
                "delete": entry["before"] and entry["after"] is None}
        assert entry["detail"] or told[entry["action"]], entry


def test_every_operation_is_called(setting, writes):
    """One that is new is among the writes, or has its reason."""
    document = setting.installation.document
    called = {write.operation for write in writes.values()}
    silent = {document.find(*operation.split())["operationId"] for operation in SILENT}
    changing = {operation["operationId"] for item in document.root["paths"].values()
                for method, operation in item.items() if method in ("post", "put", "delete", "patch")}
    assert called == changing - silent


# --- who ---

def test_users(setting):
    """By key, by password, and by the token that the password has opened."""
    name, user = setting.user()
    opened, tokens = entries_of(setting, lambda: setting.log_in(name))
    assert [(entry["action"], entry["resource"], entry["actorKind"], entry["actor"], entry["userId"]) for entry in opened] \
        == [("insert", "session", "user", name, user)]
    [login] = opened
    assert login["after"]["UserID"] == user and login["after"]["GrantType"] == "password" and login["key"] == login["after"]["ID"]
    company = unique("company")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    [made], _ = entries_of(setting, lambda: setting.call("POST", "/v1/customers", {"customer": {"company": company}}, key="",
                                                         headers=bearer))
    assert (made["actor"], made["userId"], made["keyId"], made["sessionId"]) == (name, user, None, login["key"])
    assert made["after"]["company"] == company and (made["area"], made["resource"]) == ("customers", "customer")


def test_clients(setting):
    """An API client by its secret, and by its token."""
    made = setting.api_client()
    body = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": made["ID"],
                                   "client_secret": made["Secret"]})
    [login], tokens = entries_of(setting, lambda: setting.call("POST", "/oauth2/token", body, content_type=FORM, key=""))
    assert (login["actorKind"], login["actor"], login["clientId"]) == ("client", made["Name"], made["ID"])
    body = urllib.parse.urlencode({"token": tokens["access_token"], "client_id": made["ID"], "client_secret": made["Secret"]})
    [ended], _ = entries_of(setting, lambda: setting.call("POST", "/oauth2/revoke", body, content_type=FORM, key=""))
    assert (ended["action"], ended["resource"], ended["count"], ended["actor"]) == ("delete", "token", 1, made["Name"])


def test_sessions_that_make_room(private_installation):
    running = private_installation(oauth_sessions="2")
    setting = Setting(running)
    name, user = setting.user()
    for _ in range(2):
        setting.log_in(name)
    ended, opened = entries_of(setting, lambda: setting.log_in(name))[0]
    assert (ended["action"], ended["count"], ended["detail"]["of"]) == ("delete", 1, {"UserID": user})
    assert opened["action"] == "insert"


def test_a_token_that_is_used_twice(private_installation):
    """The end of the whole session has its entry."""
    setting = Setting(private_installation(oauth_refresh_grace="0s"))
    name, _ = setting.user()
    body = urllib.parse.urlencode({"grant_type": "refresh_token", "refresh_token": setting.log_in(name)["refresh_token"]})
    assert setting.anonymous.post("/oauth2/token", body, content_type=FORM).status == 200
    assert setting.anonymous.post("/oauth2/token", body, content_type=FORM).status == 400
    [ended] = entries(setting, requestId=setting.installation.last_answered)
    assert (ended["action"], ended["resource"]) == ("delete", "session") and ended["before"]["ID"] == ended["key"]


def test_applications(setting):
    """The first hello is a change, by nobody who is known; the others only say where the application is."""
    group = setting.installation.create_group(unique("audit"))
    body = {"ClientCode": "c", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"}
    [made], answer = entries_of(setting, lambda: setting.call("POST", "/api/ClientHello", body, key=""))
    assert (made["action"], made["actorKind"], made["actor"], made["userId"]) == ("insert", "anonymous", "anonymous", None)
    client = answer["DTOClients"][0]
    assert made["key"] == client["Id"] and made["after"]["ClientCode"] == "c"
    assert made["after"]["Token"] == MASK and client["Token"] not in json.dumps(made)
    body["AppVersion"] = "2"
    assert entries_of(setting, lambda: setting.call("POST", "/api/ClientHello", body, key=""))[0] == []


def test_what_shares_a_name_is_told_apart(setting):
    """What the contracts call client, the log calls by its own name, as the document says; so do commands that look for it."""
    group = setting.installation.create_group(unique("audit"))
    hello = {"ClientCode": "c", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"}
    made = {"hosting account": setting.account()["id"], "API client": setting.api_client()["ID"],
            "application": setting.call("POST", "/api/ClientHello", hello, key="")["DTOClients"][0]["Id"]}
    for name, key in made.items():
        [entry] = entries(setting, resource=name, action="insert", key=key)
        assert name in {schema["x-audit"][0] for schema in setting.installation.document.root["components"]["schemas"].values()
                        if "client" in schema.get("x-audit", [])}
        shown = json.loads(setting.installation.cli("audit", "--resource", name, "--key", key, "--json"))
        assert [one["id"] for one in shown] == [entry["id"]]


def test_sets_of_applications(setting):
    """A synchronisation leaves an entry of each application that it adds, changes or removes, and none of others."""
    group = setting.installation.create_group(unique("audit"))

    def synchronise(versions):
        body = [{"ClientCode": code, "ClientGroupsId": group, "AppName": "a", "AppVersion": version}
                for code, version in versions.items()]
        return entries_of(setting, lambda: setting.call("POST", "/api/ClientAddOrUpdateOrRemoveClients", body))[0]

    assert [entry["action"] for entry in synchronise({"a": "1", "b": "1", "c": "1"})] == ["insert"] * 3
    assert synchronise({"a": "1", "b": "1", "c": "1"}) == []
    changed = {entry["action"]: entry for entry in synchronise({"a": "1", "b": "2", "d": "1"})}
    assert set(changed) == {"update", "delete", "insert"}
    assert changed["update"]["before"]["AppVersion"] == "1" and changed["update"]["after"]["AppVersion"] == "2"
    assert changed["delete"]["before"]["ClientCode"] == "c" and changed["insert"]["after"]["ClientCode"] == "d"


def test_secrets_are_told_as_masks(setting):
    """That a secret has changed is told, and not what it is: the installation looks for that everywhere at its end."""
    name, user = setting.user()
    body = {"user": {"id": user}, "currentPassword": PASSWORD, "newPassword": "another one for the tests"}
    [changed], _ = entries_of(setting, lambda: setting.call("PUT", "/v1/users", body))
    assert changed["after"]["passwordHash"] == MASK, (name, changed)
    account = setting.account()
    [renewed], _ = entries_of(setting, lambda: setting.call("POST", f"{ACCOUNTS}/{account['id']}/apiKey"))
    assert renewed["after"]["apiKeyHash"] == MASK
    client = setting.api_client()
    path = f"{CLIENTS}/{client['ID']}/secrets"
    [added], _ = entries_of(setting, lambda: setting.call("POST", path, {"GraceSeconds": 600}))
    assert added["after"]["SecretHash"] == MASK, added


# --- what is seen ---

def test_entry(setting):
    """One entry is what the list has of it, in both formats; nobody changes it."""
    setting.call("POST", GROUPS, {"name": unique("audit")})
    [listed] = setting.admin.get("/v1/audit?take=1").json()["auditEntries"]
    path = f"/v1/audit/{listed['id']}"
    shown = setting.admin.get(path).json()
    assert {name: shown[name] for name in listed} == listed and shown["success"] is True
    assert setting.installation.document.read_as_json("GET", path, setting.admin.get(path, accept="application/xml")) == shown
    assert setting.admin.get("/v1/audit/999999999999").status == 404
    assert setting.admin.get("/v1/audit/x").status == 400
    for method in ("PUT", "DELETE", "POST"):
        for place in (path, "/v1/audit"):
            assert setting.admin.call(method, place).status == 405
    assert setting.admin.get(path).json() == shown


def test_list(setting):
    """The newest first, page after page; filtered, sorted and selected as every list."""
    names = [unique("audit") for _ in range(5)]
    keys = [str(setting.call("POST", GROUPS, {"name": name})["id"]) for name in names]
    condition = "filter=" + urllib.parse.quote("resource = 'delegate group' and action = 'insert' and area = 'delegates'")
    newest = setting.admin.get(f"/v1/audit?{condition}&take=5&select=id,key").json()
    assert [entry["key"] for entry in newest["auditEntries"]] == keys[::-1]
    assert all(set(entry) == {"id", "key"} for entry in newest["auditEntries"]) and newest["totalAuditEntriesCount"] >= 5
    paged, after = [], ""
    while len(paged) < 5:
        page = setting.admin.get(f"/v1/audit?{condition}&take=2&select=id,key&total=none{after}").json()
        paged += page["auditEntries"]
        after = f"&after={page['nextCursor']}"
    assert paged[:5] == newest["auditEntries"]
    oldest = setting.admin.get(f"/v1/audit?{condition}&take=1&sort=madeAt&select=madeAt").json()["auditEntries"][0]
    assert oldest["madeAt"] <= setting.admin.get("/v1/audit?take=1&select=madeAt").json()["auditEntries"][0]["madeAt"]
    assert setting.admin.get("/v1/audit?filter=nonsense").status == 400
    assert setting.admin.get("/v1/audit?sort=nonsense").status == 400


def test_log_is_another(setting):
    """Whoever deletes the log leaves one entry here with the number, and takes none away."""
    setting.call("POST", "/v1/customers", {"customer": {"company": unique("audit")}})
    before = setting.admin.get("/v1/audit?take=1").json()["totalAuditEntriesCount"]
    logged = int(setting.installation.sql("SELECT COUNT(*) FROM log_entry")[0][0])
    [deleted], _ = entries_of(setting, lambda: setting.call("DELETE", "/v1/log?deleteAll=true"))
    assert (deleted["action"], deleted["resource"], deleted["area"], deleted["count"]) == ("delete", "log", None, logged)
    assert deleted["detail"] == {"deleted": logged, "query": "deleteAll=true"}
    assert setting.admin.get("/v1/audit?take=1").json()["totalAuditEntriesCount"] == before + 1


# --- by command ---

# Commands that leave no entry, each with the reason.
READING = {
    "user sessions": "it reads", "audit": "it reads", "audit show": "it reads", "backup": "it reads", "client list": "it reads",
    "certificate list": "it reads", "delegate list": "it reads",
    "client secrets": "it reads", "client show": "it reads", "cluster recover": "it reads", "cluster status": "it reads",
    "config check": "it reads", "config show": "it reads", "doctor": "it reads", "export": "it reads", "group list": "it reads",
    "key list": "it reads", "key show": "it reads", "license verify": "it reads",
    "license request": "it writes a file of another machine", "license return": "it writes a file of another machine", "mail list": "it reads",
    "queue count": "it reads", "queue list": "it reads", "role list": "it reads", "role show": "it reads", "roles": "it reads",
    "secret status": "it reads", "status": "it reads", "throttle list": "it reads", "token list": "it reads",
    "token show": "it reads", "top": "it reads", "user list": "it reads", "user show": "it reads",
    "cluster accept": "it writes a file of this machine", "secret init": "it writes a file of this machine",
    "secret seal": "it prints what belongs into a file",
    "signing-key list": "it reads", "signing-key public": "it reads",
    "throttle clear": "failures are counted in memory",
    "setup-db": "it makes the database that the log is in; the migrations have their entry",
}
# Commands that change much more: these tests look for their entries.
ELSEWHERE = {"restore": "test_backup.py", "migrate": "test_migrate"}


class Machine:
    """What commands are about, and what they need before."""

    def __init__(self, running):
        self.running = running
        self.setting = Setting(running)
        self.group = running.create_group(unique("g"))
        for code in ("one", "two"):
            self.setting.call("POST", "/api/ClientHello", {"ClientCode": code, "ClientGroupId": self.group, "AppName": "a",
                                                           "AppVersion": "1"}, key="")

    def user(self):
        return self.running.create_user(unique("u"))

    def key(self):
        self.running.create_key("admin")
        return self.running.sql("SELECT MAX(id) FROM api_key")[0][0]

    def delegate_group(self):
        return self.setting.call("POST", "/api/delegategroups", {"name": unique("g")})["id"]

    def logged_in(self):
        name, _ = self.setting.user()
        self.setting.log_in(name)
        return name

    def enrolled(self):
        name, _ = self.setting.user()
        browser = signed_in(self.running, name, PASSWORD)
        secret = browser.post("/v1/session/totp").json()["secret"]
        assert browser.put("/v1/session/totp", {"code": code_of(secret)}).status == 200
        return name

    def disabled_client(self):
        client = self.client()
        self.running.cli("client", "disable", client)
        return client

    def client(self):
        return json.loads(self.running.cli("client", "create", unique("c")[:18], "--user", "admin", "--json"))["id"]

    def session(self):
        name, _ = self.setting.user()
        self.setting.log_in(name)
        return self.running.sql("SELECT id FROM oauth_session ORDER BY created_at DESC LIMIT 1")[0][0]

    def letter(self):
        """A mail that was given up."""
        self.running.sql("INSERT INTO queue_item (kind, state, finished_at, payload) VALUES ('mail', 'dead', NOW(), 'a@b.example')")
        return self.running.sql("SELECT MAX(id) FROM queue_item")[0][0]

    def people(self):
        path = self.running.state / "audited.csv"
        path.write_text(f"clientId,firstName\n{self.running.sql('SELECT COALESCE(MAX(id), 0) + 1 FROM delegate_client')[0][0]},Ada\n")
        return path

    def domain(self):
        account = self.setting.once("account", self.setting.account)
        return self.setting.call("POST", f"{ACCOUNTS}/{account['id']}/domain", {"name": f"{unique('d')}.example.org"})["id"]

    def signing_key(self):
        return json.loads(self.running.cli("signing-key", "create", unique("k"), "--json"))["id"]

    def signing_key_file(self):
        path = self.running.state / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", path], check=True)
        return path

    def request(self):
        """A machine's request for a license that may be used offline."""
        key, path = unique("KEY"), self.running.state / "request"
        self.setting.call("POST", "/v1/licenses", {"license": {
            "userKey": key, "signingKeyId": self.signing_key(), "policy": {"offlineSeconds": 3600}}})
        self.state, secret = self.running.state / f"{key}.state", self.running.state / "userkey"
        secret.write_text(key)
        path.write_text(self.running.cli("license", "request", "--machine", "M", "--state", self.state, "--user-key-file", secret))
        return [path]

    def receipt(self):
        file, key, path = (self.running.state / name for name in ("license", "public", "receipt"))
        file.write_text(self.running.cli("license", "checkout", *self.request()))
        number = self.running.sql("SELECT MAX(id) FROM signing_key")[0][0]
        key.write_text(self.running.cli("signing-key", "public", number))
        path.write_text(self.running.cli("license", "return", file, "--key", key, "--machine", "M", "--state", self.state,
                                         "--user-key-file", self.running.state / "userkey"))
        return [path]

    def old(self):
        self.running.sql("INSERT INTO idempotency (key_hash, request_hash, status, response, expires_at) VALUES "
                         "(UNHEX(SHA2(UUID(), 256)), '', 200, '', '2020-01-01')")


def made_certificate(machine):
    thumbprint = os.urandom(32).hex()
    machine.running.cli("certificate", "add", "gateway", "--thumbprint", thumbprint, "--user", "admin")
    return thumbprint


# How each command is called, with what the machine has for it, and what its entry is of.
CHANGING = {
    "user create": (lambda machine: [unique("u")], "user"),
    "user customer": (lambda machine: [machine.user(), "--remove"], "user"),
    "user delete": (lambda machine: [machine.user(), "--yes"], "user"),
    "user disable": (lambda machine: [machine.user()], "user"),
    "user enable": (lambda machine: [machine.user()], "user"),
    "user end-sessions": (lambda machine: [machine.logged_in()], "session"),
    "user reset-second-factor": (lambda machine: [machine.enrolled()], "second factor"),
    "user sign-in-link": (lambda machine: [machine.user(), "--address", "https://registry.example"], "sign-in link"),
    "user password": (lambda machine: [machine.user(), "--remove"], "user"),
    "user role": (lambda machine: [machine.user(), "add", "Sales"], "user"),
    "key create": (lambda machine: ["--user", "admin"], "API key"),
    "key delete": (lambda machine: [machine.key(), "--yes"], "API key"),
    "key revoke": (lambda machine: [machine.key()], "API key"),
    "key rotate": (lambda machine: [machine.key()], "API key"),
    "group create": (lambda machine: [unique("g")], "client group"),
    "group delete": (lambda machine: [machine.running.create_group(unique("g")), "--yes"], "client group"),
    "associate": (lambda machine: ["one", "two", "--group", machine.group], "association"),
    "certificate add": (lambda machine: ["gateway", "--thumbprint", os.urandom(32).hex(), "--user", "admin"], "client certificate"),
    "certificate revoke": (lambda machine: [made_certificate(machine), "--yes"], "client certificate"),
    "client create": (lambda machine: [unique("c")[:18], "--user", "admin"], "API client"),
    "client delete": (lambda machine: [machine.client(), "--yes"], "API client"),
    "client disable": (lambda machine: [machine.client()], "API client"),
    "client enable": (lambda machine: [machine.disabled_client()], "API client"),
    "client revoke": (lambda machine: [machine.client()], "secret"),
    "client rotate": (lambda machine: [machine.client()], "secret"),
    "token create": (lambda machine: ["--registration", "--user", "admin"], "registration token"),
    "token revoke": (lambda machine: [machine.session()], "session"),
    "delegate add": (lambda machine: [machine.delegate_group(), "--last-name", "x"], "delegate"),
    "delegate remove": (lambda machine: [machine.running.cli("delegate", "add", machine.delegate_group()).strip(), "--yes"], "delegate"),
    "person import": (lambda machine: [machine.people()], "person"),
    "import babel": (lambda machine: ["--from", babel.make_file(machine.running.state / "former.db", babel.FEW)], "customer"),
    "import hosting": (lambda machine: ["--from", moving.write(machine.running.state, "list.json", [moving.account(1)])],
                       "hosting account"),
    "import credentials": (lambda machine: ["--from", moving.write(machine.running.state, "clients.json", [moving.API_CLIENT])],
                           "API client"),
    "import delegates": (lambda machine: ["--groups", moving.write(machine.running.state, "groups.json", {"id": 1, "name": "Former"})],
                         "delegate group"),
    "import discovery": (lambda machine: ["--from", moving.write(machine.running.state, "hello.json", moving.answer("till"))],
                         "client group"),
    "hosting calls": (lambda machine: [machine.domain(), "5"], "call count of domain"),
    "mail retry": (lambda machine: [machine.letter()], "dead letter of mail"),
    "queue replay": (lambda machine: [machine.letter()], "dead letter of mail"),
    "queue discard": (lambda machine: [machine.letter(), "--yes"], "dead letter of mail"),
    "license checkout": (lambda machine: machine.request(), "license token"),
    "license release": (lambda machine: machine.receipt(), "license token"),
    "signing-key create": (lambda machine: [unique("k")], "signing key"),
    "signing-key import": (lambda machine: [machine.signing_key_file()], "signing key"),
    "signing-key retire": (lambda machine: [machine.signing_key()], "signing key"),
    "signing-key rotate": (lambda machine: [machine.signing_key()], "signing key"),
    "expire": (lambda machine: machine.old() or [], "idempotency keys"),
    "secret rotate": (lambda machine: [], "encryption key"),
    "secret forget": (lambda machine: ["--yes"], None),
}
# How they call themselves.
ACTORS = {"import babel": "import of Babel Licensing", "import hosting": "import of a hosting service",
          "import credentials": "import of a service with API clients",
          "import delegates": "import of a service of delegate groups",
          "import discovery": "import of a discovery service", "person import": "import of .*/audited.csv", "expire": "expiry"}


@pytest.fixture(scope="module")
def machine():
    with Installation(discovery_auth="none") as running:
        yield Machine(running)


@pytest.mark.parametrize("words", CHANGING)
def test_each_command(machine, words):
    arguments, resource = CHANGING[words]
    arguments = arguments(machine)
    last = machine.running.sql("SELECT COALESCE(MAX(id), 0) FROM audit_entry")[0][0]
    machine.running.cli(*words.split(), *arguments)
    made = machine.running.sql(f"SELECT actor_kind, actor_name, resource, address FROM audit_entry WHERE id > {last}")
    if resource is None:
        assert made == []  # there was nothing to forget: test_secrets.py has some
        return
    assert resource in [entry[2] for entry in made], made
    caller = pwd.getpwuid(os.getuid()).pw_name
    for kind, actor, _, address in made:
        assert (kind, address) == ("command", socket.gethostname())
        assert re.fullmatch(rf"{ACTORS.get(words, 'command line')} as {caller}( \(.+\))?", actor), actor


def test_every_command_is_known(machine):
    """One that is new changes something, and is called above, or has its reason."""
    assert {words for _, words in commands(machine.running)} == set(CHANGING) | set(READING) | set(ELSEWHERE)


def test_migrate(machine):
    """The first entry is of the schema that the log came with."""
    actor, resource, detail = machine.running.sql("SELECT actor_name, resource, detail FROM audit_entry ORDER BY id LIMIT 1")[0]
    assert actor.startswith("command line as ") and resource == "schema" and json.loads(detail) == {"former": 0}


def test_sudo(machine, monkeypatch):
    """Who stands behind the user that a command runs as."""
    name = unique("g")
    monkeypatch.setenv("SUDO_USER", "ada")
    machine.running.cli("group", "create", name)
    [[actor, after]] = machine.running.sql(f"SELECT actor_name, after_row FROM audit_entry WHERE after_row LIKE '%{name}%'")
    assert actor == f"command line as {pwd.getpwuid(os.getuid()).pw_name} (ada)" and json.loads(after)["name"] == name


def test_long_and_odd_names_of_actors(machine, monkeypatch):
    """What the machine calls somebody, or a file, hinders no change."""
    for behind in ("x" * 4000, "é" * 300, "\udcff\x1b[31m"):
        name = unique("g")
        monkeypatch.setenv("SUDO_USER", behind)
        machine.running.cli("group", "create", name)
        [[actor]] = machine.running.sql(f"SELECT actor_name FROM audit_entry WHERE after_row LIKE '%{name}%'")
        assert actor.startswith("command line as ") and len(actor) <= 255 and actor.isprintable(), ascii(actor)


# --- the list of the command line ---

def test_list_by_command(machine):
    """What the API has, the newest first, narrowed by each option."""
    running = machine.running

    def listed(*arguments):
        return json.loads(running.cli("audit", *arguments, "--json"))

    name, user = machine.setting.user()
    token = machine.setting.log_in(name)["access_token"]
    running.sql(f"INSERT IGNORE INTO user_role (user_id, role_id) SELECT '{user}', id FROM role WHERE name = 'Sales'")
    company = unique("company")
    machine.setting.call("POST", "/v1/customers", {"customer": {"company": company}}, key="",
                         headers={"Authorization": f"Bearer {token}"})
    request = running.last_answered
    [mine] = listed("--request", request)
    [same] = machine.setting.admin.get(f"/v1/audit?filter=id={mine['id']}").json()["auditEntries"]
    assert mine == same
    assert (mine["actor"], mine["userId"], mine["resource"], mine["action"]) == (name, user, "customer", "insert")
    assert [entry["id"] for entry in listed("--user", name)] == [entry["id"] for entry in listed("--user", user)]
    assert mine["id"] in [entry["id"] for entry in listed("--user", name)]
    running.sql(f"UPDATE user SET user_name = '{unique('renamed')}' WHERE id = '{user}'")
    assert mine["id"] in [entry["id"] for entry in listed("--user", user)]
    assert [entry["id"] for entry in listed("--user", name)] == [entry["id"] for entry in listed("--user", user)]
    assert listed("--resource", "customer", "--key", mine["key"], "--action", "insert") == [mine]
    assert listed("--resource", "customer", "--key", mine["key"], "--action", "delete") == []
    everything = listed("--limit", "1000")
    assert [entry["id"] for entry in everything] == sorted((entry["id"] for entry in everything), reverse=True)
    assert listed("--limit", "2") == everything[:2] and len(listed()) == min(100, len(everything))
    assert mine in listed("--since", mine["madeAt"]) and mine not in listed("--until", mine["madeAt"])
    assert listed("--since", "2100-01-01") == listed("--until", "2000-01-01") == []
    assert name in running.cli("audit", "--request", request)
    shown = running.cli("audit", "show", str(mine["id"]))
    assert company in shown and request in shown and json.loads(running.cli("audit", "show", str(mine["id"]), "--json")) == mine


@pytest.mark.parametrize("arguments, said", [
    (["--since", "yesterday"], '"yesterday" is not a date'), (["--until", "x"], '"x" is not a date'),
    (["--limit", "0"], "--limit must be a whole number of at least 1"), (["show", "999999999"], 'There is no audit entry'),
    (["show"], "An argument is missing"), (["--nonsense"], "--nonsense")])
def test_faults_of_the_command(machine, arguments, said):
    result = machine.running.cli("audit", *arguments, check=False)
    assert result.returncode != 0 and said in result.stderr and not result.stdout
