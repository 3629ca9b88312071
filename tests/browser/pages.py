"""What all tests in a browser share: a headless Chromium, the console in it, and what must hold on every page."""

import contextlib
import json
import os
import pathlib
import shutil

import pytest

from harness.installation import TOP, Installation

SITE = pathlib.Path(os.environ.get("BUILD_DIR", TOP / "build-test")) / "pages"
SECONDS = 30
TABS = 15  # that are pressed at once

if not shutil.which("chromium") or not shutil.which("chromedriver"):
    pytest.skip("chromium and chromium-driver are not installed", allow_module_level=True)

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.common.exceptions import (ElementClickInterceptedException, ElementNotInteractableException,  # noqa: E402
                                        NoAlertPresentException, StaleElementReferenceException, TimeoutException,
                                        UnexpectedAlertPresentException)
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support import expected_conditions  # noqa: E402, F401 pylint: disable=unused-import
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

# Without these the browser looks for hosts of its maker at every start.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")

DRAWN_ANEW = (StaleElementReferenceException, ElementClickInterceptedException, ElementNotInteractableException)
AXE = SITE / "packages/node_modules/axe-core/axe.min.js"
# Everything that axe knows of WCAG 2.2 to level AA, and its best practices.
EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORS = ["color-contrast", "link-in-text-block"]
# Rules of what is shown, and where, which a narrow window changes.
LAYOUT = [*COLORS, "target-size", "scrollable-region-focusable", "region", "bypass", "skip-link", "tabindex", "nested-interactive",
          "heading-order", "page-has-heading-one", "landmark-one-main", "landmark-unique", "aria-hidden-focus", "empty-heading"]
AXE_RUN = """const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: arguments[0]}).then(
    (found) => done(found.violations.map((one) => [one.id, one.help, one.nodes.map((node) => node.target.join(" ") + ": " +
        node.failureSummary).slice(0, 5)])), (error) => done([["axe", String(error), []]]));"""


OVERFLOWS = """
const boxes = [...document.querySelectorAll("main *")].filter((one) => one.clientHeight > 0 && !one.closest(".unseen, svg, [role=menu], .picker ul") &&
    getComputedStyle(one).overflowY === "visible" && getComputedStyle(one).display !== "inline" && one.scrollHeight > one.clientHeight + 4);
const under = [...document.querySelectorAll("td.acts button")].filter((button) => {
    const box = button.getBoundingClientRect();
    return [...button.closest("tr").querySelectorAll("a.title")].some((link) => [...link.getClientRects()].some((one) =>
        one.right > box.left && one.left < box.right && one.bottom > box.top && one.top < box.bottom));
});
return [...boxes, ...under].map((one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 60)}`).slice(0, 5);
"""
# Elements that a person can see, and what they read there: one call of the browser instead of one for each element. An option
# is seen with its list.
SEEN = """const seen = (one) => one.checkVisibility({opacityProperty: true, visibilityProperty: true}) &&
    ([...one.getClientRects()].some((box) => box.width > 0 && box.height > 0) || [...one.children].some(seen));
const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => seen(one.closest("select") ?? one));
const words = (one) => (one.innerText ?? one.textContent).replace(/[\\u00a0\\t]/g, " ").trim();
const [selector, text] = arguments;
"""
# Whoever holds Tab comes to rest at the first element of a selector that has the focus.
STOP = """const [selector] = arguments;
const stop = (event) => event.key === "Tab" && document.activeElement.matches(selector) && event.preventDefault();
window.letGo = () => removeEventListener("keydown", stop, true);
addEventListener("keydown", stop, true);"""


