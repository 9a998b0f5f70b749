"""`jiedu check`: each kind of damage is found where it is, and mended where that is possible."""

import gzip
import json
import os
import re
import sqlite3
import uuid
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from storage import Archive, Listed
from storage.check import Finding, Report, check, repair
from storage.clock import now
from storage.indexing import unindex
from storage.record import StoredCapture
from storage.schema import LeaseRow
from storage.transaction import write
from tests.records import BODY, URL, article, capture
from tests.test_storage_cli import Jiedu, jiedu  # noqa: F401 - the fixture
from tests.test_storage_warc import body, page

EDITED = ("近日，示例省印发《关于推进数据要素流通的若干意见》。", *BODY[1:])
OTHER = "http://news.example.cn/jiedu/1002.html"

# What is only in files is the same whatever the database.
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"])


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """Two versions of an article, a repeated visit, a 304, a redirect, a page that was not read.

    The capture numbers are 1 to 7; 3 is a revisit of 1, 4 a 304 of 2, all in one finished file.
    """
    tagged = (("ETag", '"a1"'), ("Content-Type", "text/html"))
    archive.add([capture(is_gzip=True)], article())
    archive.add([capture(b"<p>two</p>", minute=1, headers=tagged)], article(*EDITED))
    archive.add([capture(is_gzip=True, minute=2)], article())
    archive.add([capture(b"<p>two</p>", minute=3, headers=tagged)], article(*EDITED))
    validators = archive.validators(URL)
    assert validators is not None
    archive.add([capture(b"", minute=4, status=304, revisits=validators.capture_id)], None)
    archive.add([page(1)], None, failure="not read")
    archive.list_urls("example", "http://news.example.cn/jiedu/", [Listed(url=OTHER)])
    archive.add([capture(b"<p>other</p>", url=OTHER, minute=9)], article("又一篇。", url=OTHER))
    archive.finish_crawl("finished", {})
    return archive


def found(report: Report, level: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.level == level]


def the_error(archive: Archive, *parts: str) -> Report:
    """The check finds one error, and it says these things."""
    report = check(archive)
    (error,) = found(report, "error")
    for part in parts:
        assert part in f"{error.where}: {error.what}; {error.advice}"
    assert not report.is_sound
    return report


def run(archive: Archive, *statements: str) -> None:
    """Change rows behind the archive's back, with no foreign key in the way."""
    with archive.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("PRAGMA foreign_keys=OFF")
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA foreign_keys=ON")
        else:
            connection.execute(text("SET session_replication_role = DEFAULT"))
            connection.commit()


def place(archive: Archive, number: int) -> tuple[Path, StoredCapture]:
    (row,) = [row for row in archive.captures() if row.id == number]
    assert archive.warc_folder
    return archive.warc_folder / row.warc_file, row


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x10
    path.write_bytes(data)


def test_a_healthy_archive_is_sound(filled: Archive) -> None:
    report = check(filled)
    assert report.findings == []
    assert report.is_sound
    assert report.checked["captures"] == 7
    assert report.checked["readings"] == 5
    assert report.checked["files"] == 1
    assert report.checked["listed addresses"] == 1


@on_sqlite
def test_an_empty_archive_is_sound(archive: Archive) -> None:
    assert check(archive).findings == []


# -- bytes ----------------------------------------------------------------------------------------


