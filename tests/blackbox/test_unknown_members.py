"""A body that decides who may do what has no member that nobody knows; other bodies may, as the originals skip them."""

import json

import pytest

from harness.families import CREDENTIALS, HOSTING, LICENSING, Api, new_api_client, unique

KEYS, USERS, CLIENTS = "/v1/api-keys", "/v1/users", "/api/v1/admin/clients"
TOKENS, SETTINGS = "/api/v1/admin/registration-tokens", "/v1/settings"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def made(installation):
    """One of each, to be changed."""
    admin = installation.client(installation.admin_key)
    user = admin.post(USERS, {"user": {"userName": unique("unknown")}}).json()["userId"]
    setting = admin.post(f"{USERS}/{user}/settings", {"setting": {"name": "s"}}).json()["settingId"]
    key = admin.post(KEYS, {"apiKey": {"name": "k"}}).json()["apiKeyId"]
    client = admin.post(CLIENTS, new_api_client(user)).json()["ResponseData"]["Detail"]["ID"]
    return {"user": user, "setting": setting, "key": key, "client": client}


# Family, method, path, XML type, a right body, then where the unknown member stands, its name, and what it is near to.
CASES = [
    (LICENSING, "POST", KEYS, "InsertApiKeyRequest", {"apiKey": {"name": "x"}}, "apiKey", "userId", "ownerId"),
    (LICENSING, "PUT", KEYS, "UpdateApiKeyRequest", {"apiKey": {"id": "{key}"}}, "apiKey", "permission", "permissions"),
    (LICENSING, "POST", KEYS, "InsertApiKeyRequest", {"apiKey": {"name": "x"}}, "", "permissions", "apiKey"),
    (LICENSING, "POST", USERS, "InsertUserRequest", {"user": {"userName": "x"}}, "user", "role", "roles"),
    (LICENSING, "POST", USERS, "InsertUserRequest", {"user": {"userName": "x"}}, "", "pasword", "password"),
    (LICENSING, "PUT", USERS, "UpdateUserRequest", {"user": {"id": "{user}"}}, "user", "enable", "enabled"),
    (LICENSING, "PUT", USERS, "UpdateUserRequest", {"user": {"id": "{user}"}}, "", "oldPassword", "newPassword"),
    (LICENSING, "POST", USERS + "/{user}/roles", "AddUserToRoleRequest", {"roles": "Sales"}, "", "role", "roles"),
    (LICENSING, "DELETE", USERS + "/{user}/roles", "RemoveUserFromRoleRequest", {"roles": "Sales"}, "", "role", "roles"),
    (LICENSING, "POST", USERS + "/{user}/settings", "InsertUserSettingRequest", {"setting": {"name": "x"}}, "setting",
     "values", "value"),
    (CREDENTIALS, "POST", CLIENTS, "ClientRequest", new_api_client("{user}"), "", "Scopes", "Scope"),
    (CREDENTIALS, "PUT", CLIENTS + "/{client}", "ClientRequest", {"Name": "x"}, "", "ExpireAt", "ExpiresAt"),
    (CREDENTIALS, "POST", CLIENTS + "/{client}/secrets", "ClientSecretRequest", {"Secret": "correct-horse-battery"}, "",
     "Grace", "GraceSeconds"),
    (CREDENTIALS, "POST", TOKENS, "RegistrationTokenRequest", {"UserID": "{user}"}, "", "Uses", "UsesLeft"),
]


def fill(value, made):
    return json.loads(json.dumps(value).replace('"{key}"', str(made["key"])).replace("{user}", made["user"])
                      .replace("{client}", made["client"]))


def xml_name(family, name):
    return name[0].upper() + name[1:] if family.pascal else name


def check(answer, family, where, name, near):
    assert answer.status == 400, answer
    assert f"There is no field {name}; did you mean {near}?" in answer.text, answer
    if family is LICENSING:
        assert f"{where}.{name}" if where else name in answer.text


@pytest.mark.parametrize("family, method, path, kind, body, where, name, near", CASES)
def test_the_nearest_is_named(installation, made, media, family, method, path, kind, body, where, name, near):
    api = Api(installation.client(installation.admin_key), family, media)
    body, path = fill(body, made), fill(path, made)
    (body[where] if where else body)[name] = "1"
    before = installation.sql("SELECT (SELECT COUNT(*) FROM api_key), (SELECT COUNT(*) FROM user), "
                              "(SELECT COUNT(*) FROM api_client), (SELECT COUNT(*) FROM api_client_secret)")
    answer = api.call(method, path, kind, body)
    if api.is_xml:
        name, near = xml_name(family, name), xml_name(family, near)
    check(answer, family, where, name, near)
    assert before == installation.sql("SELECT (SELECT COUNT(*) FROM api_key), (SELECT COUNT(*) FROM user), "
                                      "(SELECT COUNT(*) FROM api_client), (SELECT COUNT(*) FROM api_client_secret)")


def test_forms(installation, made):
    client = installation.client(installation.admin_key)
    for path, body, near in ((KEYS, "apiKey.name=x&apiKey.userId=1", "ownerId"), (KEYS, "apiKey.name=x&apikeys=1", "apiKey"),
                             (CLIENTS, f"Name=x&UserID={made['user']}&Scopes=read", "Scope")):
        answer = client.post(path, body, content_type=FORM)
        assert answer.status == 400 and f"did you mean {near}?" in answer.text, answer


def test_rows_that_belong_to_a_row(client, made):
    answer = client.put(USERS, {"user": {"id": made["user"], "settings": [{"name": "a"}, {"name": "b", "valu": "c"}]}})
    assert answer.status == 400 and answer.json()["errors"] == {
        "user.settings[1].valu": ["There is no field valu; did you mean value?"]}, answer


def test_all_faults_at_once(client):
    answer = client.post(KEYS, {"apiKey": {"userId": "x", "rateLimit": 0, "x" * 200: 1}, "é": 1})
    assert answer.status == 400, answer
    assert {"apiKey.name", "apiKey.userId", "apiKey.rateLimit", "apiKey." + "x" * 64, "é"} == set(answer.json()["errors"])


def test_what_was_read_may_be_sent_back(client, made):
    """Members that only the server sets are known, and ignored."""
    [key] = client.get(f"{KEYS}?filter=id={made['key']}").json()["apiKeys"]
    assert client.put(KEYS, {"apiKey": key}).status == 200
    [user] = client.get(f"{USERS}?filter=id=\"{made['user']}\"&include=*").json()["users"]
    assert client.put(USERS, {"user": user}).status == 200
    detail = client.get(f"{CLIENTS}/{made['client']}").json()["ResponseData"]["Detail"]
    del detail["Secret"]
    assert client.put(f"{CLIENTS}/{made['client']}", detail).status == 200


@pytest.mark.parametrize("family, path, kind, body", [
    (LICENSING, "/v1/customers", "InsertCustomerRequest", {"customer": {"company": "x", "unknown": "1"}}),
    (HOSTING, "/hosting/api/client", "Client", {"username": "x", "emailAddress": "x@example.org", "unknown": "1",
                                                "password": "correct-horse"})])
def test_other_bodies_skip_them(installation, media, family, path, kind, body):
    body = json.loads(json.dumps(body).replace('"x"', json.dumps(unique("x"))))
    answer = Api(installation.client(installation.admin_key), family, media).post(path, kind, body)
    assert answer.status in (200, 201), answer
