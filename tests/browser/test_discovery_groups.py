"""Groups of installed applications, and delegate groups with their persons, in the console."""

import time

import pytest

from pages import Keys, needs_console

needs_console()

PERSONS = "clientId,clientCode,firstName,lastName\n9001,C-9001,Maria,Weber\n9002,C-9002,Hugo,Winter\n"


@pytest.fixture(scope="module", autouse=True)
def persons(running, tmp_path_factory):
    path = tmp_path_factory.mktemp("persons") / "persons.csv"
    path.write_text(PERSONS, encoding="utf-8")
    running.cli("person", "import", path)


@pytest.fixture
def page(keeper):
    return keeper.look(1280, "light").open("#/")


def hello(running, group, code):
    answer = running.client().post("/api/ClientHello", {"clientGroupId": group, "clientCode": code, "appName": "Till", "appVersion": "4.2"})
    assert answer.status == 200, answer


def row(page, text):
    return page.wait(lambda: next((one for one in page.rows() if text in one), None), f"no row {text}")


def test_groups_and_who_is_alive(running, page):
    page.open("#/discovery").button("New")
    page.fill("Name", "Branch North")
    page.button("Create")
    page.heading("Branch North")
    group = running.client(running.admin_key).get("/v1/discovery-groups").json()["groups"][0]["id"]
    for code in ("till-1", "till-2", "till-3"):
        hello(running, group, code)
    running.sql("UPDATE discovery_client SET updated_at = UTC_TIMESTAMP(6) - INTERVAL 20 MINUTE WHERE client_code = 'till-2'")
    running.sql("UPDATE discovery_client SET updated_at = UTC_TIMESTAMP(6) - INTERVAL 2 DAY WHERE client_code = 'till-3'")
    page.open(f"#/discovery/{group}?tab=clients")
    for code, state in (("till-1", "up"), ("till-2", "late"), ("till-3", "silent")):
        assert f"\n{state}\n" in row(page, code) or f" {state} " in row(page, code), row(page, code)
    page.check()
    page.look(360, "dark").check()
    # Without a hand at the page, the list follows what happens.
    begin = time.monotonic()
    hello(running, group, "till-4")
    row(page, "till-4")
    assert time.monotonic() - begin < 30
    page.look(1280, "light").open("#/discovery")
    assert "up" in row(page, "Branch North") and "4" in row(page, "Branch North")
    page.check()


def test_applications_are_removed(running, page):
    """One, and several at once."""
    admin = running.client(running.admin_key)
    group = admin.post("/v1/discovery-groups", {"group": {"name": "Branch South"}}).json()["groupId"]
    for code in ("desk-1", "desk-2", "desk-3"):
        hello(running, group, code)

    def left():
        return [one["clientCode"] for one in admin.get(f"/v1/discovery-groups/{group}/clients").json()["clients"]]

    page.open(f"#/discovery/{group}?tab=clients")
    row(page, "desk-3")
    page.click("tbody tr:first-child td.acts button")
    page.button("Delete")
    page.sees("It is back with its next hello.")
    page.check()
    page.click("dialog button.danger")
    page.wait(lambda: left() == ["desk-2", "desk-3"], "not removed")
    page.wait(lambda: len(page.rows()) == 2, "it is still shown")
    page.click("th.choose input")
    page.button("Delete")
    page.click("dialog button.danger")
    page.wait(lambda: left() == [], "not removed")


def test_persons_of_a_delegate_group(running, page):
    page.open("#/delegates").button("New")
    page.fill("Name", "Northgate")
    page.fill("Kind", "Facility")
    page.check()
    page.button("Create")
    page.heading("Northgate")
    page.button("Members")
    page.button("New")
    page.pick("Person", "Weber")
    page.fill("Expiry date", "2031-01-01T12:00:00")
    page.check()
    page.look(360, "dark").check()
    page.look(1280, "light").button("Create")
    page.gone("form.form")
    page.open("#/delegates").click("tbody a.title", "Northgate")
    page.button("Members")
    assert "2031" in row(page, "Weber")
    page.fill("Search", "nobody")
    page.sees("Nothing fits.")
    page.fill("Search", "web")
    row(page, "Weber")
    page.button("Actions for Maria Weber")
    page.button("End")
    page.find("dialog[open]", "may not act for the person any more")
    page.button("End")
    page.gone("dialog[open]")
    page.wait(lambda: not page.rows(), "the person is gone")
    group = running.client(running.admin_key).get("/api/delegategroups").json()[0]
    assert group["name"] == "Northgate" and group["groupType"] == 1 and group["numClients"] == 0


def test_persons_by_keyboard(page):
    page.open("#/persons")
    row(page, "Winter")
    page.find("tbody a.title").send_keys(Keys.ENTER)
    page.find("h1", "We")
    page.check()
