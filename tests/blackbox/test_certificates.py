"""Client certificates of TLS as credentials, through a real nginx that verifies them."""

import http.client
import json
import ssl
import urllib.parse
import uuid

import pytest

from harness.authority import Authority, thumbprints
from harness.families import CREDENTIALS, Api, new_api_client, unique
from harness.installation import LONG, Installation, free_port
from harness.samples import sample
from harness.waiting import wait_until
from harness.webserver import make_certificate

PATH = "/api/v1/admin/certificates"
SITE = """
	server {{
		listen 127.0.0.1:{port} ssl;
		server_name localhost;
		ssl_certificate {certificate};
		ssl_certificate_key {key};
		ssl_client_certificate {ca};
		ssl_verify_client {verify};
		set $clientele_pool clientele;
		set $clientele_share "{share}";
		include clientele/clientele-locations.conf;
	}}
	server {{
		listen 127.0.0.1:{proxy} ssl;
		ssl_certificate {certificate};
		ssl_certificate_key {key};
		ssl_client_certificate {ca};
		ssl_verify_client optional;
		location / {{
			proxy_pass https://127.0.0.1:{port};
			proxy_set_header X-SSL-Client-Verify $ssl_client_verify;
			proxy_set_header SSL_CLIENT_VERIFY $ssl_client_verify;
			proxy_set_header SSL_CLIENT_CERT $ssl_client_escaped_cert;
			proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;
		}}
	}}
"""


class Site:
    """An installation whose nginx asks for client certificates; `port` is the server's own, `proxy` one before it."""

    def __init__(self, running, folder):
        self.running = running
        self.admin = running.client(running.admin_key)
        self.server, key = make_certificate(folder)
        self.authority = Authority(folder / "good")
        self.other = Authority(folder / "other", "Another CA")
        self.port, self.unverified, self.proxy = free_port(), free_port(), free_port()
        common = {"certificate": self.server, "key": key, "ca": self.authority.certificate, "share": running.own_share()}
        running.stop_nginx()
        running.start_nginx(SITE.format(port=self.port, proxy=self.proxy, verify="optional", **common) +
                            SITE.format(port=self.unverified, proxy=free_port(), verify="optional_no_ca", **common))
        running.wait_ready()

    def status(self, issued=None, path="/v1/licenses", method="GET", body=None, port=None, **headers):
        context = ssl.create_default_context(cafile=str(self.server))
        if issued:
            context.load_cert_chain(*map(str, issued))
        connection = http.client.HTTPSConnection("localhost", port or self.port, context=context, timeout=LONG)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            self.body = answer.read()
            return answer.status
        finally:
            connection.close()

    def register(self, issued, status=200, **members):
        answer = self.admin.post(PATH, {"Name": unique("gateway"), "Certificate": issued[0].read_text()} | members)
        assert answer.status == status, answer
        return answer.json()["ResponseData"]["Detail"] if status == 200 else answer.json()["Error"]

    def issue(self, **options):
        return self.authority.issue(unique("client"), **options)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Installation() as running:
        yield Site(running, tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["json", "xml"])
def api(site, request):
    return Api(site.admin, CREDENTIALS, request.param)


@pytest.fixture
def user(site):
    return site.running.create_user(unique("user"), "LicenseManager")


def detail(answer):
    assert answer.status == 200, answer
    return answer.value["ResponseData"]["Detail"]


# --- who comes in ---

def test_registered_certificate(site, user):
    issued = site.issue()
    assert site.status(issued) == 401
    made = site.register(issued, UserID=user)
    assert site.status(issued) == 200
    # No more than the user may.
    assert site.status(issued, "/v1/users") == 403
    assert site.status(issued, "/v1/products", "POST", b'{"product": {"name": "by certificate"}}',
                       Content_Type="application/json") == 200
    site.running.sql(f"DELETE FROM user_role WHERE user_id = '{user}'")
    assert site.admin.delete(f"/v1/users/{user}").status == 200
    assert site.status(issued) == 401 and site.admin.get(f"{PATH}/{made['Thumbprint']}").status == 404


def test_no_certificate(site):
    assert site.status() == 401
    assert site.status(x_api_key=site.running.admin_key) == 200


def test_certificate_of_another_authority(site, user):
    """nginx lets nobody through with it; and where it would, the application does not take it."""
    issued = site.other.issue(unique("stranger"))
    site.register(issued, UserID=user)
    assert site.status(issued) == 400 and b"Clientele" not in site.body
    assert site.status(issued, port=site.unverified) == 401
    good = site.issue()
    site.register(good, UserID=user)
    assert site.status(good, port=site.unverified) == 200


