"""Recovery of a cluster as docs/operations.md has it: each case is produced, and what `cluster recover` prints is
carried out to the letter, with a private server's way to do what systemd does."""

import contextlib
import itertools
import json
import os
import re
import shlex
import signal
import subprocess
import threading

import pytest

from harness.cluster import ClusterInstallation, make_whole
from harness.families import unique
from harness.installation import LONG, TOP, wait_until
from harness.load import Writers, check_refusals, lost

DATA = "/var/lib/mysql"
PATIENT = "--database-connect-timeout=30"  # a node that is only slow, on a busy computer, is none that says nothing
MANUAL = (TOP / "docs/operations.md").read_text(encoding="utf-8").partition("\n## Recovery of a cluster\n")[2]
MANUAL = MANUAL.partition("\n## ")[0]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool(cluster):
    with ClusterInstallation(cluster, [1, 2, 3], workers=4, database_connect_timeout=1) as running:
        yield running


@pytest.fixture(autouse=True)
def whole(cluster, pool):
    """A test that fails takes none of the others with it."""
    make_whole(cluster, [pool])


# --- the commands, by the machines of a test ---


class Operator:
    """Somebody who does what is printed. Hosts are those of the harness; nothing else is translated but what a unit of
    systemd does."""

    def __init__(self, cluster, pool):
        self.pool = pool
        self.nodes = {f"127.0.0.1:{node.port}": node for node in cluster.nodes}
        self.positions = {}

    def status(self):
        answer = self.pool.cli("cluster", "status", "--json", PATIENT, check=False)
        shown = json.loads(answer.stdout)
        assert answer.returncode == (0 if shown["healthy"] else 1), answer
        assert shown["healthy"] == (shown["verdict"] == "healthy")
        return shown

    def recover(self, *arguments):
        return json.loads(self.pool.cli("cluster", "recover", "--json", PATIENT, *arguments))

    def do(self, step):
        """Returns the advice that follows, where the command is `cluster recover` itself."""
        host, command = step["host"], step["command"]
        if host is None:
            return self.call(command)
        node = self.nodes[host]
        run = {
            "systemctl stop mariadb": node.halt,
            "systemctl start mariadb": node.start_again,  # the unit asks galera_recovery, too
            "galera_new_cluster": lambda: node.start_again("--wsrep-new-cluster"),
            "galera_recovery": lambda: self.positions.update({host: node.recovered_position()}),
        }.get(command)
        if run is not None:
            run()
        elif command.startswith("mariadb -e "):
            [statement] = shlex.split(command)[2:]
            node.sql(statement, database=None)
        else:
            assert command.split()[0] in ("sed", "rm") and f"{DATA}/" in command, command
            subprocess.run(["sh", "-c", command.replace(DATA, str(node.directory / "data"))], check=True)
        return None

    def call(self, command):
        program, *words = shlex.split(command)
        assert program == "clientele"
        words = [word.replace("UUID:SEQNO", self.positions.get(word.partition("=")[0], "")) for word in words]
        if words[1] == "status":
            assert self.status()["healthy"]
            return None
        return self.recover(*words[2:])

    def carry_out(self, advice):
        """Does all of it; returns the steps, of further advice as well."""
        steps = list(advice["steps"])
        for step in advice["steps"]:
            if (following := self.do(step)) is not None:
                steps += self.carry_out(following)
        return steps


def in_manual(case):
    """The commands below a heading of the manual, as (machine, command)."""
    section = MANUAL.partition(f"\n### {case}\n")[2].partition("\n### ")[0]
    assert section, f"no such case in the manual: {case}"
    lines = [line for block in re.findall(r"```text\n(.*?)```", section, re.S) for line in block.splitlines()]
    return [(machine, command) for machine, _, command in (line.partition(" ") for line in lines)]


def by_names(steps, name_of):
    """Steps as (machine, command) in the manual's names."""
    for step in steps:
        command = step["command"]
        for host, name in name_of.items():
            command = command.replace(host, f"{name}:3306")
        first, *options = command.split(" --position ")
        yield name_of.get(step["host"], "any"), " --position ".join([first, *sorted(options)])


