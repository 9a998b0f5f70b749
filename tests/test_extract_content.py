"""Main content against boilerplate: what stays out of the text and of every other field."""

import pytest

from crawler.extract import extract
from storage import Article
from tests.article_pages import LONG, PARAGRAPHS, TITLE, URL, page, paragraphs, teasers

TEASERS = "".join(
    f'<li><a href="/n/{n}.html">另一地出台办法推动产业发展的消息{n}...</a>'
    f"<p>当地日前举行发布会，介绍第{n}项政策的主要内容，与会人员就此回答了...</p></li>"
    for n in range(8)
)


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


@pytest.mark.parametrize(
    "after",
    [
        f"<h3>相关内容</h3><ul></ul><div><h3>热门资讯</h3><ul>{TEASERS}</ul></div>",
        f"<p>相关阅读：</p>{TEASERS}",
        f"<div class='related-news'>{TEASERS}</div>",
        f"<aside>{TEASERS}</aside>",
        f"<ul>{TEASERS}</ul>",
    ],
)
def test_teasers_after_the_text_are_in_no_field(after: str) -> None:
    article = extract(page(paragraphs() + after), url=URL)
    assert texts(article) == list(PARAGRAPHS)
    assert "另一地" not in repr(article)
    assert "当地日前" not in repr(article)


def test_a_sidebar_before_the_article_is_not_read() -> None:
    side = f"<div class='c9'><h2>热门资讯</h2><ul>{TEASERS}</ul><span>2026-01-16 08:00</span></div>"
    article = extract(page(before=side), url=URL)
    assert texts(article) == list(PARAGRAPHS)
    assert str(article.posted_date) == "2024-05-06"


def test_a_short_article_wins_against_long_teasers() -> None:
    article = extract(page(paragraphs(PARAGRAPHS[:1]), after=f"<ul>{TEASERS}</ul>"), url=URL)
    assert texts(article) == [PARAGRAPHS[0]]


def test_a_heading_of_the_text_that_reads_like_a_label_stays() -> None:
    body = f"<p>{PARAGRAPHS[0]}</p><h3>相关政策</h3><p>{PARAGRAPHS[1]}</p><p>{PARAGRAPHS[2]}</p>"
    assert texts(extract(page(body), url=URL)) == [
        PARAGRAPHS[0],
        "相关政策",
        PARAGRAPHS[1],
        PARAGRAPHS[2],
    ]


def test_sentences_about_scanning_codes_or_permissions_stay() -> None:
    middle = (
        *PARAGRAPHS,
        "群众扫一扫二维码，即可查询办事指南。",
        "任何单位未经授权不得复制、使用公共数据。",
        *(f"第{number}项措施由示例部负责，请有关单位认真研究。" for number in range(8)),
    )
    assert texts(extract(page(paragraphs(middle)), url=URL)) == list(middle)


@pytest.mark.parametrize(
    "line",
    [
        "（责编：胡示例、杨示例）",
        "【责任编辑:王示例】",
        "[ 责编：王示例 ]",
        "编辑：倪示例 责任编辑：林示例",
        "【纠错】",
        "扫一扫在手机打开当前页",
        "分享让更多人看到",
        "原标题：另一个题目",
        "声明：本文仅代表作者观点，不代表本站立场。",
    ],
)
def test_lines_around_the_text_are_not_text(line: str) -> None:
    body = f"{paragraphs()}<p>{line}</p>"
    assert texts(extract(page(body), url=URL)) == list(PARAGRAPHS)


def test_hidden_elements_are_dropped_but_not_a_hidden_article() -> None:
    hint = (
        "<div style='display: none'>请在微信中打开本页面，以便获得更好的阅读体验，谢谢支持。</div>"
    )
    assert texts(extract(page(hint + paragraphs()), url=URL)) == list(PARAGRAPHS)
    whole = f"<div id='content' style='visibility:hidden'>{paragraphs()}</div>"
    assert texts(extract(page(whole), url=URL)) == list(PARAGRAPHS)


