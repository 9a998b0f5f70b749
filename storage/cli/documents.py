"""`jiedu documents` and `jiedu document`: the policy documents that articles explain and cite."""

import dataclasses
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from storage.cli.output import (
    JSON,
    AsCsv,
    AsJson,
    as_rows,
    field_names,
    first_rows,
    one_form,
    print_rows,
    print_table,
    rows_shown,
)
from storage.entities import DocumentArticle, DocumentSummary, PolicyDocument


def documents(
    context: typer.Context,
    query: Annotated[str | None, typer.Option(help="part of a title or a 发文字号")] = None,
    limit: Annotated[
        int | None, typer.Option(help="how many at most; default 50 on a terminal, else all", min=1)
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the policy documents that archived articles name, most cited first."""
    one_form(as_json, as_csv)
    shown = rows_shown(limit, 50, is_data=as_json or as_csv)
    with context.obj.open() as archive:
        found = archive.documents(query, limit=shown and shown + 1)
    found = list(first_rows(found, shown))
    if as_json or as_csv:
        print_rows(as_rows(found), field_names(DocumentSummary), as_json, as_csv)
        return
    heads = ("key", "explained", "cited", "document")
    lines = [
        (
            str(summary.id),
            str(summary.interpreted_by),
            str(summary.cited_by),
            _named(summary),
        )
        for summary in found
    ]
    empty = f"no document matches {query}" if query else "no article names a document yet"
    print_table(heads, lines, numbers=heads[:-1], empty=empty)


def document(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="key, title in any spelling, or 发文字号")],
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object: everything that is known")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="the articles that name it, with a header")
    ] = False,
) -> None:
    """Show a document: its names, who issued it, which articles explain and cite it, who spoke."""
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        found = archive.document(key)
    if as_json:
        print(json.dumps(dataclasses.asdict(found), **JSON))
        return
    if as_csv:
        print_rows(as_rows(found.articles), field_names(DocumentArticle), as_json, as_csv)
        return
    console = Console(soft_wrap=True, highlight=False)
    _print_names(console, found)
    for label, explains in (("explained by", True), ("cited by", False)):
        articles = [a for a in found.articles if bool(a.evidence) == explains]
        if not articles:
            continue
        console.print(Text(f"\n{label}", style="bold"))
        for article in articles:
            line = Text(f"  {article.date or 'no date   '} ")
            line.append(f"{article.outlet or article.portal or ''} ", style="dim")
            line.append(article.title or "")
            if article.interpretation_type:
                line.append(f" ({article.interpretation_type})", style="dim")
            line.append(f" {article.url}", style="dim")
            console.print(line)
    if found.statements:
        console.print(Text("\nspoke about it", style="bold"))
    for statement in found.statements:
        who = Text(f"  {statement.date or 'no date   '} ")
        who.append(statement.outlet or "", style="dim")
        posts = "、".join(statement.posts)
        who.append(f" {statement.organisation or ''}{posts}{statement.speaker}", style="bold")
        mark = ("“", "”") if statement.kind == "direct" else ("", "")
        console.print(who.append(f"：{mark[0]}{statement.text}{mark[1]}", style="not bold"))


def _named(summary: DocumentSummary) -> Text:
    title = Text(f"《{summary.title}》")
    return title.append(f" {summary.number}", style="dim") if summary.number else title


def _print_names(console: Console, found: PolicyDocument) -> None:
    summary = found.summary
    fields = (
        ("title", summary.title),
        ("type", summary.doc_type),
        ("number", "、".join(found.numbers) or summary.number),
        ("issuers", "、".join(found.issuers)),
        ("short names", "、".join(found.short_names)),
        ("also", "；".join(title for title in found.titles if title != summary.title)),
        ("key", str(summary.id)),
    )
    for label, value in fields:
        if value:
            console.print(Text.assemble((f"{label:<12}", "dim"), value))
