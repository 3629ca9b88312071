/*
 * Mail on its way out: its message is stored, and a delivery to each recipient put into the queue,
 * in the caller's transaction; sent by the mailer process later.
 */
#ifndef CLIENTELE_API_LICENSING_OUTBOX_H
#define CLIENTELE_API_LICENSING_OUTBOX_H

#include "op/operation.h"

struct outbox_recipient {
	struct str name; /* empty = none */
	struct str email;
};

struct outbox_attachment {
	struct str file_name;
	struct str content_type;
	struct str content; /* base64 */
};

/* Kinds of mail, as the list of mails tells them. */
#define OUTBOX_LICENSE "license"
#define OUTBOX_MESSAGE "message"

struct outbox_mail {
	const char *kind;       /* of the above */
	int64_t license;        /* that it brings; 0 = none */
	struct str sender_name; /* empty = none */
	struct str reply_to;    /* empty = none */
	const struct outbox_recipient *recipients;
	unsigned recipient_count; /* at least one, no address twice */
	struct str subject;       /* at most 255 characters, one line */
	struct str body;
	bool is_html;
	const struct outbox_attachment *attachments;
	unsigned attachment_count;
};

/*
 * Stores the message with one delivery for each recipient, and an entry in the log, in a
 * transaction, when the gate lets the caller in. Addresses and texts must have been checked;
 * addresses are stored in the ASCII form in which mail servers take them.
 * ERROR_TOO_MANY with the time to wait when the user has sent too much within an hour (option
 * mail_quota).
 */
int outbox_submit(
    struct operation *operation, struct outbox_mail *mail, struct error *error) MUST_CHECK;

/* What the caller is told beside success: nothing, or that nobody here sends mail. */
const char *outbox_remark(const struct operation *operation);

#endif
