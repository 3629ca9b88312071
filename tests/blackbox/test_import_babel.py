"""Moving in from Babel Licensing: every table as rows here, keys and passwords that go on working, and runs that can be repeated."""

import base64
import csv
import json
import os
import pty
import subprocess
import urllib.parse

import pytest

from harness import babel, moving
from harness.identity import identity_hash
from harness.installation import wait_until
from harness.moving import numbers, told

ADMIN, SELLER, NOBODY = (f"7b167275-a36e-436b-91e8-1db8380be25{digit}" for digit in "123")
ROLES = {"Administrator": "1d3bb402-872d-4888-8a34-9e8a493d41d9", "Sales": "4ea60054-5959-4e5a-b11f-85e10a0fc6ff",
         "Juggler": "00000000-872d-4888-8a34-9e8a493d41d9"}
KEY, NARROW_KEY = "api_u3o7i1au2wycki8awj1kdmp8", "api_narrownarrownarrow123456"
PASSWORD = "a long former passphrase"
MAIL = ('<p>Dear <span class="dx-variable" data-var-value="CustomerName">\ufeff<span>{CustomerName}</span>\ufeff</span>, '
        'your {ProductName} key is {UserKey}. {Unheard}</p>')


def document(number, more=""):
    return ('<?xml version="1.0" encoding="utf-16"?>\r\n<Licenses xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f'<License Id="lic{number}" issueDate="2023-05-30T06:39:07.2883132Z" type="Enterprise">'
            f'<Licensee company="Company {number} &amp; Co" contactInfo="info@example.org" />'
            '<Product Id="P01" name="ACME Paint"><Description>Painting</Description></Product>'
            f'{more}</License><Signature><Algorithm name="RSA" /><SignatureValue>AAAA</SignatureValue></Signature></Licenses>')


PARTS = ('<Components><Component name="core" /><Component>extra</Component></Components>'
         '<Assemblies><Assembly name="Acme.Core" version="1.*" /></Assemblies>'
         '<Fields><Field name="seats" value="5" /><Field name="&quot;odd&quot;" value="&lt;" /></Fields>'
         '<Features><Feature Id="pdf" name="PDF" expireDate="2031-01-01T00:00:00Z"><Description>Export</Description>'
         '<Data>QUJD</Data></Feature></Features>'
         '<Restrictions><Trial runCount="30" expireDays="36500" /><Memory totalMemory="8192"><Own a="b">text</Own></Memory>'
         '</Restrictions>')


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    return make_key_file(tmp_path_factory.mktemp("keys"), 1024)


def make_key_file(folder, bits):
    """A key pair as Windows stores it, made of one of OpenSSL's."""
    pem = folder / "key.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", str(pem), str(bits)], check=True, capture_output=True)
    text = subprocess.run(["openssl", "rsa", "-in", str(pem), "-noout", "-text"], check=True, capture_output=True,
                          text=True).stdout
    numbers, name = {}, None
    for line in text.splitlines():
        if line.startswith(" "):
            numbers[name] += line.strip().replace(":", "")
        else:
            name, _, rest = line.partition(":")
            numbers[name] = ""
    whole, half = bits // 8, bits // 16
    sizes = {"modulus": whole, "prime1": half, "prime2": half, "exponent1": half, "exponent2": half, "coefficient": half,
             "privateExponent": whole}
    parts = b"".join(int(numbers[part], 16).to_bytes(size, "little") for part, size in sizes.items())
    head = bytes.fromhex("0702000000240000") + b"RSA2" + bits.to_bytes(4, "little") + (65537).to_bytes(4, "little")
    return head + parts


