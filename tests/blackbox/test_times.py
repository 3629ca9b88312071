"""Times in every place that reads or writes one, in three zones: held against Python's zone tables."""

import collections
import datetime
import itertools
import json
import re
import urllib.parse
import zoneinfo

import pytest

from harness.families import CREDENTIALS, DELEGATES, DISCOVERY, LICENSING, MEDIA, Api, unique
from harness.installation import Installation

DAY = 86400
LEAST, MOST = datetime.datetime.min, datetime.datetime.max
FORM = "application/x-www-form-urlencoded"
GROUPS = "/api/delegategroups"

# What is sent; the clock time that it says; its offset in minutes, None where the zone decides.
Sent = collections.namedtuple("Sent", "text wall offset")


def wall(*parts):
    return datetime.datetime(*parts)


TIMES = [
    Sent("2026-01-05T08:00:00Z", wall(2026, 1, 5, 8), 0),
    Sent("2026-01-05T08:00:00", wall(2026, 1, 5, 8), None),
    Sent("2026-07-05 08:00:00", wall(2026, 7, 5, 8), None),
    Sent("2026-07-05", wall(2026, 7, 5), None),
    Sent("2026-07-05T08:00:00+05:30", wall(2026, 7, 5, 8), 330),
    # A seventh digit is cut, never carried.
    Sent("2026-12-31T23:59:59.9999999Z", wall(2026, 12, 31, 23, 59, 59, 999999), 0),
    Sent("2026-12-31T23:59:59.1234567", wall(2026, 12, 31, 23, 59, 59, 123456), None),
    Sent("2026-12-31T23:59:59.123456789", wall(2026, 12, 31, 23, 59, 59, 123456), None),
    # Berlin's and Denver's hours that come twice, in both folds, and that never come.
    Sent("2026-10-25T02:30:00", wall(2026, 10, 25, 2, 30), None),
    Sent("2026-10-25T02:30:00+02:00", wall(2026, 10, 25, 2, 30), 120),
    Sent("2026-10-25T02:30:00+01:00", wall(2026, 10, 25, 2, 30), 60),
    Sent("2026-03-29T02:30:00", wall(2026, 3, 29, 2, 30), None),
    Sent("2026-11-01T01:30:00", wall(2026, 11, 1, 1, 30), None),
    Sent("2026-11-01T01:30:00-06:00", wall(2026, 11, 1, 1, 30), -360),
    Sent("2026-11-01T01:30:00-07:00", wall(2026, 11, 1, 1, 30), -420),
    Sent("2026-03-08T02:30:00", wall(2026, 3, 8, 2, 30), None),
    # Offsets with seconds.
    Sent("1880-06-01T12:00:00", wall(1880, 6, 1, 12), None),
    Sent("1880-06-01T12:00:00Z", wall(1880, 6, 1, 12), 0),
    # "Never" of typed clients, wherever they are. What they have not set: test_unset.
    Sent("9999-12-31T23:59:59.9999999Z", MOST, 0),
    Sent("9999-12-31T23:59:59.9999999", MOST, None),
    Sent("9999-12-31T23:59:59.9999999-07:00", MOST, -420),
    Sent("9999-12-31T23:59:59.9999999+14:00", MOST, 840),
    Sent("9999-12-31", wall(9999, 12, 31), None),
    Sent("0001-01-01T00:00:01Z", wall(1, 1, 1, 0, 0, 1), 0),
    Sent("0001-01-02T00:00:00", wall(1, 1, 2), None),
    Sent("0001-01-01T00:00:01-07:00", wall(1, 1, 1, 0, 0, 1), -420),
    # As the originals read them.
    Sent("2030-12-23T12:16", wall(2030, 12, 23, 12, 16), None),
    Sent("2030-12-23T12:16:59-0700", wall(2030, 12, 23, 12, 16, 59), -420),
    Sent("2030-12-23T12:16:59+02", wall(2030, 12, 23, 12, 16, 59), 120),
    Sent("12/23/2034", wall(2034, 12, 23), None),
    Sent("12/23/2034 1:16:59 PM", wall(2034, 12, 23, 13, 16, 59), None),
    Sent("/Date(1700000000000)/", wall(2023, 11, 14, 22, 13, 20), 0),
    Sent("/Date(1700000000123+0100)/", wall(2023, 11, 14, 23, 13, 20, 123000), 60),
    Sent("/Date(253402300800000)/", MOST, 0),
]
BAD = ["2026-01-05T24:00:00Z", "2026-02-30", "23/12/2034", "/Date(x)/", "2026-01-05T08:00:00+1", "1700000000000"]


def microseconds(time):
    passed = time - LEAST
    return (passed.days * DAY + passed.seconds) * 1000000 + passed.microseconds


