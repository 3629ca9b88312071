"""Moving in from another discovery service: applications find themselves, their group and their peers as they left them."""

import uuid

import pytest

from harness.moving import GROUP, answer, move, numbers, run, told, write
from harness.moving import application as client

HELLO = "/api/ClientHello"
OTHER = "541bb21c-9440-4a43-8d03-76f9ecb9e5ab"


def pairing(one, two):
    return {"Id": str(uuid.uuid5(uuid.UUID(one["Id"]), two["Id"])), "ClientId": one["Id"], "ClientIdAssociated": two["Id"]}


def hello(installation, code, group=GROUP, **members):
    result = installation.client().post(HELLO, {
        "ClientCode": code, "ClientGroupId": group, "AppName": "Till", "AppVersion": "1.0",
        "ClientIpAddress": "192.0.2.7", "ClientPort": 6, **members})
    assert result.status == 200, result
    return result.json()


@pytest.fixture
def here(private_installation):
    return private_installation(discovery_auth="none", time_zone="Europe/Rome")


def without_latest(value):
    """An answer but for the moments of the latest hellos."""
    return {**value, "DTOClients": [{name: each for name, each in row.items() if name != "UpdClientTime"}
                                    for row in value["DTOClients"]]}


def test_all_of_it(here, tmp_path):
    tills = [client("till-1"), client("till-2")]
    former = answer(*tills, associations=[pairing(*tills)])
    file = write(tmp_path, "hall.json", former)
    trial = move(here, "discovery", "--from", file, "--dry-run")
    assert here.sql("SELECT (SELECT COUNT(*) FROM discovery_group) + (SELECT COUNT(*) FROM import_map)") == [["0"]]
    report = move(here, "discovery", "--from", file)
    assert trial["tables"] == report["tables"] and trial["notes"] == report["notes"] == [] and report["status"] == 0
    assert numbers(report) == {"DTOClientGroups": [1, 1, 0, 0, 0], "DTOClients": [2, 2, 0, 0, 0],
                               "DTOClientAssociations": [1, 1, 0, 0, 0]}
    value = hello(here, "till-1")
    for row in former["DTOClients"]:
        row["AddClientTime"] = row["AddClientTime"][:-1]  # six digits of the fraction are kept
    assert without_latest(value) == without_latest(former)
    assert value["DTOClients"][1]["UpdClientTime"] == "2026-03-23T16:05:19.227536"
    assert hello(here, "till-2")["DTOClientAssociations"] == []
    again = move(here, "discovery", "--from", file)
    assert numbers(again) == {"DTOClientGroups": [1, 0, 0, 1, 0], "DTOClients": [2, 0, 0, 2, 0],
                              "DTOClientAssociations": [1, 0, 0, 1, 0]}
    assert without_latest(hello(here, "till-1")) == without_latest(former)


@pytest.mark.parametrize("kind", ["application/json", "application/xml"])
def test_from_one_installation_to_another(here, private_installation, tmp_path, kind):
    """What was answered there is answered here, in JSON and in XML."""
    there = private_installation(discovery_auth="none", time_zone="Europe/Rome")
    group = there.create_group("Hall 2 & more")
    for code in ("till-1", "till-2"):
        hello(there, code, group)
    there.cli("associate", "till-1", "till-2", "--group", group)
    body = {"ClientCode": "till-1", "ClientGroupId": group, "AppName": "Till", "AppVersion": "1.0",
            "ClientIpAddress": "192.0.2.7", "ClientPort": 6}
    former = there.client().post(HELLO, body, headers={"Accept": kind})
    file = tmp_path / "answer"
    file.write_bytes(former.body)
    report = move(here, "discovery", "--from", file)
    assert report["status"] == 0 and report["notes"] == []
    assert numbers(report) == {"DTOClientGroups": [1, 1, 0, 0, 0], "DTOClients": [2, 2, 0, 0, 0],
                               "DTOClientAssociations": [1, 1, 0, 0, 0]}
    assert without_latest(hello(here, "till-1", group)) == without_latest(hello(there, "till-1", group))


def test_answers_of_several_callers(here, tmp_path):
    """Each knows its own associations; of an application that several answers have, the latest counts."""
    tills = [client("till-1"), client("till-2")]
    later = client("till-1", UpdClientTime="2026-03-24T08:00:00", AppVersion="2.0")
    files = [write(tmp_path, "1.json", answer(later, tills[1], associations=[pairing(*tills)])),
             write(tmp_path, "2.json", answer(*tills, associations=[pairing(tills[1], tills[0])]), answer("kiosk", group=OTHER)),
             write(tmp_path, "3.json", [answer("kiosk-2", group=OTHER)])]
    report = move(here, "discovery", "--from", *files, "--dry-run")
    assert report["status"] == 0 and report["by"]["DTOClients"]["added"] == 4
    (tmp_path / ".hidden").write_text("no answer")
    report = move(here, "discovery", "--from", tmp_path)
    assert report["notes"] == [] and numbers(report) == {
        "DTOClientGroups": [2, 2, 0, 0, 0], "DTOClients": [4, 4, 0, 0, 0], "DTOClientAssociations": [2, 2, 0, 0, 0]}
    value = hello(here, "till-2")
    assert [row["AppVersion"] for row in value["DTOClients"]] == ["2.0", "1.0"]
    assert value["DTOClientAssociations"] == [pairing(tills[1], tills[0])]
    write(tmp_path, "1.json", answer(client("till-1", UpdClientTime="2026-03-25T08:00:00", ClientPort=7)))
    changed = move(here, "discovery", "--from", files[0])
    assert numbers(changed) == {"DTOClientGroups": [1, 0, 0, 1, 0], "DTOClients": [1, 0, 1, 0, 0]}
    assert hello(here, "till-2")["DTOClients"][0]["ClientPort"] == 7


