"""What programs call: seats that are taken, kept and freed, and every reason to refuse that."""

import base64
import datetime
import re

import pytest

from harness.families import unique
from harness.waiting import wait_until

BASE = "/v1/license"
REQUESTS = {"activate": "ActivateLicenseRequest", "deactivate": "DeactivateLicenseRequest",
            "request": "RequestFloatingLicenseRequest", "release": "ReleaseFloatingLicenseRequest",
            "validate": "ValidateLicenseRequest", "heartbeat": "HeartbeatRequest"}
ACTIVATION, FLOATING = 1, 2


def license_of(client, mode=ACTIVATION, **members):
    """A new license, as its vendor sees it."""
    answer = client.post("/v1/licenses", {"license": {"licensingMode": mode, "userKey": unique("KEY"), **members}})
    assert answer.status == 200, answer
    return answer.json()


def shown(client, made):
    return client.get(f"/v1/licenses?filter=id%20=%20{made['licenseId']}").json()["licenses"][0]


def program(made, machine="M-1", client="Paint", **members):
    return {"userKey": made["userKey"], "machineId": machine, "clientId": client, "clientName": "PC of Anna"} | members


def call(activation, name, body, **options):
    return activation.post(f"{BASE}/{name}", REQUESTS[name], body, **options)


def refused(activation, answer, status, code, reason):
    assert answer.status == status, answer
    activation.check(answer.value, {"success": False, "code": code, "reason": reason, "message": ...})


def number(value):
    return int(value)


# --- the reference's two operations ---

def test_activate_and_deactivate(activation, client):
    made = license_of(client, maxAllowedSites=3, licenseKey="<License/>", expireDate="2099-01-31T12:00:00.5Z")
    answer = call(activation, "activate", program(made))
    assert answer.status == 200, answer
    token = answer.value["licenseToken"]
    assert re.fullmatch("actk_[a-z0-9]{12}", token)
    expire = int(datetime.datetime(2099, 1, 31, 12, tzinfo=datetime.timezone.utc).timestamp())
    activation.check(answer.value, {
        "success": True, "licenseToken": token, "tokenExpireAt": None, "activeClientCount": 1, "maxClientCount": 3,
        "license": {"licensingMode": ACTIVATION, "expireAt": {"seconds": expire, "nanos": 500000000},
                    "supportExpireAt": None}})
    assert bytes(map(int, answer.value["license"]["licenseKey"])) == b"<License/>"
    # The same machine and client have the same seat; another one has its own.
    again = call(activation, "activate", program(made))
    assert again.value["licenseToken"] == token and number(again.value["activeClientCount"]) == 1
    other = call(activation, "activate", program(made, "M-2"))
    assert other.value["licenseToken"] != token and number(other.value["activeClientCount"]) == 2
    freed = call(activation, "deactivate", program(made))
    assert freed.status == 200, freed
    activation.check(freed.value, {"licenseId": shown(client, made)["licenseId"], "activeClientCount": 1,
                                   "maxClientCount": 3})
    assert set(freed.value) == {"licenseId", "activeClientCount", "maxClientCount"}
    refused(activation, call(activation, "deactivate", program(made)), 409, 131, "NOT_ACTIVATED")


def test_the_vendor_sees_the_seat(activation, client):
    made = license_of(client)
    token = call(activation, "activate", program(made, machineComponents={})).value["licenseToken"]
    [seat] = client.get(f"/v1/licenses/{made['licenseId']}/tokens").json()["licenseTokens"]
    assert (seat["token"], seat["machineId"], seat["clientId"], seat["clientName"], seat["address"]) == (
        token, "M-1", "Paint", "PC of Anna", "127.0.0.1")
    assert shown(client, made)["firstActivatedAt"]
    # What the vendor frees is free at once.
    assert client.delete(f"/v1/licenses/{made['licenseId']}/tokens/{seat['id']}").status == 200
    refused(activation, call(activation, "validate", program(made)), 409, 131, "NOT_ACTIVATED")


# --- floating seats ---

def test_floating(activation, client):
    made = license_of(client, FLOATING, maxAllowedSites=1, policy={"leaseSeconds": 60})
    answer = call(activation, "request", program(made))
    assert answer.status == 200 and re.fullmatch("fltk_[a-z0-9]{12}", answer.value["licenseToken"]), answer
    end = number(answer.value["tokenExpireAt"]["seconds"])
    beat = call(activation, "heartbeat", program(made))
    assert beat.status == 200 and number(beat.value["tokenExpireAt"]["seconds"]) >= end, beat
    refused(activation, call(activation, "request", program(made, "M-2")), 409, 136, "SEAT_LIMIT_REACHED")
    assert call(activation, "validate", program(made)).status == 200
    assert call(activation, "release", program(made)).status == 200
    assert call(activation, "request", program(made, "M-2")).status == 200


