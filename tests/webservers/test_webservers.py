"""One set of calls for all web servers: what they pass on, what they answer themselves, what they write down."""

import gzip
import json
import os
import re
import ssl

import pytest

from harness.browser import SESSION, Browser
from harness.doc_tables import OPENAPI
from harness.families import CREDENTIALS, DELEGATES, DISCOVERY, HOSTING, LICENSING, unique
from harness.installation import TOP
from harness.waiting import LONG
from harness.webserver import PROXY


def described_shapes():
    """A path of each family that takes a body, and the words in its error bodies that come before what differs."""
    bodies = [line.split("\t") for line in (TOP / "errors/bodies.table").read_text().splitlines()[1:]]
    shapes = {}
    for group in OPENAPI["x-tagGroups"]:
        family = group["x-family"]
        paths = [path for path, item in OPENAPI["paths"].items()
                 if "{" not in path and set(group["tags"]) & set(item.get("post", {}).get("tags", []))]
        if paths:
            shapes[family] = paths[0], os.path.commonprefix([body for name, body in bodies if name.startswith(f"{family}-")])
    return shapes


SHAPES = described_shapes()
HELLO, SYNCHRONISE = "/api/ClientHello", "/api/ClientAddOrUpdateOrRemoveClients"
LIMIT_BODY = 1 << 20


@pytest.fixture(params=SHAPES)
def shape(request):
    return SHAPES[request.param]


def hello(group, **members):
    return {"ClientCode": unique("till"), "ClientGroupId": group, "AppName": "Till", "AppVersion": "1"} | members


def address_of(client, group, headers=None):
    """The address that the application sees a caller at."""
    code = unique("till")
    answer = client.post(HELLO, hello(group, ClientCode=code), headers=headers)
    assert answer.status == 200, answer
    [found] = [one for one in answer.json()["DTOClients"] if one["ClientCode"] == code]
    return found["ClientIpAddress"]


# --- what is passed on ---

def test_discovery(front, media, group):
    api = front.api(DISCOVERY, media)
    answer = api.post(HELLO, "DTOHello", hello(group))
    assert answer.status == 200, answer
    assert [client["ClientGroupsId"] for client in answer.value["DTOClients"]] == [group]


@pytest.mark.parametrize("family, path", [
    (CREDENTIALS, "/api/v1/admin/clients"), (DELEGATES, "/api/delegategroups/1"),
    (HOSTING, "/hosting/api/client"), (LICENSING, "/v1/users")], ids=lambda value: getattr(value, "name", ""))
def test_families(front, media, family, path):
    answer = front.api(family, media).get(path)
    assert answer.status == 200, answer
    assert answer.content_type.startswith(f"application/{media}")
    assert answer.log()["family"] == family.name


def test_chunked_body(front, group):
    answer = front.client().post(HELLO, json.dumps(hello(group, AppVersion="é" * 200)), chunked=True,
                                 content_type="application/json")
    assert answer.status == 200 and "é" * 200 in answer.text, answer


def test_large_body(front):
    """As large as the application allows; blanks only are no body."""
    answer = front.client().post(HELLO, b" " * LIMIT_BODY, content_type="application/json")
    assert answer.status == 400 and "ModelState" in answer.json(), answer


@pytest.mark.parametrize("name", ["a name", "naïve", "50%", "q?x=1", "semi;colon+plus", "a/b"])
def test_escaped_segment(front, name):
    if "/" in name and not front.server.keeps_escaped_slashes:
        pytest.skip("the server's reading of addresses takes an escaped slash for a slash")
    escaped = "".join(f"%{byte:02X}" for byte in name.encode())
    stem = unique("x")
    api = front.api(HOSTING, "json")
    made = api.post("/hosting/api/client", "Client", {
        "username": stem + name, "password": "the-right-passphrase-77", "emailAddress": "a@example.org",
        "company": "c", "domainMaxCount": 1})
    assert made.status == 201, made
    found = api.get(f"/hosting/api/client/by-username/{stem}{escaped}")
    assert found.status == 200, found
    line = found.log()
    assert line["route"].endswith("/by-username/{username}"), line


