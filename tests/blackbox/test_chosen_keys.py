"""Rows that come from elsewhere keep the keys that other programs know: for administrators, where the option says so."""

import json
import uuid

import pytest

from harness.families import unique
from harness.installation import Installation

# Of each kind of rows: where it is added, the member of the body that holds it, the key, where the key stands in the answer, and a row.
KINDS = {
    "customer": ("/v1/customers", "customer", "id", ("customerId",), lambda _: {"company": "x"}),
    "contact": ("/v1/contacts", "contact", "id", ("contactId",), lambda world: {"customerId": world.customer, "firstName": "x"}),
    "order": ("/v1/orders", "order", "id", ("orderId",), lambda _: {}),
    "product": ("/v1/products", "product", "id", ("productId",), lambda _: {"name": "x"}),
    "license": ("/v1/licenses", "license", "id", ("licenseId",), lambda _: {}),
    "template": ("/v1/license-templates", "licenseTemplate", "id", ("templateId",), lambda _: {"name": unique("t")}),
    "resource": ("/v1/resources", "resource", "id", ("resourceId",), lambda _: {"name": unique("r")}),
    "assembly": ("/v1/assemblies", "assembly", "id", ("assemblyId",), lambda _: {"name": unique("a")}),
    "key": ("/v1/api-keys", "apiKey", "id", ("apiKeyId",), lambda _: {"name": "x"}),
    "user": ("/v1/users", "user", "id", ("userId",), lambda _: {"userName": unique("u")}),
    "client": ("/api/v1/admin/clients", None, "ID", ("ResponseData", "Detail", "ID"),
               lambda world: {"Name": unique("c"), "Secret": "s" * 12, "UserID": world.running.admin_id}),
    "delegate group": ("/api/delegategroups", None, "id", ("id",), lambda _: {"name": "x"}),
    "account": ("/hosting/api/client", None, "id", ("id",),
                lambda _: {"username": unique("u"), "password": "correct horse", "emailAddress": "a@example.org"}),
}
TEXT = {"user": lambda number: str(uuid.UUID(int=number)), "client": lambda number: str(uuid.UUID(int=number)),
        "account": lambda number: f"{number:07x}"}
WRONG = {"user": ["x", 5], "client": ["x"], "account": ["abcdefg", "ABCDEF0", "123456", "12345678"]}


class World:
    def __init__(self, running):
        self.running = running
        self.client = running.client(running.admin_key)
        self.customer = self.client.post("/v1/customers", {"customer": {"company": "y"}}).json()["customerId"]
        self.numbers = iter(range(70001, 10 ** 6, 50))  # what the server counts on goes behind

    def key(self, kind):
        return TEXT.get(kind, int)(next(self.numbers))

    def add(self, kind, chosen, client=None, **more):
        path, member, name, _, make = KINDS[kind]
        row = make(self) | {name: chosen} | more
        return (client or self.client).post(path, {member: row} if member else row)


def key_of(kind, answer):
    value = answer.json()
    for name in KINDS[kind][3]:
        value = value[name]
    return value


@pytest.fixture(scope="module")
def world():
    with Installation(chosen_keys="yes") as running:
        yield World(running)


@pytest.fixture(scope="module")
def usual(installation):
    return World(installation)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_kept(world, usual, kind):
    key = world.key(kind)
    answer = world.add(kind, key)
    assert answer.status in (200, 201) and key_of(kind, answer) == key, answer
    # One key, one row.
    again = world.add(kind, key)
    assert again.status == 409 and KINDS[kind][2] in again.text, again
    # The next one without goes on behind it, or is drawn.
    for nothing in (None, "", 0 if kind not in TEXT else None):
        made = world.add(kind, nothing)
        assert made.status in (200, 201) and key_of(kind, made) not in (None, "", 0, key), made
    # Nobody else's is chosen, and nobody else chooses.
    ignored = usual.add(kind, key)
    assert ignored.status in (200, 201) and key_of(kind, ignored) != key, ignored


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_key_is_refused(world, kind):
    for wrong in WRONG.get(kind, [-1, "x", 2 ** 31]):
        answer = world.add(kind, wrong)
        assert answer.status == 400 and KINDS[kind][2] in answer.text, (wrong, answer)


