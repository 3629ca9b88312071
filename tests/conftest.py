"""Fixtures for the tests that talk to a running program."""

import contextlib
import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness.installation import Installation  # noqa: E402


def pytest_configure(config):
    # A run that is ended stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("ended by a signal", 143))
    # A shell has what it runs in the background ignore this one, and so would the programs that are tested.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "slow: takes more than some seconds")


@pytest.fixture(scope="session", autouse=True)
def every_installation_is_finished():
    yield
    assert not Installation.unfinished, [running.options for running in Installation.unfinished]


@pytest.fixture(scope="session")
def installation(every_installation_is_finished):  # that one's end comes after this one's
    """One installation for all tests that do not disturb it."""
    with Installation() as running:
        yield running


@pytest.fixture
def private_installation():
    """A factory of installations with options of their own."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(Installation(**options))


@pytest.fixture
def client(installation):
    """A caller with the administrator's key."""
    return installation.client(installation.admin_key)


@pytest.fixture
def anonymous(installation):
    return installation.client()
