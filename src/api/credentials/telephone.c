#include "api/credentials/telephone.h"

#include <string.h>

#define LEAST 5
#define MOST 20

const char *telephone_check(struct str text)
{
	struct str rest = str_slice(text, str_starts_with(text, STR("+")) ? 1 : 0, text.length);
	unsigned digits = 0;
	bool good = rest.length >= LEAST && rest.length <= MOST;

	for (size_t i = 0; i < rest.length && good; i++) {
		digits += rest.data[i] >= '0' && rest.data[i] <= '9';
		good = rest.data[i] != '\0' &&
		       strchr("0123456789 \t\n\v\f\r()-", rest.data[i]) != NULL;
	}
	return good && digits >= LEAST ? NULL
				       : "a telephone number: 5 to 20 digits, blanks, brackets and "
					 "hyphens, at least 5 of them "
					 "digits, with a plus sign before them or without";
}
