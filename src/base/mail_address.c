#include "base/mail_address.h"

#include "base/base64.h"
#include "base/host_name.h"

#define LOCAL_LONGEST 64
#define LABEL_LONGEST 63
/* Encoded words have at most 75 characters, "=?UTF-8?B?" and "?=" among them. */
#define WORD_BYTES 45

static bool is_alphanumeric(char byte)
{
	byte = str_lower(byte);
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool local_is_good(struct str local)
{
	struct str part;

	if (local.length == 0 || local.length > LOCAL_LONGEST ||
	    local.data[local.length - 1] == '.')
		return false;
	while (str_next(&local, '.', &part)) {
		if (part.length == 0)
			return false;
		for (size_t i = 0; i < part.length; i++) {
			char byte = part.data[i];

			if (!is_alphanumeric(byte) &&
			    (byte == '\0' || strchr("!#$%&'*+-/=?^_`{|}~", byte) == NULL))
				return false;
		}
	}
	return true;
}

static bool domain_is_good(struct str domain)
{
	struct str label;

	if (domain.length == 0 || domain.data[domain.length - 1] == '.')
		return false;
	while (str_next(&domain, '.', &label)) {
		if (label.length == 0 || label.length > LABEL_LONGEST || label.data[0] == '-' ||
		    label.data[label.length - 1] == '-')
			return false;
		for (size_t i = 0; i < label.length; i++) {
			if (!is_alphanumeric(label.data[i]) && label.data[i] != '-')
				return false;
		}
	}
	return true;
}

struct str mail_address_domain(struct str address)
{
	return str_slice(address, str_find(address, '@') + 1, address.length);
}

/* The address up to and with its "@". */
static struct str before_domain(struct str address)
{
	return str_slice(address, 0, address.length - mail_address_domain(address).length);
}

/* A dot at the end is good for a host, and for no address. */
static bool append_ascii(struct buf *out, struct str address)
{
	struct str domain = mail_address_domain(address);

	buf_append_str(out, before_domain(address));
	return !str_ends_with(domain, STR(".")) && host_name_ascii(domain, out);
}

bool mail_address_is_good(struct str text)
{
	size_t at = str_find(text, '@');
	struct buf ascii = { 0 };
	bool good = at < text.length && local_is_good(str_slice(text, 0, at)) &&
		    append_ascii(&ascii, text) && ascii.length <= MAIL_ADDRESS_MAX &&
		    domain_is_good(mail_address_domain(buf_str(&ascii)));

	buf_free(&ascii);
	return good;
}

const char *mail_address_check(struct str text)
{
	return mail_address_is_good(text) ? NULL : "an e-mail address such as name@example.com";
}

static bool is_literal(struct str domain)
{
	return domain.length > 2 && domain.data[0] == '[' && domain.data[domain.length - 1] == ']';
}

/* A typing error is caught, no valid address is. */
const char *mail_address_check_any(struct str text)
{
	static const char expected[] = "an e-mail address";
	size_t at = str_find(text, '@');
	struct buf ascii = { 0 };
	bool good;

	if (at == 0 || at > LOCAL_LONGEST || at == text.length)
		return expected;
	for (size_t i = 0; i < text.length; i++) {
		if ((unsigned char)text.data[i] <= 0x20 || text.data[i] == 0x7F)
			return expected;
	}
	good = is_literal(mail_address_domain(text)) || append_ascii(&ascii, text);
	buf_free(&ascii);
	return good ? NULL : expected;
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

struct str mail_address_ascii(struct arena *arena, struct str address)
{
	struct buf ascii = { 0 };
	struct str form = address;

	if (!is_ascii(address) && append_ascii(&ascii, address))
		form = arena_str(arena, buf_str(&ascii));
	buf_free(&ascii);
	return form;
}

unsigned mail_address_forms(
    struct arena *arena, struct str address, struct str forms[MAIL_ADDRESS_FORMS])
{
	struct str domain = mail_address_domain(address);
	struct buf folded = { 0 }, ascii = { 0 };
	unsigned count = 1;

	forms[0] = address;
	buf_append_str(&folded, before_domain(address));
	if (str_find(address, '@') < address.length && append_ascii(&ascii, address) &&
	    host_name_fold(domain, &folded) && !str_equal(buf_str(&folded), buf_str(&ascii))) {
		forms[0] = arena_str(arena, buf_str(&folded));
		forms[1] = arena_str(arena, buf_str(&ascii));
		count = forms[0].data != NULL && forms[1].data != NULL ? 2 : 0;
	}
	buf_free(&folded);
	buf_free(&ascii);
	return count;
}

bool mail_address_same(struct str a, struct str b)
{
	struct buf a_ascii = { 0 }, b_ascii = { 0 };
	bool same = str_equal_ignore_case(a, b);

	if (!same && append_ascii(&a_ascii, a) && append_ascii(&b_ascii, b))
		same = str_equal_ignore_case(buf_str(&a_ascii), buf_str(&b_ascii));
	buf_free(&a_ascii);
	buf_free(&b_ascii);
	return same;
}

bool mail_text_is_line(struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool high_control =
		    byte == 0xC2 && i + 1 < text.length && (unsigned char)text.data[i + 1] < 0xA0;

		if (byte < 0x20 || byte == 0x7F || high_control)
			return false;
	}
	return true;
}

const char *mail_text_check(struct str text)
{
	return mail_text_is_line(text) ? NULL : "one line without control characters";
}

static bool is_plain(struct str text)
{
	/* A line of a header has 998 bytes at most, and what looks encoded would be decoded. */
	if (text.length > 200 || str_contains_ignore_case(text, STR("=?")))
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] < 0x20 || text.data[i] > 0x7E)
			return false;
	}
	return true;
}

