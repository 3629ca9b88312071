"""Messages of the sources that may reach a caller, and the catalogues that have them in other languages."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"

# What is told on paper or in a log alone.
ELSEWHERE = r"(?:cli|server)/|main\.c$|api/operational\.c$|base/(?:seal|original)|db/(?:provision|database)\.c$|op/contract\.c$"

# Tells programs what it says, in ASCII, as its standard wants.
ENGLISH = r"api/oauth/"

# Files whose tables have sentences at no named place.
SENTENCES = ("api/activation/reason.c", "api/login.c", "base/error.c")

# Where the catalogues are.
CATALOGUES = r"base/(?:german\w*|original\w*|language)\.c$"

# Functions that take a message or a part of one, and the number of that argument.
CALLS = {
    "error_set": 2,
    "error_add_fault": 2,
    "error_set_word": 3,
    "error_set_wait": 3,
    "language_printf": 1,
    "language_text": 0,
    "body_text_fail": 4,
    "body_text_fail_limit": 4,
    "fail_at": 2,
    "fail_expected": 1,
    "fail_limit": (1, 2),
    "fail_document": 1,
    "fail_member": 2,
    "fail_parameter": 1,
    "fail_data": 1,
    "fault": 1,
    "check_limit": 3,
    "lexer_fault": 2,
    "parse_string": 1,
    "refuse": 1,
    "refuse_grant": 1,
    "refuse_header": 1,
    "refuse_password": 2,
    "refuse_proof": 2,
    "refuse_scope": 1,
    "refuse_usual": 1,
    "record_run_bounded": 2,
    "client_metadata_refuse": 1,
    "irregular_done": 1,
    "LARGE": 1,
}

# Where a function of such a name is about something else.
OTHERS = {("schema/check.c", "fault"), ("db/fault.c", "fault"), ("op/route.c", "refuse")}

# Members and variables that hold one.
HOLDERS = r"(?:\.message|\berror->message|\[GATE_\w+\] = \{ \.name = .\w+., \.plural|\[THROTTLE_BY_\w+\]|\.literal_name|\*reason|\bexpected(?:\[\])?)\s*=(?!=)"

# Tables whose texts are parts of messages: what they are tables of, and the member.
TABLES = (
    ("resource", "name"),
    ("dependant", "name"),
    ("grant_kind", "name"),
)

# Texts of other libraries, which are parts of messages.
FOREIGN = {
    "syntax error",
    "no element found",
    "not well-formed (invalid token)",
    "unclosed token",
    "partial character",
    "mismatched tag",
    "duplicate attribute",
    "junk after document element",
    "illegal parameter entity reference",
    "undefined entity",
    "recursive entity reference",
    "reference to invalid character number",
    "reference to binary entity",
    "XML or text declaration not at start of entity",
    "unknown encoding",
    "encoding specified in XML declaration is incorrect",
    "unclosed CDATA section",
    "unbound prefix",
    "must not undeclare prefix",
    "XML declaration not well-formed",
    "reserved prefix (xml) must not be undeclared or bound to another namespace name",
    "reserved prefix (xmlns) must not be declared or undeclared",
    "prefix must not be bound to one of the reserved namespace names",
    "illegal character(s) in public id",
    "limit on input amplification factor (from DTD and entities) breached",
}

TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/)|(?P<text>"(?:\\.|[^"\\])*")|(?P<letter>'(?:\\.|[^'\\])+')"""
    r"""|(?P<name>\w+)|(?P<space>\s+)|(?P<sign>.)""",
    re.S,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}


def unescape(literal):
    body = re.sub(r"\\x([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), literal[1:-1])
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), body)


def tokens(source):
    """Kind and text of each, without comments and white space."""
    return [
        (found.lastgroup, found.group())
        for found in TOKEN.finditer(source)
        if found.lastgroup not in ("comment", "space")
    ]


MACRO = re.compile(r"^[ \t]*#\s*define\s+(\w+)[ \t]+((?:[^\n]*\\\n)*[^\n]*)$", re.M)


def macros(source):
    """Macros that stand for one text, or for a number that is printed in one."""
    found = {}
    for name, body in MACRO.findall(source):
        parts = tokens(body.replace("\\\n", " "))
        kinds = {kind for kind, _ in parts}
        if kinds <= {"text", "name"} or (len(parts) == 1 and parts[0][1].isdigit()) or any(text == "STRING_OF" for _, text in parts):
            found[name] = parts
    return found


