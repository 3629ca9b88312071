"""FastCGI as web servers speak it to the pool: records, and connections that are kept for many requests."""

import socket
import struct

from .waiting import LONG

BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER, KEEP_CONNECTION = 1, 1


def record(kind, content=b"", number=1):
    return struct.pack(">BBHHBB", 1, kind, number, len(content), 0, 0) + content


def length(number):
    return bytes([number]) if number < 128 else (number | 1 << 31).to_bytes(4, "big")


def pair(name, value):
    return length(len(name)) + length(len(value)) + name + value


def begin(keep=False):
    return record(BEGIN_REQUEST, struct.pack(">HB5x", RESPONDER, KEEP_CONNECTION if keep else 0))


def request(method, target, headers=None, body=b"", keep=False, **parameters):
    """The records of a whole request, from this machine."""
    known = {"REQUEST_METHOD": method, "REQUEST_URI": target, "QUERY_STRING": target.partition("?")[2],
             "REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "localhost", "CONTENT_LENGTH": str(len(body)) if body else ""}
    for name, value in (headers or {}).items():
        known[name.upper().replace("-", "_") if name.lower() == "content-type" else
              "HTTP_" + name.upper().replace("-", "_")] = value
    text = b"".join(pair(name.encode(), value.encode()) for name, value in (known | parameters).items())
    return (begin(keep) + record(PARAMS, text) + record(PARAMS) + (record(STDIN, body) if body else b"") + record(STDIN))


class Connection:
    """A connection to the pool, which is asked to keep it. Its end is a ConnectionError."""

    def __init__(self, path, timeout=LONG):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise ConnectionError("the pool has closed a kept connection")
        return data

    def send(self, method, target, headers=None, body=b"", **parameters):
        self.socket.sendall(request(method, target, headers, body, keep=True, **parameters))

    def receive(self):
        """Status and body of an answer."""
        output = b""
        while True:
            _, kind, _, count, padding, _ = struct.unpack(">BBHHBB", self.read(8))
            content = self.read(count + padding)[:count]
            if kind == END_REQUEST:
                head, _, body = output.partition(b"\r\n\r\n")
                return int(head.partition(b"Status: ")[2][:3]), body
            output += content

    def call(self, *arguments, **named):
        self.send(*arguments, **named)
        return self.receive()
