"""Lists as CSV and as JSON Lines: the same rows as in JSON, of every operation that answers a list."""

import json
import re
import urllib.parse

import pytest

from harness.access import NOWHERE
from harness.canary import fill, path_of
from harness.families import unique
from harness.installation import Installation
from harness.licensing import World
from harness.rows_only import CSV, FORMULAS, KEPT, LINES, TYPES, check_csv, lists, read_csv, read_lines, rows_of
from harness.sight import DOCUMENT, named, row_schema, target
from harness.waiting import wait_until

# Lists of which there is no row: no program has registered itself.
WITHOUT_ROWS = {"/api/v1/admin/registrations"}
LISTS = dict(lists())


@pytest.fixture(scope="module")
def running():
    with Installation() as installation:
        yield installation


@pytest.fixture(scope="module")
def world(running):
    return fill(World(running))


def key_of(path):
    """A member that tells the rows apart, or is a part of what does."""
    members = row_schema(DOCUMENT["paths"][path]["get"])["properties"]
    return "id" if "id" in members else next(name for name in members if name.endswith("Id"))


def nothing(path):
    """A filter that finds no row."""
    key = key_of(path)
    kind = row_schema(DOCUMENT["paths"][path]["get"])["properties"][key]["type"]
    return f"{key} = 0" if "integer" in kind else f'{key} = "{NOWHERE}"'


def queries(path):
    """Parameters that change what the rows of a list are like, all of them with all rows."""
    names, found = LISTS[path], [{}]
    if "include" in names:
        found += [{"include": "*"}, {"select": key_of(path)}]
    if "filter" in names:
        found += [{"filter": nothing(path)}, {"sort": f"{key_of(path)} desc"}]
    if "includeExpired" in names:
        found += [{"includeExpired": "true"}, {"searchTerm": "nobody has it"}]
    return found


def is_list_of_rows(schema):
    return "items" in schema and target(schema) is not None


# What programs ask by a license's user key, and hits of all kinds, which are rows of nothing.
OF_ONE = {"/v1/license/activations", "/v1/search"}


def test_every_list_is_described():
    """What answers rows by GET, and nothing else but that, answers them in these formats."""
    expected = set()
    for path, operations in DOCUMENT["paths"].items():
        # A page with numbers beside its rows is one thing; accounts have lists by their own keys: test_account_keys.py.
        if operations.get("get", {}).get("x-kind") == "item" or operations.get("get", {}).get("x-access", {}).get("other") == "account":
            continue
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        schema = named(schema) if "$ref" in schema else schema
        if "ResponseData" in schema.get("properties", {}):
            schema = named(schema["properties"]["ResponseData"])["properties"]["Detail"]
        # One account has a list of its domains' widget loads, and one license a list of its seats: they are none.
        members = schema.get("properties", {}).values() if path.startswith("/v1/") and path not in OF_ONE else []
        if is_list_of_rows(schema) or any(is_list_of_rows(member) for member in members):
            expected.add(path)
    # Who has signed in alone gets it: test_sign_in.py.
    expected.remove("/v1/sessions")
    assert sorted(LISTS) == sorted(expected) and len(expected) >= 39


def read_all(client, path, called, query):
    """The rows in JSON, and the answers by their types, of one state: last uses are written a moment later."""
    page = {name: "1000" for name in ("take", "count") if name in LISTS[path]}
    in_json, alone = (f"{called}?{urllib.parse.urlencode(part)}" for part in (query | page, query))
    found = []

    def read():
        before = rows_of(client.get(in_json))
        answers = {accept: client.get(alone, accept=accept) for accept in (CSV, KEPT, LINES)}
        found[:] = [before, answers]
        return rows_of(client.get(in_json)) == before

    wait_until(read, f"{alone} is the same twice")
    return found


@pytest.mark.parametrize("path", LISTS)
def test_same_as_json(world, path):
    called = path_of(world, path)
    seen = 0
    for query in queries(path):
        rows, answers = read_all(world.client, path, called, query)
        for accept, answer in answers.items():
            assert (answer.status, answer.content_type) == (200, TYPES[accept]), answer
            assert "x-total-count" not in answer.headers and "link" not in answer.headers
            assert answer.headers["vary"] == "Accept" and answer.headers["cache-control"] == "no-store"
        check_csv(answers[CSV], rows)
        check_csv(answers[KEPT], rows, kept=True)
        assert read_lines(answers[LINES]) == rows
        # Compact JSON of the same numbers and texts.
        for line, row in zip(answers[LINES].text.split("\n"), rows):
            assert line == json.dumps(row, ensure_ascii=False, separators=(",", ":")) or "e" in line.lower()
        seen += len(rows)
    assert (seen > 0) == (path not in WITHOUT_ROWS), path


