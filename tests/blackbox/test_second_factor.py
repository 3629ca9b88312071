"""Second factors of people who sign in, their passwords, and links that sign them in once."""

import re
import urllib.parse

import pytest

from harness.browser import SESSION, SESSIONS, Browser, signed_in
from harness.families import LICENSING, Api, unique
from harness.installation import Installation
from harness.load import together
from harness.person import PASSWORD, TOTP, Person, link_of
from harness.totp import code_of, wrong_code

NEW_PASSWORD = "another horse 12345"
OWN_PASSWORD = f"{SESSION}/password"
CODES = f"{TOTP}/recovery-codes"
RECOVERY = re.compile("([a-z2-9]{4}-){3}[a-z2-9]{4}")


@pytest.fixture
def person(installation):
    return Person(installation, "Administrator")


@pytest.fixture(scope="module")
def patient():
    """An installation that counts no failures, so that the other limits are seen."""
    with Installation(throttle_failures=0) as running:
        yield running


def through(browser, media):
    return Api(browser, LICENSING, media)


# --- setting up ---


def test_enrolment(installation, person, media):
    browser = person.signed_in()
    assert browser.get(SESSION).json()["session"]["secondFactor"] == "none"
    api = through(browser, media)
    begun = api.post(TOTP)
    assert begun.status == 200 and re.fullmatch("[A-Z2-7]{32}", begun.value["secret"]), begun
    address = urllib.parse.urlsplit(begun.value["uri"])
    assert address[:2] == ("otpauth", "totp")
    assert urllib.parse.unquote(address.path) == f"/127.0.0.1:{installation.port}:{person.name}"
    assert urllib.parse.parse_qs(address.query) == {
        "secret": [begun.value["secret"]], "issuer": [f"127.0.0.1:{installation.port}"], "algorithm": ["SHA1"],
        "digits": ["6"], "period": ["30"]}
    # Nothing counts yet.
    assert person.sign_in().status == 200
    confirmed = api.put(TOTP, "ConfirmSecondFactorRequest", {"code": code_of(begun.value["secret"], -1)})
    assert confirmed.status == 200, confirmed
    codes = confirmed.value["recoveryCodes"]
    assert len(set(codes)) == 10 and all(RECOVERY.fullmatch(code) for code in codes)
    session = browser.get(SESSION).json()["session"]
    assert (session["secondFactor"], session["secondFactorRequired"]) == ("totp", False)
    stored = installation.sql(f"SELECT HEX(secret), last_step FROM user_second_factor WHERE user_id = '{person.id}'")
    assert begun.value["secret"].encode().hex().upper() not in stored[0][0]
    assert installation.sql(f"SELECT COUNT(*) FROM user_recovery_code WHERE user_id = '{person.id}'") == [["10"]]


def test_enrolment_needs_a_right_code(person, media):
    browser = person.signed_in()
    api = through(browser, media)
    assert api.put(TOTP, "ConfirmSecondFactorRequest", {"code": "123456"}).status == 409
    secret = browser.post(TOTP).json()["secret"]
    for code in (wrong_code(secret), "12345", "abcdef"):
        refused = api.put(TOTP, "ConfirmSecondFactorRequest", {"code": code})
        assert refused.status == 400 and "code" in api.faults(refused), refused
    assert api.put(TOTP, "ConfirmSecondFactorRequest", {}).status == 400
    assert person.sign_in().status == 200
    # Begun again, the former secret is worth nothing.
    again = browser.post(TOTP).json()["secret"]
    assert again != secret
    assert browser.put(TOTP, {"code": code_of(secret)}).status == 400
    assert browser.put(TOTP, {"code": code_of(again)}).status == 200
    for answer in (browser.post(TOTP), browser.put(TOTP, {"code": code_of(again, 1)})):
        assert answer.status == 409, answer


def test_a_key_sets_nothing_up(installation, media):
    browser = Browser(installation)
    assert browser.sign_in(apiKey=installation.create_key("admin")).status == 200
    api = through(browser, media)
    for answer in (api.post(TOTP), api.put(TOTP, "ConfirmSecondFactorRequest", {"code": "123456"}),
                   api.delete(TOTP, type_name="RemoveSecondFactorRequest", value={"password": PASSWORD})):
        assert answer.status == 403 and "API key" in answer.value["message"], answer


