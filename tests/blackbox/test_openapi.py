"""The OpenAPI document as it is served, and the check that all other tests make with it."""

import gzip
import json

import pytest

from harness.client import Answer
from harness.document import Document, Undescribed
from harness.installation import TOP

GOLDEN = TOP / "docs/openapi.json"


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
    served = running.client().get("/registry/openapi.json")
    assert served.json()["servers"][0]["url"] == "/registry"


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
