"""Files that the pool shares with others: full disks, files that are cut, removed, stale, or somebody else's."""

import os
import pathlib
import signal
import subprocess

import pytest

from harness.installation import LONG, SANITIZED, Installation, alive, wait_until

NAMES = ["epoch", "history", "known", "nonces", "rates", "status", "throttle"]
NOBODY = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def shared(running, name):
    return running.state / ("kept" if name == "history" else "run") / f"clientele.{name}"


def serve(running, **options):
    """Runs a second clienteled with other options until it ends; what it wrote."""
    environment = running.environment() | {
        "CLIENTELE_LISTEN": f"unix:{running.state}/second.sock", "CLIENTELE_LOG_TARGET": "stderr"}
    environment |= {f"CLIENTELE_{name.upper()}": str(value) for name, value in options.items()}
    result = subprocess.run([str(running.build / "clienteled"), running.configuration()], env=environment,
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=running.state, timeout=LONG)
    assert result.returncode == 1, result
    return result.stderr


def works(running):
    """A call with a key that is counted and remembered, and one that fails."""
    good = running.client(running.admin_key).get("/v1/products", check=False)
    bad = running.client("api_" + "x" * 24).get("/v1/products", check=False)
    return good.status == 200 and bad.status == 401


@pytest.fixture(scope="module")
def shared_by_tests():
    made = Installation(workers=2, throttle_failures=1000).start()
    key = made.create_key("admin", name="counted")
    made.sql("UPDATE api_key SET rate_limit = 100000")
    assert key
    yield made
    made.finish()


@pytest.fixture
def running(shared_by_tests):
    """A test that fails takes none of the others with it."""
    made = shared_by_tests
    if made.pool.poll() is not None or not works(made):
        made.stop_pool()
        made.start_pool()
        made.wait_ready()
    return made


