"""Messages in the caller's language: the catalogue has all of them, and no answer in German has a sentence in English."""

import json
import re
import urllib.parse

import pytest

from harness.access import ROUTES, sample_path
from harness.bodies import encode, operations, plain
from harness.doc_tables import OPENAPI
from harness.families import FAMILIES, unique
from harness.installation import Installation
from harness.messages import catalogue, conversions, holes, messages

GERMAN = {"Accept-Language": "de-AT, de;q=0.9, en;q=0.5"}
MEDIA = ("json", "xml")
# For programs of standards, and for the operator's.
ENGLISH_ONLY = ("/oauth2", "/Token", "/.well-known", "/healthz", "/readyz", "/metrics", "/openapi")

# Words of every English sentence, and of no German one or name of a member.
ENGLISH = re.compile(r"\b(?:the|must|is|not|may|has|of|be|been|cannot|found|already|this|that|there|with|does|were|its|other)\b", re.I)
# What is quoted as it was sent, or is called so.
QUOTED = re.compile(r"„[^“]*“|\"[^\"]*\"|<[^>]*>|\([a-zA-Z_-]+\)")


# --- catalogues ---

def test_catalogue_is_whole():
    """A message in the sources that a caller may get has its German text, and no text is there for nothing."""
    known, told = catalogue("german"), messages()
    # What other tables are printed with, as it is.
    general = {"%s", "%s."}
    assert not {text: sorted(files) for text, files in told.items() if text not in known}
    assert set(known) - set(told) == general


def test_texts_print_the_same():
    """Each conversion of a message is printed, but for what the other language does not need."""
    left_out = {english: sorted(set(range(1, conversions(english) + 1)) - holes(text))
                for english, text in catalogue("german").items()
                if set(range(1, conversions(english) + 1)) != holes(text)}
    assert left_out == {"The %s %s is required.": [2]}


def test_originals_are_said():
    """Each text of the originals stands for a message, or for what one prints."""
    formats = [re.compile(re.sub(r"%(?:\\\.\\\*|04)?(?:l*|z)[sduXc]", ".+", re.escape(text))) for text in messages()]
    for text in catalogue("original"):
        assert any(one.fullmatch(text) or text == one.pattern for one in formats) or text in messages(), text


# --- answers ---

def texts(value):
    """All texts of an error answer that are sentences for people."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name.lower() in ("message", "errorreason"):
                yield item
            elif name.lower() in ("errors", "modelstate"):
                yield from (text for one in item.values() for text in (one if isinstance(one, list) else [one]))
            else:
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def told(answer):
    if not answer.is_xml:
        return [text for text in texts(answer.json()) if text]
    return [one.text for one in answer.xml().iter() if one.text and not list(one)
            and one.tag.rpartition("}")[2] not in ("success", "code", "reason", "Result", "ErrorCode")]


def english(answer):
    return [text for text in told(answer) if ENGLISH.search(QUOTED.sub("", text))]


def assert_german(answer):
    assert answer.headers["content-language"] == "de", answer
    assert "Accept-Language" in answer.headers["vary"], answer
    assert told(answer), answer
    assert not english(answer), answer


@pytest.mark.parametrize("wanted, language", [
    (None, "en"), ("de", "de"), ("de-AT", "de"), ("DE-ch;q=0.1", "de"), ("fr, de;q=0.5", "de"), ("fr", "en"), ("en, de", "en"),
    ("de;q=0.4, en;q=0.6", "en"), ("*", "en"), ("en;q=0, *", "de"), ("de;q=0", "en"), ("\x7f;;,=", "en")])
def test_choice(client, wanted, language):
    answer = client.get("/v1/products/999999999", headers={"Accept-Language": wanted})
    message = {"en": "The product was not found.", "de": "Nicht gefunden: Produkt."}[language]
    assert (answer.status, answer.json()["message"]) == (404, message)
    assert (answer.headers["content-language"], answer.headers["vary"]) == (language, "Accept, Accept-Language")


def test_good_answers_stay(client):
    """What has no sentence is the same for everybody, tag and headers included."""
    one, other = client.get("/v1/roles"), client.get("/v1/roles", headers=GERMAN)
    assert one.body == other.body
    for answer in (one, other):
        assert answer.headers["vary"] == "Accept" and "content-language" not in answer.headers


def test_messages_of_successes(client):
    path = "/v1/products?dryRun=true"
    body = {"product": {"name": unique("p")}}
    assert client.post(path, body).json()["message"] == "This was a dry run: nothing was stored."
    answer = client.post(path, body, headers=GERMAN)
    assert answer.json()["message"] == "Das war ein Probelauf: Gespeichert wurde nichts."
    assert answer.headers["content-language"] == "de"


def test_words_stay(client, installation):
    """Codes, words and names of members are for programs; logs and the audit log are the operator's."""
    bodies = [client.post("/v1/license/activate", {"userKey": "nobody", "machineId": "m"}, headers=headers)
              for headers in ({}, GERMAN)]
    for name in ("success", "code", "reason"):
        assert bodies[0].json()[name] == bodies[1].json()[name]
    assert [one.json()["message"] for one in bodies] == ["The license was not found.", "Die Lizenz wurde nicht gefunden."]
    member = client.post("/v1/customers", {"customer": {"email": 5 * ["x"]}}, headers=GERMAN)
    assert "customer.email" in member.json()["errors"], member
    assert "Feld" not in "".join(json.dumps(line) for line in installation.log_lines(member.request_id))


