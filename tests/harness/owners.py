"""Customers with rows of their own, for tests of who sees and does what to them."""

from .families import unique
from .licensing import MAKERS, find

# What a customer may do to its own rows. Written by hand, so that neither tables nor golden open a door by themselves.
OWN = {
    "GET /v1/customers", "PUT /v1/customers", "GET /v1/customer/{customerCode}", "GET /v1/contacts", "GET /v1/orders", "GET /v1/licenses",
    "GET /v1/customers/{customerId}", "GET /v1/contacts/{contactId}", "GET /v1/orders/{orderId}",
    "GET /v1/licenses/{licenseId}", "GET /v1/license-tokens/{tokenId}",
    "GET /v1/licenses/{licenseId}/tokens/{tokenId}", "GET /v1/orders/{orderId}/products/{productId}",
    "GET /v1/licenses/{licenseId}/file", "GET /v1/license-tokens", "GET /v1/licenses/{licenseId}/tokens",
    "DELETE /v1/licenses/{licenseId}/tokens/{tokenId}", "GET /v1/customers/{customerId}/contacts",
    "GET /v1/customers/{customerId}/orders", "GET /v1/customers/{customerId}/licenses",
    "GET /v1/orders/{orderId}/products", "GET /v1/orders/{orderId}/licenses",
    "GET /v1/license-templates/{templateId}/licenses"}

SHARED = ("template", "product", "release", "resource")  # rows that several customers have something to do with


class Owner:
    """A customer with a row of each kind that belongs to one; the mark stands in all of them."""

    def __init__(self, world, shared):
        self.mark = unique("owner")
        self.rows = dict(shared)
        self.make(world, "customer", company=self.mark, lastName=self.mark)
        self.make(world, "contact", lastName=self.mark, customerId=self.rows["customer"])
        self.make(world, "order", notes=self.mark, customerId=self.rows["customer"], resellerId=None)
        self.document = f"<Licenses>{self.mark}</Licenses>"
        self.make(world, "license", userKey=self.mark, customerId=self.rows["customer"], orderId=self.rows["order"],
                  templateId=self.rows["template"], resellerId=None, licenseKey=self.document)
        self.rows["token"] = self.insert(world, f"/v1/licenses/{self.rows['license']}/tokens", {
            "licenseToken": {"clientName": self.mark, "machineId": self.mark}})["licenseTokenId"]
        self.products = [world.make("product", name=self.mark + str(number)) for number in range(2)]
        for product in self.products:
            self.insert(world, f"/v1/orders/{self.rows['order']}/products/{product}", {"productOrder": {}})

    @staticmethod
    def insert(world, path, body):
        answer = world.client.post(path, body)
        assert answer.status == 200, answer
        return answer.json()

    def make(self, world, kind, **members):
        sample = find("POST", MAKERS[kind][0])
        known = sample.request[sample.member]
        self.rows[kind] = world.make(kind, **{name: value for name, value in members.items() if name in known})

    def has(self, operation, row):
        if operation.kind == "orderProduct":
            return row["productId"] in self.products
        member, kind = {"customer": ("id", "customer"), "token": ("licenseId", "license")}.get(
            operation.kind, ("customerId", "customer"))
        return row[member] == self.rows[kind]

GROUPS = "/api/delegategroups"
ONE_GROUP = f"{GROUPS}/{{delegateGroupId}}"
# What a delegate may do to its own groups, in the same way.
OWN_GROUPS = {
    f"GET {GROUPS}", f"GET {GROUPS}/{{id}}", "GET /api/delegates/me", f"GET {ONE_GROUP}/clients", f"GET {ONE_GROUP}/clients/count",
    f"GET {ONE_GROUP}/clientsgroup", f"GET {ONE_GROUP}/dynamicclients", f"POST {ONE_GROUP}/clients",
    f"DELETE {ONE_GROUP}/clients/{{clientId}}", f"GET {ONE_GROUP}/delegates", f"GET {ONE_GROUP}/delegates/{{offset}}",
    f"POST {ONE_GROUP}/delegates", f"GET {ONE_GROUP}/delegate/{{delegateId}}", f"PUT {ONE_GROUP}/delegate/{{delegateId}}",
    f"DELETE {ONE_GROUP}/delegate/{{delegateId}}"}


class Agency:
    """A delegate group with a delegate who manages all, one who may nothing, and clients; the mark stands in all of them."""

    def __init__(self, viewers, persons, **members):
        self.viewers = viewers
        self.admin = viewers.admin
        self.mark = unique("agency")
        self.group = self.done(self.admin.post(GROUPS, {"name": self.mark, "securitySettings": {"canBookTrips": True}} | members))["id"]
        self.path = f"{GROUPS}/{self.group}"
        self.boss, self.boss_key, self.boss_user = self.delegate(canManageClients=True, canManageDelegates=True)
        self.clerk, self.clerk_key, self.clerk_user = self.delegate()
        self.current, self.expired = (self.person(next(persons)) for _ in range(2))
        self.associate(self.current)
        self.associate(self.expired, startDate="2020-01-01", expiryDate="2021-01-01")

    @staticmethod
    def done(answer):
        assert answer.status == 200, answer
        return answer.json()

    def delegate(self, **members):
        """A delegate with a user of its own: (number, key, user)."""
        user = self.done(self.admin.post("/v1/users", {"user": {"userName": unique("delegate"), "roles": ["Delegate"]}}))["userId"]
        key = self.done(self.admin.post("/v1/api-keys", {"apiKey": {"name": self.mark, "ownerId": user}}))["apiKey"]
        made = self.done(self.admin.post(f"{self.path}/delegates", {"lastName": self.mark, "userId": user} | members))
        return made["id"], key, user

    def person(self, number, **members):
        body = {"clientId": number, "firstName": "Ada", "lastName": self.mark, "clientCode": f"{self.mark}-{number}",
                "birthDate": "1990-02-03", "phoneNumber": f"+49 (40) 555-{number}"} | members
        self.done(self.admin.post("/v1/delegate-persons", {"person": body}))
        return number

    def associate(self, number, **members):
        return self.done(self.admin.post(f"{self.path}/clients", {"clientId": number} | members))

    def client(self, key=None):
        return self.viewers.installation.client(key or self.boss_key)
