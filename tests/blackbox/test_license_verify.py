"""Checking licenses offline: the command, and the library as vendors get it."""

import json
import os
import re
import shutil
import subprocess

import pytest

from harness.compiler import SANITIZED, compile_program
from harness.installation import TOP

DOCUMENTS = TOP / "tests/golden/documents"
VECTORS = TOP / "tests/golden/vectors"
MACHINE = "ADSQH-89GGJ-J7CJY-3FQFK-DF48H"
HEADER = (TOP / "verify/clientele_verify.h").read_text(encoding="utf-8")


def verify(installation, *arguments, environment=None):
    """Without configuration and database."""
    result = subprocess.run(
        [str(installation.build / "clientele"), "license", "verify", *map(str, arguments)], capture_output=True, text=True,
        timeout=60, check=False, stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"} | (environment or {}))
    return result.returncode, result.stdout, result.stderr


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("K7Q2M-ZX94T-HW8PD-3NVRB\n")
    return path


@pytest.mark.parametrize(("document", "more", "result"), [
    ("license.xml", [], "VALID"),
    ("dsig.xml", [], "VALID"),
    ("license.jwt", [], "VALID"),
    ("serial.txt", ["--product", "P01"], "VALID"),
    ("license.lic", [], "VALID"),
    ("encrypted.lic", [], "SECRET_REQUIRED"),
    ("license.xml", ["--at", "2028-01-01"], "EXPIRED"),
    ("license.xml", ["--at", "2027-02-01", "--grace", "86400"], "VALID"),
    ("license.xml", ["--at", "2025-01-01"], "NOT_YET_VALID"),
    ("license.xml", ["--product", "P01"], "VALID"),
    ("license.xml", ["--product", "ACME Product"], "VALID"),
    ("license.xml", ["--product", "P02"], "PRODUCT_MISMATCH"),
    ("serial.txt", ["--product", "P02"], "PRODUCT_MISMATCH"),
    ("machine.jwt", [], "MACHINE_REQUIRED"),
    ("machine.jwt", ["--any-machine"], "VALID"),
    ("machine.jwt", ["--machine", MACHINE], "VALID"),
    ("machine.jwt", ["--machine", "other"], "MACHINE_MISMATCH"),
    ("machine.jwt", ["--machine", MACHINE, "--version", "1.7"], "VALID"),
    ("machine.jwt", ["--machine", MACHINE, "--version", "2.0"], "VERSION_MISMATCH"),
])
def test_results(installation, document, more, result):
    at = [] if "--at" in more else ["--at", "2026-06-01"]
    arguments = [DOCUMENTS / document, "--key", DOCUMENTS / "key.pem", *at, *more]
    status, said, complained = verify(installation, *arguments)
    assert status == (0 if result == "VALID" else 1) and re.match(rf"Result +{result}\n", said), said
    assert complained.startswith("clientele: ") if status else complained == ""
    shown = json.loads(verify(installation, *arguments, "--json")[1])
    assert shown["result"] == result and shown["detail"] in complained + "The license is valid."
    assert shown["id"] == (None if result == "SECRET_REQUIRED" else "lic7F02C9D1")


def test_members(installation, secret):
    """The same license says the same in each format that has room for it."""
    seen = []
    for document in ("license.xml", "dsig.xml", "license.jwt", "license.lic", "encrypted.lic"):
        status, said, _ = verify(installation, DOCUMENTS / document, "--key", DOCUMENTS / "key.pem", "--at", "2026-06-01",
                                 "--secret-file", secret, "--json")
        assert status == 0
        seen.append({name: value for name, value in json.loads(said).items() if name != "format"})
    assert all(one == seen[0] for one in seen[1:])
    assert seen[0]["licensee"] == {"name": "Ada Byron", "company": "ACME", "contactInfo": None, "url": None}
    assert seen[0]["product"]["id"] == "P01" and seen[0]["mode"] == "activation" and seen[0]["maxAllowedSites"] == 5
    assert seen[0]["features"] == [{"id": "F1", "name": "Export"}]
    assert seen[0]["expireDate"] == "2027-01-31T10:00:00Z" and seen[0]["supportExpireDate"] is None
    assert seen[0]["keyId"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" and seen[0]["algorithm"] == "EdDSA"
    status, said, _ = verify(installation, DOCUMENTS / "machine.jwt", "--key", DOCUMENTS / "key.pem", "--any-machine")
    assert status == 0 and f"\nMachine        {MACHINE}\n" in said and "\nFeature        Export\n" in said
    assert f"\nRestriction    Hardware, hardwareKey = {MACHINE}\n" in said


def test_legacy_sample(installation):
    """The published sample has a key of 1,024 bits and SHA-1."""
    arguments = [VECTORS / "ClientFile.licenses", "--key", VECTORS / "pub.pem"]
    status, said, complained = verify(installation, *arguments)
    assert (status, said) == (1, "") and "refused (KEY_WEAK)" in complained
    status, said, _ = verify(installation, *arguments, "--legacy")
    assert status == 0 and "\nLicense        licE719B\n" in said
    # Several keys: the one that fits is found.
    assert verify(installation, *arguments, "--legacy", "--key", DOCUMENTS / "key.pem")[0] == 0
    status, said, _ = verify(installation, VECTORS / "ClientFile.licenses", "--key", DOCUMENTS / "key.pem")
    assert status == 1 and said.startswith("Result         ALGORITHM_REFUSED\n") and "licE719B" not in said


def test_faults(installation, tmp_path):
    key, document = DOCUMENTS / "key.pem", DOCUMENTS / "license.jwt"
    status, said, complained = verify(installation, document)
    assert (status, said) == (2, "") and "--key FILE" in complained
    assert verify(installation, "--key", key)[0] == 2
    status, _, complained = verify(installation, tmp_path / "none", "--key", key)
    assert status == 1 and f"{tmp_path}/none: No such file or directory." in complained
    status, _, complained = verify(installation, document, "--key", tmp_path / "none")
    assert status == 1 and f"{tmp_path}/none: No such file or directory." in complained
    status, _, complained = verify(installation, document, "--key", document)
    assert status == 1 and "refused (KEY_MALFORMED)" in complained
    (tmp_path / "large").write_bytes(b"A" * (1 << 20) + b"A")
    status, _, complained = verify(installation, tmp_path / "large", "--key", key)
    assert status == 1 and "large" in complained
    assert verify(installation, document, "--key", key, "--at", "soon")[0] == 1
    # What a stranger has written gives a terminal no orders.
    (tmp_path / "orders").write_text("<\x1b[2J>")
    status, said, complained = verify(installation, tmp_path / "orders", "--key", key)
    assert status == 1 and "\x1b" not in said + complained
    # Any machine can check a license, whatever else is wrong with it.
    (tmp_path / "wrong.conf").write_text("nonsense\n")
    arguments = [document, "--key", key, "--at", "2026-06-01", f"--config={tmp_path}/wrong.conf"]
    status, said, complained = verify(installation, *arguments)
    assert status == 0 and said.startswith("Result         VALID\n"), complained


# --- the library ---


@pytest.fixture(scope="module")
def installed(installation, tmp_path_factory):
    """What make install brings of it, with what pkg-config says."""
    folder = tmp_path_factory.mktemp("library")
    subprocess.run(["make", "-C", str(installation.build), f"DESTDIR={folder}", "install-exec", "install-includeHEADERS",
                    "install-nodist_pkgconfigDATA"], check=True, stdout=subprocess.DEVNULL, timeout=300)
    [file] = folder.rglob("clientele-verify.pc")
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "clientele-verify"], capture_output=True, text=True, check=True,
        env=os.environ | {"PKG_CONFIG_PATH": str(file.parent), "PKG_CONFIG_SYSROOT_DIR": str(folder),
                          "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1", "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1"}).stdout.split()
    return file.parent.parent, flags


