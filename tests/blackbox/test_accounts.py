"""Users and accounts as programs of the credentials family's original know them: one table of users, another view."""

import json
import re
import uuid

import pytest

from harness.families import unique
from harness.samples import sample as read_sample

USERS, ACCOUNTS = "/api/v1/admin/users", "/api/v1/admin/accounts"
GET_ALL = "/api/v1/UserAdminAPI/GetAllUsers"
TOP = "0c4f7e52-9d1b-4a86-b0e3-6a52d8f1c790"
ZEROES = "00000000-0000-0000-0000-000000000000"
PASSWORD = "a passphrase of some words"


def detail(answer):
    assert answer.status == 200, answer
    return answer.value["ResponseData"]["Detail"]


def rows(api, answer):
    """The rows of a list, also where XML has one alone, or none."""
    assert answer.status == 200, answer
    if not api.is_xml:
        return detail(answer)
    return [{member.tag: member.text for member in row} for row in answer.xml().find("ResponseData/Detail")]


def refused(answer, status, word):
    assert answer.status == status, answer
    assert answer.value.get("ResponseData") is None
    assert answer.value["Error"]["ErrorCode"] == word, answer
    return answer.value["Error"]["ErrorReason"]


def true(api, value):
    return value == ("true" if api.is_xml else True)


def request_of(**members):
    name = unique("first")
    return {"CompanyName": unique("Company"), "Email": f"{name}@example.org", "Username": name, "Firstname": "Ada",
            "Lastname": "Lovelace", "Password": PASSWORD} | members


@pytest.fixture
def made(credentials):
    """An account below the top one; Manager is its first user."""
    request = request_of()
    made = detail(credentials.post(f"{ACCOUNTS}/{TOP}", "AccountRequest", request))
    found = rows(credentials, credentials.get(f"{GET_ALL}?accountID={made['ID']}"))
    assert [user["Username"] for user in found] == [request["Username"]]
    return made | {"Manager": found[0]["ID"], "Username": request["Username"]}


@pytest.fixture
def manager(installation, credentials, made):
    """A caller who manages that account."""
    return type(credentials)(installation.client(installation.create_key(made["Username"])), credentials.family,
                             credentials.media)


@pytest.fixture
def user(installation):
    name = unique("user")
    return {"ID": installation.create_user(name, "Sales"), "Username": name}


# --- users ---

def test_user(installation, credentials, user):
    found = detail(credentials.get(f"{USERS}/{user['ID']}"))
    credentials.check(found, {
        "ID": user["ID"], "AccountID": TOP, "AdminUser": False, "AgreementDate": None, "DeclineDate": None,
        "DisplayName": user["Username"], "Enabled": True, "LanguageID": ZEROES, "Password": None, "Pin": None,
        "TimeZone": None, "Username": user["Username"]})
    assert credentials.is_xml or found["Preferences"] == 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", found["DateCreated"]), found
    assert credentials.get(f"{USERS}/{uuid.uuid4()}").status == 404
    assert credentials.get(f"{USERS}/nobody").status == 400


def test_members_are_those_of_the_sample_in_order(installation, user):
    sample = json.loads(read_sample("credentials/user.response.json"))["ResponseData"]["Detail"]
    answer = installation.client(installation.admin_key).get(f"{USERS}/{user['ID']}")
    assert list(answer.json()["ResponseData"]["Detail"]) == list(sample)


def test_list(credentials, user):
    found = rows(credentials, credentials.get(USERS))
    assert user["ID"] in [each["ID"] for each in found]
    names = [each["Username"] for each in found]
    assert names == sorted(names, key=str.lower)
    assert [each["ID"] for each in rows(credentials, credentials.get(f"{GET_ALL}?accountID={TOP}"))
            if each["ID"] == user["ID"]]
    assert user["ID"] in [each["ID"] for each in rows(credentials, credentials.get(GET_ALL))]
    assert "accountID" in refused(credentials.get(f"{GET_ALL}?accountID=mine"), 400, "VALIDATION_FAILED")
    assert credentials.get(f"{GET_ALL}?accountID={uuid.uuid4()}").status == 404


