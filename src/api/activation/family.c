#include "api/activation/activation.h"
#include "api/activation/offline.h"
#include "api/contracts.h"
#include "op/generic.h"

static const struct resource *const resources[] = {
	&activation_answer_resource,
	&activation_checkout_body,
	&activation_checkout_resource,
	&activation_consume_resource,
	&activation_consumption_resource,
	&activation_entry_resource,
	&activation_heartbeat_resource,
	&activation_license_resource,
	&activation_list_resource,
	&activation_moment_resource,
	&activation_receipt_body,
	&activation_release_resource,
	&activation_report_resource,
	&activation_request_resource,
	&activation_sent_report_resource,
};

static const struct resource *const views[] = {
	&activation_license_view,
	&activation_machine_file_resource,
};

#define LICENSE "/v1/license"

/* The same of all that programs post. */
#define PROGRAM(last, operation_name, handler, answer, request_type, answer_name, text)        \
	{                                                                                      \
		.name = (operation_name), .method = METHOD_POST, .path = LICENSE "/" last,     \
		.run = (handler), .resource = &(answer), .body = &activation_request_resource, \
		.body_type = (request_type), .answer_type = (answer_name),                     \
		.access = ACCESS_USER_KEY, .area = AREA_ACTIVATION, .flags = ROUTE_NO_REPLAY,  \
		.errors = REFUSALS, .doc = (text)                                              \
	}
#define REFUSALS                                                                               \
	(ERROR_BIT(ERROR_NOT_FOUND) | ERROR_BIT(ERROR_FORBIDDEN) | ERROR_BIT(ERROR_TOO_MANY) | \
	    ERROR_BIT(ERROR_CONFLICT))

static const struct route routes[] = {
	PROGRAM("activate", "activateLicense", activation_activate, activation_answer_resource,
	    "ActivateLicenseRequest", "ActivateLicenseResponse",
	    "Takes a seat of a license for activations, or the one that machine and client have."),
	PROGRAM("deactivate", "deactivateLicense", activation_deactivate,
	    activation_release_resource, "DeactivateLicenseRequest", "DeactivateLicenseResponse",
	    "Frees the seat of machine and client."),
	PROGRAM("request", "requestFloatingLicense", activation_request, activation_answer_resource,
	    "RequestFloatingLicenseRequest", "RequestFloatingLicenseResponse",
	    "Takes a floating seat, or the one that machine and client have."),
	PROGRAM("release", "releaseFloatingLicense", activation_release,
	    activation_release_resource, "ReleaseFloatingLicenseRequest",
	    "ReleaseFloatingLicenseResponse", "Frees the floating seat of machine and client."),
	PROGRAM("validate", "validateLicense", activation_validate, activation_answer_resource,
	    "ValidateLicenseRequest", "ValidateLicenseResponse",
	    "Returns the license and the seat of machine and client, if both are valid."),
	PROGRAM("heartbeat", "sendHeartbeat", activation_heartbeat, activation_heartbeat_resource,
	    "HeartbeatRequest", "HeartbeatResponse",
	    "Keeps the seat of machine and client for another lease."),
	{ .name = "consumeLicense",
	    .method = METHOD_POST,
	    .path = LICENSE "/consume",
	    .run = activation_consume,
	    .resource = &activation_consumption_resource,
	    .body = &activation_consume_resource,
	    .access = ACCESS_USER_KEY,
	    .area = AREA_ACTIVATION,
	    .flags = ROUTE_NO_REPLAY,
	    .errors = REFUSALS,
	    .doc = "Uses up an amount of what a counter of the license allows; the same "
		   "consumptionId again is the same consumption." },
	{ .name = "sendReport",
	    .method = METHOD_POST,
	    .path = LICENSE "/report",
	    .run = activation_send_report,
	    .resource = &activation_sent_report_resource,
	    .body = &activation_report_resource,
	    .access = ACCESS_USER_KEY,
	    .area = AREA_ACTIVATION,
	    .flags = ROUTE_NO_REPLAY,
	    .errors = REFUSALS,
	    .doc = "Stores a report of a program; license reports of one client are merged." },
	{ .name = "checkOutLicense",
	    .method = METHOD_POST,
	    .path = LICENSE "/checkout",
	    .run = activation_check_out,
	    .resource = &activation_checkout_resource,
	    .body = &activation_checkout_body,
	    .access = ACCESS_USER_KEY,
	    .area = AREA_ACTIVATION,
	    .flags = ROUTE_NO_REPLAY,
	    .errors = REFUSALS,
	    .doc = "Takes a seat for a machine without a network, by its request file, and answers "
		   "a license file of that machine." },
	{ .name = "returnLicense",
	    .method = METHOD_POST,
	    .path = LICENSE "/receipt",
	    .run = activation_receipt,
	    .resource = &activation_release_resource,
	    .body = &activation_receipt_body,
	    .access = ACCESS_USER_KEY,
	    .area = AREA_ACTIVATION,
	    .flags = ROUTE_NO_REPLAY,
	    .errors = REFUSALS,
	    .doc = "Frees the seat of a machine that has given its license file up, by its "
		   "receipt." },
	{ .name = "listActivations",
	    .method = METHOD_GET,
	    .path = LICENSE "/activations",
	    .run = activation_list,
	    .resource = &activation_list_resource,
	    .access = ACCESS_USER_KEY,
	    .area = AREA_ACTIVATION,
	    .errors = REFUSALS,
	    .doc = "Lists the seats of a license that are taken; its key is in the header "
		   "X-User-Key." },
};

const struct contract activation_contract = {
	.family = {
		.name = "activation",
		.title = "Activation",
		.prefix = LICENSE,
		.doc = "Programs of a vendor activate licenses, take floating seats and keep them.",
		.xml_style = XML_DATA_CONTRACT,
		.xml_namespace = "http://schemas.datacontract.org/2004/07/Licensing",
		.xml_pascal_case = true,
		.xml_sorted = true,
		.json_time = TIMESTAMP_UTC,
		.xml_time = TIMESTAMP_UTC,
		FAMILY_DIALECT(activation),
		.originals = &catalogue_original_core,
		.strict_parameters = true,
		.insert_status = 200,
		.delete_status = 200,
		.error_body = &activation_error_body,
		.resources = resources,
		.resource_count = COUNT_OF(resources),
		.views = views,
		.view_count = COUNT_OF(views),
	},
	.write_error = activation_write_error,
	.routes = routes,
	.route_count = COUNT_OF(routes),
};
