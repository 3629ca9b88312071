"""The packages, built once for all tests of them, and machines to install them on."""

import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import machine as machines  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
NEXT_SCHEMA = len(list((TOP / "sql").glob("*.sql"))) + 1


def pytest_configure(config):
    config.addinivalue_line("markers", "with_servers: not about the servers' coming with the package")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With a failure on a machine stands its journal."""
    outcome = yield
    report = outcome.get_result()
    if report.failed and call.when == "call" and "machine" in item.funcargs:
        report.sections.append(("Journal of the machine", item.funcargs["machine"].journal()))


def readme_commands(chapter):
    """The examples below that heading of README.md, as shell commands."""
    text = (TOP / "README.md").read_text().split(f"\n### {chapter}\n")[1].split("\n##")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return "".join(blocks).replace("\\\n", " ").splitlines()


class Packages:
    """What scripts/package has made."""

    def __init__(self, folder):
        self.folder = folder

    def file(self, pattern):
        [path] = self.folder.glob(pattern)
        return path

    @property
    def source(self):
        """The archive of the release."""
        return self.file("clientele_*.orig.tar.xz")

    @property
    def server(self):
        return self.file("clientele_*.deb")

    def field(self, name):
        return subprocess.run(["dpkg-deb", "--field", str(self.server), name], capture_output=True, text=True,
                              check=True).stdout.strip()

    def newer(self, folder):
        """The server's package again, with the next version and a change of the busiest table."""
        unpacked = folder / "unpacked"
        subprocess.run(["dpkg-deb", "--raw-extract", str(self.server), str(unpacked)], check=True)
        control = unpacked / "DEBIAN/control"
        version = self.field("Version") + "+next1"
        control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", control.read_text()))
        later = unpacked / f"usr/share/clientele/sql/{NEXT_SCHEMA:03}_next.sql"
        later.write_text("ALTER TABLE discovery_client ADD COLUMN IF NOT EXISTS next INT NULL, "
                         "ALGORITHM = INSTANT, LOCK = NONE;\nALTER TABLE discovery_client ADD KEY IF NOT EXISTS "
                         "discovery_client_next (next), ALGORITHM = NOCOPY, LOCK = NONE;\n")
        result = folder / f"clientele_{version}.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", str(unpacked), str(result)], check=True,
                       stdout=subprocess.DEVNULL)
        return result


@pytest.fixture(scope="session")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    if not shutil.which("dpkg-buildpackage"):
        pytest.skip("Debian's packaging tools are not installed")
    return Packages(made_once(tmp_path_factory, "packages", build_packages))


def made_once(tmp_path_factory, name, make):
    """A folder that the first of the processes of tests makes that asks for it."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    with open(shared / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / name).exists():
            make(shared / f"{name}.new")
            (shared / f"{name}.new").rename(shared / name)
    return shared / name


def build_packages(folder):
    build = folder.with_name("build")
    result = subprocess.run([str(TOP / "scripts/package"), "--build", str(build), "--output", str(folder)],
                            capture_output=True, text=True, timeout=1800, env=dict(os.environ))
    if result.returncode != 0:
        for path in build.glob("*.log"):
            print(f"--- {path.name} ---\n{path.read_text(errors='replace')}")
    assert result.returncode == 0, result.stdout + result.stderr
    shutil.rmtree(build)


@pytest.fixture(scope="session")
def base(packages):
    """A Debian tree, or a skip where machines cannot be booted."""
    try:
        machines.require()
    except machines.Impossible as reason:
        pytest.skip(str(reason))
    [wanted] = [line for line in readme_commands("From source") if line.startswith("apt install ")]
    with machines.kept_base(packages.server, wanted.split()[2:]) as tree:
        yield tree


@pytest.fixture(scope="session")
def servers(base, tmp_path_factory):
    """A layer with the servers that the package is used with, as an administrator has installed them before."""
    def make(folder):
        with machines.Machine(base) as running:
            running.install("mariadb-server", "nginx", "ssl-cert", options="--no-install-recommends")
            running.keep(folder)
    return made_once(tmp_path_factory, "servers", make)


@pytest.fixture
def machine(request, base, packages):
    """A fresh machine with the package in root's folder; for tests that are marked so, with MariaDB and nginx."""
    marked = request.node.get_closest_marker("with_servers")
    layers = [request.getfixturevalue("servers"), base] if marked else [base]
    with machines.Machine(*layers) as running:
        shutil.copy(packages.server, running.root / "root")
        yield running