def lapse(installation, made):
    installation.sql("UPDATE license_token SET expire_date = UTC_TIMESTAMP(6) - INTERVAL 60 SECOND "
                     f"WHERE license_id = {made['licenseId']}")


def test_a_lease_that_ends_frees_the_seat(activation, client, installation):
    made = license_of(client, FLOATING, maxAllowedSites=1)
    assert call(activation, "request", program(made)).status == 200
    lapse(installation, made)
    refused(activation, call(activation, "validate", program(made)), 409, 134, "LEASE_EXPIRED")
    assert call(activation, "request", program(made, "M-2")).status == 200
    # The former holder comes back when the seat is another's.
    refused(activation, call(activation, "heartbeat", program(made)), 409, 136, "SEAT_LIMIT_REACHED")


@pytest.mark.parametrize("seconds,status", [(None, 200), (0, 409), (30, 409), (600, 200)])
def test_revival(activation, client, installation, seconds, status):
    made = license_of(client, FLOATING, maxAllowedSites=1, policy={"revivalSeconds": seconds})
    assert call(activation, "request", program(made)).status == 200
    lapse(installation, made)
    assert call(activation, "heartbeat", program(made)).status == status


# --- terms ---

def test_terms_begin_with_the_first_use(activation, client):
    used = license_of(client, policy={"expiryBasis": "firstActivation", "expiryDays": 10})
    asked = license_of(client, mode=0, policy={"expiryBasis": "firstValidation", "expiryDays": 10})
    for made, name, member in ((used, "activate", "firstActivatedAt"), (asked, "validate", "firstValidatedAt")):
        assert shown(client, made)["expireDate"] is None
        first = call(activation, name, program(made))
        assert first.status == 200, first
        row = shown(client, made)
        assert first.value["license"]["expireAt"] is not None and row[member]
        assert call(activation, name, program(made)).status == 200
        assert shown(client, made)["expireDate"] == row["expireDate"]


def test_the_end_revokes_where_the_policy_says_so(activation, client):
    made = license_of(client, expireDate="2020-01-01T00:00:00Z", policy={"expirationStrategy": "revoke"})
    refused(activation, call(activation, "activate", program(made)), 403, 107, "EXPIRED")
    assert shown(client, made)["state"] == "revoked"
    refused(activation, call(activation, "activate", program(made)), 403, 102, "REVOKED")


# --- reasons ---

REFUSED = [
    ({"revoked": True}, {}, 403, 102, "REVOKED"),
    ({"suspended": True}, {}, 403, 103, "SUSPENDED"),
    ({"policy": {"allowedNetworks": ["198.51.100.0/24"]}}, {}, 403, 104, "NETWORK_REFUSED"),
    ({"licensingMode": FLOATING}, {}, 403, 105, "MODE_MISMATCH"),
    ({"issueDate": "2099-01-01T00:00:00Z"}, {}, 403, 106, "NOT_YET_VALID"),
    ({"expireDate": "2020-01-01T00:00:00Z"}, {}, 403, 107, "EXPIRED"),
    ({"product": {"id": "P01"}}, {"productId": "P02"}, 403, 108, "PRODUCT_MISMATCH"),
    ({"product": {"version": "[1.0.0.0-2.0.0.0]"}}, {"productVersion": "2.1"}, 403, 109, "VERSION_MISMATCH"),
    ({"supportExpireDate": "2026-01-01T00:00:00Z"}, {"releasedAt": "2026-02-01"}, 403, 110, "SUPPORT_ENDED"),
    ({"restrictions": [{"name": "Trial", "expireDate": "2020-01-01T00:00:00Z"}]}, {}, 403, 121,
     "RESTRICTION_TRIAL_DAYS"),
    ({"restrictions": [{"name": "Trial", "properties": {"RunCount": "3"}}]}, {"runCount": 4}, 403, 122,
     "RESTRICTION_TRIAL_RUNS"),
    ({"restrictions": [{"name": "Hardware", "properties": {"HardwareKey": "M-9"}}]}, {}, 403, 123,
     "RESTRICTION_HARDWARE"),
    ({"restrictions": [{"name": "Domain", "properties": {"Domain": "example.org"}}]}, {"domain": "example.com"}, 403,
     124, "RESTRICTION_DOMAIN"),
    ({"restrictions": [{"name": "Usage", "properties": {"Usage": "home"}}]}, {"usage": "work"}, 403, 125,
     "RESTRICTION_USAGE"),
    ({"restrictions": [{"name": "Beta", "properties": {"BuildType": "x"}}]}, {"buildType": "y"}, 403, 126,
     "RESTRICTION_BETA"),
    ({"restrictions": [{"name": "Memory", "properties": {"total": "1"}}]}, {"properties": {"total": "2"}}, 403, 127,
     "RESTRICTION_OTHER"),
]