def test_change(installation, credentials, user):
    language = str(uuid.uuid4())
    changes = {"DisplayName": "Ada L.", "EmailAddress": "ada@example.org", "Enabled": True, "LanguageID": language,
               "MobilePhone": "+44 (0)20 123-45", "TimeZone": "GMT Standard Time", "Username": unique("renamed")}
    changed = detail(credentials.put(f"{USERS}/{user['ID']}", "User", changes))
    credentials.check(changed, {"ID": user["ID"]} | changes)
    # It is the one table of users.
    [other] = installation.client(installation.admin_key).get(
        f"/v1/users?filter=id%3D'{user['ID']}'").json()["users"]
    assert (other["displayName"], other["mobile"], other["timeZone"], other["languageId"], other["accountId"]) == (
        "Ada L.", "+44 (0)20 123-45", "GMT Standard Time", language, TOP)
    assert other["roles"] == ["Sales"]


def test_what_was_read_can_be_sent_back(installation, credentials, user):
    """As typed programs do, also where a telephone is stored that is none by the rule."""
    installation.sql(f"UPDATE user SET mobile = '12', email = 'nobody' WHERE id = '{user['ID']}'")
    found = detail(credentials.get(f"{USERS}/{user['ID']}"))
    again = detail(credentials.put(f"{USERS}/{user['ID']}", "User", found))
    assert again["MobilePhone"] == "12" and again["Username"] == user["Username"]


@pytest.mark.parametrize("members, words", [
    ({"DisplayName": ""}, ["DisplayName", "required"]),
    ({"Username": " "}, ["Username", "required"]),
    ({"MobilePhone": "1234"}, ["MobilePhone", "telephone"]),
    ({"MobilePhone": "12 34 (-)"}, ["MobilePhone"]),
    ({"MobilePhone": "++49123456"}, ["MobilePhone"]),
    ({"MobilePhone": "1" * 21}, ["MobilePhone"]),
    ({"EmailAddress": "no address"}, ["EmailAddress"]),
    ({"Password": "short"}, ["Password", "12"]),
    ({"Enabled": "perhaps"}, ["Enabled"]),
    ({"LanguageID": "english"}, ["LanguageID"]),
    ({"TimeZone": "x" * 65}, ["TimeZone", "64"]),
    ({"Usrname": "x"}, ["Usrname", "Username"]),
    ({"MobilePhone": "1", "EmailAddress": "no address"}, ["MobilePhone", "EmailAddress"]),
])
def test_rules(credentials, user, members, words):
    reason = refused(credentials.put(f"{USERS}/{user['ID']}", "User", members), 400, "VALIDATION_FAILED")
    for word in words:
        assert word in reason, reason


def test_taken_name(installation, credentials, user):
    other = unique("other")
    installation.create_user(other)
    reason = refused(credentials.put(f"{USERS}/{user['ID']}", "User", {"Username": other.upper()}), 409, "DUPLICATE_NAME")
    assert "userName" not in reason


def test_password(installation, credentials, user):
    answer = credentials.put(f"{USERS}/{user['ID']}", "User", {"Password": PASSWORD})
    assert detail(answer).get("Password") is None and PASSWORD not in answer.text
    login = {"userName": user["Username"], "password": PASSWORD}
    assert installation.client().post("/v1/session", login).status == 200
    # What is empty or null stays.
    for value in ("", None):
        detail(credentials.put(f"{USERS}/{user['ID']}", "User", {"Password": value, "Pin": "1234"}))
    assert installation.client().post("/v1/session", login).status == 200


def test_own_password_needs_the_current_one(installation, credentials):
    name = unique("self")
    own = installation.create_user(name, "Administrator")
    installation.client(installation.admin_key).put(f"{USERS}/{own}", {"Password": PASSWORD})
    api = type(credentials)(installation.client(installation.create_key(name)), credentials.family, credentials.media)
    new = {"Password": "quite another passphrase"}
    assert "current password" in refused(api.put(f"{USERS}/{own}", "User", new), 400, "VALIDATION_FAILED")
    detail(api.put(f"{USERS}/{own}", "User", new | {"CurrentPassword": PASSWORD}))


