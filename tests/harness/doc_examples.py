"""What the documentation tells people to type, taken out of README, docs, guides and manuals.

Markdown has its examples between fences with one of LANGUAGES behind the opening one. Before an example that cannot
run here stands a comment with the reason, `<!-- not run: it restarts services -->`; before one whose output is never
twice the same, `<!-- output varies: figures of a running pool -->`. In a manual a `.\\"` begins such a comment.
"""

import dataclasses
import re

from .installation import TOP

# console: commands behind "$ ", each followed by what it prints; conf: lines of clientele.conf; c: a whole program.
LANGUAGES = {"console", "sh", "conf", "sql", "nginx", "python", "json", "c"}
MARKER = re.compile(r"(not run|output varies): (.+?)(?: -->)?$")
DOCUMENTS = [TOP / "README.md", *sorted((TOP / "docs").glob("*.md")), *sorted((TOP / "docs/guide").glob("*.md"))]
MANUALS = sorted((TOP / "man").glob("*.[158]"))


@dataclasses.dataclass
class Example:
    place: str  # file:line
    language: str
    text: str
    marker: str = ""  # "not run" or "output varies"
    reason: str = ""


def marker_of(line):
    found = MARKER.search(line) if line.startswith(("<!-- ", '.\\" ')) else None
    return (found.group(1), found.group(2)) if found else ("", "")


def markdown_examples(path):
    """Fenced blocks, in order. An indented block is an error: nobody could say in which language it is."""
    lines = path.read_text(encoding="utf-8").splitlines()
    examples, number = [], 0
    while number < len(lines):
        line = lines[number]
        place = f"{path.relative_to(TOP)}:{number + 1}"
        assert not (line.startswith("    ") and lines[number - 1] == ""), f"{place}: an example without a fence"
        if line.lstrip().startswith("```"):
            indent = len(line) - len(line.lstrip())
            end = next(n for n in range(number + 1, len(lines)) if lines[n].strip() == "```")
            body = "\n".join(text[indent:] for text in lines[number + 1:end])
            marker = next((marker_of(text) for text in reversed(lines[:number]) if text), ("", ""))
            examples.append(Example(place, line.strip("` "), body, *marker))
            number = end
        number += 1
    return examples


def roff_text(line):
    return line.replace("\\e", "\\").replace("\\-", "-").replace("\\(dq", '"').replace("\\&", "")


def manual_examples(path):
    """Displays of literal text (.Bd -literal) and single lines (.Dl) of a manual."""
    examples, block, marker = [], None, ("", "")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = f"{path.relative_to(TOP)}:{number}"
        if line.startswith(".Bd -literal"):
            block = Example(place, "", "", *marker)
        elif line == ".Ed" and block:
            examples.append(block)
            block = None
        elif block:
            block.text += roff_text(line) + "\n"
        elif line.startswith(".Dl "):
            examples.append(Example(place, "", roff_text(line[4:]).removeprefix("$ ").removeprefix("# "), *marker))
        marker = marker_of(line)
    for example in examples:
        example.language = "conf" if re.match(r"\w+ = ", example.text) else "sh"
    return examples


def spans(path):
    """Inline code of a Markdown file, with its place; a span may go over the end of a line."""
    text = re.sub(r"```.*?```", lambda block: re.sub(r"[^\n]", " ", block.group()),
                  path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for found in re.finditer(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", text, re.DOTALL):
        place = f"{path.relative_to(TOP)}:{text.count(chr(10), 0, found.start()) + 1}"
        yield place, " ".join(found.group(2).split()).replace("\\|", "|")


def commands(example):
    """(command, what it should print) of a console example, in order."""
    found = []
    complete = True
    for line in example.text.splitlines():
        if complete and line.startswith("$ "):
            found.append([line[2:], ""])
        elif not complete:
            found[-1][0] += "\n" + line
        else:
            found[-1][1] += line + "\n"
        if found[-1][1] == "":
            complete = is_complete(found[-1][0])
    return found


def is_complete(command):
    """Whether a shell would run it: no quote is open, and no backslash ends it."""
    bare = re.sub(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\[^\n]", "", command)
    return "'" not in bare and '"' not in bare and not command.endswith("\\")


# What is made anew in each installation: where a document has one of these, any other of the same form may be printed, and
# it stands for that in the examples that follow.
FORMS = (
    # where it begins, its characters, where it ends
    ("", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", ""),  # identifier
    ("", r"\"[0-9a-f]{32}-[jx]\"", ""),  # entity tag
    ("", r"cst_[\w-]{43}", ""),  # secret of a client
    ("", r"[a-z]{3}_[a-z0-9]{24}", ""),  # key
    (r"(?<![\w/])", r"[a-z0-9]{32}", r"(?!\w)"),  # token of discovery
    (r"(?<!\w)(?=[a-f]*\d)(?=\d*[a-f])", r"[0-9a-f]{7}", r"(?!\w)"),  # identifier of hosting
    ("", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+", ""),  # time of the call
)


def squeezed(text):
    return re.sub(r"\s+", "", text)


def template(text):
    """The regular expression of an output, white space aside: an ellipsis is anything, and each group what was made.
    Returns it with what the document has in the place of each group."""
    text = squeezed(text)
    parts, made, end = [], [], 0
    for found in re.finditer("|".join(f"({''.join(form)})" for form in FORMS), text):
        parts.append(literal(text[end:found.start()]))
        if found.lastindex == len(FORMS):
            parts.append(r"[-\dT:.]+")
        elif found.group() in made:
            parts.append(rf"(?P=made{made.index(found.group())})")
        else:
            parts.append(f"(?P<made{len(made)}>{FORMS[found.lastindex - 1][1]})")
            made.append(found.group())
        end = found.end()
    parts.append(literal(text[end:]))
    return re.compile("".join(parts), re.DOTALL), made


def literal(text):
    return ".*?".join(re.escape(part) for part in text.split("…"))
