"""What programs call: seats that are taken, kept and freed, and every reason to refuse that."""

import base64
import datetime
import json
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


# --- what users of the key free ---

def activations(activation, made):
    answer = activation.get(f"{BASE}/activations", headers={"X-User-Key": made["userKey"]})
    assert answer.status == 200, answer
    return answer.value


def machines(activation, made):
    return [seat["machineId"] for seat in activations(activation, made)["activations"]]


def activate_all(activation, made, *names):
    for machine in names:
        answer = call(activation, "activate", program(made, machine))
        assert answer.status == 200, answer


def seat_id(activation, made, machine):
    [found] = [seat["id"] for seat in activations(activation, made)["activations"] if seat["machineId"] == machine]
    return number(found)


def free(activation, made, **members):
    return call(activation, "deactivate", {"userKey": made["userKey"]} | members)


def test_a_lost_machine_is_freed(activation, client):
    """Who has the key names the seat, from any machine or none; another license's it cannot name."""
    made, other = license_of(client, maxAllowedSites=3), license_of(client)
    activate_all(activation, made, "M-1", "M-2", "M-3")
    activate_all(activation, other, "M-1")
    assert activations(activation, made)["selfReleasesLeft"] is None
    lost = seat_id(activation, made, "M-2")
    freed = free(activation, made, activationId=lost, machineId="M-1", clientId="Paint")
    assert freed.status == 200 and number(freed.value["activeClientCount"]) == 2, freed
    assert machines(activation, made) == ["M-1", "M-3"]
    refused(activation, call(activation, "validate", program(made, "M-2")), 409, 131, "NOT_ACTIVATED")
    foreign = seat_id(activation, other, "M-1")
    for gone in (lost, foreign):
        refused(activation, free(activation, made, activationId=gone), 409, 131, "NOT_ACTIVATED")
    assert machines(activation, other) == ["M-1"]
    for wrong in (0, -1, "x", 2**31):
        answer = free(activation, made, activationId=wrong)
        assert answer.status == 400 and "activationId" in activation.faults(answer), answer
    both = free(activation, made, activationId=lost, all=True)
    assert both.status == 400 and "activationId" in activation.faults(both), both
    # To other operations it says nothing.
    assert call(activation, "validate", program(made, "M-3", activationId=lost, all=True)).status == 200


def test_all_are_freed(activation, client):
    made = license_of(client, maxAllowedSites=3)
    activate_all(activation, made, "M-1", "M-2", "M-3")
    assert free(activation, made, all=False).status == 400
    for _ in range(2):
        freed = free(activation, made, all=True)
        assert freed.status == 200 and number(freed.value["activeClientCount"]) == 0, freed
    assert machines(activation, made) == []
    activate_all(activation, made, "M-4", "M-5", "M-6")


def test_self_releases_are_limited(activation, client, installation):
    """Also those of a program's own seat, since nobody can tell which machine speaks; a renewed one is none."""
    made = license_of(client, maxAllowedSites=5, policy={"selfReleases": 2, "selfReleaseDays": 30})
    activate_all(activation, made, "M-1", "M-2", "M-3", "M-4")
    assert number(activations(activation, made)["selfReleasesLeft"]) == 2
    refused(activation, free(activation, made, all=True), 409, 138, "SELF_RELEASES_USED_UP")
    assert call(activation, "deactivate", program(made, "M-1")).status == 200
    assert free(activation, made, activationId=seat_id(activation, made, "M-2")).status == 200
    refused(activation, call(activation, "deactivate", program(made, "M-3")), 409, 138, "SELF_RELEASES_USED_UP")
    assert number(activations(activation, made)["selfReleasesLeft"]) == 0
    assert machines(activation, made) == ["M-3", "M-4"]
    # The vendor frees what it likes, and allows more; and the next period begins again.
    [seat] = client.get(f"/v1/licenses/{made['licenseId']}/tokens?take=1&sort=id").json()["licenseTokens"]
    assert client.delete(f"/v1/licenses/{made['licenseId']}/tokens/{seat['id']}").status == 200
    answer = client.put("/v1/licenses", {"license": {"id": made["licenseId"], "policy": {"selfReleases": 3}}})
    assert answer.status == 200 and number(activations(activation, made)["selfReleasesLeft"]) == 1, answer
    installation.sql("UPDATE license SET self_releases_from = self_releases_from - INTERVAL 31 DAY "
                     f"WHERE id = {made['licenseId']}")
    assert number(activations(activation, made)["selfReleasesLeft"]) == 3
    assert free(activation, made, all=True).status == 200
    assert number(activations(activation, made)["selfReleasesLeft"]) == 2