def check_manual(operator, case, steps):
    """The manual has the same commands in the same order. Which machine is which is another matter in each run."""
    expected = in_manual(case)
    assert [step["command"].partition(" --position ")[0] for step in steps] == \
        [command.partition(" --position ")[0] for _, command in expected]
    shown = [sorted(by_names(steps, dict(zip(operator.nodes, names))))
             for names in itertools.permutations(("db1", "db2", "db3"))]
    assert sorted(expected) in shown, steps


@pytest.fixture
def operator(cluster, pool):
    return Operator(cluster, pool)


@pytest.fixture
def check_whole(cluster, pool, operator):
    """After each case: the cluster is whole, serves, and has each acknowledged row on each node."""
    writers = []
    yield writers.append
    cluster.wait_whole()
    pool.wait_ready()
    shown = operator.status()
    assert shown["healthy"], shown
    assert [node["pcRecovery"] for node in shown["nodes"]] == [False] * 3
    assert operator.recover()["steps"] == []
    for writer in writers:
        check_refusals(writer)
        for node in cluster.nodes:
            wait_until(lambda node=node, writer=writer: lost(node, writer) == [],
                       f"acknowledged rows on node {node.number}")


@contextlib.contextmanager
def written(pool, check_whole, count=3):
    """Writes go on all the while."""
    with Writers(pool, pool.create_group(unique("recovery")), count=count) as writers:
        wait_until(lambda: writers.total > 30, "first writes")
        yield writers
        writers.wait_more(30, "writes after the recovery")
    print(f"{writers.total} acknowledged, {len(writers.refused)} refused")
    assert writers.total > 60
    check_whole(writers)


def is_refused(pool):
    """Calls get 503, while the pool itself is well."""
    caller = pool.client(pool.admin_key)
    return caller.get("/hosting/api/client").status == 503 and caller.get("/healthz").status == 200


def wait_alone(node):
    """Until the node knows that it has lost the others: callers may be refused before."""
    wait_until(lambda: node.status("cluster_status") != "Primary", "loss of the majority")


def reaches(shown):
    return [node["reach"] for node in shown["nodes"]]


def notes(advice):
    return {note["note"]: note["hosts"] for note in advice["notes"]}


# --- the cases ---


def test_one_node_is_killed(cluster, pool, operator, check_whole):
    with written(pool, check_whole) as writers:
        cluster.node(3).kill()
        writers.wait_more(30, "writes through the others")
        shown = operator.status()
        assert (shown["verdict"], reaches(shown)) == ("degraded", ["answers", "answers", "stopped"])
        assert [node["size"] for node in shown["nodes"]] == [2, 2, None]
        advice = operator.recover()
        assert set(notes(advice)) == {"fetches"}
        check_manual(operator, "One node is down", operator.carry_out(advice))


def test_two_nodes_are_killed(cluster, pool, operator, check_whole):
    with written(pool, check_whole):
        cluster.node(2).kill()
        cluster.node(3).kill()
        wait_until(lambda: is_refused(pool), "refusals")
        wait_alone(cluster.node(1))
        shown = operator.status()
        assert (shown["verdict"], reaches(shown)) == ("noPrimary", ["answers", "stopped", "stopped"])
        assert (shown["nodes"][0]["component"], shown["nodes"][0]["newest"]) == ("non-Primary", None)
        check_manual(operator, "The majority is down", operator.carry_out(operator.recover()))


def test_all_nodes_are_killed(cluster, pool, operator, check_whole):
    with written(pool, check_whole):
        for node in cluster.nodes:
            node.kill()
        wait_until(lambda: is_refused(pool), "refusals")
        shown = operator.status()
        assert (shown["verdict"], reaches(shown)) == ("down", ["stopped"] * 3)
        check_manual(operator, "All nodes have crashed", operator.carry_out(operator.recover()))


