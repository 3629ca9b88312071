"""Sets that are written together are judged by their end state: synchronisations, owned lists, imports. Random sets
are held against models that know nothing of the order in which rows are written."""

import concurrent.futures
import json
import random
import uuid

import pytest

from harness.families import DISCOVERY, Api, unique
from harness.installation import Installation, wait_until
from harness.locks import WAITING, connected
from harness.random_cases import cases, seed

FRESH = "an Id that nobody has"
HELLO, SYNCHRONISE = "/api/ClientHello", "/api/ClientAddOrUpdateOrRemoveClients"


# --- synchronisation ---

def item(group, code, identifier=None, **members):
    return {"ClientCode": code, "ClientGroupsId": group, "AppName": "Till", "AppVersion": "1"} | (
        {"Id": identifier} if identifier else {}) | members


def synchronise(api, items):
    answer = api.post(SYNCHRONISE, "DTOClient", items)
    if answer.status != 200:
        return answer.status, None
    return answer.status, {client["Id"]: client["ClientCode"] for client in answer.value["DTOClients"]}


def model(stored, items):
    """
    Codes by identifier after a synchronisation, with None for the identifiers of clients that are new and were sent
    without one; None where two items cannot be told apart.
    """
    items = [one for number, one in enumerate(items) if one[1] is None or one not in items[:number]]
    if len({code for code, _ in items}) < len(items):
        return None
    named = [identifier for _, identifier in items if identifier]
    if len(set(named)) < len(named):
        return None
    after = {identifier: code for code, identifier in items if identifier in stored}
    free = {code: identifier for identifier, code in stored.items() if identifier not in after}
    new = []
    for code, identifier in items:
        if identifier in stored:
            continue
        if code in free:
            after[free[code]] = code
        elif identifier:
            after[identifier] = code
        else:
            new.append(code)
    return after, sorted(new)


def check(api, group, stored, items):
    """Synchronises, and returns what is stored then."""
    status, after = synchronise(api, [item(group, *one) for one in items])
    expected = model(stored, items)
    shown = f"stored {stored}, sent {items}, answered {status} {after}"
    if expected is None:
        assert status == 400, shown
        return stored
    known, new = expected
    assert status == 200, shown
    assert {identifier: code for identifier, code in after.items() if identifier in known} == known, shown
    assert sorted(code for identifier, code in after.items() if identifier not in known) == new, shown
    return after


@pytest.fixture
def two(discovery, group):
    """A group of two clients, B and C; their identifiers."""
    _, made = synchronise(discovery, [item(group, "B"), item(group, "C")])
    return {code: identifier for identifier, code in made.items()}


def ids(letters, two):
    return [(code, str(uuid.uuid4()) if identifier == FRESH else two.get(identifier)) for code, identifier in letters]


@pytest.mark.parametrize("items", [
    [("X", "B"), ("C", "C"), ("B", None)],          # a code is free for another client once its owner has left it
    [("C", "B"), ("B", "C")],                       # a swap
    [("B", "C"), ("C", None)], [("C", "B"), ("B", None)],
    [("C", "B"), ("D", "C")], [("D", "C"), ("C", "B")],     # a shift, in both orders
    [("D", "B"), ("B", "C"), ("C", None)],
    [("C", "B")], [("B", None)], [("C", None), ("B", None)],
    [("B", FRESH)],                     # an Id that the group does not know: the code counts
    [("B", FRESH), ("X", "B")],
    [("B", "B"), ("B", None)], [("X", "B"), ("Y", "B")], [("B", None), ("B", None)]])
def test_the_end_state_counts(discovery, group, two, items):
    stored = {identifier: code for code, identifier in two.items()}
    check(discovery, group, stored, ids(items, two))


def test_random_synchronisations(discovery, group):
    """Permutations, swaps, shifts, renames, removals; clients named by Id, by code, or by both."""
    draw = random.Random(seed())
    stored = {}
    for _ in range(cases(40)):
        alphabet = "ABCDEFGH"
        codes = draw.sample(alphabet, draw.randint(1, len(alphabet)))
        known = draw.sample(sorted(stored), len(stored))
        items = []
        for code in codes:
            kind = draw.random()
            if kind < 0.6 and known:
                items.append((code, known.pop()))
            elif kind < 0.7:
                items.append((code, str(uuid.uuid4())))
            else:
                items.append((code, None))
        if draw.random() < 0.1:
            items.append((draw.choice(items)[0], draw.choice([None, draw.choice(items)[1]])))
        stored = check(discovery, group, stored, items)


