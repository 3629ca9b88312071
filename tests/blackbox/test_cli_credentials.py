"""The command line for users, keys, clients, roles and tokens; with and without a terminal."""

import json
import os
import pty
import re
import subprocess
import urllib.parse

import pytest

from harness.families import unique
from harness.installation import wait_until

PASSWORD = "only-here-4711-and-nowhere"
FORM = "application/x-www-form-urlencoded"
SECRET = re.compile(r"client_secret (\S+)")
IDENTIFIER = re.compile(r"client_id (\S+)")


@pytest.fixture
def user(installation):
    name = unique("cli")
    installation.create_user(name, "Sales")
    return name


def run(installation, *arguments, text=None):
    """The whole result of a command without a terminal."""
    result = subprocess.run(
        [str(installation.build / "clientele"), installation.configuration(), *map(str, arguments)],
        input=text, capture_output=True, text=True, env=installation.environment(), timeout=60)
    shown = installation.secrets.note_text(result.stdout)
    assert not [secret for secret in shown if secret in result.stderr]
    return result


def listed(installation, *arguments):
    return json.loads(installation.cli(*arguments, "--json"))


def token(installation, **form):
    return installation.client().post("/oauth2/token", urllib.parse.urlencode(form), content_type=FORM)


def call(installation, bearer):
    return installation.client().get("/v1/customers?take=1", headers={"Authorization": f"Bearer {bearer}"}).status


# --- clients ---


@pytest.fixture
def api_client(installation, user):
    name = unique("c")[-18:]
    text = installation.cli("client", "create", name, "--user", user, "--scope", "Sales read")
    return name, IDENTIFIER.search(text).group(1), SECRET.search(text).group(1)


def credentials(api_client, secret=None):
    return {"grant_type": "client_credentials", "client_id": api_client[1], "client_secret": secret or api_client[2]}


def test_a_client_gets_tokens_and_is_shown_without_its_secret(installation, api_client, user):
    answer = token(installation, **credentials(api_client))
    assert answer.status == 200 and answer.json()["scope"] == "Sales read"
    shown = listed(installation, "client", "show", api_client[0])
    assert shown["id"] == api_client[1] and shown["user"] == user and shown["secrets"] == [1]
    assert shown["sessions"] == 1 and shown["enabled"] is True and shown["scope"] == "Sales read"
    text = installation.cli("client", "list") + installation.cli("client", "show", api_client[1])
    assert api_client[0] in text and api_client[2] not in text
    assert api_client[1] in [row["id"] for row in listed(installation, "client", "list")]


def test_a_client_with_a_chosen_secret(installation, user):
    name, secret = unique("s")[-18:], unique("chosen-by-me")
    result = run(installation, "client", "create", name, "--user", user, "--secret-stdin", "--json", text=secret + "\n")
    made = json.loads(result.stdout)
    assert made["secret"] == secret and made["name"] == name
    assert token(installation, grant_type="client_credentials", client_id=made["id"], client_secret=secret).status == 200
    for wrong in ("x" * 51, ""):
        result = run(installation, "client", "create", unique("t")[-18:], "--user", user, "--secret-stdin", text=wrong)
        assert result.returncode == 1 and result.stdout == ""


def test_secrets_rotate(installation, api_client):
    name = api_client[0]
    old = token(installation, **credentials(api_client)).json()["access_token"]
    second = SECRET.search(installation.cli("client", "rotate", name, "--grace", "600")).group(1)
    for secret in (api_client[2], second):
        assert token(installation, **credentials(api_client, secret)).status == 200
    refused = run(installation, "client", "rotate", name)
    assert refused.returncode == 1 and "revoke" in refused.stderr
    assert call(installation, old) == 200
    installation.cli("client", "revoke", name, "--secret", "1")
    assert call(installation, old) == 401
    assert token(installation, **credentials(api_client)).status == 401
    assert token(installation, **credentials(api_client, second)).status == 200
    assert run(installation, "client", "revoke", name, "--secret", "7").returncode == 1
    third = SECRET.search(installation.cli("client", "rotate", name, "--grace", "0")).group(1)
    assert token(installation, **credentials(api_client, second)).status == 401
    assert token(installation, **credentials(api_client, third)).status == 200


