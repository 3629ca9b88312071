"""Every screen that the console has, as its side bar tells: opened, looked at wide and narrow, light and dark, and used by keys alone;
and what a person of each role finds there."""


import pytest

from harness.installation import openapi_document
from pages import COLORS, EVERYTHING, LAYOUT, PASSWORD, Keys, Page, make_user, needs_console, start_browser

needs_console()

ROLES = [role["name"] for role in openapi_document().root["x-roles"]]
WIDE, NARROW = 1280, 360
# How what is open is looked at, and by which rules: on a desk by all of them in light, and by those of colors in the dark, which
# changes nothing else; in a narrow window by those of what is shown where. A list is looked at by all in both widths.
LOOKS = [(WIDE, "light", EVERYTHING), (WIDE, "dark", COLORS), (NARROW, "light", LAYOUT)]
LOOKS_OF_LISTS = [(WIDE, "light", EVERYTHING), (WIDE, "dark", COLORS), (NARROW, "light", EVERYTHING), (NARROW, "dark", COLORS)]
FIRST_PAINT = 300  # milliseconds, as promised, at an address of this computer
FIRST_BYTES = 150_000  # that the browser fetches of the console for it, charts included
TRIES = 7


def test_nothing_is_wrong_anywhere(page):
    """Whatever can be opened from the side bar, on a desk and in a narrow window, light and dark."""
    opened, faults = 0, []
    for screen in page.screens():
        for what, address in page.visit(screen):
            opened += 1
            for width, scheme, rules in LOOKS_OF_LISTS if what == "list" else LOOKS:
                try:
                    page.look(width, scheme).settled().check(rules)
                except AssertionError as fault:
                    faults.append(f"{address}, {width} wide, {scheme}: {fault}")
            page.look(WIDE, "light")
    assert opened > 100
    assert not faults, "\n".join(faults)


def test_list_row_and_form_by_keys_alone(page):
    """Nothing is clicked at: from the side bar to a form that may be saved, and back."""
    reached = 0
    for screen in page.screens():
        page.open("#/").settled()
        go_by_keys(page, f"nav#navigation a[href='{screen}']", screen)
        rows = page.addresses("tbody a.title")
        if not rows:
            continue
        go_by_keys(page, "tbody a.title", rows[0])
        page.find("article")
        if not page.named("button", "Edit"):
            continue
        form = f"{rows[0].split('?')[0]}/edit"
        go_by_keys(page, "article .head button.primary", form)
        go_by_keys(page, "form.form > .buttons button[type=button]", rows[0].split("?")[0])  # Cancel
        reached += 1
    assert reached > 12


def go_by_keys(page, selector, address):
    """Tab and Enter, and one is there."""
    page.tab_to(selector)
    page.press(Keys.ENTER)
    page.wait(lambda: page.driver.current_url.endswith(address), f"{selector} does not lead to {address}")
    page.settled()


def become_customer(example, name):
    """A user of this role acts for a customer, of one that has licenses."""
    client = example.client(example.admin_key)
    customer = client.get("/v1/licenses?filter=customerId%20!=%20null&select=customerId&take=1").json()["licenses"][0]["customerId"]
    user = client.get(f"/v1/users?filter=userName%20=%20%22{name}%22").json()["users"][0]["id"]
    assert client.put("/v1/users", {"user": {"id": user, "customerId": customer}}).status == 200


def become_delegate(example, name):
    """A user of this role is the delegate who manages a group, of one that has clients and delegates."""
    client = example.client(example.admin_key)
    group = next(one["id"] for one in client.get("/api/delegategroups").json() if one["numClients"] and one["numDelegates"])
    user = client.get(f"/v1/users?filter=userName%20=%20%22{name}%22").json()["users"][0]["id"]
    body = {"lastName": name, "userId": user, "canManageClients": True, "canManageDelegates": True}
    assert client.post(f"/api/delegategroups/{group}/delegates", body).status == 200


BECOME = {"Customer": become_customer, "Delegate": become_delegate}


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
    if role in BECOME:
        BECOME[role](example, name)
    driver = start_browser(tmp_path)
    try:
        page = Page(driver, example).sign_in(name, PASSWORD)
        page.refusals()
        for screen in page.screens():
            for what, address in page.visit(screen):
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