def test_tag(installation, credentials, user):
    read = credentials.get(f"{USERS}/{user['ID']}")
    tag = read.headers["etag"]
    assert credentials.get(f"{USERS}/{user['ID']}", headers={"If-None-Match": tag}).status == 304
    assert credentials.put(f"{USERS}/{user['ID']}", "User", {"TimeZone": "UTC"}, headers={"If-Match": tag}).status == 200
    refused(credentials.put(f"{USERS}/{user['ID']}", "User", {"TimeZone": "GMT"}, headers={"If-Match": tag}), 412,
            "STALE")


def test_disabling_ends_sessions(installation, credentials, user):
    key = installation.create_key(user["Username"])
    assert installation.client(key).get("/v1/orders").status == 200
    detail(credentials.put(f"{USERS}/{user['ID']}", "User", {"Enabled": False}))
    assert installation.client(key).get("/v1/orders").status == 401


def test_a_change_leaves_one_entry(installation, credentials, user):
    answer = credentials.put(f"{USERS}/{user['ID']}", "User", {"TimeZone": "UTC"})
    assert answer.status == 200
    [[name, after]] = installation.sql(
        f"SELECT resource, after_row FROM audit_entry WHERE request_id = '{answer.request_id}'")
    assert name == "user" and json.loads(after).keys() == {"timeZone", "updatedAt"}


# --- who manages ---

def roles(installation, user):
    return {row[0] for row in installation.sql(
        f"SELECT r.name FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = '{user}'")}


def test_toggle(installation, credentials, user):
    for status, expected in (("ADMIN_USER", {"Sales", "Administrator"}), ("STANDARD_USER", {"Sales"})):
        answer = credentials.call("PATCH", f"{USERS}/{user['ID']}/access")
        assert detail(answer) == status and roles(installation, user["ID"]) == expected
        assert true(credentials, detail(credentials.get(f"{USERS}/{user['ID']}"))["AdminUser"]) == (status == "ADMIN_USER")
    assert credentials.call("PATCH", f"{USERS}/{uuid.uuid4()}/access").status == 404


def test_toggle_by_member(installation, credentials, user):
    for value, expected in ((True, {"Sales", "Administrator"}), (False, {"Sales"})):
        changed = detail(credentials.put(f"{USERS}/{user['ID']}", "User", {"AdminUser": value}))
        assert true(credentials, changed["AdminUser"]) == value and roles(installation, user["ID"]) == expected


def test_shape_of_a_text(installation, user):
    def shape(text):
        return re.sub(r">[^<]+<", "><", re.sub(r">\s+<", "><", text)) if text.startswith("<") else \
            re.sub(r'": "?[^{}",]+"?', '": 1', text)

    client = installation.client(installation.admin_key)
    path = f"{USERS}/{user['ID']}/access"
    answer = client.call("PATCH", path, accept="application/xml")
    sample = re.sub(r"<Error>.*?</Error>", "", shape(read_sample("credentials/access.response.xml").strip()))
    assert shape(answer.text) == sample
    sample = json.loads(read_sample("credentials/access.response.json"))["ResponseData"]
    assert list(client.call("PATCH", path).json()["ResponseData"]) == list(sample)


def test_last_administrator(private_installation):
    installation = private_installation()
    client = installation.client(installation.admin_key)
    for answer in (client.call("PATCH", f"{USERS}/{installation.admin_id}/access"),
                   client.put(f"{USERS}/{installation.admin_id}", {"AdminUser": False}),
                   client.put(f"{USERS}/{installation.admin_id}", {"Enabled": False})):
        assert answer.status == 409 and answer.json()["Error"]["ErrorCode"] == "LAST_ADMINISTRATOR", answer


# --- accounts ---

def test_own_account(credentials):
    own = detail(credentials.get(ACCOUNTS))
    credentials.check(own, {"ID": TOP, "AccountID": TOP, "Type": "Master", "LanguageID": ZEROES, "SMSPassword": None,
                            "SCIMEnabled": False, "TwoFactorEnabled": False, "Timeout": 0})


