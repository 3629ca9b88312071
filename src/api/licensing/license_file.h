/*
 * The document of a license as a file: for downloads and mails.
 */
#ifndef CLIENTELE_API_LICENSING_LICENSE_FILE_H
#define CLIENTELE_API_LICENSING_LICENSE_FILE_H

#include "op/operation.h"

struct license_file {
	struct str name;
	const char *media; /* with its charset */
	struct str content;
};

/*
 * The file of a license that was fetched with its file name; false where it has no document. The
 * content is the row's.
 */
bool license_file_of(struct arena *arena, const struct row *license, struct license_file *file);

/* Handler of GET /v1/licenses/{licenseId}/file. */
int licensing_license_file(struct operation *operation, struct error *error) MUST_CHECK;

extern const struct parameter licensing_license_file_parameters[1];

#endif
