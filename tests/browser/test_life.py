"""All of a license's life in the console: its document, seats, traces, counters and history, what is done to it, and the templates,
customers, orders and texts around it."""

import base64
import urllib.parse

import pytest

from harness.installation import Installation
from pages import (PASSWORD, Keys, Page, choose_scheme, expected_conditions, fresh_page, make_row, make_user,
                   needs_console, resize, start_browser)

needs_console()

TEXT = "Dear {{licensee.name}},\nyour key is {{ license.userKey }}, for {{product.name}} until {{license.expireDate}}."


class World:
    """What a vendor has: a customer with an order, a template, licenses of it."""

    def __init__(self, running):
        self.client = client = running.client(running.admin_key)
        self.key = make_row(client, "/v1/signing-keys", "signingKey", name="Vendor's key", default=True)["signingKeyId"]
        self.product = make_row(client, "/v1/products", "product", name="Paint", code="PAINT", price=49)["productId"]
        self.release = make_row(client, f"/v1/products/{self.product}/releases", "release", name="Paint 1.0", version="1.0")["releaseId"]
        self.customer = make_row(client, "/v1/customers", "customer", company="Studio Rossi", email="anna@example.org")["customerId"]
        self.second = make_row(client, "/v1/customers", "customer", company="Mara Ltd", email="mara@example.org")["customerId"]
        self.order = make_row(client, "/v1/orders", "order", orderNumber="O-77", customerId=self.customer)["orderId"]
        self.template = make_row(
            client, "/v1/license-templates", "licenseTemplate", name="Three machines", format=2, licensingMode=1, expireDays=30,
            productId=self.product, policy={"graceDays": 14, "leaseSeconds": 5400, "renewalBasis": "fromNow"},
            features=[{"id": "export", "name": "Export to PDF"}, {"id": "layers", "name": "Layers"}],
            fields=[{"name": "channel", "value": "shop"}],
            counters=[{"feature": "pages", "kind": "prepaid", "allowance": 100}])["templateId"]
        self.text = make_row(client, "/v1/resources", "resource", name="New license", type="email", data=TEXT)["resourceId"]

    def license(self, name, **members):
        """A license of the template with traces; answers its number and user key."""
        made = make_row(self.client, "/v1/licenses", "license", **{
            "licenseId": name, "templateId": self.template, "customerId": self.customer, "maxAllowedSites": 3, "trace": True,
            "licenseeName": "Anna Rossi", "licenseeEmail": "anna@example.org", "product": {"id": "PAINT", "name": "Paint"}, **members})
        return made["licenseId"], made["userKey"]

    def all(self, path, condition=""):
        answer = self.client.get(f"{path}?{urllib.parse.urlencode({'filter': condition} if condition else {})}")
        assert answer.status == 200, answer
        return next(value for value in answer.json().values() if isinstance(value, list))

    def find(self, path, condition):
        return self.all(path, condition)[0]

    def activate(self, user_key, machine):
        return self.client.post("/v1/license/activate", {"userKey": user_key, "machineId": machine, "clientId": "paint", "clientName": f"Paint on {machine}"})

    def read(self, number):
        return self.client.get(f"/v1/licenses/{number}?include=counters").json()["license"]


@pytest.fixture(scope="module")
def running():
    with Installation() as made:
        make_user(made, "boss", "Administrator")
        make_user(made, "seller", "Sales")
        yield made


@pytest.fixture(scope="module")
def world(running):
    return World(running)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = start_browser(tmp_path_factory.mktemp("browser"))
    driver.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "en"})
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def signed_in(browser, running):
    return Page(browser, running).sign_in("boss", PASSWORD)


@pytest.fixture
def page(signed_in):
    return fresh_page(signed_in)


def tab(page, number, name, screen="licenses"):
    page.open(f"#/{screen}/{number}?tab={name}")
    page.find("[role=tab][aria-selected=true]")


# --- what a license has ---

def test_document(page, world):
    number, _ = world.license("DOC-1")
    tab(page, number, "document")
    document = world.read(number)["licenseKey"]
    assert page.find("pre.document").text == document
    page.sees("JSON Web Signature")
    page.click("details summary", "What it says")
    page.sees('"id": "DOC-1"')
    page.check()
    page.click("dd a", "Vendor's key")
    page.heading("Vendor's key")


