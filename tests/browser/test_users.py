"""Users, roles and what they are let in with, in the console."""

import urllib.parse

import pytest

from pages import PASSWORD, By, Keys, make_user, needs_console

needs_console()

OPTIONS = {"oauth_registration": "token"}


@pytest.fixture
def page(keeper):
    return keeper.look(1280, "light").open("#/")


def user(client, name):
    condition = urllib.parse.urlencode({"filter": f'userName = "{name}"'})
    return client.get(f"/v1/users?{condition}").json()["users"][0]


def signs_in(running, name, password):
    return running.client().call("POST", "/v1/session", {"username": name, "password": password}, check=False).status == 200


def open_session(running, name):
    """An OAuth session of a user."""
    form = urllib.parse.urlencode({"grant_type": "password", "username": name, "password": PASSWORD})
    answer = running.client().call("POST", "/oauth2/token", form, content_type="application/x-www-form-urlencoded")
    assert "access_token" in answer.json(), answer


def confirm(page, text):
    page.find("dialog[open]")
    page.button(text)


def box(page, name):
    """The box of a role, in the form or the tab."""
    return page.wait(lambda: next((label.find_element(By.TAG_NAME, "input") for label in page.all(".boxes label")
                                   if label.text.startswith(name)), None), f"no box {name}")


def test_new_user_with_roles(running, client, page):
    page.open("#/users").button("New")
    page.fill("User name", "sales.one")
    page.fill("Password", "short")
    assert page.field("Password").get_attribute("type") == "password"
    box(page, "Sales").click()
    page.check()
    page.button("Create")
    page.find("p.fault", "12")
    page.button("Make one: Password")
    made = page.field("Password").get_attribute("value")
    assert page.field("Password").get_attribute("type") == "text" and len(made) > 20
    page.button("Create")
    page.heading("sales.one")
    assert user(client, "sales.one")["roles"] == ["Sales"] and user(client, "sales.one")["enabled"]
    assert signs_in(running, "sales.one", made)


def test_roles_of_a_user(running, client, page):
    make_user(running, "two.roles", "Sales")
    page.open(f"#/users/{user(client, 'two.roles')['id']}?tab=roles")
    matrix = page.find("table.matrix")
    assert "Customers" in matrix.text and "Credentials" not in matrix.text
    box(page, "Sales").click()
    box(page, "LicenseManager").click()
    page.button("Save")
    page.sees("The roles of two.roles are changed.")
    page.wait(lambda: user(client, "two.roles")["roles"] == ["LicenseManager"], "the roles")
    assert "Signing keys" in page.find("table.matrix").text
    page.check()
    page.look(360, "dark").check()


def test_the_last_administrator_stays(running, client, page):
    keeper = user(client, "keeper")["id"]
    page.open(f"#/users/{running.admin_id}").button("Disable")
    page.sees("all API keys and OAuth sessions of the user are refused at once")
    page.button("Cancel")
    # The only administrator besides the keeper goes; the keeper must stay.
    running.cli("user", "disable", "admin")
    try:
        page.open(f"#/users/{keeper}?tab=roles")
        box(page, "Administrator").click()
        page.button("Save")
        page.find(".notice.bad", "This is the last enabled administrator; create another one first.")
        page.check()
        page.open(f"#/users/{keeper}").button("Disable")
        confirm(page, "Disable")
        page.find("dialog .notice.bad", "last enabled administrator")
        page.button("Cancel")
    finally:
        running.cli("user", "enable", "admin")
    assert user(client, "keeper")["roles"] == ["Administrator"]


def test_disabled_with_a_warning_and_enabled_again(running, client, page):
    make_user(running, "leaver", "Sales")
    page.open("#/users").click("tbody a.title", "leaver")
    page.button("Disable")
    page.find("dialog", "cannot sign in")
    page.check()
    page.button("Disable")
    page.gone("dialog[open]")
    assert not signs_in(running, "leaver", PASSWORD)
    page.button("Undo")
    page.wait(lambda: user(client, "leaver")["enabled"], "the user is enabled again")
    assert signs_in(running, "leaver", PASSWORD)


