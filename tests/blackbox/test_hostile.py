"""Input that means harm: a 4xx each, quickly, and one line in the log."""

import json

import pytest

from harness.installation import SANITIZED

LIMIT_MICROSECONDS = 500_000 if SANITIZED else 50_000
NAMESPACE = "http://schemas.datacontract.org/2004/07/DueBit.DTO.RestClient"
GROUP = "72aeec30-b3bf-4664-82e7-048ab4c54520"


def xml(inside="", before="", root="DTOHello", attributes=""):
    return (f'{before}<{root} xmlns="{NAMESPACE}"{attributes}><AppName>a</AppName><AppVersion>1</AppVersion>'
            f"<ClientCode>c</ClientCode><ClientGroupId>{GROUP}</ClientGroupId>{inside}</{root}>").encode()


def hello(**members):
    return json.dumps({"ClientCode": "c", "ClientGroupId": GROUP, "AppName": "a", "AppVersion": "1"}
                      | members).encode()


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))

XML_ROWS = {
    "doctype": xml(before="<!DOCTYPE DTOHello>"),
    "external entity": xml("<AppName>&x;</AppName>",
                           '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "billion laughs": xml("&e9;", f'<!DOCTYPE d [<!ENTITY e0 "ha">{ENTITIES}]>'),
    "processing instruction": xml(before='<?xml-stylesheet href="x"?>'),
    "processing instruction inside": xml("<?php phpinfo(); ?>"),
    "declared latin-1": xml(before='<?xml version="1.0" encoding="iso-8859-1"?>'),
    "declared utf-16": xml(before='<?xml version="1.0" encoding="utf-16"?>'),
    "real utf-16": xml().decode().encode("utf-16"),
    "xml 1.1": xml(before='<?xml version="1.1"?>'),
    "64 KiB of attributes": xml(attributes="".join(f' a{n}="x"' for n in range(7000))),
    "one attribute twice": xml(attributes=' a="1" a="2"'),
    "300 deep": xml("<a>" * 300 + "</a>" * 300),
    "20,000 deep": b"<a>" * 20000,
    "wrong root": xml(root="Other"),
    "wrong namespace": xml().replace(b"DueBit", b"Nobody"),
    "undefined prefix": xml("<p:x/>"),
    "invalid utf-8": xml("<ClientIpAddress>\x00</ClientIpAddress>".replace("\x00", "?")).replace(b"?", b"\xff"),
    "overlong utf-8": xml("<ClientIpAddress>?</ClientIpAddress>").replace(b"?", b"\xc0\xaf"),
    "surrogate": xml("<ClientIpAddress>?</ClientIpAddress>").replace(b"?", b"\xed\xa0\x80"),
    "NUL": xml("<ClientIpAddress>?</ClientIpAddress>").replace(b"?", b"\x00"),
    "trailing content": xml() + b"<more/>",
    "unclosed": xml()[:-5],
    "2^31": xml("<ClientPort>2147483648</ClientPort>"),
    "10,001 values": xml("<x/>" * 10001),
    "text for an object": xml().replace(b"<AppName>a</AppName>", b"<AppName><b>a</b></AppName>"),
}

JSON_ROWS = {
    "1 MiB of objects": b"[" + b"{}," * 349000 + b"{}]",
    "1 MiB of objects without a list": b"{}," * 349000,
    "1 MiB of lists": b"[" + b"[]," * 349000 + b"[]]",
    "1 MiB of numbers": b"[" + b"1," * 500000 + b"1]",
    "300 deep": b"[" * 300 + b"]" * 300,
    "300 deep objects": b'{"a":' * 300 + b"1" + b"}" * 300,
    "100,000 open brackets": b"[" * 100000,
    "invalid utf-8": hello().replace(b'"c"', b'"\xff"'),
    "C0 80": hello().replace(b'"c"', b'"\xc0\x80"'),
    "ED A0 80": hello().replace(b'"c"', b'"\xed\xa0\x80"'),
    "F4 90 80 80": hello().replace(b'"c"', b'"\xf4\x90\x80\x80"'),
    "NUL in a value": hello(ClientCode="a\0b"),
    "NUL in a name": hello().replace(b'"ClientCode"', b'"ClientCode\\u0000zz"'),
    "raw NUL": hello().replace(b'"c"', b'"\x00"'),
    "raw control": hello().replace(b'"c"', b'"\x01"'),
    "2^31": hello(ClientPort=2**31),
    "-2^31-1": hello(ClientPort=-2**31 - 1),
    "2^64": hello(ClientPort=2**64),
    "fraction for an integer": hello(ClientPort=6.5),
    "1e400": hello().replace(b'"c"', b'"c","ClientPort":1e400'),
    "NaN": hello().replace(b'"c"', b'"c","ClientPort":NaN'),
    "Infinity": hello().replace(b'"c"', b'"c","ClientPort":Infinity'),
    "single quotes": hello().replace(b'"', b"'"),
    "trailing comma": hello()[:-1] + b",}",
    "comment": b"/* x */" + hello(),
    "two values": hello() + hello(),
    "leading zero": hello().replace(b'"c"', b'"c","ClientPort":06'),
    "truncated": hello()[:-1],
    "scalar root": b'"text"',
    "list for an object": b"[]",
    "object for text": hello(ClientCode={}),
    "long text": hello(ClientCode="x" * 100000),
    "empty guid": hello(ClientGroupId=""),
    "boolean for an integer": hello(ClientPort=True),
}


def check(answer, statuses=(400,)):
    assert answer.status in statuses, answer
    line = answer.log()
    assert answer.microseconds < LIMIT_MICROSECONDS, line
    assert len(answer.body) < 20000
    return answer


@pytest.mark.parametrize("name", XML_ROWS)
def test_xml(anonymous, name):
    check(anonymous.post("/api/ClientHello", XML_ROWS[name], content_type="application/xml"))


@pytest.mark.parametrize("name", JSON_ROWS)
def test_json(anonymous, name):
    check(anonymous.post("/api/ClientHello", JSON_ROWS[name], content_type="application/json"))


FORM_ROWS = {
    "1,001 parameters": b"&".join(b"a%d=1" % n for n in range(1001)),
    "deep brackets": b"a" + b"[b]" * 300 + b"=1",
    "unclosed bracket": b"a[b=1",
    "invalid utf-8": b"Name=%ff%fe",
    "NUL": b"Name=a%00b&Secret=s",
    "huge index": b"a[2147483648]=1&a[99999999999999999999]=2",
}


@pytest.mark.parametrize("name", FORM_ROWS)
def test_form(client, name):
    check(client.post("/api/v1/admin/clients", FORM_ROWS[name],
                      content_type="application/x-www-form-urlencoded"))


def test_too_large_a_body(anonymous):
    check(anonymous.post("/api/ClientHello", b" " * (1024 * 1024 + 1), content_type="application/json"), (413,))


def test_largest_body(anonymous):
    """Exactly 1 MiB is read; blanks only are no body."""
    check(anonymous.post("/api/ClientHello", b" " * (1024 * 1024), content_type="application/json"), (400,))


def test_far_too_large_a_body(anonymous):
    """nginx answers this one itself, in JSON all the same."""
    answer = anonymous.post("/api/ClientHello", b" " * (3 * 1024 * 1024), content_type="application/json")
    assert answer.status == 413, answer
    assert answer.json()["Message"]


def test_long_query(client):
    check(client.get("/api/v1/admin/clients?x=" + "a" * 8192), (414,))


def test_very_long_query(client):
    answer = client.get("/api/v1/admin/clients?x=" + "a" * 20000)
    assert answer.status == 414, answer
    assert answer.json()


def test_many_parameters(client):
    check(client.get("/api/v1/admin/clients?" + "&".join(f"a{n}" for n in range(1001))))


@pytest.mark.parametrize("path", [
    "/api/delegategroups/2147483648", "/api/delegategroups/99999999999999999999",
    "/api/delegategroups/1e3/clients", "/api/delegategroups/%2e%2e%2f/clients",
    "/hosting/api/client/%ff", "/hosting/api/client/" + "a" * 3000,
    "/hosting/api/client/by-username/%0d%0aX-Evil:%201", "/hosting/api/client/'%20OR%201=1--%20",
])
def test_paths(client, path):
    answer = client.get(path)
    check(answer, (400, 404))
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize("path", ["/%00", "/api/%00/x"])
def test_paths_that_the_web_server_refuses(client, path):
    answer = client.get(path)
    assert answer.status == 400, answer
    assert answer.json()["Message"]


@pytest.mark.parametrize("accept", [",", ";q=1", "a/b/c", "*/json", "x" * 4000, "application/xml;q=2",
                                    "application/xml;q=-1", "text/" + "é"])
def test_strange_accept(client, accept):
    headers = {"Accept": accept.encode("utf-8").decode("latin-1")}
    assert client.get("/api/v1/admin/clients", headers=headers).status == 200


def test_a_key_with_line_breaks_cannot_forge_a_log_line(installation, anonymous):
    answer = anonymous.get("/api/v1/admin/clients", headers={"x-api-key": "a b\tc%0ad\x7f"})
    check(answer, (401,))
