"""Lists lose no rows: random rows, sorts, pages and filters, held against the rows of one big page.

How texts compare is asked of the database itself, value by value and without an index; everything else about
the query language is written here a second time.
"""

import itertools
import json
import random
import re

import pytest

from harness.installation import Installation
from harness.licensing import find
from harness.lists import LISTS, Lists, call, identity, kind_of, open_members, resolve, row_schema, total_name
from harness.random_cases import cases, seed

TABLES = {
    "apiKey": "api_key", "user": "user", "setting": "user_setting", "assembly": "assembly", "license": "license",
    "token": "license_token", "template": "license_template", "customer": "customer", "contact": "contact",
    "product": "product", "release": "product_release", "releaseAssembly": "release_assembly",
    "order": "customer_order", "orderProduct": "order_product", "resource": "resource", "report": "report",
    "trace": "license_trace",
}
COLUMNS = {("setting", "group"): "group_name"}
FOLDED = "utf8mb4_uca1400_as_ci"
# Where texts are sorted by a beginning only, it has as many characters at least.
SORTED_BY = 80
MORE_ROWS = 6  # than other tests have, in each list

# Texts that are equal, nearly equal, or stand where one does not expect them.
TEXTS = [
    "", " ", "a", "A", "a ", "a  ", "a\t", "a\x01", "ab", "a🙂b", "a🙂", "a\ufffd", "a\ufffdb", "a\U0010ffff",
    "a\U00010000b", "a\u00adb", "b", "é", "e\u0301", "É", "e", "éa", "e\u0301a", "ea", "straße", "strasse",
    "STRASSE", "strase", "ß", "ss", "ﬁn", "fin", "Å", "\u212b", "A\u030a", "Ａ", "\u0e40\u0e01", "\u0e01\u0e40",
    "\u0e40", "%", "_", "a%", "a_b", "|", "'", '"', "\\", "0", "00", "1", "-1", "ﷺ", "﷽", "日本", "\u1100\u1161",
    "가", "\u0430\u0306",
]
# Texts of which some are equal and others differ in an accent.
NEAR = ["Müller", "Muller", "müller", "MÜLLER", "Mu\u0308ller", "Mueller", "Müller ", "Muller\t"]


# --- rows ---

