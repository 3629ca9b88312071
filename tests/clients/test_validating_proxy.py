"""Prism, which nobody here wrote, between a client and the server: it holds every request and every answer against the document."""

import http.client
import json
import socket
import subprocess
import zlib

import pytest

from harness.installation import Installation
from harness.request_examples import Requests, name, operations
from harness.waiting import LONG, wait_until

VIOLATIONS = "sl-violations"
UNKNOWN = {"uuid": "00000000-0000-4000-8000-000000000000"}


class Proxy:
    """Prism in front of an installation."""

    def __init__(self, tools, installation, log):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        with log.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                [tools.folder / "node_modules/.bin/prism", "proxy", "openapi.json", f"http://127.0.0.1:{installation.port}",
                 "--host", "127.0.0.1", "--port", str(self.port)], cwd=tools.folder, stdout=output, stderr=output)
        wait_until(lambda: "is listening" in log.read_text(encoding="utf-8"), "Prism", seconds=LONG)

    def connect(self, timeout):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def close(self):
        self.process.terminate()
        self.process.wait(LONG)


@pytest.fixture(scope="module")
def requests(tools, tmp_path_factory, every_installation_is_finished):
    with Installation(oauth_registration="token") as running:
        made = Requests(running, running.document, "json")
        proxy = Proxy(tools, running, tmp_path_factory.mktemp("prism") / "log")
        made.setting.admin.connect = proxy.connect
        try:
            yield made
        finally:
            proxy.close()


def violations(answer, *where):
    """What Prism finds at those parts of the request or the answer."""
    found = json.loads(answer.headers.get(VIOLATIONS, "[]"))
    return [one for one in found if not where or one["location"][0] in where]


@pytest.mark.parametrize("operation", operations(), ids=name)
def test_example(requests, operation):
    if not requests.takes(operation[2]):
        return
    answer = requests.send(*operation)
    assert answer.status in range(200, 300), answer
    assert violations(answer) == [], answer


def without_key(requests, method, path, operation):
    """Of operations that ask for one."""
    schemes = {scheme for way in operation.get("security", ()) for scheme in way}
    return {"key": ""} if "apiKey" in schemes and {} not in operation["security"] else None


def wrong_body(requests, method, path, operation):
    """No object and no array. What is no JSON at all, Prism itself refuses."""
    return {"text": "7"} if requests.takes(operation) and operation.get("requestBody") else None


# Where the originals answer that there is none.
EMPTY = {"/api/delegategroups/{delegateGroupId}/delegates", "/api/delegategroups/{delegateGroupId}/delegates/{offset}"}


def unknown_row(requests, method, path, operation):
    """Of operations whose path names one."""
    if path in EMPTY and method == "GET":
        return None
    unknown = {one["name"]: 2**31 - 1 if one["schema"]["type"] == "integer" else UNKNOWN.get(one["schema"].get("format"), "unknown")
               for one in operation["parameters"] if one.get("in") == "path"}
    return {"target": path.format(**unknown)} if unknown else None


REFUSED = {without_key: {401}, wrong_body: {400}, unknown_row: {400, 401, 403, 404}}


@pytest.mark.parametrize("operation", operations(), ids=name)
def test_refusal(requests, operation):
    """Each operation refuses in one of the ways in which it can, always the same; what it answers is as the document says."""
    ways = [(way, wrong) for way in REFUSED if (wrong := way(requests, *operation)) is not None]
    if not requests.takes(operation[2]) or not ways:
        return
    way, wrong = ways[zlib.crc32(name(operation).encode()) % len(ways)]
    answer = requests.send(*operation, **wrong)
    assert answer.status in REFUSED[way], answer
    assert violations(answer, "response") == [], answer
