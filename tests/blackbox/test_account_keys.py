"""A hosting account's own key: it opens the account's domains and their visitors' consents, and nothing else."""

import hashlib
import json
import re
import time
import urllib.parse

import pytest

from harness import access
from harness.access import ROUTES
from harness.families import MEDIA, unique
from harness.installation import Installation
from harness.samples import plain, sample
from harness.waiting import wait_until

CLIENTS = "/hosting/api/client"
DOMAINS = "/api/domains"
OWN = [route for route in ROUTES if route.access == "account"]
OTHERS = [route for route in ROUTES if route.access != "account"]
STRANGER = "api_" + "0" * 24


def ucid(text=None):
    return hashlib.sha256((text or unique("visitor")).encode()).hexdigest()


class Owner:
    """An account with domains, as its owner's programs and as the provider's see it."""

    def __init__(self, running, names=("shop.example.org",), **members):
        self.running, self.admin = running, running.client(running.admin_key)
        name = unique("owner")
        self.account = self.admin.post(CLIENTS, {
            "username": name, "password": "geheim", "emailAddress": f"{name}@example.org", "active": True,
            "domainMaxCount": -1, "whitelabelMaxCount": -1} | members).json()
        self.key, self.path = self.account["apiKey"], f"{CLIENTS}/{self.account['id']}"
        self.domains = [self.admin.post(f"{self.path}/domain", {"name": one}).json()["id"] for one in names]
        self.client = running.client(self.key)

    def consents(self, number=0):
        return f"{DOMAINS}/{self.domains[number]}/consents"

    def store(self, number=0, **members):
        answer = self.client.post(self.consents(number), {"consent": True, "ucid": ucid()} | members)
        assert answer.status == 201, answer
        return answer.json()

    def change(self, **members):
        answer = self.admin.put(self.path, members)
        assert answer.status == 200, answer


@pytest.fixture(scope="module")
def owner(installation):
    return Owner(installation, ("shop.example.org", "blog.example.org"))


@pytest.fixture(scope="module")
def other(installation):
    return Owner(installation)


# --- as the original answers ---


def test_samples(installation):
    """The original's answers, byte for byte; a name is the host alone, as in all of this family."""
    expected = json.loads(sample("hosting/domains.response.json"))
    names = [one["name"].removeprefix("https://") for one in expected]
    key = "api_of_the_sample_" + unique("key")
    installation.sql("DELETE FROM hosting_client WHERE username = 'Ihr_Username'")
    one = Owner(installation, names, username="Ihr_Username")
    for made, wanted in zip(list(one.domains), expected):
        installation.sql(f"DELETE FROM hosting_domain WHERE id = '{wanted['id']}'; "
                         f"UPDATE hosting_domain SET id = '{wanted['id']}' WHERE id = '{made}'")
    installation.sql(f"UPDATE hosting_client SET api_key_hash = UNHEX(SHA2('{key}', 256)) WHERE id = '{one.account['id']}'")
    caller = installation.client()
    answer = caller.get(f"/api/test?apiKey={key}")
    assert plain(answer.text) == plain(sample("hosting/test.response.json").replace("IHR_API_KEY", key))
    answer = caller.get(f"{DOMAINS}?apiKey={key}")
    # By name; the original's order says nothing.
    assert sorted(answer.json(), key=str) == sorted(
        (wanted | {"name": name} for wanted, name in zip(expected, names)), key=str)
    assert [list(row) for row in answer.json()] == [list(row) for row in expected]
    consents = json.loads(sample("hosting/consents.response.json"))
    path = f"{DOMAINS}/{expected[0]['id']}/consents"
    for consent in reversed(consents):
        made = caller.post(f"{path}?apiKey={key}", consent)
        assert made.status == 201 and plain(made.text) == plain(json.dumps(consent)), made
    for visitor in ("", "/" + consents[0]["ucid"], "/" + consents[0]["ucid"][:7]):
        answer = caller.get(f"{path}{visitor}?apiKey={key}")
        assert plain(answer.text) == plain(sample("hosting/consents.response.json")), answer


