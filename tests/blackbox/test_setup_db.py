"""clientele setup-db: the database, its user and the schema from nothing, as an administrator of the server."""

import os
import subprocess

import pytest

from harness.installation import TOP

ADMIN = "dba"
ADMIN_PASSWORD = "a password of the dba"


@pytest.fixture
def bare(installation):
    """The shared installation's server with another database to make."""
    name = "made_" + os.urandom(4).hex()
    installation.sql(f"CREATE USER IF NOT EXISTS {ADMIN}@localhost IDENTIFIED BY '{ADMIN_PASSWORD}'; "
                     f"GRANT ALL ON *.* TO {ADMIN}@localhost WITH GRANT OPTION", database=None)

    def run(*arguments, text="", **options):
        result = subprocess.run(
            [str(installation.build / "clientele"), installation.configuration(), "setup-db", "--dir",
             str(TOP / "sql"), *arguments], capture_output=True, text=True, input=text, cwd=TOP, timeout=60,
            env=installation.environment() | {f"CLIENTELE_{word.upper()}": value for word, value in
                                              ({"database_name": name, "database_user": name} | options).items()})
        assert ADMIN_PASSWORD not in result.stdout + result.stderr
        return result

    run.name = name
    yield run
    installation.sql(f"DROP DATABASE IF EXISTS {name}; DROP USER IF EXISTS {name}@localhost, {name}@'%'",
                     database=None)


def grants(installation, user, host="localhost"):
    return [row[0] for row in installation.sql(f"SHOW GRANTS FOR '{user}'@'{host}'", database=None)]


def test_with_a_password(installation, bare, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("it's \\ hard\n", encoding="utf-8")
    for attempt in range(2):
        result = bare("--admin-user", ADMIN, "--admin-password-stdin", text=ADMIN_PASSWORD + "\n",
                      database_password_file=str(secret))
        assert result.returncode == 0, result.stderr
        assert f'The database "{bare.name}"' in result.stderr
        assert ("applied" if attempt == 0 else "already there") in result.stdout
    [usage, grant] = grants(installation, bare.name)
    assert "ALL PRIVILEGES" not in grant and "USAGE" in usage
    pattern = bare.name.replace("_", "\\\\_")
    assert f"ON `{pattern}`.* TO" in grant
    assert set(grant.split("GRANT ")[1].split(" ON ")[0].split(", ")) == {
        "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"}
    charset = installation.sql("SELECT default_character_set_name, default_collation_name FROM "
                               f"information_schema.schemata WHERE schema_name = '{bare.name}'", database=None)
    assert charset == [["utf8mb4", "utf8mb4_nopad_bin"]]


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_by_the_socket(installation, bare):
    installation.sql("CREATE USER IF NOT EXISTS nobody@localhost IDENTIFIED BY 'as another tool made it'",
                     database=None)
    try:
        result = bare(user="nobody", database_user="nobody")
        assert result.returncode == 0, result.stderr
        assert "known by the socket" in result.stderr and "applied" in result.stdout
        assert "unix_socket" in grants(installation, "nobody")[0]
    finally:
        installation.sql("DROP USER nobody@localhost", database=None)


def test_dry_run_shows_the_statements(installation, bare, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("hidden from people\n", encoding="utf-8")
    result = bare("--dry-run", "--from", "10.0.0.%", database_password_file=str(secret))
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout.count(";\n") == 4 and "IDENTIFIED BY '***'" in result.stdout
    assert f"'{bare.name}'@'10.0.0.%'" in result.stdout and "hidden" not in result.stdout
    assert installation.sql(f"SHOW DATABASES LIKE '{bare.name}'", database=None) == []


@pytest.mark.parametrize("options,arguments,said", [
    ({"database_name": "a`b"}, [], "database_name must be"),
    ({"database_user": "a'b"}, [], "database_user must be"),
    ({"database_user": "x" * 81}, [], "database_user must be"),
    ({}, ["--from", "a'b"], "the host must be"),
    ({}, [], "needs a password, since the pool runs as another user"),
    ({"database_hosts": "127.0.0.1:1"}, [], "reached by database_hosts"),
    ({"database_password": "enough", "database_hosts": "127.0.0.1:1"}, [], "could not be made as its user \"root\""),
    ({"database_password": "enough"}, ["--admin-user", "no-one"], "Access denied"),
])
def test_refusals(installation, bare, options, arguments, said):
    result = bare(*arguments, **options)
    assert result.returncode == 1 and said in result.stderr, result.stderr
    assert installation.sql(f"SHOW DATABASES LIKE '{bare.name}'", database=None) == []
