/*
 * Changes of a transaction whose outcome nobody asks for. They wait for its end, and run there
 * together with COMMIT as one compound statement: one trip to the server instead of many. What one
 * of them fails by, the transaction fails by, and none is stored.
 */
#ifndef CLIENTELE_DB_PUT_OFF_H
#define CLIENTELE_DB_PUT_OFF_H

#include "db/database.h"

struct put_off;

/* NULL without memory. */
struct put_off *put_off_new(void);
void put_off_free(struct put_off *list);

/*
 * Copies a statement and its values. False where it does not fit, since there are many or they are
 * long: then it is to run at once.
 */
bool put_off_add(
    struct put_off *list, const char *sql, const struct bind *parameters, unsigned count);

/* How many there are; and back to the first `count` of them. */
unsigned put_off_count(const struct put_off *list);
void put_off_cut(struct put_off *list, unsigned count);

/* All of them and COMMIT. Lives until the list is cut to none. False without memory. */
struct put_off_call {
	const char *sql;
	const struct bind *parameters;
	unsigned parameter_count;
};
bool put_off_join(struct put_off *list, struct put_off_call *call);

#endif
