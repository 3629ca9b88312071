"""Local times in the zone of the caller: of the user, else of the user's account, else of the option; of applications in
that of their group."""

import datetime
import itertools
import json
import re
import urllib.parse
import zoneinfo

import pytest

from harness.families import CREDENTIALS, DELEGATES, DISCOVERY, LICENSING, MEDIA, Api, unique
from harness.installation import Installation

CLIENTS, GROUPS, USERS, ACCOUNTS = ("/api/v1/admin/clients", "/api/delegategroups", "/api/v1/admin/users",
                                    "/api/v1/admin/accounts")
HELLO, DISCOVERY_GROUPS = "/api/ClientHello", "/v1/discovery-groups"
OPTION = "Asia/Tokyo"
TOP = "0c4f7e52-9d1b-4a86-b0e3-6a52d8f1c790"
MOMENT = datetime.datetime(2030, 7, 1, 12, tzinfo=datetime.timezone.utc)

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def running():
    with Installation(workers=2, time_zone=OPTION) as installation:
        yield installation


@pytest.fixture(scope="module")
def admin(running):
    return running.client(running.admin_key)


@pytest.fixture(params=["json", "xml"])
def media(request):
    return request.param


def in_zone(zone, moment=MOMENT):
    return moment.astimezone(zoneinfo.ZoneInfo(zone)).isoformat()


def make_user(running, zone=None, role="Administrator"):
    name = unique("user")
    number = running.create_user(name, role)
    key = running.create_key(name)
    if zone is not None:
        set_zone(running, number, zone)
    return number, key


def set_zone(running, number, zone):
    answer = running.client(running.admin_key).put("/v1/users", {"user": {"id": number, "timeZone": zone}})
    assert answer.status == 200, answer


def make_client(api, running, **members):
    answer = api.post(CLIENTS, "ClientRequest", {"Name": unique("client"), "Secret": "its own secret",
                                                 "UserID": running.admin_id, **members})
    assert answer.status in (200, 201), answer
    return answer.value["ResponseData"]["Detail"]


def expiry(api, number):
    answer = api.get(f"{CLIENTS}/{number}")
    assert answer.status == 200, answer
    return answer.value["ResponseData"]["Detail"]["ExpiresAt"]


def test_one_row_in_two_zones(running, media):
    """The same moment, by the clock of whoever asks; and a time without offset is one of that clock."""
    _, roman = make_user(running, "Europe/Rome")
    _, american = make_user(running, "America/New_York")
    _, neither = make_user(running)
    apis = {zone: Api(running.client(key), CREDENTIALS, media) for zone, key in (
        ("Europe/Rome", roman), ("America/New_York", american), (OPTION, neither))}
    made = make_client(apis["Europe/Rome"], running, ExpiresAt="2030-07-01T14:00:00")
    for _ in range(2):  # the second time, the credential is one that the worker knows
        for zone, api in apis.items():
            assert expiry(api, made["ID"]) == in_zone(zone), zone
    assert running.sql(f"SELECT expires_at FROM api_client WHERE id = '{made['ID']}'") == [["2030-07-01 12:00:00.000000"]]
    # What was answered can be sent back by anybody; an offset wins over the zone.
    for zone, api in apis.items():
        for sent in (in_zone(zone), in_zone(zone)[:19], "2030-07-01T12:00:00Z"):
            answer = api.put(f"{CLIENTS}/{made['ID']}", "ClientRequest", {"ExpiresAt": sent})
            assert answer.value["ResponseData"]["Detail"]["ExpiresAt"] == in_zone(zone), (zone, sent)
    assert running.sql(f"SELECT expires_at FROM api_client WHERE id = '{made['ID']}'") == [["2030-07-01 12:00:00.000000"]]


@pytest.mark.parametrize("sent, stored", [
    ("2030-03-31T02:30:00", "2030-03-31 01:30:00"),  # a skipped hour: as if the clock had not gone on
    ("2030-10-27T02:30:00", "2030-10-27 00:30:00"),  # an hour that comes twice: the first
    ("2030-10-27T03:00:00", "2030-10-27 02:00:00"),
    ("2099-07-01", "2099-06-30 22:00:00"),
])
def test_turns_of_the_clock(running, media, sent, stored):
    _, key = make_user(running, "Europe/Rome")
    api = Api(running.client(key), CREDENTIALS, media)
    made = make_client(api, running, ExpiresAt=sent)
    assert running.sql(f"SELECT expires_at FROM api_client WHERE id = '{made['ID']}'") == [[f"{stored}.000000"]]
    moment = datetime.datetime.fromisoformat(stored).replace(tzinfo=datetime.timezone.utc)
    assert made["ExpiresAt"] == in_zone("Europe/Rome", moment)


