"""Commands change rows as calls of the API do: by the same rules, with an entry of the audit log, and the same objects."""

import json
import subprocess

import pytest

from harness.families import unique
from test_users import REFUSED

CLIENTS = "/api/v1/admin/clients"
TOKENS = "/api/v1/admin/registration-tokens"
SESSIONS = "/api/v1/admin/sessions"
PASSWORD = "only-here-4711-and-nowhere"
YEAR = 365 * 24 * 60 * 60


def run(installation, *arguments, text=None):
    result = subprocess.run(
        [str(installation.build / "clientele"), installation.configuration(), *map(str, arguments)],
        input=text, capture_output=True, text=True, env=installation.environment(), timeout=60)
    installation.secrets.note_text(result.stdout)
    return result


def listed(installation, *arguments):
    return json.loads(installation.cli(*arguments, "--json"))


@pytest.fixture(scope="module")
def admin(installation):
    return installation.client(installation.admin_key)


@pytest.fixture(scope="module")
def user(installation):
    name = unique("records")
    return name, installation.create_user(name, "Sales")


@pytest.fixture(scope="module")
def api_client(installation, user):
    name = unique("r")[-18:]
    return name, listed(installation, "client", "create", name, "--user", user[0])["ID"]


# --- what the one refuses, the other does ---


def new_user(admin, _user, _client, members):
    beside = {"password": members.pop("password")} if "password" in members else {}
    return admin.post("/v1/users", {"user": {"userName": unique("u"), **members}, **beside})


def new_key(admin, user, _client, members):
    return admin.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": user[1], **members}})


def new_client(admin, user, _client, members):
    body = {"Name": unique("c")[-18:], "Secret": "open sesame, please", "UserID": user[1], **members}
    return admin.post(CLIENTS, body)


def new_secret(admin, _user, client, members):
    return admin.post(f"{CLIENTS}/{client[1]}/secrets", {"Secret": "open sesame, please", **members})


def new_token(admin, user, _client, members):
    return admin.post(TOKENS, {"UserID": user[1], **members})


def user_command(_user, _client, userName=None, email=None, roles=(), password=None):
    words = ["user", "create", "--", userName if userName is not None else unique("u")]
    options = [f"--email={email}"] * (email is not None) + [f"--role={role}" for role in roles]
    return words[:2] + options + ["--password-stdin"] * (password is not None) + words[2:], password


def key_command(user, _client, name="k", allowedNetworks=(), rateLimit=None, permissions=None, expireDate=None):
    options = [f"--network={network}" for network in allowedNetworks]
    for flag, value in (("rate", rateLimit), ("permissions", permissions), ("expires", expireDate)):
        options += [f"--{flag}={value}"] * (value is not None)
    return ["key", "create", "--user", user[0], f"--name={name}", *options], None


def client_command(user, _client, Name=None, Scope=None, Secret=None, ExpiresAt=None):
    options = [f"--scope={Scope}"] * (Scope is not None) + [f"--expires={ExpiresAt}"] * (ExpiresAt is not None)
    options += ["--secret-stdin"] * (Secret is not None)
    return ["client", "create", "--user", user[0], *options, "--", unique("c")[-18:] if Name is None else Name], Secret


def secret_command(_user, client, GraceSeconds=None, Secret=None):
    options = [f"--grace={GraceSeconds}"] * (GraceSeconds is not None) + ["--secret-stdin"] * (Secret is not None)
    return ["client", "rotate", client[0], *options], Secret


def token_command(user, _client, Name=None, Scope=None, UsesLeft=None):
    options = []
    for flag, value in (("name", Name), ("scope", Scope), ("uses", UsesLeft)):
        options += [f"--{flag}={value}"] * (value is not None)
    return ["token", "create", "--registration", "--user", user[0], *options], None


KINDS = {"user": (new_user, user_command), "api_key": (new_key, key_command), "api_client": (new_client, client_command),
         "api_client_secret": (new_secret, secret_command), "oauth_registration_token": (new_token, token_command)}