def rows_of(key):
    time = "2024-03-04 05:06:07.890000"
    return {
        "__EFMigrationsHistory": [{"MigrationId": name, "ProductVersion": "8.0.11"} for name in babel.MIGRATIONS],
        "Customers": [
            {"Id": 7, "Company": "Ütopia \"&\" Söhne", "Code": "C-1", "Rating": 3, "CreatedAt": time, "UpdatedAt": time,
             "Email": "ada@example.org", "IsReseller": True, "MapZoomLevel": 1.5, "Image": b"\x89PNG", "Meta": "{}"},
            {"Id": 9, "FirstName": "Ada", "Code": "C-1", "Rating": 0, "CreatedAt": time, "Phone": "1" * 80},
            {"Id": 11, "LastName": "Line\x01feed", "Rating": 0, "CreatedAt": "0001-01-01 00:00:00"}],
        "Contacts": [{"Id": 1, "LastName": "Babbage", "CustomerId": 7, "Notify": True},
                     {"Id": 2, "LastName": "Lost", "CustomerId": 8}],
        "AspNetRoles": [{"Id": guid, "Name": name, "NormalizedName": name.upper()} for name, guid in ROLES.items()],
        "AspNetUsers": [
            {"Id": ADMIN, "UserName": "former.admin", "NormalizedUserName": "FORMER.ADMIN", "Email": "root@example.org",
             "PasswordHash": identity_hash(PASSWORD, 1000), "CreatedAt": time, "BirthDate": "1990-01-02 00:00:00",
             "TwoFactorEnabled": True},
            {"Id": SELLER.upper(), "UserName": "seller", "CustomerId": 7, "PasswordHash": "broken"},
            {"Id": NOBODY, "UserName": "admin", "LockoutEnd": "9999-12-31 23:59:59.999999"}],
        "AspNetUserRoles": [{"UserId": ADMIN, "RoleId": ROLES["Administrator"]},
                            {"UserId": SELLER.upper(), "RoleId": ROLES["Sales"]},
                            {"UserId": SELLER.upper(), "RoleId": ROLES["Juggler"]}],
        "ApiKeys": [
            {"Id": 1, "Name": "admin API Key", "Key": KEY, "CreatedDate": time, "OwnerId": ADMIN, "Permissions": 15},
            {"Id": 2, "Name": "narrow", "Key": NARROW_KEY, "CreatedDate": time, "OwnerId": SELLER.upper(),
             "Permissions": 1, "ExpireDate": "2099-01-01 00:00:00", "Description": "reads"},
            {"Id": 3, "Name": "revoked", "Key": "api_revokedrevokedrevoked00", "CreatedDate": time, "OwnerId": ADMIN,
             "Revoked": True, "Permissions": 15, "ClientSecret": "in the clear, there"},
            {"Id": 4, "Name": "ownerless", "Key": "api_ownerlessownerlessown0", "CreatedDate": time, "Permissions": 15}],
        "Settings": [{"Id": 1, "Category": "ui", "Group": "lists", "Name": "pageSize", "Value": "50", "UserId": ADMIN},
                     {"Id": 2, "Name": "of the server", "Value": "x"}],
        "Resources": [
            {"Id": 1, "Name": "Keys", "Type": "RSA", "Source": "Keys.snk", "CreatedAt": time, "Data": key, "DataFormat": "SNK"},
            {"Id": 2, "Name": "Damaged", "Type": "RSA", "CreatedAt": time, "DataFormat": "SNK",
             "Data": key[:30] + bytes([key[30] ^ 1]) + key[31:]},
            {"Id": 3, "Name": "New License", "Type": "email", "Data": MAIL.encode(), "DataFormat": "html",
             "Meta": '{"enable_send":"true"}'},
            {"Id": 4, "Name": "Logo", "Type": "file", "Data": bytes(range(256))}],
        "Products": [{"Id": 5, "Code": "TP1", "Name": "Paint", "Price": "12.5000", "Currency": "USD", "SignatureKeysId": 1},
                     {"Id": 6, "Name": None, "SignatureKeysId": 2}],
        "Releases": [{"Id": 1, "Name": "One", "Version": "1.0", "ReleaseDate": time},
                     {"Id": 2, "Name": "Of nothing", "ReleaseDate": time}],
        "Assemblies": [{"Id": 1, "Name": "Acme.Core", "Version": "1.0.0.0", "MappingFileId": 4}],
        "ProductAssemblies": [{"Id": 1, "ProductId": 5, "AssemblyId": 1, "ReleaseId": 1},
                              {"Id": 2, "ProductId": 5, "AssemblyId": 1}],
        "Orders": [{"Id": 3, "OrderNumber": "O-1", "Status": "paid", "Total": "99.9500", "CustomerId": 7, "ResellerId": 9,
                    "PaymentDate": time, "Meta": "left"}],
        "ProductOrders": [{"ProductId": 5, "OrderId": 3, "Quantity": 2, "UnitPrice": "49.9750", "Discount": 0.5}],
        "LicenseTemplates": [{"Id": 1, "Name": "Standard", "Format": "XML", "ProductId": 5, "ReleaseId": 1,
                              "ExpireDays": 30, "IssueDate": True, "LicensingMode": 1, "SupportDays": 365,
                              "Template": document(0, PARTS), "LicenseType": "Full"}],
        "Licenses": [
            {"Id": 21, "LicenseId": "licA", "Format": "XML", "LicenseType": "Enterprise", "IssueDate": time,
             "LicenseKey": document("A", PARTS), "MaxAllowedSites": 2, "UserKey": "AAAAA-1", "LicensingMode": 1,
             "TemplateId": 1, "SignatureKeysId": 1, "CustomerId": 7, "OrderId": 3, "CreatedAt": time, "Trace": True,
             "LicenseeName": "Ada", "Meta": "m", "ExpireDate": "2099-01-01 00:00:00"},
            {"Id": 22, "LicenseId": "licA", "Format": "XML DSig", "LicenseKey": document("B"), "UserKey": "AAAAA-1",
             "LicensingMode": 2, "MaxAllowedSites": 1, "IssueDate": time, "CreatedAt": time},
            {"Id": 23, "LicenseId": "licC", "Format": "ASCII", "LicenseKey": "K7Q2M-ZX94T", "UserKey": "CCCCC-3",
             "Revoked": True, "IssueDate": time, "CreatedAt": time, "CustomerId": 8},
            {"Id": 24, "LicenseId": "licD", "Format": "Parchment", "UserKey": "DDDDD-4", "CreatedAt": time}],
        "ProductLicenses": [{"ProductId": 5, "LicenseId": 21}, {"ProductId": 5, "LicenseId": 23}],
        "LicenseTokens": [
            {"Id": 1, "Token": "actk_one", "MachineId": "M-1", "ClientId": "paint", "LicenseId": 21, "IssueDate": time,
             "Hash": "6/fc3ft6wfYOMxvyoFGzvA==", "NodeLockedLicenseId": 22, "Address": "192.0.2.1"},
            {"Id": 2, "Token": "actk_lost", "LicenseId": 99}],
        "LicenseTraces": [{"Id": 1, "ClientIp": "::ffff:172.18.0.4", "CreatedDate": time, "Action": 1, "LicenseId": 21,
                           "ClientId": "paint"}],
        "Reports": [{"Id": 1, "Uid": "u-1", "Name": "ExceptionReport", "Date": time, "Content": "it broke"}],
        "ReportProperties": [{"Id": 1, "Name": "os", "Value": "Windows", "ReportId": 1}],
        "Downloads": [{"Id": 1, "Name": "setup.exe"}],
        "Logs": [{"Id": 1, "Message": "started", "Level": "Information", "TimeStamp": time}],
        "WebhookSubscriptions": [{"Id": 1, "Name": "shop", "Url": "https://example.org/hook", "IsActive": True}],
    }


def run(installation, *arguments, password=None):
    if password is not None:
        arguments += ("--password-stdin",)
    return moving.run(installation, "babel", *arguments, given=None if password is None else password + "\n")


