"""Engines and schema: everything between an archive's URL and a usable connection.

Called by ``Archive.open``; nothing else opens a database.
"""

import logging
import os
import sqlite3
import time
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from storage.address import hide_password
from storage.clock import begin_recording
from storage.errors import ArchiveNotFound, ArchiveUnusable, SchemaOutOfDate
from storage.indexing import index_missing
from storage.reprint_links import link_missing
from storage.transaction import reason, writing

logger = logging.getLogger(__name__)

LOCK_SECONDS = 60  # how long a writer waits for another process's transaction on SQLite
CONNECT_SECONDS = 10  # how long a PostgreSQL server may take to answer
_MIGRATION_LOCK = 0x6A696564  # "jied": PostgreSQL advisory lock held while migrating
_VERSION_TABLE = "alembic_version"
_MARK = "captures"  # a table every archive has, whatever its revision


def connect(url: URL, *, create: bool) -> Engine:
    """An engine whose archive exists with this release's schema.

    With ``create`` the archive is created or upgraded. Raises ``ArchiveNotFound``,
    ``SchemaOutOfDate`` or ``ArchiveUnusable``.
    """
    name = hide_password(url)
    engine: Engine | None = None
    try:
        is_sqlite = url.get_backend_name() == "sqlite"
        engine = _sqlite(url, create=create) if is_sqlite else _postgresql(url)
        if create:
            _migrate(engine, name)
        with engine.connect() as connection:
            _require_current(connection, name)
    except BaseException as error:
        if engine is not None:
            engine.dispose()
        if isinstance(error, (DBAPIError, sqlite3.Error)):
            raise ArchiveUnusable(f"cannot use the archive {name}: {reason(error)}") from error
        if isinstance(error, (ArgumentError, NoSuchModuleError, OSError)):
            raise ArchiveUnusable(f"cannot use the archive {name}: {error}") from error
        raise
    return engine


_BY_KEY = "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)"


def _postgresql(url: URL) -> Engine:
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    # The version chain is locked row by row, which READ COMMITTED needs and stricter levels retry.
    engine = create_engine(
        url, pool_pre_ping=True, isolation_level="READ COMMITTED", connect_args=arguments
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        begin_recording(connection)
        # Who writes looks rows up by key. A plan is kept for as long as a table has no new
        # statistics: one made while it was nearly empty would read it whole ever after.
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql(_BY_KEY)

    return engine


def _sqlite(url: URL, *, create: bool) -> Engine:
    path = Path(url.database or "")
    if create:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveUnusable(
                f"cannot create the folder {path.parent}: {error.strerror};"
                " make it writable or set ARCHIVE_URL to another place"
            ) from error
    elif not path.is_file():
        raise ArchiveNotFound(
            f"no archive at {path}; a crawl or `jiedu migrate` creates one,"
            " ARCHIVE_URL or --archive names another"
        )
    if create or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return _prepared(create_engine(url, connect_args={"timeout": LOCK_SECONDS}))

    def open_read_only() -> sqlite3.Connection:
        return sqlite3.connect(
            _read_only_uri(path), uri=True, timeout=LOCK_SECONDS, check_same_thread=False
        )

    # A connection for each reading: a crawl may begin and end while the archive stays open.
    return _prepared(create_engine(url, creator=open_read_only, poolclass=NullPool))


def _read_only_uri(path: Path) -> str:
    """The file as someone opens it who must not write in its folder.

    In WAL mode even a reader needs the log and its index beside the database. Where a crawl has
    them open they are shared; where they do not exist and cannot be made, ``immutable`` reads the
    file as it stands (sqlite.org/wal.html, "Read-Only Databases").
    """
    log, index = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if os.access(log, os.R_OK) and os.access(index, os.R_OK):
        return f"{path.as_uri()}?mode=ro"
    if log.exists() and log.stat().st_size:
        logger.warning(
            "%s is read-only and a crawl has not yet merged %s: its newest rows are not shown",
            path,
            log.name,
        )
    return f"{path.as_uri()}?mode=ro&immutable=1"


def _prepared(engine: Engine) -> Engine:
    """SQLAlchemy begins transactions itself, so that writers can begin IMMEDIATE."""

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None
        dbapi_connection.execute("PRAGMA foreign_keys=ON")
        # What tells copies of an article lies on some thirty pages, different ones for each: a
        # longer log (16 MB) has several articles share the way back into the database.
        dbapi_connection.execute("PRAGMA wal_autocheckpoint=4000")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        begin_recording(connection)
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _migrate(engine: Engine, name: str) -> None:
    if engine.dialect.name == "sqlite":
        _keep_log(engine)
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            if connection.scalar(text("SHOW server_encoding")) != "UTF8":
                raise ArchiveUnusable(
                    f"{name} cannot hold Chinese text; create it with ENCODING 'UTF8'"
                )
        if _state(connection) in ("empty", "older"):
            from storage.migrating import upgrade  # only now: see there

            upgrade(connection)
            index_missing(connection)
            link_missing(connection)


def _keep_log(engine: Engine) -> None:
    """Let readers read while one process writes (sqlite.org/wal.html).

    SQLite refuses the change at once, without waiting, while another process makes it.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    with engine.connect() as connection:  # the journal mode cannot change in a transaction
        dbapi = connection.connection.dbapi_connection
        assert dbapi is not None
        while True:
            try:
                dbapi.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)


def _require_current(connection: Connection, name: str) -> None:
    state = _state(connection)
    if state == "current":
        return
    if state == "foreign":
        raise ArchiveUnusable(f"{name} is a database but not a Jiedu archive; name another one")
    if state == "empty":
        raise ArchiveNotFound(f"{name} is empty; a crawl or `jiedu migrate` makes it an archive")
    found = _revision(connection)
    if state == "newer":
        raise SchemaOutOfDate(
            f"{name} has schema {found}, newer than this release ({_head()}); upgrade Jiedu"
        )
    raise SchemaOutOfDate(
        f"{name} has schema {found}, this release needs {_head()}; run `jiedu migrate`"
    )


def _state(connection: Connection) -> Literal["empty", "foreign", "older", "current", "newer"]:
    tables = set(inspect(connection).get_table_names()) - {_VERSION_TABLE}
    revision = _revision(connection)
    if not tables and revision is None:
        return "empty"
    if _MARK not in tables or revision is None:
        return "foreign"
    if revision == _head():
        return "current"
    return "older" if revision in _known() else "newer"


def _revision(connection: Connection) -> str | None:
    """The number that migrations left in the database, if they ever ran."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    number: str | None = connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))
    return number


def _head() -> str:
    """This release's schema."""
    return max(_known())


@cache
def _known() -> frozenset[str]:
    """Every schema up to this release's: the numbers that the migrations' names begin with."""
    folder = Path(__file__).parent / "migrations" / "versions"
    return frozenset(path.name.partition("_")[0] for path in folder.glob("[0-9]*_*.py"))