def test_expired_certificate(site, user):
    issued = site.issue(days=-1)
    assert site.register(issued, 400, UserID=user)["ErrorReason"] == "The certificate has expired."
    _, sha256 = thumbprints(issued[0])
    made = site.admin.post(PATH, {"Name": "x", "Sha256Thumbprint": sha256, "UserID": user})
    assert made.status == 200 and site.status(issued) == 400
    # One that is good may have been registered for a shorter time.
    good = site.issue()
    site.register(good, UserID=user, ExpiresAt="2020-01-01T00:00:00Z")
    assert site.status(good) == 401


@pytest.mark.parametrize("end", ["revoked", "disabled", "user disabled", "client disabled", "client deleted"])
def test_end(site, user, end):
    """At once, in each worker."""
    issued = site.issue()
    client = site.admin.post("/api/v1/admin/clients", new_api_client(user)).json()["ResponseData"]["Detail"]["ID"]
    made = site.register(issued, **({"ClientID": client} if "client" in end else {"UserID": user}))
    path = f"{PATH}/{made['Sha256Thumbprint']}"
    for _ in range(8):
        assert site.status(issued) == 200
    answer = {
        "revoked": lambda: site.admin.delete(path),
        "disabled": lambda: site.admin.put(path, {"Enabled": False}),
        "user disabled": lambda: site.admin.put(f"/api/v1/admin/users/{user}", {"Enabled": False}),
        "client disabled": lambda: site.admin.put(f"/api/v1/admin/clients/{client}", {"Enabled": False}),
        "client deleted": lambda: site.admin.delete(f"/api/v1/admin/clients/{client}")}[end]()
    assert answer.status == 200, answer
    for _ in range(8):
        assert site.status(issued) == 401
    if end == "disabled":
        assert site.admin.put(path, {"Enabled": True}).status == 200 and site.status(issued) == 200


def test_forged_headers(site, user):
    """What a caller says of a certificate counts for nothing, in whatever way."""
    issued = site.issue()
    made = site.register(issued, UserID=user)
    pem = issued[0].read_text()
    for name in ("SSL_CLIENT_CERT", "SSL-CLIENT-CERT", "X-SSL-Client-Cert", "X-Client-Cert", "X-Forwarded-Client-Cert",
                 "ssl-client-escaped-cert"):
        for value in (urllib.parse.quote(pem), made["Sha256Thumbprint"], made["Thumbprint"]):
            for verify in ("SSL_CLIENT_VERIFY", "SSL-Client-Verify", "X-SSL-Client-Verify"):
                assert site.status(**{name: value, verify: "SUCCESS"}) == 401
                assert site.admin.get("/v1/licenses", key="", headers={name: value, verify: "SUCCESS"}).status == 401


def test_what_stands_for_a_certificate_is_no_key(site, user):
    """Neither before nor after the certificate was seen; also not what is made of a public certificate."""
    issued = site.issue()
    made = site.register(issued, UserID=user)
    digits = bytes.fromhex(made["Sha256Thumbprint"])
    token = "ccf_" + __import__("base64").urlsafe_b64encode(digits).decode().rstrip("=")
    assert site.status(issued) == 200
    for text in (token, made["Sha256Thumbprint"], made["Thumbprint"]):
        assert site.status(x_api_key=text) == 401
        assert site.status(authorization=f"Bearer {text}") == 401
        assert site.status(path=f"/hosting/api/client?apiKey={text}") == 401
        assert site.status(cookie=f"__Host-clientele={text}; clientele={text}") == 401


def test_proxy_in_between(site, user):
    """A proxy that has the certificate has no key for it: it comes without, whatever it adds."""
    issued = site.issue()
    site.register(issued, UserID=user)
    assert site.status(issued) == 200
    assert site.status(issued, port=site.proxy) == 401
    assert site.status(issued, port=site.proxy, x_api_key=site.running.admin_key) == 200


def test_key_wins(site, user):
    """A key counts where one is sent, a wrong one, too."""
    issued = site.issue()
    site.register(issued, UserID=user)
    assert site.status(issued, "/v1/users", x_api_key=site.running.admin_key) == 200
    assert site.status(issued, x_api_key="api_wrong") == 401


@pytest.mark.parametrize("header", [{"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"},
                                    {"sec_fetch_site": "none"}])
def test_browsers_do_not_come_in_by_certificate(site, user, header):
    """They would show it for whatever page has sent them."""
    issued = site.issue()
    site.register(issued, UserID=user)
    assert site.status(issued, **header) == 401


