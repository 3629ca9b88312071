"""The OpenAPI document as it is served, and the check that all other tests make with it."""

import gzip
import json
import re
import urllib.parse

import jsonschema
import pytest

from harness.client import Answer
from harness.document import Document, Undescribed
from harness.families import new_api_client
from harness.installation import TOP
from harness.plain_schema import NOTES, SIMPLE, Plain

GOLDEN = TOP / "docs/openapi.json"
GOLDEN_3_0 = TOP / "docs/openapi-3.0.json"


@pytest.fixture(scope="module")
def document():
    return Document(GOLDEN)


def answer(status, body, media="application/json", **headers):
    headers = {"x-request-id": "1", "content-type": f"{media}; charset=utf-8", **headers}
    return Answer(None, "1", status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def test_served_document_is_the_kept_one(anonymous):
    served = anonymous.get("/openapi.json")
    assert served.status == 200
    assert served.content_type == "application/json"
    assert served.json() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_it_is_compressed_for_those_who_can(anonymous):
    plain = anonymous.get("/openapi.json")
    small = anonymous.call("GET", "/openapi.json", headers={"Accept-Encoding": "gzip"}, check=False)
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == plain.body
    assert len(small.body) * 5 < len(plain.body)


def test_it_names_the_base_path(private_installation):
    running = private_installation(base_path="/registry")
    for name in ("openapi.json", "openapi-3.0.json"):
        served = running.client().get(f"/registry/{name}").json()
        assert served["servers"][0]["url"] == "/registry"
        flow = served["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
        assert flow["tokenUrl"] == "/registry/oauth2/token"


def test_older_document_is_the_same_in_older_words(anonymous, document):
    """Whatever OpenAPI 3.0 has another word for, and nothing else, is told otherwise."""
    older = anonymous.get("/openapi-3.0.json").json()
    assert older == json.loads(GOLDEN_3_0.read_text(encoding="utf-8"))

    def modern(value):
        if isinstance(value, list):
            return [modern(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "properties" in value and not isinstance(value["properties"].get("type"), str):
            value = {**value, "properties": {name: modern(one) for name, one in value["properties"].items()}}
            return {name: one if name == "properties" else modern(one) for name, one in value.items()}
        value = {name: modern(one) for name, one in value.items()}
        nullable = value.pop("nullable", False)
        if "example" in value and "schema" not in value:  # of a schema: bodies and parameters have one in both
            value["examples"] = [value.pop("example")]
        if "allOf" in value:
            [reference] = value.pop("allOf")
            if not nullable:
                return value | reference
            assert value.pop("type") == "object"
            return value | {"anyOf": [reference, {"type": "null"}]}
        if "anyOf" in value and all(set(one) == {"type"} or one["type"][-1] == "null" for one in value["anyOf"]):
            kinds = [one["type"] if isinstance(one["type"], list) else [one["type"]] for one in value.pop("anyOf")]
            return value | {"type": list(dict.fromkeys(sorted((kind for one in kinds for kind in one), key="null".__eq__)))}
        if nullable:
            value["type"] = [value["type"], "null"]
        return value

    made = modern(older)
    assert (older["openapi"], document.root["openapi"]) == ("3.0.3", "3.1.0")
    assert set(older["info"]["license"]) == {"name", "url"}
    for part in ("paths", "components", "tags", "x-tagGroups", "x-events", "security", "servers"):
        assert made.get(part) == document.root.get(part), part


def test_typed_clients_send_no_defaults(document):
    """Generators make members with a default that is sent where a program has set nothing: rules would take it for meant."""
    for name, schema in document.root["components"]["schemas"].items():
        assert not [member for member, one in schema.get("properties", {}).items() if "default" in one], name
    assert document.root["components"]["schemas"]["licensing.License.Insert"]["properties"]["format"]["x-default"] == 0


def test_scopes_are_those_that_tokens_take(document, installation, client):
    """Each word of the document brings a token; one that may not do what an operation names is refused there."""
    scheme = document.root["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert {"read", "update", "delete", "create", "Administrator", "Sales"} <= set(scheme["scopes"])
    made = client.post("/api/v1/admin/clients", new_api_client(installation.admin_id)).json()["ResponseData"]["Detail"]
    caller = installation.client()
    tokens = {}
    for scope in scheme["scopes"]:
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": made["ID"],
                                       "client_secret": made["Secret"], "scope": scope})
        answer = caller.post(scheme["tokenUrl"], form, content_type="application/x-www-form-urlencoded")
        if scope in ("read", "update", "delete", "create", "Administrator"):
            assert answer.status == 200, answer
            tokens[scope] = answer.json()["access_token"]
        else:
            # The administrator has not these roles, so that a token of them would bring nothing.
            assert answer.status == 400 and "scope" in answer.text, answer
    for method, path, operation in operations(document):
        if (method, path) in (("GET", "/v1/products"), ("POST", "/v1/products"), ("PUT", "/v1/products")):
            [needed] = [scopes for way in operation["security"] for name, scopes in way.items() if name == "oauth2"]
            for scope in ("read", "create", "update"):
                status = caller.call(method, path, json.dumps({}), content_type="application/json",
                                     headers={"Authorization": f"Bearer {tokens[scope]}"}).status
                assert (status == 403) == ([scope] != needed), (method, scope, status)


def test_every_reference_leads_somewhere(document):
    def walk(value):
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                assert document.resolve(value)
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(document.root)


def operations(document):
    return [(method.upper(), path, operation) for path, item in document.root["paths"].items()
            for method, operation in item.items()]


def rows_of(document):
    """The schema of the rows of each resource; of one that is also part of others, the whole."""
    found = {}
    for schema in document.root["components"]["schemas"].values():
        name = schema.get("x-resource")
        if name and len(schema["properties"]) > len(found.get(name, {"properties": ()})["properties"]):
            found[name] = schema
    return found


def own_area(roles):
    """The area of the own rows that roles are let in for."""
    own, = set(re.findall(r"(\w+) \(own rows\)", roles)) or {None}
    return {None: None, "Customer": "own", "Delegate": "ownGroups"}[own]


def test_operations_say_who_may_call_them(document):
    """As the list of all routes does, which a unit test makes of the same tables."""
    said = {}
    for method, path, operation in operations(document):
        access = operation["x-access"]
        said[method, path] = (access.get("other", "key"), access.get("area", "-"), access.get("permission", "-"),
                              access.get("own"))
    lines = (TOP / "tests/golden/access.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert said == {(method, path): (other, area, may, own_area(roles)) for method, path, other, area, may, roles in
                    (re.split("  +", line, maxsplit=5) for line in lines)}


def test_operations_say_what_they_are_about(document):
    rows = rows_of(document)
    about = {(method, path): (operation["x-kind"], operation.get("x-resource"))
             for method, path, operation in operations(document)}
    for kind, resource in about.values():
        # What rules would add looks as clients of a group do.
        assert resource is None or resource in rows or resource == "dynamicClient"
        assert resource is not None or kind not in ("insert", "bulk", "update", "delete")
    assert [about[one] for one in [
        ("GET", "/v1/licenses"), ("POST", "/v1/licenses"), ("POST", "/v1/licenses/bulk"), ("PUT", "/v1/licenses"),
        ("DELETE", "/v1/licenses/{licenseId}"), ("GET", "/v1/licenses/{licenseId}/file"),
        ("POST", "/v1/licenses/{licenseId}/renew"), ("GET", "/hosting/api/client/{clientId}"),
        ("GET", "/api/delegategroups/{delegateGroupId}/clients/count")]] == [
            ("list", "license"), ("insert", "license"), ("bulk", "license"), ("update", "license"), ("delete", "license"),
            ("file", "license"), ("action", "license"), ("item", "account"), ("count", "delegateGroupClient")]


def test_roles_are_those_of_the_operations(document, client):
    """What the document says of a role is what it says of each operation, and what the server has."""
    roles = {role["name"]: role for role in document.root["x-roles"]}
    assert set(roles) == {row["name"] for row in client.get("/v1/roles").json()["roles"]}
    for path, method, operation in operations(document):
        access = operation["x-access"]
        granted = re.search(r"granted by the roles: ([\w, ]+)\.", operation.get("description", ""))
        if "area" in access and granted:
            assert granted.group(1).split(", ") == [name for name, role in roles.items() if access["permission"] in
                                                    role["permissions"].get(access["area"], [])], f"{method} {path}"


def test_settings_are_those_of_the_server(document, client):
    described = document.root["x-settings"]
    assert [(one["group"], one["name"], one["type"]) for one in described] == \
        [(one["group"], one["name"], one["type"]) for one in client.get("/v1/settings").json()["settings"]]
    for one in described:
        name = {"group": one["group"], "name": one["name"]}
        change = client.put("/v1/settings", {"settings": [{**name, "value": None}]})
        assert (change.status == 400) == one.get("readOnly", False), name
        if change.status == 200:
            assert client.get(f"/v1/settings?request={one['group']}.{one['name']}").json()["settings"][0]["value"] == one["default"]
        for bound, beyond in (("minimum", -1), ("maximum", 1)):
            if bound in one:
                for value, status in ((one[bound], 200), (one[bound] + beyond, 400)):
                    assert client.put("/v1/settings", {"settings": [{**name, "value": value}]}).status == status
    client.put("/v1/settings", {"settings": [{"group": one["group"], "name": one["name"], "value": None}
                                             for one in described if not one.get("readOnly")]})


def test_references_lead_to_rows(document):
    rows = rows_of(document)
    found = set()
    for schema in rows.values():
        for name, member in schema["properties"].items():
            found.add(member.get("x-references"))
    for name in found - {None, "person"}:  # of whom commands alone tell
        assert any(one.get("x-key") for one in rows[name]["properties"].values()), name
    assert {"customer", "user", "apiClient", "application"} <= found


def test_names_are_of_one_kind_of_rows(document):
    """Schemas of one name are of one table: they have their key in common."""
    keys = {}
    for name, schema in document.root["components"]["schemas"].items():
        key = [member for member, one in schema.get("properties", {}).items() if one.get("x-key")]
        if "x-resource" in schema and key:
            keys.setdefault(schema["x-resource"], set()).add((name.split(".")[0], *key))
    assert len(keys) > 30 and {name: found for name, found in keys.items() if len(found) > 1} == {}


def test_every_tag_is_in_a_group(document):
    tags = [tag["name"] for tag in document.root["tags"]]
    assert len(set(tags)) == len(tags) == len({tag for _, _, operation in operations(document) for tag in operation["tags"]})
    assert [tag for group in document.root["x-tagGroups"] for tag in group["tags"]] == tags
    [licensing] = [group for group in document.root["x-tagGroups"] if group["x-family"] == "licensing"]
    assert len(licensing["tags"]) > 10 and "Licenses" in licensing["tags"]


def test_members_that_filter_are_marked(document, client):
    """Each single value of each list is sorted by, or refused, as its mark says."""
    checked = 0
    for method, path, operation in operations(document):
        names = [parameter.get("name") for parameter in operation["parameters"]]
        if method != "GET" or "filter" not in names or "{" in path or \
                operation["x-access"].get("other") == "session":
            continue
        schema = document.row_schema(operation["responses"]["200"]["content"]["application/json"]["schema"])
        for name, member in document.resolve(schema)["properties"].items():
            if "anyOf" in member or "$ref" in member:
                continue
            status = client.get(f"{path}?sort={name}&take=0").status
            assert status == (200 if member.get("x-filter") else 400), (path, name)
            checked += 1
    assert checked > 200


def test_secrets_are_marked(document):
    """What is sealed or shown once is not taken for something that may be kept on a screen."""
    marked = {(resource, name): member["x-secret"] for resource, schema in rows_of(document).items()
              for name, member in schema["properties"].items() if "x-secret" in member}
    assert marked["apiKey", "key"] == "once"
    assert marked["apiKey", "clientSecret"] == "masked"
    assert marked["resource", "data"] == "never"
    assert set(marked.values()) == {"once", "masked", "never"}


PATH = "/hosting/api/client/b61cd4a"


@pytest.mark.parametrize("wrong", [
    answer(418, {}),                                            # a status that is not described
    answer(200, {"id": "b61cd4a"}),                             # members are missing
    answer(404, {"message": "It is not there.", "more": 1}),    # a member too many
    answer(404, {"message": 1}),                                # a wrong type
    answer(404, {"message": "…"}, media="text/html"),           # a wrong media type
    answer(404, b"<Error><Message>x</Message></Error>", media="application/xml"),  # a wrong name
    answer(404, b"<Error />", media="application/xml"),         # an element is missing
    answer(503, {"message": "Please wait."}),                   # Retry-After is missing
], ids=lambda one: f"{one.status}-{one.body[:24].decode()}")
def test_wrong_answers_are_noticed(document, wrong):
    with pytest.raises(Undescribed):
        document.check("GET", PATH, wrong)


@pytest.mark.parametrize("right", [
    answer(404, {"message": "It is not there."}),
    answer(400, {"message": "No.", "errors": {"x": ["Why."]}}),
    answer(404, b"<Error><message>x</message></Error>", media="text/xml"),
    answer(503, {"message": "Please wait."}, **{"retry-after": "2"}),
    answer(304, b""),
], ids=lambda one: f"{one.status}-{one.body[:24].decode()}")
def test_right_answers_pass(document, right):
    document.check("GET", PATH, right)


NAME = {"properties": {"name": {"type": "string"}}, "required": ["name"]}
TEXT = {"x": {"type": "string"}}


@pytest.mark.parametrize("schema, right, wrong", [
    ({}, [None, 1, "x", [], {}], []),
    (True, [None, 1], []),
    (False, [], [None, 1]),
    ({"description": "of nothing", "format": "date-time", "x-area": "all"}, ["x", 1], []),
    ({"type": "string"}, ["", "x"], [None, 1, True, [], {}]),
    ({"type": ["string", "null"]}, ["", None], [0, False, [], {}]),
    ({"type": "integer"}, [0, -1, 1 << 70], [True, False, 0.5, "1", None]),
    ({"type": "number"}, [0, 0.5], [True, "1", None]),
    ({"type": "boolean"}, [True, False], [0, 1, "true", None]),
    ({"type": "array"}, [[], [1]], [{}, "x", None]),
    ({"type": "object"}, [{}, {"x": 1}], [[], "x", None]),
    ({"type": "null"}, [None], [0, False, "", [], {}]),
    ({"enum": ["a", 1, None]}, ["a", 1, None], ["b", True, 0, False, "1", []]),
    ({"minLength": 2}, ["xx", 1, None, []], ["", "x"]),
    ({"maxLength": 2}, ["", "xx", "öö", 100, [1, 2, 3]], ["xxx"]),
    ({"maxItems": 1}, [[], [1], "xx", {"a": 1, "b": 2}], [[1, 2]]),
    ({"minimum": 2}, [2, 2.5, "1", None, True], [1, 1.5, -2]),
    ({"maximum": 2}, [2, -2, 1.5, "3", None], [3, 2.5]),
    (NAME, [{"name": "x"}, {"name": "", "more": 1}, None, []], [{}, {"name": 1}, {"Name": "x"}]),
    ({"properties": {"name": False}}, [{}, {"more": 1}], [{"name": 1}]),
    ({"items": NAME}, [[], [{"name": "x"}], "x"], [[{}], [{"name": "x"}, {"name": None}]]),
    ({"anyOf": [{"type": "null"}, NAME]}, [None, {"name": "x"}, 1], [{}, {"name": 1}]),
    ({"additionalProperties": {"type": "string"}}, [{}, {"x": "y"}, []], [{"x": 1}, {"x": "y", "z": None}]),
    ({"additionalProperties": False}, [{}, []], [{"x": 1}]),
    ({"$ref": "#/components/schemas/one"}, [{"name": "x"}], [{}, {"name": 1}]),
    ({"$ref": "#/components/schemas/one", "maxLength": 1}, ["x", {"name": "x"}], ["xx", {}]),
], ids=json.dumps)
def test_the_quick_check_is_the_slow_one(schema, right, wrong):
    root = {"components": {"schemas": {"one": NAME}}}
    slow = jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver.from_schema(root))
    plain = Plain(lambda one: root["components"]["schemas"][one["$ref"].rpartition("/")[2]])
    for value, expected in [(value, True) for value in right] + [(value, False) for value in wrong]:
        assert (slow.is_valid(value), plain.accepts(schema, value)) == (expected, expected), value


@pytest.mark.parametrize("schema", [{"pattern": "^x$"}, {"additionalProperties": False, "properties": TEXT}, {"not": {}}])
def test_the_quick_check_takes_nothing_that_it_does_not_know(schema):
    assert not Plain(None).accepts(schema, {"x": "y"})


def test_the_quick_check_knows_the_document(document):
    """No right answer is left to the slow one."""
    for operations in document.root["paths"].values():
        for operation in operations.values():
            for response in operation.get("responses", {}).values() if isinstance(operation, dict) else ():
                for content in document.resolve(response).get("content", {}).values():
                    assert_known(document, content["schema"], set())


def assert_known(document, schema, seen):
    if id(schema) in seen or isinstance(schema, bool):
        return
    seen.add(id(schema))
    if "$ref" in schema:
        assert_known(document, document.resolve(schema), seen)
    known = {*SIMPLE, *NOTES, "$ref", "anyOf", "items", "properties", "additionalProperties"}
    assert not [word for word in schema if word not in known and not word.startswith("x-")], schema
    assert not {"properties", "additionalProperties"} <= set(schema), schema
    for part in [*schema.get("properties", {}).values(), *schema.get("anyOf", []),
                 schema.get("items", True), schema.get("additionalProperties", True)]:
        assert_known(document, part, seen)
