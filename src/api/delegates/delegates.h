/*
 * Resources and operations of the delegates family.
 */
#ifndef CLIENTELE_API_DELEGATES_DELEGATES_H
#define CLIENTELE_API_DELEGATES_DELEGATES_H

#include "op/operation.h"

/* Members of delegate_client_resource, in the order of the JSON sample; the group comes last. */
enum delegate_client_member {
	DELEGATE_CLIENT_ID,
	DELEGATE_CLIENT_CODE,
	DELEGATE_CLIENT_FIRST_NAME,
	DELEGATE_CLIENT_LAST_NAME,
	DELEGATE_CLIENT_BIRTH_DATE,
	DELEGATE_CLIENT_START_DATE,
	DELEGATE_CLIENT_EXPIRY_DATE,
	DELEGATE_CLIENT_DYNAMICALLY_ADDED,
	DELEGATE_CLIENT_PHONE_NUMBER,
	DELEGATE_CLIENT_USER_DEFINED_FIELDS,
	DELEGATE_CLIENT_GROUP_ID,
	DELEGATE_CLIENT__MAX
};

/* Members of delegate_association_resource, the body of an upsert. */
enum delegate_association_member {
	ASSOCIATION_CLIENT_ID,
	ASSOCIATION_START_DATE,
	ASSOCIATION_EXPIRY_DATE,
	ASSOCIATION__MAX
};

/* Members of delegate_resource, in the order of the JSON sample. */
enum delegate_member {
	DELEGATE_ID,
	DELEGATE_GROUP_ID,
	DELEGATE_FIRST_NAME,
	DELEGATE_LAST_NAME,
	DELEGATE_PHONE,
	DELEGATE_USERNAME,
	DELEGATE_EMAIL,
	DELEGATE_ROLE,
	DELEGATE_COMMENTS,
	DELEGATE_ADDRESS_COMMENTS,
	DELEGATE_SECURITY,
	DELEGATE_CAN_MANAGE_CLIENTS,
	DELEGATE_CAN_MANAGE_DELEGATES,
	DELEGATE_CAN_MANAGE_LOCATIONS,
	DELEGATE_INHERITS,
	DELEGATE_USER_ID,
	DELEGATE_UPDATED_AT,
	DELEGATE__MAX
};

/* Members of a group's requiredClientInformation, in order. */
enum delegate_required_member {
	REQUIRED_CODE,
	REQUIRED_FIRST_NAME,
	REQUIRED_LAST_NAME,
	REQUIRED_BIRTH_DATE,
	REQUIRED_PHONE_NUMBER,
	REQUIRED__MAX
};

/* Members of delegate_person_resource. */
enum delegate_person_member {
	PERSON_ID,
	PERSON_CODE,
	PERSON_FIRST_NAME,
	PERSON_LAST_NAME,
	PERSON_USER_DEFINED_FIELDS,
	PERSON_BIRTH_DATE,
	PERSON_PHONE_NUMBER,
	PERSON_FUNDING_SOURCE,
	PERSON_SERVICE_TYPE,
	PERSON_LOCATION,
	PERSON_UPDATED_AT,
	PERSON__MAX
};

extern const struct resource delegate_group_resource;
extern const struct resource delegate_resource;
extern const struct resource delegate_client_resource;
extern const struct resource delegate_association_resource;
extern const struct resource delegate_person_resource; /* listed by the licensing family */
extern const struct resource delegate_info_resource, delegate_clients_resource;

/* Their rules. */
extern const struct record delegate_client_record;
extern const struct record delegate_group_record;
extern const struct record delegate_person_record;
extern const struct record delegate_record;

/* Query parameters of the list of a group's clients, of those that rules have added, of their count
 * and that of persons whom rules would add, of a page of delegates, of a group, and of the list of
 * groups. */
extern const struct parameter delegate_list_parameters[6];
extern const struct parameter delegate_dynamic_parameters[3];
extern const struct parameter delegate_count_parameters[2];
extern const struct parameter delegate_preview_parameters[1];
extern const struct parameter delegate_page_parameters[2];
extern const struct parameter delegate_group_parameters[2];
extern const struct parameter delegate_groups_parameters[3];

/* The list of groups: those that are not deleted, by words. */
int delegate_narrow_groups(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* GET /api/delegategroups/{id}: the group, or null. */
int delegate_group_get(struct operation *operation, struct error *error) MUST_CHECK;

/* The list of a group's clients and their count: those whose time has come, by words. */
int delegate_narrow_clients(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* The same of any words, and of those that rules have added. */
int delegate_narrow_current(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
int delegate_narrow_dynamic(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* The delegates of a group, by words. */
int delegate_narrow_delegates(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* GET …/delegates/{offset} and …/clientsgroup: a page and the numbers of all. */
int delegate_info(struct operation *operation, struct error *error) MUST_CHECK;
int delegate_clients_info(struct operation *operation, struct error *error) MUST_CHECK;

/* The list shows of each client the user-defined fields that were asked for. */
void delegate_select_user_fields(struct operation *operation, const struct row_list *rows);

/* GET …/clients/count: how many there are. */
int delegate_client_count(struct operation *operation, struct error *error) MUST_CHECK;

/* POST …/clients: adds a client to the group, or changes the dates of its association. */
int delegate_client_upsert(struct operation *operation, struct error *error) MUST_CHECK;

/* The group of the path exists and is not deleted: 0, or -1 with ERROR_NOT_FOUND. */
int delegate_group_require(struct context *context, int64_t group, struct error *error) MUST_CHECK;

#endif
