#include "db/galera_saved.h"

bool galera_saved_position(struct str text, struct galera_position *position)
{
	struct str number, rest = str_trim(text);
	size_t colon = str_find(rest, ':');
	int64_t seqno;

	*position = (struct galera_position){ .known = true };
	if (colon != UUID_TEXT_LENGTH || !uuid_parse(str_slice(rest, 0, colon), &position->uuid))
		return false;
	number = str_slice(rest, colon + 1, rest.length);
	number = str_slice(number, 0, str_find(number, ','));
	number = str_slice(number, 0, str_find(number, ' '));
	if (!str_to_int64(number, &seqno) || seqno < -1)
		return false;
	position->seqno = seqno;
	return true;
}

bool galera_saved_read(struct str text, struct galera_position *position, bool *last)
{
	bool named = false, counted = false;
	struct str line;

	*position = (struct galera_position){ .seqno = -1 };
	*last = false;
	while (str_next(&text, '\n', &line)) {
		size_t colon = str_find(line, ':');
		struct str name = str_trim(str_slice(line, 0, colon));
		struct str value =
		    colon < line.length ? str_trim(str_slice(line, colon + 1, line.length)) : line;

		if (str_equal(name, STR("uuid")))
			named = uuid_parse(value, &position->uuid);
		else if (str_equal(name, STR("seqno")))
			counted = str_to_int64(value, &position->seqno);
		else if (str_equal(name, STR("safe_to_bootstrap")))
			*last = str_equal(value, STR("1"));
	}
	position->known =
	    named && counted && position->seqno >= 0 && !uuid_is_zero(&position->uuid);
	/* People set it by hand, too; a node that was stopped in order has its position there. */
	*last = *last && position->known;
	return named && counted;
}
