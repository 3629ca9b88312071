"""clientele export: each list as the API answers it, in a file that is whole or not there."""

import json
import os
import pty
import re
import signal
import subprocess
import time

import pytest

from harness.canary import WORD, Canary, fill, path_of
from harness.families import unique
from harness.installation import LONG, TOP, Installation
from harness.rows_only import CSV, KEPT, LINES, check_csv, lists, read_csv, read_lines, rows_of
from harness.waiting import wait_until

LISTS = dict(lists())
MANY = 20000
# Formats of the command, and what asks the API for the same.
FORMATS = {"csv": CSV, "csv-kept": KEPT, "jsonl": LINES, "json": "application/json", "xml": "application/xml"}


@pytest.fixture(scope="module")
def running():
    with Installation() as installation:
        yield installation


@pytest.fixture(scope="module")
def world(running):
    """With a word in every member, also in those that are never shown."""
    made = fill(Canary(running))
    made.store()
    return made


class Exported:
    """What was exported, as an answer."""

    def __init__(self, body):
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.text)


def export(running, *arguments, status=0):
    """What comes out on standard output."""
    result = subprocess.run([running.build / "clientele", running.configuration(), "export", *map(str, arguments)],
                            capture_output=True, env=running.environment(), cwd=TOP, timeout=LONG, check=False)
    assert result.returncode == status, result
    running.secrets.note_text(result.stdout.decode("utf-8", "replace"))
    return Exported(result.stdout)


def refused(running, *arguments, status=1):
    """What is said on the error stream; nothing comes out."""
    result = running.cli("export", *arguments, check=False)
    assert (result.returncode, result.stdout) == (status, ""), result
    return result.stderr


def listed(running):
    """{name: family} of the lists that the command knows."""
    lines = running.cli("export", "--list").splitlines()
    assert lines[0].split() == ["LIST", "FAMILY", "DESCRIPTION"]
    return {line.split()[0]: line.split()[1] for line in lines[1:]}


def test_every_list_has_a_name(running):
    names = listed(running)
    assert len(names) == len(LISTS)
    for path in LISTS:
        assert [name for name in names if path.endswith("/" + name.lstrip("/"))], path


@pytest.mark.parametrize("path", LISTS)
def test_same_as_the_api(running, world, path):
    """By its whole path and by its name, in each format, all rows that an administrator sees."""
    called = path_of(world, path)
    name = max((name for name in listed(running) if path.endswith("/" + name.lstrip("/"))), key=len)
    short = "/".join(called.split("/")[-len(name.split("/")):])
    page = "&".join(f"{name}=1000" for name in ("take", "count") if name in LISTS[path])
    include = ["--include", "*"] if "include" in LISTS[path] else []
    query = "&".join(["include=*"] * bool(include) + [page] * bool(page))

    def same():
        """Last uses are written a moment after they happened."""
        rows = rows_of(world.client.get(f"{called}?{query}"))
        found = {one: export(running, called, "--format", one, *include) for one in FORMATS}
        found["by name"] = export(running, short, *include)
        return rows_of(world.client.get(f"{called}?{query}")) == rows and (rows, found)

    rows, found = wait_until(same, f"{called} stays as it is")
    check_csv(found["csv"], rows)
    check_csv(found["csv-kept"], rows, kept=True)
    assert read_lines(found["jsonl"]) == rows == rows_of(found["json"])
    # Who exports is no user, whom one family names in its envelope.
    in_xml = re.sub(r"<Identification>.*?</Identification>", "<Identification />",
                    world.client.get(f"{called}?{query}", accept="application/xml").text)
    assert found["xml"].text == in_xml
    assert found["by name"].body == found["csv"].body


def test_choices(running, world):
    mark = unique("export")
    for number in (2, 1, 3):
        world.client.post("/v1/customers", {"customer": {"company": f"{mark} {number}", "contacts": [{"lastName": "Ä"}]}})
    head, rows = read_csv(export(running, "customers", "--filter", f'company.StartsWith("{mark}") and company <> "{mark} 2"',
                                 "--sort", "company desc", "--select", "company,contacts"))
    assert head == ["id", "company", "contacts"] and [row[1] for row in rows] == [f"{mark} 3", f"{mark} 1"]
    assert json.loads(rows[0][2])[0]["lastName"] == "Ä"
    found = export(running, "/v1/customers", "--filter", f'company.Contains("{mark}")', "--parameter", "take=1",
                   "--parameter", "skip=1", "--sort", "company", "--format", "jsonl")
    assert [row["company"] for row in read_lines(found)] == [f"{mark} 2"]
    found = export(running, "customers", "--filter", f'company.Contains("{mark}")', "--format", "JSON", "--parameter", "total=exact")
    assert found.json()["totalCustomersCount"] == 3 and len(found.json()["customers"]) == 3


@pytest.mark.parametrize("arguments,said", [
    (["nonsense"], 'The list "nonsense" does not exist'), (["/v1/info"], "does not exist"),
    (["customers/999999999/contacts"], "The customer was not found"), (["customers/x/contacts"], "customerId"),
    (["customers", "--filter", "nonsense = 1"], "The filter is wrong at position 1"), (["customers", "--sort", "x"], "The sort is"),
    (["customers", "--select", "x"], "The select is wrong"), (["customers", "--parameter", "take=1001"], "take"),
    (["customers", "--parameter", "nonsense=1"], "nonsense is unknown"), (["api/client", "--filter", "x"], "filter is unknown")])
def test_faults(running, tmp_path, arguments, said):
    """Nothing is written, and no file appears."""
    assert said in refused(running, *arguments)
    assert said in refused(running, *arguments, "--output", tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments,said", [
    ([], "--list"), (["customers", "users"], "users"), (["customers", "--format", "yaml"], "no format"),
    (["customers", "--parameter", "take"], "NAME=VALUE"), (["customers", "--parameter", "=1"], "NAME=VALUE"),
    (["customers", "--output"], "requires a value")])
