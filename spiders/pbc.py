"""People's Bank of China (中国人民银行): interpretations and normative documents.

Pages declare gb2312. Navigation stands in the same tables as the items, but without dates. The
pager is a script that reads its address from ``tagname`` (easysite).
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


def _listing(path: str, channel: str) -> Listing:
    return Listing(
        f"http://www.pbc.gov.cn/{path}/index.html",
        channel=channel,
        pages=5,
        paging="next",
        dated=True,
    )


class PbcPortal(PortalSpider):
    """中国人民银行."""

    portal = Portal(
        name="pbc",
        title="中国人民银行",
        hosts=("www.pbc.gov.cn",),
        listings=(
            _listing("rmyh/3963412", "政策解读"),
            _listing("tiaofasi/144941/3581332", "规范性文件"),
        ),
        article_url=r"/\d{7,19}/index\.html$",
        layouts=(Layout("zoom", content="#zoom", title="h2", posted_at="#shijian, .hui12"),),
        off="it answers programs with a cookie challenge, a script that reloads the page; that is"
        " left alone",
    )
