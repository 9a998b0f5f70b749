"""The archive as it was known at a moment: which versions, readings and states there were.

Read by ``storage.export.matching``, ``plan`` and ``tables``. Versions and readings never change, so
that those recorded by then are told by their time; absences by the captures that showed them; the
few values that do change by ``storage.former``. What is withdrawn today is left out of every
moment.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storage.former import former
from storage.id_list import id_list
from storage.schema import (
    AbsenceRow,
    ArticleRow,
    CaptureRow,
    FormerRow,
    ReadingRow,
    VersionRow,
    WithdrawalRow,
)

READ = (
    "id", "version_id", "recorded_at", "reader", "layout", "url", "text_length",
    "title", "title_main", "column_tag", "kicker", "subtitle", "source", "source_url", "channel",
    "interpretation_type", "media_kind", "byline_role",
    "origin_medium", "origin_date", "origin_page",
    "published_date", "published_at", "published_precision", "published_basis",
    "posted_date", "posted_at", "posted_precision",
)  # fmt: skip
"""What ``versions_then`` gives of a reading, first of all in a row."""


def readings_then(as_of: dt.datetime, *, every_version: bool = False) -> Select[int, int, int]:
    """Article and current reading at the moment: of the latest version, or of each version.

    Columns ``article_id``, ``version_id``, ``reading_id``; conditions on ``VersionRow`` may be
    added.
    """
    newest = (
        select(
            VersionRow.article_id, VersionRow.id.label("version_id"), func.max(ReadingRow.id)
            .label("reading_id"),
        )
        .join(ReadingRow, ReadingRow.version_id == VersionRow.id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(
            ArticleRow.withdrawn_at.is_(None),
            VersionRow.recorded_at <= as_of,
            ReadingRow.recorded_at <= as_of,
        )
        .group_by(VersionRow.article_id, VersionRow.id)
    )  # fmt: skip
    if every_version:
        return newest
    later = aliased(VersionRow)
    is_later = and_(
        later.article_id == VersionRow.article_id,
        later.number > VersionRow.number,
        later.recorded_at <= as_of,
    )
    return newest.where(~select(later.id).where(is_later).exists())


def versions_then(
    connection: Connection, article_ids: Sequence[int], as_of: dt.datetime
) -> dict[int, list[Row[Any]]]:
    """All versions of articles in order, each with its current reading at the moment.

    The columns of a row are those of ``READ`` (``id``, ``recorded_at`` are the reading's) and
    ``article_id``, ``number``, ``version_digest``, ``captured_at``, ``version_recorded_at``.
    """
    current = readings_then(as_of, every_version=True).where(
        VersionRow.article_id.in_(id_list(connection, article_ids))
    )
    current_readings = current.subquery()
    query: Select[Any] = (
        select(
            *(getattr(ReadingRow, name) for name in READ),
            VersionRow.article_id,
            VersionRow.number,
            VersionRow.digest.label("version_digest"),
            VersionRow.captured_at,
            VersionRow.recorded_at.label("version_recorded_at"),
        )
        .join(current_readings, current_readings.c.reading_id == ReadingRow.id)
        .join(VersionRow, VersionRow.id == ReadingRow.version_id)
        .order_by(VersionRow.article_id, VersionRow.number)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query).all():
        found.setdefault(row.article_id, []).append(row)
    return found


def addresses_then(
    connection: Connection, article_ids: Sequence[int], as_of: dt.datetime
) -> dict[int, tuple[str, dt.datetime]]:
    """Canonical address of each article at the moment, and when it was first seen."""
    query = select(ArticleRow.id, ArticleRow.url, ArticleRow.first_seen_at)
    listed = id_list(connection, article_ids)
    rows = connection.execute(query.where(ArticleRow.id.in_(listed))).all()
    changed = former(connection, "article", as_of, row_ids=listed)
    return {
        number: (changed.get(number, {"url": url})["url"], first_seen_at)
        for number, url, first_seen_at in rows
    }


def gone_then(
    connection: Connection, article_ids: Sequence[int], as_of: dt.datetime
) -> dict[int, dt.datetime]:
    """Since when each article that was gone at the moment was, by what was recorded by then."""
    confirming, ending = aliased(CaptureRow), aliased(CaptureRow)
    confirmed = func.coalesce(confirming.recorded_at, AbsenceRow.confirmed_at)
    ended = func.coalesce(_read_at(ending), AbsenceRow.ended_at)
    query = (
        select(AbsenceRow.article_id, AbsenceRow.missed_at, AbsenceRow.confirmed_at)
        .outerjoin(confirming, confirming.id == AbsenceRow.confirmed_capture_id)
        .outerjoin(ending, ending.id == AbsenceRow.ended_capture_id)
        .where(
            AbsenceRow.article_id.in_(id_list(connection, article_ids)),
            AbsenceRow.confirmed_at.is_not(None),
            confirmed <= as_of,
            (AbsenceRow.ended_at.is_(None)) | (ended > as_of),
        )
        .order_by(AbsenceRow.id)
    )
    return {
        row.article_id: min(row.missed_at, row.confirmed_at) for row in connection.execute(query)
    }


def _read_at(capture: type[CaptureRow]) -> Any:
    """When it was recorded that a capture shows its article.

    A page that could not be read ends an absence only when a later re-reading makes sense of it;
    a suspect ends it at once, whatever becomes of it.
    """
    reread = select(func.min(FormerRow.until)).where(
        FormerRow.kind == "capture",
        FormerRow.row_id == capture.id,
        FormerRow.said["failure"].as_string().is_not(None),
    )
    return func.coalesce(reread.scalar_subquery(), capture.recorded_at)


def captures_then(
    connection: Connection,
    article_ids: Sequence[int],
    as_of: dt.datetime,
    columns: Sequence[InstrumentedAttribute[Any]],
) -> Iterator[Sequence[Any]]:
    """Number and these columns of the captures recorded by the moment as they stood then, in order.

    ``article_id`` must be among the columns; a capture of another article may be given too.
    """
    listed = id_list(connection, article_ids)
    own = select(CaptureRow.id).where(CaptureRow.article_id.in_(listed))
    changed = former(connection, "capture", as_of, row_ids=own, article_ids=listed)
    of_articles = [CaptureRow.article_id.in_(listed)]
    if changed:
        of_articles.append(CaptureRow.id.in_(id_list(connection, list(changed))))
    query = (
        select(CaptureRow.id, *columns)
        .where(or_(*of_articles), CaptureRow.recorded_at <= as_of)
        .order_by(CaptureRow.id)
    )
    for row in connection.execute(query).all():
        said = changed.get(row[0])
        yield row if said is None else [said.get(name, row._mapping[name]) for name in row._fields]


def unsettled_since(connection: Connection, moment: dt.datetime) -> set[int]:
    """Articles that a query may have found otherwise at a moment than it does today.

    A version, a reading, or a step of an absence was recorded later.
    """
    of_reading = select(VersionRow.article_id).join(
        ReadingRow, ReadingRow.version_id == VersionRow.id
    )
    return _numbers(
        connection,
        (
            select(VersionRow.article_id).where(VersionRow.recorded_at > moment),
            of_reading.where(ReadingRow.recorded_at > moment),
            select(AbsenceRow.article_id)
            .join(CaptureRow, CaptureRow.id == AbsenceRow.confirmed_capture_id)
            .where(CaptureRow.recorded_at > moment),
            select(AbsenceRow.article_id)
            .join(CaptureRow, CaptureRow.id == AbsenceRow.ended_capture_id)
            .where(_read_at(CaptureRow) > moment),
        ),
    )


def changed_since(connection: Connection, moment: dt.datetime) -> set[int]:
    """Articles of which anything was recorded after a moment, a check without news included."""
    shown = select(CaptureRow.article_id).where(CaptureRow.recorded_at > moment)
    left = select(FormerRow.article_id).where(FormerRow.until > moment)
    got = (
        select(CaptureRow.article_id)
        .join(FormerRow, FormerRow.row_id == CaptureRow.id)
        .where(FormerRow.kind == "capture", FormerRow.until > moment)
    )
    return (
        unsettled_since(connection, moment)
        | _numbers(connection, (shown, left, got))
        | withdrawals_since(connection, moment)
    )


def withdrawals_since(connection: Connection, moment: dt.datetime) -> set[int]:
    """Articles that were withdrawn, erased or restored after a moment."""
    query = select(WithdrawalRow.article_id).where(WithdrawalRow.acted_at > moment)
    return _numbers(connection, (query,))


def withdrawn_since(connection: Connection, moment: dt.datetime) -> set[int]:
    """Articles withdrawn after a moment, and not restored."""
    query = select(ArticleRow.id).where(ArticleRow.withdrawn_at > moment)
    return _numbers(connection, (query,))


def _numbers(connection: Connection, queries: Iterable[Select[Any]]) -> set[int]:
    parts = list(queries)
    query = parts[0] if len(parts) == 1 else select(union(*parts).subquery().c.article_id)
    return {int(number) for (number,) in connection.execute(query) if number is not None}
