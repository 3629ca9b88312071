"""Hosting accounts and their domains."""

import urllib.parse

import pytest

from harness.families import unique

PATH = "/hosting/api/client"
BCRYPT = "$2y$10$" + "abcdefghijklmnopqrstuv" + "0123456789abcdefghijklmnopqrstu"


def account(**members):
    name = unique("account")
    return {"username": name, "password": "secret", "emailAddress": f"{name}@example.org"} | members


@pytest.fixture
def made(hosting):
    return make(hosting)


def make(api, **members):
    answer = api.post(PATH, "Client", account(**members))
    assert answer.status == 201, answer
    return answer.value


def test_create(hosting):
    request = account(firstName="Anna", company="C & Co", domainMaxCount=5, whitelabelMaxCount=-1,
                      features={"canUseABTests": False})
    answer = hosting.post(PATH, "Client", request)
    assert answer.status == 201, answer
    assert answer.headers["location"].endswith(f"{PATH}/{answer.value['id']}")
    hosting.check(answer.value, {
        "id": lambda text: len(text) == 7 and set(text) <= set("0123456789abcdef"),
        "username": request["username"], "active": False, "firstName": "Anna", "lastName": None,
        "emailAddress": request["emailAddress"], "company": "C & Co", "domainCount": 0, "domainMaxCount": 5,
        "whitelabelCount": 0, "whitelabelMaxCount": -1, "widgetDisplayCount": 0, "widgetDisplayMaxCount": 0,
        "autoCreateDomains": False, "features": {"canUseABTests": False, "canUseScripts": True}})
    assert not answer.value.get("password")


def test_own_key_is_shown_at_creation_only(hosting, made):
    assert len(made["apiKey"]) >= 24
    assert not hosting.get(f"{PATH}/{made['id']}").value.get("apiKey")
    found = hosting.get(f"{PATH}/by-apiKey/{made['apiKey']}")
    assert found.status == 200, found
    assert found.value["id"] == made["id"]
    assert hosting.get(f"{PATH}/by-apiKey/wrong").status == 404
    for segment in ("by-apiKey", "BY-APIKEY", "by%2DapiKey"):
        answer = hosting.get(f"{PATH}/{segment}/{made['apiKey']}/more")
        assert answer.status == 404 and made["apiKey"] not in answer.text, answer
        assert answer.value["message"].lower().endswith(f"{PATH}/by-apikey/***'."), answer


def test_own_key_is_in_no_log(installation, hosting, made):
    answer = hosting.get(f"{PATH}/by-apiKey/{made['apiKey']}?apiKey={installation.admin_key}")
    answer.log()
    for path in (installation.state / "log").iterdir():
        text = path.read_text(errors="replace")
        assert made["apiKey"] not in text and installation.admin_key not in text, path


def test_read(hosting, made):
    answer = hosting.get(f"{PATH}/{made['id']}")
    assert answer.status == 200, answer
    assert answer.value["username"] == made["username"]


def test_list(hosting, made):
    answer = hosting.get(PATH)
    assert answer.status == 200, answer
    [found] = [one for one in answer.value if one["id"] == made["id"]]
    hosting.check(found, {"actualCallCount": 0})
    assert found["domainCountData"] == []


def test_list_counts_calls_by_domain(installation, hosting):
    one = make(hosting, domainMaxCount=2)
    for name in ("a.example.org", "b.example.org"):
        assert hosting.post(f"{PATH}/{one['id']}/domain", "Domain", {"name": name}).status == 201
    installation.sql(f"UPDATE hosting_domain SET call_count = 7 WHERE client_id = '{one['id']}' "
                     "AND name = 'a.example.org'")
    [found] = [item for item in hosting.get(PATH).value if item["id"] == one["id"]]
    hosting.check(found, {"actualCallCount": 7, "domainCount": 2})
    assert sorted((item["domName"], int(item["count"])) for item in found["domainCountData"]) == [
        ("a.example.org", 7), ("b.example.org", 0)]


