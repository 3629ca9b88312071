"""What may be seen: relations, conditions, orders and answers tell nobody of rows that the caller may not read.

Lists, paths and areas come from docs/openapi.json, roles from tests/golden/access.txt: a new resource is tried by itself.
"""

import json
import re
import urllib.parse

import pytest

from harness import access
from harness.families import unique
from harness.installation import TOP
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
    tag = client.get(path).headers["etag"]
    assert writer.put(path, {}, headers={"If-Match": tag}).status == 412
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


def test_mails_use_no_address_that_may_not_be_read(viewers, world):
    """Whom a mail goes to stands in the log, and that there is an address shows in the answer."""
    customer = world.make("customer", email=f"{unique('hidden')}@example.org")
    license_id = world.make("license", customerId=customer, licenseeEmail=None, licensee=None)
    resource = world.make("resource", type="email", data="Your license {{license.userKey}}.", dataFormat="text")
    request = {"licenseId": license_id, "resourceId": resource}
    answer = viewers.client("LicenseManager").post("/v1/email/license", request)
    assert answer.status == 400 and "may not read customers" in answer.text, answer
    assert viewers.client("Sales").post("/v1/email/license", request).status == 200
    # A key that may make and not read: neither the license nor the text.
    answer = viewers.client("LicenseManager", permissions=8).post("/v1/email/license", request)
    assert answer.status == 403, answer


# --- the log ---


def entries(client, query=""):
    """Entries of the log: (what they tell of, properties)."""
    answer = client.get(f"/v1/log?take=1000&sort=id+desc{query}")
    assert answer.status == 200, answer
    return [(json.loads(row["properties"])["resource"], json.loads(row["properties"]))
            for row in answer.json()["logEntries"] if row["properties"]]


@pytest.fixture(scope="module")
def logged(viewers, world):
    """A row of each kind is made and changed; returns a word that stands in each entry, by its area."""
    words = {}
    for kind, member, area in (("customer", "notes", "customers"), ("contact", "details", "customers"),
                               ("order", "description", "orders"), ("license", "description", "licenses"),
                               ("template", "description", "licenses"), ("product", "description", "products"),
                               ("resource", "description", "resources"), ("user", "notes", "credentials")):
        word = unique("word") + "x"
        world.make(kind, **{member: word})
        words[word] = area
    return words


@pytest.mark.parametrize("role", ["Administrator", "LicenseManager", "Sales"])
def test_log_shows_what_may_be_read(viewers, logged, role):
    client = viewers.client(role)
    text = json.dumps(entries(client))
    for word, area in logged.items():
        assert (word in text) == (area in READ[role]), (word, area)
    kinds = {kind for kind, _ in entries(client)}
    assert ("user" in kinds) == (role == "Administrator") and "license" in kinds


@pytest.mark.parametrize("role", ["LicenseManager", "Sales"])
def test_log_tells_nothing_of_the_rest(viewers, world, logged, role):
    """Neither totals, conditions, orders nor levels count what is not shown."""
    client = viewers.client(role)
    hidden = [word for word, area in logged.items() if area not in READ[role]]
    for word in hidden:
        query = urllib.parse.urlencode({"filter": f'properties.contains("{word}")'})
        body = client.get(f"/v1/log?{query}&take=1").json()
        assert body["logEntries"] == [] and body["totalLogEntriesCount"] == 0, body
        assert world.client.get(f"/v1/log?{query}").json()["totalLogEntriesCount"] > 0
    rows, query = [], {"take": 50, "sort": "id"}
    while query:
        body = client.get("/v1/log?" + urllib.parse.urlencode(query)).json()
        rows += body["logEntries"]
        query = {"take": 50, "sort": "id", "after": body["nextCursor"]} if body.get("nextCursor") else None
    assert not [word for word in hidden if word in json.dumps(rows)]
    assert abs(body["totalLogEntriesCount"] - len(rows)) <= 1
    levels = client.get("/v1/log/levels?intervals=1").json()["totalLogLevelEntriesCount"]
    assert levels < world.client.get("/v1/log/levels?intervals=1").json()["totalLogLevelEntriesCount"]


