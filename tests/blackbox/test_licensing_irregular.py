"""Licensing operations of their own: info, log, settings, roles of users, traces, mail."""

import base64
import datetime
import json
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

from harness.families import unique

XMLNS = "{http://schemas.datacontract.org/2004/07/Management}"
INFO_COUNTS = ["activeTokens", "maxTokens", "activationTokens", "floatingTokens", "expiredTokens",
               "totalLicenses", "revokedLicenses", "tracedLicenses", "activationLicenses",
               "floatingLicenses", "fileLicenses"]


def query(**parameters):
    return urllib.parse.urlencode(parameters)


def faults(answer):
    assert answer.status == 400, answer
    body = answer.json()
    assert body["success"] is False and body["code"] == 3
    return body["errors"]


def done(answer):
    assert answer.status == 200, answer
    body = answer.json()
    assert body["success"] is True and body["code"] == 0
    return body


def make_license(client, **members):
    done(client.post("/v1/licenses", {"license": {"licenseId": unique("lic"), "userKey": unique("key"), **members}}))


# --- info ---

def test_info_counts(client, installation):
    before = done(client.get("/v1/info"))
    make_license(client, licensingMode=1, maxAllowedSites=3, trace=True)
    make_license(client, licensingMode=2, maxAllowedSites=5)
    make_license(client, licensingMode=2, maxAllowedSites=7, revoked=True)
    make_license(client, licensingMode=0, maxAllowedSites=9)
    for mode, expires in ((1, "NULL"), (2, "UTC_TIMESTAMP(6) + INTERVAL 1 DAY"),
                          (2, "UTC_TIMESTAMP(6) - INTERVAL 1 DAY")):
        installation.sql(f"INSERT INTO license_token (token, license_id, expire_date) SELECT '{unique('token')}', "
                         f"MAX(id), {expires} FROM license WHERE licensing_mode = {mode} AND NOT revoked")
    answer = client.get("/v1/info")
    after = done(answer)
    grown = {name: after[name] - before[name] for name in INFO_COUNTS}
    assert grown == {"activeTokens": 2, "maxTokens": 8, "activationTokens": 1, "floatingTokens": 1,
                     "expiredTokens": 1, "totalLicenses": 4, "revokedLicenses": 1, "tracedLicenses": 1,
                     "activationLicenses": 1, "floatingLicenses": 2, "fileLicenses": 1}
    assert after["product"] == "Clientele" and after["edition"] == 0
    assert after["clientAddress"] == "127.0.0.1"
    assert abs(datetime.datetime.fromisoformat(after["serverTime"].replace("Z", "+00:00"))
               - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=1)
    # A worker that has not met the key asks for it once more.
    assert min(client.get("/v1/info").queries for _ in range(12)) == 2


def test_info_in_xml(client):
    root = client.get("/v1/info", accept="application/xml").xml()
    assert root.tag == XMLNS + "GetServerInfoResponse"
    names = [element.tag.removeprefix(XMLNS) for element in root]
    assert names == sorted(names) and "ServerTime" in names and "Success" in names


# --- log ---

def entries(client, **parameters):
    return done(client.get("/v1/log?" + query(**parameters)))["logEntries"]


def newest(client, resource, key=None):
    filter = f"""properties.Contains('"resource":"{resource}"')"""
    if key is not None:
        filter += f""" and properties.Contains('"key":"{key}"')"""
    return entries(client, filter=filter, sort="id desc", take=1)[0]


def test_changes_are_logged(client, installation):
    """Insert, update and delete of a row: who, what, before and after."""
    customer = done(client.post("/v1/customers", {"customer": {"company": "ACME", "city": "Rome"}}))["customerId"]
    entry = newest(client, "customer", customer)
    properties = json.loads(entry["properties"])
    assert entry["level"] == "Information"
    assert entry["message"] == f"The customer {customer} was created."
    assert entry["messageTemplate"] == "The {Resource} {Key} was {Action}."
    assert properties["action"] == "insert" and properties["userId"] == installation.admin_id
    assert properties["keyId"] > 0 and properties["clientAddress"] == "127.0.0.1"
    assert properties["after"]["company"] == "ACME" and "before" not in properties
    answer = client.put("/v1/customers", {"customer": {"id": customer, "city": "Milan"}})
    done(answer)
    properties = json.loads(newest(client, "customer", customer)["properties"])
    assert properties["requestId"] == answer.request_id
    assert properties["before"]["city"] == "Rome" and properties["after"]["city"] == "Milan"
    assert "company" not in properties["before"] and "company" not in properties["after"]
    done(client.delete(f"/v1/customers/{customer}"))
    properties = json.loads(newest(client, "customer", customer)["properties"])
    assert properties["action"] == "delete" and properties["before"]["company"] == "ACME"
    assert "after" not in properties


