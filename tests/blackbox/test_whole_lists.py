"""Lists that answer all rows: each once, in bounded memory, and never cut without a word."""

import http.client
import re
import threading

import pytest

from harness.client import Answer, Client
from harness.families import unique
from harness.installation import Installation

PATH = "/hosting/api/client"
MANY = 3000
HEAVY, ITS_DOMAINS = 60, 400
DOMAINS_TOO_MANY = 10000  # they do not fit into the memory of a request


@pytest.fixture(scope="module")
def crowded():
    """Many accounts, some with domains; a request has the memory for a few hundred of them."""
    with Installation(workers=1, limit_request_memory="1m", slow_request_milliseconds="0") as running:
        running.sql(f"""
            INSERT INTO hosting_client (id, username, password_hash, api_key_hash, email_address)
            SELECT LPAD(HEX(seq), 7, '0'), CONCAT('u', LPAD(seq * 7919 MOD {MANY}, 6, '0')), 'x',
            UNHEX(SHA2(seq, 256)), 'a@example.org' FROM seq_1_to_{MANY};
            INSERT INTO hosting_domain (id, client_id, name) SELECT LPAD(HEX(seq), 7, '0'),
            LPAD(HEX(seq * 3), 7, '0'), CONCAT('d', seq, '.example') FROM seq_1_to_{MANY // 3}""")
        yield running


@pytest.fixture
def broken(crowded):
    """The list cannot be read to its end: its last account has too many domains."""
    crowded.sql(f"""
        INSERT INTO hosting_client (id, username, password_hash, api_key_hash, email_address)
        VALUES ('fffffff', 'zzz', 'x', UNHEX(SHA2('z', 256)), 'z@example.org');
        INSERT INTO hosting_domain (id, client_id, name) SELECT CONCAT('f', LPAD(HEX(seq), 6, '0')), 'fffffff',
        CONCAT('z', seq, '.example') FROM seq_1_to_{DOMAINS_TOO_MANY}""")
    yield crowded
    crowded.sql("DELETE FROM hosting_client WHERE id = 'fffffff'")


def call(running, method="GET", query="", accept="application/json"):
    """The answer; IncompleteRead where it breaks off, with the request's id in `last_id`."""
    request_id = call.last_id = unique("whole")
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    try:
        connection.request(method, PATH + query, headers={
            "x-api-key": running.admin_key, "Accept": accept, "X-Request-Id": request_id})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(running, request_id, response.status, headers, response.read())
    finally:
        connection.close()


def names(answer):
    return [account["username"] for account in answer.json()]


def usernames(running):
    return [row[0] for row in running.sql("SELECT username FROM hosting_client ORDER BY username")]


def test_more_than_a_page(hosting):
    """147 accounts are 147 in the answer; a page is what is asked for."""
    mark = unique("whole")
    own = [f"{mark}-{number:03}" for number in range(147)]
    values = ", ".join(f"(LEFT(MD5('{name}'), 7), '{name}', 'x', UNHEX(SHA2('{name}', 256)), 'a@example.org')"
                       for name in own)
    hosting.client.installation.sql(
        f"INSERT INTO hosting_client (id, username, password_hash, api_key_hash, email_address) VALUES {values}")
    listed = [account["username"] for account in hosting.get(PATH).value]
    assert [name for name in listed if name.startswith(mark)] == own
    assert len(set(listed)) == len(listed)
    assert hosting.get(PATH + "?count=20").headers["content-length"]
    for query, wanted in (("?count=1000", listed), ("?count=20", listed[:20]), ("?offset=140", listed[140:]),
                          ("?offset=100&count=20", listed[100:120]), (f"?offset={len(listed)}", [])):
        assert [account["username"] for account in hosting.get(PATH + query).value] == wanted, query


