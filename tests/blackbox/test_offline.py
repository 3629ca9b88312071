"""Offline use: request files, license files of one machine, receipts. What a machine does, the library of vendors does here."""

import base64
import concurrent.futures
import datetime
import json
import subprocess

import pytest

from harness.compiler import compile_program
from harness.families import unique
from harness.installation import TOP
from harness.machine import Machine, offline_call
from harness.sight import Viewers
from harness.waiting import wait_until

BASE = "/v1/license"
CHECKOUT, RECEIPT = "CheckOutLicenseRequest", "ReturnLicenseRequest"
DAY = 86400
FORMATS = {0: "xml", 1: "xml-dsig", 2: "jws", 4: "license-file"}


@pytest.fixture(scope="module")
def signer(installation):
    """Number and public half of a signing key."""
    client = installation.client(installation.admin_key)
    number = client.post("/v1/signing-keys", {"signingKey": {"name": unique("offline")}}).json()["signingKeyId"]
    return number, client.get(f"/v1/signing-keys/{number}/public").text


@pytest.fixture
def machine(installation, signer, tmp_path):
    return lambda name="M-1", client="Paint": Machine(installation, tmp_path / name, signer[1], name, client)


@pytest.fixture
def license_of(client, signer):
    def make(mode=1, **members):
        policy = {"offlineSeconds": 30 * DAY} | members.pop("policy", {})
        answer = client.post("/v1/licenses", {"license": {
            "licensingMode": mode, "userKey": unique("KEY"), "signingKeyId": signer[0], "format": 2, "policy": policy,
            **members}})
        assert answer.status == 200, answer
        return answer.json()
    return make


def check_out(activation, made, request, **members):
    return activation.post(f"{BASE}/checkout", CHECKOUT, {"userKey": made["userKey"], "request": request} | members)


def give_back(activation, made, receipt):
    return activation.post(f"{BASE}/receipt", RECEIPT, {"userKey": made["userKey"], "receipt": receipt})


def refused(activation, answer, status, code, reason):
    assert answer.status == status, answer
    activation.check(answer.value, {"success": False, "code": code, "reason": reason, "message": ...})


def seats(client, made):
    return client.get(f"/v1/licenses/{made['licenseId']}/tokens").json()["licenseTokens"]


def shown(client, number):
    return client.get(f"/v1/licenses?filter=id%20=%20{number}&include=*").json()["licenses"][0]


