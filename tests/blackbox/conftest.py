"""Fixtures of the black-box tests: every API case runs in JSON and in XML."""

import pytest

from harness.families import CREDENTIALS, DELEGATES, DISCOVERY, HOSTING, LICENSING, Api, unique


@pytest.fixture(params=["json", "xml"])
def media(request):
    return request.param


@pytest.fixture
def discovery(anonymous, media):
    return Api(anonymous, DISCOVERY, media)


@pytest.fixture
def credentials(client, media):
    return Api(client, CREDENTIALS, media)


@pytest.fixture
def delegates(client, media):
    return Api(client, DELEGATES, media)


@pytest.fixture
def hosting(client, media):
    return Api(client, HOSTING, media)


@pytest.fixture
def licensing(client, media):
    return Api(client, LICENSING, media)


@pytest.fixture
def group(installation):
    """Identifier of a discovery group that nobody else uses."""
    return installation.create_group(unique("group"))
