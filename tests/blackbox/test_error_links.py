"""Answers of errors that lead to their explanation: the option error_links."""

import re

import pytest

from harness.installation import TOP, Installation

PLACES = set(re.findall(r"^### (.*)$", (TOP / "docs/guide/errors.md").read_text(encoding="utf-8").replace("\\", ""), re.MULTILINE))
# One of each family and of each way to a word: by the code, of its own, a reason, of the RFCs.
CASES = [
    ("GET", "/v1/licenses", None, 401, "UNAUTHORIZED"),
    ("GET", "/v1/nothing", None, 404, "NO_SUCH_PATH"),
    ("PUT", "/v1/info", None, 405, "METHOD_NOT_ALLOWED"),
    ("GET", "/hosting/api/client", None, 401, "UNAUTHORIZED"),
    ("GET", "/api/v1/admin/clients", None, 401, "UNAUTHORIZED"),
    ("GET", "/api/delegategroups/1", None, 401, "UNAUTHORIZED"),
    ("POST", "/api/ClientHello", {"ClientCode": "a"}, 400, "VALIDATION_FAILED"),
    ("POST", "/v1/license/validate", {"userKey": "0000-0000", "machineId": "m-1"}, 404, "NOT_FOUND"),
]


def help_of(answer):
    found = re.findall(r'<([^>]*)>; rel="help"', answer.headers.get("link", ""))
    return found[0] if found else None


@pytest.fixture(scope="module")
def linking():
    with Installation(error_links="yes", base_path="/registry") as running:
        yield running


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
@pytest.mark.parametrize("method, path, body, status, word", CASES)
def test_link(linking, method, path, body, status, word, accept):
    answer = linking.client().call(method, f"/registry{path}", body, accept=accept)
    assert answer.status == status, answer
    assert help_of(answer) == f"/registry/docs/errors.html#{word}"
    assert word in PLACES


def test_own_words(linking):
    client = linking.client(linking.admin_key)
    for _ in range(2):
        answer = client.post("/registry/v1/products", {"product": {"name": "Till", "code": "TILL"}})
    assert (answer.status, help_of(answer)) == (409, "/registry/docs/errors.html#DUPLICATE_CODE")
    answer = client.call("POST", "/registry/oauth2/token", body="grant_type=password&username=a&password=b",
                         content_type="application/x-www-form-urlencoded")
    assert answer.status in (400, 401) and help_of(answer).rpartition("#")[2] in PLACES
    assert help_of(client.get("/registry/v1/products")) is None


def test_behind_a_public_address(private_installation):
    """The path is that of the public address; no host stands in it."""
    running = private_installation(error_links="yes", public_url="https://registry.example.org/public")
    answer = running.client().get("/v1/licenses")
    assert help_of(answer) == "/public/docs/errors.html#UNAUTHORIZED"


def test_off_by_default(installation):
    assert help_of(installation.client().get("/v1/licenses")) is None
    assert help_of(installation.client(installation.admin_key).get("/v1/nothing")) is None
