"""`jiedu backup` and `jiedu restore`: a copy made while a crawl runs, and its way back."""

import errno
import gzip
import json
import os
import shutil
import sqlite3
import threading
import types
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

import storage.backup.files
import storage.backup.making
from storage import Archive, ArchiveUnusable, Listed
from storage.backup import backup, restore
from storage.backup.manifest import read_manifest
from storage.backup.tables import archive_tables
from storage.check import check
from storage.schema import Table
from tests.postgresql import drop_database, new_database
from tests.records import URL, article, capture
from tests.test_storage_cli import Jiedu, jiedu, one_line  # noqa: F401 - the fixture
from tests.test_storage_warc import page

# What is only in files is the same whatever the database.
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"])


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """Something in most tables, in one finished and one unfinished crawl."""
    archive.begin_crawl("crawl", "example")
    archive.list_urls("example", "http://news.example.cn/jiedu/", [Listed(url=URL)])
    archive.add([capture(is_gzip=True)], article())
    archive.add([capture(is_gzip=True, minute=1)], article())
    archive.finish_crawl("finished", {"new": 1, "注": "一"})
    archive.begin_crawl("test")
    for number in (1, 2):
        archive.add([page(number)], None, failure="not read")
    return archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "daily"


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another place for an archive, of the same kind."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path}/again/archive.db"
        return
    server = request.getfixturevalue("postgres_server")
    url = new_database(server)
    yield url
    drop_database(server, url)


def rows(archive: Archive) -> dict[str, list[Any]]:
    """Every row of every table."""
    with archive.engine.connect() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key.columns)).all()  # type: ignore[misc]
            for table in archive_tables()
        }


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def open_copy(folder: Path) -> Archive:
    return Archive.open(folder / "archive.db")


def test_a_backup_is_an_archive_of_the_same_rows_and_bytes(filled: Archive, folder: Path) -> None:
    made = backup(filled, folder)
    assert made.problems == ()
    assert sorted(os.listdir(folder)) == ["archive.db", "backup.json", "warc"]
    with closing(sqlite3.connect(folder / "archive.db")) as database:  # one file is all of it
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    with open_copy(folder) as copy:
        assert rows(copy) == rows(filled)
        report = check(copy)
        assert [finding.level for finding in report.findings] == ["information"]  # the open crawl
        for row in filled.captures():
            assert copy.read_capture(row.id).body == filled.read_capture(row.id).body
        assert copy.version(URL).article == article()
    manifest = read_manifest(folder)
    assert manifest == made.manifest
    assert manifest.counts["captures"] == 4
    assert [entry.name for entry in manifest.files] == sorted(
        path.name for path in (folder / "warc").iterdir()
    )


def test_a_crawls_missing_counts_stay_missing(filled: Archive, folder: Path) -> None:
    backup(filled, folder)
    with open_copy(folder) as copy, copy.engine.connect() as connection:
        query = text("SELECT id FROM crawls WHERE counts IS NULL")
        assert connection.scalars(query).all() == [2]


def test_a_second_backup_copies_only_what_is_new(
    filled: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = backup(filled, folder)
    again = backup(filled, folder)
    assert (again.copied_files, again.copied_bytes) == (0, 0)
    filled.add([page(3)], None, failure="not read")
    whole: list[str] = []
    real = storage.backup.files.copy_whole

    def noted(source: Path, target: Path, size: int) -> str:
        whole.append(source.name)
        return real(source, target, size)

    monkeypatch.setattr(storage.backup.files, "copy_whole", noted)
    grown = backup(filled, folder)
    assert whole == []
    assert grown.copied_files == 1
    assert 20_000 < grown.copied_bytes < 22_000
    assert len(grown.manifest.files) == len(first.manifest.files)
    filled.begin_crawl("test")
    filled.add([page(4)], None, failure="not read")
    assert backup(filled, folder).copied_files == 1
    assert len(whole) == 1
    with open_copy(folder) as copy:
        assert rows(copy) == rows(filled)
        assert check(copy).is_sound
    for entry in read_manifest(folder).files:  # type: ignore[union-attr]
        path = folder / "warc" / entry.name
        assert storage.backup.files.file_digest(path, entry.size) == entry.sha256


@on_sqlite
def test_a_copy_gone_bad_is_made_anew(filled: Archive, folder: Path) -> None:
    for number in range(10, 16):  # so that the bad byte is far before the end
        filled.add([page(number)], None, failure="not read")
    backup(filled, folder)
    name = filled.captures()[-1].warc_file
    bad = folder / "warc" / name
    data = bytearray(bad.read_bytes())
    data[500] ^= 0xFF
    bad.write_bytes(data)
    filled.add([page(3)], None, failure="not read")
    backup(filled, folder)
    assert filled.warc_folder
    assert bad.read_bytes() == (filled.warc_folder / name).read_bytes()


@on_sqlite
def test_a_half_written_record_is_not_copied(filled: Archive, folder: Path) -> None:
    path = filled.warc_folder / filled.captures()[-1].warc_file  # type: ignore[operator]
    whole = path.read_bytes()
    with path.open("ab") as stream:
        stream.write(gzip.compress(b"WARC/1.1")[:15])
    assert backup(filled, folder).problems == ()
    assert (folder / "warc" / path.name).read_bytes() == whole


def test_erased_bytes_go_from_the_backup_too(filled: Archive, folder: Path) -> None:
    backup(filled, folder)
    row = filled.captures()[0]
    assert filled.warc_folder
    path = filled.warc_folder / row.warc_file
    state = path.stat()
    data = bytearray(path.read_bytes())
    data[row.warc_offset : row.warc_offset + row.warc_length] = bytes(row.warc_length)
    path.write_bytes(data)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    with filled.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO withdrawals (article_id, act, reason, acted_by, acted_at)"
                " VALUES (1, 'erase', 'a', 'b', CURRENT_TIMESTAMP)"
            )
        )
    backup(filled, folder)
    assert (folder / "warc" / path.name).read_bytes() == bytes(data)


