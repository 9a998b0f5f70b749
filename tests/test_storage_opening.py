"""Opening an archive: addresses, schemas, and places that cannot be used."""

import contextlib
import logging
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import storage.opening
from storage import (
    Archive,
    ArchiveError,
    ArchiveNotFound,
    ArchiveUnusable,
    SchemaOutOfDate,
)
from storage.address import default_url, default_warc, hide_password, parse_url
from tests.records import URL, article, capture

ROOT = Path(__file__).parents[1]


def refusal(kind: type[ArchiveError], *arguments: object, **options: object) -> str:
    """The one line with which opening is refused."""
    with pytest.raises(kind) as caught:
        Archive.open(*arguments, **options)  # type: ignore[arg-type]
    assert type(caught.value) is kind
    message = str(caught.value)
    assert "\n" not in message
    return message


def execute(url: str, *statements: str) -> None:
    """Run SQL on a database as its owner might."""
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "not a database URL"),
        ("archive", "not a database URL"),
        ("/var/archive.txt", "not a database URL"),
        ("sqlite:/archive.db", "not a database URL"),
        ("://", "not a database URL"),
        ("postgresql://u@host:port/name", "not a database URL"),
        ("mysql://u@host/name", "'mysql' archives are not supported"),
        ("sqlite://", "needs a plain file"),
        ("sqlite:///", "needs a plain file"),
        ("sqlite:///:memory:", "needs a plain file"),
        ("sqlite:///file:x?mode=memory&uri=true", "needs a plain file"),
        ("sqlite:///shared?mode=memory", "needs a plain file"),
        ("sqlite:///a\0b.db", "not a file name"),
    ],
)
@pytest.mark.parametrize("create", [False, True])
def test_a_malformed_address_is_refused_with_an_example(
    address: str, said: str, create: bool
) -> None:
    message = refusal(ArchiveUnusable, address, create=create)
    assert said in message
    assert "write sqlite:///FOLDER/archive.db or postgresql://" in message


def test_a_text_may_name_a_file_and_must_not_make_one(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with pytest.raises(ArchiveNotFound):
        Archive.open(str(path))
    Archive.open(str(path), create=True).close()
    with Archive.open(str(path)) as archive:
        assert archive.counts()["articles"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://wang:s3cret@host:port/name",
        "postgresql//wang:s3cret@host",
        "nonsense://wang:s3cret@[host/name",
        "postgresql://wang:p@s3cret@host:port/name",
        "postgresql://host:port/name?user=wang&password=s3cret",
        "mysql://wang:s3cret@host/name",
        "postgresql://wang:s3cret@127.0.0.1:1/name",
        "postgresql://127.0.0.1:1/name?user=wang&password=s3cret",
    ],
)
def test_a_password_is_in_no_message(address: str) -> None:
    assert "s3cret" not in refusal(ArchiveUnusable, address)


def test_a_password_is_in_no_address() -> None:
    hidden = hide_password(parse_url("postgresql://wang:s3cret@host/name?password=s3cret"))
    assert hidden == "postgresql+psycopg://wang:***@host/name?password=***"


@pytest.mark.parametrize(
    "address", ["postgresql://h/n", "postgres://h/n", "postgresql+psycopg2://h/n"]
)
def test_every_postgresql_address_uses_the_one_driver(address: str) -> None:
    assert parse_url(address).drivername == "postgresql+psycopg"


def test_the_default_lies_beside_scrapy_cfg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scrapy.cfg").touch()
    inner = tmp_path / "spiders" / "deep"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert default_url() == f"sqlite:///{tmp_path.resolve()}/archive/archive.db"
    with Archive.open(create=True) as archive:
        assert archive.warc_folder == tmp_path / "archive" / "warc"
    assert (tmp_path / "archive" / "archive.db").is_file()


def test_without_scrapy_cfg_the_default_lies_here(tmp_path: Path) -> None:
    assert default_url(tmp_path) == f"sqlite:///{tmp_path.resolve()}/archive/archive.db"


def test_a_relative_sqlite_file_is_one_whatever_the_folder_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = parse_url("sqlite:///a/archive.db")
    assert default_warc(url) == tmp_path / "a" / "warc"


