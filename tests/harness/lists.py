"""Every licensing list, its members by the reference and the OpenAPI document, and rows to list."""

import datetime
import functools
import json
import random
import urllib.parse

from .installation import TOP
from .licensing import MAKERS, OUR_LISTS, REFERENCES, STORED, World, find, operations

ROWS = 8
LISTS = [one for one in operations() if one.method == "GET" and one.regular]
# By two members that each many rows may share, of which no index has both: it is looked at how large the table is.
LOOKED_AT = {"/v1/products/{productId}/releases/{releaseId}/license-templates"}
KEYS = {"orderProduct": {"orderId", "productId"}}
# Members that cannot be asked about: secrets, and what is a file.
CLOSED = {"apiKey": {"key", "clientSecret"}, "resource": {"password", "data"}}


# --- what the document says of a list ---

@functools.cache
def document():
    return json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))


def resolve(schema):
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    return schema


def kind_of(schema):
    """One word for the type of a member; None for lists, parts and other rows."""
    schema = resolve(schema)
    kinds = schema.get("type")
    kind = next(one for one in kinds if one != "null") if isinstance(kinds, list) else kinds
    kind = {"date-time": "moment", "date": "day", "uuid": "uuid"}.get(schema.get("format"), kind)
    return kind if kind in ("moment", "day", "uuid", "string", "integer", "number", "boolean") else None


@functools.cache
def described(path):
    return document()["paths"][path]["get"]


def row_schema(operation):
    content = described(operation.path)["responses"]["200"]["content"]["application/json"]
    return resolve(resolve(resolve(content["schema"])["properties"][operation.plural])["items"])


def scalars(operation):
    """Members with one value, and their kinds."""
    kinds = {name: kind_of(schema) for name, schema in row_schema(operation)["properties"].items()}
    return {name: kind for name, kind in kinds.items() if kind}


def open_members(operation):
    closed = CLOSED.get(operation.kind, set())
    return {name: kind for name, kind in scalars(operation).items() if name not in closed}


def relations(operation):
    """Members that `include` names: all that a plain answer leaves out."""
    properties = row_schema(operation)["properties"]
    sample = operation.response[operation.plural][0]
    return [name for name, schema in properties.items()
            if kind_of(schema) is None and (isinstance(sample.get(name), (dict, list)) or name in OUR_LISTS) and
            not is_stored_with(operation, name)]


def is_stored_with(operation, name):
    """Parts of the row, and lists of plain values."""
    return (operation.kind, name) in (
        ("license", "product"), ("license", "licensee"), ("license", "components"), ("template", "product"),
        ("template", "components"), ("user", "roles"))


# --- rows to list ---

def some_value(name, old, schema, chance):
    """Another value for a member of a sample, so that rows differ; nulls and repetitions among them."""
    kind, schema = kind_of(schema), resolve(schema)
    nullable = "null" in schema.get("type", [])
    if nullable and chance.random() < 0.2:
        return None
    if kind == "string" and isinstance(old, str):
        text = f"{chance.randrange(16 ** 6):06x}"
        return f"{text}@example.org" if "@" in old else text
    if kind == "integer":
        return chance.randint(schema.get("minimum", 0), min(schema.get("maximum", 9), 9))
    if kind == "number":
        return chance.choice([0, 1, 2.5, 10, 99.99])
    if kind == "boolean":
        return chance.random() < 0.5
    if kind in ("moment", "day"):
        day = datetime.date(2020, 1, 1) + datetime.timedelta(days=chance.randrange(3000))
        return f"{day}T12:00:0{chance.randrange(9)}Z" if kind == "moment" else str(day)
    return old


