"""Mail from the API to a real mail server, which may be away, refuse, or want TLS and a password."""

import base64
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from harness.installation import LONG, alive, wait_until
from harness.mail import MailServer, available, make_certificate

pytestmark = pytest.mark.skipif(not available(), reason="needs python3-aiosmtpd")

SENDER = "registry@example.com"


@pytest.fixture
def mail_server(tmp_path):
    made = []

    def make(**options):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(MailServer(folder, **options).start())
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def installed(private_installation):
    def make(server, host="127.0.0.1", **options):
        options.setdefault("mail_tls", "none")
        return private_installation(mail_server=f"{host}:{server.port}", mail_from=SENDER, **options)

    return make


def send(running, **changes):
    body = {"to": [{"name": "Ada", "email": "ada@example.com"}], "subject": "Hello", "body": "Text",
            "isHtml": False, **changes}
    answer = running.client(running.admin_key).post("/v1/email/send", body)
    assert answer.status == 200, answer
    return answer.json()


WORDS = {"waiting": "queued", "done": "sent", "dead": "failed"}


def outbox(running):
    rows = running.sql("SELECT state, attempts, COALESCE(last_error, '') FROM queue_item ORDER BY id")
    return [(WORDS[state], int(attempts), error) for state, attempts, error in rows]


def told(running):
    """The same as the API tells it."""
    rows = running.client(running.admin_key).get("/v1/emails?sort=id").json()["emails"]
    return [(row["status"], row["attempts"], row["error"] or "") for row in rows]


def settled(running, count=1):
    wait_until(lambda: len(outbox(running)) == count and
               all(row[0] != "queued" for row in outbox(running)), "end of the deliveries")
    assert told(running) == outbox(running)
    return outbox(running)


def mailer(running):
    """Process number of the mailer: the child that has no listening socket."""
    for pid in running.workers():
        folder = pathlib.Path(f"/proc/{pid}/fd")
        if listener(running) not in [os.readlink(path) for path in folder.iterdir()]:
            return pid
    return None


def listener(running):
    """The listening socket as /proc names it."""
    for line in open("/proc/net/unix"):
        words = line.split()
        if words[-1] == str(running.socket):
            return f"socket:[{words[6]}]"
    raise AssertionError("no listening socket")


def test_content(mail_server, installed):
    """Names, subject, text and attachments arrive as they were sent."""
    server = mail_server()
    running = installed(server)
    files = {"a b.txt": b"plain\n", "Lizenz-ä€.bin": bytes(range(256)) * 40, "empty": b""}
    text = "Zeile 1\nZeile 2 – grüße\n.\n..\nFrom here\n" + "x" * 3000 + "\n"
    changed = running.client(running.admin_key).put("/v1/settings", {"settings": [
        {"group": "mail", "name": "senderName", "value": "Régistre"},
        {"group": "mail", "name": "replyTo", "value": "sales@example.com"}]})
    assert changed.status == 200, changed
    subject = "Lizenz – " + "sehr lang " * 20
    send(running, subject=subject, body=text,
         to=[{"name": "Ada \"Countess\" Lovelace", "email": "ada@example.com"},
             {"name": "Zoë", "email": "zoe@example.com"}, {"email": "ADA@example.com"}],
         attachments=[{"fileName": name, "content": base64.b64encode(data).decode(),
                       "contentType": "text/plain" if name.endswith("txt") else None}
                      for name, data in files.items()])
    messages = server.wait(2)
    assert {message["X-RcptTo"] for message in messages} == {"ada@example.com", "zoe@example.com"}
    for message in messages:
        assert message["X-MailFrom"] == SENDER
        assert message["From"] == f"Régistre <{SENDER}>"
        assert message["Reply-To"] == "sales@example.com"
        assert [(a.display_name, a.addr_spec) for a in message["To"].addresses] == [
            ('Ada "Countess" Lovelace', "ada@example.com"), ("Zoë", "zoe@example.com")]
        assert message["Subject"].strip() == subject.strip()
        assert message["Message-ID"].endswith("@example.com>")
        assert message["Date"].datetime
        body, *attachments = message.iter_parts()
        assert body.get_content_type() == "text/plain"
        assert body.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
        assert {part.get_filename(): part.get_payload(decode=True) for part in attachments} == files
        assert attachments[0].get_content_type() == "text/plain"
        assert attachments[1].get_content_type() == "application/octet-stream"
    assert messages[0]["Message-ID"] == messages[1]["Message-ID"]
    assert [row[0] for row in settled(running, 2)] == ["sent", "sent"]


