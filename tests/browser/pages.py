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
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

# Without these the browser looks for hosts of its maker at every start.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")

AXE = SITE / "packages/node_modules/axe-core/axe.min.js"
# Everything that axe knows of WCAG 2.2 to level AA, and its best practices.
AXE_RUN = """const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(
    (found) => done(found.violations.map((one) => [one.id, one.help, one.nodes.map((node) => node.target.join(" ") + ": " +
        node.failureSummary).slice(0, 5)])), (error) => done([["axe", String(error), []]]));"""


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
        return WebDriverWait(self.driver, SECONDS, poll_frequency=0.05).until(lambda _: condition(), what)

    def all(self, selector):
        """Elements of a selector that can be seen."""
        return [one for one in self.driver.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()]

    def find(self, selector, text=None):
        """The first one, once it is there; with `text`, the first that has it."""
        def found():
            return next((one for one in self.all(selector) if text is None or text in one.text), None)
        return self.wait(found, f"no {selector} {text or ''} at {self.driver.current_url}")

    def gone(self, selector):
        self.wait(lambda: not self.all(selector), f"{selector} is still there")

    def click(self, selector, text=None):
        element = self.find(selector, text)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def button(self, text):
        """A click at the button of that name, in a window above the page where there is one."""
        scope = "dialog[open] " if self.all("dialog[open]") else ""
        def named():
            return next((one for one in self.all(f"{scope}button, {scope}[role=menuitem], {scope}[role=tab]")
                         if text in (one.text.strip(), one.get_attribute("aria-label"))), None)
        element = self.wait(named, f"no button {text} at {self.driver.current_url}")
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def field(self, name):
        """The input of that name, as a screen reader would say it."""
        def named():
            return next((one for one in self.all("input, select, textarea")
                         if one.accessible_name.replace("*", "").strip() == name), None)
        return self.wait(named, f"no field {name} at {self.driver.current_url}")

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

    def axe(self):
        self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        return self.driver.execute_async_script(AXE_RUN)

    def fits(self):
        """Whether nothing makes the page scroll sideways."""
        return self.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")

    def check(self):
        """Nothing is wrong with the page as it stands."""
        assert self.axe() == []
        assert self.fits(), f"{self.driver.current_url} scrolls sideways"
        assert self.faults() == []
        assert self.foreign_requests() == []


def needs_console():
    if not (SITE / "console/index.html").exists():
        pytest.skip("the console is not built: make web", allow_module_level=True)
