/*
 * What a delegate may do for the clients of a group: settings that the group has by default, and a
 * delegate in its own right. Other programs keep to them; this one stores them.
 */
#ifndef CLIENTELE_API_DELEGATES_SECURITY_H
#define CLIENTELE_API_DELEGATES_SECURITY_H

#include "schema/resource.h"

/* Name, column and what it allows, in the order of the contract. */
/* clang-format off */
#define SECURITY_SETTINGS(row) \
	row("canBookSubscriptions", "can_book_subscriptions", "May book subscriptions.") \
	row("canBookTrips", "can_book_trips", "May book trips.") \
	row("canEditProfile", "can_edit_profile", "May change the client's profile.") \
	row("canViewProfile", "can_view_profile", "May see the client's profile.") \
	row("canCancelTrips", "can_cancel_trips", "May cancel trips.") \
	row("canManagePassengerFeedback", "can_manage_passenger_feedback", \
	    "May manage passenger feedback.") \
	row("canEditCasualTrips", "can_edit_casual_trips", "May change casual trips.") \
	row("canEditSubscriptionTrips", "can_edit_subscription_trips", \
	    "May change trips of subscriptions.") \
	row("canTopUpAccount", "can_top_up_account", "May top up the client's account.") \
	row("canViewTransactionHistory", "can_view_transaction_history", \
	    "May see the client's transactions.") \
	row("canPerformMileageReimbursementTrips", "can_perform_mileage_reimbursement_trips", \
	    "May perform trips with mileage reimbursement.") \
	row("canBookMileageReimbursementTrips", "can_book_mileage_reimbursement_trips", \
	    "May book trips with mileage reimbursement.") \
	row("canBookSubscriptionMileageReimbursementTrips", \
	    "can_book_subscription_mileage_reimbursement_trips", \
	    "May book subscriptions of trips with mileage reimbursement.")
/* clang-format on */

/* The group's, and those that hold for a delegate, which are the group's where it inherits. */
extern const struct resource delegate_group_security, delegate_security;

/* The delegate's own, whether or not they hold: rows of the table of delegates. */
extern const struct resource delegate_own_security;

#endif