def test_all_nodes_were_stopped_in_order(cluster, pool, operator, check_whole):
    """The last one knows that it was; the others ask for positions."""
    with written(pool, check_whole):
        for node in reversed(cluster.nodes):
            node.halt()
        wait_until(lambda: is_refused(pool), "refusals")
        places = {host: f"{host}={node.directory}/data" for host, node in operator.nodes.items()}
        first, *others = operator.nodes
        for host in others:
            advice = operator.recover("--data-directory", places[host])
            assert notes(advice)["position"] == [other for other in operator.nodes if other != host]
        advice = operator.recover("--data-directory", places[first])
        assert notes(advice)["last"] == [first]
        check_manual(operator, "All nodes were stopped in order", operator.carry_out(advice))


def test_a_node_loses_the_others(cluster, pool, operator, check_whole):
    with written(pool, check_whole) as writers:
        cluster.node(3).isolate(True)
        writers.wait_more(30, "writes through the others")
        wait_alone(cluster.node(3))
        shown = operator.status()
        assert [node["component"] for node in shown["nodes"]] == ["Primary", "Primary", "non-Primary"]
        assert [node["newest"] for node in shown["nodes"]][2] is False
        advice = operator.recover()
        assert notes(advice) == {"alone": [list(operator.nodes)[2]]}
        cluster.node(3).isolate(False)  # the network is mended
        cluster.wait_whole()
        check_manual(operator, "A node has lost the others", operator.carry_out(advice))


def test_a_minority_outlives_the_others(cluster, pool, operator, check_whole):
    """The one that still runs lacks what the others have acknowledged without it: it is not the one to go on from."""
    with written(pool, check_whole) as writers:
        cluster.node(3).isolate(True)
        writers.wait_more(100, "writes without the node")
        wait_alone(cluster.node(3))
        cluster.node(1).kill()
        cluster.node(2).kill()
        cluster.node(3).isolate(False)
        wait_until(lambda: is_refused(pool), "refusals")
        assert operator.status()["verdict"] == "noPrimary"
        steps = operator.carry_out(operator.recover())
        [begun] = [step["host"] for step in steps if step["action"] == "new"]
        assert operator.nodes[begun].number != 3
        check_manual(operator, "A minority has outlived the others", steps)


def test_two_components(cluster, pool, operator, check_whole):
    """Nobody chooses but people. The component that is given up gets a copy of everything; the donor takes no changes
    meanwhile, the third node does."""
    apart, kept = cluster.node(3), list(operator.nodes)[0]
    pool.stop_pool()  # what has seen one component may refuse the other, and then all: see test_cluster_history.py
    apart.isolate(True)
    wait_alone(apart)
    apart.sql("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'", database=None)
    wait_until(lambda: apart.status("cluster_status") == "Primary", "a component of its own")
    assert operator.status()["verdict"] == "split"
    advice = operator.recover()
    assert (notes(advice), advice["steps"]) == ({"split": list(operator.nodes)}, [])
    steps = operator.recover("--keep", kept)["steps"]
    check_manual(operator, "Split brain", steps)
    *before_start, start, look = steps
    for step in before_start:
        operator.do(step)
    pool.start_pool()
    # Each worker has a writer: one at least meets the donor.
    with written(pool, check_whole, count=4) as writers:
        wait_until(lambda: all(host["connections"] > 0 for host in hosts_of(pool)[:2]), "use of both nodes")
        with transfer(cluster, operator, start) as donor:
            [serving] = [host for host in list(operator.nodes)[:2] if host != donor]
            # Who waits for a lock there is told so, and asks why; who waits for an answer to COMMIT is told nothing.
            wait_until(lambda: {(donor, "blocked by a state transfer"), (donor, "no answer")} &
                       {(host["host"], host.get("reason")) for host in hosts_of(pool)}, "flight from the donor")
            writers.wait_more(100, "writes past the donor")
            pool.cli("user", "create", unique("donor"), "--role", "Sales", f"--database-hosts={serving}")
            advice = operator.recover()
            assert advice["verdict"] == "degraded" and notes(advice)["transfer"] == [donor, list(operator.nodes)[2]]
            check_manual(operator, "A state transfer is under way", advice["steps"])
        cluster.wait_whole()
        operator.do(look)
        wait_until(lambda: {host["state"] for host in hosts_of(pool)} == {"good"}, "use of all nodes")


