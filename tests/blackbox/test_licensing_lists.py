"""Every licensing list: all its parameters, each member sorted, selected and filtered by, paging, and its queries.

The lists and their members are read from the reference and the OpenAPI document, so that no list can be
forgotten. All rows here are made here, in an installation of its own.
"""

import datetime
import json
import random

import pytest

from harness.installation import Installation
from harness.licensing import find
from harness.lists import (CLOSED, KEYS, LISTS, LOOKED_AT, Lists, call, costed, described, identity, open_members, relations,
                           row_schema, rows_of, scalars, total_name)

# By one member that many rows may share: the same before the rows are counted.
WEIGHED = LOOKED_AT | {"/v1/license-templates/{templateId}/licenses", "/v1/products/{productId}/orders"}

each_list = pytest.mark.parametrize("operation", LISTS, ids=lambda one: one.path)


@pytest.fixture(scope="module")
def lists():
    with Installation(workers=1) as running:
        yield Lists(running)


# --- parameters ---

@each_list
def test_parameters(lists, operation):
    """Every parameter that the document names is taken, by itself and all together."""
    path = lists.fill(operation)
    names = [one["name"] for one in described(operation.path)["parameters"] if one["in"] == "query"]
    keys = sorted(KEYS.get(operation.kind, {"id"}))
    everything = call(lists, path, check=True).json()
    first = everything[operation.plural][0]
    cursor = call(lists, path, take=1).json()["nextCursor"]
    condition = " and ".join(f"{key} = {json.dumps(first[key])}" for key in keys)
    values = {"select": keys[0], "filter": condition, "include": "*", "sort": keys[0], "take": 5,
              "skip": 1, "after": cursor, "total": "none", "roles": "Sales", "countOnly": "false",
              "licenseId": first.get("licenseId", 1)}
    assert set(names) <= set(values), names
    for name in names:
        answer = call(lists, path, check=True, **{name: values[name]})
        assert answer.status == 200, answer
    together = {name: values[name] for name in names if name not in ("after", "roles")}
    answer = call(lists, path, check=True, **{**together, "skip": 0})
    assert answer.status == 200 and len(answer.json()[operation.plural]) == 1, answer
    for word in ("exact", "estimate", "EXACT"):
        answer = call(lists, path, take=1, total=word).json()
        assert answer[total_name(answer)] is not None
    answer = call(lists, path, take=1, total="none").json()
    assert answer[total_name(answer)] is None
    answer = call(lists, path, take=1).json()
    assert answer[total_name(answer)] == len(everything[operation.plural]) == everything[total_name(answer)]


@each_list
@pytest.mark.parametrize("query, name", [
    ("nonsense=1", "nonsense"), ("take=1&take=2", "take"), ("filter=&FILTER=", "filter"), ("take=-1", "take"),
    ("take=1001", "take"), ("take=x", "take"), ("take=1.5", "take"), ("skip=-1", "skip"),
    ("skip=2147483648", "skip"), ("total=some", "total"), ("after=AAAA", "after"), ("after=", "after"),
    ("sort=nothing", "sort"), ("sort=id+sideways", "sort"), ("select=nothing", "select"),
    ("include=nothing", "include"),
])
def test_bad_parameters(lists, operation, query, name):
    answer = lists.client.get(f"{lists.path(operation)}?{query}")
    assert answer.status == 400, answer
    assert answer.json()["code"] == 3 and [one.lower() for one in answer.json()["errors"]] == [name], answer


@each_list
def test_take_bounds(lists, operation):
    path = lists.fill(operation)
    everything = rows_of(lists, operation, path)
    for take in (0, 1, 2, 1000):
        rows = rows_of(lists, operation, path, take=take)
        assert rows == everything[:take]
    assert rows_of(lists, operation, path, skip=len(everything)) == []
    assert rows_of(lists, operation, path, skip=2147483647) == []
    last = call(lists, path, skip=len(everything) - 1, take=1).json()
    assert last[operation.plural] == everything[-1:] and last.get("nextCursor") is None


def test_take_is_100_by_default(lists):
    lists.installation.sql("INSERT INTO contact (last_name, customer_id) "
                           f"SELECT 'many', {lists.get('customer')} FROM seq_1_to_1010")
    try:
        condition = {"filter": 'lastName="many"'}
        answer = call(lists, "/v1/contacts", **condition).json()
        assert len(answer["contacts"]) == 100 and answer["totalContactsCount"] == 1010
        assert len(call(lists, "/v1/contacts", take=1000, **condition).json()["contacts"]) == 1000
    finally:
        lists.installation.sql("DELETE FROM contact WHERE last_name = 'many'")