def test_update_is_a_merge(hosting, made):
    answer = hosting.put(f"{PATH}/{made['id']}", "Client", {
        "active": True, "features": {"canUseIAB": False}, "domainCount": 99})
    assert answer.status == 200, answer
    hosting.check(answer.value, {"active": True, "emailAddress": made["emailAddress"], "domainCount": 0,
                                 "features": {"canUseIAB": False, "canUseIframes": True}})


def test_null_clears_or_is_refused(hosting):
    one = make(hosting, company="C")
    assert hosting.put(f"{PATH}/{one['id']}", "Client", {"company": None}).value["company"] is None
    answer = hosting.put(f"{PATH}/{one['id']}", "Client", {"emailAddress": None})
    assert answer.status == 400, answer
    assert "emailAddress" in hosting.faults(answer)


def test_delete(hosting, made):
    answer = hosting.delete(f"{PATH}/{made['id']}")
    assert (answer.status, answer.body) == (204, b"")
    assert hosting.get(f"{PATH}/{made['id']}").status == 404
    assert hosting.delete(f"{PATH}/{made['id']}").status == 404


def test_by_username(hosting, made):
    for name in (made["username"], made["username"].upper()):
        answer = hosting.get(f"{PATH}/by-username/{name}")
        assert answer.status == 200, answer
        assert answer.value["id"] == made["id"]
    assert hosting.get(f"{PATH}/by-username/nobody").status == 404


def test_old_search(hosting, made):
    for term in (made["username"], made["emailAddress"]):
        answer = hosting.get(f"/hosting/api/clientgetid/{term}")
        assert answer.status == 200, answer
        assert answer.value["id"] == made["id"]
    assert hosting.get("/hosting/api/clientgetid/nobody").status == 404


@pytest.mark.parametrize("form", ["MÜNCHEN.de", "münchen.de", "xn--mnchen-3ya.de"])
def test_old_search_by_international_address(hosting, form):
    """One mailbox, in whatever way its domain is written; answered as it was sent."""
    name = unique("mail")
    made = make(hosting, emailAddress=f"{name}@{form}")
    assert made["emailAddress"] == f"{name}@{form}"
    for domain in ("MÜNCHEN.de", "münchen.de", "xn--mnchen-3ya.de", "XN--MNCHEN-3YA.DE"):
        answer = hosting.get("/hosting/api/clientgetid/" + urllib.parse.quote(f"{name}@{domain}"))
        assert answer.status == 200 and answer.value["id"] == made["id"], (domain, answer)
    assert hosting.get("/hosting/api/clientgetid/" + urllib.parse.quote(f"{name}@munchen.de")).status == 404


@pytest.mark.parametrize("members, paths", [
    ({"emailAddress": "x@münchen..de"}, {"emailAddress"}),
    ({"emailAddress": "x@mün chen.de"}, {"emailAddress"}),
    ({"username": None}, {"username"}),
    ({"username": ""}, {"username"}),
    ({"password": None}, {"password"}),
    ({"emailAddress": "nobody"}, {"emailAddress"}),
    ({"emailAddress": None}, {"emailAddress"}),
    ({"passwordHash": "plain", "password": None}, {"passwordHash"}),
    ({"domainMaxCount": -2}, {"domainMaxCount"}),
    ({"whitelabelMaxCount": "many"}, {"whitelabelMaxCount"}),
    ({"active": "perhaps"}, {"active"}),
    ({"features": {"canUseIAB": "perhaps"}}, {"features.canUseIAB"}),
    ({"username": "", "emailAddress": "x", "domainMaxCount": -5}, {"username", "emailAddress", "domainMaxCount"}),
])
def test_rules(hosting, members, paths):
    request = {name: value for name, value in account(**members).items() if value is not None}
    answer = hosting.post(PATH, "Client", request)
    assert answer.status == 400, answer
    assert paths <= set(hosting.faults(answer)), answer


