"""Shanghai (上海市人民政府): interpretations, two page templates.

The navigation links pages with addresses like those of articles, but without a date.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class ShanghaiPortal(PortalSpider):
    """上海市人民政府."""

    portal = Portal(
        name="shanghai",
        title="上海市人民政府",
        hosts=("www.shanghai.gov.cn",),
        listings=(
            Listing(
                "https://www.shanghai.gov.cn/nw12344/index_{page}.html",
                channel="政策解读",
                pages=10,
                first_url="https://www.shanghai.gov.cn/nw12344/index.html",
                dated=True,
            ),
        ),
        article_url=r"/20\d{6}/[0-9a-f]{32}\.html$",
        layouts=(
            Layout("ivs_content", content="#ivs_content", title="#ivs_title::text"),
            Layout(
                "Article_content",
                content=".Article_content",
                title=".Article_title",
                drop=".attachment",
            ),
        ),
    )
