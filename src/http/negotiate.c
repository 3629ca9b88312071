#include "http/negotiate.h"

/* A type that can be written, and perhaps read. */
struct offer {
	struct media media;
	enum body_media body;
};

/* In the order of their formatters. */
static const struct offer offers[] = {
	{ { MEDIA_JSON, "application/json" }, BODY_MEDIA_JSON },
	{ { MEDIA_JSON, "text/json" }, BODY_MEDIA_JSON },
	{ { MEDIA_XML, "application/xml" }, BODY_MEDIA_XML },
	{ { MEDIA_XML, "text/xml" }, BODY_MEDIA_XML },
	{ { MEDIA_CSV_KEPT, "text/csv" }, BODY_MEDIA_UNKNOWN },
	{ { MEDIA_CSV, "text/csv" }, BODY_MEDIA_UNKNOWN },
	{ { MEDIA_JSON_LINES, "application/x-ndjson" }, BODY_MEDIA_UNKNOWN },
	{ { MEDIA_JSON_LINES, "application/ndjson" }, BODY_MEDIA_UNKNOWN },
	{ { MEDIA_JSON_LINES, "application/jsonl" }, BODY_MEDIA_UNKNOWN },
};
#define OFFER_COUNT (sizeof(offers) / sizeof(offers[0]))

/* How well an entry of Accept names a type: of those that name it, the best one counts. */
enum rank { RANK_NONE, RANK_ANY, RANK_SUBTYPE_ANY, RANK_LITERAL, RANK_CHARSET };

/* What Accept says of one type. */
struct match {
	const struct media *offer;
	enum rank rank;
	int weight;        /* thousandths; 0 = not wanted */
	bool formulas;     /* as they are: "formulas=kept" */
	unsigned position; /* of the entry */
};

struct str negotiate_media_type(struct str header)
{
	return str_trim(str_slice(header, 0, str_find(header, ';')));
}

/* As str_next(), but what stands in double quotes holds no separator. */
static bool next_part(struct str *rest, char separator, struct str *part)
{
	bool quoted = false;
	size_t end = 0;

	if (rest->data == NULL)
		return false;
	for (; end < rest->length && (quoted || rest->data[end] != separator); end++) {
		if (rest->data[end] == '"')
			quoted = !quoted;
		else if (quoted && rest->data[end] == '\\')
			end++;
	}
	*part = str_slice(*rest, 0, end);
	*rest =
	    end < rest->length ? str_slice(*rest, end + 1, rest->length) : (struct str){ NULL, 0 };
	return true;
}

/* "0.5" in thousandths; what is behind them is cut. -1 when it is no weight. */
static int read_weight(struct str text)
{
	size_t point = str_find(text, '.');
	int weight = 0, unit = 1000;

	if (text.length == 0 || point > 1 || (point == 0 && text.length == 1))
		return -1;
	for (size_t i = 0; i < text.length; i++) {
		if (i == point)
			unit = 100;
		else if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		else if (i < point)
			weight = (text.data[i] - '0') * unit;
		else
			weight += (text.data[i] - '0') * unit, unit /= 10;
	}
	return weight <= 1000 ? weight : -1;
}

/* Values may stand in quotes, but for weights; what is looked for needs no escapes. */
static struct str unquote(struct str value)
{
	bool quoted =
	    value.length >= 2 && value.data[0] == '"' && value.data[value.length - 1] == '"';

	return quoted ? str_slice(value, 1, value.length - 2) : value;
}

/*
 * Sets weight and rank by the parameters; those of the type itself matter only as "charset" and
 * "formulas".
 */
static void read_parameters(struct str parameters, struct match *entry)
{
	struct str part;

	while (next_part(&parameters, ';', &part)) {
		size_t equals = str_find(part, '=');
		struct str name = str_trim(str_slice(part, 0, equals));
		struct str value = str_trim(str_slice(part, equals + 1, part.length));

		if (str_equal_ignore_case(name, STR("q")))
			entry->weight = read_weight(value);
		else if (str_equal_ignore_case(name, STR("charset")) &&
			 entry->rank == RANK_LITERAL &&
			 str_equal_ignore_case(unquote(value), STR("utf-8")))
			entry->rank = RANK_CHARSET;
		else if (str_equal_ignore_case(name, STR("formulas")))
			entry->formulas = str_equal_ignore_case(unquote(value), STR("kept"));
	}
}

static enum rank rank_of(struct str range, const char *offered)
{
	struct str offer = str_from(offered);
	size_t slash = str_find(offer, '/');

	/* A lone "*" is sent by old Java programs. */
	if (str_equal(range, STR("*/*")) || str_equal(range, STR("*")))
		return RANK_ANY;
	if (str_equal_ignore_case(range, offer))
		return RANK_LITERAL;
	if (range.length == slash + 2 && range.data[slash + 1] == '*' &&
	    str_starts_with_ignore_case(range, str_slice(offer, 0, slash + 1)))
		return RANK_SUBTYPE_ANY;
	return RANK_NONE;
}

/*
 * The most specific range that names the type tells its weight (RFC 9110, section 12.5.1); of equal
 * ranges the highest weight counts, then the earlier one. Entries that cannot be read are as if
 * they were not there.
 */
static struct match match_offer(struct str accept, const struct media *offer)
{
	bool formulas = writer_format(offer->format)->keeps_formulas;
	struct match best = { .offer = offer };
	struct str part;

