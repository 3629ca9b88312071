"""Failed credentials: who guesses is stopped, for all workers at once, and nobody else."""

import base64
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import time
import urllib.parse
import uuid

import pytest

from harness.families import new_api_client, unique, with_made_secret
from harness.installation import Installation, wait_until

PATHS = {"credentials": "/api/v1/admin/clients", "delegates": "/api/delegategroups/1",
         "hosting": "/hosting/api/client", "licensing": "/v1/customers"}
FAILURES = 3
PASSWORD = "the-right-passphrase-77"
FORM = "application/x-www-form-urlencoded"
TRUSTED = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n"


@pytest.fixture(scope="module")
def proxied():
    """An installation whose web server believes X-Forwarded-For from this machine."""
    running = Installation(throttle_failures=FAILURES, throttle_window="1h", workers=4, hosting_hawk="accepted",
                           hosting_hawk_secret="signed-by-123456", oauth_registration="token")
    start = running.start_nginx
    running.start_nginx = lambda: start(TRUSTED)
    running.start()
    yield running
    running.finish()


ADDRESSES = (f"10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}" for number in range(1, 1000000))


@pytest.fixture
def address():
    """An address that nobody else uses."""
    return next(ADDRESSES)


def wrong():
    return "api_" + (unique("wrong").replace("-", "") + "0" * 24)[:24]


def call(running, path, address, key=None, method="GET", body=None, **headers):
    return running.client(key).call(method, path, body, headers={"X-Forwarded-For": address, **headers})


def shut(running, address):
    """Sends wrong keys from an address until more of them are refused."""
    for _ in range(FAILURES):
        assert call(running, PATHS["licensing"], address, wrong()).status == 401
    answer = call(running, PATHS["licensing"], address, wrong())
    assert answer.status == 429, answer
    return answer


# --- keys and tokens ---

@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_wrong_keys_are_refused_in_every_family(proxied, address, accept):
    shut(proxied, address)
    for path in PATHS.values():
        answer = call(proxied, path, address, wrong(), Accept=accept)
        assert answer.status == 429, answer
        seconds = int(answer.headers["retry-after"])
        assert 3500 < seconds <= 3600
        assert f"try again in {seconds} seconds" in answer.text
        assert call(proxied, path, address, proxied.admin_key).status == 200
    assert call(proxied, "/openapi.json", address).status == 200


def test_missing_credentials_do_not_count(proxied, address):
    for _ in range(8):
        assert call(proxied, PATHS["hosting"], address).status == 401
    assert call(proxied, PATHS["hosting"], address, wrong()).status == 401


def test_ten_thousand_guesses(proxied, address):
    """Guesses of one address find nothing and cost next to nothing; right keys of that address go on, those made
    meanwhile too, and those that no worker has seen."""
    old = proxied.create_key("admin")
    statuses = {}

    def guess(count):
        for _ in range(count):
            answer = call(proxied, PATHS["licensing"], address, wrong())
            statuses[answer.status] = statuses.get(answer.status, 0) + 1

    def metric():
        text = proxied.client().get("/metrics").text
        return int(re.search(r"^clientele_queries_total (\d+)$", text, re.M)[1])

    before = metric()
    count, failures, served = 250, [], 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        guesses = [pool.submit(guess, count) for _ in range(4)]
        made = proxied.client(proxied.admin_key).post("/v1/api-keys", {"apiKey": {"name": unique("new")}}).json()
        keys = [old, made["apiKey"], proxied.create_key("admin")]
        while not all(one.done() for one in guesses):
            proxied.sql("UPDATE revocation SET counter = counter + 1")  # every cache is cold again
            for key in keys:
                answer = call(proxied, PATHS["licensing"], address, key)
                served += 1
                if answer.status != 200:
                    failures.append(answer)
        [one.result() for one in guesses]
    spent = metric() - before
    print(f"{4 * count} guesses: {statuses}, {spent} queries beside {served} right calls")
    assert not failures, failures[:3]
    assert set(statuses) == {401, 429} and statuses[401] <= FAILURES + 4
    # A few looks in a second for the guesses, some queries for each right call, and the polls of the pool.
    assert spent < 20 * served + 300, (spent, served)


