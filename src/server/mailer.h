/*
 * The mailer: the consumer of mail, which hands each delivery to the mail server.
 */
#ifndef CLIENTELE_SERVER_MAILER_H
#define CLIENTELE_SERVER_MAILER_H

#include "server/consumer.h"

extern const struct consumer_kind mailer_kind;

#endif