def moment(value):
    """Of an answer to a program, or of a row."""
    if isinstance(value, str):
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    whole = datetime.datetime.fromtimestamp(int(value["seconds"]), datetime.timezone.utc)
    return whole + datetime.timedelta(microseconds=int(value["nanos"]) // 1000)


# --- the whole life of it ---

def test_from_the_request_to_the_receipt(activation, client, license_of, machine):
    one = machine()
    made = license_of(maxAllowedSites=1, product={"id": "P01"}, features=[{"id": "F1", "name": "Export"}])
    before = datetime.datetime.now(datetime.timezone.utc)
    answer = check_out(activation, made, one.request(), timeToLive=7 * DAY)
    assert answer.status == 200, answer
    value = answer.value
    activation.check(value, {"success": True, "checkoutCount": 1, "maxCheckoutCount": 0, "activeClientCount": 1,
                             "maxClientCount": 1, "licenseToken": ..., "file": ..., "fileName": ...})
    week = datetime.timedelta(days=7)
    assert before + week <= moment(value["fileExpireAt"]) <= datetime.datetime.now(datetime.timezone.utc) + week
    assert value["tokenExpireAt"] == value["fileExpireAt"]
    said = one.verify(value["file"], "--product", "P01")
    assert (said["result"], said["machine"], said["format"]) == ("VALID", "M-1", "jws"), said
    assert [feature["name"] for feature in said["features"]] == ["Export"] and said["maxAllowedSites"] == 1
    assert moment(said["fileExpireDate"]) == moment(said["expireDate"]) == moment(value["fileExpireAt"]).replace(microsecond=0)
    # The vendor sees the seat, and the license that the machine has got.
    [seat] = seats(client, made)
    locked = shown(client, seat["nodeLockedLicenseId"])
    assert (seat["checkoutCount"], seat["machineId"], seat["clientId"]) == (1, "M-1", "Paint") and seat["lastCheckout"]
    assert seat["offlineUntil"] == seat["expireDate"] == locked["expireDate"]
    assert (locked["licensingMode"], locked["state"], locked["licenseKey"]) == (0, "active", value["file"])
    assert int(value["nodeLockedLicenseId"]) == locked["id"]
    # Nobody else has a seat meanwhile, and this one is not given back without proof.
    refused(activation, check_out(activation, made, machine("M-2").request()), 409, 136, "SEAT_LIMIT_REACHED")
    program = {"userKey": made["userKey"], "machineId": "M-1", "clientId": "Paint"}
    refused(activation, activation.post(f"{BASE}/deactivate", "DeactivateLicenseRequest", program), 409, 153, "SEAT_OFFLINE")
    receipt = one.receipt(value["file"])
    assert one.verify(value["file"])["result"] == "RETURNED"
    freed = give_back(activation, made, receipt)
    assert freed.status == 200, freed
    activation.check(freed.value, {"activeClientCount": 0, "maxClientCount": 1})
    assert seats(client, made) == [] and shown(client, locked["id"])["state"] == "revoked"
    # Again is harmless, and the same receipt can be made again.
    assert one.receipt(value["file"]) == receipt
    again = give_back(activation, made, receipt)
    assert again.status == 200 and int(again.value["activeClientCount"]) == 0, again
    assert check_out(activation, made, machine("M-2").request()).status == 200
    # The seat of somebody else is not freed by it.
    assert give_back(activation, made, receipt).status == 200 and len(seats(client, made)) == 1


def test_the_example_with_copied_files(activation, license_of, signer, tmp_path):
    """A program of a vendor that has the two files of the library in it."""
    program = compile_program(tmp_path, TOP / "examples/offline.c", f"-I{TOP}/verify", TOP / "verify/clientele_verify.c",
                              "-lcrypto")
    public, license_file, state = tmp_path / "public", tmp_path / "license", tmp_path / "state"
    public.write_text(signer[1])

    def run(*arguments, machine="M-1"):
        result = subprocess.run([str(program), str(state), machine, *map(str, arguments)], capture_output=True, text=True,
                                timeout=60, check=False)
        return result.returncode, result.stdout, result.stderr

    made = license_of()
    status, request, _ = run("request")
    assert status == 0
    license_file.write_text(check_out(activation, made, request).value["file"])
    assert run("use", public, license_file)[0] == 0
    assert "MACHINE_MISMATCH" in run("use", public, license_file, machine="M-2")[2]
    status, receipt, _ = run("return", public, license_file)
    assert status == 0 and give_back(activation, made, receipt).status == 200
    status, _, said = run("use", public, license_file)
    assert status == 1 and said.startswith("RETURNED "), said
    assert run("return", public, license_file) == (0, receipt, "VALID The license is valid.\n")


@pytest.mark.parametrize("number", FORMATS)
def test_formats(activation, license_of, machine, number):
    one, made = machine(), license_of(format=number)
    answer = check_out(activation, made, one.request(made["userKey"]))
    assert answer.status == 200, answer
    said = one.verify(answer.value["file"])
    assert (said["result"], said["format"]) == ("VALID", FORMATS[number]), said
    assert one.verify(answer.value["file"], "--at", "2030-01-01")["result"] == "EXPIRED"
    # A changed byte, and another machine.
    text = answer.value["file"]
    place = text.index("licenseId") if number < 2 else len(text) // 2
    changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1:]
    assert one.verify(changed)["result"] in ("SIGNATURE_INVALID", "MALFORMED", "NOT_A_LICENSE"), changed
    other = machine("M-2")
    other.request()
    assert other.verify(text)["result"] == "MACHINE_MISMATCH"
    # A copy of the file on a machine that says it is the same one has no key.
    other.name = "M-1"
    assert other.verify(text)["result"] == "RETURNED"


def test_serials_and_unsigned_licenses(activation, client, license_of, machine):
    refused(activation, check_out(activation, license_of(format=3), machine().request()), 409, 154, "NOT_BINDABLE")
    made = client.post("/v1/licenses", {"license": {
        "userKey": unique("KEY"), "licenseKey": "own text", "policy": {"offlineSeconds": DAY}}}).json()
    answer = check_out(activation, made, machine().request())
    # Unless a default key of the installation signs it.
    assert answer.status == 200 or answer.value["reason"] == "NOT_BINDABLE", answer


