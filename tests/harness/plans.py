"""How the database carries out what a request asks of it."""

import contextlib

# Of a table that is read whole, or an order that no index has.
WHOLE = ("ALL", "index")


@contextlib.contextmanager
def statements(installation):
    """The statements that programs prepare and run meanwhile, with their values, as the database has logged them."""
    sent = []
    installation.sql("SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = 1")
    try:
        yield sent
    finally:
        installation.sql("SET GLOBAL general_log = 0")
        rows = installation.sql("SELECT HEX(argument) FROM mysql.general_log WHERE command_type = 'Execute' ORDER BY "
                                "event_time")
        sent += [bytes.fromhex(row[0]).decode("utf-8", "replace") for row in rows]


def explain(installation, statement):
    """Rows of EXPLAIN: id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra."""
    if " FOR SELECT " in statement:
        statement = statement[statement.index(" FOR SELECT ") + len(" FOR "):]
    return installation.sql(f"EXPLAIN {statement}")
