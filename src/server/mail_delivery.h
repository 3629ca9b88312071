/*
 * One mail to one recipient, over SMTP.
 */
#ifndef CLIENTELE_SERVER_MAIL_DELIVERY_H
#define CLIENTELE_SERVER_MAIL_DELIVERY_H

#include "base/error.h"
#include "base/settings.h"
#include "base/uuid.h"

#define MAIL_REASON_MAX 512

/* What the outbox knows of a delivery and its message. */
struct mail_delivery {
	struct str email;       /* this delivery's recipient */
	struct uuid message_id; /* the same in all attempts, so that receivers see duplicates */
	struct str sender_name; /* empty = none */
	struct str reply_to;    /* empty = none */
	struct str recipients;  /* JSON: [{"name":…,"email":…}], all that the message names */
	struct str subject;
	struct str body; /* UTF-8 */
	bool is_html;
	struct str attachments; /* JSON: [{"fileName":…,"contentType":…,"content": base64}] */
	int64_t created_at;
};

enum mail_result {
	MAIL_SENT,    /* the server has taken it */
	MAIL_LATER,   /* not now: try again */
	MAIL_REFUSED, /* never: the server does not want this mail or this recipient */
};

/* A connection to the mail server that is kept between deliveries. */
struct mail_connection;

struct mail_connection *mail_connection_new(const struct settings *settings);
void mail_connection_free(struct mail_connection *connection);

/*
 * Sends one mail and waits for the server's verdict, mail_timeout at most. Unless it was sent,
 * `reason` says why not, in one line. Memory for the message is taken from `arena`.
 */
enum mail_result mail_deliver(struct mail_connection *connection, struct arena *arena,
    const struct mail_delivery *delivery, char reason[MAIL_REASON_MAX]);

#endif
