"""Two who change one row: nobody overwrites what the other has done without seeing it."""

import pytest

from harness.families import unique
from pages import By, Keys, make_row, needs_console

needs_console()


@pytest.fixture
def page(keeper):
    return keeper.look(1280, "light").open("#/")


class Race:
    """A product in a form, which somebody else changes meanwhile."""

    def __init__(self, page, client, mine, theirs):
        self.page, self.client = page, client
        self.id = make_row(client, "/v1/products", "product", name=unique("race"), code=unique("c"), description="old")["productId"]
        page.open(f"#/products/{self.id}/edit").find("form.form")
        for name, value in mine.items():
            page.fill(name, value)
        self.change(**theirs)
        page.button("Save")

    def change(self, **members):
        if members:
            assert self.client.put("/v1/products", {"product": {"id": self.id, **members}}).status == 200

    def stored(self):
        return self.client.get(f"/v1/products/{self.id}").json()["product"]

    def choose(self, member, side):
        field = next(one for one in self.page.all("fieldset") if one.find_element(By.TAG_NAME, "legend").text == member)
        next(one for one in field.find_elements(By.TAG_NAME, "label") if one.text == side).click()


def test_both_have_changed_one_member(page, client):
    race = Race(page, client, {"Name": "mine", "Description": "of mine"}, {"name": "theirs", "code": "code-" + unique("x")})
    page.sees("Somebody has changed this meanwhile.")
    assert race.stored()["name"] == "theirs"
    page.sees("1 member is still to be chosen.")
    page.find("button:disabled", "Save")
    page.check()
    code = race.stored()["code"]
    race.choose("Name", "Mine")
    page.button("Save")
    page.heading("mine")
    row = race.stored()
    assert (row["name"], row["description"], row["code"]) == ("mine", "of mine", code)


def test_theirs(page, client):
    race = Race(page, client, {"Name": "mine"}, {"name": "theirs"})
    page.sees("Somebody has changed this meanwhile.")
    race.choose("Name", "Theirs")
    page.button("Save")
    page.heading("theirs")
    assert race.stored()["name"] == "theirs"


def test_changed_once_more(page, client):
    race = Race(page, client, {"Description": "mine"}, {"code": unique("code")})
    page.sees("Somebody has changed this meanwhile.")
    race.change(description="third")
    page.button("Save")
    page.sees("third")
    race.choose("Description", "Mine")
    page.button("Save")
    page.gone("fieldset input[type=radio]")
    assert race.stored()["description"] == "mine"


def test_discarded(page, client):
    race = Race(page, client, {"Name": "mine"}, {"name": "theirs"})
    page.sees("Somebody has changed this meanwhile.")
    page.button("Discard mine")
    page.heading("theirs")
    assert race.stored()["name"] == "theirs"


def test_without_a_conflict(page, client):
    race = Race(page, client, {"Name": "mine alone"}, {})
    page.heading("mine alone")
    assert race.stored()["name"] == "mine alone"


def test_by_keyboard_alone(page, client):
    race = Race(page, client, {"Name": "mine"}, {"name": "theirs"})
    page.sees("Somebody has changed this meanwhile.")
    page.all("input[type=radio]")[0].send_keys(Keys.SPACE)
    page.press(Keys.ARROW_RIGHT)
    page.press(Keys.ARROW_LEFT)
    page.press(Keys.ENTER)
    page.heading("mine")
    assert race.stored()["name"] == "mine"


@pytest.mark.parametrize("width, scheme", [(360, "light"), (360, "dark"), (1280, "dark")])
def test_narrow_and_dark(page, client, width, scheme):
    Race(page, client, {"Name": "m" * 80}, {"name": "t" * 80})
    page.sees("Somebody has changed this meanwhile.")
    page.look(width, scheme)
    page.check()
    page.look(1280, "light").button("Discard mine")