def move(installation, source, *arguments):
    given = (["--password-stdin"], babel.PASSWORD + "\n") if "://" in source else ([], None)
    return moving.move(installation, "babel", "--from", source, *arguments, *given[0], given=given[1],
                       secrets=(KEY, NARROW_KEY, "in the clear, there", PASSWORD))


EXPECTED = {"Customers": [3, 3, 0, 0, 0], "Contacts": [2, 1, 0, 0, 1], "AspNetUsers": [3, 3, 0, 0, 0],
            "Settings": [1, 1, 0, 0, 0], "ApiKeys": [4, 3, 0, 0, 1], "Resources": [4, 3, 0, 0, 1],
            "Products": [2, 2, 0, 0, 0], "Releases": [2, 1, 0, 0, 1], "Assemblies": [1, 1, 0, 0, 0],
            "ProductAssemblies": [1, 1, 0, 0, 0], "Orders": [1, 1, 0, 0, 0], "ProductOrders": [1, 1, 0, 0, 0],
            "LicenseTemplates": [1, 1, 0, 0, 0], "Licenses": [4, 4, 0, 0, 0], "LicenseTokens": [2, 1, 0, 0, 1],
            "LicenseTraces": [1, 1, 0, 0, 0], "Reports": [1, 1, 0, 0, 0], "ReportProperties": [1, 1, 0, 0, 0]}


def sources(kind, installation, folder, rows, **choices):
    if kind == "server":
        return babel.make_schema(installation, "former", rows, **choices)
    make = babel.make_file if kind == "file" else babel.make_dump
    return make(folder / f"former.{kind}", rows, **choices)


@pytest.fixture(params=["server", "file", "dump"])
def moved(request, private_installation, tmp_path, key_file):
    """An installation that the rows have moved into, and the first report."""
    installation = private_installation()
    source = sources(request.param, installation, tmp_path, rows_of(key_file))
    trial = move(installation, source, "--dry-run", "--keep-ids")
    assert installation.sql("SELECT (SELECT COUNT(*) FROM customer) + (SELECT COUNT(*) FROM import_map)") == [["0"]]
    report = move(installation, source, "--keep-ids", "--map", tmp_path / "map.csv")
    assert trial["tables"] == report["tables"] and trial["notes"] == report["notes"]
    return installation, source, report, tmp_path / "map.csv"


def test_all_of_it(moved, key_file):
    installation, source, report, map_file = moved
    assert numbers(report) == EXPECTED and report["status"] == 1
    check_notes(report)
    check_keys_and_passwords(installation)
    check_lists(installation.client(KEY))
    check_each_member(installation.client(KEY), rows_of(key_file))
    check_calls(installation)
    check_signing(installation)
    check_map(map_file)
    check_audit(installation)
    check_again(installation, source)


def check_notes(report):
    assert report["by"]["AspNetUserRoles"]["left"] == 3 and report["by"]["WebhookSubscriptions"]["left"] == 1
    assert "create the webhooks again" in report["by"]["WebhookSubscriptions"]["reason"]
    assert report["by"]["Settings"]["left"] == report["by"]["ProductAssemblies"]["left"] == 1
    assert 'code "C-1" is another row\'s, and became "C-1~7" here' in told(report, "Customers", "7")
    assert "cut" in told(report, "Customers", "9") and "question marks" in told(report, "Customers", "11")
    assert "Customers 8, which is not here" in told(report, "Contacts", "2")
    assert "second factor" in told(report, "AspNetUsers", ADMIN)
    assert "Juggler" in told(report, "AspNetUsers", SELLER.upper())
    assert "needs a new one" in told(report, "AspNetUsers", SELLER.upper())
    assert "locked out" in told(report, "AspNetUsers", NOBODY) and "admin~7b167275" in told(report, "AspNetUsers", NOBODY)
    assert "holds a key that cannot sign" in told(report, "Resources", "2")
    assert "{Unheard}" in told(report, "Resources", "3")
    assert "Resources 2, which is not here" in told(report, "Products", "6")
    assert "named by its number" in told(report, "Products", "6")
    assert "no value" in told(report, "Releases", "2") and "Meta" in told(report, "Orders")
    assert told(report, "Licenses", "21").count("~21") == 2 and told(report, "Licenses", "22") == ""
    assert "is no XML" in told(report, "Licenses", "23") and "Customers 8" in told(report, "Licenses", "23")
    assert "Parchment" in told(report, "Licenses", "24")


def check_keys_and_passwords(installation):
    assert installation.client(KEY).get("/v1/customers").status == 200
    narrow = installation.client(NARROW_KEY)
    assert narrow.get("/v1/customers").status == 200
    assert narrow.post("/v1/customers", {"customer": {"company": "X"}}).status == 403
    assert installation.client("api_revokedrevokedrevoked00").get("/v1/customers").status == 401
    assert installation.sql("SELECT COUNT(*) FROM api_key WHERE client_secret_hash LIKE '$y$%'") == [["1"]]
    login = {"userName": "former.admin", "password": PASSWORD}
    assert installation.client().post("/v1/session", {**login, "password": "wrong"}).status in (400, 401)
    assert installation.client().post("/v1/session", login).status == 200
    [[stored]] = installation.sql("SELECT password_hash FROM user WHERE user_name = 'former.admin'")
    assert stored.startswith("$y$")


def listed(client, path, member, **query):
    answer = client.get(path + ("?" + urllib.parse.urlencode(query) if query else ""))
    assert answer.status == 200, answer
    return {row.get("id"): row for row in answer.json()[member]}