def test_doctor_calls(installation, site, monkeypatch):
    """The certificate is not trusted until curl is told to."""
    url = f"https://localhost:{site.secure}{site.prefix}"
    for trusted in (False, True):
        if trusted:
            monkeypatch.setenv("CURL_CA_BUNDLE", str(site.certificate))
        found = json.loads(installation.cli("doctor", "--json", f"--url={url}", check=False).stdout)
        [call] = [finding for finding in found if finding["check"] == "call"]
        assert call["state"] == ("ok" if trusted else "fault"), call
        assert trusted or "signed by an authority" in call["remedy"], call
    # curl speaks HTTP/2, and all that the server writes about it can be read.
    assert site.log_entries(lambda entry: entry["path"] == f"{site.prefix}/openapi.json")


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi-3.0.json"])
def test_description_is_compressed(front, path):
    plain = front.client().get(path)
    small = front.client().call("GET", path, headers={"Accept-Encoding": "gzip"}, check=False)
    assert small.headers["content-encoding"] == "gzip" and gzip.decompress(small.body) == plain.body
    assert plain.json()["openapi"].startswith("3.0." if "3.0" in path else "3.1.")


def test_authorization(front, installation):
    path = "/api/v1/admin/clients"
    client = front.client()
    for headers, status in (({"Authorization": f"Bearer {installation.admin_key}"}, 200),
                            ({"Authorization": "Bearer wrong"}, 401), ({}, 401)):
        answer = client.get(path, headers=headers)
        assert answer.status == status, answer
        assert (status == 200) or answer.json()["Error"]["ErrorCode"], answer


