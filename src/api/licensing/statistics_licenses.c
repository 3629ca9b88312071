/*
 * Numbers of licenses by product, type, mode, state and end.
 *
 * SQL of its own: counts in groups are no rows of a resource. Each group is counted in an index
 * alone, and in large tables the numbers are kept for a while.
 */
#include "api/licensing/statistics.h"

#include "api/licensing/irregular.h"
#include "api/licensing/kept.h"
#include "api/licensing/licensing.h"
#include "record/rows.h"

/* Of a day's chart nobody sees minutes, and in large tables counting takes seconds. */
#define AGE_GOOD (5 * 60 * MICROSECONDS_PER_SECOND)
#define AGE_MOST (15 * 60 * MICROSECONDS_PER_SECOND)

#define GROUPS_MOST 20
#define GROUPS "20"

enum { PRODUCT_ID, PRODUCT_NAME, PRODUCT_LICENSES };

static const struct field product_fields[] = {
	[PRODUCT_ID] = { INT32("productId", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Product of their template; null where there is none." },
	[PRODUCT_NAME] = { STRING("name", NULL, 255), .flags = FIELD_NOT_STORED,
	    .doc = "Its name; null where the caller may not read products." },
	[PRODUCT_LICENSES] = STATISTICS_COUNT("licenses", "Number of licenses."),
	HIDDEN_LINK,
};

static const struct resource product_resource = {
	.name = "product",
	.type_name = "StatisticsProduct",
	.area = AREA_LICENSES,
	FIELDS(product_fields),
	.doc = "Licenses of one product.",
};

enum { GROUP_NAME, GROUP_LICENSES };

static const struct field type_fields[] = {
	[GROUP_NAME] = { STRING("licenseType", NULL, 255), .flags = FIELD_NOT_STORED,
	    .doc = "Their type; null where there is none.", .example = "\"Trial\"" },
	[GROUP_LICENSES] = STATISTICS_COUNT("licenses", "Number of licenses."),
	HIDDEN_LINK,
};

static const struct resource type_resource = {
	.name = "type",
	.type_name = "StatisticsType",
	.area = AREA_LICENSES,
	FIELDS(type_fields),
	.doc = "Licenses of one type.",
};

static const struct field mode_fields[] = {
	[GROUP_NAME] = { INT32("licensingMode", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "0 file, 1 activation, 2 floating." },
	[GROUP_LICENSES] = STATISTICS_COUNT("licenses", "Number of licenses."),
	HIDDEN_LINK,
};

static const struct resource mode_resource = {
	.name = "mode",
	.type_name = "StatisticsMode",
	.area = AREA_LICENSES,
	FIELDS(mode_fields),
	.doc = "Licenses of one mode.",
};

static const struct field state_fields[] = {
	[GROUP_NAME] = { STRING("state", NULL, 16), .flags = FIELD_NOT_STORED,
	    .doc = "active, suspended or revoked.", .example = "\"active\"" },
	[GROUP_LICENSES] = STATISTICS_COUNT("licenses", "Number of licenses."),
	HIDDEN_LINK,
};

static const struct resource state_resource = {
	.name = "state",
	.type_name = "StatisticsState",
	.area = AREA_LICENSES,
	FIELDS(state_fields),
	.doc = "Licenses of one state.",
};

enum {
	LICENSES_TOTAL,
	LICENSES_PRODUCTS,
	LICENSES_TYPES,
	LICENSES_MODES,
	LICENSES_STATES,
	LICENSES_EXPIRED,
	LICENSES_WITHIN_7,
	LICENSES_WITHIN_30,
	LICENSES_WITHIN_90,
	LICENSES_ACTIVATION_ALLOWED,
	LICENSES_FLOATING_ALLOWED,
	LICENSES_ACTIVATION_UNLIMITED,
	LICENSES_FLOATING_UNLIMITED,
};

#define WITHIN(days)      \
	STATISTICS_COUNT( \
	    "expiringWithin" days "Days", "Active licenses that expire within " days " days.")

static const struct field licenses_fields[] = {
	[LICENSES_TOTAL] = STATISTICS_COUNT("total", "All licenses."),
	[LICENSES_PRODUCTS] = { MANY("products", &product_resource, "link", "link"),
	    .doc = "The " GROUPS " products with most licenses." },
	[LICENSES_TYPES] = { MANY("types", &type_resource, "link", "link"),
	    .doc = "The " GROUPS " types with most licenses." },
	[LICENSES_MODES] = { MANY("modes", &mode_resource, "link", "link"),
	    .doc = "All modes that licenses have." },
	[LICENSES_STATES] = { MANY("states", &state_resource, "link", "link"),
	    .doc = "All states that licenses have." },
	[LICENSES_EXPIRED] = STATISTICS_COUNT("expired", "Active licenses that have expired."),
	[LICENSES_WITHIN_7] = WITHIN("7"),
	[LICENSES_WITHIN_30] = WITHIN("30"),
	[LICENSES_WITHIN_90] = WITHIN("90"),
	[LICENSES_ACTIVATION_ALLOWED] = STATISTICS_COUNT("activationSeatsAllowed",
	    "Seats that activation licenses allow which are not revoked, those without a limit "
	    "left out."),
	[LICENSES_FLOATING_ALLOWED] =
	    STATISTICS_COUNT("floatingSeatsAllowed", "The same of floating licenses."),
	[LICENSES_ACTIVATION_UNLIMITED] = STATISTICS_COUNT("activationUnlimited",
	    "Activation licenses without a limit of seats that are not revoked."),
	[LICENSES_FLOATING_UNLIMITED] =
	    STATISTICS_COUNT("floatingUnlimited", "The same of floating licenses."),
	HIDDEN_LINK,
};

const struct resource statistics_licenses_resource = {
	.name = "licenses",
	.type_name = "StatisticsLicenses",
	.area = AREA_LICENSES,
	FIELDS(licenses_fields),
	.doc = "Numbers of licenses; in large installations they may be some minutes old.",
};

/* --- counting --- */

/* Groups as they are kept: kind, word, licenses, seats and licenses without a limit of seats. */
enum { FIGURE_KIND, FIGURE_WORD, FIGURE_LICENSES, FIGURE_SEATS, FIGURE_UNLIMITED, FIGURE__MAX };

static const enum bind_kind figure_columns[FIGURE__MAX] = { BIND_TEXT, BIND_TEXT, BIND_INTEGER,
	BIND_INTEGER, BIND_INTEGER };

#define SUM(of) "CAST(SUM(" of ") AS SIGNED)"
#define LARGEST " ORDER BY number DESC, word LIMIT " GROUPS ")"
#define UNTIL(days) "expire_date <= UTC_TIMESTAMP(6) + INTERVAL " days " DAY THEN '" days "' "

static const char
    count_sql
	[] =
	    "SELECT kind, word, number, seats, unlimited FROM ("
	    "(SELECT 'product' AS kind, IFNULL(p.product_id, 0) AS word, " SUM(
		"c.number") " AS number, "
			    "0 AS seats, 0 AS unlimited FROM (SELECT template_id, COUNT(*) AS "
			    "number FROM "
			    "license GROUP BY "
			    "template_id) c LEFT JOIN license_template p ON p.id = c.template_id "
			    "GROUP BY "
			    "word" LARGEST
			    " UNION ALL (SELECT 'type', IFNULL(c.license_type, '') AS word, " SUM(
				"c.number") " AS number, "
					    "0, 0 FROM (SELECT license_type, COUNT(*) AS number "
					    "FROM "
					    "license GROUP BY license_type) c "
					    "GROUP BY word" LARGEST " UNION ALL SELECT 'mode', "
					    "licensing_mode, COUNT(*), " SUM(
						"IF("
						"revok"
						"ed, "
						"0, "
						"max_"
						"allow"
						"ed_"
						"sites"
						")") ", " SUM("NOT revoked AND max_allowed_sites "
							      "= 0") " FROM license GROUP BY "
								     "licensing_mode"
								     " UNION ALL SELECT "
								     "IF(revoked, 'revoked', "
								     "IF(suspended, 'suspended', "
								     "'active')) AS state, "
								     "CASE WHEN expire_date <= "
								     "UTC_TIMESTAMP(6) THEN "
								     "'expired' WHEN " UNTIL("7") "WHEN " UNTIL(
									 "30") "WHEN " UNTIL("90") "ELSE 'later' END AS term, COUNT(*), 0, 0 FROM license GROUP BY state, "
												   "term) s";

static int count_figures(struct context *context, void *data, struct error *error)
{
	struct result *figures = data;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, count_sql);
	for (unsigned i = 0; i < FIGURE__MAX; i++)
		sql_result(&sql, figure_columns[i]);
	return sql_run_select(&sql, context->database, figures, error);
}

static int take_figures(
    struct context *context, const struct bind *columns, void *data, struct error *error)
{
	(void)columns;
	return database_select(context->database, context->arena,
	    "SELECT kind, word, licenses, seats, unlimited FROM license_figure ORDER BY licenses "
	    "DESC, word",
	    NULL, 0, figure_columns, FIGURE__MAX, data, error);
}

static int insert_figures(
    struct context *context, const struct result *figures, struct error *error)
{
	struct outcome outcome;
	struct sql sql;

	if (figures->count == 0)
		return 0;
	sql_init(&sql, context->arena);
	sql_append(
	    &sql, "INSERT INTO license_figure (kind, word, licenses, seats, unlimited) VALUES ");
	for (unsigned i = 0; i < figures->count; i++) {
		sql_append(&sql, i == 0 ? "(?, ?, ?, ?, ?)" : ", (?, ?, ?, ?, ?)");
		for (unsigned j = 0; j < FIGURE__MAX; j++)
			sql_bind(&sql, figures->rows[i][j]);
	}
	return sql_run_change(&sql, context->database, &outcome, error);
}

static int keep_figures(struct context *context, const void *data, int64_t now, struct error *error)
{
	const struct bind moment = BIND_MOMENT(now);
	struct outcome outcome;

	if (database_execute(context->database,
		"UPDATE license_tally SET counted_at = ? WHERE id = 2", &moment, 1, &outcome,
		error) != 0 ||
	    database_execute(
		context->database, "DELETE FROM license_figure", NULL, 0, &outcome, error) != 0)
		return -1;
	return insert_figures(context, data, error);
}

static const struct kept_kind kept_figures = {
	.number = 2,
	.age_good = AGE_GOOD,
	.age_most = AGE_MOST,
	.count = count_figures,
	.take = take_figures,
	.keep = keep_figures,
};

/* --- answering --- */

struct lists {
	struct row_list products, types, modes, states;
};

static void add_count(struct row *part, unsigned member, int64_t count)
{
	row_set_integer(part, member, part->values[member].integer + count);
}

static int64_t number_of(const struct bind *figure)
{
	int64_t number;

	return str_to_int64(figure[FIGURE_WORD].text, &number) ? number : 0;
}

static int add_product(
    struct context *context, struct lists *lists, const struct bind *figure, struct error *error)
{
	struct row *row = statistics_add(context->arena, &lists->products, &product_resource);
	int64_t id = number_of(figure);

	if (row == NULL)
		return error_out_of_memory(error);
	if (id != 0)
		row_set_integer(row, PRODUCT_ID, id);
	row_set_integer(row, PRODUCT_LICENSES, figure[FIGURE_LICENSES].integer);
	return 0;
}

static int add_type(
    struct context *context, struct lists *lists, const struct bind *figure, struct error *error)
{
	struct row *row = statistics_add(context->arena, &lists->types, &type_resource);

	if (row == NULL)
		return error_out_of_memory(error);
	if (figure[FIGURE_WORD].text.length > 0)
		row_set_text(row, GROUP_NAME, figure[FIGURE_WORD].text);
	row_set_integer(row, GROUP_LICENSES, figure[FIGURE_LICENSES].integer);
	return 0;
}

static int add_mode(struct context *context, struct lists *lists, struct row *part,
    const struct bind *figure, struct error *error)
{
	enum { MODE_ACTIVATION = 1, MODE_FLOATING };
	struct row *row = statistics_add(context->arena, &lists->modes, &mode_resource);
	int64_t mode = number_of(figure);

	if (row == NULL)
		return error_out_of_memory(error);
	row_set_integer(row, GROUP_NAME, mode);
	row_set_integer(row, GROUP_LICENSES, figure[FIGURE_LICENSES].integer);
	add_count(part, LICENSES_TOTAL, figure[FIGURE_LICENSES].integer);
	if (mode == MODE_ACTIVATION) {
		add_count(part, LICENSES_ACTIVATION_ALLOWED, figure[FIGURE_SEATS].integer);
		add_count(part, LICENSES_ACTIVATION_UNLIMITED, figure[FIGURE_UNLIMITED].integer);
	} else if (mode == MODE_FLOATING) {
		add_count(part, LICENSES_FLOATING_ALLOWED, figure[FIGURE_SEATS].integer);
		add_count(part, LICENSES_FLOATING_UNLIMITED, figure[FIGURE_UNLIMITED].integer);
	}
	return 0;
}

/* Each term holds those of the shorter ones. */
static void add_term(struct row *part, const struct bind *figure)
{
	static const struct {
		const char *term;
		unsigned member;
	} terms[] = { { "7", LICENSES_WITHIN_7 }, { "30", LICENSES_WITHIN_30 },
		{ "90", LICENSES_WITHIN_90 } };
	int64_t count = figure[FIGURE_LICENSES].integer;
	bool within = false;

	if (str_equal(figure[FIGURE_WORD].text, STR("expired")))
		add_count(part, LICENSES_EXPIRED, count);
	for (size_t i = 0; i < COUNT_OF(terms); i++) {
		within = within || str_equal(figure[FIGURE_WORD].text, str_from(terms[i].term));
		if (within)
			add_count(part, terms[i].member, count);
	}
}

static int add_state(struct context *context, struct lists *lists, struct row *part,
    const struct bind *figure, struct error *error)
{
	struct str state = figure[FIGURE_KIND].text;
	struct row *row = NULL;

	for (unsigned i = 0; i < lists->states.count && row == NULL; i++) {
		if (str_equal(lists->states.rows[i]->values[GROUP_NAME].text, state))
			row = lists->states.rows[i];
	}
	if (row == NULL)
		row = statistics_add(context->arena, &lists->states, &state_resource);
	if (row == NULL)
		return error_out_of_memory(error);
	row_set_text(row, GROUP_NAME, state);
	add_count(row, GROUP_LICENSES, figure[FIGURE_LICENSES].integer);
	if (str_equal(state, STR("active")))
		add_term(part, figure);
	return 0;
}

static int add_figure(struct context *context, struct lists *lists, struct row *part,
    const struct bind *figure, struct error *error)
{
	struct str kind = figure[FIGURE_KIND].text;

	if (str_equal(kind, STR("product")))
		return add_product(context, lists, figure, error);
	if (str_equal(kind, STR("type")))
		return add_type(context, lists, figure, error);
	if (str_equal(kind, STR("mode")))
		return add_mode(context, lists, part, figure, error);
	return add_state(context, lists, part, figure, error);
}

static int name_products(struct context *context, struct row_list *products, struct error *error)
{
	const struct resource *resource = &licensing_product_resource;
	const unsigned key = resource_key(resource), name = resource_member(resource, "name");
	struct value ids[GROUPS_MOST];
	struct row_list rows;
	unsigned count = 0;

	for (unsigned i = 0; i < products->count; i++) {
		if (row_filled(products->rows[i], PRODUCT_ID))
			ids[count++] = products->rows[i]->values[PRODUCT_ID];
	}
	if (sight_may_see(&context->sight, resource) != SIGHT_ALL)
		return 0;
	if (record_fetch_among(context, resource, key, ids, count, FIELD_BIT(key) | FIELD_BIT(name),
		&rows, error) != 0)
		return -1;
	for (unsigned i = 0; i < rows.count; i++) {
		for (unsigned j = 0; j < products->count; j++) {
			struct row *product = products->rows[j];

			if (row_filled(product, PRODUCT_ID) &&
			    product->values[PRODUCT_ID].integer ==
				rows.rows[i]->values[key].integer)
				row_set_value(product, PRODUCT_NAME, &rows.rows[i]->values[name]);
		}
	}
	return 0;
}

int statistics_licenses(struct operation *operation, const struct statistics_range *range,
    struct row *part, struct error *error)
{
	struct context *context = &operation->context;
	struct arena *arena = context->arena;
	struct result figures;
	struct lists lists;

	(void)range;
	if (kept_fill(context, &kept_figures, &figures, error) != 0)
		return -1;
	if (!statistics_rows(arena, &lists.products, figures.count) ||
	    !statistics_rows(arena, &lists.types, figures.count) ||
	    !statistics_rows(arena, &lists.modes, figures.count) ||
	    !statistics_rows(arena, &lists.states, figures.count))
		return error_out_of_memory(error);
	row_set_integer(part, LICENSES_TOTAL, 0);
	for (unsigned i = LICENSES_EXPIRED; i <= LICENSES_FLOATING_UNLIMITED; i++)
		row_set_integer(part, i, 0);
	for (unsigned i = 0; i < figures.count; i++) {
		if (add_figure(context, &lists, part, figures.rows[i], error) != 0)
			return -1;
	}
	if (name_products(context, &lists.products, error) != 0)
		return -1;
	row_set_list(part, LICENSES_PRODUCTS, lists.products);
	row_set_list(part, LICENSES_TYPES, lists.types);
	row_set_list(part, LICENSES_MODES, lists.modes);
	row_set_list(part, LICENSES_STATES, lists.states);
	return 0;
}
