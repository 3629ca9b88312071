"""The import of the console: columns become members, faults stand by line before anything is stored, and a report tells the rest."""

import csv

import pytest

from harness.families import unique
from pages import Keys, make_user, needs_console, Page, PASSWORD, start_browser

needs_console()


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture
def page(keeper, downloads):
    keeper.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
    keeper.look(1280, "light").open("#/")
    keeper.open("#/import").heading("Import")
    return keeper


def paste(page, text, what="Products"):
    """As a person does it who pastes many lines at once."""
    page.fill("What the rows are", what)
    page.driver.execute_script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}));",
                               page.field("Or paste the rows here"), text)


def count(client, mark):
    return client.get(f"/v1/products?filter=name.StartsWith(%22{mark}%22)&take=0").json()["totalProductsCount"]


def report(page, downloads, name):
    for old in downloads.glob("*.csv"):
        old.unlink()
    page.button("Download the report")
    page.wait(lambda: (downloads / name).exists(), "no report")
    return list(csv.DictReader((downloads / name).open(encoding="utf-8")))


def test_faults_by_line_before_anything_is_stored(page, client, downloads):
    mark, taken = unique("imp"), unique("code")
    assert client.post("/v1/products", {"product": {"name": "taken", "code": taken}}).status == 200
    paste(page, f'name;code;Signing key ID;remark\n{mark} one;{unique("c")};;x\n"{mark}\ntwo";{taken};;\n;{unique("c")};;\n{mark} four;;999999;\n')
    page.sees("4 rows")
    assert page.field("name").get_attribute("value") == "name" and page.field("remark").get_attribute("value") == ""
    page.fill("Signing key ID", "Signing key")
    page.button("Try without storing")
    page.sees("1 would be stored, 3 refused. Nothing was stored.")
    lines = [row.split()[0] for row in page.rows()]
    assert lines == ["3", "5", "6"], page.rows()
    assert "already" in page.rows()[0] or "exists" in page.rows()[0] or "taken" in page.rows()[0]
    assert count(client, mark) == 0
    page.check()
    told = report(page, downloads, "products-trial.csv")
    assert [one["line"] for one in told] == ["2", "3", "5", "6"] and [one["status"] for one in told] == ["201", "409", "400", "400"]
    page.button("Import")
    page.sees("1 stored, 3 refused.")
    assert count(client, mark) == 1
    [stored] = client.get(f"/v1/products?filter=name.StartsWith(%22{mark}%22)").json()["products"]
    told = report(page, downloads, "products-import.csv")
    assert told[0]["id"] == str(stored["id"]) and told[1]["message"]


def test_more_rows_than_one_request_takes(page, client):
    mark = unique("many")
    paste(page, "name,description\n" + "".join(f"{mark} {number},=1+1\n" for number in range(250)))
    page.sees("250 rows")
    page.button("Import")
    page.sees("250 stored, 0 refused.")
    page.sees("Imported: 250 of 250")
    assert count(client, mark) == 250
    assert client.get(f"/v1/products?filter=name.StartsWith(%22{mark}%22)&take=1").json()["products"][0]["description"] == "=1+1"


def test_json_lines_and_parts_of_rows(page, client):
    key = unique("json")
    paste(page, f'{{"userKey": "{key}", "revoked": true, "maxAllowedSites": 3, "product": {{"name": "P"}}, "features": [{{"id": "a", "name": "A"}}]}}\n\n', "Licenses")
    page.sees("1 row")
    page.button("Import")
    page.sees("1 stored, 0 refused.")
    [row] = client.get(f"/v1/licenses?filter=userKey=%22{key}%22&include=features").json()["licenses"]
    assert (row["revoked"], row["maxAllowedSites"], row["features"][0]["id"]) == (True, 3, "a")


@pytest.mark.parametrize("text, said", [
    ('name\n"open', "Line 2: a quotation mark is opened here"), ('{"name": 1}\n{', "Line 2: this is no JSON"), ("[1]", "Line 1: this is no object"),
    ("[", "Line 1: this is no JSON"), ("name\na,b", "Line 2: there are more cells")])
def test_texts_that_cannot_be_read(page, text, said):
    paste(page, text)
    page.sees(said)
    assert not page.first("button.primary").is_enabled()


def test_two_columns_for_one_member(page):
    paste(page, "name,title\na,b\n")
    page.fill("title", "Name")
    page.sees("Two columns cannot both become Name.")
    assert not page.first("button.primary").is_enabled()


def test_an_address_says_what_the_rows_are(page):
    page.open("#/").open("#/import?to=customers")
    assert page.field("What the rows are").get_attribute("value") == "customers"


def test_a_file(page, client, tmp_path):
    mark = unique("file")
    file = tmp_path / "rows.csv"
    file.write_bytes(b"\xef\xbb\xbfName\r\n" + mark.encode() + b"\r\n")
    page.field("File").send_keys(str(file))
    page.fill("What the rows are", "Products")
    page.sees("1 row")
    page.button("Import")
    page.sees("1 stored, 0 refused.")
    assert count(client, mark) == 1


def test_by_keyboard_alone(page, client):
    mark = unique("keys")
    page.fill("What the rows are", "Products")
    page.field("Or paste the rows here").click()
    page.press(f"name{Keys.ENTER}{mark}")
    page.sees("1 row")
    page.press(Keys.TAB, Keys.TAB)
    assert page.driver.switch_to.active_element.text == "Try without storing"
    page.press(Keys.ENTER)
    page.sees("1 would be stored, 0 refused.")
    page.press(Keys.TAB, Keys.ENTER)
    page.sees("1 stored, 0 refused.")
    assert count(client, mark) == 1


@pytest.mark.parametrize("width, scheme", [(360, "light"), (360, "dark"), (1280, "dark")])
def test_narrow_and_dark(page, width, scheme):
    page.look(width, scheme)
    paste(page, "name,a column with a rather long name that no member has\nx,y\n,z\n")
    page.button("Try without storing")
    page.sees("1 would be stored, 1 refused.")
    page.check()


def test_who_may_add_nothing_has_no_import(running, tmp_path_factory):
    driver = start_browser(tmp_path_factory.mktemp("other"))
    make_user(running, "reader", "HostingManager")
    try:
        page = Page(driver, running).sign_in("reader", PASSWORD)
        assert not [one for one in page.all("nav a") if one.text == "Import"]
    finally:
        driver.quit()
