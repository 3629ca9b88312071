"""Delegates of a group: who may act for its clients."""

import pytest

from harness.families import unique
from test_delegates import associate, make_group, make_person

SETTINGS = ["canBookSubscriptions", "canBookTrips", "canEditProfile", "canViewProfile", "canCancelTrips",
            "canManagePassengerFeedback", "canEditCasualTrips", "canEditSubscriptionTrips", "canTopUpAccount",
            "canViewTransactionHistory", "canPerformMileageReimbursementTrips", "canBookMileageReimbursementTrips",
            "canBookSubscriptionMileageReimbursementTrips"]
MEMBERS = ["id", "delegateGroupId", "firstName", "lastName", "phone", "username", "email", "role", "comments",
           "addressComments", "securitySettings", "canManageClients", "canManageDelegates", "canManageLocations",
           "inheritGroupSecurity"]


@pytest.fixture
def group(delegates):
    return make_group(delegates, securitySettings={"canBookTrips": True})


def path_of(group, delegate=None):
    path = f"/api/delegategroups/{group['id']}/delegate"
    return f"{path}s" if delegate is None else f"{path}/{delegate['id']}"


def add(api, group, **members):
    answer = api.post(path_of(group), "Delegate", {"lastName": "Hopper"} | members)
    assert answer.status == 200, answer
    return answer.value


def names(rows):
    return [row["lastName"] for row in rows]


def test_members(delegates, group):
    made = add(delegates, group, firstName="Grace", phone="555", username="ghopper", email="grace@example.org",
               role="Dispatcher", comments="c", addressComments="a", canManageClients=True)
    answer = delegates.get(path_of(group, made))
    assert answer.status == 200 and answer.value == made and answer.headers["etag"]
    delegates.check(made, {
        "delegateGroupId": int(group["id"]), "firstName": "Grace", "lastName": "Hopper", "phone": "555",
        "username": "ghopper", "email": "grace@example.org", "role": "Dispatcher", "comments": "c",
        "addressComments": "a", "canManageClients": True, "canManageDelegates": False, "canManageLocations": False,
        "inheritGroupSecurity": True, "userId": None})
    if delegates.is_xml:
        assert list(made) == sorted(made, key=str.lower)
    else:
        assert list(made)[:len(MEMBERS)] == MEMBERS and list(made["securitySettings"]) == SETTINGS


def test_settings_fall_back_to_the_groups(delegates, group):
    made = add(delegates, group)
    delegates.check(made["securitySettings"], {"canBookTrips": True, "canEditProfile": False})
    # What is sent is the delegate's own, and what was not, not the group's.
    answer = delegates.put(path_of(group, made), "Delegate", {"securitySettings": {"canEditProfile": True}})
    delegates.check(answer.value, {"inheritGroupSecurity": False,
                                   "securitySettings": {"canBookTrips": False, "canEditProfile": True}})
    # The group's again, and back: nothing is lost.
    for inherit, trips, profile in ((True, True, False), (False, False, True)):
        answer = delegates.put(path_of(group, made), "Delegate", {"inheritGroupSecurity": inherit})
        delegates.check(answer.value["securitySettings"], {"canBookTrips": trips, "canEditProfile": profile})
    answer = delegates.put(path_of(group, made), "Delegate", {"securitySettings": None})
    delegates.check(answer.value, {"inheritGroupSecurity": True, "securitySettings": {"canBookTrips": True}})
    # A change of the group's holds at once.
    answer = delegates.put(f"/api/delegategroups/{group['id']}", "DelegateGroup",
                           {"securitySettings": {"canBookSubscriptionMileageReimbursementTrips": True}})
    delegates.check(answer.value["securitySettings"], {"canBookTrips": True,
                                                       "canBookSubscriptionMileageReimbursementTrips": True})
    value = delegates.get(path_of(group, made)).value
    delegates.check(value["securitySettings"], {"canBookSubscriptionMileageReimbursementTrips": True})
    own = add(delegates, group, securitySettings={"canCancelTrips": True})
    delegates.check(own, {"inheritGroupSecurity": False,
                          "securitySettings": {"canCancelTrips": True, "canBookTrips": False}})


