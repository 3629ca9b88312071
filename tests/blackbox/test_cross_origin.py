"""Pages of other origins: who may call, what browsers are told before and after. What browsers do with it: tests/browser."""

import pytest

from harness.families import unique
from harness.installation import Installation, openapi_document

APP, OTHER = "https://app.example.org", "https://evil.example.org"
ALLOW = "access-control-allow-origin"


@pytest.fixture(scope="module")
def open_site():
    with Installation(cors_origins=f"{APP}, http://localhost:8080") as running:
        yield running


def preflight(client, path, origin, method="PUT"):
    return client.options(path, headers={"Origin": origin, "Access-Control-Request-Method": method,
                                         "Access-Control-Request-Headers": "x-api-key,content-type"})


def names(answer, header):
    return {name.strip().lower() for name in answer.headers[header].split(",")}


def test_nobody_by_default(client):
    for answer in (client.get("/v1/products", headers={"Origin": APP}), preflight(client, "/v1/products", APP)):
        assert answer.status in (200, 204), answer
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_every_path_answers_what_browsers_ask(open_site):
    """Without any credential: browsers send none then."""
    anonymous = open_site.client()
    paths = openapi_document().root["paths"]
    assert len(paths) > 100
    for path, operations in paths.items():
        address = "/" + "/".join("1" if part.startswith("{") else part for part in path.split("/")[1:])
        answer = preflight(anonymous, address, APP)
        assert answer.status == 204 and answer.headers[ALLOW] == APP, (address, answer)
        wanted = {method for method in ("get", "post", "put", "patch", "delete") if method in operations}
        assert wanted <= names(answer, "access-control-allow-methods"), address
        assert {"x-api-key", "authorization", "content-type", "if-match"} <= names(answer, "access-control-allow-headers")
        assert "access-control-allow-credentials" not in answer.headers


# What pages may read anyway, what browsers keep for themselves, and what the web server and they do among themselves.
READABLE = {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}
NOT_FOR_PAGES = {"vary", "date", "server", "connection", "transfer-encoding", "keep-alive", "x-content-type-options",
                 "strict-transport-security"}


def check_readable(answer):
    """Pages may read each header of the answer, and are told of no other."""
    there = {name for name in answer.headers if not name.startswith("access-control")}
    told = names(answer, "access-control-expose-headers")
    assert there - READABLE - NOT_FOR_PAGES <= told <= there, (there - READABLE - NOT_FOR_PAGES, told)


def test_answers_can_be_read(open_site):
    client = open_site.client(open_site.admin_key)
    for answer in (
        client.post("/v1/products", {"product": {"code": unique("p"), "name": "A"}}, headers={"Origin": APP}),
        client.get("/v1/products", headers={"Origin": "http://localhost:8080"}),
        client.get("/v1/products", headers={"Origin": APP}, accept="text/csv"),
        client.post("/v1/products", {}, headers={"Origin": APP}),
        client.get("/no/such", headers={"Origin": APP}),
        open_site.client().get("/v1/products", headers={"Origin": APP}),
    ):
        assert answer.headers[ALLOW] in (APP, "http://localhost:8080"), answer
        check_readable(answer)
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", [OTHER, "null", APP + ".evil.org", APP + ":8443", APP.upper(), "http://app.example.org", APP + "/",
                                    f"{APP} {OTHER}", "", "http://localhost:8080,"])
def test_others_may_not(open_site, origin):
    """The call is carried out, as for who is no browser; the page may not read what came of it."""
    answer = open_site.client(open_site.admin_key).get("/v1/products", headers={"Origin": origin})
    assert answer.status == 200 and "Origin" in answer.headers["vary"]
    asked = preflight(open_site.client(), "/v1/products", origin)
    assert asked.status == 204
    assert not [name for one in (answer, asked) for name in one.headers if name.startswith("access-control")]


def test_headers_of_families(open_site):
    """Those that only some answers have."""
    client, origin = open_site.client(open_site.admin_key), {"Origin": APP}
    answer = client.post("/v1/discovery-groups", {"group": {"name": unique("group"), "leaseSeconds": 90}}, headers=origin)
    body = {"ClientCode": "c", "ClientGroupId": answer.json()["groupId"], "AppName": "a", "AppVersion": "1"}
    limited = client.post("/v1/api-keys", {"apiKey": {"name": unique("key"), "rateLimit": 1}}).json()["apiKey"]
    key = {"Idempotency-Key": unique("call")} | origin
    code = unique("p")
    answers = [client.post("/v1/products", {"product": {"code": code, "name": "A"}}, headers=key) for _ in range(2)]
    answers += [open_site.client(limited).get("/v1/products", headers=origin) for _ in range(2)]
    answers += [open_site.client().post("/api/ClientHello", body, headers=origin),
                client.get("/v1/products?take=x", headers=origin | {"Accept-Language": "de"}),
                client.delete("/v1/products", headers=origin),
                client.post("/v1/session", {}, headers=origin)]
    wanted = {"etag", "hello-interval", "idempotency-replayed", "ratelimit-limit", "retry-after", "allow", "x-request-id",
              "content-language"}
    seen = set()
    for answer in answers:
        check_readable(answer)
        seen |= names(answer, "access-control-expose-headers")
    assert wanted <= seen, wanted - seen


def test_lists_in_parts(open_site):
    """What is sent while it is made has the headers, too."""
    client = open_site.client(open_site.admin_key)
    open_site.sql("INSERT INTO customer (code, company) SELECT CONCAT('c', seq), REPEAT('x', 200) FROM seq_1_to_12345")
    answer = client.get("/v1/customers", headers={"Origin": APP}, accept="text/csv")
    assert "content-length" not in answer.headers and answer.headers[ALLOW] == APP
    check_readable(answer)


def test_wrong_origins_are_refused_at_start(installation):
    for text, part in ((f"{APP}/", f'not "{APP}/"'), ("*", 'not "*"'), (f"{APP} App", 'not "App"')):
        done = installation.cli("config", "check", f"--cors-origins={text}", check=False)
        assert done.returncode != 0 and part in done.stderr + done.stdout, done