def test_no_self_releases(activation, client, installation):
    made = license_of(client, policy={"selfReleases": 0})
    activate_all(activation, made, "M-1")
    for members in ({"machineId": "M-1", "clientId": "Paint"}, {"all": True},
                    {"activationId": seat_id(activation, made, "M-1")}):
        refused(activation, free(activation, made, **members), 403, 137, "SELF_RELEASE_REFUSED")
    assert machines(activation, made) == ["M-1"]
    # A floating program frees its own seat whenever it ends, and no other one.
    floating = license_of(client, FLOATING, policy={"selfReleases": 0})
    for machine in ("M-1", "M-2"):
        assert call(activation, "request", program(floating, machine)).status == 200
    lost = seat_id(activation, floating, "M-1")
    refused(activation, call(activation, "release", {"userKey": floating["userKey"], "activationId": lost}), 403, 137,
            "SELF_RELEASE_REFUSED")
    assert call(activation, "release", program(floating, "M-2")).status == 200


def test_without_a_period_all_count(activation, client, installation):
    made = license_of(client, policy={"selfReleases": 1})
    activate_all(activation, made, "M-1", "M-2")
    assert call(activation, "deactivate", program(made)).status == 200
    installation.sql("UPDATE license SET self_releases_from = '2001-01-01' "
                     f"WHERE id = {made['licenseId']}")
    refused(activation, call(activation, "deactivate", program(made, "M-2")), 409, 138, "SELF_RELEASES_USED_UP")


@pytest.mark.parametrize("word,left", [("oldest", ["M-2", "M-3"]), ("leastRecent", ["M-1", "M-3"])])
def test_a_new_machine_replaces_another(activation, client, word, left):
    made = license_of(client, maxAllowedSites=2, policy={"seatReplacement": word, "selfReleases": 1})
    activate_all(activation, made, "M-1", "M-2", "M-1")
    answer = call(activation, "activate", program(made, "M-3"))
    assert answer.status == 200 and number(answer.value["activeClientCount"]) == 2, answer
    assert machines(activation, made) == left
    # It is one of the policy's selfReleases, so that two machines do not replace each other for ever.
    refused(activation, call(activation, "activate", program(made, "M-4")), 409, 136, "SEAT_LIMIT_REACHED")
    assert call(activation, "activate", program(made, "M-3")).status == 200


def test_as_many_are_replaced_as_are_too_many(activation, client):
    made = license_of(client, maxAllowedSites=4, policy={"seatReplacement": "oldest"})
    activate_all(activation, made, "M-1", "M-2", "M-3", "M-4")
    assert client.put("/v1/licenses", {"license": {"id": made["licenseId"], "maxAllowedSites": 2}}).status == 200
    activate_all(activation, made, "M-5")
    assert machines(activation, made) == ["M-4", "M-5"]


