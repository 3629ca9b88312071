"""What several files of fault tests share."""

import pytest

from harness.cluster import running_cluster


@pytest.fixture(scope="module")
def cluster():
    """Three nodes of the files that use it, one after the other."""
    with running_cluster() as running:
        yield running
