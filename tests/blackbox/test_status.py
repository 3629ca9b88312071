"""clientele status: what an operator sees of a pool, whether it is well or not."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading

import pytest

from harness.installation import wait_until


def status(running, *arguments):
    """What it says, and whether all is well."""
    result = running.cli("status", "--json", *arguments, check=False)
    assert result.stderr == ""
    return json.loads(result.stdout), result.returncode == 0


def test_a_pool_that_is_well(private_installation):
    running = private_installation()
    caller = running.client(running.admin_key)
    for _ in range(3):
        assert caller.get("/hosting/api/client").status == 200
    assert caller.get("/hosting/api/client/0000000").status == 404
    assert caller.get("/no/such/path").status == 404
    shown, well = status(running)
    pool, database = shown["pool"], shown["database"]
    assert well and shown["healthy"] is True
    assert pool["process"] == running.pool.pid and pool["uptimeSeconds"] >= 0
    assert (pool["workers"]["configured"], pool["workers"]["idle"], pool["workers"]["busy"]) == (2, 2, 0)
    assert pool["queue"] == {"socket": str(running.socket), "waiting": 0, "most": pool["queue"]["most"]}
    assert pool["queue"]["most"] > 0
    assert pool["requests"]["2xx"] >= 3 and pool["requests"]["4xx"] == 2 and pool["requests"]["5xx"] == 0
    assert pool["requests"]["total"] == sum(pool["requests"][f"{digit}xx"] for digit in range(1, 6))
    assert pool["requests"]["median"] <= pool["requests"]["p90"] <= pool["requests"]["p99"]
    listed = [route for route in pool["slowestRoutes"] if route["route"] == "GET /hosting/api/client"]
    assert [(route["requests"], route["failures"]) for route in listed] == [(3, 0)]
    assert 0 < listed[0]["longestMicroseconds"] <= listed[0]["microseconds"]
    means = [route["microseconds"] / route["requests"] for route in pool["slowestRoutes"]]
    assert means == sorted(means, reverse=True)
    assert database["usable"] and database["schema"] == database["schemaNeeded"]
    assert "MariaDB" in database["version"] and 0 < database["connections"] < database["mostConnections"]
    assert len(status(running, "--routes", "1")[0]["pool"]["slowestRoutes"]) == 1


def test_text(private_installation):
    running = private_installation()
    assert running.client(running.admin_key).get("/hosting/api/client").status == 200
    text = running.cli("status")
    for word in ("Pool ", "Workers   2 of 2: 2 idle", "Queue     0 of ", "Replaced  planned 0", " succeeded, 0 client errors",
                 "Database  10.", "GET /hosting/api/client\n"):
        assert word in text, text


def test_no_pool(private_installation):
    running = private_installation()
    running.stop_pool()
    shown, well = status(running)
    assert not well and not shown["healthy"] and shown["pool"] is None and shown["database"]["usable"]
    result = running.cli("status", check=False)
    assert result.returncode == 1
    assert f"Pool      not seen: no pool is running with {running.state}/run" in result.stdout
    # A file that a killed pool has left says nothing.
    running.start_pool()
    running.pool.send_signal(signal.SIGKILL)
    running.pool.wait(10)
    wait_until(lambda: status(running)[0]["pool"] is None, "the last worker's end")


def test_no_database(private_installation):
    running = private_installation()
    running.stop_database()
    shown, well = status(running)
    assert not well and shown["pool"]["workers"]["idle"] == 2
    assert shown["database"]["usable"] is False and "2002" in shown["database"]["detail"]
    assert "Database  cannot be used: " in running.cli("status", check=False).stdout


def test_a_pool_that_is_stuck(private_installation):
    """Every worker waits for the database; the answer does not need one, and tells how many callers wait."""
    running = private_installation(request_deadline="30s", database_read_timeout="25s")
    running.sql("CREATE TABLE IF NOT EXISTS clientele.held (id INT)")
    lock = threading.Thread(target=running.sql, args=("LOCK TABLES hosting_client WRITE; SELECT SLEEP(4)",))
    lock.start()
    wait_until(lambda: running.sql("SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'"), "lock")
    callers = [threading.Thread(target=running.client(running.admin_key).get, args=("/hosting/api/client",))
               for _ in range(5)]
    for caller in callers:
        caller.start()
    wait_until(lambda: status(running)[0]["pool"]["queue"]["waiting"] == 3, "three that wait")
    shown = status(running)[0]["pool"]["workers"]
    assert (shown["idle"], shown["busy"]) == (0, 2) and shown["oldestRequestMicroseconds"] > 0
    for thread in (lock, *callers):
        thread.join()
    wait_until(lambda: status(running)[0]["pool"]["workers"]["idle"] == 2, "idle workers")


def test_runtime_directory_of_two(private_installation):
    """The second pool of a directory is refused, and says why; the first one goes on."""
    running = private_installation()
    environment = running.environment() | {"CLIENTELE_LISTEN": f"unix:{running.state}/run/other.sock",
                                           "CLIENTELE_LOG_TARGET": "stderr"}
    second = subprocess.run([str(running.build / "clienteled"), running.configuration()], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, env=environment, timeout=20, check=False)
    assert second.returncode != 0
    assert f"another pool uses the runtime directory {running.state}/run" in second.stderr
    assert status(running)[1]


def test_top_without_a_terminal(private_installation):
    """Two views, the second of what happened since the first."""
    running = private_installation()
    caller = running.client(running.admin_key)
    with open(running.state / "top", "wb") as output:
        top = subprocess.Popen([str(running.build / "clientele"), running.configuration(), "top", "--count", "2",
                                "--interval", "2"], stdin=subprocess.DEVNULL, stdout=output, env=running.environment())
        wait_until(lambda: "ROUTE" in (running.state / "top").read_text(), "the first view")
        for _ in range(4):
            assert caller.get("/hosting/api/client").status == 200
        assert top.wait(10) == 0
    first, second = (running.state / "top").read_text().split("\n\nclientele ")
    assert "GET /hosting/api/client" not in first
    assert "Workers   2 idle, 0 busy" in second and "Queue     0 of" in second
    [line] = [line for line in second.splitlines() if line.endswith(" GET /hosting/api/client")]
    assert 1 <= float(line.split()[0]) <= 4 and float(line.split()[1]) > 0
    running.stop_pool()
    result = running.cli("top", check=False)
    assert result.returncode == 1 and result.stdout.startswith("No pool was found: no pool is running")
    assert running.cli("top", "--interval", "0", check=False).returncode != 0


@pytest.mark.parametrize("leave", [b"q", signal.SIGTERM])
def test_top_on_a_terminal(private_installation, leave):
    """It draws, obeys keys, and gives the terminal back however it ends."""
    running = private_installation()
    running.client(running.admin_key).get("/hosting/api/client")
    running.settle()
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    before = termios.tcgetattr(slave)
    top = subprocess.Popen([str(running.build / "clientele"), running.configuration(), "top", "--interval", "60"],
                           stdin=slave, stdout=slave, env=running.environment() | {"TERM": "xterm"})
    seen = b""

    def read_until(words):
        nonlocal seen
        while words not in seen:
            assert select.select([master], [], [], 10)[0], seen
            seen += os.read(master, 65536)

    read_until(b"f failures")
    assert b"GET /hosting/api/client" in seen and b"Workers" in seen and b"by slowest" in seen
    seen = b""
    os.write(master, b"f")
    read_until(b"failures")
    if isinstance(leave, bytes):
        os.write(master, leave)
    else:
        top.send_signal(leave)
    assert top.wait(10) == 0
    read_until(b"\x1b[?1049l")
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)


def test_status_of_a_server_that_is_no_cluster(installation):
    """tests/fault/test_cluster_recovery.py has those that are one."""
    answer = installation.cli("cluster", "status", "--json", check=False)
    shown = json.loads(answer.stdout)
    assert (answer.returncode, shown["healthy"], shown["verdict"]) == (1, False, "none")
    [node] = shown["nodes"]
    assert (node["host"], node["reach"], node["component"]) == (installation.database_socket, "answers", None)
    advice = json.loads(installation.cli("cluster", "recover", "--json"))
    assert (advice["notes"], advice["steps"]) == ([], [])
    answer = installation.cli("cluster", "status", "--database-hosts=127.0.0.1:1,/nowhere/db.sock", check=False)
    lines = answer.stdout.splitlines()
    assert answer.returncode == 1 and lines[1].split()[:2] == ["127.0.0.1:1", "stopped"], answer
    assert lines[2].startswith("/nowhere/db.sock") and lines[-1] == "None of 2 nodes can be asked."
