"""When an article is visited again: set at every visit, in its transaction; asked by updates.

``storage.schedule`` has the arithmetic, ``storage.writing`` calls.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from storage.clock import now
from storage.schedule import Schedule, next_try
from storage.schema import ArticleRow, CaptureRow, ReadingRow, VersionRow

Place = tuple[dt.datetime, int]  # recheck_at and number: where a page of due articles ended


def seen(connection: Connection, article_id: int, at: dt.datetime, schedule: Schedule) -> None:
    """The page was there at ``at`` and showed the latest version."""
    row = connection.execute(
        select(
            ArticleRow.first_seen_at,
            ArticleRow.checked_at,
            VersionRow.number,
            VersionRow.captured_at,
            ReadingRow.posted_at,
        )
        .join(VersionRow, VersionRow.article_id == ArticleRow.id)
        .join(ReadingRow, ReadingRow.version_id == VersionRow.id)
        .where(ArticleRow.id == article_id)
        .order_by(VersionRow.number.desc(), ReadingRow.id.desc())
        .limit(1)
    ).one()
    if row.checked_at is not None and at < row.checked_at <= now():
        return  # an old capture, entered late
    if row.number > 1:
        since = row.captured_at
    else:
        since = min(row.posted_at or row.first_seen_at, row.first_seen_at)
    since = min(since, at)
    _set(
        connection,
        article_id,
        checked_at=at,
        recheck_at=schedule.next_check(since, at),
        is_doubtful=False,
        failures=0,
    )


def doubt(connection: Connection, article_id: int, at: dt.datetime, schedule: Schedule) -> None:
    """The page was missing or showed what only a second visit can confirm."""
    _set(
        connection,
        article_id,
        recheck_at=schedule.next_confirmation(at),
        is_doubtful=True,
        failures=0,
    )


def gone(
    connection: Connection,
    article_id: int,
    since: dt.datetime,
    at: dt.datetime,
    schedule: Schedule,
) -> None:
    """The page is gone; it is asked for as after a change, since some come back."""
    _set(
        connection,
        article_id,
        recheck_at=schedule.next_check(min(since, at), at),
        is_doubtful=False,
        failures=0,
    )


def fail(connection: Connection, article_id: int, at: dt.datetime) -> None:
    """The page could not be had; sooner than the schedule, and later each time."""
    failures = (
        connection.scalar(select(ArticleRow.failures).where(ArticleRow.id == article_id)) or 0
    )
    _set(connection, article_id, recheck_at=next_try(failures + 1, at), failures=failures + 1)


def due_articles(
    connection: Connection,
    portal: str,
    at: dt.datetime,
    *,
    is_doubtful: bool,
    after: Place | None,
    limit: int,
) -> list[tuple[Place, str]]:
    """Addresses of articles due at ``at``, the most overdue first, each with its place."""
    query = (
        select(ArticleRow.recheck_at, ArticleRow.id, ArticleRow.url)
        .where(*_due(portal, at), ArticleRow.is_doubtful.is_(is_doubtful))
        .order_by(ArticleRow.recheck_at, ArticleRow.id)
        .limit(limit)
    )
    if after is not None:
        moment, number = after
        query = query.where(
            or_(
                ArticleRow.recheck_at > moment,
                and_(ArticleRow.recheck_at == moment, ArticleRow.id > number),
            )
        )
    return [((row.recheck_at, row.id), row.url) for row in connection.execute(query)]


def due_since(
    connection: Connection, portal: str, at: dt.datetime
) -> Sequence[tuple[dt.datetime, bool]]:
    """Since when each article that is due has been waiting, and whether to confirm a doubt."""
    query = select(ArticleRow.recheck_at, ArticleRow.is_doubtful).where(*_due(portal, at))
    return [(row.recheck_at, row.is_doubtful) for row in connection.execute(query)]


def newest_capture(connection: Connection) -> dt.datetime | None:
    """When the newest capture was recorded, as the clock stood then."""
    return connection.scalar(select(CaptureRow.recorded_at).order_by(CaptureRow.id.desc()).limit(1))


def _due(portal: str, at: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ArticleRow.portal == portal,
        ArticleRow.recheck_at <= at,
        ArticleRow.withdrawn_at.is_(None),
    )


def _set(connection: Connection, article_id: int, **values: object) -> None:
    connection.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(values))
