"""What a request costs, in queries."""

import re
import urllib.parse

import pytest

from harness.families import unique
from harness.installation import TOP
from harness.sight import Viewers

# Resources whose default order no index need serve, and why: all of their rows are never listed at once.
SORTED = {
    "credentials-ClientSecret": "the secrets of one API client, a part of the primary key",
    "credentials-Registration": "the API clients that have registered themselves, who are few",
    "delegates-Delegate": "the delegates of one group, which a key has in this order",
    "delegates-DelegateMembership": "the groups of one user",
    "delegates-DelegateClientInfo": "the clients of one group, by names that stand in another table",
    "discovery-DTOClient": "the clients of one group, which a unique key has in this order",
    "hosting-Domain": "the domains of one account",
    "hosting-DomainCount": "the domains of some accounts",
    "hosting-Visitor": "the visitors of one domain, which an index has in this order",
    "licensing-DiscoveryClient": "the applications of one group, which a unique key has in this order",
    "licensing-OwnSession": "the sessions of one user",
    "licensing-Role-user_role": "the roles of one user",
    "licensing-WebhookDelivery": "the deliveries of one webhook, which a key has in this order",
    "oauth-SecretThatCounts": "the secrets of one API client, a part of the primary key",
    "oauth-TokenOfSession": "one token, by its digest",
}


@pytest.fixture
def one_worker(private_installation):
    return private_installation(workers=1)


def make_api_client(client, user):
    answer = client.post("/api/v1/admin/clients", {"Name": unique("q"), "Secret": "its own secret", "UserID": user})
    return "/api/v1/admin/clients/" + answer.json()["ResponseData"]["Detail"]["ID"]


def make_account(client):
    answer = client.post("/hosting/api/client", {"username": unique("q"), "password": "p",
                                                 "emailAddress": "q@example.org"})
    return "/hosting/api/client/" + answer.json()["id"]


def test_by_id(one_worker):
    """One query with a warm key cache, two with a cold one."""
    admin = one_worker.client(one_worker.admin_key)
    paths = [make_api_client(admin, one_worker.admin_id), make_account(admin)]
    for path in paths:
        key = one_worker.create_key("admin")
        cold = one_worker.client(key).get(path)
        assert (cold.status, cold.queries) == (200, 2), cold.log()
        for _ in range(3):
            warm = one_worker.client(key).get(path)
            assert (warm.status, warm.queries) == (200, 1), warm.log()


def test_own_rows_cost_no_more(one_worker):
    """What a customer does to its own rows takes the queries that it takes an administrator."""
    admin = one_worker.client(one_worker.admin_key)
    customer = admin.post("/v1/customers", {"customer": {"company": "Own"}}).json()["customerId"]
    owner = Viewers(one_worker).client("Customer", customerId=customer)
    made = admin.post("/v1/licenses", {"license": {"customerId": customer, "licenseKey": "signed"}}).json()["licenseId"]
    costs = []
    for caller in (admin, owner):
        token = admin.post(f"/v1/licenses/{made}/tokens", {"licenseToken": {}}).json()["licenseTokenId"]
        assert caller.get("/v1/customers").status == 200  # its key is known from now on
        answers = [caller.get("/v1/license-tokens"), caller.get(f"/v1/licenses/{made}/tokens?take=1&total=none"),
                   caller.get(f"/v1/licenses/{made}/file"),
                   caller.put("/v1/customers", {"customer": {"id": customer, "city": caller.key[:16]}}),
                   caller.delete(f"/v1/licenses/{made}/tokens/{token}")]
        assert {answer.status for answer in answers} == {200}, answers
        costs.append([answer.queries for answer in answers])
    costs[1][-1] -= 1  # whether it may: no seat that is used offline, and as many as the policy allows
    assert costs[0] == costs[1]
    refused = owner.put("/v1/customers", {"customer": {"id": customer, "vatCode": "x"}})
    assert refused.status == 403 and refused.queries <= 2, refused


def test_refused_requests_are_cheap(one_worker):
    admin = one_worker.client(one_worker.admin_key)
    admin.get("/hosting/api/client/0000000")
    assert admin.get("/there/is/nothing").queries == 0
    assert admin.call("PATCH", "/hosting/api/client").queries == 0
    assert admin.options("/hosting/api/client").queries == 0
    assert admin.post("/hosting/api/client", b"{", content_type="application/json").queries == 0
    assert one_worker.client().get("/hosting/api/client").queries == 0


def test_lists_cost_the_same_however_long(one_worker):
    admin = one_worker.client(one_worker.admin_key)
    make_account(admin)
    few = admin.get("/hosting/api/client").queries
    for _ in range(20):
        make_account(admin)
    answer = admin.get("/hosting/api/client")
    assert len(answer.json()) == 21
    assert answer.queries == few <= 3


def test_healthz_costs_nothing(one_worker):
    assert one_worker.client().get("/healthz").status == 200


