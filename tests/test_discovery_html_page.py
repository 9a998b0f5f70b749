"""HTML listings: every pagination style is followed to its end and no further."""

import pytest

from crawler.discovery import MAX_PAGES, PageRequest, Walk, read_page
from crawler.discovery.pager import read_pager
from crawler.portal import Listing
from tests.discovering import HOST, PORTAL, article, follow, item, page, respond

JD = f"{HOST}/jd/"
FROM_ZERO = Listing(f"{JD}index_{{page}}.html", first_page=0, first_url=f"{JD}index.html")
FROM_ONE = Listing(f"{JD}index_{{page}}.html")
FIRST_PLAIN = Listing(f"{JD}index_{{page}}.html", first_url=f"{JD}index.html")


@pytest.mark.parametrize(
    ("listing", "names", "pager"),
    [
        (FROM_ZERO, ("index", "index_1", "index_2"), 'createPageHTML(3, {}, "index", "html");'),
        (FROM_ZERO, ("index", "index_1", "index_2"), "createPageHTML(45, 3, {}, 15, 5);"),
        (FROM_ZERO, ("index", "index_1", "index_2"), "createPage(3,{});"),
        (FROM_ZERO, ("index", "index_1", "index_2"), "var countPage = 3;//共几页 {}"),
        (FROM_ZERO, ("index", "index_1", "index_2"), "var recordCount = 41, pageSize = 15; {}"),
        (
            FROM_ZERO,
            ("index", "index_1", "index_2"),
            "var pagination_script_config = {{ current: {}, total: '3' }};",
        ),
        (FROM_ONE, ("index_1", "index_2", "index_3"), "{{totalPage: 3, current: {}}}"),
        (FROM_ONE, ("index_1", "index_2", "index_3"), "$('.p').p({{totalData: 34, showData: 15}})"),
        (FIRST_PLAIN, ("index", "index_2", "index_3"), "var totalPage = '3'; {}"),
    ],
)
def test_a_stated_number_of_pages_is_followed_to_its_end(
    listing: Listing, names: tuple[str, ...], pager: str
) -> None:
    pages = {
        f"{JD}{name}.html": page(n, 10 + n, after=f"<script>{pager.format(n)}</script>")
        for n, name in enumerate(names)
    }
    followed = follow(listing, pages)
    assert followed.asked == list(pages)
    assert followed.urls == [article(n + k) for n in range(3) for k in (0, 10)]


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ('createPageHTML(3, {}, "index", "html");', ("", "index_1.html", "index_2.html")),
        ('createPage(3, {}, "list", "shtml");', ("", "list_1.shtml", "list_2.shtml")),
    ],
)
def test_the_script_names_the_next_page(call: str, names: tuple[str, ...]) -> None:
    pages = {
        JD + name: page(n, after=f"<script>{call.format(n)}</script>")
        for n, name in enumerate(names)
    }
    assert follow(Listing(JD, pages=20), pages).asked == list(pages)


def test_the_script_may_count_from_one_and_say_how_many_items() -> None:
    call = "<script>createPageHTML('page_div',3, {},'list','shtml',45);</script>"
    names = ("list.shtml", "list_2.shtml", "list_3.shtml")
    pages = {JD + name: page(n, after=call.format(n)) for n, name in enumerate(names, 1)}
    followed = follow(Listing(f"{JD}list.shtml"), pages)
    assert followed.asked == list(pages)
    assert followed.claimed == 45


def test_reverse_numbers_run_down_to_one() -> None:
    listing = Listing(f"{HOST}/zcjd/{{page}}.htm", first_url=f"{HOST}/zcjd.htm", paging="reverse")
    pages = {
        f"{HOST}/zcjd.htm": page(
            3, after="<a href='zcjd/2.htm'>下页</a><a href='zcjd/1.htm'>尾页</a>"
        ),
        f"{HOST}/zcjd/2.htm": page(
            2, after="<a href='../zcjd.htm'>上页</a><a href='1.htm'>下页</a>"
        ),
        f"{HOST}/zcjd/1.htm": page(1, after="<a href='2.htm'>上页</a>"),
    }
    followed = follow(listing, pages)
    assert followed.asked == list(pages)
    assert len(followed.urls) == 3


@pytest.mark.parametrize("listing", [Listing(JD), Listing(JD, paging="next")])
def test_the_link_to_the_next_page_is_followed(listing: Listing) -> None:
    pages = {
        JD: page(1, after="<a href='?p=2'>下一页</a>"),
        f"{JD}?p=2": page(2, after="<a href='?p=1'>上一页</a> <a class='next' href='?p=3'>›</a>"),
        f"{JD}?p=3": page(3, after="<a href='javascript:void(0)'>下一页</a><a href='#'>下页</a>"),
    }
    assert follow(listing, pages).asked == list(pages)


def test_a_pager_may_keep_its_address_in_another_attribute() -> None:
    tagged = "<a onclick=\"turn(this,'/jd/21892-2.html')\" tagname=\"/jd/21892-2.html\">下一页</a>"
    pages = {
        JD: page(1, after=tagged),
        f"{JD}21892-2.html": page(2, after="<a>下一页</a><input totalpage='2'>"),
    }
    assert follow(Listing(JD, paging="next"), pages).asked == list(pages)


def test_the_last_page_of_a_visible_pager_leads_no_further() -> None:
    links = "".join(f"<a href='index_{n}.html'>{n}</a>" for n in (1, 2))
    pages = {f"{JD}index_{n}.html": page(n, after=links) for n in (1, 2)}
    assert follow(FROM_ONE, pages).asked == list(pages)


