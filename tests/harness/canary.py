"""Secret words: one in every stored member that takes text (tests/golden/members.txt), and who may read it."""

import base64
import itertools
import re
import subprocess
import urllib.parse

from . import licensing
from .access import ROUTES, sample_path
from .families import new_api_client, unique
from .installation import LONG, TOP

WORD = re.compile(r"cnry[a-z]{6}")
CURSOR = re.compile(r'"nextCursor":"([^"]+)"')
# The program's own rows, which are the same everywhere.
FIXED = {"role"}
# Columns of hidden members that a member of another name shows.
# Managers of accounts see it under another name.
OTHER_AREA = {("user", "display_name"): "accounts"}
SHOWN_OTHERWISE = {("api_key", "key_prefix"), ("resource", "data"), ("webhook_delivery", "payload"),
                   ("webhook_delivery", "response_body")}
MAIL = "0bd0e5a6-6f2c-4f43-9e0b-2c6a0c4f1c55"
FORMS = {"text": "{}", "list": '["{}"]', "map": '{{"k":"{}"}}', "scalar": '"{}"'}

_serial = itertools.count()


def members():
    """(table, column, kind, whether it is shown, area), each column once."""
    lines = (TOP / "tests/golden/members.txt").read_text(encoding="utf-8").splitlines()[1:]
    found = {}
    for table, column, kind, shown, area in (re.split(r"\s{2,}", line) for line in lines):
        if (table, column) in SHOWN_OTHERWISE:
            shown = "shown"
        area = OTHER_AREA.get((table, column), area)
        # Applications see their own group only: who reads all of them counts.
        if table not in FIXED and found.get((table, column), ("",) * 5)[4] in ("", "discovery"):
            found[table, column] = (table, column, kind, shown, area)
    return list(found.values())


def word():
    number, letters = next(_serial), ""
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
    return "cnry" + letters


class Canary(licensing.World):
    """A vendor's world with a word in every member: those that the API was given, then those of the database."""

    def __init__(self, installation):
        super().__init__(installation)
        self.words = {}  # word: area; None = nobody may see it
        self.stored = {}  # word: (table, column), of those that the database holds
        self.area = None

    # --- by the API, so that the log has them ---

    def body(self, operation, key=None):
        self.area = next(route.area for route in ROUTES if (route.method, route.path) == (operation.method, operation.path))
        usual, licensing.unique = licensing.unique, self.new_word
        try:
            return super().body(operation, key)
        finally:
            licensing.unique = usual

    def new_word(self, _stem=None):
        made = word()
        self.words[made] = self.area
        return made

    # --- in the database, so that no member is forgotten ---

    def store(self):
        """A word in each column of one row of each table; the rows must be there."""
        rows = {"user": f"id = '{self.get('user')}'", "api_key": f"id = {self.get('apiKey')}",
                "log_entry": "area = 'licenses'", "mail_message": f"id = '{MAIL}'", "queue_item": f"content_id = '{MAIL}'",
                # Of an event that nobody knows, a delivery's content is shown to who may read all.
                "webhook_delivery": "TRUE ORDER BY created_at",
                ("webhook_delivery", "type"): "TRUE ORDER BY created_at DESC",
                # A row has a private content, which is answered to nobody, or one that is shown.
                "resource": f"id = {self.make('resource', type='text', dataFormat='text', data='plain')}",
                ("resource", "private_data"): f"id = {self.get('resource')}"}
        script = []
        for table, column, kind, shown, area in members():
            made = word()
            self.words[made] = area if shown == "shown" else None
            self.stored[made] = (table, column)
            value = FORMS[kind].format(made)
            script.append(f"UPDATE `{table}` SET `{column}` = '{value}' WHERE "
                          f"{rows.get((table, column), rows.get(table, 'TRUE'))} LIMIT 1;")
        command = ["mariadb", "--no-defaults", "--force", "-uroot", "-S", self.installation.database_socket, "clientele"]
        subprocess.run(command, input="\n".join(script), capture_output=True, text=True, timeout=LONG, check=False)
        held = self.installation.sql("".join(f"SELECT COUNT(*) FROM `{table}` WHERE `{column}` LIKE '%{made}%';"
                                             for made, (table, column) in self.stored.items()))
        self.stored = {made: place for (made, place), [count] in zip(self.stored.items(), held) if int(count) > 0}


