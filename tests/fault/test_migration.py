"""Changes of the schema beside a running service: callers notice nothing, and programs know which schemas are theirs."""

import concurrent.futures
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest

from harness.families import unique
from harness.installation import LONG, TOP, Installation, wait_until
from harness.load import Writers, lost
from harness.older import NoHistory, Older
from harness.revocations import check_followed

HOLD = "START TRANSACTION; SELECT COUNT(*) FROM hosting_client; SELECT SLEEP({seconds}); COMMIT"
WAITS = "SELECT id FROM information_schema.processlist WHERE state = 'Waiting for table metadata lock' AND info LIKE '%ALTER%'"
HELD = "SELECT id FROM information_schema.processlist WHERE state = 'User sleep'"
COLUMNS = """-- Something new of accounts.
ALTER TABLE hosting_client ADD COLUMN IF NOT EXISTS more INT NULL, ALGORITHM = INSTANT, LOCK = NONE;
ALTER TABLE hosting_client ADD KEY IF NOT EXISTS hosting_client_more (more), ALGORITHM = NOCOPY, LOCK = NONE;
CREATE TABLE IF NOT EXISTS later (id INT NOT NULL PRIMARY KEY) ENGINE = InnoDB;
"""
NEXT = len(list((TOP / "sql").glob("*.sql"))) + 1


@pytest.fixture
def running(private_installation):
    return private_installation(workers=4)


@pytest.fixture
def folder(tmp_path):
    """The migrations of a later release."""
    path = tmp_path / "sql"
    shutil.copytree(TOP / "sql", path)
    return path


def write(folder, text):
    (folder / f"{NEXT:03}_later.sql").write_text(text)


def hold(running, seconds):
    """A transaction that has read the table, and goes on for a while."""
    holder = subprocess.Popen(["mariadb", "--no-defaults", "-uroot", "-S", running.database_socket, "clientele", "-e",
                               HOLD.format(seconds=seconds)], stdout=subprocess.DEVNULL)
    wait_until(lambda: running.sql(HELD), "transaction")
    return holder


def test_under_load(running, folder):
    """Somebody's transaction makes the change wait; calls of the table do not wait with it for long."""
    write(folder, COLUMNS)
    with Writers(running, running.create_group("load")) as load:
        wait_until(lambda: load.total > 50, "load")
        holder = hold(running, 5)
        begun = time.monotonic()
        said = running.cli("migrate", "--dir", folder)
        seconds = time.monotonic() - begun
        load.wait_more(50, "load")
    holder.wait(LONG)
    assert f"{NEXT:03}_later.sql: applied" in said and seconds > 1.5
    assert not load.refused and not load.broken and not lost(running, load)
    assert running.client().get("/readyz").json()["schemaVersion"] == NEXT, "old workers go on"
    assert "already there" in running.cli("migrate", "--dir", TOP / "sql"), "and so does their migrator"


@pytest.mark.slow
def test_a_table_that_is_never_free(running, folder):
    """It is tried for half a minute; of the attempts, which are all alike, the first few meet load."""
    write(folder, COLUMNS)
    holder = hold(running, 300)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        migration = pool.submit(running.cli, "migrate", "--dir", folder, check=False)
        with Writers(running, running.create_group("load")) as load:
            attempts = 0
            while attempts < 4:
                wait_until(lambda: running.sql(WAITS), "an attempt")
                wait_until(lambda: not running.sql(WAITS), "its end")
                attempts += 1
        result = migration.result()
    assert result.returncode == 1
    assert f"{NEXT:03}_later.sql, statement 1" in result.stderr and "SHOW PROCESSLIST" in result.stderr
    assert load.total > 100 and not load.refused and not load.broken
    for number, in running.sql(HELD):
        running.sql(f"KILL {number}")
    holder.wait(LONG)
    assert "applied" in running.cli("migrate", "--dir", folder)


def test_a_schema_for_newer_programs_only(running, folder):
    """Workers that run already are shut out, too, and say why; they go on by themselves when it is taken back."""
    caller = running.client(running.admin_key)
    assert caller.get("/hosting/api/client").status == 200
    write(folder, f"-- compatible-from: {NEXT}\n{COLUMNS}")
    result = running.cli("migrate", "--dir", folder, check=False)
    assert result.returncode == 1 and "install a newer program" in result.stderr

    def statuses():
        return {caller.get("/hosting/api/client").status for _ in range(12)}

    wait_until(lambda: statuses() == {503}, "refusals")
    answer = running.client().get("/readyz")
    assert (answer.status, answer.json()["reason"]) == (503, "The schema requires a newer program.")
    assert "install a newer program" in running.log_file.read_text()
    result = running.cli("migrate", "--dir", TOP / "sql", check=False)
    assert result.returncode == 1 and "requires a program of schema version" in result.stderr
    running.sql(f"DELETE FROM schema_version WHERE version = {NEXT}")
    wait_until(lambda: statuses() == {200}, "answers")


@pytest.fixture
def older():
    try:
        return Older.find()
    except NoHistory as reason:
        pytest.skip(str(reason))


