"""Articles as they are told by their rows: versions, readings, blocks, addresses, absences.

Called by ``storage.check.checking``. Readings are read in batches and their digests made anew.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select

from storage.check.finding import Progress, Report
from storage.digest import content_digest
from storage.identity import url_key
from storage.record import Article, Block, Image
from storage.reprint_links import unlinked_readings
from storage.reprint_schema import BandRow, SignatureRow
from storage.schema import (
    AbsenceRow,
    AliasRow,
    ArticleRow,
    BlockRow,
    CaptureRow,
    ImageRow,
    ReadingCaptureRow,
    ReadingPart,
    ReadingRow,
    Table,
    VersionRow,
    WithdrawalRow,
)

_BATCH = 500  # readings whose blocks are in memory at once
_RESTORE = "restore the database from a backup"


def check_articles(connection: Connection, report: Report, progress: Progress) -> None:
    """Everything about articles but their bytes."""
    report.checked["articles"] = _count(connection, ArticleRow)
    report.checked["versions"] = _count(connection, VersionRow)
    _check_numbers(connection, report)
    _check_readings(connection, report, progress)
    _check_parts(connection, report)
    _check_captures(connection, report)
    _check_addresses(connection, report)
    _check_absences(connection, report)
    _check_signatures(connection, report)


def _count(connection: Connection, table: type[Table]) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _check_numbers(connection: Connection, report: Report) -> None:
    number = VersionRow.number
    query = (
        select(ArticleRow.id, ArticleRow.url, func.count(number), func.min(number))
        .add_columns(func.max(number))
        .outerjoin(VersionRow, VersionRow.article_id == ArticleRow.id)
        .group_by(ArticleRow.id, ArticleRow.url)
        .having(
            or_(
                func.count(number) == 0,
                func.count(number) != func.max(number),
                func.min(number) != 1,
            )
        )
        .order_by(ArticleRow.id)
    )
    for id_, url, count, first, last in connection.execute(query):
        what = f"its {count} version(s) are numbered from {first} to {last}"
        report.add(
            "error", what if count else "it has no version", f"article {id_} ({url})", _RESTORE
        )
    unread = (
        select(VersionRow.number, VersionRow.article_id)
        .where(~exists().where(ReadingRow.version_id == VersionRow.id))
        .order_by(VersionRow.id)
    )
    for version, article in connection.execute(unread):
        where = f"article {article} version {version}"
        report.add("error", "the version has no reading", where, "run `scrapy reextract`")


def _check_readings(connection: Connection, report: Report, progress: Progress) -> None:
    erased = exists().where(
        WithdrawalRow.article_id == VersionRow.article_id, WithdrawalRow.act == "erase"
    )
    earlier = ReadingRow.__table__.alias("earlier")
    first = select(func.min(earlier.c.id)).where(earlier.c.version_id == ReadingRow.version_id)
    query = (
        select(
            ReadingRow.id, ReadingRow.url, ReadingRow.reader, ReadingRow.digest, ReadingRow.title,
            ReadingRow.text_length, ReadingRow.media_kind, VersionRow.number,
            VersionRow.article_id, VersionRow.digest.label("version_digest"),
            first.scalar_subquery().label("first_id"),
            and_(erased, ArticleRow.withdrawn_at.is_not(None)).label("is_erased"),
        )
        .join(VersionRow, VersionRow.id == ReadingRow.version_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .order_by(ReadingRow.id)
        .limit(_BATCH)
    )  # fmt: skip
    total, last = _count(connection, ReadingRow), 0
    while rows := connection.execute(query.where(ReadingRow.id > last)).all():
        ids, last = [row.id for row in rows], rows[-1].id
        blocks = _by_reading(connection, BlockRow, ids)
        images = _by_reading(connection, ImageRow, ids)
        for row in rows:
            _check_reading(row, blocks.get(row.id, []), images.get(row.id, []), report)
        report.checked["readings"] += len(rows)
        progress("readings", report.checked["readings"], total)


def _by_reading(
    connection: Connection, table: type[BlockRow] | type[ImageRow], ids: list[int]
) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    query = select(table.__table__).where(table.reading_id.in_(ids))
    for row in connection.execute(query.order_by(table.reading_id, table.ordinal)):
        found.setdefault(row.reading_id, []).append(row)
    return found


def _check_reading(
    row: Any, blocks: list[Row[Any]], images: list[Row[Any]], report: Report
) -> None:
    where = f"article {row.article_id} version {row.number}, read by {row.reader}"
    if row.id == row.first_id and row.digest != row.version_digest:
        what = "the version's digest is not that of its first reading"
        report.add("error", what, where, _RESTORE)
    if row.is_erased:
        return
    article = Article(
        url=row.url,
        reader=row.reader,
        title=row.title,
        media_kind=row.media_kind,
        blocks=tuple(
            Block(kind=b.kind, text=b.text, start=b.start, end=b.end, level=b.level) for b in blocks
        ),
        images=tuple(Image(url=image.url) for image in images),
    )
    if content_digest(article) != row.digest:
        what = "title and blocks do not fit the digest of the reading"
        report.add("error", what, where, f"{_RESTORE}, or read it again: `scrapy reextract`")
    text = article.text
    if len(text) != row.text_length:
        what = f"the text has {len(text)} characters, not {row.text_length}"
        report.add("error", what, where, _RESTORE)
    for ordinal, block in enumerate(article.blocks):
        if block.start is not None and text[block.start : block.end] != block.text:
            what = f"block {ordinal} is not where its offsets say"
            report.add("error", what, where, _RESTORE)


def _check_parts(connection: Connection, report: Report) -> None:
    """No blocks, links, authors... are missing between others, and every reading has its pages."""
    tables = [mapper.class_ for mapper in Table.registry.mappers]
    for table in sorted(tables, key=lambda table: str(table.__tablename__)):
        if not issubclass(table, ReadingPart):
            continue
        query = (
            select(table.reading_id)
            .group_by(table.reading_id)
            .having(func.count() != func.max(table.ordinal) + 1)
        )
        for number in connection.scalars(query):
            what = f"some of its {table.__tablename__} are missing"  # type: ignore[attr-defined]
            report.add("error", what, f"reading {number}", _RESTORE)
    unfounded = select(ReadingRow.id, ReadingRow.url).where(
        ~exists().where(ReadingCaptureRow.reading_id == ReadingRow.id)
    )
    for number, url in connection.execute(unfounded):
        what = "it names no capture it was read from"
        report.add("error", what, f"reading {number} ({url})", _RESTORE)


def _check_captures(connection: Connection, report: Report) -> None:
    """A capture that shows a version, or that a reading was read from, is its article's."""
    shown = (
        select(CaptureRow.id, CaptureRow.article_id, VersionRow.article_id)
        .join(VersionRow, VersionRow.id == CaptureRow.version_id)
        .where(CaptureRow.article_id.is_distinct_from(VersionRow.article_id))
    )
    read = (
        select(CaptureRow.id, CaptureRow.article_id, VersionRow.article_id)
        .join(ReadingCaptureRow, ReadingCaptureRow.capture_id == CaptureRow.id)
        .join(ReadingRow, ReadingRow.id == ReadingCaptureRow.reading_id)
        .join(VersionRow, VersionRow.id == ReadingRow.version_id)
        .where(CaptureRow.article_id.is_distinct_from(VersionRow.article_id))
    )
    for query in (shown, read):
        for number, own, other in connection.execute(query):
            what = f"it is of article {own}, but belongs to a version of article {other}"
            report.add("error", what, f"capture {number}", _RESTORE)