def test_document_that_nobody_signed(page, world):
    number, _ = world.license("DOC-2", licenseKey="<License/>")
    tab(page, number, "document")
    page.sees("The server has not signed this document")
    assert page.find("pre.document").text == "<License/>"


def test_seats(page, world):
    number, user_key = world.license("SEATS-1")
    for machine in ("M-1", "M-2", "M-3"):
        assert world.activate(user_key, machine).status == 200
    tab(page, number, "tokens")
    page.sees("3 of 3 seats taken")
    assert len(page.rows()) == 3
    page.check()
    # One, from its row.
    page.button("Actions for Paint on M-2")
    page.button("Free the seat")
    page.sees("another one may take the seat")
    page.button("Free the seat")
    page.sees("2 of 3 seats taken")
    assert {one["machineId"] for one in world.all(f"/v1/licenses/{number}/tokens")} == {"M-1", "M-3"}
    # All that are chosen.
    page.click("th.choose input")
    page.button("Free the seat")
    page.button("Free the seat")
    page.sees("0 of 3 seats taken")
    assert world.all(f"/v1/licenses/{number}/tokens") == []
    page.click("details summary", "How a program takes a seat")
    command = page.find("details[open] pre").text
    assert f'"userKey":"{user_key}"' in command and "/v1/license/activate" in command
    assert page.find("details[open] a").get_attribute("href").endswith("/docs/activation.html")
    page.check()


def test_seats_of_the_past_are_dim(page, world):
    number, _ = world.license("SEATS-2")
    make_row(world.client, f"/v1/licenses/{number}/tokens", "licenseToken", clientName="Old", expireDate="2020-01-01T00:00:00Z")
    make_row(world.client, f"/v1/licenses/{number}/tokens", "licenseToken", clientName="Present")
    tab(page, number, "tokens")
    page.sees("1 of 3 seats taken")
    assert [one.text.split("\n")[0].split(" ")[0] for one in page.all("tr.dim")] == ["Old"]
    page.check()


def test_traces(page, world):
    number, user_key = world.license("TRACE-1", maxAllowedSites=1)
    assert world.activate(user_key, "M-1").status == 200
    assert world.activate(user_key, "M-2").status == 409
    page.wait(lambda: len(world.all("/v1/license-traces", f"licenseId = {number}")) == 2, "traces are not written")
    tab(page, number, "traces")
    page.sees("All seats of the license are taken.")
    assert page.find("ol.line a").get_attribute("href").endswith("/docs/errors.html#SEAT_LIMIT_REACHED")
    assert len(page.all("ol.line li")) == 2
    page.check()
    page.fill("Show", "Refusals")
    page.wait(lambda: len(page.all("ol.line li")) == 1, "refusals alone are not shown")
    page.fill("Show", "validated")
    page.sees("There is nothing yet.")


def test_traces_are_read_page_by_page(page, world):
    number, user_key = world.license("TRACE-2", maxAllowedSites=1)
    for _ in range(60):
        assert world.client.post("/v1/license/validate", {"userKey": user_key, "machineId": "M", "clientId": "paint"}).status != 200
    page.wait(lambda: len(world.all("/v1/license-traces", f"licenseId = {number}")) == 60, "traces are not written")
    tab(page, number, "traces")
    page.wait(lambda: len(page.all("ol.line li")) == 50, "no first page")
    page.button("Show more")
    page.wait(lambda: len(page.all("ol.line li")) == 60, "no second page")
    assert not [one for one in page.all("button") if one.text == "Show more"]


def test_history(page, world):
    number, _ = world.license("HISTORY-1")
    world.client.change("/v1/licenses", {"license": {"id": number, "licenseeName": "Bruno Rossi", "maxAllowedSites": 5}})
    tab(page, number, "history")
    page.sees("Bruno Rossi")
    changed = page.find(".changes").text
    assert "Anna Rossi → Bruno Rossi" in changed.replace("\n", " ") and "3 → 5" in changed.replace("\n", " ")
    page.sees("changed it")
    page.sees("added it")
    page.check()


