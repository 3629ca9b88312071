"""scripts/: what they touch, and what they leave alone."""

import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from harness.installation import TOP

QUICKSTART = str(TOP / "scripts/quickstart")


def run(*arguments, **more):
    return subprocess.run(list(map(str, arguments)), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                          check=False, **more)


def rights(folder):
    return {str(path): (path.lstat().st_mode, path.lstat().st_uid, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


def test_quickstart_leaves_other_folders_alone(tmp_path):
    """A folder with files of others is not made a state directory, whatever its parts are called."""
    folder = tmp_path / "home"
    for name in ("log", "db", "run", "nginx"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    before = rights(folder)
    result = run(QUICKSTART, "start", "--state", folder)
    assert result.returncode == 1 and f"there are other files in {folder}" in result.stderr
    assert rights(folder) == before and folder.stat().st_mode & 0o777 == 0o755


def test_quickstarts_of_one_state_wait_for_each_other(tmp_path):
    (tmp_path / "run").mkdir()
    with open(tmp_path / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        other = subprocess.Popen([QUICKSTART, "stop", "--state", str(tmp_path)], stderr=subprocess.PIPE, text=True)
        assert "another quickstart is at work" in other.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(1)
        status = run(QUICKSTART, "status", "--state", tmp_path)
        assert status.returncode == 3 and "not running" in status.stdout, "who only looks does not wait"
    assert other.wait(20) == 0
    # What a start began does not hold the lock.
    assert run("flock", "--nonblock", tmp_path / "lock", "true").returncode == 0


@pytest.mark.parametrize("text", ["/", "{folder}", "/tmp/clientele.abcdef/../{name}", "/tmp/clientele.*"])
def test_quickstart_removes_its_own_folder_of_sockets_only(tmp_path, text):
    state, folder = tmp_path / "state", tmp_path / "precious"
    (state / "run").mkdir(parents=True)
    (state / "lock").touch()
    folder.mkdir()
    (folder / "file").touch()
    (state / "sockets").write_text(text.format(folder=folder, name=folder.name) + "\n")
    assert run(QUICKSTART, "stop", "--state", state).returncode == 0
    assert (folder / "file").exists() and not (state / "sockets").exists()


def test_quickstart_leaves_other_files_among_its_sockets(tmp_path):
    with tempfile.TemporaryDirectory(dir="/tmp") as parent:
        ours = pathlib.Path(tempfile.mkdtemp(prefix="x", dir=parent)).rename(f"/tmp/clientele.{os.getpid() % 900000 + 100000}")
    (tmp_path / "run").mkdir()
    (tmp_path / "lock").touch()
    try:
        (ours / "file").touch()
        (tmp_path / "sockets").write_text(f"{ours}\n")
        result = run(QUICKSTART, "stop", "--state", tmp_path)
        assert result.returncode == 0 and "something else is in" in result.stderr and (ours / "file").exists()
    finally:
        shutil.rmtree(ours)


WEB = """
set -eu
root=$1
. "$2/scripts/lib/common.sh"
. "$2/scripts/lib/packages.sh"
. "$2/scripts/lib/build.sh"
. "$2/scripts/lib/web.sh"
web_folder "$1/build"
web_build "$1/build" "$1/log"
web_folder "$1/build"
"""


def test_the_console_of_a_release_is_not_made_again(tmp_path):
    """There is no build to make it in."""
    console = tmp_path / "pages/console"
    console.mkdir(parents=True)
    (console / "index.html").touch()
    result = run("sh", "-c", WEB, "-", tmp_path, TOP)
    assert (result.returncode, result.stdout) == (0, f"{console}\n" * 2), result.stderr


def test_a_console_that_cannot_be_made_is_said(tmp_path):
    result = run("sh", "-c", WEB, "-", tmp_path, TOP)
    assert result.returncode != 0 and result.stdout == "" and f"build_make {tmp_path}/build web" in result.stderr, result


def test_package_leaves_other_folders_alone(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/thesis").touch()
    result = run(TOP / "scripts/package", "--build", tmp_path)
    assert result.returncode == 1 and "no build directory of ours" in result.stderr
    assert (tmp_path / "source/thesis").exists()


def shell(script, **more):
    result = run("sh", "-euc", f'root={TOP}; . "$root/scripts/lib/common.sh"; . "$root/scripts/lib/packages.sh"; {script}', **more)
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


@pytest.mark.skipif(not (TOP / "debian/control").exists(), reason="the release archive has no debian/")
def test_build_dependencies_are_kept_once():
    """The package's are those of debian/control; what builds from source is a part of them."""
    text = re.search(r"(?ms)^Build-Depends:\n(.*?)^\S", (TOP / "debian/control").read_text()).group(1)
    wanted = {line.split()[0].strip(",").removesuffix("-compat") for line in text.splitlines()}
    assert set(shell("packages_of_control")) == wanted
    assert set(shell('echo "$packages_package"')) >= wanted | {"build-essential"}
    libraries = {name for name in shell('echo "$packages_build"') if name.startswith("lib") and name != "libc6-dev"}
    assert libraries <= wanted
    assert set(shell('packages_missing $(packages_of_control) no-such-package')) >= {"no-such-package"}


def test_a_killed_installation_of_packages_loses_no_policy(tmp_path):
    """The policy that was there before the first of two is there after the second."""
    policy, saved = tmp_path / "policy-rc.d", tmp_path / "policy-rc.d.before-clientele"
    saved.write_text("the administrator's")
    policy.write_text("#!/bin/sh\nexit 101\n")
    script = run("sh", "-c", f'root={TOP}; . "$root/scripts/lib/packages.sh"; printf %s "$packages_installer"').stdout
    head = script[:script.index("brought=")].replace("/usr/sbin/policy-rc.d", str(policy))
    assert run("sh", "-c", head + "\nexit 0").returncode == 0
    assert policy.read_text() == "the administrator's" and not saved.exists()


def words(tmp_path, text, name="src/cli/x.c"):
    """What the check of words says of a tree with one file."""
    for folder in ("src/cli", "docs/guide", "man", "debian", "monitoring", "verify"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "src/cli/y.c").touch()
    for document in ("README.md", "docs/a.md", "docs/guide/a.md", "docs/clientele.conf", "man/a.1",
                     "debian/a.README.Debian", "debian/a.templates", "monitoring/a.yml", name):
        (tmp_path / document).touch()
    (tmp_path / name).write_text(text)
    result = run(TOP / "scripts/check-words", tmp_path)
    assert result.returncode == (1 if result.stderr else 0) and result.stdout == ""
    return result.stderr


@pytest.mark.parametrize("text, found", [
    ('fail("The key is worthless.");', 'src/cli/x.c:1: "worthless"'),
    ('fail("a number", "has faults; "\n\t"mend "\n\t"them");', 'src/cli/x.c:1: "mend"'),
    ('\n\nf("The licen" "ce of %" PRId64 " ends");', 'src/cli/x.c:3: "licence"'),
    ('f("Take a back-up.");', "write: backup"),
    ("/* mend it: a licence */", ""), ("\t/* worthless\n * licence\n */ int x = \'\"\';", ""),
    ('f("amendment of the license");', ""), ('f("mend");', ""), ("mend();", ""),
])
def test_words_of_messages(tmp_path, text, found):
    """Texts count, joined as the compiler joins them; comments and names do not."""
    said = words(tmp_path, text)
    assert found in said and bool(found) == bool(said), said


@pytest.mark.parametrize("name, text, found", [
    ("docs/a.md", "One\nline that is\nworthless.\n\nMore", 'docs/a.md:1: "worthless"'),
    ("README.md", "# A Licence\n", 'README.md:1: "licence"'),
    ("man/a.1", ".It Fl x\nMend it.\n", '"mend"'),
    ("docs/clientele.conf", "# Time-out of it.\n", '"time-out"'),
    ("src/cli/group.c", 'f("Delete a client.");', "write: application"),
    ("src/cli/token.c", 'f("The client is gone.");', "write: API client"),
    ("src/cli/token.c", 'f("The API client is gone; see \'clientele client list\'.");', ""),
    ("docs/a.md", "Delete a client.", ""),
])
def test_words_of_documents(tmp_path, name, text, found):
    """Some words are wrong in some files only."""
    said = words(tmp_path, text, name)
    assert found in said and bool(found) == bool(said), said


def test_words_of_the_tree():
    result = run(TOP / "scripts/check-words")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("one, other, found", [
    ("static int fail(int a)\n{\n}\n", "\nstatic struct x *\nfail(\n    int a)\n{\n}\n", ["a.c:1: fail()", "b.c:3: fail()"]),
    ("static void list(void);\n\nstatic void list(void)\n{\n}\n", "static bool *list(void)\n{\n}\n",
     ["a.c:1: list()", "b.c:1: list()"]),
    # What is alone, no function, or says what it works on.
    ("static int fail(void)\n{\n}\n", "static int store(void)\n{\n}\n", []),
    ("static int count = f(1);\nstatic int fail(void);\n", "static int count(void)\n{\n}\n", []),
    ("static int fail_socket(void)\n{\n}\n", "static int fail_socket(void)\n{\n}\n", []),
    # A rule stands in its record's row under the name of its member; nothing else may.
    ("static int check(void)\n{\n}\nx = {\n\t.check = check,\n};\n", "static int check(void)\n{\n}\n\t.check = check };\n", []),
    ("static int check(void)\n{\n}\n\t.check = check_all,\n", "static int check(void)\n{\n}\n",
     ["a.c:1: check()", "b.c:1: check()"]),
    ("static int run(void)\n{\n}\n\t.run = run,\n", "static int run(void)\n{\n}\n\t.run = run },\n",
     ["a.c:1: run()", "b.c:1: run()"]),
])
def test_names_of_statics(tmp_path, one, other, found):
    (tmp_path / "a.c").write_text(one)
    (tmp_path / "b.c").write_text(other)
    result = run(TOP / "scripts/check-names", tmp_path)
    assert [line.split(" does ")[0] for line in result.stdout.splitlines()] == found and result.stderr == ""
    assert (result.returncode != 0) == bool(found)


def test_names_of_the_tree():
    result = run(TOP / "scripts/check-names")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name, text, found", [
    ("group.c", 'f("SELECT id FROM discovery_group");', [1]),
    ("group.c", '\n\tf("Say it",\n\t    " DELETE FROM a");', [3]),
    ("group.c", 'f("SET STATEMENT max_statement_time = 1 FOR " "UPDATE a SET b = 1");', [1]),
    ("group.h", '#define LIST "(SELECT 1)"', [1]),
    ("group.c", 'f("select id from a"); g("insert into a values (1)");', [1, 1]),
    ("group.c", 'f("update a set b = 1");', [1]),
    ("group.c", 'f("REPLACE INTO a VALUES (1)"); f("TRUNCATE a");', [1, 1]),
    # Questions, names, comments and what is no text.
    ("group.c", 'f("Delete the group?"); f("update the schema"); f("UPDATED");', []),
    ("group.c", '/* "SELECT 1" */\n * "DELETE FROM a"\nSELECT(1);', []),
    ("migrate.c", 'f("SELECT 1");', []),
    ("migrate.c", "f();", ["cli/migrate.c has no statement any more"]),
])
def test_sql_of_commands(tmp_path, name, text, found):
    for folder in ("api", "cli", "op"):
        (tmp_path / folder).mkdir()
    (tmp_path / "cli" / name).write_text(text + "\n")
    result = run(TOP / "scripts/check-sql", tmp_path)
    lines = result.stdout.splitlines()
    assert [int(line.split(":")[1]) if line.startswith("cli/") else line.split(": ")[1].split(";")[0]
            for line in lines] == found and result.stderr == ""
    assert (result.returncode != 0) == bool(found)


REASON = "/*\n * Hello.\n *\n * SQL of its own: for a reason.\n */\n"


@pytest.mark.parametrize("name, text, found", [
    ("hosting/domain.c", "\treturn database_execute(database, text, NULL, 0, &outcome, error);",
     ["hosting/domain.c:1: a statement of SQL"]),
    ("hosting/domain.c", "\n\tif (database_select_once(database, arena, sql))",
     ["hosting/domain.c:2: a statement of SQL"]),
    ("hosting/domain.c", '\tsql_append(&sql, "UPDATE hosting_domain t SET ");',
     ["hosting/domain.c:1: a statement of SQL"]),
    # A condition, a row of a table, and what a comment says.
    ("hosting/domain.c", '\tsql_append(&sql, " FOR UPDATE");', []),
    ("hosting/domain.c", '.expression = "(SELECT 1)",\n/* Errors as database_select(). */', []),
    ("hosting/domain.h", "/*\n * Errors as database_select().\n */", []),
    ("discovery/hello.c", REASON + "\treturn database_execute(database);", []),
    ("discovery/hello.c", "\treturn database_execute(database);",
     ["discovery/hello.c:1: the first comment does not say why"]),
    ("discovery/hello.c", "/* Hello. */\n/* SQL of its own: too late. */\n\tdatabase_select(database);",
     ["discovery/hello.c:1: the first comment does not say why"]),
    ("discovery/hello.c", REASON, ["discovery/hello.c has no statement any more"]),
])
def test_sql_of_families(tmp_path, name, text, found):
    for folder in ("cli", "op"):
        (tmp_path / folder).mkdir()
    (tmp_path / "api" / name).parent.mkdir(parents=True)
    (tmp_path / "api" / name).write_text(text + "\n")
    result = run(TOP / "scripts/check-sql", tmp_path)
    lines = result.stdout.splitlines()
    assert len(lines) == len(found) and all(part in line for part, line in zip(found, lines)), result.stdout
    assert (result.returncode != 0, result.stderr) == (bool(found), "")


def test_sql_of_the_tree():
    result = run(TOP / "scripts/check-sql")
    assert result.returncode == 0, result.stdout
