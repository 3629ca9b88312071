"""What licensing operations refuse, and what they do besides storing a row."""

import json
import re
import urllib.parse

import pytest

from harness.families import LICENSING, Api, unique
from harness.installation import TOP
from harness.licensing import COUNTER, PASSWORD, REFERENCES, World, find, operations
from harness.owners import OWN

NOBODY = 999999999
NO_USER = "00000000-0000-4000-8000-000000000000"
REGULAR = [one for one in operations() if one.regular]
WRITES = [one for one in REGULAR if one.method in ("POST", "PUT")]


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


def write(licensing, world, operation, body, **captures):
    return licensing.call(operation.method, world.path(operation, **captures), operation.request_type, body)


def check_refused(answer, status, code, *paths, licensing):
    assert answer.status == status, answer
    assert answer.value["success"] in (False, "false") and int(answer.value["code"]) == code
    assert answer.value["message"]
    assert set(paths) <= set(licensing.faults(answer)), answer


# --- bodies ---

@pytest.fixture(scope="module")
def schemas():
    return json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["components"]["schemas"]


def row_schema(schemas, operation):
    reference = schemas[f"licensing.{operation.request_type}"]["properties"][operation.member]
    while "$ref" not in reference:
        reference = reference.get("allOf", reference.get("anyOf", reference.get("oneOf")))[0]
    return schemas[reference["$ref"].rpartition("/")[2]]


def key_of(world, operation):
    return None if operation.method == "POST" or operation.kind == "orderProduct" \
        else world.get(operation.kind)


def captures_of(world, operation):
    return {"productId": world.make("product")} if operation.kind == "orderProduct" else {}


REQUIRED = [
    ("/v1/api-keys", "name"), ("/v1/users", "userName"), ("/v1/users/{userId}/settings", "name"),
    ("/v1/assemblies", "name"), ("/v1/license-templates", "name"), ("/v1/contacts", "customerId"),
    ("/v1/products", "name"), ("/v1/products/{productId}/releases/{releaseId}/assemblies", "name"),
    ("/v1/resources", "name"),
]


@pytest.mark.parametrize("path, name", REQUIRED)
@pytest.mark.parametrize("value", ["absent", None, " "])
def test_required(licensing, world, path, name, value):
    operation = find("POST", path)
    body = world.body(operation)
    if value == "absent":
        del body[operation.member][name]
    else:
        body[operation.member][name] = value
    answer = write(licensing, world, operation, body)
    check_refused(answer, 400, 3, f"{operation.member}.{name}", licensing=licensing)


@pytest.mark.parametrize("path, name", [one for one in REQUIRED if one[0] != "/v1/users/{userId}/settings"])
def test_required_cannot_be_cleared(licensing, world, path, name):
    operation = find("PUT", path)
    answer = write(licensing, world, operation,
                   {operation.member: {"id": world.get(operation.kind), name: None}})
    check_refused(answer, 400, 3, f"{operation.member}.{name}", licensing=licensing)


@pytest.mark.parametrize("operation", WRITES, ids=lambda one: one.name)
def test_row_is_missing(licensing, world, operation):
    check_refused(write(licensing, world, operation, {}, **captures_of(world, operation)), 400, 3,
                  operation.member, licensing=licensing)
    empty = licensing.call(operation.method, world.path(operation))
    check_refused(empty, 400, 2, licensing=licensing)


@pytest.mark.parametrize("operation", WRITES, ids=lambda one: one.name)
def test_too_long(licensing, world, schemas, operation):
    body = world.body(operation, key_of(world, operation))
    longest = {name: schema["maxLength"] for name, schema in
               row_schema(schemas, operation)["properties"].items() if schema.get("maxLength", 0) > 0}
    tested = {name for name, most in longest.items() if most < 20000 and name in body[operation.member] and
              isinstance(body[operation.member][name], str)}
    for name in tested:
        body[operation.member][name] = "ü" * (longest[name] + 1)
    answer = write(licensing, world, operation, body, **captures_of(world, operation))
    if not tested:
        assert answer.status == 200, answer
        return
    check_refused(answer, 400, 3, *(f"{operation.member}.{name}" for name in tested), licensing=licensing)
    for name in tested:
        assert str(longest[name]) in licensing.faults(answer)[f"{operation.member}.{name}"]


