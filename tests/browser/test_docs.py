"""The documentation in a real browser: guides, search, and the reference in which calls are tried."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from harness.installation import TOP, Installation
from pages import COLORS, SECONDS, SITE, Page, choose_scheme, needs_console, resize, start_browser

needs_console()

DOCS = SITE / "docs"
DOCUMENT = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))
FAMILIES = [tag["name"] for tag in DOCUMENT["tags"]]
PAGES = sorted(path.name for path in DOCS.glob("*.html"))
LANGUAGES = ["curl", "php", "python", "javascript", "csharp", "go"]


@pytest.fixture(scope="module")
def site():
    with Installation() as running:
        yield running


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    running = start_browser(tmp_path_factory.mktemp("profile"))
    # axe looks at thousands of cells in the chapter of the API, which a busy computer takes long for.
    running.set_script_timeout(4 * SECONDS)
    yield running
    running.quit()


@pytest.fixture
def page(site, driver):
    """A browser that remembers nothing of the test before."""
    fresh = Page(driver, site)
    driver.get(f"{fresh.root}docs/openapi.json")
    driver.execute_script("localStorage.clear(); sessionStorage.clear()")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    resize(driver, 1280)
    choose_scheme(driver, "light")
    fresh.faults()
    fresh.foreign_requests()
    return fresh


def operation(page, name):
    """The view of an operation."""
    page.open(f"docs/reference.html#{name}")
    page.find("section.try form")
    return page


def by_name(page, name):
    return page.find(f"form [name='{name}']")


def enter(page, name, text):
    element = by_name(page, name)
    element.clear()
    element.send_keys(text)


def sample(page):
    return page.driver.execute_script("return document.querySelector('section.samples pre')?.textContent ?? ''")


def body_of_answer(page):
    return page.find(".answered pre[aria-label='Body of the answer']").text


# --- every page ---


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page(page, width):
    """Nothing is wrong with any: no finding of axe, no report, no request elsewhere, nothing that scrolls sideways. In the dark
    colors are others, and nothing else."""
    for name in PAGES:
        page.look(width, "light").open(f"docs/{name}")
        page.find("ul.operations" if name == "reference.html" else "main h1")
        page.check()
        page.look(width, "dark").check(COLORS)


def test_high_contrast(page):
    page.open("docs/start.html")
    page.fill("Colors", "High contrast")
    assert page.driver.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    page.check()
    # The choice is kept, for the console, too.
    page.open("docs/api.html")
    assert page.driver.execute_script("return document.documentElement.dataset.theme") == "contrast"
    assert page.driver.execute_script('return localStorage.getItem("clientele.theme")') == '"contrast"'
    page.fill("Colors", "System")
    assert page.driver.execute_script("return document.documentElement.dataset.theme ?? null") is None


def test_lists_fold_where_it_is_narrow(page):
    page.open("docs/licensing.html")
    assert all(one.get_property("open") for one in page.all(".aside > details"))
    beside = page.find("nav.contents").location["x"]
    assert beside > page.find("main").location["x"] + page.find("main").size["width"] - 1
    resize(page.driver, 360)
    page.wait(lambda: not any(one.get_property("open") for one in page.all(".aside > details")), "lists stay open")
    page.click(".contents summary")
    page.click(".contents a", "Mail")
    assert page.driver.current_url.endswith("#mail")


def test_where_somebody_reads_is_marked(page):
    page.open("docs/licensing.html#resources")
    page.wait(lambda: [one.text for one in page.all(".contents [aria-current]")] == ["Resources"], "nothing is marked")


def test_links(page, site):
    """Every link of every page leads to a page, and to a place in it."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.html")}
    broken = []
    for name, text in texts.items():
        for target in re.findall(r'<a [^>]*href="([^":]*)"', text):
            target, _, place = target.partition("#")
            if target.startswith("../"):
                if site.client().get(target[2:], accept="text/html" if target == "../" else None, check=False).status != 200:
                    broken.append((name, target))
                continue
            leads = {"": name, "./": "index.html"}.get(target, target)
            if leads not in texts or (place and f'id="{place}"' not in texts[leads]):
                broken.append((name, target, place))
    assert not broken
    # Those of the reference are made by its script.
    page.open("docs/reference.html")
    page.find("ul.operations")
    names = page.driver.execute_script("return [...document.querySelectorAll('.operations a')].map((one) => one.hash.slice(1))")
    assert sorted(names) == sorted(one["operationId"] for item in DOCUMENT["paths"].values() for one in item.values())