# --- signing in ---


def test_sign_in(person, media):
    person.enrol()
    api = through(Browser(person.installation), media)
    shown = {"username": person.name, "password": PASSWORD}
    missing = api.post(SESSION, "OpenSessionRequest", shown)
    assert missing.status == 401 and api.faults(missing) == {"code": "A code of the second factor is required."}
    wrong = api.post(SESSION, "OpenSessionRequest", shown | {"code": wrong_code(person.secret)})
    assert wrong.status == 401 and api.faults(wrong) == {"code": "The code is wrong, or was used already."}
    assert "set-cookie" not in missing.headers and "set-cookie" not in wrong.headers
    right = api.post(SESSION, "OpenSessionRequest", shown | {"code": code_of(person.secret)})
    assert right.status == 200 and right.value["session"]["secondFactor"] == "totp", right


def test_wrong_password_is_told_first(person):
    person.enrol()
    answer = Browser(person.installation).sign_in(username=person.name, password="wrong horse 123", code="123456")
    assert answer.status == 401 and "errors" not in answer.json()


def test_a_code_is_good_once(person):
    person.enrol(shift=-1)
    assert person.sign_in(code=code_of(person.secret, -1)).status == 401  # spent by the enrolment
    code = code_of(person.secret)
    assert person.sign_in(code=code[:3] + " " + code[3:]).status == 200
    assert person.sign_in(code=code).status == 401
    ahead = code_of(person.secret, 1)
    assert person.sign_in(code=ahead).status == 200
    # What came before a code that was used counts no more, either.
    assert person.sign_in(code=code).status == 401
    assert person.sign_in(code=code_of(person.secret, 3)).status == 401  # two steps ahead, where one ended meanwhile


def test_recovery_codes(person):
    person.enrol()
    first, second = person.codes[:2]
    assert person.sign_in(code=first).status == 200
    assert person.sign_in(code=first).status == 401
    assert person.sign_in(code=second.upper().replace("-", " ")).status == 200
    assert person.sign_in(code="aaaa-bbbb-cccc-dddd").status == 401
    other = Person(person.installation, "Sales")
    other.enrol()
    assert person.sign_in(code=other.codes[0]).status == 401
    [[left]] = person.installation.sql(f"SELECT COUNT(*) FROM user_recovery_code WHERE user_id = '{person.id}'")
    assert left == "8"


def test_guesses_are_counted(private_installation):
    """The right password beside a wrong code forgets nothing of what was guessed."""
    person = Person(private_installation(throttle_failures=4), "Sales")
    person.enrol()
    wrong = wrong_code(person.secret)
    for _ in range(4):
        assert person.sign_in(code=wrong).status == 401
        assert person.sign_in().status in (401, 429)
    assert person.sign_in(code=code_of(person.secret)).status == 429


def test_codes_are_shut(patient):
    """Where nothing else counts, so many wrong ones are enough: then a recovery code is needed."""
    person = Person(patient, "Sales")
    person.enrol()
    wrong = wrong_code(person.secret)
    for _ in range(50):
        answer = person.sign_in(code=wrong)
        assert answer.status == 401 and "wrong, or was used" in answer.text
    shut = person.sign_in(code=code_of(person.secret))
    assert shut.status == 401 and shut.json()["errors"]["code"] == ["Too many codes were wrong: a recovery code is required."]
    assert person.sign_in(code=person.codes[0]).status == 200
    assert person.sign_in(code=code_of(person.secret)).status == 200


def test_password_grant(person):
    assert person.grant().status == 200
    person.enrol()
    missing = person.grant()
    assert missing.status == 400 and missing.json() == {
        "error": "invalid_grant", "error_description": "A code of the second factor is required."}
    assert person.grant(code=wrong_code(person.secret)).json()["error"] == "invalid_grant"
    code = code_of(person.secret)
    assert person.grant(code=code).status == 200
    assert person.grant(code=code).status == 400


# --- removing ---