@pytest.mark.skipif(SANITIZED, reason="the sanitizer reports the signal that this is about")
@pytest.mark.parametrize("how", ["cut", "halved", "overwritten", "removed"])
@pytest.mark.parametrize("name", NAMES)
def test_damaged_under_a_running_pool(running, name, how):
    """Whatever happens to a file, the pool serves again, and its commands see it."""
    wait_until(lambda: works(running), "a working pool")
    before = running.pool.pid
    size = shared(running, name).stat().st_size
    if how == "removed":
        shared(running, name).unlink()
    else:
        os.truncate(shared(running, name), size // 2 if how == "halved" else 0)
    if how == "overwritten":
        os.truncate(shared(running, name), size)
    # Each worker may die once, and what was in its hands is lost.
    wait_until(lambda: works(running), "a working pool")
    for _ in range(10):
        wait_until(lambda: works(running), "a working pool")
    assert running.pool.poll() is None and running.pool.pid == before
    wait_until(lambda: running.cli("status", check=False).returncode == 0, "a status")
    path = shared(running, name)
    wait_until(lambda: works(running) and path.exists() and path.stat().st_size == size, "the whole file")


def test_stale_files(private_installation):
    """What another program or version has left is not read."""
    made = private_installation()
    for content in (b"", b"\x01", b"\xff" * 24, bytes(5_000_000)):
        made.stop_pool()
        for name in NAMES:
            shared(made, name).write_bytes(content)
        made.start_pool()
        made.wait_ready()
        assert works(made)
        assert made.cli("throttle", "list", "--json").strip() in ("[]", "[ ]")


@needs_root
@pytest.mark.parametrize("kilobytes", [4, 200, 1500])
def test_full_file_system(running, tmp_path, kilobytes):
    """The pool says so and leaves, instead of dying at the first key that is counted."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", folder], check=True)
    try:
        assert "No space left on device" in serve(running, runtime_directory=folder)
        command = subprocess.run(
            [str(running.build / "clientele"), running.configuration(), "throttle", "list"],
            env=running.environment() | {"CLIENTELE_RUNTIME_DIRECTORY": str(folder)}, capture_output=True,
            text=True, timeout=LONG)
        if kilobytes < 1000:
            assert command.returncode == 1 and "No space left" in command.stderr
        assert command.returncode >= 0
    finally:
        subprocess.run(["umount", folder], check=True)


def test_without_a_state_directory(private_installation, tmp_path):
    """A single server needs none: the pool says so and serves."""
    (tmp_path / "file").touch()
    made = private_installation(state_directory=str(tmp_path / "file"))
    assert works(made)
    assert "cluster history not kept over restarts" in made.log_file.read_text()
    assert "FAULT" not in made.cli("user", "list")
    made.stop_pool()
    made.options["state_directory"] = str(tmp_path / "made")
    made.start_pool()
    made.wait_ready()
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "made/clientele.history").stat().st_mode & 0o777 == 0o600
    shared = tmp_path / "made/clientele.history"
    made.stop_pool()
    shared.write_bytes(shared.read_bytes()[:100])
    made.start_pool()
    made.wait_ready()
    assert "cluster history damaged; it starts again" in made.log_file.read_text()


def test_second_start_leaves_the_first_alone(private_installation, tmp_path):
    """Whichever of its files a second pool shares with the first one."""
    made = private_installation(pid_file=str(tmp_path / "pid"))
    first = f"{made.pool.pid}\n"
    assert (tmp_path / "pid").read_text() == first
    assert "runtime directory" in serve(made, pid_file=tmp_path / "other")
    assert "pid_file" in serve(made, runtime_directory=tmp_path)
    assert "another server listens" in serve(made, listen=f"unix:{made.socket}")
    assert "this user does not exist" in serve(made, listen_owner="nobody-of-that-name", pid_file="")
    assert not (tmp_path / "other").exists() and not (made.state / "second.sock").exists()
    assert (tmp_path / "pid").read_text() == first
    assert works(made)
    made.stop_pool()
    assert not (tmp_path / "pid").exists() and not made.socket.exists()


def test_names_of_another_pool_are_left(private_installation, tmp_path):
    """One that stops removes the names that are its own, not what others have put there meanwhile."""
    made = private_installation(pid_file=str(tmp_path / "pid"))
    (tmp_path / "pid").unlink()
    (tmp_path / "pid").write_text("1\n")
    made.socket.unlink()
    made.socket.write_text("")
    made.stop_pool()
    assert (tmp_path / "pid").read_text() == "1\n" and made.socket.exists()


@needs_root
@pytest.mark.parametrize("how", [os.symlink, os.link])
def test_links_in_a_folder_of_the_service_user(private_installation, tmp_path, how):
    """Root follows none of them: neither the server at its start, nor a command."""
    made = private_installation()
    made.stop_pool()
    folder = made.state / "service"
    folder.mkdir()
    target = made.state / "target"
    target.write_text("kept")
    before = target.stat()
    for name in ("pid", "password", *(f"clientele.{name}" for name in NAMES)):
        how(target, folder / name)
    os.chown(folder, NOBODY, NOBODY)
    assert str(folder / "pid") in serve(made, pid_file=folder / "pid")
    said = serve(made, runtime_directory=folder, state_directory=folder)
    assert "clientele.status" in said and "not kept over restarts" in said
    assert str(folder / "password") in subprocess.run(
        [str(made.build / "clienteled"), "--check", made.configuration()], capture_output=True, text=True, timeout=LONG,
        env={**{name: value for name, value in made.environment().items() if name != "CLIENTELE_DATABASE_PASSWORD"},
             "CLIENTELE_DATABASE_PASSWORD_FILE": str(folder / "password")}).stderr
    made.options["runtime_directory"] = str(folder)
    made.cli("key", "create", "x", "--user", "admin")
    for command in (["throttle", "list"], ["status"]):
        assert made.cli(*command, check=False).returncode == 1, command
    after = target.stat()
    assert target.read_text() == "kept"
    assert (before.st_uid, before.st_mode, before.st_mtime_ns) == (after.st_uid, after.st_mode, after.st_mtime_ns)


@pytest.fixture
def backup(private_installation):
    made = private_installation()
    folder = made.state / "backups"
    folder.mkdir(mode=0o700)
    made.cli("backup", folder)
    [path] = folder.iterdir()
    return made, path


def restore(made, path, **options):
    made.options |= options
    return made.cli("restore", "--replace", "--discard", "--dir", pathlib.Path(__file__).parents[2] / "sql", path,
                    check=False)


@pytest.mark.parametrize("gone", ["the status file", "all files"])
def test_a_pool_without_its_files(backup, gone):
    """It runs, so it is seen: nobody pulls the database away from it."""
    made, path = backup
    assert works(made)
    made.pool.send_signal(signal.SIGSTOP)  # it would make them anew
    for name in NAMES if gone == "all files" else ["status"]:
        shared(made, name).unlink()
    shown = made.cli("status", check=False)
    assert shown.returncode == 1 and "Pool      runs: " in shown.stdout, shown.stdout
    assert '"detail"' in made.cli("status", "--json", check=False).stdout
    result = restore(made, path)
    assert result.returncode == 1 and "The pool is running" in result.stderr
    assert works(made)
    made.pool.send_signal(signal.SIGCONT)
    wait_until(lambda: made.cli("status", check=False).returncode == 0, "a status")
    assert "The pool is running (process" in restore(made, path).stderr
    made.stop_pool()
    assert "Pool      not seen" in made.cli("status", check=False).stdout
    result = restore(made, path)
    assert result.returncode == 0, result.stderr


def test_a_pool_elsewhere(backup, tmp_path):
    """Its files are on another machine, or gone with their folder; the database knows its connections."""
    made, path = backup
    assert works(made)
    result = restore(made, path, runtime_directory=str(tmp_path))
    assert result.returncode == 1 and "is in use: " in result.stderr
    made.stop_pool()
    result = restore(made, path, runtime_directory=str(tmp_path))
    assert result.returncode == 0, result.stderr


def test_a_supervisor_that_was_killed(private_installation):
    """Its workers still serve for a moment, and are seen until the last has left."""
    made = private_installation()
    workers = made.workers()
    made.pool.send_signal(signal.SIGKILL)
    made.pool.wait()
    wait_until(lambda: not any(map(alive, workers)), "end of the workers")
    assert "not seen: no pool is running" in made.cli("status", check=False).stdout
    made.start_pool()
    made.wait_ready()
