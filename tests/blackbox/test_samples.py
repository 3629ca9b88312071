"""Every sample of the reference documents goes through: same members, same order, same bytes."""

import json
import re

import pytest

from harness.families import MEDIA, unique
from harness.samples import IDENTIFIER, plain, sample, shape


def check_bytes(answer, expected):
    assert plain(answer.text) == plain(expected)


@pytest.fixture
def sample_group(installation):
    """The group of the samples, empty. Its name is theirs, so there is only one."""
    name = "sample string 2"
    if not installation.sql(f"SELECT id FROM discovery_group WHERE group_name = '{name}'"):
        installation.cli("group", "create", name)
    [[group]] = installation.sql(f"SELECT id FROM discovery_group WHERE group_name = '{name}'")
    installation.sql(f"DELETE FROM discovery_client WHERE group_id = '{group}'")
    return group


def hello_body(media, group, code="sample string 1"):
    text = sample(f"discovery/hello.request.{media}").replace("sample string 1", code)
    return IDENTIFIER.sub(group, text)


def test_hello(installation, anonymous, sample_group, media):
    def hello(code):
        return anonymous.post("/api/ClientHello", hello_body(media, sample_group, code),
                              content_type=MEDIA[media], accept=MEDIA[media])

    assert hello("sample string 2").status == 200
    assert hello("sample string 1").status == 200
    installation.sql(
        "INSERT INTO discovery_association (id, client_id, associated_id) SELECT UUID(), a.id, b.id "
        "FROM discovery_client a JOIN discovery_client b USING (group_id) WHERE a.group_id = "
        f"'{sample_group}' AND a.client_code = 'sample string 1' AND b.client_code = 'sample string 2'")
    answer = hello("sample string 1")
    assert answer.status == 200, answer
    if media == "json":
        assert shape(answer.json()) == shape(json.loads(sample("discovery/hello.response.json")))
        return
    tokens = re.sub(r"<Token>[^<]*</Token>", "<Token>sample string 3</Token>", answer.text)
    first, second = (tokens.index(f"<ClientCode>sample string {n}<") for n in (1, 2))
    expected = sample("discovery/hello.response.xml")
    if first > second:
        expected = (expected.replace("<ClientCode>sample string 1<", "<ClientCode>X<")
                    .replace("<ClientCode>sample string 2<", "<ClientCode>sample string 1<")
                    .replace("<ClientCode>X<", "<ClientCode>sample string 2<"))
    assert plain(tokens) == plain(expected)


def test_synchronise(anonymous, sample_group, media):
    """The samples name one client twice; here the second one gets a code and an identifier of its own."""
    text = sample(f"discovery/synchronise.request.{media}")
    text = text.replace("20cc827d-fb11-49ad-a6ba-52fd8eae7dde", sample_group)
    text = text.replace("2afbd23f-9484-4fb5-bdfc-2b1a64e509ec", sample_group)
    if media == "json":
        items = json.loads(text)
        items[1]["ClientCode"] = "sample string 3"
        items[1]["Id"] = "75a6d196-870a-4d49-a6f6-558d0baf3311"
        text = json.dumps(items)
    answer = anonymous.post("/api/ClientAddOrUpdateOrRemoveClients", text, content_type=MEDIA[media],
                            accept="application/json")
    assert answer.status == 200, answer
    expected = json.loads(sample("discovery/hello.response.json"))
    expected["DTOClientAssociations"] = []
    assert shape(answer.json()) == shape(expected)
    assert {client["ClientCode"] for client in answer.json()["DTOClients"]} == (
        {"sample string 2", "sample string 3"} if media == "json" else {"sample string 2"})


