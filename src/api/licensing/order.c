/*
 * Orders, and the products of an order (which are the orders of a product).
 */
#include "api/licensing/licensing.h"

enum { ORDER_ID, ORDER_NUMBER };

static const struct field order_fields[] = {
	[ORDER_ID] = { INT32("id", "id"), .flags = KEY_CHOOSABLE, .doc = "Identifier." },
	[ORDER_NUMBER] = { STRING("orderNumber", "order_number", 64),
	    .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT,
	    .doc = "Unique number; created if absent.", .example = "\"O-4WXM8T2H\"" },
	{ STRING("status", "status", 64), .flags = FIELD_TYPICAL, .doc = "Status of the order.",
	    .example = "\"paid\"" },
	{ STRING("processedBy", "processed_by", 255), .doc = "Person in charge.",
	    .example = "\"Grace Hopper\"" },
	{ STRING("purchaseOrder", "purchase_order", 255), .flags = FIELD_TYPICAL,
	    .doc = "The customer's reference.", .example = "\"PO-2041\"" },
	{ DECIMAL("total", "total"), .flags = FIELD_TYPICAL, .doc = "Sum.", .example = "249.5" },
	{ STRING("currency", "currency", 16), .flags = FIELD_TYPICAL,
	    .doc = "Currency of the total.", .example = "\"EUR\"" },
	{ DATETIME("createdAt", "created_at"), .flags = FIELD_READONLY,
	    .doc = "When the order was created." },
	{ DATETIME("updatedAt", "updated_at"), .flags = FIELD_READONLY,
	    .doc = "When it was last changed." },
	{ STRING("invoiceNumber", "invoice_number", 255), .doc = "Number of the invoice.",
	    .example = "\"2026-0117\"" },
	{ STRING("paymentType", "payment_type", 64), .doc = "Payment method.",
	    .example = "\"card\"" },
	{ STRING("paymentNumber", "payment_number", 255), .doc = "Number of the payment." },
	{ STRING("paymentStatus", "payment_status", 64), .doc = "Status of the payment.",
	    .example = "\"paid\"" },
	{ DATETIME("paymentDate", "payment_date"), .doc = "When it was paid." },
	{ STRING("description", "description", LICENSING_TEXT_LONGEST), .doc = "Description." },
	{ INT32("customerId", "customer_id"), .doc = "Who ordered." },
	{ ONE("customer", &licensing_customer_resource, "customerId", "id"),
	    .flags = LICENSING_RELATED, .doc = "Who ordered." },
	{ INT32("resellerId", "reseller_id"), .doc = "Customer that resold it." },
};

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	return licensing_draw(
	    context, row, ORDER_NUMBER, context->settings->order_number_format, error);
}

static const struct unique_key order_uniques[] = {
	{ .index = "customer_order_number",
	    .member = "orderNumber",
	    .word = "DUPLICATE_NUMBER",
	    .alone = true },
};

static const struct reference order_references[] = {
	{ .constraint = "customer_order_customer",
	    .member = "customerId",
	    .target = &licensing_customer_resource,
	    .message = "The customer was not found." },
	{ .constraint = "customer_order_reseller",
	    .member = "resellerId",
	    .target = &licensing_customer_resource,
	    .message = "The reseller was not found." },
};

static const struct dependant order_dependants[] = {
	{ .constraint = "license_order", .name = "licenses", .area = AREA_LICENSES },
	{ .constraint = "order_product_order", .name = "order products", .area = AREA_ORDERS },
};

static const struct table_index order_indexes[] = {
	{ .name = "customer_order_customer", .columns = { "customer_id" } },
	{ .name = "customer_order_reseller", .columns = { "reseller_id" }, .broad = true },
	{ .name = "customer_order_status", .columns = { "status" }, .broad = true },
	{ .name = "customer_order_created_at", .columns = { "created_at" } },
	{ .name = "customer_order_invoice_number", .columns = { "invoice_number" } },
	{ .name = "customer_order_purchase_order", .columns = { "purchase_order" } },
	{ .name = "customer_order_payment_number", .columns = { "payment_number" } },
};

static const struct search_member order_searched[] = {
	{ .member = "id", .way = SEARCH_WHOLE },
	{ .member = "orderNumber", .way = SEARCH_BEGIN },
	{ .member = "invoiceNumber", .way = SEARCH_BEGIN },
	{ .member = "purchaseOrder", .way = SEARCH_BEGIN },
	{ .member = "paymentNumber", .way = SEARCH_BEGIN },
};