def test_bcrypt_hash_instead_of_a_password(installation, hosting):
    request = account(passwordHash=BCRYPT)
    del request["password"]
    answer = hosting.post(PATH, "Client", request)
    assert answer.status == 201, answer
    assert installation.sql("SELECT password_hash FROM hosting_client WHERE id = "
                            f"'{answer.value['id']}'") == [[BCRYPT]]
    both = hosting.post(PATH, "Client", account(passwordHash=BCRYPT))
    assert both.status == 201, both
    assert installation.sql("SELECT password_hash FROM hosting_client WHERE id = "
                            f"'{both.value['id']}'") != [[BCRYPT]]


def test_usernames_are_unique(hosting, made):
    answer = hosting.post(PATH, "Client", account(username=made["username"].upper()))
    assert answer.status == 409, answer
    assert "username" in hosting.faults(answer) or "username" in answer.value["message"].lower()


@pytest.mark.parametrize("path", [f"{PATH}/0000000", f"{PATH}/zzz", f"{PATH}/0000000/domain",
                                  f"{PATH}/0000000/domain/1111111"])
def test_unknown(hosting, path):
    answer = hosting.get(path)
    assert answer.status == 404, answer
    assert answer.value["message"]


# --- domains ---

@pytest.fixture
def domains(hosting):
    return f"{PATH}/{make(hosting, domainMaxCount=-1, whitelabelMaxCount=-1)['id']}/domain"


def test_long_paths(hosting, domains):
    """A domain is told apart by its whole path, however long; the same one twice is refused."""
    stem = "/" + "a" * 500
    for path in (f"{stem}/one", f"{stem}/two", stem, f"/{'ä' * 999}", f"/{'ä' * 998}b", f"{stem}/One"):
        answer = hosting.post(domains, "Domain", {"name": f"long.example.org{path}"})
        assert answer.status == 201, answer
        answer = hosting.post(domains, "Domain", {"name": f"long.example.org{path}"})
        assert answer.status == 409, answer
    answer = hosting.post(domains, "Domain", {"name": f"other.example.org{stem}/one"})
    assert answer.status == 201, answer
    moved = hosting.put(f"{domains}/{answer.value['id']}", "Domain",
                        {"name": f"long.example.org{stem}/one"})
    assert moved.status == 409, moved


@pytest.mark.parametrize("sent, name, path", [
    ("www.mysite.example", "www.mysite.example", "/"),
    ("www.mysite.example/website2/", "www.mysite.example", "/website2/"),
    ("https://www.mysite.example", "www.mysite.example", "/"),
    ("https://WWW.mysite.example/website2/", "www.mysite.example", "/website2/"),
])
def test_create_domain(hosting, domains, sent, name, path):
    answer = hosting.post(domains, "Domain", {"name": sent})
    assert answer.status == 201, answer
    assert answer.headers["location"].endswith(f"{domains}/{answer.value['id']}")
    hosting.check(answer.value, {"name": name, "path": path, "whitelabel": False, "country": None,
                                 "consentStorage": "localStorage", "iframeBlockMode": "whitelist",
                                 "cookieDeclarationTableHeadingStartLevel": 3, "imprintDisplayMode": "link"})


