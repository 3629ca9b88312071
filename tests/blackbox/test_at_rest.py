"""Secrets at rest: encrypted in the database, answered to nobody, under keys that can be replaced."""

import base64
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.parse

import pytest

from harness.families import unique
from harness.installation import TOP, Installation

ROLES = ("Administrator", "LicenseManager", "Sales", "Customer", "Application", "HostingManager", "DelegateManager")
MASK = "********"
SNK = base64.b64encode(bytes.fromhex("0702000000240000") + b"RSA2" + bytes(range(200))).decode()


@pytest.fixture(scope="module")
def running():
    with Installation(workers=2) as one:
        yield one


@pytest.fixture
def admin(running):
    return running.client(running.admin_key)


def make(client, **members):
    answer = client.post("/v1/resources", {"resource": {"name": unique("resource"), **members}})
    assert answer.status == 200, answer
    return answer.json()["resourceId"]


def read(client, key):
    rows = client.get(f"/v1/resources?filter=id={key}").json()["resources"]
    assert len(rows) == 1
    return rows[0]


def stored(running, key):
    return running.sql(f"SELECT password, data, HEX(sealed_password), HEX(private_data) FROM resource WHERE id = {key}")[0]


def dump(running):
    result = subprocess.run(["mariadb-dump", "--no-defaults", "-uroot", "-S", running.database_socket,
                             "--skip-extended-insert", "clientele"], capture_output=True, check=True, timeout=60)
    return result.stdout.decode("utf-8", "replace")


# --- what is stored ---

def test_neither_in_the_database_nor_in_an_answer(running, admin):
    password, data = unique("a password of a resource"), unique("private content")
    key = make(admin, type="RSA", dataFormat="PEM", password=password, data=data)
    assert read(admin, key)["password"] == read(admin, key)["data"] == MASK
    clear, content, sealed_password, private = stored(running, key)
    assert (clear, content) == ("NULL", "NULL")
    active, = running.sql("SELECT id FROM secret_key WHERE active = 1")
    for sealed, text in ((sealed_password, password), (private, data)):
        assert sealed.lower().startswith("01" + active[0]) and len(sealed) == 2 * (len(text.encode()) + 33)
    text = dump(running)
    assert password not in text and data not in text and base64.b64encode(data.encode()).decode() not in text


@pytest.mark.parametrize("members", [
    {"type": "rsa", "data": "x"},
    {"dataFormat": "snk", "data": "x"},
    {"type": "Signature keys", "data": "x"},
    {"type": "file", "data": SNK},
    {"type": "email", "data": "-----BEGIN EC PRIVATE KEY-----\nx"},
    {"data": base64.b64encode(b"-----BEGIN ENCRYPTED PRIVATE KEY-----").decode()},
    {"type": "text", "dataFormat": "xml", "data": "<RSAKeyValue><D>x</D></RSAKeyValue>"},
], ids=str)
def test_keys_are_known(running, admin, members):
    key = make(admin, **members)
    assert read(admin, key)["data"] == MASK
    assert stored(running, key)[1] == "NULL" != stored(running, key)[3]


@pytest.fixture(scope="module")
def encodings(tmp_path_factory):
    """Private keys as programs write them, in DER; one public key for comparison."""
    folder = tmp_path_factory.mktemp("keys")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30, cwd=folder)

    openssl("genpkey", "-algorithm", "ED25519", "-outform", "DER", "-out", "pkcs8")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ec.pem")
    openssl("ec", "-in", "ec.pem", "-outform", "DER", "-out", "sec1")
    openssl("pkcs8", "-topk8", "-in", "ec.pem", "-outform", "DER", "-passout", "pass:x", "-out", "encrypted")
    openssl("pkcs12", "-export", "-nocerts", "-inkey", "ec.pem", "-passout", "pass:x", "-out", "pkcs12")
    openssl("ec", "-in", "ec.pem", "-pubout", "-outform", "DER", "-out", "public")
    return folder


