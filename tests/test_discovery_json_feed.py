"""JSON feeds, by GET and POST, and the systems that answer in JSON: UCAP and gkmlpt."""

import json
from typing import Any

import pytest

from crawler.discovery import PageRequest, read_page
from crawler.portal import Listing
from tests.discovering import HOST, PORTAL, follow, respond

CHANNEL = "0123456789abcdef0123456789abcdef"
SEARCH = f"{HOST}/searchList/{CHANNEL}?_isAgg=true&_isJson=true&_pageSize=2&_template=index&page="


def items(*numbers: int, url: str = "url", **more: Any) -> list[dict[str, Any]]:
    return [
        {url: f"/art/{n}.html", "title": f"<b>解读</b>{n}&amp;答问", "date": "2026-09-01", **more}
        for n in numbers
    ]


def art(*numbers: int) -> list[str]:
    return [f"{HOST}/art/{n}.html" for n in numbers]


def read(body: str, listing: Listing, url: str = f"{HOST}/feed.json") -> Any:
    asked = PageRequest(url=url, is_first=True)
    return read_page(respond(body, url, "application/json"), listing, PORTAL, asked)


def test_a_whole_feed_is_one_page() -> None:
    feed = json.dumps(items(1, 2) + items(1) + [{"url": "https://other.example/art/3.html"}, 7])
    followed = follow(Listing(f"{HOST}/feed.json", kind="json"), {f"{HOST}/feed.json": feed})
    assert followed.urls == art(1, 2)
    assert len(followed.asked) == 1


def test_titles_lose_their_markup_and_times_in_milliseconds_are_days_in_shanghai() -> None:
    listing = Listing(f"{HOST}/feed.json", kind="json", items="data.list")
    for moment in (1_780_239_600_000, 1_780_239_600, "1780239600000"):
        page = read(json.dumps({"data": {"list": items(1, date=moment)}}), listing)
        (link,) = page.links
        assert (link.title, link.date) == ("解读1&答问", "2026-05-31")


@pytest.mark.parametrize("wrap", ["{}", "\ufeff{}", "callback({});", " jQuery.cb_1( {} )"])
def test_a_callback_and_a_byte_order_mark_are_taken_off(wrap: str) -> None:
    page = read(wrap.format(json.dumps(items(1))), Listing(f"{HOST}/feed.json", kind="json"))
    assert len(page.links) == 1


@pytest.mark.parametrize("total", ["total", None])
def test_a_paged_feed_ends_with_its_total_or_a_page_that_is_not_full(total: str | None) -> None:
    listing = Listing(
        f"{HOST}/feed?p={{page}}", kind="json", items="list", total=total, page_size=2, pages=9
    )
    pages = {
        f"{HOST}/feed?p={n + 1}": json.dumps({"list": items(*numbers), "total": 5})
        for n, numbers in enumerate(((1, 2), (3, 4), (5,)))
    }
    followed = follow(listing, pages)
    assert followed.asked == list(pages)
    assert followed.urls == art(1, 2, 3, 4, 5)
    assert followed.claimed == (5 if total else None)


def test_items_of_other_hosts_count_towards_the_total() -> None:
    listing = Listing(f"{HOST}/f?p={{page}}", kind="json", items="list", total="total")
    elsewhere = {"url": "https://other.example/art/9.html"}
    pages = {
        f"{HOST}/f?p=1": json.dumps({"list": [*items(1), elsewhere], "total": 3}),
        f"{HOST}/f?p=2": json.dumps({"list": items(2), "total": 3}),
    }
    assert follow(listing, pages).asked == list(pages)


def test_a_form_is_sent_by_post_with_page_and_offset() -> None:
    listing = Listing(
        f"{HOST}/cms/JsonList",
        kind="json",
        items="list",
        total="totalRec",
        page_size=2,
        form=(("channelCode", "A1"), ("pageno", "{page}"), ("fuhao", "="), ("offset", "{offset}")),
    )
    pages = {
        f"{HOST}/cms/JsonList channelCode=A1&pageno={n}&fuhao=%3D&offset={2 * n - 2}": json.dumps(
            {"list": items(2 * n, 2 * n + 1), "totalRec": "4"}
        )
        for n in (1, 2)
    }
    followed = follow(listing, pages)
    assert followed.asked == list(pages)
    assert {request.method for request in followed.requests} == {"POST"}
    assert dict(followed.requests[0].headers)["Content-Type"].startswith("application/x-www-form")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html>首页</html>", r"is not JSON.*has the feed moved\?"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"data": {"rows": []}}', r"no 'data\.results' but rows"),
        ('{"data": []}', r"no 'data\.results' but list"),
        ('{"data": {"results": {}}}', "not a list"),
    ],
)
def test_what_is_no_feed_is_named(body: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(body, Listing(f"{HOST}/feed.json", kind="json", items="data.results"))


def test_null_behind_the_last_page_is_no_item() -> None:
    listing = Listing(f"{HOST}/feed.json", kind="json", items="list")
    assert read('{"list": null}', listing).shown == 0


def ucap(*numbers: int, total: int = 3) -> str:
    results = [
        {"title": f"解读{n}", "url": f"//www.example.gov.cn/art/{n}.html", "publishedTime": 10**12}
        for n in numbers
    ]
    return json.dumps({"data": {"results": results, "total": total, "page": 1, "rows": 2}})


@pytest.mark.parametrize(
    "head",
    [
        f'<meta name="channelid" content="{CHANNEL}">',
        f"<meta content='{CHANNEL}' name='channelid'>",
        f'<script>$.get("/searchList/{CHANNEL}?_isAgg=true")</script>',
    ],
)
def test_a_ucap_column_leads_to_its_search(head: str) -> None:
    column = f"{HOST}/csrc/c100028/common_list.shtml"
    pages = {column: head, f"{SEARCH}1": ucap(1, 2), f"{SEARCH}2": ucap(3)}
    followed = follow(Listing(column, kind="ucap", page_size=2), pages)
    assert followed.asked == list(pages)
    assert followed.urls == art(1, 2, 3)
    assert followed.claimed == 3


def test_a_ucap_search_may_be_given_itself() -> None:
    given = f"{HOST}/searchList/{CHANNEL}?_isJson=true&page=7"
    pages = {f"{SEARCH}1": ucap(1, 2, 3)}
    assert follow(Listing(given, kind="ucap", page_size=2), pages).asked == list(pages)


def test_a_page_that_names_no_channel_is_no_ucap_column() -> None:
    with pytest.raises(ValueError, match=r"names no channel.*Give the search's own address"):
        follow(Listing(f"{HOST}/jd/", kind="ucap"), {f"{HOST}/jd/": "<p>首页</p>"})


def test_a_gkmlpt_index_leads_to_its_api() -> None:
    listing = Listing(f"{HOST}/gkmlpt/index#5", kind="gkmlpt")
    api = f"{HOST}/gkmlpt/api/all/5?page={{}}&sid=2"
    pages = {
        f"{HOST}/gkmlpt/index": "<script>window._CONFIG = { SID: '2', LANG: 'zh' }</script>",
        api.format(1): json.dumps(
            {"articles": items(1, 2, display_publish_time=10**9), "total": 3}
        ),
        api.format(2): json.dumps({"articles": items(3), "total": 3}),
    }
    followed = follow(listing, pages)
    assert followed.asked == list(pages)
    assert followed.urls == art(1, 2, 3)
    with pytest.raises(ValueError, match="names no SID"):
        follow(listing, {f"{HOST}/gkmlpt/index": "<html></html>"})
