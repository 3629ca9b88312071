"""Load by wrk, and what it costs: processor time of groups of processes, and their memory."""

import os
import pathlib
import re
import subprocess
from dataclasses import dataclass, field

TICK = os.sysconf("SC_CLK_TCK")
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass
class Sample:
    """One measurement: requests in a second, milliseconds, and microseconds of processor time for each request."""
    rate: float
    middle: float
    late: float
    cost: dict = field(default_factory=dict)


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * UNITS[unit]


def children(pid):
    """A process and all that it has brought forth."""
    found = [pid]
    try:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += children(int(child))
    except (FileNotFoundError, ProcessLookupError):
        pass  # it has just left
    return found


def processor_seconds(roots):
    """Of processes with all that they have brought forth, those that have left meanwhile included: their parent has
    their time once it has collected them."""
    ticks = 0
    for pid in {pid for root in roots for pid in children(root)}:
        try:
            words = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += sum(map(int, words[11:15]))  # user and system, own and of children
    return ticks / TICK


def unique_mib(pid):
    """Memory that is nobody else's."""
    kib = 0
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(("Private_Clean:", "Private_Dirty:")):
            kib += int(line.split()[1])
    return kib / 1024


def measure(url, groups, seconds, connections, headers=None, script=None):
    """`groups` maps a name to the processes whose time counts, with their children. Every answer must be a success."""
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", str(script)]
    before = {name: processor_seconds(pids) for name, pids in groups.items()}
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    used = {name: processor_seconds(pids) - before[name] for name, pids in groups.items()}
    assert "Non-2xx" not in text and "Socket errors" not in text, f"{url}: {text}"
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    return Sample(float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
                  milliseconds(re.search(r"\n\s+50%\s+(\S+)", text).group(1)),
                  milliseconds(re.search(r"\n\s+99%\s+(\S+)", text).group(1)),
                  {name: seconds * 1e6 / requests for name, seconds in used.items()})
