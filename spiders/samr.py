"""State Administration for Market Regulation (市场监管总局): interpretations."""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class SamrPortal(PortalSpider):
    """市场监管总局."""

    portal = Portal(
        name="samr",
        title="国家市场监督管理总局",
        hosts=("www.samr.gov.cn",),
        listings=(
            Listing(
                "https://www.samr.gov.cn/zw/zjwj/zcjd/index.html",
                channel="政策解读",
                pages=3,
                kind="jpaas",
                unit="内容区域",
                page_size=20,
            ),
        ),
        article_url=r"/art/\d{4}/art_[0-9a-f]{32}\.html$",
        layouts=(
            Layout(
                "three_xilan",
                content=".Three_xilan_07",
                title=".Three_xilan_02, h1",
                drop=".share, .dw, .gwdshare_t",
            ),
        ),
    )
