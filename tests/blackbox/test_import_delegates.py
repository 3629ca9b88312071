"""Moving in from another service of delegate groups: groups, delegates, persons and clients, from CSV and JSON."""

from harness.moving import move, numbers, run, told, write

API = "/api/delegategroups"
LATER, LONG_AGO, AGO = "2031-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"


def moved(installation, *arguments, **options):
    return move(installation, "delegates", *arguments, **options)


def csv(folder, name, *lines):
    path = folder / f"{name}.csv"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return [f"--{name}", path]


GROUPS = ["id,name,groupType,phone,serviceTypeIds,securitySettings/canBookTrips,securitySettings.canEditProfile,canViewProfile,"
          "location.name,requiredClientInformation/birthDate,numClients",
          "41,North,1,+1 403,\"3, 5\",True,0,1,Harbour,true,7", "7,South,Family,,,,,,,,"]
DELEGATES = ["id,delegateGroupId,firstName,lastName,email,canManageClients,securitySettings/canCancelTrips,userId",
             "12,41,Grace,Hopper,grace@example.org,TRUE,true,admin", "3,7,Ada,King,,,,"]
PERSONS = ["clientId,clientCode,firstName,lastName,birthDate,userDefinedFields,fundingSource",
           '9001,C-1,Maria,Weber,1961-02-03,"{""colour"": ""red""}",City', "9002,,Jo,Doe,,,", "9003,C-3,Al,Ba,,,"]
CLIENTS = ["delegateGroupId,clientId,startDate,expiryDate", f"41,9001,{LONG_AGO},{LATER}", f"41,9002,{LONG_AGO},{AGO}", "7,9001,,"]


def all_of(folder):
    return [*csv(folder, "groups", *GROUPS), *csv(folder, "delegates", *DELEGATES), *csv(folder, "persons", *PERSONS),
            *csv(folder, "clients", *CLIENTS)]


def test_all_of_it(private_installation, tmp_path):
    installation = private_installation()
    client = installation.client(installation.admin_key)
    files = all_of(tmp_path)
    trial = moved(installation, *files, "--keep-ids", "--dry-run")
    assert installation.sql("SELECT (SELECT COUNT(*) FROM delegate_group) + (SELECT COUNT(*) FROM delegate_client) +"
                            " (SELECT COUNT(*) FROM delegate_association) + (SELECT COUNT(*) FROM import_map)") == [["0"]]
    report = moved(installation, *files, "--keep-ids")
    assert report["notes"] == [] and report["status"] == 0
    assert trial["tables"] == report["tables"]
    assert numbers(report) == {"Groups": [2, 2, 0, 0, 0], "Delegates": [2, 2, 0, 0, 0], "Persons": [3, 3, 0, 0, 0],
                               "Clients": [3, 3, 0, 0, 0]}
    check_group(client)
    check_delegates(client, installation)
    check_clients(client)
    again = moved(installation, *files, "--keep-ids")
    assert {name: row[3] for name, row in numbers(again).items()} == {name: row[0] for name, row in numbers(again).items()}


def check_group(client):
    group = client.get(f"{API}/41?includeClientCount=true").json()
    assert [group[name] for name in ("name", "groupType", "phone", "serviceTypeIds", "numClients", "numDelegates")] == [
        "North", 1, "+1 403", [3, 5], 1, 1]
    settings = group["securitySettings"]
    assert settings["canBookTrips"] and settings["canViewProfile"] and not settings["canEditProfile"]
    assert group["location"]["name"] == "Harbour" and group["requiredClientInformation"]["birthDate"] is True
    assert group["requiredClientInformation"]["lastName"] is True
    assert [(row["id"], row["name"], row["groupType"]) for row in client.get(API).json()] == [(41, "North", 1), (7, "South", 0)]


def check_delegates(client, installation):
    [grace] = client.get(f"{API}/41/delegates").json()
    assert grace["id"] == 12 and grace["canManageClients"] and not grace["inheritGroupSecurity"]
    assert grace["securitySettings"]["canCancelTrips"] and not grace["securitySettings"]["canBookTrips"]
    [[admin]] = installation.sql("SELECT LOWER(HEX(id)) FROM user WHERE user_name = 'admin'")
    assert grace["userId"].replace("-", "") == admin
    [ada] = client.get(f"{API}/7/delegates").json()
    assert ada["id"] == 3 and ada["inheritGroupSecurity"] and ada["userId"] is None