@pytest.mark.parametrize("spellings, name", [
    (["MÜNCHEN.example", "münchen.example", "mu\u0308nchen.example", "xn--mnchen-3ya.example", "XN--MNCHEN-3YA.example",
      "https://München.Example/", "münchen.example.", "münchen\u3002example", "ＭÜNCHEN.example"], "münchen.example"),
    (["ПРИМЕР.example:8080", "пример.example:8080", "xn--e1afmkfd.example:08080"], "пример.example:8080"),
    (["straße.example", "STRAßE.example", "xn--strae-oqa.example"], "straße.example"),
])
def test_spellings_of_one_host(hosting, domains, spellings, name):
    """A host has one name, however it is written; the same one twice is refused, also when another one is renamed."""
    for first in spellings:
        made = hosting.post(domains, "Domain", {"name": first})
        assert made.status == 201 and made.value["name"] == name, made
        for second in spellings:
            answer = hosting.post(domains, "Domain", {"name": second})
            assert answer.status == 409, (first, second, answer)
        other = hosting.post(domains, "Domain", {"name": "other.example"}).value
        for second in spellings:
            assert hosting.put(f"{domains}/{other['id']}", "Domain", {"name": second}).status == 409, (first, second)
            renamed = hosting.put(f"{domains}/{made.value['id']}", "Domain", {"name": second})
            assert renamed.status == 200 and renamed.value["name"] == name, renamed
        for one in (made.value, other):
            assert hosting.delete(f"{domains}/{one['id']}").status == 204
    assert hosting.post(domains, "Domain", {"name": "strasse.example"}).status == 201


@pytest.mark.parametrize("name", ["x🙂.example", "-ü.example", "ü..example", "ü.example:0", "ü" * 64 + ".example",
                                  "a_ü.example", "\u200dü.example"])
def test_names_that_are_no_hosts(hosting, domains, name):
    answer = hosting.post(domains, "Domain", {"name": name})
    assert answer.status == 400 and "a host name" in answer.text, answer


def test_life_of_a_domain(hosting, domains):
    one = hosting.post(domains, "Domain", {"name": "life.example.org", "country": "DE"}).value
    path = f"{domains}/{one['id']}"
    assert hosting.get(path).value["country"] == "DE"
    assert [item["id"] for item in hosting.get(domains).value] == [one["id"]]
    answer = hosting.put(path, "Domain", {"whitelabel": True, "country": None,
                                          "consentSharingDomains": ["a.example", "b.example"]})
    assert answer.status == 200, answer
    hosting.check(answer.value, {"name": "life.example.org", "whitelabel": True, "country": None,
                                 "consentSharingDomains": ["a.example", "b.example"]})
    assert hosting.delete(path).status == 204
    assert hosting.get(path).status == 404


@pytest.mark.parametrize("members, word", [
    ({"name": ""}, "name"), ({"name": "two words"}, "name"), ({"country": "Germany"}, "country"),
    ({"consentStorage": "disk"}, "consentStorage"), ({"cookieDeclarationTableHeadingStartLevel": 6},
                                                    "cookieDeclarationTableHeadingStartLevel"),
    ({"consentResetBeforeDate": "2026-02-30"}, "consentResetBeforeDate")])
def test_domain_rules(hosting, domains, members, word):
    answer = hosting.post(domains, "Domain", {"name": "rules.example.org"} | members)
    assert answer.status == 400, answer
    assert word in hosting.faults(answer), answer


def test_domain_of_another_account(hosting, domains):
    one = hosting.post(domains, "Domain", {"name": "mine.example.org"}).value
    other = make(hosting, domainMaxCount=1)
    assert hosting.get(f"{PATH}/{other['id']}/domain/{one['id']}").status == 404
    assert hosting.delete(f"{PATH}/{other['id']}/domain/{one['id']}").status == 404


def test_same_domain_twice(hosting, domains):
    assert hosting.post(domains, "Domain", {"name": "twice.example.org"}).status == 201
    assert hosting.post(domains, "Domain", {"name": "twice.example.org"}).status == 409


def test_domain_limit(hosting):
    one = make(hosting, domainMaxCount=2)
    path = f"{PATH}/{one['id']}/domain"
    for number in range(2):
        assert hosting.post(path, "Domain", {"name": f"l{number}.example.org"}).status == 201
    answer = hosting.post(path, "Domain", {"name": "l2.example.org"})
    assert answer.status == 400, answer
    assert "2" in answer.text
    assert hosting.get(f"{PATH}/{one['id']}").value["domainCount"] in (2, "2")


