"""Applications announce themselves and find their peers."""

import uuid

import pytest

from harness.families import DISCOVERY, Api, unique
from harness.installation import Installation

HELLO, SYNCHRONISE = "/api/ClientHello", "/api/ClientAddOrUpdateOrRemoveClients"


def body(group, code="till-1", **members):
    return {"ClientCode": code, "ClientGroupId": group, "AppName": "Till", "AppVersion": "1.0"} | members


def hello(api, group, code="till-1", **members):
    answer = api.post(HELLO, "DTOHello", body(group, code, **members))
    assert answer.status == 200, answer
    return answer.value


def by_code(value, code):
    [found] = [client for client in value["DTOClients"] if client["ClientCode"] == code]
    return found


def test_first_hello(discovery, group):
    value = hello(discovery, group, ClientIpAddress="192.0.2.7", ClientPort=6)
    discovery.check(value, {
        "DTOClients": [{
            "Id": lambda text: uuid.UUID(text), "ClientCode": "till-1", "Token": lambda text: len(text) >= 16,
            "AddClientTime": ..., "UpdClientTime": ..., "AppName": "Till", "AppVersion": "1.0",
            "ClientGroupsId": group, "DTOClientGroup": {"Id": group, "GroupName": ...},
            "ClientIpAddress": "192.0.2.7", "ClientPort": 6}],
        "DTOClientGroups": [{"Id": group}],
        "DTOClientAssociations": []})


def test_a_second_hello_updates(discovery, group):
    first = hello(discovery, group)["DTOClients"][0]
    second = hello(discovery, group, AppVersion="2.0")["DTOClients"][0]
    assert (second["Id"], second["Token"]) == (first["Id"], first["Token"])
    assert second["AddClientTime"] == first["AddClientTime"]
    assert second["UpdClientTime"] > first["UpdClientTime"]
    assert second["AppVersion"] == "2.0"


def test_address_defaults_to_the_connection(discovery, group):
    assert hello(discovery, group)["DTOClients"][0]["ClientIpAddress"] == "127.0.0.1"


def test_port_may_be_missing(discovery, group):
    assert hello(discovery, group)["DTOClients"][0]["ClientPort"] is None


def test_group_sees_all_its_clients_and_no_others(installation, discovery, group):
    other = installation.create_group(unique("other"))
    hello(discovery, other, "stranger")
    hello(discovery, group, "till-1")
    value = hello(discovery, group, "till-2")
    assert sorted(client["ClientCode"] for client in value["DTOClients"]) == ["till-1", "till-2"]


def test_the_same_code_in_two_groups(installation, discovery, group):
    other = installation.create_group(unique("other"))
    assert hello(discovery, group)["DTOClients"][0]["Id"] != hello(discovery, other)["DTOClients"][0]["Id"]


def test_codes_compare_exactly(discovery, group):
    hello(discovery, group, "Till")
    assert len(hello(discovery, group, "till")["DTOClients"]) == 2


def test_unknown_group(discovery):
    answer = discovery.post(HELLO, "DTOHello", body(str(uuid.uuid4())))
    assert answer.status == 404, answer
    assert answer.value["Message"]


def test_guid_forms(anonymous, group):
    plain = group.replace("-", "")
    for form in (plain, f"{{{group}}}", f"({group})", group.upper()):
        answer = anonymous.post(HELLO, body(form))
        assert answer.status == 200, (form, answer)
        assert answer.json()["DTOClientGroups"][0]["Id"] == group


def test_lenient_json(anonymous, group):
    """Names in any case, unknown members, the last of repeated ones, numbers as text and text as numbers."""
    answer = anonymous.post(HELLO, (
        '{"clientcode":"a","CLIENTCODE":"lenient","ClientGroupId":"%s","appName":5,"AppVersion":true,'
        '"ClientPort":"6","$type":"x","Other":{"deep":[1,2,{}]}}') % group, content_type="application/json")
    assert answer.status == 400, answer  # a boolean is no text; the rest is right
    assert set(answer.json()["ModelState"]) == {"dto.AppVersion"}


def test_numbers_and_text_change_places(anonymous, group):
    answer = anonymous.post(HELLO, body(group, 5, ClientPort="6"))
    assert answer.status == 200, answer
    client = by_code(answer.json(), "5")
    assert client["ClientPort"] == 6