def test_delegates(running, media):
    """Times and, in XML, days; parameters and CSV as well."""
    person = next(numbers)
    running.sql(f"INSERT INTO delegate_client (id, first_name, birth_date) VALUES ({person}, 'Ada', '1980-12-10')")
    _, roman = make_user(running, "W. Europe Standard Time")
    _, indian = make_user(running, "Asia/Kolkata")
    apis = [(zone, running.client(key)) for zone, key in (("Europe/Berlin", roman), ("Asia/Kolkata", indian))]
    group = Api(apis[0][1], DELEGATES, "json").post(GROUPS, "DelegateGroup", {"name": unique("group")}).value["id"]
    path = f"{GROUPS}/{group}/clients"
    answer = Api(apis[1][1], DELEGATES, media).post(path, "DelegateGroupClient",
                                                    {"clientId": person, "startDate": "2030-07-01T17:30:00"})
    assert answer.value["startDate"] == in_zone("Asia/Kolkata"), answer
    for zone, client in apis:
        [row] = Api(client, DELEGATES, media).get(path).value
        assert row["startDate"] == in_zone(zone)
        midnight = datetime.datetime(1980, 12, 10, tzinfo=zoneinfo.ZoneInfo(zone)).isoformat()
        assert row["birthDate"] == (midnight if media == "xml" else "1980-12-10")
        assert in_zone(zone) in client.get(path, accept="text/csv").text


def test_filters_and_parameters(running, media):
    """A time without offset in a filter or a parameter is one of the caller, though licensing answers in UTC."""
    number = running.sql("INSERT INTO product (name) VALUES ('zones'); SELECT LAST_INSERT_ID()")[0][0]
    running.sql(f"INSERT INTO product_release (product_id, name, release_date) VALUES ({number}, 'it', '2030-07-01 12:00:00'); "
                "INSERT INTO log_entry (message, message_template, level, time_stamp, properties) VALUES "
                "('zoned', 'zoned', 'Warning', '2030-07-01 12:00:00', '{}')")
    for zone in ("Europe/Rome", "America/New_York", OPTION):
        _, key = make_user(running, zone)
        api = Api(running.client(key), LICENSING, media)
        local = in_zone(zone)[:19]
        for literal in (f"'{local}'", "DateTime({0.year},{0.month},{0.day},{0.hour},0,0)".format(
                datetime.datetime.fromisoformat(local)), "'2030-07-01T12:00:00Z'"):
            query = urllib.parse.urlencode({"filter": f"releaseDate = {literal}"})
            [row] = api.get(f"/v1/products/{number}/releases?{query}").value["releases"]
            assert row["releaseDate"] == "2030-07-01T12:00:00Z"
        query = urllib.parse.urlencode({"startDate": local, "endDate": f"{local}.000001"})
        assert [entry["message"] for entry in api.get(f"/v1/log?{query}").value["logEntries"]] == ["zoned"]
    running.sql("DELETE FROM log_entry WHERE message = 'zoned'")


def test_account(running, media):
    """Users without a zone have that of their account, from the moment at which it is changed."""
    number, key = make_user(running)
    api = Api(running.client(key), CREDENTIALS, media)
    made = make_client(api, running, ExpiresAt=in_zone("UTC"))
    path = f"{ACCOUNTS}/{TOP}"
    try:
        for zone in ("Europe/Rome", "Pacific Standard Time", "sample string 9", None):
            answer = api.put(path, "Account", {"TimeZone": zone})
            assert answer.status == 200 and answer.value["ResponseData"]["Detail"].get("TimeZone") == zone, answer
            shown = {"Pacific Standard Time": "America/Los_Angeles", "Europe/Rome": "Europe/Rome"}.get(zone, OPTION)
            assert [expiry(api, made["ID"]) for _ in range(4)] == [in_zone(shown)] * 4
        api.put(path, "Account", {"TimeZone": "Europe/Rome"})
        for zone, shown in (("Asia/Kolkata", "Asia/Kolkata"), ("the one at home", "Europe/Rome"), (None, "Europe/Rome")):
            answer = api.put(f"{USERS}/{number}", "User", {"TimeZone": zone})
            assert answer.status == 200, answer
            assert [expiry(api, made["ID"]) for _ in range(4)] == [in_zone(shown)] * 4
    finally:
        api.put(path, "Account", {"TimeZone": None})