def test_secrets_are_masked(client, installation):
    kept, secret = unique("kept"), unique("secret of a user")
    done(client.post("/v1/resources", {"resource": {"name": unique("resource"), "password": kept}}))
    key = client.post("/v1/api-keys", {"apiKey": {"name": unique("key"), "ownerId": installation.admin_id,
                                                  "permissions": 1}})
    assert key.status == 200, key
    user = client.post("/v1/users", {"user": {"userName": unique("user")}, "password": secret})
    assert user.status == 200, user
    log = installation.sql("SELECT properties, message FROM log_entry")
    assert len(log) >= 3
    text = json.dumps(log)
    assert kept not in text and secret not in text and "yescrypt" not in text and "$y$" not in text
    shown = [value for value in json.dumps(key.json()).split('"') if value.startswith("api_")]
    assert all(value not in text for value in shown)


def test_what_fails_is_not_logged(client, installation):
    before = installation.sql("SELECT COUNT(*) FROM log_entry")
    assert client.post("/v1/customers", {"customer": {"company": 5 * "x" * 100}}).status == 400
    assert client.put("/v1/customers", {"customer": {"id": 2147483647, "city": "x"}}).status == 404
    assert client.delete("/v1/customers/2147483647").status == 404
    assert installation.sql("SELECT COUNT(*) FROM log_entry") == before


def add_entries(installation, level, *moments):
    """Puts entries into the log; returns a word that is in their messages only."""
    mark = unique("mark")
    for moment in moments:
        installation.sql("INSERT INTO log_entry (message, message_template, level, time_stamp) VALUES "
                         f"('{mark}', 'test', '{level}', '{moment}')")
    # Nobody writes entries of long ago: of those hours numbers may be kept.
    installation.sql("BEGIN; UPDATE row_tally SET counted_until = '0001-01-01'; DELETE FROM log_entry_tally; COMMIT")
    return mark


def test_log_between_dates(client, installation):
    mark = add_entries(installation, "Warning", "2001-01-01 00:00:00", "2001-01-02 00:00:00", "2001-01-03 00:00:00")
    for parameters, count in (({}, 3), ({"startDate": "2001-01-02T00:00:00Z"}, 2),
                              ({"endDate": "2001-01-02T00:00:00Z"}, 1),
                              ({"startDate": "2001-01-02", "endDate": "2001-01-03T01:00:00+01:00"}, 1)):
        body = done(client.get("/v1/log?" + query(filter=f'message = "{mark}"', **parameters)))
        assert len(body["logEntries"]) == body["totalLogEntriesCount"] == count
    assert "startDate" in faults(client.get("/v1/log?startDate=yesterday"))
    assert set(faults(client.get("/v1/log?startDate=x&endDate=y"))) == {"startDate", "endDate"}


