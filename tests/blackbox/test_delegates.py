"""Delegate groups and the clients that their delegates may act for."""

import itertools

import pytest

from harness.families import unique

_numbers = itertools.count(10_000)


@pytest.fixture
def group_path(delegates):
    return f"/api/delegategroups/{make_group(delegates)['id']}"


def make_group(api, **members):
    answer = api.post("/api/delegategroups", "DelegateGroup", {"name": unique("group")} | members)
    assert answer.status == 200, answer
    return answer.value


def make_person(installation, code=None, first="Ada", last="Lovelace", birth="'1815-12-10'", fields="{}"):
    number = next(_numbers)
    installation.sql(
        "INSERT INTO delegate_client (id, code, first_name, last_name, birth_date, phone_number, "
        f"user_defined_fields) VALUES ({number}, '{code or f'P{number}'}', '{first}', '{last}', {birth}, "
        f"'555-{number}', '{fields}')")
    return number


def associate(api, group_path, number, **members):
    return api.post(f"{group_path}/clients", "DelegateGroupClient", {"clientId": number} | members)


def numbers(answer):
    assert answer.status == 200, answer
    return [int(client["clientId"]) for client in answer.value]


# --- groups ---

def test_create_group(delegates):
    group = make_group(delegates, address="12 River Road", phone="555", description="d", tenantId=3,
                       serviceTypeIds=[4, 5])
    delegates.check(group, {"id": lambda number: int(number) > 0, "tenantId": 3, "address": "12 River Road",
                            "phone": "555", "description": "d", "serviceTypeIds": [4, 5]})


def test_read_group(delegates):
    group = make_group(delegates)
    answer = delegates.get(f"/api/delegategroups/{group['id']}")
    assert answer.status == 200, answer
    delegates.check(answer.value, {"id": group["id"], "name": group["name"]})


def test_unknown_group_is_null(delegates):
    answer = delegates.get("/api/delegategroups/99999999")
    assert answer.status == 200, answer
    assert answer.value is None
    if delegates.is_xml:
        assert answer.text.startswith('<DelegateGroup i:nil="true" xmlns:i="http://www.w3.org/2001/'
                                      'XMLSchema-instance" xmlns="http://schemas.datacontract.org/')
    else:
        assert answer.text == "null"


@pytest.mark.parametrize("clients", [0, 1])
def test_deleted_group(installation, delegates, clients):
    path = f"/api/delegategroups/{make_group(delegates)['id']}"
    number = make_person(installation)
    if clients:
        associate(delegates, path, number)
    answer = delegates.delete(path)
    assert (answer.status, answer.body) == (204, b"")
    assert delegates.get(path).value is None
    assert delegates.get(f"{path}?includeDeleted=true").value["name"]
    assert delegates.get(f"{path}/clients").status == 404
    assert delegates.get(f"{path}/clients/count").status == 404
    assert associate(delegates, path, number).status == 404
    assert delegates.delete(f"{path}/clients/{number}").status == 404
    assert delegates.delete(path).status == 404


def test_client_count(installation, delegates, group_path):
    associate(delegates, group_path, make_person(installation))
    associate(delegates, group_path, make_person(installation), startDate="2000-01-01T00:00:00Z",
              expiryDate="2001-01-01T00:00:00Z")
    answer = delegates.get(f"{group_path}?includeClientCount=true")
    assert int(answer.value["numClients"]) == 1


# --- associations ---

def test_associate(installation, delegates, group_path):
    code = unique("AL")
    number = make_person(installation, code, fields='{"language":"en","seats":2}')
    answer = associate(delegates, group_path, number, startDate="2026-01-05T10:00:00+02:00",
                       expiryDate="2099-01-01T00:00:00Z")
    assert answer.status == 200, answer
    birth = (lambda text: text.startswith("1815-12-10T00:00:00")) if delegates.is_xml else "1815-12-10"
    delegates.check(answer.value, {
        "clientId": number, "clientCode": code, "firstName": "Ada", "lastName": "Lovelace",
        "birthDate": birth, "startDate": "2026-01-05T08:00:00+00:00",
        "expiryDate": "2099-01-01T00:00:00+00:00", "dynamicallyAdded": False, "phoneNumber": f"555-{number}"})
    assert set(answer.value["userDefinedFields"]) == {"language", "seats"}


