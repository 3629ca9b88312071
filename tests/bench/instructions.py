"""Instructions of a worker for one request of each kind, counted by callgrind.

    BUILD_DIR=build /usr/bin/python3 tests/bench/instructions.py [--only CASE] [--profile CASE]

Unlike times, they are the same on every machine with the same libraries and compiler.
"""

import argparse
import collections
import itertools
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import seed  # noqa: E402
from harness.installation import Installation, listens, wait_until  # noqa: E402

WARMING, COUNTED = 30, 100  # requests of each case
# What a worker does between its requests is not theirs, and how often it does is a matter of time.
BETWEEN = "service_idle"
# Only an OPTIONS request calls it: callgrind writes down there what was counted, and begins anew.
MARK = "route_allow"
# Its digests take what the processor has for them; a copy of it under callgrind has less.
APART = "libcrypto"


class Counted(Installation):
    """Its pool runs under callgrind, as one worker."""

    def __init__(self):
        super().__init__(workers="1", log_level="info")

    def start_pool(self):
        self.counts = self.state / "counts"
        self.counts.mkdir(exist_ok=True)
        with open(self.state / "log" / "clienteled.err", "ab") as err:
            self.pool = subprocess.Popen(
                ["valgrind", "--tool=callgrind", "--dump-line=no", f"--dump-before={MARK}",
                 f"--callgrind-out-file={self.counts}/%p", str(self.build / "clienteled"), self.configuration()],
                stdin=subprocess.DEVNULL, stdout=err, stderr=err, env=self.environment(), cwd=self.state,
                start_new_session=True)
        wait_until(lambda: listens(self.socket) or self.pool.poll() is not None, "pool's socket")
        assert self.pool.poll() is None, self.pool_errors()

    def mark(self):
        """The file of what the worker has done since the last mark."""
        answer = self.client().options("/v1/customers")
        assert answer.status == 204, answer
        [worker] = self.workers()
        return max(self.counts.glob(f"{worker}.*"), key=lambda path: int(path.suffix[1:]))


class Counts:
    """What a file of callgrind's says: instructions of all, and of APART alone."""

    NAME = re.compile(r"\((\d+)\)(?: (.*))?")
    TABLES = {"ob": "ob", "cob": "ob", "fn": "fn", "cfn": "fn"}

    def __init__(self, path):
        names, at = collections.defaultdict(dict), {"ob": ""}
        own, between, called = collections.Counter(), 0, False
        for line in path.read_text().splitlines():
            key, equals, value = line.partition("=")
            if called:
                called = False
                between += int(line.split()[-1]) if at["cfn"] == BETWEEN else 0
            elif equals and key in self.TABLES:
                number, name = self.NAME.match(value).groups()
                table = names[self.TABLES[key]]
                at[key] = table.setdefault(number, name)
            elif key == "calls":
                called = True
            elif line and line[0] in "0123456789+-*":
                own[at["ob"]] += int(line.split()[-1])
        self.apart = sum(count for name, count in own.items() if APART in name)
        self.all = sum(own.values()) - between


def prepare(running):
    """Cases: name, and a function that sends the number-th request."""
    caller = running.client(running.admin_key)
    account = caller.post("/hosting/api/client", {
        "username": "bench", "password": "correct horse", "emailAddress": "bench@example.org"}).json()["id"]
    running.sql("INSERT INTO customer (code, first_name, last_name, company, email) SELECT CONCAT('C', seq), 'Ada', "
                "'Lovelace', 'Engines', 'ada@example.org' FROM seq_1_to_50")
    running.sql("INSERT INTO license (license_id, user_key, license_type, licensee_name) "
                "VALUES ('lic1', 'key1', 'Trial', 'Ada')")
    group = running.create_group("bench")
    machines = map(str, itertools.count())
    activations, floating = (seed.licenses_in_use(running, mode, 1)[0] for mode in (1, 2))

    def get(path):
        return lambda number: caller.get(path)

    def program(operation, key, machine="PC"):
        return caller.post(f"/v1/license/{operation}", {"userKey": key, "machineId": machine, "clientId": "bench"})

    assert program("request", floating).status == program("heartbeat", floating).status == 200

    return {
        "healthz": get("/healthz"),
        "account by id": get(f"/hosting/api/client/{account}"),
        "license by filter": get("/v1/licenses?total=none&filter=licenseId%3D%22lic1%22"),
        "list of 50 customers": get("/v1/customers?take=50&total=none"),
        "customer inserted": lambda number: caller.post("/v1/customers", {
            "customer": {"firstName": "Ada", "lastName": f"Lovelace {number}"}}),
        "hello": lambda number: caller.post("/api/ClientHello", {
            "ClientGroupId": group, "ClientCode": "till-1", "AppName": "Till", "AppVersion": "1.0"}),
        "activate, new machine": lambda number: program("activate", activations, next(machines)),
        "validate": lambda number: program("validate", floating),
        "heartbeat": lambda number: program("heartbeat", floating),
    }


def send(request, count):
    for number in range(count):
        answer = request(number)
        assert answer.status in (200, 201), answer


def count(running, request):
    """Instructions of one request, those of APART apart; and the file."""
    send(request, WARMING)
    running.mark()
    mark = Counts(running.mark())
    send(request, COUNTED)
    path = running.mark()
    counts = Counts(path)
    apart = (counts.apart - mark.apart) / COUNTED
    return round((counts.all - mark.all) / COUNTED - apart), round(apart), path


def count_all():
    """Instructions of each case, those of APART left out."""
    running = Counted()
    try:
        running.start()
        return {name: count(running, request)[0] for name, request in prepare(running).items()}
    finally:
        running.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="only this case")
    parser.add_argument("--profile", help="only this case, and where it spends them")
    arguments = parser.parse_args()
    wanted = arguments.profile or arguments.only
    running = Counted()
    try:
        running.start()
        print(f"{'':24}{'instructions':>14}{f'in {APART}':>14}")
        for name, request in prepare(running).items():
            if (wanted or name) != name:
                continue
            ours, apart, path = count(running, request)
            print(f"{name:24}{ours:14,}{apart:14,}", flush=True)
            if arguments.profile:
                print(subprocess.run(["callgrind_annotate", "--inclusive=yes", "--auto=no", path], capture_output=True, text=True,
                                     check=True).stdout[:20000])
    finally:
        running.remove()


if __name__ == "__main__":
    main()