def check_clients(client):
    [maria] = client.get(f"{API}/41/clients").json()
    assert (maria["clientId"], maria["clientCode"], maria["birthDate"]) == (9001, "C-1", "1961-02-03")
    assert maria["startDate"].startswith("2020-01-01") and maria["expiryDate"].startswith("2031-01-01")
    assert maria["userDefinedFields"] == {"colour": "red"} and maria["dynamicallyAdded"] is False
    everybody = client.get(f"{API}/41/clients?includeExpired=true").json()
    assert [(row["clientId"], row["expiryDate"][:4]) for row in everybody] == [(9002, "2021"), (9001, "2031")]
    [maria] = client.get(f"{API}/7/clients").json()
    assert maria["expiryDate"] is None and maria["startDate"] is not None


def test_what_has_changed(private_installation, tmp_path):
    installation = private_installation()
    client = installation.client(installation.admin_key)
    moved(installation, *all_of(tmp_path), "--keep-ids")
    csv(tmp_path, "groups", GROUPS[0], GROUPS[1].replace("North", "Northgate"), GROUPS[2], "8,West" + 9 * ",")
    csv(tmp_path, "clients", CLIENTS[0], CLIENTS[1].replace(LATER, ""), CLIENTS[2].replace(AGO, LATER), CLIENTS[3])
    report = moved(installation, *all_of_files(tmp_path), "--keep-ids")
    assert numbers(report) == {"Groups": [3, 1, 1, 1, 0], "Delegates": [2, 0, 0, 2, 0], "Persons": [3, 0, 0, 3, 0],
                               "Clients": [3, 0, 2, 1, 0]}
    assert client.get(f"{API}/41").json()["name"] == "Northgate" and client.get(f"{API}/8").json()["name"] == "West"
    assert {row["clientId"]: row["expiryDate"] and row["expiryDate"][:4] for row in client.get(f"{API}/41/clients").json()} == {
        9001: None, 9002: "2031"}
    assert client.get(f"{API}/41/clients").json()[0]["startDate"].startswith("2020")


def all_of_files(folder):
    return [part for name in ("groups", "delegates", "persons", "clients") for part in (f"--{name}", folder / f"{name}.csv")]


def test_what_is_here_already(private_installation, tmp_path):
    """Numbers that are taken become others, which all refer to; persons and their associations are the same."""
    installation = private_installation()
    client = installation.client(installation.admin_key)
    here = client.post(API, {"name": "Here"}).json()["id"]
    assert client.post("/v1/delegate-persons", {"person": {"clientId": 9001, "clientCode": "C-1", "lastName": "Before"}}).status < 300
    files = [*csv(tmp_path, "groups", "id,name", f"{here},There"), *csv(tmp_path, "persons", PERSONS[0], PERSONS[1]),
             *csv(tmp_path, "clients", "delegateGroupId,clientId,startDate", f"{here},9001,{LONG_AGO}")]
    report = moved(installation, *files, "--keep-ids", "--map", tmp_path / "map.csv")
    assert numbers(report) == {"Groups": [1, 1, 0, 0, 0], "Persons": [1, 0, 1, 0, 0], "Clients": [1, 1, 0, 0, 0]}
    assert report["notes"] == []
    assert client.get(f"{API}/{here}/clients").json() == []
    [there] = [row["id"] for row in client.get(API).json() if row["name"] == "There"]
    assert [row["lastName"] for row in client.get(f"{API}/{there}/clients").json()] == ["Weber"]
    assert f"Groups,{here},{there}" in (tmp_path / "map.csv").read_text()
    client.delete(f"{API}/{there}/clients/9001")
    client.post(f"{API}/{there}/clients", {"clientId": 9001, "expiryDate": LATER})
    report = moved(installation, *csv(tmp_path, "clients", "delegateGroupId,clientId,startDate,dynamicallyAdded",
                                      f"{here},9001,{LONG_AGO},true"))
    assert numbers(report) == {"Clients": [1, 0, 1, 0, 0]} and report["notes"] == []
    [maria] = client.get(f"{API}/{there}/clients").json()
    assert maria["startDate"].startswith("2020") and maria["dynamicallyAdded"] is False and maria["expiryDate"] is None


