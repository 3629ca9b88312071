"""The web servers, each with the files that are shipped for it: the site, its names, ports and certificate replaced,
and what it says about prefixes and reverse proxies done as it says."""

import dataclasses
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
from collections.abc import Callable

from .installation import LONG, TOP, NotInstalled, alive, free_port, wait_until

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PROXY = "127.0.0.5"    # where the reverse proxy calls from
PREFIX = "/registry"
NGINX_USER = "user www-data;\n"


@dataclasses.dataclass(frozen=True)
class Server:
    name: str
    program: str
    site: str                       # file in the source tree
    words: dict                     # what stands in the site file, and the name of what takes its place
    main: str                       # the file around the site
    command: str
    below_prefix: Callable          # does to the site's text what it says about prefixes
    log_entry: Callable             # a line of the access log as a dictionary
    user: str = ""                  # what the main file says when root starts it
    keeps_escaped_slashes: bool = True
    makes_request_ids: bool = True  # also for what it answers itself
    statuses_of_death: tuple = (503,)   # of requests whose worker dies
    looks_again_late: bool = False  # for a pool that was away; once a second
    holds_log_back: bool = False    # for seconds, unless it is told to open its logs again


def nginx_below_prefix(text):
    text = text.replace("\tinclude clientele/clientele-locations.conf;\n", "")
    return re.sub(r"(?m)^\t#(include clientele/clientele-server|location|\tinclude|\}$)", r"\t\1", text)


def defined_prefix(text):
    """A variable that is / in the file as it is shipped."""
    text, count = re.subn(r'(?m)^(Define CLIENTELE_PLACE /|var.clientele_place = "/)', rf"\1{PREFIX[1:]}/", text)
    assert count == 1
    return text


def words_of(line):
    return dict(word.partition("=")[::2] for word in shlex.split(line))


