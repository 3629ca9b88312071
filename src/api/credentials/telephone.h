/*
 * Telephone numbers, as the original API takes them.
 */
#ifndef CLIENTELE_API_CREDENTIALS_TELEPHONE_H
#define CLIENTELE_API_CREDENTIALS_TELEPHONE_H

#include "base/str.h"

/*
 * For members: NULL for 5 to 20 digits, white space, brackets and hyphens, at least 5 of them
 * digits, which a plus sign may stand before; else what is expected.
 */
const char *telephone_check(struct str text);

#endif
