"""The pages behind a warning: the last that fitted, the first that did not.

Called by ``storage.health.reading``. A page fits when a condition on its capture, or on what was
read from it, holds.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select

from storage.health.record import Evidence
from storage.schema import CaptureRow, LedgerRow, ReadingRow

Condition = Callable[[], ColumnElement[bool]]


def of_layout() -> ColumnElement[bool]:
    """Read by one of the portal's layouts."""
    return CaptureRow.layout != "generic"


def has_date() -> ColumnElement[bool]:
    """States when it was posted."""
    return ReadingRow.posted_date.is_not(None)


def has_source() -> ColumnElement[bool]:
    """States its source."""
    return ReadingRow.source.is_not(None)


def was_answered() -> ColumnElement[bool]:
    """Could be read."""
    return CaptureRow.failure.is_(None)


def is_long(characters: float) -> Condition:
    """Has a text of at least so many characters."""
    return lambda: ReadingRow.text_length >= characters


def unfit_page(
    connection: Connection, portal: str, fits: Condition, crawl_id: int
) -> Evidence | None:
    """The first page from a crawl on that was read and did not fit."""
    query = _read(portal, fits).where(CaptureRow.crawl_id >= crawl_id, ~fits())
    return _evidence(connection.execute(query.order_by(CaptureRow.id).limit(1)).first())


def failed_page(connection: Connection, portal: str, crawl_id: int) -> Evidence | None:
    """The first page from a crawl on that could not be read; ``None`` if nothing ever answered."""
    query = _captures(portal).where(
        CaptureRow.crawl_id >= crawl_id, CaptureRow.failure.is_not(None)
    )
    return _evidence(connection.execute(query.order_by(CaptureRow.id).limit(1)).first())


def fitted_page(
    connection: Connection, portal: str, fits: Condition, before: Evidence | None
) -> Evidence | None:
    """The last page that fitted, before another page."""
    query = (_captures(portal) if fits is was_answered else _read(portal, fits)).where(fits())
    if before is not None and before.capture_id is not None:
        query = query.where(CaptureRow.id < before.capture_id)
    return _evidence(connection.execute(query.order_by(CaptureRow.id.desc()).limit(1)).first())


def last_arrival(connection: Connection, portal: str, seen_at: dt.datetime) -> Evidence | None:
    """An article that was listed first at this moment."""
    row = connection.execute(
        select(LedgerRow.url, LedgerRow.first_seen_at)
        .where(LedgerRow.portal == portal, LedgerRow.first_seen_at == seen_at)
        .order_by(LedgerRow.id)
        .limit(1)
    ).first()
    return Evidence(url=row.url, captured_at=row.first_seen_at) if row else None


def _captures(portal: str) -> Select[*tuple[Any, ...]]:
    columns: list[Any] = [
        getattr(CaptureRow, name) for name in ("id", "url", "captured_at", "layout", "failure")
    ]
    query: Select[*tuple[Any, ...]] = select(*columns)
    return query.where(CaptureRow.portal == portal, CaptureRow.page.is_not(None))


def _read(portal: str, fits: Condition) -> Select[*tuple[Any, ...]]:
    """Article pages that were read, with their reading unless the capture says enough."""
    query = _captures(portal).where(CaptureRow.kind == "article", CaptureRow.layout.is_not(None))
    if fits is of_layout:  # of suspect pages too, which have no reading
        return query
    same = and_(
        ReadingRow.version_id == CaptureRow.version_id, ReadingRow.reader == CaptureRow.reader
    )
    return query.join(ReadingRow, same)


def _evidence(row: Row[Any] | None) -> Evidence | None:
    if row is None:
        return None
    return Evidence(
        url=row.url,
        captured_at=row.captured_at,
        capture_id=row.id,
        layout=row.layout,
        failure=row.failure,
    )
