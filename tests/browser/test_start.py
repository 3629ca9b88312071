"""The start page: what a person finds at the address of the service, at the root and below a base path."""

import json
import re

import pytest

from harness.installation import TOP, Installation, free_port
from pages import Page, choose_scheme, needs_console, resize, start_browser

needs_console()

GERMAN = json.loads((TOP / "web/start/de.json").read_text(encoding="utf-8"))
PREFIX = "/registry"
# As the shipped site has it.
BELOW = """
server {{
	listen 127.0.0.1:{port};
	set $clientele_pool clientele;
	set $clientele_share "{share}";
	access_log off;
	include clientele/clientele-server.conf;
	location = {prefix}/ {{
		include clientele/clientele-start.conf;
	}}
	location {prefix}/ {{
		include clientele/clientele-application.conf;
	}}
}}
"""


@pytest.fixture(scope="module")
def site():
    """The pool takes calls with and without its base path; so does the web server, at two ports."""
    with Installation(base_path=PREFIX) as running:
        running.below = free_port()
        running.stop_nginx()
        running.start_nginx(BELOW.format(port=running.below, share=running.own_share(), prefix=PREFIX))
        yield running


@pytest.fixture(params=["root", "prefix"])
def page(request, site, tmp_path):
    driver = start_browser(tmp_path)
    driver.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "en"})
    shown = Page(driver, site)
    if request.param == "prefix":
        shown.root = f"http://127.0.0.1:{site.below}{PREFIX}/"
    yield shown
    driver.quit()


def state(page):
    return page.find("#state span").text


def test_it_says_what_this_is(page):
    """In light and dark, on a desk and on a telephone, with nothing wrong."""
    page.open("")
    page.heading("The registry of clients")
    page.wait(lambda: state(page) == "The service answers.", "the state of the service")
    for scheme in ("light", "dark"):
        choose_scheme(page.driver, scheme)
        for width in (1280, 360):
            resize(page.driver, width)
            page.check()


def test_its_links_lead_somewhere(page):
    page.open("")
    targets = [link.get_attribute("href") for link in page.all("main a")]
    assert targets == [f"{page.root}console/", f"{page.root}docs/", f"{page.root}openapi.json"]
    for target, words in zip(targets, ("Clientele", "In short", '"openapi"'), strict=True):
        page.driver.get(target)
        page.wait(lambda: words in page.driver.page_source, words)


def test_without_a_console_nothing_leads_there(page, site):
    console = site.own_share() / "console"
    target = console.readlink()
    console.unlink()
    try:
        page.open("")
        page.gone("#console")
        assert len(page.all("nav a")) == 2 and page.fits() and page.axe() == []
    finally:
        console.symlink_to(target)


def test_it_speaks_german(page):
    page.open("")
    page.click("#language", "Deutsch")
    page.heading(GERMAN["title"])
    assert page.driver.execute_script("return document.documentElement.lang") == "de"
    page.wait(lambda: state(page) == GERMAN["answers"], "the state of the service, in German")
    page.check()
    # It is remembered.
    page.open("")
    page.heading(GERMAN["title"])
    page.click("#language", "English")
    page.heading("The registry of clients")


def test_calls_are_of_this_place_and_can_be_copied(page):
    page.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    page.open("")
    calls = page.all("pre")
    assert len(calls) == 2
    for call, path in zip(calls, ("v1/licenses?take=10", "v1/customers"), strict=True):
        assert call.text.startswith(f"curl -s '{page.root}{path}'")
    page.click("button.copy")
    page.sees("Copied.")
    copied = page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], String)")
    assert copied == calls[0].text


def test_it_says_when_the_service_is_away(page, site):
    site.stop_pool()
    try:
        page.open("")
        page.wait(lambda: state(page) == "The service does not answer at the moment.", "the state of the service")
        assert page.fits() and page.axe() == []
    finally:
        site.start_pool()


def test_every_text_is_there_in_german():
    """The page itself has the English ones, so that it can be read without scripts."""
    text = (TOP / "web/start/index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'data-text="(\w+)"', text)) == set(GERMAN)
    assert all(words.strip() for words in GERMAN.values())
    script = (TOP / "web/start/start.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|style=", text + script)