@pytest.mark.parametrize("operation", WRITES, ids=lambda one: one.name)
def test_wrong_type(licensing, world, schemas, operation):
    body = world.body(operation, key_of(world, operation))
    taken = row_schema(schemas, operation)["properties"]
    wrong = {name for name, value in body[operation.member].items()
             if not isinstance(value, (dict, list)) and name != "id" and name in taken and
             not taken[name].get("readOnly")}
    for name in wrong:
        body[operation.member][name] = {"inside": "x"}
    answer = write(licensing, world, operation, body, **captures_of(world, operation))
    check_refused(answer, 400, 3, *(f"{operation.member}.{name}" for name in wrong), licensing=licensing)


def test_faults_of_lists(licensing, world):
    operation = find("POST", "/v1/licenses")
    body = {"license": {"features": [{"name": "fine"}, {"expireDate": "soon"}], "fields": [{"value": "x"}],
                        "restrictions": [{"id": "x" * 65}], "assemblies": [{"version": "1.0"}]}}
    answer = write(licensing, world, operation, body)
    check_refused(answer, 400, 3, "license.features[1].expireDate", "license.fields[0].name",
                  "license.restrictions[0].id", "license.assemblies[0].name", licensing=licensing)


def test_list_is_no_list(client):
    answer = client.post("/v1/licenses", {"license": {"features": {"name": "x"}, "components": "x"}})
    assert set(answer.json()["errors"]) == {"license.features", "license.components"}


def test_too_many_items(client):
    answer = client.post("/v1/customers", {"customer": {"contacts": [{}] * 1001}})
    assert set(answer.json()["errors"]) == {"customer.contacts"}


# --- rows that are not there ---

REFERRING = [(one, name) for one in WRITES if one.kind not in ("orderProduct", "token") for name in
             one.request[one.member] if name in REFERENCES and
             not (name == "licenseId" and one.kind == "license") and
             not (one.kind == "setting" and name == "userId")]


@pytest.mark.parametrize("operation, name", REFERRING, ids=lambda one: getattr(one, "name", one))
def test_unknown_reference(licensing, world, operation, name):
    body = world.body(operation, key_of(world, operation))
    body[operation.member][name] = NO_USER if name == "ownerId" else NOBODY
    answer = write(licensing, world, operation, body)
    assert answer.status == 400, answer
    assert int(answer.value["code"]) == 3
    assert re.search("not found|no such", " ".join(licensing.faults(answer).values())), answer


@pytest.mark.parametrize("name", ["customerId", "orderId", "templateId", "signatureKeysId"])
def test_zero_is_no_reference(licensing, world, name):
    operation = find("POST", "/v1/licenses")
    body = {"license": {name: 0}}
    answer = write(licensing, world, operation, body)
    assert answer.status == 200, answer


@pytest.mark.parametrize("operation", [one for one in REGULAR if one.captures and one.method in ("GET", "POST")],
                         ids=lambda one: one.name)
def test_unknown_parent(licensing, world, operation):
    unknown = {name: NO_USER if name == "userId" else NOBODY for name in operation.captures}
    body = world.body(operation) if operation.method == "POST" else None
    for name in operation.captures:
        answer = write(licensing, world, operation, body, **{name: unknown[name]})
        check_refused(answer, 404, 8, licensing=licensing)


@pytest.mark.parametrize("operation", [one for one in REGULAR if one.method == "PUT"], ids=lambda one: one.path)
def test_update_of_nothing(licensing, world, operation):
    if operation.kind == "orderProduct":
        answer = write(licensing, world, operation, {operation.member: {}}, productId=NOBODY)
        check_refused(answer, 404, 8, licensing=licensing)
        return
    key = NO_USER if operation.kind == "user" else NOBODY
    check_refused(write(licensing, world, operation, {operation.member: {"id": key}}), 404, 8,
                  licensing=licensing)
    check_refused(write(licensing, world, operation, {operation.member: {}}), 400, 3,
                  f"{operation.member}.id", licensing=licensing)
    check_refused(write(licensing, world, operation, {operation.member: {"id": "what?"}}), 400, 3,
                  f"{operation.member}.id", licensing=licensing)


@pytest.mark.parametrize("operation", [one for one in REGULAR if one.captures], ids=lambda one: one.name)
def test_path_is_no_identifier(licensing, world, operation):
    name = operation.captures[-1]
    body = world.body(operation) if operation.request else None
    answer = write(licensing, world, operation, body, **{name: "what"})
    check_refused(answer, 400, 3, name, licensing=licensing)


