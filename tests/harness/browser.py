"""A browser as far as the server notices one: it keeps the cookie, and sends origin and CSRF token with changes."""

import re

from .client import Client

SESSION = "/v1/session"
SESSIONS = "/v1/sessions"
COOKIE = re.compile(r"^((?:__Host-|__Secure-)?clientele-session)=([^;]*); (.*)$")
SAFE = ("GET", "HEAD", "OPTIONS")


class Browser(Client):
    """`origin` is where its pages come from."""

    def __init__(self, installation, origin=None, **options):
        super().__init__(installation, key="", **options)
        self.origin = origin or f"http://127.0.0.1:{installation.port}"
        self.name = self.token = self.attributes = self.csrf = None

    def headers(self, method):
        """What goes with each request."""
        sent = {"User-Agent": "Mozilla/5.0 (test)", "Sec-Fetch-Site": "same-origin"}
        if self.token:
            sent["Cookie"] = f"other=1; {self.name}={self.token}; more=2"
        if method not in SAFE:
            sent["Origin"] = self.origin
            if self.csrf:
                sent["X-CSRF-Token"] = self.csrf
        return sent

    def call(self, method, path, body=None, headers=None, **options):
        answer = super().call(method, path, body, headers=self.headers(method) | (headers or {}), **options)
        if "set-cookie" in answer.headers:
            self.name, self.token, self.attributes = COOKIE.match(answer.headers["set-cookie"]).groups()
        return answer

    def sign_in(self, **shown):
        """Signs in with what is shown, such as username and password; the answer."""
        answer = self.post(SESSION, shown)
        if answer.status == 200:
            self.csrf = answer.json()["session"]["csrfToken"]
        return answer


def signed_in(installation, name, password):
    """A browser in which that user has signed in."""
    browser = Browser(installation)
    answer = browser.sign_in(username=name, password=password)
    assert answer.status == 200, answer
    return browser
