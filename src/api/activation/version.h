/*
 * Versions of products, as licenses name them.
 */
#ifndef CLIENTELE_API_ACTIVATION_VERSION_H
#define CLIENTELE_API_ACTIVATION_VERSION_H

#include "base/str.h"

/*
 * Whether a version is one of a pattern: "1.2.0.0" (that one), "1.*" (any that begins so), "*", or
 * "[1.0.0.0-2.0.0.0]" (a range, both ends in it). Parts that are missing are 0. What is no such
 * pattern or version matches the same text alone.
 */
bool version_matches(struct str pattern, struct str version);

#endif
