"""Two pools of one machine, behind one nginx and one MariaDB: what one of them does is not its neighbour's trouble."""

import concurrent.futures
import contextlib
import http.client
import socket
import subprocess
import threading
import time

import pytest

from harness.client import Client
from harness.families import unique
from harness.installation import LONG, TOP, Installation, free_port, wait_until
from harness.locks import connected

WORKERS = 2
DEADLINE = 3
SECONDS = 3  # of misbehaviour
CALL_SECONDS = 10  # far above what a call takes, far below what it would take to wait behind the other site's
PATH = "/hosting/api/client"
ACCOUNT = {"passwordHash": "$2y$10$" + "a" * 53, "emailAddress": "a@example.org"}

SITE = """
upstream neighbour {{
	server unix:{socket} max_fails=0;
}}
server {{
	listen 127.0.0.1:{port};
	server_name neighbour;
	set $clientele_pool neighbour;
	set $clientele_share "";
	access_log off;
	include clientele/clientele-locations.conf;
}}
"""


class Neighbour:
    """A second pool with a database of its own in the server of the first."""

    def __init__(self, running, folder):
        self.running = running
        self.port = free_port()
        self.socket = folder / "clientele.sock"
        password = folder / "password"
        password.write_text("neighbours password\n")
        password.chmod(0o600)
        self.options = [f"--runtime-directory={folder}", "--database-name=neighbour", "--database-user=neighbour",
                        f"--database-password-file={password}", f"--listen=unix:{self.socket}", f"--workers={WORKERS}",
                        f"--log-target={folder}/log"]
        self.environment = {name: value for name, value in running.environment().items()
                            if name not in ("CLIENTELE_DATABASE_PASSWORD", "CLIENTELE_WORKERS")}
        self.cli("setup-db", "--dir", TOP / "sql", "--max-connections", 2 * WORKERS + 4)
        self.cli("user", "create", "admin", "--role", "Administrator")
        self.key = self.cli("key", "create", "--user", "admin").strip()
        running.secrets.note_text(self.key)
        self.pool = subprocess.Popen([str(running.build / "clienteled"), running.configuration(), *self.options],
                                     env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        running.stop_nginx()
        running.start_nginx(SITE.format(socket=self.socket, port=self.port))

    def cli(self, *arguments):
        result = subprocess.run([str(self.running.build / "clientele"), self.running.configuration(), *self.options,
                                 *map(str, arguments)], env=self.environment, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=LONG, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def client(self):
        def connect(timeout):
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        return Client(self.running, self.key, connect)

    def stop(self):
        self.pool.terminate()
        self.pool.wait(LONG)


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """A pool that will misbehave, and its neighbour."""
    with Installation(workers=WORKERS, request_deadline=f"{DEADLINE}s", database_read_timeout="2s",
                      worker_memory="256m") as running:
        neighbour = Neighbour(running, tmp_path_factory.mktemp("neighbour"))
        wait_until(lambda: neighbour.client().get("/readyz").status == 200, "the neighbour")
        yield running, neighbour
        neighbour.stop()


class Calls(threading.Thread):
    """Calls of the neighbour, one after the other; each is to be answered as if it were alone."""

    def __init__(self, neighbour):
        super().__init__()
        self.client = neighbour.client()
        self.end = threading.Event()
        self.seconds = []
        self.wrong = []

    def run(self):
        while not self.end.is_set():
            begun = time.monotonic()
            name = unique("neighbour")
            made = self.client.post(PATH, ACCOUNT | {"username": name})
            if made.status == 201:
                made = self.client.get(f"{PATH}/{made.json()['id']}")
            if made.status != 200 or made.json()["username"] != name:
                self.wrong.append(made)
            self.seconds.append(time.monotonic() - begun)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.join(LONG)


def bodies_that_are_too_large(running):
    return post(running, b"[" * 1_900_000)


def bodies_that_take_memory(running):
    return post(running, b'{"username":"' + b"x" * 1_000_000 + b'"}')


def post(running, body):
    client = running.client(running.admin_key)
    return client.post(PATH, body, content_type="application/json", timeout=LONG).status


def requests_that_hang(running):
    return running.client(running.admin_key).get(PATH, timeout=LONG).status


def connections_that_say_nothing(running):
    silent = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(40)]
    time.sleep(1)
    for connection in silent:
        connection.close()


# What is done, the table that somebody has locked meanwhile, and the answer.
CASES = [(bodies_that_are_too_large, None, 413), (bodies_that_take_memory, None, 400),
         (requests_that_hang, "hosting_client", 503), (connections_that_say_nothing, None, None)]


@contextlib.contextmanager
def locked(running, table):
    """Lets nobody else at the table, if there is one to lock."""
    with connected(running) as holder:
        if table:
            holder.run(f"LOCK TABLES {table} WRITE")
        yield


@pytest.mark.parametrize("misbehave, table, status", CASES, ids=[case[0].__name__ for case in CASES])
def test_a_neighbour_that_misbehaves(sites, misbehave, table, status):
    running, neighbour = sites
    end = time.monotonic() + SECONDS

    def go_on():
        seen = set()
        while time.monotonic() < end or len(calls.seconds) <= 5:
            seen.add(misbehave(running))
        return seen

    with locked(running, table), concurrent.futures.ThreadPoolExecutor(12) as pool, Calls(neighbour) as calls:
        statuses = [future.result() for future in [pool.submit(go_on) for _ in range(12)]]
    assert set().union(*statuses) == {status}
    assert not calls.wrong and max(calls.seconds) < CALL_SECONDS
    wait_until(lambda: running.client(running.admin_key).get(PATH).status == 200, "the site itself")


def test_connections_of_the_database(sites):
    """A site has its share of them: one that takes too many is refused by the server, and nobody else is."""
    running, neighbour = sites
    most = 2 * WORKERS + 4
    password = "neighbours password"
    command = ["mariadb", "--no-defaults", "-uneighbour", f"-p{password}", "-S", running.database_socket, "-e",
               "SELECT SLEEP(3)"]
    greedy = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
              for _ in range(most + 3)]
    refused = [process for process in greedy if "max_user_connections" in process.communicate(timeout=LONG)[1]]
    assert len(refused) >= 3
    assert running.client(running.admin_key).get(PATH).status == 200
    assert neighbour.client().get("/readyz").status == 200
    refusal = subprocess.run([str(running.build / "clientele"), running.configuration(), *neighbour.options, "setup-db",
                              "--max-connections", str(most - 1)], env=neighbour.environment, capture_output=True,
                             text=True, timeout=LONG, check=False)
    assert refusal.returncode == 1 and f"must be at least {most}" in refusal.stderr
