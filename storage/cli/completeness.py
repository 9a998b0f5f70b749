"""`jiedu coverage`: how much of what the portals' listings show is archived."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from storage.cli.output import AsCsv, AsJson, Row, one_form, print_rows, print_table
from storage.record import SHANGHAI, Coverage, Tally

_COUNTS = ("seen", "archived", "waiting", "failed", "left out")
_COLUMNS = (
    "portal", "listing_url", "channel", "month", "claimed", "pages_read", "read_at", "seen",
    "archived", "waiting", "failed", "left_out",
)  # fmt: skip


def coverage(
    context: typer.Context,
    portal: Annotated[str | None, typer.Option(help="only this portal")] = None,
    months: Annotated[bool, typer.Option(help="count by month of the listed date too")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Count what the listings claim, what they showed, and what of it is archived.

    A portal's own line counts an article once, however many listings show it; in JSON and CSV it
    is the one without listing_url, and lines without month are totals.
    """
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        entries = archive.coverage(portal)
    if as_json or as_csv:
        rows = (row for entry in entries for row in _rows(entry, months))
        print_rows(rows, _COLUMNS, as_json, as_csv)
        return
    listings = [entry for entry in entries if entry.listing_url]
    numbers = {entry.listing_url: number for number, entry in enumerate(listings, 1)}
    lines = [
        line for entry in entries for line in _lines(entry, numbers.get(entry.listing_url), months)
    ]
    counts = ("claimed", *_COUNTS)
    heads = ("portal, listing", *counts, "listed last")
    empty = f"nothing has been listed{f' by {portal}' if portal else ''} yet"
    print_table(heads, lines, numbers=counts, whole=("listed last",), empty=empty, padding=1)
    for listing_url, number in numbers.items():  # too long for a column
        print(f"[{number}] {listing_url}")


def _lines(entry: Coverage, number: int | None, by_month: bool) -> Iterator[tuple[str | Text, ...]]:
    is_whole = entry.listing_url is None
    name = entry.portal if is_whole else f"  [{number}] {entry.channel or ''}"
    yield (
        Text(name, style="bold" if is_whole else ""),
        "" if entry.claimed is None else str(entry.claimed),
        *_counts(entry.total),
        entry.read_at.astimezone(SHANGHAI).strftime("%Y-%m-%d") if entry.read_at else "",
    )
    for month, tally in entry.months if by_month else ():
        yield Text(f"    {month or 'no date'}", style="dim"), "", *_counts(tally), ""


def _rows(entry: Coverage, by_month: bool) -> Iterator[Row]:
    tallies = [(None, entry.total), *(entry.months if by_month else ())]
    for place, (month, tally) in enumerate(tallies):
        yield {
            "portal": entry.portal,
            "listing_url": entry.listing_url,
            "channel": entry.channel,
            "month": (month or "no date") if place else None,
            "claimed": None if place else entry.claimed,
            "pages_read": None if place else entry.pages_read,
            "read_at": None if place else entry.read_at,
            "seen": tally.seen,
            "archived": tally.archived,
            "waiting": tally.waiting,
            "failed": tally.failed,
            "left_out": tally.left_out,
        }


def _counts(tally: Tally) -> list[str]:
    counts = (tally.seen, tally.archived, tally.waiting, tally.failed, tally.left_out)
    return [str(count) for count in counts]
