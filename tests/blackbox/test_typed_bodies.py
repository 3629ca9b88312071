"""What typed and script programs send, for each operation and schema of docs/openapi.json: the object as it was made
and filled in with nothing, what was answered before, and texts of all characters."""

import itertools
import random
import uuid

import pytest

from harness.bodies import NIL, STYLES, Operation, default_built, encode, operations, plain
from harness.families import FAMILIES, Api, new_api_client, unique
from harness.licensing import COUNTER, PASSWORD, World, find
from harness.licensing import operations as reference
from harness.machine import offline_call
from harness.random_cases import cases, seed

# Their bodies mean nothing without a value: mail, and the metadata of RFC 7591.
OTHERS = {"/v1/email/send", "/v1/email/license", "/oauth2/register", "/oauth2/register/{client_id}"}
OPERATIONS = [one for one in operations() if one.path not in OTHERS]
REGULAR = {(one.method, one.path) for one in reference() if one.regular}
MEDIA = ("json", "xml", "form")
BY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)


class Places(World):
    """Rows of all families that paths and bodies name."""

    numbers = itertools.count(1_000_000)  # of persons

    def program(self, operation):
        """What a program says of itself, with a seat already; the license is for what it calls."""
        floating = operation is not None and operation.path.endswith(("/request", "/release", "/heartbeat"))
        key = unique("TYPED")
        self.done("/v1/licenses", {"license": {"userKey": key, "licensingMode": 2 if floating else 1,
                                               "counters": [COUNTER]}})
        said = {"userKey": key, "machineId": "M-1", "clientId": "typed"}
        self.done(f"/v1/license/{'request' if floating else 'activate'}", said)
        return said

    def offline(self, operation):
        """What a machine without a network sends by somebody else."""
        key = self.once("key of files", self.signing_key)
        check_out, receipt = offline_call(self.installation, self.done, key, unique("TYPED"))
        return check_out() if operation.path.endswith("/checkout") else receipt()

    def place(self, operation):
        if (operation.method, operation.path) in REGULAR:
            found = find(operation.method, operation.path)
            if found.kind == "orderProduct":
                return self.order_product(operation)
            return self.path(found)
        path = operation.path
        if "{thumbprint}" in path:
            return path.replace("{thumbprint}", self.done("/api/v1/admin/certificates", {
                "Name": unique("gateway"), "Sha256Thumbprint": uuid.uuid4().hex * 2,
                "UserID": self.installation.admin_id})["ResponseData"]["Detail"]["Sha256Thumbprint"])
        if path.startswith("/api/domains"):
            return path.replace("{domainId}", self.domain())
        if path.startswith(("/api/v1/admin/users", "/api/v1/admin/accounts")):
            return path.replace("{id}", self.portal_user() if "/users" in path else self.portal_account())
        if "{token}" in path or path.startswith("/v1/discovery-groups/"):
            return self.application(path)
        if "/consumption" in path:
            path = self.consumption(path)
        for capture, maker in (("{userId}", lambda: self.get("user")), ("{licenseId}", lambda: self.done("/v1/licenses", {"license": {
                                   "expireDate": "2030-01-01"}})["licenseId"] if path.endswith("/renew") else self.get("license")), ("{delegateGroupId}", self.group),
                               ("{clientId}", self.account if "domain" in path else self.new_account), ("{domainId}", self.domain),
                               ("{delegateId}", self.delegate), ("{webhookId}", self.webhook), ("{signingKeyId}", self.signing_key),
                               ("{apiKeyId}", lambda: self.done("/v1/api-keys", {"apiKey": {"name": unique("key")}})["apiKeyId"])):
            if capture in path:
                path = path.replace(capture, str(maker()))
        if "{id}" not in path:
            return path
        if path.startswith("/api/delegategroups"):
            return path.replace("{id}", str(self.group()))
        return path.replace("{id}", self.registration() if "registrations" in path else self.new_client())

    def once(self, name, make):
        if name not in self.shared:
            self.shared[name] = make()
        return self.shared[name]

    def done(self, path, body):
        answer = self.client.post(path, body)
        assert answer.status in (200, 201), answer
        return answer.json()

    def order_product(self, operation):
        order, product = self.make("order"), self.make("product")
        path = f"/v1/orders/{order}/products/{product}"
        if operation.method == "PUT":
            self.done(path, {"productOrder": {}})
        return path

    def group(self):
        return self.once("group", lambda: self.done("/api/delegategroups", {"name": unique("g")})["id"])

    def delegate(self):
        return self.once("delegate", lambda: self.done(f"/api/delegategroups/{self.group()}/delegates", {})["id"])

    def new_account(self):
        return self.done("/hosting/api/client", {
            "username": unique("h"), "password": "long enough", "emailAddress": "a@example.com",
            "domainMaxCount": -1, "whitelabelMaxCount": -1})["id"]

    def own_key(self):
        """The account's, which nothing else opens."""
        path = f"/hosting/api/client/{self.account()}"
        assert self.client.put(path, {"active": True}).status == 200
        return self.once("own key", lambda: self.done(f"{path}/apiKey", None)["apiKey"])

    def account(self):
        return self.once("account", self.new_account)

    def domain(self):
        return self.once("domain", lambda: self.done(
            f"/hosting/api/client/{self.account()}/domain", {"name": f"{unique('d')}.example.org"})["id"])

    def portal_account(self):
        return self.once("portal", lambda: self.client.get("/api/v1/admin/accounts").json()["ResponseData"]["Detail"]["ID"])

    def portal_user(self):
        return self.done("/v1/users", {"user": {"userName": unique("portal"), "roles": []}})["userId"]

    def new_client(self):
        return self.done("/api/v1/admin/clients", new_api_client(
            self.installation.admin_id))["ResponseData"]["Detail"]["ID"]

    def api_client(self):
        return self.once("api client", self.new_client)

    def registration(self):
        """One that a client has made, as the table has it."""
        client = self.api_client()
        self.installation.sql(f"UPDATE api_client SET registration_hash = UNHEX(SHA2('{client}', 256)) "
                              f"WHERE id = '{client}'")
        return client

    def signing_key(self):
        return self.done("/v1/signing-keys", {"signingKey": {"name": unique("key")}})["signingKeyId"]

    def consumption(self, path):
        """Of a license with a counter that was used, and the entry of that."""
        said = self.program(None)
        made = self.installation.sql(f"SELECT id FROM license WHERE user_key = '{said['userKey']}'")[0][0]
        self.done("/v1/license/consume", said | {"feature": COUNTER["feature"], "amount": 1, "consumptionId": "first"})
        [entry] = self.client.get(f"/v1/licenses/{made}/consumption/ledger").json()["consumptionEntries"]
        return path.replace("{licenseId}", made).replace("{entryId}", str(entry["id"]))

    def webhook(self):
        return self.once("webhook", lambda: self.done(
            "/v1/webhooks", {"webhook": {"url": "https://example.org/", "events": ["report.deleted"]}})["webhookId"])

    def person(self):
        return self.once("person", lambda: self.installation.sql(
            "INSERT INTO delegate_client (id, code, first_name, last_name) VALUES (987654, 'typed', 'A', 'B'); "
            "SELECT id FROM delegate_client WHERE code = 'typed'")[0][0])

    def given(self, operation):
        """What the body must say, by the names of the members."""
        values = {
            "name": unique("n"), "username": unique("u"), "emailAddress": "a@example.com", "Name": unique("n")[:18],
            "Secret": "long enough", "UserID": self.installation.admin_id, "ClientGroupId": None,
            "AppName": "a", "AppVersion": "1", "ClientCode": unique("c")}
        if operation.path in ("/v1/license/checkout", "/v1/license/receipt"):
            values |= self.offline(operation)
        elif operation.family == "activation":
            values |= self.program(operation)
        if operation.path.endswith("/renew"):
            values["days"] = 30
        if operation.path.endswith(("/consume", "/top-up")):
            values |= {"feature": COUNTER["feature"], "amount": 1, "consumptionId": unique("use")}
        if operation.family == "discovery":
            values |= {"ClientGroupId": self.discovery_group(), "ClientGroupsId": self.discovery_group()}
        if operation.path.startswith("/hosting") and operation.method == "POST":
            values["password"] = "long enough"
        if operation.path.endswith("/domain"):
            values["name"] = f"{unique('d')}.example.org"
        elif operation.path.endswith("/consents"):
            values |= {"consent": True, "ucid": uuid.uuid4().hex * 2}
        elif "domainId" in operation.path:
            values["name"] = f"{unique('d')}.example.org"
        if operation.path.endswith("/delegategroups/{delegateGroupId}/clients"):
            values["clientId"] = int(self.person())
        if operation.path.endswith(("/clientrule", "/preview", "/preview/count")):
            values["rules"] = [{"conditions": [{"ruleType": 1, "value": "x"}]}]
        if operation.path.startswith("/v1/delegate-persons"):
            values["clientId"] = int(self.person()) if operation.method == "PUT" else next(self.numbers)
        if operation.path.endswith("/roles"):
            values["roles"] = "Sales"
        if operation.path in ("/v1/contacts", "/v1/contacts/bulk"):
            values["customerId"] = self.get("customer")
        if operation.path.startswith("/v1/webhooks") and "rotate" not in operation.path:
            values |= {"url": "https://example.org/", "events": ["report.deleted"]}
        if operation.path == "/v1/discovery-groups" and operation.method == "PUT":
            values["id"] = self.discovery_group()
        if operation.path.startswith("/api/v1/admin/accounts"):
            values |= {"Email": "a@example.org", "Username": unique("portal"), "Password": PASSWORD}
        if operation.path.endswith("/certificates"):
            values["Sha256Thumbprint"] = uuid.uuid4().hex * 2
        if operation.path.endswith("/users/{id}/accounts"):
            values["AccountID"] = self.portal_account()
        if operation.path == "/v1/session":
            values |= {"username": self.once("sign-in", self.person_with_password), "password": PASSWORD}
        if operation.path == "/v1/settings":
            values["settings"] = [{"group": None, "name": "senderName", "type": "", "value": None}]
        if operation.method == "PUT" and (operation.method, operation.path) in REGULAR:
            kind = find(operation.method, operation.path).kind
            values["id"] = self.make(kind) if kind in ("user", "apiKey", "resource") else self.get(kind) \
                if kind != "orderProduct" else None
        return {name: value for name, value in values.items() if value is not None}

    def person_with_password(self):
        name = unique("person")
        answer = self.client.post("/v1/users", {"user": {"userName": name}, "password": PASSWORD})
        assert answer.status == 200, answer
        return name

    def application(self, path):
        """One of the group, by its token or its identifier."""
        hello = {"ClientCode": "typed", "ClientGroupId": self.discovery_group(), "AppName": "a", "AppVersion": "1"}
        [one] = [one for one in self.done("/api/ClientHello", hello)["DTOClients"] if one["ClientCode"] == "typed"]
        return path.format(token=one["Token"], groupId=self.discovery_group(), clientId=one["Id"])

    def discovery_group(self):
        return self.once("discovery", lambda: self.installation.create_group(unique("group")))


