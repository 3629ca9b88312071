"""What a vendor meets: the library's packages alone on a fresh machine, and a program that is built with them."""

import shutil
import subprocess

from conftest import TOP

MACHINE = "ADSQH-89GGJ-J7CJY-3FQFK-DF48H"
FLAGS = "-Wall -Wextra -Werror /usr/share/doc/libclientele-verify-dev/examples/verify.c"


def files_of(package):
    listed = subprocess.run(["dpkg-deb", "--contents", str(package)], capture_output=True, text=True, check=True).stdout
    return {line.split()[5].removeprefix("./") for line in listed.splitlines() if not line.startswith("d")}


def test_files(packages):
    """Each file is in one package, and the server's package has none of them."""
    library = files_of(packages.file("libclientele-verify1_*.deb"))
    development = files_of(packages.file("libclientele-verify-dev_*.deb"))
    assert {path.rpartition("/")[2] for path in library if path.startswith("usr/lib/")} == {
        "libclientele-verify.so.1", "libclientele-verify.so.1.0.0"}
    names = {path.rpartition("/")[2] for path in development}
    assert {"clientele_verify.h", "libclientele-verify.a", "libclientele-verify.so", "clientele-verify.pc",
            "clientele_verify.3.gz", "verify.c", "offline.c", "license-formats.md.gz"} <= names | {
                f"{name}.gz" for name in names if name.endswith(".md")}
    assert not {path for path in files_of(packages.server) if "clientele-verify" in path or "clientele_verify" in path}


def test_a_program_of_a_vendor(machine, packages):
    for pattern in ("libclientele-verify1_*.deb", "libclientele-verify-dev_*.deb"):
        shutil.copy(packages.file(pattern), machine.root / "root")
    for name in ("key.pem", "machine.jwt"):
        shutil.copy(TOP / "tests/golden/documents" / name, machine.root / "root")
    machine.install("/root/libclientele-verify1_*.deb", "/root/libclientele-verify-dev_*.deb", "gcc", "libc6-dev",
                    "pkg-config", options="--no-install-recommends")
    machine.run(f"cd /root && cc {FLAGS} $(pkg-config --cflags --libs clientele-verify) -o shared")
    machine.run(f"cd /root && cc {FLAGS} $(pkg-config --cflags clientele-verify) -Wl,-Bstatic -lclientele-verify "
                "-Wl,-Bdynamic -lcrypto -o static")
    for program in ("shared", "static"):
        said = machine.run(f"cd /root && ./{program} key.pem machine.jwt P01 {MACHINE}").stdout
        assert said.startswith("VALID ") and "\nFeature: Export\n" in said
        refused = machine.run(f"cd /root && ./{program} key.pem machine.jwt P02 {MACHINE}", check=False)
        assert refused.returncode == 1 and refused.stdout.startswith("PRODUCT_MISMATCH ")
    # The program goes on with the library alone, and the manual is there for those who write it.
    machine.run("gzip -dc /usr/share/man/man3/clientele_verify.3.gz | grep -q clientele_keys_add")
    machine.run("apt-get remove --yes libclientele-verify-dev && cd /root && "
                f"./shared key.pem machine.jwt P01 {MACHINE}")
