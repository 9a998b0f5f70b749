"""Judge the articles a probe fetched: layout, encoding, title, time, source, text.

Called by ``crawler.probe.checks``. A check is (name, verdict, found, advice).
"""

import re
from collections.abc import Iterator
from typing import Literal

from crawler.probe.seen import Seen, SeenPage
from crawler.selection import listed_day
from storage import Article

Row = tuple[str, Literal["fits", "note", "drifted"], str, str]

_SHORT = 100  # characters: less is a notice, or a container that holds only a part
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_SAME = {"gb2312": "gb18030", "gbk": "gb18030", "utf8": "utf-8"}
_TITLE_START = 8  # characters that a title cut short in its listing still shows


def check_articles(seen: Seen) -> Iterator[Row]:
    """The checks that look at all fetched articles together."""
    pages = seen.of_kind("article")
    read = [(page, page.article) for page in pages if page.article]
    yield _fetched(pages, len(read))
    if not read:
        return
    yield _layout(seen, [article for _, article in read])
    yield _encoding(read)
    yield _all("title", [(article, article.title) for _, article in read], "title")
    yield _listed_title(read)
    yield _all("posted_at", [(article, article.posted_at) for _, article in read], "posted_at")
    yield _listed_date(read)
    yield _source(seen, [article for _, article in read])
    yield _text([article for _, article in read])


def _fetched(pages: list[SeenPage], count: int) -> Row:
    if not pages:
        return ("articles", "drifted", "none was listed", "mend the listings first")
    if count == len(pages):
        return ("articles", "fits", f"{count} fetched and read", "")
    reasons = "; ".join(
        f"{page.asked}: {page.refusal or page.error or f'HTTP {page.status}'}"
        for page in pages
        if not page.article
    )
    return (
        "articles",
        "drifted",
        f"{count} of {len(pages)} read" + (f" ({reasons})" if reasons else ""),
        "open the addresses in a browser: are they articles? Correct `article_url` or the listing",
    )


def _layout(seen: Seen, articles: list[Article]) -> Row:
    names = ", ".join(sorted({article.layout for article in articles}))
    generic = sum(article.layout == "generic" for article in articles)
    if not seen.portal.layouts:
        return ("layout", "note", "the portal has none; its pages are read by general rules", "")
    if not generic:
        unmet = [x.name for x in seen.portal.layouts if x.name not in names.split(", ")]
        others = f"; no article of {', '.join(unmet)} was among them" if unmet else ""
        return ("layout", "fits", names + others, "")
    return (
        "layout",
        "drifted",
        f"{generic} of {len(articles)} articles fit none of"
        f" {', '.join(layout.name for layout in seen.portal.layouts)}",
        "`scrapy savepage` one of them, and add a layout with its container to the portal's file",
    )


def _encoding(read: list[tuple[SeenPage, Article]]) -> Row:
    errors = sum(article.decode_errors for _, article in read)
    encodings = ", ".join(sorted({article.encoding or "unknown" for _, article in read}))
    if errors:
        return (
            "encoding",
            "drifted",
            f"{encodings}, {errors} bytes could not be decoded",
            "look at the saved page: what is it written in?",
        )
    declared = {_SAME.get(name, name) for page, _ in read for name in _declared(page)}
    others = sorted(declared - {article.encoding for _, article in read})
    if others:
        return ("encoding", "note", f"{encodings}, though pages declare {', '.join(others)}", "")
    return ("encoding", "fits", encodings, "")


def _declared(page: SeenPage) -> list[str]:
    head = page.body[:4096] + (page.content_type or "").encode("latin-1", "replace")
    return [name.decode("ascii", "replace").lower() for name in _CHARSET.findall(head)]


def _all(name: str, values: list[tuple[Article, object]], selector: str) -> Row:
    lacking = [article.url for article, value in values if value is None]
    if not lacking:
        return (name, "fits", str(values[0][1]), "")
    return (
        name,
        "drifted",
        f"{len(lacking)} of {len(values)} articles show none ({lacking[0]})",
        f"look where it stands on the saved page and correct `{selector}` of the layout",
    )


def _listed_title(read: list[tuple[SeenPage, Article]]) -> Row:
    titles = [
        (page.listed.title, article.title)
        for page, article in read
        if page.listed and page.listed.title and article.title
    ]
    pairs = [(_squash(listed), _squash(title)) for listed, title in titles]
    odd = [(a, b) for a, b in pairs if a[:_TITLE_START] not in b and b[:_TITLE_START] not in a]
    if not odd:
        whole = [(_squash(a), _squash(b)) for a, b in titles if not a.endswith(("…", "..."))]
        longer = [b[len(a) :] for a, b in whole if b.startswith(a) and b != a]
        if longer and len(longer) == len(pairs):  # a listing cuts only its long titles
            found = f"the page adds {longer[0]!r} to what is listed"
            return ("title as listed", "note", found, "")
        return ("title as listed", "fits", f"{len(pairs)} of {len(pairs)} agree", "")
    found = f"the listing says {odd[0][0]!r}, the page {odd[0][1]!r}"
    if len(odd) < len(pairs):
        return ("title as listed", "note", found, "")
    return ("title as listed", "drifted", found, "correct `title` of the layout, or `links`")


def _listed_date(read: list[tuple[SeenPage, Article]]) -> Row:
    pairs = [
        (day, article.posted_date)
        for page, article in read
        if page.listed and (day := listed_day(page.listed)) and article.posted_date
    ]
    odd = [(a, b) for a, b in pairs if a != b]
    if not odd:
        return ("date as listed", "fits", f"{len(pairs)} of {len(pairs)} agree", "")
    return ("date as listed", "note", f"listed {odd[0][0]}, on the page {odd[0][1]}", "")


def _source(seen: Seen, articles: list[Article]) -> Row:
    named = [article.source for article in articles if article.source]
    if named:
        return ("source", "fits", f"{len(named)} of {len(articles)}: {named[0]}", "")
    used = {article.layout for article in articles}
    if any(layout.source for layout in seen.portal.layouts if layout.name in used):
        return (
            "source",
            "drifted",
            "no article shows one, though the layout says where it stands",
            "look where it stands on the saved page and correct `source` of the layout",
        )
    return ("source", "note", "no article shows one", "")


def _text(articles: list[Article]) -> Row:
    lengths = [len(article.text) for article in articles]
    found = f"{', '.join(map(str, lengths))} characters"
    empty = [a for a in articles if len(a.text) < _SHORT and not a.images and not a.attachments]
    if len(empty) < len(articles):
        return ("text", "note" if empty else "fits", found, "")
    return (
        "text",
        "drifted",
        f"{found}, and neither images nor attachments",
        "look at the saved page and correct `content` of the layout",
    )


def _squash(text: str | None) -> str:
    return "".join((text or "").split()).removesuffix("...").removesuffix("…")