def test_an_association_that_is_here_already(private_installation, tmp_path):
    installation = private_installation()
    client = installation.client(installation.admin_key)
    moved(installation, *csv(tmp_path, "groups", "id,name", "5,There"), "--keep-ids")
    assert client.post("/v1/delegate-persons", {"person": {"clientId": 9001, "lastName": "Weber"}}).status < 300
    client.post(f"{API}/5/clients", {"clientId": 9001})
    report = moved(installation, *csv(tmp_path, "clients", "delegateGroupId,clientId,expiryDate", f"5,9001,{LATER}"))
    assert numbers(report) == {"Clients": [1, 0, 1, 0, 0]} and report["notes"] == []
    assert client.get(f"{API}/5/clients").json()[0]["expiryDate"].startswith("2031")


def test_json(private_installation, tmp_path):
    """What the original answers, with the lists of each group put into it."""
    installation = private_installation()
    client = installation.client(installation.admin_key)
    shown = {"clientId": 9001, "clientCode": "C-1", "firstName": "Maria", "lastName": "Weber", "birthDate": "1961-02-03",
             "startDate": "2024-12-23T12:16:59.1498103-07:00", "expiryDate": None, "dynamicallyAdded": False,
             "phoneNumber": "555", "userDefinedFields": {"colour": "red"}}
    group = {"id": 1, "tenantId": 2, "name": "North", "groupType": 1, "serviceTypeIds": [1, 2],
             "securitySettings": {"canBookTrips": True, "canFly": True}, "fundingSource": {"id": 1, "name": "City"},
             "location": None, "numClients": 0,
             "delegates": [{"id": 4, "delegateGroupId": 1, "firstName": "Grace", "username": "ghopper",
                            "securitySettings": {"canBookTrips": False}, "inheritGroupSecurity": True}],
             "clients": [shown]}
    report = moved(installation, "--groups", write(tmp_path, "groups.json", group), "--persons",
                   write(tmp_path, "persons.json", [shown]))
    assert numbers(report) == {name: [1, 1, 0, 0, 0] for name in ("Groups", "Delegates", "Persons", "Clients")}
    assert [note["note"] for note in report["notes"]] == ["the member securitySettings/canFly is not known here, and was left out"]
    [row] = client.get(API).json()
    answer = client.get(f"{API}/{row['id']}").json()
    assert answer["securitySettings"]["canBookTrips"] and answer["fundingSource"]["name"] == "City" and answer["tenantId"] == 2
    [grace] = client.get(f"{API}/{row['id']}/delegates").json()
    assert grace["inheritGroupSecurity"] and grace["securitySettings"]["canBookTrips"] and grace["username"] == "ghopper"
    [maria] = client.get(f"{API}/{row['id']}/clients").json()
    assert maria["startDate"].startswith("2024-12-23T19:16:59.14981") and maria["userDefinedFields"] == {"colour": "red"}
    report = moved(installation, "--clients", write(tmp_path, "clients.json", [shown | {"delegateGroupId": 1, "expiryDate": LATER}]))
    assert numbers(report) == {"Clients": [1, 0, 1, 0, 0]}


