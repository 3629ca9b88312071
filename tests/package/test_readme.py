"""README.md's ways to install, word for word, on a fresh machine."""

import json
import re
import subprocess

from conftest import readme_commands
from test_machine import wait_ready


def follow(machine, commands):
    """Runs commands one after the other, with the key that one of them shows; returns what the last one printed."""
    key = output = ""
    for command in commands:
        output = machine.run(command.replace("apt install", "apt-get install --yes"), DEBIAN_FRONTEND="noninteractive",
                             KEY=key, timeout=600).stdout
        key = "".join(re.findall(r"api_[a-z0-9]{24}", output)) or key
    return output


def test_debian(machine, packages):
    build, *commands = readme_commands("Debian")
    assert build == "./scripts/package"
    machine.run(f"mkdir -p build-package/packages && cp /root/{packages.server.name} build-package/packages/")
    assert json.loads(follow(machine, commands))["users"][0]["userName"] == "admin"


def test_source(machine, packages):
    folder = machine.root / "root/source"
    folder.mkdir()
    subprocess.run(["tar", "-C", str(folder), "--strip-components=1", "-xf", str(packages.source)], check=True)
    commands = [f"cd /root/source && {command}" for command in readme_commands("From source")]
    follow(machine, commands)
    wait_ready(machine)
    first_call = readme_commands("Debian")[2:]
    assert json.loads(follow(machine, first_call))["users"][0]["userName"] == "admin"
