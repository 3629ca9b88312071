"""Password hashes as ASP.NET Core Identity makes them."""

import base64
import hashlib
import os
import struct


def identity_hash(password, iterations=100000, prf=2):
    """One of version 3: PBKDF2 with SHA-512, 16 bytes of salt and 32 of key."""
    digest = ("sha1", "sha256", "sha512")[prf]
    salt = os.urandom(16)
    key = hashlib.pbkdf2_hmac(digest, password.encode(), salt, iterations, 32)
    return base64.b64encode(b"\1" + struct.pack(">III", prf, iterations, len(salt)) + salt + key).decode()
