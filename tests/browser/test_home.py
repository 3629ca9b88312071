"""The first screen: numbers of what there is and happens, for who may see them; and the first steps of a new installation."""

import pytest

from harness.installation import Installation
from pages import PASSWORD, Keys, Page, make_user, needs_console, start_browser, webdriver

needs_console()


def drawn(page):
    """Colors of the pixels of all charts that are seen, by how many there are of them."""
    return page.driver.execute_script("""
        const colors = {};
        for (const one of document.querySelectorAll(".plot canvas")) {
            const data = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
            for (let at = 0; at < data.length; at += 4)
                if (data[at + 3] === 255) {
                    const color = [data[at], data[at + 1], data[at + 2]].join(",");
                    colors[color] = (colors[color] ?? 0) + 1;
                }
        }
        return colors;""")


def charts_of(page):
    """The charts of the first screen, as it is when one comes to it."""
    page.open("#/search").open("#/")
    page.wait(lambda: len(page.all(".plot canvas")) == 2 and sum(drawn(page).values()) > 500, "no charts")


def tiles(page):
    page.find(".tile")
    return [one.text for one in page.all(".tile > h2")]


def test_numbers_are_those_of_the_api(example, page):
    charts_of(page)
    value = example.client(example.admin_key).get("/v1/statistics?days=30").json()
    figures = {one.find_element("tag name", "dt").text: one.find_element("tag name", "dd").text for one in page.all(".figures > div")}
    licenses = value["licenses"]
    assert int(figures["All"].replace(",", "")) == licenses["total"] > 0
    assert int(figures["Expire within 30 days"]) == licenses["expiringWithin30Days"]
    assert figures["Workers"] == f"{value['pool']['workers']} / {value['pool']['workersWanted']}"
    for name in (one["name"] for one in licenses["products"] if one["name"]):
        page.find(".bars a", name)
    assert licenses["products"][0]["licenses"] > 0
    page.check()


def test_charts_are_tables_too(example, page):
    charts_of(page)
    page.click("summary", "Calls of programs as a table")
    rows = [one.text for one in page.all("details[open] .numbers tbody tr")]
    assert len(rows) == 30
    days = example.client(example.admin_key).get("/v1/statistics?days=30").json()["activity"]["days"]
    assert sum(day["activations"] for day in days) > 0
    label = page.find(".plot").get_attribute("aria-label")
    assert label.startswith("Calls of programs: Seats taken ")
    page.check()


def test_days_are_chosen_and_stand_in_the_address(page):
    charts_of(page)
    page.button("7 days")
    page.click("summary", "Calls of programs as a table")
    page.wait(lambda: len(page.all("details[open] .numbers tbody tr")) == 7, "not 7 days")
    assert page.driver.current_url.endswith("#/?days=7")
    assert page.find("[aria-pressed=true]").text == "7 days"


def test_links_lead_to_rows(example, page):
    page.find(".figures")
    page.click(".figures a[href*='expireDate']")
    page.heading("Licenses")
    assert page.find(".chip[aria-pressed=true]").text in ("Expiring soon", "Expired", "Valid", "Expiring") or page.rows()
    page.open("#/")
    refused = example.client(example.admin_key).get("/v1/statistics").json()["activity"]["recentRefusals"]
    if refused:
        page.click(".events a", refused[0]["licenseId"])
        page.heading(refused[0]["licenseId"])


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_looks(page, width, scheme):
    page.look(width, scheme)
    charts_of(page)
    page.check()


def test_charts_follow_the_theme(page):
    charts_of(page)
    color = "31,95,191"  # --one of light
    assert drawn(page).get(color, 0) > 20
    page.look(1280, "dark")
    page.wait(lambda: drawn(page).get("138,184,255", 0) > 20 and color not in drawn(page), "the charts are still light")


def test_by_keyboard(page):
    charts_of(page)
    page.driver.execute_script("document.querySelector('main').focus()")
    for _ in range(60):
        page.press(Keys.TAB)
        if page.driver.switch_to.active_element.tag_name == "summary":
            break
    page.press(Keys.ENTER)
    page.find("details[open] .numbers tbody tr")


# --- who sees what ---

SEEN = {
    "LicenseManager": ({"Licenses", "Calls of programs", "Webhooks that fail", "Latest reports"}, {"Mail", "Processes"}),
    "Sales": ({"Licenses", "Latest reports"}, {"Mail", "Processes", "Webhooks that fail"}),
    "HostingManager": ({"More"}, {"Licenses", "Mail", "Processes", "Latest reports"}),
}


@pytest.fixture(scope="module")
def other(example, tmp_path_factory):
    driver = start_browser(tmp_path_factory.mktemp("other"))
    yield Page(driver, example)
    driver.quit()


@pytest.mark.parametrize("role", SEEN)
def test_roles_see_their_tiles(example, other, role):
    make_user(example, f"home-{role.lower()}", role)
    other.driver.delete_all_cookies()
    other.driver.get("about:blank")
    other.sign_in(f"home-{role.lower()}", PASSWORD)
    seen, unseen = SEEN[role]
    assert seen <= set(tiles(other)) and not unseen & set(tiles(other))
    other.check()


# --- nothing there yet ---


def test_first_steps(tmp_path):
    with Installation() as running:
        make_user(running, "first", "Administrator")
        driver = start_browser(tmp_path)
        try:
            page = Page(driver, running).sign_in("first", PASSWORD)
            page.find("h2", "First steps")
            page.check()
            assert [one.text for one in page.all(".first ol a")] == [
                "Add the product that you sell", "Add a license template: type, mode, term and key of its licenses", "Add a customer",
                "Issue the first license", "Make an API key for the program that asks"]
            page.click(".first ol a", "Add a customer")
            page.find("form.form")
            running.client(running.admin_key).post("/v1/licenses", {"license": {}})
            page.open("#/")
            page.find(".figures")
            page.gone(".first")
        finally:
            driver.quit()


# --- the log's chart ---


def test_log_chart_narrows_the_list(page):
    page.open("#/log")
    page.find(".plot canvas")
    page.check()
    page.click("summary", "Entries over time as a table")
    first = page.find("details[open] .numbers tbody button")
    page.driver.execute_script("arguments[0].click()", first)
    page.find(".chosen", "Only entries of")
    assert "timeStamp%20%3E" in page.driver.current_url or "timeStamp+%3E" in page.driver.current_url
    page.button("All times")
    page.gone(".bar.chosen")
    # The same by drawing across the chart, and what else the filter says stays.
    page.open('#/log?filter=level%20%3D%20%22Information%22')
    canvas = page.find(".plot canvas")
    page.wait(lambda: page.all(".plot .u-over"), "no chart")
    over = page.find(".plot .u-over")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    webdriver.ActionChains(page.driver).move_to_element_with_offset(over, -100, 0).click_and_hold().move_by_offset(200, 0).release().perform()
    page.find(".chosen", "Only entries of")
    assert "level" in page.driver.current_url and "timeStamp" in page.driver.current_url
    page.check()