def test_signing_in(front, installation):
    """What a browser sends with its cookie arrives, and no log has it."""
    client = front.client()
    connection = client.connect(LONG)
    browser = Browser(installation, f"https://{connection.host}:{connection.port}", connect=client.connect,
                      prefix=front.site.prefix)
    connection.close()
    assert browser.sign_in(apiKey=installation.admin_key).status == 200
    assert browser.name.startswith("__Secure-") and browser.attributes.endswith("Secure"), browser.attributes
    assert browser.get(SESSION).status == 200
    new = {"customer": {"company": unique("company")}}
    for headers, status in (({}, 200), ({"Origin": "https://elsewhere.example"}, 403), ({"X-CSRF-Token": None}, 403),
                            ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Cookie": None}, 401)):
        answer = browser.post("/v1/customers", new, headers=headers)
        assert answer.status == status, (headers, answer)
    kept = browser.token
    assert browser.delete(SESSION).status == 200
    for path in front.site.log.iterdir():
        text = path.read_text(errors="replace")
        assert kept not in text and browser.csrf not in text, path


def test_conditional_requests(front, installation):
    """Entity tags come and go unchanged, compressed or not."""
    client = front.client(installation.admin_key)
    made = client.post("/api/v1/admin/clients", {"Name": unique("c")[:18], "Secret": "a long secret, is it",
                                                 "UserID": installation.admin_id})
    assert made.status == 200, made
    path = f"/api/v1/admin/clients/{made.json()['ResponseData']['Detail']['ID']}"
    for accept in ("application/json", "application/xml"):
        first = client.get(path, accept=accept, headers={"Accept-Encoding": "gzip"})
        assert first.status == 200 and "content-encoding" not in first.headers
        assert re.fullmatch('"[^"]+"', first.headers["etag"]), first.headers
        again = client.get(path, accept=accept, headers={"If-None-Match": first.headers["etag"]})
        assert again.status == 304, again
        assert first.headers["cache-control"] == again.headers["cache-control"] == "no-store"
        changed = client.put(path, {"Enabled": True}, headers={"If-Match": first.headers["etag"],
                                                               "Accept-Encoding": "gzip"})
        assert changed.status == 200, changed


def test_what_a_caller_sends_arrives(front, group, installation):
    """A body that waits to be asked for, an answer in the other format, a slash at the end."""
    body = json.dumps(hello(group))
    for headers in ({"Expect": "100-continue"}, {}):
        answer = front.client().post(f"{HELLO}/", body, content_type="application/json", headers=headers,
                                     accept="application/xml")
        assert answer.status == 200 and answer.is_xml, answer
    text = DISCOVERY.encode("xml", "DTOHello", hello(group))
    answer = front.client().post(HELLO, text, content_type="application/xml", accept="application/json")
    assert answer.status == 200 and answer.json()["DTOClients"], answer
    client = front.client(installation.admin_key)
    found, asked = client.get("/v1/roles"), client.head("/v1/roles")
    assert asked.status == 200 and asked.body == b"" and asked.content_type == found.content_type


def test_metadata_of_an_issuer_with_a_path(front):
    """Where RFC 8414, section 3.1 wants it: before the path, not below it."""
    name = "/.well-known/oauth-authorization-server"
    below = front.client().get(name)
    assert below.status == 200, below
    if not front.site.prefix:
        return
    client = front.client()
    client.prefix = ""
    answer = client.get(name + front.site.prefix, check=False)
    assert answer.status == 200 and answer.json() == below.json(), answer
    assert answer.json()["issuer"].endswith(front.site.prefix)
    assert client.get(f"{name}/other", check=False).status in (403, 404)


def test_log_has_the_method_that_was_sent(front):
    """Also of what the web server answers itself."""
    answer = front.client().post("/v1/products", headers={"Content-Length": str(3 * LIMIT_BODY)})
    assert answer.status == 413, answer
    lines = front.site.log_entries(lambda entry: int(entry["status"]) == 413 and entry["path"].endswith("/v1/products"))
    assert {entry["method"] for entry in lines} == {"POST"}


def test_errors_of_the_application(front, installation, shape):
    """They pass unchanged, in the format that the caller asked for."""
    path, beginning = shape
    answer = front.client(installation.admin_key).call("PATCH", path, "{}", content_type="application/json")
    assert answer.status == 405, answer
    assert answer.headers["allow"] and answer.text.startswith(beginning), answer
    answer = front.client(installation.admin_key).call("PATCH", path, accept="application/xml")
    assert answer.status == 405 and (answer.is_xml or "oauth" in path), answer


def test_unknown_path(front, installation):
    for path, (_, beginning) in (("/api/Nowhere", SHAPES["discovery"]), ("/api/v1/admin/x", SHAPES["credentials"]),
                                 ("/hosting/api/x", SHAPES["hosting"]), ("/v1/x", SHAPES["licensing"])):
        answer = front.client(installation.admin_key).get(path)
        assert answer.status == 404 and answer.text.startswith(beginning), answer


def test_options_and_head(front, installation):
    client = front.client(installation.admin_key)
    assert client.head("/v1/users").status == 200
    assert "GET" in client.options("/v1/users").headers["allow"]


# --- what the web server answers ---

def test_too_large_a_body(front, installation, shape):
    """The application answers what is a little too large; what is much too large is not even collected."""
    path, beginning = shape
    client = front.client(installation.admin_key)
    for answer in (client.post(path, b" " * (LIMIT_BODY + 1), content_type="application/json"),
                   client.post(path, headers={"Content-Length": str(3 * LIMIT_BODY)})):
        assert answer.status == 413, answer
        assert answer.text.startswith(beginning), answer


def test_a_whole_group(front, installation):
    """A synchronisation may be much larger than other bodies, but not without end."""
    group = installation.create_group(unique("whole"))
    body = json.dumps([{"ClientCode": "c", "ClientGroupsId": group}]).encode() + b" " * (3 * LIMIT_BODY)
    for path in (SYNCHRONISE, SYNCHRONISE.upper() + "/"):
        answer = front.client().post(path, body, content_type="application/json")
        assert answer.status == 200 and len(answer.json()["DTOClients"]) == 1, answer
    answer = front.client().post(SYNCHRONISE, headers={"Content-Length": str(13 << 20)})
    assert answer.status == 413 and answer.json()["Message"], answer


def test_a_long_bulk(front, installation):
    """So may the body of a bulk, of whatever rows."""
    client = front.client(installation.admin_key)
    [license_id] = [result["row"]["id"] for result in client.post("/v1/licenses/bulk", [{}]).json()["results"]]
    for path in ("/v1/customers/bulk", "/V1/Customers/Bulk/", f"/v1/licenses/{license_id}/tokens/bulk"):
        answer = client.post(path, b"[{}]" + b" " * (3 * LIMIT_BODY), content_type="application/json")
        assert answer.status == 201, answer
    answer = client.post("/v1/customers", b"{}" + b" " * (LIMIT_BODY - 1), content_type="application/json")
    assert answer.status == 413, answer


def test_too_large_a_chunked_body(front):
    answer = front.client().post(HELLO, b" " * (LIMIT_BODY + 1), content_type="application/json", chunked=True)
    assert answer.status == 413 and answer.json()["Message"], answer


def test_long_address(front, installation):
    """Longer than the application's limit, and longer than the web server's."""
    client = front.client(installation.admin_key)
    answer = client.get("/v1/users?x=" + "a" * 8500)
    assert answer.status == 414 and answer.json()["success"] is False, answer
    answer = client.get("/v1/users?x=" + "a" * 20000)
    assert answer.status == 414, answer
    assert answer.content_type.startswith("application/json") and answer.json(), answer


def test_health_of_the_application(front):
    for path in ("/healthz", "/readyz", "/metrics", "/HEALTHZ/"):
        assert front.client().get(path).status == 200, path


def test_health_is_for_this_machine_only(front):
    stranger = front.direct(PROXY)
    for path in ("/healthz", "/readyz", "/metrics", "/READYZ/"):
        answer = stranger.get(path, headers={"X-Forwarded-For": "203.0.113.9"})
        assert (answer.status, answer.text) == (403, front.site.error_body("operational", 403)), answer


def test_documentation(front):
    answer = front.client().get("/docs/")
    assert answer.status == 200 and answer.content_type.startswith("text/html"), answer
    assert answer.headers["x-content-type-options"] == "nosniff"
    answer = front.client().get("/docs/openapi.json")
    assert answer.status == 200 and answer.json()["openapi"], answer
    assert front.client().get("/docs").status == 301
    answer = front.client().get("/docs/nothing")
    assert (answer.status, answer.text) == (404, front.site.error_body("discovery", 404)), answer
    assert answer.content_type.startswith("application/json")
    assert front.client().get("/docs/%2e%2e/errors/plain-403.html").status == 404


def test_nothing_with_data_is_kept(front, installation):
    client = front.client(installation.admin_key)
    for answer in (client.get("/v1/users"), client.get("/v1/users", accept="application/xml"), client.get("/v1/nothing"),
                   client.get("/hosting/api/client", key=""), client.head("/v1/users"), client.options("/v1/users"),
                   client.get("/openapi.json"), client.get("/api/v1/admin/clients"), client.get("/api/delegategroups/1")):
        assert answer.headers["cache-control"] == "no-store", answer


def test_error_documents_are_no_pages(front):
    assert front.client().get("/clientele-error").status == 404
    # Apache has that file below its root, and gives it to nobody.
    status = 403 if front.server.name == "apache" and not front.site.prefix else 404
    assert front.client().get("/clientele-error/discovery-404.html").status == status


# --- request ids ---

def test_request_id_of_the_caller(front, installation):
    for sent in (unique("A.b_"), unique("A.b_").ljust(64, "9")):
        answer = front.client(installation.admin_key).get("/v1/users", headers={"X-Request-Id": sent})
        assert answer.headers["x-request-id"] == sent
        answer.request_id = sent
        assert answer.log()["status"] == 200


@pytest.mark.parametrize("sent", [None, "", "a b", "x" * 65, 'a"b'])
def test_request_id_is_made(front, installation, sent):
    answer = front.client(installation.admin_key).get("/v1/users", headers={"X-Request-Id": sent})
    assert answer.status == 200
    answer.request_id = answer.headers["x-request-id"]
    assert answer.request_id != sent and len(answer.request_id) >= 16
    assert answer.log()["status"] == 200
    assert front.site.log_entries(lambda entry: entry.get("request_id") == answer.request_id)


def test_request_id_of_what_the_web_server_answers(front):
    if not front.server.makes_request_ids:
        pytest.skip("the server cannot add a request id to what it answers itself")
    for sent in (None, "b" * 65):
        answer = front.client().get("/docs/nothing", headers={"X-Request-Id": sent})
        assert answer.status == 404
        assert 16 <= len(answer.headers["x-request-id"]) <= 64


def test_headers(front, installation):
    for path in ("/v1/users", "/v1/nothing", "/docs/", "/docs/nothing"):
        answer = front.client(installation.admin_key).get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "max-age=" in answer.headers["strict-transport-security"], path


# --- TLS ---

def test_old_tls_is_refused(site):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(str(site.certificate))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        site.connect(10, context=old).connect()
    connection = site.connect(10)
    connection.connect()
    assert connection.sock.version() == "TLSv1.3"
    connection.close()


def test_no_answer_in_the_clear(site):
    """Neither an answer nor a redirection, which would let the caller's key cross the network every time."""
    connection = site.connect_in_the_clear(10)
    connection.request("GET", f"{site.prefix}/v1/users", headers={"Host": "localhost"})
    response = connection.getresponse()
    assert response.status == 403
    assert json.loads(response.read()) == {"Message": "Please use https."}
    assert response.getheader("Content-Type").startswith("application/json")
    assert response.getheader("Strict-Transport-Security") is None
    connection.close()


# --- addresses ---

def test_real_addresses(front, group):
    assert address_of(front.client(source="127.0.0.9"), group) == "127.0.0.9"


def test_forged_addresses(front, group):
    """What callers say about their address is not believed; what the proxy says is."""
    forged = {"X-Forwarded-For": "203.0.113.9"}
    assert address_of(front.client(source="127.0.0.9"), group, forged) == "127.0.0.9"
    assert address_of(front.direct("127.0.0.9"), group, forged) == "127.0.0.9"
    assert address_of(front.direct(PROXY), group, forged) == "203.0.113.9"
    assert address_of(front.direct(PROXY), group, {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}) == "198.51.100.4"


# --- logs ---

def test_access_log(front, installation):
    client = front.client(installation.admin_key, source="127.0.0.9")
    answer = client.get("/hosting/api/client?apiKey=very-secret", headers={"User-Agent": 'a "quoted" agent'})
    [entry] = front.site.log_entries(lambda entry: entry.get("request_id") == answer.request_id)
    assert (entry["path"], int(entry["status"])) == (f"{front.site.prefix}/hosting/api/client", answer.status)
    assert (entry["address"], entry["method"]) == ("127.0.0.9", "GET")
    # Several sites may have one log. Where a server has no name, it is what it was called.
    assert entry["server"] == "localhost" or entry["server"].startswith("127.0.0.1:")
    assert entry["user_agent"].replace("\\", "") == 'a "quoted" agent'


def test_logs_hold_no_key(front, installation):
    """Keys stand in addresses of the hosting family; the folder of logs is searched for them at the end."""
    key = "api_" + unique("k").replace("-", "").ljust(24, "q")
    client = front.client(installation.admin_key)
    for path in (f"/hosting/api/client/by-apiKey/{key}", f"/hosting/api/client/BY-APIKEY/{key}",
                 f"/hosting/api/client?apiKey={key}"):
        answer = client.get(path)
        [entry] = front.site.log_entries(lambda entry: entry.get("request_id") == answer.request_id)
        assert "hosting" in entry["path"] or "***" in entry["path"]
    for path in front.site.log.iterdir():
        assert key not in path.read_text(errors="replace"), path