def test_members_of_an_account_are_those_of_the_sample_in_order(installation):
    sample = json.loads(read_sample("credentials/account.response.json"))["ResponseData"]["Detail"]
    answer = installation.client(installation.admin_key).get(ACCOUNTS).json()["ResponseData"]["Detail"]
    assert list(answer) == list(sample)
    assert (answer["AnyTimeBalance"], answer["OffPeakBalance"], answer["Preferences"]) == (0, 0, [])


def test_sample_of_a_new_account(installation):
    """Its bytes, as they are, but for a password that is made of the user name, as no password may be."""
    client, body = installation.client(installation.admin_key), read_sample("credentials/new_account.request.json")
    answer = client.post(f"{ACCOUNTS}/{TOP}", body, content_type="application/json")
    assert answer.status == 400 and answer.json()["Error"]["ErrorReason"] == (
        "The Password field must not be derived from the user name.")
    answer = client.post(f"{ACCOUNTS}/{TOP}", body.replace("sample string 8", PASSWORD), content_type="application/json")
    assert answer.status == 200, answer
    made = answer.json()["ResponseData"]["Detail"]
    assert (made["Name"], made["Address"], made["EmailAddress"], made["PhoneNumber"], made["Website"]) == (
        "sample string 2", "sample string 1", "sample string 3", "sample string 7", "sample string 11")
    for media in ("json", "xml"):
        name, content_type = f"credentials/user_account.request.{media}", f"application/{media}"
        sample = read_sample(name).replace("ea691e9f-f9b5-49c3-9d1a-68301489073e", made["ID"])
        user = installation.create_user(unique("sampled"))
        answer = client.post(f"{USERS}/{user}/accounts", sample, content_type=content_type)
        assert answer.status == 200 and answer.json()["ResponseData"]["Detail"] == {}, answer
        [access] = client.get(f"{USERS}/{user}/accounts").json()["ResponseData"]["Detail"]
        assert (access["AccountID"], access["AccessLevel"]) == (made["ID"], 0)
    answer = client.call("DELETE", f"{ACCOUNTS}/{made['ID']}", read_sample("credentials/account_deletion.request.json"),
                         content_type="application/json")
    assert answer.status == 200, answer


def test_new_account(installation, credentials, made):
    credentials.check(made, {"AccountID": TOP, "Type": "Sub", "FirstName": "Ada", "LastName": "Lovelace"})
    first = detail(credentials.get(f"{USERS}/{made['Manager']}"))
    credentials.check(first, {"AccountID": made["ID"], "AdminUser": True, "DisplayName": "Ada Lovelace"})
    assert roles(installation, made["Manager"]) == {"AccountManager"}
    login = {"userName": made["Username"], "password": PASSWORD}
    assert installation.client().post("/v1/session", login).status == 200


@pytest.mark.parametrize("members, status, word, text", [
    ({"Email": None}, 400, "VALIDATION_FAILED", "Email"),
    ({"Username": ""}, 400, "VALIDATION_FAILED", "Username"),
    ({"Firstname": None, "Lastname": None}, 400, "VALIDATION_FAILED", "Lastname"),
    ({"Password": "short"}, 400, "VALIDATION_FAILED", "Password"),
    ({"CompanyName": "x" * 256}, 400, "VALIDATION_FAILED", "CompanyName"),
    ({"Compny": "x"}, 400, "VALIDATION_FAILED", "CompanyName"),
    ({"Username": "admin"}, 409, "DUPLICATE_NAME", ""),
])
def test_rules_of_a_new_account(installation, credentials, members, status, word, text):
    if members.get("Username") == "admin":
        members = {"Username": installation.sql(
            f"SELECT user_name FROM user WHERE id = '{installation.admin_id}'")[0][0]}
    before = installation.sql("SELECT COUNT(*) FROM account")
    assert text in refused(credentials.post(f"{ACCOUNTS}/{TOP}", "AccountRequest", request_of(**members)), status, word)
    assert installation.sql("SELECT COUNT(*) FROM account") == before