def test_html(mail_server, installed):
    server = mail_server()
    running = installed(server)
    send(running, body="<p>Grüße</p>", isHtml=True)
    message, = server.wait(1)
    part, = message.iter_parts()
    assert part.get_content_type() == "text/html"
    assert part.get_content().strip() == "<p>Grüße</p>"


def test_international_addresses(mail_server, installed):
    """To the server all domains are ASCII, whatever they are in options, settings and bodies."""
    server = mail_server()
    running = installed(server)
    running.stop_pool()
    running.options["mail_from"] = "registry@MÜNCHEN.example"
    running.start_pool()
    running.wait_ready()
    changed = running.client(running.admin_key).put("/v1/settings", {"settings": [
        {"group": "mail", "name": "replyTo", "value": "sales@münchen.example"}]})
    assert changed.status == 200, changed
    send(running, to=[{"name": "Zoë", "email": "zoe@bücher.example"}])
    message, = server.wait(1)
    assert message["X-MailFrom"] == "registry@xn--mnchen-3ya.example"
    assert message["X-RcptTo"] == "zoe@xn--bcher-kva.example"
    assert message["From"] == "registry@xn--mnchen-3ya.example"
    assert message["Reply-To"] == "sales@xn--mnchen-3ya.example"
    assert [one.addr_spec for one in message["To"].addresses] == ["zoe@xn--bcher-kva.example"]
    assert message["Message-ID"].endswith("@xn--mnchen-3ya.example>")


def test_license_mail(mail_server, installed):
    """Placeholders are filled, escaped in HTML; the license goes along."""
    server = mail_server()
    running = installed(server)
    client = running.client(running.admin_key)
    resource = client.post("/v1/resources", {"resource": {
        "name": "mail", "type": "email", "dataFormat": "HTML",
        "data": "<p>Dear {{licensee.name}}, {{ license.userKey }} for {{product.name}} until "
                "{{license.expireDate}}{{order.orderNumber}}</p>"}}).json()["resourceId"]
    key = "<Licenses><License Id=\"1\"/></Licenses>\n"
    answer = client.post("/v1/licenses", {"license": {
        "licenseId": "lic1", "userKey": "KEY-1", "licenseKey": key, "expireDate": "2031-05-06T07:08:09Z",
        "licenseeEmail": "ada@example.com", "licensee": {"name": "<Ada> & Co"},
        "product": {"id": "P1", "name": "Engine"}}})
    assert answer.status == 200, answer
    sent = client.post("/v1/email/license", {"licenseId": answer.json()["id"] if "id" in answer.json()
                                             else int(running.sql("SELECT MAX(id) FROM license")[0][0]),
                                             "resourceId": resource})
    assert sent.status == 200, sent
    message, = server.wait(1)
    body, attachment = message.iter_parts()
    assert message["Subject"] == "Your license lic1"
    assert message["X-RcptTo"] == "ada@example.com"
    assert body.get_content().strip() == \
        "<p>Dear &lt;Ada&gt; &amp; Co, KEY-1 for Engine until 2031-05-06</p>"
    assert attachment.get_filename() == "lic1.licenses"
    assert attachment.get_payload(decode=True).decode() == key


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_tls_and_password(mail_server, installed, tmp_path, tls):
    certificate, key = make_certificate(tmp_path)
    server = mail_server(tls=tls, certificate=certificate, key=key, user="registry", password="s3cret ü")
    secret = tmp_path / "password"
    secret.write_text("s3cret ü\n")
    running = installed(server, host="localhost", mail_tls=tls, mail_ca_file=str(certificate),
                        mail_user="registry", mail_password_file=str(secret))
    send(running)
    message, = server.wait(1)
    assert message["Subject"] == "Hello"