@pytest.mark.parametrize("start, end, intervals, group, dates", [
    ("2002-05-06T10:00:00Z", "2002-05-06T11:00:00Z", 60, "minute", ["2002-05-06T10:20:00Z", "2002-05-06T10:40:00Z"]),
    ("2002-05-06T00:00:00Z", "2002-05-07T00:00:00Z", 24, "hour", ["2002-05-06T10:00:00Z"]),
    ("2002-05-01T00:00:00Z", "2002-06-01T00:00:00Z", 31, "day", ["2002-05-06T00:00:00Z"]),
    ("2002-05-01T00:00:00Z", "2002-06-01T00:00:00Z", 10, "week", ["2002-05-06T00:00:00Z"]),
    ("2002-01-01T00:00:00Z", "2003-01-01T00:00:00Z", 12, "month", ["2002-05-01T00:00:00Z"]),
])
def test_log_levels(client, installation, start, end, intervals, group, dates):
    if not installation.sql("SELECT 1 FROM log_entry WHERE time_stamp LIKE '2002-05-06%'"):
        add_entries(installation, "Error", "2002-05-06 10:20:30", "2002-05-06 10:40:00")
        add_entries(installation, "Warning", "2002-05-06 10:40:59.999999")
    path = "/v1/log/levels?" + query(startDate=start, endDate=end, intervals=intervals)
    body = done(client.get(path))
    assert body["groupBy"] == group
    assert body["totalLogLevelEntriesCount"] == 3 == sum(level["count"] for level in body["logLevels"])
    assert sorted({level["date"] for level in body["logLevels"]}) == dates
    assert {level["level"] for level in body["logLevels"]} == {"Error", "Warning"}
    # A worker that has not met the key asks for it first.
    assert min(client.get(path).queries for _ in range(12)) == (1 if group == "minute" else 2)


def test_log_levels_by_default(client):
    body = done(client.get("/v1/log/levels"))
    assert body["groupBy"] == "hour" and body["totalLogLevelEntriesCount"] > 0
    assert "intervals" in faults(client.get("/v1/log/levels?intervals=0"))
    assert "endDate" in faults(client.get("/v1/log/levels?startDate=2020-01-02&endDate=2020-01-01"))


def test_log_levels_in_xml(client):
    root = client.get("/v1/log/levels", accept="application/xml").xml()
    assert root.tag == XMLNS + "GetLogLevelsResponse"
    assert [element.tag.removeprefix(XMLNS) for element in root] == [
        "Code", "GroupBy", "LogLevels", "Message", "Success", "TotalLogLevelEntriesCount"]
    assert root.find(f"{XMLNS}LogLevels/{XMLNS}LogLevel/{XMLNS}Count") is not None


def test_log_deletion(client, installation):
    mark = add_entries(installation, "Debug", "2003-01-01", "2003-01-02", "2003-01-03", "2003-01-04")
    ids = [entry["id"] for entry in entries(client, filter=f'message = "{mark}"', sort="timeStamp")]

    def left():
        return [entry["id"] for entry in entries(client, filter=f'message = "{mark}"', sort="timeStamp")]

    assert done(client.delete(f"/v1/log?id={ids[0]}"))["deletedLogCount"] == 1
    assert left() == ids[1:]
    wanted = query(filter=f'message = "{mark}"', startDate="2003-01-02", endDate="2003-01-03")
    assert done(client.delete("/v1/log?" + wanted))["deletedLogCount"] == 1
    assert left() == ids[2:]
    assert done(client.delete("/v1/log?" + query(filter=f'message = "{mark}" and level = "Fatal"')))[
        "deletedLogCount"] == 0
    assert done(client.delete("/v1/log?" + query(startDate="2003-01-04", endDate="2003-01-05")))["deletedLogCount"] == 1
    assert left() == ids[2:3]
    properties = json.loads(newest(client, "log")["properties"])
    assert properties["action"] == "delete" and "2003-01-04" in properties["detail"]["query"]


def test_log_deletion_needs_a_condition(client, installation):
    before = installation.sql("SELECT COUNT(*) FROM log_entry")
    for parameters in ("", "?deleteAll=false", "?filter=", "?deleteAll=true&id=1"):
        assert "deleteAll" in faults(client.delete("/v1/log" + parameters)), parameters
    assert "filter" in faults(client.delete("/v1/log?filter=level%20%3D"))
    assert "id" in faults(client.delete("/v1/log?id=x"))
    assert installation.sql("SELECT COUNT(*) FROM log_entry") == before


def test_log_deletion_of_all(private_installation):
    """More than fits into one request's memory at once; only the entry of the deletion itself stays. A machine that is
    busy needs more than one request, and is told so."""
    running = private_installation()
    running.sql("INSERT INTO log_entry (message, message_template, level) SELECT 'x', 'x', 'Debug' FROM "
                "seq_1_to_120000")
    bodies = []
    while not bodies or bodies[-1]["message"] is not None:
        assert not bodies or bodies[-1]["message"] == "More rows remain; send the request again."
        bodies.append(done(running.client(running.admin_key).delete("/v1/log?deleteAll=true")))
    assert bodies[0]["deletedLogCount"] > 10000 and sum(body["deletedLogCount"] for body in bodies) >= 120000
    assert running.sql("SELECT COUNT(*) FROM log_entry") == [["1"]]
    last = str(bodies[-1]["deletedLogCount"])
    assert running.sql("SELECT JSON_VALUE(properties, '$.detail.deleted') FROM log_entry") == [[last]]


