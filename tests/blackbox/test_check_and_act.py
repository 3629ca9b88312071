"""Nothing is granted on what has changed since it was checked: each change comes between the check and the act, which
stops at a row that the test holds, and the change stands before it in the queue."""

import crypt  # pylint: disable=deprecated-module
import hashlib
import json
import re
import subprocess
import urllib.parse
import uuid

import pytest

from harness.families import new_api_client, unique
from harness.installation import TOP
from harness.locks import connected, in_turn

TOKEN, CLIENTS, FORM = "/oauth2/token", "/api/v1/admin/clients", "application/x-www-form-urlencoded"
OLD, NEW = "an-old-passphrase-of-4711", "a-new-passphrase-of-4712"
OLD_HASH = crypt.crypt(OLD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16).replace("$2b$", "$2y$"))
ROLES = ("Sales", "LicenseManager")

GRANTS = ["password", "password of a client", "client_credentials", "refresh_token", "refresh_token of a client"]
WITH_CLIENT = [grant for grant in GRANTS if "client" in grant]
WITHOUT = [grant for grant in GRANTS if "client" not in grant]
OF_USER = ["password", "password of a client"]
REFRESHES = ["refresh_token", "refresh_token of a client"]


class World:
    def __init__(self, installation, holder):
        self.installation = installation
        self.holder = holder
        self.admin = installation.client(installation.admin_key)
        self.anonymous = installation.client()
        self.roles = {name: identifier for identifier, name in installation.sql("SELECT id, name FROM role")}

    def form(self, **members):
        return self.anonymous.post(TOKEN, urllib.parse.urlencode(members), content_type=FORM)

    def sql(self, statement):
        """In a process of its own: it waits for rows that the holder has."""
        self.installation.sql(statement)


class Party:
    """A user with an old hash, a client of that user with two secrets, and the request of one grant."""

    def __init__(self, world, grant, asked=None):
        self.world = world
        self.name = unique("act")
        self.user, self.client, self.other, self.session = (str(uuid.uuid4()) for _ in range(4))
        self.secret = f"secret-{uuid.uuid4().hex}"
        digest = hashlib.sha256(self.secret.encode()).hexdigest()
        statements = [
            f"INSERT INTO user (id, user_name, password_hash) VALUES ('{self.user}', '{self.name}', '{OLD_HASH}'), "
            f"('{self.other}', '{self.name}-other', NULL)"]
        for role in ROLES:
            statements.append("INSERT INTO user_role (user_id, role_id) VALUES "
                              f"('{self.user}', '{world.roles[role]}'), ('{self.other}', '{world.roles[role]}')")
        if grant in WITH_CLIENT:
            statements.append("INSERT INTO api_client (id, name, user_id) VALUES "
                              f"('{self.client}', '{unique('a')[:18]}', '{self.user}')")
            statements.append("INSERT INTO api_client_secret (client_id, number, secret_hash) VALUES "
                              f"('{self.client}', 1, '{{sha256}}{digest}'), ('{self.client}', 2, '{{sha256}}{'0' * 64}')")
        world.installation.sql("; ".join(statements))
        self.request = {"grant_type": grant.split()[0]}
        if grant in WITH_CLIENT:
            self.request |= {"client_id": self.client, "client_secret": self.secret}
        if asked:
            self.request["scope"] = asked
        if grant in OF_USER:
            self.request |= {"username": self.name, "password": OLD}
        if grant in REFRESHES:
            self.request["refresh_token"] = self.insert_session(f"'{self.client}', 1" if grant in WITH_CLIENT else
                                                                "NULL, NULL")

    def insert_session(self, client):
        """By hand: a worker that has served a client writes its last use later, and would stop at a row that is held."""
        token = "crt_" + (uuid.uuid4().hex * 2)[:43]
        self.world.installation.sql(
            "INSERT INTO oauth_session (id, user_id, client_id, secret_number, grant_type, scope, expires_at) VALUES "
            f"('{self.session}', '{self.user}', {client}, 'password', '{self.request.pop('scope', '')}', '9999-12-31'); "
            "INSERT INTO oauth_token (token_hash, session_id, refresh, expires_at) VALUES "
            f"(UNHEX('{hashlib.sha256(token.encode()).hexdigest()}'), '{self.session}', TRUE, '9999-12-31')")
        return token

    def ask(self):
        return self.world.form(**self.request)

    @property
    def rows(self):
        return {"user": f"user WHERE id = '{self.user}'", "client": f"api_client WHERE id = '{self.client}'",
                "roles": f"user_role WHERE user_id = '{self.user}'",
                "session": f"oauth_session WHERE id = '{self.session}'"}

    def sessions(self):
        return self.world.installation.sql(
            f"SELECT user_id, scope FROM oauth_session WHERE user_id IN ('{self.user}', '{self.other}')")


