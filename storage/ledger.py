"""The ledger: every URL found on a listing, from before its first fetch until it is archived.

Called by ``Archive``; ``storage.writing`` settles an entry in the transaction of its article.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from storage.identity import canonical_url, url_key
from storage.record import Listed
from storage.schema import LedgerRow
from storage.writing import insert_new, now

MAX_TRIES = 5  # fetches in which nothing could be archived, before a URL waits for a person


def list_urls(
    connection: Connection, portal: str, listing_url: str, links: Sequence[Listed]
) -> int:
    """Enter the links of a listing page; how many of them were not known to this portal."""
    at = now()
    rows = {
        url_key(link.url): {
            "portal": portal,
            "url": canonical_url(link.url),
            "url_key": url_key(link.url),
            "listing_url": listing_url,
            "channel": link.channel,
            "listed_title": link.title,
            "listed_date": link.date,
            "first_seen_at": at,
            "listed_at": at,
            "state": "pending",
            "tries": 0,
        }
        for link in links
    }
    here = (LedgerRow.portal == portal) & LedgerRow.url_key.in_(rows)
    known = set(connection.scalars(select(LedgerRow.url_key).where(here)))
    insert_new(connection, LedgerRow, [row for key, row in rows.items() if key not in known])
    connection.execute(update(LedgerRow).where(here).values(listed_at=at))
    return len(rows) - len(known)


def pending_urls(connection: Connection, portal: str) -> list[Listed]:
    """URLs listed by earlier crawls that are not archived yet, oldest first."""
    rows = connection.execute(
        select(LedgerRow.url, LedgerRow.listed_title, LedgerRow.listed_date, LedgerRow.channel)
        .where(
            LedgerRow.portal == portal,
            LedgerRow.state != "done",
            LedgerRow.tries < MAX_TRIES,
        )
        .order_by(LedgerRow.id)
    )
    return [
        Listed(url=row.url, title=row.listed_title, date=row.listed_date, channel=row.channel)
        for row in rows
    ]


def fail_url(connection: Connection, portal: str, url: str, reason: str) -> None:
    """Note a fetch that gave no response at all, or one too large to keep."""
    connection.execute(
        update(LedgerRow)
        .where(LedgerRow.portal == portal, LedgerRow.url_key == url_key(url))
        .values(state="failed", tries=LedgerRow.tries + 1, tried_at=now(), failure=reason)
    )
