"""Which rows are whose to see: areas of schemas from docs/openapi.json, areas of roles from tests/golden/access.txt."""

import json

from .access import ROUTES
from .families import unique
from .installation import TOP

DOCUMENT = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
DEPTH = 3  # relations that a path leads through


def areas_to_read():
    """{role: areas with all their rows}."""
    found = {}
    for route in ROUTES:
        for role in route.roles | route.own_roles:
            found.setdefault(role, set())
        for role in route.roles if route.permission == "read" else ():
            found[role].add(route.area)
    return found


READ = areas_to_read()


def named(reference):
    return SCHEMAS[reference["$ref"].rpartition("/")[2]]


def target(member):
    """The schema of the rows or parts that a member leads to; None for plain members."""
    inner = member.get("items", member)
    for choice in [inner, *inner.get("oneOf", []), *inner.get("anyOf", [])]:
        if "$ref" in choice:
            return named(choice)
    return None


def relations(schema, before="", areas=(), depth=DEPTH):
    """(path, areas of the rows on it, whether it leads to one row, that row's schema) of all relations and parts."""
    for name, member in schema.get("properties", {}).items():
        other = target(member)
        if other is None or "x-area" not in other:
            continue
        single = "items" not in member
        # What is written with a row is seen with it.
        passed = areas + ((other["x-area"],) if single or member.get("readOnly") else ())
        yield before + name, passed, single, other
        if depth > 1:
            yield from relations(other, f"{before}{name}.", passed, depth - 1)


def scalars(schema):
    """Members that rows can be compared by."""
    plain = ("string", "integer", "number", "boolean")
    return [name for name, member in schema["properties"].items()
            if target(member) is None and set(as_list(member.get("type"))) & set(plain)]


def as_list(value):
    return value if isinstance(value, list) else [value]


def row_schema(operation):
    """The schema of the rows in a list's answer."""
    answer = named(operation["responses"]["200"]["content"]["application/json"]["schema"])
    return next(target(member) for member in answer["properties"].values() if "items" in member and target(member))


def queried_lists():
    """(route, names of its parameters, schema of its rows) of the lists that are filtered and sorted."""
    for route in ROUTES:
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        names = {parameter.get("name") for parameter in operation["parameters"]}
        if route.method == "GET" and "filter" in names:
            yield route, names, row_schema(operation)


class Viewers:
    """Callers of given roles, each with a user and a key of its own."""

    def __init__(self, installation):
        self.installation = installation
        self.admin = installation.client(installation.admin_key)
        self.keys = {}

    def key(self, *roles, permissions=15, **members):
        wanted = roles, permissions, tuple(members.items())
        if wanted not in self.keys:
            user = self.admin.post("/v1/users", {
                "user": {"userName": unique("viewer"), "roles": list(roles)} | members})
            made = self.admin.post("/v1/api-keys", {"apiKey": {
                "name": "viewer", "ownerId": user.json()["userId"], "permissions": permissions}})
            assert made.status == 200, made
            self.keys[wanted] = made.json()["apiKey"]
        return self.keys[wanted]

    def client(self, *roles, **options):
        return self.installation.client(self.key(*roles, **options))