static const struct resource_search order_search = {
	.name = "order",
	SEARCH_MEMBERS(order_searched),
	.titles = { "orderNumber" },
	.details = { "status", "invoiceNumber", "purchaseOrder" },
};

const struct resource licensing_order_resource = {
	.name = "order",
	.type_name = "Order",
	.area = AREA_ORDERS,
	.plural = "orders",
	.table = "customer_order",
	.counted = true,
	.owner = OWNER_CUSTOMER,
	.owner_condition = "{}.customer_id = ?",
	FIELDS(order_fields),
	UNIQUES(order_uniques),
	INDEXES(order_indexes),
	REFERENCES(order_references),
	DEPENDANTS(order_dependants),
	.event = "order",
	.search = &order_search,
	.doc = "An order of a customer.",
};

const struct record licensing_order_record = {
	.resource = &licensing_order_resource,
	.before_insert = before_insert,
};

#define PART_OF_KEY (FIELD_KEY | FIELD_READONLY)

static const struct field product_fields[] = {
	{ INT32("productId", "product_id"), .flags = PART_OF_KEY,
	    .doc = "Product that is ordered." },
	{ INT32("orderId", "order_id"), .flags = PART_OF_KEY, .doc = "Order that it is on." },
	{ INT32("quantity", "quantity"), .flags = FIELD_NOT_NULL | FIELD_TYPICAL, .fallback = "1",
	    .doc = "How many.", .example = "5" },
	{ DECIMAL("unitPrice", "unit_price"), .flags = FIELD_TYPICAL, .doc = "Unit price.",
	    .example = "49.9" },
	{ DECIMAL("discount", "discount"), .doc = "Discount.", .example = "0" },
	{ DECIMAL("taxes", "taxes"), .doc = "Taxes.", .example = "47.41" },
	{ STRING("description", "description", LICENSING_TEXT_LONGEST), .doc = "Description." },
	{ ONE("product", &licensing_product_resource, "productId", "id"),
	    .flags = LICENSING_RELATED, .doc = "Product that is ordered." },
	{ ONE("order", &licensing_order_resource, "orderId", "id"), .flags = LICENSING_RELATED,
	    .doc = "Order that it is on." },
};

static const struct unique_key product_uniques[] = {
	{ .index = "PRIMARY",
	    .member = "productId",
	    .word = "DUPLICATE_PRODUCT",
	    .message = "The product is already on the order." },
};

static const struct reference product_references[] = {
	{ .constraint = "order_product_product",
	    .member = "productId",
	    .target = &licensing_product_resource,
	    .message = "The product was not found." },
	{ .constraint = "order_product_order",
	    .member = "orderId",
	    .target = &licensing_order_resource,
	    .message = "The order was not found." },
};

#define OWN_ORDERS "{}.order_id IN (SELECT o.id FROM customer_order o WHERE o.customer_id = ?)"

static const struct table_index product_order_indexes[] = {
	{ .name = "PRIMARY", .columns = { "order_id", "product_id" } },
	{ .name = "order_product_product", .columns = { "product_id" }, .broad = true },
};

const struct resource licensing_product_order_resource = {
	.name = "product order",
	.type_name = "ProductOrder",
	.area = AREA_ORDERS,
	.plural = "productOrders",
	.table = "order_product",
	ORDER_BY(ASCENDING("orderId"), ASCENDING("productId")),
	FIELDS(product_fields),
	UNIQUES(product_uniques),
	INDEXES(product_order_indexes),
	REFERENCES(product_references),
	.event = "order_product",
	.doc = "A product on an order.",
};

const struct record licensing_product_order_record = {
	.resource = &licensing_product_order_resource,
};

const struct resource licensing_order_product_resource = {
	.name = "product order",
	.type_name = "ProductOrder",
	.area = AREA_ORDERS,
	.plural = "orderProducts",
	.table = "order_product",
	ORDER_BY(ASCENDING("orderId"), ASCENDING("productId")),
	.owner = OWNER_CUSTOMER,
	.owner_condition = OWN_ORDERS,
	FIELDS(product_fields),
	UNIQUES(product_uniques),
	INDEXES(product_order_indexes),
	REFERENCES(product_references),
	.doc = "A product on an order.",
};
