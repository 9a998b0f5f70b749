"""Beijing (北京市人民政府): interpretations.

Some lists are paged in the browser and hold every item in their only page.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class BeijingPortal(PortalSpider):
    """首都之窗."""

    portal = Portal(
        name="beijing",
        title="北京市人民政府",
        hosts=("www.beijing.gov.cn",),
        listings=(
            Listing(
                "https://www.beijing.gov.cn/zhengce/zcjd/index_{page}.html",
                channel="政策解读",
                pages=10,
                first_page=0,
                first_url="https://www.beijing.gov.cn/zhengce/zcjd/",
                links="ul.default_news, ul.list",
            ),
        ),
        article_url=r"/20\d{4}/t\d{8}_\d+\.html$",
        layouts=(
            Layout("mainText", content="#mainText", title=".header h1, h1", drop=".share, .fujian"),
            Layout("view-content", content=".view-content", title="h1", drop=".share, .fujian"),
        ),
    )
