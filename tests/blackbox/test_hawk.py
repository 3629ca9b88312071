"""Signed requests of the hosting family, and request rates of keys."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from harness.families import unique
from harness.installation import Installation

PATH = "/hosting/api/client"
SECRET = "a secret shared with the agency"


def hawk_header(running, key, method, target, body=b"", content_type="", ts=None, nonce=None, **change):
    """An Authorization header, made with Python's own library; `change` spoils parts of it."""
    derived = hashlib.pbkdf2_hmac("sha256", change.pop("secret", SECRET).encode(), b"hawk", 500, 16)
    ts = str(int(time.time()) if ts is None else ts)
    nonce = nonce or unique("n")
    digest = ""
    if body:
        text = b"hawk.1.payload\n" + content_type.encode() + b"\n" + body + b"\n"
        digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
    digest = change.pop("hash", digest)
    text = "\n".join(["hawk.1.header", ts, nonce, method, change.pop("signed_target", target), "127.0.0.1",
                      str(running.port), digest, "", ""])
    mac = base64.b64encode(hmac.new(derived, text.encode(), hashlib.sha256).digest()).decode()
    parts = {"id": key, "ts": ts, "nonce": nonce} | ({"hash": digest} if digest else {}) | {"mac": mac} | change
    return "Hawk " + ", ".join(f'{name}="{value}"' for name, value in parts.items())


@pytest.fixture(scope="module", params=["accepted", "required"])
def signed(request, tmp_path_factory):
    name = tmp_path_factory.mktemp("hawk") / "secret"
    name.write_text(SECRET + "\n")
    running = Installation(hosting_hawk=request.param, hosting_hawk_secret_file=name, workers=4).start()
    running.mode = request.param
    yield running
    running.finish()


def call(running, method="GET", target=None, body=None, key="", content_type=None, accept=None, **change):
    target = target or f"{PATH}?apiKey={running.admin_key}"
    header = change.pop("header", None) or hawk_header(
        running, running.admin_key, method, target, body or b"", content_type or "", **change)
    return running.client().call(method, target, body, key=key, content_type=content_type, accept=accept,
                                 headers={"Authorization": header})


def test_forged_signatures_shut_no_signer_out(tmp_path):
    """Signatures with another secret are guesses: counted by key and address, of strangers only."""
    name = tmp_path / "secret"
    name.write_text(SECRET + "\n")
    with Installation(hosting_hawk="required", hosting_hawk_secret_file=name, workers=2, throttle_failures=3,
                      throttle_window="1h") as running:
        running.mode = "required"
        key = running.admin_key
        for expected in (401, 401, 401, 429, 429):
            answer = call(running, header=hawk_header(running, key, "GET", PATH, secret="a guess"), target=PATH)
            assert answer.status == expected, answer
        assert call(running, target=PATH).status == 429  # nobody has signed rightly from here as yet
        running.cli("throttle", "clear", "--all")
        assert call(running, target=PATH).status == 200
        for _ in range(5):
            assert call(running, header=hawk_header(running, key, "GET", PATH, ts=0), target=PATH).status == 401
        for expected in (401, 401, 401, 429, 429):
            answer = call(running, header=hawk_header(running, key, "GET", PATH, secret="a guess"), target=PATH)
            assert answer.status == expected, answer
        for _ in range(4):
            assert call(running, target=PATH).status == 200


def test_signed_requests_pass(signed):
    assert call(signed).status == 200
    assert call(signed, target=PATH).status == 200  # the id is the key
    body = json.dumps({"username": unique("hawk"), "password": "geheim", "emailAddress": "a@example.org"}).encode()
    answer = call(signed, "POST", body=body, content_type="application/json")
    assert answer.status == 201, answer


def test_a_repetition_has_a_signature_of_its_own(signed):
    """The caller is the key: who signs anew, or signs no more, is still the one who began."""
    body = json.dumps({"username": unique("hawk"), "password": "geheim", "emailAddress": "a@example.org"}).encode()
    once = {"Idempotency-Key": unique("once")}
    answers = [signed.client().call("POST", PATH, body, content_type="application/json", headers=once | {
        "Authorization": hawk_header(signed, signed.admin_key, "POST", PATH, body, "application/json")})
               for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201] and answers[0].body == answers[1].body
    assert answers[1].headers["idempotency-replayed"] == "true"
    if signed.mode == "accepted":
        answer = signed.client(signed.admin_key).post(PATH, body, content_type="application/json", headers=once)
        assert answer.body == answers[0].body and answer.headers["idempotency-replayed"] == "true"