def _check_addresses(connection: Connection, report: Report) -> None:
    for table, name in ((ArticleRow, "article"), (AliasRow, "alias")):
        for number, url, key in _addresses(connection, table):
            try:
                is_right = url_key(url) == key
            except ValueError:
                is_right = False
            if not is_right:
                what = f"its key {key!r} is not that of its address"
                report.add("error", what, f"{name} {number} ({url})", _RESTORE)
    query = select(AliasRow.id, AliasRow.url, AliasRow.article_id, ArticleRow.id).join(
        ArticleRow, and_(ArticleRow.url_key == AliasRow.url_key)
    )
    for number, url, article, other in connection.execute(query):
        if article != other:
            what = f"the address of article {other} is an alias of article {article} too"
            report.add(
                "warning", what, f"alias {number} ({url})", "nothing to do; the first counts"
            )


def _addresses(
    connection: Connection, table: type[ArticleRow] | type[AliasRow]
) -> Iterator[tuple[int, str, str]]:
    query = select(table.id, table.url, table.url_key).order_by(table.id)
    for row in connection.execute(query.execution_options(yield_per=_BATCH)):
        yield row.id, row.url, row.url_key


def _check_absences(connection: Connection, report: Report) -> None:
    absence = AbsenceRow
    wrong: list[tuple[ColumnElement[bool], str]] = [
        (absence.confirmed_at < absence.missed_at, "it was confirmed before it began"),
        (absence.ended_at < absence.missed_at, "it ended before it began"),
        (
            and_(
                absence.confirmed_at.is_not(None),
                absence.ended_at.is_(None),
                ArticleRow.gone_at.is_(None),
            ),
            "it is confirmed and has not ended, but the article does not count as gone",
        ),
    ]
    for condition, what in wrong:
        query = select(absence.id, absence.article_id).join(ArticleRow).where(condition)
        for number, article in connection.execute(query):
            where = f"absence {number} of article {article}"
            report.add("warning", what, where, "the next visit to the article settles it")
    several = (
        select(absence.article_id)
        .where(absence.ended_at.is_(None))
        .group_by(absence.article_id)
        .having(func.count() > 1)
    )
    for article in connection.scalars(several):
        what = "more than one absence has not ended"
        report.add(
            "warning", what, f"article {article}", "the next visit to the article settles it"
        )


def _check_signatures(connection: Connection, report: Report) -> None:
    """Every reading was compared with others, and buckets hold current readings only."""
    unlinked = unlinked_readings().order_by(None).subquery()
    missing = connection.scalar(select(func.count()).select_from(unlinked))
    if missing:
        what = f"{missing} reading(s) were never compared with others to find reprints"
        report.add("warning", what, "signatures", "run `jiedu check --repair`")
    stray = connection.scalars(
        select(BandRow.signature_id)
        .where(
            ~exists().where(
                SignatureRow.reading_id == BandRow.signature_id, SignatureRow.hashes.is_not(None)
            )
        )
        .distinct()
        .order_by(BandRow.signature_id)
    )
    for number in stray:
        what = "it is in buckets but has no signature"
        report.add("error", what, f"signature_bands {number}", _RESTORE)
