"""The database itself: its pages, its schema, and that every reference leads somewhere.

Called by ``storage.check.checking``. SQLite checks its own pages; PostgreSQL offers no such check
to an ordinary user, but tells of indexes and constraints that do not hold.
"""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, exists, inspect, not_, select, text

from storage.check.finding import Report
from storage.schema import Table as Mapped

_RESTORE = "restore the database from a backup (`jiedu restore`)"
_SHOWN = 100  # dangling references of one key, as examples


def check_database(connection: Connection, report: Report) -> None:
    """Integrity, schema, foreign keys."""
    if connection.dialect.name == "sqlite":
        for (line,) in connection.execute(text(f"PRAGMA integrity_check({_SHOWN})")):
            if line != "ok":
                report.add("error", line, "integrity_check", _RESTORE)
    else:
        _check_catalogue(connection, report)
    _check_schema(connection, report)
    for table in Mapped.metadata.sorted_tables:
        _check_references(connection, table, report)


def _check_catalogue(connection: Connection, report: Report) -> None:
    invalid = (
        "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
        " WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace"
    )
    for (name,) in connection.execute(text(invalid)):
        report.add("error", "the index is not valid", name, f"REINDEX INDEX {name}")
    unchecked = (
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE NOT convalidated AND connamespace = current_schema()::regnamespace"
    )
    for table, name in connection.execute(text(unchecked)):
        advice = f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
        report.add("error", "the constraint was never checked", f"{table}: {name}", advice)


def _check_schema(connection: Connection, report: Report) -> None:
    """Tables, columns, keys and indexes are those of this release; more are left alone."""
    inspector = inspect(connection)
    columns, all_indexes = inspector.get_multi_columns(), inspector.get_multi_indexes()
    uniques, references = (
        inspector.get_multi_unique_constraints(),
        inspector.get_multi_foreign_keys(),
    )
    for table in Mapped.metadata.sorted_tables:
        report.checked["tables"] += 1
        place = (None, table.name)
        if place not in columns:
            report.add("error", "the table is missing", table.name, _RESTORE)
            continue
        found = {column["name"] for column in columns[place]}
        missing = [f"column {column.name}" for column in table.columns if column.name not in found]
        indexes = {index["name"] for index in all_indexes[place]}
        indexes |= {key["name"] for key in uniques[place]}
        wanted = {str(index.name) for index in table.indexes}
        wanted |= {str(key.name) for key in table.constraints if _is_unique(key)}
        missing += [f"index {name}" for name in sorted(wanted - indexes)]
        keys = {tuple(key["constrained_columns"]) for key in references[place]}
        missing += [
            f"foreign key of {', '.join(key.column_keys)}"
            for key in table.foreign_key_constraints
            if tuple(key.column_keys) not in keys
        ]
        for name in missing:
            report.add("error", f"its {name} is missing", table.name, _RESTORE)


def _is_unique(constraint: object) -> bool:
    return type(constraint).__name__ == "UniqueConstraint"


def _check_references(connection: Connection, table: Table, report: Report) -> None:
    for column, target, query in _dangling(table):
        for row in connection.execute(query):
            number = ", ".join(str(part) for part in row[:-1])
            report.add(
                "error",
                f"{column} {row.reference} is in no row of {target}",
                f"{table.name} {number}",
                _RESTORE,
            )


@cache
def _dangling(table: Table) -> list[tuple[str, str, Select[Any]]]:
    """For each reference of a table its column, where it leads, and a query for what does not."""
    found: list[tuple[str, str, Select[Any]]] = []
    for key in table.foreign_key_constraints:
        (element,) = key.elements
        column, target = element.parent, element.column.table.alias("target")
        is_there = exists().where(target.c[element.column.name] == column)
        query = select(*table.primary_key.columns, column.label("reference"))
        query = query.where(column.is_not(None), not_(is_there)).limit(_SHOWN)
        found.append((column.name, element.column.table.name, query))
    return found
