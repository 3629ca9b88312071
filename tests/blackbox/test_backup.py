"""clientele backup and restore: real rows, on a real disk, with what goes wrong there."""

import fcntl
import hashlib
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess

import pytest

from harness.installation import TOP
from harness.load import Writers

PATH = "/hosting/api/client"


@pytest.fixture
def running(private_installation):
    return private_installation()


@pytest.fixture
def folder(running):
    path = running.state / "backups"
    path.mkdir(mode=0o700)
    return path


def add_account(running, number):
    answer = running.client(running.admin_key).post(PATH, {
        "username": f"account{number}", "firstName": "\u00c4nne ' \\",
        "passwordHash": "$2y$10$" + "a" * 53, "emailAddress": "a@example.org"})
    assert answer.status == 201, answer
    return answer.json()["id"]


def checksums(running):
    """Of all tables but that of the keys: a worker notes when they are used."""
    names = [row[0] for row in running.sql("SHOW TABLES") if row[0] != "api_key"]
    return running.sql("CHECKSUM TABLE " + ", ".join(f"`{name}`" for name in names))


def backup(running, folder, *arguments):
    [path] = running.cli("backup", *arguments, folder).splitlines()
    return pathlib.Path(path)


def refused(running, *arguments):
    result = running.cli(*arguments, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def restore(running, path, *arguments):
    """As an administrator does: the pool is stopped meanwhile."""
    running.stop_pool()
    result = running.cli("restore", *arguments, "--dir", TOP / "sql", path, check=False)
    running.start_pool()
    running.wait_ready()
    return result


def test_there_and_back(running, folder):
    first = add_account(running, 1)
    before = checksums(running)
    path = backup(running, folder)
    assert re.fullmatch(r"clientele-clientele-\d{8}T\d{6}Z", path.name)
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in path.iterdir()} == {
        "database.sql.zst": "0o600", "manifest.json": "0o600", "clientele.conf": "0o600"}
    assert path.stat().st_mode & 0o777 == 0o700
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["schema"] == len(list((TOP / "sql").glob("*.sql"))) and "MariaDB" in manifest["server"]

    second = add_account(running, 2)
    running.sql("DELETE FROM hosting_client WHERE id = '%s'" % first)
    running.sql("CREATE TABLE later (id INT PRIMARY KEY)")
    result = restore(running, path, "--replace")
    assert result.returncode == 0, result.stderr
    assert "The database was restored to its state of" in result.stderr
    caller = running.client(running.admin_key)
    assert caller.get(f"{PATH}/{first}").json()["firstName"] == "\u00c4nne ' \\"
    assert caller.get(f"{PATH}/{second}").status == 404
    running.stop_pool()
    # Behind the entries that the backup has brought there is one more.
    actor, detail = running.sql("SELECT actor_name, detail FROM audit_entry ORDER BY id DESC LIMIT 1")[0]
    assert re.fullmatch("command line as .+", actor) and json.loads(detail)["backup"] == str(path)
    running.sql("DELETE FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert checksums(running) == before
    running.start_pool()

    # What was replaced is there, too, and can be had back.
    kept = pathlib.Path(re.search(r"contents of the database: (\S+)", result.stderr).group(1))
    assert kept.parent == folder and kept != path
    assert restore(running, kept, "--replace", "--discard").returncode == 0
    assert running.client(running.admin_key).get(f"{PATH}/{second}").status == 200
    assert running.sql("SELECT COUNT(*) FROM later") == [["0"]]


def test_into_an_empty_database(running, folder):
    add_account(running, 1)
    path = backup(running, folder)
    running.stop_pool()
    running.sql("DROP DATABASE clientele; CREATE DATABASE clientele", database="")
    running.cli("restore", "--dir", TOP / "sql", path)
    assert len(list(folder.iterdir())) == 1, "there was nothing to keep"
    running.start_pool()
    running.wait_ready()
    assert len(running.client(running.admin_key).get(PATH).json()) == 1


def test_under_load_and_with_an_old_schema(running, folder):
    """One moment of a database that changes all the time; an older schema is brought up to date afterwards."""
    group = running.create_group("backup")
    with Writers(running, group) as load:
        path = backup(running, folder)
    assert load.acknowledged["hosting"] and not load.refused and not load.broken
    assert restore(running, path, "--replace", "--discard").returncode == 0
    manifest = json.loads((path / "manifest.json").read_text())
    running.sql("DELETE FROM schema_version WHERE version = (SELECT MAX(version) FROM schema_version)")
    older = backup(running, folder)
    result = restore(running, older, "--replace", "--discard")
    assert result.returncode == 0 and ": applied" in result.stdout
    assert running.sql("SELECT MAX(version) FROM schema_version") == [[str(manifest["schema"])]]


def test_secrets(private_installation, tmp_path):
    secret = tmp_path / "password"
    secret.write_text('a "quoted\\ password\n')
    secret.chmod(0o600)
    running = private_installation()
    running.sql("CREATE USER pool@localhost IDENTIFIED BY 'a \"quoted\\\\ password'; "
                "GRANT ALL ON clientele.* TO pool@localhost")
    others = {name: tmp_path / name for name in ("hosting_hawk_secret_file", "mail_password_file")}
    for name, path in others.items():
        path.write_text(name)
    options = ("--database-user=pool", "--database-password=", f"--database-password-file={secret}", "--mail-user=registry",
               *(f"--{name}={path}" for name, path in others.items()))
    folder = running.state / "backups"
    folder.mkdir()
    shutil.copy(secret, running.state / "copy")
    path = pathlib.Path(running.cli("backup", *options, folder).strip())
    assert (path / "database_password_file").read_bytes() == secret.read_bytes()
    for name in others:
        assert (path / name).read_text() == name
    assert not (path / "secret_key_file").exists(), "the key of the secrets in the dump goes elsewhere"
    path = pathlib.Path(running.cli("backup", "--with-secrets", *options, folder).strip())
    assert (path / "secret_key_file").read_bytes() == (running.state / "clientele.key").read_bytes()
    assert (path / "secret_key_file").stat().st_mode & 0o777 == 0o600
    assert running.cli("backup", "--with-secrets", "--without-secrets", folder, check=False).returncode == 2
    (running.state / "clientele.conf").write_text("# One\n hosting-hawk-secret =  inline secret \nworkers = 3\n")
    path = pathlib.Path(running.cli("backup", "--without-secrets", *options[:3], "--keep", "1", folder).strip())
    assert (path / "clientele.conf").read_text() == (
        "# One\n# hosting_hawk_secret was left out of the backup.\nworkers = 3\n")
    assert [file.name for file in sorted(path.iterdir())] == ["clientele.conf", "database.sql.zst", "manifest.json"]


def test_keep(running, folder):
    names = [f"clientele-clientele-2026010{day}T000000Z" for day in range(1, 6)]
    others = ["clientele-other-20260101T000000Z", "clientele-clientele-notes", "clientele-clientele-20260101T000000Z.old"]
    for name in (*names, *others):
        (folder / name).mkdir()
        (folder / name / "file").touch()
    new = backup(running, folder, "--keep", "3")
    assert sorted(path.name for path in folder.iterdir()) == sorted((*names[3:], new.name, *others))
    assert "keep" in running.cli("backup", "--keep", "0", folder, check=False).stderr


@pytest.mark.parametrize("how", ["changed", "cut", "gone", "manifest", "no JSON", "too long"])
def test_a_damaged_backup_changes_nothing(running, folder, how):
    add_account(running, 1)
    path = backup(running, folder)
    running.stop_pool()  # which may have the last use of the key still to write
    before = checksums(running)
    dump = path / "database.sql.zst"
    data = bytearray(dump.read_bytes())
    if how == "changed":
        data[len(data) // 2] ^= 1
        dump.write_bytes(data)
    elif how == "cut":
        dump.write_bytes(data[:-10])
    elif how == "gone":
        dump.unlink()
    else:
        text = (path / "manifest.json").read_text()
        (path / "manifest.json").write_text({
            "manifest": text.replace("database.sql.zst", "../other"),
            "no JSON": text.replace("]", ",]"),
            "too long": text + " " * 65536}[how])
    assert "cannot be restored" in refused(running, "restore", "--dry-run", path)
    result = restore(running, path, "--replace")
    assert result.returncode == 1 and "cannot be restored" in result.stderr
    assert checksums(running) == before
    assert [other for other in folder.iterdir() if other != path] == []


@pytest.mark.parametrize("config, beside, command", [
    ("clientele/clientele.conf", None, "systemctl stop clientele.socket clientele.service"),
    ("clientele/sites/alice.conf", None, "systemctl stop clientele@alice.socket clientele@alice.service"),
    ("state/clientele.conf", "/src/scripts/quickstart start --state /x", "/run/clienteled.pid)")])
def test_how_to_stop_the_pool(running, folder, tmp_path, config, beside, command):
    """The command fits the place: the pool of the machine, a site, or what quickstart has made."""
    path = backup(running, folder)
    file = tmp_path / config
    file.parent.mkdir(parents=True)
    shutil.copy(running.state / "clientele.conf", file)
    if beside:
        file.with_name("quickstart").write_text(f"{beside}\n")
    result = running.cli(f"--config={file}", "--log-target=stderr", "restore", "--replace", path, check=False)
    assert result.returncode == 1 and "The pool is running" in result.stderr and command in result.stderr, result


def test_refusals(running, folder):
    path = backup(running, folder)
    running.cli("restore", "--dry-run", path)
    assert "The pool is running" in refused(running, "restore", "--replace", path)
    running.stop_pool()
    assert "not empty; --replace" in refused(running, "restore", path)
    text = (path / "manifest.json").read_text()
    (path / "manifest.json").write_text(re.sub(r'"schema": ?\d+', '"schema":9999', text))
    assert "this program only knows" in refused(running, "restore", "--replace", path)
    assert "No such file" in refused(running, "restore", folder / "nothing")
    assert "No such file" in refused(running, "backup", folder / "nothing")
    assert running.cli("backup", check=False).returncode == 2


def test_what_fails_leaves_nothing_behind(running, folder):
    existing = backup(running, folder)

    def run(**more):
        result = subprocess.run([str(running.build / "clientele"), running.configuration(), "backup", str(folder)],
                                capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False,
                                **({"env": running.environment()} | more))
        assert result.returncode == 1 and result.stdout == ""
        assert list(folder.iterdir()) == [existing]
        return result.stderr

    # A disk that is full: no file may grow beyond some bytes.
    assert "No backup was made: " in run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)))
    assert "mariadb-dump is not installed" in run(env=running.environment() | {"PATH": only(running, "zstd")})
    assert "zstd is not installed" in run(env=running.environment() | {"PATH": only(running, "mariadb-dump")})
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert "another backup is being made" in run()
    os.close(lock)
    # What a killed one has left is removed by the next.
    (folder / "clientele-clientele-.partial").mkdir()
    (folder / "clientele-clientele-.partial/database.sql.zst").touch()
    backup(running, folder)
    assert not [path for path in folder.iterdir() if path.name.endswith(".partial")]
    running.stop_database()
    said = running.cli("restore", "--dry-run", existing, check=False)
    assert said.returncode == 0 and "is intact" in said.stderr and "was not tried" in said.stderr
    before = sorted(folder.iterdir())
    result = running.cli("backup", folder, check=False)
    assert result.returncode == 1 and "2002" in result.stderr and sorted(folder.iterdir()) == before
    running.start_database()


