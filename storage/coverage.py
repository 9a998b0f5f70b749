"""How much of what the listings show is archived, by listing and by month.

Called by ``Archive.coverage``.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from storage.record import Coverage, Tally
from storage.schema import LedgerRow, ListingItemRow, ListingRow, ReadingRow, VersionRow

Row = tuple[dt.date | None, str, int]

# An archived article stays archived when its page disappears or fails later.
_STATE = case(
    (LedgerRow.article_id.is_not(None), "archived"),
    (LedgerRow.state == "failed", "failed"),
    (LedgerRow.state == "left_out", "left_out"),
    else_="waiting",
)


def coverage(connection: Connection, portal: str | None) -> list[Coverage]:
    """One entry a listing, oldest first, after one for the whole of its portal."""
    listed = select(ListingRow.__table__).order_by(ListingRow.portal, ListingRow.id)
    portals = select(LedgerRow.portal).distinct().order_by(LedgerRow.portal)
    if portal is not None:
        listed = listed.where(ListingRow.portal == portal)
        portals = portals.where(LedgerRow.portal == portal)
    listings: dict[str, list[Any]] = {}
    for row in connection.execute(listed):
        listings.setdefault(row.portal, []).append(row)
    entries = []
    for name in dict.fromkeys((*connection.scalars(portals), *listings)):
        rows = _rows(connection, _query(name))
        entries.append(Coverage(portal=name, total=_total(rows), months=_months(rows)))
        for listing in listings.get(name, ()):
            rows = _rows(connection, _of_listing(_query(name), listing.id))
            entries.append(
                Coverage(
                    portal=name,
                    listing_url=listing.url,
                    channel=listing.channel,
                    claimed=listing.claimed,
                    pages_read=listing.pages_read,
                    read_at=listing.read_at,
                    total=_total(rows),
                    months=_months(rows),
                )
            )
    return entries


def _query(portal: str) -> Select[Any]:
    day = func.coalesce(LedgerRow.listed_day, _posted_date())
    return (
        select(day, _STATE, func.count())
        .select_from(LedgerRow)
        .where(LedgerRow.portal == portal)
        .group_by(day, _STATE)
    )


def _of_listing(query: Select[Any], listing_id: int) -> Select[Any]:
    items = select(ListingItemRow.ledger_id).where(ListingItemRow.listing_id == listing_id)
    return query.where(LedgerRow.id.in_(items))


def _posted_date() -> ColumnElement[dt.date | None]:
    """The day the archived article says it was posted on, for items listed without a date."""
    return (
        select(func.max(ReadingRow.posted_date))
        .join(VersionRow, VersionRow.id == ReadingRow.version_id)
        .where(VersionRow.article_id == LedgerRow.article_id)
        .correlate(LedgerRow)
        .scalar_subquery()
    )


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [(day, state, count) for day, state, count in connection.execute(query)]


def _total(rows: Iterable[Row]) -> Tally:
    counts = asdict(Tally())
    for _, state, count in rows:
        counts[state] += count
        counts["seen"] += count
    return Tally(**counts)


def _months(rows: Iterable[Row]) -> tuple[tuple[str | None, Tally], ...]:
    """Newest month first, items without a date last."""
    by_month: dict[str | None, list[Row]] = {}
    for row in rows:
        by_month.setdefault(row[0].strftime("%Y-%m") if row[0] else None, []).append(row)
    months = sorted(by_month, key=lambda month: month or "", reverse=True)
    return tuple((month, _total(by_month[month])) for month in months)
