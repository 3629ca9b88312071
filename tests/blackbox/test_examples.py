"""examples/ and completions/: what people copy, and what their shells offer them."""

import re
import subprocess

import pytest

from harness.installation import TOP


@pytest.mark.parametrize("path", sorted((TOP / "examples").glob("*.conf")), ids=lambda path: path.stem)
def test_configurations(installation, path, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("secret\n")
    text = path.read_text().replace("/etc/clientele/database.password", str(secret))
    text = re.sub("(?m)^user = .*", "user = daemon", text)  # one that any machine has
    copy = tmp_path / path.name
    copy.write_text(text)
    result = subprocess.run([str(installation.build / "clienteled"), f"--config={copy}", "--check"], text=True,
                            capture_output=True, timeout=20, env={"PATH": "/usr/bin:/bin"}, check=False)
    assert result.returncode == 0, result.stderr


def test_calls(installation):
    for _ in range(2):
        result = subprocess.run([str(TOP / "examples/calls.sh"), f"http://127.0.0.1:{installation.port}",
                                 installation.admin_key], capture_output=True, text=True, timeout=60, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        assert '"userName":"' in result.stdout and "<username>calls</username>" in result.stdout.lower()
    assert "It is there already." in result.stdout
    failed = subprocess.run([str(TOP / "examples/calls.sh"), f"http://127.0.0.1:{installation.port}", "wrong"],
                            capture_output=True, text=True, timeout=60, check=False)
    assert failed.returncode != 0


def completions(installation, line):
    """What bash offers at the end of the line."""
    script = f"""
. {TOP}/completions/clientele
PATH={installation.build}:$PATH
COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_${{COMP_WORDS[0]}}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, check=False)
    assert result.stderr == ""
    return result.stdout.split()


@pytest.mark.parametrize(("line", "offered", "not_offered"), [
    ("clientele ''", {"user", "backup", "config", "help"}, {"create"}),
    ("clientele us", {"user"}, {"backup"}),
    ("clientele user ''", {"create", "list", "role"}, {"user", "show-config"}),
    ("clientele user create --", {"--role", "--email", "--json"}, {"--keep"}),
    ("clientele backup --k", {"--keep"}, {"--json"}),
    ("clientele --workers = 3 user cr", {"create"}, {"user"}),
    ("clientele --config x.conf user cr", {"create"}, {"user"}),
    ("clientele --database-na", {"--database-name="}, {"--workers="}),
    ("clientele backup /usr/bi", {"/usr/bin"}, {"--keep"}),
    ("clienteled --", {"--workers=", "--check", "--print-config"}, {"user"}),
])
def test_completion(installation, line, offered, not_offered):
    found = set(completions(installation, line))
    assert offered <= found and not not_offered & found
