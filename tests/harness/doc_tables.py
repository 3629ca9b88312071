"""Tables of the documentation that are made from the program's own: operations, objects, errors, limits.

A document has `<!-- table: KIND ARGUMENT -->`, the table, and `<!-- end of table -->`. The sources are docs/openapi.json,
which a unit test holds equal to the program, and docs/clientele.conf, which another one compares with its options.
"""

import json
import re

from .installation import TOP

OPENAPI = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))
SCHEMAS = OPENAPI["components"]["schemas"]
MARKED = re.compile(r"(<!-- table: (\w+)(?: ([^>]+?))? -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)
# What each operation with a body, or each with a key, can answer; the documents say so once.
EVERYWHERE = {"401", "403", "413", "414", "415", "429", "500", "503"}


def renewed(text):
    """The document with its tables as the program has them."""
    return MARKED.sub(lambda found: f"{found[1]}\n{KINDS[found[2]](found[3])}\n\n{found[5]}", text)


def table(titles, rows):
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(titles)} |", "|" + "---|" * len(titles), *lines])


def resolve(value):
    while "$ref" in value:
        node = OPENAPI
        for name in value["$ref"].split("/")[1:]:
            node = node[name]
        value = node
    return value


# --- operations ---


def needs(operation):
    text = operation.get("description", "")
    found = re.search(r"needs? (\w+) on (\w+)", text, re.IGNORECASE)
    owners = re.search(r"own (?:rows|groups) alone, also granted by the roles: ([\w, ]+)\.", text)
    return (f"{found[1]} on {found[2]}" if found else "") + (f"; own rows: {owners[1]}" if owners else "")


def parameters(operation):
    """Names of the parameters of the query; those that all filtered lists have are told once."""
    names = [one["name"] for one in map(resolve, operation.get("parameters", [])) if one["in"] == "query"]
    if "filter" in names:
        return "those of [lists](query-language.md)" + \
            "".join(f", `{name}`" for name in names if name not in LIST_PARAMETERS)
    return ", ".join(f"`{name}`" for name in names)


LIST_PARAMETERS = {"filter", "sort", "select", "include", "take", "skip", "after", "total"}


def operations(name, full=False):
    """Of a family, or of a chapter of one."""
    tags = next((group["tags"] for group in OPENAPI["x-tagGroups"] if group["name"] == name), [name])
    rows = []
    for path, item in OPENAPI["paths"].items():
        for method, operation in item.items():
            if operation["tags"][0] not in tags:
                continue
            row = [f"`{method.upper()} {path}`", operation["summary"] + " (deprecated)" * ("deprecated" in operation)]
            if full:
                statuses = sorted(set(operation["responses"]) - EVERYWHERE)
                row += [parameters(operation), needs(operation), ", ".join(statuses)]
            rows.append(row)
    return table(["Operation", "Does", "Parameters", "Needs", "Statuses"] if full else ["Operation", "Does"], rows)


# --- objects ---


def kind(schema):
    """The type of a member, for people."""
    schema = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    if "$ref" in schema:
        return f"[{name_of(schema['$ref'])}](#{name_of(schema['$ref']).lower()})"
    names = schema.get("type", "any")
    name = names if isinstance(names, str) else next(one for one in names if one != "null")
    name = FORMATS.get(schema.get("format"), {"string": "text", "array": "list"}.get(name, name))
    if name == "list":
        return "list of " + kind(schema["items"])
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema.get("x-enum-varnames", schema["enum"]) if word is not None)
    if "maxLength" in schema and name == "text":
        return f"text, {schema['maxLength']}"
    if "minimum" in schema:
        last = "" if schema.get("maximum", 2147483647) == 2147483647 else f" to {schema['maximum']}"
        return f"{name}, {schema['minimum']}{last or ' and up'}"
    return name


FORMATS = {"uuid": "GUID", "date-time": "time", "date-time-local": "time", "date": "date", "double": "number"}


def name_of(reference):
    return reference.split("/")[-1].split(".")[1]


def is_nullable(schema):
    names = schema.get("type", [])
    return "null" in names or any(one.get("type") == "null" for one in schema.get("anyOf", []))


