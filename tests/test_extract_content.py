"""Main content against boilerplate: what stays out of the text and of every other field."""

import pytest

from crawler.extract import extract
from storage import Article
from tests.article_pages import PARAGRAPHS, TITLE, URL, page, paragraphs

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
