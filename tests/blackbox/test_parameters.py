"""Query parameters: bounds, lists, strict and forgiving families, pages."""

import pytest

from harness.families import unique
from test_delegates import associate, group_path, make_person, numbers  # noqa: F401

CLIENTS, ACCOUNTS = "/api/v1/admin/clients", "/hosting/api/client"


@pytest.fixture
def people(installation, delegates, group_path):  # noqa: F811
    """Names that differ in the characters which patterns give a meaning to."""
    names = {"percent": ("Per%cent", "Hundred"), "under": ("Under_score", "Line"), "back": ("Back\\\\slash", "Line"),
             "plain": ("Percent", "Underscore"), "accent": ("Zoé", "Müller")}
    made = {}
    for name, (first, last) in names.items():
        made[name] = make_person(installation, unique("pa"), first, last, fields=f'{{"Wing":"{name}","room":1}}')
        associate(delegates, group_path, made[name])
    return made


def search(api, path, term, more=""):
    return set(numbers(api.get(f"{path}/clients?searchTerm={term}{more}")))


@pytest.mark.parametrize("term, expected", [
    ("%25", {"percent"}), ("r%25c", {"percent"}), ("_", {"under"}), ("r_s", {"under"}), ("%5C", {"back"}),
    ("percent", {"plain"}), ("line", {"under", "back"}), ("LINE", {"under", "back"}),
    ("under+line", {"under"}), ("line%20under", {"under"}), ("++line++", {"under", "back"}),
    ("line+nobody", set()), ("zo%C3%A9", {"accent"}), ("ZO%C3%89", {"accent"}), ("zoe", set()),
    ("'", set()), ('%22', set()), ("", {"percent", "under", "back", "plain", "accent"}),
    ("+", {"percent", "under", "back", "plain", "accent"})])
def test_words(delegates, group_path, people, term, expected):  # noqa: F811
    assert search(delegates, group_path, term) == {people[name] for name in expected}


def test_phone_numbers_are_searched_on_demand(delegates, group_path, people):  # noqa: F811
    term = f"555-{people['plain']}"
    assert search(delegates, group_path, term) == set()
    assert search(delegates, group_path, term, "&searchColumns[0]=phoneNumber") == {people["plain"]}
    assert search(delegates, group_path, term, "&searchColumns[0]=lastName&searchColumns[1]=phoneNumber") == {
        people["plain"]}


def test_too_many_words(delegates, group_path):  # noqa: F811
    assert delegates.get(f"{group_path}/clients?searchTerm={'+'.join('abcdefgh')}").status == 200
    answer = delegates.get(f"{group_path}/clients?searchTerm={'+'.join('abcdefghi')}")
    assert answer.status == 400, answer
    assert "searchTerm" in answer.text


def test_long_word(delegates, group_path):  # noqa: F811
    assert delegates.get(f"{group_path}/clients?searchTerm={'x' * 255}").status == 200
    assert delegates.get(f"{group_path}/clients?searchTerm={'x' * 256}").status == 400


@pytest.mark.parametrize("query", ["searchColumns[0]=birthDate", "searchColumns[0]=", "searchColumns[0]=lastName'--",
                                   "searchColumns[]=c.code"])
def test_columns_that_cannot_be_searched(delegates, group_path, query):  # noqa: F811
    answer = delegates.get(f"{group_path}/clients?searchTerm=a&{query}")
    assert answer.status == 400, answer
    assert "searchColumns" in answer.text


@pytest.mark.parametrize("form", ["userDefinedFields[0]=wing", "userDefinedFields[]=wing", "userDefinedFields=wing",
                                  "USERDEFINEDFIELDS[0]=WING", "userDefinedFields%5B0%5D=wing",
                                  "userDefinedFields[7]=wing"])
def test_spellings_of_lists(delegates, group_path, people, form):  # noqa: F811
    for person in delegates.get(f"{group_path}/clients?{form}").value:
        assert set(person["userDefinedFields"]) == {"Wing"}


def test_user_defined_fields_default_to_all(delegates, group_path, people):  # noqa: F811
    for person in delegates.get(f"{group_path}/clients").value:
        assert set(person["userDefinedFields"]) == {"Wing", "room"}


def test_long_lists(delegates, group_path, people):  # noqa: F811
    def query(count):
        return "&".join(f"userDefinedFields[{n}]=f{n}" for n in range(count))

    assert delegates.get(f"{group_path}/clients?{query(64)}").status == 200
    assert delegates.get(f"{group_path}/clients?{query(65)}").status == 400


@pytest.mark.parametrize("query, count", [
    ("count=1", 1), ("count=1000", 5), ("count=2&offset=4", 1), ("offset=5", 0), ("offset=2147483647", 0),
    ("offset=0&count=3", 3), ("COUNT=2", 2), ("count=2&count=4", 2), ("nonsense=1&count=2", 2),
    ("count=%202%20", 2)])
