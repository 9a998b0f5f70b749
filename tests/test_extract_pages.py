"""Articles on several pages."""

import pytest

from crawler.extract import extract, join_pages
from tests.article_pages import PARAGRAPHS, TITLE, page, paragraphs

FOLDER = "https://policy.example.cn/jiedu/202405/"


def pager(*links: tuple[str, str]) -> str:
    return (
        "<div class='pg'>"
        + "".join(f'<a href="{url}">{text}</a>' for url, text in links)
        + "</div>"
    )


@pytest.mark.parametrize(
    ("here", "link", "following"),
    [
        ("content_9.htm", "content_9_2.htm", "content_9_2.htm"),
        ("content_9_2.htm", "content_9_3.htm", "content_9_3.htm"),
        ("content_9_3.htm", "content_9_2.htm", None),
        ("content_9.htm", "content_10.htm", None),
        ("9.html?page=2", "9.html?page=3", "9.html?page=3"),
        ("9.html?id=4", "9.html?id=4&page=2", "9.html?id=4&page=2"),
        ("9.html?id=4", "9.html?id=5", None),
    ],
)
def test_a_next_link_counts_when_it_continues_this_address(
    here: str, link: str, following: str | None
) -> None:
    article = extract(page(paragraphs() + pager((link, "下一页"))), url=FOLDER + here)
    assert article.next_page == (FOLDER + following if following else None)
    assert article.text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("count", "here", "following"),
    [
        (4, "t20240506_1001.html", "t20240506_1001_1.html"),
        (4, "t20240506_1001_2.html", "t20240506_1001_3.html"),
        (4, "t20240506_1001_3.html", None),
        (1, "t20240506_1001.html", None),
        (400, "t20240506_1001_49.html", None),
    ],
)
def test_a_page_count_in_a_script_gives_the_next_page(
    count: int, here: str, following: str | None
) -> None:
    """A page of one still shows 首页 上一页 1 下一页 尾页, so the count decides."""
    script = f"<script>var countPage = {count};</script>"
    article = extract(page(head=script), url=FOLDER + here)
    assert article.next_page == (FOLDER + following if following else None)


def test_without_an_address_there_is_no_next_page() -> None:
    assert extract(page(paragraphs() + pager(("a_2.html", "下一页")))).next_page is None


def test_pages_are_joined_in_order_and_later_facts_are_added() -> None:
    first = extract(
        page(f"<p>{PARAGRAPHS[0]}</p>{pager(('content_9_2.htm', '下一页'))}"),
        url=FOLDER + "content_9.htm",
    )
    last = extract(
        page(
            f"<p>{PARAGRAPHS[1]}</p><p>{PARAGRAPHS[2]}</p>"
            "<p>《示例日报》（2024年05月05日 03版）</p><p>（责编：李示例）</p>"
        ),
        url=FOLDER + "content_9_2.htm",
    )
    joined = join_pages([first, last])
    assert joined.url == first.url
    assert joined.title == TITLE
    assert joined.text == "\n".join(PARAGRAPHS)
    assert (joined.page_count, joined.next_page) == (2, None)
    assert joined.editors == ("李示例",)
    assert str(joined.published_date) == "2024-05-05"
    for block in joined.blocks:
        assert joined.text[block.start : block.end] == block.text


def test_one_page_joined_is_itself_without_a_next_page() -> None:
    article = extract(
        page(paragraphs() + pager(("content_9_2.htm", "下一页"))), url=FOLDER + "content_9.htm"
    )
    joined = join_pages([article])
    assert joined.next_page is None
    assert (joined.blocks, joined.page_count) == (article.blocks, 1)
