"""A database that goes away and comes back."""

import signal

import pytest

from harness.installation import wait_until
from harness.load import Writers, check_refusals, lost


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_database_away_under_load(private_installation, how):
    running = private_installation(workers=4, database_durable=True)
    group = running.create_group("load")
    with Writers(running, group) as writers:
        wait_until(lambda: writers.total > 100, "first writes")
        running.kill_database(how)
        wait_until(lambda: len(writers.refused) > 20, "refusals")
        assert running.client().get("/healthz").status == 200
        assert running.client().get("/readyz").status == 503
        running.start_database()
        writers.wait_more(100, "service without help")
    check_refusals(writers)
    assert lost(running, writers) == []
    running.wait_ready()
    assert running.client(running.admin_key).get("/hosting/api/client").status == 200


def test_start_without_a_database(private_installation):
    """The pool starts, answers 503, and serves once the database is there."""
    running = private_installation(workers=2)
    running.stop_pool()
    running.kill_database(signal.SIGTERM)
    running.start_pool()
    client = running.client(running.admin_key)
    for path, member in (("/hosting/api/client", "message"), ("/api/v1/admin/clients", "Error")):
        answer = client.get(path)
        assert answer.status == 503, answer
        assert answer.json()[member]
        assert "retry-after" in answer.headers
    as_xml = client.get("/hosting/api/client", accept="application/xml")
    assert as_xml.status == 503 and as_xml.is_xml
    assert client.get("/healthz").status == 200
    running.start_database()
    running.wait_ready()
    assert client.get("/hosting/api/client").status == 200