def test_every_row_has_a_history(page, world):
    tab(page, world.customer, "history", "customers")
    page.sees("added it")
    page.click("details summary", "members")
    page.sees("Studio Rossi")
    page.check()


def test_history_has_what_older_entries_say(page, world, running):
    """Entries once called all rows client that the contracts call so."""
    path = "/hosting/api/client"
    account = world.client.post(path, {"username": "archive", "password": PASSWORD, "emailAddress": "office@archive.example", "domainMaxCount": 3}).json()["id"]
    running.sql(f"UPDATE audit_entry SET resource = 'client' WHERE resource = 'hosting account' AND row_key = '{account}'")
    assert world.client.put(f"{path}/{account}", {"domainMaxCount": 8}).status == 200
    tab(page, account, "history", "hosting")
    page.sees("added it")
    assert "3 → 8" in page.find(".changes").text.replace("\n", " ")


# --- what is done to it ---

def undo(page):
    page.button("Undo")


def test_suspended_and_taken_back(page, world):
    number, _ = world.license("STATE-1")
    page.open(f"#/licenses/{number}")
    page.button("Actions for STATE-1")
    page.button("Suspend")
    page.find(".badge", "suspended")
    assert world.read(number)["state"] == "suspended"
    undo(page)
    page.find(".badge", "active")
    assert world.read(number)["state"] == "active"


def test_revoked_and_taken_back(page, world):
    number, _ = world.license("STATE-2")
    page.open(f"#/licenses/{number}")
    page.button("Actions for STATE-2")
    page.button("Revoke")
    page.sees("It can be reinstated.")
    page.check()
    page.button("Revoke")
    page.find(".badge", "revoked")
    assert world.read(number)["state"] == "revoked"
    undo(page)
    page.find(".badge", "active")
    assert world.read(number)["state"] == "active"


def test_renewed_and_taken_back(page, world):
    number, _ = world.license("RENEW-1")
    before = world.read(number)["expireDate"]
    page.open(f"#/licenses/{number}")
    page.button("Renew")
    page.sees("It ends now:")
    page.fill("Days", "0")
    page.button("Renew")
    page.sees("At least 1.")
    page.fill("Days", "90")
    page.check()
    page.button("Renew")
    page.wait(lambda: world.read(number)["expireDate"] != before, "not renewed")
    undo(page)
    page.wait(lambda: world.read(number)["expireDate"] == before, "not taken back")


def test_transferred_and_taken_back(page, world):
    number, _ = world.license("MOVE-1")
    page.open(f"#/licenses/{number}")
    page.button("Actions for MOVE-1")
    page.button("Transfer")
    page.pick("Customer", "Mara Ltd")
    page.button("Transfer")
    page.wait(lambda: world.read(number)["customerId"] == world.second, "not transferred")
    undo(page)
    page.wait(lambda: world.read(number)["customerId"] == world.customer, "not taken back")


def test_counters(page, world):
    number, _ = world.license("COUNT-1")
    tab(page, number, "consumption")
    page.sees("0 used, 100 left")
    page.check()
    page.button("Top up")
    page.fill("Amount", "50")
    page.fill("Note", "A gift")
    page.button("Top up")
    page.sees("0 used, 150 left")
    page.wait(lambda: len(page.rows()) == 1, "the ledger does not tell it")
    undo(page)
    page.sees("0 used, 100 left")
    # An entry of the ledger, from its row.
    page.button("Top up")
    page.fill("Amount", "7")
    page.button("Top up")
    page.sees("0 used, 107 left")
    page.wait(lambda: len(page.rows()) == 3, "the ledger does not tell it")
    page.click("tbody tr:first-child td.acts button")
    page.button("Undo this entry")
    page.button("Undo this entry")
    page.sees("0 used, 100 left")


