/*
 * The licensing family's own: resources, rules that several of them share, and operations that are
 * no generic ones; those of info, log, settings, mail, roles of users and traces, with all that
 * their routes need, are in api/licensing/irregular.h.
 */
#ifndef CLIENTELE_API_LICENSING_LICENSING_H
#define CLIENTELE_API_LICENSING_LICENSING_H

#include "op/operation.h"

#define LICENSING_TEXT_LONGEST 16000      /* TEXT columns, in characters */
#define LICENSING_CONTENT_LONGEST 4000000 /* MEDIUMTEXT columns */
#define LICENSING_ITEMS_MOST 1000         /* of one list that is written with its row */

/* Flags of members that are other rows. */
#define LICENSING_RELATED (FIELD_READONLY | FIELD_ON_DEMAND | FIELD_OMIT_ABSENT)
#define LICENSING_OWNED (FIELD_OWNED | FIELD_ON_DEMAND | FIELD_OMIT_ABSENT)
#define LICENSING_HIDDEN (FIELD_READONLY | FIELD_HIDDEN)

/* Chapters of the documentation besides those of areas. */
#define LICENSING_CHAPTER_DISCOVERY "Groups of applications"
#define LICENSING_CHAPTER_SEATS "Seats and consumption"
#define LICENSING_CHAPTER_SERVER "Server"
#define LICENSING_CHAPTER_TEMPLATES "License templates"

extern const struct resource licensing_api_key_resource;
extern const struct resource licensing_key_rotation_resource;
extern const struct resource licensing_rotated_key_resource;
extern const struct resource licensing_assembly_resource;
extern const struct resource licensing_contact_resource;
extern const struct resource licensing_counter_resource;
extern const struct resource licensing_customer_resource;
extern const struct resource licensing_discovery_client_resource;
extern const struct resource licensing_email_resource;
extern const struct resource licensing_discovery_group_resource;
extern const struct resource licensing_feature_resource;
extern const struct resource licensing_import_view; /* that no route shows */
extern const struct resource licensing_field_resource;
extern const struct resource licensing_key_secret_view; /* that no route shows */
extern const struct resource licensing_license_assembly_resource;
extern const struct resource licensing_license_resource;
extern const struct resource licensing_licensee_resource;
extern const struct resource licensing_order_product_resource; /* the products of an order */
extern const struct resource licensing_order_resource;
extern const struct resource licensing_policy_resource;
extern const struct resource licensing_product_info_resource;
extern const struct resource licensing_product_order_resource; /* the orders of a product */
extern const struct resource licensing_product_resource;
extern const struct resource licensing_release_assembly_resource;
extern const struct resource licensing_release_resource;
extern const struct resource licensing_report_property_resource;
extern const struct resource licensing_report_resource;
extern const struct resource licensing_resource_resource;
extern const struct resource licensing_restriction_resource;
extern const struct resource licensing_role_resource;
extern const struct resource licensing_template_resource;
extern const struct resource licensing_token_resource;
extern const struct resource licensing_trace_resource;
extern const struct resource licensing_user_resource;
extern const struct resource licensing_user_role_resource; /* the roles of a user */
extern const struct resource licensing_user_setting_resource;

/*
 * Draws an identifier of a format (base/identifier.h) for a text member that is absent;
 * record_insert() draws another one when it is taken. 0, or -1 when memory runs out.
 */
int licensing_draw(struct context *context, struct row *row, unsigned field, const char *format,
    struct error *error) MUST_CHECK;

/*
 * Completes a new license by the template that it names: whatever the template says and the row
 * does not. `*user_key_format` becomes the template's where it has one. ERROR_INVALID with a fault
 * when there is no such template.
 */
int licensing_apply_template(struct context *context, struct row *row, const char **user_key_format,
    struct error *error) MUST_CHECK;

/*
 * Gives the user `roles` in the place of the `former` ones, which were read under lock; bit i =
 * role i of role_table(). Looks at no rule, and tells the audit log nothing: that belongs to the
 * change around it. Errors as record_execute().
 */
