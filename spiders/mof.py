"""Ministry of Finance (财政部): interpretations of the ministry and of its tariff office.

Departments have hosts of their own (gss, kjs, ...) with another template.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class MofPortal(PortalSpider):
    """财政部."""

    portal = Portal(
        name="mof",
        title="财政部",
        hosts=(".mof.gov.cn",),
        listings=(
            Listing(
                "http://www.mof.gov.cn/zhengwuxinxi/zhengcejiedu/index_{page}.htm",
                channel="政策解读",
                pages=10,
                first_page=0,
                first_url="http://www.mof.gov.cn/zhengwuxinxi/zhengcejiedu/",
            ),
            Listing(
                "https://gss.mof.gov.cn/gzdt/zhengcejiedu/index_{page}.htm",
                channel="关税政策解读",
                pages=5,
                first_page=0,
                first_url="https://gss.mof.gov.cn/gzdt/zhengcejiedu/",
                links="ul.liBox",
            ),
        ),
        article_url=r"/20\d{4}/t\d{8}_\d+\.html?$",
        layouts=(
            Layout(
                "my_conboxzw",
                content=".my_conboxzw",
                title=".title_con",
                drop=".gu-download, .my_fj",
            ),
            Layout("my_doccontent", content=".my_doccontent", title=".my_doctitle", drop=".my_fj"),
        ),
    )
