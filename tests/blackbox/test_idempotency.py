"""A POST that is sent again with its Idempotency-Key does nothing twice and answers the same."""

import concurrent.futures
import urllib.parse
import uuid

import pytest

from harness.families import CREDENTIALS, HOSTING, MEDIA, Api, new_api_client, unique

CLIENTS, ACCOUNTS = "/api/v1/admin/clients", "/hosting/api/client"


def new_key():
    return str(uuid.uuid4())


def client_body(api, **members):
    return {"Name": unique("once"), "Secret": f"secret-{uuid.uuid4().hex[:12]}",
            "UserID": api.client.installation.admin_id} | members


def account_body(api, **members):
    name = unique("once")
    return {"username": name, "password": f"password-{uuid.uuid4().hex}",
            "emailAddress": f"{name}@example.org"} | members


# Path, XML name, body, table, status, what the first answer shows once.
KINDS = {
    "client": (CREDENTIALS, CLIENTS, "ClientRequest", client_body, "api_client", 200,
               lambda value: value["ResponseData"]["Detail"]["Secret"]),
    "account": (HOSTING, ACCOUNTS, "Client", account_body, "hosting_client", 201, lambda value: value["apiKey"]),
}


class Kind:
    def __init__(self, client, media, name):
        family, self.path, self.type_name, self.body, self.table, self.status, self.secret = KINDS[name]
        self.api = Api(client, family, media)
        self.installation = client.installation

    def new_body(self, **members):
        return self.body(self.api, **members)

    def send(self, key, body, api=None, **options):
        return (api or self.api).post(self.path, self.type_name, body, headers={"Idempotency-Key": key}, **options)

    def rows(self):
        [[count]] = self.installation.sql(f"SELECT COUNT(*) FROM {self.table}")
        return int(count)

    def stored(self):
        [[count]] = self.installation.sql("SELECT COUNT(*) FROM idempotency")
        return int(count)


@pytest.fixture(params=KINDS)
def kind(client, media, request):
    return Kind(client, media, request.param)


def assert_same(first, second):
    assert (second.status, second.body) == (first.status, first.body)
    for name in ("content-type", "location", "etag"):
        assert second.headers.get(name) == first.headers.get(name)


def test_again(kind):
    key, body = new_key(), kind.new_body()
    first = kind.send(key, body)
    assert first.status == kind.status, first
    assert "idempotency-replayed" not in first.headers
    rows = kind.rows()
    for _ in range(3):
        again = kind.send(key, body)
        assert_same(first, again)
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers["x-request-id"] == again.request_id != first.request_id
    assert kind.rows() == rows
    assert kind.secret(again.value) == kind.secret(first.value)


def test_without_a_key_nothing_is_kept(kind):
    stored, body = kind.stored(), kind.new_body()
    assert kind.api.post(kind.path, kind.type_name, body).status == kind.status
    assert kind.api.post(kind.path, kind.type_name, body).status == 409
    assert kind.stored() == stored


def test_another_body(kind):
    key = new_key()
    assert kind.send(key, kind.new_body()).status == kind.status
    rows = kind.rows()
    answer = kind.send(key, kind.new_body())
    assert answer.status == 422, answer
    assert "Idempotency-Key" in answer.text
    assert kind.rows() == rows
    if not kind.api.is_xml and kind.path == CLIENTS:
        assert answer.value["Error"]["ErrorCode"] == "IDEMPOTENCY_MISMATCH"


def test_another_path(client, media):
    """One key, two operations: the second one is refused."""
    clients, accounts = Kind(client, media, "client"), Kind(client, media, "account")
    key = new_key()
    assert clients.send(key, clients.new_body()).status == 200
    assert accounts.send(key, accounts.new_body()).status == 422


def test_another_caller(installation, kind):
    key = new_key()
    other = Api(installation.client(installation.create_key("admin")), kind.api.family, kind.api.media)
    assert kind.send(key, kind.new_body()).status == kind.status
    rows, body = kind.rows(), kind.new_body()
    answer = kind.send(key, body, api=other)
    assert answer.status == kind.status, answer
    assert "idempotency-replayed" not in answer.headers
    assert kind.rows() == rows + 1
    assert_same(answer, kind.send(key, body, api=other))


# --- the same caller, known by another text ---


