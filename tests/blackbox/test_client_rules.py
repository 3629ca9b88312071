"""Rules that add persons to a group by themselves, and what becomes of their associations."""

import itertools
import re
import time

import pytest

from harness.families import MEDIA, unique
from harness.samples import plain, sample
from test_delegates import associate, make_group, numbers

FUNDING, SERVICE, LOCATION, FIELD = 1, 2, 3, 4
WORDS = {FUNDING: "FundingSource", SERVICE: "ServiceType", LOCATION: "Location", FIELD: "UserDefinedField"}
PERSONS = "/v1/delegate-persons"
_numbers = itertools.count(2_000_000)


@pytest.fixture
def group(delegates):
    return make_group(delegates)


@pytest.fixture
def path(group):
    return f"/api/delegategroups/{group['id']}"


@pytest.fixture
def city():
    return unique("city")


def condition(api, kind, value):
    return {"ruleType": WORDS[kind] if api.is_xml else kind, "value": value}


def ruleset(api, *rules):
    """Each rule is a list of pairs. XML is written by hand, since lists of lists have names of their own."""
    value = {"rules": [{"conditions": [condition(api, *pair) for pair in rule]} for rule in rules]}
    if not api.is_xml:
        return value
    def inside(rule):
        return "".join("<DelegateGroupDynamicClientRuleCondition>"
                       f"<RuleType>{one['ruleType']}</RuleType><Value>{one['value']}</Value>"
                       "</DelegateGroupDynamicClientRuleCondition>" for one in rule["conditions"])
    rules = "".join(f"<DelegateGroupDynamicClientRule><Conditions>{inside(rule)}</Conditions>"
                    "</DelegateGroupDynamicClientRule>" for rule in value["rules"])
    return (f'<DelegateGroupDynamicClientRuleset xmlns="{api.family.namespace}"><Rules>{rules}</Rules>'
            "</DelegateGroupDynamicClientRuleset>")


def send(api, path, *rules):
    return api.post(path, "DelegateGroupDynamicClientRuleset", ruleset(api, *rules), content_type=MEDIA[api.media])


def save(api, path, *rules):
    answer = send(api, f"{path}/clientrule", *rules)
    assert answer.status == 200, answer
    return answer


def add_person(client, **members):
    number = next(_numbers)
    answer = client.post(PERSONS, {"person": {"clientId": number} | members})
    assert answer.status == 200 and answer.json()["clientId"] == number, answer
    return number


def change_person(client, number, **members):
    answer = client.put(PERSONS, {"person": {"clientId": number} | members})
    assert answer.status == 200, answer
    return answer


def clients_of(api, path, query=""):
    return sorted(numbers(api.get(f"{path}/clients?count=1000{query}")))


def dynamic_of(api, path):
    return sorted(numbers(api.get(f"{path}/dynamicclients?count=1000")))


# --- rule sets ---

def test_store_read_delete(delegates, path, city):
    assert delegates.get(f"{path}/clientrule").value is None
    stored = save(delegates, path, [(FUNDING, city), (FIELD, "language=de")], [(LOCATION, city)])
    read = delegates.get(f"{path}/clientrule")
    assert read.status == 200 and read.value == stored.value, read
    assert list(read.value) == ["delegateGroupId", "rules"]
    first, second = read.value["rules"]
    delegates.check(first, {"conditions": [condition(delegates, FUNDING, city),
                                           condition(delegates, FIELD, "language=de")]})
    delegates.check(second, {"conditions": [condition(delegates, LOCATION, city)]})
    answer = delegates.delete(f"{path}/clientrule")
    assert (answer.status, answer.body) == (204, b"")
    assert delegates.get(f"{path}/clientrule").value is None
    assert delegates.delete(f"{path}/clientrule").status == 404


def test_unknown_group(delegates, city):
    for unknown in ("/api/delegategroups/99999999", None):
        if unknown is None:
            unknown = f"/api/delegategroups/{make_group(delegates)['id']}"
            delegates.delete(unknown)
        assert send(delegates, f"{unknown}/clientrule", [(FUNDING, city)]).status == 404
        assert delegates.get(f"{unknown}/clientrule").status == 404
        assert delegates.delete(f"{unknown}/clientrule").status == 404
        assert delegates.get(f"{unknown}/dynamicclients").status == 404


@pytest.mark.parametrize("rules, fault", [
    ([], "ruleset.rules"), ([[]], "ruleset.rules[0].conditions"),
    ([[(FIELD, "language")]], "ruleset.rules[0].conditions[0].value"),
    ([[(FUNDING, "a")], [(FUNDING, "a"), (FIELD, "=de")]], "ruleset.rules[1].conditions[1].value"),
    ([[(FIELD, "a=")]], "ruleset.rules[0].conditions[0].value"),
    ([[(FIELD, 'a"b=c')]], "ruleset.rules[0].conditions[0].value"),
    ([[(FUNDING, "")]], "ruleset.rules[0].conditions[0].value"),
    ([[(FUNDING, "x" * 501)]], "ruleset.rules[0].conditions[0].value")])
