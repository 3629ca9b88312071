"""Rows that a test holds, so that requests stop where they want them, and go on in the order in which they came."""

import concurrent.futures
import contextlib
import subprocess

from .installation import LONG, wait_until

# The tables of transactions are answered from a cache that being asked often keeps old.
WAITING = ("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS "
           "WHERE VARIABLE_NAME = 'Innodb_row_lock_current_waits'")


class Connection:
    """A connection to the database that stays open from statement to statement."""

    def __init__(self, installation):
        self.process = subprocess.Popen(
            ["mariadb", "--no-defaults", "--batch", "--skip-column-names", "--unbuffered", "--binary-as-hex", "-uroot",
             "-S", installation.database_socket, "clientele"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, statement):
        """Rows of a statement, as lists of text."""
        self.process.stdin.write(f"{statement};\nSELECT 'end of rows';\n")
        self.process.stdin.flush()
        rows = []
        for line in self.process.stdout:
            if line == "end of rows\n":
                return rows
            rows.append(line.rstrip("\n").split("\t"))
        raise AssertionError(f"the database refused: {statement}")

    def close(self):
        self.process.stdin.close()
        self.process.wait(LONG)
        self.process.stdout.close()


@contextlib.contextmanager
def connected(installation):
    connection = Connection(installation)
    try:
        yield connection
    finally:
        connection.close()


def in_turn(holder, rows, *steps):
    """Calls `steps` while `holder` has `rows` locked, each once the one before waits for a row, and then lets go of
    them; the database serves who waits in that order. Returns what the steps return."""
    with concurrent.futures.ThreadPoolExecutor(len(steps)) as pool:
        holder.run(f"BEGIN; SELECT 1 FROM {rows} FOR UPDATE")
        begun = []
        try:
            for step in steps:
                begun.append(pool.submit(step))
                wait_until(lambda: int(holder.run(WAITING)[0][0]) == len(begun) or begun[-1].done(),
                           f"wait of {len(begun)} requests for {rows}")
                assert not begun[-1].done(), f"{step} did not stop at {rows}: {begun[-1].result()}"
        finally:
            holder.run("ROLLBACK")
        return [future.result(LONG) for future in begun]
