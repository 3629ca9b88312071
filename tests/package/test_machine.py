"""What an administrator meets: the package on a fresh machine that runs systemd."""

import fnmatch
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

    At most `lost` of them may fail, long answers that break off among them, and none that was acknowledged may be missing
    afterwards.
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
        broken = re.search(r"Socket errors: connect 0, read (\d+), write 0, timeout 0", output)
        assert broken or "Socket errors" not in output, output
        failed = sum(int(found[1]) for found in (broken, re.search(r"Non-2xx or 3xx responses: (\d+)", output)) if found)
        assert failed <= self.lost, output
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
    assert machine.run("stat -c '%U %a' /var/lib/clientele /var/lib/clientele/clientele.history").stdout == (
        "clientele 750\nclientele 600\n")
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
    """A fresh machine has no fault; the certificate is its own, and nothing keeps its clock or makes backups."""
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
    check_many_sites(machine)


def check_many_sites(machine):
    """As many findings as there are sites: none is dropped, least of all that of a stopped pool."""
    machine.run("for i in $(seq 200); do printf 'include clientele/clientele-locations.conf;\\n"
                "ssl_certificate /nowhere/%s.pem;\\n' $i >/etc/nginx/sites-enabled/many$i; done; "
                "systemctl stop clientele.socket clientele.service")
    found = machine.run("clientele doctor", check=False).stdout
    assert found.count("FAULT certificate: /nowhere/") == 200 and "FAULT pool: " in found, found
    # Sites of other pools are their own business.
    machine.run("for i in $(seq 200); do echo 'upstream other { server unix:/run/clientele-sites/other.sock; }' "
                ">>/etc/nginx/sites-enabled/many$i; done")
    assert "/nowhere/" not in machine.run("clientele doctor", check=False).stdout
    machine.run("rm /etc/nginx/sites-enabled/many*; systemctl start clientele.socket clientele.service")
    wait_ready(machine)


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
    machine.run("echo of another database >/var/backups/clientele/clientele.key")
    said = machine.run("apt-get purge --yes clientele", DEBIAN_FRONTEND="noninteractive").stdout
    left = machine.run("ls -d /etc/clientele /etc/nginx/clientele /etc/nginx/sites-available/clientele "
                       "/var/log/clientele /run/clientele /usr/share/clientele /var/log/nginx/clientele-* "
                       "/var/lib/clientele /var/lib/clientele-pending "
                       "/var/lib/systemd/timers/stamp-clientele-* 2>/dev/null || true").stdout
    for path in machine.run("ls -d /var/backups/clientele /var/cache/dbconfig-common/backups/clientele_* 2>/dev/null || "
                            "true").stdout.split():
        assert any(fnmatch.fnmatch(path, word) for word in said.split()), (path, said)
    assert "deluser --system clientele" in said
    assert left == "", left
    machine.run("nginx -t && systemctl is-active nginx mariadb")
    assert machine.run("systemctl --failed --plain --no-legend").stdout == ""
    machine.install(f"/root/{packages.server.name}")
    wait_ready(machine)
    assert call(machine, key, "/v1/users")[1] == 200, "even a purge leaves the data in the database"
    assert machine.run("sha256sum </etc/clientele/clientele.key").stdout == secret_key, "and the key that opens it"
    assert machine.run("stat -c '%U %a' /etc/clientele/clientele.key").stdout == "clientele 600\n"
    assert machine.run("cat /var/backups/clientele/clientele.key.~1~").stdout == "of another database\n"


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


@pytest.mark.with_servers
def test_other_sites_keep_what_they_have(machine, packages):
    """A machine whose nginx uses port 443 already."""
    machine.run("printf 'server {\\n\\tlisten 443 ssl;\\n\\tssl_certificate /etc/ssl/certs/ssl-cert-snakeoil.pem;\\n"
                "\\tssl_certificate_key /etc/ssl/private/ssl-cert-snakeoil.key;\\n\\treturn 204;\\n}\\n' "
                ">/etc/nginx/sites-available/shop; ln -s ../sites-available/shop /etc/nginx/sites-enabled/; "
                "systemctl reload nginx")
    said = install(machine, packages.server).stdout
    assert "Another site of nginx uses port 443" in said
    assert machine.run(f"{STATUS} https://localhost/").stdout == "204"
    machine.run("test ! -e /etc/nginx/sites-enabled/clientele; nginx -t")


