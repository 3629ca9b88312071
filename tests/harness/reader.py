"""Somebody who follows the documentation literally: types each of their examples into a shell beside a fresh installation."""

import re
import shlex
import shutil
import subprocess
import time

from .doc_examples import commands, is_complete, squeezed, template
from .installation import TOP
from .revocations import NODE_SECONDS
from .waiting import LONG

# What a document writes for things that have another address here.
ADDRESSES = ("http://127.0.0.1:8080", "https://localhost", "https://registry.example.org")
BACKUPS = "/var/backups/clientele"
INSTALLED_EXAMPLES = "/usr/share/doc/libclientele-verify-dev/examples"
CURL = """#!/bin/sh
exec {curl} --noproxy '*' --max-time 30 -w '%{{stderr}}HTTP %{{http_code}}\\n' "$@"
"""
CLIENTELE = """#!/bin/sh
exec {program} --config={configuration} "$@"
"""


class Typo(AssertionError):
    """An example that does not do what the document says."""


class Reader:
    def __init__(self, installation, folder):
        self.installation = installation
        self.folder = folder
        self.known = {}  # what a document writes for something that was made -> what was made
        self.shell = None
        self.first_tables = self.filled_tables()
        (folder / "bin").mkdir()
        (folder / "backups").mkdir()
        self.add_program("curl", CURL.format(curl=shutil.which("curl")))
        self.add_program("clientele", CLIENTELE.format(program=installation.build / "clientele",
                                                       configuration=installation.state / "clientele.conf"))

    def add_program(self, name, text):
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def filled_tables(self):
        """Tables that hold a row."""
        names = [row[0] for row in self.installation.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'clientele' AND "
            "table_type = 'BASE TABLE'")]
        rows = self.installation.sql(" UNION ALL ".join(f"SELECT '{name}', EXISTS (SELECT * FROM `{name}`)"
                                                        for name in names))
        return {name for name, filled in rows if filled == "1"}

    def leave_quickstart(self):
        """What quickstart leaves behind, as of its own administrator; returns the folder."""
        folder = self.folder / ".clientele"
        folder.mkdir(exist_ok=True)
        (folder / "admin.id").write_text(self.installation.create_user("quickstart", "Administrator") + "\n")
        (folder / "admin.key").write_text(self.installation.create_key("quickstart") + "\n")
        (folder / "group.id").write_text(self.installation.create_group("Of quickstart") + "\n")
        (folder / "clientele.conf").touch()
        return folder

    def begin(self):
        """Forgets all that a former document has led to: rows, variables, identifiers."""
        self.end()
        self.known = {}
        emptied = self.filled_tables() - self.first_tables
        self.installation.sql("SET foreign_key_checks = 0;" + "".join(f"TRUNCATE `{name}`;" for name in emptied))
        if "signing_key" in emptied:  # workers know them
            self.installation.sql("UPDATE revocation SET counter = counter + 1")
            time.sleep(NODE_SECONDS)
        environment = self.installation.environment()
        environment["PATH"] = f"{self.folder / 'bin'}:{environment['PATH']}"
        environment["URL"] = self.url
        self.shell = subprocess.Popen(["bash", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True, cwd=self.folder, env=environment)

    def end(self):
        if self.shell is not None:
            self.shell.communicate("exit\n", timeout=LONG)
            self.shell = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.installation.port}"

    def adapted(self, command):
        for address in ADDRESSES:
            command = command.replace(address, self.url)
        command = command.replace(BACKUPS, str(self.folder / "backups"))
        command = command.replace(INSTALLED_EXAMPLES, str(TOP / "examples"))
        for written, made in self.known.items():
            command = command.replace(written, made)
        return command

    def type(self, command):
        """What a command prints, to both streams, and its exit status. Variables stay for the next one."""
        out, err = self.folder / "out", self.folder / "err"
        out.write_text("")
        err.write_text("")
        self.shell.stdin.write(f"{{ {self.adapted(command)}\n}} >{shlex.quote(str(out))} 2>{shlex.quote(str(err))} "
                               "</dev/null; echo $?\n")
        self.shell.stdin.flush()
        status = self.shell.stdout.readline().strip()
        output = out.read_text(errors="replace")
        self.installation.secrets.note_text(output)
        return output, err.read_text(errors="replace"), int(status or 255)

    def run(self, example):
        """Types all of an example; raises Typo where something else comes out than the document says."""
        if example.language == "console":
            for command, expected in commands(example):
                self.check_output(example, command, expected, *self.type(command))
        else:
            for command in self.lines(example.text):
                self.check_success(example, command, *self.type(command))

    @staticmethod
    def lines(text):
        """The commands of a block, so that the first one that fails is named."""
        command = ""
        for line in text.splitlines():
            if not command and line.lstrip().startswith("#"):
                continue
            command += ("\n" if command else "") + line
            if is_complete(command):
                yield command
                command = ""
        if command.strip():
            yield command

    def check_success(self, example, command, output, errors, status):
        refused = [code for code in re.findall(r"^HTTP (\d+)$", errors, re.MULTILINE) if code >= "400"]
        if status != 0 or refused or "not found" in errors:
            raise Typo(f"{example.place}: {command}\n-> {status} {errors}{output}")

    def check_output(self, example, command, expected, output, errors, status):
        if re.search(r"^HTTP 000$", errors, re.MULTILINE) or (status != 0 and "curl" not in command):
            raise Typo(f"{example.place}: {command}\n-> {status} {errors}")
        if not expected.strip():
            return self.check_success(example, command, output, errors, status)
        if example.marker == "output varies":
            return None
        expression, made = template(expected)
        found = expression.fullmatch(squeezed(output))
        if found is None:
            raise Typo(f"{example.place}: {command}\n-> {output}\nbut the document says {expected}")
        for number, written in enumerate(made):
            self.known.setdefault(written, found.group(f"made{number}"))
        return None
