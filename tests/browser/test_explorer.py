"""The explorer of the API in the console: every operation of the document, called with the session."""

import urllib.parse

import pytest

from harness.installation import openapi_document
from pages import By, Keys, needs_console

needs_console()

OPERATIONS = [(method.upper(), path) for path, item in openapi_document().root["paths"].items() for method in item]


@pytest.fixture
def explorer(page):
    page.open("#/explorer").find(".explorer nav")
    return page


def choose(page, method, path):
    page.open(f"#/explorer/{urllib.parse.quote(f'{method} {path}', safe='')}").find("#operation")


def answer(page):
    return page.find("section[aria-label=Answer]")


def test_every_operation_is_there_and_found(explorer):
    links = explorer.driver.find_elements(By.CSS_SELECTOR, ".explorer nav li a")
    hrefs = {urllib.parse.unquote(one.get_attribute("href").split("#/explorer/")[1]) for one in links}
    assert hrefs == {f"{method} {path}" for method, path in OPERATIONS}
    explorer.fill("Find an operation", "template post")
    assert 0 < len(explorer.all(".explorer nav li a")) < 20
    explorer.check()
    explorer.click(".explorer nav li a", "/v1/license-templates")
    explorer.find("#operation h2", "/v1/license-templates")


def test_a_list_is_read_in_each_format(explorer):
    choose(explorer, "GET", "/v1/products")
    explorer.fill("take", "1")
    for media, words in (("application/json", '"products": ['), ("application/xml", "<Products>"), ("text/csv", "id,"), ("application/x-ndjson", '{"id":')):
        explorer.fill("Answer as", media)
        explorer.button("Send")
        explorer.wait(lambda: words in answer(explorer).text, f"{media}: {words}")
        assert "200 OK" in answer(explorer).text and " ms, " in answer(explorer).text
    explorer.click("section[aria-label=Answer] summary", "Headers")
    assert "x-request-id" in answer(explorer).text
    explorer.check()
    explorer.look(360, "dark").check()


def test_a_row_is_made_as_a_form_and_as_text(explorer, example):
    choose(explorer, "POST", "/v1/contacts")
    assert '"contact": {' in explorer.field("Body").get_attribute("value")
    explorer.button("Empty it")
    explorer.field("Body").send_keys(Keys.CONTROL, "a")
    explorer.fill("Body", '{"contact": {"firstName": "Tess"}')
    explorer.find("p.fault", "This is not JSON.")
    explorer.field("Body").send_keys(Keys.END, "}")
    explorer.button("As a form")
    explorer.fill("Last name", "Explorer")
    explorer.check()
    explorer.button("As text")
    assert '"lastName": "Explorer"' in explorer.field("Body").get_attribute("value")
    explorer.button("Send")
    client = example.client(example.admin_key)
    explorer.wait(lambda: "200 OK" in answer(explorer).text or "400" in answer(explorer).text, "an answer")
    found = client.get(f"/v1/contacts?{urllib.parse.urlencode({'filter': 'lastName = ' + chr(34) + 'Explorer' + chr(34)})}").json()["contacts"]
    # What is refused is shown as the server says it, too.
    assert len(found) == 1 or "errors" in answer(explorer).text
    for one in found:
        choose(explorer, "DELETE", "/v1/contacts/{contactId}")
        explorer.fill("contactId", str(one["id"]))
        explorer.button("Send")
        explorer.find("dialog[open]", f"/v1/contacts/{one['id']}")
        explorer.button("Cancel")
        assert not explorer.all("section[aria-label=Answer]")
        explorer.button("Send")
        explorer.find("dialog[open]")
        explorer.button("Send")
        explorer.wait(lambda: "200 OK" in answer(explorer).text, "it is deleted")


def test_a_refusal_is_an_answer(explorer):
    choose(explorer, "GET", "/v1/products")
    explorer.fill("filter", "nonsense = 1")
    explorer.button("Send")
    explorer.wait(lambda: "400" in answer(explorer).text and "nonsense" in answer(explorer).text, "the refusal")


def test_what_a_path_needs_is_asked_for(explorer):
    choose(explorer, "GET", "/v1/products/{productId}")
    assert not explorer.named("button", "Send")[0].is_enabled()
    explorer.sees("Still needed: productId")
    explorer.field("productId").send_keys(Keys.ARROW_DOWN)
    explorer.find("[role=option]:not([aria-disabled])")
    explorer.press(Keys.ARROW_DOWN, Keys.ENTER)
    explorer.button("Send")
    explorer.wait(lambda: '"product": {' in answer(explorer).text, "the product")


def test_curl_has_no_credential(explorer):
    choose(explorer, "POST", "/v1/products")
    explorer.fill("Body", '{"product": {"name": "Anna\'s"}}')
    explorer.click("summary", "The same with curl")
    text = explorer.find("details.curl pre").text
    assert '-H "x-api-key: $KEY"' in text and "-X POST" in text and "'Content-Type: application/json'" in text
    assert "Anna'\\''s" in text and "X-CSRF" not in text and "Cookie" not in text
