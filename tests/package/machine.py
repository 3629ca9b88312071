"""Machines of their own: a fresh Debian tree, an overlay on it, systemd as its first process, no network."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

SOURCES = [path for path in map(pathlib.Path, ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"))
           if path.exists() and path.stat().st_size > 0]
# What a machine has before anything is installed, and what it may install without a network.
INCLUDED = ["systemd-sysv", "curl", "ca-certificates", "netbase", "procps", "wrk", "logrotate", "adduser"]
AVAILABLE = ["apache2", "autopkgtest", "bash-completion", "dbconfig-no-thanks", "default-mysql-server", "dpkg-dev",
             "dpkg-repack", "libcgi-fast-perl", "lighttpd", "lighttpd-mod-openssl", "mariadb-client", "nginx", "ssl-cert", "zstd"]
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "TERM": "dumb"}


class Impossible(Exception):
    """This computer cannot boot machines; the reason says why."""


def require():
    """Raises Impossible where machines cannot be booted."""
    if os.getuid() != 0:
        raise Impossible("machines of their own need root")
    for program in ("mmdebstrap", "systemd-nspawn", "nsenter", "unshare"):
        if not shutil.which(program):
            raise Impossible(f"{program} is not installed")
    if not SOURCES:
        raise Impossible("no list of Debian's packages to make a machine from")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("lower", "upper", "work", "joined"):
            (pathlib.Path(folder) / name).mkdir()
        script = f"mount -t overlay none -o lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work "
        if subprocess.run(["unshare", "-m", "sh", "-c", script + f"{folder}/joined"], capture_output=True,
                          check=False).returncode:
            raise Impossible("overlays cannot be mounted here")


def make_base(folder, package, more):
    """A Debian tree that holds, unpacked or ready to install, all that the tests need with `package`, and `more`."""
    base = pathlib.Path(folder)
    subprocess.run(["mmdebstrap", "--quiet", "--variant=apt", "--include=" + ",".join(INCLUDED), "bookworm",
                    str(base), *map(str, SOURCES)], check=True, timeout=300)
    (base / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    shutil.copy(package, base / "root")
    if pathlib.Path("/etc/resolv.conf").exists():
        shutil.copy("/etc/resolv.conf", base / "etc/resolv.conf")
    subprocess.run(["chroot", str(base), "apt-get", "-qq", "update"], check=True, timeout=300, env=ENVIRONMENT)
    # One after the other: some of them exclude each other.
    for names in (*([name] for name in (*AVAILABLE, f"/root/{package.name}")), more):
        subprocess.run(["chroot", str(base), "apt-get", "-qq", "install", "--yes", "--download-only", *names],
                       check=True, timeout=300, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    return base


class Machine:
    """One booted machine; use it in a with statement."""

    def __init__(self, base):
        self.base = base
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="clientele-machine-"))
        self.root = self.folder / "root"
        self.console = self.folder / "console.log"
        self.process = None
        self.leader = None

    def __enter__(self):
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir()
        subprocess.run(["mount", "-t", "overlay", "clientele-machine", "-o",
                        f"lowerdir={self.base},upperdir={self.folder}/upper,workdir={self.folder}/work",
                        str(self.root)], check=True)
        try:
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def boot(self):
        with open(self.console, "wb") as console:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--register=no", "--keep-unit",
                 "--private-users=no", "--private-network", "--console=pipe", "--boot"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
        end = time.monotonic() + 60
        state = ""
        while state not in ("running", "degraded"):
            if self.process.poll() is not None or time.monotonic() > end:
                raise Impossible(f"systemd did not boot: {self.console.read_text(errors='replace')[-500:]}")
            time.sleep(0.1)
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            if children:
                self.leader = int(children[0])
                state = self.run("systemctl is-system-running", check=False).stdout.strip()

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.leader or self.process.pid, signal.SIGRTMIN + 4 if self.leader else signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for _attempt in range(50):
            if subprocess.run(["umount", str(self.root)], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, script, **environment):
        """Starts a shell script inside, as root."""
        return subprocess.Popen(
            ["nsenter", "-t", str(self.leader), "-m", "-p", "-i", "-u", "-n", "-C", f"--root=/proc/{self.leader}/root",
             "--wd=/", "env", "-i", "--chdir=/", *(f"{name}={value}" for name, value in (ENVIRONMENT | environment).items()),
             "sh", "-euc", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)

    def run(self, script, check=True, timeout=300, **environment):
        """Runs a shell script inside, as root; returns it with what it printed."""
        process = self.start(script, **environment)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        result = subprocess.CompletedProcess(script, process.returncode, output)
        assert not check or result.returncode == 0, f"{script}: {result.returncode}\n{output}"
        return result

    def install(self, *names, check=True, options="", frontend="noninteractive"):
        """apt-get install, without a network; returns what it printed."""
        return self.run(f"apt-get install --yes {options} {' '.join(names)}", check=check,
                        DEBIAN_FRONTEND=frontend)
