"""debian/tests, run as Debian's own machines run them."""

import re
import shutil

import pytest

# What stands before all that is printed about one test.
BEGINNING = re.compile(r"^autopkgtest \[[\d:]+\]: test (\S+): preparing testbed$", re.MULTILINE)
LINES = 25  # of each failed test, in the message


def failed_sections(summary, output):
    """All that was printed about each test that did not pass."""
    _, *parts = BEGINNING.split(output)
    sections = dict(zip(parts[::2], parts[1::2]))
    lines = [line.split() for line in summary.splitlines()]
    return {name: sections.get(name, output) for name, result, *_ in lines if result != "PASS"}


def last_words(section):
    """Of the test itself, without the packages that were installed for it."""
    _, _, said = section.partition(": [-----------------------\n")
    said, _, _ = said.partition("\nautopkgtest [")
    return "\n".join((said or section).splitlines()[-LINES:])


@pytest.mark.with_servers
def test_autopkgtest(machine, packages):
    """README.Debian's words on nginx, Apache and lighttpd, and an upgrade."""
    for path in packages.folder.iterdir():
        if path.suffix in (".deb", ".dsc", ".xz") and "dbgsym" not in path.name:
            shutil.copy(path, machine.root / "root")
    machine.install("autopkgtest", "dpkg-dev", options="--no-install-recommends")
    result = machine.run("cd /root && autopkgtest --no-built-binaries --summary-file=summary ./*.deb ./*.dsc -- null",
                         check=False, timeout=1800)
    summary = (machine.root / "root/summary").read_text()
    failed = failed_sections(summary, result.stdout)
    for name, section in failed.items():
        print(f"--- {name} ---{section}")
    assert result.returncode == 0 and summary.count("PASS") == 5, "\n".join([
        summary, *(f"{name}:\n{last_words(section)}" for name, section in failed.items())])
