"""Every screen that the console has, as its side bar tells: opened, looked at wide and narrow, light and dark, and used by keys alone;
and what a person of each role finds there."""


import pytest

from harness.installation import openapi_document
from pages import PASSWORD, Keys, Page, make_user, needs_console, start_browser

needs_console()

ROLES = [role["name"] for role in openapi_document().root["x-roles"]]
LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
FIRST_PAINT = 300  # milliseconds, as promised, at an address of this computer
FIRST_BYTES = 150_000  # that the browser fetches of the console for it, charts included
TRIES = 7
TABS_MOST = 120  # until an element has the focus


@pytest.fixture(scope="module")
def everything(signed_in):
    return {screen: signed_in.views(screen) for screen in signed_in.screens()}


@pytest.mark.parametrize("width, scheme", LOOKS)
def test_nothing_is_wrong_anywhere(page, everything, width, scheme):
    faults = []
    assert len(everything) > 25
    page.look(width, scheme)
    for addresses in everything.values():
        for address in addresses.values():
            try:
                page.open(address).settled().check()
            except AssertionError as fault:
                faults.append(str(fault))
    assert not faults, "\n".join(faults)


def test_list_row_and_form_by_keys_alone(page, everything):
    """Nothing is clicked at: from the side bar to a form that may be saved, and back."""
    reached = 0
    for screen, addresses in everything.items():
        page.open("#/").settled()
        tab_to(page, f"nav#navigation a[href='{screen}']")
        page.press(Keys.ENTER)
        page.settled()
        assert page.driver.current_url.endswith(screen)
        if "row" not in addresses:
            continue
        tab_to(page, "tbody a.title")
        page.press(Keys.ENTER)
        page.settled()
        assert page.driver.current_url.endswith(addresses["row"])
        if "edit" not in addresses:
            continue
        tab_to(page, "article .head button.primary")
        page.press(Keys.ENTER)
        page.settled()
        assert page.driver.current_url.endswith(addresses["edit"])
        tab_to(page, "form.form > .buttons button[type=button]")
        page.press(Keys.ENTER)
        page.settled()
        assert page.driver.current_url.endswith(addresses["row"].split("?")[0]), "Cancel leads back to the row"
        reached += 1
    assert reached > 12


def tab_to(page, selector):
    """Presses Tab until one of these has the focus."""
    for _ in range(TABS_MOST):
        page.press(Keys.TAB)
        if page.driver.execute_script("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab at {page.driver.current_url}")


def become_customer(example, name):
    """A user of this role acts for a customer, of one that has licenses."""
    client = example.client(example.admin_key)
    customer = client.get("/v1/licenses?filter=customerId%20!=%20null&select=customerId&take=1").json()["licenses"][0]["customerId"]
    user = client.get(f"/v1/users?filter=userName%20=%20%22{name}%22").json()["users"][0]["id"]
    assert client.put("/v1/users", {"user": {"id": user, "customerId": customer}}).status == 200


def test_who_is_no_customer_is_offered_no_own_rows(example, tmp_path):
    """A user of the role Customer has own rows once the user is of a customer; before, nothing is offered that would be refused."""
    make_user(example, "nobodys", "Customer")
    driver = start_browser(tmp_path)
    try:
        page = Page(driver, example).sign_in("nobodys", PASSWORD)
        page.refusals()
        for address in ("#/", "#/account", "#/search", "#/licenses", "#/explorer"):
            page.driver.refresh()
            page.open(address).settled()
            assert page.refusals() == [] and not page.all(".notice.bad"), address
            page.check()
        assert {one.split("/")[1] for one in page.screens()} == {"", "explorer"} and not page.all("header [type=search], header .search-link")
        page.button("Go to or do (Ctrl+K)")
        page.press("e")
        assert "Search" not in page.find("[role=listbox]").text and page.refusals() == []
        page.press(Keys.ESCAPE)
        become_customer(example, "nobodys")
        page.driver.refresh()
        assert "#/licenses" in page.screens()
        page.find("[type=search]")
    finally:
        driver.quit()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_nothing_that_is_refused(example, tmp_path, role):
    """Whatever a person can open is answered: no screen, row, tab or form asks for what the role may not have."""
    name = f"only.{role.lower()}"
    make_user(example, name, role)
    if role == "Customer":
        become_customer(example, name)
    driver = start_browser(tmp_path)
    try:
        page = Page(driver, example).sign_in(name, PASSWORD)
        page.refusals()
        for screen in page.screens():
            for what, address in page.views(screen).items():
                page.open(address).settled()
                assert not page.all(".notice.bad"), f"{role}: {what} at {address}: {page.find('.notice.bad').text}"
                assert page.refusals() == [], f"{role}: {what} at {address}"
    finally:
        driver.quit()


def test_first_paint(page):
    times = []
    for _ in range(TRIES):
        page.open("console/").find("h1")
        times += page.driver.execute_script("return performance.getEntriesByType('paint').filter((one) => one.name === 'first-contentful-paint').map((one) => one.startTime)")
    assert min(times) < FIRST_PAINT, times


# What came over the network of the console itself, as it came.
TRANSFERRED = """return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter((one) => one.name.includes('/console/')).reduce((sum, one) => sum + one.transferSize, 0)"""


def test_first_screen_is_small(page):
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    page.open("docs/").open("console/").find(".chart canvas")
    page.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
    assert 0 < page.driver.execute_script(TRANSFERRED) < FIRST_BYTES