def test_code_is_copied(page):
    """Commands without what they print."""
    page.open("docs/oauth.html")
    page.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    page.click(".code button", "Copy")
    page.find(".code button", "Copied")
    text = page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert text.startswith("clientele user create robot") and "client_secret" not in text and "-u 902646c9" in text


def test_print(page):
    """On paper there is the text alone, and all of it."""
    page.open("docs/licensing.html")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not page.all("body > header") and not page.all(".aside") and not page.all(".code button")
    assert page.driver.execute_script("return [...document.querySelectorAll('pre')].every((one) => one.scrollWidth <= one.clientWidth)")


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


@pytest.mark.parametrize("scheme", ["light", "dark", "chosen"])
@pytest.mark.parametrize("width", [360, 1200])
def test_picture_of_the_objects(page, scheme, width):
    """Its words can be read in both schemes, and keep within their boxes, on narrow screens too."""
    choose_scheme(page.driver, "dark" if scheme == "dark" else "light")
    resize(page.driver, width, 2000)
    page.open("docs/activation.html")
    if scheme == "chosen":
        page.fill("Colors", "Dark")
    page.find("svg.objects")
    texts = page.driver.execute_script(TEXTS)
    assert len(texts) > 18
    assert (luminance(texts[0][2]) < 0.2) == (scheme != "light")
    for text, ink, ground, inside in texts:
        brighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
        assert inside and (brighter + 0.05) / (darker + 0.05) >= 4.5, (text, ink, ground)


# --- search ---


def test_search_finds_a_guide_and_an_operation(page):
    from selenium.webdriver.common.keys import Keys

    page.open("docs/start.html")
    page.press("/")
    page.press("floating seats")
    page.click(".found a", "Floating seats")
    page.wait(lambda: page.driver.current_url.endswith("activation.html#floating-seats"), page.driver.current_url)
    page.fill("Search the documentation", "floating zeppelin")
    page.sees("Nothing was found.")
    page.fill("Search the documentation", "createLicenses")
    page.find(".found a", "/v1/licenses/bulk")
    page.press(Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.ENTER)
    page.wait(lambda: "reference.html#createLicenses" in page.driver.current_url, page.driver.current_url)
    page.find("section.samples")
    page.fill("Search the documentation", "license")
    page.find(".found a")
    assert page.axe() == []
    page.press(Keys.ESCAPE)
    page.gone(".found a")
    assert page.faults() == []


# --- reference ---


def test_every_family_is_there(page):
    page.open("docs/reference.html")
    page.find("ul.operations")
    assert [one.text for one in page.all("main h2")] == FAMILIES
    assert [one.text for one in page.all("nav.contents details details summary")] == FAMILIES
    page.driver.find_element("css selector", "input[name=operations]").send_keys("/oauth2/token")
    page.wait(lambda: [one.text for one in page.all("nav.contents details details summary")] == ["OAuth 2"], "not filtered")
    page.click("nav.contents li a")
    page.find("section.try")
    assert page.all("nav.contents [aria-current=page]")


