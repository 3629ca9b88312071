#include "api/families.h"
#include "codec/writer.h"
#include "http/response.h"

/* Stable numbers of errors, part of the documentation; new ones are added at the end. */
static const int codes[ERROR__MAX] = {
	[ERROR_INTERNAL] = 1,
	[ERROR_MALFORMED] = 2,
	[ERROR_INVALID] = 3,
	[ERROR_UNAUTHENTICATED] = 4,
	[ERROR_FORBIDDEN] = 5,
	[ERROR_NO_ROUTE] = 6,
	[ERROR_METHOD] = 7,
	[ERROR_NOT_FOUND] = 8,
	[ERROR_CONFLICT] = 9,
	[ERROR_IN_USE] = 10,
	[ERROR_STALE] = 11,
	[ERROR_TOO_LARGE] = 12,
	[ERROR_URI_TOO_LONG] = 13,
	[ERROR_MEDIA_TYPE] = 14,
	[ERROR_MISMATCH] = 15,
	[ERROR_TOO_MANY] = 16,
	[ERROR_UNAVAILABLE] = 17,
};

static void write_error(
    struct writer *writer, const struct answer *answer, const struct error *error)
{
	(void)answer;
	writer_object_begin(writer, "Error");
	writer_boolean(writer, "success", false);
	writer_integer(writer, "code", codes[error->code]);
	writer_text(writer, "message",
	    str_from(error->message != NULL ? error->message : error_code_message(error->code)));
	if (error->faults != NULL)
		response_write_faults(writer, answer, "errors", error);
	writer_object_end(writer);
}

const struct family licensing_family = {
	.name = "licensing",
	.title = "Licensing",
	.prefix = "/v1",
	.doc = "Software vendors keep products, customers, orders and licences.",
	.xml_style = XML_DATA_CONTRACT,
	.xml_namespace = "http://schemas.datacontract.org/2004/07/Management",
	.xml_pascal_case = true,
	.xml_sorted = true,
	.json_time = TIMESTAMP_UTC,
	.xml_time = TIMESTAMP_UTC,
	.strict_parameters = true,
	.insert_status = 200,
	.delete_status = 200,
	.write_error = write_error,
};
