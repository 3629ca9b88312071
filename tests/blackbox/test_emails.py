"""Which mails were sent: to whom, about what, what has become of them, and who may know."""

import json

import pytest

from harness.families import LICENSING, Api, unique
from harness.installation import Installation
from harness.sight import Viewers

EMAILS = "/v1/emails"


@pytest.fixture(scope="module")
def running():
    with Installation(workers=1) as installation:
        yield installation


@pytest.fixture(scope="module")
def admin(running):
    return running.client(running.admin_key)


@pytest.fixture(scope="module")
def viewers(running):
    return Viewers(running)


@pytest.fixture(scope="module")
def text(admin):
    body = {"name": "text", "type": "email", "data": "Dear {{licensee.name}}"}
    answer = admin.post("/v1/resources", {"resource": body})
    assert answer.status == 200, answer
    return answer.json()["resourceId"]


def license_mail(client, admin, text):
    """Number of a new license, which was sent to its holder."""
    made = admin.post("/v1/licenses", {"license": {
        "licenseId": unique("L"), "licenseKey": "signed document", "licenseeName": "Ada",
        "licenseeEmail": "ada@example.org"}})
    number = made.json()["licenseId"]
    assert client.post("/v1/email/license", {"licenseId": number, "resourceId": text}).status == 200
    return number


def message(client, *addresses):
    subject = unique("subject")
    answer = client.post("/v1/email/send", {"to": [{"name": "", "email": one} for one in addresses], "subject": subject,
                                            "body": "once only: https://example.org/#token",
                                            "attachments": [{"fileName": "key.txt", "content": "c2VjcmV0"}]})
    assert answer.status == 200, answer
    return subject


def found(client, query=""):
    answer = client.get(f"{EMAILS}?{query}")
    assert answer.status == 200, answer
    return answer.json()["emails"]


def test_what_was_sent(admin, text, media):
    api = Api(admin, LICENSING, media)
    subject = message(admin, "ada@example.org", "bob@b\u00fccher.example")
    number = license_mail(admin, admin, text)
    rows = api.get(f"{EMAILS}?take=3&include=license").value["emails"]
    one, bob, ada = rows
    assert (one["kind"], one["recipient"], str(one["licenseId"]), str(one["license"]["id"])) == (
        "license", "ada@example.org", str(number), str(number))
    assert one["subject"] == f"Your license {one['license']['licenseId']}"
    assert [row["recipient"] for row in (ada, bob)] == ["ada@example.org", "bob@xn--bcher-kva.example"]
    for row in (ada, bob):
        assert (row["kind"], row["subject"], row["status"], str(row["attempts"]), row["error"], row["licenseId"]) == (
            "message", subject, "queued", "0", None, None)
        assert row["createdAt"] and row["nextAttempt"] and row["endedAt"] is None and row["senderId"]
    shown = api.get(f"{EMAILS}/{one['id']}").value["email"]
    assert {**shown, "license": None} == {**one, "license": None}
    # Neither texts nor files: they may let somebody in.
    everything = admin.get(f"{EMAILS}?include=*").text + admin.get(f"{EMAILS}/{ada['id']}?include=*").text
    assert "token" not in everything and "c2VjcmV0" not in everything and "key.txt" not in everything


