"""A whole installation of its own, in a temporary folder: MariaDB, the pool, nginx."""

import functools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from . import template
from .client import Client
from .document import Document
from .secrets import Secrets
from .waiting import LONG, wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]
SANITIZED = bool(os.environ.get("CLIENTELE_TEST_SANITIZED"))
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LOG_TAIL = 1 << 20  # bytes at the end of the log that are searched for a request
KEY = re.compile(r"\b[a-z]+_[a-z0-9]{24}\b")


class NotInstalled(Exception):
    """A program that the tests need is not there."""


PORTS = range(20000, 32768)  # below those that the kernel gives to connections (ip_local_port_range)
_reserved = []


def free_port():
    """A port that nobody has, and that no other test on this computer gets while this process runs: the name of a socket
    in the kernel's table reserves it."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        reservation = socket.socket(socket.AF_UNIX)
        try:
            reservation.bind(f"\0clientele-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            reservation.close()
            continue
        _reserved.append(reservation)
        return port
    raise AssertionError("all ports are taken")


def listens(path):
    """Whether somebody takes connections at that unix socket; its name is there a moment before."""
    for line in pathlib.Path("/proc/net/unix").read_text().splitlines()[1:]:
        words = line.split()  # Num RefCount Protocol Flags Type St Inode Path
        if words[-1] == str(path) and int(words[3], 16) & 0x10000:
            return True
    return False


def system_environment():
    """With the folders of servers in the path."""
    return {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}


def alive(pid):
    """True while the process runs; a zombie does not."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


@functools.cache
def openapi_document():
    return Document(TOP / "docs/openapi.json")


# Names of processes that do not answer callers.
SPECIAL = ("clientele-probe", "clientele-hook")


