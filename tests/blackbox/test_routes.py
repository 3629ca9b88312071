"""Methods and paths, the same for every family."""

import pytest

PATHS = {
    "/api/ClientHello": {"POST", "OPTIONS"},
    "/api/ClientAddOrUpdateOrRemoveClients": {"POST", "OPTIONS"},
    "/api/v1/admin/clients": {"GET", "HEAD", "POST", "OPTIONS"},
    "/api/v1/admin/clients/72aeec30-b3bf-4664-82e7-048ab4c54520":
        {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"},
    "/api/delegategroups": {"GET", "HEAD", "POST", "OPTIONS"},
    "/api/delegategroups/1": {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"},
    "/api/delegategroups/1/clients": {"GET", "HEAD", "POST", "OPTIONS"},
    "/api/delegategroups/1/clients/count": {"GET", "HEAD", "OPTIONS"},
    "/api/delegategroups/1/clients/2": {"DELETE", "OPTIONS"},
    "/hosting/api/client": {"GET", "HEAD", "POST", "OPTIONS"},
    "/hosting/api/client/abcdef0": {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"},
    "/hosting/api/client/by-username/x": {"GET", "HEAD", "OPTIONS"},
    "/hosting/api/client/by-apiKey/x": {"GET", "HEAD", "OPTIONS"},
    "/hosting/api/clientgetid/x": {"GET", "HEAD", "OPTIONS"},
    "/hosting/api/client/abcdef0/domain": {"GET", "HEAD", "POST", "OPTIONS"},
    "/hosting/api/client/abcdef0/domain/abcdef1": {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"},
}


def methods(answer):
    return {word.strip() for word in answer.headers["allow"].split(",")}


@pytest.mark.parametrize("path", PATHS)
def test_options(anonymous, path):
    answer = anonymous.options(path)
    assert answer.status == 204, answer
    assert answer.body == b""
    assert PATHS[path] <= methods(answer)


@pytest.mark.parametrize("path, method", [
    (path, method) for path in PATHS
    for method in ("PATCH", "PROPFIND", "GET", "POST", "PUT", "DELETE") if method not in PATHS[path]])
def test_other_methods(client, path, method):
    allowed = methods(client.options(path))
    assert method not in allowed
    answer = client.call(method, path)
    assert answer.status == 405, answer
    assert methods(answer) == allowed


@pytest.mark.parametrize("path", ["/api/v1/admin/clients", "/hosting/api/client", "/api/there/is/nothing"])
def test_head_is_get_without_body(client, path):
    get, head = client.get(path), client.head(path)
    assert head.status == get.status
    assert head.body == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers.get("content-length", str(len(get.body))) == str(len(get.body))


@pytest.mark.parametrize("path, status", [
    ("/api/v1/admin/clients", 200),
    ("/api/v1/admin/clients/", 200),
    ("/api/v1/admin/clients//", 404),
    ("/api/v1//admin/clients", 404),
    ("//api/v1/admin/clients", 404),
    ("/API/V1/Admin/CLIENTS", 200),
    ("/api/v1/%61dmin/clients", 200),
    ("/api/v1/admin%2Fclients", 404),
    ("/api/v1/admin/clients?", 200),
    ("/api/v1/admin/clients?unknown=1&unknown=2", 200),
    ("/api/v1/admin/clients;x=1", 404),
    ("/api/v1/admin/clients.json", 404),
    ("/api/v1/admin", 404),
    ("/", 404),
    ("/HOSTING/API/CLIENT", 200),
    ("/hosting/api/client/", 200),
    ("/hosting//api/client", 404),
])
def test_spelling_of_paths(client, path, status):
    assert client.get(path).status == status


def test_escaped_slash_stays_in_its_segment(hosting):
    name = "a/b c"
    hosting.post("/hosting/api/client", "Client",
                 {"username": name, "password": "p", "emailAddress": "slash@example.org"})
    answer = hosting.get("/hosting/api/client/by-username/a%2Fb%20c")
    assert answer.status == 200, answer
    assert answer.value["username"] == name
    assert hosting.get("/hosting/api/client/by-username/a/b%20c").status == 404


@pytest.mark.parametrize("path", ["/hosting/api/client?unknown=1", "/hosting/api/client?apiKey=x&apiKey=y"])
def test_strict_families_name_the_parameter(client, path):
    answer = client.get(path)
    assert answer.status == 400, answer
    assert "unknown" in answer.text or "apiKey" in answer.text


def test_base_path(private_installation):
    running = private_installation(base_path="/registry")
    client = running.client(running.admin_key)
    assert client.get("/registry/api/v1/admin/clients").status == 200
    assert client.get("/Registry/api/v1/admin/clients/").status == 200
    assert client.get("/registry2/api/v1/admin/clients").status == 404
    assert client.get("/registryx/api/v1/admin/clients").status == 404
    created = client.post("/registry/hosting/api/client", {
        "username": "based", "password": "p", "emailAddress": "based@example.org"})
    assert created.status == 201, created
    assert created.headers["location"].endswith(f"/registry/hosting/api/client/{created.json()['id']}")


def test_request_id(anonymous):
    kept = anonymous.get("/api/x", headers={"X-Request-Id": "A-b_c.9"})
    assert kept.headers["x-request-id"] == "A-b_c.9"
    for bad in ("", "a b", "a" * 65, "a;b", 'a"b'):
        answer = anonymous.get("/api/x", headers={"X-Request-Id": bad})
        answer.request_id = answer.headers["x-request-id"]
        assert answer.request_id != bad and 1 <= len(answer.request_id) <= 64
        assert answer.log()