def test_certificate_of_an_api_client(site, user):
    issued = site.issue()
    client = site.admin.post("/api/v1/admin/clients", new_api_client(user, Scope="LicenseManager read")).json()
    client = client["ResponseData"]["Detail"]["ID"]
    site.register(issued, ClientID=client)
    assert site.status(issued) == 200
    create = b'{"product": {"name": "not by certificate"}}'
    assert site.status(issued, "/v1/products", "POST", create, Content_Type="application/json") == 403
    # Its own scope is within that of the client.
    narrow = site.issue()
    site.register(narrow, ClientID=client, Scope="Sales")
    assert site.status(narrow) == 403


def test_token_endpoint_asks_for_the_secret(site, user):
    issued = site.issue()
    site.register(issued, UserID=user)
    for path in ("/Token", "/oauth2/introspect"):
        assert site.status(issued, path, "POST", b"grant_type=client_credentials&token=x",
                           Content_Type="application/x-www-form-urlencoded") in (400, 401)


def test_last_use(site, user):
    issued = site.issue()
    made = site.register(issued, UserID=user)
    assert made["LastUsedAt"] is None and made["UseCount"] == 0
    assert site.status(issued) == 200

    def used():
        found = site.admin.get(f"{PATH}/{made['Thumbprint']}").json()["ResponseData"]["Detail"]
        return found["UseCount"] == 1 and found["LastUsedAt"]
    wait_until(used, "the use")


def test_audit_tells_who(site):
    user = site.running.create_user(unique("auditor"), "Administrator")
    issued = site.issue()
    site.register(issued, UserID=user)
    assert site.status(issued, "/v1/products", "POST", b'{"product": {"name": "audited"}}', Content_Type="application/json",
                       X_Request_Id="by-certificate") == 200
    [[who]] = site.running.sql("SELECT user_id FROM audit_entry WHERE request_id = 'by-certificate' AND resource = 'product'")
    assert who == user


# --- the list ---

def test_members(site, api, user):
    issued = site.issue()
    sha1, sha256 = thumbprints(issued[0])
    name = unique("gateway")
    made = detail(api.post(PATH, "CertificateRequest", {"Name": name, "Certificate": issued[0].read_text(), "UserID": user}))
    api.check(made, {"Thumbprint": sha1, "Sha256Thumbprint": sha256, "Name": name, "UserID": user, "ClientID": None,
                     "Issuer": "CN=Test CA", "Scope": None, "Enabled": True})
    assert made["Subject"].endswith("O=ACME") and made["NotBefore"] < made["ExpiresAt"] and "Certificate" not in made
    colons = ":".join(sha256[i:i + 2] for i in range(0, 64, 2))
    for form in (sha1, sha1.lower(), sha256, sha256.lower(), colons):
        assert detail(api.get(f"{PATH}/{form}"))["ID"] == made["ID"]
    listed = api.get(PATH)
    assert listed.status == 200 and made["ID"] in listed.text
    changed = detail(api.put(f"{PATH}/{sha1}", "CertificateRequest", {"Name": "Renamed", "Sha256Thumbprint": "ignored"}))
    assert changed["Name"] == "Renamed" and changed["Sha256Thumbprint"] == sha256
    assert api.delete(f"{PATH}/{sha1}").status == 200
    for form in (sha1, sha256, "nothing", "0" * 40):
        assert api.get(f"{PATH}/{form}").status == 404 and api.delete(f"{PATH}/{form}").status == 404


def test_shape_of_a_deletion(site, user):
    made = site.register(site.issue(), UserID=user)
    answer = site.admin.delete(f"{PATH}/{made['Thumbprint']}")
    want = json.loads(sample("credentials/certificate_deletion.response.json"))["ResponseData"]
    got = answer.json()["ResponseData"]
    assert list(got) == list(want) and got["Detail"] == want["Detail"] == {}
    made = site.register(site.issue(), UserID=user)
    answer = site.admin.call("DELETE", f"{PATH}/{made['Thumbprint']}", accept="application/xml")
    text = sample("credentials/certificate_deletion.response.xml")
    assert text.partition(">")[0] == answer.text.partition(">")[0]
    assert answer.text.endswith("<Detail /></ResponseData></ResponseOfObject>")