@pytest.mark.parametrize("path", LISTS)
def test_same_columns_without_rows(world, path):
    """The columns are there where no row is, and they are those of rows."""
    called = path_of(world, path)
    if "filter" in LISTS[path]:
        query = {"include": "*"} if "include" in LISTS[path] else {}
        full, _ = read_csv(world.client.get(f"{called}?{urllib.parse.urlencode(query)}", accept=CSV))
        empty = world.client.get(f"{called}?{urllib.parse.urlencode(query | {'filter': nothing(path)})}", accept=CSV)
    elif "offset" in LISTS[path]:
        full, _ = read_csv(world.client.get(called, accept=CSV))
        empty = world.client.get(f"{called}?offset=100000", accept=CSV)
    else:
        full, _ = read_csv(world.client.get(called, accept=CSV))
        assert {"/v1/settings", "/v1/log/levels"} >= {path} and full
        return
    head, rows = read_csv(empty)
    assert head == full and rows == []


@pytest.mark.parametrize("path", LISTS)
def test_head_request(world, path):
    called = path_of(world, path)
    for accept in (CSV, LINES):
        answer, head = world.client.get(called, accept=accept), world.client.head(called, accept=accept)
        assert (head.status, head.content_type, head.body) == (200, TYPES[accept], b"")
        assert head.headers["content-length"] == answer.headers["content-length"]


@pytest.mark.parametrize("path", LISTS)
def test_errors_are_documents(world, path):
    """A list that is refused is told of in what else the caller takes, else in JSON."""
    called = path_of(world, path)
    for accept, expected in ((CSV, "application/json"), (LINES, "application/json"),
                             (f"{CSV}, application/xml;q=0.1", "application/xml"),
                             (f"{LINES}, text/xml;q=0.5, application/json;q=0.4", "text/xml"), (KEPT, "application/json")):
        answer = world.client.get(called, accept=accept, key="wrong")
        assert (answer.status, answer.content_type) == (401, f"{expected}; charset=utf-8"), answer


QUERIED = sorted(path for path, names in LISTS.items() if "filter" in names)


@pytest.mark.parametrize("path", QUERIED)
def test_faults_of_parameters(world, path):
    for query in ("filter=nonsense", "select=nonsense", "take=1001", "take=x", "after=x", "total=x", "unknown=1"):
        answer = world.client.get(f"{path_of(world, path)}?{query}", accept=CSV)
        assert (answer.status, answer.content_type) == (400, "application/json; charset=utf-8"), answer
        assert query.partition("=")[0] in answer.json()["errors"]


