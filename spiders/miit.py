"""Ministry of Industry and Information Technology (工业和信息化部): interpretations.

The list is a unit of the column page; the portal answers it only with the page as Referer.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class MiitPortal(PortalSpider):
    """工业和信息化部."""

    portal = Portal(
        name="miit",
        title="工业和信息化部",
        hosts=("www.miit.gov.cn",),
        listings=(
            Listing(
                "https://www.miit.gov.cn/zwgk/zcjd/index.html",
                channel="政策解读",
                pages=5,
                kind="jpaas",
                unit="右侧内容",
            ),
        ),
        article_url=r"/art/\d{4}/art_\w+\.html$",
        layouts=(
            Layout(
                "con_con",
                content="#con_con",
                title="#con_title",
                posted_at="#con_time",
                source=".cinfo span:contains('来源')",
                drop=".fj, .share",
            ),
        ),
    )