# --- rows that are in the way ---

DUPLICATES = [
    ("/v1/customers", "code"), ("/v1/orders", "orderNumber"), ("/v1/licenses", "licenseId"),
    ("/v1/licenses", "userKey"), ("/v1/products", "code"), ("/v1/license-templates", "code"),
    ("/v1/resources", "code"), ("/v1/users", "userName"), ("/v1/licenses/{licenseId}/tokens", "token"),
]


@pytest.mark.parametrize("path, name", DUPLICATES)
def test_duplicate(licensing, world, path, name):
    operation = find("POST", path)
    first, second = world.body(operation), world.body(operation)
    second[operation.member][name] = first[operation.member][name]
    assert write(licensing, world, operation, first).status == 200
    check_refused(write(licensing, world, operation, second), 409, 9, f"{operation.member}.{name}",
                  licensing=licensing)


def test_duplicate_setting(licensing, world):
    operation = find("POST", "/v1/users/{userId}/settings")
    body = world.body(operation)
    assert write(licensing, world, operation, body).status == 200
    check_refused(write(licensing, world, operation, body), 409, 9, "setting.name", licensing=licensing)


def test_duplicate_setting_of_a_new_user(licensing, world):
    body = world.body(find("POST", "/v1/users"))
    body["user"]["settings"] = [{"name": "a"}, {"name": "b"}, {"name": "a"}]
    answer = licensing.post("/v1/users", "InsertUserRequest", body)
    check_refused(answer, 409, 9, "user.settings[2].name", licensing=licensing)


def test_form(client):
    body = "license.licenseType=Trial&license.fields[0].name=a&license.fields[0].value=b&license[components]=x"
    answer = client.post("/v1/licenses", body, content_type="application/x-www-form-urlencoded")
    key = answer.json()["licenseId"]
    row = client.get(f"/v1/licenses?filter=id={key}&include=fields").json()["licenses"][0]
    assert (row["licenseType"], row["fields"]) == ("Trial", [{"name": "a", "value": "b"}])
    assert row["components"] == ["x"]


def test_product_is_on_the_order(licensing, world):
    operation = find("POST", "/v1/orders/{orderId}/products/{productId}")
    captures = {"productId": world.make("product")}
    body = world.body(operation)
    assert write(licensing, world, operation, body, **captures).status == 200
    check_refused(write(licensing, world, operation, body, **captures), 409, 9, licensing=licensing)


@pytest.mark.parametrize("path, name", [("/v1/customers", "code"), ("/v1/users", "userName")])
def test_case_of_unique_texts(world, path, name):
    """Codes compare exactly, names do not."""
    operation = find("POST", path)
    first, second = world.body(operation), world.body(operation)
    second[operation.member][name] = first[operation.member][name].upper()
    world.client.post(path, first)
    assert world.client.post(path, second).status == (200 if name == "code" else 409)


# What is deleted, what is in the way, and how that is called.
DEPENDING = [
    ("customer", "license", "customerId", "licenses"), ("customer", "order", "customerId", "orders"),
    ("customer", "order", "resellerId", "orders"), ("customer", "user", "customerId", "users"),
    ("order", "license", "orderId", "licenses"), ("template", "license", "templateId", "licenses"),
    ("resource", "license", "signatureKeysId", "licenses"),
    ("resource", "product", "signatureKeysId", "products"),
    ("resource", "template", "signatureKeysId", "license templates"),
    ("license", "token", "nodeLockedLicenseId", "license tokens"),
]


@pytest.mark.parametrize("kind, other, member, called", DEPENDING)
def test_still_used(licensing, world, kind, other, member, called):
    key = world.make(kind)
    world.make(other, **{member: key})
    operation = next(one for one in REGULAR if one.method == "DELETE" and one.kind == kind and
                     len(one.captures) == 1)
    answer = licensing.delete(world.path(operation, **{operation.captures[0]: key}))
    check_refused(answer, 409, 10, licensing=licensing)
    assert called in answer.value["message"]


