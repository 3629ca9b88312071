/*
 * Lists in pieces, at the places where one ends: each row once, in order, from one state of the
 * database, or an answer that is broken off.
 */
#include "../lib/queries.h"
#include "../lib/server.h"

#include <stdio.h>
#include <stdlib.h>

#include "query/cursor.h"

#define ROW_COUNT 3000
#define AMPLE ((size_t)64 << 20)
#define SCARCE ((size_t)512 << 10) /* a few hundred rows */

/* What was sent in parts: to a peer that goes after some of them. */
struct peer {
	struct buf got;
	unsigned parts, most;
};

static void begin_parts(void *context)
{
	(void)context;
}

static void let_happen(unsigned part);

static bool send_part(void *context, struct str part)
{
	struct peer *peer = context;

	buf_append_str(&peer->got, part);
	let_happen(++peer->parts);
	return peer->parts <= peer->most;
}

static struct peer peer;
static const struct response_sink sink = {
	.begin = begin_parts, .send = send_part, .context = &peer
};

static void fill_table(unsigned count)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "DELETE FROM item; INSERT INTO item (id, code, name) SELECT seq, CONCAT('c', seq), "
	    "REPEAT('n', 60) FROM seq_1_to_%d WHERE seq <= %u;"
	    "UPDATE row_count SET count = %u WHERE table_name = 'item'",
	    ROW_COUNT, count, count);
	server_run(QUERIES_DATABASE, sql);
}

/* Runs what was prepared; what of it was sent is in `peer`, the rest in the body. */
static bool run_list(struct queries *queries, enum shape shape, const char *query)
{
	queries->response.sink = &sink;
	buf_reset(&peer.got, SIZE_MAX);
	peer.parts = 0;
	queries->route.shape = shape;
	if (shape == SHAPE_LIST) {
		queries->route.parameters = op_page_parameters;
		queries->route.parameter_count = COUNT_OF(op_page_parameters);
	}
	return queries_run(queries, query) != NULL;
}

/* Prepares a list of all items in so much memory. */
static void prepare_list(struct queries *queries, size_t memory)
{
	peer.most = 1000;
	arena_free(queries->arena);
	queries->arena = arena_new(16384, memory);
	queries_prepare(queries, &catalogue_item, NULL, NULL);
}

/* How many rows came; they have the numbers from `first` on. */
static unsigned count_rows(const struct queries *queries, unsigned first)
{
	unsigned count = 0;

	buf_append_str(&peer.got, buf_str(&queries->response.body));
	for (const char *at = peer.got.length > 0 ? strstr(peer.got.data, "{\"id\":") : NULL;
	     at != NULL; at = strstr(at + 1, "{\"id\":"))
		assert_int_equal(atoi(at + 6), first + count++);
	return count;
}

static void test_edges(void **state)
{
	static const struct {
		enum shape shape;
		unsigned rows; /* of the table */
		const char *query;
		unsigned first, count; /* of the answer */
		unsigned statements;   /* 0 = any number */
		size_t memory;
	} lists[] = {
		{ SHAPE_LIST, 0, "", 1, 0, 1, AMPLE },
		{ SHAPE_LIST, 1, "", 1, 1, 1, AMPLE },
		{ SHAPE_LIST, 1000, "", 1, 1000, 1, AMPLE },
		/* The first piece, a look how long it goes on, and all pieces from one state. */
		{ SHAPE_LIST, 1001, "", 1, 1001, 4, AMPLE },
		{ SHAPE_LIST, 2000, "", 1, 2000, 4, AMPLE },
		{ SHAPE_LIST, 2001, "", 1, 2001, 5, AMPLE },
		{ SHAPE_LIST, 2001, "offset=2001", 1, 0, 1, AMPLE },
		{ SHAPE_LIST, 2001, "offset=900", 901, 1101, 4, AMPLE },
		{ SHAPE_LIST, 2500, "offset=1200", 1201, 1300, 3, AMPLE }, /* heavy as it is */
		{ SHAPE_LIST, 2500, "offset=1500&count=1000", 1501, 1000, 1, AMPLE },
		{ SHAPE_LIST, 2500, "offset=20&count=1000", 21, 1000, 1, AMPLE },
		{ SHAPE_LIST, 2500, "offset=20&count=1000", 21, 1000, 0, SCARCE },
		{ SHAPE_LIST, 2500, "", 1, 2500, 0, SCARCE },
		{ SHAPE_QUERY, 0, "take=1000", 1, 0, 1, AMPLE },
		{ SHAPE_QUERY, 5, "take=0", 1, 0, 1, AMPLE },
		{ SHAPE_QUERY, 1000, "take=1000", 1, 1000, 1, AMPLE },
		{ SHAPE_QUERY, 1001, "take=1000", 1, 1000, 1, AMPLE },
		{ SHAPE_QUERY, 1001, "take=1000&skip=1", 2, 1000, 1, AMPLE },
		{ SHAPE_QUERY, 2500, "take=1000&skip=300", 301, 1000, 0, SCARCE },
		{ SHAPE_QUERY, 1000, "take=1000", 1, 1000, 0, SCARCE },
		{ SHAPE_QUERY, 700, "take=1000", 1, 700, 0, SCARCE },
	};
	struct queries *queries = *state;
	char total[40];

	for (size_t i = 0; i < ROWS(lists); i++) {
		fill_table(lists[i].rows);
		prepare_list(queries, lists[i].memory);
		if (!run_list(queries, lists[i].shape, lists[i].query))
			fail_msg("%zu: %s", i, queries->error.detail);
		expect_int(i, count_rows(queries, lists[i].first), lists[i].count);
		if (lists[i].statements > 0)
			expect_int(i, queries->statements, lists[i].statements);
		else
			assert_true(queries->statements > 3);
		snprintf(total, sizeof(total), "\"totalItemsCount\":%u", lists[i].rows);
		expect_int(i, strstr(peer.got.data, total) != NULL, lists[i].shape == SHAPE_QUERY);
	}
}

