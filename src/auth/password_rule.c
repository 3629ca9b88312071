#include "auth/password_rule.h"

#include "auth/password.h"

/* A shorter piece is no password, however often it is said. */
#define PIECE_LEAST 5
/* What is left without digits and signs counts only when it is so long: "x29384710294" is no "x".
 */
#define WORD_LEAST 4

/* Passwords one after another, each with its NUL, in lower case. */
static const char common[] = {
#include "auth/common_passwords.h"
};

static bool is_common(struct str word)
{
	for (const char *entry = common; entry < common + sizeof(common);
	     entry += strlen(entry) + 1) {
		if (str_equal(word, str_from(entry)))
			return true;
	}
	return false;
}

static bool is_letter(char byte)
{
	return (str_lower(byte) >= 'a' && str_lower(byte) <= 'z') || (unsigned char)byte >= 0x80;
}

/* Without the digits and signs at its end; all of it where there is nothing else. */
static struct str strip(struct str word)
{
	size_t length = word.length;

	while (length > 0 && !is_letter(word.data[length - 1]))
		length--;
	return length > 0 ? str_slice(word, 0, length) : word;
}

/* The shortest piece that gives the whole when it is said again and again; the last may be cut. */
static struct str find_piece(struct str word)
{
	for (size_t piece = 1; piece <= word.length / 2; piece++) {
		if (memcmp(word.data, word.data + piece, word.length - piece) == 0)
			return str_slice(word, 0, piece);
	}
	return word;
}

/* "abcdefghijkl", "123456789012", "zyxwv…": each character as far from the last as the others. */
static bool is_sequence(struct str word)
{
	if (word.length < PIECE_LEAST)
		return false;
	for (size_t i = 2; i < word.length; i++) {
		int step = word.data[1] - word.data[0];
		int here = word.data[i] - word.data[i - 1];

		if (here != step && !(step == 1 && here == -9 && word.data[i] == '0') &&
		    !(step == -1 && here == 9 && word.data[i] == '9'))
			return false;
	}
	return true;
}

static bool is_name(struct str word, struct str name)
{
	struct str local = str_slice(name, 0, str_find(name, '@'));

	const struct str names[] = { name, local, strip(name), strip(local) };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].length > 0 && str_equal_ignore_case(word, names[i]))
			return true;
	}
	return false;
}

static bool is_repetition(struct str word)
{
	return word.length >= 2 * WORD_LEAST && find_piece(word).length < PIECE_LEAST;
}

static const char *find_weakness(struct str word, struct str user_name)
{
	if (word.length < WORD_LEAST)
		return NULL;
	if (is_repetition(word))
		return "must not repeat a few characters";
	if (is_name(word, user_name))
		return "must not be derived from the user name";
	if (is_sequence(word))
		return "must not be a sequence";
	if (is_common(word))
		return "must not be a common password";
	return NULL;
}

/* `word` is in lower case. */
static const char *check_forms(struct str word, struct str user_name)
{
	struct str stripped = strip(word);
	const struct str forms[] = { word, find_piece(word), stripped, find_piece(stripped),
		strip(find_piece(word)) };
	const char *weakness = NULL;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && weakness == NULL; i++)
		weakness = find_weakness(forms[i], user_name);
	return weakness;
}

int password_check_rule(
    struct str password, struct str user_name, const char *path, struct error *error)
{
	char folded[PASSWORD_LONGEST];
	const char *weakness;

	if (password.length > PASSWORD_LONGEST)
		return error_add_fault(error, path, "The %s field must have at most %d bytes.",
		    path, PASSWORD_LONGEST);
	if (str_utf8_length(password) < PASSWORD_LEAST)
		return error_add_fault(error, path,
		    "The %s field must have at least %d characters.", path, PASSWORD_LEAST);
	if (memchr(password.data, '\0', password.length) != NULL)
		return error_add_fault(
		    error, path, "The %s field must not contain a zero byte.", path);
	for (size_t i = 0; i < password.length; i++)
		folded[i] = str_lower(password.data[i]);
	weakness = check_forms((struct str){ folded, password.length }, user_name);
	explicit_bzero(folded, sizeof(folded));
	return weakness == NULL ? 0
				: error_add_fault(error, path, "The %s field %s.", path, weakness);
}
