"""What a vendor does with a license as a whole, and what is told of it."""

import base64
import json

import pytest

from harness.families import unique
from harness.waiting import wait_until

NOBODY = 999999999


def license_of(client, **members):
    answer = client.post("/v1/licenses", {"license": {"licensingMode": 1, "userKey": unique("STATE"), **members}})
    assert answer.status == 200, answer
    return answer.json()


def shown(client, made):
    return client.get(f"/v1/licenses?filter=id%20=%20{made['licenseId']}").json()["licenses"][0]


def act(licensing, made, verb, type_name=None, body=None):
    return licensing.post(f"/v1/licenses/{made['licenseId']}/{verb}", type_name, body)


def activate(client, made, machine="M-1"):
    return client.post("/v1/license/activate", {"userKey": made["userKey"], "machineId": machine, "clientId": "Paint"})


def test_suspend_reinstate_revoke(licensing, client):
    made = license_of(client)
    for verb, state, status in (("suspend", "suspended", 403), ("reinstate", "active", 200), ("revoke", "revoked", 403),
                                ("reinstate", "active", 200)):
        answer = act(licensing, made, verb)
        assert answer.status == 200, answer
        licensing.check(answer.value, {"success": True, "code": 0, "id": made["licenseId"], "state": state})
        assert shown(client, made)["state"] == state
        assert activate(client, made).status == status
    assert act(licensing, made, "revoke").status == 200
    assert act(licensing, made, "suspend").status == 409
    for verb in ("suspend", "reinstate", "revoke", "renew"):
        assert act(licensing, {"licenseId": NOBODY}, verb).status == 404
    [entry] = client.get(f"/v1/audit?take=1&filter=resource%20=%20%22license%22%20and%20key%20=%20%22{made['licenseId']}%22"
                         ).json()["auditEntries"]
    after = json.loads(entry["after"])
    assert entry["action"] == "update" and (after["revoked"], after["state"]) == (True, "revoked")


@pytest.mark.parametrize("basis,expires,days,year", [
    (None, "2030-01-01T00:00:00Z", 365, "2031-01-01T00:00:00Z"),
    ("fromExpiry", "2020-01-01T00:00:00Z", 366, "2021-01-01T00:00:00Z"),
    ("fromNowIfExpired", "2090-01-01T00:00:00Z", 365, "2091-01-01T00:00:00Z"),
    ("fromNowIfExpired", "2020-01-01T00:00:00Z", 30, None),
    ("fromNow", "2090-01-01T00:00:00Z", 30, None),
])
def test_renew(licensing, client, basis, expires, days, year):
    made = license_of(client, expireDate=expires, policy={"renewalBasis": basis, "expiryDays": days})
    answer = act(licensing, made, "renew")
    assert answer.status == 200, answer
    found = answer.value["expireDate"]
    assert found == year if year else "2026-01-01" < found < "2050-01-01"
    assert shown(client, made)["expireDate"] == found
    longer = act(licensing, made, "renew", "RenewLicenseRequest", {"days": 10})
    assert longer.status == 200 and longer.value["expireDate"] != (found if basis != "fromNow" else None)


def test_renewals_that_cannot_be(licensing, client):
    assert act(licensing, license_of(client), "renew").status == 409
    made = license_of(client, expireDate="2030-01-01T00:00:00Z")
    answer = act(licensing, made, "renew")
    assert answer.status == 400 and "days" in licensing.faults(answer), answer
    answer = act(licensing, made, "renew", "RenewLicenseRequest", {"days": 36501})
    assert answer.status == 400 and "days" in licensing.faults(answer), answer


