"""A worker is killed at each statement of a sign-in in turn: there is a session with all that it takes, or nothing."""

import contextlib
import itertools
import os
import signal

import pytest

from harness.browser import Browser
from harness.database_proxy import IDLE, DatabaseProxy, Fault, is_commit
from harness.installation import Installation, alive, wait_until
from harness.person import PASSWORD, Person, link_of
from harness.totp import code_of


class Pool:
    """One worker, whose statements are numbered."""

    def __init__(self):
        self.installation = running = Installation(workers=1)
        self.proxy = DatabaseProxy(running.state / "proxy.sock", running.state / "db" / "mariadb.sock")
        running.options["database_socket"] = str(self.proxy.path)
        running.start()

    def finish(self):
        self.installation.finish()
        self.proxy.close()

    def sign_in(self, fault=None, **shown):
        """The answer (None: the worker died before there was one), and the statements since."""
        browser, answer = Browser(self.installation), None
        self.proxy.arm(fault)
        with contextlib.suppress(OSError):
            answer = browser.sign_in(**shown)
        seen, happened = self.proxy.disarm()
        return (answer if happened or fault is None else None), seen, happened

    def killed(self, shown, **fault):
        """Signs in and kills the worker at that statement; whether it came."""
        [worker] = wait_until(self.installation.workers, "a worker")
        fault = Fault(**fault, act=lambda: os.kill(worker, signal.SIGKILL))
        answer, _, happened = self.sign_in(fault, **shown)
        if happened:
            assert answer is None or answer.status >= 500, answer
            wait_until(lambda: not alive(worker), "end of the worker")
            self.installation.wait_ready()
        return happened


@pytest.fixture(scope="module")
def pool():
    made = Pool()
    yield made
    made.finish()


def of_link(person):
    """A link, and a code of the app."""
    return {"link": link_of(person.installation, person.name), "code": code_of(person.secret)}


def of_password(person):
    """The password, and a code of the app."""
    return {"username": person.name, "password": PASSWORD, "code": code_of(person.secret)}


def of_recovery_code(person):
    return {"username": person.name, "password": PASSWORD, "code": person.codes[0]}


def is_statement(text):
    """Of the request; what prepares one changes nothing."""
    return not IDLE.match(text) and not text.startswith("PREPARE ")


def state(person):
    """What a sign-in writes: sessions, their tokens, links, the last step, recovery codes, entries of the audit log."""
    return person.installation.sql(f"""SELECT
        (SELECT COUNT(*) FROM oauth_session WHERE user_id = u.id AND grant_type = 'console'),
        (SELECT COUNT(*) FROM oauth_token t JOIN oauth_session s ON s.id = t.session_id WHERE s.user_id = u.id),
        (SELECT COUNT(*) FROM sign_in_link WHERE user_id = u.id),
        (SELECT last_step FROM user_second_factor WHERE user_id = u.id),
        (SELECT COUNT(*) FROM user_recovery_code WHERE user_id = u.id),
        (SELECT COUNT(*) FROM audit_entry WHERE user_id = u.id AND action = 'insert' AND resource = 'session')
        FROM user u WHERE u.id = '{person.id}'""")[0]


def enrolled(pool):
    person = Person(pool.installation, "Sales")
    person.enrol()
    return person


@pytest.mark.parametrize("way", [of_link, of_password, of_recovery_code])
def test_a_worker_is_killed_while_somebody_signs_in(pool, way):
    """
    Session, token, audit entry, the use of a link and that of a code are one: before COMMIT none of it is there, and
    link and code are as good as before; from COMMIT on all of it is, whether or not the browser has heard of it.
    """
    person = enrolled(pool)
    pool.sign_in(**way(person))  # statements are prepared now
    person = enrolled(pool)
    before, shown = state(person), way(person)
    if "link" in shown:
        before = state(person)
    answer, seen, _ = pool.sign_in(**shown)
    assert answer.status == 200, answer
    whole = [int(after) - int(former) for former, after in zip(before, state(person))]
    assert whole[:2] == [1, 1] and whole[5] == 1, whole
    # TOTP steps go on with the clock: what counts is whether one was spent.
    spent = {of_link: (-1, True, 0), of_password: (0, True, 0), of_recovery_code: (0, False, -1)}
    assert (whole[2], whole[3] > 0, whole[4]) == spent[way]
    assert len([text for text in seen if is_commit(text)]) == 1, seen

    def kill(**fault):
        """Whether all of it is there afterwards; None where that statement did not come."""
        killed = enrolled(pool)
        proof = way(killed)
        former = state(killed)
        if not pool.killed(proof, **fault):
            return None
        after = state(killed)
        if after == former:
            # Neither link nor code was spent: the same ones sign in now.
            assert pool.sign_in(**proof)[0].status == 200, fault
            return False
        change = [int(one) - int(other) for one, other in zip(after, former)]
        assert (change[3] > 0) == (whole[3] > 0), (fault, change)
        assert change[:3] + change[4:] == whole[:3] + whole[4:], (fault, change)
        assert pool.sign_in(**proof)[0].status == 401, fault
        return True

    statements = [kill(number=1, how="before", only=is_commit), kill(number=1, how="after", only=is_commit)]
    assert statements == [False, True]
    for number in itertools.count(1):
        statements.append(kill(number=number, how="before", only=is_statement))
        if statements[-1] is None:
            break
    done = statements[2:-1]
    assert len(done) >= 8 and done == sorted(done) and not done[0], statements