def test_list(delegates, group):
    for last, first in (("Hopper", "Grace"), ("Curie", "Marie"), ("Hopper", "Anna")):
        add(delegates, group, lastName=last, firstName=first)
    rows = delegates.get(path_of(group)).value
    assert [(row["lastName"], row["firstName"]) for row in rows] == [
        ("Curie", "Marie"), ("Hopper", "Anna"), ("Hopper", "Grace")]
    assert names(delegates.get(f"{path_of(group)}?offset=1&count=1").value) == ["Hopper"]
    # As the contract says, of no group there are none.
    for unknown in ("99999999/delegates", "99999999/delegates/0"):
        answer = delegates.get(f"/api/delegategroups/{unknown}")
        assert answer.status == 200, answer
    assert delegates.get("/api/delegategroups/99999999/delegates").value == []


@pytest.mark.parametrize("query, total, found", [
    ("0", 4, ["Curie", "Hopper", "Lovelace", "Noether"]), ("0?count=0", 4, ["Curie", "Hopper", "Lovelace", "Noether"]),
    ("0?count=2", 4, ["Curie", "Hopper"]), ("2?count=2", 4, ["Lovelace", "Noether"]), ("3", 4, ["Noether"]), ("9", 4, []),
    ("0?searchTerm=hop", 1, ["Hopper"]), ("0?searchTerm=EXAMPLE.org", 1, ["Curie"]),
    ("0?searchTerm=emmy%20noe", 1, ["Noether"]), ("0?searchTerm=adal", 1, ["Lovelace"]), ("0?searchTerm=none", 0, [])])
def test_pages(delegates, query, total, found):
    group = make_group(delegates)
    for members in ({"lastName": "Hopper"}, {"lastName": "Curie", "email": "marie@example.org"},
                    {"lastName": "Noether", "firstName": "Emmy"}, {"lastName": "Lovelace", "username": "adal"}):
        add(delegates, group, **members)
    answer = delegates.get(f"{path_of(group)}/{query}")
    assert answer.status == 200, answer
    [info] = answer.value
    assert list(info) == ["delegateCount", "delegates"] and int(info["delegateCount"]) == total
    assert names(info["delegates"] or []) == found


@pytest.mark.parametrize("query", ["x", "-1", "0?count=-1", "0?count=1001"])
def test_bad_pages(delegates, group, query):
    assert delegates.get(f"{path_of(group)}/{query}").status == 400


def test_change_and_delete(delegates, group):
    made = add(delegates, group)
    answer = delegates.put(path_of(group, made), "Delegate", {"firstName": "Grace", "delegateGroupId": 1})
    assert answer.status == 200 and answer.value["firstName"] == "Grace", answer
    assert answer.value["delegateGroupId"] == made["delegateGroupId"]
    other = make_group(delegates)
    for method in (delegates.get, delegates.delete):
        assert method(path_of(other, made)).status == 404
    assert delegates.delete(path_of(group, made)).status == 204
    assert delegates.get(path_of(group, made)).status == 404


def test_numbers(delegates, group, installation):
    add(delegates, group)
    add(delegates, group)
    path = f"/api/delegategroups/{group['id']}"
    associate(delegates, path, make_person(installation))
    value = delegates.get(f"{path}?includeClientCount=true").value
    assert (int(value["numClients"]), int(value["numDelegates"])) == (1, 2)
    [listed] = [row for row in delegates.get(f"/api/delegategroups?searchTerm={group['name']}").value]
    assert int(listed["numDelegates"]) == 2


def test_user(delegates, group, installation):
    user = installation.create_user(unique("delegate"), "Administrator")
    made = add(delegates, group, userId=user)
    assert made["userId"] == user
    again = delegates.post(path_of(group), "Delegate", {"userId": user})
    assert again.status == 409, again
    unknown = delegates.post(path_of(group), "Delegate", {"userId": "00000000-0000-0000-0000-00000000dead"})
    assert unknown.status == 400 and "userId" in unknown.text, unknown
    add(delegates, make_group(delegates), userId=user)
    # Whoever deletes the user is told what stands in the way.
    answer = delegates.client.delete(f"/v1/users/{user}")
    assert answer.status == 409 and "delegates" in answer.text, answer


