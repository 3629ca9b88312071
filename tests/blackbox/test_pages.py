"""The pages below /docs/, as make makes them and a web server shows them; tests/browser looks at the one with scripts."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from harness.doc_examples import DOCUMENTS
from harness.families import local_name
from harness.installation import TOP

NOT_SHOWN = {"README.md", "architecture.md", "dependencies.md", "performance.md"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    assert shutil.which("lowdown"), "lowdown is not installed"
    folder = tmp_path_factory.mktemp("pages") / "docs"
    subprocess.run([str(TOP / "docs/web/pages.sh"), str(TOP / "docs"), str(folder)], check=True, timeout=60)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}


def test_every_document_is_a_page(pages):
    names = {path.name.replace(".md", ".html") for path in DOCUMENTS if path.name not in NOT_SHOWN}
    assert set(pages) == names | {"index.html"}
    for name in names:
        assert f'<li><a href="{name}">' in pages["index.html"], name
    for name, text in pages.items():
        assert "<title>" in text and text.count("</html>") == 1, name
        assert not re.search(r"@[A-Z]+( [\w ]+)?@|<!-- pages -->|^\|--|```", text, re.MULTILINE), name
    assert "<code>POST /v1/licenses</code>" in pages["api.html"].replace("&#47;", "/")


def test_links(pages):
    """Every link leads to a page, and to a place in it."""
    seen = 0
    for name, text in pages.items():
        for target in re.findall(r'<a href="([^"]*)"', text):
            target = target.replace("&#47;", "/")
            if target == "../openapi.json" or target.startswith("http"):
                continue
            page, _, place = target.partition("#")
            page = {"": name, "./": "index.html"}.get(page, page)
            assert page in pages, f"{name}: {target}"
            assert not place or f'id="{place}"' in pages[page], f"{name}: {target}"
            seen += 1
    assert seen > 100


def test_nothing_is_loaded_or_run(pages):
    for name, text in pages.items():
        assert not re.search(r"<(?:script|link|img|iframe|form)\b|\son\w+=|javascript:", text, re.IGNORECASE), name


def test_pictures(pages):
    """Each stands in its page, has a title and a text for who does not see it, and loads nothing."""
    pictures = list((TOP / "docs").rglob("*.svg"))
    shown = {}
    for name, text in pages.items():
        for picture in re.findall(r"<svg\b.*?</svg>", text, re.DOTALL):
            shown[picture] = name
    assert pictures and set(shown) == {path.read_text(encoding="utf-8").strip() for path in pictures}
    for picture in shown:
        root = ElementTree.fromstring(picture)
        named = {element.get("id"): element for element in root if local_name(element.tag) in ("title", "desc")}
        assert root.get("role") == "img" and set(root.get("aria-labelledby").split()) == set(named)
        assert all(len(element.text) > 20 for element in named.values())
        assert "prefers-color-scheme: dark" in picture and not re.search(r"url\((?!#)|href|@import|<image", picture)


def test_make_has_made_them(installation, pages):
    """The build that is tested has the same, so that make install and the packages bring them."""
    built = installation.build / "pages/docs"
    for name, text in pages.items():
        made = (built / name).read_text(encoding="utf-8")
        assert made == text or (name == "index.html" and "reference.html" in made), name