@pytest.mark.parametrize("members,asked,status,code,reason", REFUSED, ids=[one[4] for one in REFUSED])
def test_reasons(activation, client, members, asked, status, code, reason):
    made = license_of(client, **members)
    refused(activation, call(activation, "activate", program(made, **asked)), status, code, reason)


def test_mismatches(activation, client):
    made = license_of(client)
    token = call(activation, "activate", program(made)).value["licenseToken"]
    refused(activation, call(activation, "validate", program(made, client="Draw")), 409, 132, "CLIENT_MISMATCH")
    refused(activation, call(activation, "validate", program(made, "M-2", licenseToken=token)), 409, 133,
            "MACHINE_MISMATCH")
    assert call(activation, "validate", program(made, licenseToken=token)).status == 200


def test_one_license_for_a_machine(activation, client):
    product = {"id": unique("P")[:20]}
    first = license_of(client, product=product)
    second = license_of(client, product=product, policy={"machineUniqueness": "product"})
    machine = unique("M")
    assert call(activation, "activate", program(first, machine)).status == 200
    refused(activation, call(activation, "activate", program(second, machine)), 409, 135, "MACHINE_IN_USE")
    other = license_of(client, product={"id": unique("P")[:20]}, policy={"machineUniqueness": "product"})
    assert call(activation, "activate", program(other, machine)).status == 200


def test_a_machine_is_known_by_its_components(activation, client):
    made = license_of(client, maxAllowedSites=1, policy={"machineMatching": "most"})
    parts = {"cpu": "a", "disk": "b", "mac": "c"}
    token = call(activation, "activate", program(made, components=parts)).value["licenseToken"]
    renamed = call(activation, "activate", program(made, "M-2", components=parts | {"mac": "x"}))
    assert renamed.status == 200 and renamed.value["licenseToken"] == token, renamed
    assert call(activation, "validate", program(made, "M-2")).status == 200
    refused(activation, call(activation, "activate", program(
        made, "M-2", components={"cpu": "q", "disk": "q", "mac": "q"})), 409, 133, "MACHINE_MISMATCH")


def test_bodies_are_checked(activation, client):
    for body, member in (({}, "userKey"), ({"userKey": "x"}, "machineId"),
                         ({"userKey": "x" * 65, "machineId": "m"}, "userKey"),
                         ({"userKey": "x", "machineId": "m" * 256}, "machineId")):
        answer = call(activation, "activate", body)
        assert answer.status == 400 and member in activation.faults(answer), answer
        activation.check(answer.value, {"success": False, "code": 3, "reason": "VALIDATION_FAILED"})
    made = license_of(client)
    answer = call(activation, "validate", {"userKey": made["userKey"]})
    assert answer.status == 400 and "machineId" in activation.faults(answer), answer


def test_overage(activation, client):
    made = license_of(client, maxAllowedSites=2, policy={"overage": "1.5x"})
    statuses = [call(activation, "activate", program(made, f"M-{machine}")).status for machine in range(4)]
    assert statuses == [200, 200, 200, 409]


# --- who may call ---

def test_activations_by_the_header(activation, client):
    made = license_of(client, maxAllowedSites=5)
    for machine in ("M-1", "M-2"):
        assert call(activation, "activate", program(made, machine)).status == 200
    answer = activation.get(f"{BASE}/activations", headers={"X-User-Key": made["userKey"]})
    assert answer.status == 200, answer
    assert [seat["machineId"] for seat in answer.value["activations"]] == ["M-1", "M-2"]
    activation.check(answer.value, {"activeClientCount": 2, "maxClientCount": 5})
    assert activation.get(f"{BASE}/activations").status == 400


def test_unknown_keys_are_guesses(private_installation, media):
    """Wrong keys cost what right ones cost, and after some of them no other is looked up."""
    running = private_installation(workers=1, throttle_failures=5)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client)
    body = program(made)
    assert anybody.post(f"{BASE}/activate", body).status == 200
    assert anybody.post(f"{BASE}/validate", body).status == 200  # the first one is noted
    known = anybody.post(f"{BASE}/validate", body)
    wrong = anybody.post(f"{BASE}/validate", body | {"userKey": "nobody"})
    assert wrong.status == 404 and wrong.json()["reason"] == "NOT_FOUND"
    assert wrong.queries == known.queries == 1
    answers = [anybody.post(f"{BASE}/validate", body | {"userKey": f"guess{guess}"}) for guess in range(40)]
    assert answers[-1].status == 429 and "retry-after" in answers[-1].headers, answers[-1]
    # A right one passes all the same.
    assert anybody.post(f"{BASE}/validate", body).status == 200


