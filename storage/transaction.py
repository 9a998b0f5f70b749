"""Transactions on an archive: reading ones, and writing ones that outlive lost races.

Called by ``Archive`` and ``storage.captures``; database errors leave here as ``ArchiveUnusable``.
"""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, TimeoutError

from storage.address import hide_password
from storage.errors import ArchiveUnusable

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_TRIES = 8  # of a transaction that keeps losing races; each loss means that another one won
# PostgreSQL: unique_violation, serialization_failure, deadlock_detected
_LOST_IN_POSTGRESQL = {"23505", "40001", "40P01"}
_LOST_IN_SQLITE = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_BUSY_SNAPSHOT,
    sqlite3.SQLITE_BUSY_RECOVERY,
}


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read from; keep it only as long as the reading takes."""
    try:
        with engine.connect() as connection:
            yield connection
    except (DBAPIError, TimeoutError) as error:
        raise ArchiveUnusable(
            f"cannot read {hide_password(engine.url)}: {reason(error)}"
        ) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write: on SQLite it takes the write lock at its start."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


def write(engine: Engine, work: Callable[[Connection], _T]) -> _T:
    """Run ``work`` in a write transaction, again when another process won a race against it.

    Only races are run again. A lost connection is not: the commit may have been done.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            with writing(engine) as connection:
                return work(connection)
        except (DBAPIError, TimeoutError) as error:
            if attempt == _TRIES or not _is_lost_race(error):
                raise ArchiveUnusable(
                    f"{hide_password(engine.url)} refuses to write: {reason(error)}"
                ) from error
            logger.debug("lost a race, attempt %d: %s", attempt, reason(error))
        # Not in step with the processes it races against.
        time.sleep(random.uniform(0.01, 0.02) * 2**attempt)
    raise AssertionError("unreachable")


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
