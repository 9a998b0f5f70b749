"""`jiedu show` and `jiedu versions`: one article as it was read, and how it changed."""

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.diff import Change, block_changes
from storage.record import SHANGHAI, Article, Precision, StoredArticle, Version

Which = Annotated[str, typer.Argument(help="address (any of its addresses) or number")]
_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


def show(
    context: typer.Context,
    article: Which,
    version: Annotated[int | None, typer.Option(help="version number; default the latest")] = None,
) -> None:
    """Show an article as it was read."""
    with context.obj.open() as archive:
        found = archive.version(article, version)
        identity = archive.article(article)
        files = [(file, archive.file(file.url)) for file in found.article.attachments]
    console = Console()
    for label, value in _fields(found, identity):
        if value:
            console.print(Text.assemble((f"{label:<11}", "dim"), value))
    console.print()
    for block in found.article.blocks:
        style = "bold" if block.kind == "heading" else "dim" if block.kind == "caption" else ""
        console.print(Text(block.text, style=style))
        console.print()
    for file, kept in files:
        state = f"{kept.filename}, sha256 {kept.body_digest}" if kept else "not kept"
        line = Text(f"file       {file.name or ''} {file.url} ({state})", style="dim")
        console.print(line, soft_wrap=True)


def versions(context: typer.Context, article: Which) -> None:
    """List an article's versions and what changed from each to the next."""
    with context.obj.open() as archive:
        found = archive.versions(article)
        identity = archive.article(article)
    console = Console()
    console.print(Text(identity.url, style="bold"))
    for alias in identity.aliases:
        console.print(Text(f"also {alias}", style="dim"))
    if identity.gone_at:
        console.print(Text(f"gone since {_moment(identity.gone_at)}", style="red"))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("version", "captured", "visits", "readings", "layout", "digest"):
        table.add_column(column, no_wrap=True)
    table.add_column("title", overflow="fold")
    for version in found:
        table.add_row(
            str(version.number),
            _moment(version.captured_at),
            str(version.visits),
            str(len(version.readers)),
            version.article.layout,
            version.digest[:8],
            Text(version.article.title or ""),
        )
    console.print(table)
    for before, after in pairwise(found):
        console.print(f"\nfrom version {before.number} to {after.number}:")
        for change in block_changes(before.article, after.article):
            for line in _lines(change):
                console.print(line)


def _lines(change: Change) -> Iterator[Text]:
    sign, colour = _SIGNS[change.kind]
    if change.kind == "changed":
        text = Text(f"{sign} {change.where}: ", style=colour)
        for kind, part in change.parts:
            style = {"same": "", "removed": "red strike", "added": "green"}[kind]
            brackets = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}[kind]
            text.append(f"{brackets[0]}{part}{brackets[1]}", style=style)
        yield text
    else:
        yield Text(f"{sign} {change.where}: {change.after or change.before}", style=colour)


def _fields(version: Version, identity: StoredArticle) -> Iterator[tuple[str, str | None]]:
    article: Article = version.article
    origin = article.origin
    yield "title", article.title
    yield "kicker", article.kicker
    yield "subtitle", article.subtitle
    yield "byline", article.byline
    yield "source", article.source
    if origin:
        page = f"，{origin.page}版" if origin.page else ""
        yield "origin", f"{origin.medium}{f' {origin.date}' if origin.date else ''}{page}"
    yield "published", _stated(article.published_at, article.published_precision)
    yield "posted", _stated(article.posted_at, article.posted_precision)
    yield "editors", "、".join(article.editors)
    yield "url", identity.url
    yield "version", f"{version.number}, captured {_moment(version.captured_at)}"
    yield "digest", version.digest
    yield "gone", _moment(identity.gone_at) if identity.gone_at else None


def _stated(moment: dt.datetime | None, precision: Precision | None) -> str | None:
    """A page's stated time as precisely as the page states it."""
    if moment is None:
        return None
    form = {"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S"}
    return moment.astimezone(SHANGHAI).strftime(form[precision or "second"])


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
