"""monitoring/: rules and dashboard ask for metrics and labels that there are, and the rules alarm when they should."""

import json
import re
import shutil
import subprocess

import pytest

from harness.installation import TOP

RULES = TOP / "monitoring/clientele.rules.yml"
DASHBOARD = TOP / "monitoring/clientele-dashboard.json"
OWN_LABELS = {"instance", "job", "le"}  # Prometheus adds these, or a histogram has them
SELECTOR = re.compile(r"\b(clientele_\w+)(?:\{([^}]*)\})?")


@pytest.fixture(scope="module")
def exposed(installation):
    """Values of each label of each metric; some of each kind of request have been made."""
    client = installation.client(installation.admin_key)
    client.get("/hosting/api/client")
    client.get("/hosting/api/client/0000000")
    client.post("/api/v1/admin/clients", {})
    client.call("OPTIONS", "/hosting/api/client")
    metrics = {}
    for line in installation.client().get("/metrics").text.splitlines():
        if line.startswith("#"):
            continue
        name, labels = re.match(r"(\w+)(?:\{(.*)\})? ", line).groups()
        known = metrics.setdefault(name, {})
        for label, value in re.findall(r'(\w+)="([^"]*)"', labels or ""):
            known.setdefault(label, set()).add(value)
    return metrics


def check(expression, exposed):
    for name, selector in SELECTOR.findall(expression):
        assert name in exposed, f"{expression}: there is no {name}"
        for label, operator, value in re.findall(r'(\w+)(=~|=)"([^"]*)"', selector):
            if label in OWN_LABELS:
                continue
            assert label in exposed[name], f"{expression}: {name} has no label {label}"
            if label == "status":
                assert value in {f"{digit}xx" for digit in range(1, 6)}
                continue
            for word in value.split("|") if operator == "=~" else [value]:
                assert word in exposed[name][label], f"{expression}: {label} is never {word}"


def test_rules_use_what_there_is(exposed):
    text = RULES.read_text()
    expressions = re.findall(r"(?m)^ {8}expr: (?:>-\n((?: {10}.*\n)+)|(.*))", text)
    assert len(expressions) == text.count("expr:") > 10
    for folded, plain in expressions:
        check(folded or plain, exposed)
    assert text.count("- alert:") == text.count("summary:") == text.count("description:")


def test_dashboard_uses_what_there_is(exposed):
    board = json.loads(DASHBOARD.read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    for expression in expressions:
        check(expression, exposed)
        metrics = {name for name, _ in SELECTOR.findall(expression)}
        assert metrics
        for names in re.findall(r"by \(([^)]*)\)", expression):
            for name in metrics:
                assert all(label in OWN_LABELS or label in exposed[name] for label in names.split(", "))
    used = {name for expression in expressions for name, _ in SELECTOR.findall(expression)}
    assert used == set(exposed), "each metric has its place"
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in board["panels"]})


def promtool(folder, *arguments):
    if not shutil.which("promtool"):
        pytest.skip("promtool (Debian's package prometheus) is not installed")
    result = subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0 and "SUCCESS" in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize("arguments", [("check", "rules", "clientele.rules.yml"),
                                       ("test", "rules", "clientele.rules.test.yml")])
def test_rules_in_prometheus(arguments):
    promtool(RULES.parent, *arguments)


def test_dashboard_in_prometheus(tmp_path):
    """Each expression of the dashboard is one that Prometheus takes; Grafana fills in the variables."""
    expressions = [target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".+")
                   for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]
    assert not any("$" in expression for expression in expressions)
    (tmp_path / "dashboard.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": [
        {"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions)]}]}))
    promtool(tmp_path, "check", "rules", "dashboard.yml")
