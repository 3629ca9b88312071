"""Many new rows in one request: each has a result of its own; all or nothing, or each by itself."""

import json
import re
import uuid

import pytest

from harness.families import LICENSING, MEDIA, Api, unique
from harness.installation import TOP
from harness.licensing import World

NOBODY = 999999999
ROWS_MOST = 1000

# Of each kind: path, type of a row, its table, a member that is unique (None: none is), and another one that is text.
KINDS = {
    "license": ("/v1/licenses/bulk", "License", "license", "userKey", "licenseType"),
    "token": ("/v1/licenses/{licenseId}/tokens/bulk", "LicenseToken", "license_token", "token", "address"),
    "customer": ("/v1/customers/bulk", "Customer", "customer", "code", "lastName"),
    "contact": ("/v1/contacts/bulk", "Contact", "contact", None, "firstName"),
    "order": ("/v1/orders/bulk", "Order", "customer_order", "orderNumber", "status"),
    "product": ("/v1/products/bulk", "Product", "product", "code", "name"),
}


class Kind:
    def __init__(self, world, media, name):
        path, self.type_name, self.table, self.unique, self.text = KINDS[name]
        self.world, self.name = world, name
        self.installation = world.installation
        self.path = path.replace("{licenseId}", str(world.get("license"))) if "{" in path else path
        self.api = Api(world.client, LICENSING, media)

    def row(self, **members):
        made = {self.text: unique("bulk")} | members
        if self.name == "contact":
            made.setdefault("customerId", self.world.get("customer"))
        return made

    def post(self, rows, query="", **options):
        return self.api.post(self.path + query, self.type_name, rows, **options)

    def count(self, table=None):
        [[count]] = self.installation.sql(f"SELECT COUNT(*) FROM {table or self.table}")
        return int(count)

    def counted(self):
        [[count]] = self.installation.sql(f"SELECT SUM(count) FROM row_count WHERE table_name = '{self.table}'")
        return None if count == "NULL" else int(count)

    def audited(self, answer):
        return [key for [key] in self.installation.sql(
            f"SELECT row_key FROM audit_entry WHERE request_id = '{answer.request_id}' AND action = 'insert' "
            "ORDER BY id")]


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


@pytest.fixture(params=KINDS)
def kind(world, media, request):
    return Kind(world, media, request.param)


@pytest.fixture
def licenses(world, media):
    return Kind(world, media, "license")


def statuses(answer):
    return [int(result["status"]) for result in answer.value["results"]]


def check_refused(kind, answer, status, code, *paths):
    assert answer.status == status, answer
    assert answer.value["success"] in (False, "false") and int(answer.value["code"]) == code
    assert set(kind.api.faults(answer)) == set(paths), answer


def test_every_bulk_is_here():
    paths = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
    # The keys of persons are the caller's: test_client_rules.py.
    assert {path for path in paths if path.endswith("/bulk")} - {"/v1/delegate-persons/bulk"} == {
        path for path, *_ in KINDS.values()}


# --- what is stored ---

@pytest.mark.parametrize("mode", ["", "?mode=all", "?mode=EACH"])
def test_all_are_stored(kind, mode):
    before, counted, logged = kind.count(), kind.counted(), kind.count("log_entry")
    rows = [kind.row() for _ in range(3)]
    answer = kind.post(rows, mode)
    assert answer.status == 201, answer
    kind.api.check(answer.value, {"success": True, "code": 0, "message": None, "rowsStored": 3, "rowsFailed": 0,
                                  "results": [{"index": number, "status": 201, "row": {"id": ...}}
                                              for number in range(3)]})
    keys = [str(result["row"]["id"]) for result in answer.value["results"]]
    assert len(set(keys)) == 3
    stored = kind.world.client.get(f"{listed(kind)}?filter=" + "%20or%20".join(f"id%3d{key}" for key in keys)).json()
    by_key = {str(row["id"]): row for row in rows_of(stored)}
    for key, row in zip(keys, rows):
        assert by_key[key][kind.text] == row[kind.text]
    assert kind.count() == before + 3
    assert kind.counted() == (counted + 3 if counted is not None else None)
    assert kind.audited(answer) == keys
    assert kind.count("log_entry") == logged + 3
    assert "location" not in answer.headers


def listed(kind):
    return kind.path.removesuffix("/bulk")


def rows_of(value):
    return next(rows for rows in value.values() if isinstance(rows, list))