def test_every_operation(page):
    """Each has its view, and none has anything wrong; axe looks at one of each kind."""
    resize(page.driver, 360)
    seen = set()
    for path, item in DOCUMENT["paths"].items():
        for method, one in item.items():
            operation(page, one["operationId"])
            page.wait(lambda one=one: page.find("main h1").text == one["summary"], one["operationId"])
            assert page.fits(), one["operationId"]
            address = page.find("main .address").text
            assert address == f"{method.upper()} {path}"
            if one.get("x-kind") not in seen:
                seen.add(one.get("x-kind"))
                assert page.axe() == [], one["operationId"]
    assert page.faults() == [] and page.foreign_requests() == []


def test_try_it(page, site):
    """A call is answered; its key is kept for the session of the browser alone, and no sample shows it."""
    operation(page, "listLicenses")
    enter(page, "credential", site.admin_key)
    enter(page, "take", "3")
    page.click("button.send")
    assert page.find(".answered .status").text == "200"
    assert '"success": true' in body_of_answer(page)
    assert "take=3" in sample(page) and "$CLIENTELE_KEY" in sample(page)
    for language in LANGUAGES:
        page.click(f"[data-language={language}]")
        assert site.admin_key not in sample(page)
    stored = 'return [JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie]'
    session, local, cookie = page.driver.execute_script(stored)
    assert site.admin_key in session and site.admin_key not in local + cookie
    # Another operation has it, another session has not.
    operation(page, "listCustomers")
    assert by_name(page, "credential").get_attribute("value") == site.admin_key
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("window")
    page.driver.get(f"{page.root}docs/reference.html#listCustomers")
    page.find("section.try form")
    assert page.driver.execute_script(stored)[0] == "{}"
    page.click("button.send")
    assert page.find(".answered .status").text == "401"
    assert page.axe() == [] and page.faults() == []
    page.driver.close()
    page.driver.switch_to.window(first)


def test_try_it_below_a_base_path(tmp_path):
    """Calls and samples have the prefix, and the search and all files are found."""
    with Installation(base_path="/registry") as running:
        driver = start_browser(tmp_path / "profile")
        try:
            page = Page(driver, running)
            page.open("registry/docs/reference.html#listLicenses")
            enter(page, "credential", running.admin_key)
            assert f"127.0.0.1:{running.port}/registry/v1/licenses" in sample(page)
            page.click("button.send")
            assert page.find(".answered .status").text == "200"
            page.fill("Search the documentation", "floating seats")
            page.click(".found a", "Floating seats")
            page.wait(lambda: "/registry/docs/activation.html" in driver.current_url, driver.current_url)
            page.check()
        finally:
            driver.quit()


def test_try_it_with_a_body(page, site):
    operation(page, "createProduct")
    enter(page, "credential", site.admin_key)
    page.driver.execute_script("arguments[0].value = '{\"product\":{\"name\":\"Tried\",\"code\":\"TRIED\"}}';"
                               "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", by_name(page, "body"))
    page.click("button.send")
    assert page.find(".answered .status").text == "200"
    assert site.sql("SELECT name FROM product WHERE code = 'TRIED'") == [["Tried"]]
    page.click("form select[name=accept] option", "application/xml")
    page.click("button.send")
    page.wait(lambda: page.find(".answered .status").text == "409", "the name is there already")
    assert "<Success>false</Success>" in body_of_answer(page)


def test_try_it_as_an_api_client(page, site):
    """Identifier and secret go into Basic authentication, the body is a form, and the token serves for another call."""
    created = site.client(site.admin_key).post("/api/v1/admin/clients", {
        "Name": "tried", "Secret": "correct-horse-battery", "UserID": site.admin_id}).json()
    operation(page, DOCUMENT["paths"]["/oauth2/token"]["post"]["operationId"])
    enter(page, "credential", f"{created['ResponseData']['Detail']['ID']}:correct-horse-battery")
    assert "$CLIENTELE_BASIC" in sample(page)
    page.click("button.send")
    answer = json.loads(body_of_answer(page))
    site.secrets.note_text(answer["access_token"])
    operation(page, "listLicenses")
    page.click("form select[name=scheme] option", "Access token")
    enter(page, "credential", answer["access_token"])
    page.click("button.send")
    assert page.find(".answered .status").text == "200"