def test_product_with_template(licensing, world):
    product = world.make("product")
    release = world.client.post(f"/v1/products/{product}/releases", {"release": {}}).json()["releaseId"]
    template = world.make("template", productId=None, releaseId=release)
    row = world.client.get(f"/v1/license-templates?filter=id={template}").json()["licenseTemplates"][0]
    assert row["productId"] == product
    world.client.put("/v1/license-templates", {"licenseTemplate": {"id": template, "productId": None}})
    for path in (f"/v1/products/{product}", f"/v1/products/{product}/releases/{release}"):
        check_refused(licensing.delete(path), 409, 10, licensing=licensing)


# What goes with its owner: path of the owner, table and column.
PARTS = [
    ("customer", "/v1/customers/{}", ["contact.customer_id"]),
    ("license", "/v1/licenses/{}", ["license_token.license_id", "license_trace.license_id",
                                    "license_field.license_id", "license_feature.license_id",
                                    "license_restriction.license_id", "license_assembly.license_id",
                                    "license_counter.license_id", "license_consumption.license_id",
                                    "license_consumption_entry.license_id"]),
    ("template", "/v1/license-templates/{}", ["license_field.template_id", "license_feature.template_id",
                                              "license_counter.template_id"]),
    ("report", "/v1/reports/{}", ["report_property.report_id"]),
    ("user", "/v1/users/{}", ["user_setting.user_id", "user_role.user_id", "api_key.owner_id"]),
]


@pytest.mark.parametrize("kind, path, parts", PARTS)
def test_parts_go_with_their_owner(licensing, world, kind, path, parts):
    key = world.make(kind)
    if kind == "license":
        world.client.post(f"/v1/licenses/{key}/tokens", {"licenseToken": {}})
        world.installation.sql(f"INSERT INTO license_trace (license_id) VALUES ({key})")
        world.client.put("/v1/licenses", {"license": {"id": key, "counters": [COUNTER]}})
        world.client.post(f"/v1/licenses/{key}/consumption/top-up", {"feature": COUNTER["feature"], "amount": 1})
    if kind == "template":
        world.client.put("/v1/license-templates", {"licenseTemplate": {"id": key, "counters": [COUNTER]}})
    if kind == "user":
        world.make("apiKey", ownerId=key)

    def count(part):
        table, column = part.split(".")
        return int(world.installation.sql(f"SELECT COUNT(*) FROM {table} WHERE {column} = '{key}'")[0][0])

    assert all(count(part) > 0 for part in parts), [(part, count(part)) for part in parts]
    assert licensing.delete(path.format(key)).status == 200
    assert not any(count(part) for part in parts)


# --- identifiers ---

TOKEN = "[2-9A-HJ-NP-Z]"
MADE = [
    ("/v1/licenses", "licenseKeyId", "lic[0-9A-F]{8}"),
    ("/v1/licenses", "userKey", f"{TOKEN}{{5}}(-{TOKEN}{{5}}){{3}}"),
    ("/v1/customers", "customerCode", f"C-{TOKEN}{{8}}"), ("/v1/orders", "orderNumber", f"O-{TOKEN}{{8}}"),
    ("/v1/api-keys", "apiKey", "api_[0-9a-z]{24}"),
    ("/v1/licenses/{licenseId}/tokens", "token", "actk_[0-9a-z]{12}"),
]


@pytest.mark.parametrize("path, name, pattern", MADE)
def test_made_identifiers(licensing, world, path, name, pattern):
    operation = find("POST", path)
    captures = {"licenseId": world.make("license", licensingMode=1)} if "{" in path else {}
    body = {operation.member: {"name": "x"}}
    made = {write(licensing, world, operation, body, **captures).value[name] for _ in range(3)}
    assert len(made) == 3 and all(re.fullmatch(pattern, one) for one in made), made


def test_token_of_a_floating_license(licensing, world):
    key = world.make("license", licensingMode=2)
    answer = licensing.post(f"/v1/licenses/{key}/tokens", "InsertLicenseTokenRequest", {"licenseToken": {}})
    assert re.fullmatch("fltk_[0-9a-z]{12}", answer.value["token"])


def test_taken_identifiers_are_drawn_again(private_installation):
    running = private_installation(customer_code_format="{HEX:1}", order_number_format="No {TOKEN:6}!")
    client = running.client(running.admin_key)
    # Some within the transaction of a repeated request, which has stored something before.
    headers = [{}] * 3 + [{"Idempotency-Key": f"draw-{number}"} for number in range(3)]
    codes = [client.post("/v1/customers", {"customer": {}}, headers=these).json()["customerCode"] for these in headers]
    assert len(set(codes)) == 6 and all(re.fullmatch("[0-9A-F]", code) for code in codes)
    number = client.post("/v1/orders", {"order": {}}).json()["orderNumber"]
    assert re.fullmatch(f"No {TOKEN}{{6}}!", number)


