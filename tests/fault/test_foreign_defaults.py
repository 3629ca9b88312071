"""A database server whose administrator has chosen other defaults: operations store what they store elsewhere."""

import os
import random

import pytest

from harness.installation import LONG, Installation
from harness.locks import connected
from harness.random_cases import cases, seed
from harness.writes import ALL, Setting, Stored, make_parents

DEFAULTS = {
    "autocommit": "0", "completion_type": "CHAIN", "transaction-isolation": "SERIALIZABLE",
    "sql_mode": "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE,"
                "NO_UNSIGNED_SUBTRACTION,EMPTY_STRING_IS_NULL,ONLY_FULL_GROUP_BY",
    "group_concat_max_len": "4", "max_sort_length": "64", "lc_messages": "de_DE", "default_time_zone": "+05:30",
    "character_set_server": "latin1", "collation_server": "latin1_german2_ci", "div_precision_increment": "0",
    "default_regex_flags": "EXTENDED", "lock_wait_timeout": "1", "innodb_lock_wait_timeout": "1",
    "innodb_strict_mode": "0", "sort_buffer_size": "1024",
}


@pytest.fixture(scope="module")
def picked():
    return random.Random(seed()).sample(ALL, min(cases(30), len(ALL)))


def measure(running, picked):
    """What each operation stores."""
    setting = Setting(running)
    make_parents(setting)
    found = {}
    with connected(running) as connection:
        connection.run("SET autocommit = 1, sql_mode = '', sort_buffer_size = 2097152")
        stored = Stored(connection)
        for prepare in picked:
            call, check = prepare(setting)
            stored.changes()
            value = call()
            found[prepare.__name__] = stored.changes()
            if check is not None:
                check(value)
    return found


class Foreign(Installation):
    """With these defaults; the tests' own statements leave them alone."""

    from_template = False  # the schema is made there, too

    def mariadb_script(self, action):
        options = " ".join(f"--{name.replace('_', '-')}={value}" for name, value in DEFAULTS.items())
        before = os.environ.get("CLIENTELE_TEST_OPTIONS")
        os.environ["CLIENTELE_TEST_OPTIONS"] = options
        try:
            return super().mariadb_script(action)
        finally:
            if before is None:
                del os.environ["CLIENTELE_TEST_OPTIONS"]
            else:
                os.environ["CLIENTELE_TEST_OPTIONS"] = before

    def sql(self, statement, database="clientele", timeout=LONG):
        return super().sql(f"SET autocommit = 1, sql_mode = '', sql_select_limit = DEFAULT; {statement}", database, timeout)


@pytest.mark.parametrize("kind", [Installation, Foreign])
def test_operations(kind, picked, measured={}):  # pylint: disable=dangerous-default-value
    running = kind(discovery_auth="none", oauth_registration="token", mail_quota=0)
    try:
        running.start()
        measured[kind] = measure(running, picked)
    finally:
        running.finish()
    if len(measured) == 2:
        assert measured[Foreign] == measured[Installation]
