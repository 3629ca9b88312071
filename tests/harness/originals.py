"""The operations of the five originals, as far as they are published, and what became of each: the table of the guide "Moving in"."""

import dataclasses

from .doc_tables import OPENAPI, table


@dataclasses.dataclass(frozen=True)
class Original:
    system: str
    operation: str   # method and path, as published
    here: str = ""   # method and path; empty = the same
    reason: str = ""  # why there is none
    test: str = ""   # file that calls it

    @property
    def name(self):
        return self.here or self.operation


SMS = "sending messages is not this program's work"
BANNER = "themes, texts and embeddings of banners are not this program's work"
SCAN = "scanning web sites is not this program's work"

# METHOD PATH, perhaps "-> METHOD PATH" of what it is here, or "no: REASON"; a line with a colon at its end names the test of those below.
PUBLISHED = {
    "discovery": """
test_samples.py:
POST /api/ClientHello
POST /api/ClientAddOrUpdateOrRemoveClients
""",
    "credentials": """
test_oauth.py:
POST /Token
test_credentials.py:
POST /api/v1/admin/clients
test_accounts.py:
GET /api/v1/admin/users
GET /api/v1/admin/users/{id}
PUT /api/v1/admin/users/{id}
PATCH /api/v1/admin/users/{id}/access
POST /api/v1/admin/users/{id}/accounts
GET /api/v1/UserAdminAPI/GetAllUsers
test_accounts.py:
GET /api/v1/admin/accounts
GET /api/v1/admin/accounts/{id}/accounts
POST /api/v1/admin/accounts/{id}
PUT /api/v1/admin/accounts/{id}
DELETE /api/v1/admin/accounts/{id}
test_certificates.py:
DELETE /api/v1/admin/certificates/{thumbprint}
no: SMS:
DELETE /api/v1/sms/messages
DELETE /api/v1/sms/messages/pendings/{list}
DELETE /api/v1/sms/messages/recurrings/{list}
GET /api/v1/sms/templates
GET /api/v1/sms/templates/{templateID}
PUT /api/v1/sms/templates/{templateID}
DELETE /api/v1/sms/templates/{templateID}
POST /api/v2/sms/messages
""",
    "delegates": """
test_delegates.py:
POST /api/DelegateGroups -> POST /api/delegategroups
GET /api/delegategroups/{id}
GET /api/delegategroups/{delegateGroupId}/clients
GET /api/delegategroups/{delegateGroupId}/clients/count
POST /api/delegategroups/{delegateGroupId}/clients
DELETE /api/delegategroups/{delegateGroupId}/clients/{clientId}
test_delegate_people.py:
GET /api/delegategroups/{delegateGroupId}/delegates
GET /api/delegategroups/{delegateGroupId}/delegates/{offset}
GET /api/delegategroups/{delegateGroupId}/clientsgroup
test_client_rules.py:
POST /api/delegategroups/{delegateGroupId}/clientrule
DELETE /api/delegategroups/{delegateGroupId}/clientrule
GET /api/delegategroups/{delegateGroupId}/dynamicclients
POST /api/dynamicclients/preview/count
POST /api/dynamicclients/preview
""",
    "hosting": """
test_hosting.py:
POST /hosting/api/client
GET /hosting/api/client
GET /hosting/api/client/{clientId}
PUT /hosting/api/client/{clientId}
DELETE /hosting/api/client/{clientId}
GET /hosting/api/client/by-username/{username}
GET /hosting/api/client/by-apiKey/{apiKey}
GET /hosting/api/clientgetid/{searchTerm}
POST /hosting/api/client/{clientId}/domain
GET /hosting/api/client/{clientId}/domain
GET /hosting/api/client/{clientId}/domain/{domainId}
PUT /hosting/api/client/{clientId}/domain/{domainId}
DELETE /hosting/api/client/{clientId}/domain/{domainId}
GET /hosting/api/client_all
test_account_keys.py:
GET /api/test
GET /api/domains
GET /api/domains/{domainId}/consents
GET /api/domains/{domainId}/consents/{consentId}
no: BANNER:
POST /hosting/api/client/{clientId}/domain/{domainId}/locale
GET /hosting/api/client/{clientId}/domain/{domainId}/locale
GET /hosting/api/client/{clientId}/domain/{domainId}/locale/{localeName}
PUT /hosting/api/client/{clientId}/domain/{domainId}/locale/{localeName}
DELETE /hosting/api/client/{clientId}/domain/{domainId}/locale/{localeName}
POST /hosting/api/client/{clientId}/domain/{domainId}/theme
GET /hosting/api/client/{clientId}/domain/{domainId}/theme
GET /hosting/api/client/{clientId}/domain/{domainId}/theme/{themeId}
PUT /hosting/api/client/{clientId}/domain/{domainId}/theme/{themeId}
DELETE /hosting/api/client/{clientId}/domain/{domainId}/theme/{themeId}
POST /hosting/api/client/{clientId}/domain/{domainId}/placeholder
GET /hosting/api/client/{clientId}/domain/{domainId}/placeholder
PUT /hosting/api/client/{clientId}/domain/{domainId}/placeholder
GET /hosting/api/client/{clientId}/domain/{domainId}/placeholder/{placeholderName}
PUT /hosting/api/client/{clientId}/domain/{domainId}/placeholder/{placeholderName}
DELETE /hosting/api/client/{clientId}/domain/{domainId}/placeholder/{placeholderName}
POST /hosting/api/client/{clientId}/domain/{domainId}/embedding
GET /hosting/api/client/{clientId}/domain/{domainId}/embedding
GET /hosting/api/client/{clientId}/domain/{domainId}/embedding/{embeddingId}
PUT /hosting/api/client/{clientId}/domain/{domainId}/embedding/{embeddingId}
DELETE /hosting/api/client/{clientId}/domain/{domainId}/embedding/{embeddingId}
POST /hosting/api/client/{clientId}/domain/{domainId}/embedding/{embeddingId}/asset
GET /hosting/api/client/{clientId}/domain/{domainId}/embedding/{embeddingId}/asset
GET /hosting/api/client/{clientId}/domain/{domainId}/embedding/{embeddingId}/asset/{assetId}
PUT /hosting/api/client/{clientId}/domain/{domainId}/embedding/{embeddingId}/asset/{assetId}
DELETE /hosting/api/client/{clientId}/domain/{domainId}/embedding/{embeddingId}/asset/{assetId}
GET /hosting/api/client/{clientId}/domain/{domainId}/onboarding/embed
POST /hosting/api/client/{clientId}/domain/{domainId}/onboarding/presets
POST /hosting/api/client/{clientId}/domain/{domainId}/onboarding/embeddingsFromCookies
no: SCAN:
GET /hosting/api/client/{clientId}/domain/{domainId}/onboarding/scan
""",
    "licensing": """
test_request_examples.py:
GET /v1/api-keys
POST /v1/api-keys
PUT /v1/api-keys
DELETE /v1/api-keys/{apiKeyId}
GET /v1/users
POST /v1/users
PUT /v1/users
DELETE /v1/users/{userId}
GET /v1/users/{userId}/settings
POST /v1/users/{userId}/settings
PUT /v1/users/{userId}/settings
DELETE /v1/users/{userId}/settings/{settingId}
GET /v1/roles
GET /v1/users/{userId}/roles
POST /v1/users/{userId}/roles
DELETE /v1/users/{userId}/roles
GET /v1/assemblies
POST /v1/assemblies
PUT /v1/assemblies
DELETE /v1/assemblies/{assemblyId}
GET /v1/licenses
POST /v1/licenses
PUT /v1/licenses
DELETE /v1/licenses/{licenseId}
GET /v1/license-tokens
GET /v1/licenses/{licenseId}/tokens
POST /v1/licenses/{licenseId}/tokens
DELETE /v1/licenses/{licenseId}/tokens/{tokenId}
GET /v1/license-traces
DELETE /v1/license-traces
GET /v1/license-templates
POST /v1/license-templates
PUT /v1/license-templates
GET /v1/license-templates/{templateId}/licenses
DELETE /v1/license-templates/{templateId}
GET /v1/customers
POST /v1/customers
PUT /v1/customers
GET /v1/customers/{customerId}/contacts
GET /v1/customers/{customerId}/orders
GET /v1/customers/{customerId}/licenses
DELETE /v1/customers/{customerId}
GET /v1/contacts
POST /v1/contacts
PUT /v1/contacts
DELETE /v1/contacts/{contactId}
GET /v1/products
POST /v1/products
PUT /v1/products
DELETE /v1/products/{productId}
GET /v1/products/{productId}/orders
GET /v1/products/{productId}/releases
POST /v1/products/{productId}/releases
PUT /v1/products/{productId}/releases
DELETE /v1/products/{productId}/releases/{releaseId}
GET /v1/products/{productId}/releases/{releaseId}/assemblies
POST /v1/products/{productId}/releases/{releaseId}/assemblies
PUT /v1/products/{productId}/releases/{releaseId}/assemblies
DELETE /v1/products/{productId}/releases/{releaseId}/assemblies/{assemblyId}
GET /v1/products/{productId}/releases/{releaseId}/license-templates
GET /v1/orders
POST /v1/orders
PUT /v1/orders
DELETE /v1/orders/{orderId}
GET /v1/orders/{orderId}/products
POST /v1/orders/{orderId}/products/{productId}
PUT /v1/orders/{orderId}/products/{productId}
DELETE /v1/orders/{orderId}/products/{productId}
GET /v1/orders/{orderId}/licenses
GET /v1/resources
POST /v1/resources
PUT /v1/resources
DELETE /v1/resources/{resourceId}
GET /v1/reports
DELETE /v1/reports/{reportId}
GET /v1/log/levels
GET /v1/log
DELETE /v1/log
GET /v1/settings
PUT /v1/settings
GET /v1/info
POST /v1/email/send
POST /v1/email/license
test_activation.py:
POST /v1/license/activate
POST /v1/license/deactivate
test_licensing_lists.py:
GET /v1/logs
""",
}
REASONS = {"SMS": SMS, "BANNER": BANNER, "SCAN": SCAN}


def read():
    for system, text in PUBLISHED.items():
        test = reason = ""
        for line in text.strip().splitlines():
            if line.endswith(":"):
                word = line[:-1]
                reason = REASONS[word.removeprefix("no: ")] if word.startswith("no: ") else ""
                test = "" if reason else word
                continue
            operation, _, here = line.partition(" -> ")
            yield Original(system, operation, here, reason, test)


ORIGINALS = tuple(read())


def find(name):
    """The operation of the document; methods and literals of paths fold case, names in braces are anybody's."""
    method, path = name.split(" ")

    def fold(one):
        return ["{}" if part.startswith("{") else part.lower() for part in one.split("/")]
    for known, item in OPENAPI["paths"].items():
        if fold(known) == fold(path) and method.lower() in item:
            return f"{method} {known}"
    return None


def as_table(system):
    # Calls that stand in code are looked for here.
    rows = [[one.operation, f"none: {one.reason}", ""] if one.reason else [one.operation, f"`{find(one.name)}`", f"`{one.test}`"]
            for one in ORIGINALS if one.system == system]
    return table(["Operation of the original", "Here", "Test"], rows)
