"""China Securities Regulatory Commission (证监会): announcements with their explanations.

A UCAP column: the page names its channel, the search behind it answers JSON.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class CsrcPortal(PortalSpider):
    """证监会."""

    portal = Portal(
        name="csrc",
        title="中国证券监督管理委员会",
        hosts=("www.csrc.gov.cn",),
        listings=(
            Listing(
                "http://www.csrc.gov.cn/csrc/c100028/common_list.shtml",
                channel="证监会要闻",
                pages=3,
                kind="ucap",
                page_size=18,
            ),
        ),
        article_url=r"/c\d+/c\d+/content\.shtml$",
        layouts=(
            Layout(
                "detail-news",
                content=".detail-news",
                title=".content h2, .title",
                drop="#files, .share",
            ),
        ),
    )
