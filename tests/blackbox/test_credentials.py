"""API clients: an id and a secret that is shown once."""

import concurrent.futures
import hashlib
import re
import uuid

import pytest

from harness.families import CREDENTIALS, Api, unique

PATH = "/api/v1/admin/clients"


def request_of(installation, **members):
    return {"Name": unique("c"), "Secret": "open sesame, please", "UserID": installation.admin_id} | members


@pytest.fixture
def made(installation, credentials):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation))
    assert answer.status == 200, answer
    return answer.value["ResponseData"]["Detail"]


def detail(answer):
    return answer.value["ResponseData"]["Detail"]


def items(answer, name):
    """The rows of a list."""
    assert answer.status == 200, answer
    if not answer.is_xml:
        return detail(answer)
    return [{member.tag: member.text for member in row} for row in answer.xml().find("ResponseData/Detail").iter(name)]


def stored_secrets(installation, client):
    return installation.sql(
        f"SELECT secret_hash FROM api_client_secret WHERE client_id = '{client['ID']}' ORDER BY number")


def fault(answer, status, word=None):
    assert answer.status == status, answer
    assert answer.value.get("ResponseData") is None
    if word:
        assert answer.value["Error"]["ErrorCode"] == word
    return answer.value["Error"]["ErrorReason"]


def test_create(installation, credentials):
    request = request_of(installation)
    answer = credentials.post(PATH, "ClientRequest", request)
    credentials.check(answer.value, {
        "Error": None,
        "ResponseData": {"Identification": {"UserId": installation.admin_id}, "Result": "OK",
                         "Detail": {"ID": lambda text: uuid.UUID(text)} | request}})


def test_secret_is_shown_once_and_stored_as_a_hash(installation, credentials, made):
    answer = credentials.get(f"{PATH}/{made['ID']}")
    assert detail(answer).get("Secret") is None
    [[stored]] = stored_secrets(installation, made)
    assert stored.startswith("$y$")


def test_read(credentials, made):
    answer = credentials.get(f"{PATH}/{made['ID']}")
    assert answer.status == 200, answer
    credentials.check(detail(answer), {"ID": made["ID"], "Name": made["Name"], "UserID": made["UserID"]})


def test_list(credentials, made):
    answer = credentials.get(PATH)
    assert answer.status == 200, answer
    found = detail(answer)
    if credentials.is_xml and isinstance(found, dict):
        assert made["ID"] in answer.text
        return
    assert [client["Name"] for client in found if client["ID"] == made["ID"]] == [made["Name"]]


def test_update(installation, credentials, made):
    name = unique("renamed")
    answer = credentials.put(f"{PATH}/{made['ID']}", "ClientRequest", {"Name": name})
    assert answer.status == 200, answer
    credentials.check(detail(answer), {"ID": made["ID"], "Name": name, "UserID": made["UserID"]})
    assert detail(credentials.get(f"{PATH}/{made['ID']}"))["Name"] == name


def test_update_of_the_secret(installation, credentials, made):
    """It replaces all others, at once."""
    assert credentials.post(f"{PATH}/{made['ID']}/secrets").status == 200
    before = stored_secrets(installation, made)
    answer = credentials.put(f"{PATH}/{made['ID']}", "ClientRequest", {"Secret": "another secret"})
    assert answer.status == 200, answer
    assert detail(answer)["Secret"] == "another secret"
    [after] = stored_secrets(installation, made)
    assert len(before) == 2 and after not in before


def test_delete(credentials, made):
    answer = credentials.delete(f"{PATH}/{made['ID']}")
    assert answer.status == 200, answer
    assert answer.value["ResponseData"]["Result"] == "OK"
    fault(credentials.get(f"{PATH}/{made['ID']}"), 404)
    fault(credentials.delete(f"{PATH}/{made['ID']}"), 404)


