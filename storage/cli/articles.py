"""`jiedu show` and `jiedu versions`: one article as it was read, and how it changed."""

import json
import sys
from itertools import pairwise
from typing import Annotated

import typer
from rich.text import Text

from storage.archive import Archive
from storage.cli.article_view import Shown, as_record, print_article, print_explanation
from storage.cli.comparing import difference_lines
from storage.cli.output import (
    JSON,
    AsCsv,
    AsJson,
    make_console,
    one_form,
    print_rows,
    print_table,
    say,
    second,
    shows_colours,
)
from storage.content_encoding import decoded_body
from storage.diff import compare
from storage.errors import ArchiveError, CaptureNotFound, CaptureUnreadable
from storage.permalink import permalink
from storage.record import StoredArticle, StoredCapture, Version

Which = Annotated[str, typer.Argument(help="address (any of its addresses), permalink or number")]
_COLUMNS = (
    "article_id", "url", "version", "captured_at", "recorded_at", "visits", "captures", "readings",
    "layout", "reader", "digest", "permalink", "title",
)  # fmt: skip


def show(
    context: typer.Context,
    article: Which,
    version: Annotated[int | None, typer.Option(help="version number; default the latest")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="how it was read: rules, bases, captures")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="write the page's bytes as they were served")
    ] = False,
    page: Annotated[int, typer.Option(min=1, help="with --raw: page of an article of several")] = 1,
    force: Annotated[
        bool, typer.Option("--force", help="with --raw: write bytes to a terminal too")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object: everything that is known")
    ] = False,
) -> None:
    """Show an article as it was read.

    --raw writes the first capture of the version, in the page's own character encoding and with
    any compression undone: its SHA-256 is the one --explain shows.
    """
    if sum((explain, raw, as_json)) > 1:
        raise typer.BadParameter("--explain, --raw and --json exclude each other")
    with context.obj.open() as archive:
        found = archive.version(article, version)
        identity = archive.article(article)
        if raw:
            _write_raw(archive, _pages(archive, found), page, identity, found, force)
            return
        shown = _shown(archive, identity, found)
    console = make_console()
    if as_json:
        print(json.dumps(as_record(shown), **JSON))
    elif explain:
        print_explanation(console, shown, context.obj.options)
    else:
        print_article(console, shown)


def versions(
    context: typer.Context,
    article: Which,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List an article's versions and what changed from each to the next."""
    one_form(as_json, as_csv)
    with context.obj.open() as archive:
        found = archive.versions(article)
        identity = archive.article(article)
    if as_json or as_csv:
        print_rows([_row(identity, one) for one in found], _COLUMNS, as_json, as_csv)
        return
    console = make_console()
    say(console, Text(identity.url, style="bold"))
    for alias in identity.aliases:
        say(console, Text(f"also {alias}", style="dim"))
    if identity.gone_at:
        say(console, Text(f"gone since {second(identity.gone_at)}", style="red"))
    heads = ("version", "captured", "visits", "readings", "layout", "digest", "title")
    rows = [
        (
            str(one.number),
            second(one.captured_at),
            str(one.visits),
            str(len(one.readers)),
            one.article.layout,
            one.digest[:8],
            one.article.title or "",
        )
        for one in found
    ]
    print_table(heads, rows, numbers=("version", "visits", "readings"), whole=heads[:-1])
    for before, after in pairwise(found):
        say(console, f"\nfrom version {before.number} to {after.number}:")
        is_marked = not shows_colours(console)
        changes = difference_lines(compare(before, after), 0, is_marked=is_marked)
        for line in list(changes)[2:]:  # which versions they are has been said
            say(console, line)


def _row(identity: StoredArticle, version: Version) -> dict[str, object]:
    return {
        "article_id": identity.id,
        "url": identity.url,
        "version": version.number,
        "captured_at": version.captured_at,
        "recorded_at": version.recorded_at,
        "visits": version.visits,
        "captures": version.captures,
        "readings": len(version.readers),
        "layout": version.article.layout,
        "reader": version.article.reader,
        "digest": version.digest,
        "permalink": permalink(identity.url, version.number, version.digest),
        "title": version.article.title,
    }


def _shown(archive: Archive, identity: StoredArticle, found: Version) -> Shown:
    absences = archive.absences(article_id=identity.id)
    return Shown(
        identity=identity,
        version=found,
        absences=tuple(absence for absence in absences if not absence.ended_at),
        files=tuple(archive.file(file.url) for file in found.article.attachments),
        pages=tuple(_pages(archive, found)),
    )


def _pages(archive: Archive, version: Version) -> list[StoredCapture]:
    """The pages of the first visit that showed a version, in page order."""
    shown = [
        capture
        for capture in archive.captures(version.article_id)
        if capture.version_id == version.id and capture.status == 200
        if capture.kind == "article" and capture.page is not None
    ]
    return [capture for capture in shown if capture.visit == shown[0].visit]


def _write_raw(
    archive: Archive,
    pages: list[StoredCapture],
    page: int,
    identity: StoredArticle,
    version: Version,
    is_forced: bool,
) -> None:
    name = f"{identity.url} version {version.number}"
    chosen = next((capture for capture in pages if capture.page == page), None)
    if chosen is None:
        raise CaptureNotFound(f"{name}: no capture of a page {page}; it has {len(pages)}")
    if sys.stdout.isatty() and not is_forced:
        raise ArchiveError(f"{name}: bytes are not for a terminal; add > FILE, or --force")
    capture = archive.read_capture(chosen.id)
    try:
        body = decoded_body(capture.headers, capture.body)
    except ValueError as error:
        raise CaptureUnreadable(f"{name}: capture {chosen.id}: {error}") from None
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()
