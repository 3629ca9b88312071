#include <stdio.h>
#include <stdlib.h>

#include "base/language.h"
#include "db/connection.h"
#include "db/fault.h"
#include "schema/resource.h"

#define LOST(error_number, harmless)                                                               \
	{                                                                                          \
		.number = (error_number), .fault = DATABASE_FAULT_LOST, .code = ERROR_UNAVAILABLE, \
		.no_effect = (harmless)                                                            \
	}
#define BUSY(error_number)                                                                         \
	{                                                                                          \
		.number = (error_number), .fault = DATABASE_FAULT_OTHER, .code = ERROR_UNAVAILABLE \
	}
/* More than the database takes at once, in what the caller sent; `what` is the limit's name. */
#define LARGE(error_number, what)                                                                 \
	{                                                                                         \
		.number = (error_number), .fault = DATABASE_FAULT_OTHER, .code = ERROR_TOO_LARGE, \
		.limit = (what)                                                                   \
	}
/* A value that the column does not take, though the rules of the member let it pass. */
#define VALUE(error_number)                                                                    \
	{                                                                                      \
		.number = (error_number), .fault = DATABASE_FAULT_OTHER, .code = ERROR_INVALID \
	}
#define ROW(error_number, kind, error_code)                               \
	{                                                                 \
		.number = (error_number), .fault = DATABASE_FAULT_##kind, \
		.code = ERROR_##error_code                                \
	}

/* Ascending numbers: looked up by bisection. */
static const struct fault_info fault_infos[] = {
	BUSY(1),                       /* cannot create or write a file */
	BUSY(3),                       /* error writing a file: its disk is full */
	BUSY(20),                      /* disk full */
	ROW(1020, RETRY, UNAVAILABLE), /* record has changed since last read */
	BUSY(1021),                    /* disk full */
	BUSY(1026),                    /* error writing a file */
	BUSY(1028),                    /* sort aborted */
	BUSY(1030),                    /* storage engine error */
	BUSY(1037),                    /* out of memory */
	BUSY(1038),                    /* out of sort memory */
	LOST(1040, true),              /* too many connections */
	BUSY(1041),                    /* out of resources */
	LOST(1042, true),              /* bad host */
	LOST(1043, true),              /* bad handshake */
	LOST(1044, true),              /* access to the database denied */
	LOST(1045, true),              /* access denied */
	LOST(1047, true),              /* node is not part of its cluster's primary component */
	LOST(1049, true),              /* unknown database */
	LOST(1053, true),              /* shutdown in progress */
	ROW(1062, DUPLICATE, CONFLICT), LOST(1077, false),    /* normal shutdown */
	LOST(1079, false),                                    /* shutdown complete */
	BUSY(1114),                                           /* table full */
	LARGE(1118, "the size of a row"), LOST(1129, true),   /* host blocked */
	LOST(1130, true),                                     /* host not allowed */
	LOST(1135, true),                                     /* cannot create a thread */
	LOST(1152, false),                                    /* aborted connection */
	LARGE(1153, "max_allowed_packet"), LOST(1158, false), /* network read error */
	LOST(1159, false),                                    /* network read timeout */
	LOST(1160, false),                                    /* network write error */
	LOST(1161, false),                                    /* network write timeout */
	LOST(1180, false), /* error during COMMIT: the cluster did not answer */
	LOST(1184, false), /* aborted connection */
	LARGE(1197, "max_binlog_cache_size"),
	LOST(1203, true),              /* too many connections of this user */
	ROW(1205, RETRY, UNAVAILABLE), /* lock wait timeout */
	BUSY(1206),                    /* lock table full */
	ROW(1213, RETRY, UNAVAILABLE), /* deadlock, or certification failed */
	ROW(1216, NO_PARENT, INVALID), ROW(1217, REFERENCED, IN_USE),
	LOST(1226, true),                              /* resource limit of the user */
	VALUE(1264),                                   /* out of range */
	VALUE(1265),                                   /* data truncated */
	LOST(1290, true),                              /* read-only server */
	VALUE(1292),                                   /* wrong value */
	LARGE(1301, "max_allowed_packet"), BUSY(1317), /* query interrupted */
	VALUE(1366), /* characters that the column does not take */
	LARGE(1390, "parameters of a statement"), VALUE(1406), /* data too long */
	BUSY(1436),                                            /* thread stack overrun */
	ROW(1451, REFERENCED, IN_USE), ROW(1452, NO_PARENT, INVALID),
	BUSY(1461),                                 /* too many prepared statements */
	ROW(1586, DUPLICATE, CONFLICT), BUSY(1637), /* too many transactions */
	LOST(1698, true),                           /* access denied by the socket's owner */
	LARGE(1713, "the size of an undo record"), LOST(1836, true), /* read-only mode */
	BUSY(1878),                      /* cannot write a temporary file */
	LOST(1927, false),               /* connection killed */
	ROW(1969, TIMEOUT, UNAVAILABLE), /* statement timeout */
	LOST(2000, false),               /* unknown client error */
	LOST(2001, true),                /* cannot create socket */
	LOST(2002, true),                /* cannot connect through the socket */
	LOST(2003, true),                /* cannot connect to the host */
	LOST(2004, true),                /* cannot create TCP socket */
	LOST(2005, true),                /* unknown host */
	LOST(2006, true),                /* server has gone away: nothing could be sent */
	LOST(2007, true),                /* the server has a version that is not for us */
	BUSY(2008),                      /* client out of memory */
	LOST(2012, true),                /* error in the handshake */
	LOST(2013, false),               /* connection lost while waiting for the answer */
	LOST(2014, false),               /* commands out of step */
	LARGE(2020, "max_allowed_packet"), LOST(2026, true), /* TLS error */
	LOST(2027, false),                                   /* malformed packet */
	LOST(FAILURE_HISTORY, true),                         /* another history than before */
	LOST(2055, true),                                    /* connection lost in the handshake */
	ROW(3024, TIMEOUT, UNAVAILABLE), /* statement timeout, of other servers */
	LOST(3159, true),                /* TLS required */
	VALUE(4025),                     /* CHECK constraint failed */
};

