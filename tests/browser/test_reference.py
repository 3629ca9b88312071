"""The pages below /docs/, in a real browser: they must work without any other host."""

import json
import os
import pathlib
import re
import shutil

import pytest

from harness.installation import TOP, Installation

SITE = pathlib.Path(os.environ.get("BUILD_DIR", TOP / "build-test")) / "pages"
SECONDS = 30

if not shutil.which("chromium") or not shutil.which("chromedriver"):
    pytest.skip("chromium and chromium-driver are not installed", allow_module_level=True)
if not (SITE / "docs/reference.html").exists():
    pytest.skip("the documentation is not built: make docs", allow_module_level=True)

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

DOCUMENT = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))
FAMILIES = [tag["name"] for tag in DOCUMENT["tags"]]


@pytest.fixture(scope="module")
def site():
    """An installation whose web server shows the built pages."""
    with Installation() as running:
        yield running


@pytest.fixture
def browser(site, tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    # Without these the browser looks for hosts of its maker at every start.
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--window-size=1200,2000", f"--user-data-dir={tmp_path}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.implicitly_wait(0)
    yield driver
    driver.quit()


def wait(browser, condition, what):
    return WebDriverWait(browser, SECONDS).until(condition, what)


def find(browser, selector):
    """The one element of a selector, once it is there and can be seen."""
    def shown(_):
        found = [one for one in browser.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()]
        return found[0] if found else None
    return wait(browser, shown, f"no {selector}")


def click(browser, selector):
    """A click by script: nothing that moves can be in its way."""
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click();",
                           find(browser, selector))


def enter(browser, selector, text):
    element = find(browser, selector)
    element.clear()
    element.send_keys(text)


def open_reference(browser, site, fragment=""):
    browser.get(f"http://127.0.0.1:{site.port}/docs/reference.html{fragment}")
    find(browser, ".opblock-tag")


def foreign_requests(browser, site):
    own = (f"http://127.0.0.1:{site.port}/", "data:", "blob:", "chrome:")
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [message["params"]["request"]["url"] for message in messages
            if message["method"] == "Network.requestWillBeSent"
            and not message["params"]["request"]["url"].startswith(own)]


def test_start_page_leads_everywhere(browser, site):
    browser.get(f"http://127.0.0.1:{site.port}/docs/")
    targets = [link.get_attribute("href") for link in browser.find_elements(By.CSS_SELECTOR, "li a")]
    names = {target.rsplit("/", 1)[1] for target in targets}
    assert {"reference.html", "discovery.html", "credentials.html", "delegates.html", "hosting.html",
            "licensing.html", "errors.html"} <= names
    for target in targets:
        browser.get(target)
        assert "Clientele" in browser.title
    assert foreign_requests(browser, site) == []


# Texts of a picture beside the ground that they stand on: color, ground's color, and whether they keep within it.
TEXTS = """
const inside = (one, other) => one.left >= other.left && one.right <= other.right && one.top >= other.top &&
    one.bottom <= other.bottom;
return [...document.querySelectorAll("svg.objects text")].map((text) => {
    const box = text.parentNode.querySelector(":scope > rect");
    return [text.textContent, getComputedStyle(text).fill, getComputedStyle(box).fill,
            inside(text.getBoundingClientRect(), box.getBoundingClientRect())];
});"""


def luminance(color):
    """As WCAG 2.2 has it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_picture_of_the_objects(browser, site, scheme, width):
    """Its words can be read in both schemes, and keep within their boxes, on narrow screens too."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.set_window_size(width, 2000)
    browser.get(f"http://127.0.0.1:{site.port}/docs/activation.html")
    find(browser, "svg.objects")
    texts = browser.execute_script(TEXTS)
    assert len(texts) > 18
    for text, ink, ground, inside in texts:
        brighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
        assert inside and (brighter + 0.05) / (darker + 0.05) >= 4.5, (text, ink, ground)
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_links_between_pages(site):
    """Every link of every page leads to a page, and to a place in it."""
    pages = {path.name: path.read_text(encoding="utf-8") for path in (SITE / "docs").glob("*.html")}
    broken = []
    for name, text in pages.items():
        for target in re.findall(r'<a href="([^":]*)"', text):
            if target.startswith("../"):
                if site.client().get(target[2:]).status != 200:
                    broken.append((name, target))
                continue
            page, _, place = target.partition("#")
            page = page.removeprefix("./") or (name if target.startswith("#") else "index.html")
            if page not in pages:
                broken.append((name, target))
            elif place and not place.startswith("/") and f'id="{place}"' not in pages[page]:
                broken.append((name, target))
    assert not broken


def test_every_family_is_there(browser, site):
    open_reference(browser, site)
    shown = {tag.get_attribute("data-tag") for tag in browser.find_elements(By.CSS_SELECTOR, ".opblock-tag")}
    assert shown == set(FAMILIES)
    for family in FAMILIES:
        click(browser, f'.opblock-tag[data-tag="{family}"]')
        find(browser, f'[id^="operations-{family.replace(" ", "_")}-"]')
        # Of many open operations, the page holds those alone that can be seen.
        click(browser, f'.opblock-tag[data-tag="{family}"]')
    assert foreign_requests(browser, site) == []
    faults = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert faults == []


def test_a_call_is_answered(browser, site):
    operation = "listApiClients"
    open_reference(browser, site)
    click(browser, ".btn.authorize")
    enter(browser, "#api_key_value, .auth-container input", site.admin_key)
    click(browser, ".auth-btn-wrapper .authorize")
    click(browser, ".btn-done")
    click(browser, '.opblock-tag[data-tag="Credentials"]')
    block = f"#operations-Credentials-{operation}"
    click(browser, f"{block} .opblock-summary-control")
    click(browser, f"{block} .try-out__btn")
    click(browser, f"{block} .execute")
    answer = find(browser, f"{block} .live-responses-table tr.response .response-col_status")
    assert answer.text.startswith("200")
    body = find(browser, f"{block} .live-responses-table tr.response .response-col_description pre")
    wait(browser, lambda _: '"Result": "OK"' in body.text, f"no answer: {body.text}")
    assert site.admin_id in body.text
