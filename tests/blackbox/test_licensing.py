"""Every regular licensing operation of the reference, driven by its samples: in JSON and in XML."""

import urllib.parse

import pytest

from harness.licensing import PASSWORD, World, compare, find, operations, relations, without
from harness.lists import LOOKED_AT

REGULAR = [one for one in operations() if one.regular]


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


def cases(method):
    return pytest.mark.parametrize(
        "operation", [one for one in REGULAR if one.method == method], ids=lambda one: one.path)


def prepared(world, operation):
    """Captures and filter with which a list shows one whole row."""
    kind, captures = operation.kind, {}
    if kind == "orderProduct":
        captures = place_product(world)
        return captures, f"productId={captures['productId']} and orderId={captures['orderId']}"
    if kind == "role":
        return captures, "name=\"Sales\""
    if kind in ("report", "trace"):
        return captures, f"id={world.make(kind)}"
    if kind == "license" and operation.captures:
        return captures, f"id={world.make(kind)}"
    if kind == "template":
        product = world.make("product")
        release = make_release(world, product)
        key = world.make("template", productId=product, releaseId=release)
        return {"productId": product, "releaseId": release}, f"id={key}"
    if kind in ("release", "releaseAssembly"):
        return captures, f"id={world.get(kind)}"
    if kind == "product":
        placed = place_product(world)
        return captures, f"id={placed['productId']}"
    if kind == "user":
        key = world.make("user")
        world.make("apiKey", ownerId=key)
        return captures, f"id=\"{key}\""
    key = world.make(kind)
    return captures, f"id={key}"


def make_release(world, product):
    operation = find("POST", "/v1/products/{productId}/releases")
    answer = world.client.post(world.path(operation, productId=product), world.body(operation))
    assert answer.status == 200, answer
    return answer.json()["releaseId"]


def place_product(world):
    """A new product on an order."""
    operation = find("POST", "/v1/orders/{orderId}/products/{productId}")
    captures = {"orderId": world.get("order"), "productId": world.make("product")}
    answer = world.client.post(world.path(operation, **captures), world.body(operation))
    assert answer.status == 200, answer
    return captures


@cases("GET")
def test_list(licensing, world, operation):
    captures, condition = prepared(world, operation)
    path = world.path(operation, **captures)
    sample = operation.response[operation.plural][0]
    include = relations(sample)
    query = urllib.parse.urlencode({"filter": condition, "include": ",".join(include)})
    answer = licensing.get(f"{path}?{query}")
    assert answer.status == 200, answer
    compare(answer.value, operation.response, licensing.is_xml)
    assert len(answer.value[operation.plural]) == 1
    assert int(answer.value[next(name for name in answer.value if name.startswith("total"))]) == 1
    if licensing.is_xml:
        assert answer.xml().tag.endswith("}" + operation.response_type)


@cases("GET")
def test_list_one_level(licensing, world, operation):
    captures, condition = prepared(world, operation)
    query = urllib.parse.urlencode({"filter": condition, "include": "*"})
    answer = licensing.get(f"{world.path(operation, **captures)}?{query}")
    assert answer.status == 200, answer
    compare(answer.value[operation.plural][0], without(operation.response[operation.plural][0], 1),
            licensing.is_xml)


@cases("GET")
def test_list_costs(world, operation):
    """One query for the page and one for each relation, whatever the number of rows."""
    captures, _ = prepared(world, operation)
    path = world.path(operation, **captures)
    least = 1 + (operation.path in LOOKED_AT)
    assert world.client.get(f"{path}?take=50&total=none").queries == least
    related = sum("." not in one for one in relations(operation.response[operation.plural][0]))
    assert world.client.get(f"{path}?take=50&total=none&include=*").queries <= least + related


def sorted_members(element):
    names = [child.tag for child in element]
    assert names == sorted(names) or len(set(names)) == 1, names
    for child in element:
        if not child.tag.endswith("string"):
            sorted_members(child)


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/licenses", "/v1/users"])
def test_xml_is_sorted(world, client, path):
    world.get("license")
    answer = client.get(f"{path}?include=*", accept="application/xml")
    sorted_members(answer.xml())


@cases("POST")
def test_insert(licensing, world, operation):
    captures = {}
    if operation.kind == "orderProduct":
        captures["productId"] = world.make("product")
    body = world.body(operation)
    answer = licensing.post(world.path(operation, **captures), operation.request_type, body)
    assert answer.status == 200, answer
    compare(answer.value, operation.response, licensing.is_xml)
    if licensing.is_xml:
        assert answer.xml().tag.endswith("}" + operation.response_type)