def hosts_of(pool):
    """What the pool thinks of each host."""
    return json.loads(pool.cli("status", "--json", check=False).stdout)["pool"]["databaseHosts"]


@contextlib.contextmanager
def transfer(cluster, operator, start):
    """A state transfer that lasts until the block ends; gives the donor's host."""
    cluster.hold.touch()
    starting = threading.Thread(target=operator.do, args=[start])
    starting.start()

    def donor():
        return [node["host"] for node in operator.status()["nodes"] if node["state"] == "Donor/Desynced"]

    try:
        wait_until(donor, "a donor")
        yield donor()[0]
    finally:
        cluster.hold.unlink()
        starting.join(LONG)


def test_a_node_falls_silent(cluster, pool, operator, check_whole):
    """It may live and serve others: it is waited for, by name, and told apart from one that is stopped."""
    with written(pool, check_whole) as writers:
        os.kill(cluster.node(3).pid, signal.SIGSTOP)
        try:
            writers.wait_more(30, "writes through the others")
            host = list(operator.nodes)[2]
            advice = operator.recover("--database-connect-timeout=5")
            assert (advice["verdict"], reaches(advice)) == ("degraded", ["answers", "answers", "silent"])
            assert notes(advice)["silent"] == [host]
            answer = pool.cli("cluster", "status", "--database-connect-timeout=5", check=False)
            assert answer.returncode == 1 and f"Waiting for {host}." in answer.stderr.splitlines()
        finally:
            os.kill(cluster.node(3).pid, signal.SIGCONT)
        cluster.wait_whole()


def test_text(operator):
    """What people read, and what is refused."""
    host = list(operator.nodes)[0]
    lines = operator.pool.cli("cluster", "status", PATIENT).splitlines()
    assert lines[0].split()[:3] == ["HOST", "REACH", "NODE"] and lines[1].startswith(host)
    assert lines[-1] == "The cluster is healthy: 3 of 3 nodes serve."
    assert operator.pool.cli("cluster", "recover", PATIENT).splitlines()[-1] == lines[-1]
    refused = {
        ("--position", host): "needs HOST=UUID:SEQNO",
        ("--position", f"{host}=7"): "is no position",
        ("--position", "127.0.0.1=7"): "Several hosts are called 127.0.0.1",
        ("--lost", "db9"): "is no host of database_hosts",
        ("--keep", "db9"): "is no host of database_hosts",
        ("--data-directory", "/var/lib/mysql"): "more than one, is this machine",
        ("--data-directory", f"{host}=data"): "is no absolute path",
        ("--data-directory", f"{host}=/var/lib/a b"): "is no absolute path, or has characters",
    }
    for arguments, message in refused.items():
        answer = operator.pool.cli("cluster", "recover", *arguments, check=False)
        assert answer.returncode == 2 and message in answer.stderr, (arguments, answer)
    position = f"{host}=67652627-ec2d-11f1-a869-93ac35e114af:7"
    answer = operator.pool.cli("cluster", "recover", PATIENT, "--position", position, check=False)
    assert answer.returncode == 0 and "its own position counts" in answer.stderr


def test_a_login_that_is_refused(pool):
    """Somebody serves there, and it is not known whom: nothing is to be begun elsewhere."""
    for command in ("status", "recover"):
        answer = pool.cli("cluster", command, "--json", "--database-user=nobody", PATIENT, check=False)
        shown = json.loads(answer.stdout)
        assert (shown["verdict"], reaches(shown)) == ("down", ["locked"] * 3)
        assert all("Access denied" in node["detail"] for node in shown["nodes"])
    assert set(notes(shown)) == {"locked"} and shown["steps"] == []
