"""What ends takes only its own with it: everybody else's credentials stay cached, on this machine and on others."""

import contextlib
import threading
import time

import pytest

from harness.beside import SecondPool
from harness.installation import LONG, TOP, Installation, wait_until
from harness.locks import connected
from harness.revocations import ENDS, NODE_SECONDS, SESSIONS_MOST, Subject, check_followed

pytestmark = pytest.mark.slow

PATH = "/v1/customers?take=1&total=none"  # of what a Sales user may read, by one query
LOGOUTS = 1000
MOST_MARKS, MOST_ORIGINS = 1024, 2048  # of one look at the database: src/auth/revocation.c


@pytest.fixture(scope="module")
def pools():
    """Two of one worker each, so that each request meets the same cache."""
    with contextlib.ExitStack() as stack:
        options = {"workers": 1, "oauth_sessions": SESSIONS_MOST}
        first = stack.enter_context(Installation(**options))
        yield [first, stack.enter_context(SecondPool(first, **options))]


@pytest.fixture(scope="module")
def bystander(pools):
    return Subject(pools[0], password=True)


CACHE_SECONDS = 60  # src/auth/principal.c
looked_up = {}  # when a pool looked a credential up


def call(pool, credential):
    headers = {"Authorization": f"Bearer {credential}"} if credential.startswith("cat_") else {"x-api-key": credential}
    begun = time.monotonic()
    answer = pool.client().get(PATH, headers=headers)
    if answer.queries != 1:
        looked_up[id(pool), credential] = begun
    return answer


def warm(pools, *credentials):
    """Both pools have read all that was revoked before, and know all of them."""
    time.sleep(1.2 * NODE_SECONDS)
    for pool in pools:
        for credential in credentials:
            wait_until(lambda: cost(pool, credential) == 1 and cost(pool, credential) == 1, "a cached credential")


def cost(pool, credential):
    """Queries of a request; the one that reads the customers is the only one where the credential is cached."""
    answer = call(pool, credential)
    assert answer.status == 200, answer
    return answer.queries


def check_undisturbed(pools, *credentials):
    """Nobody is looked up again before the usual time."""
    for pool in pools:
        for credential in credentials:
            before = looked_up[id(pool), credential]
            assert cost(pool, credential) == 1 or time.monotonic() - before > CACHE_SECONDS


def counter(pool):
    [[number]] = pool.sql("SELECT counter FROM revocation")
    return int(number)


@pytest.mark.parametrize("end", sorted(ENDS))
def test_only_what_ended(pools, bystander, end):
    act, kind, status = ENDS[end]
    subject = Subject(pools[0], password=kind == "login")
    others = [bystander.key, bystander.token, bystander.login]
    warm(pools, getattr(subject, kind), *others)
    before = counter(pools[0])
    act(subject)
    assert call(pools[0], getattr(subject, kind)).status == status
    check_followed(lambda: call(pools[1], getattr(subject, kind)), status)
    check_undisturbed(pools, *others)
    time.sleep(NODE_SECONDS)  # what the first pool reads of its own marks is nothing new
    check_undisturbed(pools, *others)
    assert call(pools[0], getattr(subject, kind)).status == status
    assert counter(pools[0]) == before, "a row that all nodes write"


class Busy(threading.Thread):
    """Calls with one key at one pool, and notes what each has cost."""

    def __init__(self, pool, key):
        super().__init__()
        self.pool, self.key = pool, key
        self.end = threading.Event()
        self.costs, self.faults = [], []

    def run(self):
        while not self.end.is_set():
            answer = call(self.pool, self.key)
            if answer.status != 200:
                self.faults.append(answer)
            else:
                self.costs.append(answer.queries)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.join(LONG)


