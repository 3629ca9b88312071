"""Signing keys, and licenses that are signed: what openssl, xmlsec1 and jwcrypto make of them."""

import base64
import hashlib
import json
import re
import shutil
import subprocess

import pytest
from jwcrypto import jwk, jws

from harness.families import unique
from harness.installation import TOP

KEYS = "/v1/signing-keys"
LICENSES = "/v1/licenses"
# The public key pair of babelfornet/babel-licensing-docker-demo (Keys.snk), RSA of 1024 bits.
SNK = "".join(re.findall(r'"([A-Za-z0-9+/=]+)"', (TOP / "tests/unit/lib/license.h").read_text(
    encoding="utf-8").split("#define TEST_SNK", 1)[1].split("/*", 1)[0]))


@pytest.fixture(scope="module")
def client(installation):
    return installation.client(installation.admin_key)


def add_key(client, **members):
    answer = client.post(KEYS, {"signingKey": {"name": unique("key"), **members}})
    assert answer.status == 200, answer
    return answer.json()


def one(client, path, number):
    answer = client.get(f"{path}?filter=id%20%3D%20{number}")
    assert answer.status == 200, answer
    rows = next(value for value in answer.json().values() if isinstance(value, list))
    return rows[0] if rows else None


def add_license(client, **members):
    answer = client.post(LICENSES, {"license": {"licenseId": unique("lic"), **members}})
    assert answer.status == 200, answer
    return one(client, LICENSES, answer.json()["id"] if "id" in answer.json() else answer.json()["licenseId"])


def faults(answer):
    assert answer.status == 400, answer
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]} if "errors" in answer.json() \
        else answer.text


def verified(public, signature, text, tmp_path, *, digest="-sha256"):
    """Whether openssl verifies it."""
    for name, content in (("key", public.encode()), ("signature", signature), ("text", text)):
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", tmp_path / "key", "-rawin", "-in", tmp_path / "text",
               "-sigfile", tmp_path / "signature"]
    if digest:
        command = ["openssl", "dgst", digest, "-verify", tmp_path / "key", "-signature", tmp_path / "signature",
                   tmp_path / "text"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der(signature):
    """ECDSA's r and s as openssl reads them."""
    def integer(half):
        value = half.lstrip(b"\0")
        value = (b"\0" if not value or value[0] & 0x80 else b"") + value
        return bytes([2, len(value)]) + value
    body = integer(signature[:32]) + integer(signature[32:])
    return bytes([0x30, len(body)]) + body


# --- keys ---


def test_keys(client):
    made = add_key(client)
    row = one(client, KEYS, made["signingKeyId"])
    assert (row["algorithm"], row["bits"], row["state"], row["default"], row["legacy"]) == (
        "Ed25519", 256, "active", False, False)
    assert row["keyId"] == made["keyId"] and row["publicKey"] == made["publicKey"]
    assert not {"privateKey", "data", "password"} & set(row)
    public = client.get(f"{KEYS}/{row['id']}/public")
    assert public.status == 200 and public.headers["content-type"].startswith("application/x-pem-file"), public
    assert public.text == row["publicKey"]
    keys = client.get(f"{KEYS}/jwks")
    assert keys.headers["content-type"].startswith("application/jwk-set+json")
    jwk = next(key for key in json.loads(keys.text)["keys"] if key["kid"] == row["keyId"])
    assert set(jwk) == {"crv", "kty", "x", "use", "alg", "kid"}
    thumbprint = json.dumps({name: jwk[name] for name in ("crv", "kty", "x")}, separators=(",", ":"))
    assert from_base64url(row["keyId"]) == hashlib.sha256(thumbprint.encode()).digest()
    assert client.put(f"{KEYS}/{row['id']}", {"signingKey": {"name": "other", "state": "retired"}}).status == 200
    retired = one(client, KEYS, row["id"])
    assert (retired["name"], retired["state"]) == ("other", "retired") and retired["retiredAt"]
    assert row["keyId"] not in client.get(f"{KEYS}/jwks").text
    assert client.put(f"{KEYS}/{row['id']}", {"signingKey": {"state": "active"}}).status == 400
    assert client.put(f"{KEYS}/{row['id']}", {"signingKey": {"default": True}}).status == 400
    assert client.delete(f"{KEYS}/{row['id']}").status == 200
    assert one(client, KEYS, row["id"]) is None


def test_algorithms(client):
    for algorithm, bits in (("RSA", 2048), ("EC", 256), ("Ed25519", 256)):
        made = add_key(client, algorithm=algorithm, **({"bits": bits} if algorithm == "RSA" else {}))
        row = one(client, KEYS, made["signingKeyId"])
        assert (row["algorithm"], row["bits"]) == (algorithm, bits)


@pytest.mark.parametrize("members", (
    {"algorithm": "RSA", "bits": 1024}, {"algorithm": "RSA", "bits": 8192}, {"algorithm": "EC", "bits": 2048},
    {"legacy": True}, {"password": "p4ssw0rd"}, {"data": "rubbish"}, {"data": SNK, "legacy": False},
    {"data": SNK, "algorithm": "EC"}, {"algorithm": "DSA"}, {"state": "retired"}, {"unknown": 1}))
def test_refused_keys(client, members):
    answer = client.post(KEYS, {"signingKey": {"name": unique("key"), **members}})
    assert answer.status == 400, answer
    assert "p4ssw0rd" not in answer.text and SNK[:40] not in answer.text


def test_import(client, tmp_path):
    """What openssl writes; the same key a second time is a conflict."""
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                    tmp_path / "key.pem"], check=True, capture_output=True)
    subprocess.run(["openssl", "pkcs8", "-topk8", "-in", tmp_path / "key.pem", "-passout", "pass:word", "-out",
                    tmp_path / "locked.pem"], check=True, capture_output=True)
    data = (tmp_path / "locked.pem").read_text(encoding="ascii")
    for password in (None, "wrong"):
        members = {"data": data} | ({"password": password} if password else {})
        answer = client.post(KEYS, {"signingKey": {"name": "n", **members}})
        assert answer.status == 400 and "password" in answer.text, answer
    made = add_key(client, data=data, password="word")
    public = subprocess.run(["openssl", "pkey", "-in", tmp_path / "key.pem", "-pubout"], check=True, capture_output=True)
    assert made["publicKey"] == public.stdout.decode()
    again = client.post(KEYS, {"signingKey": {"name": "n", "data": (tmp_path / "key.pem").read_text(encoding="ascii")}})
    assert again.status == 409 and again.json()["code"] != 0, again


