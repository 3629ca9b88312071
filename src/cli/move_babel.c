/*
 * The database of Babel Licensing, table by table. Its schema is that of Entity Framework: the same
 * names on every server; a column that an older migration does not have yet is null.
 */
#include "cli/move_babel.h"

#include "api/licensing/licensing.h"
#include "cli/move_columns.h"
#include "cli/move_convert.h"

#define BY_ID .keys = { "Id" }

/* --- people --- */

static const struct move_column customer_columns[] = {
	COLUMN("Title", "title"),
	COLUMN("FirstName", "firstName"),
	COLUMN("LastName", "lastName"),
	COLUMN("Company", "company"),
	CONVERTED("Code", "code", move_convert_blank),
	COLUMN("VatCode", "vatCode"),
	COLUMN("InvoiceCode", "invoiceCode"),
	COLUMN("Rating", "rating"),
	COLUMN("CreatedAt", "createdAt"),
	COLUMN("UpdatedAt", "updatedAt"),
	COLUMN("Address", "address"),
	COLUMN("Address1", "address1"),
	COLUMN("Address2", "address2"),
	COLUMN("PostalCode", "postalCode"),
	COLUMN("Region", "region"),
	COLUMN("City", "city"),
	COLUMN("Country", "country"),
	COLUMN("CountryCode", "countryCode"),
	COLUMN("MapCoordinates", "mapCoordinates"),
	COLUMN("MapZoomLevel", "mapZoomLevel"),
	COLUMN("Email", "email"),
	COLUMN("Phone", "phone"),
	COLUMN("Mobile", "mobile"),
	COLUMN("Fax", "fax"),
	COLUMN("Website", "website"),
	COLUMN("Notes", "notes"),
	COLUMN("IsReseller", "isReseller"),
	CONVERTED("Image", "image", move_convert_bytes),
	COLUMN("Meta", "meta"),
};

static const struct move_column contact_columns[] = {
	COLUMN("Title", "title"),
	COLUMN("FirstName", "firstName"),
	COLUMN("LastName", "lastName"),
	COLUMN("Email", "email"),
	COLUMN("Phone", "phone"),
	COLUMN("Mobile", "mobile"),
	COLUMN("Fax", "fax"),
	COLUMN("Details", "details"),
	COLUMN("Notify", "notify"),
	PARENT("CustomerId", "customerId", "Customers"),
	COLUMN("Meta", "meta"),
};

#define ROLE_NAMES                                                                          \
	"(SELECT GROUP_CONCAT(r.Name) FROM AspNetUserRoles u JOIN AspNetRoles r ON r.Id = " \
	"u.RoleId "                                                                         \
	"WHERE u.UserId = t.Id)"

static const struct move_column user_columns[] = {
	NEEDED("UserName", "userName"),
	COLUMN("Email", "email"),
	COLUMN("PhoneNumber", "phoneNumber"),
	COLUMN("Title", "title"),
	COLUMN("FirstName", "firstName"),
	COLUMN("LastName", "lastName"),
	COLUMN("Department", "department"),
	COLUMN("BirthDate", "birthDate"),
	COLUMN("CreatedAt", "createdAt"),
	COLUMN("UpdatedAt", "updatedAt"),
	COLUMN("LastDismissMessages", "lastDismissMessages"),
	COLUMN("LastLogIn", "lastLogIn"),
	COLUMN("Rank", "rank"),
	CONVERTED("Image", "image", move_convert_bytes),
	COLUMN("Address", "address"),
	COLUMN("PostalCode", "postalCode"),
	COLUMN("Region", "region"),
	COLUMN("City", "city"),
	COLUMN("Country", "country"),
	COLUMN("CountryCode", "countryCode"),
	COLUMN("Mobile", "mobile"),
	COLUMN("Notes", "notes"),
	REFERENCE("CustomerId", "customerId", "Customers"),
	{ .sql = ROLE_NAMES,
	    .member = "roles",
	    .convert = move_convert_roles,
	    .needs = "AspNetUserRoles" },
	CONVERTED("LockoutEnd", "enabled", move_convert_lockout),
	CONVERTED("PasswordHash", "passwordHash", move_convert_password),
	COLUMN("TwoFactorEnabled", NULL),
};

