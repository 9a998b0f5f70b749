"""The founding article: read from any page around it exactly as a person read it.

Three pages by hand and ``PAGES`` of ``seed_pages``, with and without the aggregators' rules.
"""

import datetime as dt
import hashlib
import html
import json
import re
import unicodedata
from functools import cache
from typing import Any

import pytest

from crawler.extract import extract
from crawler.portal import Portal
from spiders.aggregator import AggregatorSpider
from storage import Article, Origin
from tests.seed_pages import OPTIONS, SEED, SeedPage, compose_page, draw, read_seed, widen

URL = "https://news.example.cn/news/123.html"
PAGES = 120
MORE_PAGES = 3000

pytestmark = pytest.mark.skipif(
    not SEED.is_dir(), reason=f"the seed article is not at {SEED.name}/ beside the checkout"
)


def _plain_page() -> str:
    seed = read_seed()
    teasers = _teasers('<li><a href="/news/9.html">{title}</a><p>{blurb}</p></li>')
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{seed.title}</title></head>
<body><div class="article"><h1>{seed.title}</h1>
<div class="info"><span class="author">{seed.uploader}</span><span class="time">{seed.time}</span>
<span class="hits">{seed.counter}</span></div>
<div class="content">{_paragraphs("<p>{}</p>")}</div>
<div class="related"><h3>相关内容</h3><ul></ul></div></div>
<div class="sidebar"><h3>热门资讯</h3><ul>{teasers}</ul></div></body></html>"""


def _sidebar_first_page() -> str:
    """Nested containers, no telling names, the teasers before the article in source order."""
    seed = read_seed()
    teasers = _teasers(
        '<dl><dt><a href="/a/9.html">{title}</a></dt><dd><a href="/a/9.html">{blurb}</a></dd></dl>'
    )
    return f"""<html><head><title>{seed.title}_资讯站</title></head><body><div id="w"><div id="b">
<div class="c2"><h2>热门资讯</h2>{teasers}</div>
<div class="c1"><section><div><h1 class="t">{seed.title}</h1>
<p><i>{seed.uploader}</i> <i>{seed.time}</i> <i>{seed.counter}</i></p></div>
<div><div><div>{_paragraphs("<p>　　{}</p>")}</div></div></div>
<div><h3>相关内容</h3></div></section></div></div></div></body></html>"""


def _broken_line_page() -> str:
    """Text separated by `<br>`, everything in one element, teasers as plain paragraphs."""
    seed = read_seed()
    teasers = _teasers('<p><a href="/news/9.html">{title}</a></p><p>{blurb}</p>')
    return f"""<html><head><title>{seed.title} - 资讯站</title></head><body><table><tr><td>