@pytest.fixture(scope="module")
def world(installation):
    return Places(installation)


def send(world, operation, media, path, body):
    text, content_type = encode(FAMILIES[operation.family], media, operation.type_name, body)
    key = world.own_key() if path.startswith("/api/domains") else None
    return world.client.call(operation.method, path, text, content_type=content_type, accept="application/json", key=key)


@pytest.mark.parametrize("style", STYLES)
@BY_OPERATION
def test_default_built(world, operation, style):
    """Twice: where nothing is required, the second one is no duplicate of the first."""
    for media in ("json", "xml") if style != "php" else ("json",):
        for _ in range(2):
            path = world.place(operation)
            body = default_built(operation.schema, style, world.given(operation))
            answer = send(world, operation, media, path, body)
            assert answer.status in (200, 201), (media, body, answer)


# --- what was answered ---

def without_times(row):
    return {name: value for name, value in row.items() if not name.lower().startswith(("updated", "upd"))}


def unchanged(api, path, row, sent, type_name, read):
    answer = api.put(path, type_name, sent)
    assert answer.status == 200, answer
    assert without_times(read()) == without_times(row)


@pytest.mark.parametrize("operation", [one for one in reference() if one.regular and one.method == "PUT"],
                         ids=lambda one: one.path)
def test_rows_that_were_answered(world, media, operation):
    """A row of a list can be sent to PUT as it is, changes nothing, and makes another one by POST."""
    api = Api(world.client, FAMILIES["licensing"], media)
    if operation.kind == "orderProduct":
        path = world.order_product(Operation("PUT", operation.path, {"schema": {}}))
        listed, condition = path.rpartition("/")[0], "quantity=1"
    else:
        key = world.make(operation.kind)
        path = listed = world.path(operation)
        condition = f'id="{key}"' if operation.kind == "user" else f"id={key}"

    def read():
        answer = api.get(f"{listed}?filter={condition}")
        assert answer.status == 200, answer
        return next(value for value in answer.value.values() if isinstance(value, list))[0]

    row = read()
    unchanged(api, path, row, {operation.member: row}, operation.request_type, read)
    if operation.kind in ("orderProduct", "user"):
        return
    again = row | {name: None for name in ("code", "orderNumber", "licenseId", "userKey") if name in row}
    if operation.kind == "setting":
        again["name"] = unique("again")
    made = find("POST", next(one.path for one in reference() if one.method == "POST" and one.kind == operation.kind))
    answer = api.post(path, made.request_type, {made.member: again})
    assert answer.status == 200, answer