@pytest.mark.parametrize("way", ["password", "code", "recovery"])
def test_removal(person, media, way):
    browser = person.enrol()
    shown = {"password": {"password": PASSWORD}, "code": {"code": code_of(person.secret)},
             "recovery": {"code": person.codes[3]}}[way]
    removed = through(browser, media).delete(TOTP, type_name="RemoveSecondFactorRequest", value=shown)
    assert removed.status == 200, removed
    assert person.sign_in().status == 200
    assert browser.get(SESSION).json()["session"]["secondFactor"] == "none"
    assert person.installation.sql(f"SELECT COUNT(*) FROM user_recovery_code WHERE user_id = '{person.id}'") == [["0"]]
    assert browser.call("DELETE", TOTP, shown).status == 404


def test_removal_needs_proof(person, media):
    browser = person.enrol()
    api = through(browser, media)
    for shown, member in (({}, "code"), ({"password": "wrong horse 1234"}, "password"),
                          ({"code": wrong_code(person.secret)}, "code"), ({"code": "aaaa-aaaa-aaaa-aaaa"}, "code")):
        answer = api.delete(TOTP, type_name="RemoveSecondFactorRequest", value=shown)
        assert answer.status == 400 and member in api.faults(answer), answer
    assert person.sign_in().status == 401


# --- new recovery codes ---


def left(browser):
    return browser.get(SESSION).json()["session"]["recoveryCodesLeft"]


@pytest.mark.parametrize("way", ["password", "code", "recovery"])
def test_recovery_codes_are_renewed(person, media, way):
    """Ten new ones, told once; the former ones are worth nothing from then on."""
    browser = person.signed_in()
    assert left(browser) == 0
    person.enrol(browser)
    assert person.sign_in(code=person.codes[0]).status == 200
    assert left(browser) == 9
    shown = {"password": {"password": PASSWORD}, "code": {"code": code_of(person.secret)},
             "recovery": {"code": person.codes[1]}}[way]
    api = through(browser, media)
    renewed = api.post(CODES, "RenewRecoveryCodesRequest", shown)
    assert renewed.status == 200, renewed
    codes = renewed.value["recoveryCodes"]
    assert len(set(codes)) == 10 and all(RECOVERY.fullmatch(code) for code in codes)
    assert not set(codes) & set(person.codes)
    assert left(browser) == 10
    assert person.sign_in(code=person.codes[2]).status == 401
    assert person.sign_in(code=codes[0]).status == 200
    if way != "password":
        assert api.post(CODES, "RenewRecoveryCodesRequest", shown).status == 400
    found = audited(person, f"resource='second factor' and key='{person.id}'")["auditEntries"]
    assert [one["detail"] for one in found].count('{"recoveryCodes":"renewed"}') == 1
    assert not [code for code in codes if code in str(found)]
    # A password, or a code, that was used twice at once leaves ten as well.
    together(*[lambda: browser.post(CODES, {"password": PASSWORD})] * 3)
    assert left(browser) == 10


def test_renewal_needs_proof(person, media):
    browser = person.signed_in()
    api = through(browser, media)
    assert api.post(CODES, "RenewRecoveryCodesRequest", {"password": PASSWORD}).status == 404
    # One that is not confirmed yet has none.
    browser.post(TOTP)
    assert api.post(CODES, "RenewRecoveryCodesRequest", {"password": PASSWORD}).status == 404
    person.enrol(browser)
    for shown, member in (({}, "code"), ({"password": "wrong horse 1234"}, "password"),
                          ({"code": wrong_code(person.secret)}, "code"), ({"code": "aaaa-aaaa-aaaa-aaaa"}, "code")):
        answer = api.post(CODES, "RenewRecoveryCodesRequest", shown)
        assert answer.status == 400 and member in api.faults(answer), answer
    by_key = Browser(person.installation)
    assert by_key.sign_in(apiKey=person.installation.create_key(person.name)).status == 200
    assert through(by_key, media).post(CODES, "RenewRecoveryCodesRequest", {"password": PASSWORD}).status == 403
    assert browser.post(CODES, {"password": PASSWORD}, headers={"X-CSRF-Token": None}).status == 403
    assert person.sign_in(code=person.codes[0]).status == 200


def test_renewal_is_throttled(private_installation):
    person = Person(private_installation(throttle_failures=4), "Sales")
    browser = person.enrol()
    for _ in range(4):
        assert browser.post(CODES, {"code": wrong_code(person.secret)}).status in (400, 429)
    assert browser.post(CODES, {"code": wrong_code(person.secret)}).status == 429
    assert left(browser) == 10


