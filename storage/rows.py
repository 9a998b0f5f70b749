"""What every table of the archive has in common: numbers a row can have, and keys that are taken.

Called throughout ``storage``.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from storage.schema import Table


def is_row_id(number: int) -> bool:
    """Whether a row can have this number; a database takes no larger integer, not even to look."""
    return 0 < number < 2**63


MOST_ROWS = 2**31 - 1  # that anybody asks for; a database takes no number beyond its integers


def row_id(which: str | int) -> int | None:
    """The number of a row that a user names, 0 for one that no row can have; ``None`` for a text.

    A number of numpy or pandas is one too.
    """
    if isinstance(which, str):
        if not (which.isascii() and which.isdecimal()):
            return None
        # Longer ones are no row's, and Python reads no thousands of digits.
        which = which.lstrip("0")[:20] or "0"
    number = int(which)
    return number if is_row_id(number) else 0


def insert_new(connection: Connection, table: type[Table], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, leaving those alone whose unique key is already there."""
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