@pytest.mark.parametrize("which", ["account", "domain", "api client", "group"])
def test_single_rows_that_were_answered(world, media, which):
    family, path, type_name = {
        "account": ("hosting", lambda: f"/hosting/api/client/{world.account()}", "Client"),
        "domain": ("hosting", lambda: f"/hosting/api/client/{world.account()}/domain/{world.domain()}", "Domain"),
        "api client": ("credentials", lambda: f"/api/v1/admin/clients/{world.api_client()}", "ClientRequest"),
        "group": ("delegates", lambda: f"/api/delegategroups/{world.group()}", "DelegateGroup")}[which]
    api = Api(world.client, FAMILIES[family], media)
    before = api.get(path())
    row = before.value["ResponseData"]["Detail"] if family == "credentials" else before.value
    if which == "group":
        again = api.post("/api/delegategroups", type_name, row)
        assert again.status == 200, again
        assert {**again.value, "id": row["id"]} == row
        return
    answer = api.put(path(), type_name, row, headers={"If-Match": before.headers["etag"]})
    assert answer.status == 200, answer
    after = api.get(path())
    assert after.headers["etag"] == before.headers["etag"] and after.text == before.text


def test_synchronisation_of_what_was_answered(world, media):
    api = Api(world.client, FAMILIES["discovery"], media)
    hello = {"ClientCode": unique("c"), "ClientGroupId": world.discovery_group(), "AppName": "a", "AppVersion": "1"}
    known = api.post("/api/ClientHello", "DTOHello", hello).value["DTOClients"]
    answer = api.post("/api/ClientAddOrUpdateOrRemoveClients", "DTOClient", known)
    assert answer.status == 200, answer
    assert [without_times(one) for one in answer.value["DTOClients"]] == [without_times(one) for one in known]