def test_expire(private_installation):
    """Old entries and ended idempotency keys go, by the options; a dry run only counts."""
    running = private_installation(log_retention="1h")
    running.sql("INSERT INTO log_entry (message, message_template, level, time_stamp) SELECT 'x', 'x', 'Debug', "
                "UTC_TIMESTAMP(6) - INTERVAL seq MINUTE FROM seq_1_to_5000")
    running.sql("INSERT INTO idempotency (key_hash, request_hash, status, response, expires_at) SELECT "
                "UNHEX(SHA2(seq, 256)), '', 200, '', UTC_TIMESTAMP(6) - INTERVAL (CAST(seq AS SIGNED) - 3) MINUTE FROM seq_1_to_5")

    def run(*arguments):
        return {row["what"]: row["rows"] for row in json.loads(running.cli("expire", "--json", *arguments))}

    expected = {"log entries": 4941, "idempotency keys": 3}
    counted = run("--dry-run")
    assert {what: rows for what, rows in counted.items() if rows} == expected
    assert run() == counted
    assert set(run().values()) == {0}
    assert running.sql("SELECT COUNT(*) FROM log_entry WHERE level = 'Debug'")[0] == ["59"]
    audited = running.sql("SELECT resource, SUM(row_count) FROM audit_entry WHERE action = 'delete' AND "
                          "actor_name LIKE 'expiry as _%' GROUP BY 1 ORDER BY 1")
    assert audited == [["idempotency keys", "3"], ["log entries", "4941"]]
    running.options["log_retention"] = "0"
    running.sql("UPDATE log_entry SET time_stamp = '2000-01-01'")
    assert run()["log entries"] == 0


# --- settings ---

def settings(client, **parameters):
    body = done(client.get("/v1/settings?" + query(**parameters)))
    return {f"{item['group']}.{item['name']}": item for item in body["settings"]}


def change(client, name, value, **members):
    group, _, short = name.rpartition(".")
    return client.put("/v1/settings", {"settings": [{"group": group, "name": short, "value": value, **members}]})


def test_settings_are_typed(client):
    found = settings(client)
    kinds = {"boolean": bool, "integer": int, "string": str}
    assert all(type(item["value"]) is kinds[item["type"]] for item in found.values())
    assert found["mail.attachLicense"]["value"] is True
    assert found["limits.body"]["value"] == 1 << 20
    assert set(settings(client, group="mail")) == {name for name in found if name.startswith("mail.")}
    assert set(settings(client, request="mail.senderName")) == {"mail.senderName"}
    assert set(settings(client, name="SENDERNAME")) == {"mail.senderName"}


def test_settings_in_xml(client):
    root = client.get("/v1/settings?name=attachLicense", accept="application/xml").xml()
    item = root.find(f"{XMLNS}Settings/{XMLNS}Setting")
    assert [(e.tag.removeprefix(XMLNS), e.text) for e in item] == [
        ("Group", "mail"), ("Name", "attachLicense"), ("Type", "boolean"), ("Value", "true")]
    text = ('<UpdateSettingsRequest xmlns="http://schemas.datacontract.org/2004/07/Management"><Settings><Setting>'
            "<Group>mail</Group><Name>mostRecipients</Name><Value>{}</Value></Setting></Settings>"
            "</UpdateSettingsRequest>")
    for value in (7, 50):
        answer = client.put("/v1/settings", text.format(value), content_type="application/xml")
        assert answer.status == 200, answer
        assert settings(client)["mail.mostRecipients"]["value"] == value