static const struct move_column setting_columns[] = {
	CONVERTED("Category", "category", move_convert_blank),
	CONVERTED("Group", "group", move_convert_blank),
	NEEDED("Name", "name"),
	COLUMN("Value", "value"),
	COLUMN("Type", "type"),
	COLUMN("ReadOnly", "readOnly"),
	COLUMN("Description", "description"),
	PARENT("UserId", "userId", "AspNetUsers"),
};

static const struct move_column key_columns[] = {
	COLUMN("Name", "name"),
	NEEDED("Key", "key"),
	STRICT_TEXT("ClientSecret", "clientSecret"),
	COLUMN("CreatedDate", "createdDate"),
	STRICT("ExpireDate", "expireDate"),
	PARENT("OwnerId", "ownerId", "AspNetUsers"),
	NEEDED("Revoked", "revoked"),
	NEEDED("Permissions", "permissions"),
	COLUMN("Description", "description"),
};

/* --- resources and products --- */

static const struct move_column resource_columns[] = {
	COLUMN("Name", "name"),
	COLUMN("Type", "type"),
	CONVERTED("Code", "code", move_convert_blank),
	COLUMN("Description", "description"),
	COLUMN("Source", "source"),
	CONVERTED("Password", "password", move_convert_blank),
	COLUMN("CreatedAt", "createdAt"),
	COLUMN("UpdatedAt", "updatedAt"),
	COLUMN("Data", NULL),
	COLUMN("DataFormat", "dataFormat"),
	COLUMN("Meta", "meta"),
};

static const struct move_column product_columns[] = {
	CONVERTED("Code", "code", move_convert_blank),
	COLUMN("Name", "name"),
	COLUMN("Description", "description"),
	COLUMN("Url", "url"),
	COLUMN("Copyright", "copyright"),
	COLUMN("CreatedAt", "createdAt"),
	CONVERTED("Image", "image", move_convert_bytes),
	COLUMN("Price", "price"),
	COLUMN("ResellerPrice", "resellerPrice"),
	COLUMN("Currency", "currency"),
	REFERENCE("SignatureKeysId", "signatureKeysId", LICENSING_IMPORT_RESOURCES),
	COLUMN("Meta", "meta"),
};

/* There, a release is tied to its product by its assemblies, or by a template. */
#define PRODUCT_OF_RELEASE                                                                       \
	"COALESCE((SELECT MIN(p.ProductId) FROM ProductAssemblies p WHERE p.ReleaseId = t.Id), " \
	"(SELECT MIN(l.ProductId) FROM LicenseTemplates l WHERE l.ReleaseId = t.Id))"

static const struct move_column release_columns[] = {
	COLUMN("ReleaseDate", "releaseDate"),
	COLUMN("Name", "name"),
	COLUMN("Version", "version"),
	COLUMN("Description", "description"),
	{ .sql = PRODUCT_OF_RELEASE,
	    .member = "productId",
	    .refers = "Products",
	    .needs = "ProductAssemblies",
	    .required = true },
};

static const struct move_column assembly_columns[] = {
	COLUMN("Name", "name"),
	COLUMN("Version", "version"),
	COLUMN("Culture", "culture"),
	COLUMN("PublicKeyToken", "publicKeyToken"),
	REFERENCE("MappingFileId", "mappingFileId", LICENSING_IMPORT_RESOURCES),
	COLUMN("DebugSymbolsKey", "debugSymbolsKey"),
};

static const struct move_column release_assembly_columns[] = {
	PARENT("ProductId", "productId", "Products"),
	PARENT("ReleaseId", "releaseId", "Releases"),
	COLUMN("a.Name", "name"),
	COLUMN("a.Version", "version"),
	COLUMN("a.Culture", "culture"),
	COLUMN("a.PublicKeyToken", "publicKeyToken"),
	REFERENCE("a.MappingFileId", "mappingFileId", LICENSING_IMPORT_RESOURCES),
	COLUMN("a.DebugSymbolsKey", "debugSymbolsKey"),
};

