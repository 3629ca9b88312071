"""Every published operation of the originals is here, or there is a reason why not, and a test calls it."""

import re

import pytest

from harness.installation import TOP
from harness.originals import ORIGINALS, PUBLISHED, find

HERE = TOP / "tests/blackbox"


@pytest.mark.parametrize("original", [one for one in ORIGINALS if not one.reason], ids=lambda one: one.operation)
def test_it_is_here(original):
    assert find(original.name), f"{original.name} is not in the document"
    text = (HERE / original.test).read_text(encoding="utf-8")
    words = [part for part in original.operation.split("/") if part and not part.startswith("{")]
    if original.test == "test_request_examples.py":  # it calls all that the document has
        assert "openapi" in text.lower() or "REQUESTS" in text
    else:
        assert re.search(re.escape(words[-1]), text, re.IGNORECASE), f"{original.test} does not name {words[-1]}"


@pytest.mark.parametrize("original", [one for one in ORIGINALS if one.reason], ids=lambda one: one.operation)
def test_what_is_not_here_says_why(client, original):
    assert not find(original.operation)
    method, path = original.operation.split(" ")
    answer = client.call(method, path.replace("{", "").replace("}", ""))
    assert answer.status in (404, 405), answer


def test_all_are_counted():
    """83 operations of the reference for licensing alone, and each once."""
    names = [(one.system, one.operation.lower()) for one in ORIGINALS]
    assert len(set(names)) == len(names)
    assert sum(one.system == "licensing" for one in ORIGINALS) >= 83 + 3
    assert set(PUBLISHED) == {"discovery", "credentials", "delegates", "hosting", "licensing"}
