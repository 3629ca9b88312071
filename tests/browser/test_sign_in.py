"""Signing in at the console, and one's own account: sessions, password and second factor."""

import re
import time

import pytest

from harness.browser import SESSION, Browser, signed_in
from harness.installation import Installation
from harness.totp import code_of, wrong_code
from pages import PASSWORD, By, Keys, Page, make_user, needs_console, start_browser

needs_console()

NEW_PASSWORD = "another-horse-battery-staple"
LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]


@pytest.fixture(scope="module")
def running():
    with Installation(throttle_failures=4, throttle_window=8) as made:
        yield made


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    browser = start_browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.quit()


@pytest.fixture
def page(running, driver):
    """Nobody is signed in."""
    made = Page(driver, running).look(1280, "light").open("console/")
    driver.delete_all_cookies()
    made.faults()
    driver.get("about:blank")
    return made.open("console/")


_names = iter(range(1000))


@pytest.fixture
def user(running):
    return make_user(running, f"clerk{next(_names)}", "Sales")


def enrol(running, user):
    """The secret of the user's second factor, and the recovery codes; the code of this step is left."""
    browser = signed_in(running, user, PASSWORD)
    secret = browser.post(f"{SESSION}/totp").json()["secret"]
    return secret, browser.put(f"{SESSION}/totp", {"code": code_of(secret, -1)}).json()["recoveryCodes"]


def show_proof(page, user, password=PASSWORD):
    page.fill("User name", user)
    page.fill("Password", password)
    page.button("Sign in")


@pytest.mark.parametrize("width, scheme", LOOKS)
def test_looks(running, page, user, width, scheme):
    page.look(width, scheme)
    page.find("form.sign-in")
    page.check()
    # Once in each scheme: of many that are wrong the next is refused unseen.
    if (width == 360) == (scheme == "dark"):
        show_proof(page, user, "wrong password 1")
        page.sees("User name and password do not fit.")
        page.check()
    show_proof(page, user)
    page.find("header.top")
    page.open("#/account").find("ul.sessions li")
    page.check()
    page.button("Set it up")
    page.button("Begin")
    page.find("canvas.qr")
    page.check()


def test_by_keyboard_alone(page, user):
    page.find("form.sign-in")
    page.driver.execute_script("document.activeElement.blur()")
    page.press(Keys.TAB)
    page.press(user, Keys.TAB, PASSWORD, Keys.ENTER)
    page.find("header.top")


def test_code(running, page, user):
    secret, codes = enrol(running, user)
    show_proof(page, user)
    assert page.field("Code") == page.driver.switch_to.active_element
    page.check()
    page.press(wrong_code(secret), Keys.ENTER)
    page.sees("The code is wrong")
    page.check()
    page.fill("Code", code_of(secret))
    page.button("Sign in")
    page.find("header.top")
    page.open("#/account").sees("Signing in takes a code")
    signed_out(page)
    show_proof(page, user)
    page.fill("Code", codes[0])
    page.button("Sign in")
    page.find("header.top")


def signed_out(page):
    page.button(page.find("header.top .menu button").text)
    page.button("Sign out")
    page.find("form.sign-in")


def test_signing_out(page, user):
    show_proof(page, user)
    page.find("header.top")
    signed_out(page)
    page.driver.refresh()
    page.find("form.sign-in")
    page.check()


def test_link(running, page, user):
    printed = running.cli("user", "sign-in-link", user, "--address", page.root.rstrip("/")).strip()
    page.driver.get("about:blank")
    page.driver.get(printed)
    page.find("header.top")
    assert "link=" not in page.driver.current_url
    page.check()
    signed_out(page)
    page.driver.get("about:blank")
    page.driver.get(printed)
    page.sees("The link has ended or was used already.")
    show_proof(page, user)
    page.find("header.top")


def test_wait(page, user):
    """Who has tried too often is told how long to wait, and can go on then."""
    for _ in range(5):
        show_proof(page, user, "wrong password 1")
        page.wait(lambda: page.all(".notice"), "a notice")
        page.wait(lambda: not page.all("button[aria-busy]"), "the answer")
        if page.all(".notice.warn"):
            break
    page.sees("Too many attempts: wait")
    assert not page.find(".sign-in button.primary").is_enabled()
    page.check()
    page.gone(".notice.warn")
    show_proof(page, user)
    page.find("header.top")


# --- the account ---


@pytest.fixture
def account(page, user):
    show_proof(page, user)
    page.find("header.top")
    return page.open("#/account")


def test_sessions(running, account, user):
    other = signed_in(running, user, PASSWORD)
    account.open("#/").open("#/account").wait(lambda: len(account.all("ul.sessions li")) == 2, "two sessions")
    assert len(account.all("ul.sessions .badge.good")) == 1
    account.click("ul.sessions li button")
    account.wait(lambda: len(account.all("ul.sessions li")) == 1, "one session")
    assert other.get(SESSION).status == 401
    account.check()


