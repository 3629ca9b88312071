"""README, docs, guides and manuals, followed literally: each example runs against a fresh installation.

What cannot run here is marked in the document with its reason, and counted: an example that is neither right nor marked
fails. tests/package follows README.md's ways to install on machines of their own.
"""

import json
import re
import shlex
import subprocess
import urllib.parse

import pytest

from harness.installation import TOP, Installation
from harness.doc_examples import LANGUAGES, MANUALS, DOCUMENTS, Example, manual_examples, markdown_examples, spans
from harness.reader import Reader

START = TOP / "docs/guide/start.md"
# Those that tell how to make the first user; all others go on where START has ended.
FROM_NOTHING = ("README.md", "start.md", "operations.md", "clientele.1")
NOT_RUN = 45  # how many examples of all documents are marked so
EXAMPLES = {path: manual_examples(path) if path in MANUALS else markdown_examples(path) for path in DOCUMENTS + MANUALS}
OPENAPI = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))
LISTS = sorted(path for path, item in OPENAPI["paths"].items()
               if any(one.get("name") == "filter" for one in item.get("get", {}).get("parameters", [])) and "{" not in path)
INLINE = [(place, span) for path in DOCUMENTS for place, span in spans(path)]


@pytest.fixture(scope="module")
def running():
    made = Installation(workers=4).start()
    yield made
    made.finish()


@pytest.fixture(scope="module")
def reader(running, tmp_path_factory):
    running.sql("DELETE FROM user")
    made = Reader(running, tmp_path_factory.mktemp("reader"))
    yield made
    made.end()


def follow(reader, path):
    for example in EXAMPLES[path]:
        if example.marker == "not run":
            continue
        if example.language in ("sh", "console"):
            reader.run(example)
        else:
            CHECKS[example.language](reader, example)


def check_configuration(reader, example):
    path = reader.folder / "example.conf"
    secret = reader.folder / "password"
    secret.write_text("secret\n")
    text = re.sub(r"(?m)^(\w+_password_file) = .*", rf"\1 = {secret}", example.text)
    # A user and a group that any machine has.
    path.write_text(re.sub(r"(?m)^(user|listen_group) = .*", r"\1 = daemon", text) + "\n")
    result = subprocess.run([str(reader.installation.build / "clientele"), f"--config={path}", "config", "check"],
                            text=True, capture_output=True, timeout=20, env={"PATH": "/usr/bin:/bin"}, check=False)
    assert result.returncode == 0, f"{example.place}: {result.stdout}{result.stderr}"


def check_statement(reader, example):
    reader.installation.sql(example.text)


def check_nginx(reader, example):
    path = reader.folder / "nginx.conf"
    hosts = re.sub(r"https://[\w.]+", "https://127.0.0.1", example.text)
    if "events {" not in example.text:  # no whole configuration, but what stands in a location
        hosts = f"events {{}}\nhttp {{ access_log off; server {{ location / {{\n{hosts}\n}} }} }}\n"
    path.write_text(f"pid {reader.folder}/nginx.pid;\n{hosts}")
    result = subprocess.run(["nginx", "-t", "-e", str(reader.folder / "nginx.log"), "-c", str(path)], text=True,
                            capture_output=True, timeout=20, check=False)
    assert result.returncode == 0, f"{example.place}: {result.stderr}"


def check_python(_, example):
    """Whoever wrote about it runs it: test_webhooks.py."""
    compile(example.text, example.place, "exec")


def check_json(_, example):
    json.loads(example.text)


def check_program(reader, example):
    """Built with the two files of the library, and given a license for its product and machine."""
    source, program = reader.folder / "program.c", reader.folder / "program"
    source.write_text(example.text)
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", f"-I{TOP}/verify", str(source),
                    str(TOP / "verify/clientele_verify.c"), "-lcrypto", "-o", str(program)], check=True, timeout=120)
    with open(TOP / "tests/golden/documents/machine.jwt", "rb") as document:
        said = subprocess.run([str(program)], stdin=document, capture_output=True, text=True, timeout=20, check=False)
    assert (said.returncode, said.stdout) == (0, "Licensed to ACME.\nYou may export.\n"), f"{example.place}: {said.stderr}"


CHECKS = {"c": check_program, "python": check_python, "json": check_json, "conf": check_configuration, "sql": check_statement, "nginx": check_nginx}