@pytest.mark.parametrize("form", ["pkcs8", "sec1", "encrypted", "pkcs12", "public"])
def test_encoded_keys_are_known(admin, encodings, form):
    data = base64.b64encode((encodings / form).read_bytes()).decode()
    assert read(admin, make(admin, type="file", data=data))["data"] == (data if form == "public" else MASK)


def test_what_is_no_key_is_answered(running, admin):
    key = make(admin, type="email", dataFormat="html", data="<p>Hello</p>")
    assert read(admin, key)["data"] == "<p>Hello</p>" == stored(running, key)[1]


def test_changes(running, admin):
    def change(**members):
        answer = admin.put("/v1/resources", {"resource": {"id": key, **members}})
        assert answer.status == 200, answer
        return stored(running, key)

    key = make(admin, type="RSA", password="one", data="first")
    tag = admin.get(f"/v1/resources?filter=id={key}").json()["resources"][0]["updatedAt"]
    first = stored(running, key)
    # What was read, sent back, and what is not sent, stays.
    assert change(**{**read(admin, key), "source": "a file"}) == first
    assert change(description="new") == first
    # A new text, a null, and nothing else moves.
    second = change(password="two")
    assert second[2] != first[2] and second[3] == first[3]
    assert read(admin, key)["updatedAt"] > tag, "a new password alone is a change"
    assert change(password=None)[2] == "NULL" and read(admin, key)["password"] is None
    assert change(data="second")[3] != first[3] and read(admin, key)["data"] == MASK
    # Another name does not bring to light what was private.
    change(type="email", dataFormat="html")
    assert read(admin, key)["data"] == MASK
    refused = admin.post("/v1/email/license", {"licenseId": 1, "resourceId": key})
    assert refused.status == 400
    # Only new content is judged anew, by the stored names where none are sent.
    change(data="<p>open</p>")
    assert read(admin, key)["data"] == "<p>open</p>" and stored(running, key)[3] == "NULL"
    change(type="RSA")
    assert read(admin, key)["data"] == MASK, "what has become a key is answered no more"
    running.cli("expire")
    assert stored(running, key)[1] == "NULL" != stored(running, key)[3], "and is sealed soon"
    assert change(data=None)[1:] == ["NULL", "NULL", "NULL"]


@pytest.mark.parametrize("query", [
    'filter=password="{}"', 'filter=data.Contains("{}")', 'filter=privateData="{}"', "sort=password", "sort=data",
    "select=privateData", "select=publicData", 'filter=publicData="{}"', 'filter=sealed_password="{}"',
])
def test_no_oracle(admin, query):
    text = query.format("x") if "{}" in query else query
    name, _, value = text.partition("=")
    answer = admin.get(f"/v1/resources?{name}={urllib.parse.quote(value)}")
    assert answer.status == 400, answer


def test_a_product_brings_no_secret(admin):
    secret = unique("a password of a resource")
    key = make(admin, type="RSA", password=secret, data=unique("private content"))
    assert admin.post("/v1/products", {"product": {"name": unique("p"), "signatureKeysId": key}}).status == 200
    rows = admin.get("/v1/products?include=*&sort=id%20desc&take=1").json()["products"]
    assert rows[0]["signatureKeys"]["password"] == rows[0]["signatureKeys"]["data"] == MASK


