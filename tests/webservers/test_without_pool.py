"""What callers are told while the application is away."""

import pytest

from harness.client import Client
from harness.waiting import wait_until
from test_webservers import SHAPES


@pytest.fixture(scope="module", autouse=True)
def without_pool(installation):
    installation.stop_pool()
    yield
    installation.start_pool()
    installation.wait_ready()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("shape", SHAPES)
def test_pool_away(front, shape, method):
    """Nothing has been carried out, and the answer says nothing else."""
    path, _ = SHAPES[shape]
    answer = front.client().call(method, path)
    assert (answer.status, answer.text) == (503, front.site.error_body(shape, 503)), answer
    assert answer.content_type.startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["retry-after"]) > 0 and "outcome" not in answer.headers
    assert front.site.log_entries(lambda entry: int(entry["status"]) == 503 and entry["method"] == method)


def test_documentation_stays(front):
    assert front.client().get("/docs/").status == 200


def test_no_key_in_the_error_log(front):
    key = "api_" + "downdowndowndowndowndown"
    assert front.client().get(f"/hosting/api/client/by-apiKey/{key}").status == 503
    for path in front.site.log.iterdir():
        assert key not in path.read_text(errors="replace"), path


def test_pool_comes_back(installation, sites):
    """The first call after that is passed on; no server goes on thinking that the pool is away."""
    callers = {site: Client(installation, "", site.connect, site.prefix) for site in sites.values()}
    assert {caller.get("/healthz").status for caller in callers.values()} == {503}
    installation.start_pool()
    try:
        installation.wait_ready()
        for site, caller in callers.items():
            if site.server.looks_again_late:
                wait_until(lambda: caller.get("/healthz").status == 200, site.server.name, seconds=20)
            else:
                assert caller.get("/healthz").status == 200, site.folder
    finally:
        installation.stop_pool()
