"""OAuth client libraries that no one here wrote get, refresh, introspect and revoke tokens."""

import os
import pathlib
import shutil
import subprocess

import pytest

from harness.families import new_api_client, unique
from harness.installation import Installation

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "a-passphrase-for-libraries-9"


@pytest.fixture(scope="module")
def tools():
    """The libraries, fetched as the lock file has them."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = pathlib.Path(os.environ.get("BUILD_DIR", HERE.parents[1] / "build-test")) / "oauth-clients"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "standard.mjs", "simple.mjs"):
        shutil.copy(HERE / name, folder)
    result = subprocess.run(["npm", "ci", "--prefer-offline"], cwd=folder, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.fixture(scope="module")
def world():
    running = Installation(oauth_registration="token").start()
    admin = running.client(running.admin_key)
    name = unique("person")
    answer = admin.post("/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD})
    made = admin.post("/api/v1/admin/clients", new_api_client(answer.json()["userId"])).json()
    initial = running.cli("token", "create", "--registration", "--user", name).strip()
    yield {"URL_BASE": f"http://127.0.0.1:{running.port}", "CLIENT_ID": made["ResponseData"]["Detail"]["ID"],
           "CLIENT_SECRET": made["ResponseData"]["Detail"]["Secret"], "USER_NAME": name, "USER_PASSWORD": PASSWORD,
           "INITIAL_TOKEN": initial}
    running.finish()


@pytest.mark.parametrize("program", ["standard.mjs", "simple.mjs"])
def test_library(tools, world, program):
    result = subprocess.run(["node", str(tools / program)], env={**os.environ, **world}, capture_output=True, text=True,
                            timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