def test_associate_again_renews(installation, delegates, group_path):
    number = make_person(installation)
    associate(delegates, group_path, number, startDate="2020-01-01T00:00:00Z", expiryDate="2021-01-01T00:00:00Z")
    assert numbers(delegates.get(f"{group_path}/clients")) == []
    answer = associate(delegates, group_path, number, expiryDate="2099-01-01T00:00:00Z")
    delegates.check(answer.value, {"startDate": "2020-01-01T00:00:00+00:00",
                                   "expiryDate": "2099-01-01T00:00:00+00:00"})
    assert numbers(delegates.get(f"{group_path}/clients")) == [number]


def test_defaults(installation, delegates, group_path):
    answer = associate(delegates, group_path, make_person(installation, birth="NULL"))
    delegates.check(answer.value, {"startDate": lambda text: text.startswith("20"), "expiryDate": None,
                                   "birthDate": None})


def test_null_expiry_clears(installation, delegates, group_path):
    number = make_person(installation)
    associate(delegates, group_path, number, expiryDate="2099-01-01T00:00:00Z")
    answer = associate(delegates, group_path, number, expiryDate=None)
    delegates.check(answer.value, {"expiryDate": None})


@pytest.mark.parametrize("members, word", [
    ({"clientId": 99999999}, "clientid"),
    ({"startDate": "2026-01-02T00:00:00Z", "expiryDate": "2026-01-01T00:00:00Z"}, "expirydate"),
    ({"startDate": "soon"}, "startdate"),
    ({"startDate": "2026-02-30"}, "startdate"),
    ({"clientId": None}, "clientid"),
    ({"clientId": 2147483648}, "clientid"),
])
def test_rules(installation, delegates, group_path, members, word):
    number = make_person(installation)
    answer = associate(delegates, group_path, number, **members)
    assert answer.status == 400, answer
    assert any(f"delegategroupclient.{word}" == path.lower() for path in delegates.faults(answer)), answer


@pytest.mark.parametrize("path", ["/api/delegategroups/99999999/clients", "/api/delegategroups/99999999/clients/count"])
def test_unknown_group_has_no_clients(delegates, path):
    answer = delegates.get(path)
    assert answer.status == 404, answer
    assert answer.value["message"]


def test_associate_in_an_unknown_group(installation, delegates):
    answer = associate(delegates, "/api/delegategroups/99999999", make_person(installation))
    assert answer.status == 404, answer


def test_remove(installation, delegates, group_path):
    number = make_person(installation)
    associate(delegates, group_path, number)
    answer = delegates.delete(f"{group_path}/clients/{number}")
    assert (answer.status, answer.body) == (204, b"")
    assert delegates.delete(f"{group_path}/clients/{number}").status == 404
    assert numbers(delegates.get(f"{group_path}/clients?includeExpired=true")) == []


# --- lists ---

@pytest.fixture
def people(installation, delegates, group_path):
    """Five clients: the last one has expired."""
    made = []
    for number, (first, last) in enumerate([("Ann", "Adams"), ("Bob", "Brown"), ("Cleo", "Adamson"),
                                            ("Dan", "Dale"), ("Eve", "Early")]):
        made.append(make_person(installation, unique("code"), first, last,
                                fields=f'{{"wing":"w{number}","room":{number}}}'))
        expiry = "2001-01-01T00:00:00Z" if number == 4 else None
        associate(delegates, group_path, made[-1], startDate="2000-01-01T00:00:00Z", expiryDate=expiry)
    return made


def test_list(delegates, group_path, people):
    assert sorted(numbers(delegates.get(f"{group_path}/clients"))) == sorted(people[:4])
    assert sorted(numbers(delegates.get(f"{group_path}/clients?includeExpired=true"))) == sorted(people)


def test_empty_list(delegates, group_path):
    answer = delegates.get(f"{group_path}/clients")
    assert numbers(answer) == []
    if delegates.is_xml:
        assert answer.text.startswith("<ArrayOfDelegateClientInfo ") and answer.text.endswith(" />")
    else:
        assert answer.text == "[]"


def test_pages(delegates, group_path, people):
    whole = numbers(delegates.get(f"{group_path}/clients"))
    pages = [numbers(delegates.get(f"{group_path}/clients?offset={offset}&count=2")) for offset in (0, 2, 4)]
    assert pages == [whole[:2], whole[2:], []]


