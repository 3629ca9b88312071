"""Keys of all sorts in the console: API keys and API clients with their secrets, and keys that sign licenses."""

import pytest

from pages import choose_scheme, fresh_page, make_row, needs_console, resize

needs_console()


@pytest.fixture
def page(keeper):
    return fresh_page(keeper)


def keys(client, name):
    return [one for one in client.get("/v1/api-keys").json()["apiKeys"] if one["name"] == name]


def may_read(running, key):
    return running.client(key).get("/v1/products").status == 200


# --- API keys ---

def test_an_api_key_is_made(page, client, running):
    page.open("#/api-keys/new")
    page.heading("New: API key")
    page.fill("Name", "Reports")
    for permission in ("update", "delete", "create"):
        box = page.field(permission)
        if box.is_selected():
            box.click()
    if not page.field("read").is_selected():
        page.field("read").click()
    page.fill("Allowed networks", "127.0.0.0/8\n::1")
    page.check()
    page.button("Create")
    key = page.find(".secret code").text
    page.sees("It is shown this once.")
    page.check()
    page.button("Done")
    page.heading("Reports")
    [made] = keys(client, "Reports")
    assert made["permissions"] == 1 and made["allowedNetworks"] == ["127.0.0.0/8", "::1"]
    assert may_read(running, key) and key not in page.text()


def test_an_api_key_is_rotated(page, client, running):
    """The former one goes on for the time of grace that was chosen, or ends at once."""
    made = make_row(client, "/v1/api-keys", "apiKey", name="Till", permissions=3, rateLimit=500, description="At the door")
    page.open(f"#/api-keys/{made['apiKeyId']}")
    page.button("Rotate")
    page.fill("The former key goes on for", "1 hour")
    page.check()
    page.button("Rotate")
    second = page.find(".secret code").text
    page.sees("The former key is valid until")
    page.check()
    page.button("Close")
    former, present = sorted(keys(client, "Till"), key=lambda one: one["id"])
    assert former["expireDate"] and not former["revoked"]
    assert (present["permissions"], present["rateLimit"], present["description"], present["expireDate"]) == (3, 500, "At the door", None)
    assert may_read(running, made["apiKey"]) and may_read(running, second)
    page.open(f"#/api-keys/{present['id']}")
    page.button("Rotate")
    page.fill("The former key goes on for", "not at all: it ends at once")
    page.button("Rotate")
    third = page.find(".secret code").text
    page.sees("The former key has ended.")
    page.button("Close")
    page.wait(lambda: not may_read(running, second), "the former key is still taken")
    assert may_read(running, third)


def test_an_api_key_is_revoked_and_taken_back(page, client, running):
    made = make_row(client, "/v1/api-keys", "apiKey", name="Kiosk")
    page.open(f"#/api-keys/{made['apiKeyId']}")
    page.button("Revoke")
    page.sees("Whoever uses the key is refused at once.")
    page.button("Revoke")
    page.wait(lambda: keys(client, "Kiosk")[0]["revoked"], "not revoked")
    assert not may_read(running, made["apiKey"])
    page.button("Undo")
    page.wait(lambda: may_read(running, made["apiKey"]), "not taken back")


# --- secrets of API clients ---

def test_secrets_of_an_api_client(page, client, running):
    made = client.post("/api/v1/admin/clients", {"Name": "Importer", "Secret": "first-secret-of-importer", "UserID": running.admin_id})
    number = made.json()["ResponseData"]["Detail"]["ID"]
    page.open(f"#/api-clients/{number}?tab=secrets")
    page.wait(lambda: len(page.rows()) == 1, "no secret")
    page.button("New")
    page.fill("Grace seconds", "600")
    page.check()
    page.button("Create")
    secret = page.find(".secret code").text
    page.check()

    def takes(one):
        answer = client.call("POST", "/oauth2/token", f"grant_type=client_credentials&client_id={number}&client_secret={one}",
                             content_type="application/x-www-form-urlencoded", key="")
        return answer.status == 200
    assert takes(secret) and takes("first-secret-of-importer")
    page.open(f"#/api-clients/{number}?tab=secrets")
    page.wait(lambda: len(page.rows()) == 2, "the new secret is not listed")
    page.check()
    row = next(at for at, text in enumerate(page.rows()) if text.startswith("1"))
    page.all("tbody td.acts button")[row].click()
    page.button("End this secret")
    page.sees("its sessions end")
    page.button("End this secret")
    page.wait(lambda: not takes("first-secret-of-importer"), "the secret is still taken")
    assert takes(secret)


# --- keys that sign ---

def test_a_signing_key_and_its_successor(page, client):
    page.open("#/signing-keys/new")
    page.heading("New: signing key")
    page.fill("Name", "First")
    page.button("Create")
    page.heading("First")
    page.sees("-----BEGIN PUBLIC KEY-----")
    page.check()
    page.button("Make the default")
    page.sees("for which no other key is named")
    page.button("Make the default")
    page.wait(lambda: [one for one in client.get("/v1/signing-keys").json()["signingKeys"] if one["default"]], "no default")
    page.button("Rotate")
    page.fill("Name", "Second")
    page.button("Rotate")
    page.gone("dialog[open]")
    page.wait(lambda: {one["name"]: one["state"] for one in client.get("/v1/signing-keys").json()["signingKeys"]} ==
              {"First": "retired", "Second": "active"}, "not rotated")
    page.find(".badge", "retired")
    page.check()
    page.open("#/signing-keys")
    page.wait(lambda: len(page.rows()) == 2, "not listed")
    page.check()
    page.driver.get(page.find("a[href$='/v1/signing-keys/jwks']").get_attribute("href"))
    page.sees('"keys"')


def test_a_signing_key_is_retired(page, client):
    """Not by a slip: nothing brings it back."""
    number = make_row(client, "/v1/signing-keys", "signingKey", name="To retire")["signingKeyId"]
    page.open(f"#/signing-keys/{number}")
    page.button("Actions for To retire")
    page.button("Retire")
    page.sees("This cannot be taken back.")
    page.button("Retire")
    page.find(".badge", "retired")
    assert not [one for one in page.all("button") if one.text in ("Undo", "Rotate", "Make the default")]


def test_a_private_key_comes_from_a_file(page, client, tmp_path):
    pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n"
    (tmp_path / "vendor.pem").write_text(pem)
    page.open("#/signing-keys/new")
    page.heading("New: signing key")
    page.there("input[type=file]").send_keys(str(tmp_path / "vendor.pem"))
    page.wait(lambda: page.field("Name").get_attribute("value") == "vendor.pem", "the file is not taken")
    page.button("Create")
    page.heading("vendor.pem")
    public = next(one for one in client.get("/v1/signing-keys").json()["signingKeys"] if one["name"] == "vendor.pem")["publicKey"]
    assert "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" in public
    assert "MC4CAQAw" not in page.text()


@pytest.mark.parametrize("width, scheme", [(360, "light"), (1280, "dark")])
def test_everywhere(page, client, width, scheme):
    made = make_row(client, "/v1/api-keys", "apiKey", name=f"Key {width} {scheme}")["apiKeyId"]
    resize(page.driver, width)
    choose_scheme(page.driver, scheme)
    for address in (f"api-keys/{made}", f"api-keys/{made}/edit", "api-keys", "api-clients", "signing-keys", "signing-keys/new"):
        page.open(f"#/{address}")
        page.find("h1")
        page.gone(".loading")
        page.check()