def test_xml_order_is_free(anonymous, group):
    ns = "http://schemas.datacontract.org/2004/07/DueBit.DTO.RestClient"
    answer = anonymous.post(
        HELLO, f'<?xml version="1.0" encoding="UTF-8"?><!-- c --><p:DTOHello xmlns:p="{ns}"><p:Unknown><x/></p:Unknown>'
        f"<p:ClientGroupId>{group}</p:ClientGroupId><p:ClientCode><![CDATA[a<b]]></p:ClientCode><p:AppVersion>1"
        "</p:AppVersion><p:AppName>A &amp; B</p:AppName></p:DTOHello>", content_type="application/xml",
        accept="application/json")
    assert answer.status == 200, answer
    assert by_code(answer.json(), "a<b")["AppName"] == "A & B"


def test_text_keeps_every_character(discovery, group):
    name = "Größe 🦊 & <b> \" ' \\ / \u2028 \u0085"
    assert hello(discovery, group, AppName=name)["DTOClients"][0]["AppName"] == name


def test_lengths(discovery, group):
    assert hello(discovery, group, AppName="ä" * 255)
    answer = discovery.post(HELLO, "DTOHello", body(group, AppName="ä" * 256))
    assert answer.status == 400
    assert "255" in discovery.faults(answer)["dto.AppName"]


def test_time_zones(private_installation):
    running = private_installation(time_zone="America/Denver")
    value = body(running.create_group("zone"))
    as_json = running.client().post(HELLO, value).json()["DTOClients"][0]["AddClientTime"]
    assert "+" not in as_json and "Z" not in as_json and "-" not in as_json.partition("T")[2]
    as_xml = running.client().post(HELLO, value, accept="application/xml").text
    assert f"<AddClientTime>{as_json}-0" in as_xml


def test_associations(installation, discovery, group):
    first = hello(discovery, group, "a")["DTOClients"][0]
    second = by_code(hello(discovery, group, "b"), "b")
    installation.cli("associate", first["Id"], second["Id"])
    mine = hello(discovery, group, "a")["DTOClientAssociations"]
    discovery.check(mine, [{"Id": ..., "ClientId": first["Id"], "ClientIdAssociated": second["Id"]}])
    assert hello(discovery, group, "b")["DTOClientAssociations"] == []


def test_form_is_read_too(anonymous, group):
    answer = anonymous.post(HELLO, f"ClientCode=f&ClientGroupId={group}&AppName=a+b&AppVersion=%31&ClientPort=7",
                            content_type="application/x-www-form-urlencoded")
    assert answer.status == 200, answer
    assert by_code(answer.json(), "f")["AppName"] == "a b"


# --- synchronisation ---

def item(group, code, **members):
    return {"ClientCode": code, "AppName": "Till", "AppVersion": "1", "ClientGroupsId": group} | members


def synchronise(api, items):
    return api.post(SYNCHRONISE, "DTOClient", items)


def codes(value):
    return sorted(client["ClientCode"] for client in value["DTOClients"])


def test_the_array_is_the_whole_group(discovery, group):
    hello(discovery, group, "leaves")
    stays = by_code(hello(discovery, group, "stays"), "stays")
    answer = synchronise(discovery, [item(group, "comes"), item(group, "stays", Id=stays["Id"], AppVersion="9")])
    assert answer.status == 200, answer
    assert codes(answer.value) == ["comes", "stays"]
    now = by_code(answer.value, "stays")
    assert (now["Id"], now["AppVersion"], now["Token"]) == (stays["Id"], "9", stays["Token"])
    assert codes(hello(discovery, group, "stays")) == ["comes", "stays"]


def test_synchronising_twice_is_the_same(discovery, group):
    items = [item(group, "a"), item(group, "b")]
    first, second = synchronise(discovery, items), synchronise(discovery, items)
    assert (first.status, second.status) == (200, 200)
    assert ({client["Id"] for client in first.value["DTOClients"]}
            == {client["Id"] for client in second.value["DTOClients"]})


