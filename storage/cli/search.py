"""`jiedu search`, `jiedu timeline`, `jiedu stats`: find articles and count them."""

import dataclasses
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from storage.cli.output import AsCsv, AsJson, make_console, one_form, print_rows
from storage.query import Query
from storage.query_tree import TYPES
from storage.results import FACETS, MORE_FACETS, Hit, Results
from storage.snippets import Spans

_MARK = "bold yellow"
_ONE_LINE = dict.fromkeys(map(ord, "\n\t"), " ")  # a snippet of a table
_SHOWN = 20  # values of a facet in a table
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUERY",
        help='words, "phrases", AND OR NOT, (groups), title:... portal:... published:2024-06',
    ),
]
Portal = Annotated[list[str] | None, typer.Option(help="only this portal; repeat for several")]
Source = Annotated[list[str] | None, typer.Option(help="only this source (来源)")]
Channel = Annotated[list[str] | None, typer.Option(help="only this channel (栏目)")]
Layout = Annotated[list[str] | None, typer.Option(help="only read by this layout")]
Author = Annotated[list[str] | None, typer.Option(help="only by this author")]
Agency = Annotated[list[str] | None, typer.Option(help="only naming this agency")]
Document = Annotated[
    list[str] | None, typer.Option(help="only naming this document: title or 发文字号")
]
Official = Annotated[list[str] | None, typer.Option(help="only naming this official")]
Region = Annotated[
    list[str] | None, typer.Option(help="only naming this region or one in it: name or code")
]
Type = Annotated[
    list[str] | None, typer.Option("--type", help=f"only of this type: {', '.join(TYPES)}")
]
Published = Annotated[str | None, typer.Option(help="2024, 2024-06, 2024-06-04, 2023..2024-06")]
Posted = Annotated[str | None, typer.Option(help="date posted on the portal, as --published")]
Captured = Annotated[str | None, typer.Option(help="date captured, as --published")]
IsGone = Annotated[bool | None, typer.Option("--gone/--not-gone", help="pages gone, or not")]
IsChanged = Annotated[
    bool | None, typer.Option("--changed/--unchanged", help="several versions, or only one")
]


class Sorted(StrEnum):
    """The orders of hits."""

    newest = "newest"
    oldest = "oldest"
    relevance = "relevance"


class Versions(StrEnum):
    """Which versions an article is matched on."""

    latest = "latest"
    all = "all"


class Step(StrEnum):
    """The steps of a timeline."""

    year = "year"
    month = "month"


def search(
    context: typer.Context,
    query: Words = None,
    portal: Portal = None,
    source: Source = None,
    channel: Channel = None,
    layout: Layout = None,
    author: Author = None,
    agency: Agency = None,
    document: Document = None,
    official: Official = None,
    region: Region = None,
    type_: Type = None,
    published: Published = None,
    posted: Posted = None,
    captured: Captured = None,
    gone: IsGone = None,
    changed: IsChanged = None,
    versions: Annotated[Versions, typer.Option(help="match on")] = Versions.latest,
    sort: Annotated[Sorted, typer.Option(help="order")] = Sorted.newest,
    limit: Annotated[int, typer.Option(min=1, help="hits of a page")] = 20,
    cursor: Annotated[str | None, typer.Option(help="the page after the one it came with")] = None,
    facets: Annotated[bool, typer.Option("--facets", help=f"count by {', '.join(FACETS)}")] = False,
    facet: Annotated[
        list[str] | None, typer.Option(help=f"count by {', '.join((*FACETS, *MORE_FACETS))}")
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="only the number of articles")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Find articles: words are substrings of a title or a block.

    Width, case and white space between Han characters make no difference. Quote what looks like
    syntax. Articles come newest first.
    """
    one_form(as_json, as_csv)
    wanted = Query(
        as_query(query),
        portal=as_names(portal),
        source=as_names(source),
        channel=as_names(channel),
        layout=as_names(layout),
        author=as_names(author),
        agency=as_names(agency),
        document=as_names(document),
        official=as_names(official),
        region=as_names(region),
        type=as_names(type_),
        published=published,
        posted=posted,
        captured=captured,
        gone=gone,
        changed=changed,
        versions=versions.value,
        sort=sort.value,
    )
    with context.obj.open() as archive:
        results = archive.search(wanted)
        if count:
            typer.echo(results.count())
        elif facets or facet:
            counts = results.facets(*(FACETS if facets else ()), *(facet or ()))
            is_data = as_json or as_csv
            rows = _facet_rows(
                counts,
                is_short=make_console().is_terminal and not is_data,
                unsaid=None if is_data else "(none)",
            )
            print_rows(rows, ("facet", "value", "articles"), as_json, as_csv)
        else:
            _print_hits(results, limit, cursor, as_json, as_csv)


def timeline(
    context: typer.Context,
    query: Words = None,
    portal: Portal = None,
    by: Annotated[Step, typer.Option(help="step")] = Step.month,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Count the articles that match by month or year of their date; an empty one counts 0."""
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        found = archive.search(Query(as_query(query), portal=as_names(portal))).facets(by.value)[
            by.value
        ]
    rows = [{by.value: step, "articles": found.get(step, 0)} for step in _steps(found, by)]
    print_rows(rows, (by.value, "articles"), as_json, as_csv)


def _steps(found: Iterable[str | None], by: Step) -> list[str]:
    """All years or months from the first to the last of these."""
    known = sorted(step for step in found if step)  # every article has a date
    if not known:
        return []
    if by is Step.year:
        return [f"{year:04}" for year in range(int(known[0]), int(known[-1]) + 1)]
    first, last = (int(step[:4]) * 12 + int(step[5:]) - 1 for step in (known[0], known[-1]))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]


