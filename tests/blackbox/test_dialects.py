"""What programs of the originals send that is no good manners: taken where a family's dialect has the word, and only there."""

import json

import pytest

from harness.families import FAMILIES, Api, unique
from harness.installation import Installation

WORDS = "all-rows lenient-json unknown-parameters"
# Of each family: a list, where its rows stand, what limits a page, and a row that can be added.
LISTS = {
    "licensing": ("/v1/products", ("products",), "take", lambda: {"product": {"name": unique("n")}}),
    "hosting": ("/hosting/api/client", (), "count",
                lambda: {"username": unique("u"), "password": "correct horse", "emailAddress": "a@example.org"}),
    "delegates": ("/api/delegategroups", (), "count", lambda: {"name": unique("g")}),
    "credentials": ("/api/v1/admin/clients", ("ResponseData", "Detail"), "count", None),
}
OPTIONS = [f"dialect_{name}" for name in (*LISTS, "discovery", "activation")]
STRICT = {"licensing", "hosting"}  # they refuse unknown parameters


@pytest.fixture(scope="module")
def spoken():
    """All families speak all dialects that change no answer."""
    with Installation(limit_list_rows="20", **dict.fromkeys(OPTIONS, WORDS)) as running:
        yield running


@pytest.fixture(scope="module")
def sparse():
    """All families leave out what is nothing. The document names members that are always there otherwise: `check` is off."""
    with Installation(**dict.fromkeys(OPTIONS, "omit-zeros")) as running:
        yield running


@pytest.fixture(scope="module")
def plain():
    with Installation(limit_list_rows="20") as running:
        yield running


def row_of(running, family):
    make = LISTS[family][3]
    return make() if make else {"Name": unique("c"), "Secret": "s" * 12, "UserID": running.admin_id}


def added(running, family, body):
    path = LISTS[family][0]
    text = body if isinstance(body, str) else json.dumps(body)
    return running.client(running.admin_key).post(path, text, content_type="application/json", check=False)


def rows(family, answer):
    value = answer.json()
    for name in LISTS[family][1]:
        value = value.get(name, [])
    return value


# --- lenient-json ---

def lenient_forms(body):
    """The same body as hand-written JavaScript has it."""
    text = json.dumps(body)
    yield text.replace('"', "'")
    yield text.replace('"', "'").replace("{", "{ // begins\n", 1) + " /* ends */"
    yield text[:-1].rstrip("}") + "," + "}" * (len(text) - len(text.rstrip("}")))
    bare = text
    for name in {name for one in (body, *[value for value in body.values() if isinstance(value, dict)]) for name in one}:
        bare = bare.replace(f'"{name}":', f"{name}:")
    yield bare


@pytest.mark.parametrize("family", LISTS)
@pytest.mark.parametrize("form", range(4))
def test_lenient_json(spoken, plain, family, form):
    [*forms] = lenient_forms(row_of(spoken, family))
    answer = added(spoken, family, forms[form])
    assert answer.status in (200, 201), (forms[form], answer)
    [*forms] = lenient_forms(row_of(plain, family))
    assert added(plain, family, forms[form]).status == 400, forms[form]


@pytest.mark.parametrize("body", ["{'product':{'name':'a'}", '{"product":{,}}', "{product:{name}}", "{'product':{'name':NaN}}",
                                  "{'product':{'name':'a'}} x", "{product 'name':1}"])
def test_lenient_json_is_no_guessing(spoken, body):
    answer = added(spoken, "licensing", body)
    assert answer.status == 400, (body, answer)


# --- unknown-parameters ---

@pytest.mark.parametrize("family", LISTS)
def test_unknown_parameters(spoken, plain, family):
    path = LISTS[family][0]
    for query in ("?callback=x", "?utm_source=mail&x=1", "?offset=0&offset=0" if family != "licensing" else "?skip=0&skip=1"):
        assert spoken.client(spoken.admin_key).get(path + query).status == 200, query
        refused = plain.client(plain.admin_key).get(path + query)
        assert refused.status == (400 if family in STRICT else 200), (query, refused)
    # What is known is still looked at.
    size = LISTS[family][2]
    assert spoken.client(spoken.admin_key).get(f"{path}?{size}=many").status == 400


# --- all-rows ---

@pytest.mark.parametrize("family", LISTS)
def test_all_rows(spoken, plain, family):
    path, _, size, _ = LISTS[family]
    for running in (spoken, plain):
        for _ in range(45):
            assert added(running, family, row_of(running, family)).status in (200, 201)
    client = spoken.client(spoken.admin_key)
    whole = rows(family, client.get(path))
    assert len(whole) >= 45
    assert len(rows(family, client.get(f"{path}?{size}=100000"))) == len(whole)
    assert len(rows(family, client.get(f"{path}?{size}=3"))) == 3
    usual = plain.client(plain.admin_key)
    assert usual.get(f"{path}?{size}=100000").status == 400
    # Hosting and credentials list all rows unless a page is asked for, as their references do.
    assert len(rows(family, usual.get(path))) == 20 if family in ("licensing", "delegates") else len(rows(family, usual.get(path))) >= 45