@pytest.fixture(scope="module")
def world(installation):
    with connected(installation) as holder:
        yield World(installation, holder)


def change_user(world, party, body, **beside):
    world.admin.change("/v1/users", {"user": {"id": party.user} | body} | beside)


def change_client(world, party, body):
    world.admin.change(f"{CLIENTS}/{party.client}", body)


def cli(world, *arguments, text=None):
    result = subprocess.run([str(world.installation.build / "clientele"), world.installation.configuration(), *arguments],
                            input=text, capture_output=True, text=True, env=world.installation.environment(), timeout=60)
    assert result.returncode == 0, result.stderr


# The change; the row at which both stop; what is asked for beyond the default; and by grant, the answer.
GONE, CLIENT, SCOPE, GRANT = "invalid_grant", "invalid_client", "invalid_scope", "unauthorized_client"
CHANGES = {
    "password reset": (
        lambda world, party: change_user(world, party, {}, newPassword=NEW), "user", None,
        dict.fromkeys(OF_USER + REFRESHES, GONE) | {"client_credentials": None}),
    "password changed by command line": (
        lambda world, party: cli(world, "user", "password", party.name, "--password-stdin", text=NEW + "\n"), "user",
        None, dict.fromkeys(OF_USER + REFRESHES, GONE) | {"client_credentials": None}),
    "user disabled": (
        lambda world, party: change_user(world, party, {"enabled": False}), "user", None,
        dict.fromkeys(WITHOUT, GONE) | dict.fromkeys(WITH_CLIENT, CLIENT)),
    "user disabled by command line": (
        lambda world, party: cli(world, "user", "disable", party.name), "user", None,
        dict.fromkeys(WITHOUT, GONE) | dict.fromkeys(WITH_CLIENT, CLIENT)),
    "user deleted": (
        lambda world, party: world.admin.remove(f"/v1/users/{party.user}"), "user", None, dict.fromkeys(WITHOUT, GONE)),
    "roles taken": (
        lambda world, party: change_user(world, party, {"roles": []}), "user", None, dict.fromkeys(GRANTS, SCOPE)),
    "one role taken by command line": (
        lambda world, party: cli(world, "user", "role", party.name, "remove", "Sales"), "roles", "Sales read",
        dict.fromkeys(GRANTS, SCOPE)),
    "client disabled": (
        lambda world, party: change_client(world, party, {"Enabled": False}), "client", None,
        dict.fromkeys(WITH_CLIENT, CLIENT)),
    "client disabled by command line": (
        lambda world, party: cli(world, "client", "disable", party.client), "client", None,
        dict.fromkeys(WITH_CLIENT, CLIENT)),
    "client deleted": (
        lambda world, party: world.admin.remove(f"{CLIENTS}/{party.client}"), "client", None,
        dict.fromkeys(WITH_CLIENT, CLIENT)),
    "secret removed": (
        lambda world, party: world.admin.remove(f"{CLIENTS}/{party.client}/secrets/1"), "client", None,
        dict.fromkeys(WITH_CLIENT, CLIENT)),
    "secret replaced": (
        lambda world, party: change_client(world, party, {"Secret": NEW}), "client", None,
        dict.fromkeys(WITH_CLIENT, CLIENT)),
    "client's scope narrowed": (
        lambda world, party: change_client(world, party, {"Scope": "Sales read"}), "client", "LicenseManager",
        dict.fromkeys(WITH_CLIENT, SCOPE)),
    "client's grants narrowed": (
        lambda world, party: world.sql("UPDATE api_client SET metadata = '" + json.dumps({"grant_types": ["x"]}) +
                                       f"' WHERE id = '{party.client}'"), "client", None,
        dict.fromkeys(WITH_CLIENT, GRANT)),
    "client given to another user": (
        lambda world, party: change_client(world, party, {"UserID": party.other}), "client", None,
        dict.fromkeys(WITH_CLIENT)),
    "session ended": (
        lambda world, party: world.admin.remove("/api/v1/admin/sessions/" + world.installation.sql(
            f"SELECT id FROM oauth_session WHERE user_id = '{party.user}'")[0][0]), "session", None,
        dict.fromkeys(REFRESHES, GONE)),
}
CASES = [(change, grant) for change, (_, _, _, words) in CHANGES.items() for grant in words]