def test_older_entries_get_their_area(installation, logged):
    """What the migration says of entries that were there before it, by the names that the program gives them. Resources
    that are younger have none there."""
    migration = next(TOP.glob("sql/*_log_area.sql")).read_text(encoding="utf-8")
    names = ", ".join(re.findall(r"WHEN ('[^']+')", migration))
    areas = f"""SELECT id, COALESCE(area, '-') FROM log_entry
                WHERE JSON_VALUE(properties, '$.resource') IN ({names}) OR id IN ({{}}) ORDER BY id"""
    whole = [row[0] for row in installation.sql("SELECT id FROM log_entry WHERE area IS NULL")]
    areas = areas.format(", ".join(whole) or "0")
    before = installation.sql(areas)
    assert {area for _, area in before} >= {"customers", "orders", "licenses", "products", "resources", "credentials"}
    installation.sql("UPDATE log_entry SET area = NULL")
    for _ in range(2):
        installation.sql(migration)
        assert installation.sql(areas) == before


def test_mails_and_deletions_are_for_those_who_may_read_all(viewers, client):
    word = unique("subject") + "x"
    mail = {"to": [{"email": f"{word}@example.org"}], "subject": word, "body": "-"}
    assert client.post("/v1/email/send", mail).status == 200
    query = urllib.parse.quote(f'message = "{word}"')
    assert client.delete(f"/v1/log?filter={query}").status == 200
    assert json.dumps(entries(client)).count(word) >= 3
    for role in ("LicenseManager", "Sales"):
        assert word not in json.dumps(entries(viewers.client(role)))


@pytest.mark.parametrize("before", ["", "&" * 2000, "&" * 1990 + "startDate=2020-01-01&"], ids=["plain", "filled", "cut"])
def test_deletion_says_what_was_carried_out(client, world, before):
    """However it was written: parsed, whole, and with the number of entries."""
    word = unique("gone") + "ü" * 20 + '"'
    identifier = world.make("customer", company=word)
    entry = world.installation.sql("SELECT MAX(id) FROM log_entry")[0][0]
    condition = urllib.parse.quote(f"!(id<>{entry})&&properties.Contains('{word[:20]}')&&not(message='\"')")
    answer = client.delete(f"/v1/log?{before}filter={condition}&endDate=2999-01-01")
    assert answer.status == 200 and answer.json()["deletedLogCount"] == 1, (identifier, answer)
    kind, properties = entries(client)[0]
    start = "startDate=2020-01-01T00:00:00Z&" if "startDate" in before else ""
    assert kind == "log" and properties["detail"] == {"deleted": 1, "query": (
        f'{start}endDate=2999-01-01T00:00:00Z&filter='
        f'(not (id != {entry}) and properties.contains("{word[:20]}") and not (message = """"))')}


def test_long_members_are_cut_between_characters(client, world):
    """What is cut says so, keeps its beginning, and a change behind it shows."""
    customer = world.make("customer", notes="a" + "ü" * 5000)
    assert client.put("/v1/customers", {"customer": {"id": customer, "notes": "a" + "ü" * 4999 + "x"}}).status == 200
    _, properties = entries(client)[0]
    before, after = properties["before"]["notes"], properties["after"]["notes"]
    assert before.startswith("aüü") and "… (10001 bytes), SHA-256 " in before and "… (10000 bytes)" in after
    assert before.split("SHA-256")[1] != after.split("SHA-256")[1]


def test_long_lists_are_cut_as_texts_are(client, world):
    """A short one is a list, a long one the beginning of its JSON."""
    template = world.make("template", name=unique("t"), components=["short"])
    assert entries(client)[0][1]["after"]["components"] == ["short"]
    many = [f"component {number}" for number in range(200)]
    assert client.put("/v1/license-templates", {"licenseTemplate": {"id": template, "components": many}}).status == 200
    _, properties = entries(client)[0]
    assert properties["before"]["components"] == ["short"]
    after = properties["after"]["components"]
    assert after.startswith('["component 0","component 1",') and " bytes), SHA-256 " in after and len(after) < 1200


