"""Every secret that the tests use, and the search for it in everything that was written."""

import json
import pathlib
import re
import subprocess
import tempfile
import urllib.parse

# Keys and tokens that the program makes: a prefix, and enough random characters.
MADE = re.compile(r"\b(?:api|cat|ccs|crt|csl|cst|crg|cri)_[A-Za-z0-9_-]{24,43}")
# Members that hold what people choose.
NAMES = {"secret", "clientsecret", "client_secret", "password", "newpassword", "currentpassword",
         "refresh_token", "access_token", "registration_access_token", "csrftoken"}
LEAST = 12  # shorter ones are ordinary words too,
DISTINCT = 6  # and so are those of few different characters

DOCUMENT = (pathlib.Path(__file__).resolve().parents[2] / "docs/openapi.json").read_text(encoding="utf-8")


class Secrets:
    def __init__(self):
        self.known = set()

    def note_text(self, text):
        """Remembers the keys and tokens that stand in a text; returns them."""
        found = set(MADE.findall(text))
        self.known |= found
        return found

    def _note_member(self, name, value):
        if (name.lower() in NAMES and isinstance(value, str) and len(value) >= LEAST
                and len(set(value)) >= DISTINCT):
            self.known.add(value)
            return {value}
        return set()

    def _walk(self, value):
        found = set()
        if isinstance(value, dict):
            for name, member in value.items():
                found |= self._note_member(name, member) | self._walk(member)
        elif isinstance(value, list):
            for item in value:
                found |= self._walk(item)
        return found

    def note_request(self, path, headers, body):
        """Remembers what one request carries; returns it."""
        text = (body or b"").decode("utf-8", "replace")
        sent = [value for value in headers.values() if value is not None]
        found = self.note_text("\n".join([path, text, *sent]))
        if "x-client-secret" in headers:
            found |= self._note_member("secret", headers["x-client-secret"])
        kind = headers.get("Content-Type", "")
        if "json" in kind:
            try:
                found |= self._walk(json.loads(text))
            except (ValueError, RecursionError):
                pass
        elif "x-www-form-urlencoded" in kind:
            for name, value in urllib.parse.parse_qsl(text):
                found |= self._note_member(name, value)
        return found

    def leaks(self, folder):
        """Files below a folder that hold a secret in the clear, logs and database alike: name and first finding. Examples of the
        document, which the program holds, are nobody's."""
        known = [secret for secret in self.known if f'"{secret}"' not in DOCUMENT]
        if not known:
            return []
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as patterns:
            patterns.write("\n".join(sorted(known)) + "\n")
            patterns.flush()
            result = subprocess.run(
                ["grep", "--recursive", "--only-matching", "--max-count=1", "--text", "--fixed-strings",
                 "--devices=skip", "--with-filename", "--file", patterns.name, str(folder)],
                capture_output=True, text=True, timeout=300)
        assert result.returncode in (0, 1), result.stderr
        return sorted(set(result.stdout.splitlines()))