@pytest.mark.parametrize("sent", ["json", "xml", "form"])
def test_credentials(installation, client, media, sent):
    """Request in any format, answer in either."""
    name = unique("smpl")
    request = {"Name": name, "Secret": "sample string 2", "UserID": installation.admin_id}
    if sent == "json":
        text = json.dumps(json.loads(sample("credentials/client.request.json")) | request)
    elif sent == "xml":
        text = sample("credentials/client.request.xml").replace("sample string 1", name)
        text = text.replace("4b412747-e2d8-45dc-a29c-9d466ecb1021", installation.admin_id)
    else:
        text = f"Name={name}&Secret=sample+string+2&UserID={installation.admin_id}"
    types = {**MEDIA, "form": "application/x-www-form-urlencoded"}
    answer = client.post("/api/v1/admin/clients", text, content_type=types[sent], accept=MEDIA[media])
    assert answer.status == 200, answer
    if media == "xml":
        # What is ours stands behind the sample's members.
        expected = sample("credentials/client.response.xml").replace("sample string 1", name)
        ours = '<Enabled>true</Enabled><ExpiresAt xsi:nil="true" /><LastUsedAt xsi:nil="true" /><UseCount>0</UseCount>'
        check_bytes(answer, re.sub(r"(</UserID>)(\s*</Detail>)", rf"\1{ours}\2", expected))
        return
    expected = json.loads(sample("credentials/client.response.json"))
    expected["Error"] = None
    expected["ResponseData"]["Identification"]["UserId"] = installation.admin_id
    expected["ResponseData"]["Detail"] |= {"Enabled": True, "ExpiresAt": None, "LastUsedAt": None, "UseCount": 0, "Scope": None}
    assert shape(answer.json()) == shape(expected)
    detail = answer.json()["ResponseData"]["Detail"]
    assert list(detail)[:4] == ["ID", "Name", "Secret", "UserID"]
    assert (detail["Name"], detail["Secret"], detail["UserID"]) == tuple(request.values())
    assert answer.json()["ResponseData"]["Result"] == "OK"


@pytest.fixture
def sample_person(installation):
    """The person and the group of the samples: client 1, with fields that are empty objects."""
    installation.sql("""
        DELETE FROM delegate_association WHERE client_id = 1;
        REPLACE INTO delegate_group (id, name) VALUES (900001, 'Samples');
        REPLACE INTO delegate_client (id, code, first_name, last_name, birth_date, phone_number,
            user_defined_fields) VALUES (1, 'sample string 2', 'sample string 3', 'sample string 4',
            '2024-12-23', 'sample string 6', '{"sample string 1":{},"sample string 3":{}}');
        INSERT INTO delegate_association (group_id, client_id, start_date) VALUES (900001, 1, '2020-01-01')""")
    return "/api/delegategroups/900001/clients"


@pytest.mark.parametrize("sent", ["json", "xml", "form"])
def test_delegates(client, sample_person, media, sent):
    if sent == "form":
        text = "ClientId=1&startDate=2024-12-23T12:16:59.1468079-07:00&ExpiryDate=2024-12-23T12:16:59.1468079-07:00"
        content_type = "application/x-www-form-urlencoded"
    else:
        text, content_type = sample(f"delegates/association.request.{sent}"), MEDIA[sent]
    answer = client.post(sample_person, text, content_type=content_type, accept=MEDIA[media])
    assert answer.status == 200, answer
    # A call adds by hand, so that its answer cannot say, as the sample does, that a rule has done it.
    expected = sample(f"delegates/association.response.{media}")
    expected = expected.replace('"dynamicallyAdded": true', '"dynamicallyAdded": false')
    check_bytes(answer, expected.replace("<DynamicallyAdded>true", "<DynamicallyAdded>false"))
    assert "2024-12-23T19:16:59.146807" in answer.text  # the configured zone is UTC


def test_hosting(installation, client):
    installation.sql("DELETE FROM hosting_client WHERE username = 'test'")
    answer = client.post("/hosting/api/client", sample("hosting/client.request.json"),
                         content_type="application/json")
    assert answer.status == 201, answer
    answer = client.get(answer.headers["location"])
    found = answer.json()
    assert "password" not in found
    for optional in ("apiKey", "passwordHash"):
        found.pop(optional, None)
    found["id"] = "b61cd4a" if re.fullmatch("[0-9a-f]{7}", found["id"]) else found["id"]
    assert json.dumps(found) == json.dumps(json.loads(sample("hosting/client.response.json")))