# --- licenses from templates ---

def lists_of(world, path, plural, key):
    query = urllib.parse.urlencode({"filter": f"id={key}", "include": "assemblies,fields,features,restrictions"})
    return world.client.get(f"{path}?{query}").json()[plural][0]


TEMPLATE = {
    "name": "T", "licenseType": "Trial", "format": 3, "licensingMode": 2, "expireDays": 30, "supportDays": 10,
    "product": {"id": "P", "name": "Product"}, "components": ["a", "b"], "assemblies": [{"name": "main"}],
    "fields": [{"name": "f1", "value": "v1"}, {"name": "f2", "value": "v2"}],
    "features": [{"id": "F", "name": "Feature", "expireDate": "2030-01-01T00:00:00Z"}],
    "restrictions": [{"name": "Trial", "properties": {"days": "30"}}],
}
LISTS = ("assemblies", "fields", "features", "restrictions")


def plain(items):
    return [{name: value for name, value in item.items() if not (name == "id" and isinstance(value, int))}
            for item in items]


def test_license_from_template(licensing, world):
    template = licensing.post("/v1/license-templates", "InsertLicenseTemplateRequest",
                              {"licenseTemplate": TEMPLATE}).value["templateId"]
    key = licensing.post("/v1/licenses", "InsertLicenseRequest", {
        "license": {"templateId": template, "issueDate": "2026-01-01T00:00:00Z"}}).value["licenseId"]
    row = lists_of(world, "/v1/licenses", "licenses", key)
    origin = lists_of(world, "/v1/license-templates", "licenseTemplates", template)
    for name in ("licenseType", "format", "licensingMode", "components", "product"):
        assert row[name] == origin[name] is not None
    for name in LISTS:
        assert plain(row[name]) == plain(origin[name]) != []
    assert row["expireDate"] == "2026-01-31T00:00:00Z" and row["supportExpireDate"] == "2026-01-11T00:00:00Z"


def test_body_wins_over_template(licensing, world):
    template = licensing.post("/v1/license-templates", "InsertLicenseTemplateRequest",
                              {"licenseTemplate": TEMPLATE}).value["templateId"]
    key = licensing.post("/v1/licenses", "InsertLicenseRequest", {"license": {
        "templateId": template, "licenseType": "Full", "expireDate": None, "features": [], "components": ["c"],
        "fields": [{"name": "own", "value": "1"}]}}).value["licenseId"]
    row = lists_of(world, "/v1/licenses", "licenses", key)
    assert (row["licenseType"], row["expireDate"], row["features"]) == ("Full", None, [])
    assert row["components"] == ["c"] and row["fields"] == [{"name": "own", "value": "1"}]
    assert row["format"] == 3 and row["supportExpireDate"] and len(row["restrictions"]) == 1


def test_template_without_issue_date(world):
    template = world.make("template", issueDate=False, expireDays=5000000, supportDays=0, userKey="{hex:20}")
    answer = world.client.post("/v1/licenses", {"license": {"templateId": template}}).json()
    row = lists_of(world, "/v1/licenses", "licenses", answer["licenseId"])
    assert row["issueDate"] is None and row["supportExpireDate"] is None
    assert row["expireDate"].startswith("9999-12-31")
    assert re.fullmatch("[0-9a-f]{20}", answer["userKey"])


# --- lists that are written with their row ---

def test_lists_are_kept_or_replaced(licensing, world):
    key = world.make("license")
    before = lists_of(world, "/v1/licenses", "licenses", key)
    change = {"license": {"id": key, "fields": [{"name": "n1", "value": "1"}, {"name": "n2", "value": None}],
                          "features": []}}
    assert licensing.put("/v1/licenses", "UpdateLicenseRequest", change).status == 200
    after = lists_of(world, "/v1/licenses", "licenses", key)
    assert after["fields"] == change["license"]["fields"] and after["features"] == []
    assert after["assemblies"] == before["assemblies"] and after["restrictions"] == before["restrictions"]
    assert after["updatedAt"] > before["updatedAt"]