@pytest.mark.parametrize("change,grant", CASES)
def test_a_change_between_check_and_act(world, change, grant):
    run, rows, asked, words = CHANGES[change]
    party = Party(world, grant, asked)
    _, answer = in_turn(world.holder, party.rows[rows], lambda: run(world, party), party.ask)
    if words[grant] is None:
        assert answer.status == 200, answer
        owner = party.other if (change, grant) == ("client given to another user", "client_credentials") else party.user
        assert [session[0] for session in party.sessions()] == [owner]
        return
    status = 401 if words[grant] == "invalid_client" else 400  # RFC 6749, 5.2
    assert (answer.status, answer.json()["error"]) == (status, words[grant]), answer
    # What was open before may stay where the change takes no session; nothing has come to it.
    assert len(party.sessions()) == (words[grant] in (SCOPE, GRANT) and grant in REFRESHES)
    if change.startswith("password"):
        for password, status in ((OLD, 400), (NEW, 200)):
            assert world.form(grant_type="password", username=party.name, password=password).status == status


def test_a_password_is_changed_by_whoever_knows_the_one_that_there_is(world):
    """The current password is checked, which takes long, and is not current any more when the new one is stored."""
    party = Party(world, "password")
    reset, own = in_turn(
        world.holder, party.rows["user"],
        lambda: world.admin.put("/v1/users", {"user": {"id": party.user}, "newPassword": NEW}),
        lambda: world.admin.put("/v1/users", {"user": {"id": party.user}, "currentPassword": OLD,
                                              "newPassword": "a-third-passphrase-of-4713"}))
    assert (reset.status, own.status) == (200, 409) and "The password was changed in the meantime" in own.text
    assert world.form(grant_type="password", username=party.name, password=NEW).status == 200


def test_sessions_and_hashes_are_stored_in_one_place():
    """What looks again must not be passed by."""
    places = {"INSERT INTO oauth_session": {"auth/session.c"}, "INSERT INTO oauth_token": {"auth/session.c"},
              "UPDATE user SET password_hash": {"auth/session.c"},
              "UPDATE oauth_token": {"auth/session.c"}}
    texts = {str(path.relative_to(TOP / "src")): re.sub(r'"\s*"', "", path.read_text(encoding="utf-8"))
             for path in (TOP / "src").rglob("*.c")}
    for statement, expected in places.items():
        assert {path for path, text in texts.items() if statement in text} == expected, statement


def test_every_grant_meets_every_change_that_concerns_it():
    for change, (_, rows, _, words) in CHANGES.items():
        if rows == "session":
            assert set(words) == set(REFRESHES), change
        elif rows == "client":
            assert set(words) == set(WITH_CLIENT), change
        elif change != "user deleted":  # a user with clients cannot be
            assert set(words) == set(GRANTS), change


# --- what a caller makes who is shut out meanwhile ---

class Maker:
    """An administrator with a key, or a session, of its own; and what the calls below need."""

    def __init__(self, world):
        self.world = world
        self.user, self.other, self.client, self.session = (str(uuid.uuid4()) for _ in range(4))
        self.name = unique("maker")
        self.key, self.token = f"api_{uuid.uuid4().hex[:24]}", "cat_" + (uuid.uuid4().hex * 2)[:43]
        role = world.roles["Administrator"]
        world.installation.sql(
            f"INSERT INTO user (id, user_name) VALUES ('{self.user}', '{self.name}'), ('{self.other}', '{self.name}-o');"
            f"INSERT INTO user_role (user_id, role_id) VALUES ('{self.user}', '{role}');"
            "INSERT INTO api_key (name, key_hash, key_prefix, owner_id) VALUES "
            f"('{self.name}', UNHEX('{hashlib.sha256(self.key.encode()).hexdigest()}'), 'api_', '{self.user}');"
            f"INSERT INTO api_client (id, name, user_id) VALUES ('{self.client}', '{unique('m')[:18]}', '{self.other}');"
            f"INSERT INTO api_client_secret (client_id, number, secret_hash) VALUES ('{self.client}', 1, 'x');"
            f"INSERT INTO oauth_session (id, user_id, grant_type, expires_at) VALUES ('{self.session}', '{self.user}', "
            "'password', '9999-12-31');"
            "INSERT INTO oauth_token (token_hash, session_id, refresh, expires_at) VALUES "
            f"(UNHEX('{hashlib.sha256(self.token.encode()).hexdigest()}'), '{self.session}', FALSE, '9999-12-31')")
        [[self.number]] = world.installation.sql(f"SELECT id FROM api_key WHERE name = '{self.name}'")

    def call(self, credential, method, path, body):
        text = self.key if credential == "key" else self.token
        return self.world.anonymous.call(method, path, body, headers={"Authorization": f"Bearer {text}"})

    def rows(self):
        """All that lets anybody in, without when it was used."""
        return self.world.installation.sql(
            "SELECT id, user_name, password_hash, enabled FROM user; SELECT user_id, role_id FROM user_role; "
            "SELECT name, owner_id, permissions FROM api_key; SELECT id, name, user_id, scope FROM api_client; "
            "SELECT client_id, number, secret_hash FROM api_client_secret")


