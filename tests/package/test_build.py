"""The packages as files: the same from every build, without complaints, hardened, small."""

import hashlib
import os
import shutil
import subprocess

import pytest

# Two programs that know all tables, and messages in two languages: 4,000; guides, a page for each call and error, and the index for their search 1,100;
# console, start page and what the console knows of all operations 600; errors of web servers, a block each, 170.
SERVER_KIB = 6500
LINTIAN_PASSES = ("I:", "P:", "X:", "N:")  # information and opinions; errors and warnings fail


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.deb")}


def test_second_build_is_the_same(packages, work):
    """From the same source in another folder, with another time zone, language and umask."""
    folder = work / "a-second-folder-with-another-name" / "source"
    folder.mkdir(parents=True)
    subprocess.run(["dpkg-source", "--extract", str(packages.file("*.dsc")), str(folder / "tree")],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    result = subprocess.run(
        ["sh", "-c", "umask 027 && dpkg-buildpackage -us -uc -b"], cwd=folder / "tree", capture_output=True, text=True,
        timeout=1800, check=False,
        env=os.environ | {"DEB_BUILD_OPTIONS": "nocheck parallel=1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"})
    print(result.stdout)
    assert result.returncode == 0, result.stderr
    first = digests(packages.folder)
    assert len(first) == 6 and digests(folder) == first


@pytest.mark.skipif(not shutil.which("lintian"), reason="lintian is not installed")
def test_lintian_has_nothing_to_say(packages):
    options = ["--allow-root"] if os.getuid() == 0 else []
    result = subprocess.run(["lintian", "-EvI", "--pedantic", "--tag-display-limit", "0", *options,
                             str(packages.file("*.changes"))], capture_output=True, text=True, timeout=300, check=False)
    said = [line for line in result.stdout.splitlines() if line and not line.startswith(LINTIAN_PASSES)]
    assert "I: clientele source:" in result.stdout and said == []


@pytest.mark.skipif(not shutil.which("hardening-check"), reason="devscripts is not installed")
def test_programs_are_hardened(packages, tmp_path):
    subprocess.run(["dpkg-deb", "--extract", str(packages.server), str(tmp_path)], check=True)
    for program in ("usr/sbin/clienteled", "usr/bin/clientele"):
        result = subprocess.run(["hardening-check", "--nocfprotection", str(tmp_path / program)], capture_output=True,
                                text=True, check=False)
        assert result.returncode == 0, result.stdout
        for line in ("Position Independent Executable: yes", "Stack protected: yes", "Read-only relocations: yes",
                     "Immediate binding: yes"):
            assert line in result.stdout
        code = subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", str(tmp_path / program)],
                              capture_output=True, text=True, check=True).stdout
        # The mark of the whole program needs a C library that was built so too; its own functions have it.
        assert os.uname().machine != "x86_64" or code.count("endbr64") > 100


def test_flags_of_the_compiler(packages, tmp_path):
    """What leaves no mark that a tool finds stands in the debugging symbols."""
    subprocess.run(["dpkg-deb", "--extract", str(packages.file("clientele-dbgsym_*.deb")), str(tmp_path)], check=True)
    symbols = list(tmp_path.rglob("*.debug"))
    text = "".join(subprocess.run(["readelf", "--decompress", "--string-dump=.debug_str", str(path)],
                                  capture_output=True, text=True, check=True).stdout for path in symbols)
    for flag in ("-fstack-clash-protection", "-fstack-protector-strong", "-fcf-protection"):
        assert flag in text or (flag == "-fcf-protection" and os.uname().machine != "x86_64")


def test_the_server_brings_its_pages(packages):
    """Made, so that nobody who installs needs Node.js, from the archive as well."""
    listed = subprocess.run(["dpkg-deb", "--contents", str(packages.server)], capture_output=True, text=True, check=True).stdout
    pages = ("console/index.html", "console/model.json", "console/vendor/preact.js", "console/vendor/LICENSES.txt",
             "start/index.html", "start/start.js", "docs/index.html", "docs/start.html",
             "docs/reference.html", "docs/reference.js", "docs/search.json", "docs/site.js", "docs/style.css")
    for page in pages:
        assert f"./usr/share/clientele/{page}\n" in listed, page
    assert "Node" not in packages.field("Depends") and "node" not in packages.field("Depends")
    listed = subprocess.run(["tar", "--list", "--file", str(packages.source)], capture_output=True, text=True, check=True).stdout
    assert "/pages/console/index.html\n" in listed and "/pages/sources/preact/src/index.js\n" in listed and "/node_modules/" not in listed


def test_the_server_is_small(packages):
    assert int(packages.field("Installed-Size")) < SERVER_KIB


@pytest.mark.skipif(not shutil.which("piuparts"), reason="piuparts is not installed")
def test_nothing_stays_after_a_purge(base, packages, work):
    """In a tree without systemd and without a database: installed, removed, purged, with each file accounted for."""
    result = subprocess.run(
        ["piuparts", "--no-eatmydata", "--distribution=bookworm", f"--existing-chroot={base}", "--keep-sources-list",
         f"--tmpdir={work}", "--ignore=/var/lib/logrotate/status", str(packages.server)], capture_output=True,
        text=True, timeout=300, check=False,
        # A folder that the tree does not have.
        env={name: value for name, value in os.environ.items() if name != "TMPDIR"})
    said = result.stdout + result.stderr
    print(said)
    assert result.returncode == 0, "\n".join(line for line in said.splitlines() if "ERROR" in line or "FAIL" in line)