def check_lists(client):
    """What the old rows say is what the lists answer."""
    time = "2024-03-04T05:06:07.89Z"
    customers = listed(client, "/v1/customers", "customers")
    assert set(customers) == {7, 9, 11}
    assert customers[7]["company"] == 'Ütopia "&" Söhne' and customers[7]["createdAt"] == time
    assert customers[7]["image"] == base64.b64encode(b"\x89PNG").decode() and customers[7]["mapZoomLevel"] == 1.5
    assert customers[7]["isReseller"] is True and customers[7]["rating"] == 3 and customers[7]["code"] == "C-1~7"
    assert customers[9]["code"] == "C-1" and customers[9]["phone"] == "1" * 64
    assert customers[11]["lastName"] == "Line?feed" and customers[11]["code"].startswith("C-")
    assert [row["lastName"] for row in listed(client, "/v1/contacts", "contacts").values()] == ["Babbage"]
    users = {user["userName"]: user for user in listed(client, "/v1/users", "users").values()}
    assert users["former.admin"]["id"] == ADMIN and users["former.admin"]["roles"] == ["Administrator"]
    assert users["seller"]["roles"] == ["Sales"] and users["seller"]["customerId"] == 7
    assert users["admin~7b167275"]["enabled"] is False
    keys = {key["name"]: key for key in listed(client, "/v1/api-keys", "apiKeys").values()}
    assert keys["admin API Key"]["ownerId"] == ADMIN and keys["narrow"]["expireDate"] == "2099-01-01T00:00:00Z"
    assert keys["admin API Key"]["createdDate"] == time and keys["revoked"]["revoked"] is True
    check_products(client, time)
    check_licenses(client, time)


# Each list that the original answers, and what is not as it was there, on purpose: see check_notes().
LISTS = {"Customers": ("customers", "customers"), "Contacts": ("contacts", "contacts"), "Orders": ("orders", "orders"),
         "Products": ("products", "products"), "Assemblies": ("assemblies", "assemblies"),
         "Resources": ("resources", "resources"), "LicenseTemplates": ("license-templates", "licenseTemplates"),
         "Licenses": ("licenses", "licenses"), "LicenseTokens": ("license-tokens", "licenseTokens"),
         "LicenseTraces": ("license-traces", "licenseTraces"), "Reports": ("reports", "reports"),
         "ApiKeys": ("api-keys", "apiKeys"), "AspNetUsers": ("users", "users")}
OTHERWISE = {("Customers", 7, "Code"), ("Customers", 9, "Phone"), ("Customers", 11, "LastName"), ("Customers", 11, "CreatedAt"),
             ("Products", 6, "Name"), ("Products", 6, "SignatureKeysId"), ("Orders", 3, "Meta"), ("Orders", 3, "CreatedById"),
             ("Licenses", 21, "LicenseId"), ("Licenses", 21, "UserKey"), ("Licenses", 23, "CustomerId"),
             ("AspNetUsers", NOBODY, "UserName")}
NEVER_SHOWN = {"Key", "ClientSecret", "Data", "Format", "PasswordHash", "NormalizedUserName", "TwoFactorEnabled", "LockoutEnd"}


def shown(value, kind):
    """A value of the former database as an answer has it."""
    if value is None:
        return None
    if kind == "time":
        day, _, clock = value.partition(" ")
        return f"{day}T{clock.rstrip('0').rstrip('.') if '.' in clock else clock}Z"
    if kind == "blob":
        return base64.b64encode(value).decode()
    return {"money": float, "real": float, "bool": bool, "guid": str.lower}.get(kind, lambda same: same)(value)


def check_each_member(client, rows):
    """Member by member, what the lists of the original would answer of these rows."""
    compared = 0
    for table, (path, member) in LISTS.items():
        # A key of this installation has the number 1 already.
        by = "Name" if table == "ApiKeys" else "Id"
        answers = {str(row[by.lower()]): row for row in listed(client, f"/v1/{path}", member).values()}
        kinds = dict(babel.columns_of(table))
        for row in rows[table]:
            answer = answers.get(str(row[by]) if by == "Name" else str(row[by]).lower())
            assert answer is not None or (table, row["Id"]) in {
                ("Contacts", 2), ("Resources", 2), ("ApiKeys", 4), ("LicenseTokens", 2)}, (table, row["Id"])
            for name, value in row.items():
                if answer is None or name in NEVER_SHOWN or (table, row["Id"], name) in OTHERWISE or (by, name) == ("Name", "Id"):
                    continue
                here = answer[name[0].lower() + name[1:]]
                if isinstance(here, str) and "\n" in here:
                    here = here.replace("\r\n", "\n").replace("\n", "\r\n")  # the tool that fills the schema drops some
                assert here == shown(value, kinds[name]), (table, row["Id"], name, here)
                compared += 1
    assert compared > 100


def check_products(client, time):
    resources = {row["name"]: row for row in listed(client, "/v1/resources", "resources").values()}
    assert set(resources) == {"Keys", "New License", "Logo"} and resources["Keys"]["data"] == "********"
    assert "{{licensee.name}}" in resources["New License"]["data"] and "{Unheard}" in resources["New License"]["data"]
    assert "\ufeff" not in resources["New License"]["data"]
    assert base64.b64decode(resources["Logo"]["data"]) == bytes(range(256))
    products = listed(client, "/v1/products", "products")
    assert products[5]["price"] == 12.5 and products[5]["signatureKeysId"] == 1 and products[6]["name"] == "Products 6"
    [release] = client.get("/v1/products/5/releases").json()["releases"]
    assert (release["name"], release["releaseDate"]) == ("One", time)
    [assembly] = client.get("/v1/products/5/releases/1/assemblies").json()["assemblies"]
    assert (assembly["name"], assembly["mappingFileId"]) == ("Acme.Core", 4)
    [order] = listed(client, "/v1/orders", "orders").values()
    assert (order["id"], order["total"], order["customerId"], order["resellerId"]) == (3, 99.95, 7, 9)
    [ordered] = client.get("/v1/orders/3/products").json()["orderProducts"]
    assert (ordered["quantity"], ordered["unitPrice"], ordered["discount"]) == (2, 49.975, 0.5)
    [report] = listed(client, "/v1/reports", "reports").values()
    assert report["content"] == "it broke" and report["date"] == time