# --- omit-zeros ---

def zeros(value):
    """Members that a typed program would have filled with nothing, and their paths."""
    if isinstance(value, dict):
        for name, one in value.items():
            if one in (None, "", False) or one == 0 and not isinstance(one, bool):
                yield name
            yield from zeros(one)
    elif isinstance(value, list):
        for one in value:
            yield from zeros(one)


def without_zeros(value):
    if isinstance(value, dict):
        return {name: without_zeros(one) for name, one in value.items()
                if not (one in (None, "", False) or one == 0 and not isinstance(one, bool))}
    if isinstance(value, list):
        return [without_zeros(one) for one in value]
    return value


@pytest.mark.parametrize("family", LISTS)
def test_omit_zeros(sparse, plain, family):
    """In JSON alone; XML, CSV and JSON Lines have all members."""
    path = LISTS[family][0]
    assert added(sparse, family, row_of(sparse, family)).status in (200, 201)
    client = sparse.client(sparse.admin_key)
    answer = client.get(path, check=False)
    assert answer.status == 200 and not list(zeros(answer.json())), answer.text[:500]
    full = [json.loads(line) for line in client.get(path, accept="application/jsonl").text.splitlines()]
    assert list(zeros(full)) and rows(family, answer) == without_zeros(full)
    xml = client.get(path, accept="application/xml")
    assert xml.is_xml and xml.status == 200
    assert added(plain, family, row_of(plain, family)).status in (200, 201)
    assert list(zeros(plain.client(plain.admin_key).get(path).json()))


def test_omitted_zeros_have_tags_and_come_back(sparse):
    """A row that was read so can be sent back: what is absent keeps its value. Its tag is of this form of it."""
    client = sparse.client(sparse.admin_key)
    made = added(sparse, "licensing", {"product": {"name": unique("n"), "price": 0, "description": ""}}).json()["productId"]
    read = client.get(f"/v1/products/{made}", check=False)
    product = read.json()["product"]
    assert "price" not in product and "description" not in product and product["name"]
    tag = read.headers["etag"]
    assert client.get(f"/v1/products/{made}", headers={"If-None-Match": tag}).status == 304
    written = client.put("/v1/products", {"product": product}, headers={"If-Match": tag}, check=False)
    assert written.status == 200, written
    assert client.get(f"/v1/products/{made}", check=False).json()["product"]["name"] == product["name"]


def test_moments_and_items_stay(sparse):
    """The first second of 1970 is a moment as any other."""
    answer = added(sparse, "licensing", {"product": {"name": unique("n")}})
    assert answer.json() == {"success": True, "productId": answer.json()["productId"]}
    client = sparse.client(sparse.admin_key)
    made = client.post("/v1/orders", {"order": {"orderNumber": unique("o"), "paymentDate": "1970-01-01T00:00:00Z"}}, check=False)
    order = client.get(f"/v1/orders/{made.json()['orderId']}", check=False).json()["order"]
    assert order["paymentDate"].startswith("1970-01-01T00:00:00")


# --- xml-by-accept ---

def test_answers_to_xml(private_installation):
    """Discovery and credentials answer JSON unless XML is asked for by name, as their references do; an operator may wish it otherwise."""
    usual = private_installation()
    other = private_installation(dialect_discovery="", dialect_credentials="", dialect_delegates="xml-by-accept",
                                 dialect_hosting="xml-by-accept", dialect_licensing="xml-by-accept")
    bodies = {
        "discovery": ("/api/ClientHello", "DTOHello", lambda running: {
            "AppName": "a", "AppVersion": "1", "ClientCode": unique("c"), "ClientGroupId": running.create_group(unique("g"))}),
        "credentials": ("/api/v1/admin/clients", "ClientRequest", lambda running: row_of(running, "credentials")),
        "delegates": ("/api/delegategroups", "DelegateGroup", lambda running: row_of(running, "delegates")),
        "hosting": ("/hosting/api/client", "Client", lambda running: row_of(running, "hosting")),
        "licensing": ("/v1/products", "InsertProductRequest", lambda running: row_of(running, "licensing")),
    }
    for name, (path, type_name, make) in bodies.items():
        family = FAMILIES[name]
        for running, by_accept in ((usual, name in ("discovery", "credentials")), (other, name not in ("discovery", "credentials"))):
            client = running.client(running.admin_key)

            def sent(accept, client=client, running=running):
                return client.post(path, family.encode("xml", type_name, make(running)), content_type="application/xml", accept=accept)
            for accept, xml in ((None, not by_accept), ("application/xml", True), ("text/html, text/xml", True), ("*/*", False)):
                answer = sent(accept)
                assert answer.status in (200, 201), (name, answer)
                assert answer.is_xml == xml, (name, by_accept, accept, answer)