def stats(context: typer.Context, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """Count what the archive holds, and the articles of each portal."""
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        rows: list[dict[str, Any]] = [
            {"what": what, "portal": None, "number": number}
            for what, number in archive.counts().items()
        ]
        gone = archive.search(Query(gone=True)).count()
        rows.append({"what": "gone", "portal": None, "number": gone})
        by_portal = archive.search(Query()).facets("portal")["portal"]
    rows += [
        {"what": "articles", "portal": portal or "(none)", "number": number}
        for portal, number in by_portal.items()
    ]
    print_rows(rows, ("what", "portal", "number"), as_json, as_csv)


def _facet_rows(
    facets: dict[str, dict[str | None, int]], *, is_short: bool, unsaid: str | None
) -> list[dict[str, Any]]:
    """A row for each value of each facet; a terminal shows the most frequent or latest ones."""
    rows: list[dict[str, Any]] = []
    for name, counts in facets.items():
        shown = list(counts.items())
        is_dated = name in ("year", "month")  # they come in order, the latest last
        if is_short:
            shown = shown[-_SHOWN:] if is_dated else shown[:_SHOWN]
        rows += [
            {"facet": name, "value": unsaid if value is None else value, "articles": number}
            for value, number in shown
        ]
        if more := len(counts) - len(shown):
            said = f"... and {more} earlier" if is_dated else f"... and {more} more"
            rows.append({"facet": name, "value": said, "articles": None})
    return rows


def as_query(words: list[str] | None) -> str:
    """A query that the shell may have taken apart: ``jiedu search 数据 要素``."""
    return " ".join(words or ())


def as_names(values: list[str] | None) -> tuple[str, ...] | None:
    """What an option that can be repeated was given, as ``Query`` takes it."""
    return tuple(values) if values else None


def _print_hits(
    results: Results, limit: int, cursor: str | None, as_json: bool, as_csv: bool
) -> None:
    page = results.page(limit, cursor)
    if as_json or as_csv:
        names = [field.name for field in dataclasses.fields(Hit)]
        if as_csv:
            names = [name for name in names if name not in ("title_marks", "snippet")]
        print_rows([_flat(hit, names) for hit in page.hits], names, as_json, as_csv)
        if page.cursor:  # beside the data, which a pipe takes
            typer.echo(f"more with --cursor {page.cursor}", err=True)
        return
    console = make_console()
    total = results.count()
    for hit in page.hits:
        head = Text.assemble((f"{hit.article_id}  ", "dim"), _marked(hit.title, hit.title_marks))
        about = [str(hit.day), hit.portal, hit.source, "gone" if hit.gone_at else None]
        console.print(head, soft_wrap=True)
        console.print(Text("    " + "  ".join(part for part in about if part), style="dim"))
        console.print(Text(f"    {hit.url}", style="dim"), soft_wrap=True)
        if hit.snippet:
            line = hit.snippet.text.translate(_ONE_LINE)
            text = _marked(line, hit.snippet.marks)
            console.print(Text.assemble("    ", text), soft_wrap=True)
    console.print(f"{total} article{'' if total == 1 else 's'}", style="bold")
    if page.cursor:
        console.print(f"more with --cursor {page.cursor}", style="dim", soft_wrap=True)


def _marked(text: str | None, marks: Spans) -> Text:
    shown = Text(text or "(no title)")
    for start, end in marks:
        shown.stylize(_MARK, start, end)
    return shown


def _flat(hit: Hit, names: Iterable[str]) -> dict[str, Any]:
    row = dataclasses.asdict(hit)
    return {name: row[name] for name in names}
