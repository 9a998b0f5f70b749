"""China Net (中国网): news and policy of the State Council Information Office's portal.

Two copies of the headline (PC and mobile); the container holds the editor's credit.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider

_CHANNELS = "www news travel finance opinion zw cppcc guoqing tech shehui"


class ChinaComCnPortal(PortalSpider):
    """中国网."""

    portal = Portal(
        name="china_com_cn",
        title="中国网",
        hosts=tuple(f"{channel}.china.com.cn" for channel in _CHANNELS.split()),
        listings=(
            Listing(
                "http://news.china.com.cn/node_7247300_{page}.htm",
                channel="要闻",
                pages=10,
                first_url="http://news.china.com.cn/node_7247300.htm",
            ),
            Listing(
                "http://travel.china.com.cn/node_7085313_{page}.html",
                channel="旅游中国",
                pages=5,
                first_url="http://travel.china.com.cn/node_7085313.html",
            ),
        ),
        article_url=r"/(?:txt/)?\d{4}-\d{2}/\d{2}/content_\d+(?:_\d+)?\.s?html?$",
        layouts=(
            Layout(
                "2022",
                content=".content div.article",
                title=".content h1, h1.article_title",
                posted_at=".inform p:nth-of-type(1)",
                source=".inform p:nth-of-type(2)",
                editors=".content .editor",
                drop="#vf, .editor",
            ),
            Layout(
                "articleBody",
                content="#articleBody",
                title=".articleTitle",
                posted_at="#pubtime_baidu",
                source="#source_baidu",
                editors="#editor_baidu",
            ),
        ),
        evidence="page",
    )
