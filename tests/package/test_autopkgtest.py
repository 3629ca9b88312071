"""debian/tests, run as Debian's own machines run them."""

import shutil

import pytest


@pytest.mark.with_servers
def test_autopkgtest(machine, packages):
    """README.Debian's words on nginx, Apache and lighttpd, and an upgrade."""
    for path in packages.folder.iterdir():
        if path.suffix in (".deb", ".dsc", ".xz") and "dbgsym" not in path.name:
            shutil.copy(path, machine.root / "root")
    machine.install("autopkgtest", "dpkg-dev", options="--no-install-recommends")
    result = machine.run("cd /root && autopkgtest --no-built-binaries --summary-file=summary ./*.deb ./*.dsc -- null",
                         check=False, timeout=1800)
    summary = (machine.root / "root/summary").read_text()
    print(summary)
    assert result.returncode == 0 and summary.count("PASS") == 4, summary + result.stdout[-6000:]