def test_bad_item_changes_nothing(licensing, world):
    key = world.make("license")
    before = lists_of(world, "/v1/licenses", "licenses", key)
    answer = licensing.put("/v1/licenses", "UpdateLicenseRequest", {"license": {
        "id": key, "description": "new", "fields": [{"name": "n"}], "orderId": NOBODY}})
    assert answer.status == 400, answer
    assert lists_of(world, "/v1/licenses", "licenses", key) == before


def test_part_is_merged_and_cleared(licensing, world):
    key = world.make("license", product={"id": "P", "name": "Product", "version": "1"})

    def product():
        return world.client.get(f"/v1/licenses?filter=id={key}").json()["licenses"][0]["product"]

    licensing.put("/v1/licenses", "UpdateLicenseRequest", {"license": {"id": key, "product": {"version": "2"}}})
    assert product() == {"id": "P", "name": "Product", "version": "2", "copyright": None, "url": None,
                         "description": None}
    licensing.put("/v1/licenses", "UpdateLicenseRequest", {"license": {"id": key, "product": None}})
    assert product() is None


# --- secrets ---

def key_row(world, key):
    return world.client.get(f"/v1/api-keys?filter=id={key}").json()["apiKeys"][0]


def new_key(world, **members):
    answer = world.client.post("/v1/api-keys", {"apiKey": {"name": "k", **members}}).json()
    return answer["apiKeyId"], answer["apiKey"]


def test_key_is_shown_once(world):
    key, secret = new_key(world, clientSecret="a secret", key="api_mine")
    row = key_row(world, key)
    assert row["key"] == secret[:8] + "…" and row["clientSecret"] == "********"
    assert world.client.get("/v1/customers?take=1", key=secret).status == 401
    for sent, status in (("another secret", 401), ("a secret", 200)):
        assert world.client.get("/v1/customers?take=1", key=secret,
                                headers={"x-client-secret": sent}).status == status
    stored = world.installation.sql(
        f"SELECT name, HEX(key_hash), key_prefix, client_secret_hash FROM api_key WHERE id = {key}")
    assert "a secret" not in str(stored) and secret[8:] not in str(stored)
    log = world.installation.sql(f"SELECT * FROM log_entry WHERE properties LIKE '%\"{key}\"%'")
    assert "a secret" not in str(log) and secret not in str(log)


def test_mask_keeps_the_secret(world):
    key, _ = new_key(world, clientSecret="a secret")
    hashes = world.installation.sql(f"SELECT client_secret_hash FROM api_key WHERE id = {key}")
    world.client.put("/v1/api-keys", {"apiKey": {**key_row(world, key), "description": "new"}})
    assert world.installation.sql(f"SELECT client_secret_hash FROM api_key WHERE id = {key}") == hashes
    world.client.put("/v1/api-keys", {"apiKey": {"id": key, "clientSecret": None}})
    assert key_row(world, key)["clientSecret"] is None


def test_password_of_a_resource_is_masked(licensing, world):
    key = world.make("resource", password="very secret")
    row = licensing.get(f"/v1/resources?filter=id={key}").value["resources"][0]
    assert row["password"] == "********"
    product = world.make("product", signatureKeysId=key)
    nested = licensing.get(f"/v1/products?filter=id={product}&include=signatureKeys").value["products"][0]
    assert nested["signatureKeys"]["password"] == "********"
    assert licensing.get("/v1/resources?filter=password=%22very+secret%22").status == 400


@pytest.mark.parametrize("change", ["revoke", "delete", "expire", "delete user", "permissions"])
def test_key_ends_at_once(world, change):
    user = world.make("user", roles=["Administrator"])
    key, secret = new_key(world, ownerId=user)
    for _ in range(8):  # every worker has it in its cache
        assert world.client.get("/v1/customers?take=1", key=secret).status == 200
    if change == "revoke":
        world.client.put("/v1/api-keys", {"apiKey": {"id": key, "revoked": True}})
    elif change == "delete":
        world.client.delete(f"/v1/api-keys/{key}")
    elif change == "expire":
        world.client.put("/v1/api-keys", {"apiKey": {"id": key, "expireDate": "2020-01-01T00:00:00Z"}})
    elif change == "permissions":
        world.client.put("/v1/api-keys", {"apiKey": {"id": key, "permissions": 0}})
    else:
        assert world.client.delete(f"/v1/users/{user}").status == 200
    for _ in range(8):
        assert world.client.get("/v1/customers?take=1", key=secret).status == \
            (403 if change == "permissions" else 401)


