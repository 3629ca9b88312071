// The table of screens: what of a resource a person wants to see first. All else, members, limits, rights, forms, follows from
// the OpenAPI document; a resource that has no row here gets a screen of its own just the same.
import { has, t } from "./i18n.js";
import { fieldsOf, resourceAt, resources, roles } from "./model.js";

/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Row} Row */
/**
 * @typedef {object} RowAction What is done to one row, or to several that are chosen
 * @property {string} name Of the operation below the row's address, or edit, delete; with `set`, `only`, `makes` or `calls` a word of its own
 * @property {Row} [set] Members that it changes
 * @property {string[]} [only] Members that it asks for and changes, no others
 * @property {(row: Row) => boolean} [when] Whether it makes sense for that row
 * @property {boolean} [many] Whether it may be done to several at once
 * @property {string | ((row: Row, sent: Row, answer: any) => RowAction | undefined)} [undo] The action that takes it back, or its name
 * @property {boolean} [danger] Asked before
 * @property {Row} [sends] Members of its body that are not asked for
 * @property {string} [at] Path of the resource that has it, where it is not the row's
 * @property {Record<string, unknown>} [parameters] Of its path, beside those of the row
 * @property {string} [makes] Path of the resource of which it begins a new row, with the members of `fills`
 * @property {(row: Row) => Row} [fills]
 * @property {string} [calls] Path of the operation that its own window calls (windows.js)
 * @property {(row: Row) => Record<string, any[]>} [choices] What may be chosen for members of its body
 * @property {(row: Row) => [string, Record<string, unknown>]} [about] A text above its form, and the values in it
 * @property {boolean} [whole] Whether it needs all members of the row, of which a list has some
 */
/**
 * @typedef {object} Screen
 * @property {string} name In the address
 * @property {string} path Of the resource
 * @property {string} [group] Of the side bar; absent: it is reached from elsewhere
 * @property {string[]} [title] What names a row to a person, the first that is there counts: a member, or several with a space between
 * @property {string[]} [columns] Of the list at first; default: the first members
 * @property {string} [sort] Of the list at first
 * @property {{ name: string, filter: (now: Date) => string }[]} [presets] Filters to choose with one click
 * @property {RowAction[]} [actions]
 * @property {Record<string, any[]>} [choices] Values of a member that have names: choice.<type>.<member>.<value>
 * @property {Record<string, number>} [bits] Members that are sums of bits, with the number of bits
 * @property {Record<string, () => { value: string, doc?: string }[]>} [boxes] Members that are lists of known words
 * @property {string[]} [sections] Members that a form shows first; all others are below "more"
 * @property {number} [refresh] Seconds after which a list that is looked at is read again
 * @property {string[]} [long] Members that are texts of many lines
 * @property {string[]} [days] Moments of which only the day counts
 * @property {string[]} [hidden] Members that are not shown beside the row
 * @property {boolean} [readOnly] Nothing is added or changed here, whatever the API can do
 * @property {string[]} [needs] Members that a list asks for whatever it shows, because actions and `dim` look at them
 * @property {(row: Row) => boolean} [dim] Whether a row of a list is a thing of the past
 * @property {string[]} [relative] Moments that are told by how long ago they were
 * @property {string[]} [alive] Moments of a sign of life: the older, the worse
 * @property {Record<string, string>} [inputs] Members with an input of their own (inputs.js)
 * @property {(row: Row) => ["warn" | "bad" | "good", string, Record<string, unknown>] | undefined} [notice] What one should know before all else
 */

/** @param {Date} now @param {number} days */
const inDays = (now, days) => new Date(now.getTime() + days * 86400000).toISOString();

/** Licenses that end within so many days. @param {number} days @returns {(now: Date) => string} */
export const expiringWithin = (days) => (now) => `state = "active" and expireDate > "${now.toISOString()}" and expireDate < "${inDays(now, days)}"`;

/** @param {string | null | undefined} moment */
const isPast = (moment) => Boolean(moment) && new Date(/** @type {string} */ (moment)).getTime() < Date.now();

