"""Moving in from another hosting service: accounts with ids, passwords and keys of their own, domains and their counts."""

import json

import pytest

from harness.moving import BCRYPT, account, move, numbers, run, told, write

PATH = "/hosting/api/client"
KEY, OTHER_KEY = "3f1c9a0be27d4f5d8c6b7a8990112233", "0011aabbccddeeff0011aabbccddeeff"


def moved(installation, *arguments, **options):
    return move(installation, "hosting", *arguments, secrets=(BCRYPT, KEY, OTHER_KEY), **options)


def test_all_of_it(private_installation, tmp_path):
    installation = private_installation()
    client = installation.client()
    file = write(tmp_path, "list.json", [account(0xb61cd4a, apiKey=KEY), account(2, domainCountData=[])])
    trial = moved(installation, "--from", file, "--dry-run")
    assert installation.sql("SELECT (SELECT COUNT(*) FROM hosting_client) + (SELECT COUNT(*) FROM import_map)") == [["0"]]
    report = moved(installation, "--from", file)
    assert trial["tables"] == report["tables"] and trial["notes"] == report["notes"] == []
    assert numbers(report) == {"Accounts": [2, 2, 0, 0, 0], "DomainCounts": [2, 2, 0, 0, 0]} and report["status"] == 0
    check_answers(installation.client(installation.admin_key))
    assert client.get(f"{PATH}/by-apiKey/{KEY}?apiKey={installation.admin_key}").json()["id"] == "b61cd4a"
    assert client.get(f"/api/test?apiKey={KEY}").json() == {"username": "former190958922", "apiKey": KEY}
    domains = client.get(f"/api/domains?apiKey={KEY}").json()
    assert [(row["name"], row["viewCount"]) for row in domains] == [("shop.example.org", 20), ("www.example.org", 10)]
    assert installation.sql("SELECT DISTINCT password_hash FROM hosting_client") == [[BCRYPT]]
    again = moved(installation, "--from", file)
    assert numbers(again) == {"Accounts": [2, 0, 0, 2, 0], "DomainCounts": [2, 0, 0, 2, 0]}


def check_answers(client):
    """The list answers as it did there."""
    former = {member: value for member, value in account(0xb61cd4a).items() if member != "passwordHash"}
    [_, row] = sorted(client.get(PATH).json(), key=lambda each: each["id"])
    assert row["features"].pop("canUseABTests") is False and all(row["features"].values())
    counts = row.pop("domainCountData")
    assert {each["domName"]: each["count"] for each in counts} == {"www.example.org": 10, "shop.example.org": 20}
    former.pop("features"), former.pop("domainCountData")
    assert {member: row[member] for member in former} == former


def test_what_has_changed(private_installation, tmp_path):
    installation = private_installation()
    client = installation.client(installation.admin_key)
    first = [account(1, apiKey=KEY), account(2)]
    file = write(tmp_path, "list.json", first)
    moved(installation, "--from", file)
    first[0]["company"], first[0]["domainCountData"][0]["count"] = "Other", 11
    first.append(account(3, domainCountData=[]))
    write(tmp_path, "list.json", first)
    report = moved(installation, "--from", file)
    assert numbers(report) == {"Accounts": [3, 1, 1, 1, 0], "DomainCounts": [4, 0, 1, 3, 0]}
    answer = client.get(f"{PATH}/0000001").json()
    assert answer["company"] == "Other" and answer["widgetDisplayCount"] == 31
    assert client.get(f"{PATH}/by-apiKey/{KEY}").json()["id"] == "0000001"
    first[0]["apiKey"], first[0]["company"] = OTHER_KEY, None
    write(tmp_path, "list.json", first)
    assert numbers(moved(installation, "--from", file))["Accounts"] == [3, 0, 1, 2, 0]
    assert client.get(f"{PATH}/by-apiKey/{OTHER_KEY}").json()["company"] is None
    assert client.get(f"{PATH}/by-apiKey/{KEY}").status == 404
    stranger = installation.client()
    assert [stranger.get(f"/api/test?apiKey={key}").status for key in (OTHER_KEY, KEY)] == [200, 401]


def test_what_an_older_service_does_not_tell(private_installation, tmp_path):
    """Without hashes and keys: an account that has them here keeps them when it changes there."""
    installation = private_installation()
    client = installation.client(installation.admin_key)
    former = [account(1, domainCountData=[])]
    del former[0]["passwordHash"]
    file = write(tmp_path, "list.json", former)
    assert "needs a new one" in told(moved(installation, "--from", file), "Accounts", "0000001")
    key = client.post(f"{PATH}/0000001/apiKey").json()["apiKey"]
    client.put(f"{PATH}/0000001", {"passwordHash": BCRYPT})
    former[0]["company"] = "Other"
    write(tmp_path, "list.json", former)
    report = moved(installation, "--from", file)
    assert numbers(report) == {"Accounts": [1, 0, 1, 0, 0]} and report["notes"] == []
    assert client.get(f"{PATH}/by-apiKey/{key}").json()["company"] == "Other"
    assert installation.sql("SELECT password_hash FROM hosting_client") == [[BCRYPT]]


