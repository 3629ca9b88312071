"""Bodies made from docs/openapi.json: what typed and script programs send for members that they have not set."""

import json
import urllib.parse

from .doc_tables import OPENAPI, resolve
from .families import unique

NIL = "00000000-0000-0000-0000-000000000000"
YEAR_ONE = "0001-01-01T00:00:00Z"  # default(DateTime) of .NET, the zero time of Go
# Go has no null for texts and lists, .NET and Java have one for all that is no number, PHP has no empty object.
STYLES = ("go", "dotnet", "php")


class Operation:
    def __init__(self, method, path, body):
        self.method, self.path, self.schema = method, path, body["schema"]
        self.family = self.type_name = None
        schema = self.schema.get("items", self.schema)
        if "$ref" in schema:
            self.family, self.type_name = schema["$ref"].rsplit("/", 1)[1].split(".")[:2]

    @property
    def name(self):
        return f"{self.method} {self.path}"


def operations():
    """Those with a body in JSON, in the order of the document; without those that a browser's session alone may call."""
    return [Operation(method.upper(), path, item[method]["requestBody"]["content"]["application/json"])
            for path, item in OPENAPI["paths"].items() for method in ("post", "put")
            if item.get(method, {}).get("x-access", {}).get("other") != "session" and "application/json" in item.get(method, {}).get("requestBody", {}).get("content", {})]


def plain(schema):
    """A member's schema without its null, and whether it may be null."""
    for one in schema.get("anyOf", []):
        if one.get("type") != "null":
            return resolve(one), True
    schema = resolve(schema)
    kinds = schema.get("type", "object")
    if isinstance(kinds, list):
        return schema | {"type": next(kind for kind in kinds if kind != "null")}, "null" in kinds
    return schema, False


def empty(schema, style):
    """The value of a member that a program of that style has not set."""
    schema, nullable = plain(schema)
    kind = schema.get("type", "object")
    if nullable and (style == "dotnet" or (style == "php" and kind in ("integer", "number", "boolean")) or
                     schema.get("minimum", 0) > 0):
        return None
    if kind == "object":
        inner = {name: empty(one, style) for name, one in schema.get("properties", {}).items()}
        return [] if style == "php" else inner
    if kind == "string":
        return {"uuid": NIL, "date-time": YEAR_ONE, "date": YEAR_ONE[:10]}.get(schema.get("format"), "") \
            if style != "php" else ""
    return {"integer": 0, "number": 0, "boolean": False, "array": []}[kind]


def is_required(name, whole, schema):
    """A member that its reference wants: in all bodies that make a row, and not emptied by those that change one."""
    schema, nullable = plain(schema)
    return name in whole.get("required", []) or (schema.get("minLength", 0) > 0 and not nullable)


def default_built(schema, style, given):
    """An object as its program has made it, with what is required from `given`, by name."""
    schema, _ = plain(schema)
    if schema.get("type") == "array":
        return [default_built(schema["items"], style, given)]
    body = {}
    for name, one in schema["properties"].items():
        if name in given:
            body[name] = given[name]
        elif is_required(name, schema, one):
            inner, _ = plain(one)
            body[name] = default_built(inner, style, given) if "properties" in inner else unique("t")[:16]
        else:
            # An empty scope would be none, or all: it is refused, so that it is no matter of guessing.
            body[name] = None if name == "Scope" else empty(one, style)
    return body


def flatten(value, path=""):
    """Pairs of a form; empty lists and objects, and null, are not there."""
    if isinstance(value, dict):
        inside = [(f"{path}.{name}" if path else name, item) for name, item in value.items()]
    elif isinstance(value, list):
        inside = [(f"{path}[{number}]", item) for number, item in enumerate(value)]
    else:
        return [] if value is None else [(path, str(value).lower() if isinstance(value, bool) else str(value))]
    return [pair for name, item in inside for pair in flatten(item, name)]


def encode(family, media, type_name, value, ascii_only=False):
    """Text of a body, and its media type; what JSON and XML may write as it is or as a reference, `ascii_only` does."""
    if media == "form":
        return urllib.parse.urlencode(flatten(value)), "application/x-www-form-urlencoded"
    if media == "json":
        return json.dumps(value, ensure_ascii=ascii_only), "application/json"
    # XML readers turn each line end into LF, unless it is a reference.
    text = family.encode("xml", type_name, value).replace("\r", "&#13;")
    if ascii_only:
        text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    return text, "application/xml"
