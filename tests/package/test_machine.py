"""What an administrator meets: the package on a fresh machine that runs systemd."""

import json
import re
import subprocess
import time

import pytest

from conftest import NEXT_SCHEMA, TOP

SECONDS_TO_FIRST_CALL = 60
WORKERS = 8
POOL_KIB = 60 * 1024
QUIET = "curl --silent --show-error --insecure --max-time 20"
STATUS = f"{QUIET} --output /dev/null --write-out '%{{http_code}}'"
READY = f"{QUIET} https://localhost/readyz"
# Each request adds a client of its own; the count at the end is what was acknowledged.
LOAD = """
local number, failed, done = 0, 0, 0
function request()
	number = number + 1
	return wrk.format("POST", "/api/ClientHello", {["Content-Type"] = "application/json"},
		string.format('{"ClientCode":"RUN-%d","ClientGroupId":"GROUP","AppName":"load","AppVersion":"1"}', number))
end
function response(status)
	if status == 200 then done = done + 1 else failed = failed + 1 end
	if failed > 0 and failed < 4 then io.write("status ", status, "\\n") end
	if (done + failed) % 50 == 0 then
		local file = io.open("/root/RUN.count", "w")
		file:write(done, " ", failed)
		file:close()
	end
end
"""


def wait_ready(machine, seconds=30):
    machine.run(f"for i in $(seq {seconds * 5}); do [ \"$({STATUS} https://localhost/readyz 2>/dev/null)\" != 200 ] || exit 0; "
                f"sleep 0.2; done; {READY}; systemctl --no-pager status clientele; exit 1")


def call(machine, key, path, arguments=""):
    """Body and status of a call through nginx."""
    output = machine.run(f"{QUIET} --write-out '\\n%{{http_code}}' -H 'Authorization: Bearer {key}' {arguments} "
                         f"'https://localhost{path}'").stdout
    body, _, status = output.rpartition("\n")
    return body, int(status)


def create_key(machine):
    machine.run("clientele user create admin --role Administrator")
    return re.search(r"api_[a-z0-9]{24}", machine.run("clientele key create first --user admin").stdout).group()


def install(machine, package):
    """Installs with all that is recommended; returns what was said."""
    return machine.install(f"/root/{package.name}", frontend="readline")


class Load:
    """POSTs through nginx for some seconds, side by side with what happens in the with block.

    At most `lost` of them may fail, and none that was acknowledged may be missing afterwards.
    """

    def __init__(self, machine, seconds, lost=0):
        self.lost = lost
        self.machine = machine
        self.name = f"load{time.monotonic_ns()}"
        self.seconds = seconds
        self.process = None

    def __enter__(self):
        group = self.machine.run(f"clientele group create {self.name}").stdout.strip().splitlines()[-1]
        script = LOAD.replace("RUN", self.name).replace("GROUP", re.search(r"[0-9a-f-]{36}", group).group())
        self.machine.run(f"cat >/root/{self.name}.lua <<'END'\n{script}\nEND")
        self.process = self.machine.start(f"wrk -t1 -c8 -d{self.seconds}s --timeout 20s -s /root/{self.name}.lua "
                                          "https://localhost/")
        time.sleep(1)
        return self

    def __exit__(self, kind, *_):
        output, _ = self.process.communicate(timeout=self.seconds + 60)
        if kind is not None:
            return
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
        failed = int(failed.group(1)) if failed else 0
        assert failed <= self.lost and "Socket errors" not in output, output
        requests = int(re.search(r"(\d+) requests in", output).group(1))
        rows = int(self.machine.run("mariadb -N clientele -e \"SELECT COUNT(*) FROM discovery_client WHERE "
                                    f"client_code LIKE '{self.name}-%'\"").stdout)
        print(f"{requests} requests, {failed} failed")
        assert requests > 100 and rows >= requests - failed


