"""Mend what a check found; nothing is deleted, and nothing is invented.

Called by ``jiedu check --repair``. A record without a row stays without one: what the visit showed
and what else belonged to it is not in the file, and the next visit fetches the page again.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from storage.aliases import find_article
from storage.archive import Archive
from storage.check.finding import Cut, Orphan, Report
from storage.check.running import Running
from storage.clock import now
from storage.digest import payload_digest
from storage.errors import ArchiveUnusable, CaptureUnreadable
from storage.indexing import rebuild
from storage.reprint_links import link_missing
from storage.schema import CaptureRow, CrawlRow, LedgerRow
from storage.transaction import reading, write
from storage.warc_reading import read_record

_CANDIDATES = 5  # records tried for one damaged capture

Place = dict[str, Any]
"""Values of a capture's row that say where its record stands."""


def repair(archive: Archive, report: Report) -> list[str]:
    """What was mended, and what is lost, one line each; check again to see what remains."""
    folder = archive.warc_folder
    assert folder is not None  # or there would be no report
    done = [*_point_again(archive, folder, report)]
    done += _cut_tails(archive, folder, report)
    done += _add_digests(archive, report)
    done += _close_crawls(archive)
    done += _settle_ledger(archive)
    if report.is_index_damaged:
        count = write(archive.engine, rebuild)
        done.append(f"the search index was made anew, with {count} version(s)")
    done += _link_reprints(archive)
    if report.checked["orphaned records"]:
        done.append(
            f"left alone: {report.checked['orphaned records']} record(s) no row refers to;"
            " no capture is made up from them"
        )
    return done


# -- captures whose record is damaged -------------------------------------------------------------


def _point_again(archive: Archive, folder: Path, report: Report) -> Iterator[str]:
    by_id = {orphan.record_id: orphan for orphan in report.orphans}
    by_digest: dict[str | None, list[Orphan]] = {}
    for orphan in report.orphans:
        by_digest.setdefault(orphan.payload_digest, []).append(orphan)
    damaged = set(report.damaged)
    for number in report.damaged:
        with reading(archive.engine) as connection:
            row = connection.execute(
                select(CaptureRow.__table__).where(CaptureRow.id == number)
            ).one_or_none()
            if row is None:
                continue
            places = [
                *_own_places(row, by_id),
                *_twin_places(connection, row, damaged),
                *_orphan_places(row, by_digest),
            ]
        for place in places[:_CANDIDATES]:
            if _holds(folder, place, row):
                _point(archive, number, place)
                kept = place["warc_record_id"] == row.warc_record_id
                yield (
                    f"capture {number} of {row.url}: its record is read from {place['warc_file']}"
                    f" at offset {place['warc_offset']}"
                    + ("" if kept else "; its own response headers and request are lost")
                )
                break
        else:
            yield f"lost: capture {number} of {row.url}: no other record holds its bytes"


def _own_places(row: Row[Any], by_id: dict[str, Orphan]) -> Iterator[Place]:
    """The capture's own record, standing elsewhere than its row says."""
    orphan = by_id.get(row.warc_record_id)
    if orphan and orphan.record_type == row.record_type:
        yield _place(orphan.file, orphan.offset, orphan.length, orphan.record_id, row.record_type)


def _twin_places(connection: Connection, row: Row[Any], damaged: set[int]) -> Iterator[Place]:
    """Records of other captures with the same payload, those of the same address first."""
    if not _has_payload(row):
        return
    same_url = CaptureRow.url_key == row.url_key
    query = (
        select(CaptureRow.__table__)
        .where(
            CaptureRow.payload_digest == row.payload_digest,
            CaptureRow.size_bytes == row.size_bytes,
            CaptureRow.status == row.status,
            CaptureRow.record_type == "response",
            CaptureRow.body_digest.is_not_distinct_from(row.body_digest),
            CaptureRow.id != row.id,
        )
        .order_by(same_url.desc(), CaptureRow.id)
    )
    for twin in connection.execute(query):
        if twin.id not in damaged:
            yield _place(
                twin.warc_file, twin.warc_offset, twin.warc_length, twin.warc_record_id, "response"
            )


def _orphan_places(row: Row[Any], by_digest: dict[str | None, list[Orphan]]) -> Iterator[Place]:
    """Records no row refers to, with the same payload."""
    if not _has_payload(row):
        return
    for orphan in by_digest.get(row.payload_digest, ()):
        if orphan.record_type == "response" and orphan.status == row.status:
            yield _place(orphan.file, orphan.offset, orphan.length, orphan.record_id, "response")


def _has_payload(row: Row[Any]) -> bool:
    """Whether bytes of its own tell the capture from others; a redirect has only headers."""
    return bool(row.size_bytes) and row.status != 304


def _place(file: str, offset: int, length: int, record_id: str, record_type: str) -> Place:
    return {
        "warc_file": file,
        "warc_offset": offset,
        "warc_length": length,
        "warc_record_id": record_id,
        "record_type": record_type,
    }