def check_licenses(client, time):
    include = "features,fields,restrictions,assemblies"
    licenses = listed(client, "/v1/licenses", "licenses", include=include)
    one = licenses[21]
    assert (one["licenseId"], one["userKey"]) == ("licA~21", "AAAAA-1~21")
    assert (licenses[22]["licenseId"], licenses[22]["userKey"]) == ("licA", "AAAAA-1")
    assert one["createdAt"] == one["issueDate"] == time and one["expireDate"] == "2099-01-01T00:00:00Z"
    assert (one["customerId"], one["orderId"], one["templateId"], one["signatureKeysId"]) == (7, 3, 1, 1)
    assert one["licensee"]["company"] == "Company A & Co" and one["product"]["description"] == "Painting"
    assert one["components"] == ["core", "extra"]
    assert [(field["name"], field["value"]) for field in one["fields"]] == [("seats", "5"), ('"odd"', "<")]
    [feature] = one["features"]
    assert (feature["id"], feature["description"], feature["data"]) == ("pdf", "Export", "QUJD")
    assert feature["expireDate"] == "2031-01-01T00:00:00Z" and one["assemblies"][0]["version"] == "1.*"
    trial, memory = one["restrictions"]
    assert (trial["name"], trial["properties"]) == ("Trial", {"runCount": "30", "expireDays": "36500"})
    assert memory["properties"] == {"totalMemory": "8192"} and memory["customXmlContent"] == '<Own a="b">text</Own>'
    assert one["licenseKey"] == document("A", PARTS).replace("\r\n", "\n") or one["licenseKey"] == document("A", PARTS)
    assert [licenses[number]["format"] for number in (21, 22, 23, 24)] == [0, 1, 3, 0]
    assert licenses[23]["revoked"] is True and licenses[23]["customerId"] is None
    assert licenses[23]["product"]["id"] == "TP1" and licenses[22]["expireDate"] is None
    [template] = listed(client, "/v1/license-templates", "licenseTemplates", include=include).values()
    assert template["features"][0]["id"] == "pdf" and template["releaseId"] == 1 and template["expireDays"] == 30
    [token] = listed(client, "/v1/license-tokens", "licenseTokens").values()
    assert (token["token"], token["licenseId"], token["nodeLockedLicenseId"]) == ("actk_one", 21, 22)
    [trace] = listed(client, "/v1/license-traces", "licenseTraces").values()
    assert (trace["action"], trace["licenseId"], trace["createdDate"]) == (1, 21, time)


def check_calls(installation):
    """Programs of the vendor go on with the same keys."""
    client = installation.client(KEY)
    body = {"userKey": "AAAAA-1~21", "machineId": "M-1", "clientId": "paint", "clientName": "Paint"}
    first = client.post("/v1/license/activate", body)
    assert first.status == 200 and first.json()["license"]["licenseId"] == "licA~21", first
    assert client.post("/v1/license/activate", {**body, "machineId": "M-2"}).status == 200
    assert client.post("/v1/license/activate", {**body, "machineId": "M-3"}).status == 409
    assert client.post("/v1/license/validate", body).status == 200
    assert client.post("/v1/license/activate", {**body, "userKey": "CCCCC-3"}).status in (403, 409, 410)


def test_longer_keys(private_installation, tmp_path):
    """A key of the original signs as the original's programs expect it, whatever its length; one of this program does not."""
    installation = private_installation()
    key = make_key_file(tmp_path, 2048)
    move(installation, sources("file", installation, tmp_path, rows_of(key)), "--keep-ids")
    client = installation.client(KEY)
    new = check_signing(installation, 2048)
    (tmp_path / "document").write_text(new["licenseKey"])
    (tmp_path / "public").write_text(subprocess.run(["openssl", "rsa", "-in", str(tmp_path / "key.pem"), "-pubout"], check=True,
                                                    capture_output=True, text=True).stdout)
    for flags, good in ((["--legacy"], True), ([], False)):
        done = installation.cli("license", "verify", tmp_path / "document", "--key", tmp_path / "public", "--json", *flags,
                                check=False)
        assert (json.loads(done.stdout)["result"] == "VALID") is good, (flags, done)
    other = make_key_file(tmp_path, 2048)
    made = client.post("/v1/resources", {"resource": {"name": "ours", "type": "RSA", "dataFormat": "SNK",
                                                      "data": base64.b64encode(other).decode()}})
    assert made.status == 200, made
    number = made.json()["resourceId"]
    assert client.post("/v1/licenses", {"license": {"templateId": 1, "signatureKeysId": number}}).status == 200
    keys = listed(client, "/v1/signing-keys", "signingKeys").values()
    assert sorted((each["bits"], each["legacy"]) for each in keys) == [(2048, False), (2048, True)]


def check_signing(installation, bits=1024):
    """A new license of the product is signed with the key that came along."""
    client = installation.client(KEY)
    made = client.post("/v1/licenses", {"license": {"templateId": 1, "signatureKeysId": 1}})
    assert made.status == 200, made
    licenses = listed(client, "/v1/licenses", "licenses", include="features", sort="id desc", take=1)
    [new] = licenses.values()
    assert new["licenseKey"].startswith("<Licenses") and new["features"][0]["id"] == "pdf"
    [key] = listed(client, "/v1/signing-keys", "signingKeys").values()
    assert (key["bits"], key["legacy"], new["signedById"]) == (bits, True, key["id"])
    assert '<Algorithm name="RSA" />' in new["licenseKey"]
    return new


def check_map(path):
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["table", "former", "new"]
    assert all(row[0] in ("ApiKeys", "Contacts", "LicenseTraces", "Settings") for row in rows[1:]), rows
    assert path.stat().st_mode & 0o777 == 0o600


