"""Machines of their own: a fresh Debian tree, an overlay on it, systemd as its first process, no network."""

import contextlib
import fcntl
import hashlib
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
             "dpkg-repack", "libcgi-fast-perl", "lighttpd", "lighttpd-mod-openssl", "lighttpd-modules-lua", "mariadb-client", "nginx",
             "ssl-cert", "zstd"]
RELEASE = "bookworm"
KEPT_DAYS = 7    # of a tree; Debian's archive goes on meanwhile
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


def make_base(base, package, more):
    """A Debian tree that holds, unpacked or ready to install, all that the tests need with `package`, and `more`; not
    the package itself."""
    subprocess.run(["mmdebstrap", "--quiet", "--variant=apt", "--include=" + ",".join(INCLUDED), RELEASE,
                    str(base), *map(str, SOURCES)], check=True, timeout=900)
    (base / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    if pathlib.Path("/etc/resolv.conf").exists():
        shutil.copy("/etc/resolv.conf", base / "etc/resolv.conf")
    subprocess.run(["chroot", str(base), "apt-get", "-qq", "-o", "Acquire::Languages=none", "update"], check=True,
                   timeout=900, env=ENVIRONMENT)
    wanted = shutil.copy(package, base / "root")
    # One after the other: some of them exclude each other.
    for names in (*([name] for name in (*AVAILABLE, f"/root/{package.name}")), more):
        subprocess.run(["chroot", str(base), "apt-get", "-qq", "install", "--yes", "--download-only", *names],
                       check=True, timeout=900, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    os.remove(wanted)
    shorten_lists(base)


def shorten_lists(base):
    """Of the archive's lists, which apt reads each time that it is called, leaves what the tree holds: without a network
    nothing else can be installed."""
    installed = subprocess.run(["chroot", str(base), "dpkg-query", "--show", "--showformat=${Package}\n"], check=True,
                               capture_output=True, text=True, env=ENVIRONMENT).stdout.split()
    held = {*installed, *(path.name.split("_")[0] for path in (base / "var/cache/apt/archives").glob("*.deb"))}
    for path in (base / "var/lib/apt/lists").glob("*_Packages"):
        entries = path.read_text(encoding="utf-8").split("\n\n")
        names = (entry.partition("\n")[0].removeprefix("Package: ") for entry in entries)
        path.write_text("".join(f"{entry}\n\n" for name, entry in zip(names, entries) if name in held), encoding="utf-8")
    subprocess.run(["chroot", str(base), "apt-get", "check", "-qq"], check=True, env=ENVIRONMENT)


def fingerprint(package, more):
    """Of what a tree is made from, the archive's state apart."""
    fields = subprocess.run(["dpkg-deb", "--field", str(package), "Pre-Depends", "Depends", "Recommends", "Suggests"],
                            capture_output=True, check=True).stdout
    digest = hashlib.sha256(fields + repr(more).encode())
    for path in (pathlib.Path(__file__), *SOURCES):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


@contextlib.contextmanager
def kept_base(package, more):
    """Such a tree, which later runs find again where it is not older than KEPT_DAYS. Nobody removes it meanwhile."""
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "clientele-test/machines"
    folder.mkdir(parents=True, exist_ok=True)
    base = folder / fingerprint(package, more)
    with open(folder / "lock", "w", encoding="ascii") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        for path in folder.glob("*.used"):
            remove_old(path)
        if not base.exists():
            for unfinished in folder.glob("*.new"):
                shutil.rmtree(unfinished, ignore_errors=True)
            new = base.with_suffix(".new")
            make_base(new, package, more)
            base.with_suffix(".used").touch()
            new.rename(base)
        use = open(base.with_suffix(".used"), encoding="ascii")  # its time is that of the tree
        fcntl.flock(use, fcntl.LOCK_SH)
    with use:
        yield base


def remove_old(use):
    """Takes a tree away that has had its days and that no run uses."""
    if time.time() - use.stat().st_mtime < 86400 * KEPT_DAYS:
        return
    with open(use, encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        shutil.rmtree(use.with_suffix(""), ignore_errors=True)
        use.unlink()


def control_groups(name):
    """Folders for a control group of that name below ours, in each hierarchy in which systemd finds its processes."""
    ours = dict(line.split(":", 2)[1:] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines())
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        mount, (kind, _, options) = line.split()[4], line.partition(" - ")[2].split(" ", 2)
        hierarchy = {"cgroup2": "", "cgroup": "name=systemd"}.get(kind)
        if hierarchy in ours and (not hierarchy or hierarchy in options.split(",")):
            yield pathlib.Path(mount + ours[hierarchy]) / name


class Machine:
    """One booted machine; use it in a with statement."""

    def __init__(self, *layers):
        """On a base tree, below what keep() has made of other machines."""
        self.layers = layers
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="clientele-machine-"))
        self.root = self.folder / "root"
        self.console = self.folder / "console.log"
        # Else all machines have one, in which each takes away, or cannot end, what another one's systemd has started.
        self.groups = list(control_groups(self.folder.name))
        self.process = None
        self.leader = None

    def __enter__(self):
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir()
        subprocess.run(["mount", "-t", "overlay", "clientele-machine", "-o",
                        f"lowerdir={':'.join(map(str, self.layers))},upperdir={self.folder}/upper,workdir={self.folder}/work",
                        str(self.root)], check=True)
        try:
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def boot(self):
        for group in self.groups:
            group.mkdir()
        enter = 'until [ "$1" = -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'
        with open(self.console, "wb") as console:
            self.process = subprocess.Popen(
                ["sh", "-euc", enter, "enter", *self.groups, "--", "systemd-nspawn", "--quiet", f"--directory={self.root}", "--register=no", "--keep-unit",
                 # Else it mounts a file that tzdata wants to replace when it is installed.
                 "--timezone=off", "--private-users=no", "--private-network", "--console=pipe", "--boot"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
        end = time.monotonic() + 300
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
        self.shut_down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, folder):
        """Shuts it down; its changes to the tree become a layer for other machines."""
        self.shut_down()
        (self.folder / "upper").rename(folder)

    def shut_down(self):
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
        for group in self.groups:
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)

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
        except subprocess.TimeoutExpired as late:
            process.kill()
            print((late.output or b"").decode(errors="replace"))
            raise
        result = subprocess.CompletedProcess(script, process.returncode, output)
        assert not check or result.returncode == 0, f"{script}: {result.returncode}\n{output}"
        return result

    def journal(self):
        """What its services have said since it was booted, and its own end, if it has come to it."""
        try:
            said = self.run("journalctl --no-pager", check=False, timeout=60).stdout
        except subprocess.TimeoutExpired:
            said = "the machine does not answer\n"
        return said + self.console.read_text(errors="replace")

    def install(self, *names, check=True, options="", frontend="noninteractive"):
        """apt-get install, without a network; returns what it printed."""
        return self.run(f"apt-get install --yes {options} {' '.join(names)}", check=check,
                        DEBIAN_FRONTEND=frontend)
