"""Throughput of typical requests through nginx, as ratios to a static file of the same run.

    BUILD_DIR=build /usr/bin/python3 tests/bench/throughput.py [--seconds N] [--rounds N] [--connections N]

Needs wrk. Each round measures every case once, so that all of them see the same machine; medians are
printed. Absolute figures hold for the machine only: quote the ratios.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.installation import Installation  # noqa: E402

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * UNITS[unit]


def measure(url, arguments, headers, script):
    command = ["wrk", "--latency", "-t1", f"-c{arguments.connections}", f"-d{arguments.seconds}s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", str(script)]
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in text, text
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            milliseconds(re.search(r"\n\s+50%\s+(\S+)", text).group(1)),
            milliseconds(re.search(r"\n\s+99%\s+(\S+)", text).group(1)))


def write_insert(folder):
    """A wrk script that adds one association after the other, each with a client of its own."""
    script = folder / "upsert.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nlocal n = 0\n'
        "function request()\n  n = n % 10000 + 1\n"
        '  return wrk.format(nil, nil, nil, \'{"clientId":\' .. n .. "}")\nend\n')
    return script


def prepare(running):
    """An account, a group with fifty clients, and ten thousand persons to add."""
    caller = running.client(running.admin_key)
    account = caller.post("/hosting/api/client", {
        "username": "bench", "password": "correct horse", "emailAddress": "bench@example.org",
        "domainMaxCount": -1}).json()
    running.sql("INSERT INTO delegate_client (id, code, first_name, last_name) "
                "SELECT seq, CONCAT('P', seq), 'Ada', 'Lovelace' FROM seq_1_to_10000")
    groups = [caller.post("/api/delegategroups", {"name": name}).json()["id"] for name in ("list", "upsert")]
    running.sql(f"INSERT INTO delegate_association (group_id, client_id, start_date) "
                f"SELECT {groups[0]}, seq, NOW(6) FROM seq_1_to_50")
    return account["id"], groups


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--json", action="store_true", help="print the medians as JSON")
    arguments = parser.parse_args()
    running = Installation(database_durable=True, log_level="warning").start()
    try:
        account, (listed, filled) = prepare(running)
        base = f"http://127.0.0.1:{running.port}"
        key = {"x-api-key": running.admin_key}
        cases = [
            ("static file", f"{base}/docs/index.html", {}, None),
            ("no database (healthz)", f"{base}/healthz", {}, None),
            ("by id, 25 members", f"{base}/hosting/api/client/{account}", key, None),
            ("by id as XML", f"{base}/hosting/api/client/{account}", key | {"Accept": "application/xml"}, None),
            ("list of 50", f"{base}/api/delegategroups/{listed}/clients?count=50", key, None),
            ("upsert, durable", f"{base}/api/delegategroups/{filled}/clients", key, write_insert(running.state)),
        ]
        results = {name: [] for name, *_ in cases}
        for _ in range(arguments.rounds):
            for name, url, headers, script in cases:
                results[name].append(measure(url, arguments, headers, script))
    finally:
        running.remove()
    medians = {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in results.items()}
    if arguments.json:
        print(json.dumps(medians))
        return
    first = medians["static file"][0]
    print(f"{'case':24}{'req/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'of static':>11}")
    for name, (rate, middle, late) in medians.items():
        print(f"{name:24}{rate:10.0f}{middle:9.2f}{late:9.2f}{rate / first:11.3f}")


if __name__ == "__main__":
    main()
