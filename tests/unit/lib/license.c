#include "license.h"

#include "api/contracts.h"
#include "api/licensing/licensing.h"
#include "body.h"
#include "codec/row.h"

struct row *license_read(struct arena *arena, const char *json)
{
	struct error error;
	struct body body;
	struct row *row;

	error_init(&error, arena);
	assert_int_equal(json_read(arena, &body_limits, str_from(json), &body, &error), 0);
	if (row_read(arena, &licensing_contract.family, &licensing_license_resource,
		ROW_READ_INSERT, BODY_JSON, body.root, "", &row, &error) != 0)
		fail_msg("%s", error.faults->message);
	return row;
}