def run_example(program, *arguments, **environment):
    result = subprocess.run([str(program), str(DOCUMENTS / "key.pem"), str(DOCUMENTS / "machine.jwt"), *arguments],
                            capture_output=True, text=True, timeout=60, check=False, env=os.environ | environment)
    return result.returncode, result.stdout


def check_example(program, **environment):
    status, said = run_example(program, "P01", MACHINE, **environment)
    assert status == 0 and said.startswith("VALID ") and "\nLicense: lic7F02C9D1\n" in said and said.endswith("Feature: Export\n")
    status, said = run_example(program, "P01", "other", **environment)
    assert status == 1 and said.startswith("MACHINE_MISMATCH ")


def test_example_with_the_installed_library(installed, tmp_path):
    libraries, flags = installed
    program = compile_program(tmp_path, TOP / "examples/verify.c", *flags)
    needed = subprocess.run(["readelf", "-d", str(program)], capture_output=True, text=True, check=True).stdout
    assert "[libclientele-verify.so.1]" in needed
    check_example(program, LD_LIBRARY_PATH=str(libraries))


def test_example_with_copied_files(tmp_path):
    for name in ("clientele_verify.c", "clientele_verify.h"):
        shutil.copy(TOP / "verify" / name, tmp_path)
    program = compile_program(tmp_path, f"-I{tmp_path}", TOP / "examples/verify.c", tmp_path / "clientele_verify.c", "-lcrypto")
    check_example(program)


