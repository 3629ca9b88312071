"""Programs as they were written for the originals, in the languages of their users, run as they are: only the address is another. Each does
what its system's users do all day, and ends with an error at the first thing that is not as the original's documentation says."""

import os
import pathlib
import shutil
import subprocess

import pytest

from harness.families import unique
from harness.installation import Installation

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
SECRET = "a shared secret of hosting"
PEOPLE = "clientId,clientCode,firstName,lastName,birthDate\n9101,Z1,Zoë,Ångström,1980-05-04\n9102,Z2,Ada,Lovelace,1815-12-10\n"
JSON_NET = "Newtonsoft.Json.dll"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """The programs in C#, each beside the library that it was linked with."""
    assert shutil.which("mcs"), "mono-mcs is missing"
    folder = tmp_path_factory.mktemp("programs")
    [library, *_] = pathlib.Path("/usr/lib/cli").glob(f"Newtonsoft.Json*/{JSON_NET}")
    shutil.copy(library, folder)
    for name, *others in (("Discovery",), ("Credentials",), ("Delegates",), ("Licensing", "LicensingTypes")):
        sources = [str(PROGRAMS / f"{one}.cs") for one in (name, *others)]
        done = subprocess.run(["mcs", "-debug", f"-out:{folder / name}.exe", "-r:System.Runtime.Serialization", f"-r:{folder / JSON_NET}", *sources],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def installed(**options):
    with Installation(**options) as running:
        people = running.state / "people.csv"
        people.write_text(PEOPLE, encoding="utf-8")
        running.cli("person", "import", people)
        yield running


@pytest.fixture(scope="module")
def usual(every_installation_is_finished):
    yield from installed(hosting_hawk="accepted", hosting_hawk_secret=SECRET)


@pytest.fixture(scope="module")
def signed(every_installation_is_finished):
    yield from installed(hosting_hawk="required", hosting_hawk_secret=SECRET)


@pytest.fixture(scope="module")
def sparse(every_installation_is_finished):
    yield from installed(dialect_licensing="omit-zeros")


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and done.stdout.endswith("done\n"), f"{command}: {done.stdout}{done.stderr}"


def address(running):
    return f"http://127.0.0.1:{running.port}"


def test_discovery(usual, compiled):
    run("mono", "--debug", compiled / "Discovery.exe", address(usual), usual.create_group(unique("tills")))


def test_credentials(usual, compiled):
    run("mono", "--debug", compiled / "Credentials.exe", address(usual), usual.admin_key, usual.admin_id)


def test_delegates(usual, compiled):
    run("mono", "--debug", compiled / "Delegates.exe", address(usual), usual.admin_key, 9101)


@pytest.mark.parametrize("sent", [(), ("send-set",)], ids=["default-built", "send-set"])
def test_licensing(usual, compiled, sent):
    """Objects as they were built, full of zeros and of the year 1, or with what was set alone."""
    run("mono", "--debug", compiled / "Licensing.exe", address(usual), usual.admin_key, "skip-nulls", *sent)


@pytest.mark.parametrize("sent", [(), ("send-set",)], ids=["default-built", "send-set"])
def test_licensing_whose_types_have_no_null(sparse, compiled, sent):
    """What cannot read a null gets none: the dialect leaves it out."""
    run("mono", "--debug", compiled / "Licensing.exe", address(sparse), sparse.admin_key, *sent)


def test_hosting_signed_by_php(signed):
    run("php", PROGRAMS / "hosting.php", address(signed), signed.admin_key, SECRET)


def test_hosting_by_guzzle(usual):
    run("php", PROGRAMS / "hosting_guzzle.php", address(usual), usual.admin_key)


def test_everyday_by_requests(usual):
    run("/usr/bin/python3", PROGRAMS / "everyday.py", address(usual), usual.admin_key, usual.create_group(unique("sensors")))


@pytest.mark.skipif(not shutil.which("node"), reason="Node.js is not installed")
def test_everyday_by_fetch(usual):
    run("node", PROGRAMS / "everyday.mjs", address(usual), usual.admin_key)


@pytest.mark.skipif(not shutil.which("javac"), reason="no Java is installed")
def test_everyday_by_java(usual):
    run("java", PROGRAMS / "Everyday.java", address(usual), usual.admin_key, 9102)