def fill_other_families(installation, client):
    """A row in each table that the licensing world does not fill; returns values of the paths' captures."""
    account = client.post("/hosting/api/client", {"username": unique("acc"), "emailAddress": "a@example.org",
                                                  "password": "p4ss,w0rd", "domainMaxCount": 5, "active": True}).json()
    domain = client.post(f"/hosting/api/client/{account['id']}/domain", {"name": "one.example.org"}).json()
    consent = {"consent": True, "ucid": "ab" * 32, "purposes": {"41ba25c": "p"}, "embeddings": {"16bd7f0": "e"}}
    assert client.post(f"/hosting/api/client/{account['id']}/domain/{domain['id']}/consents", consent).status == 201
    group = client.post("/api/delegategroups", {"name": unique("group")}).json()
    installation.sql("INSERT INTO delegate_client (id, code) VALUES (7, 'c'); INSERT INTO delegate_association "
                     f"(group_id, client_id, start_date) VALUES ({group['id']}, 7, '2020-01-01')")
    delegate = client.post(f"/api/delegategroups/{group['id']}/delegates", {"lastName": unique("delegate")}).json()
    location = unique("location")
    rule = {"conditions": [{"ruleType": "Location", "value": location}]}
    assert client.post("/v1/delegate-persons", {"person": {"clientId": 8, "location": location}}).status == 200
    assert client.post(f"/api/delegategroups/{group['id']}/clientrule", {"rules": [rule]}).status == 200
    installation.sql(f"INSERT INTO mail_message (id, recipients, subject, body) VALUES ('{MAIL}', '[]', 's', 'b'); "
                     f"INSERT INTO queue_item (kind, content_id, due_at) VALUES ('mail', '{MAIL}', '2099-01-01'); "
                     "INSERT INTO server_setting (name, value) VALUES ('no.setting', '1'); "
                     "INSERT INTO import_map (source, source_table, source_key, target_key, digest) "
                     "VALUES ('babel', 'Customers', '1', '1', REPEAT('x', 32))")
    user = installation.create_user(unique("api"), "Administrator")
    made = client.post("/api/v1/admin/clients", new_api_client(user)).json()["ResponseData"]["Detail"]
    form = f"grant_type=client_credentials&client_id={made['ID']}&client_secret={made['Secret']}"
    token = client.post("/oauth2/token", form, content_type="application/x-www-form-urlencoded", key="")
    assert token.status == 200, token
    # One that was never confirmed asks nobody for a code.
    installation.sql(f"INSERT INTO user_second_factor (user_id, secret) VALUES ('{installation.admin_id}', 'sealed')")
    session = installation.sql("SELECT id FROM oauth_session")[0][0]
    certificate = client.post("/api/v1/admin/certificates", {
        "Name": unique("gateway"), "Sha256Thumbprint": "A" * 64, "UserID": user}).json()["ResponseData"]["Detail"]
    portal = client.get("/api/v1/admin/accounts").json()["ResponseData"]["Detail"]["ID"]
    portal = client.post(f"/api/v1/admin/accounts/{portal}", {
        "CompanyName": unique("portal"), "Email": "b@example.org", "Username": unique("portal"), "Firstname": "B",
        "Lastname": "B", "Password": "p4ss,w0rd of the canary"}).json()["ResponseData"]["Detail"]["ID"]
    assert client.post(f"/api/v1/admin/users/{user}/accounts", {"AccountID": portal}).status == 200
    registration = client.post("/api/v1/admin/registration-tokens", {"UserID": user}).json()["ResponseData"]["Detail"]
    found = installation.create_group(unique("found"))
    hello = {"ClientCode": "till", "ClientGroupId": found, "AppName": "Till", "AppVersion": "1"}
    assert client.post("/api/ClientHello", hello, key="").status == 200
    [till] = client.get(f"/v1/discovery-groups/{found}/clients").json()["clients"]
    leaver = client.post("/api/ClientHello", {**hello, "ClientCode": unique("leaver")}, key="").json()["DTOClients"]
    [leaver] = [one["Token"] for one in leaver if one["ClientCode"] != "till"]
    assert client.delete(f"/api/ClientHello/{leaver}", key="").status == 204
    hook = {"url": "https://example.org/", "events": ["report.deleted"]}
    hook = client.post("/v1/webhooks", {"webhook": hook}).json()["webhookId"]
    delivery = client.post(f"/v1/webhooks/{hook}/test").json()["deliveryId"]
    client.post(f"/v1/webhooks/{hook}/test")
    metered = client.post("/v1/licenses", {"license": {"userKey": "canary-counter", "counters": [licensing.COUNTER]}}).json()["licenseId"]
    used = {"userKey": "canary-counter", "feature": licensing.COUNTER["feature"], "amount": 1, "consumptionId": unique("use")}
    assert client.post("/v1/license/consume", used).status == 200
    [entry] = client.get(f"/v1/licenses/{metered}/consumption/ledger").json()["consumptionEntries"]
    signing = client.post("/v1/signing-keys", {"signingKey": {"name": unique("signing")}}).json()["signingKeyId"]
    [counter] = client.get(f"/v1/licenses/{metered}/consumption").json()["counters"]
    return {"/v1/licenses/{licenseId}/consumption": {
                "licenseId": metered, "entryId": entry["id"], "counterId": counter["id"]},
            "/v1/discovery-groups": {"groupId": found, "clientId": till["id"]},
            "/v1/delegate-persons": {"clientId": 7},
            "/v1/consumption-ledger": {"entryId": entry["id"]},
            "/v1/roles": {"roleId": client.get("/v1/roles?take=1").json()["roles"][0]["id"]},
            "/v1/log": {"logId": client.get("/v1/log?take=1").json()["logEntries"][0]["id"]},
            "/v1/webhooks": {"webhookId": hook, "deliveryId": delivery},
            "/v1/signing-keys": {"signingKeyId": signing},
            "/v1/customer/": {"customerCode": client.post("/v1/customers", {"customer": {"code": unique("code")}}).json()["customerCode"]},
            "/v1/emails": {"emailId": client.get("/v1/emails?take=1").json()["emails"][0]["id"]},
            "/hosting": {"clientId": account["id"], "domainId": domain["id"], "username": account["username"],
                         "apiKey": account["apiKey"], "searchTerm": account["username"], "ucid": "ab" * 32},
            "/api/domains": {"domainId": domain["id"], "ucid": "ab" * 32},
            "/api/delegategroups": {"id": group["id"], "delegateGroupId": group["id"], "delegateId": delegate["id"], "offset": 0},
            "/api/v1/admin/clients": {"id": made["ID"]}, "/api/v1/admin/sessions": {"id": session},
            "/api/v1/admin/registration-tokens": {"id": registration["ID"]},
            "/api/v1/admin/certificates": {"thumbprint": certificate["Sha256Thumbprint"]},
            "/api/v1/admin/users": {"id": user, "accountId": portal}, "/api/v1/admin/accounts": {"id": portal},
            "/oauth2": {"client_id": made["ID"]},
            "/v1/audit": {"id": installation.sql("SELECT MIN(id) FROM audit_entry")[0][0]}}


