"""Who may call what: the lines of tests/golden/access.txt, which whoever changes them has read."""

import collections
import http.client
import re

from .installation import LONG, TOP

Route = collections.namedtuple("Route", "method path access area permission roles own_roles")
GOLDEN = TOP / "tests/golden/access.txt"
BITS = {"read": 1, "update": 2, "delete": 4, "create": 8}
OWN = " (own rows)"
NOWHERE = "00000000-0000-4000-8000-000000000000"


def load():
    """One Route for each line; `own_roles` are those that see own rows only."""
    for line in GOLDEN.read_text(encoding="utf-8").splitlines()[1:]:
        method, path, access, area, permission, roles = re.split(r"\s{2,}", line)
        names = [] if roles == "-" else roles.split(", ")
        yield Route(method, path, access, area, permission, {name for name in names if not name.endswith(OWN)},
                    {name[:-len(OWN)] for name in names if name.endswith(OWN)})


ROUTES = list(load())
KEYED = [route for route in ROUTES if route.access in ("key", "group", "user key", "key or client")]


def name(route):
    return f"{route.method} {route.path}"


def sample_path(path):
    """The path of rows that are not there, by names of the right form."""
    def fill(found):
        return NOWHERE if re.search(r"(?i)^id$|user|role|group|client", found[1]) \
            and not path.startswith(("/hosting", "/api/delegate")) else "999999999"

    # What licensing deletes and sends without naming rows: an unknown parameter stops it after the permissions.
    return re.sub(r"{(\w+)}", fill, path) + ("?nonsense=1" if path.startswith("/v1/") else "")


class Caller:
    """One connection, kept open: thousands of calls, which change nothing."""

    def __init__(self, installation):
        self.connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=LONG)

    def status(self, route, headers):
        self.connection.request(route.method, sample_path(route.path), headers={"Accept": "application/json"} | headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status
