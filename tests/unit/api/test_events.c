#define _GNU_SOURCE 1
/*
 * Events: no resource is forgotten, and their names are those that receivers can rely on.
 */
#include "../lib/rows.h"
#include "api/contracts.h"
#include "api/events.h"
#include "op/contract.h"

/* Tables with resources that have no events, each with the reason. */
static const struct {
	const char *table, *type_name, *reason;
} silent[] = {
	{ "oauth_registration_token", NULL,
	    "lets programs register: the registered client is told" },
	{ "api_client", "Registration", "a registration's own view of a client" },
	{ "oauth_session", NULL, "comes and goes with each login" },
	{ "oauth_token", NULL, "comes and goes with each login" },
	{ "discovery_group", "DTOClientGroup", "what applications see of a group" },
	{ "discovery_client", "DiscoveryClient", "a list for administrators" },
	{ "hosting_client", "ClientLoads", "numbers of the account" },
	{ "hosting_client", "OwnAccount", "what its owner sees of the account" },
	{ "hosting_domain", "OwnDomain", "what its owner sees of the domain" },
	{ "hosting_consent", NULL, "as many as there are visitors, who are told to nobody else" },
	{ "discovery_departure", NULL, "the application has an event of it" },
	{ "delegate", "DelegateMembership", "what a delegate sees of itself" },
	{ "delegate_association", NULL, "a part of the delegate group" },
	{ "delegate_client", NULL, "stands in the delegate groups" },
	{ "import_map", NULL, "tells where rows came from" },
	{ "delegate_condition", NULL, "a part of the delegate group" },
	{ "delegate_evaluation", NULL, "one row, of when it was" },
	{ "license_assembly", NULL, "a part of the license" },
	{ "license_field", NULL, "a part of the license" },
	{ "license_feature", NULL, "a part of the license" },
	{ "license_restriction", NULL, "a part of the license" },
	{ "license_counter", NULL, "a part of the license" },
	{ "license_consumption", NULL, "the license has events of it" },
	{ "license_consumption_entry", NULL, "as many as there are uses of licenses" },
	{ "license_trace", NULL, "as many as there are uses of licenses" },
	{ "report_property", NULL, "a part of the report" },
	{ "user_setting", NULL, "what a console remembers of its user" },
	{ "user_second_factor", NULL, "a part of the user" },
	{ "user_recovery_code", NULL, "a part of the user" },
	{ "sign_in_link", NULL, "comes and goes with a login" },
	{ "role", NULL, "never changes" },
	{ "user_role", NULL, "a part of the user" },
	{ "mail_message", NULL, "is sent, not kept" },
	{ "queue_item", "Email", "tells of what is under way" },
	{ "server_setting", NULL, "settings of the server itself" },
	{ "audit_entry", NULL, "tells of changes itself" },
	{ "log_entry", NULL, "tells of changes itself" },
	{ "webhook", NULL, "who is told does not hear of himself" },
	{ "webhook_delivery", NULL, "is what tells" },
};

static bool used[ROWS(silent)];

static bool is_silent(const struct resource *resource)
{
	for (size_t i = 0; i < ROWS(silent); i++) {
		if (strcmp(silent[i].table, resource->table) == 0 &&
		    (silent[i].type_name == NULL ||
			strcmp(silent[i].type_name, resource->type_name) == 0)) {
			used[i] = true;
			return true;
		}
	}
	return false;
}

/* Another list of the same rows, or the resource behind a view of them, tells of them. */
static bool is_told(const struct resource *resource, bool as_view)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		const struct family *family = &contracts[i]->family;

		for (unsigned j = 0; j < family->resource_count; j++) {
			const struct resource *other = family->resources[j];

			if (other->event != NULL && strcmp(other->table, resource->table) == 0 &&
			    (as_view || strcmp(other->type_name, resource->type_name) == 0))
				return true;
		}
	}
	return resource->event != NULL;
}

static void check_resource(const struct resource *resource, bool as_view)
{
	bool told = resource->table != NULL && is_told(resource, as_view);

	if (resource->table == NULL) {
		assert_null(resource->event);
		return;
	}
	if (told == is_silent(resource))
		fail_msg("%s (%s) has %s", resource->table, resource->type_name,
		    told ? "events and a reason to have none"
			 : "neither events nor a reason to have none");
}

static void test_no_resource_is_forgotten(void **state)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		const struct family *family = &contracts[i]->family;

		for (unsigned j = 0; j < family->resource_count; j++)
			check_resource(family->resources[j], false);
		for (unsigned j = 0; j < family->view_count; j++)
			check_resource(family->views[j], true);
	}
	for (size_t i = 0; i < ROWS(silent); i++) {
		if (!used[i])
			fail_msg("there is no %s (%s)", silent[i].table, silent[i].reason);
	}
}

struct names {
	char list[128][EVENT_NAME_MAX + 1];
	unsigned count;
};

/* Letters, digits and underscores between dots, as Standard Webhooks wants them. */
static bool check_name(void *data, struct str name, const struct resource *resource)
{
	struct names *names = data;

	assert_true(names->count < ROWS(names->list));
	assert_true(name.length <= EVENT_NAME_MAX);
	assert_true(str_find(name, '.') > 0 && str_find(name, '.') < name.length - 1);
	assert_ptr_equal(memchr(name.data, '.', name.length), memrchr(name.data, '.', name.length));
	for (size_t i = 0; i < name.length; i++)
		assert_non_null(strchr("abcdefghijklmnopqrstuvwxyz_.", name.data[i]));
	for (unsigned i = 0; i < names->count; i++)
		assert_false(str_equal(name, str_from(names->list[i])));
	memcpy(names->list[names->count++], name.data, name.length);
	assert_true(resource->area != AREA_NONE);
	assert_true(events_areas(name) == AREA_BIT(resource->area));
	return true;
}

static void test_names(void **state)
{
	static struct names names;

	(void)state;
	events_each(check_name, &names);
	assert_true(names.count >= 20 * EVENT_VERB__MAX);
}

static void test_lists(void **state)
{
	static const struct {
		const char *listed, *event;
		bool matches;
	} rows[] = {
		{ "*", "license.created", true },
		{ "license.*", "license.created", true },
		{ "license.created", "license.created", true },
		{ "license.*", "license_token.created", false },
		{ "license.created", "license.updated", false },
		{ "license", "license.created", false },
		{ "lic*", "license.created", false },
		{ "*.created", "license.created", false },
		{ ".*", "license.created", false },
		{ "", "license.created", false },
		{ "License.created", "license.created", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		if (subscription_matches(str_from(rows[i].listed), str_from(rows[i].event)) !=
		    rows[i].matches)
			fail_msg("row %zu", i);
	}
	assert_int_equal(events_areas(STR("license.*")), AREA_BIT(AREA_LICENSES));
	assert_int_equal(events_areas(STR("licence.*")), 0);
	assert_true((events_areas(STR("*")) & AREA_BIT(AREA_CUSTOMERS)) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_resource_is_forgotten),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
