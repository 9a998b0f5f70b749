"""A text that stands on its page more than once is read once, the copy a reader sees."""

import json

import pytest

from crawler.extract import explain, extract
from storage import Article
from tests.article_pages import LONG, PARAGRAPHS, TITLE, URL, page, paragraphs

HEAD = f"<h1>{TITLE}</h1><div>2024-05-06 10:20</div>"


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def whole(*bodies: str) -> str:
    """A page of nothing but these bodies."""
    return f"<html><head><title>{TITLE}</title></head><body>{''.join(bodies)}</body></html>"


def image(name: str) -> str:
    """Something that tells two copies apart, for their texts cannot."""
    return f'<p><img src="/{name}.jpg" width="600"></p>'


def copied_by(html: str) -> list[str]:
    """Why lines of the page were taken for copies."""
    return [line for line in explain(html, url=URL) if line.startswith("copy of the text")]


HIDDEN = ("style='display:none'", "hidden", "style='visibility: hidden'", "aria-hidden='true'")
VIEWS = (
    "class='visible-xs'",
    "class='mobile-content'",
    "id='wap'",
    "class='print-only'",
    "class='hidden-md'",
    "class='only-mobile'",
    "class='wzaview'",
)


@pytest.mark.parametrize("other", [*HIDDEN, *VIEWS])
@pytest.mark.parametrize("is_first", [True, False])
def test_the_copy_a_reader_of_the_desk_sees_is_kept(other: str, is_first: bool) -> None:
    shown = f"<div>{HEAD}{image('shown')}{paragraphs(LONG)}</div>"
    copy = f"<div {other}>{HEAD}{image('copy')}{paragraphs(LONG)}</div>"
    article = extract(whole(*((copy, shown) if is_first else (shown, copy))), url=URL)
    assert texts(article) == list(LONG)
    assert [found.url.rpartition("/")[2] for found in article.images] == ["shown.jpg"]


def test_of_two_copies_a_reader_sees_the_later_goes() -> None:
    first, second = (f"<div>{image(name)}{paragraphs(LONG)}</div>" for name in ("one", "two"))
    html = whole(HEAD, first, second)
    article = extract(html, url=URL)
    assert texts(article) == list(LONG)
    assert [found.url.rpartition("/")[2] for found in article.images] == ["one.jpg"]
    assert copied_by(html) == ["copy of the text in div"]


def test_two_copies_in_one_element_are_read_once() -> None:
    html = page(paragraphs(LONG) + paragraphs(LONG))
    assert texts(extract(html, url=URL)) == list(LONG)
    assert copied_by(html) == ["copy of the text"]


def test_of_three_copies_one_is_read() -> None:
    copies = [f"<div class='{name}'>{paragraphs(LONG)}</div>" for name in ("m-view", "d1", "print")]
    assert texts(extract(whole(HEAD, *copies), url=URL)) == list(LONG)
    assert texts(extract(whole(HEAD, *copies[1:2] * 3), url=URL)) == list(LONG)


@pytest.mark.parametrize("tag", ["div", "pre", "span"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_copy_for_machines_in_one_line_is_no_text(tag: str, is_first: bool) -> None:
    long = tuple(f"{text}第{n}项工作由示例市各区县分工负责。" for n in range(5) for text in LONG)
    copy = f"<{tag} itemprop='articleBody'>{''.join(long)}</{tag}>"
    shown = f"<div>{paragraphs(long)}</div>"
    body = f"<div>{copy}</div>{shown}" if is_first else f"{shown}<div>{copy}</div>"
    assert texts(extract(whole(HEAD, body), url=URL)) == list(long)


def test_json_for_machines_is_no_text() -> None:
    data = json.dumps({"articleBody": "".join(LONG)}, ensure_ascii=False)
    head = f'<script type="application/ld+json">{data}</script>'
    assert texts(extract(page(paragraphs(LONG), head=head), url=URL)) == list(LONG)


def test_a_repeated_refrain_stays() -> None:
    refrain = "开放数据不是目的，让群众得到实惠、让企业得到发展才是目的。"
    sung = tuple(line for text in LONG for line in (text, refrain))
    assert texts(extract(page(paragraphs(sung)), url=URL)) == list(sung)


def test_two_questions_asked_twice_stay() -> None:
    asked = ("问：数据开放以后，个人信息的安全怎样保证？", "问：普通群众怎样查到自己需要的数据？")
    said = (asked[0], LONG[0], LONG[1], asked[1], LONG[2], asked[0], LONG[3], asked[1], *LONG[4:])
    assert texts(extract(page(paragraphs(said)), url=URL)) == list(said)


def test_a_summary_in_the_words_of_the_text_does_not_make_the_text_a_copy() -> None:
    points = "".join(f"<li>{text}</li>" for text in LONG[:2])
    html = whole(f"<div>{HEAD}<ul>{points}</ul><div>{paragraphs(LONG)}</div></div>")
    assert [text for text in texts(extract(html, url=URL)) if text in LONG][-5:] == list(LONG[2:])


def test_a_page_whose_text_is_only_hidden_is_read() -> None:
    body = f"<div style='display:none'>{paragraphs()}{paragraphs()}</div>"
    assert texts(extract(page(body), url=URL)) == list(PARAGRAPHS)


def test_a_copy_in_one_line_beside_one_in_paragraphs_is_no_text() -> None:
    long = tuple(f"{text}第{n}项工作由示例市各区县分工负责。" for n in range(5) for text in LONG)
    copies = f"<div hidden>{paragraphs(long)}</div><pre>{''.join(long)}</pre>"
    assert texts(extract(whole(HEAD, f"<div>{paragraphs(long)}</div>{copies}"), url=URL)) == list(
        long
    )


def test_two_lines_that_open_and_close_a_text_stay() -> None:
    couplet = (
        "开放数据不是目的，让群众得到实惠、让企业得到发展才是目的。",
        "打通数据不是终点，把每一件小事办好、办快、办实才是终点。",
    )
    said = (*couplet, *LONG, *couplet)
    assert texts(extract(page(paragraphs(said)), url=URL)) == list(said)


def test_one_notice_under_every_teaser_makes_no_copy_of_the_page() -> None:
    notice = "<p>当地日前举行发布会，介绍了有关政策的主要内容。</p>"
    items = "".join(f"<li><a href='/{n}'>另一地的消息之{n}</a>{notice}</li>" for n in range(8))
    html = page(paragraphs(PARAGRAPHS[:1]), before=f"<ul>{items}</ul>")
    assert texts(extract(html, url=URL)) == [PARAGRAPHS[0]]
