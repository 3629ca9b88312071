"""clientele doctor: faults that are made for real, and the remedies that it names. Web servers, certificates and timers
are looked at on machines of their own (tests/package)."""

import json
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
    assert "ok    pool: 2 workers serve\n" in text and "0 faults, " in text


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
            (f"{url}/registry", "nothing of ours is there (status 404)", "base_path"),
            (f"http://127.0.0.1:{free_port()}", "Failed to connect", "start the web server"),
            (f"http://{too_long}.invalid", "Could not resolve host", "/etc/hosts"),
            (f"https://127.0.0.1:{running.port}", "SSL", "protocols of the site")):
        text, remedy = one(running, "call", "fault", f"--url={given}")
        assert text.startswith(f"{given}/openapi.json: ") and reason in text and mend in remedy
    running.stop_pool()
    text, remedy = one(running, "call", "fault", f"--url={url}")
    assert "does not reach the pool" in text and remedy.startswith("clientele status")


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
    assert "-> mend it there" in result.stdout and "2 faults, 0 warnings." in result.stdout


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
    ("--request-deadline=0", "60s at most"),
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
    assert "no pool runs" in one(running, "pool", "fault")[0]
    assert "systemctl enable --now clientele.socket" == one(running, "socket", "fault")[1]
    text, _ = one(running, "socket", "fault", f"--listen=unix:{running.state}/no-socket")
    assert "is no socket" in text


def test_database(private_installation):
    running = private_installation()
    running.sql("CREATE USER reader@localhost; GRANT SELECT, INSERT, UPDATE ON clientele.* TO reader@localhost")
    missing = [finding["finding"] for finding in findings(running, "--database-user=reader", "--database-password=")
               if finding["check"] == "database" and finding["state"] == "fault"]
    assert missing == ["its user has no privilege DELETE"]
    running.sql("DELETE FROM schema_version WHERE version = (SELECT * FROM (SELECT MAX(version) FROM schema_version) v)")
    assert one(running, "database", "fault")[1] == "clientele migrate"
    running.sql("UPDATE user SET enabled = 0")
    assert one(running, "administrator", "fault")[1] == "clientele user create admin --role Administrator"
    assert "raise max_connections" in one(running, "database", "warning", "--workers=200")[1]
    running.stop_database()
    text, remedy = one(running, "database", "fault")
    assert "2002" in text and "clientele setup-db" in remedy
