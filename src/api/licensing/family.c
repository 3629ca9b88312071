#include "api/contracts.h"
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "api/licensing/webhook.h"
#include "op/bulk.h"
#include "op/generic.h"
#include "op/query.h"

static const struct resource *const resources[] = {
	&licensing_audit_entry_resource,
	&licensing_api_key_resource,
	&licensing_assembly_resource,
	&licensing_contact_resource,
	&licensing_customer_resource,
	&licensing_feature_resource,
	&licensing_field_resource,
	&licensing_license_assembly_resource,
	&licensing_license_resource,
	&licensing_licensee_resource,
	&licensing_order_product_resource,
	&licensing_order_resource,
	&licensing_product_info_resource,
	&licensing_product_order_resource,
	&licensing_product_resource,
	&licensing_release_assembly_resource,
	&licensing_release_resource,
	&licensing_report_property_resource,
	&licensing_report_resource,
	&licensing_resource_resource,
	&licensing_restriction_resource,
	&licensing_result_resource,
	&licensing_role_resource,
	&licensing_template_resource,
	&licensing_token_resource,
	&licensing_trace_resource,
	&licensing_user_resource,
	&licensing_user_role_resource,
	&licensing_user_setting_resource,
	&licensing_webhook_delivery_resource,
	&licensing_webhook_resource,
	&log_deletion_resource,
	&log_entry_resource,
	&log_levels_resource,
	&mail_license_resource,
	&mail_send_resource,
	&server_info_resource,
	&server_settings_resource,
	&settings_change_resource,
	&trace_deletion_resource,
	&user_roles_resource,
	&webhook_rotated_resource,
	&webhook_rotation_resource,
	&webhook_test_resource,
};

static const struct resource *const views[] = {
	&licensing_key_secret_view,
	&mail_message_resource,
	&stored_setting_resource,
};

static const struct parameter user_parameters[] = {
	OP_QUERY_PARAMETERS,
	{ .name = "roles",
	    .kind = PARAMETER_TEXT,
	    .most = 1000,
	    .doc = "Only users with one of these roles, comma-separated." },
};

static const struct parameter token_parameters[] = {
	OP_QUERY_PARAMETERS,
	{ .name = "countOnly",
	    .kind = PARAMETER_BOOLEAN,
	    .doc = "Only the total, without the tokens." },
};

static const struct parameter trace_parameters[] = {
	OP_QUERY_PARAMETERS,
	{ .name = "licenseId",
	    .kind = PARAMETER_INTEGER,
	    .least = 1,
	    .most = INT32_MAX,
	    .doc = "Only traces of this license." },
};

/* Whose list a route answers, where the resource alone does not tell. */
#define OF(name, owner, member)                                        \
	static const struct relation name = {                          \
		.target = &(owner), .local = (member), .foreign = "id" \
	}
OF(of_customer, licensing_customer_resource, "customerId");
OF(of_order, licensing_order_resource, "orderId");
OF(of_product, licensing_product_resource, "productId");
OF(of_release, licensing_release_resource, "releaseId");
OF(of_template, licensing_template_resource, "templateId");

/*
 * The regular shapes. `rows` is the resource's name in the code, `may` its area, `schema` the
 * middle of the names of request and answer ("Insert…Request"), `part` the member of the body that
 * holds the row.
 */
#define ROWS(rows) .resource = &licensing_##rows##_resource
#define WRITTEN(rows) ROWS(rows), .record = &licensing_##rows##_record
#define LIST(where, rows, may, answer, text, ...)                                                 \
	{                                                                                         \
		.method = METHOD_GET, .path = (where), .shape = SHAPE_QUERY, ROWS(rows),          \
		.answer_type = "Get" answer "Response", .area = (may), .doc = (text), __VA_ARGS__ \
	}
#define INSERT(where, rows, may, schema, part, text, ...)                                        \
	{                                                                                        \
		.method = METHOD_POST, .path = (where), .shape = SHAPE_INSERT, WRITTEN(rows),    \
		.body = &licensing_##rows##_resource, .body_type = "Insert" schema "Request",    \
		.body_member = (part), .answer_type = "Insert" schema "Response", .area = (may), \
		.doc = (text), __VA_ARGS__                                                       \
	}
