"""Who may send mail, with which text, and how much of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.families import LICENSING, Api, unique
from harness.installation import Installation

SEND, LICENSE = "/v1/email/send", "/v1/email/license"
QUOTA = 6


class World:
    def __init__(self):
        self.installation = Installation(mail_quota=QUOTA).start()
        self.admin = self.installation.client(self.installation.admin_key)
        resource = self.admin.post("/v1/resources", {"resource": {"name": "t", "type": "email", "data": "Dear {{licensee.name}}"}})
        made = self.admin.post("/v1/licenses", {"license": {"licenseeEmail": "a@example.org", "licenseeName": "Ada"}})
        self.letter = {"licenseId": made.json()["licenseId"], "resourceId": resource.json()["resourceId"]}

    def user(self, *roles):
        return self.admin.post("/v1/users", {"user": {"userName": unique("mail"), "roles": list(roles)}}).json()["userId"]

    def key(self, owner, **members):
        answer = self.admin.post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": owner} | members})
        assert answer.status == 200, answer
        return self.installation.client(answer.json()["apiKey"])

    def count(self):
        return int(self.installation.sql("SELECT COUNT(*) FROM queue_item WHERE kind = 'mail'")[0][0])


@pytest.fixture(scope="module")
def world():
    made = World()
    yield made
    made.installation.finish()


def mail(recipients=1):
    return {"to": [{"email": f"r{number}@example.org"} for number in range(recipients)], "subject": "s", "body": "<b>b</b>",
            "isHtml": True}


@pytest.mark.parametrize("role, free, stored", [
    ("Administrator", 200, 200), ("LicenseManager", 200, 200), ("Sales", 403, 200), ("Customer", 403, 403),
    ("Application", 403, 403)])
def test_a_text_of_ones_own_takes_a_right_of_its_own(world, media, role, free, stored):
    api = Api(world.key(world.user(role), permissions=9), LICENSING, media)
    assert api.post(SEND, "SendEmailRequest", mail()).status == free
    assert api.post(LICENSE, "SendLicenseEmailRequest", world.letter).status == stored


def test_to_create_is_not_to_read(world, media):
    """A letter shows the license that it is about."""
    api = Api(world.key(world.user("Sales"), permissions=8), LICENSING, media)
    for path, name, body in ((SEND, "SendEmailRequest", mail()), (LICENSE, "SendLicenseEmailRequest", world.letter)):
        assert api.post(path, name, body).status == 403


def test_recipients_of_a_user_are_counted_whatever_the_key(world, media):
    user = world.user("LicenseManager")
    one, other = (Api(world.key(user), LICENSING, media) for _ in range(2))
    assert one.post(SEND, "SendEmailRequest", mail(QUOTA - 2)).status == 200
    assert other.post(LICENSE, "SendLicenseEmailRequest", world.letter).status == 200
    before = world.count()
    answer = one.post(SEND, "SendEmailRequest", mail(2))
    assert answer.status == 429 and 1 <= int(answer.headers["retry-after"]) <= 3600 // QUOTA + 1, answer
    assert f"{QUOTA} recipients per hour" in answer.text and world.count() == before
    assert other.post(SEND, "SendEmailRequest", mail()).status == 200
    assert one.post(LICENSE, "SendLicenseEmailRequest", world.letter).status == 429
    # Others are not touched, and what was sent comes back in time.
    assert Api(world.key(world.user("Sales")), LICENSING, media).post(
        LICENSE, "SendLicenseEmailRequest", world.letter).status == 200
    world.installation.sql(f"UPDATE mail_quota SET full_at = full_at - INTERVAL {3600 // QUOTA + 1} SECOND "
                           f"WHERE user_id = '{user}'")
    assert one.post(SEND, "SendEmailRequest", mail()).status == 200
    assert one.post(SEND, "SendEmailRequest", mail()).status == 429


def test_more_than_the_whole_quota_is_a_fault(world, media):
    api = Api(world.key(world.user("LicenseManager")), LICENSING, media)
    answer = api.post(SEND, "SendEmailRequest", mail(QUOTA + 1))
    assert answer.status == 400 and f"more than the {QUOTA}" in answer.text, answer
    assert api.post(SEND, "SendEmailRequest", mail(QUOTA)).status == 200


def test_a_mail_that_is_refused_costs_nothing(world):
    client = world.key(world.user("LicenseManager"))
    for _ in range(2 * QUOTA):
        assert client.post(SEND, mail() | {"subject": "two\nlines"}).status == 400
    assert client.post(SEND, mail(QUOTA)).status == 200


def test_at_once(world):
    """Eight callers of one user share one quota."""
    client = world.key(world.user("LicenseManager"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post(SEND, mail()).status, range(3 * QUOTA)))
    assert sorted(answers) == [200] * QUOTA + [429] * 2 * QUOTA
