"""What a customer does without the vendor: reads its record, orders, licenses, files and seats, changes how it is reached,
frees a seat. Nothing else, and nothing of others, whatever route of tests/golden/access.txt is tried."""

import json
import re

import pytest

from harness.access import KEYED, name, sample_path
from harness.families import LICENSING, MEDIA, SCHEMAS, Api, unique
from harness.licensing import CAPTURES, World
from harness.owners import SHARED, Owner
from harness.sight import Viewers

CHANGED = {"address", "address1", "address2", "postalCode", "region", "city", "country", "countryCode", "email", "phone",
           "mobile", "fax", "website"}
MEMBERS = SCHEMAS["licensing.Customer.Insert"]["properties"]
RESTLESS = {"api_key"}  # a minute later it tells of the use of keys
# Where a group's identifier or a license's own key lets in, nobody needs another.
SHUT = [route for route in KEYED if route.access not in ("group", "user key")
        and "Customer" not in route.roles | route.own_roles]


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


@pytest.fixture
def owners(world):
    shared = {kind: world.get(kind) for kind in SHARED}
    return Owner(world, shared), Owner(world, shared)


@pytest.fixture
def key(installation, owners):
    return Viewers(installation).key("Customer", customerId=owners[0].rows["customer"])


@pytest.fixture
def customer(installation, key, media):
    return Api(installation.client(key), LICENSING, media)


@pytest.fixture
def state(installation):
    """Asked for what is stored now, of all tables."""
    tables = {row[0] for row in installation.sql("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")} - RESTLESS
    return lambda: installation.sql(f"CHECKSUM TABLE {', '.join(sorted(tables))}")


def path_of(route, owner):
    """The route's path with rows of that owner, as far as it has any."""
    return re.sub(r"{(\w+)}", lambda found: str(owner.rows.get(CAPTURES.get(found[1]), found[0])), route.path)


def test_nothing_else(installation, owners, key, media, state):
    before = state()
    for owner in owners:
        for route in SHUT:
            path = sample_path(path_of(route, owner)).partition("?")[0]
            answer = installation.client(key).call(route.method, path, accept=MEDIA[media])
            assert answer.status == 403, (name(route), answer)
    assert state() == before


def test_nothing_of_others(customer, owners, state):
    """Changes of others' rows are answered as those of rows that are not there, and change nothing."""
    before, tried = state(), 0
    for rows in (owners[1].rows, {kind: 999999999 for kind in owners[1].rows}):
        for answer in (
                customer.put("/v1/customers", "UpdateCustomerRequest", {"customer": {"id": rows["customer"], "city": "X"}}),
                customer.delete(f"/v1/licenses/{rows['license']}/tokens/{rows['token']}"),
                customer.delete(f"/v1/licenses/{owners[0].rows['license']}/tokens/{rows['token']}"),
                customer.delete(f"/v1/licenses/{rows['license']}/tokens/{owners[0].rows['token']}"),
                customer.call("GET", f"/v1/licenses/{rows['license']}/file")):
            assert answer.status == 404 and owners[1].mark not in answer.text, answer
            tried += 1
    assert state() == before and tried == 10


def test_file(installation, world, owners, key):
    """Called as the template says, which the customer does not see."""
    template = world.make("template", licenseFileName="own.xml")
    world.client.change("/v1/licenses", {"license": {"id": owners[0].rows["license"], "templateId": template}})
    path = f"/v1/licenses/{owners[0].rows['license']}/file"
    for accept in ("*/*", *MEDIA.values()):
        answer = installation.client(key).get(path, accept=accept)
        assert answer.status == 200 and answer.text == owners[0].document, answer
        assert answer.headers["content-disposition"] == "attachment; filename=\"own.xml\"; filename*=UTF-8''own.xml"


# --- the record ---


def test_table_of_members():
    """What the document says is what this test says."""
    assert {member for member, schema in MEMBERS.items() if "customer may change it" in schema["description"]} == CHANGED
    said = [member for schema in SCHEMAS.values() for member, one in schema.get("properties", {}).items()
            if "customer may change it" in one.get("description", "")]
    assert set(said) == CHANGED


def stored(world, owner):
    return world.client.get(f"/v1/customers?include=*&filter=id={owner.rows['customer']}").json()["customers"][0]


def test_contact_data(world, customer, owners):
    values = {member: f"own-{member}"[:16] for member in CHANGED - {"email"}} | {"email": "own@example.org"}
    body = {"customer": {"id": owners[0].rows["customer"], **values}}
    answer = customer.put("/v1/customers", "UpdateCustomerRequest", body)
    assert answer.status == 200, answer
    assert {member: stored(world, owners[0])[member] for member in values} == values
    seen = customer.get("/v1/customers").value["customers"]
    assert [{member: row[member] for member in values} for row in seen] == [values]
    entry = world.client.get("/v1/audit?take=1").json()["auditEntries"][0]
    user = world.client.get("/v1/users?sort=createdAt+desc&take=1").json()["users"][0]
    assert (entry["resource"], entry["action"], entry["actor"]) == ("customer", "update", user["userName"]), entry


def value_of(schema):
    """Any value that a member takes."""
    kind = schema.get("type", [])
    if "array" in kind:
        return [{"lastName": "Weber"}]
    return True if "boolean" in kind else 1 if {"integer", "number"} & set([kind] if isinstance(kind, str) else kind) else "x"


@pytest.mark.parametrize("member", sorted(
    member for member, schema in MEMBERS.items() if member not in CHANGED and not schema.get("readOnly")))
