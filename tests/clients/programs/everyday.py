"""What scripts do all day: Python's requests, a session, JSON and forms, by the documentation of the originals.

    python3 everyday.py ADDRESS KEY GROUP
"""

import concurrent.futures
import sys
import uuid

import requests

address, key, group = sys.argv[1:]
session = requests.Session()
session.headers.update({"x-api-key": key})


def wanted(answer, status=200):
    assert answer.status_code == status, (answer.request.method, answer.url, answer.status_code, answer.text)
    return answer.json() if answer.content else None


def hello(number):
    return wanted(requests.post(f"{address}/api/ClientHello", json={
        "ClientCode": f"sensor-{number}", "ClientGroupId": group, "AppName": "Sensor", "AppVersion": "1.0", "ClientIpAddress": f"192.0.2.{number}"}))


# Twenty applications at once; each sees itself, and in the end all see all.
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for number, seen in enumerate(pool.map(hello, range(20))):
        assert f"sensor-{number}" in [one["ClientCode"] for one in seen["DTOClients"]]
assert len(hello(1)["DTOClients"]) == 20

# A client of the token endpoint, as requests sends forms.
made = wanted(session.post(f"{address}/api/v1/admin/clients", json={
    "Name": uuid.uuid4().hex[:16], "Secret": "a secret of requests", "UserID": wanted(session.get(f"{address}/v1/users?take=1"))["users"][0]["id"]}))
detail = made["ResponseData"]["Detail"]
token = wanted(requests.post(f"{address}/Token", data={
    "grant_type": "client_credentials", "client_id": detail["ID"], "client_secret": "a secret of requests"}))
assert token["token_type"].lower() == "bearer"
bearer = requests.Session()
bearer.headers["Authorization"] = f"Bearer {token['access_token']}"

# A catalog, page by page, in the way of scripts: take and skip until nothing comes.
names = [f"{uuid.uuid4().hex[:8]} {number}" for number in range(25)]
for name in names:
    wanted(bearer.post(f"{address}/v1/products", json={"product": {"name": name}}))
found, skip = [], 0
while True:
    page = wanted(bearer.get(f"{address}/v1/products", params={"take": 10, "skip": skip, "sort": "Name desc", "select": "Id, Name"}))
    if not page["products"]:
        break
    found += page["products"]
    skip += 10
assert skip >= 30 and page["totalProductsCount"] == len(found)
assert {one["name"] for one in found} >= set(names)
assert wanted(bearer.get(f"{address}/v1/products", params={"filter": f'Name = "{names[3]}"'}))["totalProductsCount"] == 1

# A file by pieces, and a call that is repeated because its answer got lost.
with session.get(f"{address}/v1/products", headers={"Accept": "text/csv"}, stream=True) as answer:
    assert sum(1 for _ in answer.iter_lines()) == len(found) + 1
again = {"Idempotency-Key": str(uuid.uuid4())}
first, second = (wanted(session.post(f"{address}/v1/customers", json={"customer": {"company": "Once"}}, headers=again)) for _ in range(2))
assert first == second

refused = session.post(f"{address}/v1/products", data="{'product': 1}", headers={"Content-Type": "application/json"})
assert refused.status_code == 400 and "message" in refused.json(), refused.text
assert requests.get(f"{address}/v1/products").status_code == 401
assert session.delete(f"{address}/v1/products/2147483647").status_code == 404
print("done")
