"""README.md's ways to install, word for word, on a fresh machine."""

import json
import subprocess

from conftest import readme_commands
from test_machine import wait_ready


def follow(machine, commands, **environment):
    """Runs commands in one shell, which ends with the first that fails; returns the last line printed."""
    script = "\n".join(["set -e", *commands]).replace("apt install", "apt-get install --yes")
    return machine.run(script, DEBIAN_FRONTEND="noninteractive", timeout=900, **environment).stdout.splitlines()[-1]


def test_debian(machine, packages):
    build, *commands = readme_commands("Debian")
    assert build == "./scripts/package"
    machine.run(f"mkdir -p build-package/packages && cp /root/{packages.server.name} build-package/packages/")
    assert json.loads(follow(machine, commands))["users"][0]["userName"] == "admin"


def test_source(machine, packages):
    folder = machine.root / "root/source"
    folder.mkdir()
    subprocess.run(["tar", "-C", str(folder), "--strip-components=1", "-xf", str(packages.source)], check=True)
    # The commands are what is tried here; every other build looks for what an optimising compiler finds.
    follow(machine, ["cd /root/source", *readme_commands("From source")], CFLAGS="-O0")
    wait_ready(machine)
    # It came with the archive, which needs no Node.js.
    machine.run("test -f /usr/local/share/clientele/console/vendor/preact.js")
    first_call = readme_commands("Debian")[2:]
    assert json.loads(follow(machine, first_call))["users"][0]["userName"] == "admin"
