"""`jiedu health`: what each portal's last runs brought, and what is unlike its own history."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from rich.text import Text

from storage.cli.output import make_console, one_form, print_rows, print_table
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
_PARTS = ("portal", "runs", "warnings")
_RUN = (
    "id", "started_at", "outcome", "listed", "new", "changed", "failed", "visits", "listings_read",
    "pages_read", "generic", "without_date", "without_source", "text_length", "requests",
    "response_seconds", "response_seconds_p95", "backlog_days",
)  # fmt: skip


def health(
    context: typer.Context,
    portal: Annotated[str | None, typer.Argument(help="default: all that were crawled")] = None,
    runs: Annotated[int, typer.Option(min=1, help="how many of the last runs to show")] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object a portal, on a line")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="one run a line, with a header")] = False,
) -> None:
    """Show the last runs of each portal and what a person should look at.

    Shares are of the pages read; `text` is their median length in characters, `s` and `p95` are
    seconds the portal took to answer for an article (median, 95th percentile).
    """
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        names = [portal] if portal else archive.crawled_portals()
        found = [archive.health(name) for name in names]
    found = [entry for entry in found if entry.runs]
    if as_json:
        print_rows((_record(entry, runs) for entry in found), _PARTS, as_json, as_csv)
        return
    if as_csv:
        lines = [
            {"portal": entry.portal} | run.as_record()
            for entry in found
            for run in entry.runs[-runs:]
        ]
        print_rows(lines, ("portal", *_RUN), as_json, as_csv)
        return
    console = make_console()
    if not found:
        print(f"{portal or 'nothing'} has {'not ' if portal else ''}been crawled yet")
    for entry in found:
        _print_runs(entry, runs)
        for warning in entry.warnings:
            for line in warning_lines(warning):
                console.print(line, soft_wrap=True)
        print()


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


def _print_runs(entry: Health, runs: int) -> None:
    lines = [
        (f"{run.started_at.astimezone(SHANGHAI):%m-%d %H:%M}", *_cells(run))
        for run in entry.runs[-runs:]
    ]
    heads = ("run", *_COLUMNS)
    print_table(heads, lines, numbers=_COLUMNS, whole=heads, title=entry.portal, padding=1)


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