def test_from_installation_to_purge(machine, packages):
    """One machine's whole life, in order."""
    started = time.monotonic()
    said = install(machine, packages.server)
    wait_ready(machine)
    assert machine.run("stat -c '%U %a' /etc/clientele/clientele.key").stdout == "clientele 600\n"
    key = create_key(machine)
    body, status = call(machine, key, "/v1/users")
    seconds = time.monotonic() - started
    print(f"from installation to the first answered call: {seconds:.1f} s")
    assert status == 200 and json.loads(body)["users"][0]["userName"] == "admin"
    assert seconds < SECONDS_TO_FIRST_CALL
    assert "Configuring clientele" not in said.stdout, "a question was asked"
    assert "rror" not in said.stdout.split("Setting up clientele")[1], said.stdout
    xml, status = call(machine, key, "/v1/users", "-H 'Accept: application/xml'")
    assert status == 200 and xml.startswith("<GetUsersResponse ") and "<UserName>admin</UserName>" in xml
    assert call(machine, "wrong", "/v1/users")[1] == 401

    # No password but root's own, and nobody else reads the configuration.
    assert machine.run("stat -c '%U:%G %a' /etc/clientele/clientele-migrate.password").stdout == "root:root 600\n"
    assert "GRANT SELECT, INSERT, UPDATE, DELETE ON `clientele`.*" in machine.run(
        "mariadb -N -e 'SHOW GRANTS FOR clientele@localhost'").stdout
    assert "ALTER" in machine.run("mariadb -N -e 'SHOW GRANTS FOR clientele_migrate@localhost'").stdout
    assert machine.run("stat -c '%U:%G %a' /etc/clientele/clientele.conf").stdout == "root:clientele 640\n"
    assert "database_password =" not in re.sub(r"(?m)^#.*", "", machine.run("cat /etc/clientele/clientele.conf").stdout)
    assert "unix_socket" in machine.run("mariadb -N -e 'SHOW GRANTS FOR clientele@localhost'").stdout
    assert machine.run("stat -c '%U:%G %a' /run/clientele/clientele.sock").stdout == "root:clientele-socket 660\n"
    exposure = machine.run("systemd-analyze security --no-pager clientele.service | tail -n 1").stdout
    assert float(re.search(r": ([0-9.]+) ", exposure).group(1)) <= 1.3, exposure
    machine.run("systemctl start clientele-expire.service && systemctl is-active clientele-expire.timer")
    assert machine.run("systemctl is-enabled clientele-backup.timer", check=False).stdout == "disabled\n"
    machine.run("logrotate --debug /etc/logrotate.d/clientele")

    check_doctor(machine)
    check_backup(machine, key)
    check_memory(machine)
    check_without_database(machine)
    with Load(machine, 8):
        machine.run("systemctl restart clientele; sleep 1; systemctl reload clientele; sleep 1; "
                    "systemctl is-active clientele")
    # Only what the workers had in hand goes with them.
    with Load(machine, 8, lost=WORKERS):
        machine.run("systemctl kill --kill-who=main --signal=KILL clientele; sleep 2; systemctl is-active clientele")
    check_upgrade(machine, packages, key)
    check_removal(machine, packages, key)


def doctor(machine, *arguments):
    """What it finds besides what is well: {(check, state): remedy}."""
    output = machine.run(f"clientele doctor --json {' '.join(arguments)}", check=False).stdout
    return {(finding["check"], finding["state"]): finding["remedy"]
            for finding in json.loads(output[output.index("["):]) if finding["state"] in ("fault", "warning")}