def test_odd_characters_in_a_path_are_no_syntax(tmp_path: Path) -> None:
    path = tmp_path / "政策 100%?#&.db"
    with Archive.open(path, create=True) as archive:
        archive.add([capture()], article())
    with Archive.open(path) as archive:
        assert archive.counts()["captures"] == 1
    assert path.is_file()


# -- what is found there --------------------------------------------------------------------------


def test_a_missing_archive_names_the_command_that_makes_one(tmp_path: Path) -> None:
    message = refusal(ArchiveNotFound, tmp_path / "no" / "archive.db")
    assert "jiedu migrate" in message
    assert str(tmp_path / "no" / "archive.db") in message
    assert not (tmp_path / "no").exists()


def test_an_empty_database_names_the_command_that_fills_it(unmade_url: str) -> None:
    if unmade_url.startswith("sqlite"):
        Path(parse_url(unmade_url).database or "").touch()
    assert "jiedu migrate" in refusal(ArchiveNotFound, unmade_url)


def test_a_newer_archive_is_left_alone(archive_url: str) -> None:
    execute(archive_url, "UPDATE alembic_version SET version_num = '9999'")
    for create in (False, True):
        message = refusal(SchemaOutOfDate, archive_url, create=create)
        assert "9999" in message
        assert "upgrade Jiedu" in message


def test_an_older_archive_names_the_command_that_upgrades_it(
    archive_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.opening, "_head", lambda: "9998")
    message = refusal(SchemaOutOfDate, archive_url)
    assert "jiedu migrate" in message
    assert "9998" in message


@pytest.mark.parametrize("create", [False, True])
def test_another_programs_database_is_left_alone(unmade_url: str, create: bool) -> None:
    execute(unmade_url, "CREATE TABLE invoices (id INTEGER)")
    assert "not a Jiedu archive" in refusal(ArchiveUnusable, unmade_url, create=create)
    execute(
        unmade_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        "INSERT INTO alembic_version VALUES ('3f2a')",
    )
    assert "not a Jiedu archive" in refusal(ArchiveUnusable, unmade_url, create=create)
    execute(unmade_url, "DROP TABLE invoices")  # fails if anything else had been done to it


@pytest.mark.parametrize("create", [False, True])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(b"%PDF-1.7 " * 1000)
    assert "file is not a database" in refusal(ArchiveUnusable, path, create=create)
    assert path.read_bytes() == b"%PDF-1.7 " * 1000


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    refusal(ArchiveNotFound, tmp_path)
    assert str(tmp_path) in refusal(ArchiveUnusable, tmp_path, create=True)


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "archive").touch()
    message = refusal(ArchiveUnusable, tmp_path / "archive" / "archive.db", create=True)
    assert str(tmp_path / "archive") in message


def test_an_archive_opens_again_and_again(unmade_url: str, tmp_path: Path) -> None:
    for _ in range(3):
        with Archive.open(unmade_url, create=True, warc=tmp_path / "warc") as archive:
            archive.add([capture()], article())
    with Archive.open(unmade_url) as archive:
        assert archive.counts()["captures"] == 3


# -- PostgreSQL -----------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_one_line() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    message = refusal(ArchiveUnusable, f"postgresql://wang:pw@127.0.0.1:{port}/archive")
    assert f"{port}" in message
    assert "refused" in message


def test_a_database_that_is_not_there_is_one_line(postgres_server: str) -> None:
    head, _, query = postgres_server.partition("?")
    address = f"{head.rpartition('/')[0]}/nothing?{query}"
    assert '"nothing" does not exist' in refusal(ArchiveUnusable, address)


def test_postgresql_needs_a_folder_to_write_and_none_to_read(
    archive_url: str, backend: str, tmp_path: Path
) -> None:
    if backend == "sqlite":
        with Archive.open(archive_url) as archive:
            assert archive.warc_folder == tmp_path / "warc"
        return
    with Archive.open(archive_url, create=True) as archive:
        with pytest.raises(ArchiveUnusable, match="ARCHIVE_WARC"):
            archive.add([capture()], article())
        with pytest.raises(ArchiveUnusable, match="ARCHIVE_WARC"):
            archive.prepare_warc()
        assert archive.counts()["captures"] == 0
    with Archive.open(archive_url, warc=tmp_path / "warc") as archive:
        (number,) = archive.add([capture()], article()).capture_ids
    with Archive.open(archive_url) as archive:
        assert archive.version(URL).number == 1
        with pytest.raises(ArchiveUnusable, match="ARCHIVE_WARC"):
            archive.read_capture(number)