# --- large members ---

LARGE = 1 << 20


@pytest.fixture(scope="module")
def pictures(world):
    """Customers with pictures of 1 MiB, more of them than one answer may hold, one with a small one, one with none."""
    reseller = unique("pictured")
    for number in range(18):
        body = {"customer": {"company": reseller, "image": f"{number:02}" + "x" * (LARGE - 3000)}}
        assert world.client.post("/v1/customers", body).status == 200
    small = world.make("customer", company=reseller, image="y" * 16384)
    none = world.make("customer", company=reseller, image=None)
    world.make("license", customerId=small)
    return reseller, small, none


def listed(client, reseller, **parameters):
    query = {"filter": f'company = "{reseller}"', "sort": "id"} | parameters
    return client.get("/v1/customers?" + urllib.parse.urlencode(query), check=True)


@pytest.mark.parametrize("media", ["application/json", "application/xml"])
def test_lists_leave_large_values_to_select(client, pictures, media):
    reseller, small, none = pictures
    answer = client.get("/v1/customers?" + urllib.parse.urlencode({"filter": f'company = "{reseller}"', "sort": "id"}),
                        accept=media)
    assert answer.status == 200 and len(answer.body) < 100000, answer.status
    if media == "application/json":
        rows = answer.json()["customers"]
        # Left out is not null: whoever sends the row back must not lose the picture.
        assert len(rows) == 20 and not any("image" in row for row in rows[:18])
        assert rows[18]["id"] == small and rows[18]["image"] == "y" * 16384
        assert rows[19]["id"] == none and rows[19]["image"] is None
        sent = rows[0] | {"notes": "new"}
        assert client.put("/v1/customers", {"customer": sent}).status == 200
    one = listed(client, reseller, select="image", take=1).json()["customers"]
    assert len(one[0]["image"]) == LARGE - 2998


def test_page_that_is_too_large_is_streamed(client, pictures):
    """It is the page that smaller ones make together, and ends where they do."""
    whole = listed(client, pictures[0], select="image", take=19)
    assert whole.status == 200 and "content-length" not in whole.headers, whole.status
    assert whole.json()["totalCustomersCount"] == 20
    rows, query = [], {}
    while len(rows) < 19:
        body = listed(client, pictures[0], select="image", take=4 if len(rows) < 16 else 3, **query).json()
        rows += body["customers"]
        query = {"after": body["nextCursor"]}
    assert whole.json()["customers"] == rows and [row["image"][:2] for row in rows[:18]] == [
        f"{number:02}" for number in range(18)]
    for query in ({"after": whole.json()["nextCursor"]}, query):
        [last] = listed(client, pictures[0], select="image", **query).json()["customers"]
        assert last["image"] is None


def test_relations_leave_large_values_to_select(client, world, pictures):
    customer = listed(client, pictures[0], take=1, select="id").json()["customers"][0]["id"]
    license_id = world.make("license", customerId=customer)
    query = urllib.parse.urlencode({"filter": f"id = {license_id}", "include": "customer"})
    row = client.get(f"/v1/licenses?{query}").json()["licenses"][0]
    assert row["customer"]["id"] == customer and "image" not in row["customer"]
    query = urllib.parse.urlencode({"filter": f"id = {license_id}", "select": "customer.image"})
    assert len(client.get(f"/v1/licenses?{query}").json()["licenses"][0]["customer"]["image"]) > LARGE - 3000


def test_what_is_written_as_a_whole_is_read_as_a_whole(client, world):
    """Items of a list that replaces the one before: what is left out of them would be lost when it is sent back."""
    license_id = world.make("license", features=[{"id": "f", "name": "n", "data": "z" * 20000}])
    query = urllib.parse.urlencode({"filter": f"id = {license_id}", "include": "features"})
    assert len(client.get(f"/v1/licenses?{query}").json()["licenses"][0]["features"][0]["data"]) == 20000