def test_private_halves_are_encrypted(installation, client):
    add_key(client)
    for (sealed,) in installation.sql("SELECT HEX(private_key) FROM signing_key"):
        assert len(sealed) > 66 and b"PRIVATE" not in bytes.fromhex(sealed)


# --- signed licenses ---


@pytest.fixture(scope="module")
def keys(client):
    return {algorithm: add_key(client, algorithm=algorithm, **({"bits": 2048} if algorithm == "RSA" else {}))
            for algorithm in ("Ed25519", "RSA", "EC")}


def signed(client, key, **members):
    license_ = add_license(client, signingKeyId=key["signingKeyId"], licenseType="Enterprise",
                           licensee={"company": "Größe & Söhne"}, product={"id": "P01"},
                           features=[{"id": "F1", "expireDate": "2031-01-01T00:00:00Z"}], **members)
    assert license_["signedById"] == key["signingKeyId"]
    assert license_["hash"] == hashlib.sha256(license_["licenseKey"].encode()).hexdigest()
    return license_["licenseKey"]


def test_xml(client, keys, tmp_path):
    for algorithm, key in keys.items():
        document = signed(client, key, format=0)
        found = re.fullmatch(r"(.*)<Signature><Algorithm (.*) /><SignatureValue>(.*)</SignatureValue></Signature>(.*)",
                             document)
        text = b"\xff\xfe" + (found[1] + found[4]).encode("utf-16-le")
        signature = base64.b64decode(found[3])
        assert found[2] == {"Ed25519": 'name="Ed25519"', "RSA": 'name="RSA" hash="SHA256"',
                            "EC": 'name="ECDSA" hash="SHA256"'}[algorithm]
        checked = der(signature) if algorithm == "EC" else signature
        digest = "" if algorithm == "Ed25519" else "-sha256"
        assert verified(key["publicKey"], checked, text, tmp_path, digest=digest), document
        assert not verified(key["publicKey"], checked, text[:-2] + b"!\0", tmp_path, digest=digest)


