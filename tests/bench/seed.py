"""Fills a database with the records of a vendor: licenses, and the customers, orders and the like behind them.

    BUILD_DIR=build /usr/bin/python3 tests/bench/seed.py [--licenses N]

Starts an installation of its own, fills it, prints how to call it, and keeps it until a line comes in.
"""

import argparse
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.installation import Installation  # noqa: E402

# Enough for a million licenses in memory: it is the requests that are measured, not the disk.
DATABASE_OPTIONS = "--innodb-buffer-pool-size=1536M --innodb-log-file-size=256M --innodb-sort-buffer-size=16M"

# Table, rows per 1,000 licenses, columns and their values for row `seq`. {n} is the number of licenses,
# {tenth} a tenth of it: ten licenses for each customer, template and so on, however many there are.
TENTH = "1 + (seq - 1) MOD {tenth}"
START = "TIMESTAMP'2020-01-01 00:00:00'"
TABLES = [
    ("resource", 100, {
        "id": "seq", "name": "CONCAT('Keys ', seq)", "type": "'signature'", "code": "CONCAT('R-', seq)"}),
    ("product", 100, {
        "id": "seq", "name": "CONCAT('Product ', seq)", "code": "CONCAT('P-', seq)", "price": "seq MOD 500",
        "signature_keys_id": "seq"}),
    ("customer", 100, {
        "id": "seq", "code": "CONCAT('C-', LPAD(CONV(seq, 10, 36), 8, '0'))", "first_name": "ELT(1 + seq MOD 5, "
        "'Ada', 'Alan', 'Grace', 'Edsger', 'Barbara')", "last_name": "CONCAT('Family ', seq)",
        "company": "CONCAT('Company ', seq)", "email": "CONCAT('customer', seq, '@example.org')",
        "vat_code": "CONCAT('VAT', seq)", "invoice_code": "CONCAT('I', seq)", "city": "'London'",
        "created_at": f"{START} + INTERVAL seq MINUTE"}),
    ("contact", 100, {
        "id": "seq", "first_name": "'Ada'", "last_name": "CONCAT('Family ', seq)", "customer_id": "seq",
        "email": "CONCAT('contact', seq, '@example.org')"}),
    ("customer_order", 200, {
        "id": "seq", "order_number": "CONCAT('O-', LPAD(CONV(seq, 10, 36), 8, '0'))", "status": "ELT(1 + seq MOD 3, "
        "'new', 'paid', 'shipped')", "total": "seq MOD 1000", "currency": "'EUR'",
        "created_at": f"{START} + INTERVAL seq MINUTE", "invoice_number": "CONCAT('INV-', seq)",
        "purchase_order": "CONCAT('PO-', seq)", "payment_number": "CONCAT('PAY-', seq)", "customer_id": TENTH,
        "reseller_id": TENTH}),
    ("order_product", 200, {"order_id": "seq", "product_id": TENTH, "unit_price": "seq MOD 500"}),
    ("license_template", 100, {
        "id": "seq", "name": "CONCAT('Template ', seq)", "code": "CONCAT('T-', seq)", "product_id": "seq",
        "signature_keys_id": "seq"}),
    ("license", 1000, {
        "id": "seq", "license_id": "CONCAT('lic', UPPER(SUBSTR(MD5(seq), 1, 12)))",
        "license_type": "ELT(1 + seq MOD 5, 'Trial', 'Standard', 'Professional', 'Enterprise', 'Academic')",
        "created_at": f"{START} + INTERVAL seq MINUTE", "updated_at": f"{START} + INTERVAL seq MINUTE",
        "issue_date": f"{START} + INTERVAL seq MINUTE", "expire_date": f"{START} + INTERVAL seq + 525600 MINUTE",
        "support_expire_date": f"{START} + INTERVAL seq + 262800 MINUTE", "licensing_mode": "seq MOD 3",
        "max_allowed_sites": "seq MOD 100", "user_key": "UPPER(SUBSTR(SHA1(seq), 1, 25))",
        "licensee_name": "CONCAT('Holder ', seq)", "licensee_company": f"CONCAT('Company ', {TENTH})",
        "licensee_email": "CONCAT('holder', seq, '@example.org')", "hash": "MD5(seq)", "template_id": TENTH,
        "signature_keys_id": TENTH, "customer_id": TENTH, "order_id": "1 + (seq - 1) MOD (2 * {tenth})",
        "product_name": f"CONCAT('Product ', {TENTH})", "license_key": "REPEAT('k', 200)"}),
    ("license_field", 1000, {"license_id": "seq", "name": "'edition'", "value": "seq"}),
    ("license_token", 100, {
        "id": "seq", "token": "MD5(CONCAT('token', seq))", "client_id": "CONCAT('client', seq)",
        "machine_id": "CONCAT('machine', seq)", "license_id": "seq",
        "expire_date": f"{START} + INTERVAL seq MINUTE"}),
    ("license_trace", 100, {
        "id": "seq", "client_id": "CONCAT('client', seq)", "machine_id": "CONCAT('machine', seq)",
        "client_ip": "CONCAT('2001:db8::', HEX(seq DIV 65536), ':', HEX(seq MOD 65536))", "license_id": "seq",
        "created_at": f"{START} + INTERVAL seq MINUTE"}),
    ("report", 100, {
        "id": "seq", "uid": "CONCAT('report', seq)", "name": "CONCAT('Report ', seq)",
        "report_date": f"{START} + INTERVAL seq MINUTE", "user_key": "UPPER(SUBSTR(SHA1(seq), 1, 25))"}),
    ("hosting_client", 100, {
        "id": "LPAD(LOWER(HEX(seq)), 7, '0')", "username": "CONCAT('account', seq)", "password_hash": "'*'",
        "api_key_hash": "UNHEX(SHA2(seq, 256))", "active": "TRUE", "first_name": "'Ada'",
        "last_name": "CONCAT('Family ', seq)", "email_address": "CONCAT('account', seq, '@example.org')",
        "company": "CONCAT('Company ', seq)", "domain_max_count": "10"}),
    ("hosting_domain", 200, {
        "id": "LPAD(LOWER(HEX(seq)), 7, '0')", "client_id": "LPAD(LOWER(HEX(1 + (seq - 1) MOD {tenth})), 7, '0')",
        "name": "CONCAT('www', seq, '.example.org')", "call_count": "seq MOD 1000", "whitelabel": "seq MOD 2"}),
    ("report_property", 100, {"report_id": "seq", "name": "'os'", "value": "'unix'"}),
]