def test_no_domains_by_default(hosting, made):
    assert hosting.post(f"{PATH}/{made['id']}/domain", "Domain", {"name": "x.example.org"}).status == 400


def test_whitelabel_limit(hosting):
    one = make(hosting, domainMaxCount=-1, whitelabelMaxCount=1)
    path = f"{PATH}/{one['id']}/domain"
    assert hosting.post(path, "Domain", {"name": "w1.example.org", "whitelabel": True}).status == 201
    plain = hosting.post(path, "Domain", {"name": "w2.example.org"})
    assert plain.status == 201
    assert hosting.post(path, "Domain", {"name": "w3.example.org", "whitelabel": True}).status == 400
    assert hosting.put(f"{path}/{plain.value['id']}", "Domain", {"whitelabel": True}).status == 400


def test_domain_limit_holds_under_concurrency(installation, hosting):
    """Twenty at once, five allowed."""
    import concurrent.futures
    one = make(hosting, domainMaxCount=5)

    def create(number):
        return hosting.post(f"{PATH}/{one['id']}/domain", "Domain", {"name": f"c{number}.example.org"}).status

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(create, range(20)))
    assert statuses.count(201) == 5, statuses
    assert set(statuses) == {201, 400}


def test_deleting_an_account_deletes_its_domains(installation, hosting):
    one = make(hosting, domainMaxCount=1)
    hosting.post(f"{PATH}/{one['id']}/domain", "Domain", {"name": "gone.example.org"})
    assert hosting.delete(f"{PATH}/{one['id']}").status == 204
    assert installation.sql(f"SELECT COUNT(*) FROM hosting_domain WHERE client_id = '{one['id']}'") == [["0"]]


def test_loads_of_all_accounts(hosting, made):
    """As older versions have it: an account with two domains, one of which was shown, and one without any."""
    path = f"{PATH}/{made['id']}"
    assert hosting.put(path, "Client", {"domainMaxCount": -1}).status == 200
    names = sorted(f"{unique('d')}.example.org" for _ in range(2))
    for name in names:
        assert hosting.post(f"{path}/domain", "Domain", {"name": name}).status == 201
    other = make(hosting)
    answer = hosting.get("/hosting/api/client_all")
    assert answer.status == 200, answer
    [one] = [one for one in answer.value if one["userId"] == made["id"]]
    [none] = [one for one in answer.value if one["userId"] == other["id"]]
    hosting.check(one, {"actualCallCount": 0, "domainCountData": [{"domName": name, "count": 0} for name in names]})
    assert set(one) == {"userId", "actualCallCount", "domainCountData"} and not none["domainCountData"]
    assert set(one["domainCountData"][0]) == {"domName", "count"}
    assert len(answer.value) == len(hosting.get(PATH).value)
    assert len(hosting.get("/hosting/api/client_all?count=1").value) == 1
    [listed] = [one for one in hosting.get(PATH).value if one["id"] == made["id"]]
    assert listed["domainCountData"] == one["domainCountData"] and "actualCallCount" in listed


def test_more_accounts_than_a_page(installation, hosting):
    """147 of them, all listed, whatever the page of other lists is."""
    mark = unique("many")
    installation.sql("INSERT INTO hosting_client (id, username, password_hash, email_address, api_key_hash) "
                     f"SELECT LPAD(HEX(seq + 1000000), 7, '0'), CONCAT('{mark}-', seq), 'x', 'a@example.org', "
                     f"UNHEX(SHA2(CONCAT('{mark}', seq), 256)) FROM seq_1_to_147")
    for path, member in ((PATH, "id"), ("/hosting/api/client_all", "userId")):
        rows = hosting.get(path).value
        assert len({one[member] for one in rows}) == len(rows) >= 147
    installation.sql(f"DELETE FROM hosting_client WHERE username LIKE '{mark}-%'")