def test_what_is_shown(kind):
    """The key, what is unique, what was drawn among it; or all that lists show."""
    answer = kind.post([kind.row()])
    shown = answer.value["results"][0]["row"]
    assert set(shown) <= {"id", "licenseId", "userKey", "code", "orderNumber", "token"}
    assert kind.unique is None or kind.name == "product" or shown[kind.unique]
    full = kind.post([kind.row()], "?return=full").value["results"][0]["row"]
    [row] = rows_of(kind.api.get(f"{listed(kind)}?filter=id%3d{full['id']}").value)
    assert full == row and len(full) > len(shown)


def test_parts_go_with_their_row(licenses):
    rows = [licenses.row(features=[{"name": "a"}, {"name": "b"}]), licenses.row(components=["x", "y"])]
    answer = licenses.post(rows, "?return=full")
    assert answer.status == 201, answer
    key = answer.value["results"][0]["row"]["id"]
    [row] = rows_of(licenses.api.get(f"/v1/licenses?filter=id%3d{key}&include=features").value)
    assert [feature["name"] for feature in row["features"]] == ["a", "b"]
    assert answer.value["results"][1]["row"]["components"] == ["x", "y"]


def test_most_rows(licenses):
    answer = licenses.post([licenses.row() for _ in range(ROWS_MOST)])
    assert answer.status == 201, answer.text[:500]
    assert int(answer.value["rowsStored"]) == ROWS_MOST
    assert [int(result["index"]) for result in answer.value["results"]] == list(range(ROWS_MOST))


# --- what is refused ---

def test_duplicate_all_or_nothing(kind):
    if kind.unique is None:
        rows, code, status, path = [kind.row(), kind.row(customerId=NOBODY)], 3, 400, "[1].customerId"
    else:
        taken = unique("B")
        rows, code, status, path = [kind.row(**{kind.unique: taken}) for _ in range(2)], 9, 409, f"[1].{kind.unique}"
    before, counted, logged = kind.count(), kind.counted(), kind.count("log_entry")
    answer = kind.post(rows)
    check_refused(kind, answer, status, code, path)
    assert answer.value["message"] == "1 of 2 rows cannot be stored, so none was."
    assert (kind.count(), kind.counted(), kind.count("log_entry")) == (before, counted, logged)
    assert kind.audited(answer) == []


def test_duplicate_each_by_itself(kind):
    if kind.unique is None:
        rows, status, path = [kind.row(), kind.row(customerId=NOBODY), kind.row()], 400, "[1].customerId"
    else:
        taken = unique("B")
        rows, status, path = [kind.row(**{kind.unique: taken}), kind.row(**{kind.unique: taken}), kind.row()], 409, \
            f"[1].{kind.unique}"
    before, counted, logged = kind.count(), kind.counted(), kind.count("log_entry")
    answer = kind.post(rows, "?mode=each")
    assert answer.status == 207, answer
    assert statuses(answer) == [201, status, 201]
    kind.api.check(answer.value, {"success": True, "rowsStored": 2, "rowsFailed": 1})
    refused = answer.value["results"][1]
    assert "row" not in refused and refused["message"] and set(refused["errors"]) == {path}
    assert all("message" not in answer.value["results"][number] for number in (0, 2))
    assert kind.count() == before + 2
    assert kind.counted() == (counted + 2 if counted is not None else None)
    assert kind.count("log_entry") == logged + 2
    assert kind.audited(answer) == [str(answer.value["results"][number]["row"]["id"]) for number in (0, 2)]


BAD = [({"licenseType": "x" * 256}, "licenseType"), ({"maxAllowedSites": -1}, "maxAllowedSites"),
       ({"customerId": NOBODY}, "customerId"),
       ({"features": [{"name": "f"}, {"name": "g", "expireDate": "soon"}]}, "features[1].expireDate")]


def test_faults_of_all_rows(licenses):
    """Those of bodies, of the rules and of the database at once, each with the number of its row."""
    rows = [licenses.row()] + [licenses.row(**members) for members, _ in BAD]
    paths = [f"[{number}].{path}" for number, (_, path) in enumerate(BAD, 1)]
    before = licenses.count()
    answer = licenses.post(rows)
    check_refused(licenses, answer, 400, 3, *paths)
    assert licenses.count() == before
    answer = licenses.post(rows, "?mode=each")
    assert answer.status == 207 and statuses(answer) == [201] + [400] * len(BAD), answer
    assert [set(result["errors"]) for result in answer.value["results"][1:]] == [{path} for path in paths]
    assert licenses.count() == before + 1


def test_none_of_them(licenses):
    answer = licenses.post([licenses.row(customerId=NOBODY), licenses.row(revoked=None)], "?mode=each")
    assert answer.status == 207 and statuses(answer) == [400, 400]
    assert int(answer.value["rowsStored"]) == 0 and int(answer.value["rowsFailed"]) == 2


