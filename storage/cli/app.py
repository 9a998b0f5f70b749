"""The `jiedu` program: its options, its errors in one line, its commands.

Exit status: 0 fine, 1 an error that one line explains, 2 wrong usage.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from storage.cli import (
    articles,
    backup,
    check,
    completeness,
    documents,
    health,
    ledger,
    reprints,
    search,
    upkeep,
    withdrawal,
)
from storage.cli.context import Context
from storage.errors import ArchiveError, QueryError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Search, read and compare an archive of policy interpretations (政策解读).",
)
app.command("show")(articles.show)
app.command("versions")(articles.versions)
app.command("search")(search.search)
app.command("timeline")(search.timeline)
app.command("stats")(search.stats)
app.command("coverage")(completeness.coverage)
app.command("health")(health.health)
app.command("ledger")(ledger.ledger)
app.command("gone")(ledger.gone)
app.command("withdraw")(withdrawal.withdraw)
app.command("withdrawals")(withdrawal.withdrawals)
app.command("migrate")(upkeep.migrate)
app.command("check")(check.check)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
documents.register(app)
reprints.register(app)


@app.callback()
def options(
    context: typer.Context,
    archive: Annotated[
        str | None,
        typer.Option(
            envvar="ARCHIVE_URL",
            help="SQLAlchemy URL or SQLite file; default archive/archive.db beside scrapy.cfg",
        ),
    ] = None,
    warc: Annotated[
        Path | None,
        typer.Option(envvar="ARCHIVE_WARC", help="folder of the WARC files"),
    ] = None,
    debug: Annotated[bool, typer.Option(help="show tracebacks")] = False,
) -> None:
    """Options that every command takes."""
    address: str | Path | None = archive or None
    if archive and "://" not in archive:
        address = Path(archive)
    context.obj = Context(address=address, warc=warc)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except ArchiveError as error:
        if "--debug" in sys.argv:
            raise
        Console(stderr=True, soft_wrap=True).print(f"jiedu: {error}", markup=False, highlight=False)
        sys.exit(2 if isinstance(error, QueryError) else 1)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; Python would complain while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


__all__ = ["app", "main"]
