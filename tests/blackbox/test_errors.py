"""What goes wrong is told in the shape of the family, in JSON and in XML."""

import pytest

from harness.families import unique

MISSING = "{} field is required"


def test_missing_members_of_a_hello(discovery):
    answer = discovery.post("/api/ClientHello", "DTOHello", {})
    assert answer.status == 400, answer
    assert answer.value["Message"] == "The request is invalid."
    faults = discovery.faults(answer)
    assert faults["dto.ClientCode"] == "The ClientCode field is required."
    assert {"dto.ClientCode", "dto.AppName", "dto.AppVersion", "dto.ClientGroupId"} <= set(faults)


def test_every_fault_at_once(discovery):
    answer = discovery.post("/api/ClientHello", "DTOHello", {
        "ClientCode": " ", "ClientGroupId": "no guid", "AppName": "a", "AppVersion": "x" * 300,
        "ClientPort": "many"})
    assert answer.status == 400, answer
    faults = discovery.faults(answer)
    assert set(faults) == {"dto.ClientCode", "dto.ClientGroupId", "dto.AppVersion", "dto.ClientPort"}
    assert "255" in faults["dto.AppVersion"]


def test_unreadable_body(discovery):
    body = "<DTOHello" if discovery.is_xml else '{"ClientCode":'
    answer = discovery.post("/api/ClientHello", value=body, content_type=f"application/{discovery.media}")
    assert answer.status == 400, answer
    assert answer.value["Message"] == "The request is invalid."
    assert set(discovery.faults(answer)) == {"dto"}


def test_missing_body(discovery):
    answer = discovery.post("/api/ClientHello", value="", content_type=f"application/{discovery.media}")
    assert answer.status == 400, answer


def test_null_body(anonymous):
    answer = anonymous.post("/api/ClientHello", "null", content_type="application/json")
    assert answer.status == 400, answer


def test_xml_error_bytes(anonymous):
    answer = anonymous.post("/api/ClientHello", '{"ClientGroupId":"72aeec30-b3bf-4664-82e7-048ab4c54520",'
                            '"AppName":"a","AppVersion":"1"}', content_type="application/json",
                            accept="application/xml")
    assert answer.text == (
        "<Error><Message>The request is invalid.</Message><ModelState><dto.ClientCode>The ClientCode field "
        "is required.</dto.ClientCode></ModelState></Error>")


def test_json_error_bytes(anonymous):
    answer = anonymous.post("/api/ClientHello", '{"ClientGroupId":"72aeec30-b3bf-4664-82e7-048ab4c54520",'
                            '"AppName":"a","AppVersion":"1"}', content_type="application/json")
    assert answer.text == ('{"Message":"The request is invalid.","ModelState":{"dto.ClientCode":'
                           '["The ClientCode field is required."]}}')


def test_brackets_in_element_names(anonymous, group):
    """The path of a fault in a list has brackets, which an element name cannot have."""
    body = [{"ClientCode": "a", "ClientGroupsId": group, "AppName": "x", "AppVersion": "1"},
            {"ClientCode": "b", "ClientGroupsId": group, "AppName": "x", "AppVersion": "1",
             "ClientPort": "many"}]
    answer = anonymous.post("/api/ClientAddOrUpdateOrRemoveClients", body, accept="application/xml")
    assert answer.status == 400, answer
    assert "<dto_x005B_1_x005D_.ClientPort>" in answer.text
    answer = anonymous.post("/api/ClientAddOrUpdateOrRemoveClients", body)
    assert "dto[1].ClientPort" in answer.json()["ModelState"]


def test_unknown_path(discovery):
    answer = discovery.get("/api/Nowhere?x=1")
    assert answer.status == 404, answer
    assert answer.value["Message"].startswith("No HTTP resource was found that matches the request URI 'http://")
    assert "/api/Nowhere" in answer.value["Message"]


def test_wrong_method(discovery):
    answer = discovery.put("/api/ClientHello", "DTOHello", {})
    assert answer.status == 405, answer
    assert answer.value["Message"] == "The requested resource does not support http method 'PUT'."
    assert "POST" in answer.headers["allow"]


def test_delegates_shape(delegates):
    answer = delegates.post("/api/delegategroups", "DelegateGroup", {"name": None})
    assert answer.status == 400, answer
    assert answer.value["message"] == "The request is invalid."
    assert any("name" in path.lower() for path in delegates.faults(answer)), answer
    if not delegates.is_xml:
        assert list(answer.value) == ["message", "modelState"]


@pytest.mark.parametrize("path", ["/api/delegategroups/5/nothing", "/api/delegategroups/x/y/z/1"])
def test_delegates_unknown_path(delegates, path):
    answer = delegates.get(path)
    assert answer.status == 404, answer
    assert "message" in answer.value


def test_credentials_shape(credentials):
    answer = credentials.post("/api/v1/admin/clients", "ClientRequest", {"Name": "x" * 19, "Secret": "x" * 51})
    assert answer.status == 400, answer
    assert answer.value["Error"]["ErrorCode"] == "VALIDATION_FAILED"
    assert answer.value.get("ResponseData") is None
    reason = answer.value["Error"]["ErrorReason"]
    for expected in ("Name", "18", "Secret", "UserID"):
        assert expected in reason, reason
    if not credentials.is_xml:
        assert list(answer.value) == ["Error", "ResponseData"]


def test_credentials_unknown_path(credentials):
    answer = credentials.get("/api/v1/admin/nothing")
    assert answer.status == 404, answer
    assert answer.value["Error"]["ErrorCode"]


def test_hosting_shape(hosting):
    answer = hosting.post("/hosting/api/client", "Client", {"username": "", "domainMaxCount": -2})
    assert answer.status == 400, answer
    assert answer.value["message"]
    assert {"username", "password", "emailAddress", "domainMaxCount"} <= set(hosting.faults(answer))


def test_hosting_unknown_path(hosting):
    answer = hosting.get("/hosting/api/nothing")
    assert answer.status == 404, answer
    assert answer.value["message"]


def test_licensing_shape(licensing):
    answer = licensing.get("/v1/there-is-no-such-thing")
    assert answer.status == 404, answer
    value = {name.lower(): item for name, item in answer.value.items()}
    assert str(value["success"]).lower() == "false"
    assert int(value["code"]) != 0
    assert value["message"]


def test_no_detail_leaves_the_program(client):
    """An error never names tables, columns or files."""
    answer = client.post("/api/v1/admin/clients", {"Name": unique("d"), "Secret": "its own secret",
                                                   "UserID": "00000000-0000-4000-8000-000000000000"})
    assert answer.status == 400, answer
    for word in ("api_client", "user_id", "CONSTRAINT", "SQL", "src/"):
        assert word not in answer.text