# --- texts ---

BAD = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF]
ODD = [0x09, 0x0A, 0x0D, 0x20, 0x22, 0x26, 0x27, 0x2B, 0x25, 0x3C, 0x3E, 0x5C, 0x5D, 0x7F, 0x80, 0x85, 0x9F, 0xA0, 0xAD,
       0x2028, 0x2029, 0x200B, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0x10000, 0x1FFFE, 0x1F600, 0x10FFFF]
# Members whose text has a form, or means more than itself.
FORMED = {"emailAddress", "timeZone", "country", "passwordHash", "password", "clientSecret", "allowedNetworks", "roles", "username",
          "userName", "path", "Scope", "type", "dataFormat", "name", "key"}


def random_text(chance, most):
    def character():
        kind = chance.random()
        if kind < 0.4:
            return chr(chance.choice(ODD))
        if kind < 0.7:
            return chr(chance.randrange(0x20, 0x7F))
        number = chance.randrange(0xA0, 0x110000)
        return chr(number) if not 0xD800 <= number < 0xE000 and number not in BAD else "\u00e9"

    text = "".join(character() for _ in range(chance.randrange(1, min(most, 40) + 1)))
    # Of a text that is all blank a code or name would be none.
    return text if text.strip() else "x" + text[1:]


def text_members(schema, keep=lambda name: name not in FORMED):
    """Names and longest lengths of the texts of an object that may be any."""
    for name, one in schema["properties"].items():
        inner, _ = plain(one)
        if inner.get("type") == "string" and "format" not in inner and "enum" not in inner and keep(name):
            yield name, inner.get("maxLength", 200)


