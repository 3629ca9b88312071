"""A page of another origin calls the API: what the browser lets it do."""

import contextlib
import http.server
import json
import threading

import pytest

from harness.families import unique
from harness.installation import Installation, free_port
from pages import needs_console, start_browser

needs_console()

CALL = """
const [url, options, done] = [arguments[0], arguments[1], arguments[arguments.length - 1]];
fetch(url, options).then(async (answer) => done({ status: answer.status, tag: answer.headers.get("ETag"), id: answer.headers.get("X-Request-Id"),
	body: await answer.text() })).catch((error) => done({ error: String(error) }));
"""


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>An app</title>")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(scope="module")
def world():
    with site() as known, site() as unknown, Installation(cors_origins=known) as running:
        yield running, known, unknown


@pytest.fixture
def driver(tmp_path):
    browser = start_browser(tmp_path)
    yield browser
    browser.quit()


def test_a_known_page_works_and_others_read_nothing(world, driver):
    running, known, unknown = world
    product = {"product": {"code": unique("page"), "name": "A"}}

    def call(origin, path, method="GET", body=None, credentials="omit", key=running.admin_key):
        driver.get(origin)
        return driver.execute_async_script(CALL, f"http://127.0.0.1:{running.port}{path}", {
            "method": method, "credentials": credentials, "headers": {"x-api-key": key, "Content-Type": "application/json"},
            **({"body": json.dumps(body)} if body else {})})

    made = call(known, "/v1/products", "POST", product)
    assert made["status"] == 200 and "productId" in made["body"], made
    read = call(known, f"/v1/products/{json.loads(made['body'])['productId']}")
    assert read["status"] == 200 and read["tag"] and read["id"], read
    refused = call(known, "/v1/products", "POST", product, key="wrong")
    assert refused["status"] == 401 and "message" in refused["body"], refused
    # With the cookies of this browser nothing can be read, whoever asks.
    assert "error" in call(known, "/v1/products", credentials="include")
    # The question before the call is refused, so that nothing is stored either.
    before = running.sql("SELECT COUNT(*) FROM product")
    assert "error" in call(unknown, "/v1/products", "POST", {"product": {"name": "B"}})
    assert "error" in call(unknown, "/v1/products")
    assert running.sql("SELECT COUNT(*) FROM product") == before