def test_transfer(licensing, client):
    customer = client.post("/v1/customers", {"customer": {"lastName": unique("Heir")}}).json()["customerId"]
    template = client.post("/v1/license-templates", {"licenseTemplate": {
        "name": unique("Pro"), "licenseType": "Pro", "licensingMode": 1, "expireDays": 10}}).json()["templateId"]
    kept = license_of(client, licenseType="Basic", expireDate="2030-01-01T00:00:00Z")
    reset = license_of(client, policy={"transfer": "reset"})
    for made in (kept, reset):
        assert activate(client, made).status == 200
        answer = act(licensing, made, "transfer", "TransferLicenseRequest",
                     {"customerId": customer, "templateId": template, "releaseSeats": made is reset})
        assert answer.status == 200, answer
        row = shown(client, made)
        assert (row["customerId"], row["templateId"], row["licenseType"]) == (customer, template, "Pro")
        seats = client.get(f"/v1/licenses/{made['licenseId']}/tokens?countOnly=true").json()["totalLicenseTokensCount"]
        assert seats == (0 if made is reset else 1)
    assert shown(client, kept)["expireDate"] == "2030-01-01T00:00:00Z"
    assert shown(client, reset)["expireDate"] is not None and shown(client, reset)["firstActivatedAt"] is None
    answer = act(licensing, kept, "transfer", "TransferLicenseRequest", {"customerId": NOBODY})
    assert answer.status == 400 and "customerId" in licensing.faults(answer), answer


def test_events(private_installation):
    running = private_installation(workers=1, webhook_deliverers=0)
    client = running.client(running.admin_key)
    answer = client.post("/v1/webhooks", {"webhook": {"url": "https://example.org/hook", "events": ["license.*"]}})
    assert answer.status == 200, answer
    made = license_of(client, maxAllowedSites=1, expireDate="2099-01-01T00:00:00Z")
    assert activate(client, made).status == 200
    assert activate(client, made).status == 200
    assert activate(client, made, "M-2").status == 409
    client.post("/v1/license/deactivate", {"userKey": made["userKey"], "machineId": "M-1", "clientId": "Paint"})
    for verb, body in (("renew", {"days": 1}), ("suspend", None), ("reinstate", None), ("revoke", None),
                       ("transfer", {"customerId": None})):
        assert client.post(f"/v1/licenses/{made['licenseId']}/{verb}", body).status == 200

    def told():
        return [name for name, in running.sql("SELECT type FROM webhook_delivery WHERE type NOT LIKE '%.created' AND "
                                              "type NOT LIKE '%.updated' ORDER BY created_at")]
    wait_until(lambda: len(told()) == 8, "events")
    assert told() == ["license." + word for word in (
        "activated", "seat_limit_reached", "released", "renewed", "suspended", "reinstated", "revoked", "transferred")]


def signed_license(client, **members):
    key = client.post("/v1/signing-keys", {"signingKey": {"name": unique("key")}}).json()["signingKeyId"]
    return license_of(client, signingKeyId=key, format=2, **members)


def carried(answer):
    assert answer.status == 200, answer
    return bytes(answer.json()["license"]["licenseKey"]).decode()


def claims(document):
    body = document.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def test_a_signed_license_is_signed_again_by_changes_of_what_it_says(client):
    made = signed_license(client, expireDate="2030-01-01T00:00:00Z")
    document = shown(client, made)["licenseKey"]
    for verb in ("suspend", "reinstate", "revoke", "reinstate"):
        assert client.post(f"/v1/licenses/{made['licenseId']}/{verb}").status == 200
        assert shown(client, made)["licenseKey"] == document, verb
    assert client.post(f"/v1/licenses/{made['licenseId']}/transfer", {"customerId": None}).status == 200
    assert shown(client, made)["licenseKey"] == document
    assert client.post(f"/v1/licenses/{made['licenseId']}/renew", {"days": 365}).status == 200
    row = shown(client, made)
    assert row["licenseKey"] != document and "2031-01-01" in json.dumps(claims(row["licenseKey"])), row


def test_the_first_activation_signs_only_what_begins(client):
    made = signed_license(client, expireDate="2090-01-01T00:00:00Z")
    document = shown(client, made)["licenseKey"]
    assert carried(activate(client, made)) == document
    row = shown(client, made)
    assert row["firstActivatedAt"] and row["licenseKey"] == document
    made = signed_license(client, policy={"expiryBasis": "firstActivation", "expiryDays": 365})
    document = shown(client, made)["licenseKey"]
    answer = carried(activate(client, made))
    row = shown(client, made)
    assert answer == row["licenseKey"] != document and row["signedById"]
    assert row["expireDate"][:10] in json.dumps(claims(answer)), claims(answer)
    # The next one finds nothing to begin.
    assert carried(activate(client, made, "M-2")) == answer
