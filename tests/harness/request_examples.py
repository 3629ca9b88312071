"""The examples of requests in docs/openapi.json, made good: with identifiers and secrets of rows that there are."""

import base64
import re
import urllib.parse

from .bodies import Operation as Body
from .bodies import encode
from .canary import fill, path_of
from .doc_tables import OPENAPI, resolve
from .families import FAMILIES
from .licensing import REFERENCES
from .writes import ALL, FORM, Setting, make_parents, person_in_a_browser, program, registered, rules, visited

# What an example can only make up: members that hold what a server, a machine or a person has given to somebody.
GIVEN = {"userKey", "machineId", "feature", "request", "receipt", "token", "client_id", "client_secret", "code", "id",
         "currentPassword", "traceId", "ClientGroupId", "ClientGroupsId", "clientId", "licenseId", "resourceId"}
# The same where it is so in one body alone. Two rows cannot have one name.
GIVEN_BY = {"POST /v1/session": {"username", "password"}, "DELETE /v1/session/totp": {"password"},
            "POST /v1/session/totp/recovery-codes": {"password"},
            "PUT /v1/discovery-groups": {"name"}}
# What counts for a minute only: prepared anew when it is sent.
PASSING = {"code"}
JSON, XML = "application/json", "application/xml"
MEDIA = {"json": JSON, "xml": XML, "form": FORM}


def operations():
    """(method, path, operation) of all that the document has."""
    return [(method.upper(), path, operation) for path, methods in OPENAPI["paths"].items()
            for method, operation in methods.items()]


def name(operation):
    return f"{operation[0]} {operation[1]}"


def content_of(operation):
    return operation.get("requestBody", {}).get("content", {})


def example_of(operation):
    """The example of the body; None where there is no body."""
    content = content_of(operation)
    return next((content[media]["example"] for media in (JSON, FORM) if media in content), None)


