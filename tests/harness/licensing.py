"""The reference's licensing operations, and a vendor's world for them to work on: rows of every kind, made
through the API from the reference's own samples."""

import copy
import functools
import itertools
import json
import re

from .families import unique
from .installation import TOP

# Parts of a row; every other object in a sample is another row, which `include` brings.
PARTS = {"product": ("License", "LicenseTemplate"), "licensee": ("License",), "properties": ("Restriction",)}

# Lists of rows that the reference does not have, and the kinds that have them.
OUR_LISTS = {"counters": ("License", "LicenseTemplate")}

# The reference's samples are of these kinds, told by a member that no other kind has.
KINDS = {"licensingMode": "License", "licenseFileName": "LicenseTemplate", "customXmlContent": "Restriction"}

# Operations that are no list, insert, update or delete of a resource; other files test them.
IRREGULAR = {
    ("GET", "/v1/settings"), ("PUT", "/v1/settings"), ("GET", "/v1/info"), ("GET", "/v1/log"),
    ("GET", "/v1/log/levels"), ("DELETE", "/v1/log"), ("POST", "/v1/users/{userId}/roles"),
    ("DELETE", "/v1/users/{userId}/roles"), ("DELETE", "/v1/license-traces"),
    ("POST", "/v1/email/send"), ("POST", "/v1/email/license"),
}

# Members that name another row, and its kind.
REFERENCES = {
    "customerId": "customer", "resellerId": "customer", "orderId": "order", "templateId": "template",
    "signatureKeysId": "resource", "productId": "product", "releaseId": "release", "ownerId": "user",
    "userId": "user", "licenseId": "license", "nodeLockedLicenseId": "license", "reportId": "report",
}

# Where a kind is made, and the member of the answer that tells its identifier.
MAKERS = {
    "apiKey": ("/v1/api-keys", "apiKeyId"), "user": ("/v1/users", "userId"),
    "setting": ("/v1/users/{userId}/settings", "settingId"), "assembly": ("/v1/assemblies", "assemblyId"),
    "license": ("/v1/licenses", "licenseId"), "token": ("/v1/licenses/{licenseId}/tokens", "licenseTokenId"),
    "template": ("/v1/license-templates", "templateId"), "customer": ("/v1/customers", "customerId"),
    "contact": ("/v1/contacts", "contactId"), "product": ("/v1/products", "productId"),
    "release": ("/v1/products/{productId}/releases", "releaseId"),
    "releaseAssembly": ("/v1/products/{productId}/releases/{releaseId}/assemblies", "assemblyId"),
    "order": ("/v1/orders", "orderId"), "resource": ("/v1/resources", "resourceId"),
}

# Kinds that no operation of the reference makes.
STORED = {
    "report": "INSERT INTO report (uid, name, version, user_key, machine_id, client_id, client_name, "
              "content_type, content, address) VALUES ('u', 'ExceptionReport', '1', 'k', 'm', 'c', 'n', "
              "'text/plain', 'x', '::1'); INSERT INTO report_property (name, value, report_id) "
              "VALUES ('a', 'b', LAST_INSERT_ID()); SELECT MAX(id) FROM report",
    "trace": "INSERT INTO license_trace (client_ip, client_id, client_name, machine_id, action, geo_location, "
             "meta, license_id) VALUES ('::1', 'c', 'n', 'm', 1, 'g', '{}', {licenseId}); "
             "SELECT MAX(id) FROM license_trace",
}

# The kind that the last capture of a path names, where the capture alone does not tell it.
CAPTURES = {
    "apiKeyId": "apiKey", "settingId": "setting", "assemblyId": "assembly", "tokenId": "token",
    "contactId": "contact", "resourceId": "resource", "traceId": "trace", **REFERENCES,
}


@functools.cache
def operations():
    text = (TOP / "tests/golden/licensing-operations.json").read_text(encoding="utf-8")
    return [Operation(entry) for entry in json.loads(text)]


class Operation:
    def __init__(self, entry):
        self.method = entry["method"]
        self.path = entry["path"]
        self.request = entry["requestSample"]
        self.response = entry["responseSample"]
        self.request_type = (entry.get("requestSchema") or "").removeprefix("Management.")
        self.response_type = (entry["responseSchema"] or "").removeprefix("Management.")
        self.regular = (self.method, self.path) not in IRREGULAR

    @property
    def name(self):
        return f"{self.method} {self.path}"

    @property
    def plural(self):
        """The member of a list's answer that holds the rows."""
        return next(name for name, value in self.response.items() if isinstance(value, list))

    @property
    def member(self):
        """The member of a body that holds the row."""
        return next(name for name, value in self.request.items() if isinstance(value, dict))

    @property
    def is_list(self):
        return self.method == "GET"

    @property
    def captures(self):
        return re.findall(r"{(\w+)}", self.path)

    def capture_kind(self, capture):
        return "releaseAssembly" if "releases" in self.path and capture == "assemblyId" else CAPTURES[capture]

    @property
    def kind(self):
        """What the path's rows are."""
        words = self.path.rstrip("/").split("/")
        word = [one for one in words if not one.startswith("{")][-1]
        return {
            "api-keys": "apiKey", "users": "user", "settings": "setting", "roles": "role",
            "assemblies": "releaseAssembly" if "releases" in words else "assembly", "licenses": "license",
            "license-tokens": "token", "tokens": "token", "license-traces": "trace",
            "license-templates": "template", "customers": "customer", "contacts": "contact",
            "orders": "orderProduct" if "products" in words else "order",
            "products": "orderProduct" if "orders" in words else "product", "releases": "release",
            "resources": "resource", "reports": "report",
        }[word]