def test_a_database_that_cannot_hold_chinese_is_refused(postgres_server: str) -> None:
    head, _, query = postgres_server.partition("?")
    execute_alone(
        postgres_server, "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
    )
    address = f"{head.rpartition('/')[0]}/latin?{query}"
    assert "ENCODING 'UTF8'" in refusal(ArchiveUnusable, address, create=True)
    execute_alone(postgres_server, "DROP DATABASE latin WITH (FORCE)")


def execute_alone(url: str, statement: str) -> None:
    """Run a statement that must stand outside a transaction."""
    engine = create_engine(parse_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_server_that_stops_is_one_line(archive_url: str, backend: str) -> None:
    archive = Archive.open(archive_url)
    assert archive.counts()["captures"] == 0
    archive._engine.dispose()
    if backend == "sqlite":
        Path(parse_url(archive_url).database or "").write_bytes(b"gone")
    else:
        name = archive._engine.url.database
        execute_alone(
            archive_url.replace(f"/{name}", "/postgres"), f'ALTER DATABASE "{name}" RENAME TO moved'
        )
    for attempt in (archive.counts, archive.captures, lambda: archive.list_urls("p", URL, [])):
        with pytest.raises(ArchiveUnusable) as caught:
            attempt()
        assert "\n" not in str(caught.value)
    archive.close()
    if backend == "postgresql":
        execute_alone(
            archive_url.replace(f"/{name}", "/postgres"), f'ALTER DATABASE moved RENAME TO "{name}"'
        )


# -- several at once ------------------------------------------------------------------------------

_CREATE = """
import sys
from storage import Archive

print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    with Archive.open(sys.argv[1], create=True, warc=sys.argv[2]) as archive:
        archive.begin_crawl("test")
"""


def test_processes_may_create_the_same_archive_at_once(unmade_url: str, tmp_path: Path) -> None:
    running = [python(_CREATE, unmade_url, tmp_path / "warc") for _ in range(4)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    with Archive.open(unmade_url) as archive:
        assert [crawl.id for crawl in archive.crawls()] == list(range(1, 13))


def python(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a program in a Python of its own, in the project's folder."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# -- places one may not write ---------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing in it."""
    path = tmp_path / "place"
    path.mkdir()
    return path


# For root no permission counts until it gives up its capabilities (capset(2), version 3).
_AS_OTHER = """
import ctypes, logging, os, sys
from pathlib import Path
from storage import Archive, ArchiveError
if os.geteuid() == 0:
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)
path = Path(sys.argv[1])
"""


def as_other(program: str, *arguments: object) -> str:
    """What a program prints for which permissions count."""
    process = python(_AS_OTHER + program, *arguments)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    return output


@contextlib.contextmanager
def read_only(path: Path) -> Iterator[None]:
    """A folder and its files without their write permission."""
    modes = {entry: entry.stat().st_mode for entry in [path, *path.rglob("*")]}
    for entry, mode in modes.items():
        entry.chmod((mode | 0o444) & ~0o222)
    yield
    for entry, mode in modes.items():
        entry.chmod(mode)


_READ = """
from tests.records import article
other = article(reader="2+x")
with Archive.open(path) as archive:
    print(archive.counts()["captures"], archive.version(1).article.title_main)
    print(archive.read_capture(1).body)
    for attempt in (lambda: archive.begin_crawl("no"), lambda: archive.add_reading(1, other)):
        try:
            attempt()
        except ArchiveError as error:
            print(error)
"""


def test_an_archive_in_a_read_only_folder_can_be_read(folder: Path) -> None:
    with Archive.open(folder / "archive.db", create=True) as archive:
        archive.add([capture()], article())
    before = sorted(folder.rglob("*"))
    with read_only(folder):
        lines = as_other(_READ, folder / "archive.db").splitlines()
    assert lines[:2] == ["1 数据要素怎样流通", "b'<p>one</p>'"]
    assert all("refuses to write" in line for line in lines[2:])
    assert len(lines) == 4
    assert sorted(folder.rglob("*")) == before


def test_a_reader_who_may_not_write_sees_a_running_crawl(folder: Path) -> None:
    with Archive.open(folder / "archive.db", create=True) as crawl:
        crawl.add([capture()], article())
        with read_only(folder):
            lines = as_other(_READ, folder / "archive.db").splitlines()
        assert lines[0] == "1 数据要素怎样流通"
        crawl.add([capture(minute=1)], article())
        assert crawl.counts()["captures"] == 2


_STAY = """
with Archive.open(path) as archive:
    print(archive.counts()["captures"], flush=True)
    sys.stdin.readline()
    print(archive.counts()["captures"], flush=True)
    sys.stdin.readline()
    print(archive.counts()["captures"])
"""


def test_a_reader_may_stay_open_while_crawls_come_and_go(folder: Path) -> None:
    path = folder / "archive.db"
    Archive.open(path, create=True).close()
    reader = python(_AS_OTHER + _STAY, path)
    assert reader.stdout is not None
    assert reader.stdin is not None
    assert reader.stdout.readline() == "0\n"
    with Archive.open(path, create=True) as crawl:
        crawl.add([capture()], article())
        print(file=reader.stdin, flush=True)
        assert reader.stdout.readline() == "1\n"
        crawl.add([capture(minute=1)], article())
    output, errors = reader.communicate("\n", timeout=60)
    assert (reader.returncode, errors, output) == (0, "", "2\n")


def test_what_a_killed_crawl_left_unmerged_is_said(folder: Path) -> None:
    live = folder / "live"
    copy = folder / "copy"
    copy.mkdir()
    with Archive.open(live / "archive.db", create=True) as crawl:
        crawl.add([capture()], article())
        for name in ("archive.db", "archive.db-wal"):
            shutil.copy(live / name, copy / name)
        shutil.copytree(live / "warc", copy / "warc")
    with sqlite3.connect(live / "archive.db") as merged:  # the schema itself is merged
        merged.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    merged.close()
    shutil.copy(live / "archive.db", copy / "archive.db")
    with read_only(copy):
        lines = as_other(_READ, copy / "archive.db").splitlines()
    assert lines[0].startswith("WARNING")
    assert "archive.db-wal: its newest rows are not shown" in lines[0]
    # Who may write merges it.
    with Archive.open(copy / "archive.db") as archive:
        assert archive.version(URL).number == 1


_MAKE = """
for place in sys.argv[1:3]:
    try:
        with Archive.open(Path(place), create=True, warc=sys.argv[3]) as archive:
            archive.add([], None)
    except ArchiveError as error:
        print(error)
"""


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    with read_only(folder):
        inner, outer = folder / "archive" / "archive.db", folder / "archive.db"
        first, second = as_other(_MAKE, inner, outer, folder / "warc").splitlines()
    assert f"cannot create the folder {inner.parent}: Permission denied" in first
    assert f"{outer}: unable to open database file" in second


_WARC = """
from tests.records import article, capture
with Archive.open(path, warc=sys.argv[2]) as archive:
    for attempt in (archive.prepare_warc, lambda: archive.add([capture()], article())):
        try:
            attempt()
        except ArchiveError as error:
            print(error)
    print(archive.counts()["captures"])
"""


def test_a_warc_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    Archive.open(folder / "db" / "archive.db", create=True).close()
    for path in (folder / "db", folder / "db" / "archive.db"):
        path.chmod(0o777)
    (folder / "warc").mkdir()
    with read_only(folder / "warc"):
        first, second, count = as_other(
            _WARC, folder / "db" / "archive.db", folder / "warc"
        ).splitlines()
    for line in (first, second):
        assert f"cannot write WARC files in {folder / 'warc'}: Permission denied" in line
        assert "ARCHIVE_WARC" in line
    assert count == "0"
    assert list((folder / "warc").iterdir()) == []


def test_a_folder_one_may_not_look_into_is_named(folder: Path) -> None:
    Archive.open(folder / "closed" / "archive.db", create=True).close()
    (folder / "closed").chmod(0)
    message = as_other(
        "try:\n    Archive.open(path)\nexcept ArchiveError as error:\n    print(error)",
        folder / "closed" / "archive.db",
    )
    (folder / "closed").chmod(0o755)
    assert "Permission denied" in message
    assert message.count("\n") == 1


def test_opening_is_quiet(archive_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        Archive.open(archive_url).close()
    assert caplog.records == []
