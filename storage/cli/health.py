"""`jiedu health`: what each portal's last runs brought, and what is unlike its own history."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.health import Evidence, Health, HealthWarning, RunMeasures
from storage.record import SHANGHAI

_COLUMNS = (
    "listed",
    "new",
    "changed",
    "failed",
    "generic",
    "no date",
    "no source",
    "text",
    "s",
    "p95",
)


def health(
    context: typer.Context,
    portal: Annotated[str | None, typer.Argument(help="default: all that were crawled")] = None,
    runs: Annotated[int, typer.Option(min=1, help="how many of the last runs to show")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON array")] = False,
) -> None:
    """Show the last runs of each portal and what a person should look at.

    Shares are of the pages read; `text` is their median length in characters, `s` and `p95` are
    seconds the portal took to answer for an article (median, 95th percentile).
    """
    with context.obj.open() as archive:
        names = [portal] if portal else archive.crawled_portals()
        found = [archive.health(name) for name in names]
    found = [entry for entry in found if entry.runs]
    if as_json:
        typer.echo(
            json.dumps([_record(entry, runs) for entry in found], ensure_ascii=False, indent=2)
        )
        return
    console = Console()
    if not found:
        console.print(f"{portal or 'nothing'} has {'not ' if portal else ''}been crawled yet")
    for entry in found:
        console.print(_table(entry, runs))
        for warning in entry.warnings:
            for line in warning_lines(warning):
                console.print(line, soft_wrap=True)
        console.print()


def warning_lines(warning: HealthWarning) -> Iterator[Text]:
    """The warning and, indented below it, the pages that show it."""
    yield Text.assemble((f"  {warning.kind}: ", "bold red"), warning.text)
    label = "last new article" if warning.kind == "dried up" else "last that fitted"
    for name, page in ((label, warning.fitted), ("first that did not", warning.unfit)):
        if page:
            yield Text(f"    {name}: {_page(page)}", style="dim")


def _page(page: Evidence) -> str:
    said = [f"{page.captured_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"]
    said += [f"capture {page.capture_id}"] if page.capture_id is not None else []
    said += [f"layout {page.layout}"] if page.layout else []
    said += [page.failure] if page.failure else []
    return f"{page.url} ({', '.join(said)})"


def _table(entry: Health, runs: int) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), title=entry.portal, title_justify="left")
    table.add_column("run", no_wrap=True)
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for run in entry.runs[-runs:]:
        table.add_row(f"{run.started_at.astimezone(SHANGHAI):%m-%d %H:%M}", *_cells(run))
    return table


def _cells(run: RunMeasures) -> Iterable[str]:
    pages = run.pages
    yield from (str(count) for count in (run.listed, run.new, run.changed, run.failed))
    for part in (pages.generic, pages.without_date, pages.without_source):
        yield f"{part / pages.read:.0%}" if pages.read else ""
    yield "" if pages.text_length is None else f"{pages.text_length:.0f}"
    for seconds in (run.response_seconds, run.response_seconds_p95):
        yield "" if seconds is None else f"{seconds:.1f}"


def _record(entry: Health, runs: int) -> dict[str, Any]:
    return {
        "portal": entry.portal,
        "runs": [run.as_record() for run in entry.runs[-runs:]],
        "warnings": [warning.as_record() for warning in entry.warnings],
    }
