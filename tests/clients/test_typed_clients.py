"""Typed clients that generators made of docs/openapi.json: they compile, and do with a server what their types say."""

import pytest


@pytest.mark.parametrize("program", ["types.js", "dates.js"])
def test_typed_client(programs, world, program):
    programs.run("node", f"made/{program}", **world)
