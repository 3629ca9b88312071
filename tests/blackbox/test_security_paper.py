"""docs/security.md names a test for each promise: that test is there."""

import re

import pytest

from harness.installation import TOP

PAPER = (TOP / "docs/security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:blackbox|fault|webservers|unit|package)/[\w/.]+)::(\w+)`", PAPER)))


def test_promises_have_tests():
    """Each row of a table of promises names a test, or the script that is one."""
    promises, of_promises = [], False
    for line in PAPER.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            of_promises = False
        elif cells == ["Promise", "Test"]:
            of_promises = True
        elif of_promises and not line.startswith("|--"):
            promises.append(cells)
    assert len(promises) > 30
    for promise, tests in promises:
        assert "::" in tests or "scripts/" in tests, promise


@pytest.mark.parametrize("file, test", NAMED)
def test_named_tests_exist(file, test):
    text = (TOP / "tests" / file).read_text(encoding="utf-8")
    assert re.search(rf"^(?:def |static void ){test}\(", text, re.MULTILINE), f"tests/{file} has no {test}"


@pytest.mark.parametrize("file", sorted(set(re.findall(r"`(scripts/[\w-]+)`", PAPER))))
def test_named_scripts_exist(file):
    assert (TOP / file).exists()
