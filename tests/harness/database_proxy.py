"""A proxy between the pool and its database that knows enough of the protocol to number the commands, and to spoil
one of them: the connection is cut before or after the server has it, or an error is answered in its place."""

import collections.abc
import contextlib
import dataclasses
import pathlib
import re
import socket
import struct
import sys
import threading

from .waiting import LONG

COMMANDS = {0x03: "query", 0x16: "prepare", 0x17: "execute"}  # those that are numbered; the rest passes
CLOSE, QUIT = 0x19, 0x01  # without an answer
# What a worker does between requests.
IDLE = re.compile(r"(PREPARE )?(SELECT counter FROM revocation|SELECT 0, counter - marked|SELECT origin, number, kind"
                  r"|SELECT IFNULL\(MAX\(version|SELECT id, key_hash FROM api_key |UPDATE \w+ SET \w*used_at = GREATEST)")
STATES = {1205: "HY000", 1213: "40001", 1317: "70100", 1461: "42000", 1180: "HY000"}


@dataclasses.dataclass
class Fault:
    """What happens to the command of that number, from 1 on, after it was set."""
    number: int
    # "before": cut off; "after": done, and cut off; "silent": never answered; "error": refused; "done": done, and
    # refused (COMMIT only); "late": done once the test lets it go
    how: str
    error: int = 0
    only: collections.abc.Callable = None  # numbers only commands with such a text
    held: threading.Event = dataclasses.field(default_factory=threading.Event)  # a late one has come
    let_go: threading.Event = dataclasses.field(default_factory=threading.Event)
    act: collections.abc.Callable = None  # is called before the connection is cut, as by who kills the worker

    def __str__(self):
        return f"{self.how}{self.error or ''} at {self.number}"


def is_commit(text):
    """COMMIT, alone or behind changes that go with it."""
    return text == "COMMIT" or (text.startswith("BEGIN NOT ATOMIC ") and text.endswith("; COMMIT; END"))


class Cut(Exception):
    """The connection ends here."""


def read_exactly(connection, length):
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            raise Cut
        data += part
    return data


def read_packet(connection):
    """Number and content of one packet."""
    head = read_exactly(connection, 4)
    return head[3], read_exactly(connection, int.from_bytes(head[:3], "little"))


def write_packet(connection, number, content):
    connection.sendall(struct.pack("<I", len(content))[:3] + bytes([number]) + content)


def error_packet(number):
    text = f"error {number} of the test".encode()
    return b"\xff" + struct.pack("<H", number) + b"#" + STATES.get(number, "HY000").encode() + text


class DatabaseProxy:
    """Listens at a socket of its own, or (path None) at a port; `target` is the server's socket."""

    def __init__(self, path, target):
        self.path, self.target = path and pathlib.Path(path), str(target)
        self.lock = threading.Lock()
        self.fault = None
        self.seen = []  # texts of the commands since arm(), of all connections
        self.sessions = set()
        self.attempts = 0  # connections taken
        self.awake = threading.Event()
        self.awake.set()
        self.stuck = []  # connections that fill the queue of the listener
        if self.path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.path))
            self.path.chmod(0o777)
        else:
            self.listener = socket.socket()
            # Packets go on at once, as the server sends them: else each answer would wait for its acknowledgement.
            self.listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.listener.bind(("127.0.0.1", 0))
            self.port = self.listener.getsockname()[1]
        self.listener.listen(64)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    # --- what the tests say ---

    def arm(self, fault=None):
        """Forgets what was seen, and spoils the command that `fault` says, once."""
        with self.lock:
            self.fault, self.seen = fault, []

    def disarm(self):
        """The commands seen since arm(), and whether the fault has happened."""
        with self.lock:
            happened = self.fault is None
            self.fault, seen, self.seen = None, self.seen, []
            return seen, happened

    def silence(self, drop=False):
        """From now on nothing is answered; new connections are taken without a word, or (`drop`) not even that: the
        kernel drops what would begin one, as a host without network does."""
        self.awake.clear()
        if not drop:
            return
        self.listener.listen(0)
        while True:
            filler = socket.socket()
            self.stuck.append(filler)
            filler.settimeout(0.3)
            try:
                filler.connect(("127.0.0.1", self.port))
            except TimeoutError:
                return

    def wake(self):
        for filler in self.stuck:
            filler.close()
        self.stuck = []
        self.listener.listen(64)
        self.awake.set()

    def close(self):
        self.wake()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(LONG)
        for session in list(self.sessions):
            session.end()
        if self.path:
            self.path.unlink(missing_ok=True)

    # --- what the connections do ---

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.attempts += 1
            if self.stuck:
                self.awake.wait()
            session = Session(self, client)
            self.sessions.add(session)
            threading.Thread(target=session.run, daemon=True).start()

    def note(self, text):
        """The fault that this command has met, if any."""
        with self.lock:
            self.seen.append(text)
            fault = self.fault
            if fault is None or (fault.only is not None and not fault.only(text)):
                return None
            fault.number -= 1
            if fault.number > 0:
                return None
            self.fault = None
            return fault