# Members that a body cannot set, and those whose answer is not what was sent.
SERVER_SET = {"id", "createdAt", "updatedAt", "createdDate", "key", "clientSecret", "password",
              "productId", "orderId", "userId", "licenseId"}


@pytest.mark.parametrize("operation", [
    one for one in REGULAR if one.method == "POST" and "/{" not in one.path], ids=lambda one: one.path)
def test_stored(licensing, world, operation):
    """Every member of the sample comes back as it was sent."""
    body = world.body(operation)
    answer = licensing.post(operation.path, operation.request_type, body)
    key = answer.value[next(iter(name for name in answer.value if name.endswith("Id") and
                                 name[:-2].lower() in operation.kind.lower()))]
    condition = f'id="{key}"' if operation.kind == "user" else f"id={key}"
    query = urllib.parse.urlencode({"filter": condition, "include": "*"})
    row = licensing.get(f"{operation.path}?{query}").value[find("GET", operation.path).plural][0]
    sent = body[operation.member]
    for name, value in sent.items():
        if name in SERVER_SET and not (name == "licenseId" and operation.kind == "license"):
            continue
        if isinstance(value, (dict, list)) and not is_written(operation, name):
            continue
        same(row[name], value, licensing, name)


def is_written(operation, name):
    """Parts and owned lists; other rows in a body are not looked at."""
    owned = {"user": ("roles", "settings"), "customer": ("contacts",),
             "license": ("product", "licensee", "components", "assemblies", "fields", "features",
                         "restrictions"),
             "template": ("product", "components", "assemblies", "fields", "features", "restrictions")}
    return name in owned.get(operation.kind, ())


def same(actual, sent, licensing, where):
    if isinstance(sent, dict):
        for name, value in sent.items():
            if not (name in ("id", "customerId", "userId") and not isinstance(value, str)) and name != "userId":
                same(actual[name], value, licensing, f"{where}.{name}")
    elif isinstance(sent, list):
        assert len(actual) == len(sent), where
        for number, value in enumerate(sent):
            same(actual[number], value, licensing, f"{where}[{number}]")
    elif licensing.is_xml:
        assert actual == (str(sent).lower() if isinstance(sent, bool) else str(sent)), where
    else:
        assert actual == sent, where


@cases("PUT")
def test_update(licensing, world, operation):
    captures = {}
    if operation.kind == "orderProduct":
        captures, key = place_product(world), None
    else:
        key = world.make(operation.kind)
    body = world.body(operation, key)
    if operation.kind == "user":
        body.update(currentPassword=PASSWORD, newPassword="another " + PASSWORD)
    answer = licensing.put(world.path(operation, **captures), operation.request_type, body)
    assert answer.status == 200, answer
    compare(answer.value, operation.response, licensing.is_xml)


@cases("PUT")
def test_update_merges(licensing, world, operation):
    """What is absent stays as it was."""
    captures, key = (place_product(world), None) if operation.kind == "orderProduct" \
        else ({}, world.make(operation.kind))
    path = world.path(operation, **captures)
    body = {operation.member: {} if key is None else {"id": key}}
    lists = next(one for one in REGULAR if one.method == "GET" and one.kind == operation.kind and
                 one.path == operation.path.replace("/{productId}", "" if captures else "/{productId}"))
    condition = f"productId={captures['productId']}" if captures else f'id="{key}"' \
        if operation.kind == "user" else f"id={key}"
    query = urllib.parse.urlencode({"filter": condition, "include": "*"})
    before = licensing.get(f"{world.path(lists, **captures)}?{query}").value[lists.plural][0]
    answer = licensing.put(path, operation.request_type, body)
    assert answer.status == 200, answer
    after = licensing.get(f"{world.path(lists, **captures)}?{query}").value[lists.plural][0]
    assert after == before


@cases("DELETE")
def test_delete(licensing, world, operation):
    captures = {}
    if operation.kind == "orderProduct":
        captures = place_product(world)
    elif operation.kind == "license":
        captures = {"licenseId": world.make("license")}
    else:
        captures = {operation.captures[-1]: world.make(operation.kind)}
    path = world.path(operation, **captures)
    answer = licensing.delete(path)
    assert answer.status == 200, answer
    compare(answer.value, operation.response, licensing.is_xml)
    again = licensing.delete(path)
    assert again.status == 404, again
    assert again.value["success"] in (False, "false") and int(again.value["code"]) == 8