def offset_minutes(zone, time, fold=0):
    """RFC 3339 has no seconds in offsets: they are cut off."""
    return int(zoneinfo.ZoneInfo(zone).utcoffset(time.replace(fold=fold)).total_seconds() / 60)


def clamp(number):
    return max(0, min(number, microseconds(MOST)))


def moment(sent, zone):
    """Microseconds since the year 1 in UTC."""
    offset = offset_minutes(zone, sent.wall) if sent.offset is None else sent.offset
    return clamp(microseconds(sent.wall) - offset * 60 * 1000000)


def read(text):
    """Microseconds of a time with offset, strictly as RFC 3339 has it."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d):(\d\d))", text)
    assert found, text
    *parts, fraction, sign, hours, minutes = found.groups()
    time = datetime.datetime(*map(int, parts), int((fraction or "").ljust(6, "0")))
    offset = 0 if sign is None else (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
    return microseconds(time) - offset * 60 * 1000000


def in_database(number):
    time = LEAST + datetime.timedelta(microseconds=number)
    return time.isoformat(sep=" ", timespec="microseconds")


class Place:
    def __init__(self, zone):
        self.zone = zone
        self.running = Installation(time_zone=zone).start()
        self.client = self.running.client(self.running.admin_key)
        self.group = f"{GROUPS}/{self.client.post(GROUPS, {'name': 'zone'}).json()['id']}"
        self.persons = itertools.count(1)

    def person(self, birth="NULL"):
        number = next(self.persons)
        self.running.sql(f"INSERT INTO delegate_client (id, birth_date) VALUES ({number}, {birth})")
        return number


@pytest.fixture(scope="module", params=["Europe/Berlin", "America/Denver", "Pacific/Kiritimati"])
def place(request):
    made = Place(request.param)
    yield made
    made.running.finish()


def test_bodies(place, media):
    """What is sent comes back as the same moment, and can be sent again as it came."""
    licensing = Api(place.client, LICENSING, media)
    name = unique("user")
    user = licensing.post("/v1/users", "InsertUserRequest", {"user": {"userName": name}}).value["userId"]
    for sent in TIMES:
        for again in (False, True):
            text = answered if again else sent.text  # noqa: F821
            answer = licensing.put("/v1/users", "UpdateUserRequest", {"user": {"id": user, "birthDate": text}})
            assert answer.status == 200, (sent, answer)
            query = urllib.parse.urlencode({"filter": f"userName = '{name}'"})
            answered = licensing.get(f"/v1/users?{query}").value["users"][0]["birthDate"]
            assert answered.endswith("Z") and read(answered) == moment(sent, place.zone), sent
        if sent.wall in (LEAST, MOST):
            assert place.running.sql(f"SELECT born_at FROM user WHERE id = '{user}'") == [
                [in_database(moment(sent, place.zone))]], sent
    for text in BAD:
        answer = licensing.put("/v1/users", "UpdateUserRequest", {"user": {"id": user, "birthDate": text}})
        assert answer.status == 400 and "birthDate" in answer.text, (text, answer)


def test_bodies_with_offsets(place, media):
    """Delegates answer the zone's offset; the year stays one of four digits."""
    delegates = Api(place.client, DELEGATES, media)
    person = place.person()
    for sent in TIMES:
        for again in (False, True):
            text = answered if again else sent.text  # noqa: F821
            answer = delegates.post(f"{place.group}/clients", "DelegateGroupClient",
                                    {"clientId": person, "startDate": "0001-01-01T00:00:00.5Z", "expiryDate": text})
            assert answer.status == 200, (sent, answer)
            answered = answer.value["expiryDate"]
            assert re.search(r"[+-]\d\d:\d\d$", answered) and read(answered) == moment(sent, place.zone), sent


def test_forms(place):
    person = place.person()
    for sent in TIMES:
        body = urllib.parse.urlencode({"ClientId": person, "StartDate": "/Date(-62135596799000)/", "ExpiryDate": sent.text})
        answer = place.client.post(f"{place.group}/clients", body, content_type=FORM)
        assert answer.status == 200, (sent, answer)
        assert read(answer.json()["expiryDate"]) == moment(sent, place.zone), sent