/** Takes back what changed these members. @param {string[]} members @returns {(row: Row) => RowAction} */
const restore = (members) => (row) => ({ name: "restore", set: Object.fromEntries(members.map((one) => [one, row[one]])) });

/** @type {RowAction} */
const ISSUE = { name: "issue", makes: "/v1/licenses" };
const ENABLE = [{ name: "enable", set: { enabled: true }, undo: "disable", when: (/** @type {Row} */ row) => !row.enabled, many: true },
	{ name: "disable", set: { enabled: false }, undo: "enable", when: (/** @type {Row} */ row) => row.enabled, many: true }];
const SEAT = {
	title: ["clientName", "machineId", "token"], sort: "id desc", relative: ["lastHeartbeat"], needs: ["expireDate"], hidden: ["license", "nodeLockedLicense"],
	dim: (/** @type {Row} */ row) => isPast(row.expireDate), actions: [{ name: "delete", many: true, danger: true }],
};

const MODES = [0, 1, 2];
const FORMATS = [0, 1, 2, 3, 4];
export const TRACE_ACTIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** @type {Screen[]} */
export const SCREENS = [
	{
		name: "licenses", path: "/v1/licenses", group: "licensing", title: ["licenseId"], sort: "id desc",
		columns: ["licenseId", "state", "licenseeName", "customer", "licenseType", "licensingMode", "expireDate", "maxAllowedSites", "userKey", "updatedAt"],
		presets: [
			{ name: "valid", filter: (now) => `state = "active" and (expireDate = null or expireDate > "${now.toISOString()}")` },
			{ name: "expiring", filter: expiringWithin(30) },
			{ name: "expired", filter: (now) => `expireDate < "${now.toISOString()}"` },
			{ name: "suspended", filter: () => `state = "suspended"` },
			{ name: "revoked", filter: () => `state = "revoked"` },
		],
		actions: [
			{ name: "edit" },
			{ name: "renew", whole: true, undo: restore(["expireDate", "supportExpireDate"]), about: (row) => ["about.renew", { end: row.expireDate ? new Date(row.expireDate) : "–" }] },
			{ name: "email", calls: "/v1/email/license", whole: true },
			{ name: "suspend", many: true, undo: "reinstate", when: (row) => row.state === "active" },
			{ name: "reinstate", many: true, undo: "suspend", when: (row) => row.state === "suspended" },
			{ name: "reinstate", when: (row) => row.state === "revoked" },
			{ name: "transfer", whole: true, undo: (row, sent) => (sent.releaseSeats || sent.templateId || row.policy?.transfer === "reset" ? undefined : restore(["customerId"])(row)) },
			{ name: "consumption/top-up", when: (row) => prepaid(row).length > 0, choices: (row) => ({ feature: prepaid(row) }), undo: reverse },
			{ name: "revoke", many: true, danger: true, undo: "reinstate", when: (row) => row.state !== "revoked" },
			{ name: "delete", many: true, danger: true },
		],
		notice: (row) => (isPast(row.expireDate) && row.state === "active" ? ["warn", "notice.expired", { end: new Date(row.expireDate) }] : undefined),
		choices: { licensingMode: MODES, format: FORMATS },
		sections: ["templateId", "customerId", "orderId", "licenseeName", "licenseeCompany", "licenseeEmail", "licenseType", "licensingMode", "maxAllowedSites",
			"issueDate", "expireDate", "supportExpireDate"],
		long: ["description", "meta", "licenseKey"],
		hidden: ["customer", "order", "template", "licensee", "licenseKey", "revoked", "suspended"],
	},
	{
		name: "templates", path: "/v1/license-templates", group: "licensing", title: ["name", "code"], sort: "name",
		columns: ["name", "productId", "code", "licenseType", "licensingMode", "format", "expireDays", "supportDays"],
		choices: { licensingMode: MODES, format: FORMATS }, actions: [{ name: "edit" }, { ...ISSUE, fills: (row) => ({ templateId: row.id }) }],
		sections: ["name", "code", "productId", "releaseId", "licenseType", "licensingMode", "format", "expireDays", "supportDays", "userKey", "description"],
		long: ["description", "template"], inputs: { releaseId: "release" },
	},
	{
		name: "seats", path: "/v1/license-tokens", group: "licensing", ...SEAT, columns: ["clientName", "license", "machineId", "lastHeartbeat", "expireDate", "address", "issueDate"],
	},
	{ name: "tokens", path: "/v1/licenses/{licenseId}/tokens", ...SEAT, columns: ["clientName", "machineId", "address", "issueDate", "lastHeartbeat", "expireDate"] },
	{
		name: "ledger", path: "/v1/licenses/{licenseId}/consumption/ledger", title: ["feature"], columns: ["createdAt", "feature", "action", "amount", "used", "balance", "clientName", "note"],
		hidden: ["license"], needs: ["action"], actions: [{ name: "reverse", when: (row) => row.action !== "reverse" }],
	},
	{
		name: "traces", path: "/v1/license-traces", group: "licensing", title: ["action"], sort: "id desc",
		columns: ["createdDate", "action", "clientName", "machineId", "clientIp", "licenseId"], choices: { action: TRACE_ACTIONS },
	},
	{
		name: "customers", path: "/v1/customers", group: "sales", title: ["company", "firstName lastName", "code"], sort: "id desc",
		columns: ["company", "firstName", "lastName", "email", "city", "country", "code", "createdAt"],
		actions: [{ name: "edit" }, { ...ISSUE, fills: (row) => ({ customerId: row.id }) }],
		sections: ["company", "title", "firstName", "lastName", "email", "phone", "address", "postalCode", "city", "countryCode", "country", "code"],
		long: ["notes", "meta", "image"],
	},
	{
		name: "contacts", path: "/v1/contacts", group: "sales", title: ["firstName lastName", "email"], sort: "lastName",
		columns: ["firstName", "lastName", "email", "phone", "notify", "customerId"], long: ["details", "meta"],
	},
	{
		name: "orders", path: "/v1/orders", group: "sales", title: ["orderNumber"], sort: "id desc",
		columns: ["orderNumber", "customer", "status", "total", "currency", "paymentStatus", "createdAt"], long: ["description"], hidden: ["customer"], needs: ["customerId"],
		actions: [{ name: "edit" }, { ...ISSUE, fills: (row) => ({ orderId: row.id, customerId: row.customerId }) }],
	},
	{
		name: "order-products", path: "/v1/orders/{orderId}/products", title: ["product.name"], columns: ["product", "quantity", "unitPrice", "discount", "taxes"],
		hidden: ["product", "order"], long: ["description"],
	},
	{
		name: "products", path: "/v1/products", group: "catalog", title: ["name", "code"], sort: "name",
		columns: ["name", "code", "price", "currency", "createdAt"], sections: ["name", "code", "description", "price", "resellerPrice", "currency", "url", "signingKeyId"],
		long: ["description", "meta", "image"], hidden: ["signatureKeys", "productOrders"],
	},
	{ name: "assemblies", path: "/v1/assemblies", group: "catalog", title: ["name"], sort: "name", columns: ["name", "version", "culture", "publicKeyToken"] },
	{
		name: "resources", path: "/v1/resources", group: "catalog", title: ["name", "code"], sort: "name",
		columns: ["name", "type", "code", "dataFormat", "createdAt", "updatedAt"], long: ["description", "data", "meta"],
		sections: ["name", "type", "dataFormat", "data", "source", "description"], inputs: { data: "file", type: "resourceType" },
	},
	{
		name: "signing-keys", path: "/v1/signing-keys", group: "catalog", title: ["name"], sort: "id desc",
		columns: ["name", "algorithm", "bits", "state", "default", "keyId", "createdAt"], long: ["publicKey"],
		needs: ["default"], inputs: { data: "file" }, sections: ["name", "algorithm", "bits", "default", "data", "password"],
		actions: [{ name: "edit" }, { name: "rotate", danger: true, when: (row) => row.state === "active" },
			{ name: "makeDefault", set: { default: true }, when: (row) => row.state === "active" && !row.default },
			{ name: "retire", set: { state: "retired" }, danger: true, when: (row) => row.state === "active" && !row.default }, { name: "delete", danger: true }],
	},
	{
		name: "reports", path: "/v1/reports", group: "watch", title: ["name"], sort: "id desc",
		columns: ["name", "date", "version", "clientName", "userKey", "machineId", "address"], long: ["content"],
		actions: [{ name: "delete", many: true, danger: true }],
	},
	{ name: "log", path: "/v1/log", group: "watch", title: ["message"], sort: "id desc", columns: ["timeStamp", "level", "message"], long: ["message", "exception", "properties"] },
	{
		name: "audit", path: "/v1/audit", group: "watch", title: ["resource key"], sort: "id desc",
		columns: ["madeAt", "actor", "action", "resource", "key", "address"], long: ["before", "after", "detail"],
	},
	{
		name: "webhooks", path: "/v1/webhooks", group: "watch", title: ["description", "url"], sort: "id desc",
		columns: ["url", "events", "enabled", "lastSuccess", "lastFailure", "lastError"], inputs: { events: "events" }, sections: ["url", "description", "events", "enabled"],
		actions: [{ name: "edit" }, { name: "test" }, { name: "rotate", danger: true }, ...ENABLE, { name: "delete", danger: true, many: true }],
		notice: (row) => (row.enabled ? undefined : row.disabledReason ? ["bad", "notice.webhookFailed", { reason: row.disabledReason }] : ["warn", "notice.webhookOff", {}]),
	},
	{
		name: "deliveries", path: "/v1/webhooks/{webhookId}/deliveries", title: ["event"], sort: "createdAt desc",
		columns: ["createdAt", "event", "status", "attempts", "responseStatus", "error", "nextAttempt"], needs: ["status"],
		long: ["payload", "responseBody"],
		presets: ["waiting", "delivered", "failed"].map((name) => ({ name, filter: () => `status = "${name}"` })),
		actions: [{ name: "replay", many: true, when: (row) => row.status !== "waiting" }],
	},
	{
		name: "emails", path: "/v1/emails", group: "watch", title: ["subject"], sort: "id desc",
		columns: ["createdAt", "recipient", "subject", "license", "status", "attempts", "error"], hidden: ["license"],
		presets: ["queued", "sent", "failed"].map((name) => ({ name, filter: () => `status = "${name}"` })),
	},
	{
		name: "consumption", path: "/v1/consumption-ledger", group: "watch", title: ["feature"], sort: "id desc",
		columns: ["createdAt", "license", "feature", "action", "amount", "balance", "clientName"], hidden: ["license"],
	},
	{
		name: "users", path: "/v1/users", group: "access", title: ["userName"], sort: "userName",
		columns: ["userName", "firstName", "lastName", "roles", "enabled", "lastLogIn", "email"], days: ["birthDate"],
		actions: [
			{ name: "edit" }, { name: "password", only: ["newPassword", "currentPassword"] },
			{ name: "enable", set: { enabled: true }, many: true, undo: "disable", when: (row) => row.enabled === false },
			{ name: "disable", set: { enabled: false }, many: true, danger: true, undo: "enable", when: (row) => row.enabled !== false },
		],
		boxes: { roles: () => roles().map((one) => ({ value: one.name, doc: one.description })) },
		sections: ["userName", "email", "password", "firstName", "lastName", "customerId", "enabled", "roles"], long: ["notes", "image"], hidden: ["apiKeys", "roles"],
	},
	{ name: "roles", path: "/v1/roles", group: "access", title: ["name"], columns: ["name", "description"], long: ["description"], readOnly: true },
	{
		name: "api-keys", path: "/v1/api-keys", group: "access", title: ["name"], sort: "id desc",
		columns: ["name", "key", "permissions", "ownerId", "expireDate", "revoked", "lastUsed", "useCount"], bits: { permissions: 4 }, needs: ["expireDate"],
		sections: ["name", "ownerId", "permissions", "expireDate", "allowedNetworks", "rateLimit", "description"], dim: (row) => row.revoked || isPast(row.expireDate),
		actions: [{ name: "edit" }, { name: "rotate", calls: "/v1/api-keys", when: (row) => !row.revoked && !isPast(row.expireDate) },
			{ name: "revoke", set: { revoked: true }, undo: restore(["revoked"]), danger: true, many: true, when: (row) => !row.revoked },
			{ name: "delete", many: true, danger: true }],
	},
	{
		name: "api-clients", path: "/api/v1/admin/clients", group: "access", title: ["Name"],
		columns: ["Name", "UserID", "Enabled", "ExpiresAt", "LastUsedAt", "UseCount", "Scope"],
		actions: [
			{ name: "edit" }, { name: "enable", set: { Enabled: true }, many: true, undo: "disable", when: (row) => !row.Enabled },
			{ name: "disable", set: { Enabled: false }, many: true, danger: true, undo: "enable", when: (row) => row.Enabled },
		],
		sections: ["Name", "UserID", "Scope", "ExpiresAt", "Secret", "Enabled"],
	},
	{
		name: "secrets", path: "/api/v1/admin/clients/{id}/secrets", title: ["Number"], columns: ["Number", "CreatedAt", "ExpiresAt", "LastUsedAt", "UseCount"],
		dim: (row) => isPast(row.ExpiresAt),
	},
	{
		name: "sessions", path: "/api/v1/admin/sessions", group: "access", title: ["UserName", "ClientName"],
		columns: ["UserName", "ClientName", "GrantType", "Address", "CreatedAt", "LastUsedAt", "ExpiresAt"],
	},
	{
		// The account's page shows them.
		name: "own-sessions", path: "/v1/sessions", title: ["userAgent"], columns: ["kind", "address", "userAgent", "createdAt", "lastUsed", "expires", "current"],
	},
	{
		name: "registration-tokens", path: "/api/v1/admin/registration-tokens", group: "access", title: ["Name"],
		columns: ["Name", "UserID", "Scope", "UsesLeft", "ExpiresAt", "ClientsExpireAt", "UseCount", "LastUsedAt"],
	},
	{
		name: "certificates", path: "/api/v1/admin/certificates", group: "access", title: ["Name"],
		columns: ["Name", "Thumbprint", "UserID", "ClientID", "Enabled", "ExpiresAt", "LastUsedAt", "Scope"],
		sections: ["Name", "UserID", "ClientID", "Certificate", "Sha256Thumbprint", "Scope", "ExpiresAt", "Enabled"], long: ["Certificate"],
		dim: (row) => isPast(row.ExpiresAt),
	},
	{ name: "registrations", path: "/api/v1/admin/registrations", group: "access", title: ["ClientName", "Name"] },
	{
		name: "discovery", path: "/v1/discovery-groups", group: "more", title: ["name"], sort: "name", refresh: 10, alive: ["lastHello"],
		columns: ["name", "clientCount", "leaseSeconds", "lastHello", "createdAt"], hidden: ["lastHello"],
	},
	{
		name: "applications", path: "/v1/discovery-groups/{groupId}/clients", title: ["clientCode"], sort: "clientCode", refresh: 10, alive: ["lastHello"],
		columns: ["clientCode", "state", "appName", "appVersion", "address", "port", "lastHello", "status", "outOfService", "expiresAt", "firstHello"],
		hidden: ["group", "groupId"], long: ["note"], needs: ["state", "outOfService"], dim: (row) => row.state === "GONE" || row.outOfService,
		presets: [
			{ name: "gone", filter: () => `state = "GONE"` },
			{ name: "outOfService", filter: () => `outOfService = true` },
		],
		actions: [
			{ name: "takeOut", set: { outOfService: true }, undo: "putBack", when: (row) => !row.outOfService, many: true },
			{ name: "putBack", set: { outOfService: false }, undo: "takeOut", when: (row) => row.outOfService, many: true },
			{ name: "delete", many: true, danger: true },
		],
	},
	{
		name: "delegates", path: "/api/delegategroups", group: "more", title: ["name"], columns: ["name", "groupType", "phone", "address", "numClients"], choices: { groupType: [0, 1] },
		sections: ["name", "groupType", "phone", "address", "description"], long: ["description"], hidden: ["numClients"],
	},
	{
		name: "delegate-clients", path: "/api/delegategroups/{delegateGroupId}/clients", title: ["firstName lastName", "clientCode"], days: ["birthDate"],
		columns: ["lastName", "firstName", "clientCode", "startDate", "expiryDate", "dynamicallyAdded"],
	},
	{
		name: "persons", path: "/v1/delegate-persons", group: "more", title: ["firstName lastName", "clientCode"], sort: "lastName", days: ["birthDate"],
		columns: ["lastName", "firstName", "clientCode", "birthDate", "phoneNumber", "fundingSource", "serviceType", "location"],
	},
	{
		name: "delegate-people", path: "/api/delegategroups/{delegateGroupId}/delegates", title: ["firstName lastName"],
		columns: ["lastName", "firstName", "role", "email", "canManageClients", "canManageDelegates", "inheritGroupSecurity"],
		sections: ["firstName", "lastName", "email", "phone", "username", "role", "userId", "canManageClients", "canManageDelegates", "canManageLocations", "inheritGroupSecurity"],
	},
	{
		name: "dynamic-clients", path: "/api/delegategroups/{delegateGroupId}/dynamicclients", title: ["firstName lastName", "clientCode"], days: ["birthDate"],
		columns: ["lastName", "firstName", "clientCode", "startDate"],
	},
	{
		name: "hosting", path: "/hosting/api/client", group: "more", title: ["username"],
		columns: ["username", "active", "company", "domainCount", "domainMaxCount", "emailAddress", "widgetDisplayCount", "widgetDisplayMaxCount"],
		actions: [{ name: "edit" }, { name: "password", only: ["password"] }, { name: "apiKey", danger: true }],
		sections: ["username", "emailAddress", "password", "firstName", "lastName", "company", "active", "autoCreateDomains",
			"domainMaxCount", "whitelabelMaxCount", "widgetDisplayMaxCount"],
		hidden: ["domainCountData", "actualCallCount"],
	},
	{
		name: "consents", path: "/hosting/api/client/{clientId}/domain/{domainId}/consents", title: ["ucid"],
		columns: ["timestamp", "consent", "ucid", "purposes", "embeddings"],
		sections: ["ucid", "consent", "timestamp", "purposes", "embeddings", "manipulationPrevention"],
	},
	{
		name: "account-users", path: "/api/v1/admin/users", group: "more", title: ["Username"],
		columns: ["Username", "DisplayName", "EmailAddress", "AccountID", "AdminUser", "Enabled"],
		sections: ["Username", "DisplayName", "EmailAddress", "Password", "MobilePhone", "TimeZone", "Enabled", "AdminUser"],
		hidden: ["AgreementDate", "DeclineDate", "DPAVersion", "Pin", "Preferences", "PrivacyPolicyVersion", "LanguageID"],
	},
	{ name: "users-of-account", path: "/api/v1/UserAdminAPI/GetAllUsers", title: ["Username"] },
	{ name: "account-access", path: "/api/v1/admin/users/{id}/accounts", title: ["AccountID"], columns: ["AccountID", "AccessLevel", "CreatedAt"] },
	{
		name: "accounts-below", path: "/api/v1/admin/accounts/{id}/accounts", title: ["Name"],
		columns: ["Name", "Type", "EmailAddress", "ContactNumber", "DateCreated"],
	},
	{ name: "settings", path: "/v1/settings", title: ["name"], readOnly: true },
	{ name: "log-levels", path: "/v1/log/levels" },
];