def test_synchronise_two_groups_is_refused(installation, discovery, group):
    other = installation.create_group(unique("other"))
    assert synchronise(discovery, [item(group, "a"), item(other, "b")]).status == 400


def test_synchronise_unknown_group(discovery):
    assert synchronise(discovery, [item(str(uuid.uuid4()), "a")]).status == 404


def test_synchronise_one_code_twice_is_refused(discovery, group):
    assert synchronise(discovery, [item(group, "a"), item(group, "a")]).status == 400


def test_synchronise_is_all_or_nothing(discovery, group):
    hello(discovery, group, "stays")
    answer = synchronise(discovery, [item(group, "comes"), item(group, "bad", ClientPort="many")])
    assert answer.status == 400, answer
    assert codes(hello(discovery, group, "stays")) == ["stays"]


# --- large groups ---


def fill(installation, group, count, length):
    """Clients with texts of that length, put into the database."""
    installation.sql(
        "INSERT INTO discovery_client (id, group_id, client_code, token, app_name, app_version, ip_address, added_at, "
        f"updated_at) SELECT UUID(), '{group}', CONCAT('c', seq), REPEAT('a', 32), REPEAT('n', {length}), "
        f"REPEAT('v', {length}), REPEAT('i', {length}), NOW(6), NOW(6) FROM seq_1_to_{count}")


def stored(installation, group):
    return int(installation.sql(f"SELECT COUNT(*) FROM discovery_client WHERE group_id = '{group}'")[0][0])


@pytest.fixture(scope="module")
def small():
    """An installation where groups are small, and so is the memory of a request."""
    with Installation(limit_group_clients="20", limit_request_memory="1m") as running:
        yield running


@pytest.mark.parametrize("media", ["json", "xml"])
def test_a_full_group_takes_nobody_in(small, media):
    api, group = Api(small.client(), DISCOVERY, media), small.create_group(unique("full"))
    fill(small, group, 19, 10)
    assert len(hello(api, group, "last one in")["DTOClients"]) == 20
    answer = api.post(HELLO, "DTOHello", body(group, "one too many"))
    assert answer.status == 400, answer
    assert "at most 20 clients (limit_group_clients)" in answer.text and "dto.ClientGroupId" in answer.text
    assert stored(small, group) == 20
    # Who is in already goes on, even where the limit was lowered under the group.
    assert len(hello(api, group, "last one in")["DTOClients"]) == 20
    small.sql(f"INSERT INTO discovery_client (id, group_id, client_code, token, added_at, updated_at, app_name, "
              f"app_version) VALUES (UUID(), '{group}', 'z', 'z', NOW(6), NOW(6), 'a', '1')")
    assert len(hello(api, group, "last one in")["DTOClients"]) == 21


@pytest.mark.parametrize("media", ["json", "xml"])
def test_a_synchronisation_is_no_larger_than_a_group(small, media):
    api, group = Api(small.client(), DISCOVERY, media), small.create_group(unique("full"))
    items = [{"ClientCode": f"c{number}", "ClientGroupsId": group} for number in range(21)]
    answer = api.post(SYNCHRONISE, "DTOClient", items)
    assert answer.status == 400 and "at most 20 clients" in answer.text, answer
    assert stored(small, group) == 0
    assert api.post(SYNCHRONISE, "DTOClient", items[1:]).status == 200


@pytest.mark.parametrize("media", ["json", "xml"])
def test_what_cannot_be_answered_is_not_stored(small, media):
    """The answer of a group whose texts are too long for a request's memory: an error with words, and nothing done."""
    api, group = Api(small.client(), DISCOVERY, media), small.create_group(unique("long"))
    fill(small, group, 2000, 255)
    assert api.post(HELLO, "DTOHello", body(group, "new")).status == 400
    assert stored(small, group) == 2000
    answer = api.post(HELLO, "DTOHello", body(group, "c1", AppName="changed"))
    assert answer.status == 503 and "more memory than one request may use" in answer.text, answer
    metrics = small.client().get("/metrics").text
    assert 'clientele_refusals_total{reason="memory"} 0' not in metrics and "clientele_database_errors_total 0" in metrics
    assert small.sql(f"SELECT COUNT(*) FROM discovery_client WHERE app_name = 'changed' AND group_id = '{group}'") == [["0"]]