class Session:
    """One connection of the pool, and its own to the server."""

    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.socket(socket.AF_UNIX)
        self.texts = {}  # of prepared statements, by number
        self.preparing = None  # text whose number the next answer tells
        self.answered = threading.Event()  # the first packet of an answer that is to be swallowed has come
        self.swallow = 0  # packets

    def run(self):
        try:
            self.proxy.awake.wait()
            self.server.connect(self.proxy.target)
            threading.Thread(target=self.answer, daemon=True).start()
            while True:
                self.command(*read_packet(self.client))
        except (Cut, OSError):
            pass
        finally:
            self.end()

    def end(self):
        for connection in (self.client, self.server):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.proxy.sessions.discard(self)

    def command(self, number, content):
        self.proxy.awake.wait()
        # A command begins anew at 0; the steps of a login go on counting.
        if number != 0 or content[0] not in COMMANDS:
            write_packet(self.server, number, content)
            return
        text = self.text(content)
        fault = self.proxy.note(text)
        if fault is None:
            write_packet(self.server, number, content)
        elif fault.how == "late":
            fault.held.set()
            assert fault.let_go.wait(LONG), f"nobody lets {text} go"
            write_packet(self.server, number, content)
        elif fault.how == "before":
            self.cut(fault)
        elif fault.how == "silent":
            read_packet(self.client)  # until it gives up
            raise Cut
        elif fault.how == "error":
            write_packet(self.client, 1, error_packet(fault.error))
        else:
            self.swallow = 1 if fault.how == "done" else sys.maxsize
            write_packet(self.server, number, content)
            assert self.answered.wait(LONG), f"no answer to {text}"
            if fault.how == "after":
                self.cut(fault)
            self.answered.clear()
            write_packet(self.client, 1, error_packet(fault.error))

    def cut(self, fault):
        if fault.act:
            fault.act()
        raise Cut

    def text(self, content):
        kind = COMMANDS[content[0]]
        if kind == "execute":
            return self.texts.get(struct.unpack_from("<I", content, 1)[0], "?")
        text = content[1:].decode("utf-8", "replace")
        if kind == "prepare":
            self.preparing = text
            return f"PREPARE {text}"
        return text

    def answer(self):
        """From the server to the pool, packet by packet, so that the answer to PREPARE is seen."""
        try:
            while True:
                number, content = read_packet(self.server)
                if self.preparing is not None:
                    if content[0] == 0x00:
                        self.texts[struct.unpack_from("<I", content, 1)[0]] = self.preparing
                    self.preparing = None
                if self.swallow > 0:
                    self.swallow -= 1
                    self.answered.set()
                    continue
                write_packet(self.client, number, content)
        except (Cut, OSError):
            self.answered.set()
            self.end()
