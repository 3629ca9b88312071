"""The peers: what the parts can do at best, and programs in PHP, JavaScript and Go that do the same work, all behind one
nginx, on the same database."""

import http.client
import os
import pathlib
import signal
import subprocess

import load
from harness.installation import TOP, alive, free_port, listens, system_environment, wait_until

PEERS = TOP / "tests/bench/peers"
CONNECTIONS = 8  # to the database, of each peer

# What all of them ask the database, once for each kind of request.
STATEMENTS = {
    "KEY": "SELECT owner_id FROM api_key WHERE key_hash = ? AND NOT revoked",
    "LICENSE": (
        "SELECT id, license_id, license_type, format, description, created_at, updated_at, issue_date, expire_date, "
        "support_expire_date, revoked, traced, license_key, max_allowed_sites, user_key, licensing_mode, licensee_name, "
        "licensee_company, licensee_email, hash, meta, template_id, signature_keys_id, customer_id, order_id, "
        "product_code, product_name, product_version, product_copyright, product_url, product_description, "
        "holder_name, holder_company, holder_contact_info, holder_url, components FROM license WHERE license_id = ?"),
    "HOSTING": (
        "SELECT t.id, username, active, first_name, last_name, email_address, company, (SELECT COUNT(*) FROM "
        "hosting_domain d WHERE d.client_id = t.id) AS domain_count, domain_max_count, (SELECT COUNT(*) FROM "
        "hosting_domain d WHERE d.client_id = t.id AND d.whitelabel) AS whitelabel_count, whitelabel_max_count, "
        "(SELECT CAST(COALESCE(SUM(d.call_count), 0) AS SIGNED) FROM hosting_domain d WHERE d.client_id = t.id) AS "
        "widget_display_count, widget_display_max_count, auto_create_domains, can_use_ab_tests, can_use_analytics, "
        "can_use_consent_sharing, can_use_dom_api, can_use_iab, can_use_iframe_css, can_use_iframes, can_use_ind_css, "
        "can_use_multi_dom, can_use_own_logo, can_use_scripts, can_use_user_group_rights, more_than_2_lang "
        "FROM hosting_client t WHERE t.id = ?"),
    "LIST": (
        "SELECT id, title, first_name, last_name, company, code, vat_code, invoice_code, rating, created_at, "
        "updated_at, address, address1, address2, postal_code, region, city, country, country_code, map_coordinates, "
        "map_zoom_level, email, phone, mobile, fax, website, notes, is_reseller, meta FROM customer "
        "ORDER BY id LIMIT 50"),
    "INSERT": ("INSERT INTO customer (code, first_name, last_name, company, email, created_at) "
               "VALUES (?, 'Ada', 'Lovelace', 'Engines', 'ada@example.org', UTC_TIMESTAMP(6))"),
    "ENTRY": ("INSERT INTO log_entry (message, message_template, level, time_stamp) VALUES (CONCAT('The customer ', ?, "
              "' was created.'), 'The {Resource} {Key} was {Action}.', 'Information', UTC_TIMESTAMP(6))"),
}

FASTCGI = """
		fastcgi_pass unix:{socket};
		fastcgi_param SCRIPT_FILENAME {script};
		fastcgi_param SCRIPT_NAME $uri;
		fastcgi_param QUERY_STRING $args;
		fastcgi_param REQUEST_METHOD $request_method;
		fastcgi_param CONTENT_LENGTH $content_length;"""
PROXY = """
		proxy_pass http://{name};
		proxy_http_version 1.1;
		proxy_set_header Connection "";"""


class Peer:
    """A program behind the peers' nginx."""

    def __init__(self, name, socket, command=None, location=FASTCGI, environment=None):
        self.name = name
        self.socket = socket
        self.port = free_port()
        self.command = command
        self.location = location.format(socket=socket, script=PEERS / "peer.php", name=name)
        self.environment = environment or {}
        self.process = None

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self, environment, log):
        if self.command is None:
            return
        self.process = subprocess.Popen(self.command, env=environment | self.environment, stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log, start_new_session=True)
        wait_until(lambda: listens(self.socket) or self.process.poll() is not None, f"socket of {self.name}")
        assert self.process.poll() is None, f"{self.name} does not start; see {log.name}"

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)

    def pids(self):
        return [self.process.pid] if self.process is not None else []

    def server(self):
        upstream = f"\tupstream {self.name} {{ server unix:{self.socket}; keepalive 32; }}\n" \
            if "proxy_pass" in self.location else ""
        return (f"{upstream}\tserver {{\n\t\tlisten 127.0.0.1:{self.port};\n\t\tlocation / {{{self.location}\n\t\t}}\n"
                "\t}\n")