static int compare_numbers(const void *key, const void *element)
{
	unsigned number = *(const unsigned *)key;
	const struct fault_info *info = element;

	return (number > info->number) - (number < info->number);
}

const struct fault_info *fault_info(unsigned number)
{
	static const struct fault_info unknown = ROW(0, OTHER, INTERNAL);
	const struct fault_info *found = bsearch(
	    &number, fault_infos, COUNT_OF(fault_infos), sizeof(fault_infos[0]), compare_numbers);

	return found != NULL ? found : &unknown;
}

static void copy_until(const char *start, char end, char key[FAULT_KEY_MAX])
{
	size_t length = strcspn(start, (const char[]){ end, '\0' });

	if (length >= FAULT_KEY_MAX)
		length = FAULT_KEY_MAX - 1;
	memcpy(key, start, length);
	key[length] = '\0';
}

void fault_key(unsigned number, const char *message, char key[FAULT_KEY_MAX])
{
	static const char index_mark[] = " for key '";
	static const char constraint_mark[] = "CONSTRAINT `";
	const char *mark = number == 1451 || number == 1452 ? constraint_mark : index_mark;
	const char *found = NULL;

	key[0] = '\0';
	if (fault_info(number)->fault == DATABASE_FAULT_OTHER)
		return;
	/* The value stands before the name and may itself hold the words; the last place is the
	 * name's. */
	for (const char *at = strstr(message, mark); at != NULL; at = strstr(at + 1, mark)) {
		found = at;
		if (mark == constraint_mark)
			break;
	}
	if (found != NULL)
		copy_until(found + strlen(mark), mark == constraint_mark ? '`' : '\'', key);
}

/* Messages that quote identifiers or statement text only: values are bound and never part of those.
 */
static bool quotes_identifiers(unsigned number)
{
	static const unsigned numbers[] = { 1044, 1045, 1048, 1049, 1050, 1051, 1052, 1054, 1060,
		1061, 1064, 1072, 1091, 1136, 1142, 1146, 1193, 1227, 1264, 1265, 1290, 1305, 1364,
		1406 };

	if (number >= 2000 && number < 3000)
		return true; /* the client library's own: hosts and sockets */
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		if (numbers[i] == number)
			return true;
	}
	return false;
}

static bool is_letter(char byte)
{
	byte = str_lower(byte);
	return byte >= 'a' && byte <= 'z';
}

/*
 * The first and the last quotation mark of a message, both NULL where it has none. The apostrophe
 * of "Can't" is none. A value may hold marks itself: whatever stands between the two is hidden.
 */
static void find_quoted(const char *message, const char **first, const char **last)
{
	*first = *last = NULL;
	for (const char *at = strchr(message, '\''); at != NULL; at = strchr(at + 1, '\'')) {
		if (at > message && is_letter(at[-1]) && is_letter(at[1]))
			continue;
		if (*first == NULL)
			*first = at;
		*last = at;
	}
}

void fault_redact(unsigned number, const char *message, char *out, size_t size)
{
	const char *first, *last;
	char key[FAULT_KEY_MAX];

	find_quoted(message, &first, &last);

	fault_key(number, message, key);
	if (fault_info(number)->fault == DATABASE_FAULT_DUPLICATE)
		snprintf(out, size, "Duplicate entry for key '%s'", key);
	else if (first == NULL || quotes_identifiers(number))
		snprintf(out, size, "%s", message);
	else
		snprintf(out, size, "%.*s'?'%s", (int)(first - message), message,
		    last > first ? last + 1 : "");
}

int fault_report(unsigned number, const char *sqlstate, const char *message, struct error *error)
{
	const struct fault_info *info = fault_info(number);
	char text[512];

	fault_redact(number, message, text, sizeof(text));
	(void)error_set_detail(
	    error, info->code, "database error %u (%s): %s", number, sqlstate, text);
	if (info->limit != NULL)
		error->message = language_printf(
		    error->arena, "The request exceeds a limit of the database: %s.", info->limit);
	if (number == FAILURE_HISTORY)
		error->cause = ERROR_CAUSE_HISTORY;
	return -1;
}