@pytest.mark.parametrize("where", ["clientrule", "preview", "count"])
def test_faults(delegates, path, rules, fault, where):
    where = {"clientrule": f"{path}/clientrule", "preview": "/api/dynamicclients/preview",
             "count": "/api/dynamicclients/preview/count"}[where]
    answer = send(delegates, where, *rules)
    assert answer.status == 400, answer
    if not delegates.is_xml:
        assert list(answer.json()["modelState"]) == [fault]


def test_bad_words(delegates, path):
    if delegates.is_xml:
        return
    for rule in ({"ruleType": 9, "value": "x"}, {"ruleType": "Shoe", "value": "x"}, {"value": "x"}, {"ruleType": 1}):
        answer = delegates.post(f"{path}/clientrule", value={"rules": [{"conditions": [rule]}]})
        assert answer.status == 400, (rule, answer)
    assert delegates.post(f"{path}/clientrule", value={}).status == 400
    # By name, too.
    answer = delegates.post(f"{path}/clientrule", value={"rules": [{"conditions": [{"ruleType": "Location", "value": "x"}]}]})
    assert answer.json()["rules"][0]["conditions"][0]["ruleType"] == LOCATION


def test_form(delegates, path, city):
    answer = delegates.client.post(f"{path}/clientrule", f"Rules[0].Conditions[0].RuleType=1&Rules[0].Conditions[0].Value={city}"
                                   "&Rules[1][Conditions][0][RuleType]=ServiceType&Rules[1][Conditions][0][Value]=taxi",
                                   content_type="application/x-www-form-urlencoded")
    assert answer.status == 200, answer
    assert answer.json()["rules"] == [{"conditions": [{"ruleType": FUNDING, "value": city}]},
                                      {"conditions": [{"ruleType": SERVICE, "value": "taxi"}]}]


# --- whom they add ---

def test_rules_are_or_and_conditions_and(delegates, path, city):
    client = delegates.client
    both = add_person(client, fundingSource=city, serviceType="Bus", firstName="B", lastName="B")
    funded = add_person(client, fundingSource=city.upper(), serviceType="Taxi")
    near = add_person(client, location=city)
    speaks = add_person(client, userDefinedFields={"town": city, "age": "7", "old": "true"})
    other = add_person(client, fundingSource=city + "x", userDefinedFields={"Town": city})
    everyone = {both, funded, near, speaks, other}
    for rules, found in (
            ([[(FUNDING, city)]], {both, funded}),
            ([[(FUNDING, city), (SERVICE, "bus")]], {both}),
            ([[(FUNDING, city), (SERVICE, "bus")], [(LOCATION, city)]], {both, near}),
            ([[(FIELD, f"town={city}")]], {speaks}),
            ([[(FIELD, f"town={city}"), (FIELD, "age=7"), (FIELD, "old=true")]], {speaks}),
            ([[(FIELD, f"town={city}"), (FIELD, "age=8")]], set()),
            ([[(FUNDING, city)], [(LOCATION, city)], [(FIELD, f"town={city}")]], everyone - {other})):
        previewed = send(delegates, "/api/dynamicclients/preview?count=1000", *rules)
        assert previewed.status == 200 and set(numbers(previewed)) == found, (rules, previewed)
        assert int(send(delegates, "/api/dynamicclients/preview/count", *rules).value) == len(found)
        save(delegates, path, *rules)
        assert set(dynamic_of(delegates, path)) == set(clients_of(delegates, path)) == found, rules
    assert delegates.delete(f"{path}/clientrule").status == 204
    assert clients_of(delegates, path, "&includeExpired=true") == []
    for number in everyone:
        assert client.delete(f"{PERSONS}/{number}").status == 200


def test_what_a_dynamic_client_looks_like(delegates, path, city):
    number = add_person(delegates.client, fundingSource=city, firstName="Ada", lastName="Lovelace")
    [previewed] = send(delegates, "/api/dynamicclients/preview", [(FUNDING, city)]).value
    delegates.check(previewed, {"clientId": number, "dynamicallyAdded": True, "startDate": None, "expiryDate": None})
    save(delegates, path, [(FUNDING, city)])
    [client] = delegates.get(f"{path}/dynamicclients").value
    delegates.check(client, {"clientId": number, "firstName": "Ada", "dynamicallyAdded": True, "expiryDate": None,
                             "startDate": lambda text: text.startswith("20")})
    assert list(previewed) == list(client)


