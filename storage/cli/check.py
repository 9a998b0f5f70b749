"""`jiedu check`: is everything in the archive still what was put into it?"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from storage import check as checks
from storage.check.finding import LEVELS, Finding, Level, Progress, Report
from storage.cli.output import JSON, as_rows, field_names, one_form, print_rows

_MORE: dict[Level, str] = {
    "error": "error(s)",
    "warning": "warning(s)",
    "information": "piece(s) of information",
}


def check(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="mend what can be mended; nothing is deleted")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object: the report")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="one finding a line, with a header")
    ] = False,
    show: Annotated[int, typer.Option(min=0, help="findings of each level to print")] = 20,
) -> None:
    """Verify the archive: database, every capture's bytes, every version's digest.

    A crawl may run meanwhile. Errors mean that something is lost or wrong, and the exit status is
    1; warnings and information do not change it. Records that no row refers to are information: a
    killed crawl leaves them.

    --repair cuts off the incomplete record a killed crawl left at the end of a file (a copy stays
    beside it, ending in .cut), reads captures whose record is damaged from another record with
    the same bytes, adds missing digests, closes crawls that were killed, settles the ledger and
    makes a damaged search index anew; then it checks again.
    """
    one_form(as_json, as_csv)
    mended: list[str] = []
    with context.obj.open() as archive:
        with progress_line() as progress:
            report = checks.check(archive, progress)
        if repair:
            mended = checks.repair(archive, report)
            if mended:
                with progress_line() as progress:
                    report = checks.check(archive, progress)
    if as_json:
        print(json.dumps(as_data(report) | {"repaired": mended}, **JSON))
    elif as_csv:
        print_rows(as_rows(report.findings), field_names(Finding), as_json, as_csv)
    else:
        print_report(report, mended, show)
    if not report.is_sound:
        raise typer.Exit(1)


def as_data(report: Report) -> dict[str, object]:
    """A report as JSON has it."""
    return {
        "is_sound": report.is_sound,
        "counts": {level: report.counts[level] for level in LEVELS},
        "checked": dict(report.checked),
        "findings": [asdict(finding) for finding in report.findings],
    }


def print_report(report: Report, mended: list[str], show: int) -> None:
    """One line a finding, errors first, and the counts at the end."""
    console = Console(soft_wrap=True, highlight=False)
    for line in mended:
        console.print(f"repair: {line}", markup=False)
    for level in LEVELS:
        findings = [finding for finding in report.findings if finding.level == level][:show]
        for finding in findings:
            line = f"{level}: {finding.where}: {finding.what}; {finding.advice}"
            console.print(line, markup=False)
        more = report.counts[level] - len(findings)
        if more:
            console.print(f"... and {more} more {_MORE[level]}")
    checked = ", ".join(f"{count} {name}" for name, count in report.checked.items())
    console.print(f"checked: {checked}")
    errors, warnings = report.counts["error"], report.counts["warning"]
    verdict = "sound" if report.is_sound else "damaged"
    console.print(f"the archive is {verdict}: {errors} error(s), {warnings} warning(s)")


@contextmanager
def progress_line() -> Iterator[Progress]:
    """Show how far a check is, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    with Console(stderr=True).status("") as status:

        def show(what: str, done: int, total: int) -> None:
            status.update(f"{what}: {done} of {total}" if total else what)

        yield show