def test_a_body_for_phones_beside_the_one_for_desks_is_read_once() -> None:
    article = extract(page(f"<div>{paragraphs()}</div><div>{paragraphs()}</div>"), url=URL)
    assert texts(article) == list(PARAGRAPHS)


def test_comments_are_not_the_article() -> None:
    comments = "".join(
        f"<div><b>网友{n}</b><p>这项政策很好，希望我们这里也能早日实行，方便大家办事。{n}</p></div>"
        for n in range(20)
    )
    article = extract(page(after=f"<div class='comment-list'>{comments}</div>"), url=URL)
    assert texts(article) == list(PARAGRAPHS)


def test_text_in_layout_tables_is_paragraphs() -> None:
    html = (
        f"<html><head><title>{TITLE}</title></head><body><table>"
        f"<tr><td><a href='/'>首页</a></td></tr><tr><td><table><tr><td>{paragraphs()}</td>"
        "<td><a href='/1'>链接</a></td></tr></table></td></tr></table></body></html>"
    )
    article = extract(html, url=URL)
    assert [(block.kind, block.text) for block in article.blocks] == [
        ("paragraph", text) for text in PARAGRAPHS
    ]


def test_poems_and_lists_without_sentences_are_read() -> None:
    items = "".join(f"<p>第{number}批试点城市名单</p>" for number in "一二三四五六七八")
    assert len(extract(page(items), url=URL).blocks) == 8


def test_an_infographic_is_kept_with_its_images() -> None:
    images = (
        '<p><img data-src="./P1.jpg" src="/blank.gif" alt="一图读懂第一部分" width="800"></p>'
        '<p><img src="/img/P2.png" width="800"></p><p><img src="/icon.png" width="16"></p>'
    )
    article = extract(page(images, title="一图读懂公共数据开放"), url=URL)
    assert article.media_kind == "图解"
    assert [image.url for image in article.images] == [
        "https://policy.example.cn/jiedu/202405/P1.jpg",
        "https://policy.example.cn/img/P2.png",
    ]
    assert article.images[0].alt == "一图读懂第一部分"


def test_links_images_and_files_come_from_the_text_only() -> None:
    body = (
        f'<p>{PARAGRAPHS[0]}<a href="/law/1.html">条例全文</a></p>{paragraphs(PARAGRAPHS[1:])}'
        '<p><img src="/img/a.jpg"></p><p>图为示例市政务大厅。示例社记者 张三 摄</p>'
        '<p>附件：<a href="./W020240506.pdf">数据目录（试行）.pdf</a></p>'
    )
    after = '<div class="share"><a href="/share"><img src="/img/share_big.jpg"></a></div>'
    article = extract(page(body, after=after), url=URL)
    assert [link.url for link in article.links] == ["https://policy.example.cn/law/1.html"]
    assert [(file.url, file.name) for file in article.attachments] == [
        ("https://policy.example.cn/jiedu/202405/W020240506.pdf", "数据目录（试行）.pdf")
    ]
    assert [image.caption for image in article.images] == ["图为示例市政务大厅。示例社记者 张三 摄"]
    assert "摄" not in article.text


# Linked headlines with cut blurbs, in the elements sites put them.
CARDS = {
    "dl": "<dl>{}</dl>|<dt><a href='/{n}'>{title}</a></dt><dd>{blurb}</dd>",
    "dls": "<div>{}</div>|<dl><dt><a href='/{n}'>{title}</a></dt><dd>{blurb}</dd></dl>",
    "li": "<ul>{}</ul>|<li><a href='/{n}'>{title}</a><p>{blurb}</p></li>",
    "rows": "<table>{}</table>|<tr><td><a href='/{n}'>{title}</a><br>{blurb}</td></tr>",
    "cells": "<table>{}</table>|<tr><td><a href='/{n}'>{title}</a></td><td>{blurb}</td></tr>",
    "divs": "<div>{}</div>|<div><h4><a href='/{n}'>{title}</a></h4><div>{blurb}</div></div>",
    "links": "<div>{}</div>|<div><a href='/{n}'><h4>{title}</h4><p>{blurb}</p></a></div>",
    "run": "{}|<p><a href='/{n}'>{title}</a></p><p>{blurb}</p>",
    "breaks": "{}|<a href='/{n}'>{title}</a><br>{blurb}<br>",
}


