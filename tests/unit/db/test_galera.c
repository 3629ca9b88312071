#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "db/galera.h"
#include "schema/resource.h"

#define UUID_A "67652627-ec2d-11f1-a869-93ac35e114af"

static void test_reach(void **state)
{
	static const struct {
		unsigned number;
		const char *message;
		enum galera_reach reach;
	} rows[] = {
		{ 2003, "Can't connect to server on 'db1' (115)", GALERA_SILENT },
		{ 2003, "Can't connect to server on 'db1' (110)", GALERA_SILENT },
		{ 2003, "Can't connect to server on 'db1' (113)", GALERA_SILENT },
		{ 2002, "Can't connect to local server through socket '/x' (2)", GALERA_STOPPED },
		{ 2002, "Can't connect to local server through socket '/x' (111)", GALERA_STOPPED },
		{ 2002, "Can't connect to local server through socket '/x' (13)", GALERA_SILENT },
		{ 2005, "Unknown server host 'db9' (-2)", GALERA_SILENT },
		{ 2013, "Lost connection to server at 'handshake'", GALERA_SILENT },
		{ 1045, "Access denied for user 'x'@'y' (using password: YES)", GALERA_LOCKED },
		{ 1040, "Too many connections", GALERA_LOCKED },
		{ 2026, "TLS/SSL error: self signed certificate", GALERA_LOCKED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(galera_reach_of(rows[i].number, rows[i].message), rows[i].reach);
}

static void test_figures(void **state)
{
	struct galera_node node = { 0 };

	(void)state;
	galera_take(&node, "wsrep_on", "ON");
	galera_take(&node, "wsrep_node_name", "n1");
	galera_take(&node, "wsrep_provider_options",
	    "pc.linger = PT20S; pc.recovery = true; pc.version = 0; ");
	galera_take(&node, "wsrep_cluster_status", "Primary");
	galera_take(&node, "wsrep_ready", "ON");
	galera_take(&node, "wsrep_cluster_size", "3");
	galera_take(&node, "wsrep_local_state_comment", "Synced");
	galera_take(&node, "wsrep_local_state_uuid", UUID_A);
	galera_take(&node, "wsrep_last_committed", "-1");
	galera_take(&node, "wsrep_nothing_of_ours", "7");
	assert_true(
	    node.replicates && node.primary && node.ready && node.restores && !node.read_only);
	assert_string_equal(node.name, "n1");
	assert_string_equal(node.state, "Synced");
	assert_int_equal(node.size, 3);
	assert_int_equal(node.position.uuid.bytes[0], 0x67);
	assert_int_equal(node.position.seqno, -1);
	galera_take(&node, "wsrep_cluster_status", "non-Primary");
	galera_take(&node, "wsrep_provider_options", "pc.recovery = FALSE");
	galera_take(&node, "read_only", "ON");
	assert_true(!node.primary && !node.restores && node.read_only);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