#define BULK(where, rows, may, schema, text, ...)                                                 \
	{                                                                                         \
		.method = METHOD_POST, .path = where "/bulk", .shape = SHAPE_BULK, WRITTEN(rows), \
		.body = &licensing_##rows##_resource, .answer_type = "Insert" schema "Response",  \
		.area = (may), .flags = ROUTE_BODY_LIST, .doc = (text), __VA_ARGS__               \
	}
#define UPDATE(where, rows, may, schema, part, text, ...)                                        \
	{                                                                                        \
		.method = METHOD_PUT, .path = (where), .shape = SHAPE_UPDATE, WRITTEN(rows),     \
		.body = &licensing_##rows##_resource, .body_type = "Update" schema "Request",    \
		.body_member = (part), .answer_type = "Update" schema "Response", .area = (may), \
		.doc = (text), __VA_ARGS__                                                       \
	}
#define DELETE(where, rows, may, schema, text, ...)                                             \
	{                                                                                       \
		.method = METHOD_DELETE, .path = (where), .shape = SHAPE_DELETE, WRITTEN(rows), \
		.answer_type = "Delete" schema "Response", .area = (may), .doc = (text),        \
		__VA_ARGS__                                                                     \
	}
#define QUERY PARAMETERS(op_query_parameters)
#define MODES PARAMETERS(op_bulk_parameters)
#define BY_ID .flags = ROUTE_KEY_IN_BODY

#define API_KEYS "/v1/api-keys"
#define USERS "/v1/users"
#define USER_SETTINGS USERS "/{userId}/settings"
#define USER_ROLES USERS "/{userId}/roles"
#define ASSEMBLIES "/v1/assemblies"
#define LICENSES "/v1/licenses"
#define TOKENS LICENSES "/{licenseId}/tokens"
#define TRACES "/v1/license-traces"
#define TEMPLATES "/v1/license-templates"
#define CUSTOMERS "/v1/customers"
#define ONE_CUSTOMER CUSTOMERS "/{customerId}"
#define CONTACTS "/v1/contacts"
#define PRODUCTS "/v1/products"
#define RELEASES PRODUCTS "/{productId}/releases"
#define RELEASE_ASSEMBLIES RELEASES "/{releaseId}/assemblies"
#define ORDERS "/v1/orders"
#define ONE_ORDER ORDERS "/{orderId}"
#define ORDER_PRODUCT ONE_ORDER "/products/{productId}"
#define RESOURCES "/v1/resources"
#define REPORTS "/v1/reports"
#define WEBHOOKS "/v1/webhooks"
#define ONE_WEBHOOK WEBHOOKS "/{webhookId}"
#define DELIVERIES ONE_WEBHOOK "/deliveries"
#define AUDIT "/v1/audit"

