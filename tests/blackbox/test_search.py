"""One box for everything: what a text finds, by whom, and what it costs the database."""

import json
import urllib.parse

import pytest

from harness.families import unique
from harness.installation import TOP
from harness.owners import SHARED, Owner
from harness.licensing import World
from harness.plans import explain, statements
from harness.sight import Viewers

PATH = "/v1/search"
TYPE = "SearchRequest"


def search(client, text, **parameters):
    answer = client.get(f"{PATH}?{urllib.parse.urlencode({'q': text} | parameters)}")
    assert answer.status == 200, answer
    return answer.json()["hits"]


def found(client, text):
    return {(hit["resource"], hit["id"], hit["matched"]) for hit in search(client, text)}


@pytest.fixture(scope="module")
def viewers(installation):
    return Viewers(installation)


@pytest.fixture(scope="module")
def rows(installation):
    """A row of each kind, all of which the mark begins."""
    mark = unique("srch")
    client = installation.client(installation.admin_key)

    def insert(path, member, key, **members):
        answer = client.post(path, {member: members})
        assert answer.status == 200, answer
        return str(answer.json()[key])

    made = {"mark": mark}
    made["customer"] = insert("/v1/customers", "customer", "customerId", company=mark + " Ltd", lastName="Woolf",
                              code=mark + "-c", email=mark + "@example.org")
    made["contact"] = insert("/v1/contacts", "contact", "contactId", lastName=mark + "-p", firstName="Ada",
                             email="ada@example.org", customerId=int(made["customer"]))
    made["product"] = insert("/v1/products", "product", "productId", name=mark + " Paint", code=mark + "-x")
    made["order"] = insert("/v1/orders", "order", "orderId", orderNumber=mark + "-o", invoiceNumber=mark + "-i",
                           customerId=int(made["customer"]))
    made["license"] = insert("/v1/licenses", "license", "licenseId", licenseId=mark + "-l", userKey=mark + "-k",
                             licenseeName=mark + " Holder", customerId=int(made["customer"]))
    made["licenseToken"] = insert(f"/v1/licenses/{made['license']}/tokens", "licenseToken", "licenseTokenId",
                                  machineId=mark + "-m", clientId=mark + "-p", token=mark + "-t")
    made["user"] = insert("/v1/users", "user", "userId", userName=mark + "-u", email="u@example.org")
    key = client.post("/v1/api-keys", {"apiKey": {"name": mark + "-n"}}).json()
    made["apiKey"], made["key"] = str(key["apiKeyId"]), key["apiKey"]
    made["webhook"] = insert("/v1/webhooks", "webhook", "webhookId", url=f"https://{mark}.example.org/hook",
                             events=["license.*"])
    account = client.post("/hosting/api/client", {"username": mark + "-a", "password": "p",
                                                  "emailAddress": mark + "@hosting.example.org", "domainMaxCount": 5}).json()
    made["hosting.account"] = account["id"]
    domain = client.post(f"/hosting/api/client/{account['id']}/domain", {"name": mark + ".example.org"})
    assert domain.status == 201, domain
    made["hosting.domain"] = domain.json()["id"]
    return made


KINDS = ["license", "licenseToken", "customer", "contact", "order", "product", "apiKey", "user", "webhook",
         "hosting.account", "hosting.domain"]


def test_kinds_are_called_as_in_the_document():
    document = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))
    named = {schema["x-resource"] for schema in document["components"]["schemas"].values() if "x-resource" in schema}
    assert {kind.removeprefix("hosting.") for kind in KINDS} <= named


MEMBERS = [("license", "licenseId", "-l"), ("license", "userKey", "-k"), ("license", "licenseeName", " Holder"),
           ("licenseToken", "token", "-t"), ("licenseToken", "machineId", "-m"), ("customer", "company", " Ltd"),
           ("customer", "code", "-c"), ("customer", "email", "@example.org"), ("contact", "lastName", "-p"),
           ("order", "orderNumber", "-o"), ("order", "invoiceNumber", "-i"), ("product", "name", " Paint"),
           ("product", "code", "-x"), ("user", "userName", "-u"), ("apiKey", "name", "-n"),
           ("hosting.account", "username", "-a"), ("hosting.account", "emailAddress", "@hosting.example.org"),
           ("hosting.domain", "name", ".example.org")]


def test_the_beginning_finds_every_kind(client, rows):
    hits = search(client, rows["mark"], take=100)
    assert {hit["resource"]: hit["id"] for hit in hits} == {kind: rows[kind] for kind in KINDS}
    assert not any(hit["exact"] for hit in hits)
    assert client.get(f"{PATH}?q={rows['mark']}&take=100").json()["moreHits"] is False


@pytest.mark.parametrize("kind, member, rest", MEMBERS)
def test_whole_values_come_first(client, rows, kind, member, rest):
    hits = search(client, rows["mark"] + rest, take=100)
    assert (kind, rows[kind], member, True) in [(hit["resource"], hit["id"], hit["matched"], hit["exact"]) for hit in hits]
    assert hits == sorted(hits, key=lambda hit: not hit["exact"])