@pytest.mark.parametrize("kind", CARDS)
@pytest.mark.parametrize("place", ["before", "after", "last", "first"])
def test_lists_of_teasers_are_no_text_wherever_they_stand(kind: str, place: str) -> None:
    around, form = CARDS[kind].split("|")
    list_ = around.format(teasers(form=form))
    html = {
        "before": page(paragraphs(LONG), before=list_),
        "after": page(paragraphs(LONG), after=list_),
        "first": page(list_ + paragraphs(LONG)),
        "last": page(paragraphs(LONG) + list_),
    }[place]
    article = extract(html, url=URL)
    assert texts(article) == list(LONG)
    assert "另一地" not in repr(article)
    assert "当地日前" not in repr(article)


def test_cards_are_teasers_even_when_their_blurbs_are_whole_sentences() -> None:
    form = "<li><a href='/{n}'>{title}</a><p>记者第{n}次来到当地，采访了多位从业的居民。</p></li>"
    html = page(paragraphs(PARAGRAPHS[:1]), before=f"<ul>{teasers(form=form)}</ul>")
    assert texts(extract(html, url=URL)) == [PARAGRAPHS[0]]


def test_paragraphs_that_link_their_documents_are_no_teasers() -> None:
    linked = [
        f"{text}详见<a href='/doc/{n}.html'>《示例市公共数据开放管理办法（第{n}版）》</a>。"
        for n, text in enumerate(LONG)
    ]
    article = extract(page(paragraphs(tuple(linked))), url=URL)
    assert [text[:20] for text in texts(article)] == [text[:20] for text in LONG]


def test_a_table_of_a_programme_keeps_its_links() -> None:
    rows = "".join(
        f"<tr><td>0{n}:30</td><td><a href='/talk/{n}'>第{n}场报告：公共数据怎样开放</a></td>"
        f"<td>示例大学教授主讲，并回答听众提问。</td></tr>"
        for n in range(1, 7)
    )
    article = extract(page(f"<p>{LONG[0]}</p><table>{rows}</table>{paragraphs(LONG[1:])}"), url=URL)
    assert [block.kind for block in article.blocks] == ["paragraph", "table", *["paragraph"] * 6]
    assert article.blocks[1].text.count("\n") == 5


def test_a_table_of_links_only_is_no_text() -> None:
    rows = "".join(
        f"<tr><td><a href='/a/{n}'>另一地的消息之{n}</a></td>"
        f"<td><a href='/b/{n}'>又一地的消息之{n}</a></td></tr>"
        for n in range(5)
    )
    body = f"{paragraphs(LONG[:4])}<table>{rows}</table>{paragraphs(LONG[4:])}"
    assert texts(extract(page(body), url=URL)) == list(LONG)


SIDE = (
    "示例政策网是软件测试用的虚构网站，每天收集各地的便民信息，供读者查阅。",
    "本站的文字均由测试人员编写，如有雷同，纯属巧合，请读者谅解。",
)


@pytest.mark.parametrize(
    "name",
    ["l-sidebar-fixed", "has-nav", "page-with-sidebar", "layout-menu", "widget-area", "print"],
)
def test_a_frame_that_holds_the_article_is_no_sidebar(name: str) -> None:
    html = page(paragraphs(LONG)).replace("<body>", f"<body><div class='{name}'>")
    assert texts(extract(html, url=URL)) == list(LONG)


