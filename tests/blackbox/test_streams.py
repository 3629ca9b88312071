"""Lists of a million rows: all of them, each once, in order, in bounded memory, and of one moment."""

import contextlib
import http.client
import os
import pathlib
import re

import pytest

from harness.client import Answer
from harness.families import new_api_client, unique
from harness.installation import SANITIZED, Installation

ROWS = 1_000_000
MEMORY = 24 << 10  # KiB that a worker may take, whatever the length of its answer
CHUNK = 1 << 20
# It is the program that is looked at, not how fast a small database is filled.
DATABASE_OPTIONS = "--innodb-buffer-pool-size=512M --innodb-log-file-size=256M --innodb-sort-buffer-size=32M"
UNCHECKED = "SET foreign_key_checks = 0, unique_checks = 0;"


@contextlib.contextmanager
def database_options(options):
    before = os.environ.get("CLIENTELE_TEST_OPTIONS")
    os.environ["CLIENTELE_TEST_OPTIONS"] = options
    try:
        yield
    finally:
        if before is None:
            del os.environ["CLIENTELE_TEST_OPTIONS"]
        else:
            os.environ["CLIENTELE_TEST_OPTIONS"] = before


@pytest.fixture(scope="module")
def running():
    with database_options(DATABASE_OPTIONS), Installation(workers=1, slow_request_milliseconds="0") as made:
        yield made


@pytest.fixture(scope="module")
def secrets(running):
    """Path of an API client's secrets, of which there are a million; the newest comes first."""
    made = running.client(running.admin_key).post("/api/v1/admin/clients", new_api_client(running.admin_id)).json()
    client = made["ResponseData"]["Detail"]["ID"]
    running.sql(f"""{UNCHECKED}
        DELETE FROM api_client_secret;
        INSERT INTO api_client_secret (client_id, number, secret_hash) SELECT '{client}', seq, '' FROM seq_1_to_{ROWS}""")
    return f"/api/v1/admin/clients/{client}/secrets"


class Worker:
    """The worker's memory while something is done."""

    def __init__(self, running):
        [self.pid] = running.workers()

    def status(self, name):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB$", text, re.M)[1])

    def __enter__(self):
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        return self

    def __exit__(self, kind, *_):
        if kind is None and not SANITIZED:
            assert self.status("VmHWM") < MEMORY


def read_list(running, path, accept, end, found, begun=lambda: None):
    """Reads a list as it comes. Its pieces, each of which ends behind `end`, are given to `found`; calls `begun` when the
    first bytes have come. Returns the status and the request's id."""
    request_id = unique("stream")
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)
    try:
        connection.request("GET", path, headers={
            "x-api-key": running.admin_key, "Accept": accept, "X-Request-Id": request_id})
        answer = connection.getresponse()
        rest = answer.read(1)
        begun()
        while chunk := answer.read(CHUNK):
            whole, mark, rest = (rest + chunk).rpartition(end)
            found(whole + mark)
        found(rest)
        assert answer.status == 200 and answer.getheader("content-length") is None, rest
        return request_id
    finally:
        connection.close()


class Numbers:
    """The numbers that a pattern finds in a list, which are to be a row of neighbours."""

    def __init__(self, pattern, first, step):
        self.pattern = re.compile(pattern)
        self.first, self.step = first, step
        self.count = 0

    def __call__(self, text):
        numbers = [int(number) for number in self.pattern.findall(text)]
        begin = self.first + self.step * self.count
        assert numbers == list(range(begin, begin + self.step * len(numbers), self.step)), numbers[:3]
        self.count += len(numbers)


PLAIN = {
    "application/json": (rb'"Number":(\d+),', b"}"),
    "application/xml": (rb"<Number>(\d+)</Number>", b"</ClientSecret>"),
}


@pytest.mark.parametrize("accept", PLAIN)
def test_plain_list(running, secrets, accept):
    """Rows at its end that go while it is read are of the moment when it began, and so are those that do not come."""
    def change():
        running.sql("DELETE FROM api_client_secret WHERE number <= 1000; UPDATE api_client_secret SET number = -number "
                    "WHERE number BETWEEN 1001 AND 1500")

    pattern, end = PLAIN[accept]
    numbers = Numbers(pattern, ROWS, -1)
    with Worker(running):
        request_id = read_list(running, secrets, accept, end, numbers, change)
    assert numbers.count == ROWS
    line = Answer(running, request_id, None, None, None).log()
    assert line["status"] == 200 and line.get("sent") != "no", line
    assert running.sql("SELECT MIN(number), MAX(number) FROM api_client_secret WHERE number > 0") == [["1501", str(ROWS)]]
    running.sql(f"""UPDATE api_client_secret SET number = -number WHERE number < 0;
        INSERT INTO api_client_secret (client_id, number, secret_hash)
        SELECT (SELECT MIN(client_id) FROM api_client_secret), seq, '' FROM seq_1_to_1000""")


@pytest.fixture(scope="module")
def licenses(running):
    """A million licenses."""
    running.sql(f"""{UNCHECKED}
        INSERT INTO license (id, license_id, issue_date, user_key)
        SELECT seq, CONCAT('lic', LPAD(seq, 12, '0')), NOW(6), LPAD(HEX(seq), 25, '0') FROM seq_1_to_{ROWS};
        UPDATE row_count SET count = 0 WHERE table_name = 'license';
        UPDATE row_count SET count = {ROWS} WHERE table_name = 'license' LIMIT 1""")


EXPORTS = {
    "text/csv": rb"(?m)^(\d+),",
    "application/x-ndjson": rb'(?m)^\{"id":(\d+),',
}


@pytest.mark.parametrize("accept", EXPORTS)
def test_export(running, licenses, accept):
    """Formats of rows alone have all rows where no page is asked for."""
    numbers = Numbers(EXPORTS[accept], 1, 1)
    with Worker(running):
        read_list(running, "/v1/licenses?select=licenseId,issueDate", accept, b"\n", numbers)
    assert numbers.count == ROWS
