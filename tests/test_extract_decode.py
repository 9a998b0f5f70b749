"""The character encoding of a page: what is believed, in which order."""

import pytest

from crawler.extract import extract
from tests.article_pages import PARAGRAPHS, URL, page


def declared(charset: str) -> str:
    return page().replace('charset="utf-8"', f'charset="{charset}"')


def test_utf8_is_believed_before_a_wrong_declaration() -> None:
    article = extract(declared("gb2312").encode(), url=URL, content_type="text/html; charset=gbk")
    assert (article.encoding, article.decode_errors) == ("utf-8", 0)
    assert PARAGRAPHS[0] in article.text


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "GB18030"])
def test_gb_pages_are_read_as_gb18030(charset: str) -> None:
    """㐂 and 𠮷 are in GB18030 only: a page that declares GB2312 may hold them."""
    html = declared(charset).replace("示例部有关负责人", "示例部负责人李㐂、王𠮷")
    article = extract(html.encode("gb18030"), url=URL)
    assert (article.encoding, article.decode_errors) == ("gb18030", 0)
    assert "李㐂、王𠮷" in article.text


def test_the_http_header_declares_when_the_page_does_not() -> None:
    html = page().replace('<meta charset="utf-8">', "")
    article = extract(html.encode("big5", "ignore"), url=URL, content_type="text/html;charset=Big5")
    assert article.encoding == "big5hkscs"


def test_undeclared_gb_pages_are_recognised() -> None:
    html = page().replace('<meta charset="utf-8">', "")
    assert PARAGRAPHS[1] in extract(html.encode("gb18030"), url=URL).text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_decides(encoding: str) -> None:
    assert PARAGRAPHS[0] in extract(declared("gb2312").encode(encoding), url=URL).text


def test_undecodable_bytes_are_replaced_and_counted() -> None:
    body = page().encode().replace("示例日报".encode(), "示例日报".encode() + b"\xff\xfe\xff")
    article = extract(body, url=URL)
    assert article.decode_errors > 0
    assert PARAGRAPHS[0] in article.text


@pytest.mark.parametrize("name", ["base64", "punycode", "unicode_escape", "no-such", "utf-16"])
def test_a_nonsense_declaration_is_ignored(name: str) -> None:
    html = declared(name).encode("gb18030")
    assert PARAGRAPHS[0] in extract(html, url=URL).text
