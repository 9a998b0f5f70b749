"""`jiedu export` and `jiedu verify`: datasets out of the archive, and whether one is whole."""

import contextlib
import datetime as dt
import re
import signal
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from storage.cli import search as of_search
from storage.cli.output import print_table
from storage.cli.search import Versions, as_names, as_query
from storage.export import Manifest, verify_dataset
from storage.query import Query
from storage.record import SHANGHAI

_HAS_TIME = re.compile(r"[T ]")


class Format(StrEnum):
    """What files a dataset is made of."""

    parquet = "parquet"
    jsonl = "jsonl"
    csv = "csv"
    warc = "warc"


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="new folder of the dataset")],
    query: of_search.Words = None,
    format_: Annotated[
        Format, typer.Option("--format", help="parquet by year and portal; csv opens in Excel")
    ] = Format.parquet,
    as_of: Annotated[
        str | None,
        typer.Option(help="as known then: 2026-03-01T12:00 (Shanghai), with +00:00, or a date"),
    ] = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="full texts too: they are copyrighted")
    ] = False,
    all_versions: Annotated[
        bool, typer.Option("--all-versions", help="blocks and entities of earlier versions too")
    ] = False,
    since: Annotated[
        Path | None, typer.Option(help="only what is new since this dataset or manifest")
    ] = None,
    portal: of_search.Portal = None,
    source: of_search.Source = None,
    channel: of_search.Channel = None,
    layout: of_search.Layout = None,
    author: of_search.Author = None,
    agency: of_search.Agency = None,
    document: of_search.Document = None,
    official: of_search.Official = None,
    region: of_search.Region = None,
    type_: of_search.Type = None,
    published: of_search.Published = None,
    posted: of_search.Posted = None,
    captured: of_search.Captured = None,
    gone: of_search.IsGone = None,
    changed: of_search.IsChanged = None,
    versions: Annotated[Versions, typer.Option(help="match on")] = Versions.latest,
) -> None:
    """Write the articles that a query finds as a dataset that can be cited and made again.

    The same command with the same --as-of gives the same files, whatever is crawled later. A
    manifest names the query, the moment and each file's SHA-256; a codebook explains every column.
    Full text stays out unless --with-text: articles are under copyright.
    """
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
    )
    moment = _moment(as_of) if as_of is not None else None
    with _ended_by_signals(), context.obj.open() as archive:
        manifest = archive.export(
            folder,
            wanted,
            format=format_.value,
            as_of=moment,
            with_text=with_text,
            all_versions=all_versions,
            since=since,
        )
    _print(manifest)
    typer.echo(f"{folder} as of {_shown(manifest.as_of)}")


def verify(
    folder: Annotated[Path, typer.Argument(help="folder of the dataset")],
) -> None:
    """Check a dataset against its manifest; exit status 1 when a file is not as it was written."""
    manifest, faults = verify_dataset(folder)
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    files = len(manifest.files)
    typer.echo(f"{folder} is whole: {files} files as of {_shown(manifest.as_of)}")


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the command as an error does: no half dataset is left.

    Under ``nohup`` a closed terminal ends nothing.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    usual = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in usual.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def _print(manifest: Manifest) -> None:
    rows = [(name, str(number)) for name, number in manifest.tables.items()]
    print_table(("table", "rows"), rows, numbers=("rows",))


def _moment(written: str) -> dt.datetime:
    """A moment as it is typed: without a zone on the clock of Shanghai; a date is its last one."""
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter(
            f"--as-of {written}: write 2026-03-01, 2026-03-01T12:00 or 2026-03-01T04:00+00:00"
        ) from None
    if not _HAS_TIME.search(written):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _shown(moment: dt.datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()
