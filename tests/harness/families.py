"""The families' habits, as far as a caller must know them: names, XML, lists. Bodies go in and out as plain
Python values with the JSON names, whatever the format."""

import dataclasses
import itertools
import re
from xml.sax.saxutils import escape

from .doc_tables import OPENAPI, SCHEMAS

_names = itertools.count(1)

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
MEDIA = {"json": "application/json", "xml": "application/xml"}


@dataclasses.dataclass(frozen=True)
class Family:
    name: str
    namespace: str = None       # of the XML root; None: none
    pascal: bool = False        # XML names begin with an upper-case letter, JSON names do not
    serializer: bool = False    # xsd and xsi on the root, null members left out
    lists: dict = dataclasses.field(default_factory=dict)  # list members and the names of their items
    maps: tuple = ()            # members that are dictionaries of texts (or, elsewhere, lists)
    keyless: bool = False       # may be called without a key

    # --- out ---

    def encode(self, media, type_name, value):
        """Text of a body. In XML, a list is called ArrayOf<type_name>."""
        if media == "json":
            raise ValueError("JSON needs no help")
        root = f"ArrayOf{type_name}" if isinstance(value, list) else type_name
        if self.serializer:
            declared = f'xmlns:xsd="{SCHEMA}" xmlns:xsi="{INSTANCE}"'
        else:
            declared = f'xmlns:i="{INSTANCE}"'
            if self.namespace:
                declared += f' xmlns="{self.namespace}"'
        inside = self._inside(value, type_name)
        return f"<{root} {declared}>{inside}</{root}>"

    def _inside(self, value, item_name):
        if isinstance(value, dict):
            return "".join(self._map(name, item) if name in self.maps and item is not None else
                           self._element(self._xml_name(name), item, self.lists.get(name, "string"))
                           for name, item in value.items())
        if isinstance(value, list):
            return "".join(self._element(item_name, item, None) for item in value)
        if isinstance(value, bool):
            return "true" if value else "false"
        return escape(str(value))

    def _element(self, name, value, item_name):
        if value is None:
            prefix = "xsi" if self.serializer else "i"
            return f'<{name} {prefix}:nil="true" />'
        return f"<{name}>{self._inside(value, item_name)}</{name}>"

    def _map(self, name, value):
        pairs = "".join(f"<KeyValueOfstringstring><Key>{escape(key)}</Key><Value>{escape(text)}</Value>"
                        "</KeyValueOfstringstring>" for key, text in value.items())
        return f"<{self._xml_name(name)}>{pairs}</{self._xml_name(name)}>"

    def _xml_name(self, name):
        return name[0].upper() + name[1:] if self.pascal else name

    # --- in ---

    def decode(self, answer):
        """Value of an answer's body; in XML every scalar is text."""
        if not answer.body:
            return None
        if not answer.is_xml:
            return answer.json()
        return self._value(answer.xml())

    def _json_name(self, tag):
        name = re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), local_name(tag))
        return name[0].lower() + name[1:] if self.pascal else name

    def _value(self, element):
        if element.get(f"{{{INSTANCE}}}nil") == "true":
            return None
        name = local_name(element.tag)
        children = list(element)
        if self._json_name(element.tag) in self.maps and not (
                children and local_name(children[0].tag).startswith("KeyValueOf")):
            return [self._value(child) for child in children] or {}
        if name.startswith("ArrayOf") or self._json_name(element.tag) in self.lists:
            return [self._value(child) for child in children]
        if children and local_name(children[0].tag).startswith("KeyValueOf"):
            return {pair[0].text: self._value(pair[1]) for pair in children}
        if children and all(child.tag.startswith(f"{{{ARRAYS}}}") for child in children):
            return [self._value(child) for child in children]
        if children:
            return {self._json_name(child.tag): self._value(child) for child in children}
        return element.text or ""


def local_name(tag):
    return tag.rpartition("}")[2]


