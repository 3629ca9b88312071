/*
 * Files of machines without a network: whole ones, and behind "p:" payloads, which are signed
 * first, since no change of a signed one would be looked at.
 */
#include <stdlib.h>

#include "../unit/verify/signer.h"
#include "api/activation/offline.h"
#include "fuzz.h"
#include "rule.h"

#define SIGNER_KEY "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define HEADER "{\"alg\":\"EdDSA\",\"typ\":\"license-request+jwt\"}"

static const struct settings settings = {
	.limits = { .body_bytes = 1 << 20,
	    .body_depth = 32,
	    .body_values = 10000,
	    .parameters = 100 },
};

static void check_row(const struct row *row)
{
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if (row_filled(row, i) && field_holds(&row->resource->fields[i]) == VALUE_TEXT)
			RULE(rule_is_text(row->values[i].text));
	}
}

static void check_file(struct arena *arena, enum offline_file_kind kind, struct str text)
{
	struct context context = { .arena = arena, .settings = &settings };
	struct machine_file file;
	struct error error;

	error_init(&error, arena);
	if (offline_read(&context, kind, text, "file", &file, &error) != 0) {
		RULE(error.fault_count > 0 || error.code != ERROR_NONE);
		return;
	}
	RULE(file.file.payload->kind == NODE_OBJECT && file.file.signature.length == 64);
	RULE(row_filled(file.row, MACHINE_FILE_MACHINE_KEY));
	check_row(file.row);
	check_row(file.request);
	offline_check_user_key(&file, STR("K7Q2M-ZX94T-HW8PD-3NVRB"), &error);
}

/* What is signed, and the file that it makes, in lines. */
static struct str sign_payload(struct arena *arena, const char *payload)
{
	char *jws = signer_jws(HEADER, payload);
	const char *text = arena_printf(
	    arena, "-----BEGIN LICENSE REQUEST-----\n%s\n-----END LICENSE REQUEST-----\n", jws);

	free(jws);
	return str_from(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 16, 1 << 24);
	struct str text = { (const char *)data, size };
	struct offline_file file;

	RULE(arena != NULL);
	check_file(arena, OFFLINE_REQUEST, text);
	check_file(arena, OFFLINE_RECEIPT, text);
	if (str_starts_with(text, STR("p:")) && size < 16384) {
		text = sign_payload(arena, arena_copy(arena, text.data + 2, size - 2));
		check_file(arena, OFFLINE_REQUEST, text);
		if (offline_file_read(arena, &settings.limits, OFFLINE_REQUEST, text, &file) ==
		    NULL)
			RULE(offline_file_is_signed(arena, &file, STR(SIGNER_KEY)));
	}
	arena_free(arena);
	return 0;
}