def test_what_belongs_to_clients_stays(installation, discovery, group, two):
    """A swap of codes is no exchange of clients: tokens and associations stay where they are."""
    installation.cli("associate", two["B"], two["C"])
    before = installation.sql(f"SELECT id, token FROM discovery_client WHERE group_id = '{group}' ORDER BY id")
    check(discovery, group, {identifier: code for code, identifier in two.items()},
          ids([("C", "B"), ("B", "C")], two))
    assert installation.sql(f"SELECT id, token FROM discovery_client WHERE group_id = '{group}' ORDER BY id") == before
    assert installation.sql(f"SELECT associated_id FROM discovery_association WHERE client_id = '{two['B']}'") == [
        [two["C"]]]


def test_a_hello_waits_for_the_group(installation, discovery, group):
    """A hello and a synchronisation lock the group first and then its clients, so that they end in no deadlock."""
    synchronise(discovery, [item(group, "till")])
    body = {"ClientCode": "till", "ClientGroupId": group, "AppName": "Till", "AppVersion": "2"}
    with connected(installation) as holder, concurrent.futures.ThreadPoolExecutor(1) as pool:
        holder.run(f"BEGIN; SELECT 1 FROM discovery_group WHERE id = '{group}' FOR UPDATE")
        greeting = pool.submit(discovery.post, HELLO, "DTOHello", body)
        wait_until(lambda: holder.run(WAITING) != [["0"]] or greeting.done(), "a hello that waits")
        assert not greeting.done()
        # As the database reads a small table: through all of its rows, those that are being inserted as well.
        holder.run("SET innodb_lock_wait_timeout = 1")
        found = holder.run("SELECT client_code FROM discovery_client FORCE INDEX (PRIMARY) "
                           f"WHERE group_id = '{group}' FOR UPDATE")
        holder.run("COMMIT")
        assert found == [["till"]]
        answer = greeting.result(30)
    assert answer.status == 200, answer
    assert [client["AppVersion"] for client in answer.value["DTOClients"]] == ["2"]


def test_a_client_of_another_group(installation, discovery, group, two):
    """Its Id is taken, and the whole call is undone."""
    _, other = synchronise(discovery, [item(installation.create_group(unique("other")), "o")])
    status, _ = synchronise(discovery, [item(group, "new", next(iter(other))), item(group, "B", two["C"])])
    assert status == 409
    assert sorted(installation.sql(f"SELECT client_code FROM discovery_client WHERE group_id = '{group}'")) == [
        ["B"], ["C"]]


@pytest.fixture(scope="module")
def roomy():
    """An installation of its own, so that its memory is measured alone."""
    running = Installation().start()
    yield running
    running.finish()


@pytest.mark.parametrize("media, count, rotates", [("json", 1501, True), ("xml", 5000, False)])
def test_what_is_answered_can_be_sent_back(roomy, media, count, rotates):
    """All clients of a large group as a hello has answered them; and again, with each other's codes."""
    group = roomy.create_group(unique("large"))
    roomy.sql("INSERT INTO discovery_client (id, group_id, client_code, token, app_name, app_version, ip_address, port, "
              f"added_at, updated_at) SELECT UUID(), '{group}', CONCAT('till-', seq), MD5(seq), "
              f"'Till of the main store', '1.2.3', '2001:db8::1', 8080, NOW(6), NOW(6) FROM seq_1_to_{count}")
    api = Api(roomy.client(), DISCOVERY, media)
    body = {"ClientCode": "till-1", "ClientGroupId": group, "AppName": "Till", "AppVersion": "1"}
    greeting = api.post(HELLO, "DTOHello", body)
    assert greeting.status == 200, greeting
    clients = greeting.value["DTOClients"]
    assert len(clients) == count
    sent = [client | {"ClientCode": other["ClientCode"]} if rotates else client
            for client, other in zip(clients, clients[1:] + clients[:1])]
    answer = api.post(SYNCHRONISE, "DTOClient", sent)
    assert answer.status == 200, answer
    assert ({client["Id"]: client["ClientCode"] for client in answer.value["DTOClients"]} ==
            {client["Id"]: client["ClientCode"] for client in sent})


# --- owned lists ---

class Owner:
    """A row with a list, and how both are called."""

    def __init__(self, api, path, kind, make, member, members, unique_members=()):
        self.api, self.path, self.kind, self.member = api, path, kind, member
        self.members = members          # what is drawn for an item
        self.unique_members = unique_members
        answer = api.post(path, f"Insert{kind}Request", {kind[0].lower() + kind[1:]: make})
        assert answer.status == 200, answer
        self.identifier = answer.value[next(name for name in answer.value if name.endswith("Id"))]

    def put(self, items):
        body = {self.kind[0].lower() + self.kind[1:]: {"id": self.identifier, self.member: items}}
        return self.api.put(self.path, f"Update{self.kind}Request", body)

    def get(self):
        """Items by their identifiers."""
        query = f"filter=id+%3D+%22{self.identifier}%22" if "-" in str(self.identifier) else \
            f"filter=id+%3D+{self.identifier}"
        answer = self.api.get(f"{self.path}?{query}&include={self.member}")
        assert answer.status == 200, answer
        [row] = next(value for value in answer.value.values() if isinstance(value, list))
        return {str(one["id"]): one for one in row[self.member]}