def test_found_and_ordered(admin, text):
    number = license_mail(admin, admin, text)
    subject = message(admin, "zoe@example.org", "anna@example.org")
    assert [row["licenseId"] for row in found(admin, f"filter=licenseId={number}")] == [number]
    assert len(found(admin, f"filter=license.id={number}")) == 1
    of_subject = f"filter=subject=%22{subject}%22"
    for sort, order in (("recipient", ["anna", "zoe"]), ("id", ["zoe", "anna"])):
        rows = found(admin, f"{of_subject}&sort={sort}")
        assert [row["recipient"] for row in rows] == [f"{name}@example.org" for name in order]
    assert found(admin, f"{of_subject}%20and%20status=%22failed%22") == []
    assert set(found(admin, f"{of_subject}&select=recipient&take=1")[0]) == {"id", "recipient"}
    answer = admin.get(f"{EMAILS}?{of_subject}&take=1").json()
    assert answer["totalEmailsCount"] == 2 and answer["nextCursor"]
    number = found(admin, of_subject)[0]["id"]
    item = admin.get(f"{EMAILS}/{number}")
    assert admin.get(f"{EMAILS}/{number}", headers={"If-None-Match": item.headers["etag"]}).status == 304
    for query in ("filter=body.Contains(%22a%22)", "filter=payload=%22a%22", "sort=content", "select=body"):
        assert admin.get(f"{EMAILS}?{query}").status == 400, query
    assert admin.get(f"{EMAILS}/999999999").status == 404 and admin.get(f"{EMAILS}/x").status == 400


def test_what_has_become_of_them(running, admin):
    subject = message(admin, "lost@example.org", "kept@example.org")
    running.sql("UPDATE queue_item SET state = 'dead', attempts = 9, due_at = NULL, finished_at = UTC_TIMESTAMP(6), "
                "last_error = '550 no such user' WHERE kind = 'mail' AND payload = 'lost@example.org'")
    running.sql("UPDATE queue_item SET state = 'done', attempts = 1, due_at = NULL, finished_at = UTC_TIMESTAMP(6) "
                "WHERE kind = 'mail' AND payload = 'kept@example.org'")
    rows = {row["recipient"]: row for row in found(admin, f"filter=subject=%22{subject}%22")}
    lost, kept = rows["lost@example.org"], rows["kept@example.org"]
    assert (lost["status"], lost["attempts"], lost["error"]) == ("failed", 9, "550 no such user")
    assert lost["nextAttempt"] is None
    assert (kept["status"], kept["error"]) == ("sent", None) and kept["endedAt"] and lost["endedAt"]


def test_deliveries_of_webhooks_are_no_mails(running, admin):
    running.sql("INSERT INTO queue_item (kind, payload, due_at) VALUES ('webhook', 'x', '2099-01-01')")
    number = running.sql("SELECT MAX(id) FROM queue_item")[0][0]
    assert admin.get(f"{EMAILS}/{number}").status == 404
    assert number not in [str(row["id"]) for row in found(admin)]
    running.sql(f"DELETE FROM queue_item WHERE id = {number}")


def test_who_may_know(admin, viewers, text):
    """All to who may read all; else one's own, and mails of licenses to who may read what they tell of."""
    sales, manager = viewers.client("Sales"), viewers.client("LicenseManager")
    of_admin = message(admin, "admin@example.org")
    of_manager = message(manager, "manager@example.org")
    by_admin, by_sales = license_mail(admin, admin, text), license_mail(sales, admin, text)

    def seen(client):
        rows = found(client, "take=1000")
        assert client.get(f"{EMAILS}?take=1").json()["totalEmailsCount"] == len(rows)
        return ({row["subject"] for row in rows} & {of_admin, of_manager},
                {row["licenseId"] for row in rows} & {by_admin, by_sales})

    assert seen(admin) == ({of_admin, of_manager}, {by_admin, by_sales})
    assert seen(sales) == (set(), {by_admin, by_sales})
    assert seen(manager) == ({of_manager}, set())
    number = found(admin, f"filter=subject=%22{of_admin}%22")[0]["id"]
    assert admin.get(f"{EMAILS}/{number}").status == 200
    for viewer in (sales, manager):
        answer = viewer.get(f"{EMAILS}/{number}")
        assert answer.status == 404 and "admin@example.org" not in answer.text
    for role in ("Customer", "Application", "HostingManager", "DelegateManager"):
        assert viewers.client(role).get(EMAILS).status == 403, role
    assert json.dumps(found(manager)).count("ada@example.org") == 0
