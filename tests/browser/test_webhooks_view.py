"""Webhooks in the console: events are chosen, secrets shown once, deliveries looked at and made again."""

import json

import pytest

from harness.webhook_receiver import Receiver
from pages import choose_scheme, fresh_page, make_row, needs_console, resize

needs_console()

OPTIONS = {"webhook_http": "yes", "webhook_allow_private": "yes", "webhook_deliverers": "1", "webhook_timeout": "2s",
           "webhook_responses": "all"}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    made = Receiver(tmp_path_factory.mktemp("receiver"), tls=False)
    yield made
    made.close()


@pytest.fixture
def page(keeper):
    return fresh_page(keeper)


@pytest.fixture
def hook(client, receiver):
    """A webhook that wants to know of customers; no other one is left of an earlier test."""
    for one in client.get("/v1/webhooks").json()["webhooks"]:
        assert client.delete(f"/v1/webhooks/{one['id']}").status == 200
    receiver.deliveries.clear()
    return make_row(client, "/v1/webhooks", "webhook", url=receiver.url, events=["customer.*"], description="The shop")["webhookId"]


def stored(client, number):
    return client.get(f"/v1/webhooks/{number}").json()


def deliveries(client, number):
    return client.get(f"/v1/webhooks/{number}/deliveries").json()["deliveries"]


def test_made_with_chosen_events(page, client, receiver):
    page.open("#/webhooks/new")
    page.heading("New: webhook")
    page.button("Create")
    page.sees("This is required.")
    page.fill("URL", receiver.url)
    page.click("details summary", "License")
    page.click("details[open] label", "activated")
    page.click("details[open] label", "revoked")
    page.click("details summary", "Customer")
    page.check()
    page.button("Create")
    secret = page.find(".secret code").text
    assert secret.startswith("whsec_")
    page.sees("It is shown this once.")
    page.check()
    page.button("Done")
    page.find("[role=tab]", "Deliveries")
    made = client.get("/v1/webhooks").json()["webhooks"][-1]
    assert sorted(made["events"]) == ["license.activated", "license.revoked"] and made["url"] == receiver.url
    assert secret not in page.text()


def test_all_of_a_kind(page, client, hook):
    """A kind covers its events, all cover the kinds, and what was chosen before is no more."""
    page.open(f"#/webhooks/{hook}/edit")
    page.heading("Change The shop")
    boxes = page.all("details[open] input")
    assert boxes and boxes[0].is_selected() and all(not one.is_enabled() and one.is_selected() for one in boxes[1:])
    page.click("label", "All events")
    page.button("Save")
    page.wait(lambda: stored(client, hook)["events"] == ["*"], "not stored")


def test_what_the_server_refuses_stands_at_its_member(page, client, hook):
    page.open(f"#/webhooks/{hook}/edit")
    page.fill("URL", "no address")
    page.button("Save")
    page.wait(lambda: page.field("URL").get_attribute("aria-invalid") == "true", "the fault is not at the member")
    page.button("Cancel")
    page.driver.switch_to.alert.accept()
    assert stored(client, hook)["url"] != "no address"


def test_tested_and_delivered(page, client, hook, receiver):
    page.open(f"#/webhooks/{hook}?tab=deliveries")
    page.sees("There is nothing yet.")
    page.button("Send a test")
    page.button("Send a test")
    receiver.wait_for("webhook.test")
    page.wait(lambda: deliveries(client, hook)[0]["status"] == "delivered", "not delivered")
    page.button("Refresh")
    page.find(".badge", "delivered")
    page.sees("204")
    page.check()
    page.click("td a", "")
    page.heading("webhook.test")
    page.check()


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (360, "dark")])
def test_what_was_sent_and_answered(page, client, hook, receiver, width, scheme):
    """The payload, laid out to be read and copied as it was posted, and what the receiver said."""
    def answer(handler):
        handler.send_response(503)
        handler.send_header("Content-Length", "9")
        handler.end_headers()
        handler.wfile.write(b"Too busy.")

    receiver.answers.put(answer)
    make_row(client, "/v1/customers", "customer", company="Ada & Co")
    sent = receiver.wait_for("customer.created")[0]
    page.wait(lambda: deliveries(client, hook)[0]["responseStatus"] == 503, "no answer")
    resize(page.driver, width)
    choose_scheme(page.driver, scheme)
    page.open(f"#/webhooks/{hook}/deliveries/{sent.id}")
    page.heading("customer.created")
    shown = page.find("pre.value", '"company": "Ada & Co"').text
    assert json.loads(shown) == sent.event and len(shown.splitlines()) > 10
    page.sees("Too busy.")
    page.sees("The receiver answered with status 503.")
    page.find("dd button[aria-label^=Copy]")
    page.check()


