/*
 * Resources and operations of the delegates family.
 */
#ifndef CLIENTELE_API_DELEGATES_DELEGATES_H
#define CLIENTELE_API_DELEGATES_DELEGATES_H

#include "op/operation.h"

/*
 * Groups whose delegates name the user that is bound: all of them, and those where a flag of that
 * delegate is set. An index has a user's groups.
 */
#define DELEGATE_OWN_GROUPS "SELECT o.group_id FROM delegate o WHERE o.user_id = ?"
#define DELEGATE_OWN_GROUPS_WITH(flag) DELEGATE_OWN_GROUPS " AND o." flag

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
	ASSOCIATION_KNOWN, /* what is known of the client, in the order of REQUIRED_… */
	ASSOCIATION__MAX = ASSOCIATION_KNOWN + 5
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
	DELEGATE_GROUP_NAME,
	DELEGATE_USER_NAME,
	DELEGATE__MAX
};

/* Members of a group's requiredClientInformation, in order: name, column, what it is. */
/* clang-format off */
#define REQUIRED_INFORMATION(row) \
	row(CODE, "clientCode", "requires_client_code", "false", "The client's code.") \
	row(FIRST_NAME, "firstName", "requires_first_name", "false", "The client's first name.") \
	row(LAST_NAME, "lastName", "requires_last_name", "true", "The client's last name.") \
	row(BIRTH_DATE, "birthDate", "requires_birth_date", "false", "The client's birth date.") \
	row(PHONE_NUMBER, "phoneNumber", "requires_phone_number", "false", \
	    "The client's phone number.")
/* clang-format on */

#define REQUIRED_ENUMERATOR(id, name, column, value, text) REQUIRED_##id,
enum delegate_required_member { REQUIRED_INFORMATION(REQUIRED_ENUMERATOR) REQUIRED__MAX };

_Static_assert(ASSOCIATION_KNOWN + REQUIRED__MAX == ASSOCIATION__MAX,
    "whoever adds a client may tell all that a group may require");

/* Members of delegate_membership_resource. */
enum delegate_membership_member {
	MEMBERSHIP_ID,
	MEMBERSHIP_GROUP_ID,
	MEMBERSHIP_GROUP_NAME,
	MEMBERSHIP_FIRST_NAME,
	MEMBERSHIP_LAST_NAME,
	MEMBERSHIP_SECURITY,
	MEMBERSHIP_CAN_MANAGE_CLIENTS,
	MEMBERSHIP_CAN_MANAGE_DELEGATES,
	MEMBERSHIP_CAN_MANAGE_LOCATIONS,
	MEMBERSHIP_REQUIRED,
	MEMBERSHIP_USER_ID,
	MEMBERSHIP__MAX
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
extern const struct resource delegate_membership_resource;
extern const struct resource delegate_known_view; /* persons, for who adds one to a group */

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

/* The caller's own delegates, whoever else it may see. */
int delegate_narrow_memberships(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/*
 * The caller's own delegate in a group, with all members, to judge what it may do there; NULL where
 * it has none. Of what else its user is, nothing counts.
 */
int delegate_find_membership(
    struct context *context, int64_t group, struct row **row, struct error *error) MUST_CHECK;

/*
 * Whether a delegate may put the client of `sent`, a row of delegate_association_resource, into the
 * group: one that the group has already, or one of whom it knows what the group requires, which is
 * tried as a credential is. ERROR_NOT_FOUND without the group, ERROR_FORBIDDEN without
 * canManageClients, ERROR_INVALID with faults, alike whether or not there is such a client, and
 * ERROR_TOO_MANY.
 */
int delegate_check_known(struct operation *operation, int64_t group, const struct row *sent,
    struct error *error) MUST_CHECK;

/* The group of the path exists and is not deleted: 0, or -1 with ERROR_NOT_FOUND. */
int delegate_group_require(struct context *context, int64_t group, struct error *error) MUST_CHECK;

#endif
