"""How tests wait."""

import time

LONG = 120  # seconds, within which what comes at all has come, on a busy computer too


def wait_until(condition, what, seconds=LONG):
    """Calls condition until it is true; fails with `what` after so many seconds. Fewer of them are for what is promised
    to be faster."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)
