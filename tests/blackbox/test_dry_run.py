"""What would come of a change: the same judgement and the same answer, and nothing of it stays or is told to anybody.

Operations come from docs/openapi.json: a new one with the parameter is tried by itself where the world makes its rows."""

import json

import pytest

from harness.families import LICENSING, MEDIA, Api, unique
from harness.installation import TOP, Installation
from harness.licensing import World, find, operations
from harness.sight import Viewers

PATHS = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
TRIED = {(method.upper(), path) for path, methods in PATHS.items() for method, operation in methods.items()
         if any(one.get("name") == "dryRun" for one in operation.get("parameters", ()))}
SAMPLES = [one for one in operations() if (one.method, one.path) in TRIED]
SAID = "This was a dry run: nothing was stored."
# What is written however little is asked: when keys were used.
NOT_COMPARED = {"api_key"}


@pytest.fixture(scope="module")
def running():
    with Installation() as installation:
        yield installation


@pytest.fixture(scope="module")
def world(running):
    world = World(running)
    hook = {"url": "https://example.org/", "events": ["*"]}
    assert world.client.post("/v1/webhooks", {"webhook": hook}).status == 200
    return world


class Stored:
    """All that the database holds, to be compared."""

    def __init__(self, installation):
        self.installation = installation
        self.tables = [name for [name] in installation.sql("SHOW TABLES") if name not in NOT_COMPARED]
        self.before = self.look()

    def look(self):
        names = ", ".join(f"`{name}`" for name in self.tables)
        keys = "SELECT 'keys', SHA2(GROUP_CONCAT(id, name, revoked, permissions ORDER BY id), 256) FROM api_key"
        return {name: checksum for name, checksum in self.installation.sql(f"CHECKSUM TABLE {names}; {keys}")}

    def check(self):
        after = self.look()
        assert {name for name in after if after[name] != self.before[name]} == set()


@pytest.fixture
def stored(running):
    return Stored(running)


def members(value):
    """Names and types of an answer, without what differs from one row to the next."""
    if isinstance(value, dict):
        return {name: members(inner) for name, inner in value.items() if name != "message"}
    return [members(inner) for inner in value] if isinstance(value, list) else type(value)


def prepare(world, sample):
    """Path and body of a change that can be made."""
    if sample.kind == "orderProduct":
        captures = {"orderId": world.make("order"), "productId": world.make("product")}
        insert = find("POST", sample.path)
        if sample.method == "PUT":
            assert world.client.post(world.path(insert, **captures), world.body(insert)).status == 200
        return world.path(sample, **captures), world.body(sample)
    if sample.method == "POST":
        return world.path(sample), world.body(sample)
    key = world.make(sample.kind)
    body = world.body(sample, key)
    for name in ("currentPassword", "newPassword"):
        body.pop(name, None)
    return world.path(sample), body


def test_all_regular_changes_can_be_tried():
    changes = {(method.upper(), path) for path, methods in PATHS.items() if path.startswith("/v1/") for method in methods
               if method in ("post", "put") and (path.endswith("/bulk") or method == "put" and path != "/v1/settings")
               and not path.startswith("/v1/session/")}
    assert changes <= TRIED
    assert {(one.method, one.path) for one in operations() if one.regular and one.method in ("POST", "PUT")} <= TRIED


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_answer_is_the_real_one(world, running, sample):
    path, body = prepare(world, sample)
    stored = Stored(running)
    tried = world.client.call(sample.method, path + "?dryRun=true", body)
    assert tried.status == 200 and tried.json()["message"] == SAID, tried
    stored.check()
    real = world.client.call(sample.method, path + "?dryRun=false", body)
    assert real.status == 200 and real.json()["message"] is None, real
    assert stored.look() != stored.before
    assert members(tried.json()) == members(real.json())


def test_rows_that_would_be_refused(world, media):
    """By rules, by the database, by one another: each as it is in the end, and the others as stored."""
    code, api = unique("code"), Api(world.client, LICENSING, media)
    taken = world.client.get(f"/v1/products/{world.get('product')}?select=code").json()["product"]["code"]
    rows = [{"name": unique("dry"), "code": code}, {"name": unique("dry"), "code": taken}, {"code": unique("c")},
            {"name": unique("dry"), "signingKeyId": 999999999}, {"name": unique("dry"), "code": code}, {"name": "x" * 256}]
    stored = Stored(world.installation)
    for query in ("mode=each", "mode=all", "mode=each&return=full"):
        tried = api.post(f"/v1/products/bulk?{query}&dryRun=true", "Product", rows)
        stored.check()
        assert world.client.get(f"/v1/products?filter=code=%22{code}%22").json()["products"] == []
        if "each" in query:
            assert tried.status == 207 and [int(one["status"]) for one in tried.value["results"]] == [
                201, 409, 400, 400, 409, 400], tried
            assert (int(tried.value["rowsStored"]), int(tried.value["rowsFailed"])) == (1, 5)
            assert tried.value["message"] == SAID
        else:
            assert tried.status == 400 and len(api.faults(tried)) == 5, tried
    real = api.post("/v1/products/bulk?mode=each&return=full", "Product", rows)
    assert real.status == 207 and [one["status"] for one in real.value["results"]] == [
        one["status"] for one in tried.value["results"]]
    assert len(world.client.get(f"/v1/products?filter=code=%22{code}%22").json()["products"]) == 1