def fill(world):
    """Two rows of each kind that the licensing world makes, one of each other table, and `captures` for paths."""
    for kind in ("apiKey", "setting", "assembly", "token", "license", "template", "contact", "release", "resource",
                 "releaseAssembly", "order", "report", "trace"):
        world.get(kind)
        world.make(kind)  # a second one, so that a list goes on behind the first page
    operation = licensing.find("POST", "/v1/orders/{orderId}/products/{productId}")
    assert world.client.post(world.path(operation), world.body(operation)).status == 200
    world.captures = fill_other_families(world.installation, world.client)
    return world


def path_of(world, path):
    """The path with identifiers of rows that there are: those of the world, and those of `world.captures`."""
    known = {"id": "user"} | licensing.CAPTURES
    for prefix, captures in world.captures.items():
        if path.startswith(prefix):
            return re.sub(r"{(\w+)}", lambda found: urllib.parse.quote(str(captures.get(found[1], found[1])), safe=""), path)
    if all(name in known for name in re.findall(r"{(\w+)}", path)):
        return re.sub(r"{(\w+)}", lambda found: str(world.get(known[found[1]])), path)
    return sample_path(path).partition("?")[0]


def decoded(text):
    """What somebody finds who looks into the cursors of an answer."""
    found = b""
    for cursor in CURSOR.findall(text):
        found += base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    return found.decode("latin-1")


def words_in(answer):
    text = answer.body.decode("utf-8", "replace") + str(answer.headers)
    return set(WORD.findall(text + decoded(text)))