def test_xml(owner):
    visitor = ucid()
    owner.store(ucid=visitor, purposes={"41ba25c": "Ads & more"})
    text = owner.client.get(f"{owner.consents()}/{visitor}", accept="application/xml").text
    assert re.search(r"<ArrayOfConsent [^>]*><Consent><consent>true</consent><ucid>" + visitor + r"</ucid><timestamp>\d+</timestamp>"
                     r"<purposes>.*41ba25c.*Ads &amp; more.*</purposes>", text), text
    text = owner.client.get("/api/test", accept="application/xml").text
    assert f"<username>{owner.account['username']}</username><apiKey>{owner.key}</apiKey></OwnAccount>" in text, text
    body = (f'<Consent xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><consent>false</consent><ucid>{visitor}</ucid></Consent>')
    made = owner.client.post(owner.consents(), body, content_type=MEDIA["xml"], accept=MEDIA["xml"])
    assert made.status == 201 and "<consent>false</consent>" in made.text, made
    made = owner.client.post(owner.consents(), f"consent=true&ucid={visitor}", content_type="application/x-www-form-urlencoded")
    assert made.status == 201, made
    assert [one["consent"] for one in owner.client.get(f"{owner.consents()}/{visitor}").json()] == [True, False, True]


def test_rows_alone(owner):
    owner.store()
    table = owner.client.get(owner.consents(), accept="text/csv").text.splitlines()
    assert table[0] == "consent,ucid,timestamp,purposes,embeddings,manipulationPrevention"
    lines = owner.client.get(DOMAINS, accept="application/x-ndjson").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [owner.domains[1], owner.domains[0]]


# --- who comes in ---


@pytest.mark.parametrize("route", OWN, ids=access.name)
def test_own_key_alone(installation, owner, route):
    path = route.path.replace("{domainId}", owner.domains[0]).replace("{ucid}", ucid())
    caller = installation.client()
    name = unique("own")
    installation.create_user(name, "HostingManager")
    key = installation.create_key(name)
    for headers in ({}, {"x-api-key": ""}, {"x-api-key": STRANGER}, {"Authorization": "Bearer nonsense"},
                    {"x-api-key": installation.admin_key}, {"x-api-key": key}, {"Authorization": f"Bearer {key}"},
                    {"Authorization": "Basic " + "YTpi"}):
        answer = caller.call(route.method, path, headers=headers)
        assert answer.status == 401 and "www-authenticate" in answer.headers, (headers, answer)
        assert set(answer.json()) <= {"message", "errors"}, answer  # the family's own shape
    for headers, query in (({"x-api-key": owner.key}, ""), ({"Authorization": f"Bearer {owner.key}"}, ""),
                           ({}, f"?apiKey={owner.key}")):
        assert caller.call(route.method, path + query, headers=headers).status not in (401, 403), headers


@pytest.fixture(scope="module")
def shut():
    with Installation(discovery_auth="key", client_auth="key", throttle_failures=0) as running:
        yield running


def test_it_opens_nothing_else(shut):
    """Each other route answers as for a key that nobody has, wherever the key stands."""
    one = Owner(shut)
    caller = access.Caller(shut)
    assert one.client.get("/api/test").status == 200
    for way in (lambda key: {"x-api-key": key}, lambda key: {"Authorization": f"Bearer {key}"}):
        for route in OTHERS:
            status, wanted = (caller.status(route, way(key)) for key in (one.key, STRANGER))
            assert status == wanted and (route not in access.KEYED or status == 401), (route, status, wanted)
    for path in (CLIENTS, one.path, f"{one.path}/domain", f"{one.path}/domain/{one.domains[0]}/consents"):
        assert shut.client().get(f"{path}?apiKey={one.key}").status == 401
    assert shut.client().post("/v1/session", {"apiKey": one.key}).status in (400, 401)


