"""The program beside its ceilings and its peers, in one run: throughput, times, processor time and memory.

    tests/bench/run [--quick] [--licenses N] [--seconds N] [--rounds N] [--connections N] [--only TEXT] [--json]

Each round measures every case of every peer once, so that all of them see the same machine; medians are reported.
Absolute figures hold for the machine only: quote the ratios. Without --quick or --only, the report goes into
docs/performance.md, between its marks.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
from dataclasses import asdict

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import load  # noqa: E402
import peers  # noqa: E402
import scale  # noqa: E402
import seed  # noqa: E402
from harness.installation import TOP  # noqa: E402

DOCUMENT = TOP / "docs/performance.md"
BEGIN, END = "<!-- made by tests/bench/run -->", "<!-- end of what tests/bench/run made -->"
IDLE = 2    # seconds after which workers have given back what they do not need
GROUPS, MEMBERS = 100, 5  # of discovery
KEYS = 500  # different rows that are asked for
XML = {"Accept": "application/xml"}
PEER_NAMES = ("php", "node", "go")
TITLES = {"ours": "Clientele", "bare": "bare", "php": "PHP-FPM", "node": "Node", "go": "Go", "static": "nginx alone",
          "database": "MariaDB alone"}

# Name of a case; the path of the peers, whose query is one of the keys; which of them take part.
CASES = [
    ("nothing", "/null", ("static", "bare")),
    ("license by its identifier", "/license", ("database", "bare", *PEER_NAMES)),
    ("account by its id", "/hosting", ("bare", *PEER_NAMES)),
    ("list of 50 customers", "/list", ("bare", *PEER_NAMES)),
    ("insert of a customer", "/insert", ("database", "bare", *PEER_NAMES)),
]


def lua_list(path, method, targets):
    """A wrk script that asks for one target after the other."""
    quoted = ", ".join(json.dumps(target) for target in targets)
    path.write_text(f'local targets = {{ {quoted} }}\nlocal n = 0\nwrk.method = "{method}"\n'
                    "function request()\n  n = n % #targets + 1\n  return wrk.format(nil, targets[n])\nend\n")
    return path


def lua_bodies(path, target, body):
    """A wrk script that posts a body with a number that never comes twice, not in another run either."""
    path.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        "local run, n = os.time() * 1000 + math.random(0, 999), 0\n"
        f"function request()\n  n = n + 1\n  local target = string.gsub({json.dumps(target)}, \"NUMBER\", "
        f"run .. \"-\" .. n)\n  local body = string.gsub({json.dumps(body)}, \"NUMBER\", run .. \"-\" .. n)\n"
        "  return wrk.format(nil, target, nil, body)\nend\n")
    return path


def lua_programs(path, target, keys, body):
    """A wrk script of programs that post a body, each with the next KEY; other words of it are KEYNUMBER and, as in
    lua_bodies, NUMBER."""
    quoted = ", ".join(json.dumps(key) for key in keys)
    path.write_text(
        f'local keys = {{ {quoted} }}\nwrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        "local run, n = os.time() * 1000 + math.random(0, 999), 0\n"
        f"function request()\n  n = n + 1\n  local key = n % #keys + 1\n"
        f'  local words = {{ KEY = keys[key], KEYNUMBER = "" .. key, NUMBER = run .. "-" .. n }}\n'
        f'  return wrk.format(nil, "{target}", nil, (string.gsub({json.dumps(json.dumps(body))}, "%u+", words)))\nend\n')
    return path


def hello_of(group, client):
    return {"ClientGroupId": group, "ClientCode": client, "AppName": "bench", "AppVersion": "1.0"}


class Bench:
    def __init__(self, running, arguments):
        self.running = running
        self.arguments = arguments
        self.scripts = running.state / "scripts"
        self.scripts.mkdir()
        self.key = {"x-api-key": running.admin_key}
        self.results = {}  # case, then who, then samples
        self.prepare()

    # --- what is asked for ---

    def prepare(self):
        running = self.running
        self.licenses = [row[0] for row in running.sql(f"SELECT license_id FROM license ORDER BY RAND(1) LIMIT {KEYS}")]
        self.accounts = [row[0] for row in running.sql(f"SELECT id FROM hosting_client ORDER BY RAND(1) LIMIT {KEYS}")]
        running.sql("INSERT INTO delegate_client (id, code, first_name, last_name) "
                    "SELECT seq, CONCAT('P', seq), 'Ada', 'Lovelace' FROM seq_1_to_10000")
        caller = running.client(running.admin_key)
        self.delegates = caller.post("/api/delegategroups", {"name": "bench"}).json()["id"]
        self.groups = [running.create_group(f"bench {number}") for number in range(GROUPS)]
        for group in self.groups:
            for number in range(MEMBERS):
                assert caller.post("/api/ClientHello", hello_of(group, f"till-{number}")).status == 200
        self.activations, self.floating = (seed.licenses_in_use(running, mode, KEYS) for mode in (1, 2))
        for number, keys in enumerate(zip(self.activations, self.floating), 1):
            for key, names in zip(keys, (["activate"], ["request", "heartbeat"])):
                for name in names:
                    answer = caller.post(f"/v1/license/{name}", {
                        "userKey": key, "machineId": f"PC-{number}", "clientId": "bench"})
                    assert answer.status == 200, answer

    def ours(self):
        """Name, case of the peers that it is held against (None = none), headers, and the wrk script or path."""
        filters = [f"/v1/licenses?total=none&filter=licenseId%3D%22{key}%22" for key in self.licenses]
        accounts = [f"/hosting/api/client/{key}" for key in self.accounts]
        return [
            ("healthz", "nothing", {}, "/healthz"),
            ("license by filter", "license by its identifier", {}, self.script("filters", "GET", filters)),
            ("license by filter, XML", "license by its identifier", XML, self.script("filters", "GET", filters)),
            ("account by id", "account by its id", {}, self.script("accounts", "GET", accounts)),
            ("account by id, XML", "account by its id", XML, self.script("accounts", "GET", accounts)),
            ("customers, 50, total", "list of 50 customers", {}, "/v1/customers?take=50"),
            ("customers, 50", "list of 50 customers", {}, "/v1/customers?take=50&total=none"),
            ("customers, 50, XML", "list of 50 customers", XML, "/v1/customers?take=50&total=none"),
            ("customers, 50, contacts", None, {}, "/v1/customers?take=50&total=none&include=contacts"),
            ("customer inserted", "insert of a customer", {}, lua_bodies(
                self.scripts / "insert.lua", "/v1/customers",
                '{"customer":{"code":"ours-NUMBER","firstName":"Ada","lastName":"Lovelace","company":"Engines",'
                '"email":"ada@example.org"}}')),
            ("hello", None, {}, lua_programs(self.scripts / "hello.lua", "/api/ClientHello", self.groups,
                                             hello_of("KEY", "till-1"))),
            ("delegate added", None, {}, self.upsert_script()),
            ("activate, new machine", None, {}, self.programs("activate", self.activations, "NUMBER")),
            ("activate, same machine", None, {}, self.programs("activate", self.activations)),
            ("validate", None, {}, self.programs("validate", self.activations)),
            ("heartbeat", None, {}, self.programs("heartbeat", self.floating)),
        ]

    def script(self, name, method, targets):
        return lua_list(self.scripts / f"{name}.lua", method, targets)

    def programs(self, operation, keys, machine="PC-KEYNUMBER"):
        name = "first" if machine == "NUMBER" else "again"
        return lua_programs(self.scripts / f"{operation}-{name}.lua", f"/v1/license/{operation}", keys,
                            {"userKey": "KEY", "machineId": machine, "clientId": "bench"})

    def upsert_script(self):
        path = self.scripts / "upsert.lua"
        path.write_text(
            'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nlocal n = 0\n'
            f"function request()\n  n = n % 10000 + 1\n  return wrk.format(nil, \"/api/delegategroups/{self.delegates}"
            "/clients\", nil, '{\"clientId\":' .. n .. \"}\")\nend\n")
        return path

    def peer_script(self, path):
        if path == "/insert":
            return lua_bodies(self.scripts / "peer-insert.lua", "/insert?peer-NUMBER", "{}")
        keys = {"/license": self.licenses, "/hosting": self.accounts}.get(path)
        return self.script(f"peer{path.replace('/', '-')}", "GET", [f"{path}?{key}" for key in keys]) if keys else None

    # --- rounds ---

    def note(self, case, who, sample):
        self.results.setdefault(case, {}).setdefault(who, []).append(sample)

    def measure(self, base, groups, how, headers):
        path = how if isinstance(how, str) else "/"
        return load.measure(f"{base}{path}", groups, self.arguments.seconds, self.arguments.connections,
                            self.key | headers, None if isinstance(how, str) else how)

    def wanted(self, name):
        return self.arguments.only in name

    def run_round(self, others):
        seconds = self.arguments.seconds
        for case, path, names in CASES:
            for name in filter(lambda _: self.wanted(case), names):
                if name == "database":
                    sample = others.ceiling("insert" if path == "/insert" else "select", peers.CONNECTIONS, seconds,
                                            self.licenses)
                else:
                    peer = others.all[name]
                    sample = self.measure(peer.url(""), others.groups(peer), self.peer_script(path) or path, {})
                self.note(case, name, sample)
            self.run_ours(case)
        self.run_ours(None)

    def run_ours(self, peer_case):
        """Right behind those that they are held against, so that both see the same machine."""
        running = self.running
        groups = {"nginx": [int((running.state / "run/nginx.pid").read_text())], "worker": [running.pool.pid],
                  "database": peers.database_pids(running)}
        for name, against, headers, how in self.ours():
            if against == peer_case and self.wanted(name):
                self.note(name, "ours", self.measure(f"http://127.0.0.1:{running.port}", groups, how, headers))

    # --- beside heavy requests, and memory ---

    def beside_heavy_lists(self):
        """99th percentile of reads by id while four callers ask for lists that sort the whole table by a member of a relation;
        some of them are refused, as they may be."""
        path = self.scripts / "heavy.lua"
        path.write_text('wrk.path = "/v1/licenses?take=50&total=none&sort=customer.company"\n')
        url = f"http://127.0.0.1:{self.running.port}"
        heavy = subprocess.Popen(
            ["wrk", "-t1", "-c4", f"-d{self.arguments.seconds + 1}s", "--timeout", "30s", "-H",
             f"x-api-key: {self.running.admin_key}", "-s", path, url], stdout=subprocess.DEVNULL)
        time.sleep(0.5)
        try:
            how = next(how for name, _, _, how in self.ours() if name == "account by id")
            return self.measure(url, {}, how, {}).late
        finally:
            heavy.wait()

    def memory(self):
        """Unique MiB of a worker, the largest: fresh, and after all that was asked here and a list of 1,000 rows with all
        that belongs to them."""
        caller = self.running.client(self.running.admin_key)
        for _ in range(4 * len(self.running.workers())):
            assert caller.get("/v1/licenses?take=1000&include=*&total=none").status == 200
        time.sleep(IDLE)
        return max(load.unique_mib(pid) for pid in self.running.workers())

    # --- report ---

    def medians(self):
        def median(samples):
            return load.Sample(*(statistics.median(getattr(sample, name) for sample in samples)
                                 for name in ("rate", "middle", "late")),
                               {group: statistics.median(sample.cost[group] for sample in samples)
                                for group in samples[0].cost})
        return {case: {who: median(samples) for who, samples in row.items()} for case, row in self.results.items()}


def requests(running):
    """How many requests the pool has answered."""
    text = running.client().get("/metrics").text
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in text.splitlines()
               if line.startswith("clientele_requests_total"))


def machine():
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")

    def version(*command):
        result = subprocess.run(command, capture_output=True, text=True)
        return (result.stdout + result.stderr).splitlines()[0].strip()

    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) // 1024 ** 2
    return [f"{os.cpu_count()} processors ({model}), {memory} GiB, everything on one machine"] + [
        version(*command) for command in (
            ("nginx", "-v"), ("mariadbd", "--version"), ("php-fpm8.2", "-v"), ("node", "--version"), ("go", "version"))]


def cells(who, case, sample, reference=None):
    costs = [f"{sample.cost.get(group, 0):.0f}" if sample.cost.get(group, 0) >= 0.5 else ""
             for group in ("nginx", "worker", "database")]
    ratio = f"{reference / sample.rate:.2f}" if reference else ""
    return "| " + " | ".join([case, TITLES[who], f"{sample.rate:,.0f}", f"{sample.middle:.2f}", f"{sample.late:.1f}",
                              *costs, ratio]) + " |"


def table(bench, medians):
    """One block for each kind of request: ours, then what it is held against, with ours divided by it."""
    lines = ["| request | by | in a second | p50 ms | p99 ms | nginx µs | worker µs | database µs | ours ÷ this |",
             "|---|---|---|---|---|---|---|---|---|"]
    ours = bench.ours()
    for case, *_ in CASES:
        against = [name for name, peer_case, *_ in ours if peer_case == case and name in medians]
        lines += [cells("ours", name, medians[name]["ours"]) for name in against]
        reference = medians[against[0]]["ours"].rate if against else None
        lines += [cells(who, case, sample, reference) for who, sample in medians.get(case, {}).items()]
    lines += [cells("ours", name, medians[name]["ours"]) for name, peer_case, *_ in ours
              if peer_case is None and name in medians]
    return lines


# What shall be: what it is called, who is divided (case, who), by whom, and the least ratio.
RATIOS = [
    ("by id ÷ bare", ("account by id", "ours"), ("account by its id", "bare"), 0.90),
    ("by id ÷ PHP-FPM", ("license by filter", "ours"), ("license by its identifier", "php"), 3.3),
    ("by id ÷ Node", ("license by filter", "ours"), ("license by its identifier", "node"), 3.3),
    ("by id ÷ Go", ("license by filter", "ours"), ("license by its identifier", "go"), 2.1),
    ("list of 50 with total ÷ PHP-FPM", ("customers, 50, total", "ours"), ("list of 50 customers", "php"), 2.2),
    ("list of 50 with total ÷ Node", ("customers, 50, total", "ours"), ("list of 50 customers", "node"), 2.9),
    ("list of 50 with total ÷ Go", ("customers, 50, total", "ours"), ("list of 50 customers", "go"), 2.1),
    ("durable insert ÷ bare", ("customer inserted", "ours"), ("insert of a customer", "bare"), 0.75),
    ("durable insert ÷ PHP-FPM", ("customer inserted", "ours"), ("insert of a customer", "php"), 1.6),
    ("durable insert ÷ Node", ("customer inserted", "ours"), ("insert of a customer", "node"), 2.2),
    ("durable insert ÷ Go", ("customer inserted", "ours"), ("insert of a customer", "go"), 1.6),
    ("hello ÷ durable insert", ("hello", "ours"), ("customer inserted", "ours"), 1.3),
]
SPREAD = 3.0       # 99th percentile ÷ median of reads by id, less than that
BESIDE = 50.0      # ms, the 99th percentile beside heavy lists, less than that
MEMORY = 6.0       # MiB of a worker after all, less than that
GROWTH = 1.2       # a read by key at many rows ÷ the same at few, less than that


def aims(medians, late, memory, growth):
    """A table of what shall be and what this run has reached; rows that it has not measured are left out."""
    def find(place):
        return medians.get(place[0], {}).get(place[1])

    def row(name, aim, reached, met):
        return f"| {name} | {aim} | {reached} | {'yes' if met else 'no'} |"

    lines = ["| what | aim | reached | met |", "|---|---|---|---|"]
    for name, upper, lower, least in RATIOS:
        if find(upper) and find(lower):
            ratio = find(upper).rate / find(lower).rate
            lines.append(row(name, f"≥ {least:.2f}", f"{ratio:.2f}", ratio >= least))
    by_id = find(("account by id", "ours"))
    if by_id:
        spread = by_id.late / by_id.middle
        lines.append(row("by id, p99 ÷ p50", f"< {SPREAD:.0f}", f"{spread:.2f}", spread < SPREAD))
    lines.append(row("by id beside four heavy sorts, p99", f"< {BESIDE:.0f} ms", f"{late:.1f} ms", late < BESIDE))
    lines.append(row("memory of a worker after all of this", f"< {MEMORY:.0f} MiB", f"{memory:.1f} MiB", memory < MEMORY))
    if growth:
        lines.append(row("by key at many rows ÷ at few", f"< {GROWTH:.1f}", f"{growth:.2f}", growth < GROWTH))
    return lines


def write_document(lines):
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    DOCUMENT.write_text(before + "\n".join([BEGIN, "", *lines, "", END]) + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short round over few rows; printed only")
    parser.add_argument("--licenses", type=int)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--only", default="", help="only cases whose names contain this; printed only")
    parser.add_argument("--json", action="store_true", help="print the medians as JSON")
    arguments = parser.parse_args()
    for name, quick, whole in (("licenses", 10000, 1000000), ("seconds", 1, 4), ("rounds", 1, 3)):
        if getattr(arguments, name) is None:
            setattr(arguments, name, quick if arguments.quick else whole)
    running = seed.start(arguments.licenses, database_durable=True, workers="4")
    try:
        fresh = max(load.unique_mib(pid) for pid in running.workers())
        bench = Bench(running, arguments)
        with peers.Peers(running) as others:
            others.check(running.admin_key, [
                ("GET", f"/license?{bench.licenses[0]}"), ("GET", f"/hosting?{bench.accounts[0]}"), ("GET", "/list"),
                ("POST", "/insert?check-NUMBER")])
            for _ in range(arguments.rounds):
                bench.run_round(others)
        medians = bench.medians()
        lines = [f"- {line}" for line in machine()] + [
            f"- {arguments.licenses:,} licenses, wrk with {arguments.connections} connections for {arguments.seconds} s, "
            f"medians of {arguments.rounds} interleaved rounds; commits are durable", ""] + table(bench, medians)
        if not arguments.only:
            late, memory = bench.beside_heavy_lists(), bench.memory()
            growth = scale.by_key(bench.running, arguments.licenses)
            lines += ["", *aims(medians, late, memory, growth), "",
                      f"Reads by id beside four callers who sort all licenses by their customers' company: p99 {late:.1f} ms. "
                      f"Memory of a worker, unique: {fresh:.1f} MiB at its start, {memory:.1f} MiB after "
                      f"{requests(running):,} requests, among them lists of 1,000 licenses with everything that belongs to them."]
    finally:
        running.remove()
    if arguments.json:
        print(json.dumps({case: {who: asdict(sample) for who, sample in row.items()} for case, row in medians.items()}))
        return
    print("\n".join(lines))
    if not arguments.quick and not arguments.only:
        write_document(lines)


if __name__ == "__main__":
    main()
