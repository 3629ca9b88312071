"""Somebody who signs in with a password, a second factor or a link."""

import re
import urllib.parse

from .browser import SESSION, Browser, signed_in
from .families import unique
from .totp import code_of

PASSWORD = "correct horse battery 9"
TOTP = f"{SESSION}/totp"
FORM = "application/x-www-form-urlencoded"


class Person:
    def __init__(self, installation, *roles):
        self.installation, self.name = installation, unique("second")
        self.admin = installation.client(installation.admin_key)
        made = self.admin.post("/v1/users", {
            "password": PASSWORD, "user": {"userName": self.name, "roles": list(roles)}})
        assert made.status == 200, made
        self.id = made.json()["userId"]
        self.secret = self.codes = None

    def signed_in(self):
        return signed_in(self.installation, self.name, PASSWORD)

    def enrol(self, browser=None, shift=-1):
        """Sets the second factor up, with the code of the step before: that of this step is left."""
        browser = browser or self.signed_in()
        self.secret = browser.post(TOTP).json()["secret"]
        confirmed = browser.put(TOTP, {"code": code_of(self.secret, shift)})
        assert confirmed.status == 200, confirmed
        self.codes = confirmed.json()["recoveryCodes"]
        return browser

    def sign_in(self, **more):
        browser = Browser(self.installation)
        answer = browser.sign_in(username=self.name, password=PASSWORD, **more)
        answer.browser = browser
        return answer

    def grant(self, **more):
        body = urllib.parse.urlencode({"grant_type": "password", "username": self.name, "password": PASSWORD} | more)
        return self.installation.client().post("/oauth2/token", body, content_type=FORM)


def link_of(installation, name, *more, address="https://registry.example"):
    printed = installation.cli("user", "sign-in-link", name, "--address", address, *more).strip()
    found = re.fullmatch(re.escape(address) + "/console/#/sign-in\\?link=(csl_[A-Za-z0-9_-]{43})", printed)
    assert found, printed
    return found[1]
