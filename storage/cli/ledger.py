"""`jiedu ledger` and `jiedu gone`: URLs and what became of them, pages that are not there."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable
from typing import Annotated, Any, cast, get_args

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.record import SHANGHAI, LedgerState

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line, for programs")]
Portal = Annotated[str | None, typer.Option(help="only this portal")]


def ledger(
    context: typer.Context,
    portal: Portal = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help=f"only these, repeatable: {', '.join(get_args(LedgerState))}"),
    ] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="let what was given up be asked for again")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the URLs that listings have shown, and what became of each.

    pending: not asked for yet; failed: asked for in vain and to be asked again; given_up: failed
    too often, with the reason; left_out: not in an operator's selection; done: archived.
    """
    for name in state or ():
        if name not in get_args(LedgerState):
            known = ", ".join(get_args(LedgerState))
            raise typer.BadParameter(f"{name} is none of {known}", param_hint="--state")
    console = Console()
    with context.obj.open() as archive:
        if retry:
            count = archive.retry_urls(portal)
            console.print(f"{count} URLs are asked for again by the next crawl or update")
            return
        entries = archive.ledger(portal, cast(list[LedgerState], state or ()))
        if as_json:
            _print_json(entries)
            return
        table = _table("state", "tries", "last", "next try", "url and reason")
        for entry in entries:
            table.add_row(
                entry.state,
                str(entry.tries),
                _moment(entry.tried_at or entry.first_seen_at),
                _moment(entry.next_try_at),
                Text(f"{entry.url}\n{entry.failure}" if entry.failure else entry.url),
            )
    console.print(table if table.row_count else "nothing of the kind is in the ledger")


def gone(
    context: typer.Context,
    portal: Portal = None,
    every: Annotated[
        bool, typer.Option("--all", help="also pages missed once, and pages that came back")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List articles whose page has disappeared: missed by two visits, and not back.

    How it was missing is said: HTTP 404 or 410, the home page or an error page in its place, or a
    page that was emptied. Versions and captures stay.
    """
    with context.obj.open() as archive:
        found = [
            absence
            for absence in archive.absences(portal)
            if every or (absence.confirmed_at and not absence.ended_at)
        ]
    if as_json:
        _print_json(found)
        return
    console = Console()
    table = _table("missed", "confirmed", "back", "how", "url, last seen")
    for absence in found:
        table.add_row(
            _moment(absence.missed_at),
            _moment(absence.confirmed_at),
            _moment(absence.ended_at),
            absence.kind,
            Text(f"{absence.url}\nseen {_moment(absence.seen_at)}"),
        )
    console.print(table if found else "no article is gone")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column != columns[-1])
    return table


def _print_json(records: Iterable[Any]) -> None:
    for record in records:
        print(json.dumps(dataclasses.asdict(record), ensure_ascii=False, default=str))


def _moment(moment: dt.datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""
