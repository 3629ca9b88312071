"""Failed credentials shut the door, for all workers at once."""

import concurrent.futures
import os
import signal
import time
import urllib.parse

import pytest

from harness.families import unique
from harness.installation import wait_until

PATHS = {"credentials": "/api/v1/admin/clients", "delegates": "/api/delegategroups/1",
         "hosting": "/hosting/api/client", "licensing": "/v1/customers"}
WINDOW = 4


@pytest.fixture(scope="module")
def guarded(request):
    from harness.installation import Installation
    running = Installation(throttle_failures=3, throttle_window=f"{WINDOW}s", workers=4).start()
    yield running
    leaks = running.stop_and_search()
    running.stop()
    assert not leaks, leaks


def wrong():
    return "api_" + (unique("wrong").replace("-", "") + "0" * 24)[:24]


@pytest.fixture
def shut(guarded):
    """A caller whose address is refused."""
    time.sleep(WINDOW + 1)
    caller = guarded.client(guarded.admin_key)
    for _ in range(3):
        assert caller.get(PATHS["licensing"], key=wrong()).status == 401
    return caller


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_too_many_failures_are_refused_in_every_family(guarded, shut, accept):
    for path in PATHS.values():
        answer = shut.get(path, accept=accept)
        assert answer.status == 429, answer
        assert 1 <= int(answer.headers["retry-after"]) <= WINDOW
        assert "too many" in answer.text.lower()
    assert shut.get("/openapi.json").status == 200
    time.sleep(WINDOW + 1)
    assert shut.get(PATHS["licensing"]).status == 200


def test_missing_credentials_do_not_count(guarded):
    time.sleep(WINDOW + 1)
    caller = guarded.client()
    for _ in range(8):
        assert caller.get(PATHS["hosting"]).status == 401
    assert caller.get(PATHS["hosting"], key=guarded.admin_key).status == 200


def test_counters_survive_workers_and_restarts(guarded, shut):
    assert shut.get(PATHS["hosting"]).status == 429
    for worker in guarded.workers():
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: shut.get("/readyz").status == 200, 10, "new workers")
    assert shut.get(PATHS["hosting"]).status == 429
    guarded.stop_pool()
    guarded.start_pool()
    wait_until(lambda: shut.get("/readyz").status == 200, 10, "the pool")
    assert shut.get(PATHS["hosting"]).status == 429


# --- users and networks, at the token endpoint ---

PASSWORD = "the-right-passphrase-77"
FORM = "application/x-www-form-urlencoded"
TRUSTED = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n"


@pytest.fixture(scope="module")
def proxied():
    """An installation whose web server believes X-Forwarded-For from this machine."""
    from harness.installation import Installation  # pylint: disable=import-outside-toplevel
    running = Installation(throttle_failures=3, throttle_window="1h", workers=4)
    start = running.start_nginx
    running.start_nginx = lambda: start(TRUSTED)
    running.start()
    yield running
    leaks = running.stop_and_search()
    running.stop()
    assert not leaks, leaks


@pytest.fixture
def person(proxied):
    name = unique("person")
    answer = proxied.client(proxied.admin_key).post(
        "/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD})
    assert answer.status == 200, answer
    return name


def log_in(running, name, password, address):
    body = urllib.parse.urlencode({"grant_type": "password", "username": name, "password": password})
    return running.client().post("/oauth2/token", body, content_type=FORM, headers={"X-Forwarded-For": address})


def test_a_user_is_shut_from_everywhere(proxied, person):
    for number in range(3):
        assert log_in(proxied, person, "wrong password", f"192.0.2.{number}").status == 400
    answer = log_in(proxied, person.upper(), PASSWORD, "198.51.100.1")
    assert answer.status == 429 and answer.json()["error"] == "temporarily_unavailable"
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    assert log_in(proxied, unique("another"), "wrong password", "198.51.100.1").status == 400


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
                                         "newPassword": PASSWORD + "x"}, headers={"X-Forwarded-For": f"10.1.1.{number}"})
        assert answer.status == (400 if number < 3 else 429), answer


def test_hashing_takes_few_workers(private_installation):
    """With one hash at a time, others are told to come again, and the rest of the pool goes on."""
    running = private_installation(workers=4, password_hashes=1)
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        begin = time.monotonic()
        logins = [pool.submit(log_in, running, unique("x"), "wrong password", "10.0.0.1") for _ in range(80)]
        reads = [pool.submit(running.client(running.admin_key).get, "/v1/roles") for _ in range(40)]
        answers = [login.result() for login in logins]
        assert [read.result().status for read in reads] == [200] * 40
    statuses = [answer.status for answer in answers]
    print(f"{statuses.count(400)} checked, {statuses.count(503)} told to wait, {time.monotonic() - begin:.1f} s")
    assert set(statuses) == {400, 503} and statuses.count(503) > 5
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status == 503)