def test_legacy_xml(client, tmp_path):
    """SHA-1 for a key of 1024 bits, as the original's programs expect it."""
    made = add_key(client, data=SNK)
    row = one(client, KEYS, made["signingKeyId"])
    assert row["legacy"] and row["bits"] == 1024
    document = signed(client, made)
    found = re.fullmatch(r'(.*)<Signature><Algorithm name="RSA" /><SignatureValue>(.*)</SignatureValue></Signature>(.*)',
                         document)
    text = b"\xff\xfe" + (found[1] + found[3]).encode("utf-16-le")
    assert verified(made["publicKey"], base64.b64decode(found[2]), text, tmp_path, digest="-sha1")
    answer = client.post(LICENSES, {"license": {"signingKeyId": made["signingKeyId"], "format": 2}})
    assert answer.status == 400 and "legacy" in answer.text, answer
    assert client.delete(f"{KEYS}/{made['signingKeyId']}").status == 409


def test_xml_dsig(client, keys, tmp_path):
    """xmlsec1 verifies it, and nothing else."""
    assert shutil.which("xmlsec1"), "xmlsec1 is not installed"
    for algorithm in ("RSA", "EC"):
        (tmp_path / "key.pem").write_text(keys[algorithm]["publicKey"])
        document = signed(client, keys[algorithm], format=1)

        def verifies(text):
            (tmp_path / "license.xml").write_text(text, encoding="utf-8")
            return subprocess.run(["xmlsec1", "--verify", "--pubkey-pem", tmp_path / "key.pem",
                                   tmp_path / "license.xml"], capture_output=True, check=False).returncode == 0

        assert verifies(document), document
        assert not verifies(document.replace("Enterprise", "enterprise"))
        assert not verifies(document.replace("P01", "P02"))


def test_jws(client, keys, tmp_path):
    for algorithm, key in keys.items():
        document = signed(client, key, format=2, expireDate="2030-01-01T00:00:00Z", issueDate="2026-01-01T00:00:00Z")
        header, payload, signature = document.split(".")
        assert json.loads(from_base64url(header)) == {
            "alg": {"Ed25519": "EdDSA", "RSA": "RS256", "EC": "ES256"}[algorithm], "typ": "license+jwt",
            "kid": key["keyId"]}
        content = json.loads(from_base64url(payload))
        assert content["exp"] == 1893456000 and content["iat"] == 1767225600
        assert content["license"]["licensee"] == {"company": "Größe & Söhne"}
        assert content["license"]["features"] == [{"id": "F1", "expireDate": "2031-01-01T00:00:00Z"}]
        raw = from_base64url(signature)
        checked = der(raw) if algorithm == "EC" else raw
        digest = "" if algorithm == "Ed25519" else "-sha256"
        assert verified(key["publicKey"], checked, f"{header}.{payload}".encode(), tmp_path, digest=digest)


def test_jws_in_a_library(client, keys):
    """jwcrypto finds the key by its identifier in the set of all keys, and takes no changed byte. (It encodes the payload
    anew, so that bits of its last character that mean nothing are not looked at.)"""
    everybody = jwk.JWKSet.from_json(client.get(f"{KEYS}/jwks").text)

    def verifies(document, key):
        token = jws.JWS()
        try:
            token.deserialize(document)
            token.verify(everybody.get_key(key["keyId"]))
        except (jws.InvalidJWSObject, jws.InvalidJWSSignature, UnicodeDecodeError):
            return False
        return True

    def decoded(document):
        return [base64.urlsafe_b64decode(part + "==") for part in document.split(".")]

    for key in keys.values():
        document = signed(client, key, format=2)
        assert verifies(document, key), document
        assert not any(verifies(document, other) for other in keys.values() if other is not key)
    document, key = signed(client, keys["Ed25519"], format=2), keys["Ed25519"]
    for place in range(document.rindex(".")):
        changed = document[:place] + chr(ord(document[place]) ^ 1) + document[place + 1:]
        assert not verifies(changed, key) or decoded(changed) == decoded(document), place


def test_serial(client, keys, tmp_path):
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    document = signed(client, keys["Ed25519"], format=3, maxAllowedSites=7)
    groups = document.split("-")
    assert all(len(group) == 6 for group in groups)
    bits = "".join(f"{digits.index(digit):05b}" for group in groups for digit in group[:5])
    data = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits) - 7, 8))
    end = len(data) if bits[len(data) * 8:].strip("0") == "" else 0
    assert end
    for cut in range(3):  # groups are filled with zero bits
        text, signature = data[:len(data) - 64 - cut], data[len(data) - 64 - cut:len(data) - cut]
        if verified(keys["Ed25519"]["publicKey"], signature, b"serial/" + text, tmp_path, digest=""):
            assert int.from_bytes(text[10:12], "big") == 7
            return
    raise AssertionError(document)


