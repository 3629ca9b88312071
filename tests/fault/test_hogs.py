"""Whoever takes all that there is of one thing, and whoever needs a little beside: the second is served."""

import concurrent.futures
import random
import re
import socket
import threading
import time
import urllib.parse

import pytest

from harness.families import new_api_client, unique, with_made_secret
from harness.installation import LONG, Installation, wait_until

WORKERS = 4
SECONDS = 0.8    # of each hog
BOUND = 10       # seconds that no victim's call may take, however slow the machine
ROWS = 1500
SECRETS = 30000  # of the hog's API client: a long list
LIST_TIMEOUT = 2
PASSWORD = "the-right-passphrase-77"
FORM = "application/x-www-form-urlencoded"
TRUSTED = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n"
HOG, VICTIM = "198.51.100.1", "203.0.113.1"
SEARCHES = " or ".join(f'notes.Contains("absent {number}")' for number in range(20))


@pytest.fixture(scope="module")
def running(request):
    made = Installation(workers=WORKERS, throttle_failures=3, throttle_window="1h", gate_wait_milliseconds=5000,
                        list_timeout=LIST_TIMEOUT)
    start = made.start_nginx
    made.start_nginx = lambda: start(TRUSTED)
    made.start()
    made.sql("INSERT INTO customer (email, code, notes) SELECT CONCAT('c', seq, '@example.org'), CONCAT('C-', seq), "
             f"REPEAT('lorem ipsum dolor ', 100) FROM seq_1_to_{ROWS}")
    yield made
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n" + "\n".join(TABLE))
    made.finish()


class Caller:
    """Somebody at an address, with a user, a key and an API client."""

    def __init__(self, running, address):
        self.running = running
        self.address = address
        admin = running.client(running.admin_key)
        self.name = unique("hog")
        answer = admin.post("/v1/users", {"user": {"userName": self.name, "roles": ["Administrator"]}, "password": PASSWORD})
        assert answer.status == 200, answer
        self.key = running.create_key(self.name)
        [[self.user]] = running.sql(f"SELECT id FROM user WHERE user_name = '{self.name}'")
        made = admin.post("/api/v1/admin/clients", new_api_client(self.user)).json()
        self.client = with_made_secret(admin, made["ResponseData"]["Detail"])
        assert self.log_in().status == 200

    def call(self, method, path, body=None, key=None, content_type=None):
        return self.running.client().call(method, path, body, key=key, content_type=content_type, timeout=LONG,
                                          headers={"X-Forwarded-For": self.address})

    def form(self, **members):
        return self.call("POST", "/oauth2/token", urllib.parse.urlencode(members), content_type=FORM)

    def log_in(self, name=None, password=PASSWORD):
        return self.form(grant_type="password", username=name or self.name, password=password)

    def log_in_anywhere(self):
        """As nobody, each time from another address: no share stops that, but other work goes on."""
        body = urllib.parse.urlencode({"grant_type": "password", "username": unique("x"), "password": PASSWORD})
        address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"
        return self.running.client().post("/oauth2/token", body, content_type=FORM, headers={"X-Forwarded-For": address})

    def get_session(self):
        return self.form(grant_type="client_credentials", client_id=self.client["ID"], client_secret=self.client["Secret"])

    def reset(self):
        return self.call("PUT", "/v1/users", {"user": {"id": self.user}, "newPassword": PASSWORD + "x"},
                         key=self.running.admin_key)

    def guess(self):
        return self.call("GET", "/v1/customers", key="api_" + (unique("wrong").replace("-", "") + "0" * 24)[:24])

    def read(self):
        return self.call("GET", "/v1/customers?take=1&total=none", key=self.key)

    def search(self, filter_=SEARCHES, key=None):
        return self.call("GET", f"/v1/customers?filter={urllib.parse.quote(filter_)}&take=1", key=key or self.key)

    def search_little(self):
        return self.search('company.Contains("x") and code = "C-1"')

    def sort(self):
        return self.call("GET", "/v1/customers?sort=notes,city&skip=900&take=100", key=self.key)

    def list_all(self):
        """Many rows, of which none is hard to find."""
        return self.call("GET", f"/api/v1/admin/clients/{self.client['ID']}/secrets", key=self.key)

    def write_mail(self):
        return self.call("POST", "/v1/email/send", {"to": [{"email": "a@example.org"}], "subject": "s", "body": "b"},
                         key=self.key)

    def look(self):
        answer = None
        for path in ("/healthz", "/readyz", "/metrics"):
            answer = self.running.client().get(path, timeout=LONG)  # from this machine, as monitors do
            if answer.status != 200:
                break
        return answer

    def send_half(self):
        """A body that never comes whole."""
        with socket.create_connection(("127.0.0.1", self.running.port), timeout=5) as connection:
            connection.sendall(b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + self.key.encode() +
                               b"\r\nX-Forwarded-For: " + self.address.encode() +
                               b"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
            time.sleep(0.5)


@pytest.fixture(scope="module")
def hog(running):
    hog = Caller(running, HOG)
    running.sql("INSERT INTO api_client_secret (client_id, number, secret_hash) SELECT "
                f"'{hog.client['ID']}', 1000 + seq, '' FROM seq_1_to_{SECRETS}")
    return hog


@pytest.fixture(scope="module")
def victim(running):
    return Caller(running, VICTIM)


def work(act, stop, answers):
    while not stop.is_set():
        answer = act()
        answers.append(answer.status if answer is not None else 0)


def press(act, threads):
    """Begins the hog; returns what ends it and gives its answers."""
    stop, answers = threading.Event(), []
    pool = concurrent.futures.ThreadPoolExecutor(threads)
    workers = [pool.submit(work, act, stop, answers) for _ in range(threads)]

    def end():
        stop.set()
        [worker.result() for worker in workers]
        pool.shutdown()
        return answers
    return end


TABLE = []  # what came of each hog, for people; each row is asserted, too

# Name; what the hog does, in so many threads; what the victim does.
CASES = {
    "nobody": (None, 0, ("log_in", "reset", "get_session", "read", "search_little", "write_mail", "look")),
    "logins, one after another": ("log_in", 1, ("log_in", "reset", "read", "look")),
    "logins at once": ("log_in", 12, ("log_in", "reset", "read", "look")),
    "logins from everywhere": ("log_in_anywhere", 12, ("read", "get_session", "look")),
    "wrong passwords": ("miss", 12, ("log_in", "read", "look")),
    "wrong keys": ("guess", 12, ("read", "log_in", "look")),
    "sessions": ("get_session", 12, ("get_session", "log_in", "read", "look")),
    "searching lists": ("search", 8, ("read", "search_little", "log_in", "look")),
    "sorting lists": ("sort", 8, ("read", "search_little", "log_in", "look")),
    "long lists": ("list_all", 8, ("read", "search_little", "log_in", "look")),
    "mail": ("write_mail", 12, ("write_mail", "read", "look")),
    "bodies half sent": ("send_half", 40, ("read", "log_in", "write_mail", "look")),
}


@pytest.mark.parametrize("case", CASES)
def test_the_victim_is_served(hog, victim, case):
    act, threads, acts = CASES[case]
    hog.miss = lambda: hog.log_in(password="wrong password")
    end = press(getattr(hog, act), threads) if act else lambda: []
    times, failures = [], []
    until = time.monotonic() + SECONDS
    try:
        time.sleep(0.2)
        while time.monotonic() < until or len(times) < 2 * len(acts):
            for name in acts:
                begin = time.monotonic()
                answer = getattr(victim, name)()
                times.append(time.monotonic() - begin)
                if answer.status not in (200, 201):
                    failures.append((name, answer))
                if name == "reset" and answer.status == 200:
                    victim.call("PUT", "/v1/users", {"user": {"id": victim.user}, "newPassword": PASSWORD},
                                key=victim.running.admin_key)
    finally:
        taken = end()
    times.sort()
    counts = {status: taken.count(status) for status in sorted(set(taken))}
    TABLE.append(f"{case:26} {len(times):5} calls {len(failures):3} failed  p50 {1e3 * times[len(times) // 2]:7.1f} ms  "
                 f"p99 {1e3 * times[int(0.99 * (len(times) - 1))]:7.1f} ms  longest {1e3 * times[-1]:7.1f} ms   hog {counts}")
    assert not failures, failures[:3]
    assert times[-1] < BOUND, times[-1]


def metric(running, name):
    text = running.client().get("/metrics").text
    return int(float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)[1]))