@pytest.mark.parametrize("fault", ["certificate", "name", "password"])
def test_no_trust_no_mail(mail_server, installed, tmp_path, fault):
    """A wrong certificate or password: the mail waits, with the reason."""
    certificate, key = make_certificate(tmp_path, "elsewhere.test" if fault == "name" else "localhost")
    server = mail_server(tls="starttls", certificate=certificate, key=key, user="registry", password="right")
    options = {} if fault == "certificate" else {"mail_ca_file": str(certificate)}
    running = installed(server, host="localhost", mail_tls="starttls", mail_user="registry",
                        mail_password="wrong", **options)
    send(running)
    wait_until(lambda: outbox(running)[0][1] > 0 and outbox(running)[0][2], "a first attempt")
    status, _, error = outbox(running)[0]
    assert status == "queued"
    assert ("certificate" if fault != "password" else "Login denied") in error
    assert server.messages() == []


def test_plain_server_where_tls_is_wanted(mail_server, installed):
    server = mail_server()
    running = installed(server, mail_tls="starttls")
    send(running)
    wait_until(lambda: outbox(running)[0][2], "a first attempt")
    assert outbox(running)[0][0] == "queued"
    assert server.messages() == []


def test_server_down_then_up(mail_server, installed):
    """What was asked for while the server was away is delivered once, and no request waited."""
    server = mail_server()
    running = installed(server)
    server.stop()
    started = time.monotonic()
    for number in range(5):
        send(running, subject=f"Mail {number}")
    assert time.monotonic() - started < 20  # of some milliseconds where nobody waits
    wait_until(lambda: all(row[1] > 0 and row[2] for row in outbox(running)), "first attempts")
    server.start()
    messages = server.wait(5)
    assert sorted(message["Subject"] for message in messages) == [f"Mail {number}" for number in range(5)]
    assert [row[0] for row in settled(running, 5)] == ["sent"] * 5
    time.sleep(0.5)  # all rows are sent; one more mail would be on its way by now
    assert len(server.messages()) == 5


def test_refused_recipient(mail_server, installed):
    """A recipient that the server does not know fails at once, the others get their mail."""
    server = mail_server(refuse="nobody@example.com")
    running = installed(server)
    send(running, to=[{"email": "nobody@example.com"}, {"email": "ada@example.com"}])
    message, = server.wait(1)
    assert message["X-RcptTo"] == "ada@example.com"
    rows = settled(running, 2)
    assert [row[0] for row in rows] == ["failed", "sent"]
    assert "No such user here" in rows[0][2]
    entries = running.client(running.admin_key).get("/v1/log?filter=level=\"Error\"").json()["logEntries"]
    assert len(entries) == 1 and "No such user" in entries[0]["exception"]


def test_attempts_end(mail_server, installed):
    server = mail_server()
    running = installed(server, mail_retries=0)
    server.stop()
    send(running)
    assert settled(running)[0][:2] == ("failed", 1)


def test_killed_mailer_returns(mail_server, installed):
    server = mail_server()
    running = installed(server)
    send(running)
    server.wait(1)
    pid = wait_until(lambda: mailer(running), "mailer")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not alive(pid), "its end")
    send(running, subject="Again")
    assert [message["Subject"] for message in server.wait(2)] == ["Hello", "Again"]


def test_two_pools_send_once(mail_server, installed, private_installation):
    """Two mailers on one outbox: each mail leaves once."""
    server = mail_server()
    running = installed(server)
    environment = {**running.environment(), "CLIENTELE_LISTEN": f"unix:{running.state}/run/second.sock",
                   "CLIENTELE_RUNTIME_DIRECTORY": str(running.state / "run2"), "CLIENTELE_WORKERS": "1"}
    pool = subprocess.Popen([str(running.build / "clienteled"), running.configuration()], env=environment,
                            stdin=subprocess.DEVNULL, cwd=running.state, start_new_session=True)
    try:
        for number in range(40):
            send(running, subject=f"Mail {number}")
        messages = server.wait(40)
        assert len({message["Subject"] for message in messages}) == 40
    finally:
        pool.send_signal(signal.SIGTERM)
        pool.wait(LONG)


