"""Each web server with its shipped files, at the root and below a prefix, called over TLS and through a reverse
proxy; one pool serves them all."""

import dataclasses
import pathlib
import shutil

import pytest

from harness.client import Client
from harness.families import Api, unique
from harness.installation import TOP, Installation
from harness.webserver import PREFIX, SERVERS, ReverseProxy, Site, make_certificate


@pytest.fixture(scope="session")
def installation(every_installation_is_finished):
    """The pool takes calls with and without its base path. Its own nginx is at the root."""
    with Installation(base_path=PREFIX, workers=8, listen_mode="0666") as running:
        yield running


@pytest.fixture(scope="session")
def share(installation):
    """What is installed below /usr/share/clientele."""
    folder = installation.state / "share"
    folder.mkdir()
    shutil.copytree(installation.build / "errors", folder / "errors")
    for server in ("apache", "lighttpd"):
        shutil.copytree(TOP / server, folder / server)
    shutil.copytree(TOP / "web/start", folder / "start")
    if (installation.build / "pages/console").exists():  # made by make web, where Node.js is
        shutil.copytree(installation.build / "pages/console", folder / "console")
    (folder / "docs").mkdir()
    for path in [*pathlib.Path(TOP / "docs").glob("*.html"), *pathlib.Path(TOP / "docs").glob("openapi*.json"),
                 TOP / "web/docs/site.js", TOP / "web/docs/style.css"]:
        shutil.copy(path, folder / "docs")
    return folder


@pytest.fixture(scope="session")
def sites(installation, share):
    certificate, key = make_certificate(installation.state)
    made = {(server.name, prefix): Site(installation, server, prefix, certificate, key, share)
            for server in SERVERS for prefix in ("", PREFIX)}
    try:
        for site in made.values():
            site.start()
        yield made
    finally:
        for site in made.values():
            site.stop()


@pytest.fixture(scope="session")
def reverse_proxy(installation, sites):
    proxy = ReverseProxy(installation.state, sites.values())
    try:
        yield proxy.start()
    finally:
        proxy.stop()


@dataclasses.dataclass
class Front:
    """One way to the application."""
    installation: Installation
    site: Site
    proxy: ReverseProxy     # None: callers come to the site itself

    @property
    def server(self):
        return self.site.server

    def client(self, key="", source="127.0.0.1"):
        def connect(timeout):
            if self.proxy is None:
                return self.site.connect(timeout, source)
            return self.proxy.connect(self.site, timeout, source)

        return Client(self.installation, key, connect, self.site.prefix)

    def direct(self, source):
        """A caller of the site itself, from that address."""
        return Client(self.installation, "", lambda timeout: self.site.connect(timeout, source), self.site.prefix)

    def api(self, family, media):
        key = "" if family.keyless else self.installation.admin_key
        return Api(self.client(key), family, media)


@pytest.fixture(params=["root", "prefix"])
def prefix(request):
    return {"root": "", "prefix": PREFIX}[request.param]


@pytest.fixture(params=[server.name for server in SERVERS])
def site(request, sites, prefix):
    return sites[request.param, prefix]


@pytest.fixture(params=["tls", "proxied"])
def front(request, installation, site, reverse_proxy):
    return Front(installation, site, reverse_proxy if request.param == "proxied" else None)


@pytest.fixture(params=["json", "xml"])
def media(request):
    return request.param


@pytest.fixture
def group(installation):
    return installation.create_group(unique("group"))