def test_roles_count_at_once(world):
    user = world.make("user", roles=["Sales"])
    _, secret = new_key(world, ownerId=user)
    assert world.client.get("/v1/customers?take=1", key=secret).status == 200
    world.client.put("/v1/users", {"user": {"id": user, "roles": ["licensemanager"]}})
    assert world.client.get("/v1/customers?take=1", key=secret).status == 403
    assert world.client.get("/v1/licenses?take=1", key=secret).status == 200


def test_unknown_role(licensing, world):
    body = world.body(find("POST", "/v1/users"))
    body["user"]["roles"] = ["Sales", "Emperor"]
    answer = licensing.post("/v1/users", "InsertUserRequest", body)
    check_refused(answer, 400, 3, "user.roles", licensing=licensing)
    assert "Emperor" in str(licensing.faults(answer))
    name = body["user"]["userName"]
    assert not world.installation.sql(f"SELECT 1 FROM user WHERE user_name = '{name}'")


def password_hash(world, user):
    return world.installation.sql(f"SELECT password_hash FROM user WHERE id = '{user}'")[0][0]


def test_password(licensing, world):
    user = world.make("user")
    first = password_hash(world, user)
    assert first.startswith("$y$")
    wrong = licensing.put("/v1/users", "UpdateUserRequest", {
        "user": {"id": user}, "currentPassword": "wrong", "newPassword": "new " + PASSWORD})
    check_refused(wrong, 400, 3, "currentPassword", licensing=licensing)
    assert password_hash(world, user) == first
    for body in ({"currentPassword": PASSWORD, "newPassword": "new " + PASSWORD}, {"newPassword": "newer " + PASSWORD}):
        assert licensing.put("/v1/users", "UpdateUserRequest", {"user": {"id": user}, **body}).status == 200
        assert password_hash(world, user) != first
        first = password_hash(world, user)
    assert "password" not in licensing.get(f"/v1/users?filter=id=%22{user}%22").text.lower()


def test_own_password_needs_the_current_one(world):
    user = world.make("user", roles=["Administrator"])
    _, secret = new_key(world, ownerId=user)
    body = {"user": {"id": user}, "newPassword": "new " + PASSWORD}
    assert world.client.put("/v1/users", body, key=secret).status == 400
    assert world.client.put("/v1/users", {**body, "currentPassword": PASSWORD}, key=secret).status == 200


# --- who may ---

R, U, D, C, ALL = 1, 2, 4, 8, 15
AREAS = {
    "credentials": {}, "licenses": {"LicenseManager": ALL, "Sales": R | U | C},
    "products": {"LicenseManager": ALL, "Sales": R}, "resources": {"LicenseManager": ALL, "Sales": R},
    "customers": {"Sales": ALL}, "orders": {"Sales": ALL}, "log": {"LicenseManager": R, "Sales": R},
    "mail": {"LicenseManager": C, "Sales": C}, "freeMail": {"LicenseManager": C},
}
BITS = {"GET": R, "POST": C, "PUT": U, "DELETE": D}
# The last word of a path tells its area.
WORDS = {
    "api-keys": "credentials", "users": "credentials", "roles": "credentials", "assemblies": "products",
    "licenses": "licenses", "license-tokens": "licenses", "tokens": "licenses", "license-traces": "licenses",
    "license-templates": "licenses", "customers": "customers", "contacts": "customers", "orders": "orders",
    "releases": "products", "resources": "resources", "reports": "products", "log": "log", "levels": "log",
    "info": "licenses", "send": "freeMail", "license": "mail", "settings": "credentials",
}
ROLES = ["Administrator", "LicenseManager", "Sales", "Customer", "Application", "HostingManager",
         "DelegateManager", "AccountManager", "Delegate"]


def area(path):
    words = [word for word in path.split("/") if word and not word.startswith("{")]
    if words[-1] == "products":
        return "orders" if "orders" in words else "products"
    return WORDS[words[-1]]