def only(running, program):
    """A PATH with that program alone."""
    folder = running.state / f"only-{program}"
    folder.mkdir()
    (folder / program).symlink_to(shutil.which(program))
    return str(folder)


SECRET_FILES = re.findall(r"OPTION\((\w+), OPTION_TEXT\)[^{]*?\.file = OPTION_FILE_(\w+)",
                          (TOP / "src/server/option.c").read_text())


def test_each_file_of_secrets(running, folder, tmp_path):
    """Every option of that kind is in the backup, looked at by the doctor, and missed by a restoration."""
    assert len(SECRET_FILES) >= 6
    manual = (TOP / "docs/operations.md").read_text().split("\n## Backup\n")[1].split("\n## ")[0]
    assert all(f"`{name}`" in manual for name, kind in SECRET_FILES if kind != "MIGRATE")
    arguments = ["--mail-user=registry", f"--database-tls-certificate={tmp_path}/certificate"]
    (tmp_path / "certificate").write_text("certificate")
    for name, kind in SECRET_FILES:
        value = name.removesuffix("_file")
        if kind == "KEYS":
            shutil.copy(running.state / "clientele.key", tmp_path / name)
        else:
            (tmp_path / name).write_text({"database_password": "of the pool", "migrate_password": "of migrations"}.get(
                value, f"text of {name}"))
        (tmp_path / name).chmod(0o644 if kind != "KEYS" else 0o600)
        arguments.append(f"--{name}={tmp_path / name}")
        if kind in ("VALUE", "MIGRATE"):
            arguments.append(f"--{value}=")
    path = backup(running, folder, "--with-secrets", *arguments)
    found = json.loads(running.cli("doctor", "--json", *arguments, check=False).stdout)
    texts = [finding["finding"] for finding in found if (finding["check"], finding["state"]) == ("files", "fault")]
    running.stop_pool()
    result = running.cli("restore", "--replace", "--discard", "--dir", TOP / "sql", path, check=False)
    assert result.returncode == 0, result.stderr
    for name, kind in SECRET_FILES:
        if kind == "MIGRATE":  # for root alone, and made anew by setup-db
            assert not (path / name).exists() and any(name in text for text in texts)
            continue
        assert (path / name).read_bytes() == (tmp_path / name).read_bytes()
        assert kind == "KEYS" or any(name in text for text in texts), name
        assert kind == "KEYS" or f"{name} is not set here; copy the file from the backup: {path}/{name}." in result.stderr