<h1>{seed.title}</h1><span>{seed.uploader}</span><br><span>{seed.time}</span><br>
<span>{seed.counter}</span><br>
<div id="neirong">{_paragraphs("&emsp;&emsp;{}<br><br>")}</div>
<p>相关内容</p><p>热门资讯</p>{teasers}
</td></tr></table></body></html>"""


def _teasers(item: str) -> str:
    return "".join(
        item.format(title=html.escape(title), blurb=html.escape(blurb))
        for title, blurb in read_seed().teasers
    )


def _paragraphs(form: str) -> str:
    seed = read_seed()
    lines = (seed.byline, *(text for _, text in seed.body), seed.origin)
    return "".join(form.format(html.escape(line)) for line in lines)


BY_HAND = {
    "plain": _plain_page,
    "sidebar_first": _sidebar_first_page,
    "broken_lines": _broken_line_page,
}


@cache
def _expected() -> dict[str, Any]:
    record: dict[str, Any] = json.loads((SEED / "expected.json").read_text("utf-8"))
    return record


def expected_record(page: SeedPage | None = None) -> dict[str, Any]:
    """What ``expected.json`` says, in the widths and the spacing of ``page``."""
    record = _expected()
    wide_title, wide_text = (page.wide_title, page.wide_text) if page else (False, False)
    blocks = [(b["kind"], widen(b["text"]) if wide_text else b["text"]) for b in record["blocks"]]
    text = "\n".join(text for _, text in blocks)
    origin = record["origin"]
    raw = widen(origin["raw"]) if wide_text else origin["raw"]
    if page and page.drawn["origin"] == "tight":
        raw = re.sub(r"(?<!日)\s", "", raw)
    day = dt.date.fromisoformat(origin["date"])
    return {
        "title": widen(record["title"]) if wide_title else record["title"],
        "title_main": record["title_main"],
        "column_tag": record["column_tag"],
        "kicker": None,
        "subtitle": None,
        "uploader": record["uploader"],
        "posted": (record["posted_at"], "second"),
        "published": (day, "day", "origin"),
        "byline": (record["byline"], record["byline_role"]),
        "authors": tuple(record["authors"]),
        "editors": (),
        "origin": Origin(medium=origin["medium"], date=day, page=origin["page"], raw=raw),
        "blocks": blocks,
        "sha256": hashlib.sha256(text.encode()).hexdigest() if wide_text else record["sha256"],
        "images": (),
        "attachments": (),
        "media_kind": "text",
        "next_page": None,
    }


def found_record(article: Article) -> dict[str, Any]:
    """The same fields as they were read."""
    posted = article.posted_at.isoformat() if article.posted_at else None
    return {
        "title": article.title,
        "title_main": article.title_main,
        "column_tag": article.column_tag,
        "kicker": article.kicker,
        "subtitle": article.subtitle,
        "uploader": article.uploader,
        "posted": (posted, article.posted_precision),
        "published": (
            article.published_date,
            article.published_precision,
            article.published_basis,
        ),
        "byline": (article.byline, article.byline_role),
        "authors": article.authors,
        "editors": article.editors,
        "origin": article.origin,
        "blocks": [(block.kind, block.text) for block in article.blocks],
        "sha256": hashlib.sha256(article.text.encode()).hexdigest(),
        "images": article.images,
        "attachments": article.attachments,
        "media_kind": article.media_kind,
        "next_page": article.next_page,
    }


def differences(article: Article, page: SeedPage | None = None) -> dict[str, Any]:
    """Every field that was not read as expected, with what was read; ``{}`` for a good reading."""
    expected, found = expected_record(page), found_record(article)
    wrong: dict[str, Any] = {
        name: {"expected": expected[name], "found": found[name]}
        for name in expected
        if found[name] != expected[name]
    }
    if "blocks" in wrong:
        wrong["blocks"] = {
            "missing": [block for block in expected["blocks"] if block not in found["blocks"]],
            "added": [block for block in found["blocks"] if block not in expected["blocks"]],
        }
    misplaced = [
        block.text[:20]
        for block in article.blocks
        if block.start is None or article.text[block.start : block.end] != block.text
    ]
    if misplaced:
        wrong["misplaced"] = misplaced
    record = repr(article)
    present = [part for part in _boilerplate() if part in record]
    if present:
        wrong["boilerplate"] = present
    return wrong


@cache
def _boilerplate() -> tuple[str, ...]:
    """Strings of the page that no part of the record may hold: labels, teasers, cut or whole."""
    seed = read_seed()
    parts = [seed.related, seed.side]
    for title, blurb in seed.teasers:
        parts += [part.strip() for part in (title.rstrip("."), blurb.rstrip("."))]
    return tuple(part for part in parts if len(part) > 3)


@pytest.fixture(params=["generic", "aggregator"])
def portal(request: pytest.FixtureRequest) -> Portal | None:
    return (
        AggregatorSpider.family.portal("https://news.example.cn/news/")
        if request.param != "generic"
        else None
    )


@pytest.mark.parametrize("name", BY_HAND)
def test_pages_by_hand_are_read_exactly(name: str, portal: Portal | None) -> None:
    article = extract(BY_HAND[name]().encode(), url=URL, portal=portal)
    assert differences(article) == {}


@pytest.mark.parametrize("number", range(PAGES))
def test_random_pages_are_read_exactly(number: int, portal: Portal | None) -> None:
    page = compose_page(number)
    article = extract(page.bytes, url=URL, portal=portal)
    assert differences(article, page) == {}, page.drawn


@pytest.mark.soak
def test_thousands_of_pages_are_read_exactly(portal: Portal | None) -> None:
    wrong: dict[int, Any] = {}
    for number in range(PAGES, MORE_PAGES):
        page = compose_page(number)
        found = differences(extract(page.bytes, url=URL, portal=portal), page)
        if found:
            wrong[number] = sorted(found)
    assert wrong == {}


def test_pages_show_every_option_and_stay_the_same() -> None:
    drawn = [draw(number) for number in range(PAGES)]
    for name, options in OPTIONS.items():
        assert {page[name] for page in drawn} == set(options), name
    assert compose_page(7).bytes == compose_page(7).bytes
    assert len({compose_page(number).bytes for number in range(PAGES)}) == PAGES


def test_full_width_text_folds_to_the_seed() -> None:
    """The seed was folded as NFKC does it, so folding the wide form must give it back."""
    seed = read_seed()
    for _, text in (("title", seed.title), *seed.body):
        assert unicodedata.normalize("NFKC", widen(text)) == text
        assert len(widen(text)) == len(text)
    assert [kind for kind, _ in seed.body].count("heading") == len(_expected()["headings"])