	for (unsigned i = 0; next_part(&accept, ',', &part); i++) {
		struct match entry = { .offer = offer,
			.rank = rank_of(negotiate_media_type(part), offer->type),
			.weight = 1000,
			.position = i };

		read_parameters(str_slice(part, str_find(part, ';') + 1, part.length), &entry);
		/* They are kept for nobody who has not said so. */
		if (formulas && !entry.formulas)
			continue;
		if (entry.weight >= 0 && (entry.rank > best.rank ||
					     (entry.rank == best.rank && entry.rank != RANK_NONE &&
						 entry.weight > best.weight)))
			best = entry;
	}
	return best;
}

/* Of equal weights the type that is named better wins, and within a format the one named first. */
static bool is_better(const struct match *a, const struct match *b)
{
	enum rank rank_a = a->rank < RANK_LITERAL ? a->rank : RANK_LITERAL;
	enum rank rank_b = b->rank < RANK_LITERAL ? b->rank : RANK_LITERAL;

	if (a->weight != b->weight)
		return a->weight > b->weight;
	if (rank_a != rank_b)
		return rank_a > rank_b;
	return b->offer != NULL && a->offer->format == b->offer->format &&
	       a->position < b->position;
}

/* Of the types that are read. */
static const struct offer *by_content_type(struct str content_type)
{
	struct str sent = negotiate_media_type(content_type);

	for (unsigned i = 0; i < OFFER_COUNT; i++) {
		if (offers[i].body != BODY_MEDIA_UNKNOWN &&
		    str_equal_ignore_case(sent, str_from(offers[i].media.type)))
			return &offers[i];
	}
	return NULL;
}

struct media negotiate_answer(
    struct str accept, struct str requested_with, struct str content_type, bool list)
{
	struct match best = { .offer = NULL };
	struct str only = negotiate_media_type(accept);
	const struct offer *sent = by_content_type(content_type);

	if (str_contains_ignore_case(requested_with, STR("XMLHttpRequest")) &&
	    (only.length == 0 || str_equal(str_trim(accept), STR("*/*"))))
		return offers[0].media;
	for (unsigned i = 0; i < OFFER_COUNT; i++) {
		bool rows_only = writer_format(offers[i].media.format)->rows_only;
		struct match match = match_offer(accept, &offers[i].media);

		/* Formats of rows alone are for who names them. */
		if (rows_only && (!list || match.rank < RANK_LITERAL))
			continue;
		/* Whoever takes anything gets the usual one of a format's types. */
		if (match.rank == RANK_ANY && i > 0 &&
		    offers[i - 1].media.format == offers[i].media.format)
			continue;
		if (match.weight > 0 && is_better(&match, &best))
			best = match;
		if (sent == &offers[i] && match.rank != RANK_NONE && match.weight == 0)
			sent = NULL;
	}
	if (best.offer != NULL)
		return *best.offer;
	return sent != NULL ? sent->media : offers[0].media;
}

enum body_media negotiate_body(struct str content_type)
{
	struct str type = negotiate_media_type(content_type);
	const struct offer *known = by_content_type(content_type);
	bool application = str_starts_with_ignore_case(type, STR("application/"));

	if (known != NULL)
		return known->body;
	if (str_equal_ignore_case(type, STR("application/x-www-form-urlencoded")))
		return BODY_MEDIA_FORM;
	if (application && type.length > 5 &&
	    str_equal_ignore_case(str_slice(type, type.length - 5, 5), STR("+json")))
		return BODY_MEDIA_JSON;
	if (application && type.length > 4 &&
	    str_equal_ignore_case(str_slice(type, type.length - 4, 4), STR("+xml")))
		return BODY_MEDIA_XML;
	return BODY_MEDIA_UNKNOWN;
}

/* What Accept-Language says of one language: the highest weight of the ranges that lead to it. */
struct language_match {
	int weight;        /* thousandths; -1 = it is not named */
	unsigned position; /* of that range */
	bool refused;      /* it is named itself, with weight 0 */
};

static int range_weight(struct str range)
{
	struct match entry = { .weight = 1000 };

	read_parameters(str_slice(range, str_find(range, ';') + 1, range.length), &entry);
	return entry.weight;
}

static struct language_match match_language(struct str accept_language, struct str tag)
{
	struct language_match best = { .weight = -1 };
	struct str rest = accept_language, range;

	for (unsigned i = 0; next_part(&rest, ',', &range); i++) {
		struct str name = negotiate_media_type(range);
		struct str first = str_slice(name, 0, str_find(name, '-'));
		int weight = range_weight(range);

		if (!str_equal_ignore_case(first, tag))
			continue;
		if (weight == 0 && first.length == name.length)
			best.refused = true;
		if (weight > best.weight)
			best = (struct language_match){ weight, i, best.refused };
	}
	if (best.refused)
		best.weight = 0;
	return best;
}

enum language negotiate_language(struct str accept_language)
{
	const struct language_match any = match_language(accept_language, STR("*"));
	struct language_match best = { .weight = 0 };
	enum language chosen = LANGUAGE_ENGLISH;

	for (unsigned i = 0; i < LANGUAGE__MAX; i++) {
		struct language_match match =
		    match_language(accept_language, str_from(language_tag((enum language)i)));

		if (match.weight < 0)
			match = any;
		if (match.weight > best.weight ||
		    (match.weight == best.weight && match.weight > 0 &&
			match.position < best.position)) {
			best = match;
			chosen = (enum language)i;
		}
	}
	return chosen;
}