LONG = "x" * 256
BOTH_REFUSE = [
    ("user", {"userName": LONG}, "name must be text of at most 255 characters"),
    ("user", {"userName": "  "}, "The name is required"),
    ("user", {"userName": "a\x01b"}, "The name contains control characters"),
    ("user", {"userName": "ADMIN"}, "already exists"),
    ("user", {"email": "a@" + LONG}, "--email must be text of at most 255 characters"),
    ("user", {"email": "a\x02@example.org"}, "--email contains control characters"),
    ("user", {"roles": ["Emperor"]}, 'no role "Emperor"'),
    ("user", {"roles": ["Sales", ""]}, 'no role ""'),
    *[("user", {"userName": "margaret.hamilton", "password": password}, "511 bytes" if "511" in word else word)
      for password, word in REFUSED],
    ("api_key", {"name": LONG}, "name must be text of at most 255 characters"),
    ("api_key", {"name": " "}, "The name is required"),
    ("api_key", {"name": "a\x7fb\x03"}, "The name contains control characters"),
    ("api_key", {"allowedNetworks": ["192.0.2.0/24", "192.0.2.1/24"]}, 'an address, not "192.0.2.1/24"'),
    ("api_key", {"allowedNetworks": ["example.org"]}, "--network must be a network such as 192.0.2.0/24"),
    ("api_key", {"rateLimit": 0}, '--rate must be'),
    ("api_key", {"rateLimit": 1000001}, "not \"1000001\""),
    ("api_key", {"rateLimit": "many"}, "not \"many\""),
    ("api_key", {"rateLimit": "1.5"}, "not \"1.5\""),
    ("api_key", {"permissions": "fly"}, '"fly" is not a permission'),
    ("api_key", {"expireDate": "tomorrow"}, '"tomorrow" is not a date'),
    ("api_client", {"Name": "x" * 19}, "name must be text of at most 18 characters"),
    ("api_client", {"Name": ""}, "The name is required"),
    ("api_client", {"Name": "a\x01b"}, "The name contains control characters"),
    ("api_client", {"Scope": "Emperor"}, 'or none, not "Emperor"'),
    ("api_client", {"Scope": " "}, "--scope must be names of roles"),
    ("api_client", {"Secret": "s" * 51}, "secret must be text of at most 50 characters"),
    ("api_client", {"ExpiresAt": "tomorrow"}, "is not a date"),
    ("api_client_secret", {"GraceSeconds": -1}, "--grace must be"),
    ("api_client_secret", {"GraceSeconds": YEAR + 1}, "--grace must be"),
    ("api_client_secret", {"GraceSeconds": "long"}, "--grace must be"),
    ("api_client_secret", {"Secret": "s" * 51}, "secret must be text of at most 50 characters"),
    ("oauth_registration_token", {"Name": LONG}, "--name must be text of at most 255 characters"),
    ("oauth_registration_token", {"Scope": "Emperor"}, "--scope must be names of roles"),
    ("oauth_registration_token", {"UsesLeft": 1000001}, "--uses must be"),
    ("oauth_registration_token", {"UsesLeft": -1}, "--uses must be"),
    ("oauth_registration_token", {"UsesLeft": "two"}, "--uses must be"),
]


def count(installation, table):
    return installation.sql(f"SELECT COUNT(*) FROM {table}")[0][0]


@pytest.mark.parametrize("table, members, word", BOTH_REFUSE)
def test_both_refuse(installation, admin, user, api_client, table, members, word):
    call, command = KINDS[table]
    arguments, text = command(user, api_client, **members)
    before = count(installation, table), count(installation, "audit_entry")
    answer = call(admin, user, api_client, dict(members))
    assert answer.status in (400, 409), answer
    result = run(installation, *arguments, text=text)
    assert result.returncode == 1 and result.stdout == "" and word in result.stderr, result
    assert "Secret" not in members or members["Secret"] not in result.stderr
    assert (count(installation, table), count(installation, "audit_entry")) == before