# --- what is taken from everybody ---

NIL = "00000000-0000-0000-0000-000000000000"


def answer_of(running, family, method, path, body, content_type="application/json", **options):
    text = body if isinstance(body, str) else json.dumps(body)
    client = running.client(running.admin_key)
    return client.call(method, path, text, content_type=content_type, **options)


@pytest.mark.parametrize("path, body", [
    ("/v1/customers", {"customer": {"company": "x", "code": None}}),
    ("/v1/customers", {"customer": {"company": "x", "code": ""}}),
    ("/v1/orders", {"order": {"orderNumber": None}}),
    ("/v1/orders", {"order": {"orderNumber": "", "customerId": 0}}),
    ("/v1/products", {"product": {"name": "x", "code": "", "signatureKeysId": 0}}),
    ("/v1/licenses", {"license": {"licenseId": None, "userKey": None, "id": 0, "customerId": None, "orderId": 0, "templateId": 0}}),
    ("/v1/licenses", {"license": {"licenseId": "", "userKey": "", "hash": "", "format": 0}}),
    ("/v1/licenses", {"license": {"expireDate": "9999-12-31T23:59:59.9999999Z", "issueDate": "0001-01-01T00:00:00"}}),
    ("/v1/licenses", {"license": {"expireDate": "/Date(1893456000000)/"}}),
    ("/v1/licenses", {"license": {"expireDate": "2030-12-23T12:16"}}),
    ("/v1/licenses", {"license": {"expireDate": "2030-12-23T12:16:59-0700"}}),
    ("/v1/api-keys", {"apiKey": {"name": "x", "ownerId": NIL, "clientSecret": "", "expireDate": "9999-12-31T23:59:59.9999999Z"}}),
    ("/v1/users", {"user": {"userName": "NAME", "customerId": None, "email": None, "id": NIL}, "password": None}),
    ("/v1/orders", {"order": {"total": 7.700000000000001}}),
    ("/v1/customers", {"CUSTOMER": {"Company": "x", "company": "y", "noSuchMember": {"a": [1]}}}),
], ids=str)
def test_default_built_objects(plain, path, body):
    """What typed programs send of an object of which they have set one member."""
    text = json.dumps(body).replace("NAME", unique("user"))
    answer = answer_of(plain, "licensing", "POST", path, text)
    assert answer.status == 200, (text, answer)


@pytest.mark.parametrize("content_type", ["application/json-patch+json", "application/json; charset=utf-8", "text/json", "application/vnd.x+json",
                                          "application/json;odata=verbose"])
def test_types_of_bodies(plain, content_type):
    answer = answer_of(plain, "licensing", "POST", "/v1/products", {"product": {"name": unique("n")}}, content_type, accept="text/plain")
    assert answer.status == 200 and answer.content_type.endswith("/json; charset=utf-8"), answer


def test_what_script_programs_send(plain):
    """PHP writes an empty object as a list; forms have days of the American order; old programs have short secrets, and ports that are none."""
    client = plain.client(plain.admin_key)
    account = {"username": unique("u"), "password": "correct horse", "emailAddress": "a@example.org", "features": []}
    made = client.post("/hosting/api/client?_=1764000000000", account)
    assert made.status == 201 and made.json()["features"]["canUseIAB"] is True, made
    written = client.put(f"/hosting/api/client/{made.json()['id']}", {"emailAddress": "b@example.org", "password": None})
    assert written.status == 200 and written.json()["emailAddress"] == "b@example.org", written
    group = client.post("/api/delegategroups", {"name": unique("g")}).json()["id"]
    plain.sql(f"INSERT INTO delegate_client (id, code) VALUES ({group}, '{unique('c')}')")
    form = client.post(f"/api/delegategroups/{group}/clients", f"ClientId={group}&ExpiryDate=12/23/2034",
                       content_type="application/x-www-form-urlencoded")
    assert form.status == 200 and form.json()["expiryDate"].startswith("2034-12-23"), form
    secret = client.post("/api/v1/admin/clients", {"Name": unique("c"), "Secret": "8letters", "UserID": plain.admin_id})
    assert secret.status == 200, secret
    hello = client.post("/api/ClientHello", {"ClientCode": unique("c"), "ClientGroupId": plain.create_group(unique("g")), "AppName": "a",
                                             "AppVersion": "1", "ClientPort": -1})
    assert hello.status == 200 and hello.json()["DTOClients"][0]["ClientPort"] == -1, hello
    assert client.get("/v1/products", accept="application/json;q=0, */*").is_xml