def test_license_file(client, keys, tmp_path):
    for algorithm, key in keys.items():
        document = signed(client, key, format=4)
        lines = document.splitlines()
        assert (lines[0], lines[-1]) == ("-----BEGIN LICENSE FILE-----", "-----END LICENSE FILE-----")
        content = json.loads(base64.b64decode("".join(lines[1:-1])))
        assert content["alg"] == {"Ed25519": "base64+ed25519", "RSA": "base64+rsa-sha256",
                                  "EC": "base64+ecdsa-p256"}[algorithm]
        payload = json.loads(base64.b64decode(content["enc"]))
        assert payload["data"]["attributes"]["license"]["type"] == "Enterprise"
        assert verified(key["publicKey"], base64.b64decode(content["sig"]), f"license/{content['enc']}".encode(), tmp_path,
                        digest="" if algorithm == "Ed25519" else "-sha256")


# --- which key ---


def test_own_documents_stay(client, keys):
    key = keys["Ed25519"]["signingKeyId"]
    made = add_license(client, licenseKey="own", hash="h", signingKeyId=key)
    assert (made["licenseKey"], made["hash"], made["signedById"]) == ("own", "h", None)

    def change(**members):
        answer = client.put(LICENSES, {"license": {"id": made["id"], **members}})
        assert answer.status == 200, answer
        return one(client, LICENSES, made["id"])

    assert change(licenseType="T")["licenseKey"] == "own"
    signed_now = change(licenseKey=None)
    assert signed_now["signedById"] == key and 'type="T"' in signed_now["licenseKey"]
    # What was read and is sent back is the server's still: it follows the license.
    again = change(**signed_now | {"licenseType": "U"})
    assert 'type="U"' in again["licenseKey"] and again["signedById"] == key
    assert again["hash"] == hashlib.sha256(again["licenseKey"].encode()).hexdigest()
    same = change(meta="m", trace=True)
    assert same["licenseKey"] == again["licenseKey"]
    parts = change(features=[{"id": "F9"}], licensee={"name": "Ada"})
    assert 'Feature Id="F9"' in parts["licenseKey"] and 'name="Ada"' in parts["licenseKey"]
    more = change(licensee={"company": "ACME"})
    assert '<Licensee name="Ada" company="ACME" />' in more["licenseKey"] and 'Id="F9"' in more["licenseKey"]
    assert change(licenseKey="own again")["signedById"] is None
    # Nobody signs it any more: what was signed is no more what the license says.
    assert change(licenseKey="", licenseType="V")["signedById"] == key
    unsigned = change(signingKeyId=None)
    assert (unsigned["licenseKey"], unsigned["hash"], unsigned["signedById"]) == (None, None, None)


def test_order_of_keys(client, keys):
    names = list(keys)
    product = client.post("/v1/products", {"product": {"name": unique("p"),
                                                       "signingKeyId": keys[names[0]]["signingKeyId"]}}).json()["productId"]
    plain = {"name": unique("t"), "productId": product}
    by_product = client.post("/v1/license-templates", {"licenseTemplate": plain}).json()["templateId"]
    named = plain | {"signingKeyId": keys[names[1]]["signingKeyId"]}
    by_template = client.post("/v1/license-templates", {"licenseTemplate": named}).json()["templateId"]
    assert add_license(client, templateId=by_product)["signedById"] == keys[names[0]]["signingKeyId"]
    assert add_license(client, templateId=by_template)["signedById"] == keys[names[1]]["signingKeyId"]
    own = add_license(client, templateId=by_template, signingKeyId=keys[names[2]]["signingKeyId"])
    assert own["signedById"] == keys[names[2]]["signingKeyId"]
    assert add_license(client)["signedById"] is None
    default = add_key(client, default=True)["signingKeyId"]
    try:
        assert add_license(client)["signedById"] == default
        other = add_key(client, default=True)["signingKeyId"]
        assert not one(client, KEYS, default)["default"]
        assert add_license(client)["signedById"] == other
    finally:
        assert client.put(f"{KEYS}/{other}", {"signingKey": {"default": False}}).status == 200
    assert add_license(client)["signedById"] is None


