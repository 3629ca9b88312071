/*
 * What the irregular licensing operations share: those that are no list, insert, update or delete
 * of a resource. Their answers are rows whose members stand beside success, code and message.
 */
#ifndef CLIENTELE_API_LICENSING_IRREGULAR_H
#define CLIENTELE_API_LICENSING_IRREGULAR_H

#include "op/operation.h"
#include "query/filter.h"

/* Members that the tables of relations need and nobody sees. */
#define HIDDEN_LINK                                                           \
	{                                                                     \
		INT32("link", NULL), .flags = FIELD_HIDDEN | FIELD_NOT_STORED \
	}

/* Answers with nothing but the envelope. */
extern const struct resource licensing_result_resource;
int irregular_done(
    struct operation *operation, const char *message, struct error *error) MUST_CHECK;

/* Reads a moment from a query parameter; false with a fault when it is none. Unset: false, no
 * fault.
 */
bool irregular_moment(
    struct operation *operation, const char *name, int64_t *moment, struct error *error);

/* Which rows of a resource with one integer key are to be deleted. */
struct irregular_deletion {
	const struct resource *resource;
	const struct filter *filter; /* NULL = all that `narrow` leaves */
	void (*narrow)(struct sql *sql, const void *context);
	const void *context;
};

/* Most rows that one call of irregular_delete() deletes. */
#define IRREGULAR_CHUNK 1024

/*
 * Deletes the next rows, in the order of their keys, and counts them. Must run in a transaction;
 * *count below IRREGULAR_CHUNK tells that there are no more.
 */
int irregular_delete(struct operation *operation, const struct irregular_deletion *deletion,
    int64_t *count, struct error *error) MUST_CHECK;

/*
 * Operations; each is the `run` of a route:
 *
 *	run				answers (resource)		reads (body)
 *	licensing_info			server_info_resource		-
 *	op_query (narrow below)		log_entry_resource		-
 *	licensing_log_levels		log_levels_resource		-
 *	licensing_statistics		statistics_resource		-
 *	licensing_search		search_found_resource		search_wanted_resource
 *	licensing_log_delete		log_deletion_resource		-
 *	licensing_settings_get		server_settings_resource	-
 *	licensing_settings_put		licensing_result_resource	settings_change_resource
 *	licensing_user_role_add		licensing_result_resource	user_roles_resource
 *	licensing_user_role_remove	licensing_result_resource	user_roles_resource
 *	licensing_traces_delete		licensing_result_resource	trace_deletion_resource
 *	licensing_mail_send		licensing_result_resource	mail_send_resource
 *	licensing_mail_license		licensing_result_resource	mail_license_resource
 *	licensing_license_renew		license_state_resource		license_renewal_resource
 *	licensing_license_suspend	license_state_resource		-
 *	licensing_license_reinstate	license_state_resource		-
 *	licensing_license_revoke	license_state_resource		-
 *	licensing_license_transfer	license_state_resource		license_transfer_resource
 *	licensing_consumption_top_up	consumption_changed_resource	consumption_top_up_resource
 *	licensing_consumption_reverse	consumption_changed_resource	ledger_reversal_resource
 */
int licensing_info(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_log_levels(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_statistics(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_search(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_log_delete(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_settings_get(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_settings_put(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_user_role_add(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_user_role_remove(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_traces_delete(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_mail_send(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_mail_license(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_license_renew(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_license_suspend(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_license_reinstate(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_license_revoke(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_license_transfer(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_consumption_top_up(struct operation *operation, struct error *error) MUST_CHECK;
int licensing_consumption_reverse(struct operation *operation, struct error *error) MUST_CHECK;

#define SEARCH_LONGEST 255       /* characters of what is looked for */
#define SEARCH_TEXT_LONGEST 4000 /* of what is shown of a hit */
#define SEARCH_TAKE_USUAL 20
#define SEARCH_TAKE_MOST 100

/*
 * `narrow` of mails. Whom they go to and what they are called may come from anywhere: callers who
 * may not read every area see those that they sent themselves, and who may read all that license
 * mails tell of, these.
 */
int licensing_email_narrow(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* `narrow` of GET /v1/log: startDate and endDate; and of one entry. Both: what may be seen. */
int licensing_log_narrow(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;
int licensing_log_narrow_one(
    struct operation *operation, struct sql *sql, struct error *error) MUST_CHECK;

/* Parameter tables of the routes that take any. */
extern const struct parameter licensing_log_parameters[9];
extern const struct parameter licensing_log_entry_parameters[1];
extern const struct parameter licensing_log_level_parameters[3];
extern const struct parameter licensing_log_deletion_parameters[5];
extern const struct parameter licensing_search_parameters[2];
extern const struct parameter licensing_settings_parameters[3];
extern const struct parameter licensing_statistics_parameters[2];

extern const struct resource licensing_audit_entry_resource;
extern const struct resource log_entry_resource;
extern const struct resource log_levels_resource;
extern const struct resource log_deletion_resource;
extern const struct resource search_found_resource;
extern const struct resource search_wanted_resource;
extern const struct resource server_info_resource;
extern const struct resource server_settings_resource;
extern const struct resource settings_change_resource;
extern const struct resource statistics_resource;
extern const struct resource user_roles_resource;
extern const struct resource trace_deletion_resource;
extern const struct resource mail_send_resource;
extern const struct resource mail_license_resource;
extern const struct resource license_renewal_resource;
extern const struct resource license_state_resource;
extern const struct resource license_transfer_resource;
extern const struct resource consumption_changed_resource;
extern const struct resource ledger_reversal_resource;
extern const struct resource consumption_top_up_resource;

/* Views of the family. */
extern const struct resource mail_message_resource;
extern const struct resource stored_setting_resource;

#endif
