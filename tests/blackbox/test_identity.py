"""Root's pool and root's commands become the user of the options, whom the database knows by the socket."""

import os
import pathlib
import pwd

import pytest

USER = "nobody"


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_root_becomes_the_user(private_installation):
    running = private_installation()
    running.sql(f"CREATE USER {USER}@localhost IDENTIFIED VIA unix_socket; "
                f"GRANT ALL ON clientele.* TO {USER}@localhost", database=None)
    running.options |= {"database_user": USER, "database_password": "not asked for"}
    refused = running.cli("user", "list", check=False)
    assert refused.returncode != 0 and "Access denied" in refused.stderr
    running.stop_pool()
    for path in (running.state / "run").glob("clientele.*"):
        path.unlink()
    (running.state / "run").chmod(0o755)
    os.chown(running.state / "run", pwd.getpwnam(USER).pw_uid, -1)
    os.chown(running.state / "log", pwd.getpwnam(USER).pw_uid, -1)
    running.log_file.unlink()
    running.options["user"] = USER

    key = running.create_key("admin")
    assert {path.owner() for path in (running.state / "run").glob("clientele.*")} <= {USER}
    running.start_pool()
    running.wait_ready()  # the socket is there before root is left
    for pid in [running.pool.pid, *running.workers()]:
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
                      if ":\t" in line)
        assert set(status["Uid"].split()) == {str(pwd.getpwnam(USER).pw_uid)}, status["Uid"]
        assert status["CapEff"] == status["CapPrm"] == "0" * 16
    assert running.client(key).get("/v1/users").status == 200
    assert {path.owner() for path in (running.state / "run").glob("clientele.*")} == {USER}

    # What root exports is root's, also where the user may write nothing.
    (running.state / "roots").mkdir(mode=0o700)
    target = running.state / "roots" / "users.csv"
    running.cli("export", "users", "--output", target)
    assert (target.owner(), target.stat().st_mode & 0o777) == ("root", 0o600) and target.read_text().startswith("id,")
    assert list(target.parent.iterdir()) == [target]

    running.options["user"] = "no-such-user"
    unknown = running.cli("user", "list", check=False)
    assert unknown.returncode == 1 and "this user does not exist" in unknown.stderr


def test_persons_from_the_standard_input(installation):
    assert "cannot be opened" in installation.cli("person", "import", "/no/such/file", check=False).stderr
    result = installation.cli("person", "import", "-", check=False)
    assert "standard input is empty" in result.stderr
