"""Numbers of log entries by level and time: what is kept of them agrees with the entries, whatever is deleted."""

import concurrent.futures
import datetime
import random
import time
import urllib.parse

import pytest

from harness.installation import Installation
from harness.locks import connected
from harness.random_cases import cases, seed

LEVELS = ("Debug", "Information", "Warning", "Error")
AREAS = ("licenses", "customers", "orders", "products", None)
PARTS = {
    "minute": "DATE_FORMAT(time_stamp, '%Y-%m-%dT%H:%i:00Z')",
    "hour": "DATE_FORMAT(time_stamp, '%Y-%m-%dT%H:00:00Z')",
    "day": "DATE_FORMAT(time_stamp, '%Y-%m-%dT00:00:00Z')",
    "week": "DATE_FORMAT(DATE(time_stamp) - INTERVAL WEEKDAY(time_stamp) DAY, '%Y-%m-%dT00:00:00Z')",
    "month": "DATE_FORMAT(time_stamp, '%Y-%m-01T00:00:00Z')",
}
# What a role may read of the areas above.
SEEN = {"Administrator": set(AREAS), "Sales": {"licenses", "customers", "orders", "products"}}
TALLY = "row_tally WHERE table_name = 'log_entry'"
COUNT = "INSERT INTO row_count (table_name, shard, count) VALUES ('log_entry', -1, {0}) ON DUPLICATE KEY UPDATE count = count + {0}"


@pytest.fixture(scope="module")
def running():
    with Installation(workers=4, log_retention="0") as made:
        made.keys = {"Administrator": made.admin_key}
        made.create_user("seller", "Sales")
        made.keys["Sales"] = made.create_key("seller")
        yield made


def quoted(value):
    return "NULL" if value is None else f"'{value}'"


def add(running, rows):
    """Adds entries (moment, level, area) as programs do, with their number."""
    values = ", ".join(f"('m', 't', '{level}', '{moment}', {quoted(area)})" for moment, level, area in rows)
    running.sql("INSERT INTO log_entry (message, message_template, level, time_stamp, area) VALUES " + values + ";"
                + COUNT.format(len(rows)))


def forget(running):
    """As if nothing had ever been counted."""
    running.sql("BEGIN; UPDATE row_tally SET counted_until = '0001-01-01'; DELETE FROM log_entry_tally; COMMIT")


def ask(running, start, end, intervals, role="Administrator"):
    parameters = {"startDate": start, "endDate": end, "intervals": intervals}
    answer = running.client(running.keys[role]).get("/v1/log/levels?" + urllib.parse.urlencode(parameters))
    assert answer.status == 200, answer
    return answer


def shown(answer):
    body = answer.json()
    assert body["totalLogLevelEntriesCount"] == sum(row["count"] for row in body["logLevels"])
    return [(row["date"], row["level"], row["count"]) for row in body["logLevels"]]


def counted(running, start, end, group, role="Administrator"):
    """The same by a look at the entries themselves."""
    areas = ", ".join(quoted(area) for area in SEEN[role] if area is not None)
    seen = "TRUE" if role == "Administrator" else f"area IN ({areas})"
    rows = running.sql(f"SELECT {PARTS[group]} AS part, level, COUNT(*) FROM log_entry WHERE time_stamp >= '{start}' AND "
                       f"time_stamp < '{end}' AND {seen} GROUP BY part, level ORDER BY part, level")
    return [(part, level, int(count)) for part, level, count in rows]


def agree(running, start, end, intervals, role="Administrator"):
    answer = ask(running, start, end, intervals, role)
    group = answer.json()["groupBy"]
    begin, until = (moment.replace("T", " ").removesuffix("Z") for moment in (start, end))
    assert shown(answer) == counted(running, begin, until, group, role), (start, end, intervals, role)
    return answer


def moment_of(seconds):
    return (datetime.datetime(2019, 12, 20) + datetime.timedelta(seconds=seconds)).isoformat()