def test_all_in_bounded_memory(crowded):
    answer = call(crowded)
    assert answer.status == 200 and "content-length" not in answer.headers and len(answer.body) > 3 << 19
    assert names(answer) == usernames(crowded)
    for account in answer.json():
        number = int(account["id"], 16)
        wanted = [f"d{number // 3}.example"] if number % 3 == 0 else []
        assert [one["domName"] for one in account["domainCountData"]] == wanted, account
        assert account["domainCount"] == len(wanted)
    assert answer.log()["status"] == 200 and answer.log()["bytes"] > len(answer.body)


@pytest.fixture
def heavy(crowded):
    """Accounts at the end that bring so many domains along that the memory of a request holds a few of them only."""
    crowded.sql(f"""
        INSERT INTO hosting_client (id, username, password_hash, api_key_hash, email_address)
        SELECT CONCAT('f', LPAD(HEX(seq), 6, '0')), CONCAT('z', LPAD(seq, 4, '0')), 'x', UNHEX(SHA2(CONCAT('f', seq), 256)),
        'z@example.org' FROM seq_1_to_{HEAVY};
        INSERT INTO hosting_domain (id, client_id, name) SELECT CONCAT('f', LPAD(HEX(a.seq * {ITS_DOMAINS} + b.seq), 6, '0')),
        CONCAT('f', LPAD(HEX(a.seq), 6, '0')), CONCAT('z', a.seq, '-', b.seq, '.example')
        FROM seq_1_to_{HEAVY} a, seq_1_to_{ITS_DOMAINS} b""")
    yield crowded
    crowded.sql("DELETE FROM hosting_client WHERE id LIKE 'f%'")


@pytest.mark.parametrize("query", ["", f"?offset={MANY}", f"?offset={MANY}&count=1000", f"?count=30&offset={MANY + 7}"])
@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_rows_that_bring_many_others(heavy, query, accept):
    """As many rows are read at once as fit, also where the first ones do not."""
    answer = call(heavy, query=query, accept=accept)
    assert answer.status == 200, answer
    parameters = dict(one.split("=") for one in query[1:].split("&") if one)
    begin = int(parameters.get("offset", 0))
    wanted = usernames(heavy)[begin:begin + int(parameters.get("count", MANY + HEAVY))]
    if answer.is_xml:
        assert re.findall(r"<Username>(\w+)</Username>", answer.text, re.IGNORECASE) == wanted
        assert answer.text.count("-") >= ITS_DOMAINS * sum(name.startswith("z") for name in wanted)
        return
    assert names(answer) == wanted
    for account in answer.json():
        if account["username"].startswith("z"):
            assert len({one["domName"] for one in account["domainCountData"]}) == ITS_DOMAINS == account["domainCount"]


def test_all_in_xml(crowded):
    answer = call(crowded, accept="application/xml")
    assert answer.status == 200 and answer.is_xml
    namespace = re.match(r'<ArrayOfClient[^>]* xmlns="([^"]+)"', answer.text)
    prefix = f"{{{namespace[1]}}}" if namespace else ""
    accounts = answer.xml().findall(f"{prefix}Client")
    assert [account.findtext(f"{prefix}username") for account in accounts] == usernames(crowded)


def test_the_rest_behind_an_offset(crowded):
    assert names(call(crowded, query="?offset=1500")) == usernames(crowded)[1500:]
    assert names(call(crowded, query="?offset=1500&count=1000")) == usernames(crowded)[1500:2500]


def test_head_of_a_long_list(crowded):
    answer = call(crowded, "HEAD")
    assert answer.status == 200 and answer.body == b"" and "content-length" not in answer.headers
    assert answer.log()["bytes"] < 2000
    assert call(crowded, query="?count=1").status == 200


def test_rows_that_come_and_go(crowded):
    """Whatever is there all the time is answered once."""
    stop = threading.Event()

    def change():
        number = 0
        while not stop.is_set():
            number += 1
            crowded.sql(f"""
                DELETE FROM hosting_client WHERE id LIKE 'e%';
                INSERT INTO hosting_client (id, username, password_hash, api_key_hash, email_address)
                SELECT CONCAT('e', LPAD(seq, 6, '0')), CONCAT('u', LPAD(seq * 41, 6, '0'), 'x{number % 7}'), 'x',
                UNHEX(SHA2(CONCAT('e', seq), 256)), 'e@example.org' FROM seq_1_to_100""")
    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(3):
            listed = names(call(crowded))
            assert len(set(listed)) == len(listed)
            assert [name for name in listed if "x" not in name] == [f"u{number:06}" for number in range(MANY)]
    finally:
        stop.set()
        thread.join()
        crowded.sql("DELETE FROM hosting_client WHERE id LIKE 'e%'")