def test_without_any_pager_the_pattern_is_tried_until_a_page_is_missing() -> None:
    pages = {f"{JD}index_{n}.html": page(n) for n in (1, 2)}
    followed = follow(FROM_ONE, pages)
    assert followed.missing == [f"{JD}index_3.html"]
    assert len(followed.urls) == 2


def test_a_list_paged_in_the_browser_is_one_page() -> None:
    script = "<script>var $list = $('.default_news li');</script>"
    assert len(follow(FROM_ZERO, {f"{JD}index.html": page(1, 2, after=script)}).asked) == 1


def test_a_repeated_page_ends_the_listing() -> None:
    same = page(1, 2, after="<script>var countPage = 900;</script>")
    pages = {FROM_ZERO.page_url(n): same for n in range(900)}
    assert len(follow(FROM_ZERO, pages, limit=900).asked) == 2


def test_next_links_in_a_circle_end_the_listing() -> None:
    pages = {
        JD: page(1, after="<a href='2.html'>下一页</a>"),
        f"{JD}2.html": page(2, after="<a href='./'>下一页</a>"),
    }
    assert follow(Listing(JD), pages).asked == list(pages)


def test_the_limit_of_pages_is_kept_and_capped() -> None:
    pages = {FROM_ONE.page_url(n): page(n) for n in range(20)}
    assert len(follow(FROM_ONE, pages, limit=3).asked) == 3
    requests = [PageRequest(url=f"{JD}{n}", page=n) for n in range(MAX_PAGES + 10)]
    assert len(Walk(10**9).take(requests)) == MAX_PAGES


def links(html: str, listing: Listing = FROM_ONE) -> list[tuple[str, str | None, str | None]]:
    asked = PageRequest(url=f"{JD}index_1.html")
    read = read_page(respond(html, asked.url), listing, PORTAL, asked)
    return [(link.url, link.title, link.date) for link in read.links]


def test_unquoted_and_protocol_relative_links_are_read() -> None:
    html = """<li><h5><a href=//www.example.gov.cn/jd/202609/t20260901_1.html target=_blank
      title="解读一">解读…</a></h5><div class="times">2026-07-24</div></li>"""
    assert links(html) == [(article(1), "解读一", "2026-07-24")]


def test_a_date_in_the_next_element_belongs_to_the_item() -> None:
    rows = "".join(
        f'<ul><li class="c">{item(n, date=None)[4:-5]}</li><li class="t">2026-08-0{n}</li></ul>'
        for n in (1, 2)
    )
    assert [date for _, _, date in links(rows)] == ["2026-08-01", "2026-08-02"]


def test_the_date_of_another_item_is_not_taken() -> None:
    assert [d for _, _, d in links(f"<ul>{item(1, date=None)}{item(2)}</ul>")] == [
        None,
        "2026-09-01",
    ]


def test_nested_lists_are_dropped_where_the_portal_says_so() -> None:
    nested = f"<div class='popbox'><ul>{item(9)}</ul></div>"
    html = f"<ul class='u-list'>{item(1).replace('</li>', nested + '</li>')}</ul>"
    assert len(links(html)) == 2
    dropped = Listing(f"{JD}index_{{page}}.html", links="ul.u-list", drop=".popbox")
    assert links(html, dropped) == [(article(1), "解读1", "2026-09-01")]


def test_navigation_without_dates_is_no_item_where_the_portal_says_so() -> None:
    html = f"<ul>{item(1, date=None)}</ul><table><tr><td>{item(2)}</td></tr></table>"
    dated = Listing(f"{JD}index_{{page}}.html", dated=True)
    assert [url for url, _, _ in links(html, dated)] == [article(2)]


@pytest.mark.parametrize(
    "html",
    [
        "<div><!-- <ul>{}</ul> --></div>",
        "<script>document.writeln('<ul>{}</ul>');</script>",
        "<script type='text/xml'><record><![CDATA[{}]]></record></script>",
    ],
)
def test_links_inside_comments_and_scripts_are_read(html: str) -> None:
    line = item(1)
    if "writeln" in html:
        line = line.replace('"', '\\"').replace("</", "<\\/")
    assert links(html.format(line)) == [(article(1), "解读1", "2026-09-01")]


def test_addresses_in_a_script_are_read() -> None:
    html = '<script>var list = [{"u":"\\/jd\\/202609\\/t20260901_1.html"}];</script>'
    assert [url for url, _, _ in links(html)] == [article(1)]


def test_a_commented_item_is_left_alone_where_there_are_others() -> None:
    assert [url for url, _, _ in links(f"{item(1)}<!-- {item(2)} -->")] == [article(1)]


def test_a_headline_beats_the_picture_before_it() -> None:
    href = "/jd/202609/t20260901_1.html"
    html = f"<li><a href='{href}'><img src='a.jpg'></a><a href='{href}'>解读一</a>2026年9月1日</li>"
    assert links(html) == [(article(1), "解读一", "2026年9月1")]


def test_a_selector_that_selects_nothing_is_named() -> None:
    with pytest.raises(ValueError, match=r"ul\.gone.*redesigned.*Correct `links`"):
        links(page(1), Listing(f"{JD}index_{{page}}.html", links="ul.gone"))


@pytest.mark.parametrize("body", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200)])
def test_a_body_that_is_no_page_is_named(body: bytes) -> None:
    asked = PageRequest(url=JD)
    with pytest.raises(Exception, match=r"empty|PNG|binary"):
        read_page(respond(body, JD), FROM_ONE, PORTAL, asked)


def test_a_page_without_a_pager_states_nothing() -> None:
    stated = read_pager("<p>共创美好</p><script>var total = 3; createPageHTML();</script>")
    assert (stated.pages, stated.items, stated.next_name) == (None, None, None)
