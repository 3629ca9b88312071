"""Nobody grants more than the own credential holds: each maker against each way of making or widening something."""

import json

import pytest

from harness.families import CREDENTIALS, LICENSING, Api, new_api_client, unique

KEYS, USERS, CLIENTS = "/v1/api-keys", "/v1/users", "/api/v1/admin/clients"
PASSWORD = "a-passphrase-nobody-has-4711"
BITS = {1: "read", 2: "update", 4: "delete", 8: "create"}
ROLES = ("Customer", "LicenseManager", "Sales", "Application", "HostingManager", "DelegateManager", "AccountManager", "Delegate")
SOON, LATER = "2031-01-01T00:00:00Z", "2041-01-01T00:00:00Z"
LOCAL = ["127.0.0.0/8"]


class Maker:
    """A credential, and what it is bound to: `expires` and `networks` of None are no bound."""

    def __init__(self, name, key=None, token=None, permissions=15, networks=None, expires=None, rate=None,
                 roles=("Administrator",)):
        self.name, self.key, self.token = name, key, token
        self.permissions, self.networks, self.expires, self.rate = permissions, networks, expires, rate
        self.administrator = "Administrator" in roles

    @property
    def free(self):
        return self.administrator and self.permissions == 15 and not (self.networks or self.expires or self.rate)

    def api(self, installation, family, media):
        client = installation.client(self.key)
        if self.token:
            call = client.call
            client.call = lambda *arguments, **options: call(
                *arguments, **options, headers={"Authorization": f"Bearer {self.token}"})
        return Api(client, family, media)


class World:
    def __init__(self, installation):
        self.installation = installation
        self.admin = installation.client(installation.admin_key)
        self.administrator = self.user("Administrator")
        self.sales = self.user("Sales")
        self.makers = list(self.make_makers())

    def user(self, *roles, password=None, **members):
        body = {"user": {"userName": unique("grant"), "roles": list(roles)} | members}
        answer = self.admin.post(USERS, body | ({"password": password} if password else {}))
        assert answer.status == 200, answer
        return answer.json()["userId"]

    def key(self, **members):
        answer = self.admin.post(KEYS, {"apiKey": {"name": unique("grant")} | members})
        assert answer.status == 200, answer
        return answer.json()

    def client(self, **members):
        answer = self.admin.post(CLIENTS, new_api_client(self.administrator, **members))
        assert answer.status == 200, answer
        return answer.json()["ResponseData"]["Detail"]

    def token(self, client, scope=None):
        form = f"grant_type=client_credentials&client_id={client['ID']}&client_secret={client['Secret']}"
        answer = self.admin.post("/oauth2/token", form + (f"&scope={scope.replace(' ', '+')}" if scope else ""),
                                 content_type="application/x-www-form-urlencoded", key="")
        assert answer.status == 200, answer
        return answer.json()["access_token"]

    def make_makers(self):
        owner = {"ownerId": self.administrator}
        for bit, word in BITS.items():
            yield Maker(f"key-{word}", self.key(permissions=bit, **owner)["apiKey"], permissions=bit)
            token = self.token(self.client(), f"Administrator {word}")
            yield Maker(f"token-{word}", token=token, permissions=bit)
        yield Maker("key-all", self.key(**owner)["apiKey"])
        yield Maker("key-without-delete", self.key(permissions=11, **owner)["apiKey"], permissions=11)
        yield Maker("key-network", self.key(allowedNetworks=LOCAL, **owner)["apiKey"], networks=LOCAL)
        yield Maker("key-expiry", self.key(expireDate=SOON, **owner)["apiKey"], expires=SOON)
        yield Maker("key-rate", self.key(rateLimit=5000, **owner)["apiKey"], rate=5000)
        yield Maker("token-all", token=self.token(self.client()))
        yield Maker("token-narrowed-client", token=self.token(self.client(Scope="read update create")), permissions=11)
        yield Maker("token-expiry", token=self.token(self.client(ExpiresAt=SOON)), expires=SOON)
        for role in ROLES:
            yield Maker(f"key-{role}", self.key(ownerId=self.user(role))["apiKey"], roles=(role,))

    def stored_key(self, number):
        [row] = self.admin.get(f"{KEYS}?filter=id={number}").json()["apiKeys"]
        return row

    def stored_client(self, identifier):
        return self.admin.get(f"{CLIENTS}/{identifier}").json()["ResponseData"]["Detail"]

    def check_key(self, maker, number):
        row = self.stored_key(number)
        assert maker.administrator
        assert row["permissions"] & ~maker.permissions == 0, row
        assert not maker.networks or row["allowedNetworks"] == maker.networks or \
            row["allowedNetworks"] == ["127.0.0.1"], row
        assert not maker.expires or row["expireDate"] and row["expireDate"] <= maker.expires, row
        assert not maker.rate or row["rateLimit"] and row["rateLimit"] <= maker.rate, row

    def check_client(self, maker, identifier):
        row = self.stored_client(identifier)
        assert maker.administrator and not maker.networks and not maker.rate
        words = (row["Scope"] or "").split()
        bits = sum(bit for bit, word in BITS.items() if word in words) or 15
        assert bits & ~maker.permissions == 0, row
        assert not maker.expires or row["ExpiresAt"] and row["ExpiresAt"][:19] <= maker.expires[:19], row


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