class File:
    def __init__(self, path, shared):
        source = path.read_text()
        self.name = path.relative_to(SOURCES).as_posix()
        self.source = source
        self.texts = {**shared, **macros(source)}
        self.tokens = tokens(re.sub(r"^[ \t]*#\s*(?:include|if|endif|else|elif).*$", "", source, flags=re.M))

    def expanded(self, part):
        """Tokens with macros in the place of their names."""
        at = 0
        while at < len(part):
            kind, text = part[at]
            if text == "STRING_OF" and at + 3 < len(part):
                number = self.texts.get(part[at + 2][1], [("name", "?")])
                yield "text", '"' + "".join(sign for _, sign in number) + '"'
                at += 4
                continue
            if kind == "name" and text in self.texts and self.texts[text] != [(kind, text)]:
                yield from self.expanded(self.texts[text])
            else:
                yield kind, text
            at += 1

    def joined(self, part):
        """The texts of an expression: literals beside each other are one."""
        found, is_open = [], False
        for kind, text in self.expanded(part):
            if kind == "text":
                found[-1:] = [found[-1] + unescape(text)] if is_open else [*found[-1:], unescape(text)]
            is_open = kind == "text"
        return found

    def arguments(self, at):
        """Lists of tokens, from the parenthesis on."""
        depth, found = 0, [[]]
        for kind, text in self.tokens[at:]:
            if text in "([{" and kind == "sign":
                depth += 1
                if depth == 1:
                    continue
            elif text in ")]}" and kind == "sign":
                depth -= 1
                if depth == 0:
                    return found
            elif text == "," and depth == 1:
                found.append([])
                continue
            found[-1].append((kind, text))
        return found

    def arguments_of(self, part):
        """The same of other tokens."""
        held, self.tokens = self.tokens, part
        try:
            return self.arguments(0) or []
        finally:
            self.tokens = held

    def calls(self):
        for at, (kind, text) in enumerate(self.tokens[:-1]):
            if kind != "name" or text not in CALLS or self.tokens[at + 1][1] != "(":
                continue
            if (self.name, text) in OTHERS:
                continue
            numbers = CALLS[text] if isinstance(CALLS[text], tuple) else (CALLS[text],)
            given = self.arguments(at + 1)
            for number in numbers:
                if number < len(given):
                    yield from self.joined(without_conditions(given[number]))

    def held(self):
        """What is assigned to members and variables that hold messages."""
        for found in re.finditer(HOLDERS, self.source):
            part, depth = [], 0
            for kind, text in tokens(self.source[found.end() : found.end() + 2000]):
                if kind == "sign" and text in "([{":
                    depth += 1
                elif kind == "sign" and text in ")]}":
                    depth -= 1
                if depth < 0 or (depth == 0 and kind == "sign" and text in ";,"):
                    break
                part.append((kind, text))
            if part and part[0][1] in ("arena_printf", "language_printf"):
                continue
            yield from self.joined(without_conditions(part))

    def returned(self):
        """Sentences and parts that functions return."""
        heads = re.finditer(r"^(?:static )?const char \*\w+\([^;{]*?\)\s*\n\{\n(.*?)^\}", self.source, re.M | re.S)
        for head in heads:
            for found in re.finditer(r"\breturn\b([^;]*);", head[1]):
                yield from (
                    text
                    for text in self.joined(without_conditions(tokens(found[1])))
                    if " " in text and not re.search(r"[=?]|SELECT| %s|^[^A-Za-z\"(]", text)
                )

    def sentences(self):
        if self.name in SENTENCES:
            yield from (text for text in self.joined(self.tokens) if text.endswith("."))

    def tables(self):
        for of, member in TABLES:
            for found in re.finditer(rf"\bstruct {of} \w+(?:\[\w*\])? = \{{(.*?)\n\s*\}};", self.source, re.S):
                yield from re.findall(rf'^\s*(?:\{{ ?|\[\w+\] = \{{ ?)?\.{member} = "([^"]+)"', found[1], re.M)
                yield from re.findall(rf'\.constraint = "[^"]*",\s*\.{member} = "([^"]+)"', found[1])


def without_conditions(part):
    """An expression with the tests of its choices left out, since they print nothing."""
    return part if not any(text == "?" for _, text in part) else part[[text for _, text in part].index("?") :]


def source_files():
    shared = {}
    for path in SOURCES.rglob("*.h"):
        shared.update(macros(path.read_text()))
    shared.update({"STR_FORMAT": [("text", '"%.*s"')], "PRId64": [("text", '"ld"')]})
    for path in sorted(SOURCES.rglob("*.c")):
        name = path.relative_to(SOURCES).as_posix()
        if not re.match(rf"{ELSEWHERE}|{ENGLISH}|{CATALOGUES}", name):
            yield File(path, shared)


def is_told(text):
    """Whether it has words at all."""
    return re.search(r"[A-Za-z]{2}", re.sub(r"%[-0-9.*lz]*[A-Za-z]", "", text)) is not None


def is_name(text):
    """Whether it is what something is called in requests and answers, such as "message"."""
    return re.fullmatch(r"[Mm]essage|[a-z]+[A-Z]\w*|[a-z]+_[a-z_]+|[A-Z][a-z]+", text) is not None


def messages():
    """Every message and part of one, with the files that have it."""
    found = {}
    for file in source_files():
        for text in (*file.calls(), *file.held(), *file.returned(), *file.sentences(), *file.tables()):
            if is_told(text) and not is_name(text):
                found.setdefault(text, set()).add(file.name)
    for text in FOREIGN:
        found.setdefault(text, set()).add("expat")
    return found


def catalogue(name):
    """Texts by their English, of all files of a catalogue."""
    found = {}
    for path in sorted((SOURCES / "base").glob(f"{name}*.c")):
        file = File(path, {})
        for rows in re.findall(r"texts\[\] = \{(.*?)\n\};", file.source, re.S):
            for row in re.split(r"\n\t(?=\{)", rows):
                pair = file.arguments_of(tokens(row))
                if len(pair) < 2:
                    continue
                (english,), (text,) = (file.joined(part) for part in pair[:2])
                assert name != "german" or english not in found, f"twice: {english}"
                found[english] = text
    return found


def conversions(english):
    return len(re.findall(r"%(?:\.\*|04)?(?:l*|z)[sduXc]", english.replace("%%", "")))


def holes(text):
    """Numbers of the conversions that a text of a catalogue prints."""
    return {int(number) for number in re.findall(r"\{([1-9])[~!]?\}", text)}
