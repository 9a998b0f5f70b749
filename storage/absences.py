"""Absences: an article's page was missed, missed again, and may come back.

Called by ``storage.writing`` in the transaction of the visit that showed it.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from storage.clock import now
from storage.record import Absence
from storage.schema import AbsenceRow, ArticleRow, CaptureRow

GONE = {404: "HTTP 404", 410: "HTTP 410"}


def miss(
    connection: Connection, article_id: int, kind: str, at: dt.datetime, capture_id: int
) -> bool:
    """The page was not there at ``at``; whether that confirms what an earlier visit saw.

    The article is gone since the first of the two. Nothing is noted when a later visit has already
    read the page.
    """
    if _was_read_later(connection, article_id, at):
        return False
    known = _open(connection, article_id)
    if known is None:
        values = {
            "article_id": article_id,
            "kind": kind,
            "missed_at": at,
            "missed_capture_id": capture_id,
        }
        connection.execute(insert(AbsenceRow).values(values))
        return False
    if known.confirmed_at is None:
        connection.execute(
            update(AbsenceRow)
            .where(AbsenceRow.id == known.id)
            .values(confirmed_at=at, confirmed_capture_id=capture_id)
        )
    connection.execute(
        update(ArticleRow)
        .where(ArticleRow.id == article_id)
        .values(gone_at=min(known.missed_at, at))
    )
    return True


def end(connection: Connection, article_id: int, at: dt.datetime, capture_id: int) -> bool:
    """The page was there at ``at``; whether that ended an absence two visits had confirmed."""
    known = _open(connection, article_id)
    if known is None or at < known.missed_at <= now():
        return False
    connection.execute(
        update(AbsenceRow)
        .where(AbsenceRow.id == known.id)
        .values(ended_at=at, ended_capture_id=capture_id)
    )
    connection.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(gone_at=None))
    return known.confirmed_at is not None


def is_open(connection: Connection, article_id: int) -> bool:
    """Whether the page was missed when it was last looked for."""
    return _open(connection, article_id) is not None


def absences(
    connection: Connection, portal: str | None = None, article_id: int | None = None
) -> Iterator[Absence]:
    """All absences, the newest first, of one portal's articles or one article if named.

    Those of withdrawn articles only where the article is named.
    """
    seen_at = (
        select(func.max(CaptureRow.captured_at))
        .where(
            CaptureRow.article_id == AbsenceRow.article_id,
            CaptureRow.captured_at < AbsenceRow.missed_at,
            CaptureRow.version_id.is_not(None),
        )
        .correlate(AbsenceRow)
        .scalar_subquery()
    )
    query = (
        select(AbsenceRow.__table__, ArticleRow.url, ArticleRow.portal, seen_at.label("seen_at"))
        .join(ArticleRow, ArticleRow.id == AbsenceRow.article_id)
        .order_by(AbsenceRow.missed_at.desc(), AbsenceRow.id.desc())
    )
    if portal is not None:
        query = query.where(ArticleRow.portal == portal)
    if article_id is not None:
        query = query.where(AbsenceRow.article_id == article_id)
    else:
        query = query.where(ArticleRow.withdrawn_at.is_(None))
    for row in connection.execute(query):
        yield Absence(
            article_id=row.article_id,
            url=row.url,
            portal=row.portal,
            kind=row.kind,
            seen_at=row.seen_at,
            missed_at=row.missed_at,
            confirmed_at=row.confirmed_at,
            ended_at=row.ended_at,
        )


def _open(connection: Connection, article_id: int) -> Row[Any] | None:
    return connection.execute(
        select(AbsenceRow.__table__)
        .where(AbsenceRow.article_id == article_id, AbsenceRow.ended_at.is_(None))
        .order_by(AbsenceRow.id.desc())
        .limit(1)
    ).one_or_none()


def _was_read_later(connection: Connection, article_id: int, at: dt.datetime) -> bool:
    later = (
        select(CaptureRow.id)
        .where(
            CaptureRow.article_id == article_id,
            CaptureRow.captured_at > at,
            CaptureRow.captured_at <= now(),  # what is still to come was taken by a wrong clock
            CaptureRow.version_id.is_not(None),
            CaptureRow.kind == "article",
        )
        .limit(1)
    )
    return connection.scalar(later) is not None