def compatible_from(version):
    """What the migrations after that version say of the oldest schema whose programs can go on."""
    marks = [re.search(r"(?m)^-- compatible-from: *(\d+)", path.read_text())
             for path in sorted((TOP / "sql").glob("*.sql"))[version:]]
    return max((int(mark[1]) for mark in marks if mark), default=0)


def check_revocation_reaches(running, program):
    """What a program of today revokes on another machine is refused by the running one within a second."""
    name = unique("revoked")
    key = running.create_key("admin", name=name)
    caller = running.client(key)
    wait_until(lambda: caller.get("/v1/customers?take=1").status == 200, "the key")
    elsewhere = running.state / "elsewhere"
    elsewhere.mkdir()
    older, running.build = running.build, program
    options, running.options = running.options, running.options | {"runtime_directory": str(elsewhere)}
    try:
        [[number]] = running.sql(f"SELECT id FROM api_key WHERE name = '{name}'")
        running.cli("key", "revoke", number)
    finally:
        running.build, running.options = older, options
    check_followed(lambda: caller.get("/v1/customers?take=1"))


@pytest.mark.slow
def test_the_program_of_the_schema_before(older):
    """It serves while today's migrations run beside it, and afterwards, with new workers too, as they say."""
    running = Installation(workers=4)
    today, running.build, running.schema = running.build, older.build, older.schema
    running.from_template, running.document = False, None  # of today
    with running:
        with Writers(running, running.create_group("load")) as load:
            wait_until(lambda: load.total > 50, "load")
            running.build = today
            # It makes the accounts of the database that are missing, too.
            said = running.cli("setup-db", "--dir", TOP / "sql")
            assert said.count(": applied") == NEXT - 1 - older.version
            running.build = older.build
            running.pool.send_signal(signal.SIGHUP)
            if compatible_from(older.version) > older.version:
                wait_until(lambda: running.client().get("/readyz").status == 503, "refusals")
                assert running.client().get("/readyz").json()["reason"] == "The schema requires a newer program."
                return
            load.wait_more(100, "load on the new schema")
            check_revocation_reaches(running, today)
        assert not load.refused and not load.broken and not lost(running, load)
        assert running.client().get("/readyz").json()["schemaVersion"] == NEXT - 1
        running.options |= {"database_user": "root", "database_password": ""}  # whatever the older one's user may do
        assert "already there" in running.cli("migrate", "--dir", older.schema)


def test_several_at_once(running, folder):
    write(folder, COLUMNS)
    said = []
    threads = [threading.Thread(target=lambda: said.append(running.cli("migrate", "--dir", folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(text.count(f"{NEXT:03}_later.sql: applied") for text in said) == [0, 0, 0, 1]


LEASE = "SELECT holder, expires_at > UTC_TIMESTAMP(6) FROM schema_lease"
# As a migration of another server of the cluster tries it.
TAKE = ("UPDATE schema_lease SET holder = 'elsewhere#1', expires_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR "
        "WHERE id = 1 AND expires_at <= UTC_TIMESTAMP(6); SELECT ROW_COUNT()")


def begin_slow(running, folder, seconds, lease):
    """A migration whose file takes longer than its lease; its holder, once it runs."""
    write(folder, f"DO SLEEP({seconds});\n{COLUMNS}")
    migration = threading.Thread(target=lambda: said.append(
        running.cli("migrate", f"--lease={lease}", "--dir", folder, check=False)))
    said = []
    migration.start()
    wait_until(lambda: running.sql(HELD), "the file")
    return migration, said


def test_a_file_that_takes_longer_than_its_lease(running, folder):
    """The lease is renewed meanwhile: nobody else can take it."""
    migration, said = begin_slow(running, folder, 9, 2)
    holder, = {holder for holder, _ in running.sql(LEASE)}
    end = time.monotonic() + 4.5
    while time.monotonic() < end:
        assert running.sql(LEASE) == [[holder, "1"]]
        assert running.sql(TAKE) == [["0"]]
        time.sleep(0.3)
    migration.join()
    assert said[0].returncode == 0 and f"{NEXT:03}_later.sql: applied" in said[0].stdout
    assert running.sql(LEASE) == [[holder, "0"]], "given back"
    # The next one has a token of its own.
    running.cli("migrate", "--dir", folder)
    assert running.sql(LEASE)[0][0] != holder


def test_a_lease_that_is_lost(running, folder):
    """Whoever has lost it stops at once, records nothing, and leaves the lease to its new holder."""
    migration, said = begin_slow(running, folder, 2 * LONG, 2)
    running.sql("UPDATE schema_lease SET holder = 'elsewhere#1', expires_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR")
    migration.join(LONG)
    assert not migration.is_alive()
    assert said[0].returncode == 1 and "another server has taken over" in said[0].stderr, said[0]
    assert running.sql(LEASE) == [["elsewhere#1", "1"]]
    assert running.sql(f"SELECT COUNT(*) FROM schema_version WHERE version = {NEXT}") == [["0"]]
    running.sql("UPDATE schema_lease SET expires_at = UTC_TIMESTAMP(6)")
    write(folder, COLUMNS)
    assert "applied" in running.cli("migrate", "--dir", folder)