def test_only_administrators_choose(world):
    """Roles that may add the row, but no others' keys."""
    name = unique("clerk")
    user = world.client.post("/v1/users", {"user": {"userName": name, "roles": ["Sales", "LicenseManager"]}}).json()["userId"]
    key = world.client.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": user}}).json()["apiKey"]
    clerk = world.running.client(key)
    for kind in ("customer", "license", "order"):
        chosen = world.key(kind)
        answer = world.add(kind, chosen, clerk)
        assert answer.status == 200 and key_of(kind, answer) != chosen, answer


@pytest.mark.parametrize("kind, name, path", [("key", "key", "/v1/roles"), ("account", "apiKey", None)])
def test_api_keys_go_on(world, usual, kind, name, path):
    """A key that programs have is theirs as before; it is shown once, and stored as a hash."""
    text = f"old-program's.key/{uuid.uuid4().hex}"
    answer = world.add(kind, world.key(kind), **{name: text})
    assert answer.status in (200, 201) and answer.json()["apiKey"] == text, answer
    if path:
        assert world.running.client(text).get(path).status == 200
    else:
        found = world.client.get(f"/hosting/api/client/by-apiKey/{text.replace('/', '%2F')}")
        assert found.status == 200 and found.json()["id"] == answer.json()["id"], found
    twice = world.add(kind, world.key(kind), **{name: text})
    assert twice.status == 409, twice
    for wrong in ("short", "k" * 15, "k" * 64, "with a blank in it 123", "größer als ascii 123"):
        refused = world.add(kind, world.key(kind), **{name: wrong})
        assert refused.status == 400 and name in refused.text, refused
    drawn = usual.add(kind, usual.key(kind), **{name: text})
    assert drawn.json()["apiKey"] != text


def test_rows_that_were_read_have_no_key_to_choose(world):
    """The beginning of a key, as lists show it, is none."""
    made = world.add("key", world.key("key")).json()
    [row] = world.client.get(f"/v1/api-keys?filter=id={made['apiKeyId']}").json()["apiKeys"]
    assert row["key"].endswith("…")
    copied = world.client.post("/v1/api-keys", {"apiKey": row | {"id": 0, "clientSecret": None}})
    assert copied.status == 200 and copied.json()["apiKey"] != made["apiKey"], copied


def test_short_keys_show_little(world):
    answer = world.add("key", world.key("key"), key="abcdefghijklmnop")
    assert answer.status == 200, answer
    [row] = world.client.get(f"/v1/api-keys?filter=id={answer.json()['apiKeyId']}").json()["apiKeys"]
    assert row["key"] == "abcde…"


def test_bulk_keeps_keys(world):
    keys = [world.key("product") for _ in range(3)]
    answer = world.client.post("/v1/products/bulk", [{"id": key, "name": "x"} for key in keys])
    assert answer.status == 201, answer
    assert {row["id"] for row in world.client.get(f"/v1/products?filter=id in ({','.join(map(str, keys))})".replace(" ", "%20")).json()["products"]} == set(keys)


def test_xml_too(world):
    """The sample of the original has the identifier of an API client, which is filled in by the server otherwise."""
    key = world.key("client")
    body = (f'<ClientRequest xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><ID>{key}</ID>'
            f"<Name>{unique('c')}</Name><Secret>a secret of it</Secret><UserID>{world.running.admin_id}</UserID></ClientRequest>")
    answer = world.client.post("/api/v1/admin/clients", body, content_type="application/xml")
    assert answer.status == 200 and json.loads(answer.text)["ResponseData"]["Detail"]["ID"] == key, answer