def find(method, path):
    return next(one for one in operations() if (one.method, one.path) == (method, path))


def kind_of(sample):
    return next((kind for member, kind in KINDS.items() if member in sample), None)


def is_part(name, sample):
    """Whether an object of a sample is part of its row (else it is another row)."""
    return kind_of(sample) in PARTS.get(name, ())


def relations(sample, before=""):
    """Paths of all other rows in a row of a sample, for `include`; of those that are ours, the row's own."""
    found = []
    for name, value in sample.items():
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict) and inner and not is_part(name, sample):
            found.append(before + name)
            found += relations(inner, f"{before}{name}.")
    return found + [name for name, kinds in OUR_LISTS.items() if not before and kind_of(sample) in kinds]


def without(sample, depth):
    """A row of a sample without the rows more than `depth` levels away."""
    kept = {}
    for name, value in sample.items():
        inner = value[0] if isinstance(value, list) and value else value
        if not isinstance(inner, dict) or is_part(name, sample):
            kept[name] = value
        elif depth > 0 and inner:
            one = without(inner, depth - 1)
            kept[name] = [one] if isinstance(value, list) else one
    return kept


class World:
    """Rows are made as they are needed; `get` gives one that may be shared, `make` a new one."""

    serial = itertools.count(1)

    def __init__(self, installation):
        self.installation = installation
        self.client = installation.client(installation.admin_key)
        self.shared = {}

    def get(self, kind):
        if kind not in self.shared:
            self.shared[kind] = self.make(kind)
        return self.shared[kind]

    def make(self, kind, **members):
        """Identifier of a new row, with all members of the sample; `members` win."""
        if kind in STORED:
            rows = self.installation.sql(STORED[kind].replace("{licenseId}", str(self.get("license"))))
            return int(rows[-1][0])
        path, member = MAKERS[kind]
        operation = find("POST", path)
        body = self.body(operation)
        body[operation.member].update(members)
        answer = self.client.post(self.path(operation), body)
        assert answer.status == 200, answer
        return answer.json()[member]

    def path(self, operation, **captures):
        """The operation's path with identifiers of rows that there are; `captures` win."""
        return re.sub(r"{(\w+)}", lambda found: str(
            captures[found[1]] if found[1] in captures else self.get(operation.capture_kind(found[1]))),
                      operation.path)

    def body(self, operation, key=None):
        """The request sample with real identifiers and unique names."""
        body = copy.deepcopy(operation.request)
        row = body[operation.member]
        own = {"license": "licenseId"}.get(operation.kind)
        for name, value in row.items():
            if name == "id":
                row[name] = key if key is not None else value
            elif name in REFERENCES and name != own and isinstance(value, (int, str)):
                row[name] = self.get(REFERENCES[name])
            elif value == "string":
                row[name] = unique(name[:8])  # some members take 16 characters only
            elif name == "roles":
                row[name] = ["Sales"]
        if operation.kind == "user":
            body.update({name: PASSWORD for name in ("password", "currentPassword", "newPassword") if name in body})
        return body


# --- comparing ---

# Of the test's users; the samples' is too short.
PASSWORD = "open for the tests"
# Members of rows that the reference does not have.
OURS = {"allowedNetworks", "rateLimit", "lastUsed", "useCount", "enabled", "signingKeyId", "signedById",
        "policy", "suspended", "state", "firstActivatedAt", "firstValidatedAt", "machineComponents", "counters",
        "checkoutCount", "lastCheckout", "offlineUntil", "displayName", "languageId", "timeZone", "accountId"}

# A counter that there is something left of.
COUNTER = {"feature": "units", "kind": "prepaid", "allowance": 10}

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z|\d{4}-\d\d-\d\d")


def compare(actual, sample, xml, where="answer", optional=("message", "nextCursor")):
    """Fails unless both have the same members and types."""
    if isinstance(sample, dict) and "property1" in sample:
        assert isinstance(actual, dict) and all(isinstance(text, str) for text in actual.values()), where
    elif isinstance(sample, dict):
        assert isinstance(actual, dict), f"{where}: {actual!r} is no object"
        # The samples cut rows that hold themselves short: {}.
        left_out = {*optional, *(name for name, value in sample.items() if value in ({}, [{}]))}
        names, expected = set(actual) - left_out - OURS, set(sample) - left_out
        assert names == expected, f"{where}: too much {names - expected}, too little {expected - names}"
        for name in expected:
            compare(actual[name], sample[name], xml, f"{where}.{name}", optional)
    elif isinstance(sample, list):
        assert isinstance(actual, list) and actual, f"{where}: {actual!r} is no list with items"
        for number, item in enumerate(actual):
            compare(item, sample[0], xml, f"{where}[{number}]", optional)
    else:
        compare_scalar(actual, sample, xml, where)


def compare_scalar(actual, sample, xml, where):
    assert actual is not None, f"{where} is null"
    if isinstance(sample, str):
        assert isinstance(actual, str), f"{where}: {actual!r} is no text"
        if MOMENT.fullmatch(sample):
            assert MOMENT.fullmatch(actual), f"{where}: {actual!r} is no time"
    elif isinstance(sample, bool):
        assert actual in (("true", "false") if xml else (True, False)), f"{where}: {actual!r} is no boolean"
    elif xml:
        pattern = r"-?\d+" if isinstance(sample, int) else r"-?\d+(\.\d+)?"
        assert re.fullmatch(pattern, actual), f"{where}: {actual!r} is no number"
    else:
        kinds = (int,) if isinstance(sample, int) else (int, float)
        assert isinstance(actual, kinds) and not isinstance(actual, bool), f"{where}: {actual!r}"
