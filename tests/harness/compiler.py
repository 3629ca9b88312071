"""Programs of vendors, built as they build them."""

import os
import subprocess

SANITIZED = ["-fsanitize=address,undefined"] if os.environ.get("CLIENTELE_TEST_SANITIZED") else []


def compile_program(folder, *arguments):
    """Path of a program of those sources and flags."""
    program = folder / "program"
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *SANITIZED, *map(str, arguments), "-o",
                    str(program)], check=True, timeout=120)
    return program
