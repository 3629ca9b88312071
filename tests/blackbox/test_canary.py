"""A word in every member of every resource, and the search for it in everything that each role can get.

The members come from tests/golden/members.txt, the operations from docs/openapi.json, and what a role may read from
tests/golden/access.txt: what is added to the tables is tried by itself. A new table wants a row (harness/canary.py).
"""

import itertools
import json
import re
import urllib.parse

import pytest

from harness import access
from harness.access import ROUTES
from harness.canary import Canary, WORD, fill, members, path_of, words_in
from harness.families import unique
from harness.installation import Installation
from harness.owners import Agency
from harness.rows_only import CSV, LINES, lists
from harness.sight import DOCUMENT, READ, Viewers, queried_lists, relations, scalars

LISTS = {route.path: (names, schema) for route, names, schema in queried_lists()}
ROWS_ONLY = dict(lists())
SORTED_AT_ONCE = 8
# Discovery answers a hello alone, which the group's identifier opens.
NOT_BY_GET = {"discovery"}
# Who may not read all areas sees some mails only: test_emails.py.
SOME_ROWS = {"mail"}
# No program has registered itself, and accounts are called by words, which belong into no address.
NO_ROW = {"/api/v1/admin/registrations/{id}", "/api/v1/admin/certificates/{thumbprint}", "/hosting/api/client/by-username/{username}",
          "/hosting/api/clientgetid/{searchTerm}"}
PLACEHOLDERS = {"license": "License", "licensee": "Licensee", "product": "LicenseProduct", "customer": "Customer",
                "order": "Order"}


@pytest.fixture(scope="module")
def running():
    with Installation() as installation:
        yield installation


@pytest.fixture(scope="module")
def canary(running):
    world = fill(Canary(running))
    world.store()
    return world


@pytest.fixture(scope="module")
def viewers(running, canary):
    """Made after the words, so that they hold none: each role alone, no role, no key, and another customer."""
    made = Viewers(running)
    clients = {role: made.client(role) for role in sorted(READ)}
    clients["no role"] = made.client()
    clients["nobody"] = running.client()
    customer = made.admin.post("/v1/customers", {"customer": {"company": unique("other")}}).json()["customerId"]
    for path, body in (("/v1/orders", {"order": {"customerId": customer}}),
                       ("/v1/licenses", {"license": {"customerId": customer}})):
        assert made.admin.post(path, body).status == 200
    clients["another customer"] = made.client("Customer", customerId=customer)
    agency = Agency(made, itertools.count(600_000))
    for key, name in ((agency.boss_key, "delegate who manages"), (agency.clerk_key, "delegate")):
        clients[name] = running.client(key)
    return clients


def queries(path):
    """Everything, with all that is related, sorted by every member."""
    if path not in LISTS:
        return [""]
    names, schema = LISTS[path]
    found = ["?take=1000"]
    if "include" in names:
        found += ["?" + urllib.parse.urlencode({"take": 1000, "include": text}) for text in
                  ["*", *(relation for relation, areas, _, _ in relations(schema) if areas)]]
    for paths in [scalars(schema), *([f"{relation}.{member}" for member in scalars(other)]
                                     for relation, _, single, other in relations(schema, depth=1) if single)]:
        for first in range(0, len(paths), SORTED_AT_ONCE):
            some = ",".join(paths[first:first + SORTED_AT_ONCE])
            found += ["?take=1&" + urllib.parse.urlencode({"sort": some}),
                      "?take=1&" + urllib.parse.urlencode({"sort": some.replace(",", " desc,") + " desc", "select": some})]
    return found


def look(canary, client):
    """{word: where it was seen} of all that somebody gets by GET."""
    seen = {}
    for route in ROUTES:
        if route.method != "GET":
            continue
        path = path_of(canary, route.path)
        asked = [(query, None) for query in queries(route.path)]
        asked += [(query, accept) for query in queries(route.path)[:2] for accept in (CSV, LINES) if route.path in ROWS_ONLY]
        for query, accept in asked:
            answer = client.get(path + query, accept=accept, check=False)
            for found in words_in(answer):
                seen.setdefault(found, f"{path}{query}")
            if answer.status in (401, 403):
                break
    return seen


def may_read(role):
    return READ.get(role, set())


def test_every_table_has_words(canary):
    tables = {table for table, *_ in members()}
    assert {table for table, _ in canary.stored.values()} == tables
    places = {(table, column) for table, column, *_ in members()}
    missing = places - set(canary.stored.values())
    assert len(missing) < len(places) / 20, missing


@pytest.mark.parametrize("role", [*sorted(READ), "no role", "nobody", "another customer"])
def test_words_are_seen_by_those_who_may_read_them(canary, viewers, role):
    seen = look(canary, viewers[role])
    wrong = {canary.stored.get(found, found): (canary.words[found], where) for found, where in seen.items()
             if found in canary.words and canary.words[found] not in may_read(role)}
    assert not wrong
    # … and are seen: what is searched for is there to be found.
    missed = [canary.stored[found] for found, area in canary.words.items() if found in canary.stored
              and area in may_read(role) - NOT_BY_GET - (set() if role == "Administrator" else SOME_ROWS)
              and found not in seen]
    assert not missed


