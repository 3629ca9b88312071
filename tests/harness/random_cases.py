"""
Random tests: a fixed small number of cases, or as many as CLIENTELE_TEST_CASES says, from a seed that is printed. By
default it is always the same one, so that a change is judged by what it changes; CLIENTELE_TEST_SEED=random looks further.
"""

import os
import random


def cases(default):
    """How many cases to run."""
    return int(os.environ.get("CLIENTELE_TEST_CASES", default))


def seed():
    """CLIENTELE_TEST_SEED, or a new one where that is "random"; pytest shows it beside a failure."""
    chosen = os.environ.get("CLIENTELE_TEST_SEED", "1")
    number = random.randrange(1 << 32) if chosen == "random" else int(chosen)
    print(f"CLIENTELE_TEST_SEED={number}")
    return number