def place_of_row(operation):
    """Name of the body's member that holds the row, and the row's schema."""
    schema, _ = plain(operation.schema)
    if operation.family != "licensing":
        return None, schema
    member = find(operation.method, operation.path).member
    return member, plain(schema["properties"][member])[0]


TEXTS = [one for one in OPERATIONS if one.method == "PUT" and "products/{productId}" not in one.path and
         ((one.method, one.path) in REGULAR or one.path == "/hosting/api/client/{clientId}")]


@pytest.mark.parametrize("sent", MEDIA)
@pytest.mark.parametrize("operation", TEXTS, ids=lambda one: one.path)
def test_texts(world, operation, sent):
    """All texts of a row come out as they went in, whatever the formats in and out."""
    chance = random.Random(seed())
    member, schema = place_of_row(operation)
    listed = path = world.place(operation)
    key = None
    if member is not None:
        key = world.get(find("PUT", operation.path).kind)
        quoted = f'"{key}"' if isinstance(key, str) else key
        listed = f"{path}?filter=id={quoted}"
    for number in range(cases(2)):
        row = {name: random_text(chance, most) for name, most in text_members(schema)}
        body = {member: row | {"id": key}} if member else row
        text, content_type = encode(FAMILIES[operation.family], sent, operation.type_name, body, number % 2 == 1)
        answer = world.client.put(path, text, content_type=content_type, accept="application/json")
        assert answer.status == 200, (body, answer)
        for media in ("json", "xml"):
            api = Api(world.client, FAMILIES[operation.family], media)
            found = api.get(listed).value
            if member:
                found = next(value for value in found.values() if isinstance(value, list))[0]
            assert {name: found[name] for name in row} == row, (sent, media)


def test_parts_and_maps(world, media):
    """Texts in lists, maps, parts and rows that belong to a row."""
    chance = random.Random(seed())
    api = Api(world.client, FAMILIES["licensing"], media)
    key = world.get("license")
    for _ in range(cases(3)):
        text = lambda: random_text(chance, 60)  # noqa: E731
        row = {"components": [text(), text()], "licensee": {"name": text(), "company": text()},
               "fields": [{"name": text(), "value": text()}],
               "restrictions": [{"id": "r", "name": text(), "properties": {text(): text(), "k" + text(): text()}}]}
        body, content_type = encode(api.family, media, "UpdateLicenseRequest", {"license": {"id": key} | row})
        answer = world.client.put("/v1/licenses", body, content_type=content_type)
        assert answer.status == 200, answer
        found = api.get(f"/v1/licenses?filter=id={key}&include=fields,restrictions").value["licenses"][0]
        assert found["components"] == row["components"]
        for name, value in row["licensee"].items():
            assert found["licensee"][name] == value
        assert found["fields"] == row["fields"]
        assert found["restrictions"][0]["properties"] == row["restrictions"][0]["properties"]


@pytest.mark.parametrize("where", ["{}", "a{}", "{}b"])
def test_characters_that_no_answer_could_hold(world, where):
    """One rule for all formats, in values and in names, and nothing is stored."""
    before = world.client.get("/v1/customers?take=0").json()["totalCustomersCount"]
    for number in BAD:
        bad = where.format(chr(number))
        for sent in MEDIA:
            for ascii_only in (False, True):
                text, content_type = encode(FAMILIES["licensing"], sent, "InsertCustomerRequest",
                                            {"customer": {"company": bad}}, ascii_only)
                answer = world.client.post("/v1/customers", text, content_type=content_type)
                assert answer.status == 400, (hex(number), sent, answer)
    for text in (r'"\b"', r'"\f"', r'"\ud800"', r'"\udc00"', r'"\ud83d\u0041"', '"\ufffe"'):
        assert world.client.post("/v1/customers", '{"customer":{"company":%s}}' % text,
                                 content_type="application/json").status == 400, text
    for text in ("&#0;", "&#x1;", "&#xD800;", "&#xFFFF;", "\x0b"):
        body = encode(FAMILIES["licensing"], "xml", "InsertCustomerRequest", {"customer": {"company": "@"}})[0]
        assert world.client.post("/v1/customers", body.replace("@", text),
                                 content_type="application/xml").status == 400, text
    for text in ("%00", "%01", "%EF%BF%BF", "%ED%A0%80", "%FF"):
        assert world.client.post("/v1/customers", f"customer.company={text}",
                                 content_type="application/x-www-form-urlencoded").status == 400, text
    assert world.client.get("/v1/customers?take=0").json()["totalCustomersCount"] == before