@on_sqlite
def test_a_flipped_bit_costs_its_capture_only(filled: Archive) -> None:
    path, row = place(filled, 6)
    flip(path, row.warc_offset + row.warc_length // 2)
    report = the_error(filled, str(path), f"offset {row.warc_offset}", "capture 6", row.url)
    assert report.damaged == [6]


@on_sqlite
def test_a_flipped_bit_in_a_record_without_a_row_is_a_warning(filled: Archive) -> None:
    path, row = place(filled, 6)
    flip(path, row.warc_offset + row.warc_length + 60)  # the request of that page
    report = check(filled)
    (warning,) = report.findings
    assert warning.level == "warning"
    assert f"offset {row.warc_offset + row.warc_length}" in warning.where


@on_sqlite
def test_a_file_cut_in_a_record_is_an_error_of_each_capture_behind(filled: Archive) -> None:
    path, row = place(filled, 6)
    os.truncate(path, row.warc_offset + 100)
    report = check(filled)
    assert report.damaged == [6, 7]
    assert report.counts["error"] == 2
    assert "ends inside the record" in report.findings[0].what


@on_sqlite
def test_a_missing_file_is_one_error(filled: Archive) -> None:
    path, _ = place(filled, 6)
    path.unlink()
    report = the_error(filled, str(path), "7 capture(s) need it")
    assert report.damaged == [1, 2, 3, 4, 5, 6, 7]


def test_a_wrong_offset_is_found_and_mended(filled: Archive) -> None:
    _, row = place(filled, 6)
    run(filled, f"UPDATE captures SET warc_offset = {row.warc_offset + 3} WHERE id = 6")
    report = the_error(filled, "capture 6")
    assert [orphan.offset for orphan in report.orphans] == [row.warc_offset]
    (line, _) = repair(filled, report)
    assert "lost" not in line
    assert check(filled).findings == []
    assert filled.read_capture(6).body == page(1).body


def test_a_revisit_without_its_original_is_an_error(filled: Archive) -> None:
    assert place(filled, 3)[1].record_type == "revisit"
    run(filled, "UPDATE captures SET revisits_id = 2 WHERE id = 3")
    the_error(filled, "capture 3", "another digest")
    run(filled, "UPDATE captures SET revisits_id = 99 WHERE id = 3")
    whats = [finding.what for finding in found(check(filled), "error")]
    assert whats == [
        "revisits_id 99 is in no row of captures",
        "the capture it repeats (99) does not exist",
    ]


def test_a_missing_body_digest_is_added(filled: Archive) -> None:
    before = place(filled, 1)[1].body_digest
    run(filled, "UPDATE captures SET body_digest = NULL WHERE id = 1")
    report = check(filled)
    assert [finding.level for finding in report.findings] == ["warning"]
    assert repair(filled, report) == ["1 missing body digest(s) added"]
    assert place(filled, 1)[1].body_digest == before
    assert check(filled).findings == []


@on_sqlite
def test_records_without_rows_are_information(filled: Archive, tmp_path: Path) -> None:
    path, _ = place(filled, 6)
    run(filled, "DELETE FROM captures WHERE id = 6")
    (path.parent / "000099-1-00001.warc.gz").write_bytes(path.read_bytes())
    (path.parent / "notes.txt").write_text("mine")
    report = check(filled)
    assert report.is_sound
    assert sorted((f.level, f.what, Path(f.where).name) for f in report.findings) == [
        ("information", "1 record(s) no row refers to", path.name),
        ("information", "7 record(s) no row refers to", "000099-1-00001.warc.gz"),
        ("information", "no WARC file of this archive", "notes.txt"),
    ]


# -- a killed or running writer -------------------------------------------------------------------


def killed_tail(archive: Archive) -> Path:
    """The file of a crawl whose process ended in the middle of a record, renamed to its process."""
    crawl = archive.begin_crawl("crawl", "example")
    archive.add([page(20)], None, failure="not read")
    path, row = place(archive, archive.captures()[-1].id)
    archive._files.close()
    dead = path.with_name(f"{crawl:06d}-{2**22 + 1}-00001.warc.gz")  # above any process number
    path.rename(dead)
    run(archive, f"UPDATE captures SET warc_file = '{dead.name}' WHERE id = {row.id}")
    with dead.open("ab") as stream:
        stream.write(gzip.compress(body(3000))[:1234])
    return dead


def test_a_killed_writers_tail_is_information_and_cut_off(filled: Archive) -> None:
    path = killed_tail(filled)
    whole = path.read_bytes()
    report = check(filled)
    assert report.is_sound
    assert [finding.level for finding in report.findings] == ["information"] * 2
    assert "ended without a word" in report.findings[0].what
    assert f"{path} at offset {len(whole) - 1234}" == report.findings[1].where
    lines = repair(filled, report)
    assert len(lines) == 2
    assert path.read_bytes() == whole[:-1234]
    (kept,) = path.parent.glob("*.cut")
    assert kept.read_bytes() == whole[-1234:]
    assert check(filled).findings == []
    crawl = filled.crawls()[-1]
    assert crawl.outcome == "killed"
    assert crawl.finished_at is not None
    assert crawl.finished_at >= crawl.started_at
    assert repair(filled, check(filled)) == []


def test_a_running_crawls_file_is_left_alone(filled: Archive) -> None:
    """The lease says so, wherever the crawl runs; what it is writing is not damage."""
    path = killed_tail(filled)
    size = path.stat().st_size
    lease = {
        "portal": "example",
        "token": uuid.uuid4(),
        "node": "another machine",
        "process": 1,
        "process_began": 0.0,
        "taken_at": now(),
        "renewed_at": now(),
    }
    before = check(filled)  # the crawl began just after this
    write(filled.engine, lambda c: c.execute(insert(LeaseRow).values(lease)))
    assert len(before.cuts) == 1
    lines = repair(filled, before)
    assert lines == [
        f"left alone: the incomplete end of {path.name}, for a crawl may be writing to it"
    ]
    run(filled, "DELETE FROM captures WHERE id = (SELECT max(id) FROM captures)")  # not yet written
    report = check(filled)
    whats = [(finding.level, finding.what) for finding in report.findings]
    assert whats == [
        ("information", "it is running"),
        ("information", "a crawl is writing here"),
    ]
    assert repair(filled, report) == []
    assert path.stat().st_size == size
    assert filled.crawls()[-1].outcome is None


@on_sqlite
def test_a_living_run_is_left_alone_with_its_lease_or_without(archive: Archive) -> None:
    archive.begin_crawl("import")
    archive.add([page(1)], None, failure="not read")
    path, row = place(archive, 1)
    with path.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08")
    report = check(archive)
    assert report.cuts == []
    assert repair(archive, report) == []
    run(archive, "DELETE FROM leases")  # as when it lost a server for minutes
    (line,) = repair(archive, check(archive))
    assert "process is alive" in line
    assert path.stat().st_size > row.warc_offset + row.warc_length
    assert archive.crawls()[-1].finished_at is None


@on_sqlite
def test_a_tail_that_rows_refer_to_is_not_cut_off(filled: Archive) -> None:
    path, row = place(filled, 7)
    os.truncate(path, row.warc_offset + 50)
    report = check(filled)
    lines = repair(filled, report)
    assert any(line.startswith("lost: capture 7") for line in lines)
    assert path.stat().st_size == row.warc_offset + 50


@on_sqlite
def test_an_end_that_a_row_refers_to_by_now_is_not_cut_off(filled: Archive) -> None:
    path = killed_tail(filled)
    size = path.stat().st_size
    report = check(filled)
    run(filled, f"UPDATE captures SET warc_offset = {size - 10} WHERE warc_file = '{path.name}'")
    assert "1 capture(s) refer to it" in repair(filled, report)[0]
    assert path.stat().st_size == size


# -- captures that can be read from elsewhere -----------------------------------------------------


def test_a_damaged_capture_is_read_from_a_twin(filled: Archive) -> None:
    filled.begin_crawl("test")
    assert filled.warc_folder
    path, row = place(filled, 6)
    whole = path.read_bytes()
    os.truncate(path, row.warc_offset)  # too short: the same bytes are kept again
    twin = filled.add([page(1)], None, failure="again").capture_ids[0]
    filled.finish_crawl("finished", {})
    path.write_bytes(whole)
    flip(path, row.warc_offset + row.warc_length // 2)
    report = the_error(filled, "capture 6")
    other = place(filled, twin)[0]
    sound = other.read_bytes()
    other.write_bytes(bytes(len(sound)))  # the twin is damaged by now
    assert [line[:15] for line in repair(filled, report)] == ["lost: capture 6"]
    other.write_bytes(sound)
    (line,) = repair(filled, report)
    assert "response headers and request are lost" in line
    assert filled.read_capture(6).body == page(1).body
    assert place(filled, 6)[1].warc_file == place(filled, twin)[1].warc_file
    assert check(filled).is_sound


@on_sqlite
def test_a_damaged_revisit_is_read_from_its_original(filled: Archive) -> None:
    path, row = place(filled, 3)
    flip(path, row.warc_offset + row.warc_length // 2)
    report = the_error(filled, "capture 3")
    repair(filled, report)
    assert filled.read_capture(3).body == filled.read_capture(1).body
    assert check(filled).is_sound


@on_sqlite
def test_a_capture_whose_bytes_are_nowhere_is_said_to_be_lost(filled: Archive) -> None:
    path, row = place(filled, 6)
    flip(path, row.warc_offset + row.warc_length // 2)
    report = the_error(filled, "capture 6")
    assert repair(filled, report) == [
        f"lost: capture 6 of {row.url}: no other record holds its bytes"
    ]
    the_error(filled, "capture 6")


def test_an_erased_capture_is_no_error(filled: Archive) -> None:
    path, row = place(filled, 7)
    member = erased_member(row.warc_length)
    data = path.read_bytes()
    end = row.warc_offset + row.warc_length
    path.write_bytes(data[: row.warc_offset] + member + data[end:])
    the_error(filled, "capture 7")
    stamp = "CURRENT_TIMESTAMP"
    write(filled.engine, lambda c: unindex(c, 2))
    run(
        filled,
        f"UPDATE articles SET withdrawn_at = {stamp} WHERE id = 2",
        "INSERT INTO withdrawals (article_id, act, reason, acted_by, acted_at, finished_at)"
        f" VALUES (2, 'erase', 'a', 'b', {stamp}, {stamp})",
        "DELETE FROM blocks WHERE reading_id = (SELECT max(id) FROM readings)",
    )
    report = check(filled)
    assert report.findings == []
    assert report.checked["erased captures"] == 1
    path.write_bytes(data)
    run(filled, "UPDATE captures SET record_type = 'erased' WHERE id = 7")
    the_error(filled, "capture 7", "still there")


def erased_member(length: int) -> bytes:
    """A metadata record in a gzip member of exactly this length; the comment field fills it."""
    record = b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    plain = gzip.compress(record, mtime=0)
    head = plain[:3] + b"\x10" + plain[4:10]
    return head + b" " * (length - len(plain) - 1) + b"\0" + plain[10:]


# -- rows -----------------------------------------------------------------------------------------


# What is done to a row, and what the one error then says; nothing where all is still sound.
DAMAGE: list[tuple[str, tuple[str, ...]]] = [
    (
        "UPDATE blocks SET text = 'x' || substr(text, 2) WHERE reading_id = 2 AND ordinal = 1",
        ("article 1 version 2", "do not fit the digest"),
    ),
    (
        'UPDATE blocks SET "end" = "end" - 1 WHERE reading_id = 2 AND ordinal = 1',
        ("article 1 version 2", "block 1", "offsets"),
    ),
    ("UPDATE readings SET text_length = 1 WHERE id = 2", ("version 2", "characters, not 1")),
    ("UPDATE versions SET digest = 'a' WHERE id = 2", ("version 2", "first reading")),
    ("UPDATE versions SET number = 7 WHERE id = 4", ("article 1", "numbered from 1 to 7")),
    ("DELETE FROM reading_captures WHERE reading_id = 2", ("reading 2", "names no capture")),
    ("DELETE FROM blocks WHERE reading_id = 2 AND kind = 'caption'", ()),
    ("DELETE FROM authors WHERE reading_id = 2 AND ordinal = 0", ("reading 2", "authors")),
    ("UPDATE reading_captures SET capture_id = 7 WHERE reading_id = 2", ("capture 7",)),
    ("UPDATE reading_captures SET capture_id = 99 WHERE reading_id = 2", ("99",)),
    ("UPDATE articles SET url_key = 'a.example.cn/' WHERE id = 1", ("article 1", "key")),
    ("UPDATE captures SET version_id = 5 WHERE id = 2", ("capture 2", "of article 2")),
    ("UPDATE ledger SET article_id = NULL", ("example", OTHER, "names no article")),
    ("UPDATE captures SET payload_digest = 'sha1:A' WHERE id = 6", ("payload does not fit",)),
    ("UPDATE captures SET size_bytes = 1 WHERE id = 6", ("payload does not fit",)),
    ("UPDATE captures SET body_digest = 'a' WHERE id = 6", ("capture 6", "body digest")),
    ("UPDATE captures SET warc_record_id = 'a' WHERE id = 6", ("capture 6", "another capture's")),
]


def test_a_changed_row_is_an_error(filled: Archive) -> None:
    for statement, parts in DAMAGE:
        table = re.findall(r"(?:UPDATE|FROM) (\w+)", statement)[0]
        run(filled, f"CREATE TABLE saved AS SELECT * FROM {table}", statement)
        if parts:
            the_error(filled, *parts)
        else:  # a caption at the end has no part in the digest and leaves no gap
            assert check(filled).is_sound
        undo = (f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM saved")
        run(filled, *undo, "DROP TABLE saved")
    assert check(filled).findings == []


def test_a_missing_version_reading_or_article_is_an_error(filled: Archive) -> None:
    run(filled, "DELETE FROM readings WHERE version_id = 5")
    whats = [finding.what for finding in found(check(filled), "error")]
    assert "the version has no reading" in whats
    run(filled, "DELETE FROM versions WHERE id = 5")
    whats = [finding.what for finding in found(check(filled), "error")]
    assert "it has no version" in whats
    assert "version_id 5 is in no row of versions" in whats


def test_a_missing_index_is_an_error(filled: Archive) -> None:
    run(filled, "DROP INDEX ix_captures_visit")
    the_error(filled, "captures", "ix_captures_visit")


@on_sqlite
def test_a_damaged_database_page_is_an_error(filled: Archive) -> None:
    database = filled.engine.url.database
    assert database
    filled.close()
    with sqlite3.connect(database) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("PRAGMA writable_schema=ON")
        index = raw.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name='ix_captures_visit'"
        ).fetchone()[0]
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    raw.close()
    path = Path(database)
    data = bytearray(path.read_bytes())
    data[index * size - 20 : index * size] = b"\xff" * 20  # the last entries of that page
    path.write_bytes(data)
    errors = found(check(filled), "error")
    assert errors
    assert all(error.where == "integrity_check" for error in errors)


def test_the_ledger_is_settled(filled: Archive) -> None:
    run(filled, "UPDATE ledger SET article_id = NULL")
    lines = repair(filled, check(filled))
    assert lines == ["1 address(es) of the ledger got their article back"]
    assert check(filled).findings == []
    run(filled, "UPDATE ledger SET article_id = NULL, url = 'http://news.example.cn/none.html'")
    lines = repair(filled, check(filled))
    assert lines == ["1 address(es) of the ledger have no article and will be fetched again"]
    assert [listed.url for listed in filled.pending_urls("example")] == [
        "http://news.example.cn/none.html"
    ]


# -- the command ----------------------------------------------------------------------------------


def test_the_command_says_what_is_wrong(
    filled: Archive,
    archive_url: str,
    tmp_path: Path,
    jiedu: Jiedu,  # noqa: F811
) -> None:
    options = ("--archive", archive_url, "--warc", tmp_path / "warc", "check")
    status, output, errors = jiedu(*options)
    assert (status, errors) == (0, "")
    assert output.splitlines()[-1] == "the archive is sound: 0 error(s), 0 warning(s)"
    path, row = place(filled, 3)
    flip(path, row.warc_offset + row.warc_length // 2)
    status, output, _ = jiedu(*options, "--show", 0)
    assert status == 1
    assert output.startswith("... and 1 more error(s)\n")
    status, output, _ = jiedu(*options, "--json")
    assert status == 1
    said = json.loads(output)
    assert said["counts"] == {"error": 1, "warning": 0, "information": 0}
    assert said["findings"][0]["where"].startswith(str(path))
    status, output, _ = jiedu(*options, "--repair")
    assert status == 0
    assert output.startswith("repair: capture 3 of ")
    assert "1 warning(s)" in output  # the damaged record is still there, and no row needs it
