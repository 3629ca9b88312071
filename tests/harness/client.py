"""A caller over HTTP that also sees the log line of what it called."""

import http.client
import itertools
import json
import os
import time
import xml.etree.ElementTree as ElementTree

from .waiting import LONG

_serial = itertools.count(1)

# Names of members in the log lines of clienteled.
LOG_QUERIES = "queries"
LOG_MICROSECONDS = "microseconds"


class Answer:
    def __init__(self, installation, request_id, status, headers, body):
        self.installation = installation
        self.request_id = request_id
        self.status = status
        self.headers = headers  # names in lower case; the values of repeated ones with commas between them
        self.body = body

    def __repr__(self):
        return f"<{self.status} {self.headers.get('content-type')} {self.body[:2000]!r}>"

    @property
    def content_type(self):
        return self.headers.get("content-type")

    @property
    def is_xml(self):
        return "xml" in (self.content_type or "")

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.text)

    def xml(self):
        return ElementTree.fromstring(self.body)

    def log(self):
        """The one line of this request; waits a moment for it, since it is written after the answer. Beside it, one that
        was slow has lines of that."""
        end = time.monotonic() + 5
        while True:
            lines = [line for line in self.installation.log_lines(self.request_id) if line["event"] == "request"]
            if lines or time.monotonic() > end:
                break
            time.sleep(0.01)
        assert len(lines) == 1, f"{len(lines)} log lines for {self.request_id}: {lines}"
        return lines[0]

    @property
    def queries(self):
        return self.log()[LOG_QUERIES]

    @property
    def microseconds(self):
        return self.log()[LOG_MICROSECONDS]


class Client:
    """Calls are made on fresh connections, so that no test can break the next one's connection."""

    def __init__(self, installation, key=None, connect=None, prefix=""):
        """`connect`, called with a timeout, makes a connection to another place than the installation's own web
        server; `prefix` is the application's place there."""
        self.installation = installation
        self.key = key
        self.connect = connect or self.connect_to_installation
        self.prefix = prefix

    def connect_to_installation(self, timeout):
        return http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=timeout)

    def call(self, method, path, body=None, headers=None, content_type=None, accept=None, key=None,
             timeout=LONG, check=True, chunked=False):
        """`body`: bytes or text as they are; anything else as JSON. `key` "" sends none. A header that is None is
        not sent. `check`: the answer must be one that the OpenAPI document describes."""
        sent = {}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body, ensure_ascii=False)
            content_type = content_type or "application/json"
        if isinstance(body, str):
            body = body.encode("utf-8")
        if content_type:
            sent["Content-Type"] = content_type
        if accept is not None:
            sent["Accept"] = accept
        key = self.key if key is None else key
        if key:
            sent["x-api-key"] = key
        sent["X-Request-Id"] = f"test-{os.getpid()}-{next(_serial)}"
        sent.update(headers or {})
        carried = self.installation.secrets.note_request(path, sent, body)
        if path == "/metrics":
            self.installation.settle()
        if chunked:
            sent["Transfer-Encoding"] = "chunked"
        elif body is not None or method in ("POST", "PUT"):
            sent.setdefault("Content-Length", str(len(body or b"")))
        connection = self.connect(timeout)
        try:
            # http.client adds no Accept of its own, but Accept-Encoding; leave that out too.
            connection.putrequest(method, self.prefix + path, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders([body] if chunked else body, encode_chunked=chunked)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        assert response.reason != "Unknown", f"no name for the status {response.status}"
        headers = {name.lower(): ", ".join(response.headers.get_all(name)) for name in response.headers}
        answer = Answer(self.installation, sent["X-Request-Id"], response.status, headers, data)
        self.installation.last_answered = answer.request_id
        text = data.decode("utf-8", "replace")
        self.installation.secrets.note_text("\n".join([text, *headers.values()]))
        if response.status >= 400:
            assert not [secret for secret in carried if secret in text], "an error shows a secret of its request"
        if check and self.installation.document is not None:
            self.installation.document.check(method, path, answer)
        return answer

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.call("POST", path, body, **options)

    def put(self, path, body=None, **options):
        return self.call("PUT", path, body, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    def change(self, path, body):
        """A PUT that must succeed."""
        answer = self.put(path, body)
        assert answer.status == 200, answer

    def remove(self, path):
        """A DELETE that must succeed."""
        answer = self.delete(path)
        assert answer.status in (200, 204), answer

    def head(self, path, **options):
        return self.call("HEAD", path, **options)

    def options(self, path, **options):
        return self.call("OPTIONS", path, **options)
