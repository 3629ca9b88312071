"""OAuth client libraries that no one here wrote get, refresh, introspect and revoke tokens."""

import pytest


@pytest.mark.parametrize("program", ["standard.mjs", "simple.mjs"])
def test_library(tools, world, program):
    tools.run("node", program, **world)
