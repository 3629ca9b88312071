"""A mail server as a process: Debian's python3-aiosmtpd, keeping what it takes in a Maildir."""

import argparse
import asyncio
import ssl

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


class Keeper(Mailbox):
    """Says no to one recipient, one sender or all data, or takes its time; the words are those of real servers."""

    def __init__(self, folder, arguments):
        super().__init__(folder)
        self.refused = arguments.refuse
        self.sender = arguments.refuse_sender
        self.data = arguments.refuse_data
        self.delay = arguments.delay

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.data:
            return self.data
        await asyncio.sleep(self.delay)
        return await super().handle_DATA(server, session, envelope)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == self.refused:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--refuse")
    parser.add_argument("--refuse-sender")
    parser.add_argument("--refuse-data")
    parser.add_argument("--greeting")
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--tls", choices=("none", "starttls", "tls"), default="none")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    arguments = parser.parse_args()
    context = None
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)
    starttls = arguments.tls == "starttls"

    def authenticate(server, session, envelope, mechanism, data):
        good = (data.login.decode(), data.password.decode()) == (arguments.user, arguments.password)
        return AuthResult(success=good, handled=False)

    def factory():
        return SMTP(Keeper(arguments.folder, arguments), hostname="mail.test",
                    tls_context=context if starttls else None, require_starttls=starttls,
                    authenticator=authenticate if arguments.user else None,
                    auth_required=bool(arguments.user), auth_require_tls=arguments.tls == "starttls")

    async def send_away(reader, writer):
        """Greets with a refusal, as a server does that wants nothing from this address."""
        writer.write(arguments.greeting.encode() + b"\r\n")
        await writer.drain()
        writer.close()

    async def serve():
        if arguments.greeting:
            server = await asyncio.start_server(send_away, "127.0.0.1", arguments.port)
            await server.serve_forever()
        server = await asyncio.get_running_loop().create_server(
            factory, "127.0.0.1", arguments.port, ssl=context if arguments.tls == "tls" else None)
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