@pytest.mark.with_servers
@pytest.mark.parametrize("listen", ["server { listen [::]:443 ssl; }", "server {\n\tlisten 127.0.0.1:443 default_server ssl;\n}"])
def test_port_443_is_found_wherever_it_is_said(machine, packages, listen):
    """In one line, with an address, in a file that another one includes."""
    certificate = ("ssl_certificate /etc/ssl/certs/ssl-cert-snakeoil.pem; "
                   "ssl_certificate_key /etc/ssl/private/ssl-cert-snakeoil.key; return 204; }")
    machine.run(f"mkdir /srv/web; echo '{listen.rstrip('}')} {certificate}' >/srv/web/shop.conf; "
                "echo 'include /srv/web/*.conf;' >/etc/nginx/sites-available/all; "
                "ln -s ../sites-available/all /etc/nginx/sites-enabled/; nginx -t; systemctl reload nginx")
    said = machine.install(f"/root/{packages.server.name}", options="--no-install-recommends").stdout
    assert "Another site of nginx uses port 443" in said
    machine.run("test ! -e /etc/nginx/sites-enabled/clientele")


# The questions of dbconfig-common: a server of this machine or one with an address (which is this machine again), the
# usual user or another, and both names of the database with each of these.
QUESTIONS = [("Unix socket", "clientele", "other_one"), ("Unix socket", "registry", "clientele"),
             ("TCP/IP", "clientele", "clientele"), ("TCP/IP", "registry", "other_one")]


def answers(method, user, name):
    """As debconf-set-selections takes them."""
    pairs = {"dbconfig-install": ("boolean", "true"), "mysql/method": ("select", method),
             "db/app-user": ("string", f"{user}@localhost"),
             "db/dbname": ("string", name), "mysql/app-pass": ("password", "of the questions"),
             "app-password-confirm": ("password", "of the questions"), "mysql/admin-user": ("string", "boss"),
             "mysql/admin-pass": ("password", "of the boss"), "remote/host": ("select", "new host"),
             "remote/newhost": ("string", "127.0.0.1"), "remote/port": ("string", "")}
    return "".join(f"clientele clientele/{key} {kind} {value}\n" for key, (kind, value) in pairs.items())


@pytest.mark.with_servers
def test_each_answer_to_the_questions(machine, packages):
    """Installed, called, upgraded and purged with each of them; what the administrator has set stays."""
    # dbconfig-common asks for the full name of a machine whose database has an address.
    machine.run("echo \"127.0.1.1 $(hostname)\" >>/etc/hosts")
    machine.install("dbconfig-mysql", options="--no-install-recommends")
    machine.run("mariadb -e \"GRANT ALL ON *.* TO boss@localhost IDENTIFIED BY 'of the boss' WITH GRANT OPTION; "
                "GRANT ALL ON *.* TO boss@'127.0.0.1' IDENTIFIED BY 'of the boss' WITH GRANT OPTION\"")
    for method, user, name in QUESTIONS:
        machine.run(f"debconf-set-selections <<'END'\n{answers(method, user, name)}END")
        said = machine.install(f"/root/{packages.server.name}", options="--no-install-recommends").stdout
        wait_ready(machine)
        assert call(machine, create_key(machine), "/v1/users")[1] == 200, (method, user, name, said)
        conf = machine.run("grep -v '^#' /etc/clientele/clientele.conf").stdout
        assert f'database_name = "{name}"' in conf and f'database_user = "{user}"' in conf
        by_password = method != "Unix socket" or user != "clientele"
        assert ("database_password_file" in conf) == by_password
        assert ("database_hosts" in conf) == (method != "Unix socket")
        assert (f'migrate_user = "{user}_migrate"' in conf) == (method == "Unix socket")
        if method == "Unix socket":
            assert ("database", "warning") not in doctor(machine), "the user that serves changes no table"
        if by_password:
            check_password_file(machine, packages)
        machine.run("apt-get purge --yes clientele; mariadb -e 'DROP DATABASE " + name + "'; "
                    "rm -rf /var/backups/clientele; echo PURGE | debconf-communicate clientele",
                    DEBIAN_FRONTEND="noninteractive")


    check_refused_questions(machine, packages)


