"""The program before the newest change of the schema, built from this tree's history."""

import fcntl
import os
import pathlib
import shutil
import subprocess

from .installation import TOP

PROGRAMS = ("clientele", "clienteled")


class NoHistory(Exception):
    """There is no such program to be had; the reason says why."""


class Older:
    def __init__(self, folder):
        self.build = folder                  # its programs are in here
        self.schema = folder / "sql"
        self.version = len(list(self.schema.glob("*.sql")))

    @classmethod
    def find(cls):
        """Builds it, or takes what an earlier run has built of the same commit."""
        commit = find_commit()
        folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "clientele-test/older"
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / commit).exists():
                for old in filter(pathlib.Path.is_dir, folder.iterdir()):
                    shutil.rmtree(old)
                build(commit, folder / f"{commit}.source", folder / f"{commit}.new")
                (folder / f"{commit}.new").rename(folder / commit)
        return cls(folder / commit)


def git(*arguments):
    result = subprocess.run(["git", "-C", str(TOP), *arguments], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise NoHistory(f"git {arguments[0]}: {result.stderr.strip()}")
    return result.stdout


def schema_of(commit):
    """{name: digest} of its migrations."""
    rows = [line.split() for line in git("ls-tree", commit, "sql/").splitlines()]
    return {name: digest for _, _, digest, name in rows}


def find_commit():
    """The newest one whose migrations are the beginning of today's."""
    if not shutil.which("git"):
        raise NoHistory("git is not installed, which knows the earlier programs")
    if not (TOP / ".git").exists():
        raise NoHistory("this tree is no clone of the repository, so it has no earlier program")
    names = sorted(path.relative_to(TOP).as_posix() for path in (TOP / "sql").glob("*.sql"))
    today = dict(zip(names, git("hash-object", *names).split()))
    candidates = ["HEAD"] + [f"{commit}^" for commit in git("log", "--format=%H", "--", "sql").split()]
    for commit in candidates:
        try:
            schema = schema_of(commit)
        except NoHistory:  # before the first commit, or before what a shallow clone has
            break
        if schema and schema.items() < today.items():
            return git("rev-parse", commit).strip()
    raise NoHistory("no earlier commit of this clone has migrations that are the beginning of today's")


def build(commit, source, result):
    shutil.rmtree(source, ignore_errors=True)
    shutil.rmtree(result, ignore_errors=True)
    source.mkdir()
    result.mkdir()
    archive = source / "archive.tar"
    git("archive", f"--output={archive}", commit)
    script = f"tar -xf {archive.name} && mkdir -p m4 && autoreconf -fi && ./configure CFLAGS=-O0 && make -j{os.cpu_count()}"
    made = subprocess.run(["sh", "-ec", script], cwd=source, capture_output=True, text=True, timeout=900, check=False)
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-3000:]
    for name in PROGRAMS:
        shutil.copy2(source / name, result)
    shutil.copytree(source / "sql", result / "sql")
    shutil.rmtree(source)