def test_inserts_and_totals(one_worker):
    """A row tells with its insert what it became; counters of several tables, and a page with its total, are one each."""
    admin = one_worker.client(one_worker.admin_key)

    def insert():
        return admin.post("/v1/customers", {"customer": {"company": unique("q")}})

    assert insert().status == 200
    # The row; and the log, the audit log and the counters with COMMIT.
    assert min(insert().queries for _ in range(3)) == 2
    first = [admin.get("/v1/customers?take=2") for _ in range(3)]
    assert {answer.json()["totalCustomersCount"] for answer in first} == {4}
    assert min(answer.queries for answer in first) == 1
    # Behind the last page there is nothing to read it with.
    behind = [admin.get("/v1/customers?take=2&skip=9") for _ in range(3)]
    assert {answer.json()["totalCustomersCount"] for answer in behind} == {4}
    assert min(answer.queries for answer in behind) == 2


def test_association(one_worker):
    """Made anew, and changed: what is stored is read once, for the rules as for the audit log."""
    admin = one_worker.client(one_worker.admin_key)
    one_worker.sql("INSERT INTO delegate_client (id, code, first_name, last_name) VALUES (4711, 'P4711', 'Ada', 'Lovelace')")
    group = admin.post("/api/delegategroups", {"name": unique("q")}).json()["id"]
    path = f"/api/delegategroups/{group}/clients"
    answers = [admin.post(path, {"clientId": 4711, "expiryDate": f"2099-01-0{day}"}) for day in range(1, 5)]
    assert {answer.status for answer in answers} == {200}
    # Whether it is there, what it was, the change, its entry, and what it is now.
    assert min(answer.queries for answer in answers) == 5
    # Where nothing changes, nothing is written.
    assert [admin.post(path, {"clientId": 4711}).queries for _ in range(3)][-1] == 3


def form(client, path, **members):
    return client.post(path, urllib.parse.urlencode(members), content_type="application/x-www-form-urlencoded")


def test_tokens(one_worker):
    """Opening a session, and looking at a token, which says so whatever the number of sessions."""
    admin, anybody = one_worker.client(one_worker.admin_key), one_worker.client()
    path = make_api_client(admin, one_worker.admin_id)
    client = {"client_id": path.rsplit("/", 1)[1], "client_secret": "its own secret"}
    opened = [form(anybody, "/oauth2/token", grant_type="client_credentials", **client) for _ in range(4)]
    assert {answer.status for answer in opened} == {200}
    assert min(answer.queries for answer in opened) <= 9
    token = opened[0].json()["access_token"]
    looked = [form(anybody, "/oauth2/introspect", token=token, **client) for _ in range(4)]
    assert all(answer.json()["active"] for answer in looked)
    assert min(answer.queries for answer in looked) == 3


def test_discovery(one_worker):
    """A hello costs the same whatever the group; a synchronisation a query for each client, and few besides."""
    anybody, group = one_worker.client(), one_worker.create_group(unique("q"))

    def hello():
        return anybody.post("/api/ClientHello", {"ClientCode": "a", "ClientGroupId": group, "AppName": "Till",
                                                 "AppVersion": "1"})

    def synchronise(prefix):
        return anybody.post("/api/ClientAddOrUpdateOrRemoveClients", [
            {"ClientCode": f"{prefix}{number}", "ClientGroupsId": group} for number in range(40)])

    assert hello().status == 200
    # The client, the group, its clients, and the associations.
    assert min(hello().queries for _ in range(3)) == 4
    assert synchronise("a").status == 200
    assert min(synchronise("a").queries for _ in range(3)) <= 40 + 6
    # All clients go, as many come, and each of them has its entry in the audit log.
    [[entries]] = one_worker.sql("SELECT COUNT(*) FROM audit_entry")
    assert synchronise("b").queries <= 40 + 12
    assert one_worker.sql("SELECT COUNT(*) FROM audit_entry") == [[str(int(entries) + 80)]]


def test_default_orders_are_served_by_indexes(one_worker):
    """The first page of a list in its own order reads along an index, whatever the size of the table."""
    one_worker.sql("UPDATE mysql.innodb_table_stats SET n_rows = 100000, clustered_index_size = 1000 "
                   "WHERE database_name = DATABASE()")
    one_worker.sql("FLUSH TABLES")
    explained, found = 0, set()
    for file in sorted((TOP / "tests/golden/sql").glob("*.sql")):
        statement = re.search(r"^-- select with every member on demand\n(.*?);$", file.read_text(), re.S | re.M)[1]
        assert " ORDER BY " in statement, file
        plan = one_worker.sql(f"EXPLAIN {statement.replace('LIMIT ? OFFSET ?', 'LIMIT 25 OFFSET 0')}")
        explained += 1
        if any("filesort" in step[-1] for step in plan):
            found.add(file.stem)
    assert explained > 40 and found - set(SORTED) == set()
    # What sorts is seen.
    assert found >= {"delegates-DelegateClientInfo", "hosting-Domain"}
