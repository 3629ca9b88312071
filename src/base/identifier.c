#include "base/identifier.h"

#include "base/uuid.h"

#define TOKEN_UPPER "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#define HEX_UPPER "0123456789ABCDEF"

/* A place in a format, "{HEX:8}". */
struct place {
	const char *alphabet;
	int64_t count;
	size_t length; /* of its text in the format, braces included */
};

static const struct {
	struct str word;
	const char *alphabet;
} words[] = {
	{ { "HEX", 3 }, HEX_UPPER },
	{ { "hex", 3 }, RANDOM_HEX_LOWER },
	{ { "TOKEN", 5 }, TOKEN_UPPER },
	{ { "token", 5 }, RANDOM_ALPHANUMERIC_LOWER },
};

/* Reads the place that `text` begins with. */
static bool read_place(struct str text, struct place *place)
{
	size_t end = str_find(text, '}');
	struct str inside, word, count;

	if (text.length == 0 || text.data[0] != '{' || end == text.length)
		return false;
	inside = str_slice(text, 1, end - 1);
	word = str_slice(inside, 0, str_find(inside, ':'));
	count = str_slice(inside, word.length + 1, inside.length);
	place->length = end + 1;
	place->alphabet = NULL;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_equal(word, words[i].word))
			place->alphabet = words[i].alphabet;
	}
	return place->alphabet != NULL && str_to_int64(count, &place->count) && place->count >= 1 &&
	       place->count <= IDENTIFIER_MAX;
}

bool identifier_format_is_good(struct str format)
{
	struct place place;
	bool drawn = false;
	size_t length = 0;

	for (size_t i = 0; i < format.length;) {
		struct str rest = str_slice(format, i, format.length);

		if (read_place(rest, &place)) {
			length += (size_t)place.count;
			i += place.length;
			drawn = true;
			continue;
		}
		if (format.data[i] == '{' || format.data[i] == '}')
			return false;
		length++;
		i++;
	}
	return drawn && length <= IDENTIFIER_MAX;
}

void identifier_make(struct str format, struct buf *out)
{
	char drawn[IDENTIFIER_MAX + 1];
	struct place place;

	for (size_t i = 0; i < format.length;) {
		if (!read_place(str_slice(format, i, format.length), &place)) {
			buf_append_char(out, format.data[i++]);
			continue;
		}
		random_text(drawn, (size_t)place.count, place.alphabet);
		buf_append(out, drawn, (size_t)place.count);
		i += place.length;
	}
}