def test_encrypted(activation, license_of, machine):
    one, made = machine(), license_of(format=4)
    answer = check_out(activation, made, one.request(made["userKey"]), encrypt=True)
    assert answer.status == 200, answer
    assert one.verify(answer.value["file"])["result"] == "SECRET_REQUIRED"
    secret = one.key_file(made["userKey"] + one.name)
    assert one.verify(answer.value["file"], "--secret-file", secret)["result"] == "VALID"
    assert one.verify(answer.value["file"], "--secret-file", one.key_file(made["userKey"]))["result"] == "DECRYPTION_FAILED"
    refusal = check_out(activation, license_of(format=2), machine("M-2").request(), encrypt=True)
    assert refusal.status == 409, refusal


# --- refresh, counts, time to live ---

def test_refresh_by_the_same_request(activation, client, license_of, machine):
    one, made = machine(), license_of(maxAllowedSites=1, policy={"offlineCheckouts": 3})
    request = one.request()
    first = check_out(activation, made, request, timeToLive=10 * DAY).value
    second = check_out(activation, made, request, timeToLive=20 * DAY)
    assert second.status == 200, second
    second = second.value
    assert second["licenseToken"] == first["licenseToken"] and second["nodeLockedLicenseId"] == first["nodeLockedLicenseId"]
    activation.check(second, {"checkoutCount": 2, "maxCheckoutCount": 3, "activeClientCount": 1})
    assert moment(second["fileExpireAt"]) > moment(first["fileExpireAt"])
    assert one.verify(first["file"])["result"] == one.verify(second["file"])["result"] == "VALID"
    # A shorter file does not shorten the seat: the longer one still works.
    third = check_out(activation, made, one.request(), timeToLive=60).value
    [seat] = seats(client, made)
    assert moment(seat["offlineUntil"]) == moment(second["fileExpireAt"]) and seat["checkoutCount"] == 3
    assert moment(third["fileExpireAt"]) < moment(first["fileExpireAt"])
    refused(activation, check_out(activation, made, request), 409, 152, "CHECKOUT_LIMIT_REACHED")
    assert give_back(activation, made, one.receipt(third["file"])).status == 200
    # A seat that is taken anew is counted anew.
    assert int(check_out(activation, made, one.request()).value["checkoutCount"]) == 1


def test_check_outs_at_once_are_all_counted(activation, client, license_of, machine):
    made = license_of(policy={"offlineCheckouts": 4})
    request = machine().request()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: check_out(activation, made, request).status, range(8)))
    assert sorted(statuses) == [200] * 4 + [409] * 4, statuses
    [seat] = seats(client, made)
    locked = client.get(f"/v1/licenses?filter=description.StartsWith(%22Offline%20use%20of%20"
                        f"{shown(client, made['licenseId'])['licenseId']}%20%22)").json()["licenses"]
    assert seat["checkoutCount"] == 4 and [one["id"] for one in locked] == [seat["nodeLockedLicenseId"]]


def test_time_to_live(activation, license_of, machine):
    one, made = machine(), license_of(policy={"offlineSeconds": 100})
    for seconds in (101, 59, 0, -1):
        answer = check_out(activation, made, one.request(), timeToLive=seconds)
        assert answer.status == 400 and "timeToLive" in activation.faults(answer), answer
    assert check_out(activation, made, one.request(), timeToLive=100).status == 200
    # A hundred years, and by default as long as the policy says; the license's end is earlier.
    made = license_of(policy={"offlineSeconds": 36500 * DAY})
    answer = check_out(activation, made, one.request())
    assert answer.status == 200 and moment(answer.value["fileExpireAt"]).year > 2120, answer
    made = license_of(policy={"offlineSeconds": 36500 * DAY}, expireDate="2099-01-31T12:00:00Z")
    answer = check_out(activation, made, one.request())
    assert moment(answer.value["fileExpireAt"]) == moment("2099-01-31T12:00:00Z"), answer


