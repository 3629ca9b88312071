/*
 * What answers to programs are made of, in the forms of the option client_format: an
 * answer has a table for each form where moments are among its members.
 */
#ifndef CLIENTELE_API_ACTIVATION_ANSWER_H
#define CLIENTELE_API_ACTIVATION_ANSWER_H

#include "api/activation/activation.h"

/* Flags of a member of an answer. */
#define ANSWER_PLAIN .flags = FIELD_NOT_STORED | FIELD_OMIT_ABSENT

/* A moment as CLIENT_FORMAT_CLASSES writes it, and as CLIENT_FORMAT_PROTO3 does. */
#define ANSWER_PARTED(member) OBJECT(member, &activation_moment_resource)
#define ANSWER_WRITTEN(member) DATETIME(member, NULL)

/* What one answer is made with. */
struct filling {
	struct arena *arena;
	enum client_format format;
	bool failed; /* memory is out */
};

struct filling answer_begin(const struct operation *operation);

/* A new row of the answer; NULL where memory is out, which answer_send() tells. */
struct row *answer_new_row(struct filling *filling, const struct resource *resource);

/* Sets a moment in the form that the table of the row has. */
void answer_set_moment(struct filling *filling, struct row *row, unsigned member, int64_t moment);

/* A member that is null where the other is. */
void answer_copy_moment(struct filling *filling, struct row *row, unsigned member,
    const struct row *from, unsigned moment);
void answer_copy_text(struct row *row, unsigned member, const struct row *from, unsigned text);

/* Answers with the row. 0, or -1 where memory has run out. */
int answer_send(struct operation *operation, const struct filling *filling, struct row *row,
    struct error *error) MUST_CHECK;

#endif
