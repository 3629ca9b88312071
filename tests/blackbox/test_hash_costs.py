"""What one request costs in slow hashes: as much whoever is asked for, and never what a stored hash would like."""

import pytest
from test_oauth import CLIENTS, FORM, INTROSPECT, PASSWORD, REVOKE, TOKEN, World, check_error, check_success

from harness.families import unique, with_made_secret

TAIL = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
NOBODY = "00000000-0000-4000-8000-000000000000"
DEAR = [f"$2y$31${TAIL}", f"$2a$15${TAIL}", "$y$jKT$saltsaltsaltsaltsalt..$abc", "$7$LU..../....salt$abc",
        "$6$rounds=999999999$salt$abc", "$sha1$4294967295$salt$abc"]


@pytest.fixture(scope="module")
def world(installation):
    return World(installation)


def hashes(answer):
    return answer.log()["hashes"]


@pytest.mark.parametrize("path,members", [
    (TOKEN, {"grant_type": "client_credentials"}),
    (TOKEN, {"grant_type": "password", "username": "x", "password": "y"}),
    (TOKEN, {"grant_type": "refresh_token", "refresh_token": "crt_" + "A" * 43}),
    (INTROSPECT, {"token": "x"}),
    (REVOKE, {"token": "x"})])
def test_unknown_clients_cost_what_known_ones_do(world, path, members):
    chosen = world.make_client(Secret="chosen-by-people-0815")[0]
    both = world.make_client(Secret="chosen-by-people-0816")[0]
    assert world.admin.post(f"{CLIENTS}/{both}/secrets", {"Secret": "chosen-by-people-0817"}).status == 200
    disabled, right = world.make_client()
    assert world.admin.put(f"{CLIENTS}/{disabled}", {"Enabled": False}).status == 200
    seen = set()
    for identifier, secret in ((NOBODY, "wrong"), ("no identifier", "wrong"), ("", "wrong"), (world.id, "wrong"),
                               (chosen, "wrong"), (both, "wrong"), (disabled, "wrong"), (disabled, right),
                               (world.id, "x" * 600), (chosen, "x" * 600), (NOBODY, "x" * 600)):
        answer = world.form(path, basic=(identifier, secret), **members)
        check_error(answer, 401, "invalid_client")
        seen.add((len(secret) > 511, hashes(answer), answer.text, answer.headers["www-authenticate"]))
    assert {(cut, count) for cut, count, *_ in seen} == {(False, 2), (True, 0)} and len(seen) == 2


def test_unknown_users_cost_what_known_ones_do(world):
    names = {"nobody": unique("nobody"), "known": world.user_name}
    for kind, values in (("disabled", "NULL, FALSE"), ("without a password", "NULL, TRUE"),
                         ("with a dear hash", f"'{DEAR[0]}', TRUE"), ("with an old hash", f"'$2y$04${TAIL}', TRUE")):
        names[kind] = unique("cost")
        world.installation.sql("INSERT INTO user (id, user_name, password_hash, enabled) VALUES "
                               f"(UUID(), '{names[kind]}', {values})")
    answers = {kind: world.form(TOKEN, grant_type="password", username=name, password="not the password")
               for kind, name in names.items()}
    for answer in answers.values():
        check_error(answer, 400, "invalid_grant")
    assert len({answer.text for answer in answers.values()}) == 1
    assert {kind: hashes(answer) for kind, answer in answers.items()} == dict.fromkeys(names, 1)
    world.installation.sql(f"DELETE FROM user WHERE user_name = '{names['with a dear hash']}'")


def test_right_credentials_cost_no_more_than_they_must(world):
    login = {"grant_type": "password", "username": world.user_name, "password": PASSWORD}
    assert hashes(check_answer(world.form(TOKEN, **login))) == 1
    chosen = world.make_client()
    made = with_made_secret(world.admin, {"ID": world.make_client()[0]})
    for identifier, secret, count in ((*chosen, 1), (made["ID"], made["Secret"], 0)):
        answer = world.form(TOKEN, grant_type="client_credentials", client_id=identifier, client_secret=secret)
        assert hashes(check_answer(answer, False)) == count
    metrics = world.anonymous.get("/metrics", check=False).text
    [total] = [line for line in metrics.splitlines() if line.startswith("clientele_password_hashes_total ")]
    assert int(total.split()[1]) > 0


def check_answer(answer, refreshes=True):
    check_success(answer, refreshes)
    return answer


@pytest.mark.parametrize("stored", DEAR)
def test_dear_hashes_are_not_computed(world, stored):
    """Those that were stored before there was a limit, or by hand."""
    name = unique("dear")
    world.installation.sql(f"INSERT INTO user (id, user_name, password_hash) VALUES (UUID(), '{name}', '{stored}')")
    answer = world.form(TOKEN, grant_type="password", username=name, password="not the password")
    check_error(answer, 400, "invalid_grant")
    assert hashes(answer) == 1 and answer.microseconds < 5_000_000
    assert "login refused: the cost of the stored password hash is too high" in world.installation.log_file.read_text()
    found = world.installation.cli("doctor", check=False)
    assert "the stored password hash costs too much" in found.stdout
    world.installation.sql(f"DELETE FROM user WHERE user_name = '{name}'")
    assert "the stored password hash costs too much" not in world.installation.cli("doctor", check=False).stdout


@pytest.mark.parametrize("cost,taken", [("04", True), ("14", True), ("15", False), ("31", False)])
def test_dear_hashes_are_not_stored(world, cost, taken):
    """In whichever body a hash may come."""
    hashed = f"$2y${cost}${TAIL}"
    limit = "a bcrypt hash ($2a$, $2b$ or $2y$) of cost 4 to 14"
    answers = [
        world.admin.post("/v1/users", {"user": {"userName": unique("cost")}, "passwordHash": hashed}),
        world.admin.post("/hosting/api/client", {"username": unique("cost"), "passwordHash": hashed,
                                                 "emailAddress": "a@example.org"})]
    account = world.admin.post("/hosting/api/client", {"username": unique("cost"), "password": PASSWORD,
                                                       "emailAddress": "a@example.org"}).json()
    answers.append(world.admin.put(f"/hosting/api/client/{account['id']}", {"passwordHash": hashed}))
    for answer in answers:
        assert (answer.status < 300) == taken, answer
        assert taken or (answer.status == 400 and f"The passwordHash field must be {limit}" in answer.text), answer
        assert hashes(answer) == 0
