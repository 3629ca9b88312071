"""A license manager's day in the console: from a product to a license that is revoked. The only calls by hand are those of the
customer's program."""

import pytest

from harness import mail
from harness.installation import Installation, wait_until
from pages import Page, needs_console, start_browser

needs_console()

if not mail.available():
    pytest.skip("python3-aiosmtpd is not installed", allow_module_level=True)

PASSWORD = "seven-quiet-harbour-lamps"
MACHINE = {"machineId": "workshop-7", "clientName": "Workshop 7"}


@pytest.fixture(scope="module")
def postmaster(tmp_path_factory):
    server = mail.MailServer(tmp_path_factory.mktemp("mail")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def installation(postmaster):
    running = Installation(mail_server=f"127.0.0.1:{postmaster.port}", mail_from="licenses@vendor.example", mail_tls="none")
    with running:
        client = running.client(running.admin_key)
        answer = client.post("/v1/users", {"user": {"userName": "manager", "roles": ["LicenseManager", "Sales"]}, "password": PASSWORD})
        assert answer.status == 200, answer
        yield running


def make(page, screen, **fields):
    """A new row by its form: values of plain inputs by their names, rows of other resources as ("pick", text)."""
    page.open(f"#/{screen}/new")
    page.find("form.form")
    for name, value in fields.items():
        name = name.replace("_", " ")
        if isinstance(value, tuple):
            page.pick(name, value[1])
        else:
            page.fill(name, value)
    page.button("Create")
    page.gone("form.form")


def test_day(tmp_path, installation, postmaster):
    driver = start_browser(tmp_path)
    program = installation.client()
    try:
        page = Page(driver, installation).sign_in("manager", PASSWORD)

        make(page, "products", Name="Planner", Price="249")
        page.heading("Planner")
        page.button("Releases")
        page.button("New")
        page.fill("Name", "Planner 4")
        page.fill("Version", "4.0")
        page.fill("Release date", "2026-03-01T09:00:00")
        page.button("Create")
        page.gone("form.form")

        make(page, "templates", Name="Planner, one year", Product=("pick", "Planner"), Type="Professional", Mode="Activation", Expire_days="365")
        page.heading("Planner, one year")
        make(page, "resources", Name="Welcome", Type="email", Data="Dear {{licensee.name}}, your key is {{license.userKey}}.")

        make(page, "customers", Company="Juniper Joinery", **{"E-mail": "office@juniper.example"})
        page.heading("Juniper Joinery")
        page.button("Orders")
        page.button("New")
        page.fill("Order number", "O-2026-1")
        if not page.field("Customer").get_attribute("value"):
            page.pick("Customer", "Juniper")
        page.button("Create")
        page.gone("form.form")

        make(page, "licenses", Template=("pick", "Planner, one year"), Customer=("pick", "Juniper"), Order=("pick", "O-2026-1"),
             Licensee="Mara Juniper", **{"Licensee's e-mail": "mara@juniper.example"}, Seats="2")
        page.find("h1")
        license_ = installation.client(installation.admin_key).get("/v1/licenses?take=1&sort=id%20desc").json()["licenses"][0]
        page.heading(license_["licenseId"])
        assert license_["licenseeName"] == "Mara Juniper" and license_["licenseType"] == "Professional"

        page.button("Send by e-mail")
        page.pick("Text", "Welcome")
        page.button("Send")
        page.gone("dialog[open]")
        wait_until(lambda: postmaster.messages(), "the mail")
        assert license_["userKey"] in postmaster.messages()[-1].get_body().get_content()

        user_key = license_["userKey"]
        assert program.post("/v1/license/activate", {"userKey": user_key, **MACHINE}).status == 200
        page.button("Seats")
        page.sees("Workshop 7")

        page.button("Actions for Workshop 7")
        page.button("Free the seat")
        page.button("Free the seat")
        page.gone("dialog[open]")
        page.sees("nothing yet")
        checked = program.post("/v1/license/validate", {"userKey": user_key, "machineId": MACHINE["machineId"]})
        assert checked.json()["reason"] == "NOT_ACTIVATED"

        page.button("Renew")
        page.fill("Days", "730")
        page.button("Renew")
        page.gone("dialog[open]")
        page.sees("Renew:")

        page.button(f"Actions for {license_['licenseId']}")
        page.button("Revoke")
        page.button("Revoke")
        page.gone("dialog[open]")
        page.find("h1 + .badge", "revoked")
        refused = program.post("/v1/license/activate", {"userKey": user_key, **MACHINE})
        assert refused.json()["reason"] == "REVOKED"
        assert page.faults() == [] and page.foreign_requests() == []
    finally:
        driver.quit()
