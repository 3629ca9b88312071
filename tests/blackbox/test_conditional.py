"""Entity tags: a caller that has the current answer gets none again, and nobody overwrites what they have not seen."""

import concurrent.futures

import pytest

from harness.families import CREDENTIALS, DELEGATES, HOSTING, MEDIA, Api, unique

CLIENTS, ACCOUNTS, GROUPS = "/api/v1/admin/clients", "/hosting/api/client", "/api/delegategroups"


def new_client(api):
    answer = api.post(CLIENTS, "ClientRequest", {
        "Name": unique("tag"), "Secret": "its own secret", "UserID": api.client.installation.admin_id})
    return f"{CLIENTS}/{answer.value['ResponseData']['Detail']['ID']}", answer


def new_account(api):
    name = unique("tag")
    answer = api.post(ACCOUNTS, "Client", {"username": name, "password": "p", "domainMaxCount": -1,
                                           "emailAddress": f"{name}@example.org"})
    return f"{ACCOUNTS}/{answer.value['id']}", answer


def new_domain(api):
    path, _ = new_account(api)
    answer = api.post(f"{path}/domain", "Domain", {"name": "tag.example.org"})
    return f"{path}/domain/{answer.value['id']}", answer


def new_group(api):
    answer = api.post(GROUPS, "DelegateGroup", {"name": unique("tag")})
    return f"{GROUPS}/{answer.value['id']}", answer


# Family, how one is made, XML name of a change, the change or None where there is no PUT.
KINDS = {
    "client": (CREDENTIALS, new_client, "ClientRequest", lambda: {"Name": unique("tagged")}),
    "account": (HOSTING, new_account, "Client", lambda: {"company": unique("company")}),
    "domain": (HOSTING, new_domain, "Domain", lambda: {"iframeMarkers": [unique("mark")]}),
    "group": (DELEGATES, new_group, None, None),
}
CHANGEABLE = [kind for kind in KINDS if KINDS[kind][3]]


class One:
    """One resource of a kind."""

    def __init__(self, client, media, kind):
        self.family, make, self.type_name, self.changes = KINDS[kind]
        self.api = Api(client, self.family, media)
        self.path, self.created = make(self.api)

    def other_format(self):
        return Api(self.api.client, self.family, "json" if self.api.is_xml else "xml")

    def tag(self, api=None):
        answer = (api or self.api).get(self.path)
        assert answer.status == 200, answer
        return answer.headers["etag"]

    def change(self, if_match=None, api=None):
        headers = {"If-Match": if_match} if if_match is not None else {}
        return (api or self.api).put(self.path, self.type_name, self.changes(), headers=headers)

    def remove(self, if_match):
        return self.api.delete(self.path, headers={"If-Match": if_match})

    def is_there(self):
        answer = self.api.get(self.path)
        return answer.status == 200 and answer.value is not None


@pytest.fixture(params=KINDS)
def one(client, media, request):
    return One(client, media, request.param)


@pytest.fixture(params=CHANGEABLE)
def changeable(client, media, request):
    return One(client, media, request.param)


def test_tag_is_strong_and_stays(one):
    tag = one.tag()
    assert tag[0] == tag[-1] == '"' and len(tag) > 10
    assert one.tag() == tag
    assert one.created.headers["etag"] == tag


def test_tag_differs_by_format(one):
    """A strong tag stands for the very bytes."""
    assert one.tag() != one.tag(one.other_format())


def test_change_changes_the_tag(changeable):
    before = changeable.tag()
    answer = changeable.change()
    assert answer.status == 200, answer
    assert answer.headers["etag"] == changeable.tag() != before


def test_lists_have_no_tag(client):
    for path in (CLIENTS, ACCOUNTS):
        assert "etag" not in client.get(path).headers


@pytest.mark.parametrize("path", ["by-username/{username}", "by-apiKey/{apiKey}", "../clientgetid/{username}"])
def test_every_way_to_an_account_has_its_tag(client, media, path):
    one = One(client, media, "account")
    found = one.api.get(f"{ACCOUNTS}/{path.format(**one.created.value)}".replace("client/../", ""))
    assert found.headers["etag"] == one.tag()


# --- If-None-Match ---