def test_rows_alone_only_for_lists(world):
    """One row, a count and a write are documents."""
    group = path_of(world, "/api/delegategroups/{id}")
    for path in (group, f"{group}/clients/count", "/v1/info"):
        answer = world.client.get(path, accept=f"{CSV}, application/xml;q=0.5")
        assert (answer.status, answer.is_xml) == (200, True), answer
        for accept in (CSV, LINES):
            answer = world.client.get(path, accept=accept)
            assert answer.content_type == "application/json; charset=utf-8" and answer.json() is not None
    answer = world.client.post("/v1/customers", {"customer": {"company": unique("csv")}}, accept=CSV)
    assert answer.status == 200 and answer.json()["success"]
    # What is no list has its tag, and is not sent again, whatever is named besides.
    answer = world.client.get(group, accept=CSV)
    again = world.client.get(group, accept=LINES, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    missing = world.client.get("/v1/customers/999999999/contacts", accept=CSV)
    assert (missing.status, missing.content_type) == (404, "application/json; charset=utf-8")


@pytest.fixture(scope="module")
def customers(running):
    """Customers with texts that are hard on CSV; the mark that all of them have."""
    mark = unique("csv")
    texts = [*(start + "cmd|' /C calc'!A1" for start in FORMULAS), "a,b", 'say "hi"', "two\r\nlines", "two\nlines", "\r",
             " blank ", "O'Neill", "'", "''=1", "é€😀\u2028\u0085", ";", "\\", "null", "-5", "+49 731 1234", "x" * 250, '"']
    values = ", ".join("(?, ?)" for _ in texts)
    quoted = ", ".join(f"('{mark}-{number:03}', X'{text.encode().hex()}')" for number, text in enumerate(texts))
    assert values.count("?") == 2 * len(texts)
    running.sql(f"INSERT INTO customer (code, company) VALUES {quoted}; "
                f"INSERT INTO customer (code, company) VALUES ('{mark}-900', ''), ('{mark}-901', NULL)")
    return mark, [*texts, "", None]


def of_customers(mark, **query):
    return "/v1/customers?" + urllib.parse.urlencode(
        {"filter": f'code.StartsWith("{mark}")', "sort": "code", "select": "code,company"} | query)


def test_hard_texts(running, customers):
    """Each is there again when one apostrophe is taken away from what begins with one; kept ones as they are."""
    mark, texts = customers
    client = running.client(running.admin_key)
    rows = rows_of(client.get(of_customers(mark)))
    assert [row["company"] for row in rows] == texts
    answer = client.get(of_customers(mark), accept=CSV)
    check_csv(answer, rows)
    for record in answer.body.split(b"\r\n"):
        assert not re.search(rb'(^|,)"?[=+@\t-]', record), record
    check_csv(client.get(of_customers(mark), accept=KEPT), rows, kept=True)
    assert [row["company"] for row in read_lines(client.get(of_customers(mark), accept=LINES))] == texts
    # Null and the empty text are told apart.
    empty, null = answer.text.split("\r\n")[-3:-1]
    assert empty.endswith(f',"",{mark}-900') and null.endswith(f",,{mark}-901"), (empty, null)


def test_columns_follow_the_selection(running, customers):
    """In the order of JSON, with a path for each member of a row that a relation leads to."""
    mark, _ = customers
    client = running.client(running.admin_key)
    head, rows = read_csv(client.get(of_customers(mark), accept=CSV))
    assert head == ["id", "company", "code"] and len(rows) == len(customers[1])
    customer = client.post("/v1/customers", {"customer": {"company": "=A", "contacts": [{"lastName": "B"}]}}).json()["customerId"]
    order = client.post("/v1/orders", {"order": {"customerId": customer, "orderNumber": unique("csv")}}).json()["orderId"]
    alone = client.post("/v1/orders", {"order": {"orderNumber": unique("csv")}}).json()["orderId"]
    query = urllib.parse.urlencode({"filter": f"id in ({order}, {alone})", "select": "customer.company,id,customer.contacts",
                                    "sort": "id"})
    head, rows = read_csv(client.get(f"/v1/orders?{query}", accept=CSV))
    assert head == ["id", "customer.id", "customer.company", "customer.contacts"]
    assert rows[0][:3] == [str(order), str(customer), "'=A"] and json.loads(rows[0][3])[0]["lastName"] == "B"
    assert rows[1] == [str(alone), None, None, None]


def test_total_is_counted_when_asked_for(running, customers):
    mark, texts = customers
    client = running.client(running.admin_key)

    def ask(**parameters):
        """An answer by a worker that knows the key already."""
        answers = [client.get(of_customers(mark, **parameters), accept=accept) for _ in range(8)]
        return min(answers, key=lambda answer: answer.queries)

    for accept in (CSV, LINES):
        plain, counted = ask(take=3), ask(take=3, total="exact")
        assert "x-total-count" not in plain.headers and counted.headers["x-total-count"] == str(len(texts))
        # The count, and the number of all rows, which tells whether it is heavy.
        assert counted.body == plain.body and counted.queries == plain.queries + 2
        assert "x-total-count" not in client.get(of_customers(mark, total="none"), accept=accept).headers
        assert int(client.get(of_customers(mark, total="estimate", take=1), accept=accept).headers["x-total-count"]) >= 0
        whole = ask(total="exact")
        assert whole.headers["x-total-count"] == str(len(texts)) and whole.queries == plain.queries


def test_pages_are_linked(running, customers):
    """From page to page by the header alone, to all rows once."""
    mark, texts = customers
    client = running.client(running.admin_key)
    expected = [row["id"] for row in rows_of(client.get(of_customers(mark)))]
    for accept, read in ((LINES, lambda answer: [row["id"] for row in read_lines(answer)]),
                         (CSV, lambda answer: [int(row[0]) for row in read_csv(answer)[1]])):
        path, found, pages = of_customers(mark, take=7, skip=2, _="1") + "&&", [], 0
        while path:
            answer = client.get(path, accept=accept)
            found += read(answer)
            pages += 1
            linked = re.fullmatch(r'<(/v1/customers\?[!-;=?-~]+)>; rel="next"', answer.headers.get("link", ""))
            assert linked or "link" not in answer.headers, answer.headers
            path = linked[1] if linked else None
        assert found == expected[2:] and pages == -(-(len(texts) - 2) // 7)
    # The head of a page tells the next one, too.
    assert client.head(of_customers(mark, take=7), accept=CSV).headers["link"]


def test_empty_pages(running, customers):
    mark, _ = customers
    client = running.client(running.admin_key)
    assert client.get(of_customers(mark, take=0), accept=CSV).body == b"id,company,code\r\n"
    answer = client.get(of_customers(mark, take=0), accept=LINES)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


def test_of_equal_weight_json_comes_first(running, customers):
    """Programs that name all types of the document get what they always got."""
    mark, _ = customers
    client = running.client(running.admin_key)
    for accept, expected in ((f"application/json, application/xml, {CSV}, {LINES}", "application/json; charset=utf-8"),
                             (f"{LINES}, {CSV}, application/xml", "application/xml; charset=utf-8"),
                             (f"{LINES}, {CSV}", TYPES[CSV]), (f"{LINES};q=0.8, {CSV};q=0.7, */*;q=0.1", TYPES[LINES]),
                             (f"{CSV};q=0.3, application/json;q=0.2", TYPES[CSV]),
                             ("application/jsonl", "application/jsonl; charset=utf-8"),
                             ("application/ndjson", "application/ndjson; charset=utf-8"),
                             ("text/*", "text/json; charset=utf-8")):
        assert client.get(of_customers(mark), accept=accept).content_type == expected, accept


def test_all_rows_in_bounded_memory(private_installation):
    """Far more rows than a page has, with the memory for a part of them."""
    running = private_installation(workers=1, limit_request_memory="1m")
    running.sql("INSERT INTO customer (code, company) SELECT CONCAT('c', seq), REPEAT('x', 200) FROM seq_1_to_12345")
    client = running.client(running.admin_key)
    for accept, count in ((CSV, lambda answer: len(read_csv(answer)[1])), (LINES, lambda answer: len(read_lines(answer)))):
        answer = client.get("/v1/customers?select=code,company", accept=accept)
        assert answer.status == 200 and "content-length" not in answer.headers and len(answer.body) > 2 << 20
        assert count(answer) == 12345
        assert len(client.get("/v1/customers", accept="application/json").json()["customers"]) == 100
        answer = client.get("/v1/customers?select=code&take=1000&total=exact&filter=id%3E0", accept=accept)
        assert count(answer) == 1000 and answer.headers["x-total-count"] == "12345" and answer.headers["link"]
        head = client.head("/v1/customers?select=code,company", accept=accept)
        assert (head.status, head.body, head.content_type) == (200, b"", TYPES[accept])


def test_all_persons_of_a_group(running):
    """Where a page is the default, rows alone are all."""
    client = running.client(running.admin_key)
    group = client.post("/api/delegategroups", {"name": unique("csv")}).json()["id"]
    running.sql("INSERT INTO delegate_client (id, code, last_name, user_defined_fields) SELECT 1000000 + seq, CONCAT('k', seq), "
                "CONCAT('n', LPAD(seq, 6, '0')), '{\"a\": 1, \"b\": \"x\"}' FROM seq_1_to_2345; INSERT INTO delegate_association "
                f"(group_id, client_id, start_date) SELECT {group}, 1000000 + seq, '2020-01-01' FROM seq_1_to_2345")
    path = f"/api/delegategroups/{group}/clients"
    assert len(client.get(path).json()) == 25
    head, rows = read_csv(client.get(f"{path}?userDefinedFields=b", accept=CSV))
    names = [row[head.index("lastName")] for row in rows]
    assert len(names) == 2345 and names == sorted(names)
    assert {row[head.index("userDefinedFields")] for row in rows} == {'{"b":"x"}'}
    assert len(read_lines(client.get(path, accept=LINES))) == 2345
    assert len(read_lines(client.get(f"{path}?count=3&offset=2", accept=LINES))) == 3
