"""The founding article: read from three page variants exactly as a person read it."""

import hashlib
import html
import json
from pathlib import Path
from typing import Any

import pytest

from crawler.extract import extract
from crawler.portal import Portal
from spiders.aggregator import AggregatorSpider
from storage import Article

SEED = Path(__file__).resolve().parents[2] / "shared" / "seed"
URL = "https://news.example.cn/news/123.html"

pytestmark = pytest.mark.skipif(
    not SEED.is_dir(), reason=f"the seed article is not at {SEED.name}/ beside the checkout"
)


def _seed() -> tuple[list[str], list[str], dict[str, Any]]:
    """Lines of the article, lines of boilerplate after it, and the expected record."""
    lines = [line for line in (SEED / "seed.txt").read_text("utf-8").splitlines() if line.strip()]
    end = lines.index("相关内容")
    return lines[:end], lines[end:], json.loads((SEED / "expected.json").read_text("utf-8"))


def _teasers(noise: list[str], item: str) -> str:
    """The list of teasers in the page's own shape: cut title as a link, cut blurb under it."""
    parts = []
    for line in noise[2:]:
        title, _, blurb = line.partition("... ")
        if not blurb:
            title, blurb = line[:15], line
        parts.append(item.format(title=html.escape(f"{title}..."), blurb=html.escape(blurb)))
    return "".join(parts)


def _paragraphs(lines: list[str], form: str) -> str:
    return "".join(form.format(html.escape(line)) for line in lines)


def _plain_page() -> str:
    lines, noise, _ = _seed()
    title, uploader, time, counter, *body = lines
    teasers = _teasers(noise, '<li><a href="/news/9.html">{title}</a><p>{blurb}</p></li>')
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>
<div class="article"><h1>{title}</h1>
<div class="info"><span class="author">{uploader}</span><span class="time">{time}</span>
<span class="hits">{counter}</span></div>
<div class="content">{_paragraphs(body, "<p>{}</p>")}</div>
<div class="related"><h3>相关内容</h3><ul></ul></div></div>
<div class="sidebar"><h3>热门资讯</h3><ul>{teasers}</ul></div></body></html>"""


def _sidebar_first_page() -> str:
    """Nested containers, no telling names, the teasers before the article in source order."""
    lines, noise, _ = _seed()
    title, uploader, time, counter, *body = lines
    teasers = _teasers(
        noise,
        '<dl><dt><a href="/a/9.html">{title}</a></dt><dd><a href="/a/9.html">{blurb}</a></dd></dl>',
    )
    return f"""<html><head><title>{title}_资讯站</title></head><body><div id="w"><div id="b">
<div class="c2"><h2>热门资讯</h2>{teasers}</div>
<div class="c1"><section><div><h1 class="t">{title}</h1>
<p><i>{uploader}</i> <i>{time}</i> <i>{counter}</i></p></div>
<div><div><div>{_paragraphs(body, "<p>　　{}</p>")}</div></div></div>
<div><h3>相关内容</h3></div></section></div></div></div></body></html>"""


def _broken_line_page() -> str:
    """Text separated by `<br>`, everything in one element, teasers as plain paragraphs."""
    lines, noise, _ = _seed()
    title, uploader, time, counter, *body = lines
    teasers = _teasers(noise, '<p><a href="/news/9.html">{title}</a></p><p>{blurb}</p>')
    text = "<br><br>\n".join("&emsp;&emsp;" + html.escape(line) for line in body)
    return f"""<html><head><title>{title} - 资讯站</title></head><body><table><tr><td>
<h1>{title}</h1><span>{uploader}</span><br><span>{time}</span><br><span>{counter}</span><br>
<div id="neirong">{text}</div><p>相关内容</p><p>热门资讯</p>{teasers}
</td></tr></table></body></html>"""


PAGES = {
    "plain": _plain_page,
    "sidebar_first": _sidebar_first_page,
    "broken_lines": _broken_line_page,
}


@pytest.fixture(params=["generic", "aggregator"])
def portal(request: pytest.FixtureRequest) -> Portal | None:
    return (
        AggregatorSpider.family.portal("https://news.example.cn/news/")
        if request.param != "generic"
        else None
    )


@pytest.fixture(params=list(PAGES))
def article(request: pytest.FixtureRequest, portal: Portal | None) -> Article:
    return extract(PAGES[request.param]().encode(), url=URL, portal=portal)


def test_header_fields_are_read(article: Article) -> None:
    expected = _seed()[2]
    assert article.title == expected["title"]
    assert article.title_main == expected["title_main"]
    assert article.column_tag == expected["column_tag"]
    assert article.uploader == expected["uploader"]
    assert article.posted_at is not None
    assert article.posted_at.isoformat() == expected["posted_at"]
    assert article.posted_precision == "second"


def test_byline_and_origin_become_fields(article: Article) -> None:
    expected = _seed()[2]
    assert article.byline == expected["byline"]
    assert article.byline_role == expected["byline_role"]
    assert list(article.authors) == expected["authors"]
    assert article.origin is not None
    assert article.origin.medium == expected["origin"]["medium"]
    assert str(article.origin.date) == expected["origin"]["date"]
    assert article.origin.page == expected["origin"]["page"]
    assert article.origin.raw == expected["origin"]["raw"]
    assert str(article.published_date) == expected["origin"]["date"]
    assert (article.published_precision, article.published_basis) == ("day", "origin")


def test_blocks_are_the_article_and_nothing_else(article: Article) -> None:
    expected = _seed()[2]
    found = [{"kind": block.kind, "text": block.text} for block in article.blocks]
    assert found == expected["blocks"]
    assert hashlib.sha256(article.text.encode()).hexdigest() == expected["sha256"]
    for block in article.blocks:
        assert block.start is not None
        assert article.text[block.start : block.end] == block.text


def test_nothing_after_the_boundary_is_anywhere_in_the_record(article: Article) -> None:
    record = repr(article)
    for line in _seed()[1]:
        assert line not in record
        for part in line.split("..."):
            if len(part.strip()) > 5:
                assert part.strip() not in record
