"""Single rows of licensing: the row that its list shows, its members and relations, its entity tag, and who gets it.

Items and lists come from docs/openapi.json: a new one is tried by itself."""

import concurrent.futures
import copy
import re

import pytest

from harness.canary import fill, path_of
from harness.families import LICENSING, MEDIA, unique
from harness.installation import Installation
from harness.licensing import World, find, operations
from harness.owners import SHARED, Owner
from harness.sight import DOCUMENT, READ, Viewers, named, queried_lists, relations, scalars, target

REFUSED = "a member that this credential may read is expected"
# Rows without an item of their own: (list, why).
NO_ITEM = {"/v1/users/{userId}/roles": "the item of /v1/roles tells what the role is",
           "/v1/sessions": "a session of the caller's own is ended, not read"}
# Items that the path names by another member than their key, and where they are tried.
BY_MEMBER = {"/v1/customer/{customerCode}": "test_self_service.py"}
KEYS = {"ProductOrder": "productId", "DelegatePerson": "clientId"}
STALE = 11
MISSING = {"uuid": "00000000-0000-4000-8000-000000000000"}


def parameters(path, method="get"):
    return {one.get("name") for one in DOCUMENT["paths"][path][method]["parameters"]}


def answer_schema(path):
    return named(DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"])


def list_of(path):
    """The list whose rows an item's path leads to: the path without its end."""
    return path.rpartition("/")[0]


ITEMS = [path for path, methods in DOCUMENT["paths"].items() if path.startswith("/v1/") and "get" in methods and
         "select" in parameters(path) and "filter" not in parameters(path) and path not in BY_MEMBER]
ROWS = {route.path: schema for route, _, schema in queried_lists() if route.path.startswith("/v1/")}


class Item:
    """An item of a path, as a list has it."""

    def __init__(self, world, path):
        self.client, self.path = world.client, path
        self.schema = ROWS[list_of(path)]
        self.key = KEYS.get(self.schema["xml"]["name"], "id")
        self.plural = next(name for name, member in answer_schema(list_of(path))["properties"].items() if "items" in member)
        self.list = path_of(world, list_of(path))
        self.row = self.rows("?take=1")[0]
        self.place = f"{self.list}/{self.row[self.key]}"
        self.member = next((name for name, member in answer_schema(path)["properties"].items()
                            if target(member) == self.schema), None)

    def rows(self, query):
        answer = self.client.get(self.list + query)
        assert answer.status == 200 and answer.json()[self.plural], answer
        return answer.json()[self.plural]

    def get(self, query="", **options):
        return self.client.get(self.place + query, **options)

    def value(self, answer):
        assert answer.status == 200, answer
        body = answer.json()
        assert (body["success"], body["code"], body["message"]) == (True, 0, None)
        return body[self.member] if self.member else {name: value for name, value in body.items()
                                                      if name not in ("success", "code", "message")}


@pytest.fixture(scope="module")
def running():
    with Installation() as installation:
        yield installation


@pytest.fixture(scope="module")
def world(running):
    return fill(World(running))


@pytest.fixture(scope="module")
def viewers(running):
    return Viewers(running)


@pytest.fixture(params=ITEMS)
def item(world, request):
    return Item(world, request.param)


def state(answer):
    """What If-Match looks at."""
    return answer.headers["etag"].partition("-")[0]


# --- what there is ---

def test_every_row_of_a_list_is_an_item():
    """Lists below other rows show the rows of a list that has items."""
    shown = {ROWS[list_of(path)]["xml"]["name"] for path in ITEMS}
    assert {path for path, schema in ROWS.items() if schema["xml"]["name"] not in shown} <= set(NO_ITEM)
    assert set(NO_ITEM) <= {path for path in ROWS if not any(list_of(item) == path for item in ITEMS)} and len(ITEMS) >= 28


def test_members_are_called_as_in_bodies():
    """What is read can be sent back: the row stands in the member in which a change has it."""
    for operation in operations():
        if operation.method != "PUT" or not operation.regular:
            continue
        [path] = [path for path in ITEMS if path == operation.path or list_of(path) == operation.path]
        assert operation.member in answer_schema(path)["properties"], path


def test_item_is_the_row_of_its_list(item):
    answer = item.get()
    row = item.value(answer)
    # Members that change by themselves or are large differ; here there are none of them but the caller's own key.
    assert row.keys() >= item.row.keys() and row[item.key] == item.row[item.key]
    assert {name for name in item.row if row[name] != item.row[name]} <= {"lastUsed", "useCount"}
    xml = item.get(accept=MEDIA["xml"])
    assert xml.status == 200 and xml.is_xml
    assert xml.xml().tag.endswith("}" + answer_schema(item.path)["xml"]["name"])
    head = item.client.call("HEAD", item.place)
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", answer.headers["etag"])


def test_only_chosen_members(item):
    name = next(name for name in scalars(item.schema) if name != item.key)
    keys = {item.key} | ({"orderId"} if item.key == "productId" else set())
    assert set(item.value(item.get(f"?select={name}"))) == keys | {name}
    answer = item.get("?select=nonsense")
    assert answer.status == 400 and "select" in answer.json()["errors"], answer


def test_included_relations(item):
    if "include" not in parameters(item.path):
        return
    everything = item.rows("?take=1&include=*")[0]
    included = item.value(item.get("?include=*"))
    assert included.keys() >= everything.keys()
    for name in everything.keys() - item.row.keys():
        assert included[name] == everything[name]
        assert item.value(item.get(f"?select={item.key}&include={name}"))[name] == everything[name]
    answer = item.get("?include=nonsense")
    assert answer.status == 400 and "include" in answer.json()["errors"], answer


def test_what_is_not_there(item):
    kinds = next(one for one in DOCUMENT["paths"][item.path]["get"]["parameters"][::-1] if one.get("in") == "path")["schema"]
    place = f"{item.list}/{MISSING.get(kinds.get('format'), 999999999)}"
    for accept in MEDIA.values():
        assert item.client.get(place, accept=accept).status == 404
    assert item.client.get(f"{item.list}/no-such").status == 400


def test_unknown_parameters_are_refused(item):
    assert item.get("?filter=id=1").status == 400


def test_below_another_row_it_is_not_there(world):
    """A path names a row by all that is in it."""
    for path in (path for path in ITEMS if path.count("{") > 1):
        item = Item(world, path)
        for found in re.finditer(r"/(\d+|[0-9a-f-]{36})(?=/)", item.place):
            nowhere = MISSING["uuid"] if "-" in found[1] else "999999999"
            answer = item.client.get(item.place[:found.start(1)] + nowhere + item.place[found.end(1):])
            assert answer.status == 404, answer


# --- who gets it ---

def test_relations_need_their_area(world, viewers):
    tried = 0
    for path in ITEMS:
        route_area = ROWS[list_of(path)]["x-area"]
        for role in sorted(READ):
            if route_area not in READ[role] or "include" not in parameters(path):
                continue
            for relation, areas, _, _ in relations(ROWS[list_of(path)], depth=1):
                if areas and not set(areas) <= READ[role]:
                    answer = viewers.client(role).get(f"{Item(world, path).place}?include={relation}")
                    assert answer.status == 400 and REFUSED in answer.text, (path, role, relation, answer)
                    tried += 1
    assert tried > 2


def test_customers_get_their_own_rows_alone(world, viewers):
    owners = [Owner(world, {kind: world.get(kind) for kind in SHARED}) for _ in range(2)]
    mine, theirs = owners
    customer = viewers.client("Customer", customerId=mine.rows["customer"])
    places = {"/v1/customers/{}": "customer", "/v1/contacts/{}": "contact", "/v1/orders/{}": "order",
              "/v1/licenses/{}": "license", "/v1/license-tokens/{}": "token"}
    for place, kind in places.items():
        for query in ("", "?include=*", "?select=id"):
            answer = customer.get(place.format(mine.rows[kind]) + query)
            assert answer.status == 200 and theirs.mark not in answer.text, answer
        other, nowhere = (customer.get(place.format(key)) for key in (theirs.rows[kind], 999999999))
        assert other.status == nowhere.status == 404 and other.text == nowhere.text, other
    for owner, status in ((mine, 200), (theirs, 404)):
        assert customer.get(f"/v1/licenses/{owner.rows['license']}/tokens/{owner.rows['token']}").status == status
        assert customer.get(f"/v1/orders/{owner.rows['order']}/products/{owner.products[0]}").status == status


def test_log_entries_of_what_may_be_read(world, viewers):
    """An entry about users is none for those who may not read users, as in the list."""
    world.make("user")
    [entry] = world.client.get("/v1/log?sort=id%20desc&take=1").json()["logEntries"]
    assert world.client.get(f"/v1/log/{entry['id']}").status == 200
    assert viewers.client("Sales").get(f"/v1/log/{entry['id']}").status == 404


# --- entity tags ---

def test_tag_is_of_the_state(item):
    """Whatever is shown, it is the same state; what is shown otherwise is another answer."""
    plain = item.get()
    again = item.get()
    assert plain.headers["etag"] == again.headers["etag"]
    queries = [f"?select={item.key}"] + ["?include=*"] * ("include" in parameters(item.path))
    views = [item.get(query) for query in queries] + [item.get(accept=MEDIA["xml"])]
    assert {state(view) for view in views} == {state(plain)}
    for view, query in zip(views, queries):
        assert (view.headers["etag"] == plain.headers["etag"]) == (view.text == plain.text), query
        same = item.get(query, headers={"If-None-Match": view.headers["etag"]})
        assert (same.status, same.body, same.headers["etag"]) == (304, b"", view.headers["etag"])
    xml = item.get(headers={"If-None-Match": plain.headers["etag"]}, accept=MEDIA["xml"])
    assert xml.status == 200
    assert item.get(headers={"If-None-Match": plain.headers["etag"]}).status == 304
    assert item.get(f"?select={item.key}", headers={"If-None-Match": plain.headers["etag"]}).status == 200


def test_selections_are_told_apart(world):
    """Also where what one leaves out is null in the other."""
    product = world.make("product", description=None)
    one, other = (world.client.get(f"/v1/products/{product}?select={names}") for names in ("name", "name,description"))
    assert state(one) == state(other) and one.headers["etag"] != other.headers["etag"]


CHANGES = [one for one in operations() if one.method == "PUT" and one.regular]
DELETIONS = [one for one in operations() if one.method == "DELETE" and one.regular]


def item_of(operation):
    [path] = [path for path in ITEMS if path == operation.path or list_of(path) == operation.path]
    return path


class Changed:
    """A row that a PUT of the reference changes."""

    def __init__(self, world, operation, media):
        self.world, self.operation, self.media = world, operation, media
        if operation.kind == "orderProduct":
            captures = {"orderId": world.make("order"), "productId": world.make("product")}
            insert = find("POST", operation.path)
            assert world.client.post(world.path(insert, **captures), world.body(insert)).status == 200
            self.key = None
            self.path = self.place = world.path(operation, **captures)
        else:
            self.key = world.make(operation.kind)
            self.path = world.path(operation)
            self.place = f"{self.path}/{self.key}"

    def tag(self, query=""):
        if self.key is None:
            query = query.replace("id", "orderId")
        answer = self.world.client.get(self.place + query)
        assert answer.status == 200, answer
        return answer.headers["etag"]

    def change(self, if_match):
        row = {} if self.key is None else {"id": self.key}
        name = next(name for name in ("description", "notes", "name", "meta", "value")
                    if name in self.operation.request[self.operation.member])
        row[name] = unique("changed")
        body = {self.operation.member: row}
        headers = {"If-Match": if_match} if if_match is not None else {}
        if self.media == "json":
            return self.world.client.put(self.path, body, headers=headers)
        text = LICENSING.encode("xml", self.operation.request_type, body)
        return self.world.client.put(self.path, text, headers=headers, content_type=MEDIA["xml"], accept=MEDIA["xml"])


@pytest.fixture(params=CHANGES, ids=lambda operation: operation.path)
def changed(world, media, request):
    return Changed(world, request.param, media)


def code_of(answer):
    return int(re.search(r"(?i)code\W{1,3}(\d+)", answer.text)[1])


def test_change_of_what_is_known(changed):
    for if_match in (changed.tag(), changed.tag("?select=id"), changed.tag("?include=*"), "*", None,
                     f'"other", {changed.tag()}'):
        if if_match not in ("*", None):
            if_match = re.sub(r'"[0-9a-f]{32}', lambda _: changed.tag().partition("-")[0], if_match)
        answer = changed.change(if_match)
        assert answer.status == 200, (if_match, answer)


def test_stale_change(changed):
    stale = changed.tag()
    assert changed.change(None).status == 200
    current = changed.tag()
    assert stale.partition("-")[0] != current.partition("-")[0]
    for if_match in (stale, '"other"', current[:-3]):
        answer = changed.change(if_match)
        assert (answer.status, code_of(answer)) == (412, STALE), answer
    assert changed.tag() == current


@pytest.mark.parametrize("operation", DELETIONS, ids=lambda operation: operation.path)
def test_stale_deletion(world, media, operation):
    """Of the kinds that the world makes; a deletion without a tag is as ever."""
    if operation.kind == "orderProduct":
        place = Changed(world, find("PUT", operation.path), media).place
    else:
        place = f"{list_of(world.path(operation, **{operation.captures[-1]: 0}))}/{world.make(operation.kind)}"
    accept = MEDIA[media]
    tag = world.client.get(place).headers["etag"]
    answer = world.client.delete(place, headers={"If-Match": '"other"'}, accept=accept)
    assert (answer.status, code_of(answer)) == (412, STALE), answer
    assert world.client.get(place).headers["etag"] == tag
    assert world.client.delete(place, headers={"If-Match": tag}, accept=accept).status == 200
    assert world.client.delete(place, headers={"If-Match": tag}, accept=accept).status == 404


@pytest.mark.parametrize("path, member, name, items", [
    ("/v1/license-templates", "licenseTemplate", "template", {"features": [{"id": "a", "name": "A"}]}),
    ("/v1/licenses", "license", "license", {"fields": [{"name": "a", "value": "b"}]}),
    ("/v1/users", "user", "user", {"settings": [{"name": "a", "value": "b"}]}),
    ("/v1/customers", "customer", "customer", {"contacts": [{"lastName": "Other"}]})])
def test_lists_that_are_written_with_a_row_are_its_state(world, path, member, name, items):
    """Nobody who sends such a list back overwrites what another has put into it meanwhile."""
    key = world.make(name)
    tag = world.client.get(f"{path}/{key}").headers["etag"]
    assert world.client.put(path, {member: {"id": key} | items}).status == 200
    answer = world.client.put(path, {member: {"id": key} | items}, headers={"If-Match": tag})
    assert answer.status == 412, answer


def test_a_contact_of_its_own_is_state_of_its_customer(world):
    customer = world.make("customer")
    tag = world.client.get(f"/v1/customers/{customer}").headers["etag"]
    contact = world.make("contact", customerId=customer)
    body = {"customer": {"id": customer, "contacts": []}}
    assert world.client.put("/v1/customers", body, headers={"If-Match": tag}).status == 412
    assert world.client.get(f"/v1/contacts/{contact}").status == 200


def test_a_row_that_is_sent_back(world):
    """What an item answers is a body: sent back under its tag it changes nothing but the time of the change."""
    for operation in CHANGES:
        changed = Changed(world, operation, "json")
        before = world.client.get(changed.place)
        body = {operation.member: before.json().get(operation.member) or before.json()}
        answer = world.client.put(changed.path, copy.deepcopy(body), headers={"If-Match": before.headers["etag"]})
        assert answer.status == 200, (operation.path, answer)
        after = world.client.get(changed.place).json()[operation.member]
        assert {name for name in after if after[name] != body[operation.member][name]} <= {"updatedAt", "licenseKey", "hash"}


def test_one_of_many_wins(world):
    """Several callers change what they all have seen: one does, the others are told."""
    changed = Changed(world, find("PUT", "/v1/licenses"), "json")
    for _ in range(3):
        tag = changed.tag()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(lambda _: changed.change(tag).status, range(8)))
        assert statuses == [200] + [412] * 7, statuses


def test_writers_without_read_have_no_tag(world, viewers):
    product = world.make("product")
    writer = viewers.client("LicenseManager", permissions=2)
    tag = world.client.get(f"/v1/products/{product}").headers["etag"]
    body = {"product": {"id": product, "description": "unseen"}}
    assert writer.get(f"/v1/products/{product}").status == 403
    assert writer.put("/v1/products", body, headers={"If-Match": tag}).status == 412
    assert writer.put("/v1/products", body).status == 200


def test_queries_of_an_item(world):
    """One for the row, one for each list that is its state, and for a view one more and one for each relation."""
    def cost(path):
        return min(world.client.get(path).queries for _ in range(3))

    product, customer = world.make("product"), world.make("customer")
    plain = cost(f"/v1/products/{product}")
    assert cost("/v1/products?take=1&total=none") == plain
    assert cost(f"/v1/products/{product}?select=name") == plain + 1
    assert cost(f"/v1/customers/{customer}") == plain + 1  # its contacts
    assert cost(f"/v1/licenses/{world.get('license')}") == plain + 5
