/*
 * What fuzz drivers share: rules that end the process when they are broken, and inputs of several
 * lines.
 */
#ifndef CLIENTELE_TEST_RULE_H
#define CLIENTELE_TEST_RULE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

#define RULE(condition) rule_check((condition), #condition, __FILE__, __LINE__)

static inline void rule_check(bool holds, const char *condition, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: %s does not hold\n", file, line, condition);
	abort();
}

/* The next line of the input, without its end; empty where there is none. */
static inline struct str rule_line(struct str *rest)
{
	struct str line = { "", 0 };

	return str_next(rest, '\n', &line) ? line : (struct str){ "", 0 };
}

/* Valid UTF-8 without NUL. */
static inline bool rule_is_text(struct str text)
{
	return str_utf8_valid(text) == text.length && str_find(text, '\0') == text.length;
}

#endif