@pytest.mark.parametrize("end", [("revoke",), ("disable",), ("delete", "--yes")])
def test_a_client_that_ends_ends_its_tokens(installation, api_client, end):
    access = token(installation, **credentials(api_client)).json()["access_token"]
    assert [call(installation, access) for _ in range(4)] == [200] * 4
    installation.cli("client", end[0], api_client[0], *end[1:])
    assert [call(installation, access) for _ in range(4)] == [401] * 4
    assert token(installation, **credentials(api_client)).status == 401
    if end[0] == "disable":
        installation.cli("client", "enable", api_client[0])
        assert token(installation, **credentials(api_client)).status == 200


@pytest.mark.parametrize("arguments,status,text", [
    (["client", "create"], 2, "--user"),
    (["client", "create", "x"], 2, "--user"),
    (["client", "create", "x", "--user", "nobody here"], 1, "no user"),
    (["client", "create", "x" * 19, "--user", "admin"], 1, "18"),
    (["client", "create", "x", "--user", "admin", "--scope", "Nonsense"], 1, "Nonsense"),
    (["client", "create", "x", "--user", "admin", "--expires", "2001-01-01"], 1, "past"),
    (["client", "show", "nobody here"], 1, "no client"),
    (["client", "rotate", "nobody here"], 1, "no client"),
    (["client", "delete", "nobody"], 2, "--yes"),
    (["token", "revoke"], 2, "--all"),
    (["token", "revoke", "x"], 1, "not an OAuth session"),
    (["token", "revoke", "00000000-0000-4000-8000-000000000000"], 1, "no OAuth session"),
    (["token", "show", "00000000-0000-4000-8000-000000000000"], 1, "token list"),
    (["token", "create", "--user", "admin"], 2, "--registration"),
    (["token", "create", "--registration"], 2, "--user"),
    (["token", "create", "--registration", "--user", "admin", "--uses", "0"], 1, "--uses"),
    (["key", "create", "--user", "admin", "--network", "10.0.0.1/8"], 1, "10.0.0.1/8"),
    (["key", "create", "--user", "admin", "--rate", "none"], 1, "--rate"),
    (["key", "rotate", "99999999"], 1, "no key"),
    (["key", "show", "99999999"], 1, "key list"),
    (["key", "delete", "1"], 2, "--yes"),
    (["user", "create"], 2, "name"),
    (["user", "password", "admin"], 2, "--password-stdin"),
    (["user", "delete", "admin"], 2, "--yes"),
    (["role", "show", "Nobody"], 1, "Administrator"),
])
def test_faults(installation, arguments, status, text):
    result = run(installation, *arguments)
    assert result.returncode == status and text in result.stderr, result
    assert result.stdout == ""


# --- tokens ---


def test_sessions_are_listed_and_end(installation, api_client, user):
    for end in ("one", "user", "client"):
        access = token(installation, **credentials(api_client)).json()["access_token"]
        assert call(installation, access) == 200
        # The use is noted after the answer; what changes in between would differ between list and show.
        wait_until(lambda: listed(installation, "token", "list", "--client", api_client[0])[0]["lastUsedAt"],
                   "note of the token's use")
        [row] = listed(installation, "token", "list", "--client", api_client[0])
        assert row["user"] == user and row["client"] == api_client[0] and row["grant"] == "client_credentials"
        assert row == listed(installation, "token", "show", row["id"])
        arguments = {"one": [row["id"]], "user": ["--user", user], "client": ["--client", api_client[0]]}[end]
        installation.cli("token", "revoke", *arguments)
        assert call(installation, access) == 401
        assert listed(installation, "token", "list", "--user", user) == []


def test_a_token_for_registrations(installation, user):
    made = listed(installation, "token", "create", "--registration", "--user", user, "--uses", "2")
    assert made["token"].startswith("cri_") and made["uses"] == 2 and made["user"] == user
    [[uses]] = installation.sql("SELECT uses_left FROM oauth_registration_token WHERE token_hash = "
                                f"UNHEX(SHA2('{made['token']}', 256))")
    assert uses == "2"


def test_secrets_of_a_client_are_listed(installation, api_client):
    assert token(installation, **credentials(api_client)).status == 200
    installation.cli("client", "rotate", api_client[0])
    wait_until(lambda: listed(installation, "client", "secrets", api_client[0])[1]["useCount"], "count of uses")
    newer, older = listed(installation, "client", "secrets", api_client[0])
    assert (newer["number"], newer["useCount"], newer["lastUsedAt"], newer["expiresAt"]) == (2, 0, None, None)
    assert (older["number"], older["useCount"]) == (1, 1) and older["lastUsedAt"] and older["expiresAt"]


# --- all or nothing ---