/* A page that comes in pieces ends where one that comes as a whole does. */
static void test_page_in_pieces(void **state)
{
	static const char *const parameters[] = { "", "&skip=100", "&sort=‹id desc›&skip=7" };
	struct queries *queries = *state;

	fill_table(2000);
	for (size_t i = 0; i < ROWS(parameters); i++) {
		char *pages[2];

		for (unsigned scarce = 0; scarce < 2; scarce++) {
			char cursor[CURSOR_TEXT_MAX + 1] = "", query[CURSOR_TEXT_MAX + 100];
			const char *at;

			prepare_list(queries, scarce ? SCARCE : AMPLE);
			snprintf(query, sizeof(query), "take=900%s", parameters[i]);
			assert_true(run_list(queries, SHAPE_QUERY, query));
			assert_int_equal(scarce, queries->statements > 3);
			buf_append_str(&peer.got, buf_str(&queries->response.body));
			at = strstr(peer.got.data, "\"nextCursor\":\"");
			assert_non_null(at);
			sscanf(at, "\"nextCursor\":\"%4096[^\"]", cursor);
			prepare_list(queries, AMPLE);
			snprintf(query, sizeof(query), "select=id&take=900%s&after=%s",
			    strstr(parameters[i], "desc") != NULL ? "&sort=‹id desc›" : "", cursor);
			assert_true(run_list(queries, SHAPE_QUERY, query));
			*strstr(queries->response.body.data, "\"totalItemsCount\"") = '\0';
			pages[scarce] = strdup(queries->response.body.data);
		}
		assert_string_equal(pages[0], pages[1]);
		assert_non_null(strstr(pages[0], "{\"id\":"));
		free(pages[0]);
		free(pages[1]);
	}
}

static void test_rows_that_do_not_fit(void **state)
{
	static const struct {
		enum shape shape;
		const char *query;
		enum error_code code; /* ERROR_NONE = it is answered */
		bool begun;
	} lists[] = {
		{ SHAPE_LIST, "", ERROR_BUSY, true },
		{ SHAPE_LIST, "count=1&offset=2499", ERROR_BUSY, false },
		{ SHAPE_LIST, "count=1&offset=2497", ERROR_NONE, false },
		{ SHAPE_QUERY, "take=1000&skip=1600", ERROR_TOO_LARGE, true },
		{ SHAPE_QUERY, "take=1&skip=2499", ERROR_TOO_LARGE, false },
		{ SHAPE_QUERY, "take=1000&skip=2400&select=id", ERROR_NONE, false },
	};
	struct queries *queries = *state;

	fill_table(2500);
	server_run(QUERIES_DATABASE,
	    "UPDATE item SET tags = CONCAT('[\"', REPEAT('x', 1000000), '\"]') WHERE id = 2500");
	for (size_t i = 0; i < ROWS(lists); i++) {
		bool answered;

		prepare_list(queries, SCARCE);
		answered = run_list(queries, lists[i].shape, lists[i].query);
		expect_int(i, answered, lists[i].code == ERROR_NONE);
		expect_int(i, queries->error.code, lists[i].code);
		expect_int(i, queries->response.sent > 0, lists[i].begun);
	}
}