def test_the_end_of_the_file_frees_the_seat(activation, client, installation, license_of, machine):
    made = license_of(maxAllowedSites=1)
    assert check_out(activation, made, machine().request(), timeToLive=60).status == 200
    refused(activation, check_out(activation, made, machine("M-2").request()), 409, 136, "SEAT_LIMIT_REACHED")
    installation.sql("UPDATE license_token SET expire_date = expire_date - INTERVAL 1 DAY, offline_until = offline_until - "
                     f"INTERVAL 1 DAY WHERE license_id = {made['licenseId']}")
    assert check_out(activation, made, machine("M-2").request()).status == 200


# --- with what happens online ---

def test_online_and_offline_share_the_seat(activation, client, license_of, machine):
    one, made = machine(), license_of(maxAllowedSites=1)
    program = {"userKey": made["userKey"], "machineId": "M-1", "clientId": "Paint"}
    online = activation.post(f"{BASE}/activate", "ActivateLicenseRequest", program)
    answer = check_out(activation, made, one.request())
    assert answer.status == 200 and answer.value["licenseToken"] == online.value["licenseToken"], answer
    listed = activation.get(f"{BASE}/activations", headers={"X-User-Key": made["userKey"]})
    assert [moment(one["offlineUntil"]) for one in listed.value["activations"]] == [moment(answer.value["fileExpireAt"])]
    # What was activated online stays when the file has ended.
    assert answer.value["tokenExpireAt"] is None and seats(client, made)[0]["offlineUntil"]
    assert activation.post(f"{BASE}/validate", "ValidateLicenseRequest", program).status == 200


def test_a_heartbeat_does_not_shorten_it(activation, client, license_of, machine):
    one, made = machine(), license_of(mode=2, policy={"leaseSeconds": 60})
    answer = check_out(activation, made, one.request(), timeToLive=DAY)
    program = {"userKey": made["userKey"], "machineId": "M-1", "clientId": "Paint"}
    for _ in range(3):
        beat = activation.post(f"{BASE}/heartbeat", "HeartbeatRequest", program)
        assert beat.status == 200, beat
    assert seats(client, made)[0]["expireDate"] == shown(client, answer.value["nodeLockedLicenseId"])["expireDate"]
    refused(activation, activation.post(f"{BASE}/release", "ReleaseFloatingLicenseRequest", program), 409, 153, "SEAT_OFFLINE")


def test_customers_free_no_seat_that_is_used_offline(activation, client, installation, license_of, machine):
    """The customer's own seats can be freed by the customer; this one by a receipt, or the vendor, who knows more."""
    customer = client.post("/v1/customers", {"customer": {"company": unique("offline")}}).json()["customerId"]
    made = license_of(customerId=customer)
    assert check_out(activation, made, machine().request()).status == 200
    [seat] = seats(client, made)
    path = f"/v1/licenses/{made['licenseId']}/tokens/{seat['id']}"
    owner = installation.client(Viewers(installation).key("Customer", customerId=customer))
    refusal = owner.delete(path)
    assert refusal.status == 409 and "receipt" in refusal.text, refusal
    assert client.delete(path).status == 200 and seats(client, made) == []


def test_reasons(activation, client, license_of, machine):
    one = machine()
    for members, status, code, reason in (
            ({"policy": {"offlineSeconds": None}}, 403, 151, "OFFLINE_NOT_ALLOWED"),
            ({"revoked": True}, 403, 102, "REVOKED"), ({"suspended": True}, 403, 103, "SUSPENDED"),
            ({"expireDate": "2020-01-01T00:00:00Z"}, 403, 107, "EXPIRED"),
            ({"policy": {"allowedNetworks": ["198.51.100.0/24"]}}, 403, 104, "NETWORK_REFUSED"),
            ({"restrictions": [{"name": "Hardware", "properties": {"HardwareKey": "M-9"}}]}, 403, 123, "RESTRICTION_HARDWARE")):
        refused(activation, check_out(activation, license_of(**members), one.request()), status, code, reason)
    made = license_of(product={"id": "P01"})
    request = one.request(None, "--product", "P02")
    refused(activation, check_out(activation, made, request), 403, 108, "PRODUCT_MISMATCH")
    refused(activation, check_out(activation, {"userKey": unique("none")}, one.request()), 404, 101, "NOT_FOUND")
    # What the vendor has revoked of this machine alone is not made again.
    made = license_of()
    locked = check_out(activation, made, one.request()).value["nodeLockedLicenseId"]
    assert client.post(f"/v1/licenses/{locked}/revoke", None).status == 200
    refused(activation, check_out(activation, made, one.request()), 403, 102, "REVOKED")


