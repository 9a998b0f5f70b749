"""Ministry of Education (教育部): interpretations.

The first pages of the list are files (``index_1.html``), later ones answers of the search at
``/was5/``; the 下一页 link leads from one to the other.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class MoePortal(PortalSpider):
    """教育部."""

    portal = Portal(
        name="moe",
        title="教育部",
        hosts=("www.moe.gov.cn", "hudong.moe.gov.cn"),
        listings=(
            Listing(
                "http://www.moe.gov.cn/jyb_xwfb/s271/",
                channel="政策解读",
                pages=5,
                paging="next",
                links="ul#list",
            ),
        ),
        article_url=r"/20\d{4}/t\d{8}_\d+\.html$",
        layouts=(
            Layout(
                "download",
                content="#downloadContent",
                title=".moe-detail-box h1, h1",
                drop=".relnews, .editer_share, .moe-detail-shuxing",
            ),
            Layout("moe_content", content=".moe_content", title="h1", drop=".relnews"),
        ),
    )
