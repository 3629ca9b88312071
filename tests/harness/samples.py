"""Reference bodies, and what of a body may be compared with them."""

import json
import re

from .installation import TOP

IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?([+-]\d\d:\d\d|Z)?")


def sample(name):
    return (TOP / "tests/golden/samples" / name).read_text(encoding="utf-8")


def plain(text):
    """A body without white space between its tokens, identifiers and moments; the latter keep whether they
    have an offset."""
    if text.lstrip().startswith("<"):
        text = re.sub(r">\s+<", "><", text.strip())
    else:
        text = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
    text = MOMENT.sub(lambda found: "MOMENT+OFFSET" if found[1] else "MOMENT", text)
    return IDENTIFIER.sub("IDENTIFIER", text)


def shape(value):
    """Names, order and kinds of the members of a JSON value; a list is the shapes of its items, once each."""
    if isinstance(value, dict):
        return [(name, shape(item)) for name, item in value.items()]
    if isinstance(value, list):
        return ["list"] + [one for number, one in enumerate(map(shape, value))
                           if one not in list(map(shape, value))[:number]]
    if isinstance(value, str) and IDENTIFIER.fullmatch(value):
        return "identifier"
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return "moment"
    return type(value).__name__
