"""What the command line says of itself, and what it prints for programs."""

import json
import re
import subprocess

import pytest

from harness import babel, moving
from harness.commands import commands
from harness.installation import TOP

DOCUMENTS = TOP / "tests/golden/documents"
MANUAL = (TOP / "man/clientele.1").read_text(encoding="utf-8")


def run(installation, *arguments):
    result = subprocess.run([str(installation.build / "clientele"), *arguments], capture_output=True, text=True, timeout=20,
                            env=installation.environment(), stdin=subprocess.DEVNULL, check=False)
    return result.returncode, result.stdout, result.stderr


@pytest.mark.parametrize(("arguments", "said"), [
    (["help"], "Users and roles:\n"),
    (["-h"], "Users and roles:\n"),
    (["--help"], "Users and roles:\n"),
    (["help", "help"], "Users and roles:\n"),
    (["--version"], "clientele "),
    (["-V"], "clientele "),
    (["version"], "clientele "),
    (["help", "user"], "user create NAME"),
    (["user", "--help"], "user create NAME"),
    (["user", "-h"], "user create NAME"),
    (["user", "help"], "user create NAME"),
    (["help", "user", "list"], "Usage: clientele [OPTION]... user list"),
    (["user", "list", "--help"], "Usage: clientele [OPTION]... user list"),
    (["user", "list", "-h"], "Usage: clientele [OPTION]... user list"),
    (["--help", "user", "list"], "Usage: clientele [OPTION]... user list"),
])
def test_asked_for(installation, arguments, said):
    status, output, errors = run(installation, *arguments)
    assert (status, errors) == (0, "") and said in output


@pytest.mark.parametrize("program", ["clientele", "clienteled"])
@pytest.mark.parametrize("flag", ["-h", "--help", "-V", "--version"])
def test_both_programs(installation, program, flag):
    result = subprocess.run([str(installation.build / program), flag], capture_output=True, text=True, timeout=20,
                            check=False)
    assert result.returncode == 0 and result.stderr == "" and program in result.stdout


@pytest.mark.parametrize(("arguments", "meant"), [
    (["usr", "create"], '"user create"'),
    (["users"], '"user"'),
    (["user", "lst"], '"user list"'),
    (["hlep"], '"help"'),
    (["help", "backpu"], '"backup"'),
    (["user", "list", "--jsno"], "--json"),
    (["user", "create", "a", "--emial", "x"], "--email"),
    (["--databse_name=x", "user", "list"], "database_name"),
])
def test_did_you_mean(installation, arguments, meant):
    status, output, errors = run(installation, *arguments)
    # What is typed is a matter of usage; options stand in files, too.
    assert status == (1 if meant == "database_name" else 2) and output == "" and f"did you mean {meant}?" in errors


# --- the table of commands, in the help, the manual and the completions ---


def manual_entries():
    """Title of the section, and flags with the names of their values, of each command of the manual."""
    title, found = "", {}
    for line in MANUAL.replace("\\\n", " ").splitlines():
        if line.startswith(".Ss "):
            title = line[4:]
        if line.startswith(".It Cm ") and title:
            words = re.match(r"\.It Cm ([a-z -]+?)(?= (?:O[op]|A[rc]|Fl|Cm)\b|$)", line).group(1)
            found[words] = (title, {name: bool(value) for name, value in re.findall(r"Fl -([a-z-]+)( Ar)?", line)})
    return found


def explained(installation, words):
    """Flags with whether they take a value, of the help of one command."""
    return {name: bool(value) for name, value in
            re.findall(r"^  --([a-z-]+)( \S+)?$", installation.cli("help", *words.split()), re.MULTILINE)}


def test_manual(installation):
    entries = manual_entries()
    known = commands(installation)
    assert len(known) > 50
    for title, words in known:
        assert words in entries, words
        assert entries[words] == (title, explained(installation, words)), words
    assert set(entries) - {words for _, words in known} == {"help", "version"}


def test_completions(installation):
    for _, words in commands(installation):
        offered = set(installation.cli("help", "--complete", *words.split()).split())
        flags = {f"--{name}" for name in explained(installation, words)}
        assert flags | {"--help"} <= offered, words
        assert {word for word in offered if word.startswith("--")} == flags | {"--help"}, words


# --- JSON ---


