"""Random tests: a fixed small number of cases, as many as CLIENTELE_TEST_CASES says, from a seed that is printed."""

import os
import random


def cases(default):
    """How many cases to run."""
    return int(os.environ.get("CLIENTELE_TEST_CASES", default))


def seed():
    """CLIENTELE_TEST_SEED, or one that is new each time; pytest shows it beside a failure."""
    number = int(os.environ.get("CLIENTELE_TEST_SEED", random.randrange(1 << 32)))
    print(f"CLIENTELE_TEST_SEED={number}")
    return number
