"""How the service is, as the console tells it."""

import pytest

from pages import needs_console

needs_console()


def fact(page, name):
    return page.wait(lambda: next((one.text.split("\n")[1] for one in page.all(".tile dl > div") if one.text.startswith(f"{name}\n")), None), f"no {name}")


def test_what_the_service_tells(page, example):
    client = example.client(example.admin_key)
    page.open("#/health").find(".tile")
    info, statistics = client.get("/v1/info").json(), client.get("/v1/statistics").json()
    assert fact(page, "Program") == f"Clientele {info['version']}" and fact(page, "Host") == info["serverHost"]
    assert fact(page, "Licenses") == str(info["totalLicenses"]) and fact(page, "Seats taken") == str(info["activeTokens"])
    assert fact(page, "Workers") == f"{statistics['pool']['workers']} of {statistics['pool']['workersWanted']}"
    for one in statistics["webhooks"]["failing"]:
        page.find(".tile a", one["url"])
    assert statistics["webhooks"]["failing"] and page.find(".tile", "Webhooks").text.split("\n")[1] == "in trouble"


def test_it_is_looked_at_again(page):
    page.open("#/health")
    before = int(fact(page, "Requests since then").replace(",", ""))
    page.wait(lambda: int(fact(page, "Requests since then").replace(",", "")) > before, "newer numbers")


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (360, "dark")])
def test_looks(page, width, scheme):
    page.look(width, scheme).open("#/health").settled().check()