def present(schema):
    """A schema without its null."""
    schema = resolve(schema)
    return next((resolve(one) for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)


class Held(Exception):
    """A call that was not made."""

    def __init__(self, method, path, body, options):
        super().__init__(f"{method} {path}")
        self.method, self.path, self.body, self.options = method, path, body, options


class Holder(Setting):
    """Prepares calls, and holds them back."""

    holding = False

    def call(self, method, path, body=None, **options):
        if self.holding:
            raise Held(method, path, body, options)
        return super().call(method, path, body, **options)

    def prepared(self, prepare):
        call = prepare(self)[0]
        self.holding = True
        try:
            call()
        except Held as held:
            return held
        finally:
            self.holding = False
        raise AssertionError(f"{prepare.__name__} calls nothing")


def as_client(path):
    """What an API client does, by its secret, with a token of its own."""
    def prepare(setting):
        made = setting.api_client()
        basic = base64.b64encode(f"{made['ID']}:{made['Secret']}".encode()).decode()
        options = {"content_type": FORM, "key": "", "headers": {"Authorization": f"Basic {basic}"}}
        token = setting.call("POST", "/oauth2/token", "grant_type=client_credentials", **options)["access_token"]
        return lambda: setting.call("POST", path, urllib.parse.urlencode({"token": token}), **options), None
    prepare.__name__ = path
    return prepare


def search(setting):
    return lambda: setting.call("POST", "/v1/search", {"q": "x"}), None


def activations(setting):
    _, body = program(setting, 1, "activate")
    return lambda: setting.call("GET", "/v1/license/activations", key="", headers={"X-User-Key": body["userKey"]}), None


def own_registration(setting):
    _, path, manager = registered(setting)
    return lambda: setting.call("GET", path, key="", headers=manager), None


def registration(setting):
    made = registered(setting)[0]
    return lambda: setting.call("GET", f"/api/v1/admin/registrations/{made['client_id']}"), None


def by_browser(path):
    def prepare(setting):
        browser = person_in_a_browser(setting)
        return lambda: setting.call("GET", path, key="", headers=browser.headers("GET")), None
    return prepare


def by_owner(path):
    """With an account's own key."""
    def prepare(setting):
        key, _, consents = visited(setting)
        return lambda: setting.call("GET", path.replace("/api/domains/{domainId}/consents", consents).replace(
            "{ucid}", "ab" * 32), key=key), None
    return prepare


def previewed(path):
    def prepare(setting):
        return lambda: setting.call("POST", f"/api/dynamicclients/{path}", rules("x")), None
    return prepare


# Beside those that write; the first one of an operation counts.
READING = [*map(as_client, ("/oauth2/token", "/Token", "/oauth2/introspect", "/oauth2/revoke")), search, activations, own_registration, registration,
           by_browser("/v1/session"), by_browser("/v1/sessions"), previewed("preview"), previewed("preview/count"),
           *map(by_owner, ("/api/test", "/api/domains", "/api/domains/{domainId}/consents", "/api/domains/{domainId}/consents/{ucid}"))]


class Requests:
    """What is sent for each operation: its example, in one format."""

    def __init__(self, installation, document, media):
        self.document, self.media = document, media
        self.setting = Holder(installation)
        self.world = fill(self.setting.world)
        make_parents(self.setting)
        self.held = {}
        for prepare in READING + ALL:
            held = self.setting.prepared(prepare)
            self.held.setdefault(id(document.find(held.method, held.path)), (held, prepare))

    def hold(self, method, path, operation):
        """Where the operation is called; reading ones are found by their paths."""
        held, prepare = self.held.get(id(self.document.root["paths"][path][method.lower()]), (None, None))
        if held and PASSING & set(self.given(held)):
            held = self.setting.prepared(prepare)
        if held is None:
            assert method == "GET", f"{method} {path}: nothing prepares it"
            held = Held(method, path_of(self.world, path), None, {})
        for parameter in operation["parameters"]:
            if parameter.get("in") == "path":
                assert "example" in parameter, (method, path, parameter)
        return held

    def takes(self, operation):
        """Whether it can be sent in the format."""
        content = content_of(operation)
        return MEDIA[self.media] in content or (not content and self.media != "form")

    def given(self, held):
        """Members of the body that was held back, wherever they stand in it."""
        body = held.body
        if isinstance(body, str):
            return dict(urllib.parse.parse_qsl(body))
        found = {}

        def collect(value):
            for item in value if isinstance(value, list) else [value]:
                for member, inner in item.items() if isinstance(item, dict) else ():
                    if not isinstance(inner, dict):
                        found.setdefault(member, inner)
                    collect(inner)
        collect(body)
        return found

    def fill(self, operation, schema, value, given):
        """The example with what there is in the place of what it makes up."""
        schema = present(schema)
        if isinstance(value, list):
            return [self.fill(operation, schema["items"], item, given) for item in value]
        if not isinstance(value, dict) or "properties" not in schema:
            return value
        filled = {}
        for member, inner in value.items():
            told = schema["properties"][member]
            made_up = "x-references" in told or member in GIVEN | GIVEN_BY.get(operation, set())
            if made_up and isinstance(given.get(member), type(inner)):
                filled[member] = given[member]
            elif "x-references" in told:
                filled[member] = self.reference(told["x-references"], member)
            else:
                filled[member] = self.fill(operation, told, inner, given)
        return filled

    def reference(self, kind, member):
        return self.setting.installation.admin_id if kind == "user" else self.world.get(REFERENCES[member])

    def body(self, method, path, operation, held):
        """Text of the example, and its media type; None where the operation has no body."""
        content = content_of(operation)
        if not content:
            return None, None
        described = content[MEDIA[self.media]]
        value = self.fill(f"{method} {path}", described["schema"], example_of(operation), self.given(held))
        body = Body(method, path, described)
        return encode(FAMILIES[body.family], self.media, body.type_name, value)

    def send(self, method, path, operation, query=None, target=None, text=None, key=None):
        """The answer to the example, with a query beside it; or to another path, body or key."""
        held = self.hold(method, path, operation)
        example, media = self.body(method, path, operation, held)
        text = example if text is None else text
        query = required(operation) | (query or {})
        target = target or held.path
        if query:
            target += ("&" if "?" in target else "?") + urllib.parse.urlencode(query)
        options = {name: held.options[name] for name in ("key", "headers") if name in held.options and key is None}
        if key is not None:
            options["key"] = key
        accept = JSON if self.media == "form" else MEDIA[self.media]
        return self.setting.admin.call(method, target, text, content_type=media, accept=accept, **options)


def required(operation):
    """Parameters that must be sent."""
    return {one["name"]: one["example"] for one in operation["parameters"] if one.get("in") == "query" and one.get("required")}


def queries(operation):
    """What its parameters may be, one by one."""
    for parameter in operation["parameters"]:
        if parameter.get("in") == "query" and "example" in parameter:
            value = parameter["example"]
            yield {parameter["name"]: value[0] if isinstance(value, list) else value}


def made_up_texts(value):
    """Texts of an example that nobody has thought of."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in made_up_texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in made_up_texts(inner)]
    return [value] if value in ("text", "word") or re.search(r"\bstring\b", str(value)) else []