def members(**choices):
    """Every member left out, and each of its values alone, and all of the widest together."""
    yield {}
    for name, values in choices.items():
        for value in values:
            yield {name: value}
    yield {name: values[0] for name, values in choices.items()}


KEY_MEMBERS = list(members(permissions=[15, *BITS, 0], allowedNetworks=[[], LOCAL, ["127.0.0.1"], ["0.0.0.0/0"]],
                           expireDate=[None, LATER, SOON], rateLimit=[None, 6000, 5000, 1]))
CLIENT_MEMBERS = list(members(Scope=[None, "Administrator", "read", "update create", "Administrator delete",
                                     "Sales create"], ExpiresAt=[None, LATER, SOON]))


def choices(maker, sent):
    """Whoever may do nothing in this area is refused whatever is sent."""
    return sent if maker.administrator else sent[:1]


def test_new_keys(world, media):
    made = refused = 0
    for maker, sent in ((maker, sent) for maker in world.makers for sent in choices(maker, KEY_MEMBERS)):
        api = maker.api(world.installation, LICENSING, media)
        answer = api.post(KEYS, "InsertApiKeyRequest", {"apiKey": {"name": unique("made")} | sent})
        if answer.status == 200:
            world.check_key(maker, answer.value["apiKeyId"])
            made += 1
        else:
            assert answer.status == 403, (maker.name, sent, answer)
            assert not maker.free, (maker.name, sent, answer)
            refused += 1
        if not sent:
            assert (answer.status == 200) == (maker.administrator and maker.permissions & 8 != 0), (maker.name, answer)
    assert made > 100 and refused > 100


def test_new_keys_for_others(world, media):
    """Whose key it is does not make it wider."""
    for maker in world.makers:
        api = maker.api(world.installation, LICENSING, media)
        answer = api.post(KEYS, "InsertApiKeyRequest", {"apiKey": {"name": unique("made"), "ownerId": world.sales}})
        if answer.status == 200:
            world.check_key(maker, answer.value["apiKeyId"])
        else:
            assert answer.status == 403, answer


@pytest.mark.parametrize("before", [
    {}, {"permissions": 0, "allowedNetworks": ["127.0.0.1"], "expireDate": SOON, "rateLimit": 1}, {"revoked": True}],
    ids=["wide", "narrow", "revoked"])
def test_changed_keys(world, media, before):
    """After each change that is not refused, the key is within its changer or no wider than it was."""
    for maker in world.makers:
        number = world.key(**before)["apiKeyId"]
        api = maker.api(world.installation, LICENSING, media)
        for sent in choices(maker, [*KEY_MEMBERS[1:], {"revoked": False}, {"ownerId": world.administrator}, {"clientSecret": None}]):
            was = world.stored_key(number)
            answer = api.put(KEYS, "UpdateApiKeyRequest", {"apiKey": {"id": number} | sent})
            now = world.stored_key(number)
            if answer.status != 200:
                assert answer.status == 403 and not maker.free, (maker.name, sent, answer)
                assert {**now, "lastUsed": None} == {**was, "lastUsed": None}
            elif not now["revoked"] and any(was[name] != now[name] for name in sent) and not narrower(was, now):
                world.check_key(maker, number)


def narrower(was, now):
    return (not was["revoked"] and was["ownerId"] == now["ownerId"]
            and now["permissions"] & ~was["permissions"] == 0
            and (not was["allowedNetworks"] or now["allowedNetworks"] in (was["allowedNetworks"], ["127.0.0.1"]))
            and (not was["expireDate"] or (now["expireDate"] or LATER) <= was["expireDate"])
            and (not was["rateLimit"] or (now["rateLimit"] or 10 ** 9) <= was["rateLimit"]))


def test_a_key_does_not_widen_itself(world, media):
    own = world.key(permissions=2, allowedNetworks=LOCAL, expireDate=SOON, ownerId=world.administrator)
    api = Api(world.installation.client(own["apiKey"]), LICENSING, media)
    answer = api.put(KEYS, "UpdateApiKeyRequest", {"apiKey": {
        "id": own["apiKeyId"], "permissions": 15, "allowedNetworks": [], "expireDate": None}})
    assert answer.status == 403, answer
    faults = api.faults(answer)
    assert set(faults) == {"apiKey.permissions", "apiKey.allowedNetworks", "apiKey.expireDate"}
    assert "2 = update" in faults["apiKey.permissions"] and "127.0.0.0/8" in faults["apiKey.allowedNetworks"]
    assert SOON in faults["apiKey.expireDate"]
    assert api.put(KEYS, "UpdateApiKeyRequest", {"apiKey": {
        "id": own["apiKeyId"], "allowedNetworks": ["127.0.0.1"]}}).status == 200


