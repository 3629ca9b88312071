"""Users: rules for passwords, what ends sessions, and that an administrator is left."""

import concurrent.futures
import uuid

import pytest

from harness.families import unique
from harness.identity import identity_hash
from harness.licensing import PASSWORD, World

PATH = "/v1/users"
BCRYPT = "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
ADMINISTRATOR = "1734e428-eaa4-47e2-b66e-281443fe3e1d"


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


def insert(api, beside=None, **members):
    return api.post(PATH, "InsertUserRequest", {"user": {"userName": unique("user"), **members}, **(beside or {})})


def update(api, user, beside=None, **members):
    return api.put(PATH, "UpdateUserRequest", {"user": {"id": user, **members}, **(beside or {})})


def stored_hash(installation, user):
    return installation.sql(f"SELECT password_hash FROM user WHERE id = '{user}'")[0][0]


REFUSED = [
    ("kT5#wq8!zR2", "12 characters"), ("äöüäöüß", "12 characters"),
    ("password1234", "common password"), ("PassWord!2024", "common password"), ("iloveyou!!!!!!", "common password"),
    ("passwordpassword", "common password"), ("abcdefghijkl", "sequence"), ("aaaaaaaaaaaa", "repeat"),
    ("Margaret.Hamilton1", "user name"), ("x" * 40 + "y" * 472, "511 characters"), ("ä" * 20 + "ö" * 236, "511 bytes"),
]


@pytest.mark.parametrize("password, word", REFUSED)
def test_refused_passwords(installation, licensing, world, password, word):
    name = "margaret.hamilton" + unique("-") if "Marg" not in password else "margaret.hamilton"
    answer = insert(licensing, {"password": password}, userName=name)
    assert answer.status == 400 and word in licensing.faults(answer)["password"], answer
    assert password not in answer.text
    user = insert(licensing, {"password": PASSWORD}, userName=name).value["userId"]
    before = stored_hash(installation, user)
    answer = update(licensing, user, {"newPassword": password})
    assert answer.status == 400 and word in licensing.faults(answer)["newPassword"], answer
    assert stored_hash(installation, user) == before
    assert licensing.delete(f"{PATH}/{user}").status == 200


def test_name_that_is_given_with_the_password(licensing, world):
    user = world.make("user")
    answer = update(licensing, user, {"newPassword": "zebulon.the.great"}, userName="zebulon.the.great")
    assert answer.status == 400 and "user name" in licensing.faults(answer)["newPassword"], answer


def test_accepted_passwords(installation, licensing):
    for password in ("correct horse battery", "ein Maß Übermut", "🦊" * 3 + "kT5#wq8!z"):
        answer = insert(licensing, {"password": password})
        assert answer.status == 200, answer
        assert stored_hash(installation, answer.value["userId"]).startswith("$y$")


def test_hash_instead_of_the_password(installation, licensing):
    for former in (BCRYPT, identity_hash(PASSWORD, prf=1)):
        answer = insert(licensing, {"passwordHash": former})
        assert answer.status == 200, answer
        assert stored_hash(installation, answer.value["userId"]) == former
    for beside, member in (({"passwordHash": "plain text"}, "passwordHash"),
                           ({"passwordHash": "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"}, "passwordHash"),
                           ({"passwordHash": identity_hash(PASSWORD, 1)[:56]}, "passwordHash"),
                           ({"passwordHash": BCRYPT, "password": PASSWORD}, "passwordHash")):
        answer = insert(licensing, beside)
        assert answer.status == 400 and member in licensing.faults(answer), answer


def test_current_password(installation, licensing, world):
    """A wrong one changes nothing; a right one of bcrypt counts too."""
    user = insert(licensing, {"password": PASSWORD}).value["userId"]
    before = stored_hash(installation, user)
    answer = update(licensing, user, {"currentPassword": "wrong", "newPassword": "new " + PASSWORD}, firstName="No")
    assert answer.status == 400 and "currentPassword" in licensing.faults(answer), answer
    assert stored_hash(installation, user) == before
    assert installation.sql(f"SELECT first_name FROM user WHERE id = '{user}'") != [["No"]]
    answer = update(licensing, user, {"currentPassword": PASSWORD, "newPassword": "new " + PASSWORD})
    assert answer.status == 200, answer
    assert stored_hash(installation, user) != before


def open_session(installation, user):
    session, token = str(uuid.uuid4()), "cat_" + uuid.uuid4().hex + "00000000000"
    installation.sql(
        "INSERT INTO oauth_session (id, user_id, grant_type, expires_at) "
        f"VALUES ('{session}', '{user}', 'password', UTC_TIMESTAMP() + INTERVAL 1 DAY);"
        "INSERT INTO oauth_token (token_hash, session_id, refresh, expires_at) "
        f"VALUES (UNHEX(SHA2('{token}', 256)), '{session}', FALSE, UTC_TIMESTAMP() + INTERVAL 1 HOUR)")
    return token