class Cases:
    """Entries of some weeks around a new year, some of them at borders; ranges and deletions of them."""

    SECONDS = 50 * 86400

    def __init__(self, running, number):
        self.running, self.random = running, random.Random(number)

    def moment(self):
        length = self.random.choice([1, 60, 3600, 86400])
        return moment_of(self.random.randrange(self.SECONDS) // length * length)

    def add(self):
        add(self.running, [(self.moment() + self.random.choice(["", ".000001", ".999999"]), self.random.choice(LEVELS),
                            self.random.choice(AREAS)) for _ in range(self.random.randrange(1, 120))])

    def range(self):
        start, end = sorted((self.moment(), self.moment()))
        return (start + "Z", end + "Z") if start < end else (start + "Z", moment_of(self.SECONDS) + "Z")

    def deletion(self):
        start, end = self.range()
        return self.random.choice([
            {"startDate": start, "endDate": end, "filter": f'level = "{self.random.choice(LEVELS)}"'},
            {"startDate": start, "endDate": start[:-1] + ".5Z"},
            {"filter": f'level = "{self.random.choice(LEVELS)}" and timeStamp < "{start}"'},
            {"id": self.running.sql("SELECT MIN(id) FROM log_entry")[0][0]},
        ])

    def delete(self):
        query = urllib.parse.urlencode(self.deletion())
        assert self.running.client(self.running.admin_key).delete("/v1/log?" + query).status == 200

    def expire(self):
        """What is older than a moment of theirs."""
        day = datetime.datetime.fromisoformat(moment_of(self.random.randrange(self.SECONDS // 4)))
        age = datetime.datetime.now(datetime.timezone.utc) - day.replace(tzinfo=datetime.timezone.utc)
        self.running.cli(f"--log-retention={int(age.total_seconds())}s", "expire")

    def compare(self):
        for role in SEEN:
            agree(self.running, *self.range(), self.random.choice([1, 5, 24, 400, 1000]), role)


def test_kept_numbers_agree(running):
    case = Cases(running, seed())
    forget(running)
    case.add()
    for _ in range(cases(60)):
        step = case.random.choice(["delete", "delete", "compare", "compare", "expire", "add"])
        if step == "add":
            forget(running)  # entries of long ago come by no way but this
        getattr(case, step)()
        case.compare()
    assert running.sql("SELECT COUNT(*) > 0 FROM log_entry_tally") == [["1"]]


YEARS = {"startDate": "2010-01-01T00:00:00Z", "endDate": "2020-01-01T00:00:00Z"}


def reads(running):
    return sum(int(value) for name, value in running.sql("SHOW GLOBAL STATUS LIKE 'Handler_read%'"))


def fill(running, rows):
    """So many more entries, in the same hours of ten years."""
    running.sql(f"""INSERT INTO log_entry (message, message_template, level, time_stamp, area)
        SELECT 'm', 't', ELT(1 + seq MOD 2, 'Information', 'Error'), '2010-01-01' + INTERVAL (seq MOD 3650) DAY
            + INTERVAL seq * 7 MOD 24 HOUR, ELT(1 + seq MOD 3, 'licenses', 'orders', NULL) FROM seq_1_to_{rows};
        {COUNT.format(rows)}; ANALYZE TABLE log_entry""")
    forget(running)


def cost(running, intervals):
    """Rows that the database reads for an answer, and its number of queries, once numbers are kept."""
    path = "/v1/log/levels?" + urllib.parse.urlencode(YEARS | {"intervals": intervals})
    client = running.client(running.admin_key)
    for _ in range(5):
        client.get(path)
    before = reads(running)
    answer = client.get(path)
    return reads(running) - before, answer.queries, answer.json()["totalLogLevelEntriesCount"]


def test_cost_does_not_grow_with_the_table(private_installation):
    """Ten years by month, from days, and by the hour; the entries become twice as many, the reads do not."""
    running = private_installation(workers=1, log_retention="0")
    found = []
    for rows in (110000, 110000):
        fill(running, rows)
        running.cli("expire")
        assert running.sql("SELECT counted_until > UTC_TIMESTAMP() - INTERVAL 4 HOUR FROM " + TALLY) == [["1"]]
        found.append(cost(running, 120))
    (few, queries, total), (many, same_queries, twice) = found
    assert (total, twice) == (110000, 220000) and queries == same_queries == 2
    assert many < few * 1.1 + 100, found
    assert many < 100000, found


def test_counting_is_bounded(private_installation):
    """Whoever comes first counts for a moment only; what is not counted yet is counted live, and the answer is whole."""
    running = private_installation(workers=1, log_retention="0")
    running.keys = {"Administrator": running.admin_key}
    fill(running, 150000)
    answer = agree(running, "2010-01-01T00:00:00Z", "2020-01-01T00:00:00Z", 120)
    until = running.sql("SELECT counted_until FROM " + TALLY)
    assert "2010-01-01" < until[0][0]
    for _ in range(100):
        answer = agree(running, "2010-01-01T00:00:00Z", "2020-01-01T00:00:00Z", 120)
        if answer.queries <= 2:
            break
    assert answer.queries == 2
    assert running.sql("SELECT counted_until >= '2020-01-01', (SELECT SUM(entries) FROM log_entry_tally WHERE hours = 1) - "
                       "(SELECT SUM(entries) FROM log_entry_tally WHERE hours = 24) FROM " + TALLY) == [["1", "0"]]


def test_what_nobody_told_of_is_found(running):
    """Programs of the release before delete entries, and late ones come: the next expiry counts anew."""
    forget(running)
    running.sql("DELETE FROM log_entry; UPDATE row_count SET count = 0 WHERE table_name = 'log_entry'")
    add(running, [(f"2018-03-0{day} 12:34:56", "Warning", "orders") for day in range(1, 8)])
    year = ("2018-01-01T00:00:00Z", "2019-01-01T00:00:00Z", 12)
    agree(running, *year)
    running.sql("DELETE FROM log_entry WHERE time_stamp < '2018-03-03'; " + COUNT.format(-2))
    assert shown(ask(running, *year)) == [("2018-03-01T00:00:00Z", "Warning", 7)]
    running.cli("expire", "--dry-run")
    assert shown(ask(running, *year)) == [("2018-03-01T00:00:00Z", "Warning", 7)]
    running.cli("expire")
    agree(running, *year)
    add(running, [("2018-06-01 00:00:00", "Error", None)])
    running.cli("expire")
    assert agree(running, *year).json()["totalLogLevelEntriesCount"] == 6
    before = running.sql("SELECT counted_until, changes FROM " + TALLY)
    running.cli("expire")
    assert running.sql("SELECT counted_until, changes FROM " + TALLY) == before


def test_numbers_that_come_to_nothing_go(running):
    forget(running)
    add(running, [("2017-03-01 12:34:56", "Warning", "orders")])
    year = ("2017-01-01T00:00:00Z", "2018-01-01T00:00:00Z", 12)
    assert len(shown(agree(running, *year))) == 1
    query = urllib.parse.urlencode({"startDate": year[0], "endDate": year[1]})
    assert running.client(running.admin_key).delete("/v1/log?" + query).json()["deletedLogCount"] == 1
    assert shown(agree(running, *year)) == []
    kept = "SELECT COUNT(*) FROM log_entry_tally WHERE time_stamp LIKE '2017%'"
    assert running.sql(kept) == [["2"]]
    running.cli("expire")
    assert running.sql(kept) == [["0"]]


def test_counting_and_deleting_at_once(running):
    """Numbers are thrown away, made and taken off by several: in the end they agree."""
    forget(running)
    running.sql("INSERT INTO log_entry (message, message_template, level, time_stamp, area) SELECT 'm', 't', 'Debug', "
                "'2016-01-01' + INTERVAL seq * 10 MINUTE, 'orders' FROM seq_1_to_30000; " + COUNT.format(30000))
    client = running.client(running.admin_key)
    begun = datetime.datetime(2016, 1, 1)

    def delete(number):
        start = begun + datetime.timedelta(days=number * 6 + 1, minutes=number)
        query = urllib.parse.urlencode({"startDate": start.isoformat() + "Z", "filter": 'level = "Debug"',
                                        "endDate": (start + datetime.timedelta(days=2)).isoformat() + "Z"})
        return client.delete("/v1/log?" + query)

    def look(number):
        if number % 7 == 0:
            forget(running)
        return client.get("/v1/log/levels?startDate=2016-01-01&endDate=2017-01-01&intervals=12")

    def insist(call, number):
        """Of one caller some at once are refused."""
        answers = [call(number)]
        while answers[-1].status == 503 and len(answers) < 200:
            time.sleep(0.02)
            answers.append(call(number))
        assert answers[-1].status == 200, answers[-1]

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(insist, delete if number % 2 else look, number // 2) for number in range(60)]:
            future.result()
    assert int(running.sql("SELECT COUNT(*) FROM log_entry WHERE time_stamp LIKE '2016%'")[0][0]) < 30000 - 20 * 288
    agree(running, "2016-01-01T00:00:00Z", "2017-01-01T00:00:00Z", 12)
    agree(running, "2016-01-01T00:30:00Z", "2016-02-10T00:00:00Z", 1000)



def test_long_counts_end(private_installation):
    """What is counted live takes no longer than a list may, and the refusal says what to do."""
    running = private_installation(workers=1, list_timeout="1s")
    client = running.client(running.admin_key)
    path = "/v1/log/levels?startDate=2016-01-01T12:00:00Z&endDate=2016-01-01T13:00:00Z&intervals=60"
    assert client.get(path).json()["groupBy"] == "minute"
    with connected(running) as holder:
        holder.run("LOCK TABLES log_entry WRITE")
        answer = client.get(path)
        holder.run("UNLOCK TABLES")
    assert answer.status == 503 and answer.headers["retry-after"] == "1", answer
    assert "longer than 1 seconds; choose a shorter time, or longer intervals." in answer.json()["message"]
    assert client.get(path).status == 200
