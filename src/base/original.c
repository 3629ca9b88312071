/*
 * The words of the originals, whose programs may compare them: those that ASP.NET Web API, ASP.NET
 * Core and the annotations of .NET have in stock, and what the hosting original documents. What
 * neither knows is said as everywhere, and all of it in English.
 */
#include "base/catalogue.h"

#define REFUSED "Authorization has been denied for this request."
#define UNREADABLE "An error has occurred."

/* Annotations of members, System.ComponentModel.DataAnnotations. */
static const struct catalogue_text texts[] = {
	{ "The %s field must be %s.", "The {1} field must be {2!}." },
	{ "The %s field must have at most %u items.",
	    "The field {1} must be a string or array type with a maximum length of '{2}'." },
	{ "The %s field must not be null.", "The {1} field is required." },
	{ "The parameter %s is required.", "The {1} field is required." },
	{ "The parameter %s must be an integer from %lld to %lld.",
	    "The field {1} must be between {2} and {3}." },
	{ "The parameter %s must be text of at most %lld characters.",
	    "The field {1} must be a string with a maximum length of {2}." },
	{ "The path's %s must be %s.", "The path's {1} must be {2!}." },
	{ "The setting %s must be %s.", "The setting {1} must be {2!}." },
	{ "This credential does not allow the operation.", REFUSED },
	{ "a list of at most %u texts",
	    "The field {0} must be a string or array type with a maximum length of '{1}'." },
	{ "an address such as https://example.org/hook, without user and fragment",
	    "The {0} field is not a valid fully-qualified http, https, or ftp URL." },
	{ "an e-mail address such as name@example.com",
	    "The {0} field is not a valid e-mail address." },
	{ "an integer from %lld to %lld", "The field {0} must be between {1} and {2}." },
	{ "text of at most %u characters",
	    "The field {0} must be a string with a maximum length of {1}." },
};
static const struct catalogue_part annotations = CATALOGUE_PART(texts);

/* Its formatters tell nobody from afar what they could not read. */
static const struct catalogue_text web_api_texts[] = {
	{ "A list is expected here.", UNREADABLE },
	{ "An object is expected here.", UNREADABLE },
	{ "Line %zu, column %zu of the %s body: %s", UNREADABLE },
	{ "The %s field must be an object.", UNREADABLE },
	{ "a GUID", UNREADABLE },
	{ "a date and time such as 2026-01-31T12:00:00Z", UNREADABLE },
	{ "a date such as 2026-01-31", UNREADABLE },
	{ "a number", UNREADABLE },
	{ "an integer from %lld to %lld", UNREADABLE },
	{ "text", UNREADABLE },
	{ "true or false", UNREADABLE },
};
static const struct catalogue_part web_api = CATALOGUE_PART(web_api_texts);
static const struct catalogue_part *const web_api_parts[] = { &web_api, &annotations };

const struct catalogue catalogue_original_web_api = {
	.parts = web_api_parts,
	.part_count = sizeof(web_api_parts) / sizeof(web_api_parts[0]),
};

static const struct catalogue_text core_texts[] = {
	{ "The request is invalid.", "One or more validation errors occurred." },
};
static const struct catalogue_part core = CATALOGUE_PART(core_texts);
static const struct catalogue_part *const core_parts[] = { &core, &annotations };

const struct catalogue catalogue_original_core = {
	.parts = core_parts,
	.part_count = sizeof(core_parts) / sizeof(core_parts[0]),
};

#define NAME_OR_PASSWORD "username or password is empty."
#define MAIL_ADDRESS "email address is empty or invalid."

static const struct catalogue_text hosting_texts[] = {
	{ "The client was not found.", "customer not found." },
	{ "The emailAddress field is required.", MAIL_ADDRESS },
	{ "The emailAddress field must be an e-mail address such as name@example.com.",
	    MAIL_ADDRESS },
	{ "The emailAddress field must not be null.", MAIL_ADDRESS },
	{ "The password field is required and must not be empty.", NAME_OR_PASSWORD },
	{ "The password field is required.", NAME_OR_PASSWORD },
	{ "The password field must not be null.", NAME_OR_PASSWORD },
	{ "The request is invalid.", "Invalid or missing properties." },
	{ "The username field is required.", NAME_OR_PASSWORD },
	{ "The username field must not be null.", NAME_OR_PASSWORD },
	{ "The username is already in use.", "username is already in use." },
};
static const struct catalogue_part hosting = CATALOGUE_PART(hosting_texts);
static const struct catalogue_part *const hosting_parts[] = { &hosting };

const struct catalogue catalogue_original_hosting = {
	.parts = hosting_parts,
	.part_count = sizeof(hosting_parts) / sizeof(hosting_parts[0]),
	.by_sentence = true,
};
