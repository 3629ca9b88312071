/*
 * Licenses that can be typed: format 3.
 */
#include "base/digest.h"
#include "document/format.h"

#define VERSION 1
#define DAY (INT64_C(86400) * MICROSECONDS_PER_SECOND)
#define FIRST_DAY INT64_C(946684800000000) /* 2000-01-01T00:00:00Z */
#define NUMBER_MOST 65535                  /* of days and sites: two bytes */
#define GROUP 5                            /* digits, without the check digit */
#define FIELD_SIZE 32                      /* elements of the field that check digits are of */
#define POLYNOMIAL 0x25                    /* x^5 + x^2 + 1 */

static const struct value *value_of(const struct row *license, const char *member)
{
	unsigned number = resource_member(license->resource, member);

	return row_filled(license, number) ? &license->values[number] : NULL;
}

static void append_number(struct buf *out, int64_t number)
{
	buf_append_char(out, (char)(number >> 8 & 0xff));
	buf_append_char(out, (char)(number & 0xff));
}

/* The first bytes of a text's digest; zeroes where there is none. */
static void append_digest(struct buf *out, const struct value *text, size_t length)
{
	uint8_t digest[DIGEST_LENGTH] = { 0 };

	if (text != NULL && text->text.length > 0)
		digest_text(text->text, digest);
	buf_append(out, (const char *)digest, length);
}

static const struct value *product_id(const struct row *license)
{
	const struct value *product = value_of(license, "product");

	return product != NULL ? value_of(product->row, "id") : NULL;
}

static int find_day(const struct row *license, int64_t *day, struct error *error)
{
	const struct value *end = value_of(license, "expireDate");

	*day = 0;
	if (end == NULL)
		return 0;
	if (end->integer >= FIRST_DAY)
		*day = (end->integer - FIRST_DAY) / DAY;
	return *day > 0 && *day <= NUMBER_MOST
		   ? 0
		   : error_add_fault(error, "expireDate",
			 "The expireDate field of a serial must be from 2000-01-02 to 2179-06-06.");
}

static int find_sites(const struct row *license, int64_t *sites, struct error *error)
{
	const struct value *most = value_of(license, "maxAllowedSites");

	*sites = most != NULL ? most->integer : 0;
	return *sites <= NUMBER_MOST
		   ? 0
		   : error_add_fault(error, "maxAllowedSites",
			 "The maxAllowedSites field of a serial must be at most %d.", NUMBER_MOST);
}

static int append_payload(const struct row *license, struct buf *out, struct error *error)
{
	const struct value *mode = value_of(license, "licensingMode");
	int64_t day, sites;
	int result = find_day(license, &day, error);

	if (find_sites(license, &sites, error) != 0 || result != 0)
		return -1;
	buf_append_char(out, VERSION);
	buf_append_char(out, (char)(mode != NULL ? mode->integer & 3 : 0));
	append_digest(out, product_id(license), 4);
	append_digest(out, value_of(license, "licenseType"), 2);
	append_number(out, day);
	append_number(out, sites);
	buf_append_str(out, value_of(license, "licenseId")->text);
	return 0;
}

/* Twice an element of the field. */
static unsigned twice(unsigned element)
{
	element <<= 1;
	return (element & FIELD_SIZE) ? element ^ POLYNOMIAL : element;
}

/* Five bits of them, as far as there are any. */
static unsigned digit_at(const struct buf *bytes, size_t number)
{
	unsigned digit = 0;

	for (size_t bit = 5 * number; bit < 5 * number + 5; bit++) {
		unsigned byte = bit / 8 < bytes->length ? (unsigned char)bytes->data[bit / 8] : 0;

		digit = digit << 1 | (byte >> (7 - bit % 8) & 1);
	}
	return digit;
}

static void append_digits(struct buf *out, const struct buf *bytes)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	size_t groups = (bytes->length * 8 + 5 * GROUP - 1) / (5 * GROUP);

	for (size_t group = 0; group < groups; group++) {
		unsigned check = 0;

		if (group > 0)
			buf_append_char(out, '-');
		for (size_t i = 0; i < GROUP; i++) {
			unsigned digit = digit_at(bytes, group * GROUP + i);

			buf_append_char(out, digits[digit]);
			check = twice(check ^ digit);
		}
		buf_append_char(out, digits[check ^ group % FIELD_SIZE]);
	}
}

int document_make_serial(const struct document *document, struct buf *out, struct error *error)
{
	struct buf bytes = { 0 }, text = { 0 };
	bool good = false;
	int result = append_payload(document->license, &bytes, error);

	if (result == 0) {
		buf_append_text(&text, "serial/");
		buf_append_str(&text, buf_str(&bytes));
		good = !text.failed &&
		       signing_key_sign(document->key, SIGNATURE_PLAIN, buf_str(&text), &bytes);
		append_digits(out, &bytes);
	}
	buf_free(&bytes);
	buf_free(&text);
	if (result != 0)
		return -1;
	return good && !out->failed ? 0 : document_fail(error);
}
