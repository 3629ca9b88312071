"""What the tests of clients share: their packages, and an installation that they call."""

import os
import pathlib
import shutil
import subprocess

import pytest

from harness.families import new_api_client, unique
from harness.installation import TOP, Installation

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "a-passphrase-for-libraries-9"
TYPES = ["npx", "openapi-typescript", "openapi.json", "-o", "api.ts"]
DATES = ["npx", "openapi-ts"]


class Tools:
    """The packages, as the lock file has them, beside the programs that use them."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *command, seconds=120, **environment):
        result = subprocess.run(command, cwd=self.folder, env={**os.environ, **environment}, capture_output=True,
                                text=True, timeout=seconds)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout


@pytest.fixture(scope="session")
def tools():
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = pathlib.Path(os.environ.get("BUILD_DIR", HERE.parents[1] / "build-test")) / "clients"
    folder.mkdir(exist_ok=True)
    for path in [HERE / ".npmrc", *(path for kind in ("json", "mjs", "ts", "yaml") for path in HERE.glob(f"*.{kind}")),
                 *(TOP / "docs").glob("openapi*.json")]:
        shutil.copy(path, folder)
    made = Tools(folder)
    made.run("npm", "ci", "--prefer-offline", seconds=1200)
    return made


@pytest.fixture(scope="session")
def programs(tools):
    """The typed clients, made of the document and compiled with the programs that use them."""
    tools.run(*TYPES)
    tools.run(*DATES)
    tools.run("npx", "tsc", "-p", ".")
    return tools


@pytest.fixture(scope="session")
def world(every_installation_is_finished):
    with Installation(oauth_registration="token", webhook_http="yes", webhook_allow_private="yes",
                      webhook_deliverers="1") as running:
        admin = running.client(running.admin_key)
        name = unique("person")
        answer = admin.post("/v1/users", {"user": {"userName": name, "roles": ["Sales"]}, "password": PASSWORD})
        made = admin.post("/api/v1/admin/clients", new_api_client(answer.json()["userId"])).json()
        initial = running.cli("token", "create", "--registration", "--user", name).strip()
        people = running.state / "people.csv"
        people.write_text("clientId,firstName,lastName,birthDate\n9001,Zoë,Ångström,1980-05-04\n", encoding="utf-8")
        running.cli("person", "import", people)
        yield {"URL_BASE": f"http://127.0.0.1:{running.port}", "CLIENT_ID": made["ResponseData"]["Detail"]["ID"],
               "CLIENT_SECRET": made["ResponseData"]["Detail"]["Secret"], "USER_NAME": name, "USER_PASSWORD": PASSWORD,
               "INITIAL_TOKEN": initial, "KEY": running.admin_key, "USER_ID": running.admin_id,
               "GROUP": running.create_group(unique("group")), "PERSON": "9001"}
