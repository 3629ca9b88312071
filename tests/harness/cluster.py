"""A Galera cluster of three nodes on the loopback interface, and installations that use it."""

import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile

import pytest

from .beside import Beside
from .installation import LONG, TOP, NotInstalled, alive, free_port, wait_until

PROVIDERS = [pathlib.Path("/usr/lib/galera/libgalera_smm.so"), pathlib.Path("/usr/lib64/galera-4/libgalera_smm.so")]
NODES = (1, 2, 3)


def shipped():
    """What docs/galera.cnf recommends: options of the server, and those of the provider."""
    lines = (TOP / "docs/galera.cnf").read_text(encoding="utf-8").splitlines()
    options = dict(re.match(r'(\w+) = "?([^"]*)', line).groups() for line in lines if re.match(r"\w", line))
    provider = dict(option.split("=") for option in options["wsrep_provider_options"].split(";"))
    return {name: options[name] for name in ("binlog_format", "innodb_autoinc_lock_mode")}, provider


class Node:
    """One server of the cluster; `sql` runs on it alone."""

    def __init__(self, cluster, number):
        self.cluster = cluster
        self.number = number
        self.directory = cluster.state / f"n{number}"
        self.socket = self.directory / "mariadb.sock"
        self.port, self.group_port, self.transfer_port = free_port(), free_port(), free_port()

    def options(self):
        server, provider = shipped()
        provider |= {"gmcast.listen_addr": f"tcp://127.0.0.1:{self.group_port}",
                     "ist.recv_addr": f"127.0.0.1:{self.transfer_port}", "gcache.size": "32M",
                     "gcache.page_size": "16M"} | self.cluster.provider_options
        addresses = ",".join(f"127.0.0.1:{node.group_port}" for node in self.cluster.nodes)
        return [
            "--skip-networking=0", "--bind-address=127.0.0.1", f"--port={self.port}", f"--server-id={self.number}",
            *(f"--{name}={value}" for name, value in server.items()), "--innodb-log-file-size=16M", "--wsrep-on=ON",
            f"--wsrep-provider={self.cluster.provider}", "--wsrep-cluster-name=clientele-test",
            f"--wsrep-cluster-address=gcomm://{addresses}", f"--wsrep-node-name=n{self.number}",
            f"--wsrep-node-address=127.0.0.1:{self.group_port}",
            f"--wsrep-node-incoming-address=127.0.0.1:{self.port}", "--wsrep-sst-method=note",
            "--wsrep-sst-receive-address=127.0.0.1", "--wsrep-slave-threads=2",
            "--wsrep-provider-options=" + ";".join(f"{name}={value}" for name, value in provider.items())]

    def script(self, action, *more):
        path = os.environ["PATH"] + f":/usr/sbin:/sbin:{self.cluster.programs}"
        result = subprocess.run(
            ["sh", str(TOP / "tests/lib/mariadb.sh"), action, str(self.directory)], stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, timeout=2 * LONG,
            env={**os.environ, "PATH": path, "CLIENTELE_TEST_OPTIONS": " ".join([*self.options(), *more])})
        if result.returncode == 77:
            raise NotInstalled("MariaDB is not installed")
        result.check_returncode()

    def start(self, *more):
        self.script("start", *more)

    def halt(self):
        self.script("halt")

    @property
    def pid(self):
        return int((self.directory / "mariadb.pid").read_text())

    def kill(self):
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), f"end of node {self.number}")

    def servers(self):
        """Processes that have the node's data open: also one that has not written its number yet."""
        option = os.fsencode(f"--datadir={self.directory}/data")
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it may end before it is looked at
                if option in (path / "cmdline").read_bytes().split(b"\0"):
                    yield int(path.name)

    def end(self):
        """Kills whatever runs of the node, and be it nothing."""
        for pid in self.servers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(self.servers()), f"end of node {self.number}")

    def recovered_position(self):
        """Where a node stood that was killed: the others then send it what it lacks."""
        log = self.directory / "recover.log"
        owner = pwd.getpwuid((self.directory / "data").stat().st_uid).pw_name
        subprocess.run(
            ["mariadbd", "--no-defaults", f"--user={owner}", f"--datadir={self.directory}/data",
             f"--tmpdir={self.directory}/tmp",
             f"--socket={self.socket}", f"--log-error={log}", *self.options(), "--wsrep-recover"],
            check=True, timeout=LONG, stdin=subprocess.DEVNULL,
            env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
        lines = [line for line in log.read_text(errors="replace").splitlines() if "Recovered position:" in line]
        return lines[-1].rpartition("Recovered position:")[2].strip().split(",")[0]

    def seqno(self):
        """How far a stopped node has come; -1 where its data is not to be used."""
        try:
            return int(self.recovered_position().rpartition(":")[2])
        except (subprocess.SubprocessError, IndexError):
            return -1

    def start_again(self, *more):
        """Starts a node that was killed or stopped, as its unit does."""
        self.start(f"--wsrep-start-position={self.recovered_position()}", *more)

    def allow_bootstrap(self):
        """Says that this node is the one to make the cluster from."""
        path = self.directory / "data/grastate.dat"
        path.write_text(path.read_text().replace("safe_to_bootstrap: 0", "safe_to_bootstrap: 1"))

    def forget(self):
        """The node then fetches a copy of everything."""
        (self.directory / "data/grastate.dat").unlink(missing_ok=True)

    def isolate(self, isolated):
        """Cuts the node off from the others, or lets it back."""
        self.sql(f"SET GLOBAL wsrep_provider_options = 'gmcast.isolate={int(isolated)}'", database=None)

    def sql(self, statement, database="clientele"):
        """Rows of a statement, as lists of text."""
        command = ["mariadb", "--no-defaults", "--batch", "--skip-column-names", "-uroot", "-S", str(self.socket)]
        result = subprocess.run(command + ([database] if database else []), input=statement, capture_output=True,
                                text=True, timeout=LONG)
        assert result.returncode == 0, result.stderr
        return [line.split("\t") for line in result.stdout.splitlines()]

    def status(self, name):
        return self.sql(f"SHOW STATUS LIKE 'wsrep_{name}'", database=None)[0][1]

    def connections(self):
        """Connections over the network, which are those of the pools."""
        return int(self.sql("SELECT COUNT(*) FROM information_schema.processlist "
                            "WHERE host LIKE '127.0.0.1:%'", database=None)[0][0])


class Cluster:
    """Three nodes with the settings of docs/galera.cnf, and options of the provider that a test wants otherwise."""

    def __init__(self, **provider_options):
        self.provider_options = {name.replace("__", "."): value for name, value in provider_options.items()}
        found = [path for path in PROVIDERS if path.exists()]
        if not found:
            raise NotInstalled("the Galera provider is not installed (Debian's galera-4)")
        self.provider = found[0]
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="clientele-"))
        self.state.chmod(0o755)
        # The nodes may belong to a user who cannot reach the source tree.
        self.programs = self.state / "bin"
        self.programs.mkdir()
        shutil.copy(TOP / "tests/lib/wsrep_sst_note", self.programs)
        self.nodes = [Node(self, number) for number in NODES]
        self.hold = self.state / "hold"  # while it is there, a copy of everything is not finished

    def node(self, number):
        return self.nodes[number - 1]

    def start(self):
        """The first node makes the cluster; copies of it join, so that nothing has to be transferred."""
        try:
            first, *others = self.nodes
            first.start("--wsrep-new-cluster")
            first.halt()
            for node in others:
                node.directory.mkdir()
                subprocess.run(["cp", "-a", str(first.directory / "data"), str(node.directory)], check=True)
            first.start("--wsrep-new-cluster")
            for node in others:
                node.start()
            self.wait_whole()
        except BaseException:
            self.stop()
            raise
        return self

    def is_whole(self):
        whole = ["Primary", str(len(NODES)), "Synced"]
        try:
            return all([node.status(name) for name in ("cluster_status", "cluster_size", "local_state_comment")] == whole
                       for node in self.nodes)
        except (AssertionError, subprocess.TimeoutExpired):  # one does not answer
            return False

    def wait_whole(self):
        wait_until(self.is_whole, "whole cluster")

    def begin_again(self):
        """Makes one cluster of whatever the nodes have become: of what the newest has, of which the others get a copy."""
        self.hold.unlink(missing_ok=True)
        for node in self.nodes:
            node.end()
        newest = max(self.nodes, key=Node.seqno)
        newest.allow_bootstrap()
        newest.start_again("--wsrep-new-cluster")
        for node in self.nodes:
            if node is not newest:
                node.forget()
                node.start()
        self.wait_whole()

    def stop(self):
        for node in self.nodes:
            node.end()
        if os.environ.get("CLIENTELE_TEST_KEEP"):
            print(f"kept: {self.state}")
            return
        shutil.rmtree(self.state, ignore_errors=True)