@pytest.mark.parametrize("accept", ["application/json", "application/xml", "text/csv", "application/x-ndjson"])
def test_fault_on_the_way(broken, accept):
    """The caller sees an answer that breaks off, not a short list; the log tells why."""
    with pytest.raises(http.client.IncompleteRead):
        answer = call(broken, accept=accept)
        pytest.fail(f"{answer.status}: {answer.body[:300]}")
    line = Answer(broken, call.last_id, None, None, None).log()
    assert line["status"] >= 500 and line["error"] and line["sent"] == "no", line
    # The worker goes on, and what fits is answered still.
    assert names(call(broken, query="?count=5")) == usernames(broken)[:5]


def test_statistics_that_mislead(broken):
    """While one account has most domains, the database may believe so of each: it must not read all of them for each."""
    def rows_scanned():
        return int(broken.sql("SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'")[0][1])

    broken.sql(f"""
        REPLACE INTO mysql.table_stats VALUES ('clientele', 'hosting_domain', 100);
        REPLACE INTO mysql.index_stats VALUES ('clientele', 'hosting_domain', 'hosting_domain_place', 1, {DOMAINS_TOO_MANY});
        FLUSH TABLES""")
    before = rows_scanned()
    assert len(call(broken, query="?count=500").json()) == 500
    scanned = rows_scanned() - before
    broken.sql("DELETE FROM mysql.index_stats; DELETE FROM mysql.table_stats; FLUSH TABLES")
    assert scanned < 2 * (MANY + DOMAINS_TOO_MANY)


def test_fault_before_anything_was_sent(broken):
    answer = call(broken, query=f"?offset={MANY - 1}")
    assert answer.status == 503 and answer.json()["message"], answer


@pytest.mark.parametrize("path", [
    "/api/v1/admin/clients", "/api/v1/admin/sessions", "/api/v1/admin/registrations",
    "/api/v1/admin/registration-tokens"])
def test_lists_of_credentials(crowded, path):
    admin = Client(crowded, crowded.admin_key)
    if path.endswith("/clients"):
        crowded.sql("INSERT INTO api_client (id, name, secret_hash, user_id) "
                    f"SELECT UUID(), CONCAT('c', seq), 'x', '{crowded.admin_id}' FROM seq_1_to_1203")
    detail = admin.get(path).json()["ResponseData"]["Detail"]
    assert len(detail) == (1203 if path.endswith("/clients") else 0)
    assert len(admin.get(path + "?count=7").json()["ResponseData"]["Detail"]) == min(7, len(detail))


def test_pages_beyond_the_limit(private_installation):
    """A page that the operator does not allow is refused, not cut."""
    running = private_installation(limit_list_rows="2")
    admin = running.client(running.admin_key)
    for number in range(5):
        made = admin.post(PATH, {"username": f"n{number}", "password": "p", "emailAddress": "a@example.org"})
        assert made.status == 201, made
    group = admin.post("/api/delegategroups", {"name": "g"}).json()["id"]
    for path, size in ((PATH, "count"), ("/api/v1/admin/clients", "count"), (f"/api/delegategroups/{group}/clients", "count"),
                       ("/v1/roles", "take")):
        refused = admin.get(f"{path}?{size}=3")
        assert refused.status == 400 and "to 2." in refused.text and size in refused.text, refused
        assert admin.get(f"{path}?{size}=2").status == 200
    assert len(admin.get("/v1/roles").json()["roles"]) == 2
    assert len(admin.get(PATH).json()) == 5