# -- while a crawl runs ---------------------------------------------------------------------------


def test_a_backup_of_a_running_crawl_holds_a_beginning_of_it(filled: Archive, folder: Path) -> None:
    ended = threading.Event()
    errors: list[Exception] = []

    def crawl() -> None:
        number = 100
        try:
            while not ended.is_set():
                filled.add([page(number)], article(url=page(number).url))
                number += 1
        except Exception as error:
            errors.append(error)

    before = len(filled.captures())
    thread = threading.Thread(target=crawl)
    thread.start()
    counts = []
    try:
        for _ in range(3):
            made = backup(filled, folder)
            assert made.problems == ()
            with open_copy(folder) as copy:
                assert check(copy).is_sound
                counts.append(len(copy.captures()))
                ids = [row.id for row in copy.captures()]
                assert ids == list(range(1, len(ids) + 1))
    finally:
        ended.set()
        thread.join()
    assert errors == []
    assert before <= counts[0] < counts[1] < counts[2] <= len(filled.captures())
    assert check(filled).is_sound


# -- interrupted ----------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize("step", ["_copy_database", "copy_warc", "_publish", "write_manifest"])
def test_an_interrupted_backup_leaves_the_earlier_one_whole(
    filled: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    backup(filled, folder)
    before = rows(filled)
    filled.add([page(3)], None, failure="not read")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    real = getattr(storage.backup.making, step)
    with monkeypatch.context() as broken:
        broken.setattr(storage.backup.making, step, refuse)
        with pytest.raises(ArchiveUnusable, match="No space left on device"):
            backup(filled, folder)
    with open_copy(folder) as copy:
        if step != "write_manifest":
            assert rows(copy) == before
        assert check(copy).is_sound
    assert real is getattr(storage.backup.making, step)
    backup(filled, folder)
    with open_copy(folder) as copy:
        assert rows(copy) == rows(filled)
        assert check(copy).is_sound


@on_sqlite
def test_a_disk_that_fills_up_within_a_file_costs_nothing_that_was_there(
    filled: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(filled, folder)
    before = tree(folder)
    filled.add([page(3)], None, failure="not read")

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        fake = types.SimpleNamespace(fsync=fail, truncate=os.truncate)
        broken.setattr(storage.backup.files, "os", fake)
        with pytest.raises(ArchiveUnusable, match="still whole"):
            backup(filled, folder)
    after = tree(folder)
    assert {name: after[name][: len(data)] for name, data in before.items()} == before
    with open_copy(folder) as copy:
        assert check(copy).is_sound
    assert backup(filled, folder).problems == ()
    with open_copy(folder) as copy:
        assert rows(copy) == rows(filled)


def test_a_first_backup_that_was_interrupted_is_none(
    filled: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch, empty_url: str, tmp_path: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(storage.backup.making, "copy_warc", refuse)
        with pytest.raises(ArchiveUnusable):
            backup(filled, folder)
    assert not (folder / "archive.db").exists()
    with (
        Archive.open(empty_url, create=True, warc=tmp_path / "again" / "warc") as target,
        pytest.raises(ArchiveUnusable, match="never finished"),
    ):
        restore(folder, target)
    assert backup(filled, folder).problems == ()


# -- refusals -------------------------------------------------------------------------------------


@on_sqlite
def test_a_folder_that_is_not_for_backups_is_refused(
    filled: Archive, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled.warc_folder
    before = tree(tmp_path)
    for own in (tmp_path, filled.warc_folder, filled.warc_folder / "inside"):
        with pytest.raises(ArchiveUnusable, match=r"own folder|no backup"):
            backup(filled, own)
    assert tree(tmp_path).keys() == before.keys()
    folder.mkdir(parents=True)
    (folder / "thesis.doc").write_text("mine")
    with pytest.raises(ArchiveUnusable, match="no backup"):
        backup(filled, folder)
    (folder / "thesis.doc").unlink()
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(
            storage.backup.making.shutil,
            "disk_usage",
            lambda _: types.SimpleNamespace(total=usage.total, used=usage.used, free=10_000_000),
        )
        with pytest.raises(ArchiveUnusable, match="make room"):
            backup(filled, folder)
    assert not (folder / "archive.db").exists()
    backup(filled, folder)
    with (
        Archive.open(tmp_path / "other.db", create=True) as other,
        pytest.raises(ArchiveUnusable, match="holds the backup of"),
    ):
        backup(other, folder)


@on_sqlite
def test_what_the_archive_lacks_is_a_problem_of_its_backup(filled: Archive, folder: Path) -> None:
    row = filled.captures()[-1]
    assert filled.warc_folder
    (filled.warc_folder / row.warc_file).unlink()
    made = backup(filled, folder)
    assert made.problems == (f"{row.warc_file}: 2 capture(s) have no record there",)


# -- restore --------------------------------------------------------------------------------------


def test_what_is_restored_equals_what_was_backed_up(
    filled: Archive, folder: Path, empty_url: str, tmp_path: Path
) -> None:
    backup(filled, folder)
    before, files = rows(filled), tree(folder / "warc")
    warc = tmp_path / "again" / "warc"
    with Archive.open(empty_url, create=True, warc=warc) as again:
        restore(folder, again)
        assert rows(again) == before
        assert tree(warc) == files
        assert check(again).is_sound
        assert again.search("").article_ids() == filled.search("").article_ids() != []
        again.begin_crawl("test")
        added = again.add([page(5)], article(url=page(5).url))  # numbers go on
        assert added.capture_ids == (5,)
        with pytest.raises(ArchiveUnusable, match="not empty"):
            restore(folder, again)
    left_out = {"leases", "search_entries"}  # the latter is made anew
    assert {table.name for table in Table.metadata.sorted_tables} - before.keys() == left_out


@on_sqlite
def test_a_restore_goes_on_after_an_interruption_and_trusts_no_bad_copy(
    filled: Archive, folder: Path, empty_url: str, tmp_path: Path
) -> None:
    backup(filled, folder)
    warc = tmp_path / "again" / "warc"
    last = sorted((folder / "warc").iterdir())[-1]
    data = last.read_bytes()
    last.write_bytes(data[:-1] + b"x")
    with Archive.open(empty_url, create=True, warc=warc) as again:
        with pytest.raises(ArchiveUnusable, match="not as it was backed up"):
            restore(folder, again)
        assert again.counts()["captures"] == 0
        last.write_bytes(data + b"of a later backup that was cut short")
        restore(folder, again)
        assert rows(again) == rows(filled)
        assert (warc / last.name).read_bytes() == data


# -- the commands ---------------------------------------------------------------------------------


def test_the_commands(
    filled: Archive,
    archive_url: str,
    empty_url: str,
    folder: Path,
    tmp_path: Path,
    jiedu: Jiedu,  # noqa: F811
) -> None:
    source = ("--archive", archive_url, "--warc", tmp_path / "warc")
    target = ("--archive", empty_url, "--warc", tmp_path / "again" / "warc")
    one_line(jiedu(*target, "restore", folder), "no backup")
    assert not (tmp_path / "again").exists()
    status, output, errors = jiedu(*source, "backup", folder, "--verify")
    assert (status, errors) == (0, "")
    assert "1 articles, 4 captures, 2 WARC files" in output
    assert "the archive is sound" in output
    status, output, _ = jiedu(*source, "backup", folder, "--json")
    assert status == 0
    said = json.loads(output)
    assert (said["copied_files"], said["counts"]["captures"]) == (0, 4)
    status, output, _ = jiedu(*target, "restore", folder)
    assert status == 0
    assert "1 articles, 4 captures" in output
    assert jiedu(*target, "check")[0] == 0
    assert URL in jiedu("--archive", folder / "archive.db", "show", URL)[1]
    one_line(jiedu(*target, "restore", folder), "not empty")
