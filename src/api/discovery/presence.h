/*
 * Who of a group is there: its version, its lease, and what is told of applications that lapse,
 * come back or leave.
 *
 * The version grows with each change that applications can see, and each row has the version of
 * its latest change, so that a caller who knows one asks for what came later. It is a number of
 * microseconds, no less than the clock's: after a restore of older data, changes still get
 * versions that no caller knows yet.
 *
 * Whoever changes something that is seen locks the group first (presence_lock()), and writes it
 * (presence_raise()): in a cluster, a mere lock would not keep another node away.
 */
#ifndef CLIENTELE_API_DISCOVERY_PRESENCE_H
#define CLIENTELE_API_DISCOVERY_PRESENCE_H

#include "base/zone.h"
#include "record/record.h"

/* What is known of a group as a whole. */
struct presence {
	struct uuid group;
	struct str name;
	int64_t version;
	int64_t complete_from;   /* oldest version since which every departure is still known */
	int64_t lease;           /* seconds; 0 = applications do not lapse */
	const struct zone *zone; /* in which its times are shown; NULL = that of the process */
	int64_t lapses_at;       /* no application lapses before that moment */
	bool raised;             /* the version is one of this transaction */
};

/* Part of a lease after which an application should say hello again: a third. */
#define PRESENCE_INTERVALS 3

/*
 * SQL of the state of an application, whose table has the alias {}: it is late when two thirds of
 * its lease are over, and gone with all of it. And the moment of that; null without a lease.
 */
#define PRESENCE_AGE "TIMESTAMPDIFF(MICROSECOND, {}.updated_at, UTC_TIMESTAMP(6))"
#define PRESENCE_OF_GROUP " FROM discovery_group g WHERE g.id = {}.group_id)"
#define PRESENCE_STATE                                                       \
	"(SELECT CASE WHEN g.lease_seconds = 0 THEN 'UP' WHEN " PRESENCE_AGE \
	" > g.lease_seconds * 1000000 THEN 'GONE' WHEN " PRESENCE_AGE        \
	" * 3 > g.lease_seconds * 2000000 THEN 'LATE' ELSE 'UP' END" PRESENCE_OF_GROUP
#define PRESENCE_EXPIRES_AT                                               \
	"(SELECT IF(g.lease_seconds = 0, NULL, {}.updated_at + INTERVAL " \
	"g.lease_seconds SECOND)" PRESENCE_OF_GROUP

extern const struct enumeration presence_states; /* UP, LATE, GONE */

/* What rules look up and write, and no route shows. */
extern const struct resource presence_group_resource, presence_lapse_resource;

/* What is known of a group, locked until the transaction ends. ERROR_NOT_FOUND when there is none.
 */
int presence_lock(struct context *context, const struct uuid *group, struct presence *presence,
    struct error *error) MUST_CHECK;

/*
 * Gives the locked group a new version, which what has changed is to get: one in a transaction,
 * however often it is asked for.
 */
int presence_raise(
    struct context *context, struct presence *presence, struct error *error) MUST_CHECK;

/* Seconds after which an application should say hello again; 0 = as it likes. */
int64_t presence_interval(const struct presence *presence);

/* Whether an application may have lapsed that nobody has noticed yet. */
bool presence_is_due(const struct presence *presence);

/*
 * Notes those whose lease is over, once each: they get the version of this change, and whoever has
 * subscribed is told. The group is locked. Does nothing while none is due.
 */
int presence_note_lapses(
    struct context *context, struct presence *presence, struct error *error) MUST_CHECK;

/*
 * The same of every group in which nobody has said hello since applications lapsed, each in a
 * transaction of its own: a hello notes those of its own group.
 */
int presence_look_everywhere(struct context *context, struct error *error) MUST_CHECK;

/*
 * Keeps for those who ask for changes that the applications (rows of discovery_client_resource)
 * have left the group, which is locked. Departures of more than a day ago go.
 */
int presence_note_departures(struct context *context, struct presence *presence,
    const struct row_list *clients, struct error *error) MUST_CHECK;

/* Tells of something that has happened to an application, as callers see it with details. */
int presence_tell(struct context *context, const struct uuid *client, const char *happening,
    struct error *error) MUST_CHECK;

#endif
