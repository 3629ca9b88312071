"""Fixtures for the tests that talk to a running program."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness.installation import Installation, NotInstalled  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than some seconds")


@pytest.fixture(scope="session")
def installation():
    """One installation for all tests that do not disturb it."""
    try:
        running = Installation().start()
    except NotInstalled as reason:
        pytest.fail(str(reason))
    yield running
    running.finish()


@pytest.fixture
def private_installation(request):
    """A factory of installations with options of their own."""
    made = []

    def make(**options):
        made.append(Installation(**options).start())
        return made[-1]

    yield make
    leaks = []
    for running in made:
        leaks += running.stop_and_search()
        running.stop()
    assert not leaks, f"secrets stand in the clear in {leaks}"


@pytest.fixture
def client(installation):
    """A caller with the administrator's key."""
    return installation.client(installation.admin_key)


@pytest.fixture
def anonymous(installation):
    return installation.client()
