"""`jiedu documents` and `jiedu document`: the policy documents that articles explain and cite."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.entities import PolicyDocument


def register(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("documents")(documents)
    app.command("document")(document)


def documents(
    context: typer.Context,
    query: Annotated[str | None, typer.Option(help="part of a title or a 发文字号")] = None,
    limit: Annotated[int, typer.Option(help="how many at most", min=1)] = 50,
) -> None:
    """List the policy documents that archived articles name, most cited first."""
    with context.obj.open() as archive:
        found = archive.documents(query, limit=limit)
    console = Console()
    if not found:
        console.print(
            f"no document matches {query}" if query else "no article names a document yet"
        )
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("key", "explained", "cited"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("document", overflow="fold")
    for summary in found:
        title = Text(f"《{summary.title}》")
        if summary.number:
            title.append(f" {summary.number}", style="dim")
        counts = (str(summary.interpreted_by), str(summary.cited_by))
        table.add_row(str(summary.id), *counts, title)
    console.print(table)


def document(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="key, title in any spelling, or 发文字号")],
) -> None:
    """Show a document: its names, who issued it, which articles explain and cite it, who spoke."""
    with context.obj.open() as archive:
        found = archive.document(key)
    console = Console(soft_wrap=True)
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