def test_sent_by_mail(page, world, running):
    number, user_key = world.license("MAIL-1")
    page.open(f"#/licenses/{number}")
    page.button("Send by e-mail")
    page.sees("No mail server is set")
    page.sees("To: anna@example.org")
    page.pick("Text", "New license")
    page.sees(f"Dear Anna Rossi,\nyour key is {user_key}, for Paint until")
    page.check()
    page.button("Send")
    page.sees("The mail to anna@example.org is in the queue.")
    assert running.sql("SELECT COUNT(*) FROM queue_item WHERE kind = 'mail'") == [["1"]]
    # Beside the license, and among all mails.
    page.open(f"#/licenses/{number}?tab=emails")
    page.find("td", "anna@example.org")
    page.find("td .badge.warn", "queued")
    page.check()
    page.open("#/emails")
    page.find("td", "anna@example.org")
    page.check()
    page.click("td a", "")
    page.find("article")
    page.sees("anna@example.org")
    page.check()


def test_a_mail_that_cannot_be_sent(page, world):
    broken = make_row(world.client, "/v1/resources", "resource", name="Broken text", type="email", data="{{license.nothing}}")["resourceId"]
    number, _ = world.license("MAIL-2")
    page.open(f"#/licenses/{number}")
    page.button("Send by e-mail")
    page.pick("Text", "Broken text")
    assert page.find("mark.bad").text == "{{license.nothing}}"
    page.button("Send")
    page.find("dialog [role=alert]")
    page.button("Cancel")
    assert world.client.delete(f"/v1/resources/{broken}").status == 200


# --- templates, customers, orders ---

def test_issued_from_a_template(page, world):
    page.open(f"#/templates/{world.template}")
    for text in ("Days of grace", "14 days", "1 hour 30 minutes", "Export to PDF", "channel"):
        page.sees(text)
    assert "{" not in page.find("main").text
    page.check()
    page.button("Issue a license")
    page.heading("New: license")
    page.wait(lambda: page.field("Template").get_attribute("value") == "Three machines", "the template is not filled in")
    page.fill("Licensee", "Carla Neri")
    page.check()
    page.button("Create")
    page.find("[role=tab]", "Document")
    made = world.find("/v1/licenses", 'licenseeName = "Carla Neri"')
    assert made["templateId"] == world.template and made["licensingMode"] == 1


def test_a_template_is_changed(page, world):
    number = make_row(world.client, "/v1/license-templates", "licenseTemplate", name="To change", policy={"graceDays": 3},
                      fields=[{"name": "one", "value": "1"}])["templateId"]
    page.open(f"#/templates/{number}/edit")
    page.heading("Change To change")
    assert not page.field("Release").is_enabled()
    page.pick("Product", "Paint")
    page.wait(lambda: "Paint 1.0" in page.field("Release").text, "the releases of the product are not offered")
    page.fill("Release", "Paint 1.0")
    page.fill("Days of grace", "5")
    page.fill("After the end", "everything goes on")
    page.button("Add to Fields")
    names = [one for one in page.all("fieldset :is(input, textarea)") if one.accessible_name.replace("*", "").strip() == "Name"]
    values = [one for one in page.all("fieldset :is(input, textarea)") if one.accessible_name.replace("*", "").strip() == "Value"]
    names[-1].send_keys("two")
    values[-1].send_keys("2")
    page.check()
    page.button("Save")
    page.sees("5 days")
    stored = world.client.get(f"/v1/license-templates/{number}?include=fields").json()["licenseTemplate"]
    assert stored["releaseId"] == world.release and stored["policy"]["graceDays"] == 5 and stored["policy"]["expirationStrategy"] == "allow"
    assert stored["fields"] == [{"name": "one", "value": "1"}, {"name": "two", "value": "2"}]


def test_a_fault_stands_at_its_member(page, world):
    """What is wrong with an object in the row stands where it was written, and the work is not lost."""
    page.open(f"#/templates/{world.template}/edit")
    page.heading("Change Three machines")
    page.fill("Lease in seconds", "1")
    page.button("Save")
    wrong = page.find("[aria-invalid=true]")
    assert wrong.accessible_name == "Lease in seconds" and page.driver.switch_to.active_element == wrong
    page.sees("At least 10.")
    page.fill("Lease in seconds", "5400")
    page.button("Cancel")


