"""What a hello costs in a large group and in a small one: whole, with the version that the caller knows, with what has changed.

    BUILD_DIR=build /usr/bin/python3 tests/bench/hello.py [--clients N] [--calls N]

Milliseconds as a caller sees them (median), bytes and queries; and how many times as much the large group costs.
"""

import argparse
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.installation import Installation  # noqa: E402

HELLO = "/api/ClientHello"


def fill(running, count):
    group = running.create_group(f"group of {count}")
    running.sql(
        "INSERT INTO discovery_client (id, group_id, client_code, token, app_name, app_version, ip_address, added_at, "
        f"updated_at) SELECT UUID(), '{group}', CONCAT('c', seq), MD5(RAND()), 'Till', '1.0', '192.0.2.1', "
        f"UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_{count}")
    return {"ClientCode": "me", "ClientGroupId": group, "AppName": "Till", "AppVersion": "1.0"}


def measure(client, body, calls, query="", headers=None):
    times = []
    for _ in range(calls):
        begun = time.perf_counter()
        answer = client.post(HELLO + query, body, headers=headers, check=False)
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times), len(answer.body), answer.queries


def measure_group(running, count, calls):
    client, body = running.client(), fill(running, count)
    tag = client.post(HELLO, body).headers["etag"]
    version = tag.removeprefix('W/"').rstrip('"')
    return {"whole": measure(client, body, calls), "304": measure(client, body, calls, headers={"If-None-Match": tag}),
            "since": measure(client, body, calls, f"?since={version}")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=4990)
    parser.add_argument("--calls", type=int, default=30)
    options = parser.parse_args()
    with Installation(workers=1) as running:
        small, large = (measure_group(running, count, options.calls) for count in (5, options.clients))
    for name, (took, size, queries) in large.items():
        print(f"{name:6} {took:8.2f} ms {size:9} bytes {queries} queries; {took / small[name][0]:6.1f} times the time of a small group")


if __name__ == "__main__":
    main()
