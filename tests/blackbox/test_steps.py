"""The runner of scripts/test: steps side by side, what they say, and that nothing of them is left."""

import fcntl
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import pytest

from harness.installation import TOP, alive, free_port
from harness.waiting import LONG, wait_until

SCRIPT = """
set -eu
root={top}
. "$root/scripts/lib/common.sh"
. "$root/scripts/lib/build.sh"
. "$root/scripts/lib/steps.sh"
step_logs={folder}
nproc() {{
	echo {processors}
}}
wait_for() {{
	wait_until 60 test -e "{folder}/$1"
}}
meet() {{
	touch "{folder}/$1" && wait_for "$2"
}}
fails() {{
	echo "what went wrong"
	false
	return 3
}}
{functions}
steps_begin
{steps}
steps_end
"""
MEETING = {"functions": "one() {\n\tstep left meet left right\n}\n", "steps": "lane one\nstep right meet right left || true"}
FAILURE = {"functions": "one() {\n\tstep first fails || true\n\tstep second true\n}\n", "steps": "lane one\nstep third true"}
ENDLESS = {"functions": "one() {\n\tstep sleeper sh -c 'echo $$; sleep 1000'\n}\n", "steps": "lane one\nstep other sleep 1000"}


@pytest.fixture
def start(tmp_path):
    def run(script, processors=2):
        text = SCRIPT.format(top=TOP, folder=tmp_path, processors=processors, **script)
        return subprocess.Popen(["sh", "-c", text, "steps"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
    return run


@pytest.fixture
def memory(monkeypatch):
    """A folder in memory that stands for the computer's."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        monkeypatch.setenv("CLIENTELE_TEST_MEMORY", folder)
        yield pathlib.Path(folder)


def lines_of(program):
    output, _ = program.communicate(timeout=LONG)
    return [re.sub(r"\(\d+ s, processors (\d+|\?) s\)|[\d.]+ s", "TIME", line) for line in output.splitlines()]


def test_lanes_run_side_by_side(start):
    """Each of two steps waits for the other one."""
    program = start(MEETING)
    lines = lines_of(program)
    assert program.returncode == 0 and {"left ... ok TIME", "right ... ok TIME"} <= set(lines), lines
    assert lines[-1] == "all steps passed" and "slowest steps:" in lines


def test_one_processor_has_one_lane(start, tmp_path):
    (tmp_path / "right").touch()
    program = start(MEETING, processors=1)
    lines = lines_of(program)
    assert program.returncode == 0 and lines[:2] == ["left ... ok TIME", "right ... ok TIME"], lines


def test_a_failure_is_shown_whole_and_stops_nothing(start, tmp_path):
    program = start(FAILURE)
    lines = lines_of(program)
    assert program.returncode == 1
    failed = lines.index("first ... FAILED TIME")
    assert lines[failed + 1:failed + 3] == ["what went wrong", f"(all of it: {tmp_path}/first.log)"]
    assert {"second ... ok TIME", "third ... ok TIME"} <= set(lines)
    assert lines[-5:] == ["these steps failed:", "  first", "failures:", "  first", "      what went wrong"]


def test_the_work_of_processors_is_told(start):
    """Waiting is none; what ends its own process cannot say."""
    program = start({"functions": "works() {\n\tawk 'BEGIN { for (i = 0; i < 6e7; i++) sum += i }'\n}\n"
                                  "ends() {\n\tsh -c 'kill -KILL $PPID'\n}\n",
                     "steps": "step waits sleep 1\nstep works works\nstep ends ends || true"})
    output, _ = program.communicate(timeout=LONG)
    told = dict(re.findall(r"^(\w+) \.\.\. \w+ \(\d+ s, processors (\d+|\?) s\)", output, re.MULTILINE))
    assert told["waits"] == "0" and int(told["works"]) >= 1 and told["ends"] == "?", output


@pytest.mark.parametrize("how, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_ends_what_runs(start, tmp_path, how, status):
    program = start(ENDLESS)
    log = tmp_path / "sleeper.log"
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"), "the step")
    wait_until(lambda: (tmp_path / "other.log").exists(), "the other step")
    sleeper = int(log.read_text())
    os.kill(program.pid, how)
    assert "ending what runs" in lines_of(program)[-1] and program.returncode == status
    assert not alive(sleeper)


TEMPORARY = {"functions": "", "steps": "step where sh -c 'echo $TMPDIR; touch \"$TMPDIR/file\"'"}


def in_memory(folder):
    """What the runner wants of one, as it looks for itself."""
    script = f'root={TOP}; . "$root/scripts/lib/steps.sh"; temporary_is_roomy {folder}'
    return subprocess.run(["sh", "-c", script], check=False).returncode == 0


@pytest.mark.skipif(not in_memory("/dev/shm"), reason="too little room in memory")
def test_temporary_files_stand_in_memory_and_are_removed(start, tmp_path, memory):
    """With what a killed run has left, and without what a running one has."""
    left, used, fresh = (memory / f"clientele-test.{name}" for name in ("left", "used", "fresh"))
    for folder in (left, used, fresh):
        folder.mkdir()
        (folder / "file").touch()
        if folder != fresh:
            os.utime(folder, (0, 0))
    lock = os.open(used, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_SH)
    program = start(TEMPORARY)
    try:
        assert lines_of(program)[0] == "where ... ok TIME" and program.returncode == 0
    finally:
        os.close(lock)
    place = pathlib.Path((tmp_path / "where.log").read_text().strip())
    assert place.parent == memory and not place.exists()
    assert {path.name for path in memory.iterdir()} == {used.name, fresh.name}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(not in_memory("/dev/shm"), reason="too little room in memory")
def test_a_signal_leaves_no_temporary_files(start, tmp_path, memory, how):
    program = start({"functions": "", "steps": "step sleeper sleep 1000"})
    wait_until(lambda: (tmp_path / "sleeper.log").exists(), "the step")
    assert len(list(memory.iterdir())) == 1
    os.kill(program.pid, how)
    lines_of(program)
    assert program.returncode and not list(memory.iterdir())


def test_temporary_files_stay_where_there_is_no_memory(start, tmp_path, monkeypatch):
    """A folder on a disk, or none."""
    for place in ("/proc", tmp_path / "none"):
        monkeypatch.setenv("CLIENTELE_TEST_MEMORY", str(place))
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        program = start({"functions": "", "steps": "step where sh -c 'echo $TMPDIR'"})
        assert lines_of(program)[0] == "where ... ok TIME"
        assert (tmp_path / "where.log").read_text() == f"{tmp_path}\n"


def test_no_port_is_given_twice():
    """Nor to a process that does not listen to what it was given as yet."""
    ports = {free_port() for _ in range(50)}
    assert len(ports) == 50
    program = "from harness.installation import free_port; print(*[free_port() for _ in range(50)])"
    other = subprocess.run([sys.executable, "-c", program], cwd=TOP / "tests", capture_output=True, text=True, check=True)
    assert not ports & set(map(int, other.stdout.split()))


# A test that passes when it is asked again, whose fixture is of the file; and that while another lane still runs.
MOODY = """
import os, pathlib, pytest
HERE = pathlib.Path(__file__).parent

@pytest.fixture(scope="module")
def process():
    return os.getpid()

@pytest.mark.parametrize("name", ["a b[c]"])
def test_moody(process, name):
    first = HERE / "first"
    if not first.exists():
        first.write_text(str(process))
        raise AssertionError("\\n".join(["the first", *map(str, range(1000)), "the last"]))
    assert int(first.read_text()) != process and (HERE / "lane-ended").exists()

def test_steady(process):
    pass
"""
FAILING = """
import pytest

@pytest.mark.parametrize("number", range(COUNT))
def test_failing(number):
    assert number == "never"
"""
FAILING_AT_ITS_END = """
import pytest

@pytest.fixture
def server():
    yield
    assert not "stopped"

def test_served(server):
    pass
"""
LEFT_OUT = """
import pathlib, pytest

def test_left_out():
    again = pathlib.Path(__file__).with_suffix(".again")
    if again.exists():
        pytest.skip("no more")
    again.touch()
    assert not "now"
"""


@pytest.fixture
def try_tests(start, tmp_path):
    """Runs these tests as a step; returns the runner's exit status and lines."""
    def run(tests, tries=5, processes=1, functions="", before="true"):
        (tmp_path / "test_it.py").write_text(tests)
        program = start({"functions": functions, "steps": f"step_second_tries={tries}\n{before}\n"
                         f"step it service_tests {tmp_path} {processes} {tmp_path}/test_it.py || true"})
        lines = lines_of(program)
        return program.returncode, lines
    return run


def errors_of(lines):
    """What pytest marks as the error in the lines after the list of steps."""
    return [line.split(maxsplit=1)[1] for line in lines if re.match(r" +E ", line)]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_passes_at_the_second_try_is_not_overlooked(try_tests, tmp_path, processes):
    """In a process of its own, when all lanes have ended; the first failure stays to be read."""
    lane = f"one() {{\n\tstep slow wait_for first && sleep 1 && touch {tmp_path}/lane-ended\n}}\n"
    status, lines = try_tests(MOODY, processes=processes, functions=lane, before="lane one")
    assert status == 0, lines
    assert "it ... FAILED, to be tried again TIME" in lines
    [tried] = [line for line in lines if line.startswith("second try 1: ")]
    assert tried.endswith("test_it.py::test_moody[a b[c]] ... ok TIME")
    told = lines[lines.index("passed only at the second try:") + 1:]
    assert told[0].endswith("test_it.py::test_moody[a b[c]]") and told[-2].endswith("test_it.py:14: AssertionError")
    assert told[-1] == "all steps passed, some tests only at the second try"
    errors = errors_of(told)
    assert errors[0] == "AssertionError: the first" and errors[-1] == "the last" and 30 < len(errors) <= 40
    assert re.search(r"\nE +500\n", (tmp_path / "it.log").read_text())


def test_what_fails_twice_fails(try_tests):
    status, lines = try_tests(FAILING.replace("COUNT", "1"))
    assert status == 1 and [line for line in lines if line.startswith("second try 1: ") and " FAILED " in line]
    assert "passed only at the second try:" not in lines
    assert lines[lines.index("these steps failed:") + 1:lines.index("failures:")] == ["  it"]
    told = lines[lines.index("failures:") + 1:]
    again = told.index("  at the second try:")
    for part in (told[:again], told[again + 1:]):
        assert part[0].endswith("test_it.py::test_failing[0]") and errors_of(part) == ["AssertionError: assert 0 == 'never'"]


@pytest.mark.parametrize("tests, tries, count", [
    (FAILING.replace("COUNT", "6"), 5, 6), (FAILING.replace("COUNT", "1"), 0, 1), (FAILING_AT_ITS_END, 5, 1),
    ("import nothing_that_is_there\n", 5, 1)], ids=["six", "no tries", "an end", "no tests"])
def test_no_second_try(try_tests, tests, tries, count):
    """Of more than five, of what a runner wants none of, of what may have served other tests, and of no test."""
    status, lines = try_tests(tests, tries)
    assert status == 1 and "it ... FAILED TIME" in lines
    assert not [line for line in lines if "second try" in line]
    told = lines[lines.index("failures:") + 1:]
    assert len(errors_of(told)) == len([line for line in told if re.match(r"  \S+test_it.py", line)]) == count, told


def test_what_is_left_out_at_the_second_try_has_not_passed(try_tests):
    status, lines = try_tests(LEFT_OUT)
    assert status == 1 and lines[lines.index("these steps failed:") + 1] == "  it"
    assert [line for line in lines[lines.index("failures:"):] if "no more" in line]


def test_most_of_many_failures_is_told_by_number(try_tests):
    status, lines = try_tests(FAILING.replace("COUNT", "23"))
    assert status == 1 and lines[-1] == "  ... and 3 more" and len(errors_of(lines[lines.index("failures:"):])) == 20


def test_a_runner_within_a_runner_is_heard(start, tmp_path):
    """What it has said at its end is said at the end of the outer one."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "second-try").write_text("  test_moody\n")
    (inner / "reasons").write_text("  test_failing\n")
    passing = start({"functions": "", "steps": f"step good true\nsteps_take_over {inner}"})
    assert lines_of(passing)[-3:-1] == ["passed only at the second try:", "  test_moody"] and passing.returncode == 0
    failing = start({"functions": "", "steps": f"step bad false || true\nsteps_take_over {inner}"})
    assert lines_of(failing)[-3:] == ["failures:", "  bad", "  test_failing"] and failing.returncode == 1
