"""A worker that does what a real one cannot be made to do at will: die in its answer, or take its time."""

import contextlib
import socket
import threading

from .fastcgi import END_REQUEST, STDOUT, record
from .waiting import LONG


def whole(content):
    """The records of a whole answer."""
    return record(STDOUT, content) + record(STDOUT, b"") + record(END_REQUEST, bytes(8))


@contextlib.contextmanager
def stand_in(installation, answer):
    """Takes the place of the installation's pool, which is stopped; each connection is given to `answer` in a thread of
    its own, and closed after that."""
    installation.stop_pool()
    installation.socket.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(installation.socket))
    installation.socket.chmod(0o777)
    listener.listen(8)

    def serve(connection):
        with connection:
            connection.recv(65536)
            answer(connection)

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join(LONG)
        listener.close()
        installation.socket.unlink()
