#include "api/contracts.h"
#include "api/discovery/discovery.h"

static const struct resource *const resources[] = {
	&discovery_group_resource,
	&discovery_client_resource,
	&discovery_association_resource,
	&discovery_hello_resource,
	&discovery_heartbeat_resource,
	&discovery_item_resource,
	&discovery_removed_resource,
	&discovery_response_resource,
};

static const struct resource *const views[] = {
	&presence_group_resource,
	&presence_lapse_resource,
};

/* Without any of them, callers are answered as the reference says. */
static const struct parameter answer_parameters[] = {
	{ .name = "details",
	    .kind = PARAMETER_BOOLEAN,
	    .doc = "Whether states, leases and the version of the group are shown, too." },
	{ .name = "since",
	    .kind = PARAMETER_INTEGER,
	    .least = 0,
	    .most = INT64_MAX,
	    .doc = "Version that the caller knows: only what has changed since is shown, with "
		   "details.",
	    .example = "1796121600000000" },
};

#define HELLO "/api/ClientHello"
#define ONE_CLIENT HELLO "/{token}"

static const struct route routes[] = {
	{ .name = "announceApplication",
	    .method = METHOD_POST,
	    .path = HELLO,
	    .run = discovery_hello,
	    .resource = &discovery_response_resource,
	    .body = &discovery_hello_resource,
	    .body_name = "dto",
	    PARAMETERS(answer_parameters),
	    .access = ACCESS_GROUP,
	    .area = AREA_DISCOVERY,
	    .flags = ROUTE_NO_REPLAY | ROUTE_VERSION,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND),
	    .doc = "Announces a client to its group and answers with what the group knows." },
	{ .name = "renewApplication",
	    .method = METHOD_PUT,
	    .path = ONE_CLIENT,
	    .run = discovery_heartbeat,
	    .resource = &discovery_response_resource,
	    .body = &discovery_heartbeat_resource,
	    .body_name = "dto",
	    PARAMETERS(answer_parameters),
	    .access = ACCESS_GROUP,
	    .area = AREA_DISCOVERY,
	    .flags = ROUTE_BODY_OPTIONAL | ROUTE_SECRET_PATH | ROUTE_VERSION,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND),
	    .doc = "Says that a client is still there, and answers as its hello; an unknown token "
		   "means: send a hello." },
	{ .name = "removeApplication",
	    .method = METHOD_DELETE,
	    .path = ONE_CLIENT,
	    .shape = SHAPE_NOTHING,
	    .run = discovery_leave,
	    .access = ACCESS_GROUP,
	    .area = AREA_DISCOVERY,
	    .flags = ROUTE_SECRET_PATH,
	    .status = 204,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND),
	    .doc = "A client leaves its group." },
	{ .name = "synchroniseApplications",
	    .method = METHOD_POST,
	    .path = "/api/ClientAddOrUpdateOrRemoveClients",
	    .run = discovery_synchronise,
	    .resource = &discovery_response_resource,
	    .body = &discovery_item_resource,
	    .body_name = "dto",
	    .access = ACCESS_GROUP,
	    .area = AREA_DISCOVERY,
	    .flags = ROUTE_BODY_LIST | ROUTE_NO_REPLAY,
	    .errors = ERROR_BIT(ERROR_NOT_FOUND) | ERROR_BIT(ERROR_CONFLICT),
	    .doc = "Makes a group consist of exactly the clients in the body." },
};

const struct contract discovery_contract = {
	.family = {
		.name = "discovery",
		.title = "Discovery",
		.prefix = "/",
		.doc = "Installed applications announce themselves and find their peers.",
		.xml_style = XML_DATA_CONTRACT,
		.xml_namespace = "http://schemas.datacontract.org/2004/07/DueBit.DTO.RestClient",
		.xml_pascal_case = true,
		.xml_sorted = true,
		.json_time = TIMESTAMP_LOCAL,
		.xml_time = TIMESTAMP_OFFSET,
		FAMILY_DIALECT(discovery),
		.originals = &catalogue_original_web_api,
		.insert_status = 200,
		.delete_status = 204,
		.error = { .xml_root = "Error",
		    .message = "Message",
		    .faults = "ModelState",
		    .fault_prefix = true },
		.resources = resources,
		.resource_count = COUNT_OF(resources),
		.views = views,
		.view_count = COUNT_OF(views),
	},
	.routes = routes,
	.route_count = COUNT_OF(routes),
};
