"""Changes of the schema beside a running service: callers notice nothing, and programs know which schemas are theirs."""

import shutil
import subprocess
import threading
import time

import pytest

from harness.installation import TOP, wait_until
from harness.load import Writers, lost

HOLD = "START TRANSACTION; SELECT COUNT(*) FROM hosting_client; SELECT SLEEP({seconds}); COMMIT"
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
    wait_until(lambda: running.sql(HELD), 5, "transaction")
    return holder


def test_under_load(running, folder):
    """Somebody's transaction makes the change wait; calls of the table do not wait with it for long."""
    write(folder, COLUMNS)
    with Writers(running, running.create_group("load")) as load:
        wait_until(lambda: load.total > 50, 20, "load")
        holder = hold(running, 4)
        begun = time.monotonic()
        said = running.cli("migrate", "--dir", folder)
        seconds = time.monotonic() - begun
        during = load.total
        wait_until(lambda: load.total > during + 50, 20, "load")
    holder.wait(10)
    assert f"{NEXT:03}_later.sql: applied" in said and seconds > 2
    assert not load.refused and not load.broken and not lost(running, load)
    assert running.client().get("/readyz").json()["schemaVersion"] == NEXT, "old workers go on"
    assert "already there" in running.cli("migrate", "--dir", TOP / "sql"), "and so does their migrator"


@pytest.mark.slow
def test_a_table_that_is_never_free(running, folder):
    write(folder, COLUMNS)
    holder = hold(running, 300)
    with Writers(running, running.create_group("load")) as load:
        result = running.cli("migrate", "--dir", folder, check=False)
    assert result.returncode == 1
    assert f"{NEXT:03}_later.sql, statement 1" in result.stderr and "SHOW PROCESSLIST" in result.stderr
    assert load.total > 100 and not load.refused and not load.broken
    for number, in running.sql(HELD):
        running.sql(f"KILL {number}")
    holder.wait(10)
    assert "applied" in running.cli("migrate", "--dir", folder)


def test_a_schema_for_newer_programs_only(running, folder):
    """Workers that run already are shut out, too, and say why; they go on by themselves when it is taken back."""
    caller = running.client(running.admin_key)
    assert caller.get("/hosting/api/client").status == 200
    write(folder, f"-- compatible-from: {NEXT}\n{COLUMNS}")
    result = running.cli("migrate", "--dir", folder, check=False)
    assert result.returncode == 1 and "install the newer program" in result.stderr

    def statuses():
        return {caller.get("/hosting/api/client").status for _ in range(12)}

    wait_until(lambda: statuses() == {503}, 15, "refusals")
    answer = running.client().get("/readyz")
    assert (answer.status, answer.json()["reason"]) == (503, "The schema needs a newer program.")
    assert "install the newer program" in running.log_file.read_text()
    result = running.cli("migrate", "--dir", TOP / "sql", check=False)
    assert result.returncode == 1 and "use the newer program" in result.stderr
    running.sql(f"DELETE FROM schema_version WHERE version = {NEXT}")
    wait_until(lambda: statuses() == {200}, 10, "answers")


def test_several_at_once(running, folder):
    write(folder, COLUMNS)
    said = []
    threads = [threading.Thread(target=lambda: said.append(running.cli("migrate", "--dir", folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(text.count(f"{NEXT:03}_later.sql: applied") for text in said) == [0, 0, 0, 1]
