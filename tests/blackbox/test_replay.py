"""A transaction that a deadlock ends is run again: what is stored in the end must be what one run stores. Writes
of each operation are made to fail once, by triggers."""

import base64
import crypt  # pylint: disable=deprecated-module
import re
import urllib.parse
import uuid

import pytest

from harness.families import unique
from harness.licensing import PASSWORD, World, find, operations
from harness.locks import connected

CLIENTS, ACCOUNTS, GROUPS = "/api/v1/admin/clients", "/hosting/api/client", "/api/delegategroups"
FORM = "application/x-www-form-urlencoded"
NEW_PASSWORD = "another one for the tests"
NEVER = 1_000_000
COUNTERS = {"revocation", "row_count"}


class Database:
    """Makes the n-th row that is written from now on fail with a deadlock, and tells what has been written."""

    def __init__(self, connection):
        self.connection = connection
        self.connection.run("SET group_concat_max_len = 100000")
        self.connection.run(
            "CREATE TABLE replay_left (n INT, hits INT) ENGINE = MyISAM; INSERT INTO replay_left VALUES (0, 0);"
            "CREATE TABLE replay_touched (name VARCHAR(64) PRIMARY KEY) ENGINE = MyISAM")
        self.connection.run("""DELIMITER //
CREATE PROCEDURE replay_fault(written VARCHAR(64), counts BOOLEAN) MODIFIES SQL DATA BEGIN
    INSERT IGNORE INTO replay_touched VALUES (written);
    UPDATE replay_left SET n = n - 1 WHERE n > 0 AND counts;
    IF ROW_COUNT() = 1 AND (SELECT n FROM replay_left) = 0 THEN
        UPDATE replay_left SET hits = hits + 1;
        SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'a deadlock of the test';
    END IF;
END //
DELIMITER ;
SELECT 1""")
        tables = [row[0] for row in self.connection.run(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
            "AND ENGINE = 'InnoDB' AND TABLE_NAME <> 'schema_version'")]
        # Workers write the use of a credential when they find time, which no test can foresee.
        use = ("(COLUMN_NAME LIKE '%used_at' OR COLUMN_NAME LIKE '%use_count') AND TABLE_NAME <> 'oauth_token' "
               "AND TABLE_SCHEMA = DATABASE()")
        noted = dict(self.connection.run(
            "SELECT TABLE_NAME, GROUP_CONCAT(CONCAT('NEW.', COLUMN_NAME, ' <=> OLD.', COLUMN_NAME) SEPARATOR ' AND ') "
            f"FROM information_schema.COLUMNS WHERE {use} GROUP BY TABLE_NAME"))
        # A counter is inserted or, where the worker's part of it is there, updated by the same statement.
        noted["row_count"] = "FALSE"
        for table in tables:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                condition = noted.get(table, "TRUE") if verb == "UPDATE" else "TRUE"
                self.connection.run(f"CREATE TRIGGER replay_{table}_{verb} BEFORE {verb} ON {table} FOR EACH ROW "
                                    f"CALL replay_fault('{table}', {condition})")
        self.columns = dict(self.connection.run(
            "SELECT TABLE_NAME, GROUP_CONCAT(CONCAT('`', COLUMN_NAME, '`')) FROM information_schema.COLUMNS "
            f"WHERE TABLE_SCHEMA = DATABASE() AND NOT ({use}) GROUP BY TABLE_NAME"))
        self.rows = {table: self.read(table) for table in tables}

    def read(self, table):
        return ["\t".join(row) for row in self.connection.run(f"SELECT {self.columns[table]} FROM {table}")]

    def fail(self, number):
        self.connection.run(f"UPDATE replay_left SET n = {number}, hits = 0; TRUNCATE replay_touched")

    def state(self):
        """Whether a write has failed, and how many more would have had to be written for the next to fail."""
        [[hits, left]] = self.connection.run("SELECT hits, n FROM replay_left")
        return hits == "1", int(left)

    def changes(self):
        """Rows that are there now and were not before, without what is drawn at random or counted."""
        changed = {}
        for [table] in self.connection.run("UPDATE replay_left SET n = 0; SELECT name FROM replay_touched"):
            now = self.read(table)
            old = set(self.rows[table])
            rows = [scrub(row) for row in now if row not in old]
            if table == "log_entry":
                changed[table] = len(rows)  # what it tells of a change depends on the state before
            elif table not in COUNTERS and rows:
                changed[table] = sorted(rows)
            self.rows[table] = now
        return changed