def test_pages_of_a_group(delegates, group_path, people, query, count):  # noqa: F811
    assert len(numbers(delegates.get(f"{group_path}/clients?{query}"))) == count


@pytest.mark.parametrize("query", ["count=0", "count=1001", "count=-1", "count=", "count=1.0", "count=1e2",
                                   "count=0x10",
                                   "offset=2147483648", "offset=", "offset=one", "includeExpired=",
                                   "includeExpired=1", "includeExpired=yes", "searchTerm=%FF", "searchTerm=a%00b"])
def test_bounds(delegates, group_path, query):  # noqa: F811
    answer = delegates.get(f"{group_path}/clients?{query}")
    assert answer.status == 400, answer
    assert query.partition("=")[0] in " ".join(delegates.faults(answer)), answer


def test_every_bad_parameter_at_once(delegates, group_path):  # noqa: F811
    answer = delegates.get(f"{group_path}/clients?count=x&offset=y&includeExpired=z")
    assert answer.status == 400, answer
    for word in ("count", "offset", "includeExpired"):
        assert word in answer.text


@pytest.mark.parametrize("value", ["true", "TRUE", "True"])
def test_expired(installation, delegates, group_path, value):  # noqa: F811
    number = make_person(installation)
    associate(delegates, group_path, number, startDate="2001-01-01T00:00:00Z", expiryDate="2002-01-01T00:00:00Z")
    assert numbers(delegates.get(f"{group_path}/clients?includeExpired=false")) == []
    assert numbers(delegates.get(f"{group_path}/clients?includeExpired={value}")) == [number]


def test_group_parameters(installation, delegates, group_path):  # noqa: F811
    for _ in range(2):
        associate(delegates, group_path, make_person(installation))
    associate(delegates, group_path, make_person(installation), startDate="2001-01-01T00:00:00Z",
              expiryDate="2002-01-01T00:00:00Z")
    assert delegates.get(group_path).value["numClients"] is None
    delegates.check(delegates.get(f"{group_path}?includeClientCount=true").value, {"numClients": 2})
    assert delegates.get(f"{group_path}?includeClientCount=maybe").status == 400


# --- strict and forgiving families ---

@pytest.mark.parametrize("query", ["unknown=1", "count=1&unknown=2", "count=1&count=1", "count=1&COUNT=2", "count[0]=1",
                                   "unknown", "=1", "apiKey=a&apiKey=b"])
def test_hosting_is_strict(hosting, query):
    answer = hosting.get(f"{ACCOUNTS}?{query}")
    assert answer.status == 400, answer
    assert answer.value["message"]


@pytest.mark.parametrize("method, path", [("GET", f"{ACCOUNTS}/0000000"), ("PUT", f"{ACCOUNTS}/0000000"),
                                          ("DELETE", f"{ACCOUNTS}/0000000"), ("POST", ACCOUNTS),
                                          ("GET", f"{ACCOUNTS}/0000000/domain")])
def test_hosting_is_strict_everywhere(hosting, method, path):
    answer = hosting.call(method, f"{path}?unknown=1", "Client", {} if method in ("POST", "PUT") else None)
    assert answer.status == 400, answer
    assert "unknown" in hosting.faults(answer), answer


def test_several_faults_of_a_query(hosting):
    answer = hosting.get(f"{ACCOUNTS}?one=1&two=2&count=x")
    assert {"one", "two", "count"} <= set(hosting.faults(answer)), answer


def test_a_long_name_is_cut_in_the_answer(hosting):
    answer = hosting.get(f"{ACCOUNTS}?{'n' * 4000}=1")
    assert answer.status == 400, answer
    assert len(answer.body) < 1000


@pytest.mark.parametrize("query", ["unknown=1&unknown=2", "count=5&count=6", "=1", "&&", "a[=1", "%FF=1"])
def test_credentials_are_forgiving(credentials, query):
    assert credentials.get(f"{CLIENTS}?{query}").status == 200


@pytest.mark.parametrize("path", [CLIENTS, ACCOUNTS])
def test_pages(client, installation, path):
    for _ in range(3):
        name = unique("page")
        body = ({"Name": name, "Secret": "its own secret", "UserID": installation.admin_id} if path == CLIENTS else
                {"username": name, "password": "p", "emailAddress": "p@example.org"})
        assert client.post(path, body).status == (200 if path == CLIENTS else 201)

    def names(query):
        value = client.get(f"{path}?{query}").json()
        rows = value["ResponseData"]["Detail"] if path == CLIENTS else value
        return [row.get("Name") or row["username"] for row in rows]

    whole = names("count=1000")
    assert len(whole) >= 3
    assert names("count=2") == whole[:2]
    assert names("offset=1&count=2") == whole[1:3]
    assert names(f"offset={len(whole)}") == []
    for bad in ("count=0", "count=1001", "offset=-1", "count=x"):
        assert client.get(f"{path}?{bad}").status == 400
