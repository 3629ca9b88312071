"""What the counts of GET /v1/info, GET /v1/log/levels and GET /v1/statistics take, and GET /v1/search, in a large database.

    BUILD_DIR=build /usr/bin/python3 tests/bench/kept_counts.py [--licenses N] [--entries N] [--traces N] [--calls N]

Milliseconds as a caller sees them: of the first call, and the median of the others. It calls nothing but the API, so that
it measures any release, beside whose tests it is put.
"""

import argparse
import pathlib
import statistics
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import seed  # noqa: E402

# Two years of entries, in each hour of them; the numbers of the case are parts of that time.
ENTRIES = """INSERT INTO log_entry (message, message_template, level, time_stamp, area, properties)
    SELECT CONCAT('The license ', seq, ' was changed.'), 'The {{Resource}} {{Key}} was {{Action}}.',
        ELT(1 + seq MOD 10 DIV 9, 'Information', 'Error'), '2024-01-01' + INTERVAL seq * 7919 MOD 17520 HOUR + INTERVAL
        seq MOD 3600 SECOND, ELT(1 + seq MOD 5, 'licenses', 'orders', 'customers', 'products', NULL), '{{}}'
    FROM seq_1_to_{entries};
    INSERT INTO row_count (table_name, shard, count) VALUES ('log_entry', -1, {entries})
        ON DUPLICATE KEY UPDATE count = count + {entries};
    ANALYZE TABLE log_entry"""
# A year of traces up to now, one in a hundred refused.
TRACES = """INSERT INTO license_trace (client_id, machine_id, client_ip, created_at, action, meta, license_id)
    SELECT 'Paint', MD5(seq MOD 50000), '192.0.2.1', UTC_TIMESTAMP(6) - INTERVAL seq * 31536000 DIV {traces} SECOND,
        ELT(1 + seq MOD 4, 1, 3, 5, 6), IF(seq MOD 100 = 0, '{{"code":136,"reason":"SEAT_LIMIT_REACHED"}}', NULL),
        1 + seq MOD {licenses}
    FROM seq_{traces}_to_1;
    INSERT INTO row_count (table_name, shard, count) VALUES ('license_trace', -1, {traces})
        ON DUPLICATE KEY UPDATE count = count + {traces};
    ANALYZE TABLE license_trace"""
CASES = {
    "statistics of a week": ("/v1/statistics", {"days": 7}),
    "statistics of a year": ("/v1/statistics", {"days": 365}),
    "statistics of a year by hours": ("/v1/statistics", {"days": 365, "offset": 120}),
    "search": ("/v1/search", {"q": "lic"}),
    "search of nothing": ("/v1/search", {"q": "nobody"}),
    "info": ("/v1/info", {}),
    "two years by month": ("/v1/log/levels", {"startDate": "2024-01-01", "endDate": "2026-01-01", "intervals": 24}),
    "two years by day": ("/v1/log/levels", {"startDate": "2024-01-01", "endDate": "2026-01-01", "intervals": 1000}),
    "a month by hour": ("/v1/log/levels", {"startDate": "2025-03-01", "endDate": "2025-04-01", "intervals": 1000}),
}


def measure(client, calls, path, parameters):
    times = []
    for _ in range(calls + 1):
        begun = time.monotonic()
        answer = client.get(f"{path}?{urllib.parse.urlencode(parameters)}")
        times.append((time.monotonic() - begun) * 1000)
        assert answer.status == 200, answer
    return times[0], statistics.median(times[1:]), answer.queries


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--licenses", type=int, default=1000000)
    parser.add_argument("--entries", type=int, default=324000)
    parser.add_argument("--traces", type=int, default=1000000)
    parser.add_argument("--calls", type=int, default=30)
    wanted = parser.parse_args()
    running = seed.start(wanted.licenses, workers="1", log_retention="0")
    try:
        running.sql(ENTRIES.format(entries=wanted.entries))
        running.sql(TRACES.format(traces=wanted.traces, licenses=wanted.licenses), timeout=3600)
        print(running.cli("expire").strip(), flush=True)
        for name, case in CASES.items():
            first, median, queries = measure(running.client(running.admin_key), wanted.calls, *case)
            print(f"{name}: first {first:.0f} ms, then {median:.1f} ms, {queries} queries", flush=True)
    finally:
        running.remove()


if __name__ == "__main__":
    main()