def test_domains_as_a_whole(private_installation, tmp_path):
    """Their own list, put into the accounts: identifiers and settings stay, loads come from beside them."""
    installation = private_installation()
    client = installation.client(installation.admin_key)
    domain = {"id": "1ed845d", "name": "www.example.org", "path": "/shop", "country": "DE", "whitelabel": True,
              "consentCookieLifetime": 30, "iframeMarkers": ["a", "b"], "tcfSpecialFeatures": [1, 2],
              "managementStructure": "cookie", "unheard": 1}
    file = write(tmp_path, "list.json", [account(1, domains=[domain])])
    report = moved(installation, "--from", file)
    assert numbers(report) == {"Accounts": [1, 1, 0, 0, 0], "Domains": [1, 1, 0, 0, 0], "DomainCounts": [1, 1, 0, 0, 0]}
    assert "member unheard is not known here" in told(report, "Domains")
    assert report["by"]["DomainCounts"]["left"] == 1
    answer = client.get(f"{PATH}/0000001/domain/1ed845d").json()
    assert {name: answer[name] for name in domain if name != "unheard"} == {
        name: value for name, value in domain.items() if name != "unheard"}
    assert client.get(f"{PATH}/0000001").json()["widgetDisplayCount"] == 30
    domain["whitelabel"] = False
    write(tmp_path, "list.json", [account(1, domains=[domain])])
    assert numbers(moved(installation, "--from", file))["Domains"] == [1, 0, 1, 0, 0]
    domain["whitelabel"] = True
    write(tmp_path, "list.json", [account(1, domains=[domain, {"id": "1ed845e", "name": "no.example.org"}],
                                          domainCountData=[{"domName": "small.example.org"}])])
    assert numbers(moved(installation, "--from", file))["Domains"] == [2, 1, 1, 0, 0]
    assert client.get(f"{PATH}/0000001/domain/1ed845d").json()["whitelabel"] is True
    assert client.get(f"{PATH}/0000001").json()["widgetDisplayCount"] == 30


def test_several_files_and_older_forms(private_installation, tmp_path):
    """Accounts one by one, behind each other, from standard input, and loads from a list of their own."""
    installation = private_installation()
    loads = write(tmp_path, "loads.json", [{"userId": "0000001", "actualCallCount": 7,
                                            "domainCountData": [{"domainName": "www.example.org", "callCount": 7}]}])
    accounts = "".join(json.dumps(account(number, domainCountData=[])) + "\n" for number in (1, 2))
    report = moved(installation, "--from", "-", loads, given=accounts)
    assert report["status"] == 0 and report["source"] == "standard input and 1 more" and report["notes"] == []
    assert numbers(report) == {"Accounts": [2, 2, 0, 0, 0], "DomainCounts": [1, 1, 0, 0, 0]}
    assert installation.client(installation.admin_key).get(f"{PATH}/0000001").json()["widgetDisplayCount"] == 7


REFUSED = [
    ({"username": ""}, "username has no value"),
    ({"emailAddress": "nobody"}, "emailAddress must"),
    ({"emailAddress": None}, "emailAddress has no value"),
    ({"domainMaxCount": "many"}, None),
    ({"id": None}, "has no id"),
]


def test_what_cannot_be_taken(private_installation, tmp_path):
    installation = private_installation()
    client = installation.client(installation.admin_key)
    taken = client.post(PATH, {"username": "former9", "emailAddress": "a@example.org", "password": "secret"}).json()
    accounts = [account(number, domainCountData=[]) | members for number, (members, _) in enumerate(REFUSED, 1)]
    accounts += [
        account(7, company="x" * 300, apiKey="short", domainCountData=[]),
        account(8, passwordHash="broken", domainCountData=[], agencyId=5, features={"canUseMagic": True}),
        account(9, domainCountData=[{"domName": "no host", "count": 1}, {"count": 2}]),
        account(10, username="former7", apiKey=KEY, domainCountData=[]),
        account(11, apiKey=KEY, domainCountData=[]),
        account(12, domainMaxCount=1),
        account(13, domainCountData=[]) | {"id": "thirteen"},
        account(14, domainCountData=[]) | {"id": taken["id"]},
        "nothing"]
    file = write(tmp_path, "list.json", accounts)
    report = moved(installation, "--from", file, "--map", tmp_path / "map.csv")
    assert report["status"] == 1 and report["by"]["Accounts"]["read"] == 14
    for number, (_, reason) in enumerate(REFUSED, 1):
        key = f"{number:07x}" if number != 5 else f"{file}:{line_of(file, 'former5')}"
        assert (reason or "it was left out") in told(report, "Accounts", key), (number, report["notes"])
    assert "cut" in told(report, "Accounts", "0000007") and "apiKey must" in told(report, "Accounts", "0000007")
    assert "needs a new one" in told(report, "Accounts", "0000008")
    assert "canUseMagic" in told(report, "Accounts", "0000008") and "member agencyId" in told(report, "Accounts")
    assert "former9~0000009" in told(report, "Accounts", "0000009")
    assert "former7~0000007" in told(report, "Accounts", "0000007")
    assert "already" in told(report, "Accounts", "000000b")
    assert "at most 7 characters" in told(report, "Accounts", "thirteen")
    assert "another row's" in told(report, "Accounts", taken["id"])
    assert "is no object" in told(report, "Accounts")
    assert "name must" in told(report, "DomainCounts", "0000009|no host") and "has no domName" in told(report, "DomainCounts")
    answer = client.get(f"{PATH}/000000c").json()
    assert (answer["domainCount"], answer["domainMaxCount"]) == (2, 1), answer
    assert "thirteen" in (tmp_path / "map.csv").read_text()
    assert moved(installation, "--from", file)["by"]["Accounts"]["unchanged"] == report["by"]["Accounts"]["added"]