@pytest.mark.parametrize("members, words", [
    ({"Name": None}, ["Name"]),
    ({"Name": "x" * 19}, ["Name", "18"]),
    ({"Secret": "x" * 51}, ["Secret", "50"]),
    ({"Secret": ""}, ["Secret", "required"]),
    ({"Secret": "  "}, ["Secret", "required"]),
    ({"Enabled": "perhaps"}, ["Enabled"]),
    ({"ExpiresAt": "tomorrow"}, ["ExpiresAt"]),
    ({"Secret": None}, ["Secret", "required"]),
    ({"Scope": "read everything"}, ["Scope", "names of roles"]),
    ({"Scope": "x" * 1001}, ["Scope"]),
    ({"UserID": "nobody"}, ["UserID"]),
    ({"Name": "", "Secret": "x" * 51}, ["Name", "Secret"]),
])
def test_rules(installation, credentials, members, words):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation, **members))
    reason = fault(answer, 400, "VALIDATION_FAILED")
    for word in words:
        assert word in reason


def test_limits_are_in_characters(installation, credentials):
    answer = credentials.post(PATH, "ClientRequest", request_of(
        installation, Name="é" * 12 + unique(""), Secret="🦊" * 50))
    assert answer.status == 200, answer


def test_unknown_user(installation, credentials):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation, UserID=str(uuid.uuid4())))
    fault(answer, 400, "UNKNOWN_USER")


def test_names_are_unique(installation, credentials, made):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation, Name=made["Name"].upper()))
    fault(answer, 409, "DUPLICATE_NAME")


def test_rename_to_a_taken_name(installation, credentials, made):
    other = detail(credentials.post(PATH, "ClientRequest", request_of(installation)))
    fault(credentials.put(f"{PATH}/{other['ID']}", "ClientRequest", {"Name": made["Name"]}), 409, "DUPLICATE_NAME")


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_unknown_client(credentials, method):
    arguments = ("ClientRequest", {"Name": "x"}) if method == "put" else ()
    fault(getattr(credentials, method)(f"{PATH}/{uuid.uuid4()}", *arguments), 404)


def test_identifier_that_is_none(credentials):
    assert credentials.get(f"{PATH}/not-a-guid").status == 400


def test_form_rules(installation, client):
    """Of a repeated value the first one counts; names in any case; a missing one is named."""
    form = "application/x-www-form-urlencoded"
    name = unique("form")
    answer = client.post(PATH, f"NAME={name}&Name=other&secret=a%2Bb+c+and+so+on&UserID={installation.admin_id}",
                         content_type=form)
    assert answer.status == 200, answer
    assert answer.json()["ResponseData"]["Detail"]["Name"] == name
    assert answer.json()["ResponseData"]["Detail"]["Secret"] == "a+b c and so on"
    answer = client.post(PATH, f"Name={unique('f')}&Secret=", content_type=form)
    assert answer.status == 400, answer
    assert "Secret" in answer.text and "UserID" in answer.text


def test_read_only_members_are_ignored(installation, credentials):
    request = request_of(installation, ID=str(uuid.uuid4()))
    answer = credentials.post(PATH, "ClientRequest", request)
    assert answer.status == 200, answer
    assert detail(answer)["ID"] != request["ID"]


# --- secrets ---

def test_secret_is_required(installation, credentials, made):
    request = request_of(installation)
    del request["Secret"]
    reason = fault(credentials.post(PATH, "ClientRequest", request), 400, "VALIDATION_FAILED")
    assert "The Secret field is required." in reason
    before = stored_secrets(installation, made)
    for secret in ({}, {"Secret": None}, {"Secret": ""}):
        answer = credentials.put(f"{PATH}/{made['ID']}", "ClientRequest", secret | {"Name": unique("n")})
        assert answer.status == 200, answer
    assert stored_secrets(installation, made) == before


@pytest.mark.parametrize("secret", ["x", "2 words!", "🦊" * 50])
def test_any_length_is_taken(installation, credentials, secret):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation, Secret=secret))
    assert answer.status == 200, answer
    assert detail(answer)["Secret"] == secret