def test_oauth_stays_ascii(client):
    """RFC 6749, section 5.2: error_description is in ASCII."""
    for path in ("/oauth2/token", "/Token", "/oauth2/nothing?" + "x" * 9000):
        answer = client.post(path, "grant_type=none", content_type="application/x-www-form-urlencoded",
                             headers=GERMAN, key="", check=False)
        assert answer.body.isascii() and answer.headers["content-language"] == "en", answer


def test_bulk(client):
    """Refusals of rows that are answered one by one, with good ones between them."""
    rows = [{"name": unique("p")}, {"name": "x" * 300}]
    answer = client.post("/v1/products/bulk?mode=partial", rows, headers=GERMAN, check=False)
    assert_german(answer)


# --- each family ---

FAULTS = {
    "discovery": ("/api/ClientHello", "ClientRequest", {"AppName": "x" * 300, "AppVersion": "1", "ClientGroupsId": "zzz"}),
    "credentials": ("/api/v1/admin/clients", "ClientRequest", {"Name": "x" * 300}),
    "delegates": ("/api/delegategroups", "DelegateGroup", {"name": "x" * 300}),
    "hosting": ("/hosting/api/client", "Client", {"username": "x" * 300, "domainMaxCount": "many"}),
    "licensing": ("/v1/orders", "InsertOrderRequest", {"order": {"customerId": "x"}}),
    "activation": ("/v1/license/activate", "ActivateLicenseRequest", {"machineId": "x" * 300}),
}


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize("name", FAULTS)
def test_common_faults(installation, client, anonymous, name, media):
    path, type_name, body = FAULTS[name]
    accept = f"application/{media}"
    family = FAMILIES[name if name in FAMILIES else "licensing"]
    text, content_type = encode(family, media, type_name, body)
    other = {"json": "{\"a\": }", "xml": "<a><b></a>"}[media]
    prefix = {"activation": "/v1/license", "licensing": "/v1", "credentials": "/api/v1/admin",
              "delegates": "/api/delegategroups", "hosting": "/hosting/api", "discovery": "/api"}[name]

    def send(method, where, expected, who=client, **options):
        answer = who.call(method, where, accept=accept, headers={**GERMAN, **options.pop("headers", {})}, check=False, **options)
        assert answer.status in expected, answer
        assert ("xml" in answer.content_type) == (media == "xml"), answer
        assert_german(answer)
        return answer

    send("POST", path, (400, 404), body=text, content_type=content_type)
    send("POST", path, (400,), body=other, content_type=content_type)
    send("POST", path, (400, 415))
    send("POST", path, (415,), body="x", content_type="image/png")
    send("PUT", f"{prefix}/nothing/at/all", (404,), body=text, content_type=content_type)
    send("DELETE", path, (405,)) if name != "discovery" else send("PUT", path, (405,), body=text, content_type=content_type)
    send("POST", path, (413,), body=" " * 1_100_000, content_type=content_type)
    if name not in ("discovery", "activation"):
        send("POST", path, (401,), who=anonymous, key="", body=text, content_type=content_type)
        send("POST", path, (401,), key="api_wrong", body=text, content_type=content_type)
        send("POST", path, (403,), key=installation.create_key("admin", "read"), body=text, content_type=content_type)
    if name in ("licensing", "hosting"):
        send("GET", f"{path}?nothing=1&take=-1", (400,))
    if name not in ("discovery", "activation"):
        send("POST", path, (400,), body=text, content_type=content_type, headers={"Idempotency-Key": "a b"})


# --- all operations ---

def broken(schema, value):
    """A body whose members are all of a wrong kind."""
    schema, _ = plain(schema)
    if schema.get("type") == "array":
        return [broken(schema["items"], value)]
    return {name: broken(one, value) if "properties" in plain(one)[0] else value
            for name, one in schema.get("properties", {}).items()}


@pytest.fixture(scope="module")
def bench():
    with Installation(discovery_auth="none", oauth_registration="token", throttle_failures="0") as running:
        yield running