def check_audit(installation):
    """Who may do what has an entry for each row, all else one for each batch."""
    entries = installation.sql("SELECT resource, COUNT(*) FROM audit_entry WHERE actor_name LIKE 'import of Babel%' "
                               "AND action = 'insert' GROUP BY resource")
    counts = {name: int(count) for name, count in entries}
    assert counts["user"] == 3 and counts["API key"] == 3 and counts["license"] == counts["customer"] == 1, counts


def check_again(installation, source):
    before = installation.sql("SELECT COUNT(*), MAX(updated_at) FROM license")
    report = move(installation, source, "--keep-ids")
    assert installation.sql("SELECT COUNT(*), MAX(updated_at) FROM license") == before
    assert numbers(report) == {name: [read, 0, 0, added, refused] for name, (read, added, _, _, refused) in EXPECTED.items()}


def test_what_has_changed(private_installation, key_file, tmp_path):
    installation = private_installation()
    source = sources("server", installation, tmp_path, rows_of(key_file))
    assert numbers(move(installation, source)) == EXPECTED
    installation.sql("UPDATE Customers SET City = 'Rome' WHERE Id = 7; INSERT INTO Customers (Id, Company, Rating) VALUES "
                     "(8, 'Late', 0); UPDATE Licenses SET Revoked = 1 WHERE Id = 21; "
                     "UPDATE AspNetUsers SET City = 'Rome' WHERE UserName = 'seller'", database="former")
    installation.sql("DELETE FROM license_token; DELETE FROM license WHERE description IS NULL AND user_key = 'DDDDD-4'")
    installation.sql("UPDATE Licenses SET Description = 'x' WHERE Id = 24", database="former")
    report = move(installation, source)
    assert numbers(report)["Customers"] == [4, 1, 1, 2, 0] and numbers(report)["Contacts"] == [2, 1, 0, 1, 0]
    assert numbers(report)["AspNetUsers"] == [3, 0, 1, 2, 0]
    # One is revoked, one finds its customer now, and one is gone here.
    assert numbers(report)["Licenses"] == [4, 0, 2, 1, 1] and "was deleted here" in told(report, "Licenses", "24")
    assert installation.sql("SELECT revoked FROM license WHERE user_key LIKE 'AAAAA-1~%'") == [["1"]]
    assert installation.sql("SELECT COUNT(*) FROM customer WHERE city = 'Rome'") == [["1"]]
    assert installation.sql("SELECT COUNT(*) FROM license_feature f JOIN license l ON l.id = f.license_id") == [["1"]]


def test_ids_that_are_taken(private_installation, key_file, tmp_path):
    installation = private_installation()
    client = installation.client(installation.admin_key)
    for _ in range(8):
        assert client.post("/v1/customers", {"customer": {"company": "Here before"}}).status == 200
    source = sources("file", installation, tmp_path, rows_of(key_file))
    report = move(installation, source, "--keep-ids", "--map", tmp_path / "map.csv")
    assert numbers(report) == EXPECTED
    rows = [row for row in csv.reader((tmp_path / "map.csv").read_text().splitlines()) if row[0] == "Customers"]
    assert [row[1] for row in rows] == ["7"]
    [[customer]] = installation.sql("SELECT customer_id FROM license WHERE user_key LIKE 'AAAAA-1~%'")
    assert customer == rows[0][2]


def test_older_schema(private_installation, key_file, tmp_path):
    """Without webhooks, traces, keys and the columns that came later."""
    installation = private_installation()
    without = {"Customers.Meta", "Contacts.Meta", "Orders.Meta", "Products.Meta", "Licenses.Meta", "Licenses.Trace",
               "Licenses.LicenseeName", "Licenses.LicenseeCompany", "Licenses.LicenseeEmail", "LicenseTemplates.UserKey"}
    absent = {"ApiKeys", "LicenseTraces", "WebhookSubscriptions", "WebhookEvents"}
    rows = {table: [{name: value for name, value in row.items() if f"{table}.{name}" not in without} for row in some]
            for table, some in rows_of(key_file).items() if table not in absent}
    rows["__EFMigrationsHistory"] = rows["__EFMigrationsHistory"][:1]
    source = sources("file", installation, tmp_path, rows, without=without,
                     tables=[table for table in babel.TABLES if table not in absent])
    expected = {table: counts for table, counts in EXPECTED.items() if table not in absent}
    assert numbers(move(installation, source)) == expected


def test_newer_schema(private_installation, key_file, tmp_path):
    installation = private_installation()
    rows = rows_of(key_file)
    rows["__EFMigrationsHistory"].append({"MigrationId": "20990101000000_AddDreams", "ProductVersion": "99"})
    source = sources("file", installation, tmp_path, rows)
    with babel.sqlite3.connect(source) as database:
        database.execute("CREATE TABLE Dreams (Id INTEGER)")
        database.execute("CREATE TABLE __EFMigrationsLock (Id INTEGER)")
    report = move(installation, source)
    assert numbers(report) == EXPECTED
    assert "not known here" in told(report, "__EFMigrationsHistory") and "not known here" in told(report, "Dreams")
    assert not told(report, "__EFMigrationsLock")


def test_another_installation_under_the_same_name(private_installation, key_file, tmp_path):
    installation = private_installation()
    rows = rows_of(key_file)
    move(installation, sources("file", installation, tmp_path, rows))
    rows["AspNetRoles"][0]["Id"] = "ffffffff-872d-4888-8a34-9e8a493d41d9"
    rows["AspNetUserRoles"][0]["RoleId"] = rows["AspNetRoles"][0]["Id"]
    (tmp_path / "other").mkdir()
    other = sources("file", installation, tmp_path / "other", rows)
    refused = run(installation, "--from", other)
    assert refused.returncode == 1 and "another installation" in refused.stderr
    report = move(installation, other, "--name", "other")
    assert report["by"]["Customers"]["added"] == 3 and report["by"]["ApiKeys"]["added"] == 0


