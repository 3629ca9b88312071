"""Client certificates: each web server, with the lines of its shipped site that ask for them, hands a verified one over."""

import http.client
import ssl
import urllib.parse

from harness.authority import Authority
from harness.families import unique
from harness.installation import LONG


def status(site, issued=None, **headers):
    context = ssl.create_default_context(cafile=str(site.certificate))
    if issued:
        context.load_cert_chain(*map(str, issued))
    connection = http.client.HTTPSConnection("localhost", site.secure, context=context, timeout=LONG)
    try:
        connection.request("GET", f"{site.prefix}/v1/licenses", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_who_comes_in(installation, site, tmp_path):
    good = Authority(tmp_path / "good", certificate=site.certificate, key=site.values["key"])
    issued, unknown = good.issue(unique("known")), good.issue(unique("unknown"))
    user = installation.create_user(unique("user"), "LicenseManager")
    answer = installation.client(installation.admin_key).post("/api/v1/admin/certificates", {
        "Name": "gateway", "Certificate": issued[0].read_text(), "UserID": user})
    assert answer.status == 200, answer
    assert status(site) == 401
    assert status(site, issued) == 200
    assert status(site, unknown) == 401
    pem = urllib.parse.quote(issued[0].read_text())
    for name in ("SSL_CLIENT_CERT", "SSL-CLIENT-CERT", "X-SSL-Client-Cert"):
        assert status(site, **{name: pem, "SSL_CLIENT_VERIFY": "SUCCESS", "SSL-CLIENT-VERIFY": "SUCCESS"}) == 401
    stranger = Authority(tmp_path / "other", "Another CA").issue(unique("stranger"))
    try:
        assert status(site, stranger) in (400, 401)
    except (ssl.SSLError, ConnectionError, http.client.HTTPException):
        pass
