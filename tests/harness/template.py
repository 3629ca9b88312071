"""A database that "clientele setup-db" has set up already: made once for each server, schema and program, and copied
from then on."""

import fcntl
import functools
import hashlib
import shutil
import subprocess

from . import installation

# Options that setup-db goes by: who has others sets up a database of their own.
OPTIONS = {"database_hosts", "database_name", "database_password", "database_password_file", "database_socket",
           "database_user", "migrate_password", "migrate_password_file", "migrate_user", "secret_key_file"}


def fits(options):
    return not OPTIONS & set(options)


def fill(wanting):
    """Gives an installation that has not been started the template's data and key file."""
    folder = wanting.build / "test-template"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        # Several processes of tests begin at once; one of them makes it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        template = folder / fingerprint(wanting.build)
        if not template.exists():
            make(template)
        fcntl.flock(lock, fcntl.LOCK_SH)
        (wanting.state / "db").mkdir()
        copy(template / "data", wanting.state / "db" / "data")
        shutil.copy2(template / "clientele.key", wanting.state)


@functools.lru_cache
def fingerprint(build):
    """Of everything that the data come from, none of which changes while tests run."""
    digest = hashlib.sha256(subprocess.run(["mariadbd", "--version"], capture_output=True, check=True,
                                           env=installation.system_environment()).stdout)
    for path in [build / "clientele", *sorted((installation.TOP / "sql").glob("*.sql"))]:
        digest.update(f"{path.name} {path.stat().st_size}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def make(template):
    for old in template.parent.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    new = template.with_suffix(".new")
    new.mkdir()
    plain = installation.Installation()
    try:
        plain.start_database()
        plain.create_schema()
        plain.mariadb_script("halt")
        copy(plain.state / "db" / "data", new / "data")
        shutil.copy2(plain.state / "clientele.key", new)
        new.rename(template)
    finally:
        plain.remove()


def copy(data, place):
    """With its owner, who is the server's."""
    subprocess.run(["cp", "-a", "--sparse=always", str(data), str(place)], check=True)
