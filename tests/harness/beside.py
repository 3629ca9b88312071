"""A further pool on the database of another installation, as a second machine has it."""

import shutil

from .installation import Installation


class Beside(Installation):
    """`beside` is the installation that made the schema; None for that one itself."""

    from_template = False

    def __init__(self, beside, **options):
        super().__init__(**options)
        self.beside = beside

    def create_schema(self):
        if self.beside is None:
            super().create_schema()
        else:  # all machines have the same key file
            shutil.copy2(self.beside.state / "clientele.key", self.state / "clientele.key")

    def create_administrator(self):
        if self.beside is None:
            super().create_administrator()
        else:
            self.admin_id, self.admin_key = self.beside.admin_id, self.beside.admin_key


class SecondPool(Beside):
    """With the first one's server."""

    def start_database(self):
        self.database_socket = self.beside.database_socket

    def stop_database(self):
        self.database_socket = None
