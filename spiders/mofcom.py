"""Ministry of Commerce (商务部): policy releases with their explanations."""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class MofcomPortal(PortalSpider):
    """商务部."""

    portal = Portal(
        name="mofcom",
        title="商务部",
        hosts=("www.mofcom.gov.cn",),
        listings=(
            Listing(
                "https://www.mofcom.gov.cn/zwgk/zcfb/index.html",
                channel="政策发布",
                pages=3,
                kind="jpaas",
                unit="分页列表",
                page_size=15,
            ),
        ),
        article_url=r"/art/\d{4}/art_[0-9a-f]{32}\.html$",
        layouts=(
            Layout(
                "art-con",
                content=".art-con",
                title=".art-title",
                drop=".article-tool, .share",
            ),
        ),
    )
