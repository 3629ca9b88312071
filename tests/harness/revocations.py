"""Every way in which a credential ends or changes before its time."""

import time
import urllib.parse

from .families import new_api_client, unique, with_made_secret

ADMIN = "/api/v1/admin"
CLIENTS, SESSIONS = f"{ADMIN}/clients", f"{ADMIN}/sessions"
FORM = "application/x-www-form-urlencoded"
PASSWORD = "nobody-guesses-this-4711"
NODE_SECONDS = 1.0  # after which all nodes refuse what was revoked on one of them
SESSIONS_MOST = 30  # of a user through one client, for the installations of these tests


def post_form(installation, path, check_status=200, **members):
    answer = installation.client().post(path, urllib.parse.urlencode(members), content_type=FORM)
    assert answer.status == check_status, answer
    return answer.json() if answer.body else None


def check_followed(call, status=401):
    """What is sent a second from now, or later, is answered with that status."""
    begun = sent = time.monotonic()
    while call().status != status:
        assert sent <= begun + NODE_SECONDS, "not followed within a second"
        time.sleep(0.02)
        sent = time.monotonic()


class Subject:
    """A user with a key, a client with a secret, an access token of that client and one with a refresh token."""

    def __init__(self, installation, password=False):
        self.installation = installation
        self.admin = installation.client(installation.admin_key)
        self.name = unique("revoked")
        made = self.admin.post("/v1/users", {"user": {"userName": self.name, "roles": ["Sales"]}, "password": PASSWORD})
        self.user = made.json()["userId"]
        made = self.admin.post("/v1/api-keys", {"apiKey": {"name": self.name, "ownerId": self.user, "permissions": 15}})
        self.key, self.key_id = made.json()["apiKey"], made.json()["apiKeyId"]
        made = self.admin.post(CLIENTS, new_api_client(self.user, Name=self.name[-18:])).json()["ResponseData"]["Detail"]
        made = with_made_secret(self.admin, made)
        self.client, self.secret = made["ID"], made["Secret"]
        self.token = self.open()["access_token"]
        if password:
            self.pair = self.open(grant_type="password", username=self.name, password=PASSWORD)
            self.login = self.pair["access_token"]

    def form(self, path, check_status=200, **members):
        return post_form(self.installation, path, check_status, client_id=self.client, client_secret=self.secret,
                         **members)

    def open(self, **members):
        return self.form("/oauth2/token", **({"grant_type": "client_credentials"} | members))

    def command(self, *arguments):
        self.installation.cli(*arguments)

    # --- ends ---

    def revoke_token(self):
        self.form("/oauth2/revoke", token=self.token)

    def revoke_refresh_token(self):
        self.form("/oauth2/revoke", token=self.pair["refresh_token"])

    def refresh_twice(self):
        """The second time after the next token was used: in two hands."""
        spent = self.pair["refresh_token"]
        following = self.form("/oauth2/token", grant_type="refresh_token", refresh_token=spent)
        self.form("/oauth2/token", grant_type="refresh_token", refresh_token=following["refresh_token"])
        self.form("/oauth2/token", 400, grant_type="refresh_token", refresh_token=spent)

    def open_too_many(self):
        for _ in range(SESSIONS_MOST):
            self.open()

    def remove_secret(self):
        assert self.admin.post(f"{CLIENTS}/{self.client}/secrets").status == 200
        self.admin.remove(f"{CLIENTS}/{self.client}/secrets/2")

    def replace_secret(self):
        assert self.admin.post(f"{CLIENTS}/{self.client}/secrets", {"GraceSeconds": 0}).status == 200

    def session(self):
        [[number]] = self.installation.sql(f"SELECT id FROM oauth_session WHERE client_id = '{self.client}'")
        return number

    def rotate_key(self):
        assert self.admin.post(f"/v1/api-keys/{self.key_id}/rotate", {"graceSeconds": 0}).status == 200

    def take_role(self):
        answer = self.admin.call("DELETE", f"/v1/users/{self.user}/roles", {"roles": "Sales"})
        assert answer.status == 200, answer


# What is done, with which credential the callers call, and what they get afterwards.
ENDS = {
    "key": (lambda s: s.admin.change("/v1/api-keys", {"apiKey": {"id": s.key_id, "revoked": True}}), "key", 401),
    "key deleted": (lambda s: s.admin.remove(f"/v1/api-keys/{s.key_id}"), "key", 401),
    "key by command": (lambda s: s.command("key", "revoke", s.key_id), "key", 401),
    "key deleted by command": (lambda s: s.command("key", "delete", s.key_id, "--yes"), "key", 401),
    "key rotated": (lambda s: s.rotate_key(), "key", 401),
    "key rotated by command": (lambda s: s.command("key", "rotate", s.key_id, "--grace", 0), "key", 401),
    "token": (Subject.revoke_token, "token", 401),
    "refresh token": (Subject.revoke_refresh_token, "login", 401),
    "refresh token in two hands": (Subject.refresh_twice, "login", 401),
    "session": (lambda s: s.admin.remove(f"{SESSIONS}/{s.session()}"), "token", 401),
    "session by command": (lambda s: s.command("token", "revoke", s.session()), "token", 401),
    "sessions of a client by command": (lambda s: s.command("token", "revoke", "--client", s.client), "token", 401),
    "sessions of a user by command": (lambda s: s.command("token", "revoke", "--user", s.name), "token", 401),
    "too many sessions": (Subject.open_too_many, "token", 401),
    "secret": (Subject.remove_secret, "token", 401),
    "secret replaced": (Subject.replace_secret, "token", 401),
    "secret set anew": (lambda s: s.admin.change(f"{CLIENTS}/{s.client}", {"Secret": "another secret"}), "token", 401),
    "secret by command": (lambda s: s.command("client", "rotate", s.client, "--grace", 0), "token", 401),
    "client": (lambda s: s.admin.remove(f"{CLIENTS}/{s.client}"), "token", 401),
    "client disabled": (lambda s: s.admin.change(f"{CLIENTS}/{s.client}", {"Enabled": False}), "token", 401),
    "client by command": (lambda s: s.command("client", "disable", s.client), "token", 401),
    "client narrowed": (lambda s: s.admin.change(f"{CLIENTS}/{s.client}", {"Scope": "LicenseManager"}), "token", 403),
    "user": (lambda s: s.admin.change("/v1/users", {"user": {"id": s.user, "enabled": False}}), "token", 401),
    "user's key": (lambda s: s.admin.change("/v1/users", {"user": {"id": s.user, "enabled": False}}), "key", 401),
    "user by command": (lambda s: s.command("user", "disable", s.name), "key", 401),
    "password": (lambda s: s.admin.change("/v1/users", {"user": {"id": s.user}, "newPassword": PASSWORD[::-1]}), "login", 401),
    "password by command": (lambda s: s.command("user", "password", s.name, "--remove"), "login", 401),
    "role": (lambda s: s.admin.change("/v1/users", {"user": {"id": s.user, "roles": []}}), "key", 403),
    "role taken": (Subject.take_role, "key", 403),
    "role by command": (lambda s: s.command("user", "role", s.name, "remove", "Sales"), "key", 403),
}