def test_counters_survive_workers_and_restarts(proxied, address):
    shut(proxied, address)
    key = proxied.create_key("admin")
    for restart in (kill_workers, restart_pool):
        restart(proxied)
        assert call(proxied, PATHS["hosting"], address, wrong()).status == 429
        for _ in range(8):  # cold caches
            assert call(proxied, PATHS["hosting"], address, key).status == 200


def kill_workers(running):
    for worker in running.workers():
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: running.client().get("/readyz").status == 200, "new workers")


def restart_pool(running):
    running.stop_pool()
    running.start_pool()
    wait_until(lambda: running.client().get("/readyz").status == 200, "the pool")


def test_every_token_counts_as_keys_do(proxied, address):
    """Refresh, registration and revoked tokens, wherever they are sent, are counted together."""
    token = "A" * 43
    tries = [
        lambda: form(proxied, "/oauth2/token", address, grant_type="refresh_token", refresh_token=f"crt_{token}"),
        lambda: form(proxied, "/oauth2/revoke", address, token=f"cat_{token}"),
        lambda: call(proxied, "/oauth2/register", address, method="POST", body={}, Authorization=f"Bearer cri_{token}"),
        lambda: call(proxied, f"/oauth2/register/{uuid.uuid4()}", address, Authorization=f"Bearer crg_{token}"),
        lambda: call(proxied, PATHS["hosting"], address, Authorization=f"Bearer cat_{token}"),
    ]
    for index, one in enumerate(tries):
        statuses = [one().status for _ in range(FAILURES + 1)]
        assert statuses[-1] == 429, (index, statuses)
        proxied.cli("throttle", "clear", address)
    shut(proxied, address)
    assert [one().status for one in tries] == [429] * len(tries)
    # Whoever holds a right one goes on.
    pair = log_in(proxied, "admin-x", None, address, setup=True)
    assert form(proxied, "/oauth2/token", address, grant_type="refresh_token", **pair).status == 200


def form(running, path, address, **members):
    return running.client().post(path, urllib.parse.urlencode(members), content_type=FORM,
                                 headers={"X-Forwarded-For": address})


def test_ended_keys_are_no_guesses(proxied, address):
    """A program that goes on with a revoked key or an ended token is told so, and shuts nobody out."""
    key = proxied.create_key("admin", name=unique("ended"))
    pair = log_in(proxied, "ended", None, address, setup=True)
    assert call(proxied, PATHS["hosting"], address, key).status == 200
    [[number]] = proxied.sql(f"SELECT id FROM api_key WHERE key_hash = UNHEX(SHA2('{key}', 256))")
    proxied.cli("key", "revoke", number)
    form(proxied, "/oauth2/revoke", address, token=pair["refresh_token"])
    for _ in range(2 * FAILURES):
        assert call(proxied, PATHS["hosting"], address, key).status == 401
        assert form(proxied, "/oauth2/token", address, grant_type="refresh_token", **pair).status == 400
    assert listed(proxied, address) == set()


def test_what_is_made_meanwhile_works_at_once(proxied, address):
    """Tokens of every kind that are made while an address is refused, and nobody has seen before."""
    shut(proxied, address)
    for _ in range(3):
        initial = proxied.cli("token", "create", "--registration", "--user", "admin").split()[0]
        proxied.secrets.note_text(initial)
        for _ in range(8):
            assert call(proxied, PATHS["hosting"], address, wrong()).status == 429
        answer = call(proxied, "/oauth2/register", address, method="POST", body={}, Authorization=f"Bearer {initial}")
        assert answer.status == 201, answer
        manage = answer.json()["registration_access_token"]
        path = "/oauth2/register/" + answer.json()["client_id"]
        assert call(proxied, path, address, Authorization=f"Bearer {manage}").status == 200
        pair = token(proxied, answer.json()["client_id"], answer.json()["client_secret"], address)
        assert pair.status == 200, pair
        bearer = f"Bearer {pair.json()['access_token']}"
        assert call(proxied, PATHS["hosting"], address, Authorization=bearer).status == 200


