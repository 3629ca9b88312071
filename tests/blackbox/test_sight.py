"""What may be seen: relations, conditions, orders and answers tell nobody of rows that the caller may not read.

Lists, paths and areas come from docs/openapi.json, roles from tests/golden/access.txt: a new resource is tried by itself.
"""

import json
import urllib.parse

import pytest

from harness import access
from harness.families import unique
from harness.licensing import World
from harness.sight import READ, Viewers, queried_lists, relations, scalars

REFUSED = "a member that this credential may read is expected"
LISTS = list(queried_lists())


@pytest.fixture(scope="module")
def viewers(installation):
    return Viewers(installation)


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


# --- relations, conditions, orders ---


def questions(names, path, single, schema):
    """Query strings that ask about the rows behind a path."""
    member = f"{path}.{scalars(schema)[0]}"
    asked = {"include": [path, path + ".*", path.upper()], "select": [path, member, f"id,{member}"]}
    if single:
        asked |= {"filter": [f"{member} != null", f"not ({member} = null)"], "sort": [member, f"{member} desc"]}
    for name in sorted(names & set(asked)):
        for text in asked[name]:
            yield urllib.parse.urlencode({name: text})


def test_somebody_is_refused_somewhere():
    """The paths of the document lead into areas that some role may not read: the next test tries something."""
    refused = {role for role in READ for route, _, schema in LISTS if route.area in READ[role]
               for _, areas, _, _ in relations(schema) if not set(areas) <= READ[role]}
    assert "LicenseManager" in refused
    assert sum(1 for _, _, schema in LISTS for _ in relations(schema)) > 50


@pytest.mark.parametrize("role", sorted(READ))
def test_paths_into_other_areas_are_refused(viewers, role):
    client = viewers.client(role)
    for route, names, schema in LISTS:
        path = access.sample_path(route.path).partition("?")[0]
        if route.area not in READ[role]:
            continue
        for relation, areas, single, other in relations(schema):
            for query in questions(names, relation, single, other):
                answer = client.get(f"{path}?{query}&take=1")
                if set(areas) <= READ[role]:
                    assert REFUSED not in answer.text, (route, query, answer)
                else:
                    assert answer.status == 400 and REFUSED in answer.text, (route, query, answer)


def test_owners_ask_about_their_rows_alone(viewers, world):
    """Other rows, even own ones, are no condition: what is joined is not narrowed to own rows."""
    client = viewers.client("Customer", customerId=world.get("customer"))
    tried = 0
    for route, names, schema in LISTS:
        if "Customer" not in route.own_roles:
            continue
        for relation, areas, single, other in relations(schema):
            for query in questions(names, relation, single, other) if areas and single and areas != (route.area,) else ():
                if query.startswith(("filter", "sort")):
                    answer = client.get(f"{access.sample_path(route.path).partition('?')[0]}?{query}")
                    assert answer.status == 400 and REFUSED in answer.text, (route, query, answer)
                    tried += 1
    assert tried > 0


def test_star_is_what_may_be_read(viewers, world):
    world.make("license", customerId=world.get("customer"), orderId=world.get("order"))
    seen = viewers.client("LicenseManager").get("/v1/licenses?include=*&sort=id+desc&take=1").json()["licenses"][0]
    assert "template" in seen and "customer" not in seen and "order" not in seen
    both = viewers.client("LicenseManager", "Sales").get("/v1/licenses?include=*&sort=id+desc&take=1")
    assert {"template", "customer", "order"} <= set(both.json()["licenses"][0])


def test_whose_rows_are_there_is_not_told(viewers, world):
    """A list below a row that may not be read is the same whether or not that row is there."""
    manager = viewers.client("LicenseManager")
    for path in (f"/v1/customers/{world.make('customer')}/licenses", "/v1/customers/999999999/licenses"):
        answer = manager.get(path)
        assert answer.status == 200 and answer.json()["licenses"] == [], answer
    assert viewers.client("Sales").get("/v1/customers/999999999/licenses").status == 404


def test_dependants_are_named_to_those_who_may_read_them(viewers, world):
    customer = world.make("customer")
    world.make("user", customerId=customer)
    answer = viewers.client("Sales").delete(f"/v1/customers/{customer}")
    assert answer.status == 409 and answer.json()["message"] == "The customer is still used.", answer
    answer = world.client.delete(f"/v1/customers/{customer}")
    assert answer.status == 409 and answer.json()["message"] == "The customer is still used by users.", answer


# --- answers to writes ---


def account():
    name = unique("account")
    return {"username": name, "emailAddress": f"{name}@example.org", "password": "p4ss,w0rd", "company": "Unseen Ltd"}


def test_writers_without_read_see_what_they_sent(viewers, client):
    """A key that may change an account, but not read it, is not answered the rest of it."""
    made = client.post("/hosting/api/client", account()).json()
    path = f"/hosting/api/client/{made['id']}"
    writer, maker = (viewers.client("HostingManager", permissions=bit) for bit in (2, 8))
    answer = writer.put(path, {"firstName": "Ada", "features": {"canUseABTests": False}})
    assert answer.status == 200 and "etag" not in answer.headers, answer
    assert answer.json() == {"id": made["id"], "firstName": "Ada", "features": {"canUseABTests": False}}
    assert writer.put(path, {}).json() == {"id": made["id"]}
    assert writer.get(path).status == 403
    renewed = writer.post(f"{path}/apiKey")
    assert renewed.status == 200 and set(renewed.json()) == {"id", "apiKey"}, renewed
    answer = maker.post("/hosting/api/client", account())
    assert answer.status == 201 and "domainCount" not in answer.json() and answer.json()["apiKey"], answer


def test_extras_of_writers_without_read(viewers, world):
    license_id = world.make("license")
    answer = viewers.client("LicenseManager", permissions=2).put(
        "/v1/licenses", {"license": {"id": license_id, "description": "new"}})
    assert answer.status == 200 and answer.json()["userKey"] is None and answer.json()["licenseKey"] is None, answer


def test_conditions_of_deletions_need_the_right_to_read(viewers, world):
    """How many rows a condition meets tells of them."""
    trace = world.make("trace")
    deleter = viewers.client("LicenseManager", permissions=4)
    answer = deleter.call("DELETE", "/v1/license-traces", {"filter": "clientIp = '::1'"})
    assert answer.status == 400 and "may not read" in answer.text, answer
    assert deleter.delete("/v1/log?filter=" + urllib.parse.quote("message = 'x'")).status == 403
    answer = viewers.client("Administrator", permissions=4).delete("/v1/log?filter=" + urllib.parse.quote("id = 0"))
    assert answer.status == 400 and "may not read" in answer.text, answer
    assert deleter.call("DELETE", "/v1/license-traces", {"traceId": trace}).status == 200
