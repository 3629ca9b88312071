"""Moving in API clients: programs log in here with the identifier and secret that they have."""

import base64
import json
import uuid

import pytest

from harness.families import unique
from harness.moving import BCRYPT, move, numbers, run, told, write

PATH = "/api/v1/admin/clients"
FORM = "application/x-www-form-urlencoded"
SECRET = "a secret of the former service"
# Of SECRET, as ASP.NET Core Identity keeps it: version 3, SHA-256, 1,000 rounds.
SALT = bytes(range(16))


def identity_hash(secret, rounds=1000):
    import hashlib
    digest = hashlib.pbkdf2_hmac("sha256", secret.encode(), SALT, rounds, 32)
    head = b"\x01" + (1).to_bytes(4, "big") + rounds.to_bytes(4, "big") + (16).to_bytes(4, "big")
    return base64.b64encode(head + SALT + digest).decode()


def moved(installation, *arguments, **options):
    return move(installation, "credentials", *arguments, secrets=(SECRET, BCRYPT), **options)


def login(installation, identifier, secret):
    body = f"grant_type=client_credentials&client_id={identifier}&client_secret={secret.replace(' ', '+')}"
    return installation.client().post("/Token", body, content_type=FORM)


def csv(folder, *rows, head="ID,Name,Secret,SecretHash,UserID,Created"):
    path = folder / "clients.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


@pytest.fixture
def installation(private_installation):
    return private_installation(client_secret_length=40)  # what is chosen here must be that long


def test_csv(installation, tmp_path):
    """A user by name, by address and by identifier; a secret in clear, and as hashes."""
    user = installation.create_user(unique("owner"), "Sales")
    installation.sql(f"UPDATE user SET email = 'owner@example.org' WHERE id = '{user}'")
    [[name]] = installation.sql(f"SELECT user_name FROM user WHERE id = '{user}'")
    ids = [str(uuid.uuid4()) for _ in range(3)]
    file = csv(tmp_path, f"{ids[0]},portal,{SECRET},,{name},2021-03-04T05:06:07Z",
               f"{ids[1]},shop,,{identity_hash(SECRET)},OWNER@example.org,".replace("OWNER", "owner"),
               f"{ids[2].upper()},till,{SECRET} too,,{user},")
    trial = moved(installation, "--from", file, "--dry-run")
    assert installation.sql("SELECT COUNT(*) FROM api_client") == [["0"]]
    report = moved(installation, "--from", file)
    assert report["status"] == 0 and numbers(report) == numbers(trial) == {"Clients": [3, 3, 0, 0, 0]}, report
    for identifier, secret in ((ids[0], SECRET), (ids[1], SECRET), (ids[2], f"{SECRET} too")):
        assert login(installation, identifier, secret).status == 200
        assert login(installation, identifier, secret + "x").status == 401
    client = installation.client(installation.admin_key)
    found = {one["Name"]: one for one in client.get(PATH).json()["ResponseData"]["Detail"]}
    assert {one["ID"] for one in found.values()} == set(ids) and {one["UserID"] for one in found.values()} == {user}
    assert installation.sql("SELECT created_at FROM api_client WHERE name = 'portal'") == [["2021-03-04 05:06:07.000000"]]
    again = moved(installation, "--from", file)
    assert numbers(again) == {"Clients": [3, 0, 0, 3, 0]}
    assert installation.sql("SELECT COUNT(*), COUNT(DISTINCT row_key) FROM audit_entry WHERE resource = 'API client'") == [["3", "3"]]