# --- users ---

@pytest.fixture
def person(proxied):
    name = unique("person")
    answer = proxied.client(proxied.admin_key).post(
        "/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD})
    assert answer.status == 200, answer
    return name


def log_in(running, name, password, address, setup=False):
    if setup:
        name = unique(name)
        assert running.client(running.admin_key).post(
            "/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD}).status == 200
        answer = log_in(running, name, PASSWORD, next(ADDRESSES))
        assert answer.status == 200, answer
        return {"refresh_token": answer.json()["refresh_token"]}
    return form(running, "/oauth2/token", address, grant_type="password", username=name, password=password)


def test_a_user_is_shut_from_everywhere(proxied, person):
    for number in range(FAILURES):
        assert log_in(proxied, person, "wrong password", f"192.0.2.{number}").status == 400
    answer = log_in(proxied, person.upper(), PASSWORD, "198.51.100.1")
    assert answer.status == 429 and answer.json()["error"] == "temporarily_unavailable"
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    assert log_in(proxied, unique("another"), "wrong password", "198.51.100.1").status == 400


def test_strangers_do_not_shut_a_user_out(proxied, person, address):
    """Who has logged in from an address before may do so again, whatever others send, there or elsewhere."""
    assert log_in(proxied, person, PASSWORD, address).status == 200
    for number in range(FAILURES):
        assert log_in(proxied, person, "wrong password", f"192.0.2.{100 + number}").status == 400
        assert log_in(proxied, unique("nobody"), "wrong password", address).status == 400
    assert log_in(proxied, person, PASSWORD, "192.0.2.200").status == 429
    assert log_in(proxied, unique("nobody"), PASSWORD, address).status == 429
    assert log_in(proxied, person, PASSWORD, address).status == 200
    for _ in range(FAILURES):
        assert log_in(proxied, person, "wrong password", address).status == 400
    assert log_in(proxied, person, PASSWORD, address).status == 429


# What the database takes for the same name, and a text does not.
FORMS = [lambda name: name + " ", lambda name: name + "\u00ad", lambda name: name + "\u200b", lambda name: "\u200b" + name,
         lambda name: "".join(chr(ord(letter) + 0xFEE0) for letter in name), str.upper, lambda name: name + "\u2060",
         lambda name: name.replace("e", "e\u0301")]


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_names_that_are_the_same_count_together(proxied, address, number):
    """However a name is written, that is no way to more tries, from one address or from many."""
    name = unique("person").replace("-", "")
    assert proxied.client(proxied.admin_key).post(
        "/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD}).status == 200
    for _ in range(FAILURES):
        assert log_in(proxied, name, "wrong password", address).status == 400
    assert log_in(proxied, FORMS[number](name), PASSWORD, address).status == 429
    answer = log_in(proxied, FORMS[number](name), PASSWORD, next(ADDRESSES))
    another = number == len(FORMS) - 1  # with another letter, which was refused for its address only
    assert answer.status == (400 if another else 429), answer


@pytest.fixture
def api_client(proxied):
    admin = proxied.client(proxied.admin_key)
    made = admin.post("/api/v1/admin/clients", new_api_client(proxied.admin_id))
    assert made.status == 200, made
    return with_made_secret(admin, made.json()["ResponseData"]["Detail"])


def guid_forms(identifier):
    plain = uuid.UUID(identifier)
    return [str(plain).upper(), plain.hex, f"{{{plain}}}", f"({plain})", f" {plain} "]


def token(running, client, secret, address, basic=False):
    if basic:
        text = base64.b64encode(f"{urllib.parse.quote(client)}:{secret}".encode()).decode()
        return running.client().post("/oauth2/token", "grant_type=client_credentials", content_type=FORM,
                                     headers={"X-Forwarded-For": address, "Authorization": f"Basic {text}"})
    return form(running, "/oauth2/token", address, grant_type="client_credentials", client_id=client,
                client_secret=secret)


def test_forms_of_a_client_id_count_together(proxied, api_client):
    identifier = api_client["ID"]
    forms = guid_forms(identifier)
    for number in range(FAILURES):
        assert token(proxied, forms[number], "wrong secret 12", next(ADDRESSES)).status == 401
    for form_ in [identifier, *forms]:
        for basic in (False, True):
            answer = token(proxied, form_, "wrong secret 12", next(ADDRESSES), basic)
            assert answer.status == 429, (form_, answer)


def test_a_right_password_forgets_the_wrong_ones_before(proxied, person):
    for number in range(3):
        for turn in range(2):
            assert log_in(proxied, person, "wrong password", f"203.0.113.{10 * number + turn}").status == 400
        assert log_in(proxied, person, PASSWORD, "203.0.113.200").status == 200


def test_ipv6_addresses_count_by_their_network(proxied, person):
    for number in range(3):
        assert log_in(proxied, unique("nobody"), "wrong password", f"2001:db8:7:1::{number}").status == 400
    assert log_in(proxied, person, PASSWORD, "2001:db8:7:1:ffff::1").status == 429
    assert log_in(proxied, person, PASSWORD, "2001:db8:7:2::1").status == 200


def test_a_wrong_current_password_counts(proxied, person):
    admin = proxied.client(proxied.admin_key)
    [[identifier]] = proxied.sql(f"SELECT id FROM user WHERE user_name = '{person}'")
    for number in range(4):
        answer = admin.put("/v1/users", {"user": {"id": identifier}, "currentPassword": "wrong password",
                                         "newPassword": PASSWORD + "x"}, headers={"X-Forwarded-For": f"10.255.1.{number}"})
        assert answer.status == (400 if number < 3 else 429), answer


# --- the command line ---

def listed(running, *wanted):
    """Counters, as (address, kind of owner, credentials, failures, refused), of these addresses or owners."""
    rows = json.loads(running.cli("throttle", "list", "--json"))
    return {(row["address"], row["ownerKind"], row["credentials"], row["failures"], row["refused"])
            for row in rows if row["address"] in wanted or row["owner"] in wanted or row["ownerName"] in wanted}


def test_list_and_clear(proxied, person, address):
    other = next(ADDRESSES)
    shut(proxied, address)
    assert log_in(proxied, person, "wrong password", other).status == 400
    assert listed(proxied, address) == {(address, None, "keys", None, True)}
    assert listed(proxied, person) == {(other, "user", "secrets", 1, False), (None, "user", "secrets", 1, False)}
    assert listed(proxied, other) == {(other, "user", "secrets", 1, False), (other, None, "secrets", 1, False)}
    table = proxied.cli("throttle", "list")
    assert re.search(rf"^{re.escape(address)} .*keys .*yes", table, re.M) and person in table
    assert json.loads(proxied.cli("throttle", "clear", address, "--json")) == {"cleared": 1}
    assert call(proxied, PATHS["hosting"], address, wrong()).status == 401
    for name in (person.upper(), f"user:{person}"):
        assert json.loads(proxied.cli("throttle", "clear", name, "--json"))["cleared"] == (2 if name.isupper() else 0)
    assert listed(proxied, person) == set()
    for _ in range(FAILURES):
        assert log_in(proxied, person, "wrong password", address).status == 400
    assert log_in(proxied, person, PASSWORD, address).status == 429
    proxied.cli("throttle", "clear", person)
    assert log_in(proxied, person, PASSWORD, address).status == 429  # the address is still refused
    proxied.cli("throttle", "clear", "--all")
    assert json.loads(proxied.cli("throttle", "list", "--json")) == []
    assert log_in(proxied, person, PASSWORD, address).status == 200


@pytest.mark.parametrize("arguments, status, words", [
    (("clear",), 2, "Name an address or account"), (("clear", "--all", "10.0.0.1"), 2, "give --all"),
    (("clear", "nobody there"), 1, "is not an address, user, API client or key"), (("clear", "key:x"), 1, "is not an address"),
    (("clear", "2001:db8::1/64"), 0, "0 counters cleared"), (("clear", "key:4711"), 0, "0 counters cleared")])
def test_clear_is_told_what(proxied, arguments, status, words):
    result = subprocess.run([str(proxied.build / "clientele"), proxied.configuration(), "throttle", *arguments],
                            capture_output=True, text=True, env=proxied.environment(), timeout=60)
    assert (result.returncode, words in result.stderr) == (status, True), result


# --- programs with secrets ---

def test_right_secrets_of_clients_are_never_refused(proxied, api_client, address):
    """A secret that was made here costs nothing to look at; a chosen one is known where it was right before."""
    secret = api_client["Secret"]
    assert [token(proxied, api_client["ID"], "A" * 43, address).status for _ in range(FAILURES + 2)] == \
        [401] * FAILURES + [429] * 2
    for _ in range(8):
        assert token(proxied, api_client["ID"], secret, address).status == 200
    assert token(proxied, api_client["ID"], "wrong secret 12", address).status == 429


def test_keys_with_secrets(proxied, address):
    """The secret beside a key is counted for this key and address, and for nobody else."""
    admin = proxied.client(proxied.admin_key)
    made = [admin.post("/v1/api-keys", {"apiKey": {"name": unique("k"), "clientSecret": "chosen secret 12"}}).json()
            for _ in range(2)]
    keys = [one["apiKey"] for one in made]
    assert call(proxied, PATHS["hosting"], address, keys[0], **{"X-Client-Secret": "chosen secret 12"}).status == 200
    for expected in [401] * FAILURES + [429] * 3:
        answer = call(proxied, PATHS["hosting"], address, keys[0], **{"X-Client-Secret": "wrong secret 12"})
        assert answer.status == expected, answer
    assert listed(proxied, address) == {(address, "key", "secrets", None, True)}
    # What was right before is right still, in each worker; the other key has a count of its own.
    for _ in range(8):
        for key in keys:
            assert call(proxied, PATHS["hosting"], address, key, **{"X-Client-Secret": "chosen secret 12"}).status == 200
    for _ in range(5):
        assert call(proxied, PATHS["hosting"], address, keys[0]).status == 401  # nothing sent is nothing guessed


def test_forged_signatures_count(proxied, address):
    """Of the hosting family: a signature with the wrong secret is a guess."""
    key = proxied.create_key("admin")
    header = f'Hawk id="{key}", ts="{int(time.time())}", nonce="{unique("n")}", mac="{"A" * 43}="'
    for expected in [401] * FAILURES + [429] * 2:
        answer = call(proxied, PATHS["hosting"], address, key, Authorization=header)
        assert answer.status == expected, answer
    assert call(proxied, PATHS["hosting"], address, key).status == 200
    assert call(proxied, PATHS["hosting"], next(ADDRESSES), proxied.admin_key).status == 200


def test_hashing_takes_few_workers(private_installation):
    """With one hash at a time, others are told to come again, and the rest of the pool goes on."""
    running = private_installation(workers=4, password_hashes=1)
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        begin = time.monotonic()
        logins = [pool.submit(form, running, "/oauth2/token", "10.0.0.1", grant_type="password", username=unique("x"),
                              password="wrong password") for _ in range(80)]
        reads = [pool.submit(running.client(running.admin_key).get, "/v1/roles") for _ in range(40)]
        answers = [login.result() for login in logins]
        assert [read.result().status for read in reads] == [200] * 40
    statuses = [answer.status for answer in answers]
    print(f"{statuses.count(400)} checked, {statuses.count(503)} told to wait, {time.monotonic() - begin:.1f} s")
    assert set(statuses) == {400, 503} and statuses.count(503) > 5
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status == 503)
