/*
 * Which passwords people may choose (after NIST SP 800-63B §5.1.1.2): long ones, that are neither
 * among the commonest nor the user's own name. Nothing is asked about kinds of characters.
 */
#ifndef CLIENTELE_AUTH_PASSWORD_RULE_H
#define CLIENTELE_AUTH_PASSWORD_RULE_H

#include "base/error.h"

#define PASSWORD_LEAST 12 /* characters (code points) */

/*
 * Checks a password that `user_name` is to have (empty where it is not known). Refused are: fewer
 * than PASSWORD_LEAST characters, more bytes than crypt() takes, one of the commonest passwords,
 * the user name or its part before "@", a sequence such as "abcdefghijkl", and each of these in
 * other case, with digits and signs behind it, or said again and again.
 *
 * 0, or -1 with a fault at `path`; the fault does not repeat the password.
 */
int password_check_rule(
    struct str password, struct str user_name, const char *path, struct error *error) MUST_CHECK;

#endif
