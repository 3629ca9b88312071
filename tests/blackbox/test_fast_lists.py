"""What docs/query-language.md calls fast, by the rows that the database reads for it."""

import re
import urllib.parse

import pytest

from harness.installation import TOP, Installation

ROWS = 5000
# {member: value of the licence number 4711}
VALUES = {"id": 4711, "licenseId": "l4711", "userKey": "u4711", "customerId": 4711, "orderId": 4711, "templateId": 4711,
          "signatureKeysId": 4711, "createdAt": "2030-01-01T01:18:31Z", "expireDate": "2031-01-01T01:18:31Z",
          "supportExpireDate": "2032-01-01T01:18:31Z", "licenseType": "t4711", "licenseeName": "n4711",
          "licenseeEmail": "4711@example.org"}
SLOW = {"hash": "h4711", "issueDate": "2033-01-01T01:18:31Z"}


def documented():
    section = (TOP / "docs/query-language.md").read_text().split("\n## What is fast\n")[1].split("\n## ")[0]
    return [name for line in section.splitlines() if line.startswith("| `")
            for name in re.findall("`([A-Za-z]+)`", line.split("|")[1])]


@pytest.fixture(scope="module", name="running")
def a_pool_with_licenses():
    with Installation(workers=1) as running:
        running.sql(f"""SET FOREIGN_KEY_CHECKS = 0;
            INSERT INTO license (id, license_id, user_key, customer_id, order_id, template_id, signature_keys_id, license_type,
                created_at, expire_date, support_expire_date, issue_date, licensee_name, licensee_email, hash)
            SELECT seq, CONCAT('l', seq), CONCAT('u', seq), seq, seq, seq, seq, CONCAT('t', seq),
                '2030-01-01' + INTERVAL seq SECOND, '2031-01-01' + INTERVAL seq SECOND, '2032-01-01' + INTERVAL seq SECOND,
                '2033-01-01' + INTERVAL seq SECOND, CONCAT('n', seq), CONCAT(seq, '@example.org'), CONCAT('h', seq)
            FROM seq_1_to_{ROWS};
            ANALYZE TABLE license""")
        yield running


def read(running, **parameters):
    """Identifiers in the answer, and how many rows were read for it."""
    def count():
        return sum(int(value) for name, value in running.sql("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
                   if name.split("_")[-1] in ("first", "key", "last", "next", "prev", "rnd"))

    query = urllib.parse.urlencode({"total": "none", "select": "id", **parameters})
    client = running.client(running.admin_key)
    client.get(f"/v1/licenses?{query}")  # statements are prepared, the key is known
    before = count()
    rows = client.get(f"/v1/licenses?{query}").json()["licenses"]
    return [row["id"] for row in rows], count() - before


def test_the_table_is_whole():
    assert sorted(documented()) == sorted(VALUES)


@pytest.mark.parametrize("member", VALUES | SLOW)
def test_rows_that_are_read(running, member):
    value = (VALUES | SLOW)[member]
    literal = value if isinstance(value, int) else f'"{value}"'
    found, searched = read(running, filter=f"{member} = {literal}")
    assert found == [4711]
    sorted_rows, ordered = read(running, sort=member, take="5")
    assert len(sorted_rows) == 5
    for rows in (searched, ordered):
        assert (rows < 100) == (member in VALUES), (member, searched, ordered)
