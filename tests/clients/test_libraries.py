"""Libraries that no one here wrote: OAuth clients, and what verifies licenses and webhooks."""

import pytest


@pytest.mark.parametrize("program", ["standard.mjs", "simple.mjs", "licenses.mjs", "webhooks.mjs"])
def test_library(tools, world, program):
    tools.run("node", program, **world)
