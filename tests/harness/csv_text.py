"""CSV as RFC 4180 has it, read more strictly than other readers do."""


class Malformed(AssertionError):
    """No CSV as RFC 4180 has it."""


def records(text):
    """The records of a text, by the grammar of RFC 4180 and nothing beside it: None where a cell is empty, which an
    empty text in quotes is not."""
    found, record, at = [], [], 0
    while at < len(text):
        if text[at] == '"':
            cell, at = quoted(text, at)
        else:
            end = at
            while end < len(text) and text[end] not in ',\r\n"':
                end += 1
            cell, at = text[at:end] or None, end
        record.append(cell)
        if text.startswith("\r\n", at):
            found.append(record)
            record, at = [], at + 2
        elif not text.startswith(",", at):
            raise Malformed(f"{text[at:at + 40]!r} follows a cell, at {at}")
        else:
            at += 1
    if record:
        raise Malformed("the last record has no end")
    return found


def quoted(text, at):
    """The text of a quoted cell, and where it ends."""
    parts, at = [], at + 1
    while True:
        end = text.index('"', at)
        parts.append(text[at:end])
        if not text.startswith('"', end + 1):
            return '"'.join(parts), end + 1
        at = end + 2
