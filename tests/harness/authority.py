"""A certificate authority, made with openssl, and certificates of its own for clients."""

import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """In a folder: a certificate and its key, and those that it has issued."""

    def __init__(self, folder, name="Test CA", certificate=None, key=None):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.certificate, self.key = certificate or folder / "ca.pem", key or folder / "ca.key"
        if certificate is None:
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 3,
                    "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.certificate)

    def issue(self, name, days=2):
        """(certificate, key) of a client; one of minus days has expired."""
        key, request, made = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/O=ACME/CN={name}",
                "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", days,
                "-out", made)
        return made, key


def thumbprints(certificate):
    """SHA-1 and SHA-256 of a certificate's DER form, upper-case digits."""
    found = []
    for digest in ("-sha1", "-sha256"):
        text = subprocess.run(["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", digest], check=True,
                              capture_output=True, text=True).stdout
        found.append(text.partition("=")[2].strip().replace(":", ""))
    return found