# --- files that are none ---

def parts(text):
    lines = text.strip().splitlines()
    return lines[0], "".join(lines[1:-1]).split("."), lines[-1]


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def joined(begin, pieces, end):
    return "\n".join((begin, ".".join(pieces), end)) + "\n"


def broken_requests(text):
    begin, (header, payload, signature), end = parts(text)
    said = json.loads(decode(payload))
    yield "", "empty"
    yield "x", "no file"
    yield text.replace("REQUEST", "RECEIPT"), "another kind"
    yield text[:-30], "cut"
    yield joined(begin, (header, payload), end), "no signature"
    yield joined(begin, (header, payload, signature[:-4]), end), "a short signature"
    yield joined(begin, (header, payload, encode(bytes(64))), end), "a wrong signature"
    yield joined(begin, (encode(b'{"alg":"none"}'), payload, signature), end), "another header"
    yield joined(begin, (header, encode(json.dumps(said | {"machineId": "M-9"}).encode()), signature), end), "changed"
    yield joined(begin, (header, encode(b"[1]"), signature), end), "a list"
    yield joined(begin, (header, encode(b"{" * 100), signature), end), "no JSON"
    yield joined(begin, (header, encode(json.dumps({**said, "machineKey": "x"}).encode()), signature), end), "no key"
    yield joined(begin, (header, encode(json.dumps({**said, "time": "soon"}).encode()), signature), end), "no time"
    for member in ("machineKey", "machineId", "time"):
        less = {name: value for name, value in said.items() if name != member}
        yield joined(begin, (header, encode(json.dumps(less).encode()), signature), end), f"without {member}"
    yield joined(begin, (header, encode(json.dumps(said | {"machineId": "M" * 256}).encode()), signature), end), "a long name"
    yield joined(begin, (header + "=", payload, signature), end), "padding"
    yield text + " " * 40000, "too large"


def test_broken_requests(activation, client, license_of, machine):
    made = license_of()
    seen = 0
    for text, what in broken_requests(machine().request()):
        answer = check_out(activation, made, text)
        assert answer.status == 400, f"{what}: {answer}"
        assert any(name.startswith("request") for name in activation.faults(answer)), f"{what}: {answer}"
        seen += 1
    assert seen > 15 and seats(client, made) == []
    # Line ends and white space around it may change on the way.
    text = machine().request()
    assert check_out(activation, made, "\r\n " + text.replace("\n", "\r\n")).status == 200


def test_user_keys(activation, license_of, machine):
    made, one = license_of(), machine()
    inside = one.request(made["userKey"])
    assert activation.post(f"{BASE}/checkout", CHECKOUT, {"request": inside}).status == 200
    hidden = one.request(made["userKey"], "--hide-user-key")
    assert made["userKey"] not in decode(parts(hidden)[1][1]).decode()
    answer = activation.post(f"{BASE}/checkout", CHECKOUT, {"request": hidden})
    assert answer.status == 400 and "userKey" in activation.faults(answer), answer
    by_header = activation.post(f"{BASE}/checkout", CHECKOUT, {"request": hidden}, headers={"X-User-Key": made["userKey"]})
    assert by_header.status == 200, by_header
    answer = check_out(activation, license_of(), hidden)
    assert answer.status == 400 and "userKey" in activation.faults(answer), answer


def test_by_the_vendor(private_installation, tmp_path):
    """Who is sent the files has a key, and names the license, not its user key."""
    running = private_installation(workers=1, client_auth="key")
    client = running.client(running.admin_key)
    number = client.post("/v1/signing-keys", {"signingKey": {"name": "offline"}}).json()["signingKeyId"]
    public = client.get(f"/v1/signing-keys/{number}/public").text
    made = client.post("/v1/licenses", {"license": {
        "licenseId": "L-OFFLINE", "format": 2, "signingKeyId": number, "policy": {"offlineSeconds": DAY}}}).json()
    one = Machine(running, tmp_path / "machine", public)
    body = {"licenseId": "L-OFFLINE", "request": one.request()}
    assert running.client().post(f"{BASE}/checkout", body).status == 401
    answer = client.post(f"{BASE}/checkout", body)
    assert answer.status == 200 and one.verify(answer.json()["file"])["result"] == "VALID", answer
    # A receipt names its license itself.
    answer = client.post(f"{BASE}/receipt", {"receipt": one.receipt(answer.json()["file"])})
    assert answer.status == 200 and seats(client, made) == [], answer


