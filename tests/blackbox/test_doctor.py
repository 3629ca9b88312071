"""clientele doctor: faults that are made for real, and the remedies that it names. Web servers, certificates and timers
are looked at on machines of their own (tests/package)."""

import json
import os
import pathlib
import re
import shutil

import pytest

from harness.installation import free_port


def findings(running, *arguments):
    """(check, state) of all findings, and their texts with remedies."""
    result = running.cli("doctor", "--json", *arguments, check=False)
    found = json.loads(result.stdout)
    faults = [finding for finding in found if finding["state"] == "fault"]
    assert result.returncode == (1 if faults else 0)
    assert all(finding["remedy"] for finding in found if finding["state"] in ("fault", "warning"))
    return found


def one(running, check, state, *arguments):
    """Text and remedy of the only finding of that kind."""
    [finding] = [finding for finding in findings(running, *arguments)
                 if (finding["check"], finding["state"]) == (check, state)]
    return finding["finding"], finding["remedy"]


def test_healthy(installation):
    assert "set public_url" in one(installation, "configuration", "warning")[1]
    found = findings(installation, "--public-url=https://registry.example.org")
    assert not [finding for finding in found if finding["state"] == "fault"]
    states = {(finding["check"], finding["state"]) for finding in found}
    assert {(check, "ok") for check in ("configuration", "files", "socket", "disk", "pool", "database",
                                        "administrator")} <= states
    text = installation.cli("doctor")
    assert "ok    pool: 2 workers are running\n" in text and "0 faults, " in text


def test_room_for_sorts(installation):
    assert [finding for finding in findings(installation) if (finding["check"], finding["state"]) == ("database", "ok")
            and "MiB are free for its temporary files" in finding["finding"]]


def test_little_room_for_sorts(private_installation, monkeypatch):
    def free(path):
        disk = os.statvfs(path)
        return disk.f_bavail * disk.f_frsize

    small = next((path for path in ("/run/lock", "/run", "/dev/shm") if os.path.isdir(path)
                  and os.stat(path).st_mode & 0o1007 == 0o1007 and free(path) < 1 << 30), None)
    if small is None:
        pytest.skip("no folder with little room that everybody may write to")
    monkeypatch.setenv("CLIENTELE_TEST_OPTIONS", f"--tmpdir={small}")
    text, remedy = one(private_installation(), "database", "warning")
    assert text.endswith(f"MiB are free for its temporary files in {small}") and "tmpdir" in remedy


def test_call(private_installation):
    """As callers do: through the web server, to the pool and back."""
    running = private_installation()
    url = f"http://127.0.0.1:{running.port}"
    for given in (url, f"{url}/"):
        text, _ = one(running, "call", "ok", f"--url={given}")
        assert text.startswith(f"{url}/openapi.json answers in ") and text.endswith(" ms")
    text, remedy = one(running, "call", "skipped")
    assert "no URL" in text and "--url" in remedy
    too_long = 64 * "a"  # no name server is asked for that, which may not be there
    for given, reason, mend in (
            (f"{url}/registry", "the service is not found there (status 404)", "base_path"),
            (f"http://127.0.0.1:{free_port()}", "Failed to connect", "start the web server"),
            (f"http://{too_long}.invalid", "Could not resolve host", "/etc/hosts"),
            (f"https://127.0.0.1:{running.port}", "SSL", "protocols of the site")):
        text, remedy = one(running, "call", "fault", f"--url={given}")
        assert text.startswith(f"{given}/openapi.json: ") and reason in text and mend in remedy
    running.stop_pool()
    text, remedy = one(running, "call", "fault", f"--url={url}")
    assert "cannot reach the pool" in text and remedy.startswith("clientele status")


@pytest.mark.parametrize("url", ["127.0.0.1", "ftp://127.0.0.1", "file:///etc/passwd", "http://a?b", "http://a#b", "",
                                 "http://user:secret@127.0.0.1", "http://a b", "http://" + "a" * 1000])
def test_call_of_a_wrong_url(installation, url):
    result = installation.cli("doctor", f"--url={url}", check=False)
    assert result.returncode == 2 and "--url must be an http or https URL" in result.stderr and result.stdout == ""