OWNERS = {
    "contacts": lambda api: Owner(api, "/v1/customers", "Customer", {"company": "c"}, "contacts",
                                  lambda draw: {"firstName": draw.choice("ABC"), "phone": draw.choice(["1", "2", None])}),
    "settings": lambda api: Owner(api, "/v1/users", "User", {"userName": unique("owner")}, "settings",
                                  lambda draw: {"name": draw.choice("ABCDE"), "category": draw.choice(["", "x"]),
                                                "value": draw.choice(["1", "2"])}, ("category", "name")),
    "license": lambda api: Owner(api, "/v1/licenses", "License", {"licenseId": unique("set"), "userKey": unique("key")},
                                 "assemblies", lambda draw: {"name": draw.choice("ABC"), "version": draw.choice("123")}),
    "template": lambda api: Owner(api, "/v1/license-templates", "LicenseTemplate", {"name": unique("set")}, "assemblies",
                                  lambda draw: {"name": draw.choice("ABC"), "culture": draw.choice(["de", None])}),
}


@pytest.fixture(params=OWNERS)
def owner(licensing, request):
    return OWNERS[request.param](licensing)


def shown(items, names):
    return sorted(tuple(str(one.get(name)) for name in names) for one in items)


def test_random_owned_lists(owner):
    """Items with a known id keep it, others are new, and what is not named goes: permutations, swaps, removals."""
    draw = random.Random(seed())
    stored = {}
    for _ in range(cases(12)):
        items = [draw.choice(list(stored.values())) | owner.members(draw) if stored and draw.random() < 0.6
                 else owner.members(draw) | draw.choice([{}, {"id": 0}, {"id": 2147483647}])
                 for _ in range(draw.randint(0, 5))]
        draw.shuffle(items)
        named = [str(one["id"]) for one in items if str(one.get("id")) in stored]
        places = [tuple(one[name] for name in owner.unique_members) for one in items]
        twice = len(set(named)) < len(named)
        taken = owner.unique_members and len(set(places)) < len(places)
        answer = owner.put(items)
        assert answer.status == (400 if twice else 409 if taken else 200), (stored, items, answer)
        after = owner.get()
        if twice or taken:
            assert after == stored, (stored, items)
            continue
        names = sorted(owner.members(draw))
        for one in items:
            if str(one.get("id")) in stored:
                assert shown([one], names) == shown([after[str(one["id"])]], names), (stored, items, after)
        assert shown(items, names) == shown(after.values(), names), (stored, items, after)
        assert set(named) <= set(after) and len(after) == len(items), (stored, items, after)
        stored = after


def test_as_it_was_answered(owner):
    """A list that is sent back as it was answered changes nothing, in any order; nor does what an item leaves out."""
    draw = random.Random(7)
    called = "name" if "name" in owner.members(draw) else "firstName"
    assert owner.put([owner.members(draw) | {called: name} for name in "XYZ"]).status == 200
    stored = owner.get()
    assert owner.put(list(reversed(list(stored.values())))).status == 200
    assert owner.get() == stored
    required = [{name: one[name] for name in ("id", "name", *owner.unique_members) if name in one}
                for one in stored.values()]
    assert owner.put(required).status == 200
    assert owner.get() == stored


def test_shifts_of_settings(licensing):
    """Names go round, and one is left to a setting that is new."""
    owner = OWNERS["settings"](licensing)
    assert owner.put([{"name": name, "value": name} for name in "ABC"]).status == 200
    numbers = {one["name"]: one["id"] for one in owner.get().values()}
    answer = owner.put([{"name": "A", "value": "new"}, {"id": numbers["A"], "name": "B"},
                        {"id": numbers["B"], "name": "C"}, {"id": numbers["C"], "name": "D"}])
    assert answer.status == 200, answer
    after = {one["name"]: one for one in owner.get().values()}
    assert {name: one["value"] for name, one in after.items()} == {"A": "new", "B": "A", "C": "B", "D": "C"}
    assert (after["B"]["id"], after["C"]["id"], after["D"]["id"]) == (numbers["A"], numbers["B"], numbers["C"])


