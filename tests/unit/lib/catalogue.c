#include "catalogue.h"

#include "op/envelope.h"

static const struct enumerator kind_words[] = { { 0, "File" }, { 1, "Activation" },
	{ 2, "Floating" } };
static const struct enumeration kinds = { "Kind", kind_words, COUNT_OF(kind_words) };
static const struct enumerator level_words[] = { { 0, "Warning" }, { 1, "Error" } };
static const struct enumeration levels = { "Level", level_words, COUNT_OF(level_words) };

static const struct field country_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Key." },
	{ STRING("code", "code", 2), .flags = FIELD_REQUIRED, .doc = "Code." },
	{ STRING("name", "name", 100), .doc = "Name." },
	{ MANY("makers", &catalogue_maker, "id", "countryId"),
	    .flags = FIELD_ON_DEMAND | FIELD_OMIT_ABSENT, .doc = "Makers." },
};

const struct resource catalogue_country = {
	.name = "country",
	.type_name = "Country",
	.area = AREA_CUSTOMERS,
	.plural = "countries",
	.table = "country",
	FIELDS(country_fields),
	.doc = "A country.",
};

static const struct field maker_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Key." },
	{ STRING("name", "name", 100), .flags = FIELD_REQUIRED, .doc = "Name." },
	{ INT32("countryId", "country_id"), .doc = "Country." },
	{ DATE("founded", "founded"), .doc = "Day." },
	{ INT64("itemCount", NULL),
	    .expression = "(SELECT COUNT(*) FROM item i WHERE i.maker_id = {}.id)",
	    .flags = FIELD_READONLY | FIELD_ON_DEMAND | FIELD_OMIT_ABSENT, .doc = "Items." },
	{ ONE("country", &catalogue_country, "countryId", "id"),
	    .flags = FIELD_ON_DEMAND | FIELD_OMIT_ABSENT, .doc = "Country." },
	{ MANY("items", &catalogue_item, "id", "makerId"),
	    .flags = FIELD_ON_DEMAND | FIELD_OMIT_ABSENT, .doc = "Items." },
};

const struct resource catalogue_maker = {
	.name = "maker",
	.type_name = "Maker",
	.area = AREA_PRODUCTS,
	.plural = "makers",
	.table = "maker",
	.condition = "{}.deleted_at IS NULL",
	ORDER_BY(DESCENDING("name"), ASCENDING("id")),
	FIELDS(maker_fields),
	.doc = "A maker.",
};

static const struct field label_fields[] = {
	{ INT32("itemId", "item_id"), .flags = FIELD_KEY, .doc = "Item." },
	{ STRING("text", "text", 50), .flags = FIELD_KEY, .doc = "Text." },
};

const struct resource catalogue_label = {
	.name = "label",
	.type_name = "Label",
	.area = AREA_PRODUCTS,
	.plural = "labels",
	.table = "label",
	.counted = true,
	FIELDS(label_fields),
	.doc = "A label.",
};

static const struct field size_fields[] = {
	{ INT32("width", "width"), .doc = "Width." },
	{ INT32("height", "height"), .doc = "Height." },
};

static const struct resource size = { .name = "size",
	.type_name = "Size",
	.area = AREA_PRODUCTS,
	FIELDS(size_fields),
	.doc = "A size." };

static const struct field item_fields[] = {
	{ INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "Key." },
	{ STRING("code", "code", 20), .flags = FIELD_REQUIRED, .doc = "Exact text." },
	{ STRING("name", "name", 100), .doc = "Text that ignores case." },
	{ DECIMAL("price", "price"), .doc = "Decimal." },
	{ DOUBLE("weight", "weight"), .doc = "Double." },
	{ BOOLEAN("active", "active"), .flags = FIELD_NOT_NULL, .doc = "Boolean." },
	{ INT32("stock", "stock"), .doc = "Int32." },
	{ INT64("big", "big"), .doc = "Int64." },
	{ UUID("serial", "serial"), .doc = "GUID." },
	{ DATETIME("made", "made"), .doc = "Moment." },
	{ DATE("day", "day"), .doc = "Day." },
	{ ENUM("kind", "kind", &kinds), .doc = "Enumeration." },
	{ CODE("level", "level", &levels), .doc = "Word." },
	{ INT32("makerId", "maker_id"), .doc = "Maker." },
	{ OBJECT("size", &size), .doc = "Part." },
	{ STRING_LIST("tags", "tags", 10), .doc = "List." },
	{ MAP("extra", "extra"), .doc = "Map." },
	{ STRING("password", "password", 50), .flags = FIELD_WRITEONLY | FIELD_OMIT_ABSENT,
	    .doc = "Never shown." },
	{ STRING("token", "token", 50), .flags = FIELD_SECRET, .doc = "Secret." },
	{ STRING("inner", "inner_text", 50), .flags = FIELD_HIDDEN, .doc = "Hidden." },
	{ ONE("maker", &catalogue_maker, "makerId", "id"),
	    .flags = FIELD_ON_DEMAND | FIELD_OMIT_ABSENT, .doc = "Maker." },
	{ MANY("labels", &catalogue_label, "id", "itemId"),
	    .flags = FIELD_ON_DEMAND | FIELD_OMIT_ABSENT, .doc = "Labels." },
};