def test_both_take_what_just_fits(installation, admin, user, api_client):
    for table, members in [
            ("user", {"userName": unique("ä") + "ö" * 200, "email": "a@" + ("b" * 60 + ".") * 3 + "example.org"}),
            ("api_key", {"name": "ü" * 255, "rateLimit": 1000000, "allowedNetworks": ["::ffff:192.0.2.0/120", "198.51.100.7"]}),
            ("api_client", {"Name": "€" * 9, "Scope": "Sales read", "Secret": "s" * 50}),
            ("api_client_secret", {"GraceSeconds": YEAR, "Secret": "t" * 50}),
            ("oauth_registration_token", {"Name": "n" * 255, "UsesLeft": 1000000, "Scope": "Sales"})]:
        call, command = KINDS[table]
        arguments, text = command(user, api_client, **members)
        result = run(installation, *arguments, text=text)
        assert result.returncode == 0, (table, result)
        unlike = {"userName": unique("v")} if table == "user" else {"Name": unique("v")[-9:]} if table == "api_client" else {}
        if table == "api_client_secret":
            installation.cli("client", "rotate", api_client[0], "--grace", "0", check=False)
        answer = call(admin, user, api_client, members | unlike)
        assert answer.status == 200 or table == "api_client_secret" and answer.status == 409, (table, answer)


def test_faults_are_told_together(installation):
    result = run(installation, "user", "create", "x" * 256, "--email", "a@" + LONG)
    assert result.returncode == 1
    assert [line.split()[1] for line in result.stderr.splitlines()] == ["The", "--email"], result.stderr
    result = run(installation, "key", "create", "--user", "admin", "--rate", "0", "--network", "x", "--network", "::1",
                 "--network", "y")
    assert [line.rsplit(None, 1)[1] for line in result.stderr.splitlines()] == ['"0".', '"x".', '"y".'], result.stderr


# --- the audit log ---


def entries(installation, after):
    return installation.sql("SELECT action, resource, actor_kind, actor_name, IFNULL(row_count, 0) FROM audit_entry "
                            f"WHERE id > {after} ORDER BY id")


CHANGES = [
    (["user", "create", "{name}", "--role", "Sales"], ["insert user"]),
    (["user", "role", "{name}", "add", "Customer"], ["update user"]),
    (["user", "role", "{name}", "remove", "Customer"], ["update user"]),
    (["user", "disable", "{name}"], ["update user"]),
    (["user", "enable", "{name}"], ["update user"]),
    (["user", "password", "{name}", "--password-stdin"], ["update user"]),
    (["user", "password", "{name}", "--remove"], ["update user"]),
    (["key", "create", "--user", "{name}", "--client-secret"], ["insert API key"]),
    (["key", "rotate", "{key}", "--grace", "60"], ["insert API key", "update API key"]),
    (["key", "revoke", "{key}"], ["update API key"]),
    (["key", "delete", "{key}", "--yes"], ["delete API key"]),
    (["client", "create", "{client}", "--user", "{name}"], ["insert API client"]),
    (["client", "rotate", "{client}"], ["insert secret"]),
    (["client", "revoke", "{client}", "--secret", "1"], ["delete secret"]),
    (["client", "revoke", "{client}"], ["delete secret"]),
    (["client", "disable", "{client}"], ["update API client"]),
    (["client", "enable", "{client}"], ["update API client"]),
    (["client", "delete", "{client}", "--yes"], ["delete API client"]),
    (["token", "create", "--registration", "--user", "{name}"], ["insert registration token"]),
    (["token", "revoke", "--registration", "{token}"], ["delete registration token"]),
    (["user", "delete", "{name}", "--yes"], ["delete user"]),
]


def test_each_change_is_audited(installation):
    """By whom, and with what was changed; no secret is in it."""
    names = {"name": unique("audited"), "client": unique("a")[-18:]}
    for words, expected in CHANGES:
        [[last]] = installation.sql("SELECT IFNULL(MAX(id), 0) FROM audit_entry")
        result = run(installation, *[word.format(**names) for word in words], text=PASSWORD)
        assert result.returncode == 0, (words, result)
        found = entries(installation, last)
        assert [f"{action} {resource}" for action, resource, *_ in found] == expected, (words, found)
        assert all(kind == "command" and name.startswith("command line as ") for _, _, kind, name, _ in found), found
        if words[:2] == ["key", "create"]:
            names["key"] = listed(installation, "key", "list", "--user", names["name"])[-1]["id"]
        if words[:2] == ["token", "create"]:
            names["token"] = listed(installation, "token", "list", "--registration")[-1]["id"]
    whole = str(installation.sql("SELECT before_row, after_row, detail FROM audit_entry"))
    assert PASSWORD not in whole and not [secret for secret in installation.secrets.note_text(whole) if secret in whole]


