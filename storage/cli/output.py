"""How `jiedu` prints: tables for people, one JSON object a line or CSV for programs.

Every command that lists something prints through here. On a terminal a table is fitted to its
width; in a pipe it is tab-separated, line by line as rows come, and nothing is wrapped, cut or
coloured. The names of columns in JSON and CSV are stable: a release may add some at the end.
"""

import csv
import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.record import SHANGHAI

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
AsCsv = Annotated[bool, typer.Option("--csv", help="comma-separated, with a header")]

Row = Mapping[str, Any]
T = TypeVar("T")


def make_console() -> Console:
    """Where people read: in a pipe lines have no end but their own."""
    console = Console(highlight=False)
    console.soft_wrap = not console.is_terminal
    return console


def say(console: Console, text: Text | str) -> None:
    """Print a text: folded and coloured on a terminal, as it is in a pipe."""
    if console.is_terminal:
        console.print(text, markup=False)
    else:  # not by Rich, which would put spaces for tabs
        print(text)


def shows_colours(console: Console) -> bool:
    """Whether a reader can tell what is coloured."""
    return console.is_terminal and not console.no_color


def one_form(as_json: bool, as_csv: bool) -> None:
    """Wrong usage if both are asked for."""
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other")


def rows_shown(limit: int | None, usual: int, *, is_data: bool) -> int | None:
    """How many rows of a list: those asked for, else the usual number on a terminal, or all."""
    is_short = make_console().is_terminal and not is_data
    return limit if limit is not None or not is_short else usual


def first_rows(rows: Sequence[T], shown: int | None) -> Sequence[T]:
    """As many rows as are shown; says beside them when there are more."""
    if shown is not None and len(rows) > shown:
        typer.echo(f"the first {shown}; more with --limit", err=True)
    return rows[:shown]


def print_rows(
    rows: Iterable[Row],
    names: Iterable[str],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Print rows as they come: JSON, CSV with these columns, or else a table of them."""
    names = list(names)
    if as_json:
        for row in rows:
            print(json.dumps({name: row[name] for name in names}, **JSON))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([cell(row[name]) for name in names] for row in rows)
    else:
        first, rows = _peek(rows)
        numbers = {name for name in names if first and isinstance(first[name], int)}
        cells = ([cell(row[name]) for name in names] for row in rows)
        print_table(names, cells, numbers=numbers)


def print_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    numbers: Iterable[str] = (),
    whole: Iterable[str] = (),
    empty: str | None = None,
    title: str | None = None,
    padding: int = 2,
) -> None:
    """A table for people: fitted to a terminal, tab-separated and streamed in a pipe.

    ``numbers`` are set to the right and, as the columns of ``whole``, never broken on a terminal.
    ``empty`` is said instead of a table without rows, ``title`` above it.
    ``padding`` is the space between columns.
    """
    first, rows = _peek(rows)
    if first is None and empty is not None:
        print(empty)
        return
    console = make_console()
    if not console.is_terminal:
        if title is not None:
            print(title)
        print("\t".join(heads))
        for row in rows:
            print("\t".join(" ".join(str(part).split()) for part in row))
        return
    table = Table(box=None, padding=(0, padding, 0, 0), title=title, title_justify="left")
    right, unbroken = set(numbers), {*numbers, *whole}
    for head in heads:
        table.add_column(
            head,
            justify="right" if head in right else "left",
            no_wrap=head in unbroken,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(part if isinstance(part, Text) else Text(part) for part in row))
    console.print(table)


def as_rows(records: Iterable[Any]) -> Iterator[Row]:
    """Records as rows under their fields' names."""
    for record in records:
        yield dataclasses.asdict(record)


def field_names(record: type[Any]) -> list[str]:
    """The columns of a record."""
    return [field.name for field in dataclasses.fields(record)]


def plain(value: object) -> str:
    """A time in ISO 8601 on the clock of Shanghai, or a date; what JSON has no type for."""
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).isoformat()
    assert isinstance(value, dt.date)
    return value.isoformat()


def cell(value: object) -> str:
    """A value as CSV has it: empty for None, ``;`` between the parts of a list."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return plain(value) if isinstance(value, dt.date) else str(value)


def minute(moment: dt.datetime | None) -> str:
    """A moment for people, to the minute, on the clock of Shanghai; empty for none."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""


def second(moment: dt.datetime | None) -> str:
    """A moment for people, to the second, on the clock of Shanghai; empty for none."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


JSON: dict[str, Any] = {"ensure_ascii": False, "default": plain}
"""How every command writes JSON."""


def _peek(rows: Iterable[T]) -> tuple[T | None, Iterator[T]]:
    """The first of some rows, and all of them."""
    iterator = iter(rows)
    for first in iterator:
        return first, _joined(first, iterator)
    return None, iter(())


def _joined(first: T, rest: Iterator[T]) -> Iterator[T]:
    yield first
    yield from rest
