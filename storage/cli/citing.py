"""`jiedu cite`: articles as references for a paper, one or a whole bibliography."""

import datetime as dt
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated

import typer

from storage.archive import Archive
from storage.cite import Cited
from storage.cli.output import second
from storage.errors import ArticleWithdrawn
from storage.query import Query


class StyleName(StrEnum):
    """The citation styles."""

    gbt = "gbt"
    bibtex = "bibtex"
    csl = "csl"


def cite(
    context: typer.Context,
    articles: Annotated[
        list[str] | None,
        typer.Argument(help="addresses, permalinks or numbers", metavar="ARTICLE"),
    ] = None,
    query: Annotated[
        str | None, typer.Option(help="all articles that match, as `jiedu search` finds them")
    ] = None,
    version: Annotated[int | None, typer.Option(help="version number; default the latest")] = None,
    style: Annotated[
        StyleName, typer.Option(help="GB/T 7714-2015, BibTeX or CSL-JSON")
    ] = StyleName.gbt,
    accessed: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="access date; default the day the archive saw the version"
        ),
    ] = None,
    bare: Annotated[bool, typer.Option("--bare", help="gbt: no line of the permalink")] = False,
) -> None:
    """Cite articles: GB/T 7714-2015, BibTeX or CSL-JSON.

    The permalink is the address with the version's number and digest: commands take it for
    an article, and find that very version in any archive that has it. An article that was in
    print is cited as [N] with newspaper, date and page, all others as [EB/OL].
    """
    if bool(articles) == (query is not None):
        raise typer.BadParameter("name articles, or give a --query")
    if version is not None and (query is not None or len(articles or ()) > 1):
        raise typer.BadParameter("a --version is one article's")
    day = accessed.date() if accessed else None
    with context.obj.open() as archive:
        if query is not None:
            named: Iterable[tuple[str | int, int | None]] = (
                (hit.article_id, hit.version) for hit in archive.search(Query(query))
            )
        else:
            named = ((article, version) for article in articles or ())
        found: Iterable[Cited] = _cited(archive, named, style, day, is_found=query is not None)
        if query is None:
            found = list(found)  # an article that does not exist leaves no half a list
        _print(found, style, bare)


def _cited(
    archive: Archive,
    named: Iterable[tuple[str | int, int | None]],
    style: StyleName,
    accessed: dt.date | None,
    *,
    is_found: bool,
) -> Iterator[Cited]:
    for which, number in named:
        try:
            yield archive.cite(which, number, style=style.value, accessed=accessed)
        except ArticleWithdrawn:
            if not is_found:  # found, and withdrawn before its turn came
                raise


def _print(found: Iterable[Cited], style: StyleName, is_bare: bool) -> None:
    """One after the other; CSL-JSON is a list."""
    count = 0
    for cited in found:
        if style is StyleName.csl:
            print(",\n" if count else "[", cited, sep="", end="")
        else:
            print("\n" if count and style is StyleName.bibtex else "", cited, sep="")
        if style is StyleName.gbt and not is_bare:
            seen = f"version {cited.version}, captured {second(cited.captured_at)}"
            print(f"    {seen}: {cited.permalink}")
        count += 1
    if style is StyleName.csl:
        print("]" if count else "[]")
    if not count:
        typer.echo("no article matches", err=True)