def test_new_and_changed_clients_and_secrets(world, media):
    for maker in world.makers:
        api = maker.api(world.installation, CREDENTIALS, media)
        wide, narrow = world.client(), world.client(Scope="read", ExpiresAt=SOON)
        for sent in choices(maker, CLIENT_MEMBERS):
            answer = api.post(CLIENTS, "ClientRequest", new_api_client(world.administrator, **sent))
            if answer.status == 200:
                world.check_client(maker, answer.value["ResponseData"]["Detail"]["ID"])
            else:
                assert answer.status == 403 and not maker.free, (maker.name, sent, answer)
            was = world.stored_client(narrow["ID"])
            answer = api.put(f"{CLIENTS}/{narrow['ID']}", "ClientRequest", sent)
            now = world.stored_client(narrow["ID"])
            if answer.status == 200 and (was["Scope"], was["ExpiresAt"]) != (now["Scope"], now["ExpiresAt"]):
                world.check_client(maker, narrow["ID"])
            assert answer.status in (200, 403), (maker.name, sent, answer)
        for path, call, body in (("", api.put, {"Secret": "a-secret-of-my-own-choice"}), ("/secrets", api.post, {})):
            answer = call(f"{CLIENTS}/{wide['ID']}{path}",
                          "ClientSecretRequest" if path else "ClientRequest", body)
            assert answer.status == (200 if maker.free else 403), (maker.name, path, answer)


def test_users_passwords_and_roles(world, media):
    """A user comes from anywhere, for ever, with all permissions: only who does so too gives roles and passwords."""
    for maker in world.makers:
        api = maker.api(world.installation, LICENSING, media)
        target = world.user("Sales")
        disabled = world.user("Sales", enabled=False)
        calls = [
            ("POST", USERS, "InsertUserRequest", {"user": {"userName": unique("u"), "roles": ["Administrator"]}}),
            ("POST", USERS, "InsertUserRequest", {"user": {"userName": unique("u")}, "password": PASSWORD}),
            ("PUT", USERS, "UpdateUserRequest", {"user": {"id": target, "roles": ["Administrator"]}}),
            ("PUT", USERS, "UpdateUserRequest", {"user": {"id": target}, "newPassword": "another-" + PASSWORD}),
            ("PUT", USERS, "UpdateUserRequest", {"user": {"id": disabled, "enabled": True}}),
            ("POST", f"{USERS}/{target}/roles", "AddUserToRoleRequest", {"roles": "LicenseManager"}),
        ]
        for method, path, name, body in calls:
            answer = api.call(method, path, name, body)
            assert answer.status == (200 if maker.free else 403), (maker.name, method, path, body, answer)
        if maker.administrator and maker.permissions & 2:
            for body in ({"user": {"id": target, "city": "Riga"}}, {"user": {"id": target, "roles": []}},
                         {"user": {"id": target, "enabled": False}}):
                assert api.put(USERS, "UpdateUserRequest", body).status == 200, (maker.name, body)
        if maker.administrator and maker.permissions & 8:
            answer = api.post(USERS, "InsertUserRequest", {"user": {"userName": unique("u")}})
            assert answer.status == 200, (maker.name, answer)


def test_who_knows_a_password_may_change_it(world, media):
    """It gives nothing that the caller has not."""
    narrow = world.key(permissions=2, ownerId=world.administrator)["apiKey"]
    api = Api(world.installation.client(narrow), LICENSING, media)
    body = {"user": {"id": world.user("Sales", password=PASSWORD)}, "newPassword": "another-" + PASSWORD, "currentPassword": PASSWORD}
    assert api.put(USERS, "UpdateUserRequest", body).status == 200


def test_the_error(world):
    """It names each member and the bound, in every shape."""
    narrow = world.key(permissions=8, ownerId=world.administrator)["apiKey"]
    client = world.installation.client(narrow)
    answer = client.post(KEYS, {"apiKey": {"name": "x", "permissions": 15}})
    assert answer.status == 403 and "8 = create" in json.dumps(answer.json()["errors"]), answer
    answer = client.post(CLIENTS, new_api_client(world.administrator, Scope="read"))
    error = answer.json()["Error"]
    assert answer.status == 403 and error["ErrorCode"] == "BEYOND_CALLER", answer
    assert "The Scope field goes beyond 8 = create" in error["ErrorReason"]