def test_unsigned_requests_pass_where_both_are_accepted(signed):
    answer = signed.client(signed.admin_key).get(PATH)
    assert answer.status == (200 if signed.mode == "accepted" else 401)
    if signed.mode == "required":
        assert answer.headers["www-authenticate"] == 'Hawk error="Missing Authorization header"'
    # Other families are not signed.
    assert signed.client(signed.admin_key).get("/v1/customers?take=1").status == 200


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
@pytest.mark.parametrize("reason,change", [
    ("Bad MAC", {"secret": "another"}),
    ("Bad MAC", {"signed_target": PATH}),
    ("Bad MAC", {"mac": "x" * 44}),
    ("Bad MAC", {"ext": "added"}),
    ("Missing attributes", {"mac": ""}),
    ("Missing attributes", {"nonce": "", "mac": "x"}),
    ("Missing attributes", {"ts": "soon", "mac": "x"}),
    ("Stale timestamp", {"ts": int(time.time()) - 600}),
    ("Stale timestamp", {"ts": int(time.time()) + 600}),
])
def test_faults(signed, reason, change, accept):
    if reason == "Missing attributes":
        parts = {"id": signed.admin_key, "ts": "1", "nonce": "n", "mac": "m"} | change
        header = "Hawk " + ", ".join(f'{name}="{value}"' for name, value in parts.items())
        answer = call(signed, header=header, accept=accept)
    else:
        answer = call(signed, accept=accept, **change)
    assert answer.status == 401, answer
    assert f'error="{reason}"' in answer.headers["www-authenticate"] and reason in answer.text
    if reason == "Stale timestamp":
        assert 'ts="' in answer.headers["www-authenticate"] and 'tsm="' in answer.headers["www-authenticate"]


def test_the_body_is_signed(signed):
    body = b'{"username":"x"}'
    right = hawk_header(signed, signed.admin_key, "POST", PATH, body, "application/json")
    answer = call(signed, "POST", PATH, b'{"username":"y"}', content_type="application/json", header=right)
    assert answer.status == 401 and "Bad payload hash" in answer.headers["www-authenticate"]
    none = hawk_header(signed, signed.admin_key, "POST", PATH)
    answer = call(signed, "POST", PATH, body, content_type="application/json", header=none)
    assert answer.status == 401 and "Missing required payload hash" in answer.headers["www-authenticate"]


def test_a_signature_counts_once_over_all_workers(signed):
    header = hawk_header(signed, signed.admin_key, "GET", PATH)
    statuses = [call(signed, target=PATH, header=header).status for _ in range(12)]
    assert statuses == [200] + [401] * 11
    answer = call(signed, target=PATH, header=header)
    assert answer.headers["www-authenticate"] == 'Hawk error="Invalid nonce"'


def test_the_id_must_be_the_key_that_calls(signed):
    other = signed.create_key("admin")
    header = hawk_header(signed, other, "GET", PATH)
    assert call(signed, target=PATH, key=signed.admin_key, header=header).status == 401
    header = hawk_header(signed, "api_" + "0" * 24, "GET", PATH)
    assert call(signed, target=PATH, header=header).status == 401


# --- rates ---


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_a_key_with_a_rate(installation, client, accept):
    made = client.post("/v1/api-keys", {"apiKey": {"name": unique("rate"), "ownerId": installation.admin_id,
                                                   "permissions": 15, "rateLimit": 4}})
    key = made.json()["apiKey"]
    for remaining in (3, 2, 1, 0):
        answer = client.get("/v1/roles", key=key, accept=accept)
        assert answer.status == 200
        assert answer.headers["ratelimit-limit"] == "4" and answer.headers["ratelimit-policy"] == "4;w=60"
        assert answer.headers["ratelimit-remaining"] == str(remaining)
        assert 0 < int(answer.headers["ratelimit-reset"]) <= 60
    for path in ("/v1/roles", PATH, "/api/v1/admin/clients", "/api/delegategroups/1"):
        answer = client.get(path, key=key, accept=accept)
        assert answer.status == 429, answer
        assert 1 <= int(answer.headers["retry-after"]) <= 15 and answer.headers["ratelimit-remaining"] == "0"
    assert "ratelimit-limit" not in client.get("/v1/roles").headers


def test_a_rate_for_all_keys(private_installation):
    running = private_installation(key_rate_limit=600)
    answer = running.client(running.admin_key).get("/v1/roles")
    assert answer.status == 200 and answer.headers["ratelimit-limit"] == "600"
