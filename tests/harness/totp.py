"""Codes of an authenticator app (RFC 6238), as the standard library makes them."""

import base64
import hashlib
import hmac
import struct
import time


def code_of(secret, shift=0, moment=None):
    """The code of a base32 secret, so many steps of 30 seconds from now. One of a step that is over counts until the
    next ends: then there are some seconds left to send it."""
    while shift < 0 and moment is None and time.time() % 30 > 25:
        time.sleep(0.5)
    step = int(time.time() if moment is None else moment) // 30 + shift
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7fffffff) % 1000000:06}"


def wrong_code(secret):
    """A code that is none of those that may come soon."""
    soon = {code_of(secret, shift) for shift in range(-3, 30)}
    return next(code for code in (f"{number:06}" for number in range(100)) if code not in soon)
