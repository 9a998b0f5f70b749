"""Databases on the test run's PostgreSQL server: made, copied, emptied for the next test, dropped.

Called by ``conftest``. Copying a database takes ten times as long as emptying one.
"""

import itertools
import os

import psycopg
from psycopg import Connection

_numbers = itertools.count(1)
_SCHEMA = "'public'::regnamespace"
# All that a test may have changed but rows: tables, columns, constraints, indexes, functions, and
# the schema's number, which is a row that emptying leaves alone.
_SHAPE = f"""
SELECT md5(string_agg(part, E'\\n' ORDER BY part)) FROM (
  SELECT format('%s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod),
    attnotnull)
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  WHERE relnamespace = {_SCHEMA} AND attnum > 0 AND relkind <> 'i'
  UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace = {_SCHEMA}
  UNION ALL SELECT pg_get_indexdef(indexrelid) || indisvalid
  FROM pg_index JOIN pg_class ON oid = indexrelid
  WHERE relnamespace = {_SCHEMA}
  UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = {_SCHEMA}
  UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'
  UNION ALL SELECT setconfig::text FROM pg_db_role_setting
  WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT version_num FROM alembic_version
) AS parts (part)
"""
_FILLED = f"""
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = {_SCHEMA}
AND pg_relation_size(oid) > 0 AND relname <> 'alembic_version'
"""
_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def new_database(server: str, *, template: str = "template1") -> str:
    """Create a database on the server, empty or a copy; its URL."""
    name = f"jiedu_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY WAL_LOG'.encode()
        )
    head, _, query = server.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def drop_database(server: str, url: str) -> None:
    """Remove a database, whoever may still be connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{database_name(url)}" WITH (FORCE)'.encode())


def database_name(url: str) -> str:
    """The last part of a PostgreSQL URL."""
    return url.partition("?")[0].rpartition("/")[2]


def shape_of(url: str) -> str | None:
    """A digest of an archive's schema; ``None`` when it is none any more."""
    try:
        with psycopg.connect(url) as connection:
            return _shape(connection)
    except psycopg.Error:
        return None


def empty(url: str, shape: str) -> bool:
    """Make an archive as good as new, whoever may still be connected; false if it cannot be.

    ``shape`` is that of a new one: what a test did to the schema is not undone.
    """
    try:
        with psycopg.connect(url) as connection:
            connection.execute(_OTHERS)
            connection.commit()  # the rows of those just ended are seen
            if _shape(connection) != shape:
                return False
            connection.execute("SET session_replication_role = replica")  # no foreign keys
            for (table,) in connection.execute(_FILLED).fetchall():
                connection.execute(f'DELETE FROM "{table}"'.encode())
            connection.execute("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")
    except psycopg.Error:
        return False
    return True


def _shape(connection: Connection[tuple[str]]) -> str:
    row = connection.execute(_SHAPE.encode()).fetchone()
    assert row is not None
    return row[0]