def test_more_faults_than_one_error_has(licenses):
    answer = licenses.post([licenses.row(revoked=None) for _ in range(ROWS_MOST)])
    assert answer.status == 400
    assert len(licenses.api.faults(answer)) == ROWS_MOST
    assert answer.value["message"].startswith("1000 of 1000 rows cannot be stored, so none was.")


def test_license_of_the_path_is_missing(world, media):
    tokens = Kind(world, media, "token")
    before = tokens.count()
    for mode in ("all", "each"):
        for status, license_id in ((404, NOBODY), (400, "x")):
            tokens.path = f"/v1/licenses/{license_id}/tokens/bulk"
            answer = tokens.post([tokens.row(), tokens.row()], f"?mode={mode}")
            assert answer.status == status, answer
    assert tokens.count() == before


# --- the list ---

def test_number_of_rows(kind):
    for rows in ([], [kind.row()] * (ROWS_MOST + 1)):
        answer = kind.post(rows)
        assert answer.status == 400, answer
        assert f"1 to 1000 rows, but has {len(rows)}." in answer.text


def test_no_list(world):
    client = world.client
    for body in ({"licenseType": "x"}, "x", 5):
        answer = client.post("/v1/licenses/bulk", json.dumps(body).encode(), content_type="application/json")
        assert answer.status == 400 and "list" in answer.text, answer
    for body in (b"", b"[", b"[{}"):
        assert client.post("/v1/licenses/bulk", body, content_type="application/json").status == 400
    answer = client.post("/v1/licenses/bulk", [1, None, "x", {}])
    assert answer.status == 400 and set(answer.json()["errors"]) == {"[0]", "[1]", "[2]"}
    assert client.get("/v1/licenses/bulk").status == 405


@pytest.mark.parametrize("rows,path", [
    ("<Customer/><customer/><Customer/>", "[1]"),
    ("<Customer/><License><LastName>Lovelace</LastName></License>", "[1]"),
    ('<Customer/><Customer xmlns="urn:other"/>', "body"),
    ('<x:Customer xmlns:x="urn:other"/>', "body"),
])
def test_no_element_is_lost(world, rows, path):
    """An element that is no row is a fault, and not one row less."""
    kind = Kind(world, "xml", "customer")
    before = kind.count()
    for mode in ("all", "each"):
        answer = world.client.post(
            f"{kind.path}?mode={mode}", f'<ArrayOfCustomer xmlns="{LICENSING.namespace}">{rows}</ArrayOfCustomer>',
            content_type="application/xml", accept="application/json")
        assert answer.status == 400 and list(answer.json()["errors"]) == [path], answer
    assert kind.count() == before


def test_words_of_parameters(licenses):
    for query, words in (("mode=some", "all or each"), ("return=", "key or full"), ("mode=all&mode=each", "once"),
                         ("modes=all", "unknown")):
        answer = licenses.post([licenses.row()], f"?{query}")
        assert answer.status == 400 and words in answer.text, answer


def test_body_too_large(private_installation, media):
    running = private_installation(limit_body="4k", limit_group_clients="2")
    api = Api(running.client(running.admin_key), LICENSING, media)
    answer = api.post("/v1/licenses/bulk", "License", [{"meta": "x" * 3000}, {"meta": "x" * 3000}])
    assert answer.status == 413 and "4096 bytes" in answer.text, answer
    assert api.post("/v1/licenses/bulk", "License", [{"meta": "x" * 3000}]).status == 201


def test_more_memory_than_a_request_may_use(private_installation):
    """Is not for want of something that comes back: fewer rows are taken."""
    running = private_installation(limit_request_memory="4m")
    api = Api(running.client(running.admin_key), LICENSING, "json")
    rows = [{"features": [{}] * 100}] * 500
    for query in ("", "?mode=each"):
        answer = api.post("/v1/licenses/bulk" + query, "License", rows)
        assert answer.status == 413 and "fewer" in answer.text and "retry-after" not in answer.headers, answer
    assert running.sql("SELECT COUNT(*) FROM license") == [["0"]]
    assert api.post("/v1/licenses/bulk", "License", rows[:5]).status == 201


def test_longer_than_other_bodies(licenses):
    """Above limit_body, 1 MiB; the web server lets it through, too."""
    answer = licenses.post([licenses.row(meta="x" * 3000) for _ in range(800)])
    assert answer.status == 201, answer.text[:500]


# --- who may ---