def test_items_of_others(licensing):
    """An id of another owner's item is no known id: the item is new, and the other owner keeps its own."""
    one, two = OWNERS["contacts"](licensing), OWNERS["contacts"](licensing)
    assert one.put([{"firstName": "Ada"}]).status == 200
    [number] = one.get()
    assert two.put([{"id": number, "firstName": "Eve"}]).status == 200
    assert [item["firstName"] for item in one.get().values()] == ["Ada"]
    [other] = two.get()
    assert other != number and two.get()[other]["firstName"] == "Eve"


@pytest.mark.parametrize("identifier", ["x", None, -1, "", 1.5])
def test_items_without_a_key(licensing, identifier):
    owner = OWNERS["contacts"](licensing)
    assert owner.put([{"id": identifier, "firstName": "Ada"}]).status == 200
    assert [item["firstName"] for item in owner.get().values()] == ["Ada"]


# --- imports ---

class Persons:
    """Persons of the delegates family by clientId, and files that change them."""

    def __init__(self, installation, folder, first):
        self.installation, self.file = installation, folder / "persons.csv"
        self.first = first
        self.range = f"id BETWEEN {first} AND {first + 99999}"
        installation.sql(f"DELETE FROM delegate_client WHERE {self.range}")

    def load(self, lines, *flags):
        """Imports lines of (number, code); returns the counts."""
        self.file.write_text("clientId,clientCode,firstName\n" + "".join(
            f"{self.first + number},{code},{code}\n" for number, code in lines), encoding="utf-8")
        answer = self.installation.cli("person", "import", self.file, "--json", *flags, check=False)
        return json.loads(answer if isinstance(answer, str) else answer.stdout)

    def stored(self):
        rows = self.installation.sql(f"SELECT id, code FROM delegate_client WHERE {self.range}")
        return {int(number) - self.first: code for number, code in rows}


@pytest.fixture
def persons(installation, tmp_path):
    return Persons(installation, tmp_path, 700000)


def import_model(stored, lines):
    """Codes after an import: the last line of a person counts; who cannot have its code stays as it was."""
    wanted = dict(lines)
    while True:
        after = stored | wanted
        taken = [number for number, code in wanted.items()
                 if any(other == code and one != number for one, other in after.items())]
        if not taken:
            return after
        held = [number for number in taken
                if any(code == wanted[number] and one not in wanted for one, code in after.items())]
        for number in held or taken[1:]:
            del wanted[number]


@pytest.mark.parametrize("lines, refused, filling", [
    ([(1, "B"), (2, "A")], 0, 600),     # others between them, so that the two are not in one batch
    ([(4, "A"), (1, "X")], 0, 600), ([(1, "B"), (2, "C"), (4, "D")], 2, 600),
    ([(1, "B"), (2, "C"), (3, "A")], 0, 0), ([(3, "A"), (2, "C"), (1, "B")], 0, 0), ([(1, "X"), (4, "A")], 0, 0),
    ([(4, "A")], 1, 0), ([(1, "B")], 1, 0), ([(2, "C"), (1, "B"), (4, "A")], 3, 0),
    ([(1, "B"), (1, "X"), (2, "A")], 0, 0), ([(1, "B"), (2, "B"), (1, "X")], 0, 0), ([(1, "B"), (2, "A"), (2, "Y")], 0, 0)])
def test_imports(persons, lines, refused, filling):
    """Swaps, shifts and chains, within one batch and over several; a trial says the same and stores nothing."""
    start = {1: "A", 2: "B", 3: "C"}
    assert persons.load(list(start.items()))["added"] == 3
    others = [(1000 + number, f"F{number}") for number in range(filling)]
    sent = lines[:1] + others + lines[1:]
    trial = persons.load(sent, "--dry-run")
    assert persons.stored() == start
    report = persons.load(sent)
    for counts in (trial, report):
        assert (counts["read"], counts["refused"]) == (len(sent), refused), counts
        assert counts["added"] + counts["updated"] + counts["refused"] == counts["read"], counts
    assert persons.stored() == import_model(start, lines) | dict(others)


def test_random_imports(persons):
    """Each line of a code of its own: permutations, shifts and renames, in any order."""
    draw = random.Random(seed())
    stored = {}
    for _ in range(cases(10)):
        numbers = draw.sample(range(8), draw.randint(1, 8))
        lines = list(zip(numbers, draw.sample("ABCDEFGHIJ", len(numbers))))
        report = persons.load(lines)
        after = persons.stored()
        assert after == import_model(stored, lines), (stored, lines, after)
        assert report["refused"] == sum(after.get(number) != code for number, code in lines), (stored, lines, report)
        stored = after