class Peers:
    """All of them, and their nginx, which has as many workers as the program's own and writes no log."""

    def __init__(self, running):
        self.running = running
        self.folder = running.state / "peers"
        self.folder.mkdir()
        self.log = None
        build = running.build
        listen = {name: self.folder / f"{name}.sock" for name in ("bare", "php", "node", "go")}
        self.all = {peer.name: peer for peer in (
            Peer("static", None, location="\n\t\treturn 200 '{{}}';"),
            Peer("bare", listen["bare"],
                 [build / "tests/bench/peers/bare", f"unix:{listen['bare']}", str(CONNECTIONS)]),
            Peer("php", listen["php"], ["php-fpm8.2", "-F", "-R", "-y", self.folder / "php-fpm.conf"]),
            Peer("node", listen["node"], ["node", build / "peers/peer.js"], PROXY,
                 {"BENCH_LISTEN": str(listen["node"]), "NODE_ENV": "production"}),
            Peer("go", listen["go"], [build / "peers/peer-go"], PROXY, {"BENCH_LISTEN": str(listen["go"])}),
        )}
        self.environment = system_environment() | {f"BENCH_{name}": sql for name, sql in STATEMENTS.items()} | {
            "BENCH_DATABASE": str(running.database_socket), "BENCH_CONNECTIONS": str(CONNECTIONS)}

    def write_files(self):
        user = "user = root\ngroup = root\n" if os.getuid() == 0 else ""
        (self.folder / "php-fpm.conf").write_text(
            f"[global]\nerror_log = {self.folder}/php-fpm.log\ndaemonize = no\n[bench]\n{user}"
            f"listen = {self.all['php'].socket}\npm = static\npm.max_children = {CONNECTIONS}\nclear_env = no\n")
        user = "user root;\n" if os.getuid() == 0 else ""
        temporary = "".join(f"\t{kind}_temp_path {self.folder}/{kind};\n" for kind in (
            "client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon on;\n{user}worker_processes 1;\npid {self.folder}/nginx.pid;\n"
            f"error_log {self.folder}/nginx.log warn;\nevents {{ worker_connections 4096; }}\n"
            f"http {{\n\taccess_log off;\n{temporary}{''.join(peer.server() for peer in self.all.values())}}}\n")

    def __enter__(self):
        self.write_files()
        self.log = open(self.folder / "peers.log", "wb")
        try:
            for peer in self.all.values():
                peer.start(self.environment, self.log)
            subprocess.run(["nginx", "-e", self.folder / "nginx.log", "-c", self.folder / "nginx.conf"],
                           env=system_environment(), check=True)
            wait_until((self.folder / "nginx.pid").exists, "nginx of the peers")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *reason):
        pid_file = self.folder / "nginx.pid"
        if pid_file.exists():
            pid = int(pid_file.read_text())
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not alive(pid), "end of the peers' nginx")
        for peer in self.all.values():
            peer.stop()
        self.log.close()

    def groups(self, peer):
        """Processes whose time counts for requests of that peer."""
        return {"nginx": [int((self.folder / "nginx.pid").read_text())], "worker": peer.pids(),
                "database": database_pids(self.running)}

    def check(self, key, requests):
        """That each of them answers all requests (method and path), and refuses a wrong key where it looks at keys."""
        for peer in self.all.values():
            for method, path in requests:
                self.expect(peer, method, path, key, 200)
                if peer.name not in ("static", "bare"):
                    self.expect(peer, method, path, "wrong", 401)

    @staticmethod
    def expect(peer, method, path, key, status):
        connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=10)
        connection.request(method, path.replace("NUMBER", peer.name), headers={"x-api-key": key})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == status, f"{peer.name}, {method} {path}: {answer.status} {text!r}"

    def ceiling(self, what, connections, seconds, keys):
        """Of the database alone."""
        before = load.processor_seconds(database_pids(self.running))
        text = subprocess.run(
            [self.running.build / "tests/bench/peers/ceiling", what, str(connections), str(seconds), *keys],
            env=self.environment, capture_output=True, text=True, check=True).stdout
        used = load.processor_seconds(database_pids(self.running)) - before
        rate, middle, late = map(float, text.split())
        return load.Sample(rate, middle, late, {"database": used * 1e6 / (rate * seconds)})


def database_pids(running):
    return [int(pathlib.Path(running.state / "db/mariadb.pid").read_text())]
