"""A real receiver of webhooks: HTTPS, with signatures checked by Python's own hmac as Standard Webhooks has them."""

import base64
import hashlib
import hmac
import http.server
import json
import queue
import ssl
import threading
import time

from .installation import LONG, free_port, wait_until
from .mail import make_certificate

TOLERANCE = 300


class Delivery:
    """One request that has come in."""

    def __init__(self, path, headers, body):
        self.path = path
        self.headers = headers
        self.body = body

    @property
    def id(self):
        return self.headers["webhook-id"]

    @property
    def event(self):
        return json.loads(self.body)

    @property
    def type(self):
        return self.event["type"]

    def signatures(self):
        return [part.split(",", 1) for part in self.headers["webhook-signature"].split(" ")]

    def is_signed_by(self, secret):
        """As a receiver does it: one fitting signature is enough."""
        moment = int(self.headers["webhook-timestamp"])
        assert abs(time.time() - moment) < TOLERANCE, moment
        signed = f"{self.id}.{moment}.".encode() + self.body
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return any(version == "v1" and hmac.compare_digest(signature, wanted)
                   for version, signature in self.signatures())


class Receiver:
    """Answers 204, or what was put into `answers`: a status, or a function of the handler."""

    def __init__(self, folder, name="localhost", tls=True):
        self.deliveries = []
        self.answers = queue.Queue()
        self.port = free_port()
        self.url = f"{'https' if tls else 'http'}://{name}:{self.port}/hook"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self.handler())
        self.server.daemon_threads = True
        self.certificate = None
        if tls:
            self.certificate, key = make_certificate(folder, name)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(receiver):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.deliveries.append(Delivery(self.path, self.headers, body))
                try:
                    answer = receiver.answers.get_nowait()
                except queue.Empty:
                    answer = 204
                if callable(answer):
                    answer(self)
                    return
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                raise AssertionError("a webhook is posted")

            def log_message(self, *arguments):
                pass

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def of_type(self, name):
        return [one for one in self.deliveries if one.type == name]

    def wait_for(self, name, count=1, seconds=LONG):
        wait_until(lambda: len(self.of_type(name)) >= count, f"{count} deliveries of {name}", seconds)
        return self.of_type(name)[:count]

    def next(self, count=1):
        """The deliveries that are here, once there are so many; forgets them."""
        wait_until(lambda: len(self.deliveries) >= count, f"{count} deliveries")
        found, self.deliveries = self.deliveries, []
        return found