/* --- orders --- */

static const struct move_column order_columns[] = {
	CONVERTED("OrderNumber", "orderNumber", move_convert_blank),
	COLUMN("Status", "status"),
	COLUMN("ProcessedBy", "processedBy"),
	COLUMN("PurchaseOrder", "purchaseOrder"),
	COLUMN("Total", "total"),
	COLUMN("Currency", "currency"),
	COLUMN("CreatedAt", "createdAt"),
	COLUMN("UpdatedAt", "updatedAt"),
	COLUMN("InvoiceNumber", "invoiceNumber"),
	COLUMN("PaymentType", "paymentType"),
	COLUMN("PaymentNumber", "paymentNumber"),
	COLUMN("PaymentStatus", "paymentStatus"),
	COLUMN("PaymentDate", "paymentDate"),
	COLUMN("Description", "description"),
	REFERENCE("CustomerId", "customerId", "Customers"),
	REFERENCE("ResellerId", "resellerId", "Customers"),
	COLUMN("Meta", NULL),
};

static const struct move_column order_product_columns[] = {
	PARENT("ProductId", "productId", "Products"),
	PARENT("OrderId", "orderId", "Orders"),
	COLUMN("Quantity", "quantity"),
	COLUMN("UnitPrice", "unitPrice"),
	COLUMN("Discount", "discount"),
	COLUMN("Taxes", "taxes"),
	COLUMN("Description", "description"),
};

/* --- licenses --- */

static const struct move_column template_columns[] = {
	COLUMN("Name", "name"),
	CONVERTED("Code", "code", move_convert_blank),
	CONVERTED("Format", "format", move_convert_format),
	COLUMN("LicenseFileName", "licenseFileName"),
	COLUMN("GenerateKeyInfo", "generateKeyInfo"),
	COLUMN("Description", "description"),
	COLUMN("Template", "template"),
	REFERENCE("ProductId", "productId", "Products"),
	REFERENCE("SignatureKeysId", "signatureKeysId", LICENSING_IMPORT_RESOURCES),
	REFERENCE("ReleaseId", "releaseId", "Releases"),
	COLUMN("ExpireDays", "expireDays"),
	COLUMN("IssueDate", "issueDate"),
	COLUMN("LicenseType", "licenseType"),
	COLUMN("LicensingMode", "licensingMode"),
	COLUMN("SupportDays", "supportDays"),
	CONVERTED("UserKey", "userKey", move_convert_blank),
};

static const struct move_column license_columns[] = {
	STRICT_TEXT("LicenseId", "licenseId"),
	COLUMN("LicenseType", "licenseType"),
	CONVERTED("Format", "format", move_convert_format),
	COLUMN("Description", "description"),
	COLUMN("IssueDate", "issueDate"),
	STRICT("ExpireDate", "expireDate"),
	COLUMN("SupportExpireDate", "supportExpireDate"),
	STRICT("Revoked", "revoked"),
	STRICT("LicenseKey", "licenseKey"),
	STRICT("MaxAllowedSites", "maxAllowedSites"),
	STRICT_TEXT("UserKey", "userKey"),
	COLUMN("Hash", "hash"),
	STRICT("LicensingMode", "licensingMode"),
	REFERENCE("TemplateId", "templateId", "LicenseTemplates"),
	REFERENCE("SignatureKeysId", "signatureKeysId", LICENSING_IMPORT_RESOURCES),
	REFERENCE("CustomerId", "customerId", "Customers"),
	REFERENCE("OrderId", "orderId", "Orders"),
	COLUMN("CreatedAt", "createdAt"),
	COLUMN("LicenseeCompany", "licenseeCompany"),
	COLUMN("LicenseeEmail", "licenseeEmail"),
	COLUMN("LicenseeName", "licenseeName"),
	COLUMN("Meta", "meta"),
	COLUMN("Trace", "trace"),
	COLUMN("UpdatedAt", "updatedAt"),
	{ .sql = PRODUCT_OF_LICENSE("Code"), .needs = "ProductLicenses" },
	{ .sql = PRODUCT_OF_LICENSE("Name"), .needs = "ProductLicenses" },
};