def check_refused_questions(machine, packages):
    """No database and no site of nginx: neither is made, and what to do is said."""
    machine.run("debconf-set-selections <<'END'\nclientele clientele/dbconfig-install boolean false\n"
                "clientele clientele/enable-nginx boolean false\nEND")
    said = machine.install(f"/root/{packages.server.name}", options="--no-install-recommends").stdout
    assert "clientele setup-db --split-users" in said
    assert machine.run("mariadb -N -e \"SHOW DATABASES LIKE 'clientele'\"").stdout == ""
    machine.run("test ! -e /etc/nginx/sites-enabled/clientele; test ! -e /etc/clientele/database.password; "
                "clientele setup-db --split-users; ln -s ../sites-available/clientele /etc/nginx/sites-enabled/; "
                "systemctl reload nginx")
    wait_ready(machine)


def check_password_file(machine, packages):
    """Owner, mode and text are the administrator's after the first installation; no other file is left."""
    stat = "stat -c '%U:%G %a' /etc/clientele/database.password /etc/clientele/clientele.conf"
    assert machine.run(stat).stdout.split("\n")[:2] == ["root:clientele 640"] * 2
    assert machine.run("cat /etc/clientele/database.password").stdout == "of the questions\n"
    machine.run("echo '# mine' >>/etc/clientele/database.password; chown clientele:root /etc/clientele/database.password "
                "/etc/clientele/clientele.conf; chmod 400 /etc/clientele/database.password /etc/clientele/clientele.conf")
    machine.install(f"/root/{packages.server.name}", options="--reinstall")
    assert machine.run(stat).stdout.split("\n")[:2] == ["clientele:root 400"] * 2
    assert machine.run("tail -n 1 /etc/clientele/database.password").stdout == "# mine\n"
    assert machine.run("ls -A /etc/clientele").stdout.split() == [
        name for name in machine.run("ls -A /etc/clientele").stdout.split() if not name.endswith((".new", ".ucf-new"))]


