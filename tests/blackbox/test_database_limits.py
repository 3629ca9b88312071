"""What is too large for the database is the caller's fault, and is said so; nothing of it is stored."""

import pytest


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_larger_than_a_packet(private_installation, accept):
    running = private_installation(workers=1)
    admin = running.client(running.admin_key)
    running.sql("SET GLOBAL max_allowed_packet = 65536")
    for [session] in running.sql("SELECT id FROM information_schema.processlist WHERE user <> 'root' AND id > 0"):
        running.sql(f"KILL {session}")
    assert admin.post("/v1/customers", {"customer": {"company": "small"}}).status == 200
    answer = admin.post("/v1/customers", {"customer": {"company": "large", "image": "x" * 300000}}, accept=accept)
    assert answer.status == 413, answer
    assert "max_allowed_packet" in answer.text, answer
    assert running.sql("SELECT COUNT(*) FROM customer WHERE company = 'large'") == [["0"]]
    assert admin.post("/v1/customers", {"customer": {"company": "small too"}}).status == 200