# --- what else stands in the database ---

OBJECTS = """
    CREATE VIEW strange AS SELECT id FROM hosting_client;
    CREATE DEFINER = gone@nowhere TRIGGER strange BEFORE INSERT ON hosting_client FOR EACH ROW SET NEW.company = NEW.company;
    CREATE ALGORITHM = MERGE DEFINER = gone@nowhere SQL SECURITY INVOKER VIEW stranger AS SELECT id FROM strange"""
READS = "GRANT SHOW VIEW, TRIGGER ON clientele.* TO clientele@localhost"
MAKES = "GRANT CREATE VIEW, SHOW VIEW, TRIGGER ON clientele.* TO clientele_migrate@localhost"


def objects(running):
    """Views and triggers with their definers."""
    return {tuple(row) for row in running.sql(
        "SELECT TABLE_NAME, DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'clientele' UNION ALL "
        "SELECT TRIGGER_NAME, DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'clientele'")}


def with_definers(running, path):
    """The backup as it would be if definers went along, as they once did."""
    dump = subprocess.run(["mariadb-dump", "--no-defaults", "-uroot", "-S", running.database_socket, "--single-transaction",
                           "--hex-blob", "--skip-comments", "--triggers", "clientele"], capture_output=True, check=True).stdout
    assert dump.count(b"DEFINER=`gone`@`nowhere`") == 2
    packed = subprocess.run(["zstd", "--quiet", "--stdout"], input=dump, capture_output=True, check=True).stdout
    (path / "database.sql.zst").write_bytes(packed)
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["dumpSha256"] = hashlib.sha256(dump).hexdigest()
    manifest["files"][0] |= {"sha256": hashlib.sha256(packed).hexdigest(), "bytes": len(packed)}
    (path / "manifest.json").write_text(json.dumps(manifest))


