"""The document in both its forms: what those say of it who have not written it, and what a client does that reads it."""

import json

import pytest

FORMS = ["openapi", "openapi-3.0"]


@pytest.mark.parametrize("form", FORMS)
def test_document_is_valid(tools, form):
    """The schema of OpenAPI itself, which a linter does not ask."""
    tools.run("npx", "validate-api", f"{form}.json")


def test_spectral_has_nothing_to_say(tools):
    """As it is served, without white space: it takes each tab of a file for a fault, and falls over their number. The older form,
    which says the same, is held against the rules of Redocly alone: this takes a minute."""
    served = tools.folder / "openapi.served.json"
    served.write_text(json.dumps(json.loads((tools.folder / "openapi.json").read_text(encoding="utf-8")), separators=(",", ":")),
                      encoding="utf-8")
    tools.run("npx", "spectral", "lint", served, "--ruleset", "spectral.yaml", "--fail-severity", "hint", seconds=600)


@pytest.mark.parametrize("form", FORMS)
def test_client_that_reads_the_document(tools, world, form):
    tools.run("node", "swagger.mjs", seconds=600, **world, DOCUMENT=f"{form}.json")