def test_settings_are_changed(client, installation):
    done(change(client, "mail.senderName", "Sales – Team"))
    assert settings(client)["mail.senderName"]["value"] == "Sales – Team"
    properties = json.loads(newest(client, "server settings")["properties"])
    assert properties["detail"]["mail.senderName"]["after"] == "Sales – Team"
    done(change(client, "mail.attachLicense", "false"))
    assert settings(client)["mail.attachLicense"]["value"] is False
    # All of them sent back is no change, the read-only ones among them.
    done(client.put("/v1/settings", {"settings": list(settings(client).values())}))
    for name in ("mail.senderName", "mail.attachLicense"):
        done(change(client, name, None))
    assert settings(client)["mail.senderName"]["value"] == ""
    assert settings(client)["mail.attachLicense"]["value"] is True


@pytest.mark.parametrize("name, value, path, words", [
    ("server.timeZone", "Europe/Rome", "settings[0].name", "read-only"),
    ("limits.body", 5, "settings[0].name", "limits.body"),
    ("limits.body", None, "settings[0].name", "read-only"),
    ("mail.nothing", 5, "settings[0].name", "no setting"),
    ("other.senderName", "x", "settings[0].name", "no setting"),
    ("mail.mostRecipients", 0, "settings[0].value", "from 1 to 500"),
    ("mail.mostRecipients", 1.5, "settings[0].value", "integer"),
    ("mail.mostRecipients", True, "settings[0].value", "integer"),
    ("mail.attachLicense", "perhaps", "settings[0].value", "true or false"),
    ("mail.attachLicense", 2, "settings[0].value", "true or false"),
    ("mail.senderName", "a\r\nBcc: x@example.com", "settings[0].value", "one line"),
    ("mail.senderName", "x" * 256, "settings[0].value", "255"),
    ("mail.senderName", ["x"], "settings[0].value", "must be"),
    ("mail.replyTo", "nobody", "settings[0].value", "e-mail address"),
])
def test_settings_are_refused(client, name, value, path, words):
    before = settings(client)
    found = faults(change(client, name, value))
    assert path in found and words in " ".join(found[path]), found
    assert settings(client) == before


def test_settings_without_a_list(client):
    for body in ({}, {"settings": 5}, {"settings": [5]}):
        assert client.put("/v1/settings", body).status == 400
    done(client.put("/v1/settings", {"settings": []}))


# --- roles of users ---

def roles_of(client, user):
    body = done(client.get(f"/v1/users/{user}/roles?sort=name"))
    return [role["name"] for role in body["roles"]]


def test_roles_of_a_user(client, installation):
    """Given and taken away, in effect at once."""
    name = unique("user")
    user = installation.create_user(name)
    caller = installation.client(installation.create_key(name))
    assert caller.get("/v1/customers").status == 403
    done(client.post(f"/v1/users/{user}/roles", {"roles": "Sales, licensemanager"}))
    assert roles_of(client, user) == ["LicenseManager", "Sales"]
    assert caller.get("/v1/customers").status == 200
    done(client.post(f"/v1/users/{user}/roles", {"roles": "Sales"}))
    assert roles_of(client, user) == ["LicenseManager", "Sales"]
    done(client.delete(f"/v1/users/{user}/roles", body={"roles": "sales"}))
    assert roles_of(client, user) == ["LicenseManager"]
    assert caller.get("/v1/customers").status == 403
    properties = json.loads(newest(client, "user", user)["properties"])
    assert properties["before"]["roles"] == ["LicenseManager", "Sales"]
    assert properties["after"]["roles"] == ["LicenseManager"]


def test_roles_are_refused(client, installation):
    user = installation.create_user(unique("user"))
    path = f"/v1/users/{user}/roles"
    for call in (client.post, lambda path, body: client.delete(path, body=body)):
        assert "roles" in faults(call(path, {"roles": "Sales,Emperor"}))
        assert "roles" in faults(call(path, {}))
        assert "roles" in faults(call(path, {"roles": ""}))
        assert "roles" in faults(call(path, {"roles": "Sales,,"}))
        unknown = call("/v1/users/53a15dd6-8768-4aa5-9ba6-770d614daeab/roles", {"roles": "Sales"})
        assert unknown.status == 404, unknown
        assert call("/v1/users/nobody/roles", {"roles": "Sales"}).status == 400
    assert roles_of(client, user) == []


# --- traces ---

