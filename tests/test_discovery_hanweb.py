"""大汉 listings: jpage (XML of CDATA records) and jpaas (HTML inside JSON)."""

import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from crawler.discovery import PageRequest, read_page
from crawler.portal import Listing
from tests.discovering import HOST, PORTAL, follow, respond

COLUMN = f"{HOST}/col/col123/index.html"
PROXY = f"{HOST}/module/web/jpage/dataproxy.jsp"
UNIT = f"{HOST}/api-gateway/jpaas-publish-server/front/page/build/unit"


def store(*numbers: int, total: int = 5, following: str = "", escaped: bool = False) -> str:
    lines = [
        f"<li><a href='/art/{n}.html' title='解读{n}'>解…</a>2026-09-0{n}</li>" for n in numbers
    ]
    records = "".join(
        f"<record>{line.replace('<', '&lt;')}</record>"
        if escaped
        else f"<record><![CDATA[\n{line}\n]]></record>"
        for line in lines
    )
    group = f'<nextgroup><![CDATA[<a href="{following}"></a>]]></nextgroup>' if following else ""
    return (
        f"<datastore><totalrecord>{total}</totalrecord><totalpage>2</totalpage>{group}"
        f"<recordset>{records}</recordset></datastore>"
    )


def art(*numbers: int) -> list[str]:
    return [f"{HOST}/art/{n}.html" for n in numbers]


@pytest.mark.parametrize("escaped", [False, True])
def test_the_groups_of_a_jpage_column_are_followed_to_the_last_record(escaped: bool) -> None:
    query = "appid=1&amp;webid=1&amp;path=/&amp;columnid=123&amp;unitid=7"
    relative = f"{PROXY}?page=2&appid=1&webid=1&path=/&columnid=123&unitid=7"
    inline = store(
        1, 2, following=f"/module/web/jpage/dataproxy.jsp?page=1&{query}", escaped=escaped
    )
    last_group = f"./dataproxy.jsp?page=9&{query}"
    pages = {
        COLUMN: f"<html><div id='7'><script type='text/xml'>{inline}</script></div></html>",
        relative.replace("page=2", "page=1"): store(
            3, 4, following=f"dataproxy.jsp?page=2&{query}"
        ),
        relative: f"<?xml version='1.0' encoding='UTF-8'?>{store(5, following=last_group)}",
    }
    followed = follow(Listing(COLUMN, kind="jpage"), pages)
    assert followed.asked == list(pages)
    assert followed.urls == art(1, 2, 3, 4, 5)
    assert followed.claimed == 5


def test_a_dataproxy_may_be_asked_by_record_numbers() -> None:
    url = f"{PROXY}?startrecord={{start}}&endrecord={{end}}&perpage=1&columnid=1"
    pages = {
        url.format(start=1, end=3): store(1, 2, 3),
        url.format(start=4, end=6): store(4, 5),
    }
    followed = follow(Listing(url, kind="jpage", page_size=3), pages)
    assert followed.asked == list(pages)
    assert followed.urls == art(1, 2, 3, 4, 5)


def test_titles_and_dates_stand_in_the_records() -> None:
    asked = PageRequest(url=COLUMN)
    page = read_page(respond(store(1), COLUMN), Listing(COLUMN, kind="jpage"), PORTAL, asked)
    assert [(link.title, link.date) for link in page.links] == [("解读1", "2026-09-01")]


@pytest.mark.parametrize("body", ["<html>首页</html>", "{}", "<datastore>"])
def test_what_holds_no_records_is_named(body: str) -> None:
    with pytest.raises(ValueError, match="no <datastore>; is it a jpage column"):
        follow(Listing(COLUMN, kind="jpage"), {COLUMN: body})


def test_no_record_at_all_ends_the_listing() -> None:
    empty = "<datastore><recordset></recordset></datastore>"
    assert len(follow(Listing(COLUMN, kind="jpage"), {COLUMN: empty}).asked) == 1


def unit(attributes: str) -> str:
    path = urlsplit(UNIT).path
    return f'<script parseType="bulidstatic" url="{path}" {attributes}></script>'


QUERY = {
    "parseType": "bulidstatic",
    "webId": "w",
    "tplSetId": "t",
    "tagId": "内容区域",
    "pageId": "p",
}
IN_SINGLE = unit('queryData="' + json.dumps(QUERY, ensure_ascii=False).replace('"', "'") + '"')
IN_DOUBLE = unit(f"querydata='{json.dumps(QUERY)}'")
NAVIGATION = unit("queryData=\"{'pageId':'p','tagId':'导航'}\"")


def answer(*numbers: int, pager: str) -> str:
    lines = "".join(
        f"<ul><li><a href='/art/{n}.html'>解读{n}</a></li><li>2026-09-0{n}</li></ul>"
        for n in numbers
    )
    elsewhere = "<a href='https://other.example/art/1.html'>转载</a>"
    html = f"<div>{lines}{elsewhere}<div class='page' {pager}></div></div>"
    return json.dumps({"success": True, "code": "200", "data": {"html": html}})


@pytest.mark.parametrize("shell", [IN_SINGLE, IN_DOUBLE, NAVIGATION + IN_SINGLE])
def test_a_jpaas_column_leads_to_its_unit(shell: str) -> None:
    column = f"{HOST}/zwgk/zcjd/index.html"
    seen: list[str] = []
    pages = {column: shell}
    base = UNIT + "?" + "&".join(f"{k}={quote(v)}" for k, v in QUERY.items())
    for number in (1, 2, 3):
        parameter = f'{{"pageNo":{number},"pageSize":3}}'
        more = f"&paramJson={quote(parameter, safe='')}" if number > 1 else ""
        numbers = (2 * number - 1, 2 * number) if number < 3 else (5,)
        pages[base + more] = answer(*numbers, pager="count='8' rows='3'")
    followed = follow(Listing(column, kind="jpaas"), pages)
    seen = followed.asked
    assert seen == list(pages)
    assert followed.urls == art(1, 2, 3, 4, 5)
    assert followed.claimed == 8
    assert {dict(request.headers)["Referer"] for request in followed.requests[1:]} == {column}
    assert parse_qs(urlsplit(seen[2]).query)["paramJson"] == ['{"pageNo":2,"pageSize":3}']


def test_the_unit_that_holds_the_list_can_be_named() -> None:
    column = f"{HOST}/zwgk/index.html"
    two = unit("queryData=\"{'pageId':'a','tagId':'上'}\"") + unit(
        "queryData=\"{'pageId':'b','tagId':'下'}\""
    )
    pages = {column: two, f"{UNIT}?pageId=b&tagId={quote('下')}": answer(1, pager="count='1'")}
    assert follow(Listing(column, kind="jpaas", unit="下", page_size=9), pages).urls == art(1)
    with pytest.raises(ValueError, match="has the units 上, 下; name the one"):
        follow(Listing(column, kind="jpaas"), pages)
    with pytest.raises(ValueError, match="has the units none"):
        follow(Listing(column, kind="jpaas"), {column: "<html>首页</html>"})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"success": false, "data": null}', "answers without data.html"),
        ("[]", "answers without data.html"),
        ("<html>403</html>", "is not JSON"),
    ],
)
def test_an_answer_without_html_is_named(body: str, says: str) -> None:
    asked = PageRequest(url=f"{UNIT}?pageId=p")
    with pytest.raises(ValueError, match=says):
        read_page(respond(body, asked.url), Listing(COLUMN, kind="jpaas"), PORTAL, asked)
