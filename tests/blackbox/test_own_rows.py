"""Who is let in for own rows only has no others, however they are asked for: lists, pages, totals, includes, rows below
other rows, and formats of rows alone. The routes come from tests/golden/access.txt: a new one is tried by itself."""

import csv
import io
import json
import re

import pytest

from harness.access import ROUTES, name
from harness.licensing import World, find
from harness.lists import identity, total_name
from harness.owners import OWN, SHARED, Owner
from harness.sight import Viewers

OWNED = [route for route in ROUTES if "Customer" in route.own_roles]
FILE = "/v1/licenses/{licenseId}/file"
# Single rows are tried by test_items.py.
LISTS = [route for route in OWNED if route.method == "GET" and not re.search(r"}$|/file$", route.path)]


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


@pytest.fixture(scope="module")
def owners(world):
    shared = {kind: world.get(kind) for kind in SHARED}
    return Owner(world, shared), Owner(world, shared)


@pytest.fixture(scope="module")
def customer(installation, owners):
    return Viewers(installation).client("Customer", customerId=owners[0].rows["customer"])


def rows_of(answer, operation):
    assert answer.status == 200, answer
    return answer.json()[operation.plural]


def path_of(world, operation, owner):
    """The list below the rows of that owner."""
    return world.path(operation, **{
        capture: owner.rows[operation.capture_kind(capture)] for capture in operation.captures})


def walk(client, operation, path, take=1):
    """All rows, by pages of so many."""
    query = f"?take={take}"
    while query:
        body = client.get(path + query).json()
        yield from body[operation.plural]
        query = body.get("nextCursor") and f"?take={take}&after={body['nextCursor']}"


def test_there_are_such_routes():
    assert {route.area for route in OWNED} == {"customers", "orders", "licenses"}
    assert {name(route) for route in OWNED} == OWN and len(LISTS) >= 12


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.path)
def test_own_rows_alone(world, owners, customer, route):
    mine, theirs = owners
    operation = find("GET", route.path)
    path = path_of(world, operation, mine)
    everything = list(walk(world.client, operation, path, 1000))
    wanted = [identity(operation, row) for row in everything if mine.has(operation, row)]
    # Below a row of the owner's own there are no others; else there is something to leave out.
    assert wanted and any(theirs.has(operation, row) for row in everything) != bool(
        set(operation.captures) & {"customerId", "orderId", "licenseId"})
    # Pages, totals that the page tells and that are counted, and relations.
    for query in ("take=1000", "take=1", "take=1&skip=1", "take=0", "total=none", "include=*"):
        answer = customer.get(f"{path}?{query}")
        rows, total = rows_of(answer, operation), answer.json()[total_name(answer.json())]
        assert {identity(operation, row) for row in rows} <= set(wanted), (query, answer)
        assert total == (None if "none" in query else len(wanted)), (query, answer)
        assert theirs.mark not in answer.text
    assert [identity(operation, row) for row in walk(customer, operation, path)] == wanted
    xml = customer.get(path, accept="application/xml").text
    assert int(re.search(r"<Total\w+Count>(\d+)<", xml)[1]) == len(wanted) and theirs.mark not in xml
    lines = customer.get(path, accept="application/x-ndjson").text.splitlines()
    assert [identity(operation, json.loads(line)) for line in lines] == wanted
    table = csv.reader(io.StringIO(customer.get(path, accept="text/csv").text))
    assert len(list(table)) == len(wanted) + 1


@pytest.mark.parametrize("route", [route for route in LISTS if "{" in route.path], ids=lambda route: route.path)
@pytest.mark.parametrize("accept", ["application/json", "application/xml", "text/csv"])
def test_nothing_below_rows_of_others(world, owners, customer, route, accept):
    """As below rows that are not there: nobody is told whether they are."""
    mine, theirs = owners
    operation = find("GET", route.path)
    path = path_of(world, operation, theirs)
    assert any(theirs.has(operation, row) for row in rows_of(world.client.get(path + "?take=1000"), operation))
    for query in ("", "?take=0", "?include=*"):
        answer = customer.get(path + query, accept=accept)
        assert theirs.mark not in answer.text and answer.status in (200, 404), answer
        nowhere = customer.get(re.sub(r"/\d+", "/999999999", path) + query, accept=accept)
        assert answer.status == nowhere.status, (answer, nowhere)
        if answer.status == 200 and accept == "application/json":
            assert all(mine.has(operation, row) for row in rows_of(answer, operation)), answer


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_own_file_alone(owners, customer, accept):
    """The document of an own license is told; that of another's is none, as that of a license that is not there."""
    mine, theirs = (FILE.replace("{licenseId}", str(owner.rows["license"])) for owner in owners)
    assert customer.get(mine, accept=accept).status == 200
    answer, nowhere = (customer.get(path, accept=accept) for path in (theirs, FILE.replace("{licenseId}", "999999999")))
    assert answer.status == nowhere.status == 404 and answer.text == nowhere.text, answer