def statements(licenses):
    """SQL that fills the empty tables. One INSERT per table: unchecked, it builds the indexes by sorting."""
    words = {"n": licenses, "tenth": licenses // 10}
    yield "SET foreign_key_checks = 0, unique_checks = 0"
    for table, share, columns in TABLES:
        values = ", ".join(columns.values()).format(**words)
        yield (f"INSERT INTO {table} ({', '.join(columns)}) "
               f"SELECT {values} FROM seq_1_to_{licenses * share // 1000}")
    counted = ", ".join(f"'{table}'" for table, *_ in TABLES)
    # Loaded by other means than the program's: the counters begin anew, where there are any.
    yield "CREATE TEMPORARY TABLE counted SELECT DISTINCT table_name FROM row_count"
    yield f"DELETE FROM row_count WHERE table_name IN ({counted})"
    for table, *_ in TABLES:
        yield (f"INSERT INTO row_count (table_name, shard, count) SELECT '{table}', -1, "
               f"(SELECT COUNT(*) FROM {table}) FROM counted WHERE table_name = '{table}'")
    yield "ANALYZE TABLE " + ", ".join(table for table, *_ in TABLES)


def fill(installation, licenses):
    if licenses < 10 or licenses % 10:
        raise ValueError("the number of licenses must be a multiple of ten")
    installation.sql(";\n".join(statements(licenses)), timeout=3600)


def licenses_in_use(installation, mode, count):
    """User keys of so many licenses more, which programs may use and have used; any number of seats each."""
    name = f"bench-{mode}-"
    installation.sql(f"INSERT INTO license (license_id, user_key, licensing_mode, first_activated_at, first_validated_at) "
                     f"SELECT CONCAT('{name}', seq), CONCAT('{name}', seq), {mode}, {START}, {START} FROM seq_1_to_{count}; "
                     f"UPDATE row_count SET count = count + {count} WHERE table_name = 'license' AND shard = -1")
    return [f"{name}{number}" for number in range(1, count + 1)]


def start(licenses, **options):
    """An installation with so many licenses, to be stopped by the caller."""
    os.environ.setdefault("CLIENTELE_TEST_OPTIONS", DATABASE_OPTIONS)
    installation = Installation(**options).start()
    try:
        fill(installation, licenses)
    except BaseException:
        installation.remove()
        raise
    return installation


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--licenses", type=int, default=1000000)
    arguments = parser.parse_args()
    began = time.monotonic()
    installation = start(arguments.licenses)
    try:
        print(f"filled in {time.monotonic() - began:.0f} s\n"
              f"curl -H 'x-api-key: {installation.admin_key}' http://127.0.0.1:{installation.port}/v1/licenses?take=1\n"
              f"mariadb -uroot -S {installation.database_socket} clientele\nEnter ends it.", flush=True)
        sys.stdin.readline()
    finally:
        installation.remove()


if __name__ == "__main__":
    main()
