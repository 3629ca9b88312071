"""Delegates by the command line: by the rules that calls of the API have, and with users who sign in."""

import json
import re

import pytest

from harness.families import unique
from test_cli_records import entries, listed, run


@pytest.fixture
def group(installation):
    name = unique("cli group")
    answer = installation.client(installation.admin_key).post("/api/delegategroups", {"name": name})
    return name, answer.json()["id"]


def add(installation, group, *arguments):
    return int(installation.cli("delegate", "add", group, *arguments))


def last_entry(installation):
    return installation.sql("SELECT COALESCE(MAX(id), 0) FROM audit_entry")[0][0]


def test_add(installation, group):
    name, number = group
    last = last_entry(installation)
    made = add(installation, name, "--first-name", "Grace", "--last-name", "Hopper", "--email", "grace@example.org", "--phone",
               "555", "--position", "Dispatcher", "--manage-clients")
    assert [entry[:2] for entry in entries(installation, last)] == [["insert", "delegate"]]
    row, = listed(installation, "delegate", "list", number)
    called = installation.client(installation.admin_key).get(f"/api/delegategroups/{number}/delegate/{made}").json()
    assert {member: row[member] for member in called} == called
    assert (called["role"], called["canManageClients"], called["canManageDelegates"], called["userId"]) == ("Dispatcher", True, False, None)
    assert listed(installation, "delegate", "add", number, "--last-name", "x")["delegateGroupId"] == number
    table = installation.cli("delegate", "list", name).splitlines()
    assert re.split(r"\s{2,}", table[0].strip())[:4] == ["ID", "GROUP", "FIRST NAME", "LAST NAME"] and len(table) == 3
    assert made in {row["id"] for row in listed(installation, "delegate", "list")}


def test_user(installation, group):
    """A user that there is becomes the delegate, and gets the role besides its others."""
    user = unique("named")
    installation.create_user(user, "Sales")
    last = last_entry(installation)
    add(installation, group[0], "--last-name", "x", "--user", user)
    assert [entry[:2] for entry in entries(installation, last)] == [["update", "user"], ["insert", "delegate"]]
    assert listed(installation, "user", "show", user)["roles"] == ["Delegate", "Sales"]
    row, = listed(installation, "delegate", "list", group[0])
    assert row["user"] == user
    seen = installation.client(installation.create_key(user)).get("/api/delegates/me").json()
    assert [one["delegateGroupId"] for one in seen] == [group[1]]
    # The same user once more: nothing is stored.
    result = run(installation, "delegate", "add", group[0], "--user", user)
    assert result.returncode == 1 and "delegate of the group already" in result.stderr
    assert len(listed(installation, "delegate", "list", group[0])) == 1


def test_invite(installation, group):
    address = f"{unique('invited')}@example.org"
    result = run(installation, "delegate", "add", group[0], "--first-name", "Ada", "--last-name", "Lovelace", "--email", address, "--invite")
    assert result.returncode == 0 and f"user sign-in-link {address}" in result.stderr, result
    user = listed(installation, "user", "show", address)
    assert (user["roles"], user["email"], user["firstName"], user["lastName"]) == (["Delegate"], address, "Ada", "Lovelace")
    link = installation.cli("user", "sign-in-link", address, "--address", "https://registry.example")
    assert link.startswith("https://registry.example/")
    key = installation.create_key(address)
    assert [one["delegateGroupId"] for one in installation.client(key).get("/api/delegates/me").json()] == [group[1]]
    # Whom there is already is invited by nobody, and no delegate is left behind.
    result = run(installation, "delegate", "add", group[0], "--email", address, "--invite")
    assert result.returncode == 1 and "already" in result.stderr, result
    assert len(listed(installation, "delegate", "list", group[0])) == 1


def test_remove(installation, group):
    user = unique("removed")
    installation.create_user(user)
    number = add(installation, group[0], "--user", user)
    key = installation.create_key(user)
    assert len(installation.client(key).get("/api/delegates/me").json()) == 1
    assert run(installation, "delegate", "remove", number).returncode == 2  # nobody is there to be asked
    installation.cli("delegate", "remove", number, "--yes")
    assert installation.client(key).get("/api/delegates/me").json() == []
    assert listed(installation, "delegate", "list", group[0]) == [] and listed(installation, "user", "show", user)["roles"] == ["Delegate"]
    result = run(installation, "delegate", "remove", number, "--yes")
    assert (result.returncode, result.stderr) == (1, f"clientele: There is no delegate \"{number}\"; see 'clientele delegate list'.\n")


@pytest.mark.parametrize("arguments,status,said", [
    (["--email", "x"], 1, "is not an e-mail address"), (["--last-name", "x" * 256], 1, "--last-name"),
    (["--invite"], 2, "--email with --invite"), (["--invite", "--email", "a@example.org", "--user", "admin"], 2, "no --user"),
    (["--user", "nobody at all"], 1, "There is no user")])
def test_faults(installation, group, arguments, status, said):
    last = last_entry(installation)
    result = run(installation, "delegate", "add", group[0], *arguments)
    assert result.returncode == status and said in result.stderr, result
    assert last_entry(installation) == last


def test_groups(installation, group):
    """By number or name; a name that two have is nobody's, and a deleted group is not there."""
    client = installation.client(installation.admin_key)
    assert client.post("/api/delegategroups", {"name": group[0]}).status == 200
    result = run(installation, "delegate", "add", group[0], "--last-name", "x")
    assert result.returncode == 1 and "give the number" in result.stderr, result
    assert add(installation, group[1], "--last-name", "x")
    assert client.delete(f"/api/delegategroups/{group[1]}").status == 204
    for words in (["add", group[1]], ["list", group[1]], ["list", "no such group"]):
        result = run(installation, "delegate", *words)
        assert result.returncode == 1 and "There is no delegate group" in result.stderr, result
    assert json.loads(installation.cli("export", "/api/delegategroups", "--format", "json"))