static const struct route routes[] = {
	LIST(API_KEYS, api_key, AREA_CREDENTIALS, "ApiKeys", "API keys; the keys are masked.",
	    QUERY),
	INSERT(API_KEYS, api_key, AREA_CREDENTIALS, "ApiKey", "apiKey",
	    "Creates an API key; it is shown only in this answer.", .id_member = "apiKeyId",
	    EXTRAS({ "apiKey", "key" })),
	UPDATE(API_KEYS, api_key, AREA_CREDENTIALS, "ApiKey", "apiKey",
	    "Changes or revokes an API key, with immediate effect.", BY_ID),
	DELETE(API_KEYS "/{apiKeyId}", api_key, AREA_CREDENTIALS, "ApiKey",
	    "Deletes an API key, with immediate effect.", KEYS("id")),

	LIST(USERS, user, AREA_CREDENTIALS, "Users", "Users.", PARAMETERS(user_parameters),
	    .narrow = licensing_narrow_users),
	INSERT(USERS, user, AREA_CREDENTIALS, "User", "user",
	    "Adds a user; the member password beside user sets the password.",
	    .body_beside = &licensing_new_user_beside, .id_member = "userId"),
	UPDATE(USERS, user, AREA_CREDENTIALS, "User", "user",
	    "Changes a user; the members newPassword and currentPassword beside user change the "
	    "password.",
	    .body_beside = &licensing_changed_user_beside, BY_ID),
	DELETE(USERS "/{userId}", user, AREA_CREDENTIALS, "User",
	    "Deletes a user with its keys, settings, roles and webhooks.", KEYS("id")),
	LIST(USER_SETTINGS, user_setting, AREA_CREDENTIALS, "UserSettings", "Settings of a user.",
	    KEYS("userId"), QUERY),
	INSERT(USER_SETTINGS, user_setting, AREA_CREDENTIALS, "UserSetting", "setting",
	    "Adds a setting to a user.", KEYS("userId"), .id_member = "settingId"),
	UPDATE(USER_SETTINGS, user_setting, AREA_CREDENTIALS, "UserSetting", "setting",
	    "Changes a setting of a user.", KEYS("userId"), BY_ID, .id_member = "settingsId"),
	DELETE(USER_SETTINGS "/{settingId}", user_setting, AREA_CREDENTIALS, "UserSetting",
	    "Deletes a setting of a user.", KEYS("userId", "id")),
	LIST("/v1/roles", role, AREA_CREDENTIALS, "Roles", "All roles.", QUERY),
	LIST(USER_ROLES, user_role, AREA_CREDENTIALS, "UserRoles", "Roles of a user.",
	    KEYS("userId"), QUERY),
	{ .method = METHOD_POST,
	    .path = USER_ROLES,
	    .run = licensing_user_role_add,
	    .resource = &licensing_result_resource,
	    .body = &user_roles_resource,
	    .body_type = "AddUserToRoleRequest",
	    .answer_type = "AddUserToRoleResponse",
	    .area = AREA_CREDENTIALS,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND),
	    .doc = "Adds roles to a user, with immediate effect." },
	{ .method = METHOD_DELETE,
	    .path = USER_ROLES,
	    .run = licensing_user_role_remove,
	    .resource = &licensing_result_resource,
	    .body = &user_roles_resource,
	    .body_type = "RemoveUserFromRoleRequest",
	    .answer_type = "RemoveUserFromRoleResponse",
	    .area = AREA_CREDENTIALS,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND) | ERROR_BIT(ERROR_CONFLICT),
	    .doc = "Removes roles from a user, with immediate effect." },

	LIST(ASSEMBLIES, assembly, AREA_PRODUCTS, "Assemblies", "Assemblies.", QUERY),
	INSERT(ASSEMBLIES, assembly, AREA_PRODUCTS, "Assembly", "assembly", "Adds an assembly.",
	    .id_member = "assemblyId"),
	UPDATE(ASSEMBLIES, assembly, AREA_PRODUCTS, "Assembly", "assembly", "Changes an assembly.",
	    BY_ID),
	DELETE(ASSEMBLIES "/{assemblyId}", assembly, AREA_PRODUCTS, "Assembly",
	    "Deletes an assembly.", KEYS("id")),

	LIST(LICENSES, license, AREA_LICENSES, "Licenses", "Licenses.", QUERY),
	INSERT(LICENSES, license, AREA_LICENSES, "License", "license",
	    "Adds a license; absent members come from its template.", .id_member = "licenseId",
	    EXTRAS({ "licenseKeyId", "licenseId" }, { "userKey", "userKey" },
		{ "licenseKey", "licenseKey" })),
	BULK(LICENSES, license, AREA_LICENSES, "Licenses",
	    "Adds licenses, each as POST /v1/licenses does; all or each by itself.", MODES),
	UPDATE(LICENSES, license, AREA_LICENSES, "License", "license",
	    "Changes a license; a list that is sent replaces the stored one, and items with a "
	    "known "
	    "id keep it.",
	    BY_ID,
	    EXTRAS({ "licenseKeyId", "licenseId" }, { "userKey", "userKey" },
		{ "licenseKey", "licenseKey" })),
	DELETE(LICENSES "/{licenseId}", license, AREA_LICENSES, "License",
	    "Deletes a license with its tokens and traces.", KEYS("id")),
	LIST("/v1/license-tokens", token, AREA_LICENSES, "LicenseTokens", "Tokens of all licenses.",
	    PARAMETERS(token_parameters)),
	LIST(TOKENS, token, AREA_LICENSES, "LicenseTokens", "Tokens of a license.",
	    KEYS("licenseId"), PARAMETERS(token_parameters)),
	INSERT(TOKENS, token, AREA_LICENSES, "LicenseToken", "licenseToken",
	    "Adds a token to a license.", KEYS("licenseId"),
	    EXTRAS({ "licenseId", "licenseId" }, { "licenseTokenId", "id" }, { "token", "token" })),
	BULK(TOKENS, token, AREA_LICENSES, "LicenseTokens",
	    "Adds tokens to a license; all or each by itself.", KEYS("licenseId"), MODES),
	DELETE(TOKENS "/{tokenId}", token, AREA_LICENSES, "LicenseToken",
	    "Deletes a token of a license.", KEYS("licenseId", "id")),
	LIST(TRACES, trace, AREA_LICENSES, "LicenseTraces", "Records of the use of licenses.",
	    PARAMETERS(trace_parameters), .narrow = licensing_narrow_traces),
	{ .method = METHOD_DELETE,
	    .path = TRACES,
	    .run = licensing_traces_delete,
	    .resource = &licensing_result_resource,
	    .body = &trace_deletion_resource,
	    .answer_type = "DeleteLicenseTraceResponse",
	    .area = AREA_LICENSES,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND),
	    .doc = "Deletes records of the use of licenses." },

	LIST(TEMPLATES, template, AREA_LICENSES, "LicenseTemplates", "License templates.", QUERY),
	INSERT(TEMPLATES, template, AREA_LICENSES, "LicenseTemplate", "licenseTemplate",
	    "Adds a license template.", .id_member = "templateId",
	    EXTRAS({ "template", "template" })),
	UPDATE(TEMPLATES, template, AREA_LICENSES, "LicenseTemplate", "licenseTemplate",
	    "Changes a license template; a list that is sent replaces the stored one, and items "
	    "with a known "
	    "id keep it.",
	    BY_ID, EXTRAS({ "template", "template" })),
	LIST(TEMPLATES "/{templateId}/licenses", license, AREA_LICENSES, "LicenseTemplateLicenses",
	    "Licenses created from a template.", KEYS("templateId"), .parent = &of_template, QUERY),
	DELETE(TEMPLATES "/{templateId}", template, AREA_LICENSES, "LicenseTemplate",
	    "Deletes a license template.", KEYS("id")),

	LIST(CUSTOMERS, customer, AREA_CUSTOMERS, "Customers", "Customers.", QUERY),
	INSERT(CUSTOMERS, customer, AREA_CUSTOMERS, "Customer", "customer", "Adds a customer.",
	    .id_member = "customerId", EXTRAS({ "customerCode", "code" })),
	BULK(CUSTOMERS, customer, AREA_CUSTOMERS, "Customers",
	    "Adds customers; all or each by itself.", MODES),
	UPDATE(CUSTOMERS, customer, AREA_CUSTOMERS, "Customer", "customer",
	    "Changes a customer; contacts that are sent replace the stored ones, and those with a "
	    "known id keep it.",
	    BY_ID),
	LIST(ONE_CUSTOMER "/contacts", contact, AREA_CUSTOMERS, "CustomerContacts",
	    "Contacts of a customer.", KEYS("customerId"), .parent = &of_customer, QUERY),
	LIST(ONE_CUSTOMER "/orders", order, AREA_ORDERS, "CustomerOrders", "Orders of a customer.",
	    KEYS("customerId"), .parent = &of_customer, QUERY),
	LIST(ONE_CUSTOMER "/licenses", license, AREA_LICENSES, "CustomerLicenses",
	    "Licenses of a customer.", KEYS("customerId"), .parent = &of_customer, QUERY),
	DELETE(ONE_CUSTOMER, customer, AREA_CUSTOMERS, "Customer",
	    "Deletes a customer with its contacts.", KEYS("id")),
	LIST(CONTACTS, contact, AREA_CUSTOMERS, "Contacts", "Contacts.", QUERY),
	INSERT(CONTACTS, contact, AREA_CUSTOMERS, "Contact", "contact", "Adds a contact.",
	    .id_member = "contactId"),
	BULK(CONTACTS, contact, AREA_CUSTOMERS, "Contacts", "Adds contacts; all or each by itself.",
	    MODES),
	UPDATE(
	    CONTACTS, contact, AREA_CUSTOMERS, "Contact", "contact", "Changes a contact.", BY_ID),
	DELETE(CONTACTS "/{contactId}", contact, AREA_CUSTOMERS, "Contact", "Deletes a contact.",
	    KEYS("id")),

	LIST(PRODUCTS, product, AREA_PRODUCTS, "Products", "Products.", QUERY),
	INSERT(PRODUCTS, product, AREA_PRODUCTS, "Product", "product", "Adds a product.",
	    .id_member = "productId"),
	BULK(PRODUCTS, product, AREA_PRODUCTS, "Products", "Adds products; all or each by itself.",
	    MODES),
	UPDATE(PRODUCTS, product, AREA_PRODUCTS, "Product", "product", "Changes a product.", BY_ID),
	DELETE(PRODUCTS "/{productId}", product, AREA_PRODUCTS, "Product",
	    "Deletes a product with its releases.", KEYS("id")),
	LIST(PRODUCTS "/{productId}/orders", product_order, AREA_ORDERS, "ProductOrders",
	    "Orders that a product is on.", KEYS("productId"), .parent = &of_product, QUERY),
	LIST(RELEASES, release, AREA_PRODUCTS, "ProductReleases", "Releases of a product.",
	    KEYS("productId"), QUERY),
	INSERT(RELEASES, release, AREA_PRODUCTS, "ProductRelease", "release",
	    "Adds a release to a product.", KEYS("productId"), .id_member = "releaseId"),
	UPDATE(RELEASES, release, AREA_PRODUCTS, "ProductRelease", "release",
	    "Changes a release of a product.", KEYS("productId"), BY_ID, .id_member = "releaseId"),
	DELETE(RELEASES "/{releaseId}", release, AREA_PRODUCTS, "ProductRelease",
	    "Deletes a release of a product with its assemblies.", KEYS("productId", "id")),
	LIST(RELEASE_ASSEMBLIES, release_assembly, AREA_PRODUCTS, "ProductReleaseAssemblies",
	    "Assemblies of a release.", KEYS("productId", "releaseId"), QUERY),
	INSERT(RELEASE_ASSEMBLIES, release_assembly, AREA_PRODUCTS, "ProductReleaseAssembly",
	    "assembly", "Adds an assembly to a release.", KEYS("productId", "releaseId"),
	    .id_member = "assemblyId"),
	UPDATE(RELEASE_ASSEMBLIES, release_assembly, AREA_PRODUCTS, "ProductReleaseAssembly",
	    "assembly", "Changes an assembly of a release.", KEYS("productId", "releaseId"), BY_ID,
	    .id_member = "assemblyId"),
	DELETE(RELEASE_ASSEMBLIES "/{assemblyId}", release_assembly, AREA_PRODUCTS,
	    "ProductReleaseAssembly", "Deletes an assembly of a release.",
	    KEYS("productId", "releaseId", "id")),
	LIST(RELEASES "/{releaseId}/license-templates", template, AREA_LICENSES,
	    "ProductReleaseLicenseTemplates", "License templates of a release.",
	    KEYS("productId", "releaseId"), .parent = &of_release, QUERY),

	LIST(ORDERS, order, AREA_ORDERS, "Orders", "Orders.", QUERY),
	INSERT(ORDERS, order, AREA_ORDERS, "Order", "order", "Adds an order.",
	    .id_member = "orderId", EXTRAS({ "orderNumber", "orderNumber" })),
	BULK(ORDERS, order, AREA_ORDERS, "Orders", "Adds orders; all or each by itself.", MODES),
	UPDATE(ORDERS, order, AREA_ORDERS, "Order", "order", "Changes an order.", BY_ID),
	DELETE(ONE_ORDER, order, AREA_ORDERS, "Order", "Deletes an order.", KEYS("id")),
	LIST(ONE_ORDER "/products", order_product, AREA_ORDERS, "OrderProducts",
	    "Products on an order.", KEYS("orderId"), .parent = &of_order, QUERY),
	INSERT(ORDER_PRODUCT, product_order, AREA_ORDERS, "ProductOrder", "productOrder",
	    "Adds a product to an order.", KEYS("orderId", "productId")),
	UPDATE(ORDER_PRODUCT, product_order, AREA_ORDERS, "ProductOrder", "productOrder",
	    "Changes a product on an order.", KEYS("orderId", "productId")),
	DELETE(ORDER_PRODUCT, product_order, AREA_ORDERS, "ProductOrder",
	    "Removes a product from an order.", KEYS("orderId", "productId")),
	LIST(ONE_ORDER "/licenses", license, AREA_LICENSES, "OrderLicenses",
	    "Licenses created from an order.", KEYS("orderId"), .parent = &of_order, QUERY),

	LIST(RESOURCES, resource, AREA_RESOURCES, "Resources", "Stored files, keys and texts.",
	    QUERY),
	INSERT(RESOURCES, resource, AREA_RESOURCES, "Resource", "resource", "Adds a resource.",
	    .id_member = "resourceId"),
	UPDATE(RESOURCES, resource, AREA_RESOURCES, "Resource", "resource", "Changes a resource.",
	    BY_ID),
	DELETE(RESOURCES "/{resourceId}", resource, AREA_RESOURCES, "Resource",
	    "Deletes a resource.", KEYS("id")),
	LIST(REPORTS, report, AREA_PRODUCTS, "Report", "Reports of installed programs.", QUERY),
	DELETE(REPORTS "/{reportId}", report, AREA_PRODUCTS, "Report", "Deletes a report.",
	    KEYS("id")),

	LIST(WEBHOOKS, webhook, AREA_WEBHOOKS, "Webhooks", "Webhooks; their secrets are masked.",
	    QUERY),
	INSERT(WEBHOOKS, webhook, AREA_WEBHOOKS, "Webhook", "webhook",
	    "Adds a webhook; its secret is shown only in this answer.", .id_member = "webhookId",
	    .errors = ERROR_BIT(ERROR_CONFLICT), EXTRAS({ "secret", "secret" })),
	{ .method = METHOD_GET,
	    .path = ONE_WEBHOOK,
	    KEYS("id"),
	    .run = licensing_webhook_get,
	    ROWS(webhook),
	    .answer_type = "GetWebhookResponse",
	    .area = AREA_WEBHOOKS,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND),
	    .doc = "A webhook; its secret is masked." },
	UPDATE(ONE_WEBHOOK, webhook, AREA_WEBHOOKS, "Webhook", "webhook",
	    "Changes a webhook; a secret that is sent replaces the stored one at once.",
	    KEYS("id")),
	DELETE(ONE_WEBHOOK, webhook, AREA_WEBHOOKS, "Webhook",
	    "Deletes a webhook with its deliveries.", KEYS("id")),
	{ .method = METHOD_POST,
	    .path = ONE_WEBHOOK "/test",
	    .run = licensing_webhook_test,
	    .resource = &webhook_test_resource,
	    .answer_type = "TestWebhookResponse",
	    .area = AREA_WEBHOOKS,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND) | ERROR_BIT(ERROR_CONFLICT),
	    .doc = "Delivers the event webhook.test, whatever the webhook has subscribed to." },
	{ .method = METHOD_POST,
	    .path = ONE_WEBHOOK "/rotate",
	    .run = licensing_webhook_rotate,
	    .resource = &webhook_rotated_resource,
	    .body = &webhook_rotation_resource,
	    .answer_type = "RotateWebhookResponse",
	    .area = AREA_WEBHOOKS,
	    .permission = PERMISSION_UPDATE,
	    .flags = ROUTE_BODY_OPTIONAL,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND),
	    .doc = "Gives a webhook a new secret; deliveries are signed with both for a while." },
	LIST(DELIVERIES, webhook_delivery, AREA_WEBHOOKS, "WebhookDeliveries",
	    "Deliveries of a webhook, the latest first.", KEYS("webhookId"), QUERY),
	{ .method = METHOD_POST,
	    .path = DELIVERIES "/{deliveryId}/replay",
	    .run = licensing_webhook_replay,
	    .resource = &licensing_result_resource,
	    .answer_type = "ReplayWebhookDeliveryResponse",
	    .area = AREA_WEBHOOKS,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND) | ERROR_BIT(ERROR_CONFLICT),
	    .doc = "Delivers again what was delivered, or given up." },

	{ .method = METHOD_GET,
	    .path = "/v1/log/levels",
	    .run = licensing_log_levels,
	    .resource = &log_levels_resource,
	    .list_member = "logLevels",
	    .answer_type = "GetLogLevelsResponse",
	    PARAMETERS(licensing_log_level_parameters),
	    .area = AREA_LOG,
	    .doc = "Numbers of log entries that the caller may read, by time and level." },
	{ .method = METHOD_GET,
	    .path = "/v1/log",
	    .shape = SHAPE_QUERY,
	    .resource = &log_entry_resource,
	    .answer_type = "GetLogResponse",
	    PARAMETERS(licensing_log_parameters),
	    .narrow = licensing_log_narrow,
	    .area = AREA_LOG,
	    .doc = "Log entries about objects that the caller may read." },
	{ .method = METHOD_DELETE,
	    .path = "/v1/log",
	    .run = licensing_log_delete,
	    .resource = &log_deletion_resource,
	    .answer_type = "DeleteLogResponse",
	    PARAMETERS(licensing_log_deletion_parameters),
	    .area = AREA_LOG,
	    .errors = ERROR_BIT(ERROR_INVALID),
	    .doc = "Deletes entries of the log." },
	LIST(AUDIT, audit_entry, AREA_AUDIT, "AuditEntries",
	    "The audit log: every change of a row through the API, by a command or by a process, "
	    "the newest first.",
	    QUERY),
	{ .method = METHOD_GET,
	    .path = AUDIT "/{id}",
	    KEYS("id"),
	    .run = licensing_audit_get,
	    .resource = &licensing_audit_entry_resource,
	    .answer_type = "GetAuditEntryResponse",
	    .area = AREA_AUDIT,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND),
	    .doc = "One entry of the audit log." },
	{ .method = METHOD_GET,
	    .path = "/v1/settings",
	    .run = licensing_settings_get,
	    .resource = &server_settings_resource,
	    .list_member = "settings",
	    .answer_type = "GetSettingsResponse",
	    PARAMETERS(licensing_settings_parameters),
	    .area = AREA_CREDENTIALS,
	    .doc = "Settings of the server." },
	{ .method = METHOD_PUT,
	    .path = "/v1/settings",
	    .run = licensing_settings_put,
	    .resource = &licensing_result_resource,
	    .body = &settings_change_resource,
	    .body_type = "UpdateSettingsRequest",
	    .answer_type = "UpdateSettingsResponse",
	    .area = AREA_CREDENTIALS,
	    .doc = "Changes settings of the server." },
	{ .method = METHOD_GET,
	    .path = "/v1/info",
	    .run = licensing_info,
	    .resource = &server_info_resource,
	    .answer_type = "GetServerInfoResponse",
	    .area = AREA_LICENSES,
	    .doc = "Server information and counts." },
	{ .method = METHOD_POST,
	    .path = "/v1/email/send",
	    .run = licensing_mail_send,
	    .resource = &licensing_result_resource,
	    .body = &mail_send_resource,
	    .answer_type = "SendEmailResponse",
	    .area = AREA_FREE_MAIL,
	    .errors = ERROR_BIT(ERROR_TOO_MANY),
	    .doc = "Sends an e-mail." },
	{ .method = METHOD_POST,
	    .path = "/v1/email/license",
	    .run = licensing_mail_license,
	    .resource = &licensing_result_resource,
	    .body = &mail_license_resource,
	    .answer_type = "SendLicenseEmailResponse",
	    .area = AREA_MAIL,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND) | ERROR_BIT(ERROR_TOO_MANY),
	    .doc = "Sends a license to its holder." },
};

const struct contract licensing_contract = {
	.family = {
		.name = "licensing",
		.title = "Licensing",
		.prefix = "/v1",
		.doc = "Software vendors manage products, customers, orders and licenses.",
		.xml_style = XML_DATA_CONTRACT,
		.xml_namespace = "http://schemas.datacontract.org/2004/07/Management",
		.xml_pascal_case = true,
		.xml_sorted = true,
		.json_time = TIMESTAMP_UTC,
		.xml_time = TIMESTAMP_UTC,
		.strict_parameters = true,
		.logged = true,
		.insert_status = 200,
		.delete_status = 200,
		.change_answers = true,
		.error_body = &licensing_error_body,
		.resources = resources,
		.resource_count = COUNT_OF(resources),
		.views = views,
		.view_count = COUNT_OF(views),
	},
	.begin_answer = licensing_begin_answer,
	.end_answer = licensing_end_answer,
	.write_error = licensing_write_error,
	.describe_answer = licensing_describe_answer,
	.routes = routes,
	.route_count = COUNT_OF(routes),
};