def test_rotation(client):
    key = add_key(client, name="first")["signingKeyId"]
    made = add_license(client, signingKeyId=key)
    answer = client.post(f"{KEYS}/{key}/rotate")
    assert answer.status == 200, answer
    former = one(client, KEYS, key)
    new = one(client, KEYS, former["successorId"])
    assert (former["state"], new["state"], new["name"], new["algorithm"]) == ("retired", "active", "first", "Ed25519")
    assert add_license(client, signingKeyId=key)["signedById"] == new["id"]
    assert one(client, LICENSES, made["id"])["signedById"] == key
    client.put(LICENSES, {"license": {"id": made["id"], "licenseType": "T"}})
    assert one(client, LICENSES, made["id"])["signedById"] == new["id"]
    assert client.post(f"{KEYS}/{key}/rotate").status == 409
    assert client.post(f"{KEYS}/{new['id']}/rotate", {"name": "third", "data": SNK[:20]}).status == 400
    # Retired without a successor, it signs nothing.
    assert client.put(f"{KEYS}/{new['id']}", {"signingKey": {"state": "retired"}}).status == 200
    refused = client.post(LICENSES, {"license": {"signingKeyId": key}})
    assert refused.status == 400 and "retired" in refused.text, refused
    assert client.delete(f"{KEYS}/{key}").status == 409


def test_resources_as_keys(client):
    """What the original calls keys: a resource with a private key signs by the same way."""
    subprocess_key = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                                    check=True, capture_output=True).stdout.decode()
    resource = client.post("/v1/resources", {"resource": {"name": unique("r"), "type": "RSA", "dataFormat": "PEM",
                                                          "data": subprocess_key}}).json()["resourceId"]
    made = add_license(client, signatureKeysId=resource)
    key = one(client, KEYS, made["signedById"])
    assert (key["name"], key["algorithm"], key["legacy"]) == (f"resource {resource}", "RSA", False)
    assert add_license(client, signatureKeysId=resource)["signedById"] == key["id"]
    broken = client.post("/v1/resources", {"resource": {"name": unique("r"), "type": "RSA", "data": SNK[:100]}})
    refused = client.post(LICENSES, {"license": {"signatureKeysId": broken.json()["resourceId"]}})
    assert refused.status == 400 and "holds no key that can sign" in refused.text, refused
    changed = client.put("/v1/resources", {"resource": {"id": broken.json()["resourceId"], "data": SNK}})
    assert changed.status == 200, changed
    assert add_license(client, signatureKeysId=broken.json()["resourceId"])["signedById"]
    text = client.post("/v1/resources", {"resource": {"name": unique("r"), "type": "text", "data": "text"}})
    assert add_license(client, signatureKeysId=text.json()["resourceId"])["signedById"] is None


def test_bulk(client, keys):
    rows = [{"licenseId": unique("lic"), "signingKeyId": keys["Ed25519"]["signingKeyId"], "format": 2} for _ in range(5)]
    answer = client.post(f"{LICENSES}/bulk", rows)
    assert answer.status == 201, answer
    names = ",".join(f"%22{row['licenseId']}%22" for row in rows)
    listed = client.get(f"{LICENSES}?filter=licenseId%20in%20({names})").json()["licenses"]
    assert len(listed) == 5 and all(row["licenseKey"].count(".") == 2 for row in listed)


# --- files ---


def test_files(client, keys):
    expected = {0: ("application/xml; charset=utf-8", "licenses"), 1: ("application/xml; charset=utf-8", "xml"),
                2: ("application/jwt", "jwt"), 3: ("text/plain; charset=utf-8", "txt"),
                4: ("text/plain; charset=utf-8", "lic")}
    for number, (media, extension) in expected.items():
        made = add_license(client, format=number, signingKeyId=keys["Ed25519"]["signingKeyId"])
        path = f"{LICENSES}/{made['id']}/file"
        answer = client.get(path)
        assert (answer.status, answer.headers["content-type"], answer.text) == (200, media, made["licenseKey"]), answer
        assert f'filename="{made["licenseId"]}.{extension}"' in answer.headers["content-disposition"]
        assert client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status == 304
        encrypted = client.get(f"{path}?encrypt=true")
        if number != 4:
            assert encrypted.status == 409 and encrypted.headers.get("etag") is None, encrypted
            continue
        assert encrypted.status == 200 and encrypted.text == client.get(f"{path}?encrypt=true").text
        assert encrypted.headers["etag"] != answer.headers["etag"]
        content = json.loads(base64.b64decode("".join(encrypted.text.splitlines()[1:-1])))
        assert content["alg"] == "aes-256-gcm+ed25519"
        assert len(base64.b64decode(content["enc"].split(".")[0])) == len(base64.b64decode(json.loads(
            base64.b64decode("".join(answer.text.splitlines()[1:-1])))["enc"]))