class Lists(World):
    """A world with some different rows in every list; all belong to the same customer, product and so on."""

    def __init__(self, installation):
        super().__init__(installation)
        self.chance = random.Random(3)
        self.filled = set()
        self.varied = False

    def body(self, operation, key=None):
        body = super().body(operation, key)
        lists = next((one for one in LISTS if one.kind == operation.kind), None)
        if lists is None or not self.varied:
            return body
        row, schemas = body[operation.member], row_schema(lists)["properties"]
        for name, value in row.items():
            if name in schemas and name != "id" and not self.names_row(name, operation):
                row[name] = some_value(name, value, schemas[name], self.chance)
        if operation.kind == "template":
            row.pop("userKey", None)
        return body

    @staticmethod
    def names_row(name, operation):
        return name in REFERENCES and not (operation.kind == "license" and name == "licenseId")

    def make_varied(self, kind):
        for other in set(REFERENCES.values()) - {kind, "report"}:
            self.get(other)  # as the samples have it
        self.varied = True
        try:
            return self.make(kind)
        finally:
            self.varied = False

    def fill(self, operation):
        """Makes the rows of a list, once for each kind; returns its path."""
        path = self.path(operation)
        mark = operation.path if operation.kind == "orderProduct" else operation.kind
        if mark == "role" and mark not in self.filled:
            names = ["Customer", "LicenseManager", "Sales", "HostingManager"]
            answer = self.client.put("/v1/users", {"user": {"id": self.get("user"), "roles": names}})
            assert answer.status == 200, answer
        if mark not in self.filled:
            self.filled.add(mark)
            for _ in range(ROWS):
                self.add(operation)
        return path

    def add(self, operation):
        """One more row, where a list can have more."""
        if operation.kind == "orderProduct":
            self.add_order_product(operation)
        elif operation.kind in MAKERS or operation.kind in STORED:
            self.make_varied(operation.kind)
            self.spread(operation.kind)

    def add_order_product(self, operation):
        """One more product on the order, or one more order that the product is on."""
        insert = find("POST", "/v1/orders/{orderId}/products/{productId}")
        captures = {"orderId": self.get("order"), "productId": self.get("product")}
        last = "product" if operation.path.endswith("/products") else "order"
        captures[f"{last}Id"] = self.make(last)
        self.varied = True
        body = self.body(insert)
        self.varied = False
        answer = self.client.post(self.path(insert, **captures), body)
        assert answer.status == 200, answer

    def spread(self, kind):
        """Rows that no operation makes become different too, and are counted."""
        table = {"report": "report", "trace": "license_trace"}.get(kind)
        if table:
            self.installation.sql(f"UPDATE row_count SET count = IF(shard = -1, (SELECT COUNT(*) FROM {table}), 0) "
                                  f"WHERE table_name = '{table}'")
        if kind == "report":
            self.installation.sql(
                "UPDATE report SET name = HEX(id * 7919 MOD 5), version = NULLIF(id MOD 3, 0), "
                "report_date = '2026-01-01' + INTERVAL id * 7919 MOD 101 HOUR, machine_id = LEFT(MD5(id), 6)")
        elif kind == "trace":
            self.installation.sql(
                "UPDATE license_trace SET action = id MOD 3, client_id = LEFT(MD5(id), 6), "
                "created_at = '2026-01-01' + INTERVAL id * 7919 MOD 101 HOUR, client_name = NULLIF(id MOD 4, 0)")


# --- calls ---

def call(lists, path, check=False, **parameters):
    return lists.client.get(f"{path}?{urllib.parse.urlencode(parameters)}", check=check)


def costed(lists, path, **parameters):
    """An answer and its queries, without the one that a worker makes now and then to look at the key again."""
    answers = [call(lists, path, **parameters) for _ in range(3)]
    assert answers[0].status == 200, answers[0]
    return answers[1], min(answer.queries for answer in answers)


def rows_of(lists, operation, path, **parameters):
    answer = call(lists, path, **parameters)
    assert answer.status == 200, (parameters, answer)
    return answer.json()[operation.plural]


def identity(operation, row):
    return tuple(row[name] for name in sorted(KEYS.get(operation.kind, {"id"})))


def total_name(answer):
    return next(name for name in answer if name.startswith("total"))
