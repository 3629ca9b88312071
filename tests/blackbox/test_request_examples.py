"""The examples of the document succeed when they are sent: each operation's, in each format that it takes.

Rows that an example refers to are made before, and its identifiers are theirs. A new operation is tried by itself."""

import json

import pytest

from harness.installation import TOP, Installation
from harness.request_examples import MEDIA, Requests, content_of, example_of, made_up_texts, name, operations, queries

# Operations whose example cannot succeed by its nature: (method and path, why).
FAILING = {}
# Parameters of which nobody can know a value: what only an answer tells.
UNKNOWN = {"after": "the cursor of a page that was answered before"}


@pytest.fixture(scope="module", params=MEDIA)
def requests(request):
    with Installation(oauth_registration="token") as running:
        yield Requests(running, running.document, request.param)


@pytest.mark.parametrize("operation", operations(), ids=name)
def test_example_succeeds(requests, operation):
    if not requests.takes(operation[2]):
        return
    answer = requests.send(*operation)
    assert (answer.status in range(200, 300)) == (name(operation) not in FAILING), answer


@pytest.mark.parametrize("operation", [one for one in operations() if one[0] == "GET"], ids=name)
def test_parameters_succeed(requests, operation):
    if not requests.takes(operation[2]):
        return
    for query in queries(operation[2]):
        answer = requests.send(*operation, query)
        assert answer.status == 200, (query, answer)


def test_all_have_examples():
    """Every body, in JSON and as a form; every parameter that has no value of its own."""
    for method, path, operation in operations():
        content = content_of(operation)
        for media, described in content.items():
            assert ("example" in described) == (media != MEDIA["xml"]), (method, path, media)
            assert described.get("example", example_of(operation)) == example_of(operation)
        assert not made_up_texts(example_of(operation)), (method, path)
        for parameter in operation["parameters"]:
            if "$ref" in parameter:
                continue
            schema = parameter["schema"]
            known = parameter["in"] == "path" or not ({"default", "enum"} & schema.keys())
            assert not known or ("example" in parameter) != (parameter["name"] in UNKNOWN), (method, path, parameter)
            assert not made_up_texts(parameter.get("example")), (method, path, parameter)


def test_examples_are_the_same_in_both_forms():
    older = json.loads((TOP / "docs/openapi-3.0.json").read_text(encoding="utf-8"))["paths"]
    for method, path, operation in operations():
        assert example_of(older[path][method.lower()]) == example_of(operation)