@pytest.mark.parametrize("state", ["revoked = TRUE", "expires_at = '2020-01-01'"])
def test_a_key_that_does_not_count_is_not_rotated(installation, user, state):
    """Neither is a new one made nor the old one changed."""
    made = listed(installation, "key", "create", "--user", user)
    installation.sql(f"UPDATE api_key SET {state} WHERE id = {made['id']}")
    before = listed(installation, "key", "list", "--user", user)
    result = run(installation, "key", "rotate", made["id"])
    assert result.returncode == 1 and f"no valid key {made['id']}" in result.stderr and result.stdout == ""
    assert listed(installation, "key", "list", "--user", user) == before


def test_rotations_at_once_leave_two_secrets(installation, api_client):
    """However many try: whoever comes late is refused, and changes nothing."""
    started = [subprocess.Popen(
        [str(installation.build / "clientele"), installation.configuration(), "client", "rotate", api_client[0]],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=installation.environment()) for _ in range(4)]
    results = [(process, *process.communicate(timeout=60)) for process in started]
    for _, out, _ in results:
        installation.secrets.note_text(out)
    assert sorted(process.returncode for process, _, _ in results) == [0, 1, 1, 1], results
    assert all("2 valid secrets" in errors for process, _, errors in results if process.returncode)
    assert [row["number"] for row in listed(installation, "client", "secrets", api_client[0])] == [2, 1]


def test_a_password_is_removed(installation, user):
    """Nobody logs in with it any more, and what it has opened has ended."""
    assert run(installation, "user", "password", user, "--password-stdin", text=PASSWORD).returncode == 0
    form = {"grant_type": "password", "username": user, "password": PASSWORD}
    access = token(installation, **form).json()["access_token"]
    assert call(installation, access) == 200 and listed(installation, "user", "show", user)["hasPassword"]
    assert "no password any more" in run(installation, "user", "password", user, "--remove").stderr
    assert call(installation, access) == 401 and not listed(installation, "user", "show", user)["hasPassword"]
    assert token(installation, **form).status == 400


def test_a_password_is_compared_with_the_users_name(installation):
    """However the user is called on the command line."""
    name = unique("a-long-user-name")
    identifier = installation.create_user(name)
    for operand in (name, name.upper(), identifier, "{" + identifier.upper() + "}"):
        for password in (name, name.upper() + "!1"):
            result = run(installation, "user", "password", operand, "--password-stdin", text=password)
            assert result.returncode == 1 and "user name" in result.stderr, result


# --- keys ---


def test_keys_rotate_and_keep_their_limits(installation, user):
    made = listed(installation, "key", "create", "a key", "--user", user, "--permissions", "read", "--rate", "1000",
                  "--network", "127.0.0.0/8", "--network", "2001:db8::/32", "--client-secret")
    caller = installation.client(made["key"])
    secret = {"x-client-secret": made["clientSecret"]}
    assert caller.get("/v1/customers?take=1").status == 401
    answer = caller.get("/v1/customers?take=1", headers=secret)
    assert answer.status == 200 and answer.headers["ratelimit-limit"] == "1000"
    shown = listed(installation, "key", "show", made["id"])
    assert shown["needsSecret"] is True and shown["rateLimit"] == 1000 and (shown["permissions"], shown["permissionNames"]) == (1, ["read"])
    assert shown["allowedNetworks"] == ["127.0.0.0/8", "2001:db8::/32"]
    second = listed(installation, "key", "rotate", made["id"], "--grace", "600")
    assert caller.get("/v1/customers?take=1", headers=secret).status == 200
    other = installation.client(second["key"])
    assert other.get("/v1/customers?take=1", headers=secret).status == 200
    # Its own end comes first.
    assert re.search("valid for (5[0-9]{2}|600) seconds", run(installation, "key", "rotate", made["id"]).stderr)
    assert "valid for 86400 seconds" in run(installation, "key", "rotate", second["id"]).stderr
    third = listed(installation, "key", "rotate", second["id"], "--grace", "0")
    assert other.get("/v1/customers?take=1", headers=secret).status == 401
    assert installation.client(third["key"]).get("/v1/customers?take=1", headers=secret).status == 200
    installation.cli("key", "delete", third["id"], "--yes")
    assert installation.client(third["key"]).get("/v1/customers?take=1", headers=secret).status == 401


def test_a_key_of_another_network(installation, user):
    made = listed(installation, "key", "create", "--user", user, "--network", "192.0.2.0/24")
    assert installation.client(made["key"]).get("/v1/customers?take=1").status == 403


# --- users and roles ---