def has_something_to_do(path):
    return any(example.marker != "not run" for example in EXAMPLES[path])


@pytest.mark.parametrize("path", filter(has_something_to_do, DOCUMENTS + MANUALS), ids=lambda path: path.name)
def test_examples_run(reader, path):
    reader.begin()
    if path.name == "README.md":
        reader.leave_quickstart()
    if path.name not in FROM_NOTHING:
        follow(reader, START)
    follow(reader, path)


def test_last_words_of_quickstart(reader):
    """Its calls can be pasted, its command line is there, and its link signs in once."""
    reader.begin()
    state = reader.leave_quickstart()
    installation = reader.installation
    environment = {**installation.environment(), "CLIENTELE_PUBLIC_URL": f"http://127.0.0.1:{installation.port}"}
    console = state / "nginx/share/console"
    console.mkdir(parents=True)
    (console / "index.html").touch()
    script = ('state=$1 port=$2; . "$3/scripts/lib/common.sh"; . "$3/scripts/lib/welcome.sh"; welcome_command "$4" "env MARK=set"; welcome_print')
    said = subprocess.run(["sh", "-euc", script, "-", str(state), str(installation.port), str(TOP), str(installation.build / "clientele")],
                          env=environment, capture_output=True, text=True, check=True).stdout
    assert "/docs/start.html" in said and "/v1/licenses" in said
    [link] = re.findall(r"^  sign in +(\S+)$", said, re.MULTILINE)
    assert link.startswith(f"http://127.0.0.1:{installation.port}/console/#")
    token = re.split("[/=]", link)[-1]
    installation.secrets.note_text(said)
    for status in (200, 401):
        assert installation.client().post("/v1/session", {"link": token}).status == status
    calls = re.findall(r"^  curl (?:.+\\\n)*.+$", said, re.MULTILINE)
    assert len(calls) == 6
    example = Example("scripts/lib/welcome.sh", "sh", "\n".join([*calls, f"{state}/clientele user list"]))
    reader.run(example)


def test_examples_are_marked():
    """Only what says why is left out."""
    left_out = [example for examples in EXAMPLES.values() for example in examples if example.marker == "not run"]
    for examples in EXAMPLES.values():
        for example in examples:
            assert example.language in LANGUAGES or example.marker == "not run", f"{example.place}: {example.language}"
    assert len(left_out) == NOT_RUN, [(example.place, example.reason) for example in left_out]
    assert all(len(example.reason) > 8 for example in left_out)


# --- what stands inside of sentences and tables ---


def is_command(span):
    return re.match(r"clienteled? (?![\d.])", span) and "…" not in span


def words_before_flags(words):
    return [word for word in words if not word.startswith("-")]


def inline_commands():
    """Those of sentences, and the commands of the package's README, which is plain text."""
    plain = (TOP / "debian/clientele.README.Debian").read_text(encoding="utf-8")
    of_package = re.findall(r"^    (?:\w+=\$\()?(clientele [^#)\n]+)", plain, re.MULTILINE)
    assert len(of_package) > 3
    return [(place, span) for place, span in INLINE if is_command(span)] + \
        [("README.Debian", command.strip()) for command in of_package if is_command(command)]


@pytest.fixture(scope="module")
def options(running):
    return {f"--{one['name'].replace('_', '-')}" for one in json.loads(running.cli("config", "show", "--json"))}


def test_inline_commands(running, options):
    """A command and its flags that a sentence names are there."""
    assert len(inline_commands()) > 40
    for place, span in inline_commands():
        program, *words = shlex.split(span)
        names = {word.split("=")[0] for word in words if word.startswith("--")}
        if program == "clienteled":
            known = running.cli("--help") + subprocess.run(
                [str(running.build / "clienteled"), "--help"], capture_output=True, text=True, check=True).stdout
            plain = []
        else:
            plain = [word for word in words if not word.startswith("-")]
            known = explained(running, plain, place) if plain else running.cli("help")
        for name in names - options:
            assert re.search(rf"{name}\b", known) or name in ("--config", "--version", "--help"), f"{place}: {span}: {name}"