def test_of_no_group(delegates, group):
    assert delegates.post("/api/delegategroups/99999999/delegates", "Delegate", {"lastName": "x"}).status == 404
    made = add(delegates, group)
    assert delegates.delete(f"/api/delegategroups/{group['id']}").status == 204
    assert delegates.post(path_of(group), "Delegate", {"lastName": "x"}).status == 404
    assert delegates.get(path_of(group, made)).status == 404
    assert delegates.get(path_of(group)).value == []


def test_faults(delegates, group):
    answer = delegates.post(path_of(group), "Delegate", {"lastName": "x" * 256, "canManageClients": "perhaps"})
    assert answer.status == 400, answer
    assert "delegate.lastName" in answer.text and "delegate.canManageClients" in answer.text


# --- groups ---

def test_change_group(delegates, group):
    path = f"/api/delegategroups/{group['id']}"
    answer = delegates.put(path, "DelegateGroup", {
        "description": "d", "fundingSourceId": 4, "fundingSource": {"name": "City"}, "locationId": 5,
        "location": {"name": "Harbour", "address": "1 Harbour Street"},
        "requiredClientInformation": {"birthDate": True, "lastName": False}})
    assert answer.status == 200, answer
    expected = {
        "id": group["id"], "name": group["name"], "description": "d", "fundingSource": {"id": 4, "name": "City"},
        "location": {"id": 5, "name": "Harbour", "address": "1 Harbour Street"},
        "requiredClientInformation": {"clientCode": False, "firstName": False, "lastName": False, "birthDate": True,
                                      "phoneNumber": False}, "securitySettings": {"canBookTrips": True}}
    delegates.check(answer.value, expected)
    stored = delegates.get(path)
    delegates.check(stored.value, expected)
    assert delegates.put(path, "DelegateGroup", {"phone": "1"}, headers={"If-Match": '"old"'}).status == 412
    assert delegates.put(path, "DelegateGroup", {"phone": "1"}, headers={"If-Match": stored.headers["etag"]}).status == 200
    assert delegates.put(path, "DelegateGroup", {"name": None}).status == 400
    assert delegates.put("/api/delegategroups/99999999", "DelegateGroup", {"phone": "1"}).status == 404
    delegates.delete(path)
    assert delegates.put(path, "DelegateGroup", {"phone": "1"}).status == 404
    delegates.check(delegates.get(f"{path}?includeDeleted=true").value, {"phone": "1"})


# --- clients with their numbers ---

def test_clients_with_numbers(installation, delegates, group):
    path = f"/api/delegategroups/{group['id']}"
    for last in ("Berg", "Adler", "Zander"):
        associate(delegates, path, make_person(installation, first="Kim", last=last, fields='{"a":"1","b":"2"}'))
    associate(delegates, path, make_person(installation, last="Gone"), startDate="2001-01-01", expiryDate="2002-01-01")
    [info] = delegates.get(f"{path}/clientsgroup?count=1&offset=1&userDefinedFields=a").value
    assert set(info) == {"clientCount", "filteredResultCount", "clients"}
    delegates.check(info, {"clientCount": 3, "filteredResultCount": 3, "clients": [{"lastName": "Berg"}]})
    assert list(info["clients"][0]["userDefinedFields"]) == ["a"]
    [info] = delegates.get(f"{path}/clientsgroup?searchTerm=adler").value
    delegates.check(info, {"clientCount": 3, "filteredResultCount": 1, "clients": [{"lastName": "Adler"}]})
    [info] = delegates.get(f"{path}/clientsgroup?searchTerm=adler&searchColumns[0]=firstName").value
    delegates.check(info, {"clientCount": 3, "filteredResultCount": 0})
    [info] = delegates.get(f"{path}/clientsgroup?includeExpired=true").value
    delegates.check(info, {"clientCount": 4, "filteredResultCount": 4})
    assert names(info["clients"]) == ["Adler", "Berg", "Gone", "Zander"]
    assert delegates.get(f"{path}/clientsgroup?searchColumns[0]=shoe").status == 400
    assert delegates.get("/api/delegategroups/99999999/clientsgroup").status == 404
