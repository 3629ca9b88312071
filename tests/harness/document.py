"""Answers against the OpenAPI document: every answer must be one that docs/openapi.json describes."""

import functools
import json
import re
import urllib.parse

import jsonschema

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
BODILESS = (204, 304)
LONGEST_TARGET = 16000  # the web server's limit for the first line of a request, about


class Undescribed(AssertionError):
    """An answer that the document does not allow for."""


class Document:
    def __init__(self, path):
        self.root = json.loads(path.read_text(encoding="utf-8"))
        self.resolver = jsonschema.RefResolver.from_schema(self.root)
        self.paths = []
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
        media = {"text/json": "application/json", "text/xml": "application/xml"}.get(media, media)
        content = described["content"].get(media)
        if content is None:
            raise Undescribed(f"no such media type is described: {where}")
        if media == "application/json":
            self.check_json(content["schema"], answer.json(), where)
        elif media == "application/xml":
            self.check_xml(content["schema"], answer.xml(), where)

    def check_json(self, schema, value, where):
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

    # --- XML: names, and what must be there ---

    def check_xml(self, schema, element, where):
        # Serializers that leave nulls out cannot show members that are null.
        self.check_element(schema, element, element.tag.rpartition("}")[2], where)

    def is_nullable(self, schema):
        schema = self.resolve(schema)
        kinds = schema.get("type", [])
        return "null" in ([kinds] if isinstance(kinds, str) else kinds) or \
            any(self.is_nullable(one) for one in schema.get("anyOf", []))

    def check_element(self, schema, element, path, where):
        null = element.get(NIL) == "true"
        nullable = self.is_nullable(schema)
        schema = self.choose(schema, null)
        if null:
            if not nullable and schema.get("type") != "null":
                raise Undescribed(f"{path} is nil: {where}")
            return
        children = list(element)
        if "items" in schema:
            item = self.resolve(schema["items"])
            name = item.get("xml", {}).get("name")
            for child in children:
                tag = child.tag.rpartition("}")[2]
                if tag != name:
                    raise Undescribed(f"{path} has an item {tag} instead of {name}: {where}")
                self.check_element(item, child, f"{path}/{tag}", where)
        elif "properties" in schema:
            self.check_members(schema, children, path, where)
        elif children and "additionalProperties" not in schema and schema.get("type") != "object":
            raise Undescribed(f"{path} should be plain: {where}")

    def check_members(self, schema, children, path, where):
        expected = {}
        for name, member in schema["properties"].items():
            expected[member.get("xml", {}).get("name", name)] = (name, member)
        seen = set()
        for child in children:
            tag = child.tag.rpartition("}")[2]
            if tag not in expected or tag in seen:
                raise Undescribed(f"{path}/{tag} is not described, or there twice: {where}")
            seen.add(tag)
            self.check_element(expected[tag][1], child, f"{path}/{tag}", where)
        for tag, (name, member) in expected.items():
            if name in schema.get("required", []) and tag not in seen and not self.is_nullable(member):
                raise Undescribed(f"{path}/{tag} is missing: {where}")