def meaning(schema, required):
    words = [schema.get("description", ""), "Deprecated." if schema.get("deprecated") else ""]
    if required:
        words.append("Required.")
    if schema.get("readOnly"):
        words.append("Set by the server.")
    elif schema.get("writeOnly"):
        words.append("" if re.search("shown|never returned", words[0], re.IGNORECASE) else "Never returned.")
    elif is_nullable(schema):
        words.append("May be null.")
    if "x-default" in schema and "default" not in words[0].lower():
        words.append(f"Default `{json.dumps(schema['x-default'])}`.")
    return " ".join(word for word in words if word)


def members(answered, sent):
    """Members of an object: as it is answered, with what only bodies have; what a body says of a member counts."""
    sent = SCHEMAS.get(f"{sent}.Insert") or ({"properties": {}} if answered in SCHEMAS else SCHEMAS[f"{sent}.Update"])
    answered = SCHEMAS.get(answered, {"properties": {}})
    found = {}
    for member, schema in answered["properties"].items():
        schema = sent["properties"].get(member, schema)
        found[member] = (schema, member in sent.get("required", []))
    for member, schema in sent["properties"].items():
        found.setdefault(member, (schema, member in sent.get("required", [])))
    return found


def object_table(names):
    """Of an object, or of two: as it is answered, and as a body has it."""
    answered, sent = (names.split() * 2)[:2]
    rows = [[f"`{member}`", kind(schema), meaning(schema, required)]
            for member, (schema, required) in members(answered, sent).items()]
    return table(["Member", "Type", "Meaning"], rows)


def objects(family):
    """Every object of a family but envelopes, results and errors, each below a heading of its own."""
    names = dict.fromkeys(".".join(name.split(".")[:2]) for name in SCHEMAS if name.startswith(f"{family}."))
    plain = [name for name in names if not re.search(r"(Response|Request|Result|Error|Faults)$", name)]
    return "\n\n".join(f"#### {name.split('.')[1]}\n\n{description(name)}\n\n{object_table(name)}" for name in plain)


def description(name):
    return next(SCHEMAS[one] for one in (name, f"{name}.Insert", f"{name}.Update") if one in SCHEMAS).get("description", "")


# --- errors, headers, limits ---


def errors(_):
    """One row for each word of a whole class of errors."""
    found = {}
    for name, answer in OPENAPI["components"]["responses"].items():
        for word, example in answer.get("content", {}).get("application/json", {}).get("examples", {}).items():
            row = found.setdefault(word, [name.split(".")[-1], f"`{word}`", "", example["summary"]])
            row[2] = row[2] or str(example["value"].get("code", ""))
    return table(["Status", "Word", "Licensing `code`", "Meaning"], sorted(found.values(), key=lambda row: row[0]))


def headers(_):
    components = OPENAPI["components"]
    rows = [[f"`{one['name']}`", "request", one["description"]] for one in components["parameters"].values()]
    used = {}
    for answer in [*components["responses"].values(), *(answer for item in OPENAPI["paths"].values()
                   for operation in item.values() for answer in operation["responses"].values())]:
        for name, header in resolve(answer).get("headers", {}).items():
            used[name] = resolve(header)["description"]
    return table(["Header", "In the", "Meaning"], rows + [[f"`{name}`", "answer", used[name]] for name in sorted(used)])


def limits(_):
    """The options whose names begin with limit_, with their defaults."""
    text = (TOP / "docs/clientele.conf").read_text(encoding="utf-8")
    rows = [[f"`{name}`", default, doc.replace("\n# ", " ")] for doc, name, default in
            re.findall(r"^# ((?:.+\n# )*.+)\n#(limit_\w+) = (\S+)", text, re.MULTILINE)]
    return table(["Option", "Default", "Limit"], rows)


# --- events ---


def events(_):
    """What changes are told of, each with the area that a webhook needs for it."""
    rows = {}
    for event in OPENAPI["x-events"]:
        stem, verb = event["name"].split(".")
        row = rows.setdefault(stem, [[], event["description"].rstrip("."), event["x-area"]])
        row[0].append(f"`{stem}.{verb}`")
    return table(["Events", "Of", "Area"], [[", ".join(rows[stem][0]), *rows[stem][1:]] for stem in sorted(rows)])


def reasons(_):
    """Why calls of programs are refused."""
    return table(["Code", "Reason", "Status", "Message"], [
        [str(one["code"]), f"`{one['name']}`", str(one["status"]), one["description"]] for one in OPENAPI["x-reasons"]])


# --- settings ---