class Installation:
    """Options are those of clienteled, as keyword arguments; they win over the ones chosen here. Use it in a with
    statement, or call start() and finish()."""

    unfinished = set()  # those that were started
    from_template = True  # of the database, where the options allow it

    def __init__(self, database_durable=False, **options):
        self.build = pathlib.Path(os.environ.get("BUILD_DIR", TOP / "build-test"))
        if not (self.build / "clienteled").exists():
            raise NotInstalled(f"no clienteled in {self.build}; set BUILD_DIR")
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="clientele-"))
        self.state.chmod(0o755)
        for name in ("log", "run", "nginx"):
            (self.state / name).mkdir()
        self.durable = database_durable
        self.options = options
        self.port = free_port()
        self.pool = None
        self.last_answered = None  # id of the request
        self.log_file = self.state / "log" / "clienteled.json"
        self.socket = self.state / "run" / "clienteled.sock"
        self.database_socket = None
        self.secrets = Secrets()
        self.share = None  # folder whose pages the web server shows; else those of the source and of the build
        self.schema = TOP / "sql"
        # What answers are held against; None where the program has other paths than the document.
        self.document = None if options.get("base_path") else openapi_document()

    # --- life ---

    def start(self):
        try:
            if self.from_template and template.fits(self.options):
                template.fill(self)
                self.start_database()
            else:
                self.start_database()
                self.create_schema()
            self.start_pool()
            self.start_nginx()
            self.wait_ready()
            self.create_administrator()
        except BaseException:
            self.remove()
            raise
        Installation.unfinished.add(self)
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, *reason):
        self.finish()

    def end_processes(self):
        self.stop_nginx()
        self.stop_pool()
        self.stop_database()

    def remove(self):
        """Ends all processes and takes the folder away, whatever it holds."""
        self.end_processes()
        Installation.unfinished.discard(self)
        if os.environ.get("CLIENTELE_TEST_KEEP"):
            print(f"kept: {self.state}")
            return
        shutil.rmtree(self.state, ignore_errors=True)

    def finish(self):
        """Stops it; fails where a secret stands in what it wrote (logs, metrics, database), or a sanitizer has found
        something. Whatever starts an installation calls this: the session fails otherwise."""
        try:
            if self.pool is not None and self.pool.poll() is None and (self.state / "run/nginx.pid").exists():
                metrics = self.client().get("/metrics", check=False).body
                (self.state / "log" / "metrics.txt").write_bytes(metrics)
            self.end_processes()
            leaks = self.secrets.leaks(self.state)
            reports = self.sanitizer_reports()
        finally:
            self.remove()
        assert not reports, reports
        assert not leaks, f"secrets stand in the clear in {leaks}"

    def create_schema(self):
        """As an operator does it: the pool's user of the database may change no table."""
        self.cli("setup-db", "--dir", self.schema)

    def create_administrator(self):
        self.admin_id = self.create_user("admin", "Administrator")
        self.admin_key = self.create_key("admin")

    # --- database ---

    def mariadb_script(self, action):
        environment = dict(os.environ)
        if self.durable:
            environment["CLIENTELE_TEST_DURABLE"] = "1"
        result = subprocess.run(
            ["sh", str(TOP / "tests/lib/mariadb.sh"), action, str(self.state / "db")],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment, text=True, timeout=2 * LONG)
        if result.returncode == 77:
            raise NotInstalled("MariaDB is not installed")
        result.check_returncode()
        return result.stdout.strip()

    def start_database(self):
        self.database_socket = self.mariadb_script("start")

    def stop_database(self):
        if self.database_socket:
            self.database_socket = None
            self.mariadb_script("stop")

    def kill_database(self, how=signal.SIGKILL):
        """Ends the database and keeps its data; start_database() brings it back."""
        pid = int((self.state / "db" / "mariadb.pid").read_text())
        os.kill(pid, how)
        wait_until(lambda: not alive(pid), "end of the database")

    def sql(self, statement, database="clientele", timeout=LONG):
        """Rows of a statement, as lists of text."""
        command = ["mariadb", "--no-defaults", "--batch", "--skip-column-names", "-uroot",
                   "-S", self.database_socket]
        if database:
            command.append(database)
        result = subprocess.run(command, input=statement, capture_output=True, text=True, timeout=timeout)
        assert result.returncode == 0, result.stderr
        return [line.split("\t") for line in result.stdout.splitlines()]

    # --- program ---

    def environment(self):
        options = {
            "database_socket": self.database_socket or str(self.state / "db" / "mariadb.sock"),
            "database_name": "clientele",
            "database_user": "clientele",
            "database_password": "of the pool",
            "migrate_user": "clientele_migrate",
            "migrate_password": "of migrations",
            "database_connect_timeout": "2s",
            "listen": f"unix:{self.socket}",
            "listen_mode": "0600",
            "runtime_directory": str(self.state / "run"),
            "state_directory": str(self.state / "kept"),
            "log_target": str(self.log_file),
            "log_format": "json",
            "workers": "2",
            "webhook_deliverers": "0",  # more processes for each pool; tests of webhooks have some
            "throttle_failures": "0",  # tests that fail on purpose come from one address
        }
        if SANITIZED:
            options["worker_memory"] = "0"
        options.update(self.options)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CLIENTELE_")}
        environment.update({f"CLIENTELE_{name.upper()}": str(value) for name, value in options.items()})
        environment.setdefault("ASAN_OPTIONS", f"log_path={self.state}/log/sanitizer:detect_leaks=1")
        environment.setdefault("UBSAN_OPTIONS", f"log_path={self.state}/log/sanitizer:print_stacktrace=1")
        return environment

    def configuration(self):
        """An empty file, so that no installed one is read."""
        path = self.state / "clientele.conf"
        path.touch()
        return f"--config={path}"

    def cli(self, *arguments, check=True):
        """Runs the command line; returns what it printed."""
        if arguments[0] in ("status", "top"):
            self.settle()
        result = subprocess.run(
            [str(self.build / "clientele"), self.configuration(), *map(str, arguments)],
            capture_output=True, text=True, env=self.environment(), stdin=subprocess.DEVNULL,
            cwd=TOP, timeout=LONG)
        shown = self.secrets.note_text(result.stdout)
        assert not [secret for secret in shown if secret in result.stderr], "a secret on the error stream"
        if check:
            assert result.returncode == 0, f"clientele {arguments}: {result.stdout}{result.stderr}"
            return result.stdout
        return result

    def program_for_anybody(self, name="clientele"):
        """A copy that each user can start; the folder of the build may be shut to others."""
        folder = self.state / "bin"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        return shutil.copy2(self.build / name, folder)

    def start_pool(self):
        with open(self.state / "log" / "clienteled.err", "ab") as err:
            self.pool = subprocess.Popen(
                [str(self.build / "clienteled"), self.configuration()], stdin=subprocess.DEVNULL,
                stdout=err, stderr=err, env=self.environment(), cwd=self.state, start_new_session=True)
        wait_until(lambda: listens(self.socket) or self.pool.poll() is not None, "pool's socket")
        assert self.pool.poll() is None, self.pool_errors()

    def stop_pool(self):
        if self.pool is None:
            return
        if self.pool.poll() is None:
            self.pool.send_signal(signal.SIGTERM)
        try:
            self.pool.wait(LONG)
        except subprocess.TimeoutExpired:
            self.pool.kill()
            self.pool.wait()
            raise
        finally:
            self.pool = None

    def pool_errors(self):
        texts = [path.read_text(errors="replace") for path in (self.state / "log").glob("clienteled.*")]
        return "\n".join(text[-3000:] for text in texts)

    def sanitizer_reports(self):
        """What they have found. That a thread ended while the search for leaks held it still is no finding."""
        reports = "\n".join(path.read_text(errors="replace") for path in (self.state / "log").glob("sanitizer*"))
        return re.sub(r"^==\d+==Unable to get registers from thread \d+\.\n?", "", reports, flags=re.M).strip()

    def workers(self):
        """Process numbers of the supervisor's children, but for those that only try a database host or deliver to
        webhooks. These have their own names a moment after they were made."""
        before = self.unnamed_children()
        time.sleep(0.02)
        return [pid for pid in self.unnamed_children() if pid in before]

    def unnamed_children(self):
        children = pathlib.Path(f"/proc/{self.pool.pid}/task/{self.pool.pid}/children")
        return [int(word) for word in children.read_text().split() if self.process_name(word) not in SPECIAL]

    @staticmethod
    def process_name(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            return None

    def resident_kib(self, pid):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    # --- web server ---

    def own_share(self):
        """A folder with the pages of the source, and of the build as far as they are made there."""
        folder = self.state / "pages"
        folder.mkdir(exist_ok=True)
        built = self.build / "pages"
        docs = built / "docs" if (built / "docs/index.html").exists() else TOP / "docs"
        for name, pages in (("console", built / "console"), ("docs", docs), ("start", TOP / "web/start")):
            if not (folder / name).is_symlink():
                (folder / name).symlink_to(pages.resolve())
        return folder

    def start_nginx(self, extra=""):
        """Starts nginx with the files of nginx/; `extra` stands inside its http block."""
        folder = self.state / "nginx"
        shutil.rmtree(folder / "clientele", ignore_errors=True)
        (folder / "clientele").mkdir()
        for path in (TOP / "nginx").glob("clientele-*.conf"):
            shutil.copy(path, folder / "clientele")
        text = (TOP / "nginx/instance.conf.in").read_text()
        user = "user root;" if os.getuid() == 0 else ""
        for word, value in (("STATE", self.state), ("SOCKET", self.socket), ("PORT", self.port),
                            ("SHARE", self.share or self.own_share()), ("USER", user), ("PROCESSES", 1), ("EXTRA", extra)):
            text = text.replace(f"@{word}@", str(value))
        (folder / "nginx.conf").write_text(text)
        self.nginx_command()
        wait_until(lambda: (self.state / "run/nginx.pid").exists(), "nginx")

    def nginx_command(self, *arguments):
        result = subprocess.run(
            ["nginx", "-e", str(self.state / "log/nginx-error.log"), "-c", str(self.state / "nginx/nginx.conf"),
             *arguments], capture_output=True, text=True, env=system_environment(), timeout=LONG)
        assert result.returncode == 0, result.stderr

    def stop_nginx(self):
        pid_file = self.state / "run/nginx.pid"
        if pid_file.exists():
            pid = int(pid_file.read_text())
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not alive(pid), "end of nginx")

    # --- talking ---

    def client(self, key=None):
        return Client(self, key)

    def wait_ready(self):
        client = self.client()
        try:
            wait_until(lambda: client.get("/readyz").status == 200, "readiness")
        except AssertionError as fault:
            raise AssertionError(f"{fault}\n{self.pool_errors()}") from None

    def create_user(self, name, *roles):
        arguments = ["user", "create", name]
        for role in roles:
            arguments += ["--role", role]
        return UUID.search(self.cli(*arguments)).group()

    def create_key(self, user, permissions=None, name=None):
        arguments = ["key", "create", name or f"key of {user}", "--user", user]
        if permissions is not None:
            arguments += ["--permissions", permissions]
        return KEY.search(self.cli(*arguments)).group()

    def create_group(self, name):
        return UUID.search(self.cli("group", "create", name)).group()

    def settle(self, seconds=1):
        """Waits until the request that was answered last is counted: as it is logged, after its answer. A web server may
        have answered it alone."""
        answered, end = self.last_answered, time.monotonic() + seconds
        while answered and not self.log_lines(answered) and time.monotonic() < end:
            time.sleep(0.01)

    def log_lines(self, request_id):
        """Log lines of one request, each as a dictionary."""
        with open(self.log_file, "rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_TAIL))
            tail = log.read().decode("utf-8", "replace")
        whole = tail[:tail.rfind("\n") + 1]
        return [json.loads(line) for line in whole.splitlines() if f'"{request_id}"' in line]