static const struct move_column token_columns[] = {
	NEEDED("Token", "token"),
	COLUMN("Address", "address"),
	STRICT("ClientId", "clientId"),
	COLUMN("ClientName", "clientName"),
	STRICT("MachineId", "machineId"),
	COLUMN("IssueDate", "issueDate"),
	STRICT("ExpireDate", "expireDate"),
	COLUMN("LastHeartbeat", "lastHeartbeat"),
	COLUMN("Hash", "hash"),
	PARENT("LicenseId", "licenseId", "Licenses"),
	REFERENCE("NodeLockedLicenseId", "nodeLockedLicenseId", "Licenses"),
};

static const struct move_column trace_columns[] = {
	COLUMN("ClientIp", "clientIp"),
	COLUMN("ClientName", "clientName"),
	COLUMN("MachineId", "machineId"),
	COLUMN("CreatedDate", "createdDate"),
	COLUMN("Action", "action"),
	COLUMN("GeoLocation", "geoLocation"),
	COLUMN("Meta", "meta"),
	PARENT("LicenseId", "licenseId", "Licenses"),
	COLUMN("ClientId", "clientId"),
};

/* --- reports --- */

static const struct move_column report_columns[] = {
	COLUMN("Uid", "uid"),
	COLUMN("Name", "name"),
	COLUMN("Version", "version"),
	COLUMN("Date", "date"),
	COLUMN("UserKey", "userKey"),
	COLUMN("MachineId", "machineId"),
	COLUMN("ClientId", "clientId"),
	COLUMN("ClientName", "clientName"),
	COLUMN("ContentType", "contentType"),
	COLUMN("Content", "content"),
	COLUMN("Address", "address"),
};

static const struct move_column report_property_columns[] = {
	COLUMN("Name", "name"),
	COLUMN("Value", "value"),
	PARENT("ReportId", "reportId", "Reports"),
};

/* Rows that have no rules besides those of their members. */
static const struct record trace_record = { .resource = &licensing_trace_resource };
static const struct record report_property_record = { .resource =
							  &licensing_report_property_resource };

#define OUTSIDE(table, why)                      \
	{                                        \
		.name = (table), .reason = (why) \
	}
#define JOIN_OF "what belongs together is not tied to files here"