def check(faults, answer):
    if answer.status >= 400 and (english(answer) or answer.headers.get("content-language") != "de"):
        faults.append(answer)


def test_bodies_in_german(bench):
    """Every operation with a body refuses what is nothing, null, of a wrong kind or too long, in German. What the web server
    refuses by itself is in English."""
    client, faults, refused = bench.client(bench.admin_key), [], 0
    for operation in operations():
        if operation.path.startswith(ENGLISH_ONLY):
            continue
        path = sample_path(operation.path).removesuffix("?nonsense=1")
        for body in ({}, broken(operation.schema, {"a": 1}), broken(operation.schema, [["x"]]), broken(operation.schema, "\x01" * 3000),
                     broken(operation.schema, ""), broken(operation.schema, None), broken(operation.schema, -(10 ** 17)),
                     broken(operation.schema, "x y")):
            if operation.schema.get("type") == "array" and isinstance(body, dict):
                body = [body]
            answer = client.call(operation.method, path, body, headers=GERMAN, check=False)
            refused += answer.status >= 400
            check(faults, answer)
    assert not faults, "\n".join(f"{answer.request_id} {english(answer)}" for answer in faults)
    assert refused > 400


def test_parameters_in_german(bench):
    client, faults, refused = bench.client(bench.admin_key), [], 0
    for path, item in OPENAPI["paths"].items():
        if path.startswith(ENGLISH_ONLY):
            continue
        for method, operation in item.items():
            where = sample_path(path).removesuffix("?nonsense=1")
            for value in ("", "x", "-1", "'", "a.b.c.d.e = 1", "Name = ", "(" * 40, "*", "id in (1", "nothing = 1", "x" * 300):
                query = urllib.parse.urlencode([(one["name"], value) for one in operation.get("parameters", [])
                                                if one.get("in") == "query"] + [("unheard", "1"), ("unheard", "2")])
                answer = client.call(method.upper(), f"{where}?{query}", headers=GERMAN, check=False)
                refused += answer.status >= 400
                check(faults, answer)
    assert not faults, "\n".join(f"{answer.request_id} {english(answer)}" for answer in faults)
    assert refused > 500


def test_strangers_in_german(bench):
    faults, client = [], bench.client()
    for route in ROUTES:
        if not route.path.startswith(ENGLISH_ONLY):
            for key in ("", "api_unknown"):
                check(faults, client.call(route.method, sample_path(route.path), headers=GERMAN, key=key, check=False))
    assert not faults, "\n".join(f"{answer.request_id} {english(answer)}" for answer in faults)


# --- the words of the originals ---

def test_original_texts():
    words = dict.fromkeys([f"dialect_{name}" for name in FAULTS], "original-texts")
    with Installation(**words, discovery_auth="none") as running:
        client = running.client(running.admin_key)

        def said(path, body, status=400, **options):
            answer = client.post(path, body, headers=GERMAN, **options)
            assert answer.status == status, answer
            assert answer.headers["content-language"] == "en", answer
            return answer.json()

        assert said("/api/ClientHello", {"AppName": "x" * 300, "AppVersion": "1", "ClientGroupId": "zzz"}) == {
            "Message": "The request is invalid.", "ModelState": {
                "dto.ClientCode": ["The ClientCode field is required."],
                "dto.ClientGroupId": ["An error has occurred."],
                "dto.AppName": ["The field AppName must be a string with a maximum length of 255."]}}
        assert said("/api/ClientHello", "{", content_type="application/json") == {
            "Message": "The request is invalid.", "ModelState": {"dto": ["An error has occurred."]}}
        assert said("/api/delegategroups", {"name": "x" * 300})["modelState"] == {
            "delegateGroup.name": ["The field name must be a string with a maximum length of 255."]}
        licensing = said("/v1/products", {"product": {"name": "x" * 300}})
        assert licensing["message"] == "One or more validation errors occurred."
        assert "The field name must be a string with a maximum length of 255." in licensing["errors"]["product.name"]
        assert said("/hosting/api/client", {}) == {"message": "Invalid or missing properties.", "errors": {
            "username": ["username or password is empty."], "password": ["username or password is empty."],
            "emailAddress": ["email address is empty or invalid."]}}
        assert client.get("/hosting/api/client/0000000").json()["message"] == "customer not found."
        account = {"username": unique("u"), "password": "correct horse battery", "emailAddress": "a@example.org"}
        assert client.post("/hosting/api/client", account).status == 201
        again = said("/hosting/api/client", account, 409)
        assert again["errors"]["username"] == ["username is already in use."]
        refused = said("/api/v1/admin/clients", {"Name": "x" * 300})
        assert "The field Name must be a string with a maximum length of " in refused["Error"]["ErrorReason"]