def test_filters(place):
    """A literal is read as a body is, and the last and the first moment are found like any other."""
    number = place.running.sql(
        "INSERT INTO product (name) VALUES ('filters'); SELECT LAST_INSERT_ID()")[0][0]
    releases = f"/v1/products/{number}/releases"
    for sent in TIMES:
        stored = moment(sent, place.zone)
        place.running.sql(f"DELETE FROM product_release; INSERT INTO product_release (product_id, name, release_date) "
                          f"VALUES ({number}, 'it', '{in_database(stored)}')")
        for operator, found in (("=", 1), ("<", 0), ("<=", 1), (">", 0), ("in", 1)):
            literal = f"(\"{sent.text}\")" if operator == "in" else f"'{sent.text}'"
            query = urllib.parse.urlencode({"filter": f"releaseDate {operator} {literal}"})
            answer = place.client.get(f"{releases}?{query}")
            assert answer.status == 200, (sent, answer)
            assert len(answer.json()["releases"]) == found, (sent, operator, answer)
    call = urllib.parse.urlencode({"filter": "releaseDate = DateTime(2026,10,25,2,30,0)"})
    stored = moment(Sent("", wall(2026, 10, 25, 2, 30), None), place.zone)
    place.running.sql(f"UPDATE product_release SET release_date = '{in_database(stored)}'")
    assert len(place.client.get(f"{releases}?{call}").json()["releases"]) == 1


UNSET = ["0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00-07:00", "0001-01-01",
         "1/1/0001 12:00:00 AM", "/Date(-62135596800000)/", "/Date(-62135596800000+0100)/"]


@pytest.mark.parametrize("text", UNSET)
def test_unset(place, media, text):
    """The first moment that there is, which typed objects have where nobody has set one: null, or as if it were not there."""
    licensing = Api(place.client, LICENSING, media)
    made = licensing.post("/v1/api-keys", "InsertApiKeyRequest", {"apiKey": {"name": "n", "expireDate": text, "createdDate": text}})
    assert made.status == 200, made
    path = f"/v1/api-keys?filter=id={made.value['apiKeyId']}"
    [row] = licensing.get(path).value["apiKeys"]
    assert row["expireDate"] is None and row["createdDate"].startswith("20"), row
    assert place.running.client(made.value["apiKey"]).get("/v1/roles").status == 200
    # A date that was set is taken away, as by null.
    for sent, stored in (("2099-01-31T12:00:00Z", True), (text, False)):
        changed = licensing.put("/v1/api-keys", "UpdateApiKeyRequest", {"apiKey": {"id": row["id"], "expireDate": sent}})
        assert changed.status == 200, changed
        assert bool(licensing.get(path).value["apiKeys"][0]["expireDate"]) == stored
    delegates = Api(place.client, DELEGATES, media)
    answer = delegates.post(f"{place.group}/clients", "DelegateGroupClient",
                            {"clientId": place.person(), "startDate": text, "expiryDate": text})
    assert answer.status == 200 and answer.value["expiryDate"] is None and answer.value["startDate"].startswith("20"), answer


def test_both_ends_in_lists(place, media):
    """Sorting and cursors know the first and the last moment."""
    licensing = Api(place.client, LICENSING, media)
    number = place.running.sql("INSERT INTO product (name) VALUES ('ends'); SELECT LAST_INSERT_ID()")[0][0]
    releases = f"/v1/products/{number}/releases"
    sent = ["9999-12-31T23:59:59.9999999Z", "0001-01-02T00:00:00Z", "2026-10-25T00:30:00Z", "9999-12-31T23:59:59Z",
            "2026-10-25T01:30:00Z", "0001-01-02T00:00:00.000001Z"]
    for time in sent:
        answer = licensing.post(releases, "InsertProductReleaseRequest", {"release": {"releaseDate": time}})
        assert answer.status == 200, answer
    for direction in ("asc", "desc"):
        seen, after = [], ""
        while after is not None:
            answer = licensing.get(f"{releases}?sort=releaseDate+{direction}&take=1{after}")
            assert answer.status == 200, answer
            seen += [release["releaseDate"] for release in answer.value["releases"]]
            cursor = answer.value.get("nextCursor")
            after = f"&after={cursor}" if cursor else None
        assert len(seen) == len(sent)
        assert [read(time) for time in seen] == sorted(map(read, seen), reverse=direction == "desc")
    last = licensing.get(f"{releases}?sort=releaseDate+desc&take=1").value["releases"][0]
    assert read(last["releaseDate"]) == microseconds(MOST)


def test_entity_tags(place, media):
    """What was answered can be sent back under its tag, and changes nothing."""
    credentials = Api(place.client, CREDENTIALS, media)
    path = "/api/v1/admin/clients"
    made = credentials.post(path, "ClientRequest", {
        "Name": unique("tag"), "Secret": "its own secret", "UserID": place.running.admin_id,
        "ExpiresAt": "9999-12-31T23:59:59.9999999"}).value["ResponseData"]["Detail"]
    path = f"{path}/{made['ID']}"
    answer = credentials.get(path)
    tag, answered = answer.headers["etag"], answer.value["ResponseData"]["Detail"]["ExpiresAt"]
    assert read(answered) == moment(Sent("", MOST, None), place.zone)
    assert place.client.get(path, headers={"If-None-Match": tag}, accept=MEDIA[media]).status == 304
    answer = credentials.put(path, "ClientRequest", {"ExpiresAt": answered}, headers={"If-Match": tag})
    assert answer.status == 200, answer
    assert answer.value["ResponseData"]["Detail"]["ExpiresAt"] == answered


