"""The audit log: each change of each operation leaves an entry, with who has made it and under which request."""

import collections
import json
import urllib.parse

import pytest

from harness.families import unique
from harness.installation import Installation
from harness.writes import ACCOUNTS, ALL, CLIENTS, FORM, GROUPS, PASSWORD, Setting, make_parents

MASK = "********"

# Operations of the document that leave no entry, each with the reason.
SILENT = {
    "POST /oauth2/introspect": "it reads",
}
# Writes that leave no entry, each with the reason.
UNAUDITED = {
    "refresh": "the next tokens of a session are no change of it",
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