def test_work_that_is_not_saved_is_guarded(page, world):
    page.open(f"#/templates/{world.template}/edit")
    page.heading("Change Three machines")
    page.fill("Days of grace", "99")
    page.open("#/customers")
    page.wait(lambda: expected_conditions.alert_is_present()(page.driver), "nobody asks").dismiss()
    assert page.field("Days of grace").get_attribute("value") == "99"
    page.open("#/customers")
    page.wait(lambda: expected_conditions.alert_is_present()(page.driver), "nobody asks").accept()
    page.heading("Customers")
    assert world.find("/v1/license-templates", f"id = {world.template}")["policy"]["graceDays"] == 14


def test_a_contact_of_a_customer(page, world):
    page.open(f"#/customers/{world.customer}?tab=contacts")
    page.button("New")
    page.heading("New: contact")
    page.wait(lambda: page.field("Customer").get_attribute("value") == "Studio Rossi", "the customer is not filled in")
    page.fill("First name", "Dario")
    page.fill("Last name", "Rossi")
    page.check()
    page.button("Create")
    page.wait(lambda: [one["lastName"] for one in world.all(f"/v1/customers/{world.customer}/contacts")] == ["Rossi"], "not stored")
    world.license("CUSTOMER-1")
    for name in ("orders", "licenses"):
        tab(page, world.customer, name, "customers")
        page.wait(lambda: page.rows(), f"no {name}")
        page.check()


def test_products_of_an_order(page, world):
    page.open(f"#/orders/{world.order}?tab=products")
    page.button("New")
    page.heading("New: product of the order")
    page.button("Create")
    page.sees("This is required.")
    page.pick("Product", "Paint")
    page.fill("Quantity", "2")
    page.fill("Unit price", "49")
    page.check()
    page.button("Create")
    page.wait(lambda: [one["quantity"] for one in world.all(f"/v1/orders/{world.order}/products")] == [2], "not added")
    page.button("Edit")
    page.fill("Quantity", "4")
    page.button("Save")
    page.gone("form.form")
    assert [one["quantity"] for one in world.all(f"/v1/orders/{world.order}/products")] == [4]
    tab(page, world.order, "products", "orders")
    page.wait(lambda: len(page.rows()) == 1, "the product is not listed")
    page.sees("Paint")
    page.check()
    page.click("td.acts button")
    page.button("Delete")
    page.button("Delete")
    page.wait(lambda: world.all(f"/v1/orders/{world.order}/products") == [], "not removed")


def test_a_license_from_an_order(page, world):
    """From its action or from its list: the customer comes along."""
    for begin in (lambda: page.button("Issue a license"), lambda: (tab(page, world.order, "licenses", "orders"), page.button("New"))):
        page.open(f"#/orders/{world.order}")
        page.heading("O-77")
        begin()
        page.heading("New: license")
        page.wait(lambda: page.field("Order").get_attribute("value") == "O-77", "the order is not filled in")
        page.wait(lambda: page.field("Customer").get_attribute("value") == "Studio Rossi", "the customer is not filled in")


# --- texts and files ---

def test_preview_of_a_text(page, world):
    world.license("PREVIEW-1", licenseeName="Elsa Bianchi")
    tab(page, world.text, "preview", "resources")
    assert "{{licensee.name}}" in page.find(".mail").text
    page.pick("For the license", "PREVIEW-1")
    page.sees("Dear Elsa Bianchi,")
    page.check()


def test_a_file_becomes_a_resource(page, world, tmp_path):
    content = bytes(range(256))
    (tmp_path / "logo.bin").write_bytes(content)
    page.open("#/resources/new?type=file")
    page.heading("New: resource")
    page.there("input[type=file]").send_keys(str(tmp_path / "logo.bin"))
    page.wait(lambda: page.field("Name").get_attribute("value") == "logo.bin", "the file is not taken")
    page.check()
    page.button("Create")
    page.heading("logo.bin")
    stored = world.find("/v1/resources", 'name = "logo.bin"')
    assert base64.b64decode(stored["data"]) == content and stored["source"] == "logo.bin" and stored["type"] == "file"


# --- who may, and how ---

