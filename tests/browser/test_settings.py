"""Settings of the server in the console: what each is for, saved together, refused at their places."""

import pytest

from pages import Keys, needs_console

needs_console()

OPTIONS = {"mail_server": "mail.invalid", "mail_from": "licenses@vendor.example"}


@pytest.fixture
def settings(keeper):
    keeper.look(1280, "light").open("#/").open("#/settings").find("form.form")
    return keeper


def stored(running, name):
    return running.client(running.admin_key).get(f"/v1/settings?request={name}").json()["settings"][0]["value"]


def saved(settings):
    """Nothing is left to be saved."""
    settings.find("button:disabled", "Cancel")


def test_saved_together(running, settings):
    assert settings.field("Recipients at most").get_attribute("type") == "number"
    assert "Maximum number of recipients of one mail." in settings.text()
    settings.fill("Sender's name", "Vendor – Sales")
    settings.fill("Recipients at most", "70")
    settings.field("Attach the license").click()
    settings.button("Save")
    settings.sees("The settings are saved.")
    assert [stored(running, f"mail.{name}") for name in ("senderName", "mostRecipients", "attachLicense")] == ["Vendor – Sales", 70, False]
    # Each goes back to what it is without a word.
    for name in ("Sender's name", "Recipients at most", "Attach the license"):
        settings.button(f"Back to the standard: {name}")
    settings.button("Save")
    saved(settings)
    assert [stored(running, f"mail.{name}") for name in ("senderName", "mostRecipients", "attachLicense")] == ["", 50, True]


def test_refused_at_their_places(running, settings):
    settings.fill("Answers to", "nobody")
    settings.fill("Recipients at most", "501")
    settings.button("Save")
    settings.find("p.fault", "from 1 to 500")
    for name, words in (("Answers to", "e-mail address"), ("Recipients at most", "from 1 to 500")):
        field = settings.field(name)
        assert field.get_attribute("aria-invalid") == "true"
        described = settings.driver.find_element("id", field.get_attribute("aria-describedby").split()[-1])
        assert words in described.text
    assert settings.driver.switch_to.active_element.get_attribute("aria-invalid") == "true"
    settings.check()
    assert stored(running, "mail.replyTo") == ""
    settings.button("Cancel")
    assert settings.field("Recipients at most").get_attribute("value") == "50"


def test_those_of_the_file_are_told_and_not_asked_for(settings):
    part = settings.find("section[aria-label='From the configuration file']")
    assert "mail.invalid" in part.text and "option mail_server" in part.text
    assert not part.find_elements("css selector", "input, select, textarea")


def test_by_keyboard(running, settings):
    settings.field("Sender's name").send_keys(Keys.CONTROL, "a")
    settings.press("By keys", Keys.ENTER)
    saved(settings)
    assert stored(running, "mail.senderName") == "By keys"


def test_mail_is_tried(running, settings):
    settings.button("Send a test mail")
    settings.fill("E-mail address", "keeper@vendor.example")
    settings.check()
    settings.press(Keys.ENTER)
    settings.sees("The mail is in the queue.")
    assert running.sql("SELECT COUNT(*) FROM queue_item WHERE kind = 'mail'") == [["1"]]


@pytest.mark.parametrize("width, scheme", [(360, "light"), (360, "dark"), (1280, "dark")])
def test_looks(settings, width, scheme):
    settings.look(width, scheme).check()