def test_preview_pages(delegates, city):
    people = [add_person(delegates.client, location=city, lastName=name) for name in ("A", "B", "C", "Berg")]
    for query, found in (("count=2", [0, 1]), ("offset=1&count=2", [1, 3]), ("searchTerm=b", [1, 3]),
                         (f"searchTerm={people[2]}", [2]), ("offset=9", [])):
        answer = send(delegates, f"/api/dynamicclients/preview?{query}", [(LOCATION, city)])
        assert numbers(answer) == [people[i] for i in found], query
    assert int(send(delegates, "/api/dynamicclients/preview/count?searchTerm=b", [(LOCATION, city)]).value) == 2
    assert send(delegates, "/api/dynamicclients/preview?count=0", [(LOCATION, city)]).status == 400


def test_dynamic_pages(delegates, path, city):
    people = [add_person(delegates.client, location=city, lastName=name) for name in ("A", "B", "C")]
    save(delegates, path, [(LOCATION, city)])
    associate(delegates, path, add_person(delegates.client, lastName="B"))
    assert numbers(delegates.get(f"{path}/dynamicclients?offset=1&count=1")) == people[1:2]
    assert numbers(delegates.get(f"{path}/dynamicclients?searchTerm=b")) == people[1:2]


# --- when persons change ---

def test_persons_come_and_go(delegates, path, city):
    client = delegates.client
    save(delegates, path, [(FUNDING, city)], [(FIELD, f"town={city}")])
    number = add_person(client, fundingSource=city)
    assert dynamic_of(delegates, path) == [number]
    # Another rule holds now.
    change_person(client, number, fundingSource=None, userDefinedFields={"town": city})
    assert dynamic_of(delegates, path) == [number]
    change_person(client, number, userDefinedFields={"town": None})
    assert dynamic_of(delegates, path) == []
    change_person(client, number, fundingSource=city.upper(), firstName="x")
    assert dynamic_of(delegates, path) == [number]
    # Nobody asks rules about a name, and nothing is lost.
    change_person(client, number, firstName="y")
    assert dynamic_of(delegates, path) == [number]
    assert client.delete(f"{PERSONS}/{number}").status == 200
    assert clients_of(delegates, path) == []


def test_bulk(delegates, path, city):
    save(delegates, path, [(FUNDING, city)])
    people = [{"clientId": next(_numbers), "fundingSource": city if i % 2 else None} for i in range(10)]
    answer = delegates.client.post(f"{PERSONS}/bulk", people)
    assert answer.status == 201 and answer.json()["rowsStored"] == 10, answer
    assert dynamic_of(delegates, path) == [person["clientId"] for person in people[1::2]]


def test_import(installation, delegates, path, city, tmp_path):
    save(delegates, path, [(FIELD, f"town={city}")], [(SERVICE, city)])
    first, second, third = (next(_numbers) for _ in range(3))
    file = tmp_path / "persons.csv"
    file.write_text(f"clientId,serviceType,town\n{first},,{city}\n{second},{city},\n{third},x,y\n", encoding="utf-8")
    installation.cli("person", "import", str(file))
    assert dynamic_of(delegates, path) == [first, second]
    file.write_text(f"clientId,serviceType,town\n{first},,z\n{third},{city},y\n", encoding="utf-8")
    installation.cli("person", "import", str(file), "--dry-run")
    assert dynamic_of(delegates, path) == [first, second]
    installation.cli("person", "import", str(file))
    assert dynamic_of(delegates, path) == [second, third]


# --- by hand ---

def test_by_hand_stays_by_hand(delegates, path, city):
    number = add_person(delegates.client, fundingSource=city)
    associate(delegates, path, number, expiryDate="2001-01-01", startDate="2000-01-01")
    save(delegates, path, [(FUNDING, city)])
    # Whoever was sent away by hand does not come back by a rule.
    assert clients_of(delegates, path) == []
    associate(delegates, path, number, expiryDate=None)
    assert clients_of(delegates, path) == [number] and dynamic_of(delegates, path) == []
    delegates.delete(f"{path}/clientrule")
    assert clients_of(delegates, path) == [number]
    change_person(delegates.client, number, fundingSource=None)
    assert clients_of(delegates, path) == [number]
    # Somebody holds on to the person.
    assert delegates.client.delete(f"{PERSONS}/{number}").status == 409
    assert delegates.delete(f"{path}/clients/{number}").status == 204
    assert delegates.client.delete(f"{PERSONS}/{number}").status == 200


