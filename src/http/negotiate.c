#include "http/negotiate.h"

/* Types that can be written, in the order of their formatters. */
static const struct media offers[] = {
	{ MEDIA_JSON, "application/json" },
	{ MEDIA_JSON, "text/json" },
	{ MEDIA_XML, "application/xml" },
	{ MEDIA_XML, "text/xml" },
};
#define OFFER_COUNT (sizeof(offers) / sizeof(offers[0]))

/* How well an entry of Accept names a type: a better one beats a worse one of the same quality. */
enum rank { RANK_NONE, RANK_ANY, RANK_SUBTYPE_ANY, RANK_LITERAL };

/* The best that Accept says of one format. */
struct match {
	const struct media *offer;
	enum rank rank;
	int quality; /* thousandths */
};

struct str negotiate_media_type(struct str header)
{
	return str_trim(str_slice(header, 0, str_find(header, ';')));
}

/* "q" of an entry in thousandths; 1000 when it has none, 0 when it cannot be read. */
static int quality_of(struct str entry)
{
	struct str part;
	int quality = 0, unit = 1000;
	size_t i = 2;

	while (str_next(&entry, ';', &part)) {
		part = str_trim(part);
		if (!str_starts_with_ignore_case(part, STR("q=")))
			continue;
		for (; i < part.length && unit > 0; i++) {
			if (part.data[i] == '.')
				continue;
			if (part.data[i] < '0' || part.data[i] > '9')
				return 0;
			quality += (part.data[i] - '0') * unit;
			unit /= 10;
		}
		return quality > 1000 ? 1000 : quality;
	}
	return 1000;
}

static enum rank rank_of(struct str range, const char *offered)
{
	struct str offer = str_from(offered);
	size_t slash = str_find(offer, '/');

	if (str_equal(range, STR("*/*")))
		return RANK_ANY;
	if (str_equal_ignore_case(range, offer))
		return RANK_LITERAL;
	if (range.length == slash + 2 && range.data[slash + 1] == '*' &&
	    str_starts_with_ignore_case(range, str_slice(offer, 0, slash + 1)))
		return RANK_SUBTYPE_ANY;
	return RANK_NONE;
}

/*
 * Of one format the entry with the highest quality counts, then the one that names it best, then
 * the earlier one.
 */
static struct match match_format(struct str accept, enum media_format format)
{
	struct match best = { NULL, RANK_NONE, 0 };
	struct str entry;

	while (str_next(&accept, ',', &entry)) {
		struct str range = negotiate_media_type(entry);
		int quality = quality_of(entry);

		if (quality == 0)
			continue;
		for (unsigned i = 0; i < OFFER_COUNT; i++) {
			enum rank rank = rank_of(range, offers[i].type);

			if (offers[i].format != format || rank == RANK_NONE)
				continue;
			if (quality > best.quality || (quality == best.quality && rank > best.rank))
				best = (struct match){ &offers[i], rank, quality };
			break;
		}
	}
	return best;
}

static const struct media *by_content_type(struct str content_type)
{
	struct str sent = negotiate_media_type(content_type);

	for (unsigned i = 0; i < OFFER_COUNT; i++) {
		if (str_equal_ignore_case(sent, str_from(offers[i].type)))
			return &offers[i];
	}
	return NULL;
}

struct media negotiate_answer(struct str accept, struct str requested_with, struct str content_type)
{
	struct match json = match_format(accept, MEDIA_JSON);
	struct match xml = match_format(accept, MEDIA_XML);
	struct str only = negotiate_media_type(accept);
	const struct media *sent;

	if (str_contains_ignore_case(requested_with, STR("XMLHttpRequest")) &&
	    (only.length == 0 || str_equal(str_trim(accept), STR("*/*"))))
		return offers[0];
	if (json.offer != NULL && (xml.offer == NULL || json.quality > xml.quality ||
				      (json.quality == xml.quality && json.rank >= xml.rank)))
		return *json.offer;
	if (xml.offer != NULL)
		return *xml.offer;
	sent = by_content_type(content_type);
	return sent != NULL ? *sent : offers[0];
}

enum body_media negotiate_body(struct str content_type)
{
	struct str type = negotiate_media_type(content_type);
	const struct media *known = by_content_type(content_type);
	bool application = str_starts_with_ignore_case(type, STR("application/"));

	if (known != NULL)
		return known->format == MEDIA_JSON ? BODY_MEDIA_JSON : BODY_MEDIA_XML;
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
