"""Who may call what of licensing: the printed table of roles against every operation, and a customer's view.

test_licensing_rules.py says the same of single roles with a table of its own; here the program's table, the
OpenAPI document and the behaviour must agree, for keys with fewer permissions and for several roles too.
"""

import itertools
import json
import re
import urllib.parse

import pytest

from harness.families import LICENSING, Api
from harness.installation import TOP
from harness.licensing import World, find, operations
from harness.owners import OWN

WORDS = {"GET": "read", "PUT": "update", "DELETE": "delete", "POST": "create"}
BITS = {"read": 1, "update": 2, "delete": 4, "create": 8}
each_operation = pytest.mark.parametrize("operation", operations(), ids=lambda one: one.name)
NOBODY = 999999999
TABLES = {"customers": "customer", "contacts": "contact", "orders": "customer_order", "licenses": "license"}


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


@pytest.fixture(scope="module")
def table(installation):
    """Role, area, permissions: as the command line prints them."""
    return {role["name"]: role["permissions"] for role in json.loads(installation.cli("roles", "--json"))}


@pytest.fixture(scope="module")
def areas():
    """The area of each operation and the roles that the document names for it."""
    paths = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
    found = {}
    for operation in operations():
        text = paths[operation.path][operation.method.lower()]["description"]
        word, area, roles = re.search(r"[Nn]eeds (\w+) on (\w+), granted by the roles: ([\w, ]+)\.", text).groups()
        assert word == WORDS[operation.method], operation.name
        found[operation.name] = area, roles.split(", ")
    return found


@pytest.fixture(scope="module")
def key(world):
    """Makes a key for a user with some roles; each kind of it once."""
    made = {}

    def make(*roles, permissions=15, customer=None):
        wanted = roles, permissions, customer
        if wanted not in made:
            owner = world.make("user", roles=list(roles), customerId=customer)
            answer = world.client.post("/v1/api-keys", {
                "apiKey": {"name": "role", "ownerId": owner, "permissions": permissions}})
            assert answer.status == 200, answer
            made[wanted] = answer.json()["apiKey"]
        return made[wanted]

    return make


def call(world, operation, secret, **options):
    """A call that changes nothing, whoever makes it: there is no row 0 and no body."""
    path = re.sub(r"{\w+}", "0", operation.path)
    return world.client.call(operation.method, path, key=secret, **options)


def refused(answer, operation):
    if answer.status == 403:
        assert answer.json()["code"] == 5 and answer.json()["success"] is False, answer
    assert answer.status != 401, (operation.name, answer)
    return answer.status == 403


@each_operation
def test_document_agrees_with_the_table(areas, table, operation):
    area, roles = areas[operation.name]
    assert set(roles) == {role for role in table if WORDS[operation.method] in table[role][area]}


@each_operation
def test_several_roles_add_up(world, areas, table, key, operation):
    area, word = areas[operation.name][0], WORDS[operation.method]
    for pair in itertools.combinations([role for role in table if role not in ("Administrator", "Customer")], 2):
        allowed = any(word in table[role][area] for role in pair)
        assert refused(call(world, operation, key(*pair)), operation) == (not allowed), pair
    assert refused(call(world, operation, key()), operation)  # no role at all


@each_operation
def test_permissions_of_a_key(world, areas, table, key, operation):
    """What a key may do is what its user's roles and its own permissions allow, whichever of the 16 it has."""
    area, word = areas[operation.name][0], WORDS[operation.method]
    for role in ("Administrator", "Sales"):
        for permissions in range(16):
            allowed = word in table[role][area] and permissions & BITS[word]
            answer = call(world, operation, key(role, permissions=permissions))
            assert refused(answer, operation) == (not allowed), (role, permissions)


@each_operation
def test_spelling_changes_nothing(world, areas, table, key, operation):
    """Neither letters, slashes, nor another method's name let anybody in."""
    path = re.sub(r"{\w+}", "0", operation.path)
    secret = key("HostingManager")
    for spelling in (path.upper(), path + "/", path.replace("e", "%65"), path + "?filter=&x-api-key=1"):
        answer = world.client.call(operation.method, spelling, key=secret)
        assert answer.status == 403, (spelling, answer)
    if operation.method == "GET":
        assert world.client.head(path, key=secret).status == 403
        assert world.client.head(path).status in (200, 400, 404)
    override = {"X-HTTP-Method-Override": "GET", "X-Forwarded-User": "admin", "X-Original-URL": "/healthz"}
    assert world.client.call(operation.method, path, key=secret, headers=override).status == 403


@each_operation
def test_unauthenticated(world, media, operation):
    """401 comes before anything else: bodies, rows and parameters are not looked at."""
    path = re.sub(r"{\w+}", "0", operation.path)
    licensing = Api(world.installation.client(), LICENSING, media)
    answer = licensing.call(operation.method, path)
    assert answer.status == 401 and answer.headers["www-authenticate"], answer
    assert answer.value["success"] in (False, "false") and int(answer.value["code"]) == 4
    answer = licensing.call(operation.method, path + "?nonsense=1&take=x")
    assert answer.status == 401, answer


# --- a customer's view ---

