"""`jiedu reprints`: the copies of an article, or the most reprinted texts."""

import dataclasses
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from storage.cli.output import (
    AsCsv,
    AsJson,
    cell,
    first_rows,
    make_console,
    one_form,
    print_rows,
    print_table,
    rows_shown,
    say,
)
from storage.reprints import Reprint, ReprintCluster

_SIGNS = {"cut": ("-", "red"), "added": ("+", "green")}


def reprints(
    context: typer.Context,
    article: Annotated[
        str | None, typer.Argument(help="address or number; without it, all clusters by size")
    ] = None,
    portal: Annotated[
        str | None, typer.Option(help="clusters with an article of this portal")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="how many clusters at most; default 20 on a terminal, else all"),
    ] = None,
    blocks: Annotated[bool, typer.Option("--blocks", help="print what was cut and added")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show the copies of an article, the earliest first, and what each cut and added.

    Without an article the texts that have copies are listed, most copies first. Letters and digits
    are counted, not marks. Texts under some hundred characters are not compared.
    """
    one_form(as_json, as_csv)
    if article is None and blocks:
        raise typer.BadParameter("--blocks needs an article")
    if article is not None and portal is not None:
        raise typer.BadParameter("--portal is for the list of clusters; leave the article out")
    with context.obj.open() as archive:
        if article is None:
            shown = rows_shown(limit, 20, is_data=as_json or as_csv)
            found = archive.reprint_clusters(portal=portal, limit=shown and shown + 1)
            rows = [_line(cluster) for cluster in first_rows(found, shown)]
            if as_json or as_csv:
                print_rows(rows, _LINE, as_json, as_csv)
            else:
                _print_list(rows)
            return
        cluster = archive.reprints(article)
    if as_json or as_csv:
        names = [*_MEMBER, *(["passages"] if blocks and as_json else [])]
        rows = [_flat(cluster, member) for member in cluster.members]
        print_rows(rows, names, as_json, as_csv)
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


def _print_list(rows: list[dict[str, Any]]) -> None:
    heads = ("copies", "earliest", "date", "outlet", "title", "portals")
    names = ("articles", "article_id", "date", "outlet", "title")
    print_table(
        heads,
        ([*(cell(row[name]) for name in names), " ".join(row["portals"])] for row in rows),
        numbers=("copies", "earliest"),
        whole=("date",),
        empty="no article has a copy here",
    )


def _print_cluster(cluster: ReprintCluster, with_blocks: bool) -> None:
    console = make_console()
    origin = cluster.origin
    say(console, Text(origin.title or "(no title)", style="bold"))
    if len(cluster.members) == 1:
        say(console, f"article {origin.article_id}: {cluster.basis} in this archive")
        return
    say(
        console,
        f"{len(cluster.members)} copies; article {origin.article_id} counts as the earliest:"
        f" {cluster.basis}",
    )
    names = ("article_id", "date", "portal", "outlet", "kept", "cut", "added", "url")
    rows = (_flat(cluster, member) for member in cluster.members)
    print_table(
        ("article", *names[1:]),
        ([cell(row[name]) for name in names] for row in rows),
        numbers=("article", "kept", "cut", "added"),
        whole=("date", "portal"),
    )
    if with_blocks:
        for member in cluster.members[1:]:
            _print_passages(console, member)


def _print_passages(console: Console, member: Reprint) -> None:
    say(console, Text(f"\narticle {member.article_id}  {member.url}", style="bold"))
    assert member.comparison is not None
    for passage in member.comparison.passages:
        sign, colour = _SIGNS[passage.kind]
        where = "of the earliest" if passage.kind == "cut" else "here"
        say(console, Text(f"{sign} block {passage.block} {where}: {passage.text}", style=colour))
    if not member.comparison.passages:
        say(console, "  nothing cut, nothing added")
