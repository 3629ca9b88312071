"""A cluster that comes back with old data: with the provider's own settings it does, with the shipped ones it waits for
a person; and what has seen the newer data does not go on with less."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import threading
import time
import uuid

import pytest

from harness.cluster import ClusterInstallation, running_cluster
from harness.families import unique
from harness.installation import LONG, TOP, wait_until
from harness.load import Writers

EVENT = "history of the database is not the one seen before"
WORD = "The history of the database is not the one seen before"

pytestmark = pytest.mark.slow


def store(pool):
    return pool.client(pool.admin_key).post("/v1/customers", {"customer": {"code": unique("kept"), "company": "kept"}})


def customers(node):
    return {row[0] for row in node.sql("SELECT code FROM customer")}


def view(node):
    return node.status("cluster_status"), node.status("cluster_size")


def seen(pool):
    """How far the machine has seen the history."""
    return int(re.search(r"its history was seen up to position [0-9a-f-]*:(\d+)", pool.cli("doctor", check=False).stdout)[1])


def lose_two(cluster, pool):
    """Node 3 is cut off while the others go on, they are killed, and started plainly once it is back. Returns what
    was acknowledged meanwhile, and the starters."""
    first, second, third = cluster.nodes
    group = pool.create_group("history")
    third.isolate(True)
    wait_until(lambda: third.status("cluster_status") == "non-Primary", "a node alone")
    with Writers(pool, group, count=4) as writers:
        wait_until(lambda: len(writers.acknowledged["licensing"]) > 100, "writes without node 3")
        position = int(first.status("last_committed"))
        wait_until(lambda: seen(pool) >= position, "the mark, which follows twice a second while there are calls")
    for node in (first, second):
        node.kill()
    third.isolate(False)

    def start(node):
        with contextlib.suppress(Exception):  # it gives up, or has lost its place: that is the case that is tried
            node.start()

    starters = [threading.Thread(target=start, args=[node]) for node in (first, second)]
    for starter in starters:
        starter.start()
    return set(writers.acknowledged["licensing"]), starters


def events(pool):
    lines = [json.loads(line) for line in pool.log_file.read_text().splitlines()]
    return [line for line in lines if line["event"] == EVENT]


def gauge(pool):
    lines = pool.client().get("/metrics").text.splitlines()
    return [line for line in lines if line.startswith("clientele_database_history_refused")]


def check_refused(pool, node):
    """Nothing is read, nothing is stored, and everybody says why."""
    before = customers(node)
    for _ in range(20):
        assert store(pool).status == 503
        assert pool.client(pool.admin_key).get("/v1/customers").status == 503
    assert customers(node) == before
    ready = pool.client().get("/readyz")
    assert ready.status == 503 and WORD in ready.json()["reason"]
    assert pool.client().get("/healthz").status == 200
    result = pool.cli("user", "list", check=False)
    assert result.returncode == 1 and "clientele cluster accept" in result.stderr, result
    assert any(f"127.0.0.1:{node.port} was at position" in result.stderr for node in node.cluster.nodes), result
    result = pool.cli("status", check=False)
    assert result.returncode == 1 and "clientele cluster accept" in result.stdout, result
    result = pool.cli("doctor", check=False)
    assert "FAULT database: " in result.stdout and "cluster accept" in result.stdout, result
    result = pool.cli("cluster", "status", check=False)
    assert result.returncode == 1 and "This machine refuses the cluster" in result.stderr, result
    assert json.loads(pool.cli("cluster", "status", "--json", check=False).stdout)["refused"] is True
    assert pool.cli("migrate", check=False).returncode == 1
    assert gauge(pool) == ["clientele_database_history_refused 1"]
    assert len(events(pool)) == 1, events(pool)


def test_the_shipped_file_is_read():
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    server = shutil.which("mariadbd", path=path)
    if server is None:
        pytest.skip("MariaDB is not installed")
    result = subprocess.run([server, f"--defaults-file={TOP}/docs/galera.cnf", "--verbose", "--help"],
                            capture_output=True, text=True, timeout=LONG, check=False)
    assert result.returncode == 0 and "[ERROR]" not in result.stderr, result.stderr
    assert re.search(r"(?m)^wsrep-provider-options +pc.recovery=FALSE;", result.stdout)


def test_the_others_took_the_old_data():
    with running_cluster(pc__recovery="TRUE") as cluster, ClusterInstallation(cluster, [1, 2, 3], workers=4) as pool:
        third = cluster.node(3)
        assert gauge(pool) == ["clientele_database_history_refused 0"]
        assert "WARN  cluster: after a loss of several nodes" in pool.cli("doctor", check=False).stdout
        acknowledged, starters = lose_two(cluster, pool)
        wait_until(lambda: view(third)[0] == "Primary", "a component with what node 3 has")
        for starter in starters:
            starter.join(LONG)
        gone = acknowledged - customers(third)
        print(f"{len(acknowledged)} acknowledged, {len(gone)} not there")
        assert len(gone) > 100
        check_refused(pool, third)

        # The other history grows past what was seen: it is the other one still, and to a pool that starts anew, too.
        third.sql("UPDATE revocation SET counter = counter + 1 WHERE id = 1;" * 6 * len(acknowledged))
        time.sleep(1)
        check_refused(pool, third)
        pool.stop_pool()
        pool.start_pool()
        wait_until(lambda: pool.client().get("/readyz").status == 503, "the pool")
        check_refused(pool, third)

        result = pool.cli("cluster", "accept", check=False)
        assert result.returncode == 2 and "--yes" in result.stderr and str(third.port) in result.stdout
        assert store(pool).status == 503
        said = pool.cli("cluster", "accept", "--yes")
        print(said)
        pool.wait_ready()
        wait_until(lambda: store(pool).status == 200, "writes")
        assert gauge(pool) == ["clientele_database_history_refused 0"]
        assert pool.cli("status")
        result = pool.cli("cluster", "accept", check=False)
        assert result.returncode == 0 and "nothing to do" in result.stderr
        assert len(events(pool)) == 1


def test_the_shipped_settings_wait_for_a_person():
    with running_cluster(pc__wait_prim_timeout="PT15S") as cluster, \
            ClusterInstallation(cluster, [1, 2, 3], workers=4) as pool:
        first, _, third = cluster.nodes
        said = pool.cli("doctor", check=False).stdout
        assert "ok    cluster: after a loss of all nodes the cluster waits for a person" in said
        assert "ok    cluster: its history was seen up to position" in said and "FAULT cluster" not in said
        third.halt()
        third.start("--innodb-autoinc-lock-mode=1")
        said = pool.cli("doctor", f"--database-hosts=127.0.0.1:{third.port}", check=False).stdout
        assert "FAULT cluster: its innodb_autoinc_lock_mode is 1" in said
        cluster.wait_whole()
        acknowledged, starters = lose_two(cluster, pool)
        wait_until(lambda: view(third)[1] == "3", "the others")
        for starter in starters:
            starter.join(LONG)
        assert view(third)[0] == "non-Primary"
        assert store(pool).status == 503
        first.allow_bootstrap()
        first.start_again("--wsrep-new-cluster")
        wait_until(lambda: third.status("local_state_comment") == "Synced", "node 3 to follow")
        wait_until(lambda: store(pool).status == 200, "writes")
        assert acknowledged <= customers(third)
        assert events(pool) == []
        check_another_name(pool, first)


def check_another_name(pool, node):
    """A machine that has seen another cluster before: its pool refuses this one until somebody accepts it."""
    kept = pool.state / "kept" / "clientele.history"
    name = uuid.UUID(node.status("local_state_uuid")).bytes
    pool.stop_pool()
    content = kept.read_bytes()
    assert content.count(name) == 1
    kept.write_bytes(content.replace(name, uuid.uuid4().bytes))
    pool.start_pool()
    wait_until(lambda: pool.socket.exists(), "the pool")
    for _ in range(10):
        assert store(pool).status == 503
    assert len(events(pool)) == 1, events(pool)
    assert "clientele cluster accept" in pool.cli("user", "list", check=False).stderr
    # It is no matter of this pool alone: a command that may not read what was seen does not go on without it.
    unread = pool.state / "unread"
    (unread / "clientele.history").mkdir(parents=True)
    result = pool.cli("user", "list", f"--state-directory={unread}", check=False)
    assert result.returncode == 1 and "cannot be read" in result.stderr, result
    assert pool.cli("user", "list", f"--state-directory={pool.state}/none")
    pool.cli("cluster", "accept", "--yes")
    pool.wait_ready()
    wait_until(lambda: store(pool).status == 200, "writes")