def test_one_text_may_be_both(installation, owner):
    """An API key with the same text as an account's own key is looked up for what is its own."""
    number = installation.sql(f"SELECT id FROM api_key WHERE key_hash = UNHEX(SHA2('{installation.admin_key}', 256))")[0][0]
    both = unique("key_that_is_both_")
    installation.sql(f"INSERT INTO api_key (name, key_hash, key_prefix, owner_id, permissions) SELECT 'both', "
                     f"UNHEX(SHA2('{both}', 256)), 'both', owner_id, 15 FROM api_key WHERE id = {number}")
    one = Owner(installation)
    installation.sql(f"UPDATE hosting_client SET api_key_hash = UNHEX(SHA2('{both}', 256)) WHERE id = '{one.account['id']}'")
    caller = installation.client(both)
    for _ in range(6):
        assert caller.get("/api/test").json() == {"username": one.account["username"], "apiKey": both}
        assert caller.get("/v1/roles").status == 200
        assert [row["id"] for row in caller.get(DOMAINS).json()] == one.domains
    assert owner.client.get("/api/test").json()["username"] == owner.account["username"]


def test_own_rows_alone(owner, other):
    theirs = other.store()
    mine = owner.store()
    assert {row["id"] for row in owner.client.get(DOMAINS).json()} == set(owner.domains)
    assert {row["id"] for row in other.client.get(DOMAINS).json()} == set(other.domains)
    for method, path, body in (("GET", "", None), ("POST", "", {"consent": True, "ucid": ucid()}),
                               ("GET", "/" + theirs["ucid"], None), ("GET", "/" + theirs["ucid"][:5], None),
                               ("DELETE", "/" + theirs["ucid"], None)):
        answer, nowhere = (owner.client.call(method, f"{DOMAINS}/{domain}/consents{path}", body)
                           for domain in (other.domains[0], "0000000"))
        assert answer.status == nowhere.status == 404 and answer.text == nowhere.text, (answer, nowhere)
    assert theirs in other.client.get(other.consents()).json()
    assert mine in owner.client.get(owner.consents()).json()
    assert mine not in owner.client.get(owner.consents(1)).json()
    assert owner.client.get(f"{owner.consents(1)}/{mine['ucid']}").json() == []


@pytest.mark.parametrize("end", ["renewed", "inactive", "deleted"])
def test_revoked_at_once(installation, end):
    one = Owner(installation)
    for _ in range(8):
        assert one.client.get("/api/test").status == 200
    if end == "renewed":
        key = one.admin.post(f"{one.path}/apiKey").json()["apiKey"]
        assert installation.client(key).get("/api/test").json()["apiKey"] == key
    elif end == "inactive":
        one.change(active=False)
    else:
        assert one.admin.delete(one.path).status == 204
    assert {one.client.get("/api/test").status for _ in range(8)} == {401}
    if end == "inactive":
        one.change(active=True)
        wait_until(lambda: one.client.get("/api/test").status == 200, "what was missing is looked up again")


def test_the_feature(installation):
    one = Owner(installation)
    assert one.client.get(DOMAINS).status == 200
    one.change(features={"canUseDomAPI": False})
    answer = one.client.get(DOMAINS)
    assert answer.status == 403 and "canUseDomAPI" in answer.json()["message"], answer
    assert one.client.post(one.consents(), {"consent": True, "ucid": ucid()}).status == 403
    one.change(features={"canUseDomAPI": True})
    assert one.client.get(DOMAINS).status == 200


def test_new_accounts_are_shut(installation):
    """As they cannot log in before they are active."""
    one = Owner(installation, active=False)
    assert one.client.get("/api/test").status == 401


def test_rate(private_installation):
    one = Owner(private_installation(key_rate_limit=5))
    answers = [one.client.get("/api/test") for _ in range(7)]
    assert [answer.status for answer in answers[:5]] == [200] * 5 and answers[-1].status == 429, answers
    assert answers[0].headers["ratelimit-limit"] == "5"
    assert Owner(one.running).client.get("/api/test").status == 200  # another account has its own