int licensing_user_change_roles(struct context *context, const struct uuid *user, uint32_t former,
    uint32_t roles, struct error *error) MUST_CHECK;

/* A key that is replaced by another one for the same; both count for a while. */
struct licensing_key_rotation {
	int64_t key;        /* number of the former one */
	int64_t grace;      /* seconds for which it stays valid; its own end may be earlier */
	int64_t end;        /* moment at which it ends; set by licensing_key_rotate() */
	struct row *stored; /* the new one, with its whole text; set by licensing_key_rotate() */
};

/*
 * Carries out a struct licensing_key_rotation by the rules of keys. Must run in a transaction.
 * ERROR_NOT_FOUND when there is no such key, ERROR_CONFLICT when it does not count any more,
 * ERROR_FORBIDDEN when it may do more than the actor may grant.
 */
int licensing_key_rotate(struct context *context, void *data, struct error *error) MUST_CHECK;

/* POST …/rotate: reads a licensing_key_rotation_resource, answers a licensing_rotated_key_resource.
 */
int licensing_api_key_rotate(struct operation *operation, struct error *error) MUST_CHECK;

#define LICENSING_ROLES_MOST 32 /* of one user */

/* Roles that a user is given, or that are taken away; bit i = role i of role_table(). */
struct licensing_role_change {
	struct uuid user;
	uint32_t roles;
	bool add;
};

/*
 * Carries out a struct licensing_role_change by the rules of users; roles that the user has
 * already, or has not, are no faults. Must run in a transaction. ERROR_NOT_FOUND when there is no
 * such user; errors as record_update().
 */
int licensing_user_adjust_roles(
    struct context *context, void *data, struct error *error) MUST_CHECK;

/*
 * Whether the caller may grant what a user holds, and so may do to that one whatever would let
 * somebody else act as the user. Errors as grant_check().
 */
int licensing_user_check_holder(
    struct context *context, const struct uuid *user, struct error *error) MUST_CHECK;

/* List parameters of their own. */
int licensing_narrow_users(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
int licensing_narrow_traces(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* What stands before and after the payload of an answer, and error bodies. */
const char *licensing_begin_answer(struct writer *writer, const struct answer *answer);
void licensing_end_answer(struct writer *writer, const struct answer *answer);
void licensing_write_error(
    struct writer *writer, const struct answer *answer, const struct error *error);

/* Stable number of an error, as error bodies have it. */
int licensing_error_number(enum error_code code);

/* What these functions write, for the documentation. */
const struct resource *licensing_describe_answer(struct arena *arena, const struct route *route);
extern const struct resource licensing_error_body;
extern const struct resource licensing_new_user_beside;     /* body_beside of POST /v1/users */
extern const struct resource licensing_changed_user_beside; /* … and of PUT */

/* Members of licensing_import_view. */
enum licensing_import_member {
	LICENSING_IMPORT_SOURCE,
	LICENSING_IMPORT_TABLE,
	LICENSING_IMPORT_KEY,
	LICENSING_IMPORT_TARGET,
	LICENSING_IMPORT_DIGEST,
	LICENSING_IMPORT__MAX
};

#define LICENSING_IMPORT_NAME_MOST 64
#define LICENSING_IMPORT_KEY_MOST 255

/* The table of the original that its signing keys stand in. */
#define LICENSING_IMPORT_RESOURCES "Resources"

/* Their rules. */
extern const struct record licensing_api_key_record;
extern const struct record licensing_assembly_record;
extern const struct record licensing_contact_record;
extern const struct record licensing_customer_record;
extern const struct record licensing_discovery_group_record;
extern const struct record licensing_discovery_client_record;
extern const struct record licensing_license_record;
extern const struct record licensing_order_record;
extern const struct record licensing_product_record;
extern const struct record licensing_product_order_record;
extern const struct record licensing_release_record;
extern const struct record licensing_release_assembly_record;
extern const struct record licensing_report_record;
extern const struct record licensing_resource_record;
extern const struct record licensing_template_record;
extern const struct record licensing_token_record;
extern const struct record licensing_user_record;
extern const struct record licensing_user_setting_record;

#endif
