"""The supervisor's child processes, of each kind: killed, they come back and are counted; told to leave, they get their
time, and not more."""

import json
import os
import pathlib
import signal
import time

import pytest

from harness.database_proxy import DatabaseProxy
from harness.installation import alive, free_port, wait_until

KINDS = ["worker", "mailer", "deliverer", "prober"]
# Beyond drain_timeout = 1 s a mailer may take mail_timeout and a margin, a deliverer likewise, a prober nothing.
DRAIN = {"worker": 1, "mailer": 1 + 5, "deliverer": 1 + 5, "prober": 0}
NAMES = {"clientele-probe": "prober", "clientele-mail": "mailer", "clientele-hook": "deliverer"}


@pytest.fixture
def pool(private_installation):
    """A pool that has children of each kind: one database host does not answer, and mail waits for its server."""
    running = private_installation(workers=2, mail_server=f"127.0.0.1:{free_port()}", mail_from="r@example.com",
                                   mail_tls="none", drain_timeout="1s", mail_timeout="1s", webhook_deliverers="1",
                                   webhook_timeout="1s")
    running.stop_pool()
    proxy = DatabaseProxy(None, running.state / "db" / "mariadb.sock")
    running.options["database_hosts"] = f"127.0.0.1:{proxy.port},127.0.0.1:{free_port()}"
    running.start_pool()
    running.wait_ready()
    wait_until(lambda: all(pids(running, kind) for kind in KINDS) and shown(running, "prober")["wanted"] == 1,
               "children of each kind")
    yield running
    running.stop_pool()
    proxy.close()


def is_listening(running, pid):
    for line in open("/proc/net/unix"):
        words = line.split()
        if words[-1] == str(running.socket):
            return f"socket:[{words[6]}]" in [os.readlink(path) for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
    raise AssertionError("no listening socket")


def kind_of(running, pid):
    """None of one that was made just now and has not its name yet."""
    name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    return NAMES.get(name, "worker" if is_listening(running, pid) else None)


def pids(running, kind):
    found = []
    supervisor = running.pool.pid
    for pid in pathlib.Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
        try:
            if kind_of(running, pid) == kind:
                found.append(int(pid))
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has just left
    return found


def shown(running, kind):
    rows = json.loads(running.cli("status", "--json", check=False).stdout)["pool"]["processes"]
    return next(row for row in rows if row["kind"] == kind)


def metric(running, name, **labels):
    text = ",".join(f'{label}="{value}"' for label, value in labels.items())
    for line in running.client().get("/metrics").text.splitlines():
        if line.startswith(f"{name}{{{text}}} "):
            return float(line.split()[-1])
    raise AssertionError(name)


@pytest.mark.parametrize("kind", KINDS)
def test_killed(pool, kind):
    before = shown(pool, kind)
    count = before["wanted"]
    assert before["running"] == count == {"worker": 2}.get(kind, 1) and before["drainSeconds"] == DRAIN[kind]
    victim = pids(pool, kind)[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not alive(victim) and len(pids(pool, kind)) == count, "another one")
    wait_until(lambda: shown(pool, kind)["running"] == count, "the figure")
    after = shown(pool, kind)
    assert after["replaced"] == {**before["replaced"], "signal": before["replaced"]["signal"] + 1}
    assert metric(pool, "clientele_process_restarts_total", kind=kind, reason="signal") == after["replaced"]["signal"]
    assert metric(pool, "clientele_processes", kind=kind) == metric(pool, "clientele_processes_wanted", kind=kind) == count
    replaced = sum(after["replaced"].values())
    for command in (["status"], ["top", "--count", "1"]):
        said = pool.cli(*command, check=False).stdout
        assert f"{kind} {count} of {count}, 0 leaving, replaced {replaced} (1 failed), up to {DRAIN[kind]} s to stop" in \
            said, said


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM])
@pytest.mark.parametrize("kind", KINDS)
def test_one_that_does_not_end(pool, kind, how):
    """It is killed when its time is over, not before, and nobody waits for longer."""
    before = shown(pool, kind)
    victim = pids(pool, kind)[0]
    os.kill(victim, signal.SIGSTOP)
    begun = time.monotonic()
    pool.pool.send_signal(how)
    wait_until(lambda: not alive(victim), "its end")
    # drain_timeout of the package is far above it: whoever waits for that fails here.
    assert DRAIN[kind] <= time.monotonic() - begun < DRAIN[kind] + 15
    assert (f"{kind} did not stop in time" in pool.log_file.read_text()) == (kind != "prober")
    if how == signal.SIGTERM:
        assert pool.pool.wait(10) == 0
    else:
        wait_until(lambda: len(pids(pool, kind)) == before["wanted"], "another one")
        pool.wait_ready()
        reason = "planned" if kind == "prober" else "deadline"
        wait_until(lambda: shown(pool, kind)["replaced"][reason] > before["replaced"][reason], "the figure")