def test_json(installation, tmp_path):
    """As such a service answers, and as OAuth calls the members."""
    ids = [str(uuid.uuid4()) for _ in range(2)]
    answer = {"Error": None, "ResponseData": {"Identification": {"UserId": "x"}, "Result": "OK", "Detail": [
        {"ID": ids[0], "Name": "portal", "Secret": SECRET, "UserID": installation.admin_id}]}}
    other = [{"client_id": ids[1], "client_name": "shop", "secret_hash": BCRYPT, "username": "admin"}]
    report = moved(installation, "--from", write(tmp_path, "a.json", answer), write(tmp_path, "b.json", other))
    assert report["status"] == 0 and numbers(report) == {"Clients": [2, 2, 0, 0, 0]}, report
    assert login(installation, ids[0], SECRET).status == 200
    assert installation.sql(f"SELECT secret_hash FROM api_client_secret WHERE client_id = '{ids[1]}'") == [[BCRYPT]]


def test_what_has_changed(installation, tmp_path):
    """Another secret ends what the former one has opened."""
    identifier = str(uuid.uuid4())
    moved(installation, "--from", csv(tmp_path, f"{identifier},portal,{SECRET},,admin,"))
    token = login(installation, identifier, SECRET).json()["access_token"]
    caller = installation.client(token)
    assert caller.get("/v1/roles").status == 200
    report = moved(installation, "--from", csv(tmp_path, f"{identifier},portal,another secret of it,,admin,"))
    assert numbers(report) == {"Clients": [1, 0, 1, 0, 0]}
    assert caller.get("/v1/roles").status == 401
    assert login(installation, identifier, SECRET).status == 401
    assert login(installation, identifier, "another secret of it").status == 200


def test_refused(installation, tmp_path):
    """Rows with their reasons; the others go in."""
    ids = [str(uuid.uuid4()) for _ in range(8)]
    users = [installation.create_user(unique("twin")) for _ in range(2)]
    installation.sql(f"UPDATE user SET email = 'twin@example.org' WHERE id IN ('{users[0]}', '{users[1]}')")
    file = csv(tmp_path, f"{ids[0]},nobody,{SECRET},,stranger,", f"{ids[1]},none,,,admin,",
               f"{ids[2]},both,{SECRET},{BCRYPT},admin,", f"{ids[3]},hash,,5f4dcc3b5aa765d61d8327deb882cf99,admin,",
               f"{ids[4]},twins,{SECRET},,twin@example.org,", f"{ids[5]},a name of many letters,{SECRET},,admin,",
               f"{ids[6]},unknown,{SECRET},,{uuid.uuid4()},", f"{ids[7]},good,{SECRET},,admin,")
    report = moved(installation, "--from", file)
    assert report["status"] == 1 and numbers(report) == {"Clients": [8, 1, 0, 0, 7]}, report
    for number, reason in enumerate(("No user here", "Either Secret or SecretHash", "Only one of", "a hash that can be checked",
                                     "Several users", "18", "existing user")):
        assert reason in told(report, "Clients", ids[number]), (number, report["notes"])
    assert installation.sql("SELECT name FROM api_client") == [["good"]]


def test_duplicates(installation, tmp_path):
    """An identifier that is here already is nobody's to take; a name that is here is told."""
    client = installation.client(installation.admin_key)
    here = client.post(PATH, {"Name": "here", "UserID": installation.admin_id, "Secret": "x" * 40}).json()["ResponseData"]["Detail"]
    file = csv(tmp_path, f"{here['ID']},other,{SECRET},,admin,", f"{uuid.uuid4()},here,{SECRET},,admin,")
    report = moved(installation, "--from", file)
    assert "another row's" in told(report, "Clients", here["ID"]), report
    assert login(installation, here["ID"], "x" * 40).status == 200 and login(installation, here["ID"], SECRET).status == 401
    assert len(client.get(PATH).json()["ResponseData"]["Detail"]) <= 3


def test_usage(installation, tmp_path):
    assert run(installation, "credentials").returncode == 2
    file = csv(tmp_path, "x;y", head="ID;Name")
    result = run(installation, "credentials", "--from", file)
    assert result.returncode == 1 and "separate columns by commas" in result.stderr
    assert json.loads(run(installation, "credentials", "--from", csv(tmp_path), "--json").stdout)["tables"]