def test_numbers_find_rows_by_their_identifiers(client, rows):
    for kind in ("license", "customer", "order", "product", "user"):
        assert (kind, rows[kind], "id") in found(client, rows[kind])


def test_a_key_is_found_as_a_whole_or_by_what_lists_show(client, rows):
    [hit] = search(client, rows["key"])
    assert (hit["resource"], hit["id"], hit["matched"], hit["exact"]) == ("apiKey", rows["apiKey"], "key", True)
    shown = rows["key"][:8] + "…"
    assert hit["detail"] == shown
    assert ("apiKey", rows["apiKey"], "key") in found(client, shown)
    assert ("apiKey", rows["apiKey"], "key") in found(client, rows["key"][:8])
    assert found(client, rows["key"][:-1]) == set()


def test_parts_name_their_owners(client, rows):
    owners = {hit["resource"]: hit["ownerId"] for hit in search(client, rows["mark"], take=100)}
    assert owners["licenseToken"] == rows["license"] and owners["contact"] == rows["customer"]
    assert owners["hosting.domain"] == rows["hosting.account"] and owners["license"] is None


def test_titles_and_details(client, rows):
    hits = {hit["resource"]: (hit["title"], hit["detail"]) for hit in search(client, rows["mark"], take=100)}
    mark = rows["mark"]
    assert hits["customer"] == (mark + " Ltd", f"Woolf, {mark}@example.org")
    assert hits["license"] == (mark + "-l", mark + " Holder")
    assert hits["product"] == (mark + " Paint", mark + "-x")
    assert hits["contact"] == (mark + "-p", "Ada, ada@example.org")


def test_names_ignore_case_and_codes_do_not(client, rows):
    assert ("customer", rows["customer"], "company") in found(client, (rows["mark"] + " LTD").upper())
    assert ("license", rows["license"], "licenseId") not in found(client, (rows["mark"] + "-l").upper())


@pytest.mark.parametrize("text", ["%", "_", "%%", "s%", "|", "||", "'; DROP TABLE license; --", "\\", "😀😀"])
def test_signs_are_no_patterns(client, rows, text):
    assert not any(hit["title"].startswith(rows["mark"]) for hit in search(client, text))


# --- wire ---


def test_formats(licensing, rows):
    answer = licensing.post(PATH, TYPE, {"q": rows["mark"] + "-l", "take": 5})
    assert answer.status == 200, answer
    [hit] = answer.value["hits"] if isinstance(answer.value["hits"], list) else [answer.value["hits"]]
    assert (hit["resource"], hit["id"]) == ("license", rows["license"])
    assert licensing.get(f"{PATH}?q={rows['mark']}-l").value["hits"] == answer.value["hits"]


def test_take(client, rows):
    answer = client.get(f"{PATH}?q={rows['mark']}&take=3").json()
    assert len(answer["hits"]) == 3 and answer["moreHits"] is True
    assert client.get(f"{PATH}?q=x&take=0").status == client.get(f"{PATH}?q=x&take=101").status == 400


def test_more_than_a_few_of_one_member(client):
    mark = unique("many")
    for number in range(7):
        assert client.post("/v1/products", {"product": {"name": f"{mark} {number}"}}).status == 200
    answer = client.get(f"{PATH}?q={mark}").json()
    assert [hit["title"] for hit in answer["hits"]] == [f"{mark} {number}" for number in range(5)]
    assert answer["moreHits"] is True


@pytest.mark.parametrize("call", [
    lambda client: client.get(PATH), lambda client: client.get(PATH + "?q="), lambda client: client.get(PATH + "?q=%20%20"),
    lambda client: client.get(PATH + "?q=" + "x" * 256), lambda client: client.post(PATH, {}),
    lambda client: client.post(PATH, {"q": " "}), lambda client: client.post(PATH, {"q": "x" * 256}),
    lambda client: client.post(PATH, {"q": ["x"]}), lambda client: client.post(PATH, {"q": "xy", "tale": 1})])
def test_bad_requests(client, call):
    answer = call(client)
    assert answer.status == 400 and "x" * 256 not in answer.text, answer


def test_one_character_finds_identifiers_only(client):
    assert {hit["matched"] for hit in search(client, "1")} <= {"id"}
    assert search(client, "s") == []


def test_what_is_looked_for_is_in_no_log(installation, client, rows):
    for answer in (client.post(PATH, {"q": rows["key"]}), client.get(f"{PATH}?q={rows['key']}"),
                   client.post(PATH, {"q": rows["key"] * 20})):
        assert rows["key"] not in answer.text
    assert rows["key"] not in installation.log_file.read_text(encoding="utf-8")


# --- who finds what ---

SEEN = {
    "LicenseManager": {"license", "licenseToken", "product", "webhook"},
    "Sales": {"license", "licenseToken", "customer", "contact", "order", "product"},
    "HostingManager": {"hosting.account", "hosting.domain"},
    "DelegateManager": set(),
    "Application": set(),
    "Customer": set(),
}


