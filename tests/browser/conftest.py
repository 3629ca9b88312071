"""Fixtures of the tests of pages: an installation with the example data, and a browser for each file."""

import pytest

from harness import demo
from harness.installation import Installation
from pages import PASSWORD, Page, make_user, start_browser


def pytest_collection_modifyitems(items):
    """The file that takes longest comes first: else one process would run it alone in the end."""
    items.sort(key=lambda item: item.path.name != "test_screens.py")


@pytest.fixture(scope="session")
def example(every_installation_is_finished, tmp_path_factory):
    """An installation with the example data, whose administrator may sign in. Tests leave it as they found it."""
    with Installation() as running:
        demo.load(running, tmp_path_factory.mktemp("example"))
        running.client(running.admin_key).put("/v1/users", {"user": {"id": running.admin_id}, "newPassword": PASSWORD})
        yield running


@pytest.fixture(scope="module")
def running(request, every_installation_is_finished):
    """An installation of the file's own, with its OPTIONS where it has any."""
    with Installation(**getattr(request.module, "OPTIONS", {})) as made:
        yield made


@pytest.fixture(scope="module")
def client(running):
    return running.client(running.admin_key)


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    browser = start_browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def signed_in(example, driver):
    """The administrator in the console."""
    return Page(driver, example).sign_in("admin", PASSWORD)


@pytest.fixture(scope="module")
def keeper(request, running, driver):
    """A person in the console of the file's own installation: an administrator, or one with the file's ROLES."""
    make_user(running, "keeper", *getattr(request.module, "ROLES", ["Administrator"]))
    return Page(driver, running).sign_in("keeper", PASSWORD)


@pytest.fixture
def page(signed_in):
    """The same, wide and light as at first, without what an earlier test has left."""
    signed_in.look(1280, "light")
    signed_in.open("#/")
    signed_in.faults()
    return signed_in
