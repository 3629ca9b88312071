"""Mail servers for the tests, and what they have taken."""

import email
import email.policy
import importlib.util
import pathlib
import socket
import subprocess
import sys
import time

from .installation import free_port, wait_until


def available():
    return importlib.util.find_spec("aiosmtpd") is not None


def make_certificate(folder, name="localhost"):
    """A certificate of its own for `name`; returns the files of certificate and key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    return certificate, key


class MailServer:
    """Runs until stop(); start() again keeps port and mail."""

    def __init__(self, folder, **options):
        self.folder = pathlib.Path(folder) / "maildir"
        self.port = free_port()
        self.options = options
        self.process = None

    def start(self):
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in self.options.items()]
        self.process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).with_name("mail_process.py")), f"--port={self.port}",
             f"--folder={self.folder}", *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.answers, "mail server")
        return self

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def messages(self):
        """All mail taken so far, parsed, in the order of arrival."""
        paths = sorted((self.folder / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]

    def wait(self, count):
        """Waits for so many messages, and a moment more to see that there are not too many."""
        wait_until(lambda: len(self.messages()) >= count, f"{count} messages")
        time.sleep(0.3)
        messages = self.messages()
        assert len(messages) == count
        return messages
