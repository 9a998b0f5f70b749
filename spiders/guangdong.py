"""Guangdong (广东省人民政府): interpretations of departments and media, and the policy catalogue.

The catalogue (gkmlpt) is the province's common platform: an index page and an API behind it.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


def _listing(column: str, channel: str) -> Listing:
    return Listing(
        f"https://www.gd.gov.cn/zwgk/zcjd/{column}/index_{{page}}.html",
        channel=channel,
        pages=5,
        first_url=f"https://www.gd.gov.cn/zwgk/zcjd/{column}/index.html",
    )


class GuangdongPortal(PortalSpider):
    """广东省人民政府."""

    portal = Portal(
        name="guangdong",
        title="广东省人民政府",
        hosts=("www.gd.gov.cn",),
        listings=(
            _listing("bmjd", "部门解读"),
            _listing("mtjd", "媒体解读"),
            Listing("https://www.gd.gov.cn/gkmlpt/index#5", channel="政府文件", kind="gkmlpt"),
        ),
        article_url=r"/content/(?:\d+/\d+/)?(?:m?post|mmpost)_\d+\.html$",
        layouts=(
            Layout("gkmlpt", content=".article-content", title=".article-title, h1.content-title"),
            Layout("nfcms", content=".zw, .news_cont_d_wrap", title=".zw-title, h1"),
        ),
    )