def test_change_of_an_account(credentials, made):
    changes = {"Address": "1 Harbour Street", "ContactNumber": "020 123456", "Disclaimer": "None.",
               "EmailAddress": "office@example.org", "FirstName": "Grace", "LastName": "Hopper", "LogoName": "a.png",
               "Name": unique("Renamed"), "TimeZone": "UTC", "Website": "https://example.org"}
    ignored = {"SMSUsername": "x", "SMSPassword": "a secret of theirs", "PhoneNumber": "1", "AnyTimeBalance": 5}
    path = f"{ACCOUNTS}/{made['ID']}"
    changed = detail(credentials.put(path, "Account", changes | ignored))
    credentials.check(changed, {"ID": made["ID"], "SMSUsername": None, "SMSPassword": None, "PhoneNumber": None} | changes)
    assert detail(credentials.get(path)) == changed
    for members, word in (({"ContactNumber": "12"}, "ContactNumber"), ({"EmailAddress": "x y"}, "EmailAddress"),
                          ({"Name": ""}, "Name"), ({"TwoFactorEnabled": True}, "second_factor")):
        assert word in refused(credentials.put(path, "Account", members), 400, "VALIDATION_FAILED")


def test_accounts_below(credentials, made):
    names = sorted(unique("below") for _ in range(3))
    for name in reversed(names):
        detail(credentials.post(f"{ACCOUNTS}/{made['ID']}", "AccountRequest", request_of(
            CompanyName=name, MobilePhone="0170 555", Email=f"{name}@example.net")))
    path = f"{ACCOUNTS}/{made['ID']}/accounts"

    def listed(query=""):
        return [each["Name"] for each in rows(credentials, credentials.get(path + query))]

    assert listed() == [made["Name"]] + names
    assert listed(f"?Name={names[1].upper()}") == [made["Name"], names[1]]
    assert listed(f"?EmailAddress={names[2]}%40&Name=below") == [made["Name"], names[2]]
    assert listed("?MobilePhone=0170%20555") == [made["Name"]] + names
    assert listed("?MobilePhone=%25") == [made["Name"]]
    assert names[0] not in [each["Name"] for each in rows(credentials, credentials.get(f"{ACCOUNTS}/{TOP}/accounts"))]


def test_deletion(installation, credentials, made):
    below = [detail(credentials.post(f"{ACCOUNTS}/{made['ID']}", "AccountRequest", request_of())) for _ in range(2)]
    key = installation.create_key(made["Username"])
    path = f"{ACCOUNTS}/{made['ID']}"
    assert "below" in refused(credentials.delete(path), 409, "IN_USE")
    options = {"CancelPendingMessages": True, "ExpireAdvancedMessages": 0, "TransferSubsChildAccounts": True}
    answer = credentials.call("DELETE", path, "AccountDeleteOptions", options)
    assert answer.status == 200, answer
    for each in below:
        assert detail(credentials.get(f"{ACCOUNTS}/{each['ID']}"))["AccountID"] == TOP
    assert credentials.get(path).status == 404 and credentials.delete(path).status == 404
    assert installation.client(key).get(ACCOUNTS).status == 401
    # Data stays.
    assert installation.sql(f"SELECT name FROM account WHERE id = '{made['ID']}'") == [[made["Name"]]]
    assert installation.sql(f"SELECT enabled FROM user WHERE id = '{made['Manager']}'") == [["0"]]


def test_deletion_with_those_below(installation, credentials, made):
    child = detail(credentials.post(f"{ACCOUNTS}/{made['ID']}", "AccountRequest", request_of()))
    grandchild = detail(credentials.post(f"{ACCOUNTS}/{child['ID']}", "AccountRequest", request_of()))
    answer = credentials.call("DELETE", f"{ACCOUNTS}/{made['ID']}", "AccountDeleteOptions",
                              {"TransferSubsChildAccounts": True, "DeleteSubsChildAccounts": True})
    assert answer.status == 200, answer
    for each in (made, child, grandchild):
        assert credentials.get(f"{ACCOUNTS}/{each['ID']}").status == 404
        assert installation.sql(f"SELECT COUNT(*) FROM user WHERE enabled AND account_id = '{each['ID']}'") == [["0"]]


