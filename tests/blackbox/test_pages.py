"""The pages below /docs/, as make makes them and a web server shows them; tests/browser looks at the one with scripts."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from harness.doc_examples import DOCUMENTS
from harness.families import local_name
from harness.installation import TOP

# What the server shows beside the pages.
ELSEWHERE = {"../", "../console/", "../openapi.json", "../openapi-3.0.json"}
NOT_SHOWN = {"README.md", "architecture.md", "dependencies.md", "performance.md"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    assert shutil.which("lowdown"), "lowdown is not installed"
    folder = tmp_path_factory.mktemp("pages") / "docs"
    return make_pages(folder)


@pytest.fixture(scope="module")
def styles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("styles") / "docs"
    make_pages(folder)
    return (folder / "style.css").read_text(encoding="utf-8")


def make_pages(folder, *reference):
    subprocess.run([str(TOP / "web/docs/pages.sh"), str(TOP), str(folder), *reference], check=True, timeout=60)
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
            if target in ELSEWHERE or target.startswith("http"):
                continue
            page, _, place = target.partition("#")
            page = {"": name, "./": "index.html"}.get(page, page)
            assert page in pages, f"{name}: {target}"
            assert not place or f'id="{place}"' in pages[page], f"{name}: {target}"
            seen += 1
    assert seen > 100


def test_pages_keep_to_the_policy(pages):
    """What a page loads has a file of its own beside it, or belongs to the start page; nothing in it runs or is a style."""
    for name, text in pages.items():
        assert not re.search(r"<style|\sstyle=|<(?:iframe|form)\b|\son\w+=|javascript:|<script(?! type=\"module\" src=)", text,
                             re.IGNORECASE), name
        loaded = re.findall(r'<(?:script|link|img)\b[^>]*(?:src|href)="([^"]*)"', text)
        assert set(loaded) == {"../start/icon.svg", "../start/colors.css", "style.css", "site.js"}, name


def test_every_page_is_framed_alike(pages):
    """Pages beside it, a list of what is on it, and the way to the next one: all of them, once around."""
    following, name = {}, "index.html"
    for page, text in pages.items():
        headings = re.findall(r'<h[23] id="([^"]*)"', text)
        contents = re.search(r'<nav class="aside contents".*?</nav>', text, re.DOTALL)
        assert headings == (re.findall('href="#([^"]*)"', contents[0]) if contents else headings[:1]) or page == "index.html", page
        assert text.count('aria-current="page"') == 1 and text.count("<h1") == 1, page
        assert len(re.findall('<li><a href="[^"]*"(?: aria-current="page")?>', re.search(
            r'<nav class="aside pages".*?</nav>', text, re.DOTALL)[0])) == len(pages), page
        ahead = re.search('<a rel="next" href="([^"]*)"', text)
        following[page] = ahead and ahead[1]
    seen = []
    while name:
        seen.append(name)
        name = following[name]
    assert sorted(seen) == sorted(pages)


def test_search(pages, tmp_path):
    """Each heading is found, by words that stand in no other section, too; the index holds no more than each word once."""
    make_pages(tmp_path / "docs")
    sections = json.loads((tmp_path / "docs/search.json").read_text(encoding="utf-8"))
    places = {(page, place) for page, place, *_ in sections}
    for page, text in pages.items():
        if page != "index.html":
            assert {(page, place) for place in re.findall(r'<h[2-4] id="([^"]*)"', text)} | {(page, "")} == {
                one for one in places if one[0] == page}
    for _, _, title, heading, words in sections:
        assert title and heading and not re.search(r"[<>]|&\w+;", heading)
        assert len(set(words.split())) == len(words.split())
    assert [place for page, place, *_, words in sections if page == "query-language.html" and "startswith" in words.split()]


def test_errors_have_addresses(pages):
    """By their word, as the header of answers has it."""
    places = re.findall(r'<h3 id="([^"]*)">', pages["errors.html"])
    assert {"SEAT_LIMIT_REACHED", "VALIDATION_FAILED", "NO_DOCUMENT", "invalid_client"} <= set(places)
    for word, title in re.findall(r'<h3 id="([^"]*)">([^<]*)', pages["errors.html"]):
        assert word == title
    # Other pages lead there.
    assert '<td><a href="errors.html#DUPLICATE_CODE"><code>DUPLICATE_CODE</code></a></td>' in pages["api.html"]


def test_reference_is_led_to(tmp_path):
    """Where there is one, from each page; and it says where to read without scripts."""
    pages = make_pages(tmp_path / "docs", "reference")
    assert all('href="reference.html"' in text for text in pages.values())
    assert '<script type="module" src="reference.js">' in pages["reference.html"] and "<noscript>" in pages["reference.html"]


def test_pictures(pages, styles):
    """Each stands in its page, has a title and a text for who does not see it, and loads nothing."""
    pictures = list((TOP / "docs").rglob("*.svg"))
    shown = {}
    for name, text in pages.items():
        for picture in re.findall(r"<svg\b.*?</svg>", text, re.DOTALL):
            shown[picture] = name
    styled = re.compile(r"<style>\n(.*?)</style>\n", re.DOTALL)
    texts = [path.read_text(encoding="utf-8").strip() for path in pictures]
    assert pictures and set(shown) == {styled.sub("", text) for text in texts}
    for text in texts:
        # Its styles stand in the file of styles, where they follow the scheme that was chosen.
        assert styled.search(text)[1] in styles and "light-dark(" in text and "prefers-color-scheme" not in text
    for picture in shown:
        root = ElementTree.fromstring(picture)
        named = {element.get("id"): element for element in root if local_name(element.tag) in ("title", "desc")}
        assert root.get("role") == "img" and set(root.get("aria-labelledby").split()) == set(named)
        assert all(len(element.text) > 20 for element in named.values())
        assert not re.search(r"url\((?!#)|href|@import|<image", picture)


def test_make_has_made_them(installation, tmp_path):
    """The build that is tested has the same, so that make install and the packages bring them."""
    built = installation.build / "pages/docs"
    with_reference = ["reference"] * (built / "reference.html").exists()
    for name, text in make_pages(tmp_path / "docs", *with_reference).items():
        assert (built / name).read_text(encoding="utf-8") == text, name