@pytest.mark.parametrize("path, rows", [
    ("/v1/customers/bulk", [{"lastName": "A"}, {"company": "B", "contacts": [{"lastName": "C"}]}]),
    ("/v1/licenses/bulk", [{"licenseType": "A", "features": [{"id": "a", "name": "A"}]}] * 120)])
def test_bulks_that_would_be_stored(world, stored, path, rows):
    tried = world.client.post(path + "?dryRun=true", rows)
    assert tried.status == 201 and tried.json()["rowsStored"] == len(rows), tried
    stored.check()
    real = world.client.post(path, rows)
    assert real.status == 201 and members(real.json()) == members(tried.json())


def test_refusals_are_the_real_ones(world):
    product = world.get("product")
    code = world.client.get(f"/v1/products/{product}").json()["product"]["code"]
    stored = Stored(world.installation)
    for method, path, body, status in (
            ("POST", "/v1/products", {"product": {"name": "x", "code": code}}, 409),
            ("POST", "/v1/products", {"product": {}}, 400),
            ("POST", "/v1/licenses", {"license": {"customerId": 999999999}}, 400),
            ("PUT", "/v1/products", {"product": {"id": 999999999, "name": "x"}}, 404),
            ("PUT", "/v1/users", {"user": {"id": world.installation.admin_id, "roles": []}}, 409)):
        tried, real = (world.client.call(method, path + query, body) for query in ("?dryRun=true", ""))
        assert tried.status == real.status == status, (tried, real)
        assert tried.text == real.text
    stored.check()


def test_stale_changes_are_refused(world):
    product = world.make("product")
    place, body = f"/v1/products/{product}", {"product": {"id": product, "name": "tried"}}
    tag = world.client.get(place).headers["etag"]
    assert world.client.put("/v1/products?dryRun=true", body, headers={"If-Match": '"other"'}).status == 412
    assert world.client.put("/v1/products?dryRun=true", body, headers={"If-Match": tag}).status == 200
    assert world.client.get(place).headers["etag"] == tag


def test_the_key_of_a_repetition_is_kept(world):
    for path, body in (("/v1/products", {"product": {"name": unique("dry")}}), ("/v1/products/bulk", [{"name": unique("dry")}])):
        key = {"Idempotency-Key": unique("again")}
        for _ in range(2):
            tried = world.client.post(path + "?dryRun=true", body, headers=key)
            assert tried.json()["message"] == SAID and "idempotency-replayed" not in tried.headers
        real = world.client.post(path, body, headers=key)
        assert real.status in (200, 201) and "idempotency-replayed" not in real.headers, real
        assert world.client.post(path, body, headers=key).headers["idempotency-replayed"] == "true"


def test_nothing_is_revoked(world, running):
    """What a change revokes at once stays as it is, in all workers."""
    viewers = Viewers(running)
    client = viewers.client("LicenseManager")
    [[key]] = running.sql("SELECT MAX(id) FROM api_key")
    body = {"apiKey": {"id": int(key), "revoked": True}}
    assert client.get("/v1/products?take=1").status == 200
    assert world.client.put("/v1/api-keys?dryRun=true", body).status == 200
    for _ in range(8):
        assert client.get("/v1/products?take=1").status == 200
    assert world.client.put("/v1/api-keys", body).status == 200
    assert client.get("/v1/products?take=1").status == 401


@pytest.mark.parametrize("query", ["dryRun=maybe", "dryRun=", "dryRun=true&dryRun=true"])
def test_words_of_the_parameter(world, query, media):
    answer = Api(world.client, LICENSING, media).post(f"/v1/products?{query}", "InsertProductRequest", {"product": {"name": "x"}})
    assert answer.status == 400 and "dryRun" in answer.text, answer


def test_who_may_not_change_may_not_try(running):
    client = Viewers(running).client("LicenseManager", permissions=1)
    for path, body in (("/v1/products?dryRun=true", {"product": {"name": "x"}}), ("/v1/products/bulk?dryRun=true", [{"name": "x"}])):
        assert client.post(path, body).status == 403


def test_other_operations_do_not_take_it(world):
    """None stores what was meant to be tried."""
    for method, path in (("POST", "/v1/email/send"), ("DELETE", "/v1/products/1"), ("POST", "/v1/licenses/1/revoke")):
        answer = world.client.call(method, path + "?dryRun=true", accept=MEDIA["json"])
        assert answer.status == 400 and "dryRun" in answer.json()["errors"], answer