def test_reset_by_the_operator(installation, person):
    browser = person.enrol()
    installation.cli("user", "reset-second-factor", person.name)
    assert person.sign_in().status == 200
    assert browser.get(SESSION).json()["session"]["secondFactor"] == "none"
    said = installation.cli("user", "reset-second-factor", person.name, check=False)
    assert said.returncode != 0 and "has no second factor" in said.stderr


def test_rotation_of_the_key(private_installation):
    """The secret is among those that `clientele secret` knows."""
    running = private_installation()
    person = Person(running, "Sales")
    person.enrol()
    before = running.sql("SELECT HEX(secret) FROM user_second_factor")
    running.cli("secret", "rotate")
    assert running.sql("SELECT HEX(secret) FROM user_second_factor") != before
    assert person.sign_in(code=code_of(person.secret)).status == 200


def audited(person, condition):
    return person.admin.get("/v1/audit?sort=id&take=1000&filter=" + urllib.parse.quote(condition)).json()


def test_audit(person):
    browser = person.enrol()
    assert person.sign_in(code=wrong_code(person.secret)).status == 401
    browser.call("DELETE", TOTP, {"password": PASSWORD})
    found = audited(person, f"resource='second factor' and key='{person.id}'")
    assert [(one["action"], one["actor"]) for one in found["auditEntries"]] == [
        ("insert", person.name), ("update", person.name), ("update", person.name), ("delete", person.name)]
    assert found["auditEntries"][2]["detail"] == '{"wrongCode":true}'
    assert person.secret not in str(found) and not [code for code in person.codes if code in str(found)]


# --- who must have one ---


def test_all(private_installation, media):
    running = private_installation(second_factor="all")
    person = Person(running, "Sales")
    browser = person.signed_in()
    session = browser.get(SESSION).json()["session"]
    assert (session["secondFactor"], session["secondFactorRequired"]) == ("none", True)
    refused = through(browser, media).get("/v1/customers")
    assert refused.status == 403 and "second factor is required" in refused.value["message"], refused
    assert browser.get(SESSIONS).status == 200
    assert person.grant().json()["error"] == "invalid_grant"
    # Keys are of programs, and a session that one has opened may do what it may.
    key = running.create_key(person.name)
    assert running.client(key).get("/v1/customers").status == 200
    by_key = Browser(running)
    assert by_key.sign_in(apiKey=key).json()["session"]["secondFactorRequired"] is False
    assert by_key.get("/v1/customers").status == 200
    person.enrol(browser)
    assert browser.get("/v1/customers").status == 200
    assert person.grant(code=code_of(person.secret)).status == 200
    running.cli("user", "reset-second-factor", person.name)
    assert browser.get("/v1/customers").status == 403


def test_administrators(private_installation):
    running = private_installation(second_factor="administrators")
    person = Person(running, "Sales")
    browser = person.signed_in()
    assert browser.get("/v1/customers").status == 200
    assert person.admin.put("/v1/users", {"user": {"id": person.id, "roles": ["Administrator"]}}).status == 200
    assert browser.get("/v1/customers").status == 403
    person.enrol(browser)
    assert browser.get("/v1/users").status == 200


# --- passwords ---


def test_password(person, media):
    browser, other = person.signed_in(), person.signed_in()
    api = through(browser, media)
    changed = api.put(OWN_PASSWORD, "ChangeOwnPasswordRequest", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD})
    assert changed.status == 200, changed
    assert (browser.get(SESSION).status, other.get(SESSION).status) == (200, 401)
    assert person.sign_in().status == 401
    assert signed_in(person.installation, person.name, NEW_PASSWORD)


@pytest.mark.parametrize("current, new, member", [
    ("wrong horse 1234", NEW_PASSWORD, "currentPassword"), (PASSWORD, "short", "newPassword"),
    (PASSWORD, "password1234", "newPassword"), ("", NEW_PASSWORD, "currentPassword"), (PASSWORD, "", "newPassword")])