def test_top_account_stays(credentials):
    refused(credentials.delete(f"{ACCOUNTS}/{TOP}"), 409, "TOP_ACCOUNT")


def test_levels_are_bounded(installation, credentials):
    account = str(uuid.uuid4())
    installation.sql(f"INSERT INTO account (id, parent_id, level, name) VALUES ('{account}', '{TOP}', 16, 'Deep')")
    refused(credentials.post(f"{ACCOUNTS}/{account}", "AccountRequest", request_of()), 409, "TOO_MANY_LEVELS")


# --- who sees what ---

def test_manager_sees_the_own_account_and_those_below(installation, credentials, made, manager, user):
    child = detail(manager.post(f"{ACCOUNTS}/{made['ID']}", "AccountRequest", request_of()))
    other = detail(credentials.post(f"{ACCOUNTS}/{TOP}", "AccountRequest", request_of()))
    assert detail(manager.get(ACCOUNTS))["ID"] == made["ID"]
    assert {each["AccountID"] for each in rows(manager, manager.get(USERS))} == {made["ID"], child["ID"]}
    assert len(rows(manager, manager.get(f"{USERS}?IncludeSuperUsers=true"))) == 2
    assert len(rows(manager, manager.get(GET_ALL))) == 1
    for path in (f"{ACCOUNTS}/{TOP}", f"{ACCOUNTS}/{TOP}/accounts", f"{ACCOUNTS}/{other['ID']}",
                 f"{GET_ALL}?accountID={other['ID']}", f"{USERS}/{user['ID']}", f"{USERS}/{installation.admin_id}",
                 f"{USERS}/{user['ID']}/accounts"):
        answer = manager.get(path)
        refused(answer, 401, "NOT_AUTHORIZED")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    # What is refused is not counted as a wrong credential.
    assert manager.get(ACCOUNTS).status == 200


def test_manager_changes_no_more(installation, credentials, made, manager, user):
    child = detail(manager.post(f"{ACCOUNTS}/{made['ID']}", "AccountRequest", request_of()))
    calls = [
        ("PUT", f"{USERS}/{user['ID']}", "User", {"DisplayName": "x"}),
        ("PUT", f"{USERS}/{installation.admin_id}", "User", {"Password": PASSWORD, "CurrentPassword": "guessed"}),
        ("PATCH", f"{USERS}/{user['ID']}/access", None, None),
        ("PUT", f"{ACCOUNTS}/{TOP}", "Account", {"Name": "x"}),
        ("POST", f"{ACCOUNTS}/{TOP}", "AccountRequest", request_of()),
        ("DELETE", f"{ACCOUNTS}/{TOP}", None, None),
        ("DELETE", f"{ACCOUNTS}/{child['ID']}", None, None),
        ("POST", f"{USERS}/{made['Manager']}/accounts", "UserAccount", {"AccountID": TOP}),
        ("POST", f"{USERS}/{user['ID']}/accounts", "UserAccount", {"AccountID": made["ID"]}),
    ]
    for call in calls:
        refused(manager.call(*call), 401, "NOT_AUTHORIZED")


def test_manager_gives_no_more_than_that_one_has(installation, credentials, made, manager):
    """Users of the own account who may do more are left alone; others become managers, and no more."""
    member = installation.create_user(unique("member"))
    seller = installation.create_user(unique("seller"), "Sales")
    for user in (member, seller):
        installation.sql(f"UPDATE user SET account_id = '{made['ID']}' WHERE id = '{user}'")
    for members in ({"Password": PASSWORD}, {"EmailAddress": "mine@example.org"}, {"Enabled": False}):
        refused(manager.put(f"{USERS}/{seller}", "User", members), 403, "BEYOND_CALLER")
    refused(manager.call("PATCH", f"{USERS}/{seller}/access"), 403, "BEYOND_CALLER")
    detail(manager.put(f"{USERS}/{member}", "User", {"EmailAddress": "member@example.org"}))
    assert detail(manager.call("PATCH", f"{USERS}/{member}/access")) == "ADMIN_USER"
    assert roles(installation, member) == {"AccountManager"}
    for path in ("/v1/users", "/v1/api-keys", "/api/v1/admin/clients", "/api/v1/admin/sessions"):
        assert manager.get(path).status == 403


