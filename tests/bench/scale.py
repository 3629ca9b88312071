"""What lists cost at many licenses, as ratios to the same lists at few.

    BUILD_DIR=build /usr/bin/python3 tests/bench/scale.py [--few N] [--many N] [--calls N] [--limit RATIO]

Two installations run side by side; each case calls both in turns, so that they see the same machine. Times are
those of the program's log lines, database included. Exits with 1 when a case that must not depend on the
number of rows is slower than the limit. Absolute figures hold for the machine only: quote the ratios.
"""

import argparse
import http.client
import itertools
import json
import os
import pathlib
import random
import statistics
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import seed  # noqa: E402
from harness.installation import wait_until  # noqa: E402

# Each indexed member that names few rows, by list; and the column that tells its values.
MEMBERS = {
    "licenses": ("license", {
        "id": "id", "licenseId": "license_id", "userKey": "user_key", "customerId": "customer_id",
        "orderId": "order_id", "templateId": "template_id", "signatureKeysId": "signature_keys_id",
        "licenseeName": "licensee_name", "licenseeCompany": "licensee_company",
        "licenseeEmail": "licensee_email", "hash": "hash", "product.name": "product_name",
        "createdAt": "created_at", "issueDate": "issue_date", "expireDate": "expire_date",
        "supportExpireDate": "support_expire_date"}),
    "customers": ("customer", {
        "id": "id", "code": "code", "email": "email", "company": "company", "lastName": "last_name",
        "vatCode": "vat_code", "invoiceCode": "invoice_code", "createdAt": "created_at"}),
    "contacts": ("contact", {
        "id": "id", "customerId": "customer_id", "email": "email", "lastName": "last_name"}),
    "orders": ("customer_order", {
        "id": "id", "orderNumber": "order_number", "customerId": "customer_id", "resellerId": "reseller_id",
        "createdAt": "created_at", "invoiceNumber": "invoice_number", "purchaseOrder": "purchase_order",
        "paymentNumber": "payment_number"}),
    "license-tokens": ("license_token", {
        "id": "id", "token": "token", "clientId": "client_id", "machineId": "machine_id",
        "licenseId": "license_id", "expireDate": "expire_date"}),
    "license-traces": ("license_trace", {
        "id": "id", "clientId": "client_id", "machineId": "machine_id", "clientIp": "client_ip",
        "licenseId": "license_id", "createdDate": "created_at"}),
    "license-templates": ("license_template", {
        "id": "id", "name": "name", "code": "code", "productId": "product_id",
        "signatureKeysId": "signature_keys_id"}),
    "products": ("product", {"id": "id", "name": "name", "code": "code", "signatureKeysId": "signature_keys_id"}),
    "resources": ("resource", {"id": "id", "name": "name", "code": "code"}),
    "reports": ("report", {
        "id": "id", "uid": "uid", "name": "name", "userKey": "user_key", "date": "report_date"}),
}
PAGE = "take=50&total=none"
DEEP = 0.9  # how far behind the first row a deep page is
_serial = itertools.count(1)


def quoted(**parameters):
    return urllib.parse.urlencode(parameters)


def text_of(value):
    return value if value.isdecimal() else json.dumps(value)