def test_changes_are_told_to_those_who_ask_for_them(here, tmp_path):
    tills = [client("till-1"), client("till-2")]
    move(here, "discovery", "--from", write(tmp_path, "1.json", answer(*tills)))
    before = here.client().post(HELLO + "?details=true", {"ClientCode": "till-1", "ClientGroupId": GROUP, "AppName": "Till",
                                                          "AppVersion": "1.0", "ClientIpAddress": "192.0.2.7"}).json()
    move(here, "discovery", "--from", write(tmp_path, "1.json", answer(tills[0], client("till-2", AppVersion="3.0"))))
    after = here.client().post(HELLO + f"?since={before['Version']}&details=true", {
        "ClientCode": "till-1", "ClientGroupId": GROUP, "AppName": "Till", "AppVersion": "1.0",
        "ClientIpAddress": "192.0.2.7"}).json()
    assert [row["ClientCode"] for row in after["DTOClients"]] == ["till-2"] and after["Complete"] is False
    details = move(here, "discovery", "--from", write(tmp_path, "2.json", before), "--name", "another")
    assert details["notes"] == [] and details["status"] == 0


def test_what_is_here_already(here, tmp_path):
    """A group with the identifier is the same group; one with the name is another one."""
    here.cli("group", "create", "Hall 72", "--id", GROUP)
    here.cli("group", "create", "Hall 54")
    [mine] = hello(here, "till-1")["DTOClients"]
    report = move(here, "discovery", "--from", write(tmp_path, "1.json", answer("till-1", "till-2")),
                  write(tmp_path, "2.json", answer("kiosk", group=OTHER)))
    assert "Hall 54~541bb21c" in told(report, "DTOClientGroups", OTHER)
    assert report["by"]["DTOClientGroups"]["changed"] == 1 and report["by"]["DTOClientGroups"]["added"] == 1
    assert told(report, "DTOClients", client("till-1")["Id"]) != "" and report["status"] == 1
    assert [row["Id"] for row in hello(here, "till-2")["DTOClients"]] == [mine["Id"], client("till-2")["Id"]]
    assert hello(here, "kiosk", OTHER)["DTOClients"][0]["Id"] == client("kiosk", OTHER)["Id"]


def test_what_cannot_be_taken(here, tmp_path):
    good, lost = client("till-1"), client("lost", OTHER)
    clients = [good, lost, client("long", Token="x" * 65), client("", Id=str(uuid.uuid4())), client("none", Id=None),
               client("odd", Id="odd", Token=None, AppName="x" * 300, Colour="red"),
               client("port", ClientPort="many"), client("self")]
    file = write(tmp_path, "1.json", {**answer(*clients, associations=[pairing(good, lost), pairing(clients[-1], clients[-1])]), "More": [1]})
    report = move(here, "discovery", "--from", file)
    assert report["status"] == 1 and report["by"]["DTOClients"]["refused"] == 4
    assert f"DTOClientGroups {OTHER}, which is not here" in told(report, "DTOClients", lost["Id"])
    assert "Token must" in told(report, "DTOClients", clients[2]["Id"])
    assert "ClientCode has no value" in told(report, "DTOClients", clients[3]["Id"])
    assert "has no Id" in told(report, "DTOClients")
    assert "it is another one here" in told(report, "DTOClients", "odd") and "cut" in told(report, "DTOClients", "odd")
    assert "ClientPort must" in told(report, "DTOClients", clients[6]["Id"])
    assert "member Colour is not known" in told(report, "DTOClients") and "not known" in told(report, "More")
    assert "which is not here" in told(report, "DTOClientAssociations", pairing(good, lost)["Id"])
    assert "itself" in told(report, "DTOClientAssociations", pairing(clients[-1], clients[-1])["Id"])
    odd = [row for row in hello(here, "odd")["DTOClients"] if row["ClientCode"] == "odd"][0]
    assert len(odd["Token"]) == 32 and len(odd["AppName"]) == 255 or odd["AppName"] == "Till"


def test_files_that_are_none(installation, tmp_path):
    for text, reason in [("<html/>", "root element must be"), ("<DTOResponseHello/>", "no namespace"),
                         ("{}", "there is no answer to a hello in it"), ('{"Message": "no"}', "no answer to a hello"),
                         ("<!DOCTYPE a><a/>", "DOCTYPE")]:
        file = tmp_path / "answer"
        file.write_text(text)
        result = run(installation, "discovery", "--from", file)
        assert result.returncode == 1 and reason in result.stderr, result
    (tmp_path / "folder").mkdir()
    result = run(installation, "discovery", "--from", tmp_path / "folder")
    assert result.returncode == 1 and "the folder is empty" in result.stderr, result
    empty = write(tmp_path, "empty.json", answer())
    assert move(installation, "discovery", "--from", empty, "--dry-run")["status"] == 0
