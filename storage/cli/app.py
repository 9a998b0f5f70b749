"""The `jiedu` program: its options, its errors in one line, its commands.

Exit status: 0 fine, 1 an error that one line explains, 2 wrong usage. A reader of a pipe that has
seen enough (`jiedu ledger | head`) is no error.
"""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from storage.cli import (
    articles,
    backup,
    check,
    citing,
    comparing,
    completeness,
    documents,
    exporting,
    health,
    ledger,
    reprints,
    search,
    upkeep,
    withdrawal,
)
from storage.cli.context import Context
from storage.cli.examples import ADVICE, EXIT_STATUS, epilog, example_epilog, unwrapped
from storage.errors import ArchiveError, QueryError


class Program(TyperGroup):
    """The commands; whichever runs ends quietly when nobody reads on."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the program's own options wherever they stand, also after the command."""
        return super().parse_args(ctx, _own_options_first(args))

    def invoke(self, ctx: Any) -> Any:
        """Run the command and write out all it printed, while a closed pipe can be told."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            # Python would write the rest, and complain, while closing stdout.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


def _own_options_first(arguments: list[str]) -> list[str]:
    """The arguments with --archive, --warc and --debug before the command; not those after --."""
    own: list[str] = []
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            return [*own, *others, argument, *rest]
        name, has_value, _ = argument.partition("=")
        if name not in ("--archive", "--warc", "--debug"):
            others.append(argument)
            continue
        own.append(argument)
        if name != "--debug" and not has_value:
            value = next(rest, None)
            if value is None:
                return [argument]  # alone, it is told to be without its value
            own.append(value)
    return own + others


app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Search, read, compare, cite and export an archive of policy interpretations (政策解读).",
    epilog=epilog(ADVICE, EXIT_STATUS),
)
app.command("show")(articles.show)
app.command("versions")(articles.versions)
app.command("diff")(comparing.diff)
app.command("cite")(citing.cite)
app.command("search")(search.search)
app.command("timeline")(search.timeline)
app.command("stats")(search.stats)
app.command("documents")(documents.documents)
app.command("document")(documents.document)
app.command("reprints")(reprints.reprints)
app.command("export")(exporting.export)
app.command("verify")(exporting.verify)
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
for command in app.registered_commands:  # after all of them are there
    command.epilog = command.epilog or example_epilog(command.name or "")
    command.help = command.help or unwrapped(getattr(command.callback, "__doc__", None) or "")


def _say_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"jiedu {version('jiedu')}")
        raise typer.Exit


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
    is_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="show the release and exit"
        ),
    ] = False,
) -> None:
    """Options that every command takes."""
    address: str | Path | None = archive or None
    if archive and "://" not in archive:
        address = Path(archive)
    context.obj = Context(address=address, warc=warc)


def main() -> None:
    """Run the command line."""
    try:
        app(prog_name="jiedu")  # also as python -m storage.cli
    except ArchiveError as error:
        if "--debug" in sys.argv:
            raise
        console = Console(stderr=True, soft_wrap=True, emoji=False)  # no `:x:` in it is one
        console.print(f"jiedu: {error}", markup=False, highlight=False)
        sys.exit(2 if isinstance(error, QueryError) else 1)


__all__ = ["app", "main"]