# --- sort ---

def rank(value, kind):
    """What a value is sorted by: null comes first."""
    if value is None:
        return (0,)
    if kind == "moment":
        return 1, datetime.datetime.fromisoformat(value)
    if kind == "string":
        return 1, value.casefold()
    return 1, value


@each_list
def test_sort(lists, operation):
    """By each member, both ways; the key decides between equals."""
    path = lists.fill(operation)
    rows = rows_of(lists, operation, path)
    keys = KEYS.get(operation.kind)
    for name, kind in open_members(operation).items():
        found = {}
        for direction in ("", " desc", " Ascending"):
            answer = rows_of(lists, operation, path, sort=name + direction)
            assert sorted(map(str, answer)) == sorted(map(str, rows)), (name, direction)
            found[direction] = [identity(operation, row) for row in answer]
            if kind == "uuid":
                continue
            values = [rank(row[name], kind) for row in answer]
            assert values == sorted(values, reverse=direction == " desc"), (name, direction, values)
        assert found[" desc"] == found[""][::-1] and found[" Ascending"] == found[""], name
        if keys is None and kind != "uuid" and scalars(operation)["id"] == "integer":
            expected = sorted(rows, key=lambda row: (rank(row[name], kind), row["id"]))
            assert found[""] == [(row["id"],) for row in expected], name


@each_list
def test_sort_by_what_has_no_order(lists, operation):
    for name in CLOSED.get(operation.kind, set()) | set(relations(operation)):
        answer = call(lists, lists.path(operation), sort=name)
        assert answer.status == 400 and "sort" in answer.json()["errors"], (name, answer)


@pytest.mark.parametrize("path, sort", [
    ("/v1/licenses", "customer.code"), ("/v1/licenses", "order.customer.email desc, licenseType"),
    ("/v1/licenses", "product.name, id desc"), ("/v1/orders", "customer.company desc"),
    ("/v1/license-tokens", "license.userKey")])
def test_sort_by_others(lists, path, sort):
    operation = find("GET", path)
    lists.fill(operation)
    everything = [row["id"] for row in rows_of(lists, operation, path, sort=sort)]
    assert sorted(everything) == sorted(row["id"] for row in rows_of(lists, operation, path))
    visited, parameters = [], {}
    while parameters is not None:
        answer = call(lists, path, sort=sort, take=3, **parameters).json()
        visited += [row["id"] for row in answer[operation.plural]]
        parameters = {"after": answer["nextCursor"]} if answer.get("nextCursor") else None
    assert visited == everything


# --- paging ---

@each_list
@pytest.mark.parametrize("by", ["skip", "after"])
def test_paging(lists, operation, by):
    """Each row once, while rows are added: by `skip` at the end of the list, by `after` anywhere in it."""
    path = lists.fill(operation)
    members = open_members(operation)
    sorts = ["", sorted(KEYS.get(operation.kind, {"id"}))[0] + " desc"] + random.Random(5).sample(list(members), 2)
    if by == "skip":
        if "id" not in members or members["id"] == "uuid":
            pytest.skip("keys that do not rise with time")
        sorts = ["id"]
    for sort in sorts:
        before = [identity(operation, row) for row in rows_of(lists, operation, path, sort=sort)]
        visited, parameters = [], {"skip": 0} if by == "skip" else {}
        while parameters is not None:
            answer = call(lists, path, sort=sort, take=3, **parameters).json()
            visited += [identity(operation, row) for row in answer[operation.plural]]
            if len(visited) < 7:
                lists.add(operation)
            if not answer.get("nextCursor"):
                parameters = None
            elif by == "after":
                parameters = {"after": answer["nextCursor"]}
            else:
                parameters = {"skip": len(visited)}
        assert len(visited) == len(set(visited)), (sort, visited)
        assert [one for one in visited if one in set(before)] == before, sort


@each_list
def test_cursor_is_of_one_list(lists, operation):
    path = lists.fill(operation)
    cursor = call(lists, path, take=1).json()["nextCursor"]
    key = sorted(KEYS.get(operation.kind, {"id"}))[0]
    for more in ({"sort": f"{key} desc"}, {"filter": f"{key} != null"}):
        answer = call(lists, path, after=cursor, **more)
        assert answer.status == 400 and list(answer.json()["errors"]) == ["after"], answer


# --- select and include ---