def test_what_a_seller_may_not_is_not_offered(browser, running, world, tmp_path):
    number, _ = world.license("SALES-1")
    driver = start_browser(tmp_path)
    driver.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "en"})
    try:
        page = Page(driver, running).sign_in("seller", PASSWORD)
        page.open(f"#/licenses/{number}")
        page.heading("SALES-1")
        tabs = [one.text for one in page.all("[role=tab]")]
        assert "Document" in tabs and "Seats" in tabs and "History" not in tabs
        page.button("Actions for SALES-1")
        offered = [one.text for one in page.all("[role=menuitem]")]
        assert "Revoke" in offered and "Delete" not in offered
        page.press(Keys.ESCAPE)
        tab(page, number, "tokens")
        page.sees("0 of 3 seats taken")
        page.open(f"#/products/{world.product}")
        page.heading("Paint")
        assert not [one for one in page.all("button") if one.text in ("Edit", "Delete")]
        page.check()
    finally:
        driver.quit()


def test_a_customer_frees_a_seat(running, world, tmp_path):
    """A customer sees its own licenses, with what it may do and no more."""
    number, user_key = world.license("OWN-1")
    foreign, _ = world.license("FOREIGN-1", customerId=world.second)
    assert world.activate(user_key, "M-1").status == 200
    make_user(running, "anna", "Customer", customerId=world.customer)
    driver = start_browser(tmp_path)
    driver.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "en"})
    try:
        page = Page(driver, running).sign_in("anna", PASSWORD)
        page.open(f"#/licenses/{number}?tab=tokens")
        page.sees("1 of 3 seats taken")
        assert [one.text for one in page.all("[role=tab]")] == ["Details", "Document", "Seats"]
        assert not [one for one in page.all("button") if one.text in ("Edit", "New", "Renew", "Send by e-mail")]
        page.check()
        page.button("Actions for Paint on M-1")
        page.button("Free the seat")
        page.button("Free the seat")
        page.sees("0 of 3 seats taken")
        page.open(f"#/licenses/{foreign}")
        page.find("[role=alert], .empty")
        assert "FOREIGN-1" not in page.text()
    finally:
        driver.quit()


def test_with_the_keyboard_alone(page, world):
    """From the list to a suspended license, and back."""
    number, _ = world.license("KEYS-1")
    page.open(f"#/licenses/{number}?tab=document")
    page.find("pre.document")
    page.find("[role=tab][aria-selected=true]").send_keys(Keys.ARROW_RIGHT)
    page.sees("0 of 3 seats taken")
    assert page.driver.switch_to.active_element.text == "Seats"
    more = page.find("button[aria-label='Actions for KEYS-1']")
    page.driver.execute_script("arguments[0].focus()", more)
    page.press(Keys.ENTER)
    page.find("[role=menuitem]")
    while page.driver.switch_to.active_element.text != "Transfer":
        page.press(Keys.ARROW_DOWN)
    page.press(Keys.ENTER)
    page.wait(lambda: page.driver.switch_to.active_element.accessible_name == "Customer", "the form has not the focus")
    page.press("Mara")
    page.find("[role=option]", "Mara Ltd")
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.press(Keys.ENTER)
    page.wait(lambda: world.read(number)["customerId"] == world.second, "not transferred")
    page.gone("dialog[open]")
    assert page.driver.switch_to.active_element.get_attribute("aria-label") == "Actions for KEYS-1"


@pytest.mark.parametrize("width, scheme", [(360, "light"), (360, "dark"), (1280, "dark")])
def test_everywhere(page, world, width, scheme):
    """On a telephone and in the dark all is there, too, and nothing wrong with it."""
    name = f"WIDE-{width}-{scheme}"
    number, user_key = world.license(name)
    world.activate(user_key, "M-1")
    resize(page.driver, width)
    choose_scheme(page.driver, scheme)
    for part in ("", "document", "tokens", "consumption", "traces", "history"):
        tab(page, number, part)
        page.heading(name)
        page.gone(".loading")
        page.check()
    for address in (f"templates/{world.template}", f"templates/{world.template}/edit", f"orders/{world.order}?tab=products",
                    f"customers/{world.customer}?tab=contacts", f"resources/{world.text}?tab=preview", "resources/new"):
        page.open(f"#/{address}")
        page.find("h1")
        page.gone(".loading")
        page.check()