@pytest.mark.parametrize("source, password, reason", [
    (None, None, "Give --from"),
    ("/nonexistent/former.db", None, "cannot be opened"),
    ("postgres://me@host/x", None, "none of a MariaDB or MySQL server"),
    ("mysql://me:secret@host/x", None, "--password-stdin"),
    ("mysql://me@host", None, "names no database"),
    ("mysql://host/x", None, "names no user"),
    ("mysql://me@host:99999/x", None, "no port"),
    ("mysql://me@host/x?sslmode=on", None, "unknown parameter"),
    ("mysql://me@127.0.0.1:1/x", "wrong", "cannot be reached")])
def test_sources_that_are_none(installation, source, password, reason):
    result = run(installation, *(["--from", source] if source else []), password=password)
    assert result.returncode in (1, 2) and reason in result.stderr, result.stderr
    assert "secret" not in result.stderr.replace("me:secret@", "")


def test_files_that_are_none(installation, tmp_path):
    (tmp_path / "empty").write_text("")
    (tmp_path / "text").write_text("Dear reader, this is no dump.")
    (tmp_path / "broken.sql").write_text("CREATE TABLE `Licenses` (`Id` int); INSERT INTO `Licenses` VALUES (1,2,3);")
    (tmp_path / "open.sql").write_text("CREATE TABLE `Licenses` (`Id` int); INSERT INTO `Licenses` VALUES ('1")
    with babel.sqlite3.connect(tmp_path / "other.db") as database:
        database.execute("CREATE TABLE Birds (Id INTEGER)")
    for name, reason in (("empty", "is no database of Babel"), ("text", "is no database of Babel"),
                         ("broken.sql", "cannot be read"), ("other.db", "is no database of Babel")):
        result = run(installation, "--from", tmp_path / name)
        assert result.returncode == 1 and reason in result.stderr, (name, result.stderr)


def test_dumps_do_nothing_but_fill_their_own_tables(installation, tmp_path):
    for number, statement in enumerate((
            "INSERT INTO `x` VALUES (load_extension('/tmp/x'))", "UPDATE x SET a = (SELECT readfile('/etc/passwd'))",
            "INSERT INTO `x` VALUES ((SELECT writefile('/tmp/x', 'y')))", "UPDATE sqlite_master SET sql = 'x'")):
        (tmp_path / f"{number}.sql").write_text(f"CREATE TABLE `x` (`a` int); {statement};")
        result = run(installation, "--from", tmp_path / f"{number}.sql")
        assert result.returncode == 1 and "cannot be read" in result.stderr, (statement, result.stderr)
    (tmp_path / "attach.sql").write_text(f"ATTACH DATABASE '{tmp_path}/made.db' AS m; CREATE TABLE `x` (`a` int);")
    assert "is no database of Babel" in run(installation, "--from", tmp_path / "attach.sql").stderr
    assert not (tmp_path / "made.db").exists()


def test_tables_for_people(private_installation, key_file, tmp_path):
    installation = private_installation()
    source = sources("server", installation, tmp_path, rows_of(key_file))
    (tmp_path / "password").write_text(babel.PASSWORD + "\n")
    result = run(installation, "--from", source, "--dry-run", "--password-file", tmp_path / "password")
    assert result.returncode == 1 and "Dry run: nothing was stored." in result.stdout
    assert "TABLE" in result.stdout and "Contacts 2: not imported: " in result.stderr
    assert "\r" not in result.stderr  # no progress without a terminal


@pytest.mark.parametrize("table, row, reason", [
    ("ApiKeys", {"Key": "api_" + "x" * 80, "Permissions": 1}, "key"),
    ("ApiKeys", {"Key": "api_wide00000000000000000000", "Permissions": 31}, "permissions"),
    ("ApiKeys", {"Key": "api_timeless0000000000000000", "Permissions": 15, "ExpireDate": "soon"}, "expireDate"),
    ("ApiKeys", {"Key": KEY, "Permissions": 15}, "already"),
    ("Licenses", {"UserKey": "K" * 80}, "userKey"), ("Licenses", {"UserKey": "a\x02b"}, "userKey"),
    ("Licenses", {"UserKey": "x", "ExpireDate": "0001-13-01"}, "expireDate"),
    ("Licenses", {"UserKey": "x", "LicensingMode": 7}, "licensingMode"),
    ("Licenses", {"UserKey": "x", "MaxAllowedSites": -1}, "maxAllowedSites")])
def test_what_would_do_harm_is_refused(private_installation, key_file, tmp_path, table, row, reason):
    """Keys that would do more or last longer, and licenses that would hold for more, than they did."""
    installation = private_installation()
    rows = rows_of(key_file)
    rows[table].append({"Id": 90, "CreatedDate" if table == "ApiKeys" else "CreatedAt": "2024-01-01 00:00:00",
                        **({"Name": "odd", "OwnerId": ADMIN} if table == "ApiKeys" else {"LicenseId": "odd"}), **row})
    report = move(installation, sources("file", installation, tmp_path, rows))
    assert numbers(report)[table][4] == EXPECTED[table][4] + 1 and reason in told(report, table, "90"), report["notes"]


