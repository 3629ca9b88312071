/*
 * Customers and their contacts.
 */
#include "api/licensing/licensing.h"

enum customer_member {
	CUSTOMER_ID,
	CUSTOMER_TITLE,
	CUSTOMER_FIRST_NAME,
	CUSTOMER_LAST_NAME,
	CUSTOMER_COMPANY,
	CUSTOMER_CODE,
	CUSTOMER_VAT_CODE,
	CUSTOMER_INVOICE_CODE,
	CUSTOMER_RATING,
	CUSTOMER_CREATED_AT,
	CUSTOMER_UPDATED_AT,
	CUSTOMER_ADDRESS,
	CUSTOMER_ADDRESS1,
	CUSTOMER_ADDRESS2,
	CUSTOMER_POSTAL_CODE,
	CUSTOMER_REGION,
	CUSTOMER_CITY,
	CUSTOMER_COUNTRY,
	CUSTOMER_COUNTRY_CODE,
	CUSTOMER_MAP_COORDINATES,
	CUSTOMER_MAP_ZOOM_LEVEL,
	CUSTOMER_EMAIL,
	CUSTOMER_PHONE,
	CUSTOMER_MOBILE,
	CUSTOMER_FAX,
	CUSTOMER_WEBSITE,
	CUSTOMER_NOTES,
	CUSTOMER_IS_RESELLER,
	CUSTOMER_IMAGE,
	CUSTOMER_META,
	CUSTOMER_CONTACTS,
	CUSTOMER__MAX
};

/* Where and how a customer is reached, which that customer knows best. */
#define OWN FIELD_OWNER_CHANGES

