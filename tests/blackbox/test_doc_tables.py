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
    """Words of errors, as the sources give them: those of error.c, and each that a message has for itself; with the codes of
    errors that stand beside them, as far as one does."""
    found = {}
    for path in sorted((TOP / "src").rglob("*.c")):
        source = path.read_text(encoding="utf-8")
        for call in re.findall(r"error_set_word\(([^;]*?);", source):
            for word in re.findall(r'"([A-Z_]{4,})"', call):
                found.setdefault(word, set()).update(re.findall(r"\bERROR_[A-Z_]+", call))
        for word in re.findall(r'(?:->word = |\.word = )"([A-Z_]{4,})"', source):
            found.setdefault(word, set())
    errors = (TOP / "src/base/error.c").read_text(encoding="utf-8")
    for code, word in re.findall(r'\[(ERROR_\w+)\] = \{ "([A-Z_]+)"', errors):
        if word != "OK":
            found.setdefault(word, set()).add(code)
    return found


def words_of_oauth():
    words = (TOP / "src/api/oauth/oauth.h").read_text(encoding="utf-8")
    family = (TOP / "src/api/oauth/family.c").read_text(encoding="utf-8")
    return set(re.findall(r'define OAUTH_\w+ "([a-z]+_[a-z_]+)"', words)) | set(re.findall(r'return "([a-z]+_[a-z_]+)";', family))


def test_every_word_of_an_error_is_told():
    words = set(words_of_the_program())
    assert len(words) > 25
    text = API.read_text(encoding="utf-8")
    for word in words:
        assert f"`{word}`" in text, word


def error_sections():
    """Text below each heading of the third level of the page of errors."""
    text = (TOP / "docs/guide/errors.md").read_text(encoding="utf-8")
    parts = re.split(r"^### (.*)\n", re.sub(r"(?m)^## .*\n", "", text), flags=re.MULTILINE)[1:]
    return {heading.replace("\\", ""): body for heading, body in zip(parts[::2], parts[1::2])}


def test_every_error_has_its_place():
    """Each word and each reason has one, and each place is of one of them; links of answers lead there."""
    sections = error_sections()
    reasons = {one["name"] for one in OPENAPI["x-reasons"]} - {"VALID"}
    assert set(sections) == set(words_of_the_program()) | reasons | words_of_oauth()
    for word, body in sections.items():
        if word.isupper():
            assert f"<!-- table: error {word} -->" in body and "**What to do:** " in body, word
            assert re.search(r"^\| \d{3} \| \d* \| \S", body, re.MULTILINE), f"{word} has no status"
            assert re.search(r"^\| [a-z]+ \| `\{.*\}` \|$", body, re.MULTILINE), f"{word} has no body"
            assert len(body.partition("**What to do:** ")[2]) > 20, word
        else:
            assert len(body) > 40, word


def test_statuses_of_errors():
    """What the page says is what the program answers."""
    statuses = dict(re.findall(r"\[(ERROR_\w+)\] = (\d+),", (TOP / "src/http/response.c").read_text(encoding="utf-8")))
    for word, codes in words_of_the_program().items():
        told = set(re.findall(r"^\| (\d{3}) \|", error_sections()[word], re.MULTILINE))
        assert {statuses[code] for code in codes} <= told, word
    for one in OPENAPI["x-reasons"][1:]:
        assert re.search(rf"^\| {one['status']} \| {one['code']} \|", error_sections()[one["name"]], re.MULTILINE), one


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