@pytest.fixture
def traces(client, installation):
    """Two licenses with three traces each, of actions 1 to 3."""
    licenses = []
    for _ in range(2):
        make_license(client)
        licenses.append(int(installation.sql("SELECT MAX(id) FROM license")[0][0]))
        for action in (1, 2, 3):
            installation.sql(f"INSERT INTO license_trace (license_id, action) VALUES ({licenses[-1]}, {action})")
    return licenses


def left(installation, licenses):
    rows = installation.sql(f"SELECT license_id, action, id FROM license_trace WHERE license_id IN "
                            f"({licenses[0]}, {licenses[1]}) ORDER BY id")
    return [(licenses.index(int(license)), int(action)) for license, action, _ in rows]


def test_traces_are_deleted(client, installation, traces):
    path = "/v1/license-traces"
    first = installation.sql(f"SELECT MIN(id) FROM license_trace WHERE license_id = {traces[0]}")[0][0]
    done(client.delete(path, body={"traceId": int(first)}))
    assert left(installation, traces) == [(0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]
    done(client.delete(path, body={"licenseId": traces[0], "filter": "action = 2"}))
    assert left(installation, traces) == [(0, 3), (1, 1), (1, 2), (1, 3)]
    done(client.delete(path, body={"filter": f"licenseId in ({traces[0]}, {traces[1]}) and action = 3"}))
    assert left(installation, traces) == [(1, 1), (1, 2)]
    done(client.delete(path, body={"traceId": 0, "licenseId": traces[1], "filter": ""}))
    assert left(installation, traces) == []
    done(client.delete(path, body={"licenseId": traces[1]}))


def test_traces_are_not_deleted(client, installation, traces):
    path = "/v1/license-traces"
    for body in ({}, {"traceId": None}, {"traceId": 0, "licenseId": 0, "filter": ""}):
        assert "traceId" in faults(client.delete(path, body=body))
    assert "filter" in faults(client.delete(path, body={"licenseId": traces[0], "filter": "action ="}))
    assert client.delete(path, body={"traceId": 2147483647}).status == 404
    assert client.delete(path).status == 400
    assert len(left(installation, traces)) == 6


# --- mail ---

MAIL = {"to": [{"name": "Ada", "email": "ada@example.com"}], "subject": "Hello", "body": "Text"}


def test_mail_is_put_into_the_queue(client, installation):
    mark = unique("subject")
    content = base64.b64encode(b"\x00\xff").decode()
    body = done(client.post("/v1/email/send", {**MAIL, "subject": mark, "isHtml": True, "attachments": [
        {"fileName": "a.bin", "content": content, "contentType": "application/x-test"}]}))
    assert "is kept but not sent" in body["message"]
    row, = installation.sql("SELECT m.body, m.is_html, m.attachments, m.recipients, q.payload, q.kind, q.state FROM "
                            f"mail_message m JOIN queue_item q ON q.content_id = m.id WHERE m.subject = '{mark}'")
    assert row[0] == "Text" and row[1] == "1" and row[4:] == ["ada@example.com", "mail", "waiting"]
    assert json.loads(row[2]) == [{"fileName": "a.bin", "contentType": "application/x-test", "content": content}]
    assert json.loads(row[3]) == [{"name": "Ada", "email": "ada@example.com"}]


def test_mail_in_xml(client, installation):
    mark = unique("subject")
    text = ('<SendEmailRequest xmlns="http://schemas.datacontract.org/2004/07/Management"><Attachments/>'
            f"<Body>Text</Body><IsHtml>false</IsHtml><Subject>{mark}</Subject><To><EmailAddress>"
            "<Email>ada@example.com</Email></EmailAddress></To></SendEmailRequest>")
    answer = client.post("/v1/email/send", text, content_type="application/xml", accept="application/xml")
    assert answer.status == 200, answer
    assert ElementTree.fromstring(answer.body).tag == XMLNS + "SendEmailResponse"
    assert installation.sql(f"SELECT COUNT(*) FROM mail_message WHERE subject = '{mark}'") == [["1"]]


FORMS = ["MÜNCHEN.de", "münchen.de", "xn--mnchen-3ya.de"]


def test_mail_to_international_addresses(client, installation):
    """One mailbox is one recipient, however its domain is written, and the queue has its ASCII form."""
    mark = unique("subject")
    done(client.post("/v1/email/send", {**MAIL, "subject": mark, "to": [{"email": f"x@{form}"} for form in FORMS]}))
    rows = installation.sql("SELECT q.payload, m.recipients FROM mail_message m JOIN queue_item q ON "
                            f"q.content_id = m.id WHERE m.subject = '{mark}'")
    assert [row[0] for row in rows] == ["x@xn--mnchen-3ya.de"]
    assert json.loads(rows[0][1]) == [{"name": "", "email": "x@xn--mnchen-3ya.de"}]


@pytest.mark.parametrize("path, wrapper, member, more", [
    ("/v1/customers", "customer", "email", {"company": "ACME"}),
    ("/v1/users", "user", "email", {"userName": True}),
    ("/v1/licenses", "license", "licenseeEmail", {"product": {"id": "P1", "name": "Engine"}}),
])
def test_filter_by_international_address(client, path, wrapper, member, more):
    """Each form finds all, and each is answered as it was sent."""
    name = unique("mail")
    sent = [f"{name}@{form}" for form in FORMS]
    for number, address in enumerate(sent):
        values = {key: f"{name}{number}" if value is True else value for key, value in more.items()}
        done(client.post(path, {wrapper: {**values, member: address}}))
    rows = path.rsplit("/", 1)[1]

    def found(condition):
        answer = client.get(f"{path}?select={member}&filter=" + urllib.parse.quote(condition))
        assert answer.status == 200, answer
        return sorted(row[member] for row in answer.json()[rows])

    for address in sent:
        assert found(f'{member} = "{address}"') == sorted(sent)
        assert found(f'{member} in ("{address}", "nobody@example.com")') == sorted(sent)
        assert found(f'{member}.startsWith("{name}@") and {member} != "{address}"') == []
        assert found(f'{member}.startsWith("{name}@") and not {member} in ("{address}")') == []
    assert found(f'{member} = "{name}@munchen.de"') == []
    assert found(f'{member}.startsWith("{name}@") and {member} != "{name}@example.com"') == sorted(sent)
    assert found(f'{member}.contains("{name}@xn--")') == [sent[2]]


def test_contacts_by_international_address(client):
    name = unique("mail")
    done(client.post("/v1/customers", {"customer": {"company": name, "contacts": [
        {"lastName": name, "email": f"{name}@{form}"} for form in FORMS]}}))
    for form in FORMS:
        answer = client.get("/v1/contacts?filter=" + urllib.parse.quote(f'email = "{name}@{form}"'))
        assert sorted(row["email"] for row in answer.json()["contacts"]) == sorted(f"{name}@{one}" for one in FORMS)


def test_mail_is_sent_once_with_one_key(client, installation):
    mark = unique("subject")
    for _ in range(2):
        done(client.post("/v1/email/send", {**MAIL, "subject": mark}, headers={"Idempotency-Key": mark}))
    assert installation.sql(f"SELECT COUNT(*) FROM mail_message WHERE subject = '{mark}'") == [["1"]]


@pytest.mark.parametrize("changes, path", [
    ({"to": None}, "to"), ({"to": []}, "to"),
    ({"to": [{"email": f"a{n}@example.com"} for n in range(51)]}, "to"),
    ({"to": [{"email": f"a{n}@example.com"} for n in range(501)]}, "to"),
    ({"to": [{"name": "Ada"}]}, "to[0].email"),
    ({"to": [{"email": "nobody"}]}, "to[0].email"),
    ({"to": [{"email": "x@münchen..de"}]}, "to[0].email"),
    ({"to": [{"email": "ü@münchen.de"}]}, "to[0].email"),
    ({"to": [{"email": "a@example.com\r\nBcc: b@example.com"}]}, "to[0].email"),
    ({"to": [{"email": "a@example.com, b@example.com"}]}, "to[0].email"),
    ({"to": [{"email": "a@example.com", "name": "A\r\nBcc: b@example.com"}]}, "to[0].name"),
    ({"subject": "Hello\r\nBcc: b@example.com"}, "subject"),
    ({"subject": "Hello\nX: y"}, "subject"),
    ({"subject": ""}, "subject"), ({"subject": None}, "subject"), ({"subject": "x" * 256}, "subject"),
    ({"body": None}, "body"),
    ({"isHtml": "perhaps"}, "isHtml"),
    ({"attachments": [{"fileName": "a", "content": "no base64!"}]}, "attachments[0].content"),
    ({"attachments": [{"fileName": "a", "content": "Zg"}]}, "attachments[0].content"),
    ({"attachments": [{"content": "Zg=="}]}, "attachments[0].fileName"),
    ({"attachments": [{"fileName": "../a", "content": "Zg=="}]}, "attachments[0].fileName"),
    ({"attachments": [{"fileName": "a\"\r\nX: y", "content": "Zg=="}]}, "attachments[0].fileName"),
    ({"attachments": [{"fileName": "a", "content": "Zg==", "contentType": "text"}]}, "attachments[0].contentType"),
    ({"attachments": [{"fileName": "a", "content": "Zg==", "contentType": "text/x\r\nX: y"}]},
     "attachments[0].contentType"),
    ({"attachments": [{"fileName": "a", "content": "Zg=="}] * 21}, "attachments"),
])
def test_mail_is_refused(client, installation, changes, path):
    before = installation.sql("SELECT COUNT(*) FROM mail_message")
    found = faults(client.post("/v1/email/send", {**MAIL, **changes}))
    assert path in found, found
    assert installation.sql("SELECT COUNT(*) FROM mail_message") == before


def make_resource(client, data, type="email"):
    return done(client.post("/v1/resources", {"resource": {
        "name": unique("mail"), "type": type, "data": data}}))["resourceId"]


def newest_license(installation):
    return int(installation.sql("SELECT MAX(id) FROM license")[0][0])


def test_license_mail(client, installation):
    customer = done(client.post("/v1/customers", {"customer": {"company": "ACME", "email": "acme@example.com"}}))
    make_license(client, customerId=customer["customerId"], licenseKey="key text",
                 licensee={"name": "A & B"}, product={"name": "Engine"})
    license = newest_license(installation)
    resource = make_resource(client, "Dear {{licensee.name}} of {{customer.company}}: {{product.name}}"
                                     "{{license.expireDate}}")
    done(client.post("/v1/email/license", {"licenseId": license, "resourceId": resource}))
    body, is_html, attachments, subject, email = installation.sql(
        "SELECT m.body, m.is_html, m.attachments, m.subject, q.payload FROM mail_message m JOIN queue_item q ON "
        "q.content_id = m.id ORDER BY q.id DESC LIMIT 1")[0]
    assert (body, is_html, email) == ("Dear A & B of ACME: Engine", "0", "acme@example.com")
    assert subject.startswith("Your license lic")
    attachment, = json.loads(attachments)
    assert base64.b64decode(attachment["content"]) == b"key text"


def test_license_mail_is_refused(client, installation):
    make_license(client, licenseeEmail="ada@example.com")
    license = newest_license(installation)
    make_license(client)
    nameless = newest_license(installation)
    good = make_resource(client, "Text")
    unknown = make_resource(client, "{{license.nothing}} {{nothing}} {{customer.contacts}}")
    other = make_resource(client, "Text", "RSA")
    empty = make_resource(client, None)
    for body, path, words in (
            ({"licenseId": 2147483647, "resourceId": good}, "licenseId", "does not exist"),
            ({"licenseId": license, "resourceId": 2147483647}, "resourceId", "does not exist"),
            ({"licenseId": nameless, "resourceId": good}, "licenseId", "e-mail address"),
            ({"licenseId": license, "resourceId": other}, "resourceId", "of type email"),
            ({"licenseId": license, "resourceId": empty}, "resourceId", "of type email"),
            ({"resourceId": good}, "licenseId", "required"),
            ({"licenseId": license}, "resourceId", "required"),
            ({"licenseId": license, "resourceId": unknown}, "resourceId", "{{license.nothing}}")):
        found = faults(client.post("/v1/email/license", body))
        assert words in " ".join(found[path]), found
    assert len(faults(client.post("/v1/email/license", {"licenseId": license, "resourceId": unknown}))[
        "resourceId"]) == 3