def test_usage(running, arguments, said):
    assert said in refused(running, *arguments, status=2)


def test_file(running, world, tmp_path):
    """It is its owner's alone, and takes the place of one that is there."""
    target = tmp_path / "licenses.csv"
    target.write_text("old")
    target.chmod(0o644)
    result = running.cli("export", "licenses", "--output", target, check=False)
    assert (result.returncode, result.stdout) == (0, "") and "rows were exported" in result.stderr
    assert target.read_bytes() == export(running, "licenses").body
    assert target.stat().st_mode & 0o777 == 0o600 and list(tmp_path.iterdir()) == [target]
    assert world.client.get("/v1/licenses", accept=CSV).body == target.read_bytes()


def test_places_that_take_no_file(running, tmp_path):
    link, pipe, folder = tmp_path / "link", tmp_path / "pipe", tmp_path / "folder"
    link.symlink_to(tmp_path / "elsewhere")
    os.mkfifo(pipe)
    folder.mkdir()
    before = sorted(tmp_path.iterdir())
    for place in (link, pipe, folder):
        assert "it is no plain file" in refused(running, "customers", "--output", place)
    assert "No such file or directory" in refused(running, "customers", "--output", tmp_path / "none" / "out")
    assert sorted(tmp_path.iterdir()) == before
    with open("/dev/full", "wb") as full:
        result = subprocess.run([running.build / "clientele", running.configuration(), "export", "roles"], stdout=full,
                                stderr=subprocess.PIPE, env=running.environment(), timeout=LONG, check=False)
    assert result.returncode == 1 and b"No space left" in result.stderr


def test_secrets_do_not_come_out(running, world):
    """What nobody may see by the API: hashes, encrypted columns, and what else is hidden."""
    hidden = {made for made in world.stored if world.words[made] is None}
    assert len(hidden) >= 5
    shown = set()
    for path in LISTS:
        include = ["--include", "*"] if "include" in LISTS[path] else []
        for one in ("csv", "xml"):
            shown |= set(WORD.findall(export(running, path_of(world, path), "--format", one, *include).text))
    assert not shown & hidden and len(shown) > 100


@pytest.fixture
def crowded(private_installation):
    running = private_installation(workers=1)
    running.sql(f"INSERT INTO customer (code, company) SELECT CONCAT('c', seq), REPEAT('x', 200) FROM seq_1_to_{MANY}")
    return running


def start(running, *arguments, **options):
    return subprocess.Popen([running.build / "clientele", running.configuration(), "export", *map(str, arguments)],
                            env=running.environment(), cwd=TOP, **options)


def test_many_rows(crowded, tmp_path):
    """More than a request may hold, and all of them."""
    target = tmp_path / "customers"
    for one, count in (("csv", lambda answer: len(read_csv(answer)[1])), ("jsonl", lambda answer: len(read_lines(answer))),
                       ("json", lambda answer: len(rows_of(answer))), ("xml", lambda answer: answer.text.count("<Customer>"))):
        assert f"{MANY} rows were exported" in crowded.cli("export", "customers", "--format", one, "--output", target,
                                                           check=False).stderr
        assert count(Exported(target.read_bytes())) == MANY


def test_progress_on_a_terminal(crowded, tmp_path):
    terminal, other = pty.openpty()
    process = start(crowded, "customers", "--output", tmp_path / "out", stderr=other)
    os.close(other)
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # its end
            break
    os.close(terminal)
    assert process.wait(LONG) == 0
    assert re.search(rb"\r\d+ rows", shown) and b"20000 rows were exported" in shown, shown
    assert b"\r" not in crowded.cli("export", "customers", "--output", tmp_path / "out", check=False).stderr.encode()


@pytest.fixture
def slow(crowded):
    """The list takes its time: each piece of it waits for a row that somebody else holds."""
    crowded.sql("RENAME TABLE customer TO customer_all; CREATE VIEW customer AS SELECT c.* FROM customer_all c "
                "WHERE SLEEP(0.0002) = 0")
    yield crowded
    crowded.sql("DROP VIEW customer; RENAME TABLE customer_all TO customer")


def unfinished(folder):
    return [path for path in folder.iterdir() if path.name.endswith(".partial")]


def begin_slowly(running, folder):
    """An export that has written some of its rows."""
    target = folder / "customers.csv"
    target.write_text("old")
    process = start(running, "customers", "--sort", "id", "--output", target, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: [path for path in unfinished(folder) if path.stat().st_size > 0], "the first rows")
    return target, process


def test_interrupted(slow, tmp_path):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        target, process = begin_slowly(slow, tmp_path)
        process.send_signal(number)
        _, errors = process.communicate(timeout=LONG)
        assert process.returncode == 1 and "interrupted" in errors
        assert list(tmp_path.iterdir()) == [target] and target.read_text() == "old"


def test_database_dies_midway(slow, tmp_path):
    """The exit status tells, and what was there stays."""
    target, process = begin_slowly(slow, tmp_path)
    killed = False
    end = time.monotonic() + LONG
    while process.poll() is None and time.monotonic() < end:
        for row in slow.sql("SELECT id FROM information_schema.PROCESSLIST WHERE info LIKE '%FROM customer%' "
                            "AND info NOT LIKE '%PROCESSLIST%'"):
            slow.sql(f"KILL CONNECTION {row[0]}")
            killed = True
        time.sleep(0.01)
    _, errors = process.communicate(timeout=LONG)
    assert killed and process.returncode == 1 and "database" in errors, errors
    assert list(tmp_path.iterdir()) == [target] and target.read_text() == "old"