static const struct field customer_fields[CUSTOMER__MAX] = {
	[CUSTOMER_ID] = { INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	[CUSTOMER_TITLE] = { STRING("title", "title", 64), .doc = "Form of address.",
	    .example = "\"Ms\"" },
	[CUSTOMER_FIRST_NAME] = { STRING("firstName", "first_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "First name.", .example = "\"Ada\"" },
	[CUSTOMER_LAST_NAME] = { STRING("lastName", "last_name", 255), .flags = FIELD_TYPICAL,
	    .doc = "Last name.", .example = "\"Lovelace\"" },
	[CUSTOMER_COMPANY] = { STRING("company", "company", 255), .flags = FIELD_TYPICAL,
	    .doc = "Company.", .example = "\"Example Ltd\"" },
	[CUSTOMER_CODE] = { STRING("code", "code", 64),
	    .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT, .doc = "Unique code; created if absent.",
	    .example = "\"C-7KQ2MZ9X\"" },
	[CUSTOMER_VAT_CODE] = { STRING("vatCode", "vat_code", 64), .doc = "Tax number.",
	    .example = "\"DE123456789\"" },
	[CUSTOMER_INVOICE_CODE] = { STRING("invoiceCode", "invoice_code", 64),
	    .doc = "Code for electronic invoices." },
	[CUSTOMER_RATING] = { INT32("rating", "rating"), .flags = FIELD_NOT_NULL, .fallback = "0",
	    .doc = "Rating." },
	[CUSTOMER_CREATED_AT] = { DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the record was created." },
	[CUSTOMER_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When it was last changed." },
	[CUSTOMER_ADDRESS] = { STRING("address", "address", 500), .flags = OWN,
	    .doc = "Street and number.", .example = "\"1 Harbour Street\"" },
	[CUSTOMER_ADDRESS1] = { STRING("address1", "address1", 500), .flags = OWN,
	    .doc = "Second line of the address." },
	[CUSTOMER_ADDRESS2] = { STRING("address2", "address2", 500), .flags = OWN,
	    .doc = "Third line of the address." },
	[CUSTOMER_POSTAL_CODE] = { STRING("postalCode", "postal_code", 32), .flags = OWN,
	    .doc = "Postal code.", .example = "\"20457\"" },
	[CUSTOMER_REGION] = { STRING("region", "region", 255), .flags = OWN,
	    .doc = "State or province.", .example = "\"Hamburg\"" },
	[CUSTOMER_CITY] = { STRING("city", "city", 255), .flags = OWN | FIELD_TYPICAL,
	    .doc = "City.", .example = "\"Hamburg\"" },
	[CUSTOMER_COUNTRY] = { STRING("country", "country", 255), .flags = OWN, .doc = "Country.",
	    .example = "\"Germany\"" },
	[CUSTOMER_COUNTRY_CODE] = { STRING("countryCode", "country_code", 16),
	    .flags = OWN | FIELD_TYPICAL, .doc = "Code of the country.", .example = "\"DE\"" },
	[CUSTOMER_MAP_COORDINATES] = { STRING("mapCoordinates", "map_coordinates", 255),
	    .doc = "Latitude and longitude." },
	[CUSTOMER_MAP_ZOOM_LEVEL] = { DOUBLE("mapZoomLevel", "map_zoom_level"),
	    .doc = "Scale of the map." },
	[CUSTOMER_EMAIL] = { STRING("email", "email", 255),
	    .flags = OWN | FIELD_MAIL_ADDRESS | FIELD_TYPICAL, .doc = "E-mail address.",
	    .example = "\"ada@example.org\"" },
	[CUSTOMER_PHONE] = { STRING("phone", "phone", 64), .flags = OWN | FIELD_TYPICAL,
	    .doc = "Telephone.", .example = "\"+49 40 123456\"" },
	[CUSTOMER_MOBILE] = { STRING("mobile", "mobile", 64), .flags = OWN,
	    .doc = "Mobile telephone.", .example = "\"+49 170 1234567\"" },
	[CUSTOMER_FAX] = { STRING("fax", "fax", 64), .flags = OWN, .doc = "Fax.",
	    .example = "\"+49 40 123457\"" },
	[CUSTOMER_WEBSITE] = { STRING("website", "website", 1000), .flags = OWN, .doc = "Web page.",
	    .example = "\"https://www.example.org\"" },
	[CUSTOMER_NOTES] = { STRING("notes", "notes", LICENSING_TEXT_LONGEST), .doc = "Notes.",
	    .example = "\"Buys each autumn.\"" },
	[CUSTOMER_IS_RESELLER] = { BOOLEAN("isReseller", "is_reseller"), .flags = FIELD_NOT_NULL,
	    .fallback = "false", .doc = "Whether it resells licenses." },
	[CUSTOMER_IMAGE] = { STRING("image", "image", LICENSING_CONTENT_LONGEST),
	    .doc = "Picture, in base64 or as an address." },
	[CUSTOMER_META] = { STRING("meta", "meta", LICENSING_TEXT_LONGEST),
	    .doc = "Free text for programs." },
	[CUSTOMER_CONTACTS] = { MANY("contacts", &licensing_contact_resource, "id", "customerId"),
	    .flags = LICENSING_OWNED, .max = LICENSING_ITEMS_MOST, .doc = "Contacts." },
};

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	return licensing_draw(
	    context, row, CUSTOMER_CODE, context->settings->customer_code_format, error);
}

static const struct unique_key customer_uniques[] = {
	{ .index = "customer_code", .member = "code", .word = "DUPLICATE_CODE", .alone = true },
};

static const struct dependant customer_dependants[] = {
	{ .constraint = "customer_order_customer", .name = "orders", .area = AREA_ORDERS },
	{ .constraint = "customer_order_reseller", .name = "orders", .area = AREA_ORDERS },
	{ .constraint = "license_customer", .name = "licenses", .area = AREA_LICENSES },
	{ .constraint = "user_customer", .name = "users", .area = AREA_CREDENTIALS },
};

static const struct cascade customer_cascades[] = {
	{ .child = &licensing_contact_resource, .member = "customerId" },
};

static const struct table_index customer_indexes[] = {
	{ .name = "customer_company", .columns = { "company" } },
	{ .name = "customer_email", .columns = { "email" } },
	{ .name = "customer_name", .columns = { "last_name", "first_name" } },
	{ .name = "customer_vat_code", .columns = { "vat_code" } },
	{ .name = "customer_invoice_code", .columns = { "invoice_code" } },
	{ .name = "customer_created_at", .columns = { "created_at" } },
};

static const struct search_member customer_searched[] = {
	{ .member = "id", .way = SEARCH_WHOLE },
	{ .member = "code", .way = SEARCH_BEGIN },
	{ .member = "company", .way = SEARCH_BEGIN },
	{ .member = "lastName", .way = SEARCH_BEGIN },
	{ .member = "email", .way = SEARCH_BEGIN },
	{ .member = "vatCode", .way = SEARCH_BEGIN },
	{ .member = "invoiceCode", .way = SEARCH_BEGIN },
};

static const struct resource_search customer_search = {
	.name = "customer",
	SEARCH_MEMBERS(customer_searched),
	.titles = { "company", "lastName", "code" },
	.details = { "firstName", "lastName", "email" },
};

const struct resource licensing_customer_resource = {
	.name = "customer",
	.type_name = "Customer",
	.area = AREA_CUSTOMERS,
	.plural = "customers",
	.table = "customer",
	.counted = true,
	.owner = OWNER_CUSTOMER,
	.owner_condition = "{}.id = ?",
	.owner_may = PERMISSION_UPDATE,
	FIELDS(customer_fields),
	UNIQUES(customer_uniques),
	INDEXES(customer_indexes),
	DEPENDANTS(customer_dependants),
	CASCADES(customer_cascades),
	.event = "customer",
	.search = &customer_search,
	.doc = "A customer.",
};

const struct record licensing_customer_record = {
	.resource = &licensing_customer_resource,
	.before_insert = before_insert,
};

static const struct field contact_fields[] = {
	{ INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	{ STRING("title", "title", 64), .doc = "Form of address.", .example = "\"Ms\"" },
	{ STRING("firstName", "first_name", 255), .flags = FIELD_TYPICAL, .doc = "First name.",
	    .example = "\"Ada\"" },
	{ STRING("lastName", "last_name", 255), .flags = FIELD_TYPICAL, .doc = "Last name.",
	    .example = "\"Lovelace\"" },
	{ STRING("email", "email", 255), .flags = FIELD_MAIL_ADDRESS | FIELD_TYPICAL,
	    .doc = "E-mail address.", .example = "\"ada@example.org\"" },
	{ STRING("phone", "phone", 64), .flags = FIELD_TYPICAL, .doc = "Telephone.",
	    .example = "\"+49 40 123456\"" },
	{ STRING("mobile", "mobile", 64), .doc = "Mobile telephone.",
	    .example = "\"+49 170 1234567\"" },
	{ STRING("fax", "fax", 64), .doc = "Fax.", .example = "\"+49 40 123457\"" },
	{ STRING("details", "details", LICENSING_TEXT_LONGEST), .doc = "More about the person." },
	{ BOOLEAN("notify", "notify"), .flags = FIELD_NOT_NULL, .fallback = "false",
	    .doc = "Whether mail for the customer is sent to this contact as well." },
	{ INT32("customerId", "customer_id"), .flags = FIELD_REQUIRED, .least = 1,
	    .most = INT32_MAX, .doc = "Customer that the contact belongs to." },
	{ STRING("meta", "meta", LICENSING_TEXT_LONGEST), .doc = "Free text for programs." },
};

static const struct reference contact_references[] = {
	{ .constraint = "contact_customer",
	    .member = "customerId",
	    .target = &licensing_customer_resource,
	    .message = "The customer was not found." },
};

static const struct table_index contact_indexes[] = {
	{ .name = "contact_customer", .columns = { "customer_id" } },
	{ .name = "contact_email", .columns = { "email" } },
	{ .name = "contact_name", .columns = { "last_name", "first_name" } },
};

static const struct search_member contact_searched[] = {
	{ .member = "lastName", .way = SEARCH_BEGIN },
	{ .member = "email", .way = SEARCH_BEGIN },
};

static const struct resource_search contact_search = {
	.name = "contact",
	SEARCH_MEMBERS(contact_searched),
	.titles = { "lastName", "email", "firstName" },
	.details = { "firstName", "email", "phone" },
	.owner = "customerId",
};

const struct resource licensing_contact_resource = {
	.name = "contact",
	.type_name = "Contact",
	.area = AREA_CUSTOMERS,
	.plural = "contacts",
	.table = "contact",
	.counted = true,
	.owner = OWNER_CUSTOMER,
	.owner_condition = "{}.customer_id = ?",
	FIELDS(contact_fields),
	INDEXES(contact_indexes),
	REFERENCES(contact_references),
	.event = "contact",
	.search = &contact_search,
	.doc = "A contact of a customer.",
};

const struct record licensing_contact_record = {
	.resource = &licensing_contact_resource,
};