def test_forged_receipts(activation, client, license_of, machine):
    one, made, other = machine(), license_of(maxAllowedSites=2), license_of()
    file = check_out(activation, made, one.request()).value["file"]
    # Another machine with that name has no key of this file.
    thief = machine("M-2")
    thief.name = "M-1"
    stolen = check_out(activation, other, thief.request()).value["file"]
    wrong = thief.receipt(stolen)
    begin, (header, payload, signature), end = parts(wrong)
    said = json.loads(decode(payload))
    ours = shown(client, made["licenseId"])["licenseId"]
    forged = joined(begin, (header, encode(json.dumps(said | {"licenseId": ours}).encode()), signature), end)
    for text in (wrong, forged):
        refused(activation, give_back(activation, made, text), 403, 155, "RECEIPT_REFUSED")
    assert len(seats(client, made)) == 1 and one.verify(file)["result"] == "VALID"
    answer = give_back(activation, made, one.request())
    assert answer.status == 400 and "receipt" in activation.faults(answer), answer
    right = one.receipt(file)
    refused(activation, give_back(activation, other, right), 403, 155, "RECEIPT_REFUSED")
    assert give_back(activation, made, right).status == 200 and seats(client, made) == []
    # The receipt of an earlier file frees no later one.
    assert check_out(activation, made, one.request()).status == 200
    refused(activation, give_back(activation, made, right), 403, 155, "RECEIPT_REFUSED")


def test_a_machine_that_is_called_otherwise_by_now(activation, client, license_of, machine):
    """It is known by its components, and its receipt frees the seat all the same."""
    one, made = machine(), license_of(policy={"machineMatching": "most"})
    parts = ["--component", "cpu=a", "--component", "disk=b", "--component", "mac=c"]
    file = check_out(activation, made, one.request(None, *parts)).value["file"]
    renamed = {"userKey": made["userKey"], "machineId": "M-2", "clientId": "Paint",
               "components": {"cpu": "a", "disk": "b", "mac": "x"}}
    assert activation.post(f"{BASE}/activate", "ActivateLicenseRequest", renamed).status == 200
    [seat] = seats(client, made)
    assert seat["machineId"] == "M-2"
    assert give_back(activation, made, one.receipt(file)).status == 200 and seats(client, made) == []


# --- what it costs, and what it leaves ---

def test_what_it_costs_and_leaves(private_installation, tmp_path):
    running = private_installation(workers=1)
    client, anybody = running.client(running.admin_key), running.client()
    number = client.post("/v1/signing-keys", {"signingKey": {"name": "offline"}}).json()["signingKeyId"]
    public = client.get(f"/v1/signing-keys/{number}/public").text
    made = client.post("/v1/licenses", {"license": {
        "userKey": "OFFLINE-KEY", "licensingMode": 1, "trace": True, "format": 4, "signingKeyId": number,
        "policy": {"offlineSeconds": DAY}}}).json()
    ones = [Machine(running, tmp_path / name, public, name) for name in ("M-0", "M-1")]
    requests = [one.request("OFFLINE-KEY") for one in ones]

    def cost(name, body):
        answer = anybody.post(f"{BASE}/{name}", body)
        assert answer.status == 200, answer
        return answer.queries

    cost("checkout", {"request": requests[0]})
    first = cost("checkout", {"request": requests[1]})
    again = cost("checkout", {"request": requests[1]})
    # A seat, a signed license and its parts, each with its entry in the audit log; the second time they are replaced.
    assert (first, again) == (18, 33)
    file = anybody.post(f"{BASE}/checkout", {"request": requests[1]}).json()["file"]
    receipt = ones[1].receipt(file, "OFFLINE-KEY")
    assert cost("receipt", {"receipt": receipt}) == 10
    assert cost("receipt", {"receipt": receipt}) == 4
    traces = f"/v1/license-traces?licenseId={made['licenseId']}&sort=id"
    wait_until(lambda: len(client.get(traces).json()["licenseTraces"]) == 6, "traces")
    assert [one["action"] for one in client.get(traces).json()["licenseTraces"]] == [10, 10, 10, 10, 11, 11]
    told = running.sql("SELECT action, resource, COUNT(*) FROM audit_entry WHERE actor_name LIKE 'user of license %' "
                       "GROUP BY action, resource ORDER BY action, resource")
    assert told == [["delete", "license token", "1"], ["insert", "license", "2"], ["insert", "license token", "2"],
                    ["update", "license", "4"], ["update", "license token", "4"]]