def test_passwords(installation, user):
    assert run(installation, "user", "password", user, "--password-stdin", text=PASSWORD + "\n").returncode == 0
    form = {"grant_type": "password", "username": user, "password": PASSWORD}
    access = token(installation, **form).json()["access_token"]
    assert call(installation, access) == 200
    shown = listed(installation, "user", "show", user)
    assert shown["hasPassword"] is True and shown["sessions"] == 1 and shown["roles"] == ["Sales"]
    for refused in ("short", "password1234", user * 2):
        result = run(installation, "user", "password", user, "--password-stdin", text=refused)
        assert result.returncode == 1 and refused not in result.stderr, result
    assert call(installation, access) == 200
    assert run(installation, "user", "password", user, "--password-stdin", text=PASSWORD + "2").returncode == 0
    assert call(installation, access) == 401
    assert token(installation, **form).status == 400


def test_a_user_that_ends(installation, user):
    key = installation.create_key(user)
    assert installation.client(key).get("/v1/customers?take=1").status == 200
    installation.cli("client", "create", user[-18:], "--user", user)
    refused = run(installation, "user", "delete", user, "--yes")
    assert refused.returncode == 1 and "client" in refused.stderr
    installation.cli("client", "delete", user[-18:], "--yes")
    installation.cli("user", "delete", user, "--yes")
    assert installation.client(key).get("/v1/customers?take=1").status == 401


def test_the_last_administrator_stays(private_installation):
    running = private_installation(workers=1)
    for arguments in (["disable", "admin"], ["delete", "admin", "--yes"], ["role", "admin", "remove", "Administrator"]):
        result = run(running, "user", *arguments)
        assert result.returncode == 1 and "administrator" in result.stderr.lower(), result
    running.create_user("second", "Administrator")
    running.cli("user", "disable", "admin")
    assert run(running, "user", "disable", "second").returncode == 1


def test_roles(installation):
    assert listed(installation, "role", "list") == listed(installation, "roles")
    role = listed(installation, "role", "show", "sales")
    assert role["name"] == "Sales" and role in listed(installation, "roles")
    assert "customers" in installation.cli("role", "show", "Sales")


# --- a terminal ---


def at_terminal(installation, answers, *arguments):
    """Runs a command at a terminal of its own; answers each prompt. Returns status and all that was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        program = str(installation.build / "clientele")
        os.execve(program, [program, installation.configuration(), *arguments], installation.environment())
    shown, rest = b"", list(answers)
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
        if rest and re.search(rest[0][0].encode(), shown):
            os.write(terminal, rest.pop(0)[1].encode() + b"\n")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert not rest, (rest, shown)
    return status, shown.decode()


def test_names_give_a_terminal_no_orders(installation):
    """Controls of one byte and of two, a changed direction of writing, and what is no UTF-8."""
    orders = "\u009b31m\u202e\u007f\u2066"
    name = unique("red") + orders
    made = installation.client(installation.admin_key).post("/v1/users", {"user": {"userName": name}})
    assert made.status == 200, made
    for result in (run(installation, "user", "list"), run(installation, "user", "show", name),
                   run(installation, "user", "show", "\x1b[31m" + name + "\r\n\udcff"),
                   run(installation, "user", "nonsense\u009b"), run(installation, "role", "show", name),
                   run(installation, "audit", "--from", name)):
        shown = result.stdout + result.stderr
        assert shown and not set(shown) & set(orders[0] + orders[4:] + "\x1b\r"), ascii(shown)
    text = installation.cli("user", "show", name, "--json")
    assert text.isprintable() or not set(text) & {"\u009b", "\u007f"}, ascii(text)
    assert json.loads(text)["userName"] == name


def test_questions_at_a_terminal(installation):
    name = unique("asked")
    status, shown = at_terminal(installation, [
        (r"Name: ", name), (r"Password .*: ", PASSWORD), (r"Repeat:  ", PASSWORD)], "user", "create")
    assert status == 0 and PASSWORD not in shown, shown
    assert listed(installation, "user", "show", name)["hasPassword"] is True
    status, shown = at_terminal(installation, [
        (r"Password .*: ", PASSWORD), (r"Repeat:  ", PASSWORD + "x")], "user", "password", name)
    assert status == 1 and "differ" in shown
    status, shown = at_terminal(installation, [(r"\[y/N\] ", "n")], "user", "delete", name)
    assert status == 2
    status, shown = at_terminal(installation, [(r"\[y/N\] ", "y")], "user", "delete", name)
    assert status == 0 and run(installation, "user", "show", name).returncode == 1