def test_default_page_is_25(installation, delegates, group_path):
    for _ in range(27):
        associate(delegates, group_path, make_person(installation))
    assert len(numbers(delegates.get(f"{group_path}/clients"))) == 25
    assert len(numbers(delegates.get(f"{group_path}/clients?offset=25"))) == 2


@pytest.mark.parametrize("term, expected", [
    ("adams", {0, 2}), ("Bob", {1}), ("DALE", {3}), ("nobody", set()), ("%25", set()), ("_", set()),
    ("early", set())])
def test_search(delegates, group_path, people, term, expected):
    found = numbers(delegates.get(f"{group_path}/clients?searchTerm={term}"))
    assert set(found) == {people[index] for index in expected}


def test_search_by_number_and_code(installation, delegates, group_path, people):
    [[code]] = installation.sql(f"SELECT code FROM delegate_client WHERE id = {people[1]}")
    assert people[1] in numbers(delegates.get(f"{group_path}/clients?searchTerm={people[1]}"))
    assert people[1] in numbers(delegates.get(f"{group_path}/clients?searchTerm={code}"))


def test_search_columns(delegates, group_path, people):
    path = f"{group_path}/clients?searchTerm=adams&searchColumns[0]="
    assert numbers(delegates.get(path + "firstName")) == []
    assert set(numbers(delegates.get(path + "lastName"))) == {people[0], people[2]}
    assert set(numbers(delegates.get(path + "FirstName&searchColumns[1]=LastName"))) == {people[0], people[2]}
    assert set(numbers(delegates.get(path.replace("[", "%5B").replace("]", "%5D") + "lastName"))) == {
        people[0], people[2]}


def test_user_defined_fields(delegates, group_path, people):
    def fields(query):
        clients = delegates.get(f"{group_path}/clients?searchTerm=Bob{query}").value
        return clients[0]["userDefinedFields"] or {}

    assert set(fields("&userDefinedFields[0]=wing")) == {"wing"}
    assert set(fields("&userDefinedFields[0]=wing&userDefinedFields[1]=room")) == {"wing", "room"}
    assert set(fields("&userDefinedFields[0]=nothing")) == set()


def test_typed_values_in_xml(client, group_path, people):
    answer = client.get(f"{group_path}/clients?searchTerm=Bob&userDefinedFields[0]=wing&userDefinedFields[1]=room",
                        accept="application/xml")
    assert 'i:type="d5p1:string">w1</d3p1:Value>' in answer.text, answer
    assert 'i:type="d5p1:int">1</d3p1:Value>' in answer.text or 'i:type="d5p1:long">1</d3p1:Value>' in answer.text


def test_count(delegates, group_path, people):
    def count(query=""):
        answer = delegates.get(f"{group_path}/clients/count{query}")
        assert answer.status == 200, answer
        return int(answer.value)

    assert count() == 4
    assert count("?includeExpired=true") == 5
    assert count("?searchTerm=adams") == 2
    assert count("?includeExpired=true&searchTerm=early") == 1


@pytest.mark.parametrize("query", ["count=x", "offset=-1", "includeExpired=maybe", "count=2147483648"])
def test_bad_parameters(delegates, group_path, query):
    answer = delegates.get(f"{group_path}/clients?{query}")
    assert answer.status == 400, answer
    assert answer.value["message"] == "The request is invalid."


# --- import ---

def test_import_of_persons(installation, delegates, group_path, tmp_path):
    """Good lines go in, refused ones are reported with their number and reason."""
    table = tmp_path / "persons.csv"
    table.write_text(
        "clientId,clientCode,firstName,lastName,birthDate,phoneNumber,language\n"
        '70001,I1,"Ann, Marie",O\'Neil,1950-02-28,555-1,en\n'
        "70002,I2,Bo,Li,,,\n"
        "x,I3,No,Number,1950-02-28,,\n"
        "70004,I4,Bad,Birth,1950-02-30,,\n"
        "70005,I1,Taken,Code,,,\n", encoding="utf-8")
    result = installation.cli("person", "import", table, check=False)
    report = result.stdout + result.stderr
    for line in ("4", "5", "6"):
        assert line in report, report
    assert installation.sql("SELECT id FROM delegate_client WHERE id BETWEEN 70000 AND 70009 ORDER BY id") == [
        ["70001"], ["70002"]]
    answer = associate(delegates, group_path, 70001)
    delegates.check(answer.value, {"firstName": "Ann, Marie", "clientCode": "I1",
                                   "userDefinedFields": {"language": "en"}})
