"""National Health Commission (国家卫生健康委): interpretations."""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class NhcPortal(PortalSpider):
    """国家卫生健康委."""

    portal = Portal(
        name="nhc",
        title="国家卫生健康委员会",
        hosts=("www.nhc.gov.cn",),
        listings=(
            Listing("http://www.nhc.gov.cn/wjw/zcjd/list.shtml", channel="政策解读", pages=5),
        ),
        article_url=r"/20\d{4}/[0-9a-f]{32}\.shtml$",
        layouts=(
            Layout(
                "xw_box",
                content="#xw_box",
                title=".tit",
                posted_at=".source span:first-child",
                source=".source .mr",
                drop=".share, .fx",
            ),
        ),
        off="its firewall answers programs with 412 and a script challenge; that is left alone",
    )