def test_a_rule_s_client_is_kept_by_hand(delegates, path, city):
    number = add_person(delegates.client, fundingSource=city)
    save(delegates, path, [(FUNDING, city)])
    refused = delegates.delete(f"{path}/clients/{number}")
    assert refused.status == 409 and "rule" in refused.text, refused
    # With dates of its own it is one by hand, and stays when the rules go.
    answer = associate(delegates, path, number, expiryDate="2099-01-01T00:00:00Z")
    delegates.check(answer.value, {"dynamicallyAdded": False})
    delegates.delete(f"{path}/clientrule")
    assert clients_of(delegates, path) == [number]


def test_deleted_group_gets_nobody(installation, delegates, path, group, city):
    save(delegates, path, [(FUNDING, city)])
    delegates.delete(path)
    add_person(delegates.client, fundingSource=city)
    assert installation.sql(f"SELECT COUNT(*) FROM delegate_association WHERE group_id = {group['id']}") == [["0"]]


def test_several_groups(delegates, path, city):
    other = f"/api/delegategroups/{make_group(delegates)['id']}"
    save(delegates, path, [(FUNDING, city)])
    save(delegates, other, [(FUNDING, city), (LOCATION, city)])
    number = add_person(delegates.client, fundingSource=city, location=city)
    assert dynamic_of(delegates, path) == dynamic_of(delegates, other) == [number]
    change_person(delegates.client, number, location=None)
    assert (dynamic_of(delegates, path), dynamic_of(delegates, other)) == ([number], [])


# --- what they cost ---

def test_costs(installation, delegates, path, city):
    """100,000 persons: a rule takes seconds, a person's change a fixed number of queries."""
    if delegates.is_xml:
        return
    installation.sql("INSERT INTO delegate_client (id, funding_source, location, user_defined_fields) SELECT 5000000 + seq, "
                     f"'{city}', IF(seq % 2, 'north', 'south'), JSON_OBJECT('row', seq % 10) FROM seq_1_to_100000")
    try:
        for rules, count in (([[(FUNDING, city)]], 100_000), ([[(FUNDING, city), (LOCATION, "north")]], 50_000),
                             ([[(FUNDING, city), (FIELD, "row=3")], [(FUNDING, city), (LOCATION, "south")]], 60_000)):
            begun = time.monotonic()
            assert int(send(delegates, "/api/dynamicclients/preview/count", *rules).value) == count
            answer = save(delegates, path, *rules)
            assert time.monotonic() - begun < 20, rules
            assert answer.queries <= 12
            assert int(delegates.get(f"{path}/clients/count").value) == count
        client = delegates.client
        costs = set()
        for members in ({"fundingSource": "x"}, {"fundingSource": city}, {"location": "north"}, {"location": "south"}):
            costs.add(change_person(client, 5_000_001, **members).queries)
        assert len(costs) <= 2 and max(costs) <= 12, costs
    finally:
        installation.sql("DELETE FROM delegate_association WHERE client_id > 5000000; "
                         "DELETE FROM delegate_client WHERE id > 5000000")


# --- the contract's samples ---

def test_samples(delegates, path, media):
    text = sample(f"delegates/ruleset.request.{media}")
    answer = delegates.client.post(f"{path}/clientrule", text, content_type=MEDIA[media], accept=MEDIA[media])
    assert answer.status == 200, answer
    # The answer is what was sent, byte for byte but for the group's own number and white space.
    number = path.rpartition("/")[2]
    own = text.replace('"delegateGroupId": 1', f'"delegateGroupId": {number}').replace(
        "<DelegateGroupId>1<", f"<DelegateGroupId>{number}<")
    assert plain(answer.text) == plain(own)
    text = sample("delegates/preview-count.request.json")
    for where, found in (("preview/count", "0"), ("preview", "[]")):
        answer = delegates.client.post(f"/api/dynamicclients/{where}", text, content_type=MEDIA["json"])
        assert (answer.status, answer.text) == (200, found), answer


def names_of(text):
    """The members that a sample shows which was cut off, in order."""
    return re.findall(r'"(\w+)":', text)


@pytest.mark.parametrize("where, cut, more", [
    ("delegates/0", "delegates-offset", "canBookSubscriptionMileage"), ("clientsgroup", "clientsgroup", "ex")])
def test_cut_samples(delegates, path, city, where, cut, more):
    """Their members stand first, in their order; the one that was cut begins as ours does."""
    if delegates.is_xml:
        return
    save(delegates, path, [(FUNDING, city)])
    add_person(delegates.client, fundingSource=city)
    assert delegates.post(f"{path}/delegates", "Delegate", {"lastName": "Hopper"}).status == 200
    wanted = names_of(sample(f"delegates/{cut}.response.cut.json"))
    found = names_of(delegates.get(f"{path}/{where}").text)
    assert len(wanted) > 5 and found[:len(wanted)] == wanted
    assert found[len(wanted)].startswith(more)
