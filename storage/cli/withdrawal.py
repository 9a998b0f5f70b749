"""`jiedu withdraw` and `jiedu withdrawals`: hide an article on legal grounds, and the audit."""

import getpass
import os
import sys
from typing import Annotated

import typer

from storage.archive import Archive
from storage.cli.output import (
    AsCsv,
    AsJson,
    as_rows,
    field_names,
    one_form,
    print_rows,
    print_table,
    second,
)
from storage.errors import ArchiveError
from storage.record import Withdrawal


def withdraw(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="address (any of its addresses) or number")],
    reason: Annotated[str, typer.Option(help="why; the tombstone and the audit list show it")],
    erase: Annotated[bool, typer.Option("--erase", help="remove its bytes too, for good")] = False,
    restore: Annotated[bool, typer.Option("--restore", help="undo a withdrawal")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="erase without asking")] = False,
    by: Annotated[str | None, typer.Option(help="who withdraws; default the user")] = None,
) -> None:
    """Withdraw an article: nobody is shown its text any more, nor will a crawl keep it again.

    A tombstone and a line of audit stay. With --erase its texts are deleted and its records in
    the WARC files overwritten; otherwise --restore brings it back. Pages of listings are kept as
    they were served, with the titles they show.
    """
    if not reason.strip():
        raise typer.BadParameter("give a reason; the audit list keeps it", param_hint="--reason")
    if erase and restore:
        raise typer.BadParameter("what is erased cannot be restored", param_hint="--restore")
    who = (by or "").strip() or _user()
    with context.obj.open() as archive:
        if restore:
            act = archive.restore(article, reason, by=who)
            typer.echo(f"{act.url} is restored")
            return
        if erase and not yes:
            _confirm(archive, article)
        act = archive.withdraw(article, reason, by=who, erase=erase)
    typer.echo(f"{act.url} is withdrawn{' and erased' if erase else ''}")


def withdrawals(context: typer.Context, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """List every withdrawal, erasure and restoring: when, by whom, what and why."""
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        acts = archive.withdrawals()
    if as_json or as_csv:
        print_rows(as_rows(acts), field_names(Withdrawal), as_json, as_csv)
        return
    lines = [
        (
            str(act.id),
            second(act.acted_at),
            act.act if act.finished_at else f"{act.act} (unfinished)",
            act.acted_by,
            act.url,
            act.reason,
        )
        for act in acts
    ]
    heads = ("id", "when", "act", "by", "url", "reason")
    print_table(heads, lines, whole=("id", "when"), empty="nothing has been withdrawn yet")


def _confirm(archive: Archive, article: str) -> None:
    """Ask the person at the terminal; raises ``ArchiveError`` where there is none."""
    found = archive.article(article)
    if not sys.stdin.isatty():
        raise ArchiveError("--erase cannot be undone; where nobody can be asked, add --yes")
    if not typer.confirm(f"Erase {found.url} for good, all its versions and captures?"):
        raise ArchiveError(f"nothing was done to {found.url}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user number without a name, as in some containers
        return f"user {os.getuid()}"