def test_least_length(private_installation, media):
    """An option refuses short ones, whoever sets them; a secret that is made is long enough."""
    installation = private_installation(client_secret_length="20")
    credentials = Api(installation.client(installation.admin_key), CREDENTIALS, media)
    request = request_of(installation, Secret="x" * 20)
    made = detail(credentials.post(PATH, "ClientRequest", request))
    for call in (lambda short: credentials.post(PATH, "ClientRequest", request | {"Name": unique("n"), **short}),
                 lambda short: credentials.put(f"{PATH}/{made['ID']}", "ClientRequest", short),
                 lambda short: credentials.post(f"{PATH}/{made['ID']}/secrets", "ClientSecretRequest", short)):
        reason = fault(call({"Secret": "x" * 19}), 400, "VALIDATION_FAILED")
        assert "at least 20 characters" in reason, reason
    assert credentials.post(f"{PATH}/{made['ID']}/secrets").status == 200


def test_made_secret(installation, credentials, made):
    """A second secret is made where none is sent: 32 bytes and more of randomness, kept as their digest."""
    secrets = []
    for _ in range(2):
        answer = credentials.post(f"{PATH}/{made['ID']}/secrets", "ClientSecretRequest", {"GraceSeconds": 0})
        assert answer.status == 200, answer
        secrets.append(detail(answer)["Secret"])
        assert re.fullmatch(r"cst_[A-Za-z0-9_-]{43}", secrets[-1])
        digest = "{sha256}" + hashlib.sha256(secrets[-1].encode()).hexdigest()
        assert stored_secrets(installation, made) == [[digest]]
    assert secrets[0] != secrets[1]


def test_members(installation, credentials):
    """Those beside the reference's: they come back, and with null they go."""
    members = {"Enabled": False, "ExpiresAt": "2031-05-06T07:08:09Z", "Scope": "LicenseManager read"}
    answer = credentials.post(PATH, "ClientRequest", request_of(installation, **members))
    assert answer.status == 200, answer
    client = detail(answer)
    credentials.check(client, {"Enabled": False, "Scope": "LicenseManager read", "LastUsedAt": None})
    assert client["ExpiresAt"].startswith("2031-05-06T07:08:09")
    path = f"{PATH}/{client['ID']}"
    answer = credentials.put(path, "ClientRequest", {"Enabled": True, "ExpiresAt": None, "Scope": None,
                                                     "LastUsedAt": "2031-01-01T00:00:00Z"})
    assert answer.status == 200, answer
    credentials.check(detail(answer), {"Enabled": True, "ExpiresAt": None, "Scope": None, "LastUsedAt": None})
    assert detail(answer).get("Secret") is None
    fault(credentials.put(path, "ClientRequest", {"Enabled": None}), 400, "VALIDATION_FAILED")


def test_rotation(installation, credentials, made):
    path = f"{PATH}/{made['ID']}/secrets"
    [first] = items(credentials.get(path), "ClientSecret")
    credentials.check(first, {"Number": 1, "ExpiresAt": None, "LastUsedAt": None})
    assert first.get("Secret") is None
    answer = credentials.post(path)
    assert answer.status == 200, answer
    credentials.check(detail(answer), {"Number": 2, "ExpiresAt": None})
    assert detail(answer)["Secret"].startswith("cst_")
    second, first = items(credentials.get(path), "ClientSecret")
    credentials.check([second, first], [{"Number": 2, "ExpiresAt": None}, {"Number": 1, "ExpiresAt": ...}])
    assert second.get("Secret") is None
    # After the time of the option, a week.
    [[left]] = installation.sql("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), expires_at) FROM api_client_secret "
                                f"WHERE client_id = '{made['ID']}' AND number = 1")
    assert 604700 < int(left) <= 604800
    fault(credentials.post(path), 409, "TOO_MANY_SECRETS")
    assert credentials.delete(f"{path}/1").status == 200
    fault(credentials.delete(f"{path}/1"), 404)
    fault(credentials.delete(f"{path}/2"), 409, "LAST_SECRET")
    answer = credentials.post(path, "ClientSecretRequest", {"Secret": "chosen by its user", "GraceSeconds": 3600})
    credentials.check(detail(answer), {"Number": 3, "Secret": "chosen by its user"})
    [[left]] = installation.sql("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), expires_at) FROM api_client_secret "
                                f"WHERE client_id = '{made['ID']}' AND number = 2")
    assert 3500 < int(left) <= 3600
    # What has ended makes room, and can be removed as long as it is there.
    installation.sql(f"UPDATE api_client_secret SET expires_at = '2020-01-01' WHERE client_id = '{made['ID']}' "
                     "AND number = 2")
    fault(credentials.delete(f"{path}/3"), 409, "LAST_SECRET")
    credentials.check(detail(credentials.post(path, "ClientSecretRequest", {"GraceSeconds": 0})), {"Number": 4})
    assert [secret["Number"] for secret in items(credentials.get(path), "ClientSecret")] in ([4], ["4"])