def test_a_key_in_another_place(kind):
    key, body = new_key(), kind.new_body()
    first = kind.send(key, body)
    assert first.status == kind.status, first
    rows = kind.rows()
    nobody = Api(kind.installation.client(), kind.api.family, kind.api.media)
    bearer = {"Idempotency-Key": key, "Authorization": f"Bearer {kind.installation.admin_key}"}
    assert_same(first, nobody.post(kind.path, kind.type_name, body, headers=bearer))
    if kind.path == ACCOUNTS:
        for query in (f"?apiKey={kind.installation.admin_key}", f"?&APIKEY={kind.installation.admin_key}"):
            assert_same(first, nobody.post(kind.path + query, kind.type_name, body, headers={"Idempotency-Key": key}))
    assert kind.rows() == rows


class TokenUser:
    """A user, and clients that act for that user."""

    def __init__(self, installation):
        self.admin = installation.client(installation.admin_key)
        self.anonymous = installation.client()
        self.name, self.password = unique("idem"), f"password-{uuid.uuid4().hex}"
        answer = self.admin.post("/v1/users", {"user": {"userName": self.name, "roles": ["Administrator"]},
                                               "password": self.password})
        assert answer.status == 200, answer
        user = answer.json()["userId"]
        made = [self.admin.post(CLIENTS, new_api_client(user)) for _ in range(2)]
        self.clients = [answer.json()["ResponseData"]["Detail"] for answer in made]

    def token(self, grant, client=None, **members):
        form = {"grant_type": grant} | members
        if client is not None:
            form |= {"client_id": self.clients[client]["ID"], "client_secret": self.clients[client]["Secret"]}
        if grant == "password":
            form |= {"username": self.name, "password": self.password}
        answer = self.anonymous.post("/oauth2/token", urllib.parse.urlencode(form),
                                     content_type="application/x-www-form-urlencoded")
        assert answer.status == 200, answer
        return answer.json()


@pytest.fixture(scope="module")
def token_user(installation):
    return TokenUser(installation)


def test_refreshed_and_new_tokens(kind, token_user):
    key, body = new_key(), kind.new_body()
    nobody = Api(kind.installation.client(), kind.api.family, kind.api.media)

    def send(tokens):
        return nobody.post(kind.path, kind.type_name, body, headers={
            "Idempotency-Key": key, "Authorization": f"Bearer {tokens['access_token']}"})

    tokens = token_user.token("password", 0)
    first = send(tokens)
    assert first.status == kind.status and "idempotency-replayed" not in first.headers, first
    rows = kind.rows()
    refreshed = token_user.token("refresh_token", 0, refresh_token=tokens["refresh_token"])
    for again in (tokens, refreshed, token_user.token("password", 0), token_user.token("client_credentials", 0)):
        assert_same(first, send(again))
    # Fewer rights might not have been shown that answer; what was done is not done again.
    assert send(token_user.token("password", 0, scope="create")).status == 422
    assert kind.rows() == rows
    # Through another client, or without one, it is another caller: the name is taken.
    for other in (token_user.token("client_credentials", 1), token_user.token("password")):
        assert send(other).status == 409
    assert kind.rows() == rows


def test_an_answer_that_does_not_open(kind):
    """As when the key file was exchanged: what was done is not done again."""
    key, body = new_key(), kind.new_body()
    assert kind.send(key, body).status == kind.status
    rows = kind.rows()
    for broken in ("CONCAT(LEFT(response, LENGTH(response) - 1), CHAR(ORD(RIGHT(response, 1)) ^ 1))", "''", "'short'",
                   "(SELECT o.response FROM (SELECT * FROM idempotency) o WHERE o.key_hash <> i.key_hash LIMIT 1)"):
        kind.send(new_key(), kind.new_body())
        kind.installation.sql("UPDATE idempotency i JOIN (SELECT key_hash FROM idempotency ORDER BY expires_at DESC "
                              f"LIMIT 50) n ON n.key_hash = i.key_hash SET i.response = {broken}")
        rows = kind.rows()
        answer = kind.send(key, body)
        assert answer.status == 409 and "was carried out before" in answer.text, answer
        assert kind.rows() == rows


def test_failures_are_not_kept(kind):
    key = new_key()
    taken = kind.new_body()
    assert kind.api.post(kind.path, kind.type_name, taken).status == kind.status
    stored = kind.stored()
    assert kind.send(key, taken).status == 409
    assert kind.send(key, {}).status == 400
    assert kind.stored() == stored
    assert kind.send(key, kind.new_body()).status == kind.status


def test_a_revoked_key_sees_nothing_again(installation, kind):
    name = unique("revoked")
    caller = Api(installation.client(installation.create_key("admin", name=name)), kind.api.family, kind.api.media)
    key, body = new_key(), kind.new_body()
    assert kind.send(key, body, api=caller).status == kind.status
    [[number]] = installation.sql(f"SELECT id FROM api_key WHERE name = '{name}'")
    installation.cli("key", "revoke", number)
    assert kind.send(key, body, api=caller).status == 401