@each_list
def test_select(lists, operation):
    path = lists.fill(operation)
    keys = KEYS.get(operation.kind, {"id"})
    whole = rows_of(lists, operation, path)
    for name in set(row_schema(operation)["properties"]) - set(relations(operation)):
        rows = rows_of(lists, operation, path, select=name.upper())
        assert rows == [{member: value for member, value in row.items() if member in keys | {name}}
                        for row in whole], name
    some = list(scalars(operation))[:3]
    rows = rows_of(lists, operation, path, select=", ".join(some))
    assert all(set(row) == keys | set(some) for row in rows)


@each_list
def test_include(lists, operation):
    """Each relation by itself, one query more; all of them; and how few queries that takes."""
    path = lists.fill(operation)
    plain, queries = costed(lists, path, take=50, total="none")
    first = queries
    assert first == 1 + (operation.path in LOOKED_AT)
    names = relations(operation)
    for name in names:
        answer, queries = costed(lists, path, check=True, take=50, total="none", include=name)
        assert queries <= first + 1, name
        rows = answer.json()[operation.plural]
        assert all(name in row for row in rows) and not any(name in row for row in plain.json()[operation.plural])
        if any(row[name] for row in rows):
            assert queries == first + 1, name
        without = [{member: value for member, value in row.items() if member != name} for row in rows]
        assert without == plain.json()[operation.plural]
    everything, queries = costed(lists, path, check=True, take=50, total="none", include="*")
    assert costed(lists, path, take=2, total="none", include="*")[1] <= queries <= first + len(names)
    assert all(set(names) <= set(row) for row in everything.json()[operation.plural])


@each_list
def test_queries_of_a_total(lists, operation):
    """A total costs a query of its own only where the page does not tell it."""
    path = lists.fill(operation)
    count = len(rows_of(lists, operation, path))
    assert count > 2
    looked, weighed = operation.path in LOOKED_AT, operation.path in WEIGHED
    for parameters, most in (({"take": 50}, 1), ({"take": count}, 1), ({"take": 50, "skip": 1}, 1),
                             ({"take": 1, "total": "none"}, 1), ({"take": 1}, 2 + weighed), ({"take": 0}, 2 + weighed)):
        answer, queries = costed(lists, path, **parameters)
        assert queries <= most + looked, (parameters, queries)
        body = answer.json()
        if "total" not in parameters:
            assert body[total_name(body)] == count, parameters


# --- filter ---

def literal(value):
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return '"' + value.replace('"', '""') + '"'


def comparisons(name, kind, value):
    """Filters about one value, and what they find."""
    own = rank(value, kind)
    yield f"{name} = {literal(value)}", lambda other: rank(other, kind) == own
    yield f"{name} ne {literal(value)}", lambda other: rank(other, kind) != own
    yield f"not ({name} == {literal(value)})", lambda other: rank(other, kind) != own
    if value is None:
        return
    yield f"{name} in ({literal(value)}, {literal(value)})", lambda other: rank(other, kind) == own
    if kind in ("string", "integer", "number", "moment", "day"):
        yield f"{name} < {literal(value)}", lambda other: other is not None and rank(other, kind) < own
        yield f"{name} GE {literal(value)}", lambda other: other is not None and rank(other, kind) >= own
    if kind == "string" and value:
        text = value.casefold()
        for function, holds in (("Contains", str.__contains__), ("StartsWith", str.startswith),
                                ("EndsWith", str.endswith)):
            part = {"Contains": text[1:3], "StartsWith": text[:2], "EndsWith": text[-2:]}[function]
            yield (f"{name}.{function}({literal(part)})",
                   lambda other, holds=holds, part=part: other is not None and holds(other.casefold(), part))


@each_list
def test_filter(lists, operation):
    """On each member, with a value that some row has, and with null."""
    path = lists.fill(operation)
    rows = rows_of(lists, operation, path)
    tested = set()
    for name, kind in open_members(operation).items():
        values = [row[name] for row in rows]
        chosen = next((value for value in values if value is not None), None)
        for value in {chosen, None}:
            tested.add(kind)
            for condition, holds in comparisons(name, kind, value):
                answer = call(lists, path, filter=condition)
                assert answer.status == 200, (condition, answer)
                body = answer.json()
                expected = [row for row in rows if holds(row[name])]
                assert body[operation.plural] == expected, condition
                assert body[total_name(body)] == len(expected), condition
    assert "string" in tested or "integer" in tested


@each_list
def test_filter_on_what_has_no_value(lists, operation):
    for name in CLOSED.get(operation.kind, set()) | set(relations(operation)):
        answer = call(lists, lists.path(operation), filter=f'{name} = "x"')
        assert answer.status == 400 and "filter" in answer.json()["errors"], (name, answer)