def test_definers_are_left_out(running, folder):
    """Objects of somebody else, who may even be gone, come back as the restoring user's own."""
    add_account(running, 1)
    running.sql(f"{OBJECTS}; {READS}; {MAKES}")
    path, older = backup(running, folder), backup(running, folder)
    with_definers(running, older)
    for each in (path, older):
        assert restore(running, each, "--replace", "--discard").returncode == 0
        assert objects(running) == {(name, "clientele_migrate@localhost") for name in ("strange", "stranger")}
        assert len(running.client(running.admin_key).get(PATH).json()) == 1


def test_what_cannot_be_loaded_is_found_first(running, folder):
    """The privileges that tables, views and triggers need, one after the other."""
    tables = backup(running, folder)
    running.sql(f"{OBJECTS}; {READS}; {MAKES}")
    path = backup(running, folder)
    running.stop_pool()
    for lacks in ("CREATE VIEW", "SHOW VIEW", "TRIGGER", "CREATE", "DROP", "ALTER", "INSERT", "LOCK TABLES"):
        running.sql(f"REVOKE {lacks} ON clientele.* FROM clientele_migrate@localhost")
        nothing_changes(running, path, "denied")
        if lacks in ("CREATE", "DROP"):
            nothing_changes(running, tables, "denied")
        running.sql(f"GRANT {lacks} ON clientele.* TO clientele_migrate@localhost")
    assert restore(running, path, "--replace", "--discard").returncode == 0


def test_a_statement_too_long_is_found_first(running, folder):
    running.sql("CREATE TABLE long_one (text LONGTEXT); INSERT INTO long_one VALUES (REPEAT('x', 3000000))")
    path = backup(running, folder)
    running.stop_pool()
    running.sql("SET GLOBAL max_allowed_packet = 1048576")
    nothing_changes(running, path, "raise its max_allowed_packet")
    running.sql("SET GLOBAL max_allowed_packet = 16777216")