@pytest.mark.parametrize(
    "named",
    [
        "class='sidebar'",
        "class='nav-path'",
        "id='footer'",
        "class='widget'",
        "role='complementary'",
        "class='infobox'",
        "class='references'",
        "class='copyrightInfo'",
        "class='loginBox'",
        "class='g-share_box'",
        "class='author-bio'",
    ],
)
@pytest.mark.parametrize("place", ["before", "inside", "after"])
def test_an_element_named_as_boilerplate_is_no_text(named: str, place: str) -> None:
    box = f"<div {named}>{paragraphs(SIDE)}</div>"
    body = paragraphs(LONG[:4]) + (box if place == "inside" else "") + paragraphs(LONG[4:])
    html = {
        "before": page(body, before=box),
        "inside": page(body),
        "after": page(f"{body}{box}"),
    }[place]
    assert texts(extract(html, url=URL)) == list(LONG)


@pytest.mark.parametrize("tag", ["nav", "aside", "footer", "menu"])
def test_elements_that_html_calls_boilerplate_are_no_text(tag: str) -> None:
    body = f"{paragraphs(LONG[:4])}<{tag}>{paragraphs(SIDE)}</{tag}>{paragraphs(LONG[4:])}"
    assert texts(extract(page(body), url=URL)) == list(LONG)


@pytest.mark.parametrize(
    "named",
    ["no-comments", "has-sidebar", "js-share", "page-without-comments"],
)
def test_names_that_say_what_an_element_lacks_or_has_beside_it_mark_nothing(named: str) -> None:
    body = f"{paragraphs(LONG[:4])}<div class='{named}'>{paragraphs(LONG[4:5])}</div>"
    body += paragraphs(LONG[5:])
    assert texts(extract(page(body), url=URL)) == list(LONG)


@pytest.mark.parametrize("named", ["trs_editor_view", "TRS_Editor", "rich_media_content"])
def test_the_body_of_a_cms_is_no_editors_box(named: str) -> None:
    body = f"<div class='{named}'>{paragraphs(LONG[:1])}</div>"
    more = f"<div>{paragraphs(LONG[1:])}</div>"
    assert texts(extract(page(body + more), url=URL)) == list(LONG)


def test_text_beside_navigation_in_one_layout_table_is_found() -> None:
    """No element holds the text alone: rows of links stand above and below it."""
    links = "".join(f"<tr><td><a href='/{n}'>另一地的消息之{n}</a></td></tr>" for n in range(40))
    rows = "".join(f"<tr><td>{text}</td></tr>" for text in LONG)
    html = (
        f"<html><head><title>{TITLE}</title></head><body><table>{links}"
        f"<tr><td><h1>{TITLE}</h1></td></tr>{rows}{links}</table></body></html>"
    )
    assert texts(extract(html, url=URL)) == list(LONG)


def test_a_column_named_after_the_sidebar_beside_it_is_none_without_the_headline() -> None:
    column = f"<div class='l-sidebar-fixed'>{paragraphs(LONG)}</div>"
    assert texts(extract(page("<br>", after=column), url=URL)) == list(LONG)


def test_links_in_a_row_inside_the_text_are_no_text() -> None:
    links = "".join(f"<p><a href='/{n}'>另一地的消息之{n}</a></p>" for n in range(5))
    body = f"{paragraphs(LONG[:4])}{links}{paragraphs(LONG[4:])}"
    assert texts(extract(page(body), url=URL)) == list(LONG)


def test_rows_of_a_programme_in_one_column_are_no_teasers() -> None:
    rows = "".join(
        f"<tr><td><a href='/talk/{n}'>第{n}场报告：公共数据怎样开放</a><br>{text}</td></tr>"
        for n, text in enumerate(LONG)
    )
    found = texts(extract(page(f"<table>{rows}</table>"), url=URL))
    assert [text for text in found if text in LONG] == list(LONG)


def test_sections_that_each_begin_with_a_link_are_no_teasers_under_the_headline() -> None:
    sections = "".join(
        f"<div><p><a href='/law/{n}'>示例市公共数据开放管理办法第{n}条</a></p><p>{text}</p></div>"
        for n, text in enumerate(LONG)
    )
    html = f"<html><head><title>{TITLE}</title></head><body><div><h1>{TITLE}</h1>{sections}</div>"
    found = texts(extract(html, url=URL))
    assert [text for text in found if text in LONG] == list(LONG)