SERVERS = [
    Server(
        name="nginx", program="nginx", site="nginx/clientele-site.conf",
        words={"listen [::]:443 ssl http2;": "", "listen [::]:80;": "", "listen 443": "listen 127.0.0.1:{secure}",
               "listen 80": "listen 127.0.0.1:{plain}", "/etc/ssl/certs/clientele.pem": "{certificate}",
               "/etc/ssl/private/clientele.key": "{key}", "set $clientele_share /usr/share/clientele":
               "set $clientele_share {share}", "/run/clientele/clientele.sock": "{socket}",
               "#ssl_client_certificate /etc/clientele/client-ca.pem": "ssl_client_certificate {certificate}",
               "#ssl_verify_client": "ssl_verify_client", "/var/log/nginx": "{log}", "#set_real_ip_from 192.0.2.1":
               "set_real_ip_from {proxy}", "#real_ip": "real_ip"},
        main="{user}daemon off;\npid {folder}/pid;\nworker_processes 1;\nerror_log {log}/clientele-error.log;\n"
             "events {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\nclient_body_temp_path {folder}/body;\n"
             "fastcgi_temp_path {folder}/fastcgi;\nproxy_temp_path {folder}/proxy;\nscgi_temp_path {folder}/scgi;\n"
             "uwsgi_temp_path {folder}/uwsgi;\n"
             # As other sites of a machine may want it.
             "gzip on;\ngzip_types application/json application/xml text/xml;\ngzip_min_length 1;\n"
             "gzip_proxied any;\ninclude {folder}/site.conf;\n}}\n",
        command="nginx -e {log}/clientele-error.log -c {folder}/main.conf",
        below_prefix=nginx_below_prefix, log_entry=json.loads, user=NGINX_USER),
    Server(
        name="apache", program="apache2", site="apache/clientele-site.conf",
        words={"<VirtualHost *:80>": "Listen 127.0.0.1:{plain}\n<VirtualHost 127.0.0.1:{plain}>",
               "<VirtualHost *:443>": "Listen 127.0.0.1:{secure}\n<VirtualHost 127.0.0.1:{secure}>",
               "/etc/ssl/certs/ssl-cert-snakeoil.pem": "{certificate}",
               "/etc/ssl/private/ssl-cert-snakeoil.key": "{key}", "CLIENTELE_SHARE /usr/share/clientele":
               "CLIENTELE_SHARE {share}", "/run/clientele/clientele.sock": "{socket}",
               "#SSLCACertificateFile /etc/clientele/client-ca.pem": "SSLCACertificateFile {certificate}",
               "#SSLVerifyClient": "SSLVerifyClient", "#SSLOptions": "SSLOptions", "${APACHE_LOG_DIR}": "{log}", "/usr/share/clientele/apache": "{folder}/clientele",
               "#RemoteIPHeader": "RemoteIPHeader", "#RemoteIPInternalProxy 192.0.2.1":
               "RemoteIPInternalProxy {proxy}"},
        main="{user}ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nDefaultRuntimeDir {folder}\n"
             "ErrorLog {log}/clientele-error.log\nDocumentRoot {folder}\nTypesConfig /etc/mime.types\n{modules}"
             "AddOutputFilterByType DEFLATE application/json application/xml text/xml\n"
             "<Directory />\nAllowOverride None\nRequire all denied\n</Directory>\n"
             "<Directory {share}>\nRequire all granted\n</Directory>\nInclude {folder}/site.conf\n",
        # One process for the test, with as many threads as Debian's have together.
        command="apache2 -f {folder}/main.conf -X -c 'ThreadLimit 150' -c 'ThreadsPerChild 150' "
                "-c 'MaxRequestWorkers 150'",
        below_prefix=defined_prefix, log_entry=words_of, user="User www-data\nGroup www-data\n"),
    Server(
        name="lighttpd", program="lighttpd", site="lighttpd/clientele-site.conf",
        words={'":443"': '"127.0.0.1:{secure}"', '":443$"': '":{secure}$"',
               'include_shell "/usr/share/lighttpd/use-ipv6.pl 443"\n': "",
               "/etc/ssl/certs/ssl-cert-snakeoil.pem": "{certificate}",
               "/etc/ssl/private/ssl-cert-snakeoil.key": "{key}", 'share = "/usr/share/clientele"':
               'share = "{share}"', "/run/clientele/clientele.sock": "{socket}", "/var/log/lighttpd": "{log}",
               '#ssl.verifyclient.ca-file = "/etc/clientele/client-ca.pem"': 'ssl.verifyclient.ca-file = "{certificate}"',
               "#ssl.verifyclient.activate": "ssl.verifyclient.activate", "#ssl.verifyclient.enforce":
               "ssl.verifyclient.enforce", "#ssl.verifyclient.exportcert": "ssl.verifyclient.exportcert",
               "/usr/share/clientele/lighttpd": "{folder}/clientele", "#server.modules": "server.modules",
               "#extforward": "extforward", "192.0.2.1": "{proxy}"},
        # As Debian's own, with its modules and its reading of addresses.
        main='server.modules = ( "mod_indexfile", "mod_access", "mod_alias", "mod_redirect" )\n'
             'server.document-root = "{folder}"\nserver.errorlog = "{log}/clientele-error.log"\n'
             'server.pid-file = "{folder}/pid"\nserver.bind = "127.0.0.1"\nserver.port = {plain}\n'
             'server.upload-dirs = ( "{folder}" )\n'
             'server.http-parseopts = ( "header-strict" => "enable", "host-strict" => "enable",\n'
             '"host-normalize" => "enable", "url-normalize-unreserved" => "enable",\n'
             '"url-normalize-required" => "enable", "url-ctrls-reject" => "enable",\n'
             '"url-path-2f-decode" => "enable", "url-path-dotseg-remove" => "enable" )\n'
             'include_shell "/usr/share/lighttpd/create-mime.conf.pl"\n'
             'server.modules += ( "mod_setenv", "mod_accesslog", "mod_fastcgi", "mod_magnet", "mod_deflate" )\n'
             # As other sites of a machine may want it.
             'deflate.mimetypes = ( "application/json", "application/xml", "text/xml" )\n'
             'deflate.allowed-encodings = ( "gzip" )\n'
             'accesslog.filename = "{log}/clientele-access.log"\ninclude "{folder}/site.conf"\n'
             'server.modules += ( "mod_dirlisting", "mod_staticfile" )\n',
        command="lighttpd -D -f {folder}/main.conf",
        below_prefix=defined_prefix, log_entry=json.loads, keeps_escaped_slashes=False, makes_request_ids=False,
        statuses_of_death=(500,), looks_again_late=True, holds_log_back=True),
]

APACHE_MODULES = ("mpm_event authn_core authz_core authz_host alias deflate dir env filter headers http2 mime proxy "
                  "proxy_fcgi remoteip reqtimeout setenvif socache_shmcb ssl unique_id").split()


def make_certificate(folder):
    """A certificate for localhost in the folder; returns it and its key."""
    certificate, key = folder / "certificate.pem", folder / "certificate.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