def scrub(row):
    row = re.sub(r"\$[0-9a-z]+\$[./$0-9A-Za-z]+", "HASH", row)
    row = re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+", "MOMENT", row)
    return re.sub(r"[0-9A-Za-z]+", "x", row)


class Setting:
    """What the operations are about, each time anew."""

    def __init__(self, installation):
        self.world = World(installation)
        self.installation = installation
        self.admin = installation.client(installation.admin_key)
        self.anonymous = installation.client()
        self.passwords = PASSWORD, NEW_PASSWORD
        self.made = {}

    def once(self, name, make):
        """What takes long to make and may be used several times."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def call(self, method, path, body=None, **options):
        answer = self.admin.call(method, path, body, **options)
        assert 200 <= answer.status < 300, answer
        return answer.json() if answer.body else None

    def user(self):
        name = unique("replay")
        return name, self.call("POST", "/v1/users", {"user": {"userName": name, "roles": ["Sales"]},
                                                     "password": PASSWORD})["userId"]

    def api_client(self):
        owner = self.once("owner", self.user)[1]
        return self.call("POST", CLIENTS, {"Name": unique("r")[:18], "UserID": owner})["ResponseData"]["Detail"]

    def account(self):
        name = unique("replay")
        return self.call("POST", ACCOUNTS, {"username": name, "password": PASSWORD, "domainMaxCount": -1,
                                            "emailAddress": f"{name}@example.org"})

    def log_in(self, name, password=PASSWORD, status=200):
        body = urllib.parse.urlencode({"grant_type": "password", "username": name, "password": password})
        answer = self.anonymous.post("/oauth2/token", body, content_type=FORM)
        assert answer.status == status, answer
        return answer.json()

    def token(self, client, secret):
        body = urllib.parse.urlencode({"grant_type": "client_credentials"})
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        answer = self.anonymous.post("/oauth2/token", body, content_type=FORM, headers={"Authorization": f"Basic {basic}"})
        assert answer.status == 200, answer

    def hash(self, account):
        return self.installation.sql(f"SELECT password_hash FROM hosting_client WHERE id = '{account}'")[0][0]


# Each prepares, and returns the call and what must hold after it.

def new_user(setting):
    name = unique("replay")
    body = {"user": {"userName": name, "roles": ["Sales"], "settings": [{"name": "a", "value": "b"}]}, "password": PASSWORD}
    return lambda: setting.call("POST", "/v1/users", body), lambda _: setting.log_in(name)


def changed_user(setting):
    name, user = setting.once("changed_user", setting.user)
    old, new = setting.passwords
    setting.passwords = new, old
    setting.installation.sql(f"DELETE FROM oauth_session WHERE user_id = '{user}'")
    body = {"user": {"id": user, "roles": ["Sales"]}, "currentPassword": old, "newPassword": new}
    return lambda: setting.call("PUT", "/v1/users", body), lambda _: setting.log_in(name, new)


def new_key(setting):
    secret = f"secret-{uuid.uuid4().hex}"
    body = {"apiKey": {"name": unique("replay"), "clientSecret": secret}}

    def check(value):
        check_key(setting, value["apiKey"], secret)
    return lambda: setting.call("POST", "/v1/api-keys", body), check


def changed_key(setting):
    secret = f"secret-{uuid.uuid4().hex}"
    made = setting.call("POST", "/v1/api-keys", {"apiKey": {"name": unique("replay")}})
    body = {"apiKey": {"id": made["apiKeyId"], "name": "renamed", "clientSecret": secret}}
    return lambda: setting.call("PUT", "/v1/api-keys", body), lambda _: check_key(setting, made["apiKey"], secret)


def check_key(setting, key, secret):
    assert setting.anonymous.get("/v1/roles", key=key, headers={"x-client-secret": secret}).status == 200
    assert setting.anonymous.get("/v1/roles", key=key).status == 401


def new_client(setting, **members):
    body = {"Name": unique("r")[:18], "UserID": setting.once("owner", setting.user)[1]} | members
    return lambda: setting.call("POST", CLIENTS, body)["ResponseData"]["Detail"], \
        lambda made: setting.token(made["ID"], made["Secret"])


def new_client_with_a_secret(setting):
    return new_client(setting, Secret=f"chosen-{uuid.uuid4().hex}")


def changed_client(setting):
    made, secret = setting.api_client(), f"chosen-{uuid.uuid4().hex}"
    body = {"Secret": secret, "Name": unique("s")[:18]}
    return lambda: setting.call("PUT", f"{CLIENTS}/{made['ID']}", body), lambda _: setting.token(made["ID"], secret)


def second_secret(setting):
    made = setting.api_client()

    def check(value):
        for secret in (made["Secret"], value["ResponseData"]["Detail"]["Secret"]):
            setting.token(made["ID"], secret)
    return lambda: setting.call("POST", f"{CLIENTS}/{made['ID']}/secrets", {"GraceSeconds": 600}), check


def new_account(setting):
    name = unique("replay")
    body = {"username": name, "password": PASSWORD, "emailAddress": f"{name}@example.org"}

    def check(value):
        assert crypt.crypt(PASSWORD, setting.hash(value["id"])) == setting.hash(value["id"])
        assert setting.call("GET", f"{ACCOUNTS}/by-apiKey/{value['apiKey']}")["id"] == value["id"]
    return lambda: setting.call("POST", ACCOUNTS, body), check


def changed_account(setting):
    made = setting.once("account", setting.account)

    def check(_):
        assert crypt.crypt(NEW_PASSWORD, setting.hash(made["id"])) == setting.hash(made["id"])
    return lambda: setting.call("PUT", f"{ACCOUNTS}/{made['id']}", {"password": NEW_PASSWORD}), check


def new_domain(setting):
    made = setting.once("account", setting.account)
    path = f"/{unique('a')}/path"
    body = {"name": f"Replay.Example.org{path}"}

    def check(value):
        assert (value["name"], value["path"]) == ("replay.example.org", path), value
    return lambda: setting.call("POST", f"{ACCOUNTS}/{made['id']}/domain", body), check


def changed_domain(setting):
    made = setting.once("account", setting.account)
    place = f"/{unique('a')}/path"
    domain = setting.call("POST", f"{ACCOUNTS}/{made['id']}/domain", {"name": f"one.example.org{place}"})
    path = f"{ACCOUNTS}/{made['id']}/domain/{domain['id']}"

    def check(value):
        assert (value["name"], value["path"]) == ("two.example.org", place), value
    return lambda: setting.call("PUT", path, {"name": f"two.example.org{place}"}), check


def user_roles(setting):
    _, user = setting.once("user_roles", setting.user)
    setting.installation.sql(f"DELETE FROM user_role WHERE user_id = '{user}'")
    return lambda: setting.call("POST", f"/v1/users/{user}/roles", {"roles": "Customer,LicenseManager"}), None


def settings(setting):
    body = {"settings": [{"group": "mail", "name": "licenseSubject", "value": unique("replay")}]}
    return lambda: setting.call("PUT", "/v1/settings", body), None


def hello(setting):
    group = setting.installation.create_group(unique("replay"))
    body = {"ClientCode": "c", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"}
    return lambda: setting.call("POST", "/api/ClientHello", body), None


def synchronise(setting):
    group = setting.installation.create_group(unique("replay"))
    body = [{"ClientCode": code, "ClientGroupsId": group, "AppName": "a", "AppVersion": "1"} for code in "abc"]
    return lambda: setting.call("POST", "/api/ClientAddOrUpdateOrRemoveClients", body), None


def new_group(setting):
    return lambda: setting.call("POST", GROUPS, {"name": unique("replay"), "canBookTrips": True}), None


def association(setting):
    group = setting.once("group", lambda: setting.call("POST", GROUPS, {"name": unique("replay")}))["id"]
    person = int(unique("1").split("-")[-1]) + 1000
    setting.installation.sql(f"INSERT INTO delegate_client (id) VALUES ({person})")
    return lambda: setting.call("POST", f"{GROUPS}/{group}/clients", {"clientId": person}), None


def refresh(setting):
    name, _ = setting.once("login", setting.user)
    body = urllib.parse.urlencode({"grant_type": "refresh_token",
                                   "refresh_token": setting.log_in(name)["refresh_token"]})
    return lambda: setting.call("POST", "/oauth2/token", body, content_type=FORM, key=""), \
        lambda value: setting.call("GET", "/v1/customers", key="", headers={
            "Authorization": f"Bearer {value['access_token']}"})


def register(setting):
    token = setting.once("initial", lambda: setting.installation.cli(
        "token", "create", "--registration", "--user", setting.once("owner", setting.user)[0]).split()[0])
    return lambda: setting.call("POST", "/oauth2/register", {"client_name": "r"}, key="", headers={
        "Authorization": f"Bearer {token}"}), lambda made: setting.token(made["client_id"], made["client_secret"])


def removed_client(setting):
    made = setting.api_client()

    def check(_):
        assert setting.admin.get(f"{CLIENTS}/{made['ID']}").status == 404
    return lambda: setting.call("DELETE", f"{CLIENTS}/{made['ID']}"), check


def login(setting):
    name, _ = setting.once("login", setting.user)
    return lambda: setting.log_in(name), lambda value: setting.anonymous.get(
        "/v1/customers", headers={"Authorization": f"Bearer {value['access_token']}"}).status == 200


OURS = [new_user, changed_user, new_key, changed_key, new_client, new_client_with_a_secret, changed_client,
        removed_client, register, refresh, new_group, association, synchronise,
        second_secret, new_account, changed_account, new_domain, changed_domain, user_roles, settings, hello, login]
# Of the reference, whose bodies have every member.
REFERENCE = [operation for operation in operations() if operation.method in ("POST", "PUT") and operation.regular]


def of_reference(operation):
    def prepare(setting):
        world = setting.world
        captures = {}
        if operation.kind == "orderProduct":
            captures = {"orderId": world.make("order"), "productId": world.make("product")}
            body = world.body(operation)
            if operation.method == "PUT":
                setting.call("POST", world.path(operation, **captures), body)
        elif operation.method == "PUT":
            body = world.body(operation, world.get(operation.kind))
        else:
            body = world.body(operation)
        path = world.path(operation, **captures)
        return lambda: setting.call(operation.method, path, body), None
    prepare.__name__ = operation.name
    return prepare


@pytest.fixture(scope="module")
def setting():
    from harness.installation import Installation  # pylint: disable=import-outside-toplevel
    running = Installation(discovery_auth="none", oauth_registration="token").start()
    made = Setting(running)
    for operation in REFERENCE:
        for capture in operation.captures:
            made.world.get(operation.capture_kind(capture))
    with connected(running) as connection:
        made.database = Database(connection)
        yield made
    running.finish()


def run_once(setting, prepare, number):
    """Changes of one run whose write of that number fails, and how many writes there were."""
    call, check = prepare(setting)
    setting.database.changes()  # of the preparations
    setting.database.fail(number)
    value = call()
    failed, writes = setting.database.state()
    changes = setting.database.changes()
    if check is not None:
        check(value)
    assert number == NEVER or failed, f"write {number} did not fail"
    return changes, NEVER - writes


@pytest.mark.parametrize("prepare", OURS + [of_reference(operation) for operation in REFERENCE],
                         ids=lambda prepare: prepare.__name__)
def test_writes_that_fail_once(setting, prepare):
    """The first, one in the middle, and the last, when all hooks have been at work."""
    expected, writes = run_once(setting, prepare, NEVER)
    assert writes > 0
    for number in sorted({1, (writes + 1) // 2, writes}):
        changes, _ = run_once(setting, prepare, number)
        assert changes == expected, f"write {number} of {writes}"


def test_all_operations_are_here():
    assert len(REFERENCE) == len({operation.name for operation in REFERENCE}) > 25
    assert find("POST", "/v1/licenses") in REFERENCE