def test_events(private_installation, tmp_path):
    running = private_installation(workers=1, webhook_deliverers=0)
    client = running.client(running.admin_key)
    number = client.post("/v1/signing-keys", {"signingKey": {"name": "offline"}}).json()["signingKeyId"]
    answer = client.post("/v1/webhooks", {"webhook": {"url": "https://example.org/", "events": [
        "license.activated", "license.checked_out", "license.released"]}})
    assert answer.status == 200, answer
    check, receipt = offline_call(running, lambda *said: client.post(*said).json(), number, "EVENTS")
    assert client.post(f"{BASE}/checkout", check()).status == 200
    assert client.post(f"{BASE}/receipt", receipt()).status == 200

    def told():
        return [name for name, in running.sql("SELECT type FROM webhook_delivery ORDER BY created_at")]
    wait_until(lambda: len(told()) == 4, "events")
    assert told() == ["license.activated", "license.checked_out", "license.checked_out", "license.released"]


def test_at_the_server(private_installation, tmp_path):
    """The same by commands, for a vendor who is sent the files."""
    running = private_installation(workers=1)
    client = running.client(running.admin_key)
    number = client.post("/v1/signing-keys", {"signingKey": {"name": "offline"}}).json()["signingKeyId"]
    public = client.get(f"/v1/signing-keys/{number}/public").text
    made = client.post("/v1/licenses", {"license": {
        "userKey": "OFFLINE-KEY", "licensingMode": 1, "format": 4, "signingKeyId": number,
        "policy": {"offlineSeconds": DAY, "offlineCheckouts": 2, "allowedNetworks": ["198.51.100.0/24"]}}}).json()
    one = Machine(running, tmp_path / "machine", public)
    request = tmp_path / "request"
    request.write_text(one.request(None, "--component", "cpu=a", "--component", "disk=b", "--client-name", "PC of Anna"))
    for path, named in ((request, []), (request, ["--user-key-file", one.key_file("NOBODY")]), (tmp_path / "none", [])):
        assert running.cli("license", "checkout", path, *named, check=False).returncode != 0
    named = ["--user-key-file", one.key_file("OFFLINE-KEY")]
    said = running.cli("license", "checkout", request, *named, "--time-to-live", "90000", check=False)
    assert said.returncode == 1 and "--time-to-live must be at most 86400" in said.stderr, said.stderr
    file = running.cli("license", "checkout", request, *named, "--time-to-live", "3600")
    assert one.verify(file)["result"] == "VALID"
    [seat] = seats(client, made)
    assert seat["machineComponents"] == {"cpu": "a", "disk": "b"} and seat["clientName"] == "PC of Anna"
    license_id = shown(client, made["licenseId"])["licenseId"]
    encrypted = running.cli("license", "checkout", request, "--license", license_id, "--encrypt")
    assert one.verify(encrypted)["result"] == "SECRET_REQUIRED"
    said = running.cli("license", "checkout", request, *named, check=False)
    assert said.returncode == 1 and "CHECKOUT_LIMIT_REACHED" in said.stderr, said.stderr
    receipt = tmp_path / "receipt"
    receipt.write_text(one.receipt(file))
    said = running.cli("license", "release", request, *named, check=False)
    assert said.returncode == 1 and "file" in said.stderr, said.stderr
    for words in ("The seat is free; 0 are taken.", "The seat was free already; 0 are taken."):
        said = running.cli("license", "release", receipt, *named, check=False)
        assert said.returncode == 0 and words in said.stderr, said.stderr
    assert seats(client, made) == []