# What is wrong with a filter stands behind the mark ^, which is not sent; {m} is a member of the list.
VALUE = "|".join(["a value", "text in quotes", "a number", "a whole number", "a time"])
MALFORMED = [
    ("^= 1", "a member of the "), ("^nonsense = 1", "a member of the "), ("{m}^", "an operator"),
    ("{m} ^like 1", "an operator"), ("{m} =^", VALUE), ("{m} = ^)", VALUE), ("{m} = ^==", VALUE),
    ("{m} = null ^{m} = null", "and"), ("{m} = null and^", "a member of the "),
    ("{m} = null or ^or {m} = null", "a member of the "), ("({m} = null^", "a closing parenthesis"),
    ("{m} = null^)", "and"), ("not^", "a member of the "), ("{m} in ^null", "an opening parenthesis"),
    ("{m} in (^)", VALUE), ("{m} in (^,", VALUE), ("{m} = ^\"open", "closing"), ("{m} = ^'open", "closing"),
    ("{m} = ^{{", ""), ("{m}.^", ""), ("{m} = ^bare", VALUE), ("{m} ^! null", ""), ("{m} < ^null", VALUE),
    ("^; drop", "a member of the "),
]


@each_list
def test_malformed_filters(lists, operation):
    path = lists.path(operation)
    member = next(name for name, kind in open_members(operation).items() if kind != "uuid")
    wrong = []
    for text, words in MALFORMED:
        marked = text.format(m=member)
        position = marked.index("^") + 1
        answer = call(lists, path, filter=marked.replace("^", "", 1))
        fault = answer.json()["errors"]["filter"][0] if answer.status == 400 else repr(answer)
        if f"at position {position}:" not in fault or " is expected, but " not in fault or \
                not any(word in fault for word in words.split("|")):
            wrong.append((marked, fault))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("path, member, values", [
    ("/v1/licenses", "id", ['"x"', "1.5", "true", "99999999999999999999", "DateTime(2020,1,1)"]),
    ("/v1/licenses", "revoked", ["1", '"true"']),
    ("/v1/licenses", "createdAt", ["1", '"yesterday"', "DateTime(2020,13,1)", "DateTime(2020)", "true"]),
    ("/v1/licenses", "licenseType", ["1", "true", "DateTime(2020,1,1)"]),
    ("/v1/users", "id", ['"x"', "1", "true"]), ("/v1/users", "birthDate", ["1", '"2020-02-30"']),
    ("/v1/orders", "total", ['"x"', "true"]), ("/v1/customers", "mapZoomLevel", ['"x"', "false"]),
])
def test_values_of_wrong_types(lists, path, member, values):
    for value in values:
        answer = call(lists, path, filter=f"{member} = {value}")
        assert answer.status == 400, (value, answer)
        assert f"at position {len(member) + 4}" in answer.json()["errors"]["filter"][0] or \
            value.startswith("DateTime("), answer


def test_every_type_is_filtered():
    """The lists together have members of every type that the document knows."""
    kinds = {kind for operation in LISTS for kind in open_members(operation).values()}
    assert kinds == {"moment", "uuid", "string", "integer", "number", "boolean"}


# --- totals that are kept without counting ---

def test_counters_follow_contacts(lists):
    """Contacts that are written, replaced and deleted with their customer are counted too."""
    def check(expected):
        body = call(lists, "/v1/contacts", take=0).json()
        assert body["totalContactsCount"] == expected == int(
            lists.installation.sql("SELECT COUNT(*) FROM contact")[0][0])

    before = call(lists, "/v1/contacts", take=0).json()["totalContactsCount"]
    contacts = [{"lastName": f"c{number}"} for number in range(3)]
    answer = lists.client.post("/v1/customers", {"customer": {"company": "counted", "contacts": contacts}})
    assert answer.status == 200, answer
    key = answer.json()["customerId"]
    check(before + 3)
    assert lists.client.put("/v1/customers", {"customer": {"id": key, "contacts": contacts[:1]}}).status == 200
    check(before + 1)
    assert lists.client.post("/v1/contacts", {"contact": {"lastName": "c", "customerId": key}}).status == 200
    check(before + 2)
    assert lists.client.delete(f"/v1/customers/{key}").status == 200
    check(before)


def test_log_at_its_other_path(installation):
    """As one page of the original has it: the same list, and the same rights."""
    client = installation.client(installation.admin_key)
    for query in ("?take=3", "?take=2&skip=1&sort=id", "?filter=level=\"Information\"&take=1"):
        one, other = (client.get(f"/v1/{name}{query}").json() for name in ("log", "logs"))
        assert one["logEntries"] == other["logEntries"]
    assert client.delete("/v1/logs").status == 405 and installation.client().get("/v1/logs").status == 401
