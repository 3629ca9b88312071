"""Imports of other programs' data by `clientele import`, and what their reports say."""

import json
import subprocess
import uuid

GROUP = "72aeec30-b3bf-4664-82e7-048ab4c54520"
BCRYPT = "$2y$10$" + "abcdefghijklmnopqrstuv" + "0123456789abcdefghijklmnopqrstu"


API_CLIENT = {"ID": "6f8f2c1e-9b6e-4e0e-8f0a-0c8f4b5d7a21", "Name": "former portal", "Secret": "correct horse battery staple",
              "UserID": "admin"}


def account(number, **members):
    """A hosting account, as the original lists it."""
    return {"id": f"{number:07x}", "username": f"former{number}", "passwordHash": BCRYPT, "active": True,
            "firstName": "Anna", "lastName": None, "emailAddress": f"former{number}@example.org", "company": "C & Co",
            "domainCount": 2, "domainMaxCount": 5, "whitelabelCount": 0, "whitelabelMaxCount": -1,
            "widgetDisplayCount": 30, "widgetDisplayMaxCount": 100, "autoCreateDomains": True,
            "features": {"canUseABTests": False}, "actualCallCount": 30,
            "domainCountData": [{"domName": "www.example.org", "count": 10}, {"domName": "shop.example.org", "count": 20}]
            } | members


def write(folder, name, *documents):
    path = folder / name
    path.write_text("\n".join(json.dumps(document, indent=1) for document in documents))
    return path


def application(code, group=GROUP, **members):
    """An application, as the original answers hellos."""
    return {"Id": str(uuid.uuid5(uuid.UUID(group), code)), "ClientCode": code, "Token": f"token-of-{code}",
            "AddClientTime": "2026-03-22T16:05:19.2275366", "UpdClientTime": "2026-03-23T16:05:19.2275366",
            "AppName": "Till", "AppVersion": "1.0", "ClientGroupsId": group,
            "DTOClientGroup": {"Id": group, "GroupName": f"Hall {group[:2]}"},
            "ClientIpAddress": "192.0.2.7", "ClientPort": 6} | members


def answer(*clients, associations=(), group=GROUP):
    """The original's answer to a hello; a text is the code of an application."""
    return {"DTOClients": [application(each, group) if isinstance(each, str) else each for each in clients],
            "DTOClientGroups": [{"Id": group, "GroupName": f"Hall {group[:2]}"}],
            "DTOClientAssociations": list(associations)}


def run(installation, system, *arguments, given=None):
    return subprocess.run(
        [str(installation.build / "clientele"), installation.configuration(), "import", system, *map(str, arguments)],
        input=given, capture_output=True, text=True, env=installation.environment(), timeout=120)


def move(installation, system, *arguments, given=None, secrets=()):
    """The report, with the exit status, and its tables by name; no secret may stand in it."""
    result = run(installation, system, *arguments, "--json", given=given)
    assert result.stdout, result.stderr
    for secret in secrets:
        assert secret not in result.stdout + result.stderr
    report = json.loads(result.stdout)
    report["status"] = result.returncode
    report["by"] = {table["table"]: table for table in report["tables"]}
    return report


def told(report, table, key=None):
    return " ".join(f"{note.get('member', '')} {note['note']}" for note in report["notes"]
                    if note["table"] == table and key in (None, note.get("key")))


def numbers(report):
    """Of each table that had rows: read, added, changed, unchanged, refused."""
    return {name: [table[what] for what in ("read", "added", "changed", "unchanged", "refused")]
            for name, table in report["by"].items() if table["read"]}
