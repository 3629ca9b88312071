"""A plugin of pytest for scripts/lib/steps.sh. Of each failed test it keeps what was wrong, short enough to be shown
whole, in a file of the folder CLIENTELE_TEST_FAILURES: the first line is the test's name. The file "again" names those
that may have a second try, where they are at most CLIENTELE_TEST_TRIES."""

import os
import pathlib
import re

LINES = 40      # of one test; the beginning says what was compared, the end what a program said last
FIRST_LINES = 12
COLUMNS = 400


def pytest_configure(config):
    # With several processes the one that deals the tests out hears of all of them.
    if not hasattr(config, "workerinput"):
        folder = pathlib.Path(os.environ["CLIENTELE_TEST_FAILURES"])
        config.pluginmanager.register(Failures(config, folder, int(os.environ["CLIENTELE_TEST_TRIES"])))


def reason(report):
    """The lines that pytest marks as the error, and where it was; all lines where none is marked."""
    lines = report.longreprtext.splitlines()
    marked = [line for line in lines[:-1] if re.match(r"E\s|E$", line)]
    lines = [*marked, lines[-1]] if marked else lines
    if len(lines) > LINES:
        last = LINES - FIRST_LINES - 1
        lines[FIRST_LINES:-last] = [f"... ({len(lines) - LINES + 1} more lines)"]
    return [line if len(line) <= COLUMNS else f"{line[:COLUMNS]} ..." for line in lines]


class Failures:
    def __init__(self, config, folder, tries):
        self.config = config
        self.folder = folder
        self.tries = tries
        self.found = {}     # the lines of each test
        self.alone = True   # whether each can show by itself what was wrong

    def add(self, report, alone):
        # As pytest takes it on the command line.
        name = self.config.cwd_relative_nodeid(report.nodeid)
        self.found[name] = self.found.get(name, []) + reason(report)
        self.alone = self.alone and alone

    def pytest_collectreport(self, report):
        if report.failed:
            self.add(report, alone=False)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            # What ends with a test may have served many before it.
            self.add(report, alone=report.when != "teardown")

    def pytest_sessionfinish(self, exitstatus):
        files = []
        for number, (name, lines) in enumerate(self.found.items(), 1):
            files.append(f"{number:04}")
            (self.folder / files[-1]).write_text("".join([f"{name}\n", *(f"    {line}\n" for line in lines)]))
        if exitstatus == 1 and self.alone and 0 < len(files) <= self.tries:
            (self.folder / "again").write_text("".join(f"{name}\n" for name in files))