static const struct cascade item_cascades[] = { { &catalogue_label, "itemId" } };

const struct resource catalogue_item = {
	.name = "item",
	.type_name = "Item",
	.area = AREA_PRODUCTS,
	.plural = "items",
	.table = "item",
	.counted = true,
	FIELDS(item_fields),
	CASCADES(item_cascades),
	.doc = "An item.",
};

const struct sight catalogue_sight = { .areas =
					   AREA_BIT(AREA_PRODUCTS) | AREA_BIT(AREA_CUSTOMERS) };

static const struct resource *const resources[] = { &catalogue_item, &catalogue_maker,
	&catalogue_country, &catalogue_label };

/* {"rows":[…],"total":n,"nextCursor":"…"} */
static const char *begin_answer(struct writer *writer, const struct answer *answer)
{
	(void)answer;
	writer_object_begin(writer, "List");
	return "rows";
}

static void end_answer(struct writer *writer, const struct answer *answer)
{
	if (answer->list != NULL && answer->list->has_total)
		writer_integer(writer, answer->list->total_name, answer->list->total);
	else if (answer->list != NULL)
		writer_null(writer, answer->list->total_name);
	if (answer->list != NULL && answer->list->next_cursor != NULL)
		writer_text(writer, "nextCursor", str_from(answer->list->next_cursor));
	writer_object_end(writer);
}

const struct contract catalogue_contract = {
	.family = {
		.name = "catalogue",
		.title = "Catalogue",
		.prefix = "/catalogue",
		.doc = "For tests.",
		.json_time = TIMESTAMP_UTC,
		.xml_time = TIMESTAMP_UTC,
		.strict_parameters = true,
		.insert_status = 201,
		.delete_status = 204,
		.error = { .xml_root = "Error", .message = "message", .faults = "errors" },
		.resources = resources,
		.resource_count = COUNT_OF(resources),
	},
	.begin_answer = begin_answer,
	.end_answer = end_answer,
};

const struct resource *catalogue_find(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(resources); i++) {
		if (str_equal(name, str_from(resources[i]->name)))
			return resources[i];
	}
	return NULL;
}

#define EXACT "ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;"
#define FOLDED "COLLATE utf8mb4_uca1400_as_ci"

const char catalogue_tables[] =
    "DROP TABLE IF EXISTS label, item, maker, country, row_count;"
    "CREATE TABLE country (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(2) NOT NULL, "
    "name VARCHAR(100)) " EXACT
    "CREATE TABLE maker (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) " FOLDED
    " NOT NULL, country_id INT NULL, founded DATE NULL, deleted_at DATETIME(6) NULL, "
    "CONSTRAINT maker_country FOREIGN KEY (country_id) REFERENCES country (id)) " EXACT
    "CREATE TABLE item (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) NOT NULL, "
    "name VARCHAR(100) " FOLDED " NULL, price DECIMAL(19,4) NULL, weight DOUBLE NULL, "
    "active BOOLEAN NOT NULL DEFAULT TRUE, stock INT NULL, big BIGINT NULL, serial UUID NULL, "
    "made DATETIME(6) NULL, day DATE NULL, kind TINYINT NULL, level VARCHAR(20) NULL, "
    "maker_id INT NULL, width INT NULL, height INT NULL, tags LONGTEXT NULL, "
    "extra LONGTEXT NULL, password VARCHAR(50) NULL, token VARCHAR(50) NULL, "
    "inner_text VARCHAR(50) NULL, KEY item_name (name), KEY item_stock (stock), "
    "CONSTRAINT item_maker FOREIGN KEY (maker_id) REFERENCES maker (id)) " EXACT
    "CREATE TABLE label (item_id INT NOT NULL, text VARCHAR(50) NOT NULL, "
    "PRIMARY KEY (item_id, text), CONSTRAINT label_item FOREIGN KEY (item_id) REFERENCES "
    "item (id) ON DELETE CASCADE) " EXACT
    "CREATE TABLE row_count (table_name VARCHAR(64) NOT NULL, shard TINYINT NOT NULL, "
    "count BIGINT NOT NULL, PRIMARY KEY (table_name, shard)) " EXACT
    "INSERT INTO row_count VALUES ('item', -1, 0), ('label', -1, 0);"
    /* What a connection looks for to know that it may be used. */
    "CREATE TABLE IF NOT EXISTS revocation (id TINYINT PRIMARY KEY, counter BIGINT NOT NULL)";
