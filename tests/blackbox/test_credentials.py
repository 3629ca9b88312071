"""API clients: an id and a secret that is shown once."""

import uuid

import pytest

from harness.families import unique

PATH = "/api/v1/admin/clients"


def request_of(installation, **members):
    return {"Name": unique("c"), "Secret": "open sesame", "UserID": installation.admin_id} | members


@pytest.fixture
def made(installation, credentials):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation))
    assert answer.status == 200, answer
    return answer.value["ResponseData"]["Detail"]


def detail(answer):
    return answer.value["ResponseData"]["Detail"]


def fault(answer, status, word=None):
    assert answer.status == status, answer
    assert answer.value.get("ResponseData") is None
    if word:
        assert answer.value["Error"]["ErrorCode"] == word
    return answer.value["Error"]["ErrorReason"]


def test_create(installation, credentials):
    request = request_of(installation)
    answer = credentials.post(PATH, "ClientRequest", request)
    credentials.check(answer.value, {
        "Error": None,
        "ResponseData": {"Identification": {"UserId": installation.admin_id}, "Result": "OK",
                         "Detail": {"ID": lambda text: uuid.UUID(text)} | request}})


def test_secret_is_shown_once_and_stored_as_a_hash(installation, credentials, made):
    answer = credentials.get(f"{PATH}/{made['ID']}")
    assert detail(answer).get("Secret") is None
    [[stored]] = installation.sql(f"SELECT secret_hash FROM api_client WHERE id = '{made['ID']}'")
    assert "open sesame" not in stored


def test_read(credentials, made):
    answer = credentials.get(f"{PATH}/{made['ID']}")
    assert answer.status == 200, answer
    credentials.check(detail(answer), {"ID": made["ID"], "Name": made["Name"], "UserID": made["UserID"]})


def test_list(credentials, made):
    answer = credentials.get(PATH)
    assert answer.status == 200, answer
    found = detail(answer)
    if credentials.is_xml and isinstance(found, dict):
        assert made["ID"] in answer.text
        return
    assert [client["Name"] for client in found if client["ID"] == made["ID"]] == [made["Name"]]


def test_update(installation, credentials, made):
    name = unique("renamed")
    answer = credentials.put(f"{PATH}/{made['ID']}", "ClientRequest", {"Name": name})
    assert answer.status == 200, answer
    credentials.check(detail(answer), {"ID": made["ID"], "Name": name, "UserID": made["UserID"]})
    assert detail(credentials.get(f"{PATH}/{made['ID']}"))["Name"] == name


def test_update_of_the_secret(installation, credentials, made):
    before = installation.sql(f"SELECT secret_hash FROM api_client WHERE id = '{made['ID']}'")
    assert credentials.put(f"{PATH}/{made['ID']}", "ClientRequest", {"Secret": "new"}).status == 200
    assert installation.sql(f"SELECT secret_hash FROM api_client WHERE id = '{made['ID']}'") != before


def test_delete(credentials, made):
    answer = credentials.delete(f"{PATH}/{made['ID']}")
    assert answer.status == 200, answer
    assert answer.value["ResponseData"]["Result"] == "OK"
    fault(credentials.get(f"{PATH}/{made['ID']}"), 404)
    fault(credentials.delete(f"{PATH}/{made['ID']}"), 404)


@pytest.mark.parametrize("members, words", [
    ({"Name": None}, ["Name"]),
    ({"Name": "x" * 19}, ["Name", "18"]),
    ({"Secret": "x" * 51}, ["Secret", "50"]),
    ({"Secret": "  "}, ["Secret"]),
    ({"UserID": "nobody"}, ["UserID"]),
    ({"Name": "", "Secret": None}, ["Name", "Secret"]),
])
def test_rules(installation, credentials, members, words):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation, **members))
    reason = fault(answer, 400, "VALIDATION_FAILED")
    for word in words:
        assert word in reason


def test_limits_are_in_characters(installation, credentials):
    answer = credentials.post(PATH, "ClientRequest", request_of(
        installation, Name="é" * 14 + unique(""), Secret="🦊" * 50))
    assert answer.status == 200, answer


def test_unknown_user(installation, credentials):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation, UserID=str(uuid.uuid4())))
    fault(answer, 400, "UNKNOWN_USER")


def test_names_are_unique(installation, credentials, made):
    answer = credentials.post(PATH, "ClientRequest", request_of(installation, Name=made["Name"].upper()))
    fault(answer, 409, "DUPLICATE_NAME")


def test_rename_to_a_taken_name(installation, credentials, made):
    other = detail(credentials.post(PATH, "ClientRequest", request_of(installation)))
    fault(credentials.put(f"{PATH}/{other['ID']}", "ClientRequest", {"Name": made["Name"]}), 409, "DUPLICATE_NAME")


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_unknown_client(credentials, method):
    arguments = ("ClientRequest", {"Name": "x"}) if method == "put" else ()
    fault(getattr(credentials, method)(f"{PATH}/{uuid.uuid4()}", *arguments), 404)


def test_identifier_that_is_none(credentials):
    assert credentials.get(f"{PATH}/not-a-guid").status in (400, 404)


def test_form_rules(installation, client):
    """Of a repeated value the first one counts; names in any case; a missing one is named."""
    form = "application/x-www-form-urlencoded"
    name = unique("form")
    answer = client.post(PATH, f"NAME={name}&Name=other&secret=a%2Bb+c&UserID={installation.admin_id}&x=1",
                         content_type=form)
    assert answer.status == 200, answer
    assert answer.json()["ResponseData"]["Detail"]["Name"] == name
    assert answer.json()["ResponseData"]["Detail"]["Secret"] == "a+b c"
    answer = client.post(PATH, f"Name={unique('f')}&Secret=", content_type=form)
    assert answer.status == 400, answer
    assert "Secret" in answer.text and "UserID" in answer.text


def test_read_only_members_are_ignored(installation, credentials):
    request = request_of(installation, ID=str(uuid.uuid4()))
    answer = credentials.post(PATH, "ClientRequest", request)
    assert answer.status == 200, answer
    assert detail(answer)["ID"] != request["ID"]