def test_reload_takes_another_server(mail_server, installed):
    first, second = mail_server(), mail_server()
    running = installed(first)
    send(running)
    first.wait(1)
    path = running.state / "clientele.conf"
    path.write_text(f"mail_server = 127.0.0.1:{second.port}\n")
    # The environment wins over the file, so the option moves there for this test.
    running.stop_pool()
    del running.options["mail_server"]
    running.start_pool()
    send(running, subject="Second")
    second.wait(1)
    path.write_text(f"mail_server = 127.0.0.1:{first.port}\n")
    old = wait_until(lambda: mailer(running), "mailer")
    running.pool.send_signal(signal.SIGHUP)
    wait_until(lambda: not alive(old), "end of the mailer that has read the file before")
    send(running, subject="Third")
    assert [message["Subject"] for message in first.wait(2)] == ["Hello", "Third"]


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM])
def test_leaving_waits_for_a_delivery(mail_server, installed, how):
    """A delivery may take longer than drain_timeout; whoever leaves ends it first, so that it is not sent twice."""
    server = mail_server(delay=3)
    running = installed(server, drain_timeout="1s")
    send(running)
    wait_until(lambda: outbox(running)[0][1] == 1, "the first attempt")
    running.pool.send_signal(how)
    server.wait(1)
    wait_until(lambda: outbox(running) == [("sent", 1, "")], "its result")
    assert "did not stop in time" not in running.log_file.read_text()
    if how == signal.SIGTERM:
        assert running.pool.wait(LONG) == 0


def test_no_server_configured(private_installation):
    """The mail waits, and the caller is told so."""
    running = private_installation()
    assert "mail_server" in send(running)["message"]
    assert outbox(running) == [("queued", 0, "")]


def test_database_away(mail_server, installed):
    """A database that restarts costs no mail and sends none twice."""
    server = mail_server()
    running = installed(server, database_durable=True)
    send(running)
    server.wait(1)
    running.kill_database()
    wait_until(lambda: running.client().get("/readyz").status == 503, "a pool without a database")
    running.start_database()
    running.wait_ready()
    send(running, subject="After")
    assert [message["Subject"] for message in server.wait(2)] == ["Hello", "After"]


def test_expire(mail_server, installed):
    server = mail_server()
    running = installed(server)
    send(running)
    server.wait(1)
    settled(running)
    running.sql("""UPDATE mail_message SET created_at = created_at - INTERVAL 40 DAY;
        UPDATE queue_item SET finished_at = finished_at - INTERVAL 40 DAY""")
    send(running, subject="New")
    server.wait(2)
    counted = json.loads(running.cli("expire", "--dry-run", "--json"))
    assert {row["what"]: row["rows"] for row in counted}["queue, mail sent"] == 1
    running.cli("expire")
    assert running.sql("SELECT subject FROM mail_message") == [["New"]]
    assert len(outbox(running)) == 1


@pytest.mark.parametrize("options, words", [
    ({"greeting": "554 5.7.1 No mail from your address"}, None),
    ({"greeting": "421 4.3.2 Shutting down"}, None),
    ({"refuse_sender": "550 5.1.8 Sender address refused"}, "Sender address refused"),
    ({"refuse_sender": "553 5.7.1 Not owned by you"}, "Not owned"),
    ({"refuse_sender": "451 4.7.1 Later"}, "Later"),
    ({"refuse_data": "451 4.7.1 Greylisted"}, "Greylisted"),
])
def test_what_is_not_about_the_mail_is_not_final(mail_server, installed, options, words):
    """The address of this machine, or the sender's, may be let in again; then all of it is delivered."""
    server = mail_server(**options)
    running = installed(server, mail_delay="1s", mail_delay_most="1s")
    send(running)
    wait_until(lambda: outbox(running)[0][1] >= 2, "a second attempt")
    status, _, error = outbox(running)[0]
    assert status == "queued" and (words or "") in error, error
    server.stop()
    server.options.clear()
    server.start()
    server.wait(1)
    assert settled(running)[0][0] == "sent"


@pytest.mark.parametrize("answer", ["550 5.7.1 Content refused", "554 5.6.0 Not this mail"])
def test_refused_data_is_final(mail_server, installed, answer):
    server = mail_server(refuse_data=answer)
    running = installed(server)
    send(running)
    status, attempts, error = settled(running)[0]
    assert (status, attempts) == ("failed", 1) and answer[10:] in error


def metrics(running):
    text = running.client().get("/metrics").text
    return {line.split()[0]: float(line.split()[1]) for line in text.splitlines()
            if line.startswith("clientele_mail_")}


