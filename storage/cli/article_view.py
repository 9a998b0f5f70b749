"""An article as `jiedu show` prints it: for people, as JSON, and how the archive came by it."""

import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.cli.output import say, second
from storage.diff import origin_text, stated_time
from storage.entities import PolicyEntities
from storage.permalink import permalink
from storage.record import Absence, Block, StoredArticle, StoredCapture, Version

_BASES = {
    "origin": "the line that names the print original",
    "meta": "a meta element of the page's head",
    "visible": "what the page shows under the title",
    "url": "the address",
}
_MOST = 6  # entities of a kind in the head of an article

Fields = Iterator[tuple[str, str | None]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown: a version, its article, open absences, captured files and pages."""

    identity: StoredArticle
    version: Version
    absences: tuple[Absence, ...]
    files: tuple[StoredCapture | None, ...]  # one an attachment
    pages: tuple[StoredCapture, ...]  # one a page, the first capture of the version


def print_article(console: Console, shown: Shown) -> None:
    """Head, blocks and attachments."""
    article = shown.version.article
    _print_fields(console, _head(shown))
    print()
    for block in article.blocks:
        if block.kind == "table" and console.is_terminal:
            console.print(_table(block.text))
        else:
            say(console, _rendered(block))
        print()
    for file, kept in zip(article.attachments, shown.files, strict=True):
        state = f"{kept.filename}, sha256 {kept.body_digest}" if kept else "not kept"
        say(console, Text(f"file {file.name or ''} {file.url} ({state})", style="dim"))


def print_explanation(console: Console, shown: Shown, options: Sequence[str]) -> None:
    """What the archive knows of how each field was found, and the command that tells the rest."""
    _print_fields(console, _explained(shown))
    say(console, "\nHow the rules find each field and block in the stored page is shown by:")
    version, article = shown.version, shown.version.article
    for page in shown.pages:
        file = f"article-{shown.identity.id}-{version.number}-{page.page}.html"
        which = [str(shown.identity.id), "--version", str(version.number)]
        pages = ["--page", str(page.page)] if len(shown.pages) > 1 else []
        raw = shlex.join(["jiedu", *options, "show", *which, "--raw", *pages])
        rules = ["--portal", article.portal] if article.portal else []
        read = shlex.join(["scrapy", "extract", file, "--url", page.url, *rules, "--explain"])
        say(console, Text(f"  {raw} > {file} && {read}"))


def as_record(shown: Shown) -> dict[str, Any]:
    """One JSON object; a time that is only known to the day is a date."""
    version, identity, article = shown.version, shown.identity, shown.version.article
    record: dict[str, Any] = dataclasses.asdict(article)
    for name in ("published", "posted"):
        if getattr(article, f"{name}_precision") == "day":
            record[f"{name}_at"] = getattr(article, f"{name}_date")
    return {
        "article_id": identity.id,
        "url": identity.url,
        "permalink": permalink(identity.url, version.number, version.digest),
        "version": version.number,
        "digest": version.digest,
        "captured_at": version.captured_at,
        "recorded_at": version.recorded_at,
        "visits": version.visits,
        "captures": version.captures,
        "readers": version.readers,
        "aliases": identity.aliases,
        "first_seen_at": identity.first_seen_at,
        "checked_at": identity.checked_at,
        "gone_at": identity.gone_at,
        "missing": [dataclasses.asdict(absence) for absence in shown.absences],
        "article": record | {
            "published_date": article.published_date,
            "posted_date": article.posted_date,
            "interpretation_type": article.interpretation_type,
            "text": article.text,
        },
    }  # fmt: skip


def _print_fields(console: Console, fields: Fields) -> None:
    for label, value in fields:
        if value:
            say(console, Text.assemble((f"{label:<11}", "dim"), value))


def _head(shown: Shown) -> Fields:
    article, version, identity = shown.version.article, shown.version, shown.identity
    yield "title", article.title
    yield "kicker", article.kicker
    yield "subtitle", article.subtitle
    yield "byline", article.byline
    yield "authors", "、".join(article.authors)
    yield "source", article.source
    yield "origin", origin_text(article)
    published = stated_time(article.published_at, article.published_precision)
    basis = f" (from {_BASES[article.published_basis]})" if article.published_basis else ""
    yield "published", f"{published}{basis}" if published else None
    yield "posted", stated_time(article.posted_at, article.posted_precision)
    yield "editors", "、".join(article.editors)
    yield "channel", article.channel
    yield "type", article.interpretation_type
    yield from _policy(article.policy)
    yield "url", identity.url
    yield "version", f"{version.number}, captured {second(version.captured_at)}"
    yield "digest", version.digest
    if identity.gone_at:
        yield "gone", f"since {second(identity.gone_at)}"
    for absence in shown.absences:
        state = "confirmed" if absence.confirmed_at else "missed once"
        yield "missing", f"{absence.kind} on {second(absence.missed_at)}, {state}"


def _policy(policy: PolicyEntities) -> Fields:
    """The policy entities in short; the whole of them is in the JSON."""
    explained = [f"《{one.title}》" for one in policy.interprets]
    cited = [f"《{c.title}》" for c in policy.citations if c.kind == "document" and c.key]
    yield "explains", _some(explained, "")
    yield "cites", _some([title for title in cited if title not in explained], "")
    yield "numbers", _some([one.number for one in policy.numbers])
    yield "issued by", _some([one.canonical for act in policy.acts for one in act.issuers])
    yield (
        "officials",
        _some(
            [f"{one.name} ({one.organisation}{'、'.join(one.posts)})" for one in policy.officials]
        ),
    )
    yield "targets", _some([f"{one.horizon}：{one.goal}" for one in policy.targets], "；")
    yield "regions", _some([one.full_name or one.name for one in policy.regions])


def _some(names: Sequence[str], between: str = "、") -> str:
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - _MOST} more" if len(distinct) > _MOST else ""
    return between.join(distinct[:_MOST]) + more


def _rendered(block: Block) -> Text:
    match block.kind:
        case "heading":
            return Text(f"{'#' * (block.level or 2)} {block.text}", style="bold")
        case "caption":
            return Text(block.text, style="dim")
        case "list_item":
            return Text(f"• {block.text}")
        case "quote":
            return Text("\n".join(f"> {line}" for line in block.text.split("\n")))
    return Text(block.text)


def _table(text: str) -> Table:
    rows = [line.split("\t") for line in text.split("\n")]
    table = Table(show_header=False, show_lines=True)
    for _ in range(max(map(len, rows))):
        table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _explained(shown: Shown) -> Fields:
    version, article = shown.version, shown.version.article
    yield "version", f"{version.number}, recorded {second(version.recorded_at)}"
    yield "digest", f"{version.digest} (over title and blocks)"
    yield "reader", f"{article.reader}; {len(version.readers)} have read this version"
    generic = "no layout of the portal fitted, the generic extractor read the page"
    rules = f"{article.layout}, of the rules of portal {article.portal}"
    yield "layout", generic if article.layout == "generic" else rules
    yield "title", _found(article.title, article.title_main, article.column_tag)
    yield "authors", _from(article.authors, article.byline, "the byline")
    line = article.origin.raw if article.origin else None
    yield "origin", _from((origin_text(article),), line, "the line")
    if article.published_at and article.published_basis:
        value = stated_time(article.published_at, article.published_precision)
        basis = _BASES[article.published_basis]
        yield "published", f"{value}, to the {article.published_precision}, from {basis}"
    if article.posted_at:
        value = stated_time(article.posted_at, article.posted_precision)
        yield "posted", f"{value}, to the {article.posted_precision}, stated by this portal"
    yield "encoding", f"{article.encoding}, {article.decode_errors} characters undecodable"
    for page in shown.pages:
        yield f"page {page.page}", f"capture {page.id}: {page.url}, HTTP {page.status}"
        yield "", f"captured {second(page.captured_at)}, sha256 {page.body_digest}"
        yield "", f"{page.warc_file} at {page.warc_offset}, {page.warc_length} bytes"


def _found(title: str | None, main: str | None, tag: str | None) -> str | None:
    return f"{title}: headline {main}, column tag {tag}" if title and tag else title


def _from(values: Sequence[str | None], raw: str | None, what: str) -> str | None:
    value = "、".join(filter(None, values))
    return f"{value}, from {what} {raw}" if value and raw else value or None
