"""A machine without a network: what it writes and keeps, by the library that programs of vendors have."""

import json
import subprocess

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


class Machine:
    """A machine without a network."""

    def __init__(self, installation, folder, public, name="M-1", client="Paint"):
        self.program, self.folder, self.name, self.client = installation.build / "clientele", folder, name, client
        folder.mkdir(exist_ok=True)
        (folder / "public").write_text(public)
        self.state = folder / f"{name}.state"

    def run(self, *arguments):
        result = subprocess.run([str(self.program), "license", *map(str, arguments)], capture_output=True, text=True,
                                timeout=60, check=False, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def own(self):
        return ["--machine", self.name, "--client", self.client, "--state", self.state]

    def key_file(self, text):
        path = self.folder / "userkey"
        path.write_text(text + "\n")
        return path

    def request(self, user_key=None, *more):
        named = ["--user-key-file", self.key_file(user_key)] if user_key else []
        return self.run("request", *self.own(), *named, *more)

    def verify(self, text, *more):
        """Result and what is known of the license, by the library."""
        document = self.folder / "document"
        document.write_text(text)
        result = subprocess.run(
            [str(self.program), "license", "verify", str(document), "--key", str(self.folder / "public"), "--machine",
             self.name, "--state", str(self.state), "--json", *map(str, more)], capture_output=True, text=True, timeout=60,
            check=False, env=ENVIRONMENT)
        return json.loads(result.stdout)

    def receipt(self, text, user_key=None):
        document = self.folder / "document"
        document.write_text(text)
        named = ["--user-key-file", self.key_file(user_key)] if user_key else []
        return self.run("return", document, "--key", self.folder / "public", *self.own(), *named)


def offline_call(installation, call, signing_key, user_key):
    """
    A license of that user key that may be used offline, and two functions: what makes the body of a check-out, and what makes,
    after one, that of a receipt. `call` posts, and answers with the value.
    """
    call("/v1/licenses", {"license": {"userKey": user_key, "signingKeyId": signing_key, "format": 2,
                                      "policy": {"offlineSeconds": 3600}}})
    public = installation.client(installation.admin_key).get(f"/v1/signing-keys/{signing_key}/public").text
    machine = Machine(installation, installation.state / "machines", public, f"M-{user_key}")

    def check_out():
        return {"userKey": user_key, "request": machine.request()}

    def receipt():
        return {"userKey": user_key, "receipt": machine.receipt(call("/v1/license/checkout", check_out())["file"])}
    return check_out, receipt
