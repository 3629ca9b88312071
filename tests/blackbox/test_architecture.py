"""docs/architecture.md: its rooms are the folders of src/, in the order that scripts/check-layers keeps."""

import re
import subprocess

import pytest

from harness.installation import TOP

PAGE = (TOP / "docs/architecture.md").read_text(encoding="utf-8")
CHECK = TOP / "scripts/check-layers"
SELECT = "{folder}/a.h:1: a SELECT that forgets the actor: use record/rows.h or record/list.h\n"


def rooms_of_page():
    table = PAGE.partition("\n## Rooms\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([a-z]+)` \|", table, re.M)


def test_rooms_are_the_folders():
    assert sorted(rooms_of_page()) == sorted(path.name for path in (TOP / "src").iterdir() if path.is_dir())


def test_order_is_the_one_that_is_kept():
    [kept] = re.findall(r"^layers='([a-z ]+)'$", CHECK.read_text(encoding="utf-8"), re.M)
    [told] = re.findall(r"^    (base  schema .*)$", (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.M)
    assert kept.split() == rooms_of_page() == told.split()


def test_files_and_functions_are_there():
    named = set(re.findall(r"`((?:src/|scripts/)?[a-z]+/[a-z_/]+\.[ch])`", PAGE))
    assert len(named) > 15
    for name in named:
        assert any((TOP / folder / name).is_file() for folder in ("", "src")), name
    functions = set(re.findall(r"`([a-z_]+)\(\)`", PAGE))
    headers = "".join(path.read_text(encoding="utf-8") for path in (TOP / "src").rglob("*.h"))
    assert functions
    for function in functions:
        assert f"{function}(" in headers, function


@pytest.mark.parametrize("folder, text, found", [
    ("db", "struct operation;\n", "db/a.h:1: struct operation is defined in a layer below\n"),
    ("db", "\tstruct operation;\n", "db/a.h:1: struct operation is defined in a layer below\n"),
    ("db", '#include "op/b.h"\n', 'db/a.h:1: upward include of "op/b.h"\n'),
    ("op", "struct operation;\n", ""),
    ("api", "struct operation;\n", ""),
    ("db", "struct operation *pointer;\n", ""),
    ("db", "struct elsewhere;\n", ""),
    # A SELECT of rows is begun where it is known whose they are.
    ("op", "\tsql_select(&sql, resource, mask);\n", SELECT),
    ("api", "\tif (query_sql_begin_page(&query_sql, &sql) != 0)\n", SELECT),
    ("record", "\tsql_count(&sql, resource);\n", SELECT),
    ("record", "/*\n * As sql_count(sql, resource).\n */\n\trecord_select_count(&sql);\n", ""),
    ("db", "void sql_select(struct sql *sql);\n", ""),
    ("op", '#include "record/select.h"\n', "op/a.h:1: record/select.h is for the record alone\n"),
    ("record", '#include "record/select.h"\n', ""),
])
def test_hidden_edges_are_found(tmp_path, folder, text, found):
    found = found and found.format(folder=folder)
    for name, content in ((f"{folder}/a.h", text), ("op/b.h", "struct operation {\n\tint member;\n};\n")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    answer = subprocess.run([CHECK, tmp_path], capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.returncode != 0) == (found, found != "")
