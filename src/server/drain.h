/*
 * How long a child process that was told to leave may go on, by its kind.
 */
#ifndef CLIENTELE_SERVER_DRAIN_H
#define CLIENTELE_SERVER_DRAIN_H

#include "base/settings.h"

enum drain_kind { DRAIN_WORKER, DRAIN_MAILER, DRAIN__MAX };

/* In microseconds; never less than what the kind has begun may take. */
int64_t drain_time(enum drain_kind kind, const struct settings *settings);

#endif