@pytest.mark.parametrize("role", SEEN)
def test_roles_find_what_they_may_read(viewers, rows, role):
    assert {hit["resource"] for hit in search(viewers.client(role), rows["mark"], take=100)} == SEEN[role]


def test_who_may_read_nothing_is_refused(viewers):
    assert viewers.client("Administrator", permissions=14).get(PATH + "?q=xy").status == 403
    assert viewers.client("Administrator", permissions=14).post(PATH, {"q": "xy"}).status == 403
    assert viewers.client("Administrator", permissions=1).post(PATH, {"q": "xy"}).status == 200


def test_customers_find_their_own_rows(installation, viewers):
    world = World(installation)
    shared = {kind: world.get(kind) for kind in SHARED}
    one, other = Owner(world, shared), Owner(world, shared)
    client = viewers.client("Customer", customerId=one.rows["customer"])
    hits = search(client, one.mark, take=100)
    assert {hit["resource"] for hit in hits} == {"customer", "contact", "license", "licenseToken"}
    assert search(client, other.mark, take=100) == []
    assert search(client, str(other.rows["license"])) == [] or all(
        hit["resource"] != "license" for hit in search(client, str(other.rows["license"])))


# --- what it costs ---


def test_queries(private_installation):
    """One for each member, whatever is found."""
    running = private_installation(workers=1)
    client = running.client(running.admin_key)
    client.get(PATH + "?q=ab")
    assert client.get(PATH + "?q=ab").queries == client.get(PATH + "?q=zzzzzz").queries == 33
    assert client.get(PATH + "?q=a").queries < 12


def test_each_member_is_found_by_its_index(private_installation):
    """In tables whose rows are worth an index, no statement reads all of one; webhooks are few by a rule."""
    running = private_installation(workers=1)
    count = 3000
    running.sql(f"""
        INSERT INTO customer (code, company, last_name, email, vat_code, invoice_code) SELECT CONCAT('c', seq),
            CONCAT('Company ', seq), CONCAT('Family ', seq), CONCAT('c', seq, '@example.org'), seq, seq
            FROM seq_1_to_{count};
        INSERT INTO contact (last_name, email, customer_id) SELECT CONCAT('Family ', seq), CONCAT('p', seq,
            '@example.org'), (SELECT MIN(id) FROM customer) FROM seq_1_to_{count};
        INSERT INTO product (name, code) SELECT CONCAT('Product ', seq), CONCAT('p', seq) FROM seq_1_to_{count};
        INSERT INTO customer_order (order_number, invoice_number, purchase_order, payment_number) SELECT CONCAT('o', seq),
            CONCAT('i', seq), CONCAT('u', seq), CONCAT('y', seq) FROM seq_1_to_{count};
        INSERT INTO license (license_id, user_key, licensee_name, licensee_email) SELECT CONCAT('l', seq),
            CONCAT('k', seq), CONCAT('Holder ', seq), CONCAT('h', seq, '@example.org') FROM seq_1_to_{count};
        INSERT INTO license_token (token, machine_id, client_id, license_id) SELECT CONCAT('t', seq), CONCAT('m', seq),
            CONCAT('d', seq), (SELECT MIN(id) FROM license) FROM seq_1_to_{count};
        INSERT INTO user (id, user_name, email, last_name) SELECT UUID(), CONCAT('u', seq), CONCAT('u', seq,
            '@example.org'), CONCAT('Family ', seq) FROM seq_1_to_{count};
        INSERT INTO api_key (name, key_hash, key_prefix, owner_id) SELECT CONCAT('key ', seq), UNHEX(SHA2(seq, 256)),
            CONCAT('api_', seq), '{running.admin_id}' FROM seq_1_to_{count};
        INSERT INTO hosting_client (id, username, password_hash, api_key_hash, email_address) SELECT LPAD(HEX(seq), 7,
            '0'), CONCAT('a', seq), '*', UNHEX(SHA2(seq, 256)), CONCAT('a', seq, '@example.org') FROM seq_1_to_{count};
        INSERT INTO hosting_domain (id, client_id, name) SELECT LPAD(HEX(seq), 7, '0'), '0000001', CONCAT('www', seq,
            '.example.org') FROM seq_1_to_{count}""")
    tables = ("customer", "contact", "product", "customer_order", "license", "license_token", "user", "api_key",
              "hosting_client", "hosting_domain")
    running.sql("ANALYZE TABLE " + ", ".join(tables))
    client = running.client(running.admin_key)
    texts = "17", "Company 17", running.admin_id
    with statements(running) as sent:
        for text in texts:
            search(client, text)
    looked = 0
    for statement in sent:
        # Of digests, whose bytes no client would send so, there is one for each row.
        if " FROM webhook " in statement or "key_hash" in statement or not (" t WHERE " in statement and " LIMIT " in statement):
            continue
        [row, *rest] = explain(running, statement)
        assert rest == [], (statement, rest)
        looked += 1
        assert row[3] in ("range", "ref", "const", "NULL") and "filesort" not in row[9], (statement, row)
        assert row[3] == "NULL" or int(row[8]) < count / 2, (statement, row)
    assert looked > 90
