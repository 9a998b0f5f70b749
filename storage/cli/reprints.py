"""`jiedu reprints`: the copies of an article, or the most reprinted texts."""

import csv
import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.record import SHANGHAI
from storage.reprints import Reprint, ReprintCluster

_SIGNS = {"cut": ("-", "red"), "added": ("+", "green")}


def register(app: typer.Typer) -> None:
    """Add the command of this file to the program."""
    app.command("reprints")(reprints)


def reprints(
    context: typer.Context,
    article: Annotated[
        str | None, typer.Argument(help="address or number; without it, all clusters by size")
    ] = None,
    portal: Annotated[
        str | None, typer.Option(help="clusters with an article of this portal")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many clusters at most")] = 20,
    blocks: Annotated[bool, typer.Option("--blocks", help="print what was cut and added")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="comma-separated, with a header")] = False,
) -> None:
    """Show the copies of an article, the earliest first, and what each cut and added.

    Without an article the texts that have copies are listed, most copies first. Letters and digits
    are counted, not marks. Texts under some hundred characters are not compared.
    """
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other")
    if article is None and blocks:
        raise typer.BadParameter("--blocks needs an article")
    if article is not None and portal is not None:
        raise typer.BadParameter("--portal is for the list of clusters; leave the article out")
    with context.obj.open() as archive:
        if article is None:
            rows = [_line(c) for c in archive.reprint_clusters(portal=portal, limit=limit)]
            if as_json or as_csv:
                _print_rows(rows, _LINE, as_csv)
            else:
                _print_list(rows)
            return
        cluster = archive.reprints(article)
    if as_json or as_csv:
        names = [*_MEMBER, *(["passages"] if blocks and as_json else [])]
        _print_rows([_flat(cluster, member) for member in cluster.members], names, as_csv)
    else:
        _print_cluster(cluster, blocks)


_LINE = ("cluster", "articles", "portals", "article_id", "date", "outlet", "title", "url", "basis")
_MEMBER = (
    "cluster", "article_id", "is_origin", "version", "url", "portal", "title", "outlet", "date",
    "first_seen_at", "kept", "cut", "added", "basis",
)  # fmt: skip


def _line(cluster: ReprintCluster) -> dict[str, Any]:
    origin = dataclasses.asdict(cluster.origin)
    return origin | {
        "cluster": cluster.id,
        "articles": len(cluster.members),
        "portals": sorted({member.portal for member in cluster.members if member.portal}),
        "basis": cluster.basis,
    }


def _flat(cluster: ReprintCluster, member: Reprint) -> dict[str, Any]:
    row = dataclasses.asdict(member)
    compared = row.pop("comparison") or dict.fromkeys(("kept", "cut", "added", "passages"))
    is_origin = member is cluster.origin
    return row | compared | {"cluster": cluster.id, "is_origin": is_origin, "basis": cluster.basis}


def _print_rows(rows: list[dict[str, Any]], names: Iterable[str], as_csv: bool) -> None:
    names = list(names)
    if not as_csv:
        for row in rows:
            told = {name: row[name] for name in names}
            typer.echo(json.dumps(told, ensure_ascii=False, default=_plain))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)


def _print_list(rows: list[dict[str, Any]]) -> None:
    console = Console()
    if not rows:
        console.print("no article has a copy here")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("copies", justify="right", no_wrap=True)
    table.add_column("earliest", justify="right", no_wrap=True)
    table.add_column("date", no_wrap=True)
    for name in ("outlet", "title", "portals"):
        table.add_column(name, overflow="fold")
    for row in rows:
        cells = [row[name] for name in ("articles", "article_id", "date", "outlet", "title")]
        table.add_row(*(Text(_cell(cell)) for cell in (*cells, " ".join(row["portals"]))))
    console.print(table)


def _print_cluster(cluster: ReprintCluster, with_blocks: bool) -> None:
    console = Console()
    origin = cluster.origin
    console.print(Text(origin.title or "(no title)", style="bold"))
    if len(cluster.members) == 1:
        console.print(f"article {origin.article_id}: {cluster.basis} in this archive")
        return
    console.print(
        f"{len(cluster.members)} copies; article {origin.article_id} counts as the earliest:"
        f" {cluster.basis}"
    )
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("article", "date", "portal", "outlet"):
        table.add_column(name, no_wrap=name != "outlet", justify="right" if not name else "left")
    for name in ("kept", "cut", "added"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("address", overflow="fold")
    for member in cluster.members:
        found = member.comparison
        counts = (found.kept, found.cut, found.added) if found else (None, None, None)
        cells = (member.article_id, member.date, member.portal, member.outlet, *counts, member.url)
        table.add_row(*(Text(_cell(cell)) for cell in cells))
    console.print(table)
    if with_blocks:
        for member in cluster.members[1:]:
            _print_passages(console, member)


def _print_passages(console: Console, member: Reprint) -> None:
    console.print(Text(f"\narticle {member.article_id}  {member.url}", style="bold"))
    assert member.comparison is not None
    for passage in member.comparison.passages:
        sign, colour = _SIGNS[passage.kind]
        where = "of the earliest" if passage.kind == "cut" else "here"
        console.print(Text(f"{sign} block {passage.block} {where}: {passage.text}", style=colour))
    if not member.comparison.passages:
        console.print("  nothing cut, nothing added")


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).isoformat()
    assert isinstance(value, dt.date)
    return value.isoformat()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return _plain(value) if isinstance(value, dt.date) else str(value)