def test_roles_before_and_after(installation):
    name = unique("roles")
    identifier = installation.create_user(name, "Sales", "Customer")
    installation.cli("user", "role", name, "remove", "customer")
    [[before, after]] = installation.sql(
        f"SELECT before_row, after_row FROM audit_entry WHERE row_key = '{identifier}' AND action = 'update'")
    assert json.loads(before)["roles"] == ["Customer", "Sales"] and json.loads(after)["roles"] == ["Sales"]


# --- the same objects ---


def detail(answer):
    assert answer.status == 200, answer
    return answer.json()["ResponseData"]["Detail"]


def check_same(shown, called):
    """Everything that the API shows is there, of the same type and value, and in front."""
    assert {name: shown[name] for name in called} == called
    assert list(shown)[:len(called)] == list(called)


def test_json_is_the_object_of_the_api(installation, admin, user, api_client):
    name, identifier = user
    [called] = admin.get(f"/v1/users?filter=id='{identifier}'").json()["users"]
    check_same(listed(installation, "user", "show", name), called)
    made = listed(installation, "key", "create", "--user", name, "--permissions", "read,delete", "--client-secret")
    assert made["key"].startswith("api_") and made["clientSecret"] != "********" and made["permissions"] == 5
    [called] = admin.get(f"/v1/api-keys?filter=id={made['id']}").json()["apiKeys"]
    shown = listed(installation, "key", "show", made["id"])
    check_same(shown, called)
    assert shown["clientSecret"] == "********" and shown["permissionNames"] == ["read", "delete"]
    assert shown in listed(installation, "key", "list", "--user", name)
    check_same(listed(installation, "client", "show", api_client[0]), detail(admin.get(f"{CLIENTS}/{api_client[1]}")))
    secrets = listed(installation, "client", "secrets", api_client[0])
    for shown, called in zip(secrets, detail(admin.get(f"{CLIENTS}/{api_client[1]}/secrets")), strict=True):
        check_same(shown, called)
    token = listed(installation, "token", "create", "--registration", "--user", name, "--uses", "3")
    called = detail(admin.get(f"{TOKENS}/{token['ID']}"))
    check_same(listed(installation, "token", "show", "--registration", token["ID"]), called)
    check_same(token | {"Token": called["Token"]}, called)


def test_sessions_are_the_objects_of_the_api(installation, admin):
    name, client = unique("session"), unique("s")[-18:]
    installation.create_user(name, "Sales")
    made = listed(installation, "client", "create", client, "--user", name)
    for _ in range(2):
        answer = installation.client().post(
            "/oauth2/token", f"grant_type=client_credentials&client_id={made['ID']}&client_secret={made['Secret']}",
            content_type="application/x-www-form-urlencoded")
        assert answer.status == 200, answer
    shown = listed(installation, "token", "list", "--user", name)
    called = [row for row in detail(admin.get(SESSIONS)) if row["UserName"] == name]
    assert len(shown) == 2 and {row["ID"] for row in shown} == {row["ID"] for row in called}
    for row in shown:
        check_same(row, next(other for other in called if other["ID"] == row["ID"]))
    [[last]] = installation.sql("SELECT MAX(id) FROM audit_entry")
    assert run(installation, "token", "revoke", shown[0]["ID"]).stderr == "1 OAuth sessions have ended.\n"
    assert run(installation, "token", "revoke", "--user", name).stderr == "1 OAuth sessions have ended.\n"
    assert [entry[:2] + entry[4:] for entry in entries(installation, last)] == [
        ["delete", "session", "0"], ["delete", "session", "1"]]
