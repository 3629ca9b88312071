"""Fixtures of the black-box tests: every API case runs in JSON and in XML."""

import pytest

from harness.families import FAMILIES, Api, unique


@pytest.fixture(params=["json", "xml"])
def media(request):
    return request.param


def fixture_of(family):
    @pytest.fixture(name=family.name)
    def api(client, anonymous, media):
        return Api(anonymous if family.keyless else client, family, media)

    return api


# Each family has a fixture of its name: discovery, credentials, and so on.
globals().update({f"api_of_{family.name}": fixture_of(family) for family in FAMILIES.values()})


@pytest.fixture
def group(installation):
    """Identifier of a discovery group that nobody else uses."""
    return installation.create_group(unique("group"))
