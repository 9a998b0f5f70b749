"""`jiedu ledger` and `jiedu gone`: URLs and what became of them, pages that are not there."""

from typing import Annotated, cast, get_args

import typer

from storage.cli.output import (
    AsCsv,
    AsJson,
    Row,
    as_rows,
    field_names,
    minute,
    one_form,
    print_rows,
    print_table,
)
from storage.record import Absence, LedgerEntry, LedgerState

Portal = Annotated[str | None, typer.Option(help="only this portal")]
_COLUMNS = (
    "portal", "url", "state", "tries", "tried_at", "next_try_at", "last_status", "failure",
    "done_at", "article_id", "listing_url", "channel", "listed_title", "listed_date", "listed_day",
    "first_seen_at", "listed_at",
)  # fmt: skip


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
    as_csv: AsCsv = False,
) -> None:
    """List the URLs that listings have shown, and what became of each.

    pending: not asked for yet; failed: asked for in vain and to be asked again; given_up: failed
    too often, with the reason; left_out: not in an operator's selection; done: archived.
    """
    for name in state or ():
        if name not in get_args(LedgerState):
            known = ", ".join(get_args(LedgerState))
            raise typer.BadParameter(f"{name} is none of {known}", param_hint="--state")
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        if retry:
            count = archive.retry_urls(portal)
            print(f"{count} URLs are asked for again by the next crawl or update")
            return
        entries = archive.ledger(portal, cast(list[LedgerState], state or ()))
        if as_json or as_csv:
            print_rows(map(_row, entries), _COLUMNS, as_json, as_csv)
            return
        lines = (
            (
                entry.state,
                str(entry.tries),
                minute(entry.tried_at or entry.first_seen_at),
                minute(entry.next_try_at),
                f"{entry.url}\n{entry.failure}" if entry.failure else entry.url,
            )
            for entry in entries
        )
        heads = ("state", "tries", "last", "next try", "url and reason")
        empty = "nothing of the kind is in the ledger"
        print_table(heads, lines, numbers=("tries",), whole=heads[:-1], empty=empty)


def gone(
    context: typer.Context,
    portal: Portal = None,
    every: Annotated[
        bool, typer.Option("--all", help="also pages missed once, and pages that came back")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List articles whose page has disappeared: missed by two visits, and not back.

    How it was missing is said: HTTP 404 or 410, the home page or an error page in its place, or a
    page that was emptied. Versions and captures stay.
    """
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        found = [
            absence
            for absence in archive.absences(portal)
            if every or (absence.confirmed_at and not absence.ended_at)
        ]
    if as_json or as_csv:
        print_rows(as_rows(found), field_names(Absence), as_json, as_csv)
        return
    heads = ("missed", "confirmed", "back", "how", "url, last seen")
    lines = [
        (
            minute(absence.missed_at),
            minute(absence.confirmed_at),
            minute(absence.ended_at),
            absence.kind,
            f"{absence.url}\nseen {minute(absence.seen_at)}",
        )
        for absence in found
    ]
    print_table(heads, lines, whole=heads[:-1], empty="no article is gone")


def _row(entry: LedgerEntry) -> Row:
    """An entry without nesting: what the listing said is under ``listed_``."""
    row = {name: getattr(entry, name) for name in field_names(LedgerEntry) if name != "listed"}
    listed = entry.listed
    return row | {
        "listed_title": listed.title,
        "listed_date": listed.date,
        "listed_day": listed.day,
        "channel": listed.channel,
    }