@pytest.mark.parametrize("members, status, word, text", [
    ({"Name": ""}, 400, "VALIDATION_FAILED", "Name"),
    ({"UserID": None}, 400, "VALIDATION_FAILED", "UserID and ClientID"),
    ({"ClientID": str(uuid.uuid4())}, 400, "VALIDATION_FAILED", "UserID and ClientID"),
    ({"Certificate": None}, 400, "VALIDATION_FAILED", "Certificate and Sha256Thumbprint"),
    ({"Sha256Thumbprint": "0" * 64}, 400, "VALIDATION_FAILED", "Certificate and Sha256Thumbprint"),
    ({"Certificate": None, "Sha256Thumbprint": "0" * 40}, 400, "VALIDATION_FAILED", "64"),
    ({"Certificate": None, "Sha256Thumbprint": "A" * 64, "Thumbprint": "x"}, 400, "VALIDATION_FAILED", "40"),
    ({"Certificate": "no certificate"}, 400, "VALIDATION_FAILED", "PEM"),
    ({"Certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, 400, "VALIDATION_FAILED", "PEM"),
    ({"Certificate": "-----BEGIN CERTIFICATE-----" * 2}, 400, "VALIDATION_FAILED", "PEM"),
    ({"Certificate": "x" * 16385}, 400, "VALIDATION_FAILED", "16384"),
    ({"Scope": "everything"}, 400, "VALIDATION_FAILED", "Scope"),
    ({"Scop": "none"}, 400, "VALIDATION_FAILED", "Scope"),
    ({"UserID": str(uuid.uuid4())}, 400, "UNKNOWN_USER", "UserID"),
    ({"UserID": None, "ClientID": str(uuid.uuid4())}, 400, "UNKNOWN_CLIENT", "ClientID"),
])
def test_rules(site, user, members, status, word, text):
    error = site.register(site.issue(), status, **({"UserID": user} | members))
    assert error["ErrorCode"] == word and text in error["ErrorReason"], error


def test_twice(site, user):
    issued = site.issue()
    site.register(issued, UserID=user)
    assert site.register(issued, 409, UserID=user)["ErrorCode"] == "DUPLICATE_CERTIFICATE"


def test_nobody_grants_more_than_that_one_has(site, user):
    """Neither more roles nor a longer time than the caller's own."""
    name = unique("narrow")
    administrator = site.running.create_user(name, "Administrator")
    key = site.admin.post("/v1/api-keys", {"apiKey": {
        "name": unique("key"), "ownerId": administrator, "permissions": 15, "expireDate": "2027-01-01T00:00:00Z"}}).json()["apiKey"]
    issued = site.issue(days=900)
    body = {"Name": "x", "Certificate": issued[0].read_text(), "UserID": user}
    made = site.admin.post(PATH, body, key=key)
    assert made.status == 200 and made.json()["ResponseData"]["Detail"]["ExpiresAt"].startswith("2027-01-01"), made
    thumbprint = made.json()["ResponseData"]["Detail"]["Thumbprint"]
    refused = site.admin.put(f"{PATH}/{thumbprint}", {"ExpiresAt": "2030-01-01T00:00:00Z"}, key=key)
    assert refused.status == 403 and refused.json()["Error"]["ErrorCode"] == "BEYOND_CALLER", refused
    assert site.admin.put(f"{PATH}/{thumbprint}", {"Enabled": False}, key=key).status == 200
    assert site.admin.put(f"{PATH}/{thumbprint}", {"Enabled": True}, key=key).status == 200
    # Who comes by a certificate is bound by its time.
    own = site.issue()
    site.register(own, UserID=administrator)
    other = site.issue(days=900)
    text = json.dumps({"Name": "y", "Certificate": other[0].read_text(), "UserID": user})
    assert site.status(own, PATH, "POST", text, Content_Type="application/json") == 200
    found = json.loads(site.body)["ResponseData"]["Detail"]
    [[end]] = site.running.sql(f"SELECT expires_at FROM client_certificate WHERE user_id = '{administrator}'")
    assert found["ExpiresAt"][:19] == end[:19].replace(" ", "T")


def test_strangers(site, user):
    for path in (PATH, f"{PATH}/{'0' * 40}"):
        for method in ("GET", "DELETE", "PUT", "POST"):
            if (path == PATH) == (method in ("GET", "POST")):
                key = site.running.create_key(user)
                assert site.admin.call(method, path, key="").status == 401
                assert site.admin.call(method, path, key=key).status == 403


def test_commands(site, user, tmp_path):
    cli = site.running.cli
    issued = site.issue()
    sha1, sha256 = thumbprints(issued[0])
    name = site.running.sql(f"SELECT user_name FROM user WHERE id = '{user}'")[0][0]
    added = cli("certificate", "add", "gateway", str(issued[0]), "--user", name, check=False)
    assert added.returncode == 0 and sha256 in added.stdout, (added.returncode, added.stdout, added.stderr)
    assert site.status(issued) == 200
    assert sha1 in cli("certificate", "list")
    cli("certificate", "revoke", sha256, "--yes")
    assert site.status(issued) == 401
    failed = cli("certificate", "revoke", sha256, "--yes", check=False)
    assert failed.returncode == 1 and "no client certificate" in failed.stderr
    assert cli("certificate", "add", "x", str(tmp_path / "none.pem"), "--user", name, check=False).returncode == 1