def scalars(value, path="$"):
    if isinstance(value, dict):
        for name, member in value.items():
            yield from scalars(member, f"{path}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from scalars(item, f"{path}[{number}]")
    else:
        yield path, value


# Members of an entry of the audit log: rows of any resource as JSON text, and keys of any type.
ANYTHING = re.compile(r"\$(\[\d+\])?\.(before|after|detail|key)")


def check_types(value, where):
    """No text of JSON inside of a text, no number or boolean as a text."""
    for path, scalar in scalars(value):
        if isinstance(scalar, str) and not (where.startswith("audit") and ANYTHING.fullmatch(path)):
            number_or_word = re.fullmatch(r"-?(?:0|[1-9]\d*)(\.\d+)?|true|false|yes|no|null", scalar)
            assert not number_or_word and not re.match(r"\[.*\]$|\{\"", scalar), f"{where}: {path}: {scalar}"


def test_json(private_installation):
    """Of every command that takes --json, with something in every table that it lists."""
    running = private_installation(throttle_failures=1, worker_memory="512m")
    running.client("api_000000000000000000000000").get("/v1/users")
    group = running.create_group("json")
    running.client(running.admin_key).post("/api/delegategroups", {"name": "json"})
    running.cli("delegate", "add", "json", "--last-name", "Hopper")
    running.cli("key", "create", "full", "--user", "admin", "--network", "10.0.0.0/8", "--network", "::1",
                "--rate", "60", "--expires", "2037-01-01", "--client-secret")
    made = json.loads(running.cli("client", "create", "json", "--user", "admin", "--scope", "Administrator read", "--json"))
    grant = running.client().call("POST", "/oauth2/token", content_type="application/x-www-form-urlencoded", body=(
        f"grant_type=client_credentials&client_id={made['id']}&client_secret={made['secret']}").encode(), check=False)
    assert grant.status == 200, grant
    running.cli("token", "create", "--registration", "--user", "admin", "--uses", "3")
    people = running.state / "people.csv"
    people.write_text("clientId,firstName\n1,Ada\nx,Eve\n")
    pem = running.state / "signing.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", pem], check=True)
    session = json.loads(running.cli("token", "list", "--json"))[0]["id"]
    operands = {"user show": ["admin"], "user sessions": ["admin"], "user create": ["another"], "key create": ["--user", "admin"], "key show": ["2"],
                "key rotate": ["2"], "group create": ["more"], "delegate add": ["json"], "client create": ["more", "--user", "admin"],
                "certificate add": ["gateway", "--thumbprint", "A" * 64, "--user", "admin"],
                "client show": ["json"], "audit show": ["1"], "client rotate": ["json"], "client secrets": ["json"], "token show": [session],
                "token create": ["--registration", "--user", "admin"], "role show": ["Sales"],
                "throttle clear": ["--all"], "person import": [people],
                "import babel": ["--from", babel.make_file(running.state / "former.db", babel.FEW)],
                "import credentials": ["--from", str(moving.write(running.state, "clients.json", [moving.API_CLIENT]))],
                "import delegates": ["--groups", str(moving.write(running.state, "groups.json", {"id": 1, "name": "Former"}))],
                "import discovery": ["--from", str(moving.write(running.state, "hello.json", moving.answer("till")))],
                "import hosting": ["--from", str(moving.write(running.state, "list.json", [moving.account(1)]))], "signing-key create": ["more"],
                "signing-key import": [pem], "signing-key rotate": ["1"],
                "license verify": [DOCUMENTS / "machine.jwt", "--key", DOCUMENTS / "key.pem", "--any-machine"]}
    seen = 0
    for _, words in sorted(commands(running), key=lambda one: one[1] == "throttle clear"):
        if "json" not in explained(running, words):
            continue
        result = running.cli(*words.split(), *operands.get(words, []), "--json", check=False)
        assert result.stdout, f"{words}: {result.stderr}"
        check_types(json.loads(result.stdout), words)
        seen += 1
    assert seen > 20
    listed = json.loads(running.cli("key", "list", "--json"))
    assert listed[0]["allowedNetworks"] == [] and listed[1]["allowedNetworks"] == ["10.0.0.0/8", "::1"]
    assert json.loads(running.cli("client", "show", "json", "--json"))["secrets"]
    options = {one["name"]: one["value"] for one in json.loads(running.cli("config", "show", "--json"))}
    assert options["limit_list_rows"] == 1000 and options["core_dumps"] is False and options["base_path"] == ""
    assert group in {one["id"] for one in json.loads(running.cli("group", "list", "--json"))}
