"""Answers against the OpenAPI document: every answer must be one that docs/openapi.json describes."""

import functools
import json
import re
import urllib.parse

import jsonschema

from .csv_text import records
from .plain_schema import Plain

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
BODILESS = (204, 304)
# How each JSON type that is no text is written in XML, and read.
SCALARS = {"integer": ("-?(0|[1-9][0-9]*)", int), "number": (r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", float),
           "boolean": ("true|false", "true".__eq__)}
# Other names of described media types.
SAME = {"text/json": "application/json", "text/xml": "application/xml", "application/ndjson": "application/x-ndjson",
        "application/jsonl": "application/x-ndjson"}
LONGEST_TARGET = 16000  # the web server's limit for the first line of a request, about


class Undescribed(AssertionError):
    """An answer that the document does not allow for."""


class Document:
    def __init__(self, path):
        self.root = json.loads(path.read_text(encoding="utf-8"))
        self.resolver = jsonschema.RefResolver.from_schema(self.root)
        self.plain = Plain(self.resolve)
        self.paths = []
        self.checked = set()  # digests of bodies that are as they should be; many are sent again and again
        for template, item in self.root["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            self.paths.append((template.count("{"), re.compile(pattern + "/?", re.IGNORECASE), item))
        # Literals beat captures, as in the program.
        self.paths.sort(key=lambda one: one[0])

    def find(self, method, target):
        """The operation of a request; None where the path has none with that method."""
        path = re.split(r"[?#]", target)[0]
        try:
            path = urllib.parse.unquote(re.sub("%2f", "_", path, flags=re.IGNORECASE), errors="strict")
        except UnicodeDecodeError:
            return None
        # The web server itself takes dots off, and answers what is too long for it.
        if ".." in path or len(target) > LONGEST_TARGET:
            return None
        for _, pattern, item in self.paths:
            if pattern.fullmatch(path):
                return item.get(method.lower())
        return None

    def resolve(self, value):
        while "$ref" in value:
            value = self.resolver.resolve(value["$ref"])[1]
        return value

    @functools.lru_cache(maxsize=None)
    def validator(self, text):
        schema = json.loads(text)
        return jsonschema.Draft202012Validator(schema, resolver=self.resolver)

    def check(self, method, target, answer):
        operation = self.find(method, target)
        if operation is None or method == "HEAD":
            return
        where = f"{operation['operationId']}: {answer!r}"
        described = operation["responses"].get(str(answer.status))
        if described is None:
            raise Undescribed(f"no such status is described: {where}")
        described = self.resolve(described)
        for name, header in described.get("headers", {}).items():
            if self.resolve(header).get("required") and name.lower() not in answer.headers:
                raise Undescribed(f"the header {name} is missing: {where}")
        # Either it is known that nothing is stored, or it is said that it is not.
        if answer.status == 503 and "retry-after" not in answer.headers and (
                method == "GET" or answer.headers.get("outcome") != "unknown"):
            raise Undescribed(f"the header Retry-After is missing: {where}")
        if answer.status in BODILESS:
            return
        media = (answer.content_type or "").split(";")[0]
        media = SAME.get(media, media)
        content = described["content"].get(media)
        if content is None and "*/*" in described["content"]:
            return  # a file, of any type
        if content is None:
            raise Undescribed(f"no such media type is described: {where}")
        digest = hash((operation["operationId"], answer.status, media, answer.body))
        if digest in self.checked:
            return
        if media == "application/json":
            self.check_json(content["schema"], answer.json(), where)
        elif media == "application/xml":
            self.check_xml(content["schema"], answer.xml(), where)
        elif media == "application/x-ndjson":
            for line in answer.text.splitlines():
                self.check_json(self.row_schema(described["content"]["application/json"]["schema"]), json.loads(line), where)
        elif media == "text/csv":
            records(answer.text)
        self.checked.add(digest)

    def row_schema(self, schema):
        """The schema of the rows in the answer that is a list, in whatever envelope; None where it is no list."""
        schema = self.resolve(schema)
        if "items" in schema:
            return schema["items"] if "properties" in self.resolve(schema["items"]) else None
        found = map(self.row_schema, schema.get("properties", {}).values())
        return next((one for one in found if one is not None), None)

    def check_json(self, schema, value, where):
        if not self.plain.accepts(schema, value):
            fault = jsonschema.exceptions.best_match(self.validator(json.dumps(schema)).iter_errors(value))
            if fault is not None:
                raise Undescribed(f"{'.'.join(map(str, fault.absolute_path))}: {fault.message[:500]}: {where}")
        unknown = list(self.unknown_members(schema, value, "body"))
        if unknown:
            raise Undescribed(f"not described: {unknown}: {where}")

    def unknown_members(self, schema, value, path):
        """Members of a JSON value that the schema does not name: the schemas leave them open for callers,
        the program has none."""
        schema = self.choose(schema, value is None)
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.unknown_members(schema.get("items", {}), item, f"{path}[{number}]")
        elif isinstance(value, dict) and "properties" in schema:
            for name, item in value.items():
                if name not in schema["properties"]:
                    yield f"{path}.{name}"
                else:
                    yield from self.unknown_members(schema["properties"][name], item, f"{path}.{name}")

    def choose(self, schema, null):
        """The alternative for null, or the one for everything else."""
        own = schema
        schema = self.resolve(schema)
        for alternative in schema.get("anyOf", []):
            if (alternative.get("type") == "null") == null:
                chosen = self.resolve(alternative)
                return {**chosen, **({"xml": own["xml"]} if "xml" in own else {})}
        return schema

    # --- XML: read as the schema says, and then checked like JSON ---

    def check_xml(self, schema, element, where):
        self.check_json(schema, self.read_root(schema, element, where), where)

    def read_root(self, schema, element, where):
        return self.read_element(schema, element, element.tag.rpartition("}")[2], where)

    def read_as_json(self, method, target, answer):
        """The body of an answer in XML as the one in JSON would be; members that are null may be left out."""
        described = self.resolve(self.find(method, target)["responses"][str(answer.status)])
        return self.read_root(described["content"]["application/xml"]["schema"], answer.xml(), repr(answer))

    def is_nullable(self, schema):
        schema = self.resolve(schema)
        kinds = schema.get("type", [])
        return "null" in ([kinds] if isinstance(kinds, str) else kinds) or \
            any(self.is_nullable(one) for one in schema.get("anyOf", []))

    def read_element(self, schema, element, path, where):
        """The element as a JSON value."""
        null = element.get(NIL) == "true"
        schema = self.choose(schema, null)
        children = list(element)
        if null:
            return None
        if "items" in schema:
            return [self.read_item(schema["items"], child, path, where) for child in children]
        if "properties" in schema:
            return self.read_members(schema, children, path, where)
        if schema.get("type") == "object" or "additionalProperties" in schema:
            return self.read_map(schema, children)
        if children:
            raise Undescribed(f"{path} should be plain: {where}")
        return self.read_scalar(schema, element.text or "")

    def read_item(self, schema, child, path, where):
        tag, name = child.tag.rpartition("}")[2], self.resolve(schema).get("xml", {}).get("name")
        if tag != name:
            raise Undescribed(f"{path} has an item {tag} instead of {name}: {where}")
        return self.read_element(schema, child, f"{path}/{tag}", where)

    def read_members(self, schema, children, path, where):
        expected = {}
        for name, member in schema["properties"].items():
            expected[member.get("xml", {}).get("name", name)] = (name, member)
        found = {}
        for child in children:
            tag = child.tag.rpartition("}")[2]
            if tag not in expected or expected[tag][0] in found:
                raise Undescribed(f"{path}/{tag} is not described, or there twice: {where}")
            name, member = expected[tag]
            found[name] = self.read_element(member, child, f"{path}/{tag}", where)
        # Serializers that leave nulls out cannot show members that are null.
        for name, member in expected.values():
            if name in schema.get("required", []) and self.is_nullable(member):
                found.setdefault(name, None)
        return found

    @staticmethod
    def read_map(schema, children):
        """Elements by their names, or pairs of key and value; a list of sentences may be one element with all of them."""
        values, found = schema.get("additionalProperties"), {}
        for child in children:
            tag = child.tag.rpartition("}")[2]
            name, holder = (child[0].text, child[1]) if tag.startswith("KeyValueOf") else (tag, child)
            if isinstance(values, dict) and values.get("type") == "array":
                found.setdefault(name, []).extend([item.text or "" for item in holder] or [holder.text or ""])
            else:
                found[name] = None if holder.get(NIL) == "true" else holder.text or ""
        return found

    @staticmethod
    def read_scalar(schema, text):
        """Text that is written otherwise than XML Schema writes that type stays text, and is refused as such."""
        words = schema.get("x-enum-varnames", [])
        if text in words:
            return schema["enum"][words.index(text)]
        if words:
            return text
        kinds = schema.get("type", "string")
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            pattern, read = SCALARS.get(kind, (None, None))
            if pattern and re.fullmatch(pattern, text):
                return read(text)
        return text
