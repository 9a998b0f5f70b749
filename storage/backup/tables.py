"""Rows from one database into another, whatever kind each of them is.

Called by backups of PostgreSQL archives and by restores; both sides have this release's schema.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import JSON, Connection, Insert, Table, bindparam, func, insert, select, text

from storage.derived import SearchEntryRow
from storage.indexing import index_missing
from storage.schema import LeaseRow
from storage.schema import Table as Mapped

_ROWS = 500  # rows in memory at once
# Leases say which process works on that database, not on a copy; the index is made anew.
_LEFT_OUT = (LeaseRow.__tablename__, SearchEntryRow.__tablename__)


def archive_tables() -> list[Table]:
    """All tables, each behind those it refers to."""
    return [table for table in Mapped.metadata.sorted_tables if table.name not in _LEFT_OUT]


def copy_tables(
    source: Connection, target: Connection, tell: Callable[[str], None] = lambda name: None
) -> None:
    """Copy every row; ``target`` is empty, and its numbering goes on behind the copied rows."""
    for table in archive_tables():
        tell(table.name)
        query = select(table).order_by(*table.primary_key.columns)
        rows = source.execute(query.execution_options(yield_per=_ROWS))
        for batch in rows.partitions(_ROWS):
            target.execute(_insert(table), [_values(table, row) for row in batch])
        if target.dialect.name == "postgresql" and "id" in table.columns:
            _restart_numbers(target, table.name)
    tell("search index")
    index_missing(target)


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in archive_tables()
    }


def schema_revision(connection: Connection) -> str:
    """The schema's number, as migrations keep it."""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def _insert(table: Table) -> Insert:
    """An insert whose absent JSON stays absent; SQLAlchemy would store JSON's own null."""
    return insert(table).values(
        {
            column.name: bindparam(
                f"new_{column.name}",
                type_=JSON(none_as_null=True) if isinstance(column.type, JSON) else column.type,
            )
            for column in table.columns
        }
    )


def _values(table: Table, row: Iterable[Any]) -> dict[str, Any]:
    names = (f"new_{column.name}" for column in table.columns)
    return dict(zip(names, row, strict=True))


def _restart_numbers(connection: Connection, table: str) -> None:
    sequence = f"pg_get_serial_sequence('{table}', 'id')"
    last = f"SELECT coalesce(max(id), 1), count(*) > 0 FROM {table}"
    connection.execute(text(f"SELECT setval({sequence}, l.n, l.f) FROM ({last}) AS l(n, f)"))
