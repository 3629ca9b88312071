"""Which format an answer has: the table of the framework that the first callers know."""

import json
from urllib.parse import urlencode

import pytest

from harness.families import CREDENTIALS, DISCOVERY, HOSTING, unique

JSON, TEXT_JSON = "application/json", "text/json"
XML, TEXT_XML = "application/xml", "text/xml"

# Accept of a request without a body, Content-Type of the answer.
ACCEPT_ROWS = [
    (None, JSON),
    ("", JSON),
    ("*/*", JSON),
    ("application/*", JSON),
    ("text/html", JSON),
    ("application/x-www-form-urlencoded", JSON),
    ("text/plain", JSON),
    ("text/json", TEXT_JSON),
    ("text/*", TEXT_JSON),
    ("text/*,application/json;q=0.5", TEXT_JSON),
    ("text/xml", TEXT_XML),
    ("application/xml", XML),
    ("APPLICATION/XML", XML),
    ("Text/Xml", TEXT_XML),
    ("application/xml,application/json", JSON),
    ("application/json,application/xml", JSON),
    ("application/xml;q=0.9,application/json;q=0.9", JSON),
    ("application/json;q=0.5,application/xml", XML),
    ("application/xml;q=0.9,*/*", JSON),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML),
    ("text/xml;q=0.5,application/xml;q=0.5", TEXT_XML),
    ("application/xml;q=0.5,text/xml;q=0.5", XML),
    ("*/*;q=0.1,application/xml;q=0.1", XML),
    ("application/json;q=0", JSON),
    ("*/*;q=0", JSON),
    ("application/xml;q=0", JSON),
    ("application/json;q=0, */*", XML),
    ("*/*;q=0.8,application/json; q=0.0", XML),
    ("application/json;q=0.5, */*", XML),
    ("application/xml;q=0, application/*", JSON),
    ("text/html, image/gif, *; q=.2, */*; q=.2", JSON),
    ("application/xml;version=1", XML),
    ("image/png", JSON),
    # Entries that are no media range are as if they were not there.
    (";;;,,application/xml", XML),
    ("*", JSON),
]

# Content-Type of the body, Accept, Content-Type of the answer.
BODY_ROWS = [
    (TEXT_XML, None, TEXT_XML),
    (TEXT_XML, "text/html", TEXT_XML),
    (TEXT_XML, "*/*", JSON),
    (TEXT_XML, JSON, JSON),
    (XML, None, XML),
    (XML, JSON, JSON),
    (TEXT_JSON, None, TEXT_JSON),
    (TEXT_JSON, XML, XML),
    (JSON, None, JSON),
    (JSON, XML, XML),
    (JSON, TEXT_XML, TEXT_XML),
    ("application/x-www-form-urlencoded", None, JSON),
    ("application/x-www-form-urlencoded", XML, XML),
    ("text/xml; charset=utf-8", None, TEXT_XML),
]

# X-Requested-With: XMLHttpRequest asks for JSON where Accept says nothing.
SCRIPT_ROWS = [(None, JSON), ("*/*", JSON), (XML, XML), ("text/xml,*/*", TEXT_XML)]


def content_type(answer):
    media, _, parameter = answer.content_type.partition(";")
    assert parameter.strip() == "charset=utf-8", answer.content_type
    return media


@pytest.mark.parametrize("accept, expected", ACCEPT_ROWS)
def test_accept(client, accept, expected):
    answer = client.get("/api/v1/admin/clients", accept=accept)
    assert answer.status == 200, answer
    assert content_type(answer) == expected
    assert "accept" in answer.headers["vary"].lower()
    answer.xml() if answer.is_xml else answer.json()


@pytest.mark.parametrize("accept, expected", ACCEPT_ROWS)
def test_accept_of_an_error(client, accept, expected):
    """An error is answered in the format that a success would have."""
    answer = client.get("/api/there/is/nothing", accept=accept)
    assert answer.status == 404, answer
    assert content_type(answer) == expected
    answer.xml() if answer.is_xml else answer.json()


def encode(family, sent, type_name, value):
    if "form" in sent:
        return urlencode(value)
    return family.encode("xml", type_name, value) if "xml" in sent else json.dumps(value)


@pytest.mark.parametrize("sent, accept, expected", BODY_ROWS)
def test_type_of_the_body(client, sent, accept, expected):
    value = {"username": unique("neg"), "password": "its own secret", "emailAddress": "a@example.com"}
    answer = client.post("/hosting/api/client", encode(HOSTING, sent, "Client", value), content_type=sent,
                         accept=accept)
    assert answer.status == 201, answer
    assert content_type(answer) == expected


@pytest.mark.parametrize("sent, accept, expected", BODY_ROWS)
def test_type_of_the_body_asks_for_nothing(installation, client, group, sent, accept, expected):
    """The references of discovery and credentials answer in JSON: there XML is asked for by name."""
    if accept in (None, "text/html"):
        expected = JSON
    client_value = {"Name": unique("neg"), "Secret": "its own secret", "UserID": installation.admin_id}
    hello = {"ClientCode": "n1", "ClientGroupId": group, "AppName": "a", "AppVersion": "1"}
    for family, path, type_name, value in ((CREDENTIALS, "/api/v1/admin/clients", "ClientRequest", client_value),
                                           (DISCOVERY, "/api/ClientHello", "DTOHello", hello)):
        for body, status in ((encode(family, sent, type_name, value), 200),
                             (encode(family, sent, type_name, {}), 400)):
            answer = client.post(path, body, content_type=sent, accept=accept)
            assert answer.status == status, answer
            assert content_type(answer) == expected, answer


@pytest.mark.parametrize("accept, expected", SCRIPT_ROWS)
def test_requests_of_scripts(client, accept, expected):
    answer = client.get("/api/v1/admin/clients", accept=accept,
                        headers={"X-Requested-With": "XMLHttpRequest"})
    assert content_type(answer) == expected


HELLO = {"ClientCode": "n1", "AppName": "a", "AppVersion": "1"}


@pytest.mark.parametrize("sent", [
    "application/json", "text/json", "APPLICATION/JSON", "application/json; charset=utf-8",
    "application/json;charset=iso-8859-1", "application/json-patch+json", "application/vnd.example+json"])
def test_json_media_types(anonymous, group, sent):
    answer = anonymous.post("/api/ClientHello", json.dumps(HELLO | {"ClientGroupId": group}),
                            content_type=sent)
    assert answer.status == 200, answer


@pytest.mark.parametrize("sent", ["application/xml", "text/xml", "Text/XML; charset=utf-8",
                                  "application/soap+xml"])
def test_xml_media_types(anonymous, group, sent):
    body = DISCOVERY.encode("xml", "DTOHello", HELLO | {"ClientGroupId": group})
    answer = anonymous.post("/api/ClientHello", body, content_type=sent)
    assert answer.status == 200, answer


@pytest.mark.parametrize("sent", ["text/plain", "multipart/form-data; boundary=x", "application/octet-stream",
                                  "nonsense", "image/png"])
def test_unread_media_types(anonymous, group, sent):
    answer = anonymous.post("/api/ClientHello", "x", content_type=sent)
    assert answer.status == 415, answer
    assert sent.partition(";")[0] in answer.json()["Message"]


def test_no_media_type(anonymous):
    answer = anonymous.post("/api/ClientHello", b"{}")
    assert answer.status == 415, answer
    assert "Content-Type" in answer.json()["Message"]