@pytest.mark.parametrize("header", ["{tag}", '"other", {tag}', '{tag},"other"', "W/{tag}", "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_not_modified(one, header, method):
    tag = one.tag()
    answer = one.api.call(method, one.path, headers={"If-None-Match": header.format(tag=tag)})
    assert (answer.status, answer.body) == (304, b""), answer
    assert answer.headers["etag"] == tag
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("header", ['"other"', "{bare}", ""])
def test_modified(one, header):
    answer = one.api.get(one.path, headers={"If-None-Match": header.format(bare=one.tag().strip('"'))})
    assert answer.status == 200, answer
    assert answer.value


def test_modified_since(changeable):
    tag = changeable.tag()
    changeable.change()
    assert changeable.api.get(changeable.path, headers={"If-None-Match": tag}).status == 200


def test_the_other_format_is_not_what_the_caller_has(one):
    tag = one.tag(one.other_format())
    assert one.api.get(one.path, headers={"If-None-Match": tag}).status == 200


# --- If-Match ---

@pytest.mark.parametrize("header", ["{tag}", '"other", {tag}', "*"])
def test_change_of_what_is_known(changeable, header):
    answer = changeable.change(header.format(tag=changeable.tag()))
    assert answer.status == 200, answer
    again = changeable.change(answer.headers["etag"])
    assert again.status == 200, again


def test_tag_of_either_format_will_do(changeable):
    answer = changeable.change(changeable.tag(changeable.other_format()))
    assert answer.status == 200, answer


@pytest.mark.parametrize("header", ['"other"', '"other", "another"', "{stale}", "W/{current}", "{cut}"])
def test_stale_change(changeable, header):
    stale = changeable.tag()
    changeable.change()
    current = changeable.tag()
    answer = changeable.change(header.format(stale=stale, current=current, cut=current[:-3]))
    assert answer.status == 412, answer
    assert answer.value
    assert changeable.tag() == current
    if changeable.family is CREDENTIALS:
        assert answer.value["Error"]["ErrorCode"] == "STALE"
    else:
        assert answer.value["message"]


def test_stale_change_changes_nothing_over_formats(changeable):
    stale = changeable.tag(changeable.other_format())
    changeable.change()
    assert changeable.change(stale).status == 412


@pytest.mark.parametrize("header", ["{tag}", '"other" , {tag}', "*"])
def test_removal_of_what_is_known(one, header):
    answer = one.remove(header.format(tag=one.tag()))
    assert answer.status in (200, 204), answer
    assert not one.is_there()


def test_stale_removal(one):
    answer = one.remove('"other"')
    assert answer.status == 412, answer
    assert one.is_there()


def test_removal_of_what_is_gone(one):
    tag = one.tag()
    one.remove("*")
    assert one.remove(tag).status == 404


def test_faults_come_before_the_tag(changeable):
    """A body that cannot be taken is 400, stale or not."""
    answer = changeable.api.put(changeable.path, value="", content_type=MEDIA[changeable.api.media],
                                headers={"If-Match": '"other"'})
    assert answer.status == 400, answer


def test_tag_after_a_change_of_the_secret(client, media):
    """What is shown once is no part of the tag, so that the answer's tag can be used at once."""
    one = One(client, media, "client")
    answer = one.api.put(one.path, "ClientRequest", {"Secret": "another secret"})
    assert answer.value["ResponseData"]["Detail"]["Secret"] == "another secret"
    assert answer.headers["etag"] == one.tag()
    assert one.change(answer.headers["etag"]).status == 200


@pytest.mark.parametrize("kind", CHANGEABLE)
def test_one_of_many_wins(client, kind):
    """Several callers change what they all have seen: one does, the others are told."""
    one = One(client, "json", kind)
    for _ in range(5):
        tag = one.tag()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: one.change(tag), range(8)))
        statuses = sorted(answer.status for answer in answers)
        assert statuses == [200] + [412] * 7, statuses
        [winner] = [answer for answer in answers if answer.status == 200]
        assert one.tag() == winner.headers["etag"]


# --- views of one state ---

@pytest.mark.parametrize("query", ["?includeClientCount=true", "?includeDeleted=true",
                                   "?includeDeleted=true&includeClientCount=true"])
def test_a_view_has_the_tag_of_its_state(delegates, query):
    """What more is asked for tells answers apart, and is no other state of the row."""
    path, _ = new_group(delegates)
    plain, view = delegates.get(path), delegates.get(path + query)
    tag, other = plain.headers["etag"], view.headers["etag"]
    assert (tag != other) == ("includeClientCount" in query) == (plain.text != view.text)
    across = 304 if tag == other else 200
    for known, where, status in ((tag, path, 304), (other, path + query, 304), (other, path, across),
                                 (tag, path + query, across)):
        assert delegates.get(where, headers={"If-None-Match": known}).status == status, (known, where)
    assert delegates.delete(path, headers={"If-Match": f'"{other[1:9]}{other[9:17][::-1]}{other[17:]}'}).status == 412
    assert delegates.delete(path, headers={"If-Match": other}).status == 204


def test_a_count_that_changes_changes_its_answer_only(delegates):
    path, _ = new_group(delegates)
    plain, view = (delegates.get(path + query).headers["etag"] for query in ("", "?includeClientCount=true"))
    number = 930000 + int(unique("n").rpartition("-")[2])
    delegates.client.installation.sql(f"INSERT INTO delegate_client (id) VALUES ({number})")
    assert delegates.post(f"{path}/clients", "DelegateGroupClient", {"clientId": number}).status == 200
    assert delegates.get(path, headers={"If-None-Match": plain}).status == 304
    answer = delegates.get(path + "?includeClientCount=true", headers={"If-None-Match": view})
    assert answer.status == 200 and answer.headers["etag"] != view
    assert delegates.delete(path, headers={"If-Match": view}).status == 204
