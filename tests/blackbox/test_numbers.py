"""Numbers as the reference's doubles: rounded where they are stored, exponents in every format and in filters."""

import urllib.parse

import pytest

from harness.families import unique

FORM = "application/x-www-form-urlencoded"

# What is sent as a price, and what comes back.
STORED = [("7.700000000000001", 7.7), ("1e3", 1000), ("1E+3", 1000), ("1.5e-3", 0.0015), ("0.00001", 0), ("-0.00001", 0),
          ("0.00005", 0), ("0.00015", 0.0002), ("0.30000000000000004", 0.3), ("19.90", 19.9), ("2.00005", 2),
          ("999999999999999.9999", 999999999999999.9999), ("1e14", 100000000000000)]
BAD = ["1e15", "1e400", "999999999999999.99995", "1e", "1,5"]


def send(client, form, price):
    """Makes a product of a price that is written just so; returns the answer."""
    name = unique("number")
    if form == "json":
        body = f'{{"product": {{"name": "{name}", "price": {price}}}}}'
        return client.post("/v1/products", body, content_type="application/json")
    if form == "text":
        body = f'{{"product": {{"name": "{name}", "price": "{price}"}}}}'
        return client.post("/v1/products", body, content_type="application/json")
    if form == "form":
        body = urllib.parse.urlencode({"product.name": name, "product.price": price})
        return client.post("/v1/products", body, content_type=FORM)
    body = (f'<InsertProductRequest xmlns="http://schemas.datacontract.org/2004/07/Management"><Product><Name>{name}'
            f'</Name><Price>{price}</Price></Product></InsertProductRequest>')
    return client.post("/v1/products", body, content_type="application/xml", accept="application/json")


@pytest.mark.parametrize("form", ["json", "text", "xml", "form"])
def test_sums(client, form):
    for price, stored in STORED:
        answer = send(client, form, price)
        assert answer.status == 200, (price, answer)
        number = answer.json()["productId"]
        listed = client.get(f"/v1/products?filter=id+%3D+{number}").json()["products"]
        assert [product["price"] for product in listed] == [stored], price
    for price in BAD:
        assert send(client, form, price).status == 400, price


@pytest.fixture(scope="module")
def priced(installation):
    """Products of some prices; the part of a filter that finds these alone."""
    name = unique("priced")
    for price in ("7.7", "1000", "0", "0.3", "-2.5", "123456789012345.6789", "123456789012345.6788"):
        installation.sql(f"INSERT INTO product (name, price, signature_keys_id) VALUES ('{name}', {price}, NULL)")
    return f"name = '{name}'"


@pytest.mark.parametrize("condition, found", [
    ("price = 1e3", 1), ("price = 1E+3", 1), ("price = 10.0e2", 1), ("price in (1e3, 77e-1)", 2), ("price > 1e3", 2),
    ("price = 7.700000000000001", 1), ("price <= 7.700000000000001", 4), ("price >= 7.700000000000001", 4),
    ("price = 0.30000000000000004", 1), ("price = 0.00001", 0), ("price < 0.00001", 2), ("price > -0.00001", 6),
    ("price = -25e-1", 1), ("price = 123456789012345.6789", 1), ("price > 123456789012345.67885", 1),
    ("price < 0.30001 and price > 0.29999", 1), ("id > 1e0", 7), ("id = 1e18", 0), ("id < 1e10", 7)])
def test_filters(client, priced, condition, found):
    query = urllib.parse.urlencode({"filter": f"{priced} and {condition}"})
    answer = client.get(f"/v1/products?{query}")
    assert answer.status == 200, answer
    assert len(answer.json()["products"]) == found, answer


@pytest.mark.parametrize("condition", ["price = 1e15", "price = 1e", "id = 1.5", "id = 1e-1", "id = 1e19"])
def test_filters_of_other_numbers(client, condition):
    answer = client.get("/v1/products?" + urllib.parse.urlencode({"filter": condition}))
    assert answer.status == 400 and "at position" in answer.text, answer
