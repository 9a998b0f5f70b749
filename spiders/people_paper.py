"""The People's Daily on paper (人民日报图文数据库): every issue, sheet by sheet.

Addresses changed with the issue of 1 December 2024. The line under the headline holds the author
and, in ``.date``, the paper's name, date and sheet.
"""

import datetime as dt
from dataclasses import replace

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider
from storage import Article

_ROOT = "http://paper.people.com.cn/rmrb"
_OLDER = _ROOT + "/html/{date:%Y-%m/%d}/nbs.D110000renmrb_01.htm"


def _name_source(article: Article, page: object) -> Article:
    """The paper is its own source; its pages need not say so."""
    return replace(article, source=article.source or "人民日报")


class PeoplePaperPortal(PortalSpider):
    """人民日报."""

    portal = Portal(
        name="people_paper",
        title="人民日报",
        hosts=("paper.people.com.cn",),
        listings=(
            Listing(
                _ROOT + "/pc/layout/{date:%Y%m/%d}/node_01.html",
                channel="人民日报",
                pages=2,
                kind="newspaper",
                since=dt.date(2014, 1, 1),
                older=((dt.date(2024, 12, 1), _OLDER),),
                links=".news-list, #titleList, .news",
            ),
        ),
        article_url=r"/content_\d+\.html$|/nw\.D110000renmrb_\d{8}_\d+-\d+\.htm$",
        layouts=(
            Layout(
                "ozoom",
                content="#ozoom",
                title=".article > h1",
                kicker=".article > h3",
                subtitle=".article > h2",
                posted_at=".sec .date",
                origin=".sec .date",
            ),
            Layout(
                "founder",
                content="founder-content",
                title=".article > h1",
                kicker=".article > h3",
                posted_at=".sec .date, .lai",
                origin=".sec .date, .lai",
            ),
        ),
        fix=_name_source,
    )
