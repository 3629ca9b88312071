#include "auth/totp.h"

#include <liboath/oath.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "base/timestamp.h"
#include "base/url.h"

#define WINDOW 1 /* steps before and behind: clocks differ, and people are slow */

int totp_make_secret(char secret[TOTP_SECRET_TEXT], struct error *error)
{
	uint8_t bytes[TOTP_SECRET_LENGTH];
	char *text = NULL;
	int result = -1;

	if (RAND_bytes(bytes, sizeof(bytes)) == 1 &&
	    oath_base32_encode((const char *)bytes, sizeof(bytes), &text, NULL) == OATH_OK &&
	    strlen(text) == TOTP_SECRET_TEXT - 1) {
		memcpy(secret, text, TOTP_SECRET_TEXT);
		result = 0;
	}
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	explicit_bzero(bytes, sizeof(bytes));
	return result == 0 ? 0 : error_set_detail(error, ERROR_INTERNAL, "no secret can be made");
}

int totp_code(
    struct str secret, int64_t step, unsigned digits, char code[TOTP_CODE_MAX], struct error *error)
{
	char *bytes = NULL;
	size_t length = 0;
	int status = oath_base32_decode(secret.data, secret.length, &bytes, &length);

	if (status == OATH_OK)
		status = oath_hotp_generate(bytes, length, (uint64_t)step, digits, false,
		    OATH_HOTP_DYNAMIC_TRUNCATION, code);
	if (bytes != NULL)
		explicit_bzero(bytes, length);
	free(bytes);
	return status == OATH_OK ? 0
				 : error_set_detail(error, ERROR_INTERNAL,
				       "no code can be computed: %s", oath_strerror(status));
}

/* The digits of a code as it was typed; false where it has others than blanks beside them. */
static bool read_code(struct str text, char code[TOTP_CODE_MAX])
{
	size_t length = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == ' ')
			continue;
		if (text.data[i] < '0' || text.data[i] > '9' || length == TOTP_DIGITS)
			return false;
		code[length++] = text.data[i];
	}
	return length == TOTP_DIGITS;
}

int totp_find(struct str secret, struct str text, int64_t moment, int64_t last, int64_t *step,
    struct error *error)
{
	int64_t now = moment / MICROSECONDS_PER_SECOND / TOTP_STEP;
	char sent[TOTP_CODE_MAX] = { 0 };
	bool found = false;

	if (!read_code(text, sent))
		return 0;
	for (int64_t at = now - WINDOW; at <= now + WINDOW; at++) {
		char code[TOTP_CODE_MAX];
		bool same;

		if (totp_code(secret, at, TOTP_DIGITS, code, error) != 0)
			return -1;
		same = CRYPTO_memcmp(code, sent, TOTP_DIGITS) == 0;
		explicit_bzero(code, sizeof(code));
		if (same && at > last && !found) {
			*step = at;
			found = true;
		}
	}
	return found ? 1 : 0;
}

void totp_print_address(struct str issuer, struct str account, struct str secret, struct buf *out)
{
	buf_append_text(out, "otpauth://totp/");
	url_append_encoded(out, issuer);
	buf_append_char(out, ':');
	url_append_encoded(out, account);
	buf_append_text(out, "?secret=");
	buf_append_str(out, secret);
	buf_append_text(out, "&issuer=");
	url_append_encoded(out, issuer);
	buf_printf(out, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS, TOTP_STEP);
}