def test_lists_stay_readable_with_old_rows(world):
    """What an earlier version has stored is answered with U+FFFD in XML."""
    key = world.make("customer")
    world.installation.sql(f"UPDATE customer SET company = CONCAT('a', CHAR(1), 'b', X'EFBFBE', 'c') WHERE id = {key}")
    api = Api(world.client, FAMILIES["licensing"], "xml")
    [row] = api.get(f"/v1/customers?filter=id={key}").value["customers"]
    assert row["company"] == "a\ufffdb\ufffdc"


# --- single rules ---

@pytest.mark.parametrize("code", [{}, {"code": None}, {"code": ""}, {"code": " "}])
@pytest.mark.parametrize("kind", ["product", "template", "resource"])
def test_optional_codes(world, media, kind, code):
    api = Api(world.client, FAMILIES["licensing"], media)
    made = find("POST", {"product": "/v1/products", "template": "/v1/license-templates",
                         "resource": "/v1/resources"}[kind])
    for _ in range(2):
        answer = api.post(made.path, made.request_type, {made.member: {"name": unique("n")} | code})
        assert answer.status == 200, answer
        key = next(value for name, value in answer.value.items() if name.endswith("Id"))
        listed = api.get(f"{made.path}?filter=id={key}").value
        assert next(value for value in listed.values() if isinstance(value, list))[0]["code"] is None


def test_a_list_is_emptied_by_an_empty_one_only(world, media):
    api = Api(world.client, FAMILIES["licensing"], media)
    key = world.make("customer", contacts=[{"firstName": "a"}])

    def count():
        return int(api.get(f"/v1/customers/{key}/contacts").value["totalContactsCount"])

    for contacts, left in ((None, 1), ([], 0)):
        answer = api.put("/v1/customers", "UpdateCustomerRequest", {"customer": {"id": key, "contacts": contacts}})
        assert answer.status == 200 and count() == left, answer


@pytest.mark.parametrize("owner", [None, "", NIL, "{" + NIL + "}"])
def test_no_owner_is_the_caller(world, media, owner):
    api = Api(world.client, FAMILIES["licensing"], media)
    answer = api.post("/v1/api-keys", "InsertApiKeyRequest", {"apiKey": {
        "name": unique("k"), "ownerId": owner, "clientSecret": ""}})
    assert answer.status == 200, answer
    [row] = api.get(f"/v1/api-keys?filter=id={answer.value['apiKeyId']}").value["apiKeys"]
    assert row["ownerId"] == world.installation.admin_id and row["clientSecret"] is None
    assert world.installation.client(answer.value["apiKey"]).get("/v1/roles").status == 200


@pytest.mark.parametrize("port", [-1, 0, 65536, 2 ** 31 - 1, -2 ** 31])
def test_ports_are_int32(world, media, port):
    api = Api(world.client, FAMILIES["discovery"], media)
    answer = api.post("/api/ClientHello", "DTOHello", {
        "ClientCode": unique("c"), "ClientGroupId": world.discovery_group(), "AppName": "a", "AppVersion": "1",
        "ClientPort": port})
    assert answer.status == 200, answer
    assert str(port) in [str(one["ClientPort"]) for one in answer.value["DTOClients"]]


def test_cache_buster(client):
    for path in ("/v1/customers", "/hosting/api/client", "/v1/license-tokens", "/v1/log/levels"):
        assert client.get(f"{path}?_=1764000000000").status == 200
        assert client.get(f"{path}?_=1&_=2").status == 200
        assert client.get(f"{path}?__=1").status == 400