@pytest.fixture(scope="module")
def view(world, key):
    """A customer's key, the customer, and another one; both have orders, licenses and contacts."""
    own, other = world.make("customer"), world.make("customer")
    orders = {}
    for customer in (own, other):
        for number in range(3):
            orders[customer] = world.make("order", customerId=customer)
            world.make("license", customerId=customer, orderId=orders[customer])
            world.make("contact", customerId=customer, lastName=f"contact {number}")
        operation = find("POST", "/v1/orders/{orderId}/products/{productId}")
        captures = {"orderId": orders[customer], "productId": world.get("product")}
        assert world.client.post(world.path(operation, **captures), world.body(operation)).status == 200
    return {"key": key("Customer", customer=own), "own": own, "other": other, "orders": orders}


def test_customer_does_own_things_only(world, view, areas):
    for operation in operations():
        allowed = operation.name in OWN
        assert refused(call(world, operation, view["key"]), operation) == (not allowed), operation.name


def test_customer_key_without_read(world, view):
    owner = world.client.get("/v1/api-keys?take=1000&sort=id+desc").json()["apiKeys"]
    owner = next(row["ownerId"] for row in owner if view["key"].startswith(row["key"].rstrip("…")))
    answer = world.client.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": owner, "permissions": 14}})
    for plural in TABLES:
        assert world.client.get(f"/v1/{plural}", key=answer.json()["apiKey"]).status == 403


QUERIES = ["", "take=1", "take=0", "total=exact&take=1", "total=estimate&take=1", "total=none", "include=*",
           "sort=id+desc&take=2", "skip=1&take=1", "select=id", "filter=id%3E0", "filter=id%3E0&total=estimate&take=1",
           "filter=id%3E0+or+id%3C1&take=1", "filter=not(id=0)", "select=id&include=*"]


@pytest.mark.parametrize("plural", TABLES)
@pytest.mark.parametrize("query", QUERIES)
def test_customer_sees_own_rows(world, view, plural, query):
    answer = world.client.get(f"/v1/{plural}?{query}", key=view["key"])
    assert answer.status == 200, answer
    column = "id" if plural == "customers" else "customer_id"
    own = {int(row[0]) for row in world.installation.sql(
        f"SELECT id FROM {TABLES[plural]} WHERE {column} = {view['own']}")}
    body = answer.json()
    assert {row["id"] for row in body[plural]} <= own
    total = body[f"total{plural.title()}Count"]
    if "none" in query:
        assert total is None
    elif "estimate" not in query:
        assert total == len(own)
    if "take" not in query:
        assert len(body[plural]) == len(own)


@pytest.mark.parametrize("plural", TABLES)
def test_customer_pages_through_own_rows(world, view, plural):
    rows, query = [], "take=1"
    while query:
        body = world.client.get(f"/v1/{plural}?{query}", key=view["key"]).json()
        rows += [row["id"] for row in body[plural]]
        query = urllib.parse.urlencode({"take": 1, "after": body["nextCursor"]}) if body.get("nextCursor") else None
    assert len(rows) == len(set(rows)) == body[f"total{plural.title()}Count"]
    # Somebody else's cursor leads to own rows only.
    everybody = world.client.get(f"/v1/{plural}?take=1").json()
    query = urllib.parse.urlencode({"after": everybody["nextCursor"]})
    answer = world.client.get(f"/v1/{plural}?{query}", key=view["key"])
    assert answer.status == 200 and {row["id"] for row in answer.json()[plural]} <= set(rows), answer


@pytest.mark.parametrize("path, plural", [
    ("/v1/customers/{customer}/contacts", "contacts"), ("/v1/customers/{customer}/orders", "orders"),
    ("/v1/customers/{customer}/licenses", "licenses"), ("/v1/orders/{order}/licenses", "licenses"),
    ("/v1/orders/{order}/products", "orderProducts")])
def test_customer_below_others(world, view, path, plural):
    """Rows below somebody else's are as if they were not there; below the own ones they are."""
    def get(customer):
        target = path.format(customer=customer, order=view["orders"][customer])
        return world.client.get(f"{target}?include=*", key=view["key"])

    mine = get(view["own"])
    assert mine.status == 200 and mine.json()[plural], mine
    others = get(view["other"])
    nobody = world.client.get(path.format(customer=NOBODY, order=NOBODY), key=view["key"])
    assert (others.status, nobody.status) == (404, 404), (others, nobody)


def test_customer_cannot_ask_about_others(world, view):
    """Neither conditions nor orders reach rows that are not shown."""
    for query in ('filter=template.name!=null', 'filter=customer.email="x"', "sort=order.customer.code",
                  'filter=not(signatureKeys.password="x")'):
        answer = world.client.get("/v1/licenses?" + query.replace('"', "%22").replace("!", "%21"), key=view["key"])
        assert answer.status == 400, (query, answer)


def test_customer_of_two_roles(world, view, key):
    """Another role's permission shows all rows."""
    secret = key("Customer", "Sales", customer=view["own"])
    for plural in TABLES:
        body = world.client.get(f"/v1/{plural}?take=1", key=secret).json()
        everybody = world.client.get(f"/v1/{plural}?take=1").json()
        assert body[f"total{plural.title()}Count"] == everybody[f"total{plural.title()}Count"]
