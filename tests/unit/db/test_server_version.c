#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "db/server_version.h"

static void test_check(void **state)
{
	static const struct {
		const char *version;
		const char *reason; /* a part of it; NULL = good */
	} rows[] = {
		{ "10.11.6-MariaDB-0+deb12u1", NULL },
		{ "10.10.1-MariaDB", NULL },
		{ "5.5.5-10.11.2-MariaDB-log", NULL },
		{ "11.4.2-MariaDB-ubu2404", NULL },
		{ "12.0.1-MariaDB", NULL },
		{ "10.9.8-MariaDB", "version 10.9.8-MariaDB; MariaDB 10.10" },
		{ "10.6.18-MariaDB-0ubuntu0.22.04.1", "MariaDB 10.10 or newer" },
		{ "5.5.5-10.6.1-MariaDB", "version 10.6.1-MariaDB" },
		{ "5.5.68-MariaDB", "MariaDB 10.10" },
		{ "8.0.36", "not MariaDB" },
		{ "8.4.0-commercial", "not MariaDB" },
		{ "10.11.6", "not MariaDB" },
		{ "", "not MariaDB" },
		{ "MariaDB", "MariaDB 10.10" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char reason[256] = "";
		bool good = server_version_check(rows[i].version, reason, sizeof(reason));

		if (good != (rows[i].reason == NULL) ||
		    (!good && strstr(reason, rows[i].reason) == NULL))
			fail_msg("%s: %d %s", rows[i].version, good, reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_check) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
