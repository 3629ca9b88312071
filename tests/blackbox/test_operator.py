"""Where callers come from and which host they name: what the program itself does about it, below any prefix.

Requests go straight to the socket, so that no web server's files stand before the program.
"""

import json
import re
import socket

import pytest

from harness import access
from harness.access import ROUTES
from harness.installation import Installation, wait_until

PREFIXES = ["", "/registry", "/hosting", "/a/b", "/hosting/v1", "/a/b/c"]
OPERATIONAL = ["/healthz", "/readyz", "/metrics"]
EVIL = "evil.example"
PUBLIC = "https://registry.example.org:8443/shop/licenses"


def record(kind, content=b""):
    return bytes([1, kind, 0, 1, len(content) >> 8, len(content) & 255, 0, 0]) + content


def length(number):
    return bytes([number]) if number < 128 else (number | 1 << 31).to_bytes(4, "big")


def call(running, path, address="127.0.0.1", method="GET", body=b"", **headers):
    """Status, headers and body of a request as a web server hands it over."""
    variables = {"REQUEST_METHOD": method, "REQUEST_URI": path, "HTTP_HOST": "localhost",
                 "CONTENT_LENGTH": str(len(body)) if body else ""}
    if address is not None:
        variables["REMOTE_ADDR"] = address
    variables.update({name if name == "CONTENT_TYPE" else f"HTTP_{name}": value for name, value in headers.items()})
    parameters = b"".join(length(len(name)) + length(len(value)) + name + value for name, value in
                          ((name.encode(), value.encode("latin-1")) for name, value in variables.items()))
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(20)
        peer.connect(str(running.socket))
        peer.sendall(record(1, bytes([0, 1, 0, 0, 0, 0, 0, 0])) + record(4, parameters) + record(4)
                     + (record(5, body) if body else b"") + record(5))
        data, answer = b"", b""
        while piece := peer.recv(65536):
            data += piece
    while len(data) >= 8:
        size = int.from_bytes(data[4:6], "big")
        if data[1] == 6:
            answer += data[8:8 + size]
        data = data[8 + size + data[6]:]
    head, _, rest = answer.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    return int(fields.pop("Status", "200").split()[0]), fields, rest.decode()


@pytest.fixture(scope="module")
def running():
    with Installation() as made:
        yield made


def restart(running, **options):
    running.stop_pool()
    running.options = options
    running.start_pool()

    def listens():
        try:
            return call(running, "/")
        except ConnectionRefusedError:
            return None

    wait_until(listens, "an answer")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_operational_paths(running, prefix):
    """Below any prefix they are answered to the operator's networks and to nobody else."""
    restart(running, base_path=prefix)
    for path in OPERATIONAL:
        for spelt in (path, path.upper(), path + "/", path.replace("z", "%7a").replace("c", "%63")):
            for address in ("127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"):
                assert call(running, prefix + spelt, address)[0] == 200, (spelt, address)
            for address in ("192.0.2.1", "10.0.0.1", "128.0.0.1", "2001:db8::1", "::2", "", "localhost", "127.0.0.1, 192.0.2.1",
                            None):
                for method in ("GET", "HEAD"):
                    status, _, body = call(running, prefix + spelt, address, method)
                    assert status == 403 and "clientele_" not in body and "schema" not in body, (spelt, address)
    # What a caller says of where it comes from is not asked.
    assert call(running, prefix + "/metrics", "192.0.2.1", X_FORWARDED_FOR="127.0.0.1", X_REAL_IP="127.0.0.1",
                FORWARDED="for=127.0.0.1")[0] == 403
    # The document is for everybody.
    status, _, body = call(running, prefix + "/openapi.json", "192.0.2.1")
    assert status == 200 and json.loads(body)["servers"][0]["url"] == (prefix or "/")


def test_networks_of_the_operator(running):
    restart(running, operator_networks="192.0.2.0/24, 2001:db8::/32")
    for address, status in (("192.0.2.77", 200), ("2001:db8::1", 200), ("127.0.0.1", 403), ("198.51.100.1", 403)):
        assert call(running, "/metrics", address)[0] == status
    restart(running, operator_networks="")
    assert call(running, "/metrics")[0] == 403
    refused = running.cli("config", "check", "--operator-networks=127.0.0.1/8", check=False)
    assert refused.returncode == 1 and "operator_networks: expected networks" in refused.stderr


def test_host_steers_nothing(running):
    """With public_url, no answer to any operation has the host that the caller named."""
    restart(running, public_url=PUBLIC, oauth_registration="token")
    key = running.admin_key
    for route in ROUTES:
        path = access.sample_path(route.path)
        for credential in ({}, {"X_API_KEY": key}):
            status, fields, body = call(running, path, method=route.method, body=b"{}" if route.method != "GET" else b"",
                                        HOST=EVIL, X_FORWARDED_HOST=EVIL, X_FORWARDED_PROTO="ftp",
                                        FORWARDED=f"host={EVIL}", CONTENT_TYPE="application/json", **credential)
            assert EVIL not in body and EVIL not in str(fields), (route, status)
            assert "ftp:" not in body
    status, _, body = call(running, "/no/such/path", HOST=EVIL, X_API_KEY=key)
    assert status == 404 and EVIL not in body and PUBLIC in body
    metadata = json.loads(call(running, "/.well-known/oauth-authorization-server", HOST=EVIL)[2])
    assert metadata["issuer"] == PUBLIC and metadata["token_endpoint"].startswith(PUBLIC + "/oauth2/token")
    assert all(value.startswith(PUBLIC) for name, value in metadata.items() if name.endswith("_endpoint"))
    assert json.loads(call(running, "/openapi.json", HOST=EVIL)[2])["servers"][0]["url"] == PUBLIC
    status, fields, body = call(running, "/hosting/api/client", method="POST", HOST=EVIL, X_API_KEY=key,
                                CONTENT_TYPE="application/json", body=json.dumps({"username": "anna", "emailAddress": "anna@example.org",
                                                 "password": "long enough, Anna"}).encode())
    assert status == 201 and fields["Location"].startswith("/shop/licenses/hosting/api/client/"), body


def test_host_without_public_url(running):
    """It is followed, since nothing else is known, but only where it is a host."""
    restart(running, base_path="/registry")
    for host in ("registry.example.org", "registry.example.org:8443", "192.0.2.1", "[2001:db8::1]:443"):
        metadata = json.loads(call(running, "/registry/.well-known/oauth-authorization-server", HOST=host, HTTPS="on")[2])
        assert re.fullmatch(r"https?://" + re.escape(host) + "/registry", metadata["issuer"])
    for host in ("a b", 'a"b', "a/b", "user@a", "a?b", "a#b", "<script>", "a:b", "a:99999", "[::1", "\xe4", "a" * 300, "a\\b",
                 "a,b", "a\tb"):
        status, fields, body = call(running, "/registry/.well-known/oauth-authorization-server", HOST=host)
        assert status == 400 and host not in body and host not in str(fields), host


@pytest.mark.parametrize("url", ["registry.example.org", "https://", "https://a/", "https://a?b", "https://u@a", "ftp://a",
                                 "https://a b", 'https://a"'])
def test_public_urls_that_are_none(running, url):
    result = running.cli("config", "check", f"--public-url={url}", check=False)
    assert result.returncode == 1 and "public_url: expected an address such as" in result.stderr
