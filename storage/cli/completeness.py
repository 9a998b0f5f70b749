"""`jiedu coverage`: how much of what the portals' listings show is archived."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.record import SHANGHAI, Coverage, Tally

_NAME_WIDTH = 18
_COUNTS = ("seen", "archived", "waiting", "failed", "left out")


def coverage(
    context: typer.Context,
    portal: Annotated[str | None, typer.Option(help="only this portal")] = None,
    months: Annotated[bool, typer.Option(help="count by month of the listed date too")] = False,
) -> None:
    """Count what the listings claim, what they showed, and what of it is archived.

    A portal's own line counts an article once, however many listings show it.
    """
    with context.obj.open() as archive:
        entries = archive.coverage(portal)
    console = Console()
    if not entries:
        console.print(
            f"nothing has been listed by {portal} yet" if portal else "nothing has been listed yet"
        )
        return
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("portal, listing", overflow="fold", min_width=_NAME_WIDTH)
    for column in ("claimed", *_COUNTS):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("listed last", no_wrap=True)
    listings = [entry for entry in entries if entry.listing_url]
    numbers = {entry.listing_url: number for number, entry in enumerate(listings, 1)}
    for entry in entries:
        _add_rows(table, entry, numbers.get(entry.listing_url), months)
    console.print(table)
    for listing_url, number in numbers.items():  # too long for a column
        console.print(f"[{number}] {listing_url}", markup=False, soft_wrap=True)


def _add_rows(table: Table, entry: Coverage, number: int | None, by_month: bool) -> None:
    is_whole = entry.listing_url is None
    name = entry.portal if is_whole else f"  [{number}] {entry.channel or ''}"
    table.add_row(
        Text(name, style="bold" if is_whole else ""),
        "" if entry.claimed is None else str(entry.claimed),
        *_counts(entry.total),
        entry.read_at.astimezone(SHANGHAI).strftime("%Y-%m-%d") if entry.read_at else "",
    )
    for month, tally in entry.months if by_month else ():
        table.add_row(Text(f"    {month or 'no date'}", style="dim"), "", *_counts(tally), "")


def _counts(tally: Tally) -> list[str]:
    counts = (tally.seen, tally.archived, tally.waiting, tally.failed, tally.left_out)
    return [str(count) for count in counts]
