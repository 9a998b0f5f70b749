"""Electronic newspapers: an issue a day, in both address forms of the People's Daily."""

import datetime as dt

import pytest

from crawler.discovery import newspaper
from crawler.portal import Listing, Portal
from tests.discovering import follow

PAPER = "http://paper.example.cn/rmrb"
LISTING = Listing(
    f"{PAPER}/pc/layout/{{date:%Y%m/%d}}/node_01.html",
    kind="newspaper",
    since=dt.date(2024, 11, 30),
    older=((dt.date(2024, 12, 1), f"{PAPER}/html/{{date:%Y-%m/%d}}/nbs.D110000renmrb_01.htm"),),
    links=".news-list, #titleList",
)
PORTAL = Portal(
    name="paper",
    title="报",
    hosts=("paper.example.cn",),
    article_url=r"/content_\d+\.html$|/nw\.D110000\w+_\d{8}_\d+-\d+\.htm$",
)
NEW, OLD = f"{PAPER}/pc/layout/202412/01/", f"{PAPER}/html/2024-11/30/"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newspaper, "today", lambda: dt.date(2024, 12, 2))


def new_sheet(*numbers: int) -> str:
    links = "".join(
        f"<li><a href='../../../content/202412/01/content_{n}.html'>文{n}</a></li>" for n in numbers
    )
    sheets = "<a href='node_01.html'>01版</a><a href='./node_02.html'>02版</a>"
    return f"{sheets}<a href='../../202411/29/node_01.html'>上一期</a><ul class='news-list'>{links}</ul>"


def old_sheet(*numbers: int) -> str:
    links = "".join(
        f"<li><a href=nw.D110000renmrb_20241130_{n}-01.htm>文{n}</a></li>" for n in numbers
    )
    sheets = "<a id=pageLink href=./nbs.D110000renmrb_01.htm>1</a>"
    return (
        f"{sheets}<a id=pageLink href=nbs.D110000renmrb_02.htm>2</a><div id=titleList>{links}</div>"
    )


PAGES = {
    f"{NEW}node_01.html": new_sheet(1, 2),
    f"{OLD}nbs.D110000renmrb_01.htm": old_sheet(1),
    f"{NEW}node_02.html": new_sheet(3),
    f"{OLD}nbs.D110000renmrb_02.htm": old_sheet(2, 3),
}


def test_every_sheet_of_every_issue_is_read_back_to_the_first() -> None:
    followed = follow(LISTING, PAGES, portal=PORTAL, limit=1000)
    assert followed.missing == [f"{PAPER}/pc/layout/202412/02/node_01.html"]  # not out yet
    assert followed.asked == [followed.missing[0], *PAGES]
    assert len(followed.urls) == 6


def test_pages_are_issues() -> None:
    followed = follow(LISTING, PAGES, portal=PORTAL, limit=2)
    assert len(followed.asked) == 3
    assert len(followed.urls) == 3


def test_a_page_without_sheets_is_named() -> None:
    other = Listing(f"{PAPER}/{{date:%Y-%m-%d}}/", kind="newspaper", since=dt.date(2024, 12, 2))
    with pytest.raises(ValueError, match="shows no sheets of an issue"):
        follow(other, {f"{PAPER}/2024-12-02/": "<html>首页</html>"}, portal=PORTAL)