def test_many_at_once(kind):
    for _ in range(3):
        key, body, rows = new_key(), kind.new_body(), kind.rows()
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: kind.send(key, body), range(6)))
        for answer in answers:
            assert_same(answers[0], answer)
            assert answer.status == kind.status, answer
        assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
        assert kind.rows() == rows + 1


def test_answer_keeps_its_format(kind):
    """The answer is the first one, whatever is accepted the second time."""
    key, body = new_key(), kind.new_body()
    first = kind.send(key, body)
    other = MEDIA["json" if kind.api.is_xml else "xml"]
    text = kind.api.family.encode("xml", kind.type_name, body) if kind.api.is_xml else None
    answer = kind.api.client.post(kind.path, text or body, content_type=MEDIA[kind.api.media], accept=other,
                                  headers={"Idempotency-Key": key})
    assert_same(first, answer)


def test_another_format_of_the_body_is_another_request(kind):
    key, body = new_key(), kind.new_body()
    assert kind.send(key, body).status == kind.status
    other = Api(kind.api.client, kind.api.family, "json" if kind.api.is_xml else "xml")
    assert kind.send(key, body, api=other).status == 422


@pytest.mark.parametrize("key", ["x" * 65, "a b", "a\tb", "\xe9t\xe9", "a\x7f"])
def test_bad_keys(kind, key):
    rows = kind.rows()
    answer = kind.send(key, kind.new_body())
    assert answer.status == 400, answer
    assert "Idempotency-Key" in answer.text
    assert kind.rows() == rows


@pytest.mark.parametrize("key", ["x", "~" * 64, "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}"])
def test_good_keys(kind, key):
    body, key = kind.new_body(), key[:60] + unique("")[-3:] if len(key) == 64 else key + unique("")
    first = kind.send(key, body)
    assert first.status == kind.status, first
    assert_same(first, kind.send(key, body))


def test_expiry(kind):
    key, body = new_key(), kind.new_body()
    assert kind.send(key, body).status == kind.status
    hours = kind.installation.sql(
        "SELECT MAX(TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(6), expires_at)) FROM idempotency")
    assert 23 * 60 < int(hours[0][0]) <= 24 * 60
    kind.installation.sql("UPDATE idempotency SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
    answer = kind.send(key, body)
    assert answer.status == 409, answer  # not a repetition any more, and its name is taken
    assert kind.send(key, kind.new_body()).status == kind.status


def test_outlived_answers_are_dropped(kind):
    for _ in range(3):
        assert kind.send(new_key(), kind.new_body()).status == kind.status
    kind.installation.sql("UPDATE idempotency SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
    before = kind.stored()
    assert before >= 3
    assert kind.send(new_key(), kind.new_body()).status == kind.status
    assert kind.stored() == before + 1  # no caller waits for what others have left
    kind.installation.cli("expire")
    assert kind.stored() == 1


def test_nothing_is_readable_in_the_table(kind):
    key, body = new_key(), kind.new_body()
    first = kind.send(key, body)
    assert kind.send(key, body).headers["idempotency-replayed"] == "true"
    dump = "\n".join("\t".join(row) for row in kind.installation.sql(
        "SELECT HEX(key_hash), HEX(request_hash), HEX(response), CONVERT(response USING latin1) FROM idempotency"))
    words = [kind.secret(first.value), body.get("Secret") or body.get("password"), key,
             body.get("Name") or body.get("username"), kind.installation.admin_key]
    for word in words:
        assert word not in dump
        assert word.encode().hex().upper() not in dump


def test_secrets_reach_no_log(kind):
    key, body = new_key(), kind.new_body()
    first = kind.send(key, body)
    kind.send(key, body).log()
    for path in (kind.installation.state / "log").iterdir():
        text = path.read_text(errors="replace")
        assert kind.secret(first.value) not in text and key not in text, path


def test_upserts_need_no_key(discovery, group):
    """Repeating a hello does no harm; it tells the time of the call, so it is never answered from store."""
    body = {"ClientCode": "c", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"}
    answers = [discovery.post("/api/ClientHello", "DTOHello", body, headers={"Idempotency-Key": "same"})
               for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert "idempotency-replayed" not in answers[1].headers
    times = [answer.value["DTOClients"][0]["UpdClientTime"] for answer in answers]
    assert times[0] < times[1]