def _holds(folder: Path, place: Place, row: Row[Any]) -> bool:
    """Whether the record there is whole and has the capture's payload."""
    try:
        record = read_record(folder, place["warc_file"], place["warc_offset"], place["warc_length"])
    except CaptureUnreadable:
        return False
    if record.headers.get("WARC-Record-ID") != place["warc_record_id"]:
        return False
    if place["record_type"] == "revisit":
        return True
    return bool(payload_digest(record.body) == row.payload_digest)


def _point(archive: Archive, number: int, place: Place) -> None:
    query = update(CaptureRow).where(CaptureRow.id == number).values(place)
    write(archive.engine, lambda c: c.execute(query))


# -- files ----------------------------------------------------------------------------------------


def _cut_tails(archive: Archive, folder: Path, report: Report) -> Iterator[str]:
    for cut in report.cuts:
        with reading(archive.engine) as connection:
            is_live = Running(connection).may_write(cut.file)
            behind = connection.scalar(
                select(func.count()).where(
                    CaptureRow.warc_file == cut.file,
                    CaptureRow.warc_offset + CaptureRow.warc_length > cut.offset,
                )
            )
        if is_live or behind:
            why = "a crawl may be writing to it" if is_live else f"{behind} capture(s) refer to it"
            yield f"left alone: the incomplete end of {cut.file}, for {why}"
            continue
        try:
            kept = _cut_tail(folder / cut.file, cut)
        except OSError as error:
            raise ArchiveUnusable(
                f"cannot cut {folder / cut.file}: {error.strerror}; make it writable"
            ) from error
        if kept is None:
            yield f"left alone: {cut.file} has changed since it was checked"
        else:
            yield f"{cut.file}: its incomplete end of {cut.size - cut.offset} bytes is in {kept}"


def _cut_tail(path: Path, cut: Cut) -> str | None:
    """Move the tail into a file of its own, synced before the cut; its name."""
    with path.open("r+b") as stream:
        if os.fstat(stream.fileno()).st_size != cut.size:
            return None
        stream.seek(cut.offset)
        tail = stream.read()
        kept = path.with_name(f"{path.name}.{cut.offset}.cut")
        with kept.open("wb") as copy:
            copy.write(tail)
            copy.flush()
            os.fsync(copy.fileno())
        stream.truncate(cut.offset)
        os.fsync(stream.fileno())
    return kept.name


# -- rows -----------------------------------------------------------------------------------------


def _add_digests(archive: Archive, report: Report) -> Iterator[str]:
    for number, digest in report.undigested.items():
        query = (
            update(CaptureRow)
            .where(CaptureRow.id == number, CaptureRow.body_digest.is_(None))
            .values(body_digest=digest)
        )
        _run(archive, query)
    if report.undigested:
        yield f"{len(report.undigested)} missing body digest(s) added"


def _close_crawls(archive: Archive) -> Iterator[str]:
    """Say of crawls whose process is gone that they were killed."""
    folder = archive.warc_folder
    assert folder is not None
    with reading(archive.engine) as connection:
        running = Running(connection)
        killed = [crawl for crawl in running.unfinished if not running.is_leased(crawl)]
        last = {
            crawl.id: connection.scalar(
                select(func.max(CaptureRow.recorded_at)).where(CaptureRow.crawl_id == crawl.id)
            )
            for crawl in killed
        }
    for crawl in killed:
        if any(running.may_write(path.name) for path in folder.glob(f"{crawl.id:06d}-*.warc.gz")):
            yield f"left alone: crawl {crawl.id} has no lease, but its process is alive"
            continue
        values = {"finished_at": last[crawl.id] or crawl.started_at, "outcome": "killed"}
        _run(
            archive,
            update(CrawlRow)
            .where(CrawlRow.id == crawl.id, CrawlRow.finished_at.is_(None))
            .values(values),
        )
        yield f"crawl {crawl.id} ({crawl.command}) counts as killed"


def _settle_ledger(archive: Archive) -> Iterator[str]:
    """Give entries that are done their article, and let those without one be fetched again."""

    def work(connection: Connection) -> tuple[int, int]:
        found = waiting = 0
        query = select(LedgerRow.id, LedgerRow.url).where(
            LedgerRow.state == "done", LedgerRow.article_id.is_(None)
        )
        for number, url in connection.execute(query).all():
            article_id = find_article(connection, [url])
            values: dict[str, Any] = {"article_id": article_id}
            if article_id is None:
                values = {"state": "pending", "done_at": None, "tries": 0}
                waiting += 1
            else:
                values |= {"done_at": func.coalesce(LedgerRow.done_at, now())}
                found += 1
            connection.execute(update(LedgerRow).where(LedgerRow.id == number).values(values))
        return found, waiting

    found, waiting = write(archive.engine, work)
    if found:
        yield f"{found} address(es) of the ledger got their article back"
    if waiting:
        yield f"{waiting} address(es) of the ledger have no article and will be fetched again"


def _link_reprints(archive: Archive) -> Iterator[str]:
    """Compare readings that never were, to find the reprints among them."""
    if found := write(archive.engine, link_missing):
        yield f"{found} reading(s) compared with others to find reprints"


def _run(archive: Archive, query: Any) -> None:
    run: Callable[[Connection], Any] = lambda c: c.execute(query)  # noqa: E731
    write(archive.engine, run)