def test_a_list_is_given_up(running, victim):
    """Whatever makes a list long, its statement ends in time; that is no error of the database's."""
    names = ("clientele_database_errors_total", 'clientele_refusals_total{reason="list_timeout"}')
    before = [metric(running, name) for name in names]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        held = pool.submit(running.sql, f"LOCK TABLES customer WRITE; DO SLEEP({LIST_TIMEOUT + 1}); UNLOCK TABLES")
        wait_until(lambda: running.sql("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP%'"),
                   "the lock")
        answer = victim.read()
        assert victim.look().status == 200
        held.result()
    assert answer.status == 503 and answer.headers["retry-after"] == str(LIST_TIMEOUT), answer
    assert f"longer than {LIST_TIMEOUT} seconds" in answer.text
    assert [metric(running, name) for name in names] == [before[0], before[1] + 1]
    assert victim.read().status == 200


def test_long_lists_have_a_share(hog):
    """Several at once of one caller: some wait their turn outside, none is broken off."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [one.result() for one in [pool.submit(hog.list_all) for _ in range(8)]]
    assert {answer.status for answer in answers} == {200, 503}, answers
    for answer in answers:
        if answer.status == 503:
            assert "limit of long lists in progress per caller" in answer.text and answer.headers["retry-after"] == "1"
        else:
            assert answer.text.count('"Number":') > SECRETS


def test_a_filter_searches_so_often(running, victim):
    searches = SEARCHES + ' or not notes.EndsWith("one more")'
    answer = victim.search(searches)
    assert answer.status == 400 and "at most 20 of Contains, StartsWith and EndsWith" in answer.text, answer
    assert victim.call("DELETE", f"/v1/log?filter={urllib.parse.quote(searches.replace('notes', 'message'))}",
                       key=victim.key).status == 400