def test_delivered_again(page, client, hook, receiver):
    """One, and several at once."""
    for number in range(3):
        make_row(client, "/v1/customers", "customer", company=f"Customer {number}")
    receiver.wait_for("customer.created", 3)
    page.wait(lambda: all(one["status"] == "delivered" for one in deliveries(client, hook)), "not delivered")
    page.open(f"#/webhooks/{hook}?tab=deliveries")
    page.wait(lambda: len(page.rows()) == 3, "no deliveries")
    page.click("tbody tr:first-child td.acts button")
    page.button("Deliver again")
    page.button("Deliver again")
    receiver.wait_for("customer.created", 4)
    page.gone("dialog[open]")
    page.wait(lambda: all(one["status"] == "delivered" for one in deliveries(client, hook)), "not delivered")
    page.button("Refresh")
    page.wait(lambda: len(page.all("td .badge.good")) == 3, "states are not shown")
    page.click("th.choose input")
    page.button("Deliver again")
    page.button("Deliver again")
    receiver.wait_for("customer.created", 7)


def test_what_failed_is_told(page, client, hook, receiver):
    receiver.answers.put(410)
    make_row(client, "/v1/customers", "customer", company="Lost")
    page.wait(lambda: stored(client, hook)["lastError"], "no failure")
    page.open(f"#/webhooks/{hook}?tab=deliveries")
    page.sees("410")
    page.check()
    page.open(f"#/webhooks/{hook}")
    if not stored(client, hook)["enabled"]:
        page.sees("The server has disabled this webhook:")


def test_disabled_and_enabled(page, client, hook):
    page.open(f"#/webhooks/{hook}")
    page.button("Actions for The shop")
    page.button("Disable")
    page.sees("This webhook is disabled: nothing is delivered.")
    assert stored(client, hook)["enabled"] is False
    page.check()
    page.button("Actions for The shop")
    page.button("Enable")
    page.wait(lambda: stored(client, hook)["enabled"], "not enabled")
    page.gone(".notice.warn")


def test_rotated(page, client, hook, receiver):
    page.open(f"#/webhooks/{hook}")
    page.button("Rotate")
    page.fill("Grace seconds", "-1")
    page.button("Rotate")
    page.sees("At least 0.")
    page.fill("Grace seconds", "600")
    page.check()
    page.button("Rotate")
    secret = page.find(".secret code").text
    assert secret.startswith("whsec_")
    page.check()
    page.button("Close")
    assert stored(client, hook)["formerSecretUntil"]
    make_row(client, "/v1/customers", "customer", company="Signed")
    assert receiver.wait_for("customer.created")[0].is_signed_by(secret)
    assert secret not in page.text()


@pytest.mark.parametrize("width, scheme", [(360, "light"), (1280, "dark")])
def test_everywhere(page, hook, width, scheme):
    resize(page.driver, width)
    choose_scheme(page.driver, scheme)
    for address in (f"webhooks/{hook}", f"webhooks/{hook}/edit", f"webhooks/{hook}?tab=deliveries", "webhooks", "webhooks/new"):
        page.open(f"#/{address}")
        page.find("h1")
        page.gone(".loading")
        page.check()
