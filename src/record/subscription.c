#include "record/subscription.h"

#include <stdlib.h>

#include "auth/role.h"
#include "codec/reader.h"
#include "schema/resource.h"
#include "schema/sight.h"

#define BLOCK ((size_t)4096)
#define MEMORY ((size_t)4 * 1024 * 1024)

struct subscription {
	int64_t webhook;
	struct uuid owner; /* all zero = nobody's */
	uint32_t areas;    /* AREA_BITs of what it may be told of */
	const struct node *events;
};

struct subscriptions {
	struct epoch_watch watch;
	struct arena *arena;
	struct subscription *list; /* by number */
	unsigned count;
	struct mark *subjects; /* whose changes make all of it worthless */
	unsigned subject_count;
};

struct mark subscription_mark(void)
{
	/* One name for all of them: a mark that names nothing ends every credential. */
	return (struct mark){ .kind = MARK_WEBHOOK, .subject.bytes = { [15] = 1 } };
}

struct subscriptions *subscriptions_new(const struct epoch *epoch)
{
	struct subscriptions *subscriptions = calloc(1, sizeof(*subscriptions));

	if (subscriptions == NULL)
		return NULL;
	subscriptions->watch.epoch = epoch;
	subscriptions->arena = arena_new(BLOCK, MEMORY);
	if (subscriptions->arena != NULL)
		return subscriptions;
	free(subscriptions);
	return NULL;
}

void subscriptions_free(struct subscriptions *subscriptions)
{
	if (subscriptions == NULL)
		return;
	arena_free(subscriptions->arena);
	free(subscriptions);
}

/* --- reading --- */

enum column {
	COLUMN_ID,
	COLUMN_EVENTS,
	COLUMN_AREAS,
	COLUMN_OWNER,
	COLUMN_OWNER_ENABLED,
	COLUMN_ROLE,
	COLUMN__MAX
};

static int select_all(
    struct database *database, struct arena *arena, struct result *result, struct error *error)
{
	static const enum bind_kind columns[COLUMN__MAX] = {
		[COLUMN_ID] = BIND_INTEGER,
		[COLUMN_EVENTS] = BIND_TEXT,
		[COLUMN_AREAS] = BIND_TEXT,
		[COLUMN_OWNER] = BIND_UUID,
		[COLUMN_OWNER_ENABLED] = BIND_INTEGER,
		[COLUMN_ROLE] = BIND_UUID,
	};

	/* One row per role of the owner. */
	return database_select(database, arena,
	    "SELECT w.id, w.events, w.areas, w.owner_id, COALESCE(u.enabled, FALSE), r.role_id "
	    "FROM " WEBHOOK_TABLE " w LEFT JOIN user u ON u.id = w.owner_id "
	    "LEFT JOIN user_role r ON r.user_id = u.id WHERE w.enabled ORDER BY w.id",
	    NULL, 0, columns, COLUMN__MAX, result, error);
}

static uint32_t areas_of_names(const struct node *names)
{
	uint32_t areas = 0;

	for (const struct node *name = names != NULL ? names->children : NULL; name != NULL;
	     name = name->next) {
		for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
			if (str_equal(name->text, str_from(area_name(area))))
				areas |= AREA_BIT(area);
		}
	}
	return areas;
}

static uint32_t areas_of_roles(uint32_t roles)
{
	uint32_t areas = 0;

	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
		if (role_permissions(roles, area) & PERMISSION_READ)
			areas |= AREA_BIT(area);
	}
	return areas;
}

/* Returns the JSON of a column, read into the memory that lasts; NULL when there is none. */
static const struct node *keep_list(struct subscriptions *subscriptions, const struct bind *bind)
{
	return json_read_stored(subscriptions->arena, arena_str(subscriptions->arena, bind->text));
}

/* What its maker could read, as far as the owner still may. */
static void take_rows(struct subscriptions *subscriptions, const struct result *result)
{
	struct subscription *subscription = NULL;
	uint32_t made_with = 0, roles = 0;

	for (unsigned i = 0; i < result->count; i++) {
		const struct bind *row = result->rows[i];

		if (subscription == NULL || subscription->webhook != row[COLUMN_ID].integer) {
			subscription = &subscriptions->list[subscriptions->count++];
			subscription->webhook = row[COLUMN_ID].integer;
			subscription->events = keep_list(subscriptions, &row[COLUMN_EVENTS]);
			made_with = areas_of_names(keep_list(subscriptions, &row[COLUMN_AREAS]));
			roles = 0;
		}
		if (row[COLUMN_OWNER].null) {
			subscription->areas = made_with;
			continue;
		}
		subscription->owner = row[COLUMN_OWNER].uuid;
		if (row[COLUMN_OWNER_ENABLED].integer != 0 && !row[COLUMN_ROLE].null)
			roles |= role_bit(&row[COLUMN_ROLE].uuid);
		subscription->areas = made_with & areas_of_roles(roles);
	}
}

static void note_subjects(struct subscriptions *subscriptions)
{
	subscriptions->subjects[subscriptions->subject_count++] = subscription_mark();
	for (unsigned i = 0; i < subscriptions->count; i++) {
		if (!uuid_is_zero(&subscriptions->list[i].owner))
			subscriptions->subjects[subscriptions->subject_count++] =
			    MARK(MARK_USER, subscriptions->list[i].owner);
	}
}

int subscriptions_refresh(struct subscriptions *subscriptions, struct database *database,
    struct arena *arena, struct error *error)
{
	struct result result;

	if (epoch_watch_holds(
		&subscriptions->watch, subscriptions->subjects, subscriptions->subject_count))
		return 0;
	epoch_watch_begin(&subscriptions->watch);
	if (select_all(database, arena, &result, error) != 0)
		return -1;
	arena_reset(subscriptions->arena);
	subscriptions->count = subscriptions->subject_count = 0;
	subscriptions->list =
	    arena_alloc_array(subscriptions->arena, result.count, sizeof(struct subscription));
	subscriptions->subjects =
	    arena_alloc_array(subscriptions->arena, result.count + 1, sizeof(struct mark));
	if (arena_exhausted(subscriptions->arena))
		return error_out_of_memory(error);
	take_rows(subscriptions, &result);
	note_subjects(subscriptions);
	if (arena_exhausted(subscriptions->arena))
		return error_out_of_memory(error);
	epoch_watch_end(&subscriptions->watch);
	return 0;
}

/* --- asking --- */

bool subscription_matches(struct str listed, struct str event)
{
	if (str_equal(listed, STR("*")))
		return true;
	if (listed.length > 2 && str_equal(str_slice(listed, listed.length - 2, 2), STR(".*")))
		return str_starts_with(event, str_slice(listed, 0, listed.length - 1));
	return str_equal(listed, event);
}

static bool wants(const struct subscription *subscription, struct str event)
{
	const struct node *listed =
	    subscription->events != NULL ? subscription->events->children : NULL;

	while (listed != NULL && !subscription_matches(listed->text, event))
		listed = listed->next;
	return listed != NULL;
}

int64_t subscriptions_next(
    const struct subscriptions *subscriptions, struct str event, enum area area, int64_t last)
{
	for (unsigned i = 0; i < subscriptions->count; i++) {
		const struct subscription *subscription = &subscriptions->list[i];

		if (subscription->webhook > last && (subscription->areas & AREA_BIT(area)) &&
		    wants(subscription, event))
			return subscription->webhook;
	}
	return 0;
}
