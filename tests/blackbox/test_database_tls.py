"""TLS to the database: encrypted and checked, or not connected at all."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from harness.installation import TOP, Installation, free_port

# An address of loopback that the program does not take for local: it is written as no address is.
REMOTE = "127.1"
USER, PASSWORD = "abroad", "a password that crosses the wire"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


def make_authority(folder, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")
    return folder / f"{name}.pem"


def make_certificate(folder, authority, name, subject):
    """A certificate for the host `subject`, and its key."""
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName = DNS:{subject}\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={subject}",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr")
    openssl("x509", "-req", "-in", folder / f"{name}.csr", "-CA", folder / f"{authority}.pem", "-CAkey",
            folder / f"{authority}.key", "-CAcreateserial", "-days", "2", "-extfile", extensions,
            "-out", folder / f"{name}.pem")
    (folder / f"{name}.key").chmod(0o644)  # for the server's user; the folder is the test's
    return folder / f"{name}.pem", folder / f"{name}.key"


class Server:
    """An installation whose server listens at a port, too."""

    def __init__(self, *options):
        self.port = free_port()
        words = ["--skip-networking=0", f"--port={self.port}", "--bind-address=127.0.0.1", *options]
        before = os.environ.get("CLIENTELE_TEST_OPTIONS")
        os.environ["CLIENTELE_TEST_OPTIONS"] = " ".join(words)
        try:
            self.running = Installation().start()
        finally:
            os.environ.pop("CLIENTELE_TEST_OPTIONS")
            if before is not None:
                os.environ["CLIENTELE_TEST_OPTIONS"] = before
        self.running.sql(f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; "
                         f"GRANT ALL ON clientele.* TO {USER}@'127.0.0.1'", database=None)

    def run(self, *arguments, host=REMOTE, **options):
        given = {"database_hosts": f"{host}:{self.port}", "database_user": USER, "database_password": PASSWORD,
                 "migrate_user": "", "migrate_password": ""}
        environment = self.running.environment() | {
            f"CLIENTELE_{name.upper()}": str(value) for name, value in (given | options).items()}
        return subprocess.run([self.running.build / "clientele", self.running.configuration(), *map(str, arguments)],
                              capture_output=True, text=True, env=environment, cwd=TOP, timeout=60)


@pytest.fixture(scope="module")
def folder():
    """For the server's user, too, who may not look into pytest's own folders."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="clientele-tls-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def authority(folder):
    make_authority(folder, "stranger")
    return make_authority(folder, "authority")


@pytest.fixture(scope="module")
def encrypted(folder, authority):
    certificate, key = make_certificate(folder, "authority", "server", REMOTE)
    server = Server(f"--ssl-ca={authority}", f"--ssl-cert={certificate}", f"--ssl-key={key}")
    yield server
    server.running.finish()


@pytest.fixture(scope="module")
def plain():
    server = Server()
    yield server
    server.running.finish()


def test_another_host_is_encrypted_by_default(encrypted, authority):
    result = encrypted.run("doctor", database_tls_ca=authority)
    assert f"the connection to {REMOTE} is encrypted (TLS_" in result.stdout, result.stdout
    assert "its certificate is verified" in result.stdout
    assert encrypted.run("user", "list", database_tls_ca=authority).returncode == 0


def test_serving_migrating_and_tools(encrypted, authority, tmp_path):
    """All that connects does it so: the server lets the user in in no other way."""
    running = encrypted.running
    running.sql(f"ALTER USER {USER}@'127.0.0.1' REQUIRE SSL", database=None)
    try:
        assert encrypted.run("migrate", "--dir", TOP / "sql", database_tls_ca=authority).returncode == 0
        result = encrypted.run("backup", tmp_path, database_tls_ca=authority)
        assert result.returncode == 0, result.stderr
        [made] = [path for path in tmp_path.iterdir() if path.is_dir()]
        running.stop_pool()
        result = encrypted.run("restore", "--replace", made, database_tls_ca=authority)
        assert result.returncode == 0, result.stderr
        running.options.update(database_hosts=f"{REMOTE}:{encrypted.port}", database_user=USER,
                               database_password=PASSWORD, migrate_user="", migrate_password="",
                               database_tls_ca=authority)
        running.start_pool()
        running.wait_ready()
        assert running.client(running.admin_key).get("/v1/users").status == 200
    finally:
        running.options.clear()
        running.sql(f"ALTER USER {USER}@'127.0.0.1' REQUIRE NONE", database=None)


def test_a_wrong_authority_is_refused(encrypted, authority, folder):
    for options in ({"database_tls_ca": folder / "stranger.pem"}, {}):
        result = encrypted.run("user", "list", **options)
        assert result.returncode == 1 and "certificate" in result.stderr.lower(), result.stderr
        assert encrypted.run("migrate", "--dir", TOP / "sql", **options).returncode == 1


def test_another_name_is_refused(encrypted, authority):
    """The certificate is good, but another host's."""
    result = encrypted.run("user", "list", host="127.0.1", database_tls_ca=authority)
    assert result.returncode == 1 and "certificate" in result.stderr.lower(), result.stderr


def test_a_server_without_tls_is_refused(plain, authority):
    for words in (["user", "list"], ["migrate", "--dir", TOP / "sql"]):
        result = plain.run(*words, database_tls_ca=authority)
        assert result.returncode == 1 and "ssl" in result.stderr.lower(), result.stderr
    # Nor does it get the password.
    assert plain.run("user", "list", database_tls="off").returncode == 0
    result = plain.run("doctor", database_tls="off")
    assert f"the connection to {REMOTE} is not encrypted" in result.stdout and "database_tls = auto" in result.stdout


def test_local_hosts(encrypted, plain, authority):
    for host in ("127.0.0.1", "localhost"):
        assert plain.run("user", "list", host=host).returncode == 0
    result = plain.run("doctor", host="127.0.0.1")
    assert "the connection is local to the machine" in result.stdout
    assert plain.run("user", "list", host="127.0.0.1", database_tls="on").returncode == 1
    assert encrypted.run("user", "list", host="127.0.0.1", database_tls="on",
                         database_tls_ca=authority).returncode == 1  # its certificate names another


def test_a_certificate_of_our_own(encrypted, authority, folder):
    certificate, key = make_certificate(folder, "authority", "own", "clientele")
    encrypted.running.sql(f"CREATE USER certified@'127.0.0.1' REQUIRE X509; "
                          "GRANT SELECT ON clientele.* TO certified@'127.0.0.1'", database=None)
    options = {"database_user": "certified", "database_password": "", "database_tls_ca": authority}
    assert encrypted.run("user", "list", **options).returncode == 1
    result = encrypted.run("user", "list", database_tls_certificate=certificate, database_tls_key=key, **options)
    assert result.returncode == 0, result.stderr