def test_what_cannot_be_taken(private_installation, tmp_path):
    installation = private_installation()
    client = installation.client(installation.admin_key)
    files = [
        *csv(tmp_path, "groups", "id,name,securitySettings/canBookTrips,colour", "1,One,,red", "2,,,", "3,Three,perhaps,", ",Four,,"),
        *csv(tmp_path, "delegates", "id,delegateGroupId,lastName,email,userId,inheritGroupSecurity", "1,1,Hopper,,nobody,",
             "2,99,Lost,,,", "3,,None,,,", "4,1,King,,,sometimes", "5,1,First,,ADMIN,", "6,1,Second,,admin,"),
        *csv(tmp_path, "persons", "clientId,clientCode,birthDate,userDefinedFields", "9001,C-1,yesterday,red", "zero,,,", "0,,,",
             "9002,C-1,,", "9003"),
        *csv(tmp_path, "clients", "delegateGroupId,clientId,startDate,expiryDate", f"1,9001,{LATER},{AGO}", "1,9002,,soon",
             "1,7777,,", "99,9002,,", ",9002,,", "1,,,", "1,9002,,", "2,9002,,")]
    report = moved(installation, *files, "--keep-ids")
    assert report["status"] == 1
    assert numbers(report) == {"Groups": [4, 2, 0, 0, 2], "Delegates": [6, 2, 0, 0, 4], "Persons": [5, 2, 0, 0, 3],
                               "Clients": [7, 1, 0, 0, 6]}, report["notes"]
    assert "named by its number" in told(report, "Groups", "2") and "canBookTrips" in told(report, "Groups", "3")
    assert "has no id" in told(report, "Groups", f"{tmp_path}/groups.csv:5") and "member colour" in told(report, "Groups")
    assert "is user nobody, who is not here" in told(report, "Delegates", "1")
    assert "belongs to Groups 99, which is not here" in told(report, "Delegates", "2")
    assert "delegateGroupId has no value" in told(report, "Delegates", "3")
    assert "inheritGroupSecurity" in told(report, "Delegates", "4")
    assert "delegate of the group already" in told(report, "Delegates", "6")
    assert "birthDate" in told(report, "Persons", "9001") and "no object of JSON" in told(report, "Persons", "9001")
    assert "not a number above 0" in told(report, "Persons", "zero") and "not a number above 0" in told(report, "Persons", "0")
    assert "C-1" in told(report, "Persons", "9001") + told(report, "Persons", "9002")
    assert "has 1 fields" in told(report, "Persons", f"{tmp_path}/persons.csv:6")
    assert "must not be before the startDate" in told(report, "Clients", "1|9001")
    assert "does not name an existing client" in told(report, "Clients", "1|7777")
    assert "belongs to Groups 99" in told(report, "Clients", "99|9002")
    assert "has no delegateGroupId" in told(report, "Clients", f"{tmp_path}/clients.csv:6")
    assert "has no clientId" in told(report, "Clients", f"{tmp_path}/clients.csv:7")
    assert [row["clientId"] for row in client.get(f"{API}/2/clients?includeExpired=true").json()] == [9002]


def test_clients_whom_rules_have_added(private_installation, tmp_path):
    """They keep their dates where the rules that are set afterwards add them as well, and leave where they do not."""
    installation = private_installation()
    client = installation.client(installation.admin_key)
    report = moved(installation, *csv(tmp_path, "groups", "id,name", "5,There"), *csv(tmp_path, "persons", *PERSONS),
                   *csv(tmp_path, "clients", "delegateGroupId,clientId,startDate,dynamicallyAdded", f"5,9001,{LONG_AGO},True",
                        f"5,9002,{LONG_AGO},true", f"5,9003,{LONG_AGO},False"), "--keep-ids")
    assert report["notes"] == [] and report["by"]["Clients"]["added"] == 3
    assert {row["clientId"] for row in client.get(f"{API}/5/dynamicclients").json()} == {9001, 9002}
    rules = {"rules": [{"conditions": [{"ruleType": 1, "value": "City"}]}]}
    assert client.post(f"{API}/5/clientrule", rules).status < 300
    assert {row["clientId"]: (row["startDate"][:4], row["dynamicallyAdded"]) for row in client.get(f"{API}/5/clients").json()} == {
        9001: ("2020", True), 9003: ("2020", False)}


def rules_of(*rules):
    return [{"conditions": [{"ruleType": kind, "value": value} for kind, value in rule]} for rule in rules]


