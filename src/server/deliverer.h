/*
 * The deliverer: the consumer of webhooks, which posts each event to its receiver.
 */
#ifndef CLIENTELE_SERVER_DELIVERER_H
#define CLIENTELE_SERVER_DELIVERER_H

#include "server/consumer.h"

extern const struct consumer_kind deliverer_kind;

#endif