def test_no_answer_holds_one(running, admin):
    """Every readable path of the document, by every role, in JSON and in XML."""
    words = [unique("canary of a password"), unique("canary of a key")]
    key = make(admin, type="RSA", code=unique("code"), password=words[0], data=words[1])
    admin.put("/v1/resources", {"resource": {"id": key, "password": words[0], "data": words[1]}})
    assert admin.post("/v1/products", {"product": {"name": unique("p"), "signatureKeysId": key}}).status == 200
    document = json.loads((TOP / "docs/openapi.json").read_text())
    paths = [path for path, methods in document["paths"].items() if "get" in methods]
    assert len(paths) > 40
    asked = 0
    for role in ROLES:
        running.create_user(unique(role), role)
        user = running.sql("SELECT user_name FROM user ORDER BY created_at DESC LIMIT 1")[0][0]
        client = running.client(running.create_key(user))
        for path in paths:
            place = re.sub(r"\{[^}]*\}", str(key), path)
            for target in (place, place + "?include=*"):
                for media in ("application/json", "application/xml"):
                    body = client.get(target, headers={"Accept": media}, check=False).body
                    assert not any(word.encode() in body for word in words), (role, target, media)
                    asked += 1
    assert asked > 1000
    log = (running.state / "log").glob("*")
    assert not any(word in path.read_text(errors="replace") for path in log for word in words)
    running.secrets.known.update(words)


# --- keys ---

def keys_of(running):
    return [line for line in (running.state / "clientele.key").read_text().splitlines() if not line.startswith("#")]


def test_key_file(running):
    path = running.state / "clientele.key"
    assert path.stat().st_mode & 0o7777 == 0o600
    assert len(keys_of(running)) == 1
    running.secrets.known.discard(keys_of(running)[0])
    status = running.cli("secret", "status", "--verify", check=False)
    assert status.returncode == 0, status.stderr
    assert keys_of(running)[0] not in status.stdout + status.stderr


def test_rotation_while_the_pool_serves(running, admin):
    ids = [make(admin, type="RSA", password=unique("kept"), data=unique("kept")) for _ in range(20)]
    before, key = {one: stored(running, one) for one in ids}, keys_of(running)
    running.cli("secret", "rotate")
    assert len(keys_of(running)) == 1 and keys_of(running) != key
    assert all(stored(running, one)[2][2:10] != before[one][2][2:10] for one in ids)
    assert running.sql("SELECT COUNT(*) FROM secret_key") == [["1"]]
    assert (running.state / "clientele.key").stat().st_mode & 0o7777 == 0o600
    # No reload was needed: the workers have found the new key by themselves.
    after = make(admin, type="RSA", password="new")
    active = running.sql("SELECT id FROM secret_key")[0][0]
    assert running.sql("SELECT action, row_key FROM audit_entry WHERE resource = 'encryption key' ORDER BY id DESC LIMIT 1") == [
        ["update", active]]
    assert stored(running, after)[2][2:10].lower() == active
    rows = json.loads(running.cli("secret", "status", "--verify", "--json"))
    assert {row["key"] for row in rows} == {active} and {row["state"] for row in rows} == {"active"}


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_rotation_by_root_leaves_the_file_to_its_user(running):
    """Where no option names the user of the pool, its file does."""
    path = running.state / "clientele.key"
    before = path.stat()
    try:
        os.chown(path, 65534, 65534)
        running.cli("secret", "rotate")
        after = path.stat()
        assert (after.st_uid, after.st_gid, after.st_mode) == (65534, 65534, before.st_mode)
    finally:
        os.chown(path, before.st_uid, before.st_gid)