@contextlib.contextmanager
def running_cluster(**provider_options):
    """A cluster for the block; where none can be had, its tests are left out."""
    try:
        cluster = Cluster(**provider_options).start()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    try:
        yield cluster
    finally:
        cluster.stop()


def make_whole(cluster, pools):
    """Before a test: whatever the one before it has left, the cluster is whole and the pools serve. None of the commands
    that are tested has a part in it."""
    if cluster.is_whole() and all(pool.is_ready() for pool in pools):
        return
    cluster.begin_again()
    for pool in pools:
        pool.begin_again()


class ClusterInstallation(Beside):
    """A pool and a web server that use nodes of a cluster."""

    def __init__(self, cluster, numbers, beside=None, **options):
        options.setdefault("database_hosts", ",".join(f"127.0.0.1:{cluster.node(n).port}" for n in numbers))
        super().__init__(beside, **options)
        self.node = cluster.node(numbers[0])

    def start_database(self):
        pass

    def stop_database(self):
        pass

    def sql(self, statement, database="clientele"):
        return self.node.sql(statement, database)

    def is_ready(self):
        return self.pool is not None and self.client().get("/readyz").status == 200

    def begin_again(self):
        """Starts the pool without what it has seen of the cluster, which may have less now."""
        self.stop_pool()
        (self.state / "kept/clientele.history").unlink(missing_ok=True)
        self.start_pool()
        self.wait_ready()


@contextlib.contextmanager
def pools_at(cluster, *nodes, **options):
    """A pool for each list of nodes; all of them have the database of the first."""
    pools = []
    with contextlib.ExitStack() as stack:
        for numbers in nodes:
            beside = pools[0] if pools else None
            pools.append(stack.enter_context(ClusterInstallation(cluster, numbers, beside, **{"workers": 4} | options)))
        yield pools
