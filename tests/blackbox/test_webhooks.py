"""Webhooks: who is told of which changes, and what is delivered to a real receiver over TLS."""

import base64
import json
import os
import re
import signal
import threading
import time
import uuid

import pytest

from harness.families import LICENSING, Api, new_api_client, unique
from harness.installation import TOP, Installation, wait_until
from harness.licensing import World, operations
from harness.webhook_receiver import Receiver

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    made = Receiver(tmp_path_factory.mktemp("receiver"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(receiver):
    with Installation(webhook_ca_file=receiver.certificate, webhook_allow_private="yes", webhook_deliverers="2",
                      webhook_timeout="2s", webhook_responses="all", oauth_registration="token") as made:
        yield made


@pytest.fixture
def client(running):
    return running.client(running.admin_key)


@pytest.fixture
def hooks(client, receiver):
    """Makes webhooks of this test, which are gone after it; what came before is forgotten."""
    made = []

    def make(*events, key=None, **members):
        answer = add(client if key is None else client.installation.client(key), receiver.url, *events, **members)
        assert answer.status == 200, answer
        made.append(answer.json())
        return answer.json()

    receiver.deliveries = []
    yield make
    for hook in made:
        assert client.delete(f"/v1/webhooks/{hook['webhookId']}").status in (200, 404)


def add(client, url, *events, **members):
    return client.post("/v1/webhooks", {"webhook": {"url": url, "events": list(events), **members}})


def one(client, hook):
    answer = client.get(f"/v1/webhooks/{hook['webhookId']}")
    assert answer.status == 200, answer
    return answer.json()


def deliveries(client, hook, **parameters):
    parameters.setdefault("take", 1000)
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    answer = client.get(f"/v1/webhooks/{hook['webhookId']}/deliveries?{query}")
    assert answer.status == 200, answer
    return answer.json()["deliveries"]


def settled(client, hook, count=1):
    def all_ended():
        found = deliveries(client, hook)
        return found if len(found) == count and all(row["status"] != "waiting" for row in found) else None

    return wait_until(all_ended, "end of the deliveries")


def new_customer(client):
    answer = client.post("/v1/customers", {"customer": {"company": unique("company")}})
    assert answer.status == 200, answer
    return answer.json()["customerId"]


def key_of(running, *roles, permissions=15):
    """A key of a new user with these roles."""
    client = running.client(running.admin_key)
    user = client.post("/v1/users", {"user": {"userName": unique("user"), "email": f"{unique('u')}@example.com"}})
    assert user.status == 200, user
    user = user.json()["userId"]
    if roles:
        answer = client.post(f"/v1/users/{user}/roles", {"roles": ",".join(roles)})
        assert answer.status == 200, answer
    key = client.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": user, "permissions": permissions}})
    assert key.status == 200, key
    return user, key.json()["apiKey"]


# --- subscriptions ---

def test_life_of_a_webhook(client, hooks, receiver):
    made = hooks("license.*", "customer.created", description="CRM")
    assert SECRET.fullmatch(made["secret"]), made
    found = one(client, made)
    assert found["url"] == receiver.url and found["events"] == ["license.*", "customer.created"]
    assert found["enabled"] is True and found["description"] == "CRM" and found["disabledReason"] is None
    assert found["secret"] == "********" and "licenses" in found["areas"] and "log" not in found["areas"]
    assert [row["id"] for row in client.get("/v1/webhooks").json()["webhooks"]].count(made["webhookId"]) == 1
    answer = client.put(f"/v1/webhooks/{made['webhookId']}", {"webhook": {"description": None, "enabled": False}})
    assert answer.status == 200, answer
    changed = one(client, made)
    assert changed["description"] is None and changed["enabled"] is False and changed["url"] == receiver.url
    assert client.delete(f"/v1/webhooks/{made['webhookId']}").status == 200
    assert client.get(f"/v1/webhooks/{made['webhookId']}").status == 404


def test_formats(running, receiver, media, hooks):
    api = Api(running.client(running.admin_key), LICENSING, media)
    made = api.post("/v1/webhooks", "InsertWebhookRequest",
                    {"webhook": {"url": receiver.url, "events": ["order.created"]}})
    assert made.status == 200, made
    number = made.value["webhookId"]
    assert SECRET.fullmatch(made.value["secret"])
    found = api.get(f"/v1/webhooks/{number}").value
    assert found["events"] == ["order.created"] and found["secret"] == "********"
    assert api.put(f"/v1/webhooks/{number}", "UpdateWebhookRequest", {"webhook": {"url": receiver.url + "2"}}).status == 200
    assert api.get("/v1/webhooks").status == 200
    assert api.post(f"/v1/webhooks/{number}/test", None, None).status == 200
    rotated = api.post(f"/v1/webhooks/{number}/rotate", None, None)
    assert SECRET.fullmatch(rotated.value["secret"]) and rotated.value["formerSecretUntil"]
    assert api.get(f"/v1/webhooks/{number}/deliveries").status == 200
    assert api.delete(f"/v1/webhooks/{number}").status == 200


@pytest.mark.parametrize("members,path,part", [
    ({"url": "ftp://example.org/"}, "webhook.url", "an address such as https://example.org/hook"),
    ({"url": "https://user:word@example.org/"}, "webhook.url", "an address such as https://example.org/hook"),
    ({"url": "https://example.org/#part"}, "webhook.url", "an address such as https://example.org/hook"),
    ({"url": "https://exa mple.org/"}, "webhook.url", "an address such as https://example.org/hook"),
    ({"url": "https:///hook"}, "webhook.url", "an address such as https://example.org/hook"),
    ({"url": "https://example.org/" + "a" * 2000}, "webhook.url", "2000"),
    ({"url": None}, "webhook.url", "required"),
    ({"url": "http://example.org/"}, "webhook.url", "webhook_http"),
    ({"events": ["licence.created"]}, "webhook.events[0]", "did you mean license.created?"),
    ({"events": ["*", "nothing.like.it"]}, "webhook.events[1]", "license.created, license.* or *"),
    ({"events": ["license"]}, "webhook.events[0]", "license"),
    ({"events": ["lic*"]}, "webhook.events[0]", "event"),
    ({"events": ["license.*"] * 51}, "webhook.events", "50"),
    ({"events": []}, "webhook.events", "at least one"),
    ({"events": None}, "webhook.events", "required"),
    ({"secret": "whsec_c2hvcnQ="}, "webhook.secret", "24 to 64 bytes"),
    ({"secret": "secret"}, "webhook.secret", "whsec_"),
    ({"event": ["*"]}, "webhook.event", "events"),
])
def test_faults(client, members, path, part):
    body = {"url": "https://example.org/hook", "events": ["*"], **members}
    answer = client.post("/v1/webhooks", {"webhook": body})
    assert answer.status == 400, answer
    assert any(name == path and part in text for name, texts in faults(answer) for text in texts), answer
    assert client.get("/v1/webhooks").json()["webhooks"] == []


def faults(answer):
    errors = answer.json()["errors"]
    return [(name, text if isinstance(text, list) else [text]) for name, text in errors.items()]


def test_unknown_ones(client, hooks):
    made = hooks("*")
    number = made["webhookId"]
    for method, path in [("GET", "999999999"), ("PUT", "999999999"), ("DELETE", "999999999"),
                         ("POST", "999999999/test"), ("POST", "999999999/rotate"), ("GET", "999999999/deliveries"),
                         ("POST", f"{number}/deliveries/{uuid.uuid4()}/replay"),
                         ("POST", f"999999999/deliveries/{uuid.uuid4()}/replay")]:
        body = {"webhook": {"description": "x"}} if method == "PUT" else None
        assert client.call(method, f"/v1/webhooks/{path}", body).status == 404, (method, path)
    assert client.post(f"/v1/webhooks/{number}/deliveries/x/replay").status == 400
    assert client.post("/v1/webhooks/x/test").status == 400


def test_given_secret(client, hooks, receiver):
    given = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = hooks("customer.created", secret=given)
    assert made["secret"] == given
    new_customer(client)
    assert receiver.next()[0].is_signed_by(given)
    # What was read back changes nothing; another one replaces it at once.
    number = made["webhookId"]
    assert client.put(f"/v1/webhooks/{number}", {"webhook": {"secret": "********"}}).status == 200
    new_customer(client)
    assert receiver.next()[0].is_signed_by(given)
    other = "whsec_" + "QUJD" * 12
    assert client.put(f"/v1/webhooks/{number}", {"webhook": {"secret": other}}).status == 200
    new_customer(client)
    delivery = receiver.next()[0]
    assert delivery.is_signed_by(other) and not delivery.is_signed_by(given)


# --- deliveries ---

def test_created_updated_deleted(client, hooks, receiver):
    made = hooks("customer.*")
    number = new_customer(client)
    assert client.put("/v1/customers", {"customer": {"id": number, "city": "Graz"}}).status == 200
    assert client.delete(f"/v1/customers/{number}").status == 200
    found = {one.type: one for one in receiver.next(3)}
    assert set(found) == {"customer.created", "customer.updated", "customer.deleted"}
    for delivery in found.values():
        assert delivery.is_signed_by(made["secret"])
        assert delivery.headers["Content-Type"] == "application/json"
        assert delivery.headers["User-Agent"].startswith("clientele/")
        event = delivery.event
        assert event["version"] == 1 and event["data"]["id"] == number
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", event["timestamp"])
        assert event["actor"]["kind"] == "user" and event["actor"]["userId"] and event["actor"]["keyId"] > 0
    assert len({one.id for one in found.values()}) == 3
    assert "city" in found["customer.updated"].event["changed"]
    assert "company" not in found["customer.updated"].event["changed"]
    assert found["customer.updated"].event["data"]["city"] == "Graz"
    assert "changed" not in found["customer.created"].event
    rows = settled(client, made, 3)
    assert [row["status"] for row in rows] == ["delivered"] * 3
    assert all(row["attempts"] == 1 and row["responseStatus"] == 204 and row["error"] is None for row in rows)
    assert {row["id"] for row in rows} == {one.id for one in found.values()}
    found = one(client, made)
    assert found["lastSuccess"] and found["lastFailure"] is None


# --- each kind ---

# The event of each kind that harness.licensing makes by the API, and the member of its body in a change.
EVENTS = {"apiKey": "api_key", "user": "user", "assembly": "assembly", "license": "license", "token": "license_token",
          "template": "license_template", "customer": "customer", "contact": "contact", "product": "product",
          "release": "release", "releaseAssembly": "release_assembly", "order": "order", "resource": "resource"}


@pytest.mark.parametrize("kind", EVENTS)
def test_each_kind_of_licensing(running, hooks, receiver, kind):
    world = World(running)
    made = hooks(f"{EVENTS[kind]}.*")
    number = world.make(kind)
    created = receiver.wait_for(f"{EVENTS[kind]}.created")[0]
    assert created.is_signed_by(made["secret"])
    assert str(created.event["data"]["id"]) == str(number)
    operation = next(one for one in operations() if one.method == "DELETE" and one.captures
                     and one.capture_kind(one.captures[-1]) == kind and not one.path.endswith(("/roles", "/settings/{settingId}")))
    path = re.sub(r"{\w+}$", str(number), operation.path)
    path = re.sub(r"{(\w+)}", lambda found: str(world.get(operation.capture_kind(found[1]))), path)
    answer = running.client(running.admin_key).delete(path)
    assert answer.status == 200, answer
    deleted = receiver.wait_for(f"{EVENTS[kind]}.deleted")[0]
    assert deleted.event["data"]["id"] == created.event["data"]["id"]


def test_each_other_family(running, client, hooks, receiver):
    hooks("hosting_account.*", "hosting_domain.*", "delegate_group.*", "api_client.*", "api_client_secret.*",
          "discovery_group.*", "discovery_client.*")
    account = client.post("/hosting/api/client", {"username": unique("acc"), "emailAddress": "a@example.org",
                                                  "password": "long enough", "domainMaxCount": 5}).json()["id"]
    path = f"/hosting/api/client/{account}"
    domain = client.post(f"{path}/domain", {"name": f"{unique('d')}.example.org"}).json()["id"]
    assert client.delete(f"{path}/domain/{domain}").status == 204
    assert client.delete(path).status == 204
    group = client.post("/api/delegategroups", {"name": unique("group")}).json()["id"]
    assert client.delete(f"/api/delegategroups/{group}").status in (200, 204)
    made = client.post("/api/v1/admin/clients", new_api_client(running.admin_id)).json()["ResponseData"]["Detail"]
    for name in ("hosting_account.created", "hosting_account.deleted", "hosting_domain.created", "hosting_domain.deleted",
                 "delegate_group.created", "delegate_group.deleted", "api_client.created"):
        receiver.wait_for(name)
    assert made["Secret"] not in "".join(one.body.decode() for one in receiver.deliveries)
    password = [one for one in receiver.deliveries if b"long enough" in one.body]
    assert password == []


def test_applications_come_and_go(running, client, hooks, receiver):
    """A hello again is no event, whatever it says."""
    group = running.create_group(unique("group"))
    hooks("discovery_client.*")
    hello = {"ClientCode": "till", "ClientGroupId": group, "AppName": "Till", "AppVersion": "1"}
    for version in ("1", "1", "2"):
        assert client.post("/api/ClientHello", {**hello, "AppVersion": version}, key="").status == 200
    other = {"ClientCode": "other", "ClientGroupsId": group, "AppName": "Till", "AppVersion": "1"}
    answer = client.post("/api/ClientAddOrUpdateOrRemoveClients", [other], key="")
    assert answer.status == 200, answer
    receiver.wait_for("discovery_client.deleted")
    receiver.wait_for("discovery_client.created", 2)
    assert [one.event["data"]["ClientCode"] for one in receiver.of_type("discovery_client.created")] == ["till", "other"]
    assert [one.event["data"]["ClientCode"] for one in receiver.of_type("discovery_client.deleted")] == ["till"]
    assert receiver.of_type("discovery_client.created")[0].event["actor"] == {"kind": "anonymous"}


def test_bulk(client, hooks, receiver):
    """Each row that is stored is an event, and none that is not."""
    hooks("customer.created")
    rows = [{"company": "one"}, {"company": "x" * 300}, {"company": "three"}]
    assert client.post("/v1/customers/bulk", rows).status == 400
    assert client.post("/v1/customers/bulk?mode=each", rows).status == 207
    found = receiver.next(2)
    assert sorted(one.event["data"]["company"] for one in found) == ["one", "three"]
    time.sleep(1.5)
    assert receiver.deliveries == []


def test_receiver_of_the_documentation(client, hooks, receiver):
    """The program that docs/api.md shows takes what is genuine, and nothing else."""
    text = (TOP / "docs/api.md").read_text(encoding="utf-8")
    shown = {"__name__": "shown"}
    exec(re.search(r"```python\n(.*?)```", text, re.S)[1], shown)  # the program's own documentation
    made = hooks("customer.created")
    shown["SECRETS"][:] = [base64.b64decode(made["secret"].removeprefix("whsec_"))]
    new_customer(client)
    delivery = receiver.next()[0]
    assert shown["is_genuine"](delivery.headers, delivery.body)
    assert not shown["is_genuine"](delivery.headers, delivery.body + b" ")
    old = {**dict(delivery.headers), "webhook-timestamp": str(int(delivery.headers["webhook-timestamp"]) - 301)}
    assert not shown["is_genuine"](old, delivery.body)


def test_only_what_was_subscribed_to(client, hooks, receiver):
    hooks("order.created")
    new_customer(client)
    answer = client.post("/v1/orders", {"order": {"orderNumber": unique("o")}})
    assert answer.status == 200, answer
    assert [one.type for one in receiver.next()] == ["order.created"]
    time.sleep(1.5)
    assert receiver.deliveries == []


def test_each_webhook_gets_its_own(client, hooks, receiver):
    made = [hooks("customer.created"), hooks("*"), hooks("customer.*")]
    new_customer(client)
    found = receiver.next(3)
    assert len({one.id for one in found}) == 3
    assert all(sum(one.is_signed_by(hook["secret"]) for one in found) == 1 for hook in made)


def test_rolled_back_with_its_change(client, hooks, receiver, running):
    made = hooks("customer.*", "contact.*")
    before = running.sql("SELECT COUNT(*) FROM webhook_delivery")
    assert client.post("/v1/contacts", {"contact": {"customerId": 999999999}}).status == 400
    assert client.post("/v1/customers", {"customer": {"company": "x" * 300}}).status == 400
    code = unique("code")
    assert client.post("/v1/customers", {"customer": {"code": code, "company": "a"}}).status == 200
    assert client.post("/v1/customers", {"customer": {"code": code, "company": "b"}}).status == 409
    assert [one.event["data"]["company"] for one in receiver.next()] == ["a"]
    assert running.sql("SELECT COUNT(*) FROM webhook_delivery")[0] == [str(int(before[0][0]) + 1)]
    assert len(settled(client, made)) == 1


def test_command_line_tells_too(running, client, hooks, receiver):
    hooks("user.*", "api_key.*")
    name = unique("cli")
    running.cli("user", "create", name, f"--email={name}@example.com")
    event = receiver.wait_for("user.created")[0].event
    assert event["actor"] == {"kind": "command"} and event["data"]["userName"] == name


def test_no_secret_leaves(client, hooks, receiver, running):
    hooks("*")
    user, _ = key_of(running, "Sales")
    answer = client.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": user, "clientSecret": "of the key"}})
    assert answer.status == 200, answer
    key = answer.json()["apiKey"]
    resource = client.post("/v1/resources", {"resource": {"name": "n", "type": "RSA", "password": "pass phrase",
                                                          "data": "private data"}})
    assert resource.status == 200, resource
    account = client.post("/hosting/api/client", {"firstName": "a", "lastName": "b", "email": "a@example.com"})
    receiver.wait_for("api_key.created", 2)
    receiver.wait_for("resource.created")
    sent = b"\n".join(one.body for one in receiver.deliveries).decode()
    for secret in (key, key[:12], "of the key", "pass phrase", "private data", running.admin_key):
        assert secret not in sent, secret
    assert account.status in (201, 400)
    for one in receiver.of_type("api_key.created"):
        assert not {"key", "clientSecret"} & set(one.event["data"])


def test_large_texts_are_left_out(client, hooks, receiver):
    hooks("license.created")
    made = client.post("/v1/licenses", {"license": {"licenseKey": "x" * 100000, "licenseeName": "Ada"}})
    assert made.status == 200, made
    data = receiver.next()[0].event["data"]
    assert "licenseKey" not in data and data["licenseeName"] == "Ada"


def test_disabled_gets_nothing(client, hooks, receiver):
    made = hooks("customer.created")
    number = made["webhookId"]
    assert client.put(f"/v1/webhooks/{number}", {"webhook": {"enabled": False}}).status == 200
    new_customer(client)
    answer = client.post(f"/v1/webhooks/{number}/test")
    assert answer.status == 409 and "disabled" in answer.text
    time.sleep(1.5)
    assert receiver.deliveries == [] and deliveries(client, made) == []
    assert client.put(f"/v1/webhooks/{number}", {"webhook": {"enabled": True}}).status == 200
    new_customer(client)
    assert [one.type for one in receiver.next()] == ["customer.created"]


def test_test_button(client, hooks, receiver):
    made = hooks("license.deleted")
    answer = client.post(f"/v1/webhooks/{made['webhookId']}/test")
    assert answer.status == 200, answer
    delivery = receiver.next()[0]
    assert delivery.id == answer.json()["deliveryId"] and delivery.is_signed_by(made["secret"])
    assert delivery.type == "webhook.test" and delivery.event["data"] == {"webhookId": made["webhookId"]}
    assert [(row["event"], row["status"]) for row in settled(client, made)] == [("webhook.test", "delivered")]


def test_rotation(client, hooks, receiver):
    made = hooks("customer.created")
    number, former = made["webhookId"], made["secret"]
    answer = client.post(f"/v1/webhooks/{number}/rotate")
    assert answer.status == 200, answer
    secret = answer.json()["secret"]
    assert SECRET.fullmatch(secret) and secret != former
    assert one(client, made)["formerSecretUntil"] == answer.json()["formerSecretUntil"]
    new_customer(client)
    delivery = receiver.next()[0]
    assert len(delivery.signatures()) == 2
    assert delivery.is_signed_by(secret) and delivery.is_signed_by(former)
    # The second rotation ends the first secret, the grace of none the second one.
    third = client.post(f"/v1/webhooks/{number}/rotate").json()["secret"]
    new_customer(client)
    delivery = receiver.next()[0]
    assert delivery.is_signed_by(third) and delivery.is_signed_by(secret) and not delivery.is_signed_by(former)
    given = "whsec_" + "QUJD" * 12
    answer = client.post(f"/v1/webhooks/{number}/rotate", {"secret": given, "graceSeconds": 0})
    assert answer.json()["secret"] == given
    new_customer(client)
    delivery = receiver.next()[0]
    assert len(delivery.signatures()) == 1 and delivery.is_signed_by(given)
    assert client.post(f"/v1/webhooks/{number}/rotate", {"graceSeconds": -1}).status == 400
    assert client.post(f"/v1/webhooks/{number}/rotate", {"secret": "short"}).status == 400


# --- receivers that do not take it ---

def test_tried_again(client, hooks, receiver):
    made = hooks("customer.created")
    receiver.answers.put(500)
    number = new_customer(client)
    first, second = receiver.wait_for("customer.created", 2)
    assert first.id == second.id and first.body == second.body and second.event["data"]["id"] == number
    assert second.is_signed_by(made["secret"])
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 4
    row = settled(client, made)[0]
    assert row["attempts"] == 2 and row["status"] == "delivered" and row["error"] is None
    found = one(client, made)
    assert found["lastFailure"] and found["lastSuccess"] > found["lastFailure"] and "status 500" in found["lastError"]


def test_retry_after(client, hooks, receiver):
    def wait(handler):
        handler.send_response(503)
        handler.send_header("Retry-After", "3600")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    made = hooks("customer.created")
    receiver.answers.put(wait)
    new_customer(client)
    receiver.next()
    row = wait_until(lambda: [row for row in deliveries(client, made) if row["responseStatus"] == 503], "the answer")[0]
    assert row["status"] == "waiting" and row["attempts"] == 1
    waited = client.installation.sql(
        f"SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(6), due_at) FROM queue_item WHERE content_id = '{row['id']}'")
    assert 57 <= int(waited[0][0]) <= 60


def test_gone(client, hooks, receiver, running):
    made = hooks("customer.created")
    receiver.answers.put(410)
    new_customer(client)
    receiver.next()
    row = settled(client, made)[0]
    assert row["status"] == "failed" and row["responseStatus"] == 410 and row["attempts"] == 1
    found = one(client, made)
    assert found["enabled"] is False and "410" in found["disabledReason"]
    new_customer(client)
    time.sleep(1.5)
    assert receiver.deliveries == [] and len(deliveries(client, made)) == 1
    # Enabled again, the reason is gone, and what was given up can be replayed.
    assert client.post(f"/v1/webhooks/{made['webhookId']}/deliveries/{row['id']}/replay").status == 409
    assert client.put(f"/v1/webhooks/{made['webhookId']}", {"webhook": {"enabled": True}}).status == 200
    assert one(client, made)["disabledReason"] is None
    assert client.post(f"/v1/webhooks/{made['webhookId']}/deliveries/{row['id']}/replay").status == 200
    assert receiver.next()[0].id == row["id"]
    assert settled(client, made)[0]["status"] == "delivered"


def test_replay(client, hooks, receiver):
    made = hooks("customer.created")
    new_customer(client)
    first = receiver.next()[0]
    settled(client, made)
    path = f"/v1/webhooks/{made['webhookId']}/deliveries/{first.id}/replay"
    assert client.post(path).status == 200
    second = receiver.next()[0]
    assert second.id == first.id and second.body == first.body and second.is_signed_by(made["secret"])
    settled(client, made)
    # Of a webhook, not of another one.
    other = hooks("order.created")
    assert client.post(path.replace(str(made["webhookId"]), str(other["webhookId"]), 1)).status == 404


def test_replay_of_what_waits(client, hooks, receiver):
    made = hooks("customer.created")
    receiver.answers.put(500)
    new_customer(client)
    delivery = receiver.next()[0]
    answer = client.post(f"/v1/webhooks/{made['webhookId']}/deliveries/{delivery.id}/replay")
    assert answer.status == 409 and "not ended" in answer.text
    receiver.next()


def redirect(handler):
    handler.send_response(302)
    handler.send_header("Location", "/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def test_redirects_are_not_followed(client, hooks, receiver):
    made = hooks("customer.created")
    receiver.answers.put(redirect)
    new_customer(client)
    found = receiver.wait_for("customer.created", 2)
    assert [one.path for one in found] == ["/hook", "/hook"]
    assert "redirects are not followed" in one(client, made)["lastError"]


def test_long_answers_are_cut(client, hooks, receiver):
    def much(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(10 ** 9))
        handler.end_headers()
        try:
            for _ in range(10 ** 9 // 65536):
                handler.wfile.write(b"x" * 65536)
        except OSError:
            stopped.append(True)
        handler.close_connection = True

    stopped = []
    made = hooks("customer.created")
    receiver.answers.put(much)
    new_customer(client)
    receiver.next()
    assert settled(client, made)[0]["status"] == "delivered"
    wait_until(lambda: stopped, "end of the answer")


def test_silent_receiver(client, hooks, receiver):
    """One that does not answer is left after webhook_timeout, and tried again."""
    made = hooks("customer.created")
    receiver.answers.put(lambda handler: time.sleep(4))
    new_customer(client)
    receiver.wait_for("customer.created", 2)
    assert "timed out" in one(client, made)["lastError"]
    row = settled(client, made)[0]
    assert row["status"] == "delivered" and row["attempts"] == 2


def test_wrong_certificate(client, hooks, tmp_path):
    other = Receiver(tmp_path)
    made = add(client, other.url, "customer.created").json()
    new_customer(client)
    found = wait_until(lambda: one(client, made)["lastFailure"] and one(client, made), "the failure")
    assert "certificate" in found["lastError"].lower() and other.deliveries == []
    assert client.delete(f"/v1/webhooks/{made['webhookId']}").status == 200
    assert client.installation.sql(f"SELECT COUNT(*) FROM queue_item WHERE target = '{made['webhookId']}'") == [["0"]]
    other.close()


# --- what was sent, and what came back ---

def text_answer(body, status=200):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def detail(api, hook, number, query=""):
    return api.get(f"/v1/webhooks/{hook['webhookId']}/deliveries/{number}{query}")


def test_what_was_sent_and_answered(running, client, hooks, receiver, media):
    api = Api(client, LICENSING, media)
    made = hooks("customer.created")
    receiver.answers.put(text_answer(b"Not now: \xc3\xa4 < & \x00\xff.", 503))
    receiver.answers.put(text_answer(b"x" * 5000))
    new_customer(client)
    sent = receiver.wait_for("customer.created")[0]
    found = wait_until(lambda: [row for row in deliveries(client, made) if row["responseStatus"]], "the answer")[0]
    shown = detail(api, made, found["id"]).value["delivery"]
    assert shown["payload"].encode() == sent.body and shown["responseBody"] == "Not now: \u00e4 < & \ufffd\ufffd."
    assert shown["event"] == "customer.created" and str(shown["responseStatus"]) == "503" and shown["nextAttempt"]
    assert made["secret"] not in json.dumps(shown) and sent.headers["webhook-signature"] not in json.dumps(shown)
    receiver.wait_for("customer.created", 2)
    settled(client, made)
    assert detail(api, made, found["id"]).value["delivery"]["responseBody"] == "x" * 2000
    # What is chosen, and no more.
    chosen = detail(api, made, found["id"], "?select=payload").value["delivery"]
    assert chosen == {"id": found["id"], "payload": sent.body.decode()}
    assert set(detail(api, made, found["id"], "?select=event").value["delivery"]) == {"id", "event"}


def test_content_is_of_one_delivery(client, hooks, receiver):
    """No list has it, and no filter or order reaches it."""
    made = hooks("customer.created")
    new_customer(client)
    receiver.next()
    settled(client, made)
    assert not {"payload", "responseBody"} & set(deliveries(client, made)[0])
    assert set(deliveries(client, made, select="id,payload,responseBody")[0]) == {"id"}
    path = f"/v1/webhooks/{made['webhookId']}/deliveries"
    for member in ("payload", "responseBody", "storedPayload", "storedResponseBody"):
        assert client.get(f"{path}?filter={member}.Contains('a')").status == 400, member
        assert client.get(f"{path}?sort={member}").status == 400, member
    for member in ("storedPayload", "storedResponseBody"):
        assert client.get(f"{path}?select={member}").status == 400, member


def test_content_is_told_to_those_who_may_read_it(running, client, hooks, receiver):
    """A LicenseManager reads webhooks and licenses, no customers."""
    made = hooks("customer.created", "license.created")
    new_customer(client)
    assert client.post("/v1/licenses", {"license": {"licenseeName": "Ada"}}).status == 200
    assert client.post(f"/v1/webhooks/{made['webhookId']}/test").status == 200
    receiver.answers.put(text_answer(b"taken"))
    receiver.next(3)
    _, key = key_of(running, "LicenseManager")
    rows = {row["event"]: row["id"] for row in settled(client, made, 3)}
    answered = []
    for event, number in rows.items():
        for caller, seen in ((client, True), (running.client(key), event != "customer.created")):
            answer = detail(caller, made, number)
            assert answer.status == 200, answer
            shown = answer.json()["delivery"]
            assert (shown["payload"] is not None) == seen, (event, seen, shown)
            assert shown["responseBody"] is None or seen
            answered.append(shown["responseBody"])
    assert "taken" in answered


def test_answers_of_private_addresses_are_not_kept(private_installation, tmp_path):
    """Who makes webhooks would read what machines in reach answer."""
    receiver = Receiver(tmp_path)
    running = private_installation(webhook_ca_file=receiver.certificate, webhook_allow_private="yes",
                                   webhook_deliverers="1")
    client = running.client(running.admin_key)
    made = add(client, receiver.url, "customer.created").json()
    receiver.answers.put(text_answer(b"inside"))
    new_customer(client)
    row = settled(client, made)[0]
    shown = detail(client, made, row["id"]).json()["delivery"]
    assert shown["responseStatus"] == 200 and shown["payload"] and shown["responseBody"] is None
    assert running.sql("SELECT COUNT(*) FROM webhook_delivery WHERE response_body IS NOT NULL") == [["0"]]
    receiver.close()


# --- who may ---

def test_roles(running, client, hooks, receiver):
    for roles, status in [(("Sales",), 403), (("Customer",), 403), ((), 403), (("LicenseManager",), 200)]:
        _, key = key_of(running, *roles)
        answer = running.client(key).get("/v1/webhooks")
        assert answer.status == status, (roles, answer)
    assert running.client().get("/v1/webhooks").status == 401


def test_tells_no_more_than_its_maker_may_read(running, client, hooks, receiver):
    _, key = key_of(running, "LicenseManager")
    manager = running.client(key)
    answer = add(manager, receiver.url, "license.created", "customer.created", "order.*")
    assert answer.status == 403, answer
    assert sorted(name for name, _ in faults(answer)) == ["webhook.events[1]", "webhook.events[2]"]
    made = hooks("*", key=key)
    assert set(one(manager, made)["areas"]) == {"licenses", "products", "resources", "signingKeys"}
    new_customer(client)
    assert client.post("/v1/licenses", {"license": {}}).status == 200
    assert [delivery.type for delivery in receiver.next()] == ["license.created"]
    # Its events can become no wider, by anybody.
    assert client.put(f"/v1/webhooks/{made['webhookId']}", {"webhook": {"events": ["customer.created"]}}).status == 403
    assert manager.put(f"/v1/webhooks/{made['webhookId']}", {"webhook": {"events": ["license.deleted"]}}).status == 200


def test_nobody_turns_away_what_he_may_not_read(running, client, hooks, receiver):
    made = hooks("customer.created")
    manager = running.client(key_of(running, "LicenseManager")[1])
    path = f"/v1/webhooks/{made['webhookId']}"
    for change in ({"url": "https://example.org/other"}, {"events": ["license.created"]}, {"secret": "whsec_" + "QUJD" * 12},
                   {"enabled": True}):
        assert manager.put(path, {"webhook": change}).status == 403, change
    assert manager.post(f"{path}/rotate").status == 403
    assert one(client, made)["url"] == receiver.url
    assert manager.put(path, {"webhook": {"enabled": False, "description": "off"}}).status == 200
    assert manager.delete(path).status == 200


def test_owner_who_may_read_no_more(running, client, hooks, receiver):
    user, key = key_of(running, "LicenseManager")
    made = hooks("license.created", key=key)
    assert client.post("/v1/licenses", {"license": {}}).status == 200
    receiver.next()
    assert client.call("DELETE", f"/v1/users/{user}/roles", {"roles": "LicenseManager"}).status == 200
    assert client.post("/v1/licenses", {"license": {}}).status == 200
    time.sleep(1.5)
    assert receiver.deliveries == [] and len(deliveries(client, made)) == 1
    assert client.post(f"/v1/users/{user}/roles", {"roles": "LicenseManager"}).status == 200
    assert client.post("/v1/licenses", {"license": {}}).status == 200
    receiver.next()
    assert client.put("/v1/users", {"user": {"id": user, "enabled": False}}).status == 200
    assert client.post("/v1/licenses", {"license": {}}).status == 200
    time.sleep(1.5)
    assert receiver.deliveries == []
    assert client.delete(f"/v1/users/{user}").status == 200
    assert client.get(f"/v1/webhooks/{made['webhookId']}").status == 404


def test_narrow_key_makes_a_narrow_webhook(running, client, receiver):
    """A key that may only create cannot read, so nothing is told to what it makes."""
    key = client.post("/v1/api-keys", {"apiKey": {"name": "k", "permissions": 8}}).json()["apiKey"]
    assert add(running.client(key), receiver.url, "license.created").status == 403


# --- at rest, in logs and in the audit log ---

def test_secrets_at_rest(running, client, hooks):
    made = hooks("customer.created")
    rotated = client.post(f"/v1/webhooks/{made['webhookId']}/rotate").json()["secret"]
    stored = running.sql(f"SELECT HEX(first_secret), HEX(second_secret) FROM webhook WHERE id = {made['webhookId']}")
    assert all(len(value) > 100 for value in stored[0])
    told = json.dumps(running.sql("SELECT * FROM audit_entry")) + json.dumps(running.sql("SELECT * FROM log_entry"))
    for secret in (made["secret"], rotated):
        assert secret not in told and secret not in running.log_file.read_text()
        assert secret[6:].encode().hex().upper() not in "".join(stored[0])


def test_changes_are_audited(running, client, hooks):
    made = hooks("customer.created")
    client.put(f"/v1/webhooks/{made['webhookId']}", {"webhook": {"enabled": False}})
    rows = running.sql("SELECT action FROM audit_entry WHERE resource = 'webhook' AND row_key = "
                       f"'{made['webhookId']}' ORDER BY id")
    assert rows == [["insert"], ["update"]]
    assert client.put(f"/v1/webhooks/{made['webhookId']}", {"webhook": {"enabled": True}}).status == 200
    delivery = client.post(f"/v1/webhooks/{made['webhookId']}/test").json()["deliveryId"]
    settled(client, made)
    assert client.post(f"/v1/webhooks/{made['webhookId']}/deliveries/{delivery}/replay").status == 200
    assert running.sql(f"SELECT action, resource FROM audit_entry WHERE row_key = '{delivery}' ORDER BY id") == [
        ["update", "delivery"]]


# --- costs ---

def test_costs_nothing_where_nobody_listens(client, hooks, receiver):
    """Without a webhook, and with one that wants something else, a change takes the same statements."""
    def cost():
        return min(client.post("/v1/customers", {"customer": {"company": "c"}}).queries for _ in range(12))

    without = cost()
    hooks("order.created")
    assert cost() == without
    hooks("customer.created")
    assert cost() == without + 2
    receiver.next(12)


def test_limit(client, running, receiver):
    running.sql("INSERT INTO webhook (url, events, areas, enabled, description) SELECT 'https://example.org/', '[]', "
                "'[]', FALSE, 'many' FROM seq_1_to_200")
    answer = add(client, receiver.url, "*")
    assert answer.status == 409 and "200" in answer.text
    running.sql("DELETE FROM webhook WHERE description = 'many'")


# --- addresses ---

def test_private_addresses_are_refused(private_installation, receiver):
    running = private_installation(webhook_ca_file=receiver.certificate, webhook_deliverers="1")
    client = running.client(running.admin_key)
    receiver.deliveries = []
    urls = [receiver.url, f"https://127.0.0.1:{receiver.port}/", f"https://[::1]:{receiver.port}/",
            f"https://[::ffff:127.0.0.1]:{receiver.port}/", f"https://2130706433:{receiver.port}/",
            "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://[fe80::1]/"]
    made = [add(client, url, "customer.created").json() for url in urls]
    new_customer(client)
    for url, hook in zip(urls, made):
        row = settled(client, hook)[0]
        assert row["status"] == "failed" and row["attempts"] == 1 and row["responseStatus"] is None, url
        assert "not public" in row["error"], (url, row)
    assert receiver.deliveries == []


def test_http_needs_its_option(private_installation, tmp_path):
    plain = Receiver(tmp_path, tls=False)
    running = private_installation(webhook_http="yes", webhook_allow_private="yes", webhook_deliverers="1")
    client = running.client(running.admin_key)
    made = add(client, plain.url, "customer.created").json()
    new_customer(client)
    assert plain.next()[0].is_signed_by(made["secret"])
    # What was made while it was allowed is delivered no more.
    running.stop_pool()
    running.options["webhook_http"] = "no"
    running.start_pool()
    running.wait_ready()
    new_customer(client)
    wait_until(lambda: one(client, made)["lastFailure"], "the refusal")
    assert plain.deliveries == []
    plain.close()


# --- the queue ---

def test_given_up(private_installation, tmp_path):
    """After its last attempt a delivery is a dead letter, which the command line replays."""
    receiver = Receiver(tmp_path)
    running = private_installation(webhook_ca_file=receiver.certificate, webhook_allow_private="yes",
                                   webhook_deliverers="1", webhook_retries="1")
    client = running.client(running.admin_key)
    made = add(client, receiver.url, "customer.created").json()
    for _ in range(2):
        receiver.answers.put(503)
    new_customer(client)
    row = settled(client, made)[0]
    assert row["status"] == "failed" and row["attempts"] == 2 and "status 503" in row["error"]
    listed = json.loads(running.cli("queue", "list", "--kind=webhook", "--json"))
    assert [(item["title"], item["attempts"]) for item in listed] == [("customer.created", 2)]
    running.cli("queue", "replay", str(listed[0]["id"]))
    assert [one.id for one in receiver.next(3)] == [row["id"]] * 3
    assert settled(client, made)[0]["status"] == "delivered"
    metrics = client.get("/metrics").text
    assert re.search(r'kind="webhook"', metrics) and re.search(r'clientele_processes\{kind="deliverer"\} 1', metrics)
    receiver.close()


def deliverers(running):
    supervisor = running.pool.pid
    with open(f"/proc/{supervisor}/task/{supervisor}/children") as file:
        return [int(pid) for pid in file.read().split() if running.process_name(pid) == "clientele-hook"]


def test_killed_while_delivering(private_installation, tmp_path):
    """At least once, and nothing lost: the deliverer dies with the request on its way, and the pool as well."""
    receiver = Receiver(tmp_path)
    running = private_installation(webhook_ca_file=receiver.certificate, webhook_allow_private="yes",
                                   webhook_deliverers="1", webhook_timeout="30s")
    client = running.client(running.admin_key)
    made = add(client, receiver.url, "customer.created").json()
    receiver.answers.put(lambda handler: time.sleep(20))
    first = new_customer(client)
    receiver.wait_for("customer.created")
    os.kill(deliverers(running)[0], signal.SIGKILL)
    second = new_customer(client)
    # The lease of what was on its way ends later; nobody waits five minutes here.
    running.sql("UPDATE queue_item SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'webhook' AND claim IS NOT NULL")
    wait_until(lambda: {one.event["data"]["id"] for one in receiver.of_type("customer.created")[1:]} == {first, second},
               "both deliveries")
    rows = settled(client, made, 2)
    assert [row["status"] for row in rows] == ["delivered"] * 2
    tries = [one.id for one in receiver.of_type("customer.created") if one.event["data"]["id"] == first]
    assert len(tries) == 2 and len(set(tries)) == 1
    receiver.close()


def test_killed_while_changing(private_installation, tmp_path):
    """Workers die in the midst of changes: each that was acknowledged is told, and none that was not stored."""
    receiver = Receiver(tmp_path)
    running = private_installation(webhook_ca_file=receiver.certificate, webhook_allow_private="yes",
                                   webhook_deliverers="2", workers="2")
    client = running.client(running.admin_key)
    made = add(client, receiver.url, "customer.created").json()
    acknowledged, refused, stop = set(), 0, threading.Event()

    def kill():
        while not stop.wait(0.1):
            for pid in running.workers()[:1]:
                os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    while (refused < 3 or len(acknowledged) < 40) and len(acknowledged) + refused < 1000:
        try:
            answer = client.post("/v1/customers", {"customer": {"company": f"c{refused}"}}, check=False)
        except OSError:
            refused += 1
            continue
        if answer.status == 200:
            acknowledged.add(answer.json()["customerId"])
        else:
            refused += 1
    stop.set()
    killer.join()
    running.wait_ready()
    stored = {int(row[0]) for row in running.sql("SELECT id FROM customer WHERE company LIKE 'c%'")}
    assert acknowledged <= stored
    wait_until(lambda: {one.event["data"]["id"] for one in receiver.deliveries} >= stored, "all events")
    assert {one.event["data"]["id"] for one in receiver.deliveries} == stored
    assert len(settled(running.client(running.admin_key), made, len(stored))) == len(stored)
    receiver.close()


def test_waits_over_a_restart(private_installation, tmp_path):
    receiver = Receiver(tmp_path)
    running = private_installation(webhook_ca_file=receiver.certificate, webhook_allow_private="yes",
                                   webhook_deliverers="1")
    client = running.client(running.admin_key)
    add(client, receiver.url, "customer.created")
    receiver.answers.put(503)
    number = new_customer(client)
    receiver.wait_for("customer.created")
    wait_until(lambda: running.sql("SELECT attempts FROM queue_item WHERE claim IS NULL") == [["1"]], "the verdict")
    running.stop_pool()
    running.start_pool()
    running.wait_ready()
    assert receiver.wait_for("customer.created", 2)[1].event["data"]["id"] == number
    receiver.close()
