#include "auth/token.h"

#include "base/uuid.h"

bool token_is(const char *prefix, struct str text)
{
	if (text.length != TOKEN_LENGTH || memcmp(text.data, prefix, TOKEN_PREFIX_LENGTH) != 0)
		return false;
	for (size_t i = TOKEN_PREFIX_LENGTH; i < text.length; i++) {
		if (text.data[i] == '\0' || strchr(RANDOM_BASE64URL, text.data[i]) == NULL)
			return false;
	}
	return true;
}
