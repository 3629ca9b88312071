"""Numbers of log entries in a cluster: who counts at one node and who deletes at another follow one another."""

import concurrent.futures
import contextlib
import datetime
import time
import urllib.parse

import pytest

from harness.cluster import pools_at

pytestmark = pytest.mark.slow

ENTRIES = 20000
RANGE = {"startDate": "2016-01-01", "endDate": "2017-01-01", "intervals": 12}


def insist(call):
    """One whose transaction met others too often is asked again, as one that had to wait for its turn."""
    answer = call()
    for _ in range(200):
        if answer.status == 200:
            return answer
        assert answer.status == 503, answer
        time.sleep(0.05)
        answer = call()
    raise AssertionError(answer)


def conflicts(pools):
    """Transactions that a node gave up for one of another node."""
    return sum(int(value) for running in pools for _, value in running.sql(
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_bf_aborts', 'wsrep_local_cert_failures')"))


def test_counting_and_deleting_at_different_nodes(cluster):
    with pools_at(cluster, [1], [2], log_retention="0") as pools:
        first, second = pools
        first.sql(f"""INSERT INTO log_entry (message, message_template, level, time_stamp, area) SELECT 'm', 't', 'Debug',
            '2016-01-01' + INTERVAL seq * 10 MINUTE, 'orders' FROM seq_1_to_{ENTRIES};
            UPDATE row_count SET count = count + {ENTRIES} WHERE table_name = 'log_entry' AND shard = -1""")
        begun, before = datetime.datetime(2016, 1, 1), conflicts(pools)

        def look(number):
            # As if nothing had been counted: this one begins again.
            if number % 3 == 0:
                with contextlib.suppress(AssertionError):  # a deletion came first
                    second.sql("BEGIN; UPDATE row_tally SET counted_until = '0001-01-01'; DELETE FROM log_entry_tally; COMMIT")
            return insist(lambda: second.client(second.admin_key).get(
                "/v1/log/levels?" + urllib.parse.urlencode(RANGE)))

        def delete(number):
            start = begun + datetime.timedelta(days=number * 3, hours=1)
            wanted = {"startDate": start.isoformat() + "Z", "filter": 'level = "Debug"',
                      "endDate": (start + datetime.timedelta(days=1)).isoformat() + "Z"}
            return insist(lambda: first.client(first.admin_key).delete("/v1/log?" + urllib.parse.urlencode(wanted)))

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for task in [pool.submit(call, number) for number in range(40) for call in (look, delete)]:
                task.result()
        assert conflicts(pools) > before
        left = int(first.sql("SELECT COUNT(*) FROM log_entry WHERE time_stamp < '2017-01-01'")[0][0])
        assert left == ENTRIES - 40 * 144
        for running in pools:
            answer = insist(lambda: running.client(running.admin_key).get(
                "/v1/log/levels?" + urllib.parse.urlencode(RANGE)))
            assert answer.json()["totalLogLevelEntriesCount"] == left
        assert first.sql("SELECT SUM(entries), hours FROM log_entry_tally GROUP BY hours ORDER BY hours") == [
            [str(left), "1"], [str(left), "24"]]
