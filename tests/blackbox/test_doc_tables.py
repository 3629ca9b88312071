"""Tables of the documentation against the program's own; GOLDEN_UPDATE=1 writes them anew."""

import os
import re

import pytest

from harness.doc_examples import DOCUMENTS
from harness.doc_tables import MARKED, OPENAPI, renewed
from harness.installation import TOP

API = TOP / "docs/api.md"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_tables(path):
    text = path.read_text(encoding="utf-8")
    assert len(re.findall("<!-- table: ", text)) == len(MARKED.findall(text)) == text.count("<!-- end of table -->")
    assert not re.search(r"@[A-Z]+( [\w ]+)?@", text), "something that nobody expands"
    if os.environ.get("GOLDEN_UPDATE"):
        path.write_text(renewed(text), encoding="utf-8")
    else:
        assert renewed(text) == text, "GOLDEN_UPDATE=1 renews the tables"


def test_every_operation_is_told():
    """In the API's table of its family, and nowhere as one that there is not."""
    text = API.read_text(encoding="utf-8")
    for path, item in OPENAPI["paths"].items():
        for method in item:
            assert f"`{method.upper()} {path}`" in text, f"{method} {path}"
    for group in OPENAPI["x-tagGroups"]:
        assert f"<!-- table: reference {group['name']} -->" in text, group["name"]


def words_of_the_program():
    """Words of errors, as the sources give them: those of error.c, and each that a message has for itself."""
    found = set()
    for path in sorted((TOP / "src").rglob("*.c")):
        source = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'(?:error_set_word\([^;]*?|->word = |\.word = )"([A-Z_]{4,})"', source))
    errors = (TOP / "src/base/error.c").read_text(encoding="utf-8")
    return found | set(re.findall(r'\] = \{ "([A-Z_]+)"', errors)) - {"OK"}


def test_every_word_of_an_error_is_told():
    words = words_of_the_program()
    assert len(words) > 25
    text = API.read_text(encoding="utf-8")
    for word in words:
        assert f"`{word}`" in text, word


def test_every_event_of_the_log_is_told():
    """Whoever reads the log, and whoever writes rules for it, finds each in the manual, and none that there is not."""
    calls = (re.compile(r'\b(?:log_event|kill_worker)\([^;]*?,\s*"([^"]+)"(?:,|\);)'),
             re.compile(r'\.\w+_event = "([^"]+)"'))
    sources = [path.read_text(encoding="utf-8") for path in (TOP / "src").rglob("*.c")]
    events = {event for source in sources for call in calls for event in call.findall(source)}
    assert len(events) > 35
    manual = (TOP / "docs/operations.md").read_text(encoding="utf-8").partition("\n## Logs\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([^`]+)` \|", manual.partition("The other events:")[2], re.M)
    assert sorted(told) == sorted(events - {"request", "slow request", "slow statement"})
