"""Instructions of a request of each kind, against tests/golden/instructions.txt; GOLDEN_UPDATE=1 writes it anew."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from harness.installation import SANITIZED, TOP

sys.path.insert(0, str(TOP / "tests/bench"))

import instructions  # noqa: E402

GOLDEN = TOP / "tests/golden/instructions.txt"
TOLERANCE = 0.05  # to both sides: a gain is to be written down, too


def first_line(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    return (result.stdout + result.stderr).splitlines()[0].strip()


def versions():
    """What else the figures depend on."""
    build = instructions.Installation().build
    compiler = re.search(r"^CC = (.*)$", (build / "Makefile").read_text(), re.M)[1]
    flags = re.search(r"^CFLAGS = (.*)$", (build / "Makefile").read_text(), re.M)[1]
    return {
        "compiler": first_line(*compiler.split(), "--version"),
        "flags": flags,
        "libc": first_line("ldd", "--version"),
        "libmariadb": first_line("pkg-config", "--modversion", "libmariadb"),
        "valgrind": first_line("valgrind", "--version"),
    }


def read_golden():
    made_with, figures = {}, {}
    for line in GOLDEN.read_text().splitlines():
        if line.startswith("# ") and ": " in line:
            made_with.update([line[2:].split(": ", 1)])
        elif line and not line.startswith("#"):
            name, figure = line.rsplit(None, 1)
            figures[name] = int(figure)
    return made_with, figures


def write_golden(made_with, figures):
    GOLDEN.write_text("# Instructions of a worker for one request, those in libcrypto left out (tests/bench/instructions.py).\n"
                      + "".join(f"# {name}: {value}\n" for name, value in made_with.items())
                      + "".join(f"{name:24}{figure:10}\n" for name, figure in figures.items()))


def test_instructions():
    if not shutil.which("valgrind"):
        pytest.skip("valgrind is not installed")
    if SANITIZED:
        pytest.skip("sanitizers have instructions of their own")
    here = versions()
    made_with, golden = read_golden() if GOLDEN.exists() else ({}, {})
    update = bool(os.environ.get("GOLDEN_UPDATE"))
    other = [f"{name} is {here[name]!r}, not {made_with.get(name)!r}" for name in here if here[name] != made_with.get(name)]
    if other and not update:
        pytest.skip("the figures are of another machine: " + "; ".join(other))
    figures = instructions.count_all()
    if update:
        write_golden(here, figures)
        return
    assert figures.keys() == golden.keys()
    wrong = [f"{name}: {figures[name]:,} instructions, {golden[name]:,} are written down"
             for name in golden if abs(figures[name] / golden[name] - 1) > TOLERANCE]
    assert not wrong, "; ".join(wrong) + "; GOLDEN_UPDATE=1 writes them anew"