def test_call_without_curl(installation, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    text, remedy = one(installation, "call", "skipped", f"--url=http://127.0.0.1:{installation.port}")
    assert text == "the program curl is not installed" and remedy == "apt install curl"


def test_faulty_configuration(installation, tmp_path):
    path = tmp_path / "clientele.conf"
    path.write_text("workers = none\nno_such_option = 1\n")
    result = installation.cli("doctor", f"--config={path}", check=False)
    assert result.returncode == 1
    assert result.stdout.count("FAULT configuration: ") == 2 and "workers" in result.stdout
    assert "-> correct it there" in result.stdout and "2 faults, 0 warnings." in result.stdout


def test_config_check(installation, tmp_path):
    """The same faults, with their places, for people and for programs."""
    path = tmp_path / "clientele.conf"
    path.write_text("# a comment\nworkers = none\nno_such_option = 1\n")
    result = installation.cli("config", "check", "--json", f"--config={path}", check=False)
    assert result.returncode == 1
    checked = json.loads(result.stdout)
    assert [fault.split(": ")[:2] for fault in checked["faults"]] == [
        [f"{path}:2", "workers"], [f"{path}:3", "no_such_option"]]
    text = installation.cli("config", "check", f"--config={path}", check=False)
    assert (text.returncode, text.stdout) == (1, "") and all(fault in text.stderr for fault in checked["faults"])
    path.write_text("# a comment\n")
    result = installation.cli("config", "check", "--json", f"--config={path}")
    assert json.loads(result) == {"file": str(path), "faults": [], "warnings": []}
    result = installation.cli("config", "check", "--json", f"--config={path}", "--listen=tcp:*:9000")
    [warning] = json.loads(result)["warnings"]
    assert warning.startswith("listen: every machine")


@pytest.mark.parametrize(("option", "words"), [
    ("--database-read-timeout=2m", "below request_deadline"),
    ("--request-deadline=0", "at most 60s"),
    ("--drain-timeout=30s", "TimeoutStopSec"),
    ("--limit-body=3m", "client_max_body_size"),
    ("--listen=tcp:0.0.0.0:9000", "change listen"),
    ("--listen-mode=0666", "change listen_mode"),
])
def test_options_that_contradict(installation, option, words):
    remedies = [finding["remedy"] for finding in findings(installation, option)
                if (finding["check"], finding["state"]) == ("configuration", "warning")]
    assert any(words in remedy for remedy in remedies)


def test_files(private_installation, tmp_path):
    running = private_installation()
    secret = tmp_path / "password"
    secret.write_text("secret\n")
    secret.chmod(0o644)
    text, remedy = one(running, "files", "fault", "--mail-user=u", f"--mail-password-file={secret}")
    assert str(secret) in text and remedy == f"chmod o-rwx {secret}"
    secret.chmod(0o640)
    assert not [finding for finding in findings(running, "--mail-user=u", f"--mail-password-file={secret}")
                if finding["state"] == "fault"]
    text, remedy = one(running, "files", "fault", f"--runtime-directory={tmp_path}/none")
    assert "No such file" in text and "systemctl start" in remedy


def test_pool_and_socket(private_installation):
    running = private_installation()
    shutil.copy("/dev/null", running.state / "no-socket")
    running.stop_pool()
    assert "no pool is running" in one(running, "pool", "fault")[0]
    assert "systemctl enable --now clientele.socket" == one(running, "socket", "fault")[1]
    text, _ = one(running, "socket", "fault", f"--listen=unix:{running.state}/no-socket")
    assert "is not a socket" in text


def test_database(private_installation):
    running = private_installation()
    running.sql("CREATE USER reader@localhost; GRANT SELECT, INSERT, UPDATE ON clientele.* TO reader@localhost")
    missing = [finding["finding"] for finding in findings(running, "--database-user=reader", "--database-password=")
               if finding["check"] == "database" and finding["state"] == "fault"]
    assert missing == ["its user lacks the privilege DELETE"]
    running.sql("DELETE FROM schema_version WHERE version = (SELECT * FROM (SELECT MAX(version) FROM schema_version) v)")
    assert one(running, "database", "fault")[1] == "clientele migrate"
    running.sql("UPDATE user SET enabled = 0")
    assert one(running, "administrator", "fault")[1] == "clientele user create admin --role Administrator"
    warned = [finding["remedy"] for finding in findings(running, "--workers=200")
              if finding["check"] == "database" and finding["state"] == "warning"]
    assert len(warned) == 2 and "max_connections" in warned[0] and "max_prepared_stmt_count" in warned[1], warned
    running.stop_database()
    text, remedy = one(running, "database", "fault")
    assert "2002" in text and "clientele setup-db" in remedy


# --- backups ---

def backups(running, folder, *arguments):
    """States and texts of what is said of them."""
    return [(finding["state"], finding["finding"]) for finding in findings(running, f"--backups={folder}", *arguments)
            if finding["check"] == "timers" and "backup" in finding["finding"] and "systemd" not in finding["finding"]]


def test_newest_backup(private_installation):
    """One that verifies, with the date that it has itself; times and counts of the folder say nothing."""
    running = private_installation()
    folder = running.state / "backups"
    assert backups(running, folder) == [("warning", f"there is no backup in {folder}")]
    folder.mkdir()
    assert backups(running, folder) == [("warning", f"there is no backup in {folder}")]
    path = pathlib.Path(running.cli("backup", folder).strip())
    manifest = json.loads((path / "manifest.json").read_text())
    assert backups(running, folder) == [("ok", f"the newest backup is intact, from {manifest['created']}")]
    # Nights that fail: the folder is new, the backup in it is not.
    old = path.rename(folder / "clientele-clientele-20260102T030405Z")
    (old / "manifest.json").write_text(json.dumps(manifest | {"created": "2026-01-02T03:04:05Z"}))
    (folder / "clientele-clientele-.partial").mkdir()
    (folder / "clientele-other-20991231T000000Z").mkdir()
    [(state, text)] = backups(running, folder)
    assert state == "warning" and "from 2026-01-02T03:04:05Z, more than 2 days old" in text
    # Newer ones that are not whole are said, and do not hide the last one that is.
    for name, damage in (("20260301T000000Z", lambda each: (each / "database.sql.zst").write_bytes(b"")),
                         ("20260302T000000Z", lambda each: (each / "manifest.json").unlink())):
        newer = shutil.copytree(old, folder / f"clientele-clientele-{name}")
        damage(newer)
    found = backups(running, folder)
    assert [state for state, _ in found] == ["fault", "fault", "warning"]
    assert "20260302T000000Z is damaged: open manifest.json" in found[0][1]
    assert "20260301T000000Z is damaged: database.sql.zst is damaged: it has" in found[1][1]
    shutil.rmtree(old)
    assert backups(running, folder)[-1] == ("warning", f"there is no intact backup in {folder}")


# --- places ---

def place(running, tmp_path, name):
    """The configuration file of another place, which doctor() is asked for."""
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def remedies(running, *arguments):
    return [finding["remedy"] for finding in findings(running, *arguments) if finding["remedy"]]


def test_a_site(private_installation, tmp_path):
    """Its remedies are for itself: each command names its configuration, each unit is its own."""
    running = private_installation()
    config = place(running, tmp_path, "clientele/sites/alice.conf")
    arguments = [f"--config={config}", "--log-target=stderr"]
    shutil.copy(running.state / "clientele.key", config.with_suffix(".key"))
    running.sql("DELETE FROM schema_version WHERE version = (SELECT * FROM (SELECT MAX(version) FROM schema_version) v)")
    running.sql("UPDATE user SET enabled = 0")
    said = remedies(running, *arguments)
    running.stop_pool()
    said += remedies(running, *arguments)
    running.stop_database()
    said += remedies(running, *arguments, "--drain-timeout=30s")
    for word in (f"clientele --config={config} migrate", f"clientele --config={config} user create admin",
                 "clientele@alice.socket", "journalctl -u clientele@alice", "clientele-backup@alice.timer",
                 "systemctl edit clientele@alice", f"clientele --config={config} setup-db"):
        assert any(word in remedy for remedy in said), (word, said)
    for remedy in said:
        assert not re.search(r"\bclientele (?!--config)\w|clientele\.(socket|service)|-u clientele\b(?!@)|"
                             r"clientele-(backup|expire)\.", remedy), remedy
    checks = {finding["check"] for finding in findings(running, *arguments)}
    assert not checks & {"clock", "sites"}, "what is the machine's"


def test_a_quickstart(private_installation, tmp_path):
    """No unit and no server of the machine is named where there is none."""
    running = private_installation()
    config = place(running, tmp_path, "state/clientele.conf")
    config.with_name("quickstart").write_text("/src/scripts/quickstart start --state /src/.clientele\n")
    shutil.copy(running.state / "clientele.key", config.with_suffix(".key"))
    running.sql("UPDATE user SET enabled = 0")
    said = remedies(running, f"--config={config}")
    running.stop_pool()
    said += remedies(running, f"--config={config}")
    running.stop_database()
    said += remedies(running, f"--config={config}")
    assert "/src/scripts/quickstart start --state /src/.clientele" in said
    assert f"{config.parent}/build/clientele --config={config} user create admin --role Administrator" in said
    for remedy in said:
        assert "systemctl" not in remedy and "journalctl" not in remedy, remedy
        assert not re.match(r"(ln|a2ensite|apt install (?!systemd-timesyncd))", remedy), remedy


def test_binary_log(private_installation, monkeypatch):
    """Statements are no form for it: the server refuses the program's changes then."""
    monkeypatch.setenv("CLIENTELE_TEST_OPTIONS", "--log-bin --binlog-format=MIXED")
    running = private_installation()
    assert one(running, "cluster", "ok")[0] == "the server belongs to none"
    running.sql("SET GLOBAL binlog_format = STATEMENT")
    assert "binlog_format is STATEMENT" in one(running, "cluster", "fault")[0]
    running.stop_pool()
    running.start_pool()
    running.wait_ready()
    answer = running.client(running.admin_key).post("/v1/customers", {"customer": {"code": "x", "company": "x"}})
    assert answer.status == 500


def test_options_of_a_site(installation, tmp_path, monkeypatch):
    """What its units would refuse is refused by the check; what it has seen is its own by itself."""
    without_state = {name: value for name, value in installation.environment().items()
                     if name != "CLIENTELE_STATE_DIRECTORY"} | {"CLIENTELE_LOG_TARGET": "stderr"}
    config = place(installation, tmp_path, "clientele/sites/alice.conf")

    def faults(*arguments, file=config):
        result = installation.cli("config", "check", "--json", f"--config={file}", "--log-target=stderr", *arguments, check=False)
        return " ".join(json.loads(result.stdout)["faults"])

    assert faults() == "" and faults("--log-target=/var/log/clientele-site-alice/log") == ""
    for target in ("/var/log/clientele/log", "/tmp/log", "/var/log/clientele-site-alicex/log", "/var/log/clientele-site-alice"):
        assert "a file in /var/log/clientele-site-alice/" in faults(f"--log-target={target}")
    for folder in ("/run/clientele", "/run/clientele-alice", "/run/clientele-sites"):
        assert "expected /run/clientele-site-alice," in faults(f"--runtime-directory={folder}")
    assert "expected /var/lib/clientele-site-alice," in faults("--state-directory=/var/lib/clientele")
    assert faults("--state-directory=/var/lib/clientele-site-alice") == ""
    monkeypatch.setattr(installation, "environment", lambda: without_state)
    assert "/var/lib/clientele-site-alice" in installation.cli("config", "show", f"--config={config}")
    for name in ("sites", "root", "clientele", "www-data", "Alice", "a b", "1a", "-a", "a.b", "\u00e4", "x" * 33):
        assert "name of the site" in faults(file=place(installation, tmp_path, f"clientele/sites/{name}.conf")), name
    assert faults(file=place(installation, tmp_path, "clientele/sites/" + "x" * 32 + ".conf")) == ""


def test_no_finding_is_dropped(installation, tmp_path):
    """As many as there are: faults of a configuration, one in each line."""
    path = tmp_path / "clientele.conf"
    path.write_text("".join(f"no_such_option_{number} = 1\n" for number in range(1000)))
    result = installation.cli("doctor", f"--config={path}", check=False)
    assert result.returncode == 1 and "1000 faults, 0 warnings." in result.stdout
    assert result.stdout.count("FAULT configuration: ") == 1000