def explained(running, words, place):
    """The help of the command that the words begin with, which may be a group's."""
    for count in (2, 1):
        result = running.cli("help", *words[:count], check=False)
        if result.returncode == 0:
            text = result.stdout
            for line in re.findall(r"^  ([a-z]+ [a-z-]+)", text, re.MULTILINE) if count == 1 else []:
                text += running.cli("help", *line.split(), check=False).stdout
            return text
    raise AssertionError(f"{place}: clientele {' '.join(words)}: there is no such command")


def is_path(span):
    return re.fullmatch(r"(?:(?:GET|POST|PUT|DELETE)(?:`?, `?(?:GET|PUT|POST|DELETE))* )?/[\w{}/.-]+", span)


def test_inline_calls():
    """A path that a sentence names is one of the program's, or what several of them begin with."""
    templates = {re.sub(r"\{\w+\}", "{}", path): item for path, item in OPENAPI["paths"].items()}
    folders = ("/console", "/docs", "/start", "/etc", "/usr", "/run", "/var", "/tmp", "/sys", "/proc", "/registry", "/openapi.json",
               "/.well-known/oauth-authorization-server/registry")
    seen = 0
    for place, span in INLINE:
        if not is_path(span) or span.split()[-1].startswith(folders):
            continue
        methods, path = span.split()[:-1], re.sub(r"\{\w+\}", "{}", span.split()[-1])
        beginning = [one for one in templates if one.startswith(path.rstrip("/"))]
        assert beginning, f"{place}: {span}"
        for method in methods:
            assert path in templates and method.strip(",").lower() in templates[path], f"{place}: {span}"
        seen += 1
    assert seen > 60


PARAMETERS = r"(?:filter|sort|select|include|take|skip|after|total)=\S"
COMPARISON = r"(?:not \(?)?(?:[a-z]\w*)(?:\.\w+)* (?:(?:in|not in) ?\(.*|(?:=|==|!=|<>|<=?|>=?) ?(?:\".*\"|'.*'|null|-?[\d.]+|true|false|DateTime.*))\)?"


@pytest.fixture(scope="module")
def caller(running, reader):
    reader.begin()
    follow(reader, START)
    key = reader.type("echo $KEY")[0].strip()
    return running.client(key)


def is_query(span):
    return (re.match(PARAMETERS, span) and "…" not in span) or \
        (re.fullmatch(COMPARISON, span) and "_" not in span)


def query(span):
    """The parameters of a piece of a query string, encoded."""
    if not re.match(PARAMETERS, span):
        span = f"filter={span}"
    name, value = span.split("=", 1)
    return f"{name}={urllib.parse.quote(urllib.parse.unquote(value))}"


def test_inline_queries(caller):
    """Each filter, order, selection and inclusion in a sentence is taken by one of the lists; each that a table of
    errors has is refused with those words."""
    refused = dict(re.findall(r"^\| `(\w+=.+?)`(?: \S.*?)? \| (The .+?) \|$",
                              (TOP / "docs/query-language.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(refused) > 5
    for span, words in refused.items():
        if span == "include=customer":  # for a caller without that right: test_sight
            continue
        answer = caller.get(f"/v1/licenses?{query(span)}")
        assert answer.status == 400 and answer.json()["errors"][span.split("=")[0]] == [words], (span, answer)
    taken = [(place, span) for place, span in INLINE if is_query(span) and span not in refused]
    assert len(taken) > 15
    for place, span in taken:
        statuses = {path: caller.get(f"{path}?{query(span)}").status for path in LISTS}
        assert 200 in statuses.values(), f"{place}: {span}: {statuses}"


def test_inline_options(reader):
    """An option with its value, as a sentence gives it, is one that the program takes."""
    names = {line.split(" = ")[0].lstrip("#") for line in (TOP / "docs/clientele.conf").read_text().splitlines()
             if " = " in line}
    seen = 0
    for place, span in INLINE:
        name, separator, value = span.partition(" = ")
        if separator and name in names and "…" not in value:
            example = type("Span", (), {"text": span, "place": place})
            check_configuration(reader, example)
            seen += 1
    assert seen > 5


def anchors(path):
    """What can stand behind a # in a link to that document."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w]+", "-", heading.replace("`", "").lower()).strip("-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links(path):
    """A link leads to a file of the tree, and to a heading of it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = (path.parent / name).resolve() if name else path
        assert linked.exists(), f"{path.name}: {target}"
        assert not anchor or anchor in anchors(linked), f"{path.name}: {target}"