def test_password_is_set(running, client, page):
    make_user(running, "forgetful", "Sales")
    page.open(f"#/users/{user(client, 'forgetful')['id']}").button("Set a password")
    assert not page.driver.find_elements(By.CSS_SELECTOR, "dialog input:not([type=password])")
    page.fill("New password", "too short")
    page.press(Keys.ENTER)
    page.find("dialog p.fault")
    page.fill("New password", "three-green-herons-fly")
    page.press(Keys.ENTER)
    page.gone("dialog[open]")
    assert signs_in(running, "forgetful", "three-green-herons-fly")


def test_sessions_of_a_user_are_ended(running, client, page):
    make_user(running, "mobile", "Sales")
    for _ in range(2):
        open_session(running, "mobile")
    page.open(f"#/users/{user(client, 'mobile')['id']}?tab=sessions")
    page.wait(lambda: len(page.rows()) == 2, "two sessions")
    page.check()
    page.button("End all")
    confirm(page, "End all")
    page.sees("2 sessions have ended.")
    page.wait(lambda: not [one for one in client.get("/api/v1/admin/sessions?count=1000").json()["ResponseData"]["Detail"] if one["UserName"] == "mobile"], "no session")


def test_several_sessions_are_ended_in_the_list(running, client, page):
    make_user(running, "many", "Sales")
    for _ in range(3):
        open_session(running, "many")
    page.open("#/sessions")
    page.wait(lambda: sum("many" in row for row in page.rows()) == 3, "three sessions")
    for row in page.all("tbody tr"):
        if "many" in row.text:
            row.find_element(By.CSS_SELECTOR, "td.choose input").click()
    page.check()
    page.button("End")
    confirm(page, "End")
    page.wait(lambda: not any("many" in row for row in page.rows()), "none is left")


def test_keys_of_a_user(running, client, page):
    running.create_key("keeper", name="for the reports")
    page.open(f"#/users/{user(client, 'keeper')['id']}?tab=api-keys")
    page.wait(lambda: [row for row in page.rows() if "for the reports" in row], "the key")
    assert not [row for row in page.rows() if "key of admin" in row]


def test_who_has_a_role(running, client, page):
    make_user(running, "seller", "Sales")
    page.open("#/roles").click("tbody a.title", "Sales")
    page.button("What it may do")
    assert "Customers" in page.find("table.matrix").text
    page.check()
    page.button("Users")
    page.wait(lambda: any("seller" in row for row in page.rows()) and not any("keeper" in row for row in page.rows()), "users of the role")
    page.look(360, "dark").check()


def test_registration_token_is_shown_once(running, client, page):
    page.open("#/registration-tokens").button("New")
    page.fill("Name", "Partners")
    page.pick("User", "keeper")
    page.fill("Uses left", "3")
    page.check()
    page.button("Create")
    token = page.find(".secret code").text
    assert len(token) > 20
    page.check()
    page.button("Done")
    page.heading("Partners")
    assert token not in page.text()
    registered = running.client().call("POST", "/oauth2/register", {"client_name": "A partner", "grant_types": ["client_credentials"]},
                                       headers={"Authorization": f"Bearer {token}"}, check=False)
    assert registered.status == 201, registered
    page.open("#/registrations")
    page.wait(lambda: len(page.rows()) == 1, "the registration")
    page.look(360, "dark").check()
    page.look(1280, "light").open("#/registration-tokens").click("tbody a.title", "Partners")
    page.button("Actions for Partners")
    page.button("Revoke")
    confirm(page, "Revoke")
    page.gone("dialog[open]")
    page.open("#/registration-tokens")
    page.wait(lambda: not page.rows(), "no token")
