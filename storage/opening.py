"""Addresses, engines and schema: everything between an archive's URL and a usable connection.

Called by ``Archive.open``; nothing else opens a database.
"""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from storage.errors import ArchiveNotFound, ArchiveUnusable, SchemaOutOfDate

logger = logging.getLogger(__name__)

DEFAULT_FILE = Path("archive/archive.db")
LOCK_SECONDS = 60  # how long a writer waits for another process's transaction on SQLite
_MIGRATION_LOCK = 0x6A696564  # "jied": PostgreSQL advisory lock held while migrating


def default_url(start: Path | None = None) -> str:
    """``sqlite:///…/archive/archive.db`` beside the nearest ``scrapy.cfg`` at or above ``start``.

    Without a ``scrapy.cfg`` the folder is ``start`` (default: the current folder) itself.
    """
    folder = (start or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / "scrapy.cfg").is_file():
            folder = candidate
            break
    return f"sqlite:///{folder / DEFAULT_FILE}"


def parse_url(address: str | Path) -> URL:
    """A checked SQLAlchemy URL; a ``Path`` means a SQLite file.

    Raises ``ArchiveUnusable`` for anything but SQLite files and PostgreSQL servers.
    """
    if isinstance(address, Path):
        return URL.create("sqlite", database=str(address.resolve()))
    example = "write sqlite:///FOLDER/archive.db or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ArchiveUnusable(
            f"not a database URL: {hide_password(address)!r}; {example}"
        ) from None
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ArchiveUnusable(f"an archive needs a file: {address!r}; {example}")
        return url.set(drivername="sqlite", database=str(Path(url.database).resolve()))
    raise ArchiveUnusable(f"{backend!r} archives are not supported; {example}")


def hide_password(address: str) -> str:
    """The address without what stands between ``:`` and ``@``."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", address)


def default_warc(url: URL) -> Path | None:
    """``warc/`` beside the SQLite file; ``None`` for PostgreSQL, where it must be named."""
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).parent / "warc"
    return None


def connect(url: URL, *, create: bool) -> Engine:
    """An engine whose archive exists with this release's schema.

    With ``create`` the archive is created or upgraded. Raises ``ArchiveNotFound``,
    ``SchemaOutOfDate`` or ``ArchiveUnusable``.
    """
    name = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        engine = _sqlite_engine(url, create=create)
    else:
        engine = create_engine(url, pool_pre_ping=True)
    try:
        if create:
            _migrate(engine)
        _check_schema(engine, name)
    except DBAPIError as error:
        engine.dispose()
        raise ArchiveUnusable(f"cannot use the archive {name}: {_reason(error)}") from error
    except NoSuchModuleError as error:
        raise ArchiveUnusable(f"cannot use the archive {name}: {error}") from error
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write: on SQLite it takes the write lock at its start."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


def _sqlite_engine(url: URL, *, create: bool) -> Engine:
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
    is_writable = create or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    if is_writable:
        return _prepared(create_engine(url, connect_args={"timeout": LOCK_SECONDS}))
    return _prepared(create_engine(_read_only(url, path), connect_args={"timeout": LOCK_SECONDS}))


def _read_only(url: URL, path: Path) -> URL:
    """SQLite in WAL mode writes a lock file beside the database even to read it.

    Where the folder cannot be written, ``immutable`` reads the file as it stands.
    """
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        logger.warning(
            "%s is read-only and a crawl has not yet merged %s: its newest rows are not shown",
            path,
            log.name,
        )
    uri = path.as_uri().removeprefix("file://")
    return url.set(database=f"file:{uri}", query={"immutable": "1", "mode": "ro", "uri": "true"})


def _prepared(engine: Engine) -> Engine:
    """SQLAlchemy begins transactions itself, so that writers can begin IMMEDIATE."""

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None
        dbapi_connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    config = _alembic()
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # the journal mode cannot change in a transaction
            dbapi = connection.connection.dbapi_connection
            assert dbapi is not None
            dbapi.execute("PRAGMA journal_mode=WAL")
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        if _is_newer(connection):
            return  # _check_schema says so
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _check_schema(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == _head():
            return
        if current is None:
            if inspect(connection).get_table_names():
                raise ArchiveUnusable(f"{name} is a database but not a Jiedu archive")
            raise ArchiveNotFound(
                f"{name} is empty; a crawl or `jiedu migrate` makes it an archive"
            )
        if _is_newer(connection):
            raise SchemaOutOfDate(
                f"{name} has schema {current}, newer than this release ({_head()}); upgrade Jiedu"
            )
        raise SchemaOutOfDate(
            f"{name} has schema {current}, this release needs {_head()}; run `jiedu migrate`"
        )


def _is_newer(connection: Connection) -> bool:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in _scripts().walk_revisions()}
    return current is not None and current not in known


def _alembic() -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic())


def _head() -> str | None:
    return _scripts().get_current_head()


def _reason(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