/** Features of a license whose balance may be added to. @param {Row} row @returns {string[]} */
function prepaid(row) {
	return (row.counters ?? []).filter((/** @type {Row} */ one) => one.kind === "prepaid").map((/** @type {Row} */ one) => one.feature);
}

/** Takes an entry of the ledger back that an answer has told. @param {Row} _row @param {Row} _sent @param {any} answer @returns {RowAction | undefined} */
function reverse(_row, _sent, answer) {
	return answer.entryId ? { name: "reverse", at: "/v1/licenses/{licenseId}/consumption/ledger", parameters: { entryId: answer.entryId } } : undefined;
}

/** Members of a type in parts of a form and of a page, with their names (part.<name>). @type {Record<string, [string, string[]][]>} */
export const PARTS = {
	LicensePolicy: [
		["term", ["expiryBasis", "expiryDays", "graceDays", "expirationStrategy", "renewalBasis", "supportBasis", "supportDays", "transfer"]],
		["seats", ["overage", "leaseSeconds", "revivalSeconds", "seatReplacement", "selfReleases", "selfReleaseDays"]],
		["machines", ["machineMatching", "machineUniqueness", "allowedNetworks"]],
		["offline", ["offlineSeconds", "offlineCheckouts"]],
	],
};

/** The last word of a type's name, without what it is for: licensing.LicensePolicy.Insert is LicensePolicy. @param {string | undefined} type */
export const wordOfType = (type = "") => /** @type {string} */ (type.replace(/\.(Insert|Update|Item|Written)$/, "").split(".").pop());