def test_local_times(place):
    """Discovery's JSON has no offset; a moment that the zone puts into the year 10000 says that it is in UTC."""
    group = place.running.create_group(unique("group"))
    body = {"ClientCode": "c", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"}
    api = Api(place.running.client(), DISCOVERY, "json")
    api.post("/api/ClientHello", "DTOHello", body)
    for stored in (MOST, LEAST, wall(2026, 10, 25, 0, 30), wall(1880, 6, 1, 12)):
        place.running.sql(f"UPDATE discovery_client SET added_at = '{stored.isoformat(timespec='microseconds')}' "
                          f"WHERE group_id = '{group}'")
        as_json = api.post("/api/ClientHello", "DTOHello", body).value["DTOClients"][0]["AddClientTime"]
        as_xml = Api(place.running.client(), DISCOVERY, "xml").post(
            "/api/ClientHello", "DTOHello", body).value["DTOClients"][0]["AddClientTime"]
        assert read(as_xml) == microseconds(stored)
        assert as_json == (re.sub(r"\+00:00$", "Z", as_xml) if as_xml.endswith("+00:00") else as_xml[:-6])


def test_query_parameters(place):
    """An entry at a moment is found between that moment and the next second."""
    for sent in TIMES:
        stored = moment(sent, place.zone)
        place.running.sql("DELETE FROM log_entry; INSERT INTO log_entry (message, message_template, level, time_stamp, "
                          f"properties) VALUES ('m', 'm', 'Warning', '{in_database(stored)}', '{{}}')")
        query = urllib.parse.urlencode({"startDate": sent.text, "endDate": "9999-12-31T23:59:59.9999999Z"})
        answer = place.client.get(f"/v1/log?{query}")
        assert answer.status == 200, (sent, answer)
        found = [entry for entry in answer.json()["logEntries"] if entry["message"] == "m"]
        # The end is not part of the range.
        assert len(found) == (stored < microseconds(MOST)), (sent, answer)
        assert all(read(entry["timeStamp"]) == stored for entry in found)
    assert place.client.get("/v1/log?startDate=23%2F12%2F2034").status == 400


def test_birth_days(place, media, tmp_path):
    """A day is the day that is written, in files and in answers, whatever the zone."""
    days = {"1950-02-28": "1950-02-28", "0001-01-02": "0001-01-02", "9999-12-31": "9999-12-31",
            "9999-12-31T23:59:59.9999999": "9999-12-31", "12/23/1950": "1950-12-23", "2026-03-29T02:30": "2026-03-29",
            "1950-02-28T23:59:59-0700": "1950-02-28", "/Date(0)/": "1970-01-01", "/Date(-1-0100)/": "1969-12-31"}
    numbers = {text: next(place.persons) for text in days}
    table = tmp_path / "persons.csv"
    table.write_text("clientId,birthDate\n" + "".join(f"{number},{text}\n" for text, number in numbers.items()),
                     encoding="utf-8")
    place.running.cli("person", "import", table)
    delegates = Api(place.client, DELEGATES, media)
    for text, number in numbers.items():
        answer = delegates.post(f"{place.group}/clients", "DelegateGroupClient", {"clientId": number})
        expected = days[text]
        if delegates.is_xml:
            assert answer.value["birthDate"].startswith(f"{expected}T00:00:00"), text
            minutes = offset_minutes(place.zone, datetime.datetime.fromisoformat(expected))
            assert answer.value["birthDate"].endswith("%s%02d:%02d" % ("-" if minutes < 0 else "+", *divmod(
                abs(minutes), 60))), text
        else:
            assert answer.value["birthDate"] == expected, text


def test_command_line(place):
    for sent in TIMES[7:9] + TIMES[17:20] + TIMES[23:]:
        output = place.running.cli("key", "create", unique("key"), "--user", "admin", "--expires", sent.text, "--json",
                                   check=False)
        shown = output if isinstance(output, str) else output.stdout
        stored = moment(sent, place.zone)
        if stored < microseconds(datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)):
            assert isinstance(output, str) is False and output.returncode != 0, sent
            continue
        number = json.loads(shown)["id"]
        assert place.running.sql(f"SELECT expires_at FROM api_key WHERE id = {number}") == [[in_database(stored)]], sent
        listed = json.loads(place.running.cli("key", "list", "--json"))
        assert [read(key["expiresAt"]) for key in listed if key["id"] == number] == [stored], sent
