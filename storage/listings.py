"""Listings: what each last said, how far it was read, and when it is due again.

Called by ``storage.ledger`` for every page of a listing and by ``storage.updating``.
"""

import datetime as dt
import hashlib
from typing import Any

from sqlalchemy import Connection, select, update

from storage.characters import storable_text
from storage.clock import now
from storage.record import ListingState, ListingVisit
from storage.rows import insert_new
from storage.schedule import Schedule, next_try
from storage.schema import ListingRow


def place_listing(connection: Connection, portal: str, page: ListingVisit) -> int:
    """The listing's row, with what the page says of it."""
    number = _row_of(connection, portal, page.listing_url, page.channel)
    values: dict[str, Any] = {"read_at": now(), "pages_read": page.page + 1}
    if page.claimed is not None:
        values["claimed"] = page.claimed
    connection.execute(update(ListingRow).where(ListingRow.id == number).values(values))
    return number


def listing_states(connection: Connection, portal: str) -> list[ListingState]:
    """The listings of a portal that were begun before, oldest first."""
    rows = connection.execute(
        select(ListingRow.__table__).where(ListingRow.portal == portal).order_by(ListingRow.id)
    )
    return [
        ListingState(
            listing_url=row.url,
            channel=row.channel,
            read_at=row.read_at,
            due_at=row.due_at,
            is_partial=row.is_partial,
        )
        for row in rows
    ]


def all_listings(connection: Connection) -> list[tuple[str, str]]:
    """Portal and address of every listing, by portal, oldest first."""
    query = select(ListingRow.portal, ListingRow.url).order_by(ListingRow.portal, ListingRow.id)
    return [(row.portal, row.url) for row in connection.execute(query)]


def begin_listing(connection: Connection, portal: str, url: str, channel: str | None) -> None:
    """A reading begins: until it ends it is a partial one, whatever happens to the process."""
    number = _row_of(connection, portal, url, channel)
    connection.execute(update(ListingRow).where(ListingRow.id == number).values(is_partial=True))


def end_listing(
    connection: Connection,
    portal: str,
    url: str,
    channel: str | None,
    schedule: Schedule,
    *,
    has_new: bool,
    is_whole: bool,
) -> None:
    """A reading has ended: at the listing's end, or before it because a page could not be had."""
    at = now()
    number = _row_of(connection, portal, url, channel)
    here = ListingRow.id == number
    if is_whole:
        known = connection.scalar(select(ListingRow.interval_hours).where(here))
        hours = schedule.listing_interval(known, has_new=has_new)
        values: dict[str, Any] = {
            "is_partial": False,
            "interval_hours": hours,
            "due_at": at + dt.timedelta(hours=hours),
        }
    else:
        values = {"due_at": next_try(1, at)}
    connection.execute(update(ListingRow).where(here).values(values))


def _row_of(connection: Connection, portal: str, url: str, channel: str | None) -> int:
    """The row of a listing, entered when it is new."""
    named = storable_text(f"{url}\n{channel or ''}")
    key = hashlib.sha256(named.encode()).hexdigest()  # an index takes no address of any length
    at = now()
    row = {
        "portal": portal,
        "key": key,
        "url": url,
        "channel": channel,
        "claimed": None,
        "pages_read": 0,
        "first_seen_at": at,
        "read_at": at,
    }
    insert_new(connection, ListingRow, [row])
    here = (ListingRow.portal == portal) & (ListingRow.key == key)
    return connection.execute(select(ListingRow.id).where(here)).scalar_one()
