"""Lists in formats of rows alone, CSV and JSON Lines, beside the same lists in JSON."""

import csv
import io
import json

from .csv_text import records
from .sight import DOCUMENT

CSV = "text/csv"
KEPT = "text/csv; formulas=kept"
LINES = "application/x-ndjson"
# Content types of answers.
TYPES = {CSV: "text/csv; charset=utf-8; header=present", LINES: "application/x-ndjson; charset=utf-8",
         KEPT: "text/csv; charset=utf-8; header=present; formulas=kept"}
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lists():
    """(path, names of its parameters) of the operations that answer a list in these formats to who has a key."""
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if operation["x-access"].get("other") not in ("session", "account") and CSV in operation["responses"].get("200", {}).get("content", {}):
                assert method == "get" and LINES in operation["responses"]["200"]["content"], path
                yield path, {one.get("name") for one in operation["parameters"]}


def read_csv(answer):
    """(head, rows): lists of texts, None for empty cells; Python's own reader finds the same ones."""
    text = answer.body.decode("utf-8")
    assert not text.startswith("\ufeff")
    found = records(text)
    again = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [[cell or "" for cell in record] for record in found] == again
    assert {len(record) for record in found} == {len(found[0])}, "records of different lengths"
    return found[0], found[1:]


def read_lines(answer):
    text = answer.body.decode("utf-8")
    assert text.endswith("\n") or not text, text[-100:]
    return [json.loads(line) for line in text.split("\n")[:-1]]


def rows_of(answer):
    """The rows in a list's answer in JSON, in whatever envelope."""
    value = answer.json()
    if isinstance(value, dict) and "ResponseData" in value:
        value = value["ResponseData"]["Detail"]
    if isinstance(value, dict):
        [value] = [member for member in value.values() if isinstance(member, list)]
    return value


def plain(cell):
    """What a text was before it was kept from being a formula."""
    return cell[1:] if cell is not None and cell.startswith("'") else cell


def paths(row, head, before=""):
    """Paths of a JSON row's members: one for each column, in order."""
    for name, value in row.items():
        path = before + name
        if isinstance(value, dict) and any(column.startswith(path + ".") for column in head):
            yield from paths(value, head, path + ".")
        else:
            yield path, value


def check_cell(cell, value, kept, where):
    if value is None:
        assert cell is None, where
    elif isinstance(value, (dict, list)):
        assert json.loads(cell) == value, where
    elif isinstance(value, str):
        assert (cell if kept else plain(cell)) == value, (where, cell, value)
        assert kept or not cell.startswith(FORMULAS), where
    else:
        assert cell == json.dumps(value), (where, cell, value)


def check_csv(answer, rows, kept=False):
    """Each cell of the answer is what the row in JSON has, and each member of that is in a cell."""
    head, cells = read_csv(answer)
    assert len(set(head)) == len(head) and len(cells) == len(rows), (len(cells), len(rows))
    for record, row in zip(cells, rows):
        members = dict(paths(row, head))
        nulls = [path for path, value in members.items() if path not in head]
        # A row that is not there has no members: all its columns are empty.
        assert all(members[path] is None and any(column.startswith(path + ".") for column in head) for path in nulls), nulls
        assert [path for path in members if path in head] == [column for column in head if column in members]
        for column, cell in zip(head, record):
            check_cell(cell, members.get(column), kept, (column, row))
    return head
