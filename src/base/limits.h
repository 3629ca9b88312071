/*
 * Limits of requests that follow from other limits.
 */
#ifndef CLIENTELE_BASE_LIMITS_H
#define CLIENTELE_BASE_LIMITS_H

#include "base/settings.h"

/*
 * The limits of a body that is a list of a discovery group's clients: whatever a group of the
 * largest size is answered with can be sent back, so bytes and values grow with limit_group_clients
 * where limit_body and limit_body_values are less.
 */
struct limits limits_of_list(const struct limits *limits);

#endif
