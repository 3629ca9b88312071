#include "api/activation/reason.h"

#include <string.h>

static const struct reason_info reasons[REASON__MAX] = {
	[REASON_VALID] = { 0, "VALID", ERROR_NONE, "The license is valid." },
	[REASON_NOT_FOUND] = { 101, "NOT_FOUND", ERROR_NOT_FOUND, "The license was not found." },
	[REASON_REVOKED] = { 102, "REVOKED", ERROR_FORBIDDEN, "The license is revoked." },
	[REASON_SUSPENDED] = { 103, "SUSPENDED", ERROR_FORBIDDEN, "The license is suspended." },
	[REASON_NETWORK_REFUSED] = { 104, "NETWORK_REFUSED", ERROR_FORBIDDEN,
	    "The license cannot be used from this address." },
	[REASON_MODE_MISMATCH] = { 105, "MODE_MISMATCH", ERROR_FORBIDDEN,
	    "The license is not for this operation: see its licensingMode." },
	[REASON_NOT_YET_VALID] = { 106, "NOT_YET_VALID", ERROR_FORBIDDEN,
	    "The license is not valid yet." },
	[REASON_EXPIRED] = { 107, "EXPIRED", ERROR_FORBIDDEN, "The license has expired." },
	[REASON_PRODUCT_MISMATCH] = { 108, "PRODUCT_MISMATCH", ERROR_FORBIDDEN,
	    "The license is for another product." },
	[REASON_VERSION_MISMATCH] = { 109, "VERSION_MISMATCH", ERROR_FORBIDDEN,
	    "The license is for another version." },
	[REASON_SUPPORT_ENDED] = { 110, "SUPPORT_ENDED", ERROR_FORBIDDEN,
	    "This release was published after the end of support." },
	[REASON_TRIAL_DAYS] = { 121, "RESTRICTION_TRIAL_DAYS", ERROR_FORBIDDEN,
	    "The days of the trial are over." },
	[REASON_TRIAL_RUNS] = { 122, "RESTRICTION_TRIAL_RUNS", ERROR_FORBIDDEN,
	    "The runs of the trial are used up." },
	[REASON_HARDWARE] = { 123, "RESTRICTION_HARDWARE", ERROR_FORBIDDEN,
	    "The license is for other hardware." },
	[REASON_DOMAIN] = { 124, "RESTRICTION_DOMAIN", ERROR_FORBIDDEN,
	    "The license is for another domain." },
	[REASON_USAGE] = { 125, "RESTRICTION_USAGE", ERROR_FORBIDDEN,
	    "The license is for another usage." },
	[REASON_BETA] = { 126, "RESTRICTION_BETA", ERROR_FORBIDDEN,
	    "The license is for another build type." },
	[REASON_RESTRICTION_OTHER] = { 127, "RESTRICTION_OTHER", ERROR_FORBIDDEN,
	    "A restriction of the license does not allow this." },
	[REASON_NOT_ACTIVATED] = { 131, "NOT_ACTIVATED", ERROR_CONFLICT,
	    "The license has no seat for this machine." },
	[REASON_CLIENT_MISMATCH] = { 132, "CLIENT_MISMATCH", ERROR_CONFLICT,
	    "The seat of this machine is another client's." },
	[REASON_MACHINE_MISMATCH] = { 133, "MACHINE_MISMATCH", ERROR_CONFLICT,
	    "The seat is another machine's." },
	[REASON_LEASE_EXPIRED] = { 134, "LEASE_EXPIRED", ERROR_CONFLICT,
	    "The lease of the seat has ended: request a seat again." },
	[REASON_MACHINE_IN_USE] = { 135, "MACHINE_IN_USE", ERROR_CONFLICT,
	    "The machine has a seat of another license already." },
	[REASON_SEAT_LIMIT_REACHED] = { 136, "SEAT_LIMIT_REACHED", ERROR_CONFLICT,
	    "All seats of the license are taken." },
	[REASON_SELF_RELEASE_REFUSED] = { 137, "SELF_RELEASE_REFUSED", ERROR_FORBIDDEN,
	    "Seats of the license are freed by its vendor alone." },
	[REASON_SELF_RELEASES_USED_UP] = { 138, "SELF_RELEASES_USED_UP", ERROR_CONFLICT,
	    "That would free more seats than the license allows in this period." },
	[REASON_COUNTER_NOT_FOUND] = { 141, "COUNTER_NOT_FOUND", ERROR_NOT_FOUND,
	    "The license has no counter for this feature." },
	[REASON_CONSUMPTION_ID_REUSED] = { 142, "CONSUMPTION_ID_REUSED", ERROR_CONFLICT,
	    "The consumptionId stands for another amount or feature already." },
	[REASON_BALANCE_TOO_LOW] = { 143, "BALANCE_TOO_LOW", ERROR_CONFLICT,
	    "Less is left than was asked for." },
	[REASON_OFFLINE_NOT_ALLOWED] = { 151, "OFFLINE_NOT_ALLOWED", ERROR_FORBIDDEN,
	    "The license cannot be used offline: see its policy." },
	[REASON_CHECKOUT_LIMIT_REACHED] = { 152, "CHECKOUT_LIMIT_REACHED", ERROR_CONFLICT,
	    "The seat was checked out as often as its policy allows." },
	[REASON_SEAT_OFFLINE] = { 153, "SEAT_OFFLINE", ERROR_CONFLICT,
	    "The seat is used offline: it is free when its file has ended, or a receipt comes." },
	[REASON_NOT_BINDABLE] = { 154, "NOT_BINDABLE", ERROR_CONFLICT,
	    "The license has no signed format that can be bound to a machine." },
	[REASON_RECEIPT_REFUSED] = { 155, "RECEIPT_REFUSED", ERROR_FORBIDDEN,
	    "The receipt is not one of the machine and the file that have the seat." },
};

const struct reason_info *reason_info(enum reason reason)
{
	return &reasons[reason];
}

enum reason reason_find(const char *name)
{
	enum reason reason = REASON_VALID;

	while (reason < REASON__MAX && (name == NULL || strcmp(reasons[reason].name, name) != 0))
		reason++;
	return reason;
}

int reason_refuse(enum reason reason, struct error *error)
{
	return error_set_word(
	    error, reasons[reason].code, reasons[reason].name, "%s", reasons[reason].message);
}