def check_doctor(machine):
    """A fresh machine has no fault; the certificate is its own, and nothing keeps its clock or makes back-ups."""
    assert set(doctor(machine)) <= {("certificate", "warning"), ("clock", "warning"), ("timers", "warning"),
                                    ("configuration", "warning")}  # no public_url yet
    machine.run("clientele doctor")
    assert "an authority that callers trust" in doctor(machine, "--url=https://localhost")["call", "fault"]
    breaks = {
        ("socket", "fault"): ("chgrp daemon /run/clientele/clientele.sock",
                              "chgrp clientele-socket /run/clientele/clientele.sock"),
        ("web server", "fault"): ("echo nonsense >/etc/nginx/conf.d/broken.conf", "rm /etc/nginx/conf.d/broken.conf"),
        ("web server", "warning"): ("mv /etc/nginx/sites-enabled/clientele /root/",
                                    "mv /root/clientele /etc/nginx/sites-enabled/"),
        ("certificate", "fault"): ("mv /etc/ssl/certs/ssl-cert-snakeoil.pem /root/",
                                   "mv /root/ssl-cert-snakeoil.pem /etc/ssl/certs/"),
        ("pool", "fault"): ("systemctl stop clientele.socket clientele.service",
                            "systemctl start clientele.socket clientele.service"),
        ("database", "fault"): ("systemctl stop mariadb", "systemctl start mariadb"),
    }
    for found, (broken, mended) in breaks.items():
        machine.run(broken)
        assert doctor(machine).get(found), found
        machine.run(mended)
    wait_ready(machine)
    assert not [state for _, state in doctor(machine) if state == "fault"]


def check_backup(machine, key):
    """By the timer's unit, inside of its sandbox; and back."""
    machine.run("systemctl start clientele-backup.service")
    [made] = machine.run("ls -d /var/backups/clientele/*").stdout.split()
    assert machine.run(f"stat -c '%U:%G %a' {made}").stdout == "clientele:clientele 700\n"
    assert machine.run(f"ls {made}").stdout.split() == ["clientele.conf", "database.sql.zst", "manifest.json"]
    machine.run("clientele user create later && systemctl stop clientele.socket clientele.service && "
                f"clientele restore --replace {made} && systemctl start clientele.socket clientele.service")
    wait_ready(machine)
    assert "later" not in machine.run("clientele user list").stdout
    assert call(machine, key, "/v1/users")[1] == 200


def check_memory(machine):
    machine.run(f"sed -i 's/^#workers = .*/workers = {WORKERS}/' /etc/clientele/clientele.conf && clientele config check && "
                "systemctl reload clientele && sleep 1")
    machine.run(f"for i in $(seq 200); do {READY} >/dev/null; done")
    pids = machine.run("cat /sys/fs/cgroup/system.slice/clientele.service/cgroup.procs 2>/dev/null || "
                       "pgrep clienteled").stdout.split()
    assert len(pids) == WORKERS + 1, pids
    rollups = machine.run(f"cat {' '.join(f'/proc/{pid}/smaps_rollup' for pid in pids)}").stdout
    kib = sum(int(number) for number in re.findall(r"(?m)^Pss:\s+(\d+) kB", rollups))
    print(f"a pool of 8 workers: {kib} KiB, shared pages counted once")
    assert 0 < kib < POOL_KIB


def check_without_database(machine):
    machine.run("systemctl stop mariadb")
    assert machine.run(f"{STATUS} https://localhost/readyz").stdout == "503"
    machine.run("systemctl restart clientele")
    assert machine.run(f"{STATUS} https://localhost/healthz").stdout == "200"
    refusal = machine.run(f"{QUIET} -i -H 'Authorization: Bearer x' https://localhost/v1/users").stdout
    assert " 503" in refusal.splitlines()[0] and "retry-after" in refusal.lower()
    machine.run("systemctl start mariadb")
    wait_ready(machine)


