"""Search over everything and the window of commands, by keyboard alone."""

import pytest

from pages import Keys, needs_console, webdriver

needs_console()


@pytest.fixture(scope="module")
def license(example):
    return example.client(example.admin_key).get("/v1/licenses?filter=licenseeName%20!=%20null&take=1").json()["licenses"][0]


def focused(page):
    return page.driver.switch_to.active_element


def test_slash_leads_to_the_field(page, license):
    page.find("form.search input")
    page.driver.execute_script("document.querySelector('main').focus()")
    page.press("/")
    assert focused(page).accessible_name == "Search everything"
    page.press(license["licenseId"], Keys.ENTER)
    page.heading("Search")
    link = page.find(".hits a", license["licenseId"])
    assert page.find(".hits h2").text == "Licenses" and "exact" in page.find(".hits li").text
    page.check()
    # From the field to the hit by arrows.
    page.driver.execute_script("document.querySelector('.results input').focus()")
    page.press(Keys.ARROW_DOWN)
    assert focused(page) == link
    page.press(Keys.ENTER)
    page.heading(license["licenseId"])


def test_results_by_what_they_are_and_a_deep_link(example, page):
    customer = example.client(example.admin_key).get("/v1/customers?filter=company%20!=%20null&take=1").json()["customers"][0]
    page.open(f"#/search?q={customer['company'][:3]}")
    page.find(".hits a", customer["company"])
    assert "Customers" in [one.text for one in page.all(".hits h2")]
    page.check()
    page.click(".hits a", customer["company"])
    page.heading(customer["company"])


def test_a_key_stands_in_no_address(example, page):
    key = example.create_key("admin")
    page.find("form.search input")
    page.driver.execute_script("document.querySelector('main').focus()")
    page.press("/")
    page.press(key, Keys.ENTER)
    page.find(".hits h2", "API keys")
    assert key not in page.driver.current_url and "key=1" in page.driver.current_url
    page.find(".hits a").click()
    page.wait(lambda: "#/api-keys/" in page.driver.current_url, "not at the key")


def test_nothing_found(page):
    page.open("#/search?q=zzzzzzzz")
    page.sees("Nothing was found that you may see.")
    page.check()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_looks(page, width, scheme):
    page.look(width, scheme).open("#/search?q=li")
    page.find(".results")
    page.check()


def test_a_telephone_has_a_link_instead_of_the_field(page):
    page.look(360, "light").open("#/licenses")
    page.click(".search-link")
    page.heading("Search")
    assert focused(page).accessible_name == "Search everything"
    page.check()


def open_commands(page):
    webdriver.ActionChains(page.driver).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
    page.find("dialog[open] [role=listbox]")
    page.wait(lambda: focused(page).accessible_name == "What do you want?", "the field has no focus")


def options(page):
    return [one.text for one in page.all("[role=option]")]


def test_commands(page, license):
    page.find(".tile")
    open_commands(page)
    page.check()
    page.press("webho")
    page.wait(lambda: options(page)[:2] == ["Webhooks", "New: Webhooks"], options(page))
    page.press(Keys.ARROW_DOWN)
    assert page.find("[aria-selected=true]").text == "New: Webhooks"
    page.press(Keys.ENTER)
    page.find("form.form")
    assert page.driver.current_url.endswith("#/webhooks/new")
    # Rows, too, and Escape gives the page back.
    page.open("#/customers")
    page.heading("Customers")
    open_commands(page)
    page.press(license["licenseId"])
    page.wait(lambda: any(text.startswith(license["licenseId"]) for text in options(page)), "the license is not found")
    page.press(Keys.ESCAPE)
    page.gone("dialog[open]")


def test_pages_seen_lately(page, license):
    page.open(f"#/licenses/{license['id']}")
    page.heading(license["licenseId"])
    page.driver.execute_async_script("setTimeout(arguments[0], 1000)")
    page.open("#/products")
    page.heading("Products")
    page.driver.execute_async_script("setTimeout(arguments[0], 1000)")
    open_commands(page)
    page.find("[role=option]", license["licenseId"]).click()
    page.heading(license["licenseId"])
    assert page.driver.execute_script("return JSON.stringify({...localStorage})").find(license["licenseId"]) == -1