def test_other_members(world, customer, owners, member):
    """One that the customer does not change keeps all of the body from being stored."""
    before = stored(world, owners[0])
    body = {"customer": {"id": owners[0].rows["customer"], "city": "Elsewhere", member: value_of(MEMBERS[member])}}
    answer = customer.put("/v1/customers", "UpdateCustomerRequest", body)
    assert answer.status == 403 and set(customer.faults(answer)) == {f"customer.{member}"}, answer
    assert stored(world, owners[0]) == before


def test_forms(installation, owners, key):
    """A third way to write a body."""
    for member, status in (("city", 200), ("vatCode", 403)):
        answer = installation.client(key).put(
            "/v1/customers", f"customer.id={owners[0].rows['customer']}&customer.{member}=Rome",
            content_type="application/x-www-form-urlencoded")
        assert answer.status == status, answer


# --- seats ---


def test_seats(installation, world, customer, owners):
    """The last seat of a license is freed from a machine that is lost, and another machine has it."""
    license_id = owners[0].rows["license"]
    world.client.change("/v1/licenses", {"license": {
        "id": license_id, "licensingMode": 1, "maxAllowedSites": 2, "expireDate": None, "restrictions": [],
        "revoked": False, "suspended": False, "policy": None}})
    program = installation.client("")
    lost, found = ({"userKey": owners[0].mark, "machineId": unique("machine"), "clientId": "till"} for _ in range(2))
    assert program.post("/v1/license/activate", lost).status == 200
    refused = program.post("/v1/license/activate", found)
    assert (refused.status, refused.json()["reason"]) == (409, "SEAT_LIMIT_REACHED"), refused
    seats = customer.get(f"/v1/licenses/{license_id}/tokens?filter=machineId=%22{lost['machineId']}%22")
    seat, = seats.value["licenseTokens"]
    answer = customer.delete(f"/v1/licenses/{license_id}/tokens/{seat['id']}")
    assert answer.status == 200, answer
    assert program.post("/v1/license/heartbeat", lost).json()["reason"] == "NOT_ACTIVATED"
    assert program.post("/v1/license/activate", found).status == 200
    machines = [row["machineId"] for row in customer.get("/v1/license-tokens").value["licenseTokens"]]
    assert sorted(machines) == sorted([owners[0].mark, found["machineId"]])


def test_seats_count_as_those_that_users_free(installation, world, customer, owners):
    """As many as the policy of the license says, by whichever way; and the vendor's do not count."""
    license_id = owners[0].rows["license"]
    world.client.change("/v1/licenses", {"license": {
        "id": license_id, "licensingMode": 1, "maxAllowedSites": 0, "expireDate": None, "restrictions": [],
        "revoked": False, "suspended": False, "policy": {"selfReleases": 2}}})
    program = installation.client("")
    for machine in range(3):
        body = {"userKey": owners[0].mark, "machineId": f"machine {machine}", "clientId": "till"}
        assert program.post("/v1/license/activate", body).status == 200
    paths = [f"/v1/licenses/{license_id}/tokens/{seat['id']}" for seat in customer.get(
        "/v1/license-tokens?sort=id%20desc").value["licenseTokens"]]
    assert customer.delete(paths[0]).status == 200
    assert program.post("/v1/license/deactivate", body | {"machineId": "machine 1"}).status == 200
    refused = customer.delete(paths[2])
    assert refused.status == 409 and "this period" in refused.text, refused
    world.client.change("/v1/licenses", {"license": {"id": license_id, "policy": {"selfReleases": 0}}})
    assert customer.delete(paths[2]).status == 403
    assert world.client.delete(paths[2]).status == 200


# --- who acts for whom ---


def own_customers(installation, key):
    answer = installation.client(key).get("/v1/customers?select=id")
    return [row["id"] for row in answer.json()["customers"]] if answer.status == 200 else answer.status


def test_binding_by_command(installation, world, owners):
    first, second = (stored(world, owner) for owner in owners)
    user = unique("agent")
    installation.cli("user", "create", user, "--role", "Customer", "--customer", first["code"])
    key = installation.cli("key", "create", "own", "--user", user).strip()
    assert own_customers(installation, key) == [first["id"]]
    assert json.loads(installation.cli("user", "show", user, "--json"))["customer"] == first["code"]
    installation.cli("user", "customer", user, second["id"])
    assert own_customers(installation, key) == [second["id"]]
    installation.cli("user", "customer", user, "--remove")
    assert own_customers(installation, key) == 403
    for arguments in (["nobody"], ["999999999"], []):
        result = installation.cli("user", "customer", user, *arguments, check=False)
        assert result.returncode != 0 and own_customers(installation, key) == 403, result.stderr


def test_binding_by_the_interface(installation, world, owners, key):
    """With immediate effect, as whatever is taken away."""
    user = world.client.get("/v1/users?sort=createdAt+desc&take=1").json()["users"][0]["id"]
    for owner in (owners[1], owners[0]):
        world.client.change("/v1/users", {"user": {"id": user, "customerId": owner.rows["customer"]}})
        assert own_customers(installation, key) == [owner.rows["customer"]]
    world.client.change("/v1/users", {"user": {"id": user, "customerId": None}})
    assert own_customers(installation, key) == 403


def test_own_record_by_code(installation, world, owners, customer):
    """Found by the customer's code; another one's is as if it were not there."""
    mine, other = (world.client.get(f"/v1/customers/{owner.rows['customer']}").json()["customer"]["code"] for owner in owners)
    found = customer.get(f"/v1/customer/{mine}")
    assert found.status == 200 and int(found.value["customer"]["id"]) == owners[0].rows["customer"]
    assert customer.get(f"/v1/customer/{mine}?select=company").status == 200
    for code in (other, "nobody", "%20"):
        assert customer.get(f"/v1/customer/{code}").status == 404
    assert world.client.get(f"/v1/customer/{other}").status == 200
    assert installation.client().get(f"/v1/customer/{mine}").status == 401
