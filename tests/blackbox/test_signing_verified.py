"""Licenses that the service signs, verified as a program of the vendor does: offline, with the public key that was asked for."""

import json
import subprocess

import pytest

from harness.families import unique

LICENSES = "/v1/licenses"
SIGNING_KEYS = "/v1/signing-keys"
KEYS = {
    "Ed25519": ({}, range(5)),
    "EC": ({"algorithm": "EC"}, (0, 1, 2, 4)),
    "RSA": ({"algorithm": "RSA", "bits": 2048}, (0, 1, 2, 4)),
    "legacy": ({"legacy": True}, (0, 1)),  # of 1024 bits, made by openssl
}
FORMATS = {0: "xml", 1: "xml-dsig", 2: "jws", 3: "serial", 4: "license-file"}
CASES = [(name, number) for name, (_, numbers) in KEYS.items() for number in numbers]


@pytest.fixture(scope="module")
def client(installation):
    return installation.client(installation.admin_key)


@pytest.fixture(scope="module")
def keys(client):
    """Number and public half of a key of each kind."""
    made = {}
    old = subprocess.run(["openssl", "genrsa", "1024"], check=True, capture_output=True, text=True).stdout
    for name, (members, _) in KEYS.items():
        members = {**members, "data": old} if name == "legacy" else members
        answer = client.post(SIGNING_KEYS, {"signingKey": {"name": unique("key"), **members}})
        assert answer.status == 200, answer
        number = answer.json()["signingKeyId"]
        made[name] = (number, client.get(f"{SIGNING_KEYS}/{number}/public").text)
    return made


def add_license(client, number, **members):
    product = {"id": "P01", "name": "ACME Ünïcode & <more>", "version": "[1.0-2.0]"}
    answer = client.post(LICENSES, {"license": {
        "licenseId": unique("L"), "licenseType": "Full", "signingKeyId": number, "product": product, "maxAllowedSites": 3,
        "features": [{"name": "export"}], **members}})
    assert answer.status == 200, answer
    return row_of(client, answer.json()["licenseId"])


def row_of(client, number):
    return client.get(f"{LICENSES}?filter=id%20%3D%20{number}").json()["licenses"][0]


def verify(installation, folder, document, public, *more):
    """What the command says of a document, and its status."""
    (folder / "document").write_bytes(document if isinstance(document, bytes) else document.encode())
    (folder / "public").write_text(public)
    result = subprocess.run([str(installation.build / "clientele"), "license", "verify", str(folder / "document"), "--key",
                             str(folder / "public"), "--json", *more], capture_output=True, text=True, timeout=60, check=False,
                            env={"PATH": "/usr/bin:/bin"})
    return result.returncode, json.loads(result.stdout)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_each_key_and_format(installation, client, keys, tmp_path, name, number):
    key, public = keys[name]
    row = add_license(client, key, format=number)
    legacy = ["--legacy"] if name == "legacy" else []
    status, said = verify(installation, tmp_path, row["licenseKey"], public, *legacy, "--product", "P01")
    assert (status, said["result"], said["format"], said["id"]) == (0, "VALID", FORMATS[number], row["licenseId"]), said
    assert said["maxAllowedSites"] == 3
    if number != 3:
        assert said["type"] == "Full" and said["product"]["name"] == "ACME Ünïcode & <more>"
        assert [one["name"] for one in said["features"]] == ["export"]
    # As a file, and with the set of all keys, in which the old one is there for those who take it.
    file = client.get(f"{LICENSES}/{row['id']}/file")
    assert file.status == 200, file
    jwks = client.get(f"{SIGNING_KEYS}/jwks").text
    status, said = verify(installation, tmp_path, file.text, jwks, *legacy)
    assert (status, said["result"]) == (0, "VALID"), said
    # The key of another vendor.
    other = keys["EC" if name != "EC" else "Ed25519"][1]
    status, said = verify(installation, tmp_path, row["licenseKey"], other, *legacy)
    assert status == 1 and said["result"] in ("SIGNATURE_INVALID", "KEY_UNKNOWN", "ALGORITHM_REFUSED"), said
    assert said["id"] is None


def test_encrypted_file(installation, client, keys, tmp_path):
    number, public = keys["Ed25519"]
    row = add_license(client, number, format=4)
    file = client.get(f"{LICENSES}/{row['id']}/file?encrypt=true")
    assert file.status == 200, file
    assert verify(installation, tmp_path, file.text, public)[1]["result"] == "SECRET_REQUIRED"
    secret = tmp_path / "secret"
    for text, result in (("wrong", "DECRYPTION_FAILED"), (row["userKey"], "VALID")):
        secret.write_text(text + "\n")
        said = verify(installation, tmp_path, file.text, public, "--secret-file", str(secret))[1]
        assert said["result"] == result and said["id"] == (row["licenseId"] if result == "VALID" else None)


def test_changes_are_signed(installation, client, keys, tmp_path):
    """What the license says changes with its row; the document of before is still what it was."""
    number, public = keys["EC"]
    row = add_license(client, number, format=2, issueDate="2020-01-01T00:00:00Z")
    assert verify(installation, tmp_path, row["licenseKey"], public)[1]["result"] == "VALID"
    answer = client.put(LICENSES, {"license": {"id": row["id"], "expireDate": "2021-01-01T00:00:00Z", "restrictions": [
        {"name": "Hardware", "properties": {"hardwareKey": "M1"}}]}})
    assert answer.status == 200, answer
    changed = row_of(client, row["id"])["licenseKey"]
    assert verify(installation, tmp_path, changed, public)[1]["result"] == "EXPIRED"
    at = ["--at", "2020-06-01"]
    assert verify(installation, tmp_path, changed, public, *at)[1]["result"] == "MACHINE_REQUIRED"
    assert verify(installation, tmp_path, changed, public, *at, "--machine", "M2")[1]["result"] == "MACHINE_MISMATCH"
    assert verify(installation, tmp_path, changed, public, *at, "--machine", "M1")[1]["result"] == "VALID"
    assert verify(installation, tmp_path, row["licenseKey"], public)[1]["result"] == "VALID"