def test_sessions_and_clients(running):
    """Whatever the credential: it is the zone of its user."""
    name, secret = unique("user"), "a passphrase of several words"
    running.cli("user", "create", name, "--role", "Administrator", "--time-zone", "America/Denver")
    number = json.loads(running.cli("user", "show", name, "--json"))["id"]
    assert running.client(running.admin_key).put(f"{USERS}/{number}", {"Password": secret}).status == 200
    token = running.client().post("/Token", urllib.parse.urlencode(
        {"grant_type": "password", "username": name, "password": secret}),
        content_type="application/x-www-form-urlencoded").json()["access_token"]
    made = make_client(Api(running.client(running.admin_key), CREDENTIALS, "json"), running, ExpiresAt=in_zone("UTC"))
    for _ in range(2):
        answer = running.client().get(f"{CLIENTS}/{made['ID']}", headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["ResponseData"]["Detail"]["ExpiresAt"] == in_zone("America/Denver")


def test_entity_tags(running, media):
    """An answer in another zone has another tag, and the state of a row the same one in every zone."""
    keys = {zone: make_user(running, zone)[1] for zone in ("Europe/Rome", "America/New_York", "UTC")}
    apis = {zone: Api(running.client(key), CREDENTIALS, media) for zone, key in keys.items()}
    made = make_client(apis["UTC"], running, ExpiresAt=in_zone("UTC"))
    path = f"{CLIENTS}/{made['ID']}"
    tags = {zone: api.get(path).headers["etag"] for zone, api in apis.items()}
    assert len(set(tags.values())) == 3 and len({tag.partition("-")[0] for tag in tags.values()}) == 1, tags
    for (zone, api), (other, tag) in itertools.product(apis.items(), tags.items()):
        answer = running.client(keys[zone]).get(path, headers={"If-None-Match": tag}, accept=MEDIA[media])
        assert answer.status == (304 if zone == other else 200)
        answer = api.put(path, "ClientRequest", {"ExpiresAt": in_zone(zone)}, headers={"If-Match": tag})
        assert answer.status == 200, (zone, other, answer)
    apis["UTC"].put(path, "ClientRequest", {"ExpiresAt": "2031-01-01T00:00:00Z"})
    for zone, api in apis.items():
        assert api.put(path, "ClientRequest", {"Name": unique("name")}, headers={"If-Match": tags[zone]}).status == 412


def test_unknown_names(running, media):
    """Members of this program's own want names that it knows; the originals' take any text."""
    number, key = make_user(running)
    licensing = Api(running.client(key), LICENSING, media)
    for name in ("Atlantis/Capital", "../../../etc/passwd", "/etc/passwd", "Europe", "x"):
        for method, path, type_name, value in (
                ("PUT", "/v1/users", "UpdateUserRequest", {"user": {"id": number, "timeZone": name}}),
                ("POST", DISCOVERY_GROUPS, "InsertDiscoveryGroupRequest", {"group": {"name": unique("g"), "timeZone": name}})):
            answer = licensing.call(method, path, type_name, value)
            assert answer.status == 400 and "the name of a time zone" in str(licensing.faults(answer)), answer
    answer = running.client(key).put("/v1/users", {"user": {"id": number, "timeZone": "x"}}, headers={"Accept-Language": "de"})
    assert "der Name einer Zeitzone" in answer.text


# --- discovery ---

def hello(running, group, media="json", query="", **headers):
    body = {"ClientCode": "a", "ClientGroupId": group, "AppName": "Till", "AppVersion": "1"}
    answer = Api(running.client(), DISCOVERY, media).post(HELLO + query, "DTOHello", body, headers=headers)
    assert answer.status in (200, 304), answer
    return answer


def times_of(running, group):
    [row] = running.sql(f"SELECT added_at FROM discovery_client WHERE group_id = '{group}'")
    return datetime.datetime.fromisoformat(row[0]).replace(tzinfo=datetime.timezone.utc)


def test_groups(running, admin, media):
    """Two groups, two clocks, in JSON without offset; the shape of a hello is the reference's."""
    shapes = []
    for sent, zone in (("Europe/Rome", "Europe/Rome"), ("Eastern Standard Time", "America/New_York"), (None, OPTION)):
        answer = Api(admin, LICENSING, media).post(DISCOVERY_GROUPS, "InsertDiscoveryGroupRequest",
                                                   {"group": {"name": unique("group"), "leaseSeconds": 90, "timeZone": sent}})
        assert answer.status == 200, answer
        group = answer.value["groupId"]
        assert Api(admin, LICENSING, media).get(f"{DISCOVERY_GROUPS}/{group}").value["group"]["timeZone"] == sent
        for query in ("", "?details=true"):
            [client] = hello(running, group, media, query).value["DTOClients"]
            shown = in_zone(zone, times_of(running, group)) if media == "xml" else in_zone(
                zone, times_of(running, group))[:-6]
            assert re.sub(r"(\.\d*?)0+(?=[+-]|$)", r"\1", client["AddClientTime"]) == re.sub(
                r"(\.\d*?)0+(?=[+-]|$)", r"\1", shown), (zone, query)
        shapes.append(list(hello(running, group, media).value["DTOClients"][0]))
    assert shapes[0] == shapes[1] == shapes[2]


def test_zone_of_a_group_changes(running, admin):
    """Who knows the version before it is told the times again."""
    group = admin.post(DISCOVERY_GROUPS, {"group": {"name": unique("group")}}).json()["groupId"]
    hello(running, group)
    tag = hello(running, group).headers["etag"]
    assert hello(running, group, **{"If-None-Match": tag}).status == 304
    assert admin.put(DISCOVERY_GROUPS, {"group": {"id": group, "timeZone": "Europe/Rome"}}).status == 200
    answer = hello(running, group, **{"If-None-Match": tag})
    assert answer.status == 200
    assert answer.value["DTOClients"][0]["AddClientTime"][:19] == in_zone("Europe/Rome", times_of(running, group))[:19]
    assert admin.put(DISCOVERY_GROUPS, {"group": {"id": group, "timeZone": None}}).status == 200
    assert hello(running, group).value["DTOClients"][0]["AddClientTime"][:19] == in_zone(OPTION, times_of(running, group))[:19]


def test_the_group_wins_over_the_caller(private_installation):
    """Where applications show keys, they are answered alike all the same."""
    running = private_installation(discovery_auth="key")
    group = running.cli("group", "create", unique("group"), "--time-zone", "Europe/Rome").split()[0]
    _, key = make_user(running, "America/New_York")
    value = {"ClientCode": "a", "ClientGroupId": group, "AppName": "Till", "AppVersion": "1"}
    client = running.client(key).post(HELLO, value).json()["DTOClients"][0]
    assert client["AddClientTime"][:19] == in_zone("Europe/Rome", times_of(running, group))[:19]
    # The next request is another caller's: nothing of a zone is left.
    assert running.client(running.admin_key).get(f"{USERS}/{running.admin_id}").json()[
        "ResponseData"]["Detail"]["DateCreated"].endswith("+00:00")


def test_command_line(running):
    """Zones that commands are given are looked at as those of callers."""
    group = json.loads(running.cli("group", "create", unique("group"), "--time-zone", "Romance Standard Time", "--json"))
    [listed] = [each for each in json.loads(running.cli("group", "list", "--json")) if each["id"] == group["id"]]
    assert listed["timeZone"] == "Romance Standard Time"
    name = unique("user")
    running.cli("user", "create", name, "--time-zone", "Europe/Rome")
    assert json.loads(running.cli("user", "show", name, "--json"))["timeZone"] == "Europe/Rome"
    for arguments in (("group", "create", unique("group")), ("user", "create", unique("user"))):
        failed = running.cli(*arguments, "--time-zone", "Nowhere", check=False)
        assert failed.returncode != 0 and "--time-zone" in failed.stderr, failed
