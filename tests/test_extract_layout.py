"""A portal's layouts: choice, priority, the name that is stored, the fix."""

from dataclasses import replace

import pytest
from parsel import Selector

from crawler.extract import RELEASE, ExtractionError, extract
from crawler.portal import Layout, Portal
from storage import Article
from tests.article_pages import PARAGRAPHS, TITLE, URL, page, paragraphs


def portal(*layouts: Layout, **more: object) -> Portal:
    rules: dict[str, object] = {
        "name": "example",
        "title": "示例政策网",
        "hosts": ("policy.example.cn",),
        "article_url": r"/t\d{8}_\d+\.html$",
        "layouts": layouts,
    }
    return Portal(**{**rules, **more})  # type: ignore[arg-type]


NEW = Layout(
    "2024", content="div.text", title="h1", posted_at=".when", source=".who a", drop=".tip"
)
OLD = Layout("2019", content="#zoom")


def test_the_first_layout_whose_content_matches_wins() -> None:
    article = extract(page(), url=URL, portal=portal(OLD, NEW))
    assert (article.layout, article.portal) == ("2024", "example")
    assert article.reader == f"{RELEASE}+{portal(NEW).rules_hash(NEW)}"


def test_a_page_no_layout_knows_is_read_generically_and_says_so() -> None:
    article = extract(page(), url=URL, portal=portal(OLD))
    assert article.layout == "generic"
    assert article.text == "\n".join(PARAGRAPHS)
    assert extract(page(), url=URL).reader == f"{RELEASE}+generic"


def test_a_layout_decides_its_fields_and_leaves_the_others_to_the_general_rules() -> None:
    info = (
        "<div><span class='when'>2024-05-07 08:00</span> 更新：2024-05-08 09:00"
        "<span class='who'>来源：<a href='/s'>示例晚报</a></span></div>"
    )
    hint = "<p class='tip'>本页文字由系统自动朗读，仅供参考使用。</p>"
    body = f"{hint}{paragraphs()}<p>（责编：李示例）</p>"
    article = extract(page(body, info=info), url=URL, portal=portal(NEW))
    assert article.title == TITLE
    assert str(article.posted_at) == "2024-05-07 08:00:00+08:00"
    assert (article.source, article.source_url) == ("示例晚报", "https://policy.example.cn/s")
    assert article.text == "\n".join(PARAGRAPHS)
    assert article.editors == ("李示例",)


def test_column_tags_of_the_portal_extend_the_list() -> None:
    rules = portal(NEW, column_tags=("示例专栏",))
    article = extract(page(title="数据开放提速（示例专栏）"), url=URL, portal=rules)
    assert (article.title_main, article.column_tag) == ("数据开放提速", "示例专栏")


def test_rel_canonical_counts_only_as_an_article_address_of_the_portal() -> None:
    own = "https://policy.example.cn/jiedu/202405/t20240506_1000.html"
    for address, expected in ((own, own), ("https://policy.example.cn/", URL), ("//x.cn/1", URL)):
        html = page(head=f'<link rel="canonical" href="{address}">')
        assert extract(html, url=URL, portal=portal(NEW)).url == expected
        assert extract(html, url=URL).url == URL


def shout(article: Article, selector: Selector) -> Article:
    return replace(article, kicker=selector.css("title::text").get())


def fail(article: Article, selector: Selector) -> Article:
    raise KeyError("no such table")


def test_the_fix_of_a_portal_is_applied_last() -> None:
    assert extract(page(), url=URL, portal=portal(NEW, fix=shout)).kicker == f"{TITLE}_示例政策网"


def test_a_failing_fix_is_an_extraction_error_that_names_the_portal() -> None:
    with pytest.raises(ExtractionError, match="portal example"):
        extract(page(), url=URL, portal=portal(NEW, fix=fail))