@pytest.mark.parametrize("end, ended", [
    (lambda api, user: update(api, user, firstName="Other"), False),
    (lambda api, user: update(api, user, {"newPassword": "new " + PASSWORD}), True),
    (lambda api, user: update(api, user, enabled=False), True),
    (lambda api, user: update(api, user, enabled=True), False),
    (lambda api, user: api.delete(f"{PATH}/{user}"), True),
], ids=["name", "password", "disable", "enable", "delete"])
def test_what_ends_sessions(installation, licensing, world, end, ended):
    user = world.make("user", roles=["Sales"])
    token = open_session(installation, user)

    def call():
        return installation.client().get("/v1/customers?take=1", headers={"Authorization": f"Bearer {token}"}).status

    for _ in range(8):
        assert call() == 200
    assert end(licensing, user).status == 200
    for _ in range(8):
        assert call() == (401 if ended else 200)
    assert len(installation.sql(f"SELECT id FROM oauth_session WHERE user_id = '{user}'")) == (0 if ended else 1)


def test_disabled_users_keys(installation, licensing, world):
    """They come back with the user; sessions do not."""
    user = world.make("user", roles=["Sales"])
    key = world.client.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": user}}).json()["apiKey"]
    client = installation.client()
    for enabled, status in ((True, 200), (False, 401), (True, 200)):
        assert update(licensing, user, enabled=enabled).status == 200
        licensing.check(licensing.get(f'{PATH}?filter=id="{user}"'.replace('"', "%22")).value["users"][0],
                        {"enabled": enabled})
        assert client.get("/v1/customers?take=1", key=key).status == status


def test_roles_end_at_once(installation, client, world):
    user = world.make("user", roles=["Sales"])
    token = open_session(installation, user)

    def call():
        return installation.client().get("/v1/customers?take=1", headers={"Authorization": f"Bearer {token}"}).status

    assert call() == 200
    assert client.call("DELETE", f"{PATH}/{user}/roles", {"roles": "Sales"}).status == 200
    for _ in range(8):
        assert call() == 403


def administrators(installation):
    return {row[0] for row in installation.sql(
        "SELECT u.id FROM user u JOIN user_role r ON r.user_id = u.id "
        f"WHERE u.enabled AND r.role_id = '{ADMINISTRATOR}'")}


@pytest.fixture
def alone(installation):
    """All other administrators are put aside for one test."""
    installation.sql(f"UPDATE user SET enabled = FALSE WHERE id <> '{installation.admin_id}' AND id IN "
                     f"(SELECT user_id FROM user_role WHERE role_id = '{ADMINISTRATOR}') AND enabled")
    assert administrators(installation) == {installation.admin_id}
    yield installation.admin_id
    assert installation.admin_id in administrators(installation)
    installation.sql(f"DELETE FROM user_role WHERE user_id <> '{installation.admin_id}' "
                     f"AND role_id = '{ADMINISTRATOR}'")


LAST = [
    lambda api, user: update(api, user, enabled=False),
    lambda api, user: update(api, user, roles=["Sales"]),
    lambda api, user: update(api, user, roles=[]),
    lambda api, user: update(api, user, roles=None),
    lambda api, user: api.delete(f"{PATH}/{user}"),
    lambda api, user: api.call("DELETE", f"{PATH}/{user}/roles", "RemoveUserFromRoleRequest",
                               {"roles": "sales,administrator"}),
]
NAMES = ["disable", "demote", "no roles", "null", "delete", "take the role"]


@pytest.mark.parametrize("end", LAST, ids=NAMES)
def test_last_administrator(installation, licensing, alone, end):
    answer = end(licensing, alone)
    assert answer.status == 409 and "last enabled administrator" in answer.value["message"], answer
    assert administrators(installation) == {alone}
    # What leaves the role alone is no matter.
    assert update(licensing, alone, roles=["Administrator"], enabled=True).status == 200


@pytest.mark.parametrize("end", LAST, ids=NAMES)
def test_last_but_one_administrator(installation, licensing, world, alone, end):
    other = world.make("user", roles=["Administrator"])
    answer = end(licensing, other)
    assert answer.status == 200, answer
    assert administrators(installation) == {alone}


def test_two_administrators_at_once(installation, client, world, alone):
    """Each takes the other's role at the same time: one is told that it is the last."""
    for _ in range(5):
        others = [world.make("user", roles=["Administrator"]) for _ in range(3)]
        keys = [client.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": user}}).json()["apiKey"]
                for user in others]
        installation.sql(f"UPDATE user SET enabled = FALSE WHERE id = '{alone}'")
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(
                lambda pair: installation.client().put(PATH, {"user": {"id": pair[0], "enabled": False}}, key=pair[1]),
                zip(others, keys[1:] + keys[:1])))
        left = administrators(installation)
        installation.sql(f"UPDATE user SET enabled = TRUE WHERE id = '{alone}';"
                         "UPDATE revocation SET counter = counter + 1")
        assert left, answers
        assert {answer.status for answer in answers} <= {200, 401, 409}, answers
        installation.sql(f"DELETE FROM user_role WHERE user_id <> '{alone}' AND role_id = '{ADMINISTRATOR}'")