def test_header_in_cplusplus(tmp_path):
    """C++ reads it, too."""
    if not shutil.which("g++"):
        pytest.skip("g++ is not installed")
    source = tmp_path / "program.cc"
    source.write_text("#include <clientele_verify.h>\nint main() {\n\tclientele_options options = CLIENTELE_OPTIONS_INIT;\n"
                      "\treturn options.size == sizeof(options) ? 0 : 1;\n}\n")
    subprocess.run(["g++", "-std=c++20", "-Wall", "-Werror", "-fsyntax-only", f"-I{TOP}/verify", str(source)],
                   check=True, timeout=60)


def test_what_the_library_exports(installation):
    """The functions of the header and nothing else; Debian's list of symbols has the same."""
    declared = set(re.findall(r"^CLIENTELE_API [^;]*?\b(clientele_\w+)\(", HEADER, re.MULTILINE))
    listed = subprocess.run(["nm", "--dynamic", "--defined-only", str(installation.build / "libclientele-verify.so.1.0.0")],
                            capture_output=True, text=True, check=True).stdout
    exported = {line.split()[2].partition("@")[0] for line in listed.splitlines() if line.split()[1] == "T"}
    symbols = (TOP / "debian/libclientele-verify1.symbols").read_text(encoding="utf-8")
    assert len(declared) == 24 and exported == declared
    assert set(re.findall(r"^ (clientele_\w+)@CLIENTELE_VERIFY_1 ", symbols, re.MULTILINE)) == declared


def test_manual_has_all(installation):
    """Each function, option and result has its words."""
    manual = (TOP / "man/clientele_verify.3").read_text(encoding="utf-8")
    for name in re.findall(r"^CLIENTELE_API [^;]*?\b(clientele_\w+)\(", HEADER, re.MULTILINE):
        assert f".Fn {name} " in manual, name
    results = re.findall(r"^\t(CLIENTELE_[A-Z_]+) = \d+", HEADER, re.MULTILINE)
    assert len(results) == 27
    for name in results:
        assert re.search(rf"\b{name}\b", manual), name
    options = HEADER.split("struct clientele_options {")[1].split("};")[0]
    for name in re.findall(r"^\t[^/*]*\b(\w+);", options, re.MULTILINE):
        assert name == "size" or re.search(rf"^\.(It )?Fa .*\b{name}\b", manual, re.MULTILINE), name


@pytest.mark.skipif(bool(SANITIZED), reason="sanitizers have variables of their own")
def test_no_variables(installation):
    """The library keeps nothing that threads could share: its tables are constant."""
    listed = subprocess.run(["objdump", "--syms", str(installation.build / "libclientele-verify.a")], capture_output=True,
                            text=True, check=True).stdout
    sections = re.findall(r"^[0-9a-f]+ .{6}O (\S+)\t", listed, re.MULTILINE)
    assert len(sections) > 10
    assert {section for section in sections if not re.match(r"\.rodata|\.data\.rel\.ro", section)} == set()