def test_signatures_are_for_providers(tmp_path, private_installation):
    """Owners do not have the provider's secret: their programs sign nothing, where providers must, too."""
    secret = tmp_path / "secret"
    secret.write_text("a secret shared with the agency\n")
    running = private_installation(hosting_hawk="required", hosting_hawk_secret_file=secret)
    key, account = unique("key_of_an_account_"), "0000001"
    running.sql("INSERT INTO hosting_client (id, username, password_hash, api_key_hash, active, email_address) VALUES "
                f"('{account}', 'signed', '', UNHEX(SHA2('{key}', 256)), TRUE, 'a@example.org')")
    assert running.client(running.admin_key).get(CLIENTS).status == 401
    assert running.client(key).get("/api/test").json() == {"username": "signed", "apiKey": key}
    signed = {"Authorization": f'Hawk id="{key}", ts="1", nonce="n", mac="m"'}
    assert running.client().get("/api/test", headers=signed).status == 401


def test_key_is_in_no_log(installation, owner):
    owner.client.get(f"/api/test?apiKey={owner.key}", key="").log()
    for path in (installation.state / "log").iterdir():
        assert owner.key not in path.read_text(errors="replace"), path


# --- consents ---


def test_store(owner):
    before = int(time.time())
    visitor = ucid()
    answer = owner.client.post(owner.consents(), {"consent": False, "ucid": visitor, "somethingNew": 1})
    assert answer.status == 201, answer
    assert answer.headers["location"] == f"{owner.consents()}/{visitor}"
    made = answer.json()
    assert before <= made["timestamp"] <= time.time() + 1
    assert made == {"consent": False, "ucid": visitor, "timestamp": made["timestamp"], "purposes": {}, "embeddings": {},
                    "manipulationPrevention": False}
    later = owner.store(ucid=visitor, timestamp=made["timestamp"] + 5)
    earlier = owner.store(ucid=visitor, timestamp=0)
    assert owner.client.get(answer.headers["location"]).json() == [later, made, earlier]
    assert owner.client.get(f"{answer.headers['location']}?count=1&offset=1").json() == [made]
    all_rows = owner.client.get(owner.consents()).json()
    assert [row["timestamp"] for row in all_rows] == sorted((row["timestamp"] for row in all_rows), reverse=True)


@pytest.mark.parametrize("members, fault", [
    ({"ucid": None}, "ucid"), ({"ucid": "abc"}, "ucid"), ({"ucid": "G" * 64}, "ucid"), ({"ucid": "a" * 65}, "ucid"),
    ({"consent": None}, "consent"), ({"consent": "perhaps"}, "consent"), ({"timestamp": -1}, "timestamp"),
    ({"timestamp": 99999999999}, "timestamp"), ({"purposes": ["41ba25c"]}, "purposes"), ({"embeddings": {"a": {}}}, "embeddings")])
def test_faults(owner, members, fault):
    answer = owner.client.post(owner.consents(), {"consent": True, "ucid": ucid()} | members)
    assert answer.status == 400 and fault in answer.json()["errors"], answer


def test_beginnings(owner):
    """The beginning of a visitor is enough; that of two, or of none, finds nothing."""
    digits = ucid()
    first, second = digits[:10] + "a" * 54, digits[:10] + "b" * 54
    owner.store(ucid=first)
    owner.store(ucid=second)
    for begin, found in ((digits[:10], []), (digits[:10] + "a", [first]), (digits[:10] + "b", [second]),
                         (digits[:10] + "c", []), (first, [first])):
        answer = owner.client.get(f"{owner.consents()}/{begin}")
        assert answer.status == 200 and [row["ucid"] for row in answer.json()] == found, (begin, answer)
    assert owner.client.get(f"{owner.consents()}/nobody").json() == []
    assert owner.client.delete(f"{owner.consents()}/{digits[:10]}").status == 404
    assert owner.client.delete(f"{owner.consents()}/{digits[:10]}a").status == 404  # a beginning is enough to read
    assert len(owner.client.get(f"{owner.consents()}/{first}").json()) > 0
    assert owner.client.delete(f"{owner.consents()}/{first}").status == 204
    assert owner.client.delete(f"{owner.consents()}/{first}").status == 404
    assert len(owner.client.get(f"{owner.consents()}/{digits[:10]}").json()) == 1