def test_sign_out_everywhere(running, account, user):
    other = signed_in(running, user, PASSWORD)
    account.button("Sign out everywhere")
    account.find("dialog[open]")
    account.check()
    account.button("Sign out everywhere")
    account.find("main form.sign-in")
    assert other.get(SESSION).status == 401


def test_password(running, account, user):
    other = signed_in(running, user, PASSWORD)

    def change(current, new, again):
        for name, text in (("Present password", current), ("New password", new), ("New password once more", again)):
            account.fill(name, text)
        account.button("Change the password")

    change(PASSWORD, NEW_PASSWORD, "something else")
    account.sees("The two are not the same.")
    change("wrong password 1", NEW_PASSWORD, NEW_PASSWORD)
    account.sees("The current password is wrong.")
    account.check()
    change(PASSWORD, "short", "short")
    account.sees("12 characters")
    change(PASSWORD, NEW_PASSWORD, NEW_PASSWORD)
    account.sees("The password is changed")
    assert other.get(SESSION).status == 401
    assert signed_in(running, user, NEW_PASSWORD)


def set_up(page):
    """From the QR code to the recovery codes, which are answered with the secret."""
    page.button("Begin")
    secret = re.sub(r"\s", "", page.find("code.value").text)
    page.wait(lambda: page.driver.execute_script(
        "const c = document.querySelector('canvas.qr'); return c.width > 100 &&"
        " c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((one) => one === 0)"), "a QR code")
    page.fill("Code that the app shows", wrong_code(secret))
    page.button("Confirm")
    page.sees("The code is wrong")
    page.check()
    page.fill("Code that the app shows", code_of(secret, -1))
    page.button("Confirm")
    page.find("ul.codes li")
    page.check()
    codes = [one.text for one in page.all("ul.codes code")]
    assert len(codes) == 10
    page.button("I have kept them")
    return secret, codes


def give_password(account, button):
    """In the window that asks for it: a wrong one, which is told, and then the right one."""
    account.fill("Password", "wrong password 1")
    account.click(button)
    account.sees("The password is wrong.")
    account.check()
    account.find("dialog[open] input[type=password]").send_keys(Keys.CONTROL, "a")
    account.find("dialog[open] input[type=password]").send_keys(PASSWORD)
    account.click(button)


def test_second_factor(running, account, user):
    account.button("Set it up")
    secret, codes = set_up(account)
    account.sees("Signing in takes a code")
    assert not [code for code in codes if code in account.text()] and secret not in account.text()
    account.button("Remove the second factor")
    give_password(account, "dialog[open] form button.danger")
    account.sees("Whoever knows the password can sign in.")
    assert signed_in(running, user, PASSWORD)


def test_recovery_codes(running, account, user):
    """How many are left, a warning when they are few, and new ones in their place."""
    account.button("Set it up")
    _, codes = set_up(account)
    account.sees("Recovery codes left: 10")
    assert not account.all(".notice.warn")
    running.sql(f"DELETE FROM user_recovery_code WHERE user_id = (SELECT id FROM user WHERE user_name = '{user}') "
                "ORDER BY code_hash LIMIT 8")
    account.driver.refresh()
    assert account.find(".notice.warn").text == "Recovery codes left: 2"
    account.check()
    account.button("New recovery codes")
    give_password(account, "dialog[open] form button.primary")
    account.find("ul.codes li")
    account.check()
    renewed = [one.text for one in account.all("ul.codes code")]
    assert len(renewed) == 10 and not set(renewed) & set(codes)
    account.button("I have kept them")
    account.sees("Recovery codes left: 10")
    assert not [code for code in renewed if code in account.text()]
    shown = {"username": user, "password": PASSWORD}
    assert Browser(running).sign_in(code=codes[0], **shown).status == 401
    assert Browser(running).sign_in(code=renewed[0], **shown).status == 200


def test_who_must_have_one(tmp_path_factory):
    with Installation(second_factor="all") as running:
        user = make_user(running, "keeper", "Administrator")
        driver = start_browser(tmp_path_factory.mktemp("browser"), width=360)
        try:
            page = Page(driver, running).open("console/")
            show_proof(page, user)
            page.sees("must have a second factor")
            assert not page.all("nav")
            page.check()
            set_up(page)
            page.find("header.top")
        finally:
            driver.quit()


def test_idle(tmp_path_factory):
    """A minute is the shortest: half of it is warned of."""
    with Installation(session_idle_timeout="1m") as running:
        user = make_user(running, "sleeper", "Sales")
        driver = start_browser(tmp_path_factory.mktemp("browser"))
        try:
            page = Page(driver, running).open("console/")
            show_proof(page, user)
            page.find("header.top")
            page.wait(lambda: page.all("dialog[open]"), "a warning") if page.all("dialog[open]") else time.sleep(25)
            page.sees("Your session ends soon")
            page.check()
            page.button("Stay signed in")
            page.gone("dialog[open]")
            assert driver.find_elements(By.CSS_SELECTOR, "header.top")
        finally:
            driver.quit()