@pytest.fixture(scope="module")
def keys(installation, world):
    """A key for each role; the customer's user has a customer."""
    made = {}
    for role in ROLES:
        members = {"roles": [role], "customerId": world.get("customer") if role == "Customer" else None}
        made[role] = new_key(world, ownerId=world.make("user", **members))[1]
    return made


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.name)
def test_role(world, keys, operation, role):
    allowed = role == "Administrator" or \
        bool(AREAS[area(operation.path)].get(role, 0) & BITS[operation.method]) or \
        (role == "Customer" and operation.name in OWN)
    path = re.sub(r"{\w+}", "0", operation.path)
    answer = world.client.call(operation.method, path, key=keys[role])
    assert (answer.status != 403) == allowed, answer
    if not allowed:
        assert answer.json()["code"] == 5


def test_no_key(anonymous, media):
    licensing = Api(anonymous, LICENSING, media)
    check_refused(licensing.get("/v1/licenses"), 401, 4, licensing=licensing)


def test_customer_sees_own_rows_only(world, keys, media):
    licensing = Api(world.client, LICENSING, media)
    own, other = world.get("customer"), world.make("customer")
    expected = {"customers": own, "contacts": None, "orders": None, "licenses": None}
    for kind, member in (("order", "customerId"), ("license", "customerId"), ("contact", "customerId")):
        world.make(kind, **{member: other})
        world.make(kind, **{member: own})
    for plural in expected:
        answer = licensing.get(f"/v1/{plural}?include=*", key=keys["Customer"])
        assert answer.status == 200, answer
        rows = answer.value[plural]
        owners = {int(row["id" if plural == "customers" else "customerId"]) for row in rows}
        assert owners == {own}
        total = answer.value[f"total{plural[0].upper()}{plural[1:]}Count"]
        name = {"customers": "customer", "contacts": "contact", "orders": "customer_order", "licenses": "license"}
        column = "id" if plural == "customers" else "customer_id"
        assert int(total) == int(world.installation.sql(
            f"SELECT COUNT(*) FROM {name[plural]} WHERE {column} = {own}")[0][0])
    for path in ("orders", "licenses", "contacts"):
        answer = licensing.get(f"/v1/customers/{other}/{path}", key=keys["Customer"])
        assert answer.status == 404 or answer.value[path] in ([], ""), answer


def test_customer_does_not_see_through(world, keys):
    """Nothing but own rows, whatever is included or asked about."""
    captures = {"orderId": world.make("order"), "productId": world.make("product")}
    operation = find("POST", "/v1/orders/{orderId}/products/{productId}")
    assert world.client.post(world.path(operation, **captures), world.body(operation)).status == 200
    path = f"/v1/orders/{captures['orderId']}/products"
    row = world.client.get(f"{path}?include=product.signatureKeys,order", key=keys["Customer"]).json()
    assert row["orderProducts"][0]["product"] is None and row["orderProducts"][0]["order"]
    for query in ("filter=product.price>0", "sort=product.name", "filter=not(product.name=null)"):
        assert world.client.get(f"{path}?{query}".replace(">", "%3E"), key=keys["Customer"]).status == 400
    key = world.make("license")
    row = world.client.get(f"/v1/licenses?filter=id={key}&include=*", key=keys["Customer"]).json()["licenses"][0]
    assert row["template"] is None and row["customer"] and row["order"] and row["fields"]
    for path in (f"/v1/license-templates/{world.get('template')}/licenses", "/v1/licenses?sort=template.name"):
        answer = world.client.get(path, key=keys["Customer"])
        assert answer.status in (200, 400), answer


def test_customer_without_record(world):
    key = new_key(world, ownerId=world.make("user", roles=["Customer"], customerId=None))[1]
    assert world.client.get("/v1/licenses", key=key).status == 403


# --- again ---

def test_repeated_insert(licensing, world):
    operation = find("POST", "/v1/licenses")
    body = world.body(operation)
    headers = {"Idempotency-Key": unique("again")}
    answers = [licensing.post("/v1/licenses", operation.request_type, body, headers=headers) for _ in range(2)]
    assert answers[0].status == 200 and answers[0].text == answers[1].text


def test_roles_agree_with_the_command_line(world):
    printed = world.installation.cli("roles")
    for row in world.client.get("/v1/roles").json()["roles"]:
        assert row["name"] in printed
    assert sorted(row["name"] for row in world.client.get("/v1/roles").json()["roles"]) == sorted(ROLES)
