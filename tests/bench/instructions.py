"""Instructions of a worker for one request of each kind, counted by callgrind.

    BUILD_DIR=build /usr/bin/python3 tests/bench/instructions.py [--profile CASE]

Unlike times, they are the same on every machine with the same libraries and compiler.
"""

import argparse
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.installation import Installation, listens, wait_until  # noqa: E402

FEW, MANY = 20, 120  # requests of two runs, whose difference counts: starting and warming up is in both
PROFILED = 3000  # beside so many, what starting takes is little


class Counted(Installation):
    """Its pool runs under callgrind, as one worker."""

    def start_pool(self):
        self.counts = self.state / "counts"
        self.counts.mkdir(exist_ok=True)
        with open(self.state / "log" / "clienteled.err", "ab") as err:
            self.pool = subprocess.Popen(
                ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.counts}/%p",
                 str(self.build / "clienteled"), self.configuration()], stdin=subprocess.DEVNULL,
                stdout=err, stderr=err, env=self.environment(), cwd=self.state, start_new_session=True)
        wait_until(lambda: listens(self.socket) or self.pool.poll() is not None, "pool's socket")
        assert self.pool.poll() is None, self.pool_errors()


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

    def get(path):
        return lambda client, number: client.get(path)

    return {
        "healthz": get("/healthz"),
        "account by id": get(f"/hosting/api/client/{account}"),
        "license by filter": get("/v1/licenses?total=none&filter=licenseId%3D%22lic1%22"),
        "list of 50 customers": get("/v1/customers?take=50&total=none"),
        "customer inserted": lambda client, number: client.post("/v1/customers", {
            "customer": {"firstName": "Ada", "lastName": f"Lovelace {number}"}}),
        "hello": lambda client, number: client.post("/api/ClientHello", {
            "ClientGroupId": group, "ClientCode": "till-1", "AppName": "Till", "AppVersion": "1.0"}),
    }


def run(running, send, count):
    """All instructions of the one worker from its start to its end."""
    running.start_pool()
    running.wait_ready()
    client = running.client(running.admin_key)
    [worker] = running.workers()
    for number in range(count):
        answer = send(client, number)
        assert answer.status in (200, 201), answer
    running.stop_pool()
    text = (running.counts / str(worker)).read_text()
    return int(re.search(r"^(?:summary|totals): (\d+)", text, re.M).group(1)), running.counts / str(worker)


def count(running, send):
    return (run(running, send, MANY)[0] - run(running, send, FEW)[0]) / (MANY - FEW)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="only this case")
    parser.add_argument("--profile", help="show where those of this case are spent")
    arguments = parser.parse_args()
    running = Counted(workers="1", log_level="info")
    try:
        running.start()
        cases = prepare(running)
        running.stop_pool()
        for name, send in cases.items():
            if (arguments.profile or arguments.only or name) == name:
                print(f"{name:24}{count(running, send):12,.0f}", flush=True)
                if arguments.profile:
                    print(subprocess.run(["callgrind_annotate", "--inclusive=yes", run(running, send, PROFILED)[1]], capture_output=True,
                                         text=True).stdout[:20000])
    finally:
        running.remove()


if __name__ == "__main__":
    main()