@pytest.mark.parametrize("auth", ["key", "both"])
def test_client_auth(private_installation, auth):
    running = private_installation(workers=1, client_auth=auth)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client)
    row = shown(client, made)
    assert anybody.post(f"{BASE}/activate", program(made)).status == 401
    by_id = {"licenseId": row["licenseId"], "machineId": "M-1", "clientId": "Paint"}
    answer = client.post(f"{BASE}/activate", by_id)
    assert answer.status == (200 if auth == "key" else 400), answer
    assert client.post(f"{BASE}/activate", program(made)).status == 200


def test_options_of_answers_and_routes(private_installation):
    running = private_installation(workers=1, client_format="proto3", client_omit_zeros="yes",
                                   client_route_activate="POST /v2/licenses/take")
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client, licenseKey="<License/>", expireDate="2099-01-31T12:00:00Z")
    answer = anybody.post("/v2/Licenses/take", program(made), check=False)
    assert answer.status == 200, answer
    value = answer.json()
    assert value["license"]["expireAt"] == "2099-01-31T12:00:00Z"
    assert base64.b64decode(value["license"]["licenseKey"]) == b"<License/>"
    assert "tokenExpireAt" not in value and "maxClientCount" not in value and value["activeClientCount"] == 1
    assert anybody.get("/v2/licenses/take", check=False).status == 404


# --- what it costs, and what it leaves ---

def test_queries(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client, FLOATING, maxAllowedSites=9)

    def cost(name, *arguments, **members):
        answer = anybody.post(f"{BASE}/{name}", program(made, *arguments, **members))
        assert answer.status == 200, answer
        return answer.queries

    cost("request", "M-0")
    cost("validate", "M-0")
    cost("heartbeat", "M-0")
    # Seat and license are found, the license is claimed and the seat counted, it is stored, and logged.
    assert cost("request", "M-1") == 4
    assert cost("request", "M-1") == 2
    assert cost("validate", "M-1") == 1
    cost("heartbeat", "M-1")
    assert cost("heartbeat", "M-1") == 1
    # What was counted on the way is the number of rows, as a command counts them.
    assert anybody.post(f"{BASE}/release", program(made, "M-0")).status == 200
    total = client.get("/v1/license-tokens?countOnly=true").json()["licenseTokensCount"]
    assert [[str(total)]] == running.sql("SELECT COUNT(*) FROM license_token")


def traces(client, made):
    return client.get(f"/v1/license-traces?licenseId={made['licenseId']}&sort=id").json()["licenseTraces"]


def test_traces(private_installation):
    """Where the license says so, each call leaves one; what a worker still has is written when it stops."""
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made, silent = license_of(client, maxAllowedSites=1, trace=True), license_of(client)
    for name, machine in (("activate", "M-1"), ("activate", "M-2"), ("validate", "M-1"), ("deactivate", "M-1")):
        anybody.post(f"{BASE}/{name}", program(made, machine))
        anybody.post(f"{BASE}/{name}", program(silent, machine))
    wait_until(lambda: len(traces(client, made)) == 4, "traces")
    found = traces(client, made)
    assert [trace["action"] for trace in found] == [1, 1, 5, 2]
    assert [trace["machineId"] for trace in found] == ["M-1", "M-2", "M-1", "M-1"]
    assert {(trace["clientIp"], trace["clientId"], trace["clientName"]) for trace in found} == {
        ("127.0.0.1", "Paint", "PC of Anna")}
    assert [trace["meta"] for trace in found] == [None, '{"code":136,"reason":"SEAT_LIMIT_REACHED"}', None, None]
    assert traces(client, silent) == []
    for _ in range(5):
        anybody.post(f"{BASE}/validate", program(made))
    running.stop_pool()
    running.start_pool()
    assert len(traces(client, made)) == 9


SAMPLES = {
    "activate": "success licenseToken tokenExpireAt activeClientCount maxClientCount license licenseId licensingMode "
                "expireAt seconds nanos supportExpireAt seconds nanos licenseKey",
    "deactivate": "licenseId activeClientCount maxClientCount"}


def test_the_members_are_those_of_the_reference(client, anonymous):
    """In their order, too."""
    made = license_of(client, licenseKey="x", expireDate="2099-01-01T00:00:00Z",
                      supportExpireDate="2099-01-01T00:00:00Z")
    for name, members in SAMPLES.items():
        answer = anonymous.post(f"{BASE}/{name}", program(made))
        assert re.findall(r'"(\w+)":', answer.text) == members.split(), answer
