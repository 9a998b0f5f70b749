"""Captures against WARC files: every row's record, and every record without a row.

Called by ``storage.check.checking``. One query gives all rows by file and offset; each file is
opened once and read from its beginning to its end, one record in memory at a time.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select

from storage.check.finding import Cut, Orphan, Progress, Report
from storage.check.members import Damaged, MemberFile
from storage.check.running import Running
from storage.content_encoding import decoded_body
from storage.digest import payload_digest
from storage.schema import ArticleRow, CaptureRow, WithdrawalRow
from storage.warc_reading import Record

_RESTORE = "restore the file from a backup, or run `jiedu check --repair`"
_NONE = payload_digest(b"")
_ROWS = 1000  # rows fetched at once


def check_captures(
    connection: Connection, folder: Path, running: Running, report: Report, progress: Progress
) -> None:
    """Verify the record of every capture, and look at all other records."""
    total = connection.scalar(select(func.count()).select_from(CaptureRow)) or 0
    erased = _erased_articles(connection)
    seen: set[str] = set()
    for file, rows in groupby(_rows(connection), key=lambda row: row.warc_file):
        seen.add(file)
        check = _FileCheck(folder, file, erased, report, is_live=running.may_write(file))
        check.run(rows)
        progress("captures", report.checked["captures"], total)
    for name in sorted(_names(folder) - seen):
        if not name.endswith(".warc.gz"):
            if not name.endswith(".cut"):  # what a repair cut off
                where = str(folder / name)
                report.add("information", "no WARC file of this archive", where, "nothing to do")
            continue
        _FileCheck(folder, name, erased, report, is_live=running.may_write(name)).run(())
    progress("captures", total, total)


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    target = CaptureRow.__table__.alias("target")
    row = CaptureRow.__table__.c
    query = (
        select(
            row.id, row.article_id, row.status, row.url, row.record_type, row.revisits_id,
            row.warc_file, row.warc_offset, row.warc_length, row.warc_record_id,
            row.payload_digest, row.body_digest, row.size_bytes,
            target.c.id.label("target_id"), target.c.record_type.label("target_type"),
            target.c.payload_digest.label("target_digest"), target.c.article_id.label("target_of"),
        )
        .outerjoin(target, row.revisits_id == target.c.id)
        .order_by(row.warc_file, row.warc_offset, row.id)
        .execution_options(yield_per=_ROWS)
    )  # fmt: skip
    return iter(connection.execute(query))


def _erased_articles(connection: Connection) -> set[int]:
    query = (
        select(WithdrawalRow.article_id)
        .join(ArticleRow, ArticleRow.id == WithdrawalRow.article_id)
        .where(WithdrawalRow.act == "erase", ArticleRow.withdrawn_at.is_not(None))
    )
    return set(connection.scalars(query))


def _names(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in os.scandir(folder) if entry.is_file()}
    except OSError:
        return set()


class _FileCheck:
    """One file, read from its beginning to its end beside the rows that refer to it."""

    def __init__(
        self, folder: Path, file: str, erased: set[int], report: Report, *, is_live: bool
    ) -> None:
        self._path, self._file = folder / file, file
        self._erased, self._report, self._is_live = erased, report, is_live
        self._orphans = 0

    def run(self, rows: Iterable[Row[Any]]) -> None:
        self._report.checked["files"] += 1
        rows = iter(rows)
        try:
            with MemberFile(self._path) as members:
                self._read(members, rows)
        except OSError as error:
            self._missing(rows, error)
        if self._orphans:
            self._report.add(
                "information",
                f"{self._orphans} record(s) no row refers to",
                str(self._path),
                "nothing to do; a killed crawl leaves them, and its next run fetches again",
            )

    def _read(self, members: MemberFile, rows: Iterable[Row[Any]]) -> None:
        position = 0
        for row in rows:
            position = self._read_gap(members, position, row.warc_offset)
            try:
                record = members.record(row.warc_offset, row.warc_length)
            except Damaged as damage:
                self._lost(row, str(damage))
                if position == row.warc_offset:
                    position = _behind(members, row)
            else:
                self._check_row(row, record)
                position = max(position, row.warc_offset + row.warc_length)
            self._report.checked["captures"] += 1
        self._read_gap(members, position, None)

    def _read_gap(self, members: MemberFile, position: int, end: int | None) -> int:
        """Look at the records up to a row's; the offset behind the last one, or ``end``."""
        size = members.size if end is None else end
        while position < min(size, members.size):
            try:
                record = members.record(position)
            except Damaged as damage:
                self._gap_damage(members, position, damage, end)
                return size
            if record.type in ("response", "revisit") and not (self._is_live and end is None):
                self._orphans += 1
                self._report.add_orphan(
                    Orphan(
                        file=self._file,
                        offset=position,
                        length=record.length,
                        record_id=record.headers.get("WARC-Record-ID", ""),
                        record_type=record.type,
                        status=record.status,
                        payload_digest=record.headers.get("WARC-Payload-Digest"),
                    )
                )
            position += record.length
        return position

    def _gap_damage(
        self, members: MemberFile, position: int, damage: Damaged, end: int | None
    ) -> None:
        where = f"{self._path} at offset {position}"
        if not damage.is_cut:
            self._report.add(
                "warning", f"a record no row refers to: {damage}", where, "restore the file"
            )
        elif self._is_live:
            self._report.add("information", "a crawl is writing here", where, "nothing to do")
        elif end is None:
            self._report.cuts.append(Cut(file=self._file, offset=position, size=members.size))
            self._report.add(
                "information",
                "the last record is incomplete, and no row refers to it",
                where,
                "nothing to do; `jiedu check --repair` cuts it off",
            )

    def _missing(self, rows: Iterable[Row[Any]], error: OSError) -> None:
        ids = [row.id for row in rows]
        self._report.damaged += ids
        self._report.checked["captures"] += len(ids)
        self._report.add(
            "error",
            f"the file cannot be read ({error.strerror}); {len(ids)} capture(s) need it",
            str(self._path),
            f"{_RESTORE}; is --warc (ARCHIVE_WARC) the right folder?",
        )

    def _where(self, row: Row[Any]) -> str:
        return f"{self._path} at offset {row.warc_offset}: capture {row.id} of {row.url}"

    def _lost(self, row: Row[Any], what: str) -> None:
        self._report.damaged.append(row.id)
        self._report.add("error", what, self._where(row), _RESTORE)

    def _check_row(self, row: Row[Any], record: Record) -> None:
        if row.record_type == "erased" or (
            record.type == "metadata" and row.article_id in self._erased
        ):
            self._check_erased(row, record)
        elif record.headers.get("WARC-Record-ID") != row.warc_record_id:
            self._lost(row, "the record is another capture's")
        elif record.type != row.record_type:
            self._lost(row, f"the record is a {record.type}, not a {row.record_type}")
        elif row.record_type == "revisit":
            self._check_revisit(row, record)
        else:
            self._check_response(row, record)

    def _check_erased(self, row: Row[Any], record: Record) -> None:
        self._report.checked["erased captures"] += 1
        if record.type != "metadata":
            self._report.add(
                "error",
                "the capture counts as erased, and its bytes are still there",
                self._where(row),
                "withdraw the article with --erase again",
            )

    def _check_response(self, row: Row[Any], record: Record) -> None:
        # The record's own digest has been verified; without one the body is digested here.
        digest = record.headers.get("WARC-Payload-Digest") or payload_digest(record.body)
        if digest != row.payload_digest or len(record.body) != row.size_bytes:
            self._lost(row, "the payload does not fit the row's digest or size")
            return
        try:
            body = decoded_body(record.http_headers, record.body)
        except ValueError as error:
            if row.body_digest is not None:
                what = f"the body cannot be decoded ({error}), though its digest is known"
                self._report.add("error", what, self._where(row), _RESTORE)
            return
        body_digest = hashlib.sha256(body).hexdigest()
        if row.body_digest is None:
            self._report.undigested[row.id] = body_digest
            advice = "run `jiedu check --repair`"
            self._report.add("warning", "the body's digest is missing", self._where(row), advice)
        elif body_digest != row.body_digest:
            what = "the decoded body does not fit the row's body digest"
            self._report.add("error", what, self._where(row), "restore the database from a backup")

    def _check_revisit(self, row: Row[Any], record: Record) -> None:
        if row.status == 304:
            if row.payload_digest != _NONE:
                self._lost(row, "a 304 has no payload, but its row has the digest of one")
            return
        if record.headers.get("WARC-Payload-Digest") != row.payload_digest:
            self._lost(row, "the payload does not fit the row's digest")
        elif row.target_id is None:
            self._lost(row, f"the capture it repeats ({row.revisits_id}) does not exist")
        elif row.target_digest != row.payload_digest:
            self._lost(row, f"the capture it repeats ({row.revisits_id}) has another digest")
        elif row.target_type == "erased":
            self._report.add(
                "warning",
                f"its bytes were erased with capture {row.revisits_id}",
                self._where(row),
                "nothing to do",
            )


def _behind(members: MemberFile, row: Row[Any]) -> int:
    """Where the next member begins behind a damaged record."""
    try:
        return int(row.warc_offset + members.length(row.warc_offset))
    except Damaged:
        return int(row.warc_offset + row.warc_length)