class Site:
    """One web server with the application at the root or below PREFIX; a place for a Client to call."""

    def __init__(self, installation, server, prefix, certificate, key, share, name="", changes=()):
        """`changes` are what an operator changes in the files: the file's name (site.conf is the site itself), a text in
        it, and what takes its place. A site with some has a name of its own."""
        self.server = server
        self.prefix = prefix
        self.changes = changes
        self.certificate = certificate
        self.secure, self.plain = free_port(), free_port()
        self.folder = installation.state / "sites" / f"{name or server.name}{prefix.replace('/', '-')}"
        # Below the installation's logs, which are searched for secrets.
        self.log = installation.state / "log" / self.folder.name
        user = server.user if os.geteuid() == 0 else ""
        modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                          for name in APACHE_MODULES)
        self.values = {"secure": self.secure, "plain": self.plain, "certificate": certificate, "key": key,
                       "share": share, "socket": installation.socket, "log": self.log, "proxy": PROXY,
                       "folder": self.folder, "user": user, "modules": modules}
        self.process = None

    def fill(self, text):
        return text.format_map(self.values)

    def write(self):
        self.folder.mkdir(parents=True)
        self.log.mkdir()
        # nginx looks for what it includes beside its main file.
        shutil.copytree((TOP / self.server.site).parent, self.folder / "clientele")
        text = (TOP / self.server.site).read_text()
        if self.prefix:
            text = self.server.below_prefix(text)
        for word, value in {**self.server.words, "clientele.example.org": "localhost"}.items():
            assert word in text, f"{self.server.site} has no {word}"
            text = text.replace(word, self.fill(value))
        (self.folder / "site.conf").write_text(text)
        (self.folder / "main.conf").write_text(self.fill(self.server.main))
        for name, old, new in self.changes:
            path = self.folder / (name if name == "site.conf" else f"clientele/{name}")
            text = path.read_text()
            assert old in text, f"{name} of {self.server.name} has no {old}"
            path.write_text(text.replace(old, new))

    def start(self):
        if not shutil.which(self.server.program, path=PATH):
            raise NotInstalled(f"{self.server.program} is not installed")
        self.write()
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen(shlex.split(self.fill(self.server.command)), stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, env={"PATH": PATH},
                                            start_new_session=True)
        wait_until(self.answers, self.server.name)
        return self

    def answers(self):
        assert self.process.poll() is None, (self.folder / "output").read_text() + "".join(
            path.read_text(errors="replace") for path in self.log.iterdir())
        try:
            self.connect(5).connect()
        except OSError:
            return False
        return True

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(LONG)

    def connect(self, timeout, source="127.0.0.1", context=None):
        """A connection with TLS, from an address of this machine."""
        context = context or ssl.create_default_context(cafile=str(self.certificate))
        return http.client.HTTPSConnection("127.0.0.1", self.secure, timeout=timeout, context=context,
                                           source_address=(source, 0))

    def connect_in_the_clear(self, timeout):
        return http.client.HTTPConnection("127.0.0.1", self.plain, timeout=timeout)

    def error_body(self, shape, status):
        """What every server says about its own errors, whether it takes it from these files or not."""
        return (self.values["share"] / "errors" / f"{shape}-{status}.html").read_text()

    def log_entries(self, condition):
        """Those lines of the access log, waited for, that the condition is true of."""
        def entries():
            if self.server.holds_log_back:
                self.process.send_signal(signal.SIGHUP)
            lines = (self.log / "clientele-access.log").read_text(errors="replace").split("\n")[:-1]
            return [entry for entry in map(self.server.log_entry, lines) if condition(entry)]

        return wait_until(entries, f"a line in the access log of {self.server.name}")


class ReverseProxy:
    """An nginx of its own before other sites; it calls them from PROXY and adds its caller to X-Forwarded-For."""

    MAIN = ("{user}daemon off;\npid {folder}/pid;\nerror_log /dev/null emerg;\nworker_processes 1;\nevents {{}}\n"
            "http {{\naccess_log off;\nclient_max_body_size 0;\nlarge_client_header_buffers 4 64k;\n"
            "client_body_temp_path {folder}/body;\n"
            "fastcgi_temp_path {folder}/fastcgi;\nproxy_temp_path {folder}/proxy;\nscgi_temp_path {folder}/scgi;\n"
            "uwsgi_temp_path {folder}/uwsgi;\nproxy_http_version 1.1;\nproxy_ssl_protocols TLSv1.3;\nproxy_request_buffering off;\n"
            "proxy_bind {proxy};\nproxy_set_header Host $http_host;\n"
            "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n{servers}}}\n")

    def __init__(self, state, sites):
        self.folder = state / "reverse-proxy"
        self.ports = {site: free_port() for site in sites}
        self.process = None

    def start(self):
        self.folder.mkdir()
        servers = "".join(f"server {{ listen 127.0.0.1:{port}; location / {{ "
                          f"proxy_pass https://127.0.0.1:{site.secure}; }} }}\n"
                          for site, port in self.ports.items())
        user = NGINX_USER if os.geteuid() == 0 else ""
        (self.folder / "main.conf").write_text(self.MAIN.format(user=user, folder=self.folder, proxy=PROXY,
                                                                servers=servers))
        self.process = subprocess.Popen(["nginx", "-e", "/dev/null", "-c", f"{self.folder}/main.conf"],
                                        stdin=subprocess.DEVNULL, env={"PATH": PATH}, start_new_session=True)
        wait_until(lambda: (self.folder / "pid").exists() and (self.folder / "pid").read_text(), "reverse proxy")
        return self

    def stop(self):
        if self.process is not None and alive(self.process.pid):
            self.process.terminate()
            self.process.wait(LONG)

    def connect(self, site, timeout, source="127.0.0.1"):
        return http.client.HTTPConnection("127.0.0.1", self.ports[site], timeout=timeout, source_address=(source, 0))
