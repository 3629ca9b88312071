"""Hosting accounts in the console: what they may use, their limits, passwords and keys, and their domains."""

import pytest

from pages import PASSWORD, Keys, needs_console

needs_console()

ROLES = ["HostingManager"]

LIMIT = "Domains at most"


@pytest.fixture
def page(keeper):
    return keeper.look(1280, "light").open("#/")


@pytest.fixture(scope="module")
def account(running):
    client = running.client(running.admin_key)
    made = client.post("/hosting/api/client", {"username": "gallery", "password": PASSWORD, "emailAddress": "office@gallery.example", "active": True,
                                               "domainMaxCount": -1})
    assert made.status == 201, made
    return made.json()["id"]


def read(running, account):
    return running.client(running.admin_key).get(f"/hosting/api/client/{account}").json()


def test_opened_with_its_key_shown_once(running, page):
    page.open("#/hosting").button("New")
    page.fill("Username", "bakery")
    page.button("Create")
    page.find("p.fault", "This is required.")
    page.fill("E-mail address", "office@bakery.example")
    page.button("Make one: Password")
    page.fill(LIMIT, "3")
    page.check()
    page.button("Create")
    key = page.find(".secret code").text
    page.button("Done")
    page.heading("bakery")
    assert key not in page.text()
    made = running.client(running.admin_key).get("/hosting/api/client/by-username/bakery").json()
    assert made["domainMaxCount"] == 3 and all(made["features"].values())
    assert running.client(running.admin_key).get(f"/hosting/api/client/by-apiKey/{key}").json()["username"] == "bakery"


def test_limits_and_features(running, account, page):
    page.open(f"#/hosting/{account}")
    page.find("dl.members div", f"{LIMIT}\nunlimited")
    page.button("Edit")
    assert not page.field(LIMIT).is_enabled()
    page.click("label.inline", "unlimited")
    page.fill(LIMIT, "7")
    page.field("Own logo").click()
    page.check()
    page.look(360, "dark").check()
    page.look(1280, "light").button("Save")
    page.heading("gallery")
    page.wait(lambda: read(running, account)["domainMaxCount"] == 7, "the limit")
    assert [name for name, value in read(running, account)["features"].items() if not value] == ["canUseOwnLogo"]


def test_new_key_and_password(running, account, page):
    page.open(f"#/hosting/{account}").button("New API key")
    page.find("dialog[open]", "refused from now on")
    page.button("New API key")
    key = page.find("dialog .secret code").text
    page.check()
    page.press(Keys.ESCAPE)
    page.gone("dialog[open]")
    assert running.client(running.admin_key).get(f"/hosting/api/client/by-apiKey/{key}").json()["id"] == account
    page.button("Set a password")
    page.find("dialog[open]")
    page.button("Make one: Password")
    page.press(Keys.TAB)
    page.button("Set a password")
    page.gone("dialog[open]")


def test_domains_by_groups(running, account, page):
    page.open(f"#/hosting/{account}").button("Domains")
    page.button("New")
    page.find("legend", "Consent")
    legends = [one.text for one in page.all("fieldset.nested > legend")]
    assert len(legends) > 5 and "Tcf" in legends or "TCF" in legends, legends
    page.fill("Name", "www.gallery.example")
    page.check()
    page.look(360, "dark").check()
    page.look(1280, "light").field("Name").send_keys(Keys.ENTER)
    page.heading("www.gallery.example")
    page.button("Edit")
    page.fill("Country", "nowhere")
    page.button("Save")
    page.find("p.fault")
    page.fill("Country", "DE")
    page.button("Save")
    page.heading("www.gallery.example")
    domains = running.client(running.admin_key).get(f"/hosting/api/client/{account}/domain").json()
    assert [(one["name"], one["country"]) for one in domains] == [("www.gallery.example", "DE")]


def test_found_by_name(account, page):
    page.open("#/hosting").fill("Search", "gall")
    page.wait(lambda: len(page.rows()) == 1 and "gallery" in page.rows()[0], "the account alone")
    page.fill("Search", "nobody of that name")
    page.sees("Nothing fits.")
    page.check()