def line_of(file, text):
    """Where the object begins that has the text."""
    lines = file.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if f'"{text}"' in line)
    return max(number for number in range(at) if lines[number].strip() == "{") + 1


def test_the_same_account_twice(private_installation, tmp_path):
    installation = private_installation()
    file = write(tmp_path, "list.json", [account(1), account(1), account(2), account(2, company="Later")])
    report = moved(installation, "--from", file)
    assert numbers(report) == {"Accounts": [2, 2, 0, 0, 0], "DomainCounts": [4, 4, 0, 0, 0]}
    assert told(report, "Accounts").strip() == "0000002 is there 2 times with different values; the last ones count"
    client = installation.client(installation.admin_key)
    assert client.get(f"{PATH}/0000002").json()["company"] == "Later"


@pytest.mark.parametrize("text, reason", [
    ("", "it is empty"), ("{}", None), ("[1,", "Line 1, column 4"), ('[{"id": "0000001"}\n{', "expected ',' or ']'"),
    ('{"accounts": []}', "has no id"), ("<a/>", "it is XML"), ("[\xff", "UTF-8"), ("[" * 200, "levels"),
    ("id;username\n", "separate columns by commas"), ("\xff\xfe[\0]\0", "UTF-16"),
    ('"text"', 'there is no column "id"'), ("7", "name the columns")])
def test_files_that_are_none(installation, tmp_path, text, reason):
    file = tmp_path / "list.json"
    file.write_text(text, encoding="latin-1")
    result = run(installation, "hosting", "--from", file)
    assert result.returncode == 1, result
    assert (reason or "") in result.stderr and (not reason or str(file) in result.stderr), result.stderr


def test_command_line(installation, tmp_path):
    assert run(installation, "hosting").returncode == 2
    missing = run(installation, "hosting", "--from", tmp_path / "none.json")
    assert missing.returncode == 1 and "cannot be opened" in missing.stderr
    text = run(installation, "hosting", "--from", write(tmp_path, "a.json", [account(1, id=None)]), "--dry-run")
    assert text.returncode == 1 and "Dry run: nothing was stored." in text.stdout and "Accounts" in text.stdout
    assert "a.json:2: not imported: has no id" in text.stderr


def test_csv(private_installation, tmp_path):
    """Columns are members; an empty field is null, and a line that cannot be read is refused with its number."""
    installation = private_installation()
    file = tmp_path / "list.csv"
    file.write_text("\ufeffID,username,emailAddress,passwordHash,features/canUseScripts,company,notes\r\n"
                    f"0000001,ada,ada@example.org,{BCRYPT},false,\"C & \"\"Co\"\"\",\r\n"
                    f"0000002,bob,bob@example.org,{BCRYPT},,,\r\n"
                    "0000003,eve\r\n,nobody,nobody@example.org,,,,\r\n", encoding="utf-8")
    report = moved(installation, "--from", file)
    assert numbers(report) == {"Accounts": [4, 2, 0, 0, 2]} and report["status"] == 1
    assert "has 2 fields, but there are 7 columns" in told(report, "Accounts", f"{file}:4")
    assert "has no id" in told(report, "Accounts", f"{file}:5")
    assert "member features/canUseScripts is not known" in told(report, "Accounts") and "notes" not in told(report, "Accounts")
    client = installation.client(installation.admin_key)
    assert client.get(f"{PATH}/0000001").json()["company"] == 'C & "Co"'
    assert client.get(f"{PATH}/0000002").json()["company"] is None
    file.write_text("id,username,USERNAME\n")
    assert "list.csv: line 1: the column \"USERNAME\" is there twice" in run(installation, "hosting", "--from", file).stderr
