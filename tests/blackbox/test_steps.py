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

from harness.installation import TOP, alive, free_port, wait_until

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
	wait_until 10 test -e "{folder}/$1"
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
    output, _ = program.communicate(timeout=60)
    return [re.sub(r"\(\d+ s\)|[\d.]+ s", "TIME", line) for line in output.splitlines()]


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
    assert lines[-2:] == ["these steps failed:", "  first"]


@pytest.mark.parametrize("how, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_ends_what_runs(start, tmp_path, how, status):
    program = start(ENDLESS)
    log = tmp_path / "sleeper.log"
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"), 20, "the step")
    wait_until(lambda: (tmp_path / "other.log").exists(), 20, "the other step")
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
    wait_until(lambda: (tmp_path / "sleeper.log").exists(), 20, "the step")
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