def settings(_):
    """Settings of the server that callers may change."""
    rows = []
    for one in OPENAPI["x-settings"]:
        if one.get("readOnly"):
            continue
        default = one["default"] if isinstance(one["default"], str) else json.dumps(one["default"])
        bounds = f", {one['minimum']} to {one['maximum']}" if "maximum" in one else ""
        rows.append([f"`{one['group']}.{one['name']}`", one["type"] + bounds, default and f"`{default}`", one["description"].rstrip(".")])
    return table(["Setting", "Type", "Default", "What it does"], rows)


# Errors of one status that have words of their own are answered as the general one is.
GENERAL = {"400": "VALIDATION_FAILED", "401": "UNAUTHORIZED", "403": "FORBIDDEN", "404": "NOT_FOUND", "409": "DUPLICATE", "503": "BUSY"}
OWN_WORDS = re.compile(r"^\| (\d{3}) \| ((?:`[A-Z_]+`(?:, )?)+) \| (?:([a-z]+): )?(.*) \|$", re.MULTILINE)


def examples_of(word):
    """(family, status, body, sentence) of each family that has it in the document."""
    for name, answer in OPENAPI["components"]["responses"].items():
        example = answer.get("content", {}).get("application/json", {}).get("examples", {}).get(word)
        if example:
            yield *name.split("."), example["value"], example["summary"]


def own_words():
    """Words that only some operations have: (status, family or None, when), as the chapter of the API has them."""
    text = (TOP / "docs/api.md").read_text(encoding="utf-8")
    chapter = text.partition("Some failures have a word of their own:")[2].partition("\n\nAfter a 503")[0]
    return {word: (status, family, when) for status, words, family, when in OWN_WORDS.findall(chapter)
            for word in re.findall("[A-Z_]+", words)}


def replaced(body, general, word, sentence="…"):
    """That body with another word, and another sentence in place of its own."""
    if isinstance(body, dict):
        return {name: replaced(value, general, word, sentence) for name, value in body.items()
                if name not in ("errors", "ModelState", "modelState")}
    if not isinstance(body, str):
        return body
    # Sentences have blanks, and the words of RFCs stay.
    return word if body == general else body if re.fullmatch("[a-z_]+", body) else sentence


def bodies_of_the_web_server(word):
    """Of errors of addresses, which no operation of the document has: (family, status, body), and the program's sentence."""
    status = {"NO_SUCH_PATH": "404", "METHOD_NOT_ALLOWED": "405"}.get(word)
    source = (TOP / "src/base/error.c").read_text(encoding="utf-8")
    sentence = "".join(re.findall(rf'\{{ "{word}",\s*"([^"]+)"', source)[:1])
    for line in (TOP / "errors/bodies.table").read_text(encoding="utf-8").splitlines():
        family, _, found = line.partition("\t")[0].rpartition("-")
        if found == status and "-" not in family:
            yield family, status, replaced(json.loads(line.partition("\t")[2]), word, word, sentence), sentence


def error_rows(word):
    """(family, status, body, sentence) of a word, wherever it comes from."""
    rows = list(bodies_of_the_web_server(word)) or list(examples_of(word))
    for one in OPENAPI["x-reasons"]:
        if one["name"] == word and one["status"] != 200:
            body = {"success": False, "code": one["code"], "reason": word, "message": one["description"]}
            rows.append(("activation", str(one["status"]), body, one["description"]))
    status, family, when = own_words().get(word, (None, None, None))
    if status and not rows:
        general = GENERAL[status]
        rows += [(name, status, replaced(body, general, word), when) for name, found, body, _ in examples_of(general)
                 if found == status and name == (family or "licensing")]
    return rows


def error(word):
    """One word: statuses, numbers and sentences of the families, and a body of each."""
    facts, bodies = {}, []
    for family, status, body, sentence in error_rows(word):
        code = str(body.get("code", "")) if isinstance(body, dict) else ""
        row = facts.setdefault((status, sentence), [status, "", sentence])
        row[1] = row[1] or code
        bodies.append([family, f"`{json.dumps(body, ensure_ascii=False, separators=(',', ':'))}`"])
    return table(["Status", "`code`", "Meaning"], list(facts.values())) + "\n\n" + table(["Family", "Body"], bodies)


def originals(system):
    from .originals import as_table  # which needs this module
    return as_table(system)


KINDS = {
    "error": error,
    "operations": operations,
    "originals": originals,
    "reference": lambda tag: operations(tag, full=True),
    "object": object_table,
    "objects": objects,
    "errors": errors,
    "headers": headers,
    "limits": limits,
    "events": events,
    "reasons": reasons,
    "settings": settings,
}