/** Groups of the side bar, in this order; what has none in the table stands in the last. */
export const GROUPS = ["licensing", "sales", "catalog", "watch", "access", "more"];

/** Screens whose resources this server has, and those of resources that the table does not know. @returns {(Screen & { resource: Resource })[]} */
export function screens() {
	const known = SCREENS.map((screen) => ({ ...screen, resource: /** @type {Resource} */ (resourceAt(screen.path)) })).filter((one) => one.resource);
	const others = resources().filter((one) => !one.path.includes("{") && !SCREENS.some((screen) => screen.path === one.path))
		.map((resource) => ({ name: /** @type {string} */ (resource.path.split("/").pop()), path: resource.path, group: "more", resource }));
	return [...known, ...others];
}

/** What the table says of a resource, of its own or of that with the same type of rows. @param {Resource} resource @returns {Screen} */
export function screenOf(resource) {
	const all = screens();
	return all.find((one) => one.path === resource.path) ?? screenOfType(resource.type) ?? { name: "", path: resource.path };
}

/** The screen on which rows of a type are at home. @param {string | undefined} type */
export const screenOfType = (type) => screens().find((one) => one.resource.type === type);

/** What names a row to a person; without a word of the table the first member that is called so. @param {Resource} resource @returns {string[]} */
function titlesOf(resource) {
	const named = fieldsOf(resource.type).find((one) => /^(name|username|title|code)$/i.test(one.name));
	return screenOf(resource).title ?? (named ? [named.name, resource.key] : [resource.key]);
}

/** Members that name a row to a person. @param {Resource} resource */
export const titleMembers = (resource) => titlesOf(resource).flatMap((one) => one.split(" "));

/** The name of a value that has one. @param {string} type @param {string} member @param {unknown} value */
export function choiceName(type, member, value) {
	const key = `choice.${wordOfType(type)}.${member}.${value}`;
	const common = `choice.${member}.${value}`;
	return has(key) ? t(key) : has(common) ? t(common) : String(value);
}

/** What a person calls a row. @param {Resource} resource @param {Row | null | undefined} row */
export function titleOf(resource, row) {
	const { choices = {} } = screenOf(resource);
	/** @param {string} member */
	const text = (member) => {
		const value = member.split(".").reduce((/** @type {any} */ inner, name) => inner?.[name], row);
		return member in choices && value !== undefined ? choiceName(resource.type, member, value) : value;
	};
	const texts = titlesOf(resource).map((one) => one.split(" ").map(text).filter(Boolean).join(" "));
	return String(texts.find(Boolean) ?? row?.[resource.key] ?? "");
}