def start_browser(folder, width=1280, height=900, scheme="light"):
    """A browser of that size that keeps its data in a folder of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.implicitly_wait(0)
    resize(driver, width, height)
    choose_scheme(driver, scheme)
    return driver


def resize(driver, width, height=900):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


def choose_scheme(driver, scheme):
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                           {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


class Page:
    """A browser that looks at one installation, with words for what a person does there."""

    def __init__(self, driver, installation):
        self.driver = driver
        self.installation = installation
        self.root = f"http://127.0.0.1:{installation.port}/"

    def open(self, path):
        """A page below the address of the installation; of the console where it begins with #."""
        target = self.root + (f"console/{path}" if path.startswith("#") else path)
        if self.driver.current_url.split("#")[0] == target.split("#")[0] and "#" in target:
            self.driver.execute_script("location.hash = arguments[0]", target.split("#")[1])
        else:
            self.driver.get(target)
        return self

    def wait(self, condition, what):
        """Waits for it; a view that is drawn anew meanwhile is looked at again."""
        wait = WebDriverWait(self.driver, SECONDS, poll_frequency=0.05, ignored_exceptions=DRAWN_ANEW)
        try:
            return wait.until(lambda _: condition())
        except TimeoutException:
            raise TimeoutException(f"{what}, at {self.driver.current_url}") from None

    def seen(self, expression, *values):
        """What the expression gives of what can be seen: all(selector), words(element)."""
        return self.driver.execute_script(f"{SEEN} return {expression};", *values)

    def all(self, selector):
        """Elements of a selector that can be seen."""
        return self.seen("all(selector)", selector)

    def find(self, selector, text=None):
        """The first one, once it is there; with `text`, the first that has it."""
        return self.wait(lambda: self.first(selector, text), f"no {selector} {text or ''}")

    def there(self, selector):
        """The first one, once it is there, whether or not anybody sees it: what chooses a file is hidden behind its button."""
        return self.wait(lambda: self.driver.find_elements(By.CSS_SELECTOR, selector), f"no {selector}")[0]

    def first(self, selector, text=None):
        return self.seen("all(selector).find((one) => text === null || words(one).includes(text))", selector, text)

    def gone(self, selector):
        self.wait(lambda: not self.all(selector), f"{selector} is still there")

    def click_on(self, find, what):
        """A click at what `find` gives, once it gives something that is not in motion."""
        def clicked():
            element = find()
            if element is not None:
                self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
                element.click()
            return element is not None
        self.wait(clicked, f"no {what}")

    def click(self, selector, text=None):
        self.click_on(lambda: self.first(selector, text), f"{selector} {text or ''}")

    def button(self, text):
        """A click at the button of that name, in a window above the page where there is one."""
        def named():
            scope = "dialog[open] " if self.all("dialog[open]") else ""
            return next(iter(self.named(f"{scope}:is(button:enabled, [role=menuitem], [role=tab])", text)), None)
        self.click_on(named, f"button {text}")

    def field(self, name):
        """The input of that name, as a screen reader would say it."""
        def named():
            fields.update((one.accessible_name.replace("*", "").strip(), one) for one in self.all("input, select, textarea"))
            return fields.get(name)

        fields = {}
        try:
            return self.wait(named, name)
        except TimeoutException:
            raise AssertionError(f"no field {name} at {self.driver.current_url}, but {sorted(fields)}") from None

    def fill(self, name, value):
        element = self.field(name)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        if element.tag_name == "select":
            option = next(one for one in element.find_elements(By.TAG_NAME, "option") if one.text == value)
            option.click()
        elif element.get_attribute("type") in ("datetime-local", "date"):
            self.driver.execute_script("arguments[0].value = arguments[1];"
                                       "arguments[0].dispatchEvent(new Event('input', {bubbles: true}));"
                                       "arguments[0].dispatchEvent(new Event('change', {bubbles: true}));", element, value)
        else:
            element.send_keys(Keys.CONTROL, "a")
            element.send_keys(Keys.DELETE)
            element.send_keys(value)

    def pick(self, name, text):
        """Chooses a row of another resource."""
        self.fill(name, text)
        self.click("[role=option]", text)

    def named(self, selector, text):
        """Elements of a selector with that text or name."""
        return self.seen("all(selector).filter((one) => [words(one), one.getAttribute('aria-label')].includes(text))", selector, text)

    def settled(self):
        """Waits until the view is there whole."""
        self.wait(lambda: self.seen("all('h1, h2').length > 0 && all('.loading, [aria-busy=true]').length === 0"),
                  "the view does not come to rest")
        return self

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, selector, most=120):
        """Presses Tab until one of these has the focus."""
        self.driver.execute_script(STOP, selector)
        try:
            for _ in range(0, most, TABS):
                self.press(*[Keys.TAB] * TABS)
                if self.driver.execute_script("return document.activeElement.matches(arguments[0])", selector):
                    return
        finally:
            self.driver.execute_script("letGo()")
        raise AssertionError(f"{selector} cannot be reached by Tab at {self.driver.current_url}")

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def sees(self, text):
        self.wait(lambda: text in self.text(), f"no '{text}'")

    def heading(self, text):
        self.find("h1", text)

    def rows(self):
        """Texts of the rows of the list."""
        return [one.text for one in self.all("tbody tr")]

    def sign_in(self, username, password):
        """Signs in at the console."""
        self.open("console/")
        self.fill("User name", username)
        self.fill("Password", password)
        self.button("Sign in")
        self.find("header.top")
        return self

    def look(self, width, scheme=None, height=900):
        """As a person sees it on a screen of that size, with light or dark colors."""
        resize(self.driver, width, height)
        if scheme:
            choose_scheme(self.driver, scheme)
        return self

    # --- what there is ---

    def screens(self):
        """Addresses of the side bar."""
        self.look(1280, "light").open("#/").find("nav#navigation a")
        return self.addresses("nav#navigation a")

    def addresses(self, selector):
        """Those in the console that links of a selector lead to."""
        found = self.seen("all(selector).map((one) => one.href)", selector)
        return [href.split("console/")[1] for href in found if "console/#/" in href]

    def visit(self, screen):
        """Opens the list of a screen and what one reaches from there: the first row, its tabs, its form, a new row. Yields the name
        and address of each that is open, once."""
        self.open(screen).settled()
        has_new, rows = self.named("button", "New"), self.addresses("tbody a.title")
        yield "list", screen
        if rows:
            self.open(rows[0]).settled()
            row = rows[0].split("?")[0]
            tabs = self.seen("all(selector).map((one) => one.dataset.tab)", "article [role=tab][data-tab][aria-selected=false]")
            has_edit = self.named("button", "Edit")
            yield "row", rows[0]
            for tab in tabs:
                yield f"tab {tab}", self.opened(f"{row}?tab={tab}")
            if has_edit:
                yield "edit", self.opened(f"{row}/edit")
        if has_new:
            yield "new", self.opened(f"{screen}/new")

    def opened(self, address):
        self.open(address).settled()
        return address

    # --- what must hold on every page ---

    def faults(self):
        """Errors of the console and reports of the Content-Security-Policy since the last call; refusals that a test
        asked for are told by the network alone and are not among them."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and "status of 4" not in entry["message"]]

    def foreign_requests(self):
        own = (self.root, "data:", "blob:", "chrome:", "about:")
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"
                and not message["params"]["request"]["url"].startswith(own)]

    def refusals(self):
        """What the server has refused since the last call, as the network tells."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        answers = [message["params"]["response"] for message in messages if message["method"] == "Network.responseReceived"]
        return [f"{answer['status']} {answer['url']}" for answer in answers if answer["status"] >= 400]

    def axe(self, rules=EVERYTHING):
        if not self.driver.execute_script("return 'axe' in window"):
            self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        return self.driver.execute_async_script(AXE_RUN, rules)

    def fits(self):
        """Whether nothing makes the page scroll sideways."""
        return self.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")

    def overflows(self):
        """What stands outside of its box, over what comes next, or under the button of its row."""
        return self.driver.execute_script(OVERFLOWS)

    def check(self, rules=EVERYTHING):
        """Nothing is wrong with the page as it stands, by these rules of axe."""
        where = self.driver.current_url
        self.driver.execute_script("scrollTo(0, 0)")  # what the head of the page covers is nothing to be touched
        for found in (self.axe(rules), self.faults(), self.foreign_requests(), self.overflows()):
            assert found == [], f"{where}: {found}"
        assert self.fits(), f"{where} scrolls sideways"


def needs_console():
    if not (SITE / "console/index.html").exists():
        pytest.skip("the console is not built: make web", allow_module_level=True)


PASSWORD = "correct-horse-battery-staple"


def make_user(installation, name, *roles, **members):
    """A user who may sign in with PASSWORD."""
    admin = installation.client(installation.admin_key)
    made = admin.post("/v1/users", {"user": {"userName": name, "roles": roles, **members}, "password": PASSWORD})
    assert made.status == 200, made
    return name


def fresh_page(page):
    """The page as a test begins: the start, in light, on a desk, whatever the test before has left."""
    resize(page.driver, 1280)
    choose_scheme(page.driver, "light")
    page.open("#/")

    def at_start():
        """Whether it is there; what has not been saved is given up."""
        try:
            with contextlib.suppress(NoAlertPresentException):
                page.driver.switch_to.alert.accept()
            return page.first("h1", "Start")
        except UnexpectedAlertPresentException:
            page.open("#/")
            return None
    page.wait(at_start, "no start")
    return page


def make_row(client, path, member, **members):
    """A row of licensing by the API; answers the answer's members."""
    made = client.post(path, {member: members})
    assert made.status == 200, made
    return made.json()