def check_upgrade(machine, packages, key):
    """dpkg replaces everything under load; the administrator's changes stay."""
    machine.run("echo '# kept by the administrator' >>/etc/clientele/clientele.conf; "
                "echo '# mine too' >>/etc/nginx/sites-available/clientele")
    newer = packages.newer(machine.folder)
    subprocess.run(["cp", str(newer), str(machine.root / "root/newer.deb")], check=True)
    first = machine.run("systemctl show -P MainPID clientele").stdout
    with Load(machine, 15):
        machine.run("DEBIAN_FRONTEND=noninteractive dpkg --install /root/newer.deb")
    assert machine.run("systemctl show -P MainPID clientele").stdout != first
    assert "next1" in machine.run("dpkg-query -W -f '${Version}' clientele").stdout
    assert json.loads(machine.run(READY).stdout)["schemaVersion"] == NEXT_SCHEMA
    assert call(machine, key, "/v1/users")[1] == 200
    assert "# kept by the administrator" in machine.run("cat /etc/clientele/clientele.conf").stdout
    assert "# mine too" in machine.run("cat /etc/nginx/sites-available/clientele").stdout


def check_removal(machine, packages, key):
    machine.run("apt-get remove --yes clientele")
    assert machine.run("systemctl is-active clientele.service clientele.socket", check=False).stdout.split() == [
        "inactive", "inactive"]
    machine.run("nginx -t && systemctl is-active nginx && test -e /etc/clientele/clientele.conf && "
                "test ! -e /etc/nginx/sites-enabled/clientele")
    machine.install(f"/root/{packages.server.name}", options="--allow-downgrades")
    wait_ready(machine)
    assert call(machine, key, "/v1/users")[1] == 200, "a reinstallation keeps the data"
    assert "# kept by the administrator" in machine.run("cat /etc/clientele/clientele.conf").stdout

    secret_key = machine.run("sha256sum </etc/clientele/clientele.key").stdout
    machine.run("apt-get purge --yes clientele", DEBIAN_FRONTEND="noninteractive")
    left = machine.run("ls -d /etc/clientele /etc/nginx/clientele /etc/nginx/sites-available/clientele "
                       "/var/log/clientele /run/clientele /usr/share/clientele 2>/dev/null || true").stdout
    assert left == "", left
    machine.run("nginx -t && systemctl is-active nginx mariadb")
    assert machine.run("systemctl --failed --plain --no-legend").stdout == ""
    machine.install(f"/root/{packages.server.name}")
    wait_ready(machine)
    assert call(machine, key, "/v1/users")[1] == 200, "even a purge leaves the data in the database"
    assert machine.run("sha256sum </etc/clientele/clientele.key").stdout == secret_key, "and the key that opens it"
    assert machine.run("stat -c '%U %a' /etc/clientele/clientele.key").stdout == "clientele 600\n"


def test_database_and_web_server_come_later(machine, packages):
    """Without anything that is recommended; what is missing is set up when it comes."""
    said = machine.install(f"/root/{packages.server.name}", options="--no-install-recommends").stdout
    assert "clientele setup-db" in said and "No web server" in said
    machine.run("systemctl is-active clientele")
    said = machine.install("mariadb-server", "nginx", "ssl-cert", options="--no-install-recommends").stdout
    wait_ready(machine)
    assert call(machine, create_key(machine), "/v1/users")[1] == 200


def test_dbconfig_no_thanks(machine, packages):
    """Nothing is done to a database before the administrator says so; then one command does it."""
    said = machine.install("dbconfig-no-thanks", "mariadb-server", "nginx", "ssl-cert",
                           f"/root/{packages.server.name}", options="--no-install-recommends").stdout
    assert "clientele setup-db" in said
    assert machine.run("mariadb -N -e \"SHOW DATABASES LIKE 'clientele'\"").stdout == ""
    assert machine.run(f"{STATUS} https://localhost/readyz").stdout == "503"
    machine.run("clientele setup-db")
    wait_ready(machine)
    assert call(machine, create_key(machine), "/v1/users")[1] == 200


