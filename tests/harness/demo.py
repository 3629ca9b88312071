"""The example data of quickstart, loaded into an installation of a test."""

import subprocess
import time

from .installation import TOP
from .waiting import LONG

SCRIPT = """
set -eu
root=$1 state=$2 port=$3 database=$4 program=$5
. "$root/scripts/lib/common.sh"
. "$root/scripts/lib/mariadb.sh"
. "$root/scripts/lib/demo.sh"
database_socket() { printf '%s\\n' "$database"; }
cli() { "$program" --config="$state/clientele.conf" "$@"; }
address() { printf 'http://127.0.0.1:%s\\n' "$port"; }
first_uuid() { grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | head -n 1; }
demo_load
"""


def load(running, state):
    """In that folder is what quickstart knows, the administrator's key for one. Answers the seconds that it took."""
    (state / "run").mkdir(exist_ok=True)
    (state / "admin.id").write_text(running.admin_id + "\n")
    (state / "admin.key").write_text(running.admin_key + "\n")
    (state / "clientele.conf").touch()
    begin = time.monotonic()
    result = subprocess.run(["sh", "-c", SCRIPT, "-", str(TOP), str(state), str(running.port), running.database_socket,
                             str(running.build / "clientele")], capture_output=True, text=True, timeout=4 * LONG, check=False,
                            env=running.environment())
    assert result.returncode == 0, result.stderr
    return time.monotonic() - begin
