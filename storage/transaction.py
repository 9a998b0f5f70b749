"""Transactions on an archive: reading ones, and writing ones that outlive lost races.

Called by ``Archive`` and ``storage.captures``; database errors leave here as ``ArchiveUnusable``.
"""

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from storage.address import hide_password
from storage.errors import ArchiveUnusable

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_TRIES = 8  # of a transaction that keeps losing races; each loss means that another one won
# PostgreSQL: unique_violation, serialization_failure, deadlock_detected
_LOST_IN_POSTGRESQL = {"23505", "40001", "40P01"}
# connection_exception (class), and what a server says that is shutting down or starting up
_AWAY_IN_POSTGRESQL = ("08", "57P01", "57P02", "57P03")
_AWAY_SECONDS = 0.5  # between two questions whether the server is back
_LOST_IN_SQLITE = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_BUSY_SNAPSHOT,
    sqlite3.SQLITE_BUSY_RECOVERY,
}


_is_waiting_over = threading.Event()


def stop_waiting() -> None:
    """Wait for no database any more: the process is to end."""
    _is_waiting_over.set()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read from, for code that cannot be run again; ``read`` otherwise."""
    try:
        with _connected(engine) as connection:
            yield connection
    except (DBAPIError, TimeoutError) as error:
        raise ArchiveUnusable(
            f"cannot read {hide_password(engine.url)}: {reason(error)}"
        ) from error


def read(engine: Engine, look: Callable[[Connection], _T]) -> _T:
    """Run ``look``, again when the server went away in the middle of it and came back."""
    patience = Patience(engine)
    while True:
        try:
            with reading(engine) as connection:
                return look(connection)
        except ArchiveUnusable as error:
            if not (isinstance(error.__cause__, DBAPIError) and patience.wait(error.__cause__)):
                raise


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees all tables as they stand at one moment; writers are not held up."""
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        connection.execute(text("SELECT 1 FROM crawls LIMIT 1"))  # the moment
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write: on SQLite it takes the write lock at its start."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


def write(
    engine: Engine,
    work: Callable[[Connection], _T],
    *,
    done: Callable[[Connection], _T | None] | None = None,
) -> _T:
    """Run ``work`` in a write transaction, again when another process won a race against it.

    A lost connection is waited for as long as the engine has patience. Then the commit may have
    been done: ``done`` looks for its result; without it ``work`` must be such that twice is once.
    """
    patience = Patience(engine)
    losses = 0
    while True:
        try:
            with writing(engine) as connection:
                found = done(connection) if done and patience.is_tried else None
                return work(connection) if found is None else found
        except (DBAPIError, TimeoutError) as error:
            if _is_lost_race(error):
                losses += 1
                if losses < _TRIES:
                    logger.debug("lost a race, attempt %d: %s", losses, reason(error))
                    # Not in step with the processes it races against.
                    time.sleep(random.uniform(0.01, 0.02) * 2**losses)
                    continue
            elif patience.wait(error):
                continue
            raise ArchiveUnusable(
                f"{hide_password(engine.url)} refuses to write: {reason(error)}"
            ) from error


class Patience:
    """Waits for a database server that is away: ``patience_seconds`` of the engine, none else.

    It blocks the process: a crawl whose archive is away has nothing else to do.
    """

    def __init__(self, engine: Engine) -> None:
        self._name = hide_password(engine.url)
        self._seconds = float(engine.get_execution_options().get("patience_seconds", 0))
        self._is_server = engine.dialect.name == "postgresql"
        self._until: float | None = None

    @property
    def is_tried(self) -> bool:
        """Whether it has been waited at all."""
        return self._until is not None

    def wait(self, error: Exception) -> bool:
        """Wait a little; false when the error is another one or patience is at its end."""
        if not (self._is_server and _is_lost_connection(error)):
            return False
        if self._until is None:
            self._until = time.monotonic() + self._seconds
            if self._seconds:
                logger.warning("%s is away, waiting: %s", self._name, reason(error))
        left = self._until - time.monotonic()
        return left > 0 and not _is_waiting_over.wait(min(left, _AWAY_SECONDS))


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    """A connection, as soon as there is one."""
    patience = Patience(engine)
    while True:
        try:
            connection = engine.connect()
            break
        except (DBAPIError, TimeoutError) as error:
            if not patience.wait(error):
                raise
    with connection:
        yield connection


def reason(error: Exception) -> str:
    """What the driver says, in one line."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    return " ".join(lines) or type(cause).__name__


def _is_lost_race(error: Exception) -> bool:
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return False
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", None) in _LOST_IN_SQLITE
    return getattr(error.orig, "sqlstate", None) in _LOST_IN_POSTGRESQL


def _is_lost_connection(error: Exception) -> bool:
    """Whether the server went away, is not there, or is only just coming."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state.startswith(_AWAY_IN_POSTGRESQL)