def test_seats_that_are_used_offline_stay(activation, client, installation):
    """Their files go on, whoever else wants them gone."""
    made = license_of(client, maxAllowedSites=2, policy={"seatReplacement": "oldest"})
    activate_all(activation, made, "M-1", "M-2")
    offline = ("UPDATE license_token SET offline_until = UTC_TIMESTAMP(6) + INTERVAL 1 DAY "
               f"WHERE license_id = {made['licenseId']} AND machine_id = ")
    installation.sql(offline + "'M-1'")
    refused(activation, free(activation, made, activationId=seat_id(activation, made, "M-1")), 409, 153, "SEAT_OFFLINE")
    activate_all(activation, made, "M-3")
    assert machines(activation, made) == ["M-1", "M-3"]
    installation.sql(offline + "'M-3'")
    refused(activation, call(activation, "activate", program(made, "M-4")), 409, 136, "SEAT_LIMIT_REACHED")
    installation.sql(f"UPDATE license_token SET offline_until = NULL WHERE machine_id = 'M-3' AND "
                     f"license_id = {made['licenseId']}")
    freed = free(activation, made, all=True)
    assert freed.status == 200 and number(freed.value["activeClientCount"]) == 1, freed
    assert machines(activation, made) == ["M-1"]


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
    running = private_installation(workers=1, client_format="proto3", dialect_activation="omit-zeros",
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
    # Seat and license are found, the license is claimed, the seat is stored, and it is logged and counted with COMMIT.
    assert cost("request", "M-1") == 4
    assert cost("request", "M-1") == 2
    assert cost("validate", "M-1") == 1
    cost("heartbeat", "M-1")
    assert cost("heartbeat", "M-1") == 1
    # Other machines' seats are freed as one's own; where that is limited, the license is claimed, read again and counted.
    for policy, queries in ((None, 4), ({"selfReleases": 9}, 6)):
        limited = license_of(client, maxAllowedSites=9, policy=policy)
        first, second = (anybody.post(f"{BASE}/activate", program(limited, machine)) for machine in ("M-1", "M-2"))
        assert (first.status, second.status, second.queries) == (200, 200, 4), second.queries
        [[seat]] = running.sql("SELECT MAX(id) FROM license_token")
        answer = anybody.post(f"{BASE}/deactivate", {"userKey": limited["userKey"], "activationId": int(seat)})
        assert answer.status == 200 and answer.queries == queries, (answer, answer.queries)
    # What was counted is the number of rows.
    assert anybody.post(f"{BASE}/release", program(made, "M-0")).status == 200
    total = client.get("/v1/license-tokens?countOnly=true").json()["licenseTokensCount"]
    assert [[str(total)]] == running.sql("SELECT COUNT(*) FROM license_token")


def events(running):
    """How often each event was put down for somebody."""
    return {name: int(count) for name, count in running.sql("SELECT type, COUNT(*) FROM webhook_delivery GROUP BY type")}


def test_the_limit_is_told_once(private_installation):
    """Until a seat was free again, however many ask meanwhile, of whichever worker, and after a restart."""
    running = private_installation(workers=3)
    client, anybody = running.client(running.admin_key), running.client()
    hook = client.post("/v1/webhooks", {"webhook": {"url": "https://hook.invalid/", "events": ["license.*"]}})
    assert hook.status == 200, hook
    made = license_of(client, FLOATING, maxAllowedSites=1)

    def ask(name, machine, status, times=1):
        for _ in range(times):
            assert anybody.post(f"{BASE}/{name}", program(made, machine)).status == status

    def told():
        refusal = anybody.post(f"{BASE}/request", program(made, "M-9"))
        assert refusal.status == 409 and refusal.queries == 1  # it was told before
        return events(running).get("license.seat_limit_reached", 0)

    ask("request", "M-1", 200)
    ask("request", "M-2", 409, 9)
    assert told() == 1
    running.stop_pool()
    running.start_pool()
    ask("request", "M-2", 409, 9)
    ask("heartbeat", "M-1", 200)
    ask("request", "M-1", 200)
    ask("request", "M-2", 409)
    assert told() == 1
    ask("release", "M-1", 200)
    ask("request", "M-2", 200)
    ask("request", "M-1", 409, 9)
    assert told() == 2
    lapse(running, made)
    ask("request", "M-1", 200)
    ask("heartbeat", "M-2", 409)
    ask("request", "M-3", 409)
    assert told() == 3


def test_events_of_seats_of_others(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    hook = client.post("/v1/webhooks", {"webhook": {"url": "https://hook.invalid/", "events": ["license.*"]}})
    assert hook.status == 200, hook
    made = license_of(client, maxAllowedSites=2, policy={"seatReplacement": "oldest"})
    for machine in ("M-1", "M-2", "M-3"):
        assert anybody.post(f"{BASE}/activate", program(made, machine)).status == 200
    [[payload]] = running.sql("SELECT payload FROM webhook_delivery WHERE type = 'license.seat_replaced'")
    assert json.loads(payload)["data"]["machineId"] == "M-1"
    assert anybody.post(f"{BASE}/deactivate", {"userKey": made["userKey"], "all": True}).status == 200
    found = events(running)
    assert (found["license.activated"], found["license.released"], found["license.seat_replaced"]) == (3, 2, 1)
    assert "license.seat_limit_reached" not in found


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


def test_traces_of_seats_of_others(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client, maxAllowedSites=2, trace=True, policy={"seatReplacement": "oldest"})
    seats = []
    for machine in ("M-1", "M-2", "M-3"):
        assert anybody.post(f"{BASE}/activate", program(made, machine)).status == 200
        seats.append(int(running.sql("SELECT MAX(id) FROM license_token")[0][0]))
    assert anybody.post(f"{BASE}/deactivate", {"userKey": made["userKey"], "all": True}).status == 200
    wait_until(lambda: len(traces(client, made)) == 4, "traces")
    assert [trace["meta"] for trace in traces(client, made)] == [
        None, None, f'{{"freed":[{seats[0]}]}}', f'{{"freed":[{seats[1]},{seats[2]}]}}']


def test_the_audit_log_tells_who_freed(private_installation):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    made = license_of(client, maxAllowedSites=2)
    for machine in ("M-1", "M-2"):
        assert anybody.post(f"{BASE}/activate", program(made, machine)).status == 200
    assert anybody.post(f"{BASE}/deactivate", {"userKey": made["userKey"], "all": True}).status == 200
    assert running.sql("SELECT actor_name, COUNT(*) FROM audit_entry WHERE action = 'delete' "
                       "AND resource = 'license token' GROUP BY actor_name") == [
        [f"user of license {shown(client, made)['licenseId']}", "2"]]


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