@pytest.fixture(scope="module")
def key(world):
    def make(role, permissions=15):
        owner = world.make("user", roles=[role])
        return world.client.post("/v1/api-keys", {
            "apiKey": {"name": "bulk", "ownerId": owner, "permissions": permissions}}).json()["apiKey"]

    return make


def test_roles(kind, key):
    may = {"license": {"Sales", "LicenseManager"}, "token": {"Sales", "LicenseManager"}, "customer": {"Sales"},
           "contact": {"Sales"}, "order": {"Sales"}, "product": {"LicenseManager"}}[kind.name]
    for role in ("Sales", "LicenseManager", "Customer"):
        before = kind.count()
        answer = kind.post([kind.row()], key=key(role))
        assert answer.status == (201 if role in may else 403), (role, answer)
        assert kind.count() == before + (role in may)
    for permissions in (1, 2, 4, 7):
        assert kind.post([kind.row()], key=key("Administrator", permissions)).status == 403
    assert kind.post([kind.row()], key="").status == 401


def test_who_may_write_but_not_read(kind, key):
    """Sees the key, what was sent, and what was drawn for it."""
    writer = key("Administrator", 8)
    row = kind.row()
    shown = kind.post([row], "?return=full", key=writer).value["results"][0]["row"]
    drawn = {"issueDate", "licenseId", "userKey", "code", "orderNumber", "token"}
    assert {"id", kind.text} <= set(shown) <= {"id"} | set(row) | drawn, shown
    assert set(kind.post([kind.row()], key=writer).value["results"][0]["row"]) <= {"id"} | drawn


# --- repetitions ---

@pytest.mark.parametrize("mode,status", [("all", 201), ("each", 207)])
def test_repeated(licenses, mode, status):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    rows = [licenses.row(), licenses.row()] + ([licenses.row(revoked=None)] if mode == "each" else [])
    before = licenses.count()
    first, second = (licenses.post(rows, f"?mode={mode}", headers=headers) for _ in range(2))
    assert (first.status, second.status) == (status, status), first
    assert first.value == second.value
    assert second.headers["idempotency-replayed"] == "true"
    assert licenses.count() == before + 2
    other = licenses.post(rows[:1], f"?mode={mode}", headers=headers)
    assert other.status == 422, other


def test_refused_is_not_repeated(licenses):
    """Nothing was stored, so that the same request may be sent again when its cause is gone."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    taken = unique("R")
    [first] = licenses.post([licenses.row(userKey=taken)]).value["results"]
    assert licenses.post([licenses.row(), {"userKey": taken}], headers=headers).status == 409
    licenses.api.delete(f"/v1/licenses/{first['row']['id']}")
    rows = [licenses.row(), {"userKey": taken}]
    assert licenses.post(rows, headers={"Idempotency-Key": str(uuid.uuid4())}).status == 201


# --- what the rows have in common ---

def test_taken_identifiers_are_drawn_again(private_installation):
    running = private_installation(customer_code_format="{HEX:1}")
    client = running.client(running.admin_key)
    answer = client.post("/v1/customers/bulk", [{}] * 6)
    codes = [result["row"]["code"] for result in answer.json()["results"]]
    assert len(set(codes)) == 6 and all(re.fullmatch("[0-9A-F]", code) for code in codes)


@pytest.mark.parametrize("name", KINDS)
def test_queries(world, name):
    """One for each row, and for all of them together no more than for a row alone."""
    kind = Kind(world, "json", name)
    # A worker that has not met the key asks for it first.
    few, many = (min(kind.post([kind.row() for _ in range(rows)]).queries for _ in range(4)) for rows in (2, 16))
    per_row = (many - few) / 14
    # Of a token the license's mode, too.
    assert per_row == (2 if name == "token" else 1), (few, many)
    # The audit log, the log, and the counters of both tables.
    assert few - 2 * per_row <= 3, (few, many)


def test_formats(world):
    """JSON in, XML out; members in byte order there."""
    answer = world.client.post("/v1/customers/bulk", [{"lastName": "x"}, {"rating": None}], accept=MEDIA["xml"])
    assert answer.status == 400 and answer.is_xml
    assert b"_x005B_1_x005D_.rating" in answer.body
    answer = world.client.post("/v1/customers/bulk?mode=each", [{"lastName": "x"}, {"rating": None}],
                               accept=MEDIA["xml"])
    names = [element.tag.rpartition("}")[2] for element in answer.xml()]
    assert names == sorted(names) and {"Results", "RowsFailed", "RowsStored"} < set(names)
    for result in answer.xml().find("{*}Results"):
        assert result.tag.rpartition("}")[2] == "CustomerResult"
        inner = [element.tag.rpartition("}")[2] for element in result]
        assert inner == sorted(inner)
