"""clientele status: what an operator sees of a pool, whether it is well or not."""

import json
import signal
import subprocess
import threading

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
    listed = [route for route in pool["slowestRoutes"] if route["path"] == "/hosting/api/client"]
    assert [(route["method"], route["requests"], route["failures"]) for route in listed] == [("GET", 3, 0)]
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
    for word in ("Pool ", "Workers   2 of 2: 2 idle", "Queue     0 of ", "Replaced  planned 0", " well, 0 refused",
                 "Database  10.", "GET /hosting/api/client\n"):
        assert word in text, text


def test_no_pool(private_installation):
    running = private_installation()
    running.stop_pool()
    shown, well = status(running)
    assert not well and not shown["healthy"] and shown["pool"] is None and shown["database"]["usable"]
    result = running.cli("status", check=False)
    assert result.returncode == 1
    assert f"Pool      not seen: no pool runs with {running.state}/run" in result.stdout
    # A file that a killed pool has left says nothing.
    running.start_pool()
    running.pool.send_signal(signal.SIGKILL)
    running.pool.wait(10)
    assert status(running)[0]["pool"] is None


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
    wait_until(lambda: running.sql("SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'"), 5, "lock")
    callers = [threading.Thread(target=running.client(running.admin_key).get, args=("/hosting/api/client",))
               for _ in range(5)]
    for caller in callers:
        caller.start()
    wait_until(lambda: status(running)[0]["pool"]["queue"]["waiting"] == 3, 4, "three that wait")
    shown = status(running)[0]["pool"]["workers"]
    assert (shown["idle"], shown["busy"]) == (0, 2) and shown["oldestRequestMicroseconds"] > 0
    for thread in (lock, *callers):
        thread.join()
    wait_until(lambda: status(running)[0]["pool"]["workers"]["idle"] == 2, 5, "idle workers")


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