def test_names_of_files(client, keys):
    template = client.post("/v1/license-templates", {"licenseTemplate": {
        "name": unique("t"), "licenseFileName": "größe.xml"}}).json()["templateId"]
    made = add_license(client, templateId=template, signingKeyId=keys["Ed25519"]["signingKeyId"])
    header = client.get(f"{LICENSES}/{made['id']}/file").headers["content-disposition"]
    assert header.endswith("filename*=UTF-8''gr%C3%B6%C3%9Fe.xml") and header.startswith("attachment; filename="), header
    unsigned = add_license(client)
    answer = client.get(f"{LICENSES}/{unsigned['id']}/file")
    assert answer.status == 404 and "no document" in answer.text, answer
    own = add_license(client, licenseKey="<own/>")
    answer = client.get(f"{LICENSES}/{own['id']}/file")
    assert answer.text == "<own/>" and f'{own["licenseId"]}.licenses' in answer.headers["content-disposition"]
    assert client.get(f"{LICENSES}/{own['id']}/file?encrypt=true").status == 409
    assert client.get(f"{LICENSES}/2147483647/file").status == 404


# --- commands ---


def test_commands(installation, client, tmp_path):
    made = json.loads(installation.cli("signing-key", "create", "by command", "--json"))
    assert made["algorithm"] == "Ed25519" and "privateKey" not in made
    assert installation.cli("signing-key", "public", str(made["id"])) == made["publicKey"]
    keys = json.loads(installation.cli("signing-key", "public"))["keys"]
    assert made["keyId"] in {key["kid"] for key in keys}
    assert add_license(client, signingKeyId=made["id"])["signedById"] == made["id"]
    new = json.loads(installation.cli("signing-key", "rotate", str(made["id"]), "--json"))
    assert (one(client, KEYS, made["id"])["successorId"], new["name"]) == (new["id"], "by command")
    assert add_license(client, signingKeyId=made["id"])["signedById"] == new["id"]
    again = installation.cli("signing-key", "rotate", str(made["id"]), check=False)
    assert again.returncode == 1 and "retired" in again.stderr, again
    installation.cli("signing-key", "retire", str(new["id"]))
    subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "pass:word", "-out",
                    tmp_path / "key.pem"], check=True, capture_output=True)
    locked = installation.cli("signing-key", "import", str(tmp_path / "key.pem"), check=False)
    assert locked.returncode == 1 and "password" in locked.stderr, locked
    imported = subprocess.run([installation.build / "clientele", installation.configuration(), "signing-key", "import",
                               tmp_path / "key.pem", "--name", "locked", "--password-stdin", "--json"], text=True,
                              input="word\n", capture_output=True, check=True, env=installation.environment())
    public = subprocess.run(["openssl", "pkey", "-in", tmp_path / "key.pem", "-passin", "pass:word", "-pubout"],
                            check=True, capture_output=True).stdout.decode()
    assert json.loads(imported.stdout)["publicKey"] == public
    assert "locked" in installation.cli("signing-key", "list")
    missing = installation.cli("signing-key", "import", str(tmp_path / "none"), check=False)
    assert missing.returncode == 1 and "cannot be read" in missing.stderr, missing


def test_a_license_by_a_command_is_no_other(installation, client, keys):
    """Whoever stores a license, the rules sign it: a role that may issue licenses need not read keys."""
    key = installation.create_key(installation.create_user(unique("sales"), "Sales"))
    seller = installation.client(key)
    answer = seller.post(LICENSES, {"license": {"signingKeyId": keys["EC"]["signingKeyId"], "format": 2}})
    assert answer.status == 200 and answer.json()["licenseKey"].count(".") == 2, answer
    assert seller.get(f"{KEYS}/jwks").status == 200
    assert seller.post(KEYS, {"signingKey": {"name": "n"}}).status == 403


def test_signing_costs_no_statement(client, keys):
    """What is known of keys is not read again for each license."""
    def count(**members):
        answer = client.post(LICENSES, {"license": {"licenseId": unique("lic"), **members}})
        assert answer.status == 200, answer
        return answer.log()["queries"]

    count(signingKeyId=keys["EC"]["signingKeyId"])
    assert count(signingKeyId=keys["EC"]["signingKeyId"]) == count()
