"""A database server that takes no more prepared statements: everything works on, and it is said."""

import pytest

from harness.installation import Installation
from harness.locks import connected
from harness.writes import ALL, Setting, Stored, make_parents

MOST = 16382


@pytest.fixture(scope="module")
def running():
    made = Installation(workers=3, discovery_auth="none", oauth_registration="token", mail_quota=0,
                        database_statements=16).start()
    yield made
    made.finish()


@pytest.fixture(autouse=True)
def usual(running):
    """A test that fails leaves no limit to the others."""
    yield
    running.sql(f"SET GLOBAL max_prepared_stmt_count = {MOST}")


def status(running, name="Prepared_stmt_count"):
    return int(running.sql(f"SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = '{name}'")[0][0])


def unprepared(running):
    lines = running.client().get("/metrics").text.splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("clientele_unprepared_statements_total "))


def shapes(count):
    """Lists whose statements differ: other members, orders and conditions."""
    members = ["title", "company", "firstName", "lastName", "email", "phone", "city", "country", "region", "fax"]
    for number in range(count):
        first, second = members[number % 10], members[number // 10 % 10]
        yield (f"/v1/customers?take=1&sort={first},{second}&select={second},company"
               + ("&filter=" + "%7C%7C".join([f'{second}%3D%22x%22'] * (1 + number // 100)) if number >= 100 else ""))


def test_few_statements_at_the_start(running):
    """A worker prepares what it needs when it needs it: not one for each table."""
    running.wait_ready()
    assert status(running) <= 3 * 12


def test_more_shapes_than_the_server_takes(running):
    client = running.client(running.admin_key)
    running.sql("SET GLOBAL max_prepared_stmt_count = 60")
    for path in shapes(420):
        answer = client.get(path)
        assert answer.status == 200, (path, answer)
    assert status(running) <= 60
    ready = client.get("/readyz", key="")
    assert ready.status == 200 and ready.json()["preparedStatementsMost"] == 60, ready


def test_everything_without_a_prepared_statement(running):
    """Others have taken all of them: each operation stores the same as ever."""
    setting = Setting(running)
    make_parents(setting)
    with connected(running) as connection:
        stored = Stored(connection)
        for prepare in ALL:
            seen = []
            for most in (MOST, MOST, 0):
                call, check = prepare(setting)
                stored.changes()
                running.sql(f"SET GLOBAL max_prepared_stmt_count = {most}")
                value = call()
                seen.append(stored.changes())
                if check is not None:
                    check(value)
            assert seen[1] == seen[2], prepare.__name__
    client = running.client()
    ready = client.get("/readyz")
    assert ready.status == 200 and "max_prepared_stmt_count" in ready.json()["warning"], ready
    assert unprepared(running) > len(ALL)
    found = running.cli("doctor", check=False).stdout
    assert "prepared statements" in found, found
    running.sql(f"SET GLOBAL max_prepared_stmt_count = {MOST}")
    assert "warning" not in client.get("/readyz").json()