@pytest.mark.parametrize("members, words", [
    ({"Secret": "x" * 51}, ["Secret", "50"]),
    ({"GraceSeconds": -1}, ["GraceSeconds"]),
    ({"GraceSeconds": 31536001}, ["GraceSeconds"]),
    ({"GraceSeconds": "soon", "Secret": "x" * 51}, ["GraceSeconds", "Secret"]),
])
def test_rules_of_rotation(installation, credentials, made, members, words):
    reason = fault(credentials.post(f"{PATH}/{made['ID']}/secrets", "ClientSecretRequest", members), 400,
                   "VALIDATION_FAILED")
    for word in words:
        assert word in reason
    assert len(stored_secrets(installation, made)) == 1


def test_secrets_of_nobody(credentials, made):
    path = f"{PATH}/{uuid.uuid4()}/secrets"
    fault(credentials.get(path), 404)
    fault(credentials.post(path), 404)
    fault(credentials.delete(f"{path}/1"), 404)
    fault(credentials.delete(f"{PATH}/{made['ID']}/secrets/77"), 404)


def test_concurrent_rotations(installation, client, made):
    """Of many at once one is too many: there are never more than two valid secrets."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post(f"{PATH}/{made['ID']}/secrets"), range(8)))
    assert sorted(answer.status for answer in answers) == [200] + 7 * [409], answers
    assert len(stored_secrets(installation, made)) == 2


# --- sessions ---

def open_session(installation, client_id=None, number=None, user=None, grant="client_credentials", token=None):
    """A session and a token of it, as the token endpoint makes them."""
    session = str(uuid.uuid4())
    client = f"'{client_id}'" if client_id else "NULL"
    installation.sql(
        "INSERT INTO oauth_session (id, user_id, client_id, secret_number, grant_type, scope, address, expires_at) "
        f"VALUES ('{session}', '{user or installation.admin_id}', {client}, {number or 'NULL'}, '{grant}', 'read', "
        "'192.0.2.7', UTC_TIMESTAMP() + INTERVAL 1 DAY)")
    if token:
        installation.sql(
            "INSERT INTO oauth_token (token_hash, session_id, refresh, expires_at) VALUES "
            f"(UNHEX(SHA2('{token}', 256)), '{session}', FALSE, UTC_TIMESTAMP() + INTERVAL 1 HOUR)")
    return session


def sessions_left(installation, *sessions):
    names = ", ".join(f"'{session}'" for session in sessions)
    return {row[0] for row in installation.sql(f"SELECT id FROM oauth_session WHERE id IN ({names})")}


def test_sessions(installation, credentials, made):
    session = open_session(installation, made["ID"], 1)
    answer = credentials.get(f"/api/v1/admin/sessions/{session}")
    assert answer.status == 200, answer
    credentials.check(detail(answer), {
        "ID": session, "UserID": installation.admin_id, "UserName": ..., "ClientID": made["ID"],
        "ClientName": made["Name"], "SecretNumber": 1, "GrantType": "client_credentials", "Scope": "read",
        "Address": "192.0.2.7", "CreatedAt": ..., "LastUsedAt": None, "ExpiresAt": ...})
    listed = items(credentials.get("/api/v1/admin/sessions?count=1000"), "Session")
    assert session in [row["ID"] for row in listed]
    assert len(items(credentials.get("/api/v1/admin/sessions?count=1"), "Session")) == 1
    installation.sql(f"UPDATE oauth_session SET expires_at = '2020-01-01' WHERE id = '{session}'")
    fault(credentials.get(f"/api/v1/admin/sessions/{session}"), 404)


def test_end_of_a_session(installation, client, credentials):
    token = "cat_" + uuid.uuid4().hex + "00000000000"
    session = open_session(installation, token=token)
    bearer = {"Authorization": f"Bearer {token}"}
    assert installation.client().get(PATH, headers=bearer).status == 200
    assert credentials.delete(f"/api/v1/admin/sessions/{session}").status == 200
    assert installation.client().get(PATH, headers=bearer).status == 401
    fault(credentials.delete(f"/api/v1/admin/sessions/{session}"), 404)


@pytest.mark.parametrize("end, left", [
    (lambda api, path: api.put(path, "ClientRequest", {"Name": unique("n")}), {1, 2, "other"}),
    (lambda api, path: api.put(path, "ClientRequest", {"Enabled": False}), {"other"}),
    (lambda api, path: api.put(path, "ClientRequest", {"Secret": "another secret"}), {"other"}),
    (lambda api, path: api.delete(f"{path}/secrets/1"), {2, "other"}),
    (lambda api, path: api.delete(f"{path}/secrets/2"), {1, "other"}),
    (lambda api, path: api.delete(path), {"other"}),
], ids=["rename", "disable", "replace", "first", "second", "remove"])
def test_what_ends_sessions(installation, credentials, made, end, left):
    path = f"{PATH}/{made['ID']}"
    assert credentials.post(f"{path}/secrets").status == 200
    sessions = {1: open_session(installation, made["ID"], 1), 2: open_session(installation, made["ID"], 2),
                "other": open_session(installation)}
    answer = end(credentials, path)
    assert answer.status == 200, answer
    assert sessions_left(installation, *sessions.values()) == {sessions[name] for name in left}


def test_another_user(installation, credentials, made):
    """Sessions of the former user end; those that users opened by their passwords go on."""
    user = str(uuid.uuid4())
    installation.sql(f"INSERT INTO user (id, user_name) VALUES ('{user}', '{unique('user')}')")
    program = open_session(installation, made["ID"], 1)
    person = open_session(installation, made["ID"], 1, grant="password")
    assert credentials.put(f"{PATH}/{made['ID']}", "ClientRequest", {"UserID": user}).status == 200
    assert sessions_left(installation, program, person) == {person}


def test_tags_do_not_tell_uses(installation, credentials, made):
    """A use changes neither the entity tag nor what If-Match means."""
    tag = credentials.get(f"{PATH}/{made['ID']}").headers["etag"]
    installation.sql(f"UPDATE api_client SET last_used_at = UTC_TIMESTAMP() WHERE id = '{made['ID']}'")
    answer = credentials.get(f"{PATH}/{made['ID']}")
    assert detail(answer)["LastUsedAt"] and answer.headers["etag"] == tag
    answer = credentials.put(f"{PATH}/{made['ID']}", "ClientRequest", {"Enabled": True}, headers={"If-Match": tag})
    assert answer.status == 200, answer


def test_queries(credentials, made):
    """Reading costs one query; adding a secret eight, and one more where the worker does not know the key yet."""
    assert min(credentials.get(f"{PATH}/{made['ID']}/secrets").queries for _ in range(20)) == 1
    assert credentials.post(f"{PATH}/{made['ID']}/secrets").queries in (8, 9)
