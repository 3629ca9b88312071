"""What all tests in a browser share: a headless Chromium, the console in it, and what must hold on every page."""

import json
import os
import pathlib
import shutil

import pytest

from harness.installation import TOP, Installation

SITE = pathlib.Path(os.environ.get("BUILD_DIR", TOP / "build-test")) / "pages"
SECONDS = 30

if not shutil.which("chromium") or not shutil.which("chromedriver"):
    pytest.skip("chromium and chromium-driver are not installed", allow_module_level=True)

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.common.exceptions import (ElementClickInterceptedException, ElementNotInteractableException,  # noqa: E402
                                        StaleElementReferenceException, TimeoutException)
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support import expected_conditions  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

# Without these the browser looks for hosts of its maker at every start.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")

DRAWN_ANEW = (StaleElementReferenceException, ElementClickInterceptedException, ElementNotInteractableException)
AXE = SITE / "packages/node_modules/axe-core/axe.min.js"
# Everything that axe knows of WCAG 2.2 to level AA, and its best practices.
AXE_RUN = """const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(
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
        return WebDriverWait(self.driver, SECONDS, poll_frequency=0.05, ignored_exceptions=DRAWN_ANEW).until(lambda _: condition(), what)

    def all(self, selector):
        """Elements of a selector that can be seen."""
        return [one for one in self.driver.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()]

    def find(self, selector, text=None):
        """The first one, once it is there; with `text`, the first that has it."""
        return self.wait(lambda: self.first(selector, text), f"no {selector} {text or ''} at {self.driver.current_url}")

    def first(self, selector, text=None):
        return next((one for one in self.all(selector) if text is None or text in one.text), None)

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
        self.wait(clicked, f"no {what} at {self.driver.current_url}")

    def click(self, selector, text=None):
        self.click_on(lambda: self.first(selector, text), f"{selector} {text or ''}")

    def button(self, text):
        """A click at the button of that name, in a window above the page where there is one."""
        def named():
            scope = "dialog[open] " if self.all("dialog[open]") else ""
            return next((one for one in self.all(f"{scope}button:enabled, {scope}[role=menuitem], {scope}[role=tab]")
                         if text in (one.text.strip(), one.get_attribute("aria-label"))), None)
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
        return [one for one in self.all(selector) if text in (one.text.strip(), one.get_attribute("aria-label"))]

    def settled(self):
        """Waits until the view is there whole."""
        self.wait(lambda: self.all("h1, h2") and not self.all(".loading, [aria-busy=true]"), f"{self.driver.current_url} does not come to rest")
        return self

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def sees(self, text):
        self.wait(lambda: text in self.text(), f"no '{text}' at {self.driver.current_url}")

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
        return [one.get_attribute("href").split("console/")[1] for one in self.all("nav#navigation a")
                if "console/#/" in one.get_attribute("href")]

    def views(self, screen):
        """The list of a screen, and what one reaches from there: a new row, the first row, its tabs, its form."""
        self.open(screen).settled()
        found = {"list": screen}
        if self.named("button", "New"):
            found["new"] = f"{screen}/new"
        rows = self.all("tbody a.title")
        if rows:
            found["row"] = rows[0].get_attribute("href").split("console/")[1]
            self.open(found["row"]).settled()
            row = found["row"].split("?")[0]
            for tab in self.all("article [role=tab]"):
                if tab.get_attribute("data-tab"):
                    found[f"tab {tab.get_attribute('data-tab')}"] = f"{row}?tab={tab.get_attribute('data-tab')}"
            if self.named("button", "Edit"):
                found["edit"] = f"{row}/edit"
        return found

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

    def axe(self):
        self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        return self.driver.execute_async_script(AXE_RUN)

    def fits(self):
        """Whether nothing makes the page scroll sideways."""
        return self.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")

    def overflows(self):
        """What stands outside of its box, over what comes next, or under the button of its row."""
        return self.driver.execute_script(OVERFLOWS)

    def check(self):
        """Nothing is wrong with the page as it stands."""
        where = self.driver.current_url
        self.driver.execute_script("scrollTo(0, 0)")  # what the head of the page covers is nothing to be touched
        for found in (self.axe(), self.faults(), self.foreign_requests(), self.overflows()):
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
    alert = WebDriverWait(page.driver, 0.3, poll_frequency=0.05)
    try:
        alert.until(expected_conditions.alert_is_present()).accept()
    except TimeoutException:
        pass
    page.heading("Start")
    return page


def make_row(client, path, member, **members):
    """A row of licensing by the API; answers the answer's members."""
    made = client.post(path, {member: members})
    assert made.status == 200, made
    return made.json()