MOVING = {"serverTime", "requests"}
# What an operation must be asked.
ASKED = {"/v1/search": "?q=license"}


def comparable(value):
    """Without nulls, which some serializers leave out, and without the time of the call and the number of calls."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, dict):
        return {name: comparable(member) for name, member in value.items() if member is not None and name not in MOVING}
    return value


def in_xml_too(route):
    [success] = [described for status, described in DOCUMENT["paths"][route.path]["get"]["responses"].items()
                 if status == "200"]
    return "application/xml" in success.get("content", {})


@pytest.mark.parametrize("route", [
    route for route in ROUTES if route.method == "GET" and in_xml_too(route) and route.access != "session"], ids=access.name)
def test_xml_says_what_json_says(canary, route):
    """Each member has the same value, whatever it is called there."""
    path = path_of(canary, route.path) + ("?include=*" if "include" in LISTS.get(route.path, [()])[0] else ASKED.get(
        route.path, ""))
    status = 404 if route.path in NO_ROW else 200
    headers = {}
    if route.access == "user key":
        [[headers["X-User-Key"]]] = canary.installation.sql("SELECT user_key FROM license LIMIT 1")
    key = canary.captures["/hosting"]["apiKey"] if route.access == "account" else None
    for _ in range(3):  # the key's last use may change in between
        first = canary.client.get(path, headers=headers, key=key)
        other = canary.client.get(path, headers=headers, accept="application/xml", key=key)
        assert (first.status, other.status) == (status, status), (first, other)
        expected = comparable(first.json())
        found = comparable(canary.installation.document.read_as_json("GET", path, other))
        if found == expected:
            return
    assert found == expected


def test_log_has_words_of_what_was_made(canary, viewers):
    """The search above looks through the log, too."""
    text = json.dumps(viewers["Administrator"].get("/v1/log?take=1000").json())
    assert len({found for found in WORD.findall(text) if found in canary.words}) > 100


@pytest.mark.parametrize("role", ["Administrator", "LicenseManager", "Sales"])
def test_mails_hold_what_their_senders_may_read(running, canary, viewers, role):
    client = viewers[role]
    for name, type_name in PLACEHOLDERS.items():
        schema = DOCUMENT["components"]["schemas"][f"licensing.{type_name}"]
        text = " ".join(f"{{{{{name}.{member}}}}}" for member in scalars(schema))
        resource = canary.client.post("/v1/resources", {
            "resource": {"name": "mail", "type": "email", "data": text}}).json()["resourceId"]
        license_id = canary.client.get("/v1/licenses?take=1&sort=id&select=id").json()["licenses"][0]["id"]
        canary.client.put("/v1/licenses", {"license": {"id": license_id, "licenseeEmail": "holder@example.org",
                                                       "customerId": canary.get("customer"), "orderId": canary.get("order")}})
        answer = client.post("/v1/email/license", {"licenseId": license_id, "resourceId": resource}, check=False)
        if schema["x-area"] in may_read(role):
            assert answer.status == 200, (name, answer)
        else:
            assert answer.status == 400 and f"{{{{{name}." in answer.text and not words_in(answer), (name, answer)
        newest = running.sql("SELECT body, subject, recipients FROM mail_message ORDER BY created_at DESC LIMIT 1")
        if answer.status == 200:
            found = set(WORD.findall(json.dumps(newest)))
            assert found or name == "licensee"
            assert {canary.words[one] for one in found if one in canary.words} <= may_read(role)


def test_errors_quote_no_row(canary, viewers):
    """Duplicates, references and dependants are told without members of the rows that are in the way."""
    client = viewers["Sales"]
    code = canary.client.get("/v1/customers?take=1&sort=id&select=code").json()["customers"][0]["code"]
    answers = [client.post("/v1/customers", {"customer": {"company": "x", "code": code}}),
               client.delete(f"/v1/customers/{canary.get('customer')}"), client.delete(f"/v1/orders/{canary.get('order')}"),
               client.post("/v1/orders", {"order": {"customerId": 999999999}})]
    assert [answer.status for answer in answers] == [409, 409, 409, 400]
    for answer in answers:
        assert words_in(answer) <= {code}, answer


def test_cursors_go_on_after_a_restart(running, canary):
    path = "/v1/contacts?take=1&sort=details"
    first = canary.client.get(path).json()
    running.stop_pool()
    running.start_pool()
    running.wait_ready()
    after = urllib.parse.quote(first["nextCursor"])
    second = canary.client.get(f"{path}&after={after}")
    assert second.status == 200 and second.json()["contacts"][0]["id"] != first["contacts"][0]["id"], second
    for place in (0, 5, 20, len(first["nextCursor"]) // 2):
        cursor = first["nextCursor"]
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1:]
        answer = canary.client.get(f"{path}&after={urllib.parse.quote(changed)}")
        assert answer.status == 400 and "after" in answer.text, answer


def test_logs_and_metrics_hold_no_word(running, canary):
    assert not WORD.search(running.client().get("/metrics", check=False).text)
    for path in (running.state / "log").iterdir():
        assert not [found for found in WORD.findall(path.read_text(errors="replace")) if found in canary.words], path