class Side:
    """One of the two installations; one that runs already is its maker's."""

    def __init__(self, licenses, calls, installation=None):
        self.installation = installation or seed.start(licenses, log_level="info")
        self.licenses = licenses
        self.calls = calls
        self.client = http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=300)

    def call(self, target):
        """Identifier of the request and its answer."""
        request = f"scale-{os.getpid()}-{next(_serial)}"
        self.client.request("GET", target, headers={
            "x-api-key": self.installation.admin_key, "X-Request-Id": request})
        response = self.client.getresponse()
        body = response.read()
        assert response.status == 200, (target, body)
        return request, json.loads(body)

    def values(self, table, column):
        """Some values of a column, from all over the table."""
        rows = int(self.installation.sql(f"SELECT MAX(id) FROM {table}")[0][0])
        chosen = ", ".join(str(random.randint(1, rows)) for _ in range(self.calls))
        return [row[0] for row in self.installation.sql(f"SELECT {column} FROM {table} WHERE id IN ({chosen})")]

    def cursor(self, path, sort, deep, condition=""):
        """The cursor of the row so far behind the first."""
        more = f"&{quoted(filter=condition)}" if condition else ""
        total = next(value for name, value in self.call(f"{path}?take=0{more}")[1].items()
                     if name.startswith("total"))
        _, answer = self.call(f"{path}?{quoted(sort=sort, select='id')}&take=1&skip={int(total * deep)}"
                              f"&total=none{more}")
        return answer["nextCursor"]

    def microseconds(self, requests):
        """Times of the requests from their log lines, which come after the answers."""
        wanted = set(requests)

        def found():
            with open(self.installation.log_file, "rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 1024 * len(requests) - 65536))
                text = log.read()
            lines = [json.loads(line) for line in text[:text.rfind(b"\n")].splitlines()[1:] if line[:1] == b"{"]
            times = [line["microseconds"] for line in lines if line.get("id") in wanted]
            return times if len(times) == len(wanted) else None

        return wait_until(found, "log lines")


def by_member(path, table, member, column):
    def targets(side):
        return [f"{path}?{quoted(filter=f'{member}={text_of(value)}')}" for value in side.values(table, column)]
    return targets


def same(target):
    return lambda side: [target]


def after(path, sort, condition=""):
    def targets(side):
        more = f"&{quoted(filter=condition)}" if condition else ""
        return [f"{path}?{PAGE}&{quoted(sort=sort, after=side.cursor(path, sort, deep, condition))}{more}"
                for deep in (DEEP / 4, DEEP / 2, DEEP)]
    return targets


def cases():
    """Name, what it calls on a side, and whether the number of rows may not matter."""
    for name, (table, members) in MEMBERS.items():
        path = f"/v1/{name}"
        for member, column in members.items():
            yield f"{name} by {member}", by_member(path, table, member, column), True
        yield f"{name}: first page", same(f"{path}?{PAGE}"), True
        yield f"{name}: first page and total", same(f"{path}?take=50"), True
        yield f"{name}: total alone", same(f"{path}?take=0"), True
        yield f"{name}: after", after(path, "id"), True
    path = "/v1/licenses"
    yield "licenses: first page, include=*", same(f"{path}?{PAGE}&include=*"), True
    yield "licenses by customer.code", by_member(path, "customer", "customer.code", "code"), True
    yield "licenses by order.customer.email", by_member(path, "customer", "order.customer.email", "email"), True
    yield "licenses by 20 ids", lambda side: [
        f"{path}?{quoted(filter='id in (' + ','.join(side.values('license', 'id')[:20]) + ')')}"], True
    yield "licenses by start of userKey", lambda side: [
        f"{path}?{quoted(filter=f'''userKey.StartsWith({json.dumps(value[:8])})''')}"
        for value in side.values("license", "user_key")], True
    for sort in ("licenseId", "licenseeName", "licenseType", "createdAt", "expireDate"):
        for direction in ("", " desc"):
            yield (f"licenses: sorted by {sort}{direction}",
                   same(f"{path}?{PAGE}&{quoted(sort=sort + direction)}"), True)
            yield f"licenses: after, by {sort}{direction}", after(path, sort + direction), True
    broad = 'licenseType="Trial"'
    yield "licenses: one type (20 %), first page", same(f"{path}?{PAGE}&{quoted(filter=broad)}"), True
    # Halfway, the database may read the rows of the type before the cursor, from their index.
    yield "licenses: one type (20 %), after", after(path, "id", broad), False
    for total in ("estimate", "exact"):
        yield (f"licenses: one type (20 %), {total}", same(f"{path}?take=50&total={total}&{quoted(filter=broad)}"),
               total == "estimate")
    yield "licenses: skip of 90 %", lambda side: [f"{path}?{PAGE}&skip={side.licenses * 9 // 10}"], False


def measure(sides, targets, calls):
    """Median microseconds of both sides."""
    lists = [targets(side) for side in sides]
    requests = [[], []]
    for number in range(calls + 5):
        for mine, side, found in zip(lists, sides, requests):
            request, _ = side.call(mine[number % len(mine)])
            if number >= 5:  # the first ones prepare statements and fill caches
                found.append(request)
    return [statistics.median(side.microseconds(found)) for side, found in zip(sides, requests)]


def by_key(many, licenses, few=1000, calls=300):
    """How much longer a license is looked for by its identifier in an installation that has many, than in one that has few."""
    side = Side(few, calls)
    try:
        fast, slow = measure([side, Side(licenses, calls, many)],
                             by_member("/v1/licenses", "license", "licenseId", "license_id"), calls)
    finally:
        side.installation.remove()
    return slow / fast


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=1000000)
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--limit", type=float, default=2.0)
    parser.add_argument("--only", default="", help="only cases whose names contain this")
    parser.add_argument("--json", action="store_true", help="print the medians as JSON")
    arguments = parser.parse_args()
    random.seed(1)
    sides, results, slow = [], {}, []
    try:
        for licenses in (arguments.few, arguments.many):
            sides.append(Side(licenses, arguments.calls))
        for name, targets, flat in cases():
            if arguments.only not in name:
                continue
            few, many = measure(sides, targets, arguments.calls)
            results[name] = (few, many)
            if flat and many > few * arguments.limit:
                slow.append(name)
            if not arguments.json:
                if len(results) == 1:
                    print(f"{'median microseconds at':44}{arguments.few:>10}{arguments.many:>10}{'ratio':>8}")
                print(f"{name:44}{few:10.0f}{many:10.0f}{many / few:8.2f}{'' if flat else '  (may grow)'}"
                      f"{'  TOO SLOW' if name in slow else ''}", flush=True)
    finally:
        for side in sides:
            side.installation.remove()
    if arguments.json:
        print(json.dumps(results))
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