/*
 * Something that happens while a list is answered: when its answer has begun for the so-many-th
 * time, which is before its pieces are read, or when so many parts of it have been sent.
 */
static struct {
	unsigned beginnings, at_beginning, at_part;
	const char *sql;
} happens;

static void let_happen(unsigned part)
{
	if (part == happens.at_part)
		server_run(QUERIES_DATABASE, happens.sql);
}

static const char *begin_answer(struct writer *writer, const struct answer *answer)
{
	if (++happens.beginnings == happens.at_beginning)
		server_run(QUERIES_DATABASE, happens.sql);
	return catalogue_contract.begin_answer(writer, answer);
}

/* Runs a list of all rows, in which it happens. */
static bool run_while(struct queries *queries, const char *sql, unsigned beginning, unsigned part)
{
	struct contract contract = catalogue_contract;
	bool answered;

	contract.begin_answer = begin_answer;
	happens.sql = sql;
	happens.beginnings = 0;
	happens.at_beginning = beginning;
	happens.at_part = part;
	queries->operation.contract = queries->operation.answer.contract = &contract;
	answered = run_list(queries, SHAPE_LIST, "");
	happens.at_part = 0;
	return answered;
}

/* What others change meanwhile is not seen, whatever rows it is of. */
static void test_one_state(void **state)
{
	static const char change[] =
	    "DELETE FROM item WHERE id MOD 3 = 0; UPDATE item SET id = id + 5000 WHERE id < 2000 "
	    "AND id MOD 3 = 1; INSERT INTO item (id, code) VALUES (2999999, 'new'), (-1, 'new')";
	struct queries *queries = *state;

	for (unsigned moment = 0; moment < 4; moment++) {
		fill_table(ROW_COUNT);
		prepare_list(queries, AMPLE);
		/* Before the first piece, behind the head, and behind the first parts. */
		assert_true(run_while(queries, change, moment == 0, moment));
		assert_int_equal(queries->statements, 5);
		assert_int_equal(count_rows(queries, 1), ROW_COUNT);
	}
}

/* A connection that is lost is of no importance until something has been sent. */
static void test_lost(void **state)
{
	static const struct {
		unsigned beginning, part; /* when it is lost */
		unsigned beginnings;      /* of the answer */
		bool answered;
	} losses[] = {
		{ 1, 0, 2, true }, /* in the transaction, which begins anew */
		{ 0, 1, 1, false },
		{ 0, 3, 1, false },
	};
	struct queries *queries = *state;
	char kill[64];

	fill_table(ROW_COUNT);
	for (size_t i = 0; i < ROWS(losses); i++) {
		bool answered;

		prepare_list(queries, AMPLE);
		assert_int_equal(database_ready(queries->database, &queries->error), 0);
		snprintf(kill, sizeof(kill), "%s",
		    server_value(QUERIES_DATABASE,
			"SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE DB = "
			"'" QUERIES_DATABASE "' AND ID <> CONNECTION_ID()"));
		answered = run_while(queries, kill, losses[i].beginning, losses[i].part);
		expect_int(i, answered, losses[i].answered);
		expect_int(i, happens.beginnings, losses[i].beginnings);
		expect_int(i, queries->response.sent > 0, true);
		if (answered)
			expect_int(i, count_rows(queries, 1), ROW_COUNT);
		else
			expect_int(i, queries->error.code, ERROR_UNAVAILABLE);
	}
}

/* Nothing is read for nobody. */
static void test_nobody_reads(void **state)
{
	struct queries *queries = *state;

	fill_table(ROW_COUNT);
	prepare_list(queries, AMPLE);
	peer.most = 2; /* the head, and one part */
	assert_true(run_list(queries, SHAPE_LIST, ""));
	assert_true(queries->response.broken);
	assert_int_equal(queries->statements, 3);
	prepare_list(queries, AMPLE);
	queries->request.method = METHOD_HEAD;
	assert_true(run_list(queries, SHAPE_LIST, ""));
	assert_false(queries->response.broken);
	assert_int_equal(peer.parts, 1);
	assert_int_equal(queries->statements, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_edges, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_page_in_pieces, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(
		    test_rows_that_do_not_fit, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_one_state, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_lost, queries_begin, queries_end),
		cmocka_unit_test_setup_teardown(test_nobody_reads, queries_begin, queries_end),
	};
	int failed = cmocka_run_group_tests(tests, queries_server_begin, queries_server_end);

	buf_free(&peer.got);
	return failed;
}