def test_super_users(installation, credentials, made, manager):
    """Administrators of other accounts than the caller's are left out unless they are asked for."""
    name = unique("super")
    above = installation.create_user(name, "Administrator")
    installation.sql(f"UPDATE user SET account_id = '{made['ID']}' WHERE id = '{above}'")

    def listed(query):
        return above in [each["ID"] for each in rows(credentials, credentials.get(USERS + query))]

    assert [listed(query) for query in ("", "?IncludeSuperUsers=false", "?includesuperusers=True")] == [False, False, True]
    assert above in [each["ID"] for each in rows(manager, manager.get(USERS))]


def test_access(installation, credentials, made, manager):
    other = detail(credentials.post(f"{ACCOUNTS}/{TOP}", "AccountRequest", request_of()))
    path = f"{USERS}/{made['Manager']}/accounts"
    refused(manager.get(f"{ACCOUNTS}/{other['ID']}"), 401, "NOT_AUTHORIZED")
    detail(credentials.post(path, "UserAccount", {"AccountID": other["ID"], "AccessLevel": 0}))
    assert detail(manager.get(f"{ACCOUNTS}/{other['ID']}"))["Name"] == other["Name"]
    assert len(rows(manager, manager.get(f"{GET_ALL}?accountID={other['ID']}"))) == 1
    refused(manager.put(f"{ACCOUNTS}/{other['ID']}", "Account", {"Name": "x"}), 401, "NOT_AUTHORIZED")
    level = "ADMIN_USER" if credentials.is_xml else 1
    detail(credentials.post(path, "UserAccount", {"AccountID": other["ID"], "AccessLevel": level}))
    detail(manager.put(f"{ACCOUNTS}/{other['ID']}", "Account", {"Name": unique("by access")}))
    [access] = rows(credentials, credentials.get(path))
    assert access["AccountID"] == other["ID"]
    answer = credentials.delete(f"{path}/{other['ID']}")
    assert answer.status == 200, answer
    refused(manager.get(f"{ACCOUNTS}/{other['ID']}"), 401, "NOT_AUTHORIZED")
    assert credentials.delete(f"{path}/{other['ID']}").status == 404


def test_rules_of_access(credentials, user):
    path = f"{USERS}/{user['ID']}/accounts"
    for members, word in (({}, "AccountID"), ({"AccountID": "mine"}, "AccountID"),
                          ({"AccountID": TOP, "AccessLevel": 7}, "AccessLevel")):
        assert word in refused(credentials.post(path, "UserAccount", members), 400, "VALIDATION_FAILED")
    assert credentials.post(path, "UserAccount", {"AccountID": str(uuid.uuid4())}).status == 404
    assert credentials.post(f"{USERS}/{uuid.uuid4()}/accounts", "UserAccount", {"AccountID": TOP}).status == 404


def test_strangers(installation, user):
    for key, status in (("", 401), (installation.create_key(user["Username"]), 403)):
        client = installation.client(key)
        for path in (USERS, f"{USERS}/{user['ID']}", GET_ALL, ACCOUNTS, f"{ACCOUNTS}/{TOP}", f"{ACCOUNTS}/{TOP}/accounts"):
            assert client.get(path, key=key).status == status


def test_forms(installation, user):
    client = installation.client(installation.admin_key)
    answer = client.put(f"{USERS}/{user['ID']}", "DisplayName=Ada+L.&TimeZone=UTC",
                        content_type="application/x-www-form-urlencoded")
    assert answer.status == 200 and answer.json()["ResponseData"]["Detail"]["DisplayName"] == "Ada L.", answer
