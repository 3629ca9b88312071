#include "base/host_name.h"

#include <idn2.h>
#include <stdio.h>
#include <unistd.h>

#define LABEL_LONGEST 63
#define ENCODED STR("xn--")
#define FLAGS (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

/* One label, or several between dots, of ASCII letters, digits and hyphens, none of them in front.
 */
static bool is_plain(struct str text)
{
	struct str label;

	if (text.length == 0 || str_ends_with(text, STR(".")))
		return false;
	while (str_next(&text, '.', &label)) {
		if (label.length == 0 || label.length > LABEL_LONGEST || label.data[0] == '-')
			return false;
		for (size_t i = 0; i < label.length; i++) {
			char byte = str_lower(label.data[i]);

			if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') &&
			    byte != '-')
				return false;
		}
	}
	return true;
}

static void append_lower(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.length; i++)
		buf_append_char(out, str_lower(text.data[i]));
}

/* The Unicode form of an encoded label, where that is encoded in the same way again. */
static bool append_decoded(struct buf *out, const char *encoded)
{
	char *decoded = NULL, *again = NULL;
	bool same = idn2_to_unicode_8z8z(encoded, &decoded, 0) == IDN2_OK &&
		    idn2_to_ascii_8z(decoded, &again, FLAGS) == IDN2_OK &&
		    strcmp(encoded, again) == 0;

	if (same)
		buf_append_text(out, decoded);
	idn2_free(decoded);
	idn2_free(again);
	return same;
}

/*
 * A label that has characters beyond ASCII, or is encoded. What was encoded by other rules (names
 * with emoji) stays as it is.
 */
static bool append_international(struct buf *ascii, struct buf *folded, struct str label)
{
	struct buf text = { 0 };
	char *encoded = NULL;
	bool good = false;

	buf_append_str(&text, label);
	if (!text.failed && idn2_to_ascii_8z(text.data, &encoded, FLAGS) == IDN2_OK &&
	    is_plain(str_from(encoded))) {
		good = true;
		buf_append_text(ascii, encoded);
		if (!append_decoded(folded, encoded))
			buf_append_text(folded, encoded);
	} else if (is_ascii(label) && is_plain(label)) {
		good = true;
		append_lower(ascii, label);
		append_lower(folded, label);
	}
	idn2_free(encoded);
	buf_free(&text);
	return good;
}

/*
 * Labels of ASCII are not asked about: IDNA refuses some that there are ("r3---sn.example"). A dot
 * at the end, for the root, is no part of the name.
 */
static bool append_name(struct buf *ascii, struct buf *folded, struct str name)
{
	struct str label;

	if (str_ends_with(name, STR(".")))
		name.length--;
	if (name.length == 0)
		return false;
	for (bool first = true; str_next(&name, '.', &label); first = false) {
		bool good = true;

		if (!first) {
			buf_append_char(ascii, '.');
			buf_append_char(folded, '.');
		}
		if (!is_ascii(label) || str_starts_with_ignore_case(label, ENCODED)) {
			good = append_international(ascii, folded, label);
		} else {
			good = is_plain(label);
			append_lower(ascii, label);
			append_lower(folded, label);
		}
		if (!good)
			return false;
	}
	return ascii->length <= HOST_NAME_MAX_LENGTH;
}

bool host_name_ascii(struct str name, struct buf *ascii)
{
	struct buf encoded = { 0 }, folded = { 0 };
	bool good = append_name(&encoded, &folded, name) && !folded.failed;

	buf_append_str(ascii, buf_str(&encoded));
	good = good && !encoded.failed && !ascii->failed;
	buf_free(&encoded);
	buf_free(&folded);
	return good;
}

bool host_name_fold(struct str text, struct buf *folded)
{
	struct str name = str_slice(text, 0, str_find(text, ':'));
	struct str port = str_slice(text, name.length + 1, text.length);
	size_t begin = folded->length;
	struct buf ascii = { 0 };
	int64_t number;
	bool good = append_name(&ascii, folded, name);

	if (good && name.length < text.length) {
		good = str_to_int64(port, &number) && number >= 1 && number <= 65535;
		buf_append_char(folded, ':');
		buf_append_int64(folded, good ? number : 0);
	}
	good = good && !ascii.failed && !folded->failed &&
	       str_utf8_length(str_slice(buf_str(folded), begin, folded->length)) <=
		   HOST_NAME_MAX_LENGTH;
	buf_free(&ascii);
	return good;
}

struct str host_name_own(struct arena *arena)
{
	char name[HOST_NAME_MAX_LENGTH + 1] = "";

	if (gethostname(name, sizeof(name) - 1) != 0)
		name[0] = '\0';
	return arena_str(arena, str_from(name));
}