static const struct move_table tables[] = {
	{ .name = "Customers",
	    .record = &licensing_customer_record,
	    BY_ID,
	    COLUMNS(customer_columns) },
	{ .name = "Contacts",
	    .record = &licensing_contact_record,
	    BY_ID,
	    COLUMNS(contact_columns) },
	{ .name = "AspNetUsers",
	    .record = &licensing_user_record,
	    BY_ID,
	    COLUMNS(user_columns),
	    .complete = move_babel_complete_user,
	    .by_rows = true },
	{ .name = "Settings",
	    .record = &licensing_user_setting_record,
	    .more = "WHERE t.UserId IS NOT NULL",
	    .reason = "settings of the server are options here",
	    BY_ID,
	    COLUMNS(setting_columns) },
	{ .name = "ApiKeys",
	    .record = &licensing_api_key_record,
	    BY_ID,
	    COLUMNS(key_columns),
	    .by_rows = true },
	{ .name = LICENSING_IMPORT_RESOURCES,
	    .record = &licensing_resource_record,
	    BY_ID,
	    COLUMNS(resource_columns),
	    .complete = move_babel_complete_resource,
	    .by_rows = true },
	{ .name = "Products",
	    .record = &licensing_product_record,
	    BY_ID,
	    COLUMNS(product_columns) },
	{ .name = "Releases",
	    .record = &licensing_release_record,
	    BY_ID,
	    COLUMNS(release_columns) },
	{ .name = "Assemblies",
	    .record = &licensing_assembly_record,
	    BY_ID,
	    COLUMNS(assembly_columns) },
	{ .name = "ProductAssemblies",
	    .record = &licensing_release_assembly_record,
	    .more = "JOIN Assemblies a ON a.Id = t.AssemblyId WHERE t.ReleaseId IS NOT NULL",
	    .reason = "only releases have assemblies here",
	    BY_ID,
	    COLUMNS(release_assembly_columns) },
	{ .name = "Orders",
	    .record = &licensing_order_record,
	    BY_ID,
	    COLUMNS(order_columns),
	    .complete = move_babel_complete_order },
	{ .name = "ProductOrders",
	    .record = &licensing_product_order_record,
	    .keys = { "ProductId", "OrderId" },
	    COLUMNS(order_product_columns) },
	{ .name = "LicenseTemplates",
	    .record = &licensing_template_record,
	    BY_ID,
	    COLUMNS(template_columns),
	    .complete = move_babel_complete_template },
	{ .name = "Licenses",
	    .record = &licensing_license_record,
	    BY_ID,
	    COLUMNS(license_columns),
	    .complete = move_babel_complete_license },
	{ .name = "LicenseTokens",
	    .record = &licensing_token_record,
	    BY_ID,
	    COLUMNS(token_columns) },
	{ .name = "LicenseTraces", .record = &trace_record, BY_ID, COLUMNS(trace_columns) },
	{ .name = "Reports", .record = &licensing_report_record, BY_ID, COLUMNS(report_columns) },
	{ .name = "ReportProperties",
	    .record = &report_property_record,
	    BY_ID,
	    COLUMNS(report_property_columns) },
	OUTSIDE("AspNetRoles", "roles are found by their names"),
	OUTSIDE("AspNetUserRoles", "they come with the users"),
	OUTSIDE("AspNetRoleClaims", "roles have no claims here"),
	OUTSIDE("AspNetUserClaims", "users have no claims here"),
	OUTSIDE("AspNetUserLogins", "logins of other providers must be set up again"),
	OUTSIDE("AspNetUserTokens", "tokens of sessions and second factors must be made again"),
	OUTSIDE("ProductLicenses", "licenses tell their product themselves"),
	OUTSIDE("ProductResources", JOIN_OF),
	OUTSIDE("ReleaseResources", JOIN_OF),
	OUTSIDE("OrderResources", JOIN_OF),
	OUTSIDE("CustomerResources", JOIN_OF),
	OUTSIDE("Downloads", "files for download are a web server's work"),
	OUTSIDE("DownloadHistories", "files for download are a web server's work"),
	OUTSIDE("Scripts", "scripts of others are not run here"),
	OUTSIDE("ScriptTag", "scripts of others are not run here"),
	OUTSIDE("WebhookSubscriptions", "events have other names here, and are signed in another "
					"way: create the webhooks again"),
	OUTSIDE("WebhookEvents", "they were delivered there"),
	OUTSIDE("Logs", "they tell what was done there"),
};

static const char *const migrations[] = { "20230506062747_InitialCreate",
	"20231203102929_AddApiKey", "20240303012534_AddedLicenseeAndTemplateUserKey",
	"20240313135659_AddMetaColum", "20240328144418_AddLicenseTrace",
	"20241206143314_AddLicenseTraceClientId", "20250307165541_AddWebhooks", NULL };

const struct move_kind move_babel = {
	.name = "Babel Licensing",
	.label = "babel",
	.history = "__EFMigrationsHistory",
	.migration = "MigrationId",
	.migrations = migrations,
	.first = "Licenses",
	.identity = "SELECT MIN(r.Id) FROM AspNetRoles r WHERE r.NormalizedName = 'ADMINISTRATOR'",
	.identity_needs = "AspNetRoles",
	.tables = tables,
	.table_count = COUNT_OF(tables),
};
