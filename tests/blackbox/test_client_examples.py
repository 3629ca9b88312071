"""examples/client.*: programs of about twenty lines that take a seat, keep it and free it, in languages that vendors use."""

import base64
import contextlib
import http.server
import re
import shutil
import socket
import subprocess
import threading

import pytest

from harness.families import unique
from harness.installation import TOP
from harness.waiting import wait_until

# The key of RFC 8032, 7.1, test 1, whose public half stands in client.c as a vendor's stands in its program.
SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PRIVATE = base64.b64encode(bytes.fromhex("302e020100300506032b657004220420" + SEED)).decode()
PEM = f"-----BEGIN PRIVATE KEY-----\n{PRIVATE}\n-----END PRIVATE KEY-----\n"

# What each needs, how it is built in a folder of its own, and how it is called.
CLIENTS = {
    "client.sh": (["curl"], None, ["sh", "{source}"]),
    "client.c": (["cc"], ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", f"-I{TOP}/verify", "{source}",
                          f"{TOP}/verify/clientele_verify.c", "-lcurl", "-lcrypto", "-o", "client"], ["{folder}/client"]),
    "client.py": (["/usr/bin/python3"], None, ["/usr/bin/python3", "{source}"]),
    "client.php": (["php"], None, ["php", "{source}"]),
    "client.mjs": (["node"], None, ["node", "{source}"]),
    "Client.cs": (["mcs", "mono"], ["mcs", "-warnaserror", "-out:Client.exe", "-r:System.Net.Http", "-r:System.Xml.Linq",
                                    "{source}"], ["mono", "{folder}/Client.exe"]),
}


def test_all_are_tried():
    assert {path.name for path in (TOP / "examples").glob("[Cc]lient.*")} == set(CLIENTS)


@pytest.fixture(scope="module", params=CLIENTS)
def program(request, tmp_path_factory):
    """Calls one of them: exit status, what it says, and of what it complains."""
    tools, build, call = CLIENTS[request.param]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    folder = tmp_path_factory.mktemp("client")
    places = {"source": TOP / "examples" / request.param, "folder": folder}
    if build:
        subprocess.run([word.format(**places) for word in build], cwd=folder, check=True, timeout=120)

    def run(address, key, machine="Anna's PC & \"Ö\" = 1"):
        made = subprocess.run([*(word.format(**places) for word in call), address, key, machine], cwd=folder, text=True,
                              capture_output=True, timeout=60, check=False)
        assert not re.search(r"Traceback|Unhandled|Stack trace|Warning|    at ", made.stdout + made.stderr), made
        return made

    return run


@pytest.fixture(scope="module")
def address(installation):
    return f"http://127.0.0.1:{installation.port}"


@pytest.fixture(scope="module")
def admin(installation):
    return installation.client(installation.admin_key)


@pytest.fixture(scope="module")
def vendor_key(admin):
    answer = admin.post("/v1/signing-keys", {"signingKey": {"name": unique("vendor"), "data": PEM}})
    assert answer.status == 200, answer
    return answer.json()["signingKeyId"]


@pytest.fixture
def license_made(admin, vendor_key):
    """A license for one machine: its number, its identifier and its user key."""
    answer = admin.post("/v1/licenses", {"license": {
        "licensingMode": 1, "maxAllowedSites": 1, "format": 2, "signingKeyId": vendor_key, "product": {"id": "TILL"}}})
    assert answer.status == 200, answer
    return [answer.json()[name] for name in ("licenseId", "licenseKeyId", "userKey")]


def traces_of(admin, number, count):
    traces = admin.get(f"/v1/license-traces?licenseId={number}&sort=createdDate").json()["licenseTraces"]
    return traces if len(traces) >= count else None


def test_all_steps(installation, admin, address, license_made, program):
    number, identifier, key = license_made
    admin.change("/v1/licenses", {"license": {"id": number, "trace": True}})
    done = program(address, key)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert identifier in done.stdout
    # In this order, and nothing else.
    traces = wait_until(lambda: traces_of(admin, number, 4), "traces")
    assert [trace["action"] for trace in traces] == [1, 5, 6, 2], traces
    assert {trace["machineId"] for trace in traces} == {"Anna's PC & \"Ö\" = 1"}
    assert admin.get(f"/v1/licenses/{number}/tokens?countOnly=true").json()["licenseTokensCount"] == 0


def test_named_reasons(installation, admin, address, license_made, program):
    """A refusal is told by its name, and ends the program."""
    number, _, key = license_made
    taken = installation.client("").post("/v1/license/activate", {"userKey": key, "machineId": "another", "clientId": "x"})
    assert taken.status == 200
    refused = [("SEAT_LIMIT_REACHED", key), ("NOT_FOUND", "NO-SUCH-KEY")]
    for reason, wrong in refused:
        done = program(address, wrong)
        assert done.returncode == 1 and done.stdout == "" and f"activate: {reason}\n" in done.stderr, done
    admin.change("/v1/licenses", {"license": {"id": number, "revoked": True}})
    assert "activate: REVOKED\n" in program(address, key).stderr


def test_nobody_answers(program):
    with socket.socket() as bound:  # and does not listen
        bound.bind(("127.0.0.1", 0))
        done = program(f"http://127.0.0.1:{bound.getsockname()[1]}", "KEY")
    assert done.returncode == 1 and done.stdout == "" and re.search("^activate: .{5}", done.stderr, re.M), done


class Proxy(http.server.BaseHTTPRequestHandler):
    """What stands between, when the server is away."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
        self.send_response(502)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def proxy():
    server = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_page_of_a_proxy(program):
    with proxy() as address:
        done = program(address, "KEY")
    assert done.returncode == 1 and done.stdout == "" and "502" in done.stderr and "activate: " in done.stderr, done


@pytest.mark.parametrize("program", ["client.c"], indirect=True)
def test_license_of_somebody_else(admin, address, program):
    """Whoever links the library to check the license believes no other key."""
    other = admin.post("/v1/signing-keys", {"signingKey": {"name": unique("other")}}).json()["signingKeyId"]
    made = admin.post("/v1/licenses", {"license": {"licensingMode": 1, "format": 2, "signingKeyId": other}}).json()
    done = program(address, made["userKey"])
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "verify: KEY_UNKNOWN\n"), done