def many(key, count):
    """A thousand licenses of a product, with the seats that programs hold."""
    rows = rows_of(key)
    time = "2026-03-04 05:06:07.890000"
    rows["Licenses"] = [
        {"Id": number, "LicenseId": f"lic{number:08X}", "Format": "XML", "LicenseType": "Standard", "IssueDate": time,
         "LicenseKey": document(number, PARTS), "MaxAllowedSites": 2, "UserKey": f"KEY{number:05}", "CreatedAt": time,
         "LicensingMode": 1 + number % 2, "TemplateId": 1, "CustomerId": (7, 9, 11)[number % 3], "Trace": True,
         "Revoked": number % 50 == 0, "ExpireDate": "2020-01-01 00:00:00" if number % 75 == 0 else None}
        for number in range(1, count + 1)]
    rows["LicenseTokens"] = [
        {"Id": number, "Token": f"actk_{number:012}", "MachineId": f"M-{number}", "ClientId": "paint", "LicenseId": number,
         "IssueDate": time, "LastHeartbeat": time} for number in range(1, count + 1)]
    rows["LicenseTraces"] = [{"Id": number, "CreatedDate": time, "Action": 1, "LicenseId": number} for number in range(1, count + 1)]
    rows["ProductLicenses"] = [{"ProductId": 5, "LicenseId": number} for number in range(1, count + 1)]
    return rows


def test_rehearsal(private_installation, key_file, tmp_path):
    """A thousand licenses move, and programs go on: each as its license says."""
    installation = private_installation()
    source = sources("file", installation, tmp_path, many(key_file, 1000))
    report = move(installation, source, "--keep-ids")
    assert numbers(report)["Licenses"] == numbers(report)["LicenseTokens"] == [1000, 1000, 0, 0, 0]
    client, program = installation.client(KEY), installation.client()
    answer = client.get("/v1/licenses?take=1000&total=exact").json()
    assert [row["userKey"] for row in answer["licenses"]] == [f"KEY{number:05}" for number in range(1, 1001)]
    for number in (1, 2, 3, 49, 51, 499, 998, 1000):
        license = document(number, PARTS)
        call = {"userKey": f"KEY{number:05}", "machineId": f"M-{number}", "clientId": "paint"}
        path = "activate" if number % 2 == 0 else "request"
        answer = client.post(f"/v1/license/{path}", call)
        if number == 1000:
            assert answer.status == 403, answer
            continue
        assert answer.status == 200, (number, answer)
        body = answer.json()
        assert body["license"]["licenseId"] == f"lic{number:08X}" and body["activeClientCount"] == 1
        assert bytes(body["license"]["licenseKey"]).decode().replace("\r", "") == license.replace("\r", ""), number
        assert client.post("/v1/license/validate", call).status == 200
        assert client.post(f"/v1/license/{path}", {**call, "machineId": "another"}).json()["activeClientCount"] == 2
        assert client.post(f"/v1/license/{path}", {**call, "machineId": "a third"}).status == 409
    assert program.post("/v1/license/validate", {"userKey": "KEY00075", "machineId": "M-75", "clientId": "paint"}).status in (401, 403)
    [[features]] = installation.sql("SELECT COUNT(*) FROM license_feature WHERE license_id IS NOT NULL")
    assert features == "1000"


def test_ended_half_way(private_installation, key_file, tmp_path):
    """What was stored stays, and the next run does the rest."""
    installation = private_installation()
    source = sources("file", installation, tmp_path, many(key_file, 3000))
    with subprocess.Popen([str(installation.build / "clientele"), installation.configuration(), "import", "babel", "--from",
                           source], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=installation.environment()) as process:
        wait_until(lambda: int(installation.sql("SELECT COUNT(*) FROM license")[0][0]) >= 500, "the first licenses")
        process.kill()
    [[stored]] = installation.sql("SELECT COUNT(*) FROM license")
    assert installation.sql("SELECT COUNT(*) FROM import_map WHERE source_table = 'Licenses'") == [[stored]]
    report = move(installation, source)
    assert numbers(report)["Licenses"] == [3000, 3000 - int(stored), 0, int(stored), 0]
    assert installation.sql("SELECT COUNT(*) FROM license_token") == [["3000"]]
    assert numbers(move(installation, source))["Licenses"] == [3000, 0, 0, 3000, 0]


def test_progress_on_a_terminal(private_installation, key_file, tmp_path):
    installation = private_installation()
    source = sources("file", installation, tmp_path, many(key_file, 1000))
    inner, outer = pty.openpty()
    with subprocess.Popen([str(installation.build / "clientele"), installation.configuration(), "import", "babel", "--from",
                           source], stdout=subprocess.DEVNULL, stderr=outer, env=installation.environment()) as process:
        os.close(outer)
        seen = b""
        while True:
            try:
                piece = os.read(inner, 65536)
            except OSError:  # nobody holds the other end any more
                break
            if not piece:
                break
            seen += piece
        process.wait(timeout=60)
    os.close(inner)
    assert b"\r\x1b[KLicenses" in seen and b"of 1000" in seen and b"a second" in seen


def test_bytes_in_dumps(private_installation, key_file, tmp_path):
    """As mysqldump writes them with and without --hex-blob, and as the text that another program has made of them."""
    installation = private_installation()
    escaped = "".join({0: "\\0", 10: "\\n", 13: "\\r", 26: "\\Z", 34: '\\"', 39: "\\'", 92: "\\\\"}.get(byte, chr(byte))
                      for byte in key_file).encode("latin-1")
    head = "\n".join(statement + ";" for statement in babel.script({name: rows_of(key_file)[name] for name in (
        "__EFMigrationsHistory",)})).encode()
    line = b"INSERT INTO `Resources` (`Id`,`Name`,`Type`,`Data`,`DataFormat`) VALUES (%d,'Keys','RSA',%s,'SNK');\n"
    (tmp_path / "dump.sql").write_bytes(
        head + b"\n" + line % (1, b"_binary '" + escaped + b"'") + line % (2, b"0x" + key_file.hex().encode())
        + line % (3, b"'" + escaped.decode("latin-1").encode() + b"'")
        + b"UPDATE Resources SET Name = 'mended' WHERE Id = 2;\n")
    report = move(installation, str(tmp_path / "dump.sql"))
    assert numbers(report)["Resources"] == [3, 2, 0, 0, 1] and "cannot sign" in told(report, "Resources", "3")
    assert installation.sql("SELECT COUNT(*) FROM resource WHERE name = 'mended'") == [["1"]]
