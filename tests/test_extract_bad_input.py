"""Whatever the bytes, the extractor gives an article or an ExtractionError, soon."""

import contextlib
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.extract import ExtractionError, explain, extract, join_pages
from storage import Article
from tests.article_pages import PARAGRAPHS, URL, page, paragraphs

BODY = page().encode()
FRAGMENTS = (
    *("<p>", "</div>", "<table><tr><td>", "<li>", "<a href='http://[::'>", "<br>", "&#xD800;"),
    *("<img src='//x' width='²'>", "\x00", "<b>", "&nbsp;", "<!--", "-->", "<script>", "…"),
    *(PARAGRAPHS[0], "2024年13月45日", "（责编：", "来源：", "\ud800", "<base href='::'>"),
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"   \r\n ", "empty"),
        ("", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"),
        (b"PK\x03\x04\x14\x00\x06\x00", "zip"),
        (bytes(range(256)) * 40, "binary"),
        (b"<html><body></body></html>", "no article"),
        (
            b"<html><body><nav><a href='/'>\xe9\xa6\x96\xe9\xa1\xb5</a></nav></body></html>",
            "no art",
        ),
    ],
)
def test_what_is_no_article_is_named_with_its_address(body: bytes | str, reason: str) -> None:
    with pytest.raises(ExtractionError, match=reason) as caught:
        extract(body, url=URL)
    assert URL in str(caught.value)


def test_an_unusable_address_is_an_extraction_error() -> None:
    with pytest.raises(ExtractionError, match="absolute"):
        extract(BODY, url="not an address")


def test_without_an_address_the_article_says_so() -> None:
    assert extract(BODY).url == "about:blank"


def test_nothing_to_join_is_an_extraction_error() -> None:
    with pytest.raises(ExtractionError, match="no pages"):
        join_pages([])


@pytest.mark.parametrize("length", [0, 1, 60, 300, 500, 700, len(BODY) - 3])
def test_truncated_pages_never_raise_anything_else(length: int) -> None:
    with contextlib.suppress(ExtractionError):
        assert isinstance(extract(BODY[:length], url=URL), Article)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    flips=st.lists(
        st.tuples(st.integers(0, len(BODY) - 1), st.integers(0, 255)), min_size=1, max_size=30
    )
)
def test_flipped_bytes_never_raise_anything_else(flips: list[tuple[int, int]]) -> None:
    body = bytearray(BODY)
    for position, value in flips:
        body[position] = value
    try:
        article = extract(bytes(body), url=URL)
    except ExtractionError:
        return
    assert article.blocks or article.images


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    parts=st.lists(
        st.sampled_from(FRAGMENTS),
        max_size=40,
    )
)
def test_any_markup_gives_an_article_or_an_extraction_error(parts: list[str]) -> None:
    with contextlib.suppress(ExtractionError):
        extract("".join(parts), url=URL)


@pytest.mark.parametrize("depth", [300, 1000, 2000])
def test_deeply_nested_text_is_read(depth: int) -> None:
    body = "<div>" * depth + paragraphs() + "</div>" * depth
    article = extract(f"<html><body>{body}</body></html>", url=URL)
    assert [block.text for block in article.blocks] == list(PARAGRAPHS)


def test_deeper_pages_are_refused_with_the_reason() -> None:
    with pytest.raises(ExtractionError, match="nested too deep"):
        extract("<div>" * 5000 + paragraphs(), url=URL)


def test_time_grows_with_the_size_of_the_page_only() -> None:
    """Nested boilerplate, hidden wrappers and long lines tempt quadratic code."""
    texts = tuple(
        f"第{number}项工作由示例部负责，请有关单位认真研究，抓好落实。" for number in range(4000)
    )
    started = time.process_time()
    article = extract("<div class='share' style='display:none'>" * 900 + paragraphs(texts), url=URL)
    assert len(article.blocks) == len(texts)
    extract(f"<title>{'-_' * 100_000}</title><p>{'1' * 100_000}x</p>{paragraphs()}", url=URL)
    assert time.process_time() - started < 20


def test_explanations_name_the_container_and_every_dropped_line() -> None:
    lines = explain(page(f"{paragraphs()}<p>（责编：张三）</p>"), url=URL)
    assert any(line.startswith("container") for line in lines)
    assert any("dropped" in line for line in lines)
    assert any("kept" in line and PARAGRAPHS[0][:10] in line for line in lines)


def test_a_page_of_nothing_but_tags_is_refused_before_it_is_parsed() -> None:
    """Each element takes a few hundred bytes: a page of ever more of them would fill the memory."""
    started = time.process_time()
    with pytest.raises(ExtractionError, match="690,000 tags") as caught:
        extract(page("<b>" * 700_001), url=URL)
    assert URL in str(caught.value)
    assert time.process_time() - started < 2


def test_end_tags_are_not_counted_as_elements() -> None:
    body = paragraphs() + "</b>" * 800_000
    assert [block.text for block in extract(page(body), url=URL).blocks] == list(PARAGRAPHS)