def test_rotation_that_is_killed(running, admin):
    """At any moment: both keys stay, nothing is lost, and the next run finishes it."""
    for _ in range(60):
        make(admin, type="RSA", password=unique("kept"), data=unique("kept"))
    killed, began = 0, time.monotonic()
    running.cli("secret", "rotate")
    whole = time.monotonic() - began
    for part in (0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        program = subprocess.Popen([str(running.build / "clientele"), running.configuration(), "secret", "rotate"],
                                   env=running.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(part * whole)
        program.send_signal(signal.SIGKILL)
        killed += program.wait() == -signal.SIGKILL
        assert running.cli("secret", "status", "--verify", check=False).returncode == 0
        make(admin, type="RSA", password="stored meanwhile")
    assert killed > 2
    while len(keys_of(running)) > 1:
        running.cli("secret", "rotate")
    assert running.cli("secret", "status", "--verify", check=False).returncode == 0
    assert len(running.sql("SELECT DISTINCT LEFT(HEX(sealed_password), 10) FROM resource WHERE sealed_password IS NOT "
                           "NULL")) == 1


def test_staged_key(running, admin):
    running.cli("secret", "rotate", "--stage")
    both, active = keys_of(running), running.sql("SELECT id FROM secret_key WHERE active = 1")
    assert len(both) == 2
    key = make(admin, type="RSA", password="under the former")
    assert stored(running, key)[2][2:10].lower() == active[0][0]
    running.cli("secret", "rotate")
    assert keys_of(running) == both[:1]
    assert stored(running, key)[2][2:10].lower() != active[0][0]


def test_two_rotations_at_once(running):
    folder = os.open(running.state, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        refused = running.cli("secret", "rotate", check=False)
    finally:
        os.close(folder)
    assert refused.returncode == 1 and "another rotation is in progress" in refused.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="another user is needed")
def test_who_may_not_read_the_key(running):
    """Does whatever needs none, and is told."""
    result = subprocess.run([running.program_for_anybody(), running.configuration(), "config", "check"], user="nobody",
                            env=running.environment(), capture_output=True, text=True, timeout=20, check=False)
    assert result.returncode == 0 and "clientele.key cannot be read by this user" in result.stderr, result


def test_sealed_option(running, tmp_path):
    """A secret in the configuration, sealed under the key file; a rotation says how it should stand then."""
    def seal(option):
        result = subprocess.run([str(running.build / "clientele"), running.configuration(), "secret", "seal", option,
                                 "--value-stdin"], input="password of the mail server\n", capture_output=True, text=True,
                                env=running.environment(), timeout=20, check=False)
        return result.returncode, result.stdout.strip()

    assert seal("workers")[0] == 1 and seal("nothing")[0] == 1
    status, sealed = seal("mail_password")
    assert status == 0 and re.fullmatch(r"\{sealed\}[A-Za-z0-9+/=]{80,}", sealed) and "mail server" not in sealed
    path = tmp_path / "password"
    path.write_text(sealed + "\n")
    options = ("--mail-user=registry", f"--mail-password-file={path}")
    assert "********" in running.cli(*options, "config", "show", "mail_password")
    wrong = running.cli(f"--database-password={sealed}", "config", "check", check=False)
    assert wrong.returncode == 1 and "cannot be decrypted" in wrong.stderr
    result = running.cli(*options, "secret", "rotate", check=False)
    assert result.returncode == 0 and len(keys_of(running)) == 2
    name, _, value = result.stdout.strip().partition(" = ")
    assert name == "mail_password" and value != sealed
    running.cli(*options, "config", "check")
    path.write_text(value + "\n")
    running.cli(*options, "secret", "rotate")
    assert len(keys_of(running)) == 1
    running.cli(*options, "config", "check")


@pytest.fixture
def stopped(running):
    """The key file as it was comes back, and the pool."""
    path = running.state / "clientele.key"
    shutil.copy2(path, path.with_suffix(".kept"))
    running.stop_pool()
    yield running
    running.stop_pool()
    shutil.move(path.with_suffix(".kept"), path)
    running.start_pool()
    running.wait_ready()


def start(running):
    result = subprocess.run([str(running.build / "clienteled"), running.configuration()], env=running.environment(),
                            capture_output=True, text=True, timeout=20, check=False)
    return result.returncode, result.stdout + result.stderr


def test_no_start_without_a_key(stopped):
    path = stopped.state / "clientele.key"
    path.chmod(0o644)
    for arguments in ([], ["--check"]):
        result = subprocess.run([str(stopped.build / "clienteled"), stopped.configuration(), *arguments],
                                env=stopped.environment(), capture_output=True, text=True, timeout=20, check=False)
        assert result.returncode == 1 and "other users can read or change it" in result.stderr
    path.unlink()
    status, said = start(stopped)
    assert status == 1 and "clientele.key is missing; create it with: clientele --config=" in said
    refused = stopped.cli("migrate", "--dir", TOP / "sql", check=False)
    assert refused.returncode == 1 and "copy the file" in refused.stderr and not path.exists()


def test_wrong_key(stopped):
    """It is found at once, by everybody; the right file mends it without a restart."""
    path = stopped.state / "clientele.key"
    right = path.read_text()
    active = stopped.sql("SELECT id FROM secret_key WHERE active = 1")[0][0]
    path.write_text("ab" * 32 + "\n")
    stopped.start_pool()
    client = stopped.client(stopped.admin_key)
    answer = client.get("/v1/resources")
    assert answer.status == 503, answer
    ready = client.get("/readyz")
    assert ready.status == 503 and ready.json()["reason"].startswith("The key file does not match the database")
    assert f"with key {active}" in stopped.pool_errors() and right.split()[-1] not in stopped.pool_errors()
    assert stopped.cli("secret", "status", check=False).returncode == 1
    refused = stopped.cli("secret", "rotate", check=False)
    assert refused.returncode == 1 and active in refused.stderr
    path.write_text(right)
    assert client.get("/v1/resources").status == 200


# --- rows from before ---

OLD = "before_keys"


def test_rows_of_the_schema_before(running, tmp_path):
    """Stored in clear by the release before, sealed by the migration, whatever interrupts it."""
    running.sql(f"DROP DATABASE IF EXISTS {OLD}; CREATE DATABASE {OLD} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
                None)
    for path in sorted((TOP / "sql").glob("00[1-5]_*.sql")):
        shutil.copy(path, tmp_path)
    option = f"--database-name={OLD}"
    running.cli(option, "setup-db", "--dir", tmp_path, check=False)
    rows = 40
    running.sql("INSERT INTO resource (name, type, password, data) VALUES " + ",".join(
        f"('r{i}', 'RSA', 'clear password {i} \u00fc', 'clear key {i}')" for i in range(rows)), OLD)
    running.sql("INSERT INTO resource (name, type, data_format, data) VALUES ('m', 'email', 'html', '<p>Hello</p>')", OLD)
    for pause in (0.02, 0.05, 0.1):
        program = subprocess.Popen([str(running.build / "clientele"), running.configuration(), option, "migrate", "--dir",
                                    str(TOP / "sql")], env=running.environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(pause)
        program.send_signal(signal.SIGKILL)
        program.wait()
    running.cli(option, "migrate", "--dir", TOP / "sql")
    assert running.sql("SELECT COUNT(*), COUNT(password), COUNT(data), COUNT(sealed_password), COUNT(private_data) FROM "
                       "resource", OLD) == [[str(rows + 1), "0", "1", str(rows), str(rows)]]
    status = json.loads(running.cli(option, "secret", "status", "--verify", "--json"))
    assert sorted((row["place"], row["state"], row["values"]) for row in status) == [
        ("resource.private_data", "active", rows), ("resource.sealed_password", "active", rows)]
    # The older program goes on meanwhile; what it stores is sealed by the timer's command.
    running.sql("UPDATE resource SET password = 'clear password of the older program' WHERE name = 'r3'", OLD)
    assert running.cli(option, "secret", "status", "--verify", check=False).returncode == 1
    running.cli(option, "expire")
    assert running.sql("SELECT COUNT(password) FROM resource", OLD) == [["0"]]
    running.cli(option, "secret", "status", "--verify")
    running.sql(f"DROP DATABASE {OLD}", None)


# --- lost keys ---

def test_forget(running, admin):
    key = make(admin, type="RSA", password="lost soon", data="lost soon")
    kept = make(admin, type="RSA", password="kept")
    running.sql(f"UPDATE resource SET sealed_password = INSERT(sealed_password, 2, 4, UNHEX('01020304')) WHERE id = {key}")
    shown = running.cli("secret", "status", check=False)
    assert shown.returncode == 1 and "01020304" in shown.stdout and "key missing" in shown.stdout
    refused = running.cli("secret", "forget", check=False)
    assert refused.returncode == 1 and "--yes" in refused.stderr
    assert "Deleted 1 values of resource.sealed_password" in running.cli("secret", "forget", "--yes", check=False).stderr
    logged = running.sql("SELECT area, row_count, JSON_VALUE(detail, '$.encryptionKey') IS NULL FROM audit_entry "
                         "WHERE resource LIKE 'password of %'")
    assert logged == [["resources", "1", "0"]]
    assert read(admin, key)["password"] is None and read(admin, key)["data"] == MASK
    assert read(admin, kept)["password"] == MASK
    running.cli("secret", "status", "--verify")


def test_restore_without_the_key(running, admin, stopped, tmp_path):
    """On a machine with another key: what is lost, and how to go on, with the key or without it."""
    running.start_pool()
    running.wait_ready()
    key = make(admin, type="RSA", password="backed up")
    path = running.cli("backup", "--with-secrets", tmp_path).strip()
    running.stop_pool()
    file = running.state / "clientele.key"
    file.write_text("cd" * 32 + "\n")
    said = running.cli("restore", "--replace", "--discard", "--dir", TOP / "sql", path, check=False)
    assert said.returncode == 0 and "secret_key_file" in said.stderr and "secret forget" in said.stderr
    file.write_bytes((tmp_path / path / "secret_key_file").read_bytes())
    running.start_pool()
    running.wait_ready()
    assert read(admin, key)["password"] == MASK
    running.cli("secret", "status", "--verify")
    running.stop_pool()
    file.write_text("cd" * 32 + "\n")
    running.cli("secret", "forget", "--yes")
    running.start_pool()
    running.wait_ready()
    assert read(admin, key)["password"] is None
    make(admin, type="RSA", password="under the new key")
    running.cli("secret", "status", "--verify")
    # A backup that holds no secret needs no key.
    running.sql("UPDATE resource SET sealed_password = NULL, private_data = NULL")
    path = running.cli("backup", tmp_path).strip()
    running.stop_pool()
    file.write_text("ef" * 32 + "\n")
    said = running.cli("restore", "--replace", "--discard", "--dir", TOP / "sql", path, check=False)
    assert said.returncode == 0 and "forget" not in said.stderr
    running.start_pool()
    running.wait_ready()
    shutil.copy2(file, file.with_suffix(".kept"))


def test_doctor(running, admin, tmp_path):
    def findings(*options):
        rows = json.loads(running.cli(*options, "doctor", "--json", check=False).stdout)
        return [row for row in rows if row["state"] != "ok"], [row["finding"] for row in rows]

    make(admin, type="RSA", password="sealed")
    assert "its secrets are encrypted" in findings()[1]
    running.sql("UPDATE resource SET password = 'in clear' LIMIT 1")
    assert any("are stored in clear text" in row["finding"] and row["remedy"] == "clientele migrate" for row in findings()[0])
    running.cli("migrate", "--dir", TOP / "sql")
    assert not any("in clear text" in row["finding"] for row in findings()[0])
    for name, besides in (("hosting-hawk-secret-file", []), ("database-password-file", ["--database-password="]),
                          ("mail-password-file", ["--mail-user=registry"])):
        path = tmp_path / name
        path.write_text("secret")
        path.chmod(0o604)
        assert any(str(path) in row["finding"] and "o-rwx" in row["remedy"] for row in
                   findings(f"--{name}={path}", *besides)[0]), name
    missing = tmp_path / "nowhere.key"
    assert any(str(missing) in row["finding"] and "secret init" in row["remedy"] for row in
               findings(f"--secret-key-file={missing}")[0])


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another user")
def test_a_file_that_may_not_be_read_is_not_missing(running):
    result = subprocess.run([running.program_for_anybody(), running.configuration(), "migrate", "--dir", TOP / "sql"],
                            user="nobody", env=running.environment(), capture_output=True, text=True, timeout=20,
                            check=False)
    assert result.returncode == 1 and "clientele.key cannot be used: Permission denied" in result.stderr, result
