"""Who may come in: every operation of the document is called without a credential and with worthless ones.

What may be called so is written here by hand, so that the tables of the program cannot excuse themselves."""

import json
import re

import pytest

from harness.families import unique
from harness.installation import TOP

PATHS = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
OPERATIONS = [(method.upper(), path) for path, operations in PATHS.items() for method in operations]

# Nobody is asked: what anybody may know, and what is bound to the local address by the web server.
PUBLIC = {("GET", "/openapi.json"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),
          ("GET", "/.well-known/oauth-authorization-server")}
# The group's identifier is the shared secret; option discovery_auth demands a key too.
GROUP = {("POST", "/api/ClientHello"), ("POST", "/api/ClientAddOrUpdateOrRemoveClients")}
# The credential is in the body or a bearer token of another kind: 400 or 401, as RFC 6749, 7009 and 7591 say.
OWN = {("POST", "/Token"), ("POST", "/oauth2/token"), ("POST", "/oauth2/revoke"), ("POST", "/oauth2/introspect"),
       ("POST", "/oauth2/register"), ("GET", "/oauth2/register/{client_id}"),
       ("PUT", "/oauth2/register/{client_id}"), ("DELETE", "/oauth2/register/{client_id}")}
KEYED = [operation for operation in OPERATIONS if operation not in PUBLIC | GROUP | OWN]

WORTHLESS = {
    "none": {},
    "empty key": {"x-api-key": ""},
    "wrong key": {"x-api-key": "api_" + "0" * 24},
    "long key": {"x-api-key": "x" * 3000},
    "wrong token": {"Authorization": "Bearer cat_" + "0" * 43},
    "no token": {"Authorization": "Bearer nonsense"},
    "empty bearer": {"Authorization": "Bearer"},
    "no bearer": {"Authorization": "Basic YTpi"},
    "client secret only": {"x-client-secret": "cst_" + "0" * 43},
}
BODIES = {
    "no body": (None, None),
    "empty object": ("{}", "application/json"),
    "no object": ("[", "application/json"),
    "empty form": ("", "application/x-www-form-urlencoded"),
    "form": ("client_id=x&client_secret=y&token=z", "application/x-www-form-urlencoded"),
}


def filled(path):
    return re.sub(r"{\w+}", "00000000-0000-4000-8000-000000000000", path)


def test_lists_are_of_the_document():
    assert PUBLIC | GROUP | OWN < set(OPERATIONS)
    assert len(KEYED) > 110


def test_document_tells_who_may_come():
    """Without security, or with an empty alternative, an operation is open; {"client": []} is a client's secret."""
    def alternatives(method, path):
        return {name for one in PATHS[path][method.lower()]["security"] for name in one or ["nobody"]}

    assert {one for one in OPERATIONS if not alternatives(*one)} == PUBLIC | {one for one in OWN if "register" in one[1]}
    assert {one for one in OPERATIONS if "nobody" in alternatives(*one)} == GROUP | {
        ("POST", "/Token"), ("POST", "/oauth2/token"), ("POST", "/oauth2/revoke")}
    assert {one for one in OPERATIONS if "client" in alternatives(*one)} == {
        one for one in OWN if "register" not in one[1]}


@pytest.mark.parametrize("method, path", KEYED, ids=[" ".join(operation) for operation in KEYED])
def test_a_key_is_needed(anonymous, method, path):
    for headers in WORTHLESS.values():
        for body, content_type in BODIES.values():
            answer = anonymous.call(method, filled(path), body, headers=headers, content_type=content_type)
            assert answer.status == 401, (headers, body, answer)
            assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("method, path", sorted(OWN), ids=lambda one: one.strip("/"))
def test_nothing_is_done_for_worthless_credentials_of_their_own(anonymous, method, path):
    for headers in WORTHLESS.values():
        for body, content_type in BODIES.values():
            answer = anonymous.call(method, filled(path), body, headers=headers, content_type=content_type)
            # Nothing is left to end for an unknown token: that is a success in RFC 7009.
            done = [200] if path == "/oauth2/revoke" and "token=" in (body or "") else []
            assert answer.status in [400, 401, 404, 415, *done], (headers, body, answer)


@pytest.mark.parametrize("headers", WORTHLESS.values(), ids=WORTHLESS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_nobody_is_given_a_secret(installation, client, anonymous, headers, body):
    """The operation that once made a working secret for whoever asked."""
    made = client.post("/api/v1/admin/clients", {"Name": unique("s"), "UserID": installation.admin_id,
                                                 "Secret": "open sesame, please"})
    identifier = made.json()["ResponseData"]["Detail"]["ID"]
    answer = anonymous.post(f"/api/v1/admin/clients/{identifier}/secrets", body[0], content_type=body[1], headers=headers)
    assert answer.status == 401, answer
    assert "cst_" not in answer.text
    assert installation.sql(f"SELECT COUNT(*) FROM api_client_secret WHERE client_id = '{identifier}'") == [["1"]]