MADE = {
    "API key": lambda m: ("POST", "/v1/api-keys", {"apiKey": {"name": unique("made")}}),
    "changed API key": lambda m: ("PUT", "/v1/api-keys", {"apiKey": {"id": int(m.number), "permissions": 15}}),
    "API client": lambda m: ("POST", CLIENTS, new_api_client(m.other)),
    "changed API client": lambda m: ("PUT", f"{CLIENTS}/{m.client}", {"UserID": m.user}),
    "secret": lambda m: ("POST", f"{CLIENTS}/{m.client}/secrets", {}),
    "user": lambda m: ("POST", "/v1/users", {"user": {"userName": unique("made"), "roles": ["Administrator"]}}),
    "changed user": lambda m: ("PUT", "/v1/users", {"user": {"id": m.other}, "newPassword": NEW}),
    "role": lambda m: ("POST", f"/v1/users/{m.other}/roles", {"roles": "Administrator"}),
}
SHUT_OUT = {
    "key revoked": ("key", "api_key WHERE id = {number}", lambda m: m.world.admin.change(
        "/v1/api-keys", {"apiKey": {"id": int(m.number), "name": m.name, "revoked": True}})),
    "key narrowed": ("key", "api_key WHERE id = {number}", lambda m: m.world.admin.change(
        "/v1/api-keys", {"apiKey": {"id": int(m.number), "name": m.name, "permissions": 1}})),
    "key bound to a network": ("key", "api_key WHERE id = {number}", lambda m: m.world.admin.change(
        "/v1/api-keys", {"apiKey": {"id": int(m.number), "name": m.name, "allowedNetworks": ["127.0.0.0/8"]}})),
    "key given an end": ("key", "api_key WHERE id = {number}", lambda m: m.world.admin.change(
        "/v1/api-keys", {"apiKey": {"id": int(m.number), "name": m.name, "expireDate": "2999-01-01T00:00:00Z"}})),
    "key given a rate": ("key", "api_key WHERE id = {number}", lambda m: m.world.admin.change(
        "/v1/api-keys", {"apiKey": {"id": int(m.number), "name": m.name, "rateLimit": 600}})),
    "session narrowed": ("session", "oauth_session WHERE id = '{session}'", lambda m: m.world.installation.sql(
        f"UPDATE oauth_session SET scope = 'read' WHERE id = '{m.session}'")),
    "key revoked by command line": ("key", "api_key WHERE id = {number}", lambda m: cli(
        m.world, "key", "revoke", m.number)),
    "user disabled": ("key", "user WHERE id = '{user}'", lambda m: m.world.admin.change(
        "/v1/users", {"user": {"id": m.user, "enabled": False}})),
    "role taken": ("session", "user_role WHERE user_id = '{user}'", lambda m: cli(
        m.world, "user", "role", m.name, "remove", "Administrator")),
    "session ended": ("session", "oauth_session WHERE id = '{session}'", lambda m: m.world.admin.remove(
        f"/api/v1/admin/sessions/{m.session}")),
}


@pytest.mark.parametrize("made,end", [(made, "key revoked") for made in MADE] + [("API key", end) for end in SHUT_OUT])
def test_whoever_is_shut_out_makes_no_other_way_in(world, made, end):
    maker = Maker(world)
    credential, rows, run = SHUT_OUT[end]
    before = []

    def shut_out():
        run(maker)
        before.extend(maker.rows())

    _, answer = in_turn(world.holder, rows.format(**vars(maker)), shut_out,
                        lambda: maker.call(credential, *MADE[made](maker)))
    assert answer.status == 401, answer
    assert maker.rows() == before


# The first of two is done by hand below: the gate before logins lets one of a caller in at a time.

def test_two_first_logins_with_an_old_hash_are_both_right(world):
    """The first one replaces the hash that the second one has checked: that is checked anew, and is no failure."""
    party = Party(world, "password")
    other = crypt.crypt(OLD, crypt.mksalt(crypt.METHOD_SHA512, rounds=1000))
    _, answer = in_turn(world.holder, party.rows["user"], lambda: world.sql(
        f"UPDATE user SET password_hash = '{other}' WHERE id = '{party.user}'"), party.ask)
    assert answer.status == 200, answer
    [[stored]] = world.installation.sql(f"SELECT password_hash FROM user WHERE id = '{party.user}'")
    assert stored.startswith("$y$") and party.ask().status == 200


def test_a_refresh_token_is_spent_once(world):
    party = Party(world, "refresh_token")
    _, answer = in_turn(world.holder, party.rows["session"], lambda: world.sql(
        f"BEGIN; SELECT 1 FROM {party.rows['session']} FOR UPDATE; UPDATE oauth_token SET used_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE "
        f"WHERE session_id = '{party.session}'; COMMIT"), party.ask)
    assert answer.status == 400 and answer.json()["error"] == "invalid_grant", answer
    assert party.sessions() == []