def test_faults_of_passwords(person, media, current, new, member):
    browser, other = person.signed_in(), person.signed_in()
    api = through(browser, media)
    refused = api.put(OWN_PASSWORD, "ChangeOwnPasswordRequest", {"currentPassword": current, "newPassword": new})
    assert refused.status == 400 and member in api.faults(refused), refused
    assert (browser.get(SESSION).status, other.get(SESSION).status) == (200, 200)


def test_password_needs_the_csrf_token(person):
    browser = person.signed_in()
    answer = browser.put(OWN_PASSWORD, {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD},
                         headers={"X-CSRF-Token": None})
    assert answer.status == 403


# --- links ---


def test_link(installation, person, media):
    link = link_of(installation, person.name)
    assert installation.sql("SELECT COUNT(*) FROM sign_in_link WHERE token_hash = "
                            f"UNHEX(SHA2('{link}', 256))") == [["1"]]
    browser = Browser(installation)
    api = through(browser, media)
    made = api.post(SESSION, "OpenSessionRequest", {"link": link})
    assert made.status == 200 and made.value["session"]["user"]["userName"] == person.name, made
    assert browser.get("/v1/users").status == 200
    again = api.post(SESSION, "OpenSessionRequest", {"link": link})
    assert again.status == 401 and "used already" in again.value["message"]


def test_link_of_somebody_without_a_password(installation):
    name = unique("linked")
    installation.create_user(name, "Sales")
    assert Browser(installation).sign_in(link=link_of(installation, name, "--minutes", "1")).status == 200


@pytest.mark.parametrize("change", [
    "UPDATE sign_in_link SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE user_id = '{id}'",
    "UPDATE user SET enabled = FALSE WHERE id = '{id}'", "DELETE FROM user WHERE id = '{id}'"])
def test_links_that_do_not_count(installation, person, change):
    link = link_of(installation, person.name)
    installation.sql(change.format(id=person.id))
    assert Browser(installation).sign_in(link=link).status == 401
    assert Browser(installation).sign_in(link="csl_" + "0" * 43).status == 401


def test_link_and_second_factor(installation, person):
    """It stands for the password, no more, and is not used up before the code is right."""
    person.enrol()
    link = link_of(installation, person.name)
    for more in ({}, {"code": wrong_code(person.secret)}):
        answer = Browser(installation).sign_in(link=link, **more)
        assert answer.status == 401 and "code" in answer.json()["errors"]
    assert Browser(installation).sign_in(link=link, code=code_of(person.secret)).status == 200
    assert Browser(installation).sign_in(link=link, code=code_of(person.secret, 1)).status == 401


def test_link_command(private_installation):
    running = private_installation(public_url="https://registry.example/tools")
    person = Person(running, "Sales")
    assert running.cli("user", "sign-in-link", person.name).startswith("https://registry.example/tools/console/#/sign-in?")
    for arguments, text in (((person.name, "--address", "registry"), "is not an address"), (("nobody",), "nobody"),
                            ((person.name, "--minutes", "0"), "at least 1"), ((person.name, "--minutes", "1441"), "at most")):
        said = running.cli("user", "sign-in-link", *arguments, check=False)
        assert said.returncode != 0 and text in said.stderr, said.stderr
    running.sql("UPDATE sign_in_link SET expires_at = UTC_TIMESTAMP(6)")
    running.cli("expire")
    assert running.sql("SELECT COUNT(*) FROM sign_in_link") == [["0"]]


def test_link_without_an_address(installation, person):
    said = installation.cli("user", "sign-in-link", person.name, check=False)
    assert said.returncode != 0 and "--address" in said.stderr


def test_audit_of_links(installation, person):
    Browser(installation).sign_in(link=link_of(installation, person.name))
    found = audited(person, "resource='sign-in link'")["auditEntries"]
    mine = [one for one in found if person.id in str(one)]
    assert [(one["action"], one["actorKind"]) for one in mine] == [("insert", "command"), ("delete", "user")]
    assert "csl_" not in str(found)


# --- commands ---


def test_sessions_of_a_user(installation, person):
    browser = person.signed_in()
    listed = installation.cli("user", "sessions", person.name)
    assert "console" in listed and "Mozilla/5.0" in listed
    assert "1 session of user" in installation.cli("user", "end-sessions", person.name, check=False).stderr
    assert browser.get(SESSION).status == 401