def test_rules(private_installation, tmp_path):
    """A line for each condition; whoever they hold for is a client when the import is over."""
    installation = private_installation()
    client = installation.client(installation.admin_key)
    files = [*csv(tmp_path, "groups", *GROUPS), *csv(tmp_path, "persons", *PERSONS),
             *csv(tmp_path, "clients", "delegateGroupId,clientId,startDate,dynamicallyAdded", f"41,9001,{LONG_AGO},true")]
    lines = ["delegateGroupId,rule,ruleType,value", "41,1,1,city", "41,2,Location,Harbour", "41,1,4,colour=red", "7,1,2,Bus"]
    trial = moved(installation, *files, *csv(tmp_path, "rules", *lines), "--keep-ids", "--dry-run")
    assert installation.sql("SELECT COUNT(*) FROM delegate_condition") == [["0"]]
    report = moved(installation, *files, *csv(tmp_path, "rules", *lines), "--keep-ids")
    assert trial["tables"] == report["tables"] and report["notes"] == [] and report["status"] == 0
    assert numbers(report)["Rules"] == [2, 2, 0, 0, 0]
    assert client.get(f"{API}/41/clientrule").json()["rules"] == rules_of([(1, "city"), (4, "colour=red")], [(3, "Harbour")])
    assert [(row["clientId"], row["startDate"][:4]) for row in client.get(f"{API}/41/dynamicclients").json()] == [(9001, "2020")]
    assert client.get(f"{API}/7/dynamicclients").json() == []
    assert numbers(moved(installation, *files, *csv(tmp_path, "rules", *lines), "--keep-ids"))["Rules"] == [2, 0, 0, 2, 0]
    report = moved(installation, *csv(tmp_path, "rules", *lines[:2], "7,1,2,Bus"))
    assert numbers(report) == {"Rules": [2, 0, 1, 1, 0]}
    assert client.get(f"{API}/41/clientrule").json()["rules"] == rules_of([(1, "city")])
    report = moved(installation, "--rules", write(tmp_path, "rules.json", [{"delegateGroupId": 7, "rules": rules_of([(1, "City")])}]))
    assert numbers(report) == {"Rules": [1, 0, 1, 0, 0]}
    assert [row["clientId"] for row in client.get(f"{API}/7/dynamicclients").json()] == [9001]


def test_rules_that_cannot_be_taken(private_installation, tmp_path):
    installation = private_installation()
    moved(installation, *csv(tmp_path, "groups", "id,name", "1,One", "2,Two", "3,Three"))
    head = "delegateGroupId,rule,ruleType,value"
    report = moved(installation, *csv(tmp_path, "rules", head, "1,1,1,City", "1,1,9,X", "2,1,1,", "3,1,4,colour", "99,1,1,City"))
    assert numbers(report) == {"Rules": [4, 0, 0, 0, 4]} and report["status"] == 1
    for key, reason in [("1", "ruleType"), ("2", "value"), ("3", "name=value"), ("99", "belongs to Groups 99")]:
        assert reason in told(report, "Rules", key), report["notes"]
    report = moved(installation, *csv(tmp_path, "rules", head, "1,1,1,City", "1,1"))
    assert numbers(report) == {"Rules": [2, 0, 0, 0, 2]}
    assert "needs all lines" in told(report, "Rules") and "has 2 fields" in told(report, "Rules", f"{tmp_path}/rules.csv:3")
    assert installation.sql("SELECT COUNT(*) FROM delegate_condition") == [["0"]]


def test_many(private_installation, tmp_path):
    """More than one batch, of which each row is found again."""
    installation = private_installation()
    count = 1200
    files = [*csv(tmp_path, "groups", "id,name", "5,There"),
             *csv(tmp_path, "persons", "clientId,lastName", *(f"{number},N{number}" for number in range(1, count + 1))),
             *csv(tmp_path, "clients", "delegateGroupId,clientId", *(f"5,{number}" for number in range(1, count + 1)))]
    for state in (1, 3):
        report = moved(installation, *files)
        assert numbers(report)["Persons"][state] == numbers(report)["Clients"][state] == count
    report = moved(installation, *files, "--name", "another")
    assert numbers(report)["Persons"] == [count, 0, count, 0, 0]
    client = installation.client(installation.admin_key)
    assert [client.get(f"{API}/{row['id']}/clients/count").json() for row in client.get(API).json()] == [count, count]


def test_command_line(installation, tmp_path):
    none = run(installation, "delegates")
    assert none.returncode == 2 and "Give a file with one of --groups, --delegates" in none.stderr
    clients = csv(tmp_path, "clients", "clientId", "1")
    assert 'there is no column "delegateGroupId"' in run(installation, "delegates", *clients).stderr
    text = run(installation, "delegates", *csv(tmp_path, "groups", "id,name", "5,Five"), "--dry-run")
    assert text.returncode == 0 and "Dry run: nothing was stored." in text.stdout and "Groups" in text.stdout