def test_a_mail_that_kills_the_mailer(mail_server, installed):
    """Each attempt counts when it begins: after the last one the mail is given up, and can be put back."""
    server = mail_server(delay=60)
    running = installed(server, mail_retries=1, mail_delay="1s")
    send(running)
    for number in (1, 2):
        wait_until(lambda: outbox(running)[0][1] == number, f"attempt {number}")
        time.sleep(0.3)
        os.kill(wait_until(lambda: mailer(running), "mailer"), signal.SIGKILL)
        # Its lease ends, as it would minutes later.
        running.sql("UPDATE queue_item SET due_at = UTC_TIMESTAMP(6)")
    status, attempts, error = settled(running)[0]
    assert (status, attempts) == ("failed", 2 + 1) and "did not finish" in error
    wait_until(lambda: metrics(running)["clientele_mail_failed"] == 1, "the figure")
    [dead] = json.loads(running.cli("mail", "list", "--json"))
    assert dead["status"] == "failed" and dead["email"] == "ada@example.com" and "did not finish" in dead["lastError"]
    assert "No delivery" in running.cli("mail", "retry", dead["id"] + 7, check=False).stderr
    assert running.cli("mail", "retry", check=False).returncode == 1
    server.stop()
    server.options.clear()
    server.start()
    running.cli("mail", "retry", dead["id"])
    server.wait(1)
    assert settled(running)[0][0] == "sent"
    assert json.loads(running.cli("mail", "list", "--json")) == []
    wait_until(lambda: metrics(running)["clientele_mail_failed"] == 0, "the figure")
    assert metrics(running)["clientele_mail_sent_total"] == 1


def test_the_queue_of_all_kinds(mail_server, installed):
    """What the commands of mail show in words of mail, those of the queue show and change for every kind."""
    server = mail_server(refuse="nobody@example.com")
    running = installed(server)
    send(running, to=[{"email": "nobody@example.com"}, {"email": "ada@example.com"}])
    settled(running, 2)
    assert json.loads(running.cli("queue", "count", "--json")) [:1] == [
        {"kind": "mail", "waiting": 0, "done": 1, "dead": 1}]
    [dead] = json.loads(running.cli("queue", "list", "--json"))
    assert (dead["kind"], dead["state"], dead["title"], dead["attempts"]) == ("mail", "dead", "Hello", 1)
    assert "No such user" in dead["lastError"] and dead["dueAt"] is None and dead["finishedAt"]
    kind, actor, action, what, detail = running.sql(
        "SELECT actor_kind, actor_name, action, resource, detail FROM audit_entry ORDER BY id DESC LIMIT 1")[0]
    assert (kind, actor, action, what) == ("process", "mailer", "insert", "dead letter of mail") and "No such user" in detail
    [failed] = json.loads(running.cli("mail", "list", "--json"))
    assert (failed["id"], failed["email"], failed["subject"]) == (dead["id"], "nobody@example.com", "Hello")
    [done] = json.loads(running.cli("queue", "list", "--kind", "mail", "--state", "done", "--json"))
    assert done["id"] != dead["id"] and done["lastError"] is None
    for wrong in (["list", "--state", "failed"], ["list", "--kind", "pigeon"], ["replay"], ["replay", "x"],
                  ["replay", done["id"]], ["discard", "--all"], ["discard", "--yes", done["id"]]):
        assert running.cli("queue", *wrong, check=False).returncode != 0, wrong
    assert "1 item will be tried again" in running.cli("queue", "replay", dead["id"], check=False).stderr
    wait_until(lambda: [row[:2] for row in outbox(running)] == [("failed", 1), ("sent", 1)], "another attempt")
    assert "1 item deleted" in running.cli("queue", "discard", "--yes", "--all", check=False).stderr
    logged = running.sql("SELECT action, row_key, row_count, actor_kind FROM audit_entry WHERE resource = 'dead letter of mail' "
                         "ORDER BY id")
    given_up = ["insert", str(dead["id"]), "NULL", "process"]
    assert logged == [given_up, ["update", str(dead["id"]), "1", "command"], given_up, ["delete", "NULL", "1", "command"]]
    assert [row[0] for row in outbox(running)] == ["sent"]
    assert json.loads(running.cli("mail", "list", "--json")) == []