/* Length of the next piece: no more than a word takes, and not within a character. */
static size_t word_length(struct str text)
{
	size_t length = text.length < WORD_BYTES ? text.length : WORD_BYTES;

	while (
	    length < text.length && length > 1 && ((unsigned char)text.data[length] & 0xC0) == 0x80)
		length--;
	return length;
}

static void append_words(struct buf *out, struct str text)
{
	bool first = true;

	while (text.length > 0) {
		unsigned char word[WORD_BYTES];
		size_t length = word_length(text);

		for (size_t i = 0; i < length; i++)
			word[i] =
			    (unsigned char)text.data[i] < 0x20 ? ' ' : (unsigned char)text.data[i];
		if (!first)
			buf_append_text(out, "\r\n ");
		buf_append_text(out, "=?UTF-8?B?");
		base64_append(out, word, length);
		buf_append_text(out, "?=");
		text = str_slice(text, length, text.length);
		first = false;
	}
}

void mail_text_append(struct buf *out, struct str text)
{
	if (is_plain(text))
		buf_append_str(out, text);
	else
		append_words(out, text);
}

void mail_address_append(struct buf *out, struct str name, struct str address)
{
	if (name.length == 0) {
		buf_append_str(out, address);
		return;
	}
	if (is_plain(name)) {
		buf_append_char(out, '"');
		for (size_t i = 0; i < name.length; i++) {
			if (name.data[i] == '"' || name.data[i] == '\\')
				buf_append_char(out, '\\');
			buf_append_char(out, name.data[i]);
		}
		buf_append_char(out, '"');
	} else {
		append_words(out, name);
	}
	buf_append_text(out, " <");
	buf_append_str(out, address);
	buf_append_char(out, '>');
}

static bool is_host(struct str host, bool bracketed)
{
	if (!bracketed)
		return domain_is_good(host);
	for (size_t i = 0; i < host.length; i++) {
		if (str_hex_digit(host.data[i]) < 0 && host.data[i] != ':' && host.data[i] != '.')
			return false;
	}
	return host.length > 0;
}

bool mail_server_parse(struct str text, struct str *host, unsigned *port)
{
	bool bracketed = text.length > 0 && text.data[0] == '[';
	size_t end = bracketed ? str_find(text, ']') : str_find(text, ':');
	struct str rest = str_slice(text, bracketed ? end + 1 : end, text.length);
	int64_t number = 0;

	*port = 0;
	*host = bracketed ? str_slice(text, 1, end - 1) : str_slice(text, 0, end);
	if (bracketed && end == text.length)
		return false;
	if (rest.length > 0 &&
	    (rest.data[0] != ':' || !str_to_int64(str_slice(rest, 1, rest.length), &number) ||
		number < 1 || number > 65535))
		return false;
	*port = (unsigned)number;
	return is_host(*host, bracketed);
}