def test_repeated(owner, other):
    """The same Idempotency-Key of another account is another request."""
    header, visitor = {"Idempotency-Key": unique("repeat")}, ucid()
    body = {"consent": True, "ucid": visitor}
    first, again = (owner.client.post(owner.consents(), body, headers=header) for _ in range(2))
    assert first.status == again.status == 201 and first.text == again.text
    assert len(owner.client.get(f"{owner.consents()}/{visitor}").json()) == 1
    assert owner.client.post(owner.consents(), body | {"consent": False}, headers=header).status == 422
    assert other.client.post(other.consents(), body | {"consent": False}, headers=header).status == 201
    assert other.client.get(f"{other.consents()}/{visitor}").json()[0]["consent"] is False


def test_provider(hosting, owner, other):
    """Whoever manages accounts stores and deletes for them."""
    path, visitor = f"{owner.path}/domain/{owner.domains[0]}/consents", ucid()
    answer = hosting.post(path, "Consent", {"consent": True, "ucid": visitor, "embeddings": {"16bd7f0": "Sessions"}})
    assert answer.status == 201 and answer.headers["location"] == f"{path}/{visitor}", answer
    [found] = hosting.get(f"{path}/{visitor[:12]}").value
    assert found["ucid"] == visitor and found["embeddings"] == {"16bd7f0": "Sessions"}
    assert visitor in [one["ucid"] for one in owner.client.get(owner.consents()).json()]
    elsewhere = f"{other.path}/domain/{owner.domains[0]}/consents"
    for answer in (hosting.get(elsewhere), hosting.post(elsewhere, "Consent", {"consent": True, "ucid": visitor}),
                   hosting.get(f"{elsewhere}/{visitor}"), hosting.delete(f"{elsewhere}/{visitor}")):
        assert answer.status == 404, answer
    assert hosting.delete(f"{path}/{visitor}").status == 204
    assert owner.client.get(f"{owner.consents()}/{visitor}").json() == []


def test_audit(client, owner):
    """Who has stored and deleted how many of which domain, not whose they are."""
    visitor = ucid()
    owner.store(ucid=visitor)
    owner.store(ucid=visitor)
    assert owner.client.delete(f"{owner.consents()}/{visitor}").status == 204
    condition = urllib.parse.quote(f'resource = "consent of domain" and key = "{owner.domains[0]}"')
    entries = client.get(f"/v1/audit?sort=id%20desc&take=3&filter={condition}").json()["auditEntries"]
    assert [(one["action"], one["count"]) for one in entries] == [("delete", 2), ("insert", 1), ("insert", 1)], entries
    for one in entries:
        assert (one["actorKind"], one["actor"], one["userId"]) == ("account", f"account {owner.account['username']}", None), one
        assert visitor not in json.dumps(one)


def test_gone_with_the_domain(installation, owner):
    domain = owner.admin.post(f"{owner.path}/domain", {"name": "gone.example.org"}).json()["id"]
    assert owner.client.post(f"{DOMAINS}/{domain}/consents", {"consent": True, "ucid": ucid()}).status == 201
    assert owner.admin.delete(f"{owner.path}/domain/{domain}").status == 204
    assert installation.sql(f"SELECT COUNT(*) FROM hosting_consent WHERE domain_id = '{domain}'") == [["0"]]


def test_retention(private_installation):
    running = private_installation(consent_retention="24h")
    one = Owner(running)
    kept, _ = one.store(), one.store(timestamp=int(time.time()) - 25 * 3600)
    running.cli("expire")
    assert one.client.get(one.consents()).json() == [kept]