@pytest.mark.parametrize("name", ["createProduct", "createCustomer", "createLicense", "createOrder", "createLicenseTemplate",
                                  "createAssembly", "createDiscoveryGroup", "createUser"])
def test_examples_succeed(page, site, name):
    """Sent as they stand; they set no switch that somebody who tries would be surprised by."""
    operation(page, name)
    enter(page, "credential", site.admin_key)
    assert "true" not in by_name(page, "body").get_attribute("value")
    page.click("button.send")
    assert page.find(".answered .status").text in ("200", "201"), body_of_answer(page)


def test_what_is_missing_is_said(page):
    operation(page, "getLicenseFile")
    page.click("button.send")
    page.find("section.try [role=status]", "licenseId")
    assert not page.all(".answered")


def test_members_open(page):
    operation(page, "createLicense")
    page.click(".members summary", "Members of license")
    page.find(".members .members code", "expireDate")
    page.click("main details summary", "400")
    page.find("main details a", "VALIDATION_FAILED")
    assert page.axe() == []


# --- samples ---


def run(command, source, **environment):
    done = subprocess.run(command, input=source, capture_output=True, text=True, timeout=60, check=False,
                          env={"PATH": "/usr/bin:/bin:/usr/local/bin", **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout


RUN = {
    "curl": lambda source, **env: run(["sh"], source.replace("curl '", "curl -s '"), **env),
    "python": lambda source, **env: run([sys.executable, "-"], source, **env),
    "javascript": lambda source, **env: run(["node", "--input-type=module"], source, **env),
    "php": lambda source, **env: run(["php"], source, **env),
    "go": None,
    "csharp": None,
}
AWKWARD = "it's \"quoted\" \\ $HOME ${x} `b` %s\\n \u00fc"
# The string of each language, with what is awkward in it as its rules say.
LITERALS = {
    "csharp": lambda body: f'"""\n{body}\n"""' if '"""' not in body else None,
    "go": lambda body: json.dumps(body, ensure_ascii=False),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_samples_run(page, site, language):
    """As they stand: with quotes of every language in the body, and the key in the environment."""
    operation(page, "createCustomer")
    code = f"S-{language}"
    body = json.dumps({"customer": {"company": AWKWARD, "code": code}}, ensure_ascii=False, indent=2)
    page.driver.execute_script("arguments[0].value = arguments[1];"
                               "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", by_name(page, "body"), body)
    page.click(f"[data-language={language}]")
    page.wait(lambda: code in sample(page) and (language == "curl" or "curl '" not in sample(page)), "not that sample")
    source = sample(page)
    assert "CLIENTELE_KEY" in source and site.admin_key not in source
    if RUN[language] is None or (language == "php" and not shutil.which("php")):
        if language in LITERALS:
            assert LITERALS[language](body) in source
        return
    RUN[language](source, CLIENTELE_KEY=site.admin_key)
    stored = site.client(site.admin_key).get(f"/v1/customers?filter=code=%22{code}%22").json()["customers"]
    assert [one["company"] for one in stored] == [AWKWARD]


@pytest.mark.parametrize("name, excepted", [("openapi.json", []), ("openapi-3.0.json", ["no-invalid-media-type-examples"])])
def test_the_document_holds(name, excepted):
    """The rules of Redocly for OpenAPI documents, as web/redocly.yaml has them: no error, and no warning. OpenAPI 3.0 has no
    type null, so that examples with one stand beside schemas that do not allow for it to the letter."""
    done = subprocess.run([SITE / "packages/node_modules/.bin/redocly", "lint", "--config", TOP / "web/redocly.yaml", "--format=json",
                           *(f"--skip-rule={rule}" for rule in excepted), TOP / "docs" / name],
                          capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout[done.stdout.index("{"):])["problems"] == [], done.stdout