@contextlib.contextmanager
def many_sessions(pools):
    """Sessions of as many API clients as it takes."""
    subjects = [Subject(pools[0]) for _ in range(LOGOUTS // SESSIONS_MOST + 1)]
    yield [(subject, subject.open()["access_token"]) for subject in subjects for _ in range(SESSIONS_MOST - 1)][:LOGOUTS]


def test_many_logouts_beside_a_busy_key(pools, bystander):
    first, second = pools
    with many_sessions(pools) as sessions:
        watched = [token for _, token in sessions[::LOGOUTS // 20]]
        for token in watched:
            assert call(first, token).status == call(second, token).status == 200
        warm(pools, bystander.key)
        before, begun = counter(first), time.monotonic()
        with Busy(first, bystander.key) as here, Busy(second, bystander.key) as there:
            for subject, token in sessions:
                subject.form("/oauth2/revoke", token=token)
                if token in watched:
                    assert call(first, token).status == 401
            check_followed(lambda: call(second, watched[-1]))
    assert {call(second, token).status for token in watched} == {401}
    assert not here.faults and not there.faults
    # A cached credential is read again each minute, whatever happens.
    minutes = 1 + (time.monotonic() - begun) // CACHE_SECONDS
    for busy in (here, there):
        print(f"{len(busy.costs)} requests, {busy.costs.count(2)} with a second query")
        assert len(busy.costs) > 100 and set(busy.costs) <= {1, 2} and busy.costs.count(2) <= 2 + minutes
    assert counter(first) == before
    assert int(first.sql("SELECT COUNT(*) FROM revocation_mark")[0][0]) >= LOGOUTS


def revoke_by_hand(connection, key, origin, number, made_at="UTC_TIMESTAMP(6)"):
    connection.run(f"UPDATE api_key SET revoked = TRUE WHERE id = {key}")
    connection.run(f"INSERT INTO revocation_mark (origin, number, kind, subject, made_at) VALUES ({origin}, {number}, 4, "
                   f"'00000000-0000-0000-0000-{int(key):012x}', {made_at})")


@pytest.mark.parametrize("clock", ["UTC_TIMESTAMP(6) - INTERVAL 50 MINUTE", "UTC_TIMESTAMP(6) + INTERVAL 50 MINUTE"])
def test_a_mark_that_is_committed_late(pools, bystander, clock):
    """Many others come in between, whatever the clock of its node says."""
    subject = Subject(pools[0])
    origin = time.time_ns()
    with connected(pools[0]) as slow, connected(pools[0]) as fast:
        warm(pools, subject.key, bystander.key)
        slow.run("BEGIN")
        revoke_by_hand(slow, subject.key_id, origin, 1, clock)
        for number in range(1, 4):
            for other in range(1, 4):
                fast.run("INSERT INTO revocation_mark (origin, number, kind, subject, made_at) VALUES "
                         f"({origin + other}, {number}, 3, UUID(), UTC_TIMESTAMP(6))")
            time.sleep(NODE_SECONDS / 2)
        check_undisturbed(pools, subject.key, bystander.key)
        slow.run("COMMIT")
        for pool in pools:
            check_followed(lambda: call(pool, subject.key))
        # The same origin goes on, with a number that is not the next one.
        following = Subject(pools[0])
        warm(pools, following.key)
        revoke_by_hand(slow, following.key_id, origin, 9, clock)
        for pool in pools:
            check_followed(lambda: call(pool, following.key))
    check_undisturbed(pools, bystander.key)


MORE = {
    "marks": "SELECT {origin}, seq, 3, UUID(), UTC_TIMESTAMP(6) FROM seq_1_to_{marks}",
    "origins": "SELECT {origin} + seq, 1, 3, UUID(), UTC_TIMESTAMP(6) FROM seq_1_to_{origins}",
}


@pytest.mark.parametrize("what", sorted(MORE))
def test_more_than_one_look_takes_in(pools, bystander, what):
    """All credentials are read again then, so that none is missed."""
    subject = Subject(pools[0])
    warm(pools, subject.key, bystander.key)
    select = MORE[what].format(origin=time.time_ns(), marks=2 * MOST_MARKS, origins=MOST_ORIGINS + 10)
    with connected(pools[0]) as connection:
        connection.run("BEGIN")
        connection.run(f"INSERT INTO revocation_mark (origin, number, kind, subject, made_at) {select}")
        revoke_by_hand(connection, subject.key_id, time.time_ns(), 1)
        connection.run("COMMIT")
    for pool in pools:
        check_followed(lambda: call(pool, subject.key))
        assert call(pool, bystander.key).status == 200
    # Old ones are removed; everything is as before then.
    pools[0].sql("UPDATE revocation_mark SET made_at = UTC_TIMESTAMP(6) - INTERVAL 61 MINUTE")
    pools[0].cli("expire")
    assert pools[0].sql("SELECT COUNT(*) FROM revocation_mark") == [["0"]]
    warm(pools, bystander.key)


def test_programs_that_know_the_counter_alone(pools, bystander):
    """As long as they may be there the counter tells them, and programs of today know that it is not for them."""
    first = pools[0]
    first.sql("UPDATE schema_version SET compatible_from = 0")

    def told():
        subject = Subject(first)
        before = counter(first)
        subject.admin.change("/v1/api-keys", {"apiKey": {"id": subject.key_id, "revoked": True}})
        return counter(first) - before

    try:
        wait_until(lambda: told() == 1, "a worker that has looked at the schema again")
        warm(pools, bystander.key)
        assert told() == 1
        time.sleep(NODE_SECONDS)
        check_undisturbed(pools, bystander.key)
        # What such a program revokes counts for everybody.
        subject = Subject(first)
        warm(pools, subject.key)
        first.sql(f"UPDATE api_key SET revoked = TRUE WHERE id = {subject.key_id}; "
                  "UPDATE revocation SET counter = counter + 1 WHERE id = 1")
        for pool in pools:
            check_followed(lambda: call(pool, subject.key))
    finally:
        first.cli("migrate", "--newest-only", "--dir", TOP / "sql")
    wait_until(lambda: told() == 0, "a worker that has looked at the schema again")


def test_all_at_once(pools, bystander):
    """One command ends all sessions, and that is what the counter is for."""
    subject = Subject(pools[0])
    warm(pools, subject.token, bystander.key)
    before = counter(pools[0])
    pools[0].cli("token", "revoke", "--all")
    assert counter(pools[0]) == before + 1
    assert call(pools[0], subject.token).status == 401
    check_followed(lambda: call(pools[1], subject.token))
    assert [call(pool, bystander.key).status for pool in pools] == [200, 200]


def test_a_user_who_is_let_in_again(pools):
    """Neither that a credential was good nor that it was not is remembered."""
    first, second = pools
    subject = Subject(first)
    for enabled in (False, True) * 3:
        subject.admin.change("/v1/users", {"user": {"id": subject.user, "enabled": enabled}})
        assert call(first, subject.key).status == (200 if enabled else 401)
        check_followed(lambda: call(second, subject.key), 200 if enabled else 401)
