"""Pages that the web servers show themselves: the start page, where browsers come to the application's own address, and
what comes with it."""

import gzip
import re

import pytest

from harness.installation import TOP

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
STRICT = {
    "default-src": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"],
    "font-src": ["'self'"], "connect-src": ["'self'"], "base-uri": ["'none'"], "form-action": ["'none'"],
    "frame-ancestors": ["'none'"], "require-trusted-types-for": ["'script'"], "trusted-types": ["'none'"]}
START = {"start/start.js": "text/javascript; charset=utf-8", "start/start.css": "text/css; charset=utf-8",
         "start/colors.css": "text/css; charset=utf-8", "start/de.json": "application/json", "start/icon.svg": "image/svg+xml"}


def policy(answer):
    directives = (directive.split() for directive in answer.headers["content-security-policy"].split(";"))
    return {name: sorted(sources) for name, *sources in directives}


def assert_page(answer, content_type):
    """An answer that the web server gives itself, with all that keeps a page safe and fresh."""
    assert answer.status == 200, answer
    assert answer.content_type == content_type
    assert policy(answer) == STRICT
    expected = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "DENY",
                "cross-origin-opener-policy": "same-origin", "cache-control": "no-cache"}
    assert {name: answer.headers[name] for name in expected} == expected
    assert "max-age=" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("accept", [BROWSER, "text/html", "TEXT/HTML;q=0.5", "application/json, text/html"])
def test_browsers_get_the_start_page(front, accept):
    answer = front.client().get("/", accept=accept, check=False)
    assert_page(answer, "text/html; charset=utf-8")
    assert answer.body == (TOP / "web/start/index.html").read_bytes()
    assert "accept" in answer.headers["vary"].lower()
    asked = front.client().head("/", accept=accept)
    assert asked.status == 200 and asked.body == b"" and asked.content_type == answer.content_type
    assert front.client().get("/?utm=1", accept=accept, check=False).body == answer.body
    assert front.site.log_entries(lambda entry: entry["path"] == f"{front.site.prefix}/" and entry["status"] in (200, "200"))


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/xml", "text/*", "text/html;q=0",
                                    "text/html; q=0.000, */*", "application/xml, text/htmlish"])
def test_programs_get_an_answer(front, accept):
    """The same as at every address where there is nothing."""
    answer = front.client().get("/", accept=accept)
    assert answer.status == 404 and re.search("/(?:json|xml);", answer.content_type), answer
    assert "accept" in answer.headers["vary"].lower() and "content-security-policy" not in answer.headers
    assert answer.log()["status"] == 404


def test_what_writes_gets_an_answer(front):
    """However its sender calls itself."""
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = front.client().call(method, "/", accept=BROWSER)
        assert answer.content_type is None or answer.content_type.startswith("application/"), answer
        assert answer.log()["method"] == method


def test_only_the_address_itself_is_the_start_page(front):
    for path in ("/v1/", "/api/", "/hosting/", "/start/", "/start", "/start/index.html", "/start/../x.css", "/index.html"):
        answer = front.client().get(path, accept=BROWSER, check=False)
        assert answer.status in (401, 404) and not answer.content_type.startswith("text/html"), answer


@pytest.mark.parametrize("name, content_type", START.items())
def test_what_comes_with_the_start_page(front, name, content_type):
    answer = front.client().get(f"/{name}")
    assert_page(answer, content_type)
    assert answer.body == (TOP / f"web/{name}").read_bytes()


def test_the_start_page_names_what_there_is():
    text = (TOP / "web/start/index.html").read_text(encoding="utf-8")
    own = {name for name in re.findall(r'(?:href|src)="([^"]*)"', text) if name.startswith("start/")}
    assert own | {"start/de.json"} == set(START)
    assert not re.search(r'(?:href|src)="(?:/|[a-z]+:)', text), "an address that is not relative"


@pytest.fixture
def console(share):
    """The folder of the console."""
    if not (share / "console/index.html").exists():
        pytest.skip("the console is not built: make web")
    return share / "console"


TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".json": "application/json", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}


def test_console(front, console):
    """Each file, as it is, with its type."""
    answer = front.client().get("/console", check=False)
    assert answer.status == 301 and answer.headers["location"].endswith(f"{front.site.prefix}/console/"), answer
    assert_page(front.client().get("/console/", accept=BROWSER, check=False), TYPES[".html"])
    assert front.client().get("/console/").body == (console / "index.html").read_bytes()
    files = [path for path in console.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".html", ".js", ".css", ".json", ".svg"}
    for path in files:
        answer = front.client().get(f"/console/{path.relative_to(console)}")
        assert_page(answer, TYPES[path.suffix])
        assert answer.body == path.read_bytes()
    for path in ("/console/nothing", "/console/vendor/", "/console/%2e%2e/errors/plain-403.html", "/console/lang"):
        answer = front.client().get(path)
        assert answer.status in (301, 403, 404) and "preact.js" not in answer.text, answer


@pytest.mark.parametrize("path, content_type", [
    ("/docs/", "text/html; charset=utf-8"), ("/docs/index.html?x=1", "text/html; charset=utf-8"),
    ("/docs/style.css", "text/css; charset=utf-8"), ("/docs/site.js", "text/javascript; charset=utf-8"),
    ("/docs/openapi.json", "application/json")])
def test_documentation(front, path, content_type):
    """As strict as the console: its pages have styles and scripts in files of their own."""
    assert_page(front.client().get(path, check=False), content_type)


def test_pages_run_nothing_of_their_own():
    for page in [*(TOP / "docs").glob("*.html"), *(TOP / "web").rglob("*.html")]:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+\s*=|javascript:|"
                             r"<(?:script|link|img|iframe)[^>]*=.https?:", text, re.I), page


def test_missing_pages_are_errors_of_the_family(front):
    for path in ("/start/nothing.js", "/start/nothing.css", "/docs/nothing.js"):
        answer = front.client().get(path)
        assert (answer.status, answer.text) == (404, front.site.error_body("discovery", 404)), answer
        assert answer.content_type.startswith("application/json")


def test_pages_are_compared_and_compressed(front):
    """Each time they are asked for, so that nothing of the release before is shown."""
    for path in ("/", "/start/start.js", "/docs/index.html"):
        client = front.client()
        whole = client.get(path, accept=BROWSER, check=False)
        small = client.get(path, accept=BROWSER, headers={"Accept-Encoding": "gzip"}, check=False)
        assert small.headers["content-encoding"] == "gzip" and gzip.decompress(small.body) == whole.body
        assert "accept-encoding" in small.headers["vary"].lower()
        for answer, encoding in ((whole, None), (small, "gzip")):
            again = client.get(path, accept=BROWSER, check=False, headers={
                "If-None-Match": answer.headers["etag"], "Accept-Encoding": encoding})
            assert (again.status, again.body) == (304, b""), again


def test_an_upgrade_shows_at_once(front, share):
    def asked(tag):
        return front.client().get("/start/start.css", headers={"If-None-Match": tag})

    def replace(body):
        """As installers do it: under another name first."""
        (share / "start/new").write_bytes(body)
        (share / "start/new").rename(share / "start/start.css")

    before = front.client().get("/start/start.css")
    try:
        replace(before.body + b"/* new */\n")
        answer = asked(before.headers["etag"])
        assert answer.status == 200 and answer.body.endswith(b"/* new */\n"), answer
    finally:
        replace(before.body)
    assert asked(None).body == before.body