def nothing_changes(running, path, reason):
    """A restoration is refused for that reason, its rehearsal likewise, and nothing has moved."""
    tables, others, files = checksums(running), objects(running), sorted(path.parent.iterdir())
    for arguments in (("--dry-run",), ("--replace", "--discard")):
        said = refused(running, "restore", *arguments, path)
        assert reason in said and "Nothing was changed." in said, said
    assert checksums(running) == tables and objects(running) == others
    assert sorted(path.parent.iterdir()) == files


def test_what_cannot_be_read_is_named(running, folder):
    """A view or trigger of somebody else does not end the nightly backups, and is not lost unsaid."""
    path = backup(running, folder)
    running.sql(OBJECTS)
    result = running.cli("backup", folder, check=False)
    assert result.returncode == 0
    assert 'The view "strange" is not in the backup' in result.stderr and "privilege SHOW VIEW" in result.stderr
    assert 'The trigger "strange" is not in the backup' in result.stderr and "privilege TRIGGER" in result.stderr
    running.stop_pool()
    before = checksums(running), objects(running)
    said = refused(running, "restore", "--replace", path)
    assert "would be lost" in said and "--discard" in said
    assert said.removeprefix("clientele: ") in running.cli("restore", "--dry-run", "--replace", path, check=False).stderr
    assert (checksums(running), objects(running)) == before
    running.cli("restore", "--replace", "--discard", "--dir", TOP / "sql", path)
    assert objects(running) == set()


OTHERS = (
    "CREATE TABLE shop (id INT PRIMARY KEY)",
    "CREATE TABLE shop (id INT PRIMARY KEY) WITH SYSTEM VERSIONING",
    "CREATE VIEW shop AS SELECT 1",
    "CREATE SEQUENCE shop",
    "CREATE PROCEDURE shop() SELECT 1",
    "CREATE EVENT shop ON SCHEDULE EVERY 1 YEAR DO SELECT 1",
)


def test_a_database_of_others_is_not_empty(running, folder):
    """Without our tables, but with others': nothing goes without --replace, and not unsaved."""
    path = backup(running, folder)
    running.stop_pool()
    running.sql("GRANT SHOW VIEW, CREATE VIEW, EXECUTE, EVENT ON clientele.* TO clientele_migrate@localhost")
    for thing in OTHERS:
        running.sql("DROP DATABASE clientele; CREATE DATABASE clientele", database="")
        running.sql(thing)
        before = running.sql("SHOW TABLES")
        for arguments in ((), ("--discard",)):
            assert "is not empty; --replace" in refused(running, "restore", *arguments, path), thing
        assert "is not empty; --replace" in running.cli("restore", "--dry-run", path, check=False).stderr
        assert running.sql("SHOW TABLES") == before
    running.sql("; ".join(["DROP DATABASE clientele; CREATE DATABASE clientele; USE clientele", OTHERS[0],
                           OTHERS[2].replace("shop", "till"), OTHERS[3].replace("shop", "counter")]), database="")
    before = running.sql("SHOW TABLES")
    said = running.cli("restore", "--replace", "--dir", TOP / "sql", path, check=False).stderr
    assert not {"shop", "till", "counter"} & {row[0] for row in running.sql("SHOW TABLES")}, said
    kept = re.search(r"contents of the database: (\S+)", said).group(1)
    running.cli("restore", "--replace", "--discard", kept)
    assert running.sql("SHOW TABLES") == before, "what never was ours comes back as it was"


def test_new_one_is_read_before_old_ones_go(running, folder):
    """A disk that forgets: a backup that cannot be read again pushes nothing out."""
    old = backup(running, folder)
    tools = running.state / "tools"
    tools.mkdir()
    forgetful = tools / "zstd"
    forgetful.write_text('#!/bin/sh\ncase "$*" in *decompress*) exec /usr/bin/zstd "$@" ;; esac\n'
                         '/usr/bin/zstd "$@" | head -c 1000\n')
    forgetful.chmod(0o755)
    result = subprocess.run([str(running.build / "clientele"), running.configuration(), "backup", "--keep=1", str(folder)],
                            capture_output=True, text=True, check=False,
                            env=running.environment() | {"PATH": f"{tools}:{os.environ['PATH']}"})
    assert result.returncode == 1 and "No backup was made" in result.stderr
    assert old in folder.iterdir()
