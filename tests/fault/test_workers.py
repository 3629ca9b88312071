"""Workers that die, and workers that live long."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

import pytest

from harness.installation import LONG, SANITIZED, alive, wait_until
from harness.load import Writers, check_refusals, lost

KILLS = 15
WARM_UP = 10_000   # requests after which a worker has met everything that it keeps
REQUESTS = 30_000  # more of them
RESIDENT_KIB = 24 * 1024
GROWTH_KIB = 1024  # 35 bytes that each request forgets are seen


def test_workers_killed_under_load(private_installation):
    running = private_installation(workers=4, database_durable=True)
    group = running.create_group("load")
    with Writers(running, group) as writers:
        for _ in range(KILLS):
            time.sleep(0.15)
            os.kill(random.choice(wait_until(running.workers, "a worker")), signal.SIGKILL)
        wait_until(lambda: len([pid for pid in running.workers() if alive(pid)]) == 4, "four workers")
        writers.wait_more(50, "work after the last kill")
    check_refusals(writers)
    assert lost(running, writers) == []
    assert running.pool.poll() is None


def test_the_supervisor_takes_its_workers_along(private_installation):
    """A supervisor that is killed leaves no worker behind that would hold the socket."""
    running = private_installation(workers=2)
    workers = running.workers()
    running.pool.kill()
    running.pool.wait()
    wait_until(lambda: not any(map(alive, workers)), "end of the workers")
    running.start_pool()
    running.wait_ready()


def test_drain_and_reload_lose_nothing(private_installation):
    running = private_installation(workers=3)
    group = running.create_group("reload")
    with Writers(running, group) as writers:
        for _ in range(4):
            old = running.workers()
            writers.wait_more(100, "work")
            running.pool.send_signal(signal.SIGHUP)
            wait_until(lambda: not any(map(alive, old)), "end of the old workers")
        writers.wait_more(100, "work after the last reload")
    check_refusals(writers)
    assert not writers.refused, writers.refused[:3]
    assert lost(running, writers) == []


def wakes(pid):
    """How often a process has given its processor back by itself."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("voluntary_ctxt_switches"):
            return int(line.split()[1])
    raise AssertionError("no count")


def test_an_idle_pool_sleeps(private_installation):
    """Nobody calls: the supervisor looks at deadlines seldom, and workers at the database."""
    running = private_installation(workers=4)
    time.sleep(2.5)  # the last call is past, and each has been idle once since
    processes = [running.pool.pid, *running.workers()]
    before, begun = [wakes(pid) for pid in processes], time.monotonic()
    time.sleep(4)
    supervisor, *workers = [wakes(pid) - count for pid, count in zip(processes, before)]
    seconds = time.monotonic() - begun
    assert supervisor <= seconds, supervisor
    # Twice each, and for each of the few statements that one of them sends.
    assert sum(workers) <= 10 * seconds, workers


def test_a_request_after_long_idleness(private_installation):
    """A worker that was idle for longer than a request may take is not killed for that."""
    running = private_installation(workers=1, request_deadline="1s")
    pids = running.workers()
    for _ in range(3):
        time.sleep(1.4)
        for _ in range(20):
            assert running.client(running.admin_key).get("/v1/products").status == 200
    assert running.workers() == pids


@pytest.mark.slow
@pytest.mark.skipif(SANITIZED, reason="memory of a sanitized program says nothing")
@pytest.mark.skipif(not shutil.which("wrk"), reason="needs wrk")
def test_memory_stays_flat(private_installation, tmp_path):
    """Mixed requests, good and hostile: every worker stays as small as it was."""
    running = private_installation(workers=2, max_requests=0)
    group = running.create_group("mixed")
    script = tmp_path / "mixed.lua"  # it holds the key, and the state is searched for keys
    text = (pathlib.Path(__file__).parent / "mixed.lua").read_text()
    script.write_text(text.replace("@KEY@", running.admin_key).replace("@GROUP@", group)
                      .replace("@USER@", running.admin_id))
    before = send_mixed(running, script, WARM_UP)
    after = send_mixed(running, script, REQUESTS)
    print(f"resident KiB of the workers: {before}, {after}")
    assert len(before) == 2 and before.keys() == after.keys(), "they were replaced"
    assert all(size < RESIDENT_KIB and size - before[pid] < GROWTH_KIB for pid, size in after.items()), (before, after)


def send_mixed(running, script, count):
    """Sends so many requests at least; returns {worker: KiB}."""
    done = 0
    while done < count:
        result = subprocess.run(["wrk", "-t1", "-c8", "-d1s", "-s", str(script),
                                 f"http://127.0.0.1:{running.port}"], capture_output=True, text=True, timeout=LONG)
        assert result.returncode == 0, result.stderr
        [line] = [line for line in result.stdout.splitlines() if "requests in" in line]
        assert int(line.split()[0]) > 0
        done += int(line.split()[0])
    return {pid: running.resident_kib(pid) for pid in running.workers()}
