#include "schema/number.h"

#include "base/buf.h"

/* More than any rounding looks at. */
#define DIGITS_MAX 40
#define EXPONENT_MAX 1000000
#define DOUBLE_DIGITS 15
#define INT64_DIGITS 19

/* 0.d1d2d3… × 10^point, without leading zeros; count 0 is zero. */
struct decimal {
	bool negative;
	bool more; /* a digit behind the last one kept is not zero */
	int count;
	int64_t point;
	char digits[DIGITS_MAX + 1];
};

static bool is_digit(struct str text, size_t place)
{
	return place < text.length && text.data[place] >= '0' && text.data[place] <= '9';
}

static bool is_sign(struct str text, size_t place)
{
	return place < text.length && (text.data[place] == '-' || text.data[place] == '+');
}

static void add_digit(struct decimal *decimal, char digit, bool fraction)
{
	if (decimal->count == 0 && digit == '0') {
		decimal->point -= fraction;
		return;
	}
	decimal->point += !fraction;
	if (decimal->count < DIGITS_MAX)
		decimal->digits[decimal->count++] = digit;
	else
		decimal->more = decimal->more || digit != '0';
}

/* The digits at *place, at least one; *place is moved behind them. */
static bool take_digits(struct str text, size_t *place, bool fraction, struct decimal *decimal)
{
	size_t start = *place;

	for (; is_digit(text, *place); ++*place)
		add_digit(decimal, text.data[*place], fraction);
	return *place > start;
}

static bool take_exponent(struct str text, size_t *place, struct decimal *decimal)
{
	bool negative = *place < text.length && text.data[*place] == '-';
	int64_t exponent = 0;
	size_t start;

	*place += is_sign(text, *place);
	for (start = *place; is_digit(text, *place); ++*place) {
		if (exponent < EXPONENT_MAX)
			exponent = exponent * 10 + (text.data[*place] - '0');
	}
	decimal->point += negative ? -exponent : exponent;
	return *place > start;
}

static bool read_decimal(struct str text, struct decimal *decimal)
{
	size_t place = is_sign(text, 0);

	*decimal = (struct decimal){ .negative = place > 0 && text.data[0] == '-' };
	if (!take_digits(text, &place, false, decimal))
		return false;
	if (place < text.length && text.data[place] == '.') {
		place++;
		if (!take_digits(text, &place, true, decimal))
			return false;
	}
	if (place < text.length && str_lower(text.data[place]) == 'e') {
		place++;
		if (!take_exponent(text, &place, decimal))
			return false;
	}
	return place == text.length;
}

bool number_is_valid(struct str text)
{
	struct decimal ignored;

	return read_decimal(text, &ignored);
}

/* Whether what is cut off behind `keep` digits is more than half, or half behind an odd digit. */
static bool rounds_up(const struct decimal *decimal, int keep)
{
	bool odd = keep > 0 && (decimal->digits[keep - 1] - '0') % 2 == 1;
	bool rest = decimal->more;

	for (int i = keep + 1; i < decimal->count; i++)
		rest = rest || decimal->digits[i] != '0';
	return decimal->digits[keep] > '5' || (decimal->digits[keep] == '5' && (rest || odd));
}

static void round_half_even(struct decimal *decimal, int places)
{
	int64_t keep = decimal->point + places;
	bool up;

	if (keep >= decimal->count)
		return;
	up = keep >= 0 && rounds_up(decimal, (int)keep);
	decimal->count = keep > 0 ? (int)keep : 0;
	decimal->more = false;
	if (!up)
		return;
	while (decimal->count > 0 && decimal->digits[decimal->count - 1] == '9')
		decimal->count--;
	if (decimal->count > 0) {
		decimal->digits[decimal->count - 1]++;
	} else {
		decimal->digits[decimal->count++] = '1';
		decimal->point++;
	}
}

static void trim_zeros(struct decimal *decimal)
{
	while (decimal->count > 0 && decimal->digits[decimal->count - 1] == '0')
		decimal->count--;
	if (decimal->count == 0)
		*decimal = (struct decimal){ .count = 0 };
}

static void append_decimal(struct buf *out, const struct decimal *decimal)
{
	if (decimal->negative)
		buf_append_char(out, '-');
	if (decimal->point <= 0)
		buf_append_char(out, '0');
	for (int i = 0; i < decimal->point; i++)
		buf_append_char(out, i < decimal->count ? decimal->digits[i] : '0');
	if (decimal->count <= decimal->point)
		return;
	buf_append_char(out, '.');
	for (int64_t i = decimal->point; i < decimal->count; i++)
		buf_append_char(out, i < 0 ? '0' : decimal->digits[i]);
}

static bool print_rounded(
    struct arena *arena, struct decimal *decimal, int places, struct str *result)
{
	struct buf out = { 0 };

	round_half_even(decimal, places);
	trim_zeros(decimal);
	if (decimal->point > NUMBER_WHOLE_DIGITS)
		return false;
	append_decimal(&out, decimal);
	*result = arena_str(arena, buf_str(&out));
	buf_free(&out);
	return result->data != NULL;
}

bool number_round(struct arena *arena, struct str text, struct str *decimal)
{
	struct decimal read;

	return read_decimal(text, &read) && print_rounded(arena, &read, NUMBER_PLACES, decimal);
}

bool number_round_literal(struct arena *arena, struct str text, struct str *decimal)
{
	struct decimal read;
	int64_t places;

	if (!read_decimal(text, &read))
		return false;
	places = DOUBLE_DIGITS - read.point;
	if (places < NUMBER_PLACES)
		places = NUMBER_PLACES;
	else if (places > NUMBER_PLACES_COMPARED)
		places = NUMBER_PLACES_COMPARED;
	return print_rounded(arena, &read, (int)places, decimal);
}

bool number_to_int64(struct str text, int64_t *number)
{
	char digits[1 + INT64_DIGITS];
	struct decimal read;
	size_t length = 0;

	if (!read_decimal(text, &read) || read.more)
		return false;
	trim_zeros(&read);
	if (read.point > INT64_DIGITS || read.count > read.point)
		return false;
	if (read.negative)
		digits[length++] = '-';
	for (int i = 0; i < read.point; i++)
		digits[length++] = i < read.count ? read.digits[i] : '0';
	if (length == 0)
		digits[length++] = '0';
	return str_to_int64((struct str){ digits, length }, number);
}