def _referred(schema):
    return SCHEMAS[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _is_object(schema):
    return "$ref" in schema or any("$ref" in one for one in schema.get("anyOf", []))


def _operations(group):
    return [operation for item in OPENAPI["paths"].values() for operation in item.values()
            if operation["tags"][0] in group["tags"]]


# They name their parts as others name lists; their tests read XML by themselves.
APART = {"licensing.StatisticsResponse", "licensing.SessionPermissions"}


def _described(group):
    """The family as docs/openapi.json has it. A name that is a list here and an object there is taken for neither."""
    found = {"lists": {}, "maps": set(), "namespace": None, "pascal": False}
    objects = set()
    # What callers send comes last, and stays.
    for key, schema in sorted(SCHEMAS.items(), key=lambda one: "Insert" in one[0] or "Update" in one[0]):
        if key.split(".")[0] != group["x-family"] or key in APART:
            continue
        found["namespace"] = schema.get("xml", {}).get("namespace") or found["namespace"]
        for name, member in schema.get("properties", {}).items():
            found["pascal"] |= member.get("xml", {}).get("name", name) != name
            if "items" in member:
                found["lists"][name] = _referred(member["items"])["xml"]["name"]
            elif isinstance(member.get("additionalProperties"), dict):
                found["maps"].add(name)
            elif _is_object(member):
                objects.add(name)
    return Family(
        group["x-family"], found["namespace"], found["pascal"], serializer=group.get("x-xml-nulls") == "absent",
        lists={name: item for name, item in found["lists"].items() if name not in objects | found["maps"]},
        maps=tuple(sorted(found["maps"])),
        keyless=all({} in operation.get("security", []) for operation in _operations(group)))


# By their names; those below are what tests of one family write.
FAMILIES = {group["x-family"]: _described(group) for group in OPENAPI["x-tagGroups"]}
DISCOVERY, CREDENTIALS, DELEGATES = FAMILIES["discovery"], FAMILIES["credentials"], FAMILIES["delegates"]
HOSTING, LICENSING = FAMILIES["hosting"], FAMILIES["licensing"]


class Api:
    """A caller of one family in one format: bodies and answers in JSON or in XML."""

    def __init__(self, client, family, media):
        self.client = client
        self.family = family
        self.media = media

    @property
    def is_xml(self):
        return self.media == "xml"

    def call(self, method, path, type_name=None, value=None, **options):
        options.setdefault("accept", MEDIA[self.media])
        if value is not None and not isinstance(value, (str, bytes)):
            if self.is_xml:
                value = self.family.encode("xml", type_name, value)
            options.setdefault("content_type", MEDIA[self.media])
        answer = self.client.call(method, path, value, **options)
        if answer.body:
            assert answer.is_xml == self.is_xml, answer
        answer.value = self.family.decode(answer)
        return answer

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, type_name=None, value=None, **options):
        return self.call("POST", path, type_name, value, **options)

    def put(self, path, type_name=None, value=None, **options):
        return self.call("PUT", path, type_name, value, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    def check(self, actual, expected, where="body"):
        """
        Fails unless `actual` has what `expected` says: dictionaries by the members named, lists item by
        item, scalars by value (in XML by their text). A callable is asked about the value; "..." as a
        value accepts anything that is there.
        """
        if expected is ...:
            return
        if callable(expected):
            assert expected(actual), f"{where}: {actual!r}"
        elif isinstance(expected, dict):
            assert isinstance(actual, dict), f"{where}: {actual!r} is no object"
            for name, value in expected.items():
                if value is None and self.is_xml and self.family.serializer:
                    assert actual.get(name) is None, f"{where}.{name}: {actual[name]!r}"
                    continue
                assert name in actual, f"{where}.{name} is missing: {actual!r}"
                self.check(actual[name], value, f"{where}.{name}")
        elif isinstance(expected, list):
            assert isinstance(actual, list) and len(actual) == len(expected), f"{where}: {actual!r}"
            for number, (one, other) in enumerate(zip(actual, expected)):
                self.check(one, other, f"{where}[{number}]")
        else:
            if self.is_xml and expected is not None:
                expected = str(expected).lower() if isinstance(expected, bool) else str(expected)
            assert actual == expected and type(actual) is type(expected), \
                f"{where}: {actual!r} instead of {expected!r}"

    def faults(self, answer):
        """The faults of an error body, as {path: text}."""
        for member in ("ModelState", "modelState", "errors"):
            if isinstance(answer.value, dict) and member in answer.value:
                found = answer.value[member] or {}
                return {key: text if isinstance(text, str) else " ".join(text)
                        for key, text in found.items()}
        return {}


def unique(stem):
    """A name that no other test uses."""
    return f"{stem}-{next(_names)}"


def new_api_client(user, **members):
    """The body that makes an API client of that user: what its reference requires, and `members`."""
    return {"Name": unique("program")[:18], "Secret": "its own secret", "UserID": user} | members


def with_made_secret(admin, made):
    """The same API client with a secret of the server's own, which is quick to check."""
    answer = admin.post(f"/api/v1/admin/clients/{made['ID']}/secrets", {"GraceSeconds": 0})
    assert answer.status == 200, answer
    return made | {"Secret": answer.json()["ResponseData"]["Detail"]["Secret"]}