def long_texts(chance):
    """Texts that differ behind any bound on the length of a key, and some that differ in accents only."""
    base = "".join(chance.choice("abcäöüß é🙂") for _ in range(40))
    made = []
    for length in (64, 80, 200, 254, 255, 500, 900, 3000, 5000):
        text = (base * (length // len(base) + 1))[:length - 1]
        made += [text + last for last in ("u", "ü", "U", "v", "🙂")]
    return made + ["ß" * 254 + last for last in "uü"] + ["ﷺ" * 254 + last for last in "uü"]


def snake(kind, name):
    return COLUMNS.get((kind, name), re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: "_" + found[0].lower(), name))


def literal_sql(text):
    return "NULL" if text is None else f"_utf8mb4 x'{text.encode().hex()}'"


class Rows(Lists):
    """Lists whose rows have random texts; `members[kind][name]` is the collation of a text member."""

    def __init__(self, installation, chance):
        super().__init__(installation)
        self.random = chance
        self.short = TEXTS
        self.long = long_texts(chance)
        self.columns = self.read_columns()
        self.members = {}
        self.operations = {one.path: one for one in LISTS if one.kind in TABLES}
        for operation in self.operations.values():
            self.fill(operation)
            for _ in range(MORE_ROWS):
                self.add(operation)
        for kind in {one.kind: one for one in self.operations.values()}:
            self.scramble(kind)

    def read_columns(self):
        """(table, column): (longest, nullable, collation), of texts that no rule or unique index is about."""
        schema = "table_schema = 'clientele'"
        unique = self.installation.sql("SELECT table_name, column_name FROM information_schema.statistics "
                                       f"WHERE {schema} AND non_unique = 0")
        checks = self.installation.sql("SELECT table_name, check_clause FROM information_schema.check_constraints "
                                       "WHERE constraint_schema = 'clientele'")
        columns = self.installation.sql("SELECT table_name, column_name, character_maximum_length, is_nullable, "
                                        f"collation_name FROM information_schema.columns WHERE {schema} AND "
                                        "data_type IN ('varchar', 'text')")
        return {(table, column): (int(longest), nullable == "YES", collation)
                for table, column, longest, nullable, collation in columns
                if [table, column] not in unique and not any(one == table and column in text for one, text in checks)}

    def scramble(self, kind):
        """Random texts for each text member of each row of a kind."""
        table = TABLES[kind]
        operation = next(one for one in self.operations.values() if one.kind == kind)
        found = {}
        for name, what in open_members(operation).items():
            column = self.columns.get((table, snake(kind, name)))
            if what == "string" and column and "enum" not in resolve(row_schema(operation)["properties"][name]):
                found[name] = column
        self.members[kind] = {name: column[2] for name, column in found.items()}
        keys = [row[0] for row in self.installation.sql(
            f"SELECT column_name FROM information_schema.statistics WHERE table_schema = 'clientele' AND "
            f"table_name = '{table}' AND index_name = 'PRIMARY'")]
        script = []
        # Few different texts in a column, so that many rows are equal or nearly so.
        chosen = {name: [self.value(*column) for _ in range(self.random.choice([3, 5, 9]))]
                  for name, column in found.items()}
        for row in self.installation.sql(f"SELECT {', '.join(keys)} FROM {table}"):
            values = ", ".join(f"{snake(kind, name)} = {literal_sql(self.random.choice(texts))}"
                               for name, texts in chosen.items())
            which = " AND ".join(f"{key} = '{value}'" for key, value in zip(keys, row))
            script.append(f"UPDATE {table} SET {values} WHERE {which};" if values else "")
        self.installation.sql("\n".join(script))

    def value(self, longest, nullable, _):
        if nullable and self.random.random() < 0.15:
            return None
        pool = self.random.choice([self.long, self.short, self.short, NEAR, NEAR])
        return self.random.choice(pool)[:longest]


@pytest.fixture(scope="module")
def rows():
    with Installation(workers=1) as running:
        yield Rows(running, random.Random(seed()))


# --- how texts compare ---

class Texts:
    """What the database finds about texts, without any index."""

    def __init__(self, installation, texts):
        self.installation = installation
        self.numbers = {text: number for number, text in enumerate(sorted(texts))}
        values = ", ".join(f"({number}, {literal_sql(text)})" for text, number in self.numbers.items())
        characters = sorted({character for text in texts for character in text})
        self.characters = {character: number for number, character in enumerate(characters)}
        script = f"""
            CREATE TEMPORARY TABLE a (i INT, v TEXT COLLATE {FOLDED});
            INSERT INTO a VALUES {values}; CREATE TEMPORARY TABLE b AS SELECT * FROM a;
            SELECT a.i, b.i, IF(a.v = b.v, 0, 1) FROM a, b WHERE a.i < b.i AND NOT a.v > b.v;"""
        self.order = {(int(a), int(b)): -int(differ) for a, b, differ in installation.sql(script)}
        values = ", ".join(f"({number}, {literal_sql(one)}, {literal_sql('|' + one if one in '%_|' else one)})"
                           for one, number in self.characters.items())
        script = f"""
            CREATE TEMPORARY TABLE a (i INT, v VARCHAR(1) COLLATE {FOLDED}, p VARCHAR(2) COLLATE {FOLDED});
            INSERT INTO a VALUES {values}; CREATE TEMPORARY TABLE b AS SELECT * FROM a;
            SELECT a.i, b.i FROM a, b WHERE a.v LIKE b.p ESCAPE '|';"""
        self.alike = {(int(a), int(b)) for a, b in installation.sql(script)}

    def compare(self, a, b, collation):
        if collation != FOLDED:
            return (a.encode() > b.encode()) - (a.encode() < b.encode())
        a, b = self.numbers[a], self.numbers[b]
        if a == b:
            return 0
        return self.order.get((a, b), 1) if a < b else -self.order.get((b, a), 1)

    def same(self, text, part, collation):
        """Character by character."""
        if collation != FOLDED:
            return text == part
        return len(text) == len(part) and all(
            (self.characters[a], self.characters[b]) in self.alike for a, b in zip(text, part))

    def match(self, function, text, part, collation):
        length = len(part)
        places = {"StartsWith": [0], "EndsWith": [len(text) - length],
                  "Contains": range(len(text) - length + 1)}[function]
        return length <= len(text) and any(self.same(text[at:at + length], part, collation) for at in places)


@pytest.fixture(scope="module")
def texts(rows):
    lengths = (1, 2, 16, 32, 64, 128, 255, 500, 1000, 5000)
    found = {text[:length] for text in rows.short + rows.long + NEAR for length in lengths}
    return Texts(rows.installation, found)


# --- members of lists ---

def related(operation):
    """Paths into other rows that a row has at most one of: relation, member, kind of the value."""
    for name, schema in row_schema(operation)["properties"].items():
        target = resolve(schema)
        relation = {"order": "order", "customer": "customer", "license": "license", "nodeLockedLicense": "license",
                    "template": "template", "reseller": "customer"}.get(name)
        if relation is None or "properties" not in target or relation == operation.kind:
            continue
        for member, kind in target["properties"].items():
            if kind_of(kind):
                yield relation, f"{name}.{member}", kind_of(kind)


def paths(rows, operation):
    """(path, kind, collation) of all that can be compared."""
    own = rows.members[operation.kind]
    found = [(name, kind, own.get(name)) for name, kind in open_members(operation).items()]
    for relation, path, kind in related(operation):
        found.append((path, kind, rows.members.get(relation, {}).get(path.partition(".")[2])))
    return found


def value_of(row, path):
    for name in path.split("."):
        row = row.get(name) if row is not None else None
    return row


def includes(chosen):
    names = {path.partition(".")[0] for path in chosen if "." in path}
    return {"include": ",".join(sorted(names))} if names else {}


def answered(rows, operation, **parameters):
    answer = call(rows, rows.path(operation), **parameters)
    assert answer.status == 200, (operation.path, parameters, answer)
    return answer.json()


# --- sorts and pages ---

def some_sort(rows, operation, chance):
    chosen = chance.sample(paths(rows, operation), min(chance.choice([1, 1, 2, 3, 8]), len(paths(rows, operation))))
    return [(path, kind, collation, chance.choice(["", "", " desc"])) for path, kind, collation in chosen]


def in_order(texts, sort, a, b):
    """Whether row a may stand before row b: None where this does not tell."""
    for path, kind, collation, direction in sort:
        one, other = value_of(a, path), value_of(b, path)
        if one is None or other is None:
            order = (one is not None) - (other is not None)
        elif kind == "string" and collation is None or kind == "uuid":
            return None
        elif kind == "string":
            if max(len(one), len(other)) > SORTED_BY:
                return None
            order = texts.compare(one, other, collation)
        else:
            order = (one > other) - (one < other)
        if order:
            return (order > 0) == bool(direction)
    if "id" not in a or not isinstance(a["id"], int):
        return None
    return a["id"] < b["id"] if not sort[-1][3] else a["id"] > b["id"]


def pages(rows, operation, by, take, parameters):
    visited, where = [], {}
    while where is not None:
        body = answered(rows, operation, take=take, **parameters, **where)
        page = body[operation.plural]
        visited += page
        assert len(page) <= take and (page or not body.get("nextCursor")), (parameters, where)
        if by == "after":
            where = {"after": body["nextCursor"]} if body.get("nextCursor") else None
        else:
            where = {"skip": len(visited)} if page else None
        yield body
    return visited


def walk(rows, operation, by, take, parameters):
    bodies = list(pages(rows, operation, by, take, parameters))
    return bodies, [row for body in bodies for row in body[operation.plural]]


def test_sorts_and_pages(rows, texts):
    """Any sort of any list, in pages of any size, by cursor and by skip: each row once, in the order of one page."""
    chance = random.Random(seed())
    for _ in range(cases(30)):
        operation = chance.choice(list(rows.operations.values()))
        sort = some_sort(rows, operation, chance)
        words = {"sort": ", ".join(path + direction for path, _, _, direction in sort)}
        words.update(includes(path for path, *_ in sort))
        everything = answered(rows, operation, take=1000, **words)
        wanted = [identity(operation, row) for row in everything[operation.plural]]
        assert len(set(wanted)) == len(wanted) == everything[total_name(everything)]
        for a, b in itertools.pairwise(everything[operation.plural]):
            assert in_order(texts, sort, a, b) in (True, None), (words, a, b)
        take = chance.randint(1, len(wanted) + 1)
        for by in ("after", "skip"):
            bodies, visited = walk(rows, operation, by, take, words)
            assert [identity(operation, row) for row in visited] == wanted, (operation.path, words, by, take)
            assert {body[total_name(body)] for body in bodies} == {len(wanted)}


# --- filters ---

def literal(value, kind):
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return json.dumps(value)


OPERATORS = {
    "=": lambda order: order == 0, "!=": lambda order: order != 0, "<": lambda order: order < 0,
    "<=": lambda order: order <= 0, ">": lambda order: order > 0, ">=": lambda order: order >= 0,
}


class Filters:
    """Random filters, as text and as a function of a row."""

    def __init__(self, rows, texts, operation, found, chance):
        self.rows, self.texts, self.chance, self.found = rows, texts, chance, found
        self.paths = [(path, kind, collation) for path, kind, collation in paths(rows, operation)
                      if kind not in ("uuid", "day") and (kind != "string" or collation)]
        self.used = set()

    def compare(self, value, other, kind, collation):
        if kind == "string":
            return self.texts.compare(value, other, collation)
        return (value > other) - (value < other)

    def some_value(self, path, kind):
        values = [value_of(row, path) for row in self.found]
        values = [value for value in values if value is not None and not (isinstance(value, str) and len(value) > 300)]
        if kind == "string" and (self.chance.random() < 0.5 or not values):
            return self.chance.choice(self.rows.short)
        return self.chance.choice(values) if values else None

    def leaf(self):
        path, kind, collation = self.chance.choice(self.paths)
        self.used.add(path)
        value = self.some_value(path, kind)
        if value is None or self.chance.random() < 0.1:
            if self.chance.random() < 0.5:
                return f"{path} = null", lambda row: value_of(row, path) is None
            return f"{path} != null", lambda row: value_of(row, path) is not None
        if kind == "string" and self.chance.random() < 0.5:
            return self.match(path, value, collation)
        if self.chance.random() < 0.2:
            return self.within(path, kind, collation, value)
        operators = list(OPERATORS) if kind != "boolean" else ["=", "!="]
        sign = self.chance.choice(operators)

        def holds(row):
            own = value_of(row, path)
            if own is None:
                return sign == "!="
            return OPERATORS[sign](self.compare(own, value, kind, collation))
        return f"{path} {sign} {literal(value, kind)}", holds

    def match(self, path, value, collation):
        function = self.chance.choice(["StartsWith", "StartsWith", "EndsWith", "Contains"])
        part = value[:self.chance.choice([0, 1, 2, 16])] if function != "EndsWith" else value[-2:]

        def holds(row):
            own = value_of(row, path)
            return own is not None and self.texts.match(function, own, part, collation)
        return f"{path}.{function}({literal(part, 'string')})", holds

    def within(self, path, kind, collation, value):
        values = [value] + [one for one in (self.some_value(path, kind) for _ in range(3)) if one is not None]

        def holds(row):
            own = value_of(row, path)
            return own is not None and any(self.compare(own, one, kind, collation) == 0 for one in values)
        return f"{path} in ({', '.join(literal(one, kind) for one in values)})", holds

    def tree(self, depth):
        kind = self.chance.choice(["leaf", "and", "or", "not"]) if depth else "leaf"
        if kind == "leaf":
            return self.leaf()
        text, holds = self.tree(depth - 1)
        if kind == "not":
            return f"not ({text})", lambda row: not holds(row)
        other_text, other = self.tree(depth - 1)
        if kind == "and":
            return f"({text}) and ({other_text})", lambda row: holds(row) and other(row)
        return f"({text}) or ({other_text})", lambda row: holds(row) or other(row)


def test_filters(rows, texts):
    """A filter finds what a look at each row finds; so do its pages, and its total."""
    chance = random.Random(seed())
    for _ in range(cases(80)):
        operation = chance.choice(list(rows.operations.values()))
        every = includes(path for path, *_ in paths(rows, operation))
        found = answered(rows, operation, take=1000, **every)[operation.plural]
        filters = Filters(rows, texts, operation, found, chance)
        text, holds = filters.tree(chance.choice([0, 0, 1, 2]))
        wanted = [identity(operation, row) for row in found if holds(row)]
        body = answered(rows, operation, take=1000, filter=text)
        assert [identity(operation, row) for row in body[operation.plural]] == wanted, (operation.path, text)
        assert body[total_name(body)] == len(wanted)
        counted = answered(rows, operation, take=0, filter=text)
        assert counted[total_name(counted)] == len(wanted), (operation.path, text)
        bodies, visited = walk(rows, operation, "after", chance.randint(1, 5), {"filter": text})
        assert [identity(operation, row) for row in visited] == wanted, (operation.path, text)
        assert {body[total_name(body)] for body in bodies} == {len(wanted)}
        if operation.kind == "token":
            only = answered(rows, operation, filter=text, countOnly="true")
            assert only["licenseTokensCount"] == only["totalLicenseTokensCount"] == len(wanted)
            assert only["licenseTokens"] == []


# --- what was found once ---

@pytest.fixture
def customers(rows):
    """Makes customers with values of one member each; returns how to list them."""
    mark = f"m{rows.random.randrange(16 ** 12):x}"

    def make(member, *values):
        for value in values:
            customer = {"company": "x", "invoiceCode": mark, member: value}
            answer = rows.client.post("/v1/customers", {"customer": customer})
            assert answer.status == 200, answer

    def listed(filter_text=None, **parameters):
        text = f'invoiceCode = "{mark}"' + (f" and ({filter_text})" if filter_text else "")
        return list(pages(rows, find("GET", "/v1/customers"), "after", parameters.pop("take", 100),
                          {"filter": text, **parameters}))

    def values(member, *arguments, **parameters):
        return [row[member] for body in listed(*arguments, **parameters) for row in body["customers"]]
    make.values = values
    return make


@pytest.mark.parametrize("member", ["firstName", "address", "website", "notes"])
def test_accents_are_sorted_as_they_compare(customers, member):
    customers(member, "Müller", "Muller", "muller", "MÜLLER")
    assert customers.values(member, sort=member, take=1) == ["Muller", "muller", "Müller", "MÜLLER"]
    assert customers.values(member, sort=f"{member} desc", take=1) == ["MÜLLER", "Müller", "muller", "Muller"]


def test_texts_longer_than_a_cursor(customers):
    """They are sorted by a beginning, the same one in every page."""
    made = [first + "🙂" * 9000 + last for first in "ab" for last in "xyz"]
    customers("notes", *reversed(made))
    sort = "notes, firstName, lastName, company, address, city"
    for take in (1, 2, 5):
        found = customers.values("notes", sort=sort, take=take, select="notes")
        assert sorted(found) == made and [text[0] for text in found] == list("aaabbb")


@pytest.mark.parametrize("member, column", [("vatCode", "vat_code"), ("lastName", "last_name"), ("city", "city")])
def test_beginnings_end_behind_the_last_character(rows, member, column):
    """Of an indexed text as it is, of an indexed one that folds case, and of one without an index."""
    begin = "qa"
    made = [begin + end for end in ("", "b", "🙂b", "\ufffd", "\ufffd\ufffd", "\uffffz", "\U0010ffff\U0010ffff",
                                    "\U000f0000", "\u0301", " ", "\t")]
    values = ", ".join(f"({literal_sql(text)}, 'begin-{number}')"
                       for number, text in enumerate(made + ["qb", "q🙂", "q"]))
    rows.installation.sql(
        f"INSERT INTO customer ({column}, code) VALUES {values}; INSERT INTO customer ({column}, code) "
        f"SELECT CONCAT('z', seq), CONCAT('begin-other-', seq) FROM seq_1_to_5000; ANALYZE TABLE customer")
    try:
        operation = find("GET", "/v1/customers")
        for text in (f'{member}.StartsWith("qa")', f'{member}.StartsWith("qa") and not {member}.StartsWith("z")'):
            bodies, found = walk(rows, operation, "after", 4, {"filter": text})
            assert sorted(row[member] for row in found) == sorted(made)
            assert bodies[0]["totalCustomersCount"] == len(made)
        [row] = rows.installation.sql(f"EXPLAIN SELECT id FROM customer t WHERE {beginning_sql(column, begin)}")
        assert (row[3] == "range") == (column != "city"), row
    finally:
        rows.installation.sql("DELETE FROM customer WHERE code LIKE 'begin-%'; ANALYZE TABLE customer")


def beginning_sql(column, begin):
    """The condition of StartsWith, as tests/golden/query/filter.txt has it."""
    like = f"t.{column} LIKE '{begin}%'"
    bounds = [literal_sql(begin + more) for more in ("\ufffd", "\ufffd" * 60, "\U0010ffff" * 60)]
    return (f"({like} OR (t.{column} >= {bounds[0]} AND (t.{column} <= {bounds[1]} OR t.{column} <= {bounds[2]}) "
            f"AND ({like}) IS TRUE))")


def test_composed_and_decomposed(customers):
    """As docs/query-language.md says: comparisons find both forms, functions the characters that stand there."""
    customers("lastName", "caf\u00e9", "cafe\u0301")
    both = ["caf\u00e9", "cafe\u0301"]
    for form in both:
        assert customers.values("lastName", f'lastName = "{form}"') == both
        assert customers.values("lastName", f'lastName in ("{form}")') == both
        for function, part in (("Contains", form[1:]), ("StartsWith", form), ("EndsWith", form[2:])):
            assert customers.values("lastName", f'lastName.{function}("{part}")') == [form], function


def test_only_counted(rows):
    operation = find("GET", "/v1/license-tokens")
    everything = answered(rows, operation, take=1000)
    count = len(everything["licenseTokens"])
    for total in ("exact", "none"):
        answer = answered(rows, operation, countOnly="true", total=total, take=1)
        assert answer["licenseTokensCount"] == answer["totalLicenseTokensCount"] == count > 5
        assert answer["licenseTokens"] == []
    xml = rows.client.get(rows.path(operation) + "?countOnly=true", accept="application/xml")
    assert f"<LicenseTokensCount>{count}</LicenseTokensCount>" in xml.body.decode(), xml


def foreign_key(operation, path):
    """Table and column of a row that name the related row of a path, where rows of the list may differ in it."""
    name = path.partition(".")[0]
    table, column = TABLES[operation.kind], f"{snake(operation.kind, name)}_id"
    return None if f"{{{name}Id}}" in operation.path else (table, column)


def in_turn(table, column, values, longest=None):
    """SQL that gives the rows of a table one of the values each."""
    turn = f"ELT((@n := @n + 1) % {len(values)} + 1, {', '.join(values)})"
    if longest is not None:
        turn = f"LEFT(CONCAT({turn}, REPEAT('x', 3000)), {min(longest, 3000)})"
    return f"SET @n = 0; UPDATE {table} SET {column} = {turn};"


def give_accents(rows):
    """Each text of each row begins with one of NEAR and has a long end where there is room; related rows differ, too."""
    script = []
    near = [literal_sql(text.strip()) for text in NEAR]
    for kind, members in rows.members.items():
        for name in members:
            place = (TABLES[kind], snake(kind, name))
            script.append(in_turn(*place, near, rows.columns[place][0]))
    columns = {tuple(row) for row in rows.installation.sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'clientele' AND "
        "column_key <> 'PRI'")}
    for operation in rows.operations.values():
        for relation, path, _ in related(operation):
            key = foreign_key(operation, path)
            if key in columns:
                numbers = rows.installation.sql(f"SELECT id FROM {TABLES[relation]} LIMIT 8")
                script.append(in_turn(*key, [number for [number] in numbers]))
    rows.installation.sql("\n".join(dict.fromkeys(script)))


def test_long_texts_that_differ_in_an_accent(rows):
    """In every list, by each text of its own and of related rows, whatever way the database sorts them. The last test of
    this file: it rewrites all rows."""
    give_accents(rows)
    tried = 0
    for operation in rows.operations.values():
        texts = [path for path, kind, collation in paths(rows, operation) if kind == "string" and collation == FOLDED]
        for number, path in enumerate(texts):
            words = {"sort": f"{path} desc" if number % 2 else path, "select": path}
            wanted = [identity(operation, row) for row in answered(rows, operation, take=1000, **words)[operation.plural]]
            _, visited = walk(rows, operation, "after", 3, words)
            assert [identity(operation, row) for row in visited] == wanted, (operation.path, words)
            tried += len({value_of(row, path) for row in visited}) > 2
    assert tried > 50