@pytest.mark.with_servers
def test_postinst_in_each_case(machine, packages):
    """What dpkg may call it with; what it does not know fails."""
    install(machine, packages.server)
    wait_ready(machine)
    script = "/var/lib/dpkg/info/clientele.postinst"
    environment = {"DPKG_MAINTSCRIPT_PACKAGE": "clientele", "DPKG_MAINTSCRIPT_NAME": "postinst", "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in ("abort-upgrade 1.0", "abort-deconfigure in-favour other 1.0", "abort-remove", "abort-remove in-favour other 1.0"):
        machine.run(f"{script} {arguments}", **environment)
    assert machine.run(f"{script} nonsense", check=False, **environment).returncode != 0
    # A removal that is taken back enables the site again.
    machine.run("DPKG_MAINTSCRIPT_NAME=prerm /var/lib/dpkg/info/clientele.prerm remove; test ! -e /etc/nginx/sites-enabled/clientele",
                **environment)
    machine.run(f"{script} abort-remove; test -e /etc/nginx/sites-enabled/clientele; systemctl start clientele.socket clientele.service",
                **environment)
    wait_ready(machine)


def check_upgrade_of_a_site(machine, packages):
    """Its tables are brought up to date, and its pool takes the new program."""
    newest = "mariadb -N alice -e 'SELECT MAX(version) FROM schema_version'"
    before = machine.run("systemctl show -P MainPID clientele@alice").stdout
    subprocess.run(["cp", str(packages.newer(machine.folder)), str(machine.root / "root/newer.deb")], check=True)
    machine.run("dpkg --install /root/newer.deb", DEBIAN_FRONTEND="noninteractive")
    assert machine.run(newest).stdout == f"{NEXT_SCHEMA}\n"
    assert machine.run("systemctl show -P MainPID clientele@alice").stdout not in (before, "0\n")


def check_care_of_a_site(machine):
    """Old rows, backups, logs and doctor, as the machine's own pool has them."""
    config = "/etc/clientele/sites/alice.conf"
    machine.run("clientele user create admin --role Administrator; "
                f"clientele --config={config} user create admin --role Administrator")
    assert ("sites", "fault") not in doctor(machine)
    machine.run("systemctl start clientele-expire@alice.service clientele-backup@alice.service")
    [made] = machine.run("ls -d /var/backups/clientele-site-alice/*").stdout.split()
    assert machine.run(f"stat -c '%U %a' {made}").stdout == "alice 700\n"
    assert ("timers", "warning") not in doctor(machine, f"--config={config}")
    # A log of its own, which logrotate knows.
    machine.run(f"echo 'log_target = /var/log/clientele-site-alice/clientele.log' >>{config}; clientele --config={config} "
                "config check; systemctl restart clientele@alice; clientele --config=" + config + " status >/dev/null")
    machine.run("logrotate --force /etc/logrotate.d/clientele; systemctl reload clientele@alice; "
                f"for i in $(seq 50); do [ ! -s /var/log/clientele-site-alice/clientele.log ] || break; sleep 0.2; done; "
                "test -s /var/log/clientele-site-alice/clientele.log.1; test -s /var/log/clientele-site-alice/clientele.log")
    # The machine's doctor knows of it; its own looks at nothing else.
    machine.run("systemctl stop clientele@alice.socket clientele@alice.service")
    assert doctor(machine)["sites", "fault"] == f"clientele --config={config} doctor"
    assert not [state for check, state in doctor(machine) if state == "fault" and check != "sites"]
    machine.run("systemctl start clientele@alice.socket clientele@alice.service; "
                "systemctl stop clientele.socket clientele.service; echo nonsense >/etc/nginx/conf.d/broken.conf")
    assert not [check for check, state in doctor(machine, f"--config={config}") if state == "fault"]
    machine.run("rm /etc/nginx/conf.d/broken.conf; systemctl start clientele.socket clientele.service")
    # The folder of all sockets is nobody's, whatever a site is called.
    machine.run("adduser --system --group sites; sed 's/alice/sites/' " + config + " >/etc/clientele/sites/sites.conf; "
                "systemctl start clientele@sites.service", check=False)
    assert machine.run("stat -c %U /run/clientele-sites").stdout == "root\n"
    machine.run("systemctl stop clientele@sites.socket clientele@sites.service; rm /etc/clientele/sites/sites.conf; "
                "systemctl reset-failed")


@pytest.mark.with_servers
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
    machine.run("systemctl is-active clientele clientele@alice clientele@alice.socket clientele-expire@alice.timer "
                "clientele-backup@alice.timer")
    assert machine.run("stat -c '%U %a' /etc/clientele/sites/alice.key").stdout == "alice 600\n"
    assert machine.run("stat -c '%U %a' /var/lib/clientele-site-alice /var/lib/clientele-site-alice/clientele.history"
                       ).stdout == "alice 750\nalice 600\n"
    assert machine.run("stat -c '%U:%G %a' /run/clientele-sites/alice.sock").stdout == "root:clientele-socket 660\n"
    assert machine.run("ps -o user= -C clienteled | sort -u").stdout.split() == ["alice", "clienteled"[:9]]
    time.sleep(1)
    for host in ("alice.example.org", "localhost"):
        answer = machine.run(f"{QUIET} --resolve {host}:443:127.0.0.1 -o /dev/null -w '%{{http_code}}' "
                             f"https://{host}/readyz").stdout
        assert answer == "200", host
    # Both write to one log, once a second, which says whose the line is.
    for host in ("alice.example.org", "localhost"):
        machine.run(f"{QUIET} --resolve {host}:443:127.0.0.1 -o /dev/null https://{host}/v1/users")
    log = [json.loads(line) for line in machine.run("sleep 2; cat /var/log/nginx/clientele-access.log").stdout.splitlines()]
    assert [entry["server"] for entry in log] == ["alice.example.org", "_"], log
    check_care_of_a_site(machine)
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
