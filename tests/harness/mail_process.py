"""A mail server as a process: Debian's python3-aiosmtpd, keeping what it takes in a Maildir."""

import argparse
import asyncio
import ssl

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


class Keeper(Mailbox):
    def __init__(self, folder, refused):
        super().__init__(folder)
        self.refused = refused

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
        return SMTP(Keeper(arguments.folder, arguments.refuse), hostname="mail.test",
                    tls_context=context if starttls else None, require_starttls=starttls,
                    authenticator=authenticate if arguments.user else None,
                    auth_required=bool(arguments.user), auth_require_tls=arguments.tls == "starttls")

    async def serve():
        server = await asyncio.get_running_loop().create_server(
            factory, "127.0.0.1", arguments.port, ssl=context if arguments.tls == "tls" else None)
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
