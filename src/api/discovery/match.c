#include "api/discovery/match.h"

#include <stdlib.h>

/* An item or a stored client, by what it is looked up. */
struct entry {
	const struct uuid *id; /* NULL = none */
	struct str code;
	unsigned number;
};

/* NULL where it is absent or empty. */
static const struct uuid *id_of_item(const struct row *item)
{
	const struct uuid *id = &item->values[ITEM_ID].uuid;

	return row_filled(item, ITEM_ID) ? id : NULL;
}

static int compare_codes(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;
	size_t common = a->code.length < b->code.length ? a->code.length : b->code.length;
	int order = common > 0 ? memcmp(a->code.data, b->code.data, common) : 0;

	if (order == 0)
		order = (a->code.length > b->code.length) - (a->code.length < b->code.length);
	return order;
}

static int compare_ids(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;

	if (a->id == NULL || b->id == NULL)
		return (a->id != NULL) - (b->id != NULL);
	return memcmp(a->id->bytes, b->id->bytes, sizeof(a->id->bytes));
}

/* Equal ones stay in the order of their numbers. */
static int sort_by_code(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;
	int order = compare_codes(a, b);

	return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

static int sort_by_id(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;
	int order = compare_ids(a, b);

	return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

static struct entry *list_items(struct operation *operation, const struct row_list *items)
{
	struct entry *entries =
	    arena_alloc_array(operation->context.arena, items->count, sizeof(entries[0]));

	for (unsigned i = 0; entries != NULL && i < items->count; i++) {
		const struct row *item = items->rows[i];

		entries[i] =
		    (struct entry){ id_of_item(item), item->values[ITEM_CLIENT_CODE].text, i };
	}
	return entries;
}

static struct entry *list_clients(struct operation *operation, const struct match *match)
{
	struct entry *entries =
	    arena_alloc_array(operation->context.arena, match->count, sizeof(entries[0]));

	for (unsigned i = 0; entries != NULL && i < match->count; i++)
		entries[i] = (struct entry){ &match->clients[i].id, match->clients[i].code, i };
	return entries;
}

static void fault_twice(
    struct operation *operation, const struct entry *entry, unsigned earlier, struct error *error)
{
	error_add_fault(error,
	    arena_printf(operation->context.arena, "[%u].ClientCode", entry->number),
	    "The ClientCode or Id is already used by item %u, for another client.", earlier);
}

int match_check(struct operation *operation, const struct row_list *items, struct error *error)
{
	struct entry *entries = list_items(operation, items);

	if (entries == NULL)
		return error_out_of_memory(error);
	qsort(entries, items->count, sizeof(entries[0]), sort_by_code);
	for (unsigned i = 1; i < items->count; i++) {
		if (compare_codes(&entries[i - 1], &entries[i]) == 0 &&
		    (entries[i].id == NULL || compare_ids(&entries[i - 1], &entries[i]) != 0))
			fault_twice(operation, &entries[i], entries[i - 1].number, error);
	}
	qsort(entries, items->count, sizeof(entries[0]), sort_by_id);
	for (unsigned i = 1; i < items->count; i++) {
		if (entries[i].id != NULL && compare_ids(&entries[i - 1], &entries[i]) == 0 &&
		    compare_codes(&entries[i - 1], &entries[i]) != 0)
			fault_twice(operation, &entries[i], entries[i - 1].number, error);
	}
	return 0;
}

static struct match_client *find_match_client(struct match *match, const struct entry *entries,
    unsigned count, const struct entry *wanted, int (*compare)(const void *, const void *))
{
	const struct entry *found =
	    count == 0 ? NULL : bsearch(wanted, entries, count, sizeof(entries[0]), compare);

	return found != NULL ? &match->clients[found->number] : NULL;
}

static void claim(struct match *match, unsigned item, struct match_client *client)
{
	client->kept = true;
	match->of_item[item] = (unsigned)(client - match->clients);
}

/* Items that name a stored client by its Id. */
static void match_ids(
    const struct row_list *items, struct match *match, struct entry *stored, unsigned stored_count)
{
	qsort(stored, stored_count, sizeof(stored[0]), sort_by_id);
	for (unsigned i = 0; i < items->count; i++) {
		const struct entry wanted = { .id = id_of_item(items->rows[i]) };
		struct match_client *client =
		    wanted.id != NULL
			? find_match_client(match, stored, stored_count, &wanted, compare_ids)
			: NULL;

		match->of_item[i] = UINT32_MAX;
		if (client != NULL)
			claim(match, i, client);
	}
}

static void add_client(struct match *match, unsigned item, const struct entry *entry)
{
	struct match_client *client = &match->clients[match->count++];

	*client = (struct match_client){ .code = entry->code };
	client->id = entry->id != NULL ? *entry->id : uuid_new();
	claim(match, item, client);
}

/*
 * The other items, in the order of their codes so that those of one client stand together: a stored
 * client that nobody has named by its Id, or a new one.
 */
static void match_codes(const struct row_list *items, struct match *match, struct entry *sent,
    struct entry *stored, unsigned stored_count)
{
	qsort(stored, stored_count, sizeof(stored[0]), sort_by_code);
	for (unsigned i = 0; i < items->count; i++) {
		unsigned item = sent[i].number;
		struct match_client *client;

		if (match->of_item[item] != UINT32_MAX)
			continue;
		if (i > 0 && compare_codes(&sent[i - 1], &sent[i]) == 0) {
			match->of_item[item] = match->of_item[sent[i - 1].number];
			continue;
		}
		client = find_match_client(match, stored, stored_count, &sent[i], compare_codes);
		if (client != NULL && !client->kept)
			claim(match, item, client);
		else
			add_client(match, item, &sent[i]);
	}
}

/* Clients that leave a code which another item takes. */
static void mark_in_the_way(
    const struct row_list *items, struct match *match, const struct entry *sent)
{
	for (unsigned i = 0; i < items->count; i++) {
		struct match_client *client = &match->clients[match->of_item[i]];
		const struct entry former = { .code = client->code };

		if (client->stored &&
		    !str_equal(client->code, items->rows[i]->values[ITEM_CLIENT_CODE].text) &&
		    bsearch(&former, sent, items->count, sizeof(sent[0]), compare_codes) != NULL)
			client->in_the_way = true;
	}
}

int match_items(struct operation *operation, const struct row_list *items, struct match *match,
    struct error *error)
{
	unsigned stored_count = match->count;
	struct entry *sent = list_items(operation, items);
	struct entry *stored = list_clients(operation, match);

	match->of_item =
	    arena_alloc_array(operation->context.arena, items->count, sizeof(match->of_item[0]));
	if (sent == NULL || match->of_item == NULL || (stored == NULL && stored_count > 0))
		return error_out_of_memory(error);
	qsort(sent, items->count, sizeof(sent[0]), sort_by_code);
	match_ids(items, match, stored, stored_count);
	match_codes(items, match, sent, stored, stored_count);
	mark_in_the_way(items, match, sent);
	return 0;
}