def test_other_sites_keep_what_they_have(machine, packages):
    """A machine whose nginx uses port 443 already."""
    machine.install("nginx", "ssl-cert", options="--no-install-recommends")
    machine.run("printf 'server {\\n\\tlisten 443 ssl;\\n\\tssl_certificate /etc/ssl/certs/ssl-cert-snakeoil.pem;\\n"
                "\\tssl_certificate_key /etc/ssl/private/ssl-cert-snakeoil.key;\\n\\treturn 204;\\n}\\n' "
                ">/etc/nginx/conf.d/shop.conf; systemctl reload nginx")
    said = install(machine, packages.server).stdout
    assert "Another site of nginx uses port 443" in said
    assert machine.run(f"{STATUS} https://localhost/").stdout == "204"
    machine.run("test ! -e /etc/nginx/sites-enabled/clientele; nginx -t")


def check_upgrade_of_a_site(machine, packages):
    """Its tables are brought up to date, and its pool takes the new program."""
    newest = "mariadb -N alice -e 'SELECT MAX(version) FROM schema_version'"
    before = machine.run("systemctl show -P MainPID clientele@alice").stdout
    subprocess.run(["cp", str(packages.newer(machine.folder)), str(machine.root / "root/newer.deb")], check=True)
    machine.run("dpkg --install /root/newer.deb", DEBIAN_FRONTEND="noninteractive")
    assert machine.run(newest).stdout == f"{NEXT_SCHEMA}\n"
    assert machine.run("systemctl show -P MainPID clientele@alice").stdout not in (before, "0\n")


def test_pool_of_a_site(machine, packages):
    """Shared hosting, as README.Debian tells it, word for word."""
    install(machine, packages.server)
    text = (TOP / "debian/clientele.README.Debian").read_text()
    part = text.split("Several sites on one machine\n")[1].split("In Apache and lighttpd")[0]
    commands = [line.strip() for line in part.replace("\\\n", " ").splitlines() if line.startswith("    ")]
    options = dict(re.findall(r"(\w+) = (\S+)", "\n".join(line for line in commands if line.startswith("#"))))
    assert set(options) == {"user", "database_name", "database_user", "runtime_directory"}
    for command in commands:
        if command.startswith("editor"):
            command = "sed -i -e '/^user = /d' /etc/clientele/sites/alice.conf; " + "; ".join(
                f"echo '{name} = {value}' >>/etc/clientele/sites/alice.conf" for name, value in options.items())
        if not command.startswith("#"):
            machine.run(command)
    machine.run("systemctl is-active clientele clientele@alice clientele@alice.socket")
    assert machine.run("stat -c '%U %a' /etc/clientele/sites/alice.key").stdout == "alice 600\n"
    assert machine.run("stat -c '%U:%G %a' /run/clientele-sites/alice.sock").stdout == "root:clientele-socket 660\n"
    assert machine.run("ps -o user= -C clienteled | sort -u").stdout.split() == ["alice", "clienteled"[:9]]
    time.sleep(1)
    for host in ("alice.example.org", "localhost"):
        answer = machine.run(f"{QUIET} --resolve {host}:443:127.0.0.1 -o /dev/null -w '%{{http_code}}' "
                             f"https://{host}/readyz").stdout
        assert answer == "200", host
    # Each host has the pool of its own.
    machine.run("systemctl stop clientele@alice.socket clientele@alice.service")
    assert machine.run(f"{STATUS} https://localhost/readyz").stdout == "200"
    assert machine.run(f"{STATUS} --resolve alice.example.org:443:127.0.0.1 https://alice.example.org/readyz"
                       ).stdout == "503"
    machine.run("systemctl start clientele@alice.socket clientele@alice.service")
    machine.run("clientele --config=/etc/clientele/sites/alice.conf user create alice")
    check_upgrade_of_a_site(machine, packages)
    assert "alice" not in machine.run("clientele user list").stdout
    machine.run("apt-get remove --yes clientele")
    assert machine.run("systemctl is-active clientele@alice", check=False).stdout == "inactive\n"
