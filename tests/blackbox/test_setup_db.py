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

    def run(*arguments, text="", command="setup-db", config=None, **options):
        """None for an option leaves it to the configuration."""
        given = {"database_name": name, "database_user": name, "database_password": "", "migrate_user": "",
                 "migrate_password": ""} | options
        environment = installation.environment()
        for option, value in given.items():
            environment.pop(f"CLIENTELE_{option.upper()}", None)
            if value is not None:
                environment[f"CLIENTELE_{option.upper()}"] = value
        schema = [] if command == "doctor" else ["--dir", str(TOP / "sql")]
        result = subprocess.run(
            [str(installation.build / "clientele"), f"--config={config}" if config else installation.configuration(),
             command, *schema, *arguments], capture_output=True, text=True, input=text, cwd=TOP, timeout=60,
            env=environment)
        assert ADMIN_PASSWORD not in result.stdout + result.stderr
        return result

    run.name = name
    yield run
    installation.sql(f"DROP DATABASE IF EXISTS {name}; DROP USER IF EXISTS {name}@localhost, {name}@'%', "
                     f"{name}_migrate@localhost", database=None)


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
        "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "LOCK TABLES"}
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
        assert "identified by the Unix socket" in result.stderr and "applied" in result.stdout
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
    ({"database_hosts": "127.0.0.1:1"}, [], "needs a password for the server in database_hosts"),
    ({"database_password": "enough", "database_hosts": "127.0.0.1:1"}, [], "could not be created as its user \"root\""),
    ({"database_password": "enough"}, ["--admin-user", "no-one"], "Access denied"),
])
def test_refusals(installation, bare, options, arguments, said):
    result = bare(*arguments, **options)
    assert result.returncode == 1 and said in result.stderr, result.stderr
    assert installation.sql(f"SHOW DATABASES LIKE '{bare.name}'", database=None) == []


SERVING = {"SELECT", "INSERT", "UPDATE", "DELETE"}


def privileges(installation, user):
    """What the user may do with its database."""
    [grant] = [text for text in grants(installation, user) if " ON *.* " not in text]
    return set(grant.split("GRANT ")[1].split(" ON ")[0].split(", "))


def test_two_users(installation, bare, tmp_path):
    secret = tmp_path / "migrate.password"
    options = {"database_password": "enough", "migrate_user": f"{bare.name}_migrate",
               "migrate_password_file": str(secret)}
    for _ in range(2):
        result = bare(**options)
        assert result.returncode == 0, result.stderr
        assert "may change its schema" in result.stderr
        made = secret.read_text()
        assert secret.stat().st_mode & 0o777 == 0o600 and len(made) == 33
        assert made.strip() not in result.stdout + result.stderr
    assert privileges(installation, bare.name) == SERVING
    assert privileges(installation, f"{bare.name}_migrate") > SERVING | {"CREATE", "ALTER", "DROP"}
    # What serves may not change a table, nor may it migrate; what migrates may.
    for statement in ("CREATE TABLE x (a INT)", "ALTER TABLE user ADD x INT", "DROP TABLE user", "TRUNCATE user",
                      "CREATE VIEW x AS SELECT 1", "CREATE INDEX x ON user (enabled)", "DROP DATABASE " + bare.name):
        refused = subprocess.run(["mariadb", "--no-defaults", f"-u{bare.name}", "-penough", "-S",
                                  installation.database_socket, bare.name, "-e", statement],
                                 capture_output=True, text=True, timeout=30)
        assert refused.returncode != 0 and "command denied" in refused.stderr or "Access denied" in refused.stderr
    secret.unlink()
    result = bare(**options, command="migrate")
    assert result.returncode == 1 and "cannot be read from" in result.stderr and str(secret) in result.stderr


@pytest.mark.parametrize("options,said", [
    ({"migrate_user": "a'b"}, "migrate_user must be"),
    ({"migrate_user": "x", "database_user": "x"}, "must be another user"),
    ({"migrate_user": "x"}, "set migrate_password_file to a file for it"),
])
def test_a_second_user_that_cannot_be(installation, bare, options, said):
    result = bare(database_password="enough", **options)
    assert result.returncode == 1 and said in result.stderr, result.stderr
    assert installation.sql(f"SHOW DATABASES LIKE '{bare.name}'", database=None) == []


def test_splitting_one_user(installation, bare, tmp_path):
    """An installation with one user goes on; doctor names the command, which does all of it."""
    configuration = tmp_path / "clientele.conf"
    configuration.write_text("# of a test\n")
    options = {"database_password": "enough", "migrate_user": None, "migrate_password": None,
               "config": configuration}
    assert bare(**options).returncode == 0
    assert privileges(installation, bare.name) > SERVING
    shown = bare("--split-users", "--dry-run", **options).stdout
    assert shown.count(";\n") == 8 and shown.count("IDENTIFIED BY '***'") == 4 and "REVOKE CREATE" in shown
    assert not list(tmp_path.glob("*.password"))
    told = bare(**options, command="doctor").stdout
    assert "may change and drop tables" in told and "clientele setup-db --split-users" in told
    # Where the lines cannot be noted, nothing is taken from anybody.
    refused = bare("--split-users", **options | {"config": tmp_path / "none.conf"})
    assert refused.returncode == 1
    assert privileges(installation, bare.name) > SERVING
    # Some were given all that there is, by whoever made them.
    pattern = bare.name.replace("_", "\\_")
    installation.sql(f"GRANT ALL ON `{pattern}`.* TO '{bare.name}'@localhost WITH GRANT OPTION; "
                     # As dbconfig-common does it: another pattern to the server.
                     f"GRANT ALL ON `{bare.name}`.* TO '{bare.name}'@localhost", database=None)
    # The file of a run that came to nothing does not stand in the way, nor is it lost by another such run.
    kept = tmp_path / "clientele-migrate.password"
    kept.write_text("of a former run\n")
    assert bare("--split-users", "--admin-user", "nobody", "--admin-password-stdin", text="wrong\n", **options).returncode == 1
    assert kept.read_text() == "of a former run\n"
    result = bare("--split-users", **options)
    assert result.returncode == 0 and kept.read_text() == "of a former run\n", result.stderr
    text = configuration.read_text()
    assert text.startswith("# of a test\n") and f'migrate_user = "{bare.name}_migrate"' in text
    assert privileges(installation, bare.name) == SERVING
    told = bare(**options, command="doctor").stdout
    assert "cannot change or drop tables" in told, told
    assert "only its owner can read" in told
    assert bare(**options, command="migrate").returncode == 0
    again = bare("--split-users", **options)
    assert again.returncode == 0 and configuration.read_text() == text
    # The pool does not even know that password.
    shown = subprocess.run([installation.build / "clienteled", f"--config={configuration}", "--print-config"],
                           capture_output=True, text=True, timeout=30).stdout
    assert 'migrate_password = ""' in shown
